/* SPDX-License-Identifier: Apache-2.0
 *
 * A PKCS#11 module that stands between and lets things go wrong. It exports C_GetFunctionList only
 * and forwards every call to the module that CEREMONY_FAULT_TARGET names. Without rules it changes
 * nothing, which a test proves.
 *
 * CEREMONY_FAULT: rules separated by ';' or ','. RULE = FUNCTION@N[+]=ACTION
 *   FUNCTION  a name as in the standard, or ANY, which counts all calls together
 *   N         at its N-th call, counted from 1; with '+' at that one and all later ones
 *   ACTION
 *     0x32              fails with this CK_RV, the target is not called
 *     after:0x30        the target does it, but this CK_RV is reported
 *     kill, killafter   SIGKILL to ourselves before or after the target's call
 *     hang              never returns
 *     delay:500         milliseconds before the call
 *     flip              one bit of the output is wrong (C_Sign, C_SignFinal, C_WrapKey,
 *                       C_GenerateRandom, C_Encrypt, C_Decrypt, C_Digest, first value of
 *                       C_GetAttributeValue)
 *     flags:0x40000     C_GetTokenInfo: these CKF bits are set as well
 *     no-flags:0x400    C_GetTokenInfo: these are not set
 *     attr:0x162:0      C_GetAttributeValue: an attribute of this type reads as this value, or begins with it
 *     no-attr:0x171     C_GetAttributeValue: an attribute of this type is not known
 *     lie:wrong-key          C_SignInit: a fresh key of the same type signs instead
 *     lie:other-point        C_GetAttributeValue: CKA_EC_POINT or CKA_MODULUS is that of a fresh key
 *     lie:ignore-extractable C_GenerateKeyPair: CKA_EXTRACTABLE is true whatever was asked
 *     lie:short-list         C_FindObjects: the last object found is kept back
 *     lie:same-handle        C_FindObjects: the first object is listed twice
 *     lie:constant-random    C_GenerateRandom: all bytes are 0x42
 *     lie:not-destroyed      C_DestroyObject: says it did, and did not
 *     lie:no-output          C_WrapKey, C_Decrypt, C_Sign: nothing comes out
 *     lie:show-secret        C_CreateObject: not CKA_SENSITIVE, CKA_EXTRACTABLE, whatever was asked
 *     lie:nothing            any function: says it did, and did nothing
 *     lie:not-kept           C_GenerateKeyPair, C_GenerateKey, C_UnwrapKey, C_CreateObject: made, and gone at once
 *     lie:other-key          C_FindObjects, C_UnwrapKey: a key found or unwrapped is a fresh one of the same type
 * Several rules may meet one call; they apply in their order.
 *
 * CEREMONY_FAULT_LOG: a file to which each call adds a line "counter function CKR", never an
 * argument. Rules are read when the module is loaded, and again at each C_Initialize, which also
 * sets the counters to zero; with CEREMONY_FAULT_ONGOING they go on, so that a program which closes the
 * module and opens it anew is counted as one.
 *
 * CEREMONY_FAULT_LACKS: a function that the list has an empty place for. Read when the module is loaded. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <p11-kit/pkcs11.h>

#include "p11/ck_results.h"
#include "tests/support/modules/fault.h"

static const char *const function_names[] = {
#define NAME(name, parameters, arguments) #name,
    FAULT_FUNCTIONS(NAME)
#undef NAME
        "ANY",
};

CK_FUNCTION_LIST *target;
static struct rule rules[RULES_MAX];
static size_t rule_count;
static unsigned long counters[FUNCTIONS + 1];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

_Noreturn void
give_up(const char *what, const char *about)
{
    (void)fprintf(stderr, "fault module: %s: %s\n", what, about);
    abort();
}

static const struct {
    const char *word;
    enum action action;
    bool takes_number;
} action_words[] = {
    {"killafter",              KILL_AFTER,         false},
    {"kill",                   KILL_BEFORE,        false},
    {"hang",                   HANG,               false},
    {"flip",                   FLIP,               false},
    {"lie:wrong-key",          WRONG_KEY,          false},
    {"lie:other-point",        OTHER_POINT,        false},
    {"lie:ignore-extractable", IGNORE_EXTRACTABLE, false},
    {"lie:short-list",         SHORT_LIST,         false},
    {"lie:same-handle",        SAME_HANDLE,        false},
    {"lie:constant-random",    CONSTANT_RANDOM,    false},
    {"lie:not-destroyed",      NOT_DESTROYED,      false},
    {"lie:no-output",          NO_OUTPUT,          false},
    {"lie:show-secret",        SHOW_SECRET,        false},
    {"lie:nothing",            NOTHING,            false},
    {"lie:not-kept",           NOT_KEPT,           false},
    {"lie:other-key",          OTHER_KEY,          false},
    {"after:",                 FAIL_AFTER,         true },
    {"delay:",                 DELAY,              true },
    {"no-flags:",              NO_FLAGS,           true },
    {"flags:",                 FLAGS,              true },
    {"attr:",                  ATTRIBUTE,          true },
    {"no-attr:",               NO_ATTRIBUTE,       true },
    {"0x",                     FAIL_BEFORE,        true },
};

static void
parse_action(struct rule *rule, const char *text)
{
    for (size_t i = 0; i < sizeof action_words / sizeof action_words[0]; i++) {
        const char *word = action_words[i].word;
        size_t len = strlen(word);
        bool matches = action_words[i].takes_number ? strncmp(text, word, len) == 0
                                                    : strcmp(text, word) == 0;
        if (!matches)
            continue;
        rule->action = action_words[i].action;
        if (!action_words[i].takes_number)
            return;
        char *end = NULL;
        rule->number = strtoul(rule->action == FAIL_BEFORE ? text : text + len, &end, 0);
        if (rule->action == ATTRIBUTE && *end == ':')
            rule->value = (unsigned char)strtoul(end + 1, &end, 0);
        if (*end != '\0')
            break;
        return;
    }
    give_up("no such action", text);
}

static void
parse_rule(char *text)
{
    char *at = strchr(text, '@');
    char *equals = at != NULL ? strchr(at, '=') : NULL;
    if (equals == NULL || rule_count == RULES_MAX)
        give_up("not a rule, or too many", text);
    *at = '\0';
    *equals = '\0';
    struct rule *rule = &rules[rule_count];
    memset(rule, 0, sizeof *rule);
    unsigned function = 0;
    while (function <= FUNCTIONS && strcmp(function_names[function], text) != 0)
        function++;
    if (function > FUNCTIONS)
        give_up("no such function", text);
    rule->function = (enum function)function;
    char *end = NULL;
    rule->at = strtoul(at + 1, &end, 10);
    rule->onwards = *end == '+';
    if (rule->at == 0 || (rule->onwards ? end[1] : *end) != '\0')
        give_up("not a count", at + 1);
    parse_action(rule, equals + 1);
    rule_count++;
}

static void
read_rules(void)
{
    rule_count = 0;
    if (getenv("CEREMONY_FAULT_ONGOING") == NULL)
        memset(counters, 0, sizeof counters);
    const char *text = getenv("CEREMONY_FAULT");
    char *copy = text != NULL ? strdup(text) : NULL;
    char *place = NULL;
    for (char *part = copy != NULL ? strtok_r(copy, ";, ", &place) : NULL; part != NULL;
         part = strtok_r(NULL, ";, ", &place))
        parse_rule(part);
    free(copy);
}

static struct meeting
meet(enum function function)
{
    struct meeting meeting = {0};
    (void)pthread_mutex_lock(&lock);
    if (function == F_C_Initialize)
        read_rules();
    unsigned long count = ++counters[function];
    unsigned long all = ++counters[F_ANY];
    meeting.counter = all;
    for (size_t i = 0; i < rule_count; i++) {
        const struct rule *rule = &rules[i];
        if (rule->function != function && rule->function != F_ANY)
            continue;
        unsigned long now = rule->function == F_ANY ? all : count;
        if (now != rule->at && !(rule->onwards && now > rule->at))
            continue;
        meeting.actions |= 1U << rule->action;
        meeting.number[rule->action] = rule->number;
        if (rule->action == ATTRIBUTE)
            meeting.attributes[meeting.attribute_count++] = rule;
    }
    (void)pthread_mutex_unlock(&lock);
    return meeting;
}

static const char *
result_name(CK_RV rv)
{
#define RESULT_NAME(name, code, words)                                                         \
    if (rv == (name))                                                                          \
        return #name;
    CK_RESULTS(RESULT_NAME)
#undef RESULT_NAME
    return "CKR_OTHER";
}

static void
write_log(const struct meeting *meeting, enum function function, CK_RV rv)
{
    const char *path = getenv("CEREMONY_FAULT_LOG");
    if (path == NULL)
        return;
    int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        give_up("cannot open the log", path);
    (void)dprintf(file, "%lu %s %s\n", meeting->counter, function_names[function],
                  result_name(rv));
    (void)close(file);
}

/* True when the target must not be called any more; `ret_rv` is then the answer. */
static bool
before(const struct meeting *meeting, enum function function, CK_RV *ret_rv)
{
    if (has(meeting, DELAY)) {
        unsigned long ms = meeting->number[DELAY];
        struct timespec wait = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000L};
        while (nanosleep(&wait, &wait) != 0 && errno == EINTR)
            continue;
    }
    if (has(meeting, KILL_BEFORE))
        (void)raise(SIGKILL);
    while (has(meeting, HANG))
        (void)pause();
    if (!has(meeting, FAIL_BEFORE) && !has(meeting, NOTHING))
        return false;
    *ret_rv = has(meeting, NOTHING) ? CKR_OK : meeting->number[FAIL_BEFORE];
    write_log(meeting, function, *ret_rv);
    return true;
}

