#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The list of components names every library that a program loads, with the hash of its file, and comes out the same
twice."""
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

SOURCE, BUILD = pathlib.Path(os.environ["SOURCE_DIR"]), pathlib.Path(os.environ["BUILD_DIR"])


def made():
    return subprocess.run([SOURCE / "scripts/dev/components", BUILD], check=True, capture_output=True, text=True).stdout


def main():
    if not shutil.which("ldd"):
        print("SKIPPED: ldd is not installed; components were NOT looked at", file=sys.stderr)
        return 77
    first, faults = made(), []
    if first != made():
        faults.append("two lists of the same build differ")
    listed = json.loads(first)
    rows = {row["bom-ref"]: row for row in listed["components"]}
    needs = {row["ref"]: row["dependsOn"] for row in listed["dependencies"]}
    for name in ("ceremony", "ceremony-audit", "slip39"):
        loaded = subprocess.run(["ldd", BUILD / "bin" / name], check=True, capture_output=True, text=True).stdout
        files = {os.path.realpath(path) for path in re.findall(r"(/\S+)\s+\(0x", loaded)}
        if len(files) < 2 or files != set(needs[name]):
            faults.append(f"{name}: {sorted(files ^ set(needs[name]))} is on one side only")
        for path in files:
            row = rows.get(path, {"hashes": [{}]})
            if row["hashes"][0].get("content") != hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest():
                faults.append(f"{path}: the hash is not that of the file")
            if shutil.which("dpkg") and not row.get("version"):
                faults.append(f"{path}: no package is named")
    print("\n".join(faults))
    print(f"{len(rows)} components, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
