/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys on a token as EVP_PKEY. Each pitfall of an in-process provider that was met has its test. */
#include <pthread.h>
#include <unistd.h>

#include <openssl/cms.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "p11/provider.h"
#include "p11/signer.h"
#include "tests/token/p11/bench.h"

static EVP_PKEY *
make_key(struct bench *bench, struct p11_provider *provider, enum p11_key_type type,
         EVP_PKEY **ret_public)
{
    struct p11_key_plan plan = bench_plan(type, P11_KEY_NO_BACKUP);
    size_t destroyed = 0;
    check_ok(p11_key_destroy(bench->session, plan.id, plan.id_len, &destroyed));
    check_ok(p11_key_generate(bench->session, &plan));
    AUTO_BYTES spki = {0};
    check_ok(p11_key_spki(bench->session, plan.id, plan.id_len, &spki));
    EVP_PKEY *key = NULL;
    check_ok(p11_provider_key(provider, bench->session, plan.id, plan.id_len, spki.data,
                              spki.len, &key));
    const unsigned char *der = spki.data;
    *ret_public = d2i_PUBKEY(NULL, &der, (long)spki.len);
    assert_non_null(*ret_public);
    return key;
}

static X509_NAME *
name_of(const char *text)
{
    X509_NAME *name = X509_NAME_new();
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                                (const unsigned char *)text, -1, -1, 0),
                     1);
    return name;
}

static void
sign_init(struct p11_provider *provider, EVP_PKEY *key, const char *digest, bool pss,
          EVP_MD_CTX *context)
{
    EVP_PKEY_CTX *options = NULL;
    assert_int_equal(EVP_DigestSignInit_ex(context, &options, digest,
                                           p11_provider_context(provider), NULL, key, NULL),
                     1);
    if (pss) {
        assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING), 1);
        assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST), 1);
    }
}

static X509 *
make_root(struct p11_provider *provider, EVP_PKEY *key, EVP_PKEY *public, const char *digest,
          bool pss)
{
    X509 *certificate = X509_new();
    X509_NAME *name = name_of("Test Root");
    assert_int_equal(X509_set_version(certificate, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 7), 1);
    assert_int_equal(X509_set_subject_name(certificate, name), 1);
    assert_int_equal(X509_set_issuer_name(certificate, name), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), -60));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), 86400));
    assert_int_equal(X509_set_pubkey(certificate, public), 1);
    X509V3_CTX v3;
    X509V3_set_ctx(&v3, certificate, certificate, NULL, NULL, 0);
    static const char *const extensions[][2] = {
        {"basicConstraints",     "critical,CA:TRUE"            },
        {"keyUsage",             "critical,keyCertSign,cRLSign"},
        {"subjectKeyIdentifier", "hash"                        },
    };
    for (size_t i = 0; i < 3; i++) {
        X509_EXTENSION *extension =
            X509V3_EXT_conf(NULL, &v3, extensions[i][0], extensions[i][1]);
        assert_non_null(extension);
        assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
        X509_EXTENSION_free(extension);
    }
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    sign_init(provider, key, digest, pss, context);
    assert_true(X509_sign_ctx(certificate, context) > 0);
    EVP_MD_CTX_free(context);
    assert_int_equal(X509_verify(certificate, public), 1);
    assert_int_equal(X509_check_private_key(certificate, key), 1);
    X509_NAME_free(name);
    return certificate;
}

static X509_CRL *
make_crl(struct p11_provider *provider, EVP_PKEY *key, EVP_PKEY *public, const char *digest,
         bool pss)
{
    X509_CRL *crl = X509_CRL_new();
    X509_NAME *name = name_of("Test Root");
    ASN1_TIME *now = X509_gmtime_adj(NULL, -60);
    ASN1_TIME *later = X509_gmtime_adj(NULL, 3600);
    assert_int_equal(X509_CRL_set_version(crl, 1), 1);
    assert_int_equal(X509_CRL_set_issuer_name(crl, name), 1);
    assert_int_equal(X509_CRL_set1_lastUpdate(crl, now), 1);
    assert_int_equal(X509_CRL_set1_nextUpdate(crl, later), 1);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    sign_init(provider, key, digest, pss, context);
    assert_true(X509_CRL_sign_ctx(crl, context) > 0);
    EVP_MD_CTX_free(context);
    assert_int_equal(X509_CRL_verify(crl, public), 1);
    ASN1_TIME_free(now);
    ASN1_TIME_free(later);
    X509_NAME_free(name);
    return crl;
}

