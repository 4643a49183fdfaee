/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables: which key types there are, and which attributes a key gets by its purpose. Every
 * security attribute is explicit, since tokens default to DECRYPT, UNWRAP and SIGN_RECOVER true
 * (R27, FACTS 2). docs/formats/keys.md says why each is as it is. */
#include "p11/key_plan.h"

#include <string.h>

/* DER of the curves' object identifiers. */
static const unsigned char p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48,
                                     0xce, 0x3d, 0x03, 0x01, 0x07};
static const unsigned char p384[] = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22};
static const unsigned char p521[] = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23};
static const unsigned char ed25519[] = {0x06, 0x03, 0x2b, 0x65, 0x70};

static const CK_MECHANISM_TYPE ecdsa[] = {CKM_ECDSA};
static const CK_MECHANISM_TYPE eddsa[] = {CKM_EDDSA};
/* Hash-and-sign only: a key pinned to CKM_RSA_PKCS would still decrypt (FACTS 8). */
static const CK_MECHANISM_TYPE rsa[] = {
    CKM_SHA256_RSA_PKCS,     CKM_SHA384_RSA_PKCS,     CKM_SHA512_RSA_PKCS,
    CKM_SHA256_RSA_PKCS_PSS, CKM_SHA384_RSA_PKCS_PSS, CKM_SHA512_RSA_PKCS_PSS,
};

static const CK_MECHANISM_TYPE oaep[] = {CKM_RSA_PKCS_OAEP};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define EC(name, spoken, bits, params)                                                         \
    {                                                                                          \
        name, spoken, CKK_EC, CKM_EC_KEY_PAIR_GEN, bits, params, sizeof(params), ecdsa, 1,     \
            "CKM_ECDSA", CKM_ECDSA                                                             \
    }
#define RSA(name, spoken, bits)                                                                \
    {                                                                                          \
        name, spoken, CKK_RSA, CKM_RSA_PKCS_KEY_PAIR_GEN, bits, NULL, 0, rsa, COUNT(rsa),      \
            "SHA-2 RSA hash-and-sign (6)", CKM_SHA256_RSA_PKCS                                 \
    }

static const struct key_kind kinds[P11_KEY_TYPES] = {
    [P11_EC_P256] = EC("ec-p256", "EC P-256", 256, p256),
    [P11_EC_P384] = EC("ec-p384", "EC P-384", 384, p384),
    [P11_EC_P521] = EC("ec-p521", "EC P-521", 521, p521),
    [P11_RSA_2048] = RSA("rsa-2048", "RSA 2048", 2048),
    [P11_RSA_3072] = RSA("rsa-3072", "RSA 3072", 3072),
    [P11_RSA_4096] = RSA("rsa-4096", "RSA 4096", 4096),
    [P11_ED25519] = {"ed25519", "Ed25519", CKK_EC_EDWARDS, CKM_EC_EDWARDS_KEY_PAIR_GEN, 255,
                     ed25519, sizeof ed25519, eddsa, 1, "CKM_EDDSA", CKM_EDDSA},
};

/* Columns: backed up, no backup, restored, decrypts. ALWAYS_SENSITIVE and NEVER_EXTRACTABLE of a
 * restored key are false by the standard (R81). */
const struct key_attribute key_private_attributes[] = {
    {"CKA_TOKEN",               CKA_TOKEN,             {true, true, true, true},     true,  false},
    {"CKA_PRIVATE",             CKA_PRIVATE,           {true, true, true, true},     true,  false},
    {"CKA_SENSITIVE",           CKA_SENSITIVE,         {true, true, true, true},     true,  false},
    {"CKA_EXTRACTABLE",         CKA_EXTRACTABLE,       {true, false, false, false},  true,  false},
    {"CKA_WRAP_WITH_TRUSTED",   CKA_WRAP_WITH_TRUSTED, {true, true, true, true},     true,  false},
    {"CKA_MODIFIABLE",          CKA_MODIFIABLE,        {true, false, false, false},  true,  false},
    {"CKA_COPYABLE",            CKA_COPYABLE,          {false, false, false, false}, true,  false},
    {"CKA_DESTROYABLE",         CKA_DESTROYABLE,       {true, true, true, true},     true,  true },
    {"CKA_SIGN",                CKA_SIGN,              {true, true, true, false},    true,  false},
    {"CKA_SIGN_RECOVER",        CKA_SIGN_RECOVER,      {false, false, false, false}, true,  true },
    {"CKA_DECRYPT",             CKA_DECRYPT,           {false, false, false, true},  true,  true },
    {"CKA_UNWRAP",              CKA_UNWRAP,            {false, false, false, false}, true,  true },
    {"CKA_DERIVE",              CKA_DERIVE,            {false, false, false, false}, true,  true },
    {"CKA_ALWAYS_AUTHENTICATE",
     CKA_ALWAYS_AUTHENTICATE,                          {false, false, false, false},
     true,                                                                                  true },
    {"CKA_LOCAL",               CKA_LOCAL,             {true, true, false, true},    false, false},
    {"CKA_ALWAYS_SENSITIVE",    CKA_ALWAYS_SENSITIVE,  {true, true, false, true},    false, false},
    {"CKA_NEVER_EXTRACTABLE",   CKA_NEVER_EXTRACTABLE, {false, true, false, true},   false, false},
};
const size_t key_private_attribute_count = COUNT(key_private_attributes);

