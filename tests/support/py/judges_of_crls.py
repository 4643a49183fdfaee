# SPDX-License-Identifier: Apache-2.0
"""Programs that are not ours, asked about CRLs: each takes a whole one and refuses it with its signature spoilt, calls a
certificate that is listed revoked and another one good. What a judge cannot do with a kind of CRL stands in its row and is
tried, too: a judge that learns it is a fault here, so that the row is changed."""
import collections
import pathlib
import re
import shutil
import subprocess

from judged import Crl, call, has, joined, spoilt
from judges_of_chains import nss_database

SUPPORT = pathlib.Path(__file__).resolve().parents[1]
TAKEN, GOOD, REVOKED = "taken", "good", "revoked"

# What a judge does with a kind of CRL. Anything but READS is a limit of the judge, and is tried.
READS = "reads it"
ALONE = "takes it for a full one: asked by its own entries, the list before left away"
PASSES_OVER = "judges its signature, and answers nothing by it"
REFUSES = "does not read it"


class Case:
    """A certificate and the CRLs it is judged by, the one in question last. chain: its issuers, the root last."""

    def __init__(self, certificate, chain, lists, work):
        self.certificate, self.chain, self.lists, self.work = certificate, chain, lists, work
        self.at = lists[-1].at

    def file(self, things):
        return joined(self.work / "things.pem", things)

    def between(self):
        return joined(self.work / "between.pem", self.chain[:-1])

    def list_file(self):
        return joined(self.work / "lists.pem", self.lists)


def text_of(result):
    return " ".join((result.stdout + result.stderr).split())[-300:]


# --- signatures: TAKEN, or what was said ---

def openssl_signature(crl, issuer, _work):
    result = call("openssl", "crl", "-in", crl.path, "-CAfile", issuer.path, "-noout", at=crl.at)
    return TAKEN if "verify OK" in result.stderr else text_of(result)


def gnutls_signature(crl, issuer, _work):
    result = call("certtool", "--verify-crl", "--load-ca-certificate", issuer.path, "--infile", crl.path, at=crl.at)
    return TAKEN if "Verification output: Verified" in result.stdout else text_of(result)


def driver_signature(*command):
    def ask(crl, issuer, work):
        result = call(work / command[0], *command[1:], issuer.path, crl.path) if len(command) == 1 else \
            call(*command[:-1], work, command[-1], issuer.path, crl.path)
        return TAKEN if result.returncode == 0 else text_of(result)
    return ask


def nss_import(crl, database, work):
    der = work / "crl.der"
    der.write_bytes(crl.der)
    return call("crlutil", "-I", "-i", der, "-d", database, at=crl.at)


def nss_signature(crl, issuer, work):
    database = nss_database(work / "nss", [issuer])
    result = nss_import(crl, database, work)
    return TAKEN if result.returncode == 0 else text_of(result)


# --- status: GOOD, REVOKED, or what was said ---

def openssl_status(case):
    words = ["-untrusted", case.between()] if case.chain[:-1] else []
    words += ["-extended_crl"] if case.lists[-1].is_scoped else []
    words += ["-extended_crl", "-use_deltas"] if len(case.lists) > 1 else []
    result = call("openssl", "verify", "-x509_strict", "-crl_check", *words, "-CAfile", case.chain[-1].path, "-CRLfile",
                  case.list_file(), case.certificate.path, at=case.at)
    if result.returncode == 0:
        return GOOD
    return REVOKED if "error 23 at 0 depth" in result.stderr else text_of(result)


def gnutls_status(case):
    whole = case.file([case.certificate, *case.chain[:-1]])
    result = call("certtool", "--verify", "--load-ca-certificate", case.chain[-1].path, "--load-crl", case.list_file(),
                  "--infile", whole, at=case.at)
    said = re.findall(r"verification output: (.*)", result.stdout)[-1:]
    if result.returncode == 0 and said and said[0].startswith("Verified."):
        return GOOD
    return REVOKED if said and "The certificate chain is revoked" in said[0] else text_of(result)


def driver_status(*command):
    def ask(case):
        path = case.file([case.certificate, *case.chain[:-1]])
        program = [case.work / command[0]] if len(command) == 1 else [*command[:-1], case.work, command[-1]]
        result = call(*program, case.chain[-1].path, path, case.list_file(), at=case.at)
        return result.stdout.strip() if result.returncode == 0 else text_of(result)
    return ask


