/* SPDX-License-Identifier: Apache-2.0
 *
 * What each step was for: whoever ended a step left the records of its act; and each act stands in a step that
 * is for it, of the key, the profile and the token that the script names there. (R2, R5, R18, R89) */
#include <stdio.h>
#include <string.h>

#include "ceremony/audit/checks.h"
#include "transcripts/record.h"

/* --- a step that ended did what it is for --- */

/* One record that a step of this kind leaves; rows of one kind are all wanted, "a|b" is one of both. */
static const struct trace {
    enum step_kind kind;
    enum transcript_type type;
    const char *tells; /* `does`, `what` or `prompt`; NULL: any */
} traces[] = {
    {STEP_ROLL_CALL,           TRANSCRIPT_ROLL_CALL,    NULL                          },
    {STEP_READ_ALOUD,          TRANSCRIPT_CONFIRMATION, "read"                        },
    {STEP_RECORD_FACTS,        TRANSCRIPT_FACTS,        "host"                        },
    {STEP_RECORD_FACTS,        TRANSCRIPT_CONFIRMATION, "facts"                       },
    {STEP_RECORD_FACTS,        TRANSCRIPT_CONFIRMATION, "hashes"                      },
    {STEP_CONFIRM,             TRANSCRIPT_CONFIRMATION, "confirm"                     },
    {STEP_CHECK_TOKEN,         TRANSCRIPT_FACTS,        "token"                       },
    {STEP_CHECK_TOKEN,         TRANSCRIPT_CONFIRMATION, "same"                        },
    {STEP_INITIALISE_TOKEN,    TRANSCRIPT_RESULT,       "initialise-token"            },
    {STEP_SET_PINS,            TRANSCRIPT_RESULT,       "set-pins"                    },
    {STEP_SPLIT_PIN,           TRANSCRIPT_RESULT,       "split-pin"                   },
    {STEP_SPLIT_PIN,           TRANSCRIPT_RESULT,       "change-pin"                  },
    {STEP_UNLOCK_BY_QUORUM,    TRANSCRIPT_FACTS,        "quorum-shares"               },
    {STEP_CREATE_RECORDER,     TRANSCRIPT_RESULT,       "create-recorder"             },
    {STEP_GENERATE_KEY,        TRANSCRIPT_RESULT,       "generate-key"                },
    {STEP_FIND_KEY,            TRANSCRIPT_RESULT,       "find-key"                    },
    {STEP_RESTORE_KEY,         TRANSCRIPT_RESULT,       "restore-key"                 },
    {STEP_IMPORT_REQUEST,      TRANSCRIPT_RESULT,       "import-request"              },
    {STEP_IMPORT_EXISTING,     TRANSCRIPT_RESULT,       "import-existing"             },
    {STEP_IMPORT_CERTIFICATE,  TRANSCRIPT_RESULT,       "import-certificate"          },
    {STEP_COMPARE_FINGERPRINT, TRANSCRIPT_CONFIRMATION, "fingerprint"                 },
    {STEP_PROVE_POSSESSION,    TRANSCRIPT_RESULT,       "prove-possession"            },
    {STEP_BACK_UP_KEY,         TRANSCRIPT_RESULT,       "back-up-key"                 },
    {STEP_DELIVER_SHARES,      TRANSCRIPT_RESULT,       "deliver-shares"              },
    {STEP_PROVE_RESTORE,       TRANSCRIPT_RESULT,       "prove-restore"               },
    {STEP_LOCK_KEY,            TRANSCRIPT_RESULT,       "lock-key"                    },
    {STEP_RE_SHARE,            TRANSCRIPT_RESULT,       "re-share"                    },
    {STEP_RETIRE_BACKUP,       TRANSCRIPT_RESULT,       "retire-backup"               },
    {STEP_CREATE_REQUEST,      TRANSCRIPT_RESULT,       "create-request"              },
    {STEP_ISSUE_CERTIFICATE,   TRANSCRIPT_RESULT,       "sign"                        },
    {STEP_ISSUE_CRL,           TRANSCRIPT_RESULT,       "sign"                        },
    {STEP_CROSS_CERTIFY,       TRANSCRIPT_RESULT,       "sign"                        },
    {STEP_REVOKE,              TRANSCRIPT_RESULT,       "revoke"                      },
    {STEP_SIGN_CRLS,           TRANSCRIPT_RESULT,       "sign-crl"                    },
    {STEP_SIGN_SERIES,         TRANSCRIPT_RESULT,       "sign-crl|sign-crl-ahead"     },
    {STEP_RELEASE_CRL,         TRANSCRIPT_RESULT,       "release-crl"                 },
    {STEP_DESTROY_SERIES,      TRANSCRIPT_FACTS,        "exposed-window|no-crls-ahead"},
    {STEP_SIGN_REQUESTS,       TRANSCRIPT_RESULT,       "sign-requests"               },
    {STEP_RESTRICT_KEY,        TRANSCRIPT_RESULT,       "restrict-key"                },
    {STEP_DESTROY_KEY,         TRANSCRIPT_RESULT,       "end-key"                     },
    {STEP_CUSTODY_CHECK,       TRANSCRIPT_FACTS,        "bag-check|share-check"       },
    {STEP_CHECK_SHARES,        TRANSCRIPT_FACTS,        "shares-checked"              },
    {STEP_WRITE_MEDIA,         TRANSCRIPT_RESULT,       "write-media"                 },
    {STEP_SEAL_BAGS,           TRANSCRIPT_FACTS,        "bag"                         },
    {STEP_SIGN_OFF,            TRANSCRIPT_SIGN_OFF,     NULL                          },
};

