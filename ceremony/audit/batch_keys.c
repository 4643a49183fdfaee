/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/audit/batch_keys.h"

#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/rules/key_origin.h"

#define FOLDER "device-keys"

void
batch_keys_init(struct batch_keys *keys, const struct evidence *evidence,
                const struct transcript_record *record)
{
    AUTO_FREE char *folder = NULL;
    const struct transcript_record *intent = intent_of(evidence, record);
    const struct key_origin_row *origin =
        intent == NULL
            ? NULL
            : key_origin_find(data_text(data_inner(intent->data, "origin"), "method"));
    struct error *error = path_join(evidence->folder, FOLDER, &folder);
    keys->expected = error == NULL && origin != NULL && origin->made_here && !origin->derived
                     && file_is_folder(folder);
    error_free(error);
}

void
batch_keys_clear(struct batch_keys *keys)
{
    bytes_clear(&keys->file);
}

struct error *
batch_keys_open(struct batch_keys *keys, const struct evidence *evidence, const char *prefix,
                const char *step, int64_t block)
{
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *envelope = NULL;
    AUTO_BYTES sealed = {0};
    keys->at = 0;
    keys->file.len = 0;
    if (!keys->expected)
        return NULL;
    TRY(text_format(&name, FOLDER "/%s%s/%06lld.jsonl", prefix, step, (long long)block));
    TRY(text_format(&envelope, FOLDER "/%s%s/%06lld.p7m", prefix, step, (long long)block));
    TRY(evidence_file(evidence, envelope, &sealed));
    return evidence_file(evidence, name, &keys->file);
}

struct error *
batch_keys_next(struct batch_keys *keys, const json_t *line)
{
    static const char *const same[] = {"certificate_sha256", "device", "serial", "spki_sha256"};
    if (!keys->expected)
        return NULL;
    const char *start = bytes_text(&keys->file) + keys->at;
    const char *end = strchr(start, '\n');
    size_t len = end == NULL ? 0 : (size_t)(end - start);
    json_t *key = json_loadb(start, len, JSON_REJECT_DUPLICATES, NULL);
    bool fits = key != NULL && data_text(key, "key")[0] != '\0';
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        fits = fits && strcmp(data_text(key, same[i]), data_text(line, same[i])) == 0;
    json_decref(key);
    keys->at += len + 1;
    return fits ? NULL
                : ERROR(ERROR_VERIFICATION, "the wrapped key of item \"%s\" is not in its file",
                        data_text(line, "item"));
}

struct error *
batch_keys_end(struct batch_keys *keys, int64_t block)
{
    if (!keys->expected || keys->at == keys->file.len)
        return NULL;
    return ERROR(ERROR_VERIFICATION, "block %lld has more wrapped keys than certificates",
                 (long long)block);
}
