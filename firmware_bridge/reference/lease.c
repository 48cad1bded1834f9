#include "lease.h"

int lease_renew(struct lease *lease, uint8_t outputs, uint16_t duration_ms, uint8_t open)
{
    if (open & OPEN_CASE) {
        lease_cut(lease);
        return 0;
    }
    lease->outputs = outputs & OUTPUT_ALL;
    lease->left_ms = duration_ms < LEASE_LIMIT_MS ? duration_ms : LEASE_LIMIT_MS;
    if (lease->outputs == 0 || lease->left_ms == 0) {
        lease_cut(lease);
    }
    return 1;
}

void lease_cut(struct lease *lease)
{
    lease->outputs = 0;
    lease->left_ms = 0;
}

void lease_elapse(struct lease *lease, uint32_t elapsed_ms, uint8_t open)
{
    if ((open & OPEN_CASE) || elapsed_ms >= lease->left_ms) {
        lease_cut(lease);
    } else {
        lease->left_ms = (uint16_t)(lease->left_ms - elapsed_ms);
    }
}
