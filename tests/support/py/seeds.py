# SPDX-License-Identifier: Apache-2.0
"""Keys from seeds, as docs/formats/seeds.md says and without anything of the program: hashlib, hmac and integers. A list of
seeds, its text and its envelope as the maker of a chip would make them, with stock openssl."""
import hashlib
import hmac
import subprocess

SALT = b"ceremony device key from seed 1"
CURVES = {
    "ec-p256": {
        "p": 2**256 - 2**224 + 2**192 + 2**96 - 1,
        "n": 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551,
        "b": 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b,
        "g": (0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
              0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5),
        "size": 32, "head": "3059301306072a8648ce3d020106082a8648ce3d030107034200"},
    "ec-p384": {
        "p": 2**384 - 2**128 - 2**96 + 2**32 - 1,
        "n": 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973,
        "b": 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef,
        "g": (0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7,
              0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f),
        "size": 48, "head": "3076301006072a8648ce3d020106052b81040022036200"},
}


def hkdf(key, salt, info, length):
    """RFC 5869 with SHA-256."""
    extracted = hmac.new(salt, key, hashlib.sha256).digest()
    block, output, counter = b"", b"", 1
    while len(output) < length:
        block = hmac.new(extracted, block + info + bytes([counter]), hashlib.sha256).digest()
        output += block
        counter += 1
    return output[:length]


def add(curve, left, right):
    """Points of the curve; None is the one at infinity."""
    if left is None or right is None:
        return right if left is None else left
    p = curve["p"]
    if left[0] == right[0]:
        if (left[1] + right[1]) % p == 0:
            return None
        slope = (3 * left[0] * left[0] - 3) * pow(2 * left[1], -1, p)
    else:
        slope = (right[1] - left[1]) * pow(right[0] - left[0], -1, p)
    x = (slope * slope - left[0] - right[0]) % p
    return x, (slope * (left[0] - x) - left[1]) % p


def multiply(curve, scalar):
    total, power = None, curve["g"]
    while scalar:
        total = add(curve, total, power) if scalar & 1 else total
        power = add(curve, power, power)
        scalar >>= 1
    return total


def bits(kind, serial, seed):
    return hkdf(seed, SALT, f"{kind}\n{serial}".encode(), CURVES[kind]["size"] + 8)


def scalar(kind, serial, seed):
    """FIPS 186-5 A.2.1."""
    return int.from_bytes(bits(kind, serial, seed), "big") % (CURVES[kind]["n"] - 1) + 1


def spki(kind, serial, seed):
    """DER SubjectPublicKeyInfo of the device's key."""
    curve = CURVES[kind]
    x, y = multiply(curve, scalar(kind, serial, seed))
    return bytes.fromhex(curve["head"]) + b"\4" + x.to_bytes(curve["size"], "big") + y.to_bytes(curve["size"], "big")


def line_hash(line):
    """What the record has of a line: `line` without its line feed."""
    return hashlib.sha256(b"ceremony seed line 1\n" + line.encode()).hexdigest()


def text(lines, columns="serial,seed"):
    """The whole list of such lines."""
    body = "".join(line + "\n" for line in [columns, *lines])
    return body + f"end,{len(lines)},{hashlib.sha256(body.encode()).hexdigest()}\n"


def envelope(plain, certificate, *more, md="sha1", form="DER"):
    """As the maker of the chip encrypts it; `certificate` is a file's path."""
    oaep = ["-keyopt", "rsa_padding_mode:oaep", "-keyopt", f"rsa_oaep_md:{md}"]
    return subprocess.run(["openssl", "cms", "-encrypt", "-binary", "-aes-256-cbc", "-outform", form, "-recip",
                           str(certificate), *oaep, *more], input=plain.encode(), capture_output=True, check=True).stdout
