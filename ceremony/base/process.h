/* SPDX-License-Identifier: Apache-2.0
 *
 * What the process does to itself before anything else: no core files, not dumpable, no new
 * privileges, umask 077, a fixed locale for numbers and UTC. And what it can say of itself. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ceremony/base/error.h"

/* First thing in main. Errors: io, when the kernel refuses. */
MUST_CHECK struct error *process_harden(void);

struct process_facts {
    char kernel[256];
    char hostname[256];
    bool core_dumps_off;
    bool dumpable;
    bool swap_active; /* from /proc/swaps */
    bool swap_known;
    int interfaces_up; /* other than loopback; -1: not read */
    int tracer;        /* pid of a tracer, 0 none, -1 not read */
};

/* Never fails: what was not read says so. */
void process_read_facts(struct process_facts *ret_facts);
