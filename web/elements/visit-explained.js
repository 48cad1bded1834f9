/**
 * @file `<visit-explained>`: why a visit can or cannot happen, naming every order that stands
 * against it, in a dialog. Tells `session-ended`.
 */

import { html, nothing } from '../vendor/lit.js';
import { clockTime, dayAndTime } from '../moments.js';
import { scopeWords } from '../orders.js';
import { get, isLoggedOut } from '../rest.js';
import { errorBox } from '../staff.js';
import { t, texts } from '../texts.js';
import { ParloirElement } from './element.js';

export class VisitExplained extends ParloirElement {
  static properties = {
    zone: { attribute: false },
    visit: { state: true },
    found: { state: true },
    error: { state: true },
  };

  constructor() {
    super();
    this.zone = 'UTC';
    /** @type {import('../staff.js').StaffVisit | null} */
    this.visit = null;
    /** @type {import('../orders.js').Explanation | null} */
    this.found = null;
    /** @type {unknown} */
    this.error = null;
  }

  /** Ask the relay about this visit. @param {import('../staff.js').StaffVisit} visit */
  async ask(visit) {
    Object.assign(this, { visit, found: null, error: null });
    await this.updateComplete;
    this.querySelector('dialog')?.showModal();
    try {
      this.found = await get(`orders/explain/${visit.id}`);
    } catch (error) {
      if (isLoggedOut(error)) this.tell('session-ended');
      this.error = error;
    }
  }

  /** @override */
  render() {
    const { visit, found } = this;
    return html`<dialog class="dialog dialog-wide" aria-labelledby="explained-title" data-testid="explained">
      ${visit
        ? html`<h2 id="explained-title">${t('explain-title', { reference: visit.reference })}</h2>
            <p>${dayAndTime(visit.starts, this.zone)} · ${[visit.inmate.name, ...visit.visitors.map((one) => one.name)].join(' · ')}</p>
            ${this.error ? errorBox(this.error) : nothing}
            <div role="status">${found ? this.#answer(found) : this.error ? nothing : html`<p class="working">${t('loading')}</p>`}</div>
            <div class="buttons"><button type="button" class="button" data-testid="explained-close"
              @click=${() => this.querySelector('dialog')?.close()}>${t('close')}</button></div>`
        : nothing}
    </dialog>`;
  }

  /** @param {import('../orders.js').Explanation} found */
  #answer(found) {
    const reasons = [...new Set(found.refusals.map((refusal) => refusal.code))];
    return html`<p class="notice-box ${found.possible || found.over ? '' : 'notice-warn'}"><strong>
        <span aria-hidden="true">${found.possible ? '●' : '▲'}</span>
        ${t(found.over ? 'explain-over' : found.possible ? 'explain-possible' : 'explain-impossible')}</strong>
        ${found.over && found.visit.outcome ? t(`outcome-${found.visit.outcome}`) : nothing}</p>
      ${reasons.length > 0 ? html`<ul class="plain-list">${reasons.map((code) => html`<li>${texts.find(`reason-${code}`) ?? code}</li>`)}</ul>` : nothing}
      ${found.orders.map((order) => this.#order(order))}
      ${found.rebooked_as ? html`<p>${t('explain-rebooked', { visit: found.rebooked_as })}</p>` : nothing}
      <p class="quiet">${t('impact-as-of', { time: clockTime(found.as_of, this.zone) })}</p>`;
  }

  /** @param {import('../orders.js').ExplainedOrder} order */
  #order(order) {
    return html`<section class="order explained-order" data-testid="explained-order" data-order=${order.id}>
      <h3 class="order-scope">${t('explain-order', { order: order.id })}</h3>
      <dl class="facts">
        <div><dt>${t('order-whom')}</dt><dd>${scopeWords(order.scope_labels)}</dd></div>
        <div><dt>${t('order-reason')}</dt><dd>${t(`order-reason-${order.reason_code}`)} · ${order.legal_basis}</dd></div>
        <div><dt>${t('order-ends')}</dt><dd>${dayAndTime(order.expires, this.zone)}</dd></div>
        <div><dt>${t('explain-issuer')}</dt><dd>${[order.issuer, ...order.approvals].join(', ')}</dd></div>
        ${order.why_not_narrower ? html`<div><dt>${t('order-why')}</dt><dd>${order.why_not_narrower}</dd></div>` : nothing}
        ${order.review_due ? html`<div><dt>${t('order-review-due')}</dt><dd>${dayAndTime(order.review_due, this.zone)}</dd></div>` : nothing}
      </dl>
      <p class="order-text">${order.public_text[texts.language === 'en' ? 'en' : 'ru']}</p>
      ${order.withheld ? html`<p class="quiet">${t('order-withheld')}: ${t(`withheld-${order.withheld}`)}</p>` : nothing}
    </section>`;
  }
}

customElements.define('visit-explained', VisitExplained);
