/* The recorder's intake: takes from the ring what needs no thought, builds clusters of it.
 *
 * Nearly every record is the next packet of a source that is known, of a file that has begun. What
 * happens to such a one (its time, the picture it belongs to, the block it becomes) happens here,
 * for as long as Python has lent the source; everything else is given to Python, record by record,
 * and in order: what comes after it of the same source is not lent any more.
 *
 * Guarantees: whatever lies in the ring, which the worker may write at any time, nothing is read
 * beyond the area or written outside our own memory: a record's head is copied before it is
 * believed. The same packets give the same bytes as in Python (recording.py, frames.py,
 * timeline.py, clusters.py); both pass the same tests. Not thread-safe; libc alone is used. Leaves
 * to others: losses, new sources, clocks that senders tell, keyframes, files.
 */
#include <stdint.h>

#include "intake.h"

#include <stdlib.h>
#include <string.h>

enum {
    RING_HEAD = 32,
    PAD = 0,
    AUDIO = 1,
    VIDEO = 2,
    LAST_KIND = 3,
    MARKER = 1,
    BEGINS_FRAME = 2,
    MAX_PARTS = 1024,
    BUCKETS = 1024,
    CLUSTER_MS = 1000,
    APART_MS = 10, /* see clusters.py */
};
static const double MAX_DRIFT_S = 2.0;
static const double MAX_AT_S = 1e12;
static const uint64_t MAX_DATA = UINT64_C(64) << 20; /* Python ends a recording at an eighth of it */
static const uint32_t MAX_BLOCK = UINT32_C(1) << 27;

struct intake {
    uint32_t users; /* itself and its taps: who is let go of first is up to a garbage collector */
    struct intake_tap *buckets[BUCKETS];
};

struct head {
    uint32_t size, tap;
    uint8_t kind, flags;
    uint16_t length;
    uint32_t ssrc;
    uint64_t arrival_ns;
    uint32_t timestamp;
    uint16_t sequence, reserved;
};
_Static_assert(sizeof(struct head) == RING_HEAD, "as relay/media/ring.py lays it out");

/* ── taps ──────────────────────────────────────────────────────────────────────────────────── */
struct intake *intake_new(void) {
    struct intake *intake = calloc(1, sizeof *intake);
    if (intake) intake->users = 1;
    return intake;
}

void intake_free(struct intake *intake) {
    if (--intake->users == 0) free(intake);
}

struct intake_tap *intake_open(struct intake *intake, uint32_t number) {
    struct intake_tap *tap = calloc(1, sizeof *tap), **bucket = &intake->buckets[number % BUCKETS];
    if (!tap) return NULL;
    tap->number = number;
    tap->picture_ms = -APART_MS;
    tap->sound_ms = -1;
    tap->next_in_bucket = *bucket;
    *bucket = tap;
    intake->users++;
    return tap;
}

void intake_close(struct intake *intake, struct intake_tap *tap) {
    struct intake_tap **place = &intake->buckets[tap->number % BUCKETS];
    while (*place != tap) place = &(*place)->next_in_bucket;
    *place = tap->next_in_bucket;
    free(tap->frame);
    free(tap->data);
    free(tap->blocks);
    free(tap);
    intake_free(intake);
}

static struct intake_tap *find_tap(const struct intake *intake, uint32_t number) {
    struct intake_tap *tap = intake->buckets[number % BUCKETS];
    while (tap && tap->number != number) tap = tap->next_in_bucket;
    return tap;
}

/* ── blocks ────────────────────────────────────────────────────────────────────────────────── */
static int make_room(uint8_t **memory, uint64_t *room, uint64_t needed) {
    if (needed <= *room) return 1;
    if (needed > MAX_DATA) return 0;
    uint64_t larger = *room ? *room : 4096;
    while (larger < needed) larger *= 2;
    uint8_t *moved = realloc(*memory, larger);
    if (!moved) return 0;
    *memory = moved;
    *room = larger;
    return 1;
}

/* 0, or −1 when there is no memory for it. Times never run backwards within a track. */
int intake_add(struct intake_tap *tap, int track, int flags, double at_s, const uint8_t *data,
               uint32_t length) {
    if (!(at_s > -MAX_AT_S && at_s < MAX_AT_S) || length > MAX_BLOCK) return -1;
    if (tap->block_count == tap->block_room) {
        uint32_t room = tap->block_room ? 2 * tap->block_room : 128;
        struct intake_block *blocks = realloc(tap->blocks, room * sizeof *blocks);
        if (!blocks) return -1;
        tap->blocks = blocks;
        tap->block_room = room;
    }
    if (!make_room(&tap->data, &tap->data_room, tap->data_length + length)) return -1;
    int64_t at_ms = (int64_t)(at_s * 1000 + 0.5);
    if (track == INTAKE_PICTURE) {
        if (at_ms < tap->picture_ms + APART_MS) at_ms = tap->picture_ms + APART_MS;
        tap->picture_ms = at_ms;
    } else {
        if (at_ms <= tap->sound_ms) at_ms = tap->sound_ms + 1;
        tap->sound_ms = at_ms;
    }
    if (length) memcpy(tap->data + tap->data_length, data, length);
    tap->blocks[tap->block_count++] =
        (struct intake_block){at_ms, tap->data_length, length, (uint8_t)track, (uint8_t)flags};
    tap->data_length += length;
    return 0;
}

