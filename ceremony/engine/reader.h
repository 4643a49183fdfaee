/* SPDX-License-Identifier: Apache-2.0
 *
 * What strangers made is read and judged in a process of its own, which was made (engine_reader_start) before any PKCS#11
 * module was loaded and never sees a token, a PIN or a share. For each medium or file it makes another one, which first
 * confines itself (ceremony/confine): it takes that one apart, answers through a pipe, and can do nothing else.
 * (T17; docs/decisions/0022, 0024) */
#pragma once

#include "ceremony/base/flat_pipe.h"
#include "ceremony/batch/check.h"
#include "ceremony/engine/context.h"
#include "ceremony/engine/documents.h"

enum reader_pass {
    READER_REQUESTS,    /* a medium with requests, or a list of devices */
    READER_REQUEST,     /* one, of a CA's key (brought.h) */
    READER_CERTIFICATE, /* a CA's, with those above it */
    READER_EXISTING,    /* the same, with its request */
    READER_CRL,         /* the last one (crl_read.h) */
    READER_REVOCATIONS, /* a list of them (revocations_read.h) */
    READER_RECIPIENT,   /* the certificate that keys are wrapped for (recipient_read.h) */
    READER_SEEDS,       /* the envelope of a list of seeds (seeds_read.h) */
    READER_PASSES
};

/* What the other process needs to know; the current step, script and site it has itself. */
struct reader_wish {
    enum reader_pass pass;
    const char *input;          /* its name in environment.yaml */
    const struct bytes *issuer; /* a certificate of ours that it is compared with; NULL: none */
    const struct documents *documents; /* the files; NULL where it reads the medium itself */
    int64_t now;                       /* seconds since 1970 */
    bool flag;                         /* what the pass says that it means */
};

/* One pass over the medium of the current step, from its beginning; `flag`: a list of devices. How far the process is
 * confined is a recorded fact. Errors: io; those of opening the medium come with the first item. */
MUST_CHECK struct error *reader_open(struct engine *engine, const struct reader_wish *wish,
                                     struct batch_source **ret_source);
/* Another pass; its frames (batch/wire.h). */
MUST_CHECK struct error *reader_ask(struct engine *engine, const struct reader_wish *wish,
                                    struct flat_pipe **ret_pipe);
