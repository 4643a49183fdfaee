/* SPDX-License-Identifier: Apache-2.0
 *
 * Script, site, approval and answers, loaded together as run, resume, check and approve need them. */
#pragma once

#include "ceremony/script/answers.h"
#include "ceremony/script/script.h"
#include "ceremony/script/site.h"

struct loaded {
    struct script *script;
    struct site *site;
    struct answers *answers; /* NULL unless wanted */
};

void loaded_clear(struct loaded *loaded);
#define AUTO_LOADED __attribute__((cleanup(loaded_clear))) struct loaded

/* Where parameters may come from. */
enum parameters_from {
    PARAMETERS_RUN,      /* approval; in rehearsal also the answers file and --set */
    PARAMETERS_APPROVAL, /* --set and defaults: they are about to be approved */
    PARAMETERS_EVIDENCE  /* the opening record of the interrupted ceremony */
};

struct load_order {
    const char *script;
    const char *site;
    const char *answers;  /* file, or NULL */
    const char *evidence; /* folder, for PARAMETERS_EVIDENCE */
    enum parameters_from parameters;
};

/* Every fault of every file is printed to stderr, one a line; then an error says how many. */
MUST_CHECK struct error *load_all(const struct load_order *order, struct loaded *ret_loaded);
/* Prints faults to stderr and makes the error of them (NULL if none). */
MUST_CHECK struct error *report_faults(const struct faults *faults);
