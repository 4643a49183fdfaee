#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The mark that a token bears of the ledger's head: an older ledger and a forked one are refused by the token alone, a token
without mark is noted, a token that cannot keep one is an exception, and a kill anywhere between leaves one mark in the
end (R53, R102)."""
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support/py"))
import rehearsal as r  # noqa: E402

FAULTS = []
FAULT = r.BUILD / "tests" / "fault_module.so"
LABEL = "PRACTICE-root-primary"


def check(good, text):
    if not good:
        FAULTS.append(text)
        print(f"FAULT: {text}", file=sys.stderr)


def call(one, *words):
    module = next(path for path in ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
                  if os.path.exists(path))
    return subprocess.run(["p11tool", "--provider", module, "--login", "--set-pin", "user-primary-1", "--batch", *words],
                          env={**os.environ, "SOFTHSM2_CONF": str(one.folder / "softhsm2.conf")}, text=True,
                          capture_output=True, check=False)


def marks(one):
    """How many there are, as another program sees them."""
    shown = call(one, "--list-all", f"pkcs11:token={LABEL};type=data").stdout
    return shown.count("object=ceremony-head")


def result_of(one, does):
    return [x["data"] for x in one.records() if x["type"] == "result" and x["data"].get("does") == does]


def seen(one):
    return [x["data"] for x in one.records() if x["type"] == "facts" and x["data"]["what"] == "ceremony-head"]


def exceptions(one):
    return [x["data"]["observed"] for x in one.records() if x["type"] == "exception"]


def entry_hashes(path):
    return {hashlib.sha256(line + b"\n").hexdigest(): json.loads(line)["data"]
            for line in path.read_bytes().split(b"\n")[:-1]}


def happy():
    """The mark is an entry of the ledger, and the next ceremony finds it; one only stays."""
    with r.Rehearsal("root-crl") as one:
        result = one.run()
        check(result.returncode == 0, f"root-crl: {result.stderr}")
        r.check_ended(one)
        wrote = result_of(one, "write-head")
        entries = entry_hashes(one.evidence / "ledger.jsonl")
        check(len(wrote) == 1 and entries.get(wrote[0]["ledger"], {}).get("kind") == "ceremony-head", f"wrote {wrote}")
        found = seen(one)
        check(len(found) == 1 and found[0]["counter"] == found[0]["announced"] == wrote[0]["counter"] - 1
              and found[0]["ledger"] in entries, f"found {found}")
        check(marks(one) == 1, f"{marks(one)} marks on the token")
        last = [x["data"] for x in one.records() if x["type"] == "facts" and x["data"]["what"] == "inventory"][-1]
        check("ceremony-head" in [row["label"] for row in last["objects"]] and last["unexplained"] == 0, f"inventory {last}")


def other_ledger():
    """An older ledger with its older archive, and one that went another way, are alike refused by the token."""
    with r.Rehearsal("root-crl") as one:
        older = one.folder / "older"
        shutil.copytree(one.site, older)
        check(one.run().returncode == 0, "root-crl")
        for number, name in enumerate(("an older ledger and archive", "an older ledger without archive", "a fork")):
            if number < 2:
                shutil.rmtree(one.site)
                shutil.copytree(older, one.site)
            if number > 0:  # the fork is what came of the older one by the ceremony that was aborted
                shutil.rmtree(one.site / "archive/transcripts")
            one.evidence = one.folder / f"evidence-{number}"
            tokens = {path: path.read_bytes() for path in (one.folder / "tokens").rglob("*.object")
                      if path.name != "token.object"}
            result = one.run()
            check(result.returncode == 3 and "ledger of this site folder does not know" in result.stderr
                  and "root-crl-" in result.stderr, f"{name}: {result.returncode} {result.stderr}")
            check(not list(one.evidence.glob("crls/*")) and all(path.read_bytes() == was for path, was in tokens.items()),
                  f"{name}: something was signed, or changed on the token")
            result = one.abort()
            check(result.returncode == 0, f"{name}: not aborted: {result.stderr}")
        check(marks(one) == 1, "the mark is gone")


def no_mark():
    with r.Rehearsal("root-crl") as one:
        gone = call(one, "--delete", f"pkcs11:token={LABEL};object=ceremony-head;type=data")
        check(gone.returncode == 0 and marks(one) == 0, f"not deleted: {gone.stderr}")
        result = one.run()
        check(result.returncode == 0, f"no mark: {result.stderr}")
        r.check_ended(one)
        check(any("bears no mark" in text for text in exceptions(one)) and marks(one) == 1, f"no mark: {exceptions(one)}")
        compared = [x["data"] for x in one.records() if x["type"] == "confirmation" and x["data"].get("prompt") == "last-paper"]
        check(len(compared) == 1 and compared[0]["ceremony"].startswith("intermediate-ca-"), f"no mark, and no paper: {compared}")


def last_head(one):
    """Of the closed transcript that the site's ledger names last."""
    with sqlite3.connect(one.site / "ledger.db") as database:
        return bytes.fromhex(database.execute("SELECT transcript_head FROM ceremonies ORDER BY closed DESC").fetchone()[0])


