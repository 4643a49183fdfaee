/* SPDX-License-Identifier: Apache-2.0
 *
 * Envelopes that others made: what is taken apart, for whom it is, and what is refused. */
#include <openssl/cms.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "ceremony/base/bytes.h"
#include "ceremony/pki/envelope_open.h"
#include "tests/support/check.h"

#define PLAIN "what was sent"

struct party {
    EVP_PKEY *key;
    X509 *certificate;
    unsigned char *der;
    int len;
};

static struct party
make_party(long serial)
{
    struct party party = {.key = EVP_RSA_gen(2048), .certificate = X509_new()};
    static const unsigned char id[] = "id";
    ASN1_OCTET_STRING *key_id = ASN1_OCTET_STRING_new();
    assert_non_null(party.key);
    X509 *x = party.certificate;
    assert_int_equal(X509_set_version(x, 2), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x), serial), 1);
    assert_int_equal(X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                                                (const unsigned char *)"seeds", -1, -1, 0),
                     1);
    assert_int_equal(X509_set_issuer_name(x, X509_get_subject_name(x)), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(x), 0));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(x), 3600));
    assert_int_equal(X509_set_pubkey(x, party.key), 1);
    assert_int_equal(ASN1_OCTET_STRING_set(key_id, id, (int)(1 + serial)), 1);
    assert_int_equal(X509_add1_ext_i2d(x, NID_subject_key_identifier, key_id, 0, 0), 1);
    ASN1_OCTET_STRING_free(key_id);
    assert_true(X509_sign(x, party.key, EVP_sha256()) > 0);
    party.len = i2d_X509(x, &party.der);
    assert_true(party.len > 0);
    return party;
}

static void
clear_party(struct party *party)
{
    EVP_PKEY_free(party->key);
    X509_free(party->certificate);
    OPENSSL_free(party->der);
}

struct making {
    const EVP_CIPHER *cipher;
    const EVP_MD *md; /* of OAEP; NULL: PKCS #1 v1.5 */
    const EVP_MD *mgf;
    unsigned flags;
    const struct party *other; /* a second recipient */
};

static void
add_recipient(CMS_ContentInfo *cms, const struct party *party, const struct making *making)
{
    CMS_RecipientInfo *recipient =
        CMS_add1_recipient_cert(cms, party->certificate, CMS_KEY_PARAM | making->flags);
    assert_non_null(recipient);
    EVP_PKEY_CTX *context = CMS_RecipientInfo_get0_pkey_ctx(recipient);
    if (making->md == NULL)
        return;
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md(context, making->md), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md(context, making->mgf), 1);
}

static void
make(const struct party *party, const struct making *making, size_t size,
     struct bytes *ret_envelope)
{
    AUTO_BYTES plain = {0};
    while (plain.len < size)
        check_ok(bytes_append(&plain, PLAIN, sizeof PLAIN - 1));
    BIO *in = BIO_new_mem_buf(plain.data, (int)size);
    CMS_ContentInfo *cms = CMS_encrypt(NULL, NULL, making->cipher, CMS_BINARY | CMS_PARTIAL);
    assert_non_null(cms);
    add_recipient(cms, party, making);
    if (making->other != NULL)
        add_recipient(cms, making->other, making);
    assert_int_equal(CMS_final(cms, in, NULL, CMS_BINARY), 1);
    unsigned char *der = NULL;
    int len = i2d_CMS_ContentInfo(cms, &der);
    assert_true(len > 0);
    check_ok(bytes_copy(ret_envelope, der, (size_t)len));
    OPENSSL_free(der);
    CMS_ContentInfo_free(cms);
    BIO_free(in);
}

/* As a token would. */
static void
unwrap(const struct party *party, const struct envelope_sealed *sealed, struct secret **ret_key)
{
    unsigned char key[512];
    size_t len = sizeof key;
    const EVP_MD *md = sealed->sha1 ? EVP_sha1() : EVP_sha256();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(party->key, NULL);
    assert_int_equal(EVP_PKEY_decrypt_init(context), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md(context, md), 1);
    assert_int_equal(EVP_PKEY_decrypt(context, key, &len, sealed->key.p, sealed->key.len), 1);
    check_ok(secret_from(key, len, ret_key));
    EVP_PKEY_CTX_free(context);
}

static struct error *
keep(void *self, const unsigned char *part, size_t len)
{
    return bytes_append(self, part, len);
}

static void
check_opened(const struct party *party, const struct making *making, size_t size)
{
    AUTO_BYTES der = {0};
    AUTO_BYTES plain = {0};
    AUTO(secret) key = NULL;
    struct envelope_sealed sealed;
    const struct envelope_reader reader = {&plain, keep};
    make(party, making, size, &der);
    check_ok(envelope_read(der.data, der.len, &sealed));
    assert_int_equal(sealed.sha1, making->md == EVP_sha1());
    check_ok(envelope_check_for(&sealed, party->der, (size_t)party->len));
    unwrap(party, &sealed, &key);
    check_ok(envelope_decrypt(&sealed, key, &reader));
    assert_int_equal(plain.len, size);
    assert_memory_equal(plain.data, PLAIN, size < 13 ? size : 13);
}

