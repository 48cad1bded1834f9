/* The packet loop: what happens once per packet, in a thread of its own, without Python.
 *
 * A datagram arrives on one of the worker's sockets; the address it came from says whose it is.
 * RTP is authenticated and decrypted in place, counted, copied into the recorder's ring, and for
 * each subscriber given a header of that subscriber's own, encrypted and sent. STUN, DTLS and
 * decrypted RTCP wait in a bounded queue for Python, which decides everything else.
 *
 * Guarantees: whatever arrives, nothing is read or written outside the buffer that it lies in, and
 * it costs at most the packet itself; nothing of a call leaves after `loop_cut` has returned; no
 * (SSRC, sequence number) is ever encrypted twice with different content, which AES-GCM would not
 * survive; every table is bounded. All state is behind one mutex: the functions below may be called
 * from any thread, and the SRTP sessions given to `loop_admit` belong to this file until the lane
 * is closed. Leaves to others: who may join, addresses (ICE), keys (DTLS), when to ask for what.
 *
 * The Python twin is lane.py with python_loop.py; both pass the same tests. Times are
 * CLOCK_MONOTONIC ns. SRTP is pylibsrtp's, called through function pointers: no crypto here.
 */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>

#include "loop.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_DATAGRAM = 1500, /* a larger one is dropped unread: no media packet on an Ethernet is */
    ROOM = 2048,         /* a datagram, the trailer that SRTP may add (144), and to spare */
    RTP_HEADER = 12,
    BURST = 64,
    TURNS = 8, /* full bursts from one socket before the next has its turn */
    MAX_ENDPOINTS = 16,
    MAX_LANES = 4096,
    MAX_SSRCS = 32, /* libsrtp keeps state for each SSRC that authenticates */
    MAX_MISSING = 64,
    MAX_EARLY = 32,
    HISTORY = 512,
    LEAST_HISTORY = 1 << 16,
    MOST_HISTORY = 1 << 20, /* of HISTORY packets of the largest */
    SEEN = 1024,     /* as wide as libsrtp's own replay window */
    ARRIVALS = 1024, /* of transport-wide numbers not yet reported */
    QUEUE = 1024,
    SHARE = 64,
    RESENDS_PER_S = 300,
    PACKETS_PER_S = 2000, /* of one party: six times what 720p takes */
    RING_HEAD = 32,
    NO_TYPE = 255,
    BUSY_PACKETS_PER_S = 1000, /* four visits */
};

#define MS INT64_C(1000000)
#define SOURCE_SILENCE_NS (200 * MS) /* a second SSRC is heard only after such a silence */
#define HURRY_EVERY_NS (10 * MS)     /* Python hears of a lane's new gaps no more often */
#define ASK_EVERY_NS (100 * MS)
#define GIVE_UP_NS (600 * MS)
#define REPORT_ARRIVALS_NS (100 * MS)
#define SECOND_NS (1000 * MS)
#define HISTORY_NS (1500 * MS) /* so long at least a packet can be asked for again */
#define PAUSE_NS (2 * MS) /* while busy, between two looks at the sockets: see ADR 0011 */

struct address {
    uint8_t ip[16]; /* IPv4 in its first four bytes */
    uint16_t port;  /* host order */
    uint8_t family, endpoint;
    uint32_t scope;
};

struct loop_call {
    int cut;
    int64_t cut_ns, last_packet_ns;
};

struct missing {
    uint16_t sequence;
    int64_t since_ns, asked_ns;
};

/* Which of the SEEN sequence numbers up to the highest have been. */
struct window {
    uint64_t bits[SEEN / 64];
};

/* What a party publishes of one kind (RFC 3550 A.1–A.8). */
struct incoming {
    uint32_t ssrc, source; /* `source` counts the SSRCs so far; 0: nothing has arrived */
    uint32_t base, highest, received, jitter16;
    int has_transit, missing_count;
    uint32_t transit;
    int64_t last_arrival_ns, last_keyframe_ns;
    struct window seen;
    struct missing missing[MAX_MISSING];
};

struct kept {
    uint16_t sequence, length;
    uint8_t marker, used;
    uint32_t timestamp;
    uint64_t at;
};

/* Pictures that may be asked for again: the last HISTORY packets, as far as `data` holds them. It
 * is small, since every packet goes through it, and grows when it holds too short a time. */
struct history {
    struct kept kept[HISTORY];
    uint8_t *data; /* with RTX payloads, without it datagrams */
    uint64_t room, written; /* a kept one at `at` is there while written − at ≤ room */
    int64_t lap_ns;
};

/* What a party receives of one kind: continuous, whatever happens to the publisher. */
struct outgoing {
    struct loop_stream terms;
    uint64_t from; /* the publishing lane's serial */
    uint32_t source;
    int64_t index, floor; /* numbers with their rollovers: the highest given, the lowest to give */
    struct window given;
    uint16_t sequence_offset, rtx_sequence;
    uint32_t timestamp, timestamp_offset;
    uint64_t packets, octets;
    int64_t last_sent_ns;
    struct history *history;
};

struct early {
    uint64_t from;
    uint32_t source, timestamp;
    uint16_t sequence, length, payload_length;
    uint8_t marker, padded;
    uint8_t data[MAX_DATAGRAM];
};

/* So many of something a second. */
struct allowance {
    int64_t since_ns;
    int left;
};

struct lane {
    int id;
    uint64_t serial;
    struct loop_call *call;
    void *rx, *tx;
    int routed, waiting; /* of its events in the queue */
    struct address to;
    int forwarding, subscriber_count, ssrc_count;
    int early_next, early_count;
    int64_t tap;
    struct lane *subscribers[LOOP_MAX_SUBSCRIBERS];
    struct incoming incoming[2];
    struct outgoing outgoing[2];
    struct early *early;
    uint32_t ssrcs[MAX_SSRCS];
    struct allowance resends, packets;
    int64_t look_at_ns, silent_after_ns, hurried_ns;
    uint8_t preface[64];
    int preface_length;
    /* transport-wide congestion control: arrivals since the last report */
    int64_t *arrivals;
    int arrivals_started;
    uint16_t arrivals_next, arrivals_highest;
    uint8_t arrivals_reports;
};

struct owner {
    struct address address;
    struct lane *lane; /* NULL: the place is free */
};

struct batch {
    int count;
    struct mmsghdr headers[BURST];
    struct iovec pieces[BURST];
    struct sockaddr_in6 names[BURST];
    struct loop_call *calls[BURST];
    uint8_t media[BURST];
    uint8_t data[BURST][ROOM];
};

struct loop {
    pthread_mutex_t mutex;
    atomic_int waiting, stopping;
    pthread_t thread;
    int running, wake_fd, stop_fd;
    struct loop_srtp srtp;
    int endpoint_count, sockets[MAX_ENDPOINTS], families[MAX_ENDPOINTS];
    struct batch *batches[MAX_ENDPOINTS];
    struct lane *lanes[MAX_LANES];
    uint64_t serial;
    struct owner *owners;
    uint32_t owner_room, owner_count;
    int64_t arrivals_reported_ns, counted_ns;
    uint64_t counted_datagrams;
    int busy, to_wake; /* the loop's own thread's alone */
    struct loop_event *queue;
    uint32_t queue_head, queue_tail;
    uint8_t *ring;
    uint64_t ring_capacity, ring_head;
    struct loop_counters counters;
    struct mmsghdr in_headers[BURST];
    struct iovec in_pieces[BURST];
    struct sockaddr_in6 in_names[BURST];
    uint8_t in_data[BURST][ROOM];
};

/* ── bytes and clock ───────────────────────────────────────────────────────────────────────── */
static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * SECOND_NS + now.tv_nsec;
}

static uint16_t get16(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }

