#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The manual pages against the programs: every command has its page, every option of `--help` stands in it and no
other does, each page has the sections that a reader looks for, and mandoc finds nothing to say."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
BIN = pathlib.Path(os.environ["BUILD_DIR"]) / "bin"
PAGES = SOURCE / "docs/man"
SECTIONS = ["NAME", "DESCRIPTION", "FILES", "EXIT STATUS", "EXAMPLES", "SEE ALSO"]
# What mandoc says about this machine and not about the page.
OF_THE_MACHINE = re.compile(r"referenced manual not found|outdated mandoc\.db")
faults = []
checks = 0


def expect(holds, text):
    global checks
    checks += 1
    if not holds:
        faults.append(text)


def run(*words):
    return subprocess.run([str(word) for word in words], text=True, capture_output=True, check=False)


def options_of_help(text):
    return set(re.findall(r"^  (--[a-z-]+)", text, re.M))


def options_of_page(text):
    """Options that the page explains: `.It Fl Fl name`."""
    return {"--" + name for name in re.findall(r"^\.It Fl Fl ([a-z-]+)", text, re.M)}


def options_of_synopsis(text):
    synopsis = text.partition(".Sh SYNOPSIS")[2].partition("\n.Sh")[0]
    return {"--" + name for name in re.findall(r"Fl Fl ([a-z-]+)", synopsis)}


def commands_of(program):
    result = run(BIN / program, "--help")
    expect(result.returncode == 0 and result.stderr == "", f"{program} --help does not print help")
    return re.findall(r"^  ([a-z]+) ", result.stdout, re.M)


def check_command(command):
    page = PAGES / f"ceremony-{command}.1"
    expect(page.is_file(), f"{page.name} is missing")
    if not page.is_file():
        return
    text = page.read_text()
    told = options_of_help(run(BIN / "ceremony", command, "--help").stdout)
    expect(told, f"ceremony {command} --help names no option")
    written = options_of_page(text) - {"--help"}
    expect(told == written, f"{page.name}: only in --help {sorted(told - written)}, "
                            f"only in the page {sorted(written - told)}")
    short = options_of_synopsis(text)
    expect(short == told, f"{page.name}: the synopsis differs from --help in {sorted(short ^ told)}")
    expect(f"ceremony {command}" in text, f"{page.name} does not name its command")


def check_overview(commands):
    text = (PAGES / "ceremony.1").read_text()
    listed = re.findall(r"^\.It Cm ([a-z]+)", text, re.M)
    expect(sorted(listed) == sorted(commands),
           f"ceremony.1 lists {sorted(listed)}, the program {sorted(commands)}")
    there = {page.name[len("ceremony-"):-2] for page in PAGES.glob("ceremony-*.1")} - {"audit"}
    expect(there == set(commands), f"pages without a command: {sorted(there - set(commands))}")


def check_audit(commands):
    text = (PAGES / "ceremony-audit.1").read_text()
    expect(sorted(re.findall(r"^\.It Cm ([a-z]+)", text, re.M)) == sorted(commands),
           "ceremony-audit.1 lists other commands than the program")
    told = set()
    for command in commands:
        told |= options_of_help(run(BIN / "ceremony-audit", command, "--help").stdout)
    expect(told == options_of_page(text),
           f"ceremony-audit.1 differs from --help in {sorted(told ^ options_of_page(text))}")


def check_form(page):
    text = page.read_text()
    expect(text.startswith('.\\" SPDX-License-Identifier: Apache-2.0\n'), f"{page.name}: no SPDX line")
    wanted = SECTIONS if page.name.startswith("ceremony") else ["NAME", "EXIT STATUS", "EXAMPLES"]
    for section in wanted:
        expect(f"\n.Sh {section}\n" in text, f"{page.name}: no section {section}")
    for name, part in re.findall(r"^\.Xr ((?:ceremony|slip39)[a-z0-9-]*) ([1-9])", text, re.M):
        expect((PAGES / f"{name}.{part}").is_file(), f"{page.name}: {name}({part}) is not there")
    for name in re.findall(r"^\.Pa (docs/[a-z/.-]+)", text, re.M):
        expect((SOURCE / name).exists(), f"{page.name}: {name} is not there")
    if shutil.which("mandoc"):
        result = run("mandoc", "-T", "lint", "-W", "style", page)
        said = [line for line in result.stdout.splitlines() + result.stderr.splitlines()
                if not OF_THE_MACHINE.search(line)]
        expect(not said, "\n".join(said))


def main():
    if not (BIN / "ceremony").exists() or not (BIN / "ceremony-audit").exists():
        print("SKIPPED: the programs are not built")
        return 77
    commands = commands_of("ceremony")
    expect(commands, "ceremony --help names no command")
    for command in commands:
        check_command(command)
    check_overview(commands)
    check_audit(commands_of("ceremony-audit"))
    pages = sorted(PAGES.glob("*.[1-9]"))
    for page in pages:
        check_form(page)
    for fault in faults:
        print(f"FAULT: {fault}", file=sys.stderr)
    without = "" if shutil.which("mandoc") else " (mandoc is not there: its lint was not asked)"
    print(f"{checks} checks of {len(pages)} pages, {len(faults)} faults{without}")
    return 1 if faults or checks == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
