/**
 * @file The administrator's page: orders (new, by state, lift) and the visits that are coming.
 */

import { html, nothing } from '../vendor/lit.js';
import { ParloirElement } from '../elements/element.js';
import { RelayClock } from '../moments.js';
import { get, leaveIfLoggedOut, post } from '../rest.js';
import { beginStaffPage, errorBox } from '../staff.js';
import { t } from '../texts.js';
import '../elements/fresh-link.js';
import '../elements/order-form.js';
import '../elements/order-list.js';
import '../elements/staff-bar.js';
import '../elements/visits-table.js';

const REFRESH_MS = 5000;
const AHEAD_MS = 7 * 24 * 3_600_000;

class AdministratorPage extends ParloirElement {
  static properties = {
    orders: { state: true },
    visits: { state: true },
    directory: { state: true },
    drafting: { state: true },
    error: { state: true },
    said: { state: true },
    link: { state: true },
  };

  /** @param {import('../rest.js').Me} me */
  constructor(me) {
    super();
    this.me = me;
    this.clock = new RelayClock();
    this.clock.set(me.now);
    /** @type {import('../staff.js').OrderView[] | null} */
    this.orders = null;
    /** @type {import('../staff.js').StaffVisit[] | null} */
    this.visits = null;
    /** @type {import('../staff.js').Directory | null} */
    this.directory = null;
    this.drafting = false;
    /** @type {unknown} */
    this.error = null;
    /** Whether the error is one of the lists', which goes when they are there again. */
    this.outOfTouch = false;
    this.said = '';
    this.link = '';
    void this.#refresh();
    setInterval(() => void this.#refresh(), REFRESH_MS);
  }

  async #refresh() {
    const from = new Date(this.clock.now()).toISOString();
    const to = new Date(this.clock.now() + AHEAD_MS).toISOString();
    try {
      const { now, orders } = await get('orders');
      this.clock.set(now);
      this.orders = orders;
      const { visits } = await get(`visits?from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`);
      this.visits = visits;
      if (this.outOfTouch) this.error = null;
      this.outOfTouch = false;
    } catch (error) {
      leaveIfLoggedOut(error);
      this.outOfTouch = true;
      this.error = error;
    }
  }

  /**
   * Do it, or show why not.
   * @param {() => Promise<void>} deed
   */
  async #try(deed) {
    this.error = null;
    try {
      await deed();
    } catch (error) {
      leaveIfLoggedOut(error);
      this.outOfTouch = false;
      this.error = error;
    }
  }

  async #draft() {
    this.said = '';
    this.drafting = true;
    await this.#try(async () => {
      this.directory = await get('directory');
    });
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.querySelector('#order-title'))?.focus();
  }

  /** @param {import('../staff.js').OrderView} order */
  async #signed(order) {
    this.drafting = false;
    this.orders = [order, ...(this.orders ?? []).filter((one) => one.id !== order.id)];
    await this.#say(t('order-done'));
    await this.#refresh();
  }

  /** Say what was done, where the focus goes then. @param {string} words */
  async #say(words) {
    this.said = words;
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.querySelector('.said'))?.focus();
  }

  /** The draft is closed: the focus goes back to where it came from. */
  async #abandoned() {
    this.drafting = false;
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.querySelector('[data-testid=order-new]'))?.focus();
  }

  /** @param {{order: string, comment: string}} wish */
  async #lift({ order, comment }) {
    await this.#try(async () => {
      await post(`orders/${order}/lift`, { comment });
      await this.#say(t('order-lift-done'));
      await this.#refresh();
    });
  }

  /** @param {import('../staff.js').StaffVisit} visit */
  async #newLink(visit) {
    await this.#try(async () => {
      const { link } = await post(`visits/${visit.id}/link`);
      this.link = link;
    });
  }

  /** @param {import('../staff.js').StaffVisit} visit */
  #askLink(visit) {
    this.link = '';
    const dialog = /** @type {import('../elements/fresh-link.js').FreshLink | null} */ (this.querySelector('fresh-link'));
    void dialog?.ask(visit);
  }

  /** @override */
  render() {
    document.title = t('administrator-title');
    return html`
      <staff-bar .me=${this.me} .clock=${this.clock} .heading=${t('administrator-title')}></staff-bar>
      <main class="desk"
        @order-signed=${(/** @type {CustomEvent} */ event) => this.#signed(event.detail)}
        @order-abandoned=${() => this.#abandoned()}
        @order-lift=${(/** @type {CustomEvent} */ event) => this.#lift(event.detail)}
        @visit-new-link=${(/** @type {CustomEvent} */ event) => this.#askLink(event.detail)}
        @link-wanted=${(/** @type {CustomEvent} */ event) => this.#newLink(event.detail)}
      >
        ${this.error ? errorBox(this.error) : nothing}
        <p class=${this.said ? 'notice-box said' : 'visually-hidden'} role="status" tabindex="-1">${this.said}</p>
        ${this.drafting ? this.#form() : html`${this.#orders()} ${this.#visits()}`}
        <fresh-link .link=${this.link}></fresh-link>
      </main>`;
  }

  #form() {
    if (!this.directory) return html`<p class="working" role="status">${t('loading')}</p>`;
    return html`<order-form .directory=${this.directory} .me=${this.me} .clock=${this.clock}></order-form>`;
  }

  #orders() {
    return html`<section aria-labelledby="orders-title">
      <div class="section-head">
        <h2 id="orders-title">${t('orders-title')}</h2>
        <button type="button" class="button button-main" data-testid="order-new" @click=${this.#draft}>${t('order-new')}</button>
      </div>
      ${this.orders
        ? html`<order-list mayLift .orders=${this.orders} .clock=${this.clock} .zone=${this.me.facility.timezone}></order-list>`
        : this.#waiting()}
    </section>`;
  }

  /** Nothing beside an error: it says already that there is nothing to show. */
  #waiting() {
    return this.error ? nothing : html`<p class="working" role="status">${t('loading')}</p>`;
  }

  #visits() {
    return html`<section aria-labelledby="upcoming-title">
      <div class="section-head"><h2 id="upcoming-title">${t('visits-upcoming')}</h2></div>
      ${this.visits
        ? html`<div class="table-frame"><visits-table days .visits=${this.visits} .clock=${this.clock}
            .zone=${this.me.facility.timezone} .action=${'link'}></visits-table></div>`
        : this.#waiting()}
    </section>`;
  }
}

customElements.define('administrator-page', AdministratorPage);

document.body.append(new AdministratorPage(await beginStaffPage('/administrator')));
