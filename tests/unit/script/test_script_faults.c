/* SPDX-License-Identifier: Apache-2.0
 *
 * Each fault of a script by its exact place and words. A whole script is changed in one spot. */
#include "ceremony/script/script.h"
#include "tests/support/check.h"
#include "tests/unit/script/sandbox.h"

static const char whole[] =
    "schema: 1\n"                                                    /* 1 */
    "ceremony: small\n"                                              /* 2 */
    "version: 1.0.0\n"                                               /* 3 */
    "date: 2026-11-23\n"                                             /* 4 */
    "title: Small ${name}\n"                                         /* 5 */
    "policy: CP 1\n"                                                 /* 6 */
    "approval: by the board\n"                                       /* 7 */
    "materials: [tokens]\n"                                          /* 8 */
    "conditions: [closed door]\n"                                    /* 9 */
    "storage: in safes\n"                                            /* 10 */
    "deviations: are noted\n"                                        /* 11 */
    "sign-off: all of us\n"                                          /* 12 */
    "roles:\n"                                                       /* 13 */
    "  operator: {people: 1, duty: types}\n"                         /* 14 */
    "  holder: {people: 2.., duty: holds}\n"                         /* 15 */
    "  witness: {people: 1..3, duty: looks, apart-from: [holder]}\n" /* 16 */
    "parameters:\n"                                                  /* 17 */
    "  name: {text: its name, default: Test}\n"                      /* 18 */
    "keys:\n"                                                        /* 19 */
    "  root: {type: ec-p256, token: primary, backup: wrapped}\n"     /* 20 */
    "shares:\n"                                                      /* 21 */
    "  backup: {of: root, holders: holder}\n"                        /* 22 */
    "profiles:\n"                                                    /* 23 */
    "  root: profiles/root.yaml\n"                                   /* 24 */
    "  crl: profiles/crl.yaml\n"                                     /* 25 */
    "acts:\n"                                                        /* 26 */
    "  - act: All\n"                                                 /* 27 */
    "    steps:\n"                                                   /* 28 */
    "      - {id: call, do: roll-call, performs: operator}\n"        /* 29 */
    "      - {id: recorder, do: create-recorder, token: primary, performs: operator}\n"
    "      - {id: make, do: generate-key, key: root, performs: operator}\n" /* 31 */
    "      - {id: compare, do: compare-fingerprint, of: root, performs: witness}\n"
    "      - {id: back, do: back-up-key, key: root, shares: backup, performs: operator}\n"
    "      - {id: deliver, do: deliver-shares, shares: backup, performs: holder}\n" /* 34 */
    "      - {id: restore, do: prove-restore, shares: backup, token: spare, performs: holder}\n"
    "      - {id: lock, do: lock-key, key: root, performs: operator}\n" /* 36 */
    "      - {id: issue, do: issue-certificate, key: root, profile: root, performs: operator}\n"
    "      - {id: crl, do: issue-crl, key: root, profile: crl, performs: operator}\n" /* 38 */
    "      - {id: agree, do: sign-off, attests: all, performs: operator}\n"           /* 39 */
    "      - {id: close, do: close, performs: operator}\n";                           /* 40 */

static const char root_profile[] =
    "schema: 1\n"
    "profile: root\n"
    "version: 1.0.0\n"
    "title: Root\n"
    "policy: CP 7.1\n"
    "kind: certificate\n"
    "trust: private\n"
    "certificate:\n"
    "  subject: [{CN: Test}]\n"
    "  validity: {years: 25}\n"
    "  extensions:\n"
    "    basic-constraints: {critical: yes, ca: yes}\n"
    "    key-usage: {critical: yes, usages: [keyCertSign, cRLSign]}\n";

static const char crl_profile[] = "schema: 1\n"
                                  "profile: crl\n"
                                  "version: 1.0.0\n"
                                  "title: CRL\n"
                                  "policy: CP 7.2\n"
                                  "kind: crl\n"
                                  "trust: private\n"
                                  "crl:\n"
                                  "  next-update: {months: 11}\n";

