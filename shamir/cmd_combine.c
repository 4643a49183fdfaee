/* SPDX-License-Identifier: Apache-2.0 */
#include "shamir/cmd.h"
#include "shamir/key_wrap.h"

static struct error *
check_kcv(const struct secret *master, const uint8_t wanted[KEY_WRAP_CHECK_SIZE])
{
    uint8_t kcv[KEY_WRAP_CHECK_SIZE];
    TRY(key_wrap_check_value(master, kcv));
    if (secret_memory_equal(kcv, wanted, sizeof kcv))
        return NULL;
    return error_hint(
        ERROR(ERROR_INPUT, "the check value does not fit: this is another secret"),
        "Look whether the shares, the passphrase and the check value are of one backup.");
}

struct error *
slip39_cmd_combine(int argc, char **argv)
{
    struct cmd_option options[] = {
        {.name = "--passphrase-file", .has_value = true},
        {.name = "--kcv",                           .has_value = true},
        {0},
    };
    const char *file = NULL;
    TRY(cmd_parse(argc, argv, options, &file));
    uint8_t wanted[KEY_WRAP_CHECK_SIZE] = {0};
    if (cmd_given(options, "--kcv"))
        TRY(cmd_hex("--kcv", cmd_value(options, "--kcv"), wanted, sizeof wanted));
    AUTO(secret) passphrase = NULL;
    if (cmd_given(options, "--passphrase-file"))
        TRY(input_passphrase(cmd_value(options, "--passphrase-file"), &passphrase));
    AUTO(slip39_collector) collector = NULL;
    TRY(cmd_collect(file, &collector));
    AUTO(secret) master = NULL;
    TRY(slip39_combine(collector, passphrase, &master));
    if (cmd_given(options, "--kcv"))
        TRY(check_kcv(master, wanted));
    return output_hex(master);
}
