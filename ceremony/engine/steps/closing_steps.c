/* SPDX-License-Identifier: Apache-2.0
 *
 * The last act: outputs on media, bags, sign-off, closing. (R23, R93, R94) */
#include <stdio.h>
#include <string.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/bags.h"
#include "ceremony/engine/media.h"
#include "ceremony/engine/quorum.h"
#include "ceremony/engine/steps/step.h"

struct error *
step_run_write_media(struct engine *engine)
{
    static const char *const folders[] = {"certificates", "device-keys", "crls",
                                          "wrapped",      "requests",    "destruction"};
    if (engine->site->media_count < 2)
        TRY(exception_note(engine, "outputs are written to two media",
                           "environment.yaml names fewer", "accepted as it is"));
    for (size_t m = 0; m < engine->site->media_count; m++) {
        AUTO_FREE char *name = NULL;
        AUTO_FREE char *body = NULL;
        size_t files = 0;
        uint64_t intent = 0;
        TRY(text_format(&name, "%zu.ready", m + 1));
        TRY(text_format(&body, "Connect medium %zu of %zu. Enter writes.\n", m + 1,
                        engine->site->media_count));
        TRY(ask_tell(engine, name, body, NULL));
        TRY(engine_intent(engine, "write-media",
                          json_pack("{s:I}", "medium", (json_int_t)m + 1), &intent));
        struct error *error = media_write(engine, engine->site->media[m], folders,
                                          sizeof folders / sizeof folders[0], false, &files);
        if (error != NULL)
            return engine_result_failed(engine, intent, error);
        TRY(engine_result(engine, intent, "done",
                          json_pack("{s:I,s:I,s:s}", "medium", (json_int_t)m + 1, "files",
                                    (json_int_t)files, "compared", "read back, equal")));
    }
    AUTO_BYTES hashes = {0};
    TRY(media_describe(engine, folders, sizeof folders / sizeof folders[0], &hashes));
    return ask_tell(engine, "hashes", bytes_text(&hashes), NULL);
}

/* One bag for each token and medium; numbers go into record and ledger. */
static struct error *
seal_one(struct engine *engine, size_t number, const char *content, const char *serial,
         const char *body)
{
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *question = NULL;
    AUTO_FREE char *bag = NULL;
    TRY(text_format(&name, "%zu.bag", number));
    TRY(text_format(&question, "Number of the bag with %s", content));
    TRY(bags_ask(engine, name, body, question, people_name(engine, "witness", 0), content,
                 &bag));
    TRY(engine_fact(engine, "bag", json_pack("{s:s,s:s}", "content", content, "number", bag)));
    AUTO_FREE char *entry = NULL;
    TRY(text_format(&entry, "%s: %s%s%s", bag, content, serial[0] != '\0' ? ", serial " : "",
                    serial));
    return ledger_custody(engine->ledger, engine->state.ceremony_id, "bag", entry);
}

/* People's own tokens go home with them. */
static bool
is_of_script(const struct script *script, const char *token)
{
    for (size_t a = 0; a < script->act_count; a++)
        for (size_t s = 0; s < script->acts[a].step_count; s++) {
            const char *named = script->acts[a].steps[s].token;
            if (named != NULL && strcmp(named, token) == 0)
                return true;
        }
    return false;
}

/* By which the ledger knows in which bag a token lies, whatever a script calls it. One that is gone has none. */
static void
read_serial(struct engine *engine, const char *name, struct p11_token_info *info)
{
    struct engine_token *token = NULL;
    struct error *error = tokens_get(engine, name, &token);
    if (error == NULL)
        error = tokens_info(engine, token, info);
    if (error != NULL)
        info->serial[0] = '\0';
    error_free(error);
}

struct error *
step_run_seal_bags(struct engine *engine)
{
    size_t number = 0;
    TRY(tokens_logout_all(engine));
    TRY(quorum_tell_kept(engine));
    for (size_t i = 0; i < engine->token_count; i++) {
        AUTO_FREE char *content = NULL;
        struct p11_token_info info = {0};
        const char *token = engine->tokens[i].site->name;
        if (strcmp(token, engine->state.recorder.token) == 0
            || !is_of_script(engine->script, token))
            continue; /* the recorder is still needed: it seals the evidence */
        read_serial(engine, token, &info);
        TRY(text_format(&content, "token \"%.60s\"", token));
        TRY(seal_one(engine, ++number, content, info.serial,
                     "Sealed before everyone's eyes, signed across the seal."));
    }
    for (size_t m = 0; m < engine->site->media_count; m++) {
        AUTO_FREE char *content = NULL;
        TRY(text_format(&content, "medium %zu", m + 1));
        TRY(seal_one(engine, ++number, content, "",
                     "The bag is closed at the very end, when the medium\n"
                     "holds the sealed record."));
    }
    return NULL;
}

/* --- sign-off --- */

struct opinion {
    bool agrees;
    char *reason;
    char certificate_sha256[DIGEST_SHA256_TEXT];
};

