#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the linked programs and the layers' libraries refer to: foreign worlds, banned calls, hardening."""
import json
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

BUILD = Path(os.environ["BUILD_DIR"])
# libarchive and what Debian's has in it besides tar, the only format that is opened.
ARCHIVE = {"libarchive", "libacl", "libattr", "libbz2", "libgcc_s", "libicudata", "libicuuc", "liblz4", "liblzma",
           "libnettle", "libstdc++", "libxml2", "libz", "libzstd"}
PROGRAMS = {
    # name: libraries it may load beside libc, its loader and libm
    "ceremony": {"libsqlite3", "libp11-kit", "libffi", "libjansson", "libcrypto", "libfyaml", "libncursesw",
                 "libpanelw", "libtinfo", "libgmp", "libseccomp", *ARCHIVE},
    "ceremony-audit": {"libsqlite3", "libjansson", "libcrypto", "libfyaml"},
    "slip39": {"libcrypto"},
}
ALWAYS = {"linux-vdso", "linux-gate", "libc", "libm", "ld-linux-x86-64", "ld-linux-aarch64"}

# Nowhere in what is shipped. Other programs, unbounded copies, leaps over cleanup, weak chance, shared buffers.
BANNED = re.compile(
    r"(system|popen|exec[vl]p?e?|execvpe|fexecve|execveat|vfork|posix_spawnp?|wordexp|dlopen|dlmopen"
    r"|strcpy|stpcpy|strcat|v?sprintf|gets|v?f?scanf|v?sscanf|strncat|strtok|alloca|getpass|getlogin"
    r"|exit|_Exit|quick_exit|atexit|(sig)?setjmp|(sig)?longjmp"
    r"|rand|srand|rand_r|random|srandom|[dlmnej]rand48|tmpnam|tempnam|mktemp"
    r"|asctime|ctime|localtime|gmtime|atoi|atol|atoll|atof)"
)
# Where one thing may be used and nowhere else: symbol -> {layer: object files}.
PLACES = {
    "getenv": {"tui": {"screen"}, "p11": {"module"}},  # NO_COLOR and TERM; SOFTHSM2_CONF
    "secure_getenv": {},
    "setenv": {"base": {"process"}, "engine": {"modules"}, "ceremony": {"cmd_tokens"}},  # TZ; a module's settings
    "abort": {"base": {"error"}},
    "signal": {"shamir": {"input"}, "slip39": {"main"}},
    "tcsetattr": {"shamir": {"input"}},
    "fork": {"tui": {"screen_guard"}, "engine": {"reader"}},  # before there are threads, modules and secrets
    "_exit": {"tui": {"screen_guard"}, "engine": {"reader"}},
    "getrandom": {"base": {"random", "random_below"}},
    "clock_gettime": {"base": {"clock"}, "tui": None},
    "RAND_bytes": {},
    "RAND_priv_bytes": {},
}
# Nothing that a test could put in the place of the true thing.
SEAMS = re.compile(r"(^|_)(tests?|fakes?|mocks?|stubs?|frozen|freeze|seed|seeded|inject|injected|override)(_|$)")


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def plain(symbol):
    """The call that was written: without version, and without what FORTIFY and C23 make of it."""
    symbol = symbol.split("@")[0]
    chk = re.fullmatch(r"__(.+)_chk", symbol)
    iso = re.fullmatch(r"__isoc\d\d_(.+)", symbol)
    return (chk or iso).group(1) if chk or iso else symbol


def references(archive):
    """{symbol: set of object stems} that are undefined in the objects of an archive or folder of objects."""
    found = defaultdict(set)
    for line in run("nm", "-A", "--undefined-only", *map(str, archive)).splitlines():
        place, symbol = line.rsplit(" U ", 1) if " U " in line else line.rsplit(" w ", 1)
        stem = re.search(r"([^/:]+)\.c\.o:", place)
        if stem:
            found[plain(symbol.strip())].add(stem.group(1))
    return found


