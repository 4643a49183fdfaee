/* SPDX-License-Identifier: Apache-2.0
 *
 * A script; the shipped profiles lie beside it (R1, R5). */
#include <stdio.h>
#include <unistd.h>

#include "ceremony/script/script.h"
#include "tests/fuzz/fuzz.h"

static struct error *
load(const uint8_t *data, size_t size)
{
    AUTO_FAULTS faults = {0};
    AUTO(script) script = NULL;
    AUTO_BYTES text = {0};
    struct error *error = script_load(fuzz_file("script.yaml", data, size), &faults, &script);
    error_free(faults_text(&faults, &text));
    TRY(error);
    return script_apply_parameters(script);
}

void
fuzz_one(const uint8_t *data, size_t size)
{
    char link[128];
    (void)snprintf(link, sizeof link, "%s/profiles", fuzz_folder());
    if (symlink(TEST_SOURCE_DIR "/scripts/profiles", link) == 0)
        (void)fuzz_file("made", data, 0);
    error_free(load(data, size));
}
