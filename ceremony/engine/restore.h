/* SPDX-License-Identifier: Apache-2.0
 *
 * A key brought back from its backup: custodians type their shares from paper, the KEK they give opens
 * the wrapped key on a token, and the copy signs what the recorded public key verifies. Shared by the
 * proof of a new backup, the restore of an old one, and re-sharing. (R76, R77, R80-R82) */
#pragma once

#include "ceremony/engine/context.h"
#include "ceremony/engine/share_entry.h"
#include "p11/wrap.h"

struct restore {
    struct engine_token *token; /* where the key comes back */
    const struct state_key *key;
    struct p11_key_plan plan;
    const char *kcv;         /* of the KEK that the shares must give, hexadecimal */
    const char *blob_sha256; /* of the wrapped key */
    struct bytes blob;
    struct secret *kek;
    struct secret *pin;       /* the token's, needed again when it is opened anew */
    struct share_entry entry; /* what custodians typed */
};

/* `key`, `token`, `kcv` and `blob_sha256` are set; the rest is made. */
MUST_CHECK struct error *restore_begin(struct restore *restore);
void restore_clear(struct restore *restore);
#define AUTO_RESTORE __attribute__((cleanup(restore_clear))) struct restore

/* Shares are asked until they are enough, each custodian alone; tokens are logged out. Errors besides
 * the usual: refused (another KEK than the one recorded). A share of a set that the ledger holds as
 * void is refused at once, and another one asked for (R84). */
MUST_CHECK struct error *restore_collect(struct engine *engine, struct restore *restore);
/* What custodians did, as one committed value (R85). */
MUST_CHECK struct error *restore_commit(struct engine *engine, const struct restore *restore,
                                        char ret_commitment[DIGEST_SHA256_TEXT]);
/* The wrapped key opened on the token, the token opened anew, attributes read back, a challenge signed.
 * The user is logged in with `pin`. */
MUST_CHECK struct error *restore_key_and_sign(struct engine *engine, struct restore *restore);
/* The ledger learns of every copy that this ceremony brought back to stay. Repeated by whoever resumes or
 * aborts: an interruption right after the result must not leave a copy that the ledger does not know. A token
 * that is gone is asked about like any other of an abort (lost.h). */
MUST_CHECK struct error *restore_tell_ledger(struct engine *engine);
