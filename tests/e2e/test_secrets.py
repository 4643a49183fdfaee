#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Planted PINs, the shares and the backup key are found nowhere once they were used: not in evidence,
site, media, tokens, ledger, output, command line or environment, and not in the memory of the process.

What is shown: the engine, its libraries and SoftHSM, fed by a front end that reads PINs and shares
straight into secret memory. What is not: the answers file of a headless rehearsal holds its practice
PINs in plain memory (production takes no answers file); typed entry has a test of its own
(tests/tui/test_no_secret_left.py). Pages of memfd_secret(2) cannot be read by anyone, so they are not
searched; they are counted."""
import base64
import itertools
import pathlib
import re
import secrets as random
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support/py"))
import rehearsal as r  # noqa: E402
import tap  # noqa: E402

CONTROL = "deliver-root-shares.1.type-back"  # here a share is in use, in secret memory
PAUSES = ("issue-root.sign", "close.confirm")  # after all PINs and shares were used; and at the end
WORDS_IN_A_ROW = 4
INDICES_IN_A_ROW = 6
CANARY = b"R-0001-canary-of-the-memory-scan"


class Canaries:
    """What must not be found, in every form that programs are likely to leave."""

    def __init__(self):
        self.forms = []  # (name, bytes)
        self.rows = {}   # rows of first four letters: name

    def add_text(self, name, text):
        data = text.encode()
        self.forms.append((name, data))
        self.forms.append((f"{name}, in hexadecimal", data.hex().encode()))
        self.forms.append((f"{name}, in UTF-16", text.encode("utf-16-le")))
        for shift in range(3):  # base64 of it within anything longer, at each alignment
            whole = base64.b64encode(b"\0" * shift + data)
            start = (0, 2, 3)[shift]
            self.forms.append((f"{name}, in base64", whole[start:len(whole) - 4]))

    def add_bytes(self, name, data):
        self.forms += [(name, data), (f"{name}, reversed", data[::-1]),
                       (f"{name}, in hexadecimal", data.hex().encode()),
                       (f"{name}, in HEXADECIMAL", data.hex().upper().encode()),
                       (f"{name}, in base64", base64.b64encode(data)[:-4])]

    def add_share(self, name, share, word_list):
        words = share.split()
        for start in range(len(words) - WORDS_IN_A_ROW + 1):
            row = tuple(word[:4].encode() for word in words[start:start + WORDS_IN_A_ROW])
            self.rows[row] = f"{name}, word {start + 1} and on"
        indices = [word_list.index(word) for word in words]
        for start in range(4, len(indices) - INDICES_IN_A_ROW + 1):
            for order, size in itertools.product(("little", "big"), (2, 4)):
                data = b"".join(number.to_bytes(size, order)
                                for number in indices[start:start + INDICES_IN_A_ROW])
                self.forms.append((f"{name}, as numbers", data))

    def find(self, data):
        """Names of what stands in these bytes."""
        found = [f"{name} at {data.index(form):#x}" for name, form in self.forms if form in data]
        letters = [word[:4] for word in re.findall(rb"[a-z]{4,8}", data.lower())]
        wanted = {row[0] for row in self.rows}
        for at, first in enumerate(letters):
            if first in wanted:
                name = self.rows.get(tuple(letters[at:at + WORDS_IN_A_ROW]))
                if name is not None:
                    found.append(name)
        return found


def word_list():
    source = (r.SOURCE / "shamir/wordlist.c").read_text()
    words = re.findall(r'"([a-z]{4,8})"', source)
    if len(words) != 1024:
        raise r.Broken(f"the word list has {len(words)} words")
    return words


def memory_of(pid):
    """(bytes of all readable mappings as (name, data), how many could not be read)"""
    regions, unread = [], []
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, \
            open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            fields = line.split(maxsplit=5)
            name = fields[5].strip() if len(fields) > 5 else "anonymous"
            if "r" not in fields[1] or name in ("[vvar]", "[vsyscall]", "[vvar_vclock]"):
                continue
            start, end = (int(text, 16) for text in fields[0].split("-"))
            try:
                memory.seek(start)
                data = b""
                while len(data) < end - start:
                    more = memory.read(end - start - len(data))
                    if not more:
                        break
                    data += more
                regions.append((f"{name} {fields[0]} {fields[1]}", data))
            except OSError:
                unread.append(name)
    return regions, unread


def look_at_memory(pid, canaries, where):
    regions, unread = memory_of(pid)
    size = sum(len(data) for _, data in regions)
    if not any(CANARY in data for _, data in regions):
        raise r.Broken(f"{where}: the scan does not even find what must be there ({size} bytes)")
    found = [f"{hit} in {name}" for name, data in regions for hit in canaries.find(data)]
    if found:
        raise r.Broken(f"{where}: memory holds {sorted(set(found))}")
    print(f"ok   memory at {where}: {size >> 10} KiB in {len(regions)} regions, nothing found; "
          f"{len(unread)} regions could not be read")


def memory_can_tell(pid, share):
    """While a share is in use, the scan finds it, or there are pages that nobody can read."""
    canaries = Canaries()
    canaries.add_share("share 1", share, word_list())
    regions, unread = memory_of(pid)
    hits = sum(1 for _, data in regions if canaries.find(data))
    if hits == 0 and not unread:
        raise r.Broken(f"{CONTROL}: the share in use was not found, so the scan proves nothing")
    print(f"ok   control at {CONTROL}: the share in use stands in {hits} regions; {len(unread)} "
          "could not be read")


def look_at_process(pid, canaries, where):
    for name in ("cmdline", "environ"):
        found = canaries.find(pathlib.Path(f"/proc/{pid}/{name}").read_bytes())
        if found:
            raise r.Broken(f"{where}: {name} holds {found}")


def look_at_files(folder, canaries):
    count = 0
    for path in folder.rglob("*"):
        if path.is_file():
            count += 1
            found = canaries.find(path.read_bytes())
            if found:
                raise r.Broken(f"{path.relative_to(folder)} holds {found}")
    print(f"ok   files: {count} of evidence, site, media, tokens; nothing found")


def scan_can_find(canaries, pin, share, indices):
    """The search itself, over what it must find."""
    for name, data in (("PIN", f"x{pin}y".encode()), ("hexadecimal", pin.encode().hex().encode()),
                       ("base64", base64.b64encode(b"ab" + pin.encode() + b"c")),
                       ("words", b'["' + b'","'.join(share.encode().split()[5:9]) + b'"]'),
                       ("numbers", b"".join(number.to_bytes(2, "little")
                                            for number in indices[10:20]))):
        if not canaries.find(b"abc" + data + b"xyz"):
            raise r.Broken(f"the search does not find {name}")


def planted_pins():
    pins = {token: {which: f"planted-{random.token_urlsafe(24)}"
                    for which in ("user-pin", "so-pin")} for token in tap.TOKENS}
    return pins


def answers(one):
    lines = [line for line in r.ANSWERS.read_text().splitlines()
             if "-pin" not in line and not line.startswith("deliver-root-shares.1.bag")]
    path = one.folder / "answers.yaml"
    path.write_text("\n".join(lines) + f"\ndeliver-root-shares.1.bag: {CANARY.decode()}\n")
    return path


def kek_of(shares):
    result = subprocess.run([str(r.BUILD / "bin/slip39"), "combine"], text=True,
                            input="\n".join(shares[:2]) + "\n", capture_output=True, check=True)
    return bytes.fromhex(result.stdout.strip())


def planted(one):
    """Runs, pauses, looks; the parts that were skipped."""
    skipped = []
    pins = planted_pins()
    canaries = Canaries()
    for token, both in pins.items():
        for which, pin in both.items():
            canaries.add_text(f"{which} of {token}", pin)
    with tap.Tap(one, answers=answers(one), pins=pins.get, TAP_PAUSE=",".join((CONTROL, *PAUSES))) as program:
        program.wait_for_pause()
        try:
            memory_can_tell(program.program.pid, program.shares()[0])
        except PermissionError:
            skipped.append(f"memory at {CONTROL}: the kernel does not let us read it")
        program.program.send_signal(signal.SIGCONT)
        for where in PAUSES:
            program.wait_for_pause()
            if where == PAUSES[0]:
                shares = program.shares()
                words = word_list()
                for number, share in enumerate(shares, 1):
                    canaries.add_share(f"share {number}", share, words)
                canaries.add_bytes("the backup key", kek_of(shares))
                scan_can_find(canaries, pins["spare"]["user-pin"], shares[1],
                              [words.index(word) for word in shares[1].split()])
            pid = program.program.pid
            look_at_process(pid, canaries, where)
            try:
                look_at_memory(pid, canaries, where)
            except PermissionError:
                skipped.append(f"memory at {where}: the kernel does not let us read it")
            program.program.send_signal(signal.SIGCONT)
        result = program.finish()
        if result.returncode != 0:
            raise r.Broken(f"the ceremony failed: {result.stderr}")
        for name, text in (("output", result.stdout), ("errors", result.stderr)):
            if canaries.find(text.encode()):
                raise r.Broken(f"its {name} hold {canaries.find(text.encode())}")
    print("ok   output, command line, environment: nothing found")
    look_at_files(one.folder, canaries)
    return skipped


def headless(one):
    """The program itself, with PINs in its answers file: nothing of them anywhere else, whatever it is
    told to say, and when it is stopped and resumed."""
    pins = planted_pins()
    canaries = Canaries()
    changes = {}
    for token, both in pins.items():
        for which, pin in both.items():
            canaries.add_text(f"{which} of {token}", pin)
            for name in (which, f"new-{which}", f"new-{which}-again"):
                changes[f"*.{token}.{name}"] = pin
    path = pathlib.Path(f"{one.folder}-answers.yaml")
    try:
        said = []
        for last in ({"issue-root.sign": "{aside: stop}"}, {}):
            made = one.answers_with({**changes, **last})
            path.write_text(made.read_text())
            made.unlink()
            command = ["run", one.script, "--evidence", one.evidence] if last else \
                ["resume", one.evidence]
            result = one.call(*command, "--verbose", "--trust", one.folder / "trust", answers=path)
            if result.returncode != (3 if last else 0):
                raise r.Broken(f"status {result.returncode}: {result.stderr}")
            said.append(result.stdout + result.stderr)
        found = canaries.find("".join(said).encode())
        if found:
            raise r.Broken(f"the output holds {found}")
        look_at_files(one.folder, canaries)
    finally:
        path.unlink(missing_ok=True)


def main():
    missing = [str(path) for path in (r.CEREMONY, tap.TAPPED) if not path.exists()]
    if missing:
        print(f"SKIPPED: not there: {', '.join(missing)}")
        return 77
    try:
        with r.Rehearsal() as one:
            skipped = planted(one)
        with r.Rehearsal() as one:
            headless(one)
    except r.Broken as why:
        print(f"FAIL {why}")
        return 1
    for text in skipped:
        print(f"SKIPPED: {text}")
    return 77 if skipped else 0


if __name__ == "__main__":
    sys.exit(main())
