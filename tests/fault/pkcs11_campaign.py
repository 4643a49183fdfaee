#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lets each PKCS#11 call of a ceremony (the root's, unless --rehearsal names another) fail, once, in each of several ways;
then resumes (or, where that is refused, aborts) without the fault, and looks at the invariants.

usage: pkcs11_campaign.py [--rehearsal NAME] [--every N] [--offset N] [--places] [--in-turn] [--only N,N] [--kinds K,K] [--jobs N]

--places takes each call that is no question, and of the questions (attributes, slots, token facts, searches: most of
all calls) each one that follows on other calls than those before: a loop over a hundred attributes is one place.
--in-turn tries one kind at each place, the next one at the next.
--only takes the numbers of calls, to run broken cases again.

The kind "hang" (not among those that are tried of themselves: each takes seconds) never returns: the program is killed then.
"""
import argparse
import hashlib
import itertools
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support/py"))
import campaign  # noqa: E402
import rehearsal as r  # noqa: E402

FAULT = r.BUILD / "tests" / "fault_module.so"
KINDS = {
    "device-error": "0x30",
    "device-error-after": "after:0x30",
    "removed": "0x32",
    "general-after": "after:0x5",
    "session-invalid": "0xb3",
    "out-of-spec": "0xdeadbeef",
    "kill": "kill",
    "kill-after": "killafter",
    "hang": "hang",
}
TRIED = [kind for kind in KINDS if kind != "hang"]
HANGS = 4  # seconds after which somebody gives up; a ceremony takes less than one

QUESTIONS = {"C_GetAttributeValue", "C_GetTokenInfo", "C_GetSlotInfo", "C_GetSlotList", "C_GetInfo", "C_FindObjects",
             "C_FindObjectsInit", "C_FindObjectsFinal", "C_GetSessionInfo", "C_GetMechanismList",
             "C_GetMechanismInfo"}
CONTEXT = 6  # calls before a question that tell one place from another


def places(calls):
    """Numbers of the calls, the repetitions of questions left out."""
    seen = set()
    for index, name in enumerate(calls):
        context = tuple(calls[max(0, index - CONTEXT):index + 1])
        if name not in QUESTIONS or context not in seen:
            yield index + 1
        seen.add(context)


def with_fault_module(one):
    """The environment names the fault module, which passes on to SoftHSM."""
    path = one.site / "environment.yaml"
    text = path.read_text()
    target = next(line.split('"')[1] for line in text.splitlines() if line.strip().startswith("path:"))
    old = next(line.split('"')[1] for line in text.splitlines() if line.strip().startswith("sha256:"))
    digest = hashlib.sha256(FAULT.read_bytes()).hexdigest()
    text = text.replace(f'"{target}"', f'"{FAULT}"').replace(old, digest)
    text = text.replace("    env:\n", f'    env:\n      CEREMONY_FAULT_TARGET: "{target}"\n')
    path.write_text(text)


HAD = {}  # what the tokens hold before each ceremony


def count_calls(name="root-ca"):
    with r.Rehearsal(name) as one:
        with_fault_module(one)
        log = one.folder / "calls"
        HAD[name] = r.everything(one)
        result = one.run(env={"CEREMONY_FAULT_LOG": str(log)})
        if result.returncode != 0:
            raise SystemExit(f"the ceremony does not run through the fault module: {result.stderr}")
        r.check_ended(one)
        return [line.split()[1] for line in log.read_text().splitlines()]


def run_with(one, number, kind):
    env = {"CEREMONY_FAULT_ONGOING": "1", "CEREMONY_FAULT": f"ANY@{number}={KINDS[kind]}"}
    try:
        return one.run(env=env, **({"timeout": HANGS} if kind == "hang" else {}))
    except subprocess.TimeoutExpired as hung:  # and killed
        return subprocess.CompletedProcess(hung.cmd, -9, "", "")


def one_case(number, kind, name="root-ca"):
    with r.Rehearsal(name) as one:
        with_fault_module(one)
        one.had = HAD.get(name)
        try:
            result = run_with(one, number, kind)
            if result.returncode == 0:
                r.check_ended(one)
                return "tolerated", None
            if result.returncode != -9:
                r.check_failed_plainly(result)
            if not one.records():
                return "nothing begun", None
            closed = one.records()[-1]["type"] == "closing"
            r.check_chain(one, closed)
            return campaign.finish(one), None
        except r.Broken as broken:
            return "broken", str(broken)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kinds", default=",".join(TRIED))
    parser.add_argument("--places", action="store_true")
    parser.add_argument("--in-turn", action="store_true")
    parser.add_argument("--rehearsal", default="root-ca")
    parser.add_argument("--only", default="")
    campaign.sizes(parser)
    arguments = parser.parse_args()
    name = arguments.rehearsal
    calls = count_calls(name)
    numbers = ([int(number) for number in arguments.only.split(",") if number] or
               (list(places(calls)) if arguments.places else range(1, len(calls) + 1))
               [arguments.offset::arguments.every])
    kinds = itertools.cycle(arguments.kinds.split(","))
    cases = ([(number, next(kinds)) for number in numbers] if arguments.every > 1 or arguments.in_turn else
             [(number, kind) for number in numbers for kind in arguments.kinds.split(",")])
    ends = campaign.go_through(cases, lambda case: one_case(*case, name),
                               lambda case: f"call {case[0]} ({calls[case[0] - 1]}) {case[1]}", arguments.jobs)
    return campaign.close(len(cases), ends["broken"],
                          f"{name}: {len(cases)} cases over {len(calls)} calls: {campaign.listed(ends)}")


if __name__ == "__main__":
    sys.exit(main())
