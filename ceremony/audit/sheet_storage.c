/* SPDX-License-Identifier: Apache-2.0
 *
 * How a CA's key is kept, and how many people it takes to bring it back. (R81, R82, R85) */
#include <string.h>

#include "ceremony/audit/plan_text.h"
#include "ceremony/audit/sheet.h"
#include "ceremony/base/text.h"
#include "ceremony/rules/share_plan.h"

/* The newest act of that kind on the key: its record, and its folder. */
static const struct transcript_record *
find_act(const struct sheet *sheet, const struct sheet_ca *ca, const char *does,
         const struct evidence **ret_folder)
{
    const struct transcript_record *found = NULL;
    for (size_t f = 0; f < sheet->folder_count; f++) {
        const struct evidence *folder = &sheet->folders[f];
        EACH_RECORD(record, folder)
        {
            if (!is_done(record, does))
                continue;
            const struct transcript_record *key =
                find_key(folder, "key", data_text(record->data, "key"), 0);
            if (key == NULL || strcmp(data_text(key->data, "spki_sha256"), ca->spki_sha256) != 0
                || (found != NULL && record->wall_ms < found->wall_ms))
                continue;
            found = record;
            *ret_folder = folder;
        }
    }
    return found;
}

/* What a token said of itself in the ceremony that made, restored or found the key. */
static const struct transcript_record *
token_facts(const struct evidence *folder, const char *token)
{
    const struct transcript_record *found = NULL;
    EACH_RECORD(record, folder)
    if (is_fact(record, "token") && strcmp(data_text(record->data, "token"), token) == 0)
        found = record;
    return found;
}

/* --- copies --- */

struct copies {
    size_t present;
    size_t wrapped;
    uint64_t entries[32]; /* that say so */
    size_t entry_count;
};

/* The newest entry of its kind about one copy: `key` of the line is the copy's name. */
static bool
is_newest(const struct sheet *sheet, size_t index, const char *kind, const char *key)
{
    uint64_t seq = 0;
    const char *other = NULL;
    const char *own = NULL;
    const json_t *data = sheet_line(sheet, index, &own, &seq);
    for (size_t i = index + 1; i < sheet->lines.count; i++) {
        const json_t *later = sheet_line(sheet, i, &other, &seq);
        if (strcmp(other, kind) == 0 && strcmp(data_text(later, key), data_text(data, key)) == 0
            && strcmp(data_text(later, "spki_sha256"), data_text(data, "spki_sha256")) == 0)
            return false;
    }
    return true;
}

static void
count_copies(const struct sheet *sheet, const struct sheet_ca *ca, struct copies *copies)
{
    for (size_t i = 0; i < sheet->lines.count; i++) {
        const char *kind = NULL;
        uint64_t seq = 0;
        const json_t *data = sheet_line(sheet, i, &kind, &seq);
        bool token = strcmp(kind, "key-copy") == 0
                     && strcmp(data_text(data, "spki_sha256"), ca->spki_sha256) == 0
                     && strcmp(data_text(data, "state"), "present") == 0
                     && is_newest(sheet, i, kind, "serial");
        bool blob = strcmp(kind, "backup") == 0
                    && strcmp(data_text(data, "key_spki_sha256"), ca->spki_sha256) == 0
                    && strcmp(data_text(data, "state"), "live") == 0
                    && is_newest(sheet, i, kind, "blob_sha256");
        copies->present += token ? 1 : 0;
        copies->wrapped += blob ? 1 : 0;
        if ((token || blob)
            && copies->entry_count < sizeof copies->entries / sizeof copies->entries[0])
            copies->entries[copies->entry_count++] = seq;
    }
}

static struct error *
point_to_acts(struct sheet *sheet, const struct sheet_ca *ca)
{
    static const char *const acts[] = {"generate-key", "lock-key", "prove-restore"};
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        const struct evidence *folder = NULL;
        const struct transcript_record *act = find_act(sheet, ca, acts[i], &folder);
        if (act != NULL)
            TRY(sheet_point_record(sheet, folder, act->seq));
    }
    return NULL;
}

