/**
 * @file `<journal-table>`: who did what and when, the newest first; nothing can be changed.
 */

import { html } from '../vendor/lit.js';
import { clockTime, longDay } from '../moments.js';
import { t, texts } from '../texts.js';
import { ParloirElement } from './element.js';

/** @typedef {{seq: number, at: string, actor: string, action: string, subject: string, detail: Record<string, unknown>}} JournalRow */

export class JournalTable extends ParloirElement {
  static properties = { rows: { attribute: false }, zone: { attribute: false } };

  constructor() {
    super();
    /** @type {JournalRow[]} */
    this.rows = [];
    this.zone = 'UTC';
  }

  /** @override */
  render() {
    if (this.rows.length === 0) return html`<p class="empty">${t('journal-none')}</p>`;
    return html`<table class="table" data-testid="journal-table">
      <caption class="visually-hidden">${t('journal-title')}</caption>
      <thead><tr>
        <th scope="col">${t('journal-seq')}</th><th scope="col">${t('journal-at')}</th>
        <th scope="col">${t('journal-actor')}</th><th scope="col">${t('journal-action')}</th>
        <th scope="col">${t('journal-subject')}</th><th scope="col">${t('journal-detail')}</th>
      </tr></thead>
      <tbody>${[...this.rows].sort((one, other) => other.seq - one.seq).map((row) => html`<tr>
        <td class="figures">${row.seq}</td>
        <td class="figures">${longDay(row.at, this.zone)}, ${clockTime(row.at, this.zone)}</td>
        <td>${row.actor}</td>
        <td>${texts.find(`journal-${row.action.replaceAll('.', '-')}`) ?? row.action}</td>
        <td>${row.subject}</td>
        <td class="detail">${Object.entries(row.detail ?? {}).map(([name, value]) => html`<span><b>${name}</b> ${written(value)}</span> `)}</td>
      </tr>`)}</tbody>
    </table>`;
  }
}

/** @param {unknown} value */
const written = (value) => (typeof value === 'string' ? value : JSON.stringify(value));

customElements.define('journal-table', JournalTable);
