#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""CRLs of an offline root for years ahead: at every instant of the horizon one is valid, as OpenSSL and GnuTLS see
it; the later ones are nowhere but on their medium; a revocation destroys them first and goes on above their
numbers; one is released when its time comes, and not before; killed anywhere, it goes on (R18, R53, R59)."""
import datetime
import json
import os
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/support/py"))
import rehearsal as r  # noqa: E402

FAULTS = []
FIRST, LAST = 2, 7  # the root has signed number 1 when it was made
DAY = 86400
KILL = r.BUILD / "tests" / "kill_module.so"


def check(good, text):
    if not good:
        FAULTS.append(text)
        print(f"FAULT: {text}", file=sys.stderr)
    return good


def run(*words, **options):
    return subprocess.run([str(word) for word in words], text=True, capture_output=True, check=False, **options)


def name(number):
    return f"PRACTICE-root-full-{number}.der"


def pem(one, der, kind):
    path = one.folder / f"{der.stem}.pem"
    run("openssl", kind, "-inform", "DER", "-in", der, "-out", path)
    return path


def crls(one):
    """All of the series, the published one and the sealed ones, as PEM, with their dates."""
    found = {}
    for number in range(FIRST, LAST + 1):
        folder = one.evidence / "crls" if number == FIRST else one.folder / "media-4"
        path = folder / name(number)
        if check(path.exists(), f"{path} is missing"):
            text = run("openssl", "crl", "-inform", "DER", "-in", path, "-noout", "-lastupdate", "-nextupdate",
                       "-crlnumber").stdout
            dates = [datetime.datetime.strptime(date, "%b %d %H:%M:%S %Y GMT").replace(tzinfo=datetime.timezone.utc)
                     for date in re.findall(r"Update=(.*)", text)]
            check(int(re.search(r"crlNumber=(\w+)", text).group(1), 16) == number, f"{path.name} has another number")
            found[number] = (pem(one, path, "crl"), *(int(date.timestamp()) for date in dates))
    return found


def certificates(one):
    root = one.evidence / "inputs/PRACTICE-root.der"
    for path in (one.site / "archive/certificates").glob("*.der"):
        subject = run("openssl", "x509", "-inform", "DER", "-in", path, "-noout", "-subject").stdout
        if "Intermediate" in subject:
            return pem(one, root, "x509"), pem(one, path, "x509")
    return None


def judged_at(root, below, path, instant):
    """OpenSSL and GnuTLS, who have nothing but this CRL, at this instant."""
    openssl = run("openssl", "verify", "-crl_check", "-attime", instant, "-CAfile", root, "-CRLfile", path, below)
    when = datetime.datetime.fromtimestamp(instant, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
    chain = below.with_suffix(".chain.pem")
    chain.write_text(below.read_text() + root.read_text())
    gnutls = run("faketime", "-f", f"@{when}", "certtool", "--verify", "--load-ca-certificate", root, "--load-crl",
                 path, "--infile", chain)
    return openssl.returncode == 0, "Chain verification output: Verified" in gnutls.stdout


def horizon(one):
    """At the boundaries and at instants of chance: whoever has the newest CRL that has begun accepts it."""
    rows = crls(one)
    root, below = certificates(one)
    begin, end = rows[FIRST][1], rows[LAST][2]
    instants = {begin, begin + 1, end - 1}  # OpenSSL takes the last second for past
    for number in range(FIRST, LAST):
        instants |= {rows[number][2], rows[number + 1][1]}
    instants -= {end}
    chance = random.Random(59)
    instants |= {chance.randrange(begin, end) for _ in range(6)}
    for instant in sorted(instants):
        valid = [number for number, row in rows.items() if row[1] <= instant <= row[2]]
        if not check(valid, f"no CRL is valid at {instant}"):
            continue
        said = judged_at(root, below, rows[valid[-1]][0], instant)
        check(said == (True, True), f"CRL {valid[-1]} at {instant}: OpenSSL, GnuTLS: {said}")
    for instant in (rows[LAST][1] - DAY, rows[FIRST][2] + DAY):  # too early, too late: certtool does not look
        number = LAST if instant == rows[LAST][1] - DAY else FIRST
        said = judged_at(root, below, rows[number][0], instant)
        check(not said[0], f"CRL {number} at {instant} is accepted by OpenSSL")


def nowhere_else(one):
    """What is signed ahead is not in the evidence, on the other media, in the archive or the ledger."""
    for number in range(FIRST + 1, LAST + 1):
        signature = (one.folder / "media-4" / name(number)).read_bytes()[-40:]
        for folder in ("evidence", "media-1", "media-2", "media-3", "site"):
            for path in (one.folder / folder).rglob("*"):
                if path.is_file():
                    check(signature not in path.read_bytes(), f"CRL {number} is in {path}")


def run_next(one, script, folder, *, later=None, changes=None, env=None):
    """Another ceremony of the same site."""
    run(r.SOURCE / "scripts/dev/make-site", script, one.folder)
    one.answers = one.folder / "answers.yaml"
    if changes:
        one.answers = one.answers_with(changes)
    one.evidence = one.folder / folder
    command = [r.CEREMONY, "run", r.SOURCE / f"scripts/{script}.yaml", "--site", one.site, "--evidence", one.evidence,
               "--trust", one.folder / f"{folder}.trust", "--headless", "--answers", one.answers]
    return run(*(["faketime", "-f", f"+{later}d"] if later else []), *command, env={**os.environ, **(env or {})})


def audited(one, folder):
    result = run(r.AUDIT, "verify", one.folder / folder, "--trust", one.folder / f"{folder}.trust")
    check(result.returncode == 0, f"{folder}: {result.stdout}")


def said_by(result):
    return " ".join((result.stdout + result.stderr).split())


def whole():
    """The series, a release too early, in time, and the revocation that ends it."""
    with r.Rehearsal("root-crl-series") as one:
        result = one.run()
        if not check(result.returncode == 0, f"the series: {said_by(result)[-500:]}"):
            return
        r.check_chain(one, True)
        r.check_audit(one)
        horizon(one)
        nowhere_else(one)
        typed = [record["data"]["answer"] for record in one.records() if record["data"].get("prompt") == "sign"]
        check(typed == [f"SIGN CRLS {FIRST} TO {LAST} OF ROOT"], f"typed: {typed}")
        tampered(one)
        result = run_next(one, "release-crl", "early")
        check(result.returncode == 3 and "begins on" in said_by(result), f"too early: {said_by(result)[-300:]}")
        one.abort()
        refused_without(one)
        released(one)
        revoked(one)
        check(not list((one.folder / "media-4").iterdir()), "something is left on the medium")


def refused_without(one):
    """A script that revokes and does not destroy them is refused before anybody is in the room."""
    text = (r.SOURCE / "scripts/root-crl.yaml").read_text()
    start, end = text.index("      - id: destroy-ahead"), text.index("      - id: revoke\n")
    shutil.copytree(r.SOURCE / "scripts/profiles", one.folder / "profiles")
    script = one.folder / "without.yaml"
    script.write_text(text[:start] + text[end:])
    run(r.SOURCE / "scripts/dev/make-site", "root-crl", one.folder)
    result = run(r.CEREMONY, "check", script, "--site", one.site)
    check(result.returncode == 1 and said_by(result).count("signed ahead and are not released") >= 2,
          f"without destroying them: {said_by(result)}")


def released(one):
    """Half a year later: out of a bag with another number, which is an exception, and published."""
    result = run_next(one, "release-crl", "release", later=190, changes={"release.bag": "X-9999"})
    if not check(result.returncode == 0, f"release: {said_by(result)[-400:]}"):
        return
    audited(one, "release")
    exceptions = [record["data"]["observed"] for record in one.records() if record["type"] == "exception"]
    check("the bag has the number X-9999" in exceptions, f"another bag: {exceptions}")
    path = one.evidence / "crls" / name(FIRST + 1)
    check(path.read_bytes() == (one.folder / "media-4" / name(FIRST + 1)).read_bytes(), "another CRL was released")
    (one.folder / "media-4" / name(FIRST + 1)).unlink()  # its medium went to where it is published
    result = run_next(one, "release-crl", "release-again", later=191)
    check(result.returncode == 3 and f"CRL {FIRST + 2} of \"root\" begins on" in said_by(result),
          f"the next one, too early: {said_by(result)[-300:]}")
    run("faketime", "-f", "+191d", r.CEREMONY, "abort", one.evidence, "--site", one.site, "--headless", "--answers",
        one.answers)


def revoked(one):
    """The rest is destroyed, one is missing, one said to be destroyed that the program never saw; the next number is above
    the highest that was ever signed."""
    (one.folder / "media-4" / name(LAST - 1)).rename(one.folder / "elsewhere.der")
    result = run_next(one, "root-crl", "revocation", later=200, changes={f"destroy-ahead.{LAST}.end": "missing"})
    if not check(result.returncode == 0, f"the revocation: {said_by(result)[-400:]}"):
        return
    audited(one, "revocation")
    unseen = [record["data"]["expected"] for record in one.records() if record["type"] == "exception"
              and "no medium that holds it" in record["data"]["observed"]]
    check(len(unseen) == 1 and f"CRL {LAST - 1} " in unseen[0],
          f"one that was not seen counts as destroyed in silence: {unseen}")
    check((one.evidence / "crls" / name(LAST + 1)).exists(), "the number is not above the highest")
    window = [record["data"] for record in one.records() if record["data"].get("what") == "exposed-window"]
    check(len(window) == 1 and window[0]["numbers"] == list(range(FIRST + 2, LAST + 1)), f"window: {window}")
    ledger = sqlite3.connect(f"file:{one.site / 'ledger.db'}?mode=ro", uri=True)
    rows = ledger.execute("SELECT number, state, next_update FROM crl_custody JOIN crls USING (issuer, scope, number)"
                          " ORDER BY number").fetchall()
    ledger.close()
    check([row[1] for row in rows] == ["released"] + ["destroyed"] * (LAST - FIRST - 2) + ["lost"], f"custody: {rows}")
    check(window[0]["until"] == rows[-1][2], "the window does not end with the last one")
    check((one.folder / "media-4" / name(LAST)).exists(), "the missing one was found")
    (one.folder / "media-4" / name(LAST)).unlink()
    result = run_next(one, "release-crl", "release-none", later=400)
    check(result.returncode == 3 and "begins on" in said_by(result) or "lies sealed" in said_by(result),
          f"a lost one is released: {said_by(result)[-300:]}")


def tampered(one):
    """The auditor rebuilds each from its bytes: another one's bytes, other dates, are found."""
    copy = one.folder / "tampered"
    shutil.copytree(one.evidence, copy)
    shutil.copy(copy / "ahead" / name(4).replace(".der", ".tbs"), copy / "ahead" / name(5).replace(".der", ".tbs"))
    said = said_by(run(r.AUDIT, "verify", copy, "--trust", one.folder / "trust"))
    check("these bytes were not announced" in said, f"the auditor overlooks other bytes: {said[-600:]}")
    shutil.rmtree(copy)


