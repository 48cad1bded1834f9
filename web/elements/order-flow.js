/**
 * @file `<order-flow>`: a new suspension order in five steps: scope, impact, words, signature,
 * enforcement.
 *
 * Guarantees: nothing is signed unless the person has typed the number of visits that the relay
 * counted for exactly this order; any change of what the order does asks the relay again and
 * empties that field; a refusal or an ended session keeps what was typed. Tells `order-signed`
 * with the order, `flow-left`, `session-ended`.
 */

import { html, nothing } from '../vendor/lit.js';
import { classOf, draftBodyOf, effectOf, emptyPlan, HOUR_MS, LONGEST_HOURS, planOf } from '../orders.js';
import { isLoggedOut, post, put, RestError } from '../rest.js';
import { errorBox } from '../staff.js';
import { t } from '../texts.js';
import { ParloirElement } from './element.js';
import './order-enforcement.js';
import './order-impact.js';
import './order-scope.js';
import './order-signing.js';
import './order-steps.js';
import { STEPS } from './order-steps.js';
import './order-words.js';

/**
 * @typedef {import('../orders.js').Plan} Plan
 * @typedef {import('../orders.js').Impact} Impact
 * @typedef {import('../orders.js').Draft} Draft
 * @typedef {import('../orders.js').Order} Order
 * @typedef {Partial<Record<string, string>>} Problems
 */

/** What an order does; a change of anything else leaves the numbers as they are. */
const EFFECT = ['scope', 'expires', 'protected', 'emergency', 'incident'];
const STEP_OF_FIELD = Object.freeze({
  scope: 1, expires: 1, protected: 1, not_before: 1, emergency: 1, incident: 1,
  why_not_narrower: 2, reason_code: 3, legal_basis: 3, public_text: 3, withheld: 3,
});
/** @type {Record<string, string>} */
const PROBLEM_OF_FIELD = { not_before: 'expires', emergency: 'expires', protected: 'expires', incident: 'scope',
  why_not_narrower: 'why', reason_code: 'reason', legal_basis: 'basis', public_text: 'words', withheld: 'words' };

export class OrderFlow extends ParloirElement {
  static properties = {
    directory: { attribute: false },
    me: { attribute: false },
    clock: { attribute: false },
    resumed: { attribute: false },
    step: { state: true },
    plan: { state: true },
    impact: { state: true },
    draft: { state: true },
    order: { state: true },
    working: { state: true },
    problems: { state: true },
    error: { state: true },
    said: { state: true },
  };

  constructor() {
    super();
    /** @type {import('../staff.js').Directory | null} */
    this.directory = null;
    /** @type {import('../rest.js').Me | null} */
    this.me = null;
    /** @type {import('../moments.js').RelayClock | null} */
    this.clock = null;
    /** A draft of the relay to go on with. @type {Draft | null} */
    this.resumed = null;
    this.step = 1;
    /** @type {Plan} */
    this.plan = emptyPlan();
    /** @type {Impact | null} */
    this.impact = null;
    /** What the relay keeps of it, once step 3 is done. @type {Draft | null} */
    this.draft = null;
    /** @type {Order | null} */
    this.order = null;
    this.working = false;
    /** @type {Problems} */
    this.problems = {};
    /** @type {unknown} */
    this.error = null;
    this.said = '';
  }

