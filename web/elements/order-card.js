/**
 * @file `<order-card>`: one signed order: whom, why, until when, by whom, when it is looked at
 * again; what somebody of this role may do with it.
 *
 * Tells `order-act` with the deed (`lift`, `renew`, `review`, `notices`, `proof`) and the order.
 */

import { html, nothing } from '../vendor/lit.js';
import { dayAndTime, stopwatch } from '../moments.js';
import { HOUR_MS, scopeWords } from '../orders.js';
import { powerAfterOrder } from '../power.js';
import { t, texts } from '../texts.js';
import { ParloirElement } from './element.js';

const MAY_REVIEW = ['administrator', 'approver', 'oversight'];

export class OrderCard extends ParloirElement {
  static properties = {
    order: { attribute: false },
    group: { attribute: false },
    me: { attribute: false },
    clock: { attribute: false },
  };

  constructor() {
    super();
    /** @type {import('../orders.js').Order | null} */
    this.order = null;
    this.group = '';
    /** @type {import('../rest.js').Me | null} */
    this.me = null;
    /** @type {import('../moments.js').RelayClock | null} */
    this.clock = null;
  }

  /** @override */
  render() {
    const { order } = this;
    if (!order) return nothing;
    return html`<article class="order" data-testid="order-row" data-order=${order.id} data-state=${order.state} data-group=${this.group}>
      <div class="order-head">
        <h4 class="order-scope">${scopeWords(order.scope_labels)}</h4>
        ${this.#state(order)}
      </div>
      <p>${t(`order-reason-${order.reason_code}`)} · ${order.legal_basis}</p>
      <p class="order-text">${order.public_text[texts.language === 'en' ? 'en' : 'ru']}</p>
      ${this.#warnings(order)}
      <p class="quiet">${this.#times(order)}</p>
      <p class="quiet">${this.#people(order)}</p>
      ${order.grace_s ? html`<p class="quiet">${t('order-grace')}: ${t('order-grace-minutes', { minutes: order.grace_s / 60 })}</p>` : nothing}
      ${this.#review(order)}
      ${order.why_not_narrower ? html`<p class="quiet">${t('order-why')}: ${order.why_not_narrower}</p>` : nothing}
      ${order.visits_cut.length > 0
        ? html`<p class="quiet">${t('order-cut', { count: order.visits_cut.length, visits: order.visits_cut.map((cut) => cut.reference).join(', ') })}</p>`
        : nothing}
      ${powerAfterOrder(order.power)}
      ${this.#buttons(order)}
    </article>`;
  }

  /** @param {import('../orders.js').Order} order */
  #state(order) {
    const mark = { expiring: '▲', active: '●', pending: '◆', ended: '○' }[this.group] ?? '○';
    return html`<p class="order-mark" data-group=${this.group}><span aria-hidden="true">${mark}</span>
      ${this.group === 'expiring' ? t('order-state-expiring') : t(`order-state-${order.state}`)}
      <span class="quiet">· ${t(`order-class-${order.emergency ? 'EMERGENCY' : order.order_class}`)}</span></p>`;
  }

  /** @param {import('../orders.js').Order} order */
  #warnings(order) {
    const words = [
      order.protected.length > 0 ? t('order-protected', { types: order.protected.map((type) => t(`visit-type-${type}`)).join(', ') }) : '',
      order.withheld ? `${t('order-withheld')}: ${t(`withheld-${order.withheld}`)}` : '',
      order.lift_asked_by.length > 0 && this.group !== 'ended' ? t('order-lift-asked', { people: order.lift_asked_by.join(', ') }) : '',
    ].filter(Boolean);
    return words.map((one) => html`<p class="notice-box notice-warn"><span aria-hidden="true">▲</span> ${one}</p>`);
  }

  /** @param {import('../orders.js').Order} order */
  #times(order) {
    const zone = this.me?.facility.timezone;
    if (order.state === 'LIFTED' && order.lifted_at) {
      const lifted = t('order-lifted', { who: order.lifted_by ?? '', when: dayAndTime(order.lifted_at, zone) });
      return order.comment ? `${lifted} · ${order.comment}` : lifted;
    }
    const begins = order.state === 'PENDING' ? `${t('order-from', { when: dayAndTime(order.not_before, zone) })} · ` : '';
    const until = `${begins}${t('order-until', { when: dayAndTime(order.expires, zone) })}`;
    const left = Date.parse(order.expires) - (this.clock?.now() ?? Date.now());
    if (order.state !== 'ACTIVE' || left <= 0 || left > 24 * HOUR_MS) return until;
    return html`${until} · <strong>${t('order-left', { time: stopwatch(left) })}</strong>`;
  }

  /** @param {import('../orders.js').Order} order */
  #people(order) {
    const issued = t('order-issued', { who: order.issuer, when: dayAndTime(order.issued, this.me?.facility.timezone) });
    const approved = order.approvals.length > 0 ? ` · ${t('order-approved-by', { people: order.approvals.join(', ') })}` : '';
    const renews = order.renews ? ` · ${t('order-renews', { order: order.renews })}` : '';
    const renewed = order.renewed_by ? ` · ${t('order-renewed-by', { order: order.renewed_by })}` : '';
    return html`${issued}${approved}${renews}${renewed} · <code>${order.id}</code>`;
  }

  /** @param {import('../orders.js').Order} order */
  #review(order) {
    const last = order.reviews.at(-1);
    const zone = this.me?.facility.timezone;
    return html`
      ${order.review_overdue
        ? html`<p class="notice-box notice-warn" data-testid="review-overdue"><span aria-hidden="true">▲</span>
            ${t('order-review-overdue', { when: dayAndTime(order.review_due ?? '', zone) })}</p>`
        : order.review_due && this.group !== 'ended'
          ? html`<p class="quiet">${t('order-review-due')}: ${dayAndTime(order.review_due, zone)}</p>`
          : nothing}
      ${last ? html`<p class="quiet">${t('order-reviewed', { person: last.person, when: dayAndTime(last.at, zone) })} ${last.note}</p>` : nothing}`;
  }

  /** @param {import('../orders.js').Order} order */
  #buttons(order) {
    const role = this.me?.role ?? '';
    const stands = this.group !== 'ended';
    const reviewable = MAY_REVIEW.includes(role) && order.desk_state !== null && (stands || order.review_overdue);
    const renewable = role === 'administrator' && stands && !order.emergency && ['SIGNED', 'ENFORCED'].includes(order.desk_state ?? '');
    return html`<div class="order-buttons">
      ${stands && MAY_REVIEW.includes(role) ? this.#button('lift', order) : nothing}
      ${renewable ? this.#button('renew', order) : nothing}
      ${reviewable ? this.#button('review', order) : nothing}
      ${order.notices > 0 ? this.#button('notices', order, t('order-notices', { delivered: order.notices_delivered, count: order.notices })) : nothing}
      ${this.#button('proof', order)}
    </div>`;
  }

  /**
   * @param {'lift' | 'renew' | 'review' | 'notices' | 'proof'} deed
   * @param {import('../orders.js').Order} order
   * @param {string} [words]
   */
  #button(deed, order, words = t(`order-${deed}`)) {
    return html`<button type="button" class="button" data-testid="order-${deed}" @click=${() => this.tell('order-act', { deed, order })}>
      ${words}<span class="visually-hidden"> ${scopeWords(order.scope_labels)}</span></button>`;
  }
}

customElements.define('order-card', OrderCard);
