/* SPDX-License-Identifier: Apache-2.0
 *
 * A witness's view on another screen: the records as they are written, the head of the chain in words,
 * and the fingerprints of new keys. It reads the transcript alone, which never holds a share or PIN. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/base/words.h"
#include "ceremony/cli/command.h"
#include "ceremony/pki/show.h"
#include "transcripts/reader.h"

#define POLL_NANOSECONDS 300000000L

/* What a record says in one line, from the fields that most of them have. */
static struct error *
append_summary(const struct transcript_record *record, struct bytes *line)
{
    static const char *const fields[] = {"title",    "does",   "outcome",   "what",
                                         "prompt",   "answer", "file",      "observed",
                                         "decision", "person", "ended_act", "state"};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const char *value = json_string_value(json_object_get(record->data, fields[i]));
        if (value == NULL)
            continue;
        TRY(bytes_append_text(line, "  "));
        TRY(text_append_safe(line, value, strnlen(value, 100), false));
    }
    return NULL;
}

static struct error *
print_fingerprint(const struct transcript_record *record)
{
    unsigned char hash[DIGEST_SHA256_SIZE];
    AUTO_BYTES text = {0};
    const char *does = json_string_value(json_object_get(record->data, "does"));
    bool is_key = does != NULL && strcmp(does, "generate-key") == 0;
    const char *hex = json_string_value(
        json_object_get(record->data, is_key ? "spki_sha256" : "certificate_sha256"));
    bool shows = record->type == TRANSCRIPT_RESULT && hex != NULL && does != NULL
                 && (is_key || strcmp(does, "create-recorder") == 0);
    if (!shows)
        return NULL;
    TRY(hex_decode(hex, hash, sizeof hash));
    TRY(pki_show_fingerprint(hash, sizeof hash, &text));
    (void)printf("\n    SHA-256 of the %s\n%s\n",
                 is_key ? "public key" : "recorder's certificate", bytes_text(&text));
    return NULL;
}

static struct error *
print_record(const struct transcript_record *record)
{
    AUTO_BYTES line = {0};
    char time[CLOCK_TEXT_SIZE];
    clock_format_seconds(record->wall_ms / 1000, time);
    TRY(bytes_format(&line, "%5llu %s %-12s %-18s", (unsigned long long)record->seq, time + 11,
                     transcript_type_name(record->type), record->step));
    TRY(append_summary(record, &line));
    (void)printf("%s\n", bytes_text(&line));
    return print_fingerprint(record);
}

static struct error *
print_new(const char *path, uint64_t *seen, bool *ret_closed)
{
    AUTO_READING reading = {0};
    TRY(transcript_read(path, true, &reading));
    *ret_closed = false;
    for (size_t i = 0; i < reading.count; i++) {
        const struct transcript_record *record = &reading.records[i];
        *ret_closed = record->type == TRANSCRIPT_CLOSING;
        if (record->seq > *seen)
            TRY(print_record(record));
    }
    if (reading.count == 0 || reading.count == *seen)
        return NULL;
    *seen = reading.count;
    const unsigned char *head = reading.records[reading.count - 1].hash;
    (void)printf("      head of the chain: %s %s %s %s\n", words_pgp_word(head[0], 0),
                 words_pgp_word(head[1], 1), words_pgp_word(head[2], 2),
                 words_pgp_word(head[3], 3));
    (void)fflush(stdout);
    return NULL;
}

struct error *
cmd_watch(const struct command *command)
{
    (void)command;
    AUTO_FREE char *path = NULL;
    uint64_t seen = 0;
    bool closed = false;
    TRY(path_join(argument(0), "transcript.jsonl", &path));
    if (!file_exists(path))
        return error_hint(
            ERROR(ERROR_NOT_FOUND, "\"%s\" is not an evidence folder", argument(0)),
            "Name the folder of the ceremony that runs, once it has begun.");
    TRY(print_new(path, &seen, &closed));
    while (!closed && option_value("--once") == NULL) {
        const struct timespec pause = {0, POLL_NANOSECONDS};
        (void)nanosleep(&pause, NULL);
        TRY(print_new(path, &seen, &closed));
    }
    return NULL;
}
