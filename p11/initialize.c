/* SPDX-License-Identifier: Apache-2.0
 *
 * Initialising a token. Its slot number changes and a new blank slot may appear (FACTS 2), so it is
 * found again as the one initialised token with our label that was not there before. */
#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"
#include "p11/ck.h"
#include "p11/pin.h"

#define LABEL_SIZE 32

static bool
same_token(const struct p11_token_info *a, const struct p11_token_info *b)
{
    return strcmp(a->serial, b->serial) == 0 && strcmp(a->label, b->label) == 0;
}

static struct error *
check_label(const char *label, const struct p11_token_info *blank,
            const struct p11_token_info *before, size_t count)
{
    size_t len = strlen(label);
    if (len == 0 || len > LABEL_SIZE)
        return ERROR(ERROR_INPUT, "a token's label has 1 to %d bytes; this one has %zu",
                     LABEL_SIZE, len);
    AUTO_FREE char *safe = NULL;
    TRY(text_safe(label, len, &safe));
    if (strcmp(safe, label) != 0 || label[len - 1] == ' ')
        return ERROR(ERROR_INPUT,
                     "the token's label \"%s\" has characters that cannot be read "
                     "aloud, or ends in a blank",
                     safe);
    for (size_t i = 0; i < count; i++) {
        if (before[i].initialized && strcmp(before[i].label, label) == 0
            && before[i].slot != blank->slot)
            return ERROR(ERROR_EXISTS, "there is a token \"%s\" already, serial %s", label,
                         before[i].serial);
    }
    return NULL;
}

static struct error *
send_init(struct p11_module *module, unsigned long slot, const char *label,
          const struct secret *so_pin)
{
    unsigned char padded[LABEL_SIZE];
    memset(padded, ' ', sizeof padded);
    for (size_t i = 0; i < sizeof padded && label[i] != '\0'; i++)
        padded[i] = (unsigned char)label[i];
    CK_RV rv = CK_CALL(module, C_InitToken, slot, ck_pin(so_pin), ck_pin_len(so_pin), padded);
    if (rv == CKR_SESSION_EXISTS)
        return error_hint(P11_ERROR(rv, "could not initialise the token \"%s\"", label),
                          "Close every other program that uses this token.");
    if (rv != CKR_OK)
        return P11_ERROR(rv, "could not initialise the token \"%s\"", label);
    return NULL;
}

/* Whether `token` was an initialised one before we began; re-initialising keeps the serial, so the
 * very token we were given does not count. */
static bool
was_there(const struct p11_token_info *token, const struct p11_token_info *blank,
          const struct p11_token_info *before, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool given = blank->initialized && before[i].slot == blank->slot;
        if (before[i].initialized && !given && same_token(&before[i], token))
            return true;
    }
    return false;
}

static struct error *
find_new(struct p11_module *module, const struct p11_token_info *blank, const char *label,
         const struct p11_token_info *before, size_t before_count,
         struct p11_token_info *ret_token)
{
    AUTO_FREE struct p11_token_info *after = NULL;
    size_t count = 0;
    TRY(p11_tokens_list(module, &after, &count));
    size_t found = 0;
    size_t hit = 0;
    for (size_t i = 0; i < count; i++) {
        if (after[i].initialized && strcmp(after[i].label, label) == 0
            && !was_there(&after[i], blank, before, before_count)) {
            hit = i;
            found++;
        }
    }
    if (found != 1)
        return ERROR(ERROR_TOKEN,
                     "the token \"%s\" was initialised, but afterwards %zu new tokens "
                     "bear that label instead of one",
                     label, found);
    if (blank->serial[0] != '\0' && strcmp(blank->serial, after[hit].serial) != 0)
        return error_detail(ERROR(ERROR_TOKEN,
                                  "the token \"%s\" has another serial number than "
                                  "the blank one had",
                                  label),
                            "before %s, now %s", blank->serial, after[hit].serial);
    *ret_token = after[hit];
    return NULL;
}

struct error *
p11_token_initialize(struct p11_module *module, const struct p11_token_info *blank,
                     const char *label, const struct secret *so_pin,
                     struct p11_token_info *ret_token)
{
    AUTO_FREE struct p11_token_info *before = NULL;
    size_t count = 0;
    TRY(p11_tokens_list(module, &before, &count));
    TRY(check_label(label, blank, before, count));
    struct p11_token_info now = {0};
    TRY(p11_token_read(module, blank->slot, &now));
    if (now.initialized != blank->initialized || strcmp(now.serial, blank->serial) != 0)
        return ERROR(ERROR_REFUSED,
                     "the token in slot %lu is no longer the one that was chosen", blank->slot);
    TRY(ck_pin_check(&now, P11_SO, so_pin));
    TRY(send_init(module, blank->slot, label, so_pin));
    return find_new(module, blank, label, before, count, ret_token);
}
