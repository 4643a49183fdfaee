#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills a ceremony at its flushes, resumes it, and looks at the invariants.

The whole campaign kills before and after each flush; a sample takes the two in turn, and so does --in-turn for each
flush (after one flush and before the next differ only by what was not made durable).

usage: kill_campaign.py [--rehearsal NAME] [--every N] [--offset N] [--in-turn] [--jobs N]
"""
import argparse
import concurrent.futures
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support/py"))
import rehearsal as r  # noqa: E402

KILL = r.BUILD / "tests" / "kill_module.so"


def count_flushes(name):
    with r.Rehearsal(name) as one:
        counter = one.folder / "count"
        result = one.run(env={"LD_PRELOAD": str(KILL), "KILL_COUNT": str(counter)})
        if result.returncode != 0:
            raise SystemExit(f"the ceremony does not even run: {result.stderr}")
        r.check_ended(one)
        return int(counter.read_text())


def kill_at(name, point, after):
    """The verdict, or None when all holds."""
    with r.Rehearsal(name) as one:
        killed = one.run(env={"LD_PRELOAD": str(KILL), "KILL_AT": f"{point}{'+' if after else ''}"})
        if killed.returncode != -9:
            return f"was not killed: {killed.returncode} {killed.stderr}"
        try:
            return go_on(one)
        except r.Broken as broken:
            return str(broken)


def go_on(one):
    if not one.records():
        result = one.resume()
        if result.returncode != 1:
            return f"a folder without a record: {result.returncode} {result.stderr}"
        one.evidence = one.folder / "evidence-2"
        result = one.run()
    else:
        r.check_chain(one, one.records()[-1]["type"] == "closing")
        result = one.resume()
    if result.returncode != 0:
        last = one.records()[-1]
        return f"resume ended with {result.returncode}: {result.stderr.strip()} (after {last['type']})"
    r.check_ended(one)
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rehearsal", default="root-ca")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--offset", type=int, default=0)
    parser.add_argument("--in-turn", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    name = arguments.rehearsal
    total = count_flushes(name)
    flushes = range(1 + arguments.offset, total + 1, arguments.every)
    points = ([(point, point % 2 == 0) for point in flushes] if arguments.every > 1 or arguments.in_turn else
              [(point, after) for point in flushes for after in (False, True)])
    broken = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for (point, after), verdict in zip(points, pool.map(lambda p: kill_at(name, *p), points)):
            if verdict is not None:
                broken += 1
                print(f"flush {point}{'+' if after else ''}: {verdict}", flush=True)
    print(f"{name}: {len(points)} kills over {total} flushes, {broken} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
