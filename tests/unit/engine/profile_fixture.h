/* SPDX-License-Identifier: Apache-2.0
 *
 * The profiles of scripts/profiles as tests use them: read with parameters filled in, drafted below the
 * CA that each belongs to, signed once a run. */
#pragma once

#include "ceremony/base/clock.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/lint.h"
#include "ceremony/pki/pki.h"
#include "ceremony/script/script_read.h"
#include "tests/unit/script/sandbox.h"

#define PROFILE_FILE_MAX 100000

/* What a script's parameters would say. */
static const struct {
    const char *name;
    const char *value;
} parameters[] = {
    {"country",             "CH"                           },
    {"organisation",        "Example Works"                },
    {"root-name",           "Example Root"                 },
    {"ca-name",             "Example CA 1"                 },
    {"responder-name",      "Example OCSP 1"               },
    {"signer-name",         "Example CRL Signer 1"         },
    {"holder-name",         "Example Signer"               },
    {"recipient-name",      "Example Seeds 1"              },
    {"product-name",        "Pump 7"                       },
    {"crl-address",         "http://crl.example.com/ca.crl"},
    {"issuer-address",      "http://aia.example.com/ca.cer"},
    {"old-address",         "http://aia.example.com/ca.cer"},
    {"new-address",         "http://aia.example.com/ca.cer"},
    {"ocsp-address",        "http://ocsp.example.com/"     },
    {"cps-address",         "https://www.example.com/cps"  },
    {"policy-oid",          "1.3.6.1.4.1.99999.10.1"       },
    {"software-update-oid", "1.3.6.1.4.1.99999.10.2"       },
    {"secure-boot-oid",     "1.3.6.1.4.1.99999.10.3"       },
    {"sign-off-oid",        "1.3.6.1.4.1.99999.11.1"       },
    {"hardware-oid",        "1.3.6.1.4.1.99999.12.1"       },
    {"permitted-domain",    "example.com"                  },
    {"permitted-addresses", "192.0.2.0/24"                 },
};

/* Which CA signs whom: by name of the profile; NULL: itself. */
static const struct {
    const char *profile;
    const char *issuer;
    const char *purpose; /* for openssl verify */
} families[] = {
    {"root-private",               NULL,                         "any"          },
    {"root-public",                NULL,                         "any"          },
    {"root-onboarding",            NULL,                         "any"          },
    {"root-software-update",       NULL,                         "any"          },
    {"root-secure-boot",           NULL,                         "any"          },
    {"cross-private",              "root-private",               "any"          },
    {"intermediate-private",       "root-private",               "any"          },
    {"issuing-private",            "intermediate-private",       "any"          },
    {"cross-public",               "root-public",                "any"          },
    {"cross-new-with-old",         "root-private",               "any"          },
    {"cross-old-with-new",         "root-private",               "any"          },
    {"tls-ca-private",             "root-private",               "any"          },
    {"tls-ca-public",              "root-public",                "any"          },
    {"constrained-tls-ca-private", "root-private",               "any"          },
    {"constrained-tls-ca-public",  "root-public",                "any"          },
    {"constrained-ca-private",     "root-private",               "any"          },
    {"constrained-ca-public",      "root-public",                "any"          },
    {"code-signing-ca-private",    "root-private",               "any"          },
    {"code-signing-ca-public",     "root-public",                "any"          },
    {"timestamping-ca-private",    "root-private",               "any"          },
    {"timestamping-ca-public",     "root-public",                "any"          },
    {"device-ca",                  "root-onboarding",            "any"          },
    {"device-ca-finite",           "root-private",               "any"          },
    {"device-ca-renewed",          "root-private",               "any"          },
    {"ocsp-responder-private",     "root-private",               "ocsphelper"   },
    {"ocsp-responder-public",      "root-public",                "ocsphelper"   },
    {"crl-signer",                 "root-private",               "any"          },
    {"tls-server-private",         "constrained-tls-ca-private", "sslserver"    },
    {"tls-server-public",          "tls-ca-public",              "sslserver"    },
    {"tls-client",                 "tls-ca-private",             "sslclient"    },
    {"sign-off",                   "root-private",               "any"          },
    {"code-signing-private",       "code-signing-ca-private",    "any"          },
    {"code-signing-public",        "code-signing-ca-public",     "any"          },
    {"timestamping-private",       "timestamping-ca-private",    "timestampsign"},
    {"timestamping-public",        "timestamping-ca-public",     "timestampsign"},
    {"software-update",            "root-software-update",       "any"          },
    {"secure-boot",                "root-secure-boot",           "any"          },
    {"idevid-hardware",            "device-ca",                  "any"          },
    {"idevid-mac",                 "device-ca-finite",           "any"          },
    {"idevid-gbcs",                "device-ca",                  "any"          },
    {"ldevid",                     "tls-ca-private",             "sslclient"    },
    {"request-plain",              "issuing-private",            "sslclient"    },
    {"seed-recipient",             "issuing-private",            "any"          },
};

