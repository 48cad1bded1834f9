/**
 * @file Terminals as the relay describes them to an administrator, and how each one stands.
 *
 * Guarantees: the gravest thing comes first; a terminal that says nothing is never called well.
 */

import { t, texts } from './texts.js';

/**
 * @typedef {'OK' | 'SYNTHETIC' | 'NOT_FITTED' | 'UNPOWERED' | 'ABSENT' | 'FAILED'} CheckState
 * @typedef {{at: string, cause: string, passed: boolean, results: Record<string, CheckState>}} SelfTest
 * @typedef {{software: string, configuration: Record<string, string>, configuration_hash: string,
 *   clock_offset_s: number, disk_free_mib: number | null, speaker: string, up_s: number,
 *   faults: string[]}} About
 * @typedef {{loss: number | null, rtt_ms: number | null, sent_bps: number, received_bps: number}} Network
 * @typedef {{terminal: import('./staff.js').LiveTerminal,
 *   key: {fingerprint: string, enrolled_at: string, enrolled_by: string} | null,
 *   last_seen: string | null, occupied: boolean, about: About | null, self_test: SelfTest | null,
 *   network: Network | null}} Terminal
 */

/** @typedef {'well' | 'busy' | 'resting' | 'wanting'} Mark */

const WORKING = ['OK', 'SYNTHETIC'];
const CLOCK_OFF_S = 5;
const LEAST_DISK_MIB = 64;

/**
 * How the terminal stands, in one mark and some words.
 * @param {Terminal} one
 * @returns {{mark: Mark, words: string}}
 */
export function standing(one) {
  const { terminal, key, about } = one;
  if (!key) return { mark: 'wanting', words: t('terminal-not-enrolled') };
  if (!terminal.connected) return { mark: 'wanting', words: t('terminal-not-connected') };
  if (about && about.faults.length > 0) {
    return { mark: 'wanting', words: about.faults.map((fault) => t(`terminal-fault-${fault}`)).join(', ') };
  }
  if (!terminal.in_service) return { mark: 'resting', words: t('terminal-in-maintenance') };
  if (!terminal.engine) return { mark: 'wanting', words: t('terminal-engine') };
  if (!WORKING.includes(terminal.camera)) return { mark: 'wanting', words: t('terminal-camera') };
  if (!WORKING.includes(terminal.microphone)) return { mark: 'wanting', words: t('terminal-microphone') };
  if (one.self_test && !one.self_test.passed) return { mark: 'wanting', words: t('self-test-failed') };
  if (one.occupied) return { mark: 'busy', words: t('terminal-occupied') };
  return { mark: 'well', words: t('terminal-ready') };
}

/** What a device's state is called. @param {string} state */
export const deviceWords = (state) => texts.find(`device-state-${state}`) ?? state;

/** The parts that a self-test found wanting. @param {SelfTest} test */
export const failedParts = (test) =>
  Object.entries(test.results)
    .filter(([, state]) => state === 'FAILED' || state === 'ABSENT')
    .map(([part]) => texts.find(`self-test-part-${part}`) ?? part);

/** The first sixteen digits, in groups to be read out. @param {string} fingerprint */
export const keyWords = (fingerprint) => (fingerprint.slice(0, 16).match(/.{4}/g) ?? []).join(' ');

/** @param {number} seconds */
export function upWords(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return t('up-minutes', { minutes });
  if (minutes < 48 * 60) return t('up-hours', { hours: Math.floor(minutes / 60) });
  return t('up-days', { days: Math.floor(minutes / 1440) });
}

/** Whether the clock is so far off that somebody should look. @param {About} about */
export const clockOff = (about) => Math.abs(about.clock_offset_s) > CLOCK_OFF_S;

/** @param {About} about */
export const diskLow = (about) => about.disk_free_mib !== null && about.disk_free_mib < LEAST_DISK_MIB;

/** Bits in a second, in words. @param {number} bps */
const rate = (bps) => new Intl.NumberFormat(texts.language, { maximumFractionDigits: 0 }).format(bps / 1000);

/** @param {Network} network */
export function networkWords(network) {
  const percent = new Intl.NumberFormat(texts.language, { maximumFractionDigits: 1 });
  return t('network-words', {
    loss: network.loss === null ? '—' : percent.format(network.loss * 100),
    rtt: network.rtt_ms === null ? '—' : percent.format(network.rtt_ms),
    sent: rate(network.sent_bps),
    received: rate(network.received_bps),
  });
}
