/* SPDX-License-Identifier: Apache-2.0
 *
 * What a decoded certificate says of names of hardware, policies and limits; nothing that an attacker
 * writes steers a terminal or seems to be more than it is (T14). */
#include "ceremony/base/encode.h"
#include "ceremony/pki/general_name.h"
#include "ceremony/pki/show.h"
#include "ceremony/pki/show_internal.h"
#include "tests/unit/pki/fixture.h"

static void
check_name(const char *hex, bool constraint, const char *wanted)
{
    AUTO_BYTES der = {0};
    AUTO_BYTES text = {0};
    struct der_item item;
    check_ok(hex_decode_append(hex, &der));
    struct der view = der_view(der.data, der.len);
    assert_null(der_next(&view, &item));
    check_ok(general_name_append(&text, &item, constraint));
    assert_string_equal(bytes_text(&text), wanted);
}

static void
test_general_names(void **state)
{
    (void)state;
    check_name("a01b06082b06010505070804a00f300d06072b06010401867a0402"
               "0a0b",
               false, "other:hardwareModuleName type 1.3.6.1.4.1.890 serial 0a0b");
    check_name("a01b06082b06010505070804a00e300d06072b06010401867a04020a0b", false,
               "other:(cannot be read)");
    check_name("a01c06082b06010505070804a010300e06072b0601040186"
               "7a"
               "0403582d31",
               false, "other:hardwareModuleName type 1.3.6.1.4.1.890 serial 582d31 (\"X-1\")");
    check_name("a01c06082b06010505070804a010300e06072b0601040186"
               "7a"
               "04031b5b31",
               false, "other:hardwareModuleName type 1.3.6.1.4.1.890 serial 1b5b31");
    check_name("a01406082b0601050507080ca008040600005e005301", false,
               "other:macAddress 00:00:5e:00:53:01");
    check_name("a01306082b0601050507080ca007040500005e0053", false,
               "other:macAddress #040500005e0053");
    check_name("8208611b5b316d2c6464", false, "dns:a\\x1B[1m\\,dd");
    check_name("8200", true, "dns:(every one)");
    check_name("87080000000000000000", true, "ip:0.0.0.0/0 (every IPv4 address)");
    check_name("872000000000000000000000000000000000000000000000000000000000000000"
               "00",
               true, "ip:::/0 (every IPv6 address)");
    check_name("8708c0000200ffffff00", true, "ip:192.0.2.0/24");
    check_name("8708c0000200ff00ff00", true, "ip:192.0.2.0/255.0.255.0");
    check_name("8704c0000201", true, "ip:(address of a wrong length)");
}

static void
check_extension(show_append_function *append, const char *hex, const char *wanted)
{
    AUTO_BYTES der = {0};
    AUTO_BYTES text = {0};
    const char *fault = NULL;
    check_ok(hex_decode_append(hex, &der));
    check_ok(append(&text, der_view(der.data, der.len), &fault));
    if (wanted == NULL) {
        assert_non_null(fault);
        return;
    }
    assert_null(fault);
    assert_string_equal(bytes_text(&text), wanted);
}

static void
test_extensions(void **state)
{
    (void)state;
    check_extension(show_append_policies, "300a3008060667810c010201", "2.23.140.1.2.1");
    check_extension(show_append_policies,
                    "30083006060455"
                    "1d2000",
                    "any policy");
    check_extension(show_append_policies,
                    "302130"
                    "1f06022a03"
                    "3019"
                    "3017"
                    "06082b06010505070201"
                    "160b687474703a2f2f1b5b782f",
                    "1.2.3 (CPS http://\\x1B[x/)");
    check_extension(show_append_policies,
                    "300630040602"
                    "2a03"
                    "ff",
                    NULL);
    check_extension(show_append_policy_mappings, "300a300806022a0306022a04",
                    "1.2.3 counts as 1.2.4");
    check_extension(
        show_append_policy_constraints, "3006800100810102",
        "a policy is needed after 0 further CAs, no policy is mapped after 2 further "
        "CAs");
    check_extension(
        show_append_name_constraints,
        "3020a0123010820b6578616d706c652e636f6d810161a10a300887"
        "06"
        "000000000000",
        "only names within dns:example.com (with minimum or maximum); no names within "
        "ip:(address of a wrong length)");
    check_extension(show_append_name_constraints, "3004a0023001", NULL);
}

/* A device's certificate from end to end. */
static void
test_device(void **state)
{
    static char hardware[] = "hardware-module", oid[] = "1.3.6.1.4.1.99999.1",
                octets[] = "0a:0b", mac[] = "mac-address", address[] = "00-00-5e-00-53-01",
                policy[] = "1.3.6.1.4.1.9.9", cps[] = "https://example.com/cps",
                crl[] = "http://crl.example.com/a", signer[] = "O=Example, CN=Signer";
    (void)state;
    struct fixture f;
    fixture_open(&f, "ec-p256");
    struct pki_general_name names[] = {
        {.type = hardware, .value = octets, .hardware_type = oid},
        {.type = mac,                .value = address                    },
    };
    char *policies[] = {policy};
    char *crls[] = {crl};
    struct pki_certificate_profile *p = &f.root.certificate;
    p->subject_alt_name = p->policies = p->crl_distribution = PKI_NONCRITICAL;
    p->subject_alt_names = (struct pki_general_names){names, 2};
    p->policy_oids = (struct pki_texts){policies, 1};
    p->policy_cps = cps;
    p->crl_uris = (struct pki_texts){crls, 1};
    p->crl_issuer = signer;
    struct pki_certificate_order order = fixture_order(&f);
    AUTO_DRAFT draft = {0};
    AUTO_BYTES text = {0};
    check_ok(pki_certificate_draft(&order, &draft));
    check_ok(pki_show(draft.specimen.data, draft.specimen.len, 200, &text));
    assert_non_null(strstr(bytes_text(&text),
                           "other:hardwareModuleName type 1.3.6.1.4.1.99999.1 serial 0a0b, "
                           "other:macAddress 00:00:5e:00:53:01"));
    assert_non_null(strstr(bytes_text(&text), "1.3.6.1.4.1.9.9 (CPS https://example.com/cps)"));
    assert_non_null(strstr(bytes_text(&text),
                           "uri:http://crl.example.com/a signed by dir:CN=Signer, O=Example"));
    fixture_close(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_general_names),
                                       cmocka_unit_test(test_extensions),
                                       cmocka_unit_test(test_device)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
