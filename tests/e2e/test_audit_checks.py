#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Each check of ceremony-audit against a folder that violates it: the records are changed, then chain
# and sums are made anew, so that only the check in question stands between the change and the
# auditor (and the seal, whose keys the forger has not). Each row names the check that must speak.
import copy
import os
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(os.environ["SOURCE_DIR"]) / "tests/support"))
import evidence as e  # noqa: E402
from forgeries import (  # noqa: E402
    absent, ahead_of, answered, attribute, confided, copies, done, doubt_the_clock, drop, drop_step, empty,
    ended, entered, fact, find, flip, in_ink, insert_before, intent, laxer_profile, locked, old_checkpoint,
    other_ceremony, outside, read_as, rows_of, set_data, slip_in, stranger, stranger_explained,
    swap_steps, text, two_ledgers, typed, unnoticed)


# check, what is done, a function of the records or (marked by a tuple) of the folder
RECORDS = [
    ("clock", "the clock goes back", lambda r: r[20].update(time="2020-01-01T00:00:00.000Z")),
    ("clock", "one that could hardly be right, and nobody said that it is", doubt_the_clock),
    ("clock", "the same, and one person alone said so", lambda r: doubt_the_clock(r, 1)),
    ("clock", "the same, and one person said so twice", lambda r: doubt_the_clock(r, 2)),
    ("order", "no closing", lambda r: r.pop()),
    ("order", "a second opening", lambda r: r.insert(5, copy.deepcopy(r[0]))),
    ("order", "a step without end", lambda r: drop(r, find(r, "step-end"))),
    ("order", "a pause that ends and never began",
     lambda r: insert_before(r, find(r, "step-end"), "resume", after="pause", witness_clock="x")),
    ("order", "something is announced in a pause",
     lambda r: insert_before(r, intent(r, "generate-key"), "pause", reason="x")),
    ("intents", "an intent without result", lambda r: drop(r, done(r, "set-pins"))),
    ("intents", "a signature without result, and an abort", lambda r: (
        find(r, "closing")["data"].update(state="aborted"), drop(r, done(r, "sign")))),
    ("intents", "a result of another act", lambda r: set_data(done(r, "lock-key"), does="sign")),
    ("intents", "a result of nothing", lambda r: set_data(done(r, "lock-key"), of=1)),
    ("commitments", "a commitment that nothing opens",
     lambda r: set_data(find(r, "roll-call"), custodians="ab" * 32)),
    ("commitments", "a commitment to something else",
     lambda r: set_data(done(r, "prove-restore"),
                        details=done(r, "deliver-shares")["data"]["details"])),
    ("commitments", "a torn line that nothing opens", lambda r: r.insert(-1, dict(
        copy.deepcopy(r[-2]), type="resume",
        data={"after": "interruption", "torn": {"confidential": {"commitment": "ab" * 32}}}))),
    ("inputs", "another script", lambda r: r[0]["data"]["script"].update(sha256="cd" * 32)),
    ("inputs", "another SHA-384", lambda r: r[0]["data"]["script"].update(sha384="cd" * 48)),
    ("inputs", "another profile", lambda r: r[0]["data"]["profiles"][0].update(sha256="cd" * 32)),
    ("inputs", "a profile not named", lambda r: r[0]["data"]["profiles"].pop()),
    ("inputs", "another roster",
     lambda r: r[0]["data"]["site"].update({"roster.yaml": "cd" * 32})),
    ("inputs", "another form of the transcript", lambda r: r[0]["data"].update(schema=7)),
    ("inputs", "another version of the script", lambda r: r[0]["data"]["script"].update(version="9")),
    ("inputs", "another name of the script", lambda r: r[0]["data"]["script"].update(name="other")),
    ("inputs", "another policy of a profile", lambda r: r[0]["data"]["profiles"][0].update(policy="none")),
    ("inputs", "parameters that nobody names", lambda r: r[0]["data"].update(parameters={})),
    ("inputs", "one player, or not", lambda r: r[0]["data"].update(one_player=False)),
    ("approval", "an approval that is not there",
     lambda r: r[0]["data"].update(approval={"sha256": "cd" * 32})),
    ("approval", "production without approval", lambda r: r[0]["data"].update(mode="production")),
    ("steps", "two steps change places", swap_steps),
    ("steps", "another kind", lambda r: set_data(find(r, "step-begin"), kind="confirm")),
    ("steps", "a step left out", drop_step),
    *(("acts", f"nothing was done in {step}", empty(step)) for step in (
        "welcome", "check-room", "host-facts", "check-primary", "initialise-primary", "set-pins-primary", "prove-root",
        "inventory-primary", "write-outputs", "seal-materials")),
    ("acts", "the second medium was not written", lambda r: [
        drop(r, x) for x in list(r) if x["data"].get("does") == "write-media" and x["data"]["medium"] == 2]),
    ("acts", "the objects on a token were not listed",
     lambda r: drop(r, find(r, "facts", what="inventory", when="inventory-primary"))),
    ("acts", "a step that ended otherwise", lambda r: set_data(find(r, "step-end"), outcome="failed")),
    ("acts", "an act that nobody knows", lambda r: slip_in(r, "welcome", "sign-bytes")),
    ("acts", "an act in a step for something else", lambda r: slip_in(r, "welcome", "lock-key")),
    ("acts", "a certificate for another key than the script's",
     lambda r: set_data(intent(r, "sign"), subject="other")),
    ("acts", "a certificate by another profile",
     lambda r: set_data(intent(r, "sign"), profile="crl-full")),
    ("acts", "a CRL where the script has a certificate",
     lambda r: set_data(intent(r, "sign"), object="crl")),
    ("quorum", "nobody is there", absent),
    ("quorum", "somebody is called with another document",
     lambda r: find(r, "roll-call")["data"]["people"][0].update(document="none")),
    ("quorum", "somebody unknown is called",
     lambda r: find(r, "roll-call")["data"]["people"][0].update(name="Nobody Known")),
    ("actors", "somebody unknown acts",
     lambda r: intent(r, "generate-key").update(actor="operator Nobody Known")),
    ("actors", "a step begun in another role",
     lambda r: [x for x in r if x["type"] == "step-begin"][-3].update(actor="custodian")),
    *(("answers", what, answered(prompt, change)) for what, prompt, change in (
        ("the program confirms a fingerprint", "fingerprint", {"actor": "program"}),
        ("the operator confirms a fingerprint", "fingerprint", {"actor": "operator Tomas Lind"}),
        ("whoever performs confirms, too", "confirm", {"actor": "witness Ada Byron"}),
        ("a command that the program typed", "sign", {"actor": "program"}),
        ("a no without an exception", "confirm", {"answer": "no"}),
        ("facts denied without an exception", "facts", {"answer": "no"}),
        ("another token on the table", "same", {"answer": "no"}),
        ("another question than the script's", "confirm", {"question": "Is it late?"}),
        ("another text than the script's", "read", {"text": "Welcome."}),
        ("the hash of another script", "hashes", {"script_sha256": "ab" * 32}),
        ("a question that nobody knows", "facts", {"prompt": "mood"}))),
    ("fingerprints", "one witness is left out",
     lambda r: drop(r, find(r, "confirmation", prompt="fingerprint"))),
    ("fingerprints", "one witness twice", lambda r: [
        x.update(actor=find(r, "confirmation", prompt="fingerprint")["actor"])
        for x in r if x["data"].get("prompt") == "fingerprint"]),
    ("fingerprints", "another key's",
     lambda r: set_data(find(r, "confirmation", prompt="fingerprint"), spki_sha256="ab" * 32)),
    ("keys", "another id than announced", lambda r: set_data(done(r, "generate-key"), id="00")),
    ("keys", "another hash", lambda r: set_data(done(r, "generate-key"), spki_sha384="ab" * 48)),
    ("keys", "another type", lambda r: (set_data(done(r, "generate-key"), type="ec-p256"),
                                        set_data(intent(r, "generate-key"), type="ec-p256"))),
    ("keys", "a second key", lambda r: r.insert(-1, copy.deepcopy(done(r, "generate-key")))),
    ("attributes", "one differs",
     lambda r: attribute([x for x in r if x["data"].get("what") == "attributes"][-1])),
    ("attributes", "the lock was not read", locked),
    ("attributes", "not read back at all", lambda r: [
        drop(r, x) for x in list(r) if x["data"].get("what") == "attributes"]),
    ("attributes", "one differs, and is said to agree", read_as("CKA_SENSITIVE", read="false")),
    ("attributes", "one was never read", read_as("CKA_SENSITIVE", read="unreadable")),
    ("attributes", "one was planned otherwise", read_as("CKA_SENSITIVE", planned="false", read="false")),
    ("attributes", "one is said to be absent", read_as("CKA_SENSITIVE", planned="true or absent", read="absent")),
    ("attributes", "one is said not to be kept", read_as("CKA_COPYABLE", planned="not kept by this token", read="absent")),
    ("attributes", "one is not there", read_as("CKA_DECRYPT")),
    ("attributes", "a public half that wraps, and was planned so", read_as("public CKA_WRAP", planned="true", read="true")),
    ("possession", "another signature", lambda r: set_data(
        done(r, "prove-possession"),
        signature=[x for x in r if x["data"].get("does") == "prove-possession"
                   and x["type"] == "result"][-1]["data"]["signature"])),
    ("possession", "a challenge of another step",
     lambda r: set_data(intent(r, "prove-possession"), message="AAAA")),
    ("inventory", "an object nobody explains", lambda r: find(
        r, "facts", what="inventory")["data"].update(unexplained=1)),
    ("inventory", "an object explained by any word", stranger_explained("it is fine")),
    ("inventory", "an object explained by no word", stranger_explained("")),
    ("inventory", "a key of this ceremony that it did not make", stranger_explained("key of this ceremony")),
    ("inventory", "an earlier key that the ledger does not know", stranger_explained("key of an earlier ceremony")),
    ("tokens", "another module than the environment's", lambda r: r[0]["data"]["modules"][0].update(sha256="ab" * 32)),
    ("tokens", "no module", lambda r: r[0]["data"].update(modules=[])),
    ("tokens", "a token behind another module",
     lambda r: find(r, "facts", what="token")["data"]["module"].update(sha256="ab" * 32)),
    ("tokens", "another token was initialised", lambda r: set_data(done(r, "initialise-token"), serial="ffff")),
    ("tokens", "another token was confirmed",
     lambda r: set_data([x for x in r if x["data"].get("prompt") == "same"][-1], serial="ffff")),
    ("tokens", "another token was on the table at the end", lambda r: [
        set_data(x, serial="ffff") for x in r if x["step"] == "inventory-primary" and "serial" in x["data"]]),
    ("tokens", "another label", lambda r: (set_data(done(r, "initialise-token"), label="PRACTICE-x"),
                                           set_data(intent(r, "initialise-token"), label="PRACTICE-x"))),
    ("recorder", "another hash", lambda r: set_data(done(r, "create-recorder"),
                                                    certificate_sha256="ab" * 32)),
    ("marks", "another mark than the ledger announced", lambda r: (
        set_data(done(r, "write-head"), ledger="ab" * 32), set_data(intent(r, "write-head"), ledger="ab" * 32))),
    ("marks", "another number of the mark", lambda r: (
        set_data(done(r, "write-head"), counter=9), set_data(intent(r, "write-head"), counter=9))),
    ("host", "a network card is up, and no exception", unnoticed()),
    ("host", "nobody counted the network cards", unnoticed(interfaces_up="none")),
    ("host", "swap is in use", unnoticed(interfaces_up=0, swap="yes")),
    ("host", "a debugger watches", unnoticed(interfaces_up=0, tracer=77)),
    ("checkpoints", "an earlier one once more", old_checkpoint),
    ("checkpoints", "the end of another act", lambda r: set_data(find(r, "checkpoint"), ended_act="Another")),
    ("checkpoints", "another head", lambda r: set_data(find(r, "checkpoint"), head="ab" * 32)),
    ("checkpoints", "an unsigned one", lambda r: set_data(
        [x for x in r if x["type"] == "checkpoint"][-1], signature="")),
    ("checkpoints", "a record slipped in before", lambda r: r.insert(3, copy.deepcopy(r[3]))),
    ("backup", "the proof is missing", lambda r: drop(r, done(r, "prove-restore"))),
    ("backup", "the lock is missing", lambda r: drop(r, done(r, "lock-key"))),
    ("backup", "delivery is missing", lambda r: drop(r, done(r, "deliver-shares"))),
    ("backup", "another blob", lambda r: set_data(done(r, "back-up-key"), blob_sha256="ab" * 32)),
    ("backup", "another key came back",
     lambda r: set_data(done(r, "prove-restore"), spki_sha256="ab" * 32)),
    ("outputs", "a file that an act left, and no abort",
     lambda r: set_data(find(r, "output", file="VERIFY.txt"), kind="left by an interruption")),
    ("shares", "another set of subsets", lambda r: set_data(
        done(r, "back-up-key"), subsets=done(r, "prove-restore")["data"]["details"])),
    ("shares", "nothing delivered", lambda r: set_data(
        done(r, "deliver-shares"), details=done(r, "prove-restore")["data"]["details"])),
    ("signed-objects", "other bytes announced",
     lambda r: set_data(intent(r, "sign"), tbs="AAAA")),
    ("signed-objects", "another file announced", lambda r: set_data(intent(r, "sign"), file="certificates/other")),
    ("signed-objects", "a result about other bytes", lambda r: set_data(done(r, "sign"), tbs_sha256="ab" * 32)),
    ("signed-objects", "another hash", lambda r: set_data(done(r, "sign"), sha256="ab" * 32)),
    ("signed-objects", "other dates",
     lambda r: set_data(done(r, "sign", object="crl"), valid_until=1)),
    ("signed-objects", "another level", lambda r: set_data(done(r, "sign", object="certificate"), level=2)),
    ("signed-objects", "no record of it", lambda r: set_data(done(r, "sign"), outcome="failed")),
    ("typed-commands", "nobody typed it",
     lambda r: drop(r, find(r, "confirmation", prompt="sign"))),
    ("typed-commands", "another command", lambda r: set_data(
        find(r, "confirmation", prompt="sign"), answer="SIGN SOMETHING")),
    ("lint", "a profile that is not there",
     lambda r: set_data(intent(r, "sign"), profile="nothing")),
    ("crls", "another number", lambda r: set_data(intent(r, "sign", object="crl"), number=7)),
    ("crls", "none", lambda r: set_data(done(r, "sign", object="crl"), outcome="failed")),
    ("outputs", "another hash", lambda r: set_data(find(r, "output"), sha256="ab" * 32)),
    ("outputs", "not recorded", lambda r: drop(r, find(r, "output"))),
    ("practice-marking", "called production", lambda r: r[0]["data"].update(mode="production")),
    ("practice-marking", "a label without", lambda r: set_data(done(r, "generate-key"),
                                                               label="root")),
    ("ledger", "another head at the end",
     lambda r: r[-1]["data"]["ledger"].update(head="ab" * 32)),
    ("ledger", "another head at the beginning",
     lambda r: r[0]["data"]["ledger"].update(head="ab" * 32, entries=3)),
    ("ledger", "a restored copy that it does not know", lambda r: set_data(done(r, "prove-restore"), kept="yes")),
    ("ledger", "a key that it does not know", lambda r: set_data(done(r, "generate-key"), spki_sha256="ab" * 32)),
    ("ledger", "a certificate that it does not know",
     lambda r: set_data(done(r, "sign"), sha256="ab" * 32)),
    ("ledger", "another serial number announced", lambda r: set_data(intent(r, "sign"), serial="77" * 16)),
    ("ledger", "another check value of the backup", lambda r: set_data(done(r, "back-up-key"), kcv="00" * 8)),
    ("sign-offs", "said to be unanimous",
     lambda r: set_data(find(r, "sign-off"), agrees=False)),
    ("sign-offs", "one left out", lambda r: drop(r, find(r, "sign-off"))),
    ("agreement", "somebody who signs in ink is left out", lambda r: drop(r, find(r, "sign-off", person="Tomas Lind"))),
    ("agreement", "the custodians are left out", lambda r: drop(r, find(r, "sign-off", custodian=True))),
    ("agreement", "all signed in ink, against the roster", in_ink),
    ("agreement", "somebody signs off for another",
     lambda r: find(r, "sign-off", person="Ben Okafor").update(actor="Tomas Lind")),
    ("agreement", "somebody unknown signs off", lambda r: set_data(find(r, "sign-off", person="Ben Okafor"), person="Nobody")),
    ("agreement", "somebody signs off twice", lambda r: set_data(find(r, "sign-off", person="Ben Okafor"), person="Tomas Lind")),
    ("seal", "a signer more required", lambda r: r[-1]["data"]["required_signers"].append(
        {"signer": "Nobody Known", "certificate_sha256": "ab" * 32})),
    ("seal", "a signer not required", lambda r: r[-1]["data"]["required_signers"].pop()),
    ("custodians-seal", "nobody can be named",
     lambda r: set_data(r[-1], required_custodians="ab" * 32)),
    ("closing", "exceptions forgotten", lambda r: set_data(r[-1], exceptions=0)),
    ("closing", "another ceremony", lambda r: set_data(r[-1], ceremony="other")),
    ("closing", "another date", lambda r: set_data(r[-1], next_ceremony_by="2099-01-01")),
    ("closing", "kept for a shorter time", lambda r: set_data(r[-1], retention={
        **r[-1]["data"]["retention"], "not_before": "2026-12-24 00:00:00Z"})),
    ("closing", "no key is said to be alive", lambda r: set_data(r[-1], retention={
        **r[-1]["data"]["retention"], "keys_alive": 0})),
    ("closing", "an output forgotten",
     lambda r: r[-1]["data"]["outputs"].pop("certificates/PRACTICE-root.der")),
    ("closing", "aborted, and nobody gave it up", lambda r: set_data(r[-1], state="aborted")),
    ("closing", "a state of its own", lambda r: set_data(r[-1], state="fine")),
    ("torn-ends", "a torn end that is not there", lambda r: r.insert(-1, dict(
        copy.deepcopy(r[-2]), type="resume",
        data={"after": "interruption", "torn": {"file": "torn/001", "sha256": "ab" * 32}}))),
]
FOLDER = [
    ("signed-objects", "a certificate that nobody signed", stranger),
    ("signed-objects", "the signature of the CRL", flip("crls/PRACTICE-root-1.der", -5)),
    ("signed-objects", "another PEM", flip("certificates/PRACTICE-root.pem")),
    ("recorder", "another PEM", flip("certificates/recorder.pem")),
    ("outputs", "a file that nobody wrote",
     lambda f: (f / "certificates/x.txt").write_text("x")),
    ("outputs", "another lint report", flip("lint/PRACTICE-issue-root-after.txt")),
    ("backup", "another blob", flip("wrapped/PRACTICE-root-1.kwp")),
    ("torn-ends", "a torn end that nobody names",
     lambda f: ((f / "torn").mkdir(), (f / "torn/001").write_text("x"))),
    ("addenda", "an addendum without seal",
     lambda f: ((f / "addenda/001").mkdir(parents=True), (f / "addenda/001/x").write_text("x"))),
    ("shares", "one share brought the key back", typed([1])),
    ("shares", "one share twice brought the key back", typed([1, 1])),
    ("shares", "a share that there is not brought the key back", typed([1, 9])),
    ("shares", "no share brought the key back", typed([])),
    ("shares", "a holder was not in the room", confided(lambda r: find(r, "roll-call"), "custodians",
                                                        lambda v: v[1].update(present=False))),
    ("shares", "one share was given to all",
     confided(lambda r: done(r, "deliver-shares"), "details", lambda v: [row.update(share_number=1) for row in v] and None)),
    ("agreement", "a custodian does not agree, and the record says all do",
     confided(lambda r: find(r, "sign-off", custodian=True), "person", lambda v: v[1].update(agrees=False))),
    ("agreement", "no custodian was asked",
     confided(lambda r: find(r, "sign-off", custodian=True), "person", lambda v: [])),
    ("agreement", "no custodian's signature is wanted", confided(lambda r: r[-1], "required_custodians", lambda v: [])),
    ("chain", "an opening changed", text("confidential.jsonl", '"qualified":3', '"qualified":4')),
    ("chain", "a record that is not canonical", text("transcript.jsonl", '"act":', '"act" :')),
    ("inputs", "another roster", text("roster.yaml", "\n", "\n\n")),
    ("roles", "a role that nobody has", text("roster.yaml", "[operator]", "[witness]")),
    ("script", "a script that cannot be read", text("script.yaml", "acts:", "axts:")),
    ("ledger", "an entry changed", text("ledger.jsonl", '"kind":"token-bind"', '"kind":"custody"')),
    ("outputs", "a file outside of the folder", outside),
    ("inputs", "a profile that the script reads elsewhere", laxer_profile),
    ("ledger", "a false one beside the last", two_ledgers),
    ("ledger", "another serial number than the certificate's",
     entered(("certificate-reserve", "certificate-issue"), serial="77" * 16)),
    ("ledger", "another number than the CRL's", entered(("crl-reserve", "crl-issue"), number=5)),
    ("ledger", "another end than the certificate's", entered(("certificate-reserve",), not_after=2584000000)),
    ("ledger", "another wrapped key", entered(("backup",), blob_sha256="ab" * 32)),
    ("ledger", "another set of shares", entered(("backup", "share-set"), set_id=77)),
    ("ledger", "another script", entered(("ceremony-open",), script_sha256="ab" * 32)),
    ("ledger", "an entry of another ceremony", other_ceremony),
    ("tokens", "a key on another token in the ledger", entered(("key-copy",), serial="aa")),
    ("tokens", "a key by another id in the ledger", entered(("key-add",), id="aa" * 16)),
    ("sums", "an unlisted file, written later", None),
]


