/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of the evidence folder: announced, written, read back, recorded. */
#include <stdio.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/context.h"
#include "ceremony/pki/show.h"

const char *
evidence_prefix(const struct engine *engine)
{
    return engine->site->rehearsal ? "PRACTICE-" : "";
}

static struct error *
make_folder_of(const struct engine *engine, const char *name)
{
    const char *slash = strrchr(name, '/');
    if (slash == NULL)
        return NULL;
    AUTO_FREE char *part = NULL;
    AUTO_FREE char *path = NULL;
    TRY(text_format(&part, "%.*s", (int)(slash - name), name));
    TRY(path_join(engine->evidence, part, &path));
    return folder_make(path, true);
}

/* Whether the file is there already with these very bytes. */
static struct error *
already_there(const char *path, const void *data, size_t len, bool *ret_there)
{
    *ret_there = false;
    if (!file_exists(path))
        return NULL;
    AUTO_BYTES there = {0};
    TRY(file_read(path, len + 1, &there));
    *ret_there = there.len == len && memcmp(there.data, data, len) == 0;
    return NULL;
}

struct error *
evidence_write(struct engine *engine, const char *kind, const char *name, const void *data,
               size_t len)
{
    AUTO_FREE char *path = NULL;
    char hash[DIGEST_SHA256_TEXT];
    uint64_t intent = 0;
    bool there = false;
    TRY(path_join(engine->evidence, name, &path));
    TRY(digest_sha256_text(data, len, hash));
    TRY(engine_intent(engine, "write-output",
                      json_pack("{s:s,s:s}", "file", name, "sha256", hash), &intent));
    TRY(make_folder_of(engine, name));
    TRY(already_there(path, data, len, &there));
    if (!there) {
        struct error *error = file_write_new(path, data, len);
        if (error != NULL)
            return engine_result_failed(engine, intent, error);
    }
    return engine_record(engine, TRANSCRIPT_OUTPUT, engine_actor(engine),
                         json_pack("{s:I,s:s,s:s,s:s,s:I}", "of", (json_int_t)intent, "kind",
                                   kind, "file", name, "sha256", hash, "size", (json_int_t)len),
                         NULL);
}

struct error *
evidence_record(struct engine *engine, const char *kind, const char *name)
{
    AUTO_FREE char *path = NULL;
    char hash[DIGEST_SHA256_TEXT];
    unsigned long long size = 0;
    uint64_t intent = 0;
    TRY(path_join(engine->evidence, name, &path));
    TRY(digest_sha256_file(path, hash, &size));
    TRY(engine_intent(engine, "write-output",
                      json_pack("{s:s,s:s}", "file", name, "sha256", hash), &intent));
    return engine_record(engine, TRANSCRIPT_OUTPUT, engine_actor(engine),
                         json_pack("{s:I,s:s,s:s,s:s,s:I}", "of", (json_int_t)intent, "kind",
                                   kind, "file", name, "sha256", hash, "size",
                                   (json_int_t)size),
                         NULL);
}

struct error *
evidence_write_numbered(struct engine *engine, const char *kind, const char *stem,
                        const char *ending, const void *data, size_t len)
{
    for (unsigned n = 1;; n++) {
        AUTO_FREE char *name = NULL;
        AUTO_FREE char *path = NULL;
        bool same = false;
        if (n == 1)
            TRY(text_format(&name, "%s%s", stem, ending));
        else
            TRY(text_format(&name, "%s-%u%s", stem, n, ending));
        TRY(path_join(engine->evidence, name, &path));
        TRY(already_there(path, data, len, &same));
        if (same || !file_exists(path))
            return evidence_write(engine, kind, name, data, len);
    }
}

struct error *
evidence_read(struct engine *engine, const char *name, size_t limit, struct bytes *ret_data)
{
    AUTO_FREE char *path = NULL;
    TRY(path_join(engine->evidence, name, &path));
    return file_read(path, limit, ret_data);
}

struct error *
evidence_hash_line(struct bytes *body, const char *name, const char *hex)
{
    unsigned char hash[4];
    char first[9];
    (void)snprintf(first, sizeof first, "%.8s", hex);
    TRY(hex_decode(first, hash, sizeof hash));
    return bytes_format(body, "%.40s\n    %s  %s %s %s %s\n", name, first,
                        words_pgp_word(hash[0], 0), words_pgp_word(hash[1], 1),
                        words_pgp_word(hash[2], 2), words_pgp_word(hash[3], 3));
}

#define TEMPORARY_ENDING ".tmp"

struct error *
evidence_sweep(struct engine *engine, size_t *ret_swept)
{
    AUTO_FOLDER_LIST list = {0};
    *ret_swept = 0;
    TRY(folder_list(engine->evidence, true, false, &list));
    for (size_t i = 0; i < list.count; i++) {
        AUTO_FREE char *path = NULL;
        if (!text_ends_with(list.names[i], TEMPORARY_ENDING))
            continue;
        TRY(path_join(engine->evidence, list.names[i], &path));
        TRY(file_destroy(path));
        (*ret_swept)++;
    }
    return NULL;
}

struct error *
evidence_paper(struct engine *engine, const char *what, const char *sha256)
{
    unsigned char hash[32];
    AUTO_BYTES body = {0};
    AUTO_BYTES groups = {0};
    TRY(hex_decode(sha256, hash, sizeof hash));
    TRY(pki_show_fingerprint(hash, sizeof hash, &groups));
    TRY(bytes_format(&body,
                     "SHA-256 of the %s (its .der file). The witness\n"
                     "writes the words on paper. The paper travels to the other\n"
                     "ceremony, by another way than the medium.\n\n%s",
                     what, bytes_text(&groups)));
    return ask_tell(engine, "paper", bytes_text(&body), people_name(engine, "witness", 0));
}
