/**
 * @file `<visits-table>`: visits in the order of the day; rows never change places.
 *
 * Guarantees: time left ticks by the relay's clock; a protected visit says that it has neither
 * picture nor sound; one row can be selected by mouse or arrow keys; a button that goes leaves its
 * focus to its row.
 * Tells `visit-terminate`, `visit-new-link` and `visit-why` with the visit.
 */

import { html, nothing, repeat } from '../vendor/lit.js';
import { clockTime, dayAndTime, stopwatch } from '../moments.js';
import { t } from '../texts.js';
import { isRunning } from '../vocabulary.js';
import { focusLost, TickingElement } from './element.js';
import { icon } from './icon.js';

export class VisitsTable extends TickingElement {
  static properties = {
    visits: { attribute: false },
    clock: { attribute: false },
    zone: { attribute: false },
    find: { attribute: false },
    action: { attribute: false },
    days: { type: Boolean },
    selected: { state: true },
  };

  constructor() {
    super();
    /** @type {import('../staff.js').StaffVisit[]} */
    this.visits = [];
    /** @type {import('../moments.js').RelayClock | null} */
    this.clock = null;
    this.zone = 'UTC';
    this.find = '';
    /** @type {'terminate' | 'link' | 'why' | null} */
    this.action = null;
    /** Whether the table spans several days. */
    this.days = false;
    this.selected = '';
  }

  /** The button that had the focus before the update, and its row. @type {Element | null} */
  #had = null;
  /** @type {HTMLElement | null} */
  #row = null;

  /** @override */
  willUpdate() {
    this.#had = this.querySelector('td :focus');
    this.#row = this.#had?.closest('tr') ?? null;
  }

