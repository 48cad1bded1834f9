/**
 * @file The visitor's signalling line to the relay, without any UI.
 *
 * Guarantees: one WebSocket at a time; says hello first on each; a heartbeat every
 * `HEARTBEAT_MS`; `SILENCE_MS` without a word counts as lost; a lost line is opened again with
 * full jitter until `close()` or a close code that makes trying again pointless.
 * Leaves to others: what to answer (`visitor.js`) and what to show (`elements/`).
 *
 * The message types mirror `visit_protocol/signalling.py`; a test compares the two.
 */

export const PROTOCOL_VERSION = 1;
export const HEARTBEAT_MS = 2000;
export const SILENCE_MS = 6000;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5000;

/** WebSocket close codes, as in `visit_protocol/errors.py`. */
export const CloseCode = Object.freeze({
  MALFORMED: 4400,
  UNAUTHENTICATED: 4401,
  REFUSED: 4403,
  TIMED_OUT: 4408,
  REPLACED: 4409,
  TOO_LARGE: 4413,
  OUT_OF_TURN: 4422,
  VERSION_UNSUPPORTED: 4426,
  TOO_MANY: 4429,
  FAILED: 4500,
  SHUTTING_DOWN: 4503,
});

/** Codes after which the same hello would only be turned away again. */
/** @type {ReadonlySet<number>} */
const FINAL = new Set([
  CloseCode.MALFORMED,
  CloseCode.UNAUTHENTICATED,
  CloseCode.REFUSED,
  CloseCode.REPLACED,
  CloseCode.VERSION_UNSUPPORTED,
]);

/**
 * @typedef {{code: string, until?: string, order?: string, reason_code?: string,
 *   public_text?: Record<string, string>, decided_by?: string, attempts_left?: number}} Refusal
 *
 * @typedef {{id: string, reference: string, visit_type: string, recorded: boolean,
 *   state: string, outcome?: string, termination?: string, starts: string, ends: string,
 *   now: string, minutes_given_back: number, inmate_name: string, visitor_name: string,
 *   stopping?: Refusal | null,
 *   notice_accepted: boolean, refusals: Refusal[]}} VisitView
 *
 * @typedef {{id: string, order: string, reference: string, starts: string, until: string,
 *   reason_code?: string, public_text: Record<string, string>}} OrderNotice
 * @typedef {{type: 'welcome', version: number, now: string, facility: string,
 *   facility_timezone: string, terminal_label?: string, notice_version: string,
 *   visit?: VisitView, ice_servers?: RTCIceServer[], notices?: OrderNotice[]}} Welcome
 * @typedef {{type: 'refused', refusals: Refusal[]}} Refused
 * @typedef {{type: 'visit', visit: VisitView}} VisitUpdate
 * @typedef {{type: 'reminder', minutes: number}} Reminder
 * @typedef {{type: 'warned', reason: string}} Warned
 * @typedef {{type: 'answer', id: string, sdp: string}} Answer
 * @typedef {{type: 'offer_refused', id: string, code: string}} OfferRefused
 * @typedef {{type: 'offer_wanted'}} OfferWanted
 * @typedef {{type: 'appeal_filed', order: string, due: string}} AppealFiled
 * @typedef {{type: 'staff_called'}} StaffCalled
 * @typedef {{type: 'heartbeat', now: string}} RelayHeartbeat
 * @typedef {Welcome | Refused | VisitUpdate | Reminder | Warned | Answer | OfferRefused | OfferWanted
 *   | AppealFiled | StaffCalled | RelayHeartbeat} FromRelay
 *
 * @typedef {{type: 'visitor_hello', versions: number[], token: string, device: string}} VisitorHello
 * @typedef {{type: 'answer_notice', visit: string, version: string, language: string,
 *   accepted: boolean}} AnswerNotice
 * @typedef {{type: 'join', visit: string}} Join
 * @typedef {{type: 'offer', id: string, sdp: string}} Offer
 * @typedef {{type: 'leave'}} Leave
 * @typedef {{type: 'notices_shown', ids: string[]}} NoticesShown
 * @typedef {{type: 'file_appeal', visit: string, order: string, text?: string}} FileAppeal
 * @typedef {{type: 'call_staff', reason?: string}} CallStaff
 * @typedef {{type: 'heartbeat'}} ClientHeartbeat
 * @typedef {VisitorHello | AnswerNotice | Join | Offer | Leave | NoticesShown | FileAppeal
 *   | CallStaff | ClientHeartbeat} ToRelay
 */

