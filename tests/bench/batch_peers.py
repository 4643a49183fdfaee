# SPDX-License-Identifier: Apache-2.0
"""Other programs that sign requests, measured for batch_bench.py: each a row of (name, microseconds of CPU time for one
certificate), or (name, None) where the program is missing. All of them check possession, as a CA must."""
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"
ENGINE = pathlib.Path("/usr/lib/x86_64-linux-gnu/engines-3/pkcs11.so")
GOCODE = pathlib.Path("/usr/share/gocode")
PIN = "user-pin-1"
KEY = f"pkcs11:token=Issuing;object=issuing;type=private;pin-value={PIN}"
CONFIGURATION = """
[ca]
default_ca = this
[this]
database = {folder}/index.txt
new_certs_dir = {folder}/certs
serial = {folder}/serial
certificate = {folder}/issuer.pem
default_md = sha256
default_days = 3650
policy = any
unique_subject = no
x509_extensions = device
[any]
serialNumber = supplied
[device]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[req]
distinguished_name = none
[none]
"""
TEMPLATE = 'serial = 5\nexpiration_days = 3650\nsigning_key\ncn = "device"\n'


class Home:
    """A folder with requests, a file key and its certificate, and the certificate of the token's key."""

    def __init__(self, folder, token, count):
        self.folder, self.token, self.count = folder, token, count
        for name in ("certs", "requests"):
            (folder / name).mkdir(parents=True)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "3650", "-subj", "/O=Example/CN=Issuing CA", "-keyout", folder / "key.pem", "-out",
                        folder / "file.pem"], check=True, stderr=subprocess.DEVNULL)
        subprocess.run(["openssl", "x509", "-inform", "DER", "-in", token.work / "issuer.der", "-out",
                        folder / "token.pem"], check=True)
        (folder / "openssl.cnf").write_text(CONFIGURATION.format(folder=folder))
        (folder / "template").write_text(TEMPLATE)
        rows = subprocess.run([HERE.parents[1] / "scripts/dev/make-requests", str(count)], check=True,
                              capture_output=True, text=True).stdout.splitlines()
        self.names = []
        for number, row in enumerate(rows):
            body = json.loads(row)["request"]
            self.names.append(folder / "requests" / f"{number}.pem")
            self.names[-1].write_text("-----BEGIN CERTIFICATE REQUEST-----\n"
                                      + "\n".join(body[i:i + 64] for i in range(0, len(body), 64))
                                      + "\n-----END CERTIFICATE REQUEST-----\n")

    def cost(self, command, count, output=subprocess.DEVNULL):
        """For one certificate: CPU time of a child and its children, and time by the clock, in microseconds."""
        began = time.monotonic()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        result = subprocess.run(command, stdout=output, stderr=subprocess.PIPE, text=True, check=False,
                                env={**self.token.env, "PKCS11_MODULE_PATH": SOFTHSM, "GNUTLS_PIN": PIN})
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if result.returncode != 0:
            sys.exit(f"{command[0]}: {result.stderr[-500:]}")
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return seconds / count * 1e6, (time.monotonic() - began) / count * 1e6


def openssl_ca(home, key):
    (home.folder / "index.txt").write_text("")
    (home.folder / "serial").write_text("01\n")
    (home.folder / "issuer.pem").write_bytes((home.folder / f"{key}.pem").read_bytes())
    words = ["-keyfile", home.folder / "key.pem"] if key == "file" else ["-engine", "pkcs11", "-keyform", "engine",
                                                                       "-keyfile", KEY]
    cost = home.cost(["openssl", "ca", "-batch", "-notext", "-config", home.folder / "openssl.cnf", *words, "-subj",
                      "/serialNumber=1", "-infiles", *home.names], home.count)
    if len(list((home.folder / "certs").glob("*.pem"))) != home.count:
        sys.exit("openssl ca did not sign all")
    return cost


def certtool(home, key):
    """One process a request: it takes no more."""
    some = home.names[:20]
    words = (["--load-ca-privkey", home.folder / "key.pem"] if key == "file"
             else ["--provider", SOFTHSM, "--load-ca-privkey", KEY])
    costs = [home.cost(["certtool", "--generate-certificate", "--load-request", name,
                                      "--load-ca-certificate", home.folder / f"{key}.pem", "--template",
                                      home.folder / "template", *words], 1) for name in some]
    return tuple(statistics.mean(column) for column in zip(*costs))


def go(home, key):
    program = home.folder / "batchpeer"
    if not program.exists():
        subprocess.run(["go", "build", "-o", program, HERE / "go/batchpeer/main.go"], check=True,
                       env={**os.environ, "GO111MODULE": "off", "GOPATH": str(GOCODE), "GOFLAGS": "",
                            "GOCACHE": str(home.folder / "cache")})
    words = [home.folder / "key.pem"] if key == "file" else [SOFTHSM, PIN]
    with open(home.folder / "out.pem", "w", encoding="ascii") as out:
        cost = home.cost([program, home.folder / f"{key}.pem", home.folder / "requests", "2", *words], home.count, out)
    if (home.folder / "out.pem").read_text().count("BEGIN CERTIFICATE") != home.count:
        sys.exit("batchpeer did not sign all")
    return cost


PEERS = [
    ("`openssl ca -infiles`, token through the engine", openssl_ca, "token", lambda: ENGINE.exists()),
    ("`openssl ca -infiles`, file key", openssl_ca, "file", lambda: True),
    ("`certtool`, token, a process a request", certtool, "token", lambda: shutil.which("certtool")),
    ("`certtool`, file key, a process a request", certtool, "file", lambda: shutil.which("certtool")),
    ("Go `crypto/x509` over PKCS#11, two workers", go, "token",
     lambda: shutil.which("go") and (GOCODE / "src/github.com/miekg/pkcs11").exists()),
    ("Go `crypto/x509`, file key, two workers", go, "file",
     lambda: shutil.which("go") and (GOCODE / "src/github.com/miekg/pkcs11").exists()),
]


def measure(folder, token, count, rounds):
    """A P-256 key on the token `token`; medians (CPU time, by the clock) over the rounds, the programs by turns in each."""
    home = Home(folder, token, count)
    found = {name: [] for name, *_ in PEERS}
    for _ in range(rounds):
        for name, run, key, there in PEERS:
            if there():
                for path in (home.folder / "certs").glob("*"):
                    path.unlink()
                found[name].append(run(home, key))
    return [(name, tuple(statistics.median(column) for column in zip(*costs)) if costs else None)
            for name, costs in found.items()]
