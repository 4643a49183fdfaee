/* SPDX-License-Identifier: Apache-2.0
 *
 * One CRL of a step that signs many: announced, signed, verified, read back, in place, recorded. One that
 * is signed ahead goes to the sealed medium instead of the evidence, which keeps the bytes that were
 * signed, without the signature. An interruption leaves the whole file under its name or none; the same
 * bytes are signed again. (R32, R36, R53, R59) */
#pragma once

#include "ceremony/engine/crl_batch.h"

/* `command`: what was typed for it. The item was drafted. */
MUST_CHECK struct error *crl_sign_item(struct engine *engine, struct crl_item *item,
                                       const char *command);
/* One that is signed ahead, and was signed by an interrupted run, which may not have recorded it. */
MUST_CHECK struct error *crl_sign_end(struct engine *engine, const struct crl_item *item,
                                      const char *sha256);
