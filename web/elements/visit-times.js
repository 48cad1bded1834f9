/**
 * @file `<visit-times>`: when the visit is, in the reader's own zone first, and the facility's.
 */

import { html, nothing } from '../vendor/lit.js';
import { hours, longDay, sameDay, stopwatch, zonesDiffer } from '../moments.js';
import { t } from '../texts.js';
import { TickingElement } from './element.js';
import { icon } from './icon.js';

const SOON_MS = 60 * 60 * 1000;

export class VisitTimes extends TickingElement {
  static properties = {
    visit: { attribute: false },
    clock: { attribute: false },
    facilityZone: { attribute: false },
  };

  constructor() {
    super();
    /** @type {import('../protocol.js').VisitView | null} */
    this.visit = null;
    /** @type {import('../moments.js').RelayClock | null} */
    this.clock = null;
    this.facilityZone = 'UTC';
  }

  /** @override */
  render() {
    if (!this.visit || !this.clock) return nothing;
    const { starts, ends } = this.visit;
    const until = Date.parse(starts) - this.clock.now();
    return html`<div class="visit-times">
      ${icon('calendar')}
      <div>
        <p class="visit-day">${longDay(starts)}</p>
        <p class="visit-hours">${hours(starts, ends)}</p>
        ${this.#facilityTime(starts, ends)}
        ${until > 0 && until < SOON_MS
          ? html`<p class="visit-until">${t('visit-starts-in', { time: stopwatch(until) })}</p>`
          : nothing}
      </div>
    </div>`;
  }

  /**
   * @param {string} starts
   * @param {string} ends
   */
  #facilityTime(starts, ends) {
    if (!zonesDiffer(starts, this.facilityZone)) return nothing;
    const there = hours(starts, ends, this.facilityZone);
    const local = longDay(starts, this.facilityZone);
    const time = local === longDay(starts) && sameDay(starts, ends) ? there : `${local}, ${there}`;
    return html`<p class="quiet">${t('visit-your-time')}</p>
      <p class="quiet">${t('visit-facility-time', { time })}</p>`;
  }
}

customElements.define('visit-times', VisitTimes);
