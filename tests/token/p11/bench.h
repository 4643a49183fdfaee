/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of the token layer share: a SoftHSM of their own, our module on it (with the fault
 * module between where rules are given), a token made by our own code. */
#pragma once

#include "p11/key.h"
#include "p11/module.h"
#include "p11/session.h"
#include "p11/token.h"
#include "tests/support/check.h"
#include "tests/support/softhsm.h"

#define FAULT_MODULE TEST_BINARY_DIR "/tests/fault_module.so"
#define SO_PIN       "so-pin-77"
#define USER_PIN     "user-pin-1"

struct bench {
    struct softhsm softhsm;
    struct p11_module *module;
    struct p11_session *session;
    struct p11_token_info token;
};

static inline struct secret *
bench_pin(const char *text)
{
    struct secret *pin = NULL;
    check_ok(secret_from(text, strlen(text), &pin));
    return pin;
}

/* NULL rules: SoftHSM itself; "" the fault module that changes nothing. */
static inline void
bench_module(struct bench *bench, const char *rules)
{
    const char *path = SOFTHSM_MODULE;
    if (rules != NULL) {
        path = FAULT_MODULE;
        assert_int_equal(setenv("CEREMONY_FAULT_TARGET", SOFTHSM_MODULE, 1), 0);
        assert_int_equal(setenv("CEREMONY_FAULT", rules, 1), 0);
    }
    check_ok(p11_module_open("softhsm", path, NULL, &bench->module));
}

static inline void
bench_make_token(struct bench *bench, const char *label, struct p11_token_info *ret_token)
{
    struct p11_token_info blank = {0};
    check_ok(p11_token_find_blank(bench->module, &blank));
    AUTO(secret) so_pin = bench_pin(SO_PIN);
    AUTO(secret) user_pin = bench_pin(USER_PIN);
    check_ok(p11_token_initialize(bench->module, &blank, label, so_pin, ret_token));
    AUTO(p11_session) session = NULL;
    check_ok(p11_session_open(bench->module, ret_token->slot, &session));
    check_ok(p11_login(session, P11_SO, so_pin));
    check_ok(p11_init_pin(session, user_pin));
    check_ok(p11_logout(session));
}

static inline void
bench_login(struct p11_session *session, enum p11_user user)
{
    AUTO(secret) pin = bench_pin(user == P11_SO ? SO_PIN : USER_PIN);
    check_ok(p11_login(session, user, pin));
}

/* A token "Root A" with the user logged in. */
static inline void
bench_open(struct bench *bench)
{
    memset(bench, 0, sizeof *bench);
    softhsm_make(&bench->softhsm);
    bench_module(bench, NULL);
    bench_make_token(bench, "Root A", &bench->token);
    check_ok(p11_session_open(bench->module, bench->token.slot, &bench->session));
    bench_login(bench->session, P11_USER);
}

/* The same store again, through another module; nobody is logged in. */
static inline void
bench_reopen(struct bench *bench, const char *rules)
{
    p11_session_close(bench->session);
    bench->session = NULL;
    p11_module_close(bench->module);
    bench->module = NULL;
    bench_module(bench, rules);
    check_ok(p11_token_find(bench->module, "pkcs11:token=Root%20A", &bench->token));
    check_ok(p11_session_open(bench->module, bench->token.slot, &bench->session));
}

static inline void
bench_close(struct bench *bench)
{
    p11_session_close(bench->session);
    p11_module_close(bench->module);
    softhsm_remove(&bench->softhsm);
    (void)unsetenv("CEREMONY_FAULT");
    (void)unsetenv("CEREMONY_FAULT_TARGET");
    (void)unsetenv("CEREMONY_FAULT_LOG");
}

static inline struct p11_key_plan
bench_plan(enum p11_key_type type, enum p11_key_purpose purpose)
{
    return (struct p11_key_plan){
        .type = type,
        .purpose = purpose,
        .label = "root",
        .id = {0xca, 0x01},
        .id_len = 2,
    };
}

static inline void
bench_print_differences(const struct p11_attribute_report *report)
{
    for (size_t i = 0; i < report->count; i++)
        if (!report->rows[i].agrees)
            print_error("%s: planned %s, read %s\n", report->rows[i].name,
                        report->rows[i].planned, report->rows[i].read);
}
