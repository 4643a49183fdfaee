/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens and their modules: the module that was loaded is the one that the environment names; a token is the
 * same one, by its serial number, wherever it is named; and the ledger binds and counts that one. (R10, R20,
 * R21, R22) */
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/audit/ledger_lines.h"
#include "transcripts/record.h"

/* --- modules --- */

static const json_t *
module_named(const struct evidence *evidence, const char *name)
{
    const json_t *rows =
        evidence->opening == NULL ? NULL : data_inner(evidence->opening->data, "modules");
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (strcmp(data_text(json_array_get(rows, i), "name"), name) == 0)
            return json_array_get(rows, i);
    return NULL;
}

static struct error *
check_modules(const struct evidence *evidence, struct report *report)
{
    for (size_t i = 0; evidence->site != NULL && i < evidence->site->module_count; i++) {
        const struct site_module *module = &evidence->site->modules[i];
        const json_t *row = module_named(evidence, module->name);
        if (row == NULL)
            TRY(report_fault(report, TRANSCRIPT_FILE, 1,
                             "the opening does not name the PKCS#11 module \"%s\"",
                             module->name));
        else if (strcmp(data_text(row, "path"), module->path) != 0
                 || !data_is_hash(data_text(row, "sha256"))
                 || (module->sha256[0] != '\0'
                     && strcmp(data_text(row, "sha256"), module->sha256) != 0))
            TRY(report_fault(report, TRANSCRIPT_FILE, 1,
                             "the PKCS#11 module \"%s\" is not the one that environment.yaml "
                             "names",
                             module->name));
    }
    return NULL;
}

/* --- serial numbers --- */

/* The last record before `seq` that fixes a token's serial number: it was initialised, or seen and confirmed. */
static const char *
serial_before(const struct evidence *evidence, const char *token, uint64_t seq)
{
    const char *serial = "";
    EACH_RECORD(record, evidence)
    {
        if (record->seq >= seq)
            break;
        bool fixes = is_done(record, "initialise-token")
                     || (record->type == TRANSCRIPT_CONFIRMATION
                         && strcmp(data_text(record->data, "prompt"), "same") == 0
                         && data_text(record->data, "serial")[0] != '\0');
        if (fixes && strcmp(data_text(record->data, "token"), token) == 0)
            serial = data_text(record->data, "serial");
    }
    return serial;
}

/* The facts that were on the screen when the token was confirmed. */
static const struct transcript_record *
seen_before(const struct evidence *evidence, const char *token, uint64_t seq)
{
    const struct transcript_record *found = NULL;
    EACH_RECORD(record, evidence)
    if (record->seq < seq && is_fact(record, "token")
        && strcmp(data_text(record->data, "token"), token) == 0)
        found = record;
    return found;
}

static struct error *
check_confirmed(const struct evidence *evidence, const struct transcript_record *same,
                struct report *report)
{
    const char *token = data_text(same->data, "token");
    const char *serial = data_text(same->data, "serial");
    const char *known = serial_before(evidence, token, same->seq);
    const struct transcript_record *seen = seen_before(evidence, token, same->seq);
    if (seen == NULL || strcmp(data_text(seen->data, "serial"), serial) != 0)
        return report_fault(report, TRANSCRIPT_FILE, same->seq,
                            "token \"%s\" was confirmed with another serial number than it "
                            "said",
                            token);
    if (known[0] != '\0' && strcmp(known, serial) != 0)
        return report_fault(report, TRANSCRIPT_FILE, same->seq,
                            "token \"%s\" had the serial number %s before, and has %s now",
                            token, known, serial);
    const json_t *module = data_inner(seen->data, "module");
    const json_t *loaded = module_named(evidence, data_text(module, "name"));
    if (loaded == NULL || strcmp(data_text(module, "sha256"), data_text(loaded, "sha256")) != 0)
        return report_fault(
            report, TRANSCRIPT_FILE, seen->seq,
            "token \"%s\" is reached by a module that the opening does not name", token);
    return NULL;
}

/* --- the ledger --- */

