#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A batch of devices from manifest to evidence: judged by openssl and the auditor's program, a certificate
proven to be of the batch, a changed line found, killed and resumed, a second batch over the same medium
(R32, R47, R69, R71)."""
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support/py"))
import rehearsal as r  # noqa: E402

FAULTS = []
COUNT = 300


def check(good, text):
    if not good:
        FAULTS.append(text)
        print(f"FAULT: {text}", file=sys.stderr)


def rehearse(work, evidence, name="device-batch", *options):
    return subprocess.run([r.SOURCE / "scripts/rehearse", name, "--no-build", "--headless", "--work", work,
                           "--evidence", evidence, *options], text=True, capture_output=True, check=False,
                          env={**os.environ, "BUILD_DIR": str(r.BUILD)})


def audit(evidence, *options):
    return subprocess.run([r.AUDIT, "verify", evidence, "--trust", f"{evidence}.trust", *options], text=True,
                          capture_output=True, check=False)


def results(evidence):
    return [json.loads(line) for line in (evidence / "results.jsonl").read_text().splitlines()]


def pems(evidence):
    text = "".join(path.read_text() for path in sorted((evidence / "certificates/PRACTICE-sign-batch").glob("0*.pem")))
    return [block + "-----END CERTIFICATE-----\n" for block in text.split("-----END CERTIFICATE-----\n")[:-1]]


def judged(work, evidence):
    lines = results(evidence)
    check([line["verdict"] for line in lines] == ["issued"] * COUNT, "not all were issued")
    check(len({line["serial"] for line in lines}) == COUNT, "a serial number stands twice")
    certificates = pems(evidence)
    check(len(certificates) == COUNT, f"{len(certificates)} certificates")
    issuer = evidence / "inputs/PRACTICE-issuer.der"
    pem = work / "issuer.pem"
    subprocess.run(["openssl", "x509", "-inform", "DER", "-in", issuer, "-out", pem], check=True)
    names = []
    for i in (0, COUNT // 2, COUNT - 1):
        names.append(work / f"one-{i}.pem")
        names[-1].write_text(certificates[i])
    result = subprocess.run(["openssl", "verify", "-partial_chain", "-x509_strict", "-trusted", pem, *names], text=True,
                            capture_output=True, check=False)
    check(result.returncode == 0, f"openssl: {result.stdout} {result.stderr}")
    result = audit(evidence, "--item", names[1])
    check(result.returncode == 0 and f"XY-{COUNT // 2:07d}" in result.stdout, f"--item: {result.stdout}")
    result = audit(evidence, "--item", pem)
    check(result.returncode == 4 and "is of no batch here" in result.stdout, f"--item of another: {result.stdout}")


def changed(evidence):
    """One letter of a result; the sums find it too, but the batch must find it by itself."""
    path = evidence / "results.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'"shift":"1"', b'"shift":"2"', 1))
    result = audit(evidence)
    check(result.returncode == 4 and "batches                    FAULT" in result.stdout,
          f"a changed line: {result.stdout}")
    path.write_bytes(whole)


def objects(work):
    """How many each token holds; the mark of the ledger's head is written anew under another file name."""
    return sorted(path.parent.name for path in (work / "tokens").rglob("*.object"))


def again(work):
    """The same medium: nothing is signed, and what was is said."""
    before = objects(work)
    evidence = work / "again"
    command = [r.BUILD / "bin/ceremony", "run", r.SOURCE / "scripts/device-batch.yaml", "--site", work / "site",
               "--evidence", evidence, "--trust", f"{evidence}.trust", "--headless", "--answers", work / "answers.yaml"]
    result = subprocess.run(command, text=True, capture_output=True, check=False)
    check(result.returncode == 0, f"a second batch: {result.stdout} {result.stderr}")
    check({line["verdict"] for line in results(evidence)} == {"issued-before"}, "the second batch is not told as such")
    check(not pems(evidence), "the second batch signed something")
    check(audit(evidence).returncode == 0, f"the second batch: {audit(evidence).stdout}")
    check(before == objects(work), "objects came or went")


def open_blocks(work):
    """Blocks that are reserved and not issued."""
    database = sqlite3.connect(f"file:{work}/site/ledger.db?mode=ro", uri=True)
    try:
        return database.execute("SELECT sum(kind = 'certificates-reserve') - sum(kind = 'certificates-issue')"
                                " FROM blocks").fetchone()[0] or 0
    except sqlite3.OperationalError:  # being written
        return 0
    finally:
        database.close()


