/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "shamir/cmd.h"

static void
print_info(size_t line, const struct slip39_info *info)
{
    (void)printf(
        "line %zu: set %u, group %u (%u of %u groups needed), share %u (%u of the group "
        "needed), %zu words, exponent %u, %s, checksum right\n",
        line, info->id, info->group_index + 1, info->group_threshold, info->group_count,
        info->member_index + 1, info->member_threshold, info->word_count, info->exponent,
        info->extendable ? "extendable" : "not extendable");
}

static void
print_fault(struct error *taken, size_t line)
{
    struct error *error = cmd_at_line(taken, line);
    (void)printf("%s. %s\n", error_what(error), error_hint_text(error));
    error_free(error);
}

struct error *
slip39_cmd_check(int argc, char **argv)
{
    struct cmd_option none[] = {{0}};
    const char *file = NULL;
    TRY(cmd_parse(argc, argv, none, &file));
    AUTO(input) input = NULL;
    TRY(input_open(file, &input));
    size_t good = 0;
    size_t bad = 0;
    for (;;) {
        AUTO(secret) line = NULL;
        TRY(input_line(input, "Share (not shown while you type; Ctrl-D ends)", &line));
        if (line == NULL)
            break;
        AUTO(slip39_share) share = NULL;
        struct error *error = slip39_share_parse(line, &share);
        if (error != NULL && error_code(error) != ERROR_ANSWER)
            return error;
        if (error != NULL) {
            print_fault(error, input_line_number(input));
            bad++;
            continue;
        }
        struct slip39_info info = slip39_share_info(share);
        print_info(input_line_number(input), &info);
        good++;
    }
    if (fflush(stdout) != 0)
        return ERROR(ERROR_IO, "the result could not be written");
    if (bad > 0)
        return error_hint(
            ERROR(ERROR_INPUT, "%zu of %zu shares are not right", bad, good + bad),
            "See the lines named.");
    if (good == 0)
        return error_hint(ERROR(ERROR_INPUT, "there is no share"), "Give a share a line.");
    return NULL;
}
