/**
 * @file Camera, microphone and the one peer connection of a visitor, without any UI.
 *
 * Guarantees: `Devices` says of each device whether it works or why not, and takes it again
 * when its track ends or the page comes back to the front; `Peer` always offers one audio and
 * one video section, VP8 first, and asks no ICE server. Leaves to others: when to offer
 * (`visitor.js`), what to show.
 */

const CAMERA = {
  width: { ideal: 640 },
  height: { ideal: 360 },
  frameRate: { ideal: 25, max: 30 },
  facingMode: 'user',
};
const MICROPHONE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const LARGEST_BITRATE = 700_000;
const GATHERING_MS = 500;

/** @typedef {'DENIED' | 'ABSENT' | 'BUSY' | 'INSECURE'} DeviceFault */

/**
 * Why `getUserMedia` failed, in the four ways that have a fix of their own.
 * @param {unknown} error
 * @returns {DeviceFault}
 */
export function deviceFault(error) {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError') return 'DENIED';
  if (name === 'SecurityError' || error instanceof TypeError) return 'INSECURE';
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'ABSENT';
  return 'BUSY';
}

/** The visitor's camera and microphone. Dispatches `change`. */
export class Devices extends EventTarget {
  /** @type {MediaStream | null} */
  stream = null;
  /** @type {DeviceFault | null} */
  cameraFault = null;
  /** @type {DeviceFault | null} */
  microphoneFault = null;
  muted = false;
  cameraOff = false;
  acquiring = false;
  /** @type {AudioContext | null} */
  #audio = null;
  /** @type {AnalyserNode | null} */
  #analyser = null;
  /** @type {Promise<boolean> | null} */
  #acquisition = null;

