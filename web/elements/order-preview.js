/**
 * @file `<order-preview>`: the inmate's and the visitor's screens as an order would fill them, each
 * in Russian and English, in the words of their own catalogues.
 */

import { html, nothing } from '../vendor/lit.js';
import { dayAndTime } from '../moments.js';
import { emptyPlan } from '../orders.js';
import { catalogueOf, LANGUAGES, t } from '../texts.js';
import { ParloirElement } from './element.js';

const SCREENS = Object.freeze([
  { name: 'inmate', look: 'preview-kiosk', files: ['kiosk', 'reasons', 'visitor', 'orders'] },
  { name: 'visitor', look: 'preview-phone', files: ['visitor', 'reasons', 'orders'] },
]);

/** @typedef {(key: string) => string | null} Catalogue */

export class OrderPreview extends ParloirElement {
  static properties = {
    plan: { attribute: false },
    zone: { attribute: false },
    facility: { attribute: false },
    words: { state: true },
  };

  constructor() {
    super();
    this.plan = emptyPlan();
    this.zone = 'UTC';
    /** Who is said to have decided: the facility, never an account. */
    this.facility = '';
    /** Catalogue by screen and language. @type {Map<string, Catalogue>} */
    this.words = new Map();
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    void this.#load();
  }

  async #load() {
    const pairs = SCREENS.flatMap(({ name, files }) => LANGUAGES.map((language) => ({ name, files, language })));
    this.words = new Map(
      await Promise.all(
        pairs.map(async ({ name, files, language }) =>
          /** @type {[string, Catalogue]} */ ([`${name}-${language}`, await catalogueOf(language, files)])),
      ),
    );
  }

  /** @override */
  render() {
    if (this.words.size === 0) return html`<p class="working" role="status">${t('loading')}</p>`;
    return html`<div class="previews">
      ${SCREENS.map(({ name, look }) => LANGUAGES.map((language) => this.#screen(name, look, language)))}
    </div>`;
  }

  /**
   * @param {string} name
   * @param {string} look
   * @param {string} language
   */
  #screen(name, look, language) {
    const say = this.words.get(`${name}-${language}`) ?? (() => null);
    const { plan } = this;
    const words = plan.withheld ? say('order-neutral-text') : plan[/** @type {'ru' | 'en'} */ (language)];
    const todo = (name === 'inmate' && say('own-todo-SUSPENDED_BY_ORDER')) || say('todo-SUSPENDED_BY_ORDER');
    return html`<figure class="preview ${look}" data-testid="preview-${name}-${language}">
      <figcaption>${t(`preview-${name}`)} · ${language}</figcaption>
      <div class="preview-screen" lang=${language}>
        <p class="preview-head">${say('outcome-SUSPENDED_BY_ORDER')}</p>
        ${words ? html`<p class="preview-words">${words}</p>` : html`<p class="preview-words preview-missing" lang=${document.documentElement.lang}>${t('preview-no-words')}</p>`}
        ${plan.reason && !plan.withheld ? html`<p>${say('over-why')}: <b>${say(`order-reason-${plan.reason}`)}</b></p>` : nothing}
        ${plan.expires ? html`<p>${say('over-until')}: <b>${dayAndTime(plan.expires, this.zone, language)}</b></p>` : nothing}
        <p>${say('over-decided-by')}: <b>${this.facility}</b></p>
        <p class="preview-todo">${todo}</p>
      </div>
    </figure>`;
  }
}

customElements.define('order-preview', OrderPreview);
