/**
 * @file The closed sets of words that these pages offer or compare, as in
 * `visit_protocol/vocabulary.py`; a test compares the two.
 */

/** Never recorded, never monitored, suspended only by an order that names them. */
export const PROTECTED_TYPES = Object.freeze(['LEGAL', 'CONSULAR', 'OMBUDSMAN', 'MEDICAL', 'CLERGY']);

export const TERMINATION_REASONS = Object.freeze([
  'RULES_BROKEN',
  'THREAT_OR_ABUSE',
  'THIRD_PERSON',
  'INDECENCY',
  'SAFETY_OF_PERSON',
  'FACILITY_EMERGENCY',
  'REQUESTED_BY_PARTY',
]);

export const WARNING_REASONS = Object.freeze(['RULES_BROKEN', 'THREAT_OR_ABUSE', 'THIRD_PERSON', 'INDECENCY']);

export const ORDER_REASONS = Object.freeze([
  'SECURITY_INCIDENT',
  'INVESTIGATION',
  'PERSON_SAFETY',
  'RULE_VIOLATION',
  'TECHNICAL_WORK',
  'QUARANTINE',
  'COURT_ORDER',
]);

/** What an order may reach, narrowest first. */
export const SCOPE_KINDS = Object.freeze([
  'inmate',
  'visitor',
  'contact',
  'terminal',
  'housing_unit',
  'facility',
]);

/** Call states in which media flows or could at once. */
export const RUNNING_STATES = Object.freeze(['LIVE', 'PAUSED', 'RECONNECTING']);

/** @param {string} visitType */
export const isProtected = (visitType) => PROTECTED_TYPES.includes(visitType);

/** @param {string} state */
export const isRunning = (state) => RUNNING_STATES.includes(state);
