/**
 * @file What a visitor's link and browser know: the token, and the device's own secret.
 *
 * Guarantees: the token is read from the fragment, which browsers never send, and is put into
 * no other address; the secret is 256 random bits, kept per link under the token's hash.
 * Leaves to others: sending them (`protocol.js`).
 */

const SHORTEST_TOKEN = 16;

/** The token in the page's fragment, or null when there is none that could be one. */
export function linkToken() {
  const token = decoded(location.hash.slice(1));
  return token.length >= SHORTEST_TOKEN && token.length <= 256 ? token : null;
}

/** @param {string} fragment as a messenger may have cut or quoted it */
function decoded(fragment) {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return ''; // a cut %-sequence: no link of ours
  }
}

/**
 * A name for this link in the browser's storage that does not give the token away.
 * @param {string} token
 */
export async function linkName(token) {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
  return toText(new Uint8Array(digest).slice(0, 16));
}

/**
 * This browser's secret for the link of that name, made on first use.
 * @param {string} name
 */
export function deviceSecret(name) {
  const key = `parloir-device-${name}`;
  const stored = read(localStorageOrNull(), key);
  if (stored) return stored;
  const secret = toText(crypto.getRandomValues(new Uint8Array(32)));
  write(localStorageOrNull(), key, secret);
  return secret;
}

/**
 * Whether this tab was in the call before it was reloaded.
 * @param {string} name
 */
export const wasInCall = (name) => read(sessionStorageOrNull(), `parloir-joined-${name}`) === '1';

/**
 * Remember for a reload whether this tab is in the call.
 * @param {string} name
 * @param {boolean} joined
 */
export function rememberInCall(name, joined) {
  write(sessionStorageOrNull(), `parloir-joined-${name}`, joined ? '1' : '0');
}

/** @param {Uint8Array} bytes */
function toText(bytes) {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function localStorageOrNull() {
  try {
    return window.localStorage;
  } catch {
    return null; // switched off: the secret lasts as long as the page, a reload asks staff
  }
}

function sessionStorageOrNull() {
  try {
    return window.sessionStorage;
  } catch {
    return null; // switched off: a reload needs one more tap
  }
}

/**
 * @param {Storage | null} storage
 * @param {string} key
 */
function read(storage, key) {
  return storage?.getItem(key) ?? null;
}

/**
 * @param {Storage | null} storage
 * @param {string} key
 * @param {string} value
 */
function write(storage, key, value) {
  try {
    storage?.setItem(key, value);
  } catch {
    // full or private: same as switched off
  }
}
