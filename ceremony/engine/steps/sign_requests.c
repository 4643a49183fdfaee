/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests of others, signed as a batch: read and judged, shown as a whole, approved with one typed
 * command, then signed by the line (batch/line.h). The intent holds what was approved: the hash of the
 * review, the time that every certificate begins with. An interruption leaves it open; a resumed step
 * goes on with the very same set, the blocks under way first. (R36, R62 - R71) */
#include "ceremony/engine/steps/sign_requests.h"

#include <stdio.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/issue.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/reader.h"
#include "ceremony/pki/pki.h"
#include "ceremony/pki/x509.h"

static void
batch_clear(struct batch *batch)
{
    bytes_clear(&batch->issuer);
    requests_rules_clear(&batch->rules);
    batch_template_free(batch->naming);
    key_origin_clear(&batch->origin);
    free(batch->folder);
    free(batch->review);
    free(batch->journal);
    free(batch->output);
    free(batch->keys);
}

#define AUTO_BATCH __attribute__((cleanup(batch_clear))) struct batch

/* --- what is asked --- */

static struct error *
make_paths(struct batch *batch)
{
    struct engine *engine = batch->engine;
    AUTO_FREE char *folders = NULL;
    (void)snprintf(batch->id, sizeof batch->id, "%s/%s", engine->state.ceremony_id,
                   engine->step->id);
    TRY(path_join(engine->site->folder, "batches", &folders));
    TRY(text_format(&batch->folder, "%s/%s-%s", folders, engine->state.ceremony_id,
                    engine->step->id));
    TRY(path_join(batch->folder, "review", &batch->review));
    TRY(path_join(batch->folder, "journal", &batch->journal));
    TRY(text_format(&batch->output, "certificates/%s%s", evidence_prefix(engine),
                    engine->step->id));
    TRY(text_format(&batch->keys, "device-keys/%s%s", evidence_prefix(engine),
                    engine->step->id));
    TRY(folder_make(folders, true));
    TRY(folder_make(batch->folder, true));
    return folder_make(batch->journal, true);
}

/* What was approved before an interruption. */
static void
find_announced(struct batch *batch)
{
    const struct state *state = &batch->engine->state;
    for (size_t i = 0; i < state->intent_count; i++) {
        const struct state_intent *intent = &state->intents[i];
        if (strcmp(intent->does, "sign-requests") != 0
            || strcmp(intent->step, batch->engine->step->id) != 0)
            continue;
        batch->intent = intent->seq;
        batch->announced = intent->data;
        batch->now = json_integer_value(json_object_get(intent->data, "now"));
        batch->items = (uint64_t)json_integer_value(json_object_get(intent->data, "items"));
        (void)snprintf(batch->review_sha256, sizeof batch->review_sha256, "%s",
                       json_string_value(json_object_get(intent->data, "review_sha256")));
        return;
    }
}

static struct error *
device_of(void *user, const struct batch_item *item, char **ret_device)
{
    const struct batch *batch = user;
    return batch_line_device(batch->naming, batch->profile, item, ret_device);
}

/* The review knows an item by what the line will enter for it. */
static struct error *
open_naming(struct batch *batch)
{
    const struct batch_template_order order = {batch->profile, batch->issuer.data,
                                               batch->issuer.len, batch->now,
                                               batch->engine->site->rehearsal};
    TRY(batch_template_new(&order, &batch->naming));
    batch->check.device = device_of;
    batch->check.user = batch;
    return NULL;
}

static struct error *
open_batch(struct engine *engine, struct batch *batch)
{
    batch->engine = engine;
    TRY(key_of_step(engine, engine->step->key, &batch->key));
    TRY(key_may_certify(engine, batch->key));
    TRY(issue_certificate_of(engine, batch->key->name, &batch->issuer));
    TRY(key_origin_open(engine, &batch->origin));
    TRY(requests_rules_open(engine, &batch->issuer, key_origin_made_here(&batch->origin),
                            &batch->rules));
    batch->profile = batch->rules.profile;
    TRY(make_paths(batch));
    batch->past = (struct batch_ledger_past){engine->ledger, batch->key->spki_sha256};
    batch->check = batch->rules.check;
    batch->check.past = batch_past_of_ledger(&batch->past);
    struct clock_reading now;
    clock_read(&now);
    batch->now = now.wall_ms / 1000;
    find_announced(batch); /* then it is dated as it was approved */
    return open_naming(batch);
}

struct error *
batch_open_source(const struct batch *batch, struct batch_source **ret_source)
{
    bool made = key_origin_made_here(&batch->origin);
    const struct reader_wish wish = {.pass = READER_REQUESTS,
                                     .input = batch->engine->step->id,
                                     .issuer = &batch->issuer,
                                     .flag = made};
    if (batch->origin.seeds != NULL) /* opened by the token, in memory already */
        return batch_source_open_seeds(batch->origin.seeds, ret_source);
    TRY_DOING(reader_open(batch->engine, &wish, ret_source), "opening the %s",
              made ? "list of devices" : "requests");
    return NULL;
}

/* --- looked through and approved --- */

