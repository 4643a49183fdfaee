#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lets each file operation of a ceremony go wrong: a full disk, a medium that fails, half a write, a kill before or
after, and a power cut that takes whatever was not flushed (T3, T4, T5). Then the ceremony is resumed without the
fault, and the invariants are looked at.

usage: io_campaign.py [--rehearsal NAME] [--kinds K,K] [--places] [--in-turn] [--only N,N] [--every N] [--offset N] [--jobs N]

--places takes of the operations that the same calls led to (a loop over many files, a page of the ledger) the first alone.

--in-turn takes one kind at each operation: the next one that fits there.
"""
import argparse
import itertools
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support/py"))
import campaign  # noqa: E402
import rehearsal as r  # noqa: E402

IO = r.BUILD / "tests" / "io_module.so"
SPACE = {"create", "write", "flush", "truncate", "rename", "link", "mkdir"}
CHANGES = SPACE | {"unlink"}
ALL = CHANGES | {"open", "read"}
# name: what the module is told (@ is the number), and the operations at which it is tried
KINDS = {
    "full-once": ("ENOSPC@", SPACE),
    "full": ("ENOSPC@+", SPACE),
    "quota": ("EDQUOT@+", SPACE),
    "medium-once": ("EIO@", ALL),
    "medium": ("EIO@+", ALL),
    "short": ("short@", {"write"}),
    "short-then-full": ("short@+", {"write"}),
    "kill": ("kill@", CHANGES),
    "kill-after": ("killafter@", CHANGES),
    "cut": ("cut@", CHANGES),
}
FAULTS = "full-once,full,quota,medium-once,medium,short,short-then-full"


def environment(one, **more):
    return {"LD_PRELOAD": str(IO), "IO_ROOT": str(one.folder), "IO_SHADOW": f"{one.folder}-shadow", **more}


def operations(name):
    """[(kind, place, path)] of a ceremony in which nothing goes wrong."""
    with r.Rehearsal(name) as one:
        log = pathlib.Path(f"{one.folder}-log")
        result = one.run(env=environment(one, IO_LOG=str(log)))
        if result.returncode != 0:
            raise SystemExit(f"the ceremony does not run through the module: {result.stderr}")
        r.check_ended(one)
        rows = [line.split(" ", 3) for line in log.read_text().splitlines()]
        log.unlink()
        return [(kind, place, path) for _, kind, place, path in rows]


def after_fault(one, result, kind):
    if result.returncode == 0:
        if kind.startswith(("kill", "cut")):
            return "not reached"  # a run's last operations differ by a few
        r.check_ended(one)
        return "tolerated"
    if result.returncode != -9:
        r.check_failed_plainly(result)
        if "[bug]" in result.stderr or "mistake in the program" in result.stderr:
            raise r.Broken(f"I7: {result.stderr.strip()}")
    return campaign.end_it(one)


def one_case(name, number, kind):
    with r.Rehearsal(name) as one:
        rule = KINDS[kind][0].replace("@", f"@{number}")
        try:
            result = one.run(env=environment(one, IO_FAULT=rule))
            return after_fault(one, result, kind), None
        except r.Broken as broken:
            return "broken", str(broken)
        finally:
            r.shutil.rmtree(f"{one.folder}-shadow", ignore_errors=True)


def choose(done, kinds, arguments):
    """Every kind at every operation that it fits; in a sample, the kinds in turn."""
    numbers = [int(number) for number in arguments.only.split(",") if number]
    if numbers:
        return [(number, kind) for number in numbers for kind in kinds]
    numbers = campaign.first_of_each([(kind, place) for kind, place, _ in done]) if arguments.places else range(1, len(done) + 1)
    fitting = [[kind for kind in kinds if done[number - 1][0] in KINDS[kind][1]] for number in numbers]
    if arguments.in_turn:
        return [(number, fit[turn % len(fit)]) for turn, (number, fit) in enumerate(zip(numbers, fitting)) if fit]
    if arguments.every == 1:
        return [(number, kind) for number, fit in zip(numbers, fitting) for kind in fit]
    turn = itertools.cycle(kinds)
    sample = []
    for start in range(arguments.offset, len(done), arguments.every):
        kind = next(turn)
        fitting = [number for number in range(start + 1, len(done) + 1) if done[number - 1][0] in KINDS[kind][1]]
        sample += [(number, kind) for number in fitting[:1]]
    return sample


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rehearsal", default="root-ca")
    parser.add_argument("--kinds", default=FAULTS)
    parser.add_argument("--places", action="store_true")
    parser.add_argument("--in-turn", action="store_true")
    parser.add_argument("--only", default="", help="numbers of operations, to run broken cases again")
    campaign.sizes(parser)
    arguments = parser.parse_args()
    name = arguments.rehearsal
    done = operations(name)
    cases = choose(done, arguments.kinds.split(","), arguments)
    ends = campaign.go_through(cases, lambda case: one_case(name, *case),
                               lambda case: f"operation {case[0]} ({done[case[0] - 1][0]} {done[case[0] - 1][2]}) {case[1]}",
                               arguments.jobs)
    return campaign.close(len(cases), ends["broken"],
                          f"{name}: {len(cases)} cases over {len(done)} operations at "
                          f"{len({row[:2] for row in done})} places: {campaign.listed(ends)}")


if __name__ == "__main__":
    sys.exit(main())
