#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every vector of tests/vectors/csr judged by OpenSSL, GnuTLS and Go beside our own decision (T25). Every disagreement
stands in the table of docs/formats/requests.md with its reason, and nothing else does."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(os.environ["SOURCE_DIR"])
VECTORS = SOURCE / "tests/vectors/csr"
PAGE = SOURCE / "docs/formats/requests.md"
TITLE = "\n## Where other programs decide otherwise\n"


def run(*command, **options):
    return subprocess.run(command, capture_output=True, errors="replace", timeout=120, check=False, **options)


def openssl(path):
    form = "PEM" if path.suffix == ".pem" else "DER"
    result = run("openssl", "req", "-inform", form, "-in", str(path), "-verify", "-noout", text=True)
    return "verify OK" in result.stdout + result.stderr


def gnutls(path):
    form = [] if path.suffix == ".pem" else ["--inder"]
    result = run("certtool", "--crq-info", *form, "--infile", str(path), text=True)
    return "Self signature: verified" in result.stdout


def go_judge(work):
    """One program for all; {name: verdict}."""
    environment = dict(os.environ, GO111MODULE="off", GOFLAGS="-mod=mod", GOCACHE=f"{work}/cache", GOPATH=f"{work}/path",
                       GOPROXY="off")
    program = f"{work}/requestcheck"
    built = run("go", "build", "-o", program, "main.go", cwd=SOURCE / "tests/support/go/requestcheck", env=environment,
                text=True)
    if built.returncode != 0:
        sys.exit(f"the Go program cannot be built: {built.stderr}")
    files = sorted(str(path) for path in VECTORS.iterdir() if path.suffix in (".der", ".pem"))
    lines = run(program, *files, text=True).stdout.splitlines()
    return {line.split(" ", 1)[0]: line.split(" ", 1)[1] == "yes" for line in lines}


def ours():
    cases = {}
    for line in (VECTORS / "cases.tsv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            name, _, decision, code, _ = line.split("\t")
            cases[name] = (decision == "accepted", code)
    return cases


def documented():
    """{name: cells} of the page's table."""
    section = PAGE.read_text(encoding="utf-8").split(TITLE, 1)[1].split("\n## ", 1)[0]
    rows = {}
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 6 and cells[0].startswith("`"):
            rows[cells[0].strip("`")] = cells[1:]
    return rows


def word(verdict):
    return "yes" if verdict else "no"


def disagreements(go):
    rows = {}
    for name, (accepted, code) in ours().items():
        verdicts = [accepted, openssl(VECTORS / name), gnutls(VECTORS / name), go[name]]
        if len(set(verdicts)) > 1:
            rows[name] = ([word(verdict) for verdict in verdicts], code)
    return rows


def main():
    missing = [tool for tool in ("openssl", "certtool", "go") if shutil.which(tool) is None]
    if missing:
        print(f"SKIPPED: {' and '.join(missing)} not installed")
        return 77
    with tempfile.TemporaryDirectory() as work:
        found = disagreements(go_judge(work))
    if "GENERATE" in os.environ:
        for name, (verdicts, code) in found.items():
            print(f"| `{name}` | {' | '.join(verdicts)} | {code} |")
        return 0
    page, faults = documented(), []
    for name, (verdicts, code) in found.items():
        if name not in page:
            faults.append(f"{name}: {verdicts} is not in the table")
        elif page[name][:4] != verdicts:
            faults.append(f"{name}: {verdicts}, the table says {page[name][:4]}")
        elif code != "-" and not re.match(rf"`{code}`: \w", page[name][4]):
            faults.append(f"{name}: the reason does not begin with `{code}`")
    faults += [f"{name}: the table has it, and all agree" for name in page if name not in found]
    print("\n".join(faults) or f"{len(found)} disagreements of {len(ours())}, each in the table")
    return 1 if faults or len(found) < 10 else 0


if __name__ == "__main__":
    sys.exit(main())
