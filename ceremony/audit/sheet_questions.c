/* SPDX-License-Identifier: Apache-2.0
 *
 * The questions, a row each, and what the ledger says to them. The names are those of the taxonomy; the words
 * are ours. (R70, R104) */
#include <string.h>

#include "ceremony/audit/sheet.h"
#include "ceremony/base/clock.h"
#include "ceremony/base/text.h"

/* --- issuers and anchors --- */

/* An entry by which a key issued end-entity certificates; how many of them. */
static size_t
issued_by(const struct sheet *sheet, size_t index, const json_t **ret_data, uint64_t *ret_seq)
{
    const char *kind = NULL;
    const json_t *data = sheet_line(sheet, index, &kind, ret_seq);
    *ret_data = data;
    if (strcmp(kind, "certificates-reserve") == 0)
        return (size_t)data_number(data, "count");
    return strcmp(kind, "certificate-reserve") == 0
                   && json_is_false(json_object_get(data, "is_ca"))
               ? 1
               : 0;
}

/* The first entry by which the CA issued device identities; 0: it did not. */
static uint64_t
device_entry(const struct sheet *sheet, const struct sheet_ca *ca)
{
    for (size_t i = 0; i < sheet->lines.count; i++) {
        const json_t *data = NULL;
        uint64_t seq = 0;
        const struct pki_profile *profile =
            issued_by(sheet, i, &data, &seq) == 0
                    || strcmp(data_text(data, "issuer"), ca->spki_sha256) != 0
                ? NULL
                : sheet_profile(sheet, data_text(data, "profile"));
        if (profile != NULL && profile->role == PKI_ROLE_IDEVID)
            return seq;
    }
    return 0;
}

typedef struct error *(*ask)(struct sheet *sheet, const char *question,
                             const struct sheet_ca *ca);

/* One that issued device identities, and one at the top of such. */
static bool
is_device_issuer(const struct sheet *sheet, const struct sheet_ca *ca)
{
    return device_entry(sheet, ca) != 0;
}

static bool
is_device_anchor(const struct sheet *sheet, const struct sheet_ca *ca)
{
    for (size_t i = 0; i < sheet->ca_count; i++)
        if (&sheet->cas[sheet->cas[i].anchor] == ca && device_entry(sheet, &sheet->cas[i]) != 0)
            return true;
    return false;
}

static bool
is_anchor(const struct sheet *sheet, const struct sheet_ca *ca)
{
    return ca->seq != 0 && &sheet->cas[ca->anchor] == ca;
}

/* --- answers --- */

/* All entries from the CA up to its anchor. */
static struct error *
point_upwards(struct sheet *sheet, const struct sheet_ca *ca)
{
    for (unsigned i = 0; ca != NULL && i < SHEET_LEVELS_MAX; i++) {
        if (ca->seq != 0)
            TRY(sheet_point_entry(sheet, ca->seq));
        ca = strcmp(ca->issuer, ca->spki_sha256) == 0 ? NULL : sheet_ca(sheet, ca->issuer);
    }
    return NULL;
}

static struct error *
device_level(struct sheet *sheet, const char *question, const struct sheet_ca *ca)
{
    AUTO_FREE char *name = NULL;
    TRY(sheet_name(ca, &name));
    if (ca->level == 0)
        return sheet_answer(sheet, question, name, SHEET_PUBLIC, NULL);
    TRY(sheet_answer(sheet, question, name, SHEET_PUBLIC,
                     "%u: its device certificates stand one below it", ca->level + 1));
    TRY(sheet_point_entry(sheet, device_entry(sheet, ca)));
    return point_upwards(sheet, ca);
}

/* The limits of today; NULL: none were ever entered. */
static const json_t *
limits_of(const struct sheet *sheet, const struct sheet_ca *ca, uint64_t *ret_seq)
{
    const json_t *found = NULL;
    for (size_t i = 0; i < sheet->lines.count; i++) {
        const char *kind = NULL;
        uint64_t seq = 0;
        const json_t *data = sheet_line(sheet, i, &kind, &seq);
        if (strcmp(kind, "issuer-limits") != 0
            || strcmp(data_text(data, "issuer"), ca->spki_sha256) != 0)
            continue;
        found = data;
        *ret_seq = seq;
    }
    return found;
}

