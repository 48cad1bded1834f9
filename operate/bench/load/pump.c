/* The load generator's packet pump: plays one clip from many legs, times what comes back.
 *
 * A leg is one connected UDP socket with the two SRTP sessions of its handshake. Packets are
 * encrypted as they are due, through libsrtp functions whose addresses the caller gives. What
 * arrives is matched to what was sent by SSRC and sequence number: the distance between the two
 * sequence numbers of a stream is found once, by decrypting a packet and looking its payload up
 * among those sent last. Arrival is the kernel's own receive timestamp, so that reading in
 * batches costs no accuracy. All times are CLOCK_REALTIME nanoseconds.
 *
 * Not thread-safe: one thread calls into a pump at a time. Only libc is used.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "pump.h"

enum {
    ROOM = 2048,
    SENT_RING = 4096, /* packets of a stream that can still be matched: > 30 s */
    ODD_RING = 256,
    BURST = 16,
    RECOGNISE = 32, /* bytes of a payload's end that tell it from every other */
    MAX_TRIES = 2000,
    TAIL = 160,
};
static const int64_t SECOND = 1000000000;
static const int64_t SEND_STEP = 250000;
static const int64_t READ_STEP = 1000000;

typedef struct {
    int64_t sent_ns;
    uint32_t packet;
    uint16_t sequence;
    uint8_t there, arrived;
} sent_packet;

typedef struct {
    uint32_t ssrc;
    int known; /* whether `distance` is */
    int tries;
    uint16_t distance; /* relay's sequence number minus ours */
    uint16_t highest;
    uint32_t received;
} heard;

typedef struct {
    pump_leg is;
    uint32_t timestamp[2];
    uint16_t sequence[2];
    uint16_t order;
    uint32_t packets[2], octets[2];
    uint32_t latest[2]; /* timestamp sent last */
    sent_packet *sent[2];
    heard hears[2];
    int64_t last_received_ns;
    int64_t report_ns;
} leg;

typedef struct {
    uint32_t at_us;
    uint32_t packet;
    int32_t leg;
    int32_t wrapped; /* belongs to the leg's previous round of the clip */
} due_packet;

typedef struct {
    int leg, length;
    uint8_t data[ROOM];
} odd_packet;

struct pump {
    int legs, count, epoll;
    leg *leg;
    clip_packet *clip;
    uint8_t *bytes;
    uint32_t period_us, period_ts[2];
    srtp_call protect, protect_rtcp, unprotect;
    due_packet *due;
    int dues, next;
    int64_t start_ns, lap, read_ns;
    int64_t begin_ns, end_ns;
    odd_packet *odd;
    int odd_first, odd_count;
    pump_totals totals;
    uint32_t *delays;
    uint8_t out[BURST][ROOM], in[BURST][ROOM], control[BURST][128];
};

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

static void put16(uint8_t *p, uint16_t v) {
    p[0] = v >> 8;
    p[1] = v;
}

static void put32(uint8_t *p, uint32_t v) {
    put16(p, v >> 16);
    put16(p + 2, v);
}

static uint16_t get16(const uint8_t *p) { return p[0] << 8 | p[1]; }
static uint32_t get32(const uint8_t *p) { return (uint32_t)get16(p) << 16 | get16(p + 2); }

