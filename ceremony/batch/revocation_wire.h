/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of revocations as they go from the process that reads a list or a CRL to the one that enters them. What comes
 * over is kept as it came, in a file of memory, so that the lines that were checked and shown are the ones that are
 * entered. (T17, R56) */
#pragma once

#include "ceremony/base/flat_pipe.h"
#include "ceremony/batch/revocation_list.h"
#include "ceremony/pki/build.h"

/* More bad lines than that are not told one by one: the list is refused as a whole. */
#define REVOCATION_FAULTS_MAX 100000U

/* --- the process that reads --- */

struct revocation_sender { /* zero-initialise with `out` */
    int out;
    uint64_t count;
    struct bytes rows;
};

void revocation_sender_clear(struct revocation_sender *sender);
#define AUTO_REVOCATION_SENDER                                                                 \
    __attribute__((cleanup(revocation_sender_clear))) struct revocation_sender

MUST_CHECK struct error *revocation_send(struct revocation_sender *sender,
                                         const struct revocation_line *line);
/* What is left, and that this is all. */
MUST_CHECK struct error *revocation_send_end(struct revocation_sender *sender);
/* All lines of a list, and that these are all. Errors: input (more than REVOCATION_FAULTS_MAX bad ones). */
MUST_CHECK struct error *revocation_send_list(struct revocation_list *list, int out);
/* An entry of a CRL as a line: the `number`th, from 1. Errors: input (a reason that does not exist, or a date that a
 * CRL made now cannot repeat). */
MUST_CHECK struct error *revocation_of_entry(const struct pki_revocation *entry,
                                             uint64_t number, int64_t now,
                                             struct revocation_line *ret_line);

/* --- the process that enters --- */

/* All lines up to the end, as a list at its beginning; of a file of so many `octets`. Errors: the one that the other
 * process tells; verification: a line that is none (out of order, a serial number, reason or date that the rules do not
 * let pass, a text that is not safe to show), or more than such a file can hold. */
MUST_CHECK struct error *revocation_list_receive(struct flat_pipe *pipe,
                                                 const struct revocation_rules *rules,
                                                 size_t octets, uint64_t *ret_count,
                                                 struct revocation_list **ret_list);
/* SHA-256 of what was received, in hexadecimal: an interrupted ceremony enters what was commanded, or nothing. */
const char *revocation_list_sha256(const struct revocation_list *list);
