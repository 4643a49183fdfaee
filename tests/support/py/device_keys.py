# SPDX-License-Identifier: Apache-2.0
"""The private keys of devices that a batch made, as their factory opens them: with its key and stock openssl."""
import base64
import json
import subprocess

import rehearsal as r

FOLDER = "device-keys/PRACTICE-sign-batch"
ICV2 = "a65959a6"


def openssl(*words, data=None):
    result = subprocess.run(["openssl", *map(str, words)], input=data, capture_output=True, check=False)
    if result.returncode != 0:
        raise r.Broken(f"openssl {words[0]}: {result.stderr.decode()}")
    return result.stdout


def opened(work, evidence, block="000001"):
    """The block's wrapping key, and (device, PKCS#8) of its lines."""
    folder = evidence / FOLDER
    wrapping = openssl("cms", "-decrypt", "-inform", "DER", "-in", folder / f"{block}.p7m", "-inkey",
                       work / "factory.key", "-recip", work / "factory.pem", "-binary")
    keys = []
    for line in (folder / f"{block}.jsonl").read_text().splitlines():
        row = json.loads(line)
        keys.append((row["device"], openssl("enc", "-d", "-id-aes256-wrap-pad", "-K", wrapping.hex(), "-iv", ICV2,
                                            data=base64.b64decode(row["key"]))))
    return wrapping, keys


def scalar(key):
    """The private value in the PKCS#8 of a P-256 key."""
    return key[36:68]
