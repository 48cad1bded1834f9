/**
 * @file `<notice-list>`: those whose visit an order took: who was told, and who has to be phoned, with
 * the words that they are told.
 *
 * Guarantees: a reason that is withheld is not shown to whoever phones either. Tells `notice-told`
 * with the notice when somebody says that they have told the person. Leaves to others: keeping that.
 */

import { html, nothing, repeat } from '../vendor/lit.js';
import { dayAndTime } from '../moments.js';
import { t, texts } from '../texts.js';
import { ParloirElement } from './element.js';

/** @typedef {import('../orders.js').Notice} Notice */

export class NoticeList extends ParloirElement {
  static properties = {
    notices: { attribute: false },
    me: { attribute: false },
    words: { type: Boolean },
    empty: {},
    working: { type: Boolean },
  };

  constructor() {
    super();
    /** @type {Notice[]} */
    this.notices = [];
    /** @type {import('../rest.js').Me | null} */
    this.me = null;
    /** Whether what they are told stands beside each. */
    this.words = false;
    this.empty = '';
    this.working = false;
  }

  /** @override */
  render() {
    if (this.notices.length === 0) return html`<p class="empty">${this.empty}</p>`;
    return html`<ul class="notices">${repeat(this.notices, (notice) => notice.id, (notice) => this.#line(notice))}</ul>`;
  }

  /** @param {Notice} notice */
  #line(notice) {
    const zone = this.me?.facility.timezone;
    return html`<li data-testid="notice-row" data-notice=${notice.id} ?data-open=${!notice.delivered}>
      <div class="notice-who">
        <p><span aria-hidden="true">${notice.delivered ? '✓' : '◆'}</span> <strong>${notice.name}</strong>
          <span class="quiet">${t(`recipient-${notice.recipient}`)}</span></p>
        <p class="quiet">${t('notice-visit', { reference: notice.reference, starts: dayAndTime(notice.starts, zone) })}</p>
        ${this.words ? this.#words(notice, zone) : nothing}
      </div>
      ${notice.delivered
        ? html`<span class="quiet">${t(`notice-via-${notice.via}`)}, ${dayAndTime(notice.delivered, zone)}</span>`
        : this.me?.role === 'administrator'
          ? html`<button type="button" class="button" data-testid="notice-told" ?disabled=${this.working} @click=${() => this.tell('notice-told', notice)}>
              ${t('notice-told')}<span class="visually-hidden"> ${notice.name}, ${notice.reference}</span></button>`
          : html`<span>${t('notice-open')}</span>`}
    </li>`;
  }

  /**
   * @param {Notice} notice
   * @param {string | undefined} zone
   */
  #words(notice, zone) {
    const { reason_code: reason, public_text: text } = notice;
    return html`<p>${reason ? html`${t(`order-reason-${reason}`)}. ` : nothing}${text[texts.language === 'en' ? 'en' : 'ru']}
      ${notice.until ? html`<span class="quiet">${t('order-until', { when: dayAndTime(notice.until, zone) })}</span>` : nothing}</p>`;
  }
}

customElements.define('notice-list', NoticeList);
