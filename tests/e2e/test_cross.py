#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Another CA's key is certified by ours: name, key and key identifier byte for byte, the chain judged by openssl, GnuTLS and
Go; and what must be refused before anything is signed: a request that differs by one byte, another key, dates, paths
and usages that are wider, an own key, an own name under a foreign key, papers that differ (P2, R9, R15, R38, R62)."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support/py"))
import rehearsal as r  # noqa: E402

FAULTS = []
NAME = "/C=DE/O=Other Trust Services/CN=PRACTICE Other Root"


def check(good, text):
    if not good:
        FAULTS.append(text)
        print(f"FAULT: {text}", file=sys.stderr)


def openssl(*words):
    return subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


def judge(what, *command, says=""):
    result = subprocess.run(list(map(str, command)), text=True, capture_output=True, check=False)
    check(result.returncode == 0 and says in result.stdout + result.stderr, f"{what}: {result.stdout}{result.stderr}")


def field(der, name):
    """A field of a certificate, as its very bytes."""
    shown = subprocess.run(["openssl", "asn1parse", "-inform", "DER", "-in", der], text=True, capture_output=True,
                           check=True).stdout
    rows = re.findall(r"^ *(\d+):d=2 +hl=(\d+) +l= *(\d+)", shown, re.MULTILINE)
    at, head, length = map(int, rows[{"subject": 5, "spki": 6}[name]])
    return pathlib.Path(der).read_bytes()[at:at + head + length]


class OtherCa:
    """A CA that never heard of this program."""

    def __init__(self, folder, name="other", subject=NAME, extensions=()):
        self.key, self.certificate = folder / f"{name}.key", folder / f"{name}.pem"
        self.request = folder / f"{name}.csr"
        rows = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"]
        rows = [row for row in rows if not any(row.split("=")[0] == e.split("=")[0] for e in extensions)] + list(extensions)
        added = [word for row in rows for word in ("-addext", row)]
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-sha384", "-nodes", "-keyout",
                self.key, "-days", "9000", "-subj", subject, "-out", self.certificate, *added)
        self.ask(subject)

    def ask(self, subject, key=None):
        openssl("req", "-new", "-key", key or self.key, "-sha384", "-subj", subject, "-out", self.request)


class Site(r.Rehearsal):
    def __init__(self):
        super().__init__("cross-certificate")
        self.whole = (self.site / "environment.yaml").read_text()

    def bring(self, certificate, request=None):
        """Other files than those of the rehearsal, without the evidence of a ceremony."""
        text = self.whole[:self.whole.index("  other:\n")] + f'  other:\n    path: "{certificate}"\n'
        if request:
            text += f'  other-request:\n    path: "{request}"\n'
        rest = self.whole[self.whole.index("  other:\n"):].split("\n")[3:]
        (self.site / "environment.yaml").write_text(text + "\n".join(rest))

    def profile(self, *changes):
        """The script with a profile of its own."""
        copy = self.folder / "scripts"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(r.SOURCE / "scripts" / "profiles", copy / "profiles")
        shutil.copy(r.SOURCE / "scripts/cross-certificate.yaml", copy)
        self.script = copy / "cross-certificate.yaml"
        path = copy / "profiles/cross-private.yaml"
        for old, new in changes:
            check(old in path.read_text(), f"the profile has no {old}")
            path.write_text(path.read_text().replace(old, new))

    def state(self):
        return (sorted(path.read_bytes() for path in (self.folder / "tokens").rglob("*.object")),
                (self.site / "ledger.db").read_bytes())


def refused(one, name, *says):
    """At once: no folder, no token touched, nothing in the ledger."""
    before = one.state()
    result = one.run()
    said = " ".join((result.stdout + result.stderr).split())
    check(result.returncode == 1 and all(text in said for text in says), f"{name}: {result.returncode}: {said}")
    check(before == one.state() and not one.evidence.exists(), f"{name}: something was changed")


def judged(one, other, go_program):
    made = one.evidence / "certificates/PRACTICE-other-by-issuer.pem"
    root = one.folder / "before/root-ca/certificates/PRACTICE-root.pem"
    own = one.folder / "own.der"
    openssl("x509", "-in", other, "-outform", "DER", "-out", own)
    for part in ("subject", "spki"):
        check(field(own, part) == field(made.with_suffix(".der"), part), f"another {part} than the existing certificate's")
    text = [subprocess.run(["openssl", "x509", "-in", path, "-noout", "-ext", "subjectKeyIdentifier"], text=True,
                           capture_output=True, check=True).stdout for path in (other, made)]
    check(text[0] == text[1] and "Key Identifier" in text[0], "another key identifier")
    judge("openssl", "openssl", "verify", "-x509_strict", "-CAfile", root, made)
    judge("GnuTLS", "certtool", "--verify", "--load-ca-certificate", root, "--infile", made, says="Verified")
    empty = one.folder / "empty.pem"
    empty.write_text("")
    judge("Go", go_program, root, empty, made)
    result = subprocess.run([str(go_program), other, empty, made], text=True, capture_output=True, check=False)
    check(result.returncode != 0, "Go verifies the cross-certificate under the wrong root")


def happy(go_program):
    """The root of another site, with the sealed evidence of its ceremony."""
    with Site() as one:
        result = one.run()
        check(result.returncode == 0, f"cross-certificate: {result.stderr}")
        r.check_ended(one)
        judged(one, one.folder / "before/other-root/certificates/PRACTICE-root.pem", go_program)
        data = next(x["data"] for x in one.records() if x["type"] == "result" and x["data"].get("does") == "import-existing")
        check("closed record" in data["compared"] and "no request" in data["possession"], f"the record says {data}")


