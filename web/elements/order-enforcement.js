/**
 * @file `<order-enforcement>`: how far an order is: sent → received → enforced, then its end.
 *
 * Guarantees: *received* and *enforced* are said only from the facility's signed receipts; calls
 * that were cut are those that a receipt names; it asks on until every board has said that power is
 * off, or has not in time.
 */

import { html, nothing } from '../vendor/lit.js';
import { clockTime } from '../moments.js';
import { powerAfterOrder, powerKnown } from '../power.js';
import { ReceiptReader } from '../receipts.js';
import { get, isLoggedOut } from '../rest.js';
import { errorBox } from '../staff.js';
import { t } from '../texts.js';
import { ParloirElement } from './element.js';

const ASK_AGAIN_MS = 1000;
const LONG_MS = 10_000;
/** @type {('lifted' | 'expired')[]} */
const ENDS = ['lifted', 'expired'];

/** @typedef {import('../receipts.js').Receipt} Receipt */

export class OrderEnforcement extends ParloirElement {
  static properties = {
    order: { attribute: false },
    reached: { attribute: false },
    zone: { attribute: false },
    receipts: { state: true },
    error: { state: true },
    late: { state: true },
  };

  constructor() {
    super();
    /** @type {import('../orders.js').Order | null} */
    this.order = null;
    /** Calls that were live in the order's reach when it was signed. */
    this.reached = 0;
    this.zone = 'UTC';
    /** @type {Receipt[]} */
    this.receipts = [];
    /** @type {unknown} */
    this.error = null;
    this.late = false;
  }

  #reader = new ReceiptReader();
  /** @type {number | undefined} */
  #asking;
  #since = 0;

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.#since = performance.now();
    this.#asking = window.setInterval(() => void this.#ask(), ASK_AGAIN_MS);
    void this.#ask();
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.#asking);
  }

  async #ask() {
    const { order } = this;
    if (!order || (this.#stage('enforced') && powerKnown(order.power))) return;
    this.late = order.state === 'ACTIVE' && performance.now() - this.#since > LONG_MS;
    try {
      this.receipts = await this.#reader.of(order.id);
      if (this.#stage('enforced')) this.order = await get(`orders/${order.id}`);
      this.error = null;
    } catch (error) {
      if (isLoggedOut(error)) this.tell('session-ended');
      this.error = error;
    }
  }

  /** @param {string} stage */
  #stage(stage) {
    return this.receipts.find((receipt) => receipt.stage === stage);
  }

  /** @override */
  render() {
    const { order } = this;
    if (!order) return nothing;
    const received = this.#stage('received');
    const enforced = this.#stage('enforced');
    const cut = enforced?.cut.length ?? 0;
    const reached = Math.max(this.reached, cut);
    return html`${this.error ? errorBox(this.error) : nothing}
      <div role="status"><ol class="stages" data-testid="stages" data-stage=${enforced ? 'enforced' : received ? 'received' : 'sent'}>
        ${this.#line('sent', order.issued, null)}
        ${this.#line('received', received?.t.wall, received)}
        ${this.#line('enforced', enforced?.t.wall, enforced, enforced ? t('stage-cut', { cut, reached }) : null)}
        ${ENDS.map((stage) => {
          const ended = this.#stage(stage);
          return ended ? this.#line(stage, ended.t.wall, ended) : nothing;
        })}
      </ol></div>
      ${this.late && !enforced ? html`<p class="notice-box notice-warn" role="alert"><span aria-hidden="true">▲</span> ${t('stage-late')}</p>` : nothing}
      ${enforced ? this.#cut(order) : nothing}
      ${powerAfterOrder(order.power)}`;
  }

  /**
   * @param {'sent' | 'received' | 'enforced' | 'lifted' | 'expired'} stage
   * @param {string | undefined} at
   * @param {Receipt | null | undefined} receipt
   * @param {string | null} [more]
   */
  #line(stage, at, receipt, more = null) {
    return html`<li class="stage-line" data-stage=${stage} ?data-done=${at !== undefined}>
      <span class="stage-mark" aria-hidden="true">${at ? '✓' : '…'}</span>
      <div><strong>${t(`stage-${stage}`)}</strong> ${at
        ? html`<span class="figures">${clockTime(at, this.zone)}</span>`
        : html`<span class="quiet">${t('stage-waiting')}</span>`}
        ${more ? html`<p data-testid="stage-cut">${more}</p>` : nothing}
        ${receipt ? html`<p class="quiet">${t('stage-receipt', { seq: receipt.seq, facility: receipt.facility })}</p>` : nothing}</div>
    </li>`;
  }

  /** @param {import('../orders.js').Order} order */
  #cut(order) {
    if (order.visits_cut.length === 0) return nothing;
    return html`<ul class="plain-list">${order.visits_cut.map((one) => html`<li>${one.committed_ms_to_last_packet === null
      ? one.reference
      : t('stage-cut-visit', { visit: one.reference, milliseconds: Math.round(one.committed_ms_to_last_packet) })}</li>`)}</ul>`;
  }
}

customElements.define('order-enforcement', OrderEnforcement);
