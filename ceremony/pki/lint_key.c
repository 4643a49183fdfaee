/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules on the subject's public key. */
#include "ceremony/pki/algorithm.h"
#include "ceremony/pki/lint_internal.h"
#include "ceremony/pki/pki.h"

struct key_parts {
    struct der_item algorithm;
    struct der_item oid;
    struct der parameters; /* what follows the OID */
    struct der bits;
    struct der modulus; /* RSA, without leading zeros */
    struct der exponent;
};

static const char *
split_rsa(struct key_parts *parts)
{
    struct der_item key;
    struct der_item number;
    DER_TRY(der_only(parts->bits, DER_SEQUENCE, &key));
    DER_TRY(der_expect(&key.body, DER_INTEGER, &number));
    DER_TRY(der_check_integer(number.body));
    parts->modulus = number.body;
    DER_TRY(der_expect(&key.body, DER_INTEGER, &number));
    DER_TRY(der_check_integer(number.body));
    parts->exponent = number.body;
    return der_end(key.body);
}

static const char *
split(const struct lint_run *run, struct key_parts *parts)
{
    *parts = (struct key_parts){0};
    DER_TRY(key_split_spki(run->object->spki.whole, &parts->algorithm, &parts->bits));
    struct der body = parts->algorithm.body;
    DER_TRY(der_expect(&body, DER_OID, &parts->oid));
    parts->parameters = body;
    return oid_is(parts->oid.body, OID_RSA_ENCRYPTION) ? split_rsa(parts) : NULL;
}

static bool
is_kind(const struct lint_run *run, struct key_parts *parts, enum oid algorithm)
{
    return split(run, parts) == NULL && oid_is(parts->oid.body, algorithm);
}

void
lint_key_encoding(struct lint_run *run)
{
    struct key_parts parts;
    lint_fault(run, "public key", split(run, &parts));
}

static bool
is_listed(enum oid algorithm, struct der whole)
{
    static const char *const types[] = {"ec-p256",  "ec-p384", "ec-p521",
                                        "rsa-2048", "ed25519", "ed448"};
    (void)algorithm;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        const struct key_kind *kind = key_kind_by_type(types[i]);
        if (der_is_bytes(whole, kind->algorithm, kind->algorithm_len))
            return true;
    }
    return false;
}

void
lint_key_parameters(struct lint_run *run)
{
    struct key_parts parts;
    struct der_item curve;
    if (split(run, &parts) != NULL)
        return;
    enum oid id = oid_of(parts.oid.body);
    if (id != OID_RSA_ENCRYPTION && id != OID_EC_PUBLIC_KEY && id != OID_ED25519
        && id != OID_ED448)
        return;
    if (id == OID_EC_PUBLIC_KEY) {
        if (der_only(parts.parameters, DER_OID, &curve) != NULL)
            lint_find(run, "the curve is not named by an object identifier");
    } else if (!is_listed(id, parts.algorithm.whole))
        lint_find(run, "the parameters are not those listed");
}

void
lint_key_curve(struct lint_run *run)
{
    struct key_parts parts;
    struct der_item curve;
    if (is_kind(run, &parts, OID_EC_PUBLIC_KEY)
        && der_only(parts.parameters, DER_OID, &curve) == NULL
        && !is_listed(OID_EC_PUBLIC_KEY, parts.algorithm.whole))
        lint_find(run, "the curve is none of P-256, P-384, P-521");
}

void
lint_key_point(struct lint_run *run)
{
    struct key_parts parts;
    if (!is_kind(run, &parts, OID_EC_PUBLIC_KEY)
        || !is_listed(OID_EC_PUBLIC_KEY, parts.algorithm.whole))
        return;
    if (parts.bits.len == 0 || parts.bits.p[0] < 2 || parts.bits.p[0] > 4) {
        lint_find(run, "the point is at infinity, hybrid, or none");
        return;
    }
    EVP_PKEY *key = NULL;
    struct error *error =
        pki_key_from_spki(run->object->spki.whole.p, run->object->spki.whole.len, &key);
    if (error != NULL)
        lint_find(run, "the point is not on its curve");
    EVP_PKEY_free(key);
    error_free(error);
}

void
lint_key_point_compressed(struct lint_run *run)
{
    struct key_parts parts;
    if (is_kind(run, &parts, OID_EC_PUBLIC_KEY) && parts.bits.len > 0
        && (parts.bits.p[0] == 2 || parts.bits.p[0] == 3))
        lint_find(run, "the point is compressed");
}

void
lint_key_rsa_size(struct lint_run *run)
{
    struct key_parts parts;
    if (!is_kind(run, &parts, OID_RSA_ENCRYPTION))
        return;
    size_t bits = key_rsa_bits(run->object->spki.whole);
    if ((parts.modulus.p[0] & 0x80) != 0)
        lint_find(run, "the modulus is negative");
    else if (bits < 2048 || bits > 8192 || bits % 8 != 0)
        lint_find(run, "the modulus has %zu bits", bits);
    else if ((parts.modulus.p[parts.modulus.len - 1] & 1) == 0)
        lint_find(run, "the modulus is even");
}

void
lint_key_rsa_exponent(struct lint_run *run)
{
    struct key_parts parts;
    int64_t exponent = 0;
    if (!is_kind(run, &parts, OID_RSA_ENCRYPTION))
        return;
    if (der_small_integer(parts.exponent, &exponent) != NULL)
        lint_find(run, "the exponent is longer than 64 bits");
    else if (exponent < 65537 || exponent % 2 == 0)
        lint_find(run, "the exponent is %lld", (long long)exponent);
}

void
lint_key_unknown(struct lint_run *run)
{
    struct key_parts parts;
    if (split(run, &parts) != NULL)
        return;
    enum oid id = oid_of(parts.oid.body);
    if (id != OID_RSA_ENCRYPTION && id != OID_EC_PUBLIC_KEY && id != OID_ED25519
        && id != OID_ED448)
        lint_find(run, "the kind of key is not known here");
}
