/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/base/words.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"
#include "ceremony/base/words_pgp.h"

const struct word_list words_pgp = {words_pgp_sorted, 512, 0};

const char *
words_pgp_word(uint8_t value, size_t offset)
{
    return offset % 2 == 0 ? words_pgp_even[value] : words_pgp_odd[value];
}

struct error *
words_pgp_append(struct bytes *bytes, const void *data, size_t len)
{
    const uint8_t *p = data;
    for (size_t i = 0; i < len; i++)
        TRY(bytes_format(bytes, "%s%s", i == 0 ? "" : " ", words_pgp_word(p[i], i)));
    return NULL;
}

struct error *
words_pgp_parse(const char *text, void *ret_data, size_t len)
{
    AUTO_FREE char *copy = NULL;
    TRY(text_copy(text, &copy));
    uint8_t *out = ret_data;
    char *rest = NULL;
    size_t count = 0;
    for (char *word = strtok_r(copy, " \t\r\n", &rest); word != NULL;
         word = strtok_r(NULL, " \t\r\n", &rest)) {
        if (count == len)
            return ERROR(ERROR_ANSWER, "there are more than %zu words", len);
        int value = -1;
        for (int v = 0; v < 256 && value < 0; v++)
            if (strcasecmp(words_pgp_word((uint8_t)v, count), word) == 0)
                value = v;
        if (value < 0)
            return ERROR(ERROR_ANSWER, "word %zu is not one that can stand at this place",
                         count + 1);
        out[count++] = (uint8_t)value;
    }
    if (count != len)
        return ERROR(ERROR_ANSWER, "%zu words are wanted, there are %zu", len, count);
    return NULL;
}
