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
#define REPEATS       (1U << STEP_FIELD_REPEATS)
#define PEOPLE        (1U << STEP_FIELD_PEOPLE)
#define WORDS         (1U << STEP_FIELD_WORDS)
#define INPUT         (1U << STEP_FIELD_INPUT)
#define UNKNOWN       (1U << STEP_FIELD_UNKNOWN)
#define CRLS          (1U << STEP_FIELD_CRLS)
#define COVERS        (1U << STEP_FIELD_COVERS)
#define BY            (1U << STEP_FIELD_BY)
#define BLOCKLIST     (1U << STEP_FIELD_BLOCKLIST)
#define CHAIN         (1U << STEP_FIELD_CHAIN)
#define DEVICE_KEYS                                                                            \
    (1U << STEP_FIELD_DEVICE_KEY | 1U << STEP_FIELD_RECIPIENT | 1U << STEP_FIELD_DERIVATION    \
     | 1U << STEP_FIELD_SEED_KEY)
#define ORIGIN                                                                                 \
    (1U << STEP_FIELD_ORIGIN | 1U << STEP_FIELD_TRANSFER | 1U << STEP_FIELD_LINE               \
     | 1U << STEP_FIELD_SHIFT | 1U << STEP_FIELD_OPERATORS | DEVICE_KEYS)
#define COUNT      (1U << STEP_FIELD_COUNT)
#define EVERY_DAYS (1U << STEP_FIELD_EVERY_DAYS)

