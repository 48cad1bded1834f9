/**
 * @file `<order-list>`: orders by state: what waits for somebody, what runs out soon, what stands,
 * what is to come, what has ended; each group with its number and its words when it is empty.
 *
 * Leaves to others: what one order shows (`order-card`, `draft-card`) and what is done with it.
 */

import { html, nothing, repeat } from '../vendor/lit.js';
import { GROUPS, groupOf } from '../orders.js';
import { t } from '../texts.js';
import { TickingElement } from './element.js';
import './draft-card.js';
import './order-card.js';

const ENDED_SHOWN = 5;
const MARKS = Object.freeze({ drafts: '◇', expiring: '▲', active: '●', pending: '◆', ended: '○' });

/**
 * @typedef {import('../orders.js').Order} Order
 * @typedef {import('../orders.js').Draft} Draft
 */

export class OrderList extends TickingElement {
  static properties = {
    orders: { attribute: false },
    drafts: { attribute: false },
    clock: { attribute: false },
    me: { attribute: false },
    allEnded: { state: true },
  };

  constructor() {
    super();
    /** @type {Order[]} */
    this.orders = [];
    /** @type {Draft[]} */
    this.drafts = [];
    /** @type {import('../moments.js').RelayClock | null} */
    this.clock = null;
    /** @type {import('../rest.js').Me | null} */
    this.me = null;
    this.allEnded = false;
  }

  /** @override */
  render() {
    const now = this.clock?.now() ?? Date.now();
    /** @type {Map<string, Order[]>} */
    const groups = new Map(GROUPS.map((group) => [group, []]));
    for (const order of this.orders) groups.get(groupOf(order, now))?.push(order);
    return html`
      <ul class="order-counts" aria-label=${t('orders-counts')}>
        ${this.#count('drafts', this.drafts.length)}
        ${GROUPS.map((group) => this.#count(/** @type {keyof typeof MARKS} */ (group), groups.get(group)?.length ?? 0))}
      </ul>
      ${this.#group('drafts', this.drafts.length, html`<ul class="orders">${repeat(this.drafts, (draft) => draft.id, (draft) =>
        html`<draft-card role="listitem" .draft=${draft} .me=${this.me} .clock=${this.clock}></draft-card>`)}</ul>`)}
      ${GROUPS.map((group) => this.#orders(group, groups.get(group) ?? []))}`;
  }

  /**
   * @param {keyof typeof MARKS} group
   * @param {number} count
   */
  #count(group, count) {
    return html`<li class="order-count" data-group=${group} ?data-some=${count > 0}><a href="#orders-${group}" @click=${this.#jump}>
      <span aria-hidden="true">${MARKS[group]}</span> ${t(`orders-${group}`)} <strong>${count}</strong></a></li>`;
  }

  /** Move the focus to the group, without a new entry in the history. @param {MouseEvent} event */
  #jump(event) {
    event.preventDefault();
    const anchor = /** @type {HTMLAnchorElement} */ (event.currentTarget);
    /** @type {HTMLElement | null} */ (this.querySelector(anchor.hash))?.focus();
  }

  /**
   * @param {string} group
   * @param {Order[]} orders
   */
  #orders(group, orders) {
    const shown = group === 'ended' && !this.allEnded ? orders.slice(0, ENDED_SHOWN) : orders;
    const more = orders.length - shown.length;
    return this.#group(/** @type {keyof typeof MARKS} */ (group), orders.length, html`<ul class="orders">
        ${repeat(shown, (order) => order.id, (order) =>
          html`<order-card role="listitem" .order=${order} .group=${group} .me=${this.me} .clock=${this.clock}></order-card>`)}</ul>
      ${more > 0 ? html`<button type="button" class="link" data-testid="orders-all-ended" @click=${() => (this.allEnded = true)}>
        ${t('orders-more', { count: more })}</button>` : nothing}`);
  }

  /**
   * @param {keyof typeof MARKS} group
   * @param {number} count
   * @param {unknown} content
   */
  #group(group, count, content) {
    return html`<section class="order-group" data-testid="orders-${group}" aria-labelledby="orders-${group}">
      <h3 id="orders-${group}" tabindex="-1"><span aria-hidden="true">${MARKS[group]}</span> ${t(`orders-${group}`)} <span class="quiet">${count}</span></h3>
      ${count > 0 ? content : html`<p class="quiet none">${t(`orders-none-${group}`)}</p>`}
    </section>`;
  }
}

customElements.define('order-list', OrderList);
