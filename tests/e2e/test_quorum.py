#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A token under a quorum: another program logs in with what enough papers give, and with nothing less or older; the
next ceremony asks for shares without being told; every wrong share is refused by name; and an interruption at the
very change of the PIN leaves nobody locked out, ended by resume or by abort (R13, R24, R72, R76, R84, R90)."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support/py"))
sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/fault"))
import quorum as q  # noqa: E402
import rehearsal as r  # noqa: E402
from pkcs11_campaign import with_fault_module  # noqa: E402

FAULTS = []
LABEL = "root-primary"


def check(good, text):
    if not good:
        FAULTS.append(text)
        print(f"FAULT: {text}", file=sys.stderr)


def ledger(one, kind):
    newest = sorted(one.evidence.glob("ledger*.jsonl"), key=lambda path: path.stat().st_size)[-1]
    return [entry["data"] for entry in map(json.loads, newest.read_text().splitlines()) if entry["kind"] == kind]


def facts(one, what):
    return [record["data"] for record in one.records()
            if record["type"] == "facts" and record["data"].get("what") == what]


def exceptions(one):
    return [record["data"]["observed"] for record in one.records() if record["type"] == "exception"]


def shares_of(one, step):
    return q.last_shares(q.on_paper(one), step)


def nothing_kept(one, said):
    """No PIN and no share in what the program wrote, but for the papers."""
    secrets = [q.combine(shares_of(one, step)[:3]) or q.combine(shares_of(one, step)[:2])
               for step in ("split-user", "split-so", "renew-user")]
    secrets += [words for _, words in q.on_paper(one)]
    check(all(secrets), "a PIN could not be put together from the papers")
    for path in [*one.evidence.rglob("*"), *one.site.rglob("*"), *one.folder.glob("media-*/**/*")]:
        if not path.is_file():
            continue
        contents = path.read_bytes()
        check(not any(secret.encode() in contents for secret in secrets), f"a secret stands in {path.name}")
    check(not any(secret in said for secret in secrets), "a secret was said")


def happy(one):
    result = q.run(one)
    check(result.returncode == 0, f"it ended with {result.returncode}: {result.stderr}")
    r.check_ended(one)
    nothing_kept(one, result.stdout + result.stderr)
    new, old, officer = (shares_of(one, step) for step in ("renew-user", "split-user", "split-so"))
    check(all(len(words.split()) == 20 for words in new + officer), "a share has not twenty words")
    pin = q.combine(new[1:])
    check(len(pin) == 16 and pin.isalnum() and q.logs_in(one, LABEL, pin), "two of three are not the user")
    check(q.combine(new[:1]) is None, "one share is enough")
    check(q.combine([new[0], old[1]]) is None, "shares of two sets mix")
    check(not q.logs_in(one, LABEL, q.combine(old[:2])), "the replaced PIN still opens the token")
    check(not q.logs_in(one, LABEL, "user-primary-1"), "the PIN that was typed still opens the token")
    check(q.combine(officer[:2]) is None, "two shares are the SO")
    check(q.logs_in(one, LABEL, q.combine(officer[1:]), so=True), "three of four are not the SO")
    states = [(row["user"], row["state"]) for row in ledger(one, "pin-set")]
    check(states == [(user, state) for user in ("user", "SO", "user") for state in ("made", "proven", "in-use")],
          f"the ledger: {states}")
    check([row["how"] for row in ledger(one, "share-proof")] == ["opened", "opened"], "proofs of shares")
    check(not facts(one, "quorum-kept"), "a changed PIN is said to be kept")


def next_ceremony(one):
    """Another script on the same token, which knows nothing of a quorum; wrong shares first."""
    new, old, officer = (shares_of(one, step) for step in ("renew-user", "split-user", "split-so"))
    wrong = new[0].split()
    wrong[7] = "zero" if wrong[7] != "zero" else "academic"
    typed = {"1": [old[0], officer[0], " ".join(wrong), new[0]], "2": [new[0], new[2]]}
    subprocess.run([r.SOURCE / "scripts/dev/make-site", "intermediate-ca", one.folder], check=True)
    one.script = r.SOURCE / "scripts" / "intermediate-ca.yaml"
    one.evidence = one.folder / "next"
    more = {f"*.issuer.user-pin.{number}.bag": f"R-030{number}" for number in typed}
    more |= {f"*.issuer.user-pin.{number}.share": json.dumps(shares) for number, shares in typed.items()}
    result = q.run(one, answers=one.answers_with(more))
    said = result.stdout + result.stderr
    check(result.returncode == 0, f"the next ceremony ended with {result.returncode}: {result.stderr}")
    for words in ("was replaced by another one", f'which holds the SO PIN of token "PRACTICE-{LABEL}"',
                  "it is word 8", "the same one does not count twice"):
        check(words in said, f"the next ceremony does not say {words!r}: {said}")
    check(len(facts(one, "quorum-kept")) == 1, "a PIN that was kept is not told")
    check(any("was recombined from shares, and not changed" in text for text in exceptions(one)),
          "a PIN that was kept is no exception")
    r.check_audit(one)


