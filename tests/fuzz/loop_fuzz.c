/* Drives loop.c through whatever its input says, and checks after each step what it guarantees.
 *
 * The input is a program: bytes that open and close lanes, own addresses, send datagrams of every
 * class, subscribe, hold, resend, let time pass. Sockets, the clock and SRTP are replaced; SRTP
 * keeps plain text, refuses what ends in an odd byte, and numbers packets as libsrtp does, so that
 * it notices when one number of one source is encrypted under twice. Sanitizers see to the memory:
 * what lies behind a datagram is poisoned while the loop has it.
 *
 *   built with -fsanitize=fuzzer -DLIBFUZZER: a libFuzzer target
 *   built without: loop_fuzz FILE…, or loop_fuzz --random SEED PROGRAMS
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sanitizer/asan_interface.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static int fake_clock(clockid_t clock, struct timespec *now);
static int fake_recvmmsg(int fd, struct mmsghdr *headers, unsigned room, int flags, void *timeout);
static int fake_sendmmsg(int fd, struct mmsghdr *headers, unsigned count, int flags);

#define clock_gettime fake_clock
#define recvmmsg fake_recvmmsg
#define sendmmsg fake_sendmmsg
#include "../../relay/media/forwarding/loop.c"

#define CLAIM(truth)                                                   \
    do {                                                               \
        if (!(truth)) {                                                \
            fprintf(stderr, "broken at line %d: %s\n", __LINE__, #truth); \
            abort();                                                   \
        }                                                              \
    } while (0)

enum { PARTIES = 6, CALLS = 2, ADDRESSES = 256, TAG = 16, CAPACITY = 4096, STEPS = 4000 };

/* ── the input ─────────────────────────────────────────────────────────────────────────────── */
static const uint8_t *input, *input_end;

static unsigned byte(void) { return input < input_end ? *input++ : 0; }
static unsigned word(void) { return byte() << 8 | byte(); }
static unsigned below(unsigned bound) { return byte() % bound; }

/* ── the clock ─────────────────────────────────────────────────────────────────────────────── */
static int64_t clock_ns;

static int fake_clock(clockid_t clock, struct timespec *now) {
    (void)clock;
    now->tv_sec = clock_ns / SECOND_NS;
    now->tv_nsec = clock_ns % SECOND_NS;
    return 0;
}

/* ── SRTP: numbers as libsrtp gives them, and none twice ───────────────────────────────────── */
struct source {
    uint32_t ssrc;
    int used;
    int64_t index;
};

struct session {
    uint32_t keys; /* no two sessions have the same */
    struct source sources[MAX_SSRCS + 1];
};

struct used_number {
    uint32_t keys, ssrc, run;
    int64_t index;
};

static struct used_number used_numbers[1 << 18];
static uint32_t run_number, numbers_used, last_keys;

static void use_number(const struct session *session, uint32_t ssrc, int64_t index) {
    uint64_t hash = ((uint64_t)session->keys << 40 ^ (uint64_t)ssrc << 32 ^ (uint64_t)index) *
                    UINT64_C(0x9E3779B97F4A7C15);
    CLAIM(++numbers_used < 1 << 17);
    for (uint32_t place = (uint32_t)(hash >> 46);; place = (place + 1) & ((1 << 18) - 1)) {
        struct used_number *used = &used_numbers[place];
        if (used->run != run_number) {
            *used = (struct used_number){session->keys, ssrc, run_number, index};
            return;
        }
        CLAIM(used->keys != session->keys || used->ssrc != ssrc || used->index != index);
    }
}

static struct source *find_source(struct session *session, uint32_t ssrc) {
    for (int i = 0; i <= MAX_SSRCS; i++) {
        struct source *source = &session->sources[i];
        if (!source->used) *source = (struct source){ssrc, 1, 0};
        if (source->ssrc == ssrc) return source;
    }
    CLAIM(!"libsrtp would keep state for more sources than a party may have");
    return NULL;
}

