/* SPDX-License-Identifier: Apache-2.0
 *
 * The site folder: environment.yaml, roster.yaml, custody.yaml, approval.yaml, answers.yaml. All that
 * is of this place and day, and nothing that is of the script. (DESIGN 3; docs/formats/site.md) */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/rules/roster.h"
#include "ceremony/rules/share_plan.h"
#include "ceremony/script/faults.h"
#include "ceremony/script/script.h"

enum pin_entry {
    PIN_TYPED,
    PIN_PROTECTED_PATH,
    PIN_SPLIT
};

struct site_variable {
    char *name;
    char *value;
};

struct site_module {
    char *name;
    char *path;                /* absolute */
    char *sha256;              /* expected; "" only in rehearsal */
    char *init_string;         /* NULL */
    struct site_variable *env; /* variables that the module needs */
    size_t env_count;
};

struct site_token {
    char *name;   /* "primary", as the script names it */
    char *module; /* name */
    char *uri;    /* "" when blank */
    bool blank;   /* to be initialised in this ceremony */
    char *label;  /* for a blank one */
    char *store;  /* folder to sync and whose token.object is copied; "" */
    enum pin_entry user_pin;
    enum pin_entry so_pin;
    char *user_pin_holder; /* role or person; "" any performer */
    char *so_pin_holder;
    char *validation; /* "asserted by N", certificate number; "" (R21) */
};

struct site_input {
    char *name;
    char *path;     /* absolute */
    char *evidence; /* evidence folder of the ceremony that it comes from; "" not at hand */
};

struct site_file {
    char *name; /* "environment.yaml" */
    char sha256[65];
    struct bytes raw;
};

struct site_parameter {
    char *id;
    char *value;
};

struct site_approval {
    bool given;
    char *approver;
    char *role;
    char *date;
    char *document;
    char *ceremony;
    struct site_parameter *parameters;
    size_t parameter_count;
    struct site_parameter *hashes; /* file name -> sha256 */
    size_t hash_count;
    char sha256[65]; /* of approval.yaml */
};

struct site {
    char *folder;
    bool rehearsal;
    bool one_player;
    struct site_module *modules;
    size_t module_count;
    struct site_token *tokens;
    size_t token_count;
    char **media; /* folders for output */
    size_t media_count;
    char
        *sealed_medium; /* folder of the medium that a CRL signed ahead is sealed on; "" none */
    char *
        confidential_medium; /* folder for the whole evidence, confidential files too; "" none */
    struct site_input *inputs; /* files brought to this ceremony, by the name the script uses */
    size_t input_count;
    char *video;          /* declared video: camera ids; "" (R16) */
    struct roster roster; /* roles copied from the script; strings owned by the site */
    struct share_plan *plans;
    size_t plan_count;
    char custody_salt[65]; /* hexadecimal, "" until `approve` wrote it */
    struct site_approval approval;
    struct site_file *files; /* environment, roster, custody as read */
    size_t file_count;
    struct pki_texts bags; /* numbers of the bags at hand (R23) */
    struct places *places; /* where each text stands; private to script/ */
};

/* Loads and checks all; faults with place go to `faults`. answers.yaml is not read here. */
MUST_CHECK struct error *site_load(const char *folder, const struct script *script,
                                   struct faults *faults, struct site **ret_site);
void site_free(struct site *site);
DEFINE_AUTO(site, site_free);

/* What script and site must be together: every token the script names is in the environment, plans
 * for all shares whose holders hold the right role, roles held, thresholds that can be met. */
MUST_CHECK struct error *site_cross_check(const struct site *site, const struct script *script,
                                          struct faults *faults);
/* The approval fits script, profiles, site files and parameters; production without one is refused.
 * Each mismatch names the file. (R1, R3) */
MUST_CHECK struct error *site_approval_check(const struct site *site,
                                             const struct script *script);
/* Writes approval.yaml (and the custody salt, if there is none yet). */
MUST_CHECK struct error *site_approval_write(const char *folder, const struct script *script,
                                             const char *approver, const char *role,
                                             const char *date, const char *document);

/* Whether cameras are declared; "none", "no" and what follows on them declare none. (R16) */
bool site_has_video(const struct site *site);

const struct site_module *site_module(const struct site *site, const char *name);
const struct site_token *site_token(const struct site *site, const char *name);
const struct site_input *site_input(const struct site *site, const char *name); /* NULL */
const struct share_plan *site_plan(const struct site *site, const char *name);
