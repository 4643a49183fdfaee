/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests of strangers are read and judged in a process of their own, which was made before any PKCS#11 module was
 * loaded and never sees a token, a PIN or a share. For each pass over a medium it makes another one, which first
 * confines itself (ceremony/confine): it reads that medium, answers through a pipe, and can do nothing else.
 * (T17; docs/decisions/0022) */
#pragma once

#include "ceremony/batch/check.h"
#include "ceremony/engine/context.h"

/* Before modules, ledger and transcript are opened; nothing where no step of the script reads requests. By the engine's
 * thread: what the other process uses (script, site, memory, OpenSSL) no other thread has a lock of then. */
MUST_CHECK struct error *reader_start(struct engine *engine);
void reader_stop(struct engine *engine);

/* What the other process needs to know of the current step; its rules it finds in script and site itself. */
struct reader_wish {
    const struct bytes *issuer; /* its certificate: whose name nobody else may bear */
    bool made;                  /* a list of devices, no requests */
};

/* One pass over the input of the current step, from its beginning. How far the process is confined is a recorded
 * fact. Errors: io; those of opening the medium come with the first item. */
MUST_CHECK struct error *reader_open(struct engine *engine, const struct reader_wish *wish,
                                     struct batch_source **ret_source);
