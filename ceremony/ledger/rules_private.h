/* SPDX-License-Identifier: Apache-2.0
 *
 * One entry being applied; for the files of rules only. */
#pragma once

#include "ceremony/ledger/rules.h"

struct applied {
    struct store *store;
    const struct ledger_entry *entry;
    const struct ledger_json *data;
    bool nothing;
};

/* A value that has the form its kind asks for. */
const char *rules_text(const struct applied *applied, const char *key);
int64_t rules_number(const struct applied *applied, const char *key);
/* A text of one line in UTF-8 without control characters, not too long. */
bool rules_is_line(const char *text);

/* Whether the issuer may make so many more certificates now (R70). */
MUST_CHECK struct error *rules_check_limits(struct applied *applied, const char *issuer,
                                            int64_t more);
/* That no row of a block has the serial; a store for comparison has no rows, and the opening asks the
 * other way round (check_blocks.c). */
MUST_CHECK struct error *rules_check_rows(struct applied *applied, const char *issuer,
                                          const char *serial);

struct error *rules_issuer_limits(struct applied *applied);
struct error *rules_certificates_reserve(struct applied *applied);
struct error *rules_certificates_issue(struct applied *applied);
struct error *rules_revocations(struct applied *applied);
struct error *rules_crl_import(struct applied *applied);
struct error *rules_crl_custody(struct applied *applied);
struct error *rules_key_copy(struct applied *applied);
struct error *rules_backup(struct applied *applied);
struct error *rules_pin_set(struct applied *applied);
struct error *rules_share_proof(struct applied *applied);