#define FAMILIES (sizeof families / sizeof families[0])

static inline const char *
parameter(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++)
        if (strlen(parameters[i].name) == len && memcmp(parameters[i].name, name, len) == 0)
            return parameters[i].value;
    fail_msg("no value for the parameter %.*s", (int)len, name);
    return "";
}

static inline struct pki_profile *
load(const char *name)
{
    char path[400];
    AUTO_BYTES text = {0};
    AUTO_BYTES filled = {0};
    AUTO_BYTES said = {0};
    AUTO_FAULTS faults = {0};
    AUTO(places) places = NULL;
    struct pki_profile *profile = NULL;
    snprintf(path, sizeof path, "%s/scripts/profiles/%s.yaml", TEST_SOURCE_DIR, name);
    check_ok(file_read(path, PROFILE_FILE_MAX, &text));
    const char *rest = bytes_text(&text);
    for (const char *at = strstr(rest, "${"); at != NULL; at = strstr(rest, "${")) {
        const char *end = strchr(at, '}');
        check_ok(bytes_append(&filled, rest, (size_t)(at - rest)));
        check_ok(bytes_append_text(&filled, parameter(at + 2, (size_t)(end - at - 2))));
        rest = end + 1;
    }
    check_ok(bytes_append_text(&filled, rest));
    check_ok(places_new(&places));
    check_ok(
        profile_read(sandbox_text("p.yaml", bytes_text(&filled)), &faults, places, &profile));
    check_ok(faults_text(&faults, &said));
    assert_string_equal(bytes_text(&said), "");
    return profile;
}

/* A certificate with its key, made once per profile. */
struct made {
    EVP_PKEY *key;
    struct bytes spki;
    struct bytes der;
};

static struct made made[FAMILIES];
static int64_t now;

static inline size_t
family_of(const char *profile)
{
    for (size_t i = 0; i < FAMILIES; i++)
        if (strcmp(families[i].profile, profile) == 0)
            return i;
    fail_msg("no family for %s", profile);
    return 0;
}

/* P-256 where the profile takes it, else the first type that it names. */
static inline void
make_key(const struct pki_profile *profile, struct made *one)
{
    const struct pki_texts *types = &profile->certificate.keys;
    const char *type = types->count == 0 ? "ec-p256" : types->items[0];
    if (one->key != NULL)
        return;
    for (size_t i = 0; i < types->count; i++)
        type = strcmp(types->items[i], "ec-p256") == 0 ? "ec-p256" : type;
    check_ok(pki_key_make(type, &one->key));
    check_ok(pki_spki_of(one->key, &one->spki));
}

/* The existing certificate of the same key, for profiles that take its name. */
static inline void
make_existing(const struct made *one, const char *profile_name, struct bytes *ret_der)
{
    AUTO(pki_profile) profile = load(profile_name);
    unsigned char serial[20];
    AUTO_DRAFT draft = {0};
    struct pki_certificate_order order = {.profile = profile,
                                          .subject_spki = one->spki.data,
                                          .subject_spki_len = one->spki.len,
                                          .serial = serial,
                                          .now = now - 1000};
    free(profile->certificate.subject.parts[2].value);
    check_ok(text_copy("Example Older CA", &profile->certificate.subject.parts[2].value));
    profile->certificate.ext_key_usage = PKI_ABSENT;
    check_ok(pki_serial_make(159, serial, &order.serial_len));
    check_ok(pki_certificate_draft(&order, &draft));
    check_ok(bytes_copy(ret_der, draft.specimen.data, draft.specimen.len));
}

