/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>

#include <openssl/err.h>

#include "ceremony/pki/pki.h"

/* The reasons on OpenSSL's queue go to the origin, which the custodian does not see. */
struct error *
pki_ossl_error(const char *format, ...)
{
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    struct error *error = ERROR(ERROR_INPUT, "%s", what);
    unsigned long code = ERR_peek_last_error();
    if (code != 0) {
        char reason[200];
        ERR_error_string_n(code, reason, sizeof reason);
        error = error_origin(error, "OpenSSL: %s", reason);
    }
    ERR_clear_error();
    return error;
}
