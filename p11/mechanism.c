/* SPDX-License-Identifier: Apache-2.0 */
#include "p11/mechanism.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/cleanup.h"
#include "p11/token.h"

#define MECHANISMS_MAX 65536UL
#define NAME_SIZE      32

static const struct {
    const char *name;
    CK_FLAGS flag;
} uses[] = {
    {"sign",              CKF_SIGN             },
    {"verify",            CKF_VERIFY           },
    {"wrap",              CKF_WRAP             },
    {"unwrap",            CKF_UNWRAP           },
    {"encrypt",           CKF_ENCRYPT          },
    {"decrypt",           CKF_DECRYPT          },
    {"derive",            CKF_DERIVE           },
    {"digest",            CKF_DIGEST           },
    {"generate",          CKF_GENERATE         },
    {"generate-key-pair", CKF_GENERATE_KEY_PAIR},
};

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct error *
mechanism_list(struct p11_module *module, CK_SLOT_ID slot, CK_MECHANISM_TYPE **ret_list,
               CK_ULONG *ret_count)
{
    CK_ULONG count = 0;
    CK_RV rv = CK_CALL(module, C_GetMechanismList, slot, NULL, &count);
    if (rv == CKR_OK && count > MECHANISMS_MAX)
        return ERROR(ERROR_TOKEN, "the token claims to have %lu mechanisms", count);
    AUTO_FREE CK_MECHANISM_TYPE *list = calloc((size_t)count + 1, sizeof *list);
    if (list == NULL)
        return error_memory();
    const CK_ULONG room = count;
    if (rv == CKR_OK && count > 0)
        rv = CK_CALL(module, C_GetMechanismList, slot, list, &count);
    if (rv != CKR_OK)
        return P11_ERROR(rv, "could not list what the token in slot %lu can do", slot);
    if (count > room)
        return ERROR(ERROR_TOKEN, "the token claims to have %lu mechanisms, then %lu", room,
                     count);
    *ret_list = TAKE(list);
    *ret_count = count;
    return NULL;
}

struct error *
p11_token_mechanisms(struct p11_module *module, unsigned long slot, const char ***ret_names,
                     size_t *ret_count)
{
    AUTO_FREE CK_MECHANISM_TYPE *list = NULL;
    CK_ULONG count = 0;
    TRY(mechanism_list(module, slot, &list, &count));
    size_t pointers = ((size_t)count + 1) * sizeof(const char *);
    const char **names = calloc(1, pointers + (size_t)count * NAME_SIZE);
    if (names == NULL)
        return error_memory();
    char *text = (char *)names + pointers;
    for (CK_ULONG i = 0; i < count; i++) {
        names[i] = ck_mechanism_name(list[i], text);
        text += NAME_SIZE;
    }
    qsort(names, count, sizeof *names, compare_names);
    *ret_names = names;
    *ret_count = count;
    return NULL;
}

struct error *
ck_mechanism_info(struct p11_module *module, CK_SLOT_ID slot, CK_MECHANISM_TYPE type,
                  bool *ret_present, CK_MECHANISM_INFO *ret_info)
{
    CK_MECHANISM_INFO info = {0};
    CK_RV rv = CK_CALL(module, C_GetMechanismInfo, slot, type, &info);
    if (rv != CKR_OK && rv != CKR_MECHANISM_INVALID)
        return P11_ERROR(rv, "could not ask the token in slot %lu what it can do", slot);
    *ret_present = rv == CKR_OK;
    *ret_info = info;
    return NULL;
}

struct error *
p11_token_can(struct p11_module *module, unsigned long slot, const char *mechanism,
              const char *use, bool *ret_can)
{
    CK_MECHANISM_TYPE type = 0;
    if (!ck_mechanism_number(mechanism, &type))
        return ERROR(ERROR_INPUT, "there is no mechanism \"%s\"", mechanism);
    CK_FLAGS flag = 0;
    for (size_t i = 0; use != NULL && i < sizeof uses / sizeof uses[0]; i++)
        if (strcmp(uses[i].name, use) == 0)
            flag = uses[i].flag;
    if (use != NULL && flag == 0)
        return ERROR(ERROR_INPUT, "there is no use \"%s\" of a mechanism", use);
    bool present = false;
    CK_MECHANISM_INFO info = {0};
    TRY(ck_mechanism_info(module, slot, type, &present, &info));
    *ret_can = present && (info.flags & flag) == flag;
    return NULL;
}