# What only other ceremonies have: the rehearsal, its options, and changes as above. Without options it was held before,
# for another one.
OTHERS = [
    ("subordinate-import", (), [
        ("brought", "another certificate than the one brought",
         lambda r: set_data(done(r, "import-certificate"), sha256="ab" * 32)),
        ("brought", "one witness did not compare it with the paper",
         lambda r: drop(r, find(r, "confirmation", prompt="certificate")))], []),
    ("destroy-key", (), [
        ("acts", "no key was destroyed",
         lambda r: empty(next(x["step"] for x in r if x["data"].get("kind") == "destroy-key"))(r)),
        ("marks", "the token's mark is of a ledger that is not this one",
         lambda r: set_data(fact(r, "ceremony-head"), ledger="ab" * 32)),
        ("marks", "the mark is older than announced, and no exception", lambda r: set_data(fact(r, "ceremony-head"), announced=7)),
        ("destruction", "a copy of the ledger that the record leaves out", lambda r: copies(r).clear()),
        ("destruction", "an open copy that nobody counts", lambda r: ended(r).update(open=0)),
        ("destruction", "another file than was announced", lambda r: set_data(done(r, "destroy-file"), sha256="ab" * 32)),
        ("destruction", "a copy on another token",
         lambda r: copies(r)[0].update(serial="ff" * 8))], [
             ("destruction", "shares that their holders kept", confided(
                 lambda r: done(r, "destroy-shares"), "details", lambda v: [row.update(destroyed=False) for row in v] and None)),
             ("destruction", "another certificate of destruction",
              lambda f: (f / ended(e.read_records(f))["file"]).write_text("something else"))]),
    ("reshare", (), [
        ("backup", "old copies are left, and no exception", lambda r: set_data(done(r, "retire-backup"), copies_destroyed=False)),
        ("backup", "another backup than announced", lambda r: set_data(done(r, "retire-backup"), blob_sha256="cd" * 32)),
        ("backup", "a set that the ledger does not know", lambda r: set_data(done(r, "retire-backup"), set=0))], []),
    ("restore", (), [
        ("keys", "from a backup that the ledger does not know", lambda r: set_data(done(r, "restore-key"), set=0)),
        ("keys", "a copy that was not to be kept, or was", lambda r: set_data(done(r, "restore-key"), kept="no"))], []),
    ("device-batch", ("--count", "20"), [
        ("acts", "by another profile than the script's", lambda r: (
            set_data(intent(r, "sign-requests"), profile="x"), set_data(done(r, "sign-requests"), profile="x"))),
        ("batches", "by another key than announced", lambda r: set_data(done(r, "sign-requests"), key="x"))], [
        ("batches", "a verdict changed", text("results.jsonl", '"issued"', '"refused"'))]),
    ("device-seeds", ("--count", "5"), [
        ("batches", "another list than was opened", lambda r: set_data(done(r, "open-seeds"), sha256="ab" * 32)),
        ("batches", "another number of seeds", lambda r: set_data(done(r, "open-seeds"), devices=4)),
        ("batches", "a list opened by another key", lambda r: set_data(done(r, "open-seeds"), spki_sha256="ab" * 32)),
        ("batches", "another origin than the script's",
         lambda r: intent(r, "sign-requests")["data"]["origin"].update(method="avocado")),
        ("batches", "another line than the ledger's",
         lambda r: intent(r, "sign-requests")["data"]["origin"].update(line="99")),
        ("batches", "another type of key than the script's",
         lambda r: intent(r, "sign-requests")["data"]["origin"].update(key="ec-p384")),
        ("batches", "a derivation that nobody knows",
         lambda r: intent(r, "sign-requests")["data"]["origin"].update(derivation="other")),
        ("keys", "a key that is said to sign", lambda r: done(r, "find-key", key="seeds")["data"].pop("use")),
        ("possession", "something else was decrypted",
         lambda r: set_data(done(r, "prove-possession", key="seeds"), answer="ab" * 32))], [
             ("batches", "keys that nobody asked for",
              lambda f: (f / "device-keys/PRACTICE-sign-batch").mkdir(parents=True))]),
    ("root-crl", (), [
        ("typed-commands", "nobody typed that it is revoked", lambda r: drop(r, find(r, "confirmation", prompt="revoke"))),
        ("typed-commands", "more was revoked than typed", lambda r: set_data(intent(r, "revoke"), count=99)),
        ("typed-commands", "another list was typed", lambda r: set_data(find(r, "confirmation", prompt="revoke"), sha256="ab" * 32)),
        ("crls", "other numbers than planned", lambda r: set_data(intent(r, "plan-crls"), numbers={})),
        ("crls", "more than were signed", lambda r: set_data(done(r, "plan-crls"), crls=77)),
        ("host", "a reader that nothing confined", lambda r: set_data(fact(r, "reader"), seccomp=False))], [
        ("revocations", "another row than was entered",
         lambda f: rows_of(f).write_text(rows_of(f).read_text().replace('"reason":5', '"reason":1'))),
        ("revocations", "the rows are not there", lambda f: rows_of(f).unlink())]),
    ("root-crl-series", (), [
        ("crls-ahead", "other dates than in the CRL",
         lambda r: set_data(done(r, "sign-crl-ahead"), valid_until=done(r, "sign-crl-ahead")["data"]["valid_until"] + 1)),
        ("crls-ahead", "a number that the ledger does not hold",
         lambda r: set_data(done(r, "sign-crl-ahead"), number=99)),
        ("crls-ahead", "a bag of which nothing is recorded", lambda r: drop(r, fact(r, "crl-sealed"))),
        ("crls-ahead", "another bag than the ledger names", lambda r: set_data(fact(r, "crl-sealed"), bag="R-9999"))], [
            ("crls-ahead", "other bytes than were announced", lambda f: ahead_of(f).write_bytes(
                ahead_of(f).read_bytes()[:-1] + b"x"))]),
    ("custody-check", (), [
        ("custody", "a bag that is missing, and no exception",
         lambda r: set_data(fact(r, "bag-check"), state="missing")),
        ("custody", "more shares may be lost than there are",
         lambda r: set_data(fact(r, "share-check"), margin=2)),
        ("custody", "faults without exceptions", lambda r: set_data(fact(r, "share-check"), faults=1)),
        ("custody", "a check that the ledger does not know",
         lambda r: set_data(fact(r, "shares-checked"), details="ab" * 32))], []),
    ("custody-check.work/before/activate-quorum", None, [
        ("pins", "shares that were not proven", lambda r: set_data(done(r, "split-pin"), outcome="failed")),
        ("pins", "another set than announced", lambda r: set_data(done(r, "change-pin"), set=1)),
        ("pins", "a set that is void", lambda r: r.insert(r.index(intent(r, "change-pin")), dict(
            copy.deepcopy(done(r, "split-pin")), data=dict(done(r, "split-pin")["data"], does="void-pin-set")))),
        ("pins", "old shares that nobody typed", lambda r: [
            set_data(x, set=1) for x in r if x["data"].get("what") == "quorum-shares"]),
        ("pins", "a PIN that was used and kept in silence",
         lambda r: r.insert(-1, copy.deepcopy(fact(r, "quorum-shares")))),
        ("pins", "a PIN kept without an exception", lambda r: (
            r.insert(-1, copy.deepcopy(fact(r, "quorum-shares"))),
            r.insert(-1, dict(copy.deepcopy(fact(r, "quorum-shares")),
                              data=dict(fact(r, "quorum-shares")["data"], what="quorum-kept"))))),
        ("pins", "a set that the ledger does not know", lambda r: [
            set_data(x, serial="ff") for x in r if x["data"].get("does") in ("split-pin", "change-pin")]),
        ("shares", "shares of a PIN went nowhere", lambda r: set_data(done(r, "split-pin"), details="ab" * 32))], []),
]


