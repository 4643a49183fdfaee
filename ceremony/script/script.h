/* SPDX-License-Identifier: Apache-2.0
 *
 * The ceremony script as structs. Every string belongs to the script. `line` and `column` say where a
 * thing stands in its file, for messages. (R1, R2, R5; docs/formats/script.md) */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/pki/profile.h"
#include "ceremony/rules/roster.h"
#include "ceremony/script/faults.h"

struct script_place {
    unsigned line;
    unsigned column;
};

enum script_backup {
    BACKUP_NONE,
    BACKUP_WRAPPED
};

enum script_pin {
    PIN_SESSION,       /* one login, then as many signatures as the script has */
    PIN_EACH_SIGNATURE /* CKA_ALWAYS_AUTHENTICATE (R19) */
};

enum script_use {
    USE_SIGN,
    USE_DECRYPT /* what others encrypted to it, and nothing else */
};

/* Where a key comes from. */
enum script_made {
    MADE_HERE,     /* a step of this script generates it */
    MADE_EARLIER,  /* an earlier ceremony made it; the ledger knows it */
    MADE_ELSEWHERE /* it never comes here: only its public half does, in a request */
};

#define SCRIPT_TYPE_AS_MADE "as-made"
#define SCRIPT_WORDS_MAX    8 /* of a fingerprint, that are asked of one person */

struct script_key {
    char *id;    /* "root" */
    char *type;  /* "ec-p384"; SCRIPT_TYPE_AS_MADE: whatever it is, of one not made here */
    char *token; /* "primary"; "" for one made elsewhere */
    enum script_backup backup;
    enum script_pin pin;
    enum script_use use;
    enum script_made made;
    char *label; /* on the token; "" means the id */
    struct script_place place;
};

struct script_shares {
    char *id;      /* "root-backup" */
    char *of;      /* key id; "" for shares that hold the PIN of a token */
    char *token;   /* that token; "" for shares of a key */
    char *pin;     /* "user" or "so", with `token` */
    char *holders; /* role */
    struct script_place place;
};

struct script_profile_ref {
    char *id;
    char *file; /* relative to the script */
    struct script_place place;
    struct pki_profile *profile; /* loaded by script_load */
};

struct script_parameter {
    char *id;
    char *text;          /* what it means */
    char *default_value; /* NULL: must be given by approval or answers */
    char *pattern;       /* NULL or a glob of allowed characters class, see docs */
    char *value;         /* filled in by script_set_parameter or the default */
    struct script_place place;
};

enum step_kind {
    STEP_ROLL_CALL,
    STEP_READ_ALOUD,
    STEP_RECORD_FACTS,
    STEP_CONFIRM,
    STEP_CHECK_TOKEN,
    STEP_INITIALISE_TOKEN,
    STEP_SET_PINS,
    STEP_SPLIT_PIN,
    STEP_UNLOCK_BY_QUORUM,
    STEP_CREATE_RECORDER,
    STEP_GENERATE_KEY,
    STEP_FIND_KEY,
    STEP_RESTORE_KEY,
    STEP_IMPORT_REQUEST,
    STEP_IMPORT_EXISTING,
    STEP_IMPORT_CERTIFICATE,
    STEP_COMPARE_FINGERPRINT,
    STEP_PROVE_POSSESSION,
    STEP_BACK_UP_KEY,
    STEP_DELIVER_SHARES,
    STEP_PROVE_RESTORE,
    STEP_LOCK_KEY,
    STEP_RE_SHARE,
    STEP_RETIRE_BACKUP,
    STEP_CREATE_REQUEST,
    STEP_ISSUE_CERTIFICATE,
    STEP_ISSUE_CRL,
    STEP_REVOKE,
    STEP_SIGN_CRLS,
    STEP_SIGN_SERIES,
    STEP_RELEASE_CRL,
    STEP_DESTROY_SERIES,
    STEP_SIGN_REQUESTS,
    STEP_CROSS_CERTIFY,
    STEP_RESTRICT_KEY,
    STEP_DESTROY_KEY,
    STEP_CUSTODY_CHECK,
    STEP_CHECK_SHARES,
    STEP_WRITE_MEDIA,
    STEP_SEAL_BAGS,
    STEP_SIGN_OFF,
    STEP_CLOSE,
    STEP_KINDS
};

const char *step_kind_name(enum step_kind kind); /* "roll-call" */
int step_kind_parse(const char *name);           /* -1 */

