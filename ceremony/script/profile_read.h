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
/* Reads `extensions:` of a certificate; target: struct pki_certificate_profile. */
MUST_CHECK struct error *profile_read_extensions(struct yaml_file *file, struct yaml_node node,
                                                 void *target);
