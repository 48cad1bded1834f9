/**
 * @file What every staff page begins with: texts, who is logged in, and the shapes of the REST.
 */

import { html, render } from './vendor/lit.js';
import { homeOf, RestError, whoAmI } from './rest.js';
import { t, texts } from './texts.js';

/**
 * @typedef {import('./rest.js').Me} Me
 * @typedef {{id: string, reference: string, visit_type: string, protected: boolean,
 *   recorded: boolean, status: string, state: string, outcome: string | null, starts: string,
 *   ends: string, minutes_given_back: number,
 *   inmate: {id: string, name: string, housing_unit: string},
 *   visitors: {id: string, name: string}[], terminal: {id: string, label: string} | null,
 *   inmate_present: boolean, visitor_present: boolean,
 *   refusals: import('./protocol.js').Refusal[]}} StaffVisit
 * @typedef {{id: string, kind: string, priority: number, raised: string, visit?: string | null,
 *   terminal?: string | null, detail: Record<string, unknown>, acknowledged_by?: string | null,
 *   acknowledged_at?: string | null}} Alert
 * @typedef {{id: string, label: string, housing_unit: string, in_service: boolean,
 *   connected: boolean, engine: boolean, camera: string, microphone: string,
 *   findings: string[], board?: Board | null}} LiveTerminal
 * @typedef {{required: boolean, loss: string | null, firmware: string | null,
 *   handset_lifted: boolean | null, door_open: boolean, case_open: boolean,
 *   temperature_c: number | null, camera_power: boolean, microphone_power: boolean,
 *   faults: string[], off_confirmed: boolean, off_unconfirmed: boolean}} Board
 * @typedef {{id: string, kind: string, inmate: string, visit: string | null, visitor: string | null,
 *   reason: string | null, filed: string, due: string, overdue: boolean, granted: boolean | null,
 *   answered: string | null, answered_by: string | null, answer: string}} BoothRequest
 * @typedef {{facility: {id: string, name: string, timezone: string},
 *   housing_units: {id: string, name: string}[],
 *   terminals: {id: string, label: string, housing_unit: string, in_service: boolean}[],
 *   inmates: {id: string, name: string, housing_unit: string}[],
 *   visitors: {id: string, name: string}[],
 *   contacts: {id: string, inmate: string, visitor: string, relationship: string}[]}} Directory
 */

/**
 * Load the texts and the session; anyone whose role works elsewhere is led there.
 * @param {string} page this page's path
 * @param {string} [role] whose second page it is; without it, the page that is home to its role
 * @returns {Promise<Me>}
 */
export async function beginStaffPage(page, role) {
  await texts.load(['staff', 'orders', 'reasons', 'notice']);
  try {
    const me = await whoAmI();
    if (role ? me.role === role : homeOf(me.role) === page) return me;
    location.replace(homeOf(me.role));
  } catch (error) {
    if (error instanceof RestError && error.status === 401) location.replace('/login');
    else render(html`<main class="desk">${errorBox(error)} ${reloadButton()}</main>`, document.body);
  }
  return new Promise(() => {}); // the page is being left, or says why it cannot begin
}

const reloadButton = () =>
  html`<button type="button" class="button" @click=${() => location.reload()}>${t('try-again')}</button>`;

/**
 * The words for a failed request.
 * @param {unknown} error
 */
export function errorWords(error) {
  const code = error instanceof RestError ? error.code : 'UNKNOWN';
  const failed = error instanceof RestError && error.status >= 500;
  return texts.find(`error-${code}`) ?? (failed ? t('error-SERVER') : t('error-UNKNOWN', { code }));
}

/** @param {unknown} error */
export const errorBox = (error) =>
  html`<p class="notice-box notice-error" role="alert"><strong>${t('error-title')}</strong> ${errorWords(error)}</p>`;
