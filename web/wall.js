/**
 * @file The wall's small pictures, as the relay pushes them, without any UI.
 *
 * Guarantees: the socket is open only while the page is looked at, since the relay makes pictures
 * only while one is; it reconnects by itself; of each party the latest picture is kept, and none of
 * a visit that is no longer live. Leaves to others: showing them, and how old is too old.
 */

import { RelayClock } from './moments.js';
import { CloseCode, retryDelay, socketAddress } from './protocol.js';

/** @typedef {{taken: number, source: string}} WallPicture instant on the relay's clock; an image's src */

/** The relay speaks about every second: after this long nothing comes any more. */
const SILENT_MS = 6000;

/** Dispatches `change` on new pictures and when they cease or come again. */
export class WallFeed extends EventTarget {
  /** @type {'CONNECTING' | 'OPEN' | 'LOST'} */
  state = 'CONNECTING';
  clock = new RelayClock();
  /** @type {Map<string, WallPicture>} by visit and party */
  #pictures = new Map();
  /** @type {WebSocket | null} */
  #socket = null;
  #attempt = 0;
  #heardAt = 0;
  /** @type {number | undefined} */
  #retry;

  /** Show pictures from now on, while the page lives and is looked at. */
  open() {
    document.addEventListener('visibilitychange', () => this.#follow());
    setInterval(() => {
      if (this.state === 'OPEN' && performance.now() - this.#heardAt > SILENT_MS) this.#socket?.close();
    }, 1000);
    this.#follow();
  }

  /**
   * @param {string} visit
   * @param {string} party
   */
  picture(visit, party) {
    return this.#pictures.get(`${visit} ${party}`) ?? null;
  }

  /** Forget the pictures of all other visits. @param {string[]} visits */
  keep(visits) {
    for (const key of this.#pictures.keys()) {
      if (!visits.includes(key.split(' ')[0])) this.#pictures.delete(key);
    }
  }

  #follow() {
    clearTimeout(this.#retry);
    if (document.visibilityState === 'hidden') {
      this.#socket?.close();
      this.#socket = null;
    } else if (!this.#socket) {
      this.#connect();
    }
  }

  #connect() {
    const socket = new WebSocket(socketAddress('/api/v1/wall'));
    this.#socket = socket;
    socket.addEventListener('message', (event) => {
      const news = JSON.parse(String(event.data));
      if (news.type !== 'pictures' || this.#socket !== socket) return;
      this.#heardAt = performance.now();
      this.#attempt = 0;
      this.clock.set(news.now);
      for (const { visit, party, taken, jpeg } of news.pictures) {
        this.#pictures.set(`${visit} ${party}`, { taken: Date.parse(taken), source: `data:image/jpeg;base64,${jpeg}` });
      }
      if (news.pictures.length > 0 || this.state !== 'OPEN') this.#become('OPEN');
    });
    socket.addEventListener('close', (event) => {
      if (this.#socket !== socket) return; // closed by us: the page is not looked at
      this.#socket = null;
      if (event.code === CloseCode.UNAUTHENTICATED) return; // the live list leads to the log-in
      this.#become('LOST');
      this.#retry = window.setTimeout(() => this.#follow(), retryDelay(this.#attempt));
      this.#attempt += 1;
    });
  }

  /** @param {'OPEN' | 'LOST'} state */
  #become(state) {
    this.state = state;
    this.dispatchEvent(new Event('change'));
  }
}
