/**
 * @file `<audit-log>`: the audit log: whether it is sound, and its entries, a page at a time.
 *
 * Guarantees: changes nothing; only the first page renews itself, so that what somebody reads does
 * not move; for a role that may not read the log, nothing at all is shown. Leaves to others: proof
 * (`parloir audit verify` on a machine that the facility cannot reach).
 */

import { html, nothing } from '../vendor/lit.js';
import { AUDIT_KINDS, findingWords } from '../audit.js';
import { dayAndTime } from '../moments.js';
import { get, leaveIfLoggedOut, RestError } from '../rest.js';
import { errorBox } from '../staff.js';
import { t } from '../texts.js';
import './journal-table.js';
import { ParloirElement } from './element.js';

const REFRESH_MS = 5000;
const PAGE = 50;

export class AuditLog extends ParloirElement {
  static properties = {
    zone: { attribute: false },
    page: { state: true },
    checkpoint: { state: true },
    kind: { state: true },
    actor: { state: true },
    closed: { state: true },
    error: { state: true },
  };

  constructor() {
    super();
    this.zone = 'UTC';
    /** Null while loading. @type {import('../audit.js').AuditPage | null} */
    this.page = null;
    /** @type {import('../audit.js').AuditCheckpoint | null} */
    this.checkpoint = null;
    this.kind = '';
    this.actor = '';
    /** The numbers below which the pages before this one began; empty on the first. @type {number[]} */
    this.trail = [];
    this.closed = false;
    /** @type {unknown} */
    this.error = null;
    /** Counts what was asked for: an answer to an older question is not shown. */
    this.asked = 0;
    this.timer = 0;
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    void this.#read();
    this.timer = setInterval(() => void this.#renew(), REFRESH_MS);
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  async #renew() {
    if (this.closed) return;
    if (this.trail.length === 0) await this.#read();
    else await this.#attempt(async () => void (await this.#readCheckpoint()));
  }

  async #read() {
    const mine = ++this.asked;
    await this.#attempt(async () => {
      const query = new URLSearchParams({ limit: `${PAGE}` });
      const below = this.trail.at(-1);
      if (below !== undefined) query.set('before', `${below}`);
      if (this.kind) query.set('action', `${this.kind}.`);
      if (this.actor.trim()) query.set('actor', this.actor.trim());
      /** @type {import('../audit.js').AuditPage} */
      const page = await get(`audit?${query}`);
      if (mine === this.asked) this.page = page;
      await this.#readCheckpoint();
    });
  }

  async #readCheckpoint() {
    this.checkpoint = await get('audit/checkpoint');
  }

  /** @param {() => Promise<void>} read */
  async #attempt(read) {
    try {
      await read();
      this.error = null;
    } catch (error) {
      leaveIfLoggedOut(error);
      if (error instanceof RestError && error.status === 403) this.closed = true;
      else this.error = error;
    }
  }

  /** @param {SubmitEvent} event */
  #filter(event) {
    event.preventDefault();
    const fields = new FormData(/** @type {HTMLFormElement} */ (event.target));
    this.kind = `${fields.get('kind') ?? ''}`;
    this.actor = `${fields.get('actor') ?? ''}`;
    this.trail = [];
    void this.#read();
  }

  #older() {
    const last = this.page?.rows.at(-1);
    if (last === undefined) return;
    this.trail = [...this.trail, last.seq];
    void this.#read();
  }

  #newer() {
    this.trail = this.trail.slice(0, -1);
    void this.#read();
  }

  /** @override */
  render() {
    if (this.closed) return nothing;
    const { page } = this;
    return html`<section aria-labelledby="journal-title">
      <div class="section-head"><h2 id="journal-title">${t('journal-title')}</h2></div>
      ${this.error ? errorBox(this.error) : nothing}
      ${this.#state()}
      <form class="audit-filter" @submit=${this.#filter}>
        <label class="field"><span>${t('audit-filter-kind')}</span>
          <select name="kind" data-testid="audit-kind">
            <option value="">${t('audit-kind-all')}</option>
            ${AUDIT_KINDS.map((kind) => html`<option value=${kind}>${t(`audit-kind-${kind}`)}</option>`)}
          </select></label>
        <label class="field"><span>${t('audit-filter-actor')}</span>
          <input name="actor" data-testid="audit-actor" maxlength="100" autocomplete="off"
            aria-describedby="audit-actor-hint"></label>
        <button type="submit" class="button" data-testid="audit-show">${t('audit-filter-show')}</button>
        <p class="quiet" id="audit-actor-hint">${t('audit-filter-actor-hint')}</p>
      </form>
      ${page === null
        ? html`<p class="working" role="status">${t('loading')}</p>`
        : html`<div class="table-frame"><journal-table .rows=${page.rows} .zone=${this.zone}></journal-table></div>
          <p class="audit-pages">
            <button type="button" class="button" data-testid="audit-newer" ?disabled=${this.trail.length === 0}
              @click=${this.#newer}>${t('audit-newer')}</button>
            <button type="button" class="button" data-testid="audit-older" ?disabled=${!page.more}
              @click=${this.#older}>${t('audit-older')}</button>
          </p>`}
    </section>`;
  }

  #state() {
    const { checkpoint, zone } = this;
    if (checkpoint === null) return nothing;
    const { verification, key } = checkpoint;
    if (verification === null) {
      return html`<p class="notice-box" role="status" data-testid="audit-state" data-state="CHECKING">${t('audit-checking')}</p>`;
    }
    const at = dayAndTime(verification.at, zone);
    if (!verification.sound) {
      return html`<div class="notice-box notice-error" role="alert" data-testid="audit-state" data-state="BROKEN">
        <p><strong>${t('audit-broken', { at })}</strong></p>
        <ul>${verification.findings.map((finding) => html`<li data-finding=${finding.code}>${findingWords(finding)}</li>`)}</ul>
      </div>`;
    }
    if (key === null || verification.covered_at === null) {
      return html`<p class="notice-box notice-warn" role="status" data-testid="audit-state" data-state="UNSIGNED">${t('audit-unsigned', { at })}</p>`;
    }
    const covered = `${verification.covered}`;
    const signed = dayAndTime(verification.covered_at, zone);
    return html`<p class="notice-box" role="status" data-testid="audit-state" data-state="SOUND">${t('audit-sound', { covered, signed, at })}</p>`;
  }
}

customElements.define('audit-log', AuditLog);
