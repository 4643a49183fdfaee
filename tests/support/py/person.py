# SPDX-License-Identifier: Apache-2.0
"""Somebody at the table of a rehearsal: reads the screen as it stands in the terminal, recognises what
kind of thing is asked, and types the answer key by key. Knows nothing of prompt ids or of the script."""
import pathlib
import re
import sys
import time
import unicodedata

import rehearsal

sys.path.insert(0, str(rehearsal.SOURCE / "tests/support"))
from tmux_screen import Screen  # noqa: E402

PATIENCE_SECONDS = 60
FOLDER = rehearsal.BUILD / "tests/screens"
ENDED = re.compile(r"^STATUS \d+|it was cleared\.$", re.M)  # the program; or what the screen's guard says after a kill
SECRET_KINDS = ("pin", "reveal", "words")
SO_PINS = {name: pin.replace("user", "so") for name, pin in rehearsal.PINS.items()}
CLOCK = re.compile(r"\d\d:\d\d:\d\d UTC")
MOVING = re.compile(r"\d\d:\d\d:\d\d UTC|hidden again in \d+:\d\d|^.*\b\d+:\d\d   \(.*$", re.M)
ROW = re.compile(r"^\s*(\d)\s+([0-9a-f]{8})\s+(\S+) (\S+) (\S+) (\S+)\s*$")
WRAPPED = re.compile(r"^(\d  [0-9a-f]{8}  \S+ \S+ \S+)\n([A-Za-z]+)$", re.M)  # four long words take two lines


def right_of(text):
    """What stands right of the list of acts, or the whole screen where there is no list."""
    return "\n".join(line.split("|")[2].strip() if line.count("|") >= 3 else line
                     for line in text.split("\n"))


def kind_of(text):
    """What is asked, from the looks of it; None while nothing is."""
    lines = text.rstrip("\n").split("\n")
    keys = lines[-1]
    if "too small" in text:
        return None
    if " y yes" in keys or keys.strip().startswith("y yes"):
        return "consequence"
    if "Enter" not in keys:
        return None
    if "F1" not in keys:
        return "fault"
    if "Enter read on" in keys:
        return "more"
    if "Enter choose" in keys:
        return "choose"
    for kind, mark in (("pin", r"PIN    [_*]{8}"), ("words", r"Word \d+ of \d+:|words are typed"),
                       ("reveal", r"type  written"), ("confirm", r"Type  yes  or  no"),
                       ("command", r"^.*Type   \S.*\n(?:.*\n)?.*> "),
                       ("word", r"Word \d of group \d")):
        if re.search(mark, text, re.M):
            return kind
    if re.search(r"^Enter  go on", right_of(text), re.M):
        return "tell"
    return "text"


def fills(text, rows, cols):
    try:
        check_looks(text, rows, cols)
    except Faulty:
        return False
    return len(text.split("\n")[0]) > cols - 3


class Faulty(AssertionError):
    """A screen that is not as every screen must be."""


def check_looks(text, rows, cols):
    """What holds of every screen, whatever is asked."""
    lines = text[:-1].split("\n") if text.endswith("\n") else text.split("\n")

    def need(holds, what):
        if not holds:
            raise Faulty(f"{what}:\n{text}")

    need(len(lines) == rows, f"{len(lines)} lines instead of {rows}")
    need(all(len(line) <= cols for line in lines), f"a line of more than {cols} columns")
    need(not any(unicodedata.category(c) == "Cc" for line in lines for c in line),
         "a control character")
    need("�" not in text and "^[" not in text, "something that is not text")
    need(re.match(r" \S.* (REHEARSAL) +\d\d:\d\d:\d\d UTC$", lines[0]), "the head line")
    need(re.match(r" (\S+ \S+ \S+ \S+ +|-* *)record \d+   exceptions \d+$", lines[-2]),
         "four words, records and exceptions in their corners")
    need(re.match(r" (Enter|y|Esc|F1) \S", lines[-1]), "the line of keys")
    need(not re.search(r"%[sdluz]|\(null\)|\$\{", text), "a text that was not filled in")


