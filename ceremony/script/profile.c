/* SPDX-License-Identifier: Apache-2.0
 *
 * Profiles: a certificate or CRL but the subject's key. (R8; docs/formats/profile.md) */
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/hash.h"
#include "ceremony/script/profile_read.h"
#include "ceremony/script/script_read.h"

static const char *const kinds[] = {"certificate", "crl", NULL}; /* enum pki_profile_kind */
static const char *const trusts[] = {"private", "public", NULL}; /* enum pki_trust */
static const char *const digests[] = {"sha256", "sha384", "sha512", NULL};

static const struct yaml_row waiver_rows[] = {
    YAML_ROW(struct waiver_lines, lint, "lint", YAML_NAME, YAML_REQUIRED, "the lint's id"),
    YAML_ROW(struct waiver_lines, reason, "reason", YAML_TEXT, YAML_REQUIRED,
             "why it is skipped"),
    YAML_ROW(struct waiver_lines, clause, "clause", YAML_TEXT, YAML_REQUIRED,
             "the clause that allows it"),
    YAML_ROW(struct waiver_lines, until, "until", YAML_DATE, YAML_REQUIRED,
             "the day on which it ends"),
};
static const struct yaml_schema waiver_schema = YAML_SCHEMA("a skipped lint", waiver_rows);

static struct error *
read_waiver(struct yaml_file *file, struct yaml_node item, void *self)
{
    struct pki_profile *profile = self;
    struct pki_waiver *waiver =
        yaml_grow(&profile->waivers, &profile->waiver_count, sizeof *waiver);
    if (waiver == NULL)
        return error_memory();
    struct waiver_lines lines = {0};
    struct error *error = yaml_record(file, item, &waiver_schema, &lines);
    waiver->lint = TAKE(lines.lint);
    waiver->reason = TAKE(lines.reason);
    waiver->clause = TAKE(lines.clause);
    if (error == NULL && lines.until[0] != '\0')
        error_free(
            clock_parse_date(lines.until, &waiver->until)); /* a bad date is a fault already */
    yaml_record_clear(&waiver_schema, &lines);
    return error;
}

static struct error *
read_waivers(struct yaml_file *file, struct yaml_node node, void *target)
{
    return yaml_items(file, node, "'skip-lints'", read_waiver, target);
}

static struct error *
read_padding(struct yaml_file *file, struct yaml_node node, void *target)
{
    bool *pss = target;
    AUTO_FREE char *text = NULL;
    TRY(yaml_text(file, node, "'padding'", YAML_TEXT_MAX, false, &text));
    if (text == NULL)
        return NULL;
    if (strcmp(text, "pss") != 0 && strcmp(text, "pkcs1") != 0)
        return yaml_fault(file, node, "'padding' must be 'pkcs1' or 'pss', not '%s'", text);
    *pss = strcmp(text, "pss") == 0;
    return NULL;
}

#define PROFILE_ROW_OWN(name, how, what, reader)                                               \
    {                                                                                          \
        .key = (name), .type = YAML_OWN, .flags = (how), .about = (what), .read = (reader)     \
    }

static const struct yaml_row profile_rows[] = {
    PROFILE_ROW_OWN("schema", YAML_REQUIRED, "the version of this format: 1",
                    yaml_read_schema_version),
    YAML_ROW(struct pki_profile, id, "profile", YAML_NAME, YAML_REQUIRED, "the profile's name"),
    YAML_ROW(struct pki_profile, version, "version", YAML_TEXT, YAML_REQUIRED, "such as 1.0.0"),
    YAML_ROW(struct pki_profile, title, "title", YAML_TEXT, YAML_REQUIRED, "what it is for"),
    YAML_ROW(struct pki_profile, policy, "policy", YAML_TEXT, YAML_REQUIRED,
             "the clause of CP or CPS that it implements"),
    YAML_ROW_WITH(struct pki_profile, kind, "kind", YAML_CHOICE, YAML_REQUIRED,
                  "certificate or crl", .allowed = kinds),
    YAML_ROW_WITH(struct pki_profile, trust, "trust", YAML_CHOICE, YAML_REQUIRED,
                  "private or public", .allowed = trusts),
    YAML_ROW_WITH(struct pki_profile, role, "role", YAML_CHOICE, 0, "what it is for",
                  .allowed = pki_role_names),
    YAML_ROW_WITH(struct pki_profile, digest, "digest", YAML_TEXT, 0,
                  "for RSA keys; a curve fixes its own", .allowed = digests),
    YAML_ROW_WITH(struct pki_profile, pss, "padding", YAML_OWN, 0, "pkcs1 or pss, for RSA keys",
                  .read = read_padding),
    YAML_ROW_WITH(struct pki_profile, certificate, "certificate", YAML_OWN, 0,
                  "what the certificate holds", .read = profile_read_certificate),
    YAML_ROW_WITH(struct pki_profile, crl, "crl", YAML_OWN, 0, "what the CRL holds",
                  .read = profile_read_crl),
    PROFILE_ROW_OWN("skip-lints", 0, "lints not applied, with reason and end", read_waivers),
};
static const struct yaml_schema profile_schema = YAML_SCHEMA("a profile", profile_rows);

/* The section that the kind names must be there, and the other must not. */
static struct error *
check_section(struct yaml_file *file, const struct pki_profile *profile)
{
    const struct pki_certificate_profile *certificate = &profile->certificate;
    const struct pki_crl_profile *crl = &profile->crl;
    bool has_certificate = certificate->subject.count > 0 || certificate->serial_bits != 0;
    bool has_crl = crl->next_update_days != 0 || crl->next_update_months != 0;
    bool wants_certificate = profile->kind == PKI_PROFILE_CERTIFICATE;
    struct yaml_node at = yaml_root(file);
    if (wants_certificate ? has_crl : has_certificate)
        TRY(yaml_fault(file, at, "a profile of kind '%s' has no '%s' section",
                       kinds[profile->kind], kinds[wants_certificate ? 1 : 0]));
    if (wants_certificate ? !has_certificate : !has_crl)
        TRY(yaml_fault(file, at, "missing key '%s' in a profile of that kind: what it holds",
                       kinds[profile->kind]));
    return NULL;
}

struct error *
profile_read(const char *path, struct faults *faults, struct places *places,
             struct pki_profile **ret_profile)
{
    AUTO(yaml_file) file = NULL;
    TRY(yaml_open(path, faults, places, &file));
    AUTO(pki_profile) profile = calloc(1, sizeof *profile);
    if (profile == NULL)
        return error_memory();
    profile->certificate.path_len = -1;
    const struct bytes *bytes = yaml_bytes(file);
    TRY(pki_sha256_hex(bytes->data, bytes->len, profile->sha256));
    size_t before = faults->count;
    TRY(yaml_record(file, yaml_root(file), &profile_schema, profile));
    if (yaml_parsed(file) && faults->count == before)
        TRY(check_section(file, profile));
    if (yaml_parsed(file) && faults->count == before)
        TRY(profile_check_fields(profile, yaml_name(file), places, faults));
    *ret_profile = TAKE(profile);
    return NULL;
}
