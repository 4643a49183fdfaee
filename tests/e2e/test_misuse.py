#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What people and files get wrong: refused in a plain sentence that says what to do, with the exit
status that fits, the tokens as they were, and nothing half written."""
import hashlib
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support/py"))
import rehearsal as r  # noqa: E402
import tap  # noqa: E402
from misuse import Table, expect, finishes, refused, refused_before, run_cases, stop_at  # noqa: E402

FAULT = r.BUILD / "tests" / "fault_module.so"
FINAL_TRY = 0x00020000  # CKF_USER_PIN_FINAL_TRY


def case_profile_fault():
    with Table() as one:
        one.edit(one.scripts / "profiles/root-private.yaml", "basic-constraints: {critical: yes",
                 "basic-constraints: {critical: no")
        refused_before(one, one.run(), "root-ca.yaml:", "critical", "nothing was changed")
    with Table() as one:
        one.edit(one.scripts / "profiles/root-private.yaml", "key-usage:", "key-usgae:")
        refused_before(one, one.run(), "root-private.yaml:", "did you mean 'key-usage'")


def case_unmet_quorum():
    with Table() as one:
        result = one.run(answers=one.answers_with({"roll-call.6.present": "no"}))
        refused(result, 3, "'witness' needs 2 people in the room, and 1 is here",
                "Wait until enough people")
        expect(not any((one.folder / "tokens").iterdir()), "a token was touched")
        finishes(one, one.resume())


def case_key_label_in_use():
    """Somebody puts an object of that name on the token while the ceremony waits for the PIN."""
    with Table() as one:
        prompt = "generate-root.primary.user-pin"
        with tap.Tap(one, TAP_PAUSE=prompt) as program:
            program.wait_for_pause()
            p11tool(one, "--generate-privkey=ecc", "--curve=secp256r1", "--label=PRACTICE-root")
            before = sorted(one.objects("primary"))
            expect(before, "no object was planted")
            program.program.send_signal(signal.SIGCONT)
            refused(program.finish(), 1, 'token "PRACTICE-root-primary" has a',
                    "with the label already",
                    "Choose another name in the script, or find out what this object is")
        expect(sorted(one.objects("primary")) == before, "the token was changed")
        kinds = [record["data"].get("does") for record in one.records()
                 if record["type"] == "intent"]
        expect("generate-key" not in kinds, "a key was announced")


def p11tool(one, *words):
    env = {**os.environ, "SOFTHSM2_CONF": str(one.folder / "softhsm2.conf")}
    module = next(line.split('"')[1] for line in (one.site / "environment.yaml").read_text()
                  .splitlines() if line.strip().startswith("path:"))
    result = subprocess.run(["p11tool", "--batch", "--provider", module, "--login", "--set-pin",
                             r.PINS["primary"], *words, "pkcs11:token=PRACTICE-root-primary"],
                            env=env, text=True, capture_output=True, check=False)
    expect(result.returncode == 0, f"p11tool: {result.stderr}{result.stdout}")


def case_token_label_in_use():
    with Table() as one:
        finishes(one, one.run())
        before = one.tokens()
        first = one.evidence
        # The ledger knows the name; and without that ledger, the connected token does.
        one.evidence = one.folder / "second"
        result = one.run()
        refused(result, 3, 'the token name "PRACTICE-root-primary" belongs to the token with serial',
                "Give the new token another label")
        expect(one.tokens() == before, "a token was changed")
        expect(one.abort().returncode == 0, "it could not be aborted")
        expect(one.tokens() == before, "a token was changed by the abort")
        for path in one.site.glob("ledger*"):
            path.unlink()
        one.evidence = one.folder / "without-ledger"
        refused(one.run(), 1, "the ledger does not know the ceremony", "an older ledger")
        shutil.rmtree(one.site / "archive")
        one.evidence = one.folder / "third"
        result = one.run()
        refused(result, 3, 'a token labelled "PRACTICE-root-primary" is connected already',
                "Remove it, or give the new token another label")
        expect(one.tokens() == before, "a token was changed")
        expect(first.is_dir(), "the first evidence is gone")


def case_wrong_pin():
    with Table() as one:
        prompt = "generate-root.primary.user-pin"
        result = one.run(answers=one.answers_with({prompt: "[not-the-pin, user-primary-1]"}))
        finishes(one, result)
        expect("The token did not accept the PIN" in result.stdout, "nobody was warned")
        wrong = [record["data"] for record in one.records()
                 if record["type"] == "facts" and record["data"].get("about") == "wrong-pin"
                 or "wrong" in record["data"] and record["data"].get("user") == "user"]
        expect(len(wrong) == 1 and wrong[0]["token"] == "primary", f"recorded was {wrong}")
    with Table() as one:
        stop_at(one, prompt)
        before = one.objects("primary")
        result = one.resume(answers=one.answers_with({prompt: "[w-1, w-2, w-3, user-primary-1]"}))
        refused(result, 3, "three wrong PINs", "Fetch the right PIN")
        expect(one.objects("primary") == before, "the token was changed")
        finishes(one, one.resume())


def with_fault_module(one):
    path = one.site / "environment.yaml"
    text = path.read_text()
    target = re.search(r'path: "([^"]*)"', text).group(1)
    old = re.search(r'sha256: "([^"]*)"', text).group(1)
    text = text.replace(f'"{target}"', f'"{FAULT}"')
    text = text.replace(old, hashlib.sha256(FAULT.read_bytes()).hexdigest())
    path.write_text(text.replace("    env:\n",
                                 f'    env:\n      CEREMONY_FAULT_TARGET: "{target}"\n'))


def logins(log):
    return sum(" C_Login " in line for line in log.read_text().splitlines())


def case_last_pin_try():
    """Stopped before the last try: no C_Login is sent once the token says that one is left."""
    prompt = "generate-root.primary.user-pin"
    with Table() as one:
        with_fault_module(one)
        stop_at(one, prompt)
        log = one.folder / "calls"
        result = one.resume(env={"CEREMONY_FAULT_LOG": str(log),
                                 "CEREMONY_FAULT": f"C_GetTokenInfo@1+=flags:{FINAL_TRY:#x}"})
        refused(result, 3, "one try left before it locks", "security officer set the user PIN anew")
        expect(log.exists() and log.read_text(), "the fault module was not used")
        expect(logins(log) == 0, f"{logins(log)} logins were sent")
        finishes(one, one.resume())
    with Table() as one:
        # The flag comes up after one wrong PIN; the right one that follows is not sent.
        with_fault_module(one)
        stop_at(one, prompt)
        log = one.folder / "calls"
        answers = one.answers_with({prompt: "[not-the-pin, user-primary-1]"})
        count = 1
        while True:  # from the first reading of the flags that comes after the wrong PIN
            if log.exists():
                log.unlink()
            rule = f"C_GetTokenInfo@{count}+=flags:{FINAL_TRY:#x}"
            result = one.resume(answers=answers, env={"CEREMONY_FAULT_LOG": str(log),
                                                      "CEREMONY_FAULT": rule})
            if logins(log) > 0 or count > 60:
                break
            count += 1
        refused(result, 3, "one try left before it locks")
        expect(logins(log) == 1, f"{logins(log)} logins were sent, at C_GetTokenInfo {count}")
        finishes(one, one.resume())


def foreign_share():
    secret = "11" * 32
    shares = subprocess.run([str(r.BUILD / "bin/slip39"), "split", "--threshold", "2", "--shares",
                             "3"], input=secret + "\n", text=True, capture_output=True, check=True)
    return shares.stdout.splitlines()[0]


def case_share_of_another_set():
    foreign = foreign_share()
    with Table() as one:
        result = one.run(answers=one.answers_with(
            {"restore-root.2.share": f'["{foreign}", {{shown: deliver-root-shares.3.share}}]'}))
        finishes(one, result)
        refused(result, 0, "restore-root.2.share:", "set")
        warning = re.search(r"restore-root\.2\.share: (.*)", result.stdout).group(1)
        expect("set" in warning and len(re.findall(r"\d+", warning)) >= 2,
               f"both sets are not named: {warning}")
        for word in foreign.split()[4:]:
            expect(f" {word} " not in warning, "a word of a share was said")
    with Table() as one:
        result = one.run(answers=one.answers_with({"restore-root.2.share": f'"{foreign}"'}))
        refused(result, 3, "set", "To go on")
        expect(not one.objects("spare"), "something is on the spare token")


def case_duplicate_share():
    with Table() as one:
        result = one.run(answers=one.answers_with(
            {"restore-root.2.share": "[{shown: deliver-root-shares.1.share}, "
                                     "{shown: deliver-root-shares.3.share}]"}))
        finishes(one, result)
        refused(result, 0, "restore-root.2.share:", "there already")


def tapped(one, **env):
    with tap.Tap(one, **env) as program:
        return program.finish()


def case_wrong_word():
    for prompt, place, words in (
            ("deliver-root-shares.1.type-back", 7, ("7", "shown")),
            ("restore-root.1.share", 12, ("12",))):
        with Table() as one:
            result = tapped(one, TAP_WRONG=f"{prompt}:{place}")
            finishes(one, result)
            said = [line for line in result.stdout.splitlines() if prompt + ":" in line]
            expect(len(said) == 1, f"not warned once: {said}")
            for word in words:
                expect(re.search(rf"\b{word}\b", said[0]), f"{word} is not in: {said[0]}")


def case_bag_twice():
    """The number of a bag that was closed already is read again; the record has each bag once."""
    with Table() as one:
        finishes(one, one.run(answers=one.answers_with({"seal-materials.2.bag": "[R-0006, R-0001, R-0007]",
                                                        "deliver-root-shares.3.bag": "[R-0002, R-0003]"})))
        bags = [record["data"]["number"] for record in one.records() if record["data"].get("what") == "bag"]
        expect(bags == ["R-0006", "R-0007", "R-0008", "R-0009"], f"bags: {bags}")
    for prompt, number in (("seal-materials.2.bag", "R-0006"), ("seal-materials.2.bag", "R-0001"),
                           ("deliver-root-shares.3.bag", "R-0002")):
        with Table() as one:
            result = one.run(answers=one.answers_with({prompt: number}))
            refused(result, 3, prompt, "and is not taken")
            finishes(one, one.resume())


def case_missing_module():
    with Table() as one:
        one.environment_with(path=('/libsofthsm2.so"', '/libsofthsm3.so"'))
        refused_before(one, one.run(), 'module "softhsm" is not installed', "environment.yaml says")


def case_other_module():
    with Table() as one:
        text = (one.site / "environment.yaml").read_text()
        old = re.search(r'sha256: "([^"]*)"', text).group(1)
        one.environment_with(hash=(old, old[1:] + old[:1]))
        refused_before(one, one.run(), "is not the one that was approved", "another hash")


def approve(one):
    result = subprocess.run(
        [str(r.CEREMONY), "approve", str(one.script), "--site", str(one.site), "--approver",
         "Ida Rhodes", "--role", "head of security", "--date", "2026-11-23", "--document", "DOC-17"],
        text=True, capture_output=True, check=False)
    expect(result.returncode == 0, f"approve: {result.stderr}")


def case_approval_that_does_not_fit():
    with Table() as one:
        approve(one)
        files = {"script.yaml": one.script,
                 "profiles/root-private.yaml": one.scripts / "profiles/root-private.yaml",
                 "profiles/crl-full.yaml": one.scripts / "profiles/crl-full.yaml",
                 **{name: one.site / name for name in ("environment.yaml", "roster.yaml",
                                                       "custody.yaml")}}
        for name, path in files.items():
            good = path.read_bytes()
            at = good.index(b"# ") + 1  # a blank of a comment: the meaning stays
            path.write_bytes(good[:at] + b"_" + good[at + 1:])
            refused_before(one, one.run(), "the approval does not fit",
                           f"{name} is not what was approved", "approved anew")
            path.write_bytes(good)
        refused_before(one, one.call("run", one.script, "--evidence", one.evidence, "--set",
                                     "country=FR"), "parameters come from the approval alone")
        finishes(one, one.run())


def case_production_without_approval():
    with Table() as one:
        one.environment_with(mode=("mode: rehearsal", "mode: production"),
                             one=("one-player: true\n", ""))
        for name in ("roster.yaml", "custody.yaml"):
            path = one.site / name
            path.write_text("".join(
                line.replace("sign-off: certificate", "sign-off: wet-ink")
                for line in path.read_text().splitlines(True)
                if "sign-off-key" not in line and "sign-off-certificate" not in line))
        command = ("run", one.script, "--evidence", one.evidence)
        refused_before(one, one.call(*command, answers=None), "there is no approval.yaml",
                       "ceremony approve")
        refused_before(one, one.call(*command), "production takes no answers from a file",
                       "at the table")


def case_evidence_folder():
    with Table() as one:
        file = one.folder / "a-file"
        file.write_text("x")
        for place in (file / "evidence", pathlib.Path("/proc/evidence"), file):
            one.evidence = place
            result = one.run()
            refused(result, result.returncode, "evidence")
            expect(result.returncode in (1, 3), f"status {result.returncode}")
            expect(not any((one.folder / "tokens").iterdir()), "a token was touched")
            expect(not list(one.site.glob("ledger*")), "a ledger was made")
        one.evidence = one.folder / "full"
        one.evidence.mkdir()
        (one.evidence / "old").write_text("x")
        result = one.run()
        refused(result, 1, "is not empty", "Name another folder", "use resume")
        expect([path.name for path in one.evidence.iterdir()] == ["old"], "something was added")
        expect(not any((one.folder / "tokens").iterdir()), "a token was touched")


def case_missing_answer():
    with Table() as one:
        answers = one.answers_with({}, drop=("check-room.confirm",))
        result = one.run(answers=answers)
        refused(result, 3, answers.name, "no answer to 'check-room.confirm'", "Add a line")
        finishes(one, one.resume())


def case_secret_in_free_text():
    with Table() as one:
        words = " ".join(foreign_share().split()[8:14])
        result = one.run(answers=one.answers_with({
            "inventory-primary.same": '[{aside: exception}, "yes"]',
            "exception.expected": '["the PIN is user-primary-1, I think", "a quiet room"]',
            "exception.observed": f'["somebody read {words} aloud", "a telephone rang"]',
            "exception.decision": "it was taken out",
            "exception.decider": "the auditor",
            "exception.concurrence": '"yes"'}))
        finishes(one, result)
        for prompt in ("exception.expected", "exception.observed"):
            refused(result, 0, f"{prompt}: That looks like a PIN or share words. Nothing of it was "
                               "kept. Say it in other words.")
        noted = [record["data"] for record in one.records()
                 if record["type"] == "exception" and record["data"]["noted_by"] == "people"]
        expect(len(noted) == 1 and noted[0]["observed"] == "a telephone rang", f"noted: {noted}")
        for path in one.folder.rglob("*"):
            if path.is_file() and "tokens" not in path.parts and path.name != "answers.yaml":
                expect(words.encode() not in path.read_bytes(), f"share words are in {path.name}")


def case_declined_signature():
    with Table() as one:
        result = one.run(answers=one.answers_with({"issue-root.sign": "{decline: true}"}))
        refused(result, 3, "did not sign the certificate", "Nothing was signed")
        expect(not list(one.evidence.glob("certificates/*root*")), "a certificate was written")
        finishes(one, one.resume())


def case_do_not_agree():
    with Table() as one:
        result = one.run(answers=one.answers_with(
            {"sign-off.7.opinion": "disagree", "sign-off.7.reason": "I could not see the screen"}))
        finishes(one, result)
        mine = [record["data"] for record in one.records()
                if record["type"] == "sign-off" and record["data"]["person"] == "Ruth Meyer"]
        expect(mine and mine[0]["agrees"] is False
               and mine[0]["reason"] == "I could not see the screen", f"recorded: {mine}")
        expect(one.records()[-1]["data"]["unanimous"] is False, "it is called unanimous")
        audit = subprocess.run([str(r.AUDIT), "verify", str(one.evidence), "--trust",
                                str(one.folder / "trust")], text=True, capture_output=True,
                               check=False)
        expect(audit.returncode == 0, f"audit: {audit.stdout}{audit.stderr}")


def case_answers_that_drifted():
    with Table() as one:
        answers = one.answers_with({"check-room.cofnirm": '"yes"'})
        result = one.call("run", one.script, "--evidence", one.evidence, "--verbose", "--trust",
                          one.folder / "trust", answers=answers)
        refused(result, 0, "Answers that no prompt asked for: ", "check-room.cofnirm")


def case_new_pins():
    """Typed twice and not the same; and the user's PIN being the security officer's."""
    with Table() as one:
        prompt = "set-pins-primary.primary.new-user-pin-again"
        result = one.run(answers=one.answers_with({prompt: "[other-pin, user-primary-1]"}))
        finishes(one, result)
        refused(result, 0, "The two entries differ. Type both again.")
    with Table() as one:
        prompt = "set-pins-primary.primary.new-user-pin"
        result = one.run(answers=one.answers_with({prompt: "so-primary-1",
                                                   f"{prompt}-again": "so-primary-1"}))
        refused(result, 3, "the user PIN is the same as the SO PIN", "choose another")
        finishes(one, one.resume())


def case_wrong_fingerprint_word():
    with Table() as one:
        right = "{shown: confirm-root.1.word-1}"
        result = one.run(answers=one.answers_with({"confirm-root.1.word-1":
                                                   f"[aardvark, {right}]"}))
        finishes(one, result)
        refused(result, 0, "confirm-root.1.word-1: That is not the word of your copy.")
        wrong = [record for record in one.records() if record["data"].get("answer") == "wrong word"]
        expect(len(wrong) == 1, f"{len(wrong)} wrong words are recorded")
    with Table() as one:
        result = one.run(answers=one.answers_with({"confirm-root.1.word-1": "nonsense"}))
        refused(result, 3, "the words typed do not belong to what is shown here",
                "Compare them whole")
        finishes(one, one.resume())


def run_with_little_space(one, limit):
    command = [str(r.CEREMONY), "run", str(one.script), "--site", str(one.site), "--evidence",
               str(one.evidence), "--headless", "--answers", str(r.ANSWERS)]
    return subprocess.run(
        command, text=True, capture_output=True, check=False, timeout=60, restore_signals=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))


def case_full_disk():
    """No file can grow any more: stopped in a sentence; with space again, resumed or run anew."""
    with Table() as one:
        result = run_with_little_space(one, 112 << 10) # the ledger begins with 108 KiB
        refused(result, 3, "the ledger could not be", "To go on")
        finishes(one, one.resume())
    with Table() as one:
        result = run_with_little_space(one, 12 << 10)
        refused_before(one, result, "the ledger could not be used", "Nothing was begun")
        finishes(one, one.run())


def case_folder_that_the_ledger_does_not_know():
    """As somebody may have made it, for the same script and site: what it tells of steps and keys is not believed."""
    for task in ("resume", "abort"):
        with Table() as one:
            stop_at(one, "generate-root.primary.user-pin")
            for path in one.site.glob("ledger*"):
                path.rename(one.folder / path.name)
            before = (one.evidence / "transcript.jsonl").read_bytes()
            refused(one.call(task, one.evidence), 1,
                    "the ledger has never heard of the ceremony", "made by somebody")
            expect((one.evidence / "transcript.jsonl").read_bytes() == before, "something was recorded")
            for path in one.site.glob("ledger*"):
                path.unlink()
            (one.folder / "ledger.db").rename(one.site / "ledger.db")
            finishes(one, one.resume())


def case_nothing_to_resume():
    with Table() as one:
        for task in ("resume", "abort"):
            result = one.call(task, one.folder / "nowhere")
            refused(result, 1, "is not an evidence folder", "interrupted run was given")


def case_usage():
    with Table() as one:
        refused(one.call("run", one.script), 2, "--evidence DIR is missing")
        refused(one.call("rnu", one.script), 2, 'Did you mean "run"')
        refused(one.call("run", one.script, "--evidnece", "x"), 2, "--evidnece", "--evidence")


if __name__ == "__main__":
    sys.exit(run_cases(globals(), FAULT, tap.TAPPED))
