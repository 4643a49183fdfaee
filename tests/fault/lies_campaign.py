#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A token that lies (T2): each lie is noticed before anything is certified, said in a plain sentence, and
the ceremony can then be resumed or aborted with an honest token."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from pkcs11_campaign import campaign, r, with_fault_module  # noqa: E402

# rule, and words of which one must stand in what is said
LIES = [
    ("C_Sign@1+=flip", ["signature"]),
    ("C_SignInit@1+=lie:wrong-key", ["signature"]),
    ("C_SignInit@3+=lie:wrong-key", ["signature"]),
    ("C_GetAttributeValue@1+=lie:other-point", ["signature", "public key", "key"]),
    ("C_GenerateKeyPair@1+=lie:ignore-extractable", ["not as planned"]),
    ("C_GetAttributeValue@1+=attr:0x162:0", ["not as planned"]),  # EXTRACTABLE reads false
    ("C_GetAttributeValue@1+=attr:0x103:0", ["not as planned", "KEK", "key-encryption"]),  # SENSITIVE
    ("C_GenerateRandom@1+=lie:constant-random", ["random"]),
    ("C_DestroyObject@1+=lie:not-destroyed", ["still", "destroy"]),
    ("C_FindObjects@1+=lie:same-handle", ["two", "several", "more than one", "twice", "already"]),
    ("C_WrapKey@1+=flip", ["wrap", "RFC 5649"]),
    ("C_GetTokenInfo@40+=flags:0x40000", ["locked", "PIN"]),
]


def lie(rule, words):
    with r.Rehearsal() as one:
        with_fault_module(one)
        result = one.run(env={"CEREMONY_FAULT_ONGOING": "1", "CEREMONY_FAULT": rule})
        if result.returncode == 0:
            raise r.Broken("the lie was believed")
        r.check_failed_plainly(result)
        if not any(word in result.stderr for word in words):
            raise r.Broken(f"none of {words} stands in: {result.stderr.strip()}")
        if list(one.evidence.glob("certificates/*root*")) and "C_Sign" in rule:
            raise r.Broken("a certificate was written")
        r.check_chain(one, False)
        return campaign.finish(one)


def main():
    broken = 0
    for rule, words in LIES:
        try:
            print(f"{rule}: {lie(rule, words)}", flush=True)
        except r.Broken as why:
            broken += 1
            print(f"{rule}: BROKEN: {why}", flush=True)
    return campaign.close(len(LIES), broken, f"{len(LIES) - broken} lies were noticed, {broken} were not")


if __name__ == "__main__":
    sys.exit(main())
