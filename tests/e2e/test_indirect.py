#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One CRL of a CRL signer for two CAs: what stock programs read in it, what the auditor recomputes, and what is
refused before anything is signed (R55)."""
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support/py"))
import rehearsal as r  # noqa: E402

FAULTS = []
SIGNER = "C=CH, O=Example Trust Services, CN=Example CRL Signer 1"
FIRST = {"29BAE327BD69FE29D76D4330F1446BEAB0C11FDE", "32E4738D5BC8FBBCBDE5C0994164D8399F767C45",
         "3DCCC2F6D7210DFF076CE2EF87B0B125EC1D7DA0"}
SECOND = {"29BAE327BD69FE29D76D4330F1446BEAB0C11FDE", "11FDE29BAE327BD69FE29D76D4330F1446BEAB0C"}


def check(good, text):
    if not good:
        FAULTS.append(text)
        print(f"FAULT: {text}", file=sys.stderr)
    return good


def run(*words, **options):
    return subprocess.run([str(word) for word in words], text=True, capture_output=True, check=False, **options)


def one_line(result):
    return " ".join((result.stdout + result.stderr).split())


def groups(text):
    """The serial numbers below each certificateIssuer that openssl prints; it holds until the next one."""
    found, issuer = [], None
    for entry in re.split(r"\n\s+Serial Number: ", text)[1:]:
        named = re.search(r"Certificate Issuer: critical\n\s+DirName:\s?(\S.*)", entry)
        if named:
            issuer = named.group(1).rsplit("CN", 1)[1].lstrip("= ")
            found.append((issuer, set()))
        if not found:
            found.append((None, set()))
        found[-1][1].add(entry.split()[0])
    return found


def judges(one):
    """openssl reads, verifies and groups. GnuTLS only takes it apart."""
    path = one.evidence / "crls/PRACTICE-signer-indirect-1.der"
    signer = one.evidence / "certificates/PRACTICE-signer-by-root.pem"
    said = run("openssl", "crl", "-inform", "DER", "-in", path, "-CAfile", signer, "-noout", "-text")
    check("verify OK" in said.stderr, f"openssl refuses it: {said.stderr}")
    check(re.search(r"Issuing Distribution Point: critical\s.*?Indirect CRL", said.stdout, re.DOTALL) is not None,
          "no critical IDP with indirectCRL")
    check(groups(said.stdout) == [("PRACTICE Example Issuing CA 1", FIRST), ("PRACTICE Example Issuing CA 2", SECOND)],
          f"groups: {groups(said.stdout)}")
    pem = one.folder / "crl.pem"
    run("openssl", "crl", "-inform", "DER", "-in", path, "-out", pem)
    said = run("certtool", "--verify-crl", "--load-ca-certificate", signer, "--infile", pem)
    # GnuTLS 3.7 takes it apart, and no more: it knows no issuing distribution point, and wants the signer to be a CA
    check("Revoked certificates (5)" in said.stdout and "The certificate issuer is not a CA" in said.stdout,
          f"GnuTLS: {one_line(said)}")
    said = run(r.AUDIT, "lint", "--issuer", signer, path)
    check(said.returncode == 0, f"our own lint: {said.stdout}")


def audited(one):
    """An entry moved to the other CA, and one of nobody's: the auditor finds both though all sums fit."""
    audit = run(r.AUDIT, "verify", one.evidence, "--trust", one.folder / "trust")
    check(audit.returncode == 0, f"the auditor: {audit.stdout}")
    for name, change, words in (
            ("moved", lambda script: script.replace("          - second\n", ""), "are of issuers that the script does not"),
            ("other", lambda script: script.replace("          - second\n", "          - root\n"),
             "are of issuers that the script does not")):
        copy = one.folder / name
        shutil.copytree(one.evidence, copy)
        script = next((copy / "inputs").glob("*indirect-crl*.yaml"), None) or next(
            path for path in copy.rglob("*.yaml") if "ceremony: indirect-crl" in path.read_text())
        script.write_text(change(script.read_text()))
        said = one_line(run(r.AUDIT, "verify", copy))
        check(words in said, f"{name}: the auditor overlooks it: {said[-600:]}")
    copy = one.folder / "rows"
    shutil.copytree(one.evidence, copy)
    rows = sorted((copy / "rows").glob("*.jsonl"))[-1]
    rows.write_text(rows.read_text().replace('"reason":1', '"reason":4'))
    said = one_line(run(r.AUDIT, "verify", copy))
    check("something else than was entered" in said, f"other rows: {said[-600:]}")