static int protect(void *to, void *data, int *length) {
    uint8_t *packet = data;
    CLAIM(*length >= RTP_HEADER && *length + TAG <= ROOM && packet[0] >> 6 == 2);
    struct source *source = find_source(to, get32(packet + 8));
    /* srtp_rdbx_estimate_index: near its beginning a stream has no rollovers to guess from. */
    int64_t index = get16(packet + 2);
    if (source->index > 32768)
        index = source->index + ahead16((uint16_t)index, (uint16_t)source->index);
    if (index - source->index <= -SEEN) return 10; /* srtp_err_status_replay_old */
    use_number(to, source->ssrc, index);
    if (index > source->index) source->index = index;
    memset(packet + *length, 0xA5, TAG);
    *length += TAG;
    return 0;
}

static int protect_rtcp(void *to, void *data, int *length) {
    CLAIM(to && ((uint8_t *)data)[0] >> 6 == 2 && *length % 4 == 0 && *length + TAG + 4 <= ROOM);
    memset((uint8_t *)data + *length, 0xA5, TAG + 4);
    *length += TAG + 4;
    return 0;
}

static int take_tag(struct session *session, uint32_t ssrc, uint8_t *packet, int *length) {
    if (*length < 13 || packet[*length - 1] & 1) return 7; /* srtp_err_status_auth_fail */
    find_source(session, ssrc);
    *length -= packet[*length - 1] & 2 && *length > 12 + TAG ? TAG : 1;
    ASAN_POISON_MEMORY_REGION(packet + *length, (size_t)(ROOM - *length));
    return 0;
}

static int unprotect(void *from, void *data, int *length) {
    return take_tag(from, get32((uint8_t *)data + 8), data, length);
}

static int unprotect_rtcp(void *from, void *data, int *length) {
    return take_tag(from, get32((uint8_t *)data + 4), data, length);
}

/* ── the world around the loop ─────────────────────────────────────────────────────────────── */
static struct loop *loop;
static struct loop_call *calls[CALLS];
static struct session receiving[PARTIES], sending[PARTIES];
static int lanes[PARTIES]; /* open, or closed since, or −1 */
static int call_of[PARTIES], open[PARTIES];
static uint16_t next_sequence[PARTIES], next_number[PARTIES], sent_sequence;
static uint8_t *ring;
static int ring_is_honest;

struct datagram {
    int address, length;
    uint8_t data[MAX_DATAGRAM + 1];
};

static struct datagram arriving[BURST];
static int arriving_count, sending_faults;

static struct loop_address address(int number) {
    struct loop_address made = {.endpoint = 0, .family = number & 1 ? 6 : 4};
    made.ip[0] = 10;
    made.port = (uint16_t)(1000 + number);
    made.scope = number & 1 ? 3 : 0;
    return made;
}

static int fake_recvmmsg(int fd, struct mmsghdr *headers, unsigned room, int flags, void *timeout) {
    (void)fd, (void)flags, (void)timeout;
    CLAIM(arriving_count <= (int)room);
    for (int i = 0; i < arriving_count; i++) {
        struct datagram *datagram = &arriving[i];
        struct loop_address given = address(datagram->address);
        struct address from;
        to_address(loop, &given, &from);
        to_name(&from, headers[i].msg_hdr.msg_name);
        CLAIM(headers[i].msg_hdr.msg_iov->iov_len == sizeof datagram->data);
        uint8_t *data = headers[i].msg_hdr.msg_iov->iov_base;
        ASAN_UNPOISON_MEMORY_REGION(data, ROOM);
        memcpy(data, datagram->data, (size_t)datagram->length);
        ASAN_POISON_MEMORY_REGION(data + datagram->length, (size_t)(ROOM - datagram->length));
        headers[i].msg_len = (unsigned)datagram->length;
        if (datagram->length > MAX_DATAGRAM) headers[i].msg_hdr.msg_flags = MSG_TRUNC;
    }
    return arriving_count;
}

static int fake_sendmmsg(int fd, struct mmsghdr *headers, unsigned count, int flags) {
    (void)fd, (void)flags;
    if (sending_faults > 0) {
        sending_faults--;
        errno = sending_faults & 1 ? EINTR : ENOBUFS;
        if (sending_faults & 2 || count < 2) return -1;
        count = count / 2; /* the rest has to be tried again */
    }
    for (unsigned i = 0; i < count; i++) {
        const struct sockaddr_in *name = headers[i].msg_hdr.msg_name;
        const struct iovec *piece = headers[i].msg_hdr.msg_iov;
        CLAIM(name->sin_family == AF_INET || name->sin_family == AF_INET6);
        CLAIM(piece->iov_len >= 8 + TAG && piece->iov_len <= ROOM);
        const uint8_t *data = piece->iov_base;
        if (!is_rtcp(data[1])) sent_sequence = get16(data + 2);
    }
    for (int i = 0; i < CALLS; i++) /* whatever leaves, it is not a call's that was cut */
        if (calls[i]->cut) CLAIM(calls[i]->last_packet_ns <= calls[i]->cut_ns);
    return (int)count;
}