def curses_names():
    """What libncursesw, libtinfo and libpanelw export, from the libraries that the program loads."""
    names = set()
    for line in run("ldd", str(BUILD / "bin/ceremony")).splitlines():
        found = re.search(r"(lib(?:ncursesw|tinfo|panelw)\.so\S*) => (\S+)", line)
        if found:
            listed = run("nm", "-D", "--defined-only", found.group(2)).split("\n")
            names |= {line.split()[-1].split("@")[0] for line in listed if line.strip()}
    return names


def judge_references(owner, found, curses):
    for symbol, objects in sorted(found.items()):
        if BANNED.fullmatch(symbol):
            yield f"{owner}: {', '.join(sorted(objects))} calls {symbol}, which is banned"
        if owner != "tui" and symbol in curses:
            yield f"{owner}: {', '.join(sorted(objects))} refers to {symbol} of curses"
        if owner != "p11" and re.match(r"C_[A-Z]|p11_kit_", symbol):
            yield f"{owner}: {', '.join(sorted(objects))} refers to {symbol} of PKCS#11"
        if symbol in PLACES and PLACES[symbol].get(owner, set()) is not None:
            strangers = objects - PLACES[symbol].get(owner, set())
            if strangers:
                yield f"{owner}: {', '.join(sorted(strangers))} calls {symbol}, which is for others only"


def judge_hardening(name, program):
    header, segments = run("readelf", "-hW", program), run("readelf", "-lW", program)
    dynamic = run("readelf", "-dW", program)
    imports = {line.split()[-1].split("@")[0] for line in run("nm", "-D", program).splitlines()}
    stack = re.search(r"GNU_STACK.*?\s(RW?E?)\s", segments)
    wants = {
        "is position independent": re.search(r"Type:\s+DYN", header) and "PIE" in dynamic,
        "has read-only relocations": "GNU_RELRO" in segments,
        "binds all symbols at start": "BIND_NOW" in dynamic or re.search(r"FLAGS_1.*NOW", dynamic),
        "has a stack that cannot run": stack and "E" not in stack.group(1),
        "has no segment both writable and executable": not re.search(r"LOAD.*\sRWE\s", segments),
        "has no text relocations": "TEXTREL" not in dynamic,
        "has no search path of its own": not re.search(r"R(UN)?PATH", dynamic),
        "guards its stack": "__stack_chk_fail" in imports,
        "is fortified": any(re.fullmatch(r"__\w+_chk", symbol) for symbol in imports),
    }
    for want, seen in wants.items():
        if not seen:
            yield f"{name}: cannot be shown that it {want}"


def judge_notes(archive):
    """Every object of ours is marked for branch tracking and shadow stack. The linked program is not where the C
    library's own start files are unmarked (Debian 12), so the objects are asked."""
    notes = run("readelf", "-hnW", str(archive))
    objects, marked = len(re.findall(r"Machine:.*X86-64", notes)), len(re.findall(r"IBT, SHSTK", notes))
    if marked != objects:
        yield f"{archive.name}: {objects - marked} of {objects} objects lack the CET note"


# What gcc is told for each file that is shipped; most of it leaves no trace in a program that could be looked for.
FLAGS = ("-fstack-protector-strong", "-fstack-clash-protection", "-fcf-protection=full", "-D_FORTIFY_SOURCE=3",
         "-ftrivial-auto-var-init=zero", "-fzero-call-used-regs=used-gpr", "-fvisibility=hidden", "-Werror=int-conversion")


def judge_flags(commands):
    """Every source of the programs, as it was compiled."""
    shipped = [row for row in commands if re.search(r"/(ceremony|p11|shamir|transcripts)/", row["file"])
               and "/tests/" not in row["file"]]
    if len(shipped) < 200:
        yield f"only {len(shipped)} sources are known to be compiled"
    for row in shipped:
        words = row["command"].split()
        missing = [flag for flag in FLAGS if flag not in words]
        if words[0].endswith("clang"):
            missing = [flag for flag in missing if flag not in FLAGS[4:6]]
        if missing:
            yield f"{row['file']}: compiled without {' '.join(missing)}"


