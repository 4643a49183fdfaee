#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each kind of file that people bring is read by a process that has no token: it is held for a moment after it confined
itself, and looked at from outside. Killed then, as a file that breaks it would, nothing is recorded as done, it is said in
plain words, and the ceremony is resumed. A file whose reading fails says so in the words that it has without it (T17, R53,
R56, R62, I7, I8)."""
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support/py"))
import rehearsal as r  # noqa: E402
from confined import confined, status  # noqa: E402

FAULTS = []
PAUSE = r.BUILD / "tests" / "pause_module.so"
# rehearsal: (input, what stays undone when its reader is killed), in the order of the script
CASES = {
    "subordinate-sign": (("subordinate", "import-request"),),
    "subordinate-import": (("subordinate", "import-certificate"),),
    "cross-certificate": (("other", "import-existing"),),
    "root-crl": (("revocations", "revoke"), ("root-crl", "carry-crl")),
    "device-seeds": (("sign-batch", "open-seeds"),),
    "device-keys": (("factory", "sign-requests"), ("sign-batch", "sign-requests")),
}
# read before the transcript is opened, too, to draft what will be signed
BEFORE = {"subordinate-sign": 1, "subordinate-import": 1, "cross-certificate": 1}


def check(good, text):
    if not good:
        FAULTS.append(text)
        print(f"FAULT: {text}", file=sys.stderr)
    return good


def look(pid):
    """What the process has, from outside; False when it ended meanwhile."""
    try:
        maps = pathlib.Path(f"/proc/{pid}/maps").read_text()
        files = [os.readlink(path) for path in pathlib.Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return False
    facts = status(pid)
    if not facts or not files:
        return False
    check("softhsm" not in maps, "a PKCS#11 module is mapped where a file is read")
    check(facts["NoNewPrivs"] == "1", "it may gain privileges")
    strange = [name for name in files if name != "/dev/null" and not name.startswith("pipe:")]
    check(strange == [], f"it has more open than it needs: {strange}")
    return True


class Watched:
    """A run whose confined processes wait a moment; the `victim`th of them (from 0) is killed."""

    def __init__(self, one, victim=None):
        self.seen, self.looks = [], 0
        self.result = None
        env = {"LD_PRELOAD": str(PAUSE), "PAUSE_MS": "300"}
        thread = threading.Thread(target=self.run, args=(one, env))
        thread.start()
        while thread.is_alive():
            for pid in confined(os.getpid()):
                if pid not in self.seen:
                    self.seen.append(pid)
                    self.looks += look(pid)
                    if len(self.seen) - 1 == victim:
                        os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)

    def run(self, one, env):
        self.result = one.run(env=env)

    def said(self):
        return " ".join((self.result.stdout + self.result.stderr).split())


def bring_crl(one):
    """The root's last CRL comes along, too."""
    for path in (one.site / "archive/crls").glob("*.der"):
        text = subprocess.run(["openssl", "crl", "-inform", "DER", "-in", path, "-noout", "-issuer"], text=True,
                              capture_output=True, check=True).stdout
        if "Example Root X1" in text:
            file = one.site / "environment.yaml"
            file.write_text(file.read_text().replace("inputs:\n", f"inputs:\n  root-crl:\n    path: \"{path}\"\n"))
            return
    check(False, "the archive has no CRL of the root")


def prepare(one):
    if one.name == "root-crl":
        bring_crl(one)


def done(one, does):
    return any(record["type"] == "result" and record["data"].get("does") == does for record in one.records())


def looked_at(name, inputs):
    with r.Rehearsal(name) as one:
        prepare(one)
        run = Watched(one)
        check(run.result.returncode == 0, f"{name}: not ended: {run.said()[-600:]}")
        facts = [record["data"] for record in one.records()
                 if record["type"] == "facts" and record["data"]["what"] == "reader"]
        check([fact["input"] for fact in facts][:len(inputs)] == [entry[0] for entry in inputs],
              f"{name}: what is recorded: {facts}")
        check(all(fact["seccomp"] is True for fact in facts), f"{name}: not confined: {facts}")
        before = run.looks - len(facts)  # the check before anything is opened reads some, and records nothing
        check(before == BEFORE.get(name, 0), f"{name}: {len(facts)} files were read, {run.looks} processes seen")
        r.check_audit(one)


def killed(name, victim, does):
    with r.Rehearsal(name) as one:
        prepare(one)
        run = Watched(one, victim)
        text = f"{name}, process {victim} killed"
        if not check(len(run.seen) > victim, f"{text}: it never was"):
            return
        check(run.result.returncode == 3 and "ended before it had read all" in run.said(), f"{text}: {run.said()[-600:]}")
        check(not done(one, does), f"{text}: {does} is recorded as done")
        result = one.resume()
        check(result.returncode == 0, f"{text}: not resumed: {result.stderr}")
        check(does == "carry-crl" or done(one, does), f"{text}: {does} was not done after it was resumed")


def broken():
    """What is wrong with a file is said in the words of whoever judged it."""
    with r.Rehearsal("root-crl") as one:
        path = one.folder / "revoked.jsonl"
        path.write_text("serial,colour\n")
        said = " ".join((lambda result: result.stdout + result.stderr)(one.run()).split())
        check('first line of the list "revoked.jsonl" does not name its columns' in said
              and "Begin it with a line such as serial,date" in said, f"a list without its first line: {said[-600:]}")
    with r.Rehearsal("subordinate-sign") as one:
        file = one.site / "environment.yaml"
        path = one.folder / "no-request.der"
        file.write_text(re.sub(r'(  subordinate:\n    path: ).*\n    evidence: .*\n', rf'\1"{path}"\n', file.read_text()))
        said = " ".join(one.run().stderr.split())
        check(f"{path}" in said and "the process that reads" not in said, f"no request: {said[-400:]}")
        path.write_bytes(b"\x30\x03\x02\x01\x05")
        said = " ".join(one.run().stderr.split())
        check("neither PEM nor a certificate, CRL or request" in said and "from its source" in said,
              f"what is no request: {said[-400:]}")


def main():
    for name, inputs in CASES.items():
        looked_at(name, inputs)
        for victim, (_, does) in enumerate(inputs):
            killed(name, BEFORE.get(name, 0) + victim, does)
    broken()
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