/* All faults without the sandbox's folder in them. */
static char *
faults_of(const char *path)
{
    AUTO_FAULTS faults = {0};
    struct script *script = NULL;
    struct error *error = script_load(path, &faults, &script);
    AUTO_BYTES text = {0};
    check_ok(faults_text(&faults, &text));
    if (error == NULL) {
        assert_int_equal(faults.count, 0);
        script_free(script);
    } else {
        assert_int_equal(error_code(error), ERROR_INPUT);
        assert_true(faults.count > 0);
        error_free(error);
    }
    AUTO_FREE char *folder = NULL;
    check_ok(text_format(&folder, "%s/", sandbox_folder));
    AUTO_BYTES plain = {0};
    const char *rest = bytes_text(&text);
    for (const char *at = strstr(rest, folder); at != NULL; at = strstr(rest, folder)) {
        check_ok(bytes_append(&plain, rest, (size_t)(at - rest)));
        rest = at + strlen(folder);
    }
    check_ok(bytes_append_text(&plain, rest));
    char *result = NULL;
    check_ok(bytes_take_text(&plain, &result));
    return result;
}

static void
check_faults(const char *path, const char *expected)
{
    AUTO_FREE char *said = faults_of(path);
    assert_string_equal(said, expected);
}

static void
write_profiles(void)
{
    (void)sandbox_text("profiles/root.yaml", root_profile);
    (void)sandbox_text("profiles/crl.yaml", crl_profile);
}

static void
test_whole(void **state)
{
    (void)state;
    write_profiles();
    check_faults(sandbox_text("s.yaml", whole), "");
}

struct change {
    const char *from;
    const char *to;
    const char *faults;
};

static void
check_changes(const struct change *changes, size_t count)
{
    write_profiles();
    for (size_t i = 0; i < count; i++) {
        AUTO_FREE char *text = replaced(whole, changes[i].from, changes[i].to);
        check_faults(sandbox_text("s.yaml", text), changes[i].faults);
    }
}

#define CHECK_CHANGES(changes) check_changes(changes, sizeof changes / sizeof changes[0])

/* R2: each part that a script must declare, taken away: eight distinct faults. */
static void
test_missing_parts(void **state)
{
    (void)state;
    static const struct change changes[] = {
        {"approval: by the board\n",    "",
         "s.yaml:1:1: missing key 'approval' in a script: who approves the script, by what document\n"             },
        {"materials: [tokens]\n",       "",
         "s.yaml:1:1: missing key 'materials' in a script: hardware and activation material that must be at hand\n"},
        {"conditions: [closed door]\n", "",
         "s.yaml:1:1: missing key 'conditions' in a script: what the room must be like\n"                          },
        {"storage: in safes\n",         "",
         "s.yaml:1:1: missing key 'storage' in a script: where everything is kept afterwards\n"                    },
        {"deviations: are noted\n",     "",
         "s.yaml:1:1: missing key 'deviations' in a script: what is done when something does not go as written\n"  },
        {"sign-off: all of us\n",       "",
         "s.yaml:1:1: missing key 'sign-off' in a script: what people attest at the end\n"                         },
        {", duty: types",               "",
         "s.yaml:14:14: missing key 'duty' in a role: what people with this role do\n"                             },
    };
    CHECK_CHANGES(changes);
    write_profiles();
    AUTO_FREE char *no_acts = replaced(whole, "acts:\n", "act:\n");
    AUTO_FREE char *said = faults_of(sandbox_text("s.yaml", no_acts));
    assert_non_null(
        strstr(said, "s.yaml:1:1: missing key 'acts' in a script: the steps, act by act\n"));
    assert_non_null(
        strstr(said, "s.yaml:26:1: unknown key 'act' in a script; did you mean 'acts'?\n"));
}