def judge_libraries(name, program):
    loaded = {re.match(r"\s*(\S+?)\.so", line).group(1).rsplit("/", 1)[-1] for line in run("ldd", program).splitlines()
              if re.match(r"\s*(\S+?)\.so", line)}
    for library in sorted(loaded - ALWAYS - PROGRAMS[name]):
        yield f"{name}: loads {library}, which it may not"
    if "libc" not in loaded:
        yield f"{name}: ldd does not tell what it loads"


def judge_paths(name, program):
    """No folder of the machine that built it: such a path differs from one build to the next (scripts/dev/reproduce)."""
    contents = Path(program).read_bytes()
    for folder in {str(BUILD), os.environ["SOURCE_DIR"]}:
        if folder.encode() in contents:
            yield f"{name}: holds the path of the folder that it was built in"


def check_self(curses):
    """The judges themselves can say no."""
    planted = defaultdict(set, {"strcpy": {"a"}, "initscr": {"b"}, "C_Login": {"c"}, "getenv": {"d"}})
    assert len(list(judge_references("engine", planted, curses))) == 4
    assert plain("__sprintf_chk@GLIBC_2.3") == "sprintf" and BANNED.fullmatch("sprintf")
    command = {"file": "/x/ceremony/base/a.c", "command": " ".join(["gcc", "-O2", *FLAGS])}
    assert not list(judge_flags([command] * 200))
    for flag in FLAGS:
        assert len(list(judge_flags([{**command, "command": command["command"].replace(flag, "-O2")}] * 200))) == 200, flag
    assert not BANNED.fullmatch("snprintf") and SEAMS.search("clock_frozen_at") and not SEAMS.search("latest_of")


def main():
    if not shutil.which("nm") or not shutil.which("readelf"):
        print("SKIPPED: nm and readelf (binutils) are not installed; symbols were NOT examined", file=sys.stderr)
        return 77
    cache = (BUILD / "CMakeCache.txt").read_text(encoding="utf-8")
    if re.search(r"^CEREMONY_SANITIZE:\w+=\S", cache, re.M) or "CMAKE_BUILD_TYPE:STRING=Debug" in cache:
        print("SKIPPED: this build is not one that ships (Debug or sanitized); symbols NOT examined", file=sys.stderr)
        return 77
    curses, faults, seen = curses_names(), [], 0
    check_self(curses)
    faults += judge_flags(json.loads((BUILD / "compile_commands.json").read_text(encoding="utf-8")))
    archives = sorted(BUILD.glob("lib*.a"))
    for archive in archives:
        found = references([archive])
        seen += len(found)
        faults += judge_references(archive.stem[3:], found, curses)
        faults += judge_notes(archive)
    for name in PROGRAMS:
        program = str(BUILD / "bin" / name)
        found = references(sorted((BUILD / f"CMakeFiles/{name}.dir").rglob("*.c.o")))
        seen += len(found)
        faults += judge_references(name, found, curses)
        faults += judge_hardening(name, program)
        faults += judge_libraries(name, program)
        faults += judge_paths(name, program)
        defined = {line.split()[-1] for line in run("nm", "--defined-only", program).splitlines() if line.strip()}
        faults += [f"{name}: contains {symbol}" for symbol in sorted(defined) if SEAMS.search(symbol)]
        imports = {line.split()[-1].split("@")[0] for line in run("nm", "-D", program).splitlines() if line.strip()}
        faults += [f"{name}: imports {symbol}, which is banned" for symbol in sorted(imports)
                   if BANNED.fullmatch(plain(symbol)) or (plain(symbol) in ("fork", "_exit") and name != "ceremony")]
    print("\n".join(faults))
    print(f"{seen} references of {len(archives)} libraries and {len(PROGRAMS)} programs, {len(faults)} faults")
    return 1 if faults or len(archives) < 10 or seen < 300 else 0


if __name__ == "__main__":
    sys.exit(main())