static struct error *
time_limit(struct sheet *sheet, const char *question, const struct sheet_ca *ca)
{
    AUTO_FREE char *name = NULL;
    char until[CLOCK_TEXT_SIZE];
    uint64_t seq = ca->seq;
    const json_t *limits = limits_of(sheet, ca, &seq);
    int64_t end = limits == NULL ? 0 : data_number(limits, "until");
    TRY(sheet_name(ca, &name));
    clock_format_seconds(end != 0 ? end : ca->until, until);
    TRY(sheet_answer(sheet, question, name, SHEET_PUBLIC,
                     end != 0 ? "signs until %s, by its limits"
                              : "no limit but its certificate, which ends on %s",
                     until));
    return sheet_point_entry(sheet, seq);
}

static struct error *
number_limit(struct sheet *sheet, const char *question, const struct sheet_ca *ca)
{
    AUTO_FREE char *name = NULL;
    uint64_t seq = 0;
    size_t issued = 0;
    uint64_t last = 0;
    const json_t *limits = limits_of(sheet, ca, &seq);
    int64_t count = limits == NULL ? 0 : data_number(limits, "count");
    for (size_t i = 0; i < sheet->lines.count; i++) {
        const json_t *data = NULL;
        uint64_t at = 0;
        size_t some = issued_by(sheet, i, &data, &at);
        if (some == 0 || strcmp(data_text(data, "issuer"), ca->spki_sha256) != 0)
            continue;
        issued += some;
        last = at;
    }
    TRY(sheet_name(ca, &name));
    if (count > 0)
        TRY(sheet_answer(sheet, question, name, SHEET_PUBLIC,
                         "%lld certificates in all; %zu were signed so far", (long long)count,
                         issued));
    else
        TRY(sheet_answer(sheet, question, name, SHEET_PUBLIC,
                         "no limit is entered; %zu were signed so far", issued));
    if (seq != 0)
        TRY(sheet_point_entry(sheet, seq));
    return last != 0 ? sheet_point_entry(sheet, last) : NULL;
}

/* Where shares lie is written as people say it; no record names a continent. */
static struct error *
not_told(struct sheet *sheet, const char *question, const struct sheet_ca *ca)
{
    AUTO_FREE char *name = NULL;
    TRY(sheet_name(ca, &name));
    return sheet_answer(sheet, question, name, SHEET_PUBLIC, NULL);
}

static struct error *
depth(struct sheet *sheet, const char *question, const struct sheet_ca *anchor)
{
    AUTO_FREE char *name = NULL;
    const struct sheet_ca *deepest = anchor;
    const struct sheet_ca *signer = NULL;
    uint64_t signed_by = 0;
    TRY(sheet_name(anchor, &name));
    if (anchor->level != 1)
        return sheet_answer(sheet, question, name, SHEET_PUBLIC, NULL);
    for (size_t i = 0; i < sheet->ca_count; i++)
        if (&sheet->cas[sheet->cas[i].anchor] == anchor && sheet->cas[i].level > deepest->level)
            deepest = &sheet->cas[i];
    for (size_t i = 0; i < sheet->lines.count; i++) {
        const json_t *data = NULL;
        uint64_t seq = 0;
        if (issued_by(sheet, i, &data, &seq) == 0)
            continue;
        const struct sheet_ca *ca = sheet_ca(sheet, data_text(data, "issuer"));
        if (ca == NULL || &sheet->cas[ca->anchor] != anchor
            || (signer != NULL && ca->level <= signer->level))
            continue;
        signer = ca;
        signed_by = seq;
    }
    if (signer == NULL) {
        TRY(sheet_answer(sheet, question, name, SHEET_PUBLIC,
                         "CAs down to level %u; no end entity is certified yet",
                         deepest->level));
        return point_upwards(sheet, deepest);
    }
    TRY(sheet_answer(sheet, question, name, SHEET_PUBLIC,
                     "%u: the deepest end entities; CAs down to level %u", signer->level + 1,
                     deepest->level));
    TRY(sheet_point_entry(sheet, signed_by));
    return point_upwards(sheet, deepest);
}

static bool
is_said(const struct bytes *text, const char *word)
{
    return text->len > 0 && strstr(bytes_text(text), word) != NULL;
}

