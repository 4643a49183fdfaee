#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""CRLs of three issuers in one ceremony: full, delta and four partitions each, judged by OpenSSL, GnuTLS and Go
(revoked is revoked, good is good); killed at its flushes and resumed; a root that revokes a CA; hostile lists
and hostile CRLs brought along; and numbers that go back in no way (R18, R52-R56)."""
import csv
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support/py"))
import rehearsal as r  # noqa: E402

FAULTS = []
KEYS = ("root", "intermediate", "issuing")
KINDS = ("full", "full-delta", *(f"full-partition-{n}-of-4" for n in range(1, 5)))
KILL = r.BUILD / "tests" / "kill_module.so"
VECTORS = r.SOURCE / "tests/vectors/crl"
REVOKED = {row["serial"].lstrip("0"): row["reason"] or "unspecified"
           for row in csv.DictReader(open(r.SOURCE / "scripts/rehearsal/crl-batch/devices.csv", encoding="ascii"))}


def check(good, text):
    if not good:
        FAULTS.append(text)
        print(f"FAULT: {text}", file=sys.stderr)
    return good


def run(*words, **options):
    return subprocess.run([str(word) for word in words], text=True, capture_output=True, check=False, **options)


def crl(one, key, kind, number=2):
    return one.evidence / "crls" / f"PRACTICE-{key}-{kind}-{number}.der"


def serials(path):
    text = run("openssl", "crl", "-inform", "DER", "-in", path, "-noout", "-text").stdout
    return {found.lower().lstrip("0") for found in re.findall(r"Serial Number: ([0-9A-F]+)", text)}


def issuer_pem(one, key):
    pem = one.folder / f"{key}.pem"
    run("openssl", "x509", "-inform", "DER", "-in", one.evidence / "inputs" / f"PRACTICE-{key}.der", "-out", pem)
    return pem


def judge_all(one):
    """Every judge that reads the kind; and what is in it."""
    go = build_go(one.folder)
    for key in KEYS:
        pem = issuer_pem(one, key)
        union = set()
        for kind in KINDS:
            path = crl(one, key, kind)
            if not check(path.exists(), f"{path.name} is missing"):
                continue
            result = run("openssl", "crl", "-inform", "DER", "-in", path, "-CAfile", pem, "-noout")
            check("verify OK" in result.stderr, f"openssl refuses {path.name}: {result.stderr}")
            result = run("certtool", "--verify-crl", "--load-ca-certificate", pem, "--inder", "--infile", path)
            pem_crl = one.folder / f"{path.stem}.pem"
            run("openssl", "crl", "-inform", "DER", "-in", path, "-out", pem_crl)
            result = run("certtool", "--verify-crl", "--load-ca-certificate", pem, "--infile", pem_crl)
            check("Verification output: Verified" in result.stdout, f"GnuTLS refuses {path.name}: {result.stdout}")
            if go is not None:
                result = run(go, pem, pem_crl)
                check(f"number 2, {len(serials(path))} revoked" in result.stdout,
                      f"Go refuses {path.name}: {result.stdout}{result.stderr}")
            if "partition" in kind:
                check(not union & serials(path), f"{path.name} repeats another partition")
                union |= serials(path)
            lint = run(r.AUDIT, "lint", "--issuer", pem, path)
            check(lint.returncode == 0, f"our own lint: {path.name}: {lint.stdout}")
        full = serials(crl(one, key, "full"))
        check(union == full, f"{key}: the partitions are not the full CRL")
        check(serials(crl(one, key, "full-delta")) == full, f"{key}: the delta holds something else")
        check(full == (set(REVOKED) if key == "issuing" else set()), f"{key}: {len(full)} are revoked")


def build_go(folder):
    if shutil.which("go") is None:
        print("SKIPPED: go is not installed")
        return None
    env = {**os.environ, "GO111MODULE": "off", "GOFLAGS": "-mod=mod", "GOPROXY": "off",
           "GOCACHE": str(folder / "gocache"), "GOPATH": str(folder / "gopath")}
    result = run("go", "build", "-o", folder / "x509check", "main.go", env=env,
                 cwd=r.SOURCE / "tests/support/go/x509check")
    check(result.returncode == 0, f"go build: {result.stderr}")
    return folder / "x509check"


def finished(one):
    r.check_chain(one, True)
    r.check_audit(one)
    left = [path.name for path in one.evidence.rglob("*.tmp")]
    check(not left, f"I5: {left}")
    check(len(list((one.evidence / "crls").glob("*.der"))) == 18, "not 18 CRLs")


def whole():
    with r.Rehearsal("crl-batch") as one:
        result = one.run()
        if not check(result.returncode == 0, f"crl-batch: {result.stdout[-600:]} {result.stderr}"):
            return
        finished(one)
        judge_all(one)
        typed = [record["data"]["answer"] for record in one.records()
                 if record["type"] == "confirmation" and record["data"].get("prompt") == "sign"]
        check(len(typed) == 7 and typed[0] == "SIGN 12 CRLS" and typed[1] == "SIGN CRL 2 OF ROOT",
              f"commands: {typed}")
        tampered(one)


def tampered(one):
    """The auditor names a partition that lacks an entry: its place is taken by another one's file."""
    copy = one.folder / "tampered"
    shutil.copytree(one.evidence, copy)
    names = [path for path in (copy / "crls").glob("*issuing-full-partition*")]
    shutil.copy(names[0], names[1])
    result = run(r.AUDIT, "verify", copy, "--trust", one.folder / "trust")
    check(result.returncode == 4 and "does not belong into this partition" in " ".join(result.stdout.split()),
          f"the auditor overlooks a partition: {result.stdout}")
    copy = one.folder / "other-rows"
    shutil.copytree(one.evidence, copy)
    rows = next((copy / "rows").glob("*.jsonl"))
    lines = rows.read_text().splitlines(keepends=True)
    lines[0] = re.sub(r'"reason":\d', '"reason":2', lines[0])
    rows.write_text("".join(lines))
    said = " ".join(run(r.AUDIT, "verify", copy, "--trust", one.folder / "trust").stdout.split())
    for text in ("its rows are not those that entry", "something else than was entered"):
        check(text in said, f"the auditor overlooks another row ({text}): {said}")


