/* The lease: the one rule that must hold whatever else fails.
 *
 * An output is on only while `left_ms` counts down from a renewal, never longer than
 * LEASE_LIMIT_MS after it, and never while the case is open. Plain integers and no clock: every
 * state is tried by tests/firmware_bridge/harness/lease_states.c.
 */
#ifndef PARLOIR_LEASE_H
#define PARLOIR_LEASE_H

#include <stdint.h>

enum { LEASE_LIMIT_MS = 1500, OUTPUT_CAMERA = 1, OUTPUT_MICROPHONE = 2, OUTPUT_ALL = 3 };
enum { OPEN_DOOR = 1, OPEN_CASE = 2 };

struct lease {
    uint8_t outputs;  /* what has power: drive exactly these pins, nothing else decides */
    uint16_t left_ms; /* 0 exactly when nothing has power */
};

/* Give power to exactly `outputs` for `duration_ms` from now; 0 when the case is open. */
int lease_renew(struct lease *lease, uint8_t outputs, uint16_t duration_ms, uint8_t open);

/* Take all power away. */
void lease_cut(struct lease *lease);

/* So many milliseconds have passed, and that stands open. */
void lease_elapse(struct lease *lease, uint32_t elapsed_ms, uint8_t open);

#endif
