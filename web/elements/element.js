/**
 * @file What every element of these pages has in common.
 *
 * Guarantees: rendered into the page itself, not a shadow tree, so that labels, tests and
 * assistive tools reach everything by plain selectors; rendered anew when the language changes.
 */

import { LitElement } from '../vendor/lit.js';
import { texts } from '../texts.js';

export class ParloirElement extends LitElement {
  #languageChanged = () => this.requestUpdate();

  /** @override */
  createRenderRoot() {
    return this;
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    texts.addEventListener('change', this.#languageChanged);
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    texts.removeEventListener('change', this.#languageChanged);
  }

  /**
   * Tell the page what the person wants, as a bubbling event.
   * @param {string} wish the event's name
   * @param {unknown} [detail]
   */
  tell(wish, detail) {
    this.dispatchEvent(new CustomEvent(wish, { detail, bubbles: true }));
  }
}

/**
 * Whether the focus was taken away with the element that had it.
 * @param {Element | null | undefined} had what had the focus before
 */
export const focusLost = (had) => !!had && !had.isConnected && document.activeElement === document.body;

/** An element that is rendered anew every second while it is on the page. */
export class TickingElement extends ParloirElement {
  /** @type {number | undefined} */
  #ticker;

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.#ticker = window.setInterval(() => this.requestUpdate(), 500);
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.#ticker);
  }
}
