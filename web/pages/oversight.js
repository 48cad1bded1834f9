/**
 * @file The approver's and auditor's page: orders and the journal, to read.
 */

import { html, nothing } from '../vendor/lit.js';
import { ParloirElement } from '../elements/element.js';
import { RelayClock } from '../moments.js';
import { get, leaveIfLoggedOut, RestError } from '../rest.js';
import { beginStaffPage, errorBox } from '../staff.js';
import { t } from '../texts.js';
import '../elements/journal-table.js';
import '../elements/order-list.js';
import '../elements/staff-bar.js';

const REFRESH_MS = 5000;
const PAGE = 200;

/** @typedef {import('../elements/journal-table.js').JournalRow} JournalRow */

class OversightPage extends ParloirElement {
  static properties = {
    orders: { state: true },
    rows: { state: true },
    journalClosed: { state: true },
    error: { state: true },
  };

  /** @param {import('../rest.js').Me} me */
  constructor(me) {
    super();
    this.me = me;
    this.clock = new RelayClock();
    this.clock.set(me.now);
    /** @type {import('../staff.js').OrderView[] | null} */
    this.orders = null;
    /** Null while loading. @type {JournalRow[] | null} */
    this.rows = null;
    /** Whether the role may not read the journal. */
    this.journalClosed = false;
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
      await this.#readJournal();
      this.error = null;
    } catch (error) {
      leaveIfLoggedOut(error);
      this.error = error;
    }
  }

  /** Read what was written since the last row that is known. */
  async #readJournal() {
    if (this.journalClosed) return;
    try {
      for (;;) {
        const after = Math.max(0, ...(this.rows ?? []).map((row) => row.seq));
        /** @type {{rows: JournalRow[]}} */
        const { rows } = await get(`journal?after=${after}&limit=${PAGE}`);
        const known = new Set((this.rows ?? []).map((row) => row.seq));
        const fresh = rows.filter((row) => !known.has(row.seq));
        this.rows = [...(this.rows ?? []), ...fresh];
        if (fresh.length < PAGE) return;
      }
    } catch (error) {
      if (!(error instanceof RestError) || error.status !== 403) throw error;
      this.journalClosed = true;
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
        ${this.journalClosed ? nothing : this.#journal()}
      </main>`;
  }

  #journal() {
    return html`<section aria-labelledby="journal-title">
      <div class="section-head"><h2 id="journal-title">${t('journal-title')}</h2></div>
      ${this.rows
        ? html`<div class="table-frame"><journal-table .rows=${this.rows} .zone=${this.me.facility.timezone}></journal-table></div>`
        : this.#waiting()}
    </section>`;
  }

  /** Nothing beside an error: it says already that there is nothing to show. */
  #waiting() {
    return this.error ? nothing : html`<p class="working" role="status">${t('loading')}</p>`;
  }
}

customElements.define('oversight-page', OversightPage);

document.body.append(new OversightPage(await beginStaffPage('/oversight')));
