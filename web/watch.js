/**
 * @file Watching one call: both parties, with or without their sound, without any UI.
 *
 * Guarantees: to listen, or no longer, is to watch anew, and the pictures stay until the new ones
 * have come; whatever was opened is closed again. Leaves to others: showing and playing.
 */

import { Monitor } from './monitor.js';

/** @typedef {'INMATE' | 'VISITOR'} Party */

/** Dispatches `change`. */
export class Watch extends EventTarget {
  visit;
  /** @type {'CONNECTING' | 'LIVE' | 'LOST' | 'ENDED'} */
  state = 'CONNECTING';
  /** Whether the guard hears the call, or is about to. */
  listening = false;
  /** @type {unknown} */
  error = null;
  /** What is shown. @type {Record<Party, Monitor> | null} */
  #shown = null;
  /** What will be shown. @type {Record<Party, Monitor> | null} */
  #coming = null;

  /** @param {string} visit */
  constructor(visit) {
    super();
    this.visit = visit;
  }

  /** Begin, without sound. */
  open() {
    if (this.state === 'CONNECTING') this.#begin();
  }

  /** @param {Party} party */
  stream(party) {
    return (this.#shown ?? this.#coming)?.[party].stream ?? null;
  }

  /** Whether the party's own picture has come. @param {Party} party */
  isLive(party) {
    return (this.#shown ?? this.#coming)?.[party].state === 'LIVE';
  }

  /** Hear the call, or no longer. @param {boolean} on */
  async listen(on) {
    if (this.state !== 'LIVE' || this.#coming || on === this.listening) return;
    this.listening = on;
    this.#begin();
  }

  /** The call is over: there is nothing more to watch. */
  end() {
    void this.close();
    this.state = 'ENDED';
    this.#changed();
  }

  /** Watch no longer. */
  async close() {
    const monitors = [...Object.values(this.#shown ?? {}), ...Object.values(this.#coming ?? {})];
    this.#shown = this.#coming = null;
    this.listening = false;
    await Promise.all(monitors.map((monitor) => monitor.close()));
  }

  #begin() {
    const monitors = {
      INMATE: new Monitor(this.visit, 'INMATE', this.listening),
      VISITOR: new Monitor(this.visit, 'VISITOR', this.listening),
    };
    this.#coming = monitors;
    for (const monitor of Object.values(monitors)) {
      monitor.addEventListener('change', () => this.#follow());
      void monitor.open();
    }
    this.#changed();
  }

  #follow() {
    if (this.state === 'ENDED') return;
    const coming = this.#coming && Object.values(this.#coming);
    const shown = Object.values(this.#shown ?? {});
    if (coming?.some((monitor) => monitor.error)) {
      this.#fail(coming.find((monitor) => monitor.error)?.error);
    } else if (coming?.every((monitor) => monitor.state !== 'CONNECTING')) {
      this.#swap();
    } else if (!coming && shown.some((monitor) => monitor.state === 'LOST')) {
      this.state = 'LOST';
    }
    this.#changed();
  }

  /** The new pictures have come, of as many parties as send one. */
  #swap() {
    const before = Object.values(this.#shown ?? {});
    this.#shown = this.#coming;
    this.#coming = null;
    const live = Object.values(this.#shown ?? {}).some((monitor) => monitor.state === 'LIVE');
    this.state = live ? 'LIVE' : 'LOST';
    for (const monitor of before) void monitor.close();
  }

  /** @param {unknown} error */
  #fail(error) {
    const coming = Object.values(this.#coming ?? {});
    this.#coming = null;
    for (const monitor of coming) void monitor.close();
    this.error = error;
    if (this.#shown) this.listening = !this.listening; // as it was before
    else this.state = 'LOST';
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
