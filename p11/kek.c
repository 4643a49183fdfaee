/* SPDX-License-Identifier: Apache-2.0
 *
 * A key-encryption key can do one thing only: were it to wrap and decrypt, whoever holds the token
 * could read every wrapped key (TRUST 4.2). It cannot be changed later, so no use is added. */
#include "p11/kek.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/random.h"
#include "p11/wrap.h"

/* Random, so that what a failed unwrap leaves behind can be told from other KEKs. */
#define KEK_ID_SIZE 16

static const CK_MECHANISM_TYPE wrap_mechanisms[] = {CKM_AES_KEY_WRAP_KWP, CKM_AES_KEY_WRAP_PAD};

struct kek_attribute {
    CK_ATTRIBUTE_TYPE type;
    const char *name;
    bool value[3];      /* by enum kek_role */
    bool may_be_absent; /* false is planned, and a token that lacks it cannot do it */
};

static const struct kek_attribute attributes[] = {
    {CKA_TOKEN,             "CKA_TOKEN",             {false, false, false}, false},
    {CKA_PRIVATE,           "CKA_PRIVATE",           {false, true, true},   false},
    {CKA_SENSITIVE,         "CKA_SENSITIVE",         {true, true, true},    false},
    {CKA_EXTRACTABLE,       "CKA_EXTRACTABLE",       {false, false, false}, false},
    {CKA_MODIFIABLE,        "CKA_MODIFIABLE",        {false, false, false}, false},
    {CKA_COPYABLE,          "CKA_COPYABLE",          {false, false, false}, false},
    {CKA_WRAP,              "CKA_WRAP",              {true, true, false},   false},
    {CKA_UNWRAP,            "CKA_UNWRAP",            {false, false, true},  false},
    {CKA_ENCRYPT,           "CKA_ENCRYPT",           {false, false, false}, true },
    {CKA_DECRYPT,           "CKA_DECRYPT",           {false, false, false}, true },
    {CKA_SIGN,              "CKA_SIGN",              {false, false, false}, true },
    {CKA_VERIFY,            "CKA_VERIFY",            {false, false, false}, true },
    {CKA_DERIVE,            "CKA_DERIVE",            {false, false, false}, true },
    {CKA_WRAP_WITH_TRUSTED, "CKA_WRAP_WITH_TRUSTED", {true, true, true},    true },
};
#define ATTRIBUTES (sizeof attributes / sizeof attributes[0])

static void
fill_template(struct ck_template *template, enum kek_role role,
              const unsigned char id[KEK_ID_SIZE], bool modifiable)
{
    static const CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    static const CK_KEY_TYPE type = CKK_AES;
    static const char label[] = "ceremony key-encryption key";
    ck_template_add(template, CKA_CLASS, &class, sizeof class);
    ck_template_add(template, CKA_KEY_TYPE, &type, sizeof type);
    ck_template_add(template, CKA_LABEL, label, sizeof label - 1);
    ck_template_add(template, CKA_ID, id, KEK_ID_SIZE);
    for (size_t i = 0; i < ATTRIBUTES; i++)
        ck_template_add_bool(template, attributes[i].type,
                             attributes[i].type == CKA_MODIFIABLE ? modifiable
                                                                  : attributes[i].value[role]);
    if (role == KEK_TRUSTED)
        ck_template_add_bool(template, CKA_TRUSTED, true);
    ck_template_add(template, CKA_ALLOWED_MECHANISMS, wrap_mechanisms, sizeof wrap_mechanisms);
}

static struct error *
check_flag(struct p11_session *session, CK_OBJECT_HANDLE handle, CK_ATTRIBUTE_TYPE type,
           const char *name, bool planned, bool may_be_absent)
{
    enum p11_reading reading;
    TRY(ck_read_bool(session, handle, type, &reading));
    if (reading == (planned ? P11_TRUE : P11_FALSE) || (reading == P11_ABSENT && may_be_absent))
        return NULL;
    return error_detail(ERROR(ERROR_TOKEN,
                              "token \"%s\" did not make the key-encryption key as it "
                              "was told",
                              session->token),
                        "%s is %s, planned %s", name, p11_reading_name(reading),
                        planned ? "true" : "false");
}

