/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading back what a token made of a plan (R28). */
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/encode.h"
#include "p11/key_plan.h"
#include "p11/text.h"

static struct p11_attribute_reading *
new_row(struct p11_attribute_report *report, const char *name, const char *planned)
{
    BUG_ON(report->count >= P11_ATTRIBUTES_MAX);
    struct p11_attribute_reading *row = &report->rows[report->count++];
    row->name = name;
    (void)snprintf(row->planned, sizeof row->planned, "%s", planned);
    return row;
}

static void
set_read(struct p11_attribute_reading *row, const char *read, bool agrees)
{
    (void)snprintf(row->read, sizeof row->read, "%s", read);
    row->agrees = agrees;
}

#define UNKEPT "not kept by this token"

/* What is wanted of one flag. */
struct wanted {
    bool value;
    bool either;
    bool may_be_absent;
    bool unkept; /* proven: absent is all that there can be */
};

static struct error *
read_flag(struct p11_session *session, CK_OBJECT_HANDLE object, const struct key_attribute *row,
          const struct wanted *wanted, struct p11_attribute_report *report)
{
    enum p11_reading reading;
    TRY(ck_read_bool(session, object, row->type, &reading));
    const char *words = wanted->value ? "true" : "false";
    if (wanted->unkept)
        words = UNKEPT;
    else if (wanted->either)
        words = "false, or true where refused";
    else if (wanted->may_be_absent)
        words = wanted->value ? "true or absent" : "false or absent";
    struct p11_attribute_reading *made = new_row(report, row->name, words);
    bool agrees = reading == (wanted->value ? P11_TRUE : P11_FALSE)
                  || (reading == P11_ABSENT && (wanted->may_be_absent || wanted->unkept))
                  || (wanted->either && reading == P11_TRUE);
    set_read(made, p11_reading_name(reading), agrees);
    return NULL;
}

static struct error *
read_allowed(struct p11_session *session, CK_OBJECT_HANDLE object,
             const struct p11_key_plan *plan, struct p11_attribute_report *report)
{
    const struct key_allowed allowed = key_allowed(plan);
    bool unkept = key_is_unkept(plan, CKA_ALLOWED_MECHANISMS);
    AUTO_CK_VALUE value = {0};
    TRY(ck_read(session, object, CKA_ALLOWED_MECHANISMS, &value));
    struct p11_attribute_reading *row =
        new_row(report, "CKA_ALLOWED_MECHANISMS", unkept ? UNKEPT : allowed.spoken);
    if (value.state != P11_TRUE) {
        set_read(row, p11_reading_name(value.state), unkept && value.state == P11_ABSENT);
        return NULL;
    }
    if (key_allows_exactly(plan, &value.data)) {
        set_read(row, allowed.spoken, true);
        return NULL;
    }
    AUTO_BYTES text = {0};
    for (size_t i = 0; i + sizeof(CK_MECHANISM_TYPE) <= value.data.len;
         i += sizeof(CK_MECHANISM_TYPE)) {
        CK_MECHANISM_TYPE type = 0;
        memcpy(&type, value.data.data + i, sizeof type);
        char buffer[32];
        TRY(bytes_format(&text, "%s%s", i == 0 ? "" : " ", ck_mechanism_name(type, buffer)));
    }
    set_read(row, text.len == 0 ? "empty" : bytes_text(&text), false);
    return NULL;
}

/* Key type and curve or modulus, as one row: "EC P-256". */
static struct error *
read_kind(struct p11_session *session, CK_OBJECT_HANDLE object, const struct key_kind *kind,
          const char *name, struct p11_attribute_report *report)
{
    const struct key_kind *is = NULL;
    TRY(key_object_kind(session, object, &is));
    struct p11_attribute_reading *row = new_row(report, name, kind->spoken);
    set_read(row, is != NULL ? is->spoken : "another type or size", is == kind);
    return NULL;
}

static struct error *
read_label(struct p11_session *session, CK_OBJECT_HANDLE object,
           const struct p11_key_plan *plan, const char *name,
           struct p11_attribute_report *report)
{
    AUTO_CK_VALUE value = {0};
    TRY(ck_read(session, object, CKA_LABEL, &value));
    struct p11_attribute_reading *row = new_row(report, name, plan->label);
    char text[sizeof row->read];
    TRY(p11_padded_text(value.data.data, value.data.len, text, sizeof text));
    bool same = value.state == P11_TRUE && value.data.len == strlen(plan->label)
                && memcmp(value.data.data, plan->label, value.data.len) == 0;
    set_read(row, value.state == P11_TRUE ? text : p11_reading_name(value.state), same);
    return NULL;
}

