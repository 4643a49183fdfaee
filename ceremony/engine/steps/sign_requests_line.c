/* SPDX-License-Identifier: Apache-2.0
 *
 * The line of an approved batch: signed, recorded, told. */
#include <stdio.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/batch/refusals.h"
#include "ceremony/engine/chain.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/steps/sign_requests.h"
#include "ceremony/pki/algorithm.h"

#define SAMPLE  1000U
#define RESULTS "results.jsonl"
#define KEYS    "device-keys"
#define REFUSED "refused.txt"

static struct error *
show_progress(void *user, const struct batch_progress *progress)
{
    struct batch *batch = user;
    char what[96];
    char left[48];
    if (working_stop_wanted(batch->engine))
        batch->pause = 1;
    (void)snprintf(what, sizeof what, "%llu of %llu signed, %llu refused, %.0f a second",
                   (unsigned long long)progress->issued, (unsigned long long)progress->total,
                   (unsigned long long)progress->refused, progress->rate);
    (void)snprintf(left, sizeof left, "%llu s left",
                   (unsigned long long)progress->seconds_left);
    working_on(batch->engine, what, progress->seconds_left > 0 ? left : "");
    return NULL;
}

static const char *
name_of_code(unsigned code)
{
    return batch_code_row(code)->code;
}

static struct error *
signing_of(const struct batch *batch, struct p11_signing *ret_how)
{
    static const char *const names[][2] = {
        {"sha256", "SHA256"},
        {"sha384", "SHA384"},
        {"sha512", "SHA512"}
    };
    const struct key_kind *key =
        key_kind_of_spki(der_view(batch->key->spki.data, batch->key->spki.len));
    const struct signature_kind *kind =
        key == NULL ? NULL
                    : signature_kind_for(key, batch->profile->digest, batch->profile->pss);
    if (kind == NULL)
        return ERROR(ERROR_INPUT, "the key \"%s\" does not sign as the profile says",
                     batch->key->name);
    *ret_how = (struct p11_signing){.pss = kind->pss, .salt_len = -1};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i][0], kind->digest) == 0)
            ret_how->digest = names[i][1];
    return NULL;
}

static struct error *
open_signer(struct batch *batch, struct p11_signer **ret_signer)
{
    struct engine *engine = batch->engine;
    struct engine_token *token = NULL;
    struct p11_session *session = NULL;
    unsigned char id[P11_ID_MAX];
    size_t id_len = 0;
    TRY(tokens_get(engine, batch->key->token, &token));
    TRY(tokens_login_user(engine, token));
    TRY(tokens_session(engine, token, &session));
    TRY(key_id_parse(batch->key->id_hex, id, &id_len));
    TRY(key_origin_draw(&batch->origin, session));
    return p11_signer_new(session, id, id_len, batch->key->spki.data, batch->key->spki.len,
                          ret_signer);
}

static struct error *
stopped(const struct batch *batch, const struct batch_totals *totals)
{
    return error_hint(
        ERROR(ERROR_INTERRUPTED,
              "the batch was stopped after %llu of %llu requests; what is signed is "
              "written, and in the ledger",
              (unsigned long long)totals->items, (unsigned long long)batch->items),
        "Go on with: ceremony resume. Nothing is signed twice.");
}

static struct error *
run_line(struct batch *batch, struct batch_line *line, struct batch_totals *totals)
{
    AUTO(batch_source) source = NULL;
    AUTO(batch_review) reviewed = NULL;
    AUTO(batch_review_feed) feed = NULL;
    bool paused = false;
    TRY(batch_open_source(batch, &source));
    TRY(batch_review_open(batch->review, batch->review_sha256, &reviewed));
    TRY(batch_review_feed_new(&batch->check, reviewed, source, 0, &feed));
    line->feed = batch_review_as_feed(feed);
    line->total = batch->items;
    struct error *error = batch_line_run(line, totals, &paused);
    working_end(batch->engine);
    TRY(error);
    return paused ? stopped(batch, totals) : NULL;
}

/* Private keys that are made here go beside the certificates, wrapped. */
static struct error *
make_keys_folder(const struct batch *batch, char **ret_path)
{
    AUTO_FREE char *above = NULL;
    if (!key_origin_wraps(&batch->origin))
        return NULL;
    TRY(path_join(batch->engine->evidence, KEYS, &above));
    TRY(folder_make(above, true));
    TRY(path_join(batch->engine->evidence, batch->keys, ret_path));
    return folder_make(*ret_path, true);
}