def killed():
    """At flushes through the whole ceremony: after resuming, everything is there once, and the ledger agrees."""
    with r.Rehearsal("crl-batch") as one:
        count = one.folder / "count"
        one.run(env={"LD_PRELOAD": str(KILL), "KILL_COUNT": str(count)})
        flushes = int(count.read_text())
    every = int(os.environ.get("CRL_KILL_EVERY", "41"))
    for point in range(flushes // 3, flushes, every):
        with r.Rehearsal("crl-batch") as one:
            result = one.run(env={"LD_PRELOAD": str(KILL), "KILL_AT": f"{point}{'+' if point % 2 else ''}"})
            if not check(result.returncode == -9, f"flush {point}: not killed"):
                continue
            for path in (one.evidence / "crls").glob("*.der"):
                check(run("openssl", "crl", "-inform", "DER", "-in", path, "-noout").returncode == 0,
                      f"flush {point}: {path.name} is half")
            result = one.resume()
            if not check(result.returncode == 0, f"flush {point}: resume: {result.stderr.strip()}"):
                continue
            try:
                finished(one)
                check(serials(crl(one, "issuing", "full")) == set(REVOKED), f"flush {point}: other entries")
            except r.Broken as broken:
                check(False, f"flush {point}: {broken}")


def root_revokes():
    with r.Rehearsal("root-crl") as one:
        result = one.run()
        if not check(result.returncode == 0, f"root-crl: {result.stdout[-600:]} {result.stderr}"):
            return
        r.check_audit(one)
        listed = json.loads((one.evidence / "inputs/PRACTICE-revoke.list").read_text())
        der = one.folder / "revoked.der"
        der.write_bytes(__import__("base64").b64decode(listed["certificate"]))
        serial = run("openssl", "x509", "-inform", "DER", "-in", der, "-noout", "-serial").stdout
        check(serials(crl(one, "root", "full")) == {serial.strip().split("=")[1].lower().lstrip("0")},
              "the root's CRL does not hold the CA")
        pem = issuer_pem(one, "root")
        pem_crl = one.folder / "root.crl.pem"
        run("openssl", "crl", "-inform", "DER", "-in", crl(one, "root", "full"), "-out", pem_crl)
        run("openssl", "x509", "-inform", "DER", "-in", der, "-out", one.folder / "ca.pem")
        result = run("openssl", "verify", "-crl_check", "-CAfile", pem, "-CRLfile", pem_crl, one.folder / "ca.pem")
        check("certificate revoked" in result.stdout + result.stderr, f"openssl does not see it: {result}")


def recorded_not_ended():
    """Killed when a step's work is recorded and its end is not: nothing is entered or signed a second time."""
    for does, drop in (("revoke", "*.sign.*"), ("plan-crls", "seal-materials.1.bag")):
        with r.Rehearsal("root-crl") as one:
            own = one.answers
            one.answers = one.answers_with({}, drop=[drop])
            check(one.run().returncode == 3, f"{does}: not interrupted")
            one.cut_after(does)
            one.answers = own
            result = one.resume()
            if not check(result.returncode == 0, f"{does}: resume: {result.stderr}"):
                continue
            r.check_chain(one, True)
            r.check_audit(one)
            check([path.name for path in one.evidence.glob("crls/*.der")] == ["PRACTICE-root-full-2.der"],
                  f"{does}: signed again")


def read_as_something_else():
    """Killed after the command, and then the process that reads the list tells other lines of the same octets: none is entered. Here it is
    the announcement that is of other lines; as the last line of the record it can be changed without the chain showing it."""
    with r.Rehearsal("root-crl") as one:
        own = one.answers
        one.answers = one.answers_with({}, drop=["*.sign.*"])
        check(one.run().returncode == 3, "not interrupted")
        path = one.evidence / "transcript.jsonl"
        lines = path.read_text().splitlines(keepends=True)
        at = next(at for at, line in enumerate(lines) if json.loads(line)["data"].get("does") == "revoke")
        announced = json.loads(lines[at])["data"]["rows_sha256"]
        path.write_text("".join(lines[:at]) + lines[at].replace(announced, announced[::-1]))
        one.answers = own
        result = one.resume()
        said = " ".join((result.stdout + result.stderr).split())
        check(result.returncode == 3 and "read as something else than what was shown" in said, f"other lines: {result.returncode} {said[-400:]}")
        records = one.records()
        check(not any(record["type"] == "result" and record["data"]["does"] == "revoke" for record in records), "they were entered")
        check(not list(one.evidence.glob("crls/*.der")), "something was signed")


def refused(one, words, text):
    result = one.run()
    said = " ".join((result.stdout + result.stderr).split())
    check(result.returncode in (1, 3) and words in said, f"{text}: {result.returncode} {said[-400:]}")
    check(not list(one.evidence.glob("crls/*.der")), f"{text}: something was signed")


def status():
    """What is due, as text, JSON and calendar: each CA's certificate and the last CRL of each scope (R58)."""
    with r.Rehearsal("crl-batch") as one:
        check(one.run().returncode == 0, "crl-batch")
        told = run(r.CEREMONY, "status", "--site", one.site, "--json")
        rows = json.loads(told.stdout)
        crls = [row for row in rows if row["what"] == "crl"]
        check(len(crls) == 18, f"{len(crls)} CRLs in the calendar")
        check({row["which"].split()[1] for row in crls} == {"2"}, "older CRLs are listed")
        check(len([row for row in rows if row["what"] == "certificate"]) == 3, "not three certificates")
        levels = {row["ca"]: row["level"] for row in rows if row["what"] == "certificate"}
        check(levels == {"PRACTICE-root": 1, "PRACTICE-intermediate-1": 2, "PRACTICE-issuing-1": 3}, f"levels: {levels}")
        check(all(row["due"] < row["ends"] for row in rows if row["what"] != "shares")
              and rows == sorted(rows, key=lambda row: row["due"]),
              "the dates are not in order")
        check({row["state"] for row in crls} == {"soon"}, "thirty days are soon")
        ical = run(r.CEREMONY, "status", "--site", one.site, "--ical").stdout
        check(ical.count("BEGIN:VEVENT") == len(rows) and ical.startswith("BEGIN:VCALENDAR"), "the calendar is another")
        text = run(r.CEREMONY, "status", "--site", one.site).stdout
        check(text.count("PRACTICE-issuing-1") == 8, f"text: {text}")  # CRLs, the certificate, the shares
        check(run(r.CEREMONY, "status", "--site", one.site, "--ical", "--json").returncode == 2, "both formats")


def bad_lists():
    """A bad line is named with its place and code, and nothing of the list is entered."""
    with r.Rehearsal("crl-batch") as one:
        path = one.folder / "devices.csv"
        lines = path.read_text().splitlines()
        lines[3] = lines[3].replace("cessationOfOperation", "lost")
        path.write_text("\n".join(lines) + "\n")
        refused(one, "devices.csv:4:53: the reason is none that a revocation can have (revocation-reason)", "reason")
        ledger = sqlite3.connect(f"file:{one.site / 'ledger.db'}?mode=ro", uri=True)
        check(ledger.execute("SELECT count(*) FROM revocations").fetchone()[0] == 0, "something was entered")


def input_file(one, name, path):
    text = (one.site / "environment.yaml").read_text()
    (one.site / "environment.yaml").write_text(
        text.replace("inputs:\n", f"inputs:\n  {name}:\n    path: \"{path}\"\n"))


def archived_crl(one, key):
    """The last CRL of a key, from the archive, by its issuer's name."""
    name = {"root": "Example Root X1", "issuing": "Example Issuing CA 1"}[key]
    for path in (one.site / "archive/crls").glob("*.der"):
        if name in run("openssl", "crl", "-inform", "DER", "-in", path, "-noout", "-issuer").stdout:
            return path
    return None


def numbers():
    """A CRL number goes back in no way."""
    with r.Rehearsal("crl-batch") as one:  # the last CRL of the ledger, brought along: fine
        input_file(one, "issuing-crl", archived_crl(one, "issuing"))
        result = one.run()
        check(result.returncode == 0, f"the last CRL: {result.stderr}")
    with r.Rehearsal("crl-batch") as one:
        older = one.folder / "older-ledger.db"
        shutil.copy(one.site / "ledger.db", older)
        shutil.copytree(one.folder / "tokens", one.folder / "older-tokens")
        check(one.run().returncode == 0, "crl-batch")
        newer = one.folder / "newer.der"
        shutil.copy(crl(one, "issuing", "full"), newer)
        archive = one.folder / "archive"
        shutil.copytree(one.site / "archive", archive)
        again(one, older, newer, archive)
    for name in ("ok-delta.der", "xf-bad-signature.der", "xf-no-number.der", "ok-full.der"):
        with r.Rehearsal("crl-batch") as one:  # another issuer's, whatever its form
            input_file(one, "issuing-crl", VECTORS / name)
            refused(one, "CRL that was brought cannot be used", name)
    clock_back()
    two_programs()


def back_to(one, older):
    """An older ledger, and no archive that tells of later ceremonies."""
    for path in (one.site / "archive/transcripts").glob("crl-batch-*"):
        path.unlink()
    shutil.copy(older, one.site / "ledger.db")


def again(one, older, newer, archive):
    """The ledger of before: found by the archive; without the archive, by the mark on the token; where that is of
    before, too, by the CRL that was brought."""
    shutil.copy(older, one.site / "ledger.db")
    one.evidence = one.folder / "evidence-older"
    result = one.run()
    said = " ".join((result.stdout + result.stderr).split())
    check(result.returncode != 0 and "does not know the ceremony" in said, f"an older ledger: {said[-300:]}")
    back_to(one, older)
    one.evidence = one.folder / "evidence-marked"
    result = one.run()
    said = " ".join((result.stdout + result.stderr).split())
    check(result.returncode != 0 and "bears the mark of the ceremony" in said, f"a marked token: {said[-300:]}")
    one.abort()
    back_to(one, older)
    shutil.rmtree(one.folder / "tokens")
    shutil.move(one.folder / "older-tokens", one.folder / "tokens")
    input_file(one, "issuing-crl", newer)
    one.evidence = one.folder / "evidence-brought"
    result = one.run()
    said = " ".join((result.stdout + result.stderr).split())
    check(result.returncode != 0 and "this ledger has signed none above 1" in said,
          f"a newer CRL than the ledger knows: {said[-300:]}")
    check(not list(one.evidence.glob("crls/*.der")), "a number went back")


def root_without_crl(one):
    """A root that another program will sign the first CRLs of: made by the root ceremony without its last act's CRL."""
    text = one.script.read_text()
    start = text.index("      - id: issue-root-crl")
    end = text.index("\n  - act:", start)
    shutil.copytree(one.script.parent / "profiles", one.folder / "profiles")
    text = text[:start] + text[end:]
    one.script = one.folder / "root.yaml"
    one.script.write_text(re.sub(r"  root-crl: .*\n", "", text))
    result = one.run()
    check(result.returncode == 0, f"a root without a CRL: {result.stdout[-300:]} {result.stderr}")
    run(r.SOURCE / "scripts/dev/make-site", "root-crl", one.folder)
    one.answers = one.folder / "answers.yaml"


def crl_script(one, revokes):
    """The root's next list; the revocation may be of anything."""
    text = (r.SOURCE / "scripts/root-crl.yaml").read_text()
    start, end = text.index("      - id: revoke\n"), text.index("      - id: sign-list")
    step = text[start:end].replace("        input: revocations\n",
                                   '        input: revocations\n        unknown-serials: "yes"\n')
    one.script = one.folder / f"list-{revokes}.yaml"
    one.script.write_text(text[:start] + (step if revokes else "") + text[end:])


def other_program(one, other, revoked):
    """Two lists of the root, signed where there is another ledger; the last one is brought to ours."""
    root_without_crl(one)
    shutil.copytree(one.folder, other, dirs_exist_ok=True)  # the other program's room, with the same keys
    one.evidence = one.folder / "evidence-other"
    crl_script(one, True)
    lines = [f'{{"serial":"{serial}","date":"2026-11-20","reason":"{reason}","reference":"r 1"}}\n' for serial, reason in revoked]
    (one.folder / "revoked.jsonl").write_text("".join(lines))
    for number in (1, 2):
        result = one.run()
        check(result.returncode == 0, f"the other program: {result.stderr}")
        brought = one.folder / f"brought-{number}.der"
        shutil.copy(crl(one, "root", "full", number), brought)
        one.evidence = one.folder / f"evidence-other-{number}"
        crl_script(one, False)
    for name in ("site", "tokens"):  # the other program leaves no mark on a token
        shutil.rmtree(one.folder / name)
        shutil.copytree(pathlib.Path(other) / name, one.folder / name)
    input_file(one, "root-crl", brought)


def taken_over():
    """A CA that had another ledger: what its last CRL lists is never dropped, and numbers go on from it."""
    with r.Rehearsal("root-ca") as one, tempfile.TemporaryDirectory() as other:
        other_program(one, other, (("0a01", "superseded"), ("0a02", "keyCompromise")))
        refused_carry(one)
        one.evidence = one.folder / "evidence-ours"
        result = one.run()
        if not check(result.returncode == 0, f"taken over: {result.stdout[-300:]} {result.stderr}"):
            return
        r.check_audit(one)
        check(serials(crl(one, "root", "full", 3)) == {"a01", "a02"}, "entries of the CRL that was brought are lost")
        typed = [record["data"]["answer"] for record in one.records() if record["data"].get("prompt") == "carry"]
        check(typed == ["TAKE OVER 2 REVOCATIONS OF ROOT FROM CRL 2"], f"typed: {typed}")
        result = run("openssl", "crl", "-inform", "DER", "-in", crl(one, "root", "full", 3), "-noout", "-text")
        check("Superseded" in result.stdout and "Key Compromise" in result.stdout, "the reasons are lost")
        one.evidence = one.folder / "evidence-later"  # nothing to carry a second time
        result = one.run()
        check(result.returncode == 0 and not (one.evidence / "rows").exists(), f"again: {result.stderr}")


def held_back():
    """What another program holds back must not get into the ledger of a public PKI: no CRL could be signed from then on."""
    with r.Rehearsal("root-ca") as one, tempfile.TemporaryDirectory() as other:
        other_program(one, other, (("0a01", "certificateHold"), ("0a02", "keyCompromise")))
        one.evidence = one.folder / "evidence-ours"
        profile = one.folder / "profiles/crl-full.yaml"
        profile.write_text(profile.read_text().replace("trust: private", "trust: public"))
        refused(one, 'CRL 2 of "root" that was brought lists 1 with reason certificateHold', "held back")
        ledger = sqlite3.connect(f"file:{one.site / 'ledger.db'}?mode=ro", uri=True)
        check(ledger.execute("SELECT count(*) FROM revocations").fetchone()[0] == 0, "held back, and entered")
        ledger.close()
        check(one.abort().returncode == 0, "held back: not aborted")
        profile.write_text(profile.read_text().replace("trust: public", "trust: private"))
        one.evidence = one.folder / "evidence-private"  # where it is allowed, it is listed so
        check(one.run().returncode == 0, "held back: a private PKI may")
        text = run("openssl", "crl", "-inform", "DER", "-in", crl(one, "root", "full", 3), "-noout", "-text").stdout
        check("Certificate Hold" in text, "the hold is lost")


def refused_carry(one):
    """Declined: nothing is entered, nothing signed."""
    one.evidence = one.folder / "evidence-declined"
    own = one.answers
    one.answers = one.answers_with({"sign-list.carry.root": "{decline: true}"})
    refused(one, "did not enter what the CRL that was brought lists", "declined")
    ledger = sqlite3.connect(f"file:{one.site / 'ledger.db'}?mode=ro", uri=True)
    check(ledger.execute("SELECT count(*) FROM revocations").fetchone()[0] == 0, "declined, and entered")
    ledger.close()
    one.abort()
    one.answers = own


def many():
    """As many as a step signs; one more is refused before the first step, and so is more than a ceremony holds."""
    for partitions, words in ((19, ()), (20, ("signs 66 CRLs",)), (100, ("signs 306 CRLs", "makes 306 certificates and CRLs"))):
        with r.Rehearsal("crl-batch") as one:
            shutil.copytree(one.script.parent / "profiles", one.folder / "profiles")
            text = one.script.read_text()
            one.script = one.folder / "many.yaml"
            one.script.write_text(text)
            profile = one.folder / "profiles/crl-partitioned.yaml"
            profile.write_text(profile.read_text().replace("partitions: 4", f"partitions: {partitions}"))
            told = one.call("check", one.script, answers=None)
            check(all(word in told.stderr for word in words) and told.returncode == (1 if words else 0), f"{partitions}: {told.stderr}")
            if words:
                check(one.run().returncode == 1 and not one.evidence.exists(), f"{partitions} partitions: it was begun")
                continue
            check(one.run().returncode == 0 and len(list(one.evidence.glob("crls/*.der"))) == 63, "63 CRLs in one step")
            r.check_audit(one)


def same_second():
    """A list that follows another within one second waits for the next one: no date is used twice."""
    with r.Rehearsal("crl-batch") as one:
        text = one.script.read_text()
        start, end = text.index("      - id: sign-lists"), text.index("  - act: Closing")
        step = text[start:end].rstrip() + "\n"
        again_step = step.replace("id: sign-lists", "id: sign-again").replace("Sign the lists of all", "Sign again for all")
        shutil.copytree(one.script.parent / "profiles", one.folder / "profiles")
        one.script = one.folder / "twice.yaml"
        one.script.write_text(text[:start] + step + again_step + "\n" + text[end:])
        result = one.run()
        if not check(result.returncode == 0, f"two lists at once: {result.stdout[-300:]} {result.stderr}"):
            return
        r.check_audit(one)
        ledger = sqlite3.connect(f"file:{one.site / 'ledger.db'}?mode=ro", uri=True)
        rows = ledger.execute("SELECT issuer, scope, count(*), count(DISTINCT this_update) FROM crls GROUP BY 1, 2")
        check(all(row[2] == row[3] for row in rows.fetchall()), "two lists of one scope begin at the same second")


def clock_back():
    with r.Rehearsal("crl-batch") as one:
        faketime = shutil.which("faketime")
        if faketime is None:
            print("SKIPPED: faketime is not installed")
            return
        result = run(faketime, "-f", "-1d", r.CEREMONY, "run", one.script, "--site", one.site, "--evidence",
                     one.evidence, "--trust", one.folder / "trust", "--headless", "--answers", one.answers)
        said = " ".join((result.stdout + result.stderr).split())
        check(result.returncode != 0 and not list(one.evidence.glob("crls/*.der")),
              f"a clock turned back: {result.returncode} {said[-300:]}")


def two_programs():
    """The second one is refused while the first one holds the ledger."""
    with r.Rehearsal("crl-batch") as one, tempfile.TemporaryDirectory() as other:
        command = [str(r.CEREMONY), "run", str(one.script), "--site", str(one.site), "--headless", "--answers",
                   str(one.answers), "--evidence"]
        runs = [subprocess.Popen([*command, folder], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                for folder in (str(one.evidence), f"{other}/evidence")]
        said = [process.communicate()[0] for process in runs]
        codes = sorted(process.returncode for process in runs)
        ledger = sqlite3.connect(f"file:{one.site / 'ledger.db'}?mode=ro", uri=True)
        rows = ledger.execute("SELECT issuer, scope, number, count(*) FROM crls GROUP BY 1, 2, 3").fetchall()
        check(all(row[3] == 1 for row in rows), "a number was used twice")
        check(codes[0] == 0 and codes[1] != 0, f"two programs at once: {codes} {said}")


def main():
    parts = {function.__name__: function
             for function in (whole, root_revokes, recorded_not_ended, read_as_something_else, status, bad_lists, numbers, taken_over, held_back,
                              many, same_second,
                              killed)}
    for name in sys.argv[1:] or parts:
        parts[name]()
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    assert REVOKED
    sys.exit(main())