static const char *
told_by(const struct transcript_record *record)
{
    return data_text(record->data, record->type == TRANSCRIPT_FACTS          ? "what"
                                   : record->type == TRANSCRIPT_CONFIRMATION ? "prompt"
                                                                             : "does");
}

/* Whether `word` is one of "a|b". */
static bool
is_one_of(const char *words, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = words; len > 0 && *at != '\0'; at += strspn(at, "|")) {
        size_t part = strcspn(at, "|");
        if (part == len && strncmp(at, word, len) == 0)
            return true;
        at += part;
    }
    return false;
}

/* What both name is the same. */
static bool
agrees(const struct transcript_record *record, const char *key, const char *named)
{
    const char *said = data_text(record->data, key);
    return said[0] == '\0' || named == NULL || named[0] == '\0' || strcmp(said, named) == 0;
}

/* A result is of the step in which it was announced: after an interruption it may come outside of all. */
static const char *
step_of_record(const struct evidence *evidence, const struct transcript_record *record)
{
    const struct transcript_record *intent =
        record->type == TRANSCRIPT_RESULT ? intent_of(evidence, record) : NULL;
    return intent == NULL ? record->step : intent->step;
}

static bool
is_trace(const struct evidence *evidence, const struct transcript_record *record,
         const struct trace *trace, const struct script_step *step)
{
    return record->type == trace->type
           && (trace->tells == NULL || is_one_of(trace->tells, told_by(record)))
           && (record->type != TRANSCRIPT_RESULT
               || strcmp(data_text(record->data, "outcome"), "done") == 0)
           && strcmp(step_of_record(evidence, record), step->id) == 0
           && agrees(record, "key", step->key) && agrees(record, "token", step->token)
           && agrees(record, "shares", step->shares);
}

/* The last time that shares were made void which take this step back; 0: none. */
static uint64_t
taken_back(const struct evidence *evidence, const struct transcript_record *end)
{
    uint64_t last = 0;
    EACH_RECORD(record, evidence)
    {
        size_t index = 0;
        const json_t *step = NULL;
        if (record->seq >= end->seq)
            break;
        if (!is_done(record, "void-shares"))
            continue;
        json_array_foreach(data_inner(record->data, "steps"), index, step)
        {
            if (json_is_string(step) && strcmp(json_string_value(step), end->step) == 0)
                last = record->seq;
        }
    }
    return last;
}

static size_t
count_traces(const struct evidence *evidence, const struct transcript_record *end,
             const struct trace *trace, const struct script_step *step)
{
    size_t count = 0;
    uint64_t from = taken_back(evidence, end);
    EACH_RECORD(record, evidence)
    count +=
        record->seq > from && record->seq < end->seq && is_trace(evidence, record, trace, step)
            ? 1
            : 0;
    return count;
}

/* How often: once, but for each medium that the site has. */
static size_t
wanted(const struct evidence *evidence, const struct trace *trace)
{
    return trace->kind == STEP_WRITE_MEDIA && evidence->site != NULL
               ? evidence->site->media_count
               : 1;
}

/* A token that has PINs or objects was looked into, too. */
static struct error *
check_looked_inside(const struct evidence *evidence, const struct transcript_record *end,
                    const struct script_step *step, struct report *report)
{
    static const struct trace look = {STEP_CHECK_TOKEN, TRANSCRIPT_FACTS, "inventory"};
    static const struct trace told = {STEP_CHECK_TOKEN, TRANSCRIPT_FACTS, "token"};
    bool initialised = false;
    EACH_RECORD(record, evidence)
    if (record->seq < end->seq && is_trace(evidence, record, &told, step))
        initialised = json_is_true(json_object_get(record->data, "initialised"));
    if (!initialised || count_traces(evidence, end, &look, step) > 0)
        return NULL;
    return report_fault(report, TRANSCRIPT_FILE, end->seq,
                        "step \"%s\" ended, and the objects on token \"%s\" were not listed",
                        end->step, step->token);
}

