#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What becomes of a backup: a drill, new shares for new custodians, a restore in earnest; and what is
refused: a share of the replaced set, shares of two sets mixed, shares whose wrapped copy is not the
ledger's (R76, R80-R84)."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support/py"))
import rehearsal as r  # noqa: E402

FAULTS = []
KILL = r.BUILD / "tests" / "kill_module.so"


def check(good, text):
    if not good:
        FAULTS.append(text)
        print(f"FAULT: {text}", file=sys.stderr)


def held(one, name):
    """Runs it to its end, and has the auditor look."""
    result = one.run()
    check(result.returncode == 0, f"{name}: ended with {result.returncode}: {result.stderr}")
    result = subprocess.run([r.AUDIT, "verify", one.evidence, "--trust", one.folder / "trust"], text=True,
                            capture_output=True, check=False)
    check(result.returncode == 0, f"{name}: {result.stdout}")


def ledger(one, kind):
    lines = (one.evidence / "ledger.jsonl").read_text().splitlines()
    return [entry["data"] for entry in map(json.loads, lines) if entry["kind"] == kind]


def keys_on(one, label, pin):
    env = {**os.environ, "SOFTHSM2_CONF": str(one.folder / "softhsm2.conf")}
    result = subprocess.run(["p11tool", "--provider", "/usr/lib/softhsm/libsofthsm2.so", "--login", "--set-pin",
                             f"user-{pin}-1", "--list-all", f"pkcs11:token=PRACTICE-{label}"], env=env,
                            text=True, capture_output=True, check=False)
    return result.stdout.count("type=private") + result.stdout.count("type=public")


def next_site(one, name, evidence):
    """The same tokens, ledger and archive for the next rehearsal; its case may want other papers."""
    subprocess.run([r.SOURCE / "scripts/dev/make-site", name, one.folder], check=True)
    one.script = r.SOURCE / "scripts" / "restore.yaml"
    one.settings = []
    one.evidence = one.folder / evidence


def drill():
    with r.Rehearsal("restore-drill") as one:
        held(one, "drill")
        check(keys_on(one, "drill", "drill") == 0, "a key is left on the token after a drill")
        proofs = [row for row in ledger(one, "custody") if row["kind"] == "share-proof"]
        check(len(proofs) == 1, "the ledger does not know that shares were proven")
        check(not [row for row in ledger(one, "key-copy") if row["how"] == "restored"], "a drill left a copy")


def new_shares():
    with r.Rehearsal("reshare") as one:
        held(one, "reshare")
        states = [row["state"] for row in ledger(one, "backup")]
        check(states == ["live", "live", "destroyed"], f"the wrapped copies are {states}")
        wrapped = sorted(path.name for path in (one.site / "archive" / "wrapped").glob("*.kwp"))
        check(len(wrapped) == 1, f"wrapped copies in the archive: {wrapped}")
        sets = {}
        for row in ledger(one, "share-set"):
            sets[row["set_id"]] = row["state"]
        check(sorted(sets.values()) == ["proven", "void"], f"the sets of shares are {sets}")
        check(keys_on(one, "workshop", "workshop") == 0, "something is left on the workshop token")
        paper = (one.folder / "paper").joinpath("root-ca").read_text()
        next_site(one, "restore", "old-set")
        result = one.run()
        check(result.returncode == 3 and "was replaced by another one" in result.stdout + result.stderr,
              f"the old set: {result.stdout} {result.stderr}")
        check(paper.split('"')[3] not in result.stdout + result.stderr, "a share was repeated")
        result = one.abort()
        check(result.returncode == 0, f"the old set: not aborted: {result.stderr}")


def restored():
    with r.Rehearsal("restore-new") as one:
        held(one, "restore")
        check(keys_on(one, "root-second", "root-second") == 2, "the restored pair is not on its token")
        copies = [row for row in ledger(one, "key-copy") if row["how"] == "restored"]
        check(len(copies) == 1 and copies[0]["state"] == "present", f"the ledger's copies: {copies}")


