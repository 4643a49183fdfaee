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
slip39_level_split(const struct slip39_random *random, struct slip39_group group,
                   const uint8_t *secret, size_t size, uint8_t *scratch, uint8_t *const *shares)
{
    BUG_ON(group.threshold < 1 || group.threshold > group.count
           || group.count > SHAMIR_POINTS_MAX);
    if (group.threshold == 1) {
        for (unsigned i = 0; i < group.count; i++)
            memcpy(shares[i], secret, size);
        return NULL;
    }
    uint8_t *key = scratch + SLIP39_DIGEST_SIZE;
    size_t key_size = size - SLIP39_DIGEST_SIZE;
    TRY(random_fill(random, key, key_size));
    TRY(digest_of(key, key_size, secret, size, scratch));
    struct slip39_points points = {.count = group.threshold};
    unsigned chosen = group.threshold - 2U;
    for (unsigned i = 0; i < chosen; i++) {
        TRY(random_fill(random, shares[i], size));
        points.xs[i] = (uint8_t)i;
        points.ys[i] = shares[i];
    }
    points.xs[chosen] = SLIP39_DIGEST_INDEX;
    points.ys[chosen] = scratch;
    points.xs[chosen + 1U] = SLIP39_SECRET_INDEX;
    points.ys[chosen + 1U] = secret;
    shamir_split_ct(points.xs, points.ys, points.count, size, shares, group.count);
    return NULL;
}

struct error *
slip39_level_join(const struct slip39_points *points, size_t size, uint8_t *scratch,
                  uint8_t *ret_secret, bool *ret_right)
{
    BUG_ON(points->count < 1 || points->count > SHAMIR_POINTS_MAX);
    if (points->count == 1) {
        memcpy(ret_secret, points->ys[0], size);
        *ret_right = true;
        return NULL;
    }
    shamir_interpolate_ct(points->xs, points->ys, points->count, size, SLIP39_SECRET_INDEX,
                          ret_secret);
    shamir_interpolate_ct(points->xs, points->ys, points->count, size, SLIP39_DIGEST_INDEX,
                          scratch);
    uint8_t digest[SLIP39_DIGEST_SIZE];
    TRY(digest_of(scratch + SLIP39_DIGEST_SIZE, size - SLIP39_DIGEST_SIZE, ret_secret, size,
                  digest));
    *ret_right = secret_memory_equal(digest, scratch, SLIP39_DIGEST_SIZE);
    secret_wipe(digest, sizeof digest);
    return NULL;
}
