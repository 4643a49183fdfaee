#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Disturbs activate-quorum, and ends it by resume and by abort in turn: kills it at its flushes, or with --calls lets its PKCS#11
calls fail, kill or be reported failed, the kinds in turn. However it was disturbed, the token must have a PIN that somebody holds:
the one that was typed before, or one that the custodians' papers give. Another program logs in with it.

usage: quorum_campaign.py [--calls] [--every N] [--offset N] [--only N,N] [--jobs N]
"""
import argparse
import itertools
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support/py"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import campaign  # noqa: E402
import pkcs11_campaign as pkcs11  # noqa: E402
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


def kill_at_flush(one, point, after):
    killed = q.run(one, env={"LD_PRELOAD": str(KILL), "KILL_AT": f"{point}{'+' if after else ''}"})
    if killed.returncode != -9:
        raise r.Broken(f"was not killed: {killed.returncode} {killed.stderr}")
    return killed


def fail_at_call(one, number, kind):
    pkcs11.with_fault_module(one)
    return q.run(one, env={"CEREMONY_FAULT_ONGOING": "1", "CEREMONY_FAULT": f"ANY@{number}={pkcs11.KINDS[kind]}"})


def disturbed(how, aborted):
    """How it ended, and why that is broken or None."""
    with r.Rehearsal("activate-quorum") as one:
        try:
            result = how(one)
            if result.returncode not in (0, -9):
                r.check_failed_plainly(result)
            if not one.records():
                return "nothing begun", None  # kill_campaign.py looks at these
            aborted = aborted and one.records()[-1]["type"] != "closing"
            if result.returncode != 0:
                result = end(one, aborted)
            elif one.records()[-1]["type"] == "closing":
                aborted = False
            if result.returncode != 0:
                raise r.Broken(f"ended with {result.returncode}: {result.stderr.strip()}")
            check_end(one, aborted)
            return "aborted" if aborted else "finished", None
        except r.Broken as broken:
            return "broken", str(broken)


def flushes(arguments):
    """[(name, how)]: before and after a flush in turn."""
    numbers = range(1, count_flushes() + 1)
    return [(f"flush {number}{'+' if turn % 2 == 0 else ''}",
             lambda one, number=number, turn=turn: kill_at_flush(one, number, turn % 2 == 0))
            for turn, number in enumerate(chosen(numbers, arguments))]


def count_calls():
    with r.Rehearsal("activate-quorum") as one:
        pkcs11.with_fault_module(one)
        log = one.folder / "calls"
        result = q.run(one, env={"CEREMONY_FAULT_LOG": str(log)})
        if result.returncode != 0:
            raise SystemExit(f"the ceremony does not run through the fault module: {result.stderr}")
        return [line.split()[1] for line in log.read_text().splitlines()]


def failures(arguments):
    """[(name, how)]: each place where a call is made, the kinds in turn."""
    calls = count_calls()
    kinds = itertools.cycle(pkcs11.TRIED)
    return [(f"call {number} ({calls[number - 1]}) {kind}",
             lambda one, number=number, kind=kind: fail_at_call(one, number, kind))
            for number, kind in zip(chosen(list(pkcs11.places(calls)), arguments), kinds)]


def chosen(numbers, arguments):
    return ([int(number) for number in arguments.only.split(",") if number] or
            list(numbers)[arguments.offset::arguments.every])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", action="store_true")
    parser.add_argument("--only", default="", help="numbers of flushes or calls, to run broken cases again")
    campaign.sizes(parser)
    arguments = parser.parse_args()
    points = failures(arguments) if arguments.calls else flushes(arguments)
    cases = [(name, how, turn % 4 < 2) for turn, (name, how) in enumerate(points)]
    ends = campaign.go_through(cases, lambda case: disturbed(case[1], case[2]),
                               lambda case: f"{case[0]}, {'abort' if case[2] else 'resume'}", arguments.jobs)
    return campaign.close(len(cases), ends["broken"], f"activate-quorum: {len(cases)} cases: {campaign.listed(ends)}")


if __name__ == "__main__":
    sys.exit(main())