static struct error *
algorithms(struct sheet *sheet, const char *question, const struct sheet_ca *anchor)
{
    AUTO_FREE char *name = NULL;
    AUTO_BYTES types = {0};
    for (size_t i = 0; i < sheet->ca_count; i++) {
        const struct sheet_ca *ca = &sheet->cas[i];
        if (&sheet->cas[ca->anchor] == anchor && ca->type[0] != '\0'
            && !is_said(&types, ca->type))
            TRY(bytes_format(&types, "%s%s", types.len > 0 ? ", " : "", ca->type));
    }
    TRY(sheet_name(anchor, &name));
    if (types.len == 0)
        return sheet_answer(sheet, question, name, SHEET_PUBLIC, NULL);
    TRY(sheet_answer(sheet, question, name, SHEET_PUBLIC,
                     "its CAs sign with %s; what else a device takes, the evidence does not "
                     "tell",
                     bytes_text(&types)));
    for (size_t i = 0; i < sheet->ca_count; i++)
        if (&sheet->cas[sheet->cas[i].anchor] == anchor && sheet->cas[i].key_seq != 0)
            TRY(sheet_point_entry(sheet, sheet->cas[i].key_seq));
    return NULL;
}

static struct error *
lifespan(struct sheet *sheet, const char *question, const struct sheet_ca *anchor)
{
    AUTO_FREE char *name = NULL;
    char from[CLOCK_TEXT_SIZE];
    char until[CLOCK_TEXT_SIZE];
    TRY(sheet_name(anchor, &name));
    if (anchor->level != 1)
        return sheet_answer(sheet, question, name, SHEET_PUBLIC, NULL);
    clock_format_seconds(anchor->from, from);
    clock_format_seconds(anchor->until, until);
    TRY(sheet_answer(sheet, question, name, SHEET_PUBLIC, "from %s until %s", from, until));
    return sheet_point_entry(sheet, anchor->seq);
}

static struct error *
breadth(struct sheet *sheet, const char *question, const struct sheet_ca *anchor)
{
    AUTO_FREE char *name = NULL;
    size_t valid = 0;
    long long revoked = 0;
    uint64_t last = 0;
    for (size_t i = 0; i < sheet->lines.count; i++) {
        const char *kind = NULL;
        const json_t *data = NULL;
        uint64_t seq = 0;
        size_t some = issued_by(sheet, i, &data, &seq);
        (void)sheet_line(sheet, i, &kind, &seq);
        const struct sheet_ca *ca = sheet_ca(sheet, data_text(data, "issuer"));
        if (ca == NULL || &sheet->cas[ca->anchor] != anchor)
            continue;
        if (strcmp(kind, "revocations") == 0)
            revoked += data_number(data, "count");
        if (some == 0 || data_number(data, "not_after") < sheet->now)
            continue;
        valid += some;
        last = seq;
    }
    TRY(sheet_name(anchor, &name));
    TRY(sheet_answer(sheet, question, name, SHEET_PUBLIC,
                     "%zu end-entity certificates that have not expired; %lld revocations of "
                     "any certificate below it are entered",
                     valid, revoked));
    return last != 0 ? sheet_point_entry(sheet, last) : NULL;
}

static struct error *
describe_limits(const struct pki_profile *profile, struct bytes *text)
{
    const struct pki_certificate_profile *p = &profile->certificate;
    TRY(bytes_append_text(text, "extended usage "));
    if (p->ext_key_usage == PKI_ABSENT)
        TRY(bytes_append_text(text, "not limited"));
    for (size_t i = 0; p->ext_key_usage != PKI_ABSENT && i < p->ext_key_usages.count; i++)
        TRY(bytes_format(text, "%s%s", i == 0 ? "" : ", ", p->ext_key_usages.items[i]));
    TRY(bytes_append_text(text, "; policies "));
    if (p->policies == PKI_ABSENT)
        TRY(bytes_append_text(text, "none"));
    for (size_t i = 0; p->policies != PKI_ABSENT && i < p->policy_oids.count; i++)
        TRY(bytes_format(text, "%s%s", i == 0 ? "" : ", ", p->policy_oids.items[i]));
    return bytes_format(text, "; names %s; path length %s",
                        p->name_constraints == PKI_ABSENT ? "not constrained" : "constrained",
                        p->path_len < 0 ? "not limited" : "limited");
}

