/* SPDX-License-Identifier: Apache-2.0
 *
 * What the build says of itself (CMake defines it). */
#pragma once

#ifndef CEREMONY_VERSION
#    define CEREMONY_VERSION "unknown"
#endif
#define CEREMONY_AUDIT_VERSION CEREMONY_VERSION
