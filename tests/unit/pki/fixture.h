/* SPDX-License-Identifier: Apache-2.0
 *
 * Profiles and objects for the tests of pki/. Profiles stand on the test's stack and borrow
 * literals; they are never freed. */
#pragma once

#include <openssl/evp.h>

#include "ceremony/base/clock.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/lint.h"
#include "ceremony/pki/pki.h"
#include "ceremony/pki/profile.h"
#include "tests/support/check.h"

#define NOW INT64_C(1795443727) /* 2026-11-23 14:22:07Z */

struct fixture {
    struct pki_name_part parts[3];
    struct pki_profile root;
    struct pki_profile crl;
    int64_t now; /* NOW; the true time where other programs judge */
    EVP_PKEY *key;
    struct bytes spki;
    unsigned char serial[20];
    size_t serial_len;
    struct bytes certificate;
};

static char text_c[] = "C", text_o[] = "O", text_cn[] = "CN", text_ch[] = "CH",
            text_org[] = "Example Trust Services", text_root[] = "Example Root X1",
            text_root_id[] = "root-private", text_crl_id[] = "crl-full", text_none[] = "";

static inline void
fixture_profiles(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    f->now = NOW;
    if (getenv("JUDGES_DIR") != NULL) {
        struct clock_reading reading;
        clock_read(&reading);
        f->now = reading.wall_ms / 1000 - 60;
    }
    f->parts[0] = (struct pki_name_part){.type = text_c, .value = text_ch};
    f->parts[1] = (struct pki_name_part){.type = text_o, .value = text_org};
    f->parts[2] = (struct pki_name_part){.type = text_cn, .value = text_root};
    f->root = (struct pki_profile){.id = text_root_id, .digest = text_none};
    f->root.certificate = (struct pki_certificate_profile){
        .subject = {f->parts, 3},
        .validity_years = 25,
        .serial_bits = 159,
        .basic_constraints = PKI_CRITICAL,
        .is_ca = true,
        .path_len = -1,
        .key_usage = PKI_CRITICAL,
        .key_usage_bits = PKI_KU_KEY_CERT_SIGN | PKI_KU_CRL_SIGN,
        .subject_key_id = PKI_NONCRITICAL,
        .authority_key_id = PKI_NONCRITICAL,
    };
    f->crl =
        (struct pki_profile){.id = text_crl_id, .digest = text_none, .kind = PKI_PROFILE_CRL};
    f->crl.crl.next_update_months = 12;
}

static inline struct pki_certificate_order
fixture_order(const struct fixture *f)
{
    return (struct pki_certificate_order){
        .profile = &f->root,
        .subject_spki = f->spki.data,
        .subject_spki_len = f->spki.len,
        .issuer_spki = f->spki.data,
        .issuer_spki_len = f->spki.len,
        .serial = f->serial,
        .serial_len = f->serial_len,
        .now = f->now,
    };
}

static inline struct pki_crl_order
fixture_crl_order(const struct fixture *f)
{
    return (struct pki_crl_order){
        .profile = &f->crl,
        .issuer_certificate = f->certificate.data,
        .issuer_certificate_len = f->certificate.len,
        .number = 1,
        .this_update = f->now,
    };
}

/* Profiles, a key of this type, and the root signed by it. */
static inline void
fixture_open(struct fixture *f, const char *type)
{
    fixture_profiles(f);
    check_ok(pki_key_make(type, &f->key));
    check_ok(pki_spki_of(f->key, &f->spki));
    check_ok(pki_serial_make(159, f->serial, &f->serial_len));
    struct pki_certificate_order order = fixture_order(f);
    AUTO_DRAFT draft = {0};
    check_ok(pki_certificate_draft(&order, &draft));
    check_ok(pki_draft_sign(&draft, f->key, NULL, f->spki.data, f->spki.len, &f->certificate));
}

static inline void
fixture_close(struct fixture *f)
{
    EVP_PKEY_free(f->key);
    bytes_clear(&f->spki);
    bytes_clear(&f->certificate);
}
