/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "ceremony/base/random.h"
#include "ceremony/pki/build.h"

struct error *
pki_serial_make(int bits, unsigned char ret_serial[20], size_t *ret_len)
{
    if (bits < 64 || bits > 159)
        return ERROR(ERROR_INPUT, "a serial number of %d random bits is not between 64 and 159",
                     bits);
    /* An octet more than the bits fill, so that a first octet drawn again for being zero does not
     * bring the serial below what was asked for; 20 octets have their top bit clear (< 2^159). */
    unsigned char serial[20];
    size_t len = (size_t)bits / 8 + 1;
    unsigned char mask = len == sizeof serial ? 0x7f : 0xff;
    do
        TRY(random_bytes(serial, len));
    while ((serial[0] & mask) == 0);
    serial[0] &= mask;
    memcpy(ret_serial, serial, len);
    *ret_len = len;
    return NULL;
}