static void
test_shapes(void **state)
{
    (void)state;
    static const struct change changes[] = {
        {"date: 2026-11-23",            "date: 2026-02-30",
         "s.yaml:4:7: '2026-02-30' is no date such as 2026-11-23\n"                                                                                },
        {"schema: 1\n",                 "schema: 2\n",
         "s.yaml:1:9: 'schema' is '2'; this program knows schema 1\n"                                                                              },
        {"ceremony: small",             "ceremony: Small",
         "s.yaml:2:11: 'Small' is no name: small letters, digits and '-', first a letter, at most 48\n"                                            },
        {"policy: CP 1",                "policy:",                                 "s.yaml:6:1: 'policy' is empty\n"                               },
        {"policy: CP 1",                "policy: ''",                              "s.yaml:6:9: 'policy' is empty\n"                               },
        {"policy: CP 1",                "policy: [CP 1]",
         "s.yaml:6:10: 'policy' must be a text, not a list\n"                                                                                      },
        {"people: 1,",                  "people: some,",
         "s.yaml:14:22: 'some' is no number of people: write '2', '2..' or '1..3'\n"                                                               },
        {"people: 1..3",                "people: 3..1",
         "s.yaml:16:21: '3..1' is no number of people: write '2', '2..' or '1..3'\n"                                                               },
        {"type: ec-p256",               "type: ec-p25",
         "s.yaml:20:16: 'type' must be 'ec-p256', 'ec-p384', 'ec-p521', 'rsa-2048', 'rsa-3072', 'rsa-4096', 'ed25519' or 'as-made', not 'ec-p25'\n"},
        {"backup: wrapped",             "backup: maybe",
         "s.yaml:20:49: 'backup' must be 'none' or 'wrapped', not 'maybe'\n"
         "s.yaml:33:14: step 'back' (back-up-key) is for a key with a backup, and 'root' has none\n"                                               },
        {"materials: [tokens]",         "materials: {a: b}",
         "s.yaml:8:13: 'materials' must be a text, not a mapping\n"                                                                                },
        {"duty: types",                 "dooty: types",
         "s.yaml:14:14: missing key 'duty' in a role: what people with this role do\n"
         "s.yaml:14:25: unknown key 'dooty' in a role; did you mean 'duty'?\n"                                                                     },
        {"profiles/crl.yaml",           "../crl.yaml",
         "s.yaml:25:8: '../crl.yaml' must lie below the script's folder: no leading '/', no '..'\n"                                                },
        {"do: compare-fingerprint, of", "do: compare-fingerprint, people: 99, of",
         "s.yaml:32:56: 'people' must be a whole number from 1 to 16, not '99'\n"                                                                  },
        {"do: compare-fingerprint, of", "do: compare-fingerprint, words: 9, of",
         "s.yaml:32:55: 'words' must be a whole number from 1 to 8, not '9'\n"                                                                     },
    };
    CHECK_CHANGES(changes);
}

static void
test_hygiene(void **state)
{
    (void)state;
    static const struct change changes[] = {
        {"policy: CP 1", "policy: &p CP 1",             "s.yaml:6:12: anchors ('&...') are not allowed\n"},
        {"policy: CP 1", "policy: !!str CP 1",          "s.yaml:6:15: tags ('!...') are not allowed\n"   },
        {"policy: CP 1", "policy: CP 1\npolicy: CP 2",
         "s.yaml:7:1: the key 'policy' stands here twice (first in line 6)\n"                            },
        {"policy: CP 1", "policy: \"CP\\e[2J\"",
         "s.yaml:6:9: a text with a control or invisible character\n"                                    },
        {"policy: CP 1", "policy: \"CP\\u202E1\"",
         "s.yaml:6:9: a text with a control or invisible character\n"                                    },
        {"policy: CP 1", "policy: CP \xe2\x80\xae",
         "s.yaml:6:12: a control or invisible character (\\u202E)\n"                                     },
        {"policy: CP 1", "policy:\tCP",                 "s.yaml:6:8: a tab; use blanks\n"                },
        {"policy: CP 1", "policy: CP\r",
         "s.yaml:6:11: a carriage return; lines end with a newline alone\n"                              },
        {"policy: CP 1", "policy: \xc3\xa9\xff",
         "s.yaml:6:10: a byte that is not UTF-8 (0xFF)\n"                                                },
        {"schema: 1\n",  "%YAML 1.2\n---\nschema: 1\n",
         "s.yaml:1:1: directives (lines that begin with '%') are not allowed\n"                          },
        {"acts:\n",      "? [a]\n: b\nacts:\n",         "s.yaml:26:4: a key must be a plain text\n"      },
    };
    CHECK_CHANGES(changes);
    write_profiles();
    AUTO_FREE char *alias = replaced(whole, "policy: CP 1", "policy: &p CP 1\nobjectives: *p");
    check_faults(sandbox_text("s.yaml", alias),
                 "s.yaml:6:12: anchors ('&...') are not allowed\n"
                 "s.yaml:7:13: aliases ('*...') are not allowed\n");
    AUTO_FREE char *two = NULL;
    check_ok(text_format(&two, "%s---\nschema: 1\n", whole));
    check_faults(sandbox_text("s.yaml", two),
                 "s.yaml:42:1: a second document begins here; a file holds one\n");
    check_faults(sandbox_text("s.yaml", ""), "s.yaml:1:1: the file is empty\n");
    check_faults(sandbox_text("s.yaml", "a: {b\n"),
                 "s.yaml:2:1: this is not YAML: missing comma in flow mapping\n");
}

