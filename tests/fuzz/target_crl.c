/* SPDX-License-Identifier: Apache-2.0
 *
 * A CRL: lints, what is shown of it, and a base that is brought along (R53). */
#include "ceremony/pki/crl_previous.h"
#include "ceremony/pki/lint.h"
#include "ceremony/pki/show.h"
#include "tests/fuzz/fuzz.h"

static struct error *
pass_by(void *user, const struct pki_revocation *entry)
{
    size_t *count = user;
    *count += entry->serial_len;
    return NULL;
}

static struct error *
look(const uint8_t *data, size_t size)
{
    size_t issuer_len = 0;
    size_t count = 0;
    const uint8_t *issuer = fuzz_source_file("tests/vectors/crl/_issuer.der", &issuer_len);
    struct pki_crl_previous previous = {0};
    char code[64];
    AUTO_LINT_REPORT report = {0};
    AUTO_BYTES text = {0};
    TRY(pki_lint(data, size, &(const struct pki_lint_context){.now = INT64_C(1795600000)},
                 &report));
    TRY(pki_show(data, size, 80, &text));
    TRY(pki_crl_previous_read(data, size, issuer, issuer_len, INT64_C(1795600000), &previous,
                              code));
    return pki_crl_previous_each(data, size, pass_by, &count);
}

void
fuzz_one(const uint8_t *data, size_t size)
{
    error_free(look(data, size));
}
