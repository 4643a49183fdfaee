#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the whole campaigns found, once mended: each case at the call that it is about, wherever that call
stands by now. A row of CHANGELOG.md belongs to each."""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import io_campaign as io  # noqa: E402
import pkcs11_campaign as pkcs11  # noqa: E402
import rehearsal as r  # noqa: E402


def later(function, which, then, skip=0):
    """The number of the call `then` that comes after the `which`th call of `function` (-1: the last),
    `skip` of its kind left out."""
    def number(calls):
        at = [index for index, name in enumerate(calls) if name == function][which]
        return [index for index, name in enumerate(calls) if index > at and name == then][skip] + 1
    return number


# what is tried, at which call, how it fails, how the ceremony then must end
FOUND = [
    ("the lock could not be read back once", later("C_SetAttributeValue", -1, "C_GetAttributeValue", 20),
     "out-of-spec", "resumed"),
]

def operation(kind, start, end=""):
    """The number of the first operation of this kind on a path that begins and ends so."""
    def number(done):
        return next(index for index, (name, path) in enumerate(done, 1)
                    if name == kind and path.startswith(start) and path.endswith(end))
    return number


# the same for file operations; "cut" is a power cut that leaves only what was flushed
FOUND_IO = [
    ("the name of the evidence folder was not flushed", operation("mkdir", "/site/token-copies"), "cut", "resumed"),
    ("a token's initialisation was recorded, but not flushed", operation("create", "/evidence/certificates/recorder.pem"),
     "cut", "resumed"),
    ("a restored copy that was destroyed came back after a power cut", operation("create", "/evidence/SHA256SUMS"),
     "cut", "resumed"),
    ("the recorder's key came back after a power cut", operation("mkdir", "/site/archive"), "cut", "resumed"),
]


def try_found(rows, things, one_case, name):
    """How many of the rows are broken (again)."""
    broken = 0
    for what, where, kind, wanted in rows:
        number = where(things)
        end, why = one_case(number, kind)
        broken += end != wanted
        print(f"{what}: {name(number)} {kind}: {end}" + ("" if end == wanted else f", not {wanted}: {why}"), flush=True)
    return broken


def audited(one):
    """An aborted ceremony has no fault in the auditor's eyes; what it says."""
    result = subprocess.run([r.AUDIT, "verify", one.evidence, "--trust", one.folder / "trust"], capture_output=True, text=True,
                            check=False)
    if result.returncode != 0:
        raise r.Broken(f"the auditor finds a fault: {result.stdout}{result.stderr}")
    return result.stdout


def killed_at_signature():
    """Killed while the root's certificate was being signed, and aborted: the record says that nothing came of it."""
    for number in range(1, 12):
        with r.Rehearsal() as one:
            pkcs11.with_fault_module(one)
            result = one.run(env={"CEREMONY_FAULT_ONGOING": "1", "CEREMONY_FAULT": f"C_Sign@{number}=kill"})
            last = one.records()[-1]
            if result.returncode != -9 or last["data"].get("does") != "sign":
                continue
            if one.abort().returncode != 0:
                raise r.Broken("the abort failed")
            audited(one)
            return any(record["type"] == "result" and record["data"]["of"] == last["seq"]
                       and record["data"]["outcome"] == "nothing" for record in one.records())
    raise r.Broken("no signature of the root was met")


def killed_in_find_key():
    """Killed after a key of an earlier ceremony had signed, before it was named, and aborted: no fault (the campaign of
    kills found one)."""
    with r.Rehearsal("root-crl") as one:
        one.run(answers=one.answers_with({"find-root.found": "[{aside: stop}]"}))
        one.cut_after("prove-possession")
        if one.records()[-1]["step"] != "find-root":
            raise r.Broken(f"the last record is of {one.records()[-1]['step']}")
        (one.evidence / "inputs/PRACTICE-root.der").unlink()  # written later
        if one.abort().returncode != 0:
            raise r.Broken("the abort failed")
        return "aborted before the key that signed was named" in " ".join(audited(one).split())


# What is aborted after a kill, and how that must be told.
FOUND_ABORTED = [("aborted while it was about to sign", killed_at_signature),
                 ("aborted while a key was looked for", killed_in_find_key)]


def try_aborted():
    broken = 0
    for what, case in FOUND_ABORTED:
        try:
            good, why = case(), "not told as it was"
        except r.Broken as error:
            good, why = False, error
        broken += not good
        print(f"{what}: " + ("told" if good else f"{why}"), flush=True)
    return broken


def main():
    calls, done = pkcs11.count_calls(), io.operations("root-ca")
    broken = try_found(FOUND, calls, pkcs11.one_case, lambda number: f"call {number} ({calls[number - 1]})")
    broken += try_found(FOUND_IO, done, lambda *case: io.one_case("root-ca", *case),
                        lambda number: f"operation {number} ({' '.join(done[number - 1])})")
    broken += try_aborted()
    total = len(FOUND) + len(FOUND_IO) + len(FOUND_ABORTED)
    print(f"{total - broken} passed, {broken} failed")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
