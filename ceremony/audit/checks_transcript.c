/* SPDX-License-Identifier: Apache-2.0
 *
 * The transcript in itself: chain, clock, order, intents and commitments. (R88-R92, R97) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/clock.h"
#include "ceremony/rules/clock_doubt.h"
#include "transcripts/record.h"

/* A clock may be corrected by so much without being called a finding. */
#define CLOCK_BACK_MS 1000

struct error *
check_chain(const struct evidence *evidence, struct report *report)
{
    if (evidence->transcript_error != NULL)
        TRY(report_fault(report, TRANSCRIPT_FILE, 0, "%s",
                         error_what(evidence->transcript_error)));
    else
        TRY(report_note(report, "%zu records", evidence->reading.count));
    if (evidence->openings_error != NULL)
        TRY(report_fault(report, CONFIDENTIAL_FILE, 0, "%s",
                         error_what(evidence->openings_error)));
    return NULL;
}

/* Over an interruption, and an exception tells it, with the time that a witness stated (decision 0015). */
static bool
was_told(const struct evidence *evidence, const struct transcript_record *resumed, int64_t back)
{
    if (resumed->type != TRANSCRIPT_RESUME
        || strcmp(data_text(resumed->data, "after"), "interruption") != 0)
        return false;
    EACH_RECORD(record, evidence)
    if (record->seq > resumed->seq && record->type == TRANSCRIPT_EXCEPTION
        && llabs(data_number(record->data, "clock_back_ms") - back) <= CLOCK_BACK_MS
        && data_text(record->data, "witness_clock")[0] != '\0')
        return true;
    return false;
}

static struct error *
step_back(const struct evidence *evidence, const struct transcript_record *record, int64_t back,
          struct report *report)
{
    if (was_told(evidence, record, back))
        return report_note(report, "back by %lld s over an interruption, as a witness stated",
                           (long long)(back / 1000));
    return report_fault(report, TRANSCRIPT_FILE, record->seq, "the clock went back by %lld ms",
                        (long long)back);
}

static bool
is_doubt(const struct transcript_record *record)
{
    const char *expected = data_text(record->data, "expected");
    return record->type == TRANSCRIPT_EXCEPTION
           && (strcmp(expected, CLOCK_DOUBT_EARLY) == 0
               || strcmp(expected, CLOCK_DOUBT_LATE) == 0);
}

/* A clock that could hardly be right: who was asked said that it is, before the step came to its end. */
static struct error *
check_doubt(const struct evidence *evidence, const struct transcript_record *doubt,
            struct report *report)
{
    unsigned confirmed = 0;
    const char *first = NULL; /* nobody counts twice */
    EACH_RECORD(record, evidence)
    {
        if (record->seq <= doubt->seq)
            continue;
        if (record->type == TRANSCRIPT_RESUME || record->type == TRANSCRIPT_CLOSING)
            return NULL; /* stopped there: the step is done again and notes it again, or never */
        if (record->type == TRANSCRIPT_STEP_END)
            break;
        if (record->type != TRANSCRIPT_CONFIRMATION
            || strcmp(data_text(record->data, "prompt"), "clock") != 0
            || strcmp(data_text(record->data, "answer"), "right") != 0
            || (first != NULL && strcmp(first, record->actor) == 0))
            continue;
        first = record->actor;
        if (++confirmed == CLOCK_CONFIRMERS)
            return NULL;
    }
    return report_fault(report, TRANSCRIPT_FILE, doubt->seq,
                        "the clock could hardly be right, and %u of %u people said that it is",
                        confirmed, CLOCK_CONFIRMERS);
}

struct error *
check_clock(const struct evidence *evidence, struct report *report)
{
    const struct transcript_record *before = NULL;
    size_t small = 0;
    EACH_RECORD(record, evidence)
    {
        int64_t back = before == NULL ? 0 : before->wall_ms - record->wall_ms;
        if (back > CLOCK_BACK_MS)
            TRY(step_back(evidence, record, back, report));
        else if (back > 0)
            small++;
        if (is_doubt(record))
            TRY(check_doubt(evidence, record, report));
        before = record;
    }
    if (before == NULL)
        return report_fault(report, TRANSCRIPT_FILE, 0, "there is no record");
    if (small > 0)
        TRY(report_note(report, "%zu steps back of up to a second", small));
    char from[CLOCK_TEXT_SIZE];
    clock_format_seconds(evidence->reading.records[0].wall_ms / 1000, from);
    return report_note(report, "%s, %lld min long", from,
                       (long long)(before->elapsed_ms / 60000));
}

/* --- order --- */

struct place {
    const char *step; /* open; "" */
    bool after_break; /* a resume record since the last step began */
    bool paused;
};

