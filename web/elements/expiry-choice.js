/**
 * @file `<expiry-choice>`: until when an order holds: presets, or an exact time of the facility.
 *
 * Tells `expiry-chosen` with the ISO instant (or null).
 */

import { html, live } from '../vendor/lit.js';
import { fromFacilityTime, toFacilityTime } from '../moments.js';
import { t } from '../texts.js';
import { ParloirElement } from './element.js';

const PRESET_HOURS = [1, 8, 24, 72, 168, 720];
const EMERGENCY_HOURS = [0.25, 0.5, 1];

export class ExpiryChoice extends ParloirElement {
  static properties = {
    zone: { attribute: false },
    now: { attribute: false },
    longestHours: { attribute: false },
    problem: { attribute: false },
    chosen: { attribute: false },
    from: { attribute: false },
    value: { state: true },
  };

  constructor() {
    super();
    this.zone = 'UTC';
    /** @type {() => number} the relay's time in milliseconds */
    this.now = Date.now;
    /** The longest that an order of this class may hold. */
    this.longestHours = 720;
    this.problem = '';
    /** The instant chosen so far. @type {string | null} */
    this.chosen = null;
    /** When it begins, if later than now; presets count from there. @type {string | null} */
    this.from = null;
    /** `YYYY-MM-DDTHH:MM` on the facility's clock. */
    this.value = '';
  }

  /** @override @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!changed.has('chosen')) return;
    const kept = this.value && fromFacilityTime(this.value, this.zone) === this.chosen;
    if (!kept) this.value = this.chosen ? toFacilityTime(Date.parse(this.chosen), this.zone) : '';
  }

  /** @override */
  render() {
    const presets = this.longestHours > 1 ? PRESET_HOURS : EMERGENCY_HOURS;
    return html`
      <div class="presets" role="group" aria-label=${t('order-expires-presets')}>
        ${presets.map(
          (hours) => html`<button type="button" class="button" data-testid="order-expires-${hours}h"
            ?disabled=${hours > this.longestHours} @click=${() => this.#preset(hours)}>${presetWords(hours)}</button>`,
        )}
      </div>
      <label class="field"><span>${t('order-expires', { zone: this.zone })}</span>
        <input type="datetime-local" data-testid="order-expires" .value=${live(this.value)}
          aria-invalid=${this.problem !== ''} aria-describedby="expires-problem expires-limit" @input=${this.#typed}></label>
      <p class="quiet" id="expires-limit">${t('order-expires-limit', { limit: presetWords(this.longestHours) })}</p>
      <p class="problem" id="expires-problem">${this.problem}</p>`;
  }

  /** @param {number} hours */
  #preset(hours) {
    // A minute less, so that a preset of the longest term still fits when it is signed.
    const until = Math.max(this.now(), Date.parse(this.from ?? '') || 0) + hours * 3_600_000 - (hours === this.longestHours ? 60_000 : 0);
    this.value = toFacilityTime(until, this.zone);
    this.#chosen();
  }

  /** @param {Event} event */
  #typed(event) {
    this.value = /** @type {HTMLInputElement} */ (event.target).value;
    this.#chosen();
  }

  #chosen() {
    this.tell('expiry-chosen', this.value ? fromFacilityTime(this.value, this.zone) : null);
  }
}

/** @param {number} hours */
function presetWords(hours) {
  if (hours < 1) return t('minutes', { count: hours * 60 });
  return hours < 48 ? t('hours', { count: hours }) : t('days', { count: hours / 24 });
}

customElements.define('expiry-choice', ExpiryChoice);
