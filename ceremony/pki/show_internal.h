/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of a decoded object; inside pki/ only. */
#pragma once

#include "ceremony/base/bytes.h"
#include "ceremony/pki/x509.h"

struct show {
    struct bytes *out;
    size_t columns;
};

/* "Name         value", wrapped; the value is safe already. */
MUST_CHECK struct error *show_line(struct show *show, const char *name, const char *value);
/* One line (or more) for an extension, ours by meaning, any other as OID and hexadecimal. */
MUST_CHECK struct error *show_extension(struct show *show,
                                        const struct x509_extension *extension);
/* Hexadecimal, in groups of eight digits. */
MUST_CHECK struct error *show_append_hex(struct bytes *out, struct der data);
/* "2026-11-23 00:00:00Z", or what is wrong with it. */
MUST_CHECK struct error *show_append_time(struct bytes *out, const struct der_item *item);

/* Appends the meaning of an extension's value; `*ret_fault` is set where it does not have its form. */
typedef struct error *show_append_function(struct bytes *out, struct der value,
                                           const char **ret_fault);
show_append_function show_append_policies;
show_append_function show_append_policy_mappings;
show_append_function show_append_policy_constraints;
show_append_function show_append_name_constraints;