static inline struct error *
draft_of(const struct pki_profile *profile, const struct made *one, const struct made *issuer,
         const struct bytes *existing, struct pki_draft *ret_draft)
{
    unsigned char serial[20];
    AUTO_FREE struct pki_field_value *fields = NULL;
    struct pki_certificate_order order = {.profile = profile,
                                          .subject_spki = one->spki.data,
                                          .subject_spki_len = one->spki.len,
                                          .serial = serial,
                                          .now = now};
    if (issuer != NULL) {
        order.issuer_certificate = issuer->der.data;
        order.issuer_certificate_len = issuer->der.len;
    }
    if (existing != NULL && profile->certificate.subject_of_existing) {
        order.existing_certificate = existing->data;
        order.existing_certificate_len = existing->len;
    }
    TRY(pki_field_samples(profile, &fields, &order.field_count));
    order.fields = fields;
    TRY(pki_serial_make(159, serial, &order.serial_len));
    return pki_certificate_draft(&order, ret_draft);
}

static inline void
lint_of(const struct bytes *der, const struct pki_profile *profile, const struct made *issuer,
        const struct bytes *existing, struct pki_lint_report *ret_report)
{
    struct pki_lint_context context = {
        .profile = profile, .specimen_signature = true, .now = now};
    if (issuer != NULL) {
        context.issuer = issuer->der.data;
        context.issuer_len = issuer->der.len;
    }
    if (existing != NULL && profile->certificate.subject_of_existing) {
        context.existing = existing->data;
        context.existing_len = existing->len;
    }
    check_ok(pki_lint(der->data, der->len, &context, ret_report));
}

static inline const char *
older_of(const struct pki_profile *profile)
{
    return profile->trust == PKI_TRUST_PUBLIC ? "root-public" : "root-private";
}

/* Signed by its issuer, which is made before. */
static const struct made *
make(size_t family)
{
    struct made *one = &made[family];
    if (one->der.len > 0)
        return one;
    const struct made *issuer =
        families[family].issuer == NULL ? NULL : make(family_of(families[family].issuer));
    AUTO(pki_profile) profile = load(families[family].profile);
    AUTO_DRAFT draft = {0};
    AUTO_BYTES existing = {0};
    make_key(profile, one);
    if (profile->certificate.subject_of_existing)
        make_existing(one, older_of(profile), &existing);
    check_ok(draft_of(profile, one, issuer, &existing, &draft));
    const struct made *signer = issuer == NULL ? one : issuer;
    check_ok(pki_draft_sign(&draft, signer->key, NULL, signer->spki.data, signer->spki.len,
                            &one->der));
    AUTO_LINT_REPORT report = {0};
    AUTO_BYTES text = {0};
    lint_of(&one->der, profile, issuer, &existing, &report);
    check_ok(pki_lint_text(&report, &text));
    if (report.faults + report.warnings > 0)
        print_error("%s: %s\n", families[family].profile, bytes_text(&text));
    assert_int_equal(report.faults + report.warnings, 0);
    return one;
}

static inline int
set_up(void **state)
{
    struct clock_reading reading;
    clock_read(&reading);
    now = getenv("JUDGES_DIR") != NULL ? reading.wall_ms / 1000 - 60 : INT64_C(1795443727);
    return sandbox_make(state);
}

static inline int
tear_down(void **state)
{
    for (size_t i = 0; i < FAMILIES; i++) {
        EVP_PKEY_free(made[i].key);
        bytes_clear(&made[i].spki);
        bytes_clear(&made[i].der);
    }
    return sandbox_remove(state);
}
