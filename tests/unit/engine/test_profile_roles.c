/* SPDX-License-Identifier: Apache-2.0
 *
 * Every row of the lints on roles is seen to fail: a profile of scripts/profiles with one thing wrong
 * (R37 - R46, R60, R61). */
#include "tests/unit/engine/profile_fixture.h"

static char word_any[] = "anyExtendedKeyUsage", word_server[] = "serverAuth",
            word_client[] = "clientAuth", word_code[] = "codeSigning",
            word_mail[] = "emailProtection", word_time[] = "timeStamping",
            word_ocsp[] = "OCSPSigning", word_ou[] = "OU", word_x[] = "X",
            https_uri[] = "https://crl.example.com/x", ldap_type[] = "email",
            mail_value[] = "a@example.com";

/* One element arrays that replace what the profile owns; nothing of them is freed, since the tests
 * put the profile's own lists back. */
struct kept {
    struct pki_certificate_profile certificate;
    enum pki_trust trust;
};

#define MUTATE(name, statement)                                                                \
    static void name(struct pki_profile *profile)                                              \
    {                                                                                          \
        struct pki_certificate_profile *p = &profile->certificate;                             \
        statement;                                                                             \
        (void)p;                                                                               \
    }

static char *purposes[3];

static void
set_purpose(struct pki_certificate_profile *p, char *first, char *second)
{
    purposes[0] = first;
    purposes[1] = second;
    p->ext_key_usage = PKI_NONCRITICAL;
    p->ext_key_usages = (struct pki_texts){purposes, second == NULL ? 1 : 2};
}

static struct pki_name_part parts[8];
static struct pki_general_name names[8];

static void
drop_attribute(struct pki_certificate_profile *p, const char *type)
{
    size_t count = 0;
    for (size_t i = 0; i < p->subject.count; i++)
        if (strcmp(p->subject.parts[i].type, type) != 0)
            parts[count++] = p->subject.parts[i];
    p->subject = (struct pki_name){parts, count};
}

static void
add_attribute(struct pki_certificate_profile *p, char *type, char *value)
{
    memcpy(parts, p->subject.parts, p->subject.count * sizeof parts[0]);
    parts[p->subject.count] = (struct pki_name_part){.type = type, .value = value};
    p->subject = (struct pki_name){parts, p->subject.count + 1};
}

static void
drop_constraint(struct pki_certificate_profile *p, const char *type, char mark)
{
    struct pki_general_names *lists[] = {&p->permitted, &p->excluded};
    for (size_t l = 0; l < 2; l++) {
        struct pki_general_name *out = names + 4 * l;
        size_t count = 0;
        for (size_t i = 0; i < lists[l]->count; i++) {
            const struct pki_general_name *name = &lists[l]->items[i];
            bool other = strcmp(name->type, type) != 0
                         || (mark != '\0' && strchr(name->value, mark) == NULL);
            if (other)
                out[count++] = *name;
        }
        *lists[l] = (struct pki_general_names){out, count};
    }
}

static char *addresses[1];

