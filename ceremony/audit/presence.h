/* SPDX-License-Identifier: Apache-2.0
 *
 * Who was in the room at a record: the roster of the site, with the roll calls and the comings and goings up
 * to there. Needs site and openings. */
#pragma once

#include "ceremony/audit/evidence.h"
#include "ceremony/rules/roster.h"

/* A copy of the site's roster with nobody present; the caller frees. */
MUST_CHECK struct error *presence_roster(const struct evidence *evidence,
                                         struct roster **ret_roster);
/* The fact "presence" of one person. */
void presence_take(const struct evidence *evidence, struct roster *roster,
                   const struct transcript_record *fact);
/* All of them before record `seq`; what a roll call says wrongly is passed over. */
MUST_CHECK struct error *presence_before(const struct evidence *evidence, uint64_t seq,
                                         struct roster **ret_roster);
/* Whether this person came or left from record `from` on, and before `until`. */
bool presence_moved(const struct evidence *evidence, const char *name, uint64_t from,
                    uint64_t until);
