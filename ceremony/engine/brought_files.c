/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies of what was brought, in the evidence folder of this ceremony. (R9) */
#include "ceremony/base/text.h"
#include "ceremony/engine/brought.h"
#include "ceremony/pki/build.h"

struct error *
brought_write_request(struct engine *engine, const char *stem, const struct bytes *der)
{
    AUTO_FREE char *der_name = NULL;
    AUTO_FREE char *pem_name = NULL;
    AUTO_BYTES pem = {0};
    TRY(text_format(&der_name, "%s.der", stem));
    TRY(text_format(&pem_name, "%s.pem", stem));
    TRY(pki_pem("CERTIFICATE REQUEST", der->data, der->len, &pem));
    TRY(evidence_write(engine, "request", der_name, der->data, der->len));
    return evidence_write(engine, "request", pem_name, pem.data, pem.len);
}

struct error *
brought_write_issuers(struct engine *engine, const char *key,
                      const struct brought_certificate *certificate, json_t *names)
{
    for (size_t i = 0; i < certificate->issuer_count; i++) {
        AUTO_FREE char *name = NULL;
        const struct bytes *issuer = &certificate->issuers[i];
        TRY(text_format(&name, "inputs/%s%.60s-issuer-%zu.der", evidence_prefix(engine), key,
                        i + 1));
        TRY(evidence_write(engine, "certificate of an issuer", name, issuer->data,
                           issuer->len));
        if (json_array_append_new(names, json_string(name)) != 0)
            return error_memory();
    }
    return NULL;
}
