/* SPDX-License-Identifier: Apache-2.0
 *
 * Some tokens have no place for some attributes: NSS refuses a key whose template holds one that its
 * database does not know. Whether that is so is tried on throw-away keys, one attribute at a time, so that a
 * token which keeps an attribute is never let off (R28, FACTS 8). */
#include <string.h>

#include "ceremony/base/random.h"
#include "p11/key_plan.h"

/* Of a restored key only; each adds to what EXTRACTABLE, SENSITIVE and the usages say, and replaces none of them. */
static const struct {
    const char *name;
    CK_ATTRIBUTE_TYPE type;
} rows[] = {
    {"CKA_COPYABLE",           CKA_COPYABLE          },
    {"CKA_DESTROYABLE",        CKA_DESTROYABLE       },
    {"CKA_ALLOWED_MECHANISMS", CKA_ALLOWED_MECHANISMS},
};

#define ROW_COUNT (sizeof rows / sizeof rows[0])

bool
key_is_unkept(const struct p11_key_plan *plan, CK_ATTRIBUTE_TYPE type)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].type == type)
            return plan->purpose == P11_KEY_RESTORED && (plan->unkept >> i & 1U) != 0;
    return false;
}

const char *
p11_unkept_name(unsigned unkept, size_t n)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if ((unkept >> i & 1U) != 0 && n-- == 0)
            return rows[i].name;
    return NULL;
}

static void
plain_template(struct ck_template *template, const struct p11_key_plan *plan)
{
    ck_template_add(template, CKA_LABEL, plan->label, strlen(plan->label));
    ck_template_add(template, CKA_ID, plan->id, plan->id_len);
    ck_template_add_bool(template, CKA_TOKEN, true);
    ck_template_add_bool(template, CKA_PRIVATE, true);
    ck_template_add_bool(template, CKA_SENSITIVE, true);
    ck_template_add_bool(template, CKA_EXTRACTABLE, false);
    ck_template_add_bool(template, CKA_SIGN, true);
}

static void
add_row(struct ck_template *template, const struct p11_key_plan *plan, CK_ATTRIBUTE_TYPE type)
{
    const struct key_allowed allowed = key_allowed(plan);
    if (type == CKA_ALLOWED_MECHANISMS)
        ck_template_add(template, type, allowed.list, allowed.count * sizeof allowed.list[0]);
    else
        ck_template_add_bool(template, type, key_planned(plan, type));
}

/* A key pair with the attribute (NULL: with none): what came of it, and what the token says of the attribute
 * afterwards. The pair is gone when this returns. */
static struct error *
try_pair(struct p11_session *session, const CK_ATTRIBUTE_TYPE *type, CK_RV *ret_rv,
         bool *ret_kept)
{
    struct p11_key_plan plan = {.type = P11_EC_P256,
                                .purpose = P11_KEY_RESTORED,
                                .label = "ceremony-probe",
                                .id_len = 16};
    const struct key_kind *kind = key_kind(plan.type);
    struct ck_template public = {0};
    struct ck_template private = {0};
    CK_MECHANISM mechanism = {.mechanism = kind->generate};
    CK_OBJECT_HANDLE handles[2] = {CK_INVALID_HANDLE, CK_INVALID_HANDLE};
    AUTO_CK_VALUE value = {0};
    size_t destroyed = 0;
    TRY(random_bytes(plan.id, plan.id_len));
    key_public_template(&public, kind, &plan);
    ck_template_add(&public, CKA_EC_PARAMS, kind->params, kind->params_len);
    plain_template(&private, &plan);
    if (type != NULL)
        add_row(&private, &plan, *type);
    *ret_kept = false;
    *ret_rv =
        CK_CALL(session->module, C_GenerateKeyPair, session->handle, &mechanism, public.rows,
                public.count, private.rows, private.count, &handles[0], &handles[1]);
    if (ck_is_fatal(*ret_rv))
        return P11_ERROR(*ret_rv, "could not make a throw-away key on token \"%s\"",
                         session->token);
    struct error *error = NULL;
    if (*ret_rv == CKR_OK && type != NULL) {
        error = ck_read(session, handles[1], *type, &value);
        *ret_kept = value.state != P11_ABSENT;
    }
    struct error *left = p11_key_destroy(session, plan.id, plan.id_len, &destroyed);
    if (error == NULL)
        return left;
    error_free(left);
    return error;
}

static bool
refuses_template(CK_RV rv)
{
    return rv == CKR_ATTRIBUTE_TYPE_INVALID || rv == CKR_ATTRIBUTE_VALUE_INVALID
           || rv == CKR_TEMPLATE_INCONSISTENT;
}

/* NSS says of an attribute without a place nothing better than that something failed. Such a failure counts only
 * when it comes twice, alike, and the same pair without the attribute is made in between. */
static struct error *
fails_again(struct p11_session *session, size_t row, CK_RV rv)
{
    CK_RV without = CKR_OK;
    CK_RV again = CKR_OK;
    bool kept = false;
    TRY(try_pair(session, NULL, &without, &kept));
    TRY(try_pair(session, &rows[row].type, &again, &kept));
    if (without == CKR_OK && again == rv)
        return NULL;
    return P11_ERROR(rv, "could not find out whether token \"%s\" keeps %s", session->token,
                     rows[row].name);
}

struct error *
p11_key_unkept(struct p11_session *session, unsigned *ret_unkept)
{
    CK_RV rv = CKR_OK;
    bool kept = false;
    unsigned unkept = 0;
    TRY(try_pair(session, NULL, &rv, &kept));
    if (rv != CKR_OK)
        return P11_ERROR(rv, "could not make a throw-away key on token \"%s\"", session->token);
    for (size_t i = 0; i < ROW_COUNT; i++) {
        TRY(try_pair(session, &rows[i].type, &rv, &kept));
        if (rv != CKR_OK && !refuses_template(rv))
            TRY(fails_again(session, i, rv));
        if (!kept)
            unkept |= 1U << i;
    }
    *ret_unkept = unkept;
    return NULL;
}
