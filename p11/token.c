/* SPDX-License-Identifier: Apache-2.0 */
#include "p11/token.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"
#include "p11/ck.h"
#include "p11/text.h"
#include "p11/uri.h"

#define SLOTS_MAX 4096UL
#define PIN_STATE_FLAGS                                                                        \
    (CKF_USER_PIN_INITIALIZED | CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY                \
     | CKF_USER_PIN_LOCKED | CKF_USER_PIN_TO_BE_CHANGED | CKF_SO_PIN_COUNT_LOW                 \
     | CKF_SO_PIN_FINAL_TRY | CKF_SO_PIN_LOCKED | CKF_SO_PIN_TO_BE_CHANGED)

struct error *
ck_token_info(struct p11_module *module, CK_SLOT_ID slot, CK_TOKEN_INFO *ret_info)
{
    CK_TOKEN_INFO info = {0};
    CK_RV rv = CK_CALL(module, C_GetTokenInfo, slot, &info);
    /* What SoftHSM says when its store is gone, while the slot still counts as filled (TRUST T22). */
    if (rv == CKR_GENERAL_ERROR)
        return error_recode(
            P11_ERROR(rv, "the token in slot %lu of module \"%s\" no longer answers", slot,
                      module->name),
            ERROR_TOKEN_GONE);
    if (rv != CKR_OK)
        return P11_ERROR(rv, "could not read the token in slot %lu of module \"%s\"", slot,
                         module->name);
    *ret_info = info;
    return NULL;
}

static void
read_flags(CK_FLAGS flags, struct p11_token_info *token)
{
    token->initialized = (flags & CKF_TOKEN_INITIALIZED) != 0;
    token->user_pin_set = (flags & CKF_USER_PIN_INITIALIZED) != 0;
    token->login_required = (flags & CKF_LOGIN_REQUIRED) != 0;
    token->protected_path = (flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0;
    token->write_protected = (flags & CKF_WRITE_PROTECTED) != 0;
    token->clock_on_token = (flags & CKF_CLOCK_ON_TOKEN) != 0;
    token->error_state = (flags & CKF_ERROR_STATE) != 0;
    token->user_pin_count_low = (flags & CKF_USER_PIN_COUNT_LOW) != 0;
    token->user_pin_final_try = (flags & CKF_USER_PIN_FINAL_TRY) != 0;
    token->user_pin_locked = (flags & CKF_USER_PIN_LOCKED) != 0;
    token->so_pin_count_low = (flags & CKF_SO_PIN_COUNT_LOW) != 0;
    token->so_pin_final_try = (flags & CKF_SO_PIN_FINAL_TRY) != 0;
    token->so_pin_locked = (flags & CKF_SO_PIN_LOCKED) != 0;
    token->user_pin_to_be_changed = (flags & CKF_USER_PIN_TO_BE_CHANGED) != 0;
    token->so_pin_to_be_changed = (flags & CKF_SO_PIN_TO_BE_CHANGED) != 0;
}

#define PADDED(from, to) TRY(p11_padded_text((from), sizeof(from), (to), sizeof(to)))

struct error *
p11_token_read(struct p11_module *module, unsigned long slot, struct p11_token_info *ret_token)
{
    CK_SLOT_INFO slot_info = {0};
    CK_RV rv = CK_CALL(module, C_GetSlotInfo, slot, &slot_info);
    if (rv != CKR_OK)
        return P11_ERROR(rv, "could not read slot %lu of module \"%s\"", slot, module->name);
    CK_TOKEN_INFO info = {0};
    TRY(ck_token_info(module, slot, &info));
    struct p11_token_info token = {.slot = slot};
    PADDED(slot_info.slotDescription, token.slot_description);
    PADDED(info.label, token.label);
    PADDED(info.manufacturerID, token.manufacturer);
    PADDED(info.model, token.model);
    PADDED(info.serialNumber, token.serial);
    p11_version_text(info.hardwareVersion.major, info.hardwareVersion.minor,
                     token.hardware_version);
    p11_version_text(info.firmwareVersion.major, info.firmwareVersion.minor,
                     token.firmware_version);
    read_flags(info.flags, &token);
    if (!token.initialized) {
        /* What a blank slot says here means nothing: SoftHSM calls its PINs locked. */
        token.label[0] = '\0';
        read_flags(info.flags & ~(CK_FLAGS)PIN_STATE_FLAGS, &token);
    }
    token.pin_min = info.ulMinPinLen;
    token.pin_max = info.ulMaxPinLen;
    *ret_token = token;
    return NULL;
}

/* The count is asked with NULL each time: only then does SoftHSM show a slot that is new. */
static struct error *
slots(struct p11_module *module, CK_SLOT_ID **ret_slots, CK_ULONG *ret_count)
{
    CK_ULONG count = 0;
    CK_RV rv = CK_CALL(module, C_GetSlotList, CK_TRUE, NULL, &count);
    if (rv == CKR_OK && count > SLOTS_MAX)
        return ERROR(ERROR_TOKEN, "module \"%s\" claims to have %lu slots", module->name,
                     count);
    AUTO_FREE CK_SLOT_ID *list = calloc((size_t)count + 1, sizeof *list);
    if (list == NULL)
        return error_memory();
    const CK_ULONG room = count;
    if (rv == CKR_OK && count > 0)
        rv = CK_CALL(module, C_GetSlotList, CK_TRUE, list, &count);
    if (rv != CKR_OK)
        return P11_ERROR(rv, "could not list the tokens of module \"%s\"", module->name);
    if (count > room)
        return ERROR(ERROR_TOKEN, "module \"%s\" claims to have %lu slots, then %lu",
                     module->name, room, count);
    *ret_slots = TAKE(list);
    *ret_count = count;
    return NULL;
}

struct error *
p11_tokens_list(struct p11_module *module, struct p11_token_info **ret_tokens,
                size_t *ret_count)
{
    AUTO_FREE CK_SLOT_ID *list = NULL;
    CK_ULONG slot_count = 0;
    TRY(slots(module, &list, &slot_count));
    AUTO_FREE struct p11_token_info *tokens = calloc((size_t)slot_count + 1, sizeof *tokens);
    if (tokens == NULL)
        return error_memory();
    size_t count = 0;
    for (CK_ULONG i = 0; i < slot_count; i++) {
        struct error *error = p11_token_read(module, list[i], &tokens[count]);
        if (error == NULL) {
            count++;
        } else if (error_code(error) == ERROR_TOKEN_GONE) {
            error_free(error); /* pulled out between the two questions */
        } else {
            return error;
        }
    }
    *ret_tokens = TAKE(tokens);
    *ret_count = count;
    return NULL;
}

static struct error *
uri_matches(struct p11_module *module, const P11KitUri *uri, unsigned long slot,
            bool *ret_matches)
{
    CK_TOKEN_INFO token = {0};
    TRY(ck_token_info(module, slot, &token));
    CK_SLOT_INFO slot_info = {0};
    CK_INFO info = {0};
    CK_RV rv = CK_CALL(module, C_GetSlotInfo, slot, &slot_info);
    if (rv == CKR_OK)
        rv = CK_CALL(module, C_GetInfo, &info);
    if (rv != CKR_OK)
        return P11_ERROR(rv, "could not read slot %lu of module \"%s\"", slot, module->name);
    *ret_matches = p11_kit_uri_match_token_info(uri, &token) == 1
                   && p11_kit_uri_match_slot_info(uri, &slot_info) == 1
                   && p11_kit_uri_match_module_info(uri, &info) == 1;
    return NULL;
}

/* So that a person sees at once which token was plugged in instead. */
static struct error *
detail_tokens(struct error *error, const struct p11_token_info *tokens, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (tokens[i].initialized)
            error = error_detail(error, "there is token \"%s\", serial %s", tokens[i].label,
                                 tokens[i].serial);
    }
    return error;
}

