/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests made with OpenSSL's own code, and keys made to be weak. */
#pragma once

#include <gmp.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "ceremony/base/bytes.h"
#include "ceremony/pki/request.h"
#include "tests/support/check.h"

static char fixture_types[][16] = {"C", "O", "OU", "CN", "serialNumber", "dns"};
static char *fixture_type_list[] = {fixture_types[0], fixture_types[1], fixture_types[2],
                                    fixture_types[3], fixture_types[4], fixture_types[5]};
static const struct pki_texts fixture_subject = {fixture_type_list, 5};
static const struct pki_texts fixture_alt_names = {fixture_type_list + 5, 1};

/* What tests/vectors/csr/cases.tsv calls a plain profile. */
static inline struct request_rules
fixture_rules(void)
{
    return (struct request_rules){.subject = &fixture_subject,
                                  .alt_names = &fixture_alt_names,
                                  .key_usage_bits = PKI_KU_DIGITAL_SIGNATURE};
}

/* The request in DER. `common_name` is UTF-8. */
static inline void
fixture_request(EVP_PKEY *key, const char *common_name, const char *digest, bool pss,
                struct bytes *ret_der)
{
    X509_REQ *request = X509_REQ_new();
    X509_NAME *name = X509_NAME_new();
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", V_ASN1_UTF8STRING,
                                                (const unsigned char *)common_name, -1, -1, 0),
                     1);
    assert_int_equal(X509_REQ_set_version(request, 0), 1);
    assert_int_equal(X509_REQ_set_subject_name(request, name), 1);
    assert_int_equal(X509_REQ_set_pubkey(request, key), 1);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    EVP_PKEY_CTX *parameters = NULL;
    assert_int_equal(EVP_DigestSignInit_ex(md, &parameters, digest, NULL, NULL, key, NULL), 1);
    if (pss) {
        assert_true(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) > 0);
        assert_true(EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) > 0);
    }
    assert_true(X509_REQ_sign_ctx(request, md) > 0);
    unsigned char *der = NULL;
    int len = i2d_X509_REQ(request, &der);
    assert_true(len > 0);
    check_ok(bytes_copy(ret_der, der, (size_t)len));
    OPENSSL_free(der);
    EVP_MD_CTX_free(md);
    X509_NAME_free(name);
    X509_REQ_free(request);
}

/* The code that a request is judged with; "" if it is accepted without remark. */
static inline const char *
fixture_first_code(const struct bytes *der, const struct request_rules *rules)
{
    AUTO(request_checker) checker = NULL;
    struct request_judgement judgement;
    size_t count = 0;
    check_ok(request_checker_new(&checker));
    check_ok(request_check(checker, der->data, der->len, rules, &judgement));
    return judgement.code_count == 0 ? "" : request_rows(&count)[judgement.codes[0]].code;
}

static inline BIGNUM *
fixture_bn(const mpz_t number)
{
    size_t len = 0;
    unsigned char octets[1024] = {0};
    mpz_export(octets, &len, 1, 1, 1, 0, number);
    return BN_bin2bn(octets, (int)len, NULL);
}

/* An RSA key from its primes. */
static inline EVP_PKEY *
fixture_rsa(const mpz_t p, const mpz_t q, unsigned long exponent)
{
    mpz_t n;
    mpz_t phi;
    mpz_t e;
    mpz_t d;
    mpz_inits(n, phi, d, NULL);
    mpz_init_set_ui(e, exponent);
    mpz_mul(n, p, q);
    mpz_sub(phi, n, p);
    mpz_sub(phi, phi, q);
    mpz_add_ui(phi, phi, 1);
    assert_int_not_equal(mpz_invert(d, e, phi), 0);
    BIGNUM *numbers[] = {fixture_bn(n), fixture_bn(e), fixture_bn(d)};
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    OSSL_PARAM_BLD_push_BN(build, "n", numbers[0]);
    OSSL_PARAM_BLD_push_BN(build, "e", numbers[1]);
    OSSL_PARAM_BLD_push_BN(build, "d", numbers[2]);
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    EVP_PKEY *key = NULL;
    assert_true(EVP_PKEY_fromdata_init(context) > 0);
    assert_true(EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, parameters) > 0);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(build);
    for (size_t i = 0; i < 3; i++)
        BN_free(numbers[i]);
    mpz_clears(n, phi, d, e, NULL);
    return key;
}

/* A prime of just this many bits, the two highest set, and none but 2 dividing it less one with
 * 65,537. The chance is not secret: the same seed gives the same prime. */
static inline void
fixture_prime(gmp_randstate_t chance, unsigned bits, mpz_t ret_prime)
{
    do {
        mpz_urandomb(ret_prime, chance, bits);
        mpz_setbit(ret_prime, bits - 1);
        mpz_setbit(ret_prime, bits - 2);
        mpz_nextprime(ret_prime, ret_prime);
    } while (mpz_fdiv_ui(ret_prime, 65537) == 1);
}

/* A prime of the form that the ROCA library made: k M + (65537^a mod M), M the product of the first
 * 126 primes. */
static inline void
fixture_roca_prime(gmp_randstate_t chance, mpz_t ret_prime)
{
    mpz_t m;
    mpz_t k;
    mpz_t a;
    mpz_t g;
    mpz_inits(m, k, a, NULL);
    mpz_init_set_ui(g, 65537);
    mpz_primorial_ui(m, 701);
    do {
        mpz_urandomb(k, chance, 1024 - (mp_bitcnt_t)mpz_sizeinbase(m, 2));
        mpz_setbit(k, 1023 - (mp_bitcnt_t)mpz_sizeinbase(m, 2));
        mpz_urandomb(a, chance, 62);
        mpz_powm(ret_prime, g, a, m);
        mpz_addmul(ret_prime, k, m);
    } while (mpz_sizeinbase(ret_prime, 2) != 1024 || mpz_tstbit(ret_prime, 1022) == 0
             || mpz_probab_prime_p(ret_prime, 20) == 0);
    mpz_clears(m, k, a, g, NULL);
}
