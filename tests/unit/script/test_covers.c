/* SPDX-License-Identifier: Apache-2.0
 *
 * What a script may say of indirect CRLs: the shipped one, changed in one spot (R55). */
#include "ceremony/script/script.h"
#include "tests/unit/script/sandbox.h"

static void
read_text(const char *name, struct bytes *ret_text)
{
    AUTO_FREE char *path = NULL;
    check_ok(text_format(&path, "%s/scripts/%s", TEST_SOURCE_DIR, name));
    check_ok(file_read(path, 1 << 20, ret_text));
    check_ok(bytes_append_char(ret_text, '\0'));
    ret_text->len--;
}

/* The script with one spot changed, in it or in the profile of the list; what is said of it. */
static void
load(const char *script_from, const char *script_to, const char *list_from, const char *list_to,
     struct bytes *ret_said)
{
    AUTO_BYTES script = {0};
    AUTO_BYTES signer = {0};
    AUTO_BYTES list = {0};
    AUTO_FAULTS faults = {0};
    AUTO(script) loaded = NULL;
    read_text("indirect-crl.yaml", &script);
    read_text("profiles/crl-signer.yaml", &signer);
    read_text("profiles/crl-indirect.yaml", &list);
    AUTO_FREE char *changed = replaced(bytes_text(&script), script_from, script_to);
    AUTO_FREE char *other = replaced(bytes_text(&list), list_from, list_to);
    (void)sandbox_text("profiles/crl-signer.yaml", bytes_text(&signer));
    (void)sandbox_text("profiles/crl-indirect.yaml", other);
    struct error *error = script_load(sandbox_text("s.yaml", changed), &faults, &loaded);
    assert_true((error == NULL) == (faults.count == 0));
    error_free(error);
    check_ok(faults_text(&faults, ret_said));
}

static void
check_says(const char *script_from, const char *script_to, const char *list_from,
           const char *list_to, const char *words)
{
    AUTO_BYTES said = {0};
    load(script_from, script_to, list_from, list_to, &said);
    if (strstr(bytes_text(&said), words) == NULL)
        fail_msg("%s\nis not in:\n%s", words, bytes_text(&said));
}

#define SAME "title:", "title:"

static void
the_shipped_one_is_whole(void **state)
{
    (void)state;
    AUTO_BYTES said = {0};
    load(SAME, SAME, &said);
    assert_string_equal(bytes_text(&said), "");
}

static void
each_fault_is_named(void **state)
{
    (void)state;
    static const char covers[] = "        covers:\n          - first\n          - second\n";
    check_says(SAME, "trust: private", "trust: public",
               "the profile 'crl-indirect' is of a public PKI, which has no indirect CRLs");
    check_says(SAME, "indirect: yes", "indirect: yes\n  only-user-certificates: yes",
               "is of an indirect CRL of a part only");
    check_says(SAME, "indirect: yes", "indirect: yes\n  delta: yes",
               "is of an indirect CRL of a part only");
    check_says(covers, "", SAME, "so the step needs 'covers'");
    check_says(SAME, "indirect: yes", "indirect: no",
               "'covers' is for indirect CRLs, and the step 'sign-list' signs none");
    check_says("          - first\n", "          - frist\n", SAME,
               "'frist' is not a key of this script, or a key and a profile");
    check_says("          - first\n", "          - first signer\n", SAME,
               "the profile 'crl-signer' has no 'crl-issuer'");
    check_says("          - first\n", "          - first indirect\n", SAME,
               "the profile 'crl-indirect' has no 'crl-issuer'");
    check_says("          - first\n", "          - signer\n", SAME,
               "the key 'signer' signs the indirect CRL");
    check_says("          - first\n", "          - signer\n", SAME,
               "covers the key 'signer', which no earlier ceremony made");
}

static void
a_list_needs_a_certified_signer(void **state)
{
    (void)state;
    check_says("        of: signer\n        profile: signer",
               "        of: root\n        profile: signer", SAME,
               "which no earlier ceremony made and no step before certifies");
}

/* The step for one CRL knows nothing of other issuers. */
static void
issue_crl_signs_none(void **state)
{
    (void)state;
    check_says(
        "        do: sign-crls\n        title: Sign the list for both CAs\n        crls:\n"
        "          - signer indirect\n        covers:\n          - first\n          - second\n",
        "        do: issue-crl\n        key: signer\n        profile: indirect\n", SAME,
        "the profile 'indirect' is of an indirect CRL, which a step 'sign-crls' signs");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shipped_one_is_whole),
        cmocka_unit_test(each_fault_is_named),
        cmocka_unit_test(a_list_needs_a_certified_signer),
        cmocka_unit_test(issue_crl_signs_none),
    };
    return cmocka_run_group_tests(tests, sandbox_make, sandbox_remove);
}
