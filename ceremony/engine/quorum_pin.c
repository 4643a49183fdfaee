/* SPDX-License-Identifier: Apache-2.0
 *
 * The PIN of a quorum: made, and cut into shares. */
#include <string.h>

#include "ceremony/engine/quorum.h"
#include "ceremony/engine/shares.h"
#include "ceremony/ledger/known_shares.h"

struct error *
quorum_possible(const struct site_token *site, const struct p11_token_info *info,
                enum p11_user user)
{
    enum pin_entry entry = user == P11_SO ? site->so_pin : site->user_pin;
    if (entry == PIN_PROTECTED_PATH)
        return error_hint(
            ERROR(ERROR_REFUSED, "the %s PIN of token \"%s\" is typed on its own keypad",
                  quorum_user_name(user), site->name),
            "A PIN that is held as shares must be sent by the program. Leave this token to the "
            "quorum of its keypad, cards or maker.");
    if (info->pin_min <= QUORUM_PIN_SIZE && info->pin_max >= QUORUM_PIN_SIZE)
        return NULL;
    return error_hint(
        ERROR(ERROR_REFUSED,
              "token \"%s\" takes PINs of %lu to %lu characters, and the random one has %u",
              site->name, info->pin_min, info->pin_max, QUORUM_PIN_SIZE),
        "Fewer would be less than 80 bits. This token cannot have a quorum of this kind.");
}

#define BATCH     64U
#define TRIES_MAX 64U

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "abcdefghijklmnopqrstuvwxyz"
                              "0123456789";

#define LETTERS (sizeof letters - 1)

/* Bytes from here on would make some letters more likely than others. */
#define FAIR_END (256U / LETTERS * LETTERS)

/* One of each sort, since tokens may ask for it; of PINs of this length nine in ten have that anyway. */
static bool
has_all_sorts(const unsigned char *pin)
{
    bool capital = false;
    bool small = false;
    bool digit = false;
    for (size_t i = 0; i < QUORUM_PIN_SIZE; i++) {
        capital |= (pin[i] >= 'A') & (pin[i] <= 'Z');
        small |= (pin[i] >= 'a') & (pin[i] <= 'z');
        digit |= (pin[i] >= '0') & (pin[i] <= '9');
    }
    return capital && small && digit;
}

/* Fills as far as the bytes go. */
static size_t
take_letters(const unsigned char *bytes, size_t len, unsigned char *pin)
{
    size_t count = 0;
    for (size_t i = 0; i < len && count < QUORUM_PIN_SIZE; i++)
        if (bytes[i] < FAIR_END)
            pin[count++] = (unsigned char)letters[bytes[i] % LETTERS];
    return count;
}

struct error *
quorum_make_pin(struct p11_session *session, struct secret **ret_pin)
{
    AUTO(secret) bytes = NULL;
    AUTO(secret) pin = NULL;
    TRY(secret_new(BATCH, &bytes));
    TRY(secret_new(QUORUM_PIN_SIZE, &pin));
    for (unsigned tries = 0; tries < TRIES_MAX; tries++) {
        TRY(shares_mixed_random(session, "ceremony PIN", secret_borrow(bytes), BATCH));
        size_t count = take_letters(secret_borrow_const(bytes), BATCH, secret_borrow(pin));
        if (count < QUORUM_PIN_SIZE || !has_all_sorts(secret_borrow_const(pin)))
            continue;
        *ret_pin = TAKE(pin);
        return NULL;
    }
    return error_hint(ERROR(ERROR_TOKEN, "the random bytes gave no PIN in %u tries", TRIES_MAX),
                      "The generator is broken. Do not use this token.");
}

static bool
is_the_pin(void *self, const struct secret *master)
{
    const struct secret *pin = self;
    return secret_equal(pin, master);
}

struct error *
quorum_split_pin(struct engine *engine, struct p11_session *session,
                 const struct share_plan *plan, const struct secret *pin,
                 struct slip39_set **ret_set, struct slip39_subsets *ret_subsets)
{
    AUTO(secret) copy = NULL;
    TRY(secret_dup(pin, &copy));
    for (unsigned tries = 0; tries < TRIES_MAX; tries++) {
        AUTO(slip39_set) set = NULL;
        bool live = true;
        TRY(shares_split(engine, session, plan, pin, &set));
        TRY(known_set_live(engine->ledger, slip39_set_id(set), &live));
        if (live || slip39_set_id(set) == 0) /* a live set of shares has the number */
            continue;
        TRY(slip39_verify_subsets(set, NULL, is_the_pin, copy, SLIP39_SUBSETS_ALL,
                                  ret_subsets));
        *ret_set = TAKE(set);
        return NULL;
    }
    return ERROR(ERROR_REFUSED, "no free number for a set of shares was found in %u tries",
                 TRIES_MAX);
}
