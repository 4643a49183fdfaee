/* SPDX-License-Identifier: Apache-2.0 */
#include "p11/functions.h"

#include <stddef.h>
#include <string.h>

struct function {
    const char *name;
    size_t at; /* offset in the list */
};

static const struct function functions[] = {
#define CK_FUNCTION_ROW(name) {#name, offsetof(CK_FUNCTION_LIST, name)},
    CK_FUNCTIONS(CK_FUNCTION_ROW)
#undef CK_FUNCTION_ROW
};

struct error *
ck_check_functions(const char *name, const CK_FUNCTION_LIST *list)
{
    static const unsigned char nothing[sizeof list->C_Initialize];
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        const unsigned char *place = (const unsigned char *)list + functions[i].at;
        if (memcmp(place, nothing, sizeof nothing) == 0)
            return error_hint(
                ERROR(ERROR_INPUT,
                      "module \"%s\" cannot be used: its list of functions lacks %s", name,
                      functions[i].name),
                "PKCS#11 wants every module to have all functions. Look whether \"path\" in the site's "
                "environment.yaml names the vendor's library, and ask the vendor for another version.");
    }
    return NULL;
}
