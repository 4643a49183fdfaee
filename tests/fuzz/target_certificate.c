/* SPDX-License-Identifier: Apache-2.0
 *
 * A certificate: lints and what people are shown of it (R36, R103). */
#include "ceremony/base/text.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/lint.h"
#include "ceremony/pki/show.h"
#include "tests/fuzz/fuzz.h"

static struct error *
look(const uint8_t *data, size_t size)
{
    size_t issuer_len = 0;
    const uint8_t *issuer = fuzz_source_file("tests/vectors/x509test/_issuer.der", &issuer_len);
    const struct pki_lint_context context = {
        .issuer = issuer, .issuer_len = issuer_len, .now = INT64_C(1795600000)};
    AUTO_LINT_REPORT report = {0};
    AUTO_BYTES findings = {0};
    AUTO_BYTES text = {0};
    AUTO_BYTES spki = {0};
    AUTO_FREE char *subject = NULL;
    TRY(pki_lint(data, size, &context, &report));
    TRY(pki_lint_text(&report, &findings));
    TRY(pki_show(data, size, 80, &text));
    for (size_t i = 0; i < text.len; i++) /* nothing raw */
        if (text.data[i] != '\n' && (text.data[i] < 0x20 || text.data[i] == 0x7f))
            BUG("a control character is shown");
    TRY(pki_certificate_subject(data, size, &subject));
    return pki_certificate_spki(data, size, &spki);
}

void
fuzz_one(const uint8_t *data, size_t size)
{
    error_free(look(data, size));
}
