/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/brought_existing.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/ledger/known.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/x509.h"

void
brought_existing_clear(struct brought_existing *existing)
{
    brought_certificate_clear(&existing->certificate);
    brought_request_clear(&existing->request);
}

/* The request, where there is one: the same name and the same key, byte for byte. */
static struct error *
compare(const struct brought_existing *existing)
{
    struct x509 x509;
    const struct bytes *der = &existing->certificate.file.der;
    const struct pki_ca_request *request = &existing->request.request;
    TRY(x509_read(der->data, der->len, KIND_CERTIFICATE, "the existing certificate", &x509));
    if (!der_is_bytes(x509.spki.whole, request->spki.data, request->spki.len))
        return error_hint(ERROR(ERROR_REFUSED,
                                "the request is for another key than the certificate that was "
                                "brought with it"),
                          "Bring the request and the certificate of the same CA.");
    if (!der_is_bytes(x509.subject.whole, request->subject.data, request->subject.len))
        return error_hint(
            ERROR(ERROR_REFUSED,
                  "the request names \"%s\", the certificate \"%s\": they are not the same "
                  "bytes",
                  request->subject_text, existing->certificate.subject),
            "A cross-certificate repeats the name to the last byte. Have the other CA make "
            "its request again.");
    return NULL;
}

static struct error *
read_request(const struct brought_inputs *inputs, const struct script_key *planned,
             struct brought_existing *existing)
{
    AUTO_FREE char *name = NULL;
    TRY(text_format(&name, "%s-request", planned->id));
    existing->has_request = site_input(inputs->site, name) != NULL;
    if (!existing->has_request)
        return NULL;
    TRY(brought_request_read(inputs, name, planned, &existing->request));
    return compare(existing);
}

struct error *
brought_existing_read(const struct brought_inputs *inputs, const struct script_key *planned,
                      int64_t now, struct brought_existing *ret_existing)
{
    const struct brought_certificate *certificate = &ret_existing->certificate;
    TRY(brought_ca_read(inputs, planned->id, now, &ret_existing->certificate));
    TRY(brought_check_type(planned, &certificate->spki, "certificate"));
    return read_request(inputs, planned, ret_existing);
}

const char *
brought_existing_possession(const struct brought_existing *existing)
{
    if (existing->has_request)
        return "the request, signed by the key";
    return existing->certificate.issuer_count == 0
               ? "the certificate, which its own key signed; no request"
               : "not proven: no request was brought";
}

static struct error *
refuse_own_key(struct ledger *ledger, const struct brought_certificate *certificate)
{
    struct known_key known;
    struct error *error = known_key(ledger, certificate->spki_sha256, &known);
    if (error != NULL && error_code(error) == ERROR_NOT_FOUND) {
        error_free(error);
        return NULL;
    }
    TRY(error);
    return error_hint(ERROR(ERROR_REFUSED,
                            "the certificate that was brought is of the key \"%s\", which is "
                            "one of our own",
                            known.label),
                      "Own keys certify each other in a rollover, where the token shows them.");
}

/* The name of a CA of ours under a key that is not its own would be an impostor. */
static struct error *
refuse_own_name(struct ledger *ledger, const struct brought_certificate *certificate)
{
    struct known_certificate used;
    AUTO_FREE struct known_certificate *rows = NULL;
    size_t count = 0;
    bool found = false;
    TRY(known_ca_of_name(ledger, certificate->subject, &used, &found));
    if (!found)
        return NULL;
    TRY(known_certificates(ledger, certificate->spki_sha256, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].subject, certificate->subject) == 0)
            return NULL; /* certified across before */
    return error_hint(
        ERROR(ERROR_REFUSED,
              "the CA name \"%s\" was used before, by a certificate of another key",
              certificate->subject),
        "That certificate has the serial number %s. Nothing is certified under "
        "a name that means somebody else.",
        used.serial_hex);
}

struct error *
brought_existing_is_foreign(struct ledger *ledger, const struct brought_existing *existing)
{
    TRY(refuse_own_key(ledger, &existing->certificate));
    return refuse_own_name(ledger, &existing->certificate);
}
