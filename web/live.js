/**
 * @file The staff's live list: visits, alerts and terminals as the relay pushes them.
 *
 * Guarantees: says how fresh the list is; reconnects by itself. Leaves to others: showing it.
 */

import { RelayClock } from './moments.js';
import { CloseCode, retryDelay, socketAddress } from './protocol.js';

/** The relay speaks at least every 5 s: after twice that the list is out of date. */
const STALE_MS = 10_000;

/**
 * @typedef {import('./staff.js').StaffVisit} StaffVisit
 * @typedef {import('./staff.js').Alert} Alert
 * @typedef {import('./staff.js').LiveTerminal} LiveTerminal
 */

/** Dispatches `change` on news and when the list goes stale, is lost, or is back. */
export class LiveList extends EventTarget {
  /** @type {StaffVisit[]} */
  visits = [];
  /** @type {Alert[]} */
  alerts = [];
  /** @type {LiveTerminal[]} */
  terminals = [];
  /** @type {'CONNECTING' | 'FRESH' | 'STALE' | 'LOST'} */
  freshness = 'CONNECTING';
  clock = new RelayClock();
  #heardAt = 0;
  #attempt = 0;

  /** Open the socket and keep it open while the page lives. */
  open() {
    this.#connect();
    setInterval(() => {
      if (this.freshness === 'FRESH' && performance.now() - this.#heardAt > STALE_MS) {
        this.#become('STALE');
      }
    }, 1000);
  }

  /** Seconds since the relay last spoke. @returns {number} */
  age() {
    return Math.round((performance.now() - this.#heardAt) / 1000);
  }

  #connect() {
    const socket = new WebSocket(socketAddress('/api/v1/live'));
    socket.addEventListener('message', (event) => {
      const news = JSON.parse(String(event.data));
      if (news.type !== 'live') return;
      this.#heardAt = performance.now();
      this.#attempt = 0;
      this.clock.set(news.now);
      this.visits = news.visits;
      this.alerts = news.alerts;
      this.terminals = news.terminals;
      this.#become('FRESH');
    });
    socket.addEventListener('close', (event) => {
      if (event.code === CloseCode.UNAUTHENTICATED) {
        location.assign('/login');
        return;
      }
      if (this.freshness !== 'CONNECTING') this.#become('LOST');
      setTimeout(() => this.#connect(), retryDelay(this.#attempt));
      this.#attempt += 1;
    });
  }

  /** @param {'FRESH' | 'STALE' | 'LOST'} freshness */
  #become(freshness) {
    this.freshness = freshness;
    this.dispatchEvent(new Event('change'));
  }
}
