/* SPDX-License-Identifier: Apache-2.0
 *
 * `certificate:` of a profile. */
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/text.h"
#include "ceremony/script/profile_read.h"

#define DAY_SECONDS 86400

static struct error *
read_until(struct yaml_file *file, struct yaml_node node, void *target)
{
    int64_t *not_after = target;
    AUTO_FREE char *text = NULL;
    TRY(yaml_text(file, node, "'until'", YAML_TEXT_MAX, false, &text));
    if (text == NULL)
        return NULL;
    if (strcmp(text, "forever") == 0) {
        *not_after = PKI_NOT_AFTER_FOREVER;
        return NULL;
    }
    struct error *error = clock_parse_date(text, not_after);
    if (error != NULL) {
        error_free(error);
        return yaml_fault(file, node, "'until' must be 'forever' or a date such as 2051-11-23");
    }
    *not_after += DAY_SECONDS - 1; /* the day's last second */
    return NULL;
}

static struct error *
read_from(struct yaml_file *file, struct yaml_node node, void *target)
{
    int64_t *not_before = target; /* the day's first second */
    AUTO_FREE char *text = NULL;
    TRY(yaml_text(file, node, "'from'", YAML_TEXT_MAX, false, &text));
    if (text == NULL)
        return NULL;
    struct error *error = clock_parse_date(text, not_before);
    if (error == NULL)
        return NULL;
    error_free(error);
    return yaml_fault(file, node, "'from' must be a date such as 2026-11-23");
}

static const struct yaml_row validity_rows[] = {
    YAML_ROW_WITH(struct pki_certificate_profile, not_before, "from", YAML_OWN, 0,
                  "a day on which it begins", .read = read_from),
    YAML_ROW_NUMBER(struct pki_certificate_profile, validity_years, "years", 0, "so many years",
                    1, 100),
    YAML_ROW_NUMBER(struct pki_certificate_profile, validity_days, "days", 0, "so many days", 1,
                    36525),
    YAML_ROW_WITH(struct pki_certificate_profile, not_after, "until", YAML_OWN, 0,
                  "a day, or 'forever' (99991231235959Z)", .read = read_until),
};
static const struct yaml_schema validity_schema = YAML_SCHEMA("'validity'", validity_rows);

static struct error *
read_validity(struct yaml_file *file, struct yaml_node node, void *target)
{
    struct pki_certificate_profile *profile = target;
    TRY(yaml_record(file, node, &validity_schema, profile));
    int given = (profile->validity_years != 0) + (profile->validity_days != 0)
                + (profile->not_after != 0);
    if (given != 1 && yaml_is_mapping(node))
        return yaml_fault(file, node,
                          "'validity' needs exactly one of 'years', 'days', 'until'");
    return NULL;
}

/* `limits:`, read into records of the same form as a validity (R70). */
static const struct yaml_row limit_validity_rows[] = {
    YAML_ROW_NUMBER(struct pki_limits, validity_years, "years", 0, "so many years", 1, 8000),
    YAML_ROW_NUMBER(struct pki_limits, validity_days, "days", 0, "so many days", 1, 36525),
};
static const struct yaml_schema limit_validity_schema =
    YAML_SCHEMA("'validity' of 'limits'", limit_validity_rows);

static struct error *
read_limit_validity(struct yaml_file *file, struct yaml_node node, void *target)
{
    struct pki_limits *limits = target;
    TRY(yaml_record(file, node, &limit_validity_schema, limits));
    if ((limits->validity_years != 0) == (limits->validity_days != 0) && yaml_is_mapping(node))
        return yaml_fault(file, node, "'validity' needs exactly one of 'years', 'days'");
    return NULL;
}

static const struct yaml_row limit_until_rows[] = {
    YAML_ROW_NUMBER(struct pki_limits, until_years, "years", 0, "so many years", 1, 100),
    YAML_ROW_NUMBER(struct pki_limits, until_days, "days", 0, "so many days", 1, 36525),
    YAML_ROW_WITH(struct pki_limits, until, "day", YAML_OWN, 0, "a day", .read = read_until),
};
static const struct yaml_schema limit_until_schema =
    YAML_SCHEMA("'until' of 'limits'", limit_until_rows);

