/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates and CRLs: the bytes announced are the bytes signed, by that key, after a typed
 * command; and the lints again. (R18, R32, R36, R47-R61) */
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/lint.h"
#include "ceremony/pki/x509.h"
#include "transcripts/digest.h"
#include "transcripts/record.h"

static bool
is_crl(const struct transcript_record *record)
{
    return strcmp(data_text(record->data, "object"), "crl") == 0;
}

/* Whether a certificate is signed by its own key. */
static bool
is_self_signed(const struct transcript_record *result)
{
    return !is_crl(result)
           && strcmp(data_text(result->data, "key"), data_text(result->data, "subject")) == 0;
}

/* The certificate of the key that signed; empty for one that is self-signed. */
static struct error *
issuer_of(const struct evidence *evidence, const struct transcript_record *result,
          struct bytes *issuer)
{
    if (is_self_signed(result))
        return NULL;
    return certificate_of(evidence, data_text(result->data, "key"), result->seq, issuer);
}

static struct error *
compare_tbs(const struct transcript_record *intent, const struct bytes *der)
{
    AUTO_BYTES announced = {0};
    char sha256[DIGEST_SHA256_TEXT];
    char sha384[DIGEST_SHA384_TEXT];
    const unsigned char *tbs = NULL;
    size_t len = 0;
    TRY(data_bytes(intent->data, "tbs", &announced));
    TRY(digest_sha256_text(announced.data, announced.len, sha256));
    TRY(digest_sha384_text(announced.data, announced.len, sha384));
    if (strcmp(sha256, data_text(intent->data, "tbs_sha256")) != 0
        || strcmp(sha384, data_text(intent->data, "tbs_sha384")) != 0)
        return ERROR(ERROR_VERIFICATION,
                     "the announced bytes have another hash than announced");
    TRY(pki_tbs_of(der->data, der->len, &tbs, &len));
    if (len != announced.len || memcmp(tbs, announced.data, len) != 0)
        return ERROR(ERROR_VERIFICATION, "what was signed is not what was announced");
    return NULL;
}

/* The certificate is for the key of this name. */
static struct error *
compare_key(const struct evidence *evidence, const struct transcript_record *result,
            const char *name, const struct bytes *certificate)
{
    AUTO_BYTES spki = {0};
    AUTO_BYTES said = {0};
    const struct transcript_record *key = find_key(evidence, "key", name, result->seq);
    if (key == NULL)
        return ERROR(ERROR_VERIFICATION, "the key \"%s\" was not there before", name);
    TRY(data_bytes(key->data, "spki", &said));
    TRY(pki_certificate_spki(certificate->data, certificate->len, &spki));
    if (spki.len != said.len || memcmp(spki.data, said.data, spki.len) != 0)
        return ERROR(ERROR_VERIFICATION, "the key \"%s\" is another one than the record says",
                     name);
    return NULL;
}

/* Who signed it, and whose it is. */
static struct error *
compare_keys(const struct evidence *evidence, const struct transcript_record *result,
             const struct bytes *der, const struct bytes *issuer)
{
    const char *signer = data_text(result->data, "key");
    if (!is_crl(result))
        TRY(compare_key(evidence, result, data_text(result->data, "subject"), der));
    if (!is_self_signed(result))
        TRY(compare_key(evidence, result, signer, issuer));
    return NULL;
}

static struct error *
verify_object_file(const struct evidence *evidence, const struct transcript_record *result,
                   const struct bytes *der)
{
    AUTO_BYTES issuer = {0};
    char hash[DIGEST_SHA256_TEXT];
    int64_t from = 0;
    int64_t until = 0;
    TRY(digest_sha256_text(der->data, der->len, hash));
    if (strcmp(hash, data_text(result->data, "sha256")) != 0)
        return ERROR(ERROR_VERIFICATION, "is not the file of the record");
    TRY(pki_validity_of(der->data, der->len, &from, &until));
    if (from != data_number(result->data, "valid_from")
        || until != data_number(result->data, "valid_until"))
        return ERROR(ERROR_VERIFICATION, "its dates are not those of the record");
    TRY(issuer_of(evidence, result, &issuer));
    TRY(compare_keys(evidence, result, der, &issuer));
    return is_crl(result)
               ? pki_crl_verify(der->data, der->len, issuer.data, issuer.len)
               : pki_certificate_verify(der->data, der->len,
                                        issuer.len > 0 ? issuer.data : NULL, issuer.len);
}