def too_few(one):
    result = q.run(one, answers=one.answers_with({}, drop=["unlock.signing.user-pin.2.share"]))
    check(result.returncode == 3, f"too few shares: {result.returncode}: {result.stderr}")
    last = one.records()[-1]
    check(last["type"] != "closing" and not facts(one, "quorum-shares"), "one share was taken for a PIN")
    result = q.go_on(one, "abort")
    check(result.returncode == 0, f"too few shares: not aborted: {result.stderr}")
    r.check_audit(one)
    check(q.logs_in(one, LABEL, q.combine(shares_of(one, "split-user")[:2])), "too few shares: the PIN is lost")


def lost_users(one):
    """Too few shares of the user PIN are left: those of the SO set a new one, and the SO PIN is then known."""
    copy = one.folder / "scripts"
    copy.mkdir()
    text = one.script.read_text()
    head, renew = text.split("      - id: renew-user\n")
    one.script = copy / one.script.name
    renew = renew.replace("shares: user-quorum", "shares: user-quorum\n        by: so", 1)
    one.script.write_text(f"{head}      - id: renew-user\n{renew}")
    more = {}
    for n, share in ((1, 4), (2, 2), (3, 1)):
        more[f"renew-user.signing.so-pin.{n}.share"] = f"{{shown: split-so.{share}.share}}"
        more[f"renew-user.signing.so-pin.{n}.bag"] = f"R-030{n}"
    result = q.run(one, answers=one.answers_with(more))
    check(result.returncode == 0, f"by the SO: {result.stderr}")
    calls = [record["data"]["call"] for record in one.records()
             if record["type"] == "result" and record["data"].get("does") == "change-pin"]
    check(calls == ["C_SetPIN", "C_SetPIN", "C_InitPIN"], f"by the SO: {calls}")
    check([fact["user"] for fact in facts(one, "quorum-kept")] == ["SO"], "by the SO: whose PIN is known now")
    check(q.logs_in(one, LABEL, q.combine(shares_of(one, "renew-user")[1:])), "by the SO: the new PIN does not open")
    r.check_audit(one)


def no_quorum_possible(one):
    """What the token itself rules out is said before anything is made."""
    one.environment_with(keypad=("    so-pin: typed", "    so-pin: protected"))
    result = one.call("check", one.script, answers=None)
    check(result.returncode == 1 and "is typed on its own keypad" in result.stdout + result.stderr,
          f"a keypad: {result.returncode} {result.stdout} {result.stderr}")


def weak_officer(one):
    no_quorum_possible(one)
    path = one.site / "custody.yaml"
    path.write_text(path.read_text().replace("threshold: 3", "threshold: 2"))
    result = q.run(one)
    check(result.returncode == 1 and "must take more shares than its user PIN" in result.stderr
          and not one.evidence.exists(), f"as few for the SO as for the user: {result.stderr}")


def killed(one, rule):
    with_fault_module(one)
    result = q.run(one, env={"CEREMONY_FAULT_ONGOING": "1", "CEREMONY_FAULT": rule})
    check(result.returncode == -9, f"{rule}: not killed: {result.returncode} {result.stderr}")
    check(one.records()[-1]["data"].get("does") == "change-pin", f"{rule}: killed elsewhere")


def held(one, step, typed):
    """Which PIN the token has: "typed", "shares", or what is wrong."""
    old, new = q.logs_in(one, LABEL, typed), q.logs_in(one, LABEL, q.combine(shares_of(one, step)[:2]) or "")
    return {(True, False): "typed", (False, True): "shares"}.get((old, new), "nobody's")


def settled(rule, task, had, has):
    """Killed at the change, ended with the holders there: the token tells."""
    with r.Rehearsal("activate-quorum") as one:
        killed(one, rule)
        check(held(one, "split-user", "user-primary-1") == had, f"{rule}: the token has not the {had} PIN")
        more = {f"{task}.signing.user-pin.{n}.share": f'"{share}"' for n, share in
                enumerate(shares_of(one, "split-user"), 1)}
        for n, prompt in ((1, "unlock.signing.user-pin.1"), (2, "unlock.signing.user-pin.2"),
                          (2, "renew-user.signing.user-pin.1"), (3, "renew-user.signing.user-pin.2")):
            share = shares_of(one, "split-user")[n - 1]
            more[f"{prompt}.share"] = f'["{share}", {{shown: split-user.{n}.share}}]'
        result = q.go_on(one, task, answers=one.answers_with(more))
        check(result.returncode == 0, f"{rule}, {task}: {result.stderr}")
        check(held(one, "split-user" if task == "abort" else "renew-user", "user-primary-1") == has,
              f"{rule}, {task}: the token has not the {has} PIN")
        r.check_audit(one)


