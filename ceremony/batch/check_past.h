/* SPDX-License-Identifier: Apache-2.0
 *
 * What the ledger remembers, as the intake asks for it (R67, R71). The ledger's state at the signature
 * decides in the end; the signing line looks again. */
#pragma once

#include "ceremony/batch/check.h"
#include "ceremony/ledger/blocks.h"

struct batch_ledger_past {
    struct ledger *ledger;
    const char *issuer_spki_sha256; /* devices and requests are known by issuer, keys by all */
};

/* `past` must outlive what is returned. */
struct batch_past batch_past_of_ledger(struct batch_ledger_past *past);
