/**
 * @file `<order-steps>`: where a new order is on its way; earlier steps can be gone back to.
 *
 * Tells `step-chosen` with the number of an earlier step.
 */

import { html } from '../vendor/lit.js';
import { t } from '../texts.js';
import { ParloirElement } from './element.js';

export const STEPS = Object.freeze(['scope', 'impact', 'words', 'sign', 'enforce']);

export class OrderSteps extends ParloirElement {
  static properties = { step: { attribute: false }, done: { type: Boolean } };

  constructor() {
    super();
    this.step = 1;
    /** Whether the order is signed: nothing can be gone back to. */
    this.done = false;
  }

  /** @override */
  render() {
    return html`<nav aria-label=${t('flow-steps')}><ol class="steps">
      ${STEPS.map((name, at) => this.#step(name, at + 1))}
    </ol></nav>`;
  }

  /**
   * @param {string} name
   * @param {number} number
   */
  #step(name, number) {
    const passed = number < this.step;
    const words = html`<span class="step-number">${number}</span> ${t(`flow-step-${name}`)}
      ${passed ? html`<span aria-hidden="true">✓</span><span class="visually-hidden">${t('flow-step-done')}</span>` : ''}`;
    return html`<li class="step" ?data-passed=${passed} data-step=${number} aria-current=${number === this.step ? 'step' : 'false'}>
      ${passed && !this.done
        ? html`<button type="button" class="step-back" data-testid="step-${number}" @click=${() => this.tell('step-chosen', number)}>${words}</button>`
        : html`<span class="step-words">${words}</span>`}
    </li>`;
  }
}

customElements.define('order-steps', OrderSteps);