/* ── what a step may do ────────────────────────────────────────────────────────────────────── */
static void open_lane(int party) {
    if (open[party]) return;
    unsigned wishes = byte();
    struct loop_terms terms = {.call = calls[party % CALLS], .silent_after_ns = SECOND_NS,
                               .preface_length = 8};
    memcpy(terms.preface, (uint8_t[]){0x80, 201, 0, 1, 0, 0, 0, 9}, 8);
    terms.streams[LOOP_AUDIO] = (struct loop_stream){LOOP_OPUS, 111, NO_TYPE, 10, 0, 7, 0, 2};
    terms.streams[LOOP_VIDEO] = (struct loop_stream){
        .codec = wishes & 1 ? LOOP_H264 : LOOP_VP8, .payload_type = 96, .ssrc = 11,
        .rtx_payload_type = wishes & 2 ? 97 : NO_TYPE, .rtx_ssrc = 12,
        .first_sequence = wishes & 4 ? 32767 : (uint16_t)(wishes & 8 ? 0 : 1000),
        .abs_send_time = wishes & 16 ? 3 : 0, .transport_cc = wishes & 32 ? 2 : 0};
    receiving[party] = (struct session){.keys = ++last_keys};
    sending[party] = (struct session){.keys = ++last_keys};
    lanes[party] = loop_open_lane(loop, &terms);
    CLAIM(lanes[party] >= 0);
    call_of[party] = party % CALLS;
    open[party] = 1;
}

static void close_lane(int party) {
    loop_close_lane(loop, lanes[party]);
    open[party] = 0;
}

static int write_rtp(uint8_t *at, int party) {
    static const uint8_t types[] = {96, 96, 96, 97, 111, 111, 13, 127};
    static const uint16_t steps[] = {1, 1, 2, 5, 0, 65535, 65530, 70, 1100, 32767, 32768, 31745};
    unsigned shape = byte(), type = types[below(8)];
    next_sequence[party] = (uint16_t)(next_sequence[party] + steps[below(12)]);
    at[0] = (uint8_t)(0x80 | (shape & 0x30) | (shape & 0x40 ? shape & 3 : 0));
    at[1] = (uint8_t)(type | (shape & 0x80));
    put16(at + 2, next_sequence[party]);
    put32(at + 4, (uint32_t)(clock_ns / 11111));
    put32(at + 8, shape & 8 ? byte() : type);
    int length = RTP_HEADER;
    if (at[0] & 0x10) {
        put32(at + length, shape & 4 ? 0xBEDE0001u : 0xBEDE0000u | byte());
        at[length + 4] = 0x21;
        put16(at + length + 5, word());
        length += 8;
    }
    if (type == 97) put16(at + length, next_sequence[party] - below(16)), length += 2;
    static const uint8_t key[] = {0x10, 0x00, 0x00, 0x00, 0x9d, 0x01, 0x2a, 0x65};
    unsigned body = byte();
    if (body & 1) memcpy(at + length, key, sizeof key), length += (int)sizeof key;
    int fill = body & 2 ? (int)(body << 2) : (int)(body & 0x1c) + 1;
    while (fill-- > 0) at[length++] = (uint8_t)byte();
    return length;
}

static int write_datagram(uint8_t *at, int party) {
    int length = 0;
    switch (below(8)) {
    case 0:
        for (length = (int)below(64); length > 0; length--) at[length - 1] = (uint8_t)byte();
        return (int)below(64);
    case 1: /* RTCP */
        length = 8 + (int)below(60);
        for (int i = 0; i < length; i++) at[i] = (uint8_t)byte();
        at[0] = 0x80, at[1] = (uint8_t)(192 + below(32));
        at[length++] = (uint8_t)(byte() & 6);
        return length;
    case 2: /* STUN, nearly */
        put32(at, 0x00010000u | below(32)), put32(at + 4, 0x2112A442u);
        return 20 + (int)below(32);
    case 3: /* DTLS, or too large */
        at[0] = (uint8_t)(20 + below(44));
        return byte() & 1 ? MAX_DATAGRAM + 1 : (int)below(255);
    default:
        length = write_rtp(at, party);
        at[length++] = byte() < 8 ? 1 : 2; /* most authenticate */
        return length;
    }
}

