/* SPDX-License-Identifier: Apache-2.0
 *
 * A profile, named by a script that is right. */
#include <stdio.h>
#include <sys/stat.h>

#include "ceremony/script/script.h"
#include "tests/fuzz/fuzz.h"

/* The root's script, both of whose profiles are the input. */
static struct error *
load(const uint8_t *data, size_t size)
{
    char folder[128];
    size_t len = 0;
    const uint8_t *script_text = fuzz_source_file("scripts/root-ca.yaml", &len);
    (void)snprintf(folder, sizeof folder, "%s/profiles", fuzz_folder());
    (void)mkdir(folder, 0700);
    (void)fuzz_file("profiles/root-private.yaml", data, size);
    (void)fuzz_file("profiles/crl-full.yaml", data, size);
    AUTO_FAULTS faults = {0};
    AUTO(script) script = NULL;
    AUTO_BYTES text = {0};
    struct error *error =
        script_load(fuzz_file("script.yaml", script_text, len), &faults, &script);
    error_free(faults_text(&faults, &text));
    return error;
}

void
fuzz_one(const uint8_t *data, size_t size)
{
    error_free(load(data, size));
}
