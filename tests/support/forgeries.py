# SPDX-License-Identifier: Apache-2.0
#
# How a folder of evidence is made false, for test_audit_checks.py: changes of the records, and of the folder with
# all that names what was changed.
import copy
import hashlib
import json
import shutil

import evidence as e


def find(records, kind, **data):
    for record in records:
        if record["type"] == kind and all(record["data"].get(k) == v for k, v in data.items()):
            return record
    raise KeyError((kind, data))


def done(records, does, **data):
    return find(records, "result", does=does, outcome="done", **data)


def intent(records, does, **data):
    return find(records, "intent", does=does, **data)


def drop(records, record):
    records[:] = [row for row in records if row is not record]
    # results name their intents by number
    for row in records:
        if isinstance(row["data"].get("of"), int) and row["data"]["of"] > record["seq"]:
            row["data"]["of"] -= 1


def swap_steps(r):
    begins = [x for x in r if x["type"] == "step-begin"]
    begins[3]["step"], begins[4]["step"] = begins[4]["step"], begins[3]["step"]


def drop_step(r):
    step = find(r, "step-end")["step"]
    for record in [x for x in r if x["step"] == step]:
        drop(r, record)


def empty(step):
    """A step that is said to be done, and of which nothing is recorded."""
    def change(r):
        rows = [x for x in r if x["step"] == step and x["type"] not in ("step-begin", "step-end")]
        for record in rows:
            drop(r, record)
        r[-1]["data"]["exceptions"] -= sum(x["type"] == "exception" for x in rows)
    return change


def slip_in(r, step, does):
    """An act of another kind, with its result, at the end of a step."""
    end = find([x for x in r if x["step"] == step], "step-end")
    at = r.index(end)
    act = {**copy.deepcopy(end), "type": "intent", "data": {"does": does, "key": "root"}}
    for row in r:
        if isinstance(row["data"].get("of"), int) and row["data"]["of"] > at:
            row["data"]["of"] += 2
    r[at:at] = [act, {**copy.deepcopy(act), "type": "result",
                      "data": {"does": does, "key": "root", "of": at + 1, "outcome": "done"}}]


def answered(prompt, change):
    """The first answer to this question is another, or another's."""
    def run(r):
        record = find(r, "confirmation", prompt=prompt)
        change_of = dict(change)
        record["actor"] = change_of.pop("actor", record["actor"])
        record["data"].update(change_of)
    return run


def confided(get, key, change):
    """Another confidential value: `get` finds the record, `change` changes the value or returns another."""
    def run(folder):
        r = e.read_records(folder)
        data = get(r)["data"]
        about = next(x["about"] for x in map(json.loads, (folder / "confidential.jsonl").read_text().splitlines())
                     if x["commitment"] == data[key])
        value = e.opened(folder, data[key])
        other = change(value)
        data[key] = e.commit(folder, about, value if other is None else other)
        e.write_records(folder, r)
    return run


def in_ink(r):
    """Those who sign with a certificate are said to have signed in ink, and nobody misses their signatures."""
    for record in r:
        if record["data"].get("method") == "certificate":
            set_data(record, method="wet ink", certificate_sha256="")
    r[-1]["data"]["required_signers"] = r[-1]["data"]["required_signers"][:1]


def doubt_the_clock(r, said=0):
    """The host's step notes it, and goes on."""
    facts = find(r, "facts", what="host")
    like = find(r, "exception", expected="no network card is up")
    at = r.index(facts) + 1
    doubt = copy.deepcopy(like)
    doubt["data"].update(expected="the clock is after the script", observed="it is before its date")
    yes = {**copy.deepcopy(like), "type": "confirmation", "data": {"prompt": "clock", "answer": "right", "host_clock": "x"}}
    r[at:at] = [doubt] + [copy.deepcopy(yes) for _ in range(said)]


def set_data(record, **data):
    record["data"].update(data)


def attribute(fact):
    fact["data"]["attributes"][0]["agrees"] = False


def read_as(name, **change):
    """One attribute of the new key in its row; without a change the row is not there."""
    def run(r):
        rows = find(r, "facts", what="attributes", key="root")["data"]["attributes"]
        row = next(row for row in rows if row["name"] == name)
        row.update(change)
        if not change:
            rows.remove(row)
    return run


def typed(shares):
    return confided(lambda r: done(r, "prove-restore"), "details", lambda v: v.update(
        shares=[{"group": 1, "share": n} for n in shares], new_bags=[f"R-00{n:02}" for n in range(len(shares))]))


def entered(kinds, **change):
    """What the ledger holds of something is changed, in all entries of these kinds."""
    def alter(entries):
        for entry in entries:
            if entry["kind"] in kinds:
                entry["data"].update(change)

    def run(folder):
        r = e.read_records(folder)
        e.write_ledger(folder, r, alter)
        e.write_records(folder, r)
    return run


