/* SPDX-License-Identifier: Apache-2.0
 *
 * A process gives up what it does not need before it looks at what strangers made: it can read below the named paths
 * and nothing else of the file system (Landlock), and the kernel ends it at any call that reading and computing do not
 * need (seccomp): no file is written, no program started, no socket opened, no other process looked into. Of all processes it is the one
 * that the kernel ends when memory runs out. (T17) */
#pragma once

#include <stddef.h>

#include "ceremony/base/error.h"

struct confinement {
    int landlock; /* the kernel's version of it; 0: it has none, so that files stay readable */
};

/* For a process that has no other threads; there is no way back. `readable`: files and folders that exist.
 * Errors: io, when the kernel refuses; nothing may be read then. */
MUST_CHECK struct error *confine_self(const char *const *readable, size_t count,
                                      struct confinement *ret_confinement);
