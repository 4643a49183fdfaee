/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/brought_facts.h"

#include <stdio.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/batch/wire.h"
#include "ceremony/pki/pki.h"

#define TEXT_MAX  16384U
#define SHOWN_MAX 131072U
#define LEVEL_MAX 64U

#define FILE_ROWS(type)                                                                        \
    FLAT(FLAT_BYTES, type, file.der, BROUGHT_FILE_MAX),                                        \
        FLAT(FLAT_BOOL, type, file.has_evidence, 0), FLAT(FLAT_OCTETS, type, file.closing, 0)

static const struct flat_row rows_of_request[] = {
    FILE_ROWS(struct brought_request),
    FLAT(FLAT_BYTES, struct brought_request, request.spki, BROUGHT_FILE_MAX),
    FLAT(FLAT_BYTES, struct brought_request, request.subject, BROUGHT_FILE_MAX),
    FLAT(FLAT_TEXT, struct brought_request, request.subject_text, TEXT_MAX),
    FLAT(FLAT_TEXT, struct brought_request, key_text, TEXT_MAX),
};

static const struct flat_row rows_of_certificate[] = {
    FILE_ROWS(struct brought_certificate),
    FLAT(FLAT_BYTES, struct brought_certificate, spki, BROUGHT_FILE_MAX),
    FLAT(FLAT_FIXED, struct brought_certificate, key_type, 0),
    FLAT(FLAT_TEXT, struct brought_certificate, subject, TEXT_MAX),
    FLAT(FLAT_LINES, struct brought_certificate, shown, SHOWN_MAX),
    FLAT(FLAT_HEX, struct brought_certificate, serial_hex, 0),
    FLAT(FLAT_BOOL, struct brought_certificate, is_ca, 0),
    FLAT(FLAT_TIME, struct brought_certificate, not_before, 0),
    FLAT(FLAT_TIME, struct brought_certificate, not_after, 0),
    FLAT(FLAT_BYTES, struct brought_certificate, issuers[0], BROUGHT_FILE_MAX),
    FLAT(FLAT_BYTES, struct brought_certificate, issuers[1], BROUGHT_FILE_MAX),
    FLAT(FLAT_BYTES, struct brought_certificate, issuers[2], BROUGHT_FILE_MAX),
    FLAT(FLAT_BYTES, struct brought_certificate, issuers[3], BROUGHT_FILE_MAX),
    FLAT(FLAT_SIZE, struct brought_certificate, issuer_count, BROUGHT_ISSUERS_MAX),
    FLAT(FLAT_BYTES, struct brought_certificate, issuer_spki, BROUGHT_FILE_MAX),
    FLAT(FLAT_TEXT, struct brought_certificate, anchor, TEXT_MAX),
    FLAT(FLAT_SIZE, struct brought_certificate, level, LEVEL_MAX),
    FLAT(FLAT_BYTES, struct brought_certificate, tbs, BROUGHT_FILE_MAX),
};

const struct flat_table brought_request_table = FLAT_TABLE(rows_of_request);
const struct flat_table brought_certificate_table = FLAT_TABLE(rows_of_certificate);

/* NAME-issuer, NAME-issuer-2 ... as brought_ca_read looks for them. */
static struct error *
name_issuer(const char *name, size_t at, char **ret_name)
{
    return at == 0 ? text_format(ret_name, "%s-issuer", name)
                   : text_format(ret_name, "%s-issuer-%zu", name, at + 1);
}

/* --- the process that reads --- */

static struct brought_inputs
inputs_of(const struct reader_task *task)
{
    return (struct brought_inputs){task->engine->site, task->documents};
}

struct error *
brought_serve_request(const struct reader_task *task)
{
    AUTO_BROUGHT_REQUEST request = {0};
    AUTO_BYTES facts = {0};
    const struct brought_inputs inputs = inputs_of(task);
    const struct script_key *planned = script_key(task->engine->script, task->input);
    TRY(brought_request_read(&inputs, task->input, planned, &request));
    TRY(flat_put(&brought_request_table, &request, &facts));
    return reader_answer(&facts, task->out);
}