struct error *
sheet_storage(struct sheet *sheet, const char *question, const struct sheet_ca *ca)
{
    AUTO_FREE char *name = NULL;
    struct copies copies = {0};
    const struct evidence *folder = NULL;
    const struct evidence *proof = NULL;
    TRY(sheet_name(ca, &name));
    const struct transcript_record *made = find_act(sheet, ca, "generate-key", &folder);
    if (made == NULL)
        return sheet_answer(sheet, question, name, SHEET_PUBLIC, NULL);
    const struct transcript_record *facts = token_facts(folder, data_text(made->data, "token"));
    count_copies(sheet, ca, &copies);
    TRY(sheet_answer(
        sheet, question, name, SHEET_PUBLIC,
        "made inside a token (%s, %s; validation: %s); %s; %zu copies on tokens and %zu "
        "wrapped copies in existence; a restore of the backup was %s",
        facts == NULL ? "maker not recorded" : data_text(facts->data, "manufacturer"),
        facts == NULL ? "model not recorded" : data_text(facts->data, "model"),
        facts == NULL ? "not recorded" : data_text(facts->data, "validation"),
        find_act(sheet, ca, "lock-key", &proof) != NULL
            ? "locked there, so that it cannot leave it"
            : "no lock after a backup is recorded",
        copies.present, copies.wrapped,
        find_act(sheet, ca, "prove-restore", &proof) != NULL ? "proven on another token"
                                                             : "not proven in these folders"));
    if (facts != NULL)
        TRY(sheet_point_record(sheet, folder, facts->seq));
    TRY(point_to_acts(sheet, ca));
    for (size_t i = 0; i < copies.entry_count; i++)
        TRY(sheet_point_entry(sheet, copies.entries[i]));
    return NULL;
}

/* --- shares --- */

/* The act that made the share set of today, and the plan that its folder holds; NULL where it has none. */
static const struct share_plan *
plan_of(const struct sheet *sheet, const struct sheet_ca *ca,
        const struct transcript_record **ret_act, const struct evidence **ret_folder)
{
    const struct evidence *again_folder = NULL;
    const struct transcript_record *act = find_act(sheet, ca, "back-up-key", ret_folder);
    const struct transcript_record *again = find_act(sheet, ca, "re-share", &again_folder);
    if (again != NULL && (act == NULL || again->wall_ms > act->wall_ms)) {
        act = again;
        *ret_folder = again_folder;
    }
    *ret_act = act;
    const struct site *site = act == NULL ? NULL : (*ret_folder)->site;
    for (size_t i = 0; site != NULL && i < site->plan_count; i++)
        if (strcmp(site->plans[i].name, data_text(act->data, "shares")) == 0)
            return &site->plans[i];
    return NULL;
}

struct error *
sheet_shares(struct sheet *sheet, const char *question, const struct sheet_ca *ca)
{
    AUTO_FREE char *name = NULL;
    AUTO_BYTES all = {0};
    const struct transcript_record *act = NULL;
    const struct evidence *folder = NULL;
    TRY(sheet_name(ca, &name));
    const struct share_plan *plan = plan_of(sheet, ca, &act, &folder);
    if (plan == NULL) {
        TRY(sheet_answer(sheet, question, name, SHEET_PUBLIC, NULL));
        return act == NULL ? NULL : sheet_point_record(sheet, folder, act->seq);
    }
    TRY(sheet_answer(sheet, question, name, SHEET_PUBLIC,
                     "n-k = %u: so many shares may be lost before the backup is",
                     plan_spare(plan)));
    TRY(sheet_point_record(sheet, folder, act->seq));
    TRY(plan_describe(plan, &all));
    TRY(sheet_answer(sheet, question, name, SHEET_PRIVATE, "%s", bytes_text(&all)));
    return sheet_point_record(sheet, folder, act->seq);
}
