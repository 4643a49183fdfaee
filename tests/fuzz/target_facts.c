/* SPDX-License-Identifier: Apache-2.0
 *
 * What the process that reads files may send of them, once one has taken it over: facts of a request or a certificate
 * (first octet 0, 1), frames with lines of revocations (else) (T17). */
#include <sys/mman.h>
#include <unistd.h>

#include "ceremony/batch/revocation_wire.h"
#include "ceremony/engine/brought_facts.h"
#include "tests/fuzz/fuzz.h"

static char name[] = "ca";
static char no_evidence[] = "";
static struct site_input input = {.name = name, .path = name, .evidence = no_evidence};
static struct site site = {.inputs = &input, .input_count = 1};

static void
take_request(struct flat_reading in)
{
    AUTO_BROUGHT_REQUEST request = {0};
    struct error *error = flat_take(&brought_request_table, &in, &request);
    const struct documents documents = {
        .items = {{.name = name, .data = request.file.der.data, .len = request.file.der.len}},
        .count = 1};
    if (error == NULL)
        error = brought_request_complete(&(struct brought_inputs){&site, &documents}, name,
                                         &request);
    error_free(error);
}

static void
take_certificate(struct flat_reading in)
{
    AUTO_BROUGHT_CERTIFICATE certificate = {0};
    struct error *error = flat_take(&brought_certificate_table, &in, &certificate);
    const struct bytes *der = &certificate.file.der;
    const struct documents documents = {
        .items = {{.name = name, .data = der->data, .len = der->len}}, .count = 1};
    if (error == NULL)
        error = brought_certificate_complete(&(struct brought_inputs){&site, &documents}, name,
                                             &certificate);
    error_free(error);
}

static void
take_rows(const uint8_t *data, size_t size)
{
    static const struct revocation_rules rules = {.now = INT64_C(1795443727)};
    AUTO(flat_pipe) pipe = NULL;
    AUTO(revocation_list) list = NULL;
    uint64_t count = 0;
    bool end = false;
    int file = memfd_create("frames", MFD_CLOEXEC);
    struct error *error = flat_send(file, data, size);
    if (error != NULL || lseek(file, 0, SEEK_SET) != 0) {
        error_free(error);
        (void)close(file);
        return;
    }
    error = flat_pipe_open(file, &pipe);
    if (error == NULL)
        error = revocation_list_receive(pipe, &rules, size, &count, &list);
    while (error == NULL && !end) {
        struct revocation_line line;
        error = revocation_list_next(list, &line, &end);
    }
    error_free(error);
}

void
fuzz_one(const uint8_t *data, size_t size)
{
    if (size == 0)
        return;
    struct flat_reading in = {data + 1, size - 1};
    if (data[0] == 0)
        take_request(in);
    else if (data[0] == 1)
        take_certificate(in);
    else
        take_rows(data + 1, size - 1);
}
