/* SPDX-License-Identifier: Apache-2.0
 *
 * SplitSecret and RecoverSecret of SLIP-0039: the secret stands at index 255 of the polynomials, its
 * digest (and the randomness that keys it) at 254, shares at 0 .. 15. */
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "ceremony/base/random.h"
#include "shamir/shamir_core.h"
#include "shamir/slip39_internal.h"

#define SHA256_SIZE 32U

static struct error *
random_fill(const struct slip39_random *random, void *ret_data, size_t len)
{
    if (random == NULL || random->fill == NULL)
        return random_bytes(ret_data, len);
    return random->fill(random->self, ret_data, len);
}

/* HMAC-SHA256(key = the rest of the digest share, secret), its first four bytes. */
static struct error *
digest_of(const uint8_t *key, size_t key_size, const uint8_t *secret, size_t size,
          uint8_t ret_digest[SLIP39_DIGEST_SIZE])
{
    uint8_t full[SHA256_SIZE];
    unsigned full_size = 0;
    const unsigned char *made =
        HMAC(EVP_sha256(), key, (int)key_size, secret, size, full, &full_size);
    if (made != NULL)
        memcpy(ret_digest, full, SLIP39_DIGEST_SIZE);
    secret_wipe(full, sizeof full);
    if (made == NULL) {
        ERR_clear_error();
        return ERROR(ERROR_UNSUPPORTED, "the OpenSSL library did not compute HMAC-SHA256");
    }
    return NULL;
}

struct error *
slip39_level_split(const struct slip39_random *random, unsigned threshold, unsigned count,
                   const uint8_t *secret, size_t size, uint8_t *scratch, uint8_t *const *shares)
{
    BUG_ON(threshold < 1 || threshold > count || count > SHAMIR_POINTS_MAX);
    if (threshold == 1) {
        for (unsigned i = 0; i < count; i++)
            memcpy(shares[i], secret, size);
        return NULL;
    }
    uint8_t *key = scratch + SLIP39_DIGEST_SIZE;
    size_t key_size = size - SLIP39_DIGEST_SIZE;
    TRY(random_fill(random, key, key_size));
    TRY(digest_of(key, key_size, secret, size, scratch));
    uint8_t xs[SHAMIR_POINTS_MAX];
    const uint8_t *ys[SHAMIR_POINTS_MAX];
    unsigned chosen = threshold - 2U;
    for (unsigned i = 0; i < chosen; i++) {
        TRY(random_fill(random, shares[i], size));
        xs[i] = (uint8_t)i;
        ys[i] = shares[i];
    }
    xs[chosen] = SLIP39_DIGEST_INDEX;
    ys[chosen] = scratch;
    xs[chosen + 1U] = SLIP39_SECRET_INDEX;
    ys[chosen + 1U] = secret;
    shamir_split_ct(xs, ys, threshold, size, shares, count);
    return NULL;
}

struct error *
slip39_level_join(const uint8_t *xs, const uint8_t *const *ys, unsigned threshold, size_t size,
                  uint8_t *scratch, uint8_t *ret_secret, bool *ret_right)
{
    BUG_ON(threshold < 1 || threshold > SHAMIR_POINTS_MAX);
    if (threshold == 1) {
        memcpy(ret_secret, ys[0], size);
        *ret_right = true;
        return NULL;
    }
    uint8_t digest[SLIP39_DIGEST_SIZE];
    shamir_interpolate_ct(xs, ys, threshold, size, SLIP39_SECRET_INDEX, ret_secret);
    shamir_interpolate_ct(xs, ys, threshold, size, SLIP39_DIGEST_INDEX, scratch);
    TRY(digest_of(scratch + SLIP39_DIGEST_SIZE, size - SLIP39_DIGEST_SIZE, ret_secret, size,
                  digest));
    *ret_right = secret_memory_equal(digest, scratch, SLIP39_DIGEST_SIZE);
    secret_wipe(digest, sizeof digest);
    return NULL;
}
