/**
 * @file `<order-impact>`: what an order would do, in the relay's numbers, with the narrower orders
 * beside it; where it is asked, the number of visits is typed by hand and the scope is justified.
 *
 * Tells `plan-changed` with what is typed, `narrower-chosen` with an alternative, `incident-chosen`
 * with the visits that the incident concerned.
 */

import { html, live, nothing } from '../vendor/lit.js';
import { clockTime, dayAndTime } from '../moments.js';
import { emptyPlan, labelsOf, scopeWords } from '../orders.js';
import { t } from '../texts.js';
import { PROTECTED_TYPES } from '../vocabulary.js';
import { ParloirElement } from './element.js';
import { countField, problem, valueOf } from './fields.js';
import './incident-choice.js';
import './narrower-orders.js';

/** @type {(keyof import('../orders.js').Numbers)[]} */
const NUMBERS = ['visits', 'visits_24h', 'visits_7d', 'live', 'inmates', 'visitors', 'children', 'terminals'];

export class OrderImpact extends ParloirElement {
  static properties = {
    impact: { attribute: false },
    plan: { attribute: false },
    labels: { attribute: false },
    directory: { attribute: false },
    zone: { attribute: false },
    problems: { attribute: false },
    working: { type: Boolean },
    asks: { type: Boolean },
  };

  constructor() {
    super();
    /** @type {import('../orders.js').Impact | null} */
    this.impact = null;
    this.plan = emptyPlan();
    /** The scope's names, where the directory is not at hand. @type {import('../orders.js').Scope | null} */
    this.labels = null;
    /** @type {import('../staff.js').Directory | null} */
    this.directory = null;
    this.zone = 'UTC';
    /** @type {Partial<Record<string, string>>} */
    this.problems = {};
    this.working = false;
    /** Whether the author confirms here; others only look. */
    this.asks = false;
  }