static struct error *
say_limits(const struct batch *batch, uint64_t more, struct bytes *body)
{
    struct ledger_limits limits;
    bool found = false;
    int64_t used = 0;
    struct clock_reading now;
    char until[CLOCK_TEXT_SIZE];
    TRY(ledger_get_limits(batch->engine->ledger, batch->key->spki_sha256, &limits, &found,
                          &used));
    if (!found)
        return bytes_format(body, "\nThe issuer made %lld before; it has no limit.\n",
                            (long long)used);
    clock_read(&now);
    clock_format_seconds(limits.until, until);
    TRY(bytes_format(body, "\nThe issuer made %lld of %lld, and may sign until\n%s.\n",
                     (long long)used, (long long)limits.count, until));
    if (ledger_limits_near(&limits, used + (int64_t)more, now.wall_ms / 1000))
        TRY(bytes_append_text(body, "A tenth or less is left after this batch.\n"));
    if (limits.count > 0 && used + (int64_t)more > limits.count)
        return ERROR(ERROR_REFUSED,
                     "the issuer may make %lld certificates, has made %lld, and the batch has "
                     "%llu more",
                     (long long)limits.count, (long long)used, (unsigned long long)more);
    return NULL;
}

static struct error *
review(struct batch *batch, struct batch_summary *summary)
{
    AUTO(batch_source) source = NULL;
    TRY(batch_open_source(batch, &source));
    TRY(file_remove(batch->review)); /* of a look that nobody approved */
    working_begin(batch->engine, "The requests are read and checked.", "");
    struct error *error = batch_review_make(&batch->check, source, batch->review, summary);
    working_end(batch->engine);
    return error;
}

/* Everything that is shown, one command for all of it. */
static struct error *
approve(struct batch *batch, bool *ret_approved)
{
    struct engine *engine = batch->engine;
    AUTO_BATCH_SUMMARY summary = {0};
    AUTO_BYTES body = {0};
    char command[64];
    struct clock_reading now;
    TRY(review(batch, &summary));
    TRY(batch_summary_text(&summary, &body));
    TRY(bytes_format(&body, "\nProfile      %s %s\nSigned by    key \"%s\", %.16s...\n",
                     batch->profile->id, batch->profile->version, batch->key->label,
                     batch->key->spki_sha256));
    TRY(blocklist_text(&batch->rules.blocklist, &body));
    TRY(key_origin_text(&batch->origin, &body));
    TRY(say_limits(batch, summary.accepted, &body));
    (void)snprintf(command, sizeof command, "SIGN %llu REQUESTS",
                   (unsigned long long)summary.accepted);
    TRY(ask_command(engine, "sign", bytes_text(&body), command, engine_actor(engine),
                    ret_approved));
    if (!*ret_approved)
        return NULL;
    clock_read(&now);
    batch->now = now.wall_ms / 1000;
    batch->items = summary.items;
    (void)snprintf(batch->review_sha256, sizeof batch->review_sha256, "%s",
                   summary.review_sha256);
    return engine_intent(
        engine, "sign-requests",
        json_pack("{s:s,s:s,s:s,s:I,s:I,s:I,s:s,s:s,s:I,s:s,s:o,s:o}", "batch", batch->id,
                  "key", batch->key->name, "profile", batch->profile->id, "items",
                  (json_int_t)summary.items, "accepted", (json_int_t)summary.accepted,
                  "refused", (json_int_t)summary.refused, "digest", summary.digest,
                  "review_sha256", summary.review_sha256, "now", (json_int_t)batch->now,
                  "command", command, "origin", key_origin_json(&batch->origin), "blocklist",
                  blocklist_json(&batch->rules.blocklist)),
        &batch->intent);
}

/* A medium that was changed while the batch was interrupted must not redirect the keys, nor bring
 * other ones. */
static struct error *
compare_origin(const struct batch *batch)
{
    json_t *now = key_origin_json(&batch->origin);
    bool same = json_equal(json_object_get(batch->announced, "origin"), now);
    json_decref(now);
    if (same)
        return NULL;
    return error_hint(ERROR(ERROR_REFUSED, "the %s is not the one that was approved",
                            batch->origin.row->derived
                                ? "list of seeds"
                                : "certificate that the keys are wrapped for"),
                      "Bring the medium as it was when the batch was approved.");
}

static struct error *
note_block(void *user, const struct ledger_block_info *info)
{
    (void)info;
    *(bool *)user = true;
    return NULL;
}

/* Of a batch that is not under way. */
static struct error *
refuse_blocks(const struct batch *batch)
{
    bool any = false;
    TRY(ledger_each_block(batch->engine->ledger, batch->id, note_block, &any));
    return any ? error_hint(
               ERROR(ERROR_REFUSED, "the ledger holds blocks of this batch, which was "
                                    "given up"),
               "Abort the ceremony. The devices that are left are certified in a new "
               "one.")
               : NULL;
}

struct error *
step_run_sign_requests(struct engine *engine)
{
    AUTO_BATCH batch = {0};
    bool approved = true;
    if (strcmp(engine->state.work_done, engine->step->id) == 0)
        return NULL; /* the interruption came between result and end */
    TRY(open_batch(engine, &batch));
    bool announced = batch.announced != NULL;
    if (announced)
        TRY(compare_origin(&batch));
    else
        TRY(refuse_blocks(&batch));
    TRY(key_origin_open_seeds(engine, &batch.origin));
    if (!announced)
        TRY(approve(&batch, &approved));
    if (!approved)
        return error_hint(ERROR(ERROR_REFUSED, "the batch was not approved"),
                          "Resume to look at it again, or abort the ceremony.");
    TRY(key_origin_enter(engine, &batch.origin, batch.id));
    return batch_sign_all(&batch);
}
