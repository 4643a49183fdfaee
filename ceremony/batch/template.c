/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/template.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/pki/algorithm.h"
#include "ceremony/pki/constraints.h"
#include "ceremony/pki/der_write.h"
#include "ceremony/pki/extension.h"
#include "ceremony/pki/name.h"
#include "ceremony/pki/oid.h"
#include "ceremony/pki/pki.h"
#include "ceremony/pki/x509.h"
#include "ceremony/rules/crl_partition.h"

#define SKI_LEN 20U

/* What goes between the parts that differ. */
enum piece {
    PIECE_FIXED,
    PIECE_SUBJECT_KEY,
    PIECE_ALT_NAMES,
    PIECE_CRL_POINT,
    PIECE_FRESHEST,
};

#define PIECES_MAX 16

struct batch_template {
    struct batch_template_order order;
    struct bytes issuer_der;
    struct x509 issuer; /* views into it */
    bool constrained;   /* the issuer has name constraints */
    bool practice;      /* the mark stands in the subject, not only in the issuer's */
    struct bytes algorithm;
    struct bytes middle;                      /* algorithm, issuer, validity */
    struct bytes fixed_subject;               /* empty where a field stands in it */
    struct pki_certificate_profile alt_names; /* the profile with nothing but this extension */
    struct pki_certificate_profile crl_point;
    struct pki_certificate_profile freshest;
    struct bytes subject_key; /* the extension; its last octets are the identifier */

    struct {
        enum piece piece;
        struct bytes bytes;
    } pieces[PIECES_MAX]; /* the extensions, in order */

    size_t piece_count;
    int64_t from;
    int64_t until;
};

void
batch_template_free(struct batch_template *template)
{
    if (template == NULL)
        return;
    bytes_clear(&template->issuer_der);
    bytes_clear(&template->algorithm);
    bytes_clear(&template->middle);
    bytes_clear(&template->fixed_subject);
    bytes_clear(&template->subject_key);
    for (size_t i = 0; i < template->piece_count; i++)
        bytes_clear(&template->pieces[i].bytes);
    free(template);
}

/* --- from a specimen --- */

/* The profile with one extension only; its lists stay the profile's. */
static struct pki_certificate_profile
only(const struct pki_certificate_profile *profile)
{
    struct pki_certificate_profile one = *profile;
    one.basic_constraints = PKI_ABSENT;
    one.key_usage = PKI_ABSENT;
    one.ext_key_usage = PKI_ABSENT;
    one.subject_key_id = PKI_ABSENT;
    one.authority_key_id = PKI_ABSENT;
    one.subject_alt_name = PKI_ABSENT;
    one.policies = PKI_ABSENT;
    one.crl_distribution = PKI_ABSENT;
    one.freshest_crl = PKI_ABSENT;
    one.authority_info = PKI_ABSENT;
    one.name_constraints = PKI_ABSENT;
    one.ocsp_no_check = PKI_ABSENT;
    one.no_rev_avail = PKI_ABSENT;
    return one;
}

static struct error *
add_piece(struct batch_template *template, enum piece piece, struct der der)
{
    size_t count = template->piece_count;
    bool joins =
        piece == PIECE_FIXED && count > 0 && template->pieces[count - 1].piece == PIECE_FIXED;
    if (joins)
        return bytes_append(&template->pieces[count - 1].bytes, der.p, der.len);
    if (count == PIECES_MAX)
        return ERROR(ERROR_BUG, "a certificate has more extensions than a template");
    template->pieces[count].piece = piece;
    template->piece_count++;
    return piece == PIECE_FIXED ? bytes_append(&template->pieces[count].bytes, der.p, der.len)
                                : NULL;
}

static bool
has_field(const struct pki_certificate_profile *profile)
{
    for (size_t i = 0; i < profile->subject_alt_names.count; i++)
        if (profile->subject_alt_names.items[i].field != NULL)
            return true;
    return profile->subject_alt_name == PKI_CRITICAL_IF_NO_SUBJECT;
}

static struct error *
take_extension(struct batch_template *template, const struct x509_extension *extension,
               struct der whole)
{
    const struct pki_certificate_profile *p = &template->order.profile->certificate;
    switch ((int)extension->id) {
    case OID_SUBJECT_KEY_IDENTIFIER:
        TRY(bytes_copy(&template->subject_key, whole.p, whole.len));
        return add_piece(template, PIECE_SUBJECT_KEY, whole);
    case OID_SUBJECT_ALT_NAME:
        return add_piece(template, has_field(p) ? PIECE_ALT_NAMES : PIECE_FIXED, whole);
    case OID_CRL_DISTRIBUTION_POINTS:
        return add_piece(template, p->crl_partitions > 0 ? PIECE_CRL_POINT : PIECE_FIXED,
                         whole);
    case OID_FRESHEST_CRL:
        return add_piece(template, p->crl_partitions > 0 ? PIECE_FRESHEST : PIECE_FIXED, whole);
    default:
        return add_piece(template, PIECE_FIXED, whole);
    }
}