def bad_series():
    """A series that is none is found by `check`: no overlap, too far ahead, a public PKI, not full."""
    with r.Rehearsal("root-crl-series") as one:
        text = one.script.read_text()
        profile = (one.script.parent / "profiles/crl-series.yaml").read_text()
        shutil.copytree(one.script.parent / "profiles", one.folder / "profiles")
        script = one.folder / "series.yaml"
        for change, to, says in (("every-days: 183", "every-days: 213", "do not overlap"),
                                 ("count: 6", "count: 30", "no further than ten years"),
                                 ("trust: private", "trust: public", "signs no CRLs ahead"),
                                 ("days: 213", "months: 7", "must say 'next-update' in days"),
                                 ("only-ca-certificates: no", "only-ca-certificates: yes", "not of a full CRL"),
                                 ("every-days: 183", "every-days: 60", "by no more than the time between two")):
            script.write_text(text.replace(change, to))
            (one.folder / "profiles/crl-series.yaml").write_text(profile.replace(change, to))
            result = run(r.CEREMONY, "check", script, "--site", one.site)
            check(result.returncode == 1 and says in said_by(result), f"{to}: {result.returncode} {said_by(result)}")


def recorded_not_ended():
    """Killed when everything is signed and recorded, but not the step's end: nothing is signed again."""
    with r.Rehearsal("root-crl-series") as one:
        own = one.answers
        one.answers = one.answers_with({}, drop=["seal-materials.1.bag"])
        check(one.run().returncode == 3, "not interrupted")
        one.cut_after("plan-crls")
        one.answers = own
        result = one.resume()
        if check(result.returncode == 0, f"resume: {said_by(result)}"):
            r.check_audit(one)
            as_in_ledger(one, "end")


