#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same ceremony under other site files and scripts: PINs in halves and at each signature, a plan of
groups, a key without backup, another signature of the people."""
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support/py"))
import rehearsal as r  # noqa: E402


def pin_in_halves():
    with r.Rehearsal() as one:
        path = one.site / "environment.yaml"
        text = path.read_text()
        path.write_text(text.replace("user-pin: typed", "user-pin: split", 1))
        answers = one.answers_with({
            "*.primary.user-pin.first-half": "user-pri",
            "*.primary.user-pin.second-half": "mary-1",
        }, drop=("*.primary.user-pin",))
        result = one.run(answers=answers)
        assert result.returncode == 0, result.stderr
        r.check_finished(one)


def two_groups():
    """Two groups, both needed: two of three here, two of two there."""
    with r.Rehearsal() as one:
        path = one.site / "custody.yaml"
        text = path.read_text()
        text = text.replace("plans:", """  - name: Otto Brandt
    organisation: "Example Trust Services"
    document: passport
    roles: [custodian]
    sign-off: wet-ink
  - name: Yuki Sato
    organisation: "Example Trust Services"
    document: passport
    roles: [custodian]
    sign-off: wet-ink
plans:""")
        text = text.replace("group-threshold: 1", "group-threshold: 2")
        text = text.replace("bags:", """      - name: second continent
        threshold: 2
        holders:
          - {person: Otto Brandt, place: vault A}
          - {person: Yuki Sato, place: vault B}
bags:""")
        path.write_text(text)
        answers = one.answers_with({
            "deliver-root-shares.4.bag": "R-0011",
            "deliver-root-shares.5.bag": "R-0012",
            "restore-root.1.share": "{shown: deliver-root-shares.5.share}",
            "restore-root.2.share": "{shown: deliver-root-shares.1.share}",
            "restore-root.3.share": "{shown: deliver-root-shares.4.share}",
            "restore-root.4.share": "{shown: deliver-root-shares.3.share}",
        })
        result = one.run(answers=answers)
        assert result.returncode == 0, result.stderr
        r.check_finished(one)


def own_token_signs_off():
    """Ada Byron brings a token with a key and certificate of her own."""
    with r.Rehearsal() as one:
        environment = one.site / "environment.yaml"
        text = environment.read_text()
        module = next(line.split('"')[1] for line in text.splitlines()
                      if line.strip().startswith("path:"))
        env = {**os.environ, "SOFTHSM2_CONF": str(one.folder / "softhsm2.conf")}

        def call(*words):
            subprocess.run(list(map(str, words)), env=env, check=True, capture_output=True)

        call("softhsm2-util", "--init-token", "--free", "--label", "ada", "--pin", "ada-pin-77",
             "--so-pin", "ada-so-77")
        call("p11tool", "--provider", module, "--login", "--set-pin", "ada-pin-77",
             "--generate-ecc", "--curve", "secp256r1", "--label", "ada", "--outfile",
             one.folder / "ada.pub", "pkcs11:token=ada")
        template = one.folder / "template"
        template.write_text('cn = "PRACTICE ada-byron"\nexpiration_days = 3650\nsigning_key\n')
        call("certtool", "--provider", module, "--generate-self-signed", "--template", template,
             "--load-privkey", "pkcs11:token=ada;object=ada;type=private?pin-value=ada-pin-77",
             "--load-pubkey", one.folder / "ada.pub", "--outfile",
             one.site / "people/ada-byron.pem")
        tokens = subprocess.run(["p11tool", "--provider", module, "--list-token-urls"], env=env,
                                check=True, capture_output=True, text=True).stdout
        serial = next(part.split("=")[1] for line in tokens.splitlines() if "token=ada" in line
                      for part in line.split(";") if part.startswith("serial="))
        environment.write_text(text.replace("media:", f"""  ada:
    module: softhsm
    uri: "pkcs11:token=ada;serial={serial}"
    user-pin: typed
    so-pin: typed
