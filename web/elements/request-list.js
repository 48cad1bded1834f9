/**
 * @file `<request-list>`: complaints and applications made in the booths, open ones first, each with
 * the day of its answer; an administrator answers in words that the person reads there.
 *
 * Tells `request-answered` when one was, `session-ended`.
 */

import { html, nothing } from '../vendor/lit.js';
import { dayAndTime } from '../moments.js';
import { isLoggedOut, post } from '../rest.js';
import { errorBox } from '../staff.js';
import { t } from '../texts.js';
import { ParloirElement } from './element.js';
import { problem, valueOf } from './fields.js';

/** @typedef {import('../staff.js').BoothRequest} BoothRequest */

export class RequestList extends ParloirElement {
  static properties = {
    requests: { attribute: false },
    zone: { attribute: false },
    answering: { state: true },
    granted: { state: true },
    words: { state: true },
    working: { state: true },
    problems: { state: true },
    error: { state: true },
  };

  constructor() {
    super();
    /** @type {BoothRequest[]} */
    this.requests = [];
    this.zone = 'UTC';
    /** @type {BoothRequest | null} */
    this.answering = null;
    this.granted = '';
    this.words = '';
    this.working = false;
    /** @type {Partial<Record<string, string>>} */
    this.problems = {};
    /** @type {unknown} */
    this.error = null;
  }

  /** @param {BoothRequest} request */
  async #ask(request) {
    Object.assign(this, { answering: request, granted: '', words: '', problems: {}, error: null });
    await this.updateComplete;
    this.querySelector('dialog')?.showModal();
  }

  async #answer() {
    const request = this.answering;
    this.problems = {
      ...(this.granted ? {} : { granted: t('problem-outcome') }),
      ...(this.words.trim() ? {} : { words: t('problem-grounds') }),
    };
    if (!request || Object.keys(this.problems).length > 0) return;
    this.working = true;
    this.error = null;
    try {
      await post(`requests/${request.id}/answer`, { granted: this.granted === 'yes', answer: this.words.trim() });
      this.querySelector('dialog')?.close();
      this.tell('request-answered');
    } catch (error) {
      if (isLoggedOut(error)) this.tell('session-ended');
      this.error = error;
    }
    this.working = false;
  }

  /** @override */
  render() {
    return html`${this.requests.length === 0
        ? html`<p class="empty">${t('requests-none')}</p>`
        : html`<ul class="orders">${this.requests.map((request) => this.#request(request))}</ul>`}
      <dialog class="dialog" aria-labelledby="request-title" @close=${() => (this.answering = null)}>${this.answering ? this.#question(this.answering) : nothing}</dialog>`;
  }

  /** @param {BoothRequest} request */
  #request(request) {
    const open = request.answered === null;
    return html`<li class="order" data-testid="request-row" data-request=${request.id} ?data-open=${open} ?data-overdue=${request.overdue}>
      <div class="order-head">
        <h3 class="order-scope">${t(`request-${request.kind}`)} · ${request.inmate}</h3>
        <p class="order-mark" data-group=${request.overdue ? 'expiring' : 'active'}>
          <span aria-hidden="true">${open ? (request.overdue ? '▲' : '◆') : '○'}</span>
          ${open
            ? t(request.overdue ? 'request-overdue' : 'request-due', { when: dayAndTime(request.due, this.zone) })
            : t(request.granted ? 'request-granted' : 'request-refused')}</p>
      </div>
      <p>${this.#about(request)}</p>
      <p class="quiet">${t('appeal-filed', { when: dayAndTime(request.filed, this.zone) })}</p>
      ${request.answered
        ? html`<p class="quiet">${t('appeal-decided', { who: request.answered_by ?? '', when: dayAndTime(request.answered, this.zone) })} ${request.answer}</p>`
        : html`<div class="order-buttons"><button type="button" class="button" data-testid="request-answer" @click=${() => this.#ask(request)}>
            ${t('request-answer')}<span class="visually-hidden"> ${request.inmate}</span></button></div>`}
    </li>`;
  }

  /** @param {BoothRequest} request */
  #about(request) {
    return request.kind === 'COMPLAINT'
      ? t('request-about-visit', { reference: request.visit ?? '', reason: t(`complaint-${request.reason}`) })
      : t('request-for-visitor', { visitor: request.visitor ?? '' });
  }

  /** @param {BoothRequest} request */
  #question(request) {
    const { problems } = this;
    return html`<h2 id="request-title">${t(`request-${request.kind}`)}</h2>
      <p>${request.inmate} · ${this.#about(request)}</p>
      ${this.error ? errorBox(this.error) : nothing}
      <label class="field"><span>${t('appeal-outcome')}</span>
        <select data-testid="request-granted" aria-invalid=${problems.granted !== undefined} aria-describedby="granted-problem"
          @change=${(/** @type {Event} */ event) => (this.granted = valueOf(event))}>
          <option value="" ?selected=${this.granted === ''}>${t('choose')}</option>
          <option value="yes" ?selected=${this.granted === 'yes'}>${t('request-granted')}</option>
          <option value="no" ?selected=${this.granted === 'no'}>${t('request-refused')}</option>
        </select></label>
      ${problem('granted-problem', problems.granted)}
      <label class="field"><span>${t('request-words')}</span>
        <textarea rows="3" maxlength="500" data-testid="request-words" .value=${this.words} aria-invalid=${problems.words !== undefined}
          aria-describedby="words-problem" @input=${(/** @type {Event} */ event) => (this.words = valueOf(event))}></textarea></label>
      ${problem('words-problem', problems.words)}
      <div class="buttons">
        <button type="button" class="button button-main" data-testid="request-confirm" ?disabled=${this.working} @click=${this.#answer}>${t('request-answer')}</button>
        <button type="button" class="button" @click=${() => this.querySelector('dialog')?.close()}>${t('cancel')}</button>
      </div>`;
  }
}

customElements.define('request-list', RequestList);
