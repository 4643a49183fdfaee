/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/blocklist.h"

#include <stdio.h>
#include <string.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"

#define ABOUT     "badkeysdata.json"
#define ABOUT_MAX ((size_t)1 << 20)

void
blocklist_clear(struct blocklist *blocklist)
{
    weak_list_free(blocklist->list);
    blocklist->list = NULL;
}

/* Date and hash from the file beside the list. */
static struct error *
take_about(const json_t *about, char ret_sha256[65], char ret_date[BLOCKLIST_DATE])
{
    const char *sha256 = json_string_value(json_object_get(about, "blocklist_sha256"));
    const char *date = json_string_value(json_object_get(about, "date"));
    AUTO_FREE char *safe = NULL;
    if (json_integer_value(json_object_get(about, "bkformat")) != 0 || sha256 == NULL
        || strlen(sha256) != 64)
        return error_hint(ERROR(ERROR_INPUT, "\"" ABOUT "\" is not of the form 0, or lacks the "
                                             "hash of its list"),
                          "Bring blocklist.dat and " ABOUT
                          " as they were downloaded together.");
    memcpy(ret_sha256, sha256, 65);
    TRY(text_safe(date == NULL ? "not stated" : date,
                  strlen(date == NULL ? "not stated" : date), &safe));
    (void)snprintf(ret_date, BLOCKLIST_DATE, "%s", safe);
    return NULL;
}

static struct error *
read_about(const char *list, char ret_sha256[65], char ret_date[BLOCKLIST_DATE])
{
    AUTO_FREE char *path = NULL;
    AUTO_BYTES text = {0};
    TRY(text_format(&path, "%.*s" ABOUT, (int)(path_name(list) - list), list));
    TRY_DOING(file_read(path, ABOUT_MAX, &text), "reading what is said of the known keys");
    json_t *about = json_loadb(bytes_text(&text), text.len, JSON_REJECT_DUPLICATES, NULL);
    struct error *error = take_about(about, ret_sha256, ret_date);
    json_decref(about);
    return error;
}

struct error *
blocklist_open(struct engine *engine, struct blocklist *ret_blocklist)
{
    char sha256[65];
    const struct site_input *input = engine->step->blocklist[0] == '\0'
                                         ? NULL
                                         : site_input(engine->site, engine->step->blocklist);
    if (input == NULL)
        return NULL;
    TRY(read_about(input->path, sha256, ret_blocklist->date));
    TRY_DOING(weak_list_open(input->path, sha256, &ret_blocklist->list),
              "opening the list of known keys");
    return NULL;
}

struct error *
blocklist_text(const struct blocklist *blocklist, struct bytes *body)
{
    if (blocklist->list == NULL)
        return NULL;
    return bytes_format(body, "\nThe list of known private keys is dated %s.\n",
                        blocklist->date);
}

json_t *
blocklist_json(const struct blocklist *blocklist)
{
    if (blocklist->list == NULL)
        return json_object();
    return json_pack("{s:s,s:s,s:I}", "sha256", weak_list_sha256(blocklist->list), "date",
                     blocklist->date, "count", (json_int_t)weak_list_count(blocklist->list));
}
