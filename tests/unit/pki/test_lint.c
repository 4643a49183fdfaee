/* SPDX-License-Identifier: Apache-2.0
 *
 * The lints over the vectors: each defect is found by its own rule, nothing correct has a fault;
 * mutations of vectors crash nothing; docs/formats/lints.md is the table. */
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/show.h"
#include "tests/support/crl_vectors.h"
#include "tests/unit/pki/fixture.h"

#define LIMIT        1000000
#define ROWS_TRIPPED 140 /* raise it with each new object */

/* Which rule must find which defect: a file's name begins so. Another finding may stand beside. */
static const struct {
    const char *prefix;
    const char *lint;
} expected[] = {
    {"xf-der-invalid-uniqueid",              "unique-id-der"                },
    {"xf-der-pubkey-rsa-nonminimal-int",     "key-encoding"                 },
    {"xf-duplicate-extension",               "extension-duplicate"          },
    {"xf-ext-altname-email-only",            "common-name-domain"           },
    {"xf-ext-altname-noncrit-nosubj",        "subject-alt-name-critical"    },
    {"xf-ext-altname-",                      "subject-alt-name-encoding"    },
    {"xf-ext-auth-info-critical",            "authority-info-critical"      },
    {"xf-ext-auth-keyid-critical",           "authority-key-critical"       },
    {"xf-ext-auth-keyid-invalid-issuer",     "authority-key-encoding"       },
    {"xf-ext-auth-keyid-mismatch",           "authority-key-mismatch"       },
    {"xf-ext-auth-keyid-noid",               "authority-key-missing"        },
    {"xf-ext-cert-policies-any-qual",        "policies-any-qualifier"       },
    {"xf-ext-cert-policies-bmp-unotice",     "policies-notice-type"         },
    {"xf-ext-cert-policies-dup",             "policies-duplicate"           },
    {"xf-ext-cert-policies-unotice-ch",      "policies-notice-controls"     },
    {"xf-ext-constraints-neg-pathlen",       "basic-constraints-encoding"   },
    {"xf-ext-constraints-noncritical",       "basic-constraints-critical"   },
    {"xf-ext-constraints-path-nonca",        "path-length-not-ca"           },
    {"xf-ext-constraints-path-nosign",       "path-length-no-sign"          },
    {"xf-ext-crl-point-critical",            "crl-points-critical"          },
    {"xf-ext-ct-poison",                     "ct-poison"                    },
    {"xf-ext-ct-sct-",                       "sct-list"                     },
    {"xf-ext-extended-any-key-usage",        "ext-key-usage-any-critical"   },
    {"xf-ext-extended-key-usage-empty",      "ext-key-usage-encoding"       },
    {"xf-ext-inhibit-anypolicy-negative",    "inhibit-any-policy-encoding"  },
    {"xf-ext-inhibit-anypolicy-noncritical", "inhibit-any-policy-critical"  },
    {"xf-ext-key-usage-empty",               "key-usage-empty"              },
    {"xf-ext-key-usage-noncritical",         "key-usage-critical"           },
    {"xf-ext-key-usage-sign-nonca",          "key-usage-sign-not-ca"        },
    {"xf-ext-key-usage-too-long",            "key-usage-unknown"            },
    {"xf-ext-key-usage-wrong-der",           "key-usage-encoding"           },
    {"xf-ext-keysign-nonca",                 "key-usage-sign-not-ca"        },
    {"xf-ext-name-constraints-noncrit",      "name-constraints-critical"    },
    {"xf-ext-name-constraints-",             "name-constraints-encoding"    },
    {"xf-ext-policy-constraint-empty",       "policy-constraints-encoding"  },
    {"xf-ext-policy-constraint-noncrit",     "policy-constraints-critical"  },
    {"xf-ext-policy-map-empty",              "policy-mappings-encoding"     },
    {"xf-ext-policy-map-noncritical",        "policy-mappings-critical"     },
    {"xf-ext-policy-map-unref",              "policy-mappings-unasserted"   },
    {"xf-ext-policy-map-",                   "policy-mappings-any"          },
    {"xf-ext-subject-dirattr-empty",         "directory-attributes-encoding"},
    {"xf-ext-subject-info-critical",         "subject-info-critical"        },
    {"xf-ext-subject-keyid-critical",        "subject-key-critical"         },
    {"xf-gentime-no-secs",                   "time-encoding"                },
    {"xf-issuer-mismatch",                   "issuer-mismatch"              },
    {"xf-pubkey-ecdsa-not-on-curve",         "key-point"                    },
    {"xf-pubkey-ecdsa-secp192r1",            "key-curve"                    },
    {"xf-pubkey-rsa-param-nonnull",          "key-parameters"               },
    {"xf-serial-",                           "serial-positive"              },
    {"xf-soon-generalized-time",             "time-form"                    },
    {"xf-subject-nonprintable",              "name-string"                  },
    {"xf-utctime-",                          "time-encoding"                },
    {"xf-v1-extensions",                     "version-extensions"           },
    {"xf-v2-extensions",                     "version-extensions"           },
    {"xf-v3-uniqueid-noexts2",               "unique-id-version"            },
};

