#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What somebody, or a crash, left on a token between two ceremonies (TRUST 1.3, R22): half pairs, doubles by label and by id, and an
object that cannot be read. Each is named when the token is first looked at, by its class, label, id and what is odd about it; none
is ever used; where nobody can tell which key is meant, nothing is signed."""
import pathlib
import os
import re
import subprocess
import sys
from urllib.parse import unquote_to_bytes

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support/py"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fault"))
import pkcs11_campaign as pkcs11  # noqa: E402
import quorum as q  # noqa: E402
import rehearsal as r  # noqa: E402

TOKEN = "pkcs11:token=PRACTICE-root-primary"
PIN = "user-primary-1"
LETTERS = 59 * "x"


def p11tool(one, *words):
    done = subprocess.run(["p11tool", "--provider", q.MODULE, "--batch", "--login", "--set-pin", PIN, *words],
                          env={**os.environ, "SOFTHSM2_CONF": str(one.folder / "softhsm2.conf")}, text=True, capture_output=True,
                          check=False)
    if done.returncode != 0:
        raise r.Broken(f"p11tool {words[0]}: {done.stderr}")
    return done.stdout


def id_of_root(one):
    """Of the CA's key, in hexadecimal."""
    return unquote_to_bytes(re.search(r"id=([^;]+);object=PRACTICE-root", p11tool(one, "--list-all", TOKEN))[1]).hex()


def generate(one, label, key_id):
    p11tool(one, "--generate-ecc", "--curve", "secp384r1", "--label", label, "--id", key_id, TOKEN)


def half_pair(one):
    generate(one, "stray", "0102")
    p11tool(one, "--delete", f"{TOKEN};object=stray;type=private")


def label_of_letters(one):
    """Longer than is said of it, and with a letter of two octets where it is cut."""
    generate(one, LETTERS + "\u00e9 and more", "0102")


def label_twice(one):
    generate(one, "PRACTICE-root", "0102")


def id_twice(one):
    generate(one, "other", id_of_root(one))


def private_twice(one):
    id_twice(one)
    p11tool(one, "--delete", f"{TOKEN};object=other;type=public")


# what is done to the token, what must be noted of it, and why nothing is signed (None: what is odd is not the key, and it is signed)
CASES = [
    (half_pair, ['a public key labelled "stray", id 0102, without its private key'], None),
    (label_of_letters, [f'a private key labelled "{LETTERS}", id 0102', f'a public key labelled "{LETTERS}", id 0102'], None),
    (label_twice, ['a private key labelled "PRACTICE-root", id 0102, and another one is called so, too',
                   'a public key labelled "PRACTICE-root", id 0102, and another one is called so, too'], None),
    (id_twice, ['a private key labelled "other", id {id}, and another one with the same id',
                'a private key labelled "PRACTICE-root", id {id}, and another one with the same id',
                'a public key labelled "other", id {id}, and another one with the same id'], "holds 2 public keys with the id {id}"),
    (private_twice, ['a private key labelled "other", id {id}, and another one with the same id'],
     "holds 2 private keys with the id {id}"),
]


def on_token(one):
    return r.everything(one)["PRACTICE-root-primary"]


def noted(one):
    return [record["data"]["observed"] for record in one.records() if record["type"] == "exception"]


def judge(plant, remarks, refusal):
    with r.Rehearsal("root-crl") as one:
        key_id = id_of_root(one)
        plant(one)
        before = on_token(one)
        result = one.run()
        for remark in remarks:
            if not any(text.endswith(remark.format(id=key_id)) for text in noted(one)):
                raise r.Broken(f"not noted: {remark.format(id=key_id)}; but {noted(one)}")
        if on_token(one) != before:
            raise r.Broken("the token's objects are not what they were")
        if refusal is None:
            if result.returncode != 0:
                raise r.Broken(f"a key that is whole was not used: {result.stderr}")
            return r.check_ended(one)
        if result.returncode != 3 or refusal.format(id=key_id) not in result.stderr:
            raise r.Broken(f"status {result.returncode}: {result.stderr}")
        if list(one.evidence.glob("crls/*")):
            raise r.Broken("something was signed")
        if one.abort().returncode != 0:
            raise r.Broken("it cannot be aborted")
        if on_token(one) != before:
            raise r.Broken("the abort changed the token")
        return r.check_audit(one)


def judge_unreadable():
    """An object of which the token refuses to say what it is, as a crash can leave it: the first one that the first inventory meets."""
    calls = pkcs11.count_calls("root-crl")
    ends = [number for number, name in enumerate(calls) if name == "C_FindObjectsFinal"]
    first = calls[:ends[1]].count("C_GetAttributeValue") + 1  # the mark of the head is looked for before
    with r.Rehearsal("root-crl") as one:
        pkcs11.with_fault_module(one)
        result = one.run(env={"CEREMONY_FAULT_ONGOING": "1", "CEREMONY_FAULT": f"C_GetAttributeValue@{first}=0x13"})
        if 'token "root" holds an object that cannot be read' not in noted(one):
            raise r.Broken(f"not noted: {noted(one)}; {result.stderr}")
        if result.returncode != 0:
            raise r.Broken(f"the ceremony does not go on past it: {result.stderr}")
        r.check_ended(one)


def main():
    broken = 0
    for plant, remarks, refusal in CASES:
        try:
            judge(plant, remarks, refusal)
            print(f"ok   {plant.__name__}", flush=True)
        except r.Broken as why:
            broken += 1
            print(f"FAIL {plant.__name__}: {why}", flush=True)
    try:
        judge_unreadable()
        print("ok   unreadable", flush=True)
    except r.Broken as why:
        broken += 1
        print(f"FAIL unreadable: {why}", flush=True)
    print(f"{len(CASES) + 1} kinds of debris, {broken} not as they should be")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
