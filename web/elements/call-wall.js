/**
 * @file `<call-wall>`: a tile for each live visit, with the latest small picture of both parties.
 *
 * Guarantees: a tile keeps its place as long as its visit is live, and a place that has become free
 * stays where it is until another visit takes it; a picture older than `STALE_MS` is stamped with
 * its age; a protected visit is a blank tile in a colour, with an icon and words of its own. By keys: arrows
 * between tiles, Enter watches; the focus of a tile that goes is the wall's. Tells `visit-watch`
 * with the visit.
 */

import { html, nothing } from '../vendor/lit.js';
import { stopwatch } from '../moments.js';
import { t, texts } from '../texts.js';
import { focusLost, TickingElement } from './element.js';
import { icon } from './icon.js';

/** @typedef {import('../staff.js').StaffVisit} StaffVisit */

export const STALE_MS = 3000;
/** @type {Record<number, string>} */
const SHAPES = { 1: '▲', 2: '◆', 3: '●' };
const PARTIES = Object.freeze(['INMATE', 'VISITOR']);

export class CallWall extends TickingElement {
  static properties = {
    visits: { attribute: false },
    alerts: { attribute: false },
    feed: { attribute: false },
    clock: { attribute: false },
    revision: { attribute: false },
    watched: { attribute: false },
    current: { state: true },
  };

  /** The visit at each place; null where there was one. @type {(string | null)[]} */
  #places = [];
  /** The tile that had the focus before the update. @type {Element | null} */
  #had = null;

  constructor() {
    super();
    /** The live visits. @type {StaffVisit[]} */
    this.visits = [];
    /** @type {import('../staff.js').Alert[]} */
    this.alerts = [];
    /** @type {import('../wall.js').WallFeed | null} */
    this.feed = null;
    /** @type {import('../moments.js').RelayClock | null} */
    this.clock = null;
    /** Changes with the pictures. */
    this.revision = 0;
    /** The visit that is shown in large. */
    this.watched = '';
    /** The place that the Tab key reaches. */
    this.current = 0;
  }

  /** @param {number} number a tile's, from 1 @returns {boolean} whether there is one */
  focusTile(number) {
    const tile = this.querySelector(`[data-place="${number - 1}"]`);
    if (tile instanceof HTMLElement) tile.focus();
    return tile !== null;
  }

  /** @param {string} visit */
  focusVisit(visit) {
    const tile = this.querySelector(`[data-tile="${CSS.escape(visit)}"]`);
    if (tile instanceof HTMLElement) tile.focus();
  }