static struct error *
find_parsed(struct p11_module *module, const P11KitUri *uri, struct p11_token_info *ret_token)
{
    AUTO_FREE struct p11_token_info *tokens = NULL;
    size_t count = 0;
    TRY(p11_tokens_list(module, &tokens, &count));
    size_t found = 0;
    size_t hit = 0;
    for (size_t i = 0; i < count; i++) {
        bool matches = false;
        if (tokens[i].initialized)
            TRY(uri_matches(module, uri, tokens[i].slot, &matches));
        if (matches) {
            hit = i;
            found++;
        }
    }
    if (found == 0)
        return detail_tokens(
            ERROR(ERROR_NOT_FOUND,
                  "the token is not there: none of module \"%s\" is the one that "
                  "is asked for",
                  module->name),
            tokens, count);
    if (found > 1)
        return error_hint(detail_tokens(ERROR(ERROR_REFUSED,
                                              "%zu tokens of module \"%s\" answer to the same "
                                              "name",
                                              found, module->name),
                                        tokens, count),
                          "Name the token by its serial number, or remove the others.");
    *ret_token = tokens[hit];
    return NULL;
}

struct error *
p11_token_find(struct p11_module *module, const char *uri, struct p11_token_info *ret_token)
{
    P11KitUri *parsed = NULL;
    TRY(p11_uri_parse(uri, &parsed));
    struct error *error = find_parsed(module, parsed, ret_token);
    p11_kit_uri_free(parsed);
    return error_detail(error, "asked for: %s", uri);
}

struct error *
p11_uri_serial(const char *uri, char **ret_serial)
{
    P11KitUri *parsed = NULL;
    TRY(p11_uri_parse(uri, &parsed));
    const CK_TOKEN_INFO *named = p11_kit_uri_get_token_info(parsed);
    size_t len = sizeof named->serialNumber;
    while (len > 0
           && (named->serialNumber[len - 1] == ' ' || named->serialNumber[len - 1] == 0))
        len--;
    struct error *error =
        text_format(ret_serial, "%.*s", (int)len, (const char *)named->serialNumber);
    p11_kit_uri_free(parsed);
    return error;
}

struct error *
p11_token_find_blank(struct p11_module *module, struct p11_token_info *ret_token)
{
    AUTO_FREE struct p11_token_info *tokens = NULL;
    size_t count = 0;
    TRY(p11_tokens_list(module, &tokens, &count));
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (!tokens[i].initialized) {
            tokens[found] = tokens[i];
            found++;
        }
    }
    if (found == 0)
        return error_hint(
            ERROR(ERROR_NOT_FOUND, "module \"%s\" has no blank token", module->name),
            "Connect the new token. One that was used before is not blank.");
    if (found > 1)
        return error_hint(ERROR(ERROR_REFUSED,
                                "module \"%s\" has %zu blank tokens: nobody could "
                                "say which was meant",
                                module->name, found),
                          "Leave only the one in place that is to be initialised.");
    *ret_token = tokens[0];
    return NULL;
}
