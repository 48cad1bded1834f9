/**
 * @file `<warn-call>`: a guard warns both parties of one call: one reason, one touch.
 *
 * Tells `call-warn` with the visit's id and the reason.
 */

import { html, nothing } from '../vendor/lit.js';
import { t } from '../texts.js';
import { WARNING_REASONS } from '../vocabulary.js';
import { ParloirElement } from './element.js';

export class WarnCall extends ParloirElement {
  static properties = { visit: { state: true } };

  constructor() {
    super();
    /** @type {import('../staff.js').StaffVisit | null} */
    this.visit = null;
  }

  /** Ask about this visit. @param {import('../staff.js').StaffVisit} visit */
  async ask(visit) {
    this.visit = visit;
    await this.updateComplete;
    this.querySelector('dialog')?.showModal();
  }

  /** @param {string} reason */
  #warn(reason) {
    if (this.visit) this.tell('call-warn', { visit: this.visit.id, reason });
    this.#close();
  }

  #close() {
    this.querySelector('dialog')?.close();
  }

  /** @override */
  render() {
    const visit = this.visit;
    return html`<dialog class="dialog" aria-labelledby="warn-call-title">
      ${visit
        ? html`<h2 id="warn-call-title">${t('warn-title', { reference: visit.reference })}</h2>
            <p>${[visit.terminal?.label, visit.inmate.name, ...visit.visitors.map((one) => one.name)].filter(Boolean).join(' · ')}</p>
            <p class="quiet">${t('warn-hint')}</p>
            <div class="warn-reasons">
              ${WARNING_REASONS.map((reason) => html`<button type="button" class="button" data-testid="warn-reason"
                data-reason=${reason} @click=${() => this.#warn(reason)}>${t(`warning-${reason}`)}</button>`)}
            </div>
            <div class="buttons">
              <button type="button" class="button" data-testid="warn-cancel" @click=${this.#close}>${t('cancel')}</button>
            </div>`
        : nothing}
    </dialog>`;
  }
}

customElements.define('warn-call', WarnCall);
