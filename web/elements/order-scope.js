/**
 * @file `<order-scope>`: step 1 of a new order: whom it reaches, narrowest first, until when, and
 * which protected visits; or an emergency, which stops one facility for an hour at most.
 *
 * Tells `plan-changed` with what is different.
 */

import { html, nothing } from '../vendor/lit.js';
import { classOf, emptyPlan, labelsOf, LONGEST_HOURS, scopeWords } from '../orders.js';
import { t } from '../texts.js';
import { ParloirElement } from './element.js';
import './expiry-choice.js';
import './protected-choice.js';
import './scope-choice.js';

export class OrderScope extends ParloirElement {
  static properties = {
    plan: { attribute: false },
    directory: { attribute: false },
    clock: { attribute: false },
    zone: { attribute: false },
    problems: { attribute: false },
  };

  constructor() {
    super();
    this.plan = emptyPlan();
    /** @type {import('../staff.js').Directory | null} */
    this.directory = null;
    /** @type {import('../moments.js').RelayClock | null} */
    this.clock = null;
    this.zone = 'UTC';
    /** @type {Partial<Record<string, string>>} */
    this.problems = {};
  }

  /** @override */
  render() {
    const { plan, directory, problems } = this;
    if (!directory) return nothing;
    return html`
      <fieldset><legend>${t('order-kind')}</legend>
        <div class="order-kinds">${this.#kind(false)} ${this.#kind(true)}</div></fieldset>
      <div class="flow-columns">
        <fieldset @scope-chosen=${(/** @type {CustomEvent} */ event) => this.#tell({ scope: event.detail })}>
          <legend>${t('order-whom')}</legend>
          ${plan.emergency
            ? html`<p>${t('order-emergency-whom', { facility: directory.facility.name })}</p>`
            : html`<scope-choice .directory=${directory} .scope=${plan.scope} .problem=${problems.scope ?? ''}></scope-choice>`}
          <p class="chosen" role="status">${plan.scope
            ? html`<strong>${t('order-chosen')}</strong> <span data-testid="scope-chosen">${scopeWords(labelsOf(plan.scope, directory))}</span>`
            : nothing}</p></fieldset>
        <div class="flow-column">
          <fieldset @expiry-chosen=${(/** @type {CustomEvent} */ event) => this.#tell({ expires: event.detail })}>
            <legend>${t('order-step-expires')}</legend>
            <expiry-choice .zone=${this.zone} .now=${() => this.clock?.now() ?? Date.now()} .from=${plan.notBefore} .chosen=${plan.expires}
              .longestHours=${LONGEST_HOURS[classOf(plan)]} .problem=${problems.expires ?? ''}></expiry-choice></fieldset>
          ${plan.emergency ? nothing : html`<fieldset @protected-chosen=${(/** @type {CustomEvent} */ event) => this.#tell({ protected: event.detail })}>
            <legend>${t('order-step-protected')}</legend>
            <protected-choice .chosen=${plan.protected}></protected-choice></fieldset>`}
        </div>
      </div>`;
  }

  /** @param {boolean} emergency */
  #kind(emergency) {
    const name = emergency ? 'emergency' : 'ordinary';
    return html`<label class="tick order-kind" ?data-chosen=${this.plan.emergency === emergency}>
      <input type="radio" name="order-kind" data-testid="order-kind-${name}" .checked=${this.plan.emergency === emergency}
        @change=${() => this.#choose(emergency)}>
      <span><strong>${t(`order-kind-${name}`)}</strong><span class="quiet row-reference">${t(`order-kind-${name}-hint`)}</span></span></label>`;
  }

  /** @param {boolean} emergency */
  #choose(emergency) {
    const facility = this.directory?.facility.id ?? '';
    this.#tell({ emergency, scope: emergency ? { facility: [facility] } : null, protected: [], expires: null });
  }

  /** @param {Partial<import('../orders.js').Plan>} change */
  #tell(change) {
    this.tell('plan-changed', change);
  }
}

customElements.define('order-scope', OrderScope);
