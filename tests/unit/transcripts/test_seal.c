/* SPDX-License-Identifier: Apache-2.0
 *
 * Sums and seal, with stock sha256sum and openssl as second opinion (R93-R95). */
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/cms.h>
#include <openssl/ess.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/file.h"
#include "tests/support/check.h"
#include "transcripts/digest.h"
#include "transcripts/seal.h"

#define START INT64_C(1750000000)

static char folder[256];

static const char *const files[] = {"transcript.jsonl", "confidential.jsonl",
                                    "custody.yaml",     "certificates/root.pem",
                                    "name with blank",  "x",
                                    "certificates/.y"};
#define FILES (sizeof files / sizeof files[0])

static const char *
in_folder(const char *name)
{
    static char path[4][600];
    static unsigned turn;
    turn = (turn + 1) % 4;
    (void)snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

static int
make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/seal.XXXXXX", TEST_BINARY_DIR);
    if (mkdtemp(folder) == NULL)
        return -1;
    check_ok(folder_make(in_folder("certificates"), false));
    for (size_t i = 0; i < FILES; i++)
        check_ok(file_write_new(in_folder(files[i]), files[i], strlen(files[i])));
    check_ok(seal_write_sums(folder));
    return 0;
}

static int
remove_folder(void **state)
{
    (void)state;
    char command[400];
    (void)snprintf(command, sizeof command, "rm -r -- '%s'", folder);
    return system(command);
}

/* Runs a command in the folder; its exit status. */
static int
run(const char *command)
{
    char text[900];
    (void)snprintf(text, sizeof text,
                   "cd '%s' && { %s; } >out.log 2>&1; s=$?; rm out.log; exit $s", folder,
                   command);
    return WEXITSTATUS(system(text));
}

/* The public half, in the default context as ours always is. */
static EVP_PKEY *
public_half(EVP_PKEY *key)
{
    unsigned char *der = NULL;
    int len = i2d_PUBKEY(key, &der);
    assert_true(len > 0);
    const unsigned char *at = der;
    EVP_PKEY *public_key = d2i_PUBKEY(NULL, &at, len);
    OPENSSL_free(der);
    assert_non_null(public_key);
    return public_key;
}

/* A key (EC group or RSA) that lives in `context`, and its certificate. */
static void
make_signer_in(OSSL_LIB_CTX *context, const char *cn, const char *group, EVP_PKEY **ret_key,
               X509 **ret_certificate)
{
    EVP_PKEY *key = strcmp(group, "RSA") == 0
                        ? EVP_PKEY_Q_keygen(context, NULL, "RSA", (size_t)2048)
                        : EVP_PKEY_Q_keygen(context, NULL, "EC", group);
    assert_non_null(key);
    EVP_PKEY *public_key = public_half(key);
    AUTO_BYTES der = {0};
    check_ok(seal_certificate_make(key, public_key, context, cn, START, &der));
    EVP_PKEY_free(public_key);
    const unsigned char *at = der.data;
    X509 *certificate = d2i_X509(NULL, &at, (long)der.len);
    assert_non_null(certificate);
    *ret_key = key;
    *ret_certificate = certificate;
}

static void
make_signer(const char *cn, const char *group, EVP_PKEY **ret_key, X509 **ret_certificate)
{
    make_signer_in(NULL, cn, group, ret_key, ret_certificate);
}

static void
add_ca(X509 *certificate)
{
    FILE *file = fopen(in_folder("addenda-ca.pem"), "a");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, certificate), 1);
    assert_int_equal(fclose(file), 0);
}

#define STOCK                                                                                      \
    "openssl cms -verify -binary -inform DER -in SHA256SUMS.p7s -content SHA256SUMS -purpose any " \
    "-out /dev/null"

static void
sign(const char *cn, const char *group, OSSL_LIB_CTX *context, X509 **ret_certificate)
{
    EVP_PKEY *key = NULL;
    X509 *certificate = NULL;
    make_signer_in(context, cn, group, &key, &certificate);
    check_ok(seal_sign(folder, SEAL_SIGNATURE, key, certificate, context));
    check_error(seal_sign(folder, SEAL_SIGNATURE, key, certificate, context), ERROR_EXISTS);
    EVP_PKEY_free(key);
    if (ret_certificate == NULL)
        X509_free(certificate);
    else
        *ret_certificate = certificate;
}

