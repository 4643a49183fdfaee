/* SPDX-License-Identifier: Apache-2.0
 *
 * Destroyed keys: two people typed the command of each copy before it went, the token was asked, ledger
 * and record agree, and the certificate of destruction is the one of the record. (R13, R87, R98) */
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/audit/ledger_lines.h"
#include "ceremony/base/cleanup.h"
#include "transcripts/record.h"

static size_t
typed_by(const struct evidence *evidence, const char *command, uint64_t before)
{
    const char *first = NULL;
    EACH_RECORD(record, evidence)
    {
        if (record->seq >= before || record->type != TRANSCRIPT_CONFIRMATION
            || strcmp(data_text(record->data, "prompt"), "destroy") != 0
            || strcmp(data_text(record->data, "answer"), command) != 0)
            continue;
        if (first != NULL && strcmp(first, record->actor) != 0)
            return 2;
        first = record->actor;
    }
    return first == NULL ? 0 : 1;
}

/* The act on the token that a row of the record claims. */
static const struct transcript_record *
act_on(const struct evidence *evidence, const char *key, const char *token, uint64_t before)
{
    const struct transcript_record *found = NULL;
    EACH_RECORD(record, evidence)
    if (record->seq < before && is_done(record, "destroy-key")
        && strcmp(data_text(record->data, "key"), key) == 0
        && strcmp(data_text(record->data, "token"), token) == 0)
        found = record;
    return found;
}

static bool
copy_ended(const struct ledger_lines *lines, const char *ceremony, const char *spki,
           const char *serial)
{
    for (size_t i = 0; i < lines->count; i++) {
        const json_t *row = lines->rows[i].object;
        const json_t *data = data_inner(row, "data");
        if (strcmp(data_text(row, "ceremony"), ceremony) == 0
            && strcmp(data_text(row, "kind"), "key-copy") == 0
            && strcmp(data_text(data, "spki_sha256"), spki) == 0
            && strcmp(data_text(data, "serial"), serial) == 0
            && strcmp(data_text(data, "state"), "destroyed") == 0)
            return true;
    }
    return false;
}

static struct error *
check_copy(const struct evidence *evidence, const struct transcript_record *end,
           const json_t *copy, const struct ledger_lines *lines, struct report *report)
{
    const char *token = data_text(copy, "token");
    const char *serial = data_text(copy, "serial");
    if (strcmp(data_text(copy, "state"), "destroyed") != 0)
        return NULL;
    const struct transcript_record *act =
        act_on(evidence, data_text(end->data, "key"), token, end->seq);
    if (act == NULL)
        return report_fault(report, TRANSCRIPT_FILE, end->seq,
                            "the copy on token \"%s\" is said to be destroyed, and no record "
                            "did it",
                            token);
    if (typed_by(evidence, data_text(copy, "command"), act->seq) < 2)
        TRY(report_fault(report, TRANSCRIPT_FILE, act->seq,
                         "the command \"%s\" was not typed by two people before",
                         data_text(copy, "command")));
    if (!copy_ended(lines, evidence_id(evidence), data_text(end->data, "spki_sha256"), serial))
        TRY(report_fault(report, lines->name, act->seq,
                         "it still holds the copy on the token with serial %s", serial));
    return NULL;
}

/* A key with a copy on a token is not destroyed, whatever is said. */
static struct error *
check_state(const struct evidence *evidence, const struct transcript_record *end,
            const struct ledger_lines *lines, struct report *report)
{
    size_t index = 0;
    const json_t *copy = NULL;
    const char *state = data_text(end->data, "state");
    bool destroyed = strcmp(state, "destroyed") == 0;
    json_array_foreach(data_inner(end->data, "copies"), index, copy)
    {
        if (destroyed && strcmp(data_text(copy, "state"), "present") == 0)
            TRY(report_fault(report, TRANSCRIPT_FILE, end->seq,
                             "the key is said to be destroyed, and a copy is on the token with "
                             "serial %s",
                             data_text(copy, "serial")));
    }
    if (!ledger_lines_has(lines, evidence_id(evidence), "key-state", "state", state))
        TRY(report_fault(report, lines->name, end->seq, "it does not hold the key as \"%s\"",
                         state));
    return NULL;
}

static struct error *
check_end(const struct evidence *evidence, const struct transcript_record *end,
          const struct ledger_lines *lines, struct report *report)
{
    char hash[65];
    size_t index = 0;
    const json_t *copy = NULL;
    const char *file = data_text(end->data, "file");
    evidence_hash(evidence, file, hash);
    if (strcmp(hash, data_text(end->data, "sha256")) != 0)
        TRY(report_fault(report, file, end->seq,
                         "is not the certificate of destruction of the record"));
    json_array_foreach(data_inner(end->data, "copies"), index, copy)
    {
        TRY(check_copy(evidence, end, copy, lines, report));
    }
    return check_state(evidence, end, lines, report);
}

/* A restricted key signs no certificate after that, and the ledger holds it so (REQUIREMENTS 4.5). */
static struct error *
check_restricted(const struct evidence *evidence, const struct transcript_record *restricted,
                 struct report *report)
{
    AUTO_LEDGER_LINES lines = {0};
    const char *key = data_text(restricted->data, "key");
    TRY(ledger_lines_read(evidence, &lines));
    if (!ledger_lines_has(&lines, evidence_id(evidence), "key-state", "spki_sha256",
                          data_text(restricted->data, "spki_sha256")))
        TRY(report_fault(report, lines.name, restricted->seq,
                         "it does not hold the key \"%s\" as restricted", key));
    EACH_RECORD(record, evidence)
    if (record->seq > restricted->seq && is_done(record, "sign")
        && strcmp(data_text(record->data, "key"), key) == 0
        && strcmp(data_text(record->data, "object"), "crl") != 0)
        TRY(report_fault(report, TRANSCRIPT_FILE, record->seq,
                         "the key \"%s\" signed a certificate after it was restricted to CRLs",
                         key));
    return NULL;
}

struct error *
check_destruction(const struct evidence *evidence, struct report *report)
{
    AUTO_LEDGER_LINES lines = {0};
    size_t count = 0;
    int64_t open = 0;
    EACH_RECORD(record, evidence)
    {
        if (is_done(record, "restrict-key"))
            TRY(check_restricted(evidence, record, report));
        if (!is_done(record, "end-key"))
            continue;
        if (count++ == 0)
            TRY(ledger_lines_read(evidence, &lines));
        open += data_number(record->data, "open");
        TRY(check_end(evidence, record, &lines, report));
    }
    return report_note(report, "%zu keys, %lld copies left open", count, (long long)open);
}
