#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same ceremony at the table and from the answers file: two transcripts that are equal, record by
record, but for the fields that docs/formats/transcript.md names. That table is read from the page."""
import fnmatch
import os
import pathlib
import re
import sys

sys.dont_write_bytecode = True
os.environ.setdefault("SOURCE_DIR", str(pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support/py"))
import person  # noqa: E402
import rehearsal  # noqa: E402

PAGE = rehearsal.SOURCE / "docs/formats/transcript.md"
SECTION = "## Fields that differ between two runs"
ROW = re.compile(r"\| (any|`[a-z -]+`) \| `(\S+)` \| \*(\w)\* \| (always|may) \| [^|]+ \|")
HASH = re.compile(r"[0-9a-f]{64}")
FORMS = {
    "h": HASH.fullmatch,
    "c": HASH.fullmatch,
    "x": re.compile(r"[0-9a-f]{8,96}").fullmatch,
    "b": re.compile(r"[A-Za-z0-9+/]+={0,2}").fullmatch,
    "t": re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{3})?Z").fullmatch,
    "s": lambda text: text != "",
}


class Rule:
    def __init__(self, where, field, form, differs):
        self.where, self.field, self.form = where.strip("`"), field, form
        self.always = differs == "always"
        self.used = False

    def covers(self, where, field):
        return self.where in ("any", where, where.split(" ")[0]) and \
            fnmatch.fnmatchcase(field, self.field.replace("[]", "[[][]]"))

    def accepts(self, value):
        if self.form == "n":
            return isinstance(value, int) and not isinstance(value, bool)
        return isinstance(value, str) and bool(FORMS[self.form](value))


def rules_of(page):
    section = page.split(SECTION, 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.split("\n") if line.startswith("|")][2:]
    rows = [ROW.fullmatch(line) for line in lines]
    unread = [line for line, row in zip(lines, rows) if row is None]
    assert not unread and len(rows) > 20, f"lines of the table that cannot be read: {unread}"
    return [Rule(*row.groups()) for row in rows]


def place(record):
    """`intent sign`, `facts token`, `closing`"""
    more = record["data"].get("does") or (record["type"] == "facts" and record["data"]["what"])
    return f"{record['type']} {more}" if more else record["type"]


def leaves(value, name=""):
    """Each value with its path; lists without their numbers, so that a rule covers all."""
    if isinstance(value, dict):
        for key in sorted(value):
            yield from leaves(value[key], f"{name}.{key}" if name else key)
        yield f"{name}{{}}", sorted(value)
    elif isinstance(value, list):
        yield f"{name}[]#", len(value)
        for item in value:
            yield from leaves(item, f"{name}[]")
    else:
        yield name, value


def fields(record):
    own = {key: value for key, value in record.items() if key != "data"}
    return list(leaves(own)) + list(leaves(record["data"]))


def faults_between(one, other, rules):
    """What differs and should not, and what has not the form that the table says."""
    if len(one) != len(other):
        yield f"{len(one)} records and {len(other)}"
    for left, right in zip(one, other):
        where = place(left)
        if place(right) != where:
            yield f"record {left['seq']}: {where} and {place(right)}"
            return
        for (name, value), (its_name, its_value) in zip(fields(left), fields(right)):
            if name != its_name:
                yield f"record {left['seq']} ({where}): {name} and {its_name}"
                break
            if value == its_value:
                continue
            rule = next((rule for rule in rules if rule.covers(where, name)), None)
            if rule is None:
                yield f"record {left['seq']} ({where}): {name}: {value!r} and {its_value!r}"
                continue
            rule.used = True
            if not rule.accepts(value) or not rule.accepts(its_value):
                yield f"record {left['seq']} ({where}): {name} is not *{rule.form}*: {value!r}"


def at_the_table(ceremony):
    with person.Person(["run", ceremony.script, "--evidence", ceremony.evidence, "--site",
                        ceremony.site, "--trust", ceremony.folder / "trust"], name="same") as table:
        text = table.work()
        assert table.status(text) == 0, text


def notices_a_difference(one, rules):
    """The comparison itself: one changed answer, one field more, one record less."""
    import copy
    import json

    changed = copy.deepcopy(one)
    row = next(record for record in changed if record["data"].get("answer") == "yes")
    row["data"]["answer"] = "no"
    more = copy.deepcopy(one)
    more[3]["data"]["new"] = 1
    for other in (changed, more, one[:-1]):
        assert json.dumps(other) != json.dumps(one)
        assert list(faults_between(one, other, rules)), "a difference is not noticed"


def main():
    rules = rules_of(PAGE.read_text())
    with rehearsal.Rehearsal() as table, rehearsal.Rehearsal() as headless:
        at_the_table(table)
        result = headless.run()
        assert result.returncode == 0, result.stderr
        rehearsal.check_finished(table)
        rehearsal.check_finished(headless)
        one, other = table.records(), headless.records()
    found = list(faults_between(one, other, rules))
    found += [f"the table names {rule.field} of {rule.where}, which did not differ"
              for rule in rules if rule.always and not rule.used]
    for fault in found:
        print(fault)
    notices_a_difference(one, rules_of(PAGE.read_text()))
    print(f"{'FAILED' if found else 'ok'}      {len(one)} records, {len(rules)} rows of the table")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