static void
test_sums(void **state)
{
    (void)state;
    struct seal_check *checks = NULL;
    size_t count = 0;
    assert_int_equal(run("sha256sum --strict -c SHA256SUMS"), 0);
    check_ok(seal_check_sums(folder, false, &checks, &count));
    assert_int_equal(count, FILES);
    for (size_t i = 0; i < count; i++)
        assert_null(checks[i].fault);
    seal_checks_free(checks, count);

    check_ok(file_replace(in_folder("transcript.jsonl"), "x", 1));
    check_ok(file_remove(in_folder("custody.yaml")));
    check_ok(file_remove(in_folder("certificates/root.pem")));
    check_ok(file_write_new(in_folder("extra"), "x", 1));
    for (int extract = 0; extract < 2; extract++) {
        unsigned changed = 0;
        unsigned missing = 0;
        unsigned extra = 0;
        check_ok(seal_check_sums(folder, extract == 1, &checks, &count));
        for (size_t i = 0; i < count; i++) {
            const char *fault = checks[i].fault == NULL ? "" : checks[i].fault;
            changed += strcmp(fault, "changed") == 0;
            missing += strcmp(fault, "missing") == 0;
            extra += strcmp(fault, "not listed") == 0;
        }
        seal_checks_free(checks, count);
        assert_int_equal(changed, 1);
        assert_int_equal(missing, extract == 1 ? 1 : 2);
        assert_int_equal(extra, 1);
    }
}

static void
test_sums_form(void **state)
{
    (void)state;
    struct seal_check *checks = NULL;
    size_t count = 0;
    AUTO_BYTES sums = {0};
    check_ok(file_read(in_folder(SEAL_SUMS), 10000, &sums));
    check_ok(file_replace(in_folder(SEAL_SUMS), sums.data, sums.len - 1));
    check_error(seal_check_sums(folder, false, &checks, &count), ERROR_VERIFICATION);
    check_ok(file_replace(in_folder(SEAL_SUMS), "", 0));
    check_error(seal_check_sums(folder, false, &checks, &count), ERROR_VERIFICATION);
    char bad[100];
    static const char *const names[] = {
        "../etc/passwd", "./x",   "a//b",  "a/",  "/x", "..", ".", "",
        "a/../b",        "a/./b", "a\x7f", "a\\b"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(bad, sizeof bad, "%064d  %s\n", 0, names[i]);
        check_ok(file_replace(in_folder(SEAL_SUMS), bad, strlen(bad)));
        check_error(seal_check_sums(folder, false, &checks, &count), ERROR_VERIFICATION);
    }
    check_ok(file_replace(in_folder(SEAL_SUMS), sums.data, sums.len));
    assert_int_equal(symlink("transcript.jsonl", in_folder("link")), 0);
    check_error(seal_check_sums(folder, false, &checks, &count), ERROR_VERIFICATION);
}

static void
test_parallel_signers(void **state)
{
    (void)state;
    static const char *const groups[] = {"P-256", "P-384", "RSA", "P-521"};
    OSSL_LIB_CTX *context = OSSL_LIB_CTX_new();
    X509 *certificate = NULL;
    for (size_t i = 0; i < 4; i++) {
        char cn[40];
        (void)snprintf(cn, sizeof cn, "Signer Nr. %zu \xc3\xa4\x1b", i);
        sign(cn, groups[i], i % 2 == 1 ? context : NULL, &certificate);
        add_ca(certificate);
        X509_free(certificate);
        assert_int_equal(run(STOCK " -noverify"), 0);
        assert_int_equal(run(STOCK " -CAfile addenda-ca.pem"), 0);
    }
    struct seal_signer *signers = NULL;
    size_t count = 0;
    check_ok(seal_signers(folder, SEAL_SIGNATURE, &signers, &count));
    assert_int_equal(count, 4);
    for (size_t i = 0; i < count; i++) {
        assert_true(signers[i].valid);
        assert_null(strchr(signers[i].subject, '\x1b'));
        assert_int_equal(strlen(signers[i].certificate_sha256), 64);
        assert_int_equal(strlen(signers[i].signing_time), strlen("2026-11-23T14:32:07Z"));
    }
    free(signers);
    OSSL_LIB_CTX_free(context);
    check_ok(file_remove(in_folder("addenda-ca.pem")));
    /* A digest as strong as the key. */
    assert_int_equal(run("openssl cms -cmsout -print -inform DER -in SHA256SUMS.p7s > p.txt; "
                         "for a in 'sha256 2' 'sha384 1' 'sha512 1'; do "
                         "[ $(sed -n '/digestAlgorithm:/{n;p}' p.txt | grep -c \"${a% *}\") = "
                         "${a#* } ] || s=1; done; rm p.txt; [ -z \"$s\" ]"),
                     0);
    /* The attributes that the format promises, as a stock tool sees them. */
    assert_int_equal(run("openssl cms -cmsout -print -inform DER -in SHA256SUMS.p7s > p.txt; "
                         "grep -c signingCertificateV2 p.txt | grep -qx 4 && "
                         "grep -c signingTime p.txt | grep -qx 4 && ! grep -q smimeCap p.txt; "
                         "s=$?; rm p.txt; [ $s = 0 ]"),
                     0);
}