/* ── setting up ───────────────────────────────────────────────────────────────────────── */
pump *pump_new(int legs, const clip_packet *packets, int count, const uint8_t *bytes,
               uint32_t period_us, uintptr_t protect, uintptr_t protect_rtcp,
               uintptr_t unprotect) {
    pump *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    size_t size = 0;
    for (int i = 0; i < count; i++) {
        size_t end = (size_t)packets[i].offset + packets[i].length;
        size = end > size ? end : size;
        if (packets[i].length > ROOM - TAIL - 64)
            goto failed;
    }
    p->epoll = epoll_create1(EPOLL_CLOEXEC);
    p->legs = legs;
    p->count = count;
    p->leg = calloc(legs, sizeof *p->leg);
    p->clip = malloc(count * sizeof *p->clip);
    p->bytes = malloc(size);
    p->odd = calloc(ODD_RING, sizeof *p->odd);
    p->delays = calloc(DELAY_STEPS, sizeof *p->delays);
    if (p->epoll < 0 || !p->leg || !p->clip || !p->bytes || !p->odd || !p->delays)
        goto failed;
    for (int i = 0; i < legs; i++)
        p->leg[i].is.fd = -1;
    memcpy(p->clip, packets, count * sizeof *p->clip);
    memcpy(p->bytes, bytes, size);
    p->period_us = period_us;
    p->period_ts[0] = (uint64_t)period_us * 48 / 1000;
    p->period_ts[1] = (uint64_t)period_us * 90 / 1000;
    p->protect = (srtp_call)protect;
    p->protect_rtcp = (srtp_call)protect_rtcp;
    p->unprotect = (srtp_call)unprotect;
    return p;
failed:
    pump_free(p);
    return NULL;
}

void pump_free(pump *p) {
    if (!p)
        return;
    for (int i = 0; p->leg && i < p->legs; i++)
        for (int k = 0; k < 2; k++)
            free(p->leg[i].sent[k]);
    if (p->epoll > 0)
        close(p->epoll);
    free(p->leg);
    free(p->clip);
    free(p->bytes);
    free(p->due);
    free(p->odd);
    free(p->delays);
    free(p);
}

int pump_set(pump *p, int number, const pump_leg *is) {
    if (number < 0 || number >= p->legs || is->source >= p->legs)
        return -1;
    leg *l = &p->leg[number];
    l->is = *is;
    for (int k = 0; k < 2; k++)
        if (is->plays && !(l->sent[k] = calloc(SENT_RING, sizeof(sent_packet))))
            return -1;
    int on = 1;
    if (setsockopt(is->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on))
        return -1;
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = number};
    return epoll_ctl(p->epoll, EPOLL_CTL_ADD, is->fd, &event);
}

static int sooner(const void *a, const void *b) {
    const due_packet *x = a, *y = b;
    if (x->at_us != y->at_us)
        return x->at_us < y->at_us ? -1 : 1;
    if (x->leg != y->leg)
        return x->leg < y->leg ? -1 : 1;
    return x->packet < y->packet ? -1 : x->packet > y->packet;
}

/* Lay out one period of all legs, each at a phase of its own; the first packet is due now. */
int pump_begin(pump *p) {
    int players = 0, player = 0;
    for (int i = 0; i < p->legs; i++)
        players += p->leg[i].is.plays;
    if (!(p->due = malloc(sizeof *p->due * ((size_t)players * p->count + 1))))
        return -1;
    p->start_ns = now();
    for (int i = 0; i < p->legs; i++) {
        if (!p->leg[i].is.plays)
            continue;
        /* Steps by the golden ratio spread any number of phases evenly. */
        double turns = ++player * 0.6180339887498949;
        uint32_t phase = (uint32_t)((turns - (long)turns) * p->period_us);
        p->leg[i].report_ns = p->start_ns + phase % 1000000 * 1000LL;
        for (int c = 0; c < p->count; c++) {
            uint32_t at = p->clip[c].at_us + phase;
            int wrapped = at >= p->period_us;
            p->due[p->dues++] =
                (due_packet){at - (wrapped ? p->period_us : 0), c, i, wrapped};
        }
    }
    qsort(p->due, p->dues, sizeof *p->due, sooner);
    return 0;
}

void pump_window(pump *p, int64_t begin_ns, int64_t end_ns) {
    p->begin_ns = begin_ns;
    p->end_ns = end_ns;
    p->totals.window_sent = p->totals.window_received = p->totals.window_heard = 0;
    p->totals.late_ns = 0;
    memset(p->delays, 0, DELAY_STEPS * sizeof *p->delays);
}

