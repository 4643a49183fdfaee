#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A PIN and share words that were typed and shown are nowhere afterwards: not on the screen, not in
the scrollback, not in the memory of the process (R24, T12, T15). The search is first tried on what
it must find."""
import os
import re
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
SOURCE = os.environ["SOURCE_DIR"]
BUILD = os.environ["BUILD_DIR"]
sys.path.insert(0, os.path.join(SOURCE, "tests", "support"))
sys.path.insert(0, os.path.join(SOURCE, "tests", "tui"))
sys.path.insert(0, os.path.join(SOURCE, "tests", "support", "py"))
from process_memory import mappings, regions  # noqa: E402
from test_screens import Demo, share_words  # noqa: E402

TERMS = ("linux", "vt100", "xterm-256color", "tmux-256color")
PIN = "84-Kx7!wq3"
# Bytes between the characters of a text in a canvas, in curses' cells, in UTF-32.
STRIDES = (1, 2, 4, 8, 16, 24, 28, 32)


def patterns(text):
    """The text as bytes and as wide characters in cells of several sizes."""
    found = []
    for stride in STRIDES:
        gap = b"" if stride == 1 else b"[\\x00-\\xff]{%d}" % (stride - 1)
        found.append(re.compile(gap.join(re.escape(c.encode()) for c in text), re.DOTALL))
    return found


def look_into_memory(demo, texts):
    """None where the system forbids to look; else which texts stand there."""
    pids = demo.pids("tui_demo")
    assert len(pids) == 1, pids
    try:
        memory = b"\n".join(data for _, data in regions(pids[0], mappings(pids[0])) if data)
    except PermissionError:
        return None
    # Proves that this search finds what is there: a text of the present screen.
    assert memory.find(b"Nothing more is asked.") >= 0
    assert any(p.search(memory) for p in patterns("Nothing more is asked.")[1:]), "cells"
    return [text for text in texts if any(p.search(memory) for p in patterns(text))]


def rows_of(words):
    """What a row of words on the screen would look like, and what the engine is handed."""
    rows = [f"{word}    " for word in words[:4]]
    return rows + [" ".join(words[i:i + 2]) for i in range(0, 32, 5)]


def see_nowhere(demo, words, where):
    text = demo.everything()
    left = [word for word in words + [PIN] if re.search(rf"\b{re.escape(word)}\b", text)]
    assert not left, f"{where}: {left}\n{text}"


def go_through(term, resized):
    where = f"TERM={term}{' resized' if resized else ''}"
    with Demo("pin reveal words end", env={"TERM": term}) as demo:
        demo.see("PIN    ____")
        demo.type(PIN)
        if resized:
            demo.resize(30, 90)
            demo.until(lambda text: len(text.split("\n")) >= 30 and "PIN    ***" in text, "90x30")
        assert PIN not in demo.everything()
        demo.enter()
        words = share_words(demo)
        if resized:
            for rows, cols in ((20, 70), (40, 120), (24, 80)):
                demo.resize(rows, cols)
                demo.see("too small" if rows < 24 else "33  acid")
                if rows < 24:
                    see_nowhere(demo, words, where + " too small")
            words = share_words(demo)
        demo.keys("F1")
        demo.see("one pair of eyes")
        see_nowhere(demo, words, where + " under help")
        demo.keys("Escape")
        demo.see("33  acid")
        demo.type("written")
        demo.enter()
        demo.see("Word 1 of 33")
        see_nowhere(demo, words, where + " hidden")
        for word in words[:20]:
            demo.type(word[:4])
        demo.see("20 of 33")
        if resized:
            demo.resize(18, 80)
            demo.see("too small")
            see_nowhere(demo, words, where + " typed, too small")
            demo.resize(24, 80)
            demo.see("20 of 33")
        for word in words[20:]:
            demo.type(word[:4])
        demo.see("All 33 words")
        demo.enter()
        demo.see("Nothing more is asked")
        see_nowhere(demo, words, where + " handed over")
        found = look_into_memory(demo, rows_of(words) + [PIN])
        if found is None:
            print(f"SKIPPED memory, {where}: this user may not read /proc/PID/mem", flush=True)
        else:
            assert not found, f"in memory, {where}: {found}"
        demo.enter()
        demo.see("STATUS 0")
        see_nowhere(demo, words, where + " ended")


def killed_while_shown(term):
    with Demo("reveal", env={"TERM": term}) as demo:
        words = share_words(demo)
        os.kill(demo.pids("tui_demo")[0], signal.SIGTERM)
        demo.see("STATUS 3")
        see_nowhere(demo, words, f"TERM={term} after SIGTERM")


def stays_alone(demo):
    """The process beside ours is gone when its work is done."""
    def names():
        shell = demo.tmux("display-message", "-p", "#{pane_tty}").strip()
        return subprocess.run(["ps", "-o", "comm=", "-t", shell], text=True, capture_output=True,
                              check=False).stdout
    end = time.monotonic() + 20
    while "screen-guard" in names():
        assert time.monotonic() < end, names()
        time.sleep(0.03)


def died_while_shown(term, number, what):
    """A death that no program can answer: the process beside it clears (FACTS 4.6)."""
    where = f"TERM={term} after {what}"  # what the shell says meanwhile may be cleared with the rest
    with Demo("reveal", env={"TERM": term}) as demo:
        words = share_words(demo)
        os.kill(demo.pids("tui_demo")[0], number)
        demo.see("it was cleared.")
        see_nowhere(demo, words, where)
        stays_alone(demo)


def died_while_typed(term):
    with Demo("words", env={"TERM": term}) as demo:
        demo.see("Word 1 of 33")
        typed = ["academic", "acid", "acne"]
        for word in typed:
            demo.type(word[:4])
        demo.see("3 of 33")
        os.kill(demo.pids("tui_demo")[0], signal.SIGKILL)
        demo.see("it was cleared.")
        see_nowhere(demo, typed, f"TERM={term} typed, then SIGKILL")


def died_without_secret(term):
    """Nothing secret was shown: what stands there may help to find out why, and is left."""
    with Demo("tell", env={"TERM": term}) as demo:
        demo.until(lambda text: "Enter" in text, "a screen")
        os.kill(demo.pids("tui_demo")[0], signal.SIGKILL)
        demo.see("STATUS 137")
        stays_alone(demo)
        assert "it was cleared" not in demo.everything()


def main():
    for term in TERMS:
        go_through(term, False)
        go_through(term, True)
        killed_while_shown(term)
        died_while_shown(term, signal.SIGKILL, "SIGKILL")
        died_while_shown(term, signal.SIGSEGV, "SIGSEGV")
        died_while_typed(term)
        died_without_secret(term)
        print(f"ok      {term}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
