/**
 * @file `<visit-displaced>`: a suspension took the time of a visit: which, until when, and what
 * the visitor may do: appeal, and book again before others.
 *
 * Guarantees: each notice is told with the order's own text in the reader's language; the relay
 * hears that it was shown once it stands on the screen. Tells `notices-shown` with their ids.
 */

import { html, nothing } from '../vendor/lit.js';
import { dayAndTime } from '../moments.js';
import { t, texts } from '../texts.js';
import { ParloirElement } from './element.js';

export class VisitDisplaced extends ParloirElement {
  static properties = { notices: { attribute: false } };

  constructor() {
    super();
    /** @type {import('../protocol.js').OrderNotice[]} */
    this.notices = [];
  }

  /** What the relay was told already. @type {Set<string>} */
  #told = new Set();

  /** @override */
  render() {
    if (this.notices.length === 0) return nothing;
    return html`<section class="card" aria-labelledby="displaced-title" data-testid="displaced">
      <h2 id="displaced-title">${t('displaced-title')}</h2>
      ${this.notices.map((notice) => this.#notice(notice))}
      <p>${t('displaced-first')}</p>
    </section>`;
  }

  /** @param {import('../protocol.js').OrderNotice} notice */
  #notice(notice) {
    const words = notice.public_text[texts.language] ?? Object.values(notice.public_text)[0];
    const when = { reference: notice.reference, starts: dayAndTime(notice.starts), until: dayAndTime(notice.until) };
    return html`<p>${t('displaced-visit', when)}</p>
      <blockquote class="over-text">${words}</blockquote>
      ${notice.reason_code ? html`<p class="quiet">${t(`order-reason-${notice.reason_code}`)}</p>` : nothing}`;
  }

  /** @override */
  updated() {
    const shown = this.notices.map((notice) => notice.id).filter((id) => !this.#told.has(id));
    if (shown.length === 0) return;
    for (const id of shown) this.#told.add(id);
    this.tell('notices-shown', shown);
  }
}

customElements.define('visit-displaced', VisitDisplaced);
