/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens as a ceremony uses them, without the ceremony: PINs typed wrongly, at the last try and to a locked token, a PIN
 * for one signature, new PINs, a token that is another one or gone, marks of the ledger that nobody wrote, a quorum that
 * is lost while a token is logged in. (R14, R19, R20, R24, R53) */
#include <sys/stat.h>

#include <sqlite3.h>

#include "ceremony/base/file.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/quorum.h"
#include "ceremony/engine/token_head.h"
#include "p11/object.h"
#include "p11/signer.h"
#include "tests/support/bare_engine.h"
#include "tests/support/failing_calls.h"
#include "tests/token/p11/bench.h"

static struct bench bench;
static struct site_module modules[1];
static struct site_token site_tokens[1];
static char store[80];

static int
set_up(void **state)
{
    (void)state;
    bench_open(&bench);
    p11_session_close(bench.session);
    p11_module_close(bench.module);
    bench.session = NULL;
    bench.module = NULL;
    (void)setenv("CEREMONY_FAULT_TARGET", SOFTHSM_MODULE, 1);
    (void)unsetenv("CEREMONY_FAULT");
    bare_engine_make();
    (void)snprintf(store, sizeof store, "%s", bench.softhsm.tokens);
    static char module_name[] = "softhsm";
    static char module_path[] = FAULT_MODULE;
    static char token_name[] = "primary";
    static char uri[] = "pkcs11:token=Root%20A";
    static char nothing[] = "";
    modules[0] =
        (struct site_module){.name = module_name, .path = module_path, .sha256 = nothing};
    site_tokens[0] = (struct site_token){
        .name = token_name, .module = module_name, .uri = uri, .store = store};
    site.modules = modules;
    site.tokens = site_tokens;
    site.module_count = site.token_count = 1;
    site.rehearsal = true;
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    failing.name = NULL;
    bare_engine_remove();
    bench_close(&bench);
    return 0;
}

/* The token, through the fault module with these rules. */
static struct engine_token *
open_token(const char *rules)
{
    struct engine_token *token = NULL;
    tokens_close_all(engine);
    (void)setenv("CEREMONY_FAULT", rules, 1);
    check_ok(tokens_prepare(engine));
    check_ok(tokens_get(engine, "primary", &token));
    return token;
}

#define TYPE(...)                                                                              \
    pins = (const char *const[])                                                               \
    {                                                                                          \
        __VA_ARGS__, NULL                                                                      \
    }

/* --- PINs --- */

static void
test_wrong_pins(void **state)
{
    (void)state;
    struct engine_token *token = open_token("");
    AUTO(secret) pin = NULL;
    TYPE("wrong-1", "wrong-2", USER_PIN);
    check_ok(tokens_login(engine, token, P11_USER, &pin));
    assert_true(token->user_logged_in);
    assert_int_equal(secret_size(pin), strlen(USER_PIN));
    assert_int_equal(records(), 2); /* each wrong one */
    assert_string_equal(warning,
                        "The token did not accept the PIN. It says: a wrong PIN was entered "
                        "before.");
    check_ok(tokens_login_user(engine, token)); /* asks nobody */
    check_ok(tokens_logout_all(engine));
    assert_false(token->user_logged_in);
    TYPE("wrong-1", "wrong-2", "wrong-3");
    check_error_says(tokens_login(engine, token, P11_SO, NULL), ERROR_PIN, "three wrong PINs");
    assert_int_equal(records(), 5);
    assert_null(*pins);
}

