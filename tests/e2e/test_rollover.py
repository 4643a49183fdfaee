#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A root and its successor: the bridge in both directions as openssl sees it, names and keys byte for byte; afterwards the
old key certifies nothing any more, and a profile that repeats nothing is no cross-certificate (P2, R48, R50)."""
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support/py"))
import rehearsal as r  # noqa: E402

FAULTS = []


def check(good, text):
    if not good:
        FAULTS.append(text)
        print(f"FAULT: {text}", file=sys.stderr)


def shown(path, *what):
    return subprocess.run(["openssl", "x509", "-in", path, "-noout", "-nameopt", "RFC2253", *what], text=True,
                          capture_output=True, check=True).stdout


def bridge(one):
    made = one.evidence / "certificates"
    old = next((one.folder / "before/root-ca/certificates").glob("PRACTICE-root.pem"))
    new = made / "PRACTICE-root.pem"
    for cross, anchor, own in ((made / "PRACTICE-root-by-old.pem", old, new), (made / "PRACTICE-old-by-root.pem", new, old)):
        result = subprocess.run(["openssl", "verify", "-x509_strict", "-CAfile", anchor, cross], text=True,
                                capture_output=True, check=False)
        check(result.returncode == 0, f"{cross.name}: {result.stderr}")
        for what in (("-subject",), ("-pubkey",), ("-ext", "subjectKeyIdentifier")):
            check(shown(cross, *what) == shown(own, *what), f"{cross.name}: another {what} than its own certificate")
        check(shown(cross, "-issuer").split("=", 1)[1] == shown(anchor, "-subject").split("=", 1)[1], f"{cross.name}: issuer")


def restricted(one):
    """The next ceremony with the old key as issuer is refused before it certifies."""
    subprocess.run([r.SOURCE / "scripts/dev/make-site", "intermediate-ca", one.folder], check=True)
    one.script = r.SOURCE / "scripts" / "intermediate-ca.yaml"
    one.evidence = one.folder / "after"
    result = one.run()
    check(result.returncode == 3 and "signs only CRLs any more" in result.stderr, f"the old key: {result.stderr}")
    check(not list(one.evidence.glob("certificates/*by*")), "the old key: a certificate was written")
    result = one.abort()
    check(result.returncode == 0, f"the old key: not aborted: {result.stderr}")


def happy():
    with r.Rehearsal("rollover") as one:
        result = one.run()
        check(result.returncode == 0, f"rollover: {result.stderr}")
        r.check_ended(one)
        bridge(one)
        restricted(one)


def refused(name, profile, old, new, says):
    with r.Rehearsal("rollover") as one:
        copy = one.folder / "scripts"
        shutil.copytree(r.SOURCE / "scripts" / "profiles", copy / "profiles")
        shutil.copy(one.script, copy)
        one.script = copy / one.script.name
        path = pathlib.Path(copy, "profiles", profile)
        check(old in path.read_text(), f"{name}: {old} is not there")
        path.write_text(path.read_text().replace(old, new))
        result = one.run()
        said = result.stdout + result.stderr
        check(result.returncode == 1 and says in said and not one.evidence.exists(), f"{name}: {said}")


def main():
    happy()
    refused("a name of its own", "cross-new-with-old.yaml", "subject: of-existing", "subject: [{CN: Another}]",
            "has no 'subject: of-existing'")
    refused("longer than its issuer", "cross-new-with-old.yaml", "years: 5", "years: 30", "outlive")
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