/* One step. Which of the fields a kind takes, and which it must have, is a table in step_fields.c. */
struct script_step {
    char *id;
    enum step_kind kind;
    char *title;    /* `title:` or made from the id */
    char *say;      /* "" allowed */
    char *performs; /* role */
    char *verifies; /* role; "" */
    char *expect;
    char *evidence;
    char *key; /* generate-key, back-up-key, prove-possession, lock-key, issue-* (`key:`) */
    char
        *of; /* compare-fingerprint, deliver-shares, prove-restore, issue-crl; whose certificate
                      issue-certificate issues (`of:`) */
    char *token;    /* check-token, initialise-token, set-pins, create-recorder, prove-restore,
                      split-pin (follows from `shares`), unlock-by-quorum */
    char *profile;  /* issue-certificate, issue-crl, sign-requests */
    char *shares;   /* back-up-key, deliver-shares, prove-restore */
    char *question; /* confirm */
    char *attests;  /* sign-off: the text that people attest */
    char *input;    /* revoke: the list, a name of the site's inputs */
    char *unknown;  /* revoke: "yes" lets serials in that the ledger never saw (default "no") */
    struct pki_texts crls; /* sign-crls: "KEY PROFILE" each */
    struct pki_texts
        covers; /* sign-crls: whose revocations an indirect CRL lists, "KEY [PROFILE]" */
    char *keep_restored; /* prove-restore: "yes" or "no" (default "no") */
    char *repeats;       /* sign-requests: "yes" or "no" (default "no") */
    char *by;            /* split-pin: who sets the user PIN, "user" (default) or "so" */
    char *blocklist; /* sign-requests: the list of known keys, a name of the site's inputs */
    char *chain;     /* sign-requests: "yes": the issuer's chain goes with the certificates */
    char *origin;   /* sign-requests: where the keys come from ("bamboo"; rules/key_origin.h) */
    char *transfer; /* ... and how they, or the certificates, get into the devices; "" */
    char *line;     /* ... on which line, in which shift, by how many operators; "" */
    char *shift;
    char *operators;
    char *device_key; /* ... of what type ("ec-p256"), where the program makes them */
    char *recipient;  /* ... for whom: a certificate, a name of the site's inputs */
    char
        *derivation; /* ... how they follow from seeds ("fips186-hkdf-sha256"), where they do */
    char *seed_key;  /* ... and the key of the script to which the list of seeds is encrypted */
    unsigned people; /* compare-fingerprint: how many confirm (default 1) */
    unsigned words;  /* compare-fingerprint: words asked of each (default 2) */
    unsigned count;  /* sign-series: how many CRLs, the first one included */
    unsigned every_days; /* sign-series: from the beginning of one to that of the next */
    unsigned minutes;    /* expected */
    struct script_place place;
};

struct script_act {
    char *title;
    struct script_step *steps;
    size_t step_count;
    struct script_place place;
};

struct places; /* where each text stands; private to script/ */

struct script {
    char *file;     /* as given */
    char *ceremony; /* "root-ca" */
    char *version;
    char *date;
    char *title;
    char *policy;
    struct pki_texts objectives;
    struct pki_texts materials;
    struct pki_texts conditions;
    char *approval;                      /* prose: who approves, by what document */
    char *storage;                       /* prose */
    char *deviations;                    /* prose */
    char *sign_off;                      /* prose: what is attested */
    struct role roles[ROSTER_ROLES_MAX]; /* strings owned by the script */
    size_t role_count;
    struct script_parameter *parameters;
    size_t parameter_count;
    struct script_key *keys;
    size_t key_count;
    struct script_shares *shares;
    size_t share_count;
    struct script_profile_ref *profiles;
    size_t profile_count;
    struct script_act *acts;
    size_t act_count;
    char sha256[65]; /* of the exact bytes */
    char sha384[97];
    struct bytes raw;
    struct places *places;
};

/* Loads script and profiles; every fault of all files goes to `faults`, and the call fails (input) if
 * there was one. Cross-checks inside the script too: names used exist, keys before they are used,
 * order of backup, proof, lock and certificate. */
MUST_CHECK struct error *script_load(const char *file, struct faults *faults,
                                     struct script **ret_script);
void script_free(struct script *script);
DEFINE_AUTO(script, script_free);

/* Sets a parameter (unknown name or unfit value: input error); `${name}` in profile subjects and URIs,
 * titles and `say` is filled in by script_apply_parameters. */
MUST_CHECK struct error *script_set_parameter(struct script *script, const char *id,
                                              const char *value);
/* After all are set: every parameter must have a value; fills them in everywhere. */
MUST_CHECK struct error *script_apply_parameters(struct script *script);

/* The n-th of a step's `crls`, taken apart; false if it is not two names of the script. */
bool script_crl(const struct script *script, const struct script_step *step, size_t n,
                const struct script_key **ret_key, const struct pki_profile **ret_profile);
/* The n-th of a step's `covers`: a key, and a profile of its certificates or NULL where none is said; false
 * if it names something else. */
bool script_covered(const struct script *script, const struct script_step *step, size_t n,
                    const struct script_key **ret_key, const struct pki_profile **ret_profile);
const struct script_key *script_key(const struct script *script, const char *id);
const struct script_shares *script_shares(const struct script *script, const char *id);
const struct pki_profile *script_profile(const struct script *script, const char *id);
