/**
 * @file `<visit-countdown>`: the time left by the relay's clock; stands still while paused.
 */

import { html, nothing } from '../vendor/lit.js';
import { stopwatch } from '../moments.js';
import { t } from '../texts.js';
import { TickingElement } from './element.js';

const LAST_MINUTES_MS = 60_000;

export class VisitCountdown extends TickingElement {
  static properties = { visit: { attribute: false }, clock: { attribute: false } };

  constructor() {
    super();
    /** @type {import('../protocol.js').VisitView | null} */
    this.visit = null;
    /** @type {import('../moments.js').RelayClock | null} */
    this.clock = null;
  }

  /** @override */
  render() {
    if (!this.visit || !this.clock) return nothing;
    const now = this.visit.state === 'PAUSED' ? Date.parse(this.visit.now) : this.clock.now();
    const left = Date.parse(this.visit.ends) - now;
    return html`<p
      class="countdown" data-testid="countdown" role="timer" ?data-last=${left <= LAST_MINUTES_MS}
    ><span class="countdown-words">${t('visit-time-left')}</span>
      <span class="countdown-time">${stopwatch(left)}</span></p>`;
  }
}

customElements.define('visit-countdown', VisitCountdown);