/* ok-ext-auth-keyid2 and this file differ only in an authorityCertSerialNumber beside a URI as
 * authorityCertIssuer; neither is the serial number of _issuer.der, so no rule that is right about
 * the one can find the other. */
#define UNDECIDABLE "xf-ext-auth-keyid-serial-mismatch.der"

static const char *
lint_expected(const char *folder, const char *name)
{
    bool crl = strcmp(folder, "crl") == 0;
    for (size_t i = 0; crl && i < sizeof crl_faulty / sizeof crl_faulty[0]; i++)
        if (strcmp(name, crl_faulty[i].name) == 0)
            return crl_faulty[i].lint;
    for (size_t i = 0; !crl && i < sizeof expected / sizeof expected[0]; i++)
        if (text_starts_with(name, expected[i].prefix))
            return expected[i].lint;
    return NULL;
}

/* Which rows found something in any test here; what none did is said at the end. */
static bool tripped[512];

static void
note_tripped(const struct pki_lint_report *report)
{
    size_t count = 0;
    const struct pki_lint_row_info *rows = pki_lint_rows(&count);
    for (size_t i = 0; i < report->count; i++)
        for (size_t j = 0; j < count; j++)
            if (strcmp(rows[j].id, report->findings[i].lint) == 0)
                tripped[j] = true;
}

static void
test_rows_tripped(void **state)
{
    size_t count = 0;
    size_t found = 0;
    const struct pki_lint_row_info *rows = pki_lint_rows(&count);
    (void)state;
    assert_true(count < sizeof tripped / sizeof tripped[0]);
    for (size_t i = 0; i < count; i++) {
        found += tripped[i] ? 1 : 0;
        if (!tripped[i])
            print_message("no object here trips %s\n", rows[i].id);
    }
    print_message("%zu of %zu rows tripped\n", found, count);
    assert_true(found >= ROWS_TRIPPED);
}

static bool
has_fault(const struct pki_lint_report *report, const char *lint)
{
    for (size_t i = 0; i < report->count; i++)
        if (report->findings[i].severity == PKI_FAULT
            && (lint == NULL || strcmp(report->findings[i].lint, lint) == 0))
            return true;
    return false;
}

static void
read_vector(const char *folder, const char *name, struct bytes *ret)
{
    char path[512];
    snprintf(path, sizeof path, TEST_SOURCE_DIR "/tests/vectors/%s/%s", folder, name);
    check_ok(file_read(path, LIMIT, ret));
}

static void
check_folder(const char *folder, size_t wanted_ok, size_t wanted_bad)
{
    char path[512];
    AUTO_FOLDER_LIST list = {0};
    AUTO_BYTES issuer = {0};
    size_t ok = 0;
    size_t bad = 0;
    bool failed = false;
    snprintf(path, sizeof path, TEST_SOURCE_DIR "/tests/vectors/%s", folder);
    check_ok(folder_list(path, false, true, &list));
    read_vector(folder, "_issuer.der", &issuer);
    for (size_t i = 0; i < list.count; i++) {
        const char *name = list.names[i];
        AUTO_BYTES der = {0};
        AUTO_BYTES text = {0};
        AUTO_LINT_REPORT report = {0};
        struct pki_lint_context context = {.issuer = issuer.data, .issuer_len = issuer.len};
        bool is_ok = text_starts_with(name, "ok-");
        if (!is_ok && !text_starts_with(name, "xf-"))
            continue;
        read_vector(folder, name, &der);
        check_ok(pki_lint(der.data, der.len, &context, &report));
        note_tripped(&report);
        bool right = is_ok ? report.faults == 0
                           : strcmp(name, UNDECIDABLE) == 0
                                 || (lint_expected(folder, name) != NULL
                                     && has_fault(&report, lint_expected(folder, name)));
        ok += is_ok ? 1 : 0;
        bad += is_ok ? 0 : 1;
        if (!right) {
            check_ok(pki_lint_text(&report, &text));
            print_error("%s (%s):\n%s", name, is_ok ? "ok" : lint_expected(folder, name),
                        bytes_text(&text));
            failed = true;
        }
    }
    assert_false(failed);
    assert_int_equal(ok, wanted_ok);
    assert_int_equal(bad, wanted_bad);
}

