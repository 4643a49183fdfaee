/* SPDX-License-Identifier: Apache-2.0
 *
 * The site folder: the rehearsal's templates fit the shipped script; each fault by place and words;
 * an approval holds for exactly the bytes that it names. */
#include "ceremony/script/script.h"
#include "ceremony/script/site.h"
#include "tests/support/check.h"
#include "tests/unit/script/sandbox.h"

#define SCRIPT TEST_SOURCE_DIR "/scripts/root-ca.yaml"

static const char *const site_names[] = {"environment.yaml", "roster.yaml", "custody.yaml"};

/* The shipped template with every placeholder filled in. */
static char *
template_text(const char *name)
{
    static const char *const values[][2] = {
        {"@MODULE_PATH@",   "/usr/lib/softhsm/libsofthsm2.so"                                 },
        {"@MODULE_SHA256@", "0000000000000000000000000000000000000000000000000000000000000000"},
        {"@SOFTHSM2_CONF@", "/srv/softhsm2.conf"                                              },
        {"@TOKEN_STORE@",   "/srv/tokens"                                                     },
        {"@MEDIA_1@",       "/srv/media-1"                                                    },
        {"@MEDIA_2@",       "/srv/media-2"                                                    },
        {"@MEDIA_3@",       "/srv/media-3"                                                    },
        {"@ORGANISATION@",  "Example Trust Services"                                          },
    };
    AUTO_FREE char *path = NULL;
    AUTO_BYTES bytes = {0};
    check_ok(text_format(&path, "%s/scripts/rehearsal/%s.in", TEST_SOURCE_DIR, name));
    check_ok(file_read(path, 1 << 20, &bytes));
    char *text = NULL;
    check_ok(bytes_take_text(&bytes, &text));
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        while (strstr(text, values[i][0]) != NULL) {
            char *filled = replaced(text, values[i][0], values[i][1]);
            free(text);
            text = filled;
        }
    assert_null(strchr(text, '@'));
    return text;
}

static void
write_site(void)
{
    for (size_t i = 0; i < sizeof site_names / sizeof site_names[0]; i++) {
        AUTO_FREE char *text = template_text(site_names[i]);
        (void)sandbox_text(site_names[i], text);
    }
    char path[400];
    (void)snprintf(path, sizeof path, "%s/approval.yaml", sandbox_folder);
    check_ok(file_remove(path));
}

static struct script *
load_script(const char *path)
{
    AUTO_FAULTS faults = {0};
    struct script *script = NULL;
    check_ok(script_load(path, &faults, &script));
    return script;
}

/* Loads and cross-checks; the faults' text without the folder. NULL site allowed. */
static char *
site_faults(const struct script *script, struct site **ret_site)
{
    AUTO_FAULTS faults = {0};
    AUTO(site) site = NULL;
    struct error *error = site_load(sandbox_folder, script, &faults, &site);
    if (error == NULL)
        check_ok(site_cross_check(site, script, &faults));
    error_free(error);
    AUTO_BYTES text = {0};
    check_ok(faults_text(&faults, &text));
    AUTO_FREE char *folder = NULL;
    check_ok(text_format(&folder, "%s/", sandbox_folder));
    char *plain = NULL;
    check_ok(text_copy(bytes_text(&text), &plain));
    while (strstr(plain, folder) != NULL) {
        char *shorter = replaced(plain, folder, "");
        free(plain);
        plain = shorter;
    }
    if (ret_site != NULL)
        *ret_site = TAKE(site);
    return plain;
}

static void
test_templates(void **state)
{
    (void)state;
    write_site();
    AUTO(script) script = load_script(SCRIPT);
    AUTO(site) site = NULL;
    AUTO_FREE char *said = site_faults(script, &site);
    assert_string_equal(said, "");
    assert_true(site->rehearsal && site->one_player);
    assert_int_equal(site->token_count, 3);
    assert_string_equal(site_token(site, "recorder")->user_pin_holder, "auditor");
    assert_int_equal(site_token(site, "primary")->so_pin, PIN_TYPED);
    const struct share_plan *plan = site_plan(site, "root-backup");
    assert_int_equal(share_plan_shares(plan), 3);
    assert_int_equal(share_plan_subsets(plan), 3);
    assert_string_equal(site->modules[0].env[0].name, "SOFTHSM2_CONF");
    assert_int_equal(site->bags.count, 10);
    assert_false(site->approval.given);
    assert_int_equal(site->file_count, 3);
    check_ok(site_approval_check(site, script));
    /* The people stay apart even though one plays them all. */
    site->roster.one_player = false;
    assert_int_equal(roster_check(&site->roster, NULL, NULL), 0);
    assert_null(site_module(site, "none"));
}