MUTATE(make_public, profile->trust = PKI_TRUST_PUBLIC)
MUTATE(soft_constraints, p->basic_constraints = PKI_NONCRITICAL)
MUTATE(no_sign, p->key_usage_bits = PKI_KU_CRL_SIGN)
MUTATE(agree, p->key_usage_bits |= PKI_KU_KEY_AGREEMENT)
MUTATE(no_usage, p->key_usage = PKI_ABSENT)
MUTATE(encipher, p->key_usage_bits = PKI_KU_KEY_ENCIPHERMENT)
MUTATE(non_repudiation, p->key_usage_bits |= PKI_KU_NON_REPUDIATION)
MUTATE(no_ski, p->subject_key_id = PKI_ABSENT)
MUTATE(with_ski, p->subject_key_id = PKI_NONCRITICAL)
MUTATE(no_aki, p->authority_key_id = PKI_ABSENT)
MUTATE(with_unit, add_attribute(p, word_ou, word_x))
MUTATE(no_country, drop_attribute(p, "C"))
MUTATE(no_organization, drop_attribute(p, "O"))
MUTATE(no_name, drop_attribute(p, "CN"))
MUTATE(no_serial, drop_attribute(p, "serialNumber"))
MUTATE(for_any, set_purpose(p, word_any, NULL))
MUTATE(for_server, set_purpose(p, word_server, NULL))
MUTATE(for_client, set_purpose(p, word_client, NULL))
MUTATE(for_server_and_code, set_purpose(p, word_server, word_code))
MUTATE(for_server_and_mail, set_purpose(p, word_server, word_mail))
MUTATE(for_server_and_time, set_purpose(p, word_server, word_time))
MUTATE(for_server_and_ocsp, set_purpose(p, word_server, word_ocsp))
MUTATE(for_ocsp_and_server, set_purpose(p, word_ocsp, word_server))
MUTATE(for_ocsp_and_mail, set_purpose(p, word_ocsp, word_mail))
MUTATE(for_code_and_time, set_purpose(p, word_code, word_time))
MUTATE(no_purpose, p->ext_key_usage = PKI_ABSENT)
MUTATE(critical_purpose, p->ext_key_usage = PKI_CRITICAL)
MUTATE(soft_purpose, p->ext_key_usage = PKI_NONCRITICAL)
MUTATE(with_path, p->path_len = 3)
MUTATE(no_path, p->path_len = -1)
MUTATE(no_policies, p->policies = PKI_ABSENT)
MUTATE(no_points, p->crl_distribution = PKI_ABSENT)
MUTATE(no_access, p->authority_info = PKI_ABSENT)
MUTATE(no_limits, p->name_constraints = PKI_ABSENT)
MUTATE(no_dns_limit, drop_constraint(p, "dns", '\0'))
MUTATE(no_ip4_limit, drop_constraint(p, "ip", '.'))
MUTATE(no_ip6_limit, drop_constraint(p, "ip", ':'))
MUTATE(no_dir_limit, drop_constraint(p, "dir-name", '\0'))
MUTATE(a_ca, (p->basic_constraints = PKI_CRITICAL, p->is_ca = true))
MUTATE(no_check, p->ocsp_no_check = PKI_ABSENT)
MUTATE(forever,
       (p->validity_years = 0, p->validity_days = 0, p->not_after = PKI_NOT_AFTER_FOREVER,
        p->outlives_issuer = true, p->outlives_reason = word_x))
MUTATE(no_revocation, p->no_rev_avail = PKI_ABSENT)

static void
https_points(struct pki_profile *profile)
{
    addresses[0] = https_uri;
    profile->certificate.crl_uris = (struct pki_texts){addresses, 1};
}

static void
with_points(struct pki_profile *profile)
{
    https_points(profile);
    profile->certificate.crl_distribution = PKI_NONCRITICAL;
}

static void
no_way_to_revoke(struct pki_profile *profile)
{
    profile->certificate.crl_distribution = PKI_ABSENT;
    profile->certificate.ocsp_uris.count = 0;
}

static void
mail_name(struct pki_profile *profile)
{
    names[0] = (struct pki_general_name){.type = ldap_type, .value = mail_value};
    profile->certificate.subject_alt_name = PKI_NONCRITICAL;
    profile->certificate.subject_alt_names = (struct pki_general_names){names, 1};
    profile->certificate.fields = (struct pki_fields){0};
}

static void
with_limits(struct pki_profile *profile)
{
    names[0] = (struct pki_general_name){.type = ldap_type, .value = mail_value};
    profile->certificate.name_constraints = PKI_CRITICAL;
    profile->certificate.permitted = (struct pki_general_names){names, 1};
}

/* Two reserved policies. */
static void
two_policies(struct pki_profile *profile)
{
    static char dv[] = "2.23.140.1.2.1", ov[] = "2.23.140.1.2.2";
    static char *policies[] = {dv, ov};
    profile->certificate.policy_oids = (struct pki_texts){policies, 2};
}

