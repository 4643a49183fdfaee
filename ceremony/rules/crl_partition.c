/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/rules/crl_partition.h"

#include <stdint.h>

int
crl_partition_of(const unsigned char *serial, size_t len, int partitions)
{
    uint32_t number = 0;
    if (partitions < 1 || partitions > CRL_PARTITIONS_MAX)
        return 0;
    for (size_t i = len > 4 ? len - 4 : 0; i < len; i++)
        number = number << 8 | serial[i];
    return 1 + (int)(number % (uint32_t)partitions);
}