/* Whoever is sure of the PIN: it is not asked for. */
static void
test_last_try(void **state)
{
    (void)state;

    static const struct {
        const char *rules;
        enum p11_user user;
        enum error_code code;
        const char *says;
    } rows[] = {
        {"C_GetTokenInfo@1+=flags:0x20000",  P11_USER, ERROR_PIN_LAST,   "one try left"   },
        {"C_GetTokenInfo@1+=flags:0x200000", P11_SO,   ERROR_PIN_LAST,   "one try left"   },
        {"C_GetTokenInfo@1+=flags:0x40000",  P11_USER, ERROR_PIN_LOCKED, "the user PIN of"},
        {"C_GetTokenInfo@1+=flags:0x400000", P11_SO,   ERROR_PIN_LOCKED, "the SO PIN of"  },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct engine_token *token = open_token(rows[i].rules);
        TYPE(USER_PIN);
        check_error_says(tokens_login(engine, token, rows[i].user, NULL), rows[i].code,
                         rows[i].says);
        assert_non_null(*pins);
        check_error(tokens_refuse_last_try(engine, token, rows[i].user), rows[i].code);
        check_error(tokens_note_wrong_pin(engine, token, rows[i].user, 1), rows[i].code);
        assert_int_equal(records(), i + 1); /* noted, and then refused */
    }
    engine->state.closed = true; /* nothing is recorded any more, and the try is not used up */
    check_error(tokens_note_wrong_pin(engine, open_token(rows[0].rules), P11_USER, 1),
                ERROR_PIN_LAST);
    check_ok(tokens_note_wrong_pin(engine, open_token(""), P11_USER, 1));
    assert_int_equal(records(), 4);
}

static void
test_new_pins(void **state)
{
    (void)state;
    struct engine_token *token = open_token("");
    AUTO(secret) pin = NULL;
    AUTO(secret) none = NULL;
    TYPE("abc", "long enough", "long enouhg", "long enough", "long enough");
    check_ok(tokens_ask_new_pin(engine, token, P11_USER, &pin));
    assert_int_equal(secret_size(pin), strlen("long enough"));
    TYPE("abc", "ab", "a");
    check_error_says(tokens_ask_new_pin(engine, token, P11_USER, &none), ERROR_REFUSED,
                     "no new PIN");
    assert_string_equal(warning, "That is too short for this token. Choose a longer one.");
    site.rehearsal = false; /* five letters are enough for SoftHSM, and not in production */
    engine->approval_confirmed = true;
    TYPE("abcde", "abcde", "abcdef", "abcdef");
    check_ok(tokens_ask_new_pin(engine, token, P11_SO, &none));
    assert_int_equal(secret_size(none), 6);
}

static void
test_pin_for_signature(void **state)
{
    (void)state;
    struct engine_token *token = open_token("");
    struct p11_session *session = NULL;
    struct p11_key_plan plan = bench_plan(P11_EC_P256, P11_KEY_NO_BACKUP);
    struct p11_signing how = {.digest = "SHA256"};
    AUTO_BYTES spki = {0};
    AUTO_BYTES signature = {0};
    plan.pin_each_signature = true;
    TYPE(USER_PIN);
    check_ok(tokens_login_user(engine, token));
    check_ok(tokens_session(engine, token, &session));
    check_ok(p11_key_generate(session, &plan));
    check_ok(p11_key_spki(session, plan.id, plan.id_len, &spki));
    AUTO(p11_signer) signer = NULL;
    check_ok(p11_signer_new(session, plan.id, plan.id_len, spki.data, spki.len, &signer));
    uint64_t before = records();
    TYPE("wrong-1", USER_PIN);
    check_ok(p11_signer_sign(signer, &how, "message", 7, &signature));
    assert_int_equal(records(), before + 1);
    TYPE("wrong-1", "wrong-2", "wrong-3");
    check_error_says(p11_signer_sign(signer, &how, "message", 7, &signature), ERROR_PIN,
                     "three wrong PINs");
    assert_int_equal(records(), before + 4);
    store[0] = '?'; /* the token's own description cannot be copied first */
    TYPE(USER_PIN);
    check_error(p11_signer_sign(signer, &how, "message", 7, &signature), ERROR_NOT_FOUND);
    store[0] = '/';
}

/* --- which token --- */

