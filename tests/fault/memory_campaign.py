#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lets each allocation of the program fail in a ceremony (the root's, unless --rehearsal names another), alone or with all that follow (T6); then resumes it
with memory enough, and looks at the invariants. Allocations of the libraries go well.

usage: memory_campaign.py [--rehearsal NAME] [--kinds once,onward] [--places] [--only N,N] [--every N] [--offset N] [--jobs N]

--places takes of the allocations that the same calls led to (a loop over a hundred rows, a record like those before) the first
alone, and the kinds in turn.
"""
import argparse
import itertools
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support/py"))
import campaign  # noqa: E402
import rehearsal as r  # noqa: E402

MEMORY = r.BUILD / "tests" / "memory_module.so"
KINDS = {"once": "", "onward": "+"}


def allocations(name):
    """The place of each allocation of a ceremony in which nothing goes wrong."""
    with r.Rehearsal(name) as one:
        log = one.folder / "log"
        result = one.run(env={"LD_PRELOAD": str(MEMORY), "MEMORY_LOG": str(log)})
        if result.returncode != 0:
            raise SystemExit(f"the ceremony does not run through the module: {result.stderr}")
        r.check_ended(one)
        return log.read_text().splitlines()


def one_case(number, kind, name):
    with r.Rehearsal(name) as one:
        try:
            result = one.run(env={"LD_PRELOAD": str(MEMORY), "MEMORY_AT": f"{number}{KINDS[kind]}"})
            if result.returncode == 0:
                r.check_ended(one)
                return "tolerated", None
            r.check_failed_plainly(result)
            if "[bug]" in result.stderr or "mistake in the program" in result.stderr:
                raise r.Broken(f"I7: {result.stderr.strip()}")
            return campaign.end_it(one), None
        except r.Broken as broken:
            return "broken", str(broken)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--only", default="", help="numbers of allocations, to run broken cases again")
    parser.add_argument("--places", action="store_true")
    parser.add_argument("--rehearsal", default="root-ca")
    campaign.sizes(parser)
    arguments = parser.parse_args()
    name = arguments.rehearsal
    done = allocations(name)
    kinds = arguments.kinds.split(",")
    numbers = ([int(number) for number in arguments.only.split(",") if number] or
               (campaign.first_of_each(done) if arguments.places else range(1, len(done) + 1))
               [arguments.offset::arguments.every])
    turn = itertools.cycle(kinds)
    cases = ([(number, next(turn)) for number in numbers] if arguments.every > 1 or arguments.places else
             [(number, kind) for number in numbers for kind in kinds])
    ends = campaign.go_through(cases, lambda case: one_case(*case, name), lambda case: f"allocation {case[0]} {case[1]}",
                               arguments.jobs)
    return campaign.close(len(cases), ends["broken"],
                          f"{name}: {len(cases)} cases over {len(done)} allocations at {len(set(done))} places: {campaign.listed(ends)}")


if __name__ == "__main__":
    sys.exit(main())