static void
test_x509test(void **state)
{
    (void)state;
    check_folder("x509test", 31, 71);
}

static void
test_crls(void **state)
{
    (void)state;
    check_folder("crl", 3, 22);
}

/* A correct vector with some octets replaced (everywhere), and the rule that finds it. */
static const struct {
    const char *folder;
    const char *name;
    const char *from;
    const char *to;
    const char *lint;
} patches[] = {
    {"x509test", "ok-v3.der",                      "260924162452Z",                        "360924162452Z",        "validity-order"          },
    {"x509test", "ok-v3.der",                      "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b",
     "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05",                                                                       "algorithm-weak"          },
    {"x509test", "ok-ext-freshest-crl.der",        "http:",                                "http/",                "freshest-crl-encoding"   },
    {"x509test", "ok-ext-crl-point.der",           "http:",                                "http/",                "crl-points-encoding"     },
    {"x509test", "ok-ext-subject-info-access.der", "http:",                                "http/",                "subject-info-encoding"   },
    {"x509test", "ok-ext-issuer-altname.der",      "http:",                                "http/",                "issuer-alt-name-encoding"},
    {"x509test", "ok-ext-auth-keyid2.der",         "\x82\x04\x04\x06\xca\xfe",
     "\x83\x04\x04\x06\xca\xfe",                                                                                   "authority-key-encoding"  },
    {"crl",      "ok-full.der",                    "\x02\x02\x10\x02",                     "\x02\x02\x10\x01",     "crl-entry-duplicate"     },
    {"crl",      "ok-full.der",                    "\x0a\x01\x01",                         "\x0a\x01\x08",         "crl-reason-remove"       },
    {"crl",      "ok-full.der",                    "\x0a\x01\x01",                         "\x0a\x01\x0b",         "crl-reason"              },
    {"crl",      "ok-full.der",                    "\x0a\x01\x01",                         "\x02\x01\x01",         "crl-reason"              },
    {"crl",      "ok-full.der",                    "261120153041Z",                        "261120153061Z",        "crl-entry-date"          },
    {"crl",      "ok-full.der",                    "\x06\x03\x55\x1d\x15",                 "\x06\x03\x55\x1d\x18",
     "crl-invalidity-date"                                                                                                                   },
    {"crl",      "ok-full.der",                    "\x06\x03\x55\x1d\x14",                 "\x06\x03\x55\x1d\x1c",
     "issuing-point-encoding"                                                                                                                },
    {"crl",      "ok-full.der",                    "\x06\x03\x55\x1d\x14",                 "\x06\x03\x55\x1d\x0f",
     "extension-misplaced"                                                                                                                   },
};

static void
replace_all(struct bytes *der, const char *from, const char *to)
{
    size_t len = strlen(from);
    size_t replaced = 0;
    assert_int_equal(len, strlen(to));
    for (size_t i = 0; i + len <= der->len; i++)
        if (memcmp(der->data + i, from, len) == 0) {
            memcpy(der->data + i, to, len);
            replaced++;
        }
    assert_true(replaced > 0);
}

static void
test_patches(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof patches / sizeof patches[0]; i++) {
        AUTO_BYTES der = {0};
        AUTO_LINT_REPORT report = {0};
        struct pki_lint_context context = {.specimen_signature = true};
        read_vector(patches[i].folder, patches[i].name, &der);
        replace_all(&der, patches[i].from, patches[i].to);
        check_ok(pki_lint(der.data, der.len, &context, &report));
        note_tripped(&report);
        if (!has_fault(&report, patches[i].lint))
            print_error("%s: %s did not find it\n", patches[i].name, patches[i].lint);
        assert_true(has_fault(&report, patches[i].lint));
    }
}