/* Detached CMS over "seal me", with signed attributes. */
static CMS_ContentInfo *
make_cms(struct p11_provider *provider, EVP_PKEY *key, X509 *certificate, const char *digest,
         bool pss)
{
    OSSL_LIB_CTX *lib = p11_provider_context(provider);
    BIO *content = BIO_new_mem_buf("seal me", 7);
    unsigned flags = CMS_DETACHED | CMS_BINARY | CMS_PARTIAL;
    CMS_ContentInfo *cms = CMS_sign_ex(NULL, NULL, NULL, content, flags, lib, NULL);
    assert_non_null(cms);
    EVP_MD *md = EVP_MD_fetch(NULL, digest, NULL);
    CMS_SignerInfo *signer =
        CMS_add1_signer(cms, certificate, key, md, flags | (pss ? CMS_KEY_PARAM : 0));
    assert_non_null(signer);
    if (pss) {
        EVP_PKEY_CTX *options = CMS_SignerInfo_get0_pkey_ctx(signer);
        assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING), 1);
    }
    assert_int_equal(CMS_final(cms, content, NULL, flags), 1);
    EVP_MD_free(md);
    BIO_free(content);
    return cms;
}

/* In the folder of the test. */
static void
run(const char *folder, const char *command)
{
    AUTO_FREE char *line = NULL;
    assert_true(asprintf(&line, "cd %s && %s", folder, command) > 0);
    int status = system(line);
    if (status != 0)
        print_error("status %d: %s\n", status, line);
    assert_int_equal(status, 0);
}

static void
stock_openssl_agrees(const struct bench *bench, X509 *certificate, X509_CRL *crl,
                     CMS_ContentInfo *cms)
{
    const char *folder = bench->softhsm.folder;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/root.pem", folder);
    BIO *out = BIO_new_file(path, "w");
    assert_int_equal(PEM_write_bio_X509(out, certificate), 1);
    BIO_free(out);
    run(folder,
        "openssl verify -x509_strict -check_ss_sig -CAfile root.pem root.pem >/dev/null 2>&1");
    (void)snprintf(path, sizeof path, "%s/root.crl", folder);
    out = BIO_new_file(path, "w");
    assert_int_equal(PEM_write_bio_X509_CRL(out, crl), 1);
    BIO_free(out);
    run(folder,
        "openssl crl -noout -CAfile root.pem -in root.crl -verify 2>&1 | grep -q 'verify OK'");
    if (cms == NULL)
        return;
    (void)snprintf(path, sizeof path, "%s/seal.p7s", folder);
    out = BIO_new_file(path, "w");
    assert_int_equal(i2d_CMS_bio(out, cms), 1);
    BIO_free(out);
    run(folder,
        "printf 'seal me' | openssl cms -verify -binary -purpose any -inform DER -in seal.p7s "
        "-content /dev/stdin -CAfile root.pem -out /dev/null 2>/dev/null");
    run(folder,
        "! printf 'seal mE' | openssl cms -verify -binary -purpose any -inform DER -in seal.p7s "
        "-content /dev/stdin -CAfile root.pem -out /dev/null 2>/dev/null");
}

static void
sign_everything(struct bench *bench, struct p11_provider *provider, enum p11_key_type type,
                const char *digest, bool pss)
{
    EVP_PKEY *public = NULL;
    EVP_PKEY *key = make_key(bench, provider, type, &public);
    X509 *certificate = make_root(provider, key, public, digest, pss);
    X509_CRL *crl = make_crl(provider, key, public, digest, pss);
    /* OpenSSL 3.0 makes no CMS with Ed25519, not with software keys either. */
    CMS_ContentInfo *cms =
        digest != NULL ? make_cms(provider, key, certificate, digest, pss) : NULL;
    stock_openssl_agrees(bench, certificate, crl, cms);
    struct error *error = p11_provider_take_error(provider);
    assert_null(error);
    CMS_ContentInfo_free(cms);
    X509_CRL_free(crl);
    X509_free(certificate);
    EVP_PKEY_free(key);
    EVP_PKEY_free(public);
}

