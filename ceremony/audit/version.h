/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#define CEREMONY_AUDIT_VERSION "0.1.0"
