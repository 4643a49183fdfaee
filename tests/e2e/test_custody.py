#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bags and shares between two ceremonies: what is missing or open is an exception and counts for the margin of the
quorum; a share is checked by itself, and a wrong word, another holder's form or another set's is refused by name; the
day of the proof is in the ledger and in `ceremony status` (R23, R58, R76, R85)."""
import json
import os
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support/py"))
import quorum as q  # noqa: E402
import rehearsal as r  # noqa: E402

FAULTS = []


def check(good, text):
    if not good:
        FAULTS.append(text)
        print(f"FAULT: {text}", file=sys.stderr)


def facts(one, what):
    return [record["data"] for record in one.records()
            if record["type"] == "facts" and record["data"].get("what") == what]


def exceptions(one):
    return [record["data"]["observed"] for record in one.records() if record["type"] == "exception"]


def due(one):
    """The rows of `ceremony status` about shares, by their beginning."""
    result = subprocess.run([r.CEREMONY, "status", "--site", one.site, "--json"], text=True, capture_output=True,
                            check=True)
    rows = [row["which"] for row in json.loads(result.stdout) if row["what"] == "shares"]
    return {which.split(" set ")[0]: which for which in rows}


def whole():
    with r.Rehearsal("custody-check") as one:
        before = due(one)
        check("typed back" in before["user PIN"] and "typed back" in before["SO PIN"], f"status before: {before}")
        check(len(before) == 3 and "opened" in next(text for which, text in before.items() if "PIN" not in which),
              f"status of the backup: {before}")
        result = one.run()
        check(result.returncode == 0, f"it ended with {result.returncode}: {result.stderr}")
        r.check_ended(one)
        after = due(one)
        check("checked" in after["user PIN"] and "checked" in after["SO PIN"], f"status after: {after}")
        check(not any("bag" in text or "share" in text for text in exceptions(one)), "exceptions without a fault")
        check([fact["margin"] for fact in facts(one, "share-check")] == [1, 1, 1], "the margin is not n - k")
        contents = [fact["content"] for fact in facts(one, "bag-check")]
        check(sum("token" in text for text in contents) == 2 and sum("medium" in text for text in contents) == 4,
              f"a token is in two bags, or a medium in none: {contents}")
        paper = dict(q.papers(one.folder / "paper" / "activate-quorum"))
        public = (one.evidence / "transcript.jsonl").read_text() + (one.evidence / "ledger.jsonl").read_text()
        check(not any(words in public for words in paper.values()), "a share stands in the record")
        check("Chen Wei" not in public, "a holder's name stands in the record")


def a_token_comes_in_its_bag():
    """The witness is shown the number that the ledger has of a token's bag; the number stands in the record, too."""
    with r.Rehearsal("root-crl") as one:
        sealed = {}
        for row in sqlite3.connect(f"file:{one.site / 'ledger.db'}?mode=ro", uri=True).execute(
                "SELECT text FROM custody WHERE kind = 'bag' AND text LIKE '%, serial %' ORDER BY seq"):
            number, content = row[0].split(": ", 1)
            sealed[content.split(", serial ")[1]] = number
        check(one.run().returncode == 0, "root-crl")
        came = {fact["serial"]: fact["bag"] for fact in facts(one, "token")}
        check(any(came.values()), f"no token came in a bag: {came}")
        check(all(number == sealed.get(serial, "") for serial, number in came.items()), f"{came}, and the ledger: {sealed}")


