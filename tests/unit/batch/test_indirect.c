/* SPDX-License-Identifier: Apache-2.0
 *
 * One CRL for the revocations of two CAs, from the ledger: read by OpenSSL's own verification with
 * extended CRLs, which finds the certificate of one CA revoked and that of the other, of the same serial
 * number, good (R55). */
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "ceremony/batch/crl_source.h"
#include "ceremony/ledger/blocks.h"
#include "ceremony/pki/crl_pointer.h"
#include "ceremony/pki/crl_previous.h"
#include "ceremony/pki/x509.h"
#include "tests/unit/batch/fixture.h"
#include "tests/unit/pki/revocation_list.h"

enum {
    ROOT,
    FIRST,
    SECOND,
    SIGNER,
    PARTIES
};

static char address[] = "http://crl.example.com/all.crl";
static char other_address[] = "http://crl.example.com/first.crl";
static char *addresses[] = {address};
static char *other_addresses[] = {other_address};
static char signer_name[] = "C=CH, O=Example Trust Services, CN=signer";

struct party {
    EVP_PKEY *key;
    struct bytes spki;
    struct bytes certificate;
    char hash[65];
};

struct world {
    struct sandbox box;
    struct fixture base; /* profiles */
    struct party parties[PARTIES];
    struct ledger *ledger;
    struct pki_profile indirect;
    struct bytes crl;
};

static const char *const names[PARTIES] = {"root", "first", "second", "signer"};

static void
issue(struct world *w, int issuer, const struct pki_certificate_profile *like, const char *name,
      const struct bytes *spki, unsigned serial, struct bytes *ret_der)
{
    AUTO_DRAFT draft = {0};
    unsigned char octets[2] = {0x42, (unsigned char)serial};
    struct pki_profile profile = w->base.root;
    struct pki_name_part parts[3];
    const struct party *by = &w->parties[issuer];
    AUTO_FREE char *copy = strdup(name);
    memcpy(parts, w->base.parts, sizeof parts);
    parts[2].value = copy;
    profile.certificate = *like;
    profile.certificate.subject.parts = parts;
    profile.certificate.subject.count = 3;
    struct pki_certificate_order order = {.profile = &profile,
                                          .subject_spki = spki->data,
                                          .subject_spki_len = spki->len,
                                          .issuer_certificate = by->certificate.data,
                                          .issuer_certificate_len = by->certificate.len,
                                          .issuer_spki = by->spki.data,
                                          .issuer_spki_len = by->spki.len,
                                          .serial = octets,
                                          .serial_len = sizeof octets,
                                          .now = w->base.now};
    if (by->certificate.len == 0)
        order.issuer_certificate = NULL;
    check_ok(pki_certificate_draft(&order, &draft));
    check_ok(pki_draft_sign(&draft, by->key, NULL, by->spki.data, by->spki.len, ret_der));
}

static struct pki_certificate_profile
leaf_profile(const struct world *w)
{
    struct pki_certificate_profile leaf = w->base.root.certificate;
    leaf.basic_constraints = PKI_ABSENT;
    leaf.is_ca = false;
    leaf.validity_years = 1;
    leaf.key_usage_bits = PKI_KU_CRL_SIGN;
    return leaf;
}

/* A device's, which names the signer. */
static struct pki_certificate_profile
device_profile(const struct world *w)
{
    struct pki_certificate_profile device = leaf_profile(w);
    device.key_usage_bits = PKI_KU_DIGITAL_SIGNATURE;
    device.crl_distribution = PKI_NONCRITICAL;
    device.crl_uris = (struct pki_texts){addresses, 1};
    device.crl_issuer = signer_name;
    return device;
}

