#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two other implementations read our shares, and we read what they make: the npm package slip39
(makes and combines) and Electrum's reader (Debian python3-electrum; combines, extendable flag 0)."""
import json
import os
import secrets
import subprocess
import sys
import tempfile

BUILD = os.environ["BUILD_DIR"]
PROGRAM = os.path.join(BUILD, "bin", "slip39")
NPM_FOLDER = os.path.join(BUILD, "slip39-peers")
NPM_PACKAGE = "slip39@0.1.9"
DEBIAN_PYTHON = "/usr/bin/python3"  # where Debian's packages are, whatever python runs this
SKIPPED = 77

NODE_SCRIPT = r"""
const Slip39 = require("slip39");
const request = JSON.parse(require("fs").readFileSync(0, "utf8"));
const hex = (bytes) => Buffer.from(bytes).toString("hex");
if (request.make) {
  const made = Slip39.fromArray(Array.from(Buffer.from(request.secret, "hex")), {
    passphrase: request.passphrase, threshold: request.threshold, groups: request.groups,
    iterationExponent: request.exponent, extendableBackupFlag: request.extendable });
  console.log(JSON.stringify(request.groups.map((group, g) =>
    Array.from({length: group[1]}, (_, m) => made.fromPath(`r/${g}/${m}`).mnemonics[0]))));
} else {
  console.log(JSON.stringify(hex(Slip39.recoverSecret(request.shares, request.passphrase))));
}
"""

ELECTRUM_SCRIPT = r"""
import json, sys
from electrum.slip39 import recover_ems
request = json.load(sys.stdin)
print(json.dumps(recover_ems(request["shares"]).decrypt(request["passphrase"]).hex()))
"""

# (group threshold, groups); the first is our plain T of N.
PLANS = [(1, [(2, 3)]), (1, [(3, 5)]), (1, [(16, 16)]), (2, [(2, 3), (3, 5), (1, 1)]), (2, [(2, 2), (2, 4)])]


def ask(command, request, **more):
    result = subprocess.run(command, input=json.dumps(request), text=True, capture_output=True, **more)
    if result.returncode != 0:
        return f"refused: {result.stderr.strip()[-300:]}"
    return json.loads(result.stdout)


def npm(request):
    return ask(["node", "-e", NODE_SCRIPT], request, cwd=NPM_FOLDER)


def electrum(request):
    return ask([DEBIAN_PYTHON, "-c", ELECTRUM_SCRIPT], request)


def ours(shares, passphrase_file):
    result = subprocess.run([PROGRAM, "combine", "--passphrase-file", passphrase_file], text=True,
                            input="".join(s + "\n" for s in shares), capture_output=True)
    return result.stdout.strip() or f"refused: {result.stderr.strip()}"


def split(secret, plan, passphrase_file, extendable):
    threshold, groups = plan
    command = [PROGRAM, "split", "--group-threshold", str(threshold), "--passphrase-file", passphrase_file]
    for wanted, count in groups:
        command += ["--group", f"{wanted}/{count}"]
    result = subprocess.run(command + (["--extendable"] if extendable else []), input=secret, text=True,
                            capture_output=True, check=True)
    lines = iter(result.stdout.splitlines())
    return [[next(lines) for _ in range(count)] for _, count in groups]


def some(shares, plan):
    """A random choice that is just enough."""
    threshold, groups = plan
    order = secrets.SystemRandom()
    chosen = order.sample(range(len(groups)), threshold)
    return [share for g in chosen for share in order.sample(shares[g], groups[g][0])]


def rounds(have_npm, have_electrum, passphrase, passphrase_file):
    """Yields (what, wanted, got)."""
    for plan in PLANS:
        for size in (16, 32):
            for extendable in (False, True):
                secret = secrets.token_hex(size)
                name = f"plan {plan}, {size} bytes, extendable {extendable}, passphrase {passphrase!r}"
                shares = split(secret, plan, passphrase_file, extendable)
                request = {"shares": some(shares, plan), "passphrase": passphrase}
                if have_npm:
                    yield f"npm reads ours: {name}", secret, npm(request)
                    made = npm({"make": True, "secret": secret, "passphrase": passphrase, "threshold": plan[0],
                                "groups": plan[1], "exponent": 1, "extendable": int(extendable)})
                    yield f"we read npm's: {name}", secret, ours(some(made, plan), passphrase_file)
                if have_electrum and not extendable:
                    yield f"electrum reads ours: {name}", secret, electrum(request)


def available():
    os.makedirs(NPM_FOLDER, exist_ok=True)
    have_npm = os.path.isdir(os.path.join(NPM_FOLDER, "node_modules", "slip39"))
    if not have_npm:
        try:
            install = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", ".",
                                      NPM_PACKAGE], cwd=NPM_FOLDER, capture_output=True, timeout=120)
            have_npm = install.returncode == 0
        except (OSError, subprocess.TimeoutExpired):
            have_npm = False
    try:
        have_electrum = subprocess.run([DEBIAN_PYTHON, "-c", "import electrum.slip39"],
                                       capture_output=True).returncode == 0
    except OSError:
        have_electrum = False
    return have_npm, have_electrum


def main():
    have_npm, have_electrum = available()
    for have, name in ((have_npm, f"npm {NPM_PACKAGE}"), (have_electrum, "Debian python3-electrum")):
        if not have:
            print(f"SKIPPED: {name} is not there and cannot be fetched; it was NOT compared with", file=sys.stderr)
    if not have_npm and not have_electrum:
        return SKIPPED
    compared = faults = 0
    with tempfile.TemporaryDirectory() as folder:
        for passphrase in ("", "TREZOR"):
            passphrase_file = os.path.join(folder, "passphrase")
            with open(passphrase_file, "w", encoding="ascii") as file:
                file.write(passphrase)
            for what, wanted, got in rounds(have_npm, have_electrum, passphrase, passphrase_file):
                compared += 1
                if got != wanted:
                    faults += 1
                    print(f"{what}: wanted {wanted}, got {got}", file=sys.stderr)
    print(f"{compared} comparisons, {faults} faults")
    if faults:
        return 1
    return 0 if have_npm and have_electrum else SKIPPED


if __name__ == "__main__":
    sys.exit(main())
