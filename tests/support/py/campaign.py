# SPDX-License-Identifier: Apache-2.0
"""What every campaign has in common: it goes through its cases, tells each break when it comes, and closes with one line that
tests/campaign/run reads: "campaign: cases=N broken=N"."""
import collections
import concurrent.futures

import rehearsal as r


def sizes(parser):
    """The options that say how much of a campaign is run."""
    parser.add_argument("--every", type=int, default=1, help="only each N-th point")
    parser.add_argument("--offset", type=int, default=0, help="beginning with this one")
    parser.add_argument("--jobs", type=int, default=2)


def first_of_each(places):
    """Numbers (from 1) of the first point at each place."""
    first = {}
    for number, place in enumerate(places, 1):
        first.setdefault(place, number)
    return list(first.values())


def close(cases, broken, what):
    """The last two lines of a campaign; its exit status."""
    print(what)
    print(f"campaign: cases={cases} broken={broken}", flush=True)
    return 1 if broken else 0


def go_through(cases, judge, name, jobs):
    """`judge(case)` gives (how it ended, why it is broken or None); `name(case)` is how a break is told."""
    ends = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for case, (end, why) in zip(cases, pool.map(judge, cases)):
            ends[end if why is None else "broken"] += 1
            if why is not None:
                print(f"{name(case)}: {why}", flush=True)
    return ends


def listed(ends):
    return ", ".join(f"{count} {end}" for end, count in sorted(ends.items()))


def finish(one):
    """Resume, several times if it must be; else abort. The way it ended, or a Broken."""
    for _ in range(2):
        result = one.resume()
        if result.returncode == 0:
            r.check_ended(one)
            return "resumed"
        r.check_failed_plainly(result)
        r.check_chain(one, False)
    print(f"  aborted, since: {result.stderr.strip().splitlines()[0]}", flush=True)
    result = one.abort()
    if result.returncode != 0:
        raise r.Broken(f"I8: neither resume nor abort ends it: {result.stderr.strip()}")
    r.check_aborted(one)
    return "aborted"


def give_up(one):
    """Aborted at once: people may want no more of it, whatever could be resumed. What is signed and written is issued,
    and that step is ended first."""
    result = one.abort()
    if "It counts as issued" in result.stderr:
        r.check_failed_plainly(result)
        return finish(one)
    if result.returncode != 0:
        raise r.Broken(f"I8: not aborted: {result.stderr.strip()}")
    r.check_aborted(one)
    return "given up"


def begin_again(one):
    """After a run that ended before its first record: nothing to resume is said, and a new folder is what helps."""
    result = one.resume()
    if result.returncode != 1:
        raise r.Broken(f"I8: a folder without a record: {result.returncode} {result.stderr}")
    one.evidence = one.folder / "evidence-2"
    result = one.run()
    if result.returncode != 0:
        raise r.Broken(f"I8: not even a new folder helps: {result.stderr.strip()}")
    r.check_ended(one)
    return "begun again"


def end_it(one, aborted=False):
    """What people do after an interruption, and what must hold before and after."""
    records = one.records()
    if not records:
        return begin_again(one)
    closed = records[-1]["type"] == "closing"
    r.check_chain(one, closed)
    return give_up(one) if aborted and not closed else finish(one)
