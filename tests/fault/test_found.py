#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the whole campaigns found, once mended: each case at the call that it is about, wherever that call
stands by now. A row of CHANGELOG.md belongs to each."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import pkcs11_campaign as campaign  # noqa: E402


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


def main():
    calls = campaign.count_calls()
    broken = 0
    for what, where, kind, wanted in FOUND:
        number = where(calls)
        end, why = campaign.one_case(number, kind)
        right = end == wanted
        broken += 0 if right else 1
        print(f"{what}: call {number} ({calls[number - 1]}) {kind}: {end}"
              + ("" if right else f", not {wanted}: {why}"), flush=True)
    print(f"{len(FOUND) - broken} passed, {broken} failed")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
