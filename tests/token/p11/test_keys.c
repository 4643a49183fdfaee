/* SPDX-License-Identifier: Apache-2.0 */
#include "p11/object.h"
#include "tests/token/p11/attributes.h"

static void
generate_and_check(struct bench *bench, enum p11_key_type type, enum p11_key_purpose purpose)
{
    struct p11_key_plan plan = bench_plan(type, purpose);
    check_ok(p11_key_name_free(bench->session, plan.label, plan.id, plan.id_len));
    check_ok(p11_key_generate(bench->session, &plan));
    struct p11_attribute_report report = {0};
    check_ok(p11_key_read_back(bench->session, &plan, false, &report));
    bench_print_differences(&report);
    assert_true(report.all_agree);
    assert_true(report.count >= 30);
    check_made_of(bench->session, &plan, false);
    AUTO_BYTES spki = {0};
    check_ok(p11_key_spki(bench->session, plan.id, plan.id_len, &spki));
    assert_true(spki.len > 40);
    check_error_says(p11_key_generate(bench->session, &plan), ERROR_EXISTS,
                     "the label already");
    if (purpose == P11_KEY_BACKED_UP) {
        check_ok(p11_key_lock(bench->session, plan.id, plan.id_len));
        check_made_of(bench->session, &plan, true);
        check_ok(p11_key_read_back(bench->session, &plan, true, &report));
        bench_print_differences(&report);
        assert_true(report.all_agree);
        check_ok(p11_key_read_back(bench->session, &plan, false, &report));
        assert_false(report.all_agree);
    }
    size_t destroyed = 0;
    check_ok(p11_key_destroy(bench->session, plan.id, plan.id_len, &destroyed));
    assert_int_equal(destroyed, 2);
    unsigned long handle = 0;
    check_error(p11_key_find(bench->session, plan.id, plan.id_len, &handle), ERROR_NOT_FOUND);
    check_error(p11_key_spki(bench->session, plan.id, plan.id_len, &spki), ERROR_NOT_FOUND);
    check_ok(p11_key_destroy(bench->session, plan.id, plan.id_len, &destroyed));
    assert_int_equal(destroyed, 0);
}

static void
every_type_comes_out_as_planned(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    for (int type = 0; type < P11_KEY_TYPES; type++) {
        generate_and_check(&bench, (enum p11_key_type)type, P11_KEY_BACKED_UP);
        if (type != P11_RSA_3072 && type != P11_RSA_4096)
            generate_and_check(&bench, (enum p11_key_type)type, P11_KEY_NO_BACKUP);
    }
    bench_close(&bench);
}

static void
what_a_token_cannot_do_is_said_beforehand(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    unsigned long slot = bench.token.slot;
    for (int type = 0; type < P11_KEY_TYPES; type++) {
        check_ok(p11_key_type_supported(bench.module, slot, (enum p11_key_type)type,
                                        P11_KEY_NO_BACKUP));
        if (type != P11_ED25519)
            check_ok(p11_key_type_supported(bench.module, slot, (enum p11_key_type)type,
                                            P11_KEY_BACKED_UP));
    }
    check_error_says(p11_key_type_supported(bench.module, slot, P11_ED25519, P11_KEY_BACKED_UP),
                     ERROR_UNSUPPORTED, "there is no backup");
    check_error_says(p11_key_type_supported(bench.module, slot, P11_ED25519, P11_KEY_RESTORED),
                     ERROR_UNSUPPORTED, "no restoring");
    bench_reopen(&bench, "C_GetMechanismInfo@1+=0x70");
    check_error_says(
        p11_key_type_supported(bench.module, bench.token.slot, P11_EC_P256, P11_KEY_BACKED_UP),
        ERROR_UNSUPPORTED, "does not sign");
    bench_close(&bench);
}

