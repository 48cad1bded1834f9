/**
 * @file `<fresh-link>`: a new link for a visitor, asked for first, then shown once to pass on.
 *
 * Tells `link-wanted` with the visit.
 */

import { html, nothing } from '../vendor/lit.js';
import { t } from '../texts.js';
import { ParloirElement } from './element.js';

export class FreshLink extends ParloirElement {
  static properties = { visit: { state: true }, link: { attribute: false }, copied: { state: true } };

  constructor() {
    super();
    /** @type {import('../staff.js').StaffVisit | null} */
    this.visit = null;
    /** The new link once the relay has made it. */
    this.link = '';
    this.copied = false;
  }

  /** @param {import('../staff.js').StaffVisit} visit */
  async ask(visit) {
    this.visit = visit;
    this.link = '';
    this.copied = false;
    await this.updateComplete;
    this.querySelector('dialog')?.showModal();
  }

  async #copy() {
    await navigator.clipboard.writeText(this.link);
    this.copied = true;
  }

  /** @override */
  render() {
    const { visit } = this;
    return html`<dialog class="dialog" aria-labelledby="link-title">
      ${visit
        ? html`<h2 id="link-title">${t('link-title', { reference: visit.reference })}</h2>
            <p>${visit.visitors.map((one) => one.name).join(', ')}</p>
            ${this.link ? this.#made() : this.#question(visit)}`
        : nothing}
    </dialog>`;
  }

  /** @param {import('../staff.js').StaffVisit} visit */
  #question(visit) {
    return html`<p>${t('link-warning')}</p>
      <div class="buttons">
        <button type="button" class="button button-main" data-testid="link-confirm" @click=${() => this.tell('link-wanted', visit)}>${t('link-make')}</button>
        <form method="dialog"><button class="button">${t('cancel')}</button></form>
      </div>`;
  }

  #made() {
    return html`<p><code class="link-text" data-testid="link-text">${this.link}</code></p>
      <p class="quiet">${t('link-once')}</p>
      <div class="buttons">
        <button type="button" class="button button-main" @click=${this.#copy}>${this.copied ? t('link-copied') : t('link-copy')}</button>
        <form method="dialog"><button class="button">${t('close')}</button></form>
      </div>`;
  }
}

customElements.define('fresh-link', FreshLink);
