/* SPDX-License-Identifier: Apache-2.0
 *
 * The certificates of a block, one after the other in their file, and the line (of results, or of the ledger's rows) that
 * each belongs to. */
#pragma once

#include <jansson.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"

/* The next PEM block of `pem` from `*at` on, in DER. `item` names it in an error. Errors: verification (there is none),
 * input. */
MUST_CHECK struct error *batch_certificate_next(const struct bytes *pem, size_t *at,
                                                const char *item, struct bytes *ret_der);
/* What the certificate says of itself is what the line says, and so what the ledger reserved: `serial`, `spki_sha256`,
 * `tbs_sha256`. Errors: verification, input. */
MUST_CHECK struct error *batch_certificate_is(const struct bytes *der, const json_t *line,
                                              const char *item);
