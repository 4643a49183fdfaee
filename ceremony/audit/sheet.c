/* SPDX-License-Identifier: Apache-2.0
 *
 * The past that the sheet is made from: folders, the longest ledger, CAs and their levels. */
#include "ceremony/audit/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/text.h"

void
sheet_clear(struct sheet *sheet)
{
    for (size_t i = 0; i < sheet->folder_count; i++)
        evidence_clear(&sheet->folders[i]);
    free(sheet->folders);
    ledger_lines_clear(&sheet->lines);
    free(sheet->cas);
    free(sheet->time);
    json_decref(sheet->answers);
    *sheet = (struct sheet){0};
}

const json_t *
sheet_line(const struct sheet *sheet, size_t index, const char **ret_kind, uint64_t *ret_seq)
{
    const json_t *object = sheet->lines.rows[index].object;
    *ret_kind = data_text(object, "kind");
    *ret_seq = (uint64_t)data_number(object, "seq");
    return data_inner(object, "data");
}

const struct sheet_ca *
sheet_ca(const struct sheet *sheet, const char *spki_sha256)
{
    for (size_t i = 0; i < sheet->ca_count; i++)
        if (strcmp(sheet->cas[i].spki_sha256, spki_sha256) == 0)
            return &sheet->cas[i];
    return NULL;
}

struct error *
sheet_name(const struct sheet_ca *ca, char **ret_name)
{
    return ca->label[0] != '\0' ? text_format(ret_name, "key \"%s\"", ca->label)
                                : text_format(ret_name, "\"%s\"", ca->subject);
}

const struct pki_profile *
sheet_profile(const struct sheet *sheet, const char *id)
{
    for (size_t f = 0; f < sheet->folder_count; f++) {
        const struct script *script = sheet->folders[f].script;
        for (size_t i = 0; script != NULL && i < script->profile_count; i++)
            if (strcmp(script->profiles[i].profile->id, id) == 0)
                return script->profiles[i].profile;
    }
    return NULL;
}

/* --- folders --- */

static struct error *
open_folder(const char *name, struct evidence *evidence)
{
    TRY(evidence_open(name, false, evidence));
    if (evidence->transcript_error != NULL) {
        struct error *error = evidence->transcript_error;
        evidence->transcript_error = NULL;
        return error_doing(error_recode(error, ERROR_VERIFICATION), "reading \"%s\"", name);
    }
    return NULL;
}

/* The longest ledger; that of every other folder must be its beginning. */
static struct error *
take_ledger(struct sheet *sheet)
{
    struct ledger_lines *all = calloc(sheet->folder_count, sizeof *all);
    struct error *error = all == NULL ? error_memory() : NULL;
    size_t longest = 0;
    for (size_t f = 0; f < sheet->folder_count && error == NULL; f++) {
        error = error_doing(ledger_lines_read(&sheet->folders[f], &all[f]),
                            "reading the ledger in \"%s\"", sheet->folders[f].folder);
        longest = error == NULL && all[f].count > all[longest].count ? f : longest;
    }
    for (size_t f = 0; f < sheet->folder_count && error == NULL; f++)
        if (all[f].count > 0
            && memcmp(all[f].rows[all[f].count - 1].hash,
                      all[longest].rows[all[f].count - 1].hash, 32)
                   != 0)
            error = error_hint(ERROR(ERROR_REFUSED,
                                     "the ledgers in \"%s\" and \"%s\" are not of one past",
                                     sheet->folders[f].folder, sheet->folders[longest].folder),
                               "Give the folders of one site.");
    if (error == NULL) {
        sheet->newest = &sheet->folders[longest];
        sheet->lines = all[longest];
        all[longest] = (struct ledger_lines){0};
    }
    for (size_t f = 0; all != NULL && f < sheet->folder_count; f++)
        ledger_lines_clear(&all[f]);
    free(all);
    return error;
}

/* --- CAs --- */

static struct sheet_ca *
ca_of(struct sheet *sheet, const char *spki_sha256)
{
    for (size_t i = 0; i < sheet->ca_count; i++)
        if (strcmp(sheet->cas[i].spki_sha256, spki_sha256) == 0)
            return &sheet->cas[i];
    struct sheet_ca *ca = &sheet->cas[sheet->ca_count++];
    *ca = (struct sheet_ca){.spki_sha256 = spki_sha256,
                            .label = "",
                            .type = "",
                            .subject = "",
                            .profile = "",
                            .issuer = ""};
    return ca;
}

