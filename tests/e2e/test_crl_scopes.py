#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""CRLs that cover a part: certificates of users or of CAs alone, some reasons alone, each in four partitions. Together
they list what is of their scope, and the auditor compares each with the rows that were entered (R52-R54)."""
import csv
import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support/py"))
sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support"))
import evidence as e  # noqa: E402
import rehearsal as r  # noqa: E402

FAULTS = []
SCOPES = {  # what the profile says, the scope's name, the reasons that are of it
    "only-user-certificates: yes": ("user-certificates-partition-%d-of-4", None),
    "only-ca-certificates: yes": ("ca-certificates-partition-%d-of-4", set()),
    "only-reasons: [keyCompromise, superseded]": ("full-partition-%d-of-4-reasons-12", {"keyCompromise", "superseded"}),
}
REVOKED = {row["serial"].lstrip("0"): row["reason"] or "unspecified"
           for row in csv.DictReader(open(r.SOURCE / "scripts/rehearsal/crl-batch/devices.csv", encoding="ascii"))}


def check(good, text):
    if not good:
        FAULTS.append(text)
        print(f"FAULT: {text}", file=sys.stderr)
    return good


def serials(path):
    text = subprocess.run(["openssl", "crl", "-inform", "DER", "-in", path, "-noout", "-text"], check=True, text=True,
                          capture_output=True).stdout
    return {found.lower().lstrip("0") for found in re.findall(r"Serial Number: ([0-9A-F]+)", text)}


def scope(says, name, reasons):
    with r.Rehearsal("crl-batch") as one:
        scripts = one.folder / "scripts"
        shutil.copytree(r.SOURCE / "scripts/profiles", scripts / "profiles")
        profile = scripts / "profiles/crl-partitioned.yaml"
        profile.write_text(profile.read_text().replace("  partitions: 4\n", f"  partitions: 4\n  {says}\n"))
        one.script = pathlib.Path(shutil.copy(one.script, scripts))
        result = one.run()
        if not check(result.returncode == 0, f"{says}: {result.stderr}"):
            return
        r.check_audit(one)
        paths = [one.evidence / "crls" / f"PRACTICE-issuing-{name % part}-2.der" for part in range(1, 5)]
        if not check(all(path.exists() for path in paths), f"{says}: {sorted(p.name for p in paths[0].parent.iterdir())}"):
            return
        listed = [serial for path in paths for serial in serials(path)]
        wanted = {serial for serial, reason in REVOKED.items() if reasons is None or reason in reasons}
        check(len(wanted) > 0 or reasons == set(), f"{says}: nothing is of this scope")
        check(sorted(listed) == sorted(wanted), f"{says}: {sorted(listed)} are listed, not {sorted(wanted)}")
        compared(one, says, paths)


def compared(one, says, paths):
    """Another CRL of the same issuer in the place of one: it has not the entries that were entered for its scope."""
    full = next(path for path in paths if serials(path)) if any(serials(path) for path in paths) else None
    empty = next(path for path in paths if path != full and serials(path) != (serials(full) if full else None))
    copy_of = one.folder / "changed"
    shutil.copytree(one.evidence, copy_of)
    if full is None:  # of CAs: it lists what is none
        shutil.copyfile(next((one.evidence / "crls").glob("PRACTICE-issuing-full-2.der")), copy_of / "crls" / empty.name)
    else:
        shutil.copyfile(empty, copy_of / "crls" / full.name)
    e.write_sums(copy_of)
    found = e.faults(e.verify(copy_of)[1])
    check("revocations" in found, f"{says}: another CRL is not seen: {list(found)}")


def main():
    for says, (name, reasons) in SCOPES.items():
        scope(says, name, reasons)
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
