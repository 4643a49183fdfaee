/* SPDX-License-Identifier: Apache-2.0
 *
 * Names that look like others (T16): forty pairs all flagged, and false alarms on a thousand real
 * names. */
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/der_write.h"
#include "ceremony/pki/name.h"
#include "ceremony/pki/request.h"
#include "tests/unit/pki/request_fixture.h"

static void
put_name(const char *common_name, struct bytes *out)
{
    struct pki_name_part part = {.type = (char *)(uintptr_t) "CN",
                                 .value = (char *)(uintptr_t)common_name};
    struct pki_name name = {&part, 1};
    check_ok(name_put(out, &name, false));
}

/* The code that a common name gets beside a CA of the name `ca`; "" for none. */
static const char *
judge(const char *common_name, const char *ca, EVP_PKEY *key)
{
    AUTO_BYTES ca_name = {0};
    AUTO_BYTES der = {0};
    AUTO(request_looks) looks = NULL;
    struct request_rules rules = fixture_rules();
    put_name(ca, &ca_name);
    struct request_name names[] = {
        {ca_name.data, ca_name.len}
    };
    check_ok(request_looks_new(names, 1, &looks));
    rules.looks = looks;
    fixture_request(key, common_name, "SHA256", false, &der);
    return fixture_first_code(&der, &rules);
}

static const char *const pairs[][2] = {
    {"Example Devices",          "Ex\u0430mple Devices"          }, /* Cyrillic a */
    {"Example Devices",          "\u0415xample Devices"          }, /* Cyrillic E */
    {"Example Devices",          "Examp\u04cfe Devices"          }, /* palochka */
    {"Example Devices",          "Example D\u0435vices"          },
    {"Example Devices",          "Exampl\u0435 D\u0435vic\u0435s"},
    {"Example Devices",          "Example Devi\u0441es"          }, /* Cyrillic s */
    {"Example Devices",          "E\u0445ample Devices"          }, /* Cyrillic ha */
    {"Example Devices",          "Exam\u0440le Devices"          }, /* Cyrillic er */
    {"Example Devices",          "Ex\u03b1mple Devices"          }, /* Greek alpha */
    {"Example Root",             "Example R\u03bfot"             }, /* Greek omicron */
    {"Example Root",             "Example R\u0585ot"             }, /* Armenian oh */
    {"Example Devices",          "Example \u13a0evices"          }, /* Cherokee */
    {"Example Devices",          "\uff25xample Devices"          }, /* wide */
    {"Example Devices",          "\U0001d404xample Devices"      }, /* mathematical bold */
    {"Example Devices",          "\u24d4xample Devices"          }, /* circled */
    {"Example Devices",          "Examp\u2113e Devices"          }, /* script l */
    {"Example Devices",          "Ex\u1d00mple Devices"          }, /* small capital */
    {"Final Example",            "\ufb01nal Example"             }, /* ligature */
    {"Example Devices",          "example devices"               }, /* case */
    {"Example Devices",          "EXAMPLE DEVICES"               },
    {"Example Devices",          "Example Devices "              }, /* blanks */
    {"Example Devices",          " Example Devices"              },
    {"Example Devices",          "Example  Devices"              },
    {"Example Devices",          "Example\u00a0Devices"          },
    {"Example Devices",          "Example\u3000Devices"          },
    {"Example Devices",          "Exam\u200bple Devices"         }, /* cannot be seen */
    {"Example Devices",          "Example\u00ad Devices"         },
    {"Example Devices",          "\ufeff"
                        "Example Devices" },
    {"Example Devices",          "Example Devices\U000e0041"     },
    {"Example Devices",          "Exampl\u00e9 Devices"          }, /* accents */
    {"Example Devices",          "Example\u0301 Devices"         },
    {"Example Devices",          "Ex\u1ea1mple Devices"          },
    {"Example Root 10",          "Example Root lO"               }, /* digits for letters */
    {"Example Devices",          "Examp1e Devices"               },
    {"Example Devices",          "ExampIe Devices"               },
    {"Northern Example",         "Northem Example"               }, /* rn */
    {"Example Works",            "Example VVorks"                }, /* vv */
    {"Example-Devices",          "Example\u2010Devices"          }, /* hyphens */
    {"\u0420\u043e\u0441\u0430", "Poca"                          }, /* all of one script */
    {"Poca",                     "\u0420\u043e\u0441\u0430"      },
    {"Example Devices",          "\u202eseciveD elpmaxE"         }, /* turned round */
};

static void
every_pair_of_look_alikes_is_flagged(void **state)
{
    (void)state;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    assert_true(sizeof pairs / sizeof pairs[0] >= 40);
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const char *code = judge(pairs[i][1], pairs[i][0], key);
        if (strncmp(code, "name-", 5) != 0)
            fail_msg("pair %zu, \"%s\" beside \"%s\": \"%s\"", i, pairs[i][1], pairs[i][0],
                     code);
    }
    EVP_PKEY_free(key);
}