static const struct {
    const char *row;
    const char *profile;
    void (*mutate)(struct pki_profile *profile);
} negatives[] = {
    {"role-private-only",        "device-ca",                  make_public        },
    {"ext-key-usage-issuer",     "tls-client",                 for_ocsp_and_mail  },
    {"sub-ca-narrow",            "issuing-private",            make_public        },
    {"ca-constraints",           "root-private",               soft_constraints   },
    {"ca-usage",                 "tls-ca-private",             no_sign            },
    {"ca-usage-other",           "tls-ca-private",             agree              },
    {"ca-key-id",                "root-private",               no_ski             },
    {"ca-authority-key",         "tls-ca-private",             no_aki             },
    {"ca-organizational-unit",   "tls-ca-private",             with_unit          },
    {"root-country",             "root-private",               no_country         },
    {"root-organization",        "root-private",               no_organization    },
    {"root-common-name",         "root-private",               no_name            },
    {"root-purpose",             "root-private",               for_server         },
    {"root-authority-key",       "root-private",               no_aki             },
    {"root-unwanted",            "root-private",               with_path          },
    {"cross-policies",           "cross-private",              no_policies        },
    {"cross-crl-points",         "cross-private",              no_points          },
    {"cross-purpose",            "cross-public",               no_purpose         },
    {"sub-ca-policies",          "code-signing-ca-private",    no_policies        },
    {"sub-ca-crl-points",        "tls-ca-public",              no_points          },
    {"sub-ca-crl-address",       "tls-ca-public",              https_points       },
    {"sub-ca-issuer-address",    "tls-ca-public",              no_access          },
    {"sub-ca-path-length",       "tls-ca-public",              no_path            },
    {"tls-ca-purpose",           "tls-ca-public",              for_client         },
    {"tls-ca-purpose-code",      "tls-ca-public",              for_server_and_code},
    {"tls-ca-purpose-mail",      "constrained-tls-ca-public",  for_server_and_mail},
    {"tls-ca-purpose-time",      "tls-ca-public",              for_server_and_time},
    {"tls-ca-purpose-ocsp",      "tls-ca-public",              for_server_and_ocsp},
    {"ca-purpose-any",           "tls-ca-public",              for_any            },
    {"constrained-names",        "constrained-tls-ca-public",  no_limits          },
    {"constrained-dns",          "constrained-tls-ca-public",  no_dns_limit       },
    {"constrained-ip4",          "constrained-tls-ca-public",  no_ip4_limit       },
    {"constrained-ip6",          "constrained-tls-ca-public",  no_ip6_limit       },
    {"constrained-directory",    "constrained-tls-ca-private", no_dir_limit       },
    {"constrained-purpose",      "constrained-ca-public",      no_purpose         },
    {"constrained-purpose-tls",  "constrained-ca-public",      for_server_and_mail},
    {"code-signing-ca-purpose",  "code-signing-ca-public",     for_code_and_time  },
    {"timestamping-ca-purpose",  "timestamping-ca-public",     for_code_and_time  },
    {"code-ca-issuer-address",   "timestamping-ca-public",     no_access          },
    {"code-ca-purpose-critical", "code-signing-ca-public",     critical_purpose   },
    {"end-not-ca",               "sign-off",                   a_ca               },
    {"end-authority-key",        "tls-client",                 no_aki             },
    {"signer-usage",             "code-signing-public",        no_usage           },
    {"signer-usage-other",       "tls-client",                 agree              },
    {"ocsp-purpose",             "ocsp-responder-public",      for_ocsp_and_server},
    {"ocsp-usage-other",         "ocsp-responder-public",      non_repudiation    },
    {"ocsp-no-check",            "ocsp-responder-public",      no_check           },
    {"ocsp-crl-points",          "ocsp-responder-public",      with_points        },
    {"ocsp-alt-names",           "ocsp-responder-public",      mail_name          },
    {"ocsp-name-constraints",    "ocsp-responder-public",      with_limits        },
    {"crl-signer-usage",         "crl-signer",                 encipher           },
    {"crl-signer-usage-other",   "crl-signer",                 agree              },
    {"crl-signer-key-id",        "crl-signer",                 no_ski             },
    {"recipient-usage",          "seed-recipient",             no_usage           },
    {"recipient-usage-other",    "seed-recipient",             agree              },
    {"tls-server-names",         "tls-server-public",          mail_name          },
    {"tls-server-purpose",       "tls-server-public",          for_client         },
    {"end-purpose-any",          "tls-server-public",          for_any            },
    {"tls-server-usage",         "tls-server-public",          encipher           },
    {"tls-server-policy",        "tls-server-public",          two_policies       },
    {"tls-server-access",        "tls-server-public",          no_access          },
    {"tls-server-revocation",    "tls-server-public",          no_way_to_revoke   },
    {"tls-client-purpose",       "tls-client",                 for_server         },
    {"sign-off-purpose",         "sign-off",                   no_purpose         },
    {"client-purpose-server",    "sign-off",                   for_server         },
    {"code-signing-purpose",     "code-signing-private",       for_client         },
    {"timestamping-purpose",     "timestamping-public",        for_code_and_time  },
    {"timestamping-critical",    "timestamping-public",        soft_purpose       },
    {"code-purpose-server",      "code-signing-public",        for_server_and_code},
    {"code-policies",            "code-signing-public",        no_policies        },
    {"code-crl-points",          "code-signing-public",        no_points          },
    {"code-issuer-address",      "code-signing-public",        no_access          },
    {"device-usage",             "idevid-mac",                 encipher           },
    {"device-usage-other",       "idevid-mac",                 agree              },
    {"device-revocation",        "idevid-mac",                 no_revocation      },
    {"idevid-name",              "idevid-mac",                 no_serial          },
    {"idevid-purpose",           "idevid-mac",                 for_client         },
    {"idevid-key-id",            "idevid-mac",                 with_ski           },
    {"ldevid-finite",            "ldevid",                     forever            },
    {"ldevid-purpose",           "ldevid",                     for_server         },
};

