#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What may come instead of an answer: an exception (R92), a pause (R91), somebody leaving below quorum
(R14), a stop; and resume and abort after it."""
import pathlib
import re
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support/py"))
import rehearsal as r  # noqa: E402


def of_type(one, kind):
    return [record for record in one.records() if record["type"] == kind]


def exception_is_recorded():
    with r.Rehearsal() as one:
        answers = one.answers_with({
            "check-room.confirm": '[{aside: exception}, "yes"]',
            "exception.expected": "the door is closed",
            "exception.observed": "it stood open",
            "exception.decision": "closed it and went on",
            "exception.decider": "Johanna Weber",
            "exception.concurrence": "yes",
        })
        result = one.run(answers=answers)
        assert result.returncode == 0, result.stderr
        noted = [record for record in of_type(one, "exception")
                 if record["data"].get("noted_by") == "people"]
        assert len(noted) == 1 and noted[0]["data"]["observed"] == "it stood open", noted
        assert noted[0]["step"] == "check-room"
        assert noted[0]["data"]["witness_concurs"] is True
        r.check_finished(one)


def pause_logs_out():
    with r.Rehearsal() as one:
        answers = one.answers_with({
            "inventory-primary.same": '[{aside: pause}, "yes"]',
            "pause.continue": '["no", "yes"]',
        })
        result = one.run(answers=answers)
        assert result.returncode == 0, result.stderr
        assert len(of_type(one, "pause")) == 1
        resumed = [record for record in of_type(one, "resume")
                   if record["data"]["after"] == "pause"]
        assert len(resumed) == 1 and resumed[0]["data"]["witness_clock"]
        r.check_finished(one)


def leaving_below_quorum_locks():
    with r.Rehearsal() as one:
        answers = one.answers_with({
            "check-room.confirm": '[{aside: leave}, "yes"]',
            "leave.who": "Ada Byron",
            "leave.return": "Ada Byron",
        })
        result = one.run(answers=answers)
        assert result.returncode == 0, result.stderr
        presence = [record["data"] for record in of_type(one, "facts")
                    if record["data"].get("what") == "presence"]
        assert [fact["present"] for fact in presence] == [False, True], presence
        locked = [record for record in of_type(one, "exception")
                  if "logged out" in record["data"]["decision"]]
        assert len(locked) == 1, "below quorum, and nothing was locked"
        r.check_finished(one)


def a_custodian_who_leaves_stays_confidential():
    with r.Rehearsal() as one:
        answers = one.answers_with({
            "check-room.confirm": '[{aside: leave}, {aside: leave}, "yes"]',
            "leave.who": "Chen Wei",
        })
        result = one.run(answers=answers)
        assert result.returncode == 0, result.stderr
        text = (one.evidence / "transcript.jsonl").read_text()
        for name in ("Chen Wei", "Amina Diallo", "Laura Rossi"):
            assert name not in text, f"{name} stands in the public transcript"
        r.check_finished(one)


def a_share_waits_for_its_holder():
    """Nobody sees the share of a custodian who is not there: one who comes back is noted in time, else nothing is shown. (R13, R23)"""
    gone = {"check-room.confirm": '[{aside: leave}, "yes"]', "leave.who": "Chen Wei"}
    with r.Rehearsal() as one:
        result = one.run(answers=one.answers_with({**gone, "deliver-root-shares.2.absent": '[{aside: leave}, "yes"]'}))
        assert result.returncode == 0, result.stderr
        r.check_finished(one)
    with r.Rehearsal() as one:
        result = one.run(answers=one.answers_with(gone))
        assert result.returncode == 3 and '"Chen Wei" is not in the room' in result.stderr, result.stderr
        assert not any(record["data"].get("what") == "shares delivered" for record in of_type(one, "facts"))
        result = one.resume()  # the roll is called again
        assert result.returncode == 0, result.stderr
        r.check_finished(one)
    with r.Rehearsal() as one:  # between two shares
        result = one.run(answers=one.answers_with({"deliver-root-shares.2.alone": '[{aside: leave}, "yes"]', "leave.who": "Laura Rossi"}))
        assert result.returncode == 3 and '"Laura Rossi" is not in the room' in result.stderr, result.stderr


def nobody_answers_for_who_left():
    """What one person is asked waits for that person, who may be asked while leaving. (R13, R14)"""
    key = "sign-off.9.opinion"
    for answers, status in (('[{aside: leave}, agree, {aside: leave}, agree]', 0), ('[{aside: leave}, agree, agree, {aside: stop}]', 3)):
        with r.Rehearsal() as one:
            result = one.run(answers=one.answers_with({key: answers, "leave.who": "Chen Wei"}))
            assert result.returncode == status, (result.returncode, result.stderr)
            assert "Whoever is asked has left, as you noted" in " ".join(result.stdout.split()), result.stdout
            if status == 0:
                r.check_finished(one)
            assert status == 0 or not any("custodian" in record["data"] for record in of_type(one, "sign-off"))


def a_stand_in_answers_after_a_no():
    """Who is asked anew is found anew: whoever said no may have left since."""
    for answers in ('[{aside: leave}, "yes"]', '["no", {aside: leave}, "yes"]'):
        with r.Rehearsal() as one:
            roster = one.site / "roster.yaml"
            before, found, after = roster.read_text().partition("  - name: Ada Byron")
            person, _, others = after.partition("  - name:")
            third = re.sub(r"    sign-off.*\n", "", "  - name: Zoe Third" + person) + "    sign-off: wet-ink\n"
            roster.write_text(before + found + person + third + "  - name:" + others)
            result = one.run(answers=one.answers_with({
                "check-room.confirm": '[{aside: pause}, "yes"]', "pause.continue": answers, "pause.wall-clock": "17:04",
                "leave.who": "Ada Byron"}))
            assert result.returncode == 0, (answers, result.stderr)


def shares_are_shown_to_nobody_instead():
    """After an aside everybody has looked at the screen: the holder is called again, and is there, or nothing shows. (R13, R23)"""
    for share in ("deliver-root-shares.2.share", "deliver-root-shares.2.type-back", "deliver-root-shares.2.bag"):
        given = "written" if share.endswith(".share") else "{shown: deliver-root-shares.2.share}" if share.endswith("-back") else "R-0002"
        for leaves, status in (("Chen Wei", 3), ("Laura Rossi", 3)):  # the holder; one whose turn comes
            with r.Rehearsal() as one:
                result = one.run(answers=one.answers_with({share: f"[{{aside: leave}}, {given}]", "leave.who": leaves}))
                says = "Whoever is asked has left" if share.endswith("bag") and leaves == "Chen Wei" else "is not in the room"
                assert result.returncode == status and says in result.stderr and (leaves in result.stderr or "has left" in says), \
                    (share, leaves, result.returncode, result.stderr)
                assert not any(record["data"].get("what") == "shares delivered" for record in of_type(one, "facts"))
    with r.Rehearsal() as one:  # gone and back before it shows again
        result = one.run(answers=one.answers_with({
            "deliver-root-shares.2.share": "[{aside: leave}, written]", "leave.who": "Chen Wei",
            "deliver-root-shares.2.share-absent": '[{aside: leave}, "yes"]', "deliver-root-shares.2.share-again": '[{aside: pause}, "yes"]',
            "pause.continue": '"yes"', "pause.wall-clock": "17:04"}))
        assert result.returncode == 0, result.stderr
        assert len(of_type(one, "pause")) == 1, "the holder was not called again"
        r.check_finished(one)


def one_thing_after_the_other():
    """What an aside asks is answered before the next one; in a pause people come and go. What is not taken ends a headless run."""
    nested = {"check-room.confirm": '[{aside: pause}, "yes"]', "pause.continue": '[{aside: pause}, {aside: leave}, {aside: leave}, "yes"]',
              "leave.who": '[{aside: exception}, Chen Wei]', "pause.wall-clock": "17:04"}
    with r.Rehearsal() as one:
        result = one.run(answers=one.answers_with(nested))
        assert result.returncode == 0, result.stderr
        presence = [record["data"]["present"] for record in of_type(one, "facts") if record["data"].get("what") == "presence"]
        assert presence == [False, True] and len(of_type(one, "pause")) == 1, presence
        r.check_finished(one)
    endless = ({"check-room.confirm": "{aside: pause}", "pause.continue": '"yes"', "pause.wall-clock": "17:04"}, {"close.confirm": '"no"'}, {"check-room.confirm": "{decline: true}"},
               {"check-room.confirm": '[{aside: exception}, "yes"]', "exception.expected": "{aside: exception}"},
               {"deliver-root-shares.1.type-back": '"academic acid"'})
    for changes in endless:
        with r.Rehearsal() as one:
            result = one.run(answers=one.answers_with(changes), timeout=60)
            assert result.returncode in (1, 3) and any(words in result.stderr for words in (
                "is asked once more", "and is not taken", "cannot be declined")), (changes, result.returncode, result.stderr)
            assert len(one.records()) < 400, changes


def names_are_cut_between_letters():
    """However long a name is, and in whatever script, what a person does can be recorded."""
    with r.Rehearsal() as one:
        name = "xy" + "\u6f22" * 29
        roster = one.site / "roster.yaml"
        roster.write_text(roster.read_text().replace("Ada Byron", name))
        environment = one.site / "environment.yaml"
        environment.write_text(environment.read_text().replace("Ada Byron", name))
        for path in (one.site / "people").glob("ada-byron*"):
            assert path.exists()
        result = one.run(answers=one.answers_with({}))
        assert result.returncode == 0, result.stderr
        r.check_finished(one)


def stopped_and_resumed():
    with r.Rehearsal() as one:
        result = one.run(answers=one.answers_with({"issue-root.sign": "{aside: stop}"}))
        assert result.returncode == 3, result
        assert "resume" in result.stderr
        r.check_chain(one, False)
        assert not list(one.evidence.glob("certificates/*root*"))
        result = one.resume()
        assert result.returncode == 0, result.stderr
        r.check_finished(one)


def stopped_and_aborted(prompt):
    with r.Rehearsal() as one:
        result = one.run(answers=one.answers_with({prompt: "{aside: stop}"}))
        assert result.returncode == 3, result
        result = one.abort()
        assert result.returncode == 0, result.stderr
        r.check_aborted(one)
        again = one.call("run", one.script, "--evidence", one.folder / "second")
        assert again.returncode in (1, 3) and "belongs to the token" in again.stderr, again.stderr


def aborted_without_a_lost_token():
    """A token that is gone does not keep the ceremony from being closed; that it is missing stays an
    exception."""
    with r.Rehearsal() as one:
        result = one.run(answers=one.answers_with({"issue-root.sign": "{aside: stop}"}))
        assert result.returncode == 3, result
        spare = next(record["data"]["serial"] for record in one.records()
                     if record["type"] == "result" and record["data"].get("token") == "spare"
                     and "serial" in record["data"])
        for folder in (one.folder / "tokens").iterdir():
            if spare.encode() in (folder / "token.object").read_bytes():
                shutil.rmtree(folder)
        result = one.abort()
        assert result.returncode == 0, result.stderr
        open_exceptions = [record for record in of_type(one, "exception")
                           if "must be found" in record["data"]["decision"]]
        assert len(open_exceptions) == 1, open_exceptions
        r.check_aborted(one)


def aborted_without_the_token_of_a_new_key():
    """The token on which a key was being made is gone: what was announced has its answer, and the folder verifies."""
    with r.Rehearsal() as one:
        assert one.run().returncode == 0
        seq = next(record["seq"] for record in one.records() if record["type"] == "intent" and record["data"]["does"] == "generate-key")
        serial = next(record["data"]["serial"] for record in one.records() if record["type"] == "result"
                      and record["data"].get("token") == "primary" and "serial" in record["data"])
        assert serial
    with r.Rehearsal() as one:
        kill = {"LD_PRELOAD": str(r.BUILD / "tests/kill_module.so"), "KILL_ONLY": "/transcript.jsonl", "KILL_AT": str(seq + 1)}
        assert one.run(env=kill).returncode == -9
        assert one.records()[-1]["data"].get("does") == "generate-key" and one.records()[-1]["type"] == "intent", one.records()[-1]
        serial = next(record["data"]["serial"] for record in one.records() if record["type"] == "result"
                      and record["data"].get("token") == "primary" and "serial" in record["data"])
        for folder in (one.folder / "tokens").iterdir():
            if serial.encode() in (folder / "token.object").read_bytes():
                shutil.rmtree(folder)
        result = one.abort()
        assert result.returncode == 0, result.stderr
        r.check_chain(one, True)
        r.check_audit(one)


def main():
    exception_is_recorded()
    pause_logs_out()
    leaving_below_quorum_locks()
    a_custodian_who_leaves_stays_confidential()
    a_share_waits_for_its_holder()
    nobody_answers_for_who_left()
    a_stand_in_answers_after_a_no()
    shares_are_shown_to_nobody_instead()
    one_thing_after_the_other()
    names_are_cut_between_letters()
    stopped_and_resumed()
    stopped_and_aborted("confirm-root.1.word-1")
    stopped_and_aborted("deliver-root-shares.2.bag")
    stopped_and_aborted("lock-root.primary.user-pin")
    aborted_without_a_lost_token()
    aborted_without_the_token_of_a_new_key()
    print("passed")


if __name__ == "__main__":
    main()
