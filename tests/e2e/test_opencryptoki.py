#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A third PKCS#11 implementation, which can do too little: the soft token of opencryptoki signs with no key that a CA may
have and wraps none. `ceremony check` says so at the key's place in the script, and a run does not begin (R79). Needs the
package opencryptoki, and a user who may start its daemon or reach a running one; else it is skipped, and said."""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support/py"))
import rehearsal as r  # noqa: E402

FAULTS = []
TYPES = ("ec-p256", "ec-p384", "ec-p521", "ed25519", "rsa-2048", "rsa-3072", "rsa-4096")


def check(good, text):
    if not good:
        FAULTS.append(text)
        print(f"FAULT: {text}", file=sys.stderr)


def module():
    found = sorted(pathlib.Path("/usr/lib").glob("*/libopencryptoki.so.0.0.0"))
    return found[0] if found else None


def tokens(path):
    done = subprocess.run([r.CEREMONY, "tokens", "--module", path], text=True, capture_output=True, check=False)
    return done.stdout


def daemon(path):
    """The daemon that was started here, None if one was there; a text if there is none and none can be started."""
    if "IBM SoftTok" in tokens(path):
        return None
    program = shutil.which("pkcsslotd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        return "pkcsslotd is not installed"
    started = subprocess.Popen([program, "-f"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(50):
        if "IBM SoftTok" in tokens(path):
            return started
        if started.poll() not in (None, 0):
            break
        time.sleep(0.1)
    started.kill()
    return "its daemon could not be started by this user"


def too_little(path):
    with r.Rehearsal() as one:
        environment = one.site / "environment.yaml"
        text = environment.read_text()
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        text = text.replace("tokens:\n", f'  opencryptoki:\n    path: "{path}"\n    sha256: "{digest}"\ntokens:\n', 1)
        environment.write_text(text.replace("  primary:\n    module: softhsm", "  primary:\n    module: opencryptoki", 1))
        script = one.folder / "scripts/root-ca.yaml"
        shutil.copytree(r.SOURCE / "scripts/profiles", script.parent / "profiles")
        shipped = one.script.read_text()
        line = 1 + shipped[:shipped.index("  root: {type: ec-p384,")].count("\n")
        one.script = script
        for name in TYPES:
            script.write_text(shipped.replace("{type: ec-p384, token: primary", f"{{type: {name}, token: primary", 1))
            said = one.call("check", script, answers=None)
            check(said.returncode == 1 and f"root-ca.yaml:{line}:3: the token cannot have a key of type {name}: it does not"
                  in said.stdout + said.stderr, f"{name}: {said.returncode} {said.stdout} {said.stderr}")
        run_stops(one, path)


def run_stops(one, path):
    """Who did not run `check` hears it where the token is first looked at, and it stays blank."""
    before = tokens(path)
    result = one.run()
    said = " ".join(result.stderr.split())
    check(result.returncode == 3 and "it does not sign with such keys" in said,
          f"a run: {result.returncode} {said}")
    done = [record["data"]["does"] for record in one.records() if record["type"] == "intent"]
    check(set(done) == {"write-output"}, f"a run: {done}")
    check(tokens(path) == before and "IBM SoftTok" in before, "the token was initialised")
    result = one.abort()
    check(result.returncode == 0, f"a run: not aborted: {result.stderr}")


def main():
    path = module()
    if path is None:
        print("SKIPPED: opencryptoki is not installed; a token that can do too little was NOT examined")
        return 77
    started = daemon(path)
    if isinstance(started, str):
        print(f"SKIPPED: {started}; a token that can do too little was NOT examined")
        return 77
    try:
        too_little(path)
    finally:
        if started is not None:
            started.terminate()
            started.wait(timeout=20)
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
