/* SPDX-License-Identifier: Apache-2.0
 *
 * The key of a request: its kind and encoding, then what makes it weak (R63 - R66). */
#include <string.h>

#include "ceremony/pki/request_private.h"
#include "ceremony/pki/weak_point.h"

#define EXPONENT_OCTETS_MAX 32 /* below 2^256 */
#define EXPONENT_LEAST      65537

static struct der
without_zeros(struct der number)
{
    while (number.len > 0 && number.p[0] == 0)
        number = der_view(number.p + 1, number.len - 1);
    return number;
}

static const char *
split_rsa(struct request_run *run)
{
    struct der_item key;
    struct der_item number;
    DER_TRY(der_only(run->key_bits, DER_SEQUENCE, &key));
    DER_TRY(der_expect(&key.body, DER_INTEGER, &number));
    DER_TRY(der_check_integer(number.body));
    if ((number.body.p[0] & 0x80) != 0)
        return "the modulus is negative";
    run->judgement->modulus = without_zeros(number.body);
    DER_TRY(der_expect(&key.body, DER_INTEGER, &number));
    DER_TRY(der_check_integer(number.body));
    if ((number.body.p[0] & 0x80) != 0)
        return "the exponent is negative";
    run->exponent = without_zeros(number.body);
    return der_end(key.body);
}

/* Such an exponent is refused anyway; but a key that gives its private half away has a name. */
static bool
has_small_private(const struct request_run *run)
{
    return run->kind != NULL && run->exponent.len <= run->judgement->modulus.len
           && weak_rsa_find(run->checker->bench, run->judgement->modulus, run->exponent)
                  == WEAK_RSA_WIENER;
}

static void
check_exponent(struct request_run *run)
{
    struct der exponent = run->exponent;
    uint64_t value = 0;
    for (size_t i = 0; i < exponent.len && exponent.len <= sizeof value; i++)
        value = value << 8 | exponent.p[i];
    bool small = exponent.len <= sizeof value;
    uint64_t least = run->rules->small_exponent ? 3 : EXPONENT_LEAST;
    if (exponent.len > EXPONENT_OCTETS_MAX && has_small_private(run))
        request_find(run, REQUEST_RSA_WIENER, "%s", "");
    else if (exponent.len > EXPONENT_OCTETS_MAX)
        request_find(run, REQUEST_RSA_EXPONENT, "the exponent has more than 256 bits");
    else if (small && value < least)
        request_find(run, REQUEST_RSA_EXPONENT, "the exponent is %llu",
                     (unsigned long long)value);
    else if ((exponent.p[exponent.len - 1] & 1) == 0)
        request_find(run, REQUEST_RSA_EXPONENT, "the exponent is even");
}

static void
check_rsa(struct request_run *run)
{
    const char *fault = split_rsa(run);
    if (fault != NULL) {
        request_find(run, REQUEST_KEY_ENCODING, "%s", fault);
        run->judgement->modulus.len = 0;
        return;
    }
    struct der n = run->judgement->modulus;
    if (n.len > 0 && (n.p[n.len - 1] & 1) == 0)
        request_find(run, REQUEST_RSA_FACTOR, "the modulus is even");
    if (run->kind == NULL)
        request_find(run, REQUEST_RSA_SIZE, "the modulus has %zu bits",
                     key_rsa_bits(run->parts.spki.whole));
    check_exponent(run);
}

/* The form only; whether the point is on its curve is found when the signature is verified. */
static void
check_ec_point(struct request_run *run)
{
    struct der point = run->key_bits;
    size_t octets = ((size_t)run->kind->bits + 7) / 8;
    if (point.len > 0 && (point.p[0] == 2 || point.p[0] == 3))
        request_find(run, REQUEST_KEY_COMPRESSED, "%s", "");
    else if (point.len == 0 || point.p[0] == 0)
        request_find(run, REQUEST_KEY_POINT, "the point is at infinity");
    else if (point.p[0] != 4)
        request_find(run, REQUEST_KEY_POINT, "the point is neither compressed nor not");
    else if (point.len != 1 + 2 * octets)
        request_find(run, REQUEST_KEY_POINT, "the point has %zu octets, not %zu", point.len,
                     1 + 2 * octets);
}