def other_ceremony(folder):
    """An entry between those of this ceremony that says to be of another one."""
    def alter(entries):
        bag = next(entry for entry in entries if entry["data"].get("kind") == "bag")
        bag["ceremony"] = "other-20261127-000000"
    r = e.read_records(folder)
    e.write_ledger(folder, r, alter)
    e.write_records(folder, r)


def outside(folder):
    """A record about a file beside the folder, which is there."""
    r = e.read_records(folder)
    (folder.parent / "beside.txt").write_text("x")
    digest = e.sha256(folder.parent / "beside.txt")
    for record in r:
        if record["data"].get("file") == "VERIFY.txt":
            set_data(record, file="../beside.txt", sha256=digest)
    r[-1]["data"]["outputs"].pop("VERIFY.txt")
    r[-1]["data"]["outputs"]["../beside.txt"] = digest
    (folder / "VERIFY.txt").unlink()
    e.write_records(folder, r)


def replaced(folder, r, name, data):
    """A file with other contents, and all records that name it."""
    before = e.sha256(folder / name)
    (folder / name).write_bytes(data)
    text_of = json.dumps(r).replace(before, e.sha256(folder / name))
    r[:] = json.loads(text_of)


def laxer_profile(folder):
    """The script reads a profile from another place than the one that the opening names."""
    r = e.read_records(folder)
    lax = (folder / "profiles/root-private.yaml").read_bytes() + b"# laxer\n"
    replaced(folder, r, "lint/PRACTICE-issue-root-before.txt", lax)
    script = (folder / "script.yaml").read_bytes()
    other = script.replace(b"root: profiles/root-private.yaml", b"root: lint/PRACTICE-issue-root-before.txt")
    r[0]["data"]["script"]["sha384"] = hashlib.sha384(other).hexdigest()
    replaced(folder, r, "script.yaml", other)
    e.write_records(folder, r)


def two_ledgers(folder):
    """The ledger that people will read is another than the last one, which is right."""
    r = e.read_records(folder)
    whole = (folder / "ledger.jsonl").read_bytes()
    end = r.pop()
    like = [x for x in r if x["data"].get("file") == "ledger.jsonl"]
    for record in copy.deepcopy(like):
        record["data"]["file"] = "ledger-2.jsonl"
        r.append(record)
    r[-1]["data"]["of"] = len(r) - 1
    end["data"]["outputs"]["ledger-2.jsonl"] = end["data"]["outputs"]["ledger.jsonl"]
    r.append(end)
    (folder / "ledger-2.jsonl").write_bytes(whole)
    for record in [x for x in r if x["data"].get("file") == "ledger.jsonl"]:
        record["data"]["sha256"] = hashlib.sha256(b"{}\n").hexdigest()
    end["data"]["outputs"]["ledger.jsonl"] = hashlib.sha256(b"{}\n").hexdigest()
    (folder / "ledger.jsonl").write_bytes(b"{}\n")
    e.write_records(folder, r)


def insert_before(r, what, kind, **data):
    at = r.index(what)
    for row in r:
        if isinstance(row["data"].get("of"), int) and row["data"]["of"] > at:
            row["data"]["of"] += 1
    r.insert(at, {**copy.deepcopy(what), "type": kind, "data": data})


def old_checkpoint(r):
    points = [x for x in r if x["type"] == "checkpoint"]
    points[-1]["data"].update(points[-2]["data"])


def unnoticed(**change):
    def run(r):
        set_data(find(r, "facts", what="host"), **change)
        for record in [x for x in r if x["type"] == "exception"]:
            drop(r, record)
            r[-1]["data"]["exceptions"] -= 1
    return run


def stranger_explained(reason):
    def run(r):
        rows = find(r, "facts", what="inventory", when="inventory-primary")["data"]["objects"]
        rows.append({**rows[0], "label": "other", "id": "99", "explained": reason})
    return run


def locked(r):
    facts = [x for x in r if x["type"] == "facts" and x["data"].get("what") == "attributes"]
    for row in facts[-1]["data"]["attributes"]:
        if row["name"] == "CKA_EXTRACTABLE":
            row["read"] = "true"


def absent(r):
    for person in find(r, "roll-call")["data"]["people"]:
        person["present"] = False


def stranger(folder):
    shutil.copy(folder / "certificates/PRACTICE-root.der", folder / "certificates/other.der")


def flip(name, at=-40):
    def change(folder):
        path = folder / name
        data = bytearray(path.read_bytes())
        data[at] ^= 1
        path.write_bytes(bytes(data))
    return change


def text(name, old, new):
    def change(folder):
        path = folder / name
        before = path.read_text()
        assert old in before, (name, old)
        path.write_text(before.replace(old, new, 1))
    return change


def rows_of(folder):
    return next((folder / "rows").glob("*.jsonl"))


def ahead_of(folder):
    return next(path for path in sorted((folder / "ahead").rglob("*")) if path.is_file())


def fact(records, what):
    return find(records, "facts", what=what)


def ended(records):
    return next(x["data"] for x in records if x["type"] == "result" and x["data"].get("copies"))


def copies(records):
    return ended(records)["copies"]