static struct error *
sign_all(struct batch *batch, struct batch_totals *totals)
{
    struct engine *engine = batch->engine;
    AUTO(batch_template) template = NULL;
    AUTO(p11_signer) signer = NULL;
    AUTO_FREE char *results = NULL;
    AUTO_FREE char *output = NULL;
    AUTO_FREE char *certificates = NULL;
    AUTO_FREE char *keys = NULL;
    AUTO_BYTES chain = {0};
    struct batch_template_order order = {batch->profile, batch->issuer.data, batch->issuer.len,
                                         batch->now, engine->site->rehearsal};
    struct batch_token_signer token = {0};
    TRY(batch_template_new(&order, &template));
    TRY(signing_of(batch, &token.how));
    TRY(open_signer(batch, &signer));
    token.signer = signer;
    TRY(path_join(engine->evidence, RESULTS, &results));
    TRY(path_join(engine->evidence, "certificates", &certificates));
    TRY(path_join(engine->evidence, batch->output, &output));
    TRY(folder_make(certificates, true));
    TRY(folder_make(output, true));
    TRY(make_keys_folder(batch, &keys));
    bool with_chain = strcmp(engine->step->chain, "yes") == 0;
    if (with_chain)
        TRY(chain_pem(engine, batch->key->spki_sha256, &batch->issuer, &chain));
    struct batch_line line = {
        .ledger = engine->ledger,
        .ceremony = engine->state.ceremony_id,
        .batch = batch->id,
        .issuer_spki_sha256 = batch->key->spki_sha256,
        .profile = batch->profile,
        .template = template,
        .code_name = name_of_code,
        .signer = batch_signer_of_token(&token),
        .made = key_origin_made_here(&batch->origin) ? &batch->origin.keys : NULL,
        .output = {.folder = output,
                   .chain = with_chain ? bytes_text(&chain) : NULL,
                   .keys = keys,
                   .time = batch->now},
        .results = results,
        .journal = batch->journal,
        .workers = BATCH_WORKERS,
        .sample = SAMPLE,
        .reissue = batch->check.repeats,
        .progress = show_progress,
        .pause = &batch->pause,
        .user = batch,
    };
    return run_line(batch, &line, totals);
}

/* --- recorded --- */

/* The line has journals of its own; the record gets each file with the hash that is on the disk. */
static struct error *
record_folder(struct batch *batch, const char *kind, const char *folder)
{
    AUTO_FOLDER_LIST list = {0};
    AUTO_FREE char *path = NULL;
    TRY(path_join(batch->engine->evidence, folder, &path));
    TRY(folder_list(path, true, true, &list));
    for (size_t i = 0; i < list.count; i++) {
        AUTO_FREE char *name = NULL;
        TRY(path_join(folder, list.names[i], &name));
        TRY(evidence_record(batch->engine, kind, name));
    }
    return NULL;
}

/* The answer to whoever sent the batch goes with the certificates. */
static struct error *
write_refusals(struct batch *batch)
{
    AUTO_FREE char *results = NULL;
    AUTO_FREE char *folder = NULL;
    AUTO_FREE char *path = NULL;
    AUTO_FREE char *title = NULL;
    uint64_t count = 0;
    TRY(path_join(batch->engine->evidence, RESULTS, &results));
    TRY(path_join(batch->engine->evidence, batch->output, &folder));
    TRY(path_join(folder, REFUSED, &path));
    TRY(text_format(&title, "Batch %s%s, profile %s %s", evidence_prefix(batch->engine),
                    batch->id, batch->profile->id, batch->profile->version));
    return batch_refusals_write(results, path, title, &count);
}

static struct error *
record_files(struct batch *batch)
{
    TRY(write_refusals(batch));
    TRY(record_folder(batch, "certificates", batch->output));
    if (key_origin_wraps(&batch->origin))
        TRY(record_folder(batch, KEYS, batch->keys));
    return evidence_record(batch->engine, "results", RESULTS);
}

static struct error *
record_totals(struct batch *batch, const struct batch_totals *totals)
{
    char root[2 * MERKLE_HASH + 1];
    hex_encode(totals->root, sizeof totals->root, root);
    return engine_result(
        batch->engine, batch->intent, "done",
        json_pack("{s:s,s:s,s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:s}", "batch", batch->id, "key",
                  batch->key->name, "profile", batch->profile->id, "items",
                  (json_int_t)totals->items, "issued", (json_int_t)totals->issued, "refused",
                  (json_int_t)totals->refused, "before", (json_int_t)totals->before, "resigned",
                  (json_int_t)totals->resigned, "blocks", (json_int_t)totals->blocks, "root",
                  root));
}

static struct error *
tell_totals(struct batch *batch, const struct batch_totals *totals)
{
    AUTO_BYTES body = {0};
    TRY(bytes_format(&body,
                     "Items          %10llu\nIssued         %10llu\nIssued before  %10llu\n"
                     "Refused        %10llu\nSigned again   %10llu\n",
                     (unsigned long long)totals->items, (unsigned long long)totals->issued,
                     (unsigned long long)totals->before, (unsigned long long)totals->refused,
                     (unsigned long long)totals->resigned));
    TRY(bytes_append_text(&body, "\nWhat became of each stands in results.jsonl.\n"));
    if (totals->refused > 0)
        TRY(bytes_append_text(&body,
                              "For whoever sent them, refused.txt beside the "
                              "certificates says why each was refused, and what to do.\n"));
    return ask_tell(batch->engine, "totals", bytes_text(&body), engine_actor(batch->engine));
}

struct error *
batch_sign_all(struct batch *batch)
{
    struct batch_totals totals;
    TRY(sign_all(batch, &totals));
    TRY(record_files(batch));
    TRY(record_totals(batch, &totals));
    return tell_totals(batch, &totals);
}
