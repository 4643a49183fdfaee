/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of a replaced backup: its wrapped copies and shares are destroyed before the witnesses, and the
 * ledger refuses the old set from then on. That prevents mistakes. It prevents no attack until every
 * copy of the old wrapped key is gone, or so many old shares that too few are left; the step says so.
 * (R84, REQUIREMENTS 4.3) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/engine/archive.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/steps/step.h"
#include "ceremony/ledger/known.h"

struct retiring {
    const struct state_key *key;
    const struct known_backup *old;
    bool copies_gone;  /* wrapped copies outside the archive */
    bool shares_gone;  /* all forms of the old set */
    char *shares_said; /* how many; confidential */
};

static void
retiring_clear(struct retiring *retiring)
{
    free(retiring->shares_said);
}

static struct error *
ask_people(struct engine *engine, struct retiring *retiring)
{
    AUTO_BYTES body = {0};
    AUTO_FREE char *who = NULL;
    TRY(text_copy(people_name(engine, "witness", 0), &who));
    TRY(bytes_format(&body,
                     "The old set %u of shares of \"%s\" is replaced, and the new\n"
                     "one is proven. From now on this program refuses the old\n"
                     "set. But a wrapped copy that is left somewhere can still\n"
                     "be opened with enough old shares. So all that can be had\n"
                     "of both is destroyed now.\n",
                     retiring->old->set_id, retiring->key->label));
    TRY(ask_confirm(engine, "copies", bytes_text(&body),
                    "Are the old wrapped copies on all media destroyed?", who,
                    &retiring->copies_gone));
    TRY(ask_confirm(engine, "shares", bytes_text(&body),
                    "Are all forms of the old set destroyed, before you?", who,
                    &retiring->shares_gone));
    return ask_text(engine, "count",
                    "How many forms of the old set were destroyed, and which are\n"
                    "missing? The answer is confidential.",
                    "Destroyed and missing", who, &retiring->shares_said);
}

static struct error *
note_what_is_left(struct engine *engine, const struct retiring *retiring)
{
    if (!retiring->copies_gone)
        TRY(exception_note(engine, "every old wrapped copy is destroyed",
                           "some are not at hand", "open: they must be found and destroyed"));
    if (!retiring->shares_gone)
        TRY(exception_note(engine, "every form of the old set is destroyed",
                           "some are not at hand", "open: they must be found and destroyed"));
    return NULL;
}

static struct error *
retire_in_ledger(struct engine *engine, const struct retiring *retiring)
{
    const struct known_backup *old = retiring->old;
    const struct ledger_backup row = {.key_spki_sha256 = retiring->key->spki_sha256,
                                      .blob_sha256 = old->blob_sha256,
                                      .card_sha256 = old->card_sha256,
                                      .kcv = old->kcv,
                                      .mechanism = old->mechanism,
                                      .set_id = old->set_id};
    TRY(ledger_backup(engine->ledger, engine->state.ceremony_id, &row,
                      retiring->copies_gone ? "destroyed" : "void"));
    return ledger_share_set(engine->ledger, engine->state.ceremony_id,
                            retiring->key->spki_sha256, old->set_id, "void", "");
}

static struct error *
retire(struct engine *engine, struct retiring *retiring)
{
    char commitment[DIGEST_SHA256_TEXT];
    uint64_t intent = 0;
    TRY(ask_people(engine, retiring));
    TRY(note_what_is_left(engine, retiring));
    TRY(engine_commit(engine, "old shares",
                      json_pack("{s:s}", "destroyed_and_missing", retiring->shares_said),
                      commitment));
    TRY(engine_intent(engine, "retire-backup",
                      json_pack("{s:s,s:s,s:i}", "key", retiring->key->name, "blob_sha256",
                                retiring->old->blob_sha256, "set", (int)retiring->old->set_id),
                      &intent));
    TRY(archive_destroy(engine->site->folder, ARCHIVE_WRAPPED_KEY, retiring->old->blob_sha256,
                        NULL));
    TRY(retire_in_ledger(engine, retiring));
    return engine_result(engine, intent, "done",
                         json_pack("{s:s,s:s,s:i,s:b,s:b,s:s}", "key", retiring->key->name,
                                   "blob_sha256", retiring->old->blob_sha256, "set",
                                   (int)retiring->old->set_id, "copies_destroyed",
                                   (int)retiring->copies_gone, "shares_destroyed",
                                   (int)retiring->shares_gone, "details", commitment));
}

/* Every live wrapped copy but the new one, which must have been proven. */
struct error *
step_run_retire_backup(struct engine *engine)
{
    struct state_key *key = NULL;
    AUTO_FREE struct known_backup *rows = NULL;
    size_t count = 0;
    TRY(key_of_step(engine, engine->step->key, &key));
    if (!engine->state.backup.proven)
        return ERROR(ERROR_REFUSED, "the new backup of key \"%s\" has not been proven",
                     key->name);
    TRY(known_backups(engine->ledger, key->spki_sha256, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        __attribute__((cleanup(retiring_clear))) struct retiring retiring = {.key = key,
                                                                             .old = &rows[i]};
        if (strcmp(rows[i].state, "live") != 0
            || strcmp(rows[i].blob_sha256, engine->state.backup.blob_sha256) == 0)
            continue;
        TRY(retire(engine, &retiring));
    }
    return NULL;
}
