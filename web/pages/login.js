/**
 * @file The staff's log-in page; who is logged in already is led to the role's own page.
 */

import { html, nothing } from '../vendor/lit.js';
import { ParloirElement } from '../elements/element.js';
import { clockTime } from '../moments.js';
import { homeOf, logIn, RestError, whoAmI } from '../rest.js';
import { errorWords } from '../staff.js';
import { t, texts } from '../texts.js';
import '../elements/language-choice.js';

class LoginPage extends ParloirElement {
  static properties = { working: { state: true }, problem: { state: true } };

  constructor() {
    super();
    this.working = false;
    this.problem = '';
  }

  /** @param {SubmitEvent} event */
  async #submit(event) {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const user = String(form.get('user')).trim();
    const password = String(form.get('password'));
    if (!user || !password) {
      this.problem = t('login-empty');
      return;
    }
    this.working = true;
    this.problem = '';
    try {
      const me = await logIn(user, password);
      location.assign(homeOf(me.role));
    } catch (error) {
      this.problem = words(error);
      this.working = false;
      await this.updateComplete;
      this.querySelector('input')?.focus();
    }
  }

  /** @override */
  render() {
    document.title = t('login-title');
    return html`<main class="login">
      <form class="card" @submit=${this.#submit} novalidate>
        <h1>${t('login-title')}</h1>
        <p class="quiet">${t('login-for')}</p>
        ${location.hash === '#again' && !this.problem
          ? html`<p class="notice-box" role="status" data-testid="login-again">${t('login-again')}</p>`
          : nothing}
        <label class="field"><span>${t('login-user')}</span>
          <input name="user" autocomplete="username" autocapitalize="none" spellcheck="false" data-testid="login-user"
            aria-invalid=${this.problem !== ''} aria-describedby="login-problem"></label>
        <label class="field"><span>${t('login-password')}</span>
          <input name="password" type="password" autocomplete="current-password" data-testid="login-password"
            aria-invalid=${this.problem !== ''} aria-describedby="login-problem"></label>
        <p class="problem" id="login-problem" role="alert" data-testid="login-problem">${this.problem || nothing}</p>
        <button class="button button-main" data-testid="login-submit" ?disabled=${this.working}>
          ${this.working ? t('login-working') : t('login-submit')}</button>
        <language-choice></language-choice>
      </form>
    </main>`;
  }
}

/** @param {unknown} error */
function words(error) {
  if (error instanceof RestError && error.code === 'LOGIN_LOCKED' && error.body.until) {
    return t('login-locked-until', { time: clockTime(error.body.until) });
  }
  return errorWords(error);
}

customElements.define('login-page', LoginPage);

await texts.load(['staff', 'reasons']);
try {
  const me = await whoAmI();
  location.replace(homeOf(me.role));
} catch {
  document.body.append(new LoginPage()); // not logged in, or no answer: the form will say which
}
