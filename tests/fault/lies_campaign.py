#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A token that lies (T2).

Root ceremony: each lie is noticed before anything is certified, is said in a plain sentence that names it, and the ceremony
can then be resumed or aborted with an honest token.

--matrix NAME tells the lies of MATRIX in another ceremony: each is noticed likewise, or it did no harm: then the ceremony has
ended, its evidence stands before the auditor's program, and each certificate and CRL in it verifies with stock OpenSSL.

usage: lies_campaign.py [--matrix NAME]... [--every N] [--offset N] [--jobs N]
"""
import argparse
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import pkcs11_campaign as pkcs11  # noqa: E402
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
    ("C_GenerateKeyPair@2+=lie:not-kept", ["no private key"]),
    ("C_FindObjects@62+=lie:other-key", ["another public key"]),
    ("C_SetAttributeValue@1+=lie:nothing", ["still reports that it may leave"]),
    ("C_CreateObject@1+=lie:not-kept", ["did not make the key-encryption key"]),
    ("C_InitToken@1+=lie:nothing", ["0 new tokens bear that label"]),
    ("C_InitPIN@1+=lie:nothing", ["no user's PIN"]),
    ("C_Logout@1+=lie:nothing", ["is logged in already"]),
    ("C_Sign@1+=lie:nothing", ["does not confirm"]),
]

# In any ceremony: from the first such call on, and once in its middle.
MATRIX = [
    "C_Sign@1+=flip", "C_Sign@{half}=flip",
    "C_SignInit@1+=lie:wrong-key", "C_SignInit@{half}+=lie:wrong-key",
    "C_GetAttributeValue@1+=lie:other-point", "C_GetAttributeValue@{half}+=lie:other-point",
    "C_GetAttributeValue@{half}+=flip",
    "C_GenerateKeyPair@1+=lie:ignore-extractable",
    "C_GetAttributeValue@1+=attr:0x162:0", "C_GetAttributeValue@1+=attr:0x162:1",  # EXTRACTABLE
    "C_GetAttributeValue@1+=attr:0x103:0",  # SENSITIVE
    "C_GetAttributeValue@1+=attr:0x170:1",  # MODIFIABLE
    "C_GetAttributeValue@1+=attr:0x107:1",  # UNWRAP
    "C_GenerateRandom@1+=lie:constant-random", "C_GenerateRandom@{half}+=lie:constant-random",
    "C_DestroyObject@1+=lie:not-destroyed", "C_DestroyObject@{half}+=lie:not-destroyed",
    "C_FindObjects@1+=lie:same-handle", "C_FindObjects@{half}+=lie:same-handle",
    "C_FindObjects@1+=lie:short-list", "C_FindObjects@{half}+=lie:short-list",
    "C_WrapKey@1+=flip", "C_Decrypt@1+=flip",
    "C_GetTokenInfo@{half}+=flags:0x40000",  # the user PIN is locked
    "C_FindObjects@1+=lie:other-key", "C_FindObjects@{half}+=lie:other-key",
    "C_UnwrapKey@1+=lie:other-key", "C_UnwrapKey@1+=lie:not-kept", "C_UnwrapKey@1+=lie:nothing",
    "C_GenerateKeyPair@1+=lie:not-kept", "C_GenerateKeyPair@{half}+=lie:not-kept", "C_GenerateKeyPair@1+=lie:nothing",
    "C_GenerateKey@1+=lie:not-kept", "C_GenerateKey@1+=lie:nothing",
    "C_CreateObject@1+=lie:not-kept", "C_CreateObject@1+=lie:nothing",
    "C_SetAttributeValue@1+=lie:nothing", "C_InitToken@1+=lie:nothing", "C_InitPIN@1+=lie:nothing", "C_SetPIN@1+=lie:nothing",
    "C_Login@1+=lie:nothing", "C_Logout@1+=lie:nothing", "C_Sign@1+=lie:nothing", "C_WrapKey@1+=lie:nothing",
    "C_GenerateRandom@1+=lie:nothing",
]


def lie(rule, words):
    """How the root ceremony ended after a lie that must be named, and why that is broken or None."""
    with r.Rehearsal() as one:
        with_fault_module(one)
        try:
            result = one.run(env={"CEREMONY_FAULT_ONGOING": "1", "CEREMONY_FAULT": rule})
            if result.returncode == 0:
                raise r.Broken("the lie was believed")
            r.check_failed_plainly(result)
            if not any(word in result.stderr for word in words):
                raise r.Broken(f"none of {words} stands in: {result.stderr.strip()}")
            if list(one.evidence.glob("certificates/*root*")) and "C_Sign" in rule:
                raise r.Broken("a certificate was written")
            r.check_chain(one, False)
            return campaign.finish(one), None
        except r.Broken as broken:
            return "broken", str(broken)


def issuers(one):
    """Every certificate that lies in this ceremony's evidence, in its site's archive, or beside it."""
    return sorted({*one.evidence.rglob("*.pem"), *one.folder.glob("site*/archive/**/*.pem"), *one.folder.glob("**/certificates/*.pem")})


def verify_outputs(one):
    """Each certificate and CRL of this evidence folder is signed by the key of a certificate that is at hand."""
    bundle = one.folder / "all-certificates.pem"
    texts = [path.read_text(errors="replace") for path in issuers(one)]
    bundle.write_text("".join(text for text in texts if "BEGIN CERTIFICATE-----" in text))
    for path in [*one.evidence.glob("certificates/*.pem"), *one.evidence.glob("crls/*.pem")]:
        crl = path.parent.name == "crls"
        command = (["openssl", "crl", "-in", path, "-CAfile", bundle, "-noout"] if crl else
                   ["openssl", "verify", "-partial_chain", "-no_check_time", "-CAfile", bundle, path])
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0 or (crl and "verify OK" not in done.stderr):
            raise r.Broken(f"{path.name} does not verify: {done.stdout}{done.stderr}")


def tell(name, rule):
    """How a lie in this ceremony ended, and why that is broken or None."""
    with r.Rehearsal(name) as one:
        with_fault_module(one)
        one.had = pkcs11.HAD[name]
        try:
            result = one.run(env={"CEREMONY_FAULT_ONGOING": "1", "CEREMONY_FAULT": rule})
            if result.returncode == 0:
                r.check_ended(one)
                verify_outputs(one)
                return "harmless", None
            r.check_failed_plainly(result)
            if "[bug]" in result.stderr or "mistake in the program" in result.stderr:
                raise r.Broken(f"I7: {result.stderr.strip()}")
            if not one.records():
                return "nothing begun", None
            r.check_chain(one, one.records()[-1]["type"] == "closing")
            verify_outputs(one)
            return f"noticed, then {campaign.finish(one)}", None
        except r.Broken as broken:
            return "broken", str(broken)


def rules_of(name):
    """The lies that a ceremony can be told: those about calls that it makes."""
    calls = pkcs11.count_calls(name)
    for rule in MATRIX:
        made = calls.count(rule.split("@")[0])
        if made > (1 if "{half}" in rule else 0):
            yield rule.format(half=made // 2 + 1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--matrix", action="append", default=[], metavar="NAME")
    campaign.sizes(parser)
    arguments = parser.parse_args()
    if not arguments.matrix:
        ends = campaign.go_through(LIES, lambda case: lie(*case), lambda case: case[0], arguments.jobs)
        return campaign.close(len(LIES), ends["broken"], f"{len(LIES)} lies: {campaign.listed(ends)}")
    cases = [(name, rule) for name in arguments.matrix for rule in rules_of(name)][arguments.offset::arguments.every]
    ends = campaign.go_through(cases, lambda case: tell(*case), lambda case: f"{case[0]}: {case[1]}", arguments.jobs)
    return campaign.close(len(cases), ends["broken"], f"{len(cases)} lies in {len(arguments.matrix)} ceremonies: {campaign.listed(ends)}")


if __name__ == "__main__":
    sys.exit(main())
