/* SPDX-License-Identifier: Apache-2.0
 *
 * Which partition of an issuer's CRL a certificate belongs to: decided by its serial number alone, so
 * that the certificate can name its CRL when it is made, and the union of all partitions is complete
 * by counting. (R54) */
#pragma once

#include <stddef.h>

#define CRL_PARTITIONS_MAX 1024

/* 1 .. `partitions`: 1 + (the serial's last four octets as a number, modulo `partitions`). The serial
 * is big-endian; leading zeros change nothing. 0 if `partitions` is not 1 .. CRL_PARTITIONS_MAX. */
int crl_partition_of(const unsigned char *serial, size_t len, int partitions);
