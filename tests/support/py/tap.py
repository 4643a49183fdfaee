# SPDX-License-Identifier: Apache-2.0
"""A rehearsal whose shares a test may see: tests/support/programs/tapped_rehearsal.c."""
import os
import pathlib
import subprocess
import time

import rehearsal as r

TAPPED = r.BUILD / "tests" / "tapped_rehearsal"
TOKENS = ("primary", "spare", "recorder")


def pins_of(token):
    return {"user-pin": r.PINS[token], "so-pin": f"so-{token}-1"}


class Tap:
    """The program over the site of a Rehearsal; its secrets lie in a folder outside of that one's."""

    def __init__(self, one, answers=r.ANSWERS, pins=pins_of, **env):
        self.one = one
        self.secrets = pathlib.Path(f"{one.folder}-secrets")
        self.secrets.mkdir(mode=0o700)
        for token in TOKENS:
            for which, pin in pins(token).items():
                (self.secrets / f"{token}.{which}").write_text(pin)
        command = [str(word) for word in (TAPPED, one.script, one.site, one.evidence, answers,
                                          self.secrets)]
        self.program = subprocess.Popen(
            command, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env={**os.environ, "TAP_TRUST": str(one.folder / "trust"),
                                         **env})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.program.poll() is None:
            self.program.kill()
            self.program.wait()
        for path in self.secrets.iterdir():
            path.unlink()
        self.secrets.rmdir()

    def wait_for_pause(self):
        for _ in range(6000):
            if self.program.poll() is not None:
                raise r.Broken(f"it ended before the pause: {self.program.stderr.read()}")
            state = pathlib.Path(f"/proc/{self.program.pid}/stat").read_text()
            if state.rsplit(")", 1)[1].split()[0] == "T":
                return
            time.sleep(0.01)
        raise r.Broken("it never paused")

    def finish(self):
        """What it wrote, as subprocess.run gives it."""
        stdout, stderr = self.program.communicate(timeout=120)
        return subprocess.CompletedProcess([], self.program.returncode, stdout, stderr)

    def shares(self):
        """The words of each share that was shown, in order."""
        files = sorted(self.secrets.glob("share-*"), key=lambda path: int(path.name[6:]))
        return [path.read_text().strip() for path in files]
