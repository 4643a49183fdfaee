/* SPDX-License-Identifier: Apache-2.0
 *
 * What keys are to be made of, written down a second time (docs/formats/keys.md): reading back compares a key with the
 * plan that made it, so a plan that gives too much agrees with itself. */
#pragma once

#include "p11/ck.h"
#include "p11/object.h"
#include "tests/token/p11/bench.h"

struct wanted_attribute {
    CK_ATTRIBUTE_TYPE type;
    bool values[P11_KEY_PURPOSES]; /* backed up, no backup, restored, decrypts */
};

/* MODIFIABLE of a restored key as SoftHSM has it, which makes no unwrapped key unmodifiable. */
static const struct wanted_attribute wanted_private[] = {
    {CKA_TOKEN,             {true, true, true, true}    },
    {CKA_PRIVATE,           {true, true, true, true}    },
    {CKA_SENSITIVE,         {true, true, true, true}    },
    {CKA_EXTRACTABLE,       {true, false, false, false} },
    {CKA_WRAP_WITH_TRUSTED, {true, true, true, true}    },
    {CKA_MODIFIABLE,        {true, false, true, false}  },
    {CKA_COPYABLE,          {false, false, false, false}},
    {CKA_DESTROYABLE,       {true, true, true, true}    },
    {CKA_SIGN,              {true, true, true, false}   },
    {CKA_SIGN_RECOVER,      {false, false, false, false}},
    {CKA_DECRYPT,           {false, false, false, true} },
    {CKA_UNWRAP,            {false, false, false, false}},
    {CKA_DERIVE,            {false, false, false, false}},
};

static const struct wanted_attribute wanted_public[] = {
    {CKA_TOKEN,          {true, true, true, true}    },
    {CKA_PRIVATE,        {false, false, false, false}},
    {CKA_MODIFIABLE,     {false, false, false, false}},
    {CKA_VERIFY,         {true, true, true, false}   },
    {CKA_VERIFY_RECOVER, {false, false, false, false}},
    {CKA_ENCRYPT,        {false, false, false, false}},
    {CKA_WRAP,           {false, false, false, false}},
    {CKA_DERIVE,         {false, false, false, false}},
};

static inline void
check_flag_is(struct p11_session *session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
              bool value)
{
    enum p11_reading reading = P11_UNREADABLE;
    check_ok(ck_read_bool(session, object, type, &reading));
    if (reading != (value ? P11_TRUE : P11_FALSE))
        print_error("attribute 0x%lx is %s\n", type, p11_reading_name(reading));
    assert_int_equal(reading, value ? P11_TRUE : P11_FALSE);
}

/* Exactly these, in any order. */
static inline void
check_mechanisms_are(struct p11_session *session, CK_OBJECT_HANDLE object,
                     const CK_MECHANISM_TYPE *wanted, size_t count)
{
    AUTO_CK_VALUE value = {0};
    check_ok(ck_read(session, object, CKA_ALLOWED_MECHANISMS, &value));
    assert_int_equal(value.state, P11_TRUE);
    assert_int_equal(value.data.len, count * sizeof *wanted);
    for (size_t i = 0; i < count; i++) {
        size_t found = 0;
        for (size_t at = 0; at < value.data.len; at += sizeof *wanted)
            found += memcmp(value.data.data + at, &wanted[i], sizeof *wanted) == 0 ? 1 : 0;
        assert_int_equal(found, 1);
    }
}

static inline void
check_private_mechanisms(struct p11_session *session, CK_OBJECT_HANDLE object,
                         const struct p11_key_plan *plan)
{
    static const CK_MECHANISM_TYPE rsa[] = {CKM_SHA256_RSA_PKCS,     CKM_SHA384_RSA_PKCS,
                                            CKM_SHA512_RSA_PKCS,     CKM_SHA256_RSA_PKCS_PSS,
                                            CKM_SHA384_RSA_PKCS_PSS, CKM_SHA512_RSA_PKCS_PSS};
    static const CK_MECHANISM_TYPE ecdsa[] = {CKM_ECDSA};
    static const CK_MECHANISM_TYPE eddsa[] = {CKM_EDDSA};
    static const CK_MECHANISM_TYPE oaep[] = {CKM_RSA_PKCS_OAEP};
    if (plan->purpose == P11_KEY_DECRYPTS)
        check_mechanisms_are(session, object, oaep, 1);
    else if (plan->type == P11_ED25519)
        check_mechanisms_are(session, object, eddsa, 1);
    else if (plan->type >= P11_RSA_2048 && plan->type <= P11_RSA_4096)
        check_mechanisms_are(session, object, rsa, 6);
    else
        check_mechanisms_are(session, object, ecdsa, 1);
}

/* Of a pair on the token as it was made; `locked`: it can no longer be wrapped. */
static inline void
check_made_of(struct p11_session *session, const struct p11_key_plan *plan, bool locked)
{
    static const enum p11_class classes[] = {P11_PRIVATE_KEY, P11_PUBLIC_KEY};

    for (size_t half = 0; half < 2; half++) {
        AUTO_FREE struct p11_object *found = NULL;
        size_t count = 0;
        check_ok(p11_objects_find(session, classes[half], plan->id, plan->id_len, NULL, &found,
                                  &count));
        assert_int_equal(count, 1);
        const struct wanted_attribute *rows = half == 0 ? wanted_private : wanted_public;
        size_t rows_count = half == 0 ? sizeof wanted_private / sizeof wanted_private[0]
                                      : sizeof wanted_public / sizeof wanted_public[0];
        for (size_t i = 0; i < rows_count; i++)
            check_flag_is(session, found[0].handle, rows[i].type,
                          rows[i].values[plan->purpose]
                              && !(locked && rows[i].type == CKA_EXTRACTABLE));
        if (half == 0)
            check_private_mechanisms(session, found[0].handle, plan);
    }
}
