/**
 * @file A guard's receive-only peer for one party of a call, without any UI.
 *
 * Guarantees: nothing of this device is ever sent; a monitor that is closed is taken down at the
 * relay too, even while the page is being left. Leaves to others: which parties, and sound or not.
 */

import { post, remove } from './rest.js';

/** So long a first picture may take before the monitor counts as failed. */
const PATIENCE_MS = 10_000;

/** Dispatches `change` when `state` has changed. */
export class Monitor extends EventTarget {
  stream = new MediaStream();
  /** @type {'CONNECTING' | 'LIVE' | 'LOST'} */
  state = 'CONNECTING';
  /** What the relay refused it for. @type {unknown} */
  error = null;
  #visit;
  #party;
  #audio;
  /** @type {RTCPeerConnection | null} */
  #connection = null;
  /** Where the relay knows it. */
  #location = '';
  #closed = false;
  /** @type {number | undefined} */
  #waiting;

  /**
   * @param {string} visit
   * @param {'INMATE' | 'VISITOR'} party
   * @param {boolean} audio whether to hear the party
   */
  constructor(visit, party, audio) {
    super();
    this.#visit = visit;
    this.#party = party;
    this.#audio = audio;
  }

  /** Ask for the party's media; never rejects. */
  async open() {
    const connection = new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' });
    this.#connection = connection;
    connection.addTransceiver('audio', { direction: 'recvonly' });
    connection.addTransceiver('video', { direction: 'recvonly' });
    connection.ontrack = ({ track }) => {
      this.stream.addTrack(track);
      if (track.kind === 'video') track.onunmute = () => this.#become('LIVE');
    };
    connection.onconnectionstatechange = () => {
      if (['failed', 'closed'].includes(connection.connectionState)) this.#become('LOST');
    };
    this.#waiting = window.setTimeout(() => {
      if (this.state === 'CONNECTING') this.#become('LOST');
    }, PATIENCE_MS);
    try {
      await connection.setLocalDescription(await connection.createOffer());
      const sdp = connection.localDescription?.sdp;
      const path = `visits/${this.#visit}/monitors`;
      /** @type {{id: string, sdp: string}} */
      const answer = await post(path, { party: this.#party, audio: this.#audio, sdp });
      this.#location = `${path}/${answer.id}`;
      if (this.#closed) await this.#leave();
      else await connection.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
    } catch (error) {
      this.error = error;
      this.#become('LOST');
    }
  }

  /** Watch no longer. */
  async close() {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#waiting);
    this.#connection?.close();
    await this.#leave();
  }

  async #leave() {
    const location = this.#location;
    this.#location = '';
    // What is not there any more, because the call has ended, is as good as taken down.
    if (location) await remove(location).catch((error) => console.info('monitor not closed', error.code));
  }

  /** @param {'LIVE' | 'LOST'} state */
  #become(state) {
    if (this.#closed || this.state === state) return;
    this.state = state;
    this.dispatchEvent(new Event('change'));
  }
}
