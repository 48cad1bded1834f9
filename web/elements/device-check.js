/**
 * @file `<device-check>`: the visitor tries camera, microphone and speaker before the visit.
 *
 * Guarantees: trying never uses the link up; each fault comes with its own plain fix.
 */

import { html, nothing } from '../vendor/lit.js';
import { t } from '../texts.js';
import { ParloirElement } from './element.js';
import { icon } from './icon.js';
import './live-picture.js';
import './sound-level.js';

export class DeviceCheck extends ParloirElement {
  static properties = {
    devices: { attribute: false },
    started: { state: true },
    sounding: { state: true },
  };

  constructor() {
    super();
    /** @type {import('../media.js').Devices | null} */
    this.devices = null;
    this.started = false;
    this.sounding = false;
  }

  #devicesChanged = () => this.requestUpdate();

  /** @override @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!changed.has('devices')) return;
    const before = /** @type {EventTarget | undefined} */ (changed.get('devices'));
    before?.removeEventListener('change', this.#devicesChanged);
    this.devices?.addEventListener('change', this.#devicesChanged);
  }

  async #start() {
    this.started = true;
    await this.devices?.acquire();
  }

  async #sound() {
    this.sounding = true;
    await this.devices?.playTestSound();
    this.sounding = false;
  }

  /** @override */
  render() {
    const devices = this.devices;
    if (!devices) return nothing;
    const tried = this.started || devices.stream !== null || faults(devices).length > 0;
    return html`<section class="card check" aria-labelledby="check-title">
      <h2 id="check-title">${t('check-title')}</h2>
      ${tried ? this.#results(devices) : html`<p class="quiet">${t('check-hint')}</p>`}
      <div class="buttons">
        <button
          type="button" class="button" data-testid="check" ?data-done=${tried}
          ?disabled=${devices.acquiring} @click=${this.#start}
        >${tried ? t('check-again') : t('check-start')}</button>
        ${tried
          ? html`<button type="button" class="button" ?disabled=${this.sounding} @click=${this.#sound}>
              ${icon('sound')} ${this.sounding ? t('check-sounding') : t('check-sound')}
            </button>`
          : nothing}
      </div>
    </section>`;
  }

  /** @param {import('../media.js').Devices} devices */
  #results(devices) {
    if (devices.acquiring && !devices.stream) {
      return html`<p role="status" class="working">${t('check-asking')}</p>`;
    }
    return html`
      ${devices.camera
        ? html`<live-picture
            class="check-picture" mirrored .stream=${devices.stream} .testId=${'self-video'}
            .label=${t('visit-self')}></live-picture>`
        : nothing}
      <div role="status"><ul class="check-results">
        ${this.#result(devices.camera !== null, t('check-camera-works'), cameraFault(devices))}
        ${this.#result(devices.microphone !== null, t('check-microphone-works'), microphoneFault(devices))}
      </ul></div>
      ${devices.microphone ? html`<sound-level .devices=${devices}></sound-level>` : nothing}
      ${devices.stream && faults(devices).length > 0
        ? html`<p class="quiet">${t('check-one-is-enough')}</p>`
        : nothing}
    `;
  }

  /**
   * @param {boolean} works
   * @param {string} words
   * @param {string} fault
   */
  #result(works, words, fault) {
    return works
      ? html`<li class="works">${icon('check')} <span>${words}</span></li>`
      : html`<li class="fails">${icon('cross')} <span>${fault}</span></li>`;
  }
}

/** @param {import('../media.js').Devices} devices */
function faults(devices) {
  return [devices.cameraFault, devices.microphoneFault].filter((fault) => fault !== null);
}

/** @param {import('../media.js').Devices} devices */
export function cameraFault(devices) {
  switch (devices.cameraFault) {
    case 'DENIED':
      return t('check-camera-denied');
    case 'ABSENT':
      return t('check-camera-absent');
    case 'INSECURE':
      return t('check-insecure');
    default:
      return t('check-camera-busy');
  }
}

/** @param {import('../media.js').Devices} devices */
export function microphoneFault(devices) {
  switch (devices.microphoneFault) {
    case 'DENIED':
      return t('check-microphone-denied');
    case 'ABSENT':
      return t('check-microphone-absent');
    case 'INSECURE':
      return t('check-insecure');
    default:
      return t('check-microphone-busy');
  }
}

customElements.define('device-check', DeviceCheck);
