# SPDX-License-Identifier: Apache-2.0
"""The rows of the campaign: design, title, commands of the short run, commands of the full run.

A command is a script below tests/, or build:PROGRAM. A row without short commands is part of the ordinary tests at
its short size; docs/ASSURANCE.md names them."""
import pathlib

# Every ceremony that goes on from another one; those that have steps of their own are sampled.
# activate-quorum has a campaign of its own, which types the shares of the day; sign-requests is the step of device-batch.
LATER = sorted(case.parent.name for case in (pathlib.Path(__file__).resolve().parents[2] / "scripts/rehearsal").glob("*/case")
               if case.parent.name not in ("activate-quorum", "sign-requests"))
# On one module, which the fault module can stand before.
ON_SOFTHSM = [name for name in LATER if not name.endswith("-nss")]
SAMPLED = [("subordinate-sign", 23), ("subordinate-import", 23), ("destroy-key", 23), ("rollover", 61), ("cross-certificate", 61)]

DESIGNS = [
    ("T1", "PKCS#11 calls that fail, kill, hang up",
     ["fault/pkcs11_campaign.py --every 61 --offset 9"],
     ["fault/pkcs11_campaign.py --places"]),
    ("T1", "the same in later ceremonies",
     ["fault/pkcs11_campaign.py --rehearsal reshare --places --every 83 --offset 40"],
     [f"fault/pkcs11_campaign.py --rehearsal {name} --places" for name in ON_SOFTHSM]),
    ("T2", "a token that lies",
     ["fault/lies_campaign.py"],
     ["fault/lies_campaign.py"]),
    ("T3", "killed at a flush: root",
     ["fault/kill_campaign.py --every 31 --offset 6"],
     ["fault/kill_campaign.py"]),
    ("T3", "killed at a flush: later ceremonies",
     [f"fault/kill_campaign.py --rehearsal {name} --every {every} --offset {every // 2}"
      for name, every in SAMPLED],
     [f"fault/kill_campaign.py --rehearsal {name} --in-turn" for name in LATER]),
    ("T3", "killed while a token comes under a quorum",
     ["fault/quorum_kill_campaign.py --every 71 --offset 20"],
     ["fault/quorum_kill_campaign.py"]),
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
    ("T7", "transcript and ledger changed by a byte or a line",
     ["fault/tamper_campaign.py --every 50"],
     ["fault/tamper_campaign.py --bits 8", "e2e/test_audit_tamper.py 1800"]),
    ("T6", "an allocation of the program fails",
     ["fault/memory_campaign.py --every 4001 --offset 3100"],
     ["fault/memory_campaign.py"]),
    ("T6", "fuzzed inputs, each also with an allocation that fails",
     ["fuzz/campaign --runs 250"],
     ["fuzz/campaign --runs 20000", "fuzz/campaign --seconds 600"]),
    ("T12", "secrets in memory and files at every prompt; T13: locks, cores",
     ["fault/secrets_campaign.py --every 41 --offset 3", "fault/secrets_campaign.py --rehearsal restore --kinds locked --every 29"],
     ["fault/secrets_campaign.py --rehearsal all"]),
    ("T15", "scrollback and memory while ceremonies are typed",
     [],
     ["fault/scrollback_campaign.py --rehearsal all"]),
    ("CT", "time that depends on a secret",
     [],
     ["ct/test_constant_time.sh"]),
    ("B1", "two builds in different folders",
     [],
     ["../scripts/dev/reproduce"]),
    ("T24", "mutants of shamir, transcripts, rules and ledger",
     [],
     ["campaign/mutants --count 200"]),
]