def killed_at(point, task):
    """Killed right after this flush, then `task`: where it was killed ("before" the result of the restore, right "at" it,
    "after" it), and the restored copies that the ledger knows in the end."""
    with r.Rehearsal("restore") as one:
        one.run(env={"LD_PRELOAD": str(KILL), "KILL_AT": f"{point}+"})
        path = one.evidence / "transcript.jsonl"
        records = one.records() if path.exists() else []
        done = [at for at, record in enumerate(records)
                if record["type"] == "result" and record["data"].get("does") == "restore-key"]
        if not done or done[-1] != len(records) - 1:
            return "after" if done else "before", []
        result = getattr(one, task)()
        check(result.returncode == 0, f"killed after the restore, {task}: {result.stderr}")
        return "at", [row["state"] for row in ledger(one, "key-copy") if row["how"] == "restored"]


def killed_after_restore():
    """The copy is on its token and the record says so: the ledger must hear of it, whoever goes on."""
    with r.Rehearsal("restore") as one:
        count = one.folder / "count"
        one.run(env={"LD_PRELOAD": str(KILL), "KILL_COUNT": str(count)})
        low, high = 1, int(count.read_text())
    where = ""
    while low < high and where != "at":
        point = (low + high) // 2
        where, copies = killed_at(point, "resume")
        low, high = (point + 1, high) if where == "before" else (low, point)
    check(where == "at" and copies == ["present"], f"killed {where} the restore, resumed: {copies}")
    where, copies = killed_at(point, "abort")
    check(where == "at" and copies == ["present"], f"killed {where} the restore, aborted: {copies}")


def other_wrapped_copy():
    with r.Rehearsal("restore") as one:
        path = next((one.site / "archive" / "wrapped").glob("*.kwp"))
        data = bytearray(path.read_bytes())
        data[5] ^= 1
        path.write_bytes(data)
        result = one.run()
        check(result.returncode == 3 and "is not the one that the ledger names" in result.stderr,
              f"a changed wrapped copy: {result.stderr}")
        check(keys_on(one, "root-second", "root-second") == 0, "a changed wrapped copy left something")


def interrupted():
    """Stopped between proof and the end of the old set, an abort must not give the new set up; stopped before
    the proof, it must."""
    with r.Rehearsal("reshare") as one:
        result = one.run(answers=one.answers_with({"retire-old.count": "{aside: stop}"}))
        check(result.returncode == 3, f"stopped while retiring: {result.returncode}: {result.stderr}")
        result = one.resume(answers=one.answers_with({"retire-old.count": "all three"}))
        check(result.returncode == 0, f"not resumed while retiring: {result.stderr}")
    with r.Rehearsal("reshare") as one:
        result = one.run(answers=one.answers_with({"prove-new.1.bag": "{aside: stop}"}))
        check(result.returncode == 3, f"stopped while proving: {result.returncode}: {result.stderr}")
        result = one.abort()
        check(result.returncode == 0, f"not aborted while proving: {result.stderr}")
        states = [row["state"] for row in ledger(one, "backup")]
        check(states == ["live", "live", "void"], f"after an abort the wrapped copies are {states}")


def copies_left():
    """Old wrapped copies that are not at hand: the ledger must not call them destroyed."""
    with r.Rehearsal("reshare") as one:
        result = one.run(answers=one.answers_with({"retire-old.copies": '"no"'}))
        check(result.returncode == 0, f"old copies are left: {result.stderr}")
        states = [row["state"] for row in ledger(one, "backup")]
        check(states == ["live", "live", "void"], f"old copies are left, and the ledger says {states}")
        r.check_ended(one)


def main():
    for part in (drill, new_shares, copies_left, restored, killed_after_restore, other_wrapped_copy, interrupted):
        part()
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
