/**
 * @file `<order-intake>`: what is not right about the orders that came in: those that the facility
 * refused, each with its code as the signed receipt has it, and numbers of an issuer that never came.
 *
 * Guarantees: nothing is shown while nothing is wrong. Leaves to others: any consequence.
 */

import { html, nothing, repeat } from '../vendor/lit.js';
import { dayAndTime } from '../moments.js';
import { t } from '../texts.js';
import { ParloirElement } from './element.js';

export class OrderIntake extends ParloirElement {
  static properties = { refused: { attribute: false }, missing: { attribute: false }, zone: { attribute: false } };

  constructor() {
    super();
    /** @type {import('../orders.js').RefusedOrder[]} */
    this.refused = [];
    /** @type {import('../orders.js').MissingNumbers[]} */
    this.missing = [];
    this.zone = 'UTC';
  }

  /** @override */
  render() {
    return html`${this.missing.length > 0
        ? html`<div class="notice-box" data-testid="numbers-missing"><p>${t('numbers-missing')}</p>
            <ul class="plain-list">${this.missing.map((gap) => html`<li>${t(gap.first === gap.last ? 'numbers-missing-one' : 'numbers-missing-several', gap)}</li>`)}</ul></div>`
        : nothing}
      ${this.refused.length > 0
        ? html`<details data-testid="refused-orders"><summary>${t('refused-title', { count: this.refused.length })}</summary>
            <ul class="plain-list">${repeat(this.refused, (one) => one.receipt, (one) => this.#line(one))}</ul></details>`
        : nothing}`;
  }

  /** @param {import('../orders.js').RefusedOrder} one */
  #line(one) {
    return html`<li data-testid="refused-order" data-code=${one.code}>${t(`refused-${one.code}`)}
      <span class="quiet">${one.code} · ${dayAndTime(one.at, this.zone)} · ${t(`refused-via-${one.via}`)}
        · ${one.order ?? one.sha256.slice(0, 12)} · ${t('refused-receipt', { number: one.receipt })}</span></li>`;
  }
}

customElements.define('order-intake', OrderIntake);
