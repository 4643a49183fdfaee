/* SPDX-License-Identifier: Apache-2.0
 *
 * The memory of a CA between ceremonies, in one SQLite file: token bindings, issuers, certificates,
 * CRL numbers, custody, heads of transcripts. Append-only, hash-chained: every change is one entry
 * (kind, canonical JSON, hash of the entry before), and the tables people query are derived from
 * the entries in the same transaction. Written ahead: an entry is durable before what it announces
 * happens. (R47, R53, R102, DESIGN 3 Ledger) */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"

struct ledger;

/* Opens (or, if `create`, makes) the file, takes its lock (a second program is refused in words),
 * checks the whole chain and that the derived tables follow from it. Full synchronous. */
MUST_CHECK struct error *ledger_open(const char *path, bool create, struct ledger **ret_ledger);
/* Read-only, no lock. */
MUST_CHECK struct error *ledger_open_read(const char *path, struct ledger **ret_ledger);
void ledger_close(struct ledger *ledger);
DEFINE_AUTO(ledger, ledger_close);

/* Hash of the last entry (zeros while empty) and how many there are. */
void ledger_head(const struct ledger *ledger, unsigned char ret_head[32], uint64_t *ret_count);
/* All entries, one canonical JSON object a line (seq, prev, time, ceremony, kind, data), appended;
 * this is evidence/ledger.jsonl, and ledger_import rebuilds from it. */
MUST_CHECK struct error *ledger_export(struct ledger *ledger, struct bytes *ret_lines);
/* Checks such lines: chain, canonical form, the rules below. `ret_head` may be NULL. */
MUST_CHECK struct error *ledger_check_lines(const void *lines, size_t len,
                                            unsigned char ret_head[32], uint64_t *ret_count);

/* The rows of one block that an import asks for. */
struct ledger_wanted_rows {
    uint64_t seq; /* the block's entry */
    const char *ceremony;
    const char *kind;
    const char *batch; /* of certificates-reserve; with the number of the block in it */
    uint64_t block;
    uint64_t reserved; /* of certificates-issue: the entry that reserved */
    size_t count;
};

/* Hands every line of the block, without its newline, to `add`, in the order of the rows. */
struct ledger_rows_from {
    struct error *(*rows)(void *user, const struct ledger_wanted_rows *wanted,
                          struct error *(*add)(void *with, const char *line, size_t len),
                          void *with);
    void *user;
};

/* Makes a new ledger at `path` from such lines, after checking them. `rows` NULL: there are no blocks.
 * Rows are believed when they have the root that their entry names. An existing file is refused; on an
 * error no file is left. */
MUST_CHECK struct error *ledger_import(const char *path, const void *lines, size_t len,
                                       const struct ledger_rows_from *rows);
/* The number of the entry with this hash, 0 if there is none: whether a head seen elsewhere (on a
 * token, on paper) belongs to this ledger's past, or to a fork (R53, R102). */
MUST_CHECK struct error *ledger_find_head(struct ledger *ledger, const unsigned char head[32],
                                          uint64_t *ret_seq);

/* --- announcements; each is one durable entry; `ceremony` is the ceremony's id --- */

MUST_CHECK struct error *ledger_ceremony_open(struct ledger *ledger, const char *ceremony,
                                              const char *mode, const char *script_sha256);
MUST_CHECK struct error *ledger_ceremony_close(struct ledger *ledger, const char *ceremony,
                                               const char *transcript_head, const char *state);
/* A ceremony that was opened and not closed: its id (caller frees), or NULL. */
MUST_CHECK struct error *ledger_open_ceremony(struct ledger *ledger, char **ret_ceremony);

/* A token's name bound to a serial; a name once bound is never blank again. The same binding again is
 * fine; another serial is refused. */
MUST_CHECK struct error *ledger_bind_token(struct ledger *ledger, const char *ceremony,
                                           const char *name, const char *serial);
/* The serial bound to the name (caller frees), or NULL. */
MUST_CHECK struct error *ledger_token_serial(struct ledger *ledger, const char *name,
                                             char **ret_serial);

struct ledger_key {
    const char *label;
    const char *id_hex;
    const char *token;       /* name */
    const char *spki_sha256; /* hexadecimal; another key with the same one is refused */
    const char *type;        /* "ec-p384" */
    const char *state;       /* "generated", "backed-up", "operational", "destroyed" */
};
/* The same key again in the same ceremony is fine. */
MUST_CHECK struct error *ledger_add_key(struct ledger *ledger, const char *ceremony,
                                        const struct ledger_key *key);
MUST_CHECK struct error *ledger_key_state(struct ledger *ledger, const char *ceremony,
                                          const char *spki_sha256, const char *state);

/* A certificate about to be signed: serial (hexadecimal, unique per issuer; again is refused). */
struct ledger_certificate {
    const char *issuer_spki_sha256; /* whose key signs */
    const char *serial_hex;
    const char *subject;
    const char *subject_spki_sha256;
    const char *tbs_sha256;
    int64_t not_before; /* seconds since 1970 */
    int64_t not_after;
    const char *profile;
    bool is_ca;
};
MUST_CHECK struct error *
ledger_reserve_certificate(struct ledger *ledger, const char *ceremony,
                           const struct ledger_certificate *certificate);
