/* SPDX-License-Identifier: Apache-2.0
 *
 * What a ceremony knows, as a fold over its records: state_apply is called for each record in order,
 * as it is written and again when the ceremony is resumed. It never asks, acts or fails on content;
 * a record that it does not know changes nothing. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"
#include "transcripts/writer.h"

/* A clock may be corrected by so much without being told. */
#define STATE_CLOCK_BACK_MS 1000
#define STATE_KEYS_MAX      16
#define STATE_TOKENS_MAX    16
#define STATE_STEPS_MAX     256
#define STATE_INTENTS_MAX   128
#define STATE_OBJECTS_MAX   256
#define STATE_PINS_MAX      16
#define STATE_NAME_MAX      96

struct state_key {
    char name[STATE_NAME_MAX]; /* as the script calls it */
    char token[STATE_NAME_MAX];
    char label[STATE_NAME_MAX];
    char id_hex[2 * 64 + 1];
    char type[STATE_NAME_MAX];
    struct bytes spki;
    char spki_sha256[65];
    char copy_token[STATE_NAME_MAX]; /* where a restored copy was kept; "" nowhere */
    char certificate
        [STATE_NAME_MAX]; /* the file of the one it had before, or elsewhere; "" none */
    bool pin_each_signature;
    bool decrypts;  /* what others encrypted to it; it never signs */
    bool found;     /* made by an earlier ceremony, found by this one */
    bool restored;  /* brought back by this ceremony, to stay */
    bool elsewhere; /* only its public half is known, from a request or a certificate */
    bool backed_up;
    bool restore_proven;
    bool locked;
    bool destroyed;
    bool ended; /* its destruction is recorded, with what is open */
};

struct state_token {
    char name[STATE_NAME_MAX];
    char label[STATE_NAME_MAX];
    char serial[STATE_NAME_MAX];
    bool bound;
    bool pins_set;
};

/* A PIN cut into shares by a step of this ceremony. */
struct state_pin_set {
    char step[STATE_NAME_MAX];
    char token[STATE_NAME_MAX];
    char serial[STATE_NAME_MAX];
    char user[8]; /* "user", "SO" */
    unsigned set_id;
    unsigned before; /* the set that held the PIN until then; 0: none did */
    bool delivered;  /* every holder typed the share back */
    bool changing;   /* the token was told to take it; nobody may know whether it did */
    bool in_use;     /* the token has this PIN */
    bool void_set;   /* made, and on no token */
    bool old_told;   /* what became of the forms of the set before */
};

/* A PIN that was recombined in this ceremony. */
struct state_pin_use {
    char token[STATE_NAME_MAX];
    char user[8];
    unsigned set; /* whose shares gave it */
    bool open;    /* not changed since, and nobody has said so yet */
};

struct state_intent {
    uint64_t seq;
    char does[STATE_NAME_MAX];
    char step[STATE_NAME_MAX];
    json_t *data;
    bool
        not_as_planned; /* generate-key: an attribute of the key read otherwise, so it must go (R28) */
};

struct state_object { /* a certificate or CRL issued in, or brought to, this ceremony */
    char kind[STATE_NAME_MAX];    /* "certificate", "crl" */
    char key[STATE_NAME_MAX];     /* whose key signed */
    char subject[STATE_NAME_MAX]; /* certificate: whose it is */
    char file[2 * STATE_NAME_MAX];
    char issuer
        [2
         * STATE_NAME_MAX]; /* file of the issuer's certificate, where its record names one; else "" */
    bool armoured;          /* the same object lies beside it in PEM */
    char step[STATE_NAME_MAX];
    char sha256[65];
    int64_t valid_until;
};

struct state_backup {
    char shares[STATE_NAME_MAX]; /* the script's name of the share set; "" none */
    char key[STATE_NAME_MAX];
    char kcv[17];
    char blob[2 * STATE_NAME_MAX]; /* file */
    char blob_sha256[65];
    char card_sha256[65];
    char mechanism[64];
    unsigned set_id;
    bool made; /* wrapped and split */
    bool delivered;
    bool proven;
    bool replaces; /* re-shared: the set before is being destroyed, so this one stays */
};

struct state_recorder {
    char token[STATE_NAME_MAX];
    char label[STATE_NAME_MAX];
    char id_hex[2 * 64 + 1];
    struct bytes spki;
    struct bytes certificate;
    char certificate_sha256[65];
    bool made;
    bool seals; /* the closing record wants its signature */
};

struct state_sign_off {
    char person[STATE_NAME_MAX]; /* or the commitment, for custodians */
    bool agrees;
    bool custodian;
    char certificate_sha256[65]; /* "" for wet ink */
};

struct state {
    char ceremony_id[STATE_NAME_MAX];
    bool opened;
    bool rehearsal;
    bool closed;
    int64_t opened_ms;
    int64_t wall_ms;       /* of the last record */
    int64_t clock_back_ms; /* over interruptions that no exception has told yet */
    struct state_key keys[STATE_KEYS_MAX];
    size_t key_count;
    struct state_token tokens[STATE_TOKENS_MAX];
    size_t token_count;
    struct state_intent intents[STATE_INTENTS_MAX]; /* open ones */
    size_t intent_count;
    struct state_object objects[STATE_OBJECTS_MAX];
    size_t object_count;
    struct state_backup backup;
    unsigned backup_attempts; /* announced so far; names of wrapped keys are never used twice */
    struct state_pin_set pin_sets[STATE_PINS_MAX];
    size_t pin_set_count;
    struct state_pin_use pin_uses[STATE_PINS_MAX];
    size_t pin_use_count;
    struct state_recorder recorder;
    struct state_sign_off sign_offs[STATE_OBJECTS_MAX];
    size_t sign_off_count;
    char steps_done[STATE_STEPS_MAX][STATE_NAME_MAX];
    size_t step_count;
    char step_open[STATE_NAME_MAX]; /* begun and not ended; "" */
    char
        work_done[STATE_NAME_MAX]; /* the step that has recorded all its work, if not its end */
    bool given_up;                 /* an abort was begun: there is no way back from it */
    uint64_t exceptions;
    struct bytes exception_text; /* what was observed and decided, a paragraph each */
    uint64_t acts_checked;       /* checkpoints taken */
};

void state_clear(struct state *state);
/* Errors: memory; refused when the transcript holds more of something than this program takes. */
MUST_CHECK struct error *state_apply(struct state *state, uint64_t seq,
                                     enum transcript_type type, const char *step,
                                     int64_t wall_ms, json_t *data);

struct state_key *state_key(struct state *state, const char *name);
struct state_token *state_token(struct state *state, const char *name);
/* The set that a step made, the void ones apart; NULL. */
struct state_pin_set *state_pin_set(struct state *state, const char *step);
bool state_step_done(const struct state *state, const char *step);
/* Whether a certificate of the script's key `key` was issued in this ceremony. */
bool state_has_certificate(const struct state *state, const char *key);
/* The open intent that does this (any step), or NULL. */
struct state_intent *state_intent(struct state *state, const char *does);
