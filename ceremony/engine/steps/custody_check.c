/* SPDX-License-Identifier: Apache-2.0
 *
 * What lies in safes, looked at without opening anything: every bag that the ledger knows, or every share of one set
 * at its holder's. A missing bag and a broken seal are exceptions, and what they mean for the quorum is said at
 * once. (R23, R58, REQUIREMENTS 4.8) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/engine/custody.h"
#include "ceremony/engine/shares.h"
#include "ceremony/engine/steps/step.h"
#include "ceremony/ledger/known_shares.h"

/* What a mere Enter says stands first: nothing is whole because nobody looked. */
static const struct prompt_choice states[] = {
    {"not-seen", "not looked at today"                         },
    {"whole",    "seen: the number is equal, the seal is whole"},
    {"number",   "the number is another one"                   },
    {"broken",   "the seal is broken"                          },
    {"missing",  "it is not there"                             },
};

#define STATES (sizeof states / sizeof states[0])

static const char *
said(const char *state)
{
    static const char *const words[][2] = {
        {"number",   "bears another number"},
        {"broken",   "has a broken seal"   },
        {"missing",  "is missing"          },
        {"not-seen", "was not looked at"   },
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i][0], state) == 0)
            return words[i][1];
    return "is whole";
}

/* --- bags of the ledger --- */

static struct error *
check_bag(struct engine *engine, const struct known_bag *bag, size_t number, size_t *faults)
{
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *body = NULL;
    AUTO_FREE char *state = NULL;
    AUTO_FREE char *observed = NULL;
    TRY(text_format(&name, "%zu.bag", number));
    TRY(text_format(&body, "Bag      %.40s\nHolds    %.100s\nSealed   %.60s\n", bag->number,
                    bag->content, bag->ceremony));
    TRY(ask_choose(engine, name, body, "How is this bag? It is not opened.",
                   people_name(engine, "witness", 0), states, STATES, &state));
    if (strcmp(state, "whole") != 0) {
        (*faults)++;
        TRY(text_format(&observed, "bag %.60s, with %.120s, %s", bag->number, bag->content,
                        said(state)));
        TRY(exception_note(engine, "every bag is there, with its number and a whole seal",
                           observed,
                           "open: what was in it counts as suspect until it was looked at"));
    }
    return engine_fact(engine, "bag-check", /* last: an interruption asks for the bag again */
                       json_pack("{s:s,s:s,s:s,s:s}", "number", bag->number, "content",
                                 bag->content, "sealed", bag->ceremony, "state", state));
}

static struct error *
tell_bags(struct engine *engine, size_t count, size_t faults)
{
    AUTO_FREE char *body = NULL;
    AUTO_FREE char *entry = NULL;
    TRY(text_format(&entry, "%zu bags looked at, %zu not as they should be", count, faults));
    TRY(ledger_custody(engine->ledger, engine->state.ceremony_id, "custody-check", entry));
    TRY(text_format(&body,
                    "Bags that the ledger knows   %zu\nNot as they should be        %zu\n\n%s",
                    count, faults,
                    faults == 0 ? "Everything is where it belongs.\n"
                                : "Each of these is an exception. A token whose bag was\n"
                                  "open is looked at before it is used again; a medium\n"
                                  "that is missing is replaced from the other one.\n"));
    return ask_tell(engine, "bags", body, NULL);
}

static struct error *
check_bags(struct engine *engine)
{
    AUTO_FREE struct known_bag *bags = NULL;
    size_t count = 0;
    size_t faults = 0;
    TRY(known_bags(engine->ledger, &bags, &count));
    for (size_t i = 0; i < count; i++)
        TRY(check_bag(engine, &bags[i], i + 1, &faults));
    return tell_bags(engine, count, faults);
}

/* --- shares at their holders --- */

struct round {
    const struct custody_set *set;
    json_t *rows;
    const char **good; /* holders whose share is whole */
    size_t good_count;
    size_t faults;
    size_t suspect; /* may be in other hands, now or before */
};