static void
every_type_signs_certificates_lists_and_seals(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    AUTO(p11_provider) provider = NULL;
    check_ok(p11_provider_new(&provider));
    sign_everything(&bench, provider, P11_EC_P256, "SHA256", false);
    sign_everything(&bench, provider, P11_EC_P256, "SHA512", false); /* truncated */
    sign_everything(&bench, provider, P11_EC_P384, "SHA384", false);
    sign_everything(&bench, provider, P11_EC_P521, "SHA512", false);
    sign_everything(&bench, provider, P11_RSA_2048, "SHA256", false);
    sign_everything(&bench, provider, P11_RSA_2048, "SHA384", true);
    sign_everything(&bench, provider, P11_RSA_2048, "SHA512", true);
    sign_everything(&bench, provider, P11_ED25519, NULL, false);
    p11_provider_free(TAKE(provider));
    bench_close(&bench);
}

/* Pitfall 1: with the provider in the default context SoftHSM's own Ed25519 would now fail. */
static void
softhsm_still_makes_ed25519_keys_after_a_signature(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    AUTO(p11_provider) provider = NULL;
    check_ok(p11_provider_new(&provider));
    EVP_PKEY *public = NULL;
    EVP_PKEY *key = make_key(&bench, provider, P11_EC_P256, &public);
    X509_free(make_root(provider, key, public, "SHA256", false));
    struct p11_key_plan plan = bench_plan(P11_ED25519, P11_KEY_NO_BACKUP);
    plan.label = "edwards";
    plan.id[1] = 0x77;
    check_ok(p11_key_generate(bench.session, &plan));
    EVP_KEYMGMT *management = EVP_KEYMGMT_fetch(NULL, "EC", NULL);
    const char *from = OSSL_PROVIDER_get0_name(EVP_KEYMGMT_get0_provider(management));
    assert_string_equal(from, "default");
    EVP_KEYMGMT_free(management);
    EVP_PKEY_free(key);
    EVP_PKEY_free(public);
    p11_provider_free(TAKE(provider));
    bench_close(&bench);
}

static void
keys_compare_and_never_leave(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    AUTO(p11_provider) provider = NULL;
    check_ok(p11_provider_new(&provider));

    static const struct {
        enum p11_key_type type;
        int id;
        int bits;
    } cases[] = {
        {P11_RSA_2048, EVP_PKEY_RSA,     2048},
        {P11_EC_P384,  EVP_PKEY_EC,      384 },
        {P11_ED25519,  EVP_PKEY_ED25519, 256 },
    };

    EVP_PKEY *other = EVP_EC_gen("P-384");
    for (size_t i = 0; i < 3; i++) {
        EVP_PKEY *public = NULL;
        EVP_PKEY *key = make_key(&bench, provider, cases[i].type, &public);
        assert_int_equal(EVP_PKEY_eq(key, public), 1);
        assert_int_equal(EVP_PKEY_eq(public, key), 1);
        assert_int_not_equal(EVP_PKEY_eq(key, other), 1);
        assert_int_equal(EVP_PKEY_get_id(key), cases[i].id);
        assert_int_equal(EVP_PKEY_get_bits(key), EVP_PKEY_get_bits(public));
        BIO *out = BIO_new(BIO_s_mem());
        assert_int_not_equal(PEM_write_bio_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL), 1);
        BIO_free(out);
        EVP_PKEY_free(key);
        EVP_PKEY_free(public);
    }
    EVP_PKEY_free(other);
    ERR_clear_error();
    p11_provider_free(TAKE(provider));
    bench_close(&bench);
}

