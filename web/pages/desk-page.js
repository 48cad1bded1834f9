/**
 * @file What the administrator's and the overseers' pages share: orders, drafts and appeals, read
 * again and again; one deed on one order; a session that ended without losing anything.
 */

import { html, nothing } from '../vendor/lit.js';
import { ParloirElement } from '../elements/element.js';
import { RelayClock } from '../moments.js';
import { get, isLoggedOut, post, RestError } from '../rest.js';
import { errorBox } from '../staff.js';
import { t } from '../texts.js';
import '../elements/appeal-list.js';
import '../elements/login-again.js';
import '../elements/notice-list.js';
import '../elements/order-act.js';
import '../elements/order-intake.js';
import '../elements/order-list.js';
import '../elements/staff-bar.js';
import '../elements/terminal-list.js';
import '../elements/visit-explained.js';
import '../elements/visits-table.js';

const REFRESH_MS = 5000;
const AHEAD_MS = 7 * 24 * 3_600_000;

/**
 * @typedef {import('../orders.js').Draft} Draft
 * @typedef {import('../orders.js').Order} Order
 */

export class DeskPage extends ParloirElement {
  static properties = {
    orders: { state: true },
    drafts: { state: true },
    appeals: { state: true },
    untold: { state: true },
    intake: { state: true },
    visits: { state: true },
    terminals: { state: true },
    error: { state: true },
    said: { state: true },
  };

  /** @param {import('../rest.js').Me} me */
  constructor(me) {
    super();
    this.me = me;
    this.clock = new RelayClock();
    this.clock.set(me.now);
    /** @type {Order[] | null} */
    this.orders = null;
    /** @type {Draft[]} */
    this.drafts = [];
    /** @type {import('../orders.js').Appeal[] | null} */
    this.appeals = null;
    /** What is not right about orders that came in. @type {{refused: import('../orders.js').RefusedOrder[], missing: import('../orders.js').MissingNumbers[]}} */
    this.intake = { refused: [], missing: [] };
    /** Those whom no screen has told. @type {import('../orders.js').Notice[] | null} */
    this.untold = null;
    /** @type {import('../staff.js').StaffVisit[] | null} */
    this.visits = null;
    /** @type {import('../staff.js').LiveTerminal[] | null} */
    this.terminals = null;
    /** @type {unknown} */
    this.error = null;
    /** Whether the error is one of the lists', which goes when they are there again. */
    this.outOfTouch = false;
    this.said = '';
    setInterval(() => void this.refresh(), REFRESH_MS);
  }

  async refresh() {
    try {
      const { now, orders, refused, missing_numbers: missing } = await get('orders');
      this.clock.set(now);
      this.intake = { refused, missing };
      this.orders = orders;
      this.drafts = (await get('orders/drafts')).drafts;
      this.appeals = (await get('appeals')).appeals;
      this.untold = (await get('orders/notices')).notices;
      const [from, to] = [0, AHEAD_MS].map((ahead) => encodeURIComponent(new Date(this.clock.now() + ahead).toISOString()));
      this.visits = (await get(`visits?from=${from}&to=${to}`)).visits;
      this.terminals = await get('terminals');
      if (this.outOfTouch) this.error = null;
      this.outOfTouch = false;
    } catch (error) {
      this.#failed(error);
      this.outOfTouch = true;
    }
  }

  /**
   * Do it, or show why not.
   * @param {() => Promise<void>} deed
   */
  async attempt(deed) {
    this.error = null;
    try {
      await deed();
    } catch (error) {
      this.#failed(error);
      this.outOfTouch = false;
    }
  }

