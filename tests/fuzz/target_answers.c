/* SPDX-License-Identifier: Apache-2.0
 *
 * The answers of a headless run. */
#include <stdlib.h>

#include "ceremony/script/answers.h"
#include "tests/fuzz/fuzz.h"

static struct error *
load(const uint8_t *data, size_t size)
{
    AUTO_FAULTS faults = {0};
    AUTO(answers) answers = NULL;
    AUTO_BYTES text = {0};
    struct error *error =
        answers_load(fuzz_file("answers.yaml", data, size), &faults, &answers);
    error_free(faults_text(&faults, &text));
    TRY(error);
    struct scripted_answer answer = {0};
    error_free(answers_take(answers, "generate-root.primary.user-pin", &answer));
    free(answer.text);
    AUTO_BYTES unused = {0};
    return answers_unused(answers, &unused);
}

void
fuzz_one(const uint8_t *data, size_t size)
{
    error_free(load(data, size));
}
