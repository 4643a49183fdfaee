#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The published vectors of the derivations from seeds are what hashlib, hmac and integers say, openssl finds the same public keys
in the private ones, and HKDF is that of RFC 5869. With GENERATE=1 they are written anew (R71)."""
import os
import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
sys.path.insert(0, str(SOURCE / "tests/support/py"))
import seeds  # noqa: E402

FILE = SOURCE / "tests/vectors/seeds/fips186-hkdf-sha256.tsv"
CASES = [("XY-000001", bytes(range(32))), ("XY-000002", bytes(range(32))), ("A", bytes(range(255, 223, -1))),
         ("Gerät-7", bytes.fromhex("c0ffee" * 10 + "0001")), ("0" * 64, b"\xff" * 31 + b"\xfe")]
HEAD = "kind\tserial\tseed\tbits\tprivate\tspki\n"


def rows():
    for kind, curve in seeds.CURVES.items():
        for serial, seed in CASES:
            number = seeds.scalar(kind, serial, seed)
            yield (kind, serial, seed.hex(), seeds.bits(kind, serial, seed).hex(), f"{number:0{2 * curve['size']}x}",
                   seeds.spki(kind, serial, seed).hex())


def openssl_public(kind, private):
    """Of the private scalar, by another implementation: ECPrivateKey with nothing but the scalar and the curve."""
    octets = bytes.fromhex(private)
    curve = {"ec-p256": "06082a8648ce3d030107", "ec-p384": "06052b81040022"}[kind]
    oid = bytes.fromhex(curve)
    body = bytes.fromhex("020101") + bytes([4, len(octets)]) + octets + bytes([0xa0, len(oid)]) + oid
    return subprocess.run(["openssl", "ec", "-inform", "DER", "-pubout", "-outform", "DER"],
                          input=bytes([0x30, len(body)]) + body, capture_output=True, check=True).stdout.hex()


def main():
    rfc5869 = seeds.hkdf(b"\x0b" * 22, bytes(range(13)), bytes(range(0xf0, 0xfa)), 42).hex()  # its test case 1
    assert rfc5869 == ("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"), rfc5869
    made = HEAD + "".join("\t".join(row) + "\n" for row in rows())
    if os.environ.get("GENERATE"):
        FILE.write_text(made, encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == made, "the vectors are not those of the derivation"
    for kind, serial, _, _, private, spki in rows():
        assert openssl_public(kind, private) == spki, f"openssl has another public key for {kind} {serial}"
    return 0


if __name__ == "__main__":
    sys.exit(main())
