# SPDX-License-Identifier: Apache-2.0
"""The rows of the campaign: design, title, commands of the short run, commands of the full run.

A command is a script below tests/, or build:PROGRAM. A row without short commands is part of the ordinary tests at
its short size; docs/ASSURANCE.md names them."""
import pathlib

# Every ceremony that goes on from another one; those that have steps of their own are sampled.
# activate-quorum has a campaign of its own, which types the shares of the day.
LATER = sorted(case.parent.name for case in (pathlib.Path(__file__).resolve().parents[2] / "scripts/rehearsal").glob("*/case")
               if case.parent.name != "activate-quorum")
# On one module, which the fault module can stand before.
ON_SOFTHSM = [name for name in LATER if not name.endswith("-nss")]
SAMPLED = [("subordinate-sign", 23), ("subordinate-import", 23), ("destroy-key", 23), ("rollover", 61), ("cross-certificate", 61)]
ALL_WAYS = "full-once,full,kill,medium-once,cut,medium,kill-after,quota,short,cut,short-then-full"
LIED_TO = " ".join(f"--matrix {name}" for name in ["root-ca", *ON_SOFTHSM])

DESIGNS = [
    ("T1", "PKCS#11 calls that fail or kill: root",
     ["fault/pkcs11_campaign.py --every 61 --offset 9"],
     ["fault/pkcs11_campaign.py --places"]),
    ("T1", "the same in later ceremonies, kinds in turn",
     ["fault/pkcs11_campaign.py --rehearsal reshare --places --every 83 --offset 40"],
     [f"fault/pkcs11_campaign.py --rehearsal {name} --places --in-turn" for name in ON_SOFTHSM]),
    ("T1", "PKCS#11 calls that never return",
     [],
     ["fault/pkcs11_campaign.py --kinds hang --places --every 5 --offset 2"]),
    ("T2", "a token that lies: root",
     ["fault/lies_campaign.py"],
     ["fault/lies_campaign.py"]),
    ("T2", "a token that lies: every ceremony",
     ["fault/lies_campaign.py --matrix restore --every 5"],
     [f"fault/lies_campaign.py {LIED_TO}"]),
    ("T3", "killed before and after a flush: root",
     ["fault/kill_campaign.py --every 31 --offset 6"],
     ["fault/kill_campaign.py"]),
    ("T3", "killed at a record: later ceremonies, in turn",
     [f"fault/kill_campaign.py --rehearsal {name} --every {every} --offset {every // 2}"
      for name, every in SAMPLED],
     [f"fault/kill_campaign.py --rehearsal {name} --records --in-turn" for name in LATER]),
    ("T1", "PKCS#11 calls that fail or kill: a token comes under a quorum",
     ["fault/quorum_campaign.py --calls --every 97 --offset 30"],
     ["fault/quorum_campaign.py --calls"]),
    ("T3", "killed while a token comes under a quorum",
     ["fault/quorum_campaign.py --every 71 --offset 20"],
     ["fault/quorum_campaign.py"]),
    ("T3", "killed at chance moments of a batch",
     [f"fault/batch_kill_campaign.py --kills 4 --count 700 --seed {form + 7} --form {form}" for form in range(3)],
     [f"fault/batch_kill_campaign.py --kills 200 --count 2000 --seed {form + 1} --form {form}" for form in range(3)]),
    ("T3", "killed before and after a file operation",
     ["fault/io_campaign.py --kinds kill,kill-after --every 211 --offset 17"],
     ["fault/io_campaign.py --kinds kill,kill-after --places"]),
    ("T4", "full disk, failing medium, short writes",
     ["fault/io_campaign.py --every 151 --offset 40"],
     ["fault/io_campaign.py --places"]),
    ("T4", "file operations of later ceremonies: a sample, all ways in turn",
     [],
     [f"fault/io_campaign.py --rehearsal {name} --kinds {ALL_WAYS} --every 110 --offset {number}"
      for number, name in enumerate(LATER)]),
    ("T5", "power cut: nothing unflushed is left",
     ["fault/io_campaign.py --kinds cut --every 211 --offset 60"],
     ["fault/io_campaign.py --kinds cut --places"]),
    ("T6", "an allocation of the program fails",
     ["fault/memory_campaign.py --every 4001 --offset 3100"],
     ["fault/memory_campaign.py --places"]),
    ("T6", "fuzzed inputs, each also with an allocation that fails",
     ["fuzz/campaign --runs 250"],
     ["fuzz/campaign --runs 20000", "fuzz/campaign --seconds 60"]),
    ("T6", "allocations of later ceremonies: a sample of places, in turn",
     [],
     [f"fault/memory_campaign.py --rehearsal {name} --places --every 45 --offset {number}" for number, name in enumerate(LATER)]),
    ("T7", "transcript and ledger changed by a bit, byte or line (T8 too)",
     ["fault/tamper_campaign.py --every 50"],
     ["fault/tamper_campaign.py --bits 8", "e2e/test_audit_tamper.py 1800"]),
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

# Every single point, where the full campaign takes one of each place or the kinds in turn. Days; by name only.
WHOLE = [
    ("T1", "PKCS#11 calls that fail or kill: later ceremonies",
     [f"fault/pkcs11_campaign.py --rehearsal {name} --places" for name in ON_SOFTHSM]),
    ("T3", "killed at a flush: later ceremonies",
     [f"fault/kill_campaign.py --rehearsal {name} --in-turn" for name in LATER]),
    ("T3", "killed at a file operation",
     ["fault/io_campaign.py --kinds kill,kill-after"]),
    ("T4", "full disk, failing medium, short writes",
     ["fault/io_campaign.py"]),
    ("T5", "power cut: nothing unflushed is left",
     ["fault/io_campaign.py --kinds cut"]),
    ("T6", "an allocation of the program fails",
     ["fault/memory_campaign.py"]),
    ("T6", "fuzzed inputs",
     ["fuzz/campaign --seconds 3600"]),
]