class Person(Screen):
    """At the terminal of one `ceremony` command; what is on paper outlives it in `paper`."""
    STILL = 2

    def __init__(self, words, paper=None, name="screen", rows=24, cols=80, **options):
        self.paper = paper if paper is not None else Paper()
        self.name = name
        self.rows, self.cols = rows, cols
        self.typed = set()  # PINs
        self.prompts = {}  # by kind, how many were answered
        self.numbers = 0
        self.hooks = []  # (kind, pattern, function): called once instead of an answer
        self.pages = ""
        super().__init__([str(rehearsal.CEREMONY), *map(str, words)], rows, cols, **options)

    # what is seen

    def leavings(self):
        """PINs, and words of shares at their numbers, on the screen, in its scrollback and on the terminal's other page."""
        text = self.everything()
        return [pin for pin in self.typed if pin in text] + [
            f"{number}  {word}" for words in self.paper.all_shares() for number, word in enumerate(words, 1)
            if re.search(rf"\b{number}  {word}\b", text)]

    def see_nothing_left(self, where):
        left = self.leavings()
        assert not left, f"{self.name}, {where}: {left}\n{self.everything()}"

    def settled(self, other_than=None):
        """A screen that stands still, asks something, and is not the one that was answered."""
        end = time.monotonic() + PATIENCE_SECONDS
        before, still = None, 0
        while time.monotonic() < end:
            text = self.text()
            if ENDED.search(text):
                return text
            now = MOVING.sub("", text)
            still = still + 1 if now == before else 0
            # Seen three times alike: a busy machine draws a screen in parts.
            if still >= self.STILL and now != other_than and kind_of(text) is not None:
                return text
            before = now
            time.sleep(0.02)
        raise AssertionError(f"{self.name}: nothing new is asked\n{text}")

    def keep(self, text):
        """Each screen once into the folder, without the words of a share."""
        check_looks(text, self.rows, self.cols)
        FOLDER.mkdir(parents=True, exist_ok=True)
        self.numbers += 1
        hidden = re.sub(r"(\d\d?  )([a-z]{3,})\b", lambda m: m[1] + "~" * len(m[2]), text) \
            if kind_of(text) in ("reveal", "words") else text
        (FOLDER / f"{self.name}-{self.numbers:03}.txt").write_text(hidden)

    # what is done

    def press(self, text, *names):
        """Types and presses; gives the next screen that asks something."""
        if text:
            self.type(text)
            self.until(lambda seen: text[-3:] in seen or "***" in seen or "_" not in seen, text)
        before = MOVING.sub("", self.text())
        if names == ("Enter",) and not text:
            self.enter()
        else:
            self.keys(*names)
        return self.settled(before)

    def work(self, until=None):
        """Answers whatever is asked until the program ends, or `until(kind, text)` holds."""
        text = self.settled()
        kind = None
        while not ENDED.search(text):
            if kind in SECRET_KINDS:
                self.see_nothing_left(f"after a prompt of kind {kind}")
            kind = kind_of(text)
            if kind == "more":
                self.keep(text)
                self.pages += "\n" + right_of(text)
                text = self.press("", "NPage")
                continue
            self.pages += "\n" + right_of(text)
            self.keep(text)
            if until is not None and until(kind, text):
                return text
            hook = next((h for h in self.hooks if h[0] == kind and re.search(h[1], text)), None)
            if hook is not None:
                self.hooks.remove(hook)
                text = hook[2](self, text)
                continue
            self.prompts[kind] = self.prompts.get(kind, 0) + 1
            text = getattr(self, "answer_" + kind)(text)
            self.pages = ""
        self.see_nothing_left("ended")
        return text

    def size(self, rows, cols):
        """Another size of the terminal; gives the screen once it fills it again."""
        self.resize(rows, cols)
        self.rows, self.cols = rows, cols
        return self.until(lambda text: "too small" in text if rows < 24 or cols < 80 else
                          fills(text, rows, cols), f"{cols}x{rows}")

    def on(self, kind, pattern, function):
        self.hooks.append((kind, pattern, function))

    def status(self, text=None):
        return int(re.search(r"^STATUS (\d+)", text or self.text(), re.M)[1])

    def answer_tell(self, _):
        return self.press("", "Enter")

    def answer_fault(self, _):
        return self.press("", "Enter")

    def answer_consequence(self, _):
        return self.press("", "y")

    def answer_confirm(self, _):
        return self.press("yes", "Enter")

    def answer_choose(self, _):
        return self.press("1", "Enter")

    def answer_command(self, text):
        return self.press(re.search(r"Type   (\S.*?)\s*\|?$", text, re.M)[1], "Enter")

    def answer_text(self, text):
        return self.press(self.paper.say(question_of(text)), "Enter")

    def answer_pin(self, text):
        user, token = re.search(r'(SO|User) PIN of "(\S+)"', text).groups()
        return self.type_pin((SO_PINS if user == "SO" else rehearsal.PINS)[token])

    def type_pin(self, pin):
        self.typed.add(pin)
        self.type(pin)
        self.see("PIN    ********")
        return self.press("", "Enter")

    def answer_word(self, text):
        word, group = map(int, re.search(r"Word (\d) of group (\d)", text).groups())
        return self.press(self.row_of(group)[2 + word], "Enter")

    def row_of(self, group):
        """Of the table that was paged through. A page that was caught half drawn (a busy machine) is leafed back to."""
        for key in ("", *["PPage"] * 8, *["NPage"] * 8):
            whole = WRAPPED.sub(r"\1 \2", self.pages)
            rows = {int(row[1]): row for row in map(ROW.match, whole.split("\n")) if row}
            if group in rows:
                return rows[group]
            if key:
                self.keys(key)
                time.sleep(0.2)
            self.pages += "\n" + right_of(self.text())
        raise AssertionError(f"{self.name}: no row {group} in\n{self.pages}")

    def answer_reveal(self, text):
        found = dict((int(number), word)
                     for number, word in re.findall(r"\b(\d{1,2})  ([a-z]+)", text))
        words = [found[number] for number in range(1, len(found) + 1)]
        self.paper.shares.append(words)
        assert len(self.leavings()) >= len(words), f"{self.name}: a share that shows is not found\n{text}"
        return self.press("written", "Enter")

    def answer_words(self, text):
        for word in self.paper.share_for(text):
            self.type(word[:4])
        self.see("words are typed")
        return self.press("", "Enter")