static void
the_name_of_a_ca_is_its_own(void **state)
{
    (void)state;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    assert_string_equal(judge("Example Root", "Example Root", key), "name-is-ca");
    assert_string_equal(judge("Example Root 2", "Example Root", key), "");
    EVP_PKEY_free(key);
}

struct seen {
    char *skeleton;
    const char *name;
};

static int
compare_seen(const void *a, const void *b)
{
    return strcmp(((const struct seen *)a)->skeleton, ((const struct seen *)b)->skeleton);
}

/* Each real name as a common name: refused for its characters, or like another of them. */
static void
real_names_raise_few_false_alarms(void **state)
{
    (void)state;
    AUTO_BYTES file = {0};
    AUTO_FREE char *text = NULL;
    static struct seen seen[1000];
    size_t count = 0;
    size_t alarms = 0;
    struct request_rules rules = fixture_rules();
    EVP_PKEY *key = EVP_EC_gen("P-256");
    check_ok(file_read(TEST_SOURCE_DIR "/tests/vectors/names/real.txt", 1 << 20, &file));
    check_ok(bytes_take_text(&file, &text));
    char *rest = NULL;
    for (char *name = strtok_r(text, "\n", &rest); name != NULL;
         name = strtok_r(NULL, "\n", &rest)) {
        AUTO_BYTES der = {0};
        AUTO_BYTES skeleton = {0};
        fixture_request(key, name, "SHA256", false, &der);
        const char *code = fixture_first_code(&der, &rules);
        if (code[0] != '\0') {
            print_message("alarm %s: %s\n", code, name);
            alarms++;
        }
        check_ok(request_skeleton(name, strlen(name), &skeleton));
        seen[count].name = name;
        check_ok(bytes_take_text(&skeleton, &seen[count++].skeleton));
    }
    assert_int_equal(count, 1000);
    qsort(seen, count, sizeof seen[0], compare_seen);
    for (size_t i = 1; i < count; i++)
        if (strcmp(seen[i - 1].skeleton, seen[i].skeleton) == 0) {
            print_message("alike: %s, %s\n", seen[i - 1].name, seen[i].name);
            alarms++;
        }
    for (size_t i = 0; i < count; i++)
        free(seen[i].skeleton);
    EVP_PKEY_free(key);
    assert_in_range(alarms, 0, 5); /* 0.5 % */
}

static void
numbers_of_devices_are_no_look_alikes(void **state)
{
    (void)state;
    static const char *const serials[] = {"SN1O", "SN10"};
    struct bytes skeletons[2] = {{0}, {0}};
    for (size_t i = 0; i < 2; i++) {
        AUTO_BYTES der = {0};
        struct pki_name_part parts[] = {
            {.type = (char *)(uintptr_t) "CN",           .value = (char *)(uintptr_t) "Model X"},
            {.type = (char *)(uintptr_t) "serialNumber",
             .value = (char *)(uintptr_t)serials[i]                                            },
        };
        struct pki_name name = {parts, 2};
        check_ok(name_put(&der, &name, false));
        check_ok(request_name_skeleton(der_view(der.data, der.len), &skeletons[i]));
    }
    assert_string_equal(bytes_text(&skeletons[0]), bytes_text(&skeletons[1]));
    assert_string_equal(bytes_text(&skeletons[0]), "CN=model x\n");
    bytes_clear(&skeletons[0]);
    bytes_clear(&skeletons[1]);
}

static size_t
utf8(uint32_t point, unsigned char out[4])
{
    const size_t len = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const unsigned char first[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = len; i > 1; i--, point >>= 6)
        out[i - 1] = (unsigned char)(0x80U | (point & 0x3FU));
    out[0] = (unsigned char)(first[len] | point);
    return len;
}

/* What the screen would make visible is refused in a field: an item that reads one way here and another way in the
 * process that signs would look like a reader that was taken over. */
static void
what_is_altered_to_be_shown_is_refused_before(void **state)
{
    (void)state;
    for (uint32_t point = 1; point <= 0x10FFFF; point++) {
        unsigned char octets[4];
        AUTO_FREE char *shown = NULL;
        if (point >= 0xD800 && point <= 0xDFFF)
            continue;
        const size_t len = utf8(point, octets);
        check_ok(text_safe(octets, len, &shown));
        if (strlen(shown) == len && memcmp(shown, octets, len) == 0)
            continue;
        if (request_text_judge(octets, len) == REQUEST_CODE_COUNT)
            fail_msg("U+%04X is taken, and shown as %s", (unsigned)point, shown);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_of_look_alikes_is_flagged),
        cmocka_unit_test(the_name_of_a_ca_is_its_own),
        cmocka_unit_test(real_names_raise_few_false_alarms),
        cmocka_unit_test(numbers_of_devices_are_no_look_alikes),
        cmocka_unit_test(what_is_altered_to_be_shown_is_refused_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
