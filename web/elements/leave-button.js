/**
 * @file `<leave-button>`: hang up, with five seconds to change one's mind.
 *
 * Guarantees: one press is enough, a slip of the finger is not: the call goes on while the
 * seconds run, and can be kept or ended at once. Tells `visit-leave`.
 */

import { html } from '../vendor/lit.js';
import { t } from '../texts.js';
import { TickingElement } from './element.js';
import { icon } from './icon.js';

const GRACE_S = 5;

export class LeaveButton extends TickingElement {
  static properties = { endsAt: { state: true } };

  constructor() {
    super();
    /** @type {number | null} */
    this.endsAt = null;
  }

  #press() {
    if (this.endsAt !== null) this.#leave();
    else this.endsAt = performance.now() + GRACE_S * 1000;
  }

  #leave() {
    this.endsAt = null;
    this.tell('visit-leave');
  }

  #stay() {
    this.endsAt = null;
    this.querySelector('button')?.focus();
  }

  /** @override */
  willUpdate() {
    if (this.endsAt !== null && performance.now() >= this.endsAt) this.#leave();
  }

  /** @override @param {Map<string, unknown>} changed */
  updated(changed) {
    const panel = /** @type {HTMLElement | null} */ (this.querySelector('.leave-panel'));
    if (panel && changed.has('endsAt') && this.endsAt !== null) panel.focus();
  }

  /** @override */
  render() {
    const seconds =
      this.endsAt === null ? 0 : Math.max(1, Math.ceil((this.endsAt - performance.now()) / 1000));
    return html`<button type="button" class="control control-leave" data-testid="leave" @click=${this.#press}>
        ${icon('leave')} <span>${t('visit-leave')}</span>
      </button>
      ${this.endsAt === null
        ? ''
        : html`<div
            class="leave-panel" role="alertdialog" tabindex="-1" aria-labelledby="leave-words"
            @keydown=${(/** @type {KeyboardEvent} */ event) => event.key === 'Escape' && this.#stay()}
          >
            <p id="leave-words">${t('visit-leave-question', { seconds })}</p>
            <div class="buttons">
              <button type="button" class="button" data-testid="leave-stay" @click=${this.#stay}>${t('visit-leave-stay')}</button>
              <button type="button" class="button button-main" data-testid="leave-confirm" @click=${this.#leave}>${t('visit-leave-now')}</button>
            </div>
          </div>`}`;
  }
}

customElements.define('leave-button', LeaveButton);
