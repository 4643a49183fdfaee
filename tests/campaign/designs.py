# SPDX-License-Identifier: Apache-2.0
"""The rows of the campaign: design, title, commands of the short run, commands of the full run.

A command is a script below tests/, or build:PROGRAM. A row without short commands is part of the ordinary tests at its short size;
docs/ASSURANCE.md names them."""

DESIGNS = [
    ("T1", "PKCS#11 calls that fail, kill, hang up",
     ["fault/pkcs11_campaign.py --every 37 --offset 9"],
     ["fault/pkcs11_campaign.py --places"]),
    ("T2", "a token that lies",
     ["fault/test_lies.py"],
     ["fault/test_lies.py"]),
    ("T3", "killed at a flush: root",
     ["fault/kill_campaign.py --every 17 --offset 6"],
     ["fault/kill_campaign.py"]),
    ("T3", "killed at a flush: later ceremonies",
     ["fault/kill_campaign.py --rehearsal subordinate-sign --every 23 --offset 11",
      "fault/kill_campaign.py --rehearsal subordinate-import --every 23 --offset 11",
      "fault/kill_campaign.py --rehearsal destroy-key --every 23 --offset 11",
      "fault/kill_campaign.py --rehearsal rollover --every 61 --offset 30"],
     ["fault/kill_campaign.py --rehearsal subordinate-sign",
      "fault/kill_campaign.py --rehearsal subordinate-import",
      "fault/kill_campaign.py --rehearsal destroy-key",
      "fault/kill_campaign.py --rehearsal rollover"]),
    ("T3", "killed at chance moments of a batch",
     [f"fault/batch_kill_campaign.py --kills 4 --count 700 --seed {form + 7} --form {form}" for form in range(3)],
     [f"fault/batch_kill_campaign.py --kills 200 --count 2000 --seed {form + 1} --form {form}" for form in range(3)]),
    ("T3", "killed at a file operation",
     ["fault/io_campaign.py --kinds kill,kill-after --every 211 --offset 17"],
     ["fault/io_campaign.py --kinds kill,kill-after"]),
    ("T4", "full disk, failing medium, short writes",
     ["fault/io_campaign.py --every 151 --offset 40"],
     ["fault/io_campaign.py"]),
    ("T5", "power cut: nothing unflushed is left",
     ["fault/io_campaign.py --kinds cut --every 211 --offset 60"],
     ["fault/io_campaign.py --kinds cut"]),
]
