/* SPDX-License-Identifier: Apache-2.0
 *
 * A file of the site: the first byte says which, environment, roster or custody. */
#include <stdio.h>
#include <unistd.h>

#include "ceremony/script/site.h"
#include "tests/fuzz/fuzz.h"

static struct error *
load(const char *name, const uint8_t *data, size_t size)
{
    AUTO_FAULTS faults = {0};
    AUTO(site) site = NULL;
    AUTO_BYTES text = {0};
    (void)fuzz_file(name, data, size);
    struct error *error = site_load(fuzz_folder(), NULL, &faults, &site);
    error_free(faults_text(&faults, &text));
    return error;
}

void
fuzz_one(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"environment.yaml", "roster.yaml", "custody.yaml",
                                        "approval.yaml"};
    if (size == 0)
        return;
    const char *name = names[data[0] % 4];
    char path[128];
    error_free(load(name, data + 1, size - 1));
    (void)snprintf(path, sizeof path, "%s/%s", fuzz_folder(), name);
    (void)unlink(path);
}
