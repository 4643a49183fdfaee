/* SPDX-License-Identifier: Apache-2.0
 *
 * ledger export, and ledger rebuild after a loss: from the evidence folders of the ceremonies that it
 * remembers. Nothing is believed that does not follow from their closed transcripts. (R102) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/file_stage.h"
#include "ceremony/base/text.h"
#include "ceremony/cli/command.h"
#include "ceremony/cli/ledger_rows.h"
#include "ceremony/engine/archive.h"
#include "ceremony/ledger/known.h"
#include "transcripts/reader.h"

#define LINES_MAX (1U << 30)

struct source { /* one evidence folder */
    const char *folder;
    char ceremony[128];
    char head[65];        /* of its closed transcript */
    char ledger_head[65]; /* as its closing record says */
    struct bytes lines;
};

struct sources {
    struct source rows[4096]; /* a list each week, for a long life */
    size_t count;
    size_t longest;
};

static void
sources_free(struct sources **sources)
{
    for (size_t i = 0; *sources != NULL && i < (*sources)->count; i++)
        bytes_clear(&(*sources)->rows[i].lines);
    free(*sources);
}

static const char *
text_at(const json_t *data, const char *outer, const char *key)
{
    const json_t *from = outer == NULL ? data : json_object_get(data, outer);
    const char *text = json_string_value(json_object_get(from, key));
    return text == NULL ? "" : text;
}

static struct error *
read_closing(struct source *source)
{
    AUTO_FREE char *path = NULL;
    AUTO_READING reading = {0};
    TRY(path_join(source->folder, "transcript.jsonl", &path));
    TRY(transcript_read(path, false, &reading));
    const struct transcript_record *last =
        reading.count == 0 ? NULL : &reading.records[reading.count - 1];
    if (last == NULL || last->type != TRANSCRIPT_CLOSING)
        return error_hint(
            ERROR(ERROR_REFUSED, "the ceremony of \"%s\" was never closed", source->folder),
            "Only closed ceremonies can be taken. Resume or abort it first.");
    (void)snprintf(source->ceremony, sizeof source->ceremony, "%s",
                   text_at(last->data, NULL, "ceremony"));
    (void)snprintf(source->ledger_head, sizeof source->ledger_head, "%s",
                   text_at(last->data, "ledger", "head"));
    hex_encode(last->hash, sizeof last->hash, source->head);
    return NULL;
}

/* The lines whose head the closing record names; an interrupted closing may have written others. */
static struct error *
read_lines(struct source *source)
{
    AUTO_FOLDER_LIST list = {0};
    TRY(folder_list(source->folder, false, false, &list));
    for (size_t i = 0; i < list.count; i++) {
        AUTO_FREE char *path = NULL;
        AUTO_BYTES lines = {0};
        unsigned char head[32];
        char hex[65];
        if (!text_starts_with(list.names[i], "ledger")
            || !text_ends_with(list.names[i], ".jsonl"))
            continue;
        TRY(path_join(source->folder, list.names[i], &path));
        TRY(file_read(path, LINES_MAX, &lines));
        TRY(ledger_check_lines(lines.data, lines.len, head, NULL));
        hex_encode(head, sizeof head, hex);
        if (strcmp(hex, source->ledger_head) != 0)
            continue;
        source->lines = lines;
        memset(&lines, 0, sizeof lines);
        return NULL;
    }
    return error_hint(ERROR(ERROR_VERIFICATION,
                            "\"%s\" holds no ledger lines that end as its closing record says",
                            source->folder),
                      "Verify the folder with ceremony-audit.");
}

static struct error *
read_sources(struct sources *sources)
{
    for (size_t n = 0; option_nth("--from", n) != NULL; n++) {
        if (sources->count == sizeof sources->rows / sizeof sources->rows[0])
            return ERROR(ERROR_USAGE, "more folders are given than this program takes");
        struct source *source = &sources->rows[sources->count++];
        source->folder = option_nth("--from", n);
        TRY_DOING(read_closing(source), "reading \"%s\"", source->folder);
        TRY(read_lines(source));
        if (source->lines.len > sources->rows[sources->longest].lines.len)
            sources->longest = sources->count - 1;
    }
    return sources->count > 0 ? NULL : ERROR(ERROR_USAGE, "--from EVIDENCE is missing");
}

