/**
 * @file `<incident-choice>`: which visits the incident concerned, so that narrower orders are
 * offered for just those; without a choice they are those that are live.
 *
 * Tells `incident-chosen` with the visits' ids.
 */

import { html, nothing } from '../vendor/lit.js';
import { dayAndTime } from '../moments.js';
import { t } from '../texts.js';
import { ParloirElement } from './element.js';

/** The relay takes so many at most. */
const MOST = 50;

export class IncidentChoice extends ParloirElement {
  static properties = {
    visits: { attribute: false },
    chosen: { attribute: false },
    zone: { attribute: false },
    picked: { state: true },
  };

  constructor() {
    super();
    /** @type {import('../orders.js').ListedVisit[]} */
    this.visits = [];
    /** What the numbers on the screen are for. @type {string[]} */
    this.chosen = [];
    this.zone = 'UTC';
    /** @type {string[]} */
    this.picked = [];
  }

  /** @override @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('chosen')) this.picked = [...this.chosen];
  }

  /** @param {string} visit */
  #toggle(visit) {
    this.picked = this.picked.includes(visit) ? this.picked.filter((one) => one !== visit) : [...this.picked, visit];
  }

  /** @override */
  render() {
    const { picked } = this;
    if (this.visits.length === 0) return nothing;
    return html`<details class="listed" data-testid="incident">
      <summary>${t('incident-title')} <span class="quiet">${this.chosen.length > 0 ? t('draft-visits', { count: this.chosen.length }) : t('incident-live')}</span></summary>
      <fieldset class="incident"><legend class="visually-hidden">${t('incident-title')}</legend>
        <p class="quiet">${t('incident-hint')}</p>
        <ul>${this.visits.map((visit) => html`<li><label class="tick">
          <input type="checkbox" data-testid="incident-${visit.id}" .checked=${picked.includes(visit.id)}
            ?disabled=${picked.length >= MOST && !picked.includes(visit.id)} @change=${() => this.#toggle(visit.id)}>
          <span>${dayAndTime(visit.starts, this.zone)} · ${visit.inmate} · ${visit.terminal ?? '—'}</span></label></li>`)}</ul>
        <button type="button" class="button" data-testid="incident-count" @click=${() => this.tell('incident-chosen', picked)}>${t('incident-count')}</button>
      </fieldset></details>`;
  }
}

customElements.define('incident-choice', IncidentChoice);
