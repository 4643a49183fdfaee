#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A batch that was killed while it signed, and aborted: the rows of its blocks are in the evidence, the auditor reads them
and the certificates that were written, a lost ledger is made again from it, and the devices are not certified a second
time unless that is declared (R71, R102)."""
import copy
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support/py"))
sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support"))
import evidence as e  # noqa: E402
import rehearsal as r  # noqa: E402

FAULTS = []
COUNT = 12000  # several blocks
SCRIPT = r.SOURCE / "scripts/device-batch.yaml"


def check(good, text):
    if not good:
        FAULTS.append(text)
        print(f"FAULT: {text}", file=sys.stderr)


def entries(work):
    """Blocks by what the ledger says of them."""
    database = sqlite3.connect(f"file:{work}/site/ledger.db?mode=ro", uri=True)
    try:
        return dict(database.execute("SELECT kind, count(*) FROM blocks GROUP BY kind"))
    except sqlite3.OperationalError:  # being written
        return {}
    finally:
        database.close()


def ceremony(work, task, evidence, *words):
    return [r.CEREMONY, task, *words, evidence, "--site", work / "site", "--trust", f"{evidence}.trust", "--headless",
            "--answers", work / "answers.yaml"]


def devices(work, count):
    """A new site folder, and a list of devices that nobody has certified."""
    subprocess.run([r.SOURCE / "scripts/dev/make-site", "device-batch", work], check=True)
    text = subprocess.run([r.SOURCE / "scripts/dev/make-requests", str(count)], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    (work / "devices.jsonl").write_text(text.replace('"serial":"XY-', '"serial":"XU-'))


def killed_and_aborted(work):
    """At least one block is issued, and one more is only reserved."""
    devices(work, COUNT)
    evidence = work / "unfinished"
    before = entries(work).get("certificates-issue", 0)
    program = subprocess.Popen(ceremony(work, "run", evidence, SCRIPT, "--evidence"), stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    while program.poll() is None:
        now = entries(work)
        if now.get("certificates-issue", 0) > before and now["certificates-reserve"] > now["certificates-issue"]:
            break
        time.sleep(0.005)
    program.send_signal(signal.SIGKILL)
    check(program.wait() == -9, "it was not killed while it signed")
    no_way_back(work, evidence)
    result = subprocess.run(ceremony(work, "abort", evidence), text=True, capture_output=True, check=False)
    check(result.returncode == 0, f"abort: {result.stderr}")
    return evidence


def no_way_back(work, evidence):
    """An abort that was begun is brought to its end: what it gave up is not taken up again, and it says so."""
    answers = work / "answers.yaml"
    before = answers.read_text()
    answers.write_text(before + '"sign-off.1.opinion": {aside: stop}\n')
    result = subprocess.run(ceremony(work, "abort", evidence), text=True, capture_output=True, check=False)
    check(result.returncode == 3 and "ceremony abort" in result.stderr and "ceremony resume" not in result.stderr,
          f"an abort that is stopped: {result.returncode} {result.stderr}")
    answers.write_text(before)
    records = (evidence / "transcript.jsonl").read_bytes()
    result = subprocess.run(ceremony(work, "resume", evidence), text=True, capture_output=True, check=False)
    check(result.returncode in (1, 3) and "an abort of this ceremony was begun" in " ".join(result.stderr.lower().split()),
          f"resumed after an abort: {result.returncode} {result.stderr}")
    check((evidence / "transcript.jsonl").read_bytes() == records, "the refusal wrote a record")


def blocks(evidence):
    """seq, kind, count of the blocks of this ceremony."""
    own = json.loads((evidence / "transcript.jsonl").read_text().splitlines()[-1])["data"]["ceremony"]
    rows = map(json.loads, (evidence / "ledger.jsonl").read_text().splitlines())
    return [(row["seq"], row["kind"], row["data"]["count"]) for row in rows
            if row["ceremony"] == own and row["kind"].startswith("certificates-")]


def looked_at(evidence):
    status, report = e.verify(evidence, "--trust", f"{evidence}.trust")
    check(status == 0, f"the auditor: {e.faults(report)}")
    found = blocks(evidence)
    kinds = [kind for _, kind, _ in found]
    check(kinds.count("certificates-reserve") > kinds.count("certificates-issue") > 0, f"blocks: {found}")
    for seq, _, count in found:
        check((evidence / f"rows/{seq}.jsonl").read_text().count("\n") == count, f"the rows of entry {seq}")
    return found


def rows(folder, number):
    return folder / f"rows/{number}.jsonl"


def violated(evidence, found):
    """What nobody would see but this check."""
    reserved = [seq for seq, kind, _ in found if kind == "certificates-reserve"]
    issued = next(seq for seq, kind, _ in found if kind == "certificates-issue")
    pem = "certificates/PRACTICE-sign-batch/000001.pem"

    def swap(folder):
        end = "-----END CERTIFICATE-----\n"
        parts = (folder / pem).read_text().split(end)
        parts[0], parts[1] = parts[1], parts[0]
        (folder / pem).write_text(end.join(parts))

    changes = (
        ("a device that the ledger did not reserve", lambda f: rows(f, reserved[1]).write_text(
            rows(f, reserved[1]).read_text().replace("XU-", "XV-", 1))),
        ("a row that is missing", lambda f: rows(f, issued).write_text(
            rows(f, issued).read_text().split("\n", 1)[1])),
        ("rows that are missing", lambda f: rows(f, reserved[1]).unlink()),
        ("a line that is none", lambda f: rows(f, reserved[0]).write_text("x\n")),
        ("a line without end", lambda f: rows(f, reserved[0]).write_text(rows(f, reserved[0]).read_text()[:-1])),
        ("certificates that are missing", lambda f: (f / pem).unlink()),
        ("certificates in another order", swap),
        ("a certificate less", lambda f: (f / pem).write_text((f / pem).read_text().split("-----END", 1)[1][20:])),
        ("a certificate more", lambda f: (f / pem).write_text(
            (f / pem).read_text() + (f / "certificates/PRACTICE-sign-batch/chain.pem").read_text())),
    )
    for what, change in changes:
        expect(evidence, what, "blocks", change)


def expect(evidence, what, name, change):
    copy_of = evidence.parent / "changed"
    shutil.rmtree(copy_of, ignore_errors=True)
    shutil.copytree(evidence, copy_of)
    change(copy_of)
    e.write_sums(copy_of)
    status, report = e.verify(copy_of)
    check(status == 4 and name in e.faults(report), f"{what}: {status} {list(e.faults(report))}")


def told_otherwise(evidence):
    """Records and ledger made anew, as somebody would who has everything but the signers' keys."""
    def announced(records):
        return next(x["data"] for x in records if x["type"] == "intent" and x["data"]["does"] == "sign-requests")

    def by_records(change):
        def changed(folder):
            records = e.read_records(folder)
            change(records)
            e.write_records(folder, records)
        return changed

    def by_ledger(change):
        def changed(folder):
            records = e.read_records(folder)
            own = records[-1]["data"]["ceremony"]
            e.write_ledger(folder, records, lambda entries: [
                change(x["data"]) for x in entries if x["ceremony"] == own and x["kind"] == "certificates-reserve"])
            e.write_records(folder, records)
        return changed

    for what, change in (
            ("more than was approved", by_records(lambda r: announced(r).update(accepted=5, command="SIGN 5 REQUESTS"))),
            ("another command", by_records(lambda r: announced(r).update(command="SIGN 1 REQUESTS"))),
            ("a batch that nobody announced", by_ledger(lambda d: d.update(batch=d["batch"] + "-2"))),
            ("another issuer", by_ledger(lambda d: d.update(issuer="ab" * 32))),
            ("another profile", by_ledger(lambda d: d.update(profile="root-private"))),
            ("another origin", by_records(lambda r: announced(r)["origin"].update(line="99")))):
        expect(evidence, what, "blocks", change)
    expect(evidence, "a file of no block", "blocks", lambda f: shutil.copyfile(
        f / "certificates/PRACTICE-sign-batch/000001.pem", f / "certificates/PRACTICE-sign-batch/000099.pem"))
    expect(evidence, "finished, though it was given up", "closing", by_records(lambda r: r[-1]["data"].update(state="finished")))
    expect(evidence, "a step after it was given up", "closing", by_records(lambda r: r.insert(
        r.index(next(x for x in r if x["data"].get("what") == "given-up")) + 1,
        copy.deepcopy(next(x for x in r if x["type"] == "step-begin")))))