/* All the others must be beginnings of the longest. */
static struct error *
refuse_forks(const struct sources *sources)
{
    const struct source *longest = &sources->rows[sources->longest];
    for (size_t i = 0; i < sources->count; i++) {
        const struct source *source = &sources->rows[i];
        if (source->lines.len == 0)
            continue;
        if (source->lines.len <= longest->lines.len
            && memcmp(source->lines.data, longest->lines.data, source->lines.len) == 0)
            continue;
        return error_hint(
            ERROR(ERROR_REFUSED, "the ledger of \"%s\" does not go on to that of \"%s\"",
                  source->folder, longest->folder),
            "They are of different CAs, or one of them is a fork. Verify them together with "
            "ceremony-audit.");
    }
    return NULL;
}

/* --- an unbroken past --- */

static bool
is_given(const struct sources *sources, const char *ceremony)
{
    for (size_t i = 0; i < sources->count; i++)
        if (strcmp(sources->rows[i].ceremony, ceremony) == 0)
            return true;
    return false;
}

static bool
is_lost(const char *ceremony)
{
    const char *lost = NULL;
    for (size_t n = 0; (lost = option_nth("--lost", n)) != NULL; n++)
        if (strcmp(lost, ceremony) == 0)
            return true;
    return false;
}

/* The ceremony that a line opens; "" for another entry. The caller frees. */
static struct error *
opened_by(const char *line, size_t len, char **ret_ceremony)
{
    json_t *entry = json_loadb(line, len, 0, NULL);
    const bool opens = strcmp(text_at(entry, NULL, "kind"), "ceremony-open") == 0;
    struct error *error =
        text_copy(opens ? text_at(entry, NULL, "ceremony") : "", ret_ceremony);
    json_decref(entry);
    return error;
}

/* What only a folder holds that is not given would be missing in the archive, and nobody would hear of it before a key
 * has to be restored. */
static struct error *
require_all(const struct sources *sources)
{
    AUTO_BYTES missing = {0};
    const struct bytes *lines = &sources->rows[sources->longest].lines;
    size_t count = 0;
    for (size_t at = 0; at < lines->len;) {
        AUTO_FREE char *ceremony = NULL;
        const char *line = (const char *)lines->data + at;
        const char *end = memchr(line, '\n', lines->len - at);
        size_t len = end == NULL ? lines->len - at : (size_t)(end - line);
        TRY(opened_by(line, len, &ceremony));
        at += len + 1;
        if (ceremony[0] == '\0' || is_given(sources, ceremony) || is_lost(ceremony))
            continue;
        TRY(bytes_format(&missing, "%s%s", count++ == 0 ? "" : ", ", ceremony));
    }
    if (count == 0)
        return NULL;
    return error_hint(
        ERROR(ERROR_NOT_FOUND,
              "the ledger remembers ceremonies whose evidence folders are not given: %s",
              bytes_text(&missing)),
        "Give each with --from. Say --lost CEREMONY of one whose folder is lost on all media: "
        "certificates and wrapped keys that it alone holds will be missing.");
}

/* The lines were written before the end of their own ceremony, which its transcript proves. */
static struct error *
close_last(const char *path, const struct source *longest)
{
    AUTO(ledger) ledger = NULL;
    AUTO_FREE char *open = NULL;
    TRY(ledger_open(path, false, &ledger));
    TRY(ledger_open_ceremony(ledger, &open));
    if (open == NULL)
        return NULL;
    if (strcmp(open, longest->ceremony) != 0)
        return ERROR(ERROR_VERIFICATION,
                     "the ledger ends in the ceremony \"%s\", not in \"%s\"", open,
                     longest->ceremony);
    return ledger_ceremony_close(ledger, longest->ceremony, longest->head, "closed");
}

