/**
 * @file The approver's and auditor's page: orders and the audit log, to read.
 */

import { html, nothing } from '../vendor/lit.js';
import { ParloirElement } from '../elements/element.js';
import { RelayClock } from '../moments.js';
import { get, leaveIfLoggedOut } from '../rest.js';
import { beginStaffPage, errorBox } from '../staff.js';
import { t } from '../texts.js';
import '../elements/audit-log.js';
import '../elements/order-list.js';
import '../elements/staff-bar.js';

const REFRESH_MS = 5000;

class OversightPage extends ParloirElement {
  static properties = { orders: { state: true }, error: { state: true } };

  /** @param {import('../rest.js').Me} me */
  constructor(me) {
    super();
    this.me = me;
    this.clock = new RelayClock();
    this.clock.set(me.now);
    /** @type {import('../staff.js').OrderView[] | null} */
    this.orders = null;
    /** @type {unknown} */
    this.error = null;
    void this.#refresh();
    setInterval(() => void this.#refresh(), REFRESH_MS);
  }

  async #refresh() {
    try {
      const { now, orders } = await get('orders');
      this.clock.set(now);
      this.orders = orders;
      this.error = null;
    } catch (error) {
      leaveIfLoggedOut(error);
      this.error = error;
    }
  }

  /** @override */
  render() {
    const { me } = this;
    document.title = t('oversight-title');
    return html`
      <staff-bar .me=${me} .clock=${this.clock} .heading=${t('oversight-title')}></staff-bar>
      <main class="desk">
        ${this.error ? errorBox(this.error) : nothing}
        <p class="quiet">${t('oversight-read-only')}</p>
        <section aria-labelledby="orders-title">
          <div class="section-head"><h2 id="orders-title">${t('orders-title')}</h2></div>
          ${this.orders
            ? html`<order-list .orders=${this.orders} .clock=${this.clock} .zone=${me.facility.timezone}></order-list>`
            : this.#waiting()}
        </section>
        <audit-log .zone=${me.facility.timezone}></audit-log>
      </main>`;
  }

  /** Nothing beside an error: it says already that there is nothing to show. */
  #waiting() {
    return this.error ? nothing : html`<p class="working" role="status">${t('loading')}</p>`;
  }
}

customElements.define('oversight-page', OversightPage);

document.body.append(new OversightPage(await beginStaffPage('/oversight')));
