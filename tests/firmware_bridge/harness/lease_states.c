/* Every state of the lease with every event; prints how many steps it tried. */
#include <stdio.h>

#include "lease.h"

static unsigned long tried;

static int sound(const struct lease *lease)
{
    tried++;
    return lease->left_ms <= LEASE_LIMIT_MS && lease->outputs <= OUTPUT_ALL &&
           (lease->outputs == 0) == (lease->left_ms == 0);
}

static int fail(const char *what, struct lease before, uint32_t by, uint8_t open)
{
    printf("%s: outputs %u, left %u, by %lu, open %u\n", what, before.outputs, before.left_ms,
           (unsigned long)by, open);
    return 1;
}

static int from(struct lease before)
{
    static const uint32_t far[] = {65535, 65536, 65537, 0x10000 * 7u + 1, 0x7FFFFFFF, 0xFFFFFFFF};
    struct lease after;
    uint32_t by;
    unsigned i;
    uint8_t open, outputs;

    for (open = 0; open < 4; open++) {
        for (i = 0; i <= LEASE_LIMIT_MS + 1 + sizeof far / sizeof *far; i++) {
            by = i <= LEASE_LIMIT_MS + 1 ? i : far[i - LEASE_LIMIT_MS - 2];
            after = before;
            lease_elapse(&after, by, open);
            if (!sound(&after) || (open & OPEN_CASE && after.outputs) ||
                (after.outputs & ~before.outputs) ||
                (after.outputs && (after.left_ms != before.left_ms - by)) ||
                (by >= before.left_ms && after.outputs)) {
                return fail("elapse", before, by, open);
            }
        }
        for (outputs = 0; outputs < 8; outputs++) {
            static const uint16_t durations[] = {0, 1, 600, 1499, 1500, 1501, 32768, 65535};
            for (i = 0; i < sizeof durations / sizeof *durations; i++) {
                after = before;
                by = durations[i];
                if (lease_renew(&after, outputs, durations[i], open) == !!(open & OPEN_CASE) ||
                    !sound(&after) || (open & OPEN_CASE && after.outputs) ||
                    (after.outputs & ~outputs) || after.left_ms > by) {
                    return fail("renew", before, by, open);
                }
            }
        }
    }
    after = before;
    lease_cut(&after);
    return !sound(&after) || after.outputs ? fail("cut", before, 0, 0) : 0;
}

int main(void)
{
    struct lease lease;
    unsigned left, duration, outputs;

    for (left = 0; left <= LEASE_LIMIT_MS; left++) {
        for (outputs = 0; outputs <= OUTPUT_ALL; outputs++) {
            lease.outputs = (uint8_t)outputs;
            lease.left_ms = (uint16_t)left;
            if ((outputs == 0) == (left == 0) && from(lease)) {
                return 1;
            }
        }
    }
    for (duration = 0; duration <= 65535; duration++) {
        for (outputs = 0; outputs < 256; outputs++) {
            lease_cut(&lease);
            lease_renew(&lease, (uint8_t)outputs, (uint16_t)duration, OPEN_DOOR);
            if (!sound(&lease) || lease.left_ms > duration || (lease.outputs & ~outputs)) {
                return fail("renew from off", lease, duration, OPEN_DOOR);
            }
        }
    }
    printf("%lu\n", tried);
    return 0;
}
