/* SPDX-License-Identifier: Apache-2.0
 *
 * Lints whose defect no vector has: a correct vector is edited in one place (an element put in, replaced or taken
 * out, the lengths around it made right), and the rule must find it; in the vector itself it finds nothing. */
#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/pki/der_write.h"
#include "tests/unit/pki/fixture.h"

#define LIMIT 1000000
#define END   (-1)

enum edit {
    BEFORE,  /* put before the element that the path leads to */
    REPLACE, /* "" takes it out */
};

enum needs {
    ALONE,
    ISSUER,
    PUBLIC,
    PROFILE
};

static const struct {
    const char *folder;
    const char *name;
    const char *lint;
    enum edit edit;
    enum needs needs;
    int path[8]; /* which child, from the outermost element on */
    const char *hex;
} rows[] = {
    {"x509test",
     "ok-v3.der",               "serial-length",
     REPLACE,                                                             ALONE,
     {0, 1, END},
     "0215010101010101010101010101010101010101010101"                                             },
    {"x509test",
     "ok-v3.der",               "issuer-alt-name-critical",
     BEFORE,                                                              ALONE,
     {0, 7, 0, 0, END},
     "30170603551d120101ff040d300b8209612e6578616d706c65"                                         },
    {"x509test",
     "ok-v3.der",               "directory-attributes-critical",
     BEFORE,                                                              ALONE,
     {0, 7, 0, 0, END},
     "301e0603551d090101ff04143012301006082b06010505070904310413024742"                           },
    {"x509test",
     "ok-v3.der",               "freshest-crl-critical",
     BEFORE,                                                              ALONE,
     {0, 7, 0, 0, END},
     "30260603551d2e0101ff041c301a3018a016a0148612687474703a2f2f612e6578616d706c652f64"           },
    {"crl",
     "ok-full.der",             "expired-certs-critical",
     BEFORE,                                                              ALONE,
     {0, 6, 0, 0, END},
     "301b0603551d3c0101ff0411180f32303236303130313030303030305a"                                 },
    {"x509test",
     "ok-v3.der",               "authority-key-pair",
     BEFORE,                                                              ALONE,
     {0, 7, 0, 0, END},
     "300c0603551d2304053003820105"                                                               },
    {"x509test",
     "ok-v3.der",               "authority-key-issuer-mismatch",
     BEFORE,                                                              ISSUER,
     {0, 7, 0, 0, END},
     "301e0603551d2304173015a110a40e300c310a300806035504030c0161820105"                           },
    {"x509test",
     "ok-v3.der",               "subject-alt-name-noncritical",
     BEFORE,                                                              ALONE,
     {0, 7, 0, 0, END},
     "30170603551d110101ff040d300b8209612e6578616d706c65"                                         },
    {"x509test",
     "ok-v3.der",               "ocsp-no-check-null",
     BEFORE,                                                              ALONE,
     {0, 7, 0, 0, END},
     "301006092b060105050730010504030101ff"                                                       },
    {"x509test",
     "ok-v3.der",               "no-rev-avail-null",
     BEFORE,                                                              ALONE,
     {0, 7, 0, 0, END},
     "300a0603551d3804030101ff"                                                                   },
    {"crl",      "ok-full.der", "crl-next-update-missing",       REPLACE, ALONE,   {0, 4, END}, ""},
    {"crl",
     "ok-full.der",             "crl-entry-date-later",
     REPLACE,                                                             ALONE,
     {0, 5, 1, 1, END},
     "170d3236313132343135333034315a"                                                             },
    {"crl",
     "ok-full.der",             "crl-reason-critical",
     BEFORE,                                                              ALONE,
     {0, 5, 0, 2, 0, 1, END},
     "0101ff"                                                                                     },
    {"crl",
     "ok-full.der",             "crl-certificate-issuer",
     BEFORE,                                                              ALONE,
     {0, 5, 0, 2, 0, END},
     "301c0603551d1d0101ff04123010a40e300c310a300806035504030c0161"                               },
    {"crl",
     "ok-full.der",             "br-crl-indirect",
     BEFORE,                                                              PUBLIC,
     {0, 6, 0, 0, END},
     "300f0603551d1c0101ff040530038401ff"                                                         },
    {"crl",
     "ok-full.der",             "br-crl-hold",
     REPLACE,                                                             PUBLIC,
     {0, 5, 0, 2, 0, 1, END},
     "04030a0106"                                                                                 },
    {"crl",
     "ok-full.der",             "profile-crl-outlives-issuer",
     REPLACE,                                                             PROFILE,
     {0, 4, END},
     "180f32303938303130313030303030305a"                                                         },
};

