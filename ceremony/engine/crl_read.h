/* SPDX-License-Identifier: Apache-2.0
 *
 * The last CRL of a key, brought along: both halves of reading it. The process that signs hands over the file and keeps
 * what comes back: its DER, what it says of itself, and its entries, each once and for all. (T17, R53) */
#pragma once

#include "ceremony/batch/revocation_list.h"
#include "ceremony/engine/reader_passes.h"
#include "ceremony/pki/crl_previous.h"

struct crl_read {
    struct bytes der;
    struct pki_crl_previous facts;
    struct revocation_list *entries;
};

void crl_read_clear(struct crl_read *crl);
#define AUTO_CRL_READ __attribute__((cleanup(crl_read_clear))) struct crl_read

/* --- the process that reads; `issuer` signed it --- */
MUST_CHECK struct error *crl_read_serve(const struct reader_task *task);

/* --- the process that signs --- */
/* The input of that name, which the site must have. Errors: input, refused (pki/crl_previous.h), verification (what came
 * is not of this file), io. */
MUST_CHECK struct error *crl_read_ask(struct engine *engine, const char *input,
                                      const struct bytes *issuer, struct crl_read *ret_crl);
