/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "shamir/cmd.h"

static struct error *
simple_plan(const struct cmd_option *options, struct slip39_plan *plan)
{
    const char *threshold = cmd_value(options, "--threshold");
    const char *shares = cmd_value(options, "--shares");
    if (threshold == NULL || shares == NULL)
        return ERROR(ERROR_USAGE, "\"--threshold\" and \"--shares\" are needed, or "
                                  "\"--group-threshold\" and \"--group\"");
    plan->group_threshold = 1;
    plan->group_count = 1;
    TRY(cmd_number("--threshold", threshold, SLIP39_MEMBERS_MAX, &plan->groups[0].threshold));
    return cmd_number("--shares", shares, SLIP39_MEMBERS_MAX, &plan->groups[0].count);
}

/* "2/3" */
static struct error *
parse_group(const char *text, struct slip39_group *ret_group)
{
    char threshold[8] = "";
    size_t len = strcspn(text, "/");
    if (text[len] != '/' || len >= sizeof threshold)
        return ERROR(ERROR_USAGE, "\"%s\" is not what \"--group\" takes (like 2/3)", text);
    memcpy(threshold, text, len);
    TRY(cmd_number("--group", threshold, SLIP39_MEMBERS_MAX, &ret_group->threshold));
    return cmd_number("--group", text + len + 1, SLIP39_MEMBERS_MAX, &ret_group->count);
}

static struct error *
group_plan(const struct cmd_option *options, const struct cmd_option *groups,
           struct slip39_plan *plan)
{
    const char *threshold = cmd_value(options, "--group-threshold");
    if (cmd_given(options, "--threshold") || cmd_given(options, "--shares"))
        return ERROR(ERROR_USAGE, "\"--threshold\" and \"--shares\" do not go with groups");
    if (threshold == NULL || groups->count == 0)
        return ERROR(ERROR_USAGE, "\"--group-threshold\" and \"--group\" are needed together");
    TRY(cmd_number("--group-threshold", threshold, SLIP39_GROUPS_MAX, &plan->group_threshold));
    plan->group_count = groups->count;
    for (size_t i = 0; i < groups->count; i++)
        TRY(parse_group(groups->values[i], &plan->groups[i]));
    return NULL;
}

static struct error *
read_master(struct secret **ret_master)
{
    AUTO(input) input = NULL;
    TRY(input_open(NULL, &input));
    AUTO(secret) line = NULL;
    TRY(input_line(input, "Secret in hexadecimal (not shown while you type)", &line));
    if (line == NULL)
        return ERROR(ERROR_INPUT, "there is no secret on standard input");
    AUTO(secret) more = NULL;
    if (!input_is_terminal(input))
        TRY(input_line(input, "", &more));
    if (more != NULL)
        return ERROR(ERROR_INPUT, "there is more than one line on standard input");
    return input_hex(line, ret_master);
}

static struct error *
write_shares(const struct slip39_set *set)
{
    for (size_t i = 0; i < slip39_set_count(set); i++) {
        AUTO(secret) text = NULL;
        TRY(slip39_set_text(set, i, &text));
        AUTO(secret) line = NULL;
        TRY(secret_new(secret_size(text) + 1, &line));
        memcpy(secret_borrow(line), secret_borrow_const(text), secret_size(text));
        secret_borrow(line)[secret_size(text)] = '\n';
        TRY(output_secret(line));
    }
    return NULL;
}

static bool
is_master(void *self, const struct secret *found)
{
    return secret_equal(self, found);
}

struct error *
slip39_cmd_split(int argc, char **argv)
{
    struct cmd_option options[] = {
        {.name = "--group",           .has_value = true, .many = true},
        {.name = "--group-threshold",               .has_value = true},
        {.name = "--threshold", .has_value = true},
        {.name = "--shares",                           .has_value = true},
        {.name = "--passphrase-file",          .has_value = true},
        {.name = "--extendable"         },
        {0                          },
    };
    TRY(cmd_parse(argc, argv, options, NULL));
    struct slip39_plan plan = {.exponent = SLIP39_EXPONENT,
                               .extendable = cmd_given(options, "--extendable")};
    bool groups = options[0].count > 0 || cmd_given(options, "--group-threshold");
    TRY(groups ? group_plan(options, &options[0], &plan) : simple_plan(options, &plan));
    TRY(slip39_plan_check(&plan));
    AUTO(secret) passphrase = NULL;
    if (cmd_given(options, "--passphrase-file"))
        TRY(input_passphrase(cmd_value(options, "--passphrase-file"), &passphrase));
    AUTO(secret) master = NULL;
    TRY(read_master(&master));
    AUTO(slip39_set) set = NULL;
    TRY(slip39_split(&plan, master, passphrase, NULL, &set));
    struct slip39_subsets subsets;
    TRY(slip39_verify_subsets(set, passphrase, is_master, master, SLIP39_SUBSETS_ALL,
                              &subsets));
    return write_shares(set);
}