struct change {
    const char *file;
    const char *from;
    const char *to;
    const char *faults;
};

static void
test_faults(void **state)
{
    (void)state;
    static const struct change changes[] = {
        {"environment.yaml", "module: softhsm",             "module: softhms",
         "environment.yaml:14:13: the environment has no module 'softhms'; did you mean 'softhsm'?\n"                              },
        {"environment.yaml", "blank: true",                 "blank: false",
         "environment.yaml:13:3: the token 'primary' needs either 'uri' or 'blank: true'\n"                                        },
        {"environment.yaml", "blank: true",                 "uri: 'pkcs11:token=x;serial=1?pin-value=1234'",
         "environment.yaml:15:10: the address of the token 'primary' must not hold 'pin-value'\n"                                  },
        {"environment.yaml", "blank: true",                 "uri: 'pkcs11:token=x'",
         "environment.yaml:15:10: the address of the token 'primary' needs the serial number (serial=...)\n"                       },
        {"environment.yaml", "\"root-primary\"",            "root-primary-of-the-house",
         "environment.yaml:16:12: the label of the token 'primary' is longer than 23 bytes, as PRACTICE- is put before it\n"       },
        {"environment.yaml", "SOFTHSM2_CONF:",              "LD_PRELOAD:",
         "environment.yaml:11:7: the variable 'LD_PRELOAD' cannot be set for a module\n"                                           },
        {"environment.yaml", "user-pin: typed",             "user-pin: type",
         "environment.yaml:18:15: 'user-pin' must be 'typed', 'protected' or 'split', not 'type'\n"                                },
        {"environment.yaml", "user-pin-holder: pin-holder", "user-pin-holder: Nobody",
         "environment.yaml:19:22: 'Nobody' is neither a role of the script nor a person of the roster\n"                           },
        {"environment.yaml", "  - \"/srv/media-2\"\n",      "",
         "environment.yaml: the outputs go to 2 media, and 'media' names 1\n"                                                      },
        {"environment.yaml", "mode: rehearsal",             "mode: practice",
         "environment.yaml:4:7: 'mode' must be 'production' or 'rehearsal', not 'practice'\n"                                      },
        {"custody.yaml",     "name: Chen Wei",              "name: Chen Way",
         "custody.yaml:30:22: Chen Wei does not stand in the roster; did you mean 'Chen Way'?\n"                                   },
        {"custody.yaml",     "threshold: 2",                "threshold: 4",
         "custody.yaml:23:3: group 'custodians' needs 4 shares, and only 3 are given out\n"                                        },
        {"custody.yaml",     "threshold: 2",                "threshold: 1",
         "custody.yaml:23:3: group 'custodians' has 3 shares of which 1 is enough: each would be a plain copy\n"                   },
        {"custody.yaml",     "  root-backup:",              "  root-backups:",
         "custody.yaml: there is no plan for the share set 'root-backup'\n"
         "custody.yaml:23:3: the plan 'root-backups' is for no share set of the script\n"                                          },
        {"custody.yaml",     "person: Amina Diallo",        "person: Ada Byron",
         "custody.yaml:29:22: Ada Byron holds a share of 'root-backup' without the role 'custodian'\n"                             },
        {"roster.yaml",      "roles: [auditor]",            "roles: [auditor, custodian]",
         "roster.yaml:40:5: Ruth Meyer is a custodian: custodians are confidential, and stand under 'custodians' in custody.yaml\n"},
        {"custody.yaml",     "roles: [custodian]",          "roles: [witness]",
         "custody.yaml:5:5: Amina Diallo is no custodian, and belongs into roster.yaml\n"                                          },
    };
    AUTO(script) script = load_script(SCRIPT);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        write_site();
        AUTO_FREE char *text = template_text(changes[i].file);
        AUTO_FREE char *changed = replaced(text, changes[i].from, changes[i].to);
        (void)sandbox_text(changes[i].file, changed);
        AUTO_FREE char *said = site_faults(script, NULL);
        assert_string_equal(said, changes[i].faults);
    }
}

