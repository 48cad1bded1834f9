/**
 * @file The visitor's end of a visit, without any UI: line, devices and peer in one life.
 *
 * Guarantees: joining sends the accepted notice first, then `Join`, and an offer only when the
 * relay did not refuse; a lost line or peer is made good by itself, without another tap, and
 * media that still flows is not taken down for it; hanging up and calling staff reach the relay
 * though the line be lost just then; when the visit ends or is refused, camera and microphone are
 * let go. `dataState` is always the call state or the reason why there is none. Leaves to others:
 * showing it (`pages/visit.js`).
 */

import { deviceSecret, rememberInCall, wasInCall } from './link.js';
import { Devices, permissionGranted } from './media.js';
import { RelayClock } from './moments.js';
import { Peer } from './peer.js';
import { CloseCode, Line, PROTOCOL_VERSION, socketAddress } from './protocol.js';

/**
 * @typedef {import('./protocol.js').FromRelay} FromRelay
 * @typedef {import('./protocol.js').Refusal} Refusal
 * @typedef {import('./protocol.js').VisitView} VisitView
 * @typedef {import('./protocol.js').Welcome} Welcome
 */

/** @typedef {'idle' | 'asking' | 'joining' | 'joined'} Attendance how far the visitor has got */

const NOTICE_REFUSED = 'NOTICE_NOT_ACCEPTED';

/** Dispatches `change`, `reminder` with the minutes left and `warned` with the reason as its detail. */
export class Visitor extends EventTarget {
  devices = new Devices();
  clock = new RelayClock();
  /** @type {'CONNECTING' | 'OPEN' | 'LOST' | 'CLOSED'} */
  line = 'CONNECTING';
  /** @type {Welcome | null} */
  welcome = null;
  /** @type {VisitView | null} */
  visit = null;
  /** Why the link itself does not work. @type {Refusal[]} */
  refusals = [];
  /** The close code after which the line is not opened again. @type {number | null} */
  closeCode = null;
  /** @type {Attendance} */
  attendance = 'idle';
  declined = false;
  staffCalled = false;
  /** Orders that were appealed against: by when each is decided. @type {Map<string, string>} */
  appeals = new Map();
  /** @type {Peer | null} */
  peer = null;
  /** Made while the relay is still asked. @type {{peer: Peer, sdp: Promise<string>} | null} */
  #prepared = null;
  /** @type {Line | null} */
  #line = null;
  #token;
  #linkName;
  /** @type {{version: string, language: string} | null} */
  #notice = null;
  #offers = 0;
  #resumed = false;
  #joinSent = false;
  /** What was said while the line was lost. @type {Set<'leave' | 'call_staff'>} */
  #owed = new Set();

  /**
   * @param {string} token of the link
   * @param {string} linkName its name in the browser's storage
   */
  constructor(token, linkName) {
    super();
    this.#token = token;
    this.#linkName = linkName;
    this.devices.addEventListener('change', () => this.#devicesChanged());
  }

  /** Open the line. */
  open() {
    this.#line = new Line(socketAddress('/api/v1/visitor'), {
      hello: () => ({
        type: 'visitor_hello',
        versions: [PROTOCOL_VERSION],
        token: this.#token,
        device: deviceSecret(this.#linkName),
      }),
      received: (message) => this.#received(message),
      lost: () => {
        this.line = this.welcome ? 'LOST' : 'CONNECTING';
        this.#changed();
      },
      closed: (code) => {
        this.line = 'CLOSED';
        this.closeCode = code;
        this.#stop();
      },
    });
    this.#line.open();
  }

  /** The call state, or the code of the reason why there is no call. */
  get dataState() {
    if (this.refusals.length > 0) return this.refusals[0].code;
    if (this.closeCode !== null) return closeCodeName(this.closeCode);
    if (!this.visit) return 'CONNECTING';
    if (this.visit.state === 'ENDED') return this.visit.outcome ?? 'ENDED';
    if (this.line !== 'OPEN') return 'RECONNECTING';
    if (this.declined) return NOTICE_REFUSED;
    if (this.visit.refusals.length > 0) return this.visit.refusals[0].code;
    return this.visit.state;
  }

  /**
   * Accept the notice as it was shown, and join. Before the slot is open nothing is switched
   * on: the relay is asked, and says when.
   * @param {{version: string, language: string}} notice
   */
  async join(notice) {
    if (!this.visit || this.attendance === 'asking') return;
    this.#notice = notice;
    this.declined = false;
    if (this.visit.state !== 'SCHEDULED') {
      this.#become('asking');
      if (!(await this.devices.acquire())) {
        this.#become('idle');
        return;
      }
    }
    if (this.visit.state === 'ENDED') this.#stop(); // it ended while the browser asked
    else this.#startJoining();
  }