static void
test_which_token(void **state)
{
    (void)state;
    struct engine_token *token = open_token("");
    struct p11_token_info info;
    check_ok(tokens_info(engine, token, &info));
    check_ok(ledger_bind_token(engine->ledger, "c-1", "Root A", info.serial));
    check_ok(tokens_info(engine, token, &info));
    struct state_token *bound = &engine->state.tokens[engine->state.token_count++];
    *bound = (struct state_token){.name = "primary", .label = "Root A", .bound = true};
    (void)snprintf(bound->serial, sizeof bound->serial, "%s", info.serial);
    check_ok(tokens_info(engine, token, &info));
    bound->serial[0] ^= 1; /* the same label, another token */
    check_error_says(tokens_info(engine, token, &info), ERROR_TOKEN_GONE, "is not there");
    (void)snprintf(bound->serial, sizeof bound->serial, "%s", info.serial);
    (void)snprintf(bound->label, sizeof bound->label, "Root B");
    check_error(tokens_info(engine, token, &info), ERROR_TOKEN_GONE);
    engine->state.token_count = 0;
    ledger_close(engine->ledger);
    engine->ledger = NULL;
    check_ok(tokens_info(engine, token, &info)); /* `check` asks without one */
}

static void
test_another_serial(void **state)
{
    (void)state;
    struct engine_token *token = open_token("");
    struct p11_token_info info;
    check_ok(ledger_bind_token(engine->ledger, "c-1", "Root A", "00 another"));
    check_error_says(tokens_info(engine, token, &info), ERROR_REFUSED, "another serial");
}

static void
test_module_hash(void **state)
{
    (void)state;
    tokens_close_all(engine);
    modules[0].sha256 = (char[]){HASH_A};
    check_error_says(tokens_prepare(engine), ERROR_REFUSED, "not the one that was approved");
    free(engine->modules[0].path);
    engine->modules[0].path = NULL;
    modules[0].path = (char[]){"/none/such.so"};
    check_error_says(tokens_prepare(engine), ERROR_NOT_FOUND, "not installed");
}

/* --- the mark of the ledger's head --- */

static void
put_mark(struct p11_session *session, const char *text)
{
    check_ok(p11_data_create(session, TOKEN_HEAD_LABEL, text, strlen(text)));
}

static void
test_marks(void **state)
{
    (void)state;
    struct engine_token *token = open_token("");
    struct p11_session *session = NULL;
    TYPE(USER_PIN);
    check_ok(tokens_login_user(engine, token));
    check_ok(tokens_session(engine, token, &session));
    check_ok(token_head_check(engine, token)); /* none, and none was announced */
    assert_int_equal(records(), 0);
    /* What we would not have written is no mark, and said to be there. */
    static const char *const odd[] = {
        "1 2 c-1 " HASH_A,
        "1 2 c-1 " HASH_A " " HASH_B,
        "1  2 c-1 " HASH_A " " HASH_B "\n",
        "2 2 c-1 " HASH_A " " HASH_B "\n",
        "1 2 c-1 " HASH_A " " HASH_A HASH_B "\n",
        "1 2 c-1 G" HASH_A " " HASH_B "\n",
        "1 2 " HASH_A HASH_A HASH_A HASH_A " " HASH_A " " HASH_B "\n",
        "1 2 " HASH_A HASH_A HASH_A HASH_A HASH_A " " HASH_A " " HASH_B "\n",
    };
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        put_mark(session, odd[i]);
    check_ok(p11_data_create(session, TOKEN_HEAD_LABEL, "1 2 c-1\0 ", 9));
    token->head_checked = false;
    check_ok(token_head_check(engine, token));
    assert_int_equal(records(), 1);
    check_ok(token_head_check(engine, token)); /* once in a process */
    assert_int_equal(records(), 1);
    put_mark(session, "1 2 c-1 " HASH_A " " HASH_B "\n");
    token->head_checked = false;
    check_error_says(token_head_check(engine, token), ERROR_REFUSED, "does not know");
    assert_false(token->head_checked);
}

/* --- what is flushed, what is locked --- */

