/* SPDX-License-Identifier: Apache-2.0
 *
 * GeneralName (RFC 5280 4.2.1.6) from the texts of a profile. */
#pragma once

#include "ceremony/base/bytes.h"
#include "ceremony/pki/der.h"
#include "ceremony/pki/profile.h"

/* One name as subjectAltName (`constraint` false) or as a base of nameConstraints (an IP address is
 * then "10.0.0.0/8" or "2001:db8::/32", a URI a host, an e-mail a mailbox, host or domain).
 * Types: dns, uri, email, ip, dir-name ("O=Example, CN=x" in the order of encoding),
 * hardware-module (RFC 4108 5), mac-address (RFC 10031), other:OID (UTF8String; for
 * hardwareModuleName, 1.3.6.1.5.5.7.8.4: "OID/HEX", hwType and hwSerialNum). */
MUST_CHECK struct error *general_name_put(struct bytes *out,
                                          const struct pki_general_name *name, bool constraint);
/* uniformResourceIdentifier. */
MUST_CHECK struct error *general_name_put_uri(struct bytes *out, const char *uri);
/* How many octets a text like "0a0b", "0a:0b" or "0A-0B" stands for; 0 if it is none of these. */
size_t general_name_octets(const char *text);
/* The opposite of general_name_put for names whose value a field can bring: the value with which
 * `like` would give this item, or NULL if it is of another kind. The caller frees. */
MUST_CHECK struct error *general_name_value(const struct der_item *item,
                                            const struct pki_general_name *like,
                                            char **ret_value);
/* "dns:example.com", "ip:10.0.0.1", "dir:CN=x", "hardware:1.2.3 serial 0a0b", safe. `constraint`:
 * IP addresses carry a mask. */
MUST_CHECK struct error *general_name_append(struct bytes *out, const struct der_item *item,
                                             bool constraint);
