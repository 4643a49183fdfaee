/* SPDX-License-Identifier: Apache-2.0
 *
 * Internal to this folder: what a token says of a mechanism. */
#pragma once

#include "p11/ck.h"

MUST_CHECK struct error *ck_mechanism_info(struct p11_module *module, CK_SLOT_ID slot,
                                           CK_MECHANISM_TYPE type, bool *ret_present,
                                           CK_MECHANISM_INFO *ret_info);
