/**
 * @file `<draft-card>`: an order that is not signed yet: what it would do, and what it waits for.
 *
 * Tells `draft-act` with the deed (`continue`, `withdraw`, `look`) and the draft.
 */

import { html, nothing } from '../vendor/lit.js';
import { dayAndTime } from '../moments.js';
import { scopeWords } from '../orders.js';
import { t } from '../texts.js';
import { ParloirElement } from './element.js';

export class DraftCard extends ParloirElement {
  static properties = { draft: { attribute: false }, me: { attribute: false }, clock: { attribute: false } };

  constructor() {
    super();
    /** @type {import('../orders.js').Draft | null} */
    this.draft = null;
    /** @type {import('../rest.js').Me | null} */
    this.me = null;
    /** @type {import('../moments.js').RelayClock | null} */
    this.clock = null;
  }

  /** What the draft waits for. @param {import('../orders.js').Draft} draft */
  #waiting(draft) {
    if (Date.parse(draft.expires) <= (this.clock?.now() ?? Date.now())) return 'too-late';
    if (draft.state === 'DRAFT') return 'counting';
    if (draft.approvals_missing > 0) return draft.oversight_needed ? 'oversight' : 'approval';
    return 'signature';
  }

  /** @override */
  render() {
    const { draft, me } = this;
    if (!draft) return nothing;
    const zone = me?.facility.timezone;
    const waiting = this.#waiting(draft);
    const visits = draft.confirmed.visits;
    return html`<article class="order" data-testid="draft-row" data-draft=${draft.id} data-waiting=${waiting}>
      <div class="order-head">
        <h4 class="order-scope">${scopeWords(draft.scope_labels)}</h4>
        <p class="order-mark" data-group="drafts"><span aria-hidden="true">${waiting === 'too-late' ? '▲' : '◇'}</span> ${t(`draft-waits-${waiting}`)}
          <span class="quiet">· ${t(`order-class-${draft.emergency ? 'EMERGENCY' : draft.order_class}`)}</span></p>
      </div>
      <p>${t(`order-reason-${draft.reason_code}`)} · ${draft.legal_basis}</p>
      ${draft.protected.length > 0
        ? html`<p class="notice-box notice-warn"><span aria-hidden="true">▲</span> ${t('order-protected', {
            types: draft.protected.map((type) => t(`visit-type-${type}`)).join(', ') })}</p>`
        : nothing}
      <p class="quiet">${t('order-until', { when: dayAndTime(draft.expires, zone) })}${visits === undefined ? nothing : ` · ${t('draft-visits', { count: visits })}`}
        · ${t('draft-by', { person: draft.drafter, when: dayAndTime(draft.drafted, zone) })}</p>
      ${draft.approvals.length > 0 ? html`<p class="quiet">${t('order-approved-by', { people: draft.approvals.join(', ') })}</p>` : nothing}
      ${draft.declined
        ? html`<p class="notice-box notice-warn" data-testid="draft-declined"><span aria-hidden="true">▲</span> ${t('draft-declined', {
            person: draft.declined.person, when: dayAndTime(draft.declined.at, zone) })} ${draft.declined.reason}</p>`
        : nothing}
      ${draft.renews ? html`<p class="quiet">${t('order-renews', { order: draft.renews })}</p>` : nothing}
      <div class="order-buttons">
        ${me?.role === 'administrator' ? html`${this.#button('continue', draft)} ${this.#button('withdraw', draft)}` : nothing}
        ${me?.role === 'approver' || me?.role === 'oversight' ? this.#button('look', draft) : nothing}
      </div>
    </article>`;
  }

  /**
   * @param {'continue' | 'withdraw' | 'look'} deed
   * @param {import('../orders.js').Draft} draft
   */
  #button(deed, draft) {
    return html`<button type="button" class="button" data-testid="draft-${deed}" @click=${() => this.tell('draft-act', { deed, draft })}>
      ${t(`draft-${deed}`)}<span class="visually-hidden"> ${scopeWords(draft.scope_labels)}</span></button>`;
  }
}

customElements.define('draft-card', DraftCard);
