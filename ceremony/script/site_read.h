/* SPDX-License-Identifier: Apache-2.0
 *
 * The files of a site folder, one reader each. Private to script/. */
#pragma once

#include "ceremony/script/loader.h"
#include "ceremony/script/site.h"

#define SITE_MODULES_MAX 8
#define SITE_TOKENS_MAX  16
#define SITE_PLANS_MAX   16

/* Each fills its part of the site from an opened file. */
MUST_CHECK struct error *site_read_environment(struct yaml_file *file, struct site *site);
MUST_CHECK struct error *site_read_roster(struct yaml_file *file, struct site *site);
MUST_CHECK struct error *site_read_custody(struct yaml_file *file, struct site *site);
MUST_CHECK struct error *site_read_approval(struct yaml_file *file, struct site *site);
/* `custodians:` of custody.yaml: people like those of roster.yaml. `target` is a struct site **. */
MUST_CHECK struct error *site_read_custodians(struct yaml_file *file, struct yaml_node node,
                                              void *target);
void site_clear_environment(struct site *site);
void site_clear_roster(struct site *site);
void site_clear_custody(struct site *site);
void site_clear_approval(struct site *site);

/* Copies the script's roles into the roster. */
MUST_CHECK struct error *site_copy_roles(struct site *site, const struct script *script);

/* What must hold within the site files, whatever the script. */
MUST_CHECK struct error *site_check(const struct site *site, struct faults *faults);

/* "FOLDER/NAME" as it was opened, for faults; borrowed from the site. */
MUST_CHECK struct error *site_fault(const struct site *site, struct faults *faults,
                                    const char *name, const char *text, const char *format, ...)
    PRINTF_LIKE(5, 6);
/* Texts that headers lend as const, but that were made here. */
void site_free_text(const char *text);
