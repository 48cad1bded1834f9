/**
 * @file The guard's page: alerts, the wall of live calls, one of them watched in large, and the
 * day's visits, by mouse or keys.
 */

import { html, nothing } from '../vendor/lit.js';
import { ParloirElement } from '../elements/element.js';
import { LiveList } from '../live.js';
import { leaveIfLoggedOut, post } from '../rest.js';
import { beginStaffPage, errorBox } from '../staff.js';
import { t } from '../texts.js';
import { isRunning } from '../vocabulary.js';
import { WallFeed } from '../wall.js';
import { Watch } from '../watch.js';
import '../elements/alert-list.js';
import '../elements/call-wall.js';
import '../elements/end-call.js';
import '../elements/key-help.js';
import '../elements/staff-bar.js';
import '../elements/terminal-list.js';
import '../elements/visits-table.js';
import '../elements/warn-call.js';
import '../elements/watch-view.js';

/** @typedef {import('../elements/visits-table.js').VisitsTable} VisitsTable */

class GuardPage extends ParloirElement {
  static properties = {
    revision: { state: true },
    find: { state: true },
    error: { state: true },
    said: { state: true },
    watch: { state: true },
  };

  /** @param {import('../rest.js').Me} me */
  constructor(me) {
    super();
    this.me = me;
    this.live = new LiveList();
    this.live.addEventListener('change', () => (this.revision += 1));
    this.wall = new WallFeed();
    this.wall.addEventListener('change', () => (this.revision += 1));
    /** What is watched in large. @type {Watch | null} */
    this.watch = null;
    this.revision = 0;
    this.find = '';
    /** @type {unknown} */
    this.error = null;
    this.said = '';
    document.addEventListener('keydown', (event) => this.#key(event));
    window.addEventListener('pagehide', () => this.watch?.close());
    this.live.open();
    this.wall.open();
  }

  /** @override */
  render() {
    const { live } = this;
    const running = live.visits.filter((visit) => isRunning(visit.state));
    document.title = t('guard-title');
    return html`
      <staff-bar .me=${this.me} .clock=${live.clock} .live=${live} .freshness=${live.freshness} .heading=${t('guard-title')}></staff-bar>
      <main class="guard" @alert-acknowledge=${(/** @type {CustomEvent<string>} */ event) => this.#do(`alerts/${event.detail}/acknowledge`, {})}
        @terminal-unlock=${(/** @type {CustomEvent<string>} */ event) => this.#do(`terminals/${event.detail}/unlock`, {})}
        @visit-terminate=${(/** @type {CustomEvent} */ event) => this.#ask(event.detail)}
        @visit-warn=${(/** @type {CustomEvent} */ event) => this.#askWarning(event.detail)}
        @call-warn=${(/** @type {CustomEvent} */ event) => this.#warn(event.detail)}
        @visit-watch=${(/** @type {CustomEvent} */ event) => this.#watchVisit(event.detail)}
        @watch-close=${() => this.#stopWatching()}
        @watch-again=${() => this.#watchAgain()}
        @call-terminate=${(/** @type {CustomEvent} */ event) => this.#terminate(event.detail)}>
        <div class="guard-side">
          <alert-list ?unknown=${live.freshness === 'CONNECTING'} .alerts=${live.alerts} .visits=${live.visits}
            .terminals=${live.terminals} .clock=${live.clock}></alert-list>
          ${live.freshness === 'CONNECTING' ? nothing : html`<terminal-list .terminals=${live.terminals}></terminal-list>`}
        </div>
        <div class="guard-main">
          ${this.watch
            ? html`<watch-view .watch=${this.watch} .visit=${live.visits.find((one) => one.id === this.watch?.visit)}
                .clock=${live.clock}></watch-view>`
            : nothing}
          ${live.freshness === 'CONNECTING'
            ? nothing
            : html`<call-wall .visits=${running} .alerts=${live.alerts} .feed=${this.wall} .clock=${live.clock}
                .revision=${this.revision} .watched=${this.watch?.visit ?? ''}></call-wall>`}
          <section class="guard-visits" aria-labelledby="visits-title">
            <div class="section-head">
              <h2 id="visits-title">${t('visits-title')}</h2>
              <span class="quiet" data-testid="live-count">${t('visits-running', { count: running.length })}</span>
              <label class="find"><span class="visually-hidden">${t('visits-find')}</span>
                <input type="search" placeholder=${t('visits-find')} data-testid="visits-find"
                  @input=${(/** @type {Event} */ event) => (this.find = /** @type {HTMLInputElement} */ (event.target).value)}></label>
              <button type="button" class="button" @click=${this.#help}>${t('keys-button')} <kbd>?</kbd></button>
            </div>
            ${this.error ? errorBox(this.error) : nothing}
            <p class="visually-hidden" role="status">${this.said}</p>
            ${live.freshness === 'CONNECTING'
              ? html`<p class="working" role="status">${t('loading')}</p>`
              : html`<div class="table-frame" ?data-stale=${live.freshness !== 'FRESH'}>
                  <visits-table .visits=${live.visits} .clock=${live.clock} .zone=${this.me.facility.timezone}
                    .find=${this.find} .action=${'terminate'}></visits-table></div>`}
          </section>
        </div>
        <end-call></end-call>
        <warn-call></warn-call>
        <key-help></key-help>
      </main>`;
  }

  /** The visit that has the focus, else the one that is watched, else the table's. */
  get #selected() {
    const tile = document.activeElement?.closest('[data-tile]');
    const id = tile instanceof HTMLElement ? tile.dataset.tile : undefined;
    const row = document.activeElement?.closest('[data-testid=visit-row]');
    const table = /** @type {VisitsTable | null} */ (this.querySelector('visits-table'));
    const wanted = id ?? (row ? table?.selected : this.watch?.visit) ?? table?.selected;
    return this.live.visits.find((visit) => visit.id === wanted) ?? null;
  }

