#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the signing line beside what it stands on and beside openssl ca, all in one run; prints a table.

Figures are medians over the rounds, in microseconds of CPU time for one certificate, which other work on the machine
disturbs least; the rate is certificates in a second of wall-clock time, and says little on a shared machine.

usage: BUILD_DIR=build tests/bench/batch_bench.py [--rounds N] [--count N] [--keys TYPE,...] [--growth N,...]
"""
import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

BUILD = pathlib.Path(os.environ.get("BUILD_DIR", "build")).resolve()
DRIVER = BUILD / "tests" / "batch_driver"
FAULT = BUILD / "tests" / "fault_module.so"
SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"
CONFIGURATION = """
[ca]
default_ca = this
[this]
database = {folder}/index.txt
new_certs_dir = {folder}/certs
serial = {folder}/serial
certificate = {folder}/issuer.pem
default_md = sha256
default_days = 3650
policy = any
unique_subject = no
x509_extensions = device
[any]
serialNumber = supplied
[device]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[req]
distinguished_name = none
[none]
"""


class Token:
    """A SoftHSM store with an issuing key, and a folder for the line."""

    def __init__(self, folder, key):
        self.folder, self.work = folder, folder / "work"
        (folder / "tokens").mkdir(parents=True)
        self.work.mkdir()
        configuration = folder / "softhsm2.conf"
        configuration.write_text(
            f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
        self.env = dict(os.environ, SOFTHSM2_CONF=str(configuration))
        self.seed = 0
        self.call("make", key)

    def call(self, word, *options, **env):
        return subprocess.run([DRIVER, word, self.work, *options], env={**self.env, **env}, check=True,
                              capture_output=True, text=True).stdout

    def bare(self, count):
        return json.loads(self.call("bare", str(count)))

    def run(self, count, *options, **env):
        """A batch of its own on the same ledger."""
        self.seed += 1
        (self.work / "results.jsonl").unlink(missing_ok=True)
        return json.loads(self.call("run", f"count={count}", "quick=1", "repeats=1", f"seed={self.seed}",
                                    f"batch={self.seed}", "sample=0", *options, **env))


def median(values):
    return statistics.median(values)


def cpu_of(command, **options):
    """CPU and wall-clock seconds of a child."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime), time.monotonic() - start


def line(folder, key, args):
    token = Token(folder / key, key)
    bare, runs = [], []
    for _ in range(args.rounds):
        bare.append(token.bare(500))
        runs.append(token.run(args.count))
    sign, verify = (median([one[name] for one in bare]) for name in ("sign_us", "verify_us"))
    cpu = median([run["cpu"] / args.count * 1e6 for run in runs])
    rate = median([args.count / run["seconds"] for run in runs])
    bound = sign + verify
    print(f"| {key} | {sign:.0f} | {verify:.0f} | {cpu:.0f} | {100 * bound / cpu:.0f} % | {rate:.0f} |"
          f" {max(run['kib'] for run in runs) // 1024} MiB |", flush=True)
    return cpu


def growth(folder, args):
    for count in args.growth:
        run = Token(folder / f"growth-{count}", "ec-p256").run(count)
        print(f"| {count} | {run['cpu'] / count * 1e6:.0f} | {run['kib'] // 1024} MiB |", flush=True)


def slow(folder):
    token = Token(folder / "slow", "ec-p256")
    run = token.run(6000, "workers=16", BATCH_MODULE=str(FAULT), CEREMONY_FAULT_TARGET=SOFTHSM,
                    CEREMONY_FAULT="C_Sign@1+=delay:5")
    rate = 6000 / run["seconds"]
    print(f"| 5 ms, 16 sessions | {rate:.0f} of 3200 a second | {100 * rate / 3200:.0f} % |", flush=True)


def openssl_ca(folder, count, rounds):
    """openssl ca -infiles with a file key: CPU time of one certificate."""
    home = folder / "ca"
    (home / "certs").mkdir(parents=True)
    (home / "requests").mkdir()
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "3650", "-subj", "/O=Example/CN=Issuing CA", "-keyout", home / "key.pem", "-out", home / "issuer.pem"],
                   check=True, stderr=subprocess.DEVNULL)
    (home / "openssl.cnf").write_text(CONFIGURATION.format(folder=home))
    rows = subprocess.run([pathlib.Path(__file__).resolve().parents[2] / "scripts/dev/make-requests", str(count)],
                          check=True, capture_output=True, text=True).stdout.splitlines()
    names = []
    for number, row in enumerate(rows):
        data = json.loads(row)
        body = data["request"]
        names.append(home / "requests" / f"{number}.pem")
        names[-1].write_text("-----BEGIN CERTIFICATE REQUEST-----\n"
                             + "\n".join(body[i:i + 64] for i in range(0, len(body), 64))
                             + "\n-----END CERTIFICATE REQUEST-----\n")
    costs = []
    for _ in range(rounds):
        (home / "index.txt").write_text("")
        (home / "serial").write_text("01\n")
        cpu, _ = cpu_of(["openssl", "ca", "-batch", "-notext", "-config", home / "openssl.cnf", "-keyfile",
                         home / "key.pem", "-subj", "/serialNumber=1", "-infiles", *names])
        costs.append(cpu / count * 1e6)
    return median(costs)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=10000)
    parser.add_argument("--keys", type=lambda text: text.split(","), default=["ec-p256", "ec-p384", "rsa-2048"])
    parser.add_argument("--growth", type=lambda text: [int(one) for one in text.split(",")], default=[1000, 10000, 100000])
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        print("| CA key | C_Sign | verify | line | bound reached | rate | memory |\n|---|---|---|---|---|---|---|")
        costs = {key: line(folder, key, args) for key in args.keys}
        print("\n| certificates | line | memory |\n|---|---|---|")
        growth(folder, args)
        print("\n| slow token | rate | reached |\n|---|---|---|")
        slow(folder)
        ca = openssl_ca(folder, 500, args.rounds)
        print(f"\nopenssl ca, file key, P-256: {ca:.0f}; {ca / costs['ec-p256']:.1f} times the line")
    return 0


if __name__ == "__main__":
    sys.exit(main())
