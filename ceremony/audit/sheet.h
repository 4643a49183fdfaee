/* SPDX-License-Identifier: Apache-2.0
 *
 * The evaluation sheet (R104): the identity and PKI questions of the taxonomy of manufacturer-installed keys,
 * answered from the evidence of one past and from nothing else. Each answer points to the records that
 * say so; what no record says is not answered. k, n and holders stand in the confidential copy only, and
 * n-k in both (R85). */
#pragma once

#include "ceremony/audit/evidence.h"
#include "ceremony/audit/ledger_lines.h"

#define SHEET_FOLDERS_MAX 256
#define SHEET_LEVELS_MAX  32

/* A CA's key, as the ledger knows it. */
struct sheet_ca {
    const char *spki_sha256; /* borrowed from the ledger's lines, as all texts here */
    const char *label;       /* "" for a CA whose key is of another ledger */
    const char *type;
    const char *subject;
    const char *profile;
    const char *issuer;
    int64_t from;
    int64_t until;
    uint64_t key_seq; /* of its key-add, 0: none */
    uint64_t seq;     /* of the entry that announced its certificate, 0: none is known */
    unsigned
        level;     /* 1: a trust anchor; 0: not known, its issuer is outside of this evidence */
    size_t anchor; /* its place in `cas` */
};

struct sheet {
    struct evidence *folders;
    size_t folder_count;
    const struct evidence *newest; /* whose ledger is the longest */
    struct ledger_lines lines;     /* of the newest */
    struct sheet_ca *cas;
    size_t ca_count;
    char *time; /* of the newest entry */
    int64_t now;
    bool confidential;
    json_t *answers; /* [{question, about, answer, private, evidence}] */
};

void sheet_clear(struct sheet *sheet);
#define AUTO_SHEET __attribute__((cleanup(sheet_clear))) struct sheet

/* Opens the folders, takes the longest ledger, and refuses folders whose ledgers do not lie on its way; finds
 * the CAs and their levels. Errors: not-found, refused, verification, memory. */
MUST_CHECK struct error *sheet_open(const char *const *names, size_t count,
                                    struct sheet *ret_sheet);
/* Asks every question. */
MUST_CHECK struct error *sheet_fill(struct sheet *sheet);

/* --- sheet_answer.c --- */
enum sheet_privacy {
    SHEET_PUBLIC,
    SHEET_PRIVATE /* its text stands in the confidential copy only */
};
/* A new answer; `format` NULL: the evidence does not tell, and `about` may say why. */
MUST_CHECK struct error *sheet_answer(struct sheet *sheet, const char *question,
                                      const char *about, enum sheet_privacy privacy,
                                      const char *format, ...) PRINTF_LIKE(5, 6);
/* The newest answer stands on a record of a folder (NULL: the newest), or on an entry of its ledger. */
MUST_CHECK struct error *sheet_point_record(struct sheet *sheet, const struct evidence *folder,
                                            uint64_t seq);
MUST_CHECK struct error *sheet_point_entry(struct sheet *sheet, uint64_t seq);
MUST_CHECK struct error *sheet_text(const struct sheet *sheet, struct bytes *ret_text);
MUST_CHECK struct error *sheet_json(const struct sheet *sheet, struct bytes *ret_text);

/* --- sheet_storage.c --- */
/* How a key is kept: tokens, lock, wrapped copies; then who can open them. */
MUST_CHECK struct error *sheet_storage(struct sheet *sheet, const char *question,
                                       const struct sheet_ca *ca);
/* How many shares may be lost (n-k), and in the confidential copy k, n and the holders. */
MUST_CHECK struct error *sheet_shares(struct sheet *sheet, const char *question,
                                      const struct sheet_ca *ca);

/* --- looking things up --- */
const json_t *sheet_line(const struct sheet *sheet, size_t index, const char **ret_kind,
                         uint64_t *ret_seq);
const struct sheet_ca *sheet_ca(const struct sheet *sheet, const char *spki_sha256);
/* "key \"root\"", or the subject of a CA that is not of this ledger. */
MUST_CHECK struct error *sheet_name(const struct sheet_ca *ca, char **ret_name);
/* A profile of any of the folders' scripts; NULL. */
const struct pki_profile *sheet_profile(const struct sheet *sheet, const char *id);

struct sheet_question {
    const char *id;   /* as the taxonomy calls it */
    const char *text; /* in words of our own */
};
const struct sheet_question *sheet_questions(size_t *ret_count);
