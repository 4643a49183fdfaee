/* SPDX-License-Identifier: Apache-2.0
 *
 * Public keys of EdDSA (RFC 8032) that decode to nothing, or to a point that many private keys share
 * (R65). */
#pragma once

#include "ceremony/pki/der.h"

/* 32 octets: Ed25519, 57: Ed448. A fault ("not on the curve"), or NULL. */
MUST_CHECK const char *weak_point_check(struct der octets);
