#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keys that are made for devices, end to end: stock openssl opens the envelope, unwraps every key, and each fits its
certificate; nothing of a key is in clear anywhere; killed and resumed no key is lost or made twice; a second
run makes nothing; another certificate than the approved one gets no key (R69, R71)."""
import base64
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
from device_keys import FOLDER, opened, scalar  # noqa: E402

FAULTS = []
COUNT = 40


def check(good, text):
    if not good:
        FAULTS.append(text)
        print(f"FAULT: {text}", file=sys.stderr)


def openssl(*words, data=None):
    result = subprocess.run(["openssl", *map(str, words)], input=data, capture_output=True, check=False)
    check(result.returncode == 0, f"openssl {words[0]}: {result.stderr.decode()}")
    return result.stdout


def run(work, evidence, task="run", name="device-keys"):
    what = r.SOURCE / f"scripts/{name}.yaml" if task == "run" else evidence
    command = [r.CEREMONY, task, what, "--site", work / "site", "--trust", f"{evidence}.trust", "--headless",
               "--answers", work / "answers.yaml"]
    return command + (["--evidence", evidence] if task == "run" else [])


def call(command):
    return subprocess.run(command, text=True, capture_output=True, check=False)


def audit(evidence):
    return call([r.AUDIT, "verify", evidence, "--trust", f"{evidence}.trust"])


def results(evidence):
    return [json.loads(line) for line in (evidence / "results.jsonl").read_text().splitlines()]


def certificates(evidence):
    """PEM by device, as openssl names its serialNumber."""
    found = {}
    for path in sorted((evidence / "certificates/PRACTICE-sign-batch").glob("0*.pem")):
        for block in path.read_text().split("-----END CERTIFICATE-----\n")[:-1]:
            pem = (block + "-----END CERTIFICATE-----\n").encode()
            subject = openssl("x509", "-noout", "-subject", "-nameopt", "multiline", data=pem).decode()
            found[subject.split("serialNumber")[1].split("=")[1].split()[0]] = pem
    return found


def check_keys(work, evidence, count=COUNT):
    """Every key of the first block fits its certificate; no two are the same."""
    wrapping, keys = opened(work, evidence)
    check(len(wrapping) == 32, f"a wrapping key of {len(wrapping)} octets")
    pems = certificates(evidence)
    check(len(keys) == count and len({key for _, key in keys}) == count, f"{len(keys)} keys, or two are the same")
    for device, key in keys:
        public = openssl("pkey", "-inform", "DER", "-pubout", data=key)
        check(public == openssl("x509", "-noout", "-pubkey", data=pems[device]), f"{device}: the key does not fit")
    openssl("pkey", "-inform", "DER", "-check", "-noout", data=keys[0][1])
    return wrapping, keys


def check_nothing_clear(work, wrapping, keys):
    """I6: neither a wrapping key nor a private key in anything that was written, in bytes, hex or base64."""
    secrets = [wrapping] + [scalar(key) for _, key in keys]
    known = [form for secret in secrets for form in (secret, secret.hex().encode(), base64.b64encode(secret)[:40])]
    numbers = openssl("pkey", "-inform", "DER", "-text", "-noout", data=keys[0][1]).decode()
    private = "".join(numbers.split("priv:")[1].split("pub:")[0].split()).replace(":", "")
    check(private == scalar(keys[0][1]).hex(), "the test looks for something else than the private key")
    for path in work.rglob("*"):
        if path.is_file() and not path.is_symlink():
            contents = path.read_bytes()
            check(not any(form in contents for form in known), f"a key stands in clear in {path}")


def check_second(work):
    """The same list again: no key, no certificate, and it is said what was made."""
    evidence = work / "again"
    result = call(run(work, evidence))
    check(result.returncode == 0, f"a second batch: {result.stderr}")
    check({line["verdict"] for line in results(evidence)} == {"issued-before"}, "the second batch is not told as such")
    check(not list((evidence / FOLDER).glob("*")), "the second batch made keys")
    check(audit(evidence).returncode == 0, f"the second batch: {audit(evidence).stdout}")


def open_blocks(work):
    database = sqlite3.connect(f"file:{work}/site/ledger.db?mode=ro", uri=True)
    try:
        return database.execute("SELECT sum(kind = 'certificates-reserve') - sum(kind = 'certificates-issue')"
                                " FROM blocks").fetchone()[0] or 0
    except sqlite3.OperationalError:  # being written
        return 0
    finally:
        database.close()


def check_killed(work, count=2000):
    """Killed while it signs: the resumed block has the very keys that were made before the kill, and goes to the
    certificate that was approved or to none."""
    manifest = call([r.SOURCE / "scripts/dev/make-requests", "--list", str(count)]).stdout
    (work / "devices.jsonl").write_text(manifest.replace('"serial":"XY-', '"serial":"XZ-') + '{"line":"A"}\n')
    evidence = work / "killed"
    process = subprocess.Popen(run(work, evidence), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and open_blocks(work) == 0:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    check(process.wait() == -9, "it was not killed while it signed")
    journals = [path.read_bytes() for path in work.glob("site/batches/*/journal/block-*")]
    check(len(journals) == 1, f"{len(journals)} journals")
    shutil.copy(work / "factory.pem", work / "right.pem")
    shutil.copy(next(work.glob("site/people/*.pem")), work / "factory.pem")
    result = call(run(work, evidence, "resume"))
    check(result.returncode == 3 and "not the one that was approved" in result.stderr, f"redirected: {result.stderr}")
    shutil.move(work / "right.pem", work / "factory.pem")
    result = call(run(work, evidence, "resume"))
    check(result.returncode == 0, f"resume: {result.stdout} {result.stderr}")
    lines = results(evidence)
    check([line["verdict"] for line in lines] == ["issued"] * count + ["refused"], "the resumed batch is not whole")
    check(lines[-1]["codes"] == ["manifest-line"], f"a line without a device: {lines[-1]}")
    check(any(line["resigned"] for line in lines), "nothing was signed again")
    for line in (evidence / FOLDER / "000001.jsonl").read_text().splitlines():
        check(any(base64.b64decode(json.loads(line)["key"]) in journal for journal in journals),
              "a key was made anew")
    check(not list(work.glob("site/batches/*/journal/block-*")), "a journal is left")
    check(audit(evidence).returncode == 0, f"the resumed batch: {audit(evidence).stdout}")


def check_audited(work, evidence):
    """A wrapped key that is missing is found by the batch's own check; a public extract has none and is whole."""
    path = evidence / FOLDER / "000001.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole.split(b"\n", 1)[1])
    result = audit(evidence)
    check(result.returncode == 4 and "batches                    FAULT" in result.stdout, f"lost: {result.stdout}")
    path.write_bytes(whole)
    public = work / "public"
    check(call([r.AUDIT, "extract", evidence, public]).returncode == 0, "no extract")
    check(not (public / "device-keys").exists(), "the extract has keys")
    result = call([r.AUDIT, "verify", public, "--trust", f"{evidence}.trust"])
    check(result.returncode == 0, f"extract: {result.stdout}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        evidence = work / "evidence"
        result = call([r.SOURCE / "scripts/rehearse", "device-keys", "--no-build", "--headless", "--work", work,
                       "--evidence", evidence, "--count", str(COUNT), "--line", "A", "--operators", "3"])
        check(result.returncode == 0, f"rehearse: {result.stdout} {result.stderr}")
        if result.returncode != 0:
            return 1
        check(audit(evidence).returncode == 0, f"audit: {audit(evidence).stdout}")
        intent = next(record["data"] for record in map(json.loads, (evidence / "transcript.jsonl").open())
                      if record["data"].get("does") == "sign-requests" and record["type"] == "intent")
        origin = {key: intent["origin"][key] for key in ("method", "transfer", "line", "shift", "operators", "key")}
        check(origin == {"method": "bamboo", "transfer": "mechanical", "line": "A", "shift": "not stated",
                         "operators": "3", "key": "ec-p256"}, f"the origin is recorded as {origin}")
        wrapping, keys = check_keys(work, evidence)
        check_second(work)
        check_killed(work)
        check_nothing_clear(work, wrapping, keys)
        check_audited(work, evidence)
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
