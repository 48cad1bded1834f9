/**
 * @file `<order-impact>`: what an order would do, in the relay's numbers, before it is signed.
 */

import { html, nothing } from '../vendor/lit.js';
import { clockTime, dayAndTime } from '../moments.js';
import { t } from '../texts.js';
import { PROTECTED_TYPES } from '../vocabulary.js';
import { ParloirElement } from './element.js';

/** @type {(keyof import('../staff.js').Impact & ('visits' | 'live' | 'inmates' | 'visitors' | 'terminals'))[]} */
const NUMBERS = ['visits', 'live', 'inmates', 'visitors', 'terminals'];

export class OrderImpact extends ParloirElement {
  static properties = {
    impact: { attribute: false },
    working: { type: Boolean },
    zone: { attribute: false },
    spared: { attribute: false },
  };

  constructor() {
    super();
    /** @type {import('../staff.js').Impact | null} */
    this.impact = null;
    this.working = false;
    this.zone = 'UTC';
    /** Protected types that the order does not name. @type {readonly string[]} */
    this.spared = PROTECTED_TYPES;
  }

  /** @override */
  render() {
    const { impact } = this;
    return html`<div data-testid="order-impact" data-visits=${impact?.visits ?? nothing} aria-busy=${this.working}>
      ${impact ? this.#numbers(impact) : html`<p class="quiet">${t('impact-first')}</p>`}
      ${this.working ? html`<p class="working" role="status">${t('impact-working')}</p>` : nothing}
    </div>`;
  }

  /** @param {import('../staff.js').Impact} impact */
  #numbers(impact) {
    return html`<dl class="numbers">
        ${NUMBERS.map((name) => html`<div data-number=${name}><dt>${t(`impact-${name}`)}</dt><dd>${impact[name]}</dd></div>`)}
      </dl>
      <p class="quiet">${t('impact-as-of', { time: clockTime(impact.as_of, this.zone) })}</p>
      ${impact.listed.length > 0
        ? html`<div class="table-frame" tabindex="0" role="region" aria-label=${t('impact-listed')}><table class="table table-small">
            <caption class="visually-hidden">${t('impact-listed')}</caption>
            <thead><tr><th scope="col">${t('visits-time')}</th><th scope="col">${t('visits-inmate')}</th>
              <th scope="col">${t('visits-terminal')}</th><th scope="col">${t('visits-state')}</th></tr></thead>
            <tbody>${impact.listed.map((visit) => html`<tr>
              <td class="figures">${dayAndTime(visit.starts, this.zone)}</td><td>${visit.inmate}</td>
              <td>${visit.terminal ?? '—'}</td><td>${t(`staff-state-${visit.state}`)}</td></tr>`)}</tbody>
          </table></div>`
        : html`<p>${t('impact-none')}</p>`}
      <h3>${t('impact-stays-on')}</h3>
      <p>${this.spared.length > 0
        ? t('impact-protected-kept', {
            types: this.spared.map((type) => t(`visit-type-${type}`)).join(', '),
            count: impact.protected_kept,
          })
        : t('impact-nothing-kept')}</p>`;
  }
}

customElements.define('order-impact', OrderImpact);
