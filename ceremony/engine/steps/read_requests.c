/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/steps/read_requests.h"

#include <string.h>
#include <unistd.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/batch/serve.h"
#include "ceremony/pki/pki.h"
#include "ceremony/pki/x509.h"

void
requests_rules_clear(struct requests_rules *rules)
{
    request_profile_rules_clear(&rules->profile_rules);
    request_looks_free(rules->looks);
    blocklist_clear(&rules->blocklist);
    *rules = (struct requests_rules){0};
}

/* A root certifies CAs, one by one and after a look at each. The name of whoever signs is nobody
 * else's, nor is one that resembles it. */
static struct error *
look_at_issuer(const struct engine *engine, const struct bytes *issuer,
               struct request_looks **ret_looks)
{
    struct x509 x509;
    TRY(x509_read(issuer->data, issuer->len, KIND_CERTIFICATE, "the issuer's certificate",
                  &x509));
    if (der_equal(x509.subject.whole, x509.issuer.whole))
        return error_hint(ERROR(ERROR_REFUSED,
                                "the key \"%s\" is a root's, which signs no batches",
                                engine->step->key),
                          "Let an issuing CA sign these requests.");
    struct request_name names[] = {
        {x509.subject.whole.p, x509.subject.whole.len},
        {x509.issuer.whole.p,  x509.issuer.whole.len }
    };
    return request_looks_new(names, 2, ret_looks);
}

struct error *
requests_rules_open(struct engine *engine, const struct bytes *issuer, bool made,
                    struct requests_rules *ret_rules)
{
    struct requests_rules *rules = ret_rules;
    rules->input = site_input(engine->site, engine->step->id);
    if (rules->input == NULL)
        return error_hint(
            ERROR(ERROR_INPUT, "environment.yaml names no input \"%s\"", engine->step->id),
            "Name the medium with the requests there, as the step is called.");
    rules->profile = script_profile(engine->script, engine->step->profile);
    TRY(look_at_issuer(engine, issuer, &rules->looks));
    TRY(request_rules_of_profile(rules->profile, &rules->profile_rules));
    rules->profile_rules.rules.looks = rules->looks;
    TRY(blocklist_open(engine, &rules->blocklist));
    rules->profile_rules.rules.list = rules->blocklist.list;
    rules->check = (struct batch_check){.rules = &rules->profile_rules.rules,
                                        .made = made,
                                        .repeats = strcmp(engine->step->repeats, "yes") == 0,
                                        .workers = BATCH_WORKERS};
    return NULL;
}

static const struct {
    const char *ending;
    enum batch_source_kind kind;
} endings[] = {
    {".pem",   BATCH_SOURCE_PEM       },
    {".tar",   BATCH_SOURCE_TAR       },
    {".jsonl", BATCH_SOURCE_JSON_LINES},
    {".csv",   BATCH_SOURCE_CSV       },
};

static struct error *
open_source(const struct requests_rules *rules, struct batch_source **ret_source)
{
    const char *path = rules->input->path;
    enum batch_source_kind kind = BATCH_SOURCE_FOLDER;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (text_ends_with(path, endings[i].ending) && !file_is_folder(path))
            kind = endings[i].kind;
    return rules->check.made ? batch_source_open_list(path, kind, NULL, ret_source)
                             : batch_source_open(path, kind, NULL, ret_source);
}

size_t
read_requests_paths(const struct reader_task *task, const char *ret_paths[READER_PATHS])
{
    size_t count = 0;
    const struct engine *engine = task->engine;
    const struct site_input *input = site_input(engine->site, engine->step->id);
    const struct site_input *list = engine->step->blocklist[0] != '\0'
                                        ? site_input(engine->site, engine->step->blocklist)
                                        : NULL;
    if (input != NULL && access(input->path, R_OK) == 0)
        ret_paths[count++] = input->path;
    if (list == NULL)
        return count;
    /* The folder: what is said of the list lies beside it. */
    AUTO_FREE char *folder = NULL;
    struct error *error =
        text_format(&folder, "%.*s.", (int)(path_name(list->path) - list->path), list->path);
    if (error == NULL && access(folder, R_OK) == 0)
        ret_paths[count++] = TAKE(folder); /* kept as long as the process */
    error_free(error);
    return count;
}

struct error *
read_requests(const struct reader_task *task)
{
    struct requests_rules rules = {0};
    AUTO(batch_source) source = NULL;
    struct error *error = requests_rules_open(task->engine, task->issuer, task->flag, &rules);
    if (error == NULL)
        error = open_source(&rules, &source);
    if (error == NULL)
        error = batch_serve(&rules.check, source, task->out);
    requests_rules_clear(&rules);
    return error;
}
