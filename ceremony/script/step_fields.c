/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/script/step_fields.h"

#include <string.h>

#include "ceremony/script/places.h"

#define KEY           (1U << STEP_FIELD_KEY)
#define OF            (1U << STEP_FIELD_OF)
#define TOKEN         (1U << STEP_FIELD_TOKEN)
#define PROFILE       (1U << STEP_FIELD_PROFILE)
#define SHARES        (1U << STEP_FIELD_SHARES)
#define QUESTION      (1U << STEP_FIELD_QUESTION)
#define ATTESTS       (1U << STEP_FIELD_ATTESTS)
#define KEEP_RESTORED (1U << STEP_FIELD_KEEP_RESTORED)
#define PEOPLE        (1U << STEP_FIELD_PEOPLE)
#define WORDS         (1U << STEP_FIELD_WORDS)

static const struct step_rule rules[STEP_KINDS] = {
    [STEP_ROLL_CALL] = {"roll-call",           0,              0,                  "takes the roster: who is here, in which role"            },
    [STEP_READ_ALOUD] = {"read-aloud",          0,              0,                  "shows what is read aloud"                                },
    [STEP_RECORD_FACTS] = {"record-facts",        0,              0,                  "measures and records host and software"                  },
    [STEP_CONFIRM] = {"confirm",             QUESTION,       0,                  "asks one question; the answer is yes or no"              },
    [STEP_CHECK_TOKEN] = {"check-token",         TOKEN,          0,                  "records token facts and all its objects"                 },
    [STEP_INITIALISE_TOKEN] = {"initialise-token",    TOKEN,          0,
                        "initialises a blank token and binds its serial"                                                                     },
    [STEP_SET_PINS] = {"set-pins",            TOKEN,          0,                  "sets the PINs, each typed by its holder"                 },
    [STEP_CREATE_RECORDER] = {"create-recorder",     TOKEN,          0,
                        "makes the key that signs this ceremony's transcript"                                                                },
    [STEP_GENERATE_KEY] = {"generate-key",        KEY,            0,
                        "makes a key pair in its token and reads it back"                                                                    },
    [STEP_COMPARE_FINGERPRINT] = {"compare-fingerprint", OF,             PEOPLE | WORDS,
                        "people type words of a key's fingerprint"                                                                           },
    [STEP_PROVE_POSSESSION] = {"prove-possession",    KEY,            0,                  "the key signs a challenge"                               },
    [STEP_BACK_UP_KEY] = {"back-up-key",         KEY | SHARES,   0,
                        "wraps the key under a fresh key and splits that one into shares"                                                    },
    [STEP_DELIVER_SHARES] = {"deliver-shares",      SHARES,         OF,
                        "each holder alone reads, writes and types back a share"                                                             },
    [STEP_PROVE_RESTORE] = {"prove-restore",       SHARES | TOKEN, OF | KEEP_RESTORED,
                        "restores the key on another token from typed shares"                                                                },
    [STEP_LOCK_KEY] = {"lock-key",            KEY,            0,                  "forbids that the key ever leaves its token"              },
    [STEP_ISSUE_CERTIFICATE] = {"issue-certificate",   KEY | PROFILE,  0,
                        "drafts, lints, shows and signs a certificate"                                                                       },
    [STEP_ISSUE_CRL] = {"issue-crl",           KEY | PROFILE,  OF,                 "drafts, lints, shows and signs a CRL"                    },
    [STEP_WRITE_MEDIA] = {"write-media",         0,              0,
                        "copies the outputs to the media and reads them back"                                                                },
    [STEP_SEAL_BAGS] = {"seal-bags",           0,              0,                  "records the numbers of the bags"                         },
    [STEP_SIGN_OFF] = {"sign-off",            ATTESTS,        0,                  "each person agrees or does not, and why"                 },
    [STEP_CLOSE] = {"close",               0,              0,                  "last record, sums, seal; the recorder's key is destroyed"},
};

static const char *const field_names[STEP_FIELDS] = {
    [STEP_FIELD_KEY] = "key",         [STEP_FIELD_OF] = "of",
    [STEP_FIELD_TOKEN] = "token",     [STEP_FIELD_PROFILE] = "profile",
    [STEP_FIELD_SHARES] = "shares",   [STEP_FIELD_QUESTION] = "question",
    [STEP_FIELD_ATTESTS] = "attests", [STEP_FIELD_KEEP_RESTORED] = "keep-restored",
    [STEP_FIELD_PEOPLE] = "people",   [STEP_FIELD_WORDS] = "words",
};

const char *
step_kind_name(enum step_kind kind)
{
    return kind < STEP_KINDS ? rules[kind].name : "";
}

int
step_kind_parse(const char *name)
{
    for (int kind = 0; kind < STEP_KINDS; kind++)
        if (strcmp(rules[kind].name, name) == 0)
            return kind;
    return -1;
}

const struct step_rule *
step_rule(enum step_kind kind)
{
    return &rules[kind];
}

const char *
step_field_name(enum step_field field)
{
    return field_names[field];
}

const char *
step_field_text(const struct script_step *step, enum step_field field)
{
    const char *const texts[STEP_FIELDS] = {
        [STEP_FIELD_KEY] = step->key,
        [STEP_FIELD_OF] = step->of,
        [STEP_FIELD_TOKEN] = step->token,
        [STEP_FIELD_PROFILE] = step->profile,
        [STEP_FIELD_SHARES] = step->shares,
        [STEP_FIELD_QUESTION] = step->question,
        [STEP_FIELD_ATTESTS] = step->attests,
        [STEP_FIELD_KEEP_RESTORED] = step->keep_restored,
        [STEP_FIELD_PEOPLE] = step->people > 0 ? "1" : "",
        [STEP_FIELD_WORDS] = step->words > 0 ? "1" : "",
    };
    return texts[field];
}

struct error *
step_fields_check(const struct script_step *step, const char *file, const struct places *places,
                  struct faults *faults)
{
    if (step->kind >= STEP_KINDS)
        return NULL; /* `do` is at fault already */
    const struct step_rule *rule = &rules[step->kind];
    for (unsigned field = 0; field < STEP_FIELDS; field++) {
        const char *text = step_field_text(step, field);
        bool given = text[0] != '\0';
        if (!given && (rule->needs >> field & 1U) != 0)
            TRY(faults_add(faults, file, step->place.line, step->place.column,
                           "step '%s' (%s) needs '%s'", step->id, rule->name,
                           field_names[field]));
        if (given && ((rule->needs | rule->takes) >> field & 1U) == 0)
            TRY(places_fault(places, faults, file, text, "step '%s' (%s) takes no '%s'",
                             step->id, rule->name, field_names[field]));
    }
    return NULL;
}
