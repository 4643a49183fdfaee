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
 *     attr:0x162:0      C_GetAttributeValue: a one-byte attribute of this type reads as this value
 *     lie:wrong-key          C_SignInit: a fresh key of the same type signs instead
 *     lie:other-point        C_GetAttributeValue: CKA_EC_POINT or CKA_MODULUS is that of a fresh key
 *     lie:ignore-extractable C_GenerateKeyPair: CKA_EXTRACTABLE is true whatever was asked
 *     lie:short-list         C_FindObjects: the last object found is kept back
 *     lie:same-handle        C_FindObjects: the first object is listed twice
 *     lie:constant-random    C_GenerateRandom: all bytes are 0x42
 *     lie:not-destroyed      C_DestroyObject: says it did, and did not
 *     lie:no-output          C_WrapKey, C_Decrypt, C_Sign: nothing comes out
 *     lie:show-secret        C_CreateObject: not CKA_SENSITIVE, CKA_EXTRACTABLE, whatever was asked
 * Several rules may meet one call; they apply in their order.
 *
 * CEREMONY_FAULT_LOG: a file to which each call adds a line "counter function CKR", never an
 * argument. Rules are read when the module is loaded, and again at each C_Initialize, which also
 * sets the counters to zero; with CEREMONY_FAULT_ONGOING they go on, so that a program which closes the
 * module and opens it anew is counted as one. */
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
#include "tests/support/modules/fault_functions.h"

#define RULES_MAX 64U

enum function {
#define NUMBER(name, parameters, arguments) F_##name,
    FAULT_FUNCTIONS(NUMBER)
#undef NUMBER
    FUNCTIONS,
    F_ANY = FUNCTIONS
};

static const char *const function_names[] = {
#define NAME(name, parameters, arguments) #name,
    FAULT_FUNCTIONS(NAME)
#undef NAME
        "ANY",
};

enum action {
    FAIL_BEFORE,
    FAIL_AFTER,
    KILL_BEFORE,
    KILL_AFTER,
    HANG,
    DELAY,
    FLIP,
    FLAGS,
    ATTRIBUTE,
    WRONG_KEY,
    OTHER_POINT,
    IGNORE_EXTRACTABLE,
    SHORT_LIST,
    SAME_HANDLE,
    CONSTANT_RANDOM,
    NO_FLAGS,
    NO_OUTPUT,
    SHOW_SECRET,
    NOT_DESTROYED
};

struct rule {
    enum function function;
    unsigned long at;
    bool onwards;
    enum action action;
    unsigned long number; /* CK_RV, milliseconds, flags or attribute type */
    unsigned char value;
};

static CK_FUNCTION_LIST *target;
static struct rule rules[RULES_MAX];
static size_t rule_count;
static unsigned long counters[FUNCTIONS + 1];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Which actions meet the present call: a bit each, and their numbers. */
struct meeting {
    unsigned actions;
    unsigned long number[NOT_DESTROYED + 1];
    const struct rule *attributes[RULES_MAX];
    size_t attribute_count;
    unsigned long counter;
};

_Noreturn static void
give_up(const char *what, const char *about)
{
    (void)fprintf(stderr, "fault module: %s: %s\n", what, about);
    abort();
}

