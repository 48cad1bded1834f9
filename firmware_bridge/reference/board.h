/* The board: link, lease, lamp, and what it tells of the booth.
 *
 * Portable C99; needs nothing of the C library but string.h. The port gives bytes, milliseconds and
 * switches, calls board_elapse at least every 10 ms, and sets the power pins when it is told to.
 * Debounce the hook and the button for 30 ms, and let a watchdog of at most 500 ms reset the
 * controller. The rules are those of docs/bridge-protocol.md; firmware_bridge/board.py is the same
 * in Python.
 */
#ifndef PARLOIR_BOARD_H
#define PARLOIR_BOARD_H

#include "frame.h"
#include "lease.h"

enum { BOARD_VERSION = 1, BOARD_MAX_UID = 10 };
enum board_cause { CAUSE_POWER, CAUSE_BROWN_OUT, CAUSE_WATCHDOG, CAUSE_COMMANDED };
enum board_lamp { LAMP_OFF, LAMP_FREE, LAMP_OCCUPIED, LAMP_ATTENTION, LAMP_FAULT };
enum { BOARD_NO_TEMPERATURE = 0x7FFF };

struct board_port {
    void (*send)(void *context, const uint8_t *data, size_t length);
    void (*nonce)(void *context, uint8_t out[8]); /* random; never the same again */
    /* Give power to exactly these outputs, at once; returns where there is power behind the relay. */
    uint8_t (*power)(void *context, uint8_t outputs);
    void *context;
    const uint8_t *key; /* NULL: a line without a MAC */
    uint8_t key_length; /* 16 to FRAME_MAX_KEY */
    uint8_t id[8];
    uint8_t firmware[3];
};

/* What the port reads from its pins. */
struct board_senses {
    uint8_t lifted;
    uint8_t open;
    int16_t temperature_dc;
};

struct board {
    struct board_senses senses; /* in: keep these true, then call board_elapse */
    uint8_t lamp;               /* out: show this */
    struct lease lease;
    uint8_t sensed;

    const struct board_port *port;
    uint32_t now_ms;
    uint32_t link;
    uint8_t host_nonce[8];
    uint8_t board_nonce[8];
    struct frame_keys keys;
    struct frame_reader reader;
    uint32_t heard_at;
    uint32_t received;
    uint8_t result;
    uint32_t sent;
    uint8_t in_flight;
    struct frame flight;
    uint32_t again_at;
    uint8_t state_due;
    uint32_t state_at;
    uint8_t badge_due;
    uint8_t panic_due;
    uint8_t panics;
    uint8_t uid[BOARD_MAX_UID];
    uint8_t uid_length;
    uint8_t shown[6];
};

void board_begin(struct board *board, const struct board_port *port, enum board_cause cause);
void board_receive(struct board *board, const uint8_t *data, size_t length);
void board_elapse(struct board *board, uint32_t elapsed_ms);

/* A badge with that UID (4, 7 or 10 bytes) lies on the reader; length 0: none does. */
void board_badge(struct board *board, const uint8_t *uid, uint8_t length);
void board_panic(struct board *board);

#endif