static bool
pins_are_as_told(const struct bytes *value)
{
    bool wanted[sizeof wrap_mechanisms / sizeof wrap_mechanisms[0]] = {false};
    if (value->len != sizeof wrap_mechanisms)
        return false;
    for (size_t i = 0; i < value->len; i += sizeof wrap_mechanisms[0])
        for (size_t j = 0; j < sizeof wanted / sizeof wanted[0]; j++)
            wanted[j] =
                wanted[j]
                || memcmp(value->data + i, &wrap_mechanisms[j], sizeof wrap_mechanisms[j]) == 0;
    return wanted[0] && wanted[1];
}

/* Where uses could be added later, the pinned mechanisms alone stand against it; elsewhere a token may not know them. */
static struct error *
check_mechanisms(struct p11_session *session, CK_OBJECT_HANDLE handle)
{
    enum p11_reading modifiable = P11_UNREADABLE;
    AUTO_CK_VALUE value = {0};
    TRY(ck_read(session, handle, CKA_ALLOWED_MECHANISMS, &value));
    if (value.state == P11_TRUE && pins_are_as_told(&value.data))
        return NULL;
    TRY(ck_read_bool(session, handle, CKA_MODIFIABLE, &modifiable));
    if (value.state == P11_ABSENT && modifiable == P11_FALSE)
        return NULL;
    return error_detail(ERROR(ERROR_TOKEN,
                              "token \"%s\" did not make the key-encryption key as it "
                              "was told",
                              session->token),
                        "CKA_ALLOWED_MECHANISMS is %s, planned key wrapping alone",
                        value.state == P11_TRUE ? "another list"
                                                : p11_reading_name(value.state));
}

static struct error *
check_attributes(struct p11_session *session, CK_OBJECT_HANDLE handle, enum kek_role role,
                 bool unwrapped)
{
    for (size_t i = 0; i < ATTRIBUTES; i++) {
        if (attributes[i].type == CKA_MODIFIABLE && unwrapped)
            continue;
        TRY(check_flag(session, handle, attributes[i].type, attributes[i].name,
                       attributes[i].value[role], attributes[i].may_be_absent));
    }
    if (role == KEK_TRUSTED)
        TRY(check_flag(session, handle, CKA_TRUSTED, "CKA_TRUSTED", true, false));
    TRY(check_mechanisms(session, handle));
    AUTO_CK_VALUE value = {0};
    TRY(ck_read(session, handle, CKA_VALUE, &value));
    bool shown = value.state == P11_TRUE && value.data.len > 0;
    if (shown)
        secret_wipe(value.data.data, value.data.len);
    if (shown)
        return ERROR(ERROR_TOKEN,
                     "token \"%s\" shows the key-encryption key although it was told "
                     "to keep it secret",
                     session->token);
    return NULL;
}

bool
kek_refuses_plaintext(CK_RV rv)
{
    switch (rv) {
    case CKR_TEMPLATE_INCONSISTENT:
    case CKR_TEMPLATE_INCOMPLETE:
    case CKR_ATTRIBUTE_VALUE_INVALID:
    case CKR_ATTRIBUTE_READ_ONLY:
    case CKR_ATTRIBUTE_TYPE_INVALID:
    case CKR_ATTRIBUTE_SENSITIVE:
    case CKR_FUNCTION_NOT_SUPPORTED:
    case CKR_FUNCTION_REJECTED:
    case CKR_ACTION_PROHIBITED:
        return true;
    default:
        return false;
    }
}