/* The raw extensions of the specimen beside what x509.c read of them. */
static struct error *
take_extensions(struct batch_template *template, const struct x509 *specimen)
{
    const unsigned char *end = specimen->tbs.whole.p + specimen->tbs.whole.len;
    const unsigned char *start = specimen->spki.whole.p + specimen->spki.whole.len;
    struct der rest = der_view(start, (size_t)(end - start));
    struct der_item outer;
    struct der_item list;
    if (!specimen->has_extensions)
        return NULL;
    const char *fault = der_only(rest, DER_CONTEXT_C(3), &outer);
    if (fault == NULL)
        fault = der_only(outer.body, DER_SEQUENCE, &list);
    for (size_t i = 0; fault == NULL && i < specimen->extensions.count; i++) {
        struct der_item whole;
        fault = der_next(&list.body, &whole);
        if (fault == NULL)
            TRY(take_extension(template, &specimen->extensions.items[i], whole.whole));
    }
    return fault == NULL ? NULL : ERROR(ERROR_BUG, "the specimen's extensions: %s", fault);
}

static bool
subject_has_field(const struct pki_name *name)
{
    for (size_t i = 0; i < name->count; i++)
        if (name->parts[i].field != NULL)
            return true;
    return false;
}

static struct error *
take_parts(struct batch_template *template, const struct x509 *specimen)
{
    const struct pki_certificate_profile *p = &template->order.profile->certificate;
    const unsigned char *middle = specimen->inner_algorithm.whole.p;
    TRY(bytes_copy(&template->algorithm, middle, specimen->inner_algorithm.whole.len));
    TRY(bytes_copy(&template->middle, middle, (size_t)(specimen->subject.whole.p - middle)));
    if (!subject_has_field(&p->subject))
        TRY(bytes_copy(&template->fixed_subject, specimen->subject.whole.p,
                       specimen->subject.whole.len));
    template->alt_names = only(p);
    template->alt_names.subject_alt_name = p->subject_alt_name;
    template->crl_point = only(p);
    template->crl_point.crl_distribution = p->crl_distribution;
    template->freshest = only(p);
    template->freshest.freshest_crl = p->freshest_crl;
    return take_extensions(template, specimen);
}

static struct error *
make_specimen(const struct batch_template *template, struct pki_draft *draft)
{
    /* Any key that the profile takes will do: nothing that a template keeps follows from it. */
    static const unsigned char serial[8] = {0x40, 0, 0, 0, 0, 0, 0, 1};
    const struct batch_template_order *order = &template->order;
    struct pki_field_value *samples = NULL;
    struct pki_certificate_order sample = {
        .profile = order->profile,
        .issuer_certificate = template->issuer_der.data,
        .issuer_certificate_len = template->issuer_der.len,
        .serial = serial,
        .serial_len = sizeof serial,
        .now = order->now,
        .practice = order->practice,
    };
    AUTO_BYTES spki = {0};
    EVP_PKEY *key = NULL;
    const struct pki_texts *keys = &order->profile->certificate.keys;
    TRY(pki_key_make(keys->count > 0 ? keys->items[0] : "ec-p256", &key));
    struct error *error = pki_spki_of(key, &spki);
    EVP_PKEY_free(key);
    TRY(error);
    sample.subject_spki = spki.data;
    sample.subject_spki_len = spki.len;
    TRY(pki_field_samples(order->profile, &samples, &sample.field_count));
    sample.fields = samples;
    error = pki_certificate_draft(&sample, draft);
    free(samples);
    return error;
}

struct error *
batch_template_new(const struct batch_template_order *order,
                   struct batch_template **ret_template)
{
    AUTO_DRAFT draft = {0};
    struct x509 specimen;
    AUTO(batch_template) template = calloc(1, sizeof *template);
    if (template == NULL)
        return error_memory();
    template->order = *order;
    TRY(bytes_copy(&template->issuer_der, order->issuer_certificate,
                   order->issuer_certificate_len));
    template->order.issuer_certificate = template->issuer_der.data;
    TRY(x509_read(template->issuer_der.data, template->issuer_der.len, KIND_CERTIFICATE,
                  "the issuer's certificate", &template->issuer));
    template->constrained = x509_find(&template->issuer, OID_NAME_CONSTRAINTS) != NULL;
    template->practice = order->practice
                         && (name_can_be_marked(&order->profile->certificate.subject)
                             || !name_is_marked(template->issuer.subject.whole));
    TRY(make_specimen(template, &draft));
    TRY(x509_read(draft.specimen.data, draft.specimen.len, KIND_CERTIFICATE, "the specimen",
                  &specimen));
    TRY(pki_validity_of(draft.specimen.data, draft.specimen.len, &template->from,
                        &template->until));
    TRY(take_parts(template, &specimen));
    *ret_template = TAKE(template);
    return NULL;
}