/* ── sending ──────────────────────────────────────────────────────────────────────────── */
static int write_packet(pump *p, leg *l, const due_packet *d, uint8_t *out, int64_t at_ns) {
    const clip_packet *c = &p->clip[d->packet];
    int k = c->video, length = 12;
    out[0] = 0x80;
    out[1] = l->is.sends_as[k] | (c->marker ? 0x80 : 0);
    put16(out + 2, l->sequence[k]);
    l->latest[k] = (uint32_t)(p->lap - d->wrapped) * p->period_ts[k] + c->timestamp;
    put32(out + 4, l->latest[k]);
    put32(out + 8, l->is.ssrc[k]);
    if (l->is.time_id || l->is.order_id) {
        uint8_t *x = out + 16;
        memset(x, 0, 8);
        if (l->is.time_id) { /* 24 bits of 6.18 fixed point seconds */
            uint32_t t = (uint32_t)(((at_ns / 1000) << 18) / 1000000);
            *x++ = l->is.time_id << 4 | 2;
            *x++ = t >> 16;
            *x++ = t >> 8;
            *x++ = t;
        }
        if (l->is.order_id) {
            *x++ = l->is.order_id << 4 | 1;
            put16(x, l->order++);
        }
        int words = l->is.time_id && l->is.order_id ? 2 : 1;
        out[0] |= 0x10;
        put16(out + 12, 0xBEDE);
        put16(out + 14, words);
        length = 16 + 4 * words;
    }
    memcpy(out + length, p->bytes + c->offset, c->length);
    length += c->length;
    return p->protect(l->is.sending, out, &length) ? 0 : length;
}

static void note_sent(pump *p, leg *l, const due_packet *d, int64_t at_ns, int64_t due_ns) {
    int k = p->clip[d->packet].video;
    l->sent[k][l->sequence[k] % SENT_RING] =
        (sent_packet){at_ns, d->packet, l->sequence[k], 1, 0};
    l->sequence[k]++;
    l->packets[k]++;
    l->octets[k] += p->clip[d->packet].length;
    if (at_ns >= p->begin_ns && at_ns < p->end_ns) {
        p->totals.window_sent++;
        if (at_ns - due_ns > p->totals.late_ns)
            p->totals.late_ns = at_ns - due_ns;
    }
}

/* Send what one leg has due at one moment; returns the next moment at which anything is. */
static int64_t send_due(pump *p, int64_t until_ns) {
    for (;;) {
        if (p->next == p->dues) {
            p->next = 0;
            p->lap++;
        }
        int64_t lap_ns = p->start_ns + p->lap * p->period_us * 1000LL;
        const due_packet *first = &p->due[p->next];
        int64_t due_ns = lap_ns + first->at_us * 1000LL;
        if (!p->dues || due_ns > until_ns)
            return due_ns;
        leg *l = &p->leg[first->leg];
        struct mmsghdr messages[BURST] = {0};
        struct iovec parts[BURST];
        int n = 0;
        int64_t at_ns = now();
        for (; n < BURST && p->next + n < p->dues; n++) {
            const due_packet *d = first + n;
            if (d->leg != first->leg || d->at_us != first->at_us)
                break;
            int length = write_packet(p, l, d, p->out[n], at_ns);
            parts[n] = (struct iovec){p->out[n], length};
            messages[n].msg_hdr.msg_iov = &parts[n];
            messages[n].msg_hdr.msg_iovlen = 1;
            note_sent(p, l, d, at_ns, due_ns);
        }
        p->next += n;
        int done = 0;
        while (done < n) {
            int sent = sendmmsg(l->is.fd, messages + done, n - done, MSG_DONTWAIT);
            if (sent > 0) {
                done += sent;
            } else if (errno != EINTR) {
                p->totals.send_drops++; /* and the packet counts as lost */
                done++;
            }
        }
    }
}