/* Wrapped keys that were given up lie in old evidence folders, but are not brought back. */
static struct error *
drop_retired(const char *site, const char *path)
{
    AUTO(ledger) ledger = NULL;
    AUTO_FREE struct known_key *keys = NULL;
    size_t key_count = 0;
    TRY(ledger_open_read(path, &ledger));
    TRY(known_keys(ledger, &keys, &key_count));
    for (size_t k = 0; k < key_count; k++) {
        AUTO_FREE struct known_backup *backups = NULL;
        size_t count = 0;
        TRY(known_backups(ledger, keys[k].spki_sha256, &backups, &count));
        for (size_t i = 0; i < count; i++)
            if (strcmp(backups[i].state, "live") != 0)
                TRY(archive_destroy(site, ARCHIVE_WRAPPED_KEY, backups[i].blob_sha256, NULL));
    }
    return NULL;
}

static struct error *
import_lines(const char *path, const struct sources *sources)
{
    AUTO(ledger_rows_reader) reader = NULL;
    const struct source *longest = &sources->rows[sources->longest];
    TRY(ledger_rows_new(&reader));
    for (size_t i = 0; i < sources->count; i++)
        TRY(ledger_rows_add_folder(reader, sources->rows[i].ceremony, sources->rows[i].folder));
    struct ledger_rows_from rows = ledger_rows_of(reader);
    return ledger_import(path, longest->lines.data, longest->lines.len, &rows);
}

static struct error *
rebuild(const char *site)
{
    __attribute__((cleanup(sources_free))) struct sources *sources = calloc(1, sizeof *sources);
    AUTO_FREE char *path = NULL;
    AUTO_FREE char *made = NULL;
    if (sources == NULL)
        return error_memory();
    TRY(path_join(site, "ledger.db", &path));
    if (file_exists(path))
        return error_hint(
            ERROR(ERROR_EXISTS, "the site folder has a ledger already"),
            "Move it away first, and keep it: what is rebuilt can be compared with "
            "it.");
    TRY(read_sources(sources));
    TRY(refuse_forks(sources));
    TRY(require_all(sources));
    const struct source *longest = &sources->rows[sources->longest];
    TRY(path_join(site, "ledger.db.new", &made));
    TRY(file_remove(made)); /* of one that was broken off */
    TRY(import_lines(made, sources));
    struct error *error = close_last(made, longest);
    for (size_t i = 0; i < sources->count && error == NULL; i++)
        error = archive_keep(site, sources->rows[i].folder, sources->rows[i].ceremony);
    if (error == NULL)
        error = drop_retired(site, made);
    if (error == NULL) /* whole, with all that belongs to it: now it gets its name */
        error = file_copy(made, path);
    if (error != NULL) {
        error_free(file_remove(made));
        return error;
    }
    TRY(file_remove(made));
    (void)printf("Rebuilt from %zu folders, up to the ceremony %s.\n", sources->count,
                 longest->ceremony);
    for (size_t n = 0; option_nth("--lost", n) != NULL; n++)
        (void)printf("Without %s: what its folder alone held is not in the archive.\n",
                     option_nth("--lost", n));
    return NULL;
}

static struct error *export(const char *site)
{
    AUTO_FREE char *path = NULL;
    AUTO_BYTES lines = {0};
    AUTO(ledger) ledger = NULL;
    TRY(path_join(site, "ledger.db", &path));
    TRY(ledger_open_read(path, &ledger));
    TRY(ledger_export(ledger, &lines));
    if (fwrite(lines.data, 1, lines.len, stdout) != lines.len)
        return ERROR(ERROR_IO, "the lines could not be written");
    return NULL;
}

struct error *
cmd_ledger(const struct command *command)
{
    (void)command;
    const char *site = option_value("--site");
    if (site == NULL)
        return ERROR(ERROR_USAGE, "--site DIR is missing");
    if (strcmp(argument(0), "export") == 0)
        return export(site);
    if (strcmp(argument(0), "rebuild") == 0)
        return rebuild(site);
    return error_hint(ERROR(ERROR_USAGE, "unknown action \"%.60s\"", argument(0)),
                      "Say export or rebuild.");
}
