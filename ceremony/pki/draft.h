/* SPDX-License-Identifier: Apache-2.0
 *
 * What the builders share to finish a draft; inside pki/ only. */
#pragma once

#include "ceremony/pki/algorithm.h"
#include "ceremony/pki/build.h"

/* What the key in `spki` signs with under this profile. */
MUST_CHECK struct error *draft_choose_algorithm(const void *spki, size_t spki_len,
                                                const char *digest,
                                                const struct signature_kind **ret_kind);
/* Takes the TBS bytes over (leaves `tbs` empty), fills the hashes, makes the specimen. */
MUST_CHECK struct error *draft_finish(struct bytes *tbs, const struct signature_kind *kind,
                                      const void *spki, size_t spki_len,
                                      struct pki_draft *ret_draft);
/* notAfter from a profile and a notBefore. */
MUST_CHECK struct error *draft_not_after(const struct pki_certificate_profile *profile,
                                         int64_t not_before, int64_t *ret_not_after);
/* nextUpdate from a profile and a thisUpdate. */
MUST_CHECK struct error *draft_next_update(const struct pki_crl_profile *profile,
                                           int64_t this_update, int64_t *ret_next_update);