  /**
   * Refuse the notice; the relay is told, nothing else happens.
   * @param {{version: string, language: string}} notice
   */
  decline(notice) {
    if (!this.visit) return;
    this.#line?.send({
      type: 'answer_notice',
      visit: this.visit.id,
      version: notice.version,
      language: notice.language,
      accepted: false,
    });
    this.declined = true;
    this.#stop();
  }

  /** Think again after refusing. */
  reconsider() {
    this.declined = false;
    this.#changed();
  }

  /** Hang up for good. */
  leave() {
    this.#say('leave');
    this.#stop();
  }

  /** Ask for a member of staff. */
  callStaff() {
    this.#say('call_staff');
  }

  /** These notices stand on the screen. @param {string[]} ids */
  noticesShown(ids) {
    this.#line?.send({ type: 'notices_shown', ids });
  }

  /** Appeal against an order that suspends the visit. @param {string} order */
  appeal(order) {
    if (this.visit) this.#line?.send({ type: 'file_appeal', visit: this.visit.id, order });
  }

  /** Tell the relay now, or as soon as it is back. @param {'leave' | 'call_staff'} type */
  #say(type) {
    if (!this.#line?.send({ type })) this.#owed.add(type);
  }

  /** @param {FromRelay} message */
  #received(message) {
    switch (message.type) {
      case 'welcome':
        this.clock.set(message.now);
        this.welcome = message;
        this.line = 'OPEN';
        for (const type of this.#owed) this.#line?.send({ type });
        this.#owed.clear();
        if (message.visit) this.#visitChanged(message.visit);
        void this.#comeBack();
        break;
      case 'refused':
        this.refusals = message.refusals;
        this.#stop();
        break;
      case 'visit':
        this.#visitChanged(message.visit);
        this.#advance();
        break;
      case 'answer':
        if (message.id === this.#offerId()) void this.#answered(message.sdp);
        break;
      case 'offer_refused':
        // These two follow a refusal that is shown already; anything else is worth a new try.
        if (message.id === this.#offerId() && !['NOT_JOINED', 'NO_CODEC'].includes(message.code)) {
          this.#offerLater();
        }
        break;
      case 'offer_wanted':
        void this.#offer();
        break;
      case 'reminder':
        this.dispatchEvent(new CustomEvent('reminder', { detail: message.minutes }));
        break;
      case 'warned':
        this.dispatchEvent(new CustomEvent('warned', { detail: message.reason }));
        break;
      case 'appeal_filed':
        this.appeals.set(message.order, message.due);
        break;
      case 'staff_called':
        this.staffCalled = true;
        break;
      case 'heartbeat':
        this.clock.set(message.now);
        return; // nothing to show
    }
    this.#changed();
  }

  /** @param {VisitView} visit */
  #visitChanged(visit) {
    this.clock.set(visit.now);
    this.visit = { ...visit, refusals: visit.refusals ?? [] };
    if (visit.state === 'ENDED') this.#stop();
    else if (this.attendance === 'joined' && this.visit.refusals.length > 0) this.#stop();
  }

  /** Take the next step of joining: notice → join → offer, each on the relay's word. */
  #advance() {
    const visit = this.visit;
    if (this.attendance !== 'joining' || !visit) return;
    const refusals = visit.refusals.filter((refusal) => refusal.code !== NOTICE_REFUSED);
    if (this.#joinSent ? visit.refusals.length > 0 : refusals.length > 0 && !visit.notice_accepted) {
      this.#stop({ keepDevices: refusals.some((refusal) => refusal.code === 'SLOT_NOT_OPEN') });
    } else if (this.#joinSent) {
      this.#become('joined');
      rememberInCall(this.#linkName, true);
      if (this.peer?.worthRestarting) void this.#restart(this.peer);
      else void this.#offer();
    } else if (visit.notice_accepted) {
      this.#sendJoin();
    }
  }

  /** After a new hello: join again if the visitor was in the call. */
  async #comeBack() {
    if (!this.visit || this.visit.state === 'ENDED') return;
    if (this.attendance === 'joined' || this.attendance === 'joining') {
      this.#startJoining();
      return;
    }
    if (this.#resumed || !wasInCall(this.#linkName) || !this.visit.notice_accepted) return;
    this.#resumed = true; // a reload in the call: once, and only where nothing has to be asked
    if (await permissionGranted()) await this.join({ version: '', language: '' });
  }

  #startJoining() {
    if (!this.visit) return;
    this.#become('joining');
    this.#joinSent = false;
    if (this.devices.stream) this.#prepare();
    if (this.visit.notice_accepted || !this.#notice) {
      this.#sendJoin();
    } else {
      this.#line?.send({
        type: 'answer_notice',
        visit: this.visit.id,
        version: this.#notice.version,
        language: this.#notice.language,
        accepted: true,
      });
    }
  }

  #sendJoin() {
    if (!this.visit) return;
    this.#joinSent = this.#line?.send({ type: 'join', visit: this.visit.id }) ?? false;
  }

  /** Have a peer and its offer ready when the relay lets the visitor in. */
  #prepare() {
    if (this.#prepared?.peer.lacks(this.devices)) this.#discardPrepared();
    if (!this.peer?.worthRestarting) this.#prepared ??= this.#newPeer();
  }

  #newPeer() {
    // The relay's own TURN server, where it has one.
    const peer = new Peer(this.devices, this.welcome?.ice_servers ?? []);
    return { peer, sdp: peer.offer() };
  }

  #discardPrepared() {
    this.#prepared?.peer.close();
    this.#prepared?.sdp.catch(() => {}); // closed while it was made: nobody waits for it
    this.#prepared = null;
  }

  /** A new peer and its offer. */
  async #offer() {
    if (this.attendance !== 'joined') return;
    this.peer?.close();
    if (this.#prepared?.peer.lacks(this.devices)) this.#discardPrepared();
    const { peer, sdp } = this.#prepared ?? this.#newPeer();
    this.#prepared = null;
    this.peer = peer;
    peer.addEventListener('change', () => this.#changed());
    peer.addEventListener('restart', () => void this.#restart(peer));
    peer.addEventListener('failed', () => {
      if (this.peer === peer && this.line === 'OPEN') void this.#offer();
    });
    void peer.replaceTracks(this.devices); // they may have changed since the offer was prepared
    await this.#send(peer, sdp);
  }

  /**
   * Offer again with the peer that there is: ICE finds a new way, DTLS and media go on.
   * @param {Peer} peer
   */
  async #restart(peer) {
    if (this.peer !== peer || this.attendance !== 'joined' || this.line !== 'OPEN') return;
    await this.#send(peer, peer.offer({ restart: true }));
  }

  /**
   * @param {Peer} peer
   * @param {Promise<string>} offer
   */
  async #send(peer, offer) {
    this.#offers += 1;
    const id = this.#offerId();
    try {
      const sdp = await offer;
      if (this.peer === peer && id === this.#offerId()) this.#line?.send({ type: 'offer', id, sdp });
    } catch (error) {
      if (this.peer === peer) throw error; // a peer that was replaced meanwhile owes no offer
    }
  }

  #offerId() {
    return `offer-${this.#offers}`;
  }

  #offerLater() {
    setTimeout(() => void this.#offer(), 1000);
  }

  /** @param {string} sdp */
  async #answered(sdp) {
    const peer = this.peer;
    if (!peer) return;
    try {
      if (!(await peer.answer(sdp)) && this.peer === peer) void this.#offer();
    } catch (error) {
      console.warn('answer not usable', error instanceof Error ? error.name : 'unknown');
      if (this.peer === peer) this.#offerLater();
    }
  }

  #devicesChanged() {
    if (this.peer && !this.devices.acquiring) {
      if (this.peer.lacks(this.devices)) void this.#offer();
      else void this.peer.replaceTracks(this.devices);
    }
    this.#changed();
  }

  /** Be out of the call. @param {{keepDevices?: boolean}} [how] */
  #stop({ keepDevices = false } = {}) {
    rememberInCall(this.#linkName, false);
    this.peer?.close();
    this.peer = null;
    this.#discardPrepared();
    this.attendance = 'idle';
    this.staffCalled = false;
    if (!keepDevices && !this.devices.acquiring && this.devices.stream) this.devices.release();
    this.#changed();
  }

  /** @param {Attendance} attendance */
  #become(attendance) {
    this.attendance = attendance;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}

/** @param {number} code */
function closeCodeName(code) {
  return Object.entries(CloseCode).find(([, value]) => value === code)?.[0] ?? 'FAILED';
}
