#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A clock that goes back (R91, decision 0015): over an interruption it is told, a witness states the time, and the
evidence is verified; without that, or while the program runs, it is a fault. A clock that cannot be right is an exception
that people see, and times before and after 2050 are written as RFC 5280 wants them (T19)."""
import calendar
import json
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support/py"))
import evidence as e  # noqa: E402
import rehearsal as r  # noqa: E402


def late(seconds):
    return {"LD_PRELOAD": str(r.BUILD / "tests" / "clock_module.so"), "CLOCK_SHIFT": str(-seconds)}


def stopped(one):
    result = one.run(answers=one.answers_with({"issue-root.sign": "{aside: stop}"}))
    assert result.returncode == 3, result


def clock_says(folder):
    shown = subprocess.run([r.AUDIT, "verify", folder, "--json"], capture_output=True, text=True, check=False)
    return next(row for row in json.loads(shown.stdout)["checks"] if row["check"] == "clock")


def told_and_verified(one):
    result = one.resume(env=late(7200))
    assert result.returncode == 0, result.stderr
    told = [record["data"] for record in one.records() if "clock_back_ms" in record["data"]]
    assert len(told) == 1 and 7190000 < told[0]["clock_back_ms"] <= 7200000, told
    assert told[0]["witness_clock"] == "as on the wall clock", told
    r.check_finished(one)


def after_an_interruption():
    with r.Rehearsal() as one:
        stopped(one)
        told_and_verified(one)


def set_first_and_then_resumed():
    """Who wants to set the clock first is let go; the step back stays in the record, and is told after."""
    with r.Rehearsal() as one:
        stopped(one)
        result = one.resume(env=late(7200), answers=one.answers_with({"resume.clock": "stop"}))
        assert result.returncode == 3 and "is to be set first" in result.stderr, result.stderr
        result = one.resume()
        assert result.returncode == 0, result.stderr
        assert sum("clock_back_ms" in record["data"] for record in one.records()) == 1
        r.check_finished(one)


def untold_is_a_fault():
    """The same folder, made anew without the exception; and a step back where nobody was interrupted."""
    with r.Rehearsal() as one:
        stopped(one)
        told_and_verified(one)
        records = e.read_records(one.evidence)
        for record in records:
            record["data"].pop("clock_back_ms", None)
        e.write_records(one.evidence, records)
        e.write_sums(one.evidence)
        says = clock_says(one.evidence)
        assert "fault" in json.dumps(says).lower() and "went back" in json.dumps(says), says


def small_corrections_are_not_asked_about():
    with r.Rehearsal() as one:
        stopped(one)
        result = one.resume(answers=one.answers_with({}, drop=("*.clock",)))
        assert result.returncode == 0, result.stderr
        assert not any("clock_back_ms" in record["data"] for record in one.records())
        r.check_finished(one)


EARLY, LATE = "the clock is after the script", "the script is younger than 20 years"


def noted(one):
    return [record["data"]["expected"] for record in one.records()
            if record["type"] == "exception" and record["data"]["expected"] in (EARLY, LATE)]


TWO_SAY_SO = {"host-facts.clock.administrator": '"yes"', "host-facts.clock.witness": '"yes"'}


def doubted(one, env):
    """Nobody goes on under a clock that can hardly be right unless two people say that it is."""
    result = one.run(env=env, answers=one.answers_with({**TWO_SAY_SO, "host-facts.clock.witness": '"no"'}))
    assert result.returncode == 3 and "is to be set first" in result.stderr, result.stderr
    said = [record["data"]["answer"] for record in one.records() if record["data"].get("prompt") == "clock"]
    assert said == ["right", "wrong"], said
    assert not any(record["step"] == "host-facts" and record["type"] == "step-end" for record in one.records())


def clocks_of_all_times():
    """An empty battery, the end of 32 bits, the change of ASN.1's times, and a year that no certificate reaches."""
    cases = (((1970, 1, 2, 0, 0, 0), 0, [EARLY], "19700102"),
             ((2038, 1, 19, 3, 14, 0), 0, [], "20380119"),
             ((2049, 12, 31, 23, 59, 57), 0, [LATE], "2049"),
             ((2050, 1, 1, 0, 0, 0), 0, [LATE], "2050"),
             ((9990, 1, 1, 0, 0, 0), 1, [], ""))
    for when, status, expected, begins in cases:
        shift = calendar.timegm((*when, 0, 0, 0)) - int(time.time())
        with r.Rehearsal() as one:
            if expected:
                doubted(one, late(-shift))
                result = one.resume(env=late(-shift), answers=one.answers_with(TWO_SAY_SO))
                expected = expected * 2
            else:
                result = one.run(env=late(-shift))
            assert result.returncode == status, (when, result.stderr)
            assert noted(one) == expected, (when, noted(one))
            if status == 0:
                assert f"root-ca-{begins}" in json.dumps(one.records()[0]), one.records()[0]
                r.check_audit(one)
                lints = list((one.evidence / "lint").glob("*issue-root-after*"))
                assert lints and "0 faults" in lints[0].read_text(), when
            else:
                assert "after the year 9999" in result.stderr and not one.records(), result.stderr


def main():
    clocks_of_all_times()
    after_an_interruption()
    set_first_and_then_resumed()
    untold_is_a_fault()
    small_corrections_are_not_asked_about()
    print("5 passed, 0 failed")


if __name__ == "__main__":
    main()
