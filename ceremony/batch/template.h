/* SPDX-License-Identifier: Apache-2.0
 *
 * To-be-signed bytes by the thousand. What is the same in every certificate of a profile and an
 * issuer is taken, once, from a specimen that pki_certificate_draft made; what differs (serial
 * number, subject, key, key identifier, alternative names, partition of the CRL) is written each
 * time. The bytes are those of pki_certificate_draft, which batch_template_slow lets anyone check.
 * Building is safe from several threads. (R36) */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/field.h"

struct batch_template;

struct batch_template_order {
    const struct pki_profile *profile; /* borrowed as long as the template lives */
    const void *issuer_certificate;    /* DER */
    size_t issuer_certificate_len;
    int64_t now;   /* seconds since 1970; the same for the whole batch */
    bool practice; /* R4 */
};

/* Whatever pki_certificate_draft refuses for the profile's samples is refused here. */
MUST_CHECK struct error *batch_template_new(const struct batch_template_order *order,
                                            struct batch_template **ret_template);
void batch_template_free(struct batch_template *template);
DEFINE_AUTO(batch_template, batch_template_free);

/* Of one certificate. All borrowed. */
struct batch_subject {
    const void *spki; /* DER, of a kind of key that is used here */
    size_t spki_len;
    const struct pki_field_value *values;
    size_t value_count;
    const unsigned char *serial; /* big-endian, positive, no zero octet in front, at most 20 */
    size_t serial_len;
};

/* Input errors: a value that the profile's fields do not take; refused: a name outside the issuer's
 * name constraints, the issuer's own key. */
MUST_CHECK struct error *batch_template_build(const struct batch_template *template,
                                              const struct batch_subject *subject,
                                              struct bytes *ret_tbs);
/* The same by pki_certificate_draft. */
MUST_CHECK struct error *batch_template_slow(const struct batch_template *template,
                                             const struct batch_subject *subject,
                                             struct bytes *ret_tbs);
/* What names the subject: the value of its serialNumber, else of its common name, else its first
 * alternative name, else "". The caller frees. */
MUST_CHECK struct error *batch_template_device(const struct batch_template *template,
                                               const struct batch_subject *subject,
                                               char **ret_device);
/* A certificate from these bytes and their signature, which replaces `der`'s contents. */
MUST_CHECK struct error *batch_template_assemble(const struct batch_template *template,
                                                 const struct bytes *signature,
                                                 struct bytes *der);
/* Beginning and end of every certificate, seconds since 1970. */
void batch_template_validity(const struct batch_template *template, int64_t *ret_from,
                             int64_t *ret_until);