static void
a_key_without_backup_is_locked_already(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    struct p11_key_plan plan = bench_plan(P11_EC_P256, P11_KEY_NO_BACKUP);
    check_ok(p11_key_generate(bench.session, &plan));
    check_ok(p11_key_lock(bench.session, plan.id, plan.id_len));
    struct p11_key_plan other = bench_plan(P11_EC_P256, P11_KEY_NO_BACKUP);
    other.label = "other";
    check_error_says(p11_key_generate(bench.session, &other), ERROR_EXISTS, "the id already");
    bench_close(&bench);
}

static void
inventories_can_be_compared(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    struct p11_object *objects = NULL;
    size_t count = 0;
    check_ok(p11_objects_list(bench.session, &objects, &count));
    assert_int_equal(count, 0);
    free(objects);
    struct p11_key_plan plan = bench_plan(P11_EC_P384, P11_KEY_NO_BACKUP);
    check_ok(p11_key_generate(bench.session, &plan));
    check_ok(p11_data_create(bench.session, "ceremony-head", "abc", 3));
    check_ok(p11_objects_list(bench.session, &objects, &count));
    assert_int_equal(count, 3);
    assert_int_equal(objects[0].class, P11_PRIVATE_KEY);
    assert_string_equal(objects[0].key_type, "EC");
    assert_string_equal(objects[0].label, "root");
    assert_int_equal(objects[0].id_len, 2);
    assert_int_equal(objects[0].private, P11_TRUE);
    assert_int_equal(objects[1].class, P11_PUBLIC_KEY);
    assert_int_equal(objects[1].private, P11_FALSE);
    assert_int_equal(objects[2].class, P11_DATA);
    assert_int_equal(objects[2].modifiable, P11_FALSE);
    AUTO_BYTES value = {0};
    check_ok(p11_data_read(bench.session, objects[2].handle, &value));
    assert_string_equal(bytes_text(&value), "abc");
    /* Another login sees the same digests. */
    struct p11_object *again = NULL;
    size_t again_count = 0;
    bench_reopen(&bench, "");
    bench_login(bench.session, P11_USER);
    check_ok(p11_objects_list(bench.session, &again, &again_count));
    assert_int_equal(again_count, 3);
    for (size_t i = 0; i < count; i++)
        assert_memory_equal(objects[i].digest, again[i].digest, 32);
    check_ok(p11_object_destroy(bench.session, again[2].handle));
    free(again);
    check_ok(p11_objects_find(bench.session, P11_DATA, NULL, 0, "ceremony-head", &again,
                              &again_count));
    assert_int_equal(again_count, 0);
    free(again);
    check_ok(p11_logout(bench.session));
    check_ok(p11_objects_list(bench.session, &again, &again_count));
    assert_int_equal(again_count, 1); /* only the public key is seen by everyone */
    free(again);
    free(objects);
    bench_close(&bench);
}

/* T2: lies, each named, nothing accepted. */

static void
a_token_that_ignores_extractable_is_found_out(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    bench_reopen(&bench, "C_GenerateKeyPair@1=lie:ignore-extractable");
    bench_login(bench.session, P11_USER);
    struct p11_key_plan plan = bench_plan(P11_EC_P256, P11_KEY_NO_BACKUP);
    check_ok(p11_key_generate(bench.session, &plan));
    struct p11_attribute_report report = {0};
    check_ok(p11_key_read_back(bench.session, &plan, false, &report));
    assert_false(report.all_agree);
    bool named = false;
    for (size_t i = 0; i < report.count; i++)
        named =
            named
            || (!report.rows[i].agrees && strcmp(report.rows[i].name, "CKA_EXTRACTABLE") == 0);
    assert_true(named);
    bench_close(&bench);
}

/* A token that says it locked a key, and did not. */
static void
a_lock_is_read_back(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    struct p11_key_plan plan = bench_plan(P11_EC_P256, P11_KEY_BACKED_UP);
    check_ok(p11_key_generate(bench.session, &plan));
    bench_reopen(&bench, "C_SetAttributeValue@1=lie:nothing");
    bench_login(bench.session, P11_USER);
    check_error_says(p11_key_lock(bench.session, plan.id, plan.id_len), ERROR_TOKEN,
                     "still reports that it may leave");
    check_ok(p11_key_lock(bench.session, plan.id, plan.id_len));
    bench_close(&bench);
}