static struct error *
check_holder(struct engine *engine, struct round *round, size_t index)
{
    const struct share_group *group = NULL;
    const struct share_holder *holder = shares_holder(round->set->plan, index, &group);
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *body = NULL;
    AUTO_FREE char *state = NULL;
    AUTO_FREE char *bag_name = NULL;
    AUTO_FREE char *bag = NULL;
    char who[160];
    people_as("custodian", holder->person, who, sizeof who);
    TRY(text_format(&name, "%zu.seal", index + 1));
    TRY(text_format(&bag_name, "%zu.number", index + 1));
    TRY(text_format(&body,
                    "The share of %.60s, set %u of\n"
                    "%s.\n"
                    "Kept: %.60s\n"
                    "\n"
                    "The bag stays closed. Its number is compared with\n"
                    "the one on the holder's receipt.\n",
                    holder->person, round->set->set_id, round->set->of, holder->place));
    TRY(ask_choose(engine, name, body, "How is the bag with this share?", who, states, STATES,
                   &state));
    if (strcmp(state, "missing") != 0 && strcmp(state, "not-seen") != 0)
        TRY(ask_text(engine, bag_name, body, "Number on the bag", who, &bag));
    if (strcmp(state, "whole") == 0)
        round->good[round->good_count++] = holder->person;
    else
        round->faults++;
    if (strcmp(state, "whole") != 0 && strcmp(state, "not-seen") != 0)
        round->suspect++; /* another number: it lay in another bag meanwhile */
    if (json_array_append_new(
            round->rows, json_pack("{s:s,s:s,s:s,s:s}", "holder", holder->person, "group",
                                   group->name, "bag", bag == NULL ? "" : bag, "state", state))
        != 0)
        return error_memory();
    if (strcmp(state, "whole") == 0)
        return NULL;
    AUTO_FREE char *observed = NULL; /* no names: who holds shares is confidential (R85) */
    TRY(text_format(&observed, "a bag with a share of set %u %s", round->set->set_id,
                    said(state)));
    return exception_note(engine, "every share is sealed at its holder's", observed,
                          "open: it does not count until it was looked at");
}

static struct error *
describe(const struct round *round, bool can_meet, size_t margin, struct bytes *body)
{
    size_t least = share_plan_least(round->set->plan);
    TRY(bytes_format(body, "Set %u, of %s\n\n", round->set->set_id, round->set->of));
    if (!can_meet)
        TRY(bytes_append_text(body, "TOO FEW shares were seen whole: what they hold\n"
                                    "cannot be relied on any more. This is an incident:\n"
                                    "plan the successor of the key, or have the security\n"
                                    "officer set a new PIN.\n"));
    else
        TRY(bytes_format(body,
                         "Of the shares that were seen whole, %zu may still\n"
                         "be lost, whichever they are, before nothing can be\n"
                         "opened any more.\n",
                         margin));
    if (can_meet && margin == 0)
        TRY(bytes_append_text(body, "That is NONE: put the secret into new shares now.\n"));
    if (round->suspect > 0)
        TRY(bytes_format(body,
                         "%zu of them are missing, in another bag, or opened,\n"
                         "and may be in other hands. %s\n",
                         round->suspect,
                         round->suspect >= least ? "THAT IS ENOUGH TO OPEN IT:\n"
                                                   "treat the secret as known."
                                                 : "Put the secret into new\n"
                                                   "shares, so that they are worth nothing."));
    return NULL;
}

static struct error *
finish(struct engine *engine, const struct round *round)
{
    AUTO_BYTES body = {0};
    AUTO_FREE char *entry = NULL;
    char details[DIGEST_SHA256_TEXT];
    size_t margin = 0;
    bool can_meet =
        share_plan_margin(round->set->plan, round->good, round->good_count, &margin);
    bool known = round->suspect >= share_plan_least(round->set->plan);
    TRY(engine_commit(engine, "shares looked at", json_incref(round->rows), details));
    TRY(engine_fact(engine, "share-check",
                    json_pack("{s:s,s:i,s:s,s:i,s:b,s:i,s:b}", "shares", round->set->shares,
                              "set", (int)round->set->set_id, "details", details, "faults",
                              (int)round->faults, "can_meet", (int)can_meet, "margin",
                              (int)margin, "may_be_known", (int)known)));
    if (!can_meet)
        TRY(exception_note(engine, "enough shares are whole to open what they hold",
                           "too few were seen whole",
                           "open: an incident; a successor or new shares are planned"));
    if (known)
        TRY(exception_note(engine, "too few shares are in other hands to open anything",
                           "as many as it takes are missing, in another bag, or opened",
                           "open: the secret counts as known"));
    TRY(text_format(&entry, "set %u: %zu of its bags not as they should be; details %s",
                    round->set->set_id, round->faults, details));
    TRY(ledger_custody(engine->ledger, engine->state.ceremony_id, "custody-check", entry));
    TRY(describe(round, can_meet, margin, &body));
    return ask_tell(engine, "margin", bytes_text(&body), NULL);
}

static struct error *
check_set(struct engine *engine)
{
    struct custody_set set;
    TRY(custody_find_set(engine, &set));
    size_t count = share_plan_shares(set.plan);
    struct round round = {
        .set = &set, .rows = json_array(), .good = calloc(count, sizeof *round.good)};
    struct error *error = round.rows == NULL || round.good == NULL ? error_memory() : NULL;
    for (size_t i = 0; error == NULL && i < count; i++)
        error = check_holder(engine, &round, i);
    if (error == NULL)
        error = finish(engine, &round);
    json_decref(round.rows);
    free(round.good);
    return error;
}

struct error *
step_run_custody_check(struct engine *engine)
{
    return engine->step->shares[0] == '\0' ? check_bags(engine) : check_set(engine);
}
