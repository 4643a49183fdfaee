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
    (void)state;
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
        (void)make(family_of(name));
        write_chain(family_of(name));
        certificates++;
    }
    assert_int_equal(certificates, FAMILIES);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_profile)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
