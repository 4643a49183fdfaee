/* SPDX-License-Identifier: Apache-2.0
 *
 * What a later ceremony asks of the ledger: which key bears a label, where its copies are, which
 * certificate is its own. Rows are copies; the caller frees them as said. */
#pragma once

#include "ceremony/ledger/ledger.h"

#define KNOWN_TEXT_MAX 256

struct known_key {
    char spki_sha256[65];
    char label[KNOWN_TEXT_MAX];
    char id_hex[KNOWN_TEXT_MAX];
    char token[KNOWN_TEXT_MAX]; /* as the script that made it called the token */
    char type[KNOWN_TEXT_MAX];
    char state[KNOWN_TEXT_MAX];
};

struct known_copy {
    char serial[KNOWN_TEXT_MAX];
    char how[KNOWN_TEXT_MAX];
    char state[KNOWN_TEXT_MAX];
};

struct known_backup {
    char blob_sha256[65];
    char card_sha256[65];
    char kcv[KNOWN_TEXT_MAX];
    char mechanism[KNOWN_TEXT_MAX];
    char state[KNOWN_TEXT_MAX];
    unsigned set_id;
};

struct known_share_set {
    unsigned set_id;
    char state[KNOWN_TEXT_MAX]; /* live until "void" */
};

struct known_certificate {
    char issuer_spki_sha256[65];
    char serial_hex[65];
    char sha256[65];
    char subject[KNOWN_TEXT_MAX];
    char profile[KNOWN_TEXT_MAX];
    int64_t not_before;
    int64_t not_after;
    bool is_ca;
};

struct known_profile {
    char id[KNOWN_TEXT_MAX];
};

/* The head of the closed transcript of a ceremony, 64 digits; "" where the ledger knows no end of it. */
MUST_CHECK struct error *known_ceremony_head(struct ledger *ledger, const char *ceremony,
                                             char ret_hex[65]);
/* Whether the ceremony entered this line of custody. */
MUST_CHECK struct error *known_custody(struct ledger *ledger, const char *ceremony,
                                       const char *kind, const char *text, bool *ret_known);
/* What decides how long records are kept: the keys that are not destroyed, and the later of the last entry and of
 * the end of the last CA certificate, in seconds since 1970; 0 for an empty ledger. (R98) */
MUST_CHECK struct error *known_retention(struct ledger *ledger, int64_t *ret_last,
                                         size_t *ret_alive);

/* The key that bears the label and is not destroyed. Errors: not-found; refused when two do. */
MUST_CHECK struct error *known_key_by_label(struct ledger *ledger, const char *label,
                                            struct known_key *ret_key);
/* Errors: not-found. */
MUST_CHECK struct error *known_key(struct ledger *ledger, const char *spki_sha256,
                                   struct known_key *ret_key);
/* All keys, by label; the caller frees the array. */
MUST_CHECK struct error *known_keys(struct ledger *ledger, struct known_key **ret_keys,
                                    size_t *ret_count);
/* All copies on tokens, destroyed ones too. */
MUST_CHECK struct error *known_copies(struct ledger *ledger, const char *spki_sha256,
                                      struct known_copy **ret_copies, size_t *ret_count);
/* All wrapped copies, whatever their state. */
MUST_CHECK struct error *known_backups(struct ledger *ledger, const char *spki_sha256,
                                       struct known_backup **ret_backups, size_t *ret_count);
/* The one wrapped copy that is live. Errors: not-found; refused when there are several. */
MUST_CHECK struct error *known_backup_live(struct ledger *ledger, const char *spki_sha256,
                                           struct known_backup *ret_backup);
/* The state of a share set of the key; "" if the ledger knows none with the number. */
MUST_CHECK struct error *known_share_set(struct ledger *ledger, const char *spki_sha256,
                                         unsigned set_id, char ret_state[KNOWN_TEXT_MAX]);
/* All share sets, void ones too. */
MUST_CHECK struct error *known_share_sets(struct ledger *ledger, const char *spki_sha256,
                                          struct known_share_set **ret_sets, size_t *ret_count);
/* How many certificates that the key signed for others are not expired at `now`, revoked or not, those in
 * blocks among them; and when the last of all ends. While there is one, the key must sign CRLs. */
MUST_CHECK struct error *known_unexpired(struct ledger *ledger, const char *issuer_spki_sha256,
                                         int64_t now, uint64_t *ret_count, int64_t *ret_until);
/* Certificates that the key signed for others one by one, issued and not over at `now`. */
MUST_CHECK struct error *known_signed_by(struct ledger *ledger, const char *issuer_spki_sha256,
                                         int64_t now,
                                         struct known_certificate **ret_certificates,
                                         size_t *ret_count);
/* The profiles of those that it signed in batches, not over at `now`; each once. */
MUST_CHECK struct error *known_batch_profiles(struct ledger *ledger,
                                              const char *issuer_spki_sha256, int64_t now,
                                              struct known_profile **ret_profiles,
                                              size_t *ret_count);
/* Certificates issued for the key: its own (self-signed) first, then the newest first. */
MUST_CHECK struct error *known_certificates(struct ledger *ledger, const char *spki_sha256,
                                            struct known_certificate **ret_certificates,
                                            size_t *ret_count);
/* An issued CA certificate that bears this subject (as pki_certificate_subject writes it). */
MUST_CHECK struct error *known_ca_of_name(struct ledger *ledger, const char *subject,
                                          struct known_certificate *ret_certificate,
                                          bool *ret_found);

/* The mark that the ledger announced last for the token with this serial; counter 0: none ever. */
struct known_head {
    uint64_t counter;
    uint64_t seq; /* of the entry; its hash is the mark */
    char ceremony[KNOWN_TEXT_MAX];
};
MUST_CHECK struct error *known_head_of(struct ledger *ledger, const char *serial,
                                       struct known_head *ret_head);
/* Whether the ledger holds the ceremony, open or closed. */
MUST_CHECK struct error *known_ceremony(struct ledger *ledger, const char *id, bool *ret_known);
/* The ceremony that was closed last, and the head of its transcript; "" where there is none. */
MUST_CHECK struct error *known_last_ceremony(struct ledger *ledger, char ret_id[KNOWN_TEXT_MAX],
                                             char ret_head[65]);
