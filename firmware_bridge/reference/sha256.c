#include "sha256.h"

#include <string.h>

enum { BLOCK = 64 };

struct sha256 {
    uint32_t state[8];
    uint8_t block[BLOCK];
    uint32_t length;
};

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t turned(uint32_t word, unsigned by)
{
    return word >> by | word << (32 - by);
}

static void compress(struct sha256 *hash)
{
    uint32_t w[64];
    uint32_t s[8];
    unsigned i;

    for (i = 0; i < 16; i++) {
        const uint8_t *at = hash->block + 4 * i;
        w[i] = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    }
    for (; i < 64; i++) {
        uint32_t low = turned(w[i - 15], 7) ^ turned(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t high = turned(w[i - 2], 17) ^ turned(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + low + w[i - 7] + high;
    }
    memcpy(s, hash->state, sizeof s);
    for (i = 0; i < 64; i++) {
        uint32_t a = turned(s[0], 2) ^ turned(s[0], 13) ^ turned(s[0], 22);
        uint32_t e = turned(s[4], 6) ^ turned(s[4], 11) ^ turned(s[4], 25);
        uint32_t most = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
        uint32_t one = s[7] + e + ((s[4] & s[5]) ^ (~s[4] & s[6])) + K[i] + w[i];
        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += one;
        s[0] = one + a + most;
    }
    for (i = 0; i < 8; i++) {
        hash->state[i] += s[i];
    }
}

static void begin(struct sha256 *hash)
{
    static const uint32_t first[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(hash->state, first, sizeof first);
    hash->length = 0;
}

static void add(struct sha256 *hash, const uint8_t *data, size_t length)
{
    size_t i;
    for (i = 0; i < length; i++) {
        hash->block[hash->length++ % BLOCK] = data[i];
        if (hash->length % BLOCK == 0) {
            compress(hash);
        }
    }
}

static void end(struct sha256 *hash, uint8_t out[SHA256_BYTES])
{
    static const uint8_t zeros[BLOCK] = {0};
    uint32_t bits = hash->length * 8;
    uint8_t tail[8] = {0, 0, 0, 0, (uint8_t)(bits >> 24), (uint8_t)(bits >> 16),
                       (uint8_t)(bits >> 8), (uint8_t)bits};
    uint8_t one = 0x80;
    unsigned i;

    add(hash, &one, 1);
    add(hash, zeros, (BLOCK + 56 - hash->length % BLOCK) % BLOCK);
    add(hash, tail, sizeof tail);
    for (i = 0; i < SHA256_BYTES; i++) {
        out[i] = (uint8_t)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
    }
}

void hmac_sha256(const uint8_t *key, size_t key_length, const uint8_t *data, size_t length,
                 uint8_t out[SHA256_BYTES])
{
    struct sha256 hash;
    uint8_t pad[BLOCK];
    unsigned i;

    for (i = 0; i < BLOCK; i++) {
        pad[i] = (uint8_t)((i < key_length ? key[i] : 0) ^ 0x36);
    }
    begin(&hash);
    add(&hash, pad, BLOCK);
    add(&hash, data, length);
    end(&hash, out);
    for (i = 0; i < BLOCK; i++) {
        pad[i] ^= 0x36 ^ 0x5c;
    }
    begin(&hash);
    add(&hash, pad, BLOCK);
    add(&hash, out, SHA256_BYTES);
    end(&hash, out);
}
