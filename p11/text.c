/* SPDX-License-Identifier: Apache-2.0 */
#include "p11/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"

struct error *
p11_padded_text(const void *data, size_t len, char *ret_text, size_t size)
{
    const unsigned char *bytes = data;
    while (len > 0 && (bytes[len - 1] == ' ' || bytes[len - 1] == '\0'))
        len--;
    AUTO_FREE char *safe = NULL;
    TRY(text_safe(data, len, &safe));
    text_fit(safe, ret_text, size);
    return NULL;
}

void
p11_version_text(unsigned major, unsigned minor, char ret_text[16])
{
    (void)snprintf(ret_text, 16, "%u.%u", major, minor);
}