/* Appends the edited form of the element at the head of `from`, which is advanced past it. */
static void
edit_element(struct bytes *out, struct der *from, const int *path, enum edit edit,
             struct der put)
{
    struct der_item item;
    assert_null(der_next(from, &item));
    if (path[0] == END) {
        check_ok(der_put_raw(out, put));
        if (edit == BEFORE)
            check_ok(der_put_raw(out, item.whole));
        return;
    }
    const size_t start = out->len;
    struct der children = item.body;
    for (int i = 0; children.len > 0; i++) {
        struct der_item child;
        if (i == path[0]) {
            edit_element(out, &children, path + 1, edit, put);
            continue;
        }
        assert_null(der_next(&children, &child));
        check_ok(der_put_raw(out, child.whole));
    }
    check_ok(der_close(out, start, item.tag));
}

static bool
finds(const struct bytes *der, const struct pki_lint_context *context, const char *lint)
{
    AUTO_LINT_REPORT report = {0};
    bool found = false;
    check_ok(pki_lint(der->data, der->len, context, &report));
    for (size_t i = 0; i < report.count; i++)
        found = found || strcmp(report.findings[i].lint, lint) == 0;
    return found;
}

static void
read_vector(const char *folder, const char *name, struct bytes *ret_der)
{
    char path[512];
    (void)snprintf(path, sizeof path, TEST_SOURCE_DIR "/tests/vectors/%s/%s", folder, name);
    check_ok(file_read(path, LIMIT, ret_der));
}

static void
test_edits(void **state)
{
    (void)state;
    struct fixture f;
    fixture_profiles(&f);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        AUTO_BYTES der = {0}, put = {0}, edited = {0}, issuer = {0};
        struct pki_lint_context context = {.specimen_signature = true, .now = NOW};
        read_vector(rows[i].folder, rows[i].name, &der);
        read_vector(rows[i].folder, "_issuer.der", &issuer);
        check_ok(hex_decode_append(rows[i].hex, &put));
        f.crl.trust = rows[i].needs == PUBLIC ? PKI_TRUST_PUBLIC : PKI_TRUST_PRIVATE;
        if (rows[i].needs != ALONE) {
            context.issuer = issuer.data;
            context.issuer_len = issuer.len;
        }
        if (rows[i].needs >= PUBLIC)
            context.profile = &f.crl;
        struct der from = der_view(der.data, der.len);
        edit_element(&edited, &from, rows[i].path, rows[i].edit, der_view(put.data, put.len));
        if (finds(&der, &context, rows[i].lint))
            fail_msg("%s finds something in %s itself", rows[i].lint, rows[i].name);
        if (!finds(&edited, &context, rows[i].lint))
            fail_msg("%s does not find it", rows[i].lint);
    }
}

/* A version 1 certificate under a profile of public trust. */
static void
test_public_version(void **state)
{
    (void)state;
    struct fixture f;
    AUTO_BYTES der = {0};
    struct pki_lint_context context = {.profile = &f.root, .now = NOW};
    fixture_profiles(&f);
    read_vector("x509test", "ok-v1.der", &der);
    assert_false(finds(&der, &context, "br-version"));
    f.root.trust = PKI_TRUST_PUBLIC;
    assert_true(finds(&der, &context, "br-version"));
}

static void
test_public_key(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "ed25519");
    struct pki_lint_context context = {.profile = &f.root, .now = NOW};
    assert_false(finds(&f.certificate, &context, "br-key"));
    f.root.trust = PKI_TRUST_PUBLIC;
    assert_true(finds(&f.certificate, &context, "br-key"));
    fixture_close(&f);
}

/* R51: later than its issuer only with a reason. */
static void
test_outlives(void **state)
{
    static char reason[] = "devices without a clock";
    (void)state;
    struct fixture f;
    AUTO_BYTES issuer = {0};
    fixture_open(&f, "ec-p256");
    read_vector("crl", "_issuer.der", &issuer); /* ends in 2036 */
    struct pki_lint_context context = {
        .profile = &f.root, .now = NOW, .issuer = issuer.data, .issuer_len = issuer.len};
    assert_true(finds(&f.certificate, &context, "profile-outlives-issuer"));
    f.root.certificate.outlives_issuer = true;
    assert_true(finds(&f.certificate, &context, "profile-outlives-issuer"));
    f.root.certificate.outlives_reason = reason;
    assert_false(finds(&f.certificate, &context, "profile-outlives-issuer"));
    fixture_close(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edits),
        cmocka_unit_test(test_public_version),
        cmocka_unit_test(test_public_key),
        cmocka_unit_test(test_outlives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
