#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the signing line beside what it stands on, and beside other programs (batch_peers.py), in one run; prints tables.

Figures are medians over the rounds, in microseconds of CPU time for one certificate, which other work on the machine
disturbs least; the rate is certificates in a second of wall-clock time, and says little on a shared machine.

usage: BUILD_DIR=build tests/bench/batch_bench.py [--rounds N] [--count N] [--keys TYPE,...] [--growth N,...] [--peers N]
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import batch_peers

BUILD = pathlib.Path(os.environ.get("BUILD_DIR", "build")).resolve()
DRIVER = BUILD / "tests" / "batch_driver"
FAULT = BUILD / "tests" / "fault_module.so"
SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"


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
    return cpu, verify, rate


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


def peers(folder, args, cost, verify, rate):
    """Beside the line, with the check of possession (one more verification) that a ceremony's intake adds to it: its time
    by the clock is that of two workers on two processors."""
    ours = cost + verify
    clock = 1e6 / rate + verify / 2
    print(f"| the line, token, with possession | {ours:.0f} | 1.0 | {1e6 / clock:.0f} | 1.0 |")
    for name, other in batch_peers.measure(folder / "peers", Token(folder / "peer-token", "ec-p256"), args.peers,
                                           args.rounds):
        print(f"| {name} | {other[0]:.0f} | {other[0] / ours:.1f} | {1e6 / other[1]:.0f} | {other[1] / clock:.1f} |"
              if other else f"| {name} | not there | | | |", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=10000)
    parser.add_argument("--keys", type=lambda text: text.split(","), default=["ec-p256", "ec-p384", "rsa-2048"])
    parser.add_argument("--peers", type=int, default=500, help="requests for the peers; 0: leave them out")
    parser.add_argument("--growth", type=lambda text: [int(one) for one in text.split(",") if one], default=[1000, 10000, 100000])
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        print("| CA key | C_Sign | verify | line | bound reached | rate | memory |\n|---|---|---|---|---|---|---|")
        costs = {key: line(folder, key, args) for key in args.keys}
        print("\n| certificates | line | memory |\n|---|---|---|")
        growth(folder, args)
        print("\n| slow token | rate | reached |\n|---|---|---|")
        slow(folder)
        if args.peers > 0 and "ec-p256" in costs:
            print("\n| P-256, beside it | CPU time of one certificate | times the line | a second | the line is faster |\n"
                  "|---|---|---|---|---|")
            peers(folder, args, *costs["ec-p256"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
