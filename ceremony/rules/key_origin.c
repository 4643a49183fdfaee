/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/rules/key_origin.h"

#include <stddef.h>
#include <string.h>

#include "ceremony/base/text.h"

static const struct key_origin_row rows[] = {
    {"avocado",   "on the device",                                     false, false},
    {"bamboo",    "here, outside the device",                          true,  false},
    {"carrot",    "here and on the device, from the seed that it has", true,  true },
    {"salak",     "in the device's secure element",                    false, false},
    {"sapodilla", "in the secure element, by its maker",               false, false},
};
#define ROWS (sizeof rows / sizeof rows[0])

const char *const key_origin_names[] = {"avocado", "bamboo",    "carrot",
                                        "salak",   "sapodilla", NULL};
const char *const key_origin_transfers[] = {"mechanical", "network", NULL};
const char *const key_derivation_names[] = {"fips186-hkdf-sha256", NULL};

const struct key_origin_row *
key_origin_find(const char *name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

struct error *
key_origin_entry(const struct key_origin_said *said, char **ret_text)
{
    return text_format(ret_text, "%s: %s, %s; line %s, shift %s, operators %s", said->batch,
                       said->method, said->transfer, said->line, said->shift, said->operators);
}
