/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/derivation.h"

#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/pki/key_make.h"
#include "transcripts/digest.h"

/* --- fips186-hkdf-sha256: FIPS 186-5 A.2.1 over HKDF-SHA-256 (RFC 5869) --- */

static const char salt[] = "ceremony device key from seed 1";

/* "ec-p256", a line feed, the serial number: neither has a line feed itself. */
static struct error *
derive_fips186(const unsigned char *seed, const char *serial, const struct key_kind *kind,
               struct secret **ret_bits)
{
    AUTO(secret) bits = NULL;
    AUTO_FREE char *info = NULL;
    size_t size = key_make_size(kind);
    TRY(text_format(&info, "%s\n%s", kind->type, serial));
    TRY(secret_new(size, &bits));
    TRY(digest_hkdf_sha256(seed, SEED_SIZE, salt, sizeof salt - 1, info, secret_borrow(bits),
                           size));
    *ret_bits = TAKE(bits);
    return NULL;
}

static bool
makes_fips186(const struct key_kind *kind)
{
    return kind->family == KEY_EC && key_make_size(kind) > 0;
}

static const struct derivation rows[] = {
    {"fips186-hkdf-sha256", "FIPS 186-5 A.2.1 from HKDF-SHA-256", makes_fips186,
     derive_fips186},
};

const struct derivation *
derivation_find(const char *name)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}
