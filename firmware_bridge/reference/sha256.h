/* SHA-256 (FIPS 180-4) and HMAC (RFC 2104) over it, for lines with a key. */
#ifndef PARLOIR_SHA256_H
#define PARLOIR_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_BYTES = 32 };

/* HMAC-SHA-256 of `length` bytes under a key of at most 64 bytes. */
void hmac_sha256(const uint8_t *key, size_t key_length, const uint8_t *data, size_t length,
                 uint8_t out[SHA256_BYTES]);

#endif