/* The reserved one became a certificate with this SHA-256; the same again is fine. */
MUST_CHECK struct error *ledger_issue_certificate(struct ledger *ledger, const char *ceremony,
                                                  const char *issuer_spki_sha256,
                                                  const char *serial_hex,
                                                  const char *certificate_sha256);
/* A certificate that another CA signed for a key of this ledger; `profile` is not used. The same again is
 * fine; another one with its issuer and serial is refused. */
MUST_CHECK struct error *ledger_import_certificate(struct ledger *ledger, const char *ceremony,
                                                   const struct ledger_certificate *certificate,
                                                   const char *certificate_sha256);
/* Whether the serial is taken for this issuer. */
MUST_CHECK struct error *ledger_serial_taken(struct ledger *ledger,
                                             const char *issuer_spki_sha256,
                                             const char *serial_hex, bool *ret_taken);

/* CRL numbers per issuer and scope ("full"): the highest ever reserved, 0 if none. */
MUST_CHECK struct error *ledger_crl_number(struct ledger *ledger,
                                           const char *issuer_spki_sha256, const char *scope,
                                           uint64_t *ret_number);
/* Refused unless above the highest. */
MUST_CHECK struct error *ledger_reserve_crl(struct ledger *ledger, const char *ceremony,
                                            const char *issuer_spki_sha256, const char *scope,
                                            uint64_t number, const char *tbs_sha256,
                                            int64_t this_update, int64_t next_update);
MUST_CHECK struct error *ledger_issue_crl(struct ledger *ledger, const char *ceremony,
                                          const char *issuer_spki_sha256, const char *scope,
                                          uint64_t number, const char *crl_sha256);

/* A CRL that another program signed, before this ledger knew any of its issuer: later numbers are above
 * its own. Refused when the ledger knows one. The same again is fine. */
struct ledger_brought_crl {
    uint64_t number;
    int64_t this_update;
    int64_t next_update;
    const char *tbs_sha256;
    const char *sha256;
};
MUST_CHECK struct error *ledger_import_crl(struct ledger *ledger, const char *ceremony,
                                           const char *issuer_spki_sha256, const char *scope,
                                           const struct ledger_brought_crl *crl);
/* Where a CRL is that was signed ahead (R59): "unreleased" (before it is signed), "sealed", "lost";
 * "released", "destroyed" are final. `bag`: its number, "none" where there is none. */
MUST_CHECK struct error *ledger_crl_custody(struct ledger *ledger, const char *ceremony,
                                            const char *issuer_spki_sha256, const char *scope,
                                            uint64_t number, const char *state,
                                            const char *bag);

/* A share set made, proven, or void; its SLIP-39 id, refused if a live set has the same. Values that
 * are confidential stay out: `commitment` points to them. */
MUST_CHECK struct error *ledger_share_set(struct ledger *ledger, const char *ceremony,
                                          const char *key_spki_sha256, unsigned set_id,
                                          const char *state, const char *commitment);
/* The set of shares that holds the PIN of the token with this serial; `user` is "user" or "SO", `state` "made",
 * "proven" (every holder typed the share back), "in-use" (the token has this PIN; a set that was in use
 * before is void from then on) or "void". States only go forward. Its number is refused if a live set of
 * any sort has it. */
MUST_CHECK struct error *ledger_pin_set(struct ledger *ledger, const char *ceremony,
                                        const char *serial, const char *user, unsigned set_id,
                                        const char *state);
/* Shares of a live set were proven: `how` "opened" (enough of them gave the secret) or "checked" (each
 * by itself). `commitment`: which, "" for none. */
MUST_CHECK struct error *ledger_share_proof(struct ledger *ledger, const char *ceremony,
                                            unsigned set_id, const char *how,
                                            const char *commitment);
/* A copy of a key on the token with this serial: `how` "generated" or "restored", `state` "present"
 * or "destroyed". The same again is fine. */
MUST_CHECK struct error *ledger_key_copy(struct ledger *ledger, const char *ceremony,
                                         const char *spki_sha256, const char *serial,
                                         const char *how, const char *state);

/* A wrapped copy of a key, and the shares that open it. */
struct ledger_backup {
    const char *key_spki_sha256;
    const char *blob_sha256; /* of the wrapped key's file */
    const char *card_sha256; /* of the recovery card beside it */
    const char *kcv;         /* key-check value of the KEK, hexadecimal */
    const char *mechanism;   /* the token's, in words */
    unsigned set_id;         /* of the shares */
};
/* `state` "live", then once "void" or "destroyed", which is final. */
MUST_CHECK struct error *ledger_backup(struct ledger *ledger, const char *ceremony,
                                       const struct ledger_backup *backup, const char *state);
/* Free custody entry: `kind` such as "bag", "medium", "share" with a commitment or plain text. */
MUST_CHECK struct error *ledger_custody(struct ledger *ledger, const char *ceremony,
                                        const char *kind, const char *text);
