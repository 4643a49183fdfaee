/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/token_lock.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "ceremony/base/text.h"
#include "transcripts/digest.h"

/* A token of software is one in its store: a copy of the store is a token of its own. */
static struct error *
name_of(const struct engine_token *token, const struct p11_token_info *info,
        char ret_name[DIGEST_SHA256_TEXT])
{
    AUTO_FREE char *facts = NULL;
    struct stat store = {0};
    if (token->site->store != NULL && token->site->store[0] != '\0'
        && stat(token->site->store, &store) != 0)
        return ERROR_ERRNO(errno, "the token store of \"%s\" could not be found",
                           token->site->name);
    TRY(text_format(&facts, "%s\n%s\n%s\n%ju:%ju", info->manufacturer, info->model,
                    info->serial, (uintmax_t)store.st_dev, (uintmax_t)store.st_ino));
    return digest_sha256_text(facts, strlen(facts), ret_name);
}

/* A token that two names of the environment mean. */
static bool
has_it(const struct engine *engine, const char *name)
{
    for (size_t i = 0; i < engine->token_count; i++)
        if (engine->tokens[i].lock > 0 && strcmp(engine->tokens[i].locked, name) == 0)
            return true;
    return false;
}

/* An address without a file, of this kernel alone: bound by one socket at a time. */
static int
bind_name(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char *path = address.sun_path + 1; /* it begins with a zero */
    int len = snprintf(path, sizeof address.sun_path - 1, "ceremony-token-%s", name);
    int lock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);
    if (lock < 0 || bind(lock, (const struct sockaddr *)&address, size) == 0)
        return lock;
    int number = errno;
    (void)close(lock);
    errno = number;
    return -1;
}

static void
release(struct engine_token *token)
{
    if (token->lock > 0)
        (void)close(token->lock);
    token->lock = 0;
}

struct error *
token_lock_take(struct engine *engine, struct engine_token *token,
                const struct p11_token_info *info)
{
    char name[DIGEST_SHA256_TEXT];
    if (info->serial[0] == '\0')
        return NULL;
    TRY(name_of(token, info, name));
    if (has_it(engine, name))
        return NULL;
    release(token);
    token->lock = bind_name(name);
    if (token->lock > 0) {
        memcpy(token->locked, name, sizeof name);
        return NULL;
    }
    int number = errno;
    token->lock = 0;
    if (number != EADDRINUSE)
        return ERROR_ERRNO(number, "token \"%s\" cannot be kept for this ceremony alone",
                           token->site->name);
    return error_hint(ERROR(ERROR_REFUSED,
                            "token \"%s\" (serial %s) is in use by another ceremony",
                            token->site->name, info->serial),
                      "On this computer another program of ours works with it. Bring that "
                      "ceremony to its end, or stop it, before this one goes on.");
}

void
token_locks_release(struct engine *engine)
{
    for (size_t i = 0; i < engine->token_count; i++)
        release(&engine->tokens[i]);
}
