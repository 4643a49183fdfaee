#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""All official vectors of SLIP-0039 through the slip39 program (R72)."""
import json
import os
import re
import subprocess
import sys
import tempfile

SOURCE = os.environ["SOURCE_DIR"]
PROGRAM = os.path.join(os.environ["BUILD_DIR"], "bin", "slip39")
FOLDER = os.path.join(SOURCE, "tests", "vectors", "slip39")

# What each refusal must say: that it is refused for the right reason, not for any.
REASONS = [
    (r"invalid checksum", r"checksum is wrong"),
    (r"invalid padding", r"padding is not zero"),
    (r"[Bb]asic sharing 2-of-3", r"shares are missing"),
    (r"different identifiers|different iteration exponents", r"of another set"),
    (r"mismatching group thresholds|mismatching group counts", r"groups, the shares so far"),
    (r"greater group threshold than group counts", r"asks for \d+ groups of \d+"),
    (r"duplicate member indices", r"with other words"),
    (r"mismatching member thresholds", r"shares of group \d+, the shares so far"),
    (r"invalid digest", r"do not belong together"),
    (r"[Ii]nsufficient number of groups|insufficient number of members", r"shares are missing"),
    (r"insufficient length", r"too few words"),
    (r"invalid master secret length", r"no share has \d+ words"),
]


def combine(shares, passphrase):
    return subprocess.run([PROGRAM, "combine", "--passphrase-file", passphrase], text=True,
                          input="".join(s + "\n" for s in shares), capture_output=True)


def fault(vector, result):
    description, shares, secret, _ = vector
    if secret:
        if result.returncode != 0 or result.stdout != secret + "\n":
            return f"wanted {secret}, got {result.returncode} {result.stdout!r} {result.stderr!r}"
        return None
    if result.returncode != 1 or result.stdout:
        return f"not refused: {result.returncode} {result.stdout!r}"
    said = [says for named, says in REASONS if re.search(named, description)]
    if len(said) != 1:
        return f"no single reason is listed for it: {said}"
    if not re.search(said[0], result.stderr):
        return f"refused for another reason than /{said[0]}/: {result.stderr!r}"
    for word in set(" ".join(shares).split()):
        if re.search(rf"\b{word}\b", result.stderr) and word not in HARMLESS:
            return f"a word of the share is in the message: {word}"
    return None


# Words of the list that our own sentences use.
HARMLESS = {"paper", "group", "valid"}


def main():
    with open(os.path.join(FOLDER, "vectors.json"), encoding="utf-8") as file:
        vectors = json.load(file)
    valid = sum(1 for v in vectors if v[2])
    faults = []
    if (len(vectors), valid) != (45, 15):
        faults.append(f"{len(vectors)} vectors, {valid} valid; 45 and 15 are published")
    with tempfile.TemporaryDirectory() as folder:
        passphrase = os.path.join(folder, "passphrase")
        with open(passphrase, "w", encoding="ascii") as file:
            file.write("TREZOR\n")
        for vector in vectors:
            wrong = fault(vector, combine(vector[1], passphrase))
            if wrong:
                faults.append(f"{vector[0]}: {wrong}")
    with open(os.path.join(FOLDER, "wordlist.txt"), encoding="ascii") as file:
        published = file.read().split()
    with open(os.path.join(SOURCE, "shamir", "wordlist.c"), encoding="ascii") as file:
        ours = re.findall(r'"([a-z]+)"', file.read().split("{", 1)[1])
    if ours != published:
        faults.append("shamir/wordlist.c is not the published list")
    for line in faults:
        print(line, file=sys.stderr)
    print(f"{len(vectors)} vectors, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