static void
envelopes_of_either_hash_and_any_size_are_opened(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 15, 16, 17, 4095, 4096, 4097, 8192, 100000};
    struct party party = make_party(1);
    for (unsigned id = 0; id < 2; id++)
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            unsigned flags = id == 0 ? 0 : CMS_USE_KEYID;
            struct making sha1 = {EVP_aes_256_cbc(), EVP_sha1(), EVP_sha1(), flags, NULL};
            struct making sha256 = {EVP_aes_256_cbc(), EVP_sha256(), EVP_sha256(), flags, NULL};
            check_opened(&party, &sha1, sizes[i]);
            check_opened(&party, &sha256, sizes[i]);
        }
    clear_party(&party);
}

static void
check_no_envelope(const struct party *party, const struct making *making, const char *words)
{
    AUTO_BYTES der = {0};
    struct envelope_sealed sealed;
    make(party, making, 100, &der);
    check_error_says(envelope_read(der.data, der.len, &sealed), ERROR_INPUT, words);
}

static void
other_ways_are_refused(void **state)
{
    (void)state;
    struct party party = make_party(1);
    struct party other = make_party(0);
    struct making plain = {EVP_aes_256_cbc(), NULL, NULL, 0, NULL};
    struct making mixed = {EVP_aes_256_cbc(), EVP_sha256(), EVP_sha1(), 0, NULL};
    struct making sha512 = {EVP_aes_256_cbc(), EVP_sha512(), EVP_sha512(), 0, NULL};
    struct making gcm = {EVP_aes_256_gcm(), EVP_sha256(), EVP_sha256(), 0, NULL};
    struct making small = {EVP_aes_128_cbc(), EVP_sha256(), EVP_sha256(), 0, NULL};
    struct making two = {EVP_aes_256_cbc(), EVP_sha256(), EVP_sha256(), 0, &other};
    check_no_envelope(&party, &plain, "not encrypted by RSA-OAEP");
    check_no_envelope(&party, &mixed, "for hash and mask");
    check_no_envelope(&party, &sha512, "for hash and mask");
    check_no_envelope(&party, &gcm, "no EnvelopedData");
    check_no_envelope(&party, &small, "not encrypted by AES-256-CBC");
    check_no_envelope(&party, &two, "more recipients than one");
    clear_party(&party);
    clear_party(&other);
}

static void
another_recipient_is_told(void **state)
{
    (void)state;
    struct party party = make_party(1);
    struct party other = make_party(0);
    for (unsigned id = 0; id < 2; id++) {
        struct making making = {EVP_aes_256_cbc(), EVP_sha256(), EVP_sha256(),
                                id == 0 ? 0 : CMS_USE_KEYID, NULL};
        AUTO_BYTES der = {0};
        struct envelope_sealed sealed;
        make(&other, &making, 100, &der);
        check_ok(envelope_read(der.data, der.len, &sealed));
        check_error_says(envelope_check_for(&sealed, party.der, (size_t)party.len),
                         ERROR_REFUSED, "for another certificate");
    }
    clear_party(&party);
    clear_party(&other);
}

/* Cut anywhere it is no envelope; its last block is padding, which is looked at. */
static void
what_is_cut_off_or_changed_is_refused(void **state)
{
    (void)state;
    struct party party = make_party(1);
    struct making making = {EVP_aes_256_cbc(), EVP_sha256(), EVP_sha256(), 0, NULL};
    AUTO_BYTES der = {0};
    AUTO_BYTES plain = {0};
    AUTO(secret) key = NULL;
    AUTO(secret) short_key = NULL;
    struct envelope_sealed sealed;
    const struct envelope_reader reader = {&plain, keep};
    make(&party, &making, 100, &der);
    for (size_t len = 0; len < der.len; len++)
        check_error(envelope_read(der.data, len, &sealed), ERROR_INPUT);
    check_ok(bytes_append_char(&der, 0));
    check_error(envelope_read(der.data, der.len, &sealed), ERROR_INPUT);
    der.len--;
    check_ok(envelope_read(der.data, der.len, &sealed));
    unwrap(&party, &sealed, &key);
    der.data[der.len - 17] ^= 0x7f; /* of the block before the last: in the padding */
    check_error_says(envelope_decrypt(&sealed, key, &reader), ERROR_REFUSED, "not whole");
    check_ok(secret_dup(key, &short_key));
    secret_shrink(short_key, 16);
    check_error_says(envelope_decrypt(&sealed, short_key, &reader), ERROR_REFUSED, "not whole");
    clear_party(&party);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(envelopes_of_either_hash_and_any_size_are_opened),
        cmocka_unit_test(other_ways_are_refused),
        cmocka_unit_test(another_recipient_is_told),
        cmocka_unit_test(what_is_cut_off_or_changed_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
