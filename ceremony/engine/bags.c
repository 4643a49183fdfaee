/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/bags.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/text.h"

static struct error *
take(struct engine *engine, const char *number, const char *content)
{
    if (engine->bags == NULL)
        engine->bags = json_object();
    return json_object_set_new(engine->bags, number, json_string(content)) == 0
               ? NULL
               : error_memory();
}

struct error *
bags_ask(struct engine *engine, const char *name, const char *body, const char *question,
         const char *who, const char *content, char **ret_number)
{
    AUTO_FREE char *other = NULL;
    for (;;) {
        AUTO_FREE char *number = NULL;
        TRY(ask_text(engine, name, other != NULL ? other : body, question, who, &number));
        const char *holds = json_string_value(json_object_get(engine->bags, number));
        if (holds == NULL || strcmp(holds, content) == 0) {
            TRY(take(engine, number, content));
            *ret_number = TAKE(number);
            return NULL;
        }
        free(TAKE(other));
        TRY(text_format(&other,
                        "The bag %.60s holds %.80s already.\n"
                        "Each has a bag of its own: read the number again.",
                        number, holds));
    }
}