static const struct step_rule rules[STEP_KINDS] = {
    [STEP_ROLL_CALL] = {.name = "roll-call",
                        .needs = 0,
                        .takes = 0,
                        .touches_token = false,
                        .does = "takes the roster: who is here, in which role"                               },
    [STEP_READ_ALOUD] = {.name = "read-aloud",
                        .needs = 0,
                        .takes = 0,
                        .touches_token = false,
                        .does = "shows what is read aloud"                                                   },
    [STEP_RECORD_FACTS] = {.name = "record-facts",
                        .needs = 0,
                        .takes = 0,
                        .touches_token = false,
                        .does = "measures and records host and software"                                     },
    [STEP_CONFIRM] = {.name = "confirm",
                        .needs = QUESTION,
                        .takes = 0,
                        .touches_token = false,
                        .does = "asks one question; the answer is yes or no"                                 },
    [STEP_CHECK_TOKEN] = {.name = "check-token",
                        .needs = TOKEN,
                        .takes = 0,
                        .touches_token = true,
                        .does = "records token facts and all its objects"                                    },
    [STEP_INITIALISE_TOKEN] = {.name = "initialise-token",
                        .needs = TOKEN,
                        .takes = 0,
                        .touches_token = true,
                        .does = "initialises a blank token and binds its serial"                             },
    [STEP_SET_PINS] = {.name = "set-pins",
                        .needs = TOKEN,
                        .takes = 0,
                        .touches_token = true,
                        .does = "sets the PINs, each typed by its holder"                                    },
    [STEP_SPLIT_PIN] =
        {.name = "split-pin",
                        .needs = SHARES,
                        .takes = BY,
                        .touches_token = true,
                        .does = "makes a random PIN, gives it out as shares, and sets it on its token"       },
    [STEP_UNLOCK_BY_QUORUM] = {.name = "unlock-by-quorum",
                        .needs = TOKEN,
                        .takes = 0,
                        .touches_token = true,
                        .does =
                                   "custodians type their shares, and the token is logged in"                },
    [STEP_CREATE_RECORDER] = {.name = "create-recorder",
                        .needs = TOKEN,
                        .takes = 0,
                        .touches_token = true,
                        .does = "makes the key that signs this ceremony's transcript"                        },
    [STEP_GENERATE_KEY] = {.name = "generate-key",
                        .needs = KEY,
                        .takes = 0,
                        .touches_token = true,
                        .does = "makes a key pair in its token and reads it back"                            },
    [STEP_FIND_KEY] =
        {.name = "find-key",
                        .needs = KEY,
                        .takes = 0,
                        .touches_token = true,
                        .does =
             "finds a key of an earlier ceremony on its token, and compares it with the ledger"              },
    [STEP_RESTORE_KEY] =
        {.name = "restore-key",
                        .needs = SHARES | TOKEN,
                        .takes = OF | KEEP_RESTORED,
                        .touches_token = true,
                        .does = "brings a key of an earlier ceremony back on a token from its shares"        },
    [STEP_IMPORT_REQUEST] =
        {.name = "import-request",
                        .needs = KEY,
                        .takes = 0,
                        .touches_token = false,
                        .does = "reads a request for a key made elsewhere; its hash is compared with paper"  },
    [STEP_IMPORT_EXISTING] =
        {.name = "import-existing",
                        .needs = KEY,
                        .takes = 0,
                        .touches_token = false,
                        .does = "reads the certificate that another CA has already, and its request if any"  },
    [STEP_IMPORT_CERTIFICATE] =
        {.name = "import-certificate",
                        .needs = KEY,
                        .takes = 0,
                        .touches_token = false,
                        .does = "reads the certificate that another ceremony issued for a key of ours"       },
    [STEP_COMPARE_FINGERPRINT] = {.name = "compare-fingerprint",
                        .needs = OF,
                        .takes = PEOPLE | WORDS,
                        .touches_token = true,
                        .does = "people type words of a key's fingerprint"                                   },
    [STEP_PROVE_POSSESSION] = {.name = "prove-possession",
                        .needs = KEY,
                        .takes = 0,
                        .touches_token = true,
                        .does = "the key signs a challenge"                                                  },
    [STEP_BACK_UP_KEY] =
        {.name = "back-up-key",
                        .needs = KEY | SHARES,
                        .takes = 0,
                        .touches_token = true,
                        .does = "wraps the key under a fresh key and splits that one into shares"            },
    [STEP_DELIVER_SHARES] = {.name = "deliver-shares",
                        .needs = SHARES,
                        .takes = OF,
                        .touches_token = true,
                        .does = "each holder alone reads, writes and types back a share"                     },
    [STEP_PROVE_RESTORE] = {.name = "prove-restore",
                        .needs = SHARES | TOKEN,
                        .takes = OF | KEEP_RESTORED,
                        .touches_token = true,
                        .does = "restores the key on another token from typed shares"                        },
    [STEP_LOCK_KEY] = {.name = "lock-key",
                        .needs = KEY,
                        .takes = 0,
                        .touches_token = true,
                        .does = "forbids that the key ever leaves its token"                                 },
    [STEP_RE_SHARE] =
        {.name = "re-share",
                        .needs = KEY | TOKEN | SHARES,
                        .takes = 0,
                        .touches_token = true,
                        .does = "opens the old backup of a key and wraps it under a fresh key, in new shares"},
    [STEP_RETIRE_BACKUP] =
        {.name = "retire-backup",
                        .needs = KEY,
                        .takes = 0,
                        .touches_token = false,
                        .does = "destroys the backup that was replaced, and refuses its shares from then on" },
    [STEP_CREATE_REQUEST] = {.name = "create-request",
                        .needs = KEY | PROFILE,
                        .takes = 0,
                        .touches_token = true,
                        .does =
                                 "makes a request for the certificate of a key, signed by it"                },
    [STEP_ISSUE_CERTIFICATE] = {.name = "issue-certificate",
                        .needs = KEY | PROFILE,
                        .takes = OF,
                        .touches_token = true,
                        .does = "drafts, lints, shows and signs a certificate"                               },
    [STEP_ISSUE_CRL] = {.name = "issue-crl",
                        .needs = KEY | PROFILE,
                        .takes = OF,
                        .touches_token = true,
                        .does = "drafts, lints, shows and signs a CRL"                                       },
    [STEP_REVOKE] = {.name = "revoke",
                        .needs = KEY | PROFILE | INPUT,
                        .takes = UNKNOWN,
                        .touches_token = false,
                        .does = "enters a list of revocations of one issuer into the ledger"                 },
    [STEP_SIGN_CRLS] = {.name = "sign-crls",
                        .needs = CRLS,
                        .takes = COVERS,
                        .touches_token = true,
                        .does = "signs CRLs of many issuers, shown as one table"                             },
    [STEP_SIGN_SERIES] = {.name = "sign-series",
                        .needs = KEY | PROFILE | COUNT | EVERY_DAYS,
                        .takes = 0,
                        .touches_token = true,
                        .does =
                              "signs CRLs of an offline root ahead, each but the first sealed"               },
    [STEP_RELEASE_CRL] =
        {.name = "release-crl",
                        .needs = KEY | PROFILE,
                        .takes = 0,
                        .touches_token = false,
                        .does = "takes the CRL whose time has come out of its bag, and publishes it"         },
    [STEP_DESTROY_SERIES] =
        {.name = "destroy-series",
                        .needs = KEY,
                        .takes = 0,
                        .touches_token = false,
                        .does = "destroys the CRLs of a key that were signed ahead and not released"         },
    [STEP_SIGN_REQUESTS] = {.name = "sign-requests",
                        .needs = KEY | PROFILE,
                        .takes = REPEATS | BLOCKLIST | CHAIN | ORIGIN,
                        .touches_token = true,
                        .does = "reads, checks, shows and signs many requests"                               },
    [STEP_CROSS_CERTIFY] =
        {.name = "cross-certify",
                        .needs = KEY | OF | PROFILE,
                        .takes = 0,
                        .touches_token = true,
                        .does = "certifies a key that has a certificate already, under its name"             },
    [STEP_RESTRICT_KEY] = {.name = "restrict-key",
                        .needs = KEY,
                        .takes = 0,
                        .touches_token = false,
                        .does = "lets a key sign only CRLs from now on"                                      },
    [STEP_DESTROY_KEY] = {.name = "destroy-key",
                        .needs = KEY,
                        .takes = SHARES,
                        .touches_token = true,
                        .does = "destroys every copy of a key that the ledger knows"                         },
    [STEP_CUSTODY_CHECK] =
        {.name = "custody-check",
                        .needs = 0,
                        .takes = SHARES,
                        .touches_token = false,
                        .does = "looks at every bag, or at the shares of a set, without opening anything"    },
    [STEP_CHECK_SHARES] =
        {.name = "check-shares",
                        .needs = SHARES,
                        .takes = 0,
                        .touches_token = false,
                        .does = "holders type their shares alone, and each is checked by itself"             },
    [STEP_WRITE_MEDIA] = {.name = "write-media",
                        .needs = 0,
                        .takes = 0,
                        .touches_token = false,
                        .does = "copies the outputs to the media and reads them back"                        },
    [STEP_SEAL_BAGS] = {.name = "seal-bags",
                        .needs = 0,
                        .takes = 0,
                        .touches_token = false,
                        .does = "records the numbers of the bags"                                            },
    [STEP_SIGN_OFF] = {.name = "sign-off",
                        .needs = ATTESTS,
                        .takes = 0,
                        .touches_token = false,
                        .does = "each person agrees or does not, and why"                                    },
    [STEP_CLOSE] = {.name = "close",
                        .needs = 0,
                        .takes = 0,
                        .touches_token = false,
                        .does = "last record, sums, seal; the recorder's key is destroyed"                   },
};

