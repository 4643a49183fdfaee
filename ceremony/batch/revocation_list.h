/* SPDX-License-Identifier: Apache-2.0
 *
 * Revocations brought on a medium: CSV with a line of names first, or JSON Lines. Fields: `serial`
 * (hexadecimal) or `certificate` (base64 of its DER), `date`, `reason` (by name), `reference` (of the
 * request to revoke), `invalidity`. Read line by line; a bad line is a finding with its code and place,
 * not an error, so that all of them can be mended at once. (R56, R58; docs/formats/revocations.md) */
#pragma once

#include "ceremony/base/cleanup.h"
#include "ceremony/ledger/blocks.h"
#include "ceremony/pki/profile.h"

enum revocation_code {
#define ROW(name, code, sentence) REVOCATION_##name,
#include "ceremony/batch/revocation_rows.h"
#undef ROW
    REVOCATION_CODES /* none */
};

const char *revocation_code_text(enum revocation_code code);
const char *revocation_code_sentence(enum revocation_code code);

struct revocation_rules {
    const void *issuer; /* DER certificate, for lines that bring certificates */
    size_t issuer_len;
    const char *issuer_spki_sha256;
    enum pki_trust trust;
    int64_t now;
    bool needs_reason;   /* the list is of CA certificates */
    bool allows_unknown; /* the script lets serials in that the ledger never saw */
};

struct revocation_line {
    uint64_t line; /* from 1 */
    size_t column; /* of the fault, from 1 */
    enum revocation_code code;
    struct ledger_revocation row; /* where there is no fault; its reference is the list's */
};

struct revocation_list;

/* The text of a list, borrowed, and what it is called. Errors: input (no line of names, a name that is not known). */
MUST_CHECK struct error *revocation_list_open(const void *text, size_t len, const char *name,
                                              const struct revocation_rules *rules,
                                              struct revocation_list **ret_list);
void revocation_list_close(struct revocation_list *list);
DEFINE_AUTO(revocation_list, revocation_list_close);
MUST_CHECK struct error *revocation_list_rewind(struct revocation_list *list);
/* The next line, read and judged by itself; `*ret_end` true at the end. */
MUST_CHECK struct error *revocation_list_next(struct revocation_list *list,
                                              struct revocation_line *ret_line, bool *ret_end);

struct revocation_summary {
    uint64_t lines;
    uint64_t good;
    struct revocation_line faults[100]; /* the first ones */
    uint64_t fault_count;
};

/* All lines, each also against the lines before and the ledger: known to this CA, not revoked yet, and
 * not here twice. Nothing is written. Needs 24 octets of memory a line. */
MUST_CHECK struct error *revocation_list_check(struct revocation_list *list,
                                               struct ledger *ledger,
                                               struct revocation_summary *ret_summary);
/* Enters all lines, block by block. To be called after a check without a fault. `again`: an
 * interrupted run began it; lines that it entered are passed over. */
MUST_CHECK struct error *revocation_list_enter(struct revocation_list *list,
                                               struct ledger *ledger, const char *ceremony,
                                               bool again, uint64_t *ret_count);
