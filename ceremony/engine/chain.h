/* SPDX-License-Identifier: Apache-2.0
 *
 * The certificates above one that is issued here, as far as this site's ledger knows them: what goes along
 * with a batch where its step says `chain: yes`. */
#pragma once

#include "ceremony/engine/context.h"

/* PEM of `certificate` (DER), the issuer's of a batch, then of each CA above it, each the issuer of the one
 * before; without the root, which devices and servers must have by another way. `spki_sha256`: its key.
 * Each link's signature is verified. Errors: not-found (the archive lost one), verification. */
MUST_CHECK struct error *chain_pem(struct engine *engine, const char *spki_sha256,
                                   const struct bytes *certificate, struct bytes *ret_pem);
