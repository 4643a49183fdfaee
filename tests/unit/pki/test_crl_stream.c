/* SPDX-License-Identifier: Apache-2.0
 *
 * Long CRLs: byte for byte as short ones, signed only as announced, checked before they have a name,
 * in memory that does not grow. (R32, R36) */
#include <fcntl.h>
#include <unistd.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "tests/unit/pki/revocation_list.h"

static char folder[] = "/tmp/crl-stream-XXXXXX";

static int
make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int
remove_folder(void **state)
{
    (void)state;
    return rmdir(folder); /* fails if a test left something */
}

static char *
scratch(const char *name)
{
    static char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static struct error *
make(struct fixture *f, struct revocation_list *list, const char *path,
     struct pki_crl_facts *ret_facts)
{
    struct pki_revocations source = revocation_source(list);
    struct pki_crl_order order = fixture_crl_order(f);
    struct pki_stream_signer signer = {.sign = sign_in_parts, .self = f->key};
    struct pki_lint_context context = {.issuer = f->certificate.data,
                                       .issuer_len = f->certificate.len,
                                       .profile = &f->crl,
                                       .now = f->now};
    AUTO(pki_crl_stream) stream = NULL;
    AUTO_LINT_REPORT report = {0};
    char sha256[65];
    TRY(pki_crl_stream_write(&order, &source, path, &stream));
    *ret_facts = *pki_crl_stream_facts(stream);
    TRY(pki_crl_stream_sign(stream, &signer));
    TRY(pki_crl_stream_check(stream, &context, &report, sha256));
    assert_int_equal(report.notes + report.warnings, 0);
    assert_false(file_exists(path)); /* no name yet */
    TRY(pki_crl_stream_publish(stream, false));
    return NULL;
}

static void
draft_of(struct fixture *f, struct revocation_list *list, struct pki_draft *ret_draft)
{
    struct pki_crl_order order = fixture_crl_order(f);
    AUTO_FREE struct pki_revocation *all = calloc(list->count + 1, sizeof *all);
    assert_non_null(all);
    for (uint64_t i = 0; i < list->count; i++)
        revocation_make(list, list->count - 1 - i, &all[i]);
    order.revocations = all;
    order.revocation_count = list->count;
    check_ok(pki_crl_draft(&order, ret_draft));
}

/* RSA signs the same bytes the same way, so whole files compare. The counts are chosen so that the
 * outer header is sometimes shorter than foreseen (255, 65535). */
static void
test_equal_to_draft(void **state)
{
    static const uint64_t counts[] = {0, 1, 2, 5, 100, 1190, 1200, 1210, 1220, 1230, 3000};
    (void)state;
    struct fixture f;
    fixture_open(&f, "rsa-2048");
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct revocation_list list = {.count = counts[i], .date = NOW};
        struct pki_crl_facts facts = {0};
        AUTO_DRAFT draft = {0};
        AUTO_BYTES small = {0};
        AUTO_BYTES large = {0};
        const char *path = scratch("equal.der");
        check_ok(make(&f, &list, path, &facts));
        draft_of(&f, &list, &draft);
        check_ok(pki_draft_sign(&draft, f.key, NULL, f.spki.data, f.spki.len, &small));
        check_ok(file_read(path, 1 << 24, &large));
        assert_int_equal(large.len, small.len);
        assert_memory_equal(large.data, small.data, small.len);
        assert_string_equal(facts.tbs_sha256, draft.tbs_sha256);
        assert_int_equal(facts.entries, counts[i]);
        check_ok(file_remove(path));
    }
    fixture_close(&f);
}

/* With every kind of key: the signature's length varies with EC. */
static void
test_keys(void **state)
{
    static const char *const types[] = {"ec-p256", "ec-p384", "ec-p521", "rsa-3072"};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct fixture f;
        struct revocation_list list = {.count = 40, .date = NOW};
        struct pki_crl_facts facts = {0};
        AUTO_DRAFT draft = {0};
        fixture_open(&f, types[i]);
        const char *path = scratch("keys.der");
        check_ok(make(&f, &list, path, &facts));
        draft_of(&f, &list, &draft);
        assert_string_equal(facts.tbs_sha256, draft.tbs_sha256);
        check_ok(file_remove(path));
        fixture_close(&f);
    }
}

static void
test_sample(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "ec-p256");
    struct revocation_list list = {.count = 50, .date = NOW};
    struct pki_revocations source = revocation_source(&list);
    struct pki_crl_order order = fixture_crl_order(&f);
    AUTO_DRAFT some = {0};
    AUTO_DRAFT all = {0};
    AUTO_DRAFT whole = {0};
    check_ok(pki_crl_sample(&order, &source, 10, &some));
    check_ok(pki_crl_sample(&order, &source, 50, &all));
    draft_of(&f, &list, &whole);
    assert_string_equal(all.tbs_sha256, whole.tbs_sha256);
    assert_true(some.tbs.len < all.tbs.len);
    fixture_close(&f);
}

/* --- what goes wrong leaves no file --- */

static void
check_no_file(const char *path)
{
    AUTO_FOLDER_LIST names = {0};
    assert_false(file_exists(path));
    check_ok(folder_list(folder, false, true, &names));
    assert_int_equal(names.count, 0); /* no temporary one, either */
}

