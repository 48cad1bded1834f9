/**
 * @file The one connection of a visitor to the relay, without any UI.
 *
 * Guarantees: a `Peer` always offers one audio and one video section, VP8 first and whatever else
 * the browser has behind it, H.264 among it (the relay chooses), and waits for no candidate: the relay is ICE-lite and learns addresses from checks. While it is connected it
 * measures once a second and sends as much picture as the ladder says, sound always first. A
 * connection that breaks is asked to be restarted for `RESTART_FOR_MS`, then given up.
 * Leaves to others: carrying offers and answers (`visitor.js`), which rung (`quality.js`).
 */

import { Measures } from './measures.js';
import { Ladder, PictureWatch, divisor } from './quality.js';

/** @typedef {import('./media.js').Devices} Devices */

export const RESTART_FOR_MS = 60_000;
export const RESTART_EVERY_MS = 5000;
const MEASURE_EVERY_MS = 1000;

/**
 * Dispatches `change` (remote media, connection, quality), `restart` (offer anew with the same
 * peer) and `failed` (make a new one).
 */
export class Peer extends EventTarget {
  /** The relay's media; tracks are added as they arrive. */
  remote = new MediaStream();
  connected = false;
  /** Whether it was connected before, and may be again. */
  worthRestarting = false;
  /** Whether the other party's picture stands still while its sound goes on. */
  remotePaused = false;
  #connection;
  #audio;
  #video;
  #ladder = new Ladder();
  #watch = new PictureWatch();
  #measures;
  /** What the sender was last told. */
  #applied = '';
  /** When the connection broke. @type {number | null} */
  #brokeAt = null;
  /** @type {number | undefined} */
  #retry;
  /** @type {number | undefined} */
  #measuring;
  #networkChanged = () => {
    if (this.worthRestarting) this.dispatchEvent(new Event('restart'));
  };

  /**
   * @param {Devices} devices
   * @param {RTCIceServer[]} [iceServers] the relay's own; nobody else is ever asked
   */
  constructor(devices, iceServers = []) {
    super();
    const connection = new RTCPeerConnection({ iceServers, bundlePolicy: 'max-bundle' });
    this.#connection = connection;
    this.#measures = new Measures(connection);
    this.#audio = this.#section('audio', devices.microphone);
    this.#video = this.#section('video', devices.camera);
    preferVp8(this.#video);
    connection.ontrack = (event) => {
      this.remote.addTrack(event.track);
      event.track.onunmute = () => this.#changed();
      this.#changed();
    };
    connection.onconnectionstatechange = () => this.#connectionChanged();
    networkChanges.addEventListener('change', this.#networkChanged);
  }

  /** Whether a device now works that this peer was made without. @param {Devices} devices */
  lacks(devices) {
    return (
      (devices.camera !== null && this.#video.direction === 'recvonly') ||
      (devices.microphone !== null && this.#audio.direction === 'recvonly')
    );
  }

  /** Whether one's own picture is left out because of the network. */
  get pictureOff() {
    return this.#video.sender.track !== null && this.#ladder.rung.bitrate === 0;
  }

  /**
   * The SDP to offer; with `restart`, to find a new way for the connection that there is.
   * @param {{restart?: boolean}} [how]
   * @returns {Promise<string>}
   */
  async offer({ restart = false } = {}) {
    const connection = this.#connection;
    await connection.setLocalDescription(await connection.createOffer({ iceRestart: restart }));
    return connection.localDescription?.sdp ?? '';
  }

  /**
   * Take the relay's answer.
   * @param {string} sdp
   * @returns {Promise<boolean>} false when it comes from another relay or worker than before:
   *   DTLS cannot go on with a new certificate, a new peer can
   */
  async answer(sdp) {
    const before = this.#connection.currentRemoteDescription?.sdp;
    if (before !== undefined && fingerprint(before) !== fingerprint(sdp)) return false;
    await this.#connection.setRemoteDescription({ type: 'answer', sdp });
    await this.#preferSound();
    await this.#applyRung();
    return true;
  }

  /** Send the devices' present tracks. @param {Devices} devices */
  async replaceTracks(devices) {
    if (this.#audio.direction === 'sendrecv') {
      await this.#audio.sender.replaceTrack(devices.microphone);
    }
    if (this.#video.direction === 'sendrecv' && this.#connection.signalingState !== 'closed') {
      await this.#video.sender.replaceTrack(devices.camera);
    }
  }

  /** Take the connection down; nothing is dispatched any more. */
  close() {
    clearTimeout(this.#retry);
    clearInterval(this.#measuring);
    networkChanges.removeEventListener('change', this.#networkChanged);
    this.#connection.onconnectionstatechange = null;
    this.#connection.ontrack = null;
    this.#connection.close();
    this.connected = this.worthRestarting = false;
  }

  /**
   * @param {'audio' | 'video'} kind
   * @param {MediaStreamTrack | null} track
   */
  #section(kind, track) {
    return this.#connection.addTransceiver(track ?? kind, {
      direction: track ? 'sendrecv' : 'recvonly',
    });
  }

  // ── quality ────────────────────────────────────────────────────────────────────────────────
  async #measure() {
    const rung = this.#ladder.rung;
    const measured = await this.#measures.take({ picture: rung.bitrate > 0 });
    if (!this.connected) return;
    if (this.#video.sender.track) {
      const { at, available, loss } = measured;
      this.#ladder.take({ at, available, loss });
      await this.#applyRung();
    }
    const paused = this.remotePaused;
    this.remotePaused = this.#watch.take(measured);
    if (paused !== this.remotePaused || rung !== this.#ladder.rung) this.#changed();
  }

  async #applyRung() {
    const { sender } = this.#video;
    const parameters = sender.getParameters();
    if (!sender.track || !parameters.encodings?.length) return;
    const { bitrate } = this.#ladder.rung;
    const wanted = { active: bitrate > 0, ...(bitrate > 0 && this.#limits(sender.track)) };
    if (JSON.stringify(wanted) === this.#applied) return;
    Object.assign(parameters.encodings[0], wanted);
    if (await this.#set(sender, parameters)) this.#applied = JSON.stringify(wanted);
  }

  /** @param {MediaStreamTrack} track */
  #limits(track) {
    const { width = 0, height = 0 } = track.getSettings();
    const { rung } = this.#ladder;
    return { maxBitrate: rung.bitrate, scaleResolutionDownBy: divisor(rung, width, height) };
  }

  async #preferSound() {
    const { sender } = this.#audio;
    const parameters = sender.getParameters();
    if (!parameters.encodings?.length) return;
    Object.assign(parameters.encodings[0], { priority: 'high', networkPriority: 'high' });
    await this.#set(sender, parameters);
  }

  /**
   * @param {RTCRtpSender} sender
   * @param {RTCRtpSendParameters} parameters
   * @returns {Promise<boolean>} whether the browser took them; a later second tries again
   */
  async #set(sender, parameters) {
    try {
      await sender.setParameters(parameters);
      return true;
    } catch (error) {
      const name = error instanceof Error ? error.name : 'unknown';
      if (this.#connection.signalingState !== 'closed') console.warn('sender not adjusted', name);
      return false;
    }
  }

  // ── the connection ─────────────────────────────────────────────────────────────────────────
  #connectionChanged() {
    const state = this.#connection.connectionState;
    this.connected = state === 'connected';
    if (this.connected) {
      this.worthRestarting = true;
      clearTimeout(this.#retry);
      this.#brokeAt = null;
      this.#measuring ??= window.setInterval(() => void this.#measure(), MEASURE_EVERY_MS);
    } else {
      clearInterval(this.#measuring);
      this.#measuring = undefined;
      this.remotePaused = false;
      this.#watch = new PictureWatch();
      if (state === 'disconnected' || state === 'failed' || state === 'closed') this.#broke();
    }
    this.#changed();
  }

  #broke() {
    const dtls = this.#audio.sender.transport?.state;
    if (!this.worthRestarting || dtls === 'closed' || dtls === 'failed') {
      // Not up yet, it may still be; DTLS that has ended cannot be taken up again.
      if (this.#connection.connectionState !== 'disconnected') this.#giveUp();
    } else if (this.#brokeAt === null) {
      this.#brokeAt = performance.now();
      this.#askForRestart(this.#brokeAt);
    }
  }

  /** @param {number} brokeAt */
  #askForRestart(brokeAt) {
    if (performance.now() - brokeAt >= RESTART_FOR_MS) {
      this.#giveUp();
      return;
    }
    this.#retry = window.setTimeout(() => this.#askForRestart(brokeAt), RESTART_EVERY_MS);
    this.dispatchEvent(new Event('restart'));
  }

  #giveUp() {
    this.worthRestarting = false;
    clearTimeout(this.#retry);
    this.dispatchEvent(new Event('failed'));
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}

/** Says `change` when this device has moved to another network, Wi-Fi to mobile for one. */
const networkChanges = new EventTarget();
/** @type {(EventTarget & {type?: string}) | undefined} */
const network = Reflect.get(navigator, 'connection');
let networkType = network?.type;
network?.addEventListener('change', () => {
  // It also tells of every new estimate of the speed.
  if (network.type === networkType) return;
  networkType = network.type;
  if (networkType !== 'none') networkChanges.dispatchEvent(new Event('change'));
});
window.addEventListener('online', () => networkChanges.dispatchEvent(new Event('change')));

/** Who is at the other end, by its certificate. @param {string} sdp */
const fingerprint = (sdp) => /^a=fingerprint:(.*?)\s*$/m.exec(sdp)?.[1].toLowerCase();

/** @param {RTCRtpTransceiver} transceiver */
function preferVp8(transceiver) {
  const codecs = RTCRtpReceiver.getCapabilities?.('video')?.codecs;
  if (!codecs || !('setCodecPreferences' in transceiver)) return; // then the order is the browser's
  const isVp8 = (/** @type {{mimeType: string}} */ codec) => codec.mimeType === 'video/VP8';
  transceiver.setCodecPreferences([
    ...codecs.filter(isVp8),
    ...codecs.filter((codec) => !isVp8(codec)),
  ]);
}
