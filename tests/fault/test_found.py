#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the whole campaigns found, once mended: each case at the call that it is about, wherever that call
stands by now. A row of CHANGELOG.md belongs to each."""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import io_campaign as io  # noqa: E402 (puts support/py on the path)
import campaign  # noqa: E402
import lies_campaign as lies  # noqa: E402
import pkcs11_campaign as pkcs11  # noqa: E402
import rehearsal as r  # noqa: E402


def later(function, which, then, skip=0):
    """The number of the call `then` that comes after the `which`th call of `function` (-1: the last),
    `skip` of its kind left out."""
    def number(calls):
        at = [index for index, name in enumerate(calls) if name == function][which]
        return [index for index, name in enumerate(calls) if index > at and name == then][skip] + 1
    return number


# what is tried, at which call, how it fails, how the ceremony then must end
FOUND = [
    ("the lock could not be read back once", later("C_SetAttributeValue", -1, "C_GetAttributeValue", 20),
     "out-of-spec", "resumed"),
    ("half a key that could not be destroyed", later("C_UnwrapKey", -2, "C_DestroyObject"), "device-error", "resumed"),
    ("the lock of a key was asked twice", later("C_SetAttributeValue", -1, "C_GetAttributeValue"), "device-error", "resumed"),
]

def operation(kind, start, end=""):
    """The number of the first operation of this kind on a path that begins and ends so."""
    def number(done):
        return next(index for index, (name, _, path) in enumerate(done, 1)
                    if name == kind and path.startswith(start) and path.endswith(end))
    return number


# the same for file operations; "cut" is a power cut that leaves only what was flushed
FOUND_IO = [
    ("the name of the evidence folder was not flushed", operation("mkdir", "/site/token-copies"), "cut", "resumed"),
    ("a token's initialisation was recorded, but not flushed", operation("create", "/evidence/certificates/recorder.pem"),
     "cut", "resumed"),
    ("a restored copy that was destroyed came back after a power cut", operation("create", "/evidence/SHA256SUMS"),
     "cut", "resumed"),
    ("the recorder's key came back after a power cut", operation("mkdir", "/site/archive"), "cut", "resumed"),
    ("killed after the opening record, the folder lacked its inputs", operation("write", "/evidence/transcript.jsonl"),
     "kill-after", "resumed"),
    ("a ledger that the medium does not give back was called damaged", operation("read", "/site/ledger.db"), "medium", "begun again"),
    ("a temporary file lay there when the seal was made again", operation("rename", "/evidence/SHA256SUMS"), "kill", "resumed"),
]

# the same in a batch of requests
FOUND_BATCH = [
    ("the name of a batch's review was not flushed", operation("create", "/site/batches/", "/block-000001.tmp"), "cut", "resumed"),
    ("the name of a batch's results was not flushed", operation("mkdir", "/media-2/"), "cut", "resumed"),
]

# killed at a file operation, and then aborted at once
FOUND_ABORT = [
    ("a file that had its name was in no record", "device-batch",
     operation("rename", "/evidence/certificates/PRACTICE-sign-batch/", "/000001.pem"), "kill-after", "given up"),
    ("a certificate that was taken in was signed by nobody", "subordinate-import",
     operation("rename", "/evidence/certificates/PRACTICE-subordinate.der"), "kill-after", "given up"),
    ("a set of partitions that was given up lacked some", "crl-batch",
     operation("rename", "/evidence/crls/PRACTICE-root-full-partition-2-of-4-2.der"), "kill", "given up"),
    ("the list of what was refused was taken for certificates", "sign-requests",
     operation("rename", "/evidence/certificates/PRACTICE-sign-batch/refused.txt"), "kill-after", "given up"),
    ("an abort that was refused had given up the plan of CRLs", "crl-batch",
     operation("rename", "/evidence/crls/PRACTICE-root-full-partition-2-of-4-2.der"), "kill-after", "resumed"),
]

# As if killed between the record of what a step did and the record of its end: where it is stopped, what was done.
FOUND_CUT = [("a step was done twice when resumed", "restore-root.proven", "prove-restore"),
             ("a locked key was locked once more", "lock-root.locked", "lock-key"),
             ("a destroyed copy was taken for the key", "restore-root.proven", "destroy-restored")]


def key_read_wrongly_once(ends):
    """A bit of one attribute of a CA key in use is read wrongly, and never again: the step stops. Whether people go on or
    abort, the auditor's program takes the record for what it is."""
    calls = pkcs11.count_calls("root-crl")
    found = [index for index, name in enumerate(calls) if name == "C_SignInit"][2]  # proof of possession, after the reading
    reading = calls[:found].count("C_GetAttributeValue") - 6
    with r.Rehearsal("root-crl") as one:
        pkcs11.with_fault_module(one)
        result = one.run(env={"CEREMONY_FAULT_ONGOING": "1", "CEREMONY_FAULT": f"C_GetAttributeValue@{reading}=flip"})
        if result.returncode != 3 or "is not as planned" not in result.stderr:
            raise r.Broken(f"the reading at {reading} stops nothing: {result.stderr}")
        if ends == "resumed":
            return pkcs11.campaign.finish(one)
        if one.abort().returncode != 0:
            raise r.Broken("it cannot be aborted")
        r.check_aborted(one)
        return "aborted"


