/**
 * @file How much picture the network gets: 640×360, 320×180, or none, and never less sound.
 *
 * Guarantees: `Ladder` goes down within `DOWN_AFTER_S` of samples that do not carry the rung, as
 * far as they show to be needed; it goes up one rung at a time, and waits twice as long after each
 * climb that did not hold; what is not known moves it in neither direction. `PictureWatch` calls
 * the other party's picture paused only while its sound goes on. Pure: time is in the samples.
 * Leaves to others: taking samples and obeying (`media.js`). The kiosk climbs the same ladder
 * (`kiosk/engine/quality.py`); `tests/vectors/quality.json` and a comparison hold them together.
 */

/**
 * A rung: the picture's shorter side in pixels and its bitrate at most (0: no picture), and what
 * the whole path must carry for it, sound included, all in bit/s.
 * @typedef {{name: 'FULL' | 'SMALL' | 'AUDIO', side: number, bitrate: number, floor: number}} Rung
 */

/** Best first. @type {readonly Rung[]} */
export const RUNGS = Object.freeze([
  { name: 'FULL', side: 360, bitrate: 700_000, floor: 250_000 },
  { name: 'SMALL', side: 180, bitrate: 180_000, floor: 90_000 },
  { name: 'AUDIO', side: 0, bitrate: 0, floor: 0 },
]);
export const LARGEST_LOSS = 0.1;
/** More loss than this is no moment to ask for more. */
export const CLIMBING_LOSS = 0.03;
/** A rung must be carried with this much to spare before it is climbed to. */
export const HEADROOM = 1.2;
export const DOWN_AFTER_S = 2;
/** After a step the feedback still speaks of the rung before. */
export const SETTLE_S = 1;
export const PATIENCE_S = 8;
export const LONGEST_PATIENCE_S = 128;
/** A climb that fails so soon was a mistake; one that holds so long is forgiven. */
export const CLIMB_HOLDS_S = 20;
export const PICTURE_PAUSED_AFTER_S = 3;

/**
 * What was measured: when (seconds, monotonic), what the path is thought to carry, and which
 * share of the packets was lost. Null is not known, or not known anew.
 * @typedef {{at: number, available: number | null, loss: number | null}} Sample
 */

/** Where one sender stands; starts at the top. */
export class Ladder {
  #index = 0;
  #patience = PATIENCE_S;
  /** When the last step was taken. @type {number | null} */
  #steppedAt = null;
  /** When the last climb was made, until it has held or failed. @type {number | null} */
  #climbedAt = null;
  /** @type {number | null} */
  #badSince = null;
  /** The most that was available in this bad stretch. */
  #bestOfBad = 0;
  /** @type {number | null} */
  #clearSince = null;

  /** The rung to send at. */
  get rung() {
    return RUNGS[this.#index];
  }

  /**
   * Weigh one sample.
   * @param {Sample} sample no earlier than the one before
   * @returns {Rung} the rung from now on
   */
  take(sample) {
    if (this.#climbedAt !== null && sample.at - this.#climbedAt >= CLIMB_HOLDS_S) {
      this.#climbedAt = null;
      this.#patience = PATIENCE_S;
    }
    if (this.#steppedAt !== null && sample.at - this.#steppedAt < SETTLE_S) return this.rung;
    if (this.#isBad(sample)) this.#suffer(sample);
    else if (this.#isClear(sample)) this.#hope(sample);
    else if (sample.available !== null || sample.loss !== null) this.#forget();
    return this.rung;
  }

  /** @param {Sample} sample */
  #isBad({ available, loss }) {
    if (this.rung.bitrate === 0) return false; // nothing is left to give up
    return (
      (loss !== null && loss > LARGEST_LOSS) || (available !== null && available < this.rung.floor)
    );
  }

  /** @param {Sample} sample */
  #isClear({ available, loss }) {
    if (this.#index === 0 || (loss !== null && loss > CLIMBING_LOSS)) return false;
    // Without a picture nobody can tell how much the path would carry.
    if (this.rung.bitrate === 0) return loss !== null || available !== null;
    // An estimate does not grow far beyond what is sent: all that this rung can ever send is enough.
    const enough = Math.min(RUNGS[this.#index - 1].floor, this.rung.bitrate) * HEADROOM;
    return available !== null ? available >= enough : loss !== null;
  }

  /** @param {Sample} sample */
  #suffer({ at, available }) {
    this.#clearSince = null;
    if (this.#badSince === null) {
      this.#badSince = at;
      this.#bestOfBad = 0;
    }
    this.#bestOfBad = Math.max(this.#bestOfBad, available ?? Infinity);
    if (at - this.#badSince < DOWN_AFTER_S) return;
    const best = this.#bestOfBad;
    const fitting = RUNGS.findIndex((rung, index) => index > this.#index && rung.floor <= best);
    if (this.#climbedAt !== null) {
      this.#patience = Math.min(this.#patience * 2, LONGEST_PATIENCE_S);
      this.#climbedAt = null;
    }
    this.#step(fitting, at);
  }

  /** @param {Sample} sample */
  #hope({ at }) {
    this.#badSince = null;
    this.#clearSince ??= at;
    if (at - this.#clearSince < this.#patience) return;
    this.#climbedAt = at;
    this.#step(this.#index - 1, at);
  }

  /**
   * @param {number} index
   * @param {number} at
   */
  #step(index, at) {
    this.#index = index;
    this.#steppedAt = at;
    this.#forget();
  }

  #forget() {
    this.#badSince = null;
    this.#clearSince = null;
  }
}

/**
 * By how much a picture is divided to fit a rung; never enlarged.
 * @param {Rung} rung with a picture
 * @param {number} width
 * @param {number} height
 */
export function divisor(rung, width, height) {
  return Math.max(1, Math.min(width, height) / rung.side);
}

/** Whether the other party's picture stands still while the voice goes on. */
export class PictureWatch {
  paused = false;
  #pictures = 0;
  #pictureAt = 0;
  #sounds = 0;

  /**
   * Weigh the counters of what has arrived.
   * @param {{at: number, pictures: number, sounds: number}} sample
   * @returns {boolean} whether the picture is paused
   */
  take({ at, pictures, sounds }) {
    const heard = sounds > this.#sounds;
    this.#sounds = sounds;
    if (pictures !== this.#pictures || pictures === 0) {
      this.#pictures = pictures;
      this.#pictureAt = at;
      this.paused = false;
    } else if (!heard) {
      this.#pictureAt = at; // held by the relay or cut off: only time with sound counts
    } else if (at - this.#pictureAt >= PICTURE_PAUSED_AFTER_S) {
      this.paused = true;
    }
    return this.paused;
  }
}
