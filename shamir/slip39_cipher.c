/* SPDX-License-Identifier: Apache-2.0
 *
 * "Encryption of the master secret" of SLIP-0039: a Feistel network of four rounds over the halves,
 * whose round function is PBKDF2-HMAC-SHA256. */
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "shamir/slip39_internal.h"

#define ROUNDS           4U
#define BASE_ITERATIONS  2500
#define SALT_PREFIX      "shamir"
#define SALT_PREFIX_SIZE (sizeof SALT_PREFIX - 1U)
#define HALF_MAX         (SLIP39_MASTER_MAX / 2U)

/* Working memory of one encryption, laid over a secret. */
struct work {
    uint8_t left[HALF_MAX];
    uint8_t right[HALF_MAX];
    uint8_t mask[HALF_MAX];
    uint8_t salt[SALT_PREFIX_SIZE + 2U + HALF_MAX];
    uint8_t password[1U + SLIP39_PASSPHRASE_MAX];
};

struct error *
slip39_passphrase_check(const struct secret *passphrase)
{
    if (passphrase == NULL)
        return NULL;
    if (secret_size(passphrase) > SLIP39_PASSPHRASE_MAX)
        return ERROR(ERROR_INPUT, "the passphrase has more than %u characters",
                     SLIP39_PASSPHRASE_MAX);
    const unsigned char *text = secret_borrow_const(passphrase);
    for (size_t i = 0; i < secret_size(passphrase); i++)
        if (text[i] < 0x20 || text[i] > 0x7E)
            return ERROR(ERROR_INPUT, "character %zu of the passphrase is not printable ASCII",
                         i + 1);
    return NULL;
}

/* mask = F(round, right) */
static struct error *
round_function(struct work *work, const struct slip39_info *info, size_t password_size,
               unsigned round, size_t half)
{
    size_t salt_size = 0;
    if (!info->extendable) {
        memcpy(work->salt, SALT_PREFIX, SALT_PREFIX_SIZE);
        work->salt[SALT_PREFIX_SIZE] = (uint8_t)(info->id >> 8);
        work->salt[SALT_PREFIX_SIZE + 1U] = (uint8_t)(info->id & 0xFFU);
        salt_size = SALT_PREFIX_SIZE + 2U;
    }
    memcpy(work->salt + salt_size, work->right, half);
    work->password[0] = (uint8_t)round;
    if (PKCS5_PBKDF2_HMAC((const char *)work->password, (int)password_size, work->salt,
                          (int)(salt_size + half), BASE_ITERATIONS << info->exponent,
                          EVP_sha256(), (int)half, work->mask)
        != 1) {
        ERR_clear_error();
        return ERROR(ERROR_UNSUPPORTED,
                     "the OpenSSL library did not compute PBKDF2-HMAC-SHA256");
    }
    return NULL;
}

static struct error *
feistel(const struct slip39_info *info, const struct secret *passphrase, bool backwards,
        const uint8_t *in, size_t size, uint8_t *out)
{
    BUG_ON(size > SLIP39_MASTER_MAX || size % 2U != 0 || info->exponent > 15U);
    TRY(slip39_passphrase_check(passphrase));
    AUTO(secret) memory = NULL;
    TRY(secret_new(sizeof(struct work), &memory));
    struct work *work = (struct work *)(void *)secret_borrow(memory);
    size_t half = size / 2U;
    size_t password_size = 1U;
    if (passphrase != NULL) {
        memcpy(work->password + 1U, secret_borrow_const(passphrase), secret_size(passphrase));
        password_size += secret_size(passphrase);
    }
    memcpy(work->left, in, half);
    memcpy(work->right, in + half, half);
    for (unsigned i = 0; i < ROUNDS; i++) {
        TRY(round_function(work, info, password_size, backwards ? ROUNDS - 1U - i : i, half));
        for (size_t k = 0; k < half; k++) {
            uint8_t mixed = work->left[k] ^ work->mask[k];
            work->left[k] = work->right[k];
            work->right[k] = mixed;
        }
    }
    memcpy(out, work->right, half);
    memcpy(out + half, work->left, half);
    return NULL;
}

struct error *
slip39_encrypt(const struct slip39_info *info, const struct secret *passphrase,
               const uint8_t *in, size_t size, uint8_t *out)
{
    return feistel(info, passphrase, false, in, size, out);
}

struct error *
slip39_decrypt(const struct slip39_info *info, const struct secret *passphrase,
               const uint8_t *in, size_t size, uint8_t *out)
{
    return feistel(info, passphrase, true, in, size, out);
}
