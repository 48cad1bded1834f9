/* Frames as docs/bridge-protocol.md has them: COBS, head, payload, MAC where there is a key, CRC. */
#ifndef PARLOIR_FRAME_H
#define PARLOIR_FRAME_H

#include <stddef.h>
#include <stdint.h>

enum {
    FRAME_FORMAT = 1,
    FRAME_NO_LINK = 0,
    FRAME_HEAD = 11,
    FRAME_MAX_PAYLOAD = 48,
    FRAME_MAC = 8,
    FRAME_CRC = 4,
    FRAME_MAX = FRAME_HEAD + FRAME_MAX_PAYLOAD + FRAME_MAC + FRAME_CRC,
    FRAME_MAX_STUFFED = FRAME_MAX + 1,
    FRAME_MAX_KEY = 64
};

struct frame {
    uint8_t kind;
    uint32_t link;
    uint32_t sequence;
    uint8_t length;
    uint8_t payload[FRAME_MAX_PAYLOAD];
};

/* Keys of a line with a MAC. `keyed` 0: a line without. */
struct frame_keys {
    uint8_t keyed;
    uint8_t linked; /* the link's key is known */
    uint8_t greeting[32];
    uint8_t link[32];
};

void frame_greeting_key(struct frame_keys *keys, const uint8_t *shared, size_t length);
void frame_link_key(struct frame_keys *keys, const uint8_t *shared, size_t length,
                    const uint8_t host_nonce[8], const uint8_t board_nonce[8]);

/* The bytes to send, the closing zero included; how many. `out` holds FRAME_MAX_STUFFED + 1. */
size_t frame_encode(const struct frame *frame, const struct frame_keys *keys, uint8_t *out);

/* 1 and the frame in the bytes between two zeros, or 0 when they are none. */
int frame_parse(const uint8_t *stuffed, size_t length, const struct frame_keys *keys,
                struct frame *frame);

/* Collects the bytes between two zeros. */
struct frame_reader {
    uint8_t held[FRAME_MAX_STUFFED];
    uint8_t length;
    uint8_t overflown;
};

/* 1 when `byte` ends a piece that may be a frame: parse `held`, then go on. */
int frame_reader_take(struct frame_reader *reader, uint8_t byte);

uint32_t read_u32(const uint8_t *at);
void write_u32(uint8_t *at, uint32_t value);

#endif
