/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests of others, signed as a batch: read and judged, shown as a whole, approved with one typed
 * command, then signed by the line (batch/line.h). The intent holds what was approved: the hash of the
 * review, the time that every certificate begins with. An interruption leaves it open; a resumed step
 * goes on with the very same set, the blocks under way first. (R36, R62 - R71) */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/batch/check_past.h"
#include "ceremony/batch/line.h"
#include "ceremony/engine/issue.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/steps/step.h"
#include "ceremony/pki/algorithm.h"
#include "ceremony/pki/pki.h"
#include "ceremony/pki/request_profile.h"
#include "ceremony/pki/x509.h"

#define WORKERS 4U
#define SAMPLE  1000U
#define RESULTS "results.jsonl"

/* One batch in this process. */
struct batch {
    struct engine *engine;
    const struct site_input *input;
    struct state_key *key;
    const struct pki_profile *profile;
    struct bytes issuer; /* its certificate */
    struct request_profile_rules rules;
    struct request_looks *looks;
    struct batch_ledger_past past;
    struct batch_check check;
    char *folder;  /* of review and journal, beside the ledger */
    char *review;  /* its file */
    char *journal; /* a folder */
    char *output;  /* below the evidence folder */
    char id[2 * STATE_NAME_MAX];
    uint64_t intent;
    int64_t now;
    char review_sha256[65];
    uint64_t items;
    volatile sig_atomic_t
        pause; /* somebody wants to stop: the line ends after its open blocks */
};

static void
batch_clear(struct batch *batch)
{
    bytes_clear(&batch->issuer);
    request_profile_rules_clear(&batch->rules);
    request_looks_free(batch->looks);
    free(batch->folder);
    free(batch->review);
    free(batch->journal);
    free(batch->output);
}

#define AUTO_BATCH __attribute__((cleanup(batch_clear))) struct batch

/* --- what is asked --- */

/* A root certifies CAs, one by one and after a look at each. The name of whoever signs is nobody
 * else's, nor is one that resembles it. */
static struct error *
look_at_issuer(struct batch *batch)
{
    struct x509 x509;
    TRY(x509_read(batch->issuer.data, batch->issuer.len, KIND_CERTIFICATE,
                  "the issuer's certificate", &x509));
    if (der_equal(x509.subject.whole, x509.issuer.whole))
        return error_hint(ERROR(ERROR_REFUSED,
                                "the key \"%s\" is a root's, which signs no batches",
                                batch->key->name),
                          "Let an issuing CA sign these requests.");
    struct request_name names[] = {
        {x509.subject.whole.p, x509.subject.whole.len},
        {x509.issuer.whole.p,  x509.issuer.whole.len }
    };
    return request_looks_new(names, 2, &batch->looks);
}

/* Declared: what had a certificate may have another (R71). */
static bool
may_repeat(const struct engine *engine)
{
    return strcmp(engine->step->repeats, "yes") == 0;
}

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
    TRY(folder_make(folders, true));
    TRY(folder_make(batch->folder, true));
    return folder_make(batch->journal, true);
}

static struct error *
open_batch(struct engine *engine, struct batch *batch)
{
    batch->engine = engine;
    batch->input = site_input(engine->site, engine->step->id);
    if (batch->input == NULL)
        return error_hint(
            ERROR(ERROR_INPUT, "environment.yaml names no input \"%s\"", engine->step->id),
            "Name the medium with the requests there, as the step is called.");
    batch->profile = script_profile(engine->script, engine->step->profile);
    TRY(key_of_step(engine, engine->step->key, &batch->key));
    TRY(key_may_certify(engine, batch->key));
    TRY(issue_certificate_of(engine, batch->key->name, &batch->issuer));
    TRY(look_at_issuer(batch));
    TRY(make_paths(batch));
    TRY(request_rules_of_profile(batch->profile, &batch->rules));
    batch->rules.rules.looks = batch->looks;
    batch->past = (struct batch_ledger_past){engine->ledger, batch->key->spki_sha256};
    batch->check = (struct batch_check){.rules = &batch->rules.rules,
                                        .past = batch_past_of_ledger(&batch->past),
                                        .repeats = may_repeat(engine),
                                        .workers = WORKERS};
    return NULL;
}

static const struct {
    const char *ending;
    enum batch_source_kind kind;
} endings[] = {
    {".pem",   BATCH_SOURCE_PEM       },
    {".tar",   BATCH_SOURCE_TAR       },
    {".jsonl", BATCH_SOURCE_JSON_LINES},
    {".csv",   BATCH_SOURCE_CSV       },
};

static struct error *
open_source(const struct batch *batch, struct batch_source **ret_source)
{
    const char *path = batch->input->path;
    enum batch_source_kind kind = BATCH_SOURCE_FOLDER;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (text_ends_with(path, endings[i].ending) && !file_is_folder(path))
            kind = endings[i].kind;
    TRY_DOING(batch_source_open(path, kind, NULL, ret_source), "opening the requests");
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
    TRY(open_source(batch, &source));
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
    return engine_intent(engine, "sign-requests",
                         json_pack("{s:s,s:s,s:s,s:I,s:I,s:I,s:s,s:s,s:I,s:s}", "batch",
                                   batch->id, "key", batch->key->name, "profile",
                                   batch->profile->id, "items", (json_int_t)summary.items,
                                   "accepted", (json_int_t)summary.accepted, "refused",
                                   (json_int_t)summary.refused, "digest", summary.digest,
                                   "review_sha256", summary.review_sha256, "now",
                                   (json_int_t)batch->now, "command", command),
                         &batch->intent);
}

