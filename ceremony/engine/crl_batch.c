/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/crl_batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/crl_ahead.h"
#include "ceremony/engine/crl_cover.h"
#include "ceremony/engine/issue.h"
#include "ceremony/engine/keys.h"
#include "ceremony/pki/x509.h"

#define SAMPLE_ENTRIES 100U
#define DAY            INT64_C(86400)
#define PLAN           "plan-crls"

void
crl_batch_free(struct crl_batch *batch)
{
    if (batch == NULL)
        return;
    for (size_t i = 0; i < batch->count; i++) {
        pki_draft_clear(&batch->items[i].sample);
        pki_crl_stream_free(batch->items[i].stream);
    }
    for (size_t i = 0; i < batch->issuer_count; i++)
        bytes_clear(&batch->issuers[i].certificate);
    free(batch);
}

void
crl_item_kind(const struct crl_item *item, char *ret_text, size_t size)
{
    const struct pki_crl_profile *crl = &item->profile->crl;
    if (crl->delta)
        (void)snprintf(ret_text, size, "delta since %llu",
                       (unsigned long long)item->base_number);
    else if (crl->partitions > 0)
        (void)snprintf(ret_text, size, "partition %d of %d", item->partition, crl->partitions);
    else
        (void)snprintf(ret_text, size, "%s", item->scope);
}

struct error *
crl_item_path(const struct engine *engine, const struct crl_item *item, char **ret_path)
{
    AUTO_FREE char *name = NULL;
    TRY(text_format(&name, "%s.der",
                    item->ahead ? item->file + sizeof CRL_AHEAD - 1 : item->file));
    return path_join(item->ahead ? engine->site->sealed_medium : engine->evidence, name,
                     ret_path);
}

/* --- issuers --- */

static struct error *
look_at_issuer(struct crl_issuer *issuer)
{
    struct x509 certificate;
    TRY(x509_read(issuer->certificate.data, issuer->certificate.len, KIND_CERTIFICATE,
                  "the issuer's certificate", &certificate));
    issuer->is_root = der_equal(certificate.subject.whole, certificate.issuer.whole);
    return NULL;
}

static struct error *
add_issuer(struct engine *engine, struct crl_batch *batch, const struct script_key *planned,
           struct crl_issuer **ret_issuer)
{
    struct state_key *key = NULL;
    uint64_t highest = 0;
    for (size_t i = 0; i < batch->issuer_count; i++)
        if (strcmp(batch->issuers[i].key->name, planned->id) == 0) {
            *ret_issuer = &batch->issuers[i];
            return NULL;
        }
    if (batch->issuer_count == CRL_ISSUER_MAX)
        return ERROR(ERROR_INPUT, "a step signs CRLs of at most %d issuers", CRL_ISSUER_MAX);
    TRY(key_of_step(engine, planned->id, &key));
    struct crl_issuer *issuer = &batch->issuers[batch->issuer_count++];
    issuer->key = key;
    TRY(issue_certificate_of(engine, key->name, &issuer->certificate));
    TRY(look_at_issuer(issuer));
    if (batch->plan == 0)
        TRY(crl_ahead_require_none(engine, key));
    TRY(ledger_crl_highest(engine->ledger, key->spki_sha256, &highest));
    issuer->number = highest + 1;
    *ret_issuer = issuer;
    return NULL;
}

/* --- items --- */

static struct error *
find_base(struct engine *engine, struct crl_item *item)
{
    char scope[CRL_SCOPE_SIZE];
    struct ledger_crl base;
    bool found = false;
    if (!item->profile->crl.delta)
        return NULL;
    crl_base_scope_name(item->profile, item->partition, scope);
    TRY(ledger_crl_last(engine->ledger, item->issuer->key->spki_sha256, scope, &base, &found));
    if (found && base.number >= item->number) /* this step's own full one, when resumed */
        TRY(ledger_crl_before(engine->ledger, item->issuer->key->spki_sha256, scope,
                              item->number, &base, &found));
    if (!found)
        return error_hint(ERROR(ERROR_REFUSED, "the key \"%s\" has signed no full CRL yet",
                                item->issuer->key->name),
                          "A delta CRL says what changed since a full one. Sign that first.");
    item->base_number = base.number;
    item->since = base.seq;
    return NULL;
}