/* The line, from 1, in which `words` first stand in a file. */
static size_t
line_of(const char *path, const char *words)
{
    AUTO_BYTES contents = {0};
    check_ok(file_read(path, 1U << 20, &contents));
    const char *text = bytes_text(&contents);
    const char *at = strstr(text, words);
    size_t line = 1;
    assert_non_null(at);
    for (const char *p = text; p < at; p++)
        line += *p == '\n';
    return line;
}

/* The script names a token that is not there: the fault points into the script. */
static void
test_missing_token(void **state)
{
    (void)state;
    write_site();
    AUTO(script) script = load_script(SCRIPT);
    AUTO_FREE char *text = template_text("environment.yaml");
    AUTO_FREE char *changed = replaced(text, "  spare:", "  spares:");
    (void)sandbox_text("environment.yaml", changed);
    AUTO_FREE char *said = site_faults(script, NULL);
    assert_non_null(strstr(said,
                           "environment.yaml:23:3: the token 'spares' is blank, and no step "
                           "initialises it\n"));
    char expected[160];
    (void)snprintf(expected, sizeof expected,
                   "root-ca.yaml:%zu:16: the environment has no token 'spare'; did you mean "
                   "'spares'?\n",
                   line_of(SCRIPT, "        token: spare\n"));
    assert_non_null(strstr(said, expected));
}

static void
test_roles(void **state)
{
    (void)state;
    static const struct change changes[] = {
        {"roster.yaml", "roles: [auditor]",    "roles: [operator]",
         "roster.yaml: the role 'operator' is for at most 1 person, and 2 have it\n"
         "roster.yaml: nobody has the role 'auditor'; the script needs 1 person\n"                                     },
        {"roster.yaml", "roles: [auditor]",    "roles: [auditor, witnes]",
         "roster.yaml:40:11: Ruth Meyer has the role 'witnes', which the script does not know\n"                       },
        {"roster.yaml", "roles: [auditor]",    "roles: [auditor, witness]",
         "roster.yaml:40:11: Ruth Meyer is both 'auditor' and 'witness', which must be different people\n"             },
        {"roster.yaml", "roles: [pin-holder]", "roles: [pin-holder, security-officer]",
         "environment.yaml:21:20: Maria Costa would hold both PINs of the token 'primary'\n"
         "environment.yaml:31:20: Maria Costa would hold both PINs of the token 'spare'\n"
         "roster.yaml: the role 'security-officer' is for at most 1 person, and 2 have it\n"
         "roster.yaml:23:11: Maria Costa is both 'pin-holder' and 'security-officer', which must be different people\n"},
    };
    AUTO(script) script = load_script(SCRIPT);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        write_site();
        AUTO_FREE char *several = template_text("environment.yaml");
        AUTO_FREE char *environment =
            replaced(several, "one-player: true", "one-player: false");
        (void)sandbox_text("environment.yaml", environment);
        AUTO_FREE char *text = template_text(changes[i].file);
        AUTO_FREE char *changed = replaced(text, changes[i].from, changes[i].to);
        (void)sandbox_text(changes[i].file, changed);
        AUTO_FREE char *said = site_faults(script, NULL);
        assert_string_equal(said, changes[i].faults);
    }
}

