/**
 * @file `<visit-over>`: why there is no call: ended, refused or impossible, and what to do.
 *
 * Guarantees: the reason in words, the order's own text in the reader's language, until when in
 * the reader's own zone, who decided, and the next step. Tells `visit-join`, `visit-reconsider`.
 */

import { html, nothing } from '../vendor/lit.js';
import { dayAndTime } from '../moments.js';
import { t, texts } from '../texts.js';
import { ParloirElement } from './element.js';
import { icon } from './icon.js';

/** Refusals that may pass within the visit's own time: trying again makes sense. */
const PASSING = new Set([
  'FACTS_MISSING',
  'OTHER',
  'RECORDING_UNAVAILABLE',
  'TERMINAL_OUT_OF_SERVICE',
  'NO_ADULT',
  'NON_ASSOCIATION',
]);

export class VisitOver extends ParloirElement {
  static properties = {
    visit: { attribute: false },
    refusals: { attribute: false },
    code: { attribute: false },
    appeals: { attribute: false },
    revision: { attribute: false },
  };

  constructor() {
    super();
    /** @type {import('../protocol.js').VisitView | null} */
    this.visit = null;
    /** @type {import('../protocol.js').Refusal[]} */
    this.refusals = [];
    /** What `data-state` says: outcome, refusal or the line's close code. */
    this.code = '';
    /** Orders appealed against already: by when each is decided. @type {Map<string, string>} */
    this.appeals = new Map();
    /** Changes whenever the visit or its appeals do. */
    this.revision = 0;
  }

  /** @override */
  render() {
    if (this.code === 'NOTICE_NOT_ACCEPTED') return this.#declined();
    const [first, ...others] = this.refusals;
    return html`<section class="card over" aria-labelledby="over-title">
      <div class="over-mark">${icon(this.visit?.state === 'ENDED' ? 'clock' : 'info')}</div>
      <h2 id="over-title" tabindex="-1">${reasonWords(this.code)}</h2>
      ${this.visit?.termination
        ? html`<dl class="facts">${fact(t('over-why'), t(`termination-${this.visit.termination}`))}</dl>`
        : nothing}
      ${first ? this.#details(first) : nothing}
      ${this.#givenBack()}
      ${this.#todo()}
      ${others.length > 0
        ? html`<ul class="over-others">${others.map((other) => this.#other(other))}</ul>`
        : nothing}
      ${this.#again()}
      ${this.visit ? html`<p class="quiet">${t('over-reference', { reference: this.visit.reference })}</p>` : nothing}
    </section>`;
  }

  #declined() {
    return html`<section class="card over" aria-labelledby="over-title">
      <div class="over-mark">${icon('info')}</div>
      <h2 id="over-title" tabindex="-1">${t('notice-refused-title')}</h2>
      <p>${t('notice-refused')}</p>
      <div class="buttons">
        <button type="button" class="button" data-testid="reconsider" @click=${() => this.tell('visit-reconsider')}>
          ${t('notice-reconsider')}
        </button>
      </div>
    </section>`;
  }

  /** @param {import('../protocol.js').Refusal} refusal */
  #details(refusal) {
    const words = refusal.public_text?.[texts.language] ?? Object.values(refusal.public_text ?? {})[0];
    const facts = [
      refusal.reason_code ? fact(t('over-why'), t(`order-reason-${refusal.reason_code}`)) : null,
      refusal.until ? fact(t('over-until'), dayAndTime(refusal.until)) : null,
      refusal.decided_by ? fact(t('over-decided-by'), refusal.decided_by) : null,
    ].filter((one) => one !== null);
    return html`
      ${words ? html`<blockquote class="over-text">${words}</blockquote>` : nothing}
      ${facts.length > 0 ? html`<dl class="facts">${facts}</dl>` : nothing}
      ${refusal.order ? this.#appeal(refusal.order) : nothing}`;
  }

  /** @param {string} order */
  #appeal(order) {
    const due = this.appeals.get(order);
    if (due) return html`<p class="notice-box" role="status">${t('appeal-filed', { due: dayAndTime(due) })}</p>`;
    return html`<div class="buttons"><button type="button" class="button" data-testid="appeal"
      @click=${() => this.tell('visit-appeal', order)}>${t('appeal-file')}</button></div>
      <p class="quiet">${t('appeal-hint')}</p>`;
  }

  /** One more reason, until when, and what to do about it. @param {import('../protocol.js').Refusal} refusal */
  #other(refusal) {
    return html`<li>${reasonWords(refusal.code)}
      ${refusal.until ? html`<dl class="facts">${fact(t('over-until'), dayAndTime(refusal.until))}</dl>` : nothing}
      <p class="quiet">${texts.find(`todo-${refusal.code}`) ?? nothing}</p></li>`;
  }

  #givenBack() {
    const minutes = Math.round(this.visit?.minutes_given_back ?? 0);
    if (minutes <= 0) return nothing;
    return html`<p class="notice-box">${t('over-given-back', { minutes })}</p>`;
  }

  #todo() {
    const todo = texts.find(`todo-${this.code}`);
    if (!todo) return nothing;
    return html`<h3>${t('over-what-now')}</h3><p>${todo}</p>`;
  }

  #again() {
    if (this.code === 'REPLACED' || this.code === 'VERSION_UNSUPPORTED' || this.code === 'FAILED') {
      return html`<div class="buttons"><button type="button" class="button" @click=${() => location.reload()}>
        ${t('over-reload')}</button></div>`;
    }
    const passing = PASSING.has(this.code) && this.refusals.every((one) => PASSING.has(one.code));
    if (this.visit?.state === 'ENDED' || !passing) return nothing;
    return html`<div class="buttons"><button type="button" class="button button-main" data-testid="join"
      @click=${() => this.tell('visit-join')}>${t('over-try-again')}</button></div>`;
  }
}

/**
 * The words for an outcome, a refusal or the line's own end.
 * @param {string} code
 */
export function reasonWords(code) {
  return (
    texts.find(`outcome-${code}`) ?? texts.find(`reason-${code}`) ?? texts.find(`line-${code}`) ?? t('reason-OTHER')
  );
}

/**
 * @param {string} name
 * @param {string} value
 */
const fact = (name, value) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;

customElements.define('visit-over', VisitOver);
