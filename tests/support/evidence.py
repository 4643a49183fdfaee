# SPDX-License-Identifier: Apache-2.0
#
# An evidence folder for the tests of ceremony-audit: made by scripts/rehearse, changed, and made
# consistent again as somebody would who has everything but the signers' keys.
import hashlib
import json
import os
import pathlib
import secrets
import shutil
import subprocess
import sys

SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
BUILD = pathlib.Path(os.environ["BUILD_DIR"])
AUDIT = BUILD / "bin/ceremony-audit"
UNSEALED = {"SHA256SUMS", "SHA256SUMS.p7s", "custodians.p7s"}


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def rehearse(folder, name="evidence", ceremony="root-ca", options=()):
    """A whole ceremony, and before it those that it goes on from; returns the evidence folder. Its trust
    file is beside it."""
    if not AUDIT.exists() or not (BUILD / "bin/ceremony").exists():
        skip("the programs are not built")
    if shutil.which("softhsm2-util") is None:
        skip("softhsm2 is not installed")
    evidence = folder / name
    done = subprocess.run(
        [SOURCE / "scripts/rehearse", ceremony, "--headless", "--no-build", "--evidence", evidence,
         "--work", folder / f"{name}.work", *options],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        print(done.stdout, done.stderr)
        raise SystemExit(f"scripts/rehearse ended with {done.returncode}")
    return evidence


def verify(folder, *options):
    """Exit status and the report as JSON."""
    done = subprocess.run([AUDIT, "verify", folder, "--json", *options], capture_output=True,
                          text=True, timeout=60)
    if done.returncode not in (0, 4, 5):
        raise SystemExit(f"verify ended with {done.returncode}: {done.stderr}")
    return done.returncode, json.loads(done.stdout)


def faults(report):
    return {row["check"]: row["faults"] for row in report["checks"] if row["state"] == "FAULT"}


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def read_records(folder):
    return [json.loads(line) for line in (folder / "transcript.jsonl").read_text().splitlines()]


def chain(records):
    """Numbers and hashes anew."""
    prev = "0" * 64
    elapsed = 0
    lines = []
    for number, record in enumerate(records, 1):
        record["seq"] = number
        record["prev"] = prev
        record["elapsed_ms"] = elapsed = max(elapsed, record["elapsed_ms"])
        line = (canonical(record) + "\n").encode()
        prev = hashlib.sha256(line).hexdigest()
        lines.append(line)
    return b"".join(lines)


def write_records(folder, records):
    (folder / "transcript.jsonl").write_bytes(chain(records))


def opened(folder, commitment):
    """The confidential value that a record names."""
    lines = map(json.loads, (folder / "confidential.jsonl").read_text().splitlines())
    return next(line["value"] for line in lines if line["commitment"] == commitment)


def commit(folder, about, value):
    """One more opening (docs/formats/transcript.md); returns what a record says of it."""
    salt = secrets.token_hex(32)
    digest = hashlib.sha256(b"ceremony commitment 1\n" + bytes.fromhex(salt) + canonical(value).encode()).hexdigest()
    with (folder / "confidential.jsonl").open("a") as lines:
        lines.write(canonical({"about": about, "commitment": digest, "salt": salt, "value": value}) + "\n")
    return digest


def write_ledger(folder, records, change):
    """The ledger with changed entries, chained anew, and all records that name it; before write_records."""
    path = folder / "ledger.jsonl"
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    before = sha256(path)
    change(entries)
    prev = "0" * 64
    heads = [prev]
    lines = []
    for number, entry in enumerate(entries, 1):
        entry.update(seq=number, prev=prev)
        lines.append((canonical(entry) + "\n").encode())
        prev = hashlib.sha256(lines[-1]).hexdigest()
        heads.append(prev)
    path.write_bytes(b"".join(lines))
    for record in records:
        data = record["data"]
        if data.get("file") == "ledger.jsonl" and data["sha256"] == before:
            data["sha256"] = sha256(path)
    records[-1]["data"]["outputs"]["ledger.jsonl"] = sha256(path)
    records[-1]["data"]["ledger"] = {"head": prev, "entries": len(entries)}
    records[0]["data"]["ledger"]["head"] = heads[records[0]["data"]["ledger"]["entries"]]


def write_sums(folder):
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    (folder / "SHA256SUMS").write_text("".join(
        f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n"
        for name in names if name not in UNSEALED and not name.startswith("addenda/")))


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()