/* What was approved before an interruption. */
static bool
find_announced(struct batch *batch)
{
    const struct state *state = &batch->engine->state;
    for (size_t i = 0; i < state->intent_count; i++) {
        const struct state_intent *intent = &state->intents[i];
        if (strcmp(intent->does, "sign-requests") != 0
            || strcmp(intent->step, batch->engine->step->id) != 0)
            continue;
        batch->intent = intent->seq;
        batch->now = json_integer_value(json_object_get(intent->data, "now"));
        batch->items = (uint64_t)json_integer_value(json_object_get(intent->data, "items"));
        (void)snprintf(batch->review_sha256, sizeof batch->review_sha256, "%s",
                       json_string_value(json_object_get(intent->data, "review_sha256")));
        return true;
    }
    return false;
}

/* --- signed --- */

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
    working_begin(batch->engine, what, progress->seconds_left > 0 ? left : "");
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
    TRY(open_source(batch, &source));
    TRY(batch_review_open(batch->review, batch->review_sha256, &reviewed));
    TRY(batch_review_feed_new(&batch->check, reviewed, source, 0, &feed));
    line->feed = batch_review_as_feed(feed);
    line->total = batch->items;
    struct error *error = batch_line_run(line, totals, &paused);
    working_end(batch->engine);
    TRY(error);
    return paused ? stopped(batch, totals) : NULL;
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
    struct batch_line line = {
        .ledger = engine->ledger,
        .ceremony = engine->state.ceremony_id,
        .batch = batch->id,
        .issuer_spki_sha256 = batch->key->spki_sha256,
        .profile = batch->profile,
        .template = template,
        .code_name = name_of_code,
        .signer = batch_signer_of_token(&token),
        .output = {.folder = output, .time = batch->now},
        .results = results,
        .journal = batch->journal,
        .workers = WORKERS,
        .sample = SAMPLE,
        .reissue = may_repeat(engine),
        .progress = show_progress,
        .pause = &batch->pause,
        .user = batch,
    };
    return run_line(batch, &line, totals);
}

/* --- recorded --- */

/* The line has journals of its own; the record gets each file with the hash that is on the disk. */
static struct error *
record_file(struct batch *batch, const char *kind, const char *name)
{
    struct engine *engine = batch->engine;
    AUTO_FREE char *path = NULL;
    char hash[DIGEST_SHA256_TEXT];
    unsigned long long size = 0;
    uint64_t intent = 0;
    TRY(path_join(engine->evidence, name, &path));
    TRY(digest_sha256_file(path, hash, &size));
    TRY(engine_intent(engine, "write-output",
                      json_pack("{s:s,s:s}", "file", name, "sha256", hash), &intent));
    return engine_record(engine, TRANSCRIPT_OUTPUT, engine_actor(engine),
                         json_pack("{s:I,s:s,s:s,s:s,s:I}", "of", (json_int_t)intent, "kind",
                                   kind, "file", name, "sha256", hash, "size",
                                   (json_int_t)size),
                         NULL);
}

static struct error *
record_files(struct batch *batch)
{
    AUTO_FOLDER_LIST list = {0};
    AUTO_FREE char *folder = NULL;
    TRY(path_join(batch->engine->evidence, batch->output, &folder));
    TRY(folder_list(folder, true, true, &list));
    for (size_t i = 0; i < list.count; i++) {
        AUTO_FREE char *name = NULL;
        TRY(path_join(batch->output, list.names[i], &name));
        TRY(record_file(batch, "certificates", name));
    }
    return record_file(batch, "results", RESULTS);
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
    return ask_tell(batch->engine, "totals", bytes_text(&body), engine_actor(batch->engine));
}

static struct error *
note_block(void *user, const struct ledger_block_info *info)
{
    (void)info;
    *(bool *)user = true;
    return NULL;
}

struct error *
step_run_sign_requests(struct engine *engine)
{
    AUTO_BATCH batch = {0};
    struct batch_totals totals;
    bool approved = true;
    TRY(open_batch(engine, &batch));
    bool announced = find_announced(&batch);
    if (!announced) {
        bool done = false;
        TRY(ledger_each_block(engine->ledger, batch.id, note_block, &done));
        if (done)
            return NULL; /* the interruption came between result and end */
        TRY(approve(&batch, &approved));
    }
    if (!approved)
        return error_hint(ERROR(ERROR_REFUSED, "the batch was not approved"),
                          "Resume to look at it again, or abort the ceremony.");
    TRY(sign_all(&batch, &totals));
    TRY(record_files(&batch));
    TRY(record_totals(&batch, &totals));
    return tell_totals(&batch, &totals);
}
