/**
 * @file `<order-form>`: a new suspension order on one page: scope, term, protected types,
 * reason and words on the left; their impact, the preview and the signature on the right.
 *
 * Guarantees: nothing is signed unless the person has typed the number of visits that the relay
 * counted for exactly this order; any change asks the relay again and empties that field.
 * Tells `order-signed` with the order, `order-abandoned`.
 */

import { html, live, nothing } from '../vendor/lit.js';
import { leaveIfLoggedOut, post, RestError } from '../rest.js';
import { errorBox } from '../staff.js';
import { t } from '../texts.js';
import { ORDER_REASONS, PROTECTED_TYPES } from '../vocabulary.js';
import { ParloirElement } from './element.js';
import './expiry-choice.js';
import './order-impact.js';
import './order-preview.js';
import './protected-choice.js';
import { isWide } from './scope-choice.js';

/** Longest terms of the three classes of order, in hours. */
const LONGEST = { narrow: 30 * 24, wide: 7 * 24, protected: 72 };
const SETTLED_MS = 250;

/** @typedef {import('../staff.js').Impact} Impact */
/** @typedef {'scope' | 'expires' | 'reason' | 'basis' | 'words' | 'count'} FieldName */

export class OrderForm extends ParloirElement {
  static properties = {
    directory: { attribute: false },
    me: { attribute: false },
    clock: { attribute: false },
    draft: { state: true },
    impact: { state: true },
    counting: { state: true },
    signing: { state: true },
    problems: { state: true },
    error: { state: true },
  };

  constructor() {
    super();
    /** @type {import('../staff.js').Directory | null} */
    this.directory = null;
    /** @type {import('../rest.js').Me | null} */
    this.me = null;
    /** @type {import('../moments.js').RelayClock | null} */
    this.clock = null;
    this.draft = {
      /** @type {Record<string, string[]> | null} */ scope: null,
      /** @type {string | null} */ expires: null,
      /** @type {readonly string[]} */ protected: [],
      reason: '',
      basis: '',
      ru: '',
      en: '',
      count: '',
    };
    /** @type {Impact | null} */
    this.impact = null;
    this.counting = false;
    this.signing = false;
    /** @type {Partial<Record<FieldName, string>>} */
    this.problems = {};
    /** @type {unknown} */
    this.error = null;
  }

  /** @type {number | undefined} */
  #settling;
  #counts = 0;

