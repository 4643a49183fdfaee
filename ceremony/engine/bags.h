/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers of bags that are closed in this sitting (R23): what lies in one is told when its number is given for something
 * else, and asked again. Shares and what the record names are in one list, which nothing writes down. */
#pragma once

#include "ceremony/engine/context.h"

/* `content` names what goes into it, in words of the table ("medium 1", "the form of share 2"); the caller frees. Errors as
 * those of ask_text. */
MUST_CHECK struct error *bags_ask(struct engine *engine, const char *name, const char *body,
                                  const char *question, const char *who, const char *content,
                                  char **ret_number);