/* The number by which lists know the key. */
static struct der
listed_number(const struct request_run *run)
{
    if (run->kind->family == KEY_RSA)
        return run->judgement->modulus;
    if (run->kind->family == KEY_EC)
        return der_view(run->key_bits.p + 1, (run->key_bits.len - 1) / 2);
    return run->key_bits;
}

void
request_check_weak(struct request_run *run)
{
    static const enum request_code codes[] = {
        [WEAK_RSA_NONE] = REQUEST_CODE_COUNT,   [WEAK_RSA_FACTOR] = REQUEST_RSA_FACTOR,
        [WEAK_RSA_POWER] = REQUEST_RSA_POWER,   [WEAK_RSA_ROCA] = REQUEST_RSA_ROCA,
        [WEAK_RSA_FERMAT] = REQUEST_RSA_FERMAT, [WEAK_RSA_WIENER] = REQUEST_RSA_WIENER,
    };

    if (run->kind->family == KEY_RSA) {
        enum request_code code =
            codes[weak_rsa_find(run->checker->bench, run->judgement->modulus, run->exponent)];
        if (code != REQUEST_CODE_COUNT)
            request_find(run, code, "%s", "");
    }
    if (run->rules->list == NULL)
        return;
    int collection = weak_list_find(run->rules->list, listed_number(run));
    if (collection >= 0)
        request_find(run, REQUEST_KEY_LISTED, "collection %d of the list", collection);
}

/* An algorithm that we know with parameters that we do not, or one that we do not know. */
static enum request_code
unknown_key(struct der algorithm)
{
    struct der_item oid;
    struct der_item curve;
    if (der_expect(&algorithm, DER_OID, &oid) != NULL)
        return REQUEST_KEY_ENCODING;
    enum oid id = oid_of(oid.body);
    if (id == OID_EC_PUBLIC_KEY)
        return der_only(algorithm, DER_OID, &curve) == NULL ? REQUEST_KEY_KIND
                                                            : REQUEST_KEY_PARAMETERS;
    if (id == OID_RSA_ENCRYPTION || id == OID_ED25519 || id == OID_ED448)
        return REQUEST_KEY_PARAMETERS;
    return REQUEST_KEY_KIND;
}

static bool
is_rsa(struct der algorithm)
{
    const struct key_kind *rsa = key_kind_by_type("rsa-2048");
    return der_is_bytes(algorithm, rsa->algorithm, rsa->algorithm_len);
}

static void
check_kind(struct request_run *run, const struct der_item *algorithm)
{
    char type[REQUEST_OID_TEXT] = "";
    struct der rest = algorithm->body;
    struct der_item oid;
    if (der_expect(&rest, DER_OID, &oid) == NULL)
        request_oid_text(oid.body, type);
    enum request_code code = unknown_key(algorithm->body);
    if (code == REQUEST_KEY_KIND && der_only(rest, DER_OID, &oid) == NULL)
        request_oid_text(oid.body, type);
    request_find(run, code, "%s", type);
}

void
request_check_key(struct request_run *run)
{
    struct der_item algorithm;
    struct der spki = run->parts.spki.whole;
    const char *fault = key_split_spki(spki, &algorithm, &run->key_bits);
    if (fault != NULL) {
        request_find(run, REQUEST_KEY_ENCODING, "%s", fault);
        return;
    }
    run->kind = key_kind_of_spki(spki);
    if (is_rsa(algorithm.whole)) {
        check_rsa(run);
    } else if (run->kind == NULL) {
        check_kind(run, &algorithm);
    } else if (run->kind->family == KEY_EC) {
        check_ec_point(run);
    } else {
        fault = weak_point_check(run->key_bits);
        request_fault(run, REQUEST_KEY_POINT, fault);
    }
    if (run->kind == NULL)
        return;
    run->judgement->key = run->kind->describe;
    if (run->rules->keys != NULL && !request_texts_have(run->rules->keys, run->kind->type))
        request_find(run, REQUEST_KEY_NOT_ALLOWED, "%s", run->kind->describe);
}
