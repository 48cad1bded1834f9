/**
 * @file `<sound-level>`: how loud the microphone hears, as a bar that moves with the voice.
 */

import { html } from '../vendor/lit.js';
import { t } from '../texts.js';
import { ParloirElement } from './element.js';

export class SoundLevel extends ParloirElement {
  static properties = { devices: { attribute: false } };

  constructor() {
    super();
    /** @type {import('../media.js').Devices | null} */
    this.devices = null;
  }

  /** @type {number | undefined} */
  #ticker;

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.#ticker = window.setInterval(() => this.#measure(), 100);
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.#ticker);
  }

  #measure() {
    const meter = this.querySelector('meter');
    if (meter && this.devices) meter.value = this.devices.level();
  }

  /** @override */
  render() {
    return html`<label class="sound-level">
      <span class="quiet">${t('check-speak')}</span>
      <meter min="0" max="1" value="0"></meter>
    </label>`;
  }
}

customElements.define('sound-level', SoundLevel);