static bool
has_row(const struct pki_lint_report *report, const char *row)
{
    for (size_t i = 0; i < report->count; i++)
        if (strcmp(report->findings[i].lint, row) == 0)
            return true;
    return false;
}

/* The mutated profile's certificate, whatever its builder thinks of the fields. */
static void
check_negative(const char *row, const char *name, void (*mutate)(struct pki_profile *profile))
{
    size_t family = family_of(name);
    const struct made *one = make(family);
    const struct made *issuer =
        families[family].issuer == NULL ? NULL : make(family_of(families[family].issuer));
    AUTO(pki_profile) profile = load(name);
    struct kept kept = {profile->certificate, profile->trust};
    AUTO_DRAFT draft = {0};
    AUTO_BYTES existing = {0};
    AUTO_LINT_REPORT report = {0};
    AUTO_BYTES text = {0};
    if (profile->certificate.subject_of_existing)
        make_existing(one, older_of(profile), &existing);
    mutate(profile);
    check_ok(draft_of(profile, one, issuer, &existing, &draft));
    lint_of(&draft.specimen, profile, issuer, &existing, &report);
    profile->certificate = kept.certificate;
    check_ok(pki_lint_text(&report, &text));
    if (!has_row(&report, row))
        fail_msg("%s was not found in %s: %s", row, name, bytes_text(&text));
}

static void
test_every_row_fails(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof negatives / sizeof negatives[0]; i++)
        check_negative(negatives[i].row, negatives[i].profile, negatives[i].mutate);
}

/* A root that somebody else issued. */
static void
test_root_of_another(void **state)
{
    (void)state;
    const struct made *issuer = make(family_of("root-software-update"));
    const struct made *one = make(family_of("root-private"));
    AUTO(pki_profile) profile = load("root-private");
    AUTO_DRAFT draft = {0};
    AUTO_LINT_REPORT report = {0};
    profile->certificate.path_len = 0;
    profile->certificate.validity_years = 10;
    free(profile->certificate.subject.parts[2].value);
    check_ok(text_copy("Other", &profile->certificate.subject.parts[2].value));
    check_ok(draft_of(profile, one, issuer, NULL, &draft));
    lint_of(&draft.specimen, profile, issuer, NULL, &report);
    assert_true(has_row(&report, "root-issuer"));
}

