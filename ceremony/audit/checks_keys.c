/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys: what was announced, what came out, what the token said of it, and that it signs. (R22,
 * R27-R32) */
#include <string.h>

#include "ceremony/audit/attribute_rows.h"
#include "ceremony/audit/checks.h"
#include "ceremony/audit/ledger_lines.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/ca_request.h"
#include "ceremony/pki/pki.h"
#include "transcripts/digest.h"
#include "transcripts/record.h"

static struct error *
same_as_announced(const struct transcript_record *result,
                  const struct transcript_record *intent, struct report *report)
{
    static const char *const keys[] = {"key", "token", "label", "id", "type", "pin", "use"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (intent == NULL
            || strcmp(data_text(result->data, keys[i]), data_text(intent->data, keys[i])) != 0)
            TRY(report_fault(report, TRANSCRIPT_FILE, result->seq,
                             "\"%s\" of the key is not what was announced", keys[i]));
    return NULL;
}

static struct error *
check_hashes(const struct transcript_record *result, struct report *report)
{
    AUTO_BYTES spki = {0};
    char sha256[65];
    char sha384[DIGEST_SHA384_TEXT];
    unsigned char ski[20];
    char ski_hex[41];
    TRY(data_bytes(result->data, "spki", &spki));
    TRY(pki_spki_hash(spki.data, spki.len, sha256));
    TRY(digest_sha384_text(spki.data, spki.len, sha384));
    TRY(pki_spki_ski(spki.data, spki.len, 0, ski));
    hex_encode(ski, sizeof ski, ski_hex);
    const char *const rows[][2] = {
        {"spki_sha256", sha256 },
        {"spki_sha384", sha384 },
        {"ski",         ski_hex},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(data_text(result->data, rows[i][0]), rows[i][1]) != 0)
            TRY(report_fault(report, TRANSCRIPT_FILE, result->seq,
                             "\"%s\" is not that of the public key beside it", rows[i][0]));
    return NULL;
}

/* "EC P-384" is of type "ec-p384", "RSA 4096" of "rsa-4096". */
static bool
is_of_type(const char *description, const char *type)
{
    size_t t = 0;
    for (const char *c = description; *c != '\0'; c++) {
        char lower = *c;
        if (lower >= 'A' && lower <= 'Z')
            lower = (char)(lower - 'A' + 'a');
        if (lower == ' ' || lower == '-')
            continue;
        while (type[t] == '-')
            t++;
        if (type[t++] != lower)
            return false;
    }
    return type[t] == '\0';
}

static struct error *
check_key(const struct evidence *evidence, const struct transcript_record *result,
          struct report *report)
{
    AUTO_BYTES spki = {0};
    AUTO_FREE char *description = NULL;
    const char *name = data_text(result->data, "key");
    const struct script_key *planned = script_key(evidence->script, name);
    if (planned == NULL)
        return report_fault(report, TRANSCRIPT_FILE, result->seq,
                            "the script has no key \"%s\"", name);
    TRY(data_bytes(result->data, "spki", &spki));
    TRY(pki_key_describe(spki.data, spki.len, &description));
    bool as_made = strcmp(planned->type, SCRIPT_TYPE_AS_MADE) == 0;
    if (!is_of_type(description, as_made ? data_text(result->data, "type") : planned->type)
        || (!as_made && strcmp(data_text(result->data, "type"), planned->type) != 0)
        || strcmp(data_text(result->data, "token"), planned->token) != 0
        || strcmp(data_text(result->data, "pin"),
                  planned->pin == PIN_EACH_SIGNATURE ? "each-signature" : "")
               != 0
        || strcmp(data_text(result->data, "use"), planned->use == USE_DECRYPT ? "decrypt" : "")
               != 0)
        TRY(report_fault(report, TRANSCRIPT_FILE, result->seq,
                         "the key \"%s\" (%s on token \"%s\") is not as the script has it",
                         name, description, data_text(result->data, "token")));
    return check_hashes(result, report);
}

/* The request is in the folder, and two witnesses compared its hash with paper (R9, R15). */
static struct error *
check_request_file(const struct evidence *evidence, const struct transcript_record *result,
                   const char *said, struct report *report)
{
    AUTO_FREE char *file = NULL;
    AUTO_BYTES der = {0};
    AUTO_CA_REQUEST request = {0};
    char hash[65];
    size_t witnesses = 0;
    TRY(text_format(&file, "requests/%s%.60s.der",
                    evidence_is_rehearsal(evidence) ? "PRACTICE-" : "",
                    data_text(result->data, "key")));
    evidence_hash(evidence, file, hash);
    if (strcmp(hash, said) != 0)
        return report_fault(report, file, result->seq, "is not the request of the record");
    TRY(evidence_file(evidence, file, &der));
    TRY(pki_ca_request_read(der.data, der.len, &request));
    AUTO_BYTES spki = {0};
    TRY(data_bytes(result->data, "spki", &spki));
    if (spki.len != request.spki.len || memcmp(spki.data, request.spki.data, spki.len) != 0)
        TRY(report_fault(report, file, result->seq, "its key is not the one of the record"));
    EACH_RECORD(record, evidence)
    if (record->seq < result->seq && record->type == TRANSCRIPT_CONFIRMATION
        && strcmp(data_text(record->data, "prompt"), "request") == 0
        && strcmp(data_text(record->data, "sha256"), said) == 0)
        witnesses++;
    if (witnesses < 2)
        TRY(report_fault(report, TRANSCRIPT_FILE, result->seq,
                         "%zu witnesses compared the request with its paper; two must",
                         witnesses));
    return NULL;
}

static struct error *
check_request(const struct evidence *evidence, const struct transcript_record *result,
              struct report *report)
{
    return check_request_file(evidence, result, data_text(result->data, "sha256"), report);
}

/* Beside the certificate of another CA a request may have come; the record says so. */
static struct error *
check_request_with(const struct evidence *evidence, const struct transcript_record *result,
                   struct report *report)
{
    const char *said = data_text(result->data, "request");
    return said[0] == '\0' ? NULL : check_request_file(evidence, result, said, report);
}

/* A second key of a name is made only after the first was destroyed. */
static struct error *
check_alone(const struct evidence *evidence, const struct transcript_record *result,
            struct report *report)
{
    TRY(same_as_announced(result, intent_of(evidence, result), report));
    const char *name = data_text(result->data, "key");
    const struct transcript_record *before =
        find_done(evidence, "generate-key", "key", name, result->seq);
    if (before == NULL)
        return NULL;
    const struct transcript_record *gone =
        find_done(evidence, "destroy-key", "key", name, result->seq);
    if (gone == NULL || gone->seq < before->seq)
        return report_fault(report, TRANSCRIPT_FILE, result->seq,
                            "a second key \"%s\" was made while the first was there", name);
    return NULL;
}

/* A key of an earlier ceremony: the ledger must know it. */
static struct error *
check_known(const struct evidence *evidence, const struct transcript_record *result,
            struct report *report)
{
    AUTO_LEDGER_LINES lines = {0};
    TRY(ledger_lines_read(evidence, &lines));
    if (ledger_lines_has(&lines, NULL, "key-add", "spki_sha256",
                         data_text(result->data, "spki_sha256")))
        return NULL;
    return report_fault(report, TRANSCRIPT_FILE, result->seq,
                        "the ledger does not know the key \"%s\", which is said to be of an "
                        "earlier ceremony",
                        data_text(result->data, "key"));
}

static struct error *
check_restored(const struct evidence *evidence, const struct transcript_record *result,
               struct report *report)
{
    TRY(same_as_announced(result, intent_of(evidence, result), report));
    return check_known(evidence, result, report);
}

static bool
was_destroyed_after(const struct evidence *evidence, const char *key, uint64_t seq)
{
    EACH_RECORD(record, evidence)
    if (record->seq > seq
        && (is_done(record, "destroy-key") || is_done(record, "destroy-restored"))
        && strcmp(data_text(record->data, "key"), key) == 0)
        return true;
    return false;
}

/* From a backup that the ledger knows; a copy that the script does not keep goes again. */
static struct error *
check_brought_back(const struct evidence *evidence, const struct transcript_record *result,
                   struct report *report)
{
    AUTO_LEDGER_LINES lines = {0};
    const char *kept = data_text(result->data, "kept");
    const char *key = data_text(result->data, "key");
    const struct script_step *step = step_of(evidence->script, result->step);
    TRY(check_restored(evidence, result, report));
    TRY(ledger_lines_read(evidence, &lines));
    if (!ledger_lines_has_backup(&lines, data_text(result->data, "spki_sha256"),
                                 data_text(result->data, "blob_sha256"),
                                 data_number(result->data, "set")))
        TRY(report_fault(report, lines.name, result->seq,
                         "it does not know the backup from which key \"%s\" came back", key));
    if (step != NULL && step->keep_restored != NULL && strcmp(kept, step->keep_restored) != 0)
        TRY(report_fault(report, TRANSCRIPT_FILE, result->seq,
                         "whether the copy of key \"%s\" is kept is not as the script has it",
                         key));
    if (strcmp(kept, "yes") == 0 || evidence_is_aborted(evidence)
        || was_destroyed_after(evidence, key, (uint64_t)data_number(result->data, "of")))
        return NULL;
    return report_fault(report, TRANSCRIPT_FILE, result->seq,
                        "the copy of \"%s\" was to be destroyed, and was not", key);
}

/* One that was found on its token, and its certificate. */
static struct error *
check_found(const struct evidence *evidence, const struct transcript_record *result,
            struct report *report)
{
    AUTO_LEDGER_LINES lines = {0};
    char hash[65];
    const char *certificate = data_text(result->data, "certificate");
    TRY(check_restored(evidence, result, report));
    TRY(ledger_lines_read(evidence, &lines));
    if (certificate[0] == '\0')
        return NULL;
    evidence_hash(evidence, certificate, hash);
    if (strcmp(hash, data_text(result->data, "certificate_sha256")) != 0
        || (!ledger_lines_has(&lines, NULL, "certificate-issue", "certificate_sha256", hash)
            && !ledger_lines_has(&lines, NULL, "certificate-import", "certificate_sha256",
                                 hash)))
        return report_fault(report, certificate, result->seq,
                            "is not a certificate that the ledger knows");
    return NULL;
}

static const struct {
    const char *does;
    struct error *(*check)(const struct evidence *evidence,
                           const struct transcript_record *result, struct report *report);
} comings[] = {
    {"generate-key",    check_alone       },
    {"find-key",        check_found       },
    {"restore-key",     check_brought_back},
    {"re-share",        check_known       },
    {"import-request",  check_request     },
    {"import-existing", check_request_with},
};

struct error *
check_keys(const struct evidence *evidence, struct report *report)
{
    size_t counts[sizeof comings / sizeof comings[0]] = {0};
    EACH_RECORD(record, evidence)
    {
        for (size_t i = 0; i < sizeof comings / sizeof comings[0]; i++) {
            if (!is_done(record, comings[i].does))
                continue;
            counts[i]++;
            TRY(report_error(report, TRANSCRIPT_FILE, record->seq,
                             check_key(evidence, record, report)));
            TRY(report_error(report, TRANSCRIPT_FILE, record->seq,
                             comings[i].check(evidence, record, report)));
        }
    }
    return report_note(report,
                       "%zu made, %zu found, %zu restored or shared again, %zu of others",
                       counts[0], counts[1], counts[2] + counts[3], counts[4] + counts[5]);
}

/* --- attributes --- */

static bool
all_agree(const json_t *rows)
{
    size_t index = 0;
    const json_t *row = NULL;
    json_array_foreach(rows, index,
                       row) if (!json_is_true(json_object_get(row, "agrees"))) return false;
    return json_array_size(rows) > 0;
}

static bool
reads_unextractable(const json_t *rows)
{
    size_t index = 0;
    const json_t *row = NULL;
    json_array_foreach(rows, index, row) if (strcmp(data_text(row, "name"), "CKA_EXTRACTABLE")
                                             == 0) return strcmp(data_text(row, "read"),
                                                                 "false")
        == 0;
    return false;
}

/* The reading that belongs to a result stands between its intent and itself. */
static const struct transcript_record *
reading_for(const struct evidence *evidence, const struct transcript_record *result,
            const char *key)
{
    const struct transcript_record *intent = intent_of(evidence, result);
    const struct transcript_record *found = NULL;
    EACH_RECORD(record, evidence)
    if (intent != NULL && record->seq > intent->seq && record->seq < result->seq
        && is_fact(record, "attributes") && strcmp(data_text(record->data, "key"), key) == 0)
        found = record;
    return found;
}

/* The acts on a key that was in use before. */
static bool
is_of_used_key(const struct transcript_record *record)
{
    const char *does = data_text(record->data, "does");
    return strcmp(does, "lock-key") == 0 || strcmp(does, "find-key") == 0;
}

/* A key in use is not destroyed because a reading failed: the step stops, and when it is done again the
 * key is read back anew. That reading counts. */
static bool
was_read_well_after(const struct evidence *evidence, const char *key, uint64_t seq)
{
    EACH_RECORD(record, evidence)
    {
        if (!is_of_used_key(record) || !is_done(record, data_text(record->data, "does"))
            || strcmp(data_text(record->data, "key"), key) != 0)
            continue;
        const struct transcript_record *again = reading_for(evidence, record, key);
        if (again != NULL && again->seq > seq
            && all_agree(data_inner(again->data, "attributes")))
            return true;
    }
    return false;
}

/* The intent of the act on a used key within which a reading stands; NULL where the key was made, or its copy. */
static const struct transcript_record *
used_key_intent(const struct evidence *evidence, const struct transcript_record *fact,
                const char *key)
{
    const struct transcript_record *within = NULL;
    EACH_RECORD(record, evidence)
    {
        if (record->seq >= fact->seq)
            break;
        if (!is_of_used_key(record))
            continue;
        bool mine = strcmp(data_text(record->data, "key"), key) == 0;
        within = record->type == TRANSCRIPT_INTENT && mine ? record : NULL;
    }
    return within;
}

/* It was looked at, found otherwise than planned, and left alone: nothing was done with it up to the abort. */
static bool
was_left_alone(const struct evidence *evidence, const struct transcript_record *act,
               const char *key)
{
    if (strcmp(data_text(act->data, "does"), "find-key") != 0 || !evidence_is_aborted(evidence))
        return false;
    EACH_RECORD(record, evidence)
    if (record->seq > act->seq && record->type == TRANSCRIPT_RESULT
        && strcmp(data_text(record->data, "outcome"), "done") == 0
        && strcmp(data_text(record->data, "key"), key) == 0)
        return false;
    return true;
}

static struct error *
check_reading(const struct evidence *evidence, const struct transcript_record *fact,
              struct report *report)
{
    const char *key = data_text(fact->data, "key");
    bool said = json_is_true(json_object_get(fact->data, "all_agree"));
    bool agree = all_agree(data_inner(fact->data, "attributes"));
    if (said && !agree)
        return report_fault(report, TRANSCRIPT_FILE, fact->seq,
                            "an attribute of key \"%s\" differs, and all are said to agree",
                            key);
    if (agree)
        return report_error(report, TRANSCRIPT_FILE, fact->seq,
                            attribute_rows_check(evidence, fact));
    if (was_destroyed_after(evidence, key, fact->seq))
        return NULL;
    const struct transcript_record *act = used_key_intent(evidence, fact, key);
    if (act != NULL
        && (was_read_well_after(evidence, key, fact->seq)
            || was_left_alone(evidence, act, key)))
        return NULL;
    return report_fault(report, TRANSCRIPT_FILE, fact->seq,
                        "an attribute of key \"%s\" differs, and the key was not destroyed",
                        key);
}

static struct error *
check_read_back(const struct evidence *evidence, const struct transcript_record *result,
                struct report *report)
{
    bool recorder = is_done(result, "create-recorder");
    bool lock = is_done(result, "lock-key");
    if (!recorder && !lock && !is_done(result, "generate-key") && !is_done(result, "find-key")
        && !is_done(result, "restore-key") && !is_done(result, "prove-restore"))
        return NULL;
    const char *key = recorder ? "recorder" : data_text(result->data, "key");
    const struct transcript_record *fact = reading_for(evidence, result, key);
    if (fact == NULL)
        return report_fault(report, TRANSCRIPT_FILE, result->seq,
                            "the attributes of key \"%s\" were not read back", key);
    if (lock && !reads_unextractable(data_inner(fact->data, "attributes")))
        return report_fault(
            report, TRANSCRIPT_FILE, fact->seq,
            "the key \"%s\" is said to be locked, but CKA_EXTRACTABLE was not read "
            "as false",
            key);
    return NULL;
}

struct error *
check_attributes(const struct evidence *evidence, struct report *report)
{
    size_t count = 0;
    EACH_RECORD(record, evidence)
    {
        if (is_fact(record, "attributes")) {
            count++;
            TRY(check_reading(evidence, record, report));
        }
        TRY(check_read_back(evidence, record, report));
    }
    return report_note(report, "%zu read back", count);
}

/* --- possession --- */

static struct error *
spki_of_hash(const struct evidence *evidence, const char *spki_sha256, struct bytes *spki)
{
    const struct transcript_record *key = find_key(evidence, "spki_sha256", spki_sha256, 0);
    return key == NULL ? ERROR(ERROR_VERIFICATION, "no key of this ceremony has that hash")
                       : data_bytes(key->data, "spki", spki);
}

/* What the token decrypted is what the record promised before. */
static struct error *
check_decrypted(const struct transcript_record *result, const struct transcript_record *intent)
{
    unsigned char answer[32];
    char sha256[65];
    TRY(hex_decode(data_text(result->data, "answer"), answer, sizeof answer));
    TRY(pki_spki_hash(answer, sizeof answer, sha256));
    if (intent != NULL && strcmp(sha256, data_text(intent->data, "answer_sha256")) == 0)
        return NULL;
    return ERROR(ERROR_VERIFICATION, "what the key decrypted is not what was encrypted to it");
}

static bool
is_decrypting(const struct evidence *evidence, const char *spki_sha256)
{
    const struct transcript_record *key = find_key(evidence, "spki_sha256", spki_sha256, 0);
    return key != NULL && strcmp(data_text(key->data, "use"), "decrypt") == 0;
}

static struct error *
check_challenge(const struct evidence *evidence, const struct transcript_record *result)
{
    AUTO_BYTES spki = {0};
    AUTO_BYTES message = {0};
    AUTO_BYTES signed_bytes = {0};
    AUTO_BYTES signature = {0};
    const char *hash = data_text(result->data, "spki_sha256");
    const struct transcript_record *intent = intent_of(evidence, result);
    if (is_decrypting(evidence, hash))
        return check_decrypted(result, intent);
    TRY(spki_of_hash(evidence, hash, &spki));
    /* While an interruption is looked into there is no step; then "resume" or "abort" is the place. */
    const char *place = result->step;
    if (place[0] == '\0' && intent != NULL)
        place = data_text(intent->data, "place");
    TRY(pki_possession_message(evidence_id(evidence), place, hash, &message));
    TRY(data_bytes(intent == NULL ? NULL : intent->data, "message", &signed_bytes));
    TRY(data_bytes(result->data, "signature", &signature));
    if (message.len != signed_bytes.len
        || memcmp(message.data, signed_bytes.data, message.len) != 0)
        return ERROR(ERROR_VERIFICATION, "the challenge is not one of this ceremony and step");
    return pki_verify(spki.data, spki.len, "", message.data, message.len, signature.data,
                      signature.len);
}

/* A key that signed, and was to be named by the record after that when the ceremony came to its end. */
static bool
never_named(const struct evidence *evidence, const struct transcript_record *result)
{
    static const char *const ways[] = {"generate-key", "find-key", "restore-key"};
    const char *key = data_text(result->data, "key");
    bool announced = false;
    if (!evidence_is_aborted(evidence) || find_key(evidence, "key", key, 0) != NULL)
        return false;
    EACH_RECORD(record, evidence)
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        announced = announced
                    || (record->seq < result->seq && is_intent(record, ways[i])
                        && strcmp(data_text(record->data, "key"), key) == 0);
    return announced;
}

struct error *
check_possession(const struct evidence *evidence, struct report *report)
{
    size_t count = 0;
    EACH_RECORD(record, evidence)
    {
        if (is_done(record, "prove-possession") && never_named(evidence, record)) {
            TRY(report_note(report, "record %llu: aborted before the key that signed was named",
                            (unsigned long long)record->seq));
        } else if (is_done(record, "prove-possession")) {
            count++;
            TRY(report_error(report, TRANSCRIPT_FILE, record->seq,
                             check_challenge(evidence, record)));
        }
        if ((is_done(record, "generate-key") || is_done(record, "find-key")
             || is_done(record, "restore-key"))
            && find_done(evidence, "prove-possession", "key", data_text(record->data, "key"),
                         record->seq)
                   == NULL)
            TRY(report_fault(report, TRANSCRIPT_FILE, record->seq,
                             "the key \"%s\" was named before it signed",
                             data_text(record->data, "key")));
    }
    return report_note(report, "%zu verified again", count);
}