static struct error *
sign_wrong(void *self, const char *digest, const struct byte_source *message,
           struct bytes *ret_signature)
{
    TRY(sign_in_parts(self, digest, message, ret_signature));
    ret_signature->data[ret_signature->len - 1] ^= 1;
    return NULL;
}

static struct error *
sign_half(void *self, const char *digest, const struct byte_source *message,
          struct bytes *ret_signature)
{
    const void *data = NULL;
    size_t len = 0;
    (void)digest;
    (void)self;
    TRY(message->next(message->self, &data, &len));
    return bytes_copy(ret_signature, "x", 1);
}

static void
test_bad_signatures(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "ec-p256");
    struct revocation_list list = {.count = 40000, .date = NOW};
    struct pki_revocations source = revocation_source(&list);
    struct pki_crl_order order = fixture_crl_order(&f);
    struct pki_waiver waiver = {text_c, text_c, text_c, f.now + 1000};
    struct pki_lint_context context = {.issuer = f.certificate.data,
                                       .issuer_len = f.certificate.len,
                                       .profile = &f.crl,
                                       .now = f.now};
    static char lint[] = "signature";
    waiver.lint = lint;
    f.crl.waivers = &waiver;
    for (int waived = 0; waived <= 1; waived++) {
        AUTO(pki_crl_stream) stream = NULL;
        AUTO_LINT_REPORT report = {0};
        char sha256[65];
        struct pki_stream_signer wrong = {.sign = sign_wrong, .self = f.key};
        f.crl.waiver_count = (size_t)waived;
        check_ok(pki_crl_stream_write(&order, &source, scratch("bad.der"), &stream));
        check_ok(pki_crl_stream_sign(stream, &wrong));
        check_error_says(pki_crl_stream_check(stream, &context, &report, sha256),
                         ERROR_VERIFICATION, "signature");
    }
    check_no_file(scratch("bad.der"));
    AUTO(pki_crl_stream) stream = NULL;
    struct pki_stream_signer half = {.sign = sign_half, .self = f.key};
    check_ok(pki_crl_stream_write(&order, &source, scratch("bad.der"), &stream));
    check_error_says(pki_crl_stream_sign(stream, &half), ERROR_TOKEN, "not all");
    pki_crl_stream_free(TAKE(stream));
    check_no_file(scratch("bad.der"));
    fixture_close(&f);
}

/* One bit of the temporary file. */
static void
patch(off_t offset)
{
    AUTO_FOLDER_LIST names = {0};
    AUTO_FREE char *path = NULL;
    check_ok(folder_list(folder, false, true, &names));
    assert_int_equal(names.count, 1);
    check_ok(path_join(folder, names.names[0], &path));
    int descriptor = open(path, O_RDWR | O_CLOEXEC);
    unsigned char byte = 0;
    assert_int_equal(pread(descriptor, &byte, 1, offset), 1);
    byte ^= 1;
    assert_int_equal(pwrite(descriptor, &byte, 1, offset), 1);
    (void)close(descriptor);
}

/* What was announced is what is signed, and what was signed is what gets its name. */
static void
test_changed_between(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "ec-p256");
    struct revocation_list list = {.count = 4000, .date = NOW};
    struct pki_revocations source = revocation_source(&list);
    struct pki_crl_order order = fixture_crl_order(&f);
    struct pki_stream_signer signer = {.sign = sign_in_parts, .self = f.key};
    struct pki_lint_context context = {
        .issuer = f.certificate.data, .issuer_len = f.certificate.len, .now = f.now};
    AUTO_LINT_REPORT report = {0};
    char sha256[65];
    AUTO(pki_crl_stream) before = NULL;
    check_ok(pki_crl_stream_write(&order, &source, scratch("changed.der"), &before));
    patch(90000);
    check_error_says(pki_crl_stream_sign(before, &signer), ERROR_VERIFICATION, "announced");
    pki_crl_stream_free(TAKE(before));
    AUTO(pki_crl_stream) after = NULL;
    check_ok(pki_crl_stream_write(&order, &source, scratch("changed.der"), &after));
    check_ok(pki_crl_stream_sign(after, &signer));
    patch(90000);
    check_error_says(pki_crl_stream_check(after, &context, &report, sha256), ERROR_IO,
                     "different");
    pki_crl_stream_free(TAKE(after));
    check_no_file(scratch("changed.der"));
    fixture_close(&f);
}

static void
test_sources(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "ec-p256");
    struct pki_crl_facts facts = {0};
    struct revocation_list breaks = {.count = 9, .date = NOW, .fail_at = 5};
    check_error_says(make(&f, &breaks, scratch("s.der"), &facts), ERROR_IO, "broke off");
    struct revocation_list late = {.count = 9, .date = NOW + 2000000};
    check_error_says(make(&f, &late, scratch("s.der"), &facts), ERROR_INPUT, "later");
    check_no_file(scratch("s.der"));
    struct revocation_list good = {.count = 9, .date = NOW};
    check_ok(make(&f, &good, scratch("s.der"), &facts));
    check_ok(file_remove(scratch("s.der")));
    fixture_close(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_to_draft),  cmocka_unit_test(test_keys),
        cmocka_unit_test(test_sample),          cmocka_unit_test(test_bad_signatures),
        cmocka_unit_test(test_changed_between), cmocka_unit_test(test_sources),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
