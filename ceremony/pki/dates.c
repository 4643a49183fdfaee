/* SPDX-License-Identifier: Apache-2.0
 *
 * When objects are valid. */
#include <stdio.h>
#include <stdlib.h>

#include "ceremony/base/clock.h"
#include "ceremony/pki/draft.h"
#include "ceremony/pki/x509.h"

#define DAY 86400

int64_t
draft_not_before(const struct pki_certificate_profile *profile, int64_t now)
{
    return profile->not_before != 0 ? profile->not_before : now - profile->backdate_seconds;
}

struct error *
draft_not_after(const struct pki_certificate_profile *profile, int64_t not_before,
                int64_t *ret_not_after)
{
    int given =
        (profile->validity_years > 0) + (profile->validity_days > 0) + (profile->not_after > 0);
    if (given != 1)
        return ERROR(ERROR_INPUT,
                     "the profile must give the validity as years, days or an end");
    /* Both ends belong to the validity, so n years end one second before the n-th anniversary. */
    if (profile->validity_years > 0) {
        if (profile->validity_years > 8000)
            return ERROR(ERROR_INPUT, "a validity of %d years is too long",
                         profile->validity_years);
        *ret_not_after = clock_add_years(not_before, profile->validity_years) - 1;
    } else if (profile->validity_days > 0)
        *ret_not_after = not_before + (int64_t)profile->validity_days * DAY - 1;
    else
        *ret_not_after = profile->not_after;
    if (*ret_not_after <= not_before)
        return ERROR(ERROR_INPUT, "the certificate would end before it begins");
    if (*ret_not_after > PKI_NOT_AFTER_FOREVER)
        return ERROR(ERROR_INPUT, "the certificate would end after the year 9999");
    return NULL;
}

/* Calendar months; the day shrinks where the month is shorter. */
static struct error *
add_months(int64_t seconds, int months, int64_t *ret_seconds)
{
    char text[CLOCK_TEXT_SIZE];
    clock_format_seconds(seconds, text); /* "2026-11-23 14:32:07Z" */
    int year = (int)strtol(text, NULL, 10);
    int month = (int)strtol(text + 5, NULL, 10) - 1 + months;
    int day = (int)strtol(text + 8, NULL, 10);
    year += month / 12;
    month = month % 12 + 1;
    if (year > 9999)
        return ERROR(ERROR_INPUT, "the next update would lie after the year 9999");
    struct error *error = NULL;
    for (int tries = 0; tries < 4; tries++) {
        char date[64];
        error_free(error);
        (void)snprintf(date, sizeof date, "%04d-%02d-%02dT%.8sZ", year, month, day - tries,
                       text + 11);
        int64_t ms = 0;
        error = clock_parse(date, &ms);
        if (error == NULL) {
            *ret_seconds = ms / 1000;
            return NULL;
        }
    }
    return error;
}

struct error *
draft_next_update(const struct pki_crl_profile *profile, int64_t this_update,
                  int64_t *ret_next_update)
{
    if ((profile->next_update_days > 0) == (profile->next_update_months > 0))
        return ERROR(ERROR_INPUT, "the profile must give the next update as days or as months");
    if (profile->next_update_months > 0)
        return add_months(this_update, profile->next_update_months, ret_next_update);
    *ret_next_update = this_update + (int64_t)profile->next_update_days * DAY;
    return NULL;
}

/* A time of a draft's TBS or of a whole object. */
struct error *
pki_validity_of(const void *der, size_t len, int64_t *ret_from, int64_t *ret_until)
{
    struct x509 x509;
    struct der_time from;
    struct der_time until;
    TRY(x509_read(der, len, KIND_CERTIFICATE | KIND_CRL, "the object", &x509));
    if (x509.until.whole.p == NULL)
        return ERROR(ERROR_INPUT, "the CRL has no next update");
    const char *fault = der_time(&x509.from, &from);
    if (fault == NULL)
        fault = der_time(&x509.until, &until);
    if (fault != NULL)
        return ERROR(ERROR_INPUT, "the object's dates could not be read: %s", fault);
    *ret_from = from.seconds;
    *ret_until = until.seconds;
    return NULL;
}
