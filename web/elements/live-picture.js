/**
 * @file `<live-picture>`: one `<video>` that shows a live stream and keeps playing it.
 *
 * Guarantees: plays with sound when `sound` is set; tells `sound-blocked` when the browser
 * refuses that without a tap, and plays on in silence until then.
 */

import { html } from '../vendor/lit.js';
import { ParloirElement } from './element.js';

export class LivePicture extends ParloirElement {
  static properties = {
    stream: { attribute: false },
    sound: { type: Boolean },
    mirrored: { type: Boolean },
    label: { attribute: false },
    testId: { attribute: false },
  };

  constructor() {
    super();
    /** @type {MediaStream | null} */
    this.stream = null;
    this.sound = false;
    this.mirrored = false;
    this.label = '';
    this.testId = '';
  }

  /** @override */
  render() {
    return html`<video
      class=${this.mirrored ? 'mirrored' : ''} data-testid=${this.testId} aria-label=${this.label}
      playsinline autoplay .muted=${!this.sound} .srcObject=${this.stream}
    ></video>`;
  }

  /** @override @param {Map<string, unknown>} changed */
  updated(changed) {
    if (this.stream && (changed.has('stream') || changed.has('sound'))) void this.#play();
  }

  async #play() {
    const video = this.querySelector('video');
    if (!video) return;
    try {
      await video.play();
    } catch (error) {
      // AbortError: another stream was set meanwhile, which plays itself.
      if (this.sound && error instanceof DOMException && error.name === 'NotAllowedError') {
        this.tell('sound-blocked');
      }
    }
  }
}

customElements.define('live-picture', LivePicture);