static bool
was_done(const struct engine *engine, const struct crl_item *item)
{
    AUTO_FREE char *name = NULL;
    if (item->ahead || text_format(&name, "%s.der", item->file) != NULL)
        return false; /* of what is signed ahead, the ledger says where it is */
    for (size_t i = 0; i < engine->state.object_count; i++)
        if (strcmp(engine->state.objects[i].file, name) == 0)
            return true;
    return false;
}

static struct error *
add_item(struct engine *engine, struct crl_batch *batch, const struct crl_issuer *issuer,
         const struct pki_profile *profile, int partition, unsigned later)
{
    if (batch->count == CRL_BATCH_MAX)
        return ERROR(ERROR_INPUT, "a step signs at most %d CRLs", CRL_BATCH_MAX);
    struct crl_item *item = &batch->items[batch->count++];
    item->issuer = issuer;
    item->profile = profile;
    item->partition = partition;
    item->number = issuer->number + later;
    item->ahead = later > 0;
    crl_scope_name(profile, partition, item->scope);
    char scope[CRL_SCOPE_SIZE]; /* gcc cannot see that two members of *item do not overlap */
    crl_scope_name(profile, partition, scope);
    (void)snprintf(item->file, sizeof item->file, "%s%s%.60s-%s-%llu",
                   item->ahead ? CRL_AHEAD : "crls/", evidence_prefix(engine),
                   issuer->key->name, scope, (unsigned long long)item->number);
    item->done = was_done(engine, item);
    return find_base(engine, item);
}

/* --- the plan --- */

static const struct state_intent *
open_plan(const struct engine *engine)
{
    for (size_t i = 0; i < engine->state.intent_count; i++)
        if (strcmp(engine->state.intents[i].does, PLAN) == 0
            && strcmp(engine->state.intents[i].step, engine->step->id) == 0)
            return &engine->state.intents[i];
    return NULL;
}

bool
crl_batch_is_planned(const struct engine *engine)
{
    return open_plan(engine) != NULL;
}

/* Numbers and date as the interrupted run had announced them. */
static void
take_plan(struct crl_batch *batch, const struct state_intent *plan)
{
    const json_t *numbers = json_object_get(plan->data, "numbers");
    batch->this_update = json_integer_value(json_object_get(plan->data, "this_update"));
    for (size_t i = 0; i < batch->issuer_count; i++)
        batch->issuers[i].number =
            (uint64_t)json_integer_value(json_object_get(numbers, batch->issuers[i].key->name));
}

/* The earlier CRL of the item's scope, if there is one. */
static struct error *
earlier_crl(struct engine *engine, const struct crl_item *item, struct ledger_crl *ret_crl,
            bool *ret_found)
{
    TRY(ledger_crl_last(engine->ledger, item->issuer->key->spki_sha256, item->scope, ret_crl,
                        ret_found));
    *ret_found = *ret_found && ret_crl->number < item->number;
    return NULL;
}

/* The second at which the CRLs begin. Dates of CRLs are whole seconds, and two ceremonies can follow one
 * another within one: then the next second is waited for. */
