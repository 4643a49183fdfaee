#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same ceremony under other site files and scripts: PINs in halves, a plan of groups, a key without
backup, another signature of the people."""
import pathlib
import re
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
            "deliver-root-shares.4.bag": "R-0008",
            "deliver-root-shares.5.bag": "R-0009",
            "restore-root.1.share": "{shown: deliver-root-shares.5.share}",
            "restore-root.2.share": "{shown: deliver-root-shares.1.share}",
            "restore-root.3.share": "{shown: deliver-root-shares.4.share}",
            "restore-root.4.share": "{shown: deliver-root-shares.3.share}",
        })
        result = one.run(answers=answers)
        assert result.returncode == 0, result.stderr
        r.check_finished(one)


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


def main():
    pin_in_halves()
    two_groups()
    without_backup("ed25519")
    without_backup("ec-p256")
    print("4 passed, 0 failed")


if __name__ == "__main__":
    main()
