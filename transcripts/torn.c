/* SPDX-License-Identifier: Apache-2.0 */
#include "transcripts/torn.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "transcripts/openings.h"
#include "transcripts/record.h"

#define TORN_MAX 999U

/* The first free torn/NNN. */
static struct error *
free_name(const char *folder, char **ret_path)
{
    for (unsigned number = 1; number <= TORN_MAX; number++) {
        AUTO_FREE char *path = NULL;
        TRY(text_format(&path, "%s/" TORN_FOLDER "/%03u", folder, number));
        if (!file_exists(path)) {
            *ret_path = TAKE(path);
            return NULL;
        }
    }
    return ERROR(ERROR_REFUSED, "more than %u torn lines were set aside already", TORN_MAX);
}

static struct error *
set_aside(const char *folder, const char *data, size_t len)
{
    AUTO_FREE char *torn_folder = NULL;
    AUTO_FREE char *path = NULL;
    TRY(path_join(folder, TORN_FOLDER, &torn_folder));
    TRY(folder_make(torn_folder, true));
    TRY(folder_sync(folder));
    TRY(free_name(folder, &path));
    return file_write_new(path, data, len);
}

static bool
is_number_name(const char *name)
{
    return strlen(name) == 3 && strspn(name, "0123456789") == 3;
}

static bool
is_recorded(const struct bytes *raw, size_t end, const char *name)
{
    char text[32];
    (void)snprintf(text, sizeof text, "\"" TORN_FOLDER "/%s\"", name);
    return end > 0 && memmem(raw->data, end, text, strlen(text)) != NULL;
}

/* The newest is the object; those before it become its list "earlier". */
static struct error *
add_torn(const char *folder, const char *name, json_t **torn)
{
    AUTO_FREE char *path = NULL;
    AUTO_FREE char *shown = NULL;
    TRY(text_format(&shown, TORN_FOLDER "/%s", name));
    TRY(path_join(folder, shown, &path));
    char hash[DIGEST_SHA256_TEXT];
    unsigned long long size = 0;
    TRY(digest_sha256_file(path, hash, &size));
    json_t *object =
        json_pack("{s:s, s:s, s:I}", "file", shown, "sha256", hash, "size", (json_int_t)size);
    if (object == NULL)
        return error_memory();
    if (*torn != NULL) {
        json_t *earlier = json_object_get(*torn, "earlier");
        earlier = earlier == NULL ? json_array() : json_incref(earlier);
        (void)json_object_del(*torn, "earlier");
        int failed = json_array_append_new(earlier, *torn);
        *torn = NULL;
        failed |= json_object_set_new(object, "earlier", earlier);
        if (failed != 0) {
            json_decref(object);
            return error_memory();
        }
    }
    *torn = object;
    return NULL;
}

static struct error *
name_unrecorded(const char *folder, const struct transcript_reading *reading, json_t **torn)
{
    AUTO_FREE char *torn_folder = NULL;
    TRY(path_join(folder, TORN_FOLDER, &torn_folder));
    if (!file_is_folder(torn_folder))
        return NULL;
    AUTO_FOLDER_LIST list = {0};
    TRY(folder_list(torn_folder, false, true, &list));
    size_t end = reading->torn ? reading->torn_offset : reading->raw.len;
    for (size_t i = 0; i < list.count; i++) {
        if (is_number_name(list.names[i]) && !is_recorded(&reading->raw, end, list.names[i]))
            TRY(add_torn(folder, list.names[i], torn));
    }
    return NULL;
}

struct error *
torn_move_line(const char *folder, struct journal *lines,
               const struct transcript_reading *reading, json_t **ret_torn)
{
    if (reading->torn) {
        size_t offset = reading->torn_offset;
        TRY(set_aside(folder, bytes_text(&reading->raw) + offset, reading->raw.len - offset));
        TRY(journal_cut(lines, offset));
    }
    json_t *torn = NULL;
    struct error *error = name_unrecorded(folder, reading, &torn);
    if (error != NULL) {
        json_decref(torn);
        return error;
    }
    *ret_torn = torn;
    return NULL;
}

static struct error *
note_confidential(json_t **torn, const char *commitment, size_t size)
{
    if (*torn == NULL)
        *torn = json_object();
    json_t *note = json_pack("{s:s, s:I}", "commitment", commitment, "size", (json_int_t)size);
    if (*torn == NULL || json_object_set_new(*torn, "confidential", note) != 0)
        return error_memory();
    return NULL;
}

struct error *
torn_mend_openings(struct journal *openings, json_t **torn)
{
    AUTO_BYTES raw = {0};
    TRY(journal_read(openings, TRANSCRIPT_LIMIT, &raw));
    struct transcript_openings rows = {0};
    size_t end = 0;
    struct error *error = openings_parse(bytes_text(&raw), raw.len, true, &rows, &end);
    transcript_openings_clear(&rows);
    TRY(error);
    if (end == raw.len)
        return NULL;
    AUTO_FREE char *hex = NULL;
    AUTO_FREE char *line = NULL;
    char commitment[DIGEST_SHA256_TEXT];
    TRY(hex_encode_new(raw.data + end, raw.len - end, &hex));
    json_t *value = json_string(hex);
    if (value == NULL)
        return error_memory();
    error = opening_encode("torn line", value, &line, commitment);
    json_decref(value);
    TRY(error);
    TRY(journal_cut(openings, end));
    TRY(journal_append(openings, line, strlen(line)));
    return note_confidential(torn, commitment, raw.len - end);
}