def aborted():
    """Given up in the middle: the next ceremony destroys what was signed, sealed or not, and goes on above it."""
    with r.Rehearsal("root-crl-series") as one:
        one.answers = one.answers_with({}, drop=["sign-series.4.bag"])
        check(one.run().returncode == 3, "not interrupted")
        check(one.abort().returncode == 0, "not aborted")
        check([path.name for path in (one.folder / "media-4").iterdir()].count(name(4)) == 1, "4 is not on its medium")
        ledger = sqlite3.connect(f"file:{one.site / 'ledger.db'}?mode=ro", uri=True)
        states = ledger.execute("SELECT number, state FROM crl_custody ORDER BY number").fetchall()
        ledger.close()
        check(states == [(3, "sealed"), (4, "unreleased")], f"custody: {states}")
        result = run_next(one, "root-crl", "next")
        check(result.returncode == 0, f"after an abort: {said_by(result)[-300:]}")
        audited(one, "next")
        check(not list((one.folder / "media-4").iterdir()), "something is left on the medium")
        check((one.evidence / "crls" / name(5)).exists(), "the number is not above the highest")


def interrupted():
    """Killed at each record of the destruction: resumed, each CRL has one end, and what was done rightly verifies."""
    with r.Rehearsal("root-crl-series") as one, tempfile.TemporaryDirectory() as whole_site:
        check(one.run().returncode == 0, "the series")
        shutil.copytree(one.folder, whole_site, dirs_exist_ok=True)
        check(run_next(one, "root-crl", "control").returncode == 0, "destroyed without an interruption")
        lines = [record["seq"] for record in one.records() if record["step"] == "destroy-ahead"]
        for number, seq in enumerate(lines):
            for path in one.folder.iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            shutil.copytree(whole_site, one.folder, dirs_exist_ok=True)
            result = run_next(one, "root-crl", "next", env={"LD_PRELOAD": str(KILL), "KILL_ONLY": "/transcript.jsonl",
                                                           "KILL_AT": f"{seq}{'+' if number % 2 else ''}"})
            if not check(result.returncode == -9, f"record {seq}: not killed: {result.returncode} {said_by(result)[-200:]}"):
                continue
            result = one.call("resume", one.evidence, "--trust", one.folder / "next.trust")
            if check(result.returncode == 0, f"record {seq}: resume: {said_by(result)[-300:]}"):
                audited(one, "next")
                check(not list((one.folder / "media-4").iterdir()), f"record {seq}: something is left on the medium")
                check((one.evidence / "crls" / name(LAST + 1)).exists(), f"record {seq}: the number is not above the highest")


