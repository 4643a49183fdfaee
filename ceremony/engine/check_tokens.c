/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/check_tokens.h"

#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/quorum.h"
#include "ceremony/ledger/known.h"
#include "p11/key.h"

struct error *
check_fault(struct faults *faults, const char *file, const struct script_place *place,
            struct error *error)
{
    const char *detail = error_detail_text(error);
    const char *hint = error_own_hint(error);
    struct error *second =
        faults_add(faults, file, place->line, place->column, "%s%s%s%s%s%s", error_what(error),
                   detail[0] != '\0' ? " (" : "", detail, detail[0] != '\0' ? ")" : "",
                   hint[0] != '\0' ? ". " : "", hint);
    error_free(error);
    return second;
}

static struct error *
check_type(struct engine *engine, const char *token_name, const char *type,
           enum p11_key_purpose purpose)
{
    struct engine_token *token = NULL;
    struct p11_token_info info;
    int number = p11_key_type_parse(type);
    if (number < 0)
        return ERROR(ERROR_BUG, "a key has the type \"%s\", which is none", type);
    TRY(tokens_get(engine, token_name, &token));
    TRY(tokens_info(engine, token, &info));
    return p11_key_type_supported(token->module->module, info.slot, (enum p11_key_type)number,
                                  purpose);
}

static struct error *
check_made(struct engine *engine, const struct script_key *key)
{
    return check_type(engine, key->token, key->type, key_purpose_of(key));
}

/* The type of a key, from the script or, of one made earlier, from the ledger. */
static struct error *
check_restored(struct engine *engine, const struct script_step *step)
{
    struct known_key known;
    AUTO_FREE char *label = NULL;
    const struct script_shares *shares = script_shares(engine->script, step->shares);
    const struct script_key *key =
        script_key(engine->script, shares == NULL ? step->of : shares->of);
    if (key == NULL)
        return NULL;
    if (key->made == MADE_HERE)
        return check_type(engine, step->token, key->type, P11_KEY_RESTORED);
    TRY(text_format(&label, "%s%s", evidence_prefix(engine),
                    key->label[0] != '\0' ? key->label : key->id));
    TRY(known_key_by_label(engine->ledger, label, &known));
    return check_type(engine, step->token, known.type, P11_KEY_RESTORED);
}

/* Whether the token can have a PIN that exists as shares. */
static struct error *
check_quorum(struct engine *engine, const struct script_step *step)
{
    struct engine_token *token = NULL;
    struct p11_token_info info;
    const struct script_shares *shares = script_shares(engine->script, step->shares);
    if (shares == NULL)
        return NULL;
    TRY(tokens_get(engine, shares->token, &token));
    TRY(tokens_info(engine, token, &info));
    return quorum_possible(token->site, &info,
                           strcmp(shares->pin, "so") == 0 ? P11_SO : P11_USER);
}

static struct error *
check_recorder(struct engine *engine, const struct script_step *step)
{
    return check_type(engine, step->token, "ec-p256", P11_KEY_NO_BACKUP);
}

static const struct {
    enum step_kind kind;
    struct error *(*check)(struct engine *engine, const struct script_step *step);
} rows[] = {
    {STEP_CREATE_RECORDER, check_recorder},
    {STEP_RESTORE_KEY,     check_restored},
    {STEP_PROVE_RESTORE,   check_restored},
    {STEP_RE_SHARE,        check_restored},
    {STEP_SPLIT_PIN,       check_quorum  },
};

static struct error *
check_step(struct engine *engine, const struct script_step *step, struct faults *faults)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].kind != step->kind)
            continue;
        struct error *error = rows[i].check(engine, step);
        if (error != NULL)
            TRY(check_fault(faults, engine->script->file, &step->place, error));
    }
    return NULL;
}

struct error *
check_tokens(struct engine *engine, struct faults *faults)
{
    const struct script *script = engine->script;
    for (size_t i = 0; i < script->key_count; i++) {
        if (script->keys[i].made != MADE_HERE)
            continue;
        struct error *error = check_made(engine, &script->keys[i]);
        if (error != NULL)
            TRY(check_fault(faults, script->file, &script->keys[i].place, error));
    }
    for (size_t a = 0; a < script->act_count; a++)
        for (size_t s = 0; s < script->acts[a].step_count; s++)
            TRY(check_step(engine, &script->acts[a].steps[s], faults));
    return NULL;
}

/* The token whose abilities a step needs. */
static const char *
token_of(const struct engine *engine, const struct script_step *step)
{
    const struct script_shares *shares =
        step->kind == STEP_SPLIT_PIN ? script_shares(engine->script, step->shares) : NULL;
    const char *name = shares != NULL ? shares->token : step->token;
    return name != NULL ? name : "";
}

static struct error *
step_wants(struct engine *engine, const struct script_step *step, const char *name)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].kind == step->kind && strcmp(token_of(engine, step), name) == 0)
            return rows[i].check(engine, step);
    return NULL;
}

/* Steps that are still ahead: what is done already, a later step may have ended (a key that was destroyed). */
static struct error *
all_wanted(struct engine *engine, const char *name)
{
    const struct script *script = engine->script;
    bool ahead = false;
    for (size_t i = 0; i < script->key_count; i++)
        if (script->keys[i].made == MADE_HERE && strcmp(script->keys[i].token, name) == 0)
            TRY(check_made(engine, &script->keys[i]));
    for (size_t a = 0; a < script->act_count; a++)
        for (size_t s = 0; s < script->acts[a].step_count; s++) {
            const struct script_step *step = &script->acts[a].steps[s];
            if (ahead)
                TRY(step_wants(engine, step, name));
            ahead = ahead || step == engine->step;
        }
    return NULL;
}

struct error *
check_token_able(struct engine *engine, const struct engine_token *token)
{
    struct error *error = all_wanted(engine, token->site->name);
    if (error == NULL)
        return NULL;
    return error_doing(error, "looking at what the token \"%s\" can do", token->site->name);
}