/**
 * What the owner of a line is told.
 * @typedef {object} LineListener
 * @property {() => VisitorHello} hello the first message on each new socket
 * @property {(message: FromRelay) => void} received every message, heartbeats included
 * @property {() => void} lost the socket is gone and will be tried again
 * @property {(code: number) => void} closed the socket is gone for good, with its close code
 */

/**
 * How long to wait before attempt number `attempt` (from 0): full jitter, doubling, capped.
 * @param {number} attempt
 * @param {() => number} [random] 0 ≤ x < 1
 * @returns {number} milliseconds
 */
export function retryDelay(attempt, random = Math.random) {
  return random() * Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt);
}

/** The WebSocket address of `path` on the host that served this page. @param {string} path */
export function socketAddress(path) {
  const address = new URL(path, location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  address.hash = ''; // the token stays in the page
  return address.href;
}

/** One visitor's line; open it once, close it once. */
export class Line {
  /** @type {WebSocket | null} */
  #socket = null;
  #attempt = 0;
  #closed = false;
  #heardAt = 0;
  #greeted = false;
  /** @type {number | undefined} */
  #pulse;
  /** @type {number | undefined} */
  #retry;
  #address;
  #listener;

  /**
   * @param {string} address
   * @param {LineListener} listener
   */
  constructor(address, listener) {
    this.#address = address;
    this.#listener = listener;
  }

  /** Open the socket; does nothing on a line that was closed. */
  open() {
    if (this.#closed) return;
    const socket = new WebSocket(this.#address);
    this.#socket = socket;
    this.#greeted = false;
    this.#heardAt = performance.now();
    clearInterval(this.#pulse);
    this.#pulse = window.setInterval(() => this.#beat(socket), HEARTBEAT_MS / 2);
    socket.addEventListener('open', () => this.send(this.#listener.hello()));
    socket.addEventListener('message', (event) => {
      if (socket !== this.#socket) return;
      const message = /** @type {FromRelay} */ (JSON.parse(String(event.data)));
      if (message.type === 'welcome') {
        this.#attempt = 0;
        this.#greeted = true;
      }
      // A relay that breathes but never answers the hello is as good as silent.
      if (this.#greeted) this.#heardAt = performance.now();
      this.#listener.received(message);
    });
    socket.addEventListener('close', (event) => this.#gone(socket, event.code));
  }

  /**
   * Send a message if the socket is open.
   * @param {ToRelay} message
   * @returns {boolean} whether it was handed to the socket
   */
  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Close for good; nothing is reported any more. */
  close() {
    this.#closed = true;
    clearInterval(this.#pulse);
    clearTimeout(this.#retry);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000);
  }

  #beats = 0;

  /** @param {WebSocket} socket */
  #beat(socket) {
    if (socket !== this.#socket) return;
    if (performance.now() - this.#heardAt > SILENCE_MS) {
      // close() waits for the other side, which is silent: report the loss ourselves.
      socket.close();
      this.#gone(socket, CloseCode.TIMED_OUT);
      return;
    }
    this.#beats += 1;
    if (this.#beats % 2 === 0) this.send({ type: 'heartbeat' });
  }

  /**
   * @param {WebSocket} socket
   * @param {number} code
   */
  #gone(socket, code) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    clearInterval(this.#pulse);
    if (this.#closed) return;
    if (FINAL.has(code)) {
      this.#closed = true;
      this.#listener.closed(code);
      return;
    }
    this.#listener.lost();
    this.#retry = window.setTimeout(() => this.open(), retryDelay(this.#attempt));
    this.#attempt += 1;
  }
}
