/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/base/random.h"

struct error *
random_below(uint32_t below, uint32_t *ret_value)
{
    BUG_ON(below == 0);
    uint32_t limit = UINT32_MAX - UINT32_MAX % below; /* rejection keeps it uniform */
    uint32_t value = 0;
    do {
        TRY(random_bytes(&value, sizeof value));
    } while (value >= limit);
    *ret_value = value % below;
    return NULL;
}
