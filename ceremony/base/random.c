/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/base/random.h"

#include <errno.h>
#include <sys/random.h>

struct error *
random_bytes(void *ret_data, size_t len)
{
    unsigned char *out = ret_data;
    while (len > 0) {
        ssize_t got = getrandom(out, len, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return ERROR_ERRNO(errno, "the system gave no random bytes");
        out += got;
        len -= (size_t)got;
    }
    return NULL;
}