static bool
is_bound(const struct ledger_lines *lines, const char *label, const char *serial)
{
    for (size_t i = 0; i < lines->count; i++) {
        const json_t *data = data_inner(lines->rows[i].object, "data");
        if (strcmp(data_text(lines->rows[i].object, "kind"), "token-bind") == 0
            && strcmp(data_text(data, "name"), label) == 0
            && strcmp(data_text(data, "serial"), serial) == 0)
            return true;
    }
    return false;
}

static struct error *
check_initialised(const struct evidence *evidence, const struct transcript_record *made,
                  const struct ledger_lines *lines, struct report *report)
{
    const char *label = data_text(made->data, "label");
    const struct transcript_record *intent = intent_of(evidence, made);
    const char *token = data_text(made->data, "token");
    const struct site_token *site =
        evidence->site == NULL ? NULL : site_token(evidence->site, token);
    const char *mark = evidence_is_rehearsal(evidence) ? "PRACTICE-" : "";
    size_t len = strlen(mark);
    if (intent == NULL || strcmp(data_text(intent->data, "label"), label) != 0
        || strcmp(data_text(intent->data, "token"), token) != 0
        || (site != NULL
            && (strncmp(label, mark, len) != 0 || strcmp(label + len, site->label) != 0)))
        TRY(report_fault(report, TRANSCRIPT_FILE, made->seq,
                         "token \"%s\" got another label than announced and named by "
                         "environment.yaml",
                         token));
    if (is_bound(lines, label, data_text(made->data, "serial")))
        return NULL;
    return report_fault(report, lines->name, made->seq,
                        "it does not bind token \"%s\" to the serial number %s", label,
                        data_text(made->data, "serial"));
}

/* What the ledger says of a key that was made here: the token, and how the key is found there. */
static struct error *
check_key(const struct evidence *evidence, const struct transcript_record *made,
          const struct ledger_lines *lines, struct report *report)
{
    static const char *const keys[] = {"id", "label", "type", "token"};
    const char *spki = data_text(made->data, "spki_sha256");
    const char *serial = serial_before(evidence, data_text(made->data, "token"), made->seq);
    bool added = false;
    bool copied = false;
    for (size_t i = 0; i < lines->count; i++) {
        const char *kind = data_text(lines->rows[i].object, "kind");
        const json_t *data = data_inner(lines->rows[i].object, "data");
        if (strcmp(data_text(data, "spki_sha256"), spki) != 0)
            continue;
        bool same = strcmp(kind, "key-add") == 0;
        for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++)
            same =
                same && strcmp(data_text(data, keys[k]), data_text(made->data, keys[k])) == 0;
        added = added || same;
        copied = copied
                 || (strcmp(kind, "key-copy") == 0
                     && strcmp(data_text(data, "serial"), serial) == 0);
    }
    if (added && copied)
        return NULL;
    return report_fault(report, lines->name, made->seq,
                        "it does not hold key \"%s\" with its id, label and type on the token "
                        "with serial number %s",
                        data_text(made->data, "key"), serial);
}

static struct error *
check_record(const struct evidence *evidence, const struct transcript_record *record,
             const struct ledger_lines *lines, struct report *report)
{
    bool finished = !evidence_is_aborted(evidence);
    if (record->type == TRANSCRIPT_CONFIRMATION
        && strcmp(data_text(record->data, "prompt"), "same") == 0)
        return check_confirmed(evidence, record, report);
    if (is_done(record, "initialise-token") && finished)
        return check_initialised(evidence, record, lines, report);
    if (is_done(record, "generate-key") && finished)
        return check_key(evidence, record, lines, report);
    return NULL;
}

struct error *
check_tokens(const struct evidence *evidence, struct report *report)
{
    AUTO_LEDGER_LINES lines = {0};
    size_t confirmed = 0;
    struct error *error = ledger_lines_read(evidence, &lines);
    if (error != NULL)
        return report_error(report, "ledger.jsonl", 0, error);
    TRY(check_modules(evidence, report));
    EACH_RECORD(record, evidence)
    {
        confirmed += record->type == TRANSCRIPT_CONFIRMATION
                             && strcmp(data_text(record->data, "prompt"), "same") == 0
                         ? 1
                         : 0;
        TRY(check_record(evidence, record, &lines, report));
    }
    return report_note(report, "%zu times a token was confirmed", confirmed);
}