/* Who pauses goes on by saying so, or is interrupted. */
static struct error *
follow_pause(const struct transcript_record *record, struct place *place, struct report *report)
{
    bool resumes = record->type == TRANSCRIPT_RESUME
                   && strcmp(data_text(record->data, "after"), "pause") == 0;
    if (resumes && !place->paused)
        TRY(report_fault(report, TRANSCRIPT_FILE, record->seq,
                         "it goes on after a pause that nobody began"));
    if (record->type == TRANSCRIPT_INTENT && place->paused)
        TRY(report_fault(report, TRANSCRIPT_FILE, record->seq,
                         "\"%s\" was announced during a pause",
                         data_text(record->data, "does")));
    if (record->type == TRANSCRIPT_RESUME)
        place->paused = false;
    if (record->type == TRANSCRIPT_PAUSE)
        place->paused = true;
    return NULL;
}

static struct error *
follow_place(const struct transcript_record *record, bool aborted, struct place *place,
             struct report *report)
{
    if (record->type == TRANSCRIPT_RESUME) {
        if (strcmp(data_text(record->data, "after"), "interruption") == 0)
            *place = (struct place){"", true, false};
        return NULL;
    }
    if (record->type == TRANSCRIPT_STEP_BEGIN) {
        if (place->step[0] != '\0')
            TRY(report_fault(report, TRANSCRIPT_FILE, record->seq,
                             "step \"%s\" begins before \"%s\" has ended", record->step,
                             place->step));
        *place = (struct place){record->step, false, place->paused};
        return record->step[0] != '\0' ? NULL
                                       : report_fault(report, TRANSCRIPT_FILE, record->seq,
                                                      "a step without name begins");
    }
    if (strcmp(record->step, place->step) != 0 && !(aborted && place->after_break))
        TRY(report_fault(report, TRANSCRIPT_FILE, record->seq,
                         "the record is of step \"%s\", but \"%s\" is under way", record->step,
                         place->step));
    if (record->type == TRANSCRIPT_STEP_END)
        place->step = "";
    return NULL;
}

struct error *
check_order(const struct evidence *evidence, struct report *report)
{
    struct place place = {"", false, false};
    size_t count = evidence->reading.count;
    if (evidence->opening == NULL)
        TRY(report_fault(report, TRANSCRIPT_FILE, 1, "the first record is no opening"));
    if (evidence->closing == NULL)
        TRY(report_fault(report, TRANSCRIPT_FILE, count, "the last record is no closing"));
    EACH_RECORD(record, evidence)
    {
        if ((record->type == TRANSCRIPT_OPENING && record->seq != 1)
            || (record->type == TRANSCRIPT_CLOSING && record->seq != count))
            TRY(report_fault(report, TRANSCRIPT_FILE, record->seq, "a second %s",
                             transcript_type_name(record->type)));
        TRY(follow_pause(record, &place, report));
        TRY(follow_place(record, evidence_is_aborted(evidence), &place, report));
    }
    if (place.step[0] != '\0' && !evidence_is_aborted(evidence))
        TRY(report_fault(report, TRANSCRIPT_FILE, count, "step \"%s\" has no end", place.step));
    return NULL;
}

/* --- intents --- */

/* For each record, whether it is an intent that was answered. */
static struct error *
answer_intent(const struct evidence *evidence, const struct transcript_record *record,
              bool *answered, struct report *report)
{
    const struct transcript_record *intent = intent_of(evidence, record);
    if (intent == NULL)
        return report_fault(report, TRANSCRIPT_FILE, record->seq,
                            "a result of nothing that was announced");
    bool *slot = &answered[intent->seq - 1];
    if (*slot)
        return report_fault(report, TRANSCRIPT_FILE, record->seq,
                            "a second result of record %llu", (unsigned long long)intent->seq);
    *slot = true;
    const char *does = data_text(intent->data, "does");
    const char *did =
        record->type == TRANSCRIPT_OUTPUT ? "write-output" : data_text(record->data, "does");
    if (strcmp(does, did) != 0)
        return report_fault(report, TRANSCRIPT_FILE, record->seq,
                            "\"%s\" was announced, \"%s\" was done", does, did);
    return NULL;
}

struct error *
check_intents(const struct evidence *evidence, struct report *report)
{
    AUTO_FREE bool *answered = calloc(evidence->reading.count + 1, sizeof *answered);
    size_t intents = 0;
    if (answered == NULL)
        return error_memory();
    EACH_RECORD(record, evidence)
    if (record->type == TRANSCRIPT_RESULT || record->type == TRANSCRIPT_OUTPUT)
        TRY(answer_intent(evidence, record, answered, report));
    EACH_RECORD(record, evidence)
    {
        if (record->type != TRANSCRIPT_INTENT)
            continue;
        intents++;
        if (answered[record->seq - 1])
            continue;
        TRY(report_fault(report, TRANSCRIPT_FILE, record->seq,
                         "\"%s\" was announced, and no result says what came of it",
                         data_text(record->data, "does")));
    }
    return report_note(report, "%zu announced, each with its result", intents);
}

