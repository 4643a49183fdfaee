#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The end of a key: every copy of the ledger goes, another program finds none, and no later ceremony uses it. Refused:
a key that still has to sign CRLs, a copy to which one of two people does not agree; told honestly: what is left
(R13, R53, R87, R98)."""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support/py"))
import rehearsal as r  # noqa: E402

FAULTS = []
MODULE = next(path for path in ("/usr/lib/softhsm/libsofthsm2.so",
                                "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so") if os.path.exists(path))


def check(good, text):
    if not good:
        FAULTS.append(text)
        print(f"FAULT: {text}", file=sys.stderr)


def objects(one, label):
    """What another program finds on the token of that label, but for the mark of the ledger's head."""
    env = {**os.environ, "SOFTHSM2_CONF": str(one.folder / "softhsm2.conf")}
    result = subprocess.run(["p11tool", "--provider", MODULE, "--login", "--set-pin", f"user-{label}-1", "--list-all",
                             f"pkcs11:token=PRACTICE-{label}"], env=env, text=True, capture_output=True, check=False)
    return [line for line in result.stdout.splitlines()
            if line.strip().startswith("URL:") and "object=ceremony-head;type=data" not in line]


def end_of(one):
    found = [record["data"] for record in one.records()
             if record["type"] == "result" and record["data"].get("does") == "end-key"]
    check(len(found) == 1, f"{len(found)} ends of a key")
    return found[0] if found else {}


def of_key(one, label, token):
    """The same ceremony for another key of this site."""
    archive = "".join(path.read_text() for path in (one.site / "archive/transcripts").iterdir())
    found = re.findall(r'"does":"initialise-token".*"label":"PRACTICE-' + token + '".*"serial":"([0-9a-f]*)"', archive)
    path = one.site / "environment.yaml"
    path.write_text(re.sub(r"token=PRACTICE-issuing-1;serial=[0-9a-f]*",
                           f"token=PRACTICE-{token};serial={found[-1]}", path.read_text()))
    one.settings = ["--set", f"key-label={label}"]


def of_intermediate(one):
    """Its certificates are valid."""
    of_key(one, "intermediate-1", "intermediate-1")
    return {"*.ca.user-pin": "user-intermediate-1-1"}


def happy():
    with r.Rehearsal("destroy-key") as one:
        blobs = len(list((one.site / "archive/wrapped").glob("*.kwp")))
        check(len(objects(one, "issuing-1")) == 2, "the key is not there before")
        result = one.run()
        check(result.returncode == 0, f"destroy-key: {result.stderr}")
        r.check_ended(one)
        check(objects(one, "issuing-1") == [], "another program still finds the key")
        check(len(list((one.site / "archive/wrapped").glob("*.kwp"))) == blobs - 1, "the wrapped key is in the archive")
        end = end_of(one)
        check(end.get("state") == "destroyed" and end.get("open") == 1, f"the end says {end}")
        text = next(one.evidence.glob("destruction/*.txt")).read_text()
        check("wrapped key destroyed in the archive" in text, f"it does not say what went: {text}")
        check("absence proven" in text and "No record of this key may be deleted before 20" in text, f"it says: {text}")
        again(one)
        tampered(one)


def again(one):
    evidence, one.evidence = one.evidence, one.folder / "again"
    result = one.run()
    check(result.returncode == 1 and "knows no key with the label" in result.stdout + result.stderr,
          f"a destroyed key was used again: {result.stdout} {result.stderr}")
    one.evidence = evidence


def tampered(one):
    """The auditor's program reads the certificate, too."""
    path = next(one.evidence.glob("destruction/*.txt"))
    path.write_text(path.read_text().replace("Left open: 1", "Left open: 0"))
    result = subprocess.run([r.AUDIT, "verify", one.evidence], text=True, capture_output=True, check=False)
    check("is not the certificate of destruction" in " ".join(result.stdout.split()), f"a changed one: {result.stdout}")


def still_needed():
    with r.Rehearsal("destroy-key") as one:
        pins = of_intermediate(one)
        result = one.run(answers=one.answers_with({**pins, "destroy-key.consequences": '"no"'}))
        check(result.returncode == 3 and "still has to sign CRLs" in result.stderr, f"still needed: {result.stderr}")
        check(len(objects(one, "intermediate-1")) == 2, "still needed: the key was touched")
        result = one.abort(answers=one.answers_with(pins))
        check(result.returncode == 0, f"still needed: not aborted: {result.stderr}")
        check(len(objects(one, "intermediate-1")) == 2, "still needed: the abort destroyed the key")