  /** The draft as the relay has it. */
  #kept = '';

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    const { resumed } = this;
    if (!resumed) return void this.#go(1);
    this.plan = planOf(resumed);
    this.#kept = JSON.stringify(draftBodyOf(this.plan, t('order-neutral-text')));
    this.draft = resumed;
    // What is approved waits for the signature; everything else is looked at again first.
    void this.#attempt(async () => {
      await this.#show(resumed.id);
      await this.#go(resumed.approvals.length > 0 && this.draft?.approvals.length ? 4 : 2);
    });
  }

  /** @param {number} step */
  async #go(step) {
    this.step = step;
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.querySelector('[data-step-title]'))?.focus();
  }

  /** @param {Partial<Plan>} change */
  #change(change) {
    const effect = Object.keys(change).some((name) => EFFECT.includes(name));
    this.plan = { ...this.plan, ...change, ...(effect ? { count: '' } : {}) };
    if (effect) this.impact = null;
    const cleared = Object.keys(change).map((name) => (name === 'ru' || name === 'en' || name === 'withheld' ? 'words' : name));
    this.problems = Object.fromEntries(Object.entries(this.problems).filter(([name]) => !cleared.includes(name)));
  }

  /**
   * Do it, or say why not; what was typed stays.
   * @param {() => Promise<void>} deed
   */
  async #attempt(deed) {
    if (this.working) return;
    this.working = true;
    this.error = null;
    try {
      await deed();
    } catch (error) {
      await this.#failed(error);
    } finally {
      this.working = false;
    }
  }

  /** @param {unknown} error */
  async #failed(error) {
    if (isLoggedOut(error)) return this.tell('session-ended');
    this.error = error;
    if (!(error instanceof RestError)) throw error;
    if (error.code === 'IMPACT_CHANGED' && error.body.impact) return this.#impactChanged(error.body.impact);
    if (error.code.startsWith('KEY_') || error.code === 'SECRET_REQUIRED') {
      this.problems = { ...this.problems, secret: t(`error-${error.code}`) };
      this.error = null;
      return this.#focusProblem();
    }
    const field = String(error.body.field ?? '').split('.')[0];
    if (!(field in STEP_OF_FIELD)) return undefined;
    const name = PROBLEM_OF_FIELD[field] ?? field;
    this.problems = { ...this.problems, [name]: error.code === 'UNKNOWN_IDS' ? t('problem-unknown') : t('problem-refused') };
    this.step = STEP_OF_FIELD[/** @type {keyof typeof STEP_OF_FIELD} */ (field)];
    return this.#focusProblem();
  }

  /** The world is another: the numbers are confirmed anew. @param {Impact} impact */
  async #impactChanged(impact) {
    this.impact = impact;
    this.#change({ count: '' });
    await this.#go(2);
  }

  async #focusProblem() {
    await this.updateComplete;
    await Promise.all([...this.querySelectorAll('*')].map((one) => /** @type {any} */ (one).updateComplete));
    /** @type {HTMLElement | null} */ (this.querySelector('[aria-invalid=true]'))?.focus();
  }

  /**
   * Whether a step is complete; the first fault has the focus otherwise.
   * @param {number} step
   */
  async #complete(step) {
    this.problems = this.#check(step);
    if (Object.keys(this.problems).length === 0) return true;
    await this.#focusProblem();
    return false;
  }

  /** @param {number} step @returns {Problems} */
  #check(step) {
    const { plan, impact } = this;
    /** @type {Problems} */
    const problems = {};
    if (step === 1) {
      if (!plan.scope) problems.scope = t('problem-scope');
      const hours = (Date.parse(plan.expires ?? '') - Math.max(this.#now, Date.parse(plan.notBefore ?? '') || 0)) / HOUR_MS;
      if (Number.isNaN(hours)) problems.expires = t('problem-expires');
      else if (hours <= 0) problems.expires = t('problem-expires-past');
      else if (hours > LONGEST_HOURS[classOf(plan)]) problems.expires = t('problem-expires-long');
    }
    if (step === 2) {
      if (!impact || plan.count.trim() !== String(impact.visits)) problems.count = t('problem-count');
      if (impact?.asks_why_not_narrower && !plan.why.trim()) problems.why = t('problem-why');
    }
    if (step === 3) {
      if (!plan.reason) problems.reason = t('problem-reason');
      if (!plan.basis.trim()) problems.basis = t('problem-basis');
      if (!plan.withheld && (!plan.ru.trim() || !plan.en.trim())) problems.words = t('problem-words');
    }
    return problems;
  }

  get #now() {
    return this.clock?.now() ?? Date.now();
  }

  async #next() {
    if (!(await this.#complete(this.step))) return;
    await this.#attempt(async () => {
      if (this.step === 1) await this.#count();
      else if (this.step === 2 && this.draft) await this.#keep();
      else if (this.step === 2) await this.#go(3);
      else if (this.step === 3) await this.#keep();
    });
  }

  async #count() {
    this.impact = await post('orders/impact', effectOf(this.plan));
    this.said = t('flow-counted', { count: this.impact?.visits ?? 0 });
    await this.#go(2);
  }

  /** Take a narrower order; its own numbers are asked for and typed anew. @param {import('../orders.js').Alternative} one */
  async #narrow(one) {
    this.#change({ scope: one.scope, protected: one.protected, expires: one.expires });
    await this.#attempt(() => this.#count());
  }

  /** Other visits show what the incident was: narrower orders are looked for anew. @param {string[]} incident */
  async #concern(incident) {
    this.plan = { ...this.plan, incident, count: '' };
    await this.#attempt(() => this.#count());
  }

  /** Keep it as a draft of the relay, which counts it once more: that is what will be signed. */
  async #keep() {
    if (!(await this.#complete(3))) {
      if (this.step === 2) await this.#go(3);
      return;
    }
    const body = draftBodyOf(this.plan, t('order-neutral-text'));
    if (!this.draft) this.draft = await post('orders/drafts', body);
    // What has not changed is not sent again: that would void its approvals.
    else if (JSON.stringify(body) !== this.#kept) this.draft = await put(`orders/drafts/${this.draft.id}`, body);
    this.#kept = JSON.stringify(body);
    await this.#show(/** @type {Draft} */ (this.draft).id);
    if (this.impact && this.plan.count.trim() !== String(this.impact.visits)) {
      throw new RestError('IMPACT_CHANGED', 409, { impact: this.impact });
    }
    await this.#go(4);
  }

  /** @param {string} draft */
  async #show(draft) {
    /** @type {{draft: Draft, impact: Impact}} */
    const shown = await post(`orders/drafts/${draft}/impact`);
    this.draft = shown.draft;
    this.impact = shown.impact;
  }

  /** @param {string | null} secret */
  async #sign(secret) {
    const { draft, plan, impact } = this;
    if (!draft || !impact) return;
    this.problems = plan.count.trim() === String(impact.visits) ? {} : { count: t('problem-count') };
    if (this.problems.count) return void (await this.#focusProblem());
    await this.#attempt(async () => {
      this.order = await post(`orders/drafts/${draft.id}/sign`, { digest: draft.digest, confirm_visits: Number(plan.count), secret });
      this.tell('order-signed', this.order);
      await this.#go(5);
    });
  }

  /** @override */
  render() {
    if (!this.directory || !this.me) return nothing;
    const name = STEPS[this.step - 1];
    return html`<section class="flow" data-testid="order-flow" data-step=${this.step} aria-labelledby="flow-title"
      @plan-changed=${(/** @type {CustomEvent} */ event) => this.#change(event.detail)}
      @step-chosen=${(/** @type {CustomEvent} */ event) => this.#go(event.detail)}
      @narrower-chosen=${(/** @type {CustomEvent} */ event) => this.#narrow(event.detail)}
      @incident-chosen=${(/** @type {CustomEvent} */ event) => this.#concern(event.detail)}
      @sign-wanted=${(/** @type {CustomEvent} */ event) => this.#sign(event.detail)}
      @draft-news=${(/** @type {CustomEvent} */ event) => (this.draft = event.detail)}
      @draft-changed=${() => this.#attempt(() => this.#recount())}
    >
      <div class="section-head">
        <h2 id="flow-title">${t(this.plan.emergency ? 'flow-title-emergency' : 'order-title')}</h2>
        ${this.order ? nothing : html`<button type="button" class="button" data-testid="order-abandon" @click=${() => this.tell('flow-left')}>
          ${this.draft ? t('flow-leave-draft') : t('order-abandon')}</button>`}
      </div>
      <order-steps .step=${this.step} ?done=${this.order !== null}></order-steps>
      <p class="visually-hidden" role="status">${this.said}</p>
      ${this.error ? errorBox(this.error) : nothing}
      <div class="step-page">
        <h3 class="step-title" tabindex="-1" data-step-title>${t(`flow-heading-${name}`)}</h3>
        ${this.#page()}
      </div>
      ${this.step < 4 ? this.#buttons() : nothing}
    </section>`;
  }

  /** Somebody changed what is waiting: look at it again. */
  async #recount() {
    if (!this.draft) return;
    const before = this.impact?.visits;
    await this.#show(this.draft.id);
    if (this.impact && this.impact.visits !== before) throw new RestError('IMPACT_CHANGED', 409, { impact: this.impact });
  }

  #page() {
    const { plan, directory, me, clock, problems, impact, draft } = this;
    const zone = me?.facility.timezone;
    switch (this.step) {
      case 1:
        return html`<order-scope .plan=${plan} .directory=${directory} .clock=${clock} .zone=${zone} .problems=${problems}></order-scope>`;
      case 2:
        return html`<order-impact asks .plan=${plan} .impact=${impact} .directory=${directory} .zone=${zone} .problems=${problems}
          ?working=${this.working}></order-impact>`;
      case 3:
        return html`<order-words .plan=${plan} .me=${me} .clock=${clock} .problems=${problems}></order-words>`;
      case 4:
        return html`<order-signing .plan=${plan} .draft=${draft} .impact=${impact} .zone=${zone} .problems=${problems} ?working=${this.working}></order-signing>`;
      default:
        return html`<order-enforcement .order=${this.order} .reached=${impact?.live ?? 0} .zone=${zone}></order-enforcement>
          <div class="buttons"><button type="button" class="button button-main" data-testid="flow-finish" @click=${() => this.tell('flow-left')}>${t('flow-finish')}</button></div>`;
    }
  }

  #buttons() {
    const { step, working } = this;
    return html`<div class="flow-buttons">
      ${step > 1 ? html`<button type="button" class="button" data-testid="flow-back" @click=${() => this.#go(step - 1)}>${t('flow-back')}</button>` : nothing}
      <button type="button" class="button button-main" data-testid="flow-next" ?disabled=${working || (step === 2 && !this.impact)} @click=${this.#next}>
        ${working ? t('impact-working') : t(`flow-next-${STEPS[step - 1]}`)}</button>
      <p class="problem" role="alert">${Object.keys(this.problems).length > 0 ? t('problem-look-above') : nothing}</p>
    </div>`;
  }
}

customElements.define('order-flow', OrderFlow);