void
batch_template_validity(const struct batch_template *template, int64_t *ret_from,
                        int64_t *ret_until)
{
    *ret_from = template->from;
    *ret_until = template->until;
}

/* --- one certificate --- */

/* The one extension that `profile` has, without the list around it; nothing if it is left out. */
static struct error *
put_one(struct bytes *out, const struct pki_certificate_profile *profile,
        const struct extension_keys *keys)
{
    AUTO_BYTES list = {0};
    struct der_item item;
    TRY(extensions_put(&list, profile, keys));
    if (list.len == 0)
        return NULL;
    const char *fault = der_only(der_view(list.data, list.len), DER_SEQUENCE, &item);
    if (fault != NULL)
        return ERROR(ERROR_BUG, "an extension of a template: %s", fault);
    return der_put_raw(out, item.body);
}

static struct error *
put_alt_names(struct bytes *out, const struct batch_template *template,
              const struct pki_certificate_profile *filled)
{
    struct pki_certificate_profile profile = template->alt_names;
    profile.subject = filled->subject;
    profile.subject_alt_name = filled->subject_alt_name;
    profile.subject_alt_names = filled->subject_alt_names;
    return put_one(out, &profile, &(struct extension_keys){0});
}

static struct error *
put_subject_key(struct bytes *out, const struct batch_template *template,
                const struct batch_subject *subject)
{
    unsigned char ski[SKI_LEN];
    TRY(pki_spki_ski(subject->spki, subject->spki_len,
                     (int)template->order.profile->certificate.ski_method, ski));
    TRY(bytes_append(out, template->subject_key.data, template->subject_key.len - SKI_LEN));
    return bytes_append(out, ski, sizeof ski);
}

static struct error *
put_crl_point(struct bytes *out, const struct batch_template *template,
              const struct pki_certificate_profile *profile,
              const struct batch_subject *subject)
{
    struct x509 issuer;
    struct extension_keys keys = {.practice = template->order.practice};
    TRY(x509_read(template->order.issuer_certificate, template->order.issuer_certificate_len,
                  KIND_CERTIFICATE, "the issuer's certificate", &issuer));
    keys.crl.issuer = x509_ski(&issuer);
    keys.crl.partition =
        crl_partition_of(subject->serial, subject->serial_len, profile->crl_partitions);
    return put_one(out, profile, &keys);
}

static struct error *
put_piece(struct bytes *out, const struct batch_template *template, size_t index,
          const struct batch_subject *subject, const struct pki_certificate_profile *filled)
{
    const struct bytes *fixed = &template->pieces[index].bytes;
    switch (template->pieces[index].piece) {
    case PIECE_FIXED:
        return bytes_append(out, fixed->data, fixed->len);
    case PIECE_SUBJECT_KEY:
        return put_subject_key(out, template, subject);
    case PIECE_ALT_NAMES:
        return put_alt_names(out, template, filled);
    case PIECE_CRL_POINT:
        return put_crl_point(out, template, &template->crl_point, subject);
    case PIECE_FRESHEST:
        return put_crl_point(out, template, &template->freshest, subject);
    }
    return ERROR(ERROR_BUG, "a template has a piece of no known kind");
}

static struct error *
put_extensions(struct bytes *out, const struct batch_template *template,
               const struct batch_subject *subject,
               const struct pki_certificate_profile *filled)
{
    size_t start = out->len;
    for (size_t i = 0; i < template->piece_count; i++)
        TRY(put_piece(out, template, i, subject, filled));
    if (out->len == start)
        return NULL;
    TRY(der_close(out, start, DER_SEQUENCE));
    return der_close(out, start, DER_CONTEXT_C(3));
}

static struct error *
put_name(struct bytes *out, const struct batch_template *template,
         const struct pki_certificate_profile *filled)
{
    const struct bytes *fixed = &template->fixed_subject;
    if (fixed->len > 0)
        return bytes_append(out, fixed->data, fixed->len);
    TRY_DOING(name_put(out, &filled->subject, template->practice), "writing the subject");
    return NULL;
}

/* The names against the issuer's name constraints, in a frame with no signature. */
static struct error *
check_constraints(const struct batch_template *template, const struct bytes *tbs)
{
    AUTO_BYTES frame = {0};
    AUTO_BYTES fault = {0};
    struct x509 object;
    TRY(bytes_append(&frame, tbs->data, tbs->len));
    TRY(bytes_append(&frame, template->algorithm.data, template->algorithm.len));
    TRY(der_put_bits(&frame, "", 0));
    TRY(der_close(&frame, 0, DER_SEQUENCE));
    TRY(x509_read(frame.data, frame.len, KIND_CERTIFICATE, "the certificate", &object));
    TRY(constraints_find(&template->issuer, &object, &fault));
    if (fault.len > 0)
        return ERROR(ERROR_REFUSED, "the name %s", bytes_text(&fault));
    return NULL;
}