const struct key_attribute key_public_attributes[] = {
    {"public CKA_TOKEN",          CKA_TOKEN,          {true, true, true, true},     true, false},
    {"public CKA_PRIVATE",        CKA_PRIVATE,        {false, false, false, false}, true, false},
    {"public CKA_MODIFIABLE",     CKA_MODIFIABLE,     {false, false, false, false}, true, false},
    {"public CKA_VERIFY",         CKA_VERIFY,         {true, true, true, false},    true, false},
    {"public CKA_VERIFY_RECOVER", CKA_VERIFY_RECOVER, {false, false, false, false}, true, true },
    {"public CKA_ENCRYPT",        CKA_ENCRYPT,        {false, false, false, false}, true, true },
    {"public CKA_WRAP",           CKA_WRAP,           {false, false, false, false}, true, true },
    {"public CKA_DERIVE",         CKA_DERIVE,         {false, false, false, false}, true, true },
};
const size_t key_public_attribute_count = COUNT(key_public_attributes);

const struct key_kind *
key_kind(enum p11_key_type type)
{
    BUG_ON((unsigned)type >= P11_KEY_TYPES);
    return &kinds[type];
}

int
p11_key_type_parse(const char *name)
{
    for (int i = 0; i < P11_KEY_TYPES; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return i;
    return -1;
}

const char *
p11_key_type_name(enum p11_key_type type)
{
    return key_kind(type)->name;
}

struct key_allowed
key_allowed(const struct p11_key_plan *plan)
{
    const struct key_kind *kind = key_kind(plan->type);
    if (plan->purpose == P11_KEY_DECRYPTS)
        return (struct key_allowed){oaep, COUNT(oaep), "CKM_RSA_PKCS_OAEP"};
    return (struct key_allowed){kind->allowed, kind->allowed_count, kind->allowed_spoken};
}

bool
key_allows_exactly(const struct p11_key_plan *plan, const struct bytes *value)
{
    const struct key_allowed allowed = key_allowed(plan);
    if (value->len != allowed.count * sizeof(CK_MECHANISM_TYPE))
        return false;
    for (size_t i = 0; i < allowed.count; i++) {
        bool found = false;
        for (size_t j = 0; j < allowed.count; j++)
            found = found
                    || memcmp(&allowed.list[i], value->data + j * sizeof(CK_MECHANISM_TYPE),
                              sizeof(CK_MECHANISM_TYPE))
                           == 0;
        if (!found)
            return false;
    }
    return true;
}

/* The one attribute that the script chooses by itself: whether the PIN is wanted at each signature. */
bool
key_row_planned(const struct p11_key_plan *plan, const struct key_attribute *row)
{
    return row->type == CKA_ALWAYS_AUTHENTICATE ? plan->pin_each_signature
                                                : row->planned[plan->purpose];
}

/* A right that a token which does not know it cannot give. */
static bool
is_wanted_right(const struct p11_key_plan *plan, const struct key_attribute *row)
{
    bool right = row->type == CKA_ALWAYS_AUTHENTICATE || row->type == CKA_DECRYPT;
    return right && key_row_planned(plan, row);
}

bool
key_row_may_be_absent(const struct p11_key_plan *plan, const struct key_attribute *row)
{
    return row->may_be_absent && !is_wanted_right(plan, row);
}

bool
key_planned(const struct p11_key_plan *plan, CK_ATTRIBUTE_TYPE type)
{
    for (size_t i = 0; i < key_private_attribute_count; i++)
        if (key_private_attributes[i].type == type)
            return key_row_planned(plan, &key_private_attributes[i]);
    BUG("an attribute that no plan knows");
}

void
key_private_template(struct ck_template *template, const struct key_kind *kind,
                     const struct p11_key_plan *plan, bool token, bool modifiable)
{
    static const CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    ck_template_add(template, CKA_CLASS, &class, sizeof class);
    ck_template_add(template, CKA_KEY_TYPE, &kind->key_type, sizeof kind->key_type);
    ck_template_add(template, CKA_LABEL, plan->label, strlen(plan->label));
    ck_template_add(template, CKA_ID, plan->id, plan->id_len);
    for (size_t i = 0; i < key_private_attribute_count; i++) {
        const struct key_attribute *row = &key_private_attributes[i];
        bool value = key_row_planned(plan, row);
        if (row->type == CKA_TOKEN)
            value = token;
        if (row->type == CKA_MODIFIABLE)
            value = modifiable;
        if (row->set && !key_is_unkept(plan, row->type))
            ck_template_add_bool(template, row->type, value);
    }
    const struct key_allowed allowed = key_allowed(plan);
    if (!key_is_unkept(plan, CKA_ALLOWED_MECHANISMS))
        ck_template_add(template, CKA_ALLOWED_MECHANISMS, allowed.list,
                        allowed.count * sizeof allowed.list[0]);
}

void
key_public_template(struct ck_template *template, const struct key_kind *kind,
                    const struct p11_key_plan *plan)
{
    static const CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
    ck_template_add(template, CKA_CLASS, &class, sizeof class);
    ck_template_add(template, CKA_KEY_TYPE, &kind->key_type, sizeof kind->key_type);
    ck_template_add(template, CKA_LABEL, plan->label, strlen(plan->label));
    ck_template_add(template, CKA_ID, plan->id, plan->id_len);
    for (size_t i = 0; i < key_public_attribute_count; i++) {
        const struct key_attribute *row = &key_public_attributes[i];
        ck_template_add_bool(template, row->type, row->planned[plan->purpose]);
    }
}
