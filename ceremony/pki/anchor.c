/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/anchor.h"

#include <string.h>

#include "ceremony/pki/algorithm.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/hash.h"
#include "ceremony/pki/x509.h"

void
pki_anchor_clear(struct pki_anchor *anchor)
{
    bytes_clear(&anchor->certificate);
    bytes_clear(&anchor->spki);
    bytes_clear(&anchor->key);
    bytes_clear(&anchor->exponent);
    memset(anchor, 0, sizeof *anchor);
}

static struct der
without_zeros(struct der number)
{
    while (number.len > 1 && number.p[0] == 0)
        number = der_view(number.p + 1, number.len - 1);
    return number;
}

/* RSAPublicKey ::= SEQUENCE { modulus, publicExponent } (RFC 8017 A.1.1) */
static struct error *
take_rsa(struct der bits, struct pki_anchor *anchor)
{
    struct der_item key;
    struct der_item modulus;
    struct der_item exponent;
    if (der_only(bits, DER_SEQUENCE, &key) != NULL
        || der_expect(&key.body, DER_INTEGER, &modulus) != NULL
        || der_expect(&key.body, DER_INTEGER, &exponent) != NULL || der_end(key.body) != NULL)
        return ERROR(ERROR_INPUT, "the RSA key of the certificate could not be read");
    struct der n = without_zeros(modulus.body);
    struct der e = without_zeros(exponent.body);
    TRY(bytes_copy(&anchor->key, n.p, n.len));
    return bytes_copy(&anchor->exponent, e.p, e.len);
}

static struct error *
take_point(struct der bits, struct pki_anchor *anchor)
{
    if (bits.len < 3 || bits.len % 2 == 0 || bits.p[0] != 4)
        return ERROR(ERROR_REFUSED, "the EC point of the certificate is not uncompressed");
    return bytes_copy(&anchor->key, bits.p, bits.len);
}

static struct error *
take_octets(struct der bits, struct pki_anchor *anchor)
{
    return bytes_copy(&anchor->key, bits.p, bits.len);
}

static const struct {
    enum key_family family;
    const char *form;
    struct error *(*take)(struct der bits, struct pki_anchor *anchor);
} families[] = {
    {KEY_RSA,     "RSA modulus, big-endian",            take_rsa   },
    {KEY_EC,      "EC point, uncompressed",             take_point },
    {KEY_ED25519, "Ed25519 public key, as in RFC 8032", take_octets},
    {KEY_ED448,   "Ed448 public key, as in RFC 8032",   take_octets},
};

static struct error *
take_key(struct der spki, struct pki_anchor *anchor)
{
    const struct key_kind *kind = key_kind_of_spki(spki);
    struct der_item algorithm;
    struct der bits;
    if (kind == NULL || key_split_spki(spki, &algorithm, &bits) != NULL)
        return ERROR(ERROR_UNSUPPORTED,
                     "the certificate's key is of a kind or size that is not used here");
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
        if (families[i].family == kind->family) {
            anchor->key_form = families[i].form;
            return families[i].take(bits, anchor);
        }
    return ERROR(ERROR_UNSUPPORTED, "a bare key of the type %s is not exported",
                 kind->describe);
}

/* Self-signed, and a CA's: anything else is no anchor. */
static struct error *
check_anchor(const struct x509 *x509)
{
    bool ca = false;
    int64_t path_len = -1;
    x509_basic_constraints(x509, &ca, &path_len);
    if (!ca || !der_equal(x509->subject.whole, x509->issuer.whole))
        return ERROR(ERROR_REFUSED,
                     "the certificate is not a CA's that issued itself, so it is no anchor");
    return pki_certificate_verify(x509->whole.p, x509->whole.len, NULL, 0);
}

struct error *
pki_anchor_export(const void *certificate, size_t len, struct pki_anchor *ret_anchor)
{
    struct x509 x509;
    AUTO_ANCHOR anchor = {0};
    TRY(x509_read(certificate, len, KIND_CERTIFICATE, "the certificate", &x509));
    TRY(check_anchor(&x509));
    TRY(bytes_copy(&anchor.certificate, certificate, len));
    TRY(bytes_copy(&anchor.spki, x509.spki.whole.p, x509.spki.whole.len));
    TRY(take_key(x509.spki.whole, &anchor));
    TRY(pki_sha256_hex(anchor.certificate.data, anchor.certificate.len,
                       anchor.certificate_sha256));
    TRY(pki_sha256_hex(anchor.spki.data, anchor.spki.len, anchor.spki_sha256));
    TRY(pki_sha256_hex(anchor.key.data, anchor.key.len, anchor.key_sha256));
    pki_anchor_clear(ret_anchor);
    *ret_anchor = anchor;
    memset(&anchor, 0, sizeof anchor);
    return NULL;
}
