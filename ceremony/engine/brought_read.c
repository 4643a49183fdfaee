/* SPDX-License-Identifier: Apache-2.0
 *
 * What is brought from another ceremony, read and judged. In a ceremony this runs in the process that is confined for it. */
#include <stdio.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/brought.h"
#include "ceremony/engine/other_ceremony.h"
#include "ceremony/pki/algorithm.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/level.h"
#include "ceremony/pki/lint.h"
#include "ceremony/pki/show.h"
#include "ceremony/pki/x509.h"

/* --- a file and its evidence --- */

static struct error *
take_file(const struct brought_inputs *inputs, const struct site_input *input,
          struct bytes *ret_file)
{
    const struct document *document = NULL;
    TRY(documents_get(inputs->documents, input->name, &document));
    return bytes_copy(ret_file, document->data, document->len);
}

static struct error *
read_input(const struct brought_inputs *inputs, const char *name, const char *label,
           struct bytes *ret_der, const struct site_input **ret_input)
{
    AUTO_BYTES file = {0};
    char found[32];
    const struct site_input *input = site_input(inputs->site, name);
    if (input == NULL)
        return error_hint(ERROR(ERROR_INPUT, "environment.yaml names no input \"%s\"", name),
                          "Name the file under 'inputs'.");
    TRY_DOING(take_file(inputs, input, &file), "reading the input \"%s\"", name);
    TRY(pki_from_file(file.data, file.len, ret_der, found));
    if (strcmp(found, label) != 0)
        return ERROR(ERROR_INPUT, "the input \"%s\" is no %s, but a %s", name, label, found);
    if (ret_input != NULL)
        *ret_input = input;
    return NULL;
}

struct error *
brought_file_read(const struct brought_inputs *inputs, const char *name, const char *label,
                  const char *does, struct brought *brought)
{
    const struct site_input *input = NULL;
    AUTO_READING reading = {0};
    TRY(read_input(inputs, name, label, &brought->der, &input));
    BUG_ON(input == NULL);
    TRY(digest_sha256_text(brought->der.data, brought->der.len, brought->sha256));
    if (input->evidence[0] == '\0')
        return NULL;
    TRY(other_ceremony_read(input->evidence, &reading));
    brought->has_evidence = true;
    memcpy(brought->closing, reading.records[reading.count - 1].hash, sizeof brought->closing);
    if (other_ceremony_result(&reading, does, brought->sha256) != NULL)
        return NULL;
    return error_hint(ERROR(ERROR_REFUSED,
                            "the record of the other ceremony does not name the file \"%s\"",
                            name),
                      "Bring the file and the evidence folder of the same ceremony.");
}

/* --- request --- */

struct error *
brought_check_type(const struct script_key *planned, const struct bytes *spki, const char *what)
{
    if (strcmp(planned->type, SCRIPT_TYPE_AS_MADE) == 0)
        return NULL;
    AUTO_BYTES sample_spki = {0};
    AUTO_FREE char *is = NULL;
    AUTO_FREE char *should = NULL;
    EVP_PKEY *sample = NULL;
    TRY(pki_key_make(planned->type, &sample));
    struct error *error = pki_spki_of(sample, &sample_spki);
    EVP_PKEY_free(sample);
    TRY(error);
    TRY(pki_key_describe(sample_spki.data, sample_spki.len, &should));
    TRY(pki_key_describe(spki->data, spki->len, &is));
    if (strcmp(is, should) == 0)
        return NULL;
    return error_hint(ERROR(ERROR_REFUSED, "the %s is for a key of type %s, the script says %s",
                            what, is, should),
                      "Bring the %s that the script means, or correct the script.", what);
}

struct error *
brought_request_read(const struct brought_inputs *inputs, const char *name,
                     const struct script_key *planned, struct brought_request *ret_request)
{
    struct pki_ca_request *request = &ret_request->request;
    TRY(brought_file_read(inputs, name, "CERTIFICATE REQUEST", "create-request",
                          &ret_request->file));
    TRY(pki_ca_request_read(ret_request->file.der.data, ret_request->file.der.len, request));
    TRY(pki_spki_hash(request->spki.data, request->spki.len, ret_request->spki_sha256));
    TRY(pki_key_describe(request->spki.data, request->spki.len, &ret_request->key_text));
    return brought_check_type(planned, &request->spki, "request");
}

/* --- certificate --- */

static bool
is_self_issued(const struct bytes *der)
{
    struct x509 x509;
    struct error *error =
        x509_read(der->data, der->len, KIND_CERTIFICATE, "the certificate", &x509);
    bool same =
        error == NULL && x509.issuer.whole.len == x509.subject.whole.len
        && memcmp(x509.issuer.whole.p, x509.subject.whole.p, x509.subject.whole.len) == 0;
    error_free(error);
    return same;
}

