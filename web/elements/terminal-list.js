/**
 * @file `<terminal-list>`: every terminal, what is wrong with it, and whether its camera has power.
 *
 * Guarantees: a terminal without a fault says that it is ready; with `detailed` it says what its
 * board is and senses as well.
 */

import { html, nothing } from '../vendor/lit.js';
import { boardFault, boardWords, powerWords } from '../power.js';
import { t } from '../texts.js';
import { ParloirElement } from './element.js';

/** @typedef {import('../staff.js').LiveTerminal} LiveTerminal */

export class TerminalList extends ParloirElement {
  static properties = { terminals: { attribute: false }, detailed: { type: Boolean } };

  constructor() {
    super();
    /** @type {LiveTerminal[]} */
    this.terminals = [];
    this.detailed = false;
  }

  /** @override */
  render() {
    return html`<section class="terminals" aria-labelledby="terminals-title">
      <h2 id="terminals-title">${t('terminals-title')}</h2>
      ${this.terminals.length === 0 ? html`<p class="quiet">${t('terminals-none')}</p>` : nothing}
      <ul>${this.terminals.map((terminal) => this.#terminal(terminal))}</ul>
    </section>`;
  }

  /** @param {LiveTerminal} terminal */
  #terminal(terminal) {
    const fault = terminalFault(terminal);
    const said = [fault ?? t('terminal-ready'), powerWords(terminal), ...terminal.findings.map((one) => t(`finding-${one}`))];
    return html`<li data-testid="terminal" data-terminal=${terminal.id}>
      <span aria-hidden="true">${fault ? '○' : '●'}</span> ${terminal.label}
      <span class="quiet">${said.filter(Boolean).join(' · ')}</span>
      ${this.detailed && terminal.connected && terminal.board
        ? html`<p class="quiet" data-testid="terminal-board">${boardWords(terminal.board)}</p>`
        : nothing}</li>`;
  }
}

/** @param {LiveTerminal} terminal */
function terminalFault(terminal) {
  if (!terminal.in_service) return t('terminal-out-of-service');
  if (!terminal.connected) return t('terminal-not-connected');
  if (!terminal.engine) return t('terminal-engine');
  if (terminal.camera === 'ABSENT' || terminal.camera === 'FAILED') return t('terminal-camera');
  if (terminal.microphone === 'ABSENT' || terminal.microphone === 'FAILED') return t('terminal-microphone');
  return boardFault(terminal);
}

customElements.define('terminal-list', TerminalList);