/* Production asks for more: R1, R3, R16. */
static void
test_production(void **state)
{
    (void)state;
    write_site();
    AUTO(script) script = load_script(SCRIPT);
    AUTO_FREE char *text = template_text("environment.yaml");
    AUTO_FREE char *production = replaced(text, "mode: rehearsal", "mode: production");
    (void)sandbox_text("environment.yaml", production);
    AUTO_FREE char *said = site_faults(script, NULL);
    assert_non_null(strstr(said, "'one-player' is for rehearsals only"));
    assert_non_null(
        strstr(said, "roster.yaml:15:19: a 'sign-off-key' in a file is for rehearsals only\n")
                != NULL
            ? said
            : strstr(said, "a 'sign-off-key' in a file is for rehearsals only"));
    /* A certificate without a key would be missed only at the seal. */
    AUTO_FREE char *roster = template_text("roster.yaml");
    AUTO_FREE char *keyless = replaced(roster, "    sign-off-key: people/ada-byron.key\n", "");
    (void)sandbox_text("roster.yaml", keyless);
    AUTO_FREE char *again = site_faults(script, NULL);
    assert_non_null(strstr(again, "Ada Byron signs off by certificate, and needs either"));
    AUTO(site) site = NULL;
    write_site();
    AUTO_FREE char *good = site_faults(script, &site);
    assert_string_equal(good, "");
    site->rehearsal = false;
    check_error_says(site_approval_check(site, script), ERROR_REFUSED, "production needs one");
}

/* The roll call of every production ceremony refuses without one, so what is checked before says so too. (R16) */
static void
test_independent_witness(void **state)
{
    (void)state;
    static const char *const scripts[] = {"root-ca", "root-crl"};

    static const struct {
        const char *video;
        const char *roles;
        bool good;
    } rows[] = {
        {"none, this is a rehearsal", "[auditor]", true },
        {"None.",                     "[guest]",   false},
        {"no",                        "[guest]",   false},
        {"",                          "[guest]",   false},
        {"camera 1, 2",               "[guest]",   true },
    };

    for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
        AUTO_FREE char *path = NULL;
        AUTO_FREE char *video = NULL;
        AUTO_FREE char *roles = NULL;
        AUTO(site) site = NULL;
        AUTO_FAULTS faults = {0};
        AUTO_BYTES text = {0};
        write_site();
        check_ok(text_format(&path, "%s/scripts/%s.yaml", TEST_SOURCE_DIR, scripts[i % 2]));
        check_ok(text_format(&video, "video: \"%s\"", rows[i / 2].video));
        check_ok(text_format(&roles, "roles: %s", rows[i / 2].roles));
        AUTO_FREE char *environment = template_text("environment.yaml");
        AUTO_FREE char *filmed =
            replaced(environment, "video: none, this is a rehearsal", video);
        AUTO_FREE char *roster = template_text("roster.yaml");
        AUTO_FREE char *with = replaced(roster, "roles: [auditor]", roles);
        (void)sandbox_text("environment.yaml", filmed);
        (void)sandbox_text("roster.yaml", with);
        AUTO(script) script = load_script(path);
        check_ok(site_load(sandbox_folder, script, &faults, &site));
        site->rehearsal = false;
        check_ok(site_cross_check(site, script, &faults));
        check_ok(faults_text(&faults, &text));
        assert_int_equal(strstr(bytes_text(&text), "before an auditor or cameras") == NULL,
                         rows[i / 2].good);
    }
}

/* --- approval --------------------------------------------------------------------------------- */

static void
copy_script_in(void)
{
    static const char *const names[] = {"root-ca.yaml", "profiles/root-private.yaml",
                                        "profiles/crl-full.yaml"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        AUTO_FREE char *path = NULL;
        AUTO_BYTES text = {0};
        check_ok(text_format(&path, "%s/scripts/%s", TEST_SOURCE_DIR, names[i]));
        check_ok(file_read(path, 1 << 20, &text));
        (void)sandbox_text(names[i], bytes_text(&text));
    }
}

static struct error *
check_approval(const char *parameter_value)
{
    char path[400];
    (void)snprintf(path, sizeof path, "%s/root-ca.yaml", sandbox_folder);
    AUTO(script) script = load_script(path);
    if (parameter_value != NULL)
        check_ok(script_set_parameter(script, "organisation", parameter_value));
    check_ok(script_apply_parameters(script));
    AUTO(site) site = NULL;
    AUTO_FREE char *said = site_faults(script, &site);
    assert_string_equal(said, "");
    return site_approval_check(site, script);
}