/* A responder answers for a CA that is for TLS, though OCSPSigning is not below it. */
static void
test_ocsp_below_tls_ca(void **state)
{
    (void)state;
    const struct made *issuer = make(family_of("tls-ca-public"));
    const struct made *one = make(family_of("ocsp-responder-public"));
    AUTO(pki_profile) profile = load("ocsp-responder-public");
    AUTO_DRAFT draft = {0};
    AUTO_LINT_REPORT report = {0};
    check_ok(draft_of(profile, one, issuer, NULL, &draft));
    lint_of(&draft.specimen, profile, issuer, NULL, &report);
    assert_int_equal(report.faults + report.warnings, 0);
}

/* Every row on roles has its negative here. */
static void
test_no_row_is_forgotten(void **state)
{
    size_t count = 0;
    bool roles = false;
    size_t seen = 0;
    (void)state;
    const struct pki_lint_row_info *rows = pki_lint_rows(&count);
    for (size_t i = 0; i < count; i++) {
        roles = roles || strcmp(rows[i].id, "role-private-only") == 0;
        bool found = strcmp(rows[i].id, "root-issuer") == 0
                     || strcmp(rows[i].id, "tls-server-validity") == 0;
        for (size_t j = 0; j < sizeof negatives / sizeof negatives[0]; j++)
            found = found || strcmp(rows[i].id, negatives[j].row) == 0;
        if (roles && !found)
            fail_msg("no negative test for the row %s", rows[i].id);
        seen += roles ? 1 : 0;
    }
    assert_int_equal(seen, sizeof negatives / sizeof negatives[0]
                               + 1); /* two are tested apart, one is on all */
}

/* BR 6.3.2: by the day on which it begins; one second over counts as a day. */
static void
test_server_validity(void **state)
{
    static const struct {
        int64_t from;
        int64_t days;
    } caps[] = {
        {INT64_C(1773446400), 398}, /* 2026-03-14 */
        {INT64_C(1773532800), 200}, /* 2026-03-15 */
        {INT64_C(1805068799), 200}, /* the last second before 2027-03-15 */
        {INT64_C(1805068800), 100}, /* 2027-03-15 */
        {INT64_C(1868227199), 100}, /* the last second before 2029-03-15 */
        {INT64_C(1868227200), 47 }, /* 2029-03-15 */
    };

    size_t family = family_of("tls-server-public");
    const struct made *one = make(family);
    const struct made *issuer = make(family_of(families[family].issuer));
    AUTO(pki_profile) profile = load("tls-server-public");
    struct pki_certificate_profile *p = &profile->certificate;
    (void)state;
    p->outlives_issuer = true;
    for (size_t i = 0; i < sizeof caps / sizeof caps[0]; i++)
        for (int64_t over = 0; over < 2; over++) {
            AUTO_DRAFT draft = {0};
            AUTO_LINT_REPORT report = {0};
            p->validity_days = 0;
            p->not_before = caps[i].from;
            p->not_after = caps[i].from + caps[i].days * 86400 - 1 + over;
            /* The lint alone: the issuer of this test is younger than some of these dates. */
            check_ok(draft_of(profile, one, NULL, NULL, &draft));
            lint_of(&draft.specimen, profile, issuer, NULL, &report);
            print_message("%lld days, %lld over\n", (long long)caps[i].days, (long long)over);
            assert_int_equal(has_row(&report, "tls-server-validity"), over == 1);
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row_fails),   cmocka_unit_test(test_root_of_another),
        cmocka_unit_test(test_ocsp_below_tls_ca), cmocka_unit_test(test_no_row_is_forgotten),
        cmocka_unit_test(test_server_validity),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
