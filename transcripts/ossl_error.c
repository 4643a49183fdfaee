/* SPDX-License-Identifier: Apache-2.0 */
#include "transcripts/ossl_error.h"

#include <stdio.h>

#include <openssl/err.h>

#define WHAT_MAX 512

struct error *
transcript_ossl_error(enum error_code code, const char *file, int line, const char *format, ...)
{
    char what[WHAT_MAX];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);

    const char *data = NULL;
    int flags = 0;
    unsigned long number = ERR_get_error_all(NULL, NULL, NULL, &data, &flags);
    struct error *error = error_new(code, file, line, "%s", what);
    if (number != 0) {
        const char *reason = ERR_reason_error_string(number);
        bool has_text = data != NULL && data[0] != '\0' && (flags & ERR_TXT_STRING) != 0;
        error =
            error_origin(error, "OpenSSL: %s%s%s", reason == NULL ? "no reason given" : reason,
                         has_text ? ": " : "", has_text ? data : "");
    }
    ERR_clear_error();
    return error;
}
