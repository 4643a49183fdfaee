/* SPDX-License-Identifier: Apache-2.0 */
#include "transcripts/writer.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/clock.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "transcripts/canonical.h"
#include "transcripts/journal.h"
#include "transcripts/openings.h"
#include "transcripts/record.h"
#include "transcripts/torn.h"

#define TRANSCRIPT_WHAT   "transcript"
#define CONFIDENTIAL_WHAT "file of confidential values"

struct transcript {
    struct journal *lines;
    struct journal *openings;
    char *act;
    char *step;
    struct record_chain chain;
    int64_t elapsed_base_ms;   /* elapsed time when this process began */
    int64_t monotonic_base_ms; /* and its clock then */
};

void
transcript_close(struct transcript *transcript)
{
    if (transcript == NULL)
        return;
    journal_close(transcript->lines);
    journal_close(transcript->openings);
    free(transcript->act);
    free(transcript->step);
    free(transcript);
}

/* From here on elapsed time runs on from the last record (from zero without one). */
static void
continue_clock(struct transcript *transcript)
{
    struct clock_reading now;
    clock_read(&now);
    transcript->monotonic_base_ms = now.monotonic_ms;
    transcript->elapsed_base_ms = transcript->chain.elapsed_ms;
    if (transcript->chain.count > 0 && now.wall_ms > transcript->chain.wall_ms)
        transcript->elapsed_base_ms += now.wall_ms - transcript->chain.wall_ms;
}

static struct error *
refuse_existing(const char *folder, const char *name, const char *what)
{
    AUTO_FREE char *path = NULL;
    TRY(path_join(folder, name, &path));
    if (file_exists(path))
        return error_hint(ERROR(ERROR_EXISTS, "the evidence folder holds a %s already", what),
                          "Resume that ceremony, or begin this one in a new folder.");
    return NULL;
}

struct error *
transcript_create(const char *folder, struct transcript **ret_transcript)
{
    TRY(refuse_existing(folder, TRANSCRIPT_FILE, TRANSCRIPT_WHAT));
    TRY(refuse_existing(folder, CONFIDENTIAL_FILE, CONFIDENTIAL_WHAT));
    AUTO(transcript) transcript = calloc(1, sizeof *transcript);
    if (transcript == NULL)
        return error_memory();
    continue_clock(transcript);
    TRY(journal_create(folder, TRANSCRIPT_FILE, TRANSCRIPT_WHAT, &transcript->lines));
    TRY(journal_create(folder, CONFIDENTIAL_FILE, CONFIDENTIAL_WHAT, &transcript->openings));
    *ret_transcript = TAKE(transcript);
    return NULL;
}

/* A process may have died between the two files: with no record yet, the second is made now. */
static struct error *
open_confidential(const char *folder, struct transcript *transcript)
{
    AUTO_FREE char *path = NULL;
    TRY(path_join(folder, CONFIDENTIAL_FILE, &path));
    if (transcript->chain.count == 0 && !file_exists(path))
        return journal_create(folder, CONFIDENTIAL_FILE, CONFIDENTIAL_WHAT,
                              &transcript->openings);
    return journal_open(folder, CONFIDENTIAL_FILE, CONFIDENTIAL_WHAT, &transcript->openings);
}

struct error *
transcript_open(const char *folder, struct transcript **ret_transcript, json_t **ret_torn)
{
    AUTO(transcript) transcript = calloc(1, sizeof *transcript);
    if (transcript == NULL)
        return error_memory();
    TRY(journal_open(folder, TRANSCRIPT_FILE, TRANSCRIPT_WHAT, &transcript->lines));
    AUTO_READING reading = {0};
    TRY(journal_read(transcript->lines, TRANSCRIPT_LIMIT, &reading.raw));
    TRY(record_read_all(bytes_text(&reading.raw), reading.raw.len, true, &transcript->chain,
                        &reading));
    TRY(open_confidential(folder, transcript));
    continue_clock(transcript);
    json_t *torn = NULL;
    TRY(torn_move_line(folder, transcript->lines, &reading, &torn));
    struct error *error = torn_mend_openings(transcript->openings, &torn);
    if (error != NULL) {
        json_decref(torn);
        return error;
    }
    *ret_transcript = TAKE(transcript);
    *ret_torn = torn;
    return NULL;
}

static struct error *
copy_or_nothing(const char *text, char **ret_text)
{
    *ret_text = NULL;
    return text == NULL ? NULL : text_copy(text, ret_text);
}

