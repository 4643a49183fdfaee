# SPDX-License-Identifier: Apache-2.0
"""PINs that are held as shares, as a stranger gets at them: words from the custodians' papers, the program slip39,
and another program that logs in."""
import os
import re
import subprocess

import rehearsal as r

SLIP39 = r.BUILD / "bin" / "slip39"
MODULE = next((path for path in ("/usr/lib/softhsm/libsofthsm2.so",
                                 "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
               if os.path.exists(path)), "")


def run(one, **options):
    """As one.run, with the custodians' papers kept."""
    return one.call("run", one.script, "--evidence", one.evidence, "--trust", one.folder / "trust", "--paper",
                    one.folder / "paper-of-today", *one.settings, **options)


def go_on(one, task, **options):
    return one.call(task, one.evidence, "--trust", one.folder / "trust", "--paper", one.folder / "paper-of-today",
                    **options)


def on_paper(one):
    return papers(one.folder / "paper-of-today")


def papers(path):
    """[(prompt, words)] in the order in which they were shown."""
    if not path.exists():
        return []
    return re.findall(r'^"([^"]+)": "([^"]+)"$', path.read_text(), re.MULTILINE)


def last_shares(written, step):
    """The shares that a step gave out last, by number."""
    found = {}
    for prompt, words in written:
        match = re.fullmatch(rf"{step}\.(\d+)\.share", prompt)
        if match:
            found[int(match.group(1))] = words
    return [found[number] for number in sorted(found)]


def combine(shares):
    """The PIN that shares give, or None."""
    result = subprocess.run([SLIP39, "combine"], input="\n".join(shares) + "\n", text=True, capture_output=True,
                            check=False)
    return bytes.fromhex(result.stdout.strip()).decode() if result.returncode == 0 else None


def logs_in(one, label, pin, so=False):
    """Whether the token takes the PIN, as another program sees it."""
    env = {**os.environ, "SOFTHSM2_CONF": str(one.folder / "softhsm2.conf")}
    words = ["--so-login", "--set-so-pin", pin] if so else ["--login", "--set-pin", pin]
    result = subprocess.run(["p11tool", "--provider", MODULE, *words, "--list-all",
                             f"pkcs11:token=PRACTICE-{label}"], env=env, text=True, capture_output=True,
                            stdin=subprocess.DEVNULL, check=False)
    return result.returncode == 0 and "PIN" not in result.stderr
