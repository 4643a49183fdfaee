#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# One byte changed anywhere in an evidence folder ends in 4, and the file or record is named; so do
# files removed and added, lines dropped, swapped and doubled, a signer taken out, and a folder made
# anew: by somebody with other keys, and by somebody who still holds every key. (R88-R95, TRUST T7)
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(os.environ["SOURCE_DIR"]) / "tests/support"))
import evidence as e  # noqa: E402

SECONDS = float(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("TAMPER_SECONDS", "25"))
failed = []
tried = 0


def must_be_found(folder, what, *names, options=()):
    """Status 4, and one of the names stands in a fault."""
    global tried
    tried += 1
    done = subprocess.run([e.AUDIT, "verify", folder, *options], capture_output=True, text=True,
                          timeout=60)
    said = " ".join(done.stdout.split())
    if done.returncode != 4:
        failed.append(f"{what}: status {done.returncode} {done.stderr}")
    elif names and not any(name in said for name in names):
        failed.append(f"{what}: found, but none of {names} is named")
    elif not said.startswith("FAULT"):
        failed.append(f"{what}: the verdict does not stand first")


def files_of(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def change_bytes(folder, rng, until):
    """First, last, and a random byte of each file, then random ones until the time is over."""
    names = files_of(folder)
    places = []
    for name in names:
        size = (folder / name).stat().st_size
        places += [(name, 0), (name, size - 1), (name, rng.randrange(size))]
    # the seals hold bytes that no signature covers: their structure comes next, byte by byte
    heads = [(name, at) for name in ("custodians.p7s", "SHA256SUMS.p7s") for at in range(1, 72)]
    rng.shuffle(heads)
    more = ((name, rng.randrange((folder / name).stat().st_size))
            for name in iter(lambda: rng.choice(names), None))
    count = 0
    for name, at in (*places, *heads, *(next(more) for _ in range(2000))):
        if count >= len(places) and time.monotonic() > until:
            break
        path = folder / name
        data = path.read_bytes()
        changed = bytearray(data)
        changed[at] ^= 1 << rng.randrange(8)
        path.write_bytes(bytes(changed))
        must_be_found(folder, f"byte {at} of {name}", name)
        path.write_bytes(data)
        count += 1
    print(f"{count} bytes changed, one at a time, in {len(names)} files")


def remove_and_add(folder):
    for name in files_of(folder):
        path = folder / name
        data = path.read_bytes()
        path.unlink()
        must_be_found(folder, f"{name} removed", name)
        path.write_bytes(data)
    for name in ("extra.txt", "certificates/extra.der", "profiles/.hidden"):
        (folder / name).write_text("x")
        must_be_found(folder, f"{name} added", name)
        (folder / name).unlink()
    (folder / "link").symlink_to("script.yaml")
    must_be_found(folder, "a link added", "link", "SHA256SUMS")
    (folder / "link").unlink()


def change_lines(folder, rng):
    for name in ("transcript.jsonl", "ledger.jsonl", "confidential.jsonl", "SHA256SUMS"):
        path = folder / name
        data = path.read_bytes()
        lines = data.splitlines(keepends=True)
        places = {0, len(lines) // 2, len(lines) - 1, rng.randrange(len(lines))}
        for at in sorted(places):
            path.write_bytes(b"".join(lines[:at] + lines[at + 1:]))
            must_be_found(folder, f"line {at + 1} of {name} dropped", name)
            path.write_bytes(b"".join(lines[:at + 1] + lines[at:]))
            must_be_found(folder, f"line {at + 1} of {name} doubled", name)
            if at + 1 < len(lines):
                swapped = list(lines)
                swapped[at], swapped[at + 1] = swapped[at + 1], swapped[at]
                path.write_bytes(b"".join(swapped))
                must_be_found(folder, f"line {at + 1} of {name} swapped", name)
        path.write_bytes(data[:-1])
        must_be_found(folder, f"{name} cut", name)
        path.write_bytes(data)


def make_key(folder, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-keyout",
                    folder / f"{name}.key", "-out", folder / f"{name}.pem"], check=True,
                   capture_output=True)


def sign(folder, signers, keys):
    words = []
    for name in signers:
        words += ["-signer", keys / f"{name}.pem", "-inkey", keys / f"{name}.key"]
    subprocess.run(["openssl", "cms", "-sign", "-binary", "-cades", "-nosmimecap", "-in",
                    folder / "SHA256SUMS", "-outform", "DER", "-out", folder / "SHA256SUMS.p7s",
                    *words], check=True, capture_output=True)


def take(data):
    """One DER element off the front: tag, body, rest."""
    length, at = data[1], 2
    if length & 0x80:
        at = 2 + (length & 0x7F)
        length = int.from_bytes(data[2:at], "big")
    return data[0], data[at:at + length], data[at + length:]


def put(tag, body):
    size = len(body)
    if size < 0x80:
        return bytes([tag, size]) + body
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(digits)]) + digits + body


