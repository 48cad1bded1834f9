/**
 * @file `<alert-list>`: what needs a person, most urgent first, each with shape, rank and words.
 *
 * Guarantees: the focus of an alert that goes is the next one's, or the heading's. Tells
 * `alert-acknowledge` with the alert's id and `terminal-unlock` with the terminal's.
 */

import { html, nothing, repeat } from '../vendor/lit.js';
import { findingWords } from '../audit.js';
import { stopwatch } from '../moments.js';
import { t, texts } from '../texts.js';
import { focusLost, TickingElement } from './element.js';

/** @type {Record<number, string>} */
const SHAPES = { 1: '▲', 2: '◆', 3: '●' };

export class AlertList extends TickingElement {
  static properties = {
    alerts: { attribute: false },
    visits: { attribute: false },
    terminals: { attribute: false },
    clock: { attribute: false },
    unknown: { type: Boolean },
  };

  constructor() {
    super();
    /** @type {import('../staff.js').Alert[]} */
    this.alerts = [];
    /** @type {import('../staff.js').StaffVisit[]} */
    this.visits = [];
    /** @type {import('../staff.js').LiveTerminal[]} */
    this.terminals = [];
    /** @type {import('../moments.js').RelayClock | null} */
    this.clock = null;
    /** Whether the relay has not said yet what alerts there are. */
    this.unknown = false;
  }

  /** The button that had the focus before the update. @type {Element | null} */
  #had = null;
  #place = -1;

  /** @override */
  willUpdate() {
    this.#had = this.querySelector('button:focus');
    this.#place = [...this.querySelectorAll('.alert')].findIndex((alert) => alert.contains(this.#had));
  }

  /** @override */
  updated() {
    if (!focusLost(this.#had)) return;
    const alerts = [...this.querySelectorAll('.alert')];
    const next = alerts[Math.min(this.#place, alerts.length - 1)]?.querySelector('[data-testid=alert-acknowledge]');
    (next instanceof HTMLElement ? next : this.querySelector('h2'))?.focus();
  }

  /** Move to the next alert, round and round; says false when there is none. */
  focusNext() {
    const buttons = [...this.querySelectorAll('button')];
    if (buttons.length === 0) return false;
    const at = buttons.findIndex((button) => button === document.activeElement);
    buttons[(at + 1) % buttons.length]?.focus();
    return true;
  }

  /** @override */
  render() {
    const open = this.alerts
      .filter((alert) => !alert.acknowledged_by)
      .sort((one, other) => one.priority - other.priority || one.raised.localeCompare(other.raised));
    return html`<section class="alerts" aria-labelledby="alerts-title">
      <h2 id="alerts-title" tabindex="-1">${t('alerts-title', { count: this.unknown ? '…' : open.length })}</h2>
      ${open.length === 0 && !this.unknown ? html`<p class="quiet">${t('alerts-none')}</p>` : nothing}
      <ul aria-live="assertive" aria-relevant="additions">
        ${repeat(open, (alert) => alert.id, (alert) => this.#alert(alert))}
      </ul>
    </section>`;
  }

  /** @param {import('../staff.js').Alert} alert */
  #alert(alert) {
    const age = this.clock ? this.clock.now() - Date.parse(alert.raised) : 0;
    return html`<li
      class="alert alert-${alert.priority}" data-testid="alert" data-alert=${alert.id}
      data-kind=${alert.kind} data-priority=${alert.priority}
    >
      <p class="alert-words">
        <span class="alert-rank"><span aria-hidden="true">${SHAPES[alert.priority] ?? '●'}</span> ${t('alert-rank', { rank: alert.priority })}</span>
        ${texts.find(`alert-${alert.kind}`) ?? alert.kind}
      </p>
      <p class="quiet">${this.#where(alert)}</p>
      <p class="alert-foot">
        <span class="quiet" aria-hidden="true">${stopwatch(age)}</span>
        ${alert.kind === 'PIN_LOCKED' && alert.terminal
          ? html`<button type="button" class="button" data-testid="terminal-unlock"
              @click=${() => this.tell('terminal-unlock', alert.terminal)}>${t('terminal-unlock')}</button>`
          : nothing}
        <button type="button" class="button" data-testid="alert-acknowledge"
          @click=${() => this.tell('alert-acknowledge', alert.id)}>${t('alert-acknowledge')}</button>
      </p>
    </li>`;
  }

  /** @param {import('../staff.js').Alert} alert */
  #where(alert) {
    const visit = this.visits.find((candidate) => candidate.id === alert.visit);
    const terminal = this.terminals.find((candidate) => candidate.id === alert.terminal);
    const party = typeof alert.detail.party === 'string' ? t(`alert-party-${alert.detail.party}`) : null;
    const part = typeof alert.detail.part === 'string' ? t(`alert-part-${alert.detail.part}`) : null;
    const finding = typeof alert.detail.finding === 'string'
      ? findingWords(/** @type {any} */ ({ ...alert.detail, code: alert.detail.finding })) : null;
    const reason = alert.kind === 'STAFF_CALLED' && alert.detail.reason !== 'OTHER'
      ? texts.find(`staff-reason-${alert.detail.reason}`) : null;
    return [reason, visit?.terminal?.label ?? terminal?.label ?? alert.terminal, visit?.inmate.name, visit?.reference, party, part, finding]
      .filter(Boolean)
      .join(' · ');
  }
}

customElements.define('alert-list', AlertList);
