#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""slip39 at a terminal: what is typed is never shown, a mistake may be mended, and the terminal is
given back as it was, after a signal too."""
import glob
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time

PROGRAM = os.path.join(os.environ["BUILD_DIR"], "bin", "slip39")
SECRET = "00112233445566778899aabbccddeeff" * 2
SOURCES = os.path.join(os.environ["SOURCE_DIR"], "shamir")
FAULTS = []


def check(good, text):
    if not good:
        FAULTS.append(text)
        print(f"FAULT: {text}", file=sys.stderr)


class Terminal:
    def __init__(self, *arguments):
        self.keyboard, self.screen = pty.openpty()
        self.seen = ""
        self.process = subprocess.Popen([PROGRAM, *arguments], stdin=self.screen, stdout=self.screen,
                                        stderr=self.screen)

    def wait_for(self, text, what):
        while text not in self.seen:
            ready, _, _ = select.select([self.keyboard], [], [], 10)
            if not ready:
                check(False, f"{what}: \"{text}\" did not come; the screen: {self.seen!r}")
                return
            self.seen += os.read(self.keyboard, 4096).decode()

    def type(self, line):
        os.write(self.keyboard, line.encode() + b"\n")

    def expect(self, line, text):
        """Types a line and waits for what the program says to it."""
        self.seen = ""
        self.type(line)
        self.wait_for(text, "typing")
        for word in line.split():
            check(word not in re.findall(r"\w+", self.seen), f"a typed word is on the screen: {self.seen!r}")

    def echoes(self):
        return bool(termios.tcgetattr(self.screen)[3] & termios.ECHO)


def combine(shares):
    terminal = Terminal("combine")
    terminal.wait_for("not shown", "prompt")
    check(not terminal.echoes(), "the terminal shows what is typed")
    terminal.expect(shares[0], "Group 1: 1 of 2 shares")
    terminal.expect(shares[0], "is there already")
    terminal.expect("zzzz " + shares[1], "Word 1 is not in the word list")
    terminal.expect(" ".join(shares[1].split()[:-1]), "o share has 32 words")
    terminal.expect(shares[2], SECRET)
    check(terminal.process.wait(10) == 0, "combine does not end in 0")
    check(terminal.echoes(), "the terminal is not given back")


def interrupted(number):
    terminal = Terminal("combine")
    terminal.wait_for("not shown", "prompt")
    terminal.process.send_signal(number)
    check(terminal.process.wait(10) == -number, f"signal {number} does not end it")
    check(terminal.echoes(), f"the terminal is not given back after signal {number}")


def continued(share):
    """Stopped, while a shell makes the terminal echo, and continued: what is typed is hidden again."""
    terminal = Terminal("combine")
    terminal.wait_for("not shown", "prompt")
    terminal.process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, terminal.process.pid, os.WSTOPPED | os.WNOWAIT)
    settings = termios.tcgetattr(terminal.screen)
    settings[3] |= termios.ECHO
    termios.tcsetattr(terminal.screen, termios.TCSANOW, settings)
    terminal.process.send_signal(signal.SIGCONT)
    end = time.monotonic() + 10
    while terminal.echoes() and time.monotonic() < end:
        time.sleep(0.01)
    check(not terminal.echoes(), "continued, the terminal shows what is typed")
    terminal.expect(share, "Group 1: 1 of 2 shares")
    terminal.process.send_signal(signal.SIGTERM)
    check(terminal.process.wait(10) == -signal.SIGTERM and terminal.echoes(), "continued: the terminal is not given back")


def split():
    terminal = Terminal("split", "--threshold", "2", "--shares", "3")
    terminal.wait_for("not shown", "prompt")
    terminal.expect(SECRET, "\n")
    check(terminal.process.wait(10) == 0, "split does not end in 0")
    check(SECRET not in terminal.seen, "the secret is on the screen")


def own_words():
    """Every word of our own sentences. Some are words of shares, too."""
    words = set()
    for name in glob.glob(os.path.join(SOURCES, "*.c")):
        if not name.endswith("wordlist.c"):
            with open(name) as file:
                for text in re.findall(r'"((?:[^"\\]|\\.)*)"', file.read()):
                    words.update(re.findall(r"\w+", text))
    return words


def shares_unlike(words):
    """Shares without a word of ours, so that a word seen on the screen is one that was typed."""
    while True:
        shares = subprocess.run([PROGRAM, "split", "--threshold", "2", "--shares", "3"], input=SECRET, text=True,
                                capture_output=True, check=True).stdout.splitlines()
        if not words.intersection(" ".join(shares).split()):
            return shares


def main():
    shares = shares_unlike(own_words())
    combine(shares)
    continued(shares[0])
    split()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        interrupted(number)
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
