/**
 * @file `<order-signing>`: step 4 of a new order: exactly what will be signed, the approvals it
 * still needs, and one's own secret.
 *
 * Guarantees: the secret is read once, when the button is pressed, and its field is empty then.
 * While somebody else has to agree the relay is asked again and again, and any other impact leads
 * back to the numbers. Tells `sign-wanted` with the secret or null, `draft-news` with the draft,
 * `draft-changed` when its numbers are no longer those on the screen.
 */

import { html, nothing } from '../vendor/lit.js';
import { dayAndTime } from '../moments.js';
import { emptyPlan, scopeWords } from '../orders.js';
import { get, isLoggedOut } from '../rest.js';
import { errorBox } from '../staff.js';
import { t } from '../texts.js';
import { ParloirElement } from './element.js';
import { countField, secretField, takeSecret } from './fields.js';

const ASK_AGAIN_MS = 2000;

export class OrderSigning extends ParloirElement {
  static properties = {
    plan: { attribute: false },
    draft: { attribute: false },
    impact: { attribute: false },
    zone: { attribute: false },
    problems: { attribute: false },
    working: { type: Boolean },
    error: { state: true },
  };

  constructor() {
    super();
    this.plan = emptyPlan();
    /** @type {import('../orders.js').Draft | null} */
    this.draft = null;
    /** @type {import('../orders.js').Impact | null} */
    this.impact = null;
    this.zone = 'UTC';
    /** @type {Partial<Record<string, string>>} */
    this.problems = {};
    this.working = false;
    /** @type {unknown} */
    this.error = null;
    this.asksCount = false;
  }

  /** @type {number | undefined} */
  #asking;

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.asksCount = this.plan.count.trim() === ''; // a draft that is taken up again
    this.#asking = window.setInterval(() => void this.#ask(), ASK_AGAIN_MS);
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.#asking);
  }

  async #ask() {
    const { draft } = this;
    if (!draft || this.working || draft.may_sign) return;
    try {
      /** @type {import('../orders.js').Draft} */
      const news = await get(`orders/drafts/${draft.id}`);
      this.error = null;
      if (this.draft !== draft) return;
      if (news.digest === draft.digest) this.tell('draft-news', news);
      else this.tell('draft-changed');
    } catch (error) {
      if (isLoggedOut(error)) this.tell('session-ended');
      this.error = error;
    }
  }

  #sign() {
    this.tell('sign-wanted', takeSecret(this));
  }

  /** @override */
  render() {
    const { draft, impact, plan, problems } = this;
    if (!draft || !impact) return nothing;
    return html`<div class="flow-columns">
      <section class="flow-column card" aria-labelledby="signed-title"><h4 id="signed-title">${t('sign-what')}</h4>
        <dl class="facts">
          <div><dt>${t('order-whom')}</dt><dd>${scopeWords(draft.scope_labels)}</dd></div>
          <div><dt>${t('order-ends')}</dt><dd>${dayAndTime(draft.expires, this.zone)}</dd></div>
          <div><dt>${t('order-class')}</dt><dd>${t(`order-class-${draft.emergency ? 'EMERGENCY' : draft.order_class}`)}</dd></div>
          <div><dt>${t('order-reason')}</dt><dd>${t(`order-reason-${draft.reason_code}`)} · ${draft.legal_basis}</dd></div>
          ${draft.grace_s ? html`<div><dt>${t('order-grace')}</dt><dd>${t('order-grace-minutes', { minutes: draft.grace_s / 60 })}</dd></div>` : nothing}
          ${draft.withheld ? html`<div><dt>${t('order-withheld')}</dt><dd>${t(`withheld-${draft.withheld}`)}</dd></div>` : nothing}
          ${draft.why_not_narrower ? html`<div><dt>${t('order-why')}</dt><dd>${draft.why_not_narrower}</dd></div>` : nothing}
          <div><dt>${t('sign-numbers')}</dt><dd data-testid="sign-numbers">${t('sign-numbers-words', {
            visits: impact.visits, inmates: impact.inmates, visitors: impact.visitors, live: impact.live })}</dd></div>
        </dl>
        ${draft.protected.length > 0
          ? html`<p class="notice-box notice-warn"><span aria-hidden="true">▲</span> ${t('order-protected', {
              types: draft.protected.map((type) => t(`visit-type-${type}`)).join(', ') })}</p>`
          : nothing}
        <p class="quiet">${t('sign-digest')} <code class="digest">${(draft.digest ?? '').slice(0, 16)}</code></p>
      </section>
      <section class="flow-column card" aria-labelledby="sign-title"><h4 id="sign-title">${t(draft.people_needed > 1 ? 'sign-two' : 'sign-one')}</h4>
        ${this.error ? errorBox(this.error) : nothing}
        ${draft.people_needed > 1 ? this.#approvals(draft) : nothing}
        ${this.asksCount
          ? countField({ value: plan.count, problem: problems.count, typed: (count) => this.tell('plan-changed', { count }) })
          : nothing}
        ${draft.approvals_missing > 0 ? nothing : html`
          ${secretField(problems.secret)}
          <button type="button" class="button button-grave" data-testid="order-sign" ?disabled=${this.working} @click=${this.#sign}>
            ${this.working ? t('order-signing') : t('order-sign')}</button>`}
      </section>
    </div>`;
  }

  /** @param {import('../orders.js').Draft} draft */
  #approvals(draft) {
    return html`<div data-testid="approvals" data-missing=${draft.approvals_missing} role="status">
      <ul class="approvals">
        <li><span aria-hidden="true">●</span> ${t('approval-drafter', { person: draft.drafter })}</li>
        ${draft.approvals.map((person) => html`<li><span aria-hidden="true">✓</span> ${t('approval-given', { person })}</li>`)}
        ${draft.approvals_missing > 0
          ? html`<li><span aria-hidden="true">◆</span> ${t(draft.oversight_needed ? 'approval-waits-oversight' : 'approval-waits')}</li>`
          : nothing}
      </ul></div>
      <p class="quiet">${draft.approvals_missing > 0 ? t('approval-handed-over') : t('approval-complete')}</p>`;
  }
}

customElements.define('order-signing', OrderSigning);
