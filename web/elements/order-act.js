/**
 * @file `<order-act>`: one deed on one signed order, in a dialog: lift, renew, review, deliver its
 * notices, or look at its receipts.
 *
 * Guarantees: Escape leaves everything as it was; a refusal or an ended session keeps what was
 * typed; the secret is read once. Tells `orders-changed` with the words for what was done,
 * `draft-made` with a renewal's draft, `session-ended`.
 */

import { html, nothing } from '../vendor/lit.js';
import { dayAndTime } from '../moments.js';
import { LONGEST_HOURS, scopeWords } from '../orders.js';
import { get, isLoggedOut, post, RestError } from '../rest.js';
import { errorBox } from '../staff.js';
import { t } from '../texts.js';
import { ParloirElement } from './element.js';
import './expiry-choice.js';
import { problem, secretField, takeSecret, valueOf } from './fields.js';
import './notice-list.js';
import './order-enforcement.js';

/**
 * @typedef {import('../orders.js').Order} Order
 * @typedef {'lift' | 'renew' | 'review' | 'notices' | 'proof'} Deed
 */

export class OrderAct extends ParloirElement {
  static properties = {
    me: { attribute: false },
    clock: { attribute: false },
    order: { state: true },
    deed: { state: true },
    words: { state: true },
    expires: { state: true },
    notices: { state: true },
    working: { state: true },
    problems: { state: true },
    error: { state: true },
  };

  constructor() {
    super();
    /** @type {import('../rest.js').Me | null} */
    this.me = null;
    /** @type {import('../moments.js').RelayClock | null} */
    this.clock = null;
    /** @type {Order | null} */
    this.order = null;
    /** @type {Deed} */
    this.deed = 'lift';
    this.words = '';
    /** @type {string | null} */
    this.expires = null;
    /** @type {import('../orders.js').Notice[] | null} */
    this.notices = null;
    this.working = false;
    /** @type {Partial<Record<string, string>>} */
    this.problems = {};
    /** @type {unknown} */
    this.error = null;
  }

  /**
   * Ask about this deed on this order.
   * @param {Deed} deed
   * @param {Order} order
   */
  async ask(deed, order) {
    Object.assign(this, { deed, order, words: '', expires: null, notices: null, problems: {}, error: null });
    await this.updateComplete;
    this.querySelector('dialog')?.showModal();
    if (deed === 'notices') await this.#attempt(async () => void (this.notices = await get(`orders/${order.id}/notices`)));
  }

