/**
 * @file Power of camera and microphone in words: of a terminal's board, and after an order.
 *
 * Guarantees: *confirmed* is said only where the board measured it; a terminal without a board says
 * so. Leaves to others: where the words stand.
 */

import { html, nothing } from './vendor/lit.js';
import { t } from './texts.js';

/** @typedef {import('./staff.js').LiveTerminal} LiveTerminal */
/** @typedef {import('./orders.js').PowerOff} PowerOff */

/**
 * What is wrong with a terminal's board, or null.
 * @param {LiveTerminal} terminal
 */
export function boardFault({ board }) {
  if (!board) return null;
  if (board.off_unconfirmed) return t('terminal-power-unconfirmed');
  if (board.loss) return t('terminal-board-away');
  if (board.faults.includes('POWER_NOT_CUT')) return t('terminal-power-not-cut');
  if (board.case_open) return t('terminal-case-open');
  if (board.door_open) return t('terminal-door-open');
  if (board.faults.includes('POWER_NOT_GIVEN')) return t('terminal-power-not-given');
  if (board.faults.includes('TOO_HOT')) return t('terminal-too-hot');
  return null;
}

/**
 * Whether camera and microphone have power, as far as anybody can tell.
 * @param {LiveTerminal} terminal
 */
export function powerWords({ connected, board }) {
  if (!connected) return null;
  if (!board) return t('terminal-board-none');
  if (board.loss) return null;
  if (board.camera_power || board.microphone_power) return t('terminal-power-on');
  return t(board.off_confirmed ? 'terminal-power-off-confirmed' : 'terminal-power-off');
}

/** What a board is and senses. @param {import('./staff.js').Board} board */
export function boardWords(board) {
  if (board.loss) return t(`board-loss-${board.loss}`);
  return [
    board.firmware === null ? null : t('board-firmware', { version: board.firmware }),
    board.temperature_c === null ? null : t('board-temperature', { celsius: Math.round(board.temperature_c) }),
    board.handset_lifted === null ? null : t(board.handset_lifted ? 'board-handset-lifted' : 'board-handset-down'),
  ].filter(Boolean).join(' · ');
}

/** Whether all that is awaited has come. @param {PowerOff[]} power */
export function powerKnown(power) {
  return power.every((one) => one.state !== 'AWAITED');
}

/** How many terminals confirmed after an order, and which did not. @param {PowerOff[]} power */
export function powerAfterOrder(power) {
  if (power.length === 0) return nothing;
  const confirmed = power.filter((one) => one.state === 'CONFIRMED').length;
  const others = power.filter((one) => one.state !== 'CONFIRMED');
  return html`<div data-testid="order-power" data-confirmed=${confirmed} data-terminals=${power.length}>
    <p>${t('power-confirmed', { confirmed, terminals: power.length })}</p>
    ${others.length === 0
      ? nothing
      : html`<ul class="plain-list">${others.map((one) => html`<li data-state=${one.state}>${one.state === 'NOT_CONFIRMED'
          ? html`<span aria-hidden="true">▲</span> ` : nothing}${one.label}: ${t(`power-state-${one.state}`)}</li>`)}</ul>`}
  </div>`;
}