static void
check_all_invalid(size_t expected)
{
    struct seal_signer *signers = NULL;
    size_t count = 0;
    check_ok(seal_signers(folder, SEAL_SIGNATURE, &signers, &count));
    assert_int_equal(count, expected);
    for (size_t i = 0; i < count; i++)
        assert_false(signers[i].valid);
    free(signers);
}

static void
test_content_changed(void **state)
{
    (void)state;
    AUTO_BYTES sums = {0};
    sign("One", "P-256", NULL, NULL);
    sign("Two", "P-256", NULL, NULL);
    check_ok(file_read(in_folder(SEAL_SUMS), 10000, &sums));
    sums.data[3] ^= 1;
    check_ok(file_replace(in_folder(SEAL_SUMS), sums.data, sums.len));
    check_all_invalid(2);
    assert_int_not_equal(run(STOCK " -noverify"), 0);
    EVP_PKEY *key = NULL;
    X509 *certificate = NULL;
    make_signer("Three", "P-256", &key, &certificate);
    check_error(seal_sign(folder, SEAL_SIGNATURE, key, certificate, NULL), ERROR_VERIFICATION);
    EVP_PKEY_free(key);
    X509_free(certificate);
}

/* One byte of the signature file: either refused whole, or some signer no longer valid, or the list
 * of certificates is no longer the one that was signed with. */
static void
test_seal_changed(void **state)
{
    (void)state;
    sign("One", "P-256", NULL, NULL);
    struct seal_signer *good = NULL;
    size_t count = 0;
    check_ok(seal_signers(folder, SEAL_SIGNATURE, &good, &count));
    AUTO_BYTES der = {0};
    check_ok(file_read(in_folder(SEAL_SIGNATURE), 100000, &der));
    size_t unnoticed = 0;
    for (size_t at = 0; at < der.len; at++) {
        unsigned char was = der.data[at];
        der.data[at] ^= 0x04;
        check_ok(file_replace(in_folder(SEAL_SIGNATURE), der.data, der.len));
        der.data[at] = was;
        struct seal_signer *signers = NULL;
        struct error *error = seal_signers(folder, SEAL_SIGNATURE, &signers, &count);
        if (error == NULL && count == 1 && signers[0].valid
            && strcmp(signers[0].certificate_sha256, good->certificate_sha256) == 0)
            unnoticed++;
        if (error == NULL)
            free(signers);
        error_free(error);
    }
    free(good);
    /* What no signature covers: versions and algorithm names outside the signed attributes. */
    print_message("%zu of %zu bytes may change unnoticed\n", unnoticed, der.len);
    assert_true(unnoticed < 40);
    check_ok(bytes_append(&der, "x", 1));
    check_ok(file_replace(in_folder(SEAL_SIGNATURE), der.data, der.len));
    struct seal_signer *signers = NULL;
    check_error(seal_signers(folder, SEAL_SIGNATURE, &signers, &count), ERROR_VERIFICATION);
}

/* CMS cannot show a stripped signer, so whoever is required must be looked for in this list. */
static void
test_stripped_signer(void **state)
{
    (void)state;
    AUTO_BYTES one = {0};
    struct seal_signer *signers = NULL;
    size_t count = 0;
    sign("One", "P-256", NULL, NULL);
    check_ok(file_read(in_folder(SEAL_SIGNATURE), 100000, &one));
    sign("Two", "P-256", NULL, NULL);
    check_ok(seal_signers(folder, SEAL_SIGNATURE, &signers, &count));
    assert_int_equal(count, 2);
    free(signers);
    check_ok(file_replace(in_folder(SEAL_SIGNATURE), one.data, one.len));
    check_ok(seal_signers(folder, SEAL_SIGNATURE, &signers, &count));
    assert_int_equal(count, 1);
    assert_string_equal(signers[0].subject, "CN=One");
    free(signers);
}

