#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every #include of the program against the table of layers in docs/ARCHITECTURE.md; no circles."""
import os
import re
import sys
from pathlib import Path

SOURCE = Path(os.environ["SOURCE_DIR"])

# Headers that belong to a library of the table; every other <header> must be the C library's.
LIBRARIES = {
    "libcrypto": r"openssl/.*",
    "jansson": r"jansson\.h",
    "p11-kit": r"p11-kit/.*",
    "libfyaml": r"libfyaml\.h",
    "sqlite3": r"sqlite3\.h",
    "ncursesw": r"(curses|ncurses|panel|term)\.h",
    "libarchive": r"archive(_entry)?\.h",
    "gmp": r"gmp\.h",
    "libseccomp": r"seccomp\.h",
    "valgrind": r"valgrind/.*",
}
LIBC = re.compile(
    r"(assert|ctype|dirent|errno|fcntl|ftw|ifaddrs|inttypes|limits|locale|poll|pthread|signal|spawn|stdarg"
    r"|stdatomic|stdbool|stddef|stdint|stdio|stdlib|string|strings|termios|time|unistd|wchar|wctype"
    r"|sched|arpa/inet|net/if|netinet/in|linux/landlock|sys/[a-z]+)\.h$"
)
# What only these layers may use: terminals, threads, other programs.
RESERVED = {"termios.h": {"tui", "shamir"}, "pthread.h": {"batch", "engine", "tui", "p11"}, "spawn.h": set()}


def table():
    """{layer: (folder, set of layers, headers and libraries)} as the page says."""
    text = (SOURCE / "docs/ARCHITECTURE.md").read_text(encoding="utf-8")
    section = text.split("\n## Layers\n", 1)[1].split("\n## ", 1)[0]
    rows = {}
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 3 and cells[0].startswith("`"):
            allowed = re.sub(r"\([^)]*\)", "", cells[2])
            rows[cells[0].strip("`")] = (cells[1].strip("`"), set(re.findall(r"`([^`]+)`", allowed)))
    return rows


def includes(path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if found:
            yield number, found.group(1) == '"', found.group(2)
        elif re.match(r"\s*#\s*include\b", line):
            yield number, True, "(a macro)"


def layer_of(name, rows):
    return next((layer for layer, (folder, _) in rows.items() if name.startswith(folder + "/")), None)


def judge_ours(layer, name, rows):
    if not (SOURCE / name).is_file():
        return f'"{name}" is not named from the root of the repository'
    other = layer_of(name, rows)
    if other == layer or other in rows[layer][1] or name in rows[layer][1]:
        return None
    return f'layer "{layer}" may not use "{name}"'


def judge_system(layer, name, rows):
    for library, pattern in LIBRARIES.items():
        if re.fullmatch(pattern, name):
            return None if library in rows[layer][1] else f'layer "{layer}" may not use {library} (<{name}>)'
    if not LIBC.match(name):
        return f"<{name}> belongs to no library of the table"
    if layer not in RESERVED.get(name, {layer}):
        return f'layer "{layer}" may not use <{name}>'
    return None


def circle(edges):
    """One circle among {layer: set of layers}, as a list, or None."""
    done = set()

    def walk(node, path):
        if node in path:
            return path[path.index(node):] + [node]
        if node in done:
            return None
        for following in sorted(edges.get(node, ())):
            found = walk(following, path + [node])
            if found:
                return found
        done.add(node)
        return None

    for start in sorted(edges):
        found = walk(start, [])
        if found:
            return found
    return None


def check_self(rows):
    """The judges themselves can say no."""
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) and not circle({"a": {"b"}, "b": set()})
    assert judge_ours("base", "shamir/slip39.h", rows) and not judge_ours("shamir", "shamir/slip39.h", rows)
    assert judge_ours("tui", "ceremony/engine/engine.h", rows)
    assert judge_system("engine", "curses.h", rows) and judge_system("pki", "p11-kit/pkcs11.h", rows)


def main():
    rows = table()
    check_self(rows)
    faults, seen, edges = [], 0, {layer: set() for layer in rows}
    roots = ("ceremony", "shamir", "p11", "transcripts")
    files = [path for root in roots for path in sorted((SOURCE / root).rglob("*.[ch]"))]
    for path in files:
        name = path.relative_to(SOURCE).as_posix()
        layer = layer_of(name, rows)
        if layer is None:
            faults.append(f"{name}: its folder is in no row of the table")
            continue
        for number, ours, included in includes(path):
            seen += 1
            core = name == "shamir/shamir_core.c" and ours and included != "shamir/shamir_core.h"
            fault = (judge_ours if ours else judge_system)(layer, included, rows)
            if core:
                fault = "the core of the sharing uses nothing but its own header"
            if fault:
                faults.append(f"{name}:{number}: {fault}")
            if ours and layer_of(included, rows) not in (layer, None):
                edges[layer].add(layer_of(included, rows))
    round_trip = circle(edges)
    if round_trip:
        faults.append("layers form a circle: " + " -> ".join(round_trip))
    for layer, (folder, _) in rows.items():
        if not list((SOURCE / folder).glob("*.[ch]")):
            faults.append(f'layer "{layer}" has no sources in {folder}')
    print("\n".join(faults))
    print(f"{seen} includes of {len(files)} files in {len(rows)} layers, {len(faults)} faults")
    return 1 if faults or seen < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