def try_changes(whole, copy_of, records_changes, folder_changes):
    """How many were not found by the check that should find them."""
    failed = 0
    for number, (check, what, change) in enumerate(records_changes + folder_changes):
        shutil.rmtree(copy_of, ignore_errors=True)
        shutil.copytree(whole, copy_of)
        if number < len(records_changes):
            records = e.read_records(copy_of)
            change(records)
            e.write_records(copy_of, records)
        elif change is not None:
            change(copy_of)
        e.write_sums(copy_of)
        if change is None:
            (copy_of / "later.txt").write_text("x")
        status, report = e.verify(copy_of)
        spoke = e.faults(report)
        if status != 4 or check not in spoke:
            print(f"NOT FOUND by {check}: {what} (status {status}, faults of {list(spoke)})")
            failed += 1
    return failed


def main():
    failed = 0
    with tempfile.TemporaryDirectory(prefix="audit-checks.") as name:
        base = pathlib.Path(name)
        whole = e.rehearse(base)
        status, report = e.verify(whole, "--trust", f"{whole}.trust")
        if status != 0:
            print("the untouched folder is not verified:", e.faults(report))
            return 1
        # Made anew without any change it is the same to the byte: the changes below are the only ones.
        before = {p.name: p.read_bytes() for p in whole.iterdir() if p.is_file()}
        e.write_records(whole, e.read_records(whole))
        e.write_sums(whole)
        if before != {p.name: p.read_bytes() for p in whole.iterdir() if p.is_file()}:
            print("the folder is not made anew byte for byte")
            return 1
        copy_of = base / "changed"
        failed += try_changes(whole, copy_of, RECORDS, FOLDER)
        for name, options, records_changes, folder_changes in OTHERS:
            other = base / name if options is None else e.rehearse(base, name, name, options)
            status, report = e.verify(other, "--trust", f"{other}.trust")
            if status != 0:
                print(f"the untouched folder of {name} is not verified:", e.faults(report))
                failed += 1
            failed += try_changes(other, copy_of, records_changes, folder_changes)
        covered = {row[0] for row in RECORDS + FOLDER}
        covered |= {row[0] for _, _, changes, more in OTHERS for row in changes + more}
        named = {row["check"] for row in e.verify(whole)[1]["checks"]} - {"trust"}
        # seal-form: tests/unit/audit/test_seal_frame.c; blocks: test_unfinished.py
        for check in sorted(named - covered - {"seal-form", "blocks"}):
            print(f"no row tries the check {check}")
            failed += 1
        status, report = e.verify(whole, "--production")
        if status != 4 or "practice-marking" not in e.faults(report):
            print("--production takes a rehearsal")
            failed += 1
    print(f"{len(RECORDS) + len(FOLDER)} violations tried, {failed} not found")
    return 1 if failed else 0


sys.exit(main())
