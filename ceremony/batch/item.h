/* SPDX-License-Identifier: Apache-2.0
 *
 * One request of a batch on its way from the medium to the output, and a feed of them. The intake
 * (source.h, check.h) makes items and judges them; the signing line takes them from a feed and
 * never asks how they came about. (R69) */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"
#include "ceremony/pki/der.h"
#include "ceremony/pki/profile.h"

enum batch_verdict {
    BATCH_UNJUDGED, /* read, not yet checked */
    BATCH_ACCEPTED, /* may be signed; codes are remarks */
    BATCH_REFUSED   /* never signed; the first code says why */
};

#define BATCH_CODES_MAX 6

/* What a manifest says of an item beside its request ("serial", "line", "shift"). */
struct batch_field {
    char *name; /* lower-case letters, digits and "-" */
    char
        *value; /* UTF-8 without control, bidirectional or invisible characters, <= 256 bytes */
};

struct batch_item {
    uint64_t index; /* from 0, in the order of the source; the same in every run */
    char *name;     /* where it came from, safe to show: "line-3/0007.csr", "all.pem#12" */
    char input_sha256[65]; /* of the bytes as they were read, before any decoding */
    struct bytes request;  /* the PKCS#10 in DER; empty where there was none to decode */
    struct bytes made;     /* SPKI of a key that was made here for an item without request */
    struct der spki;       /* view into `request` or `made`; len 0 until it is there */
    struct der subject;    /* likewise, the whole Name */
    char *device;          /* that it is for, "" none; NULL until a review named it (check.h) */
    struct batch_field *fields;
    size_t field_count;
    /* What the request asks for and the profile allows by name (R68), in the profile's notation;
     * only for accepted items. */
    struct pki_name asked_subject;
    struct pki_general_names asked_names;
    enum batch_verdict verdict;
    uint16_t codes[BATCH_CODES_MAX]; /* enum batch_code (check_codes.h), weightiest first */
    size_t code_count;
    char remark
        [160]; /* what the first code found here ("the modulus has 1024 bits"), safe; or "" */
};

MUST_CHECK struct error *batch_item_new(struct batch_item **ret_item);
void batch_item_free(struct batch_item *item);
DEFINE_AUTO(batch_item, batch_item_free);

/* The value of a field, borrowed, or NULL. */
const char *batch_item_field(const struct batch_item *item, const char *name);
/* SHA-256 of what a certificate is asked for by: the request, or where keys are made here the bytes of the
 * item as they were read. */
MUST_CHECK struct error *batch_item_request_hash(const struct batch_item *item,
                                                 unsigned char ret_hash[32]);
/* What is wrong with one item is a verdict: input, refused, unsupported; any other error ends what goes through many. */
bool batch_is_verdict(const struct error *error);
/* A copy of both is added. */
MUST_CHECK struct error *batch_item_add_field(struct batch_item *item, const char *name,
                                              const char *value);

/* Items one after the other, for one reader: *ret_item is NULL at the end, else the caller's. Index
 * after index without a gap. An error ends the feed; what is wrong with one item is a verdict, not
 * an error. */
struct batch_feed {
    void *self;
    struct error *(*next)(void *self, struct batch_item **ret_item);
};