def below_the_root(folder):
    """A CA one level down: its certificate, and its issuer's."""
    root, sub = OtherCa(folder, "top", NAME + " Top"), OtherCa(folder, "sub")
    extensions = folder / "sub.ext"
    extensions.write_text("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"
                          "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
    openssl("x509", "-req", "-in", sub.request, "-CA", root.certificate, "-CAkey", root.key, "-set_serial",
            "0x4711223344556677", "-days", "8000", "-sha384", "-extfile", extensions, "-out", sub.certificate)
    return root, sub


def stranger(go_program):
    """A CA made by other software, below a root of its own, with a request: two papers, two witnesses each."""
    with Site() as one:
        root, sub = below_the_root(one.folder)
        one.bring(sub.certificate, sub.request)
        refused(one, "nobody above", "names no input \"other-issuer\"")
        path = one.site / "environment.yaml"
        path.write_text(path.read_text().replace("  other-request:\n",
                                                 f'  other-issuer:\n    path: "{root.certificate}"\n  other-request:\n'))
        result = one.run()
        check(result.returncode == 0, f"a stranger: {result.stderr}")
        r.check_ended(one)
        judged(one, sub.certificate, go_program)
        papers = [x["data"]["prompt"] for x in one.records() if x["type"] == "confirmation"]
        check(papers.count("certificate") == 2 and papers.count("request") == 2, f"papers: {papers}")
        shutil.copy(one.evidence / "inputs/PRACTICE-other-issuer-1.der", one.evidence / "inputs/PRACTICE-other.der")
        result = subprocess.run([r.AUDIT, "verify", one.evidence], text=True, capture_output=True, check=False)
        check(result.returncode == 4 and "is not the certificate of the record" in " ".join(result.stdout.split()),
              "another certificate in the evidence is not seen")


def wrong_files(one):
    other = OtherCa(one.folder)
    one.bring(other.certificate, other.request)
    other.ask(NAME[:-1] + "T")
    refused(one, "one byte of the name", "are not the same bytes")
    thief = OtherCa(one.folder, "thief")
    other.ask(NAME, thief.key)
    refused(one, "another key", "for another key")
    one.bring(thief.key)
    refused(one, "no certificate", "which is not read here")
    damaged = one.folder / "damaged.der"
    openssl("x509", "-in", other.certificate, "-outform", "DER", "-out", damaged)
    damaged.write_bytes(damaged.read_bytes()[:-1] + bytes([damaged.read_bytes()[-1] ^ 1]))
    one.bring(damaged)
    refused(one, "a damaged certificate", "signed")
    leaf = OtherCa(one.folder, "leaf", extensions=("basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature"))
    one.bring(leaf.certificate)
    refused(one, "no CA", "is not a CA's")
    short = OtherCa(one.folder, "short")
    openssl("x509", "-in", short.certificate, "-signkey", short.key, "-days", "-1", "-sha384", "-out", short.certificate)
    one.bring(short.certificate)
    refused(one, "out of date", "not valid today")


def too_wide(one):
    """The draft against the certificate that is there, and against the issuer."""
    plain = OtherCa(one.folder, "plain")
    one.bring(plain.certificate)
    one.profile(("years: 5", "years: 30"))
    refused(one, "outlives the issuer", "outlive")
    one.profile(("path-length: none", "path-length: 3"))
    narrow = OtherCa(one.folder, "narrow", extensions=("basicConstraints=critical,CA:TRUE,pathlen:1",))
    one.bring(narrow.certificate)
    refused(one, "a longer path", "a longer path than the existing certificate's")
    one.profile()
    refused(one, "no limit to the path", "a longer path than the existing certificate's")
    clients = OtherCa(one.folder, "clients", extensions=("extendedKeyUsage=clientAuth",))
    one.bring(clients.certificate)
    refused(one, "every usage", "an extended usage that the existing certificate does not have")
    one.profile(("    policies:", "    ext-key-usage: {critical: no, usages: [serverAuth]}\n    policies:"))
    refused(one, "a usage that is missing there", "an extended usage that the existing certificate does not have")
    one.profile(("subject: of-existing", "subject: [{CN: Another}]"))
    refused(one, "a name of its own", "has no 'subject: of-existing'")
    one.script = r.SOURCE / "scripts/cross-certificate.yaml"


def not_foreign(one):
    root = one.folder / "before/root-ca/certificates/PRACTICE-root.pem"
    one.bring(root)
    refused(one, "a key of ours", "one of our own")
    impostor = OtherCa(one.folder, "impostor", "/C=CH/O=Example Trust Services/CN=PRACTICE Example Root X1")
    one.bring(impostor.certificate)
    refused(one, "a name of ours", "was used before, by a certificate of another key")
    real = OtherCa(one.folder, "real", NAME.replace("PRACTICE ", ""))
    one.bring(real.certificate)
    refused(one, "a real CA in a rehearsal", "not marked as practice")


def papers_differ(one):
    other = OtherCa(one.folder, "paper")
    one.bring(other.certificate, other.request)
    result = one.run(answers=one.answers_with({"read-existing.2.word-1": "aardvark"}))
    check(result.returncode == 3, f"a wrong word: {result.returncode} {result.stderr}")
    check(not list(one.evidence.glob("certificates/*by*")), "a wrong word: a certificate was written")
    result = one.abort()
    check(result.returncode == 0, f"a wrong word: not aborted: {result.stderr}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        go_program = pathlib.Path(folder) / "chaincheck"
        subprocess.run(["go", "build", "-o", go_program, "main.go"], cwd=r.SOURCE / "tests/support/go/chaincheck",
                       check=True)
        happy(go_program)
        stranger(go_program)
    with Site() as one:
        for part in (wrong_files, too_wide, not_foreign, papers_differ):
            part(one)
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