static CK_RV
after(const struct meeting *meeting, enum function function, CK_RV rv)
{
    if (has(meeting, KILL_AFTER))
        (void)raise(SIGKILL);
    if (has(meeting, FAIL_AFTER))
        rv = meeting->number[FAIL_AFTER];
    write_log(meeting, function, rv);
    return rv;
}

/* What each function does beyond forwarding: the target's call and its lies. By default none. */
#define PLAIN(name, arguments) rv = target->name arguments

#define CALL_C_Sign(a)                                                                         \
    (PLAIN(C_Sign, a), flip(&meeting, rv, out, *out_len), empty(&meeting, out_len))
#define CALL_C_SignFinal(a) (PLAIN(C_SignFinal, a), flip(&meeting, rv, out, *out_len))
#define CALL_C_WrapKey(a)                                                                      \
    (PLAIN(C_WrapKey, a), flip(&meeting, rv, out, *out_len), empty(&meeting, out_len))
#define CALL_C_Encrypt(a) (PLAIN(C_Encrypt, a), flip(&meeting, rv, out, *out_len))
#define CALL_C_Decrypt(a)                                                                      \
    (PLAIN(C_Decrypt, a), flip(&meeting, rv, out, *out_len), empty(&meeting, out_len))
#define CALL_C_Digest(a)         (PLAIN(C_Digest, a), flip(&meeting, rv, out, *out_len))
#define CALL_C_GenerateRandom(a) rv = lying_random(&meeting, session, data, len)
#define CALL_C_GetTokenInfo(a)   rv = lying_token_info(&meeting, slot, info)
#define CALL_C_GetAttributeValue(a)                                                            \
    rv = lying_attributes(&meeting, session, object, template, count)
