/* SPDX-License-Identifier: Apache-2.0
 *
 * PKCS#11 modules of the environment: hashed before they are loaded, opened, closed, opened anew. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ceremony/base/file.h"
#include "ceremony/engine/context.h"

static struct error *
check_hash(struct engine_module *module)
{
    unsigned long long size = 0;
    /* A link is followed once, here; what is hashed is what is loaded. */
    module->path = realpath(module->site->path, NULL);
    if (module->path == NULL)
        return error_hint(ERROR(ERROR_NOT_FOUND, "the PKCS#11 module \"%s\" is not installed",
                                module->site->name),
                          "Its file is not where environment.yaml says: \"%s\".",
                          module->site->path);
    TRY_DOING(digest_sha256_file(module->path, module->sha256, &size),
              "reading the PKCS#11 module \"%s\"", module->site->name);
    if (module->site->sha256[0] != '\0' && strcmp(module->site->sha256, module->sha256) != 0)
        return error_hint(
            error_detail(ERROR(ERROR_REFUSED,
                               "the PKCS#11 module \"%s\" is not the one that was approved",
                               module->site->name),
                         "expected SHA-256 %s, found %s", module->site->sha256, module->sha256),
            "Its file has another hash than environment.yaml says. Install the approved one, or "
            "have the new one approved.");
    return NULL;
}

struct error *
tokens_prepare(struct engine *engine)
{
    const struct site *site = engine->site;
    if (site->module_count > ENGINE_MODULES_MAX || site->token_count > ENGINE_TOKENS_MAX)
        return ERROR(ERROR_INPUT,
                     "the environment names more modules or tokens than are taken");
    for (size_t i = 0; i < site->module_count; i++) {
        struct engine_module *module = &engine->modules[i];
        module->site = &site->modules[i];
        TRY(check_hash(module));
        for (size_t v = 0; v < module->site->env_count; v++)
            if (setenv(module->site->env[v].name, module->site->env[v].value, 1) != 0)
                return error_memory();
    }
    engine->module_count = site->module_count;
    for (size_t i = 0; i < site->token_count; i++) {
        struct engine_token *token = &engine->tokens[i];
        token->engine = engine;
        token->site = &site->tokens[i];
        for (size_t m = 0; m < engine->module_count; m++)
            if (strcmp(engine->modules[m].site->name, token->site->module) == 0)
                token->module = &engine->modules[m];
        if (token->module == NULL)
            return ERROR(ERROR_INPUT, "token \"%s\" names a module that is not listed",
                         token->site->name);
    }
    engine->token_count = site->token_count;
    return NULL;
}

static struct error *
module_open(struct engine_module *module)
{
    if (module->module != NULL)
        return NULL;
    return p11_module_open(module->site->name, module->path, module->site->init_string,
                           &module->module);
}

struct error *
tokens_load_modules(struct engine *engine)
{
    for (size_t i = 0; i < engine->module_count; i++)
        TRY_DOING(module_open(&engine->modules[i]), "loading the PKCS#11 module \"%s\"",
                  engine->modules[i].site->name);
    return NULL;
}

static void
close_sessions(struct engine *engine, const struct engine_module *module)
{
    p11_provider_free(engine->provider);
    engine->provider = NULL;
    for (size_t i = 0; i < engine->token_count; i++) {
        struct engine_token *token = &engine->tokens[i];
        if (token->module != module)
            continue;
        p11_session_close(token->session);
        token->session = NULL;
        token->user_logged_in = token->so_logged_in = false;
    }
}

static void
module_close(struct engine *engine, struct engine_module *module)
{
    close_sessions(engine, module);
    p11_module_close(module->module);
    module->module = NULL;
}

void
tokens_close_all(struct engine *engine)
{
    for (size_t i = 0; i < engine->module_count; i++)
        module_close(engine, &engine->modules[i]);
    for (size_t i = 0; i < ENGINE_MODULES_MAX; i++) {
        free(engine->modules[i].path);
        engine->modules[i].path = NULL;
    }
}

static struct error *
store_sync(const struct site_token *token)
{
    if (token->store == NULL || token->store[0] == '\0') {
        sync();
        return NULL;
    }
    int descriptor = open(token->store, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return ERROR_ERRNO(errno, "the token store of \"%s\" could not be opened", token->name);
    int outcome = syncfs(descriptor);
    int number = errno;
    (void)close(descriptor);
    if (outcome != 0)
        return ERROR_ERRNO(number, "the token store of \"%s\" could not be flushed",
                           token->name);
    return NULL;
}

static const char *
store_name(const struct engine_token *token)
{
    return token->site->store == NULL ? "" : token->site->store;
}

/* Tokens of one module mostly share one store. */
static bool
stands_before(const struct engine *engine, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(store_name(&engine->tokens[i]), store_name(&engine->tokens[index])) == 0)
            return true;
    return false;
}

struct error *
tokens_flush(struct engine *engine)
{
    for (size_t i = 0; i < engine->token_count; i++) {
        const struct engine_token *token = &engine->tokens[i];
        const char *store = store_name(token);
        bool is_there = store[0] == '\0' || file_is_folder(store);
        if (token->module->module != NULL && is_there && !stands_before(engine, i))
            TRY(store_sync(token->site));
    }
    return NULL;
}

struct error *
tokens_reopen(struct engine *engine, struct engine_token *token)
{
    TRY(store_sync(token->site));
    module_close(engine, token->module);
    return module_open(token->module);
}
