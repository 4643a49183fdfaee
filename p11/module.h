/* SPDX-License-Identifier: Apache-2.0
 *
 * A PKCS#11 module, loaded through p11-kit. This folder is the only one that knows CK_*: outside it
 * there are names, flags and error objects. CK_RV values become errors in p11_error() alone. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"

struct p11_module;

struct p11_module_facts {
    char manufacturer[33];
    char description[33];
    char library_version[16];  /* "2.6" */
    char cryptoki_version[16]; /* "2.40" */
};

/* `path` is absolute. `init_string` NULL, or what the module wants in pReserved (then it is loaded
 * unmanaged and initialised by us, as NSS needs; "" hands over NULL). `name` is how people call it,
 * for messages. SoftHSM is refused unless SOFTHSM2_CONF names a file that can be read. Errors: input,
 * not-found, token. */
MUST_CHECK struct error *p11_module_open(const char *name, const char *path,
                                         const char *init_string,
                                         struct p11_module **ret_module);
/* Finalizes and unloads; all sessions and providers on it are closed before. NULL is fine. */
void p11_module_close(struct p11_module *module);
DEFINE_AUTO(p11_module, p11_module_close);

MUST_CHECK struct error *p11_module_facts(struct p11_module *module,
                                          struct p11_module_facts *ret_facts);
