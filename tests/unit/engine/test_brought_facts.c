/* SPDX-License-Identifier: Apache-2.0
 *
 * What comes back of a file that people brought: all of it as it was read; and whatever a taken-over process may send
 * instead is refused, or is of the very file that was handed over (T17, R62). */
#include <sys/stat.h>
#include <unistd.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/engine/brought_facts.h"
#include "tests/unit/pki/fixture.h"

#define CA "ca"

static char folder[] = "/tmp/brought-XXXXXX";
static char path[100];
static char name[] = CA;
static char no_evidence[] = "";
static struct site_input input = {.name = name, .path = path, .evidence = no_evidence};
static struct site site = {.inputs = &input, .input_count = 1};
static struct fixture f;
static struct bytes request;

static void
bring(const void *data, size_t len)
{
    check_ok(file_replace(path, data, len));
}

static int
set_up(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(path, sizeof path, "%s/file", folder);
    fixture_open(&f, "ec-p256");
    check_ok(pki_request_make(&f.root, f.spki.data, f.spki.len, false, f.key, NULL, &request));
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    fixture_close(&f);
    bytes_clear(&request);
    (void)unlink(path);
    return rmdir(folder);
}

/* --- documents --- */

static void
test_documents_come_over(void **state)
{
    AUTO_DOCUMENTS sent = {0};
    AUTO_DOCUMENTS got = {0};
    const struct document *document = NULL;
    int file = -1;
    (void)state;
    bring(request.data, request.len);
    check_ok(documents_read(&sent, &site, CA, BROUGHT_FILE_MAX));
    check_ok(documents_read(&sent, &site, "nothing", BROUGHT_FILE_MAX));
    assert_int_equal(sent.count, 1);
    check_ok(documents_read(&sent, &site, CA, 10)); /* too large */
    sent.items[1].name[0] = 'l';                    /* "la" */
    check_ok(documents_pack(&sent, &file));
    check_ok(documents_open(file, &got));
    assert_int_equal(close(file), 0);
    check_ok(documents_get(&got, CA, &document));
    assert_int_equal(document->len, request.len);
    assert_memory_equal(document->data, request.data, request.len);
    check_error_says(documents_get(&got, "other", &document), ERROR_BUG, "not handed over");
    /* What was wrong with a file is told by the other process, and found again by this one. */
    struct error *error = documents_get(&got, "la", &document);
    assert_string_equal(error_what(error), error_what(sent.items[1].fault));
    error = documents_own_error(&sent, error);
    assert_null(sent.items[1].fault);
    error_free(error);
}

static void
test_a_file_holds_its_der(void **state)
{
    AUTO_BYTES pem = {0};
    (void)state;
    check_ok(pki_pem("CERTIFICATE REQUEST", request.data, request.len, &pem));
    for (int i = 0; i < 2; i++) {
        AUTO_DOCUMENTS documents = {0};
        bring(i == 0 ? request.data : pem.data, i == 0 ? request.len : pem.len);
        check_ok(documents_read(&documents, &site, CA, BROUGHT_FILE_MAX));
        assert_true(documents_hold(&documents, CA, &request));
        assert_false(documents_hold(&documents, CA, &f.certificate));
        assert_false(documents_hold(&documents, "other", &request));
        assert_false(documents_hold(&documents, CA, &(struct bytes){0}));
        request.data[40] ^= 1;
        assert_false(documents_hold(&documents, CA, &request));
        request.data[40] ^= 1;
    }
}

/* --- facts --- */

static void
put_request(struct bytes *facts)
{
    static char type[] = "ec-p256";
    struct script_key planned = {.id = name, .type = type};
    AUTO_BROUGHT_REQUEST read = {0};
    AUTO_DOCUMENTS documents = {0};
    bring(request.data, request.len);
    check_ok(documents_read(&documents, &site, CA, BROUGHT_FILE_MAX));
    check_ok(
        brought_request_read(&(struct brought_inputs){&site, &documents}, CA, &planned, &read));
    check_ok(flat_put(&brought_request_table, &read, facts));
}

static void
put_certificate(struct bytes *facts)
{
    AUTO_BROUGHT_CERTIFICATE read = {0};
    AUTO_DOCUMENTS documents = {0};
    bring(f.certificate.data, f.certificate.len);
    check_ok(documents_read(&documents, &site, CA, BROUGHT_FILE_MAX));
    check_ok(brought_ca_read(&(struct brought_inputs){&site, &documents}, CA, NOW, &read));
    check_ok(flat_put(&brought_certificate_table, &read, facts));
}

static struct error *
take_request(const struct bytes *facts, const struct documents *documents,
             struct brought_request *ret_request)
{
    struct flat_reading in = {facts->data, facts->len};
    TRY(flat_take(&brought_request_table, &in, ret_request));
    TRY(flat_take_end(&in));
    return brought_request_complete(&(struct brought_inputs){&site, documents}, CA,
                                    ret_request);
}

static struct error *
take_certificate(const struct bytes *facts, const struct documents *documents,
                 struct brought_certificate *ret_certificate)
{
    struct flat_reading in = {facts->data, facts->len};
    TRY(flat_take(&brought_certificate_table, &in, ret_certificate));
    TRY(flat_take_end(&in));
    return brought_certificate_complete(&(struct brought_inputs){&site, documents}, CA,
                                        ret_certificate);
}