def new_key_read_wrongly():
    """A key that was just made reads otherwise than planned, and cannot be destroyed, since the token shows another one for it. With
    an honest token it reads well: it goes all the same, and another is made."""
    rule = next(rule for rule in lies.rules_of("seed-key") if rule.startswith("C_FindObjects") and "@1+" not in rule
                and rule.endswith("other-key"))
    with r.Rehearsal("seed-key") as one:
        pkcs11.with_fault_module(one)
        result = one.run(env={"CEREMONY_FAULT_ONGOING": "1", "CEREMONY_FAULT": rule})
        if result.returncode != 3 or "It is still on the token" not in result.stderr:
            raise r.Broken(f"{rule} does not do that: {result.stderr}")
        end = pkcs11.campaign.finish(one)
        if not any(record["data"].get("decision") == "destroyed, whatever it reads like now" for record in one.records()):
            raise r.Broken("the key was kept")
        return end


READ_WRONGLY = [("a key in use was read wrongly once", lambda: key_read_wrongly_once("resumed")),
                ("a key in use was read wrongly once", lambda: key_read_wrongly_once("aborted")),
                ("a new key that was not as planned was kept when resumed", new_key_read_wrongly)]


def try_reading():
    broken = 0
    for what, case in READ_WRONGLY:
        try:
            print(f"{what}: {case()}", flush=True)
        except r.Broken as why:
            broken += 1
            print(f"{what}: broken: {why}", flush=True)
    return broken


def try_found(rows, things, one_case, name):
    """How many of the rows are broken (again)."""
    broken = 0
    for what, where, kind, wanted in rows:
        number = where(things)
        end, why = one_case(number, kind)
        broken += end != wanted
        print(f"{what}: {name(number)} {kind}: {end}" + ("" if end == wanted else f", not {wanted}: {why}"), flush=True)
    return broken


def try_cut():
    broken = 0
    for what, prompt, does in FOUND_CUT:
        with r.Rehearsal() as one:
            one.run(answers=one.answers_with({prompt: "[{aside: stop}]"}))
            one.cut_after(does)
            result, why = one.resume(), ""
            try:
                if result.returncode != 0:
                    raise r.Broken(f"not resumed: {result.stderr.strip()}")
                r.check_ended(one)
                twice = [record["seq"] for record in one.records() if record["type"] == "result"
                         and record["data"].get("does") == does and record["data"]["outcome"] == "done"]
                why = f"done in records {twice}" if does == "prove-restore" and len(twice) > 1 else ""
            except r.Broken as error:
                why = str(error)
        broken += why != ""
        print(f"{what}: cut after {does}: {why or 'resumed'}", flush=True)
    return broken


def kek_waits_for_pins():
    """While the security officer's PIN is asked for the backup, there is no KEK: nothing was drawn since the step began."""
    with r.Rehearsal() as one:
        pkcs11.with_fault_module(one)
        log = one.folder / "calls"
        one.run(env={"CEREMONY_FAULT_LOG": str(log)},
                answers=one.answers_with({"back-up-root.primary.so-pin": "[{aside: stop}]"}))
        if one.records()[-1]["step"] != "back-up-root":
            raise r.Broken(f"stopped in {one.records()[-1]['step']}")
        calls = [line.split()[1] for line in log.read_text().splitlines()]
        since = calls[max(index for index, name in enumerate(calls) if name in ("C_Login", "C_Logout")):]
        return not {"C_GenerateRandom", "C_CreateObject", "C_WrapKey"} & set(since)


def audited(one):
    """An aborted ceremony has no fault in the auditor's eyes; what it says."""
    result = subprocess.run([r.AUDIT, "verify", one.evidence, "--trust", one.folder / "trust"], capture_output=True, text=True,
                            check=False)
    if result.returncode != 0:
        raise r.Broken(f"the auditor finds a fault: {result.stdout}{result.stderr}")
    return result.stdout