static uint32_t get32(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put16(uint8_t *at, uint32_t value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put24(uint8_t *at, uint32_t value) {
    at[0] = (uint8_t)(value >> 16);
    put16(at + 1, value);
}

static void put32(uint8_t *at, uint32_t value) {
    put16(at, value >> 16);
    put16(at + 2, value);
}

static int allow(struct allowance *allowance, int per_second, int64_t now) {
    if (now - allowance->since_ns >= SECOND_NS) *allowance = (struct allowance){now, per_second};
    if (allowance->left == 0) return 0;
    allowance->left--;
    return 1;
}

/* How far `later` is ahead modulo 2¹⁶ (RFC 1982). */
static int ahead16(uint16_t later, uint16_t earlier) { return (int16_t)(later - earlier); }

/* `highest` goes on by `steps`: what falls out of the window is forgotten. */
static void move_window(struct window *window, uint16_t highest, int steps) {
    for (int i = 1; i <= steps && i <= SEEN; i++) {
        uint16_t next = (uint16_t)(highest + i);
        window->bits[(next & (SEEN - 1)) >> 6] &= ~(UINT64_C(1) << (next & 63));
    }
}

/* Marks a number within the window; whether it was marked before. */
static int mark(struct window *window, uint16_t sequence) {
    uint64_t bit = UINT64_C(1) << (sequence & 63), *word = &window->bits[(sequence & (SEEN - 1)) >> 6];
    int was = (*word & bit) != 0;
    *word |= bit;
    return was;
}

static int is_rtcp(uint8_t second) { return second >= 192 && second <= 223; } /* RFC 5761 §4 */

/* ── the mutex: the loop lets a caller in before its next burst ────────────────────────────── */
static void enter(struct loop *loop) {
    atomic_fetch_add(&loop->waiting, 1);
    pthread_mutex_lock(&loop->mutex);
    atomic_fetch_sub(&loop->waiting, 1);
}

static void leave(struct loop *loop) { pthread_mutex_unlock(&loop->mutex); }

static void let_others_in(struct loop *loop) {
    for (int turn = 0; turn < 100 && atomic_load(&loop->waiting) > 0; turn++) sched_yield();
}

/* ── whose address it is ───────────────────────────────────────────────────────────────────── */
static int same_address(const struct address *one, const struct address *other) {
    return one->port == other->port && one->endpoint == other->endpoint &&
           one->family == other->family && one->scope == other->scope &&
           memcmp(one->ip, other->ip, 16) == 0;
}

/* Only authenticated addresses get in, so nobody can choose them to collide. */
static uint32_t hash_address(const struct address *address) {
    uint32_t hash = 2166136261u ^ address->endpoint;
    for (int i = 0; i < 16; i++) hash = (hash ^ address->ip[i]) * 16777619u;
    hash = (hash ^ (address->port & 0xff)) * 16777619u;
    hash = (hash ^ (address->port >> 8)) * 16777619u;
    return hash ^ hash >> 15;
}

static struct owner *find_owner(struct loop *loop, const struct address *address) {
    if (!loop->owner_room) return NULL;
    uint32_t mask = loop->owner_room - 1, place = hash_address(address) & mask;
    while (loop->owners[place].lane) {
        if (same_address(&loop->owners[place].address, address)) return &loop->owners[place];
        place = (place + 1) & mask;
    }
    return NULL;
}

static void insert_owner(struct owner *owners, uint32_t room, const struct owner *entry) {
    uint32_t place = hash_address(&entry->address) & (room - 1);
    while (owners[place].lane) place = (place + 1) & (room - 1);
    owners[place] = *entry;
}

static int grow_owners(struct loop *loop) {
    uint32_t room = loop->owner_room ? loop->owner_room * 2 : 256;
    struct owner *owners = calloc(room, sizeof *owners);
    if (!owners) return -1;
    for (uint32_t i = 0; i < loop->owner_room; i++)
        if (loop->owners[i].lane) insert_owner(owners, room, &loop->owners[i]);
    free(loop->owners);
    loop->owners = owners;
    loop->owner_room = room;
    return 0;
}

/* Taking one out of an open-addressed table: what follows it moves up. */
static void remove_owner(struct loop *loop, struct owner *owner) {
    uint32_t mask = loop->owner_room - 1, hole = (uint32_t)(owner - loop->owners);
    owner->lane = NULL;
    loop->owner_count--;
    for (uint32_t next = (hole + 1) & mask; loop->owners[next].lane; next = (next + 1) & mask) {
        struct owner moved = loop->owners[next];
        loop->owners[next].lane = NULL;
        insert_owner(loop->owners, loop->owner_room, &moved);
    }
}

/* ── sending ───────────────────────────────────────────────────────────────────────────────── */
static void flush(struct loop *loop, int endpoint) {
    struct batch *batch = loop->batches[endpoint];
    int done = 0;
    while (batch && done < batch->count) {
        int sent = sendmmsg(loop->sockets[endpoint], batch->headers + done,
                            (unsigned)(batch->count - done), MSG_DONTWAIT);
        int64_t now = now_ns();
        if (sent <= 0) {
            if (sent < 0 && errno == EINTR) continue;
            /* No route, or the socket's buffer is full: to the receiver it is a lost packet. */
            loop->counters.unsent++;
            done++;
            continue;
        }
        for (int i = 0; i < sent; i++, done++) {
            loop->counters.packets_forwarded += batch->media[done];
            if (batch->media[done]) loop->counters.bytes_forwarded += batch->pieces[done].iov_len;
            batch->calls[done]->last_packet_ns = now;
        }
    }
    if (batch) batch->count = 0;
}

static void flush_all(struct loop *loop) {
    for (int i = 0; i < loop->endpoint_count; i++) flush(loop, i);
}

static socklen_t to_name(const struct address *address, struct sockaddr_in6 *name) {
    memset(name, 0, sizeof *name);
    if (address->family == 4) {
        struct sockaddr_in *four = (struct sockaddr_in *)name;
        four->sin_family = AF_INET;
        four->sin_port = htons(address->port);
        memcpy(&four->sin_addr, address->ip, 4);
        return sizeof *four;
    }
    name->sin6_family = AF_INET6;
    name->sin6_port = htons(address->port);
    name->sin6_scope_id = address->scope;
    memcpy(&name->sin6_addr, address->ip, 16);
    return sizeof *name;
}

/* Room for the next datagram to the lane's party, NULL when it cannot be sent to. */
static uint8_t *next_datagram(struct loop *loop, struct lane *lane) {
    if (lane->call->cut || !lane->tx || !lane->routed) return NULL;
    if (atomic_load_explicit(&loop->stopping, memory_order_relaxed)) return NULL; /* sockets close */
    struct batch **batch = &loop->batches[lane->to.endpoint];
    if (!*batch) *batch = calloc(1, sizeof **batch);
    if (!*batch) return NULL;
    if ((*batch)->count == BURST) flush(loop, lane->to.endpoint);
    return (*batch)->data[(*batch)->count];
}

static void post_datagram(struct loop *loop, struct lane *lane, int length, int media) {
    struct batch *batch = loop->batches[lane->to.endpoint];
    int i = batch->count++;
    batch->pieces[i] = (struct iovec){batch->data[i], (size_t)length};
    memset(&batch->headers[i], 0, sizeof batch->headers[i]);
    batch->headers[i].msg_hdr.msg_name = &batch->names[i];
    batch->headers[i].msg_hdr.msg_namelen = to_name(&lane->to, &batch->names[i]);
    batch->headers[i].msg_hdr.msg_iov = &batch->pieces[i];
    batch->headers[i].msg_hdr.msg_iovlen = 1;
    batch->calls[i] = lane->call;
    batch->media[i] = (uint8_t)media;
}

static int send_rtcp(struct loop *loop, struct lane *lane, const uint8_t *compound, int length) {
    uint8_t *datagram = next_datagram(loop, lane);
    if (!datagram || length < 8 || length > MAX_DATAGRAM - 64) return 0;
    memcpy(datagram, compound, (size_t)length);
    if (loop->srtp.protect_rtcp(lane->tx, datagram, &length)) return 0;
    post_datagram(loop, lane, length, 0);
    return 1;
}

/* RTP version 2, with abs-send-time (6.18 fixed-point seconds) when the party takes it. */
static int write_header(uint8_t *at, const struct outgoing *out, int type, int marker, int padded,
                        uint16_t sequence, uint32_t timestamp, uint32_t ssrc, int64_t now) {
    int extended = out->terms.abs_send_time != 0;
    at[0] = (uint8_t)(0x80 | (padded ? 0x20 : 0) | (extended ? 0x10 : 0));
    at[1] = (uint8_t)(type | (marker ? 0x80 : 0));
    put16(at + 2, sequence);
    put32(at + 4, timestamp);
    put32(at + 8, ssrc);
    if (!extended) return RTP_HEADER;
    put32(at + 12, 0xBEDE0001u);
    at[16] = (uint8_t)(out->terms.abs_send_time << 4 | 2);
    uint64_t within = (uint64_t)now % (64 * (uint64_t)SECOND_NS);
    put24(at + 17, (uint32_t)((within << 18) / (uint64_t)SECOND_NS) & 0xFFFFFF);
    return RTP_HEADER + 8;
}

static struct kept *find_kept(struct history *history, uint16_t sequence) {
    struct kept *kept = &history->kept[sequence % HISTORY];
    int there = kept->used && kept->sequence == sequence;
    return there && history->written - kept->at <= history->room ? kept : NULL;
}

/* At the end of a lap: twice the room, all that is there at its beginning. */
static void grow_history(struct history *history) {
    uint8_t *data = realloc(history->data, history->room * 2);
    if (!data) return;
    for (int i = 0; i < HISTORY; i++) {
        struct kept *kept = &history->kept[i];
        kept->used = kept->used && history->written - kept->at <= history->room;
        kept->at %= history->room;
    }
    history->data = data;
    history->written = history->room;
    history->room *= 2;
}

/* Room for so many bytes in a row, NULL when there is no memory. */
static uint8_t *make_history(struct outgoing *out, int length, int64_t now) {
    if (!out->history) out->history = calloc(1, sizeof *out->history);
    struct history *history = out->history;
    if (!history) return NULL;
    if (!history->data) {
        history->data = malloc(LEAST_HISTORY);
        if (!history->data) return NULL;
        history->room = LEAST_HISTORY;
        history->lap_ns = now;
    }
    uint64_t rest = history->room - history->written % history->room;
    if ((uint64_t)length > rest) { /* what is left of this lap stays as it is */
        history->written += rest;
        if (now - history->lap_ns < HISTORY_NS && history->room < MOST_HISTORY)
            grow_history(history);
        history->lap_ns = now;
    }
    return history->data + history->written % history->room;
}

static void keep(struct outgoing *out, const uint8_t *data, int length, uint16_t sequence,
                 uint32_t timestamp, int marker, int64_t now) {
    uint8_t *place = make_history(out, length, now);
    if (!place) return;
    memcpy(place, data, (size_t)length);
    struct history *history = out->history;
    history->kept[sequence % HISTORY] = (struct kept){
        sequence, (uint16_t)length, (uint8_t)marker, 1, timestamp, history->written};
    history->written += (uint64_t)length;
}

struct media { /* a publisher's packet, decrypted and understood */
    int kind, marker, padded, starts;
    uint16_t sequence;
    uint32_t timestamp;
    const uint8_t *body; /* the payload, padding included */
    int length, payload_length;
    uint64_t from;
    uint32_t source;
};

/* Uses a number of ours up, for good; 0: older than the anchor, too old, or used already. libsrtp
 * would encrypt under a number again (aiortc allows it), and takes the same one for the nearest. */
static int give_number(struct outgoing *out, uint16_t sequence) {
    int ahead = ahead16(sequence, (uint16_t)out->index);
    if (ahead <= -SEEN || out->index + ahead < out->floor) return 0;
    if (ahead > 0) {
        move_window(&out->given, (uint16_t)out->index, ahead);
        out->index += ahead;
    }
    return !mark(&out->given, sequence);
}

static void emit(struct loop *loop, struct lane *to, struct outgoing *out, const struct media *media,
                 int64_t now) {
    uint16_t sequence = (uint16_t)(media->sequence + out->sequence_offset);
    uint8_t *datagram = next_datagram(loop, to);
    if (!datagram || !give_number(out, sequence)) return;
    uint32_t timestamp = media->timestamp + out->timestamp_offset;
    int head = write_header(datagram, out, out->terms.payload_type, media->marker, media->padded,
                            sequence, timestamp, out->terms.ssrc, now);
    int length = head + media->length;
    memcpy(datagram + head, media->body, (size_t)media->length);
    if (loop->srtp.protect(to->tx, datagram, &length)) {
        loop->counters.packets_dropped++;
        return;
    }
    post_datagram(loop, to, length, 1);
    /* One that cannot leave is kept too: the party will ask for it. */
    if (media->kind == LOOP_VIDEO) {
        if (out->terms.rtx_payload_type != NO_TYPE)
            keep(out, media->body, media->payload_length, sequence, timestamp, media->marker, now);
        else
            keep(out, datagram, length, sequence, timestamp, media->marker, now);
    }
    if (!out->packets || (int32_t)(timestamp - out->timestamp) > 0) out->timestamp = timestamp;
    out->packets++;
    out->octets += (uint64_t)media->length;
    out->last_sent_ns = now;
}

/* A new source goes on where the last one stopped, its timestamps at the pace of real time. */
static void anchor(struct outgoing *out, const struct media *media, int64_t now) {
    uint32_t rate = media->kind == LOOP_AUDIO ? 48000 : 90000;
    if (out->packets) {
        uint32_t elapsed = (uint32_t)((now - out->last_sent_ns) / 1000 * rate / 1000000);
        out->timestamp_offset = out->timestamp + (elapsed ? elapsed : 1) - media->timestamp;
    }
    out->floor = out->index + 1;
    out->sequence_offset = (uint16_t)(out->floor - media->sequence);
    out->from = media->from;
    out->source = media->source;
}

static void keep_early(struct lane *to, const struct media *media) {
    if (media->kind != LOOP_VIDEO || media->length > MAX_DATAGRAM) return;
    if (!to->early) to->early = calloc(MAX_EARLY, sizeof *to->early);
    if (!to->early) return;
    struct early *early = &to->early[to->early_next];
    to->early_next = (to->early_next + 1) % MAX_EARLY;
    if (to->early_count < MAX_EARLY) to->early_count++;
    early->from = media->from;
    early->source = media->source;
    early->sequence = media->sequence;
    early->timestamp = media->timestamp;
    early->marker = (uint8_t)media->marker;
    early->padded = (uint8_t)media->padded;
    early->length = (uint16_t)media->length;
    early->payload_length = (uint16_t)media->payload_length;
    memcpy(early->data, media->body, (size_t)media->length);
}

/* What overtook the keyframe: sent to us again, SRTP would refuse it as a repeat. */
static void send_early(struct loop *loop, struct lane *to, struct outgoing *out,
                       const struct media *began, int64_t now) {
    int count = to->early_count, first = to->early_next + MAX_EARLY - count;
    to->early_count = 0;
    for (int i = 0; i < count; i++) {
        const struct early *early = &to->early[(first + i) % MAX_EARLY];
        if (early->from != began->from || early->source != began->source ||
            ahead16(early->sequence, began->sequence) <= 0)
            continue;
        struct media media = {.kind = LOOP_VIDEO,
                              .marker = early->marker,
                              .padded = early->padded,
                              .sequence = early->sequence,
                              .timestamp = early->timestamp,
                              .body = early->data,
                              .length = early->length,
                              .payload_length = early->payload_length};
        emit(loop, to, out, &media, now);
    }
}

static void deliver(struct loop *loop, struct lane *to, const struct media *media, int64_t now) {
    struct outgoing *out = &to->outgoing[media->kind];
    if (!to->tx || !to->routed || out->terms.payload_type == NO_TYPE) return;
    if (out->from != media->from || out->source != media->source) {
        if (!media->starts) {
            keep_early(to, media);
            return;
        }
        anchor(out, media, now);
    }
    emit(loop, to, out, media, now);
    if (media->kind == LOOP_VIDEO && to->early_count) send_early(loop, to, out, media, now);
}

/* ── the recorder's ring (relay/media/ring.py) ─────────────────────────────────────────────── */
static void put_ring(struct loop *loop, uint32_t tap, int kind, int flags, uint32_t ssrc,
                     int64_t arrival_ns, uint32_t timestamp, uint16_t sequence,
                     const uint8_t *payload, int length) {
    uint8_t *head_page = loop->ring, *data = loop->ring + 4096;
    uint64_t capacity = loop->ring_capacity, head = loop->ring_head;
    uint64_t tail = atomic_load_explicit((_Atomic uint64_t *)(head_page + 128), memory_order_acquire);
    uint64_t size = (uint64_t)(RING_HEAD + length + 7) & ~UINT64_C(7);
    uint64_t at = head & (capacity - 1), to_end = capacity - at;
    uint64_t needed = size + (to_end < size ? to_end : 0);
    /* `tail` is the other process's: never trust it further than this. */
    if (head - tail > capacity || needed > capacity - (head - tail)) {
        atomic_fetch_add_explicit((_Atomic uint64_t *)(head_page + 192), 1, memory_order_relaxed);
        return;
    }
    if (to_end < size) {
        uint32_t pad = (uint32_t)to_end;
        memset(data + at, 0, to_end < RING_HEAD ? to_end : RING_HEAD);
        memcpy(data + at, &pad, 4);
        head += to_end;
        at = 0;
    }
    uint8_t *record = data + at;
    uint32_t size32 = (uint32_t)size;
    uint16_t length16 = (uint16_t)length, none = 0;
    memcpy(record, &size32, 4);
    memcpy(record + 4, &tap, 4);
    record[8] = (uint8_t)kind;
    record[9] = (uint8_t)flags;
    memcpy(record + 10, &length16, 2);
    memcpy(record + 12, &ssrc, 4);
    memcpy(record + 16, &arrival_ns, 8);
    memcpy(record + 24, &timestamp, 4);
    memcpy(record + 28, &sequence, 2);
    memcpy(record + 30, &none, 2);
    memcpy(record + RING_HEAD, payload, (size_t)length);
    loop->ring_head = head + size;
    atomic_store_explicit((_Atomic uint64_t *)head_page + 8, loop->ring_head, memory_order_release);
}

/* ── reception ─────────────────────────────────────────────────────────────────────────────── */
static void begin_source(struct incoming *in, uint32_t ssrc, uint16_t sequence) {
    in->ssrc = ssrc;
    in->source++;
    in->base = in->highest = sequence;
    in->received = in->jitter16 = 0;
    in->has_transit = in->missing_count = 0;
    in->seen = (struct window){0};
}

static void no_longer_missing(struct incoming *in, uint16_t sequence) {
    for (int i = 0; i < in->missing_count; i++)
        if (in->missing[i].sequence == sequence) {
            in->missing[i] = in->missing[--in->missing_count];
            return;
        }
}

/* Counts the packet; 0 when it is a repeat, too old, or of another source than the current. */
static int accept_packet(struct lane *lane, int kind, uint32_t ssrc, uint16_t sequence,
                         uint32_t timestamp, int keyframe, int64_t now) {
    struct incoming *in = &lane->incoming[kind];
    if (!in->source || in->ssrc != ssrc) {
        if (in->source && now - in->last_arrival_ns < SOURCE_SILENCE_NS) return 0;
        begin_source(in, ssrc, sequence);
        lane->look_at_ns = 0;
    }
    int ahead = ahead16(sequence, (uint16_t)in->highest);
    if (ahead <= -SEEN) return 0;
    if (ahead > 0) {
        move_window(&in->seen, (uint16_t)in->highest, ahead);
        if (kind == LOOP_VIDEO && ahead > 1 && ahead <= MAX_MISSING)
            for (int i = 1; i < ahead && in->missing_count < MAX_MISSING; i++)
                in->missing[in->missing_count++] = (struct missing){
                    (uint16_t)(in->highest + (uint32_t)i), now, now - ASK_EVERY_NS};
        in->highest += (uint32_t)ahead;
    }
    if (mark(&in->seen, sequence)) return 0;
    if (ahead <= 0 && in->missing_count) no_longer_missing(in, sequence);
    uint32_t rate = kind == LOOP_AUDIO ? 48 : 90;
    uint32_t transit = (uint32_t)(now / 1000 * rate / 1000) - timestamp;
    if (in->has_transit) {
        int32_t change = (int32_t)(transit - in->transit);
        uint32_t size = change < 0 ? 0u - (uint32_t)change : (uint32_t)change;
        in->jitter16 += size - ((in->jitter16 + 8) >> 4); /* RFC 3550 A.8, scaled by 16 */
    }
    in->transit = transit;
    in->has_transit = 1;
    in->received++;
    if (lane->silent_after_ns && now - in->last_arrival_ns > lane->silent_after_ns)
        lane->look_at_ns = 0; /* it is back: to be noticed at once */
    in->last_arrival_ns = now;
    if (keyframe) in->last_keyframe_ns = now;
    return 1;
}

/* The codec's own bytes, and what begins with them; 0 when malformed (RFC 7741 §4, RFC 6184 §5). */
static int look_into(int codec, const uint8_t *data, int end, int *start, int *begins, int *key) {
    *start = *begins = *key = 0;
    if (codec == LOOP_OPUS) return 1;
    if (codec == LOOP_H264) {
        if (end < 1) return 0;
        int type = data[0] & 0x1F;
        if (type == 24 && end > 3) type = data[3] & 0x1F;
        else if (type == 28 && end > 1) type = data[1] & 0x80 ? data[1] & 0x1F : 0;
        *key = type == 5 || type == 7;
        return 1;
    }
    int at = 1;
    if (end < 1) return 0;
    if (data[0] & 0x80) {
        if (at >= end) return 0;
        uint8_t extension = data[at++];
        if (extension & 0x80) {
            if (at >= end) return 0;
            at += data[at] & 0x80 ? 2 : 1;
        }
        if (extension & 0x40) at++;
        if (extension & 0x30) at++;
    }
    if (at >= end) return 0;
    *start = at;
    *begins = (data[0] & 0x17) == 0x10; /* S bit, partition 0 */
    *key = *begins && !(data[at] & 0x01);
    return 1;
}

/* ── transport-wide congestion control (draft-holmer-rmcat-transport-wide-cc-extensions-01) ── */
static void note_arrival(struct lane *lane, uint16_t number, int64_t now) {
    if (!lane->arrivals) lane->arrivals = calloc(ARRIVALS, sizeof *lane->arrivals);
    if (!lane->arrivals) return;
    int ahead = ahead16(number, lane->arrivals_highest);
    if (!lane->arrivals_started || ahead >= ARRIVALS || ahead <= -ARRIVALS) {
        memset(lane->arrivals, 0, ARRIVALS * sizeof *lane->arrivals);
        lane->arrivals_started = 1;
        lane->arrivals_next = lane->arrivals_highest = number;
    } else if (ahead > 0) {
        for (int i = 1; i < ahead; i++)
            lane->arrivals[(uint16_t)(lane->arrivals_highest + i) % ARRIVALS] = 0;
        lane->arrivals_highest = number;
        if ((uint16_t)(number - lane->arrivals_next) >= ARRIVALS)
            lane->arrivals_next = (uint16_t)(number - ARRIVALS + 1);
    } else if (ahead16(number, lane->arrivals_next) < 0 &&
               (uint16_t)(lane->arrivals_highest - number) < ARRIVALS) {
        /* Reported as lost, and here after all: the next report begins with it. */
        for (uint16_t i = (uint16_t)(number + 1); i != lane->arrivals_next; i++)
            lane->arrivals[i % ARRIVALS] = 0;
        lane->arrivals_next = number;
    }
    lane->arrivals[number % ARRIVALS] = now;
}

enum { MAX_REPORTED = 350 };

/* One feedback packet's worth from `arrivals_next` on; its length, 0 when there is nothing. */
static int write_arrivals(struct lane *lane, uint8_t *at, uint32_t media_ssrc) {
    uint8_t symbols[MAX_REPORTED], deltas[2 * MAX_REPORTED];
    int count = 0, delta_length = 0;
    int64_t reference = 0, previous = 0;
    uint16_t base = lane->arrivals_next;
    while (count < MAX_REPORTED && ahead16((uint16_t)(base + count), lane->arrivals_highest) <= 0) {
        int64_t arrival = lane->arrivals[(uint16_t)(base + count) % ARRIVALS];
        if (!arrival) {
            symbols[count++] = 0;
            continue;
        }
        if (!reference) {
            reference = arrival / (64 * MS);
            previous = reference * 256; /* in units of 250 µs */
        }
        int64_t ticks = arrival / (MS / 4), delta = ticks - previous;
        if (delta < -32768 || delta > 32767) break;
        previous = ticks;
        if (delta >= 0 && delta <= 255) {
            symbols[count++] = 1;
            deltas[delta_length++] = (uint8_t)delta;
        } else {
            symbols[count++] = 2;
            put16(deltas + delta_length, (uint32_t)(uint16_t)delta);
            delta_length += 2;
        }
    }
    for (int i = 0; i < count; i++) lane->arrivals[(uint16_t)(base + i) % ARRIVALS] = 0;
    lane->arrivals_next = (uint16_t)(base + count);
    if (!reference) return 0;
    at[0] = 0x80 | 15; /* RTPFB, FMT 15 */
    at[1] = 205;
    put32(at + 4, lane->outgoing[LOOP_VIDEO].terms.ssrc);
    put32(at + 8, media_ssrc);
    put16(at + 12, base);
    put16(at + 14, (uint32_t)count);
    put24(at + 16, (uint32_t)reference & 0xFFFFFF);
    at[19] = lane->arrivals_reports++;
    int length = 20;
    for (int i = 0; i < count;) {
        int run = 1;
        while (i + run < count && symbols[i + run] == symbols[i]) run++;
        if (run >= 7) {
            put16(at + length, (uint32_t)(symbols[i] << 13 | run)); /* §3.1.3 */
            i += run;
        } else {
            uint32_t chunk = 0xC000; /* §3.1.4, seven symbols of two bits */
            for (int j = 0; j < 7; j++)
                chunk |= (uint32_t)(i + j < count ? symbols[i + j] : 0) << (12 - 2 * j);
            put16(at + length, chunk);
            i += 7;
        }
        length += 2;
    }
    memcpy(at + length, deltas, (size_t)delta_length);
    length += delta_length;
    int padding = (4 - length % 4) % 4;
    if (padding) {
        at[0] |= 0x20;
        memset(at + length, 0, (size_t)padding);
        length += padding;
        at[length - 1] = (uint8_t)padding;
    }
    put16(at + 2, (uint32_t)(length / 4 - 1));
    return length;
}

static void report_arrivals(struct loop *loop, struct lane *lane) {
    uint8_t compound[MAX_DATAGRAM];
    struct incoming *video = &lane->incoming[LOOP_VIDEO], *audio = &lane->incoming[LOOP_AUDIO];
    uint32_t ssrc = video->source ? video->ssrc : audio->ssrc;
    while (lane->arrivals_started && ahead16(lane->arrivals_highest, lane->arrivals_next) >= 0) {
        uint16_t before = lane->arrivals_next;
        memcpy(compound, lane->preface, (size_t)lane->preface_length);
        int length = write_arrivals(lane, compound + lane->preface_length, ssrc);
        if (length) send_rtcp(loop, lane, compound, lane->preface_length + length);
        if (lane->arrivals_next == before) return; /* never round and round */
    }
}

/* ── what arrives ──────────────────────────────────────────────────────────────────────────── */
static void tell_python(struct loop *loop, int type, struct lane *lane, const struct address *from,
                        const uint8_t *data, int length) {
    uint32_t waiting = loop->queue_head - loop->queue_tail;
    /* Each party has a share of the queue, strangers half of it: whose flood it may be, there is
     * room for the others. */
    if (waiting >= QUEUE || (lane ? lane->waiting >= SHARE : waiting >= QUEUE / 2)) {
        loop->counters.queue_full++;
        return;
    }
    if (lane) lane->waiting++;
    struct loop_event *event = &loop->queue[loop->queue_head++ % QUEUE];
    event->type = type;
    event->lane = lane ? lane->id : -1;
    event->endpoint = from->endpoint;
    event->family = from->family;
    event->port = from->port;
    event->scope = from->scope;
    memcpy(event->ip, from->ip, 16);
    event->length = length;
    memcpy(event->data, data, (size_t)length);
    loop->to_wake |= waiting == 0;
}

static int known_ssrc(const struct lane *lane, uint32_t ssrc) {
    for (int i = 0; i < lane->ssrc_count; i++)
        if (lane->ssrcs[i] == ssrc) return 1;
    return 0;
}

/* Decrypts in place: 0 when it does not authenticate or is of one source too many, since libsrtp
 * keeps state for each that authenticates, be it in RTP or in RTCP. */
static int decrypt(struct lane *lane, loop_srtp_call unprotect, uint32_t ssrc, uint8_t *data,
                   int *length) {
    int known = known_ssrc(lane, ssrc);
    if ((!known && lane->ssrc_count == MAX_SSRCS) || unprotect(lane->rx, data, length)) return 0;
    if (!known) lane->ssrcs[lane->ssrc_count++] = ssrc;
    return 1;
}

static int take_rtcp(struct loop *loop, struct lane *lane, const struct address *from, uint8_t *data,
                     int length) {
    if (!decrypt(lane, loop->srtp.unprotect_rtcp, get32(data + 4), data, &length)) return 0;
    if (length < 4 || length > MAX_DATAGRAM) return 0;
    tell_python(loop, LOOP_RTCP, lane, from, data, length);
    return 1;
}

/* The transport-wide number among one-byte header extensions (RFC 8285 §4.2), −1 without. */
static int32_t find_number(const uint8_t *at, int length, int wanted) {
    for (int i = 0; wanted && i < length;) {
        int id = at[i] >> 4, size = (at[i] & 15) + 1;
        if (id == 0) {
            i++;
            continue;
        }
        if (id == 15 || i + 1 + size > length) return -1;
        if (id == wanted) return size >= 2 ? get16(at + i + 1) : -1;
        i += 1 + size;
    }
    return -1;
}

static int take_rtp(struct loop *loop, struct lane *lane, uint8_t *data, int length, int64_t now) {
    uint32_t ssrc = get32(data + 8);
    if (!decrypt(lane, loop->srtp.unprotect, ssrc, data, &length)) return 0;
    if (!allow(&lane->packets, PACKETS_PER_S, now)) return 0;
    if (length < RTP_HEADER || length > MAX_DATAGRAM || data[0] >> 6 != 2) return 0;

    int start = RTP_HEADER + 4 * (data[0] & 15), end = length, padded = 0, extension = 0;
    if (data[0] & 0x10) {
        if (start + 4 > length) return 0;
        extension = start + 4;
        start = extension + 4 * get16(data + start + 2);
    }
    if (data[0] & 0x20) {
        padded = 1;
        if (!data[length - 1]) return 0;
        end -= data[length - 1];
    }
    if (start > end) return 0;

    struct loop_stream *video = &lane->outgoing[LOOP_VIDEO].terms;
    struct loop_stream *audio = &lane->outgoing[LOOP_AUDIO].terms;
    int type = data[1] & 0x7F, rtx = 0, kind;
    if (type == video->payload_type) kind = LOOP_VIDEO;
    else if (type == audio->payload_type) kind = LOOP_AUDIO;
    else if (type == video->rtx_payload_type) kind = LOOP_VIDEO, rtx = 1;
    else return 0;
    int wanted = kind == LOOP_VIDEO ? video->transport_cc : audio->transport_cc;
    if (extension && wanted && get16(data + extension - 4) == 0xBEDE) {
        int32_t number = find_number(data + extension, start - extension, wanted);
        if (number >= 0) note_arrival(lane, (uint16_t)number, now);
    }

    struct media media = {.kind = kind,
                          .marker = data[1] >> 7,
                          .padded = padded,
                          .sequence = get16(data + 2),
                          .timestamp = get32(data + 4),
                          .from = lane->serial};
    if (rtx) { /* RFC 4588 §4: the original number stands before the payload */
        if (end - start < 2 || !lane->incoming[LOOP_VIDEO].source) return 1; /* a probe */
        media.sequence = get16(data + start);
        ssrc = lane->incoming[LOOP_VIDEO].ssrc;
        start += 2;
        length = end;
        media.padded = 0;
    }
    int codec_start = 0, begins = 0;
    int codec = kind == LOOP_VIDEO ? video->codec : audio->codec;
    if (start < end) {
        if (!look_into(codec, data + start, end - start, &codec_start, &begins, &media.starts))
            return 0;
    }
    int keyframe = media.starts && kind == LOOP_VIDEO, gaps = lane->incoming[kind].missing_count;
    if (kind == LOOP_AUDIO) media.starts = 1;
    if (!accept_packet(lane, kind, ssrc, media.sequence, media.timestamp, keyframe, now)) return rtx;
    if (!lane->forwarding) return 1;
    if (lane->incoming[kind].missing_count > gaps && now - lane->hurried_ns >= HURRY_EVERY_NS) {
        lane->hurried_ns = now;
        tell_python(loop, LOOP_GAP, lane, &lane->to, data, 0);
    }
    media.source = lane->incoming[kind].source;
    media.body = data + start;
    media.length = length - start;
    media.payload_length = end - start;
    if (lane->tap >= 0 && loop->ring) {
        int flags = media.marker | begins << 1 | keyframe << 2 | (codec == LOOP_H264) << 3;
        put_ring(loop, (uint32_t)lane->tap, kind + 1, flags, ssrc, now, media.timestamp,
                 media.sequence, data + start + codec_start, end - start - codec_start);
    }
    for (int i = 0; i < lane->subscriber_count; i++)
        deliver(loop, lane->subscribers[i], &media, now);
    return 1;
}

/* What cannot be a STUN message (RFC 8489 §5) costs Python nothing. */
static int is_stun(const uint8_t *data, int length) {
    return length >= 20 && length % 4 == 0 && get16(data + 2) == length - 20 &&
           get32(data + 4) == 0x2112A442u;
}

/* One datagram, `length` bytes in a buffer of ROOM (RFC 7983). */
static void arrive(struct loop *loop, const struct address *from, uint8_t *data, int length,
                   int64_t now) {
    loop->counters.datagrams++;
    if (length < 1 || length > MAX_DATAGRAM) {
        loop->counters.packets_dropped++;
        return;
    }
    struct owner *owner = find_owner(loop, from);
    struct lane *lane = owner ? owner->lane : NULL;
    if (data[0] < 4) {
        if (is_stun(data, length)) tell_python(loop, LOOP_STUN, lane, from, data, length);
        else loop->counters.packets_dropped++;
        return;
    }
    if (lane && data[0] >= 20 && data[0] < 64) {
        tell_python(loop, LOOP_DTLS, lane, from, data, length);
        return;
    }
    if (!lane || data[0] < 128 || data[0] >= 192) {
        loop->counters.packets_dropped++;
        return;
    }
    loop->counters.packets_in++;
    if (lane->call->cut) return;
    if (!lane->rx || length < RTP_HEADER) loop->counters.packets_dropped++;
    else if (is_rtcp(data[1])) {
        if (!take_rtcp(loop, lane, from, data, length)) loop->counters.packets_dropped++;
    } else if (!take_rtp(loop, lane, data, length, now))
        loop->counters.packets_dropped++;
}

static void from_name(const struct sockaddr_in6 *name, int endpoint, struct address *address) {
    memset(address, 0, sizeof *address);
    address->endpoint = (uint8_t)endpoint;
    if (name->sin6_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)name;
        address->family = 4;
        address->port = ntohs(four->sin_port);
        memcpy(address->ip, &four->sin_addr, 4);
        return;
    }
    address->family = 6;
    address->port = ntohs(name->sin6_port);
    address->scope = name->sin6_scope_id;
    memcpy(address->ip, &name->sin6_addr, 16);
}

/* Reads a burst from one socket; how many datagrams it had. */
static int read_burst(struct loop *loop, int endpoint) {
    for (int i = 0; i < BURST; i++) {
        loop->in_headers[i].msg_hdr.msg_namelen = sizeof loop->in_names[i];
        loop->in_headers[i].msg_hdr.msg_flags = 0;
    }
    int count = recvmmsg(loop->sockets[endpoint], loop->in_headers, BURST, MSG_DONTWAIT, NULL);
    if (count <= 0) return 0;
    enter(loop);
    int64_t now = now_ns();
    for (int i = 0; i < count; i++) {
        struct address from;
        from_name(&loop->in_names[i], endpoint, &from);
        int length = (int)loop->in_headers[i].msg_len;
        if (loop->in_headers[i].msg_hdr.msg_flags & MSG_TRUNC) length = ROOM;
        arrive(loop, &from, loop->in_data[i], length, now);
    }
    flush_all(loop);
    leave(loop);
    if (loop->to_wake) { /* only now: Python would wait for the mutex at once */
        uint64_t one = 1;
        loop->to_wake = 0;
        (void)!write(loop->wake_fd, &one, sizeof one);
    }
    return count;
}

static void report_all_arrivals(struct loop *loop) {
    int64_t now = now_ns();
    if (now - loop->arrivals_reported_ns < REPORT_ARRIVALS_NS) return;
    enter(loop);
    loop->arrivals_reported_ns = now;
    for (int i = 0; i < MAX_LANES; i++)
        if (loop->lanes[i] && loop->lanes[i]->arrivals) report_arrivals(loop, loop->lanes[i]);
    flush_all(loop);
    leave(loop);
}

/* Whether so much arrives that waiting a moment for more of it saves waking up for each packet. */
static void measure_load(struct loop *loop) {
    int64_t now = now_ns(), elapsed = now - loop->counted_ns;
    if (elapsed < SECOND_NS / 4) return;
    uint64_t arrived = loop->counters.datagrams - loop->counted_datagrams;
    loop->busy = arrived * (uint64_t)SECOND_NS > BUSY_PACKETS_PER_S * (uint64_t)elapsed;
    loop->counted_ns = now;
    loop->counted_datagrams = loop->counters.datagrams;
}

static void *run(void *argument) {
    struct loop *loop = argument;
    struct pollfd polled[MAX_ENDPOINTS + 1];
    for (int i = 0; i < loop->endpoint_count; i++)
        polled[i] = (struct pollfd){loop->sockets[i], POLLIN, 0};
    polled[loop->endpoint_count] = (struct pollfd){loop->stop_fd, POLLIN, 0};
    while (!atomic_load(&loop->stopping)) {
        int busy = loop->busy, ready = 1;
        if (busy) nanosleep(&(struct timespec){0, PAUSE_NS}, NULL);
        else
            ready = poll(polled, (nfds_t)loop->endpoint_count + 1,
                         (int)(REPORT_ARRIVALS_NS / MS / 4));
        for (int i = 0; ready > 0 && i < loop->endpoint_count; i++)
            if (busy || polled[i].revents)
                for (int turn = 0; turn < TURNS && read_burst(loop, i) == BURST; turn++)
                    let_others_in(loop);
        report_all_arrivals(loop);
        measure_load(loop);
        let_others_in(loop);
    }
    return NULL;
}

/* ── what Python calls ─────────────────────────────────────────────────────────────────────── */
struct loop *loop_new(const struct loop_srtp *srtp) {
    struct loop *loop = calloc(1, sizeof *loop);
    if (!loop) return NULL;
    loop->srtp = *srtp;
    loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    loop->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    loop->queue = calloc(QUEUE, sizeof *loop->queue);
    if (loop->wake_fd < 0 || loop->stop_fd < 0 || !loop->queue) {
        loop_free(loop);
        return NULL;
    }
    pthread_mutex_init(&loop->mutex, NULL);
    for (int i = 0; i < BURST; i++) {
        loop->in_pieces[i] = (struct iovec){loop->in_data[i], MAX_DATAGRAM + 1};
        loop->in_headers[i].msg_hdr.msg_name = &loop->in_names[i];
        loop->in_headers[i].msg_hdr.msg_iov = &loop->in_pieces[i];
        loop->in_headers[i].msg_hdr.msg_iovlen = 1;
    }
    return loop;
}

int loop_add_socket(struct loop *loop, int fd) {
    if (loop->running || loop->endpoint_count == MAX_ENDPOINTS) return -1;
    loop->sockets[loop->endpoint_count] = fd;
    return loop->endpoint_count++;
}

int loop_wake_fd(const struct loop *loop) { return loop->wake_fd; }

void loop_use_ring(struct loop *loop, void *ring, uint64_t capacity) {
    enter(loop);
    loop->ring = ring;
    loop->ring_capacity = capacity;
    /* The reader may write there too: whatever it says, a record begins at a multiple of 8. */
    loop->ring_head = ring ? atomic_load((_Atomic uint64_t *)ring + 8) & ~UINT64_C(7) : 0;
    leave(loop);
}

int loop_start(struct loop *loop) {
    if (loop->running || pthread_create(&loop->thread, NULL, run, loop)) return -1;
    loop->running = 1;
    return 0;
}

void loop_stop(struct loop *loop) {
    if (!loop->running) return;
    uint64_t one = 1;
    atomic_store(&loop->stopping, 1);
    (void)!write(loop->stop_fd, &one, sizeof one);
    pthread_join(loop->thread, NULL);
    loop->running = 0;
}

/* NULL for a lane that is closed: its number is not given again for half a million lanes more. */
static struct lane *get_lane(struct loop *loop, int id) {
    struct lane *lane = id >= 0 ? loop->lanes[id % MAX_LANES] : NULL;
    return lane && lane->id == id ? lane : NULL;
}

static void free_lane(struct lane *lane) {
    for (int kind = 0; kind < 2; kind++) {
        struct history *history = lane->outgoing[kind].history;
        if (history) free(history->data);
        free(history);
    }
    free(lane->early);
    free(lane->arrivals);
    free(lane);
}

void loop_free(struct loop *loop) {
    if (!loop) return;
    loop_stop(loop);
    for (int i = 0; i < MAX_LANES; i++)
        if (loop->lanes[i]) free_lane(loop->lanes[i]);
    for (int i = 0; i < MAX_ENDPOINTS; i++) free(loop->batches[i]);
    if (loop->wake_fd >= 0) close(loop->wake_fd);
    if (loop->stop_fd >= 0) close(loop->stop_fd);
    free(loop->owners);
    free(loop->queue);
    free(loop);
}

struct loop_call *loop_open_call(void) { return calloc(1, sizeof(struct loop_call)); }

void loop_free_call(struct loop_call *call) { free(call); }

void loop_cut(struct loop *loop, struct loop_call *call, int64_t *cut_ns, int64_t *last_ns) {
    enter(loop);
    if (!call->cut) {
        call->cut = 1;
        call->cut_ns = now_ns();
    }
    *cut_ns = call->cut_ns;
    *last_ns = call->last_packet_ns;
    leave(loop);
}

int loop_open_lane(struct loop *loop, const struct loop_terms *terms) {
    if (terms->preface_length < 0 || terms->preface_length > (int)sizeof terms->preface) return -1;
    struct lane *lane = calloc(1, sizeof *lane);
    if (!lane) return -1;
    lane->call = terms->call;
    lane->tap = -1;
    lane->silent_after_ns = terms->silent_after_ns;
    for (int kind = 0; kind < 2; kind++) {
        lane->outgoing[kind].terms = terms->streams[kind];
        lane->outgoing[kind].index = (int64_t)terms->streams[kind].first_sequence - 1;
        lane->outgoing[kind].rtx_sequence = terms->streams[kind].first_sequence;
    }
    lane->preface_length = terms->preface_length;
    memcpy(lane->preface, terms->preface, sizeof lane->preface);
    enter(loop);
    lane->serial = ++loop->serial;
    int id = -1;
    for (int place = 0; place < MAX_LANES && id < 0; place++)
        if (!loop->lanes[place])
            id = (int)((loop->serial * MAX_LANES + (uint64_t)place) & INT32_MAX);
    if (id >= 0) loop->lanes[(lane->id = id) % MAX_LANES] = lane;
    leave(loop);
    if (id < 0) free_lane(lane);
    return id;
}

void loop_close_lane(struct loop *loop, int id) {
    enter(loop);
    struct lane *lane = get_lane(loop, id);
    if (lane) {
        for (uint32_t i = 0; i < loop->owner_room;)
            if (loop->owners[i].lane == lane) remove_owner(loop, &loop->owners[i]);
            else i++;
        for (int i = 0; i < MAX_LANES; i++) {
            struct lane *other = loop->lanes[i];
            for (int j = 0; other && j < other->subscriber_count;)
                if (other->subscribers[j] == lane)
                    other->subscribers[j] = other->subscribers[--other->subscriber_count];
                else j++;
        }
        loop->lanes[id % MAX_LANES] = NULL;
        free_lane(lane);
    }
    leave(loop);
}

void loop_admit(struct loop *loop, int id, void *rx, void *tx) {
    enter(loop);
    struct lane *lane = get_lane(loop, id);
    if (lane) lane->rx = rx, lane->tx = tx;
    leave(loop);
}

/* Returns 0 for an endpoint that there is none of. */
static int to_address(const struct loop *loop, const struct loop_address *given,
                      struct address *address) {
    if (given->endpoint < 0 || given->endpoint >= loop->endpoint_count) return 0;
    memset(address, 0, sizeof *address);
    address->endpoint = (uint8_t)given->endpoint;
    address->family = (uint8_t)given->family;
    address->port = given->port;
    address->scope = given->scope;
    memcpy(address->ip, given->ip, 16);
    return 1;
}

void loop_route(struct loop *loop, int id, const struct loop_address *to) {
    enter(loop);
    struct lane *lane = get_lane(loop, id);
    if (lane && to_address(loop, to, &lane->to)) lane->routed = 1;
    leave(loop);
}

/* 0, or −1 when there is no memory for another address. */
int loop_own(struct loop *loop, const struct loop_address *given, int id) {
    struct address address;
    if (!to_address(loop, given, &address)) return -1;
    enter(loop);
    struct lane *lane = get_lane(loop, id);
    struct owner *owner = find_owner(loop, &address);
    int failed = 0;
    if (owner && lane) {
        owner->lane = lane;
    } else if (lane) {
        if (2 * (loop->owner_count + 1) > loop->owner_room) failed = grow_owners(loop);
        if (!failed) {
            insert_owner(loop->owners, loop->owner_room, &(struct owner){address, lane});
            loop->owner_count++;
        }
    }
    leave(loop);
    return failed;
}

void loop_disown(struct loop *loop, const struct loop_address *given, int id) {
    struct address address;
    if (!to_address(loop, given, &address)) return;
    enter(loop);
    struct owner *owner = find_owner(loop, &address);
    if (owner && owner->lane == get_lane(loop, id)) remove_owner(loop, owner);
    leave(loop);
}

/* What the lane publishes next to its subscriber begins anew. */
static void hold(const struct lane *lane, struct lane *subscriber) {
    for (int kind = 0; kind < 2; kind++)
        if (subscriber->outgoing[kind].from == lane->serial) subscriber->outgoing[kind].from = 0;
}

static int subscribes(const struct lane *lane, const struct lane *subscriber) {
    for (int i = 0; i < lane->subscriber_count; i++)
        if (lane->subscribers[i] == subscriber) return 1;
    return 0;
}

/* 0, or −1 and nothing has changed: more than a lane can have. */
int loop_subscribe(struct loop *loop, int id, const int *subscribers, int count) {
    if (count > LOOP_MAX_SUBSCRIBERS) return -1;
    enter(loop);
    struct lane *lane = get_lane(loop, id);
    struct lane *before[LOOP_MAX_SUBSCRIBERS];
    int taken = 0, before_count = lane ? lane->subscriber_count : 0;
    if (lane) memcpy(before, lane->subscribers, sizeof before);
    for (int i = 0; lane && i < count; i++) {
        struct lane *subscriber = get_lane(loop, subscribers[i]);
        if (subscriber && subscriber != lane) lane->subscribers[taken++] = subscriber;
    }
    if (lane) lane->subscriber_count = taken;
    for (int i = 0; i < before_count; i++)
        if (!subscribes(lane, before[i])) hold(lane, before[i]);
    leave(loop);
    return 0;
}

void loop_forward(struct loop *loop, int id, int on, int64_t tap) {
    enter(loop);
    struct lane *lane = get_lane(loop, id);
    if (lane) {
        for (int i = 0; lane->forwarding && !on && i < lane->subscriber_count; i++)
            hold(lane, lane->subscribers[i]);
        lane->forwarding = on;
        lane->tap = on ? tap : -1;
    }
    leave(loop);
}

int loop_reception(struct loop *loop, int id, int kind, struct loop_reception *found) {
    enter(loop);
    struct lane *lane = get_lane(loop, id);
    int known = lane && lane->incoming[kind].source;
    if (known) {
        const struct incoming *in = &lane->incoming[kind];
        *found = (struct loop_reception){in->ssrc,
                                         in->received,
                                         in->highest - in->base + 1,
                                         in->highest,
                                         in->jitter16 >> 4,
                                         (uint32_t)in->missing_count,
                                         in->last_arrival_ns,
                                         in->last_keyframe_ns};
    }
    leave(loop);
    return known;
}

uint64_t loop_sent_octets(struct loop *loop, int id, int kind) {
    enter(loop);
    struct lane *lane = get_lane(loop, id);
    uint64_t octets = lane ? lane->outgoing[kind].octets : 0;
    leave(loop);
    return octets;
}

int loop_missing(struct loop *loop, int id, int64_t now, uint16_t *wanted) {
    enter(loop);
    struct lane *lane = get_lane(loop, id);
    int count = 0;
    if (lane) {
        struct incoming *in = &lane->incoming[LOOP_VIDEO];
        for (int i = 0; i < in->missing_count;) {
            struct missing *missing = &in->missing[i];
            if (now - missing->since_ns > GIVE_UP_NS) {
                *missing = in->missing[--in->missing_count];
                continue;
            }
            if (now - missing->asked_ns >= ASK_EVERY_NS) {
                missing->asked_ns = now;
                wanted[count++] = missing->sequence;
            }
            i++;
        }
    }
    leave(loop);
    return count;
}

static void resend_one(struct loop *loop, struct lane *lane, struct outgoing *out,
                       const struct kept *kept, int64_t now) {
    const uint8_t *data = out->history->data + kept->at % out->history->room;
    uint8_t *datagram = next_datagram(loop, lane);
    if (!datagram) return;
    int length = kept->length;
    if (out->terms.rtx_payload_type == NO_TYPE) { /* the very same datagram */
        memcpy(datagram, data, (size_t)length);
    } else {
        int head = write_header(datagram, out, out->terms.rtx_payload_type, kept->marker, 0,
                                out->rtx_sequence++, kept->timestamp, out->terms.rtx_ssrc, now);
        put16(datagram + head, kept->sequence);
        memcpy(datagram + head + 2, data, (size_t)length);
        length += head + 2;
        if (loop->srtp.protect(lane->tx, datagram, &length)) return;
    }
    post_datagram(loop, lane, length, 0);
    loop->counters.packets_resent++;
}

void loop_resend(struct loop *loop, int id, uint32_t ssrc, const uint16_t *sequences, int count) {
    int64_t now = now_ns();
    enter(loop);
    struct lane *lane = get_lane(loop, id);
    struct outgoing *out = lane ? &lane->outgoing[LOOP_VIDEO] : NULL;
    if (out && out->history && out->terms.ssrc == ssrc) {
        for (int i = 0; i < count && allow(&lane->resends, RESENDS_PER_S, now); i++) {
            const struct kept *kept = find_kept(out->history, sequences[i]);
            if (kept) resend_one(loop, lane, out, kept, now);
        }
        flush_all(loop);
    }
    leave(loop);
}

int loop_send_rtcp(struct loop *loop, int id, const uint8_t *compound, int length) {
    enter(loop);
    struct lane *lane = get_lane(loop, id);
    int sent = lane ? send_rtcp(loop, lane, compound, length) : 0;
    flush_all(loop);
    leave(loop);
    return sent;
}

/* An SR (RFC 3550 §6.4.1) without blocks and the SDES that belongs to it; its length. */
static int write_clock(uint8_t *at, const struct outgoing *out, uint64_t ntp, uint32_t rtp,
                       const uint8_t *cname, int cname_length) {
    at[0] = 0x80;
    at[1] = 200;
    put16(at + 2, 6);
    put32(at + 4, out->terms.ssrc);
    put32(at + 8, (uint32_t)(ntp >> 32));
    put32(at + 12, (uint32_t)ntp);
    put32(at + 16, rtp);
    put32(at + 20, (uint32_t)out->packets);
    put32(at + 24, (uint32_t)out->octets);
    int item = 2 + cname_length, padded = item + 4 - item % 4; /* 1 to 4 zero bytes (§6.5) */
    uint8_t *description = at + 28;
    description[0] = 0x81;
    description[1] = 202;
    put16(description + 2, (uint32_t)(padded / 4 + 1));
    put32(description + 4, out->terms.ssrc);
    memset(description + 8, 0, (size_t)padded);
    description[8] = 1;
    description[9] = (uint8_t)cname_length;
    memcpy(description + 10, cname, (size_t)cname_length);
    return 28 + 8 + padded;
}

void loop_pass_clock(struct loop *loop, int id, int kind, uint64_t ntp, uint32_t rtp,
                     const uint8_t *cname, int cname_length) {
    uint8_t compound[28 + 8 + 64];
    enter(loop);
    struct lane *lane = get_lane(loop, id);
    if (lane && lane->tap >= 0 && loop->ring)
        put_ring(loop, (uint32_t)lane->tap, 3, kind == LOOP_VIDEO ? 16 : 0, lane->incoming[kind].ssrc,
                 now_ns(), rtp, 0, (const uint8_t *)&ntp, sizeof ntp);
    for (int i = 0; lane && cname_length <= 48 && i < lane->subscriber_count; i++) {
        struct lane *to = lane->subscribers[i];
        const struct outgoing *out = &to->outgoing[kind];
        if (out->from != lane->serial || !out->packets) continue;
        int length =
            write_clock(compound, out, ntp, rtp + out->timestamp_offset, cname, cname_length);
        send_rtcp(loop, to, compound, length);
    }
    flush_all(loop);
    leave(loop);
}

void loop_look_at(struct loop *loop, int id, int64_t when_ns) {
    enter(loop);
    struct lane *lane = get_lane(loop, id);
    /* What has happened meanwhile may want an earlier look. */
    if (lane && when_ns < lane->look_at_ns) lane->look_at_ns = when_ns;
    leave(loop);
}

int loop_due(struct loop *loop, int64_t now, int *ids, int room) {
    int count = 0;
    enter(loop);
    for (int i = 0; i < MAX_LANES && count < room; i++) {
        struct lane *lane = loop->lanes[i];
        if (!lane || (now < lane->look_at_ns && !lane->incoming[LOOP_VIDEO].missing_count)) continue;
        lane->look_at_ns = INT64_MAX; /* until `loop_look_at` says when again */
        ids[count++] = lane->id;
    }
    leave(loop);
    return count;
}

int loop_take(struct loop *loop, struct loop_event *event) {
    enter(loop);
    int taken = loop->queue_head != loop->queue_tail;
    if (taken) {
        const struct loop_event *waiting = &loop->queue[loop->queue_tail++ % QUEUE];
        memcpy(event, waiting, offsetof(struct loop_event, data) + (size_t)waiting->length);
        struct lane *lane = get_lane(loop, waiting->lane);
        if (lane) lane->waiting--;
    }
    leave(loop);
    return taken;
}

void loop_count(struct loop *loop, struct loop_counters *counters) {
    enter(loop);
    *counters = loop->counters;
    leave(loop);
}