def left_open():
    """Aborted with too few holders there: both PINs are kept, and the next ceremony finds out."""
    with r.Rehearsal("activate-quorum") as one:
        killed(one, "C_SetPIN@1=killafter")
        nobody = one.answers_with({"*.holders": '"no"'}, drop=["*.holders"])
        result = q.go_on(one, "resume", answers=nobody)
        check(result.returncode == 3 and "obody knows which PIN" in result.stderr, f"left open: {result.stderr}")
        result = q.go_on(one, "abort", answers=nobody)
        check(result.returncode == 0, f"left open: not aborted: {result.stderr}")
        r.check_audit(one)
        states = [row["state"] for row in ledger(one, "pin-set")]
        check(states == ["made", "proven"], f"left open: the ledger says {states}")
        one.evidence = one.folder / "again"
        first = shares_of(one, "split-user")
        more = {"*.which": "shares", "*.signing.user-pin.*.bag": "R-0301"}
        more |= {f"check-signing.signing.user-pin.{n}.share": f'"{first[n - 1]}"' for n in (1, 2)}
        more |= {f"split-user.signing.user-pin.{n}.share": f'"{first[n - 1]}"' for n in (1, 2)}
        more["split-user.old-forms"] = '"yes"'
        for n in range(1, 4):
            more[f"split-user.{n}.share"] = "written"
        result = q.run(one, answers=one.answers_with(more))
        check(result.returncode == 0, f"left open: the next ceremony: {result.stdout} {result.stderr}")
        check("the token took the newer one" in json.dumps(one.records()), "left open: it was not found out")
        r.check_audit(one)


def left_open_officer():
    """The officer's change is left open, and the next officer's login is that of the next change: it tells which set goes."""
    with r.Rehearsal("activate-quorum") as one:
        killed(one, "C_SetPIN@2=killafter")
        nobody = one.answers_with({"*.holders": '"no"'}, drop=["*.holders"])
        result = q.go_on(one, "abort", answers=nobody)
        check(result.returncode == 0, f"officer: not aborted: {result.stderr}")
        one.evidence = one.folder / "again"
        user, officer = shares_of(one, "split-user"), shares_of(one, "split-so")
        more = {"*.which": "shares", "*.signing.*.bag": "R-0301", "*.old-forms": '"yes"'}
        for step in ("check-signing", "split-user"):
            more |= {f"{step}.signing.user-pin.{n}.share": f'"{user[n - 1]}"' for n in (1, 2)}
        more |= {f"split-so.signing.so-pin.{n}.share": f'"{officer[n - 1]}"' for n in (1, 2, 3)}
        more |= {f"{step}.{n}.share": "written" for step in ("split-user", "split-so") for n in range(1, 5)}
        result = q.run(one, answers=one.answers_with(more))
        check(result.returncode == 0, f"officer: the next ceremony: {result.stdout[-600:]} {result.stderr}")
        old = [fact for fact in facts(one, "old-pin-shares") if fact["user"] == "SO"]
        first = [row["set_id"] for row in ledger(one, "pin-set") if row["user"] == "SO"][0]
        check([fact["before"] for fact in old] == [first], f"officer: the forms that end are not asked for: {old}")
        r.check_audit(one)


def refused_steps():
    """Steps that cannot go on with a PIN that is held as shares say so, before anybody types one."""
    for what, new_step, says in (
            ("create-recorder", lambda step: step.replace("token: recorder", "token: signing"),
             "Give the recorder a token whose PIN one person types"),
            ("set-pins", lambda step: step.replace("make-recorder", "new-pins").replace("create-recorder", "set-pins")
             .replace("token: recorder", "token: signing") + step,
             "A step 'split-pin' with 'by: so' gives it a new one")):
        with r.Rehearsal("custody-check") as one:
            text = one.script.read_text()
            step = text[text.index("      - id: make-recorder\n"):text.index("\n  - act: Bags")]
            one.script = one.folder / "scripts" / one.script.name
            one.script.parent.mkdir()
            one.script.write_text(text.replace(step, new_step(step)))
            result = q.run(one)
            said = " ".join(result.stderr.split())
            check(result.returncode in (1, 3) and "The user PIN of token \"signing\" is held as shares" in said
                  and says in said, f"{what}: {result.returncode}: {said}")
            announced = [record["data"]["does"] for record in one.records() if record["type"] == "intent"]
            check(what not in announced, f"{what}: {announced}")


def main():
    with r.Rehearsal("activate-quorum") as one:
        happy(one)
        next_ceremony(one)
    for part in (too_few, lost_users, weak_officer):
        with r.Rehearsal("activate-quorum") as one:
            part(one)
    settled("C_SetPIN@1=kill", "resume", "typed", "shares")
    settled("C_SetPIN@1=killafter", "resume", "shares", "shares")
    settled("C_SetPIN@1=killafter", "abort", "shares", "shares")
    left_open()
    left_open_officer()
    refused_steps()
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