static void
what_a_key_is_not_pinned_to_is_refused(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    AUTO(p11_provider) provider = NULL;
    check_ok(p11_provider_new(&provider));
    EVP_PKEY *public = NULL;
    EVP_PKEY *key = make_key(&bench, provider, P11_RSA_2048, &public);
    OSSL_LIB_CTX *lib = p11_provider_context(provider);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *options = NULL;
    assert_int_not_equal(EVP_DigestSignInit_ex(context, NULL, "SHA1", lib, NULL, key, NULL), 1);
    check_error_says(p11_provider_take_error(provider), ERROR_UNSUPPORTED, "SHA1");
    EVP_MD_CTX_reset(context);
    assert_int_equal(EVP_DigestSignInit_ex(context, &options, "SHA256", lib, NULL, key, NULL),
                     1);
    assert_int_not_equal(EVP_PKEY_CTX_set_rsa_padding(options, RSA_NO_PADDING), 1);
    check_error(p11_provider_take_error(provider), ERROR_UNSUPPORTED);
    EVP_MD_CTX_reset(context);
    EVP_PKEY_free(key);
    EVP_PKEY_free(public);
    /* Pitfall 8: Ed25519 has no digest and one piece only. */
    key = make_key(&bench, provider, P11_ED25519, &public);
    assert_int_not_equal(EVP_DigestSignInit_ex(context, NULL, "SHA256", lib, NULL, key, NULL),
                         1);
    check_error(p11_provider_take_error(provider), ERROR_UNSUPPORTED);
    EVP_MD_CTX_reset(context);
    assert_int_equal(EVP_DigestSignInit_ex(context, NULL, NULL, lib, NULL, key, NULL), 1);
    assert_int_not_equal(EVP_DigestSignUpdate(context, "x", 1), 1);
    check_error_says(p11_provider_take_error(provider), ERROR_UNSUPPORTED, "one piece");
    /* R33: nothing signs a digest. */
    EVP_PKEY_CTX *raw = EVP_PKEY_CTX_new_from_pkey(lib, key, NULL);
    assert_int_not_equal(EVP_PKEY_sign_init(raw), 1);
    EVP_PKEY_CTX_free(raw);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    EVP_PKEY_free(public);
    ERR_clear_error();
    p11_provider_free(TAKE(provider));
    bench_close(&bench);
}

/* R32, T2: a wrong signature never comes out, and the next right one does. */
static void
sign_under(const char *rule, enum p11_key_type type, enum error_code code, const char *says)
{
    struct bench bench;
    bench_open(&bench);
    struct p11_key_plan plan = bench_plan(type, P11_KEY_NO_BACKUP);
    check_ok(p11_key_generate(bench.session, &plan));
    AUTO_BYTES spki = {0};
    check_ok(p11_key_spki(bench.session, plan.id, plan.id_len, &spki));
    bench_reopen(&bench, rule);
    bench_login(bench.session, P11_USER);
    AUTO(p11_provider) provider = NULL;
    check_ok(p11_provider_new(&provider));
    EVP_PKEY *key = NULL;
    check_ok(p11_provider_key(provider, bench.session, plan.id, plan.id_len, spki.data,
                              spki.len, &key));
    const char *digest = type == P11_ED25519 ? NULL : "SHA256";
    static const unsigned char message[200000];
    for (int round = 0; round < 2; round++) {
        unsigned char signature[1024];
        memset(signature, 0xee, sizeof signature);
        size_t len = sizeof signature;
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        sign_init(provider, key, digest, false, context);
        size_t message_len = strstr(rule, "Final") != NULL ? sizeof message : 20;
        int done = EVP_DigestSign(context, signature, &len, message, message_len);
        EVP_MD_CTX_free(context);
        assert_int_equal(done == 1, round == 1);
        for (size_t i = 0; round == 0 && i < sizeof signature; i++)
            assert_int_equal(signature[i], 0xee);
        if (round == 0)
            check_error_says(p11_provider_take_error(provider), code, says);
        else
            assert_null(p11_provider_take_error(provider));
    }
    ERR_clear_error();
    EVP_PKEY_free(key);
    p11_provider_free(TAKE(provider));
    bench_close(&bench);
}

static void
a_wrong_signature_never_comes_out(void **state)
{
    (void)state;
    const char *words = "does not confirm";
    sign_under("C_Sign@1=flip", P11_EC_P256, ERROR_TOKEN, words);
    sign_under("C_Sign@1=flip", P11_RSA_2048, ERROR_TOKEN, words);
    sign_under("C_Sign@1=flip", P11_ED25519, ERROR_TOKEN, words);
    sign_under("C_SignFinal@1=flip", P11_RSA_2048, ERROR_TOKEN, words);
    sign_under("C_SignInit@1=lie:wrong-key", P11_EC_P384, ERROR_TOKEN, words);
    sign_under("C_SignInit@1=lie:wrong-key", P11_RSA_2048, ERROR_TOKEN, words);
    sign_under("C_SignInit@1=lie:wrong-key", P11_ED25519, ERROR_TOKEN, words);
    sign_under("C_Sign@1=0x30", P11_EC_P256, ERROR_TOKEN, "fault of its own");
    sign_under("C_Sign@1=after:0x30", P11_EC_P256, ERROR_TOKEN, "fault of its own");
    sign_under("C_Sign@1=0x32", P11_EC_P256, ERROR_TOKEN_GONE, "removed");
    sign_under("C_Sign@1=0x150", P11_EC_P256, ERROR_TOKEN, "longer than it said");
    sign_under("C_SignInit@1=0xdeadbeef", P11_EC_P256, ERROR_TOKEN, "no standard");
    sign_under(
        "C_SignInit@1=0x82,C_FindObjects@2=lie:short-list,C_FindObjects@3+=lie:short-list",
        P11_EC_P256, ERROR_TOKEN_GONE, "no longer there");
}

