#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tree itself: every test is registered and asserts, nothing is left to do, no path of a machine, no file too long."""
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

SOURCE, BUILD = Path(os.environ["SOURCE_DIR"]), Path(os.environ["BUILD_DIR"])
LINES_MAX = 600
ASSERTS = {
    ".c": re.compile(r"\b(assert_\w+|check_ok|check_error\w*|need|expect\w*)\s*\("),
    ".py": re.compile(r"\bassert\b|sys\.exit|raise |\bfaults?\b|\bcheck\w*\("),
    ".sh": re.compile(r"\bexit 1\b|\bset -e|\bexit \$|\bexec\b|\bfail\b"),
}
LEFT = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b")
MACHINE = re.compile(r"(?<![\w}])/(?:ho" + r"me|ro" + r"ot|wo" + r"rk|Us" + r"ers)/[a-zA-Z.]")
WORDS = re.compile(r"\b(whitel" + r"ist|blackl" + r"ist|sanity ch" + r"eck|dummy|obviously|simply put|magic(?:ally)?"
                   r"|lorem ip" + r"sum|chatg" + r"pt|copilot|claude|anthropic|language mod" + r"el)\b", re.I)
CODE = {".c", ".h", ".py", ".sh", ".cmake"}
NO_LICENCE = {".md", ".json", ".der", ".pem", ".txt", ".golden", ".crl", ".cer", ".csv"}


def tracked():
    """The repository's files; without git, whatever lies outside build folders."""
    if (SOURCE / ".git").exists() and shutil.which("git"):
        listed = subprocess.run(["git", "-C", str(SOURCE), "ls-files", "-z"], check=True, capture_output=True)
        names = listed.stdout.decode().split("\0")
        return [SOURCE / name for name in names if name and (SOURCE / name).is_file()]
    return [path for path in sorted(SOURCE.rglob("*")) if path.is_file()
            and not path.relative_to(SOURCE).parts[0].startswith("build")]


def kind(path):
    if path.name == "CMakeLists.txt":
        return ".cmake"
    if path.suffix == "" or path.suffix == ".in":
        first = path.read_bytes()[:64].split(b"\n")[0]
        if first.startswith(b"#!"):
            return ".py" if b"python" in first else ".sh"
    return path.suffix


def judge_text(name, suffix, text):
    """Faults of one file's text."""
    head = "\n".join(text.split("\n")[:4])
    if suffix not in NO_LICENCE and suffix and not name.startswith("tests/vectors/") \
            and "SPDX-License-Identifier: Apache-2.0" not in head:
        yield f"{name}: no SPDX line"
    if suffix in CODE and text.count("\n") > LINES_MAX:
        yield f"{name}: {text.count(chr(10))} lines; {LINES_MAX} is the most"
    for number, line in enumerate(text.split("\n"), 1):
        if suffix in CODE and LEFT.search(line):
            yield f"{name}:{number}: something is left to do"
        if MACHINE.search(line):
            yield f"{name}:{number}: a path of one machine: {line.strip()[:80]}"
        if WORDS.search(line):
            yield f"{name}:{number}: the word \"{WORDS.search(line).group(0)}\""


def judge_shell(path, name):
    """Shell scripts parse; shellcheck agrees, where it is."""
    shell = "bash" if b"bash" in path.read_bytes().split(b"\n")[0] else "sh"
    if subprocess.run([shell, "-n", str(path)], check=False).returncode != 0:
        yield f"{name}: {shell} cannot read it"
    if shutil.which("shellcheck"):
        run = subprocess.run(["shellcheck", "-S", "warning", "-f", "gcc", str(path)], check=False,
                             capture_output=True, text=True)
        yield from run.stdout.replace(str(SOURCE) + "/", "").splitlines()


def judge_registered(files):
    """Each tests/**/test_* file is a test of ctest, and each asserts something."""
    listed = subprocess.run(["ctest", "--test-dir", str(BUILD), "--show-only=json-v1"], check=True,
                            capture_output=True, text=True)
    known = {test["name"] for test in json.loads(listed.stdout)["tests"]}
    for path in files:
        name = path.relative_to(SOURCE).as_posix()
        if not re.match(r"tests/.*/test_[^/]+\.(c|sh|py)$", name):
            continue
        expected = name.removeprefix("tests/").rsplit(".", 1)[0].replace("/", "_")
        if expected not in known:
            yield f"{name}: not registered with ctest (as {expected})"
        if not ASSERTS[path.suffix].search(path.read_text(encoding="utf-8")):
            yield f"{name}: asserts nothing"
        if path.suffix != ".c" and not os.access(path, os.X_OK):
            yield f"{name}: is not executable"


def check_self():
    """The judges themselves can say no."""
    bad = "int x; // TO" + "DO\n" + "\n" * LINES_MAX + "char *p = \"/ho" + "me/me/x\";\n"
    assert len(list(judge_text("ceremony/x.c", ".c", bad))) == 4
    assert not list(judge_text("x.c", ".c", "/* SPDX-License-Identifier: Apache-2.0 */\n"))


def main():
    check_self()
    files, faults, seen = tracked(), [], 0
    for path in files:
        name, suffix = path.relative_to(SOURCE).as_posix(), kind(path)
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue
        seen += 1
        if name not in ("LICENSE", "tests/meta/test_tree.py") and not name.startswith(("tests/vectors/", ".git")):
            faults += judge_text(name, suffix, text)
        if suffix == ".sh":
            faults += judge_shell(path, name)
    faults += judge_registered(files)
    print("\n".join(faults))
    print(f"{seen} files, {len(faults)} faults")
    return 1 if faults or seen < 300 else 0


if __name__ == "__main__":
    sys.exit(main())