/* --- commitments --- */

/* Where records hold commitments: type, what the record does or tells, key, and what opens it. */
static const struct {
    enum transcript_type type;
    const char *tells; /* NULL: any */
    const char *outer; /* NULL: none */
    const char *key;
    const char *about;
} places[] = {
    {TRANSCRIPT_OPENING,   NULL,             "site", "custody.yaml",        "custody.yaml"        },
    {TRANSCRIPT_ROLL_CALL, NULL,             NULL,   "custodians",          "custodians"          },
    {TRANSCRIPT_FACTS,     "presence",       NULL,   "person",              "presence"            },
    {TRANSCRIPT_RESULT,    "back-up-key",    NULL,   "subsets",             "subsets recombined"  },
    {TRANSCRIPT_RESULT,    "deliver-shares", NULL,   "details",             "shares delivered"    },
    {TRANSCRIPT_RESULT,    "prove-restore",  NULL,   "details",             "restore"             },
    {TRANSCRIPT_RESULT,    "restore-key",    NULL,   "details",             "restore"             },
    {TRANSCRIPT_RESULT,    "re-share",       NULL,   "subsets",             "subsets recombined"  },
    {TRANSCRIPT_FACTS,     "old-shares",     NULL,   "details",             "restore"             },
    {TRANSCRIPT_RESULT,    "retire-backup",  NULL,   "details",             "old shares"          },
    {TRANSCRIPT_RESULT,    "destroy-shares", NULL,   "details",             "shares destroyed"    },
    {TRANSCRIPT_RESULT,    "split-pin",      NULL,   "subsets",             "subsets recombined"  },
    {TRANSCRIPT_RESULT,    "split-pin",      NULL,   "details",             "shares delivered"    },
    {TRANSCRIPT_FACTS,     "quorum-shares",  NULL,   "details",             "shares of a PIN"     },
    {TRANSCRIPT_FACTS,     "share-check",    NULL,   "details",             "shares looked at"    },
    {TRANSCRIPT_FACTS,     "shares-checked", NULL,   "details",             "shares checked"      },
    {TRANSCRIPT_SIGN_OFF,  NULL,             NULL,   "person",              "custodians' sign-off"},
    {TRANSCRIPT_CLOSING,   NULL,             NULL,   "required_custodians", "custodians who sign" },
};

static const char *
about_of(const struct transcript_openings *openings, const char *commitment)
{
    for (size_t i = 0; i < openings->count; i++)
        if (strcmp(openings->rows[i].commitment, commitment) == 0)
            return openings->rows[i].about;
    return NULL;
}

/* A name in the open (no custodian) and a failed act hold no commitment. */
static struct error *
check_opening(const struct evidence *evidence, uint64_t seq, const char *commitment,
              const char *wanted, size_t *opened, struct report *report)
{
    if (!data_is_hash(commitment))
        return NULL;
    const char *about = about_of(&evidence->openings, commitment);
    if (about == NULL)
        return report_fault(report, CONFIDENTIAL_FILE, seq,
                            "the commitment to \"%s\" cannot be opened", wanted);
    if (strcmp(about, wanted) != 0)
        return report_fault(report, CONFIDENTIAL_FILE, seq,
                            "a commitment to \"%s\" opens as \"%s\"", wanted, about);
    (*opened)++;
    return NULL;
}

static struct error *
check_place(const struct evidence *evidence, const struct transcript_record *record,
            size_t place, size_t *opened, struct report *report)
{
    const char *tells =
        data_text(record->data, record->type == TRANSCRIPT_FACTS ? "what" : "does");
    if (places[place].type != record->type
        || (places[place].tells != NULL && strcmp(places[place].tells, tells) != 0))
        return NULL;
    const json_t *data = places[place].outer == NULL
                             ? record->data
                             : data_inner(record->data, places[place].outer);
    return check_opening(evidence, record->seq, data_text(data, places[place].key),
                         places[place].about, opened, report);
}

/* A line that was never finished is kept as an opening of its own (docs/formats/transcript.md). */
static struct error *
check_torn_line(const struct evidence *evidence, const struct transcript_record *record,
                size_t *opened, struct report *report)
{
    const json_t *torn = data_inner(data_inner(record->data, "torn"), "confidential");
    if (record->type != TRANSCRIPT_RESUME)
        return NULL;
    return check_opening(evidence, record->seq, data_text(torn, "commitment"), "torn line",
                         opened, report);
}

struct error *
check_commitments(const struct evidence *evidence, struct report *report)
{
    size_t opened = 0;
    EACH_RECORD(record, evidence)
    {
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
            TRY(check_place(evidence, record, i, &opened, report));
        TRY(check_torn_line(evidence, record, &opened, report));
    }
    if (evidence->openings.count > opened)
        TRY(report_note(report, "%zu openings that no record names",
                        evidence->openings.count - opened));
    return report_note(report, "%zu opened", opened);
}
