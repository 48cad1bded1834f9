/**
 * @file The relay's REST for the staff's pages.
 *
 * Guarantees: unsafe methods carry the session's CSRF token; a failure is a `RestError` with
 * the relay's stable code, or `NETWORK`; a session that has ended leads to the log-in page.
 * Leaves to others: the words for a code (`locales/`).
 */

/** @typedef {'guard' | 'administrator' | 'approver' | 'oversight' | 'auditor'} StaffRole */
/**
 * @typedef {{user: string, role: StaffRole, csrf: string, now: string,
 *   facility: {id: string, name: string, timezone: string}}} Me
 */

const BASE = '/api/v1/';

/** @type {Record<StaffRole, string>} */
const HOME = {
  guard: '/guard',
  administrator: '/administrator',
  approver: '/oversight',
  oversight: '/oversight',
  auditor: '/oversight',
};

/** The page where a role works. @param {StaffRole} role */
export const homeOf = (role) => HOME[role] ?? '/login';

/** A request that the relay refused or that did not reach it. */
export class RestError extends Error {
  /**
   * @param {string} code stable, e.g. `IMPACT_CHANGED`; `NETWORK` when there was no answer
   * @param {number} status HTTP status, 0 when there was no answer
   * @param {Record<string, any>} body the whole answer
   */
  constructor(code, status, body) {
    super(code);
    this.code = code;
    this.status = status;
    this.body = body;
  }
}

let csrf = '';

/**
 * One request.
 * @template T
 * @param {'GET' | 'POST' | 'PUT' | 'DELETE'} method
 * @param {string} path below /api/v1/
 * @param {unknown} [body] sent as JSON
 * @param {boolean} [keepalive] whether it outlives the page
 * @returns {Promise<T>} the parsed answer; undefined for 204
 */
async function request(method, path, body, keepalive = false) {
  /** @type {Record<string, string>} */
  const headers = {};
  if (method !== 'GET' && csrf) headers['X-CSRF-Token'] = csrf;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  let response;
  try {
    response = await fetch(BASE + path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: 'same-origin',
      keepalive,
    });
  } catch {
    throw new RestError('NETWORK', 0, {});
  }
  if (response.status === 204) return /** @type {T} */ (undefined);
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  throw new RestError(answer.code ?? `HTTP_${response.status}`, response.status, answer);
}

/** @template T @param {string} path @returns {Promise<T>} */
export const get = (path) => request('GET', path);

/** @template T @param {string} path @param {unknown} [body] @returns {Promise<T>} */
export const post = (path, body = {}) => request('POST', path, body);

/**
 * Ask for a picture.
 * @param {string} path
 * @returns {Promise<string>} an object URL, to be revoked by whoever shows it
 */
export async function postForPicture(path) {
  let response;
  try {
    response = await fetch(BASE + path, { method: 'POST', headers: { 'X-CSRF-Token': csrf }, credentials: 'same-origin' });
  } catch {
    throw new RestError('NETWORK', 0, {});
  }
  if (response.ok) return URL.createObjectURL(await response.blob());
  const answer = await response.json().catch(() => ({}));
  throw new RestError(answer.code ?? `HTTP_${response.status}`, response.status, answer);
}

/** @template T @param {string} path @param {unknown} body @returns {Promise<T>} */
export const put = (path, body) => request('PUT', path, body);

/** Take something away, even while the page is being left. @param {string} path */
export const remove = (path) => request('DELETE', path, undefined, true);

/**
 * Log in.
 * @param {string} user
 * @param {string} password
 * @returns {Promise<Me>}
 */
export async function logIn(user, password) {
  const me = await request('POST', 'session', { user, password });
  return remember(/** @type {Me} */ (me));
}

/** Log out and go to the log-in page. */
export async function logOut() {
  await request('DELETE', 'session');
  location.assign('/login');
}

/** Who is logged in. @returns {Promise<Me>} */
export async function whoAmI() {
  return remember(await get('me'));
}

/** Whether the session has ended: the person logs in again and loses nothing. @param {unknown} error */
export const isLoggedOut = (error) => error instanceof RestError && error.status === 401;

/** To the log-in page, which says why, when the session has ended. @param {unknown} error */
export function leaveIfLoggedOut(error) {
  if (error instanceof RestError && error.status === 401) location.assign('/login#again');
}

/** @param {Me} me */
function remember(me) {
  csrf = me.csrf;
  return me;
}