static void
test_size_limit(void **state)
{
    (void)state;
    size_t size = ((size_t)1 << 20) + 1;
    AUTO_FREE char *text = malloc(size);
    assert_non_null(text);
    memset(text, ' ', size);
    AUTO_FAULTS faults = {0};
    struct script *script = NULL;
    check_error(script_load(sandbox_write("s.yaml", text, size), &faults, &script),
                ERROR_INPUT);
    check_error(script_load("/nowhere/s.yaml", &faults, &script), ERROR_NOT_FOUND);
}

static void
test_names(void **state)
{
    (void)state;
    static const struct change changes[] = {
        {"performs: witness",             "performs: witnes",
         "s.yaml:32:68: the script has no role 'witnes'; did you mean 'witness'?\n"    },
        {"apart-from: [holder]",          "apart-from: [custodian]",
         "s.yaml:16:53: the script has no role 'custodian'\n"                          },
        {"of: root, performs: witness",   "of: rot, performs: witness",
         "s.yaml:32:52: the script has no key 'rot'; did you mean 'root'?\n"           },
        {"profile: crl, performs",        "profile: root, performs",
         "s.yaml:25:3: the profile 'crl' is used by no step\n"
         "s.yaml:38:54: the profile 'root' is for a certificate, not a CRL\n"          },
        {"holders: holder",               "holders: holders",
         "s.yaml:22:31: the script has no role 'holders'; did you mean 'holder'?\n"    },
        {"id: compare",                   "id: make",
         "s.yaml:32:14: two steps are called 'make' (the first in line 31)\n"          },
        {"do: lock-key",                  "do: loc-key",
         "s.yaml:20:3: the key 'root' has a wrapped backup, but no step 'lock-key'\n"
         "s.yaml:36:24: unknown kind of step 'loc-key'; did you mean 'lock-key'?\n"
         "s.yaml:37:10: step 'issue' certifies the key 'root' before a step locks it\n"},
        {"do: close, performs: operator", "do: close, performs: operator, verifies: operator",
         "s.yaml:40:62: step 'close' is performed and verified by the same role\n"     },
        {"title: Small ${name}",          "title: Small ${nam}",
         "s.yaml:5:8: '${nam}' is no parameter of this script; did you mean 'name'?\n"
         "s.yaml:18:3: the parameter 'name' is used nowhere\n"                         },
        {"title: Small ${name}",          "title: Small ${name} ${x",
         "s.yaml:5:8: '${' without its '}'\n"                                          },
        {"default: Test}",                "default: Test, pattern: 'R*'}",
         "s.yaml:18:35: the parameter 'name' must look like 'R*', not 'Test'\n"        },
        {"do: lock-key, key: root",       "do: lock-key, key: root, question: why",
         "s.yaml:36:55: step 'lock' (lock-key) takes no 'question'\n"                  },
        {"do: sign-off, attests: all",    "do: sign-off",
         "s.yaml:39:10: step 'agree' (sign-off) needs 'attests'\n"                     },
    };
    CHECK_CHANGES(changes);
}

