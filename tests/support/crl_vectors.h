/* SPDX-License-Identifier: Apache-2.0
 *
 * tests/vectors/crl: what is wrong with each CRL that is at fault, by the lint that says so. The others
 * of the folder (ok-*) are without fault. */
#pragma once

static const struct {
    const char *name;
    const char *lint;
} crl_faulty[] = {
    {"xf-alg-mismatch.der",         "algorithm-mismatch"        },
    {"xf-alg-null.der",             "algorithm-encoding"        },
    {"xf-bad-signature.der",        "signature"                 },
    {"xf-delta-base-gt-number.der", "crl-delta-base-later"      },
    {"xf-delta-no-number.der",      "crl-number-missing"        },
    {"xf-delta-not-critical.der",   "delta-critical"            },
    {"xf-empty-issuer.der",         "issuer-empty"              },
    {"xf-empty-seq.der",            "crl-revoked-empty"         },
    {"xf-false-encoded.der",        "extension-default-encoded" },
    {"xf-freshest-in-delta.der",    "crl-delta-freshest"        },
    {"xf-idp-not-critical.der",     "issuing-point-critical"    },
    {"xf-idp-two-only.der",         "issuing-point-only"        },
    {"xf-no-number.der",            "crl-number-missing"        },
    {"xf-number-21-octets.der",     "crl-number-range"          },
    {"xf-number-critical.der",      "crl-number-critical"       },
    {"xf-number-negative.der",      "crl-number-range"          },
    {"xf-reason-7.der",             "crl-reason"                },
    {"xf-reason-unspecified.der",   "crl-reason-unspecified"    },
    {"xf-serial-negative.der",      "crl-entry-serial"          },
    {"xf-unknown-critical.der",     "extension-unknown-critical"},
    {"xf-utctime-offset.der",       "time-encoding"             },
    {"xf-wrong-key.der",            "signature"                 },
};
