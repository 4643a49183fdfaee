/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys that decrypt and batches from seeds (R71): the shipped scripts, changed in one spot. */
#include "ceremony/base/file.h"
#include "ceremony/script/script.h"
#include "tests/support/check.h"
#include "tests/unit/script/sandbox.h"

static void
copy_in(const char *from, const char *as, const char *old, const char *new)
{
    AUTO_BYTES text = {0};
    AUTO_FREE char *path = NULL;
    check_ok(text_format(&path, "%s/scripts/%s", TEST_SOURCE_DIR, from));
    check_ok(file_read(path, 1 << 20, &text));
    const char *found = old == NULL ? NULL : strstr(bytes_text(&text), old);
    assert_true(old == NULL || found != NULL);
    AUTO_BYTES changed = {0};
    size_t before = found == NULL ? text.len : (size_t)(found - bytes_text(&text));
    check_ok(bytes_append(&changed, text.data, before));
    if (found != NULL)
        check_ok(bytes_format(&changed, "%s%s", new, found + strlen(old)));
    (void)sandbox_text(as, bytes_text(&changed));
}

/* The script with `old` replaced by `new` (NULL: as it is): all its faults say `words`, "" for none. */
static void
check_changed(const char *script, const char *old, const char *new, const char *words)
{
    AUTO_FAULTS faults = {0};
    AUTO_BYTES text = {0};
    AUTO_FREE char *path = NULL;
    struct script *loaded = NULL;
    copy_in(script, "s.yaml", old, new);
    check_ok(text_format(&path, "%s/s.yaml", sandbox_folder));
    struct error *error = script_load(path, &faults, &loaded);
    check_ok(faults_text(&faults, &text));
    if (strstr(bytes_text(&text), words) == NULL || (words[0] == '\0') != (error == NULL))
        print_error("said: %s\nwanted: %s\n", bytes_text(&text), words);
    assert_true((words[0] == '\0') == (error == NULL));
    assert_non_null(strstr(bytes_text(&text), words));
    error_free(error);
    script_free(loaded);
}

static void
profiles_in(void)
{
    copy_in("profiles/idevid-hardware.yaml", "profiles/idevid-hardware.yaml", NULL, NULL);
    copy_in("profiles/seed-recipient.yaml", "profiles/seed-recipient.yaml", NULL, NULL);
}

#define NEW_KEY "seeds: {type: rsa-3072, token: issuer, backup: none, use: decrypt"

static void
what_belongs_to_a_batch_from_seeds_is_checked(void **state)
{
    (void)state;
    static const char *const changes[][3] = {
        {NULL,                                                                                          NULL,                                                    ""                                                             },
        {"        derivation: fips186-hkdf-sha256\n",                                                   "",
         "step 'sign-batch' derives the keys and needs 'derivation'"                                                                                                                                                            },
        {"        seed-key: seeds\n",                                                                   "",
         "step 'sign-batch' derives the keys and needs 'seed-key'"                                                                                                                                                              },
        {"        device-key: ec-p256\n",                                                               "",
         "step 'sign-batch' derives the keys and needs 'device-key'"                                                                                                                                                            },
        {"        seed-key: seeds\n",                                                                   "        seed-key: seeds\n        recipient: factory\n",
         "step 'sign-batch' wraps no keys and takes no 'recipient'"                                                                                                                                                             },
        {"        origin: carrot\n",                                                                    "        origin: avocado\n",
         "step 'sign-batch' makes no keys and takes no 'seed-key'"                                                                                                                                                              },
        {"        origin: carrot\n",                                                                    "        origin: bamboo\n",
         "step 'sign-batch' derives no keys and takes no 'derivation'"                                                                                                                                                          },
        {"fips186-hkdf-sha256",                                                                         "rot13",
         "'derivation' must be 'fips186-hkdf-sha256', not 'rot13'"                                                                                                                                                              },
        {"        seed-key: seeds\n",                                                                   "        seed-key: sedes\n",
         "the script has no key 'sedes'; did you mean 'seeds'?"                                                                                                                                                                 },
        {"        seed-key: seeds\n",                                                                   "        seed-key: issuer\n",
         "step 'sign-batch' decrypts with the key 'issuer', which is not for that"                                                                                                                                              },
        {"        do: find-key\n        title: Find the key that opens the list\n        key: seeds\n",
         "        do: read-aloud\n        title: Find the key that opens the list\n",                                                                            "step 'sign-batch' uses the key 'seeds' before a step finds it"},
        {"  issuer: {type: as-made, ",                                                                  "  issuer: {type: as-made, pin: each-signature, ",
         "step 'sign-batch' signs many at once, and the key 'issuer' wants its PIN for each signature"                                                                                                                          },
        {"        key: issuer\n        profile: certificate\n",
         "        key: seeds\n        profile: certificate\n",                                                                                                   "step 'sign-batch' signs with the key 'seeds', which decrypts" },
    };
    profiles_in();
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        check_changed("device-seeds.yaml", changes[i][0], changes[i][1], changes[i][2]);
}

static void
a_key_that_decrypts_is_rsa_and_signs_nothing(void **state)
{
    (void)state;
    static const char *const changes[][3] = {
        {NULL,                                       NULL,                                                                   ""},
        {NEW_KEY,                                    "seeds: {type: ec-p256, token: issuer, backup: none, use: decrypt",
         "the key 'seeds' decrypts, and only RSA keys do"                                                                      },
        {NEW_KEY,                                    "seeds: {type: rsa-3072, token: issuer, backup: wrapped, use: decrypt",
         "the key 'seeds' decrypts, and has no backup"                                                                         },
        {NEW_KEY,
         "seeds: {type: rsa-3072, token: issuer, backup: none, pin: each-signature, use: decrypt",
         "the key 'seeds' decrypts, and makes no signature that wants a PIN"                                                   },
        {NEW_KEY,                                    "seeds: {type: rsa-3072, token: issuer, backup: none, use: both",
         "'use' must be 'sign' or 'decrypt', not 'both'"                                                                       },
        {"        key: issuer\n        of: seeds\n", "        key: seeds\n        of: seeds\n",
         "step 'certify-seeds' signs with the key 'seeds', which decrypts"                                                     },
        {"        do: compare-fingerprint\n",        "        do: create-request\n",
         "step 'compare-seeds' (create-request)"                                                                               },
    };
    profiles_in();
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        check_changed("seed-key.yaml", changes[i][0], changes[i][1], changes[i][2]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_belongs_to_a_batch_from_seeds_is_checked),
        cmocka_unit_test(a_key_that_decrypts_is_rsa_and_signs_nothing),
    };
    return cmocka_run_group_tests(tests, sandbox_make, sandbox_remove);
}