struct error *
brought_serve_certificate(const struct reader_task *task)
{
    AUTO_BROUGHT_CERTIFICATE certificate = {0};
    AUTO_BYTES facts = {0};
    const struct brought_inputs inputs = inputs_of(task);
    TRY(brought_ca_read(&inputs, task->input, task->now, &certificate));
    TRY(flat_put(&brought_certificate_table, &certificate, &facts));
    return reader_answer(&facts, task->out);
}

struct error *
brought_serve_existing(const struct reader_task *task)
{
    AUTO_BROUGHT_EXISTING existing = {0};
    AUTO_BYTES facts = {0};
    const struct brought_inputs inputs = inputs_of(task);
    const struct script_key *planned = script_key(task->engine->script, task->input);
    TRY(brought_existing_read(&inputs, planned, task->now, &existing));
    TRY(flat_put(&brought_certificate_table, &existing.certificate, &facts));
    if (existing.has_request)
        TRY(flat_put(&brought_request_table, &existing.request, &facts));
    return reader_answer(&facts, task->out);
}

/* --- the process that signs: what it can tell itself --- */

static bool
is_within(const struct bytes *part, const struct bytes *whole)
{
    return part->len > 0 && memmem(whole->data, whole->len, part->data, part->len) != NULL;
}

static struct error *
complete_file(const struct brought_inputs *inputs, const char *name, struct brought *file)
{
    const struct site_input *input = site_input(inputs->site, name);
    if (input == NULL || (input->evidence[0] != '\0') != file->has_evidence
        || !documents_hold(inputs->documents, name, &file->der))
        return flat_malformed();
    return digest_sha256_text(file->der.data, file->der.len, file->sha256);
}

struct error *
brought_request_complete(const struct brought_inputs *inputs, const char *name,
                         struct brought_request *request)
{
    const struct pki_ca_request *facts = &request->request;
    TRY(complete_file(inputs, name, &request->file));
    if (!is_within(&facts->spki, &request->file.der)
        || !is_within(&facts->subject, &request->file.der))
        return flat_malformed();
    return pki_spki_hash(facts->spki.data, facts->spki.len, request->spki_sha256);
}

static struct error *
check_issuers(const struct brought_inputs *inputs, const char *name,
              const struct brought_certificate *certificate)
{
    for (size_t i = 0; i < BROUGHT_ISSUERS_MAX; i++) {
        AUTO_FREE char *issuer = NULL;
        bool wanted = i < certificate->issuer_count;
        TRY(name_issuer(name, i, &issuer));
        if (wanted ? !documents_hold(inputs->documents, issuer, &certificate->issuers[i])
                   : certificate->issuers[i].len > 0)
            return flat_malformed();
    }
    return NULL;
}

struct error *
brought_certificate_complete(const struct brought_inputs *inputs, const char *name,
                             struct brought_certificate *certificate)
{
    const struct bytes *der = &certificate->file.der;
    const struct bytes *above = certificate->issuer_count > 0 ? &certificate->issuers[0] : der;
    TRY(complete_file(inputs, name, &certificate->file));
    TRY(check_issuers(inputs, name, certificate));
    if (!certificate->is_ca || !is_within(&certificate->spki, der)
        || !is_within(&certificate->tbs, der) || !is_within(&certificate->issuer_spki, above))
        return flat_malformed();
    TRY(pki_spki_hash(certificate->spki.data, certificate->spki.len, certificate->spki_sha256));
    return pki_spki_hash(certificate->issuer_spki.data, certificate->issuer_spki.len,
                         certificate->issuer_spki_sha256);
}

/* --- the process that signs: asked --- */

static struct error *
read_documents(const struct engine *engine, const char *name, bool with_issuers,
               struct documents *documents)
{
    TRY(documents_read(documents, engine->site, name, BROUGHT_FILE_MAX));
    for (size_t i = 0; i < BROUGHT_ISSUERS_MAX && with_issuers; i++) {
        AUTO_FREE char *issuer = NULL;
        TRY(name_issuer(name, i, &issuer));
        TRY(documents_read(documents, engine->site, issuer, BROUGHT_FILE_MAX));
    }
    return NULL;
}