/* A seal whose signed attribute names another certificate than it was signed with (RFC 5035): all but that is right. */
static void
test_names_another_certificate(void **state)
{
    (void)state;
    EVP_PKEY *key = NULL;
    EVP_PKEY *other_key = NULL;
    X509 *certificate = NULL;
    X509 *other = NULL;
    make_signer("One", "P-256", &key, &certificate);
    make_signer("Two", "P-256", &other_key, &other);
    for (int wrong = 0; wrong < 4; wrong++) {
        const EVP_MD *md = wrong == 3 ? EVP_sha1() : EVP_sha256(); /* too weak */
        unsigned digest_len = 0;
        AUTO_BYTES sums = {0};
        unsigned char digest[32];
        unsigned char *der = NULL;
        check_ok(file_read(in_folder(SEAL_SUMS), 10000, &sums));
        assert_int_equal(EVP_Digest(sums.data, sums.len, digest, &digest_len, md, NULL), 1);
        CMS_ContentInfo *cms =
            CMS_sign(NULL, NULL, NULL, NULL, CMS_PARTIAL | CMS_DETACHED | CMS_BINARY);
        CMS_SignerInfo *signer = CMS_add1_signer(cms, certificate, key, md,
                                                 CMS_PARTIAL | CMS_NOSMIMECAP | CMS_BINARY);
        assert_non_null(signer);
        assert_int_equal(CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_contentType,
                                                     V_ASN1_OBJECT, OBJ_nid2obj(NID_pkcs7_data),
                                                     -1),
                         1);
        assert_int_equal(CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_messageDigest,
                                                     V_ASN1_OCTET_STRING, digest,
                                                     (int)digest_len),
                         1);
        ESS_SIGNING_CERT_V2 *named = OSSL_ESS_signing_cert_v2_new_init(
            EVP_sha256(), wrong == 1 ? other : certificate, NULL, 0);
        int len = i2d_ESS_SIGNING_CERT_V2(named, &der);
        if (wrong != 2) /* the third has no such attribute */
            assert_int_equal(CMS_signed_add1_attr_by_NID(signer,
                                                         NID_id_smime_aa_signingCertificateV2,
                                                         V_ASN1_SEQUENCE, der, len),
                             1);
        ESS_SIGNING_CERT_V2_free(named);
        OPENSSL_free(der);
        der = NULL;
        assert_int_equal(CMS_SignerInfo_sign(signer), 1);
        len = i2d_CMS_ContentInfo(cms, &der);
        assert_true(len > 0);
        check_ok(file_replace(in_folder(SEAL_SIGNATURE), der, (size_t)len));
        OPENSSL_free(der);
        CMS_ContentInfo_free(cms);
        struct seal_signer *signers = NULL;
        size_t count = 0;
        check_ok(seal_signers(folder, SEAL_SIGNATURE, &signers, &count));
        assert_int_equal(count, 1);
        assert_int_equal(signers[0].valid, wrong == 0);
        free(signers);
    }
    EVP_PKEY_free(key);
    EVP_PKEY_free(other_key);
    X509_free(certificate);
    X509_free(other);
}

static void
test_wrong_key(void **state)
{
    (void)state;
    EVP_PKEY *key = NULL;
    EVP_PKEY *other = EVP_EC_gen("P-256");
    X509 *certificate = NULL;
    make_signer("One", "P-256", &key, &certificate);
    check_error(seal_sign(folder, SEAL_SIGNATURE, other, certificate, NULL), ERROR_INPUT);
    assert_false(file_exists(in_folder(SEAL_SIGNATURE)));
    AUTO_BYTES der = {0};
    check_error(seal_certificate_make(key, other, NULL, "One", START, &der), ERROR_TOKEN);
    EVP_PKEY_free(key);
    EVP_PKEY_free(other);
    X509_free(certificate);
}

static void
write_pem(const char *name, EVP_PKEY *key, X509 *certificate, EVP_PKEY *public_key,
          const char *passphrase)
{
    FILE *file = fopen(in_folder(name), "w");
    assert_non_null(file);
    if (key != NULL)
        assert_int_equal(
            PEM_write_PrivateKey(file, key, passphrase == NULL ? NULL : EVP_aes_128_cbc(),
                                 (const unsigned char *)passphrase,
                                 passphrase == NULL ? 0 : (int)strlen(passphrase), NULL, NULL),
            1);
    if (certificate != NULL)
        assert_int_equal(PEM_write_X509(file, certificate), 1);
    if (public_key != NULL)
        assert_int_equal(PEM_write_PUBKEY(file, public_key), 1);
    assert_int_equal(fclose(file), 0);
}

