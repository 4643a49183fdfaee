#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ceremonies that go on from earlier ones, at the table: an intermediate CA, new shares, a restore. Somebody
reads the screen and answers; what is on old papers was written down in the rehearsals before. Every
screen is kept in BUILD_DIR/tests/screens, without the words of shares."""
import json
import os
import pathlib
import re
import sys
import traceback

sys.dont_write_bytecode = True
os.environ.setdefault("SOURCE_DIR", str(pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support/py"))
import person  # noqa: E402
import rehearsal  # noqa: E402


def audited(ceremony):
    result = rehearsal.subprocess.run(
        [rehearsal.AUDIT, "verify", ceremony.evidence, "--trust", ceremony.folder / "trust"], text=True,
        capture_output=True, check=False)
    assert result.returncode == 0, result.stdout


def held(name, *says):
    with rehearsal.Rehearsal(name) as ceremony:
        with person.Table(ceremony) as table:
            seen = []
            text = table.work(until=lambda kind, text: seen.append(text))
            assert table.status(text) == 0, text
            print(f"        {sum(table.prompts.values())} prompts, {table.numbers} screens")
        screens = "\n".join(seen)
        for words in says:
            assert words in screens, f"{words!r} was on no screen"
        audited(ceremony)


def an_intermediate_ca():
    held("intermediate-ca", "Since then (the beginning of each", "Found: key", "key of an earlier ceremony")


def new_shares():
    held("reshare", "The old set")


def a_restore():
    held("restore-new", "opened the wrapped key")


def a_quorum():
    """A PIN that nobody types: shares are read from the screen, and typed back from paper."""
    held("activate-quorum", "The token keeps the PIN it has", 'Share number 2 for the user PIN of "signing"',
         "took the PIN of the shares", "for the last time", "is logged out. The PIN exists only in the shares of",
         "Are all forms of the old set destroyed, before you?")


def stop_while_it_signs(table, text):
    table.type(re.search(r"Type   (\S.*?)\s*\|?$", text, re.M)[1])
    table.keys("Enter")
    table.until(lambda seen: re.search(r"of 25000 signed|STATUS", seen), "signing")
    table.until(lambda seen: "P stop here" in seen, "the key that stops")
    table.keys("p")
    table.until(lambda seen: re.search(r"It stops\. What is under way is finished first|STATUS", seen), "that it stops")
    return table.until(lambda seen: re.search(r"^STATUS \d+", seen, re.M), "the end")


def a_batch_is_stopped():
    """P while the token signs: the blocks under way end, none begins, and resume signs the rest, each once."""
    with rehearsal.Rehearsal("device-batch") as ceremony:
        with open(ceremony.folder / "devices.jsonl", "w", encoding="ascii") as devices:
            rehearsal.subprocess.run([rehearsal.SOURCE / "scripts/dev/make-requests", "25000"], stdout=devices,
                                     check=True)
        with person.Table(ceremony) as table:
            table.on("command", "SIGN 25000", stop_while_it_signs)
            text = table.work()
            assert table.status(text) == 3, text
            assert "was stopped after" in text and "ceremony resume" in text, text
        assert 0 < len((ceremony.evidence / "results.jsonl").read_text().splitlines()) < 25000
        result = ceremony.resume()
        assert result.returncode == 0, result.stdout + result.stderr
        lines = [json.loads(line) for line in (ceremony.evidence / "results.jsonl").read_text().splitlines()]
        assert [(line["verdict"], line["resigned"]) for line in lines] == [("issued", False)] * 25000
        assert len({line["serial"] for line in lines}) == 25000
        audited(ceremony)


def main():
    cases = [an_intermediate_ca, new_shares, a_restore, a_quorum, a_batch_is_stopped]
    failed = 0
    for case in cases:
        try:
            case()
            print(f"ok   {case.__name__}")
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"FAIL {case.__name__}\n{traceback.format_exc()}")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