/* The facts are all of the answer: taken by the tables one after the other. */
static struct error *
take_facts(struct flat_pipe *pipe, const struct flat_table *const tables[2],
           void *const structs[2])
{
    struct flat_reading body;
    TRY(wire_expect(pipe, WIRE_FACTS, &body));
    for (size_t i = 0; i < 2 && tables[i] != NULL; i++)
        TRY(flat_take(tables[i], &body, structs[i]));
    TRY(flat_take_end(&body));
    TRY(wire_expect(pipe, WIRE_END, &body));
    return flat_take_end(&body);
}

static struct error *
ask(struct engine *engine, const struct reader_wish *wish,
    const struct flat_table *const tables[2], void *const structs[2],
    struct documents *documents)
{
    AUTO(flat_pipe) pipe = NULL;
    TRY(reader_ask(engine, wish, &pipe));
    return documents_own_error(documents, take_facts(pipe, tables, structs));
}

struct error *
brought_request_ask(struct engine *engine, const struct script_key *planned,
                    struct brought_request *ret_request)
{
    AUTO_DOCUMENTS documents = {0};
    const struct brought_inputs inputs = {engine->site, &documents};
    const struct reader_wish wish = {
        .pass = READER_REQUEST, .input = planned->id, .documents = &documents};
    TRY(read_documents(engine, planned->id, false, &documents));
    TRY(ask(engine, &wish, (const struct flat_table *[2]){&brought_request_table},
            (void *[2]){ret_request}, &documents));
    return brought_request_complete(&inputs, planned->id, ret_request);
}

struct error *
brought_ca_ask(struct engine *engine, const char *name, int64_t now,
               struct brought_certificate *ret_certificate)
{
    AUTO_DOCUMENTS documents = {0};
    const struct brought_inputs inputs = {engine->site, &documents};
    const struct reader_wish wish = {
        .pass = READER_CERTIFICATE, .input = name, .documents = &documents, .now = now};
    TRY(read_documents(engine, name, true, &documents));
    TRY(ask(engine, &wish, (const struct flat_table *[2]){&brought_certificate_table},
            (void *[2]){ret_certificate}, &documents));
    return brought_certificate_complete(&inputs, name, ret_certificate);
}

/* The same key and the same name, as the other process has compared them. */
static struct error *
complete_existing(const struct brought_inputs *inputs, const struct script_key *planned,
                  const char *request, struct brought_existing *existing)
{
    const struct brought_certificate *certificate = &existing->certificate;
    TRY(brought_certificate_complete(inputs, planned->id, &existing->certificate));
    if (!existing->has_request)
        return NULL;
    TRY(brought_request_complete(inputs, request, &existing->request));
    if (strcmp(certificate->spki_sha256, existing->request.spki_sha256) != 0
        || !is_within(&existing->request.request.subject, &certificate->file.der))
        return flat_malformed();
    return NULL;
}

struct error *
brought_existing_ask(struct engine *engine, const struct script_key *planned, int64_t now,
                     struct brought_existing *ret_existing)
{
    AUTO_DOCUMENTS documents = {0};
    AUTO_FREE char *request = NULL;
    const struct brought_inputs inputs = {engine->site, &documents};
    const struct reader_wish wish = {
        .pass = READER_EXISTING, .input = planned->id, .documents = &documents, .now = now};
    const struct flat_table *tables[2] = {&brought_certificate_table};
    void *structs[2] = {&ret_existing->certificate, &ret_existing->request};
    TRY(text_format(&request, "%s-request", planned->id));
    TRY(read_documents(engine, planned->id, true, &documents));
    TRY(read_documents(engine, request, false, &documents));
    ret_existing->has_request = site_input(engine->site, request) != NULL;
    if (ret_existing->has_request)
        tables[1] = &brought_request_table;
    TRY(ask(engine, &wish, tables, structs, &documents));
    return complete_existing(&inputs, planned, request, ret_existing);
}