media:"""))
        roster = one.site / "roster.yaml"
        roster.write_text(roster.read_text().replace("sign-off-key: people/ada-byron.key",
                                                     "sign-off-token: ada"))
        (one.site / "people/ada-byron.key").unlink()
        result = one.run(answers=one.answers_with({"*.ada.user-pin": "ada-pin-77"}))
        assert result.returncode == 0, result.stderr
        r.check_finished(one)
        shown = subprocess.run(["openssl", "cms", "-cmsout", "-print", "-inform", "DER", "-in",
                                one.evidence / "SHA256SUMS.p7s"], capture_output=True, text=True,
                               check=True).stdout
        assert shown.count("d.issuerAndSerialNumber") == 4, "not everyone signed"


def without_backup(key_type):
    """A script without backup: it is said aloud, recorded, and nothing is wrapped."""
    with r.Rehearsal() as one:
        text = one.script.read_text()
        text = text.replace("root: {type: ec-p384, token: primary, backup: wrapped, label: root}",
                            f"root: {{type: {key_type}, token: primary, backup: none, label: root}}")
        text = re.sub(r"shares:\n  root-backup: .*\n\n", "", text)
        for act in ("Backup", "Shares", "Restore"):
            text = re.sub(rf"  - act: {act}\n(?:    .*\n|\n)+?(?=  - act: )", "", text)
        text = re.sub(r"      - id: lock-root\n(?:        .*\n)+", "", text)
        folder = one.folder / "scripts"
        folder.mkdir()
        (folder / "profiles").symlink_to(r.SOURCE / "scripts/profiles")
        one.script = folder / "root-ca.yaml"
        one.script.write_text(text)
        custody = one.site / "custody.yaml"
        custody.write_text(re.sub(r"plans:\n(?:  .*\n)+", "plans: {}\n", custody.read_text()))
        result = one.run()
        assert result.returncode == 0, result.stderr
        said = [record for record in one.records() if record["type"] == "confirmation"
                and record["data"].get("prompt") == "no-backup"]
        assert len(said) == 1, said
        assert not (one.evidence / "wrapped").exists()
        r.check_finished(one)


def pin_at_each_signature():
    """CKA_ALWAYS_AUTHENTICATE (R19): the holder is asked before each signature, on the primary token and on the
    spare; a wrong PIN is recorded and asked again."""
    with r.Rehearsal() as one:
        folder = one.folder / "scripts"
        folder.mkdir()
        (folder / "profiles").symlink_to(r.SOURCE / "scripts/profiles")
        text = one.script.read_text()
        old = "backup: wrapped, label: root}"
        assert old in text
        one.script = folder / "root-ca.yaml"
        one.script.write_text(text.replace(old, "backup: wrapped, pin: each-signature, label: root}"))
        answers = one.answers_with({
            "issue-root.primary.user-pin": '["wrong-pin-1", "user-primary-1"]',
        })
        result = one.run(answers=answers)
        assert result.returncode == 0, result.stderr
        wrong = [record for record in one.records() if record["data"].get("what") == "wrong-pin"]
        assert len(wrong) == 1 and wrong[0]["step"] == "issue-root", wrong
        read = [row["read"] for record in one.records() if record["data"].get("what") == "attributes"
                for row in record["data"]["attributes"] if row["name"] == "CKA_ALWAYS_AUTHENTICATE"]
        assert read.count("true") == 3, read  # made, restored, locked; the recorder's key has it not
        r.check_finished(one)
        found_with_its_pin(one)


def found_with_its_pin(one):
    """A later ceremony says the same of the key, announces it so, and is verified: the rollover's."""
    subprocess.run([r.SOURCE / "scripts/dev/make-site", "rollover", one.folder], check=True, capture_output=True)
    text = (r.SOURCE / "scripts/rollover.yaml").read_text()
    script = one.folder / "scripts/rollover.yaml"
    script.write_text(re.sub(r"(made: earlier)", r"pin: each-signature, \1", text, count=1))
    assert script.read_text() != text
    evidence = one.folder / "later"
    result = one.call("run", script, "--evidence", evidence, "--trust", one.folder / "later.trust",
                      answers=one.folder / "answers.yaml")
    assert result.returncode == 0, result.stderr
    result = subprocess.run([r.AUDIT, "verify", evidence, "--trust", one.folder / "later.trust"], text=True, capture_output=True,
                            check=False)
    assert result.returncode == 0, result.stdout


def three_wrong_pins_at_a_signature_stop():
    with r.Rehearsal() as one:
        folder = one.folder / "scripts"
        folder.mkdir()
        (folder / "profiles").symlink_to(r.SOURCE / "scripts/profiles")
        one.script = folder / "root-ca.yaml"
        one.script.write_text((r.SOURCE / "scripts/root-ca.yaml").read_text().replace(
            "backup: wrapped, label: root}", "backup: wrapped, pin: each-signature, label: root}"))
        result = one.run(answers=one.answers_with({
            "issue-root.primary.user-pin":
                '["wrong-pin-1", "wrong-pin-2", "wrong-pin-3"]'}))
        assert result.returncode == 3 and "hree wrong PINs" in result.stderr, result.stderr
        assert not list(one.evidence.glob("certificates/*root*"))
        result = one.resume()
        assert result.returncode == 0, result.stderr
        r.check_finished(one)


def media_carry_nothing_confidential():
    with r.Rehearsal() as one:
        result = one.run()
        assert result.returncode == 0, result.stderr
        confidential = {"confidential.jsonl", "custody.yaml", "custodians.p7s"}
        for medium, wanted in (("media-1", set()), ("media-2", set()), ("media-3", confidential)):
            found = {path.name for path in (one.folder / medium).rglob("*") if path.is_file()}
            assert found & confidential == wanted, (medium, found)
            copy = next((one.folder / medium).iterdir())
            audit = subprocess.run([r.AUDIT, "verify", copy, "--trust", one.folder / "trust"],
                                   capture_output=True, text=True, check=False)
            assert audit.returncode == 0, audit.stdout


def main():
    media_carry_nothing_confidential()
    pin_in_halves()
    two_groups()
    own_token_signs_off()
    without_backup("ed25519")
    without_backup("ec-p256")
    pin_at_each_signature()
    three_wrong_pins_at_a_signature_stop()
    print("8 passed, 0 failed")


if __name__ == "__main__":
    main()
