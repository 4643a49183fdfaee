/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of reading a script, one file each. Private to script/. */
#pragma once

#include "ceremony/script/loader.h"
#include "ceremony/script/script.h"

#define SCRIPT_STEPS_MAX      256
#define SCRIPT_KEYS_MAX       16
#define SCRIPT_ACTS_MAX       32
#define SCRIPT_PARAMETERS_MAX 64

/* Readers of YAML_OWN rows: `target` is the script. */
MUST_CHECK struct error *script_read_roles(struct yaml_file *file, struct yaml_node node,
                                           void *target);
void script_clear_roles(struct script *script);
MUST_CHECK struct error *script_read_acts(struct yaml_file *file, struct yaml_node node,
                                          void *target);
void script_clear_acts(struct script *script);

/* A profile; always gives one, whole but for what is at fault. */
MUST_CHECK struct error *profile_read(const char *path, struct faults *faults,
                                      struct places *places, struct pki_profile **ret_profile);

/* What the parts of a script must be together. */
MUST_CHECK struct error *script_check(const struct script *script, struct faults *faults);
/* Every `${name}` in script and profiles names a parameter, and every parameter is used. */
MUST_CHECK struct error *script_check_parameters(const struct script *script,
                                                 struct faults *faults);