struct error *
transcript_set_place(struct transcript *transcript, const char *act, const char *step)
{
    AUTO_FREE char *act_copy = NULL;
    char *step_copy = NULL;
    TRY(copy_or_nothing(act, &act_copy));
    TRY(copy_or_nothing(step, &step_copy));
    free(transcript->act);
    free(transcript->step);
    transcript->act = TAKE(act_copy);
    transcript->step = step_copy;
    return NULL;
}

/* Never less than what the last line says. */
static int64_t
elapsed_at(const struct transcript *transcript, const struct clock_reading *now)
{
    int64_t elapsed =
        transcript->elapsed_base_ms + now->monotonic_ms - transcript->monotonic_base_ms;
    return elapsed < transcript->chain.elapsed_ms ? transcript->chain.elapsed_ms : elapsed;
}

static struct error *
build_line(const struct transcript *transcript, enum transcript_type type, const char *actor,
           json_t *data, char **ret_text)
{
    struct clock_reading now;
    clock_read(&now);
    char time[CLOCK_TEXT_SIZE];
    char prev[DIGEST_SHA256_TEXT];
    clock_format_ms(now.wall_ms, time);
    hex_encode(transcript->chain.head, sizeof transcript->chain.head, prev);
    const char *act = transcript->act == NULL ? "" : transcript->act;
    const char *step = transcript->step == NULL ? "" : transcript->step;
    json_t *line = json_pack(
        "{s:I, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:O}", /* */
        "seq", (json_int_t)transcript->chain.count + 1, "prev", prev, "time", time,
        "elapsed_ms", (json_int_t)elapsed_at(transcript, &now), "act", act, "step", step,
        "type", transcript_type_name(type), "actor", actor == NULL ? "" : actor, "data", data);
    if (line == NULL)
        return ERROR(ERROR_BUG, "a record holds a text that is not UTF-8");
    AUTO_FREE char *text = NULL;
    struct error *error = transcript_canonical(line, &text);
    json_decref(line);
    TRY(error);
    return text_format(ret_text, "%s\n", text);
}

static struct error *
append_object(struct transcript *transcript, enum transcript_type type, const char *actor,
              json_t *data)
{
    if (!json_is_object(data))
        return ERROR(ERROR_BUG, "the data of a record is not an object");
    AUTO_FREE char *text = NULL;
    TRY(build_line(transcript, type, actor, data, &text));
    size_t len = strlen(text);
    /* What is written is read first: the next reader must not be the one to find a fault. */
    json_t *line = NULL;
    struct transcript_record record;
    struct record_chain chain = transcript->chain;
    struct error *error = record_decode(text, len, &line, &record);
    if (error == NULL) {
        error = record_follow(&chain, &record, line);
        json_decref(line);
    }
    if (error != NULL)
        return error_recode(error, ERROR_BUG);
    TRY_DOING(journal_append(transcript->lines, text, len), "writing record %llu",
              (unsigned long long)chain.count);
    transcript->chain = chain;
    return NULL;
}

struct error *
transcript_append(struct transcript *transcript, enum transcript_type type, const char *actor,
                  json_t *data, uint64_t *ret_seq)
{
    json_t *object = data == NULL ? json_object() : data;
    if (object == NULL)
        return error_memory();
    struct error *error = append_object(transcript, type, actor, object);
    json_decref(object);
    TRY(error);
    if (ret_seq != NULL)
        *ret_seq = transcript->chain.count;
    return NULL;
}

struct error *
transcript_commit(struct transcript *transcript, const char *about, json_t *value,
                  char ret_text[DIGEST_SHA256_TEXT])
{
    if (value == NULL)
        return ERROR(ERROR_BUG, "a confidential value is missing");
    AUTO_FREE char *line = NULL;
    char commitment[DIGEST_SHA256_TEXT];
    struct error *error = opening_encode(about, value, &line, commitment);
    json_decref(value);
    TRY(error);
    TRY(journal_append(transcript->openings, line, strlen(line)));
    memcpy(ret_text, commitment, sizeof commitment);
    return NULL;
}

void
transcript_head(const struct transcript *transcript, unsigned char ret_head[32])
{
    memcpy(ret_head, transcript->chain.head, sizeof transcript->chain.head);
}

uint64_t
transcript_count(const struct transcript *transcript)
{
    return transcript->chain.count;
}

int64_t
transcript_elapsed_ms(const struct transcript *transcript)
{
    struct clock_reading now;
    clock_read(&now);
    return elapsed_at(transcript, &now);
}