/* What the certificates of the CAs below the anchor lock. */
static struct error *
lock_policy(struct sheet *sheet, const char *question, const struct sheet_ca *anchor)
{
    size_t below = 0;
    AUTO_FREE char *own = NULL;
    TRY(sheet_name(anchor, &own));
    for (size_t i = 0; i < sheet->ca_count; i++) {
        AUTO_FREE char *name = NULL;
        AUTO_BYTES text = {0};
        const struct sheet_ca *ca = &sheet->cas[i];
        if (ca == anchor || &sheet->cas[ca->anchor] != anchor || ca->seq == 0)
            continue;
        below++;
        TRY(sheet_name(ca, &name));
        const struct pki_profile *profile = sheet_profile(sheet, ca->profile);
        if (profile == NULL) {
            TRY(sheet_answer(sheet, question, name, SHEET_PUBLIC, NULL));
            continue;
        }
        TRY(describe_limits(profile, &text));
        TRY(sheet_answer(sheet, question, name, SHEET_PUBLIC, "%s", bytes_text(&text)));
        TRY(sheet_point_entry(sheet, ca->seq));
    }
    return below > 0 ? NULL : sheet_answer(sheet, question, own, SHEET_PUBLIC, NULL);
}

static struct error *
storage_and_shares(struct sheet *sheet, const char *question, const struct sheet_ca *ca)
{
    TRY(sheet_storage(sheet, question, ca));
    return sheet_shares(sheet, question, ca);
}

/* --- the table --- */

static const struct {
    struct sheet_question question;
    bool (*is_about)(const struct sheet *sheet, const struct sheet_ca *ca);
    ask answer;
} rows[] = {
    {{"identity-pki-level", "At which level do device identity certificates stand?"},
     is_device_issuer,                                                                                         device_level      },
    {{"identity-time-limits-per-subordinate",
      "For how long does a subordinate CA sign device identities before another takes over?"},
     is_device_issuer,                                                                                         time_limit        },
    {{"identity-number-per-subordinate",
      "How many device identities does a subordinate CA sign before it is retired?"},
     is_device_issuer,                                                                                         number_limit      },
    {{"identity-anchor-storage", "How is the key at the top of the device identities kept?"},
     is_device_anchor,                                                                                         sheet_storage     },
    {{"identity-shared-split-extra",
      "How many shares of that key exist beyond those that are needed?"},
     is_device_anchor,                                                                                         sheet_shares      },
    {{"identity-shared-split-continents",
      "On how many continents could the holders there bring that key back by themselves?"},
     is_device_anchor,                                                                                         not_told          },
    {{"pki-level", "At which level do the end entities of this anchor stand?"},
     is_anchor,                                                                                                depth             },
    {{"pki-algorithms", "Which algorithms and key sizes are valid under this anchor?"},
     is_anchor,                                                                                                algorithms        },
    {{"pki-lifespan", "How long is the anchor meant to be trusted?"},                               is_anchor, lifespan          },
    {{"pki-level-locked", "Does the device fix the level at which end entities stand?"},
     is_anchor,                                                                                                not_told          },
    {{"pki-breadth", "How many end-entity certificates are there that have not expired?"},
     is_anchor,                                                                                                breadth           },
    {{"pki-lock-policy", "What keeps any end entity of this anchor from signing anything?"},
     is_anchor,                                                                                                lock_policy       },
    {{"pki-anchor-storage", "How is the anchor's private key kept, and who can bring it back?"},
     is_anchor,                                                                                                storage_and_shares},
};

#define ROW_COUNT (sizeof rows / sizeof rows[0])

const struct sheet_question *
sheet_questions(size_t *ret_count)
{
    static struct sheet_question questions[ROW_COUNT];
    for (size_t i = 0; i < ROW_COUNT; i++)
        questions[i] = rows[i].question;
    *ret_count = ROW_COUNT;
    return questions;
}

struct error *
sheet_fill(struct sheet *sheet)
{
    for (size_t q = 0; q < ROW_COUNT; q++) {
        bool asked = false;
        for (size_t i = 0; i < sheet->ca_count; i++)
            if (rows[q].is_about(sheet, &sheet->cas[i])) {
                asked = true;
                TRY(rows[q].answer(sheet, rows[q].question.id, &sheet->cas[i]));
            }
        if (!asked) /* nothing in the evidence is of that sort */
            TRY(sheet_answer(sheet, rows[q].question.id, "", SHEET_PUBLIC, NULL));
    }
    return NULL;
}
