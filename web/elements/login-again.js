/**
 * @file `<login-again>`: the session has ended; the same person goes on where they were.
 *
 * Guarantees: nothing on the page is lost; another person's log-in begins that person's own page.
 */

import { html, nothing } from '../vendor/lit.js';
import { homeOf, logIn } from '../rest.js';
import { errorWords } from '../staff.js';
import { t } from '../texts.js';
import { ParloirElement } from './element.js';

export class LoginAgain extends ParloirElement {
  static properties = { me: { attribute: false }, working: { state: true }, problem: { state: true } };

  constructor() {
    super();
    /** @type {import('../rest.js').Me | null} */
    this.me = null;
    this.working = false;
    this.problem = '';
  }

  /** Ask for the password, unless it is being asked for already. */
  ask() {
    const dialog = this.querySelector('dialog');
    if (dialog && !dialog.open) dialog.showModal();
  }

  /** @param {SubmitEvent} event */
  async #submit(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const password = String(new FormData(form).get('password'));
    this.working = true;
    this.problem = '';
    try {
      const me = await logIn(this.me?.user ?? '', password);
      form.reset();
      if (me.role !== this.me?.role) location.assign(homeOf(me.role));
      this.querySelector('dialog')?.close();
      this.tell('logged-in-again');
    } catch (error) {
      this.problem = errorWords(error);
    }
    this.working = false;
  }

  /** @override */
  render() {
    return html`<dialog class="dialog" aria-labelledby="again-title" data-testid="login-again">
      <form class="again" @submit=${this.#submit} novalidate>
        <h2 id="again-title">${t('again-title')}</h2>
        <p>${t('again-hint', { user: this.me?.user ?? '' })}</p>
        <input type="text" name="user" autocomplete="username" .value=${this.me?.user ?? ''} hidden>
        <label class="field"><span>${t('login-password')}</span>
          <input name="password" type="password" autocomplete="current-password" data-testid="again-password"
            aria-invalid=${this.problem !== ''} aria-describedby="again-problem"></label>
        <p class="problem" id="again-problem" role="alert">${this.problem || nothing}</p>
        <div class="buttons"><button class="button button-main" data-testid="again-submit" ?disabled=${this.working}>
          ${this.working ? t('login-working') : t('login-submit')}</button></div>
      </form>
    </dialog>`;
  }
}

customElements.define('login-again', LoginAgain);
