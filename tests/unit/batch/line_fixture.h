/* SPDX-License-Identifier: Apache-2.0
 *
 * A signing line with a software key, a ledger and a hundred requests. */
#pragma once

#include "ceremony/base/file.h"
#include "ceremony/pki/build.h"
#include "tests/support/batch/batch.h"
#include "tests/support/check.h"

#define H1 "1111111111111111111111111111111111111111111111111111111111111111"

struct table {
    char folder[120];
    struct batch_issuer issuer;
    struct pki_profile *profile;
    struct batch_template *template;
    struct ledger *ledger;
    struct batch_test_feed feed;
    struct batch_line line;
    char paths[4][200]; /* ledger, output, results, journal */
    volatile sig_atomic_t pause;
    uint64_t pause_after; /* certificates */
    uint64_t reports;
};

static inline int
set_up(void **state)
{
    static struct table table;
    static const char *const names[] = {"ledger.db", "certificates", "results.jsonl",
                                        "journal"};
    char file[200];
    struct table *t = &table;
    memset(t, 0, sizeof *t);
    (void)snprintf(t->folder, sizeof t->folder, "%s/line.XXXXXX", TEST_BINARY_DIR);
    if (mkdtemp(t->folder) == NULL)
        return -1;
    for (size_t i = 0; i < 4; i++)
        (void)snprintf(t->paths[i], sizeof t->paths[i], "%.119s/%.60s", t->folder, names[i]);
    check_ok(folder_make(t->paths[1], false));
    check_ok(folder_make(t->paths[3], false));
    (void)snprintf(file, sizeof file, "%.119s/profile.yaml", t->folder);
    check_ok(batch_issuer_make(&t->issuer, "ec-p256", false));
    check_ok(batch_profile(file, batch_device_profile, &t->profile));
    struct batch_template_order order = {t->profile, t->issuer.certificate.data,
                                         t->issuer.certificate.len, BATCH_NOW, false};
    check_ok(batch_template_new(&order, &t->template));
    check_ok(ledger_open(t->paths[0], true, &t->ledger));
    check_ok(ledger_ceremony_open(t->ledger, "c-1", "rehearsal", H1));
    t->feed = (struct batch_test_feed){.count = 100, .refuse = 10};
    t->line = (struct batch_line){
        .ceremony = "c-1",
        .batch = "c-1/devices",
        .issuer_spki_sha256 = t->issuer.spki_sha256,
        .profile = t->profile,
        .template = t->template,
        .code_name = batch_test_code,
        .signer = batch_issuer_signer(&t->issuer),
        .output = {.folder = t->paths[1], .time = BATCH_NOW},
        .results = t->paths[2],
        .journal = t->paths[3],
        .workers = 3,
        .block = 16,
        .sample = 5,
        .pause = &t->pause,
    };
    *state = t;
    return 0;
}

static inline int
tear_down(void **state)
{
    struct table *t = *state;
    char command[400];
    ledger_close(t->ledger);
    batch_template_free(t->template);
    pki_profile_free(t->profile);
    batch_issuer_clear(&t->issuer);
    (void)snprintf(command, sizeof command, "rm -r -- '%s'", t->folder);
    return system(command);
}

static inline struct error *
run(struct table *t, struct batch_totals *totals, bool *paused)
{
    t->feed.next = 0;
    t->line.feed = batch_test_feed(&t->feed);
    t->line.ledger = t->ledger;
    return batch_line_run(&t->line, totals, paused);
}

/* Once more, with the ledger opened again, as another process would. */
static inline void
reopen(struct table *t)
{
    ledger_close(t->ledger);
    t->ledger = NULL;
    check_ok(ledger_open(t->paths[0], false, &t->ledger));
}
