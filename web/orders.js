/**
 * @file Suspension orders as these pages know them: the shapes of the REST, and what follows from
 * an order or a draft without asking the relay: its group, its words, its longest term.
 *
 * Leaves to others: numbers, who may do what and whether an order is legal (the relay says so).
 */

import { t, texts } from './texts.js';
import { ORDER_REASONS } from './vocabulary.js';

/**
 * @typedef {Record<string, string[]>} Scope
 * @typedef {{visits: number, visits_24h: number, visits_7d: number, live: number, inmates: number,
 *   visitors: number, children: number, terminals: number, facilities: number, kept: number,
 *   protected_kept: number, under_minimum: number}} Numbers
 * @typedef {{narrowing: string, scope: Scope, scope_labels: Scope, protected: string[],
 *   expires: string, order_class: string, people_needed: number}} Narrower
 * @typedef {Numbers & Narrower} Alternative
 * @typedef {{id: string, reference: string, starts: string, state: string, inmate: string,
 *   terminal: string | null, visit_type: string}} ListedVisit
 * @typedef {{as_of: string, order_class: string, people_needed: number, oversight_needed: boolean,
 *   asks_why_not_narrower: boolean, listed: ListedVisit[], under_minimum_inmates: string[],
 *   alternatives: Alternative[]}} Beside
 * @typedef {Numbers & Beside} Impact
 * @typedef {{id: string, state: string, scope: Scope, scope_labels: Scope, protected: string[],
 *   reason_code: string, legal_basis: string, public_text: {ru: string, en: string},
 *   not_before: string | null, expires: string, emergency: boolean, why_not_narrower: string,
 *   withheld: string | null, grace_s: number | null, incident: string[], renews: string | null, order_class: string,
 *   people_needed: number, oversight_needed: boolean, asks_why_not_narrower: boolean,
 *   drafter: string, drafted: string, digest: string | null, confirmed: Record<string, number>,
 *   approvals: string[], approvals_missing: number,
 *   declined: {at: string, person: string, reason: string} | null, may_approve: boolean,
 *   may_sign: boolean}} Draft
 * @typedef {{visit: string, reference: string, committed_ms_to_last_packet: number | null}} Cut
 * @typedef {{terminal: string, label: string, visit: string, after_ms: number | null,
 *   state: 'AWAITED' | 'CONFIRMED' | 'NOT_CONFIRMED' | 'NOT_FITTED'}} PowerOff
 * @typedef {{id: string, rev: number, state: string, desk_state: string | null,
 *   order_class: string, scope: Scope, scope_labels: Scope, protected: string[],
 *   reason_code: string, legal_basis: string, public_text: {ru: string, en: string},
 *   withheld: string | null, grace_s: number | null, emergency: boolean, not_before: string, expires: string,
 *   issued: string, issuer: string, drafter: string | null, approvals: string[],
 *   why_not_narrower: string, narrower_declined: boolean, renews: string | null,
 *   renewed_by: string | null, review_due: string | null, review_overdue: boolean,
 *   reviews: {at: string, person: string, note: string}[], lifted_at: string | null,
 *   lifted_by: string | null, comment: string, lift_asked_by: string[], visits_cut: Cut[], power: PowerOff[],
 *   notices: number, notices_delivered: number}} Order
 * @typedef {{receipt: number, at: string, code: string, via: string, order: string | null,
 *   sha256: string}} RefusedOrder
 * @typedef {{issuer: string, first: number, last: number}} MissingNumbers
 * @typedef {{id: number, order: string, visit: string, reference: string, starts: string,
 *   recipient: string, person: string, name: string, until: string | null,
 *   reason_code: string | null, public_text: {ru: string, en: string},
 *   delivered: string | null, via: string | null}} Notice
 * @typedef {{id: string, order: string, visit: string, party: string, text: string, filed: string,
 *   due: string, overdue: boolean, outcome: string | null, decided: string | null,
 *   decided_by: string | null, grounds: string, may_decide: boolean}} Appeal
 * @typedef {{id: string, reason_code: string, legal_basis: string,
 *   public_text: {ru: string, en: string}, withheld: string | null, scope_labels: Scope,
 *   not_before: string, expires: string, issuer: string, approvals: string[],
 *   why_not_narrower: string, review_due: string | null}} ExplainedOrder
 * @typedef {{visit: import('./staff.js').StaffVisit, possible: boolean, over: boolean,
 *   refusals: import('./protocol.js').Refusal[], orders: ExplainedOrder[],
 *   rebooked_as: string | null, as_of: string}} Explanation
 * @typedef {import('./staff.js').Directory} Directory
 */

/**
 * What the author of an order fills in; `count` is typed by hand and belongs to one impact.
 * @typedef {{scope: Scope | null, expires: string | null, notBefore: string | null,
 *   protected: readonly string[], emergency: boolean, incident: string[], why: string,
 *   reason: string, basis: string, withheld: string, grace: number, ru: string, en: string,
 *   count: string}} Plan
 */

