/**
 * @file The terminals' page: how each one stands, what it says of itself, what it may be told.
 */

import { html, nothing, repeat } from '../vendor/lit.js';
import { ParloirElement } from '../elements/element.js';
import { RelayClock } from '../moments.js';
import { get, isLoggedOut, post, postForPicture, RestError } from '../rest.js';
import { beginStaffPage, errorBox } from '../staff.js';
import { t } from '../texts.js';
import '../elements/login-again.js';
import '../elements/staff-bar.js';
import '../elements/terminal-act.js';
import '../elements/terminal-card.js';

/** @typedef {import('../terminals.js').Terminal} Terminal */

const REFRESH_MS = 3000;
/** What is asked about first. */
const ASKED = ['enrol', 'revoke', 'restart', 'maintenance-on', 'maintenance-off'];

class TerminalsPage extends ParloirElement {
  static properties = {
    terminals: { state: true },
    waiting: { state: true },
    error: { state: true },
    refused: { state: true },
    said: { state: true },
    working: { state: true },
  };

  /** @param {import('../rest.js').Me} me */
  constructor(me) {
    super();
    this.me = me;
    this.clock = new RelayClock();
    this.clock.set(me.now);
    /** @type {Terminal[] | null} */
    this.terminals = null;
    this.waiting = 0;
    /** Why the list cannot be shown, or something was refused. @type {unknown} */
    this.error = null;
    /** Why what was asked in the dialog was refused. @type {unknown} */
    this.refused = null;
    this.said = '';
    /** The terminal for which something is under way. */
    this.working = '';
    setInterval(() => void this.refresh(), REFRESH_MS);
    void this.refresh();
  }

  async refresh() {
    try {
      const { now, waiting, terminals } = await get('terminals/details');
      this.clock.set(now);
      this.waiting = waiting;
      this.terminals = terminals;
      if (this.error instanceof RestError && this.error.code === 'NETWORK') this.error = null;
    } catch (error) {
      this.#failed(error);
    }
  }

  /** @param {unknown} error */
  #failed(error) {
    if (!(error instanceof RestError)) throw error;
    this.error = error;
    if (isLoggedOut(error)) /** @type {import('../elements/login-again.js').LoginAgain | null} */ (this.querySelector('login-again'))?.ask();
  }

  /** @returns {import('../elements/terminal-act.js').TerminalAct | null} */
  get #dialog() {
    return this.querySelector('terminal-act');
  }

  /** @param {{deed: string, one: Terminal}} wish */
  async #act({ deed, one }) {
    this.said = '';
    this.error = this.refused = null;
    if (ASKED.includes(deed)) {
      await this.#dialog?.ask(deed, one);
      return;
    }
    const { id, label } = one.terminal;
    this.working = id;
    try {
      if (deed === 'screenshot') {
        await this.#dialog?.show(one, await postForPicture(`terminals/${id}/screenshot`));
        return;
      }
      if (deed === 'self-test') await post(`terminals/${id}/self-test`);
      else await post(`terminals/${id}/repair`, { what: deed === 'forget-cache' ? 'FORGET_CACHE' : 'USE_LAST_CONFIG' });
      await this.#done(t(`terminal-done-${deed}`, { label }));
    } catch (error) {
      this.#failed(error);
    } finally {
      this.working = '';
    }
  }

  /** @param {{deed: string, one: Terminal, typed: string}} wish */
  async #confirmed({ deed, one, typed }) {
    const { id, label } = one.terminal;
    this.working = id;
    this.refused = null;
    try {
      if (deed === 'enrol') await post(`terminals/${id}/enrol`, { code: typed });
      else if (deed === 'revoke') await post(`terminals/${id}/revoke`, { reason: typed });
      else if (deed === 'restart') await post(`terminals/${id}/restart`, typed ? { force_reason: typed } : {});
      else await post(`terminals/${id}/maintenance`, { on: deed === 'maintenance-on', reason: typed });
      this.#dialog?.close();
      await this.#done(t(`terminal-done-${deed}`, { label }));
    } catch (error) {
      if (!(error instanceof RestError)) throw error;
      this.refused = error;
      if (isLoggedOut(error)) this.#failed(error);
    } finally {
      this.working = '';
    }
  }

  /** @param {string} words */
  async #done(words) {
    this.said = words;
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.querySelector('.said'))?.focus();
    await this.refresh();
  }

  /** @override */
  render() {
    const heading = t('terminals-title');
    document.title = heading;
    return html`
      <staff-bar .me=${this.me} .clock=${this.clock} .heading=${heading}></staff-bar>
      <main class="desk"
        @terminal-act=${(/** @type {CustomEvent} */ event) => this.#act(event.detail)}
        @terminal-confirmed=${(/** @type {CustomEvent} */ event) => this.#confirmed(event.detail)}
        @logged-in-again=${() => this.refresh()}>
        <nav aria-label=${t('terminals-nav')}><a href="/administrator">${t('administrator-title')}</a></nav>
        ${this.error ? errorBox(this.error) : nothing}
        <p class=${this.said ? 'notice-box said' : 'visually-hidden'} role="status" tabindex="-1" data-testid="said">${this.said}</p>
        ${this.waiting > 0 ? html`<p class="notice-box" data-testid="terminals-waiting">${t('terminals-waiting', { count: this.waiting })}</p>` : nothing}
        ${this.#list()}
        <terminal-act .working=${this.working !== ''} .error=${this.refused}></terminal-act>
        <login-again .me=${this.me}></login-again>
      </main>`;
  }

  #list() {
    if (this.terminals === null) return this.error ? nothing : html`<p class="working" role="status">${t('loading')}</p>`;
    if (this.terminals.length === 0) return html`<p class="empty">${t('terminals-none')}</p>`;
    return html`<div class="terminal-list">${repeat(this.terminals, (one) => one.terminal.id, (one) => html`<terminal-card .one=${one}
      .zone=${this.me.facility.timezone} ?working=${this.working === one.terminal.id}></terminal-card>`)}</div>`;
  }
}

customElements.define('terminals-page', TerminalsPage);

document.body.append(new TerminalsPage(await beginStaffPage('/terminals', 'administrator')));
