/**
 * @file What the relay says of its audit log, and the words for what is wrong with one.
 */

import { texts } from './texts.js';

/**
 * @typedef {{code: string, first?: number | null, last?: number | null,
 *   checkpoint?: string | null, other?: string | null}} AuditFinding
 */
/**
 * @typedef {{at: string, sound: boolean, size: number, covered: number, covered_at: string | null,
 *   findings: AuditFinding[]}} AuditVerification
 */
/** @typedef {{seq: number, at: string, actor: string, action: string, subject: string, detail: Record<string, unknown>}} AuditRow */
/** @typedef {{size: number, rows: AuditRow[], more: boolean}} AuditPage */
/** @typedef {{size: number, key: string | null, verification: AuditVerification | null}} AuditCheckpoint */

/** The kinds of entries that can be looked at by themselves; the last part is the catalogue's. */
export const AUDIT_KINDS = Object.freeze([
  'order', 'visit', 'monitor', 'recording', 'staff', 'pin', 'link', 'import', 'alert', 'audit',
]);

/** What is wrong, and where. @param {AuditFinding} finding */
export function findingWords(finding) {
  const { code, first, last, checkpoint, other } = finding;
  const range = first === last || first == null ? `${last ?? ''}` : `${first}–${last}`;
  const values = { range, checkpoint: checkpoint ?? '', other: other ?? '0' };
  return texts.find(`finding-${code}`, values) ?? code;
}