def killed_at_signature():
    """Killed while the root's certificate was being signed, and aborted: the record says that nothing came of it."""
    for number in range(1, 12):
        with r.Rehearsal() as one:
            pkcs11.with_fault_module(one)
            result = one.run(env={"CEREMONY_FAULT_ONGOING": "1", "CEREMONY_FAULT": f"C_Sign@{number}=kill"})
            last = one.records()[-1]
            if result.returncode != -9 or last["data"].get("does") != "sign":
                continue
            if one.abort().returncode != 0:
                raise r.Broken("the abort failed")
            audited(one)
            return any(record["type"] == "result" and record["data"]["of"] == last["seq"]
                       and record["data"]["outcome"] == "nothing" for record in one.records())
    raise r.Broken("no signature of the root was met")


def killed_in_find_key():
    """Killed after a key of an earlier ceremony had signed, before it was named, and aborted: no fault (the campaign of
    kills found one)."""
    with r.Rehearsal("root-crl") as one:
        one.run(answers=one.answers_with({"find-root.found": "[{aside: stop}]"}))
        one.cut_after("prove-possession")
        if one.records()[-1]["step"] != "find-root":
            raise r.Broken(f"the last record is of {one.records()[-1]['step']}")
        (one.evidence / "inputs/PRACTICE-root.der").unlink()  # written later
        if one.abort().returncode != 0:
            raise r.Broken("the abort failed")
        return "aborted before the key that signed was named" in " ".join(audited(one).split())


def killed_before_recorder_is_a_file():
    """Killed when the recorder's certificate stood in the record, and was no file yet; and aborted: no fault."""
    number = operation("create", "/evidence/certificates/recorder.pem")(io.operations("root-ca"))
    with r.Rehearsal() as one:
        result = one.run(env=io.environment(one, IO_FAULT=f"kill@{number}"))
        r.shutil.rmtree(f"{one.folder}-shadow", ignore_errors=True)
        if result.returncode != -9 or (one.evidence / "certificates/recorder.pem").exists():
            raise r.Broken(f"not killed there: {result.returncode}")
        if one.abort().returncode != 0:
            raise r.Broken("the abort failed")
        audited(one)
        return True


# Each a case of its own.
def aborted_at(name, number, kind):
    with r.Rehearsal(name) as one:
        try:
            one.run(env=io.environment(one, IO_FAULT=io.KINDS[kind][0].replace("@", f"@{number}")))
            return campaign.end_it(one, True), None
        except r.Broken as why:
            return "broken", str(why)


def key_without_copy():
    """The ledger knew the key and not yet its copy: an abort at any entry of the step that makes the key."""
    done = io.operations("root-ca")
    first = operation("mkdir", "/evidence/certificates")(done)
    last = operation("mkdir", "/evidence/wrapped")(done)
    entries = [number for number, (kind, _, path) in enumerate(done, 1)
               if first < number < last and kind == "create" and path == "/site/ledger.db-journal"]
    ends = [aborted_at("root-ca", number, "kill") for number in entries]
    return len(ends) > 1 and all(end == "given up" for end, _ in ends)


FOUND_ALONE = [("a KEK in memory while a PIN was asked", kek_waits_for_pins),
               ("aborted while it was about to sign", killed_at_signature),
               ("aborted while a key was looked for", killed_in_find_key),
               ("aborted before the recorder's certificate was a file", killed_before_recorder_is_a_file),
               ("aborted while the ledger knew a key, and not its copy", key_without_copy)]


def try_alone():
    broken = 0
    for what, case in FOUND_ALONE:
        try:
            good, why = case(), "it is so again"
        except r.Broken as error:
            good, why = False, error
        broken += not good
        print(f"{what}: " + ("not any more" if good else f"{why}"), flush=True)
    return broken


def main():
    calls, done = pkcs11.count_calls(), io.operations("root-ca")
    broken = try_found(FOUND, calls, pkcs11.one_case, lambda number: f"call {number} ({calls[number - 1]})")
    broken += try_found(FOUND_IO, done, lambda *case: io.one_case("root-ca", *case),
                        lambda number: f"operation {number} ({' '.join(done[number - 1])})")
    of_batch = io.operations("device-batch")
    broken += try_found(FOUND_BATCH, of_batch, lambda *case: io.one_case("device-batch", *case),
                        lambda number: f"operation {number} ({' '.join(of_batch[number - 1])})")
    for what, ceremony, *row in FOUND_ABORT:
        things = io.operations(ceremony)
        broken += try_found([(what, *row)], things, lambda *case, at=ceremony: aborted_at(at, *case),
                            lambda number: f"{ceremony}, operation {number}")
    broken += try_reading() + try_cut() + try_alone()
    total = len(FOUND) + len(FOUND_ABORT) + len(FOUND_IO) + len(FOUND_BATCH) + len(FOUND_CUT) + len(FOUND_ALONE) + len(READ_WRONGLY)
    print(f"{total - broken} passed, {broken} failed")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
