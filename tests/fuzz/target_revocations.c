/* SPDX-License-Identifier: Apache-2.0
 *
 * A list of revocations, CSV or JSON lines (R56, R58). */
#include "ceremony/batch/revocation_list.h"
#include "tests/fuzz/fuzz.h"

void
fuzz_one(const uint8_t *data, size_t size)
{
    size_t issuer_len = 0;
    const uint8_t *issuer = fuzz_source_file("tests/vectors/crl/_issuer.der", &issuer_len);
    const struct revocation_rules rules = {
        .issuer = issuer,
        .issuer_len = issuer_len,
        .issuer_spki_sha256 =
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        .trust = PKI_TRUST_PUBLIC,
        .now = INT64_C(1795600000),
    };
    AUTO(revocation_list) list = NULL;
    struct error *error = revocation_list_open(data, size, "list", &rules, &list);
    bool end = false;
    while (error == NULL && !end) {
        struct revocation_line line;
        error = revocation_list_next(list, &line, &end);
    }
    error_free(error);
}
