/* SPDX-License-Identifier: Apache-2.0
 *
 * A module that first names one number of things, and then gives another: it is refused, and nothing beyond the room that
 * was made is read. (TRUST T2) */
#include <stdlib.h>

#include "p11/ck.h"
#include "p11/mechanism.h"
#include "tests/support/check.h"

static CK_ULONG asked; /* what it says when it is asked how many there are */
static CK_ULONG given; /* what it says when it gives them */

static CK_RV
slot_list(CK_BBOOL present, CK_SLOT_ID *list, CK_ULONG *count)
{
    (void)present;
    *count = list == NULL ? asked : given;
    for (CK_ULONG i = 0; list != NULL && i < asked && i < given; i++)
        list[i] = i;
    return CKR_OK;
}

static CK_RV
mechanism_list(CK_SLOT_ID slot, CK_MECHANISM_TYPE *list, CK_ULONG *count)
{
    (void)slot;
    *count = list == NULL ? asked : given;
    for (CK_ULONG i = 0; list != NULL && i < asked && i < given; i++)
        list[i] = CKM_ECDSA;
    return CKR_OK;
}

static CK_RV
slot_info(CK_SLOT_ID slot, CK_SLOT_INFO *info)
{
    *info = (CK_SLOT_INFO){.flags = CKF_TOKEN_PRESENT};
    return slot < asked ? CKR_OK : CKR_SLOT_ID_INVALID;
}

static CK_RV
token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
    *info = (CK_TOKEN_INFO){.flags = CKF_TOKEN_INITIALIZED};
    return slot < asked ? CKR_OK : CKR_SLOT_ID_INVALID;
}

static CK_FUNCTION_LIST functions = {.C_GetSlotList = slot_list,
                                     .C_GetMechanismList = mechanism_list,
                                     .C_GetSlotInfo = slot_info,
                                     .C_GetTokenInfo = token_info};
static struct p11_module module = {.list = &functions, .name = (char[]){"counting"}};

static void
test_more_than_there_was_room_for(void **state)
{
    struct p11_token_info *tokens = NULL;
    const char **names = NULL;
    size_t count = 0;
    (void)state;
    asked = 1;
    given = 4000;
    check_error_says(p11_tokens_list(&module, &tokens, &count), ERROR_TOKEN,
                     "1 slots, then 4000");
    check_error_says(p11_token_mechanisms(&module, 0, &names, &count), ERROR_TOKEN,
                     "1 mechanisms, then 4000");
}

static void
test_fewer(void **state)
{
    struct p11_token_info *tokens = NULL;
    const char **names = NULL;
    size_t count = 0;
    (void)state;
    asked = 3;
    given = 2;
    check_ok(p11_tokens_list(&module, &tokens, &count));
    assert_int_equal(count, 2);
    free(tokens);
    check_ok(p11_token_mechanisms(&module, 0, &names, &count));
    assert_int_equal(count, 2);
    assert_string_equal(names[1], "CKM_ECDSA");
    free(names);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_more_than_there_was_room_for),
        cmocka_unit_test(test_fewer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