static const char *const field_names[STEP_FIELDS] = {
    [STEP_FIELD_KEY] = "key",
    [STEP_FIELD_OF] = "of",
    [STEP_FIELD_TOKEN] = "token",
    [STEP_FIELD_PROFILE] = "profile",
    [STEP_FIELD_SHARES] = "shares",
    [STEP_FIELD_QUESTION] = "question",
    [STEP_FIELD_ATTESTS] = "attests",
    [STEP_FIELD_KEEP_RESTORED] = "keep-restored",
    [STEP_FIELD_REPEATS] = "repeats",
    [STEP_FIELD_PEOPLE] = "people",
    [STEP_FIELD_WORDS] = "words",
    [STEP_FIELD_INPUT] = "input",
    [STEP_FIELD_UNKNOWN] = "unknown-serials",
    [STEP_FIELD_CRLS] = "crls",
    [STEP_FIELD_COVERS] = "covers",
    [STEP_FIELD_BY] = "by",
    [STEP_FIELD_BLOCKLIST] = "blocklist",
    [STEP_FIELD_CHAIN] = "chain",
    [STEP_FIELD_ORIGIN] = "origin",
    [STEP_FIELD_TRANSFER] = "transfer",
    [STEP_FIELD_LINE] = "line",
    [STEP_FIELD_SHIFT] = "shift",
    [STEP_FIELD_OPERATORS] = "operators",
    [STEP_FIELD_DEVICE_KEY] = "device-key",
    [STEP_FIELD_RECIPIENT] = "recipient",
    [STEP_FIELD_DERIVATION] = "derivation",
    [STEP_FIELD_SEED_KEY] = "seed-key",
    [STEP_FIELD_COUNT] = "count",
    [STEP_FIELD_EVERY_DAYS] = "every-days",
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
        [STEP_FIELD_REPEATS] = step->repeats,
        [STEP_FIELD_PEOPLE] = step->people > 0 ? "1" : "",
        [STEP_FIELD_WORDS] = step->words > 0 ? "1" : "",
        [STEP_FIELD_INPUT] = step->input,
        [STEP_FIELD_UNKNOWN] = step->unknown,
        [STEP_FIELD_CRLS] = step->crls.count > 0 ? "1" : "",
        [STEP_FIELD_COVERS] = step->covers.count > 0 ? "1" : "",
        [STEP_FIELD_BY] = step->by,
        [STEP_FIELD_BLOCKLIST] = step->blocklist,
        [STEP_FIELD_CHAIN] = step->chain,
        [STEP_FIELD_ORIGIN] = step->origin,
        [STEP_FIELD_TRANSFER] = step->transfer,
        [STEP_FIELD_LINE] = step->line,
        [STEP_FIELD_SHIFT] = step->shift,
        [STEP_FIELD_OPERATORS] = step->operators,
        [STEP_FIELD_DEVICE_KEY] = step->device_key,
        [STEP_FIELD_RECIPIENT] = step->recipient,
        [STEP_FIELD_DERIVATION] = step->derivation,
        [STEP_FIELD_SEED_KEY] = step->seed_key,
        [STEP_FIELD_COUNT] = step->count > 0 ? "1" : "",
        [STEP_FIELD_EVERY_DAYS] = step->every_days > 0 ? "1" : "",
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
