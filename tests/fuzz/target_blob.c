/* SPDX-License-Identifier: Apache-2.0
 *
 * A wrapped key under a known KEK, and what comes out of one (R77 to R79). */
#include <string.h>

#include "shamir/backup.h"
#include "shamir/key_wrap.h"
#include "tests/fuzz/fuzz.h"

/* The input is a blob, a key to wrap, and a PKCS#8 structure. */
static struct error *
open_blob(const uint8_t *data, size_t size)
{
    static const uint8_t KEK[32] = {7};
    AUTO(secret) kek = NULL;
    AUTO(secret) key = NULL;
    AUTO(secret) opened = NULL;
    AUTO_BYTES blob = {0};
    uint8_t hash[BACKUP_HASH_SIZE];
    TRY(secret_from(KEK, sizeof KEK, &kek));
    error_free(backup_unwrap(kek, data, size, &opened));
    if (size == 0 || size > 8000)
        return NULL;
    TRY(secret_from(data, size, &key));
    error_free(backup_spki_hash(key, hash));
    TRY(key_wrap_encrypt(kek, key, &blob));
    AUTO(secret) back = NULL;
    TRY(key_wrap_decrypt(kek, blob.data, blob.len, &back));
    if (secret_size(back) != size || memcmp(secret_borrow(back), data, size) != 0)
        BUG("what was wrapped is not what comes out");
    return NULL;
}

void
fuzz_one(const uint8_t *data, size_t size)
{
    error_free(open_blob(data, size));
}