def other_paper():
    """Without a mark, the paper tells that the ledger is older: its words are not those of the ledger's last ceremony."""
    with r.Rehearsal("root-crl") as one:
        call(one, "--delete", f"pkcs11:token={LABEL};object=ceremony-head;type=data")
        head = last_head(one)
        word = next(word for value, word in enumerate(("aardvark", "absurd", "accrue", "acme", "adrift")) if value not in head)
        result = one.run(answers=one.answers_with({"*.root.paper-word-1": f"[{', '.join([word] * 8)}]"}))
        said = " ".join(result.stderr.split())
        check(result.returncode == 3 and "does not have the words that the ledger has of \"intermediate-ca-" in said,
              f"another paper: {result.returncode} {said}")
        check(not list(one.evidence.glob("crls/*")) and marks(one) == 0, "another paper: something was signed or written")
        result = one.abort()
        check(result.returncode == 0, f"another paper: not aborted: {result.stderr}")
        r.check_audit(one)


def with_fault_module(one):
    text = (one.site / "environment.yaml").read_text()
    target = text.split('path: "')[1].split('"')[0]
    old = text.split("sha256: ")[1].split()[0]
    text = text.replace(f'"{target}"', f'"{FAULT}"').replace(old, hashlib.sha256(FAULT.read_bytes()).hexdigest())
    at = text.index("    env:\n") + len("    env:\n")
    (one.site / "environment.yaml").write_text(text[:at] + f'      CEREMONY_FAULT_TARGET: "{target}"\n' + text[at:])


def cannot_keep():
    """A token that takes no data objects: the ceremony ends well, with an exception."""
    with r.Rehearsal("root-crl") as one:
        with_fault_module(one)
        result = one.run(env={"CEREMONY_FAULT": "C_CreateObject@1+=0x13"})
        check(result.returncode == 0, f"cannot keep: {result.stderr}")
        r.check_ended(one)
        check(any("did not take it" in text for text in exceptions(one)), f"cannot keep: {exceptions(one)}")


def killed(rule, name, left):
    with r.Rehearsal("root-crl") as one:
        with_fault_module(one)
        result = one.run(env={"CEREMONY_FAULT": rule})
        check(result.returncode == -9, f"{name}: {result.returncode} {result.stderr}")
        intents = [x["data"]["does"] for x in one.records() if x["type"] == "intent"]
        check(intents[-1] == "write-head", f"{name}: killed in {intents[-1]}")
        check(marks(one) == left, f"{name}: {marks(one)} marks were left")
        result = one.resume()
        check(result.returncode == 0, f"{name}: {result.stderr}")
        r.check_ended(one)
        check(marks(one) == 1, f"{name}: {marks(one)} marks")
        check(not any("mark" in text for text in exceptions(one)), f"{name}: {exceptions(one)}")


def main():
    happy()
    other_ledger()
    no_mark()
    other_paper()
    cannot_keep()
    killed("C_CreateObject@1=kill", "before the new mark", 1)
    killed("C_DestroyObject@1=kill", "before the end of the old mark", 2)
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
