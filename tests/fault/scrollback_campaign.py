#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Types ceremonies that show or take shares at a terminal with a scrollback, on each kind of terminal (T15). After every PIN
and share, and at the end: none of them on the screen, in the scrollback, or on the terminal's other page; nor at any screen in
the memory of the program and of the process that guards its screen (T12).

Ends: exit      typed to its end
      reveal    SIGKILL while the first share shows; what the guard leaves
      words     SIGKILL while the first share is typed

usage: scrollback_campaign.py [--rehearsal NAME|all] [--terms T,T] [--every N] [--offset N] [--jobs N]
"""
import argparse
import os
import pathlib
import re
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support/py"))
import campaign  # noqa: E402
import person  # noqa: E402
import process_memory as m  # noqa: E402
import rehearsal as r  # noqa: E402
from canaries import Canaries, word_list  # noqa: E402

TERMS = ("linux", "vt100", "xterm-256color", "tmux-256color")
HELD = ("root-ca", "reshare", "restore", "intermediate-ca", "activate-quorum")
ENDS = ("exit", "reveal", "words")
TYPED = 5  # words, before the kill


class Watched(person.Table):
    """At each screen its memory is searched for what was typed and shown before."""
    STILL = 4  # several at a time make a busy machine

    def __init__(self, ceremony, **options):
        self.canaries = Canaries()
        self.seen = set()
        super().__init__(ceremony, **options)

    def look(self, kind, text):
        for pin in self.typed:
            self.canaries.add_text("a PIN", pin)
        for number, words in enumerate(self.paper.all_shares(), 1):
            self.canaries.add_share(f"share {number}", " ".join(words), word_list())
        for top in self.pids("ceremony"):
            for pid in m.tree(top):
                self.search(pid, kind, text)

    def search(self, pid, kind, text):
        for mapping, data in m.regions(pid, m.mappings(pid)):
            if data is None or m.is_declared(mapping) or self.known(pid, mapping):
                continue
            found = self.canaries.find(data)
            if found:
                raise r.Broken(f"at a prompt of kind {kind}, {pid} holds {sorted(set(found))[:6]} in {mapping.name} "
                               f"{mapping.start:x} {mapping.rights}\n{text}")

    def known(self, pid, mapping):
        """Mappings of files that cannot be written are searched once."""
        key = (pid, *mapping[:4])
        found = key in self.seen
        if "w" not in mapping.rights and mapping.name.startswith("/"):
            self.seen.add(key)
        return found


def die(table, shown):
    """SIGKILL; the guard clears. The text afterwards."""
    os.kill(table.pids("ceremony")[0], signal.SIGKILL)
    table.see("it was cleared.")
    text = table.everything()
    left = [word for word in shown if re.search(rf"\b{word}\b", text)]
    if len(left) > 1:  # single ones stand in many a text
        raise r.Broken(f"after SIGKILL: {left}\n{text}")
    return table.text()


def killed_reveal(table, text):
    shown = [word for _, word in re.findall(r"\b(\d{1,2})  ([a-z]+)", text)]
    if len(shown) < 20 or not all(word in table.everything() for word in shown):
        raise r.Broken(f"the share that shows is not found\n{text}")
    return die(table, shown)


def killed_words(table, text):
    words = table.paper.share_for(text)[:TYPED]
    for word in words:
        table.type(word[:4])
    table.see(f"{TYPED} of ", f"{TYPED}  {words[-1]}")
    return die(table, words)


def go_through(case):
    """How it ended, and why it is broken or None."""
    name, term, end = case
    try:
        with r.Rehearsal(name) as ceremony, Watched(ceremony, term=term, name=f"{name}-{term}-{end}") as table:
            if end != "exit":
                table.on(end, "", killed_reveal if end == "reveal" else killed_words)
            text = table.work(until=table.look if os.geteuid() == 0 else None)
            if end == "exit" and table.status(text) != 0 or table.hooks:
                return "broken", f"it ended otherwise:\n{text}"
            return end, None
    except (r.Broken, AssertionError, KeyError) as why:  # KeyError: nothing was read where something should stand
        return "broken", f"{type(why).__name__} {why}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rehearsal", default="root-ca")
    parser.add_argument("--terms", default=",".join(TERMS))
    campaign.sizes(parser)
    arguments = parser.parse_args()
    names = HELD if arguments.rehearsal == "all" else arguments.rehearsal.split(",")
    cases = [(name, term, end) for name in names for term in arguments.terms.split(",") for end in ENDS
             if (name, end) != ("restore", "reveal")]  # it shows none
    cases = cases[arguments.offset::arguments.every]
    if os.geteuid() != 0:
        print("memory is not searched: only root can look into it")
    ends = campaign.go_through(cases, go_through, ", ".join, arguments.jobs)
    return campaign.close(len(cases), ends["broken"], campaign.listed(ends))


if __name__ == "__main__":
    sys.exit(main())