/* The PEM file beside it holds the same bytes and nothing else. */
static struct error *
compare_pem(const struct evidence *evidence, const char *file, bool crl,
            const struct bytes *der)
{
    AUTO_BYTES pem = {0};
    AUTO_BYTES again = {0};
    AUTO_FREE char *name = NULL;
    TRY(text_format(&name, "%.*s.pem", (int)(strlen(file) - strlen(".der")), file));
    TRY(evidence_file(evidence, name, &pem));
    TRY(pki_pem(crl ? "X509 CRL" : "CERTIFICATE", der->data, der->len, &again));
    if (pem.len != again.len || memcmp(pem.data, again.data, pem.len) != 0)
        return ERROR(ERROR_VERIFICATION, "the PEM file beside it holds something else");
    return NULL;
}

static struct error *
check_object(const struct evidence *evidence, const struct transcript_record *result)
{
    AUTO_BYTES der = {0};
    const char *file = data_text(result->data, "file");
    const struct transcript_record *intent = intent_of(evidence, result);
    if (intent == NULL || !text_ends_with(file, ".der"))
        return ERROR(ERROR_VERIFICATION, "nothing announced it");
    TRY(evidence_file(evidence, file, &der));
    TRY(compare_tbs(intent, &der));
    TRY(verify_object_file(evidence, result, &der));
    return compare_pem(evidence, file, is_crl(result), &der);
}

static bool
is_recorded(const struct evidence *evidence, const char *name)
{
    size_t stem = strlen(name) > 4 ? strlen(name) - 4 : 0;
    if (strcmp(name, "certificates/recorder.pem") == 0)
        return true;
    EACH_RECORD(record, evidence)
    {
        const char *file = data_text(record->data, "file");
        if ((is_done(record, "sign") || is_done(record, "import-certificate"))
            && strlen(file) == stem + 4 && strncmp(file, name, stem) == 0
            && (strcmp(name + stem, ".der") == 0 || strcmp(name + stem, ".pem") == 0))
            return true;
    }
    return false;
}

static struct error *
check_strangers(const struct evidence *evidence, struct report *report)
{
    AUTO_FOLDER_LIST list = {0};
    TRY(folder_list(evidence->folder, true, true, &list));
    for (size_t i = 0; i < list.count; i++)
        if ((text_starts_with(list.names[i], "certificates/")
             || text_starts_with(list.names[i], "crls/"))
            && !is_recorded(evidence, list.names[i]))
            TRY(report_fault(report, list.names[i], 0, "no record says who signed it"));
    return NULL;
}

struct error *
check_signed(const struct evidence *evidence, struct report *report)
{
    size_t count = 0;
    EACH_RECORD(record, evidence)
    if (is_done(record, "sign")) {
        count++;
        TRY(report_error(report, data_text(record->data, "file"), record->seq,
                         check_object(evidence, record)));
    }
    TRY(check_strangers(evidence, report));
    return report_note(report, "%zu: announced bytes, signature, dates, hash", count);
}

/* --- typed commands --- */

static bool
was_typed(const struct evidence *evidence, const struct transcript_record *intent)
{
    EACH_RECORD(record, evidence)
    if (record->seq < intent->seq && record->type == TRANSCRIPT_CONFIRMATION
        && strcmp(record->step, intent->step) == 0
        && strcmp(data_text(record->data, "prompt"), "sign") == 0
        && strcmp(data_text(record->data, "answer"), data_text(intent->data, "command")) == 0
        && strcmp(data_text(record->data, "tbs_sha256"), data_text(intent->data, "tbs_sha256"))
               == 0)
        return true;
    return false;
}

struct error *
check_commands(const struct evidence *evidence, struct report *report)
{
    size_t count = 0;
    EACH_RECORD(record, evidence)
    {
        if (!is_intent(record, "sign"))
            continue;
        count++;
        if (data_text(record->data, "command")[0] == '\0' || !was_typed(evidence, record))
            TRY(report_fault(report, TRANSCRIPT_FILE, record->seq,
                             "nobody typed the command before this signature was announced"));
    }
    return report_note(report, "%zu typed before the signature", count);
}

/* --- lints --- */

static struct error *
report_findings(const char *file, uint64_t seq, const struct pki_lint_report *lints,
                struct report *report)
{
    for (size_t i = 0; i < lints->count; i++) {
        const struct pki_finding *finding = &lints->findings[i];
        if (finding->severity == PKI_FAULT && !finding->waived)
            TRY(report_fault(report, file, seq, "%s (%s): %s", finding->lint, finding->source,
                             finding->detail));
    }
    return NULL;
}

