/* SPDX-License-Identifier: Apache-2.0
 *
 * SoftHSM rewrites a token's `token.object` in place at each login: a kill at that instant leaves it
 * empty, and with it every key unreachable. So the file is copied before, outside the token's folder
 * and for our eyes only, and the copy removed after a verified success. A resumed ceremony puts it
 * back where the file is found empty, as a recorded exception. Tokens without a `store` have none of
 * this. */
#include <string.h>
#include <sys/stat.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/context.h"

#define GUARDED_FILE     "token.object"
#define GUARDED_SIZE_MAX 65536U

static struct error *
guard_folder(const struct engine *engine, char **ret_path)
{
    return path_join(engine->site->folder, "token-copies", ret_path);
}

static bool
has_store(const struct site_token *token)
{
    return token->store != NULL && token->store[0] != '\0';
}

/* "UUID/token.object" <-> "UUID.token.object" */
static struct error *
copy_name(const char *stored, char **ret_name)
{
    const char *slash = strrchr(stored, '/');
    return text_format(ret_name, "%.*s.%s", (int)(slash - stored), stored, GUARDED_FILE);
}

static bool
is_guarded(const char *name)
{
    return text_ends_with(name, "/" GUARDED_FILE);
}

static struct error *
copy_one(const char *store, const char *folder, const char *name)
{
    AUTO_FREE char *from = NULL;
    AUTO_FREE char *to = NULL;
    AUTO_FREE char *flat = NULL;
    TRY(copy_name(name, &flat));
    TRY(path_join(store, name, &from));
    TRY(path_join(folder, flat, &to));
    AUTO_BYTES contents = {0};
    TRY(file_read(from, GUARDED_SIZE_MAX, &contents));
    return contents.len == 0 ? NULL : file_replace(to, contents.data, contents.len);
}

struct error *
tokens_guard_begin(struct engine *engine, struct engine_token *token)
{
    if (!has_store(token->site))
        return NULL;
    AUTO_FREE char *folder = NULL;
    TRY(guard_folder(engine, &folder));
    TRY(folder_make(folder, true));
    AUTO_FOLDER_LIST list = {0};
    TRY(folder_list(token->site->store, true, false, &list));
    for (size_t i = 0; i < list.count; i++)
        if (is_guarded(list.names[i]))
            TRY_DOING(copy_one(token->site->store, folder, list.names[i]),
                      "copying token.object of \"%s\" before it is rewritten",
                      token->site->name);
    return NULL;
}

struct error *
tokens_guard_end(struct engine *engine, struct engine_token *token)
{
    if (!has_store(token->site))
        return NULL;
    TRY(tokens_flush(engine)); /* until then the copy may be all that a power cut leaves */
    AUTO_FREE char *folder = NULL;
    TRY(guard_folder(engine, &folder));
    AUTO_FOLDER_LIST list = {0};
    TRY(folder_list(folder, false, false, &list));
    for (size_t i = 0; i < list.count; i++) {
        AUTO_FREE char *path = NULL;
        TRY(path_join(folder, list.names[i], &path));
        TRY(file_destroy(path));
    }
    return NULL;
}

static struct error *
repair_one(struct engine *engine, const char *store, const char *folder, const char *name)
{
    AUTO_FREE char *broken = NULL;
    AUTO_FREE char *flat = NULL;
    AUTO_FREE char *copy = NULL;
    TRY(path_join(store, name, &broken));
    TRY(copy_name(name, &flat));
    TRY(path_join(folder, flat, &copy));
    struct stat status;
    if (stat(broken, &status) != 0 || status.st_size != 0 || !file_exists(copy))
        return NULL;
    AUTO_BYTES contents = {0};
    TRY(file_read(copy, GUARDED_SIZE_MAX, &contents));
    TRY(file_replace(broken, contents.data, contents.len));
    if (engine->state.closed)
        return NULL; /* nothing is recorded any more */
    return exception_note(engine, "the token's own description is whole",
                          "it was empty: the interruption came while the token rewrote it",
                          "the copy made just before was put back");
}

struct error *
tokens_guard_repair(struct engine *engine)
{
    AUTO_FREE char *folder = NULL;
    TRY(guard_folder(engine, &folder));
    if (!file_is_folder(folder))
        return NULL;
    for (size_t t = 0; t < engine->site->token_count; t++) {
        const struct site_token *token = &engine->site->tokens[t];
        if (!has_store(token))
            continue;
        AUTO_FOLDER_LIST list = {0};
        TRY(folder_list(token->store, true, false, &list));
        for (size_t i = 0; i < list.count; i++)
            if (is_guarded(list.names[i]))
                TRY(repair_one(engine, token->store, folder, list.names[i]));
    }
    return NULL;
}
