/* SPDX-License-Identifier: Apache-2.0
 *
 * The last CRL that was published, brought along as the site's input "KEY-crl": compared with the ledger,
 * and what the ledger lacks carried forward into it, once people have seen and commanded it. A CA that
 * another program had until now is taken over so: numbers go on from its CRL. (R52, R53) */
#pragma once

#include "ceremony/engine/context.h"

/* For the issuers of the current step's `crls`, before their CRLs are planned. */
MUST_CHECK struct error *crl_brought_take(struct engine *engine);
