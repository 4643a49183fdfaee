/* SPDX-License-Identifier: Apache-2.0
 *
 * A little process beside ours, for the case that we are killed while a secret stands on the terminal
 * (SIGKILL, a crash of a module): it notices our end and clears. It is made before there are threads,
 * modules or secrets, holds nothing but the terminal, and shares one word of memory with us. (T15, FACTS 4.6)
 */
#pragma once

#include <stdbool.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"

struct screen_guard;

/* `clear` runs in the other process, once, if we die while a secret is shown. It must not return
 * to anything of ours, allocate, or take locks. */
MUST_CHECK struct error *screen_guard_open(void (*clear)(void *self), void *self,
                                           struct screen_guard **ret_guard);
/* Our orderly end; waits for the other process. NULL is fine. */
void screen_guard_close(struct screen_guard *guard);
DEFINE_AUTO(screen_guard, screen_guard_close);

/* Before the first byte of a secret goes to the terminal, and after the last one was overwritten. */
void screen_guard_tell(struct screen_guard *guard, bool secret_shown);
