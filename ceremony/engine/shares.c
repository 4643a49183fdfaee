/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/shares.h"

#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/random.h"
#include "shamir/key_wrap.h"

#define MIX_MAX     4096U
#define SAMPLE_SIZE 16U

/* A generator that gives the same bytes twice is no generator (R25). The host's share would still make
 * the secret good; but such a token is not to hold a key. */
static struct error *
refuse_constant(struct p11_session *session, const unsigned char *sample)
{
    unsigned char again[SAMPLE_SIZE];
    TRY(p11_random(session, again, sizeof again));
    bool same = memcmp(again, sample, sizeof again) == 0;
    secret_wipe(again, sizeof again);
    if (!same)
        return NULL;
    return error_hint(ERROR(ERROR_TOKEN, "the token gave the same random bytes twice"),
                      "Its generator is broken. Do not use this token.");
}

struct error *
shares_mixed_random(struct p11_session *session, const char *purpose, void *ret_data,
                    size_t len)
{
    AUTO(secret) sources = NULL;
    BUG_ON(len == 0 || len > MIX_MAX);
    size_t half = len < 32 ? 32 : len;
    TRY(secret_new(2 * half, &sources));
    unsigned char *bytes = secret_borrow(sources);
    TRY_DOING(p11_random(session, bytes, half), "asking the token for random bytes");
    TRY(refuse_constant(session, bytes));
    TRY(random_bytes(bytes + half, half));
    return digest_hkdf_sha256(bytes, 2 * half, NULL, 0, purpose, ret_data, len);
}

static struct error *
fill(void *self, void *ret_data, size_t len)
{
    return shares_mixed_random(self, "ceremony shares", ret_data, len);
}

struct error *
shares_split(struct engine *engine, struct p11_session *session, const struct share_plan *plan,
             const struct secret *kek, struct slip39_set **ret_set)
{
    (void)engine;
    struct slip39_plan slip = {.group_threshold = plan->group_threshold,
                               .group_count = plan->group_count,
                               .extendable = false,
                               .exponent = SLIP39_EXPONENT};
    for (size_t g = 0; g < plan->group_count; g++)
        slip.groups[g] =
            (struct slip39_group){plan->groups[g].threshold, (unsigned)plan->groups[g].count};
    struct slip39_random random = {fill, session};
    return slip39_split(&slip, kek, NULL, &random, ret_set);
}

struct error *
shares_backup_in_ledger(struct engine *engine, const char *key_spki_sha256, const char *state)
{
    const struct state_backup *backup = &engine->state.backup;
    const struct ledger_backup row = {.key_spki_sha256 = key_spki_sha256,
                                      .blob_sha256 = backup->blob_sha256,
                                      .card_sha256 = backup->card_sha256,
                                      .kcv = backup->kcv,
                                      .mechanism = backup->mechanism,
                                      .set_id = backup->set_id};
    return ledger_backup(engine->ledger, engine->state.ceremony_id, &row, state);
}

bool
shares_kcv_matches(const struct secret *kek, const char *kcv_hex)
{
    unsigned char value[KEY_WRAP_CHECK_SIZE];
    char hex[2 * KEY_WRAP_CHECK_SIZE + 1];
    struct error *error = key_wrap_check_value(kek, value);
    if (error != NULL) {
        error_free(error);
        return false;
    }
    hex_encode(value, sizeof value, hex);
    return strcmp(hex, kcv_hex) == 0;
}

static bool
check(void *self, const struct secret *master)
{
    const char *kcv = self;
    return shares_kcv_matches(master, kcv);
}

struct error *
shares_verify(const struct slip39_set *set, const char *kcv_hex,
              struct slip39_subsets *ret_subsets)
{
    char kcv[17] = {0};
    memcpy(kcv, kcv_hex, strnlen(kcv_hex, 16));
    return slip39_verify_subsets(set, NULL, check, kcv, SLIP39_SUBSETS_ALL, ret_subsets);
}

const struct share_holder *
shares_holder(const struct share_plan *plan, size_t i, const struct share_group **ret_group)
{
    for (size_t g = 0; g < plan->group_count; g++) {
        if (i < plan->groups[g].count) {
            *ret_group = &plan->groups[g];
            return &plan->groups[g].holders[i];
        }
        i -= plan->groups[g].count;
    }
    return NULL;
}
