/**
 * @file `<visit-call>`: the waiting room and the call: the other's picture large, one's own
 * small, the time left, the badge, and the few things a visitor can do.
 *
 * Tells `visit-leave`, `visit-call-staff`.
 */

import { html, nothing } from '../vendor/lit.js';
import { clockTime } from '../moments.js';
import { t, texts } from '../texts.js';
import { ParloirElement } from './element.js';
import { icon } from './icon.js';
import './leave-button.js';
import './live-picture.js';
import './visit-badge.js';
import './visit-countdown.js';

export class VisitCall extends ParloirElement {
  static properties = {
    visitor: { attribute: false },
    revision: { attribute: false },
    minutesLeft: { attribute: false },
    warning: { attribute: false },
    silent: { state: true },
  };

  constructor() {
    super();
    /** @type {import('../visitor.js').Visitor | null} */
    this.visitor = null;
    this.revision = 0;
    /** Minutes left, while that is being said. @type {number | null} */
    this.minutesLeft = null;
    /** What the guard warns of, while that is being said. @type {string | null} */
    this.warning = null;
    /** Whether the browser plays no sound until it is tapped. */
    this.silent = false;
  }

  /** @override */
  render() {
    const visitor = this.visitor;
    const visit = visitor?.visit;
    if (!visitor || !visit) return nothing;
    return html`<section class="call" aria-label=${t('visit-with', { name: visit.inmate_name })}>
      <div class="call-facts">
        <visit-badge .visitType=${visit.visit_type} .recorded=${visit.recorded}></visit-badge>
        <visit-countdown .visit=${visit} .clock=${visitor.clock}></visit-countdown>
      </div>
      <div class="stage" @sound-blocked=${() => (this.silent = true)}>
        <live-picture
          class="stage-remote" sound .stream=${visitor.peer?.remote ?? null}
          .testId=${'remote-video'} .label=${visit.inmate_name}></live-picture>
        ${this.#overlay(visitor)}
        <live-picture
          class="stage-self" mirrored .stream=${visitor.devices.stream} ?hidden=${!visitor.devices.camera}
          .testId=${'self-video'} .label=${t('visit-self')}></live-picture>
        ${visitor.devices.camera && visitor.devices.cameraOff
          ? html`<p class="stage-self stage-self-off" data-testid="self-off">${icon('camera-off')}
              <span class="visually-hidden">${t('visit-self-off')}</span></p>`
          : nothing}
        ${this.warning === null
          ? nothing
          : html`<p class="reminder reminder-warning" role="alert" data-testid="warning">
              <span aria-hidden="true">▲</span> <strong>${t('warning-title')}</strong> ${t(`warning-${this.warning}`)}</p>`}
        ${this.minutesLeft === null || this.warning !== null
          ? nothing
          : html`<p class="reminder" role="status" data-testid="reminder">
              ${t('visit-reminder', { minutes: this.minutesLeft })}</p>`}
        ${this.silent
          ? html`<button type="button" class="button button-main stage-sound" @click=${this.#unmute}>
              ${icon('sound')} ${t('visit-turn-sound-on')}
            </button>`
          : nothing}
      </div>
      ${visit.stopping ? stopping(visit.stopping) : nothing}
      ${this.#controls(visitor)}
      ${visitor.staffCalled
        ? html`<p class="notice-box" role="status">${t('visit-staff-called')}</p>`
        : nothing}
      ${visitor.dataState === 'LIVE' && visitor.peer?.connected && visitor.peer.pictureOff
        ? html`<p class="notice-box" role="status" data-testid="own-picture-off">${t('visit-own-picture-off')}</p>`
        : nothing}
    </section>`;
  }

  /** @param {import('../visitor.js').Visitor} visitor */
  #overlay(visitor) {
    const state = visitor.dataState;
    if (state === 'LIVE') {
      if (visitor.peer?.connected) return visitor.peer.remotePaused ? remotePaused() : nothing;
      return html`<div class="stage-overlay"><p class="stage-words">${t('visit-connecting-media')}</p></div>`;
    }
    const words = {
      RECONNECTING: t('visit-reconnecting'),
      PAUSED: t('visit-paused'),
      WAITING_VISITOR: t('visit-connecting-media'),
    }[state];
    return html`<div class="stage-overlay" ?data-opaque=${state !== 'RECONNECTING'}>
      ${state === 'PAUSED' ? icon('pause') : html`<span class="breathing" aria-hidden="true"></span>`}
      <p class="stage-words">${words ?? t('visit-waiting')}</p>
      ${words ? nothing : html`<p class="stage-quiet">${t('visit-waiting-hint')}</p>`}
    </div>`;
  }

  /** @param {import('../visitor.js').Visitor} visitor */
  #controls(visitor) {
    const { devices } = visitor;
    return html`<div class="controls">
      <button
        type="button" class="control" ?data-off=${devices.muted} ?disabled=${!devices.microphone}
        data-testid="mute" @click=${() => devices.mute(!devices.muted)}
      >${icon(devices.muted ? 'microphone-off' : 'microphone')}
        <span>${devices.muted ? t('visit-unmute') : t('visit-mute')}</span></button>
      <button
        type="button" class="control" ?data-off=${devices.cameraOff} ?disabled=${!devices.camera}
        data-testid="camera-off" @click=${() => devices.turnCameraOff(!devices.cameraOff)}
      >${icon(devices.cameraOff ? 'camera-off' : 'camera')}
        <span>${devices.cameraOff ? t('visit-camera-on') : t('visit-camera-off')}</span></button>
      <button
        type="button" class="control" data-testid="call-staff" ?disabled=${visitor.staffCalled}
        @click=${() => this.tell('visit-call-staff')}
      >${icon('help')} <span>${t('visit-call-staff')}</span></button>
      <leave-button></leave-button>
    </div>`;
  }

  #unmute() {
    this.silent = false;
    for (const video of this.querySelectorAll('video')) void video.play();
  }
}

/**
 * What stops this call in a moment, and when: said once, in the order's own words.
 * @param {import('../protocol.js').Refusal} refusal
 */
function stopping(refusal) {
  const words = refusal.public_text?.[texts.language] ?? '';
  return html`<div class="notice-box" role="alert" data-testid="stopping">
    <p><strong>${t('visit-stopping', { until: refusal.until ? clockTime(refusal.until) : '' })}</strong></p>
    <p>${refusal.reason_code ? `${t(`order-reason-${refusal.reason_code}`)}. ` : ''}${words}</p>
  </div>`;
}

/** Instead of a face that stands still. */
function remotePaused() {
  return html`<div class="stage-overlay" data-opaque data-testid="remote-picture-off">
    ${icon('camera-off')}
    <p class="stage-words">${t('visit-remote-picture-off')}</p>
    <p class="stage-quiet">${t('visit-remote-picture-off-hint')}</p>
  </div>`;
}

customElements.define('visit-call', VisitCall);