def decided():
    with r.Rehearsal("destroy-key") as one:
        pins = of_intermediate(one)
        result = one.run(answers=one.answers_with({
            **pins, "destroy-key.consequences": '"yes"',
            "destroy-key.consequences.who": "Johanna Weber, the CA was compromised"}))
        check(result.returncode == 0, f"decided: {result.stderr}")
        said = [json.dumps(record["data"]) for record in one.records() if record["type"] == "exception"]
        check(any("Johanna Weber" in text and "unexpired" in text for text in said), f"decided: {said}")
        check(objects(one, "intermediate-1") == [], "decided: the key is still there")


def not_there():
    """A file that was not in the archive is not said to have been destroyed there."""
    with r.Rehearsal("destroy-key") as one:
        for path in (one.site / "archive/wrapped").iterdir():
            path.unlink()
        result = one.run()
        check(result.returncode == 0, f"an empty archive: {result.stdout} {result.stderr}")
        text = next(one.evidence.glob("destruction/*.txt")).read_text()
        check("wrapped key was not in the archive" in text and "in the archive." in text
              and "destroyed in the archive" not in text, f"an empty archive: {text}")
        absences = [record["data"]["absence"] for record in one.records()
                    if record["type"] == "result" and record["data"].get("does") == "destroy-file"]
        check(absences == ["it was not there"] * 2, f"an empty archive: {absences}")
        r.check_ended(one)


def given_up_before():
    """New shares were made, and old wrapped copies were not at hand: the end of the key lists them as open."""
    with r.Rehearsal("destroy-key") as one:
        script, evidence = one.script, one.evidence
        subprocess.run([r.SOURCE / "scripts/dev/make-site", "reshare", one.folder], check=True)
        one.script, one.evidence = r.SOURCE / "scripts/reshare.yaml", one.folder / "reshare"
        result = one.run(answers=one.answers_with({"retire-old.copies": '"no"'}))
        check(result.returncode == 0, f"new shares: {result.stdout} {result.stderr}")
        subprocess.run([r.SOURCE / "scripts/dev/make-site", "destroy-key", one.folder], check=True)
        one.script, one.evidence = script, evidence
        of_key(one, "root", "root-primary")
        result = one.run(answers=one.answers_with({
            "*.ca.user-pin": "user-primary-1", "destroy-key.consequences": '"yes"',
            "destroy-key.consequences.who": "Johanna Weber, the CA ends"}))
        check(result.returncode == 0, f"given up before: {result.stdout} {result.stderr}")
        text = next(one.evidence.glob("destruction/*.txt")).read_text()
        check(" given up before, may be left" in text, f"given up before: {text}")
        end = end_of(one)
        states = [row["state"] for row in end.get("wrapped", [])]  # the old one; the new one, in an evidence folder
        check(states == ["void", "void"] and end.get("open") == 2, f"given up before: {end}")
        r.check_ended(one)


def one_person():
    with r.Rehearsal("destroy-key") as one:
        result = one.run(answers=one.answers_with({"destroy-key.copy-1.agree": "{decline: true}"}))
        check(result.returncode == 3 and "did not agree" in result.stderr, f"one person alone: {result.stderr}")
        check(len(objects(one, "issuing-1")) == 2, "one person alone: the key is gone")


def shares_left():
    """Two of three shares open the backup: with one left it is useless, with two it is not."""
    for kept, state in ((1, "destroyed"), (2, "destruction-open")):
        with r.Rehearsal("destroy-key") as one:
            result = one.run(answers=one.answers_with({f"destroy-key.set-1.share-{i + 1}": '"no"' for i in range(kept)}))
            check(result.returncode == 0, f"{kept} shares left: {result.stderr}")
            check(end_of(one).get("state") == state, f"{kept} shares left: {end_of(one)}")
            check("Amina Diallo" not in (one.evidence / "transcript.jsonl").read_text(), "a custodian's name is public")
            r.check_ended(one)


def main():
    for part in (happy, not_there, given_up_before, still_needed, decided, one_person, shares_left):
        part()
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
