/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/share_entry.h"

#include <stdlib.h>

#include "ceremony/base/text.h"

#define WRONG_MAX 20U

struct error *
share_entry_begin(struct share_entry *entry)
{
    entry->bags = json_array();
    entry->shares = json_array();
    return entry->bags == NULL || entry->shares == NULL ? error_memory() : NULL;
}

void
share_entry_clear(struct share_entry *entry)
{
    json_decref(entry->bags);
    json_decref(entry->shares);
}

static struct error *
prompt_name(const struct share_entry *entry, size_t n, const char *what, char **ret_name)
{
    return text_format(ret_name, "%s%zu.%s", entry->prefix, n, what);
}

/* The form is sealed again at once, by its holder; the numbers are part of the confidential value. */
static struct error *
ask_new_bag(struct engine *engine, struct share_entry *entry, size_t n)
{
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *bag = NULL;
    TRY(prompt_name(entry, n, "bag", &name));
    TRY(ask_text(engine, name,
                 "The form goes into a new numbered bag, sealed by its\n"
                 "holder before anything else is done.",
                 "Number of the new bag", "a custodian", &bag));
    return json_array_append_new(entry->bags, json_string(bag)) == 0 ? NULL : error_memory();
}

/* Which share it was, and its new bag. */
static struct error *
take_note(struct engine *engine, struct share_entry *entry, const struct slip39_info *info,
          size_t n)
{
    entry->set = info->id;
    if (json_array_append_new(entry->shares,
                              json_pack("{s:i,s:i}", "group", (int)info->group_index + 1,
                                        "share", (int)info->member_index + 1))
        != 0)
        return error_memory();
    return ask_new_bag(engine, entry, n);
}

/* Typed words become a share of the collector, or an error that says why not. */
static struct error *
take_share(struct engine *engine, const struct share_entry *entry, const struct secret *typed,
           struct slip39_collector *collector, struct slip39_info *ret_info)
{
    AUTO(slip39_share) share = NULL;
    TRY(slip39_share_parse(typed, &share));
    *ret_info = slip39_share_info(share);
    if (entry->accept != NULL)
        TRY(entry->accept(engine, entry->self, ret_info->id));
    return slip39_collector_add(collector, TAKE(share));
}

static struct error *
call_holder(struct engine *engine, const struct share_entry *entry, size_t n)
{
    AUTO_FREE char *name = NULL;
    TRY(prompt_name(entry, n, "alone", &name));
    return ask_tell(engine, name,
                    "A custodian whose share has not been typed yet opens\n"
                    "the bag, and comes to the screen, alone, with the form.\n"
                    "Everyone else turns away. All tokens are logged out.",
                    "a custodian");
}

/* One share, asked until it is taken. */
static struct error *
ask_share(struct engine *engine, struct share_entry *entry, struct slip39_collector *collector,
          size_t n)
{
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *body = NULL;
    AUTO_FREE char *warning = NULL;
    TRY(prompt_name(entry, n, "share", &name));
    TRY(text_format(&body, "Share number %zu %s: type it from your form.", n, entry->what));
    TRY(call_holder(engine, entry, n));
    TRY(text_copy("", &warning));
    for (;;) {
        AUTO(secret) typed = NULL;
        struct slip39_info info = {0};
        TRY(ask_words(engine, name, body, "", "a custodian", warning, &slip39_word_list,
                      entry->words, &typed));
        struct error *error = take_share(engine, entry, typed, collector, &info);
        if (error == NULL)
            return take_note(engine, entry, &info, n);
        if (!error_may_retry(error) || ++entry->wrong >= WRONG_MAX)
            return error;
        free(TAKE(warning));
        warning = error_format_plain(error);
        error_free(error);
        if (warning == NULL)
            return error_memory();
    }
}

struct error *
share_entry_collect(struct engine *engine, struct share_entry *entry,
                    struct secret **ret_secret)
{
    AUTO(slip39_collector) collector = NULL;
    TRY(tokens_logout_all(engine));
    TRY(slip39_collector_new(&collector));
    for (size_t n = 1; !slip39_collector_is_complete(collector); n++)
        TRY(ask_share(engine, entry, collector, n));
    return slip39_combine(collector, NULL, ret_secret);
}

struct error *
share_entry_commit(struct engine *engine, const struct share_entry *entry, const char *about,
                   char ret_commitment[DIGEST_SHA256_TEXT])
{
    return engine_commit(engine, about,
                         json_pack("{s:i,s:O,s:O}", "wrong_entries", (int)entry->wrong,
                                   "new_bags", entry->bags, "shares", entry->shares),
                         ret_commitment);
}
