#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The evaluation sheet of four ceremonies and a batch of devices: every question, each answer on records that say so, nothing
guessed where a folder is missing, and nothing confidential in the public copy (R85, R104)."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support"))
import evidence as e  # noqa: E402

FAULTS = []
QUESTIONS = ["identity-pki-level", "identity-time-limits-per-subordinate", "identity-number-per-subordinate",
             "identity-anchor-storage", "identity-shared-split-extra", "identity-shared-split-continents", "pki-level",
             "pki-algorithms", "pki-lifespan", "pki-level-locked", "pki-breadth", "pki-lock-policy", "pki-anchor-storage"]
HOLDERS = ("Amina Diallo", "Chen Wei", "Laura Rossi", "2 of 3", "safe of the first site")


def check(good, text):
    if not good:
        FAULTS.append(text)
        print(f"FAULT: {text}", file=sys.stderr)


def report(*words, status=0):
    done = subprocess.run([e.AUDIT, "report", *words], text=True, capture_output=True, check=False)
    check(done.returncode == status, f"report {words}: {done.returncode}: {done.stderr}")
    return done.stdout if status == 0 else done.stderr


def answers(sheet, question):
    return [row for row in sheet["answers"] if row["question"] == question]


def record(pointer):
    """The record or entry that a pointer names."""
    lines = (pathlib.Path(pointer["folder"]) / pointer["file"]).read_text().splitlines()
    found = json.loads(lines[pointer["record"] - 1])
    check(found["seq"] == pointer["record"], f"{pointer} is not there")
    return found


def says(sheet, question, words, *sort):
    """The answer has the words, and stands on records of these sorts."""
    rows = answers(sheet, question)
    check(rows and words in (rows[0]["answer"] or ""), f"{question}: {rows}")
    there = {found.get("kind") or found["data"].get("does") or found["data"].get("what")
             for row in rows[:1] for found in map(record, row["evidence"])}
    check(set(sort) <= there, f"{question} stands on {sorted(there)}, not on {sort}")


def whole(folders):
    sheet = json.loads(report("--json", *folders))
    check(list(dict.fromkeys(row["question"] for row in sheet["answers"])) == QUESTIONS, "another set of questions")
    says(sheet, "identity-pki-level", "4:", "certificates-reserve", "certificate-reserve")
    says(sheet, "identity-time-limits-per-subordinate", "no limit but its certificate", "certificate-reserve")
    says(sheet, "identity-number-per-subordinate", "20 were signed", "certificates-reserve")
    says(sheet, "identity-anchor-storage", "1 copies on tokens and 1 wrapped copies", "generate-key", "lock-key", "token",
         "prove-restore", "key-copy", "backup")
    says(sheet, "identity-shared-split-extra", "n-k = 1", "back-up-key")
    says(sheet, "pki-level", "4: the deepest end entities; CAs down to level 3", "certificates-reserve")
    says(sheet, "pki-algorithms", "ec-p384, ec-p256", "key-add")
    says(sheet, "pki-lifespan", "from 20", "certificate-reserve")
    says(sheet, "pki-breadth", "20 end-entity certificates", "certificates-reserve")
    says(sheet, "pki-lock-policy", "path length", "certificate-reserve")
    says(sheet, "pki-anchor-storage", "proven on another token", "prove-restore")
    for question in ("identity-shared-split-continents", "pki-level-locked"):
        check([row["answer"] for row in answers(sheet, question)] == [None], f"{question} is answered")
    return sheet


def privacy(folders, sheet):
    public = report(*folders)
    for words in HOLDERS:
        check(words not in public + json.dumps(sheet), f"\"{words}\" stands in the public copy")
    check("n-k = 1" in public and "in the confidential copy only" in public, "the public copy does not say what it leaves out")
    private = " ".join(report("--confidential", *folders).split())
    for words in HOLDERS:
        check(words in private, f"\"{words}\" does not stand in the confidential copy")
    check("(private)" in private, "private answers are not marked")


def less(folders, folder):
    """Where a folder is missing, or is a public extract, what it alone tells is not answered."""
    sheet = json.loads(report("--json", *folders[:-1]))
    for question in (name for name in QUESTIONS if name.startswith("identity")):
        check([row["answer"] for row in answers(sheet, question)] == [None], f"{question} without the batch's folder")
    check("CAs down to level 3; no end entity" in answers(sheet, "pki-level")[0]["answer"], "pki-level without a batch")
    sheet = json.loads(report("--json", *folders[1:]))
    check(answers(sheet, "pki-anchor-storage")[0]["answer"] is None, "the storage is told without the root's folder")
    public = folder / "public"
    subprocess.run([e.AUDIT, "extract", folders[0], public], check=True, capture_output=True)
    sheet = json.loads(report("--json", "--confidential", public, *folders[1:]))
    check(answers(sheet, "identity-shared-split-extra")[0]["answer"] is None, "an extract tells n-k")


def another_past(folders, folder):
    other = folder / "other"
    shutil.copytree(folders[0], other)
    path = other / "ledger.jsonl"
    path.write_text(path.read_text().replace("medium 2", "medium 9"))
    check("not of one past" in report(other, folders[1], status=1), "another past is taken")
    path.write_text(path.read_text().replace('"seq":3', '"seq":4'))
    report(other, status=4)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        batch = e.rehearse(folder, ceremony="device-batch", options=("--count", "20"))
        before = folder / "evidence.work/before"
        folders = [before / "root-ca", before / "intermediate-ca", before / "issuing-ca", batch]
        privacy(folders, whole(folders))
        less(folders, folder)
        another_past(folders, folder)
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
