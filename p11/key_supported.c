/* SPDX-License-Identifier: Apache-2.0
 *
 * What a token can do, asked before the ceremony begins. */
#include <string.h>

#include "p11/key_plan.h"
#include "p11/mechanism.h"

static struct error *
unsupported(const struct key_kind *kind, const char *why)
{
    return ERROR(ERROR_UNSUPPORTED, "the token cannot have a key of type %s: %s", kind->name,
                 why);
}

static struct error *
check_generate(struct p11_module *module, CK_SLOT_ID slot, const struct key_kind *kind)
{
    bool present = false;
    CK_MECHANISM_INFO info = {0};
    TRY(ck_mechanism_info(module, slot, kind->generate, &present, &info));
    if (!present || (info.flags & CKF_GENERATE_KEY_PAIR) == 0)
        return unsupported(kind, "it does not generate such keys");
    /* EDWARDS sizes are given in bits or bytes by different tokens: not compared. */
    if (kind->key_type != CKK_EC_EDWARDS
        && (kind->bits < info.ulMinKeySize || kind->bits > info.ulMaxKeySize))
        return unsupported(kind, "it does not generate keys of that size");
    return NULL;
}

static struct error *
check_sign(struct p11_module *module, CK_SLOT_ID slot, const struct key_kind *kind)
{
    bool present = false;
    CK_MECHANISM_INFO info = {0};
    TRY(ck_mechanism_info(module, slot, kind->sign, &present, &info));
    if (!present || (info.flags & CKF_SIGN) == 0)
        return unsupported(kind, "it does not sign with such keys");
    return NULL;
}

static struct error *
check_decrypt(struct p11_module *module, CK_SLOT_ID slot, const struct key_kind *kind)
{
    bool present = false;
    CK_MECHANISM_INFO info = {0};
    if (kind->key_type != CKK_RSA)
        return unsupported(kind, "only RSA keys decrypt here");
    TRY(ck_mechanism_info(module, slot, CKM_RSA_PKCS_OAEP, &present, &info));
    if (!present || (info.flags & CKF_DECRYPT) == 0)
        return unsupported(kind, "it does not decrypt RSA-OAEP");
    return check_generate(module, slot, kind);
}

static struct error *
check_wrap(struct p11_module *module, CK_SLOT_ID slot, const struct key_kind *kind,
           CK_FLAGS needed, const char *why)
{
    static const CK_MECHANISM_TYPE ways[] = {CKM_AES_KEY_WRAP_KWP, CKM_AES_KEY_WRAP_PAD};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        bool present = false;
        CK_MECHANISM_INFO info = {0};
        TRY(ck_mechanism_info(module, slot, ways[i], &present, &info));
        if (present && (info.flags & needed) == needed)
            return NULL;
    }
    return unsupported(kind, why);
}

struct error *
p11_key_type_supported(struct p11_module *module, unsigned long slot, enum p11_key_type type,
                       enum p11_key_purpose purpose)
{
    const struct key_kind *kind = key_kind(type);
    CK_TOKEN_INFO token = {0};
    if (purpose == P11_KEY_DECRYPTS)
        return check_decrypt(module, slot, kind);
    TRY(ck_token_info(module, slot, &token));
    TRY(check_sign(module, slot, kind));
    if (purpose != P11_KEY_RESTORED)
        TRY(check_generate(module, slot, kind));
    if (purpose == P11_KEY_NO_BACKUP)
        return NULL;
    /* SoftHSM answers CKR_KEY_NOT_WRAPPABLE, which no mechanism flag foretells (FACTS 2). */
    if (kind->key_type == CKK_EC_EDWARDS
        && memmem(token.manufacturerID, sizeof token.manufacturerID, "SoftHSM", 7) != NULL)
        return error_hint(
            ERROR(ERROR_UNSUPPORTED, "an Ed25519 key on SoftHSM cannot be backed up: "
                                     "the token wraps no such keys, so there is no "
                                     "backup and no restoring"),
            "Choose an EC or RSA key, or write \"backup: none\" and have everyone "
            "hear what that means.");
    if (purpose == P11_KEY_RESTORED)
        return check_wrap(module, slot, kind, CKF_UNWRAP,
                          "it does not unwrap with AES key wrap with padding (RFC 5649), so "
                          "nothing can be restored to it");
    return check_wrap(module, slot, kind, CKF_WRAP | CKF_UNWRAP,
                      "it has no AES key wrap with padding (RFC 5649), so the key could not be "
                      "backed up");
}
