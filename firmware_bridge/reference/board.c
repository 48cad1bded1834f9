#include "board.h"

#include <string.h>

enum { REPEAT_MS = 80, STATE_MS = 500, SILENCE_MS = 1500 };
enum { DONE, UNKNOWN, MALFORMED, REFUSED };
enum {
    HELLO = 0x01, RENEW = 0x02, CUT = 0x03, LAMP = 0x04, ASK = 0x05, HOST_ACK = 0x0F,
    WELCOME = 0x81, STATE = 0x82, BADGE = 0x83, PANIC = 0x84, BOOT = 0x8E, BOARD_ACK = 0x8F
};

static int reached(uint32_t now, uint32_t at)
{
    return (int32_t)(now - at) >= 0; /* right across the clock's overflow */
}

static void put(struct board *board, const struct frame *frame)
{
    uint8_t out[FRAME_MAX_STUFFED + 1];
    size_t length = frame_encode(frame, &board->keys, out);
    board->port->send(board->port->context, out, length);
}

static void put_byte(struct board *board, uint8_t kind, uint32_t link, uint32_t sequence,
                     uint8_t value)
{
    struct frame frame = {0};
    frame.kind = kind;
    frame.link = link;
    frame.sequence = sequence;
    frame.length = 1;
    frame.payload[0] = value;
    put(board, &frame);
}

static void power(struct board *board)
{
    board->sensed = board->port->power(board->port->context, board->lease.outputs);
}

static void close_link(struct board *board)
{
    lease_cut(&board->lease);
    power(board);
    board->link = FRAME_NO_LINK;
    if (board->in_flight && board->flight.kind == PANIC) {
        board->panic_due = 1; /* the next host must hear of it */
    }
    board->in_flight = 0;
    board->received = board->sent = 0;
    board->state_due = board->badge_due = 0;
    board->lamp = LAMP_FAULT;
    board->keys.linked = 0;
}

/* ── hearing ─────────────────────────────────────────────────────────────────────────────── */

static void greeted(struct board *board, const uint8_t *hello)
{
    struct frame frame = {0};
    uint8_t lowest = hello[0], highest = hello[1];
    uint8_t version = lowest <= BOARD_VERSION && BOARD_VERSION <= highest ? BOARD_VERSION : 0;
    uint8_t *at = frame.payload;
    unsigned i;

    if (board->link == FRAME_NO_LINK || memcmp(hello + 2, board->host_nonce, 8) != 0) {
        close_link(board);
        memcpy(board->host_nonce, hello + 2, 8);
        board->port->nonce(board->port->context, board->board_nonce);
        if (version) {
            board->link = read_u32(board->host_nonce) ^ read_u32(board->board_nonce);
            board->link = board->link == FRAME_NO_LINK ? 1 : board->link;
        }
    }
    board->heard_at = board->state_at = board->now_ms;
    frame.kind = WELCOME;
    *at++ = version;
    *at++ = BOARD_VERSION;
    *at++ = BOARD_VERSION;
    memcpy(at, board->host_nonce, 8);
    memcpy(at + 8, board->board_nonce, 8);
    memcpy(at + 16, board->port->id, 8);
    for (i = 0; i < 3; i++) {
        at[24 + i] = board->port->firmware[i];
    }
    frame.length = 30;
    put(board, &frame);
    if (version && board->port->key) {
        frame_link_key(&board->keys, board->port->key, board->port->key_length, board->host_nonce,
                       board->board_nonce);
    }
    board->badge_due = version && board->uid_length;
}

static uint8_t act(struct board *board, const struct frame *frame)
{
    const uint8_t *at = frame->payload;
    switch (frame->kind) {
    case RENEW:
        if (frame->length != 3 || at[0] > OUTPUT_ALL) {
            return MALFORMED;
        }
        return lease_renew(&board->lease, at[0], (uint16_t)(at[1] | at[2] << 8),
                           board->senses.open)
                   ? DONE
                   : REFUSED;
    case CUT:
        if (frame->length != 0) {
            return MALFORMED;
        }
        lease_cut(&board->lease);
        board->state_due = 1;
        return DONE;
    case LAMP:
        if (frame->length != 1 || at[0] > LAMP_FAULT) {
            return MALFORMED;
        }
        board->lamp = at[0];
        return DONE;
    case ASK:
        if (frame->length != 0) {
            return MALFORMED;
        }
        board->state_due = 1;
        return DONE;
    case HELLO:
        return MALFORMED;
    default:
        return UNKNOWN;
    }
}

static void hear(struct board *board, const struct frame *frame)
{
    int hello = frame->kind == HELLO && frame->length == 10;
    if (frame->link == FRAME_NO_LINK) {
        if (hello) {
            greeted(board, frame->payload);
        }
        return;
    }
    if (frame->link != board->link || hello) {
        return;
    }
    if (frame->kind == HOST_ACK) {
        board->heard_at = board->now_ms;
        if (board->in_flight && board->flight.sequence == frame->sequence) {
            board->in_flight = 0;
        }
        return;
    }
    if (frame->sequence < board->received) {
        return;
    }
    board->heard_at = board->now_ms;
    if (frame->sequence > board->received) {
        board->received = frame->sequence;
        board->result = act(board, frame);
        power(board);
    }
    put_byte(board, BOARD_ACK, board->link, frame->sequence, board->result);
}