def wanting():
    """One of each fault; two shares of the user PIN are gone, so that nobody can be its user, and somebody may be."""
    with r.Rehearsal("custody-check") as one:
        paper = dict(q.papers(one.folder / "paper" / "activate-quorum"))
        own, other, officer = (paper[f"{name}.share"] for name in ("renew-user.1", "renew-user.2", "split-so.1"))
        wrong = own.split()
        wrong[11] = "zero" if wrong[11] != "zero" else "academic"
        typed = [officer, other, paper["split-user.1.share"], " ".join(wrong), own]
        changes = {"bags.1.bag": "missing", "bags.2.bag": "broken", "bags.3.bag": "number", "bags.4.bag": "not-seen",
                   "backup-shares.2.seal": "missing", "user-shares.1.seal": "number", "user-shares.2.seal": "missing",
                   "so-shares.4.seal": "not-seen", "check-user.3.check": "sealed",
                   "check-user.1.share": json.dumps(typed),
                   "check-so.2.share": json.dumps(paper["split-so.3.share"])}
        result = one.run(answers=one.answers_with(changes))
        said = result.stdout + result.stderr
        check(result.returncode == 0, f"with faults it ended with {result.returncode}: {result.stderr}")
        for words in ("it is word 12", "share 2 of group 1, and the holder's is share 1 of group 1",
                      "and the ledger knows set", "share 3 of group 1, and the holder's is share 2 of group 1"):
            check(words in said, f"it does not say {words!r}: {said}")
        seen = [(fact["can_meet"], fact["margin"], fact["may_be_known"]) for fact in facts(one, "share-check")]
        check(seen == [(True, 0, False), (False, 0, True), (True, 0, False)], f"what it means: {seen}")
        told = " / ".join(exceptions(one))
        for words in ("is missing", "has a broken seal", "bears another number", "was not looked at",
                      "too few were seen whole", "as many as it takes are missing, in another bag, or opened",
                      "is not right on its form"):
            check(words in told, f"no exception says {words!r}: {told}")
        checked = facts(one, "shares-checked")
        check([fact["any"] for fact in checked] == [True, True] and [fact["faults"] for fact in checked] == [0, 1],
              f"what was checked: {checked}")
        r.check_audit(one)


def cut_between():
    """A power cut between the two records of a bag that is missing: whoever resumes is asked again, and both are there."""
    with r.Rehearsal("custody-check") as one:
        stopped = one.run(answers=one.answers_with({"bags.1.bag": "missing"}, drop=["bags.2.bag", "bags.*.bag"]))
        check(stopped.returncode == 3, f"it was not stopped at the second bag: {stopped.returncode} {stopped.stderr}")
        path = one.evidence / "transcript.jsonl"
        lines = path.read_bytes().splitlines(keepends=True)
        first = min(at for at, record in enumerate(one.records()) if record["data"].get("state") == "missing"
                    or "is missing" in record["data"].get("observed", ""))
        path.write_bytes(b"".join(lines[:first + 1]))
        answers = one.answers_with({"bags.1.bag": "missing"})
        result = one.resume(answers=answers)
        check(result.returncode == 0, f"not resumed: {result.returncode} {result.stderr}")
        check(any("is missing" in text for text in exceptions(one)), "the missing bag is no exception")
        r.check_audit(one)


def killed_beside_the_ledger():
    """Between the record of a check and the ledger's: resumed, and the ledger knows of every check that is recorded."""
    only = {"LD_PRELOAD": str(r.BUILD / "tests/kill_module.so"), "KILL_ONLY": "/transcript.jsonl"}
    with r.Rehearsal("custody-check") as one:
        counter = one.folder / "count"
        one.run(env={**only, "KILL_COUNT": str(counter)})
        place = next(record["seq"] for record in one.records() if record["data"].get("what") == "shares-checked")
        spare = len(one.records()) - int(counter.read_text())  # records that share a flush
    killed = 0
    for point in range(place - spare - 1, place + 2):
        with r.Rehearsal("custody-check") as one:
            killed += one.run(env={**only, "KILL_AT": f"{point}+"}).returncode == -9
            result = one.resume()
            check(result.returncode == 0, f"flush {point}: not resumed: {result.stderr}")
            r.check_audit(one)
    check(killed == spare + 3, f"{killed} kills")


def main():
    whole()
    a_token_comes_in_its_bag()
    killed_beside_the_ledger()
    wanting()
    cut_between()
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