/* One link: signed by the one above (NULL: by itself), valid now, no fault. */
static struct error *
check_link(const struct bytes *der, const struct bytes *issuer, int64_t now, const char *what)
{
    AUTO_LINT_REPORT report = {0};
    int64_t from = 0;
    int64_t until = 0;
    const void *above = issuer == NULL ? NULL : issuer->data;
    size_t above_len = issuer == NULL ? 0 : issuer->len;
    struct pki_lint_context context = {.issuer = above, .issuer_len = above_len, .now = now};
    struct error *unsigned_by = pki_certificate_verify(der->data, der->len, above, above_len);
    if (unsigned_by != NULL) {
        error_free(unsigned_by);
        return error_hint(
            ERROR(ERROR_VERIFICATION, "%s was not signed by the one above it", what),
            "Bring the certificates of those who signed it, up to the root.");
    }
    TRY(pki_validity_of(der->data, der->len, &from, &until));
    if (now < from || now > until)
        return ERROR(ERROR_REFUSED, "%s is not valid today", what);
    TRY(pki_lint(der->data, der->len, &context, &report));
    return pki_lint_require(&report, what);
}

/* NAME-issuer, NAME-issuer-2 ... up to the self-signed one; none above one that is self-signed itself. */
static struct error *
read_issuers(const struct brought_inputs *inputs, const char *name, int64_t now,
             struct brought_certificate *certificate)
{
    const struct bytes *below = &certificate->file.der;
    if (is_self_issued(below))
        return check_link(below, NULL, now, "the certificate that was brought");
    while (certificate->issuer_count < BROUGHT_ISSUERS_MAX) {
        size_t at = certificate->issuer_count++;
        struct bytes *issuer = &certificate->issuers[at];
        char number[24] = "";
        AUTO_FREE char *input = NULL;
        if (at > 0)
            (void)snprintf(number, sizeof number, "-%zu", at + 1);
        TRY(text_format(&input, "%s-issuer%s", name, number));
        TRY(read_input(inputs, input, "CERTIFICATE", issuer, NULL));
        TRY(check_link(below, issuer, now,
                       at == 0 ? "the certificate that was brought"
                               : "a certificate of its issuers"));
        if (is_self_issued(issuer))
            return check_link(issuer, NULL, now, "the self-signed certificate above it");
        below = issuer;
    }
    return ERROR(ERROR_INPUT, "more than %d certificates stand above that of \"%s\"",
                 BROUGHT_ISSUERS_MAX, name);
}

static struct error *
take_facts(struct brought_certificate *certificate)
{
    struct x509 x509;
    int64_t path_len = 0;
    const struct bytes *der = &certificate->file.der;
    TRY(x509_read(der->data, der->len, KIND_CERTIFICATE, "the certificate", &x509));
    x509_basic_constraints(&x509, &certificate->is_ca, &path_len);
    if (x509.serial.body.len > 20)
        return ERROR(ERROR_INPUT, "the serial number of the certificate is too long");
    hex_encode(x509.serial.body.p, x509.serial.body.len, certificate->serial_hex);
    TRY(pki_validity_of(der->data, der->len, &certificate->not_before,
                        &certificate->not_after));
    TRY(pki_certificate_subject(der->data, der->len, &certificate->subject));
    TRY(pki_certificate_spki(der->data, der->len, &certificate->spki));
    TRY(pki_spki_hash(certificate->spki.data, certificate->spki.len, certificate->spki_sha256));
    const struct key_kind *kind =
        key_kind_of_spki(der_view(certificate->spki.data, certificate->spki.len));
    if (kind != NULL)
        (void)snprintf(certificate->key_type, sizeof certificate->key_type, "%s", kind->type);
    const struct bytes *above = certificate->issuer_count > 0 ? &certificate->issuers[0] : der;
    TRY(pki_certificate_spki(above->data, above->len, &certificate->issuer_spki));
    return pki_spki_hash(certificate->issuer_spki.data, certificate->issuer_spki.len,
                         certificate->issuer_spki_sha256);
}

/* What people and the ledger are told of it. */
static struct error *
take_texts(struct brought_certificate *certificate)
{
    AUTO_BYTES shown = {0};
    const unsigned char *tbs = NULL;
    size_t len = 0;
    const struct bytes *der = &certificate->file.der;
    size_t count = certificate->issuer_count;
    const struct bytes *top = count > 0 ? &certificate->issuers[count - 1] : der;
    TRY(pki_show(der->data, der->len, BROUGHT_COLUMNS, &shown));
    TRY(bytes_take_text(&shown, &certificate->shown));
    TRY(pki_certificate_subject(top->data, top->len, &certificate->anchor));
    certificate->level = pki_level(der->data, der->len, certificate->issuers, count);
    TRY(pki_tbs_of(der->data, der->len, &tbs, &len));
    return bytes_copy(&certificate->tbs, tbs, len);
}

struct error *
brought_ca_read(const struct brought_inputs *inputs, const char *name, int64_t now,
                struct brought_certificate *ret_certificate)
{
    TRY(brought_file_read(inputs, name, "CERTIFICATE", "sign", &ret_certificate->file));
    TRY(read_issuers(inputs, name, now, ret_certificate));
    TRY(take_facts(ret_certificate));
    TRY(take_texts(ret_certificate));
    if (!ret_certificate->is_ca)
        return ERROR(ERROR_REFUSED, "the certificate that was brought is not a CA's");
    return NULL;
}
