#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ceremonies that go on from earlier ones: a root, an intermediate and an issuing CA as one past, judged by
openssl; and what must be refused: another ledger, another certificate, a CA name used before, a
certificate that outlives its issuer or goes too deep (R29, R48, R51, R53, R102)."""
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support/py"))
import rehearsal as r  # noqa: E402

FAULTS = []


def check(good, text):
    if not good:
        FAULTS.append(text)
        print(f"FAULT: {text}", file=sys.stderr)


def verify(folders, trust):
    return subprocess.run([r.AUDIT, "verify", *folders, "--trust", trust], text=True,
                          capture_output=True, check=False)


def whole_past():
    """The chain of all rehearsals, and a folder left out, swapped, or of a fork."""
    with tempfile.TemporaryDirectory() as folder:
        result = subprocess.run([r.SOURCE / "scripts/rehearse", "all", "--no-build", "--headless", "--evidence",
                                 f"{folder}/all"], text=True, capture_output=True, check=False,
                                env={**os.environ, "BUILD_DIR": str(r.BUILD)})
        check(result.returncode == 0, f"rehearse all: {result.stdout} {result.stderr}")
        folders = sorted(pathlib.Path(folder, "all").iterdir())
        trust = f"{folder}/all.trust"
        result = verify(folders, trust)
        check(result.returncode == 0, f"the chain does not verify: {result.stdout}")
        result = subprocess.run([r.AUDIT, "verify", *folders[:2]], text=True, capture_output=True, check=False)
        check(result.returncode == 5 and "VERIFIED" not in result.stdout and result.stdout.count("ORIGIN NOT ESTABLISHED") == 3,
              f"a chain of unknown origin: {result.stdout}")
        result = verify([folders[0], folders[2]], trust)
        check(result.returncode == 4 and "is not given" in result.stdout, f"a folder left out: {result.stdout}")
        result = verify([folders[0], folders[1], folders[1]], trust)
        check(result.returncode == 4 and "twice" in result.stdout, f"a folder twice: {result.stdout}")
        chain(folders)
        levels(folders)
        fork(folders, trust)
        rebuilt(folder, folders)


def levels(folders):
    """The trust anchor is level 1, each certificate one below its issuer's."""
    found = []
    for folder in folders[:3]:
        records = [json.loads(line) for line in (folder / "transcript.jsonl").read_text().splitlines()]
        found += [record["data"]["level"] for record in records if "level" in record["data"]]
    check(found == [1, 2, 3], f"levels: {found}")


def chain(folders):
    """Each certificate by its issuer, as openssl sees it."""
    names = ["PRACTICE-root", "PRACTICE-subordinate-by-issuer", "PRACTICE-subordinate-by-issuer"]
    pems = [folders[i] / "certificates" / f"{name}.pem" for i, name in enumerate(names)]
    result = subprocess.run(["openssl", "verify", "-x509_strict", "-check_ss_sig", "-CAfile", pems[0], "-untrusted",
                             pems[1], pems[2]], text=True, capture_output=True, check=False)
    check(result.returncode == 0, f"openssl: {result.stdout} {result.stderr}")
    for i in (1, 2):
        crl = folders[i] / "crls" / "PRACTICE-subordinate-1.pem"
        result = subprocess.run(["openssl", "crl", "-in", crl, "-CAfile", pems[i], "-noout"], text=True,
                                capture_output=True, check=False)
        check("verify OK" in result.stderr, f"openssl crl: {result.stderr}")


def fork(folders, trust):
    """The same second level, held again by somebody who went back to the first ledger."""
    with r.Rehearsal("intermediate-ca") as one:
        result = one.run()
        check(result.returncode == 0, f"the fork was not held: {result.stderr}")
        result = verify([folders[0], one.evidence], trust)
        check(result.returncode == 4 and "a fork, or another CA" in result.stdout, f"a fork: {result.stdout}")


def rebuilt(folder, folders):
    """A lost ledger from the evidence folders: entry by entry the same, and a fork is not taken in."""
    site = pathlib.Path(folder, "site")
    site.mkdir()
    call = [r.CEREMONY, "ledger", "--site", site]
    given = [word for one in folders for word in ("--from", one)]
    rows = [path for one in folders for path in sorted((one / "rows").glob("*.jsonl"))]
    check(len(rows) > 0, "no ceremony revoked anything")
    with_other_rows(site, [*call, "rebuild", *given], rows[0])
    without_a_folder(site, call, folders)
    result = subprocess.run([*call, "rebuild", *given], text=True, capture_output=True, check=False)
    check(result.returncode == 0, f"rebuild: {result.stderr}")
    lines = subprocess.run([*call, "export"], text=True, capture_output=True, check=True).stdout
    last = (folders[-1] / "ledger.jsonl").read_text()
    check(lines.startswith(last) and lines.count("\n") == last.count("\n") + 1, "the rebuilt ledger is another one")
    ledger = sqlite3.connect(f"file:{site / 'ledger.db'}?mode=ro", uri=True)
    count = ledger.execute("SELECT count(*) FROM revocations").fetchone()[0]
    check(count == sum(path.read_text().count("\n") for path in rows), f"{count} revocations came back")
    result = subprocess.run([*call, "rebuild", *given], text=True, capture_output=True, check=False)
    check(result.returncode == 1 and "has a ledger already" in result.stderr, f"rebuild twice: {result.stderr}")
    with r.Rehearsal("restore-drill") as other:
        check(other.run().returncode == 0, "the other CA")
        (site / "ledger.db").unlink()
        result = subprocess.run([*call, "rebuild", *given, "--from", other.evidence], text=True,
                                capture_output=True, check=False)
        check(result.returncode == 1 and "does not go on" in result.stderr and not (site / "ledger.db").exists(),
              f"rebuild with a fork: {result.stderr}")