static void arrive_burst(int party, int count, int from) {
    arriving_count = count;
    for (int i = 0; i < count; i++) {
        memset(arriving[i].data, 0, sizeof arriving[i].data);
        arriving[i].address = from;
        arriving[i].length = write_datagram(arriving[i].data, party);
    }
    read_burst(loop, 0);
}

/* A stretch of video as it comes, or of DTLS: it fills windows, histories, the ring, the queue. */
static void stream(int party) {
    int count = (int)below(BURST) + 1, lost = (int)below(8);
    unsigned shape = byte(), ssrc = byte() & 1 ? 96 : 98;
    arriving_count = 0;
    for (int i = 0; i < count; i++) {
        next_sequence[party]++;
        next_number[party] = (uint16_t)(next_number[party] + (shape & 4 ? 39 : 1));
        if (lost && i % 8 == lost) continue;
        struct datagram *datagram = &arriving[arriving_count++];
        *datagram = (struct datagram){party, 900, {shape & 2 ? 0x90 : 0x80, 96}};
        if (shape > 200) datagram->data[0] = 22;
        put16(datagram->data + 2, next_sequence[party]);
        put32(datagram->data + 8, ssrc);
        uint8_t *payload = datagram->data + RTP_HEADER;
        if (shape & 2) {
            put32(payload, 0xBEDE0002u);
            put32(payload + 4, 0x10000021u); /* another extension's byte, padding, then ours */
            put16(payload + 8, next_number[party]);
            payload += 12;
        }
        payload[0] = 0x10;
        payload[1] = (uint8_t)(i || shape & 1);
        datagram->data[899] = 2;
    }
    read_burst(loop, 0);
}

static void subscribe(int party) {
    int wanted[LOOP_MAX_SUBSCRIBERS + 2], count = 0;
    for (unsigned who = byte(), i = 0; i < PARTIES; i++)
        if (who >> i & 1) wanted[count++] = lanes[i];
    if (byte() & 1) /* one of them again and again */
        while (count && count < LOOP_MAX_SUBSCRIBERS + 2) wanted[count] = wanted[0], count++;
    loop_subscribe(loop, lanes[party], wanted, count);
}

static void resend(int party) {
    uint16_t wanted[40];
    for (int i = 0; i < 40; i++) wanted[i] = (uint16_t)(sent_sequence - i * (int)below(30));
    loop_resend(loop, lanes[party], byte() & 3 ? 11 : byte(), wanted, 40);
}

static void look(int party) {
    int due[PARTIES], count = loop_due(loop, clock_ns, due, PARTIES);
    for (int i = 0; i < count; i++) loop_look_at(loop, due[i], clock_ns + (int64_t)word() * MS);
    uint16_t wanted[MAX_MISSING];
    CLAIM(loop_missing(loop, lanes[party], clock_ns, wanted) <= MAX_MISSING);
    struct loop_reception reception;
    struct loop_counters counters;
    loop_reception(loop, lanes[party], (int)below(2), &reception);
    loop_sent_octets(loop, lanes[party], (int)below(2));
    loop_count(loop, &counters);
    uint8_t cname[64] = "somebody";
    loop_pass_clock(loop, lanes[party], (int)below(2), 1, word(), cname, (int)below(65));
}

static void hear(int count) {
    struct loop_event event;
    for (int i = 0; i < count && loop_take(loop, &event); i++) {
        CLAIM(event.length >= (event.type != LOOP_GAP) && event.length <= MAX_DATAGRAM);
        CLAIM(event.type == LOOP_STUN || event.lane >= 0);
    }
}

static _Atomic uint64_t *ring_word(int number) { return (_Atomic uint64_t *)ring + number; }

