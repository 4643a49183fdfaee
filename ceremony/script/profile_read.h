/* SPDX-License-Identifier: Apache-2.0
 *
 * The sections of a profile, one file each. Private to script/. */
#pragma once

#include "ceremony/pki/profile.h"
#include "ceremony/script/loader.h"

/* A skipped lint as it stands in the file. */
struct waiver_lines {
    char *lint;
    char *reason;
    char *clause;
    char *until;
};

/* Readers of YAML_OWN rows; targets: struct pki_certificate_profile, struct pki_crl_profile. */
MUST_CHECK struct error *profile_read_certificate(struct yaml_file *file, struct yaml_node node,
                                                  void *target);
MUST_CHECK struct error *profile_read_crl(struct yaml_file *file, struct yaml_node node,
                                          void *target);
/* struct pki_name: a list of one-pair mappings, `- C: CH`. */
MUST_CHECK struct error *profile_read_name(struct yaml_file *file, struct yaml_node node,
                                           void *target);
/* struct pki_general_names: a list of one-pair mappings, `- dns: example.com`. */
MUST_CHECK struct error *profile_read_general_names(struct yaml_file *file,
                                                    struct yaml_node node, void *target);
/* struct pki_fields: a mapping of names to fields. */
MUST_CHECK struct error *profile_read_fields(struct yaml_file *file, struct yaml_node node,
                                             void *target);
/* A text, or `{field: NAME}`; one of both is set. */
MUST_CHECK struct error *profile_read_value(struct yaml_file *file, struct yaml_node node,
                                            const char *key, char **ret_value,
                                            char **ret_field);
/* Fields against the places where they stand; what is wrong goes to `faults`. */
MUST_CHECK struct error *profile_check_fields(const struct pki_profile *profile,
                                              const char *file, struct places *places,
                                              struct faults *faults);
bool profile_is_attribute(const char *type);
/* A kind of alternative name that can be taken from a request. */
bool profile_is_request_name(const char *type);
/* Reads `extensions:` of a certificate; target: struct pki_certificate_profile. */
MUST_CHECK struct error *profile_read_extensions(struct yaml_file *file, struct yaml_node node,
                                                 void *target);
