#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keys that follow from seeds, end to end: the list is encrypted by stock openssl as a chip's maker would, and every certificate
has the key that hashlib, hmac and integers derive from the device's seed. No seed and no private key is found in anything that was
written, nor in the program's memory after the batch. Lists that are wrong are refused and nothing is signed; killed and
resumed, nothing is made twice, and only from the list that was approved (R69, R71, R77)."""
import base64
import hashlib
import json
import os
import pathlib
import secrets as random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support/py"))
import process_memory as memory  # noqa: E402
import rehearsal as r  # noqa: E402
import seeds  # noqa: E402

FAULTS = []
COUNT = 30
KIND = "ec-p256"
RECIPIENT = "before/seed-key/certificates/PRACTICE-seeds-by-issuer.pem"
COLUMNS = "serial,seed,chip"


def check(good, text):
    if not good:
        FAULTS.append(text)
        print(f"FAULT: {text}", file=sys.stderr)


def call(command):
    return subprocess.run(list(map(str, command)), text=True, capture_output=True, check=False)


def says(result, words):
    """A sentence begins with a capital."""
    return words.lower() in result.stderr.lower()


def run(work, evidence, task="run", script=r.SOURCE / "scripts/device-seeds.yaml"):
    what = script if task == "run" else evidence
    command = [r.CEREMONY, task, what, "--site", work / "site", "--trust", f"{evidence}.trust", "--headless",
               "--answers", work / "answers.yaml"]
    return command + (["--evidence", evidence] if task == "run" else [])


def audit(evidence):
    return call([r.AUDIT, "verify", evidence, "--trust", f"{evidence}.trust"])


def results(evidence):
    return [json.loads(line) for line in (evidence / "results.jsonl").read_text().splitlines()]


def drawn(prefix, count):
    """{serial: (seed, line)}, in order."""
    made = {}
    for number in range(count):
        serial, seed = f"{prefix}-{number:05d}", random.token_bytes(32)
        made[serial] = (seed, f"{serial},{seed.hex()},0a0b{number:08x}")
    return made


def bring(work, devices, **how):
    lines = [line for _, line in devices.values()]
    (work / "seeds.p7m").write_bytes(seeds.envelope(seeds.text(lines, COLUMNS), work / RECIPIENT, **how))


def spkis(evidence):
    """DER of the public key of each certificate, in order, as openssl reads it."""
    found = []
    for path in sorted((evidence / "certificates/PRACTICE-sign-batch").glob("0*.pem")):
        for block in path.read_text().split("-----END CERTIFICATE-----\n")[:-1]:
            pem = subprocess.run(["openssl", "x509", "-noout", "-pubkey"], text=True, capture_output=True, check=True,
                                 input=block + "-----END CERTIFICATE-----\n").stdout
            found.append(base64.b64decode("".join(pem.splitlines()[1:-1])))
    return found


def check_derived(evidence, devices, kind=KIND):
    """Each certificate's key against the one that Python derives, and each line's hash."""
    lines = results(evidence)
    keys = spkis(evidence)
    check([line["device"] for line in lines] == list(devices), "the results are of other devices")
    check(len(keys) == len(devices), f"{len(keys)} certificates")
    for line, key, (serial, (seed, text)) in zip(lines, keys, devices.items()):
        check(key == seeds.spki(kind, serial, seed), f"{serial}: another key than follows from its seed")
        check(line["spki_sha256"] == hashlib.sha256(key).hexdigest(), f"{serial}: another hash of its key")
        check(line["input_sha256"] == line["request_sha256"] == seeds.line_hash(text), f"{serial}: another hash of its line")


def forms(devices):
    """What must not be found: seeds and private keys, and how a program may leave them."""
    known = []
    for serial, (seed, _) in devices.items():
        for secret in (seed, seeds.scalar(KIND, serial, seed).to_bytes(32, "big"), seeds.bits(KIND, serial, seed)):
            known += [secret, secret[::-1], secret.hex().encode(), secret.hex().upper().encode(),
                      base64.b64encode(secret)[:40]]
    return known


def look_at_files(work, devices):
    known = forms(devices)
    envelope = (work / "seeds.p7m").read_bytes()[-64:]
    count = 0
    for path in work.rglob("*"):
        if path.is_file() and not path.is_symlink():
            count += 1
            contents = path.read_bytes()
            check(path.name == "seeds.p7m" or envelope not in contents, f"the envelope was copied to {path}")
            check(not any(form in contents for form in known), f"a seed or a key stands in {path}")
    check(count > 100, f"only {count} files were looked at")


def look_at_memory(work, evidence, devices):
    """Stopped when the batch is done: nothing is left of what it was made from."""
    process = subprocess.Popen(list(map(str, run(work, evidence))), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    transcript = evidence / "transcript.jsonl"
    while process.poll() is None and not (transcript.exists() and b'"step":"inventory-issuer"' in transcript.read_bytes()):
        time.sleep(0.002)
    check(process.poll() is None, "the program ended before it could be looked at")
    process.send_signal(signal.SIGSTOP)
    try:
        regions = [(mapping.name, data) for mapping, data in memory.regions(process.pid, memory.mappings(process.pid)) if data]
        check(any(next(iter(devices)).encode() in data for _, data in regions), "the scan does not even find a serial number")
        known = forms(devices)
        found = {name for name, data in regions if any(form in data for form in known)}
        check(not found, f"a seed or a key is in memory: {sorted(found)}")
    except PermissionError:
        print("skipped: the kernel does not let us read the program's memory")
    process.send_signal(signal.SIGCONT)
    check(process.wait() == 0, "the ceremony that was looked at did not end well")


def blocks(work, kind=None):
    database = sqlite3.connect(f"file:{work}/site/ledger.db?mode=ro", uri=True)
    try:
        rows = [row[0] for row in database.execute("SELECT kind FROM blocks")]
        return rows.count(kind) if kind else rows.count("certificates-reserve") - rows.count("certificates-issue")
    except sqlite3.OperationalError:  # being written
        return 0
    finally:
        database.close()


def another_certificate(folder):
    call(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "other.key", "-out",
          folder / "other.pem", "-subj", "/CN=other", "-days", "30"])
    return folder / "other.pem"


def wrong_lists(work, devices):
    """(what, bytes of the file, words that must be said)"""
    whole = (work / "seeds.p7m").read_bytes()
    lines = [line for _, line in devices.values()]
    recipient = work / RECIPIENT

    def sealed(rows, **how):
        return seeds.envelope(seeds.text(rows, COLUMNS), recipient, **how)

    key_at = whole.index(bytes.fromhex("04820180")) + 200  # within the encrypted content key, RSA 3072
    pkcs1 = subprocess.run(["openssl", "cms", "-encrypt", "-binary", "-aes-256-cbc", "-outform", "DER", "-recip",
                            str(recipient)], input=b"x", capture_output=True, check=True).stdout
    serial, seed, chip = lines[0].split(",")
    many = [f"M-{number:06d},{number + 1:064x},0a0b{number:08x}" for number in range(100001)]
    yield "in clear", seeds.text(lines, COLUMNS).encode(), "the list of seeds is not encrypted"
    yield "for another key", seeds.envelope(seeds.text(lines, COLUMNS), another_certificate(work)), "for another certificate"
    yield "no envelope", b"something else", "neither DER nor PEM"
    yield "cut off", whole[:-16], "the envelope cannot be opened"
    yield "by PKCS #1 v1.5", pkcs1, "RSA-OAEP"
    yield "by a hash that the token has not", sealed(lines, md="sha256"), "does not decrypt RSA-OAEP with SHA256"
    yield "another content key", flipped(whole, key_at), "did not decrypt"
    yield "contents changed", flipped(whole, -200), "the list of seeds is refused: line"
    yield "the end changed", flipped(whole, -1), "not whole"
    yield "a short seed", sealed([f"{serial},{seed[:-2]},{chip}"]), "line 2: its seed is not 64 small hexadecimal digits"
    yield "a serial twice", sealed([lines[0], f"{serial},{lines[1].split(',')[1]},{chip}"]), \
        "line 3: the serial number of line 2 stands here again"
    yield "a seed twice", sealed([lines[0], f"XX-1,{seed},{chip}"]), "line 3: the seed of line 2 stands here again"
    yield "too many", sealed(many), "there are more than 100000 devices"


def flipped(data, at):
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


def check_misuse(work):
    """One ceremony that is brought one wrong list after the other, and the right one at last."""
    devices = drawn("ZZ", 3)
    evidence = work / "misuse"
    bring(work, devices)
    right = (work / "seeds.p7m").read_bytes()
    known = [seed.hex() for seed, _ in devices.values()]
    before = blocks(work, "certificates-reserve")
    task = "run"
    for what, contents, words in wrong_lists(work, devices):
        (work / "seeds.p7m").write_bytes(contents)
        result = call(run(work, evidence, task))
        task = "resume"
        check(result.returncode == 3 and says(result, words), f"{what}: status {result.returncode}, {result.stderr}")
        check(not any(seed in result.stderr + result.stdout for seed in known), f"{what}: a seed was said")
        check(blocks(work, "certificates-reserve") == before, f"{what}: something was signed")
    (work / "seeds.p7m").write_bytes(right)
    result = call(run(work, evidence, "resume"))
    check(result.returncode == 0, f"the right list after wrong ones: {result.stderr}")
    check_derived(evidence, devices)
    check(audit(evidence).returncode == 0, f"after wrong lists: {audit(evidence).stdout}")
    look_at_files(work, devices)


def check_second(work, devices):
    """The same list again signs nothing; a device that comes with another seed is refused."""
    evidence = work / "again"
    bring(work, devices, form="PEM")
    result = call(run(work, evidence))
    check(result.returncode == 0, f"a second batch: {result.stderr}")
    check({line["verdict"] for line in results(evidence)} == {"issued-before"}, "the second batch is not told as such")
    evidence = work / "other-seed"
    serial = next(iter(devices))
    seed = random.token_bytes(32)
    bring(work, {serial: (seed, f"{serial},{seed.hex()},0a0b00000000")})
    result = call(run(work, evidence))
    lines = results(evidence)
    check([line["verdict"] for line in lines] == ["refused"] and "ledger-serial" in lines[0]["codes"][0],
          f"another seed for a known device: {lines}")


def check_killed(work, count=1500):
    """Killed while it signs: resumed only with the list that was approved, and with the same keys."""
    devices = drawn("KK", count)
    bring(work, devices)
    right = (work / "seeds.p7m").read_bytes()
    evidence = work / "killed"
    process = subprocess.Popen(list(map(str, run(work, evidence))), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and blocks(work) == 0:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    check(process.wait() == -9, "it was not killed while it signed")
    look_at_files(work, devices)
    bring(work, devices)  # the same list, encrypted anew: not the file that was approved
    result = call(run(work, evidence, "resume"))
    check(result.returncode == 3 and says(result, "the list of seeds is not the one that was approved"),
          f"another list: {result.stderr}")
    (work / "seeds.p7m").write_bytes(right)
    result = call(run(work, evidence, "resume"))
    check(result.returncode == 0, f"resume: {result.stdout} {result.stderr}")
    lines = results(evidence)
    check([line["verdict"] for line in lines] == ["issued"] * count, "the resumed batch is not whole")
    check(any(line["resigned"] for line in lines), "nothing was signed again")
    check([line["device"] for line in lines] == list(devices), "other devices")
    for line in lines[::150]:
        seed = devices[line["device"]][0]
        check(line["spki_sha256"] == hashlib.sha256(seeds.spki(KIND, line["device"], seed)).hexdigest(), "another key")
    check(len({line["serial"] for line in lines}) == count, "a serial number twice")
    check(not list(work.glob("site/batches/*/journal/block-*")), "a journal is left")
    check(audit(evidence).returncode == 0, f"the resumed batch: {audit(evidence).stdout}")


END = """      - id: end-seeds
        do: destroy-key
        title: The end of the key that opened the list
        key: seeds
        performs: operator
        verifies: witness
