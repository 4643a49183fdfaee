/* SPDX-License-Identifier: Apache-2.0 */
#include "p11/module.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <p11-kit/p11-kit.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "p11/ck.h"
#include "p11/text.h"

#define SOFTHSM_CONFIGURATION "SOFTHSM2_CONF"

/* SoftHSM reports a missing configuration as CKR_GENERAL_ERROR, or quietly uses the tokens of the
 * whole system: said here before it is loaded. */
static struct error *
check_softhsm(const char *name, const char *path)
{
    if (strstr(path_name(path), "softhsm") == NULL)
        return NULL;
    const char *configuration = getenv(SOFTHSM_CONFIGURATION);
    if (configuration == NULL || configuration[0] == '\0')
        return error_hint(ERROR(ERROR_INPUT,
                                "module \"%s\" is SoftHSM, but it is not told where its tokens "
                                "are: " SOFTHSM_CONFIGURATION " is not set",
                                name),
                          "Set " SOFTHSM_CONFIGURATION
                          " in the site's environment.yaml to SoftHSM's configuration file.");
    if (access(configuration, R_OK) != 0)
        return error_hint(
            error_detail(ERROR(ERROR_INPUT,
                               "module \"%s\" is SoftHSM, and the configuration that "
                               "" SOFTHSM_CONFIGURATION " names cannot be read",
                               name),
                         SOFTHSM_CONFIGURATION " is \"%s\"", configuration),
            "Mend " SOFTHSM_CONFIGURATION " in the site's environment.yaml.");
    return NULL;
}

/* p11-kit's list of a library that it loads; NULL with an error. */
static struct error *
load_list(const char *name, const char *path, int flags, CK_FUNCTION_LIST **ret_list)
{
    (void)ERR_set_mark();
    CK_FUNCTION_LIST *list = p11_kit_module_load(path, flags);
    (void)ERR_pop_to_mark();
    if (list == NULL) {
        const char *message = p11_kit_message();
        return error_detail(
            ERROR(ERROR_INPUT, "module \"%s\" could not be loaded: it is not a PKCS#11 library",
                  name),
            "%s", message != NULL ? message : path);
    }
    *ret_list = list;
    return NULL;
}

/* Of a managed module p11-kit gives a list of its own, which is always whole: the one behind it is looked at. */
static struct error *
load(const char *name, const char *path, bool managed, CK_FUNCTION_LIST **ret_list)
{
    if (access(path, R_OK) != 0)
        return error_detail(
            ERROR(ERROR_NOT_FOUND, "the library of module \"%s\" is not there", name), "%s",
            path);
    CK_FUNCTION_LIST *own = NULL;
    TRY(load_list(name, path, P11_KIT_MODULE_UNMANAGED, &own));
    struct error *error = ck_check_functions(name, own);
    if (error == NULL && !managed) {
        *ret_list = own;
        return NULL;
    }
    if (error == NULL)
        error = load_list(name, path, 0, ret_list);
    p11_kit_module_release(own);
    return error;
}

static CK_RV
initialize(struct p11_module *module, const char *init_string)
{
    if (module->managed) {
        (void)ERR_set_mark();
        CK_RV rv = p11_kit_module_initialize(module->list);
        (void)ERR_pop_to_mark();
        return rv;
    }
    CK_C_INITIALIZE_ARGS arguments = {
        .flags = CKF_OS_LOCKING_OK,
        /* Modules that want nothing there refuse even an empty text. */
        .pReserved =
            init_string != NULL && init_string[0] != '\0' ? ck_unconst(init_string) : NULL,
    };
    return CK_CALL(module, C_Initialize, &arguments);
}

struct error *
p11_module_open(const char *name, const char *path, const char *init_string,
                struct p11_module **ret_module)
{
    if (path[0] != '/')
        return ERROR(ERROR_INPUT, "the path of module \"%s\" must begin with \"/\"", name);
    TRY(check_softhsm(name, path));
    p11_kit_be_quiet();
    struct p11_module *module = calloc(1, sizeof *module);
    if (module == NULL)
        return error_memory();
    module->managed = init_string == NULL;
    struct error *error = text_copy(name, &module->name);
    if (error == NULL)
        error = load(name, path, module->managed, &module->list);
    BUG_ON(error == NULL && module->list == NULL);
    if (error == NULL) {
        CK_RV rv = initialize(module, init_string);
        if (rv == CKR_OK) {
            *ret_module = module;
            return NULL;
        }
        error = P11_ERROR(rv, "could not start module \"%s\"", name);
        p11_kit_module_release(module->list);
    }
    free(module->name);
    free(module);
    return error;
}

void
p11_module_close(struct p11_module *module)
{
    if (module == NULL)
        return;
    (void)ERR_set_mark();
    if (module->managed)
        (void)p11_kit_module_finalize(module->list);
    else
        (void)module->list->C_Finalize(NULL);
    p11_kit_module_release(module->list);
    (void)ERR_pop_to_mark();
    free(module->name);
    free(module);
}

struct error *
p11_module_facts(struct p11_module *module, struct p11_module_facts *ret_facts)
{
    CK_INFO info = {0};
    CK_RV rv = CK_CALL(module, C_GetInfo, &info);
    if (rv != CKR_OK)
        return P11_ERROR(rv, "could not ask module \"%s\" for its version", module->name);
    struct p11_module_facts facts = {0};
    TRY(p11_padded_text(info.manufacturerID, sizeof info.manufacturerID, facts.manufacturer,
                        sizeof facts.manufacturer));
    TRY(p11_padded_text(info.libraryDescription, sizeof info.libraryDescription,
                        facts.description, sizeof facts.description));
    p11_version_text(info.libraryVersion.major, info.libraryVersion.minor,
                     facts.library_version);
    p11_version_text(info.cryptokiVersion.major, info.cryptokiVersion.minor,
                     facts.cryptoki_version);
    *ret_facts = facts;
    return NULL;
}
