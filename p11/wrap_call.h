/* SPDX-License-Identifier: Apache-2.0
 *
 * Internal to this folder. */
#pragma once

#include "p11/ck.h"

/* C_WrapKey, the answer checked for a length that a wrapped key can have. */
MUST_CHECK struct error *wrap_call(struct p11_session *session, CK_MECHANISM_TYPE number,
                                   CK_OBJECT_HANDLE kek, CK_OBJECT_HANDLE key,
                                   struct bytes *ret_blob);