export const HOUR_MS = 3_600_000;
/** Longest terms of the classes of order, in hours; an emergency ends by itself after one. */
export const LONGEST_HOURS = Object.freeze({ NARROW: 720, WIDE: 168, PROTECTED: 72, EMERGENCY: 1 });
/** Seconds that calls which run may still have. */
export const GRACES = Object.freeze([0, 60, 300, 600]);
export const WITHHELD_GROUNDS = Object.freeze(['RISK_TO_PERSON', 'RISK_TO_INVESTIGATION', 'RISK_TO_SECURITY']);
/** How the list is divided: what needs a person first. */
export const GROUPS = Object.freeze(['expiring', 'active', 'pending', 'ended']);
/** Dimensions that make an order narrow. */
const PEOPLE_OR_PLACES = ['inmate', 'visitor', 'contact', 'terminal'];
const REVIEW_WITHIN_MS = 7 * 24 * HOUR_MS;

/** @returns {Plan} nothing filled in */
export const emptyPlan = () => ({
  scope: null,
  expires: null,
  notBefore: null,
  protected: [],
  emergency: false,
  incident: [],
  why: '',
  reason: '',
  basis: '',
  withheld: '',
  grace: 0,
  ru: '',
  en: '',
  count: '',
});

/**
 * A draft of the relay as its author filled it in; the number is typed anew.
 * @param {Draft} draft
 * @returns {Plan}
 */
export const planOf = (draft) => ({
  scope: draft.scope,
  expires: draft.expires,
  notBefore: draft.not_before,
  protected: draft.protected,
  emergency: draft.emergency,
  incident: draft.incident,
  why: draft.why_not_narrower,
  reason: ORDER_REASONS.includes(draft.reason_code) ? draft.reason_code : '',
  basis: draft.legal_basis,
  withheld: draft.withheld ?? '',
  grace: draft.grace_s ?? 0,
  ru: draft.withheld ? '' : draft.public_text.ru,
  en: draft.withheld ? '' : draft.public_text.en,
  count: '',
});

/** What an order does, as the relay counts it. @param {Plan} plan */
export const effectOf = (plan) => ({
  scope: plan.scope,
  protected: plan.protected,
  not_before: plan.notBefore,
  expires: plan.expires,
  emergency: plan.emergency,
  incident: plan.incident,
});

/** @param {Plan} plan @param {string} neutral stands in for words that are withheld */
export const draftBodyOf = (plan, neutral) => ({
  ...effectOf(plan),
  reason_code: plan.reason,
  legal_basis: plan.basis.trim(),
  public_text: plan.withheld ? { ru: neutral, en: neutral } : { ru: plan.ru.trim(), en: plan.en.trim() },
  why_not_narrower: plan.why.trim(),
  withheld: plan.withheld || null,
  grace_s: plan.grace || null,
});

/** @param {Plan} plan */
export function classOf(plan) {
  if (plan.emergency) return 'EMERGENCY';
  if (plan.protected.length > 0) return 'PROTECTED';
  return plan.scope !== null && !PEOPLE_OR_PLACES.some((kind) => kind in (plan.scope ?? {})) ? 'WIDE' : 'NARROW';
}

/**
 * When the order will be looked at again: an emergency within a day, others at half their length.
 * @param {Plan} plan
 * @param {number} now
 */
export function reviewDueOf(plan, now) {
  const begins = Math.max(now, Date.parse(plan.notBefore ?? '') || 0);
  if (plan.emergency) return begins + 24 * HOUR_MS;
  return begins + Math.min(REVIEW_WITHIN_MS, (Date.parse(plan.expires ?? '') - begins) / 2);
}

/** Whether the last quarter of its time has begun, a day at most. @param {Order} order @param {number} now */
export function isExpiring(order, now) {
  if (order.state !== 'ACTIVE') return false;
  const expires = Date.parse(order.expires);
  const quarter = (expires - Date.parse(order.not_before)) / 4;
  return expires - now <= Math.min(quarter, 24 * HOUR_MS);
}

/** @param {Order} order @param {number} now @returns {string} one of GROUPS */
export function groupOf(order, now) {
  if (order.state === 'LIFTED' || order.state === 'EXPIRED') return 'ended';
  if (order.state === 'PENDING') return 'pending';
  return isExpiring(order, now) ? 'expiring' : 'active';
}

/**
 * Scope in words, from labels by dimension.
 * @param {Scope} labels
 */
export function scopeWords(labels) {
  const kinds = Object.entries(labels);
  // The facility that a terminal or a unit is named with says nothing new.
  const telling = kinds.length > 1 ? kinds.filter(([kind]) => kind !== 'facility') : kinds;
  return telling
    .map(([kind, names]) => {
      const words = kind === 'visit_type' ? names.map((name) => texts.find(`visit-type-${name}`) ?? name) : names;
      return `${t(`scope-${kind}`)}: ${words.join(', ')}`;
    })
    .join(' · ');
}

/**
 * The names of what a scope reaches, as the directory has them.
 * @param {Scope} scope
 * @param {Directory} directory
 * @returns {Scope}
 */
export function labelsOf(scope, directory) {
  const names = new Map([
    [directory.facility.id, directory.facility.name],
    ...directory.housing_units.map(named),
    ...directory.inmates.map(named),
    ...directory.visitors.map(named),
    ...directory.terminals.map((one) => /** @type {[string, string]} */ ([one.id, one.label])),
  ]);
  for (const one of directory.contacts) {
    names.set(one.id, `${names.get(one.inmate)} — ${names.get(one.visitor)}`);
  }
  return Object.fromEntries(
    Object.entries(scope).map(([kind, ids]) => [
      kind,
      ids.map((id) => names.get(id) ?? id),
    ]),
  );
}

/** @param {{id: string, name: string}} one @returns {[string, string]} */
const named = (one) => [one.id, one.name];
