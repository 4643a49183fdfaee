/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/check_list.h"

#include <string.h>

#include <jansson.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"

#define DESCRIPTION     "badkeysdata.json"
#define LIST            "blocklist.dat"
#define DESCRIPTION_MAX 1048576
#define FORMAT          0
#define SECONDS_TEXT    19 /* "2026-11-23T14:32:07" */

static struct error *
malformed(const char *what)
{
    return error_hint(
        ERROR(ERROR_INPUT, "the description of the list of known keys, \"" DESCRIPTION "\", %s",
              what),
        "Fetch the list and its description together");
}

/* ISO 8601, with whatever follows the seconds cut off: a fraction, "Z" or "+00:00". */
static struct error *
read_date(const char *text, int64_t *ret_date)
{
    AUTO_FREE char *cut = NULL;
    int64_t ms = 0;
    if (text == NULL || strlen(text) < SECONDS_TEXT)
        return malformed("has no date");
    TRY(text_format(&cut, "%.*sZ", SECONDS_TEXT, text));
    cut[10] = 'T';
    TRY(clock_parse(cut, &ms));
    *ret_date = ms / 1000;
    return NULL;
}

static struct error *
read_description(const json_t *description, const char *path, struct weak_list **ret_list,
                 int64_t *ret_date)
{
    const json_t *format = json_object_get(description, "bkformat");
    const char *sha256 = json_string_value(json_object_get(description, "blocklist_sha256"));
    int64_t date = 0;
    if (!json_is_integer(format) || json_integer_value(format) != FORMAT)
        return malformed("is of another format than 0");
    if (sha256 == NULL)
        return malformed("has no hash of the list");
    TRY(read_date(json_string_value(json_object_get(description, "date")), &date));
    TRY(weak_list_open(path, sha256, ret_list));
    *ret_date = date;
    return NULL;
}

struct error *
batch_list_open(const char *folder, struct weak_list **ret_list, int64_t *ret_date)
{
    AUTO_FREE char *description_path = NULL;
    AUTO_FREE char *list_path = NULL;
    AUTO_BYTES text = {0};
    json_error_t fault;
    TRY(path_join(folder, DESCRIPTION, &description_path));
    TRY(path_join(folder, LIST, &list_path));
    TRY(file_read(description_path, DESCRIPTION_MAX, &text));
    json_t *description =
        json_loadb(bytes_text(&text), text.len, JSON_REJECT_DUPLICATES, &fault);
    struct error *error = json_is_object(description)
                              ? read_description(description, list_path, ret_list, ret_date)
                              : malformed("is no JSON object");
    json_decref(description);
    return error;
}