static void
test_they_come_over(void **state)
{
    AUTO_BYTES facts = {0};
    AUTO_DOCUMENTS documents = {0};
    AUTO_BROUGHT_REQUEST asked = {0};
    char hash[65];
    (void)state;
    put_request(&facts);
    check_ok(documents_read(&documents, &site, CA, BROUGHT_FILE_MAX));
    check_ok(take_request(&facts, &documents, &asked));
    assert_string_equal(asked.key_text, "EC P-256");
    check_ok(digest_sha256_text(request.data, request.len, hash));
    assert_string_equal(asked.file.sha256, hash);
    check_ok(pki_spki_hash(f.spki.data, f.spki.len, hash));
    assert_string_equal(asked.spki_sha256, hash);
    documents_clear(&documents);
    bytes_clear(&facts);
    AUTO_BROUGHT_CERTIFICATE certificate = {0};
    put_certificate(&facts);
    check_ok(documents_read(&documents, &site, CA, BROUGHT_FILE_MAX));
    check_ok(take_certificate(&facts, &documents, &certificate));
    assert_string_equal(certificate.spki_sha256, hash);
    assert_string_equal(certificate.issuer_spki_sha256, hash);
    assert_string_equal(certificate.key_type, "ec-p256");
    assert_string_equal(certificate.subject, certificate.anchor);
    assert_int_equal(certificate.level, 1);
    assert_int_equal(certificate.issuer_count, 0);
    assert_non_null(strstr(certificate.shown, text_root));
    hex_encode(f.serial, f.serial_len, hash);
    assert_string_equal(certificate.serial_hex, hash);
}

/* Each octet with each of its bits changed: refused, or of the same file still. */
static void
test_every_changed_octet(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        AUTO_BYTES facts = {0};
        AUTO_DOCUMENTS documents = {0};
        size_t refused = 0;
        if (i == 0)
            put_request(&facts);
        else
            put_certificate(&facts);
        check_ok(documents_read(&documents, &site, CA, BROUGHT_FILE_MAX));
        const struct bytes *whole = i == 0 ? &request : &f.certificate;
        for (size_t bit = 0; bit < 8 * facts.len; bit++) {
            AUTO_BROUGHT_REQUEST asked = {0};
            AUTO_BROUGHT_CERTIFICATE certificate = {0};
            facts.data[bit / 8] ^= (unsigned char)(1U << bit % 8);
            struct error *error = i == 0 ? take_request(&facts, &documents, &asked)
                                         : take_certificate(&facts, &documents, &certificate);
            facts.data[bit / 8] ^= (unsigned char)(1U << bit % 8);
            refused += error != NULL ? 1 : 0;
            if (error != NULL) {
                assert_int_equal(error_code(error), ERROR_VERIFICATION);
                error_free(error);
                continue;
            }
            const struct bytes *der = i == 0 ? &asked.file.der : &certificate.file.der;
            assert_int_equal(der->len, whole->len);
            assert_memory_equal(der->data, whole->data, whole->len);
        }
        assert_true(refused > 8 * whole->len);
    }
}

/* Facts that contradict what this process knows itself. */
static void
test_what_no_reader_sends(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) {
        AUTO_BYTES facts = {0};
        AUTO_DOCUMENTS documents = {0};
        AUTO_BROUGHT_CERTIFICATE certificate = {0};
        AUTO_BROUGHT_CERTIFICATE got = {0};
        bring(f.certificate.data, f.certificate.len);
        check_ok(documents_read(&documents, &site, CA, BROUGHT_FILE_MAX));
        check_ok(brought_ca_read(&(struct brought_inputs){&site, &documents}, CA, NOW,
                                 &certificate));
        switch (i) {
        case 0:
            certificate.file.has_evidence = true; /* the site names none */
            break;
        case 1:
            certificate.is_ca = false;
            break;
        case 2: /* another file */
            check_ok(bytes_copy(&certificate.file.der, request.data, request.len));
            break;
        case 3: /* a key that is not in it */
            certificate.spki.data[30] ^= 1;
            break;
        case 4:
            certificate.issuer_spki.len = 0;
            break;
        case 5: /* somebody above it whose file nobody handed over */
            certificate.issuer_count = 1;
            check_ok(bytes_copy(&certificate.issuers[0], request.data, request.len));
            break;
        case 6: /* more certificates than it says */
            check_ok(bytes_copy(&certificate.issuers[0], request.data, request.len));
            break;
        default:
            certificate.tbs.data[8] ^= 1;
        }
        check_ok(flat_put(&brought_certificate_table, &certificate, &facts));
        check_error_says(take_certificate(&facts, &documents, &got), ERROR_VERIFICATION,
                         "sent what is no answer");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documents_come_over),
        cmocka_unit_test(test_a_file_holds_its_der),
        cmocka_unit_test(test_they_come_over),
        cmocka_unit_test(test_every_changed_octet),
        cmocka_unit_test(test_what_no_reader_sends),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