/* Reads as relay/media/ring.py does: whatever lies there has to be records from end to end. */
static void read_ring(void) {
    uint64_t head = *ring_word(8), tail = *ring_word(16);
    CLAIM(head - tail <= CAPACITY && head % 8 == 0);
    while (tail < head) {
        uint8_t *record = ring + 4096 + tail % CAPACITY;
        uint64_t to_end = CAPACITY - tail % CAPACITY;
        if (to_end < RING_HEAD) {
            tail += to_end;
            continue;
        }
        uint32_t size;
        uint16_t length;
        memcpy(&size, record, 4);
        memcpy(&length, record + 10, 2);
        CLAIM(size >= RING_HEAD && size % 8 == 0 && size <= to_end && size <= head - tail);
        CLAIM(record[8] <= 3 && (record[8] == 0 || RING_HEAD + (uint32_t)length <= size));
        tail += size;
    }
    CLAIM(tail == head);
}

static void use_ring(void) {
    switch (below(4)) {
    case 0: /* a reader that writes where it likes */
        atomic_store(ring_word(16), (uint64_t)word() << (8 * below(6)));
        atomic_store(ring_word(8), byte());
        ring_is_honest = 0;
        break;
    case 1:
        if (!ring_is_honest) memset(ring, 0, 4096 + CAPACITY);
        if (!ring_is_honest) loop_use_ring(loop, ring, CAPACITY);
        ring_is_honest = 1;
        break;
    default:
        if (ring_is_honest) atomic_store(ring_word(16), *ring_word(8));
    }
}

static void pass_time(void) {
    static const int64_t spans[] = {MS / 10, MS, 20 * MS, 101 * MS, 250 * MS, SECOND_NS};
    unsigned choice = byte();
    clock_ns += choice == 255 ? 200000 * SECOND_NS : spans[choice % 6] * (1 + choice / 64);
    report_all_arrivals(loop);
}

static void cut(int call) {
    int64_t cut_ns, last_ns;
    loop_cut(loop, calls[call], &cut_ns, &last_ns);
    CLAIM(last_ns <= cut_ns);
    for (int i = 0; i < PARTIES; i++)
        if (open[i] && call_of[i] == call) return;
    loop_free_call(calls[call]); /* as Python does once no lane has it */
    calls[call] = loop_open_call();
}

/* ── what has to be true after each step ───────────────────────────────────────────────────── */
static void check(void) {
    int waiting[PARTIES] = {0};
    uint32_t owners = 0;
    CLAIM(loop->queue_head - loop->queue_tail <= QUEUE);
    for (uint32_t at = loop->queue_tail; at != loop->queue_head; at++)
        for (int i = 0; i < PARTIES; i++)
            waiting[i] += open[i] && loop->queue[at % QUEUE].lane == lanes[i];
    for (uint32_t i = 0; i < loop->owner_room; i++) {
        if (!loop->owners[i].lane) continue;
        CLAIM(find_owner(loop, &loop->owners[i].address) == &loop->owners[i]);
        CLAIM(get_lane(loop, loop->owners[i].lane->id) == loop->owners[i].lane);
        owners++;
    }
    CLAIM(owners == loop->owner_count && 2 * owners <= loop->owner_room);
    CLAIM(!loop->batches[0] || loop->batches[0]->count == 0); /* nothing waits to be sent */
    for (int i = 0; i < PARTIES; i++) {
        const struct lane *lane = get_lane(loop, lanes[i]);
        CLAIM((lane != NULL) == open[i]);
        if (!lane) continue;
        CLAIM(lane->waiting == waiting[i] && lane->waiting <= SHARE);
        CLAIM(lane->early_count >= 0 && lane->early_count <= MAX_EARLY);
        CLAIM(lane->ssrc_count <= MAX_SSRCS && lane->subscriber_count <= LOOP_MAX_SUBSCRIBERS);
        CLAIM(lane->incoming[LOOP_VIDEO].missing_count <= MAX_MISSING);
        for (int j = 0; j < lane->subscriber_count; j++)
            CLAIM(get_lane(loop, lane->subscribers[j]->id) == lane->subscribers[j]);
        if (lane->arrivals_started)
            CLAIM((uint16_t)(lane->arrivals_highest + 1 - lane->arrivals_next) <= ARRIVALS);
    }
    if (ring_is_honest) read_ring();
}