def scripts_with(one, name, changes, profiles=()):
    """The shipped script in a folder of its own, changed; `profiles`: (file, from, to)."""
    folder = one.folder / name
    shutil.copytree(r.SOURCE / "scripts/profiles", folder / "profiles")
    text = (r.SOURCE / "scripts/indirect-crl.yaml").read_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    for file, old, new in profiles:
        path = folder / "profiles" / file
        assert old in path.read_text(), (file, old)
        path.write_text(path.read_text().replace(old, new))
    (folder / "s.yaml").write_text(text)
    return folder / "s.yaml"


def says(one, name, words, changes=(), profiles=()):
    script = scripts_with(one, name, changes, profiles)
    result = run(r.CEREMONY, "check", script, "--site", one.site)
    said = one_line(result)
    if words is None:
        check(result.returncode == 0, f"{name}: {said}")
    else:
        check(result.returncode != 0 and words in said, f"{name}: not {words!r} in {said}")


def refusals(one):
    says(one, "whole", None)
    says(one, "public", "is of a public PKI, which has no indirect CRLs",
         profiles=[("crl-indirect.yaml", "trust: private", "trust: public")])
    says(one, "no-crl-sign", "does not allow it to sign CRLs",
         profiles=[("crl-signer.yaml", "[cRLSign]", "[digitalSignature]"), ("crl-signer.yaml", "role: crl-signer\n", "")])
    # the intermediate CA certified the issuing ones, and their certificates name no other CRL issuer
    says(one, "not-named", 'which signed the certificate of "CN=PRACTICE Example Issuing CA',
         [("default: issuing-1", "default: intermediate-1")])
    says(one, "not-named-why", "it does not name this CRL issuer", [("default: issuing-1", "default: intermediate-1")])


def batches(one):
    """Of a batch the ledger knows the profile's name: the step must say it, and the profile must name the signer."""
    held = run(r.SOURCE / "scripts/rehearse", "device-batch", "--count", 2, "--headless", "--no-build", "--work",
               one.folder, "--evidence", one.folder / "batch", env={**os.environ, "BUILD_DIR": str(r.BUILD)})
    if not check(held.returncode == 0, f"device-batch: {one_line(held)[-600:]}"):
        return
    run(r.SOURCE / "scripts/dev/make-site", "indirect-crl", one.folder)  # which the batch's took the place of
    declared = [("  indirect: profiles/crl-indirect.yaml\n",
                 "  indirect: profiles/crl-indirect.yaml\n  device: profiles/idevid-hardware.yaml\n"),
                ("          - first\n", "          - first device\n")]
    file = "idevid-hardware.yaml"
    fixed = [(file, word, "x") for word in
             sorted(set(re.findall(r"\$\{[a-z-]+\}", (r.SOURCE / "scripts/profiles" / file).read_text())))]
    names = "    no-rev-avail: {critical: no}"

    def pointing(name, address):
        return (file, names, f"    crl-distribution: {{critical: no, uris: [\"{address}\"], crl-issuer: \"{name}\"}}")

    says(one, "batch-unsaid", 'signed certificates of the profile "idevid-hardware" in batches')
    says(one, "batch-never-asked", None, declared, fixed)
    says(one, "batch-named", None, declared, [*fixed, pointing(SIGNER, "${address}")])
    says(one, "batch-another", "names another CRL issuer", declared, [*fixed, pointing(f"{SIGNER}0", "${address}")])
    says(one, "batch-elsewhere", "names another address", declared, [*fixed, pointing(SIGNER, "http://x.test")])
    says(one, "batch-no-issuer", "has no 'crl-issuer'", declared,
         [*fixed, (file, names, "    crl-distribution: {critical: no, uris: [\"${address}\"]}")])


def main():
    with r.Rehearsal("indirect-crl") as one:
        refusals(one)
        result = one.run()
        if check(result.returncode == 0, f"indirect-crl: {result.stdout[-600:]} {result.stderr}"):
            r.check_chain(one, True)
            judges(one)
            audited(one)
            batches(one)
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
