/* SPDX-License-Identifier: Apache-2.0
 *
 * Every profile of scripts/profiles: read, drafted below the CA that it belongs to, signed, linted
 * without a finding (R37 - R46, R60, R61). With JUDGES_DIR set the chains are written there for other
 * programs (tests/vectors/test_profile_judges.sh). */
#include "tests/unit/engine/profile_fixture.h"

static void
write_pem(const char *profile, const char *what, const struct bytes *pem)
{
    char path[400];
    const char *folder = getenv("JUDGES_DIR");
    if (folder == NULL)
        return;
    snprintf(path, sizeof path, "%s/%s.%s", folder, profile, what);
    check_ok(file_replace(path, pem->data, pem->len));
}

/* PROFILE.pem, PROFILE.chain (CAs between), PROFILE.root, PROFILE.purpose. */
static void
write_chain(size_t family)
{
    AUTO_BYTES own = {0};
    AUTO_BYTES chain = {0};
    AUTO_BYTES root = {0};
    AUTO_BYTES purpose = {0};
    check_ok(pki_pem("CERTIFICATE", made[family].der.data, made[family].der.len, &own));
    check_ok(bytes_append_text(&purpose, families[family].purpose));
    size_t at = family;
    while (families[at].issuer != NULL) {
        AUTO_BYTES pem = {0};
        at = family_of(families[at].issuer);
        check_ok(pki_pem("CERTIFICATE", made[at].der.data, made[at].der.len, &pem));
        check_ok(bytes_append(families[at].issuer == NULL ? &root : &chain, pem.data, pem.len));
    }
    write_pem(families[family].profile, "pem", &own);
    write_pem(families[family].profile, "chain", &chain);
    write_pem(families[family].profile, "root", root.len > 0 ? &root : &own);
    write_pem(families[family].profile, "purpose", &purpose);
}

static void
test_every_profile(void **state)
{
    AUTO_FOLDER_LIST list = {0};
    size_t certificates = 0;
    AUTO_BYTES document = {0};
    (void)state;
    check_ok(
        file_read(TEST_SOURCE_DIR "/docs/formats/profile.md", PROFILE_FILE_MAX, &document));
    check_ok(folder_list(TEST_SOURCE_DIR "/scripts/profiles", false, false, &list));
    for (size_t i = 0; i < list.count; i++) {
        if (text_starts_with(list.names[i], "crl-")
            && strcmp(list.names[i], "crl-signer.yaml") != 0)
            continue;
        AUTO_FREE char *name = strndup(list.names[i], strlen(list.names[i]) - strlen(".yaml"));
        AUTO(pki_profile) profile = load(name);
        if (profile->kind != PKI_PROFILE_CERTIFICATE)
            continue;
        assert_string_equal(profile->id, name);
        assert_int_not_equal(profile->policy[0], '\0'); /* R8 */
        assert_true(profile->role != PKI_ROLE_NONE || strcmp(name, "request-plain") == 0);
        AUTO_FREE char *quoted = NULL;
        check_ok(text_format(&quoted, "`%s`", name));
        if (strstr(bytes_text(&document), quoted) == NULL)
            fail_msg("docs/formats/profile.md does not name %s", quoted);
        (void)make(family_of(name));
        write_chain(family_of(name));
        certificates++;
    }
    assert_int_equal(certificates, FAMILIES);
}

/* A certificate of a changed profile below `issuer`, signed; key and certificate go to `one`. */
static void
sign_changed(const char *name, const char *common_name, int path_len, const struct made *issuer,
             struct made *one)
{
    AUTO(pki_profile) profile = load(name);
    struct pki_name_part *last =
        &profile->certificate.subject.parts[profile->certificate.subject.count - 1];
    AUTO_DRAFT draft = {0};
    AUTO_LINT_REPORT report = {0};
    make_key(profile, one);
    if (last->field == NULL) {
        free(last->value);
        check_ok(text_copy(common_name, &last->value));
    }
    profile->certificate.path_len = path_len;
    profile->certificate.validity_years = 0;
    profile->certificate.validity_days = 100 + path_len;
    check_ok(draft_of(profile, one, issuer, NULL, &draft));
    check_ok(pki_draft_sign(&draft, issuer->key, NULL, issuer->spki.data, issuer->spki.len,
                            &one->der));
    lint_of(&one->der, profile, issuer, NULL, &report);
    assert_int_equal(report.faults + report.warnings, 0);
}

