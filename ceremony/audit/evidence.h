/* SPDX-License-Identifier: Apache-2.0
 *
 * An evidence folder as the checks see it: read once, each part with the reason why it could not be
 * read. Nothing is written, nothing outside the folder is opened. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "ceremony/audit/report.h"
#include "ceremony/script/script.h"
#include "ceremony/script/site.h"
#include "transcripts/reader.h"

struct evidence {
    char *folder;
    bool public_extract;    /* the three confidential files are not there */
    bool demand_production; /* a rehearsal is a fault */
    const char
        *item_sha256; /* of a certificate that must be of a batch; NULL: none is asked for */
    struct transcript_reading reading;
    struct transcript_openings openings;
    bool has_transcript;
    bool has_openings;
    struct script *script; /* parameters applied; NULL if it could not be read */
    struct site *site;     /* NULL likewise */
    struct error *transcript_error;
    struct error *openings_error;
    struct error *script_error;
    struct error *site_error;
    const struct transcript_record *opening; /* NULL if the first record is none */
    const struct transcript_record *closing; /* NULL if the last record is none */
};

/* Errors: not-found and memory; what is wrong with the contents is kept for the checks. `is_public`: take
 * it as a public extract even if confidential files are there. */
MUST_CHECK struct error *evidence_open(const char *folder, bool is_public,
                                       struct evidence *ret_evidence);
void evidence_clear(struct evidence *evidence);
#define AUTO_EVIDENCE __attribute__((cleanup(evidence_clear))) struct evidence

const char *evidence_id(const struct evidence *evidence); /* "" if not known */
bool evidence_is_rehearsal(const struct evidence *evidence);
bool evidence_is_aborted(const struct evidence *evidence);
MUST_CHECK struct error *evidence_file(const struct evidence *evidence, const char *name,
                                       struct bytes *contents);
/* SHA-256 of a file in hexadecimal; "" if it cannot be read. */
void evidence_hash(const struct evidence *evidence, const char *name, char ret_text[65]);
bool evidence_has(const struct evidence *evidence, const char *name);

/* A name that is declared cannot stand in parentheses. */
/* NOLINTBEGIN(bugprone-macro-parentheses) */
#define EACH_RECORD(r, e)                                                                      \
    for (const struct transcript_record *r = (e)->reading.records;                             \
         r < (e)->reading.records + (e)->reading.count; r++)
/* NOLINTEND(bugprone-macro-parentheses) */

/* "" for what is not there or is no text. */
const char *data_text(const json_t *data, const char *key);
int64_t data_number(const json_t *data, const char *key); /* 0 */
const json_t *data_inner(const json_t *data, const char *outer);
/* Base64 decoded; empty if it is not there. */
MUST_CHECK struct error *data_bytes(const json_t *data, const char *key, struct bytes *bytes);
bool data_is_hash(const char *text); /* 64 lower-case digits */

/* An intent with this `does`; a result of it with outcome "done"; a fact with this `what`. */
bool is_intent(const struct transcript_record *record, const char *does);
bool is_done(const struct transcript_record *record, const char *does);
/* A signature that was announced, and one that was made and whose object is here: of a certificate or CRL whose bytes stand in the
 * record ("sign"), or of a CRL of a step that signs many, which is known by its hash ("sign-crl"). */
bool is_signing(const struct transcript_record *record);
bool is_signed(const struct transcript_record *record);
bool is_fact(const struct transcript_record *record, const char *what);
/* The done result with this `does` whose data has `key` = `value`, the last one before record `before`
 * (0: of all); NULL. */
const struct transcript_record *find_done(const struct evidence *evidence, const char *does,
                                          const char *key, const char *value, uint64_t before);
/* How a key came into this ceremony: the record that generated it, found it, or read the request for it,
 * whose data has `field` = `value`; the last one before record `before` (0: of all); NULL. */
const struct transcript_record *find_key(const struct evidence *evidence, const char *field,
                                         const char *value, uint64_t before);
/* The certificate of a key, DER: signed in this ceremony before record `before`, or the copy of one that
 * an earlier ceremony issued. Errors: verification (there is none). */
MUST_CHECK struct error *certificate_of(const struct evidence *evidence, const char *key,
                                        uint64_t before, struct bytes *ret_der);
/* The intent that a result or output belongs to; NULL. */
const struct transcript_record *intent_of(const struct evidence *evidence,
                                          const struct transcript_record *result);
/* The step of the script; NULL. */
const struct script_step *step_of(const struct script *script, const char *id);
