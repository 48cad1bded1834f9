/**
 * @file `<order-list>`: orders by state, active first; an active or pending one can be lifted.
 *
 * Tells `order-lift` with the order's id and the comment.
 */

import { html, nothing, repeat } from '../vendor/lit.js';
import { dayAndTime, stopwatch } from '../moments.js';
import { t, texts } from '../texts.js';
import { TickingElement } from './element.js';

const STATES = ['ACTIVE', 'PENDING', 'LIFTED', 'EXPIRED'];

/** @typedef {import('../staff.js').OrderView} OrderView */

export class OrderList extends TickingElement {
  static properties = {
    orders: { attribute: false },
    clock: { attribute: false },
    zone: { attribute: false },
    mayLift: { type: Boolean },
    lifting: { state: true },
    comment: { state: true },
  };

  constructor() {
    super();
    /** @type {OrderView[]} */
    this.orders = [];
    /** @type {import('../moments.js').RelayClock | null} */
    this.clock = null;
    this.zone = 'UTC';
    this.mayLift = false;
    /** The order whose lifting is being asked about. */
    this.lifting = '';
    this.comment = '';
  }

  /** @override */
  render() {
    if (this.orders.length === 0) return html`<p class="empty">${t('orders-none')}</p>`;
    return html`${STATES.map((state) => {
      const orders = this.orders.filter((order) => order.state === state);
      if (orders.length === 0) return nothing;
      return html`<h3 class="order-group">${t(`order-state-${state}`)} <span class="quiet">${orders.length}</span></h3>
        <ul class="orders">${repeat(orders, (order) => order.id, (order) => this.#order(order))}</ul>`;
    })}`;
  }

  /** @param {OrderView} order */
  #order(order) {
    const open = order.state === 'ACTIVE' || order.state === 'PENDING';
    return html`<li class="order" data-testid="order-row" data-order=${order.id} data-state=${order.state}>
      <div class="order-head">
        <p class="order-scope">${this.#scope(order)}</p>
        ${open && this.mayLift
          ? html`<button type="button" class="button" data-testid="order-lift" aria-expanded=${this.lifting === order.id}
              @click=${() => this.#ask(order.id)}>${t('order-lift')}<span class="visually-hidden"> ${order.id}</span></button>`
          : nothing}
      </div>
      <p>${t(`order-reason-${order.reason_code}`)} · ${order.legal_basis}</p>
      <p class="order-text">${order.public_text[texts.language] ?? Object.values(order.public_text)[0] ?? ''}</p>
      ${order.protected.length > 0
        ? html`<p class="notice-box notice-warn"><span aria-hidden="true">▲</span> ${t('order-protected', {
            types: order.protected.map((type) => t(`visit-type-${type}`)).join(', ') })}</p>`
        : nothing}
      <p class="quiet">${this.#times(order)}</p>
      ${order.visits_cut.length > 0
        ? html`<p class="quiet">${t('order-cut', { count: order.visits_cut.length, visits: order.visits_cut.map((cut) => cut.reference).join(', ') })}</p>`
        : nothing}
      ${this.lifting === order.id ? this.#question(order) : nothing}
    </li>`;
  }

  /** @param {OrderView} order */
  #scope(order) {
    const kinds = Object.entries(order.scope_labels);
    // The facility that a terminal or a unit is named with says nothing new.
    const telling = kinds.length > 1 ? kinds.filter(([kind]) => kind !== 'facility') : kinds;
    return telling.map(([kind, labels]) => `${t(`scope-${kind}`)}: ${labels.join(', ')}`).join(' · ');
  }

  /** @param {OrderView} order */
  #times(order) {
    const issued = t('order-issued', { who: order.issuer, when: dayAndTime(order.issued, this.zone) });
    if (order.state === 'LIFTED' && order.lifted_at) {
      return `${issued} · ${t('order-lifted', { who: order.lifted_by ?? '', when: dayAndTime(order.lifted_at, this.zone) })}`;
    }
    const until = t('order-until', { when: dayAndTime(order.expires, this.zone) });
    const left = Date.parse(order.expires) - (this.clock?.now() ?? 0);
    if (order.state !== 'ACTIVE' || !this.clock || left <= 0 || left > 24 * 3_600_000) return `${issued} · ${until}`;
    return `${issued} · ${until} · ${t('order-left', { time: stopwatch(left) })}`;
  }

  /** @param {string} order */
  async #ask(order) {
    this.lifting = this.lifting === order ? '' : order;
    this.comment = '';
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.querySelector('[data-testid=order-lift-comment]'))?.focus();
  }

  /** @param {OrderView} order */
  #question(order) {
    return html`<div class="lift" role="group" aria-label=${t('order-lift-title')}
      @keydown=${(/** @type {KeyboardEvent} */ event) => event.key === 'Escape' && this.#keep(order.id)}>
      <label class="field"><span>${t('order-lift-comment')}</span>
        <textarea rows="2" maxlength="500" data-testid="order-lift-comment"
          @input=${(/** @type {Event} */ event) => (this.comment = /** @type {HTMLTextAreaElement} */ (event.target).value)}></textarea></label>
      <div class="buttons">
        <button type="button" class="button button-main" data-testid="order-lift-confirm" @click=${() => this.#lift(order.id)}>${t('order-lift-confirm')}</button>
        <button type="button" class="button" @click=${() => this.#keep(order.id)}>${t('cancel')}</button>
      </div>
    </div>`;
  }

  /** Ask no longer. @param {string} order */
  #keep(order) {
    this.lifting = '';
    /** @type {HTMLElement | null} */ (this.querySelector(`[data-order="${CSS.escape(order)}"] [data-testid=order-lift]`))?.focus();
  }

  /** @param {string} order */
  #lift(order) {
    this.tell('order-lift', { order, comment: this.comment.trim() });
    this.lifting = '';
  }
}

customElements.define('order-list', OrderList);
