#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The root ceremony at the table, from its first question to its last: somebody reads the screen and
answers. Once as it should go in two sizes of the terminal, and once with all that may come between.
Every screen is kept in BUILD_DIR/tests/screens, without the words of shares."""
import os
import pathlib
import re
import shutil
import signal
import sys
import traceback

sys.dont_write_bytecode = True
os.environ.setdefault("SOURCE_DIR", str(pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support/py"))
import person  # noqa: E402
import rehearsal  # noqa: E402


def sit_down(ceremony, task="run", **options):
    what = [task, ceremony.script, "--evidence", ceremony.evidence] if task == "run" \
        else [task, ceremony.evidence]
    return person.Person([*what, "--site", ceremony.site, "--trust", ceremony.folder / "trust"],
                         **options)


def ended(table, text, status):
    assert table.status(text) == status, f"status {table.status(text)} instead of {status}:\n{text}"


def whole(rows, cols, term):
    with rehearsal.Rehearsal() as ceremony:
        with sit_down(ceremony, name=f"whole-{cols}x{rows}", rows=rows, cols=cols, term=term) as table:
            text = table.work()
            ended(table, text, 0)
            assert "Carry these lines home on paper" in text, text
            print(f"        {sum(table.prompts.values())} prompts: {table.prompts}; "
                  f"{table.numbers} screens")
            assert set(table.prompts) == {"tell", "confirm", "choose", "text", "word", "command",
                                          "pin", "reveal", "words"}, table.prompts
        rehearsal.check_finished(ceremony)
        assert len(table.paper.shares) == 3


def from_the_first_question_to_the_last_at_80x24():
    whole(24, 80, "vt100")


def from_the_first_question_to_the_last_at_132x43():
    whole(43, 132, "linux")


# --- what may come between ---


def too_small_and_back(table, _):
    text = table.size(15, 60)
    assert "80x24 at least; now 60x15" in text, text
    table.type("no")
    table.keys("Enter")
    table.size(24, 80)
    return table.settled()


def pin_while_the_size_changes(table, text):
    pin = rehearsal.PINS["primary"].replace("user", "so")
    assert 'SO PIN of "primary", new' in text, text
    table.type(pin[:4])
    table.see("PIN    ********")
    table.size(30, 100)
    table.type(pin[4:8])
    table.size(15, 60)
    table.size(24, 80)
    table.see("PIN    ********")
    table.type(pin[8:])
    return table.press("", "Enter")


def differing_new_pin(table, text):
    assert ", once more" in text, text
    table.type("another one")
    text = table.press("", "Enter")
    assert "The two entries differ" in text and ", new" in text, text
    return text


def wrong_pin(table, text):
    assert 'User PIN of "primary"' in text, text
    table.type("not the PIN")
    text = table.press("", "Enter")
    assert "The token did not accept the PIN" in text, text
    return text


def wrong_word_of_the_fingerprint(table, text):
    text = table.press("aardvark" if "aardvark" not in table.pages else "adult", "Enter")
    assert "not the word of your copy" in text, text
    return text


def control_c(table, _):
    """Nobody stops a ceremony by a slip of the finger."""
    table.keys("C-c")
    text = table.see("F10")
    assert table.pids("ceremony"), text
    return table.settled()


def note_exception(table, before):
    text = table.press("", "F2")
    assert "Note an exception?" in text, text
    text = table.press("", "y")
    for question in ("What was expected?", "What was observed?", "What was decided?",
                     "Who decided it?"):
        assert question in text and "An exception is noted" in text, text
        table.keep(text)
        text = table.press("the lamp: " + question, "Enter")
    assert "Does the witness concur?" in text, text
    text = table.press("yes", "Enter")
    assert person.question_of(text.replace("Type  yes", "> Type  yes")) in before, text
    return text


def leave_and_come_back(table, before):
    """Whoever chooses reads names."""
    for does in ("leaves:", "returns:"):
        text = table.press("", "F4")
        assert "Does somebody leave or return?" in text, text
        text = table.press("", "y")
        assert " 1  leaves: Johanna Weber" in text and f"8  {does} Amina Diallo" in text and "> 1  leaves" not in text, text
        table.keep(text)
        table.keys("Enter")
        table.see("Mark a line first")
        table.keys("1", "0")
        table.until(lambda seen: "> 10  leaves: Laura Rossi" in seen, does)
        table.keys("Up", "Up")
        table.until(lambda seen: f"> 8  {does} Amina Diallo" in seen, does)
        text = table.press("", "Enter")
    assert "Is the room as" in before and "Is the room as" in text, text
    return text


def pause(table, _):
    text = table.press("", "F3")
    assert "Pause?" in text, text
    text = table.press("", "y")
    assert "Is everybody back" in text, text
    table.keep(text)
    text = table.press("no", "Enter")
    assert "The pause goes on until the answer is yes." in " ".join(person.right_of(text).split()) and "Is everybody back" in text, text
    text = table.press("yes", "Enter")
    assert "reads the time from the wall clock" in text, text
    return table.press("17:04", "Enter")


def decline_first(table, text):
    """F10 asks before it does anything."""
    asked = table.press("", "F10")
    assert "Stop the ceremony?" in asked, asked
    assert person.MOVING.sub("", table.press("", "n")) == person.MOVING.sub("", text)
    return table.settled()


def stop(table, _):
    table.press("", "F10")
    return table.press("", "y")


def share_while_the_size_changes(table, _):
    words = table.paper.shares[-1]
    for word in words[:9]:
        table.type(word[:4])
    table.see("9 of 33")
    table.size(43, 132)
    table.see("9 of 33", f"9  {words[8]}")
    for word in words[9:20]:
        table.type(word[:4])
    table.size(15, 60)
    assert words[4] not in table.text()
    table.size(24, 80)
    table.see("20 of 33", f"20  {words[19]}")
    for word in words[20:]:
        table.type(word[:4])
    table.see("words are typed")
    return table.press("", "Enter")


def wrong_words_of_a_share(table, _):
    words = list(table.paper.shares[-1])
    for word in words[:6]:
        table.type(word[:4])
    table.type("xyzz")
    table.see("Word 7 does not stand in the list of words")
    for _ in range(4):
        table.keys("BSpace")
    other = "academic" if words[6] != "academic" else "acid"
    for word in [other] + words[7:]:
        table.type(word[:4])
    table.see("words are typed")
    text = table.press("", "Enter")
    assert re.search(r"[Ww]ord 7\b", text) and "0 of 33" in text, text
    assert other not in text, text
    return text


def died(table, text, number, says):
    """While a share shows: as with any other end, no word of it is left."""
    shown = dict(re.findall(r"\b(\d{1,2})  ([a-z]+)", text))
    assert len(shown) == 33, text
    os.kill(table.pids("ceremony")[0], number)
    text = table.see(says)
    everything = table.everything()
    left = [word for word in shown.values() if re.search(rf"\b{word}\b", everything)]
    assert len(left) < 3, f"words of the share are left: {left}\n{everything}"  # "resume" is one
    return text


def terminated(table, text):
    return died(table, text, signal.SIGTERM, "STATUS")


def killed(table, text):
    return died(table, text, signal.SIGKILL, "it was cleared.")


def with_all_that_may_come_between():
    with rehearsal.Rehearsal() as ceremony:
        with sit_down(ceremony, name="between-1") as table:
            table.on("confirm", "Is this person here", too_small_and_back)
            table.on("confirm", "Is this person here", control_c)
            table.on("confirm", "Is the room as", note_exception)
            table.on("confirm", "Is the room as", leave_and_come_back)
            table.on("tell", "Why we are here", pause)
            table.on("pin", 'SO PIN of "primary", new', pin_while_the_size_changes)
            table.on("pin", 'SO PIN of "spare", once more', differing_new_pin)
            table.on("pin", r"3\.1  (.*\n)*.*User PIN of \"primary\"", wrong_pin)
            table.on("word", "Word . of group .", wrong_word_of_the_fingerprint)
            table.on("tell", r"3\.3  The key signs", decline_first)
            table.on("tell", r"3\.3  The key signs", stop)
            text = table.work()
            ended(table, text, 3)
            assert "resume" in text and not table.hooks, (text, table.hooks)
            paper = table.paper
        with sit_down(ceremony, "resume", paper=paper, name="between-2") as table:
            table.on("words", "Word 1 of 33", share_while_the_size_changes)
            table.on("words", "Word 1 of 33", wrong_words_of_a_share)
            table.on("reveal", "custodian Laura Rossi", terminated)
            text = table.work()
            ended(table, text, 3)
            assert not table.hooks, table.hooks
        paper.throw_away()  # void, and said to be destroyed
        with sit_down(ceremony, "resume", paper=paper, name="between-3") as table:
            table.on("reveal", "custodian Laura Rossi", killed)
            assert "it was cleared." in table.work() and not table.hooks, table.hooks
        paper.throw_away()
        with sit_down(ceremony, "resume", paper=paper, name="between-4", term="xterm-256color") as table:
            text = table.work()
            ended(table, text, 0)
        rehearsal.check_finished(ceremony)
        by_people = [record["data"] for record in ceremony.records()
                     if record["type"] == "exception" and record["data"]["noted_by"] == "people"]
        assert [row["observed"] for row in by_people] == ["the lamp: What was observed?"], by_people
        kinds = [record["type"] for record in ceremony.records()]
        assert kinds.count("pause") == 1 and kinds.count("resume") == 4, kinds
        facts = [record["data"] for record in ceremony.records() if record["type"] == "facts"]
        assert sum(row.get("fact") == "wrong-pin" or "wrong" in row for row in facts) == 1, facts


def main():
    shutil.rmtree(person.FOLDER, ignore_errors=True)
    failed = 0
    wanted = sys.argv[1:]
    for test in (from_the_first_question_to_the_last_at_80x24,
                 from_the_first_question_to_the_last_at_132x43,
                 with_all_that_may_come_between):
        if wanted and test.__name__ not in wanted:
            continue
        try:
            test()
            print(f"ok      {test.__name__}", flush=True)
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"FAILED  {test.__name__}\n{traceback.format_exc()}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