static struct error *
read_limit_until(struct yaml_file *file, struct yaml_node node, void *target)
{
    struct pki_limits *limits = target;
    TRY(yaml_record(file, node, &limit_until_schema, limits));
    int given = (limits->until_years != 0) + (limits->until_days != 0) + (limits->until != 0);
    if (given != 1 && yaml_is_mapping(node))
        return yaml_fault(file, node, "'until' needs exactly one of 'years', 'days', 'day'");
    return NULL;
}

static const struct yaml_row limit_rows[] = {
    YAML_ROW_NUMBER(struct pki_limits, count, "count", 0, "so many certificates", 1,
                    1000000000),
    {.key = "until",
       .type = YAML_OWN,
       .about = "the end of its signatures",
       .read = read_limit_until   },
    {.key = "validity",
       .type = YAML_OWN,
       .about = "the longest life of what it signs",
       .read = read_limit_validity},
};
static const struct yaml_schema limit_schema = YAML_SCHEMA("'limits'", limit_rows);

static struct error *
read_limits(struct yaml_file *file, struct yaml_node node, void *target)
{
    return yaml_record(file, node, &limit_schema, target);
}

/* A list; none, for a name among the alternative names alone; or that of an existing certificate. */
static struct error *
read_subject(struct yaml_file *file, struct yaml_node node, void *target)
{
    struct pki_certificate_profile *profile = target;
    AUTO_FREE char *text = NULL;
    if (!yaml_is_scalar(node))
        return profile_read_name(file, node, &profile->subject);
    TRY(yaml_text(file, node, "'subject'", YAML_TEXT_MAX, false, &text));
    if (text == NULL)
        return NULL;
    profile->subject_of_existing = strcmp(text, "of-existing") == 0;
    if (!profile->subject_of_existing && strcmp(text, "none") != 0)
        return yaml_fault(file, node, "'subject' must be a list, 'none' or 'of-existing'");
    return NULL;
}

#define SECTION_OWN(name, how, what, reader)                                                   \
    {                                                                                          \
        .key = (name), .type = YAML_OWN, .flags = (how), .about = (what), .read = (reader)     \
    }

static const struct yaml_row certificate_rows[] = {
    YAML_ROW_WITH(struct pki_certificate_profile, fields, "fields", YAML_OWN, 0,
                  "what an item or a request may bring", .read = profile_read_fields),
    SECTION_OWN("subject", YAML_REQUIRED, "the subject's name", read_subject),
    YAML_ROW(struct pki_certificate_profile, keys, "keys", YAML_TEXTS, 0,
             "the types of the subject's key"),
    SECTION_OWN("validity", YAML_REQUIRED, "how long it is valid", read_validity),
    YAML_ROW_NUMBER(struct pki_certificate_profile, backdate_seconds, "backdate-seconds", 0,
                    "how long before the signature it begins", 0, DAY_SECONDS),
    YAML_ROW_NUMBER(struct pki_certificate_profile, serial_bits, "serial-bits", 0,
                    "random bits of the serial number", 64, 159),
    YAML_ROW(struct pki_certificate_profile, outlives_reason, "outlives-issuer", YAML_TEXT, 0,
             "the reason why it may end after its issuer"),
    YAML_ROW_WITH(struct pki_certificate_profile, limits, "limits", YAML_OWN, 0,
                  "what a CA that gets it may issue", .read = read_limits),
    SECTION_OWN("extensions", YAML_REQUIRED, "its extensions", profile_read_extensions),
};
static const struct yaml_schema certificate_schema =
    YAML_SCHEMA("'certificate'", certificate_rows);

#define SERIAL_BITS_DEFAULT 159

struct error *
profile_read_certificate(struct yaml_file *file, struct yaml_node node, void *target)
{
    struct pki_certificate_profile *profile = target;
    profile->serial_bits = SERIAL_BITS_DEFAULT;
    TRY(yaml_record(file, node, &certificate_schema, profile));
    profile->outlives_issuer = profile->outlives_reason[0] != '\0';
    return NULL;
}
