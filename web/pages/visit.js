/**
 * @file The visitor's page: one link, no app. Chooses the screen for what `visitor.js` knows.
 */

import { html, nothing } from '../vendor/lit.js';
import { ParloirElement } from '../elements/element.js';
import { reasonWords } from '../elements/visit-over.js';
import { linkName, linkToken } from '../link.js';
import { t, texts } from '../texts.js';
import { Visitor } from '../visitor.js';
import '../elements/device-check.js';
import '../elements/language-choice.js';
import '../elements/visit-call.js';
import '../elements/visit-displaced.js';
import '../elements/visit-entry.js';
import '../elements/visit-over.js';

/** States in which there is something to join, or that joining itself leads to. */
const ENTRY = new Set(['SCHEDULED', 'OPEN', 'WAITING_INMATE', 'WAITING_VISITOR', 'LIVE', 'PAUSED', 'RECONNECTING', 'SLOT_NOT_OPEN']);
const REMINDER_SHOWN_MS = 12_000;
const WARNING_SHOWN_MS = 20_000;
/** How long opening may take before the page says that nobody answers. */
const PATIENCE_MS = 5000;

class VisitPage extends ParloirElement {
  static properties = {
    revision: { state: true },
    reminder: { state: true },
    warning: { state: true },
    unanswered: { state: true },
  };

  #warningEnds = 0;

  constructor() {
    super();
    this.revision = 0;
    /** Minutes left, while that is being said. @type {number | null} */
    this.reminder = null;
    /** What the guard warns of, while that is being said. @type {string | null} */
    this.warning = null;
    /** @type {Visitor | null} */
    this.visitor = null;
    /** Why there can be no line at all. @type {string | null} */
    this.obstacle = null;
    this.shown = '';
    /** Whether the relay has been silent for longer than anybody likes to wait. */
    this.unanswered = false;
  }

  /** Begin once the texts are there. */
  async begin() {
    if (!window.isSecureContext || !navigator.mediaDevices || !window.RTCPeerConnection) {
      this.obstacle = 'BROWSER_UNSUITABLE';
    }
    const token = linkToken();
    if (!token) this.obstacle = 'LINK_UNKNOWN';
    if (this.obstacle || !token) {
      this.requestUpdate();
      return;
    }
    const visitor = new Visitor(token, await linkName(token));
    visitor.addEventListener('change', () => (this.revision += 1));
    visitor.addEventListener('reminder', (event) =>
      this.#remind(/** @type {CustomEvent<number>} */ (event).detail),
    );
    visitor.addEventListener('warned', (event) =>
      this.#warn(/** @type {CustomEvent<string>} */ (event).detail),
    );
    this.visitor = visitor;
    setTimeout(() => (this.unanswered = true), PATIENCE_MS);
    visitor.open();
  }

  /** @param {number} minutes */
  #remind(minutes) {
    this.reminder = minutes;
    setTimeout(() => (this.reminder = null), REMINDER_SHOWN_MS);
  }

  /** @param {string} reason */
  #warn(reason) {
    this.warning = reason;
    clearTimeout(this.#warningEnds);
    this.#warningEnds = setTimeout(() => (this.warning = null), WARNING_SHOWN_MS);
  }

  get #screen() {
    const visitor = this.visitor;
    const state = this.#state;
    if (this.obstacle) return 'over';
    if (!visitor || state === 'CONNECTING') return 'connecting';
    if (visitor.attendance === 'joined' || (visitor.attendance === 'joining' && visitor.peer)) {
      return 'call';
    }
    return ENTRY.has(state) ? 'entry' : 'over';
  }

  get #state() {
    return this.obstacle ?? this.visitor?.dataState ?? 'CONNECTING';
  }

  /** The notice as it stands on the page: what an acceptance accepts. */
  get #notice() {
    return { version: t('notice-version'), language: texts.language };
  }

  /** @override */
  render() {
    const screen = this.#screen;
    document.title = t('visit-page-title');
    return html`
      <header class="page-header">
        <h1>${t('visit-page-title')}</h1>
        <language-choice></language-choice>
      </header>
      <main
        @visit-join=${() => this.visitor?.join(this.#notice)}
        @visit-decline=${() => this.visitor?.decline(this.#notice)}
        @visit-reconsider=${() => this.visitor?.reconsider()}
        @visit-leave=${() => this.visitor?.leave()}
        @visit-call-staff=${() => this.visitor?.callStaff()}
        @visit-appeal=${(/** @type {CustomEvent} */ event) => this.visitor?.appeal(event.detail)}
        @notices-shown=${(/** @type {CustomEvent} */ event) => this.visitor?.noticesShown(event.detail)}
      >
        <p class="status" role="status" data-testid="status" data-state=${this.#state} data-screen=${screen}>
          <span class="status-mark" aria-hidden="true"></span>${this.#statusWords()}
        </p>
        ${this.#body(screen)}
        ${screen === 'call'
          ? nothing
          : html`<visit-displaced .notices=${this.visitor?.welcome?.notices ?? []}></visit-displaced>`}
      </main>
    `;
  }

  #statusWords() {
    const state = this.#state;
    if (state === 'CONNECTING') return t(this.unanswered ? 'visit-unanswered' : 'visit-connecting');
    if (state === 'WAITING_VISITOR' && this.#screen === 'entry') return t('visit-inmate-waits');
    if (this.#screen === 'over' && state === 'NOTICE_NOT_ACCEPTED') return t('notice-refused-title');
    return texts.find(`state-${state}`) ?? reasonWords(state);
  }

  /** @param {string} screen */
  #body(screen) {
    switch (screen) {
      case 'connecting':
        return html`<p class="working" aria-hidden="true"></p>
          ${this.unanswered ? html`<p data-testid="unanswered">${t('visit-unanswered-hint')}</p>` : nothing}`;
      case 'entry':
        return html`<visit-entry .visitor=${this.visitor} .revision=${this.revision}></visit-entry>`;
      case 'call':
        return html`<visit-call .visitor=${this.visitor} .revision=${this.revision} .minutesLeft=${this.reminder} .warning=${this.warning}></visit-call>`;
      default:
        return html`<visit-over
          .visit=${this.visitor?.visit ?? null} .code=${this.#state}
          .appeals=${this.visitor?.appeals} .revision=${this.revision}
          .refusals=${this.visitor?.refusals.length ? this.visitor.refusals : (this.visitor?.visit?.refusals ?? [])}
        ></visit-over>`;
    }
  }

  /** A new screen starts at its top, and with the reader's attention. @override */
  updated() {
    const screen = this.#screen;
    if (screen === this.shown) return;
    const first = this.shown === '';
    this.shown = screen;
    if (first) return;
    window.scrollTo(0, 0);
    if (screen === 'over') {
      const over = /** @type {ParloirElement | null} */ (this.querySelector('visit-over'));
      void over?.updateComplete.then(() => over.querySelector('h2')?.focus());
    }
  }
}

customElements.define('visit-page', VisitPage);

await texts.load(['visitor', 'reasons', 'notice']);
// Another link put into the same tab changes only the fragment, for which no browser loads anew.
window.addEventListener('hashchange', () => location.reload());
const page = new VisitPage();
document.body.append(page);
await page.begin();
