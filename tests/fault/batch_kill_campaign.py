#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills the signing line at chance moments, resumes it, and looks at the invariants.

Each round signs a batch on SoftHSM, gets SIGKILL once or more often, and is run again until it ends by
itself. After each kill what is there must be explained by the ledger; at the end every item is there
once. The moments follow from --seed.

usage: batch_kill_campaign.py [--kills N] [--count N] [--seed N] [--form 0|1|2]
"""
import argparse
import base64
import collections
import hashlib
import json
import os
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

BUILD = pathlib.Path(os.environ.get("BUILD_DIR", "build")).resolve()
DRIVER = BUILD / "tests" / "batch_driver"

class Broken(Exception):
    pass


def need(condition, what):
    if not condition:
        raise Broken(what)


class Table:
    """A token store and a folder for the line, both of one round."""

    def __init__(self, folder, args):
        self.folder, self.args = folder, args
        self.work = folder / "work"
        self.env = dict(os.environ, SOFTHSM2_CONF=str(folder / "softhsm2.conf"))

    def make(self):
        (self.folder / "tokens").mkdir()
        self.work.mkdir()
        (self.folder / "softhsm2.conf").write_text(
            f"directories.tokendir = {self.folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
        subprocess.run([DRIVER, "make", self.work, "ec-p256"], env=self.env, check=True)
        shutil.copytree(self.work, self.folder / "fresh")
        shutil.copytree(self.folder / "tokens", self.folder / "fresh-tokens")

    def renew(self):
        shutil.rmtree(self.work)
        shutil.copytree(self.folder / "fresh", self.work)

    def mend_token(self):
        """A kill in C_Login can empty SoftHSM's token.object; a ceremony puts its copy back."""
        empty = [path for path in (self.folder / "tokens").rglob("token.object") if path.stat().st_size == 0]
        for path in empty:
            shutil.copy(self.folder / "fresh-tokens" / path.relative_to(self.folder / "tokens"), path)
        return len(empty)

    def start(self):
        args = self.args
        return subprocess.Popen(
            [DRIVER, "run", self.work, f"count={args.count}", "block=150", "refuse=7", "workers=3", "quick=1",
             f"form={args.form}", "sample=200"],
            env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def ledger(self, sql):
        # For writing, since a transaction that was cut off must be rolled back, as the program would.
        database = sqlite3.connect(self.work / "ledger.db")
        try:
            return database.execute(sql).fetchall()
        finally:
            database.close()

    def results(self, whole):
        raw = (self.work / "results.jsonl")
        if not raw.exists():
            return []
        lines = raw.read_bytes().split(b"\n")
        need(not whole or lines[-1] == b"", "I3: results.jsonl ends in the middle of a line")
        return [json.loads(line) for line in lines[:-1]]


def certificates(table):
    """SHA-256 of every certificate under a final name."""
    found = []
    for path in sorted((table.work / "certificates").rglob("*")):
        if path.is_dir() or ".tmp" in str(path.relative_to(table.work)):
            continue
        data = path.read_bytes()
        for block in re.findall(rb"-----BEGIN CERTIFICATE-----\n(.*?)-----END CERTIFICATE-----\n", data, re.S):
            der = base64.b64decode(block)
            found.append((hashlib.sha256(der).hexdigest(), der))
    return found


def tbs_hash(der):
    """The second element of a certificate's SEQUENCE is told apart by lengths alone."""
    def header(at):
        first = der[at + 1]
        if first < 0x80:
            return 2, first
        count = first & 0x7F
        return 2 + count, int.from_bytes(der[at + 2:at + 2 + count], "big")
    outer, _ = header(0)
    inner, length = header(outer)
    return hashlib.sha256(der[outer:outer + inner + length]).hexdigest()


def check_after_kill(table):
    """What exists is reserved (I1), what is issued exists (I2), names are whole (I5)."""
    reserved = {row[0].hex() for row in table.ledger("SELECT tbs FROM block_certificates")}
    issued = {row[0].hex() for row in table.ledger("SELECT certificate FROM block_issued")}
    serials = [row[0] for row in table.ledger("SELECT serial FROM block_certificates")]
    devices = [row[0] for row in table.ledger("SELECT device FROM block_certificates")]
    need(len(set(serials)) == len(serials), "I2: a serial number stands twice in the ledger")
    need(len(set(devices)) == len(devices), "I2: a device stands twice in the ledger")
    there = certificates(table)
    for _, der in there:
        need(tbs_hash(der) in reserved, "I1: a certificate that the ledger lacks")
    hashes = {one[0] for one in there}
    need(issued <= hashes, "I2: the ledger holds a certificate that is nowhere")
    return there


def check_end(table, totals):
    count = table.args.count
    refused = (count + 6) // 7
    there = check_after_kill(table)
    results = table.results(True)
    issued = [row for row in results if row["verdict"] == "issued"]
    need([row["index"] for row in results] == list(range(count)), "I2: an item is missing or stands twice")
    need(len(issued) == count - refused == totals["issued"], f"I2: {len(issued)} certificates, {totals}")
    need(collections.Counter(row["certificate_sha256"] for row in issued)
         == collections.Counter(one[0] for one in there), "I2: results and files differ")
    need(sum(row["resigned"] for row in results) == totals["resigned"], "the totals miscount resigned lines")
    rows = {(serial.hex(), tbs.hex(), certificate.hex()) for serial, tbs, certificate in table.ledger(
        "SELECT serial, tbs, certificate FROM block_certificates JOIN block_issued USING (row)")}
    need(rows == {(row["serial"], row["tbs_sha256"], row["certificate_sha256"]) for row in issued},
         "I1: results and ledger differ")
    need(table.ledger("SELECT count(*) FROM block_certificates")[0][0] == len(issued),
         "I2: serial numbers were reserved and not used")
    need(not list(table.work.rglob("*.tmp")), "I5: half files are left")
    need(not list((table.work / "journal").iterdir()), "the journal is not empty")
    verified = subprocess.run([DRIVER, "verify", table.work], env=table.env, capture_output=True, text=True)
    need(verified.returncode == 0 and json.loads(verified.stdout)["verified"] == len(issued),
         f"a certificate does not verify: {verified.stderr}")


def one_round(table, chance, length, counts):
    """The number of kills that met the program alive."""
    kills = 0
    table.renew()
    while True:
        process = table.start()
        if kills < 3 and chance.random() < 0.85:
            time.sleep(chance.uniform(0, length))
        else:
            process.wait()
        killed = process.poll() is None
        if killed:
            process.kill()
        out, err = process.communicate()
        if not killed:
            need(process.returncode == 0, f"I8: it ended with {process.returncode}: {err}")
            counts["resigned"] += json.loads(out)["resigned"]
            check_end(table, json.loads(out))
            return kills
        kills += 1
        counts["tokens"] += table.mend_token()
        check_after_kill(table)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--form", type=int, default=0)
    args = parser.parse_args()
    chance = random.Random(args.seed)
    counts = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        table = Table(pathlib.Path(folder), args)
        table.make()
        table.renew()
        started = time.monotonic()
        out, err = table.start().communicate()
        length = time.monotonic() - started
        if not out:
            raise SystemExit(f"the line does not even run: {err}")
        check_end(table, json.loads(out))
        while counts["kills"] < args.kills:
            try:
                counts["kills"] += one_round(table, chance, length, counts)
                counts["rounds"] += 1
            except Broken as broken:
                keep = pathlib.Path(tempfile.mkdtemp(prefix="batch-kill-"))
                shutil.copytree(folder, keep / "table")
                print(f"seed {args.seed}, round {counts['rounds'] + 1}: {broken}; kept in {keep}")
                return 1
    print(f"{counts['kills']} kills in {counts['rounds']} batches of {args.count}, "
          f"{counts['resigned']} certificates signed again, {counts['tokens']} emptied token files put back: "
          "all invariants hold")
    print(f"campaign: cases={counts['kills']} broken=0")
    return 0


if __name__ == "__main__":
    sys.exit(main())
