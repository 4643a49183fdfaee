#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The evidence of a ceremony before programs that are not ours: OpenSSL, coreutils, GnuTLS, Go. Every
command of VERIFY.txt as it stands; several key types; everybody or nobody with a certificate."""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support/py"))
import rehearsal as r  # noqa: E402

# What each certifies or lists: how many objects VERIFY.txt has commands for.
LATER = {"intermediate-ca": 2, "subordinate-sign": 1, "subordinate-import": 2, "cross-certificate": 1, "rollover": 4, "seed-key": 1,
         "crl-batch": 18, "indirect-crl": 2, "release-crl": 1, "root-crl-series": 1}
OF_AN_OBJECT = ("openssl verify", "openssl crl ")
KEY_TYPES = {"ec-p256": "id-ecPublicKey", "ec-p521": "id-ecPublicKey", "rsa-3072": "rsaEncryption"}


def call(*command, folder=None, text_in=None):
    return subprocess.run([str(word) for word in command], cwd=folder, text=True, input=text_in,
                          capture_output=True, check=False)


def must(what, result, *words):
    said = result.stdout + result.stderr
    if result.returncode != 0 or any(word not in said for word in words):
        raise r.Broken(f"{what}: status {result.returncode}: {said[-500:]}")


def verify_commands(evidence):
    lines = (evidence / "VERIFY.txt").read_text().splitlines()
    return [line[2:] for line in lines if line.startswith("$ ")]


def run_commands(evidence):
    """Those that failed."""
    return [line for line in verify_commands(evidence)
            if call("sh", "-c", line, folder=evidence).returncode != 0]


def ask_openssl(evidence):
    root = evidence / "certificates/PRACTICE-root.pem"
    must("openssl verify", call("openssl", "verify", "-x509_strict", "-check_ss_sig", "-CAfile",
                                root, root), ": OK")
    for crl in evidence.glob("crls/*.pem"):
        must("openssl crl", call("openssl", "crl", "-in", crl, "-CAfile", root, "-noout"),
             "verify OK")
    for name in ("PRACTICE-root", "recorder"):
        must("openssl x509", call("openssl", "x509", "-in", evidence / f"certificates/{name}.pem",
                                  "-noout", "-subject"), "PRACTICE")
    must("sha256sum", call("sha256sum", "--strict", "-c", "SHA256SUMS", folder=evidence), ": OK")
    listed = {line.split(maxsplit=1)[1].lstrip("*")
              for line in (evidence / "SHA256SUMS").read_text().splitlines()}
    there = {str(path.relative_to(evidence)) for path in evidence.rglob("*") if path.is_file()}
    unlisted = {name for name in there - listed if not name.startswith(("SHA256SUMS",))}
    if not unlisted <= {"custodians.p7s"}:
        raise r.Broken(f"files that SHA256SUMS does not name: {sorted(unlisted)}")
    must("DER and PEM", call("openssl", "x509", "-in", root, "-outform", "DER", "-out",
                             evidence.parent / "again.der"))
    if (evidence.parent / "again.der").read_bytes() != \
            (evidence / "certificates/PRACTICE-root.der").read_bytes():
        raise r.Broken("the DER and the PEM of the root differ")


def ask_gnutls(evidence):
    root = evidence / "certificates/PRACTICE-root.pem"
    must("certtool --verify", call("certtool", "--verify", "--load-ca-certificate", root, "--infile",
                                   root), "Chain verification output: Verified")
    for crl in evidence.glob("crls/*.pem"):
        must("certtool --verify-crl", call("certtool", "--verify-crl", "--load-ca-certificate", root,
                                           "--infile", crl), "Verification output: Verified")


def ask_go(program, evidence):
    must("Go", call(program, evidence / "certificates/PRACTICE-root.pem",
                    *sorted(evidence.glob("crls/*.pem"))))


def judge(one, go_program):
    """Everybody's opinion of a finished ceremony."""
    r.check_finished(one)
    failed = run_commands(one.evidence)
    if failed:
        raise r.Broken(f"VERIFY.txt: {failed}")
    ask_openssl(one.evidence)
    ask_gnutls(one.evidence)
    ask_go(go_program, one.evidence)
    check = call(r.AUDIT, "verify", one.evidence, "--trust", one.folder / "trust")
    must("ceremony-audit", check)