static void put32(uint8_t *at, uint32_t value) {
    at[0] = (uint8_t)(value >> 24);
    at[1] = (uint8_t)(value >> 16);
    at[2] = (uint8_t)(value >> 8);
    at[3] = (uint8_t)value;
}

static void put64(uint8_t *at, uint64_t value) {
    put32(at, (uint32_t)(value >> 32));
    put32(at + 4, (uint32_t)value);
}

static void write_cluster_head(uint8_t *at, int64_t at_ms, uint64_t content) {
    uint64_t size = content + 10;
    static const uint8_t id[] = {0x1F, 0x43, 0xB6, 0x75, 0x01, 0, 0, 0};
    memcpy(at, id, sizeof id);
    put64(at + 4, size | UINT64_C(1) << 56); /* the size in 8 bytes (RFC 8794 §4) */
    at[12] = 0xE7;
    at[13] = 0x88;
    put64(at + 14, (uint64_t)at_ms);
}

static uint8_t *write_block(uint8_t *at, const struct intake_block *block, const uint8_t *data,
                            int64_t base_ms) {
    int64_t within = block->at_ms - base_ms;
    at[0] = 0xA3;
    put32(at + 1, UINT32_C(0x10000004) + block->length);
    at[5] = block->track;
    at[6] = (uint8_t)(within >> 8);
    at[7] = (uint8_t)within;
    at[8] = block->flags;
    if (block->length) memcpy(at + INTAKE_BLOCK_HEAD, data + block->offset, block->length);
    return at + INTAKE_BLOCK_HEAD + block->length;
}

/* The next block of a track from `from` on; `count` when there is none. */
static uint32_t find_block(const struct intake_tap *tap, uint32_t from, int track) {
    while (from < tap->block_count && tap->blocks[from].track != track) from++;
    return from;
}

/* Everything that waits as clusters, in the order of its times; how many bytes that is. There must
 * be room in `out` for the data and for a cluster's and a block's head each block, in `clusters`
 * for one each block. */
uint64_t intake_clusters(struct intake_tap *tap, uint8_t *out, struct intake_cluster *clusters,
                         int *cluster_count) {
    uint8_t *at = out, *head = NULL;
    int64_t base_ms = 0;
    int count = 0;
    uint32_t picture = find_block(tap, 0, INTAKE_PICTURE), sound = find_block(tap, 0, INTAKE_SOUND);
    while (picture < tap->block_count || sound < tap->block_count) {
        int takes_picture = sound == tap->block_count;
        if (picture < tap->block_count && sound < tap->block_count) {
            int64_t apart = tap->blocks[picture].at_ms - tap->blocks[sound].at_ms;
            takes_picture = apart < 0 || (apart == 0 && picture < sound);
        }
        const struct intake_block *block = &tap->blocks[takes_picture ? picture : sound];
        if (takes_picture) picture = find_block(tap, picture + 1, INTAKE_PICTURE);
        else sound = find_block(tap, sound + 1, INTAKE_SOUND);
        int keyframe = block->flags && takes_picture;
        if (!head || keyframe || block->at_ms - base_ms >= CLUSTER_MS) {
            if (head)
                write_cluster_head(head, base_ms, (uint64_t)(at - head) - INTAKE_CLUSTER_HEAD);
            head = at;
            base_ms = block->at_ms;
            clusters[count++] = (struct intake_cluster){base_ms, (uint64_t)(at - out), keyframe};
            at += INTAKE_CLUSTER_HEAD;
        }
        at = write_block(at, block, tap->data, base_ms);
    }
    if (head) write_cluster_head(head, base_ms, (uint64_t)(at - head) - INTAKE_CLUSTER_HEAD);
    tap->block_count = 0;
    tap->data_length = 0;
    *cluster_count = count;
    return (uint64_t)(at - out);
}

/* ── packets ───────────────────────────────────────────────────────────────────────────────── */
static double seconds_of(struct intake_stream *stream, uint32_t rate, uint32_t timestamp,
                         double arrival_s) {
    double found = arrival_s;
    if (stream->anchored) {
        found = stream->at_s + (double)(int32_t)(timestamp - stream->timestamp) / rate;
        if (!(found - arrival_s >= -MAX_DRIFT_S && found - arrival_s <= MAX_DRIFT_S))
            found = arrival_s;
    }
    stream->anchored = 1;
    stream->timestamp = timestamp;
    stream->at_s = found;
    return found;
}

static int is_next(const struct intake_stream *stream, const struct head *head) {
    return stream->lent && stream->ssrc == head->ssrc && stream->next == head->sequence;
}

