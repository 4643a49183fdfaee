/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/brought.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/random.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/other_ceremony.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/lint.h"
#include "ceremony/pki/x509.h"

#define FILE_LIMIT  65536U
#define PAPER_WORDS 2U
#define WITNESSES   2U
#define HASH_WORDS  32U

/* --- a file and its evidence --- */

void
brought_clear(struct brought *brought)
{
    bytes_clear(&brought->der);
    transcript_reading_clear(&brought->reading);
}

static struct error *
read_input(const struct site *site, const char *name, const char *label, struct bytes *ret_der,
           const struct site_input **ret_input)
{
    AUTO_BYTES file = {0};
    char found[32];
    const struct site_input *input = site_input(site, name);
    if (input == NULL)
        return error_hint(ERROR(ERROR_INPUT, "environment.yaml names no input \"%s\"", name),
                          "Name the file under 'inputs'.");
    TRY_DOING(file_read(input->path, FILE_LIMIT, &file), "reading the input \"%s\"", name);
    TRY(pki_from_file(file.data, file.len, ret_der, found));
    if (strcmp(found, label) != 0)
        return ERROR(ERROR_INPUT, "the input \"%s\" is no %s, but a %s", name, label, found);
    if (ret_input != NULL)
        *ret_input = input;
    return NULL;
}

struct error *
brought_file_read(const struct site *site, const char *name, const char *label,
                  const char *does, struct brought *brought)
{
    const struct site_input *input = NULL;
    TRY(read_input(site, name, label, &brought->der, &input));
    BUG_ON(input == NULL);
    TRY(digest_sha256_text(brought->der.data, brought->der.len, brought->sha256));
    if (input->evidence[0] == '\0')
        return NULL;
    TRY(other_ceremony_read(input->evidence, &brought->reading));
    brought->has_evidence = true;
    if (other_ceremony_result(&brought->reading, does, brought->sha256) != NULL)
        return NULL;
    return error_hint(ERROR(ERROR_REFUSED,
                            "the record of the other ceremony does not name the file \"%s\"",
                            name),
                      "Bring the file and the evidence folder of the same ceremony.");
}

/* --- request --- */

void
brought_request_clear(struct brought_request *request)
{
    brought_clear(&request->file);
    pki_ca_request_clear(&request->request);
}

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
brought_request_of_input(const struct site *site, const char *name,
                         const struct script_key *planned, struct brought_request *ret_request)
{
    TRY(brought_file_read(site, name, "CERTIFICATE REQUEST", "create-request",
                          &ret_request->file));
    TRY(pki_ca_request_read(ret_request->file.der.data, ret_request->file.der.len,
                            &ret_request->request));
    TRY(pki_spki_hash(ret_request->request.spki.data, ret_request->request.spki.len,
                      ret_request->spki_sha256));
    return brought_check_type(planned, &ret_request->request.spki, "request");
}

struct error *
brought_request_read(const struct site *site, const struct script_key *planned,
                     struct brought_request *ret_request)
{
    return brought_request_of_input(site, planned->id, planned, ret_request);
}

/* --- certificate --- */

void
brought_certificate_clear(struct brought_certificate *certificate)
{
    brought_clear(&certificate->file);
    bytes_clear(&certificate->spki);
    free(certificate->subject);
    for (size_t i = 0; i < BROUGHT_ISSUERS_MAX; i++)
        bytes_clear(&certificate->issuers[i]);
}

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
read_issuers(const struct site *site, const char *name, int64_t now,
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
        TRY(read_input(site, input, "CERTIFICATE", issuer, NULL));
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
    AUTO_BYTES issuer = {0};
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
    const struct bytes *above = certificate->issuer_count > 0 ? &certificate->issuers[0] : der;
    TRY(pki_certificate_spki(above->data, above->len, &issuer));
    return pki_spki_hash(issuer.data, issuer.len, certificate->issuer_spki_sha256);
}

struct error *
brought_ca_read(const struct site *site, const char *name, int64_t now,
                struct brought_certificate *ret_certificate)
{
    TRY(brought_file_read(site, name, "CERTIFICATE", "sign", &ret_certificate->file));
    TRY(read_issuers(site, name, now, ret_certificate));
    TRY(take_facts(ret_certificate));
    if (!ret_certificate->is_ca)
        return ERROR(ERROR_REFUSED, "the certificate that was brought is not a CA's");
    return NULL;
}

struct error *
brought_certificate_is_for(const struct brought_certificate *certificate,
                           const char *spki_sha256, const char *label)
{
    struct error *error = NULL;
    if (strcmp(certificate->spki_sha256, spki_sha256) != 0)
        error = ERROR(ERROR_REFUSED,
                      "the certificate that was brought is not for the key \"%s\"", label);
    else if (certificate->issuer_count == 0)
        error = ERROR(ERROR_REFUSED, "the certificate that was brought is signed by its own "
                                     "key, so nobody issued it");
    return error_hint(error,
                      "Bring the certificate that was issued for the request of this key.");
}

/* --- paper --- */

static struct error *
ask_paper_word(struct engine *engine, const struct brought *brought, const char *what,
               size_t witness, size_t number, const char *who)
{
    unsigned char hash[HASH_WORDS];
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *question = NULL;
    AUTO_BYTES body = {0};
    uint32_t place = 0;
    unsigned wrong = 0;
    TRY(hex_decode(brought->sha256, hash, sizeof hash));
    TRY(random_below(HASH_WORDS, &place));
    TRY(text_format(&name, "%zu.word-%zu", witness + 1, number + 1));
    TRY(text_format(&question, "Word %u of the %s's paper", place + 1, what));
    TRY(bytes_format(&body,
                     "The paper that came by another way carries 32 words:\n"
                     "the SHA-256 of the %s. The program has read\n"
                     "the %s from the medium.\n",
                     what, what));
    return ask_word(engine, name, bytes_text(&body), question, who,
                    words_pgp_word(hash[place], place), &wrong);
}

struct error *
brought_compare_paper(struct engine *engine, const struct brought *brought, const char *what)
{
    for (size_t w = 0; w < WITNESSES; w++) {
        AUTO_FREE char *who = NULL;
        TRY(text_copy(people_name(engine, "witness", w), &who));
        for (size_t n = 0; n < PAPER_WORDS; n++)
            TRY(ask_paper_word(engine, brought, what, w, n, who));
        TRY(engine_record(engine, TRANSCRIPT_CONFIRMATION, who,
                          json_pack("{s:s,s:s,s:s}", "prompt", what, "answer", "equal",
                                    "sha256", brought->sha256),
                          NULL));
    }
    return NULL;
}

struct error *
brought_compare_closing(struct engine *engine, const struct brought *brought,
                        const char **ret_compared)
{
    *ret_compared = "paper alone: no evidence folder of the other ceremony was at hand";
    if (!brought->has_evidence)
        return NULL;
    const struct transcript_record *last =
        &brought->reading.records[brought->reading.count - 1];
    uint32_t place = 0;
    unsigned wrong = 0;
    AUTO_FREE char *question = NULL;
    TRY(random_below(HASH_WORDS, &place));
    TRY(text_format(&question, "Word %u of the closing words", place + 1));
    TRY(ask_word(engine, "closing-word",
                 "The paper of the other ceremony carries the 32 words of\n"
                 "its closing record. They say that its record was not\n"
                 "changed on the way.\n",
                 question, people_name(engine, "auditor", 0),
                 words_pgp_word(last->hash[place], place), &wrong));
    *ret_compared = "paper, and the closed record of the other ceremony";
    return NULL;
}
