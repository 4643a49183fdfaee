/* SPDX-License-Identifier: Apache-2.0
 *
 * What the build says of itself (CMake defines both). */
#pragma once

#ifndef CEREMONY_VERSION
#    define CEREMONY_VERSION "unknown"
#endif
#ifndef CEREMONY_COMMIT
#    define CEREMONY_COMMIT "unknown"
#endif