/* The self-signed certificate of a key is its own; else the first that was issued for it. */
static void
take_certificate(struct sheet *sheet, const json_t *data, uint64_t seq)
{
    const char *spki = data_text(data, "subject_spki_sha256");
    struct sheet_ca *ca = ca_of(sheet, spki);
    bool self = strcmp(data_text(data, "issuer"), spki) == 0;
    if (ca->seq != 0 && !self)
        return;
    ca->subject = data_text(data, "subject");
    ca->issuer = data_text(data, "issuer");
    ca->profile = data_text(data, "profile");
    ca->from = data_number(data, "not_before");
    ca->until = data_number(data, "not_after");
    ca->seq = seq;
}

static bool
is_issued(const struct sheet *sheet, const json_t *reserved)
{
    for (size_t i = 0; i < sheet->lines.count; i++) {
        const char *kind = NULL;
        uint64_t seq = 0;
        const json_t *data = sheet_line(sheet, i, &kind, &seq);
        if (strcmp(kind, "certificate-issue") == 0
            && strcmp(data_text(data, "issuer"), data_text(reserved, "issuer")) == 0
            && strcmp(data_text(data, "serial"), data_text(reserved, "serial")) == 0)
            return true;
    }
    return false;
}

static void
take_line(struct sheet *sheet, const json_t *data, const char *kind, uint64_t seq)
{
    if (strcmp(kind, "key-add") == 0) {
        struct sheet_ca *ca = ca_of(sheet, data_text(data, "spki_sha256"));
        ca->label = data_text(data, "label");
        ca->type = data_text(data, "type");
        ca->key_seq = seq;
    }
    if (!json_is_true(json_object_get(data, "is_ca")))
        return;
    if (strcmp(kind, "certificate-import") == 0
        || (strcmp(kind, "certificate-reserve") == 0 && is_issued(sheet, data)))
        take_certificate(sheet, data, seq);
}

/* Levels by counting from the self-signed ones down. */
static void
find_levels(struct sheet *sheet)
{
    for (size_t i = 0; i < sheet->ca_count; i++) {
        sheet->cas[i].anchor = i;
        if (sheet->cas[i].seq != 0
            && strcmp(sheet->cas[i].issuer, sheet->cas[i].spki_sha256) == 0)
            sheet->cas[i].level = 1;
    }
    for (unsigned round = 0; round < SHEET_LEVELS_MAX; round++)
        for (size_t i = 0; i < sheet->ca_count; i++) {
            struct sheet_ca *ca = &sheet->cas[i];
            const struct sheet_ca *above = sheet_ca(sheet, ca->issuer);
            if (ca->level != 0 || above == NULL || above->level == 0)
                continue;
            ca->level = above->level + 1;
            ca->anchor = above->anchor;
        }
}

static struct error *
find_cas(struct sheet *sheet)
{
    sheet->cas = calloc(sheet->lines.count + 1, sizeof *sheet->cas);
    if (sheet->cas == NULL)
        return error_memory();
    for (size_t i = 0; i < sheet->lines.count; i++) {
        const char *kind = NULL;
        uint64_t seq = 0;
        const json_t *data = sheet_line(sheet, i, &kind, &seq);
        take_line(sheet, data, kind, seq);
    }
    find_levels(sheet);
    return NULL;
}

static struct error *
take_time(struct sheet *sheet)
{
    int64_t wall_ms = 0;
    if (sheet->lines.count == 0)
        return ERROR(ERROR_VERIFICATION, "the ledger in \"%s\" is empty",
                     sheet->newest->folder);
    TRY(text_copy(data_text(sheet->lines.rows[sheet->lines.count - 1].object, "time"),
                  &sheet->time));
    TRY(clock_parse(sheet->time, &wall_ms));
    sheet->now = wall_ms / 1000;
    return NULL;
}

struct error *
sheet_open(const char *const *names, size_t count, struct sheet *ret_sheet)
{
    AUTO_SHEET sheet = {.answers = json_array()};
    sheet.folders = calloc(count, sizeof *sheet.folders);
    if (sheet.folders == NULL || sheet.answers == NULL)
        return error_memory();
    for (size_t i = 0; i < count; i++) {
        sheet.folder_count = i + 1;
        TRY(open_folder(names[i], &sheet.folders[i]));
    }
    TRY(take_ledger(&sheet));
    TRY(find_cas(&sheet));
    TRY(take_time(&sheet));
    *ret_sheet = sheet;
    sheet = (struct sheet){0};
    return NULL;
}
