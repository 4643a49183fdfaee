/* SPDX-License-Identifier: Apache-2.0
 *
 * The envelope of a list of seeds, brought along: both halves of reading it. What is in it, the token opens and the
 * process that signs reads: it is secret, and stays there (seeds.h). (T17, R71) */
#pragma once

#include "ceremony/engine/reader_passes.h"
#include "ceremony/pki/envelope_open.h"

struct seeds_envelope {
    struct bytes der;
    struct envelope_sealed sealed; /* key, iv and contents: views into it; no recipient */
};

/* --- the process that reads; `issuer`: the certificate of the key that opens it --- */
MUST_CHECK struct error *seeds_read_serve(const struct reader_task *task);

/* --- the process that signs --- */
/* The document of that name. Errors: input (no envelope that is taken here), refused (for another certificate),
 * verification, io. */
MUST_CHECK struct error *seeds_read_ask(struct engine *engine, struct documents *documents,
                                        const char *input, const struct bytes *certificate,
                                        struct seeds_envelope *ret_envelope);