static struct error *
check_step(const struct evidence *evidence, const struct transcript_record *end, size_t *ended,
           struct report *report)
{
    const struct script_step *step = step_of(evidence->script, end->step);
    if (step == NULL)
        return NULL; /* check_steps says so */
    (*ended)++;
    if (strcmp(data_text(end->data, "outcome"), "done") != 0)
        TRY(report_fault(report, TRANSCRIPT_FILE, end->seq,
                         "step \"%s\" ended, and not with \"done\"", end->step));
    for (size_t i = 0; i < sizeof traces / sizeof traces[0]; i++)
        if (traces[i].kind == step->kind
            && count_traces(evidence, end, &traces[i], step) < wanted(evidence, &traces[i]))
            TRY(report_fault(report, TRANSCRIPT_FILE, end->seq,
                             "step \"%s\" ended, and no record of it says what it was for: %s",
                             end->step,
                             traces[i].tells != NULL ? traces[i].tells
                                                     : transcript_type_name(traces[i].type)));
    return step->kind == STEP_CHECK_TOKEN ? check_looked_inside(evidence, end, step, report)
                                          : NULL;
}

/* --- an act stands in a step that is for it --- */

#define ANYWHERE (-1)
#define HOMES    3

static const struct {
    const char *does;
    int kinds
        [HOMES]; /* enum step_kind, ended by ANYWHERE; that alone: in or outside of any step */
} homes[] = {
    {"write-output",       {ANYWHERE}                                                  },
    {"prove-possession",   {ANYWHERE}                                                  },
    {"destroy-key",        {ANYWHERE}                                                  },
    {"destroy-restored",   {ANYWHERE}                                                  },
    {"destroy-debris",     {ANYWHERE}                                                  },
    {"destroy-file",       {ANYWHERE}                                                  },
    {"void-shares",        {ANYWHERE}                                                  },
    {"void-pin-set",       {ANYWHERE}                                                  },
    {"initialise-token",   {STEP_INITIALISE_TOKEN, ANYWHERE}                           },
    {"set-pins",           {STEP_SET_PINS, ANYWHERE}                                   },
    {"split-pin",          {STEP_SPLIT_PIN, ANYWHERE}                                  },
    {"change-pin",         {STEP_SPLIT_PIN, ANYWHERE}                                  },
    {"create-recorder",    {STEP_CREATE_RECORDER, ANYWHERE}                            },
    {"generate-key",       {STEP_GENERATE_KEY, ANYWHERE}                               },
    {"find-key",           {STEP_FIND_KEY, ANYWHERE}                                   },
    {"restore-key",        {STEP_RESTORE_KEY, ANYWHERE}                                },
    {"re-share",           {STEP_RE_SHARE, ANYWHERE}                                   },
    {"retire-backup",      {STEP_RETIRE_BACKUP, ANYWHERE}                              },
    {"import-request",     {STEP_IMPORT_REQUEST, ANYWHERE}                             },
    {"import-existing",    {STEP_IMPORT_EXISTING, ANYWHERE}                            },
    {"import-certificate", {STEP_IMPORT_CERTIFICATE, ANYWHERE}                         },
    {"create-request",     {STEP_CREATE_REQUEST, ANYWHERE}                             },
    {"sign-requests",      {STEP_SIGN_REQUESTS, ANYWHERE}                              },
    {"open-seeds",         {STEP_SIGN_REQUESTS, ANYWHERE}                              },
    {"restrict-key",       {STEP_RESTRICT_KEY, ANYWHERE}                               },
    {"destroy-shares",     {STEP_DESTROY_KEY, ANYWHERE}                                },
    {"end-key",            {STEP_DESTROY_KEY, ANYWHERE}                                },
    {"back-up-key",        {STEP_BACK_UP_KEY, ANYWHERE}                                },
    {"deliver-shares",     {STEP_DELIVER_SHARES, ANYWHERE}                             },
    {"prove-restore",      {STEP_PROVE_RESTORE, ANYWHERE}                              },
    {"write-head",         {STEP_CHECK_TOKEN, ANYWHERE}                                },
    {"lock-key",           {STEP_LOCK_KEY, ANYWHERE}                                   },
    {"sign",               {STEP_ISSUE_CERTIFICATE, STEP_ISSUE_CRL, STEP_CROSS_CERTIFY}},
    {"revoke",             {STEP_REVOKE, ANYWHERE}                                     },
    {"carry-crl",          {STEP_SIGN_CRLS, STEP_SIGN_SERIES, ANYWHERE}                },
    {"plan-crls",          {STEP_SIGN_CRLS, STEP_SIGN_SERIES, ANYWHERE}                },
    {"sign-crl",           {STEP_SIGN_CRLS, STEP_SIGN_SERIES, ANYWHERE}                },
    {"sign-crl-ahead",     {STEP_SIGN_SERIES, ANYWHERE}                                },
    {"release-crl",        {STEP_RELEASE_CRL, ANYWHERE}                                },
    {"destroy-crl",        {STEP_DESTROY_SERIES, ANYWHERE}                             },
    {"write-media",        {STEP_WRITE_MEDIA, ANYWHERE}                                },
};

