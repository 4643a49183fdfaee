/* SPDX-License-Identifier: Apache-2.0
 *
 * A share is checked by its holder alone, who types it from paper: nothing is put together, and nothing is revealed.
 * The checksum says that it is written as it was shown, its own fields say that it is of the set and the
 * place that ledger and custody.yaml know. That it would give the secret, only a restore proves; the step
 * says so. (R58, R76, R83) */
#include <stdio.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/engine/custody.h"
#include "ceremony/engine/shares.h"
#include "ceremony/engine/steps/step.h"
#include "ceremony/ledger/ledger.h"

#define WRONG_MAX 5U

struct checking {
    const struct custody_set *set;
    size_t index;
    const struct share_holder *holder;
    const struct share_group *group;
    unsigned group_index;
    unsigned member_index;
    char who[160];
};

static struct error *
prompt_name(const struct checking *checking, const char *what, char **ret_name)
{
    return text_format(ret_name, "%zu.%s", checking->index + 1, what);
}

static struct error *
compare(const struct checking *checking, const struct slip39_info *info)
{
    const struct share_plan *plan = checking->set->plan;
    if (info->id != checking->set->set_id)
        return error_hint(ERROR(ERROR_ANSWER,
                                "this share is of the set %u, and the ledger knows set %u",
                                info->id, checking->set->set_id),
                          "Look at the number of the set and the date on the form.");
    if (info->group_index != checking->group_index
        || info->member_index != checking->member_index)
        return error_hint(
            ERROR(ERROR_ANSWER,
                  "this is share %u of group %u, and the holder's is share %u of group %u",
                  info->member_index + 1U, info->group_index + 1U, checking->member_index + 1U,
                  checking->group_index + 1U),
            "Forms were exchanged. Each holder brings the own one.");
    if (info->member_threshold == checking->group->threshold
        && info->group_threshold == plan->group_threshold
        && info->group_count == plan->group_count)
        return NULL;
    return error_hint(ERROR(ERROR_ANSWER, "this share belongs to another share plan than the "
                                          "one of custody.yaml"),
                      "Look at the date on the form, and at the plan that was approved.");
}

static struct error *
take(const struct checking *checking, const struct secret *typed)
{
    AUTO(slip39_share) share = NULL;
    TRY(slip39_share_parse(typed, &share));
    struct slip39_info info = slip39_share_info(share);
    return compare(checking, &info);
}

/* Typed until it is right; a share that is wrong five times is a fault. */
static struct error *
type_share(struct engine *engine, const struct checking *checking, unsigned *ret_wrong,
           bool *ret_right)
{
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *warning = NULL;
    TRY(prompt_name(checking, "share", &name));
    TRY(text_copy("", &warning));
    *ret_right = false;
    for (*ret_wrong = 0; *ret_wrong < WRONG_MAX;) {
        AUTO(secret) typed = NULL;
        TRY(ask_words(engine, name, "Type the words from your form.", "", checking->who,
                      warning, &slip39_word_list, checking->set->words, &typed));
        struct error *error = take(checking, typed);
        *ret_right = error == NULL;
        if (error == NULL)
            return NULL;
        if (!error_may_retry(error))
            return error;
        (*ret_wrong)++;
        free(TAKE(warning));
        warning = error_format_plain(error);
        error_free(error);
        if (warning == NULL)
            return error_memory();
    }
    return NULL;
}

static struct error *
ask_whether(struct engine *engine, const struct checking *checking, bool *ret_typed)
{
    static const struct prompt_choice choices[] = {
        {"sealed", "the bag stays sealed today"                   },
        {"type",   "the holder opens the bag, and types the share"},
    };
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *body = NULL;
    AUTO_FREE char *choice = NULL;
    TRY(prompt_name(checking, "check", &name));
    TRY(text_format(&body,
                    "%.60s holds a share of set %u, of\n%s.\n\n"
                    "To check it, the holder comes to the screen alone and\n"
                    "types it from paper. Everyone else turns away. Nothing\n"
                    "is put together, and nothing of it is kept.\n",
                    checking->holder->person, checking->set->set_id, checking->set->of));
    TRY(ask_choose(engine, name, body, "Is this share checked now?", checking->who, choices, 2,
                   &choice));
    *ret_typed = strcmp(choice, "type") == 0;
    return NULL;
}

