/**
 * @file `<order-preview>`: the inmate's and the visitor's screens as the order would fill them.
 */

import { html, nothing } from '../vendor/lit.js';
import { dayAndTime } from '../moments.js';
import { t } from '../texts.js';
import { ParloirElement } from './element.js';

export class OrderPreview extends ParloirElement {
  static properties = {
    words: { attribute: false },
    reason: { attribute: false },
    expires: { attribute: false },
    zone: { attribute: false },
    issuer: { attribute: false },
  };

  constructor() {
    super();
    /** The public text by language. @type {Record<string, string>} */
    this.words = {};
    this.reason = '';
    /** @type {string | null} */
    this.expires = null;
    this.zone = 'UTC';
    this.issuer = '';
  }

  /** @override */
  render() {
    return html`<div class="previews">
      ${this.#screen('preview-inmate', 'preview-kiosk')}
      ${this.#screen('preview-visitor', 'preview-phone')}
    </div>`;
  }

  /**
   * @param {'preview-inmate' | 'preview-visitor'} title
   * @param {string} look
   */
  #screen(title, look) {
    return html`<figure class="preview ${look}">
      <figcaption>${t(title)}</figcaption>
      <div class="preview-screen">
        <p class="preview-head">${t('outcome-SUSPENDED_BY_ORDER')}</p>
        ${['ru', 'en'].map((language) =>
          this.words[language] ? html`<p lang=${language}>${this.words[language]}</p>` : nothing,
        )}
        ${this.reason ? html`<p>${t('preview-reason')}: ${t(`order-reason-${this.reason}`)}</p>` : nothing}
        ${this.expires ? html`<p>${t('preview-until')}: ${dayAndTime(this.expires, this.zone)}</p>` : nothing}
        <p class="preview-todo">${t('todo-SUSPENDED_BY_ORDER')}</p>
      </div>
    </figure>`;
  }
}

customElements.define('order-preview', OrderPreview);
