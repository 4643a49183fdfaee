/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/other_ceremony.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/file.h"
#include "transcripts/seal.h"

static const char *
text_of(const json_t *data, const char *key)
{
    const char *text = json_string_value(json_object_get(data, key));
    return text == NULL ? "" : text;
}

static struct error *
check_sums(const char *folder)
{
    struct seal_check *checks = NULL;
    struct error *error = NULL;
    size_t count = 0;
    TRY(seal_check_sums(folder, true, &checks, &count));
    for (size_t i = 0; i < count && error == NULL; i++)
        if (checks[i].fault != NULL)
            error = ERROR(ERROR_VERIFICATION, "its file \"%s\" is %s", checks[i].file,
                          checks[i].fault);
    seal_checks_free(checks, count);
    return error;
}

static bool
has_signed(const struct seal_signer *signers, size_t count, const char *certificate_sha256)
{
    for (size_t i = 0; i < count; i++)
        if (signers[i].valid && strcmp(signers[i].certificate_sha256, certificate_sha256) == 0)
            return true;
    return false;
}

/* All whom the closing record names. */
static struct error *
check_signatures(const char *folder, const json_t *closing)
{
    AUTO_FREE struct seal_signer *signers = NULL;
    size_t count = 0;
    size_t index = 0;
    const json_t *row = NULL;
    const json_t *required = json_object_get(closing, "required_signers");
    if (json_array_size(required) == 0)
        return ERROR(ERROR_VERIFICATION, "its closing record names nobody who must sign");
    TRY(seal_signers(folder, SEAL_SIGNATURE, &signers, &count));
    json_array_foreach(required, index, row)
    {
        if (!has_signed(signers, count, text_of(row, "certificate_sha256")))
            return ERROR(ERROR_VERIFICATION, "the signature of \"%s\" is missing or wrong",
                         text_of(row, "signer"));
    }
    return NULL;
}

static struct error *
check_closed(const struct transcript_reading *reading)
{
    const struct transcript_record *last =
        reading->count == 0 ? NULL : &reading->records[reading->count - 1];
    if (last == NULL || last->type != TRANSCRIPT_CLOSING)
        return ERROR(ERROR_REFUSED, "the record of the other ceremony was never closed");
    if (strcmp(text_of(last->data, "state"), "finished") != 0)
        return ERROR(ERROR_REFUSED, "the other ceremony was not finished, but %s",
                     text_of(last->data, "state"));
    return NULL;
}

static struct error *
read_whole(const char *folder, struct transcript_reading *reading)
{
    AUTO_FREE char *path = NULL;
    TRY(path_join(folder, "transcript.jsonl", &path));
    TRY(transcript_read(path, false, reading));
    TRY(check_closed(reading));
    TRY(check_sums(folder));
    return check_signatures(folder, reading->records[reading->count - 1].data);
}

struct error *
other_ceremony_read(const char *folder, struct transcript_reading *ret_reading)
{
    AUTO_READING reading = {0};
    TRY_DOING(error_hint(read_whole(folder, &reading),
                         "Bring the whole evidence folder as that ceremony sealed it."),
              "reading the evidence of the other ceremony");
    *ret_reading = reading;
    reading = (struct transcript_reading){0};
    return NULL;
}

const struct transcript_record *
other_ceremony_result(const struct transcript_reading *reading, const char *does,
                      const char *sha256)
{
    for (size_t i = 0; i < reading->count; i++) {
        const struct transcript_record *record = &reading->records[i];
        if (record->type == TRANSCRIPT_RESULT
            && strcmp(text_of(record->data, "outcome"), "done") == 0
            && strcmp(text_of(record->data, "does"), does) == 0
            && strcmp(text_of(record->data, "sha256"), sha256) == 0)
            return record;
    }
    return NULL;
}