def nss_status(case):
    database = nss_database(case.work / "nss", case.chain)
    for crl in case.lists:
        result = nss_import(crl, database, case.work)
        if result.returncode != 0:
            return text_of(result)
    between = [word for one in case.chain[:-1] for word in ("-a", one.path)]
    result = call("vfychain", "-d", database, "-pp", "-u", "3" if case.certificate.is_ca else "0", "-g", "leaf", "-m", "crl",
                  "-s", "requireInfo", "-a", case.certificate.path, *between, "-t", "-a", case.chain[-1].path, at=case.at)
    said = text_of(result)
    if result.returncode == 0 and "Chain is good!" in said:
        return GOOD
    return REVOKED if "Peer's Certificate has been revoked" in said else said


def strongswan_status(case):
    """Its answer about the certificate itself: what is said of the CAs above it comes after."""
    cas = [word for one in case.chain for word in ("--cacert", one.path)]
    lists = [word for crl in case.lists for word in ("--crl", crl.path)]
    result = call("pki", "--verify", "--in", case.certificate.path, *cas, *lists, at=case.at)
    own = (result.stdout + result.stderr).split("checking certificate status of")[1:2]
    if own and "certificate was revoked on" in own[0] and result.returncode != 0:
        return REVOKED
    good = own and "certificate status is good" in own[0] and result.returncode == 0
    return GOOD if good else text_of(result)


class Judge:
    """kinds: what it does with each kind. by_scope: it says nothing about a certificate by another one's partition.
    refuses: words with which it refuses what it does not read."""

    def __init__(self, name, programs, signature, status, kinds=None, by_scope=False, refuses=""):
        self.name, self.programs, self.signature, self.status = name, programs, signature, status
        self.kinds, self.by_scope, self.refuses = kinds or {}, by_scope, refuses

    def does(self, kind):
        return self.kinds.get(kind, READS)


JAVA = ("java", "-cp", "CrlCheck")
JUDGES = [
    Judge("OpenSSL", ["openssl"], openssl_signature, openssl_status, by_scope=True),
    Judge("GnuTLS", ["certtool"], gnutls_signature, gnutls_status, {"delta": ALONE}),
    Judge("Go", ["go"], driver_signature("go-crlcheck"), driver_status("go-crlcheck")),
    Judge("NSS", ["crlutil", "vfychain", "certutil"], nss_signature, nss_status, {"delta": REFUSES, "partition": REFUSES},
          refuses="SEC_ERROR_CRL_UNKNOWN_CRITICAL_EXTENSION"),
    Judge("Mbed TLS", ["cc"], driver_signature("mbedtls-crlcheck"), driver_status("mbedtls-crlcheck"),
          {"delta": REFUSES, "partition": REFUSES}, refuses="The extension tag or value is invalid"),
    Judge("Java", ["java", "javac"], driver_signature(*JAVA), driver_status(*JAVA), {"delta": PASSES_OVER}, by_scope=True),
    Judge("strongSwan", ["pki"], None, strongswan_status),
]


def build(work):
    """Our drivers for judges that are libraries; names of the judges whose library is missing."""
    missing = []
    if has("go"):
        subprocess.run(["go", "build", "-o", work / "go-crlcheck", "main.go"], check=True, cwd=SUPPORT / "go/crlcheck")
    if has("javac"):
        subprocess.run(["javac", "-d", work, SUPPORT / "java/CrlCheck.java"], check=True)
    if has("cc"):
        probe = work / "probe.c"
        probe.write_text("#include <mbedtls/x509_crl.h>\n")
        if call("cc", "-fsyntax-only", probe).returncode != 0:
            missing.append("Mbed TLS")
        else:
            subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", "-o", work / "mbedtls-crlcheck",
                            SUPPORT / "mbedtls/crlcheck.c", "-lmbedx509", "-lmbedcrypto"], check=True)
    return missing + [judge.name for judge in JUDGES if not has(*judge.programs)]


def base_of(delta, everything):
    """The list that a delta is read with: an older full one that says that there are deltas; None if there is none."""
    fitting = [crl for crl in everything if crl.kind == "full" and crl.issuer_id == delta.issuer_id and crl.has_pointer
               and delta.base <= crl.number < delta.number]
    return max(fitting, key=lambda crl: crl.number, default=None)


