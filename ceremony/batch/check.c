/* SPDX-License-Identifier: Apache-2.0
 *
 * One item by itself. */
#include "ceremony/batch/check.h"

#include <string.h>

#include <openssl/sha.h>

#include "ceremony/base/text.h"

#define DEVICE_FIELD "serial"
#define DEVICE_TYPE  "serialNumber"

static struct error *
name_device(const struct batch_check *check, const struct batch_item *item, char **ret_device)
{
    if (check->device != NULL)
        return check->device(check->user, item, ret_device);
    const char *device = batch_item_field(item, DEVICE_FIELD);
    for (size_t i = 0; i < item->asked_subject.count && device == NULL; i++)
        if (strcmp(item->asked_subject.parts[i].type, DEVICE_TYPE) == 0)
            device = item->asked_subject.parts[i].value;
    return text_copy(device == NULL ? "" : device, ret_device);
}

struct error *
batch_check_device(const struct batch_check *check, struct batch_item *item)
{
    free(TAKE(item->device));
    struct error *error = name_device(check, item, &item->device);
    if (error == NULL || !batch_is_verdict(error))
        return error;
    char why[sizeof item->remark];
    text_fit(error_what(error), why, sizeof why);
    batch_item_add_code(item, BATCH_PROFILE_VALUES, "%s", why);
    error_free(error);
    return NULL;
}

static bool
is_ca_key(const struct batch_check *check, struct der spki)
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    SHA256(spki.p, spki.len, hash);
    for (size_t i = 0; i < check->ca_key_count; i++)
        if (memcmp(check->ca_keys[i], hash, sizeof hash) == 0)
            return true;
    return false;
}

/* A device that gets its key here: the list must name it. */
static void
check_listed(struct batch_item *item)
{
    const char *device = batch_item_field(item, DEVICE_FIELD);
    if (device == NULL || device[0] == '\0')
        batch_item_add_code(item, BATCH_MANIFEST_LINE, "%s",
                            "it names no device: no \"serial\"");
    else
        item->verdict = BATCH_ACCEPTED;
}

struct error *
batch_check_item(const struct batch_check *check, struct request_checker *checker,
                 struct batch_item *item)
{
    struct request_judgement judgement;
    if (item->verdict != BATCH_UNJUDGED)
        return NULL;
    if (check->made) {
        check_listed(item);
        return NULL;
    }
    TRY(request_check(checker, item->request.data, item->request.len, check->rules,
                      &judgement));
    for (size_t i = 0; i < judgement.code_count; i++)
        batch_item_add_code(item, judgement.codes[i], "%s", i == 0 ? judgement.detail : "");
    item->spki = judgement.spki;
    item->subject = judgement.subject;
    if (judgement.spki.len > 0 && is_ca_key(check, judgement.spki))
        batch_item_add_code(item, BATCH_KEY_IS_CA, "%s", "");
    if (item->verdict == BATCH_REFUSED)
        return NULL;
    item->verdict = BATCH_ACCEPTED;
    return request_asked(item->request.data, item->request.len, check->rules,
                         &item->asked_subject, &item->asked_names);
}