static void
each_attribute_that_differs_is_named(void **state)
{
    (void)state;

    static const struct {
        const char *rule;
        const char *name;
    } lies[] = {
        {"C_GetAttributeValue@1+=attr:0x103:0",      "CKA_SENSITIVE"            },
        {"C_GetAttributeValue@1+=attr:0x105:1",      "CKA_DECRYPT"              },
        {"C_GetAttributeValue@1+=attr:0x107:1",      "CKA_UNWRAP"               },
        {"C_GetAttributeValue@1+=attr:0x163:0",      "CKA_LOCAL"                },
        {"C_GetAttributeValue@1+=attr:0x210:0",      "CKA_WRAP_WITH_TRUSTED"    },
        {"C_GetAttributeValue@1+=attr:0x165:0",      "CKA_ALWAYS_SENSITIVE"     },
        {"C_GetAttributeValue@1+=attr:0x162:0",      "CKA_EXTRACTABLE"          },
        {"C_GetAttributeValue@1+=attr:0x164:1",      "CKA_NEVER_EXTRACTABLE"    },
        {"C_GetAttributeValue@1+=attr:0x166:2",      "CKA_KEY_GEN_MECHANISM"    },
        {"C_GetAttributeValue@1+=attr:0x170:0",      "CKA_MODIFIABLE"           },
        {"C_GetAttributeValue@1+=attr:0x171:1",      "CKA_COPYABLE"             },
        {"C_GetAttributeValue@1+=attr:0x108:0",      "CKA_SIGN"                 },
        {"C_GetAttributeValue@1+=attr:0x109:1",      "CKA_SIGN_RECOVER"         },
        {"C_GetAttributeValue@1+=attr:0x202:1",      "CKA_ALWAYS_AUTHENTICATE"  },
        {"C_GetAttributeValue@1+=attr:0x40000600:1", "CKA_ALLOWED_MECHANISMS"   },
        {"C_GetAttributeValue@1+=attr:0x3:82",       "CKA_LABEL"                }, /* "Root" */
        {"C_GetAttributeValue@1+=attr:0x104:1",      "public CKA_ENCRYPT"       },
        {"C_GetAttributeValue@1+=attr:0x106:1",      "public CKA_WRAP"          },
        {"C_GetAttributeValue@1+=attr:0x10a:0",      "public CKA_VERIFY"        },
        {"C_GetAttributeValue@1+=attr:0x10b:1",      "public CKA_VERIFY_RECOVER"},
    };
    struct bench bench;
    bench_open(&bench);
    struct p11_key_plan plan = bench_plan(P11_EC_P256, P11_KEY_BACKED_UP);
    check_ok(p11_key_generate(bench.session, &plan));
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        bench_reopen(&bench, lies[i].rule);
        bench_login(bench.session, P11_USER);
        struct p11_attribute_report report = {0};
        check_ok(p11_key_read_back(bench.session, &plan, false, &report));
        assert_false(report.all_agree);
        size_t wrong = 0;
        for (size_t row = 0; row < report.count; row++) {
            if (report.rows[row].agrees)
                continue;
            wrong++;
            assert_string_equal(report.rows[row].name, lies[i].name);
        }
        assert_int_equal(wrong, 1);
    }
    bench_close(&bench);
}