/* A sender report with a receiver block, and our name, for each of the leg's streams. */
static void send_reports(pump *p, leg *l, int64_t at_ns) {
    for (int k = 0; k < 2; k++) {
        uint8_t out[256] = {0};
        heard *h = &l->hears[k];
        int blocks = h->received > 0, length = 0;
        if (!l->is.plays && !blocks)
            continue;
        if (l->is.plays) {
            out[1] = 200;
            put32(out + 8, (uint32_t)(at_ns / SECOND + 2208988800LL));
            put32(out + 12, (uint32_t)(((uint64_t)(at_ns % SECOND) << 32) / SECOND));
            put32(out + 16, l->latest[k]);
            put32(out + 20, l->packets[k]);
            put32(out + 24, l->octets[k]);
            length = 28;
        } else {
            out[1] = 201;
            length = 8;
        }
        out[0] = 0x80 | blocks;
        put32(out + 4, l->is.ssrc[k]);
        if (blocks) {
            put32(out + length, h->ssrc);
            put32(out + length + 8, h->highest);
            length += 24;
        }
        put16(out + 2, length / 4 - 1);
        uint8_t *name = out + length; /* SDES with a CNAME of 5 bytes and one of padding */
        name[0] = 0x81;
        name[1] = 202;
        put16(name + 2, 3);
        put32(name + 4, l->is.ssrc[k]);
        name[8] = 1;
        name[9] = 5;
        memcpy(name + 10, "bench", 5);
        length += 16;
        if (!p->protect_rtcp(l->is.sending, out, &length))
            (void)!send(l->is.fd, out, length, MSG_DONTWAIT);
    }
}

/* ── receiving ────────────────────────────────────────────────────────────────────────── */
static int payload_start(const uint8_t *data, int length) {
    int start = 12 + 4 * (data[0] & 15);
    if (data[0] & 0x10) {
        if (start + 4 > length)
            return length;
        start += 4 + 4 * get16(data + start + 2);
    }
    return start < length ? start : length;
}

/* Decrypt a packet and look for its payload among those that the source has sent last. */
static void recognise(pump *p, leg *l, heard *h, int k, uint8_t *data, int length) {
    leg *source = &p->leg[l->is.source];
    uint16_t sequence = get16(data + 2);
    if (h->tries++ > MAX_TRIES || p->unprotect(l->is.receiving, data, &length))
        return;
    int start = payload_start(data, length);
    if (data[0] & 0x20)
        length -= data[length - 1];
    int tail = length - start < RECOGNISE ? length - start : RECOGNISE;
    if (tail < 8)
        return;
    for (int back = 1; back <= SENT_RING; back++) {
        uint16_t ours = source->sequence[k] - back;
        const sent_packet *s = &source->sent[k][ours % SENT_RING];
        if (!s->there || s->sequence != ours)
            return;
        const clip_packet *c = &p->clip[s->packet];
        if (c->length == length - start &&
            !memcmp(p->bytes + c->offset + c->length - tail, data + length - tail, tail)) {
            h->distance = sequence - ours;
            h->known = 1;
            h->tries = 0;
            return;
        }
    }
}

static void receive_rtp(pump *p, leg *l, uint8_t *data, int length, int64_t at_ns) {
    l->last_received_ns = at_ns;
    p->totals.window_heard += at_ns >= p->begin_ns && at_ns < p->end_ns;
    int type = data[1] & 127;
    int k = type == l->is.hears_as[1] ? 1 : type == l->is.hears_as[0] ? 0 : -1;
    if (k < 0 || l->is.source < 0)
        return;
    heard *h = &l->hears[k];
    uint16_t sequence = get16(data + 2);
    if (h->ssrc != get32(data + 8)) {
        h->ssrc = get32(data + 8);
        h->known = h->tries = 0;
    }
    h->highest = sequence;
    h->received++;
    if (!h->known)
        recognise(p, l, h, k, data, length);
    leg *source = &p->leg[l->is.source];
    uint16_t ours = sequence - h->distance;
    sent_packet *s = source->sent[k] ? &source->sent[k][ours % SENT_RING] : NULL;
    if (!h->known || !s || !s->there || s->sequence != ours || at_ns < s->sent_ns) {
        h->known = 0;
        p->totals.unmatched++;
        return;
    }
    if (s->arrived || s->sent_ns < p->begin_ns || s->sent_ns >= p->end_ns)
        return;
    s->arrived = 1;
    p->totals.window_received++;
    int64_t step = (at_ns - s->sent_ns) / DELAY_STEP_NS;
    p->delays[step < DELAY_STEPS ? step : DELAY_STEPS - 1]++;
}