static bool
has(const struct meeting *meeting, enum action action)
{
    return (meeting->actions & (1U << action)) != 0;
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
    {"no-flags:",              NO_FLAGS,           true },
    {"after:",                 FAIL_AFTER,         true },
    {"delay:",                 DELAY,              true },
    {"flags:",                 FLAGS,              true },
    {"attr:",                  ATTRIBUTE,          true },
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
    if (!has(meeting, FAIL_BEFORE))
        return false;
    *ret_rv = meeting->number[FAIL_BEFORE];
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

static void
flip(const struct meeting *meeting, CK_RV rv, CK_BYTE *data, CK_ULONG len)
{
    if (has(meeting, FLIP) && rv == CKR_OK && data != NULL && len > 0)
        data[len / 2] ^= 0x10;
}

/* A fresh session key pair of the same type and size as `key`, straight from the target. */
static bool
fresh_pair(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, CK_OBJECT_HANDLE *ret_public,
           CK_OBJECT_HANDLE *ret_private)
{
    CK_KEY_TYPE type = 0;
    CK_BYTE params[64];
    CK_BYTE modulus[1024];
    CK_ATTRIBUTE read_type = {CKA_KEY_TYPE, &type, sizeof type};
    if (target->C_GetAttributeValue(session, key, &read_type, 1) != CKR_OK)
        return false;
    CK_ATTRIBUTE shape = {CKA_EC_PARAMS, params, sizeof params};
    if (type == CKK_RSA)
        shape = (CK_ATTRIBUTE){CKA_MODULUS, modulus, sizeof modulus};
    if (target->C_GetAttributeValue(session, key, &shape, 1) != CKR_OK)
        return false;
    CK_BBOOL no = CK_FALSE;
    CK_BBOOL yes = CK_TRUE;
    CK_BYTE exponent[] = {1, 0, 1};
    CK_ULONG bits = shape.ulValueLen * 8;
    CK_ATTRIBUTE public[] = {
        {CKA_TOKEN,           &no,      sizeof no      },
        shape,
        {CKA_PUBLIC_EXPONENT, exponent, sizeof exponent},
    };
    if (type == CKK_RSA)
    public[1] = (CK_ATTRIBUTE){CKA_MODULUS_BITS, &bits, sizeof bits};
    CK_ATTRIBUTE private[] = {
        {CKA_TOKEN, &no,  sizeof no },
        {CKA_SIGN,  &yes, sizeof yes},
    };
    CK_MECHANISM mechanism = {CKM_EC_KEY_PAIR_GEN, NULL, 0};
    if (type == CKK_RSA)
        mechanism.mechanism = CKM_RSA_PKCS_KEY_PAIR_GEN;
    if (type == CKK_EC_EDWARDS)
        mechanism.mechanism = CKM_EC_EDWARDS_KEY_PAIR_GEN;
    return target->C_GenerateKeyPair(session, &mechanism, public, type == CKK_RSA ? 3 : 2,
                                     private, 2, ret_public, ret_private)
           == CKR_OK;
}

static void
lie_about_point(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *template,
                CK_ULONG count)
{
    for (CK_ULONG i = 0; i < count; i++) {
        bool point = template[i].type == CKA_EC_POINT || template[i].type == CKA_MODULUS;
        CK_OBJECT_HANDLE public = 0;
        CK_OBJECT_HANDLE private = 0;
        if (!point || template[i].pValue == NULL
            || !fresh_pair(session, object, &public, &private))
            continue;
        (void)target->C_GetAttributeValue(session, public, &template[i], 1);
        (void)target->C_DestroyObject(session, public);
        (void)target->C_DestroyObject(session, private);
    }
}

static void
override_attributes(const struct meeting *meeting, CK_ATTRIBUTE *template, CK_ULONG count)
{
    for (size_t rule = 0; rule < meeting->attribute_count; rule++) {
        for (CK_ULONG i = 0; i < count; i++) {
            if (template[i].type == meeting->attributes[rule]->number
                && template[i].pValue != NULL && template[i].ulValueLen == 1)
                *(CK_BYTE *)template[i].pValue = meeting->attributes[rule]->value;
        }
    }
}

static CK_RV
generate_extractable(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *public,
                     CK_ULONG public_count, CK_ATTRIBUTE *private, CK_ULONG private_count,
                     CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key)
{
    CK_ATTRIBUTE changed[64];
    CK_BBOOL yes = CK_TRUE;
    if (private_count > 64)
        return CKR_TEMPLATE_INCONSISTENT;
    for (CK_ULONG i = 0; i < private_count; i++) {
        changed[i] = private[i];
        if (changed[i].type == CKA_EXTRACTABLE)
            changed[i].pValue = &yes;
    }
    return target->C_GenerateKeyPair(session, mechanism, public, public_count, changed,
                                     private_count, public_key, private_key);
}

static CK_RV
create_shown(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count,
             CK_OBJECT_HANDLE *object)
{
    CK_ATTRIBUTE changed[64];
    CK_BBOOL no = CK_FALSE;
    CK_BBOOL yes = CK_TRUE;
    CK_ULONG kept = count < 64 ? count : 64;
    for (CK_ULONG i = 0; i < kept; i++) {
        changed[i] = template[i];
        if (changed[i].type == CKA_SENSITIVE || changed[i].type == CKA_EXTRACTABLE)
            changed[i].pValue = changed[i].type == CKA_SENSITIVE ? &no : &yes;
    }
    return target->C_CreateObject(session, changed, kept, object);
}

/* What each function does beyond forwarding: the target's call and its lies. By default none. */
#define PLAIN(name, arguments) rv = target->name arguments

#define CALL_C_Sign(a)                                                                         \
    (PLAIN(C_Sign, a), flip(&meeting, rv, out, *out_len),                                      \
     (void)(has(&meeting, NO_OUTPUT) ? *out_len = 0 : 0))
#define CALL_C_SignFinal(a) (PLAIN(C_SignFinal, a), flip(&meeting, rv, out, *out_len))
#define CALL_C_WrapKey(a)                                                                      \
    (PLAIN(C_WrapKey, a), flip(&meeting, rv, out, *out_len),                                   \
     (void)(has(&meeting, NO_OUTPUT) ? *out_len = 0 : 0))
#define CALL_C_Encrypt(a) (PLAIN(C_Encrypt, a), flip(&meeting, rv, out, *out_len))
#define CALL_C_Decrypt(a)                                                                      \
    (PLAIN(C_Decrypt, a), flip(&meeting, rv, out, *out_len),                                   \
     (void)(has(&meeting, NO_OUTPUT) ? *out_len = 0 : 0))
#define CALL_C_CreateObject(a)                                                                 \
    rv = has(&meeting, SHOW_SECRET) ? create_shown a : target->C_CreateObject a
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
                                           : target->C_GenerateKeyPair a

static CK_RV
lying_random(const struct meeting *meeting, CK_SESSION_HANDLE session, CK_BYTE *data,
             CK_ULONG len)
{
    CK_RV rv = target->C_GenerateRandom(session, data, len);
    flip(meeting, rv, data, len);
    if (has(meeting, CONSTANT_RANDOM) && rv == CKR_OK)
        memset(data, 0x42, len);
    return rv;
}

static CK_RV
lying_token_info(const struct meeting *meeting, CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
    CK_RV rv = target->C_GetTokenInfo(slot, info);
    if (has(meeting, FLAGS) && rv == CKR_OK)
        info->flags |= meeting->number[FLAGS];
    if (has(meeting, NO_FLAGS) && rv == CKR_OK)
        info->flags &= ~meeting->number[NO_FLAGS];
    return rv;
}

static CK_RV
lying_attributes(const struct meeting *meeting, CK_SESSION_HANDLE session,
                 CK_OBJECT_HANDLE object, CK_ATTRIBUTE *template, CK_ULONG count)
{
    CK_RV rv = target->C_GetAttributeValue(session, object, template, count);
    if (rv != CKR_OK || count == 0)
        return rv;
    flip(meeting, rv, template[0].pValue, template[0].ulValueLen);
    override_attributes(meeting, template, count);
    if (has(meeting, OTHER_POINT))
        lie_about_point(session, object, template, count);
    return rv;
}

static CK_RV
lying_find(const struct meeting *meeting, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects,
           CK_ULONG max, CK_ULONG *count)
{
    CK_RV rv = target->C_FindObjects(session, objects, max, count);
    if (rv != CKR_OK || *count == 0)
        return rv;
    if (has(meeting, SHORT_LIST))
        (*count)--;
    if (has(meeting, SAME_HANDLE) && *count < max) {
        objects[*count] = objects[0];
        (*count)++;
    }
    return rv;
}

static CK_RV
lying_sign_init(const struct meeting *meeting, CK_SESSION_HANDLE session,
                CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
    CK_OBJECT_HANDLE public = 0;
    CK_OBJECT_HANDLE private = key;
    if (has(meeting, WRONG_KEY) && !fresh_pair(session, key, &public, &private))
        give_up("no other key to sign with", "lie:wrong-key");
    return target->C_SignInit(session, mechanism, private);
}

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
#define CALL_C_GenerateKey(a) PLAIN(C_GenerateKey, a)
#define CALL_C_UnwrapKey(a) PLAIN(C_UnwrapKey, a)
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
#define OVERRIDE(name, parameters, arguments) fault_list.name = fault_##name;
        FAULT_FUNCTIONS(OVERRIDE)
#undef OVERRIDE
    }
    *list = &fault_list;
    return CKR_OK;
}
