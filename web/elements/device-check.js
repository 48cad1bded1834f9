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
    const tried = this.started || devices.stream !== null || deviceFaults(devices).length > 0;
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
        ${devices.camera ? works(t('check-camera-works')) : nothing}
        ${devices.microphone ? works(t('check-microphone-works')) : nothing}
        ${deviceFaults(devices).map((fault) => html`<li class="fails">${icon('cross')} <span>${fault}</span></li>`)}
      </ul></div>
      ${devices.microphone ? html`<sound-level .devices=${devices}></sound-level>` : nothing}
      ${devices.stream && deviceFaults(devices).length > 0
        ? html`<p class="quiet">${t('check-one-is-enough')}</p>`
        : nothing}
    `;
  }
}

/** @param {string} words */
const works = (words) => html`<li class="works">${icon('check')} <span>${words}</span></li>`;

/**
 * What is wrong with the devices and how to mend it; one sentence where both fail alike.
 * @param {import('../media.js').Devices} devices
 * @returns {string[]}
 */
export function deviceFaults(devices) {
  const { cameraFault: camera, microphoneFault: microphone } = devices;
  if (camera !== null && camera === microphone) return [bothFault(camera)];
  return [
    ...(camera === null ? [] : [cameraFault(devices)]),
    ...(microphone === null ? [] : [microphoneFault(devices)]),
  ];
}

/** @param {import('../media.js').DeviceFault} fault */
function bothFault(fault) {
  switch (fault) {
    case 'DENIED':
      return t('check-both-denied');
    case 'ABSENT':
      return t('check-both-absent');
    case 'INSECURE':
      return t('check-insecure');
    default:
      return t('check-both-busy');
  }
}

/** @param {import('../media.js').Devices} devices */
function cameraFault(devices) {
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
function microphoneFault(devices) {
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
