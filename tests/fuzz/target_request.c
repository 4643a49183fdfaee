/* SPDX-License-Identifier: Apache-2.0
 *
 * A certificate request of somebody else (R62 to R69). */
#include "ceremony/pki/ca_request.h"
#include "ceremony/pki/lint.h"
#include "ceremony/pki/request.h"
#include "ceremony/pki/show.h"
#include "tests/fuzz/fuzz.h"

static struct error *
judge(const uint8_t *data, size_t size)
{
    static char cn[] = "CN", o[] = "O", ou[] = "OU", c[] = "C", number[] = "serialNumber";
    static char dns[] = "dns", ip[] = "ip", email[] = "email", uri[] = "uri";
    static char *subject_items[] = {cn, o, ou, c, number};
    static char *name_items[] = {dns, ip, email, uri};
    static const struct pki_texts subject = {subject_items, 5};
    static const struct pki_texts names = {name_items, 4};
    const struct request_rules rules = {.empty_subject = true,
                                        .subject = &subject,
                                        .alt_names = &names,
                                        .wildcards = true,
                                        .small_exponent = true};
    AUTO(request_checker) checker = NULL;
    struct request_judgement judgement;
    TRY(request_checker_new(&checker));
    TRY(request_check(checker, data, size, &rules, &judgement));
    if (!judgement.refused) {
        struct pki_name asked = {0};
        struct pki_general_names general = {0};
        struct error *error = request_asked(data, size, &rules, &asked, &general);
        if (error == NULL)
            request_asked_clear(&asked, &general);
        TRY(error);
    }
    AUTO_CA_REQUEST request = {0};
    return pki_ca_request_read(data, size, &request);
}

void
fuzz_one(const uint8_t *data, size_t size)
{
    error_free(judge(data, size));
    AUTO_BYTES text = {0};
    error_free(pki_show(data, size, 80, &text));
}
