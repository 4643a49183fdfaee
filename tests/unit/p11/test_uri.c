/* SPDX-License-Identifier: Apache-2.0 */
#include "p11/key.h"
#include "p11/token.h"
#include "tests/support/check.h"

static void
uris_that_mean_one_thing_are_accepted(void **state)
{
    (void)state;
    static const char *const good[] = {
        "pkcs11:token=Root%20CA;object=root;type=private",
        "pkcs11:token=Root CA 2026",
        "pkcs11:serial=0123456789abcdef",
        "pkcs11:model=SoftHSM%20v2;manufacturer=SoftHSM%20project;serial=1;token=A",
        "pkcs11:token=a;id=%01%02",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        check_ok(p11_uri_check(good[i]));
}

static void
uris_that_p11_kit_would_half_ignore_are_refused(void **state)
{
    (void)state;

    static const struct {
        const char *uri;
        const char *says;
    } bad[] = {
        {"",                                               "begins with"                     },
        {"pkcs12:token=a",                                 "begins with"                     },
        {"pkcs11:",                                        "neither \"token\" nor \"serial\""},
        {"pkcs11:object=root",                             "neither \"token\" nor \"serial\""},
        {"pkcs11:tokne=a",                                 "Did you mean \"token\""          },
        {"pkcs11:x-foo=bar;token=a",                       "\"x-foo\" that nobody knows"     },
        {"pkcs11:token=a;token=b",                         "\"token\" twice"                 },
        {"pkcs11:token=a;type=privat",                     "\"type\""                        },
        {"pkcs11:token=a;id=%zz",                          "\"id\""                          },
        {"pkcs11:token=123456789012345678901234567890123", "\"token\""                       },
        {"pkcs11:token=a?pin-value=1234",                  "PIN is typed"                    },
        {"pkcs11:token=a?pin-source=file:/etc/pin",        "PIN is typed"                    },
        {"pkcs11:token=a?module-path=/lib/x.so",           "after \"?\""                     },
        {"pkcs11:token=",                                  "no value"                        },
        {"pkcs11:token=a;",                                "empty part"                      },
        {"pkcs11:token=a;serial",                          "without \"=\""                   },
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        check_error_says(p11_uri_check(bad[i].uri), ERROR_INPUT, bad[i].says);
}

static void
a_pin_in_a_uri_is_not_repeated(void **state)
{
    (void)state;
    struct error *error = p11_uri_check("pkcs11:token=a?pin-value=canary-7431");
    assert_non_null(error);
    char *text = error_format_verbose(error);
    assert_null(strstr(text, "canary"));
    free(text);
    error_free(error);
}

static void
the_uri_of_a_token_can_be_checked(void **state)
{
    (void)state;
    struct p11_token_info token = {.label = "Root A", .model = "SoftHSM v2", .serial = "09af"};
    char *uri = NULL;
    check_ok(p11_token_uri(&token, &uri));
    check_ok(p11_uri_check(uri));
    assert_non_null(strstr(uri, "token=Root%20A"));
    assert_non_null(strstr(uri, "serial=09af"));
    free(uri);
    struct p11_token_info nameless = {.model = "X"};
    check_error(p11_token_uri(&nameless, &uri), ERROR_REFUSED);
}

static void
key_types_have_names(void **state)
{
    (void)state;
    for (int i = 0; i < P11_KEY_TYPES; i++)
        assert_int_equal(p11_key_type_parse(p11_key_type_name((enum p11_key_type)i)), i);
    assert_int_equal(p11_key_type_parse("ec-p192"), -1);
    assert_int_equal(p11_key_type_parse(""), -1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uris_that_mean_one_thing_are_accepted),
        cmocka_unit_test(uris_that_p11_kit_would_half_ignore_are_refused),
        cmocka_unit_test(a_pin_in_a_uri_is_not_repeated),
        cmocka_unit_test(the_uri_of_a_token_can_be_checked),
        cmocka_unit_test(key_types_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
