/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a CRL is as its profile says. */
#include <string.h>

#include "ceremony/pki/crl_frame.h"
#include "ceremony/pki/draft.h"
#include "ceremony/pki/lint_internal.h"

/* Memory ran out: the run ends. Any other error is a fault of the profile. */
static bool
is_failed(struct lint_run *run, struct error *error)
{
    if (error == NULL)
        return false;
    if (error_code(error) == ERROR_MEMORY) {
        run->error = error;
        return true;
    }
    lint_find(run, "the profile is wrong: %s", error_what(error));
    error_free(error);
    return true;
}

void
lint_profile_crl_next_update(struct lint_run *run)
{
    const struct pki_profile *profile = run->context->profile;
    struct der_time from;
    struct der_time until;
    int64_t wanted = 0;
    if (profile->kind != PKI_PROFILE_CRL || run->object->until.whole.p == NULL
        || der_time(&run->object->from, &from) != NULL
        || der_time(&run->object->until, &until) != NULL)
        return;
    if (!is_failed(run, draft_next_update(&profile->crl, from.seconds, &wanted))
        && until.seconds != wanted)
        lint_find(run, "another next update");
}

static uint64_t
number_in(const struct lint_run *run, enum oid id)
{
    const struct x509_extension *extension = lint_extension(run, id);
    struct der_item item;
    int64_t value = 0;
    if (extension == NULL || der_only(extension->value, DER_INTEGER, &item) != NULL
        || der_small_integer(item.body, &value) != NULL || value < 0)
        return 0;
    return (uint64_t)value;
}

/* The extensions as the profile wants them are the object's, byte for byte. */
static bool
is_as_wanted(struct lint_run *run, const struct pki_crl_order *order, struct der key_id)
{
    AUTO_BYTES der = {0};
    struct der_item list;
    struct x509_extensions wanted;
    if (is_failed(run, crl_put_extensions(&der, order, key_id))
        || der_only(der_view(der.data, der.len), DER_SEQUENCE, &list) != NULL)
        return true; /* said already */
    x509_parse_extensions(list.body, &wanted);
    const struct x509_extensions *have = &run->object->extensions;
    if (wanted.fault != NULL || have->count != wanted.count)
        return false;
    for (size_t i = 0; i < wanted.count; i++)
        if (have->items[i].id != wanted.items[i].id
            || have->items[i].critical != wanted.items[i].critical
            || !der_equal(have->items[i].value, wanted.items[i].value))
            return false;
    return true;
}

/* keyIdentifier of the object's authorityKeyIdentifier: what it says is judged by other rows. */
static struct der
key_id_in(const struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, OID_AUTHORITY_KEY_IDENTIFIER);
    struct der_item outer;
    struct der_item item;
    if (extension == NULL || der_only(extension->value, DER_SEQUENCE, &outer) != NULL
        || der_expect(&outer.body, DER_CONTEXT(0), &item) != NULL)
        return (struct der){0};
    return item.body;
}

void
lint_profile_crl_extensions(struct lint_run *run)
{
    const struct pki_profile *profile = run->context->profile;
    struct pki_crl_order order = {.profile = profile,
                                  .number = number_in(run, OID_CRL_NUMBER),
                                  .base_number = number_in(run, OID_DELTA_CRL_INDICATOR)};
    struct der key_id = key_id_in(run);
    if (profile->kind != PKI_PROFILE_CRL)
        return;
    if (key_id.len == 0 || lint_extension(run, OID_CRL_NUMBER) == NULL) {
        lint_find(run, "authorityKeyIdentifier or cRLNumber is missing");
        return;
    }
    int last = profile->crl.partitions;
    for (int partition = last > 0 ? 1 : 0; partition <= last && run->error == NULL;
         partition++) {
        order.partition = partition;
        if (is_as_wanted(run, &order, key_id))
            return;
    }
    if (run->error == NULL)
        lint_find(run, "its extensions are not the profile's");
}