static void keep_odd(pump *p, int number, const uint8_t *data, int length) {
    if (p->odd_count == ODD_RING || length < 1)
        return;
    odd_packet *odd = &p->odd[(p->odd_first + p->odd_count++) % ODD_RING];
    odd->leg = number;
    odd->length = length;
    memcpy(odd->data, data, length);
}

static int64_t arrival(struct msghdr *message) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec t;
            memcpy(&t, CMSG_DATA(c), sizeof t);
            return t.tv_sec * SECOND + t.tv_nsec;
        }
    return now();
}

static void receive_leg(pump *p, int number) {
    leg *l = &p->leg[number];
    for (;;) {
        struct mmsghdr messages[BURST] = {0};
        struct iovec parts[BURST];
        for (int i = 0; i < BURST; i++) {
            parts[i] = (struct iovec){p->in[i], ROOM};
            messages[i].msg_hdr.msg_iov = &parts[i];
            messages[i].msg_hdr.msg_iovlen = 1;
            messages[i].msg_hdr.msg_control = p->control[i];
            messages[i].msg_hdr.msg_controllen = sizeof p->control[i];
        }
        int n = recvmmsg(l->is.fd, messages, BURST, MSG_DONTWAIT, NULL);
        for (int i = 0; i < n; i++) {
            uint8_t *data = p->in[i];
            int length = messages[i].msg_len;
            int64_t at_ns = arrival(&messages[i].msg_hdr);
            if (length < 12 || data[0] < 128 || data[0] > 191) {
                keep_odd(p, number, data, length);
            } else if (data[1] < 192 || data[1] > 223) { /* else RTCP, which we do not read */
                receive_rtp(p, l, data, length, at_ns);
            }
        }
        if (n < BURST)
            return;
    }
}

static void receive_all(pump *p) {
    struct epoll_event events[256];
    int n;
    do {
        n = epoll_wait(p->epoll, events, 256, 0);
        for (int i = 0; i < n; i++)
            receive_leg(p, events[i].data.u32);
    } while (n == 256);
}

/* ── running ──────────────────────────────────────────────────────────────────────────── */
/* Play and listen for so long, or until datagrams that are no media wait; returns how many. */
int pump_run(pump *p, int64_t for_ns) {
    int64_t end_ns = now() + for_ns;
    while (!p->odd_count) {
        int64_t at_ns = now();
        if (at_ns >= end_ns)
            break;
        int64_t next_ns = send_due(p, at_ns);
        if (at_ns - p->read_ns >= READ_STEP) {
            p->read_ns = at_ns;
            receive_all(p);
            for (int i = 0; i < p->legs; i++)
                if (p->leg[i].is.fd >= 0 && at_ns >= p->leg[i].report_ns) {
                    p->leg[i].report_ns = at_ns + SECOND;
                    send_reports(p, &p->leg[i], at_ns);
                }
        }
        int64_t until_ns = p->read_ns + READ_STEP;
        until_ns = p->dues && next_ns < until_ns ? next_ns : until_ns;
        int64_t rest = until_ns - now();
        rest = rest < SEND_STEP ? SEND_STEP : rest;
        struct timespec pause = {0, rest};
        nanosleep(&pause, NULL);
    }
    return p->odd_count;
}

/* Take the oldest datagram that is no media; its length, 0 when there is none. */
int pump_next_odd(pump *p, int *number, uint8_t *data, int room) {
    if (!p->odd_count)
        return 0;
    const odd_packet *odd = &p->odd[p->odd_first];
    int length = odd->length < room ? odd->length : room;
    *number = odd->leg;
    memcpy(data, odd->data, length);
    p->odd_first = (p->odd_first + 1) % ODD_RING;
    p->odd_count--;
    return length;
}

int pump_send(pump *p, int number, const uint8_t *data, int length) {
    return send(p->leg[number].is.fd, data, length, MSG_DONTWAIT) == length ? 0 : -1;
}

void pump_read_totals(const pump *p, pump_totals *out) { *out = p->totals; }
int64_t pump_last_received_ns(const pump *p, int number) { return p->leg[number].last_received_ns; }
const uint32_t *pump_delays(const pump *p) { return p->delays; }