def finish(one):
    result = one.run()
    if result.returncode != 0:
        raise r.Broken(f"the ceremony failed: {result.stderr[-500:]}")


def own_script(one, key_type):
    scripts = one.folder / "scripts"
    shutil.copytree(r.SOURCE / "scripts/profiles", scripts / "profiles")
    text = one.script.read_text()
    if "type: ec-p384" not in text:
        raise r.Broken("the script's key type is not where it was")
    one.script = scripts / "root-ca.yaml"
    one.script.write_text(text.replace("type: ec-p384", f"type: {key_type}"))


def of_key_type(key_type, go_program):
    with r.Rehearsal() as one:
        own_script(one, key_type)
        finish(one)
        judge(one, go_program)
        shown = call("openssl", "x509", "-in", one.evidence / "certificates/PRACTICE-root.pem",
                     "-noout", "-text")
        must(key_type, shown, KEY_TYPES[key_type])


def wet_ink_only(go_program):
    with r.Rehearsal() as one:
        for name in ("roster.yaml", "custody.yaml"):
            path = one.site / name
            text = re.sub(r"    sign-off-(certificate|key): .*\n", "", path.read_text())
            path.write_text(text.replace("sign-off: certificate", "sign-off: wet-ink"))
        finish(one)
        judge(one, go_program)
        signers = [row["signer"] for row in one.records()[-1]["data"]["required_signers"]]
        if signers != ["recorder"]:
            raise r.Broken(f"required signers without certificates: {signers}")


def certificate_of(one, person):
    key = one.site / f"people/{person}.key"
    must("openssl req", call("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                             "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
                             f"/CN=PRACTICE {person}", "-keyout", key, "-out",
                             key.with_suffix(".pem")))


def all_certificates(go_program):
    with r.Rehearsal() as one:
        for name in ("roster.yaml", "custody.yaml"):
            path = one.site / name
            lines = []
            for line in path.read_text().splitlines(True):
                found = re.match(r"  - name: (.*)", line)
                person = found.group(1).lower().replace(" ", "-") if found else person_before(lines)
                if line.strip() == "sign-off: wet-ink":
                    certificate_of(one, person)
                    line = (f"    sign-off: certificate\n    sign-off-certificate: people/{person}.pem\n"
                            f"    sign-off-key: people/{person}.key\n")
                lines.append(line)
            path.write_text("".join(lines))
        finish(one)
        judge(one, go_program)
        signers = [row["signer"] for row in one.records()[-1]["data"]["required_signers"]]
        if len(signers) != 8:
            raise r.Broken(f"required signers, all with certificates: {signers}")


def person_before(lines):
    for line in reversed(lines):
        found = re.match(r"  - name: (.*)", line)
        if found:
            return found.group(1).lower().replace(" ", "-")
    return None


def change(path, old, new):
    data = path.read_bytes()
    at = data.index(old)
    path.write_bytes(data[:at] + new + data[at + len(old):])


def judges_can_say_no(go_program):
    """Each judge refuses what is wrong, so that its yes means something."""
    with r.Rehearsal() as one:
        finish(one)
        judge(one, go_program)
        spoilt = {
            "transcript.jsonl": ("rehearsal", "rehearsel", ("sha256sum", "want=$(printf")),
            "certificates/PRACTICE-root.pem": (None, None, ("sha256sum", "openssl verify")),
            "crls/PRACTICE-root-1.pem": (None, None, ("sha256sum", "openssl crl")),
            "SHA256SUMS": ("  VERIFY.txt", "  VERIFY.TXT", ("sha256sum", "openssl cms")),
        }
        for name, (old, new, commands) in spoilt.items():
            path = one.evidence / name
            good = path.read_bytes()
            if old is None:  # the last byte of the signature, in base64
                body = good.rindex(b"\n-----END")
                at = body - 8
                path.write_bytes(good[:at] + (b"A" if good[at:at + 1] != b"A" else b"B")
                                 + good[at + 1:])
            else:
                change(path, old.encode(), new.encode())
            failed = run_commands(one.evidence)
            for command in commands:
                if not any(command in line for line in failed):
                    raise r.Broken(f"{name} is spoilt, and \"{command}\" of VERIFY.txt ends with 0")
            for ask in ((ask_gnutls, one.evidence), (ask_go, go_program, one.evidence)):
                if name.endswith(".pem"):
                    must_refuse(name, *ask)
            path.write_bytes(good)
        spoil_checkpoint(one.evidence)
        if run_commands(one.evidence):
            raise r.Broken("what was mended is still refused")


