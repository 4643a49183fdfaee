#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""CRLs of 10,000 to a million entries (5 M with --large): ours from the ledger, beside a bare sorted SELECT of the
same rows, sha256sum of the same bytes, `openssl ca -gencrl`, GnuTLS and Go on the same list; and that openssl, GnuTLS and
Go accept ours. CPU time and peak memory, since the machine may have other work.

usage: crl_bench.py [--counts 10000,100000,1000000] [--runs N] [--large]
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(os.environ.get("SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ.get("BUILD_DIR", SOURCE / "build"))
BENCH = BUILD / "tests" / "crl_bench"
GNUTLS = SOURCE / "tests/bench/gnutls_crl.py"
GNUTLS_MOST = 20000  # its library reads and makes a list in time that grows with the square
CONFIG = "[ca]\ndefault_ca=c\n[c]\ndatabase={0}/index\ncrlnumber={0}/number\ncertificate={0}/issuer.pem\n" \
         "private_key={0}/issuer.key\ndefault_md=sha256\ndefault_crl_days=7\ncrl_extensions=e\n[e]\n" \
         "authorityKeyIdentifier=keyid\n"


def measure(*words, **options):
    """CPU seconds and peak KiB of a child, and what it said."""
    code = ("import resource,subprocess,sys\nr=subprocess.run(sys.argv[1:])\n"
            "u=resource.getrusage(resource.RUSAGE_CHILDREN)\n"
            "print('\\n@', u.ru_utime+u.ru_stime, u.ru_maxrss)\nsys.exit(r.returncode)")
    result = subprocess.run([sys.executable, "-c", code, *map(str, words)], text=True, capture_output=True,
                            check=False, **options)
    if result.returncode != 0:
        raise SystemExit(f"{words}: {result.stdout}{result.stderr}")
    said, numbers = result.stdout.rsplit("\n@", 1)
    cpu, kib = numbers.split()
    return float(cpu), int(kib), said + result.stderr


def index_of(folder, crl):
    """openssl's index of the same entries."""
    text = subprocess.run(["openssl", "crl", "-inform", "DER", "-in", crl, "-noout", "-text"], text=True,
                          capture_output=True, check=True).stdout
    serials = [line.split()[-1] for line in text.splitlines() if "Serial Number:" in line]
    with open(folder / "index", "w", encoding="ascii") as out:
        for number, serial in enumerate(serials):
            out.write(f"R\t350101000000Z\t260101000000Z,superseded\t{serial}\tunknown\t/CN={number}\n")
    (folder / "number").write_text("01\n")
    (folder / "config").write_text(CONFIG.format(folder))
    return len(serials)


def row(count, runs, peers):
    found = {}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([BENCH, "make", folder, str(count)], check=True)
        ours = folder / "crl.der"
        selects, signs = [], []
        for _ in range(runs):
            selects.append(json.loads(measure(BENCH, "select", folder)[2]))
            signs.append(json.loads(measure(BENCH, "sign", folder, ours)[2]))
        found["select"] = statistics.median(one["cpu"] for one in selects) / 1e3, selects[0]["kib"]
        found["ours"] = statistics.median(one["cpu"] for one in signs) / 1e3, max(one["kib"] for one in signs)
        found["sha256sum"] = measure("sha256sum", ours)[:2]
        subprocess.run(["openssl", "x509", "-inform", "DER", "-in", folder / "issuer.der", "-out",
                        folder / "issuer.pem"], check=True)
        said = measure("openssl", "crl", "-inform", "DER", "-in", ours, "-CAfile", folder / "issuer.pem", "-noout")
        assert "verify OK" in said[2], said
        if peers:
            found.update(judge(folder, ours, count))
            assert index_of(folder, ours) == count
            found.update(makers(folder, count))
    return found


def build_go(folder, name):
    env = {**os.environ, "GO111MODULE": "off", "GOFLAGS": "-mod=mod", "GOPROXY": "off",
           "GOCACHE": str(folder / "gocache"), "GOPATH": str(folder / "gopath")}
    subprocess.run(["go", "build", "-o", folder / name, "main.go"], check=True, env=env,
                   cwd=SOURCE / "tests/support/go" / name)
    return folder / name


def judge(folder, ours, count):
    """Who accepts ours, and in what time."""
    found = {}
    pem = folder / "crl.pem"
    subprocess.run(["openssl", "crl", "-inform", "DER", "-in", ours, "-out", pem], check=True)
    if count <= GNUTLS_MOST:
        *found["GnuTLS reads ours"], said = measure(GNUTLS, "judge", folder / "issuer.der", ours)
        assert f"accepted, {count} revoked" in said, said
    *found["Go reads ours"], said = measure(build_go(folder, "x509check"), folder / "issuer.pem", pem)
    assert f"{count} revoked" in said, said[-300:]
    return found


def makers(folder, count):
    """The same list made by others; each of theirs is verified by openssl."""
    found = {"openssl ca": measure("openssl", "ca", "-config", folder / "config", "-gencrl", "-out",
                                   folder / "peer.pem")[:2]}
    go = build_go(folder, "crlmake")
    found["Go"] = measure(go, folder / "issuer.pem", folder / "issuer.key", folder / "index", folder / "go.der")[:2]
    others = ["go.der"]
    if count <= GNUTLS_MOST:
        found["GnuTLS"] = measure(GNUTLS, "make", folder / "issuer.der", folder / "issuer.key", folder / "index",
                                  folder / "gnutls.der")[:2]
        others.append("gnutls.der")
    for name in others:
        said = measure("openssl", "crl", "-inform", "DER", "-in", folder / name, "-CAfile", folder / "issuer.pem",
                       "-noout")[2]
        assert "verify OK" in said, (name, said)
    return found


def without_reasons(count):
    """Entries without extensions, which GnuTLS reads in time that grows with their number: it, openssl and Go."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([BENCH, "make", folder, str(count), "no-reasons"], check=True)
        ours = folder / "crl.der"
        measure(BENCH, "sign", folder, ours)
        found = {"no reasons: openssl": None, "no reasons: GnuTLS": None, "no reasons: Go": None}
        subprocess.run(["openssl", "x509", "-inform", "DER", "-in", folder / "issuer.der", "-out",
                        folder / "issuer.pem"], check=True)
        *found["no reasons: openssl"], said = measure("openssl", "crl", "-inform", "DER", "-in", ours, "-CAfile",
                                                      folder / "issuer.pem", "-noout")
        assert "verify OK" in said, said
        *found["no reasons: GnuTLS"], said = measure(GNUTLS, "judge", folder / "issuer.der", ours)
        assert f"accepted, {count} revoked" in said, said
        subprocess.run(["openssl", "crl", "-inform", "DER", "-in", ours, "-out", folder / "crl.pem"], check=True)
        *found["no reasons: Go"], said = measure(build_go(folder, "x509check"), folder / "issuer.pem", folder / "crl.pem")
        assert f"{count} revoked" in said, said[-300:]
        return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--counts", default="10000,100000,1000000")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--no-reasons", action="store_true")
    options = parser.parse_args()
    counts = [int(count) for count in options.counts.split(",")] + ([5000000] if options.large else [])
    print("| entries | what | CPU s | peak MiB |\n|---|---|---|---|")
    for count in counts:
        for what, (cpu, kib) in row(count, options.runs, not options.no_peers and count <= 1000000).items():
            print(f"| {count} | {what} | {cpu:.2f} | {kib / 1024:.0f} |", flush=True)
    for count in counts if options.no_reasons else []:
        for what, (cpu, kib) in without_reasons(count).items():
            print(f"| {count} | {what} | {cpu:.2f} | {kib / 1024:.0f} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