  /** @override */
  updated() {
    if (focusLost(this.#had)) this.#row?.focus();
  }

  /** The visit of the selected row, or null. */
  get selectedVisit() {
    return this.visits.find((visit) => visit.id === this.selected) ?? null;
  }

  get #shown() {
    const wanted = this.find.trim().toLocaleLowerCase();
    return this.visits
      .filter((visit) => !wanted || words(visit).includes(wanted))
      .sort((one, other) => one.starts.localeCompare(other.starts) || one.id.localeCompare(other.id));
  }

  /** @override */
  render() {
    const shown = this.#shown;
    if (shown.length === 0) {
      return html`<p class="empty" data-testid="visits-table">
        ${this.find ? t('visits-none-found') : t('visits-none')}</p>`;
    }
    return html`<table class="table" role="grid" aria-label=${t('visits-title')} data-testid="visits-table" @keydown=${this.#arrow}>
      <thead><tr>
        <th scope="col">${t('visits-time')}</th>
        <th scope="col">${t('visits-left')}</th>
        <th scope="col">${t('visits-state')}</th>
        <th scope="col">${t('visits-terminal')}</th>
        <th scope="col">${t('visits-inmate')}</th>
        <th scope="col">${t('visits-visitor')}</th>
        <th scope="col">${t('visits-mark')}</th>
        ${this.action ? html`<th scope="col"><span class="visually-hidden">${t('visits-action')}</span></th>` : nothing}
      </tr></thead>
      <tbody>
        ${repeat(shown, (visit) => visit.id, (visit) => this.#line(visit))}
      </tbody>
    </table>`;
  }

  /** @param {import('../staff.js').StaffVisit} visit */
  #line(visit) {
    const running = isRunning(visit.state);
    return html`<tr
      data-testid="visit-row" data-visit=${visit.id} data-reference=${visit.reference}
      data-state=${visit.state} data-outcome=${visit.outcome ?? nothing} ?data-running=${running}
      ?data-protected=${visit.protected} aria-selected=${visit.id === this.selected}
      tabindex=${this.#tabStop(visit)} @focusin=${() => (this.selected = visit.id)}
      @click=${() => (this.selected = visit.id)}
    >
      <td class="figures">${this.#when(visit)}</td>
      <td class="figures">${this.#left(visit)}</td>
      <td>${this.#state(visit)}</td>
      <td class="row-terminal">${visit.terminal?.label ?? '—'}</td>
      <td>${visit.inmate.name}<span class="quiet row-reference">${visit.reference}</span></td>
      <td>${visit.visitors.map((visitor) => visitor.name).join(', ')}
        <span class="quiet row-reference">${t(`visit-type-${visit.visit_type}`)}</span></td>
      <td>${this.#mark(visit)}</td>
      ${this.action ? html`<td class="row-action">${this.#button(visit, running)}</td>` : nothing}
    </tr>`;
  }

  /** @param {import('../staff.js').StaffVisit} visit */
  #tabStop(visit) {
    const stop = this.selectedVisit ? this.selected : this.#shown[0]?.id;
    return visit.id === stop ? 0 : -1;
  }

  /** @param {import('../staff.js').StaffVisit} visit */
  #when(visit) {
    const starts = this.days ? dayAndTime(visit.starts, this.zone) : clockTime(visit.starts, this.zone);
    return `${starts} – ${clockTime(visit.ends, this.zone)}`;
  }

  /** @param {import('../staff.js').StaffVisit} visit */
  #left(visit) {
    if (!this.clock || visit.state === 'ENDED' || visit.state === 'SCHEDULED') return '';
    return html`<strong>${stopwatch(Date.parse(visit.ends) - this.clock.now())}</strong>`;
  }

  /** @param {import('../staff.js').StaffVisit} visit */
  #state(visit) {
    // That a visit lies ahead needs no reason.
    const refusal = visit.state === 'ENDED' ? null : visit.refusals.find((one) => one.code !== 'SLOT_NOT_OPEN');
    const why = visit.state === 'ENDED' && visit.outcome ? t(`outcome-${visit.outcome}`) : refusal && t(`reason-${refusal.code}`);
    return html`<span class="state" data-state=${visit.state}>${t(`staff-state-${visit.state}`)}</span>
      ${why ? html`<span class="quiet row-reference">${why}</span>` : nothing}`;
  }

  /** @param {import('../staff.js').StaffVisit} visit */
  #mark(visit) {
    if (visit.protected) {
      return html`<span class="mark mark-protected">${icon('shield')} <span>${t('visits-protected')}</span></span>`;
    }
    return html`<span class="mark"><span class="mark-dot" ?data-on=${visit.recorded} aria-hidden="true"></span>
      <span>${visit.recorded ? t('visits-recorded') : t('visits-not-recorded')}</span></span>`;
  }

  /**
   * @param {import('../staff.js').StaffVisit} visit
   * @param {boolean} running
   */
  #button(visit, running) {
    if (this.action === 'terminate' && (running || visit.state.startsWith('WAITING'))) {
      return html`<button type="button" class="button" data-testid="terminate"
        @click=${() => this.tell('visit-terminate', visit)}>${t('terminate')}<span class="visually-hidden"> ${visit.reference}</span></button>`;
    }
    const why = html`<button type="button" class="button" data-testid="visit-why"
      @click=${() => this.tell('visit-why', visit)}>${t('explain-ask')}<span class="visually-hidden"> ${visit.reference}</span></button>`;
    if (this.action === 'why' || (this.action === 'link' && visit.state === 'ENDED')) return why;
    if (this.action === 'link') {
      return html`<div class="row-buttons">${why} <button type="button" class="button" data-testid="visit-new-link"
        @click=${() => this.tell('visit-new-link', visit)}>${t('link-new')}<span class="visually-hidden"> ${visit.reference}</span></button></div>`;
    }
    return nothing;
  }

  /** @param {KeyboardEvent} event */
  #arrow(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = event.target instanceof Element ? event.target.closest('tr') : null;
    if (!step || !row) return;
    const rows = [...this.querySelectorAll('tbody tr')];
    const next = /** @type {HTMLElement | undefined} */ (rows[rows.indexOf(row) + step]);
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
}

/** @param {import('../staff.js').StaffVisit} visit */
function words(visit) {
  return [visit.reference, visit.inmate.name, visit.terminal?.label, ...visit.visitors.map((one) => one.name)]
    .join(' ')
    .toLocaleLowerCase();
}

customElements.define('visits-table', VisitsTable);