static struct error *
check_one(struct engine *engine, const struct checking *checking, json_t *rows, size_t *right,
          size_t *faults)
{
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *bag = NULL;
    bool typed = false;
    bool is_right = false;
    unsigned wrong = 0;
    TRY(ask_whether(engine, checking, &typed));
    if (typed) {
        TRY(type_share(engine, checking, &wrong, &is_right));
        TRY(prompt_name(checking, "bag", &name));
        TRY(ask_text(engine, name,
                     "The form goes into a new numbered bag, sealed by its\n"
                     "holder before anything else is done.",
                     "Number of the new bag", checking->who, &bag));
    }
    if (json_array_append_new(
            rows, json_pack("{s:s,s:i,s:i,s:b,s:b,s:i,s:s}", "holder", checking->holder->person,
                            "group", (int)checking->group_index + 1, "share",
                            (int)checking->member_index + 1, "typed", (int)typed, "right",
                            (int)is_right, "wrong_entries", (int)wrong, "new_bag",
                            bag == NULL ? "" : bag))
        != 0)
        return error_memory();
    *right += is_right ? 1 : 0;
    if (!typed || is_right)
        return NULL;
    (*faults)++;
    AUTO_FREE char *observed = NULL;
    TRY(text_format(&observed, "a share of set %u is not right on its form",
                    checking->set->set_id));
    return exception_note(engine, "every share that is typed is right", observed,
                          "open: it does not count; the secret is put into new shares");
}

static struct error *
check_all(struct engine *engine, const struct custody_set *set, json_t *rows, size_t *right,
          size_t *faults)
{
    size_t before = 0; /* shares of the groups before this one */
    for (size_t g = 0; g < set->plan->group_count; g++) {
        for (size_t m = 0; m < set->plan->groups[g].count; m++) {
            struct checking checking = {.set = set,
                                        .index = before + m,
                                        .holder = &set->plan->groups[g].holders[m],
                                        .group = &set->plan->groups[g],
                                        .group_index = (unsigned)g,
                                        .member_index = (unsigned)m};
            people_as("custodian", checking.holder->person, checking.who, sizeof checking.who);
            TRY(check_one(engine, &checking, rows, right, faults));
        }
        before += set->plan->groups[g].count;
    }
    return NULL;
}

static struct error *
finish(struct engine *engine, const struct custody_set *set, json_t *rows, size_t right,
       size_t faults)
{
    char details[DIGEST_SHA256_TEXT];
    AUTO_FREE char *body = NULL;
    TRY(engine_commit(engine, "shares checked", json_incref(rows), details));
    /* Before the fact: whoever is interrupted between the two checks again, and the ledger knows of both. */
    if (right > 0)
        TRY(ledger_share_proof(engine->ledger, engine->state.ceremony_id, set->set_id,
                               "checked", details));
    TRY(engine_fact(engine, "shares-checked",
                    json_pack("{s:s,s:i,s:s,s:b,s:i,s:s}", "shares", set->shares, "set",
                              (int)set->set_id, "details", details, "any", right > 0, "faults",
                              (int)faults, "compared",
                              "checksum, number of the set, place in it, thresholds")));
    TRY(text_format(&body,
                    "Set %u, of %s\n\n"
                    "Shares that were typed and are right   %zu\n"
                    "Shares that were typed and are not     %zu\n\n"
                    "A right share is written as it was shown: its checksum\n"
                    "and its place are those that are known. That enough of\n"
                    "them give the secret, only a restore or a use proves.\n",
                    set->set_id, set->of, right, faults));
    return ask_tell(engine, "checked", body, NULL);
}

struct error *
step_run_check_shares(struct engine *engine)
{
    struct custody_set set;
    size_t right = 0;
    size_t faults = 0;
    TRY(custody_find_set(engine, &set));
    TRY(tokens_logout_all(engine));
    json_t *rows = json_array();
    struct error *error =
        rows == NULL ? error_memory() : check_all(engine, &set, rows, &right, &faults);
    if (error == NULL)
        error = finish(engine, &set, rows, right, faults);
    json_decref(rows);
    return error;
}
