#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A subordinate whose key is made in a room of its own: request out, certificate home, judged by openssl; and what
must be refused: another request, another evidence folder or one that is changed, open or aborted, words that differ
between the channels, a certificate of another key or another root (R9, R15, R48, R62)."""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support/py"))
import rehearsal as r  # noqa: E402

FAULTS = []


def check(good, text):
    if not good:
        FAULTS.append(text)
        print(f"FAULT: {text}", file=sys.stderr)


def input_file(one, name):
    """The path of an input of the environment."""
    text = (one.site / "environment.yaml").read_text()
    lines = text[text.index("inputs:\n"):].splitlines()
    at = lines.index(f"  {name}:")
    return pathlib.Path(lines[at + 1].split('"')[1])


def evidence_of(one):
    text = (one.site / "environment.yaml").read_text()
    return pathlib.Path(text.split('    evidence: "')[1].split('"')[0])


def state_of(one):
    """Tokens, ledger and outputs: what a refusal must leave alone."""
    return sorted((path.name, path.read_bytes()) for path in (one.folder / "tokens").rglob("*.object"))


def refused_at_once(name, one, *says):
    """Before the first step: no folder, no token touched, nothing in the ledger."""
    before = state_of(one), (one.site / "ledger.db").read_bytes()
    result = one.run()
    said = result.stdout + result.stderr
    check(result.returncode == 1, f"{name}: ended with {result.returncode}: {said}")
    for text in says:
        check(text in said, f"{name}: \"{text}\" is not said: {said}")
    check(before == (state_of(one), (one.site / "ledger.db").read_bytes()), f"{name}: something was changed")
    check(not one.evidence.exists(), f"{name}: an evidence folder was made")


def verify(one, *names):
    """The rehearsals of these names as one past, with the lines of their paper; "" is the one just held."""
    before = one.folder / "before"
    trust = one.folder / "all.trust"
    trust.write_text("".join((before / f"{name}.trust" if name else one.folder / "trust").read_text() for name in names))
    folders = [before / name if name else one.evidence for name in names]
    result = subprocess.run([r.AUDIT, "verify", *folders, "--trust", trust], text=True, capture_output=True, check=False)
    return result.returncode, " ".join(result.stdout.split())


def happy():
    with r.Rehearsal("subordinate-import") as one:
        result = one.run()
        check(result.returncode == 0, f"import: {result.stderr}")
        r.check_ended(one)
        before = one.folder / "before"
        for names in (("subordinate-request", ""), ("root-ca", "subordinate-sign")):
            status, said = verify(one, *names)
            check(status == 0, f"{names} as one past: {said}")
        root = before / "root-ca/certificates/PRACTICE-root.pem"
        mine = one.evidence / "certificates/PRACTICE-subordinate.pem"
        result = subprocess.run(["openssl", "verify", "-x509_strict", "-CAfile", root, mine], text=True,
                                capture_output=True, check=False)
        check(result.returncode == 0, f"openssl: {result.stderr}")
        result = subprocess.run(["openssl", "crl", "-in", one.evidence / "crls/PRACTICE-subordinate-1.pem", "-CAfile",
                                 mine, "-noout"], text=True, capture_output=True, check=False)
        check("verify OK" in result.stderr, f"openssl crl: {result.stderr}")
        brought_is_checked(one)


def brought_is_checked(one):
    """The auditor's program sees another certificate in its place."""
    shutil.copy(one.evidence / "inputs/PRACTICE-subordinate-issuer-1.der",
                one.evidence / "certificates/PRACTICE-subordinate.der")
    status, said = verify(one, "")
    check(status == 4 and "is not the certificate of the record" in said, f"another certificate in the evidence: {said}")


def other_request():
    with r.Rehearsal("subordinate-sign") as one:
        path = input_file(one, "subordinate")
        key = one.folder / "stranger.key"
        other = one.folder / "other.der"
        subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-nodes",
                        "-keyout", key, "-subj", "/C=CH/O=Example Trust Services/CN=PRACTICE Example Intermediate CA 2",
                        "-outform", "DER", "-out", other], check=True, capture_output=True)
        one.environment_with(path=(f'path: "{path}"', f'path: "{other}"'))
        refused_at_once("another request", one, "does not name the file \"subordinate\"")


def other_evidence():
    with r.Rehearsal("subordinate-sign") as one:
        evidence = evidence_of(one)
        one.environment_with(evidence=(f'evidence: "{evidence}"', f'evidence: "{one.folder}/before/root-ca"'))
        refused_at_once("the evidence of another ceremony", one, "does not name the file \"subordinate\"")


def changed_evidence():
    """Chain, sums and signatures, each by itself."""
    with r.Rehearsal("subordinate-sign") as one:
        evidence = evidence_of(one)
        whole = one.folder / "whole"
        shutil.copytree(evidence, whole)
        for name, change, says in (
                ("a changed record", lambda: flip(evidence / "transcript.jsonl", 3000), "record"),
                ("a changed file", lambda: flip(evidence / "requests/PRACTICE-subordinate.pem", 60), "is changed"),
                ("a missing file", (evidence / "roster.yaml").unlink, "is missing"),
                ("a signature gone", lambda: shutil.copy(evidence / "SHA256SUMS", evidence / "SHA256SUMS.p7s"), "CMS"),
                ("sealed by somebody else", lambda: seal_by_stranger(one.folder, evidence), "is missing or wrong"),
                ("never closed", lambda: cut(evidence / "transcript.jsonl"), "was never closed")):
            change()
            refused_at_once(name, one, says)
            shutil.rmtree(evidence)
            shutil.copytree(whole, evidence)