def question_of(text):
    """The line above the place where one types."""
    lines = [line for line in right_of(text).split("\n")]
    at = max(i for i, line in enumerate(lines) if line.startswith(">"))
    return next(line for line in reversed(lines[:at]) if line)


class Paper:
    """What people hold in their hands: forms, bags, the clock."""

    def __init__(self):
        self.shares = []
        self.void = []
        self.bags = 0
        self.brought = [0, 2]  # whose shares come back for the proof, as in the answers file
        self.asked = []

    def say(self, question):
        self.asked.append(question)
        if "bag" in question:
            self.bags += 1
            return f"R-{self.bags:04}"
        if "clock" in question:
            return "as the host clock"
        return f"said about: {question}"[:60]

    def all_shares(self):
        """Every share that was ever on it."""
        return self.shares + self.void

    def throw_away(self):
        self.void += self.shares
        self.shares.clear()

    def share_for(self, text):
        proof = re.search(r"Share number (\d+)", text)
        return self.shares[self.brought[int(proof[1]) - 1] if proof else -1]


class OldPapers(Paper):
    """Shares of an earlier ceremony are brought first; once new ones were handed out, these."""

    def __init__(self, answers):
        super().__init__()
        self.old = [line.split('"')[3].split() for line in answers.splitlines()
                    if re.match(r'"[a-z-]+\.\d+\.share": "', line)]

    def all_shares(self):
        return super().all_shares() + self.old

    def share_for(self, text):
        proof = re.search(r"Share number (\d+)", text)
        if proof and not self.shares:
            return self.old[int(proof[1]) - 1]
        return super().share_for(text)


class Table(Person):
    """Holds a rehearsal, and knows the PINs of its tokens."""

    def __init__(self, ceremony, task="run", paper=None, name=None, **options):
        answers = (ceremony.folder / "answers.yaml").read_text()
        self.pins = dict(re.findall(r'^"\*\.([a-z-]+\.(?:so|user)-pin)": (\S+)', answers, re.M))
        what = ["run", ceremony.script, "--evidence", ceremony.evidence, *ceremony.settings] if task == "run" \
            else [task, ceremony.evidence]
        super().__init__([*what, "--site", ceremony.site, "--trust", ceremony.folder / "trust"],
                         paper=paper or OldPapers(answers), name=name or f"{ceremony.name}-80x24", **options)

    def answer_pin(self, text):
        user, token = re.search(r'(SO|User) PIN of "(\S+)"', text).groups()
        return self.type_pin(self.pins[f"{token}.{user.lower()}-pin"])
