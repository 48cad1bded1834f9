/**
 * @file `<staff-bar>`: facility, its clock, how fresh the list is, who is logged in, log out.
 */

import { html, nothing } from '../vendor/lit.js';
import { clockTime } from '../moments.js';
import { logOut } from '../rest.js';
import { t } from '../texts.js';
import { TickingElement } from './element.js';
import './language-choice.js';

export class StaffBar extends TickingElement {
  static properties = {
    me: { attribute: false },
    clock: { attribute: false },
    live: { attribute: false },
    freshness: { attribute: false },
    heading: { attribute: false },
  };

  constructor() {
    super();
    /** @type {import('../rest.js').Me | null} */
    this.me = null;
    /** @type {import('../moments.js').RelayClock | null} */
    this.clock = null;
    /** @type {import('../live.js').LiveList | null} */
    this.live = null;
    /** Mirrors the list's, so that a change shows at once. */
    this.freshness = 'CONNECTING';
    this.heading = '';
  }

  /** @override */
  render() {
    if (!this.me || !this.clock) return nothing;
    return html`<header class="bar">
      <h1>${this.heading}</h1>
      <span class="bar-facility">${this.me.facility.name}</span>
      <span class="bar-clock" title=${this.me.facility.timezone}>
        <span class="visually-hidden">${t('staff-facility-time')}</span>
        ${clockTime(this.clock.now(), this.me.facility.timezone)}</span>
      ${this.#freshness()}
      <span class="bar-gap"></span>
      <language-choice></language-choice>
      <span class="bar-who">${this.me.user} · ${t(`role-${this.me.role}`)}</span>
      <button type="button" class="button" data-testid="logout" @click=${logOut}>${t('staff-log-out')}</button>
    </header>`;
  }

  #freshness() {
    if (!this.live) return nothing;
    const { freshness } = this.live;
    const words = {
      CONNECTING: t('live-connecting'),
      FRESH: t('live-fresh'),
      STALE: t('live-stale', { seconds: this.live.age() }),
      LOST: t('live-lost', { seconds: this.live.age() }),
    }[freshness];
    return html`<span class="freshness" data-testid="freshness" data-freshness=${freshness}>
      <span aria-hidden="true">${freshness === 'FRESH' ? '●' : freshness === 'CONNECTING' ? '○' : '▲'}</span> ${words}
    </span>`;
  }
}

customElements.define('staff-bar', StaffBar);
