/* SPDX-License-Identifier: Apache-2.0
 *
 * A file that is DER or PEM, of whatever is in it. */
#include "ceremony/pki/build.h"
#include "tests/fuzz/fuzz.h"

void
fuzz_one(const uint8_t *data, size_t size)
{
    AUTO_BYTES der = {0};
    AUTO_BYTES pem = {0};
    char label[32];
    struct error *error = pki_from_file(data, size, &der, label);
    if (error == NULL)
        error = pki_pem(label, der.data, der.len, &pem);
    error_free(error);
}
