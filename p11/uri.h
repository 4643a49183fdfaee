/* SPDX-License-Identifier: Apache-2.0
 *
 * Internal to this folder: RFC 7512 URIs through p11-kit, which accepts more than it understands
 * (FACTS 1): what it would ignore is refused here. */
#pragma once

#include <p11-kit/uri.h>

#include "ceremony/base/error.h"

/* Checked and parsed; freed with p11_kit_uri_free. */
MUST_CHECK struct error *p11_uri_parse(const char *uri, P11KitUri **ret_uri);
