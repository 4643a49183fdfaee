/* SPDX-License-Identifier: Apache-2.0
 *
 * Destroyed keys: two people typed the command of each copy before it went, the token was asked, ledger
 * and record agree, and the certificate of destruction is the one of the record. (R13, R87, R98) */
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/audit/ledger_lines.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/rules/key_end.h"
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
    json_array_foreach(data_inner(end->data, "wrapped"), index, copy)
    {
        if (destroyed && strcmp(data_text(copy, "state"), "live") == 0)
            TRY(report_fault(
                report, TRANSCRIPT_FILE, end->seq,
                "the key is said to be destroyed, and shares open its wrapped copy "
                "%.16s",
                data_text(copy, "sha256")));
    }
    if (!ledger_lines_has(lines, evidence_id(evidence), "key-state", "state", state))
        TRY(report_fault(report, lines->name, end->seq, "it does not hold the key as \"%s\"",
                         state));
    return NULL;
}

/* --- nothing that the ledger knows is left out --- */

/* The last state that the ledger gives what has `key` = `value`, of these entries of this key. */
static const char *
last_state(const struct ledger_lines *lines, const char *kind, const char *spki_key,
           const char *spki, const char *key, const char *value)
{
    const char *state = "";
    for (size_t i = 0; i < lines->count; i++) {
        const json_t *data = data_inner(lines->rows[i].object, "data");
        if (strcmp(data_text(lines->rows[i].object, "kind"), kind) == 0
            && strcmp(data_text(data, spki_key), spki) == 0
            && strcmp(data_text(data, key), value) == 0)
            state = data_text(data, "state");
    }
    return state;
}

static const char *
listed_state(const json_t *rows, const char *key, const char *value)
{
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (strcmp(data_text(json_array_get(rows, i), key), value) == 0)
            return data_text(json_array_get(rows, i), "state");
    return "";
}

/* Each copy and each wrapped key of the ledger is in the record, and both say the same of whether it is left. */
static struct error *
check_listed(const struct transcript_record *end, const struct ledger_lines *lines,
             struct report *report)
{
    static const struct {
        const char *kind;
        const char *spki;
        const char *key;
        const char *list;
        const char *left; /* the state of one that can still be used */
    } rows[] = {
        {"key-copy", "spki_sha256",     "serial",      "copies",  "present"},
        {"backup",   "key_spki_sha256", "blob_sha256", "wrapped", "live"   },
    };

    const char *spki = data_text(end->data, "spki_sha256");
    for (size_t i = 0; i < lines->count; i++)
        for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
            const json_t *line = lines->rows[i].object;
            const json_t *data = data_inner(line, "data");
            const char *name = data_text(data, rows[k].key);
            if (strcmp(data_text(line, "kind"), rows[k].kind) != 0
                || strcmp(data_text(data, rows[k].spki), spki) != 0
                || strcmp(data_text(data, "state"), rows[k].left) != 0)
                continue;
            const char *known =
                last_state(lines, rows[k].kind, rows[k].spki, spki, rows[k].key, name);
            const char *said =
                listed_state(data_inner(end->data, rows[k].list),
                             strcmp(rows[k].list, "copies") == 0 ? "serial" : "sha256", name);
            bool gone = strcmp(known, rows[k].left) != 0;
            if (said[0] == '\0' && gone && strcmp(rows[k].list, "wrapped") == 0)
                continue; /* destroyed in an earlier ceremony */
            if (said[0] == '\0' || gone != (strcmp(said, rows[k].left) != 0))
                TRY(report_fault(report, lines->name, end->seq,
                                 "it holds %s of the key as \"%s\" (%.16s), the record of the "
                                 "key's end as \"%s\"",
                                 k == 0 ? "a copy" : "a wrapped copy", known, name,
                                 said[0] == '\0' ? "nothing" : said));
        }
    return NULL;
}

/* What was left open is what exceptions of this run of the step say. */
static struct error *
check_open(const struct evidence *evidence, const struct transcript_record *end,
           struct report *report)
{
    int64_t told = 0;
    EACH_RECORD(record, evidence)
    {
        if (record->seq >= end->seq)
            break;
        if (record->type == TRANSCRIPT_STEP_BEGIN)
            told = 0;
        told += record->type == TRANSCRIPT_EXCEPTION
                        && strcmp(data_text(record->data, "expected"), KEY_IS_GONE) == 0
                    ? 1
                    : 0;
    }
    if (told == data_number(end->data, "open"))
        return NULL;
    return report_fault(report, TRANSCRIPT_FILE, end->seq,
                        "%lld copies are said to be left open, %lld exceptions say so",
                        (long long)data_number(end->data, "open"), (long long)told);
}

/* Custodians' answers one by one, and what was made of them. */
static struct error *
check_shares_gone(const struct evidence *evidence, const struct transcript_record *gone,
                  struct report *report)
{
    bool all = true;
    const json_t *rows =
        transcript_openings_find(&evidence->openings, data_text(gone->data, "details"));
    if (!evidence->has_openings)
        return NULL;
    for (size_t i = 0; i < json_array_size(rows); i++)
        all = all && json_is_true(json_object_get(json_array_get(rows, i), "destroyed"));
    if (json_array_size(rows) > 0 && all == json_is_true(json_object_get(gone->data, "all")))
        return NULL;
    return report_fault(report, CONFIDENTIAL_FILE, gone->seq,
                        "the record says that %s shares of set %lld were destroyed, their "
                        "holders do not",
                        all ? "not all" : "all", (long long)data_number(gone->data, "set"));
}

static struct error *
check_same(const struct evidence *evidence, const struct transcript_record *gone,
           struct report *report)
{
    static const char *const keys[] = {"key", "token", "id", "sha256"};
    const struct transcript_record *intent = intent_of(evidence, gone);
    for (size_t i = 0; intent != NULL && i < sizeof keys / sizeof keys[0]; i++)
        if (json_object_get(gone->data, keys[i]) != NULL
            && strcmp(data_text(gone->data, keys[i]), data_text(intent->data, keys[i])) != 0)
            TRY(report_fault(report, TRANSCRIPT_FILE, gone->seq,
                             "what was destroyed is not what was announced (\"%s\")", keys[i]));
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
    TRY(check_listed(end, lines, report));
    TRY(check_open(evidence, end, report));
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
        if (is_done(record, "destroy-key") || is_done(record, "destroy-restored")
            || is_done(record, "destroy-file"))
            TRY(check_same(evidence, record, report));
        if (is_done(record, "destroy-shares"))
            TRY(check_shares_gone(evidence, record, report));
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
