# SPDX-License-Identifier: Apache-2.0
"""A rehearsal in a folder of its own, and what must hold of it afterwards.

Invariants are those of the threat documentation: I1 no certificate or CRL that the ledger lacks, I2 no
ledger entry without its output and no serial twice, I3 the transcript verifies and does not claim an
end that was not, I4 no key on a token that the transcript does not name, I5 no half output, I6 no
secret left, I7 a plain sentence on failure, I8 resume or abort ends it.
"""
import atexit
import base64
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading

SOURCE = pathlib.Path(os.environ.get("SOURCE_DIR", pathlib.Path(__file__).resolve().parents[3]))
BUILD = pathlib.Path(os.environ.get("BUILD_DIR", SOURCE / "build"))
CEREMONY = BUILD / "bin" / "ceremony"
AUDIT = BUILD / "bin" / "ceremony-audit"
ANSWERS = SOURCE / "scripts" / "root-ca.answers.yaml"
PINS = {"primary": "user-primary-1", "spare": "user-spare-1", "recorder": "user-recorder-1"}
SECRETS = ["user-primary-1", "so-primary-1", "user-spare-1", "so-spare-1", "user-recorder-1",
           "so-recorder-1"]


class Broken(Exception):
    """An invariant does not hold."""


_prepared = {}
_preparing = threading.Lock()