static bool
is_home(const int kinds[HOMES], const struct script_step *step)
{
    if (kinds[0] == ANYWHERE)
        return true;
    for (size_t i = 0; i < HOMES && kinds[i] != ANYWHERE; i++)
        if (step != NULL && kinds[i] == (int)step->kind)
            return true;
    return false;
}

/* Which key signs by which profile, as the step has it. */
static bool
is_signing_of(const struct evidence *evidence, const struct transcript_record *intent,
              const struct script_step *step)
{
    const char *key = data_text(intent->data, "key");
    const char *profile = data_text(intent->data, "profile");
    for (size_t i = 0; i < step->crls.count; i++) {
        const struct script_key *row_key = NULL;
        const struct pki_profile *row_profile = NULL;
        if (script_crl(evidence->script, step, i, &row_key, &row_profile)
            && strcmp(row_key->id, key) == 0 && strcmp(row_profile->id, profile) == 0)
            return true;
    }
    const struct pki_profile *planned = script_profile(evidence->script, step->profile);
    return step->crls.count == 0 && planned != NULL && strcmp(planned->id, profile) == 0
           && strcmp(step->key, key) == 0;
}

/* What is signed, and for whom. */
static bool
is_object_of(const struct transcript_record *intent, const struct script_step *step)
{
    const char *object = step->kind == STEP_ISSUE_CERTIFICATE ? "certificate"
                         : step->kind == STEP_CROSS_CERTIFY   ? "cross-certificate"
                                                              : "crl";
    const char *subject = step->of != NULL && step->of[0] != '\0' ? step->of : step->key;
    return strcmp(data_text(intent->data, "object"), object) == 0
           && (strcmp(object, "crl") == 0
               || strcmp(data_text(intent->data, "subject"), subject) == 0);
}

/* A step that issues one object issues no second. */
static bool
signed_before(const struct evidence *evidence, const struct transcript_record *intent)
{
    EACH_RECORD(record, evidence)
    if (record->seq < intent->seq && is_done(record, "sign")
        && strcmp(step_of_record(evidence, record), intent->step) == 0)
        return true;
    return false;
}

static struct error *
check_signing(const struct evidence *evidence, const struct transcript_record *intent,
              const struct script_step *step, struct report *report)
{
    if (!is_signing_of(evidence, intent, step) || !is_object_of(intent, step))
        return report_fault(report, TRANSCRIPT_FILE, intent->seq,
                            "step \"%s\" of the script has no %s by key \"%s\" with the "
                            "profile \"%s\"",
                            intent->step, data_text(intent->data, "object"),
                            data_text(intent->data, "key"), data_text(intent->data, "profile"));
    if (is_intent(intent, "sign") && signed_before(evidence, intent))
        return report_fault(report, TRANSCRIPT_FILE, intent->seq,
                            "step \"%s\" signed a second object", intent->step);
    return NULL;
}

static struct error *
check_home(const struct evidence *evidence, const struct transcript_record *intent,
           struct report *report)
{
    const char *does = data_text(intent->data, "does");
    const struct script_step *step = step_of(evidence->script, intent->step);
    for (size_t i = 0; i < sizeof homes / sizeof homes[0]; i++) {
        if (strcmp(homes[i].does, does) != 0)
            continue;
        if (!is_home(homes[i].kinds, step))
            return report_fault(report, TRANSCRIPT_FILE, intent->seq,
                                "\"%s\" was announced in step \"%s\", which is for something "
                                "else",
                                does, intent->step);
        if (is_intent(intent, "sign-requests") && !is_signing_of(evidence, intent, step))
            return report_fault(report, TRANSCRIPT_FILE, intent->seq,
                                "step \"%s\" of the script signs by another key or profile",
                                intent->step);
        return is_signing(intent) ? check_signing(evidence, intent, step, report) : NULL;
    }
    return report_fault(report, TRANSCRIPT_FILE, intent->seq,
                        "\"%s\" is no act that this program knows, and it checks nothing of it",
                        does);
}

struct error *
check_acts(const struct evidence *evidence, struct report *report)
{
    size_t ended = 0;
    size_t acts = 0;
    EACH_RECORD(record, evidence)
    {
        if (record->type == TRANSCRIPT_STEP_END)
            TRY(check_step(evidence, record, &ended, report));
        if (record->type != TRANSCRIPT_INTENT)
            continue;
        acts++;
        TRY(check_home(evidence, record, report));
    }
    return report_note(report, "%zu steps did what they are for, %zu acts in their steps",
                       ended, acts);
}
