/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates and CRLs: the bytes announced are the bytes signed, by that key, after a typed
 * command; and the lints again. (R18, R32, R36, R47-R61) */
#include <stdio.h>
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/level.h"
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
    TRY(pki_tbs_of(der->data, der->len, &tbs, &len));
    if (is_intent(intent, "sign-crl")) { /* too long for a record: only its hash is there */
        TRY(digest_sha256_text(tbs, len, sha256));
        if (strcmp(sha256, data_text(intent->data, "tbs_sha256")) != 0)
            return ERROR(ERROR_VERIFICATION, "what was signed is not what was announced");
        return NULL;
    }
    TRY(data_bytes(intent->data, "tbs", &announced));
    TRY(digest_sha256_text(announced.data, announced.len, sha256));
    TRY(digest_sha384_text(announced.data, announced.len, sha384));
    if (strcmp(sha256, data_text(intent->data, "tbs_sha256")) != 0
        || strcmp(sha384, data_text(intent->data, "tbs_sha384")) != 0)
        return ERROR(ERROR_VERIFICATION,
                     "the announced bytes have another hash than announced");
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

/* The level that was read aloud, as far as this folder holds the way up to the trust anchor. */
static struct error *
compare_level(const struct evidence *evidence, const struct transcript_record *result,
              const struct bytes *der)
{
    AUTO_FREE char *made = NULL;
    AUTO_FREE char *brought = NULL;
    unsigned level = PKI_LEVEL_UNKNOWN;
    const int64_t said = data_number(result->data, "level");
    TRY(path_join(evidence->folder, "certificates", &made));
    TRY(path_join(evidence->folder, "inputs", &brought));
    const char *folders[] = {made, brought};
    TRY(pki_level_among(folders, 2, der->data, der->len, &level));
    if (level != PKI_LEVEL_UNKNOWN && said != (int64_t)level)
        return ERROR(ERROR_VERIFICATION, "it is of level %u, and the record says %lld", level,
                     (long long)said);
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
    if (!is_crl(result))
        TRY(compare_level(evidence, result, der));
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

/* The result speaks of what was announced. */
static struct error *
compare_result(const struct transcript_record *result, const struct transcript_record *intent)
{
    static const char *const keys[] = {"object", "key", "subject", "tbs_sha256"};
    const char *file = data_text(intent->data, "file");
    size_t len = strlen(file);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(data_text(result->data, keys[i]), data_text(intent->data, keys[i])) != 0)
            return ERROR(ERROR_VERIFICATION, "\"%s\" of the result is not what was announced",
                         keys[i]);
    if (strncmp(data_text(result->data, "file"), file, len) != 0
        || strcmp(data_text(result->data, "file") + len, ".der") != 0)
        return ERROR(ERROR_VERIFICATION, "another file was announced");
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
    TRY(compare_result(result, intent));
    TRY(evidence_file(evidence, file, &der));
    TRY(compare_tbs(intent, &der));
    TRY(verify_object_file(evidence, result, &der));
    if (is_intent(intent, "sign-crl"))
        return NULL; /* DER alone */
    return compare_pem(evidence, file, is_crl(result), &der);
}

/* Written in a step that takes something in, and given up with it. */
static bool
is_given_up(const struct evidence *evidence, const struct transcript_record *output)
{
    EACH_RECORD(result, evidence)
    {
        const struct transcript_record *intent =
            result->type == TRANSCRIPT_RESULT
                    && strcmp(data_text(result->data, "outcome"), "unknown") == 0
                ? intent_of(evidence, result)
                : NULL;
        if (intent != NULL
            && (is_intent(intent, "import-certificate") || is_intent(intent, "release-crl"))
            && intent->seq < output->seq && output->seq < result->seq
            && strcmp(intent->step, output->step) == 0)
            return evidence_is_aborted(evidence);
    }
    return false;
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
        if ((is_signed(record) || is_done(record, "import-certificate")
             || is_done(record, "release-crl"))
            && strlen(file) == stem + 4 && strncmp(file, name, stem) == 0
            && (strcmp(name + stem, ".der") == 0 || strcmp(name + stem, ".pem") == 0))
            return true;
        /* Many in one file, which checks_batch.c reads; or what an abort found, which claims nothing. */
        const char *kind = data_text(record->data, "kind");
        if (record->type == TRANSCRIPT_OUTPUT && strcmp(file, name) == 0
            && (strcmp(kind, "certificates") == 0
                || (evidence_is_aborted(evidence) && strcmp(kind, TRANSCRIPT_LEFT) == 0)
                || is_given_up(evidence, record)))
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
    if (is_signed(record)) {
        count++;
        TRY(report_error(report, data_text(record->data, "file"), record->seq,
                         check_object(evidence, record)));
    }
    TRY(check_strangers(evidence, report));
    return report_note(report, "%zu: announced bytes, signature, dates, hash", count);
}

