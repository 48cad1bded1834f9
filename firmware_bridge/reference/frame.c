#include "frame.h"

#include <string.h>

#include "sha256.h"

uint32_t read_u32(const uint8_t *at)
{
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

void write_u32(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
    at[2] = (uint8_t)(value >> 16);
    at[3] = (uint8_t)(value >> 24);
}

/* CRC-32 as in Ethernet and zlib: reflected 0x04C11DB7. */
static uint32_t crc32(const uint8_t *data, size_t length)
{
    uint32_t crc = 0xFFFFFFFF;
    size_t i;
    unsigned bit;
    for (i = 0; i < length; i++) {
        crc ^= data[i];
        for (bit = 0; bit < 8; bit++) {
            crc = crc & 1 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
        }
    }
    return ~crc;
}

static void derive(const uint8_t *shared, size_t length, const uint8_t *purpose, size_t purpose_length,
                   uint8_t out[32])
{
    hmac_sha256(shared, length, purpose, purpose_length, out);
}

void frame_greeting_key(struct frame_keys *keys, const uint8_t *shared, size_t length)
{
    static const char purpose[] = "parloir-bridge greeting";
    keys->keyed = 1;
    keys->linked = 0;
    derive(shared, length, (const uint8_t *)purpose, sizeof purpose - 1, keys->greeting);
}

void frame_link_key(struct frame_keys *keys, const uint8_t *shared, size_t length,
                    const uint8_t host_nonce[8], const uint8_t board_nonce[8])
{
    static const char purpose[] = "parloir-bridge link";
    uint8_t whole[sizeof purpose - 1 + 16];
    memcpy(whole, purpose, sizeof purpose - 1);
    memcpy(whole + sizeof purpose - 1, host_nonce, 8);
    memcpy(whole + sizeof purpose + 7, board_nonce, 8);
    derive(shared, length, whole, sizeof whole, keys->link);
    keys->linked = 1;
}

static const uint8_t *key_of(const struct frame_keys *keys, uint32_t link)
{
    return link == FRAME_NO_LINK ? keys->greeting : keys->link;
}

size_t frame_encode(const struct frame *frame, const struct frame_keys *keys, uint8_t *out)
{
    uint8_t body[FRAME_MAX];
    uint8_t mac[SHA256_BYTES];
    size_t length = FRAME_HEAD + (size_t)frame->length;
    size_t i, at, code;

    body[0] = FRAME_FORMAT;
    body[1] = frame->kind;
    write_u32(body + 2, frame->link);
    write_u32(body + 6, frame->sequence);
    body[10] = frame->length;
    memcpy(body + FRAME_HEAD, frame->payload, frame->length);
    if (keys->keyed) {
        hmac_sha256(key_of(keys, frame->link), 32, body, length, mac);
        memcpy(body + length, mac, FRAME_MAC);
        length += FRAME_MAC;
    }
    write_u32(body + length, crc32(body, length));
    length += FRAME_CRC;
    /* COBS: each zero becomes the distance to the next; nothing here reaches 254. */
    for (i = 0, code = 0, at = 1; i < length; i++) {
        if (body[i] == 0) {
            out[code] = (uint8_t)(at - code);
            code = at++;
        } else {
            out[at++] = body[i];
        }
    }
    out[code] = (uint8_t)(at - code);
    out[at++] = 0;
    return at;
}

static size_t unstuff(const uint8_t *stuffed, size_t length, uint8_t *body)
{
    size_t at = 0, size = 0, end;
    while (at < length) {
        end = at + stuffed[at];
        if (stuffed[at] == 0 || end > length) {
            return 0;
        }
        for (at++; at < end; at++) {
            body[size++] = stuffed[at];
        }
        if (at < length) {
            body[size++] = 0;
        }
    }
    return size;
}

int frame_parse(const uint8_t *stuffed, size_t length, const struct frame_keys *keys,
                struct frame *frame)
{
    uint8_t body[FRAME_MAX_STUFFED];
    uint8_t mac[SHA256_BYTES];
    uint8_t differs = 0;
    size_t tail = FRAME_CRC + (keys->keyed ? FRAME_MAC : 0);
    size_t size, i;

    if (length > FRAME_MAX_STUFFED) {
        return 0;
    }
    size = unstuff(stuffed, length, body);
    if (size < FRAME_HEAD + tail || size > FRAME_MAX || body[0] != FRAME_FORMAT ||
        body[10] > FRAME_MAX_PAYLOAD || size != FRAME_HEAD + body[10] + tail ||
        read_u32(body + size - FRAME_CRC) != crc32(body, size - FRAME_CRC)) {
        return 0;
    }
    frame->kind = body[1];
    frame->link = read_u32(body + 2);
    frame->sequence = read_u32(body + 6);
    frame->length = body[10];
    memcpy(frame->payload, body + FRAME_HEAD, frame->length);
    if (keys->keyed) {
        if (frame->link != FRAME_NO_LINK && !keys->linked) {
            return 0;
        }
        hmac_sha256(key_of(keys, frame->link), 32, body, FRAME_HEAD + (size_t)frame->length, mac);
        for (i = 0; i < FRAME_MAC; i++) {
            differs |= (uint8_t)(mac[i] ^ body[size - tail + i]);
        }
    }
    return differs == 0;
}

int frame_reader_take(struct frame_reader *reader, uint8_t byte)
{
    int ended = 0;
    if (byte != 0) {
        if (reader->length == FRAME_MAX_STUFFED) {
            reader->overflown = 1;
        } else {
            reader->held[reader->length++] = byte;
        }
        return 0;
    }
    ended = reader->length > 0 && !reader->overflown;
    if (!ended) {
        reader->length = 0;
    }
    reader->overflown = 0;
    return ended; /* the caller sets length to 0 when it has parsed */
}
