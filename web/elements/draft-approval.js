/**
 * @file `<draft-approval>`: somebody else looks at a draft exactly as it would be signed, with its
 * impact counted at that moment, and agrees with their own secret, declines with a reason, or goes
 * away.
 *
 * Guarantees: what is approved is what the digest on the screen names; any change shows the new
 * numbers first. Tells `draft-approved` and `draft-returned` with the draft, `approval-left`,
 * `session-ended`.
 */

import { html, nothing } from '../vendor/lit.js';
import { dayAndTime } from '../moments.js';
import { planOf, scopeWords } from '../orders.js';
import { isLoggedOut, post, RestError } from '../rest.js';
import { errorBox } from '../staff.js';
import { t } from '../texts.js';
import { ParloirElement } from './element.js';
import { problem, secretField, takeSecret, valueOf } from './fields.js';
import './order-impact.js';
import './order-preview.js';

/**
 * @typedef {import('../orders.js').Draft} Draft
 * @typedef {import('../orders.js').Impact} Impact
 */

export class DraftApproval extends ParloirElement {
  static properties = {
    draft: { attribute: false },
    me: { attribute: false },
    impact: { state: true },
    working: { state: true },
    changed: { state: true },
    declining: { state: true },
    problems: { state: true },
    error: { state: true },
  };

