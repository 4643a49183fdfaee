#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""People of later ceremonies: roles that exclude each other, a person who stands there twice, too few in the room, and
a quorum that is lost in the middle. Each is refused with its reason, nothing is written, no token is changed, and the
ceremony goes on once people are there again (R11, R12, R13, R14)."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support/py"))
import rehearsal as r  # noqa: E402

FAULTS = []


def check(good, text):
    if not good:
        FAULTS.append(text)
        print(f"FAULT: {text}", file=sys.stderr)


def tokens(one):
    return sorted((str(path), path.read_bytes()) for path in (one.folder / "tokens").rglob("*.object"))


def edit(one, name, old, new):
    path = one.site / name
    text = path.read_text()
    if old not in text:
        raise ValueError(f"{old!r} is not in {name}")
    path.write_text(text.replace(old, new, 1))


def refused_at_once(ceremony, what, name, old, new, says):
    """Before the first record: there is no evidence folder, or an empty one."""
    with r.Rehearsal(ceremony) as one:
        edit(one, "environment.yaml", "one-player: true", "one-player: false")
        edit(one, name, old, new)
        before = tokens(one)
        result = one.run()
        said = " ".join((result.stdout + result.stderr).split())
        check(result.returncode == 1 and says in said, f"{ceremony}, {what}: {result.returncode}: {said}")
        check(not one.records(), f"{ceremony}, {what}: records were written")
        check(tokens(one) == before, f"{ceremony}, {what}: a token was changed")


def never_there(ceremony, prompt, says):
    """Too few answer the roll call: no token is touched, and the ceremony waits."""
    with r.Rehearsal(ceremony) as one:
        before = tokens(one)
        result = one.run(answers=one.answers_with({prompt: "no"}))
        said = " ".join(result.stderr.split())
        check(result.returncode == 3 and says in said, f"{ceremony}, too few: {result.returncode}: {said}")
        check(tokens(one) == before, f"{ceremony}, too few: a token was changed")
        result = one.resume()
        check(result.returncode == 0, f"{ceremony}, too few: not resumed: {result.stderr}")
        r.check_ended(one)


def lost_in_the_middle(ceremony, prompt, who, answer, role, does):
    """Somebody leaves while the step asks; nobody comes back. What the step would have done is not done."""
    with r.Rehearsal(ceremony) as one:
        changes = {prompt: f"[{{aside: leave}}, {answer}]", "leave.who": who, "leave.return": "{aside: stop}"}
        result = one.run(answers=one.answers_with(changes))
        said = " ".join(result.stderr.split())
        records = one.records()
        done = [record["data"].get("does") for record in records if record["type"] == "result"]
        locked = [record for record in records if record["type"] == "exception"
                  and "logged out" in record["data"]["decision"]]
        check(result.returncode == 3, f"{ceremony}: {who} left, and it ended with {result.returncode}: {said}")
        check(len(locked) == 1 and f"the role '{role}' needs" in locked[0]["data"]["observed"],
              f"{ceremony}: {who} left, and nothing was locked")
        check(does not in done, f"{ceremony}: {who} left, and \"{does}\" was done")
        result = one.resume()
        check(result.returncode == 0, f"{ceremony}: not resumed: {result.stderr}")
        r.check_ended(one)


def main():
    os.environ.setdefault("TMPDIR", "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp")
    for ceremony in ("intermediate-ca", "reshare"):
        refused_at_once(ceremony, "a conflict of roles", "roster.yaml", "roles: [auditor]", "roles: [auditor, witness]",
                        "Ruth Meyer is both 'auditor' and 'witness', which must be different people")
        refused_at_once(ceremony, "a person twice", "roster.yaml", "name: Ben Okafor", "name: Ada Byron",
                        "Ada Byron stands in the roster twice")
        refused_at_once(ceremony, "written otherwise, and twice", "roster.yaml", "name: Ben Okafor", "name: ada  BYRON",
                        "stands in the roster twice")
    refused_at_once("reshare", "a holder twice", "custody.yaml", "{person: Laura Rossi,", "{person: Amina Diallo,",
                    "Amina Diallo")
    refused_at_once("restore", "a custodian who is also auditor", "roster.yaml", "name: Ruth Meyer", "name: Chen Wei",
                    "Chen Wei stands in the roster twice")
    never_there("restore", "roll-call.6.present", "The role 'witness' needs 2 people in the room")
    for case in CASES:
        lost_in_the_middle(*case)
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


# ceremony, what is asked when somebody leaves, who, how it is answered otherwise, the role that is lost, what is not done
CASES = [
    ("intermediate-ca", "issue-subordinate.sign", "Ada Byron", '{shown: issue-subordinate.sign}', "witness", "sign"),
    ("reshare", "retire-old.copies", "Ruth Meyer", '"yes"', "auditor", "retire-backup"),
    ("restore", "seal-materials.1.bag", "Johanna Weber", "R-0101", "administrator", "seal"),
]


if __name__ == "__main__":
    sys.exit(main())
