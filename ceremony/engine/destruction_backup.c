/* SPDX-License-Identifier: Apache-2.0
 *
 * Shares, and wrapped copies in files. */
#include <stdio.h>
#include <string.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/archive.h"
#include "ceremony/engine/destruction.h"
#include "ceremony/rules/share_plan.h"

#define BROUGHT_MAX 16U

/* --- shares --- */

struct collecting { /* the shares of one set */
    const struct share_plan *plan;
    const char *left[SHARE_GROUPS_MAX * SHARE_MEMBERS_MAX]; /* who still has one */
    size_t left_count;
    json_t *details; /* confidential */
};

static struct error *
collect_one(struct engine *engine, struct collecting *collecting, const char *set,
            size_t number, const struct share_holder *holder)
{
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *body = NULL;
    bool yes = false;
    TRY(text_format(&name, "%s.share-%zu", set, number));
    TRY(text_format(&body,
                    "%s brings the own share in its bag. The witness compares\n"
                    "the number of the bag, opens it, and looks that the form\n"
                    "is whole. Nobody reads the words. Then it is destroyed so\n"
                    "that nobody can read it again, and all see it.\n",
                    holder->person));
    TRY(ask_confirm(engine, name, body, "Was this share destroyed before your eyes?",
                    people_name(engine, "witness", 0), &yes));
    if (!yes)
        collecting->left[collecting->left_count++] = holder->person;
    return json_array_append_new(
               collecting->details,
               json_pack("{s:s,s:b}", "holder", holder->person, "destroyed", (int)yes))
                   == 0
               ? NULL
               : error_memory();
}

static struct error *
collect_all(struct engine *engine, struct collecting *collecting, const char *set)
{
    size_t number = 0;
    for (size_t g = 0; g < collecting->plan->group_count; g++)
        for (size_t i = 0; i < collecting->plan->groups[g].count; i++)
            TRY(collect_one(engine, collecting, set, ++number,
                            &collecting->plan->groups[g].holders[i]));
    return NULL;
}

static struct error *
record_set(struct engine *engine, struct destruction *destruction,
           struct collecting *collecting, unsigned set_id, bool *ret_useless)
{
    char details[DIGEST_SHA256_TEXT];
    uint64_t intent = 0;
    bool all = collecting->left_count == 0;
    bool useless =
        !share_plan_can_meet(collecting->plan, collecting->left, collecting->left_count);
    json_t *rows = json_incref(collecting->details);
    TRY(engine_commit(engine, "shares destroyed", rows, details));
    TRY(engine_intent(
        engine, "destroy-shares",
        json_pack("{s:s,s:I}", "key", destruction->key->name, "set", (json_int_t)set_id),
        &intent));
    if (useless)
        TRY(ledger_share_set(engine->ledger, engine->state.ceremony_id,
                             destruction->key->spki_sha256, set_id, "void", details));
    TRY(engine_result(engine, intent, "done",
                      json_pack("{s:s,s:I,s:s,s:b,s:b}", "key", destruction->key->name, "set",
                                (json_int_t)set_id, "details", details, "all", (int)all,
                                "useless", (int)useless)));
    TRY(bytes_format(&destruction->told, "Share set %u: %s\n", set_id,
                     all       ? "every share destroyed before the witnesses."
                     : useless ? "so many shares destroyed that the rest opens nothing."
                               : "enough shares are left to open a wrapped copy."));
    *ret_useless = useless;
    if (all)
        return NULL;
    return destruction_open(engine, destruction,
                            useless ? "shares are left that open nothing any more"
                                    : "shares are left that open a wrapped copy");
}

static struct error *
collect_set(struct engine *engine, const struct share_plan *plan,
            struct destruction *destruction, const char *set, unsigned set_id,
            bool *ret_useless)
{
    struct collecting collecting = {.plan = plan, .details = json_array()};
    if (collecting.details == NULL)
        return error_memory();
    struct error *error = collect_all(engine, &collecting, set);
    if (error == NULL)
        error = record_set(engine, destruction, &collecting, set_id, ret_useless);
    json_decref(collecting.details);
    return error;
}

