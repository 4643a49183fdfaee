#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two programs at once (T21): on one folder and ledger, and with two sites on one token. The second is refused,
and can be held as soon as the first is gone."""
import concurrent.futures
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support/py"))
import rehearsal as r  # noqa: E402
from misuse import Table, expect, refused, run_cases  # noqa: E402


def case_second_program():
    with Table() as one:
        command = [str(r.CEREMONY), "run", str(one.script), "--site", str(one.site), "--evidence",
                   str(one.evidence), "--trust", str(one.folder / "trust"), "--headless", "--answers", str(r.ANSWERS)]
        first = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            while len(one.records()) < 20 and first.poll() is None:
                time.sleep(0.005)
            first.send_signal(signal.SIGSTOP)
            time.sleep(0.1)
            before, records = one.tokens(), one.records()
            second = one.call("run", one.script, "--evidence", one.folder / "second")
            refused(second, 1, "in use by another program")
            expect(not (one.folder / "second").exists(), "the second left a folder")
            third = one.resume()
            refused(third, 1, "in use by another program")
            expect(one.tokens() == before and one.records() == records, "something was changed")
        finally:
            first.send_signal(signal.SIGCONT)
        _, said = first.communicate(timeout=60)
        expect(first.returncode == 0, f"the first did not end: {said}")
        r.check_finished(one)


def holds_a_token(pid):
    """Whether one of its sockets bears the name of a token's lock."""
    rows = [line.split() for line in pathlib.Path("/proc/net/unix").read_text().splitlines()]
    names = {row[6] for row in rows if len(row) == 8 and row[7].startswith("@ceremony-token-")}
    try:
        return any(os.readlink(path) in {f"socket:[{name}]" for name in names}
                   for path in pathlib.Path(f"/proc/{pid}/fd").iterdir())
    except FileNotFoundError:
        return False


def stopped_where_others_can_look(process, one):
    """Stopped, and not while it holds SoftHSM's lock on a file: then everybody who looks waits for it."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        while True:
            process.send_signal(signal.SIGSTOP)
            looking = pool.submit(r.everything, one)
            try:
                return looking.result(timeout=20)
            except concurrent.futures.TimeoutError:
                process.send_signal(signal.SIGCONT)
                looking.result()


def case_second_ceremony_on_a_token():
    """Stopped before it left its mark on the token; on a busy machine that wants several tries."""
    expect(any(second_on_the_token() for _ in range(12)), "the first was never stopped in time")


def second_on_the_token():
    """Another site, with a ledger of its own, and the same token (T21): refused while the first one works with it;
    as soon as that is gone, whatever way, the second can be held."""
    with r.Rehearsal("root-crl") as one:
        other = one.folder / "other-site"
        shutil.copytree(one.site, other)
        command = [str(r.CEREMONY), "run", str(one.script), "--site", str(one.site), "--evidence", str(one.evidence),
                   "--trust", str(one.folder / "trust"), "--headless", "--answers", str(one.answers)]
        first = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while not holds_a_token(first.pid) and first.poll() is None:
                time.sleep(0.001)
            before = stopped_where_others_can_look(first, one)
            if first.poll() is not None or "write-head" in (one.evidence / "transcript.jsonl").read_text():
                return False
            one.site, one.evidence = other, one.folder / "second"
            refused(one.run(), 3, "is in use by another ceremony", "Bring that ceremony to its end")
            expect(r.everything(one) == before, "a token was changed")
        finally:
            first.kill()
            first.wait()
        result = one.resume()
        expect(result.returncode == 0, f"the second cannot be held when the first is gone: {result.stderr}")
        r.check_ended(one)
        return True


if __name__ == "__main__":
    sys.exit(run_cases(globals()))