/* R71: where the keys of a batch come from, and what belongs to it. */
static void
test_origin(void **state)
{
    (void)state;
#define BATCH(fields)                                                                            \
    "      - {id: batch, do: sign-requests, performs: operator, key: root, profile: root" fields \
    "}\n"
    static const struct change changes[] = {
        {"      - {id: agree,",
         BATCH(
             ", origin: bamboo, device-key: ec-p256, recipient: factory") "      - {id: agree,",
         ""                                                                                                    },
        {"      - {id: agree,",
         BATCH(", origin: salak, transfer: network, operators: many") "      - {id: agree,",
         ""                                                                                                    },
        {"      - {id: agree,",
         BATCH(", origin: bamboo, device-key: ec-p256") "      - {id: agree,",
         "s.yaml:39:94: step 'batch' makes the keys and needs 'recipient'\n"                                   },
        {"      - {id: agree,",
         BATCH(", origin: avocado, device-key: ec-p256") "      - {id: agree,",
         "s.yaml:39:115: step 'batch' makes no keys and takes no 'device-key'\n"                               },
        {"      - {id: agree,", BATCH(", recipient: factory") "      - {id: agree,",
         "s.yaml:39:97: step 'batch' makes no keys and takes no 'recipient'\n"                                 },
        {"      - {id: agree,", BATCH(", origin: banana") "      - {id: agree,",
         "s.yaml:39:94: 'origin' must be 'avocado', 'bamboo', 'carrot', 'salak' or 'sapodilla', not 'banana'\n"},
        {"      - {id: agree,",
         BATCH(
             ", origin: bamboo, device-key: rsa-2048, recipient: factory") "      - {id: agree,",
         "s.yaml:39:114: 'device-key' must be 'ec-p256', 'ec-p384' or 'ed25519', not 'rsa-2048'\n"             },
        {"      - {id: agree,", BATCH(", transfer: pigeon") "      - {id: agree,",
         "s.yaml:39:96: 'transfer' must be 'mechanical' or 'network', not 'pigeon'\n"                          },
    };
    CHECK_CHANGES(changes);
    AUTO_FREE char *profile =
        replaced(root_profile, "trust: private\n", "trust: private\nrole: idevid\n");
    AUTO_FREE char *text =
        replaced(whole, "      - {id: agree,", BATCH("") "      - {id: agree,");
    (void)sandbox_text("profiles/root.yaml", profile);
    check_faults(sandbox_text("s.yaml", text),
                 "s.yaml:39:14: step 'batch' signs first identities of devices and needs "
                 "'origin'\n");
}

/* Shares of a PIN: one sort or the other, each with its own steps, and never the recorder's token. */
static void
test_pins(void **state)
{
    (void)state;
    static const char of[] = "  backup: {of: root, holders: holder}\n";
    static const char lock[] =
        "      - {id: lock, do: lock-key, key: root, performs: operator}\n";
    static const struct change changes[] = {
        {of,                                               "  backup: {of: root, token: spare, pin: user, holders: holder}\n",
         "s.yaml:22:3: the share set 'backup' needs 'of', a key, or 'token' and 'pin'\n"                                                                                                                     },
        {of,                                               "  backup: {of: root, pin: user, holders: holder}\n",
         "s.yaml:22:3: the share set 'backup' needs 'of', a key, or 'token' and 'pin'\n"                                                                                                                     },
        {"do: lock-key, key: root, performs: operator}\n",
         "do: lock-key, key: root, performs: operator}\n"
         "      - {id: cut, do: split-pin, shares: backup, performs: holder}\n",                                               "s.yaml:37:42: step 'cut' is for shares of a PIN, and 'backup' are of a key\n"},
    };
    CHECK_CHANGES(changes);
    write_profiles();
    static const struct change more[] = {
        {"token: spare, pin: user",   "shares: pins",         "" /* as it should be */},
        {"token: primary, pin: user", "shares: pins",
         "step 'cut' would put the recorder's token under a quorum"                   },
        {"token: spare, pin: so",     "by: so, shares: pins",
         "step 'cut': the security officer sets the user PIN, not the own one"        },
        {"token: spare, pin: user",   "shares: backup",
         "the share set 'pins' is used by no step"                                    },
    };
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
        char shares[200];
        char step[300];
        (void)snprintf(shares, sizeof shares, "%s  pins: {%s, holders: holder}\n", of,
                       more[i].from);
        (void)snprintf(step, sizeof step,
                       "%s      - {id: cut, do: split-pin, %s, performs: holder}\n", lock,
                       more[i].to);
        AUTO_FREE char *first = replaced(whole, of, shares);
        AUTO_FREE char *text = replaced(first, lock, step);
        AUTO_FREE char *said = faults_of(sandbox_text("s.yaml", text));
        if (more[i].faults[0] == '\0')
            assert_string_equal(said, "");
        else
            assert_non_null(strstr(said, more[i].faults));
    }
}

