/**
 * @file `<terminal-card>`: one terminal: how it stands, what it says of itself, what may be done.
 *
 * Tells `terminal-act` with the deed and the terminal.
 */

import { html, nothing } from '../vendor/lit.js';
import { dayAndTime } from '../moments.js';
import {
  clockOff, deviceWords, diskLow, failedParts, keyWords, networkWords, standing, upWords,
} from '../terminals.js';
import { t, texts } from '../texts.js';
import { ParloirElement } from './element.js';

/** @type {Record<import('../terminals.js').Mark, string>} */
const SHAPES = { well: '●', busy: '◉', resting: '○', wanting: '▲' };

export class TerminalCard extends ParloirElement {
  static properties = { one: { attribute: false }, zone: { attribute: false }, working: { type: Boolean } };

  constructor() {
    super();
    /** @type {import('../terminals.js').Terminal | null} */
    this.one = null;
    this.zone = 'UTC';
    /** Whether something that was asked for is under way. */
    this.working = false;
  }

  /** @override */
  render() {
    const { one } = this;
    if (!one) return nothing;
    const { mark, words } = standing(one);
    const { terminal } = one;
    return html`<article class="terminal" data-testid="terminal" data-terminal=${terminal.id} data-mark=${mark} aria-labelledby="terminal-${terminal.id}">
      <div class="terminal-head">
        <h2 id="terminal-${terminal.id}" tabindex="-1">${terminal.label} <span class="quiet">${terminal.id}</span></h2>
        <p class="terminal-mark" data-testid="terminal-mark"><span aria-hidden="true">${SHAPES[mark]}</span> ${words}</p>
      </div>
      <dl class="terminal-facts">${this.#facts(one)}</dl>
      ${one.about ? this.#configuration(one.about) : nothing}
      <div class="order-buttons">${this.#deeds(one).map((deed) => this.#button(deed, one))}</div>
    </article>`;
  }

  /** @param {import('../terminals.js').Terminal} one */
  #facts(one) {
    const { terminal, about, self_test: test, key, network } = one;
    const seen = terminal.connected ? t('seen-now') : one.last_seen ? dayAndTime(one.last_seen, this.zone) : t('seen-never');
    /** @type {[string, unknown, boolean?][]} */
    const facts = [
      [t('fact-seen'), seen, key !== null && !terminal.connected],
    ];
    if (terminal.connected) {
      facts.push(
        [t('fact-camera'), deviceWords(terminal.camera), terminal.camera === 'FAILED'],
        [t('fact-microphone'), deviceWords(terminal.microphone), terminal.microphone === 'FAILED'],
      );
    }
    if (about) {
      facts.push(
        [t('fact-speaker'), deviceWords(about.speaker), about.speaker === 'FAILED'],
        [t('fact-version'), about.software],
        [t('fact-up'), upWords(about.up_s)],
        [t('fact-clock'), t('clock-words', { seconds: about.clock_offset_s }), clockOff(about)],
        [t('fact-disk'), about.disk_free_mib === null ? '—' : t('disk-words', { mib: about.disk_free_mib }), diskLow(about)],
      );
    }
    facts.push([t('fact-self-test'), test ? this.#test(test) : t('self-test-none'), test !== null && !test.passed]);
    for (const finding of terminal.findings) facts.push([t('fact-finding'), t(`finding-${finding}`), true]);
    if (network) facts.push([t('fact-network'), networkWords(network)]);
    if (key) facts.push([t('fact-key'), html`<code>${keyWords(key.fingerprint)}</code>`]);
    return facts.map(([name, value, wanting]) => html`<div ?data-wanting=${wanting}>
      <dt>${name}</dt><dd>${wanting ? html`<span aria-hidden="true">▲ </span>` : nothing}${value}</dd></div>`);
  }

  /** @param {import('../terminals.js').SelfTest} test */
  #test(test) {
    const at = dayAndTime(test.at, this.zone);
    const cause = t(`self-test-cause-${test.cause}`);
    if (test.passed) return t('self-test-passed', { at, cause });
    return t('self-test-found', { at, cause, parts: failedParts(test).join(', ') });
  }

  /** @param {import('../terminals.js').About} about */
  #configuration(about) {
    return html`<details>
      <summary>${t('fact-configuration')} <code>${about.configuration_hash.slice(0, 12)}</code></summary>
      <dl class="terminal-configuration">${Object.entries(about.configuration).map(([key, value]) => html`<div>
        <dt><code>${key}</code></dt><dd>${value === '' ? '—' : value}</dd></div>`)}</dl>
    </details>`;
  }

  /** @param {import('../terminals.js').Terminal} one */
  #deeds(one) {
    const { terminal, about, key } = one;
    if (!key) return ['enrol'];
    const deeds = [];
    if (terminal.connected) {
      if (about?.faults.includes('CACHE')) deeds.push('forget-cache');
      if (about?.faults.includes('CONFIG')) deeds.push('use-last-config');
      deeds.push('self-test', 'screenshot', 'restart');
    }
    deeds.push(terminal.in_service ? 'maintenance-on' : 'maintenance-off', 'revoke');
    return deeds;
  }

  /** @param {string} deed @param {import('../terminals.js').Terminal} one */
  #button(deed, one) {
    const words = texts.find(`terminal-deed-${deed}`) ?? deed;
    const main = deed === 'enrol' || deed === 'forget-cache' || deed === 'use-last-config';
    return html`<button type="button" class=${main ? 'button button-main' : 'button'} data-testid="terminal-${deed}" ?disabled=${this.working}
      aria-describedby="terminal-${one.terminal.id}" @click=${() => this.tell('terminal-act', { deed, one })}>${words}</button>`;
  }
}

customElements.define('terminal-card', TerminalCard);