def must_refuse(name, ask, *arguments):
    try:
        ask(*arguments)
    except r.Broken:
        return
    raise r.Broken(f"{name} is spoilt, and {ask.__name__} says yes")


def spoil(path):
    """Another signature: the last byte of the DER, or of what a PEM holds."""
    good = path.read_bytes()
    at = len(good) - 1 if path.suffix == ".der" else good.rindex(b"\n-----END") - 8
    other = bytes([good[at] ^ 1]) if path.suffix == ".der" else b"A" if good[at:at + 1] != b"A" else b"B"
    path.write_bytes(good[:at] + other + good[at + 1:])
    return good


def later(name):
    """Objects that a key of an earlier ceremony, or another CA, signed: the issuer's certificate lies in the folder."""
    with r.Rehearsal(name) as one:
        finish(one)
        commands = verify_commands(one.evidence)
        failed = run_commands(one.evidence)
        if failed:
            raise r.Broken(f"VERIFY.txt: {failed}")
        objects = [line for line in commands if any(tool in line for tool in OF_AN_OBJECT)]
        if len(objects) != LATER[name] or "not in this folder" in (one.evidence / "VERIFY.txt").read_text():
            raise r.Broken(f"VERIFY.txt has commands for {len(objects)} objects")
        for command in objects:
            file = re.search(r"-in (crls/\S+)|(certificates/\S+\.pem)$", command)
            path = one.evidence / (file.group(1) or file.group(2))
            good = spoil(path)
            if call("sh", "-c", command, folder=one.evidence).returncode == 0:
                raise r.Broken(f"{path.name} is spoilt, and its command ends with 0")
            path.write_bytes(good)
        (one.evidence / "crls").mkdir(exist_ok=True)
        (one.evidence / "crls" / "a file [.*").write_text("added")
        if len(run_commands(one.evidence)) != 1:
            raise r.Broken("a file that was not sealed is seen by no command")


def spoil_checkpoint(evidence):
    """A checkpoint's signature over another head: the command for checkpoints alone sees it."""
    path = evidence / "transcript.jsonl"
    good = path.read_bytes()
    line = next(line for line in good.split(b"\n")
                if b'"type":"checkpoint"' in line and b"ecdsa-sha256" in line)
    head = re.search(rb'"head":"([0-9a-f]+)"', line).group(1)
    path.write_bytes(good.replace(b'"head":"' + head, b'"head":"' + head[::-1]))
    if not any("checkpoint" in command for command in run_commands(evidence)):
        raise r.Broken("a checkpoint is spoilt, and its command ends with 0")
    path.write_bytes(good)


def build_go(folder):
    environment = {**os.environ, "GOCACHE": str(folder / "cache"), "GO111MODULE": "off",
                   "HOME": str(folder)}
    result = subprocess.run(["go", "build", "-o", str(folder / "x509check"), "main.go"],
                            cwd=r.SOURCE / "tests/support/go/x509check", env=environment, text=True,
                            capture_output=True, check=False)
    must("go build", result)
    return folder / "x509check"


def main():
    missing = [name for name in ("openssl", "certtool", "go", "sha256sum", "p11tool")
               if shutil.which(name) is None]
    missing += [str(path) for path in (r.CEREMONY, r.AUDIT) if not path.exists()]
    if missing:
        print(f"SKIPPED: not there: {', '.join(missing)}")
        return 77
    broken = 0
    with tempfile.TemporaryDirectory(prefix="judges-") as folder:
        go_program = build_go(pathlib.Path(folder))
        cases = {"judges can say no": lambda: judges_can_say_no(go_program),
                 "wet ink only": lambda: wet_ink_only(go_program),
                 "certificates only": lambda: all_certificates(go_program)}
        for key_type in KEY_TYPES:
            cases[key_type] = lambda kind=key_type: of_key_type(kind, go_program)
        for name in LATER:
            cases[name] = lambda name=name: later(name)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            pending = {name: pool.submit(case) for name, case in cases.items()}
            for name, future in pending.items():
                why = future.exception()
                if why is not None and not isinstance(why, r.Broken):
                    raise why
                broken += why is not None
                print(f"ok   {name}" if why is None else f"FAIL {name}: {why}", flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
