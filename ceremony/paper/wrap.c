/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/paper/wrap.h"

#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"

struct error *
paper_wrap(struct bytes *bytes, const char *first, const char *rest, const char *text)
{
    AUTO_FREE char *copy = NULL;
    char *position = NULL;
    size_t column = strlen(first);
    bool fresh = true;
    TRY(text_copy(text, &copy));
    TRY(bytes_append_text(bytes, first));
    for (char *word = strtok_r(copy, " \t\n", &position); word != NULL;
         word = strtok_r(NULL, " \t\n", &position)) {
        size_t len = strlen(word);
        if (!fresh && column + 1 + len > PAPER_COLUMNS) {
            TRY(bytes_format(bytes, "\n%s", rest));
            column = strlen(rest);
            fresh = true;
        }
        TRY(bytes_format(bytes, "%s%s", fresh ? "" : " ", word));
        column += len + (fresh ? 0 : 1);
        fresh = false;
    }
    return bytes_append_char(bytes, '\n');
}
