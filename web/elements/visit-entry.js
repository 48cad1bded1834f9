/**
 * @file `<visit-entry>`: before the call: whose visit, when, the notice, the check, the join.
 *
 * Guarantees: the notice stands above the button that accepts it; refusing is as easy as
 * accepting. Tells `visit-join`, `visit-decline`.
 */

import { html, nothing } from '../vendor/lit.js';
import { clockTime, sameDay, shortDay } from '../moments.js';
import { t } from '../texts.js';
import { deviceFaults } from './device-check.js';
import { ParloirElement } from './element.js';
import './visit-badge.js';
import './visit-times.js';

export class VisitEntry extends ParloirElement {
  static properties = { visitor: { attribute: false }, revision: { attribute: false } };

  constructor() {
    super();
    /** @type {import('../visitor.js').Visitor | null} */
    this.visitor = null;
    this.revision = 0;
  }

  /** @override */
  render() {
    const visitor = this.visitor;
    const visit = visitor?.visit;
    const welcome = visitor?.welcome;
    if (!visitor || !visit || !welcome) return nothing;
    return html`
      <section class="card" aria-labelledby="visit-title">
        <h2 id="visit-title">${t('visit-with', { name: visit.inmate_name })}</h2>
        <p class="quiet">${t(`visit-type-${visit.visit_type}`)} · ${welcome.facility}</p>
        <visit-times
          .visit=${visit} .clock=${visitor.clock} .facilityZone=${welcome.facility_timezone}
        ></visit-times>
        <p class="quiet">${t('visit-link-is-for')}</p>
      </section>
      <device-check .devices=${visitor.devices}></device-check>
      ${this.#notice(visitor, visit)}
    `;
  }

  /**
   * @param {import('../visitor.js').Visitor} visitor
   * @param {import('../protocol.js').VisitView} visit
   */
  #notice(visitor, visit) {
    const busy = visitor.attendance !== 'idle';
    return html`<section class="card" aria-labelledby="notice-title">
      <h2 id="notice-title">${t('notice-title')}</h2>
      <visit-badge long .visitType=${visit.visit_type} .recorded=${visit.recorded}></visit-badge>
      <p>${visit.recorded ? t('notice-recorded') : t('notice-not-recorded')}</p>
      <p class="quiet">${t('notice-refuse-hint')}</p>
      ${this.#obstacle(visitor, visit)}
      <div class="buttons buttons-tall">
        <button
          type="button" class="button button-main" data-testid="join" ?disabled=${busy}
          @click=${() => this.tell('visit-join')}
        >${this.#joinWords(visitor, visit)}</button>
        <button
          type="button" class="button" data-testid="refuse" ?disabled=${busy}
          @click=${() => this.tell('visit-decline')}
        >${t('notice-refuse')}</button>
      </div>
    </section>`;
  }

  /**
   * @param {import('../visitor.js').Visitor} visitor
   * @param {import('../protocol.js').VisitView} visit
   */
  #joinWords(visitor, visit) {
    if (visitor.attendance === 'asking') return t('check-asking');
    if (visitor.attendance === 'joining') return t('visit-joining');
    return visit.notice_accepted ? t('visit-join-again') : t('visit-join');
  }

  /**
   * What stands in the way of joining, next to the button that meets it.
   * @param {import('../visitor.js').Visitor} visitor
   * @param {import('../protocol.js').VisitView} visit
   */
  #obstacle(visitor, visit) {
    const { devices } = visitor;
    if (devices.cameraFault && devices.microphoneFault && !devices.acquiring) {
      return html`<div class="notice-box" role="alert">
        <p><strong>${t('visit-no-devices')}</strong></p>
        ${deviceFaults(devices).map((fault) => html`<p>${fault}</p>`)}
      </div>`;
    }
    if (visit.state === 'SCHEDULED') {
      const today = sameDay(visit.starts, visitor.clock.now());
      const time = clockTime(visit.starts);
      const words = today
        ? t('visit-opens-at', { time })
        : t('visit-opens-on', { day: shortDay(visit.starts), time });
      return html`<p class="notice-box">${words}</p>`;
    }
    return nothing;
  }
}

customElements.define('visit-entry', VisitEntry);