/* One byte more in each file in turn (a comment's blank): refused, naming the file. */
static void
test_approval(void **state)
{
    (void)state;
    static const char *const files[][2] = {
        {"root-ca.yaml",               "script.yaml"               },
        {"profiles/root-private.yaml", "profiles/root-private.yaml"},
        {"profiles/crl-full.yaml",     "profiles/crl-full.yaml"    },
        {"environment.yaml",           "environment.yaml"          },
        {"roster.yaml",                "roster.yaml"               },
        {"custody.yaml",               "custody.yaml"              },
    };
    write_site();
    copy_script_in();
    char path[400];
    (void)snprintf(path, sizeof path, "%s/root-ca.yaml", sandbox_folder);
    AUTO(script) script = load_script(path);
    check_ok(script_set_parameter(script, "organisation", "Example \"Trust\" \\ Services"));
    check_ok(script_apply_parameters(script));
    check_ok(site_approval_write(sandbox_folder, script, "Ida Rhodes", "head of security",
                                 "2026-11-23", "DOC-17"));
    check_error(site_approval_write(sandbox_folder, script, "Ida Rhodes", "head of security",
                                    "2026-11-23", "DOC-17"),
                ERROR_EXISTS);
    check_ok(check_approval("Example \"Trust\" \\ Services"));
    check_error_says(check_approval("Another"), ERROR_REFUSED,
                     "the parameter 'organisation' is");
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", sandbox_folder, files[i][0]);
        AUTO_BYTES text = {0};
        check_ok(file_read(path, 1 << 20, &text));
        AUTO_FREE char *changed = replaced(bytes_text(&text), "# ", "#  ");
        (void)sandbox_text(files[i][0], changed);
        AUTO_FREE char *expected = NULL;
        check_ok(text_format(&expected, "%s is not what was approved", files[i][1]));
        check_error_says(check_approval("Example \"Trust\" \\ Services"), ERROR_REFUSED,
                         expected);
        (void)sandbox_text(files[i][0], bytes_text(&text));
    }
    check_ok(check_approval("Example \"Trust\" \\ Services"));
    /* Of another version: more than one thing differs then, and this is said first. */
    AUTO_BYTES approval = {0};
    (void)snprintf(path, sizeof path, "%s/approval.yaml", sandbox_folder);
    check_ok(file_read(path, 1 << 20, &approval));
    AUTO_FREE char *earlier = replaced(bytes_text(&approval), "root-ca 1.0.0", "root-ca 0.9.0");
    (void)sandbox_text("approval.yaml", earlier);
    check_error_says(check_approval("Example \"Trust\" \\ Services"), ERROR_REFUSED,
                     "the approval is for 'root-ca 0.9.0', this is 'root-ca 1.0.0'");
    (void)sandbox_text("approval.yaml", bytes_text(&approval));
    AUTO(site) site = NULL;
    AUTO_FREE char *said = site_faults(script, &site);
    assert_string_equal(said, "");
    assert_int_equal(strlen(site->custody_salt), 64);
    assert_int_equal(strlen(site->approval.sha256), 64);
    assert_string_equal(site->approval.approver, "Ida Rhodes");
    assert_string_equal(site->approval.ceremony, "root-ca 1.0.0");
}

static void
test_missing_file(void **state)
{
    (void)state;
    write_site();
    AUTO(script) script = load_script(SCRIPT);
    char path[400];
    (void)snprintf(path, sizeof path, "%s/roster.yaml", sandbox_folder);
    check_ok(file_remove(path));
    AUTO_FREE char *said = site_faults(script, NULL);
    assert_non_null(strstr(said, "roster.yaml: "));
    AUTO_FAULTS faults = {0};
    struct site *site = NULL;
    check_error(site_load("/nowhere", script, &faults, &site), ERROR_NOT_FOUND);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_templates),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_roles),
        cmocka_unit_test(test_missing_token),
        cmocka_unit_test(test_production),
        cmocka_unit_test(test_approval),
        cmocka_unit_test(test_independent_witness),
        cmocka_unit_test(test_missing_file),
    };
    return cmocka_run_group_tests(tests, sandbox_make, sandbox_remove);
}
