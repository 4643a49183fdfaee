/* SPDX-License-Identifier: Apache-2.0
 *
 * A secret that somebody else enveloped for a key of ours: CMS EnvelopedData (RFC 5652 6) in DER, as
 * `openssl cms -encrypt -binary -aes-256-cbc -keyopt rsa_padding_mode:oaep` makes it. One recipient,
 * RSA-OAEP (RFC 3560) with SHA-256 or SHA-1 in hash and mask alike and no label, contents AES-256-CBC in
 * one piece; everything else is refused. The private key is not seen here: whoever holds it unwraps the
 * content key (R77). The padding of the contents is no proof of anything: what they are must prove itself
 * (batch/seeds_list.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"
#include "ceremony/base/secret.h"
#include "ceremony/pki/der.h"

#define ENVELOPE_KEY 32U /* octets of the content key */

struct envelope_sealed { /* views into the DER */
    struct der issuer;   /* whole Name, and body of the serial number; or */
    struct der serial;
    struct der key_id; /* the subject key identifier: len 0 where it is the other way */
    bool sha1;         /* of RSA-OAEP, instead of SHA-256 */
    struct der key;    /* the content key, encrypted */
    struct der iv;     /* 16 octets */
    struct der contents;
};

/* Of a file that is DER, or one block of PEM ("CMS") and nothing else. Errors: input. */
MUST_CHECK struct error *envelope_from_file(const void *data, size_t len,
                                            struct bytes *ret_der);
/* Errors: input, in words fit for whoever made it. */
MUST_CHECK struct error *envelope_read(const void *der, size_t len,
                                       struct envelope_sealed *ret_sealed);
/* Refused when it is for another certificate (DER) than this; input, when that cannot be read. */
MUST_CHECK struct error *envelope_check_for(const struct envelope_sealed *sealed,
                                            const void *certificate, size_t len);

/* Takes the contents, part after part, from pages of a secret: they are wiped when it returns. */
struct envelope_reader {
    void *self;
    struct error *(*take)(void *self, const unsigned char *part, size_t len);
};
/* `key`: the content key. Errors: refused (another size of key, contents whose padding is wrong),
 * those of the reader. */
MUST_CHECK struct error *envelope_decrypt(const struct envelope_sealed *sealed,
                                          const struct secret *key,
                                          const struct envelope_reader *reader);
