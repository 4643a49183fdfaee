#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What follows the closing record, and what an interruption must not let in: nothing is recorded after
the closing, the inputs of a resumed ceremony are those of its first run, an abort leaves no way back to
a key without a certificate, and no error puts a custodian's name into the public transcript."""
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support/py"))
import rehearsal as r  # noqa: E402

STOP = "[{aside: stop}]"


def nothing_is_recorded_after_the_closing():
    for aside in ("exception", "pause", "leave"):
        with r.Rehearsal() as one:
            answers = one.answers_with({
                "closed.paper": f'[{{aside: {aside}}}, "x"]',
                "exception.expected": "a", "exception.observed": "b",
                "exception.decision": "c", "exception.decider": "d",
                "exception.concurrence": "yes", "pause.continue": "yes",
                "leave.who": "Ada Byron", "leave.return": "Ada Byron",
            })
            result = one.run(answers=answers)
            assert result.returncode == 0, result.stderr
            r.check_finished(one)


def a_wrong_pin_after_the_closing_is_survived():
    with r.Rehearsal() as one:
        result = one.run(answers=one.answers_with({"closed.paper": STOP}))
        assert result.returncode == 3, result.stderr
        answers = one.answers_with({"*.recorder.user-pin": "[wrong-pin-1, user-recorder-1]"})
        result = one.resume(answers=answers)
        assert result.returncode == 0, result.stderr
        r.check_finished(one)


def custodians_sign_after_an_interrupted_closing():
    with r.Rehearsal() as one:
        key = one.site / "people/amina-diallo.key"
        aside = one.folder / "kept.key"
        result = one.run(answers=one.answers_with({"close.confirm": STOP}))
        assert result.returncode == 3, result.stderr
        key.rename(aside)
        result = one.resume()
        assert result.returncode == 3, result.stderr
        assert one.records()[-1]["type"] == "closing"
        aside.rename(key)
        result = one.resume()
        assert result.returncode == 0, result.stderr
        assert (one.evidence / "custodians.p7s").exists(), "the custodians did not sign"
        r.check_finished(one)


def inputs_stay_those_of_the_first_run():
    changes = {"custody.yaml": ("site/custody.yaml", "place: bank", "place: elsewhere"),
               "script": ("evidence/script.yaml", "# ", "#  "),
               "roster.yaml": ("site/roster.yaml", "# ", "#  "),
               "profile": ("evidence/profiles/root-private.yaml", "years: 25", "years: 24")}
    for what, (file, old, new) in changes.items():
        with r.Rehearsal() as one:
            one.run(answers=one.answers_with({"check-room.confirm": STOP}))
            path = one.folder / file
            true = path.read_text()
            assert old in true
            path.write_text(true.replace(old, new))
            result = one.resume()
            assert result.returncode == 1 and "is not the one" in result.stderr, (what, result)
            path.write_text(true)
            result = one.resume()
            assert result.returncode == 0, result.stderr
            r.check_finished(one)


def an_abort_leaves_no_way_back_to_the_key():
    for keep in ("no", "yes"):
        with r.Rehearsal() as one:
            folder = one.folder / "scripts"
            shutil.copytree(r.SOURCE / "scripts/profiles", folder / "profiles")
            one.script = folder / "root-ca.yaml"
            text = (r.SOURCE / "scripts/root-ca.yaml").read_text()
            assert 'keep-restored: "no"' in text
            one.script.write_text(text.replace('keep-restored: "no"', f'keep-restored: "{keep}"'))
            result = one.run(answers=one.answers_with({"issue-root.sign": STOP}))
            assert result.returncode == 3, result.stderr
            assert list((one.evidence / "wrapped").iterdir())
            result = one.abort()
            assert result.returncode == 0, result.stderr
            assert not list((one.evidence / "wrapped").iterdir()), "a wrapped key was left"
            r.check_aborted(one)


def a_missing_certificate_is_found_before_the_start():
    with r.Rehearsal() as one:
        (one.site / "people/amina-diallo.pem").unlink()
        result = one.run()
        assert result.returncode == 1 and "sign-off certificate" in result.stderr, result.stderr
        assert not one.evidence.exists()


def an_error_names_no_custodian():
    with r.Rehearsal() as one:
        file = one.site / "people/amina-diallo.pem"
        kept = one.folder / "kept.pem"
        result = one.run(answers=one.answers_with({"issue-root.sign": STOP}))
        assert result.returncode == 3, result.stderr
        file.rename(kept)
        result = one.resume()
        assert result.returncode == 3 and "a custodian" in result.stderr, result.stderr
        text = (one.evidence / "transcript.jsonl").read_text().lower()
        assert "amina" not in text and str(one.folder) + "/site/people" not in text
        kept.rename(file)
        assert one.resume().returncode == 0
        r.check_finished(one)


def a_medium_in_the_evidence_folder_is_refused():
    with r.Rehearsal() as one:
        medium = one.folder / "media-1"
        one.environment_with(medium=(str(medium), str(one.evidence / "certificates")))
        result = one.run()
        assert result.returncode == 1 and "lies in the evidence folder" in result.stderr, result
        assert not one.evidence.exists() and not list((one.folder / "tokens").iterdir())


def how_many_custodians_stays_confidential():
    with r.Rehearsal() as one:
        answers = one.answers_with({
            "check-room.confirm": '[{aside: leave}, {aside: leave}, "yes"]',
            "leave.who": "[Amina Diallo, Chen Wei, Amina Diallo]",
            "deliver-root-shares.1.absent": '[{aside: leave}, "yes"]',  # no share for somebody who is not there
            "leave.return": "[Chen Wei, Amina Diallo]",
        })
        result = one.run(answers=answers)
        assert result.returncode == 0, result.stderr
        noted = [record["data"]["observed"] for record in one.records()
                 if record["type"] == "exception" and "custodian" in record["data"]["observed"]]
        assert noted and not any("1 is here" in text for text in noted), noted


if __name__ == "__main__":
    nothing_is_recorded_after_the_closing()
    a_wrong_pin_after_the_closing_is_survived()
    inputs_stay_those_of_the_first_run()
    an_abort_leaves_no_way_back_to_the_key()
    a_missing_certificate_is_found_before_the_start()
    an_error_names_no_custodian()
    how_many_custodians_stays_confidential()
    custodians_sign_after_an_interrupted_closing()
    a_medium_in_the_evidence_folder_is_refused()
    print("9 passed, 0 failed")