static void
clear_made(struct made *one)
{
    EVP_PKEY_free(one->key);
    bytes_clear(&one->spki);
    bytes_clear(&one->der);
}

static void
write_certificates(const char *name, const char *what, const struct made *const *list,
                   size_t count)
{
    AUTO_BYTES all = {0};
    for (size_t i = 0; i < count; i++) {
        AUTO_BYTES pem = {0};
        check_ok(pki_pem("CERTIFICATE", list[i]->der.data, list[i]->der.len, &pem));
        check_ok(bytes_append(&all, pem.data, pem.len));
    }
    write_pem(name, what, &all);
}

/* Root, policy CA, issuing CA, client: the depth goes down by one at each. */
static void
test_four_levels(void **state)
{
    (void)state;
    const struct made *root = make(family_of("root-private"));
    struct made policy = {0};
    struct made issuing = {0};
    struct made client = {0};
    AUTO_BYTES purpose = {0};
    sign_changed("tls-ca-private", "Example Policy CA", 1, root, &policy);
    sign_changed("tls-ca-private", "Example Issuing CA", 0, &policy, &issuing);
    sign_changed("tls-client", "Client", -1, &issuing, &client);
    const struct made *between[] = {&issuing, &policy};
    const struct made *own = &client;
    check_ok(bytes_append_text(&purpose, "sslclient"));
    write_certificates("four-levels", "root", &root, 1);
    write_certificates("four-levels", "chain", between, 2);
    write_certificates("four-levels", "pem", &own, 1);
    write_pem("four-levels", "purpose", &purpose);
    clear_made(&policy);
    clear_made(&issuing);
    clear_made(&client);
}

/* A name outside the constraints: refused here; made nevertheless, below a twin of the CA without
 * constraints, other programs must refuse it below the CA with them. */
static void
test_outside_constraints(void **state)
{
    static char dns[] = "dns", host[] = "www.example.org";
    (void)state;
    const struct made *root = make(family_of("root-private"));
    const struct made *ca = make(family_of("constrained-tls-ca-private"));
    AUTO(pki_profile) twin_profile = load("constrained-tls-ca-private");
    AUTO(pki_profile) profile = load("tls-server-private");
    struct made twin = {.key = ca->key, .spki = ca->spki};
    struct made server = {0};
    AUTO_DRAFT draft = {0};
    struct pki_general_name outside = {.type = dns, .value = host};
    struct pki_general_names kept = profile->certificate.subject_alt_names;
    struct pki_fields kept_fields = profile->certificate.fields;
    struct pki_name kept_subject = profile->certificate.subject;
    twin_profile->certificate.name_constraints = PKI_ABSENT;
    check_ok(draft_of(twin_profile, ca, root, NULL, &draft));
    check_ok(
        pki_draft_sign(&draft, root->key, NULL, root->spki.data, root->spki.len, &twin.der));
    make_key(profile, &server);
    profile->certificate.subject_alt_names = (struct pki_general_names){&outside, 1};
    profile->certificate.fields = (struct pki_fields){0};
    profile->certificate.subject.count = 2; /* without the name that a field brings */
    check_error_says(draft_of(profile, &server, ca, NULL, &draft), ERROR_REFUSED,
                     "dns:www.example.org lies outside");
    check_ok(draft_of(profile, &server, &twin, NULL, &draft));
    check_ok(pki_draft_sign(&draft, ca->key, NULL, ca->spki.data, ca->spki.len, &server.der));
    const struct made *own = &server;
    write_certificates("outside", "root", &root, 1);
    write_certificates("outside", "chain", &ca, 1);
    write_certificates("outside", "pem", &own, 1);
    profile->certificate.subject_alt_names = kept;
    profile->certificate.fields = kept_fields;
    profile->certificate.subject = kept_subject;
    bytes_clear(&twin.der);
    clear_made(&server);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_profile),
                                       cmocka_unit_test(test_four_levels),
                                       cmocka_unit_test(test_outside_constraints)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