def without_a_folder(site, call, folders):
    """Nothing is missing in the archive unless it is said: each ceremony's folder is wanted, or its name as a lost one."""
    first, last = folders[0], folders[-1]
    name = json.loads((first / "transcript.jsonl").read_text().splitlines()[-1])["data"]["ceremony"]
    given = [word for one in folders if one != first for word in ("--from", one)]
    result = subprocess.run([*call, "rebuild", *given], text=True, capture_output=True, check=False)
    check(result.returncode == 1 and f"are not given: {name}." in result.stderr and not (site / "ledger.db").exists(),
          f"without the first folder: {result.returncode} {result.stderr}")
    result = subprocess.run([*call, "rebuild", "--from", last], text=True, capture_output=True, check=False)
    check(result.returncode == 1 and name in result.stderr, f"with the last folder alone: {result.stderr}")
    result = subprocess.run([*call, "rebuild", *given, "--lost", name], text=True, capture_output=True, check=False)
    check(result.returncode == 0 and f"Without {name}" in result.stdout, f"with a lost folder: {result.stdout} {result.stderr}")
    for path in (site / "ledger.db", site / "ledger.db-wal", site / "ledger.db-shm"):
        path.unlink(missing_ok=True)
    shutil.rmtree(site / "archive")


def with_other_rows(site, call, path):
    """Rows that are gone, too few, or others than were entered: no ledger is made."""
    text = path.read_text()
    for what, rows, says in (("gone", None, "its evidence folder has no file of them"), ("none", "", "0 are there"),
                             ("others", text.replace('"reason":', '"reason":1', 1), "was changed")):
        path.unlink()
        if rows is not None:
            path.write_text(rows)
        result = subprocess.run(call, text=True, capture_output=True, check=False)
        code = 1 if rows is None else 4
        check(result.returncode == code and says in " ".join(result.stderr.split())
              and not (site / "ledger.db").exists(), f"rows that are {what}: {result.stderr}")
        path.write_text(text)


def refused(name, one, *says, **options):
    """Refused with these words, nothing written, and no token touched."""
    before = sorted((path.name, path.read_bytes()) for path in (one.folder / "tokens").rglob("*.object"))
    result = one.run(**options)
    said = result.stdout + result.stderr
    check(result.returncode == 1, f"{name}: ended with {result.returncode}: {said}")
    for text in says:
        check(text in said, f"{name}: \"{text}\" is not said: {said}")
    after = sorted((path.name, path.read_bytes()) for path in (one.folder / "tokens").rglob("*.object"))
    check(before == after, f"{name}: a token was changed")


def archived(one, shelf):
    return sorted((one.site / "archive" / shelf).iterdir())


def unknown_label():
    with r.Rehearsal("intermediate-ca") as one:
        one.settings = ["--set", "issuer-label=rooot"]
        refused("an unknown label", one, "knows no key with the label \"PRACTICE-rooot\"")


def no_ledger():
    with r.Rehearsal("intermediate-ca") as one:
        (one.site / "ledger.db").unlink()
        refused("no ledger", one, "has no ledger")


def other_certificate():
    with r.Rehearsal("intermediate-ca") as one:
        path = archived(one, "certificates")[0]
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)
        refused("a changed certificate", one, "is not the one that the ledger names")
        path.unlink()
        refused("a missing certificate", one, "is not in the site's archive", "Copy it there")


def outlives_issuer():
    with r.Rehearsal("intermediate-ca") as one:
        script(one, "profiles/intermediate-private.yaml", "validity: {years: 15}", "validity: {years: 30}")
        refused("a subordinate that outlives its issuer", one, "outlive its issuer")


def too_deep():
    """Below a CA whose path length is 0 there is no further CA."""
    with r.Rehearsal("intermediate-ca") as one:
        script(one, "profiles/intermediate-private.yaml", "path-length: none", "path-length: 0")
        result = one.run()
        check(result.returncode == 0, f"an intermediate CA of path length 0: {result.stderr}")
        subprocess.run([r.SOURCE / "scripts/dev/make-site", "issuing-ca", one.folder], check=True)
        one.script = r.SOURCE / "scripts" / "issuing-ca.yaml"
        one.settings = ["--set", "issuer-label=intermediate-1"]
        one.evidence = one.folder / "below"
        refused("path length exceeded", one, "path length of 0")


