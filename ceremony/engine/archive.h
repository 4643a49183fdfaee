/* SPDX-License-Identifier: Apache-2.0
 *
 * SITE/archive: what earlier ceremonies left for later ones to go on from. Certificates, CRLs and
 * wrapped keys are named by their SHA-256, transcripts by their ceremony. Nothing in it is believed:
 * every file is compared with the hash that the ledger holds. A lost one is copied back from the
 * evidence folder of its ceremony. (R9, R53; docs/formats/site.md) */
#pragma once

#include "ceremony/base/bytes.h"
#include "ceremony/ledger/ledger.h"

enum archive_shelf {
    ARCHIVE_CERTIFICATE,
    ARCHIVE_CRL,
    ARCHIVE_WRAPPED_KEY,
    ARCHIVE_RECOVERY_CARD,
    ARCHIVE_REQUEST
};

/* The file with this hash. Errors: not-found, verification (another content), io. `what` names it in
 * words: "the certificate of key \"root\"". */
MUST_CHECK struct error *archive_read(const char *site_folder, enum archive_shelf shelf,
                                      const char *sha256, const char *what,
                                      struct bytes *ret_data);
/* Overwrites and removes a file; a missing one is fine, and `ret_was_there` (may be NULL) says so. */
MUST_CHECK struct error *archive_destroy(const char *site_folder, enum archive_shelf shelf,
                                         const char *sha256, bool *ret_was_there);
/* The request for this public key; empty if there is none. */
MUST_CHECK struct error *archive_find_request(const char *site_folder, const struct bytes *spki,
                                              struct bytes *ret_der);
/* The transcript of an earlier ceremony, compared with the head that the ledger holds. */
MUST_CHECK struct error *archive_read_transcript(const char *site_folder, const char *ceremony,
                                                 const char *head_sha256,
                                                 struct bytes *ret_data);
/* The archive holds no transcript of a ceremony that the ledger does not know: then the ledger is an older
 * one, or another's (R53, R102). */
MUST_CHECK struct error *archive_check_ledger(const char *site_folder, struct ledger *ledger);
/* Copies what the ceremony of an evidence folder issued, and its closed transcript. The same again is
 * fine. */
MUST_CHECK struct error *archive_keep(const char *site_folder, const char *evidence,
                                      const char *ceremony);