  constructor() {
    super();
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible' && this.stream && this.#lostTrack()) {
        void this.acquire();
      }
    });
  }

  /** The live camera track, or null. */
  get camera() {
    return liveTrack(this.stream?.getVideoTracks() ?? []);
  }

  /** The live microphone track, or null. */
  get microphone() {
    return liveTrack(this.stream?.getAudioTracks() ?? []);
  }

  /**
   * Ask for camera and microphone, for each alone when both cannot be had.
   * @returns {Promise<boolean>} whether at least one of them works
   */
  acquire() {
    this.#acquisition ??= this.#acquire().finally(() => {
      this.#acquisition = null;
    });
    return this.#acquisition;
  }

  async #acquire() {
    this.acquiring = true;
    this.#changed();
    const tracks = [this.camera, this.microphone].filter((track) => track !== null);
    const missing = { video: !this.camera, audio: !this.microphone };
    if (missing.video && missing.audio) {
      const both = await capture({ video: CAMERA, audio: MICROPHONE });
      if (both.stream) {
        tracks.push(...both.stream.getTracks());
        missing.video = missing.audio = false;
      }
    }
    const camera = missing.video ? await capture({ video: CAMERA }) : null;
    const microphone = missing.audio ? await capture({ audio: MICROPHONE }) : null;
    tracks.push(...(camera?.stream?.getTracks() ?? []));
    tracks.push(...(microphone?.stream?.getTracks() ?? []));
    this.cameraFault = camera?.fault ?? null;
    this.microphoneFault = microphone?.fault ?? null;
    this.#adopt(tracks);
    this.acquiring = false;
    this.#changed();
    return tracks.length > 0;
  }

  /** @param {MediaStreamTrack[]} tracks */
  #adopt(tracks) {
    this.stream = tracks.length > 0 ? new MediaStream(tracks) : null;
    for (const track of tracks) {
      track.onended = () => void this.acquire();
      track.enabled = track.kind === 'audio' ? !this.muted : !this.cameraOff;
    }
    this.#analyser = null;
  }

  #lostTrack() {
    return this.stream?.getTracks().some((track) => track.readyState === 'ended') ?? false;
  }

  /** @param {boolean} muted */
  mute(muted) {
    this.muted = muted;
    for (const track of this.stream?.getAudioTracks() ?? []) track.enabled = !muted;
    this.#changed();
  }

  /** @param {boolean} off */
  turnCameraOff(off) {
    this.cameraOff = off;
    for (const track of this.stream?.getVideoTracks() ?? []) track.enabled = !off;
    this.#changed();
  }

  /** How loud the microphone is now, 0 to 1. @returns {number} */
  level() {
    const microphone = this.microphone;
    if (!microphone) return 0;
    if (!this.#analyser) {
      this.#audio ??= new AudioContext();
      this.#analyser = this.#audio.createAnalyser();
      this.#analyser.fftSize = 512;
      this.#audio.createMediaStreamSource(new MediaStream([microphone])).connect(this.#analyser);
    }
    const samples = new Float32Array(this.#analyser.fftSize);
    this.#analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    // −50 dB is a quiet room, −10 dB a clear voice.
    const decibels = 10 * Math.log10(power + 1e-10);
    return Math.min(1, Math.max(0, (decibels + 50) / 40));
  }

  /** Play two soft notes, so that the visitor hears whether sound comes out. */
  async playTestSound() {
    this.#audio ??= new AudioContext();
    const audio = this.#audio;
    void audio.resume(); // without a sound card some browsers never settle it
    for (const [index, frequency] of [523.25, 659.25].entries()) {
      const starts = audio.currentTime + index * 0.45;
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      tone.frequency.value = frequency;
      volume.gain.setValueAtTime(0, starts);
      volume.gain.linearRampToValueAtTime(0.25, starts + 0.05);
      volume.gain.linearRampToValueAtTime(0, starts + 0.6);
      tone.connect(volume).connect(audio.destination);
      tone.start(starts);
      tone.stop(starts + 0.65);
    }
    await new Promise((resolve) => setTimeout(resolve, 1100));
  }

  /** Let go of camera and microphone. */
  release() {
    for (const track of this.stream?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    this.stream = null;
    this.#analyser = null;
    void this.#audio?.close();
    this.#audio = null;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}

/** @param {MediaStreamTrack[]} tracks */
const liveTrack = (tracks) => tracks.find((track) => track.readyState === 'live') ?? null;

/**
 * @param {MediaStreamConstraints} constraints
 * @returns {Promise<{stream: MediaStream | null, fault: DeviceFault | null}>}
 */
async function capture(constraints) {
  try {
    return { stream: await navigator.mediaDevices.getUserMedia(constraints), fault: null };
  } catch (error) {
    return { stream: null, fault: deviceFault(error) };
  }
}

/** Whether the browser already lets this page use a camera or a microphone without asking. */
export async function permissionGranted() {
  try {
    const states = await Promise.all(
      ['camera', 'microphone'].map((name) =>
        navigator.permissions.query({ name: /** @type {PermissionName} */ (name) }),
      ),
    );
    return states.every((status) => status.state === 'granted');
  } catch {
    return false; // the browser does not tell: ask by a tap
  }
}

/**
 * One WebRTC peer towards the relay; made for one offer, closed when another replaces it.
 * Dispatches `change` (remote media, connection) and `failed` (make a new one).
 */
export class Peer extends EventTarget {
  /** The relay's media; tracks are added as they arrive. */
  remote = new MediaStream();
  connected = false;
  #connection = new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' });
  #audio;
  #video;
  /** @type {number | undefined} */
  #patience;

  /** @param {Devices} devices */
  constructor(devices) {
    super();
    const connection = this.#connection;
    this.#audio = this.#section('audio', devices.microphone);
    this.#video = this.#section('video', devices.camera);
    preferVp8(this.#video);
    connection.ontrack = (event) => {
      this.remote.addTrack(event.track);
      event.track.onunmute = () => this.#changed();
      this.#changed();
    };
    connection.onconnectionstatechange = () => this.#connectionChanged();
  }

  /** Whether a device now works that this peer was made without. @param {Devices} devices */
  lacks(devices) {
    return (
      (devices.camera !== null && this.#video.direction === 'recvonly') ||
      (devices.microphone !== null && this.#audio.direction === 'recvonly')
    );
  }

  /**
   * The SDP to offer, with the host candidates that are known by then.
   * @returns {Promise<string>}
   */
  async offer() {
    const connection = this.#connection;
    await connection.setLocalDescription(await connection.createOffer());
    // The relay is ICE-lite and learns addresses from checks: candidates are a courtesy,
    // so a browser that is slow to gather is not waited for.
    await gathered(connection);
    return connection.localDescription?.sdp ?? '';
  }

  /**
   * Take the relay's answer.
   * @param {string} sdp
   */
  async answer(sdp) {
    await this.#connection.setRemoteDescription({ type: 'answer', sdp });
    await this.#limitBitrate();
  }

  /** Send the devices' present tracks. @param {Devices} devices */
  async replaceTracks(devices) {
    if (this.#audio.direction === 'sendrecv') {
      await this.#audio.sender.replaceTrack(devices.microphone);
    }
    if (this.#video.direction === 'sendrecv') {
      await this.#video.sender.replaceTrack(devices.camera);
    }
  }

  /** Take the connection down; nothing is dispatched any more. */
  close() {
    clearTimeout(this.#patience);
    this.#connection.onconnectionstatechange = null;
    this.#connection.ontrack = null;
    this.#connection.close();
    this.connected = false;
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

  async #limitBitrate() {
    const parameters = this.#video.sender.getParameters();
    if (!this.#video.sender.track || parameters.encodings.length === 0) return;
    parameters.encodings[0].maxBitrate = LARGEST_BITRATE;
    await this.#video.sender.setParameters(parameters);
  }

  #connectionChanged() {
    const state = this.#connection.connectionState;
    clearTimeout(this.#patience);
    this.connected = state === 'connected';
    if (state === 'failed') this.dispatchEvent(new Event('failed'));
    if (state === 'disconnected') {
      // Wi-Fi to mobile: ICE may come back by itself, but not for long.
      this.#patience = window.setTimeout(() => this.dispatchEvent(new Event('failed')), 4000);
    }
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}

/** @param {RTCPeerConnection} connection */
function gathered(connection) {
  return new Promise((resolve) => {
    const look = () => connection.iceGatheringState === 'complete' && resolve(undefined);
    connection.addEventListener('icegatheringstatechange', look);
    setTimeout(resolve, GATHERING_MS);
    look();
  });
}

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