#define CALL_C_FindObjects(a) rv = lying_find(&meeting, session, objects, max, count)
#define CALL_C_SignInit(a)    rv = lying_sign_init(&meeting, session, mechanism, key)
#define CALL_C_DestroyObject(a)                                                                \
    rv = has(&meeting, NOT_DESTROYED) ? CKR_OK : target->C_DestroyObject a
#define CALL_C_GenerateKeyPair(a)                                                              \
    rv = has(&meeting, IGNORE_EXTRACTABLE) ? generate_extractable a                            \
                                           : target->C_GenerateKeyPair a;                      \
    forget(&meeting, rv, session, private_key);                                                \
    forget(&meeting, rv, session, public_key)
#define CALL_C_GenerateKey(a) (PLAIN(C_GenerateKey, a), forget(&meeting, rv, session, key))
#define CALL_C_CreateObject(a)                                                                 \
    rv = has(&meeting, SHOW_SECRET) ? create_shown a : target->C_CreateObject a;               \
    forget(&meeting, rv, session, object)
#define CALL_C_UnwrapKey(a)                                                                    \
    PLAIN(C_UnwrapKey, a);                                                                     \
    swap_key(&meeting, rv, session, key);                                                      \
    forget(&meeting, rv, session, key)

/* clang-format off */
#define CALL_C_Initialize(a) PLAIN(C_Initialize, a)
#define CALL_C_Finalize(a) PLAIN(C_Finalize, a)
#define CALL_C_GetInfo(a) PLAIN(C_GetInfo, a)
#define CALL_C_GetSlotList(a) PLAIN(C_GetSlotList, a)
#define CALL_C_GetSlotInfo(a) PLAIN(C_GetSlotInfo, a)
#define CALL_C_GetMechanismList(a) PLAIN(C_GetMechanismList, a)
#define CALL_C_GetMechanismInfo(a) PLAIN(C_GetMechanismInfo, a)
#define CALL_C_InitToken(a) PLAIN(C_InitToken, a)
#define CALL_C_InitPIN(a) PLAIN(C_InitPIN, a)
#define CALL_C_SetPIN(a) PLAIN(C_SetPIN, a)
#define CALL_C_OpenSession(a) PLAIN(C_OpenSession, a)
#define CALL_C_CloseSession(a) PLAIN(C_CloseSession, a)
#define CALL_C_CloseAllSessions(a) PLAIN(C_CloseAllSessions, a)
#define CALL_C_GetSessionInfo(a) PLAIN(C_GetSessionInfo, a)
#define CALL_C_GetOperationState(a) PLAIN(C_GetOperationState, a)
#define CALL_C_SetOperationState(a) PLAIN(C_SetOperationState, a)
#define CALL_C_Login(a) PLAIN(C_Login, a)
#define CALL_C_Logout(a) PLAIN(C_Logout, a)
#define CALL_C_CopyObject(a) PLAIN(C_CopyObject, a)
#define CALL_C_GetObjectSize(a) PLAIN(C_GetObjectSize, a)
#define CALL_C_SetAttributeValue(a) PLAIN(C_SetAttributeValue, a)
#define CALL_C_FindObjectsInit(a) PLAIN(C_FindObjectsInit, a)
#define CALL_C_FindObjectsFinal(a) PLAIN(C_FindObjectsFinal, a)
#define CALL_C_EncryptInit(a) PLAIN(C_EncryptInit, a)
#define CALL_C_EncryptUpdate(a) PLAIN(C_EncryptUpdate, a)
#define CALL_C_EncryptFinal(a) PLAIN(C_EncryptFinal, a)
#define CALL_C_DecryptInit(a) PLAIN(C_DecryptInit, a)
#define CALL_C_DecryptUpdate(a) PLAIN(C_DecryptUpdate, a)
#define CALL_C_DecryptFinal(a) PLAIN(C_DecryptFinal, a)
#define CALL_C_DigestInit(a) PLAIN(C_DigestInit, a)
#define CALL_C_DigestUpdate(a) PLAIN(C_DigestUpdate, a)
#define CALL_C_DigestKey(a) PLAIN(C_DigestKey, a)
#define CALL_C_DigestFinal(a) PLAIN(C_DigestFinal, a)
#define CALL_C_SignUpdate(a) PLAIN(C_SignUpdate, a)
#define CALL_C_SignRecoverInit(a) PLAIN(C_SignRecoverInit, a)
#define CALL_C_SignRecover(a) PLAIN(C_SignRecover, a)
#define CALL_C_VerifyInit(a) PLAIN(C_VerifyInit, a)
#define CALL_C_Verify(a) PLAIN(C_Verify, a)
#define CALL_C_VerifyUpdate(a) PLAIN(C_VerifyUpdate, a)
#define CALL_C_VerifyFinal(a) PLAIN(C_VerifyFinal, a)
#define CALL_C_VerifyRecoverInit(a) PLAIN(C_VerifyRecoverInit, a)
#define CALL_C_VerifyRecover(a) PLAIN(C_VerifyRecover, a)
#define CALL_C_DigestEncryptUpdate(a) PLAIN(C_DigestEncryptUpdate, a)
#define CALL_C_DecryptDigestUpdate(a) PLAIN(C_DecryptDigestUpdate, a)
#define CALL_C_SignEncryptUpdate(a) PLAIN(C_SignEncryptUpdate, a)
#define CALL_C_DecryptVerifyUpdate(a) PLAIN(C_DecryptVerifyUpdate, a)
#define CALL_C_DeriveKey(a) PLAIN(C_DeriveKey, a)
#define CALL_C_SeedRandom(a) PLAIN(C_SeedRandom, a)
#define CALL_C_GetFunctionStatus(a) PLAIN(C_GetFunctionStatus, a)
#define CALL_C_CancelFunction(a) PLAIN(C_CancelFunction, a)
#define CALL_C_WaitForSlotEvent(a) PLAIN(C_WaitForSlotEvent, a)
/* clang-format on */

