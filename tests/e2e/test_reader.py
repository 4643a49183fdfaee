#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Requests are read by a process that has no token: while a batch is reviewed and signed, that process is looked at from
outside. No PKCS#11 module is mapped in it, the kernel filters its calls and its files, it has three dead descriptors, its
pipe and the medium. Killed in the middle, as a request that breaks it would, nothing is signed for it, it is said in plain
words, and the ceremony is resumed (T17, R69, I7, I8)."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support/py"))
import rehearsal as r  # noqa: E402
from confined import below, confined, status  # noqa: E402

FAULTS = []
COUNT = 2500


def check(good, text):
    if not good:
        FAULTS.append(text)
        print(f"FAULT: {text}", file=sys.stderr)


def start(work, evidence):
    return subprocess.Popen([r.SOURCE / "scripts/rehearse", "device-batch", "--no-build", "--headless", "--work", work,
                             "--evidence", evidence, "--count", str(COUNT)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, env={**os.environ, "BUILD_DIR": str(r.BUILD)})


def wait_for_reader(program):
    while program.poll() is None:
        found = confined(program.pid)
        if found:
            return found[0]
        time.sleep(0.005)
    return None


def look(pid, manifest):
    """What the process has, from outside; None when it ended meanwhile."""
    try:
        maps = pathlib.Path(f"/proc/{pid}/maps").read_text()
        files = [os.readlink(path) for path in pathlib.Path(f"/proc/{pid}/fd").iterdir()]
        first = pathlib.Path(f"/proc/{pid}/oom_score_adj").read_text().strip()
    except OSError:
        return None
    facts = status(pid)
    if not facts or not files:
        return None
    check("softhsm" not in maps, "a PKCS#11 module is mapped where requests are read")
    check(facts["NoNewPrivs"] == "1", "it may gain privileges")
    check(first == "1000" or not os.access("/proc/self/oom_score_adj", os.W_OK), "when memory runs out, it is not the first to end")
    strange = [name for name in files if name != "/dev/null" and not name.startswith("pipe:") and name != str(manifest)]
    check(strange == [], f"it has more open than it needs: {strange}")
    return facts


def records(evidence):
    return [json.loads(line) for line in (evidence / "transcript.jsonl").read_text().splitlines()]


def looked_at(folder):
    work, evidence = folder / "work", folder / "evidence"
    program = start(work, evidence)
    looks = 0
    while program.poll() is None:
        for pid in confined(program.pid):
            looks += look(pid, work / "devices.jsonl") is not None
        time.sleep(0.01)
    output = program.communicate()
    check(program.returncode == 0, f"not ended: {output}")
    check(looks > 0, "no confined process was seen")
    facts = [record["data"] for record in records(evidence) if record["type"] == "facts" and record["data"]["what"] == "reader"]
    check(len(facts) == 2 and all(fact["seccomp"] is True for fact in facts), f"what is recorded: {facts}")


def killed(folder):
    """While the requests are reviewed: the first confined process that there is."""
    work, evidence = folder / "work-2", folder / "evidence-2"
    program = start(work, evidence)
    pid = wait_for_reader(program)
    check(pid is not None, "no confined process was seen")
    if pid is None:
        return
    os.kill(pid, signal.SIGKILL)
    output = "".join(program.communicate())
    said = " ".join(output.split())
    check(program.returncode == 3 and "ended before it had read all" in said, f"killed: {program.returncode} {said[-900:]}")
    check(not any(record["data"].get("does") == "sign-requests" for record in records(evidence)), "it was announced all the same")
    check(not list(evidence.glob("certificates/*/*.pem")), "something was signed")
    words = re.search(r"^  (ceremony resume .*)$", output, re.MULTILINE)
    check(words is not None, f"how to go on is not said: {said[-500:]}")
    if words is None:
        return
    command = [str(r.CEREMONY), *words.group(1).split()[1:]]
    result = subprocess.run(command, text=True, capture_output=True, check=False)
    check(result.returncode == 0, f"not resumed: {result.stderr}")
    lines = [json.loads(line) for line in (evidence / "results.jsonl").read_text().splitlines()]
    check(len(lines) == COUNT and all(line["verdict"] == "issued" for line in lines), "the batch is not whole")
    check(len({line["serial"] for line in lines}) == COUNT, "a serial number stands twice")


def left_alone(folder):
    """A process that never ends, as a request that took it over may have it: it goes with the program that asked it."""
    program = start(folder / "work-3", folder / "evidence-3")
    pid = wait_for_reader(program)
    check(pid is not None, "no confined process was seen")
    if pid is None:
        return
    os.kill(pid, signal.SIGSTOP)
    for child in below(program.pid):  # the program, and the shell before it
        if status(child).get("Name") == "ceremony":
            os.kill(child, signal.SIGKILL)
    program.communicate()
    for _ in range(100):
        if not status(pid):
            return
        time.sleep(0.05)
    check(False, "it is still there")
    os.kill(pid, signal.SIGKILL)


def main():
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as name:
        looked_at(pathlib.Path(name))
        killed(pathlib.Path(name))
        left_alone(pathlib.Path(name))
        shutil.rmtree(name, ignore_errors=True)
        pathlib.Path(name).mkdir()
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
