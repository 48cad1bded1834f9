/**
 * @file What the facility's signed receipts say about an order: the only proof that it is enforced.
 *
 * Guarantees: nothing is concluded from anything but receipts. Leaves to others: checking their
 * signatures (the relay made them; `parloir audit verify` and other machines check them).
 */

import { get } from './rest.js';

/**
 * @typedef {{facility: string, seq: number, stage: string, why: string | null, via: string,
 *   order: {id: string | null, rev: number | null, sha256: string}, t: {wall: string},
 *   cut: {visit: string, media_stopped: string, last_packet_ms: number | null}[],
 *   live_before: number | null, live_after: number | null}} Receipt
 */

const PAGE = 1000;

/** Reads each receipt once, however often it is asked. */
export class ReceiptReader {
  /** @type {Receipt[]} */
  #known = [];
  #after = 0;

  /** Those of one order, the earliest first. @param {string} order @returns {Promise<Receipt[]>} */
  async of(order) {
    for (;;) {
      /** @type {{receipts: {seq: number, envelope: string}[]}} */
      const { receipts } = await get(`receipts?after=${this.#after}&limit=${PAGE}`);
      for (const { seq, envelope } of receipts) {
        this.#known.push(receiptIn(envelope));
        this.#after = seq;
      }
      if (receipts.length < PAGE) break;
    }
    return this.#known.filter((receipt) => receipt.order.id === order);
  }
}

/** @param {string} envelope DSSE, its payload in base64 @returns {Receipt} */
function receiptIn(envelope) {
  const bytes = Uint8Array.from(atob(JSON.parse(envelope).payload), (one) => one.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}
