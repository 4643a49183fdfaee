/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/delivery.h"

#include <stdio.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/engine/bags.h"
#include "ceremony/engine/shares.h"

#define REVEAL_SECONDS 300U
#define TYPE_BACK_MAX  5U

struct delivery {
    const struct slip39_set *set;
    size_t index; /* from 0 */
    const struct share_holder *holder;
    const struct share_group *group;
    char who[160];
};

/* "N.what" */
static struct error *
prompt_name(size_t index, const char *what, char **ret_name)
{
    return text_format(ret_name, "%zu.%s", index + 1, what);
}

/* A share is shown to its holder, and to nobody in the holder's place. Somebody who comes meanwhile is noted as returned
 * while this is shown. (R13, R23) */
static struct error *
require_holder(struct engine *engine, size_t index, const char *holder)
{
    const struct person *person = roster_person(&engine->site->roster, holder);
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *body = NULL;
    if (person != NULL && person->present)
        return NULL;
    TRY(prompt_name(index, "absent", &name));
    TRY(text_format(&body,
                    "%s holds one of the shares,\n"
                    "and is not in the room by the record.\n"
                    "Whoever came back is noted with F4, here and now.\n"
                    "Without that, the step stops.\n",
                    holder));
    TRY(ask_tell(engine, name, body, NULL));
    if (person != NULL && person->present)
        return NULL;
    return error_hint(
        ERROR(ERROR_REFUSED, "custodian \"%s\" is not in the room", holder),
        "A share is shown to its holder alone, and to nobody instead. Resume when all "
        "custodians of the plan are there: the roll is called again then. Or abort, and have "
        "another plan approved. Shares of this set that were delivered already become void.");
}

static struct error *
call_holder(struct engine *engine, const struct delivery *delivery)
{
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *body = NULL;
    TRY(prompt_name(delivery->index, "alone", &name));
    TRY(text_format(&body,
                    "%s comes to the screen, alone,\n"
                    "with form and pen.\n"
                    "Everyone else turns away. All tokens are logged out.\n",
                    delivery->holder->person));
    return ask_tell(engine, name, body, delivery->who);
}

/* Shown, then typed back until it is right; a holder who gives up may see it again. */
static struct error *
show_and_type_back(struct engine *engine, const struct delivery *delivery, unsigned *ret_wrong)
{
    AUTO(secret) words = NULL;
    AUTO_FREE char *show_name = NULL;
    AUTO_FREE char *back_name = NULL;
    size_t count = 0;
    TRY(slip39_set_text(delivery->set, delivery->index, &words));
    (void)slip39_set_words(delivery->set, delivery->index, &count);
    TRY(prompt_name(delivery->index, "share", &show_name));
    TRY(prompt_name(delivery->index, "type-back", &back_name));
    AUTO_BYTES body = {0};
    TRY(bytes_format(&body,
                     "Everyone else looks away now. Write these %zu words\n"
                     "on the form, in order.",
                     count));
    AUTO_FREE char *warning = NULL;
    TRY(text_copy("", &warning));
    *ret_wrong = 0;
    for (bool show = true;; show = *ret_wrong % TYPE_BACK_MAX == 0) {
        AUTO(secret) typed = NULL;
        if (show)
            TRY(ask_reveal(engine, show_name, bytes_text(&body), delivery->who, words,
                           REVEAL_SECONDS));
        TRY(ask_words(engine, back_name, "Type the words back from your form.", "",
                      delivery->who, warning, &slip39_word_list, count, &typed));
        struct error *error = slip39_set_confirm(delivery->set, delivery->index, typed);
        if (error == NULL)
            return NULL;
        (*ret_wrong)++;
        free(TAKE(warning));
        warning = error_format_plain(error);
        bool retry = error_may_retry(error);
        error_free(retry ? error : NULL);
        if (!retry)
            return error;
        if (warning == NULL)
            return error_memory();
    }
}

static struct error *
deliver_one(struct engine *engine, const struct slip39_set *set, const struct share_plan *plan,
            size_t index, json_t *rows)
{
    struct delivery delivery = {.set = set, .index = index};
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *content = NULL;
    AUTO_FREE char *bag = NULL;
    unsigned wrong = 0;
    delivery.holder = shares_holder(plan, index, &delivery.group);
    people_as("custodian", delivery.holder->person, delivery.who, sizeof delivery.who);
    TRY(require_holder(engine, index, delivery.holder->person));
    TRY(call_holder(engine, &delivery));
    TRY(show_and_type_back(engine, &delivery, &wrong));
    TRY(require_holder(engine, index, delivery.holder->person));
    TRY(prompt_name(index, "bag", &name));
    TRY(text_format(&content, "the form of share %zu of set %u", index + 1,
                    (unsigned)slip39_set_info(set, index).id));
    TRY(bags_ask(engine, name,
                 "The form goes into a numbered bag; its holder closes\n"
                 "the bag, and reads the number to the witness.",
                 "Number of the bag", delivery.who, content, &bag));
    struct slip39_info info = slip39_set_info(set, index);
    int failed = json_array_append_new(
        rows, json_pack("{s:s,s:s,s:s,s:i,s:i,s:s,s:i}", "holder", delivery.holder->person,
                        "group", delivery.group->name, "place", delivery.holder->place,
                        "group_number", (int)info.group_index + 1, "share_number",
                        (int)info.member_index + 1, "bag", bag, "wrong_entries", (int)wrong));
    return failed == 0 ? NULL : error_memory();
}

struct error *
delivery_run(struct engine *engine, const struct slip39_set *set, const struct share_plan *plan,
             json_t *rows)
{
    const struct share_group *group = NULL;
    for (size_t i = 0; i < slip39_set_count(set); i++) /* before the first one is shown */
        TRY(require_holder(engine, i, shares_holder(plan, i, &group)->person));
    for (size_t i = 0; i < slip39_set_count(set); i++)
        TRY(deliver_one(engine, set, plan, i, rows));
    return NULL;
}