/* Requests, as far as strict DER, names, keys and the signature go. NULL: no fault. */
static const struct {
    const char *name;
    const char *lint;
} requests[] = {
    {"ok-ec256.der",          NULL                },
    {"noattrs-missing-0.der", NULL                },
    {"version-1.der",         "request-version"   },
    {"sig-by-other-key.der",  "request-signature" },
    {"ext-two-attrs.der",     "request-attributes"},
    {"name-65.der",           "name-length"       },
    {"name-empty-cn.der",     "name-empty-value"  },
    {"name-rdn-unsorted.der", "der"               },
    {"key-rsa-e3.der",        "key-rsa-exponent"  },
    {"key-ec-compressed.der", NULL                },
    {"key-ec-hybrid.der",     "key-point"         },
};

static void
test_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        AUTO_BYTES der = {0};
        AUTO_BYTES shown = {0};
        AUTO_LINT_REPORT report = {0};
        read_vector("csr", requests[i].name, &der);
        check_ok(pki_lint(der.data, der.len, NULL, &report));
        note_tripped(&report);
        check_ok(pki_show(der.data, der.len, 80, &shown));
        bool right = requests[i].lint == NULL ? report.faults == 0
                                              : has_fault(&report, requests[i].lint);
        if (!right)
            print_error("%s\n", requests[i].name);
        assert_true(right);
    }
}

/* Every octet of an object changed, and every length cut: no crash, an answer each time. */
static void
mutate(const char *folder, const char *name)
{
    AUTO_BYTES der = {0};
    uint32_t seed = 12345;
    read_vector(folder, name, &der);
    for (size_t i = 0; i < der.len; i++) {
        unsigned char kept = der.data[i];
        AUTO_BYTES shown = {0};
        AUTO_LINT_REPORT report = {0};
        AUTO_LINT_REPORT cut = {0};
        seed = seed * 1664525U + 1013904223U;
        der.data[i] = (unsigned char)(kept ^ (seed >> 24 | 1U));
        struct pki_lint_context context = {.specimen_signature = true};
        check_ok(pki_lint(der.data, der.len, &context, &report));
        note_tripped(&report);
        error_free(pki_show(der.data, der.len, 40, &shown));
        der.data[i] = kept;
        /* A copy of its own length, so that a read past the end is seen. */
        unsigned char *part = malloc(i + 1);
        assert_non_null(part);
        memcpy(part, der.data, i);
        check_ok(pki_lint(part, i, &context, &cut));
        assert_true(has_fault(&cut, "structure"));
        free(part);
    }
}

static void
test_mutations(void **state)
{
    (void)state;
    mutate("x509test", "ok-ca.der");
    mutate("x509test", "ok-v3.der");
    mutate("x509test", "ok-ext-name-constraints.der");
    mutate("x509test", "ok-ext-subject-altname2.der");
    mutate("crl", "ok-full.der");
    mutate("crl", "ok-delta.der");
}

static void
check_profile_fault(struct fixture *f, const char *lint)
{
    struct pki_lint_context context = {.profile = &f->root, .now = NOW};
    AUTO_LINT_REPORT report = {0};
    check_ok(pki_lint(f->certificate.data, f->certificate.len, &context, &report));
    note_tripped(&report);
    if (!has_fault(&report, lint))
        print_error("%s did not find it\n", lint);
    assert_true(has_fault(&report, lint));
    check_error_says(pki_lint_require(&report, "the root"), ERROR_REFUSED, lint);
}

/* A correct CRL of another profile. */
static void
test_crl_profile_rules(void **state)
{
    static const char *const lints[] = {"profile-crl-next-update", "profile-crl-extensions"};
    (void)state;
    struct fixture f;
    AUTO_BYTES der = {0};
    AUTO_BYTES issuer = {0};
    AUTO_LINT_REPORT report = {0};
    fixture_profiles(&f);
    f.crl.crl.only_ca_certs = true;
    read_vector("crl", "ok-full.der", &der);
    read_vector("crl", "_issuer.der", &issuer);
    struct pki_lint_context context = {
        .profile = &f.crl, .issuer = issuer.data, .issuer_len = issuer.len};
    check_ok(pki_lint(der.data, der.len, &context, &report));
    note_tripped(&report);
    for (size_t i = 0; i < 2; i++)
        assert_true(has_fault(&report, lints[i]));
}