  constructor() {
    super();
    /** @type {Draft | null} */
    this.draft = null;
    /** @type {import('../rest.js').Me | null} */
    this.me = null;
    /** @type {Impact | null} */
    this.impact = null;
    this.working = false;
    /** Whether the numbers became others while they were looked at. */
    this.changed = false;
    this.declining = false;
    this.reason = '';
    /** @type {Partial<Record<string, string>>} */
    this.problems = {};
    /** @type {unknown} */
    this.error = null;
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    void this.#attempt(async () => {
      await this.#show();
      await this.updateComplete;
      /** @type {HTMLElement | null} */ (this.querySelector('#approval-title'))?.focus();
    });
  }

  async #show() {
    /** @type {{draft: Draft, impact: Impact}} */
    const shown = await post(`orders/drafts/${this.draft?.id}/impact`);
    this.draft = shown.draft;
    this.impact = shown.impact;
  }

  /** @param {() => Promise<void>} deed */
  async #attempt(deed) {
    this.working = true;
    this.error = null;
    this.problems = {};
    try {
      await deed();
    } catch (error) {
      await this.#failed(error);
    }
    this.working = false;
  }

  /** @param {unknown} error */
  async #failed(error) {
    if (isLoggedOut(error)) this.tell('session-ended');
    const code = error instanceof RestError ? error.code : '';
    if (code.startsWith('KEY_') || code === 'SECRET_REQUIRED') {
      this.problems = { secret: t(`error-${code}`) };
      await this.updateComplete;
      /** @type {HTMLElement | null} */ (this.querySelector('[aria-invalid=true]'))?.focus();
      return;
    }
    this.error = error;
    if (code !== 'IMPACT_CHANGED') return;
    this.changed = true;
    await this.#show();
  }

  async #approve() {
    const secret = takeSecret(this);
    await this.#attempt(async () => {
      /** @type {Draft} */
      const draft = await post(`orders/drafts/${this.draft?.id}/approve`, { digest: this.draft?.digest, secret });
      this.tell('draft-approved', draft);
    });
  }

  async #askReason() {
    this.declining = true;
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.querySelector('[data-testid=decline-reason]'))?.focus();
  }

  async #decline() {
    const reason = this.reason.trim();
    if (!reason) {
      this.problems = { reason: t('problem-decline') };
      return this.#askReason();
    }
    await this.#attempt(async () => {
      /** @type {Draft} */
      const draft = await post(`orders/drafts/${this.draft?.id}/decline`, { reason });
      this.tell('draft-returned', draft);
    });
  }

  /** @override */
  render() {
    const { draft, impact, me } = this;
    if (!draft || !me) return nothing;
    const zone = me.facility.timezone;
    return html`<section class="flow" data-testid="draft-approval" aria-labelledby="approval-title">
      <div class="section-head"><h2 id="approval-title" tabindex="-1">${t('approval-title', { scope: scopeWords(draft.scope_labels) })}</h2>
        <button type="button" class="button" data-testid="approval-leave" @click=${() => this.tell('approval-left')}>${t('approval-leave')}</button></div>
      ${this.error ? errorBox(this.error) : nothing}
      ${this.changed ? html`<p class="notice-box notice-warn" role="status"><span aria-hidden="true">▲</span> ${t('approval-changed')}</p>` : nothing}
      <div class="step-page">
        <dl class="facts">
          <div><dt>${t('approval-drafted')}</dt><dd>${draft.drafter}, ${dayAndTime(draft.drafted, zone)}</dd></div>
          <div><dt>${t('order-reason')}</dt><dd>${t(`order-reason-${draft.reason_code}`)} · ${draft.legal_basis}</dd></div>
          ${draft.grace_s ? html`<div><dt>${t('order-grace')}</dt><dd>${t('order-grace-minutes', { minutes: draft.grace_s / 60 })}</dd></div>` : nothing}
          ${draft.withheld ? html`<div><dt>${t('order-withheld')}</dt><dd>${t(`withheld-${draft.withheld}`)}</dd></div>` : nothing}
          ${draft.why_not_narrower ? html`<div><dt>${t('order-why')}</dt><dd>${draft.why_not_narrower}</dd></div>` : nothing}
          ${draft.approvals.length > 0 ? html`<div><dt>${t('approval-so-far')}</dt><dd>${draft.approvals.join(', ')}</dd></div>` : nothing}
        </dl>
        <h3>${t('flow-step-impact')}</h3>
        <order-impact .plan=${planOf(draft)} .labels=${draft.scope_labels} .impact=${impact} .zone=${zone} ?working=${this.working && !impact}></order-impact>
        <section aria-labelledby="preview-title"><h4 id="preview-title">${t('order-preview')}</h4>
          <order-preview .plan=${planOf(draft)} .zone=${zone} .facility=${me.facility.name}></order-preview></section>
        ${impact ? this.#agree(draft) : nothing}
      </div>
    </section>`;
  }

  /** @param {Draft} draft */
  #agree(draft) {
    if (!draft.may_approve) {
      return html`<p class="notice-box" data-testid="approval-not">${t('approval-not-yours')}</p>`;
    }
    return html`<section class="confirm card" aria-labelledby="agree-title"><h4 id="agree-title">${t('approval-agree')}</h4>
      <p>${t('approval-bound', { visits: draft.confirmed.visits ?? 0, inmates: draft.confirmed.inmates ?? 0 })}</p>
      <p class="quiet">${t('sign-digest')} <code class="digest">${(draft.digest ?? '').slice(0, 16)}</code></p>
      ${secretField(this.problems.secret, 'approve-secret')}
      <div class="buttons">
        <button type="button" class="button button-grave" data-testid="draft-approve" ?disabled=${this.working} @click=${this.#approve}>${t('approval-approve')}</button>
        ${this.declining ? nothing : html`<button type="button" class="button" data-testid="draft-decline" @click=${this.#askReason}>${t('approval-decline')}</button>`}
        <button type="button" class="button" @click=${() => this.tell('approval-left')}>${t('approval-not-now')}</button>
      </div>
      ${this.declining ? this.#refusal() : nothing}</section>`;
  }

  #refusal() {
    return html`<label class="field"><span>${t('decline-reason')}</span>
        <textarea rows="2" maxlength="500" data-testid="decline-reason" aria-invalid=${this.problems.reason !== undefined}
          aria-describedby="decline-problem" @input=${(/** @type {Event} */ event) => (this.reason = valueOf(event))}></textarea></label>
      ${problem('decline-problem', this.problems.reason)}
      <div class="buttons"><button type="button" class="button button-main" data-testid="decline-confirm" ?disabled=${this.working}
        @click=${this.#decline}>${t('decline-confirm')}</button></div>`;
  }
}

customElements.define('draft-approval', DraftApproval);