static void
test_order(void **state)
{
    (void)state;
    static const char make[] =
        "      - {id: make, do: generate-key, key: root, performs: operator}\n";
    static const char lock[] =
        "      - {id: lock, do: lock-key, key: root, performs: operator}\n";
    static const struct change changes[] = {
        {"token: spare",                        "token: primary",
         "s.yaml:35:65: the key 'root' lives on the token 'primary'; a restore is proven on another\n"},
        {"do: deliver-shares, shares: backup",  "do: read-aloud",
         "s.yaml:20:3: the key 'root' has a wrapped backup, but no step 'deliver-shares'\n"
         "s.yaml:35:10: step 'restore' restores the key 'root' before a step delivers its shares\n"   },
        {"do: create-recorder, token: primary", "do: read-aloud",
         "s.yaml:40:10: step 'close' closes, but no step 'create-recorder' made its recorder\n"       },
        {"do: roll-call",                       "do: read-aloud",
         "s.yaml:30:10: step 'recorder' touches a token before the roll call\n"                       },
        {"do: sign-off, attests: all",          "do: read-aloud",
         "s.yaml:40:10: step 'close' must have a 'sign-off' right before it\n"                        },
        {"do: close, performs",                 "do: read-aloud, performs",
         "s.yaml:40:10: step 'close' is the last, but the last step must be a 'close'\n"              },
        {lock,                                  "      - {id: again, do: generate-key, key: root, performs: operator}\n",
         "s.yaml:20:3: the key 'root' has a wrapped backup, but no step 'lock-key'\n"
         "s.yaml:36:10: step 'again' generates the key a second time\n"
         "s.yaml:37:10: step 'issue' certifies the key 'root' before a step locks it\n"               },
    };
    CHECK_CHANGES(changes);
    write_profiles();
    AUTO_FREE char *without = replaced(whole, make, "");
    AUTO_FREE char *late = replaced(without, lock, make);
    AUTO_FREE char *said = faults_of(sandbox_text("s.yaml", late));
    assert_non_null(strstr(
        said, "s.yaml:31:10: step 'compare' uses the key 'root' before a step generates it\n"));
    assert_non_null(strstr(
        said, "s.yaml:32:10: step 'back' uses the key 'root' before a step generates it\n"));
}

static void
test_profile_faults(void **state)
{
    (void)state;
    static const struct change changes[] = {
        {"policy: CP 7.1\n",  "",
         "profiles/root.yaml:1:1: missing key 'policy' in a profile: the clause of CP or CPS that it implements\n"},
        {"critical: yes, ca", "ca",
         "profiles/root.yaml:12:25: missing key 'critical' in 'basic-constraints': yes or no; it is always said\n"},
        {"keyCertSign",       "keyCertsign",
         "profiles/root.yaml:13:41: unknown key usage 'keyCertsign'; did you mean 'keyCertSign'?\n"               },
        {"key-usage",         "key-usages",
         "profiles/root.yaml:13:5: unknown extension 'key-usages'; did you mean 'key-usage'?\n"                   },
        {"{CN: Test}",        "{XX: Test}",
         "profiles/root.yaml:9:14: unknown kind of name attribute 'XX'\n"                                         },
        {"{years: 25}",       "{years: 25, days: 1}",
         "profiles/root.yaml:10:14: 'validity' needs exactly one of 'years', 'days', 'until'\n"                   },
        {"{years: 25}",       "{until: never}",
         "profiles/root.yaml:10:14: 'validity' needs exactly one of 'years', 'days', 'until'\n"
         "profiles/root.yaml:10:21: 'until' must be 'forever' or a date such as 2051-11-23\n"                     },
        {"{CN: Test}",        "{CN: '${nam}'}",
         "profiles/root.yaml:9:18: '${nam}' is no parameter of this script; did you mean 'name'?\n"               },
        {"kind: certificate", "kind: crl",
         "profiles/root.yaml:1:1: a profile of kind 'crl' has no 'certificate' section\n"
         "profiles/root.yaml:1:1: missing key 'crl' in a profile of that kind: what it holds\n"
         "s.yaml:37:64: the profile 'root' is for a CRL, not a certificate\n"                                     },
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        write_profiles();
        AUTO_FREE char *text = replaced(root_profile, changes[i].from, changes[i].to);
        (void)sandbox_text("profiles/root.yaml", text);
        check_faults(sandbox_text("s.yaml", whole), changes[i].faults);
    }
    write_profiles();
    AUTO_FREE char *gone = replaced(whole, "profiles/crl.yaml", "profiles/none.yaml");
    AUTO_FREE char *said = faults_of(sandbox_text("s.yaml", gone));
    assert_non_null(strstr(said, "s.yaml:25:8: "));
}

