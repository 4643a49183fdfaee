#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills activate-quorum at its flushes, and ends it by resume and by abort in turn. Wherever it was killed, the
token must have a PIN that somebody holds: the one that was typed before, or one that the custodians' papers
give. Another program logs in with it.

usage: quorum_kill_campaign.py [--every N] [--offset N] [--last N] [--jobs N]
"""
import argparse
import concurrent.futures
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support/py"))
import campaign  # noqa: E402
import quorum as q  # noqa: E402
import rehearsal as r  # noqa: E402

KILL = r.BUILD / "tests" / "kill_module.so"
LABEL = "root-primary"
# What each prompt for a share reads from: the step that gave it out, and its number. Whoever resumes after the token
# was unlocked logs in again.
PROMPTS = {"unlock.signing.user-pin.1.share": ("split-user", 1),
           "unlock.signing.user-pin.2.share": ("split-user", 2),
           "find-key.signing.user-pin.1.share": ("split-user", 1),
           "find-key.signing.user-pin.2.share": ("split-user", 2),
           "use-key.signing.user-pin.1.share": ("split-user", 1),
           "use-key.signing.user-pin.2.share": ("split-user", 2),
           "inventory-signing.signing.user-pin.1.share": ("split-user", 1),
           "inventory-signing.signing.user-pin.2.share": ("split-user", 2),
           "renew-user.signing.user-pin.1.share": ("split-user", 2),
           "renew-user.signing.user-pin.2.share": ("split-user", 3)}


def changing(one):
    """(step, PIN) of the change that has no result, or None."""
    opened = {}
    for record in one.records():
        data = record["data"]
        if record["type"] == "intent" and data["does"] == "change-pin":
            opened[record["seq"]] = (record["step"], "so-pin" if data["user"] == "SO" else "user-pin")
        if record["type"] == "result":
            opened.pop(data["of"], None)
    return next(iter(opened.values()), None)


def answers(one):
    """The shipped ones, and what custodians bring who were there when the program was killed. A share of a set that
    is void is refused, and the one that was shown since comes next."""
    written = q.on_paper(one)
    more = {"*.signing.user-pin.*.bag": "R-0217"}
    for prompt, (step, number) in PROMPTS.items():
        shares = q.last_shares(written, step)
        if len(shares) >= number:
            more[prompt] = f'["{shares[number - 1]}", {{shown: {step}.{number}.share}}]'
    change = changing(one)
    if change is not None:
        for number, share in enumerate(q.last_shares(written, change[0]), 1):
            for task in ("resume", "abort"):
                more[f"{task}.signing.{change[1]}.{number}.share"] = f'"{share}"'
    return one.answers_with(more)


def end(one, aborted):
    return q.go_on(one, "abort" if aborted else "resume", answers=answers(one))


def count_flushes():
    with r.Rehearsal("activate-quorum") as one:
        counter = one.folder / "count"
        result = q.run(one, env={"LD_PRELOAD": str(KILL), "KILL_COUNT": str(counter)})
        if result.returncode != 0:
            raise SystemExit(f"the ceremony does not even run: {result.stderr}")
        r.check_ended(one)
        look_at_token(one)
        return int(counter.read_text())


def candidates(one, so):
    """Every PIN that people hold: in their heads, or in all forms of a set together."""
    written = q.on_paper(one)
    yield "so-primary-1" if so else "user-primary-1"
    for step in ("split-so",) if so else ("split-user", "renew-user"):
        for start in range(len(written)):
            shares = [words for prompt, words in written[start:start + (4 if so else 3)]
                      if prompt.startswith(f"{step}.")]
            pin = q.combine(shares[:3 if so else 2])
            if pin is not None:
                yield pin


def in_use(one, so):
    """Whether the ledger holds the PIN as shares."""
    state = False
    newest = sorted(one.evidence.glob("ledger*.jsonl"), key=lambda path: path.stat().st_size)[-1]
    for entry in map(json.loads, newest.read_text().splitlines()):
        if entry["kind"] == "pin-set" and entry["data"]["user"] == ("SO" if so else "user"):
            state = state or entry["data"]["state"] == "in-use"
    return state


def look_at_token(one):
    for so in (False, True):
        held = list(dict.fromkeys(candidates(one, so)))
        good = [pin for pin in held if q.logs_in(one, LABEL, pin, so)]
        who = "SO" if so else "user"
        if len(good) != 1:
            raise r.Broken(f"{len(good)} of the {len(held)} PINs that people hold open the token as {who}")
        if in_use(one, so) != (good[0] != held[0]):
            raise r.Broken(f"ledger and token disagree on the {who} PIN")


def check_end(one, aborted):
    r.check_chain(one, True)
    state = one.records()[-1]["data"]["state"]
    if state != ("aborted" if aborted else "finished"):
        raise r.Broken(f"I8: the state is {state}")
    r.check_audit(one)
    look_at_token(one)


def kill_at(point, after, aborted):
    """The verdict, or None when all holds."""
    with r.Rehearsal("activate-quorum") as one:
        killed = q.run(one, env={"LD_PRELOAD": str(KILL), "KILL_AT": f"{point}{'+' if after else ''}"})
        if killed.returncode != -9:
            return f"was not killed: {killed.returncode} {killed.stderr}"
        try:
            if not one.records():
                return None  # nothing was done; kill_campaign.py looks at these
            aborted = aborted and one.records()[-1]["type"] != "closing"
            result = end(one, aborted)
            if result.returncode != 0:
                return f"ended with {result.returncode}: {result.stderr.strip()}"
            check_end(one, aborted)
        except r.Broken as broken:
            return str(broken)
        return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--offset", type=int, default=0)
    parser.add_argument("--last", type=int)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    total = count_flushes()
    flushes = range(1 + arguments.offset, (arguments.last or total) + 1, arguments.every)
    points = [(point, number % 2 == 0, number % 4 < 2) for number, point in enumerate(flushes)]
    broken = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for (point, after, aborted), verdict in zip(points, pool.map(lambda p: kill_at(*p), points)):
            if verdict is not None:
                broken += 1
                print(f"flush {point}{'+' if after else ''}, {'abort' if aborted else 'resume'}: {verdict}", flush=True)
    return campaign.close(len(points), broken, f"activate-quorum: {len(points)} kills over {total} flushes, {broken} broken")


if __name__ == "__main__":
    sys.exit(main())
