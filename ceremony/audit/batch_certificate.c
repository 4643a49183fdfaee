/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/audit/batch_certificate.h"

#include <string.h>

#include "ceremony/audit/evidence.h"
#include "ceremony/base/encode.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/x509.h"
#include "transcripts/digest.h"

#define END "-----END CERTIFICATE-----\n"

struct error *
batch_certificate_next(const struct bytes *pem, size_t *at, const char *item,
                       struct bytes *ret_der)
{
    char label[32];
    const char *start = (const char *)pem->data + *at;
    const char *end = pem->len == 0 ? NULL : memmem(start, pem->len - *at, END, strlen(END));
    if (end == NULL)
        return ERROR(ERROR_VERIFICATION, "the certificate of item \"%s\" is not in its file",
                     item);
    size_t len = (size_t)(end - start) + strlen(END);
    *at += len;
    return pki_from_file(start, len, ret_der, label);
}

struct error *
batch_certificate_is(const struct bytes *der, const json_t *line, const char *item)
{
    struct x509 x509;
    char tbs[DIGEST_SHA256_TEXT];
    char spki[DIGEST_SHA256_TEXT];
    AUTO_BYTES serial = {0};
    TRY(x509_read(der->data, der->len, KIND_CERTIFICATE, "the certificate", &x509));
    TRY(digest_sha256_text(x509.tbs.whole.p, x509.tbs.whole.len, tbs));
    TRY(digest_sha256_text(x509.spki.whole.p, x509.spki.whole.len, spki));
    TRY(hex_decode_append(data_text(line, "serial"), &serial));
    struct der number = x509.serial.body;
    while (number.len > 1 && number.p[0] == 0)
        number = der_view(number.p + 1, number.len - 1);
    if (strcmp(tbs, data_text(line, "tbs_sha256")) == 0
        && strcmp(spki, data_text(line, "spki_sha256")) == 0
        && der_is_bytes(number, serial.data, serial.len))
        return NULL;
    return ERROR(ERROR_VERIFICATION,
                 "the certificate of item \"%s\" is not the one that was reserved", item);
}
