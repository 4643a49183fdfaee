/* SPDX-License-Identifier: Apache-2.0 */
#include "transcripts/openings.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/random.h"
#include "ceremony/base/text.h"
#include "transcripts/canonical.h"
#include "transcripts/record.h"

#define OPENING_KEYS 4U

static const char commitment_label[] = "ceremony commitment 1\n";

struct error *
opening_commitment(const unsigned char salt[OPENING_SALT_SIZE], const json_t *value,
                   char ret_text[DIGEST_SHA256_TEXT])
{
    AUTO_FREE char *text = NULL;
    TRY(transcript_canonical(value, &text));
    AUTO_BYTES message = {0};
    TRY(bytes_append(&message, commitment_label, sizeof commitment_label - 1));
    TRY(bytes_append(&message, salt, OPENING_SALT_SIZE));
    TRY(bytes_append_text(&message, text));
    return digest_sha256_text(message.data, message.len, ret_text);
}

struct error *
opening_encode(const char *about, json_t *value, char **ret_line,
               char ret_commitment[DIGEST_SHA256_TEXT])
{
    unsigned char salt[OPENING_SALT_SIZE];
    char salt_text[2 * OPENING_SALT_SIZE + 1];
    char commitment[DIGEST_SHA256_TEXT];
    TRY(random_bytes(salt, sizeof salt));
    hex_encode(salt, sizeof salt, salt_text);
    TRY(opening_commitment(salt, value, commitment));
    json_t *line = json_pack("{s:s, s:s, s:s, s:O}", "about", about, "commitment", commitment,
                             "salt", salt_text, "value", value);
    if (line == NULL)
        return ERROR(ERROR_BUG, "a confidential value has no proper name");
    AUTO_FREE char *text = NULL;
    struct error *error = transcript_canonical(line, &text);
    json_decref(line);
    TRY(error);
    TRY(text_format(ret_line, "%s\n", text));
    memcpy(ret_commitment, commitment, sizeof commitment);
    return NULL;
}

static struct error *
check_opening(const json_t *line, struct transcript_opening *row)
{
    const json_t *about = json_object_get(line, "about");
    const json_t *commitment = json_object_get(line, "commitment");
    const json_t *salt_text = json_object_get(line, "salt");
    json_t *value = json_object_get(line, "value");
    if (!json_is_string(about) || !json_is_string(commitment) || !json_is_string(salt_text)
        || value == NULL || json_object_size(line) != OPENING_KEYS)
        return ERROR(ERROR_VERIFICATION, "its keys are not about, commitment, salt and value");
    unsigned char salt[OPENING_SALT_SIZE];
    char again[2 * OPENING_SALT_SIZE + 1] = "";
    struct error *error = hex_decode(json_string_value(salt_text), salt, sizeof salt);
    if (error == NULL)
        hex_encode(salt, sizeof salt, again);
    error_free(error);
    if (strcmp(again, json_string_value(salt_text)) != 0)
        return ERROR(ERROR_VERIFICATION, "its salt is not 64 lower-case digits");
    TRY(opening_commitment(salt, value, row->commitment));
    if (strcmp(row->commitment, json_string_value(commitment)) != 0)
        return ERROR(ERROR_VERIFICATION, "its commitment does not open to its value");
    row->about = json_string_value(about);
    row->value = value;
    return NULL;
}

static struct error *
add_opening(struct transcript_openings *openings, json_t *line)
{
    size_t count = openings->count;
    struct transcript_opening row = {0};
    struct error *error = check_opening(line, &row);
    if (error != NULL) {
        json_decref(line);
        return error;
    }
    if (json_array_append_new(openings->lines, line) != 0)
        return error_memory();
    if ((count & (count + 1)) == 0) { /* grow at 0, 1, 3, 7, ... */
        struct transcript_opening *rows =
            realloc(openings->rows, (count + 1) * 2 * sizeof *rows);
        if (rows == NULL)
            return error_memory();
        openings->rows = rows;
    }
    openings->rows[count] = row;
    openings->count++;
    return NULL;
}

static struct error *
name_line(struct error *error, size_t number)
{
    if (error_code(error) != ERROR_VERIFICATION)
        return error;
    struct error *named = ERROR(ERROR_VERIFICATION, "line %zu of the confidential values: %s",
                                number, error_what(error));
    named = error_detail(named, "%s", error_detail_text(error));
    error_free(error);
    return named;
}

struct error *
openings_parse(const char *raw, size_t len, bool allow_torn,
               struct transcript_openings *openings, size_t *ret_end)
{
    openings->lines = json_array();
    if (openings->lines == NULL)
        return error_memory();
    size_t offset = 0;
    while (offset < len) {
        const char *newline = memchr(raw + offset, '\n', len - offset);
        size_t end = newline == NULL ? len : (size_t)(newline - raw) + 1;
        json_t *line = NULL;
        struct error *error = newline == NULL
                                  ? ERROR(ERROR_VERIFICATION, "it is not complete")
                                  : canonical_parse(raw + offset, end - offset - 1, &line);
        if (error != NULL && end == len && allow_torn
            && error_code(error) == ERROR_VERIFICATION) {
            error_free(error);
            break;
        }
        if (error == NULL)
            error = add_opening(openings, line);
        if (error != NULL)
            return name_line(error, openings->count + 1);
        offset = end;
    }
    *ret_end = offset;
    return NULL;
}

struct error *
transcript_openings_read(const char *path, bool allow_torn,
                         struct transcript_openings *ret_openings)
{
    AUTO_BYTES raw = {0};
    TRY(file_read(path, TRANSCRIPT_LIMIT, &raw));
    struct transcript_openings openings = {0};
    size_t end = 0;
    struct error *error =
        openings_parse(bytes_text(&raw), raw.len, allow_torn, &openings, &end);
    if (error != NULL) {
        transcript_openings_clear(&openings);
        return error;
    }
    *ret_openings = openings;
    return NULL;
}

void
transcript_openings_clear(struct transcript_openings *openings)
{
    free(openings->rows);
    json_decref(openings->lines);
    *openings = (struct transcript_openings){0};
}

json_t *
transcript_openings_find(const struct transcript_openings *openings, const char *commitment)
{
    for (size_t i = 0; i < openings->count; i++) {
        if (strcmp(openings->rows[i].commitment, commitment) == 0)
            return openings->rows[i].value;
    }
    return NULL;
}