/* An end entity of the vectors cannot be the issuer of another. */
static void
test_issuer_rules(void **state)
{
    (void)state;
    AUTO_BYTES der = {0};
    AUTO_BYTES issuer = {0};
    AUTO_LINT_REPORT report = {0};
    read_vector("x509test", "ok-long-serial.der", &der);
    read_vector("x509test", "ok-v3.der", &issuer);
    struct pki_lint_context context = {.issuer = issuer.data, .issuer_len = issuer.len};
    check_ok(pki_lint(der.data, der.len, &context, &report));
    note_tripped(&report);
    assert_true(has_fault(&report, "issuer-usage"));
    assert_true(has_fault(&report, "issuer-mismatch"));
    assert_true(has_fault(&report, "signature"));
}

/* The certificate stays; the profile it is held against changes. */
static void
test_profile_rules(void **state)
{
    static char other[] = "Another Root";
    static char sha512[] = "sha512";
    (void)state;
    struct fixture f;
    fixture_open(&f, "rsa-2048");
    f.parts[2].value = other;
    check_profile_fault(&f, "profile-subject");
    f.parts[2].value = text_root;
    f.root.certificate.validity_years = 24;
    check_profile_fault(&f, "profile-validity");
    f.root.certificate.validity_years = 25;
    f.root.certificate.path_len = 1;
    check_profile_fault(&f, "profile-extensions");
    f.root.certificate.path_len = -1;
    f.root.certificate.key_usage_bits = PKI_KU_KEY_CERT_SIGN;
    check_profile_fault(&f, "profile-extensions");
    f.root.certificate.key_usage_bits |= PKI_KU_CRL_SIGN;
    f.root.certificate.authority_key_id = PKI_ABSENT;
    check_profile_fault(&f, "profile-extensions");
    f.root.certificate.authority_key_id = PKI_NONCRITICAL;
    f.root.digest = sha512;
    check_profile_fault(&f, "profile-algorithm");
    f.root.digest = text_none;
    f.root.certificate.serial_bits = 63;
    check_profile_fault(&f, "profile-serial");
    f.root.certificate.serial_bits = 159;
    f.root.kind = PKI_PROFILE_CRL;
    check_profile_fault(&f, "profile-kind");
    fixture_close(&f);
}

/* A root of public trust (P1): what the profile makes must keep the Baseline Requirements. */
static void
check_public_fault(struct fixture *f, const char *lint)
{
    struct pki_certificate_order order = fixture_order(f);
    AUTO_DRAFT draft = {0};
    AUTO_LINT_REPORT report = {0};
    struct pki_lint_context context = {
        .profile = &f->root, .specimen_signature = true, .now = NOW};
    check_ok(pki_certificate_draft(&order, &draft));
    check_ok(pki_lint(draft.specimen.data, draft.specimen.len, &context, &report));
    note_tripped(&report);
    if (lint == NULL)
        assert_int_equal(report.faults, 0);
    else
        assert_true(has_fault(&report, lint));
}

static void
test_public_root(void **state)
{
    static char ou[] = "OU";
    static char server_auth[] = "serverAuth";
    static char *purposes[] = {server_auth};
    (void)state;
    struct fixture f;
    fixture_open(&f, "ec-p256");
    struct pki_certificate_profile *p = &f.root.certificate;
    f.root.trust = PKI_TRUST_PUBLIC;
    check_public_fault(&f, NULL);
    p->validity_years = 7;
    check_public_fault(&f, "br-root-validity");
    p->validity_years = 26;
    check_public_fault(&f, "br-root-validity");
    p->validity_years = 0;
    p->validity_days = 2921;
    check_public_fault(&f, "br-root-validity");
    p->validity_days = 2922;
    check_public_fault(&f, NULL);
    p->validity_days = 9132;
    check_public_fault(&f, NULL);
    p->validity_days = 9133;
    check_public_fault(&f, "br-root-validity");
    p->validity_days = 9000;
    p->ext_key_usage = PKI_NONCRITICAL;
    p->ext_key_usages = (struct pki_texts){purposes, 1};
    check_public_fault(&f, "br-root-extensions");
    p->ext_key_usage = PKI_ABSENT;
    p->key_usage_bits |= PKI_KU_KEY_AGREEMENT;
    check_public_fault(&f, "br-root-usage");
    p->key_usage_bits = PKI_KU_KEY_CERT_SIGN | PKI_KU_CRL_SIGN | PKI_KU_DIGITAL_SIGNATURE;
    check_public_fault(&f, NULL);
    f.root.certificate.backdate_seconds = 86400;
    check_public_fault(&f, NULL);
    f.now += 3 * 86400;
    check_public_fault(&f, "br-not-before");
    f.now -= 3 * 86400;
    f.serial_len = 7;
    check_public_fault(&f, "br-serial-entropy");
    f.serial_len = 20;
    p->path_len = 1; /* warnings, not faults */
    check_public_fault(&f, NULL);
    p->path_len = -1;
    p->authority_key_id = PKI_ABSENT;
    check_public_fault(&f, NULL);
    f.parts[1].type = ou;
    check_public_fault(&f, "br-organizational-unit");
    check_public_fault(&f, "br-ca-name");
    fixture_close(&f);
}