static void
test_flush_before_result(void **state)
{
    (void)state;
    uint64_t intent = 0;
    struct engine_token *token = open_token("");
    check_ok(engine_intent(engine, "generate", json_object(), &intent));
    check_ok(engine_result(engine, intent, "done", json_object()));
    check_ok(engine_intent(engine, "generate", json_object(), &intent));
    fail_call("syncfs", 0, EIO);
    check_error_says(engine_result(engine, intent, "done", json_object()), ERROR_IO,
                     "could not be flushed");
    /* Nor is a token opened anew, to look whether it kept a key, before what it wrote is on the disk. */
    fail_call("syncfs", 0, EIO);
    check_error_says(tokens_reopen(engine, token), ERROR_IO, "could not be flushed");
    failing.name = NULL;
    check_ok(tokens_reopen(engine, token));
    check_ok(engine_intent(engine, "sign", json_object(), &intent)); /* leaves tokens alone */
    count_calls("syncfs");
    check_ok(engine_result(engine, intent, "done", json_object()));
    assert_int_equal(failing.seen, 0);
}

/* How many copies there are; `ret_path`: the last one. */
static size_t
copies(char ret_path[600])
{
    AUTO_FOLDER_LIST list = {0};
    char path[300];
    struct stat facts;
    (void)snprintf(path, sizeof path, "%s/token-copies", folder);
    check_ok(folder_list(path, true, true, &list));
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 077, 0);
    for (size_t i = 0; i < list.count; i++) {
        (void)snprintf(ret_path, 600, "%s/%s", path, list.names[i]);
        assert_int_equal(stat(ret_path, &facts), 0);
        assert_int_equal(facts.st_mode & 077, 0); /* nobody else's to read */
    }
    return list.count;
}

/* The file of a token that SoftHSM rewrites at a login has what opens its keys with the PIN of that moment: a copy of it
 * lies there while it is rewritten, for our eyes only, and no longer. Empty, it is put back from the copy. */
static void
test_token_copy(void **state)
{
    (void)state;
    struct engine_token *token = open_token("");
    char copy[600] = "";
    char own[400] = "";
    AUTO_FOLDER_LIST list = {0};
    TYPE("wrong-pin", USER_PIN);
    check_ok(tokens_login_user(engine, token));
    assert_int_equal(copies(copy), 0);
    check_ok(tokens_guard_begin(engine, token));
    assert_int_equal(copies(copy), 1);
    fail_call("syncfs", 0, EIO); /* what replaces it may not be on the disk */
    check_error(tokens_guard_end(engine, token), ERROR_IO);
    failing.name = NULL;
    assert_int_equal(copies(copy), 1);
    check_ok(folder_list(store, true, false, &list));
    for (size_t i = 0; i < list.count; i++)
        if (strstr(list.names[i], "/token.object") != NULL)
            (void)snprintf(own, sizeof own, "%s/%s", store, list.names[i]);
    AUTO_BYTES before = {0};
    AUTO_BYTES after = {0};
    check_ok(file_read(own, 65536, &before));
    size_t recorded = records();
    check_ok(tokens_guard_repair(engine)); /* it is whole */
    assert_int_equal(records(), recorded);
    assert_int_equal(truncate(own, 0), 0);
    check_ok(tokens_guard_repair(engine));
    assert_int_equal(records(), recorded + 1);
    check_ok(file_read(own, 65536, &after));
    assert_int_equal(after.len, before.len);
    assert_memory_equal(after.data, before.data, before.len);
    check_ok(tokens_guard_end(engine, token));
    assert_int_equal(copies(copy), 0);
}

static void
test_lost_quorum(void **state)
{
    (void)state;
    struct engine_token *token = open_token("");
    site.roster.roles[0] = (struct role){.id = "witness", .people_min = 2};
    site.roster.role_count = 1;
    site.roster.people[1].present = false;
    TYPE(USER_PIN);
    check_ok(tokens_login_user(engine, token));
    check_error_says(people_quorum_or_lock(engine), ERROR_REFUSED, "witness");
    assert_false(token->user_logged_in);
    token = open_token("C_Logout@1=0x30");
    TYPE(USER_PIN);
    check_ok(tokens_login_user(engine, token));
    check_error_says(people_quorum_or_lock(engine), ERROR_TOKEN, "log out");
    assert_false(token->user_logged_in); /* not relied on any more */
    /* The recorder goes on recording. */
    token = open_token("");
    TYPE(USER_PIN);
    check_ok(tokens_login_user(engine, token));
    engine->state.recorder.made = true;
    (void)snprintf(engine->state.recorder.token, sizeof engine->state.recorder.token,
                   "primary");
    check_error(people_quorum_or_lock(engine), ERROR_REFUSED);
    assert_true(token->user_logged_in);
}