static struct error *
sweep(struct p11_session *session, const unsigned char id[KEK_ID_SIZE])
{
    struct ck_template template = {0};
    ck_template_add(&template, CKA_ID, id, KEK_ID_SIZE);
    AUTO_FREE CK_OBJECT_HANDLE *handles = NULL;
    size_t count = 0;
    TRY(ck_find(session, template.rows, template.count, &handles, &count));
    for (size_t i = 0; i < count; i++)
        TRY(ck_destroy(session, handles[i]));
    return NULL;
}

/* By RSA-OAEP. Some tokens make no unwrapped key unmodifiable (SoftHSM: CKR_ATTRIBUTE_READ_ONLY, and
 * a keyless object stays behind): there the pinned mechanisms alone keep it from any other use. */
static struct error *
create_by_oaep(struct p11_session *session, const struct secret *kek, enum kek_role role,
               const unsigned char id[KEK_ID_SIZE], CK_OBJECT_HANDLE *ret_handle)
{
    struct error *error = NULL;
    for (int modifiable = 0; modifiable < 2; modifiable++) {
        struct ck_template template = {0};
        fill_template(&template, role, id, modifiable == 1);
        error_free(error);
        error = kek_import_oaep(session, kek, &template, ret_handle);
        if (error == NULL)
            return NULL;
        struct error *left = sweep(session, id);
        if (left != NULL) {
            error_free(error);
            return left;
        }
    }
    return error;
}

static struct error *
create(struct p11_session *session, const struct secret *kek, enum kek_role role,
       CK_OBJECT_HANDLE *ret_handle, bool *ret_unwrapped)
{
    unsigned char id[KEK_ID_SIZE];
    TRY(random_bytes(id, sizeof id));
    struct ck_template template = {0};
    fill_template(&template, role, id, false);
    ck_template_add(&template, CKA_VALUE, secret_borrow_const(kek), secret_size(kek));
    CK_RV rv = CK_CALL(session->module, C_CreateObject, session->handle, template.rows,
                       template.count, ret_handle);
    *ret_unwrapped = rv != CKR_OK;
    if (rv == CKR_OK)
        return NULL;
    struct error *error = P11_ERROR(
        rv, "could not bring the key-encryption key into token \"%s\"", session->token);
    if (role == KEK_TRUSTED || !kek_refuses_plaintext(rv))
        return error;
    struct error *second = create_by_oaep(session, kek, role, id, ret_handle);
    if (second == NULL) {
        error_free(error);
        return NULL;
    }
    error = error_detail(error, "by RSA-OAEP instead: %s", error_what(second));
    error_free(second);
    return error;
}

struct error *
kek_import(struct p11_session *session, const struct secret *kek, enum kek_role role,
           CK_OBJECT_HANDLE *ret_handle, const char **ret_import)
{
    BUG_ON(secret_size(kek) != P11_KEK_SIZE);
    CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
    bool unwrapped = false;
    TRY(create(session, kek, role, &handle, &unwrapped));
    struct error *error = check_attributes(session, handle, role, unwrapped);
    if (error != NULL) {
        struct error *left = ck_destroy(session, handle);
        if (left != NULL)
            error = error_detail(error, "and it could not be destroyed: %s", error_what(left));
        error_free(left);
        return error;
    }
    *ret_handle = handle;
    if (ret_import != NULL)
        *ret_import = unwrapped ? "C_UnwrapKey (RSA-OAEP)" : "C_CreateObject";
    return NULL;
}

struct error *
p11_kek_import_trusted(struct p11_session *session, const struct secret *kek,
                       unsigned long *ret_handle)
{
    return kek_import(session, kek, KEK_TRUSTED, ret_handle, NULL);
}

struct error *
p11_kek_import_unwrap(struct p11_session *session, const struct secret *kek,
                      unsigned long *ret_handle)
{
    return kek_import(session, kek, KEK_UNWRAP, ret_handle, NULL);
}

struct error *
p11_kek_destroy(struct p11_session *session, unsigned long handle)
{
    return ck_destroy(session, handle);
}
