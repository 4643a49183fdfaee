#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How an abort is sealed when the recorder cannot: its token is lost, or it was never made; people have keys of
their own, or all sign in ink. VERIFY.txt then names no seal that is not there, the auditor's program agrees, and an
abort that is killed on the way is ended by resume without the lost token."""
import json
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support/py"))
import rehearsal as r  # noqa: E402

KILL = r.BUILD / "tests" / "kill_module.so"


def lose(one, name):
    serial = next(record["data"]["serial"] for record in one.records()
                  if record["type"] == "result" and record["data"].get("token") == name
                  and "serial" in record["data"])
    for folder in (one.folder / "tokens").iterdir():
        if serial.encode() in (folder / "token.object").read_bytes():
            shutil.rmtree(folder)


def all_in_ink(one):
    for name in ("roster.yaml", "custody.yaml"):
        path = one.site / name
        text = re.sub(r"\n *sign-off-(certificate|key):[^\n]*", "", path.read_text())
        path.write_text(text.replace("sign-off: certificate", "sign-off: wet-ink"))


def stopped(one, prompt):
    result = one.run(answers=one.answers_with({prompt: "{aside: stop}"}))
    if result.returncode != 3:
        raise r.Broken(f"not stopped: {result.returncode} {result.stderr}")


def check_sealed(one, recorder, people):
    """By whom, and that the folder says so itself."""
    r.check_aborted(one)
    evidence = one.evidence
    signers = [row["signer"] for row in one.records()[-1]["data"]["required_signers"]]
    if ("recorder" in signers) != recorder or (len(signers) > recorder) != people:
        raise r.Broken(f"the closing record wants the signatures of {signers}")
    if (evidence / "SHA256SUMS.p7s").exists() != (recorder or people):
        raise r.Broken("a seal is there that nobody made, or none where there should be")
    newest = max(evidence.glob("VERIFY*.txt"), key=lambda path: path.stat().st_mtime_ns)
    text = newest.read_text()
    if ("SHA256SUMS.p7s" in text) != (recorder or people):
        raise r.Broken(f"{newest.name} names a seal that is not there, or misses one that is")
    for line in text.splitlines():
        if line.startswith("$ "):
            result = subprocess.run(["sh", "-c", line[2:]], cwd=evidence, capture_output=True,
                                    text=True, check=False)
            if result.returncode != 0:
                raise r.Broken(f"{newest.name}: {line}: {result.stderr}")
    trust = (one.folder / "trust").read_text()
    if (" recorder " in trust) != recorder:
        raise r.Broken(f"what people carry home does not fit the seal: {trust}")


def lost_recorder(in_ink):
    with r.Rehearsal() as one:
        if in_ink:
            all_in_ink(one)
        stopped(one, "issue-root.sign")
        lose(one, "recorder")
        result = one.abort()
        if result.returncode != 0:
            raise r.Broken(result.stderr)
        check_sealed(one, False, not in_ink)
        given_up = [record["data"]["token_given_up"] for record in one.records()
                    if "token_given_up" in record["data"]]
        if given_up != ["recorder"]:
            raise r.Broken(f"given up are {given_up}")


def no_recorder_yet(in_ink):
    with r.Rehearsal() as one:
        if in_ink:
            all_in_ink(one)
        stopped(one, "check-room.confirm")
        result = one.abort()
        if result.returncode != 0:
            raise r.Broken(result.stderr)
        check_sealed(one, False, not in_ink)


def killed_after_closing():
    """The token is given up by people of the first run; the next one must not ask for it again."""
    with r.Rehearsal() as one:
        stopped(one, "issue-root.sign")
        lose(one, "recorder")
        saved = one.folder.with_name(one.folder.name + "-saved")
        shutil.copytree(one.folder, saved)
        try:
            counter = one.folder / "count"
            result = one.abort(env={"LD_PRELOAD": str(KILL), "KILL_COUNT": str(counter)})
            if result.returncode != 0:
                raise r.Broken(result.stderr)
            total = int(counter.read_text())
            tried = 0
            for point in range(total - 60, total, 6):
                shutil.rmtree(one.folder)
                shutil.copytree(saved, one.folder)
                killed = one.abort(env={"LD_PRELOAD": str(KILL), "KILL_AT": str(point)})
                if killed.returncode != -9:
                    raise r.Broken(f"flush {point}: not killed")
                if one.records()[-1]["type"] != "closing":
                    continue
                tried += 1
                result = one.resume()
                if result.returncode != 0:
                    raise r.Broken(f"flush {point}: {result.stderr}")
                check_sealed(one, False, True)
            if tried == 0:
                raise r.Broken("no kill fell between the closing record and the end")
        finally:
            shutil.rmtree(saved)


def main():
    cases = [("the recorder's token is lost", lambda: lost_recorder(False)),
             ("the same, and all sign in ink", lambda: lost_recorder(True)),
             ("there is no recorder yet", lambda: no_recorder_yet(False)),
             ("the same, and all sign in ink", lambda: no_recorder_yet(True)),
             ("killed after the closing record", killed_after_closing)]
    broken = 0
    for what, case in cases:
        try:
            case()
            print(f"{what}: sealed as it says", flush=True)
        except (r.Broken, KeyError, json.JSONDecodeError) as why:
            broken += 1
            print(f"{what}: BROKEN: {why}", flush=True)
    print(f"{len(cases) - broken} passed, {broken} failed")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