def seal_by_stranger(folder, evidence):
    """The sums as they are, well signed, by nobody whom the record names."""
    key, certificate = folder / "forger.key", folder / "forger.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                    "/CN=forger", "-keyout", key, "-out", certificate], check=True, capture_output=True)
    subprocess.run(["openssl", "cms", "-sign", "-binary", "-cades", "-nosmimecap", "-in", evidence / "SHA256SUMS", "-outform",
                    "DER", "-out", evidence / "SHA256SUMS.p7s", "-signer", certificate, "-inkey", key], check=True,
                   capture_output=True)


def flip(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def cut(path):
    path.write_bytes(b"\n".join(path.read_bytes().split(b"\n")[:-2]) + b"\n")


def aborted_evidence():
    """The request left, but its ceremony was aborted: its key is gone."""
    with r.Rehearsal("subordinate-request") as other:
        other.run(answers=other.answers_with({}, drop=("*.opinion",)))
        check(list(other.evidence.glob("requests/*")) != [], "the other ceremony wrote no request")
        result = other.abort()
        check(result.returncode == 0, f"the other ceremony was not aborted: {result.stderr}")
        with r.Rehearsal("subordinate-sign") as one:
            evidence = evidence_of(one)
            shutil.rmtree(evidence)
            shutil.copytree(other.evidence, evidence)
            refused_at_once("aborted evidence", one, "was not finished, but aborted")


def channels_differ():
    """The paper says something else than the medium: three wrong words, and the step fails."""
    with r.Rehearsal("subordinate-sign") as one:
        digest = hashlib.sha256(pathlib.Path(input_file(one, "subordinate")).read_bytes()).digest()
        word = next(word for value, word in enumerate(("aardvark", "absurd", "accrue", "acme", "adrift")) if value not in digest)
        result = one.run(answers=one.answers_with({"read-request.1.word-1": word}))
        check(result.returncode == 3, f"a wrong word: {result.returncode} {result.stderr}")
        check(not list(one.evidence.glob("requests/*")), "a wrong word: the request was taken")
        check(not list(one.evidence.glob("certificates/*by*")), "a wrong word: a certificate was written")
        result = one.abort()
        check(result.returncode == 0, f"a wrong word: not aborted: {result.stderr}")
        r.check_chain(one, True)


def used_key():
    """The same request once more, for a CA of another name: a CA's key is used once."""
    with r.Rehearsal("subordinate-sign") as one:
        result = one.run()
        check(result.returncode == 0, f"the first certificate: {result.stderr}")
        one.evidence = one.folder / "again"
        one.settings += ["--set", "ca-name=Example Intermediate CA 3"]
        result = one.run()
        said = " ".join(result.stderr.split())
        check(result.returncode == 3 and "was certified as a CA before" in said and "Example Intermediate CA 2" in said,
              f"a CA key twice: {result.returncode} {said}")
        check(not list(one.evidence.glob("certificates/*by*")), "a CA key twice: a certificate was written")
        result = one.abort()
        check(result.returncode == 0, f"a CA key twice: not aborted: {result.stderr}")
        r.check_audit(one)


def other_certificate():
    with r.Rehearsal("subordinate-import") as one:
        path = input_file(one, "subordinate")
        root = input_file(one, "subordinate-issuer")
        text = (one.site / "environment.yaml").read_text()
        evidence = evidence_of(one)
        one.environment_with(path=(f'path: "{path}"\n    evidence: "{evidence}"', f'path: "{root}"'))
        refused_at_once("the certificate of another key", one, "is not for the key")
        (one.site / "environment.yaml").write_text(text)
        one.environment_with(path=(f'path: "{root}"', f'path: "{path}"'))
        refused_at_once("an issuer that did not sign", one, "was not signed by the one above it")


def other_root():
    """A root of the same name and another key did not sign it."""
    with r.Rehearsal("subordinate-import") as one:
        root = input_file(one, "subordinate-issuer")
        fake = one.folder / "fake.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-nodes",
                        "-keyout", one.folder / "fake.key", "-days", "9000", "-subj",
                        "/C=CH/O=Example Trust Services/CN=PRACTICE Example Root X1", "-out", fake], check=True,
                       capture_output=True)
        one.environment_with(path=(f'path: "{root}"', f'path: "{fake}"'))
        refused_at_once("another root", one, "was not signed by the one above it")


def not_accepted():
    with r.Rehearsal("subordinate-import") as one:
        result = one.run(answers=one.answers_with({"read-certificate.certificate": '"no"'}))
        check(result.returncode == 3 and "did not accept" in result.stderr, f"not accepted: {result.stderr}")
        check(not list(one.evidence.glob("certificates/PRACTICE-sub*")), "not accepted: a certificate was written")


def main():
    for part in (happy, other_request, other_evidence, changed_evidence, aborted_evidence, channels_differ, used_key,
                 other_certificate, other_root, not_accepted):
        part()
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