static struct error *
ask_opinion(struct engine *engine, const struct person *person, size_t n, const char *body,
            struct opinion *ret_opinion)
{
    static const struct prompt_choice choices[] = {
        {"agree",    "I agree"       },
        {"disagree", "I do not agree"},
    };
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *choice = NULL;
    TRY(text_format(&name, "%zu.opinion", n));
    TRY(ask_choose(engine, name, body, "Do you agree with this?", person->name, choices, 2,
                   &choice));
    ret_opinion->agrees = strcmp(choice, "agree") == 0;
    if (!ret_opinion->agrees) {
        AUTO_FREE char *reason_name = NULL;
        TRY(text_format(&reason_name, "%zu.reason", n));
        TRY(ask_text(engine, reason_name, body, "Why not?", person->name,
                     &ret_opinion->reason));
    } else {
        TRY(text_copy("", &ret_opinion->reason));
    }
    return person->wet_ink
               ? NULL
               : signer_certificate_sha256(engine, person, ret_opinion->certificate_sha256);
}

static json_t *
opinion_record(const struct person *person, const struct opinion *opinion)
{
    return json_pack("{s:s,s:b,s:s,s:s,s:s}", "person", person->name, "agrees",
                     (int)opinion->agrees, "reason", opinion->reason, "method",
                     person->wet_ink ? "wet ink" : "certificate", "certificate_sha256",
                     opinion->certificate_sha256);
}

static struct error *
opening_of_sign_off(struct engine *engine, struct bytes *body)
{
    unsigned char head[32];
    transcript_head(engine->transcript, head);
    TRY(bytes_format(body, "%s\n\n", engine->step->attests));
    TRY(bytes_format(body, "Records so far %llu, exceptions %llu.\n",
                     (unsigned long long)transcript_count(engine->transcript),
                     (unsigned long long)engine->state.exceptions));
    for (size_t i = 0; i < engine->state.object_count; i++)
        TRY(bytes_format(body, "%s %.16s...\n", engine->state.objects[i].file,
                         engine->state.objects[i].sha256));
    return NULL;
}

static bool
has_signed_off(const struct engine *engine, const char *name)
{
    for (size_t i = 0; i < engine->state.sign_off_count; i++)
        if (strcmp(engine->state.sign_offs[i].person, name) == 0)
            return true;
    return false;
}

static struct error *
sign_off_one(struct engine *engine, const struct person *person, size_t n, json_t *custodians,
             const char *body, bool *ret_agrees)
{
    struct opinion opinion = {0};
    struct error *error = ask_opinion(engine, person, n, body, &opinion);
    *ret_agrees = opinion.agrees;
    if (error == NULL && person_has_role(person, "custodian"))
        error = json_array_append_new(custodians, opinion_record(person, &opinion)) == 0
                    ? NULL
                    : error_memory();
    else if (error == NULL)
        error = engine_record(engine, TRANSCRIPT_SIGN_OFF, person->name,
                              opinion_record(person, &opinion), NULL);
    free(opinion.reason);
    return error;
}

static bool
custodians_signed_off(const struct engine *engine)
{
    for (size_t i = 0; i < engine->state.sign_off_count; i++)
        if (engine->state.sign_offs[i].custodian)
            return true;
    return false;
}

static struct error *
sign_off_all(struct engine *engine, json_t *custodians)
{
    const struct roster *roster = &engine->site->roster;
    bool all_custodians_agree = true;
    AUTO_BYTES body = {0};
    TRY(opening_of_sign_off(engine, &body)); /* once: all are asked about the same */
    for (size_t i = 0; i < roster->people_count; i++) {
        const struct person *person = &roster->people[i];
        bool agrees = true;
        bool custodian = person_has_role(person, "custodian");
        if (!person->present
            || (custodian ? custodians_signed_off(engine)
                          : has_signed_off(engine, person->name)))
            continue;
        TRY(sign_off_one(engine, person, i + 1, custodians, bytes_text(&body), &agrees));
        if (custodian)
            all_custodians_agree = all_custodians_agree && agrees;
    }
    char commitment[DIGEST_SHA256_TEXT];
    if (custodians_signed_off(engine))
        return NULL;
    TRY(engine_commit(engine, "custodians' sign-off", json_incref(custodians), commitment));
    return engine_record(engine, TRANSCRIPT_SIGN_OFF, "custodian",
                         json_pack("{s:s,s:b,s:b}", "person", commitment, "custodian", 1,
                                   "agrees", (int)all_custodians_agree),
                         NULL);
}

struct error *
step_run_sign_off(struct engine *engine)
{
    json_t *custodians = json_array();
    if (custodians == NULL)
        return error_memory();
    struct error *error = sign_off_all(engine, custodians);
    json_decref(custodians);
    return error;
}

/* The closing record is the intent for all that follows it; the step itself ends with it. */
struct error *
step_run_close(struct engine *engine)
{
    AUTO_BYTES body = {0};
    TRY(tokens_logout_all(engine));
    TRY(quorum_tell_kept(
        engine)); /* where the script seals no bags, or a token was used after */
    TRY(bytes_format(&body, "Exceptions noted: %llu.\n",
                     (unsigned long long)engine->state.exceptions));
    TRY(bytes_append_text(&body, "After this the transcript is closed and sealed.\n"));
    return ask_until_yes(engine, "confirm", bytes_text(&body), "Close the ceremony?", NULL,
                         "It stays open until the answer is yes. What is still to be noted is "
                         "noted with F2; F10 ends for today.");
}