  /** @override */
  willUpdate() {
    this.#had = this.querySelector('[data-tile]:focus');
    const live = new Map(this.visits.map((visit) => [visit.id, visit]));
    this.#places = this.#places.map((id) => (id !== null && live.has(id) ? id : null));
    const waiting = this.visits
      .filter((visit) => !this.#places.includes(visit.id))
      .sort((one, other) => booth(one).localeCompare(booth(other), undefined, { numeric: true }));
    for (const visit of waiting) {
      const free = this.#places.indexOf(null);
      if (free === -1) this.#places.push(visit.id);
      else this.#places[free] = visit.id;
    }
    while (this.#places.length > 0 && this.#places.at(-1) === null) this.#places.pop();
    if (!this.#places[this.current]) this.current = Math.max(0, this.#places.findIndex((id) => id !== null));
  }

  /** @override */
  updated() {
    if (focusLost(this.#had)) this.querySelector('h2')?.focus();
  }

  /** @override */
  render() {
    return html`<section class="wall" aria-labelledby="wall-title" data-testid="wall" data-feed=${this.feed?.state ?? nothing}>
      <h2 id="wall-title" tabindex="-1">${t('wall-title')}</h2>
      ${this.feed?.state === 'LOST' ? html`<p class="notice-box notice-warn" role="status">${t('wall-lost')}</p>` : nothing}
      ${this.#places.length === 0
        ? html`<p class="empty">${t('wall-none')}</p>`
        : html`<ul class="wall-tiles" @keydown=${this.#arrow}>
            ${this.#places.map((id, place) => html`<li>${this.#tile(id, place)}</li>`)}
          </ul>`}
    </section>`;
  }

  /**
   * @param {string | null} id
   * @param {number} place
   */
  #tile(id, place) {
    const visit = this.visits.find((one) => one.id === id);
    if (!visit) return html`<div class="tile tile-free" aria-hidden="true"></div>`;
    const alert = this.#alert(visit);
    const names = `${visit.inmate.name} — ${visit.visitors.map((one) => one.name).join(', ')}`;
    const left = this.clock ? stopwatch(Date.parse(visit.ends) - this.clock.now()) : '';
    return html`<button type="button" class="tile" data-testid="tile" data-place=${place} data-tile=${visit.id}
      data-alert=${alert?.priority ?? nothing} ?data-protected=${visit.protected} aria-current=${visit.id === this.watched}
      aria-disabled=${visit.protected} tabindex=${place === this.current ? 0 : -1}
      @focus=${() => (this.current = place)} @click=${() => this.#choose(visit)}>
      <span class="tile-number" aria-hidden="true">${place + 1}</span>
      ${visit.protected
        ? html`<span class="tile-protected">${icon('shield')} <span>${t('badge-protected')}</span></span>`
        : html`<span class="tile-pictures">${PARTIES.map((party) => this.#picture(visit, party))}</span>`}
      ${alert
        ? html`<span class="tile-alert"><span aria-hidden="true">${SHAPES[alert.priority]}</span> ${texts.find(`alert-${alert.kind}`) ?? alert.kind}</span>`
        : nothing}
      <span class="tile-foot">
        <span class="tile-names"><b>${booth(visit)}</b> <span>${names}</span></span>
        <span class="figures">${left}</span>
      </span>
      ${visit.state === 'LIVE' ? nothing : html`<span class="tile-state">${t(`staff-state-${visit.state}`)}</span>`}
    </button>`;
  }

  /**
   * @param {StaffVisit} visit
   * @param {string} party
   */
  #picture(visit, party) {
    const picture = this.feed?.picture(visit.id, party);
    const age = picture && this.feed ? this.feed.clock.now() - picture.taken : 0;
    const stale = age > STALE_MS;
    return html`<span class="tile-picture" data-party=${party} ?data-stale=${stale}>
      ${picture
        ? html`<img src=${picture.source} alt=${t(`party-${party}`)}>`
        : html`<span class="tile-waiting"><span class="visually-hidden">${t(`party-${party}`)}:</span> ${t('wall-waiting')}</span>`}
      ${stale ? html`<span class="tile-stale">${t('wall-stale', { seconds: Math.round(age / 1000) })}</span>` : nothing}
    </span>`;
  }

  /** The most urgent alert that nobody has acknowledged. @param {StaffVisit} visit */
  #alert(visit) {
    return this.alerts
      .filter((alert) => alert.visit === visit.id && !alert.acknowledged_by)
      .sort((one, other) => one.priority - other.priority)[0];
  }

  /** @param {StaffVisit} visit */
  #choose(visit) {
    if (!visit.protected) this.tell('visit-watch', visit);
  }

  /** @param {KeyboardEvent} event */
  #arrow(event) {
    const tile = event.target instanceof Element ? event.target.closest('[data-place]') : null;
    if (!(tile instanceof HTMLElement)) return;
    const tiles = /** @type {HTMLElement[]} */ ([...this.querySelectorAll('[data-place]')]);
    const next = neighbour(tiles, tile, event.key);
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
}

/** @param {StaffVisit} visit */
const booth = (visit) => visit.terminal?.label ?? visit.reference;

/**
 * The tile that an arrow key leads to, by where the tiles lie.
 * @param {HTMLElement[]} tiles
 * @param {HTMLElement} tile
 * @param {string} key
 */
function neighbour(tiles, tile, key) {
  const at = tiles.indexOf(tile);
  if (key === 'ArrowRight') return tiles[at + 1];
  if (key === 'ArrowLeft') return tiles[at - 1];
  if (key !== 'ArrowDown' && key !== 'ArrowUp') return undefined;
  const { left, top } = tile.getBoundingClientRect();
  const below = key === 'ArrowDown';
  const column = tiles.filter((one) => {
    const place = one.getBoundingClientRect();
    return Math.abs(place.left - left) < 2 && (below ? place.top > top : place.top < top);
  });
  return below ? column[0] : column.at(-1);
}

customElements.define('call-wall', CallWall);
