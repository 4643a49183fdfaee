/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens in the slots of a module: what they say of themselves, finding the one that an RFC 7512 URI
 * names, initialising a blank one. Texts are trimmed and safe to show. (R20) */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ceremony/base/error.h"
#include "p11/module.h"

struct p11_token_info {
    unsigned long slot; /* changes when a token is initialised */
    char slot_description[80];
    char label[129];
    char manufacturer[129];
    char model[65];
    char serial[65]; /* empty on a blank SoftHSM slot */
    char hardware_version[16];
    char firmware_version[16];
    bool initialized;
    bool user_pin_set;
    bool login_required;
    bool protected_path; /* the PIN is typed on the token's own keypad */
    bool write_protected;
    bool clock_on_token;
    bool error_state;
    bool user_pin_count_low;
    bool user_pin_final_try;
    bool user_pin_locked;
    bool so_pin_count_low;
    bool so_pin_final_try;
    bool so_pin_locked;
    bool user_pin_to_be_changed;
    bool so_pin_to_be_changed;
    unsigned long pin_min;
    unsigned long pin_max;
};

/* All slots with a token present, blank ones too. The caller frees the array. */
MUST_CHECK struct error *p11_tokens_list(struct p11_module *module,
                                         struct p11_token_info **ret_tokens, size_t *ret_count);
/* Checks an RFC 7512 URI: unrecognised or duplicate attributes, `pin-value`, and a URI that names
 * neither token nor serial are input errors that name the attribute. */
MUST_CHECK struct error *p11_uri_check(const char *uri);
/* The serial number that a URI names; "" if it names none. The caller frees. Errors: as p11_uri_check. */
MUST_CHECK struct error *p11_uri_serial(const char *uri, char **ret_serial);
/* "pkcs11:..." that names this token by token, manufacturer, model and serial. The caller frees. */
MUST_CHECK struct error *p11_token_uri(const struct p11_token_info *token, char **ret_uri);
/* Exactly one initialised token matches `uri`; none is not-found, several are refused. */
MUST_CHECK struct error *p11_token_find(struct p11_module *module, const char *uri,
                                        struct p11_token_info *ret_token);
/* Exactly one uninitialised token in the module; several are refused. */
MUST_CHECK struct error *p11_token_find_blank(struct p11_module *module,
                                              struct p11_token_info *ret_token);
/* Reads the same slot again (flags change after a wrong PIN). */
MUST_CHECK struct error *p11_token_read(struct p11_module *module, unsigned long slot,
                                        struct p11_token_info *ret_token);

/* Names of mechanisms ("CKM_ECDSA", or 0x80000001 when unknown), sorted; one allocation that the
 * caller frees: array of `count` pointers into the same block. */
MUST_CHECK struct error *p11_token_mechanisms(struct p11_module *module, unsigned long slot,
                                              const char ***ret_names, size_t *ret_count);
/* Whether the token has the mechanism of this name with the uses asked for ("sign", "wrap",
 * "unwrap", "generate-key-pair", "generate"); NULL use: any. */
MUST_CHECK struct error *p11_token_can(struct p11_module *module, unsigned long slot,
                                       const char *mechanism, const char *use, bool *ret_can);

struct secret;
/* C_InitToken with the SO's PIN (NULL: protected path), then finds the token again, whose slot may
 * have changed. `ret_token` is the initialised token. Wipes whatever was on it. */
MUST_CHECK struct error *p11_token_initialize(struct p11_module *module,
                                              const struct p11_token_info *blank,
                                              const char *label, const struct secret *so_pin,
                                              struct p11_token_info *ret_token);
