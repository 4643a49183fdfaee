#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/ASSURANCE.md: every claim names tests, and each of them exists; every invariant and every test design has its
row; docs/THREATS.md names files that are there."""
import json
import os
import pathlib
import re
import subprocess
import sys

SOURCE, BUILD = pathlib.Path(os.environ["SOURCE_DIR"]), pathlib.Path(os.environ["BUILD_DIR"])
NOT_BUILT = "not built"
WANTED = [f"I{n}" for n in range(1, 9)] + [f"T{n}" for n in range(1, 26)]
LAST_COLUMNS = ("tests", "evidence")


def rows_of(text):
    """(heading of the last column, cells) of each row of each table."""
    head = None
    for line in text.split("\n"):
        if not line.startswith("|"):
            head = None
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if head is None:
            head = cells
        elif not re.fullmatch(r"[-| :]+", line):
            yield head[-1], cells


def judge_claims(text, known, campaign):
    """Faults of the tables whose last column names tests; and how many claims there are."""
    faults, claims, seen = [], 0, set()
    for heading, cells in rows_of(text):
        if heading not in LAST_COLUMNS:
            continue
        claims += 1
        seen.add(cells[0])
        named = re.findall(r"`([^`]+)`", cells[-1])
        if not named and NOT_BUILT not in cells[-1]:
            faults.append(f"the claim \"{cells[0]}\" names no test")
        faults += [f"the claim \"{cells[0]}\" names {name}, which is no test" for name in named
                   if name not in known and name not in campaign]
    faults += [f"{name} has no row" for name in WANTED if name not in seen]
    return faults, claims


def judge_threats(text):
    for heading, cells in rows_of(text):
        if heading == "test":
            for name in re.findall(r"`([^`]+)`", cells[-1]):
                if not (SOURCE / "tests" / name).exists():
                    yield f"THREATS.md names tests/{name}, which is not there"


def check_self():
    """The judge itself can say no."""
    text = "| claim | why | tests |\n|---|---|---|\n| a | b | `none_such` |\n| c | d | by hand |\n| e | f | not built |\n"
    faults, claims = judge_claims(text, {"unit_x"}, set())
    assert claims == 3 and len(faults) == 2 + len(WANTED), faults


def main():
    check_self()
    listed = subprocess.run(["ctest", "--test-dir", str(BUILD), "--show-only=json-v1"], check=True, capture_output=True, text=True)
    known = {test["name"] for test in json.loads(listed.stdout)["tests"]}
    sys.path.insert(0, str(SOURCE / "tests/campaign"))
    import designs  # noqa: E402, a folder of its own
    campaign = {f"tests/campaign/run {design}" for design, *_ in designs.DESIGNS}
    faults, claims = judge_claims((SOURCE / "docs/ASSURANCE.md").read_text(encoding="utf-8"), known, campaign)
    faults += judge_threats((SOURCE / "docs/THREATS.md").read_text(encoding="utf-8"))
    print("\n".join(faults))
    print(f"{claims} claims, {len(faults)} faults")
    return 1 if faults or claims < 40 else 0


if __name__ == "__main__":
    sys.exit(main())