static struct error *
read_gen_mechanism(struct p11_session *session, CK_OBJECT_HANDLE object,
                   const struct key_kind *kind, enum p11_key_purpose purpose,
                   struct p11_attribute_report *report)
{
    enum p11_reading reading;
    CK_ULONG number = 0;
    TRY(ck_read_number(session, object, CKA_KEY_GEN_MECHANISM, &reading, &number));
    char planned[32];
    char read[32];
    bool restored = purpose == P11_KEY_RESTORED;
    struct p11_attribute_reading *row =
        new_row(report, "CKA_KEY_GEN_MECHANISM",
                restored ? "unavailable" : ck_mechanism_name(kind->generate, planned));
    if (reading == P11_TRUE)
        set_read(row, ck_mechanism_name(number, read), !restored && number == kind->generate);
    else
        set_read(row, restored ? "unavailable" : p11_reading_name(reading), restored);
    return NULL;
}

static struct error *
read_unique_id(struct p11_session *session, CK_OBJECT_HANDLE object,
               struct p11_attribute_report *report)
{
    AUTO_CK_VALUE value = {0};
    TRY(ck_read(session, object, CKA_UNIQUE_ID, &value));
    struct p11_attribute_reading *row = new_row(report, "CKA_UNIQUE_ID", "as the token has it");
    char text[sizeof row->read];
    TRY(p11_padded_text(value.data.data, value.data.len, text, sizeof text));
    set_read(row, value.state == P11_TRUE ? text : p11_reading_name(value.state), true);
    return NULL;
}

static struct error *
read_private(struct p11_session *session, CK_OBJECT_HANDLE object,
             const struct p11_key_plan *plan, bool locked, struct p11_attribute_report *report)
{
    const struct key_kind *kind = key_kind(plan->type);
    TRY(read_kind(session, object, kind, "CKA_KEY_TYPE", report));
    TRY(read_label(session, object, plan, "CKA_LABEL", report));
    for (size_t i = 0; i < key_private_attribute_count; i++) {
        const struct key_attribute *row = &key_private_attributes[i];
        struct wanted wanted = {
            .value = key_row_planned(plan, row),
            .either = row->type == CKA_MODIFIABLE && plan->purpose == P11_KEY_RESTORED,
            .may_be_absent = key_row_may_be_absent(plan, row),
            .unkept = key_is_unkept(plan, row->type),
        };
        if (row->type == CKA_EXTRACTABLE && locked)
            wanted.value = false;
        TRY(read_flag(session, object, row, &wanted, report));
    }
    TRY(read_allowed(session, object, plan, report));
    TRY(read_gen_mechanism(session, object, kind, plan->purpose, report));
    return read_unique_id(session, object, report);
}

struct error *
p11_key_read_back(struct p11_session *session, const struct p11_key_plan *plan, bool locked,
                  struct p11_attribute_report *ret_report)
{
    struct p11_attribute_report report = {.all_agree = true};
    CK_OBJECT_HANDLE private = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE public = CK_INVALID_HANDLE;
    TRY(key_find_one(session, CKO_PRIVATE_KEY, plan->id, plan->id_len, &private));
    TRY(key_find_one(session, CKO_PUBLIC_KEY, plan->id, plan->id_len, &public));
    TRY(read_private(session, private, plan, locked, &report));
    TRY(read_kind(session, public, key_kind(plan->type), "public CKA_KEY_TYPE", &report));
    for (size_t i = 0; i < key_public_attribute_count; i++) {
        const struct key_attribute *row = &key_public_attributes[i];
        struct wanted wanted = {.value = row->planned[plan->purpose],
                                .may_be_absent = row->may_be_absent};
        TRY(read_flag(session, public, row, &wanted, &report));
    }
    for (size_t i = 0; i < report.count; i++)
        report.all_agree = report.all_agree && report.rows[i].agrees;
    *ret_report = report;
    return NULL;
}