static void
false_absent_and_unreadable_are_three_answers(void **state)
{
    (void)state;

    static const struct {
        const char *rule;
        const char *read;
    } cases[] = {
        {"",                            "false"     },
        {"C_GetAttributeValue@1+=0x12", "absent"    },
        {"C_GetAttributeValue@1+=0x11", "unreadable"},
        {"C_GetAttributeValue@1+=0x5",  "unreadable"},
    };
    struct bench bench;
    bench_open(&bench);
    struct p11_key_plan plan = bench_plan(P11_EC_P256, P11_KEY_BACKED_UP);
    check_ok(p11_key_generate(bench.session, &plan));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bench_reopen(&bench, cases[i].rule);
        bench_login(bench.session, P11_USER);
        struct p11_attribute_report report = {0};
        check_ok(p11_key_read_back(bench.session, &plan, false, &report));
        assert_int_equal(report.all_agree, i == 0);
        for (size_t row = 0; row < report.count; row++)
            if (strcmp(report.rows[row].name, "CKA_COPYABLE") == 0)
                assert_string_equal(report.rows[row].read, cases[i].read);
    }
    bench_reopen(&bench, "C_GetAttributeValue@3=0x32");
    bench_login(bench.session, P11_USER);
    struct p11_attribute_report report = {0};
    check_error(p11_key_read_back(bench.session, &plan, false, &report), ERROR_TOKEN_GONE);
    bench_close(&bench);
}

static void
lists_that_lie_are_not_believed(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    struct p11_key_plan plan = bench_plan(P11_EC_P256, P11_KEY_BACKED_UP);
    check_ok(p11_key_generate(bench.session, &plan));
    struct p11_object *objects = NULL;
    size_t count = 0;
    unsigned long handle = 0;
    bench_reopen(&bench, "C_FindObjects@1+=lie:same-handle");
    bench_login(bench.session, P11_USER);
    check_error_says(p11_objects_list(bench.session, &objects, &count), ERROR_TOKEN, "twice");
    check_error(p11_key_find(bench.session, plan.id, plan.id_len, &handle), ERROR_TOKEN);
    bench_reopen(&bench, "C_FindObjects@1+=lie:short-list");
    bench_login(bench.session, P11_USER);
    check_error(p11_key_find(bench.session, plan.id, plan.id_len, &handle), ERROR_NOT_FOUND);
    bench_reopen(&bench, "C_DestroyObject@1+=lie:not-destroyed");
    bench_login(bench.session, P11_USER);
    size_t destroyed = 0;
    check_error_says(p11_key_destroy(bench.session, plan.id, plan.id_len, &destroyed),
                     ERROR_TOKEN, "still there");
    bench_close(&bench);
}

static void
half_a_pair_can_be_destroyed(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    struct p11_key_plan plan = bench_plan(P11_EC_P256, P11_KEY_BACKED_UP);
    bench_reopen(&bench, "C_GenerateKeyPair@1=after:0x30");
    bench_login(bench.session, P11_USER);
    check_error(p11_key_generate(bench.session, &plan), ERROR_TOKEN);
    struct p11_object *objects = NULL;
    size_t count = 0;
    check_ok(p11_objects_find(bench.session, P11_PRIVATE_KEY, plan.id, plan.id_len, NULL,
                              &objects, &count));
    assert_int_equal(count, 1); /* it was made although we were told it was not */
    check_ok(p11_object_destroy(bench.session, objects[0].handle));
    free(objects);
    check_error(p11_key_generate(bench.session, &plan), ERROR_EXISTS);
    size_t destroyed = 0;
    check_ok(p11_key_destroy(bench.session, plan.id, plan.id_len, &destroyed));
    assert_int_equal(destroyed, 1);
    bench_close(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_comes_out_as_planned),
        cmocka_unit_test(what_a_token_cannot_do_is_said_beforehand),
        cmocka_unit_test(a_key_without_backup_is_locked_already),
        cmocka_unit_test(inventories_can_be_compared),
        cmocka_unit_test(a_token_that_ignores_extractable_is_found_out),
        cmocka_unit_test(a_lock_is_read_back),
        cmocka_unit_test(each_attribute_that_differs_is_named),
        cmocka_unit_test(false_absent_and_unreadable_are_three_answers),
        cmocka_unit_test(lists_that_lie_are_not_believed),
        cmocka_unit_test(half_a_pair_can_be_destroyed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
