/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/revocations_read.h"

#include <string.h>

#include "ceremony/base/file.h"
#include "ceremony/batch/revocation_wire.h"
#include "ceremony/pki/x509.h"

struct error *
revocations_read_rules(const struct engine *engine, const struct bytes *issuer, int64_t now,
                       struct revocation_rules *ret_rules)
{
    struct x509 x509;
    const struct pki_profile *profile = script_profile(engine->script, engine->step->profile);
    TRY(x509_read(issuer->data, issuer->len, KIND_CERTIFICATE, "the issuer's certificate",
                  &x509));
    bool is_root = der_equal(x509.subject.whole, x509.issuer.whole);
    *ret_rules = (struct revocation_rules){
        .issuer = issuer->data,
        .issuer_len = issuer->len,
        .trust = profile->trust,
        .now = now,
        .needs_reason = profile->crl.only_ca_certs || is_root,
        .allows_unknown = strcmp(engine->step->unknown, "yes") == 0,
    };
    return NULL;
}

struct error *
revocations_read_serve(const struct reader_task *task)
{
    const struct document *document = NULL;
    AUTO(revocation_list) list = NULL;
    struct revocation_rules rules;
    TRY(revocations_read_rules(task->engine, task->issuer, task->now, &rules));
    TRY(documents_get(task->documents, task->input, &document));
    const struct site_input *input = site_input(task->engine->site, task->input);
    TRY(revocation_list_open(document->data, document->len,
                             input != NULL ? path_name(input->path) : task->input, &rules,
                             &list));
    return revocation_send_list(list, task->out);
}

struct error *
revocations_require_same(const struct state_intent *open, const struct revocation_list *list,
                         const char *what)
{
    const char *hash = json_string_value(json_object_get(open->data, "rows_sha256"));
    if (hash != NULL && strcmp(hash, revocation_list_sha256(list)) == 0)
        return NULL;
    return error_hint(
        ERROR(ERROR_VERIFICATION,
              "%s is read as something else than what was shown before the interruption", what),
        "Nothing more of it was entered. Something on the medium may have taken over the process "
        "that reads it, or the program is not the one of the first run. Keep the medium, and "
        "abort the ceremony.");
}

struct error *
revocations_read_ask(struct engine *engine, struct documents *documents,
                     const struct bytes *issuer, const struct revocation_rules *rules,
                     struct revocation_list **ret_list)
{
    AUTO(flat_pipe) pipe = NULL;
    uint64_t count = 0;
    const struct reader_wish wish = {.pass = READER_REVOCATIONS,
                                     .input = engine->step->input,
                                     .issuer = issuer,
                                     .documents = documents,
                                     .now = rules->now};
    TRY(reader_ask(engine, &wish, &pipe));
    return documents_own_error(
        documents,
        revocation_list_receive(pipe, rules, documents->items[0].len, &count, ret_list));
}