def parts(body):
    rows = []
    while body:
        tag, inner, rest = take(body)
        rows.append((tag, inner))
        body = rest
    return rows


def strip_signer(cms, number, certificate_too):
    """The CMS without one SignerInfo, and without that signer's certificate."""
    kind, signed = parts(take(cms)[1])
    rows = parts(take(signed[1])[1])
    signers = parts(rows[-1][1])
    signer = signers.pop(number)
    if certificate_too:
        serial = put(*parts(parts(signer[1])[1][1])[1])
        rows[-2] = (rows[-2][0], b"".join(put(*c) for c in parts(rows[-2][1])
                                          if put(*parts(parts(c[1])[0][1])[1]) != serial))
    rows[-1] = (rows[-1][0], b"".join(put(*row) for row in signers))
    inner = put(0x30, b"".join(put(*row) for row in rows))
    return put(0x30, put(*kind) + put(0xA0, inner))


def stripped_seals(whole):
    path = whole / "SHA256SUMS.p7s"
    cms = path.read_bytes()
    for number in range(4):
        for certificate_too in (False, True):
            stripped = strip_signer(cms, number, certificate_too)
            path.write_bytes(stripped)
            must_be_found(whole, f"signer {number + 1} taken out", "had to sign")
    path.write_bytes(cms)


def other_seals(whole, base):
    """Seals by others, and seals of which somebody was taken out."""
    keys = base / "keys"
    keys.mkdir()
    make_key(keys, "forger")
    forged = base / "forged"
    shutil.copytree(whole, forged)
    sign(forged, ["forger"], keys)
    must_be_found(forged, "sealed by somebody else", "SHA256SUMS.p7s")
    (forged / "SHA256SUMS.p7s").unlink()
    shutil.copy(forged / "custodians.p7s", forged / "SHA256SUMS.p7s")
    must_be_found(forged, "the custodians' seal in the other's place", "SHA256SUMS.p7s")


def without_transcript(base, whole, trust):
    """No record at all: the paper's lines are compared with nothing, and that is said."""
    bare = base / "bare"
    shutil.copytree(whole, bare)
    (bare / "transcript.jsonl").unlink()
    status, report = e.verify(bare, "--trust", trust)
    said = [row for row in report["checks"] if row["check"] == "trust"]
    if status != 4 or len(said) != 1 or "cannot be read" not in str(said):
        failed.append(f"without a transcript: {status} {said}")


def made_anew(base, whole, trust):
    """A second ceremony with tokens, keys and all is right in itself, and is not the true one."""
    again = e.rehearse(base, "again")
    if e.verify(again)[0] != 5 or e.verify(again, "--trust", trust)[0] != 5:
        failed.append("another ceremony is not told from an unknown one")
    # the paper of the true one under the other's name: same recorder line or not, the head differs
    renamed = base / "renamed.trust"
    true_id = trust.read_text().split()[0]
    other_id = pathlib.Path(f"{again}.trust").read_text().split()[0]
    renamed.write_text(trust.read_text().replace(true_id, other_id))
    must_be_found(again, "made anew with other keys", "recorder", options=("--trust", renamed))
    must_be_found(again, "another head", "transcript.jsonl", options=("--trust", renamed))
    # somebody who holds every key makes a folder whose recorder and signers are the true ones: then
    # the lines of the certificates agree, and the head alone tells
    lines = pathlib.Path(f"{again}.trust").read_text().splitlines()
    true_head = [x for x in trust.read_text().splitlines() if " head " in x][0].split()[2]
    renamed.write_text("\n".join(x for x in lines if " head " not in x)
                       + f"\n{other_id} head {true_head}\n")
    must_be_found(again, "made anew with the same keys", "transcript.jsonl",
                  options=("--trust", renamed))
    only = base / "only.trust"
    only.write_text("\n".join(x for x in lines if " head " not in x) + "\n")
    if e.verify(again, "--trust", only)[0] != 5:
        failed.append("fingerprints alone do not end in 5")


def main():
    seed = int(os.environ.get("SEED", "7"))
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="audit-tamper.") as name:
        base = pathlib.Path(name)
        whole = e.rehearse(base)
        trust = pathlib.Path(f"{whole}.trust")
        if e.verify(whole, "--trust", trust)[0] != 0 or e.verify(whole)[0] != 5:
            print("the untouched folder is not verified:", e.faults(e.verify(whole)[1]))
            return 1
        remove_and_add(whole)
        change_lines(whole, rng)
        stripped_seals(whole)
        other_seals(whole, base)
        without_transcript(base, whole, trust)
        made_anew(base, whole, trust)
        change_bytes(whole, rng, time.monotonic() + SECONDS)
        if e.verify(whole, "--trust", trust)[0] != 0:
            failed.append("the folder was not put back as it was")
    for line in failed:
        print("NOT FOUND:", line)
    print(f"{tried} changes tried with seed {seed}, {len(failed)} not found")
    print(f"campaign: cases={tried} broken={len(failed)}")
    return 1 if failed else 0


sys.exit(main())
