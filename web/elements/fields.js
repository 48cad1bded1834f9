/**
 * @file Fields that several forms share: the number of visits typed by hand, and one's own secret.
 *
 * Guarantees: neither is filled in by the browser; each is named, and its fault is read with it.
 */

import { html, live, nothing } from '../vendor/lit.js';
import { t } from '../texts.js';

/** @param {Event} event */
export const valueOf = (event) => /** @type {HTMLInputElement} */ (event.target).value;

/**
 * @param {string} id
 * @param {string | undefined} words
 */
export const problem = (id, words) => html`<p class="problem" id=${id}>${words || nothing}</p>`;

/**
 * @param {{value: string, problem: string | undefined, typed: (value: string) => void}} field
 */
export const countField = ({ value, problem: words, typed }) => html`<label class="field field-count">
    <span>${t('order-confirm-count')}</span>
    <input class="count" inputmode="numeric" autocomplete="off" data-testid="order-confirm-count" .value=${live(value)}
      aria-invalid=${words !== undefined} aria-describedby="count-problem"
      @input=${(/** @type {Event} */ event) => typed(valueOf(event))}></label>
  ${problem('count-problem', words)}`;

/**
 * The secret stands in the field only: whoever reads it empties the field in the same breath.
 * @param {string | undefined} words
 * @param {string} [testid]
 */
export const secretField = (words, testid = 'secret') => html`<label class="field field-secret">
    <span>${t('secret')}</span>
    <input type="password" autocomplete="off" maxlength="1024" spellcheck="false" data-testid=${testid} data-secret
      aria-invalid=${words !== undefined} aria-describedby="${testid}-hint ${testid}-problem"></label>
  <p class="quiet" id="${testid}-hint">${t('secret-hint')}</p>
  ${problem(`${testid}-problem`, words)}`;

/**
 * The secret that was typed, or null; the field is empty afterwards.
 * @param {HTMLElement} root
 * @returns {string | null}
 */
export function takeSecret(root) {
  const field = /** @type {HTMLInputElement | null} */ (root.querySelector('[data-secret]'));
  const secret = field?.value ?? '';
  if (field) field.value = '';
  return secret || null;
}
