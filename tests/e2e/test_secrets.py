#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Planted PINs, the shares and the backup key are found nowhere once they were used: not in evidence,
site, media, tokens, ledger, output, command line or environment, and not in the memory of the process.

The whole search, at every prompt of every ceremony, is tests/fault/secrets_campaign.py.

What is shown: the engine, its libraries and SoftHSM, fed by a front end that reads PINs and shares
straight into secret memory. What is not: the answers file of a headless rehearsal holds its practice
PINs in plain memory (production takes no answers file); typed entry has a test of its own
(tests/tui/test_no_secret_left.py). Pages of memfd_secret(2) cannot be read by anyone, so they are not
searched; they are counted."""
import base64
import pathlib
import secrets as random
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support/py"))
import process_memory as memory  # noqa: E402
import rehearsal as r  # noqa: E402
import tap  # noqa: E402
from canaries import Canaries, secret_of, word_list  # noqa: E402

CONTROL = "deliver-root-shares.1.type-back"  # here a share is in use, in secret memory
PAUSES = ("issue-root.sign", "close.confirm")  # after all PINs and shares were used; and at the end
CANARY = b"R-0001-canary-of-the-memory-scan"


def memory_of(pid):
    """(bytes of all readable mappings as (name, data), how many could not be read)"""
    regions = [(f"{mapping.name} {mapping.start:x} {mapping.rights}", data)
               for mapping, data in memory.regions(pid, memory.mappings(pid))]
    return [row for row in regions if row[1] is not None], sum(data is None for _, data in regions)


def look_at_memory(pid, canaries, where):
    regions, unread = memory_of(pid)
    size = sum(len(data) for _, data in regions)
    if not any(CANARY in data for _, data in regions):
        raise r.Broken(f"{where}: the scan does not even find what must be there ({size} bytes)")
    found = [f"{hit} in {name}" for name, data in regions for hit in canaries.find(data)]
    if found:
        raise r.Broken(f"{where}: memory holds {sorted(set(found))}")
    print(f"ok   memory at {where}: {size >> 10} KiB in {len(regions)} regions, nothing found; "
          f"{unread} regions could not be read")


def memory_can_tell(pid, share):
    """While a share is in use, the scan finds it, or there are pages that nobody can read."""
    canaries = Canaries()
    canaries.add_share("share 1", share, word_list())
    regions, unread = memory_of(pid)
    hits = sum(1 for _, data in regions if canaries.find(data))
    if hits == 0 and not unread:
        raise r.Broken(f"{CONTROL}: the share in use was not found, so the scan proves nothing")
    print(f"ok   control at {CONTROL}: the share in use stands in {hits} regions; {unread} "
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
                canaries.add_bytes("the backup key", secret_of(shares[:2]))
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
