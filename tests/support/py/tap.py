# SPDX-License-Identifier: Apache-2.0
"""A rehearsal whose shares a test may see: tests/support/programs/tapped_rehearsal.c."""
import os
import pathlib
import re
import resource
import shutil
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


# --- led prompt by prompt ---

SHARE_KEY = re.compile(r'^"?[^":]*\.(?:share|type-back)"?: ')
PIN_KEY = re.compile(r'^"?[^":]*-pin(?:-again)?"?: ')
ANSWER = re.compile(r'^"?([^":#]+)"?: (.+)$')


class People:
    """Who holds PINs and shares in a rehearsal: what they type at which prompt. `planted` has PINs of fresh tokens, which
    are by chance instead of those of the answers file."""

    def __init__(self, answers, planted):
        self.planted = planted
        self.shown = {}
        self.rows = [match.groups() for match in map(ANSWER.match, answers.splitlines())
                     if match and (SHARE_KEY.match(match[0]) or PIN_KEY.match(match[0]))]

    def typed(self, prompt):
        """The PIN or the words for this prompt, as an answers file says it (docs/formats/answers.md)."""
        *_, token, which = prompt.split(".")
        which = re.sub(r"^new-|-again$", "", which)
        if which in self.planted.get(token, {}):
            return self.planted[token][which]
        found = []
        for key, value in self.rows:
            match = re.fullmatch("(.*)".join(map(re.escape, key.split("*"))), prompt)
            if match:
                found.append(("*" not in key, len(key), value, match.groups()))
        if not found:
            raise r.Broken(f"nobody knows what is typed at {prompt}")
        _, _, value, stars = max(found, key=lambda row: row[:2])
        shown = re.fullmatch(r'\{shown: "?([^"}]+)"?\}', value)
        if not shown:
            return value.strip('"')
        target = shown[1]
        for star in stars:
            target = target.replace("*", star, 1)
        return self.shown[target]


def allow_cores():
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


class Led:
    """The same program, which tells each prompt and waits. Its secrets lie outside of the Rehearsal's folder, what it
    writes to its outputs lies in it. `wrapper` is put before the command; `cores`: its parent allows them."""

    def __init__(self, one, people, wrapper=(), cores=False, **env):
        self.one, self.people = one, people
        self.secrets = pathlib.Path(f"{one.folder}-secrets")
        self.secrets.mkdir(mode=0o700)
        answers = self.secrets / "answers.yaml"
        answers.write_text("".join(f"{line}\n" for line in one.answers.read_text().splitlines()
                                   if not SHARE_KEY.match(line) and not PIN_KEY.match(line)))
        told, self._leads = os.pipe()
        self._asked, asks = os.pipe()
        self.where = one.folder / "home"  # where a core would be left
        (self.where / "tmp").mkdir(parents=True)
        own = {"TAP_TRUST": str(one.folder / "trust"), "TAP_SET": "\n".join(one.settings[1::2]), "TAP_LED": f"{told},{asks}",
               "TMPDIR": str(self.where / "tmp"), **one.time_of_it({})}
        with open(self.where / "output", "wb") as output, open(self.where / "errors", "wb") as errors:
            self.program = subprocess.Popen(
                [str(word) for word in (*wrapper, TAPPED, one.script, one.site, one.evidence, answers, self.secrets)],
                stdin=subprocess.DEVNULL, stdout=output, stderr=errors, cwd=self.where, pass_fds=(told, asks),
                preexec_fn=allow_cores if cores else None,
                env={**os.environ, **own, **env})
        os.close(told)
        os.close(asks)
        self._lines = os.fdopen(self._asked, "r")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.program.poll() is None:
            self.program.kill()
            self.program.wait()
        self._lines.close()
        os.close(self._leads)
        shutil.rmtree(self.secrets)

    def say(self, line):
        os.write(self._leads, f"{line}\n".encode())

    def next(self):
        """(kind, id) of the prompt that it waits at; None when it ended."""
        line = self._lines.readline()
        return tuple(line.split()) if line else None

    def keep(self, name, data):
        """A secret that it can read; the name."""
        path = self.secrets / name
        path.write_bytes(data)
        return name

    def take_shown(self, prompt):
        """The words of a share that it shows."""
        words = (self.secrets / prompt).read_text().strip()
        self.people.shown[prompt] = words
        return words

    def answer(self, kind, prompt):
        if kind in ("secret", "words"):
            self.say(self.keep("typed", self.people.typed(prompt).encode()))
        else:
            self.say("")

    def plant(self, name, data):
        """A copy in its ordinary memory, where none may be; until wipe()."""
        self.say("+" + self.keep(name, data))
        self.next()

    def wipe(self):
        self.say("-")
        self.next()

    def errors(self):
        return (self.where / "errors").read_text(errors="replace").strip()