/* Faults of script and profiles together, in order of place. */
static void
test_all_in_one_run(void **state)
{
    (void)state;
    write_profiles();
    AUTO_FREE char *a = replaced(whole, "version: 1.0.0\n", "versoin: 1.0.0\n");
    AUTO_FREE char *b = replaced(a, "type: ec-p256", "typ: ec-p256");
    AUTO_FREE char *c = replaced(b, "do: lock-key, key: root", "do: lock-key");
    AUTO_FREE char *profile = replaced(crl_profile, "months: 11", "months: many");
    (void)sandbox_text("profiles/crl.yaml", profile);
    check_faults(
        sandbox_text("s.yaml", c),
        "s.yaml:1:1: missing key 'version' in a script: such as 1.0.0\n"
        "s.yaml:3:1: unknown key 'versoin' in a script; did you mean 'version'?\n"
        "s.yaml:20:3: the key 'root' has a wrapped backup, but no step 'lock-key'\n"
        "s.yaml:20:10: unknown key 'typ' in a key; did you mean 'type'?\n"
        "s.yaml:20:10: missing key 'type' in a key: the kind of key\n"
        "s.yaml:36:10: step 'lock' (lock-key) needs 'key'\n"
        "s.yaml:37:10: step 'issue' certifies the key 'root' before a step locks it\n"
        "profiles/crl.yaml:9:17: 'next-update' needs exactly one of 'days', 'months'\n"
        "profiles/crl.yaml:9:25: 'months' must be a whole number from 1 to 120, not 'many'\n");
}

/* A hostile file costs little and tells little. */
static void
test_many_faults(void **state)
{
    (void)state;
    AUTO_BYTES text = {0};
    for (int i = 0; i < 5000; i++)
        check_ok(bytes_format(&text, "k%d: x\n", i));
    AUTO_FAULTS faults = {0};
    struct script *script = NULL;
    check_error(script_load(sandbox_text("s.yaml", bytes_text(&text)), &faults, &script),
                ERROR_INPUT);
    assert_int_equal(faults.count, 501);
}

/* Cut off anywhere, or with any byte replaced: refused with a place or loaded, never worse. Sanitizer
 * builds make this test bite. */
static void
test_damaged(void **state)
{
    (void)state;
    static const char bytes[] = {'\0', '\n', ':', '{', '*', '&', '"', '\xff', '-'};
    write_profiles();
    AUTO_FREE char *copy = strdup(whole);
    assert_non_null(copy);
    size_t len = strlen(whole);
    for (size_t at = 0; at < len; at += 3) {
        AUTO_FREE char *cut = faults_of(sandbox_write("s.yaml", whole, at));
        assert_true(cut[0] != '\0' || at + 1 >= len);
        copy[at] = bytes[at % sizeof bytes];
        free(faults_of(sandbox_write("s.yaml", copy, len)));
        copy[at] = whole[at];
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),          cmocka_unit_test(test_missing_parts),
        cmocka_unit_test(test_shapes),         cmocka_unit_test(test_hygiene),
        cmocka_unit_test(test_size_limit),     cmocka_unit_test(test_names),
        cmocka_unit_test(test_origin),         cmocka_unit_test(test_pins),
        cmocka_unit_test(test_order),          cmocka_unit_test(test_profile_faults),
        cmocka_unit_test(test_all_in_one_run), cmocka_unit_test(test_many_faults),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, sandbox_make, sandbox_remove);
}