/* ── saying ──────────────────────────────────────────────────────────────────────────────── */

static void say(struct board *board, uint8_t kind, const uint8_t *payload, uint8_t length)
{
    board->flight.kind = kind;
    board->flight.link = board->link;
    board->flight.sequence = ++board->sent;
    board->flight.length = length;
    memcpy(board->flight.payload, payload, length);
    board->in_flight = 1;
    board->again_at = board->now_ms + REPEAT_MS;
    put(board, &board->flight);
}

static void say_state(struct board *board)
{
    uint8_t state[14];
    uint16_t temperature = (uint16_t)board->senses.temperature_dc;
    state[0] = board->senses.lifted;
    state[1] = board->senses.open;
    state[2] = board->lease.outputs;
    state[3] = board->sensed;
    state[4] = (uint8_t)board->lease.left_ms;
    state[5] = (uint8_t)(board->lease.left_ms >> 8);
    state[6] = (uint8_t)temperature;
    state[7] = (uint8_t)(temperature >> 8);
    state[8] = board->panics;
    state[9] = board->lamp;
    write_u32(state + 10, board->now_ms / 1000);
    say(board, STATE, state, sizeof state);
}

/* Panic before badge before state; one at a time, each until the host has it. */
static void speak(struct board *board)
{
    if (board->in_flight) {
        int late = reached(board->now_ms, board->again_at);
        int stale = 0;
        if (board->flight.kind == BADGE) {
            stale = board->badge_due;
        } else if (board->flight.kind == STATE) { /* not repeated but said anew */
            stale = board->panic_due || board->badge_due || late;
            board->state_due = board->state_due || stale;
        }
        if (stale) {
            board->in_flight = 0;
        } else if (late) {
            board->again_at = board->now_ms + REPEAT_MS;
            put(board, &board->flight);
        }
    }
    if (board->in_flight) {
        return;
    }
    if (board->panic_due) {
        board->panic_due = 0;
        say(board, PANIC, &board->panics, 1);
    } else if (board->badge_due) {
        board->badge_due = 0;
        say(board, BADGE, board->uid, board->uid_length);
    } else if (board->state_due) {
        board->state_due = 0;
        board->state_at = board->now_ms + STATE_MS;
        say_state(board);
    }
}

/* ── the port's side ─────────────────────────────────────────────────────────────────────── */

void board_begin(struct board *board, const struct board_port *port, enum board_cause cause)
{
    memset(board, 0, sizeof *board);
    board->port = port;
    board->lamp = LAMP_FAULT;
    board->senses.temperature_dc = BOARD_NO_TEMPERATURE;
    if (port->key) {
        frame_greeting_key(&board->keys, port->key, port->key_length);
    }
    power(board);
    put_byte(board, BOOT, FRAME_NO_LINK, 0, (uint8_t)cause);
}

void board_receive(struct board *board, const uint8_t *data, size_t length)
{
    struct frame frame;
    size_t i;
    for (i = 0; i < length; i++) {
        if (frame_reader_take(&board->reader, data[i])) {
            if (frame_parse(board->reader.held, board->reader.length, &board->keys, &frame)) {
                hear(board, &frame);
            }
            board->reader.length = 0;
        }
    }
    board_elapse(board, 0);
}

void board_elapse(struct board *board, uint32_t elapsed_ms)
{
    uint8_t shown[6];

    board->now_ms += elapsed_ms;
    lease_elapse(&board->lease, elapsed_ms, board->senses.open);
    power(board);
    if (board->link == FRAME_NO_LINK) {
        return;
    }
    if (board->now_ms - board->heard_at >= SILENCE_MS) {
        close_link(board);
        return;
    }
    shown[0] = board->senses.lifted;
    shown[1] = board->senses.open;
    shown[2] = board->lease.outputs;
    shown[3] = board->sensed;
    shown[4] = board->panics;
    shown[5] = board->lamp;
    if (memcmp(shown, board->shown, sizeof shown) != 0 || reached(board->now_ms, board->state_at)) {
        memcpy(board->shown, shown, sizeof shown);
        board->state_due = 1;
        board->state_at = board->now_ms + STATE_MS;
    }
    speak(board);
}

void board_badge(struct board *board, const uint8_t *uid, uint8_t length)
{
    if (length > BOARD_MAX_UID ||
        (length == board->uid_length && memcmp(uid, board->uid, length) == 0)) {
        return;
    }
    memcpy(board->uid, uid, length);
    board->uid_length = length;
    board->badge_due = board->link != FRAME_NO_LINK;
}

void board_panic(struct board *board)
{
    board->panics++;
    board->panic_due = 1;
    board->lamp = LAMP_ATTENTION;
}