struct error *
destruction_of_shares(struct engine *engine, const struct share_plan *plan,
                      struct destruction *destruction)
{
    AUTO_FREE struct known_share_set *sets = NULL;
    size_t count = 0;
    destruction->shares_useless = true;
    TRY(known_share_sets(engine->ledger, destruction->key->spki_sha256, &sets, &count));
    for (size_t i = 0; i < count; i++) {
        bool useless = false;
        char set[32];
        (void)snprintf(set, sizeof set, "set-%zu", i + 1);
        if (strcmp(sets[i].state, "void") == 0) {
            TRY(bytes_format(&destruction->told, "Share set %u: was void before.\n",
                             sets[i].set_id));
            continue;
        }
        if (plan == NULL)
            TRY(destruction_open(engine, destruction, "nobody brought the shares"));
        else
            TRY(collect_set(engine, plan, destruction, set, sets[i].set_id, &useless));
        destruction->shares_useless = destruction->shares_useless && useless;
    }
    return NULL;
}

/* --- files --- */

/* A file that two people agreed to destroy; `place` as the record calls it. */
static struct error *
record_file(struct engine *engine, const struct state_key *key, const char *what,
            const char *place, const char *sha256, uint64_t *ret_intent)
{
    return engine_intent(engine, "destroy-file",
                         json_pack("{s:s,s:s,s:s,s:s}", "key", key->name, "what", what, "place",
                                   place, "sha256", sha256),
                         ret_intent);
}

static struct error *
record_gone(struct engine *engine, const struct state_key *key, const char *sha256,
            uint64_t intent, bool was_there, struct error *error)
{
    if (error != NULL)
        return engine_result_failed(engine, intent, error);
    return engine_result(engine, intent, "done",
                         json_pack("{s:s,s:s,s:s}", "key", key->name, "sha256", sha256,
                                   "absence",
                                   was_there ? "overwritten, removed, and not there any more"
                                             : "it was not there"));
}

static struct error *
destroy_archived(struct engine *engine, const struct state_key *key, enum archive_shelf shelf,
                 const char *what, const char *sha256, struct destruction *destruction)
{
    uint64_t intent = 0;
    bool was_there = false;
    TRY(record_file(engine, key, what, "archive", sha256, &intent));
    struct error *error = archive_destroy(engine->site->folder, shelf, sha256, &was_there);
    TRY(record_gone(engine, key, sha256, intent, was_there, error));
    return bytes_format(&destruction->told, "  %s %s.\n", what,
                        was_there ? "destroyed in the archive" : "was not in the archive");
}

/* Another copy of the same file, named as an input: on a medium, in an evidence folder. */
static struct error *
destroy_brought(struct engine *engine, const struct state_key *key, const char *sha256,
                struct destruction *destruction)
{
    for (size_t i = 1; i <= BROUGHT_MAX; i++) {
        AUTO_FREE char *name = NULL;
        char hash[DIGEST_SHA256_TEXT];
        unsigned long long size = 0;
        uint64_t intent = 0;
        TRY(text_format(&name, "%.60s-wrapped-%zu", key->name, i));
        const struct site_input *input = site_input(engine->site, name);
        if (input == NULL || !file_exists(input->path))
            continue;
        TRY(digest_sha256_file(input->path, hash, &size));
        if (strcmp(hash, sha256) != 0)
            continue;
        TRY(record_file(engine, key, "wrapped key", name, sha256, &intent));
        TRY(record_gone(engine, key, sha256, intent, true, file_destroy(input->path)));
        TRY(bytes_format(&destruction->told, "  copy \"%s\" destroyed.\n", name));
    }
    return NULL;
}

static struct error *
ask_others(struct engine *engine, const char *name, const struct known_backup *backup,
           bool *ret_gone)
{
    AUTO_FREE char *prompt = NULL;
    AUTO_FREE char *body = NULL;
    TRY(text_format(&prompt, "%s.others", name));
    TRY(text_format(&body,
                    "The file %.16s... went to media, too, and lies in the\n"
                    "evidence folder of the ceremony that made it. Media are\n"
                    "destroyed as a whole. Flash memory keeps what was deleted.\n",
                    backup->blob_sha256));
    return ask_confirm(engine, prompt, body,
                       "Are all other copies of this file destroyed before your eyes?",
                       people_name(engine, "witness", 0), ret_gone);
}

