/* Drives intake.c through whatever its input says, and checks what it guarantees.
 *
 * The input is a program: bytes that open and close taps, lend sources, put records that fit and
 * bytes that do not into the ring, and take clusters. The ring lies in memory of its exact size,
 * and so does what clusters are written to: sanitizers see every byte beyond.
 *
 *   built with -fsanitize=fuzzer -DLIBFUZZER: a libFuzzer target
 *   built without: intake_fuzz FILE…, or intake_fuzz --random SEED PROGRAMS
 */
#include <stdio.h>

#include "../../relay/media/recorder/intake.c"

#define CLAIM(truth)                                                      \
    do {                                                                  \
        if (!(truth)) {                                                   \
            fprintf(stderr, "broken at line %d: %s\n", __LINE__, #truth); \
            abort();                                                      \
        }                                                                 \
    } while (0)

enum { CAPACITY = 4096, TAPS = 4, STEPS = 4000 };

static const uint8_t *input, *input_end;
static uint8_t *area;
static uint64_t head, position;
static struct intake *intake;
static struct intake_tap *taps[TAPS];
static volatile uint8_t read_byte;

static unsigned byte(void) { return input < input_end ? *input++ : 0; }
static unsigned word(void) { return byte() << 8 | byte(); }
static unsigned below(unsigned bound) { return byte() % bound; }

static void fill(uint8_t *at, uint32_t length) {
    for (uint32_t i = 0; i < length; i++) at[i] = (uint8_t)byte();
}

/* A record as the packet loop writes it, most often the next of its source. */
static void put_record(void) {
    struct intake_tap *tap = taps[below(TAPS)];
    struct head record = {.kind = (uint8_t)(1 + below(3)), .flags = (uint8_t)below(8)};
    const struct intake_stream *stream = record.kind == AUDIO ? &tap->sound : &tap->picture;
    record.tap = tap->number;
    record.ssrc = stream->ssrc + (below(16) == 0);
    record.sequence = (uint16_t)(stream->next + (below(8) == 0));
    record.timestamp = record.flags & BEGINS_FRAME ? word() * 90 : tap->frame_timestamp;
    record.arrival_ns = (uint64_t)word() * 1000003 * (below(32) ? 1 : UINT64_C(1) << 33);
    record.length = (uint16_t)(below(4) ? below(200) : word() % 1500);
    record.size = (RING_HEAD + record.length + 7u) & ~7u;
    uint64_t at = head % CAPACITY, to_end = CAPACITY - at;
    uint64_t needed = record.size + (to_end < record.size ? to_end : 0);
    if (needed > CAPACITY - (head - position)) return;
    if (to_end < record.size) {
        struct head pad = {.size = (uint32_t)to_end};
        memcpy(area + at, &pad, to_end < sizeof pad ? to_end : sizeof pad);
        head += to_end;
        at = 0;
    }
    memcpy(area + at, &record, sizeof record);
    fill(area + at + RING_HEAD, record.length < 16 ? record.length : 16);
    head += record.size;
}

static void lend(struct intake_tap *tap) {
    unsigned how = byte();
    tap->sound.lent = how & 1;
    tap->picture.lent = how >> 1 & 1;
    if (how & 4) tap->sound.ssrc = byte(), tap->sound.next = (uint16_t)word();
    if (how & 8) tap->picture.ssrc = byte(), tap->picture.next = (uint16_t)word();
    if (how & 16) tap->sound.anchored = tap->picture.anchored = 0;
    if (how & 32) {
        uint8_t frame[64];
        uint32_t length = below(sizeof frame);
        fill(frame, length);
        CLAIM(!intake_set_frame(tap, frame, length));
        tap->frame_parts = 1 + below(4);
        tap->frame_timestamp = word() * 90;
    }
    if (how & 64) tap->began_s = word() / 16.0;
}

static void walk(void) {
    struct intake_found found;
    int what;
    if (head - position > CAPACITY) head = position; /* what `NativeRing.records` checks before */
    while ((what = intake_walk(intake, area, CAPACITY, &position, head, &found)) != INTAKE_END) {
        if (what == INTAKE_CORRUPT) break;
        CLAIM(what == INTAKE_RECORD || what == INTAKE_KEYFRAME || what == INTAKE_NO_MEMORY);
        if (what == INTAKE_RECORD)
            CLAIM(found.payload >= area && found.payload + found.length <= area + CAPACITY);
        for (uint32_t i = 0; what != INTAKE_NO_MEMORY && i < found.length; i++)
            read_byte = found.payload[i];
        struct intake_tap *tap = find_tap(intake, found.tap);
        if (!tap) continue;
        CLAIM(!tap->sound.lent && !tap->picture.lent);
        if (what == INTAKE_KEYFRAME) CLAIM(found.length && !(found.payload[0] & 1));
        lend(tap);
    }
    position = head; /* after a fault another recorder begins at the head */
}

static void take_clusters(struct intake_tap *tap) {
    uint32_t blocks = tap->block_count;
    uint64_t room = tap->data_length + (uint64_t)blocks * (INTAKE_CLUSTER_HEAD + INTAKE_BLOCK_HEAD);
    uint8_t *out = malloc(room ? room : 1);
    struct intake_cluster *clusters = malloc((blocks ? blocks : 1) * sizeof *clusters);
    CLAIM(out && clusters);
    int count = 0;
    uint64_t length = intake_clusters(tap, out, clusters, &count), at = 0;
    CLAIM(length <= room && !tap->block_count && !tap->data_length);
    for (int i = 0; i < count; i++) { /* whole, one behind the other, and nothing else */
        CLAIM(clusters[i].offset == at && at + INTAKE_CLUSTER_HEAD <= length);
        uint64_t size = 0;
        for (int k = 0; k < 7; k++) size = size << 8 | out[at + 5 + (uint64_t)k];
        at += 12 + size;
        CLAIM(at <= length);
    }
    CLAIM(at == length);
    free(out);
    free(clusters);
}

static void step(void) {
    unsigned who = below(TAPS);
    switch (below(10)) {
    case 0:
        lend(taps[who]);
        break;
    case 1:
        walk();
        break;
    case 2:
        take_clusters(taps[who]);
        break;
    case 3: {
        uint8_t data[32];
        uint32_t length = below(sizeof data);
        fill(data, length);
        double at_s = below(16) ? word() / 64.0 - 4 : 0.0 / (word() ? 1.0 : 0.0);
        intake_add(taps[who], byte() & 1 ? INTAKE_PICTURE : INTAKE_SOUND, byte() & INTAKE_KEY, at_s,
                   data, length);
        break;
    }
    case 4:
        if (byte() & 1) break;
        intake_close(intake, taps[who]);
        CLAIM(taps[who] = intake_open(intake, byte() & 1 ? who + BUCKETS * byte() : who));
        break;
    case 5:
        fill(area + word() % (CAPACITY - 64), byte() & 63);
        if (below(16) == 0) head += word();
        break;
    default:
        put_record();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    input = data;
    input_end = data + size;
    head = position = 0;
    CLAIM(area = calloc(1, CAPACITY));
    CLAIM(intake = intake_new());
    for (uint32_t i = 0; i < TAPS; i++) CLAIM(taps[i] = intake_open(intake, i));
    for (int steps = 0; input < input_end && steps < STEPS; steps++) step();
    walk();
    for (int i = 0; i < TAPS; i++) {
        take_clusters(taps[i]);
        if (i == 1) intake_free(intake); /* whichever is let go of first */
        intake_close(intake, taps[i]);
    }
    free(area);
    return 0;
}

#ifndef LIBFUZZER
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

int main(int count, char **arguments) {
    if (count == 4 && strcmp(arguments[1], "--random") == 0)
        run_random(strtoul(arguments[2], NULL, 10), strtoul(arguments[3], NULL, 10));
    else
        for (int i = 1; i < count; i++) run_file(arguments[i]);
    return 0;
}
#endif