static void
world_open(struct world *w)
{
    struct clock_reading now;
    memset(w, 0, sizeof *w);
    clock_read(&now);
    sandbox_open(&w->box);
    fixture_profiles(&w->base);
    w->base.now = now.wall_ms / 1000 - 60;
    struct pki_certificate_profile leaf = leaf_profile(w);
    struct pki_certificate_profile ca = w->base.root.certificate;
    ca.validity_years = 10;
    for (int i = 0; i < PARTIES; i++) {
        struct party *party = &w->parties[i];
        check_ok(pki_key_make("ec-p256", &party->key));
        check_ok(pki_spki_of(party->key, &party->spki));
        check_ok(pki_spki_hash(party->spki.data, party->spki.len, party->hash));
        issue(w, ROOT,
              i == ROOT     ? &w->base.root.certificate
              : i == SIGNER ? &leaf
                            : &ca,
              names[i], &party->spki, (unsigned)i + 1, &party->certificate);
    }
    AUTO_FREE char *path = sandbox_path(&w->box, "ledger.db");
    check_ok(ledger_open(path, true, &w->ledger));
    check_ok(ledger_ceremony_open(w->ledger, "test", "rehearsal", w->parties[ROOT].hash));
    w->indirect = w->base.crl;
    w->indirect.crl.indirect = true;
    w->indirect.crl.distribution_uris = (struct pki_texts){addresses, 1};
    w->indirect.crl.next_update_months = 0;
    w->indirect.crl.next_update_days = 7;
}

static void
world_close(struct world *w)
{
    for (int i = 0; i < PARTIES; i++) {
        EVP_PKEY_free(w->parties[i].key);
        bytes_clear(&w->parties[i].spki);
        bytes_clear(&w->parties[i].certificate);
    }
    ledger_close(w->ledger);
    bytes_clear(&w->crl);
    sandbox_close(&w->box);
}

static struct error *
one_row(void *user, size_t index, struct ledger_revocation *ret_row)
{
    *ret_row = ((const struct ledger_revocation *)user)[index];
    return NULL;
}

static void
enter(struct world *w, int issuer, unsigned serial, int reason)
{
    uint64_t seq = 0;
    struct ledger_revocation row = {
        .serial = {0x42, (unsigned char)serial},
        .serial_len = 2,
        .reason = reason,
        .time = w->base.now - 3600,
        .invalidity = LEDGER_NO_TIME,
        .reference = "test"
    };
    struct ledger_revocation_source rows = {one_row, &row, 1};
    check_ok(ledger_revoke_block(w->ledger, "test", w->parties[issuer].hash, &rows, &seq));
}

static struct error *
cover(const struct world *w, struct crl_source *source, int issuer)
{
    struct x509 certificate;
    const struct bytes *der = &w->parties[issuer].certificate;
    check_ok(x509_read(der->data, der->len, KIND_CERTIFICATE, "it", &certificate));
    return crl_source_add(source, w->parties[issuer].hash, certificate.subject.whole.p,
                          certificate.subject.whole.len);
}

static struct pki_crl_order
order_of(const struct world *w)
{
    return (struct pki_crl_order){.profile = &w->indirect,
                                  .issuer_certificate = w->parties[SIGNER].certificate.data,
                                  .issuer_certificate_len = w->parties[SIGNER].certificate.len,
                                  .number = 1,
                                  .this_update = w->base.now};
}

/* The covered ones in this order, which is not that of the entries. */
static void
make_crl(struct world *w, const int *covered, size_t count)
{
    AUTO(crl_source) source = NULL;
    AUTO(pki_crl_stream) stream = NULL;
    AUTO_LINT_REPORT report = {0};
    char sha256[65];
    AUTO_FREE char *path = sandbox_path(&w->box, "crl.der");
    const struct pki_crl_order order = order_of(w);
    const struct pki_lint_context context = {.issuer = w->parties[SIGNER].certificate.data,
                                             .issuer_len = w->parties[SIGNER].certificate.len,
                                             .profile = &w->indirect,
                                             .now = w->base.now};
    struct pki_stream_signer signer = {.sign = sign_in_parts, .self = w->parties[SIGNER].key};
    check_ok(crl_source_open(w->ledger, w->parties[SIGNER].hash, &w->indirect, 0, 0, &source));
    for (size_t i = 0; i < count; i++)
        check_ok(cover(w, source, covered[i]));
    struct pki_revocations revocations = crl_source_revocations(source);
    check_ok(pki_crl_stream_write(&order, &revocations, path, &stream));
    check_ok(pki_crl_stream_sign(stream, &signer));
    check_ok(pki_crl_stream_check(stream, &context, &report, sha256));
    check_ok(pki_crl_stream_publish(stream, true));
    bytes_clear(&w->crl);
    check_ok(file_read(path, 1 << 20, &w->crl));
}