static struct error *
choose_begin(struct engine *engine, struct crl_batch *batch)
{
    struct clock_reading now;
    int64_t latest = INT64_MIN;
    for (size_t i = 0; i < batch->count; i++) {
        struct ledger_crl earlier;
        bool found = false;
        TRY(earlier_crl(engine, &batch->items[i], &earlier, &found));
        if (found && earlier.this_update > latest)
            latest = earlier.this_update;
    }
    clock_read(&now);
    if (now.wall_ms / 1000 == latest) {
        const int64_t rest_ms = 1000 - now.wall_ms % 1000;
        const struct timespec rest = {.tv_sec = rest_ms / 1000,
                                      .tv_nsec = rest_ms % 1000 * 1000000};
        (void)nanosleep(&rest, NULL);
        clock_read(&now);
    }
    batch->this_update = now.wall_ms / 1000;
    return NULL;
}

static struct error *
announce_plan(struct engine *engine, struct crl_batch *batch)
{
    json_t *numbers = json_object();
    for (size_t i = 0; i < batch->issuer_count; i++)
        (void)json_object_set_new(numbers, batch->issuers[i].key->name,
                                  json_integer((json_int_t)batch->issuers[i].number));
    return engine_intent(engine, PLAN,
                         json_pack("{s:I,s:o}", "this_update", (json_int_t)batch->this_update,
                                   "numbers", numbers),
                         &batch->plan);
}

/* A later CRL never begins before an earlier one: a clock that went back is found here. */
static struct error *
check_clock(struct engine *engine, const struct crl_item *item)
{
    struct ledger_crl last;
    bool found = false;
    TRY(earlier_crl(engine, item, &last, &found));
    if (!found || last.this_update < item->this_update)
        return NULL;
    char text[CLOCK_TEXT_SIZE];
    clock_format_seconds(last.this_update, text);
    return error_hint(ERROR(ERROR_REFUSED,
                            "CRL %llu of \"%s\" begins on %s, and the clock is not past that",
                            (unsigned long long)last.number, item->issuer->key->name, text),
                      "Set the clock right by a time signal, and begin again.");
}

size_t
crl_batch_listed(const struct engine *engine)
{
    return engine->step->kind == STEP_SIGN_SERIES ? 1 : engine->step->crls.count;
}

bool
crl_batch_list_at(const struct engine *engine, size_t n, const struct script_key **ret_key,
                  const struct pki_profile **ret_profile)
{
    if (engine->step->kind != STEP_SIGN_SERIES)
        return script_crl(engine->script, engine->step, n, ret_key, ret_profile);
    *ret_key = script_key(engine->script, engine->step->key);
    *ret_profile = script_profile(engine->script, engine->step->profile);
    return *ret_key != NULL && *ret_profile != NULL;
}

static struct error *
add_issuers(struct engine *engine, struct crl_batch *batch)
{
    for (size_t i = 0; i < crl_batch_listed(engine); i++) {
        const struct script_key *key = NULL;
        const struct pki_profile *profile = NULL;
        struct crl_issuer *issuer = NULL;
        if (crl_batch_list_at(engine, i, &key, &profile))
            TRY(add_issuer(engine, batch, key, &issuer));
    }
    return NULL;
}

static struct error *
add_items(struct engine *engine, struct crl_batch *batch)
{
    for (size_t i = 0; i < crl_batch_listed(engine); i++) {
        const struct script_key *key = NULL;
        const struct pki_profile *profile = NULL;
        struct crl_issuer *issuer = NULL;
        if (!crl_batch_list_at(engine, i, &key, &profile))
            continue;
        TRY(add_issuer(engine, batch, key, &issuer));
        int last = profile->crl.partitions;
        for (int partition = last > 0 ? 1 : 0; partition <= last; partition++)
            TRY(add_item(engine, batch, issuer, profile, partition, 0));
        for (unsigned later = 1; later < engine->step->count; later++)
            TRY(add_item(engine, batch, issuer, profile, 0, later));
    }
    return NULL;
}

/* Those of a series begin one after the other. */
static void
set_dates(const struct engine *engine, struct crl_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        batch->items[i].this_update =
            batch->this_update
            + (int64_t)(batch->items[i].number - batch->items[i].issuer->number)
                  * engine->step->every_days * DAY;
}

