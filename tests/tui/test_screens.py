#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every kind of prompt on a real terminal: what is seen (goldens), what is answered, and what
happens when the terminal changes its size in the middle. GENERATE=1 writes the goldens anew."""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True
SOURCE = os.environ["SOURCE_DIR"]
BUILD = os.environ["BUILD_DIR"]
sys.path.insert(0, os.path.join(SOURCE, "tests", "support"))
from tmux_screen import Screen  # noqa: E402

HASTE_SECONDS = 0.75  # a second Enter sooner than that is not taken

DEMO = os.path.join(BUILD, "tests", "tui_demo")
GOLDENS = os.path.join(SOURCE, "tests", "tui", "goldens")


def fnv(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{len(text.encode())} {value:016x}"


class Demo(Screen):
    def __init__(self, steps, rows=24, cols=80, **options):
        self.results_file = tempfile.NamedTemporaryFile(prefix="tui-results-")
        super().__init__([DEMO, self.results_file.name, *steps.split()], rows, cols, **options)

    def results(self):
        """The answers, after the program has ended."""
        self.see("STATUS")
        with open(self.results_file.name, encoding="utf-8") as file:
            return dict(line.rstrip("\n").split(" ", 1) for line in file)

    def masked(self):
        """The screen without what differs from run to run."""
        text = re.sub(r"\d\d:\d\d:\d\d UTC", "hh:mm:ss UTC", self.text())
        text = re.sub(r"record \d\d ", "record nn ", text)
        text = re.sub(r"hidden again in \d:\d\d", "hidden again in m:ss", text)
        text = re.sub(r"\b\d:\d\d   \(", "m:ss   (", text)
        if "Share" in text.split("\n")[0]:  # never a share in a golden
            text = re.sub(r"(\d  )([a-z]+)", lambda m: m.group(1) + "~" * len(m.group(2)), text)
        return "\n".join(line.rstrip() for line in text.rstrip("\n").split("\n")) + "\n"

    def golden(self, name):
        path = os.path.join(GOLDENS, name + ".txt")
        if os.environ.get("GENERATE") == "1":
            time.sleep(0.5)  # for a person who looks at the result
            with open(path, "w", encoding="utf-8") as file:
                file.write(self.masked())
            return
        with open(path, encoding="utf-8") as file:
            expected = file.read()
        end = time.monotonic() + 5
        while self.masked() != expected and time.monotonic() < end:
            time.sleep(0.03)  # a screen may be caught half drawn
        text = self.masked()
        assert text == expected, f"{name} is not as expected:\n{text}\nexpected:\n{expected}"


def share_words(screen):
    """The words of a share that is shown, in order, as its holder would write them down."""
    def read(text):
        return dict((int(number), word) for number, word
                    in re.findall(r"\b(\d{1,2})  ([a-z]+)", text))
    found = read(screen.until(lambda text: len(read(text)) == 33, "a whole share"))
    return [found[i] for i in range(1, 34)]


def walk_through(rows, cols):
    size = f"{cols}x{rows}"
    steps = "tell long confirm choose text word command pin reveal words working fault end"
    with Demo(steps, rows, cols) as demo:
        demo.see("Enter  go on", "Roll call")
        demo.golden(f"tell-{size}")
        demo.keys("Enter")
        demo.see("What this computer is")
        demo.see("Enter  read on", "more: PgDn")
        demo.golden(f"long-{size}")
        demo.keys("NPage", "PPage", "NPage", "NPage", "NPage", "NPage")
        demo.see("fact 30", "Enter  go on")
        demo.keys("Enter")
        demo.see("Do all groups equal")
        demo.golden(f"confirm-{size}")
        demo.type("yep")
        demo.see("yep")
        demo.keys("Enter")
        demo.see("Type the whole word")
        demo.keys("C-u")
        demo.type("YES")
        demo.keys("Enter")
        demo.see(" 1  look at")
        demo.keys("Down", "Down", "Down", "Up")
        demo.see("> 2  take another")
        demo.golden(f"choose-{size}")
        demo.keys("Enter")
        demo.see("Number of the bag")
        demo.type("B-019Ü")
        demo.keys("BSpace", "3", "Home", "Delete", "C", "End")
        demo.see("> C-0193")
        demo.golden(f"text-{size}")
        demo.keys("Enter")
        demo.see("Word 3 of group 1")
        demo.type("at")
        demo.see("Athens  Atlantic  atlas  atmosphere")
        demo.type("hen")
        demo.keys("Enter")
        demo.see("complete it with Tab")
        demo.golden(f"word-{size}")
        demo.keys("Tab")
        demo.see("> Athens")
        demo.keys("Enter")
        demo.see("SIGN ROOT CERTIFICATE")
        demo.type("sign root certificate")
        demo.keys("Enter")
        demo.see("Capital and small letters matter")
        demo.golden(f"command-{size}")
        demo.keys("C-u")
        demo.type("SIGN ROOT CERTIFICATE")
        demo.keys("Enter")
        demo.see("PIN    ________")
        demo.enter()
        demo.see("Nothing has been typed yet.")
        demo.type("7")
        one = demo.see("PIN    ********").replace("Nothing has been typed yet.", "")
        demo.type("531-2468 x")
        demo.keys("Enter")
        words_seen = demo.see("33  ")
        assert "531" not in words_seen and "********" in one
        demo.see("acid")
        demo.golden(f"reveal-{size}")
        words = share_words(demo)
        demo.type("done")
        demo.keys("Enter")
        demo.see("Type the word  written")
        demo.keys("C-u")
        demo.type("written")
        demo.keys("Enter")
        demo.see("Word 1 of 33")
        assert words[3] not in demo.text()
        for word in words[:16]:
            demo.type(word[:4])
        demo.see("16 of 33", "Word 17 of 33")
        demo.golden(f"words-{size}")
        for word in words[16:]:
            demo.type(word + " ")
        demo.see("All 33 words are typed")
        demo.golden(f"words-all-{size}")
        demo.keys("Enter")
        demo.see("RSA 4096", "0:01   (usually 10 s to 3 min)")
        demo.golden(f"working-{size}")
        demo.see("it belongs to", "Enter  go on")
        demo.golden(f"fault-{size}")
        demo.enter()
        demo.see("Nothing more is asked")
        demo.enter()
        results = demo.results()
        demo.see("BEFORE", "STATUS 0")
    expected = {
        "demo.tell": "given", "demo.long": "given", "demo.confirm": "given yes",
        "demo.choose": "given other", "demo.text": "given C-0193",
        "demo.word": "given Athens", "demo.command": "given SIGN ROOT CERTIFICATE",
        "demo.pin": "given " + fnv("7531-2468 x"), "demo.reveal": "given",
        "demo.words": "given " + fnv(" ".join(words)), "demo.fault": "acknowledged",
        "demo.end": "given", "exit": "0 -"}
    assert results == expected, results


def every_kind_at_80x24():
    walk_through(24, 80)


def every_kind_at_132x43():
    walk_through(43, 132)


def a_long_fault_is_read_to_its_end():
    with Demo("long-fault end") as demo:
        demo.see("Much was not as it must be.", "Enter read on", "more: PgDn")
        demo.enter()
        demo.see_not("Much was not as it must be.")
        demo.keys("PPage")
        demo.see("Much was not as it must be.")
        for _ in range(20):
            if "Enter  go on" in demo.text():
                break
            demo.keys("NPage")
            time.sleep(0.1)
        demo.see("Line 40 of", "Enter  go on", "Enter go on")
        demo.enter()
        demo.see("Nothing more is asked")


def second_enter_is_not_taken():
    """False where this machine was too slow to press it soon enough."""
    with Demo("tell end") as demo:
        demo.see("Roll call", "Enter  go on")
        begun = time.monotonic()
        demo.keys("Enter")
        demo.see("Nothing more is asked")
        demo.keys("Enter")
        if time.monotonic() - begun > HASTE_SECONDS / 2:
            return False
        time.sleep(HASTE_SECONDS + 0.1)
        demo.see("Nothing more is asked")
        demo.keys("Enter")
        assert demo.results()["exit"] == "0 -"
    return True


def a_second_enter_at_once_is_not_taken():
    assert any(second_enter_is_not_taken() for _ in range(20)), "the second Enter never came soon enough"


def the_size_changes_in_the_middle_of_a_pin():
    with Demo("pin") as demo:
        demo.see("PIN    ________")
        demo.type("12")
        demo.see("PIN    ********")
        demo.resize(30, 100)
        demo.until(lambda text: len(text.split("\n")) >= 30 and "PIN    ****" in text, "100x30")
        demo.golden("pin-100x30")
        demo.type("34")
        demo.resize(15, 60)
        demo.see("The terminal is too small: 80x24 at least; now 60x15.")
        demo.golden("too-small-60x15")
        demo.type("lost")
        demo.keys("Enter")
        demo.resize(24, 80)
        demo.see("PIN    ********", "Barbara Liskov")
        demo.golden("pin-80x24")
        demo.type("56")
        demo.keys("Enter")
        assert demo.results()["demo.pin"] == "given " + fnv("123456")


def the_size_changes_in_the_middle_of_a_share():
    with Demo("reveal words") as demo:
        demo.see("33  acid")
        words = share_words(demo)
        demo.resize(43, 132)
        demo.until(lambda text: len(text.split("\n")) >= 43 and "33  acid" in text, "132x43")
        assert share_words(demo) == words
        demo.resize(20, 80)
        demo.see("too small")
        assert words[5] not in demo.text()
        demo.resize(24, 80)
        demo.see("33  acid")
        assert share_words(demo) == words
        demo.type("written")
        demo.keys("Enter")
        demo.see("Word 1 of 33")
        for word in words[:9]:
            demo.type(word[:4])
        demo.type("no")
        demo.see("9 of 33")
        demo.resize(43, 132)
        demo.until(lambda text: len(text.split("\n")) >= 43 and "Word 10 of 33:    no" in text,
                   "typed letters at 132x43")
        demo.resize(10, 40)
        demo.see("too small")
        demo.type("x")
        demo.resize(24, 80)
        demo.see("Word 10 of 33:    no", f"9  {words[8]}")
        demo.keys("BSpace", "BSpace")
        for word in words[9:]:
            demo.type(word[:4])
        demo.keys("Enter")
        assert demo.results()["demo.words"] == "given " + fnv(" ".join(words))


def a_wrong_word_is_told_at_its_place():
    with Demo("words") as demo:
        demo.see("Word 1 of 33")
        for _ in range(8):
            demo.type("acid")
        demo.type("wrong")
        demo.see("Word 9 does not stand in the list of words: look at the form again.")
        demo.golden("wrong-word-80x24")
        demo.keys("Enter")
        demo.see("Word 9 of 33:     wrong")
        for _ in range(6):
            demo.keys("BSpace")
        demo.see("Word 8 of 33:", "7 of 33")
        demo.type("zero")
        demo.see("8  zero", "Word 9 of 33")
        demo.keys("Enter")
        demo.see("25 words are still to be typed.")


def a_share_hides_itself():
    with Demo("brief") as demo:
        demo.see("33  acid")
        words = share_words(demo)
        demo.see("The words are hidden. Enter shows them again.")
        assert words[7] not in demo.text()
        demo.golden("hidden-80x24")
        demo.type("x")
        demo.keys("C-c")
        time.sleep(0.3)
        assert words[7] not in demo.text()
        demo.keys("Enter")
        demo.see("33  acid")
        demo.keys("F1")
        help_text = demo.see("one pair of eyes")
        assert words[7] not in help_text
        demo.keys("Escape")
        demo.see_not("one pair of eyes")
        demo.see_not("33  acid")


def wishes_say_their_consequence_first():
    wishes = {"F2": ("Note an exception?", "exception"), "F3": ("Pause?", "pause"),
              "F4": ("leave or return?", "leave"), "F10": ("Stop the ceremony?", "stop"),
              "Escape": ("Decline?", "declined")}
    for key, (question, answer) in wishes.items():
        with Demo("confirm") as demo:
            demo.see("Do all groups equal")
            demo.type("ye")
            demo.keys(key)
            demo.see(question)
            demo.golden(f"consequence-{answer}-80x24")
            demo.keys("Enter")
            demo.type("n")
            demo.see("yes  or  no :  ye")
            demo.keys(key)
            demo.see(question)
            demo.type("y")
            assert demo.results()["demo.confirm"] == answer


def the_menu_serves_consoles_without_function_keys():
    with Demo("command") as demo:
        demo.see("SIGN ROOT")
        demo.keys("C-x")
        demo.see("6  decline")
        demo.golden("menu-80x24")
        demo.type("1")
        demo.see("Nothing happens")
        demo.golden("help-80x24")
        demo.keys("Escape", "F7")
        demo.see("Decline?")
        demo.keys("Escape")
        demo.see_not("Decline?")
        demo.keys("C-x")
        demo.see("6  decline")
        demo.type("6")
        demo.see("Decline?")
        demo.type("y")
        assert demo.results()["demo.command"] == "declined"


def another_person_for_a_pin():
    with Demo("pin") as demo:
        demo.see("PIN    ________")
        demo.type("123")
        demo.keys("Escape")
        assert demo.results()["demo.pin"] == "declined"


def the_screen_lives_while_the_token_works():
    with Demo("working end") as demo:
        demo.see("RSA 4096")
        demo.resize(30, 100)
        demo.until(lambda text: len(text.split("\n")) >= 30 and "RSA 4096" in text, "100x30")
        demo.keys("F1")
        demo.see("Wait; the next")
        demo.keys("Escape")
        demo.see("Nothing more is asked")


def a_signal_gives_the_terminal_back(number, steps, seen):
    with Demo(steps) as demo:
        demo.see(seen)
        pids = demo.pids("tui_demo")
        assert len(pids) == 1, pids
        os.kill(pids[0], number)
        results = demo.results()
        assert results["exit"] == "3 interrupted", results
        after = demo.see("BEFORE", "STATUS 3", "Nothing recorded is lost.")
        assert seen not in after, after


def signals_give_the_terminal_back():
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        a_signal_gives_the_terminal_back(number, "reveal", "33  acid")
    a_signal_gives_the_terminal_back(signal.SIGTERM, "pin", "PIN    ____")
    a_signal_gives_the_terminal_back(signal.SIGTERM, "working end", "RSA 4096")


def a_lost_terminal_ends_the_run():
    with Demo("reveal") as demo:
        demo.see("33  acid")
        demo.tmux("kill-pane")
        end = time.monotonic() + 20
        text = ""
        while "exit" not in text and time.monotonic() < end:
            with open(demo.results_file.name, encoding="utf-8") as file:
                text = file.read()
            time.sleep(0.03)
        assert text == "exit 3 interrupted\n", text


def what_was_typed_too_early_answers_nothing():
    with Demo("working tell end") as demo:
        demo.see("RSA 4096")
        demo.keys("Enter", "Enter", "y", "Enter")
        demo.see("Roll call", "Enter  go on")
        demo.enter()
        demo.see("Nothing more is asked")


def colour_is_not_needed():
    with Demo("confirm", env={"NO_COLOR": "1", "TERM": "xterm-256color"}) as demo:
        demo.see("Do all groups equal")
        assert not re.search(r"\x1b\[[0-9;]*(3[0-8]|4[0-8])[;m]",
                             demo.tmux("capture-pane", "-e", "-p"))
    with Demo("confirm", env={"TERM": "xterm-256color"}) as demo:
        demo.see("Do all groups equal")
        assert re.search(r"\x1b\[[0-9;]*3[0-8][;m]", demo.tmux("capture-pane", "-e", "-p"))
    for options in ({"TERM": "vt100"}, {"TERM": "linux"}, {"LC_ALL": "C"}):
        with Demo("confirm", env=options) as demo:
            demo.see("Do all groups equal")
            demo.golden("confirm-80x24")


def without_a_terminal_it_says_so():
    with tempfile.NamedTemporaryFile() as results:
        done = subprocess.run([DEMO, results.name, "tell"], stdin=subprocess.DEVNULL, check=False,
                              capture_output=True, text=True)
        assert done.returncode == 1 and "There is no terminal" in done.stderr, done
    with Demo("tell", env={"TERM": "never-heard-of"}) as demo:
        demo.see("STATUS 1", "never-heard-of", "Set TERM")


TESTS = [every_kind_at_80x24, every_kind_at_132x43, the_size_changes_in_the_middle_of_a_pin,
         the_size_changes_in_the_middle_of_a_share, a_wrong_word_is_told_at_its_place,
         a_share_hides_itself, wishes_say_their_consequence_first,
         the_menu_serves_consoles_without_function_keys, another_person_for_a_pin,
         the_screen_lives_while_the_token_works, signals_give_the_terminal_back,
         a_lost_terminal_ends_the_run, a_second_enter_at_once_is_not_taken, a_long_fault_is_read_to_its_end, what_was_typed_too_early_answers_nothing,
         colour_is_not_needed, without_a_terminal_it_says_so]


def main():
    wanted = sys.argv[1:]
    failed = 0
    for test in TESTS:
        if wanted and test.__name__ not in wanted:
            continue
        try:
            test()
            print(f"ok      {test.__name__}", flush=True)
        except Exception:  # each test is told of, and the others still run
            failed += 1
            print(f"FAILED  {test.__name__}\n{traceback.format_exc()}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