#define FORWARD(name, parameters, arguments)                                                   \
    static CK_RV fault_##name parameters                                                       \
    {                                                                                          \
        struct meeting meeting = meet(F_##name);                                               \
        CK_RV rv = CKR_OK;                                                                     \
        if (before(&meeting, F_##name, &rv))                                                   \
            return rv;                                                                         \
        CALL_##name(arguments);                                                                \
        return after(&meeting, F_##name, rv);                                                  \
    }
FAULT_FUNCTIONS(FORWARD)
#undef FORWARD

static CK_FUNCTION_LIST fault_list;

__attribute__((visibility("default"))) CK_RV
C_GetFunctionList(CK_FUNCTION_LIST **list)
{
    if (target == NULL) {
        const char *path = getenv("CEREMONY_FAULT_TARGET");
        void *module = path != NULL ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
        if (module == NULL)
            give_up("CEREMONY_FAULT_TARGET names no library", path != NULL ? path : "not set");
        CK_RV (*get)(CK_FUNCTION_LIST **) = NULL;
        *(void **)&get = dlsym(module, "C_GetFunctionList");
        if (get == NULL || get(&target) != CKR_OK)
            give_up("the target is no PKCS#11 module", path);
        read_rules();
        fault_list.version = target->version;
        fault_list.C_GetFunctionList = C_GetFunctionList;
    }
    const char *lacks = getenv("CEREMONY_FAULT_LACKS");
#define PLACE(name, parameters, arguments)                                                     \
    fault_list.name = lacks != NULL && strcmp(lacks, #name) == 0 ? NULL : fault_##name;
    FAULT_FUNCTIONS(PLACE)
#undef PLACE
    *list = &fault_list;
    return CKR_OK;
}
