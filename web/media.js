/**
 * @file A visitor's camera and microphone, without any UI.
 *
 * Guarantees: `Devices` says of each device whether it works or why not, and takes it again
 * when its track ends or the page comes back to the front. Leaves to others: sending what they
 * give (`peer.js`), what to show.
 */

const CAMERA = {
  width: { ideal: 640 },
  height: { ideal: 360 },
  frameRate: { ideal: 25, max: 30 },
  facingMode: 'user',
};
const MICROPHONE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

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