static void
test_waivers(void **state)
{
    static char lint[] = "profile-serial";
    static char reason[] = "serial numbers of the old system";
    static char clause[] = "CPS 7.1.2";
    (void)state;
    struct fixture f;
    fixture_open(&f, "ec-p256");
    struct pki_waiver waiver = {lint, reason, clause, NOW + 1};
    f.root.certificate.serial_bits = 63;
    f.root.waivers = &waiver;
    f.root.waiver_count = 1;
    struct pki_lint_context context = {.profile = &f.root, .now = NOW};
    AUTO_LINT_REPORT report = {0};
    check_ok(pki_lint(f.certificate.data, f.certificate.len, &context, &report));
    note_tripped(&report);
    check_ok(pki_lint_require(&report, "the root"));
    context.now = NOW + 1; /* ended */
    check_ok(pki_lint(f.certificate.data, f.certificate.len, &context, &report));
    note_tripped(&report);
    assert_int_equal(report.faults, 1);
    waiver.clause = text_none;
    context.now = NOW;
    check_ok(pki_lint(f.certificate.data, f.certificate.len, &context, &report));
    note_tripped(&report);
    assert_int_equal(report.faults, 1);
    fixture_close(&f);
}

/* docs/formats/lints.md says what the table says. GENERATE=1 writes it. */
static void
test_document(void **state)
{
    static const char *const severities[] = {"note", "warning", "fault"};
    static const char path[] = TEST_SOURCE_DIR "/docs/formats/lints.md";
    (void)state;
    AUTO_BYTES text = {0}, found = {0};
    size_t count = 0;
    const struct pki_lint_row_info *rows = pki_lint_rows(&count);
    check_ok(bytes_append_text(
        &text,
        "# Lints\n\nThe rules that `ceremony` and `ceremony-audit lint` hold certificates, "
        "CRLs and requests against. Made from\nthe table in `ceremony/pki/lint_rows.h`; a "
        "test compares. A fault stops a ceremony before a key is touched; a\nprofile may "
        "skip a rule by its id with reason, clause and end date. `br-` rules hold where "
        "the profile says\n`trust: public`, `profile-` rules where there is a profile, `cross-` rules "
        "where the existing certificate\nis known, and those under the name of a role from "
        "`role-private-only` on where the profile names such a `role`.\n\n"
        "| id | source | severity | the rule |\n|---|---|---|---|\n"));
    for (size_t i = 0; i < count; i++) {
        check_ok(bytes_format(&text, "| `%s` | %s | %s | %s |\n", rows[i].id, rows[i].source,
                              severities[rows[i].severity], rows[i].text));
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(rows[i].id, rows[j].id);
    }
    if (getenv("GENERATE") != NULL)
        check_ok(file_replace(path, text.data, text.len));
    check_ok(file_read(path, LIMIT, &found));
    assert_string_equal(bytes_text(&found), bytes_text(&text));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_x509test),          cmocka_unit_test(test_crls),
        cmocka_unit_test(test_crl_profile_rules), cmocka_unit_test(test_issuer_rules),
        cmocka_unit_test(test_patches),           cmocka_unit_test(test_requests),
        cmocka_unit_test(test_mutations),         cmocka_unit_test(test_profile_rules),
        cmocka_unit_test(test_public_root),       cmocka_unit_test(test_waivers),
        cmocka_unit_test(test_document),          cmocka_unit_test(test_rows_tripped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