static X509 *
openssl_certificate(const struct bytes *der)
{
    const unsigned char *at = der->data;
    X509 *certificate = d2i_X509(NULL, &at, (long)der->len);
    assert_non_null(certificate);
    return certificate;
}

/* What OpenSSL says of a certificate below one of the CAs: X509_V_OK, or the error. */
static int
openssl_says(const struct world *w, int issuer, const struct bytes *der)
{
    const unsigned char *at = w->crl.data;
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    STACK_OF(X509) *chain = sk_X509_new_null();
    STACK_OF(X509_CRL) *crls = sk_X509_CRL_new_null();
    X509_CRL *crl = d2i_X509_CRL(NULL, &at, (long)w->crl.len);
    X509 *root = openssl_certificate(&w->parties[ROOT].certificate);
    X509 *leaf = openssl_certificate(der);
    assert_non_null(crl);
    assert_int_equal(X509_STORE_add_cert(store, root), 1);
    sk_X509_CRL_push(crls, crl);
    (void)X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_EXTENDED_CRL_SUPPORT
                                          | X509_V_FLAG_X509_STRICT);
    sk_X509_push(chain, openssl_certificate(&w->parties[issuer].certificate));
    sk_X509_push(chain, openssl_certificate(&w->parties[SIGNER].certificate));
    assert_int_equal(X509_STORE_CTX_init(context, store, leaf, chain), 1);
    X509_STORE_CTX_set0_crls(context,
                             crls); /* the store is asked by the certificate's issuer only */
    (void)X509_verify_cert(context);
    int said = X509_STORE_CTX_get_error(context);
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    sk_X509_pop_free(chain, X509_free);
    sk_X509_CRL_pop_free(crls, X509_CRL_free);
    X509_free(root);
    X509_free(leaf);
    return said;
}

static void
the_same_serial_of_another_issuer_is_good(void **state)
{
    (void)state;
    struct world w;
    AUTO_BYTES of_first = {0};
    AUTO_BYTES of_second = {0};
    AUTO_BYTES other_of_second = {0};
    const int covered[] = {SECOND, FIRST}; /* by length of the name the first one comes first */
    world_open(&w);
    const struct pki_certificate_profile device = device_profile(&w);
    issue(&w, FIRST, &device, "device 1", &w.parties[ROOT].spki, 9, &of_first);
    issue(&w, SECOND, &device, "device 2", &w.parties[ROOT].spki, 9, &of_second);
    issue(&w, SECOND, &device, "device 3", &w.parties[ROOT].spki, 7, &other_of_second);
    enter(&w, FIRST, 9, 1);
    enter(&w, FIRST, 200, 4);
    enter(&w, SECOND, 7, 4);
    make_crl(&w, covered, 2);
    assert_int_equal(openssl_says(&w, FIRST, &of_first), X509_V_ERR_CERT_REVOKED);
    assert_int_equal(openssl_says(&w, SECOND, &of_second), X509_V_OK);
    assert_int_equal(openssl_says(&w, SECOND, &other_of_second), X509_V_ERR_CERT_REVOKED);
    world_close(&w);
}

struct seen {
    struct bytes names[8];
    unsigned serials[8];
    size_t count;
};

static struct error *
see(void *user, const struct pki_revocation *entry)
{
    struct seen *seen = user;
    seen->serials[seen->count] = entry->serial[1];
    return bytes_copy(&seen->names[seen->count++], entry->issuer, entry->issuer_len);
}

