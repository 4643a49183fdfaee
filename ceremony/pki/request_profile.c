/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/request_profile.h"

#include <string.h>

#include "ceremony/pki/request_private.h"

/* Once each. */
static struct error *
add_text(struct pki_texts *texts, char *text)
{
    if (request_texts_have(texts, text))
        return NULL;
    /* The analyzer confuses these texts with those of another list. */
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
    char **items = realloc(texts->items, (texts->count + 1) * sizeof *items);
    if (items == NULL)
        return error_memory();
    texts->items = items;
    items[texts->count++] = text;
    return NULL;
}

static bool
is_name_kind(const char *part)
{
    static const char *const kinds[] = {"dns", "uri", "email", "ip"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i], part) == 0)
            return true;
    return false;
}

static struct error *
add_field(struct request_profile_rules *rules, const struct pki_field *field)
{
    if (field->source != PKI_FROM_REQUEST)
        return NULL;
    if (!is_name_kind(field->part))
        return add_text(&rules->subject, field->part);
    if (field->form == PKI_FORM_WILDCARD)
        rules->rules.wildcards = true;
    return add_text(&rules->alt_names, field->part);
}

struct error *
request_rules_of_profile(const struct pki_profile *profile,
                         struct request_profile_rules *ret_rules)
{
    const struct pki_certificate_profile *certificate = &profile->certificate;
    request_profile_rules_clear(ret_rules);
    for (size_t i = 0; i < certificate->fields.count; i++)
        TRY(add_field(ret_rules, &certificate->fields.items[i]));
    for (size_t i = 0; i < certificate->subject.count; i++)
        TRY(add_text(&ret_rules->ignored, certificate->subject.parts[i].type));
    struct request_rules *rules = &ret_rules->rules;
    rules->subject = &ret_rules->subject;
    rules->ignored = &ret_rules->ignored;
    rules->alt_names = &ret_rules->alt_names;
    rules->empty_subject = ret_rules->subject.count == 0;
    rules->keys = certificate->keys.count == 0 ? NULL : &certificate->keys;
    if (certificate->key_usage != PKI_ABSENT)
        rules->key_usage_bits = certificate->key_usage_bits;
    if (certificate->ext_key_usage != PKI_ABSENT)
        rules->ext_usages = &certificate->ext_key_usages;
    return NULL;
}

void
request_profile_rules_clear(struct request_profile_rules *rules)
{
    free(rules->subject.items);
    free(rules->ignored.items);
    free(rules->alt_names.items);
    *rules = (struct request_profile_rules){0};
}