static struct error *
lint_object(const struct evidence *evidence, const struct transcript_record *result,
            size_t *checks, struct report *report)
{
    AUTO_BYTES der = {0};
    AUTO_BYTES issuer = {0};
    AUTO_LINT_REPORT lints = {0};
    const char *file = data_text(result->data, "file");
    const struct transcript_record *intent = intent_of(evidence, result);
    const char *profile = intent == NULL ? "" : data_text(intent->data, "profile");
    struct pki_lint_context context = {.now = result->wall_ms / 1000};
    for (size_t i = 0; i < evidence->script->profile_count; i++)
        if (strcmp(evidence->script->profiles[i].profile->id, profile) == 0)
            context.profile = evidence->script->profiles[i].profile;
    if (context.profile == NULL)
        return report_fault(report, file, result->seq, "the script has no profile \"%s\"",
                            profile);
    TRY(evidence_file(evidence, file, &der));
    TRY(issuer_of(evidence, result, &issuer));
    context.issuer = issuer.len > 0 ? issuer.data : NULL;
    context.issuer_len = issuer.len;
    TRY(pki_lint(der.data, der.len, &context, &lints));
    *checks += lints.checks;
    return report_findings(file, result->seq, &lints, report);
}

struct error *
check_lints(const struct evidence *evidence, struct report *report)
{
    size_t checks = 0;
    EACH_RECORD(record, evidence)
    if (is_done(record, "sign"))
        TRY(report_error(report, data_text(record->data, "file"), record->seq,
                         lint_object(evidence, record, &checks, report)));
    return report_note(report, "%zu rows run, with the profiles", checks);
}

/* --- CRLs --- */

static struct error *
number_of(const struct bytes *der, int64_t *ret_number)
{
    struct x509 x509;
    struct der_item item;
    TRY(x509_read(der->data, der->len, KIND_CRL, "the CRL", &x509));
    const struct x509_extension *extension = x509_find(&x509, OID_CRL_NUMBER);
    if (extension == NULL || der_only(extension->value, DER_INTEGER, &item) != NULL
        || der_small_integer(item.body, ret_number) != NULL)
        return ERROR(ERROR_VERIFICATION, "the CRL has no number");
    return NULL;
}

struct numbered {
    const struct transcript_record *before; /* the CRL of the same key before */
    int64_t number;
};

static struct error *
check_crl(const struct evidence *evidence, const struct transcript_record *result,
          struct numbered *last, struct report *report)
{
    AUTO_BYTES der = {0};
    int64_t number = 0;
    const char *file = data_text(result->data, "file");
    const struct transcript_record *intent = intent_of(evidence, result);
    TRY(evidence_file(evidence, file, &der));
    TRY(number_of(&der, &number));
    if (intent == NULL || number != data_number(intent->data, "number"))
        TRY(report_fault(report, file, result->seq, "its number is not the one announced"));
    if (data_number(result->data, "valid_until") <= data_number(result->data, "valid_from"))
        TRY(report_fault(report, file, result->seq, "it ends before it begins"));
    bool same_key =
        last->before != NULL
        && strcmp(data_text(last->before->data, "key"), data_text(result->data, "key")) == 0;
    if (same_key && number <= last->number)
        TRY(report_fault(report, file, result->seq, "its number does not rise"));
    if (same_key
        && data_number(result->data, "valid_from")
               > data_number(last->before->data, "valid_until"))
        TRY(report_fault(report, file, result->seq, "there is a gap after the CRL before it"));
    *last = (struct numbered){result, number};
    return NULL;
}

/* Whoever has a CA certificate of this ceremony has a CRL, too (R53), unless it was aborted. */
static struct error *
check_crl_wanted(const struct evidence *evidence, struct report *report)
{
    for (size_t a = 0; a < evidence->script->act_count; a++)
        for (size_t s = 0; s < evidence->script->acts[a].step_count; s++) {
            const struct script_step *step = &evidence->script->acts[a].steps[s];
            if (step->kind == STEP_ISSUE_CRL && !evidence_is_aborted(evidence)
                && find_done(evidence, "sign", "object", "crl", 0) == NULL)
                return report_fault(report, TRANSCRIPT_FILE, 0,
                                    "the script issues a CRL, and there is none");
        }
    return NULL;
}

struct error *
check_crls(const struct evidence *evidence, struct report *report)
{
    struct numbered last = {NULL, 0};
    size_t count = 0;
    EACH_RECORD(record, evidence)
    if (is_done(record, "sign") && is_crl(record)) {
        count++;
        TRY(report_error(report, data_text(record->data, "file"), record->seq,
                         check_crl(evidence, record, &last, report)));
    }
    TRY(check_crl_wanted(evidence, report));
    return report_note(report, "%zu: numbers and dates", count);
}
