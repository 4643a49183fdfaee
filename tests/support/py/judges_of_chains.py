# SPDX-License-Identifier: Apache-2.0
"""Programs that are not ours, asked about chains: whether one takes the certificate at `path` below `chain`, the root last."""
import shutil

from judged import call, has, joined, pem, spoilt, write


def openssl(path, chain, _certificate, work):
    words = ["-untrusted", joined(work / "between.pem", chain[:-1])] if chain[:-1] else []
    return call("openssl", "verify", "-x509_strict", "-CAfile", chain[-1].path, *words, path)


def gnutls(path, chain, _certificate, work):
    whole = write(work / "whole.pem", path.read_bytes() + b"".join(one.path.read_bytes() for one in chain[:-1]))
    return call("certtool", "--verify", "--load-ca-certificate", chain[-1].path, "--infile", whole)


def go(path, chain, _certificate, work):
    return call(work / "chaincheck", chain[-1].path, joined(work / "between.pem", chain[:-1]), path)


def nss_database(folder, chain):
    """A fresh database that trusts the root and knows the CAs between."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    database = f"sql:{folder}"
    call("certutil", "-N", "-d", database, "--empty-password")
    call("certutil", "-A", "-d", database, "-n", "root", "-t", "CT,C,C", "-a", "-i", chain[-1].path)
    for number, one in enumerate(chain[:-1]):
        call("certutil", "-A", "-d", database, "-n", f"between {number}", "-t", ",,", "-a", "-i", one.path)
    return database


def nss(path, chain, certificate, work):
    database = nss_database(work / "nss", chain)
    added = call("certutil", "-A", "-d", database, "-n", "own", "-t", ",,", "-a", "-i", path)
    if added.returncode != 0:
        return added
    return call("certutil", "-V", "-e", "-d", database, "-n", "own", "-u", "L" if certificate.is_ca else "C")


def nss_vfychain(path, chain, certificate, work):
    if not (work / "empty").exists():
        (work / "empty").mkdir()
        call("certutil", "-N", "-d", f"sql:{work / 'empty'}", "--empty-password")
    between = [word for one in chain[:-1] for word in ("-a", one.path)]
    return call("vfychain", "-d", f"sql:{work / 'empty'}", "-pp", "-u", "3" if certificate.is_ca else "0", "-a", path, *between,
                "-t", "-a", chain[-1].path)


def strongswan(path, chain, _certificate, _work):
    return call("pki", "--verify", "--in", path, *[word for one in chain for word in ("--cacert", one.path)])


JUDGES = [("OpenSSL", openssl, ["openssl"]), ("GnuTLS", gnutls, ["certtool"]), ("Go", go, ["go"]),
          ("NSS certutil", nss, ["certutil"]), ("NSS vfychain", nss_vfychain, ["vfychain", "certutil"]),
          ("strongSwan", strongswan, ["pki"])]


def judge(below, work, faults):
    """Every judge about each (certificate, chain); names of the judges that are missing."""
    missing = []
    for name, ask, programs in JUDGES:
        if not has(*programs):
            missing.append(name)
            continue
        for one, chain in below:
            taken = ask(one.path, chain, one, work)
            if taken.returncode != 0:
                faults.append(f"{name}: {one.origin}: {(taken.stdout + taken.stderr).strip()[-300:]}")
            bad = write(work / "spoilt.pem", pem(spoilt(one.der)).encode())
            if ask(bad, chain, one, work).returncode == 0:
                faults.append(f"{name}: {one.origin} is taken with its signature spoilt")
        print(f"  {name:14} {len(below)} chains, each whole and spoilt")
    return missing
