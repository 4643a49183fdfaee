/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of files after devices, whatever a device is called. */
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "ceremony/base/encode.h"
#include "ceremony/batch/output.h"

#define KEEP 150U

static bool
is_plain(char c, bool first)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
           || c == '-' || c == '_' || (c == '.' && !first);
}

struct error *
batch_safe_name(const char *text, char ret_name[BATCH_NAME_MAX])
{
    char name[KEEP + 4];
    size_t len = 0;
    const char *p = text;
    for (; *p != '\0' && len < KEEP; p++) {
        if (is_plain(*p, p == text))
            name[len++] = *p;
        else
            len += (size_t)snprintf(name + len, sizeof name - len, "%%%02X",
                                    (unsigned)(unsigned char)*p);
    }
    name[len] = '\0';
    if (*p == '\0') {
        (void)snprintf(ret_name, BATCH_NAME_MAX, "%s", len == 0 ? "none" : name);
        return NULL;
    }
    unsigned char hash[32];
    char digits[65];
    if (EVP_Digest(text, strlen(text), hash, NULL, EVP_sha256(), NULL) != 1)
        return error_memory();
    hex_encode(hash, sizeof hash, digits);
    (void)snprintf(ret_name, BATCH_NAME_MAX, "%s~%.16s", name, digits);
    return NULL;
}