/* Its own first, then the others by name; nothing of one that is not covered. */
static void
entries_stand_in_groups(void **state)
{
    (void)state;
    struct world w;
    struct seen seen = {0};
    const int covered[] = {SECOND, FIRST};
    world_open(&w);
    enter(&w, ROOT, 3, 1);
    enter(&w, SECOND, 7, 4);
    enter(&w, FIRST, 9, 1);
    enter(&w, FIRST, 8, 1);
    enter(&w, SIGNER, 20, 1);
    make_crl(&w, covered, 2);
    check_ok(pki_crl_previous_each(w.crl.data, w.crl.len, see, &seen));
    const unsigned wanted[] = {20, 8, 9, 7};
    assert_int_equal(seen.count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(seen.serials[i], wanted[i]);
    assert_int_equal(seen.names[0].len, 0);
    assert_true(seen.names[1].len == seen.names[2].len
                && memcmp(seen.names[1].data, seen.names[2].data, seen.names[1].len) == 0);
    assert_true(seen.names[3].len > seen.names[2].len);
    for (size_t i = 0; i < seen.count; i++)
        bytes_clear(&seen.names[i]);
    world_close(&w);
}

static void
two_of_one_name_are_refused(void **state)
{
    (void)state;
    struct world w;
    AUTO(crl_source) source = NULL;
    world_open(&w);
    check_ok(crl_source_open(w.ledger, w.parties[SIGNER].hash, &w.indirect, 0, 0, &source));
    check_ok(cover(&w, source, FIRST));
    check_ok(cover(&w, source, SECOND));
    check_error_says(cover(&w, source, FIRST), ERROR_REFUSED, "the same name");
    crl_source_close(TAKE(source));
    world_close(&w);
}

static void
who_cannot_sign_crls_is_refused(void **state)
{
    (void)state;
    struct world w;
    AUTO_DRAFT draft = {0};
    world_open(&w);
    struct pki_certificate_profile leaf = leaf_profile(&w);
    leaf.key_usage_bits = PKI_KU_DIGITAL_SIGNATURE;
    issue(&w, ROOT, &leaf, "signer", &w.parties[SIGNER].spki, 4,
          &w.parties[SIGNER].certificate);
    struct pki_crl_order order = order_of(&w);
    check_error_says(pki_crl_draft(&order, &draft), ERROR_REFUSED,
                     "does not allow it to sign CRLs");
    world_close(&w);
}

static struct error *
is_pointed_at(struct world *w, const struct pki_certificate_profile *profile)
{
    AUTO_BYTES der = {0};
    issue(w, FIRST, profile, "device", &w->parties[ROOT].spki, 9, &der);
    return pki_crl_is_pointed_at(w->crl.data, w->crl.len, der.data, der.len);
}

static void
a_certificate_points_at_it_or_not(void **state)
{
    (void)state;
    struct world w;
    const int covered[] = {FIRST};
    world_open(&w);
    make_crl(&w, covered, 1);
    struct pki_certificate_profile device = device_profile(&w);
    check_ok(is_pointed_at(&w, &device));
    device.crl_uris.items = other_addresses;
    check_error_says(is_pointed_at(&w, &device), ERROR_REFUSED, "the address beside");
    device.crl_uris.items = addresses;
    device.crl_issuer = NULL;
    check_error_says(is_pointed_at(&w, &device), ERROR_REFUSED,
                     "does not name this CRL issuer");
    char another[] = "C=CH, O=Example Trust Services, CN=signer 2";
    device.crl_issuer = another;
    check_error_says(is_pointed_at(&w, &device), ERROR_REFUSED,
                     "does not name this CRL issuer");
    device.crl_distribution = PKI_ABSENT;
    check_error_says(is_pointed_at(&w, &device), ERROR_REFUSED, "no CRL at all");
    device = device_profile(&w);
    w.indirect.crl.distribution_uris.count = 0; /* then the name alone counts */
    make_crl(&w, covered, 1);
    device.crl_uris.items = other_addresses;
    check_ok(is_pointed_at(&w, &device));
    world_close(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_serial_of_another_issuer_is_good),
        cmocka_unit_test(entries_stand_in_groups),
        cmocka_unit_test(two_of_one_name_are_refused),
        cmocka_unit_test(who_cannot_sign_crls_is_refused),
        cmocka_unit_test(a_certificate_points_at_it_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
