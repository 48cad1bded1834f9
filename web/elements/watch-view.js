/**
 * @file `<watch-view>`: one call in large, both parties side by side, with or without their sound.
 *
 * Guarantees: says what it waits for and why it fails; says whether the guard listens in words and
 * by the button. Tells `watch-close`, `watch-again`, `visit-warn` and
 * `visit-terminate`.
 */

import { html, nothing } from '../vendor/lit.js';
import { stopwatch } from '../moments.js';
import { errorBox } from '../staff.js';
import { t } from '../texts.js';
import { TickingElement } from './element.js';
import { icon } from './icon.js';
import './live-picture.js';

/** @typedef {import('../watch.js').Party} Party */

export class WatchView extends TickingElement {
  static properties = {
    watch: { attribute: false },
    visit: { attribute: false },
    clock: { attribute: false },
  };

  #changed = () => this.requestUpdate();

  constructor() {
    super();
    /** @type {import('../watch.js').Watch | null} */
    this.watch = null;
    /** @type {import('../staff.js').StaffVisit | undefined} */
    this.visit = undefined;
    /** @type {import('../moments.js').RelayClock | null} */
    this.clock = null;
  }

  /** @override @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!changed.has('watch')) return;
    const before = /** @type {import('../watch.js').Watch | undefined} */ (changed.get('watch'));
    before?.removeEventListener('change', this.#changed);
    this.watch?.addEventListener('change', this.#changed);
  }

  /** @override @param {Map<string, unknown>} changed */
  updated(changed) {
    if (changed.has('watch')) this.querySelector('h2')?.focus();
  }

  /** @override */
  render() {
    const { watch, visit } = this;
    if (!watch || !visit) return nothing;
    return html`<section class="watch" aria-labelledby="watch-title" data-testid="watch" data-watched=${visit.id}
      data-state=${watch.state} data-listening=${watch.listening}>
      <div class="watch-head">
        <h2 id="watch-title" tabindex="-1">${visit.terminal?.label} · ${visit.reference}</h2>
        <span class="figures"><span class="visually-hidden">${t('visits-left')}</span>
          ${this.clock ? stopwatch(Date.parse(visit.ends) - this.clock.now()) : ''}</span>
        <span role="status">${this.#words(watch, visit)}</span>
        <span class="watch-buttons">
          <button type="button" class="button" data-testid="watch-listen" aria-pressed=${watch.listening}
            ?disabled=${watch.state !== 'LIVE'} @click=${() => watch.listen(!watch.listening)}>
            ${icon('sound')} ${watch.listening ? t('watch-listening') : t('watch-listen')} <kbd>L</kbd></button>
          <button type="button" class="button" data-testid="watch-warn" ?disabled=${visit.state !== 'LIVE'}
            @click=${() => this.tell('visit-warn', visit)}>${t('warn')} <kbd>W</kbd></button>
          <button type="button" class="button" data-testid="watch-terminate" ?disabled=${watch.state === 'ENDED'}
            @click=${() => this.tell('visit-terminate', visit)}>${t('terminate')}</button>
          <button type="button" class="button" data-testid="watch-close"
            @click=${() => this.tell('watch-close')}>${t('close')} <kbd>Esc</kbd></button>
        </span>
      </div>
      ${watch.error ? errorBox(watch.error) : nothing}
      ${watch.state === 'LOST'
        ? html`<button type="button" class="button" data-testid="watch-again"
            @click=${() => this.tell('watch-again')}>${t('try-again')}</button>`
        : nothing}
      ${watch.state === 'ENDED'
        ? nothing
        : html`<div class="watch-pictures" ?data-lost=${watch.state === 'LOST'}>
            ${this.#party(watch, 'INMATE', visit.inmate.name)}
            ${this.#party(watch, 'VISITOR', visit.visitors.map((one) => one.name).join(', '))}
          </div>`}
      <p class="quiet">${t('watch-journal')}</p>
    </section>`;
  }

  /**
   * @param {import('../watch.js').Watch} watch
   * @param {Party} party
   * @param {string} name
   */
  #party(watch, party, name) {
    return html`<figure class="watch-party" data-party=${party} ?data-live=${watch.isLive(party)}>
      <live-picture .stream=${watch.stream(party)} ?sound=${watch.listening} .label=${`${t(`party-${party}`)}: ${name}`}
        .testId=${`watch-${party}`}></live-picture>
      ${watch.isLive(party) ? nothing : html`<p class="watch-wait">${t('wall-waiting')}</p>`}
      <figcaption><span class="quiet">${t(`party-${party}`)}</span> ${name}</figcaption>
    </figure>`;
  }

  /**
   * @param {import('../watch.js').Watch} watch
   * @param {import('../staff.js').StaffVisit} visit
   */
  #words(watch, visit) {
    if (watch.state === 'ENDED') return t('watch-ended');
    if (watch.state === 'LOST') return t('watch-lost');
    if (watch.state === 'CONNECTING') return t('live-connecting');
    return t(`staff-state-${visit.state}`);
  }
}

customElements.define('watch-view', WatchView);
