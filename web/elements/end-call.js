/**
 * @file `<end-call>`: a guard ends one call: a reason, then five seconds to think again.
 *
 * Guarantees: nothing is sent without a reason, nor before the seconds have run out. Tells
 * `call-terminate` with the visit's id and the reason.
 */

import { html, nothing } from '../vendor/lit.js';
import { t } from '../texts.js';
import { TERMINATION_REASONS } from '../vocabulary.js';
import { TickingElement } from './element.js';

const GRACE_S = 5;

export class EndCall extends TickingElement {
  static properties = {
    visit: { state: true },
    reason: { state: true },
    endsAt: { state: true },
    incomplete: { state: true },
  };

  constructor() {
    super();
    /** @type {import('../staff.js').StaffVisit | null} */
    this.visit = null;
    this.reason = '';
    /** When the call will be ended, on the page's own clock. @type {number | null} */
    this.endsAt = null;
    this.incomplete = false;
  }

  /** Ask about this visit. @param {import('../staff.js').StaffVisit} visit */
  async ask(visit) {
    this.visit = visit;
    this.reason = '';
    this.endsAt = null;
    this.incomplete = false;
    await this.updateComplete;
    this.querySelector('dialog')?.showModal();
  }

  #confirm() {
    this.incomplete = this.reason === '';
    if (!this.incomplete) this.endsAt = performance.now() + GRACE_S * 1000;
  }

  #close() {
    this.endsAt = null;
    this.querySelector('dialog')?.close();
  }

  /** @override */
  willUpdate() {
    if (this.endsAt === null || performance.now() < this.endsAt || !this.visit) return;
    this.tell('call-terminate', { visit: this.visit.id, reason: this.reason });
    this.#close();
  }

  /** @override @param {Map<string, unknown>} changed */
  updated(changed) {
    if (changed.has('endsAt') && this.endsAt !== null) {
      /** @type {HTMLElement | null} */ (this.querySelector('[data-testid=terminate-cancel]'))?.focus();
    }
  }

  /** @override */
  render() {
    const visit = this.visit;
    return html`<dialog class="dialog" aria-labelledby="end-call-title" @close=${() => (this.endsAt = null)}>
      ${visit
        ? html`<h2 id="end-call-title">${t('terminate-title', { reference: visit.reference })}</h2>
            <p>${[visit.terminal?.label, visit.inmate.name, ...visit.visitors.map((one) => one.name)].filter(Boolean).join(' · ')}</p>
            ${this.endsAt === null ? this.#question() : this.#countdown(this.endsAt)}`
        : nothing}
    </dialog>`;
  }

  #question() {
    return html`<label class="field">
        <span>${t('terminate-reason')}</span>
        <select data-testid="terminate-reason" aria-invalid=${this.incomplete} aria-describedby="end-call-problem"
          @change=${(/** @type {Event} */ event) => (this.reason = /** @type {HTMLSelectElement} */ (event.target).value)}>
          <option value="" ?selected=${this.reason === ''}>${t('choose')}</option>
          ${TERMINATION_REASONS.map((reason) => html`<option value=${reason} ?selected=${this.reason === reason}>${t(`termination-${reason}`)}</option>`)}
        </select>
      </label>
      <p class="problem" id="end-call-problem" role="alert">${this.incomplete ? t('terminate-reason-missing') : nothing}</p>
      <p class="quiet">${t('terminate-hint')}</p>
      <div class="buttons">
        <button type="button" class="button button-grave" data-testid="terminate-confirm" @click=${this.#confirm}>${t('terminate-confirm')}</button>
        <button type="button" class="button" data-testid="terminate-cancel" @click=${this.#close}>${t('cancel')}</button>
      </div>`;
  }

  /** @param {number} endsAt */
  #countdown(endsAt) {
    const seconds = Math.max(0, Math.ceil((endsAt - performance.now()) / 1000));
    return html`<p class="end-call-seconds" aria-hidden="true">${seconds}</p>
      <p role="status">${t('terminate-in-five')}</p>
      <div class="buttons">
        <button type="button" class="button" data-testid="terminate-cancel" @click=${this.#close}>${t('terminate-keep')}</button>
      </div>`;
  }
}

customElements.define('end-call', EndCall);