static void
another_point_is_found_out_at_the_first_signature(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    struct p11_key_plan plan = bench_plan(P11_EC_P256, P11_KEY_NO_BACKUP);
    check_ok(p11_key_generate(bench.session, &plan));
    bench_reopen(&bench, "C_GetAttributeValue@1+=lie:other-point");
    bench_login(bench.session, P11_USER);
    AUTO_BYTES spki = {0};
    check_ok(p11_key_spki(bench.session, plan.id, plan.id_len, &spki));
    AUTO(p11_signer) signer = NULL;
    check_ok(p11_signer_new(bench.session, plan.id, plan.id_len, spki.data, spki.len, &signer));
    struct p11_signing how = {.digest = "SHA256"};
    AUTO_BYTES signature = {0};
    check_error_says(p11_signer_sign(signer, &how, "m", 1, &signature), ERROR_TOKEN,
                     "does not confirm");
    assert_int_equal(signature.len, 0);
    p11_signer_free(TAKE(signer));
    bench_close(&bench);
}

/* T22: SoftHSM goes on saying that the token is present. */
static void
a_token_that_vanishes_is_called_gone(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    struct p11_key_plan plan = bench_plan(P11_EC_P256, P11_KEY_NO_BACKUP);
    check_ok(p11_key_generate(bench.session, &plan));
    AUTO_BYTES spki = {0};
    check_ok(p11_key_spki(bench.session, plan.id, plan.id_len, &spki));
    AUTO(p11_signer) signer = NULL;
    check_ok(p11_signer_new(bench.session, plan.id, plan.id_len, spki.data, spki.len, &signer));
    run(bench.softhsm.folder, "mv tokens elsewhere");
    struct p11_signing how = {.digest = "SHA256"};
    AUTO_BYTES signature = {0};
    check_error(p11_signer_sign(signer, &how, "m", 1, &signature), ERROR_TOKEN_GONE);
    p11_signer_free(TAKE(signer));
    bench_close(&bench);
}

struct worker {
    struct p11_signer *signer;
    size_t signed_count;
};

static void *
work(void *argument)
{
    struct worker *worker = argument;
    struct p11_signing how = {.digest = "SHA256"};
    for (unsigned char i = 0; i < 200; i++) {
        AUTO_BYTES signature = {0};
        struct error *error = p11_signer_sign(worker->signer, &how, &i, 1, &signature);
        worker->signed_count += error == NULL;
        error_free(error);
    }
    return NULL;
}

static void
several_threads_sign_at_once(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    struct p11_key_plan plan = bench_plan(P11_EC_P256, P11_KEY_NO_BACKUP);
    check_ok(p11_key_generate(bench.session, &plan));
    AUTO_BYTES spki = {0};
    check_ok(p11_key_spki(bench.session, plan.id, plan.id_len, &spki));
    AUTO(p11_signer) signer = NULL;
    check_ok(p11_signer_new(bench.session, plan.id, plan.id_len, spki.data, spki.len, &signer));
    struct worker workers[4];
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++) {
        workers[i] = (struct worker){.signer = signer};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(workers[i].signed_count, 200);
    }
    check_ok(p11_logout(bench.session));
    struct p11_signing how = {.digest = "SHA256"};
    AUTO_BYTES signature = {0};
    check_error_says(p11_signer_sign(signer, &how, "m", 1, &signature), ERROR_REFUSED,
                     "logged in");
    p11_signer_free(TAKE(signer));
    bench_close(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_signs_certificates_lists_and_seals),
        cmocka_unit_test(softhsm_still_makes_ed25519_keys_after_a_signature),
        cmocka_unit_test(keys_compare_and_never_leave),
        cmocka_unit_test(what_a_key_is_not_pinned_to_is_refused),
        cmocka_unit_test(a_wrong_signature_never_comes_out),
        cmocka_unit_test(another_point_is_found_out_at_the_first_signature),
        cmocka_unit_test(a_token_that_vanishes_is_called_gone),
        cmocka_unit_test(several_threads_sign_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
