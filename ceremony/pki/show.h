/* SPDX-License-Identifier: Apache-2.0
 *
 * An object decoded for people: lines of "Name  value", the same text on screen, in the transcript
 * and on paper (R103). Nothing from the object appears raw. */
#pragma once

#include <stddef.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"

/* Lines of at most `columns` characters. A certificate, CRL or request in DER. */
MUST_CHECK struct error *pki_show(const void *der, size_t len, size_t columns,
                                  struct bytes *ret_text);
/* A SHA-256 or SHA-384 as groups: per line number, 8 hexadecimal digits, 4 PGP words:
 * "  1  c28f11a0  snapshot midsummer Athens Orlando". */
MUST_CHECK struct error *pki_show_fingerprint(const void *hash, size_t len,
                                              struct bytes *ret_text);