/* --- typed commands --- */

/* One hash, or one of a list: a command for all CRLs of a table. */
static bool
is_named(const json_t *hashes, const char *hash)
{
    if (json_is_string(hashes))
        return strcmp(json_string_value(hashes), hash) == 0;
    for (size_t i = 0; i < json_array_size(hashes); i++) {
        const char *one = json_string_value(json_array_get(hashes, i));
        if (one != NULL && strcmp(one, hash) == 0)
            return true;
    }
    return false;
}

static bool
was_typed(const struct evidence *evidence, const struct transcript_record *intent)
{
    EACH_RECORD(record, evidence)
    if (record->seq < intent->seq && record->type == TRANSCRIPT_CONFIRMATION
        && strcmp(record->step, intent->step) == 0
        && strcmp(data_text(record->data, "prompt"), "sign") == 0
        && strcmp(data_text(record->data, "answer"), data_text(intent->data, "command")) == 0
        && is_named(json_object_get(record->data, "tbs_sha256"),
                    data_text(intent->data, "tbs_sha256")))
        return true;
    return false;
}

/* Other acts that a typed command decides: its prompt, and how it begins, with a number of the intent. */
static const struct {
    const char *does;
    const char *prompt;
    const char *begin;
    const char *number;
} commanded[] = {
    {"revoke",       "revoke",   "REVOKE ",      "count" },
    {"release-crl",  "release",  "RELEASE CRL ", "number"},
    {"carry-crl",    "carry",    "",             ""      },
    {"restrict-key", "restrict", "",             ""      },
};

static bool
was_commanded(const struct evidence *evidence, const struct transcript_record *intent, size_t c)
{
    char begin[64];
    int64_t number = data_number(intent->data, commanded[c].number);
    const char *hash = data_text(intent->data, "sha256");
    int len = snprintf(begin, sizeof begin, "%s", commanded[c].begin);
    if (commanded[c].number[0] != '\0')
        len =
            snprintf(begin, sizeof begin, "%s%lld OF ", commanded[c].begin, (long long)number);
    EACH_RECORD(record, evidence)
    if (record->seq < intent->seq && record->type == TRANSCRIPT_CONFIRMATION
        && strcmp(record->step, intent->step) == 0
        && strcmp(data_text(record->data, "prompt"), commanded[c].prompt) == 0
        && strncmp(data_text(record->data, "answer"), begin, (size_t)len) == 0
        && strcmp(data_text(record->data, "sha256"), hash) == 0)
        return true;
    return false;
}

static struct error *
check_commanded(const struct evidence *evidence, const struct transcript_record *intent,
                struct report *report)
{
    for (size_t c = 0; c < sizeof commanded / sizeof commanded[0]; c++)
        if (is_intent(intent, commanded[c].does) && !was_commanded(evidence, intent, c))
            TRY(report_fault(report, TRANSCRIPT_FILE, intent->seq,
                             "nobody typed the command for \"%s\" before it was announced",
                             commanded[c].does));
    return NULL;
}

struct error *
check_commands(const struct evidence *evidence, struct report *report)
{
    size_t count = 0;
    EACH_RECORD(record, evidence)
    {
        TRY(check_commanded(evidence, record, report));
        if (!is_signing(record))
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
    AUTO_BYTES existing = {0};
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
    if (strcmp(data_text(result->data, "object"), "cross-certificate") == 0)
        TRY(certificate_of(evidence, data_text(result->data, "subject"), result->seq,
                           &existing));
    context.existing = existing.len > 0 ? existing.data : NULL;
    context.existing_len = existing.len;
    TRY(pki_lint(der.data, der.len, &context, &lints));
    *checks += lints.checks;
    return report_findings(file, result->seq, &lints, report);
}

struct error *
check_lints(const struct evidence *evidence, struct report *report)
{
    size_t checks = 0;
    EACH_RECORD(record, evidence)
    if (is_signed(record))
        TRY(report_error(report, data_text(record->data, "file"), record->seq,
                         lint_object(evidence, record, &checks, report)));
    return report_note(report, "%zu rows run, with the profiles", checks);
}