  /** @param {() => Promise<void>} deed */
  async #attempt(deed) {
    this.working = true;
    this.error = null;
    this.problems = {};
    try {
      await deed();
    } catch (error) {
      if (isLoggedOut(error)) this.tell('session-ended');
      const code = error instanceof RestError ? error.code : '';
      if (code.startsWith('KEY_') || code === 'SECRET_REQUIRED') this.problems = { secret: t(`error-${code}`) };
      else this.error = error;
      await this.updateComplete;
      /** @type {HTMLElement | null} */ (this.querySelector('[aria-invalid=true]'))?.focus();
    }
    this.working = false;
  }

  /** @param {Order} order */
  async #lift(order) {
    const secret = takeSecret(this);
    await this.#attempt(async () => {
      /** @type {Order} */
      const after = await post(`orders/${order.id}/lift`, { comment: this.words.trim(), secret });
      this.#done(t(after.state === 'LIFTED' ? 'order-lift-done' : 'order-lift-waits'));
    });
  }

  /** @param {Order} order */
  async #review(order) {
    if (!this.words.trim()) return void (this.problems = { words: t('problem-note') });
    await this.#attempt(async () => {
      await post(`orders/${order.id}/review`, { note: this.words.trim() });
      this.#done(t('order-review-done'));
    });
  }

  /** @param {Order} order */
  async #renew(order) {
    if (!this.expires) return void (this.problems = { expires: t('problem-expires') });
    await this.#attempt(async () => {
      const draft = await post(`orders/${order.id}/renew`, { expires: this.expires });
      this.#close();
      this.tell('draft-made', draft);
    });
  }

  /** @param {CustomEvent<import('../orders.js').Notice>} event */
  async #told(event) {
    event.stopPropagation(); // told here, once
    await this.#attempt(async () => {
      await post(`orders/notices/${event.detail.id}/delivered`);
      this.notices = await get(`orders/${this.order?.id}/notices`);
      this.tell('orders-changed', '');
    });
  }

  /** @param {string} words */
  #done(words) {
    this.#close();
    this.tell('orders-changed', words);
  }

  #close() {
    this.querySelector('dialog')?.close();
  }

  /** @override */
  render() {
    const { order, deed } = this;
    return html`<dialog class="dialog ${deed === 'notices' ? 'dialog-wide' : ''}" aria-labelledby="act-title" @close=${() => (this.order = null)}>
      ${order
        ? html`<h2 id="act-title">${t(`act-${deed}`)}</h2>
            <p>${scopeWords(order.scope_labels)} <span class="quiet">${t('order-until', { when: dayAndTime(order.expires, this.me?.facility.timezone) })}</span></p>
            ${this.error ? errorBox(this.error) : nothing}
            ${this.#page(order)}`
        : nothing}
    </dialog>`;
  }

  /** @param {Order} order */
  #page(order) {
    switch (this.deed) {
      case 'lift':
        return html`<p>${t(order.order_class === 'NARROW' || order.emergency ? 'act-lift-hint' : 'act-lift-hint-two')}</p>
          ${this.#text('order-lift-comment', 'order-lift-comment')} ${secretField(this.problems.secret, 'lift-secret')}
          ${this.#buttons('order-lift-confirm', () => this.#lift(order))}`;
      case 'review':
        return html`<p>${t('act-review-hint')}</p> ${this.#text('order-review-note', 'review-note')}
          ${this.#buttons('order-review-confirm', () => this.#review(order))}`;
      case 'renew':
        return html`<p>${t('act-renew-hint')}</p>
          <div @expiry-chosen=${(/** @type {CustomEvent} */ event) => (this.expires = event.detail)}>
            <expiry-choice .zone=${this.me?.facility.timezone} .now=${() => this.clock?.now() ?? Date.now()} .from=${order.expires} .chosen=${this.expires}
              .longestHours=${LONGEST_HOURS[/** @type {keyof typeof LONGEST_HOURS} */ (order.order_class)]} .problem=${this.problems.expires ?? ''}></expiry-choice></div>
          ${this.#buttons('order-renew-confirm', () => this.#renew(order))}`;
      case 'notices':
        return html`${this.#notices()} ${this.#leave()}`;
      default:
        return html`<order-enforcement .order=${order} .reached=${order.visits_cut.length} .zone=${this.me?.facility.timezone}></order-enforcement> ${this.#leave()}`;
    }
  }

  /**
   * @param {string} label
   * @param {string} testid
   */
  #text(label, testid) {
    return html`<label class="field"><span>${t(label)}</span>
        <textarea rows="2" maxlength="500" data-testid=${testid} .value=${this.words} aria-invalid=${this.problems.words !== undefined}
          aria-describedby="act-words-problem" @input=${(/** @type {Event} */ event) => (this.words = valueOf(event))}></textarea></label>
      ${problem('act-words-problem', this.problems.words)}`;
  }

  /**
   * @param {string} name of the words and for tests
   * @param {() => void} deed
   */
  #buttons(name, deed) {
    return html`<div class="buttons">
      <button type="button" class="button button-main" data-testid=${name} ?disabled=${this.working} @click=${deed}>${t(name)}</button>
      <button type="button" class="button" data-testid="act-cancel" @click=${this.#close}>${t('cancel')}</button>
    </div>`;
  }

  #leave() {
    return html`<div class="buttons"><button type="button" class="button" data-testid="act-cancel" @click=${this.#close}>${t('close')}</button></div>`;
  }

  #notices() {
    if (!this.notices) return html`<p class="working" role="status">${t('loading')}</p>`;
    return html`<notice-list .notices=${this.notices} .me=${this.me} .empty=${t('notices-none')} .working=${this.working}
      @notice-told=${this.#told}></notice-list>`;
  }
}

customElements.define('order-act', OrderAct);