static void
test_files_and_bytes(void **state)
{
    (void)state;
    EVP_PKEY *key = NULL;
    EVP_PKEY *loaded = NULL;
    X509 *certificate = NULL;
    X509 *loaded_certificate = NULL;
    make_signer("One", "P-256", &key, &certificate);
    write_pem("key.pem", key, NULL, NULL, NULL);
    write_pem("locked.pem", key, NULL, NULL, "secret");
    write_pem("cert.pem", NULL, certificate, NULL, NULL);
    write_pem("pub.pem", NULL, NULL, key, NULL);
    check_ok(seal_load_signer(in_folder("key.pem"), in_folder("cert.pem"), &loaded,
                              &loaded_certificate));
    assert_int_equal(EVP_PKEY_eq(key, loaded), 1);
    AUTO_BYTES signature = {0};
    check_ok(seal_sign_bytes(loaded, NULL, "head", 4, &signature));
    check_ok(seal_verify_bytes(key, "head", 4, signature.data, signature.len));
    check_error(seal_verify_bytes(key, "heaD", 4, signature.data, signature.len),
                ERROR_VERIFICATION);
    check_ok(file_write_new(in_folder("head.sig"), signature.data, signature.len));
    assert_int_equal(
        run("printf head | openssl dgst -sha256 -verify pub.pem -signature head.sig"), 0);
    EVP_PKEY_free(loaded);
    X509_free(loaded_certificate);
    check_error(seal_load_signer(in_folder("locked.pem"), in_folder("cert.pem"), &loaded,
                                 &loaded_certificate),
                ERROR_INPUT);
    check_ok(file_write_new(in_folder("empty.pem"), "", 0));
    static const char *const no_keys[] = {"empty.pem", "certificates"};
    for (size_t i = 0; i < 2; i++)
        check_error_says(seal_load_signer(in_folder(no_keys[i]), in_folder("cert.pem"), &loaded,
                                          &loaded_certificate),
                         ERROR_INPUT, "not a file with one key");
    check_error(seal_load_signer(in_folder("none.pem"), in_folder("cert.pem"), &loaded,
                                 &loaded_certificate),
                ERROR_NOT_FOUND);
    EVP_PKEY_free(key);
    X509_free(certificate);
    make_signer("Two", "P-256", &key, &certificate);
    write_pem("key.pem", key, NULL, NULL, NULL);
    check_error(seal_load_signer(in_folder("key.pem"), in_folder("cert.pem"), &loaded,
                                 &loaded_certificate),
                ERROR_INPUT);
    EVP_PKEY_free(key);
    X509_free(certificate);
}

/* RFC 5869, test case 1. */
static void
test_hkdf(void **state)
{
    (void)state;
    unsigned char key[22];
    unsigned char salt[13];
    unsigned char output[42];
    static const char info[] = "\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9";
    static const unsigned char expected[42] = {
        0x3c, 0xb2, 0x5f, 0x25, 0xfa, 0xac, 0xd5, 0x7a, 0x90, 0x43, 0x4f, 0x64, 0xd0, 0x36,
        0x2f, 0x2a, 0x2d, 0x2d, 0x0a, 0x90, 0xcf, 0x1a, 0x5a, 0x4c, 0x5d, 0xb0, 0x2d, 0x56,
        0xec, 0xc4, 0xc5, 0xbf, 0x34, 0x00, 0x72, 0x08, 0xd5, 0xb8, 0x87, 0x18, 0x58, 0x65};
    memset(key, 0x0b, sizeof key);
    for (unsigned char i = 0; i < sizeof salt; i++)
        salt[i] = i;
    check_ok(
        digest_hkdf_sha256(key, sizeof key, salt, sizeof salt, info, output, sizeof output));
    assert_memory_equal(output, expected, sizeof expected);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sums, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_sums_form, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_parallel_signers, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_content_changed, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_seal_changed, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_stripped_signer, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_names_another_certificate, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(test_wrong_key, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_files_and_bytes, make_folder, remove_folder),
        cmocka_unit_test(test_hkdf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
