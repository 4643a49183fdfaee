/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/audit/checks.h"

#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "transcripts/record.h"

static const struct check_row rows[] = {
    {"sums",             0,                                                                             check_sums        },
    {"seal",             NEEDS_TRANSCRIPT | NEEDS_CLOSING,                                              check_seal        },
    {"seal-form",        0,                                                                             check_seal_form   },
    {"custodians-seal",  NEEDS_TRANSCRIPT | NEEDS_CLOSING | NEEDS_OPENINGS,
     check_custodians_seal                                                                                                },
    {"addenda",          0,                                                                             check_addenda     },
    {"chain",            0,                                                                             check_chain       },
    {"torn-ends",        NEEDS_TRANSCRIPT,                                                              check_torn        },
    {"clock",            NEEDS_TRANSCRIPT,                                                              check_clock       },
    {"order",            NEEDS_TRANSCRIPT,                                                              check_order       },
    {"intents",          NEEDS_TRANSCRIPT,                                                              check_intents     },
    {"commitments",      NEEDS_TRANSCRIPT | NEEDS_OPENINGS,                                             check_commitments },
    {"script",           NEEDS_TRANSCRIPT,                                                              check_script      },
    {"inputs",           NEEDS_TRANSCRIPT,                                                              check_inputs      },
    {"steps",            NEEDS_TRANSCRIPT | NEEDS_SCRIPT,                                               check_steps       },
    {"acts",             NEEDS_TRANSCRIPT | NEEDS_SCRIPT,                                               check_acts        },
    {"approval",         NEEDS_TRANSCRIPT | NEEDS_SCRIPT | NEEDS_SITE,                                  check_approval    },
    {"roles",            NEEDS_SCRIPT | NEEDS_SITE,                                                     check_roles       },
    {"quorum",           NEEDS_TRANSCRIPT | NEEDS_SCRIPT | NEEDS_SITE | NEEDS_OPENINGS,                 check_quorum      },
    {"actors",           NEEDS_TRANSCRIPT | NEEDS_SCRIPT | NEEDS_SITE,                                  check_actors      },
    {"answers",          NEEDS_TRANSCRIPT | NEEDS_SCRIPT,                                               check_answers     },
    {"fingerprints",     NEEDS_TRANSCRIPT | NEEDS_SCRIPT,                                               check_fingerprints},
    {"keys",             NEEDS_TRANSCRIPT | NEEDS_SCRIPT,                                               check_keys        },
    {"attributes",       NEEDS_TRANSCRIPT,                                                              check_attributes  },
    {"possession",       NEEDS_TRANSCRIPT,                                                              check_possession  },
    {"inventory",        NEEDS_TRANSCRIPT,                                                              check_inventory   },
    {"tokens",           NEEDS_TRANSCRIPT,                                                              check_tokens      },
    {"marks",            NEEDS_TRANSCRIPT,                                                              check_marks       },
    {"host",             NEEDS_TRANSCRIPT,                                                              check_host        },
    {"recorder",         NEEDS_TRANSCRIPT,                                                              check_recorder    },
    {"checkpoints",      NEEDS_TRANSCRIPT,                                                              check_checkpoints },
    {"backup",           NEEDS_TRANSCRIPT | NEEDS_SCRIPT,                                               check_backup      },
    {"shares",           NEEDS_TRANSCRIPT | NEEDS_OPENINGS | NEEDS_SCRIPT | NEEDS_SITE,                 check_shares      },
    {"pins",             NEEDS_TRANSCRIPT,                                                              check_pins        },
    {"custody",          NEEDS_TRANSCRIPT,                                                              check_custody     },
    {"signed-objects",   NEEDS_TRANSCRIPT,                                                              check_signed      },
    {"brought",          NEEDS_TRANSCRIPT,                                                              check_brought     },
    {"batches",          NEEDS_TRANSCRIPT,                                                              check_batches     },
    {"blocks",           NEEDS_TRANSCRIPT | NEEDS_CLOSING,                                              check_blocks      },
    {"destruction",      NEEDS_TRANSCRIPT,                                                              check_destruction },
    {"typed-commands",   NEEDS_TRANSCRIPT,                                                              check_commands    },
    {"lint",             NEEDS_TRANSCRIPT | NEEDS_SCRIPT,                                               check_lints       },
    {"crls",             NEEDS_TRANSCRIPT | NEEDS_SCRIPT,                                               check_crls        },
    {"revocations",      NEEDS_TRANSCRIPT | NEEDS_CLOSING,                                              check_revocations },
    {"crls-ahead",       NEEDS_TRANSCRIPT | NEEDS_SCRIPT | NEEDS_CLOSING,                               check_ahead       },
    {"outputs",          NEEDS_TRANSCRIPT,                                                              check_outputs     },
    {"practice-marking", NEEDS_TRANSCRIPT,                                                              check_practice    },
    {"ledger",           NEEDS_TRANSCRIPT,                                                              check_ledger      },
    {"sign-offs",        NEEDS_TRANSCRIPT | NEEDS_CLOSING,                                              check_sign_offs   },
    {"agreement",        NEEDS_TRANSCRIPT | NEEDS_CLOSING | NEEDS_SCRIPT | NEEDS_SITE | NEEDS_OPENINGS,
     check_agreement                                                                                                      },
    {"closing",          NEEDS_TRANSCRIPT | NEEDS_CLOSING,                                              check_closing     },
};