def _make_site(name, folder):
    """A site as a rehearsal finds it, what must be held before already held. A campaign makes thousands:
    the first one is kept, and copied with its own paths."""
    with _preparing:
        if name not in _prepared:
            _prepared[name] = tempfile.mkdtemp(prefix="prepared-")
            atexit.register(shutil.rmtree, _prepared[name], ignore_errors=True)
            requests = ["--requests", SOURCE / "tests/vectors/csr"] if name == "sign-requests" else []
            subprocess.run([SOURCE / "scripts/rehearse", name, "--no-build", "--prepare", "--work", _prepared[name],
                            *requests], check=True, env={**os.environ, "BUILD_DIR": str(BUILD)},
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    shutil.copytree(_prepared[name], folder, dirs_exist_ok=True)
    for path in [folder / "softhsm2.conf", folder / "answers.yaml", *folder.glob("site*/*.yaml")]:
        path.write_text(path.read_text().replace(_prepared[name], str(folder)))


class Rehearsal:
    def __init__(self, name="root-ca", keep=False, base=None):
        self.name = name
        self.keep = keep
        self.had = None  # what the tokens held before, where a campaign wants to know
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rehearsal-", dir=base))
        self.evidence = self.folder / "evidence"
        case = SOURCE / "scripts" / "rehearsal" / name / "case"
        words = [line.split(None, 1) for line in case.read_text().splitlines()] if case.exists() else []
        called = dict(words).get("script", name).strip()
        far = dict(words).get("site")
        self.site = self.folder / (f"site-{far.strip()}" if far else "site")
        later = dict(words).get("later")  # held so many days from now
        self.faketime = f"+{later.strip()}d" if later else ""
        self.settings = [word for line in words if line[0] == "set" for word in ("--set", line[1])]
        self.script = SOURCE / "scripts" / f"{called}.yaml"
        _make_site(name, self.folder)
        self.answers = self.folder / "answers.yaml" if case.exists() else ANSWERS

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def time_of_it(self, env):
        """An environment in which it is the day on which it is held."""
        if self.faketime:
            library = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
            env |= {"FAKETIME": self.faketime, "LD_PRELOAD": ":".join(filter(None, [str(library), env.get("LD_PRELOAD")]))}
        return env

    def call(self, *words, env=None, answers="own", timeout=120):
        """One run of the program; its output as text."""
        answers = self.answers if answers == "own" else answers
        command = [str(CEREMONY), *map(str, words), "--site", str(self.site)]
        env = self.time_of_it(dict(env or {}))
        if answers is not None:
            command += ["--headless", "--answers", str(answers)]
        return subprocess.run(command, env={**os.environ, **env}, text=True,
                              capture_output=True, timeout=timeout, check=False)

    def run(self, **options):
        return self.call("run", self.script, "--evidence", self.evidence, "--trust",
                         self.folder / "trust", *self.settings, **options)

    def resume(self, **options):
        return self.call("resume", self.evidence, "--trust", self.folder / "trust", **options)

    def abort(self, **options):
        return self.call("abort", self.evidence, "--trust", self.folder / "trust", **options)

    def answers_with(self, changes, drop=()):
        """The shipped answers with some lines put before (a literal key wins)."""
        lines = [line for line in self.answers.read_text().splitlines()
                 if not any(line.startswith(f"{key}:") or line.startswith(f'"{key}":')
                            for key in list(changes) + list(drop))]
        path = self.folder / "changed" / "answers.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(lines + [f'"{key}": {value}' for key, value in changes.items()])
                        + "\n")
        return path

    def cut_after(self, does):
        """As if killed between the last result that does this and what is recorded next."""
        path = self.evidence / "transcript.jsonl"
        lines = path.read_bytes().splitlines(keepends=True)
        last = max(at for at, line in enumerate(lines)
                   if json.loads(line)["type"] == "result" and json.loads(line)["data"]["does"] == does)
        path.write_bytes(b"".join(lines[:last + 1]))

    def environment_with(self, **replacements):
        """Replaces texts in environment.yaml."""
        path = self.site / "environment.yaml"
        text = path.read_text()
        for old, new in replacements.values():
            if old not in text:
                raise ValueError(f"{old!r} is not in environment.yaml")
            text = text.replace(old, new)
        path.write_text(text)

    def secrets(self):
        """Every PIN that the answers hold."""
        found = re.findall(r"^\S+pin(?:-again)?\"?: (\S+)$", self.answers.read_text(), re.MULTILINE)
        return sorted(set(SECRETS) | set(found))

    def records(self):
        path = self.evidence / "transcript.jsonl"
        if not path.exists():
            return []
        lines = path.read_bytes().split(b"\n")
        return [json.loads(line) for line in lines[:-1]]

    def objects(self, token):
        """Objects on a token, as another program sees them; not the mark of the ledger's head."""
        label = f"PRACTICE-{'recorder' if token == 'recorder' else 'root-' + token}"
        env = {**os.environ, "SOFTHSM2_CONF": str(self.folder / "softhsm2.conf")}
        module = next(path for path in ("/usr/lib/softhsm/libsofthsm2.so",
                                        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
                      if os.path.exists(path))
        result = subprocess.run(
            ["p11tool", "--provider", module, "--login", "--set-pin", PINS[token], "--list-all",
             f"pkcs11:token={label}"], env=env, text=True, capture_output=True, check=False)
        return [line for line in result.stdout.splitlines()
                if line.strip().startswith("URL:") and "object=ceremony-head;type=data" not in line]


def everything(rehearsal):
    """{label: objects} of all tokens, as another program sees them that has the rehearsal's PINs; not the mark of the head."""
    env = {**os.environ, "SOFTHSM2_CONF": str(rehearsal.folder / "softhsm2.conf")}
    module = next(path for path in ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
                  if os.path.exists(path))

    def p11tool(*words):
        return subprocess.run(["p11tool", "--provider", module, "--batch", *words], env=env, text=True, capture_output=True,
                              check=False).stdout.splitlines()

    found = {}
    for label in {line.split("token=")[1].split(";")[0] for line in p11tool("--list-token-urls") if "token=PRACTICE" in line}:
        pins = [pin for pin in rehearsal.secrets() if pin.startswith("user-") and label.endswith(pin[len("user-"):-len("-1")])]
        pin = max(pins, key=len, default="none")
        lines = p11tool("--login", "--set-pin", pin, "--list-all", f"pkcs11:token={label}")
        found[label] = sorted(line.strip() for line in lines if line.strip().startswith("URL:")
                              and "object=ceremony-head;type=data" not in line)
    return found


def check_chain(rehearsal, complete):
    """I3: line by line, by hand."""
    raw = (rehearsal.evidence / "transcript.jsonl").read_bytes()
    previous = "0" * 64
    lines = raw.split(b"\n")
    if complete and lines[-1] != b"":
        raise Broken("I3: the transcript does not end with a line")
    for number, line in enumerate(lines[:-1], 1):
        record = json.loads(line)
        if record["prev"] != previous or record["seq"] != number:
            raise Broken(f"I3: record {number} does not follow")
        previous = hashlib.sha256(line + b"\n").hexdigest()
    types = [json.loads(line)["type"] for line in lines[:-1]]
    if complete != (types[-1:] == ["closing"]):
        raise Broken(f"I3: closing record present is {types[-1:] == ['closing']}")


def check_finished(rehearsal, certificates=1, crls=1):
    """A ceremony that ended as it should, whatever came between."""
    check_chain(rehearsal, True)
    records = rehearsal.records()
    evidence = rehearsal.evidence
    closing = records[-1]["data"]
    if closing["state"] != "finished":
        raise Broken(f"I8: the state is {closing['state']}")
    newest = sorted(evidence.glob("ledger*.jsonl"), key=lambda path: path.stat().st_size)[-1]
    ledger = [json.loads(line) for line in newest.read_text().splitlines()]
    kinds = [entry["kind"] for entry in ledger]
    issued = [kind for kind in kinds if kind == "certificate-issue"]
    if len(issued) != certificates:
        raise Broken(f"I2: {len(issued)} certificates in the ledger")
    for pattern, wanted in (("certificates/*root*.pem", certificates), ("crls/*.pem", crls)):
        found = len(list(evidence.glob(pattern)))
        if found != wanted:
            raise Broken(f"I1: {found} files {pattern}")
    leftovers = [path for path in evidence.rglob("*") if path.suffix == ".tmp"]
    if leftovers:
        raise Broken(f"I5: {leftovers}")
    root = evidence / "certificates/PRACTICE-root.pem"
    for command in (["openssl", "verify", "-x509_strict", "-check_ss_sig", "-CAfile", root, root],
                    ["openssl", "crl", "-in", next(evidence.glob("crls/*.pem")), "-CAfile", root,
                     "-noout"],
                    ["sha256sum", "--quiet", "-c", "SHA256SUMS"]):
        result = subprocess.run(command, cwd=evidence, capture_output=True, text=True, check=False)
        # "openssl crl" ends with 0 even when the signature is wrong.
        if result.returncode != 0 or (command[1] == "crl" and "verify OK" not in result.stderr):
            raise Broken(f"I1: {' '.join(map(str, command))}: {result.stderr}")
    check_tokens(rehearsal, records)
    check_secrets(rehearsal)
    check_audit(rehearsal)


def check_ended(rehearsal):
    """What must hold of any ceremony that ended as it should; the root's holds more."""
    if rehearsal.name == "root-ca":
        check_finished(rehearsal)
        return
    check_chain(rehearsal, True)
    if rehearsal.records()[-1]["data"]["state"] != "finished":
        raise Broken(f"I8: the state is {rehearsal.records()[-1]['data']['state']}")
    leftovers = [path for path in rehearsal.evidence.rglob("*") if path.suffix == ".tmp"]
    if leftovers:
        raise Broken(f"I5: {leftovers}")
    result = subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=rehearsal.evidence,
                            capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise Broken(f"I1: {result.stderr}")
    check_secrets(rehearsal)
    check_audit(rehearsal)


def check_audit(rehearsal):
    """The auditor's program agrees, with the lines of the paper."""
    result = subprocess.run([AUDIT, "verify", rehearsal.evidence, "--trust",
                             rehearsal.folder / "trust"], capture_output=True, text=True,
                            check=False)
    if result.returncode != 0:
        raise Broken(f"I3: ceremony-audit says: {result.stdout}{result.stderr}")


def check_tokens(rehearsal, records):
    """I4: the CA key and its public half on the primary token, nothing elsewhere."""
    named = {record["data"]["id"] for record in records
             if record["type"] == "result" and record["data"].get("does") == "generate-key"
             and record["data"]["outcome"] == "done"}
    last = [record["data"]["id"] for record in records
            if record["type"] == "result" and record["data"].get("does") == "generate-key"
            and record["data"]["outcome"] == "done"][-1]
    found = rehearsal.objects("primary")
    mine = [url for url in found if _id_of(url) == last]
    if len(found) != 2 or len(mine) != 2:
        raise Broken(f"I4: the primary token holds {found}, the transcript names {named}")
    for token in ("spare", "recorder"):
        left = rehearsal.objects(token)
        if left:
            raise Broken(f"I4: the {token} token holds {left}")


def _id_of(url):
    from urllib.parse import unquote_to_bytes
    for part in url.split(";"):
        if part.startswith("id="):
            return unquote_to_bytes(part[3:]).hex()
    return ""


def check_secrets(rehearsal):
    """I6: no PIN and no share word list in anything the program wrote outside the tokens."""
    secrets = [secret.encode() for secret in rehearsal.secrets()]
    forms = secrets + [base64.b64encode(secret) for secret in secrets]
    for path in rehearsal.folder.rglob("*"):
        if not path.is_file() or "tokens" in path.parts or path.name == "answers.yaml":
            continue
        contents = path.read_bytes()
        if any(form in contents for form in forms):
            raise Broken(f"I6: a PIN stands in {path.name}")


def check_failed_plainly(result):
    """I7: an exit status that says so, and one understandable sentence."""
    if result.returncode not in (1, 3):
        raise Broken(f"I7: status {result.returncode}: {result.stderr}")
    if not result.stderr.strip():
        raise Broken("I7: nothing was said")


def check_aborted(rehearsal):
    """A ceremony that was closed without its end: sealed, and no key of its own left anywhere."""
    check_chain(rehearsal, True)
    if rehearsal.records()[-1]["data"]["state"] != "aborted":
        raise Broken("I8: the closing record does not say aborted")
    result = subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=rehearsal.evidence,
                            capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise Broken(f"I1: {result.stderr}")
    if rehearsal.name == "root-ca":
        certified = list(rehearsal.evidence.glob("certificates/PRACTICE-root.der"))
        for token in ("primary", "spare", "recorder"):
            left = rehearsal.objects(token)
            if left and not (token == "primary" and certified):
                raise Broken(f"I4: the {token} token holds {left} after an abort")
    elif rehearsal.had is not None:
        for label, left in everything(rehearsal).items():
            if not set(left) <= set(rehearsal.had.get(label, [])):
                raise Broken(f"I4: the token {label} holds {left} after an abort, and held {rehearsal.had.get(label)}")
    check_secrets(rehearsal)
    check_audit(rehearsal)
