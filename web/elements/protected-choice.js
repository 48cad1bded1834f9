/**
 * @file `<protected-choice>`: which protected visits an order stops too: none unless named, each
 * with its warning. Tells `protected-chosen` with the types.
 */

import { html, nothing } from '../vendor/lit.js';
import { t } from '../texts.js';
import { PROTECTED_TYPES } from '../vocabulary.js';
import { ParloirElement } from './element.js';

export class ProtectedChoice extends ParloirElement {
  static properties = { chosen: { attribute: false } };

  constructor() {
    super();
    /** Types that are ticked. @type {readonly string[]} */
    this.chosen = [];
  }

  /** @override */
  render() {
    return html`<p class="quiet">${t('protected-hint')}</p>
      <ul class="protected-types">
        ${PROTECTED_TYPES.map((type) => {
          const on = this.chosen.includes(type);
          return html`<li>
            <label class="tick"><input type="checkbox" data-testid="protected-${type}" .checked=${on}
              @change=${() => this.#toggle(type)}> <span>${t(`visit-type-${type}`)}</span></label>
            ${on ? html`<p class="notice-box notice-warn" role="alert"><span aria-hidden="true">▲</span> ${t(`protected-warning-${type}`)}</p>` : nothing}
          </li>`;
        })}
      </ul>`;
  }

  /** @param {string} type */
  #toggle(type) {
    this.tell('protected-chosen', PROTECTED_TYPES.filter((one) => this.chosen.includes(one) !== (one === type)));
  }
}

customElements.define('protected-choice', ProtectedChoice);