  #help() {
    /** @type {import('../elements/key-help.js').KeyHelp | null} */ (this.querySelector('key-help'))?.show();
  }

  /** @param {import('../staff.js').StaffVisit} visit */
  #watchVisit(visit) {
    if (this.watch?.visit === visit.id) return;
    const before = this.watch;
    const watch = (this.watch = new Watch(visit.id));
    // One after the other: the relay lets a guard have only so many peers at a time.
    void (before?.close() ?? Promise.resolve()).then(() => {
      if (this.watch === watch) watch.open();
    });
  }

  #watchAgain() {
    const visit = this.live.visits.find((one) => one.id === this.watch?.visit);
    void this.watch?.close();
    this.watch = null;
    if (visit) this.#watchVisit(visit);
  }

  #stopWatching() {
    const visit = this.watch?.visit ?? '';
    void this.watch?.close();
    this.watch = null;
    this.#wall?.focusVisit(visit);
  }

  get #wall() {
    return /** @type {import('../elements/call-wall.js').CallWall | null} */ (this.querySelector('call-wall'));
  }

  /** @override @param {Map<string, unknown>} _changed */
  willUpdate(_changed) {
    this.wall.keep(this.live.visits.filter((visit) => isRunning(visit.state)).map((visit) => visit.id));
    const { watch } = this;
    if (!watch || watch.state === 'ENDED' || this.live.freshness !== 'FRESH') return;
    const visit = this.live.visits.find((one) => one.id === watch.visit);
    if (visit && !isRunning(visit.state)) watch.end();
  }

  /** @param {import('../staff.js').StaffVisit} visit */
  #ask(visit) {
    const dialog = /** @type {import('../elements/end-call.js').EndCall | null} */ (this.querySelector('end-call'));
    void dialog?.ask(visit);
  }

  /** @param {import('../staff.js').StaffVisit} visit */
  #askWarning(visit) {
    const dialog = /** @type {import('../elements/warn-call.js').WarnCall | null} */ (this.querySelector('warn-call'));
    void dialog?.ask(visit);
  }

  /** @param {{visit: string, reason: string}} wish */
  async #warn({ visit, reason }) {
    if (await this.#do(`visits/${visit}/warn`, { reason })) this.said = t('warn-done');
  }

  /** @param {{visit: string, reason: string}} wish */
  async #terminate({ visit, reason }) {
    if (await this.#do(`visits/${visit}/terminate`, { reason })) this.said = t('terminate-done');
  }

  /**
   * @param {string} path
   * @param {unknown} body
   */
  async #do(path, body) {
    this.error = null;
    try {
      await post(path, body);
      return true;
    } catch (error) {
      leaveIfLoggedOut(error);
      this.error = error;
      return false;
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const target = event.target instanceof Element ? event.target : null;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (target?.closest('input, select, textarea, dialog')) {
      if (event.key === 'Escape' && target instanceof HTMLInputElement) target.blur();
      return;
    }
    const done = this.#act(event.key, event.shiftKey);
    if (done) event.preventDefault();
  }

  /**
   * @param {string} key as typed; Russian letters stand where the Latin ones do
   * @param {boolean} shift
   * @returns {boolean} whether the key meant something
   */
  #act(key, shift) {
    if (key === '/' || key === '.') {
      /** @type {HTMLElement | null} */ (this.querySelector('[data-testid=visits-find]'))?.focus();
    } else if (key === '?' || (key === ',' && shift)) {
      this.#help();
    } else if (key === 'n' || key === 'т') {
      /** @type {import('../elements/alert-list.js').AlertList | null} */ (this.querySelector('alert-list'))?.focusNext();
    } else if (key === 'a' || key === 'ф') {
      const focused = document.activeElement?.closest('[data-alert]');
      if (!(focused instanceof HTMLElement)) return false;
      void this.#do(`alerts/${focused.dataset.alert}/acknowledge`, {});
    } else if (/^[1-9]$/.test(key)) {
      return this.#wall?.focusTile(Number(key)) ?? false;
    } else if (key === 'l' || key === 'д') {
      if (!this.watch || this.watch.state === 'ENDED') return false;
      void this.watch.listen(!this.watch.listening);
    } else if (key === 'w' || key === 'ц') {
      const visit = this.#selected;
      if (!visit || visit.state !== 'LIVE' || visit.protected) return false;
      this.#askWarning(visit);
    } else if (key === 'Escape' && this.watch) {
      this.#stopWatching();
    } else if (shift && (key === 'T' || key === 'Е')) {
      const visit = this.#selected;
      if (!visit || visit.state === 'ENDED' || visit.state === 'SCHEDULED') return false;
      this.#ask(visit);
    } else {
      return false;
    }
    return true;
  }
}


customElements.define('guard-page', GuardPage);

document.body.append(new GuardPage(await beginStaffPage('/guard')));
