/**
 * @file `<appeal-list>`: appeals against orders, open ones first, each with its clock; whoever did
 * not decide the order decides the appeal.
 *
 * Tells `appeal-decided` when one was, `session-ended`.
 */

import { html, nothing } from '../vendor/lit.js';
import { dayAndTime, stopwatch } from '../moments.js';
import { isLoggedOut, post, RestError } from '../rest.js';
import { errorBox } from '../staff.js';
import { t } from '../texts.js';
import { TickingElement } from './element.js';
import { problem, secretField, takeSecret, valueOf } from './fields.js';

const OUTCOMES = Object.freeze(['UPHELD', 'LIFTED', 'NARROWED']);

/** @typedef {import('../orders.js').Appeal} Appeal */

export class AppealList extends TickingElement {
  static properties = {
    appeals: { attribute: false },
    clock: { attribute: false },
    zone: { attribute: false },
    deciding: { state: true },
    outcome: { state: true },
    grounds: { state: true },
    replacement: { state: true },
    working: { state: true },
    problems: { state: true },
    error: { state: true },
  };

  constructor() {
    super();
    /** @type {Appeal[]} */
    this.appeals = [];
    /** @type {import('../moments.js').RelayClock | null} */
    this.clock = null;
    this.zone = 'UTC';
    /** @type {Appeal | null} */
    this.deciding = null;
    this.outcome = '';
    this.grounds = '';
    this.replacement = '';
    this.working = false;
    /** @type {Partial<Record<string, string>>} */
    this.problems = {};
    /** @type {unknown} */
    this.error = null;
  }

  /** @param {Appeal} appeal */
  async #ask(appeal) {
    Object.assign(this, { deciding: appeal, outcome: '', grounds: '', replacement: '', problems: {}, error: null });
    await this.updateComplete;
    this.querySelector('dialog')?.showModal();
  }

  async #decide() {
    const appeal = this.deciding;
    this.problems = {
      ...(this.outcome ? {} : { outcome: t('problem-outcome') }),
      ...(this.grounds.trim() ? {} : { grounds: t('problem-grounds') }),
    };
    if (!appeal || Object.keys(this.problems).length > 0) return;
    const secret = takeSecret(this);
    this.working = true;
    this.error = null;
    try {
      const replacement = this.outcome === 'NARROWED' ? this.replacement.trim() || null : null;
      await post(`appeals/${appeal.id}/decide`, { outcome: this.outcome, grounds: this.grounds.trim(), replacement, secret });
      this.querySelector('dialog')?.close();
      this.tell('appeal-decided');
    } catch (error) {
      if (isLoggedOut(error)) this.tell('session-ended');
      const code = error instanceof RestError ? error.code : '';
      if (code.startsWith('KEY_') || code === 'SECRET_REQUIRED') this.problems = { secret: t(`error-${code}`) };
      else this.error = error;
    }
    this.working = false;
  }

  /** @override */
  render() {
    return html`${this.appeals.length === 0
        ? html`<p class="empty">${t('appeals-none')}</p>`
        : html`<ul class="orders">${this.appeals.map((appeal) => this.#appeal(appeal))}</ul>`}
      <dialog class="dialog" aria-labelledby="appeal-title" @close=${() => (this.deciding = null)}>${this.deciding ? this.#question(this.deciding) : nothing}</dialog>`;
  }

  /** @param {Appeal} appeal */
  #appeal(appeal) {
    const left = Date.parse(appeal.due) - (this.clock?.now() ?? Date.now());
    const open = appeal.outcome === null;
    return html`<li class="order" data-testid="appeal-row" data-appeal=${appeal.id} ?data-open=${open} ?data-overdue=${appeal.overdue}>
      <div class="order-head">
        <h3 class="order-scope">${t('appeal-against', { order: appeal.order })}</h3>
        <p class="order-mark" data-group=${open && appeal.overdue ? 'expiring' : 'active'}>
          <span aria-hidden="true">${appeal.outcome ? '○' : appeal.overdue ? '▲' : '◆'}</span>
          ${appeal.outcome
            ? t(`appeal-outcome-${appeal.outcome}`)
            : appeal.overdue
              ? t('appeal-overdue', { when: dayAndTime(appeal.due, this.zone) })
              : t('appeal-left', { time: stopwatch(left) })}</p>
      </div>
      <p>${appeal.text}</p>
      <p class="quiet">${t(`party-${appeal.party}`)} · ${t('appeal-filed', { when: dayAndTime(appeal.filed, this.zone) })}</p>
      ${appeal.decided ? html`<p class="quiet">${t('appeal-decided', { who: appeal.decided_by ?? '', when: dayAndTime(appeal.decided, this.zone) })} ${appeal.grounds}</p>` : nothing}
      ${appeal.may_decide
        ? html`<div class="order-buttons"><button type="button" class="button" data-testid="appeal-decide" @click=${() => this.#ask(appeal)}>
            ${t('appeal-decide')}<span class="visually-hidden"> ${appeal.order}</span></button></div>`
        : nothing}
    </li>`;
  }

  /** @param {Appeal} appeal */
  #question(appeal) {
    const { problems } = this;
    return html`<h2 id="appeal-title">${t('appeal-decide-title', { order: appeal.order })}</h2>
      <blockquote>${appeal.text}</blockquote>
      ${this.error ? errorBox(this.error) : nothing}
      <label class="field"><span>${t('appeal-outcome')}</span>
        <select data-testid="appeal-outcome" aria-invalid=${problems.outcome !== undefined} aria-describedby="outcome-problem"
          @change=${(/** @type {Event} */ event) => (this.outcome = valueOf(event))}>
          <option value="" ?selected=${this.outcome === ''}>${t('choose')}</option>
          ${OUTCOMES.map((one) => html`<option value=${one} ?selected=${this.outcome === one}>${t(`appeal-outcome-${one}`)}</option>`)}
        </select></label>
      ${problem('outcome-problem', problems.outcome)}
      ${this.outcome === 'NARROWED'
        ? html`<label class="field"><span>${t('appeal-replacement')}</span><input autocomplete="off" data-testid="appeal-replacement" .value=${this.replacement}
            @input=${(/** @type {Event} */ event) => (this.replacement = valueOf(event))}></label>`
        : nothing}
      <label class="field"><span>${t('appeal-grounds')}</span>
        <textarea rows="3" maxlength="500" data-testid="appeal-grounds" .value=${this.grounds} aria-invalid=${problems.grounds !== undefined}
          aria-describedby="grounds-problem" @input=${(/** @type {Event} */ event) => (this.grounds = valueOf(event))}></textarea></label>
      ${problem('grounds-problem', problems.grounds)}
      ${this.outcome === 'LIFTED' || this.outcome === 'NARROWED' ? secretField(problems.secret, 'appeal-secret') : nothing}
      <div class="buttons">
        <button type="button" class="button button-main" data-testid="appeal-confirm" ?disabled=${this.working} @click=${this.#decide}>${t('appeal-decide')}</button>
        <button type="button" class="button" @click=${() => this.querySelector('dialog')?.close()}>${t('cancel')}</button>
      </div>`;
  }
}

customElements.define('appeal-list', AppealList);