def killed(work):
    """A kill while it signs; resumed; the auditor finds nothing wrong."""
    subprocess.run([r.SOURCE / "scripts/dev/make-requests", "3000"], stdout=open(work / "devices.jsonl", "w"), check=True)
    subprocess.run([r.SOURCE / "scripts/dev/make-site", "device-batch", work], check=True)
    text = (work / "devices.jsonl").read_text().replace('"serial":"XY-', '"serial":"XZ-')
    (work / "devices.jsonl").write_text(text)
    evidence = work / "killed"
    common = ["--site", work / "site", "--trust", f"{evidence}.trust", "--headless", "--answers", work / "answers.yaml"]
    process = subprocess.Popen([r.BUILD / "bin/ceremony", "run", r.SOURCE / "scripts/device-batch.yaml", "--evidence",
                                evidence, *common], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and open_blocks(work) == 0:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    check(process.wait() == -9, "it was not killed while it signed")
    result = subprocess.run([r.BUILD / "bin/ceremony", "resume", evidence, *common], text=True, capture_output=True,
                            check=False)
    check(result.returncode == 0, f"resume: {result.stdout} {result.stderr}")
    lines = results(evidence)
    check(len(lines) == 3000 and {line["verdict"] for line in lines} == {"issued"}, "the resumed batch is not whole")
    check(any(line["resigned"] for line in lines), "nothing was signed again")
    check(audit(evidence).returncode == 0, f"the resumed batch: {audit(evidence).stdout}")


def stopped(work):
    """A signal while it signs, without a terminal: what is under way ends, and resume goes on."""
    subprocess.run([r.SOURCE / "scripts/dev/make-site", "device-batch", work], check=True)
    text = subprocess.run([r.SOURCE / "scripts/dev/make-requests", "3000"], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    (work / "devices.jsonl").write_text(text.replace('"serial":"XY-', '"serial":"XS-'))
    evidence = work / "stopped"
    common = ["--site", work / "site", "--trust", f"{evidence}.trust", "--headless", "--answers", work / "answers.yaml"]
    with open(work / "stopped.log", "w+", encoding="utf-8") as log:
        process = subprocess.Popen([r.BUILD / "bin/ceremony", "run", r.SOURCE / "scripts/device-batch.yaml", "--evidence",
                                    evidence, *common], stdout=log, stderr=log)
        while process.poll() is None and " of 3000 signed, " not in (work / "stopped.log").read_text():
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        check(process.wait() == 3, f"a signal ended it with {process.returncode}")
    said = (work / "stopped.log").read_text()
    check("stopped" in said and "resume" in said, f"it says: {said}")
    result = subprocess.run([r.BUILD / "bin/ceremony", "resume", evidence, *common], text=True, capture_output=True,
                            check=False)
    check(result.returncode == 0, f"resume after a signal: {result.stdout} {result.stderr}")
    lines = results(evidence)
    check(len(lines) == 3000 and all((line["verdict"], line["resigned"]) == ("issued", False) for line in lines),
          "a stopped batch is not whole, or was signed twice")
    check(audit(evidence).returncode == 0, f"the stopped batch: {audit(evidence).stdout}")


def hostile(work):
    """The corpus of requests: accepted ones are issued, refused ones are not, nothing raw stands anywhere."""
    corpus = r.SOURCE / "tests/vectors/csr"
    cases = dict(line.split("\t")[:2] for line in (corpus / "cases.tsv").read_text().splitlines() if line[0] != "#")
    evidence = work / "hostile"
    result = rehearse(work, evidence, "sign-requests", "--requests", str(corpus))
    check(result.returncode == 0, f"sign-requests: {result.stdout} {result.stderr}")
    seen = 0
    for line in results(evidence):
        wanted = cases.get(line["item"])
        seen += wanted is not None
        check(not (wanted == "A" and line["verdict"] != "issued") and not (wanted == "R" and line["verdict"] == "issued"),
              f"{line['item']} is {wanted} and {line['verdict']}: {line['codes']}")
    check(seen == len(cases), f"{seen} of {len(cases)} requests were decided")
    for path in ("results.jsonl", "transcript.jsonl", "ledger.jsonl"):
        text = (evidence / path).read_text()
        check(all(c == "\n" or (ord(c) >= 32 and not 127 <= ord(c) < 160 and not 0x200b <= ord(c) <= 0x200f
                                and not 0x202a <= ord(c) <= 0x202e and not 0x2066 <= ord(c) <= 0x2069) for c in text),
              f"a raw control stands in {path}")
    check(audit(evidence).returncode == 0, f"the hostile batch: {audit(evidence).stdout}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        evidence = work / "evidence"
        result = rehearse(work, evidence, "device-batch", "--count", str(COUNT))
        check(result.returncode == 0, f"rehearse: {result.stdout} {result.stderr}")
        if result.returncode == 0:
            result = audit(evidence)
            check(result.returncode == 0, f"audit: {result.stdout}")
            judged(work, evidence)
            again(work)
            hostile(work)
            killed(work)
            stopped(work)
            changed(evidence)
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
