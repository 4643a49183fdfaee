/* SPDX-License-Identifier: Apache-2.0
 *
 * What was done: keys, certificates and CRLs, shares, and how long the records are kept. (R17, R85, R98) */
#include <stdlib.h>
#include <string.h>

#include "ceremony/audit/minutes.h"
#include "ceremony/audit/plan_text.h"
#include "ceremony/base/clock.h"

/* --- keys --- */

struct act_row {
    const char *does;
    const char *said;
};

static const struct act_row key_acts[] = {
    {"generate-key",     "made on a token"                                           },
    {"find-key",         "found on its token"                                        },
    {"restore-key",      "brought back from its shares"                              },
    {"re-share",         "its backup was opened and shared again"                    },
    {"import-request",   "its public half was taken from a request"                  },
    {"import-existing",  "its public half was taken from a certificate"              },
    {"restrict-key",     "from now on for CRLs only"                                 },
    {"destroy-restored", "the copy of the proof was destroyed"                       },
    {"destroy-key",      "a copy was destroyed"                                      },
    {"retire-backup",    "its old backup was retired"                                },
    {"end-key",          "its end; the copies that the ledger knew were gone through"},
};

static const char *
said_of(const struct act_row *rows, size_t count, const struct transcript_record *record)
{
    for (size_t i = 0; i < count; i++)
        if (is_done(record, rows[i].does))
            return rows[i].said;
    return NULL;
}

static struct error *
write_key(struct minutes *minutes, const struct transcript_record *record, const char *said)
{
    const json_t *data = record->data;
    const struct transcript_record *key =
        find_key(minutes->evidence, "key", data_text(data, "key"), 0);
    const char *spki = data_text(data, "spki_sha256");
    const char *token = data_text(data, "token");
    const char *type = key == NULL ? "" : data_text(key->data, "description");
    if (spki[0] == '\0' && key != NULL)
        spki = data_text(key->data, "spki_sha256");
    TRY(minutes_line(minutes, "Key", "\"%s\", %s: %s%s%s (record %llu)", data_text(data, "key"),
                     type[0] == '\0' ? "type not recorded" : type, said,
                     token[0] == '\0' ? "" : "; token ", token,
                     (unsigned long long)record->seq));
    TRY(minutes_value(minutes, "  SPKI", spki));
    if (is_done(record, "end-key"))
        TRY(minutes_line(minutes, "  State", "%s; exceptions left open: %lld",
                         minutes_or_missing(data_text(data, "state")),
                         (long long)data_number(data, "open")));
    return NULL;
}

struct error *
minutes_keys(struct minutes *minutes)
{
    size_t count = 0;
    TRY(minutes_part(minutes, "Keys, each with the SHA-256 of its public key"));
    EACH_RECORD(record, minutes->evidence)
    {
        const char *said = said_of(key_acts, sizeof key_acts / sizeof key_acts[0], record);
        if (said == NULL)
            continue;
        count++;
        TRY(write_key(minutes, record, said));
    }
    return count > 0 ? NULL : minutes_say(minutes, "No key was made, found or destroyed.");
}

/* --- certificates and CRLs --- */

/* Of a CA, counted from the trust anchor, as this ceremony recorded it with its certificate; 0: it did not. */
static int64_t
level_of(const struct evidence *evidence, const char *key)
{
    int64_t level = 0;
    EACH_RECORD(record, evidence)
    if ((is_signed(record) || is_done(record, "import-certificate"))
        && strcmp(data_text(record->data, "object"), "certificate") == 0
        && strcmp(data_text(record->data, "subject"), key) == 0)
        level = data_number(record->data, "level");
    return level;
}

static struct error *
write_level(struct minutes *minutes, const struct transcript_record *record, bool crl)
{
    int64_t level = crl ? level_of(minutes->evidence, data_text(record->data, "key"))
                        : data_number(record->data, "level");
    if (level > 0)
        return minutes_line(minutes, "  Level", "%lld%s (the trust anchor is 1)",
                            (long long)level, crl ? ", of its CA" : "");
    return minutes_value(minutes, "  Level", "");
}

static struct error *
write_object(struct minutes *minutes, const struct transcript_record *record, const char *said)
{
    const json_t *data = record->data;
    const struct transcript_record *intent = intent_of(minutes->evidence, record);
    const char *object = data_text(data, "object");
    bool crl = strcmp(object, "crl") == 0 || is_done(record, "sign-crl-ahead");
    char from[CLOCK_TEXT_SIZE];
    char until[CLOCK_TEXT_SIZE];
    clock_format_seconds(data_number(data, "valid_from"), from);
    clock_format_seconds(data_number(data, "valid_until"), until);
    TRY(minutes_line(minutes, crl ? "CRL" : "Certificate", "%s (%s; record %llu)",
                     data_text(data, "file"), said, (unsigned long long)record->seq));
    TRY(minutes_value(minutes, "  SHA-256", data_text(data, "sha256")));
    TRY(write_level(minutes, record, crl));
    if (crl && intent != NULL)
        TRY(minutes_line(minutes, "  Number", "%lld",
                         (long long)data_number(intent->data, "number")));
    else
        TRY(minutes_value(minutes, "  Serial",
                          data_text(data_text(data, "serial")[0] != '\0' || intent == NULL
                                        ? data
                                        : intent->data,
                                    "serial")));
    return minutes_line(minutes, "  Valid", "from %s until %s", from, until);
}

static struct error *
write_batch(struct minutes *minutes, const json_t *data)
{
    TRY(minutes_line(minutes, "Batch",
                     "%s: %lld certificates signed with key \"%s\", profile "
                     "\"%s\"; %lld requests refused",
                     data_text(data, "batch"), (long long)data_number(data, "issued"),
                     data_text(data, "key"), data_text(data, "profile"),
                     (long long)data_number(data, "refused")));
    return minutes_value(minutes, "  Root hash", data_text(data, "root"));
}

