/**
 * @file What a browser knows of its connection, as the numbers that `quality.js` weighs.
 *
 * Guarantees: loss is only what was reported since the last measure, of streams that flow; what a
 * browser does not tell (Firefox: the bandwidth) is null. Leaves to others: deciding.
 */

/** The few fields of W3C WebRTC statistics that we read. @typedef {Record<string, any>} Stat */

/** Measures one connection; ask it again and again. */
export class Measures {
  #connection;
  /** When each kind's last report of the relay came. @type {Record<string, number>} */
  #reported = {};

  /** @param {RTCPeerConnection} connection */
  constructor(connection) {
    this.#connection = connection;
  }

  /**
   * Where things stand now.
   * @param {{picture: boolean}} flowing whether one's own picture is being sent
   * @returns {Promise<import('./quality.js').Sample & {pictures: number, sounds: number}>}
   */
  async take({ picture }) {
    /** @type {Stat[]} */
    const stats = [];
    const report = await this.#connection.getStats();
    report.forEach((stat) => stats.push(stat));
    const losses = stats
      .filter((stat) => stat.type === 'remote-inbound-rtp' && this.#isNew(stat))
      .filter((stat) => picture || stat.kind === 'audio')
      .map((stat) => Number(stat.fractionLost ?? 0));
    const inbound = (/** @type {string} */ kind) =>
      stats.find((stat) => stat.type === 'inbound-rtp' && stat.kind === kind);
    return {
      at: performance.now() / 1000,
      available: selectedPair(stats)?.availableOutgoingBitrate ?? null,
      loss: losses.length > 0 ? Math.max(...losses) : null,
      pictures: inbound('video')?.framesDecoded ?? 0,
      sounds: inbound('audio')?.packetsReceived ?? 0,
    };
  }

  /** @param {Stat} stat */
  #isNew(stat) {
    const isNew = stat.timestamp !== this.#reported[stat.kind];
    this.#reported[stat.kind] = stat.timestamp;
    return isNew;
  }
}

/** @param {Stat[]} stats */
function selectedPair(stats) {
  const transport = stats.find((stat) => stat.type === 'transport');
  return transport && stats.find((stat) => stat.id === transport.selectedCandidatePairId);
}
