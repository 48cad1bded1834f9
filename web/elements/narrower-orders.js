/**
 * @file `<narrower-orders>`: narrower orders that answer the same incident, side by side with the
 * one that was chosen, each with its own numbers. Tells `narrower-chosen` with an alternative.
 */

import { html, nothing } from '../vendor/lit.js';
import { dayAndTime } from '../moments.js';
import { scopeWords } from '../orders.js';
import { t } from '../texts.js';
import { ParloirElement } from './element.js';

/** The cheapest come first; so many are shown at once. */
const FIRST = 4;

/** @typedef {import('../orders.js').Alternative} Alternative */

export class NarrowerOrders extends ParloirElement {
  static properties = {
    impact: { attribute: false },
    chosen: { attribute: false },
    expires: { attribute: false },
    zone: { attribute: false },
    choice: { type: Boolean },
    all: { state: true },
  };

  constructor() {
    super();
    /** @type {import('../orders.js').Impact | null} */
    this.impact = null;
    /** The chosen order in words. */
    this.chosen = '';
    /** @type {string | null} */
    this.expires = null;
    this.zone = 'UTC';
    /** Whether one can be taken. */
    this.choice = false;
    /** Whether those that save the least are shown too. */
    this.all = false;
  }

  /** @override */
  render() {
    const { impact } = this;
    if (!impact) return nothing;
    const shown = this.all ? impact.alternatives : impact.alternatives.slice(0, FIRST);
    const more = impact.alternatives.length - shown.length;
    return html`<section aria-labelledby="narrower-title"><h4 id="narrower-title">${t('narrower-title')}</h4>
      ${impact.alternatives.length === 0
        ? html`<p class="empty">${t('narrower-none')}</p>`
        : html`<div class="table-frame" tabindex="0" role="group" aria-label=${t('narrower-title')}><table class="table narrower" data-testid="narrower">
            <thead><tr><th scope="col">${t('narrower-order')}</th><th scope="col">${t('narrower-visits')}</th>
              <th scope="col">${t('impact-inmates')}</th><th scope="col">${t('impact-children')}</th><th scope="col">${t('impact-live')}</th></tr></thead>
            <tbody>${shown.map((one, at) => this.#row(one, at))}
              <tr class="narrower-chosen"><th scope="row">${this.chosen}
                  <span class="quiet row-reference">${this.expires ? t('order-until', { when: dayAndTime(this.expires, this.zone) }) : nothing}
                    · ${t('narrower-this')}</span></th>
                ${numbers(impact)}</tr>
            </tbody></table></div>
          ${more > 0 ? html`<button type="button" class="link" @click=${() => (this.all = true)}>${t('orders-more', { count: more })}</button>` : nothing}`}
    </section>`;
  }

  /**
   * @param {Alternative} one
   * @param {number} at
   */
  #row(one, at) {
    const words = scopeWords(one.scope_labels);
    return html`<tr data-testid="narrower-row" data-narrowing=${one.narrowing}>
      <th scope="row"><div class="narrower-order"><div><span class="quiet row-reference">${t(`narrowing-${one.narrowing}`)}</span>${words}
        <span class="quiet row-reference">${t('order-until', { when: dayAndTime(one.expires, this.zone) })}</span></div>
        ${this.choice
          ? html`<button type="button" class="button" data-testid="narrower-use-${at}" @click=${() => this.tell('narrower-chosen', one)}>
              ${t('narrower-use')}<span class="visually-hidden"> ${words}</span></button>`
          : nothing}</div></th>
      ${numbers(one)}
    </tr>`;
  }
}

/** @param {import('../orders.js').Numbers} one */
const numbers = (one) => html`<td class="figures narrower-visits">${one.visits}</td><td class="figures">${one.inmates}</td>
  <td class="figures">${one.children}</td><td class="figures">${one.live}</td>`;

customElements.define('narrower-orders', NarrowerOrders);
