/**
 * @file `<order-words>`: step 3 of a new order: grounds, legal basis, the words for people or the
 * ground on which the reason is withheld, with what inmate and visitor will read.
 *
 * Tells `plan-changed` with what is typed.
 */

import { html, live, nothing } from '../vendor/lit.js';
import { dayAndTime } from '../moments.js';
import { emptyPlan, GRACES, reviewDueOf, WITHHELD_GROUNDS } from '../orders.js';
import { t } from '../texts.js';
import { ORDER_REASONS } from '../vocabulary.js';
import { ParloirElement } from './element.js';
import { problem, valueOf } from './fields.js';
import './order-preview.js';

export class OrderWords extends ParloirElement {
  static properties = {
    plan: { attribute: false },
    me: { attribute: false },
    clock: { attribute: false },
    problems: { attribute: false },
  };

  constructor() {
    super();
    this.plan = emptyPlan();
    /** @type {import('../rest.js').Me | null} */
    this.me = null;
    /** @type {import('../moments.js').RelayClock | null} */
    this.clock = null;
    /** @type {Partial<Record<string, string>>} */
    this.problems = {};
  }

  /** @override */
  render() {
    const { plan, problems, me } = this;
    if (!me) return nothing;
    const zone = me.facility.timezone;
    return html`<div class="flow-columns">
      <div class="flow-column">
        <fieldset><legend>${t('order-step-reason')}</legend>
          <label class="field"><span>${t('order-reason')}</span>
            <select data-testid="order-reason" aria-invalid=${problems.reason !== undefined} aria-describedby="reason-problem"
              @change=${(/** @type {Event} */ event) => this.#tell({ reason: valueOf(event) })}>
              <option value="" ?selected=${plan.reason === ''}>${t('choose')}</option>
              ${ORDER_REASONS.map((reason) => html`<option value=${reason} ?selected=${plan.reason === reason}>${t(`order-reason-${reason}`)}</option>`)}
            </select></label>
          ${problem('reason-problem', problems.reason)}
          <label class="field"><span>${t('order-basis')}</span>
            <input data-testid="order-basis" maxlength="500" .value=${live(plan.basis)} aria-invalid=${problems.basis !== undefined}
              aria-describedby="basis-problem" @input=${(/** @type {Event} */ event) => this.#tell({ basis: valueOf(event) })}></label>
          ${problem('basis-problem', problems.basis)}
          <label class="field"><span>${t('order-grace')}</span>
            <select data-testid="order-grace" @change=${(/** @type {Event} */ event) => this.#tell({ grace: Number(valueOf(event)) })}>
              ${GRACES.map((seconds) => html`<option value=${seconds} ?selected=${plan.grace === seconds}>${t('order-grace-minutes', { minutes: seconds / 60 })}</option>`)}
            </select></label>
          <dl class="facts">
            <div><dt>${t('order-ends')}</dt><dd>${dayAndTime(plan.expires ?? '', zone)}</dd></div>
            <div><dt>${t('order-review-due')}</dt><dd data-testid="review-due">${dayAndTime(reviewDueOf(plan, this.clock?.now() ?? Date.now()), zone)}</dd></div>
          </dl>
          <button type="button" class="link" @click=${() => this.tell('step-chosen', 1)}>${t('order-change-term')}</button>
        </fieldset>
        <fieldset><legend>${t('order-words')}</legend>
          <label class="field"><span>${t('order-withheld')}</span>
            <select data-testid="order-withheld" @change=${(/** @type {Event} */ event) => this.#tell({ withheld: valueOf(event) })}>
              <option value="" ?selected=${plan.withheld === ''}>${t('order-withheld-no')}</option>
              ${WITHHELD_GROUNDS.map((ground) => html`<option value=${ground} ?selected=${plan.withheld === ground}>${t(`withheld-${ground}`)}</option>`)}
            </select></label>
          ${plan.withheld
            ? html`<p class="notice-box notice-warn" role="status"><span aria-hidden="true">▲</span> ${t('order-withheld-hint')}</p>`
            : html`${this.#words('ru')} ${this.#words('en')} ${problem('words-problem', problems.words)}`}
        </fieldset>
      </div>
      <section class="flow-column" aria-labelledby="preview-title"><h4 id="preview-title">${t('order-preview')}</h4>
        <order-preview .plan=${plan} .zone=${zone} .facility=${me.facility.name}></order-preview></section>
    </div>`;
  }

  /** @param {'ru' | 'en'} language */
  #words(language) {
    return html`<label class="field"><span>${t(`order-text-${language}`)}</span>
      <textarea rows="2" maxlength="2000" lang=${language} data-testid="order-text-${language}" .value=${live(this.plan[language])}
        aria-invalid=${this.problems.words !== undefined && !this.plan[language].trim()} aria-describedby="words-problem"
        @input=${(/** @type {Event} */ event) => this.#tell({ [language]: valueOf(event) })}></textarea></label>`;
  }

  /** @param {Partial<import('../orders.js').Plan>} change */
  #tell(change) {
    this.tell('plan-changed', change);
  }
}

customElements.define('order-words', OrderWords);