struct error *
crl_batch_plan(struct engine *engine, struct crl_batch **ret_batch)
{
    AUTO(crl_batch) batch = calloc(1, sizeof *batch);
    const struct state_intent *plan = open_plan(engine);
    if (batch == NULL)
        return error_memory();
    batch->plan = plan == NULL ? 0 : plan->seq;
    TRY(add_issuers(engine, batch));
    if (plan != NULL)
        take_plan(batch, plan);
    TRY(add_items(engine, batch));
    if (plan == NULL)
        TRY(choose_begin(engine, batch));
    set_dates(engine, batch);
    for (size_t i = 0; i < batch->count; i++)
        TRY(check_clock(engine, &batch->items[i]));
    if (plan == NULL)
        TRY(announce_plan(engine, batch));
    *ret_batch = TAKE(batch);
    return NULL;
}

/* --- drafts --- */

static struct error *
lint_sample(const struct crl_item *item)
{
    AUTO_LINT_REPORT report = {0};
    TRY(issue_lint(item->profile, item->sample.specimen.data, item->sample.specimen.len,
                   &item->issuer->certificate, NULL, &report));
    return pki_lint_require(&report, "CRL");
}

static struct pki_crl_order
order_of(const struct crl_item *item)
{
    return (struct pki_crl_order){.profile = item->profile,
                                  .issuer_certificate = item->issuer->certificate.data,
                                  .issuer_certificate_len = item->issuer->certificate.len,
                                  .number = item->number,
                                  .base_number = item->base_number,
                                  .partition = item->partition,
                                  .this_update = item->this_update};
}

static struct error *
open_source(struct engine *engine, const struct crl_item *item, struct crl_source **ret_source)
{
    AUTO(crl_source) source = NULL;
    TRY(crl_source_open(engine->ledger, item->issuer->key->spki_sha256, item->profile,
                        item->partition, item->since, &source));
    if (item->profile->crl.indirect)
        TRY(crl_cover_add(engine, &item->issuer->certificate, source));
    *ret_source = TAKE(source);
    return NULL;
}

/* Who reads the certificates of the others must come to this CRL. */
static struct error *
check_covered(struct engine *engine, const struct crl_item *item)
{
    const struct crl_cover cover = {.engine = engine,
                                    .step = engine->step,
                                    .profile = item->profile,
                                    .signer = &item->issuer->certificate,
                                    .crl = &item->sample.specimen};
    return item->profile->crl.indirect ? crl_cover_check_all(&cover) : NULL;
}

struct error *
crl_batch_sample(struct engine *engine, struct crl_item *item, size_t most)
{
    AUTO(crl_source) source = NULL;
    const struct pki_crl_order order = order_of(item);
    TRY(open_source(engine, item, &source));
    struct pki_revocations revocations = crl_source_revocations(source);
    TRY(pki_crl_sample(&order, &revocations, most, &item->sample));
    TRY_DOING(lint_sample(item), "looking at a sample of \"%s\"", item->file);
    return check_covered(engine, item);
}

struct error *
crl_batch_write(struct engine *engine, struct crl_item *item)
{
    AUTO(crl_source) source = NULL;
    AUTO_FREE char *path = NULL;
    AUTO_FREE char *folder = NULL;
    const struct pki_crl_order order = order_of(item);
    TRY(path_join(engine->evidence, "crls", &folder));
    TRY(folder_make(folder, true));
    TRY(crl_item_path(engine, item, &path));
    TRY(open_source(engine, item, &source));
    struct pki_revocations revocations = crl_source_revocations(source);
    return pki_crl_stream_write(&order, &revocations, path, &item->stream);
}

struct error *
crl_batch_draft(struct engine *engine, struct crl_item *item)
{
    TRY(crl_batch_sample(engine, item, SAMPLE_ENTRIES));
    return crl_batch_write(engine, item);
}
