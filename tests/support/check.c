/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/check.h"

void
check_ok_at(struct error *error, const char *call, const char *file, int line)
{
    if (error == NULL)
        return;
    char *text = error_format_verbose(error);
    print_error("%s failed: %s\n", call, text);
    free(text);
    error_free(error);
    _fail(file, line);
}

void
check_error_at(struct error *error, enum error_code code, const char *words, const char *call,
               const char *file, int line)
{
    if (error == NULL) {
        print_error("%s succeeded where it had to fail\n", call);
        _fail(file, line);
        return;
    }
    char *text = error_format_verbose(error);
    bool right = error_code(error) == code && (words == NULL || strstr(text, words) != NULL);
    if (!right)
        print_error("%s: wanted [%s] saying \"%s\", got: %s\n", call, error_code_name(code),
                    words == NULL ? "" : words, text);
    free(text);
    error_free(error);
    if (!right)
        _fail(file, line);
}
