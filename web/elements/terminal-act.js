/**
 * @file `<terminal-act>`: what an administrator is asked before a terminal is told something, and
 * the picture of its idle screen.
 *
 * Guarantees: nothing that takes a reason goes without one; a picture is let go when it is closed.
 * Tells `terminal-confirmed` with the deed, the terminal and what was typed.
 */

import { html, nothing } from '../vendor/lit.js';
import { errorBox } from '../staff.js';
import { t } from '../texts.js';
import { ParloirElement } from './element.js';

const LEAST_REASON = 3;

export class TerminalAct extends ParloirElement {
  static properties = {
    deed: { state: true },
    one: { state: true },
    typed: { state: true },
    incomplete: { state: true },
    working: { attribute: false },
    error: { attribute: false },
    picture: { state: true },
  };

  constructor() {
    super();
    this.deed = '';
    /** @type {import('../terminals.js').Terminal | null} */
    this.one = null;
    this.typed = '';
    this.incomplete = false;
    this.working = false;
    /** Why it was refused. @type {unknown} */
    this.error = null;
    /** The object URL of the picture. */
    this.picture = '';
  }

  /**
   * Ask about this deed.
   * @param {string} deed
   * @param {import('../terminals.js').Terminal} one
   */
  async ask(deed, one) {
    this.#begin(deed, one);
    await this.updateComplete;
    this.querySelector('dialog')?.showModal();
    /** @type {HTMLElement | null} */ (this.querySelector('input'))?.focus();
  }

  /**
   * Show a picture of this terminal's screen.
   * @param {import('../terminals.js').Terminal} one
   * @param {string} url
   */
  async show(one, url) {
    this.#begin('picture', one);
    this.picture = url;
    await this.updateComplete;
    this.querySelector('dialog')?.showModal();
  }

  close() {
    this.querySelector('dialog')?.close();
  }

  /** @param {string} deed @param {import('../terminals.js').Terminal} one */
  #begin(deed, one) {
    this.deed = deed;
    this.one = one;
    this.typed = '';
    this.incomplete = false;
    this.error = null;
  }

  #closed() {
    if (this.picture) URL.revokeObjectURL(this.picture);
    this.picture = '';
  }

  get #needsText() {
    return this.deed !== 'restart' || (this.one?.occupied ?? false);
  }

  /** @param {Event} event */
  #confirm(event) {
    event.preventDefault();
    const least = this.deed === 'enrol' ? 1 : LEAST_REASON;
    this.incomplete = this.#needsText && this.typed.trim().length < least;
    if (!this.incomplete) this.tell('terminal-confirmed', { deed: this.deed, one: this.one, typed: this.typed.trim() });
  }

  /** @override */
  render() {
    const { one } = this;
    return html`<dialog class=${this.deed === 'picture' ? 'dialog dialog-wide' : 'dialog'} aria-labelledby="terminal-act-title" @close=${() => this.#closed()}>
      ${one === null ? nothing : this.deed === 'picture' ? this.#picture(one) : this.#question(one)}
    </dialog>`;
  }

  /** @param {import('../terminals.js').Terminal} one */
  #picture(one) {
    return html`<h2 id="terminal-act-title">${t('terminal-picture-title', { label: one.terminal.label })}</h2>
      <img class="terminal-picture" src=${this.picture} alt=${t('terminal-picture-alt')} data-testid="terminal-picture">
      <p class="quiet">${t('terminal-picture-note')}</p>
      <form method="dialog" class="buttons"><button class="button">${t('close')}</button></form>`;
  }

  /** @param {import('../terminals.js').Terminal} one */
  #question(one) {
    const code = this.deed === 'enrol';
    return html`<h2 id="terminal-act-title">${t(`terminal-ask-${this.deed}`, { label: one.terminal.label })}</h2>
      <p>${t(`terminal-note-${this.deed}`)}</p>
      ${this.deed === 'restart' && one.occupied ? html`<p class="notice-box notice-warn">${t('terminal-restart-occupied')}</p>` : nothing}
      <form class="again" novalidate @submit=${this.#confirm}>
        ${this.#needsText
          ? html`<label class="field"><span>${t(code ? 'terminal-code' : 'terminal-reason')}</span>
              <input data-testid="terminal-typed" .value=${this.typed} maxlength=${code ? 12 : 500} autocomplete="off" spellcheck=${code ? 'false' : 'true'}
                aria-invalid=${this.incomplete} aria-describedby="terminal-act-problem"
                @input=${(/** @type {Event} */ event) => (this.typed = /** @type {HTMLInputElement} */ (event.target).value)}></label>
            <p class="problem" id="terminal-act-problem" role="alert">${this.incomplete ? t(code ? 'terminal-code-missing' : 'terminal-reason-missing') : nothing}</p>`
          : nothing}
        ${this.error ? errorBox(this.error) : nothing}
        <div class="buttons">
          <button type="submit" class=${this.deed === 'revoke' || one.occupied ? 'button button-grave' : 'button button-main'} data-testid="terminal-confirm"
            ?disabled=${this.working}>${this.working ? t('terminal-working') : t(`terminal-deed-${this.deed}`)}</button>
          <button type="button" class="button" @click=${() => this.close()}>${t('cancel')}</button>
        </div>
      </form>`;
  }
}

customElements.define('terminal-act', TerminalAct);
