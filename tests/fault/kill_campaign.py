#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills a ceremony at its flushes, resumes it, and looks at the invariants.

The whole campaign kills before and after each flush; a sample takes the two in turn, and so does --in-turn for each
flush (after one flush and before the next differ only by what was not made durable).

--records takes the flushes of the transcript alone: one for each record, and so each state that a resumed run can find.

--abort aborts it instead, at once.

usage: kill_campaign.py [--rehearsal NAME] [--records] [--abort] [--every N] [--offset N] [--in-turn] [--jobs N]
"""
import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support/py"))
import campaign  # noqa: E402
import rehearsal as r  # noqa: E402

KILL = r.BUILD / "tests" / "kill_module.so"


def count_flushes(name, only):
    with r.Rehearsal(name) as one:
        counter = one.folder / "count"
        result = one.run(env={"LD_PRELOAD": str(KILL), "KILL_COUNT": str(counter), **only})
        if result.returncode != 0:
            raise SystemExit(f"the ceremony does not even run: {result.stderr}")
        r.check_ended(one)
        return int(counter.read_text())


def kill_at(name, only, point, after, aborted):
    """How it ended, and why that is broken or None."""
    with r.Rehearsal(name) as one:
        killed = one.run(env={"LD_PRELOAD": str(KILL), "KILL_AT": f"{point}{'+' if after else ''}", **only})
        if killed.returncode != -9:
            return "broken", f"was not killed: {killed.returncode} {killed.stderr}"
        try:
            return campaign.end_it(one, aborted), None
        except r.Broken as broken:
            return "broken", str(broken)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rehearsal", default="root-ca")
    parser.add_argument("--in-turn", action="store_true")
    parser.add_argument("--records", action="store_true")
    parser.add_argument("--abort", action="store_true")
    campaign.sizes(parser)
    arguments = parser.parse_args()
    name = arguments.rehearsal
    only = {"KILL_ONLY": "/transcript.jsonl"} if arguments.records else {}
    total = count_flushes(name, only)
    flushes = range(1 + arguments.offset, total + 1, arguments.every)
    points = ([(point, point % 2 == 0) for point in flushes] if arguments.every > 1 or arguments.in_turn else
              [(point, after) for point in flushes for after in (False, True)])
    ends = campaign.go_through(points, lambda point: kill_at(name, only, *point, arguments.abort),
                               lambda point: f"flush {point[0]}{'+' if point[1] else ''}", arguments.jobs)
    ends["broken"] += ends.pop("aborted", 0)  # after a mere kill a ceremony can always be resumed
    return campaign.close(len(points), ends["broken"],
                          f"{name}: {len(points)} kills over {total} flushes: {campaign.listed(ends)}")


if __name__ == "__main__":
    sys.exit(main())