static void step(void) {
    int party = (int)below(PARTIES);
    struct loop_address where = address((int)below(ADDRESSES));
    switch (below(20)) {
    case 0: open_lane(party); break;
    case 1: if (byte() < 64) close_lane(party); break;
    case 2: loop_admit(loop, lanes[party], &receiving[party], &sending[party]); break;
    case 3: loop_own(loop, &where, lanes[party]); break;
    case 4: loop_disown(loop, &where, lanes[party]); break;
    case 5: loop_route(loop, lanes[party], &where); break;
    case 6: subscribe(party); break;
    case 7: loop_forward(loop, lanes[party], byte() & 3, (int)below(3) - 1); break;
    case 8: resend(party); break;
    case 9: look(party); break;
    case 10: pass_time(); break;
    case 11: hear((int)byte()); break;
    case 12: use_ring(); break;
    case 13: sending_faults = (int)below(6); break;
    case 14: loop_send_rtcp(loop, lanes[party], (uint8_t[1600]){0x80, 201}, (int)below(250) * 4); break;
    case 15: if (byte() < 16) cut((int)below(CALLS)); break;
    case 16: stream(party); break;
    default: arrive_burst(party, (int)below(6) + 1, byte() & 7 ? party : (int)below(ADDRESSES));
    }
}

/* Two calls of lively parties, so that a program need not begin with founding them. */
static void set_up(void) {
    static const struct loop_srtp srtp = {protect, unprotect, protect_rtcp, unprotect_rtcp};
    run_number++;
    numbers_used = 0;
    clock_ns = 1000 * SECOND_NS;
    sending_faults = 0;
    loop = loop_new(&srtp);
    CLAIM(loop && loop_add_socket(loop, -1) == 0);
    ring = aligned_alloc(4096, 4096 + CAPACITY);
    memset(ring, 0, 4096 + CAPACITY);
    loop_use_ring(loop, ring, CAPACITY);
    ring_is_honest = 1;
    for (int i = 0; i < CALLS; i++) calls[i] = loop_open_call();
    for (int i = 0; i < PARTIES; i++) {
        struct loop_address where = address(i);
        next_sequence[i] = next_number[i] = (uint16_t)(i * 20000);
        open[i] = 0;
        lanes[i] = -1;
        open_lane(i);
        loop_admit(loop, lanes[i], &receiving[i], &sending[i]);
        loop_own(loop, &where, lanes[i]);
        loop_route(loop, lanes[i], &where);
    }
    for (int i = 0; i < PARTIES; i++) {
        loop_subscribe(loop, lanes[i], &lanes[(i + CALLS) % PARTIES], 1);
        loop_forward(loop, lanes[i], 1, i);
    }
}

static void tear_down(void) {
    for (int i = 0; i < BURST; i++) ASAN_UNPOISON_MEMORY_REGION(loop->in_data[i], ROOM);
    loop_free(loop);
    for (int i = 0; i < CALLS; i++) loop_free_call(calls[i]);
    free(ring);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    input = data;
    input_end = data + size;
    set_up();
    check();
    for (int steps = 0; input < input_end && steps < STEPS; steps++) {
        step();
        check();
    }
    tear_down();
    return 0;
}

#ifndef LIBFUZZER
static void run_file(const char *path) {
    static uint8_t data[1 << 16];
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(2);
    }
    size_t size = fread(data, 1, sizeof data, file);
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
}

static void run_random(unsigned long seed, unsigned long programs) {
    static uint8_t data[3000];
    uint64_t dice = seed * 2 + 1;
    for (unsigned long i = 0; i < programs; i++) {
        for (size_t at = 0; at < sizeof data; at++) {
            dice ^= dice << 13, dice ^= dice >> 7, dice ^= dice << 17; /* xorshift64 */
            data[at] = (uint8_t)(dice >> 32);
        }
        LLVMFuzzerTestOneInput(data, sizeof data);
    }
}

int main(int count, char **arguments) {
    if (count == 4 && strcmp(arguments[1], "--random") == 0)
        run_random(strtoul(arguments[2], NULL, 10), strtoul(arguments[3], NULL, 10));
    else
        for (int i = 1; i < count; i++) run_file(arguments[i]);
    return 0;
}
#endif