static int take_sound(struct intake_tap *tap, const struct head *head, const uint8_t *payload) {
    struct intake_stream *sound = &tap->sound;
    if (!is_next(sound, head)) return INTAKE_RECORD;
    sound->next++;
    if (!head->length) return INTAKE_END;
    double at_s = seconds_of(sound, 48000, head->timestamp, (double)head->arrival_ns * 1e-9);
    return intake_add(tap, INTAKE_SOUND, INTAKE_KEY, at_s - tap->began_s, payload, head->length)
               ? INTAKE_NO_MEMORY
               : INTAKE_END;
}

static int append_part(struct intake_tap *tap, const uint8_t *data, uint32_t length) {
    uint64_t room = tap->frame_room;
    if (!make_room(&tap->frame, &room, (uint64_t)tap->frame_length + length)) return 0;
    tap->frame_room = (uint32_t)room;
    if (length) memcpy(tap->frame + tap->frame_length, data, length);
    tap->frame_length += length;
    tap->frame_parts++;
    return 1;
}

static int take_picture(struct intake_tap *tap, const struct head *head, const uint8_t *payload) {
    struct intake_stream *picture = &tap->picture;
    if (!is_next(picture, head)) return INTAKE_RECORD;
    int begins = head->flags & BEGINS_FRAME;
    if (head->length) { /* else a probe that is all padding */
        if (begins ? tap->frame_parts != 0
                   : !tap->frame_parts || tap->frame_timestamp != head->timestamp ||
                         tap->frame_parts >= MAX_PARTS)
            return INTAKE_RECORD;
    }
    picture->next++;
    if (!head->length) return INTAKE_END;
    if (begins) {
        tap->frame_length = 0;
        tap->frame_timestamp = head->timestamp;
    }
    if (!append_part(tap, payload, head->length)) return INTAKE_NO_MEMORY;
    if (!(head->flags & MARKER)) return INTAKE_END;
    tap->frame_parts = 0;
    if (!(tap->frame[0] & 0x01)) return INTAKE_KEYFRAME;
    double at_s = seconds_of(picture, 90000, tap->frame_timestamp, (double)head->arrival_ns * 1e-9);
    return intake_add(tap, INTAKE_PICTURE, 0, at_s - tap->began_s, tap->frame, tap->frame_length)
               ? INTAKE_NO_MEMORY
               : INTAKE_END;
}

/* A picture's beginning that Python has taken before it lent the source; 0, or −1. */
int intake_set_frame(struct intake_tap *tap, const uint8_t *data, uint32_t length) {
    tap->frame_length = tap->frame_parts = 0;
    return append_part(tap, data, length) ? 0 : -1;
}

/* What to do with one record, of which `payload` holds as much as its head says. */
static int take(struct intake *intake, const struct head *head, const uint8_t *payload,
                struct intake_found *found) {
    struct intake_tap *tap = find_tap(intake, head->tap);
    int what = INTAKE_RECORD;
    if (tap && head->kind == AUDIO) what = take_sound(tap, head, payload);
    else if (tap && head->kind == VIDEO) what = take_picture(tap, head, payload);
    if (what == INTAKE_END) return what;
    *found = (struct intake_found){.tap = head->tap,
                                   .ssrc = head->ssrc,
                                   .timestamp = head->timestamp,
                                   .length = head->length,
                                   .kind = head->kind,
                                   .flags = head->flags,
                                   .sequence = head->sequence,
                                   .arrival_ns = head->arrival_ns,
                                   .payload = payload};
    if (what == INTAKE_KEYFRAME) {
        found->payload = tap->frame;
        found->length = tap->frame_length;
    }
    /* Until Python has dealt with it, nothing of the tap is simply the next. */
    if (tap) tap->sound.lent = tap->picture.lent = 0;
    return what;
}

/* Goes on from `position` until something is Python's, or `published`. */
int intake_walk(struct intake *intake, const uint8_t *area, uint64_t capacity, uint64_t *position,
                uint64_t published, struct intake_found *found) {
    while (*position != published) {
        uint64_t at = *position & (capacity - 1), left = published - *position;
        if (left > capacity) return INTAKE_CORRUPT;
        if (left > capacity - at) left = capacity - at;
        if (left < RING_HEAD) { /* no record begins so close to the end */
            if (at + left != capacity) return INTAKE_CORRUPT;
            *position += left;
            continue;
        }
        struct head head;
        memcpy(&head, area + at, sizeof head);
        if (head.size < RING_HEAD || head.size & 7 || head.size > left) return INTAKE_CORRUPT;
        *position += head.size;
        if (head.kind == PAD) continue;
        if (head.length > head.size - RING_HEAD || head.kind > LAST_KIND) return INTAKE_CORRUPT;
        int what = take(intake, &head, area + at + RING_HEAD, found);
        if (what != INTAKE_END) return what;
    }
    return INTAKE_END;
}