"""


def check_ended(work):
    """The key ends with its last list: a variant of the script, with P-384 keys and a derivation of its own for them; after it no list
    can be opened, and the medium with the old ones is worth nothing."""
    scripts = work / "variant"
    shutil.copytree(r.SOURCE / "scripts/profiles", scripts / "profiles")
    text = (r.SOURCE / "scripts/device-seeds.yaml").read_text().replace("device-key: ec-p256", "device-key: ec-p384")
    (scripts / "other.yaml").write_text(text.replace("device-key: ec-p384", "device-key: ed25519"))
    result = call([r.CEREMONY, "check", scripts / "other.yaml", "--site", work / "site"])
    check(result.returncode == 1 and says(result, "makes no keys of the type 'ed25519'"), f"a key of another type: {result.stderr}")
    (scripts / "device-seeds.yaml").write_text(text.replace("\n  - act: Closing", f"{END}\n  - act: Closing"))
    with (work / "answers.yaml").open("a") as answers:
        answers.write('"*.destroy": {shown: "*.destroy"}\n"*.agree": {shown: "*.agree"}\n')
    devices = drawn("EE", 3)
    bring(work, devices)
    evidence = work / "ended"
    result = call(run(work, evidence, script=scripts / "device-seeds.yaml"))
    check(result.returncode == 0, f"the last list: {result.stdout} {result.stderr}")
    check_derived(evidence, devices, "ec-p384")
    check(audit(evidence).returncode == 0, f"the last list: {audit(evidence).stdout}")
    result = call(run(work, work / "none"))
    check(result.returncode == 1 and says(result, "knows no key with the label"), f"a list after the end of its key: {result.stderr}")


def check_origin(evidence, work):
    origin = next(record["data"]["origin"] for record in map(json.loads, (evidence / "transcript.jsonl").open())
                  if record["type"] == "intent" and record["data"].get("does") == "sign-requests")
    origin.pop("seed_key_sha256")
    sha256 = hashlib.sha256((work / "seeds.p7m").read_bytes()).hexdigest()
    check(origin == {"method": "carrot", "transfer": "mechanical", "line": "not stated", "shift": "not stated",
                     "operators": "not stated", "key": KIND, "derivation": "fips186-hkdf-sha256", "seeds_sha256": sha256},
          f"the origin is recorded as {origin}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        result = call([r.SOURCE / "scripts/rehearse", "device-seeds", "--no-build", "--headless", "--work", work, "--prepare",
                       "--count", "1"])
        check(result.returncode == 0, f"rehearse: {result.stdout} {result.stderr}")
        if result.returncode != 0:
            return 1
        devices = drawn("XY", COUNT)
        bring(work, devices)
        evidence = work / "evidence"
        look_at_memory(work, evidence, devices)
        check(audit(evidence).returncode == 0, f"audit: {audit(evidence).stdout}")
        check_derived(evidence, devices)
        check_origin(evidence, work)
        check(not (evidence / "device-keys").exists(), "private keys were kept")
        look_at_files(work, devices)
        check_second(work, devices)
        check_misuse(work)
        check_killed(work)
        check_ended(work)
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
