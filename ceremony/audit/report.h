/* SPDX-License-Identifier: Apache-2.0
 *
 * What a verification found: checks by name, each right, at fault, or not done with the reason. A
 * fault names the file and, where there is one, the record. Nothing here prints until the end, so
 * that the verdict can stand first. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"

enum check_state {
    CHECK_OK,
    CHECK_FAULT,
    CHECK_NOT_DONE
};

struct check_fault {
    char *file;   /* relative to the folder */
    uint64_t seq; /* of the record; 0: the file as a whole */
    char *text;
};

struct check_result {
    const char *name;
    enum check_state state;
    char *note; /* what was counted, or why it was not done; "" */
    struct check_fault *faults;
    size_t count;
};

struct report {
    char *subject;  /* folder or "chain", as the person named it */
    char *ceremony; /* id; "" unknown */
    struct check_result *checks;
    size_t count;
    size_t faults; /* of all checks */
    size_t not_done;
    bool origin; /* a trust file holds the right head */
};

void report_clear(struct report *report);
#define AUTO_REPORT __attribute__((cleanup(report_clear))) struct report

/* All that follows belongs to this check. `name` is static. */
MUST_CHECK struct error *report_begin(struct report *report, const char *name);
/* A fault of the current check. At most 40 of one check are kept by text; all are counted. */
MUST_CHECK struct error *report_fault(struct report *report, const char *file, uint64_t seq,
                                      const char *format, ...) PRINTF_LIKE(4, 5);
/* The error (freed) becomes a fault, memory excepted, which is returned. NULL error: nothing. */
MUST_CHECK struct error *report_error(struct report *report, const char *file, uint64_t seq,
                                      struct error *error);
/* What the check looked at, in a few words; notes of one check add up. */
MUST_CHECK struct error *report_note(struct report *report, const char *format, ...)
    PRINTF_LIKE(2, 3);
/* The check was not possible, or only in part. */
MUST_CHECK struct error *report_not_done(struct report *report, const char *format, ...)
    PRINTF_LIKE(2, 3);
bool report_has_fault(const struct report *report, const char *name);

/* Verdict first, 80 columns. `all`: every check, else faults and what was not done. */
MUST_CHECK struct error *report_text(const struct report *report, struct bytes *text);
MUST_CHECK struct error *report_json(const struct report *report, struct bytes *text);
/* "FAULT", "CONSISTENT, ORIGIN NOT ESTABLISHED", "VERIFIED". */
const char *report_verdict(const struct report *report);
int report_status(const struct report *report); /* 4, 5, 0 */