def rebuilt(work, evidence, found):
    """The same ledger, row by row, but for the time of its last entry."""
    site = work / "other-site"
    site.mkdir()
    given = [path.parent for path in sorted((work / "before").glob("*/transcript.jsonl"))] + [work / "first", evidence]
    result = subprocess.run([r.CEREMONY, "ledger", "rebuild", "--site", site,
                             *(word for one in given for word in ("--from", one))], text=True, capture_output=True, check=False)
    check(result.returncode == 0, f"rebuild: {result.stderr}")
    if result.returncode != 0:
        return
    both = [[line for line in sqlite3.connect(path / "ledger.db").iterdump() if "'ceremony-close'" not in line]
            for path in (work / "site", site)]
    check(both[0] == both[1] and len(both[0]) > sum(count for _, _, count in found), "the rebuilt ledger is another one")
    shutil.copyfile(site / "ledger.db", work / "site/ledger.db")


def again(work, found):
    """With the ledger that was rebuilt: whatever may have a certificate gets no other one."""
    devices(work, 300)
    evidence = work / "again"
    result = subprocess.run(ceremony(work, "run", evidence, SCRIPT, "--evidence"), text=True, capture_output=True, check=False)
    check(result.returncode == 0, f"the devices again: {result.stderr}")
    lines = [json.loads(line) for line in (evidence / "results.jsonl").read_text().splitlines()]
    taken = sum(count for _, kind, count in found if kind == "certificates-reserve")
    check(len(lines) == 300 and all((line["verdict"] == "refused") == (line["index"] < taken) for line in lines),
          f"the devices again: {[(line['verdict'], line['codes']) for line in lines[:3]]}")
    text = " ".join((evidence / "certificates/PRACTICE-sign-batch/refused.txt").read_text().split())
    check("or was announced for one" in text and "declare the re-issue" in text, f"what it says of them: {text[:600]}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        result = subprocess.run([r.SOURCE / "scripts/rehearse", "device-batch", "--no-build", "--headless", "--work", work,
                                 "--evidence", work / "first", "--count", "20"], text=True, capture_output=True, check=False,
                                env={**os.environ, "BUILD_DIR": str(r.BUILD)})
        check(result.returncode == 0, f"rehearse: {result.stdout} {result.stderr}")
        evidence = killed_and_aborted(work)
        if not FAULTS:
            found = looked_at(evidence)
            violated(evidence, found)
            told_otherwise(evidence)
            rebuilt(work, evidence, found)
            again(work, found)
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