  get #scope() {
    if (this.labels) return scopeWords(this.labels);
    return this.plan.scope && this.directory ? scopeWords(labelsOf(this.plan.scope, this.directory)) : '';
  }

  /** @override */
  render() {
    const { impact } = this;
    return html`<div class="impact" data-testid="order-impact" data-visits=${impact?.visits ?? nothing} aria-busy=${this.working}>
      ${impact ? this.#numbers(impact) : html`<p class="quiet">${t('impact-first')}</p>`}
      ${this.working ? html`<p class="working" role="status">${t('impact-working')}</p>` : nothing}
    </div>`;
  }

  /** @param {import('../orders.js').Impact} impact */
  #numbers(impact) {
    const { plan } = this;
    return html`
      <p class="impact-what"><strong>${this.#scope}</strong> · ${t('order-until', { when: dayAndTime(plan.expires ?? impact.as_of, this.zone) })}
        · ${t(`order-class-${plan.emergency ? 'EMERGENCY' : impact.order_class}`)}</p>
      <dl class="numbers">
        ${NUMBERS.map((name) => html`<div data-number=${name}><dt>${t(`impact-${name}`)}</dt><dd>${impact[name]}</dd></div>`)}
      </dl>
      <p class="quiet">${t('impact-as-of', { time: clockTime(impact.as_of, this.zone) })}</p>
      <div class="flow-columns">
        <div class="flow-column">${this.#hurt(impact)} ${this.#stays(impact)} ${this.#listed(impact)}</div>
        <div class="flow-column">
          <narrower-orders .impact=${impact} .chosen=${this.#scope} .expires=${plan.expires} .zone=${this.zone} ?choice=${this.asks}></narrower-orders>
          ${this.asks
            ? html`<incident-choice .visits=${impact.listed} .chosen=${plan.incident} .zone=${this.zone}></incident-choice> ${this.#questions(impact)}`
            : nothing}
        </div>
      </div>`;
  }

  /** @param {import('../orders.js').Impact} impact */
  #hurt(impact) {
    /** @type {[string, string][]} */
    const hurt = [];
    if (impact.children > 0) hurt.push(['▲', t('impact-hurt-children', { count: impact.children })]);
    if (impact.under_minimum > 0) {
      hurt.push(['▲', t('impact-hurt-minimum', { count: impact.under_minimum, names: impact.under_minimum_inmates.join(', ') })]);
    }
    if (impact.live > 0) hurt.push(['◆', t('impact-hurt-live', { count: impact.live })]);
    if (this.plan.protected.length > 0) {
      hurt.push(['▲', t('order-protected', { types: this.plan.protected.map((type) => t(`visit-type-${type}`)).join(', ') })]);
    }
    if (hurt.length === 0) return nothing;
    return html`<section aria-labelledby="hurt-title"><h4 id="hurt-title">${t('impact-hurt')}</h4>
      <ul class="hurt">${hurt.map(([mark, words]) => html`<li class="notice-box notice-warn"><span aria-hidden="true">${mark}</span> ${words}</li>`)}</ul></section>`;
  }

  /** @param {import('../orders.js').Impact} impact */
  #stays(impact) {
    const spared = PROTECTED_TYPES.filter((type) => !this.plan.protected.includes(type));
    return html`<section aria-labelledby="stays-title"><h4 id="stays-title">${t('impact-stays-on')}</h4>
      <ul class="plain-list">
        <li>${t('impact-kept', { count: impact.kept })}</li>
        <li>${spared.length > 0
          ? t('impact-protected-kept', { types: spared.map((type) => t(`visit-type-${type}`)).join(', '), count: impact.protected_kept })
          : t('impact-nothing-kept')}</li>
      </ul></section>`;
  }

  /** @param {import('../orders.js').Impact} impact */
  #listed(impact) {
    if (impact.listed.length === 0) return html`<p>${t('impact-none')}</p>`;
    return html`<details class="listed"><summary>${t('impact-listed')} <span class="quiet">${impact.listed.length}</span></summary>
      <div class="table-frame" tabindex="0" role="group" aria-label=${t('impact-listed')}><table class="table table-small">
        <caption class="visually-hidden">${t('impact-listed')}</caption>
        <thead><tr><th scope="col">${t('visits-time')}</th><th scope="col">${t('visits-inmate')}</th>
          <th scope="col">${t('visits-terminal')}</th><th scope="col">${t('visits-state')}</th></tr></thead>
        <tbody>${impact.listed.map((visit) => html`<tr>
          <td class="figures">${dayAndTime(visit.starts, this.zone)}</td><td>${visit.inmate}</td>
          <td>${visit.terminal ?? '—'}</td><td>${t(`staff-state-${visit.state}`)}</td></tr>`)}</tbody>
      </table></div></details>`;
  }

  /** @param {import('../orders.js').Impact} impact */
  #questions(impact) {
    const { plan, problems } = this;
    return html`<section class="confirm" aria-labelledby="confirm-title"><h4 id="confirm-title">${t('impact-confirm')}</h4>
      ${impact.asks_why_not_narrower
        ? html`<label class="field"><span>${t('order-why-not-narrower')}</span>
            <textarea rows="2" maxlength="500" data-testid="order-why" .value=${live(plan.why)} aria-invalid=${problems.why !== undefined}
              aria-describedby="why-problem" @input=${(/** @type {Event} */ event) => this.tell('plan-changed', { why: valueOf(event) })}></textarea></label>
          ${problem('why-problem', problems.why)}`
        : nothing}
      ${countField({ value: plan.count, problem: problems.count, typed: (count) => this.tell('plan-changed', { count }) })}
      <p class="quiet">${impact.people_needed > 1
        ? t(impact.oversight_needed ? 'impact-needs-oversight' : 'impact-needs-two')
        : t('impact-needs-one')}</p></section>`;
  }
}

customElements.define('order-impact', OrderImpact);