/* --- a PIN in shares --- */

static const struct share_plan plan = {
    .name = "pin",
    .group_threshold = 1,
    .group_count = 1,
    .groups = {{.name = "all",
                .threshold = 2,
                .count = 3,
                .holders = {{.person = "a"}, {.person = "b"}, {.person = "c"}}}}};

static void
test_split_pin(void **state)
{
    (void)state;
    struct engine_token *token = open_token("");
    struct p11_session *session = NULL;
    struct slip39_subsets subsets = {0};
    AUTO(secret) pin = NULL;
    AUTO(slip39_set) set = NULL;
    AUTO(slip39_set) none = NULL;
    check_ok(tokens_session(engine, token, &session));
    check_ok(quorum_make_pin(session, &pin));
    check_ok(quorum_split_pin(engine, session, &plan, pin, &set, &subsets));
    assert_int_equal(subsets.checked, 3);
    /* Every number is taken by a live set. */
    char path[300];
    sqlite3 *database = NULL;
    (void)snprintf(path, sizeof path, "%s/ledger.db", folder);
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(database,
                     "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < "
                     "32767) INSERT INTO share_sets (key_spki_sha256, set_id, state, "
                     "\"commitment\", ceremony) SELECT '" HASH_A
                     "', i, 'made', '', 'c-1' FROM n",
                     NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
    check_error_says(quorum_split_pin(engine, session, &plan, pin, &none, &subsets),
                     ERROR_REFUSED, "no free number");
}

/* Whole shares of the right set, and the token has another PIN: it is not asked again, and the reason is given. */
static void
test_shares_of_another_pin(void **state)
{
    (void)state;
    struct engine_token *token = open_token("");
    struct p11_session *session = NULL;
    struct p11_token_info info;
    struct slip39_subsets subsets = {0};
    AUTO(secret) pin = NULL;
    AUTO(secret) first = NULL;
    AUTO(secret) second = NULL;
    AUTO(slip39_set) set = NULL;
    check_ok(tokens_session(engine, token, &session));
    check_ok(tokens_info(engine, token, &info));
    check_ok(quorum_make_pin(session, &pin));
    check_ok(quorum_split_pin(engine, session, &plan, pin, &set, &subsets));
    check_ok(slip39_set_text(set, 0, &first));
    check_ok(slip39_set_text(set, 2, &second));
    static const char *const states[] = {"made", "proven", "in-use"};
    for (size_t i = 0; i < 3; i++)
        check_ok(ledger_pin_set(engine->ledger, "c-1", info.serial, "user", slip39_set_id(set),
                                states[i]));
    forms[0] = first;
    forms[1] = second;
    forms_typed = 0;
    check_error_says(tokens_login(engine, token, P11_USER, NULL), ERROR_PIN,
                     "the token has another PIN");
    assert_int_equal(forms_typed, 2);
    assert_false(token->user_logged_in);
    /* The token gets that PIN: the same shares open it. */
    AUTO(secret) before = bench_pin(USER_PIN);
    check_ok(p11_login(session, P11_USER, before));
    check_ok(p11_set_pin(session, before, pin));
    check_ok(p11_logout(session));
    forms_typed = 0;
    check_ok(tokens_login(engine, token, P11_USER, NULL));
    assert_true(token->user_logged_in);
}

static void
test_constant_random(void **state)
{
    (void)state;
    struct p11_session *session = NULL;
    AUTO(secret) pin = NULL;
    check_ok(tokens_session(engine, open_token("C_GenerateRandom@1+=lie:constant-random"),
                            &session));
    check_error_says(quorum_make_pin(session, &pin), ERROR_TOKEN, "same random bytes twice");
    assert_null(pin);
}

/* A key that does not sign its challenge: that is what came of it. */
static void
test_no_possession(void **state)
{
    (void)state;

    static const struct {
        const char *rule;
        enum p11_key_type type;
        enum p11_key_purpose purpose;
        const char *says;
    } rows[] = {
        {"C_Sign@1=0x30",    P11_EC_P256,  P11_KEY_BACKED_UP, "sign"           },
        {"C_Decrypt@1=flip", P11_RSA_2048, P11_KEY_DECRYPTS,  "did not decrypt"},
    };

    for (size_t i = 0; i < 2; i++) {
        struct engine_token *token = open_token(rows[i].rule);
        struct p11_session *session = NULL;
        struct p11_key_plan key_plan = bench_plan(rows[i].type, rows[i].purpose);
        struct state_key key = {.name = "root", .id_hex = "ca01", .decrypts = i == 1};
        size_t before = records();
        size_t destroyed = 0;
        TYPE(USER_PIN);
        check_ok(tokens_login_user(engine, token));
        check_ok(tokens_session(engine, token, &session));
        check_ok(p11_key_generate(session, &key_plan));
        check_ok(p11_key_spki(session, key_plan.id, key_plan.id_len, &key.spki));
        check_ok(digest_sha256_text(key.spki.data, key.spki.len, key.spki_sha256));
        check_error_says(key_prove_possession(engine, token, &key, key.id_hex), ERROR_TOKEN,
                         rows[i].says);
        assert_int_equal(records(), before + 2); /* announced, and failed */
        assert_int_equal(engine->state.intent_count, 0);
        check_ok(key_prove_possession(engine, token, &key, key.id_hex));
        check_ok(p11_key_destroy(session, key_plan.id, key_plan.id_len, &destroyed));
        bytes_clear(&key.spki);
    }
}

/* A key that reads otherwise than it was planned is destroyed; where that fails, people are told that it is there. */
static void
test_attributes(void **state)
{
    (void)state;

    static const struct {
        const char *rules;
        enum key_stage stage;
        const char *says;
        size_t left;
    } rows[] = {
        {"C_GetAttributeValue@1+=attr:0x103:0",                         KEY_NEW,
         "It was destroyed and nothing of it was used",                                                   0},
        {"C_GetAttributeValue@1+=attr:0x103:0,C_DestroyObject@1+=0x30", KEY_NEW,
         "It is still on the token",                                                                      2},
        {"C_GetAttributeValue@1+=attr:0x103:0",                         KEY_LOCKED, "Do not use the key", 2},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct engine_token *token = open_token("");
        struct p11_session *session = NULL;
        struct p11_key_plan key_plan = bench_plan(P11_EC_P256, P11_KEY_BACKED_UP);
        struct p11_object *objects = NULL;
        size_t count = 0;
        TYPE(USER_PIN);
        check_ok(tokens_login_user(engine, token));
        check_ok(tokens_session(engine, token, &session));
        check_ok(p11_key_destroy(session, key_plan.id, key_plan.id_len, &count));
        check_ok(p11_key_generate(session, &key_plan));
        token = open_token(rows[i].rules);
        TYPE(USER_PIN);
        check_ok(tokens_login_user(engine, token));
        check_error_says(key_check_attributes(engine, token, "root", &key_plan, rows[i].stage),
                         ERROR_TOKEN, rows[i].says);
        check_ok(tokens_session(engine, token, &session));
        check_ok(p11_objects_list(session, &objects, &count));
        assert_int_equal(count, rows[i].left);
        free(objects);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_wrong_pins, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_last_try, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_new_pins, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pin_for_signature, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_which_token, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_another_serial, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_module_hash, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_marks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_flush_before_result, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_token_copy, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lost_quorum, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_split_pin, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_shares_of_another_pin, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_constant_random, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_possession, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_attributes, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