class Court:
    """All CRLs before one judge."""

    def __init__(self, judge, everything, below, work, faults):
        self.judge, self.everything, self.below, self.work, self.faults = judge, everything, below, work, faults
        self.counts = collections.Counter()
        (work / "bad").mkdir(exist_ok=True)

    def fault(self, crl, text):
        self.faults.append(f"{self.judge.name}: the CRL {crl.origin} {text}")

    def count(self, crl, what):
        self.counts[crl.kind, what] += 1

    def spoil(self, crl):
        for path in (self.work / "bad").iterdir():
            path.unlink()
        return Crl(spoilt(crl.der), crl.origin, self.work / "bad")

    def ask_signature(self, crl, issuer):
        said = self.judge.signature(crl, issuer, self.work)
        if self.judge.does(crl.kind) == REFUSES:
            if said == TAKEN or self.judge.refuses not in said:
                return self.fault(crl, f"is a {crl.kind}, which its row says it does not read, but: {said}")
            return self.count(crl, "refused")
        if said != TAKEN:
            return self.fault(crl, f"is not taken: {said}")
        if self.judge.signature(self.spoil(crl), issuer, self.work) == TAKEN:
            return self.fault(crl, "is taken with its signature spoilt")
        return self.count(crl, "whole and spoilt")

    def own(self, crl):
        """Certificates of the CRL's issuer, with their chains; those that it is not for."""
        of_issuer = [(one, chain) for one, chain in self.below if one.issuer_id == crl.issuer_id and one.issuer == crl.issuer]
        if not crl.scope:
            return of_issuer, []
        return ([pair for pair in of_issuer if pair[0].points & crl.scope],
                [pair for pair in of_issuer if not pair[0].points & crl.scope])

    def ask_status(self, crl):
        does = self.judge.does(crl.kind)
        if crl.kind == "scoped" or does == REFUSES:
            return
        base = base_of(crl, self.everything) if crl.kind == "delta" else None
        if crl.kind == "delta" and base is None and does != ALONE:
            return
        lists = [base, crl] if base is not None and does == READS else [crl]
        listed = set().union(*(one.entries for one in lists))
        own, others = self.own(crl)
        for one, chain in own:
            said = self.judge.status(Case(one, chain, lists, self.work))
            wanted = REVOKED if one.serial in listed else GOOD
            if does == PASSES_OVER and said in (GOOD, REVOKED):
                self.fault(crl, f"is a {crl.kind}, which its row says it passes over, but: {one.origin} is {said}")
            elif does != PASSES_OVER and said != wanted:
                self.fault(crl, f"makes {one.origin} ({one.serial}) {wanted}, and not: {said}")
            else:
                self.count(crl, "no answer" if does == PASSES_OVER else wanted)
        for one, chain in others[:1]:
            said = self.judge.status(Case(one, chain, lists, self.work))
            if self.judge.by_scope == (said in (GOOD, REVOKED)):
                self.fault(crl, f"is another partition than that of {one.origin}, which is {said}")
            else:
                self.count(crl, "not its partition" if self.judge.by_scope else "another partition, taken")
        if self.judge.signature is None:
            self.ask_spoilt(crl, base, own or others)

    def ask_spoilt(self, crl, base, pairs):
        """A judge that has no command for CRLs alone gives no answer by a spoilt one; by a spoilt delta none but that of the
        list before, so a certificate is asked about that the delta alone revokes."""
        if base is not None:
            pairs = [pair for pair in pairs if pair[0].serial in crl.entries - base.entries]
        if not pairs:
            self.count(crl, "not asked spoilt, for want of a certificate")
            return
        one, chain = pairs[0]
        lists = [self.spoil(crl)] if base is None else [base, self.spoil(crl)]
        said = self.judge.status(Case(one, chain, lists, self.work))
        if said == REVOKED or (said == GOOD and base is None):
            self.fault(crl, f"makes {one.origin} {said} with its signature spoilt")
        else:
            self.count(crl, "spoilt")

    def hear(self, crl, cas):
        issuer = next((one for one in cas if one.subject == crl.issuer and one.key_id == crl.issuer_id), None)
        if issuer is None:
            self.fault(crl, "has no issuer in the evidence")
            return
        if self.judge.signature is not None:
            self.ask_signature(crl, issuer)
        self.ask_status(crl)

    def tell(self):
        for kind in ("full", "delta", "partition", "scoped"):
            counted = [f"{number} {what}" for (one, what), number in self.counts.items() if one == kind]
            does = self.judge.does(kind)
            if counted:
                print(f"  {self.judge.name:14} {kind:10} {', '.join(counted)}{'' if does == READS else f' ({does})'}")


def judge(everything, certificates, below, work, faults):
    """Every judge about each CRL; names of the judges that are missing."""
    missing = build(work)
    now = [crl for crl in everything if crl.at is None or shutil.which("faketime")]
    if len(now) < len(everything):
        missing.append(f"faketime (for {len(everything) - len(now)} CRLs that are not valid today)")
    cas = [one for one in certificates if one.is_ca]
    for each in JUDGES:
        if each.name in missing:
            continue
        court = Court(each, everything, below, work, faults)
        for crl in now:
            court.hear(crl, cas)
        court.tell()
    return missing
