#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tests/meta/enforcing.txt: each function that it lists is defined in its file and stands there once; and CHANGELOG.md's
table of breaks: each has a regression test that is there."""
import os
import pathlib
import re
import sys

SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
LEAST, LEAST_BREAKS = 100, 30
ROW = re.compile(r"([\w/.-]+\.c):(\w+)\t(\S.*)")


def is_defined(text, name):
    """As clang-format leaves it: the name begins a line, the body's brace stands alone."""
    return re.search(rf"^{name}\([^;{{]*\)\n\{{$", text, re.M) is not None


def judge_list(text, read):
    """Faults of the list; how many rows."""
    rows = [line for line in text.split("\n") if line and not line.startswith("#")]
    faults, seen = [], set()
    for row in rows:
        parsed = ROW.fullmatch(row)
        if parsed is None:
            faults.append(f"not \"file:function, tab, claim\": {row}")
            continue
        path, name, _ = parsed.groups()
        source = read(path)
        if source is None or not is_defined(source, name):
            faults.append(f"{path} defines no {name}()")
        if (path, name) in seen:
            faults.append(f"{path}:{name} stands there twice")
        seen.add((path, name))
    return faults, len(rows)


def judge_breaks(text, exists):
    """Faults of the rows below the heading of the breaks; how many rows."""
    table = text.partition("### Breaks found on the way")[2]
    rows = [line for line in table.split("\n") if line.startswith("|")][2:]
    faults = []
    for row in rows:
        named = re.findall(r"`(tests/[^`]+)`", row.strip("|").split("|")[-1])
        if not named:
            faults.append(f"no regression test: {row[:80]}")
        faults += [f"{name} is not there: {row[:80]}" for name in named if not exists(name)]
    return faults, len(rows)


def check_self():
    """The judge itself can say no."""
    source = "static int\ncheck(int a,\n      int b)\n{\n    call(a);\n}\n"
    assert is_defined(source, "check") and not is_defined(source, "call")
    faults, rows = judge_list("# x\na.c:check\tc\na.c:check\tc\na.c:gone\tc\nb.c:check\tc\nnothing\n",
                              {"a.c": source}.get)
    assert len(faults) == 4 and rows == 5, faults
    faults, rows = judge_breaks("### Breaks found on the way\n\n| a | b |\n|---|---|\n| x | y |\n| x | `tests/a` |\n", lambda _: False)
    assert len(faults) == 2 and rows == 2, faults


def read(path):
    file = SOURCE / path
    return file.read_text(encoding="utf-8") if file.is_file() else None


def main():
    check_self()
    faults, rows = judge_list(read("tests/meta/enforcing.txt"), read)
    more, breaks = judge_breaks(read("CHANGELOG.md"), lambda name: (SOURCE / name).is_file())
    print("\n".join(faults + more))
    print(f"{rows} functions, {breaks} breaks, {len(faults + more)} faults")
    return 1 if faults or more or rows < LEAST or breaks < LEAST_BREAKS else 0


if __name__ == "__main__":
    sys.exit(main())