static struct error *
backup_in_ledger(struct engine *engine, const struct destruction *destruction,
                 const struct known_backup *old, const char *state)
{
    const struct ledger_backup row = {.key_spki_sha256 = destruction->key->spki_sha256,
                                      .blob_sha256 = old->blob_sha256,
                                      .card_sha256 = old->card_sha256,
                                      .kcv = old->kcv,
                                      .mechanism = old->mechanism,
                                      .set_id = old->set_id};
    if (strcmp(state, "live") == 0)
        return NULL;
    return ledger_backup(engine->ledger, engine->state.ceremony_id, &row, state);
}

static struct error *
destroy_wrapped(struct engine *engine, struct destruction *destruction, size_t number,
                const struct known_backup *backup)
{
    const struct state_key *key = destruction->key;
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *command = NULL;
    AUTO_FREE char *body = NULL;
    bool gone = false;
    TRY(text_format(&name, "wrapped-%zu", number));
    TRY(text_format(&command, "DESTROY WRAPPED COPY %.8s", backup->blob_sha256));
    TRY(text_format(&body,
                    "Wrapped copy of key \"%s\", with its recovery card,\n"
                    "in the archive and as far as it was brought.\n\nSHA-256\n%s\n",
                    key->label, backup->blob_sha256));
    TRY(destruction_approve(engine, name, body, command));
    TRY(bytes_format(&destruction->told, "Wrapped copy %s:\n", backup->blob_sha256));
    TRY(destroy_archived(engine, key, ARCHIVE_WRAPPED_KEY, "wrapped key", backup->blob_sha256,
                         destruction));
    TRY(destroy_archived(engine, key, ARCHIVE_RECOVERY_CARD, "recovery card",
                         backup->card_sha256, destruction));
    TRY(destroy_brought(engine, key, backup->blob_sha256, destruction));
    TRY(ask_others(engine, name, backup, &gone));
    const char *state = gone ? "destroyed" : destruction->shares_useless ? "void" : "live";
    TRY(backup_in_ledger(engine, destruction, backup, state));
    if (!gone) {
        destruction->files_left++;
        TRY(destruction_open(engine, destruction,
                             destruction->shares_useless
                                 ? "wrapped copies are left that no shares open any more"
                                 : "wrapped copies are left, and shares that open them"));
    }
    return json_array_append_new(
               destruction->wrapped,
               json_pack("{s:s,s:s}", "sha256", backup->blob_sha256, "state", state))
                   == 0
               ? NULL
               : error_memory();
}

/* Given up by an earlier ceremony: this one cannot know where copies of it are. */
static struct error *
tell_given_up(struct engine *engine, struct destruction *destruction,
              const struct known_backup *backup)
{
    AUTO_FREE char *text = NULL;
    TRY(text_format(
        &text,
        "copies of the wrapped key %.16s, given up before, may be left; whether its "
        "shares are, the record of that ceremony says",
        backup->blob_sha256));
    TRY(destruction_open(engine, destruction, text));
    return json_array_append_new(
               destruction->wrapped,
               json_pack("{s:s,s:s}", "sha256", backup->blob_sha256, "state", "void"))
                   == 0
               ? NULL
               : error_memory();
}

struct error *
destruction_of_files(struct engine *engine, struct destruction *destruction)
{
    AUTO_FREE struct known_backup *backups = NULL;
    size_t count = 0;
    TRY(known_backups(engine->ledger, destruction->key->spki_sha256, &backups, &count));
    for (size_t i = 0; i < count; i++)
        if (strcmp(backups[i].state, "live") == 0)
            TRY(destroy_wrapped(engine, destruction, i + 1, &backups[i]));
        else if (strcmp(backups[i].state, "void") == 0)
            TRY(tell_given_up(engine, destruction, &backups[i]));
    return NULL;
}