static struct error *
check_key(const struct pki_profile *profile, const struct batch_subject *subject)
{
    const struct pki_texts *keys = &profile->certificate.keys;
    const struct key_kind *kind = key_kind_of_spki(der_view(subject->spki, subject->spki_len));
    if (kind == NULL)
        return ERROR(ERROR_UNSUPPORTED,
                     "the subject's key is of a kind or size that is not used here");
    for (size_t i = 0; i < keys->count; i++)
        if (strcmp(keys->items[i], kind->type) == 0)
            return NULL;
    if (keys->count == 0)
        return NULL;
    return ERROR(ERROR_REFUSED, "profile \"%s\" is not for keys of the type %s", profile->id,
                 kind->describe);
}

static struct error *
check_subject(const struct batch_template *template, const struct batch_subject *subject)
{
    if (subject->serial_len < 1 || subject->serial_len > 20 || subject->serial[0] == 0
        || (subject->serial_len == 20 && (subject->serial[0] & 0x80) != 0))
        return ERROR(ERROR_INPUT, "a serial number must be positive and below 2^159");
    TRY(check_key(template->order.profile, subject));
    if (der_is_bytes(template->issuer.spki.whole, subject->spki, subject->spki_len))
        return ERROR(ERROR_REFUSED, "the subject's key is the issuer's own");
    return NULL;
}

struct error *
batch_template_build(const struct batch_template *template, const struct batch_subject *subject,
                     struct bytes *ret_tbs)
{
    static const unsigned char version[] = {0xa0, 0x03, 0x02, 0x01, 0x02};
    AUTO_FILLED filled = {0};
    TRY(check_subject(template, subject));
    TRY(pki_fields_fill(template->order.profile, subject->values, subject->value_count,
                        &filled));
    ret_tbs->len = 0;
    TRY(bytes_append(ret_tbs, version, sizeof version));
    TRY(der_put_unsigned(ret_tbs, subject->serial, subject->serial_len));
    TRY(bytes_append(ret_tbs, template->middle.data, template->middle.len));
    TRY(put_name(ret_tbs, template, &filled.certificate));
    TRY(bytes_append(ret_tbs, subject->spki, subject->spki_len));
    TRY(put_extensions(ret_tbs, template, subject, &filled.certificate));
    TRY(der_close(ret_tbs, 0, DER_SEQUENCE));
    return template->constrained ? check_constraints(template, ret_tbs) : NULL;
}

struct error *
batch_template_slow(const struct batch_template *template, const struct batch_subject *subject,
                    struct bytes *ret_tbs)
{
    AUTO_DRAFT draft = {0};
    struct pki_certificate_order order = {
        .profile = template->order.profile,
        .subject_spki = subject->spki,
        .subject_spki_len = subject->spki_len,
        .issuer_certificate = template->issuer_der.data,
        .issuer_certificate_len = template->issuer_der.len,
        .serial = subject->serial,
        .serial_len = subject->serial_len,
        .now = template->order.now,
        .practice = template->order.practice,
        .fields = subject->values,
        .field_count = subject->value_count,
    };
    TRY(pki_certificate_draft(&order, &draft));
    return bytes_copy(ret_tbs, draft.tbs.data, draft.tbs.len);
}

static const char *
value_of(const struct pki_name *name, const char *type)
{
    for (size_t i = 0; i < name->count; i++)
        if (strcmp(name->parts[i].type, type) == 0)
            return name->parts[i].value;
    return NULL;
}

struct error *
batch_template_device(const struct batch_template *template,
                      const struct batch_subject *subject, char **ret_device)
{
    AUTO_FILLED filled = {0};
    TRY(pki_fields_fill(template->order.profile, subject->values, subject->value_count,
                        &filled));
    const char *value = value_of(&filled.certificate.subject, "serialNumber");
    if (value == NULL)
        value = value_of(&filled.certificate.subject, "CN");
    if (value == NULL && filled.certificate.subject_alt_names.count > 0)
        value = filled.certificate.subject_alt_names.items[0].value;
    return text_copy(value == NULL ? "" : value, ret_device);
}

struct error *
batch_template_assemble(const struct batch_template *template, const struct bytes *signature,
                        struct bytes *der)
{
    TRY(bytes_append(der, template->algorithm.data, template->algorithm.len));
    TRY(der_put_bits(der, signature->data, signature->len));
    return der_close(der, 0, DER_SEQUENCE);
}
