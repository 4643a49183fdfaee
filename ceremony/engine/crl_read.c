/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/crl_read.h"

#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/encode.h"
#include "ceremony/batch/revocation_wire.h"
#include "ceremony/batch/wire.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/pki.h"

#define PREVIOUS_MAX (256U << 20)
#define NUMBER_MAX   (UINT64_C(1) << 53)

/* What comes first, and what of the file the process that signs hashes itself. */
struct head {
    struct pki_crl_previous facts;
    size_t der_len;
    size_t tbs_at;
    size_t tbs_len;
};

static const struct flat_row rows[] = {
    FLAT(FLAT_NUMBER, struct head, facts.number, NUMBER_MAX),
    FLAT(FLAT_TIME, struct head, facts.this_update, 0),
    FLAT(FLAT_TIME, struct head, facts.next_update, 0),
    FLAT(FLAT_NUMBER, struct head, facts.entries, UINT32_MAX),
    FLAT(FLAT_SIZE, struct head, der_len, PREVIOUS_MAX),
    FLAT(FLAT_SIZE, struct head, tbs_at, PREVIOUS_MAX),
    FLAT(FLAT_SIZE, struct head, tbs_len, PREVIOUS_MAX),
};
static const struct flat_table table = FLAT_TABLE(rows);

void
crl_read_clear(struct crl_read *crl)
{
    bytes_clear(&crl->der);
    revocation_list_close(crl->entries);
}

/* --- the process that reads --- */

static struct error *
send_head(const struct bytes *der, const struct pki_crl_previous *facts, int out)
{
    const unsigned char *tbs = NULL;
    struct head head = {.facts = *facts, .der_len = der->len};
    AUTO_BYTES frame = {0};
    size_t start = 0;
    TRY(pki_tbs_of(der->data, der->len, &tbs, &head.tbs_len));
    head.tbs_at = (size_t)(tbs - der->data);
    TRY(flat_begin(&frame, WIRE_FACTS, &start));
    TRY(flat_put(&table, &head, &frame));
    TRY(flat_end(&frame, start));
    return flat_send(out, frame.data, frame.len);
}

struct sending {
    struct revocation_sender sender;
    int64_t now;
};

static void
sending_clear(struct sending *sending)
{
    revocation_sender_clear(&sending->sender);
}

static struct error *
send_entry(void *user, const struct pki_revocation *entry)
{
    struct sending *sending = user;
    struct revocation_line line;
    TRY(revocation_of_entry(entry, sending->sender.count + 1, sending->now, &line));
    return revocation_send(&sending->sender, &line);
}

struct error *
crl_read_serve(const struct reader_task *task)
{
    const struct document *document = NULL;
    AUTO_BYTES der = {0};
    __attribute__((cleanup(sending_clear))) struct sending sending = {
        .sender = {.out = task->out}, .now = task->now};
    struct pki_crl_previous facts;
    char label[32];
    char code[64];
    TRY(documents_get(task->documents, task->input, &document));
    TRY(pki_from_file(document->data, document->len, &der, label));
    TRY(pki_crl_previous_read(der.data, der.len, task->issuer->data, task->issuer->len,
                              task->now, &facts, code));
    TRY(send_head(&der, &facts, task->out));
    TRY(wire_send_data(&der, task->out));
    TRY(pki_crl_previous_each(der.data, der.len, send_entry, &sending));
    return revocation_send_end(&sending.sender);
}

/* --- the process that signs --- */

/* Hashes are of the octets that lie here. */
static struct error *
complete(const struct documents *documents, const char *input, const struct head *head,
         struct crl_read *crl)
{
    const struct bytes *der = &crl->der;
    if (head->tbs_at > der->len || head->tbs_len > der->len - head->tbs_at
        || !documents_hold(documents, input, der))
        return flat_malformed();
    crl->facts = head->facts;
    TRY(digest_sha256_text(der->data + head->tbs_at, head->tbs_len, crl->facts.tbs_sha256));
    return digest_sha256_text(der->data, der->len, crl->facts.sha256);
}

static struct error *
take(struct flat_pipe *pipe, const struct documents *documents, const struct reader_wish *wish,
     struct crl_read *crl)
{
    const struct revocation_rules rules = {.now = wish->now};
    struct flat_reading body;
    struct head head = {0};
    uint64_t count = 0;
    TRY(wire_expect(pipe, WIRE_FACTS, &body));
    TRY(flat_take(&table, &body, &head));
    TRY(flat_take_end(&body));
    TRY(wire_take_data(pipe, head.der_len, &crl->der));
    TRY(revocation_list_receive(pipe, &rules, crl->der.len, &count, &crl->entries));
    if (count != head.facts.entries)
        return flat_malformed();
    return complete(documents, wish->input, &head, crl);
}

struct error *
crl_read_ask(struct engine *engine, const char *input, const struct bytes *issuer,
             struct crl_read *ret_crl)
{
    AUTO_DOCUMENTS documents = {0};
    AUTO(flat_pipe) pipe = NULL;
    struct clock_reading now;
    clock_read(&now);
    const struct reader_wish wish = {.pass = READER_CRL,
                                     .input = input,
                                     .issuer = issuer,
                                     .documents = &documents,
                                     .now = now.wall_ms / 1000};
    TRY(documents_read(&documents, engine->site, input, PREVIOUS_MAX));
    TRY(reader_ask(engine, &wish, &pipe));
    return documents_own_error(&documents, take(pipe, &documents, &wish, ret_crl));
}
