#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Years later, without this program: the shares that custodians wrote down, the locked copy of the key,
and stock tools bring the root key back. Then the same with `slip39 recover`."""
import itertools
import json
import pathlib
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support/py"))
import rehearsal as r  # noqa: E402
import tap  # noqa: E402

SLIP39 = r.BUILD / "bin" / "slip39"
INITIAL_VALUE = "A65959A6"  # RFC 5649


def call(*command, given=None):
    return subprocess.run([str(word) for word in command], text=True, input=given,
                          capture_output=True, check=False)


def expect(condition, text):
    if not condition:
        raise r.Broken(text)


def public_key_of(certificate):
    result = call("openssl", "x509", "-in", certificate, "-noout", "-pubkey")
    expect(result.returncode == 0, result.stderr)
    return result.stdout


def combine(shares, *options):
    return call(SLIP39, "combine", *options, given="\n".join(shares) + "\n")


def unwrap(kek, blob, key):
    """The stock way: status, and the public key if there is one."""
    opened = call("openssl", "enc", "-d", "-id-aes256-wrap-pad", "-K", kek, "-iv", INITIAL_VALUE,
                  "-in", blob, "-out", key)
    if opened.returncode != 0:
        return None
    shown = call("openssl", "pkey", "-inform", "DER", "-in", key, "-pubout")
    return shown.stdout if shown.returncode == 0 else None


def stock_recovery(backup, shares, wanted):
    facts, blob, folder = backup
    keks = set()
    for pair in itertools.combinations(shares, 2):
        combined = combine(pair)
        expect(combined.returncode == 0, f"slip39 combine: {combined.stderr}")
        keks.add(combined.stdout.strip())
        checked = combine(pair, "--kcv", facts["kek_check_value"])
        expect(checked.returncode == 0, f"slip39 combine --kcv: {checked.stderr}")
    expect(len(keks) == 1, "two pairs of shares give different keys")
    kek = keks.pop()
    expect(len(kek) == 64, "the backup key has not 32 bytes")
    key = folder / "stock.der"
    expect(unwrap(kek, blob, key) == wanted, "the unwrapped key is not that of the certificate")
    message = folder / "message"
    message.write_text("signed years later\n")
    signature, public = folder / "signature", folder / "public.pem"
    public.write_text(wanted)
    made = call("openssl", "dgst", "-sha384", "-sign", key, "-keyform", "DER", "-out", signature,
                message)
    expect(made.returncode == 0, made.stderr)
    checked = call("openssl", "dgst", "-sha384", "-verify", public, "-signature", signature, message)
    expect("Verified OK" in checked.stdout, "the recovered key does not sign for the certificate")
    return kek


def stock_refusals(backup, shares, kek, wanted):
    _, blob, folder = backup
    for one in shares:
        alone = combine([one])
        expect(alone.returncode == 1 and not alone.stdout.strip(), "one share was enough")
        expect("share" in alone.stderr, f"one share alone: {alone.stderr}")
    other = f"{int(kek, 16) ^ 1:064x}"
    expect(unwrap(other, blob, folder / "no.der") != wanted, "another key opens the copy")
    spoilt = folder / "spoilt.kwp"
    data = bytearray(blob.read_bytes())
    data[20] ^= 1
    spoilt.write_bytes(data)
    expect(unwrap(kek, spoilt, folder / "no.der") != wanted, "a spoilt copy opens")


def recover_command(backup, output):
    facts, blob, _ = backup
    return [SLIP39, "recover", "--blob", blob, "--kcv", facts["kek_check_value"], "--spki",
            facts["spki_sha256"], "--output", output]


def recover(backup, shares, output):
    return call(*recover_command(backup, output), given="\n".join(shares) + "\n")


def our_recovery(backup, shares, wanted):
    folder = backup[2]
    for number, pair in enumerate(itertools.permutations(shares, 2)):
        output = folder / f"ours-{number}.der"
        result = recover(backup, pair, output)
        expect(result.returncode == 0, f"slip39 recover: {result.stderr}")
        shown = call("openssl", "pkey", "-inform", "DER", "-in", output, "-pubout")
        expect(shown.stdout == wanted, "slip39 recover gives another key")
        expect(output.stat().st_mode & 0o777 == 0o600, "others may read the recovered key")
        expect(output.read_bytes() == (folder / "stock.der").read_bytes(),
               "the two ways give different files")


def our_refusals(backup, shares):
    folder = backup[2]
    output = folder / "none.der"
    foreign = call(SLIP39, "split", "--threshold", "2", "--shares", "2",
                   given="22" * 32 + "\n").stdout.splitlines()
    words = shares[0].split()
    other_word = "zero" if words[6] != "zero" else "acid"
    wrong = " ".join([*words[:6], other_word, *words[7:]])
    facts, blob, _ = backup
    for given, says in ((shares[:1], "share"), ([shares[0], shares[0]], "already"),
                        ([shares[0], foreign[0]], "set"), (foreign, "check value"),
                        ([wrong, shares[1]], "word 7")):
        result = recover(backup, given, output)
        expect(result.returncode == 1 and says in result.stderr,
               f"slip39 recover should have said {says!r}: {result.returncode} {result.stderr}")
        expect(not output.exists(), f"a key was written though {says!r}")
    other = ({**facts, "spki_sha256": "0" * 64}, blob, folder)
    result = recover(other, shares[:2], output)
    expect(result.returncode == 1 and "public key" in result.stderr, f"other SPKI: {result.stderr}")
    expect(not output.exists(), "a key was written for another public key")


def nothing_on_the_command_line(backup, shares):
    program = subprocess.Popen([str(word) for word in recover_command(backup, backup[2] / "x.der")],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True)
    program.stdin.write(shares[0] + "\n")
    program.stdin.flush()
    time.sleep(0.3)
    seen = pathlib.Path(f"/proc/{program.pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    environment = pathlib.Path(f"/proc/{program.pid}/environ").read_bytes()
    _, said = program.communicate(shares[1] + "\n", timeout=30)
    expect(program.returncode == 0, said)
    expect("recover" in seen, f"the command line was not seen: {seen}")
    words = shares[0].split()
    for start in range(len(words) - 2):
        row = " ".join(words[start:start + 3])
        expect(row not in seen and row.encode() not in environment, "a share stands on it")


def main():
    missing = [str(path) for path in (r.CEREMONY, tap.TAPPED, SLIP39) if not path.exists()]
    missing += [] if shutil.which("openssl") else ["openssl"]
    if missing:
        print(f"SKIPPED: not there: {', '.join(missing)}")
        return 77
    try:
        with r.Rehearsal() as one:
            with tap.Tap(one) as program:
                result = program.finish()
                expect(result.returncode == 0, f"the ceremony failed: {result.stderr}")
                shares = program.shares()
            expect(len(shares) == 3 and all(len(share.split()) == 33 for share in shares),
                   "there are not three shares of 33 words")
            r.check_finished(one)
            blob = next(one.evidence.glob("wrapped/*.kwp"))
            backup = (json.loads(pathlib.Path(f"{blob}.json").read_text()), blob, one.folder)
            wanted = public_key_of(one.evidence / "certificates/PRACTICE-root.pem")
            kek = stock_recovery(backup, shares, wanted)
            print("ok   stock tools: every pair of shares, unwrap, public key, signature")
            stock_refusals(backup, shares, kek, wanted)
            print("ok   stock tools: one share alone, another key, a spoilt copy: nothing")
            our_recovery(backup, shares, wanted)
            print("ok   slip39 recover: every pair, in both orders")
            our_refusals(backup, shares)
            print("ok   slip39 recover: too few, twice, another set, a wrong word, another key")
            nothing_on_the_command_line(backup, shares)
            print("ok   slip39 recover: no share on command line or in environment")
    except r.Broken as why:
        print(f"FAIL {why}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
