#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A batch of devices from manifest to evidence: judged by openssl and the auditor's program, a certificate
proven to be of the batch, a changed line found, killed and resumed, a second batch over the same medium
(R32, R47, R69, R71)."""
import hashlib
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


def declined(work):
    """The command is not typed: nothing is signed; resumed, the same batch is shown again."""
    evidence, answers = work / "declined", work / "declined.yaml"
    answers.write_text((work / "answers.yaml").read_text() + '"sign-batch.sign": {decline: true}\n')
    command = [r.BUILD / "bin/ceremony", "run", r.SOURCE / "scripts/device-batch.yaml", "--site", work / "site",
               "--evidence", evidence, "--trust", f"{evidence}.trust", "--headless", "--answers"]
    result = subprocess.run([*command, answers], text=True, capture_output=True, check=False)
    check(result.returncode == 3 and "was not approved" in result.stderr, f"declined: {result.returncode} {result.stderr}")
    check(open_blocks(work) == 0 and not list(evidence.rglob("0*.pem")), "declined, and signed")
    result = subprocess.run([r.BUILD / "bin/ceremony", "resume", evidence, "--site", work / "site", "--trust",
                             f"{evidence}.trust", "--headless", "--answers", work / "answers.yaml"], text=True,
                            capture_output=True, check=False)
    check(result.returncode == 0, f"declined, then resumed: {result.stderr}")


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
    report = (evidence / "certificates/PRACTICE-sign-batch/refused.txt").read_text()
    refused = [line for line in results(evidence) if line["verdict"] == "refused"]
    check(f"\n{len(refused)} of {len(results(evidence))} items were refused.\n" in report, "the report counts otherwise")
    for line in refused:
        entry = report.split(f"\nItem {line['index'] + 1}, ")[1].split("\nItem ")[0]
        check(entry.startswith(line["item"]) and f"\n  {line['codes'][0]}: " in entry and "What to do: " in entry,
              f"the report says of {line['item']}: {entry}")
    check(seen == len(cases), f"{seen} of {len(cases)} requests were decided")
    for path in ("results.jsonl", "transcript.jsonl", "ledger.jsonl",
                 "certificates/PRACTICE-sign-batch/refused.txt"):
        text = (evidence / path).read_text()
        check(all(c == "\n" or (ord(c) >= 32 and not 127 <= ord(c) < 160 and not 0x200b <= ord(c) <= 0x200f
                                and not 0x202a <= ord(c) <= 0x202e and not 0x2066 <= ord(c) <= 0x2069) for c in text),
              f"a raw control stands in {path}")
    check(audit(evidence).returncode == 0, f"the hostile batch: {audit(evidence).stdout}")


def run_site(work, evidence, inputs, script=r.SOURCE / "scripts/sign-requests.yaml"):
    """sign-requests as the site stands, with these inputs."""
    environment = work / "site/environment.yaml"
    before, rest = environment.read_text().split("inputs:\n")
    rows = "".join(f'  {name}:\n    path: "{path}"\n' for name, path in inputs.items())
    environment.write_text(f"{before}inputs:\n{rows}media:{rest.split('media:')[1]}")
    return subprocess.run([r.BUILD / "bin/ceremony", "run", script, "--site", work / "site",
                           "--evidence", evidence, "--trust", f"{evidence}.trust", "--headless",
                           "--answers", work / "answers.yaml"], text=True, capture_output=True, check=False)


def listed(work):
    """A key of CVE-2008-0166 is one that stands in a list: named with the list, and without it the check is said not
    to be performed (R66). Another list than badkeysdata.json is for is refused."""
    subprocess.run([r.SOURCE / "scripts/dev/make-site", "sign-requests", work], check=True)
    keys = work / "keys"
    keys.mkdir()
    blocks = [hashlib.sha256(bytes([i])).digest()[:15] + b"\2" for i in range(1, 100)]
    for name in ("weak", "good"):
        subprocess.run(["openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", work / f"{name}.key", "-out",
                        keys / f"{name}.pem", "-subj", f"/CN=the {name} one"], check=True, capture_output=True)
    modulus = subprocess.run(["openssl", "rsa", "-in", work / "weak.key", "-noout", "-modulus"], check=True,
                             capture_output=True, text=True).stdout.strip().split("=")[1]
    blocks.append(hashlib.sha256(bytes.fromhex(modulus)).digest()[:15] + b"\1")
    path = work / "list/blocklist.dat"
    path.parent.mkdir()
    path.write_bytes(b"".join(sorted(blocks)))
    about = {"bkformat": 0, "date": "2026-11-20", "blocklist_sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    (path.parent / "badkeysdata.json").write_text(json.dumps({**about, "blocklist_sha256": "0" * 64}))
    inputs = {"sign-batch": keys, "known-keys": path}
    result = run_site(work, work / "listed-not", inputs)
    check(result.returncode == 3 and "known keys" in result.stderr, f"another list: {result.stderr}")
    (path.parent / "badkeysdata.json").write_text(json.dumps(about))
    evidence = work / "listed-not"
    result = subprocess.run([r.BUILD / "bin/ceremony", "resume", evidence, "--site", work / "site", "--trust",
                             f"{evidence}.trust", "--headless", "--answers", work / "answers.yaml"], text=True,
                            capture_output=True, check=False)
    check(result.returncode == 0, f"with a list: {result.stderr}")
    check({line["item"]: (line["verdict"], line["codes"]) for line in results(evidence)}
          == {"good.pem": ("issued", []), "weak.pem": ("refused", ["key-listed"])}, f"with a list: {results(evidence)}")
    check(blocklist_of(evidence) == {"sha256": about["blocklist_sha256"], "date": "2026-11-20", "count": 100},
          f"the list is recorded as {blocklist_of(evidence)}")
    check(audit(evidence).returncode == 0, f"with a list: {audit(evidence).stdout}")
    evidence = work / "unlisted"
    result = run_site(work, evidence, {"sign-batch": keys})
    check(result.returncode == 0, f"without a list: {result.stderr}")
    check([line["verdict"] for line in results(evidence)] == ["issued-before", "issued"], "without a list")
    check(blocklist_of(evidence) == {}, "a check that was not performed is recorded as one")


def renewed(work):
    """A name that had a certificate comes with another key, and one stands twice: the review knows what the line would
    refuse, and people agree to the number that is signed (R71)."""
    keys = work / "renewed"
    keys.mkdir()
    for name, subject in (("again", "the good one"), ("once", "a new one"), ("twice", "a new one")):
        subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                        work / f"{name}.key", "-out", keys / f"{name}.pem", "-subj", f"/CN={subject}"],
                       check=True, capture_output=True)
    evidence, scripts = work / "renewals", work / "scripts"
    shutil.copytree(r.SOURCE / "scripts/profiles", scripts / "profiles")
    text = (r.SOURCE / "scripts/sign-requests.yaml").read_text()
    check('        repeats: "yes"\n' in text, "the script declares nothing")
    (scripts / "sign-requests.yaml").write_text(text.replace('        repeats: "yes"\n', ""))
    result = run_site(work, evidence, {"sign-batch": keys}, scripts / "sign-requests.yaml")
    check(result.returncode == 0, f"renewals: {result.stderr}")
    check({line["item"]: (line["verdict"], line["codes"]) for line in results(evidence)}
          == {"again.pem": ("refused", ["ledger-serial"]), "once.pem": ("issued", []),
              "twice.pem": ("refused", ["duplicate-serial", "duplicate-subject"])}, f"renewals: {results(evidence)}")
    check(announced(evidence)["accepted"] == 1, f"people were shown {announced(evidence)}")
    check(audit(evidence).returncode == 0, f"renewals: {audit(evidence).stdout}")


def beside_the_profile(work):
    """A serial number that the profile does not take: told in the review, before anybody agrees to a number (R68)."""
    subprocess.run([r.SOURCE / "scripts/dev/make-site", "device-batch", work], check=True)
    text = subprocess.run([r.SOURCE / "scripts/dev/make-requests", "5"], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    (work / "devices.jsonl").write_text(text.replace('"serial":"XY-', '"serial":"XP-').replace("XP-0000003", "xp 3"))
    evidence = work / "beside"
    result = subprocess.run([r.BUILD / "bin/ceremony", "run", r.SOURCE / "scripts/device-batch.yaml", "--site", work / "site",
                             "--evidence", evidence, "--trust", f"{evidence}.trust", "--headless", "--answers",
                             work / "answers.yaml"], text=True, capture_output=True, check=False)
    check(result.returncode == 0, f"beside the profile: {result.stderr}")
    codes = [line["codes"] for line in results(evidence)]
    check(sorted(codes) == [[]] * 4 + [["profile-values"]], f"beside the profile: {results(evidence)}")
    check((announced(evidence)["accepted"], announced(evidence)["refused"]) == (4, 1),
          f"people were shown {announced(evidence)}")
    remark = next(line["remark"] for line in results(evidence) if line["codes"])
    check("serial" in remark, f"what is wrong with it: {remark}")
    check(audit(evidence).returncode == 0, f"beside the profile: {audit(evidence).stdout}")


def announced(evidence):
    return next(record["data"] for record in map(json.loads, (evidence / "transcript.jsonl").open())
                if record["type"] == "intent" and record["data"].get("does") == "sign-requests")


def blocklist_of(evidence):
    return announced(evidence)["blocklist"]


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
            declined(work)
            again(work)
            hostile(work)
            listed(work)
            renewed(work)
            beside_the_profile(work)
            killed(work)
            stopped(work)
            changed(evidence)
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
