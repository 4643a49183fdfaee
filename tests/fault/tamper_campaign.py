#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two ceremonies are held; the transcript and the ledger's lines of the first are changed in every way, and read
again (T7, T8): a bit of each byte, the end cut off at each byte, each line dropped, doubled, swapped, or taken from
the second. Each change must be found, and the first wrong line named. What the whole auditor's program says of a
changed folder is e2e/test_audit_tamper.py.

usage: tamper_campaign.py [--bits N] [--every N]     --bits 8 changes every bit of each byte, one at a time
"""
import argparse
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support/py"))
import campaign  # noqa: E402
import rehearsal as r  # noqa: E402

FILES = {"transcript": "transcript.jsonl", "ledger": "ledger.jsonl"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bits", type=int, default=1)
    parser.add_argument("--every", type=int, default=1, help="only each N-th byte")
    arguments = parser.parse_args()
    cases = broken = 0
    with r.Rehearsal() as first, r.Rehearsal() as second:
        for one in (first, second):
            if one.run().returncode != 0:
                raise SystemExit("the ceremony does not even run")
        for kind, name in FILES.items():
            done = subprocess.run([r.BUILD / "tests/tamper", kind, first.evidence / name, second.evidence / name,
                                   str(arguments.bits), str(arguments.every)], capture_output=True, text=True, check=False)
            found = re.search(r"^campaign: cases=(\d+) broken=(\d+)$", done.stdout, re.M)
            print(done.stdout + done.stderr, end="")
            cases += int(found.group(1)) if found else 0
            broken += int(found.group(2)) if found else 1
    return campaign.close(cases, broken, f"{cases} changes, {broken} not found")


if __name__ == "__main__":
    sys.exit(main())