  /** @param {unknown} error */
  #failed(error) {
    if (!(error instanceof RestError)) throw error;
    this.error = error;
    if (isLoggedOut(error)) this.askToLogIn();
  }

  askToLogIn() {
    /** @type {import('../elements/login-again.js').LoginAgain | null} */ (this.querySelector('login-again'))?.ask();
  }

  /** @param {{deed: import('../elements/order-act.js').Deed, order: Order}} wish */
  #act({ deed, order }) {
    this.said = '';
    void /** @type {import('../elements/order-act.js').OrderAct | null} */ (this.querySelector('order-act'))?.ask(deed, order);
  }

  /** @param {import('../staff.js').StaffVisit} visit */
  #explain(visit) {
    void /** @type {import('../elements/visit-explained.js').VisitExplained | null} */ (this.querySelector('visit-explained'))?.ask(visit);
  }

  /** Whoever phones goes down the list: the focus goes to the next. @param {import('../orders.js').Notice} notice */
  async #told(notice) {
    const place = this.untold?.findIndex((one) => one.id === notice.id) ?? 0;
    await this.attempt(async () => {
      await post(`orders/notices/${notice.id}/delivered`);
      this.said = t('notice-told-done', { who: notice.name });
      await this.refresh();
      await this.updateComplete;
      await Promise.all([...this.querySelectorAll('notice-list')].map((list) => /** @type {ParloirElement} */ (list).updateComplete));
      /** @type {NodeListOf<HTMLElement>} */
      const left = this.querySelectorAll('[data-testid=untold] [data-testid=notice-told]');
      (left[Math.min(place, left.length - 1)] ?? /** @type {HTMLElement | null} */ (this.querySelector('.said')))?.focus();
    });
  }

  /** @param {string} words */
  async changed(words) {
    if (words) this.said = words;
    await this.updateComplete;
    if (words) /** @type {HTMLElement | null} */ (this.querySelector('.said'))?.focus();
    await this.refresh();
  }

  /**
   * The page around `content`.
   * @param {string} heading
   * @param {unknown} content
   */
  frame(heading, content) {
    document.title = heading;
    const zone = this.me.facility.timezone;
    return html`
      <staff-bar .me=${this.me} .clock=${this.clock} .heading=${heading}></staff-bar>
      <main class="desk"
        @order-act=${(/** @type {CustomEvent} */ event) => this.#act(event.detail)}
        @orders-changed=${(/** @type {CustomEvent} */ event) => this.changed(event.detail)}
        @appeal-decided=${() => this.changed(t('appeal-done'))}
        @notice-told=${(/** @type {CustomEvent} */ event) => this.#told(event.detail)}
        @visit-why=${(/** @type {CustomEvent} */ event) => this.#explain(event.detail)}
        @session-ended=${() => this.askToLogIn()}
        @logged-in-again=${() => this.refresh()}
      >
        ${this.error ? errorBox(this.error) : nothing}
        <p class=${this.said ? 'notice-box said' : 'visually-hidden'} role="status" tabindex="-1" data-testid="said">${this.said}</p>
        ${content}
        <order-act .me=${this.me} .clock=${this.clock}></order-act>
        <visit-explained .zone=${zone}></visit-explained>
        <login-again .me=${this.me}></login-again>
      </main>`;
  }

  /**
   * The orders by state.
   * @param {unknown} button beside the heading
   */
  ordersSection(button = nothing) {
    return html`<section aria-labelledby="orders-title">
      <div class="section-head"><h2 id="orders-title" tabindex="-1">${t('orders-title')}</h2>${button}</div>
      <order-intake .refused=${this.intake.refused} .missing=${this.intake.missing} .zone=${this.me.facility.timezone}></order-intake>
      ${this.orders
        ? html`<order-list .orders=${this.orders} .drafts=${this.drafts} .clock=${this.clock} .me=${this.me}></order-list>`
        : this.loading()}
    </section>`;
  }

  appealsSection() {
    const open = this.appeals?.filter((appeal) => appeal.outcome === null).length ?? 0;
    return html`<section aria-labelledby="appeals-title">
      <div class="section-head"><h2 id="appeals-title">${t('appeals-title')} <span class="quiet">${t('appeals-open', { count: open })}</span></h2></div>
      ${this.appeals ? html`<appeal-list .appeals=${this.appeals} .clock=${this.clock} .zone=${this.me.facility.timezone}></appeal-list>` : this.loading()}
    </section>`;
  }

  /** Whom somebody has to phone, of all orders. */
  untoldSection() {
    return html`<section aria-labelledby="untold-title" data-testid="untold">
      <div class="section-head"><h2 id="untold-title">${t('untold-title')} <span class="quiet">${t('untold-count', { count: this.untold?.length ?? 0 })}</span></h2></div>
      ${this.untold ? html`<notice-list words .notices=${this.untold} .me=${this.me} .empty=${t('untold-none')}></notice-list>` : this.loading()}
    </section>`;
  }

  /** How every terminal is, its board included. */
  terminalsSection() {
    return this.terminals ? html`<terminal-list detailed .terminals=${this.terminals}></terminal-list>` : nothing;
  }

  /** @param {'link' | 'why'} action */
  visitsSection(action) {
    return html`<section aria-labelledby="upcoming-title">
      <div class="section-head"><h2 id="upcoming-title">${t('visits-upcoming')}</h2></div>
      ${this.visits
        ? html`<div class="table-frame" tabindex="0" role="group" aria-labelledby="upcoming-title"><visits-table days .visits=${this.visits} .clock=${this.clock}
            .zone=${this.me.facility.timezone} .action=${action}></visits-table></div>`
        : this.loading()}
    </section>`;
  }

  /** Nothing beside an error: it says already that there is nothing to show. */
  loading() {
    return this.error ? nothing : html`<p class="working" role="status">${t('loading')}</p>`;
  }
}
