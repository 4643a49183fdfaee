#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the whole campaigns found, once mended: each case at the call that it is about, wherever that call
stands by now. A row of CHANGELOG.md belongs to each."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import io_campaign as io  # noqa: E402
import pkcs11_campaign as pkcs11  # noqa: E402

r = pkcs11.r


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
        return next(index for index, (name, _, path) in enumerate(done, 1)
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


def key_read_wrongly_once(ends):
    """A bit of one attribute of a CA key in use is read wrongly, and never again: the step stops. Whether people go on or
    abort, the auditor's program takes the record for what it is."""
    calls = pkcs11.count_calls("root-crl")
    found = [index for index, name in enumerate(calls) if name == "C_SignInit"][2]  # proof of possession, after the reading
    reading = calls[:found].count("C_GetAttributeValue") - 6
    with r.Rehearsal("root-crl") as one:
        pkcs11.with_fault_module(one)
        result = one.run(env={"CEREMONY_FAULT_ONGOING": "1", "CEREMONY_FAULT": f"C_GetAttributeValue@{reading}=flip"})
        if result.returncode != 3 or "is not as planned" not in result.stderr:
            raise r.Broken(f"the reading at {reading} stops nothing: {result.stderr}")
        if ends == "resumed":
            return pkcs11.campaign.finish(one)
        if one.abort().returncode != 0:
            raise r.Broken("it cannot be aborted")
        r.check_aborted(one)
        return "aborted"


def try_reading():
    broken = 0
    for ends in ("resumed", "aborted"):
        try:
            print(f"a key in use was read wrongly once: {key_read_wrongly_once(ends)}", flush=True)
        except r.Broken as why:
            broken += 1
            print(f"a key in use was read wrongly once, {ends}: broken: {why}", flush=True)
    return broken


def try_found(rows, things, one_case, name):
    """How many of the rows are broken (again)."""
    broken = 0
    for what, where, kind, wanted in rows:
        number = where(things)
        end, why = one_case(number, kind)
        broken += end != wanted
        print(f"{what}: {name(number)} {kind}: {end}" + ("" if end == wanted else f", not {wanted}: {why}"), flush=True)
    return broken


def main():
    calls, done = pkcs11.count_calls(), io.operations("root-ca")
    broken = try_found(FOUND, calls, pkcs11.one_case, lambda number: f"call {number} ({calls[number - 1]})")
    broken += try_found(FOUND_IO, done, lambda *case: io.one_case("root-ca", *case),
                        lambda number: f"operation {number} ({' '.join(done[number - 1])})")
    broken += try_reading()
    total = len(FOUND) + len(FOUND_IO) + 2
    print(f"{total - broken} passed, {broken} failed")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
