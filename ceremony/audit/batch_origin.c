/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/audit/batch_origin.h"

#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/rules/key_origin.h"

static bool
is_derivation(const char *name)
{
    for (size_t i = 0; key_derivation_names[i] != NULL; i++)
        if (strcmp(key_derivation_names[i], name) == 0)
            return true;
    return false;
}

/* The last time that the list was opened before the batch was approved. */
static const struct transcript_record *
opening_before(const struct evidence *evidence, uint64_t seq)
{
    const struct transcript_record *found = NULL;
    EACH_RECORD(record, evidence)
    if (record->seq < seq && is_done(record, "open-seeds"))
        found = record;
    return found;
}

static struct error *
check_opening(const struct evidence *evidence, const struct transcript_record *intent,
              const json_t *origin)
{
    const char *spki = data_text(origin, "seed_key_sha256");
    const struct transcript_record *opened = opening_before(evidence, intent->seq);
    const struct transcript_record *key = find_key(evidence, "spki_sha256", spki, 0);
    if (opened == NULL
        || strcmp(data_text(opened->data, "sha256"), data_text(origin, "seeds_sha256")) != 0
        || strcmp(data_text(opened->data, "spki_sha256"), spki) != 0
        || data_number(opened->data, "devices") != data_number(intent->data, "items"))
        return ERROR(ERROR_VERIFICATION,
                     "the list of seeds that was approved is not the one that was opened");
    if (key == NULL || key->seq > opened->seq
        || strcmp(data_text(key->data, "use"), "decrypt") != 0)
        return ERROR(ERROR_VERIFICATION,
                     "the list of seeds was opened by a key that is not for decrypting");
    return NULL;
}

static struct error *
check_no_keys(const struct evidence *evidence, const char *step)
{
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *path = NULL;
    const char *prefix = evidence_is_rehearsal(evidence) ? "PRACTICE-" : "";
    TRY(text_format(&name, "device-keys/%s%s", prefix, step));
    TRY(path_join(evidence->folder, name, &path));
    if (!file_is_folder(path))
        return NULL;
    return ERROR(ERROR_VERIFICATION, "a batch from seeds left files with keys");
}

/* What the script says of the step is what was announced. */
static bool
is_as_in_script(const struct evidence *evidence, const struct transcript_record *record,
                const json_t *origin)
{
    const struct script_step *step =
        evidence->script == NULL ? NULL : step_of(evidence->script, record->step);
    return step == NULL
           || (strcmp(step->origin, data_text(origin, "method")) == 0
               && strcmp(step->derivation, data_text(origin, "derivation")) == 0
               && strcmp(step->device_key, data_text(origin, "key")) == 0);
}

/* The ledger keeps it, too (R71). */
static struct error *
check_entered(const struct ledger_lines *lines, const struct transcript_record *intent,
              const json_t *origin)
{
    AUTO_FREE char *text = NULL;
    const struct key_origin_said said = {
        data_text(intent->data, "batch"), data_text(origin, "method"),
        data_text(origin, "transfer"),    data_text(origin, "line"),
        data_text(origin, "shift"),       data_text(origin, "operators")};
    TRY(key_origin_entry(&said, &text));
    for (size_t i = 0; i < lines->count; i++) {
        const json_t *data = data_inner(lines->rows[i].object, "data");
        if (strcmp(data_text(lines->rows[i].object, "kind"), "custody") == 0
            && strcmp(data_text(data, "kind"), KEY_ORIGIN_ENTRY) == 0
            && strcmp(data_text(data, "text"), text) == 0)
            return NULL;
    }
    return ERROR(ERROR_VERIFICATION,
                 "the ledger does not say where the keys of the batch come from");
}

struct error *
batch_origin_check(const struct evidence *evidence, const struct ledger_lines *lines,
                   const struct transcript_record *intent)
{
    if (intent == NULL)
        return NULL;
    const json_t *origin = data_inner(intent->data, "origin");
    const struct key_origin_row *row = key_origin_find(data_text(origin, "method"));
    if (!is_as_in_script(evidence, intent, origin))
        return ERROR(ERROR_VERIFICATION,
                     "the keys of the batch come from elsewhere than the script says");
    if (row == NULL)
        return NULL;
    TRY(check_entered(lines, intent, origin));
    if (!row->derived)
        return NULL;
    if (!is_derivation(data_text(origin, "derivation")))
        return ERROR(ERROR_VERIFICATION,
                     "the batch is from seeds by a derivation that is not known");
    TRY(check_opening(evidence, intent, origin));
    return check_no_keys(evidence, intent->step);
}
