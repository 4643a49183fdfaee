/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of a key: every copy that the ledger knows, a certificate of destruction with what stays open,
 * and the day before which no record of the key may go. (R13, R87, R98; REQUIREMENTS 4.4) */
#include <stdio.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/destruction.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/steps/step.h"
#include "ceremony/rules/retention.h"

static int64_t
seconds_now(void)
{
    struct clock_reading now;
    clock_read(&now);
    return now.wall_ms / 1000;
}

/* Two years after the destruction, or after the end of the last certificate of the key: the later. */
static struct error *
retention_of(struct engine *engine, const struct state_key *key, char ret_text[CLOCK_TEXT_SIZE])
{
    AUTO_FREE struct known_certificate *rows = NULL;
    size_t count = 0;
    int64_t last = seconds_now();
    TRY(known_certificates(engine->ledger, key->spki_sha256, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (rows[i].not_after > last)
            last = rows[i].not_after;
    clock_format_seconds(retention_until(last), ret_text);
    return NULL;
}

/* A wrapped copy without shares that open it is no copy of the key any more. */
static const char *
state_after(const struct destruction *destruction)
{
    bool open = destruction->tokens_left > 0
                || (destruction->files_left > 0 && !destruction->shares_useless);
    return open ? "destruction-open" : "destroyed";
}

static struct error *
write_certificate(struct engine *engine, const struct destruction *destruction,
                  const char *retention, const char *file, char ret_sha256[DIGEST_SHA256_TEXT])
{
    const struct state_key *key = destruction->key;
    char now[CLOCK_TEXT_SIZE];
    AUTO_BYTES text = {0};
    clock_format_seconds(seconds_now(), now);
    TRY(bytes_format(&text,
                     "CERTIFICATE OF DESTRUCTION%s\n\n"
                     "Ceremony    %s\nTime        %s\nKey         %s, %s\n"
                     "SHA-256 of its public key\n            %s\n\n",
                     engine->site->rehearsal ? " (PRACTICE)" : "", engine->state.ceremony_id,
                     now, key->label, key->type, key->spki_sha256));
    TRY(bytes_append(&text, destruction->told.data, destruction->told.len));
    TRY(bytes_format(&text,
                     "\nState of the key: %s. Left open: %zu.\n"
                     "No record of this key may be deleted before %s.\n\n"
                     "Performed by  %s\nVerified by   %s\nWitness       %s\n",
                     state_after(destruction), destruction->open, retention,
                     people_name(engine, engine->step->performs, 0),
                     people_name(engine, engine->step->verifies, 0),
                     people_name(engine, "witness", 0)));
    TRY(digest_sha256_text(text.data, text.len, ret_sha256));
    TRY(evidence_write(engine, "certificate of destruction", file, text.data, text.len));
    return ask_tell(engine, "certificate", bytes_text(&text), NULL);
}

/* An interrupted run may have written one; what is found the second time is written beside it. */
static struct error *
free_name(struct engine *engine, const struct state_key *key, char **ret_file)
{
    for (unsigned n = 1; n < 100; n++) {
        AUTO_FREE char *file = NULL;
        AUTO_BYTES there = {0};
        char number[16] = "";
        if (n > 1)
            (void)snprintf(number, sizeof number, "-%u", n);
        TRY(text_format(&file, "destruction/%s%.60s%s.txt", evidence_prefix(engine), key->name,
                        number));
        struct error *error = evidence_read(engine, file, 1U << 20, &there);
        if (error != NULL) {
            error_free(error);
            *ret_file = file;
            file = NULL;
            return NULL;
        }
    }
    return ERROR(ERROR_REFUSED, "too many certificates of destruction are there already");
}

static struct error *
record_end(struct engine *engine, struct destruction *destruction)
{
    const struct state_key *key = destruction->key;
    const char *state = state_after(destruction);
    char retention[CLOCK_TEXT_SIZE];
    char sha256[DIGEST_SHA256_TEXT];
    AUTO_FREE char *file = NULL;
    uint64_t intent = 0;
    TRY(retention_of(engine, key, retention));
    TRY(free_name(engine, key, &file));
    TRY(engine_intent(engine, "end-key",
                      json_pack("{s:s,s:s}", "key", key->name, "spki_sha256", key->spki_sha256),
                      &intent));
    struct error *error = write_certificate(engine, destruction, retention, file, sha256);
    if (error == NULL)
        error = ledger_key_state(engine->ledger, engine->state.ceremony_id, key->spki_sha256,
                                 state);
    if (error != NULL)
        return engine_result_failed(engine, intent, error);
    return engine_result(engine, intent, "done",
                         json_pack("{s:s,s:s,s:s,s:O,s:O,s:I,s:s,s:s,s:s}", "key", key->name,
                                   "spki_sha256", key->spki_sha256, "state", state, "copies",
                                   destruction->copies, "wrapped", destruction->wrapped, "open",
                                   (json_int_t)destruction->open, "retention", retention,
                                   "file", file, "sha256", sha256));
}

struct error *
step_run_destroy_key(struct engine *engine)
{
    AUTO_DESTRUCTION destruction = {.copies = json_array(), .wrapped = json_array()};
    const struct share_plan *plan =
        engine->step->shares[0] == '\0' ? NULL : site_plan(engine->site, engine->step->shares);
    destruction.key = state_key(&engine->state, engine->step->key);
    if (destruction.copies == NULL || destruction.wrapped == NULL)
        return error_memory();
    if (destruction.key == NULL)
        return ERROR(ERROR_REFUSED, "the key \"%s\" has not been found yet", engine->step->key);
    if (destruction.key->ended)
        return NULL;
    TRY(destruction_consequences(engine, destruction.key));
    TRY(destruction_of_tokens(engine, &destruction));
    TRY(destruction_of_shares(engine, plan, &destruction));
    TRY(destruction_of_files(engine, &destruction));
    return record_end(engine, &destruction);
}
