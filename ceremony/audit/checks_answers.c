/* SPDX-License-Identifier: Apache-2.0
 *
 * Who answered what: each confirmation by somebody of the role that was asked, about the very thing that the
 * script or the opening names, and no "no" without an exception. (R13, R15, R18, R91) */
#include <string.h>

#include "ceremony/audit/checks.h"
#include "transcripts/record.h"

/* Who is asked: roles by their names, or those of the step. */
#define PERFORMS 1U
#define VERIFIES 2U /* who performs, where the step names no verifier */

static const struct asked {
    const char *prompt;
    unsigned of_step;
    const char *roles[2];
    const char *answers[2]; /* NULL: a command, which other checks compare */
} prompts[] = {
    {"read",        PERFORMS,            {NULL, NULL},                 {"read aloud", NULL}},
    {"confirm",     VERIFIES,            {NULL, NULL},                 {"yes", "no"}       },
    {"facts",       VERIFIES,            {NULL, NULL},                 {"yes", "no"}       },
    {"hashes",      VERIFIES,            {NULL, NULL},                 {"yes", "no"}       },
    {"same",        VERIFIES,            {NULL, NULL},                 {"yes", NULL}       },
    {"fingerprint", PERFORMS,            {NULL, NULL},                 {"equal", NULL}     },
    {"sign",        PERFORMS,            {NULL, NULL},                 {NULL, NULL}        },
    {"carry",       PERFORMS,            {NULL, NULL},                 {NULL, NULL}        },
    {"restrict",    PERFORMS,            {NULL, NULL},                 {NULL, NULL}        },
    {"release",     PERFORMS,            {NULL, NULL},                 {NULL, NULL}        },
    {"revoke",      PERFORMS,            {NULL, NULL},                 {NULL, NULL}        },
    {"destroy",     PERFORMS | VERIFIES, {NULL, NULL},                 {NULL, NULL}        },
    {"no-backup",   0,                   {"administrator", NULL},      {NULL, NULL}        },
    {"clock",       0,                   {"administrator", "witness"}, {"right", "wrong"}  },
    {"approval",    0,                   {"witness", NULL},            {"equal", NULL}     },
    {"request",     0,                   {"witness", NULL},            {"equal", NULL}     },
    {"certificate", 0,                   {"witness", NULL},            {"equal", NULL}     },
    {"window",      0,                   {"witness", NULL},            {"yes", NULL}       },
    {"last-paper",  0,                   {"auditor", NULL},            {"equal", NULL}     },
};

/* "witness Ada Byron" acts as "witness"; whether that person may is checks_people.c's. */
static bool
acts_as(const struct transcript_record *record, const char *role)
{
    size_t len = role == NULL ? 0 : strlen(role);
    return len > 0 && strncmp(record->actor, role, len) == 0
           && (record->actor[len] == ' ' || record->actor[len] == '\0');
}

static bool
was_asked(const struct transcript_record *record, const struct asked *row,
          const struct script_step *step)
{
    if (acts_as(record, row->roles[0]) || acts_as(record, row->roles[1]))
        return true;
    if (step == NULL)
        return false;
    const char *verifies = step->verifies[0] != '\0' ? step->verifies : step->performs;
    return ((row->of_step & PERFORMS) != 0 && acts_as(record, step->performs))
           || ((row->of_step & VERIFIES) != 0 && acts_as(record, verifies));
}

static bool
is_possible(const struct transcript_record *record, const struct asked *row)
{
    const char *answer = data_text(record->data, "answer");
    if (row->answers[0] == NULL)
        return answer[0] != '\0';
    return strcmp(answer, row->answers[0]) == 0
           || (row->answers[1] != NULL && strcmp(answer, row->answers[1]) == 0);
}

/* People noted in this step, before they went on, what was not so. */
static bool
was_told(const struct evidence *evidence, const struct transcript_record *answer)
{
    bool told = false;
    EACH_RECORD(record, evidence)
    {
        if (record->seq >= answer->seq)
            break;
        if (record->type == TRANSCRIPT_STEP_BEGIN)
            told = false;
        told = told
               || (record->type == TRANSCRIPT_EXCEPTION
                   && strcmp(data_text(record->data, "noted_by"), "people") == 0);
    }
    return told;
}

/* What the question was about. */
static struct error *
check_subject(const struct evidence *evidence, const struct transcript_record *record,
              const struct script_step *step, struct report *report)
{
    const json_t *script =
        evidence->opening == NULL ? NULL : data_inner(evidence->opening->data, "script");

    const struct {
        const char *prompt;
        const char *key;
        const char *wanted;
    } rows[] = {
        {"read",    "text",          step == NULL ? "" : step->say     },
        {"confirm", "question",      step == NULL ? "" : step->question},
        {"hashes",  "script_sha256", data_text(script,                   "sha256")},
        {"same",         "token",                   step == NULL ? "" : step->token                                     },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(data_text(record->data, "prompt"), rows[i].prompt) == 0
            && (rows[i].wanted == NULL
                || strcmp(data_text(record->data, rows[i].key), rows[i].wanted) != 0))
            TRY(report_fault(report, TRANSCRIPT_FILE, record->seq,
                             "what was answered here is not what step \"%s\" asks (\"%s\")",
                             record->step, rows[i].key));
    return NULL;
}

static struct error *
check_answer(const struct evidence *evidence, const struct transcript_record *record,
             const struct asked *row, struct report *report)
{
    const struct script_step *step = step_of(evidence->script, record->step);
    const char *answer = data_text(record->data, "answer");
    if (!was_asked(record, row, step))
        TRY(report_fault(report, TRANSCRIPT_FILE, record->seq,
                         "\"%s\" answered the question \"%s\", which is asked of another role",
                         record->actor, row->prompt));
    if (!is_possible(record, row))
        TRY(report_fault(report, TRANSCRIPT_FILE, record->seq,
                         "\"%s\" is no answer with which a ceremony goes on after \"%s\"",
                         answer, row->prompt));
    if (strcmp(answer, "no") == 0 && !was_told(evidence, record))
        TRY(report_fault(report, TRANSCRIPT_FILE, record->seq,
                         "the answer to \"%s\" is no, and no exception says why", row->prompt));
    return check_subject(evidence, record, step, report);
}

struct error *
check_answers(const struct evidence *evidence, struct report *report)
{
    size_t count = 0;
    EACH_RECORD(record, evidence)
    {
        const struct asked *found = NULL;
        const char *prompt = data_text(record->data, "prompt");
        if (record->type != TRANSCRIPT_CONFIRMATION
            || strcmp(data_text(record->data, "answer"), "wrong word") == 0)
            continue;
        count++;
        for (size_t i = 0; i < sizeof prompts / sizeof prompts[0]; i++)
            if (strcmp(prompts[i].prompt, prompt) == 0)
                found = &prompts[i];
        if (found == NULL)
            TRY(report_fault(report, TRANSCRIPT_FILE, record->seq,
                             "\"%s\" is no question that this program knows", prompt));
        else
            TRY(check_answer(evidence, record, found, report));
    }
    return report_note(report, "%zu by those who were asked", count);
}