const struct check_row *
check_rows(size_t *ret_count)
{
    *ret_count = sizeof rows / sizeof rows[0];
    return rows;
}

/* Why a row cannot be run; NULL if it can. */
static const char *
missing_ground(const struct evidence *evidence, unsigned needs)
{
    if ((needs & NEEDS_TRANSCRIPT) != 0 && !evidence->has_transcript)
        return "the transcript cannot be read";
    if ((needs & NEEDS_CLOSING) != 0 && evidence->closing == NULL)
        return "there is no closing record";
    if ((needs & (NEEDS_OPENINGS | NEEDS_SITE)) != 0 && evidence->public_extract)
        return "not possible with a public extract";
    if ((needs & NEEDS_OPENINGS) != 0 && !evidence->has_openings)
        return "confidential.jsonl cannot be read";
    if ((needs & NEEDS_SCRIPT) != 0 && evidence->script == NULL)
        return "the script cannot be read";
    if ((needs & NEEDS_SITE) != 0 && evidence->site == NULL)
        return "the site files cannot be read";
    return NULL;
}

static struct error *
run_row(const struct check_row *row, const struct evidence *evidence, struct report *report)
{
    TRY(report_begin(report, row->name));
    const char *why = missing_ground(evidence, row->needs);
    if (why != NULL)
        return report_not_done(report, "%s", why);
    return report_error(report, evidence->folder, 0, row->run(evidence, report));
}

struct error *
checks_run_one(const struct evidence *evidence, const char *name, struct report *report)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].name, name) == 0)
            return run_row(&rows[i], evidence, report);
    return ERROR(ERROR_BUG, "there is no check \"%s\"", name);
}

/* --- what was carried home --- */

static bool
has_certificate(const json_t *signers, const char *sha256, bool recorder)
{
    size_t index = 0;
    const json_t *signer = NULL;
    json_array_foreach(signers, index,
                       signer) if (strcmp(data_text(signer, "certificate_sha256"), sha256) == 0
                                   && (strcmp(data_text(signer, "signer"), "recorder") == 0)
                                          == recorder) return true;
    return false;
}

static struct error *
compare_line(const struct evidence *evidence, const struct trust_line *line,
             struct report *report)
{
    const struct transcript_record *last =
        &evidence->reading.records[evidence->reading.count - 1];
    char head[65];
    hex_encode(last->hash, sizeof last->hash, head);
    if (line->kind == TRUST_HEAD) {
        if (strcmp(head, line->sha256) != 0)
            return report_fault(
                report, TRANSCRIPT_FILE, last->seq,
                "the head is %.16s..., but line %u of the trust file says %.16s...", head,
                line->line, line->sha256);
        report->origin = true;
        return NULL;
    }
    const json_t *signers = evidence->closing == NULL
                                ? NULL
                                : data_inner(evidence->closing->data, "required_signers");
    if (has_certificate(signers, line->sha256, line->kind == TRUST_RECORDER))
        return NULL;
    return report_fault(report, TRANSCRIPT_FILE, last->seq,
                        "no %s with the certificate of line %u of the trust file signed",
                        line->kind == TRUST_RECORDER ? "recorder" : "person", line->line);
}

static struct error *
check_trust(const struct evidence *evidence, const struct trust *trust, struct report *report)
{
    size_t lines = 0;
    TRY(report_begin(report, "trust"));
    if (trust == NULL)
        return report_not_done(report, "no trust file was given");
    if (!evidence->has_transcript || evidence->reading.count == 0)
        return report_not_done(report, "the transcript cannot be read");
    for (size_t i = 0; i < trust->count; i++) {
        if (strcmp(trust->lines[i].ceremony, evidence_id(evidence)) != 0)
            continue;
        lines++;
        TRY(compare_line(evidence, &trust->lines[i], report));
    }
    if (lines == 0)
        return report_not_done(report, "the trust file does not speak of this ceremony");
    if (!report->origin)
        return report_not_done(report, "the trust file holds no head of this ceremony");
    return report_note(report, "%zu lines agree, the head among them", lines);
}

struct error *
checks_run(const struct evidence *evidence, const struct trust *trust,
           struct report *ret_report)
{
    TRY(text_safe(evidence->folder, strlen(evidence->folder), &ret_report->subject));
    const char *id = evidence_id(evidence);
    TRY(text_safe(id, strlen(id), &ret_report->ceremony));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        TRY(run_row(&rows[i], evidence, ret_report));
    return check_trust(evidence, trust, ret_report);
}