def script(one, profile, old, new):
    """The script with its profiles in the rehearsal's own folder, one text of a profile changed."""
    copy = one.folder / "scripts"
    if not copy.exists():
        shutil.copytree(r.SOURCE / "scripts" / "profiles", copy / "profiles")
        shutil.copy(one.script, copy)
    one.script = copy / one.script.name
    path = copy / profile
    text = path.read_text()
    check(old in text, f"{profile} has no {old}")
    path.write_text(text.replace(old, new))


def has_key(one, label):
    """Whether another program finds the private key of that label on its token."""
    env = {**os.environ, "SOFTHSM2_CONF": str(one.folder / "softhsm2.conf")}
    result = subprocess.run(["p11tool", "--provider", "/usr/lib/softhsm/libsofthsm2.so", "--login", "--set-pin",
                             f"user-{label}-1", "--list-all", f"pkcs11:token=PRACTICE-{label}"], env=env,
                            text=True, capture_output=True, check=False)
    return f"object=PRACTICE-{label};type=private" in result.stdout


def used_name():
    with r.Rehearsal("issuing-ca") as one:
        one.settings += ["--set", "ca-name=Example Intermediate CA 1"]
        result = one.run()
        check(result.returncode == 3 and "was used before" in result.stderr, f"a CA name twice: {result.stderr}")
        check(not list(one.evidence.glob("certificates/*by*")), "a CA name twice: a certificate was written")
        result = one.abort()
        check(result.returncode == 0, f"a CA name twice: not aborted: {result.stderr}")
        check(has_key(one, "intermediate-1"), "an abort destroyed a key that was found")


def older_ledger():
    with r.Rehearsal("intermediate-ca") as one:
        old = (one.site / "ledger.db").read_bytes()
        result = one.run()
        check(result.returncode == 0, f"before the older ledger: {result.stderr}")
        (one.site / "ledger.db").write_bytes(old)
        one.evidence = one.folder / "again"
        one.settings = ["--set", "ca-label=intermediate-9", "--set", "ca-name=Example Intermediate CA 9"]
        refused("an older ledger", one, "an older ledger")


def what_changed():
    """A module under another name: one is new, and the one that is gone is said to be gone (R7, R22)."""
    with r.Rehearsal("intermediate-ca") as one:
        path = one.site / "environment.yaml"
        path.write_text(path.read_text().replace("\n  softhsm:\n", "\n  other:\n").replace("module: softhsm\n", "module: other\n"))
        result = one.run()
        check(result.returncode == 0, f"another module: {result.stdout} {result.stderr}")
        rows = next(record["data"]["rows"] for record in one.records() if record["data"].get("what") == "changes")
        said = {row["what"]: row["says"] for row in rows}
        check(said["program"] == "unchanged" and said["module other"] == "new" and said["module softhsm"] == "GONE",
              f"another module: {said}")


def put_stranger(one):
    """A certificate that no ceremony knows, on the root's token."""
    pem = one.folder / "stranger.pem"
    subprocess.run(["openssl", "x509", "-inform", "DER", "-in", next((one.site / "archive/certificates").glob("*.der")),
                    "-out", pem], check=True)
    module = next(line.split('"')[1] for line in (one.site / "environment.yaml").read_text().splitlines()
                  if line.strip().startswith("path:"))
    subprocess.run(["p11tool", "--batch", "--provider", module, "--login", "--set-pin", "user-primary-1", "--write",
                    "--load-certificate", pem, "--label", "stranger", "pkcs11:token=PRACTICE-root-primary"], check=True,
                   env={**os.environ, "SOFTHSM2_CONF": str(one.folder / "softhsm2.conf")}, capture_output=True)


def stranger():
    """An object that nobody explains is an exception, also when the power goes between the two records of it (R22)."""
    with r.Rehearsal("root-crl") as one:
        put_stranger(one)
        result = one.run(answers=one.answers_with({}, drop=["*.same"]))
        check(result.returncode == 3, f"not stopped after the first look: {result.returncode} {result.stderr}")
        path = one.evidence / "transcript.jsonl"
        lines = path.read_bytes().splitlines(keepends=True)
        first = min(at for at, record in enumerate(one.records()) if record["data"].get("unexplained") == 1
                    or "stranger" in record["data"].get("observed", ""))
        path.write_bytes(b"".join(lines[:first + 1]))
        result = one.resume()
        check(result.returncode == 0, f"not resumed: {result.stderr}")
        check(any("stranger" in record["data"].get("observed", "") for record in one.records()), "it is no exception")
        r.check_audit(one)


def main():
    for part in (stranger, what_changed, whole_past, unknown_label, no_ledger, other_certificate, outlives_issuer, too_deep, used_name, older_ledger):
        part()
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