static struct error *
write_request(struct minutes *minutes, const struct transcript_record *record)
{
    TRY(minutes_line(minutes, "Request", "%s (for a CA elsewhere; record %llu)",
                     data_text(record->data, "file"), (unsigned long long)record->seq));
    return minutes_value(minutes, "  SHA-256", data_text(record->data, "sha256"));
}

static const struct act_row object_acts[] = {
    {"sign",               "signed"                                },
    {"sign-crl",           "signed"                                },
    {"sign-crl-ahead",     "signed ahead and sealed"               },
    {"release-crl",        "signed earlier, released now"          },
    {"import-certificate", "issued elsewhere, brought to this site"},
};

struct error *
minutes_objects(struct minutes *minutes)
{
    size_t count = 0;
    TRY(minutes_part(minutes, "Certificates, CRLs and requests"));
    EACH_RECORD(record, minutes->evidence)
    {
        const char *said =
            said_of(object_acts, sizeof object_acts / sizeof object_acts[0], record);
        if (said != NULL)
            TRY(write_object(minutes, record, said));
        else if (is_done(record, "sign-requests"))
            TRY(write_batch(minutes, record->data));
        else if (is_done(record, "create-request"))
            TRY(write_request(minutes, record));
        else
            continue;
        count++;
    }
    return count > 0 ? NULL : minutes_say(minutes, "No certificate and no CRL was signed.");
}

/* --- shares --- */

static struct error *
write_plan(struct minutes *minutes, const char *shares)
{
    const struct site *site = minutes->evidence->site;
    const struct share_plan *plan = site == NULL ? NULL : site_plan(site, shares);
    AUTO_BYTES text = {0};
    if (plan == NULL)
        return minutes_value(minutes, "  n-k",
                             "not recorded: the share plan is not in this "
                             "folder");
    TRY(minutes_line(minutes, "  n-k",
                     "%u: so many shares may be lost before the rest cannot "
                     "open it",
                     plan_spare(plan)));
    if (!minutes->confidential)
        return NULL;
    TRY(plan_describe(plan, &text));
    return minutes_line(minutes, "  Private", "%s", bytes_text(&text));
}

static const struct act_row share_ends[] = {
    {"void-shares",    "the set is void, its copies were destroyed"},
    {"void-pin-set",   "the set of a PIN is void"                  },
    {"destroy-shares", "the set was called in to be destroyed"     },
};

static const struct act_row share_acts[] = {
    {"back-up-key", "backup of a key"    },
    {"re-share",    "new backup of a key"},
    {"split-pin",   "the PIN of a token" },
};

/* A set that was made: whether it was proven, and how much of it may be lost. */
static struct error *
write_set(struct minutes *minutes, const struct transcript_record *record)
{
    const char *key = data_text(record->data, "key");
    const struct transcript_record *proof =
        find_done(minutes->evidence, "prove-restore", "key", key, 0);
    if (key[0] != '\0')
        TRY(minutes_value(minutes, "  Proof",
                          proof != NULL && proof->seq > record->seq
                              ? "the shares brought the key back in this ceremony"
                              : "no restore from these shares is recorded in this ceremony"));
    return write_plan(minutes, data_text(record->data, "shares"));
}

struct error *
minutes_shares(struct minutes *minutes)
{
    size_t count = 0;
    TRY(minutes_part(minutes, "Shares"));
    EACH_RECORD(record, minutes->evidence)
    {
        const char *made =
            said_of(share_acts, sizeof share_acts / sizeof share_acts[0], record);
        const char *end = said_of(share_ends, sizeof share_ends / sizeof share_ends[0], record);
        if (made == NULL && end == NULL)
            continue;
        const char *shares = data_text(record->data, "shares");
        const char *key = data_text(record->data, "key");
        count++;
        TRY(minutes_line(minutes, "Shares", "%s%sof \"%s\": %s (record %llu)", shares,
                         shares[0] == '\0' ? "" : ", ",
                         key[0] != '\0' ? key : data_text(record->data, "token"),
                         made != NULL ? made : end, (unsigned long long)record->seq));
        if (made != NULL)
            TRY(write_set(minutes, record));
    }
    return count > 0 ? NULL : minutes_say(minutes, "No shares were made.");
}

/* --- retention --- */

struct error *
minutes_retention(struct minutes *minutes)
{
    const struct evidence *evidence = minutes->evidence;
    const json_t *said =
        evidence->closing != NULL ? data_inner(evidence->closing->data, "retention") : NULL;
    TRY(minutes_part(minutes, "How long the records are kept"));
    TRY(minutes_value(minutes, "Class", data_text(said, "class")));
    EACH_RECORD(record, evidence)
    if (is_done(record, "end-key"))
        TRY(minutes_line(minutes, "Not before",
                         "%s: no record of key \"%s\" may be deleted "
                         "earlier (record %llu)",
                         minutes_or_missing(data_text(record->data, "retention")),
                         data_text(record->data, "key"), (unsigned long long)record->seq));
    TRY(minutes_line(minutes, "Not before",
                     "%s: this folder may not be deleted earlier, since it is a link of what "
                     "the site has of its keys",
                     minutes_or_missing(data_text(said, "not_before"))));
    if (data_number(said, "keys_alive") <= 0)
        return NULL;
    return minutes_line(
        minutes, "",
        "%lld of those keys are not destroyed: two years after the last of them is, at the earliest.",
        (long long)data_number(said, "keys_alive"));
}