def release_interrupted():
    """Killed while one is released, resumed when the time of the next has come: the one that was announced is released."""
    with r.Rehearsal("root-crl-series") as one, tempfile.TemporaryDirectory() as whole_site:
        check(one.run().returncode == 0, "the series")
        shutil.copytree(one.folder, whole_site, dirs_exist_ok=True)
        check(run_next(one, "release-crl", "control", later=190).returncode == 0, "released without an interruption")
        announced = next(record["seq"] for record in one.records() if record["data"].get("does") == "release-crl")
        seqs = [record["seq"] for record in one.records() if record["step"] == "release" and record["seq"] >= announced
                and record["type"] in ("intent", "output")]
        tried = 0
        for seq in seqs:
            for path in one.folder.iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            shutil.copytree(whole_site, one.folder, dirs_exist_ok=True)
            result = run_next(one, "release-crl", "release", later=190,
                              env={"LD_PRELOAD": str(KILL), "KILL_ONLY": "/transcript.jsonl", "KILL_AT": f"{seq}+"})
            if not check("Caught Killed" in said_by(result), f"release, record {seq}: not killed: {said_by(result)[-200:]}"):  # says faketime
                continue
            if one.records()[-1]["seq"] < announced:  # nothing was: the last one whose time has come is released
                continue
            tried += 1
            one.faketime = "+400d"
            result = one.call("resume", one.evidence, "--trust", one.folder / "release.trust")
            one.faketime = ""
            if check(result.returncode == 0, f"release, record {seq}: resume: {said_by(result)[-300:]}"):
                audited(one, "release")
                check([path.name for path in (one.evidence / "crls").iterdir()] == [name(FIRST + 1)],
                      f"release, record {seq}: {list((one.evidence / 'crls').iterdir())}")
        check(tried > 2, f"{tried} records of the release")


