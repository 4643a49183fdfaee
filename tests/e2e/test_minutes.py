#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The report of a ceremony, to be signed by hand (R17): a root has the slots of the security role and of an independent
person, a subordinate CA that of the security role; every value is that of a record, what no record holds is said to be
missing, nothing confidential stands in the public copy, and a folder that is damaged or not closed has no report."""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support"))
sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support/py"))
import evidence as e  # noqa: E402
import rehearsal as r  # noqa: E402

FAULTS = []
PARTS = ["Ceremony and script", "Where and when", "People", "Keys, each with the SHA-256 of its public key",
         "Certificates, CRLs and requests", "Shares", "Exceptions", "Recorder and transcript",
         "How long the records are kept", "Sign-off of all who were there", "Signatures"]
CUSTODIANS = ("Amina Diallo", "Chen Wei", "Laura Rossi", "2 of 3", "safe of the first site")
PAGE = 62
SLOT = re.compile(r"^  ([A-Z]{6,})  +(\S.*)\n((?:    .*\n)*)", re.MULTILINE)


def check(good, text):
    if not good:
        FAULTS.append(text)
        print(f"FAULT: {text}", file=sys.stderr)


def report(*words, status=0):
    done = subprocess.run([e.AUDIT, "report", "--ceremony", *words], text=True, capture_output=True, check=False)
    check(done.returncode == status, f"report {words}: {done.returncode}: {done.stderr}")
    check(status == 0 or done.stdout == "", f"report {words} is printed, and fails")
    return done.stdout if status == 0 else done.stderr


def body(text):
    """Without the heads of pages; those are looked at here."""
    pages = text.split("\f")
    for number, page in enumerate(pages, 1):
        lines = page.splitlines()
        check(lines[1].endswith(f", page {number} of {len(pages)}"), f"page {number} says {lines[1]!r}")
        check(len(lines) <= PAGE, f"page {number} has {len(lines)} lines")
        check(not re.match(r"\d+\. ", [line for line in lines if line][-1]), f"page {number} ends with a headline")
    check(all(len(line) <= 80 for line in text.split("\n")), "a line is longer than 80")
    return "\n".join("\n".join(page.splitlines()[3:]) for page in pages) + "\n"


def flat(text):
    return " ".join(text.split())


def slots(text):
    """What stands under Signatures: title: (first line, lines of the slot)."""
    return {found[0]: (found[1], found[2]) for found in SLOT.findall(text.split("Signatures\n")[-1])}


def values(folder, text):
    """What the records hold stands in the report, as it is there."""
    records = e.read_records(folder)
    said = flat(text)
    opening, closing = records[0]["data"], records[-1]["data"]
    wanted = [opening["ceremony"], opening["script"]["sha256"], opening["program"]["sha256"], closing["ledger"]["head"],
              records[0]["time"], records[-1]["time"],
              hashlib.sha256((folder / "transcript.jsonl").read_bytes().splitlines(keepends=True)[-1]).hexdigest()]
    wanted += [profile["sha256"] for profile in opening["profiles"]]
    for record in records:
        data = record["data"]
        does = data.get("does") if record["type"] == "result" and data["outcome"] == "done" else None
        if does in ("generate-key", "find-key"):
            wanted.append(data["spki_sha256"])
        if does == "sign":
            wanted += [data["sha256"], data["file"]] + ([f"Level {data['level']} "] if "level" in data else [])
        if does == "create-recorder":
            wanted.append(data["certificate_sha256"])
        if record["type"] == "exception":
            wanted += [data["expected"], data["observed"], data["decision"]]
        if record["type"] == "roll-call":
            wanted += [person["name"] for person in data["people"]]
    for value in wanted:
        check(flat(value) in said, f"{folder.name}: {value!r} does not stand in the report")
    check(re.findall(r"^\d+\. (.*)$", text, re.MULTILINE) == PARTS, "other parts")
    count = closing["exceptions"]
    check((f"Exceptions: {count}." if count else "Exceptions: none.") in text.split("\n1. ")[0], "the count is not in front")


def missing(text):
    check("Place not recorded" in flat(text), "the place is not said to be missing")


def kept(folder, text):
    """The class of the records, and before which day the folder may not go (R98)."""
    said = e.read_records(folder)[-1]["data"]["retention"]
    check("Class CA key life cycle" in flat(text), "the class is not told")
    check(f"Not before {said['not_before']}: this folder" in flat(text), "how long the folder is kept is not told")
    check(f"{said['keys_alive']} of those keys are not destroyed" in flat(text), "keys that are alive are not told")


def privacy(folder, public, text):
    private = flat(report("--confidential", folder))
    for words in CUSTODIANS:
        check(words not in flat(text), f"\"{words}\" stands in the public copy")
        check(words in private, f"\"{words}\" does not stand in the confidential copy")
    check("n-k 1:" in flat(text) and "n-k 1:" in private, "n-k is not told")
    subprocess.run([e.AUDIT, "extract", folder, public], check=True, capture_output=True)
    extract = flat(report("--confidential", public))
    check("the share plan is not in this folder" in extract, "an extract tells n-k")
    check(not any(words in extract for words in CUSTODIANS), "an extract tells custodians")


def whole(folder, name, wanted, rule):
    text = body(report(folder))
    values(folder, text)
    missing(text)
    kept(folder, text)
    found = slots(text)
    check(list(found) == wanted, f"{name}: the slots are {list(found)}")
    check(rule in flat(text) and "ABORTED" not in text, f"{name}: another rule, or aborted")
    check("Attested I was present." in flat(text), f"{name}: what is attested is not told")
    people = {record["data"]["person"]: record["data"] for record in e.read_records(folder)
              if record["type"] == "sign-off"}
    for title, person in (("SECURITY", "Peter Novak"), ("AUDITOR", "Ruth Meyer")):
        first, lines = found.get(title, ("", ""))
        ink = people[person]["method"] == "wet ink"
        check(first.startswith(person) and "agrees" in lines, f"{name}: {title} is {first} {lines}")
        digits = people[person]["certificate_sha256"] or "SHA-256"
        check(("Signature   ...." in lines) == ink and (digits in lines) != ink,
              f"{name}: {title} signed by {people[person]['method']}: {lines}")
    if "INDEPENDENT" in wanted:
        check("no record says" in found["INDEPENDENT"][0] and "Signature   ..." in found["INDEPENDENT"][1],
              f"{name}: who is independent is guessed")
    return text


def damaged(folder, work):
    for number, name in enumerate(("transcript.jsonl", "certificates/PRACTICE-root.der", "SHA256SUMS.p7s")):
        broken = work / f"broken-{number}"
        shutil.copytree(folder, broken)
        data = bytearray((broken / name).read_bytes())
        data[len(data) // 2] ^= 1
        (broken / name).write_bytes(data)
        report(broken, status=4)
    records = e.read_records(folder)
    lost = work / "lost"
    shutil.copytree(folder, lost)
    e.write_records(lost, [record for record in records if record["type"] != "exception"])
    told = report(lost, status=4)
    check("No report of" in told and "verify" in told, f"a record less is not named: {told}")
    report(folder, folder, status=2)
    report("--json", folder, status=2)


def broken_off():
    """Before the root has its certificate: it is not closed, then aborted; and still the report of a root."""
    with r.Rehearsal() as one:
        stopped = one.run(answers=one.answers_with({"issue-root.sign": "{aside: stop}"}))
        check(stopped.returncode == 3, f"not stopped: {stopped.stderr}")
        check("is not closed" in report(one.evidence, status=1), "an open ceremony is reported")
        done = one.abort()
        check(done.returncode == 0, f"not aborted: {done.stderr}")
        printed = report(one.evidence)
        text = body(printed)
        check(text.splitlines()[0].startswith("  ABORTED: "), f"it begins with {text.splitlines()[0]!r}")
        check(all("\nABORTED, head " in page for page in printed.split("\f")), "a page does not say aborted")
        check({"SECURITY", "INDEPENDENT"} <= set(slots(text)), "an aborted root has other slots")
        check("tells rightly how the ceremony was broken off" in flat(text), "people sign that it was held")
        check("a copy was destroyed" in text and "No certificate" in text, "what became of the key is not told")
        check("the set is void, its copies were destroyed" in flat(text), "that the shares are void is not told")
        values(one.evidence, text)


def disagrees():
    with r.Rehearsal() as one:
        reason = "I could not see the screen"
        done = one.run(answers=one.answers_with({"sign-off.3.opinion": "disagree", "sign-off.3.reason": reason}))
        check(done.returncode == 0, f"not ended: {done.stderr}")
        person = next(record["data"]["person"] for record in one.records()
                      if record["type"] == "sign-off" and not record["data"]["agrees"])
        text = body(report(one.evidence))
        found = re.search(rf"{person}, .*\n    Result      DOES NOT AGREE \(record \d+\)\n    Reason      {reason}\n", text)
        check(found is not None, f"that {person} does not agree is not told")


def destroyed(folder):
    """The end of a key says how long its records are kept (R98); nobody of the security role was there."""
    text = body(report(folder))
    end = next(record["data"] for record in e.read_records(folder)
               if record["type"] == "result" and record["data"]["does"] == "end-key")
    check(f"Not before {end['retention']}:" in flat(text), "the date of the record is not told")
    check(end["spki_sha256"] in text, "the key is not named")
    kept(folder, text)
    check(slots(text)["SECURITY"][0].startswith("not recorded"), f"somebody is named: {slots(text)}")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        later = e.rehearse(folder, ceremony="intermediate-ca")
        root = folder / "evidence.work/before/root-ca"
        text = whole(root, "root", ["SECURITY", "INDEPENDENT", "AUDITOR"], "GEN-6.5.1-13")
        whole(later, "intermediate", ["SECURITY", "AUDITOR"], "GEN-6.5.1-14")
        privacy(root, folder / "public", text)
        damaged(root, folder)
        destroyed(e.rehearse(folder, name="destroyed", ceremony="destroy-key"))
    broken_off()
    disagrees()
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
