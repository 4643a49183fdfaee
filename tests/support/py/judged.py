# SPDX-License-Identifier: Apache-2.0
"""What scripts/dev/judges asks about: the certificates and CRLs of evidence folders, each once, and programs called for them."""
import base64
import calendar
import os
import pathlib
import re
import shutil
import subprocess
import time

PEM = re.compile(r"-----BEGIN CERTIFICATE-----\s(.*?)-----END CERTIFICATE-----", re.DOTALL)
DATE = "%b %d %H:%M:%S %Y GMT"
MANY = 12  # certificates of a file with more: these are spread over it


def call(*command, env=None, at=None):
    """A program's result; `at`: the second at which it is to think itself, None for now."""
    if at is not None:
        command = ("faketime", time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at)), *command)
    return subprocess.run([str(word) for word in command], text=True, capture_output=True, check=False, timeout=60,
                          stdin=subprocess.DEVNULL, errors="replace",
                          env={**os.environ, "TZ": "UTC0", "LC_ALL": "C.UTF-8", "LEAK_DETECTIVE_DISABLE": "1",
                               "FAKETIME_DONT_FAKE_MONOTONIC": "1", **(env or {})})


def write(path, data):
    path.write_bytes(data)
    return path


def joined(path, things):
    """One file with the PEM of all."""
    return write(path, b"".join(thing.path.read_bytes() for thing in things))


def pem(der, label="CERTIFICATE"):
    text = base64.b64encode(der).decode()
    lines = "\n".join(text[at:at + 64] for at in range(0, len(text), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"


def spoilt(der):
    """The same with one bit of the signature changed, near its end."""
    changed = bytearray(der)
    changed[-3] ^= 1
    return bytes(changed)


def octets(text):
    return text.replace(":", "").lower()


def points(shown, extension):
    """The addresses in an extension of openssl's text."""
    found = re.search(rf"{extension}:[^\n]*\n((?:[ ]{{12,}}[^\n]*\n)+)", shown)
    return set(re.findall(r"URI:(\S+)", found.group(1))) if found else set()


class Certificate:
    def __init__(self, der, origin, folder):
        self.der, self.origin = der, origin
        self.path = folder / f"{len(list(folder.iterdir()))}.pem"
        self.path.write_text(pem(der))
        shown = call("openssl", "x509", "-in", self.path, "-noout", "-subject", "-issuer", "-serial", "-nameopt", "RFC2253",
                     "-ext", "subjectKeyIdentifier,authorityKeyIdentifier,basicConstraints,crlDistributionPoints").stdout
        self.subject, self.issuer, serial = (re.search(rf"^{name}=(.*)$", shown, re.MULTILINE).group(1)
                                             for name in ("subject", "issuer", "serial"))
        self.serial = serial.lower().lstrip("0")
        ids = re.findall(r"^    (?:keyid:)?((?:[0-9A-F]{2}:){19}[0-9A-F]{2})", shown, re.MULTILINE)
        has_own = "Subject Key Identifier" in shown
        self.key_id = ids[0] if has_own and ids else ""
        self.issuer_id = ids[-1] if "Authority Key Identifier" in shown and ids else ""
        self.is_ca = "CA:TRUE" in shown
        self.is_root = self.subject == self.issuer and self.issuer_id in ("", self.key_id)
        self.points = set(re.findall(r"URI:(\S+)", shown))


class Crl:
    def __init__(self, der, origin, folder):
        self.der, self.origin = der, origin
        number = len(list(folder.iterdir()))
        self.path = folder / f"{number}.pem"
        self.path.write_text(pem(der, "X509 CRL"))
        self.shown = call("openssl", "crl", "-in", self.path, "-noout", "-text", "-issuer", "-nameopt", "RFC2253").stdout
        self.issuer = re.search(r"^issuer=(.*)$", self.shown, re.MULTILINE).group(1)
        self.issuer_id = self.one(r"Authority Key Identifier:[^\n]*\n\s*(?:keyid:)?([0-9A-F:]+)")
        self.number = int(self.one(r"X509v3 CRL Number:[^\n]*\n\s*(\d+|0x[0-9A-F]+)"), 0)
        base = self.one(r"Delta CRL Indicator:[^\n]*\n\s*(\d+|0x[0-9A-F]+)")
        self.base = int(base, 0) if base else None
        self.scope = points(self.shown, "Issuing Distribution Point")
        self.is_scoped = "Issuing Distribution Point" in self.shown
        self.has_pointer = "Freshest CRL" in self.shown
        self.kind = "delta" if base else "partition" if self.scope else "scoped" if self.is_scoped else "full"
        self.entries = {serial.lower().lstrip("0") for serial in re.findall(r"Serial Number: ([0-9A-F]+)", self.shown)}
        self.at = self.second_of_validity()

    def one(self, pattern):
        found = re.search(pattern, self.shown)
        return found.group(1) if found else ""

    def second_of_validity(self):
        """None while it is valid, else a second at which it was or will be."""
        begins, ends = (calendar.timegm(time.strptime(self.one(rf"{name} Update: (.*)"), DATE)) for name in ("Last", "Next"))
        return None if begins <= time.time() < ends else begins + 60


def spread(things):
    """At most so many of them, with the first and the last."""
    if len(things) <= MANY:
        return things
    return [things[at * (len(things) - 1) // (MANY - 1)] for at in range(MANY)]


def certificates(folders, work):
    """All certificates once; of a folder with many the first and the last file, of a file with many some."""
    found = {}
    for folder in map(pathlib.Path, folders):
        batches = [sorted(path for path in batch.rglob("*") if path.is_file()) for batch in folder.glob("certificates/*/")]
        some = [path for batch in batches for path in batch[:1] + batch[-1:]]
        for path in sorted([*folder.glob("certificates/*.*"), *folder.glob("inputs/*.der"), *some]):
            if path.name.startswith("recorder") or path.suffix not in (".pem", ".der", ".cer"):
                continue
            ders = [path.read_bytes()] if path.suffix != ".pem" else \
                [base64.b64decode(body) for body in PEM.findall(path.read_text())]
            for der in spread(ders):
                if call("openssl", "x509", "-inform", "DER", "-in", write(work / "look.der", der), "-noout").returncode == 0:
                    found.setdefault(der, f"{folder.name}/{path.name}")
    (work / "all").mkdir()
    return [Certificate(der, origin, work / "all") for der, origin in found.items()]


def crls(folders, work):
    """All CRLs once."""
    found = {}
    for folder in map(pathlib.Path, folders):
        for path in sorted(folder.glob("crls/*.der")):
            found.setdefault(path.read_bytes(), f"{folder.name}/{path.name}")
    (work / "crls").mkdir()
    return [Crl(der, origin, work / "crls") for der, origin in found.items()]


def chain_of(certificate, everything):
    """From the certificate's issuer to a root; None where its issuer is not there."""
    chain = []
    while not certificate.is_root:
        above = [other for other in everything if other.is_ca and other.subject == certificate.issuer
                 and (certificate.issuer_id in ("", other.key_id)) and other not in chain and other is not certificate]
        above.sort(key=lambda other: not other.is_root)
        if not above:
            return None
        certificate = above[0]
        chain.append(certificate)
    return chain


def has(*programs):
    return all(shutil.which(program) for program in programs)