def killed():
    """At flushes through the step: resumed, every number is there once, on the medium and in its bag."""
    every = int(os.environ.get("SERIES_KILL_EVERY", "47"))
    with r.Rehearsal("root-crl-series") as one:
        count = one.folder / "count"
        one.run(env={"LD_PRELOAD": str(KILL), "KILL_COUNT": str(count)})
        flushes = int(count.read_text())
        begin = flushes * 4 // 10
    for point in range(begin, flushes * 9 // 10, every):
        with r.Rehearsal("root-crl-series") as one:
            result = one.run(env={"LD_PRELOAD": str(KILL), "KILL_AT": f"{point}{'+' if point % 2 else ''}"})
            if not check(result.returncode == -9, f"flush {point}: not killed"):
                continue
            result = one.resume()
            if not check(result.returncode == 0, f"flush {point}: resume: {result.stderr.strip()}"):
                continue
            try:
                r.check_chain(one, True)
                r.check_audit(one)
            except r.Broken as broken:
                check(False, f"flush {point}: {broken}")
            check(sorted(path.name for path in (one.folder / "media-4").iterdir())
                  == [name(number) for number in range(FIRST + 1, LAST + 1)], f"flush {point}: other files are sealed")
            as_in_ledger(one, point)


def as_in_ledger(one, point):
    ledger = sqlite3.connect(f"file:{one.site / 'ledger.db'}?mode=ro", uri=True)
    rows = ledger.execute("SELECT number, crl_sha256, state, bag FROM crl_custody JOIN crls USING"
                          " (issuer, scope, number) ORDER BY number").fetchall()
    ledger.close()
    check([row[0] for row in rows] == list(range(FIRST + 1, LAST + 1)) and all(row[2] == "sealed" for row in rows)
          and len({row[3] for row in rows}) == len(rows), f"flush {point}: custody {rows}")
    for number, sha256, _, _ in rows:
        said = run("sha256sum", one.folder / "media-4" / name(number)).stdout.split()[0]
        check(said == sha256, f"flush {point}: CRL {number} on the medium is not the ledger's")


def main():
    parts = {function.__name__: function for function in (whole, bad_series, recorded_not_ended, aborted, interrupted, release_interrupted,
                                                    killed)}
    if shutil.which("faketime") is None:
        print("SKIPPED: faketime is not installed")
        return 77
    for part in sys.argv[1:] or parts:
        parts[part]()
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    assert pathlib.Path(r.CEREMONY).exists() and json
    sys.exit(main())