  get #longest() {
    if (this.draft.protected.length > 0) return LONGEST.protected;
    return isWide(this.draft.scope) ? LONGEST.wide : LONGEST.narrow;
  }

  /**
   * A change of words; what the order does stays the same.
   * @param {Partial<OrderForm['draft']>} change
   */
  #change(change) {
    this.draft = { ...this.draft, ...change };
  }

  /**
   * A change of what the order does: the numbers and their confirmation are void.
   * @param {Partial<OrderForm['draft']>} change
   */
  #changeEffect(change) {
    this.#change({ ...change, count: '' });
    this.impact = null;
    clearTimeout(this.#settling);
    this.#counts += 1;
    this.counting = this.draft.scope !== null && this.draft.expires !== null;
    if (this.counting) this.#settling = window.setTimeout(() => this.#count(), SETTLED_MS);
  }

  get #effect() {
    const { scope, expires } = this.draft;
    return { scope, protected: this.draft.protected, not_before: null, expires };
  }

  async #count() {
    const count = this.#counts;
    this.error = null;
    try {
      /** @type {Impact} */
      const impact = await post('orders/impact', this.#effect);
      if (count === this.#counts) this.impact = impact;
    } catch (error) {
      if (count === this.#counts) this.#failed(error);
    }
    if (count === this.#counts) this.counting = false;
  }

  async #sign() {
    this.problems = this.#check();
    if (Object.keys(this.problems).length > 0) {
      await this.updateComplete;
      /** @type {HTMLElement | null} */ (this.querySelector('[aria-invalid=true]'))?.focus();
      return;
    }
    this.signing = true;
    this.error = null;
    try {
      const order = await post('orders', {
        ...this.#effect,
        reason_code: this.draft.reason,
        legal_basis: this.draft.basis.trim(),
        public_text: { ru: this.draft.ru.trim(), en: this.draft.en.trim() },
        confirm_visits: Number(this.draft.count),
      });
      this.tell('order-signed', order);
    } catch (error) {
      this.#failed(error);
    }
    this.signing = false;
  }

  #check() {
    const { draft, impact } = this;
    /** @type {Partial<Record<FieldName, string>>} */
    const problems = {};
    if (!draft.scope) problems.scope = t('problem-scope');
    if (!draft.expires) problems.expires = t('problem-expires');
    else {
      const hours = (Date.parse(draft.expires) - (this.clock?.now() ?? Date.now())) / 3_600_000;
      if (hours <= 0) problems.expires = t('problem-expires-past');
      if (hours > this.#longest) problems.expires = t('problem-expires-long');
    }
    if (!draft.reason) problems.reason = t('problem-reason');
    if (!draft.basis.trim()) problems.basis = t('problem-basis');
    if (!draft.ru.trim() || !draft.en.trim()) problems.words = t('problem-words');
    if (impact && draft.count.trim() !== String(impact.visits)) problems.count = t('problem-count');
    if (!impact) problems.count = t('problem-impact');
    return problems;
  }

  /** @param {unknown} error */
  #failed(error) {
    leaveIfLoggedOut(error);
    this.error = error;
    if (!(error instanceof RestError)) return;
    if (error.code === 'IMPACT_CHANGED') {
      this.impact = error.body.impact;
      this.#change({ count: '' });
    }
    /** @type {Record<string, FieldName>} */
    const fields = { scope: 'scope', expires: 'expires', reason_code: 'reason', legal_basis: 'basis', public_text: 'words', confirm_visits: 'count' };
    const field = fields[String(error.body.field ?? '').split('.')[0]];
    if (field) this.problems = { ...this.problems, [field]: t('problem-refused') };
  }

  /** @override */
  render() {
    if (!this.directory || !this.me) return nothing;
    return html`<section class="order-form" aria-labelledby="order-title"
      @scope-chosen=${(/** @type {CustomEvent} */ event) => this.#changeEffect({ scope: event.detail })}
      @expiry-chosen=${(/** @type {CustomEvent} */ event) => this.#changeEffect({ expires: event.detail })}
      @protected-chosen=${(/** @type {CustomEvent} */ event) => this.#changeEffect({ protected: event.detail })}
    >
      <div class="section-head">
        <h2 id="order-title" tabindex="-1">${t('order-title')}</h2>
        <button type="button" class="button" data-testid="order-abandon" @click=${() => this.tell('order-abandoned')}>${t('order-abandon')}</button>
      </div>
      <div class="order-columns">
        <div class="order-questions">${this.#questions()}</div>
        <div class="order-answers">${this.#answers()}</div>
      </div>
    </section>`;
  }

  #questions() {
    const { draft, problems } = this;
    return html`
      <fieldset><legend>${t('order-step-scope')}</legend>
        <scope-choice .directory=${this.directory} .problem=${problems.scope ?? ''}></scope-choice></fieldset>
      <fieldset><legend>${t('order-step-expires')}</legend>
        <expiry-choice .zone=${this.me?.facility.timezone} .now=${() => this.clock?.now() ?? Date.now()}
          .longestHours=${this.#longest} .problem=${problems.expires ?? ''}></expiry-choice></fieldset>
      <fieldset><legend>${t('order-step-protected')}</legend><protected-choice></protected-choice></fieldset>
      <fieldset><legend>${t('order-step-reason')}</legend>
        <label class="field"><span>${t('order-reason')}</span>
          <select data-testid="order-reason" aria-invalid=${problems.reason !== undefined} aria-describedby="reason-problem"
            @change=${(/** @type {Event} */ event) => this.#change({ reason: valueOf(event) })}>
            <option value="" ?selected=${draft.reason === ''}>${t('choose')}</option>
            ${ORDER_REASONS.map((reason) => html`<option value=${reason} ?selected=${draft.reason === reason}>${t(`order-reason-${reason}`)}</option>`)}
          </select></label>
        <p class="problem" id="reason-problem">${problems.reason ?? nothing}</p>
        <label class="field"><span>${t('order-basis')}</span>
          <input data-testid="order-basis" maxlength="500" .value=${live(draft.basis)} aria-invalid=${problems.basis !== undefined}
            aria-describedby="basis-problem" @input=${(/** @type {Event} */ event) => this.#change({ basis: valueOf(event) })}></label>
        <p class="problem" id="basis-problem">${problems.basis ?? nothing}</p>
        ${this.#words('ru')} ${this.#words('en')}
        <p class="problem" id="words-problem">${problems.words ?? nothing}</p>
      </fieldset>`;
  }

  /** @param {'ru' | 'en'} language */
  #words(language) {
    return html`<label class="field"><span>${t(`order-text-${language}`)}</span>
      <textarea rows="2" maxlength="2000" lang=${language} data-testid="order-text-${language}" .value=${live(this.draft[language])}
        aria-invalid=${this.problems.words !== undefined && !this.draft[language].trim()} aria-describedby="words-problem"
        @input=${(/** @type {Event} */ event) => this.#change({ [language]: valueOf(event) })}></textarea></label>`;
  }

  #answers() {
    const { draft, problems, impact } = this;
    return html`
      <section aria-labelledby="impact-title"><h3 id="impact-title">${t('order-step-impact')}</h3>
        <order-impact .impact=${impact} ?working=${this.counting} .zone=${this.me?.facility.timezone}
          .spared=${PROTECTED_TYPES.filter((type) => !draft.protected.includes(type))}></order-impact></section>
      <section aria-labelledby="preview-title"><h3 id="preview-title">${t('order-step-preview')}</h3>
        <order-preview .words=${{ ru: draft.ru, en: draft.en }} .reason=${draft.reason} .expires=${draft.expires}
          .zone=${this.me?.facility.timezone} .issuer=${this.me?.user}></order-preview></section>
      <section aria-labelledby="sign-title"><h3 id="sign-title">${t('order-step-sign')}</h3>
        ${this.error ? errorBox(this.error) : nothing}
        <label class="field"><span>${t('order-confirm-count')}</span>
          <input class="count" inputmode="numeric" autocomplete="off" data-testid="order-confirm-count" .value=${live(draft.count)}
            aria-invalid=${problems.count !== undefined} aria-describedby="count-problem"
            @input=${(/** @type {Event} */ event) => this.#change({ count: valueOf(event) })}></label>
        <p class="problem" id="count-problem">${problems.count ?? nothing}</p>
        <button type="button" class="button button-grave" data-testid="order-sign" ?disabled=${this.signing} @click=${this.#sign}>
          ${this.signing ? t('order-signing') : t('order-sign')}</button>
        <p class="problem" role="alert">${Object.keys(problems).length > 0 ? t('problem-look-above') : nothing}</p>
      </section>`;
  }
}

/** @param {Event} event */
const valueOf = (event) => /** @type {HTMLInputElement} */ (event.target).value;

customElements.define('order-form', OrderForm);
