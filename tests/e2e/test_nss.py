#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second PKCS#11 implementation: a root's key that was wrapped on SoftHSM comes back on NSS's token, and revokes and signs a CRL
there that openssl takes; what that token cannot keep is proven and said, and never assumed of a token that can; what a token
cannot do is a fault of `check` before the first step (R28, R79, R82)."""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support/py"))
import rehearsal as r  # noqa: E402

FAULTS = []
FAULT = r.BUILD / "tests" / "fault_module.so"
UNKEPT = ["CKA_COPYABLE", "CKA_DESTROYABLE", "CKA_ALLOWED_MECHANISMS"]


def check(good, text):
    if not good:
        FAULTS.append(text)
        print(f"FAULT: {text}", file=sys.stderr)


def facts(records, what):
    return [x["data"] for x in records if x["type"] == "facts" and x["data"]["what"] == what]


def attributes(records, key):
    """The attributes of a key when they were read last, by name."""
    rows = [data["attributes"] for data in facts(records, "attributes") if data["key"] == key][-1]
    return {row["name"]: row for row in rows}


def read(path):
    return [json.loads(line) for line in (path / "transcript.jsonl").read_text().splitlines()]


def on_nss():
    with r.Rehearsal("root-crl-nss") as one:
        restored = read(one.folder / "before/restore-nss")
        found = attributes(restored, "key")
        check(all(row["agrees"] for row in found.values()), f"restored on NSS: {found}")
        check(any("has no place for CKA_COPYABLE" in x["data"]["observed"] for x in restored if x["type"] == "exception"),
              "what NSS does not keep is no exception")
        check(facts(restored, "unkept-attributes")[0]["attributes"] == UNKEPT, "what NSS does not keep is not recorded")
        for name in UNKEPT:
            check(found[name]["read"] == "absent" and found[name]["planned"] == "not kept by this token", f"{found[name]}")
        for name, wanted in (("CKA_EXTRACTABLE", "false"), ("CKA_SENSITIVE", "true"), ("CKA_SIGN", "true"), ("CKA_DERIVE", "false"),
                             ("CKA_SIGN_RECOVER", "false"), ("CKA_DECRYPT", "false"), ("CKA_UNWRAP", "false"),
                             ("CKA_WRAP_WITH_TRUSTED", "true")):
            check(found[name]["read"] == wanted, f"on NSS {name} is {found[name]}")
        result = one.run()
        check(result.returncode == 0, f"a CRL on NSS: {result.stderr}")
        r.check_ended(one)
        root = one.folder / "before/root-ca/certificates/PRACTICE-root.pem"
        for crl in one.evidence.glob("crls/*.der"):
            said = subprocess.run(["openssl", "crl", "-inform", "DER", "-in", crl, "-CAfile", root, "-noout"], text=True,
                                  capture_output=True, check=False)
            check("verify OK" in said.stderr, f"openssl: {said.stderr}")
        check(len(list(one.evidence.glob("crls/*.der"))) == 1, "not one CRL")
        noted = [x["data"]["observed"] for x in one.records() if x["type"] == "exception"]
        check(any("did not take it" in text for text in noted), f"that NSS takes no data object is not noted: {noted}")
        before = one.folder / "before"
        done = subprocess.run([r.AUDIT, "verify", before / "root-ca", before / "intermediate-ca", before / "restore-nss",
                               one.evidence], text=True, capture_output=True, check=False)
        check(done.returncode == 5, f"the past with NSS in it: {done.stdout}")
        blank_is_refused(one)


def blank_is_refused(one):
    """A script that initialises a token, and one that is initialised already."""
    environment = (one.site / "environment.yaml").read_text()
    (one.site / "environment.yaml").write_text(environment.replace("  root:\n    module: nss", "  fresh:\n    module: nss"))
    said = one.call("check", r.SOURCE / "scripts/restore.yaml", answers=None)
    check(said.returncode == 1 and "is not 'blank: true'" in said.stdout + said.stderr, f"not blank: {said.stdout}{said.stderr}")


def with_fault_module(one):
    text = (one.site / "environment.yaml").read_text()
    target = text.split('path: "')[1].split('"')[0]
    old = text.split("sha256: ")[1].split()[0]
    text = text.replace(f'"{target}"', f'"{FAULT}"').replace(old, f'"{hashlib.sha256(FAULT.read_bytes()).hexdigest()}"')
    at = text.index("    env:\n") + len("    env:\n")
    (one.site / "environment.yaml").write_text(text[:at] + f'      CEREMONY_FAULT_TARGET: "{target}"\n' + text[at:])


def on_softhsm():
    """A token that keeps all is not let off; one without the mechanisms is told before step 1."""
    with r.Rehearsal("restore") as one:
        with_fault_module(one)
        said = one.call("check", one.script, answers=None, env={"CEREMONY_FAULT": "C_GetMechanismInfo@1+=0x70"})
        check(said.returncode == 1 and "cannot have a key of type ec-p384" in said.stdout + said.stderr,
              f"no mechanisms: {said.stdout}{said.stderr}")
        check(not one.evidence.exists(), "check made a folder")
        result = one.run()
        check(result.returncode == 0, f"restore: {result.stderr}")
        check(facts(one.records(), "unkept-attributes") == [], "SoftHSM is said not to keep an attribute")
        check(attributes(one.records(), "key")["CKA_ALLOWED_MECHANISMS"]["read"] == "CKM_ECDSA", "the mechanisms are not pinned")


def main():
    on_softhsm()
    installed = shutil.which("certutil") and any(pathlib.Path("/usr/lib").glob("*/libsoftokn3.so"))
    if installed:
        on_nss()
    print(f"{len(FAULTS)} faults")
    if not FAULTS and not installed:
        print("SKIPPED: libnss3 and libnss3-tools are not installed")
        return 77
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
