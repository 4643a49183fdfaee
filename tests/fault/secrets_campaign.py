#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Stops a ceremony at every prompt, and looks for its PINs, shares, KEK and seeds: in all memory of the program and its
children, their command lines and environments, what it wrote, and all files of site, evidence, media and tokens (T12). At the
same prompts: secret memory is locked and kept out of dumps, nothing of the process is swapped out, core files are off (T13).

--kinds  secretmem  with memfd_secret(2), whose pages nobody can read
         locked     where the kernel has no such call: the secret buffers can be read, so what stands in them is known
         gdb        while a share is in use, a core is forced with gdb, of excluded mappings too: without a secret
         gdb-locked the same without memfd_secret and with what is excluded left out; the control: with it, the share is found
         abort      it dies by SIGABRT while a share is in use, where cores are allowed: none is left
         undumped   the same by SIGSEGV, where its own limit for cores is not set: that it is not dumpable is enough

The first two end with a control: copies of all secrets are put into ordinary memory, and must be found. A secret may stand
in a buffer of ceremony/base/secret.h only, and in none when the ceremony has ended.

unlock-by-quorum is the one rehearsal that has no folder: an intermediate CA, whose issuer's PIN is held as shares.

usage: secrets_campaign.py [--rehearsal NAME|all] [--kinds K,K] [--every N] [--offset N] [--jobs N]
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import resource
import runpy
import secrets as random
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support/py"))
import campaign  # noqa: E402
import device_keys as d  # noqa: E402
import process_memory as m  # noqa: E402
import quorum as q  # noqa: E402
import rehearsal as r  # noqa: E402
import seeds as s  # noqa: E402
import tap  # noqa: E402
from canaries import Canaries, secret_of, word_list  # noqa: E402

KINDS = ("secretmem", "locked", "gdb", "gdb-locked", "abort", "undumped")
CASES = sorted(case.parent.name for case in (r.SOURCE / "scripts/rehearsal").glob("*/case"))
ALL = ["root-ca", *CASES, "unlock-by-quorum"]
ANSWERED = r.SOURCE / "tests/support/py/call_answered.py"
OLDER = [ANSWERED, "memfd_secret", "ENOSYS"]
WRAPPERS = {"locked": OLDER, "gdb-locked": OLDER, "undumped": [ANSWERED, "prlimit64", "done"]}
UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
HELD_OUTSIDE = ("paper", "answers.yaml", "changed", "factory.key")  # of the rehearsal, not of the program: what people hold
THRESHOLDS = (2, 3)
DEVICES = 100


class Skipped(Exception):
    """It cannot be shown here."""


# --- what is secret ---


class Known:
    """The secrets of one rehearsal, as they become known."""

    def __init__(self, one, planted):
        self.canaries = Canaries()
        self.plain = {}  # name: bytes, what the control plants
        self.sets = {}   # (rehearsal, step): {number: words}
        self.one = one
        for token, pins in planted.items():
            for which, pin in pins.items():
                self.add_text(f"{which} of {token}", pin)
        for key, value in tap.ANSWER.findall("\n".join(filter(tap.PIN_KEY.match, one.answers.read_text().splitlines()))):
            if not value.startswith("{") and key.split(".")[-2] not in planted:
                self.add_text(f"the PIN of {key}", value)
        for paper in sorted((one.folder / "paper").glob("*")):
            for prompt, words in q.papers(paper):
                self.add_share(paper.name, prompt, words)

    def add_text(self, name, text):
        if text.encode() not in self.plain.values():
            self.plain[name] = text.encode()
            self.canaries.add_text(name, text)

    def add_bytes(self, name, data):
        if data not in self.plain.values():
            self.plain[name] = data
            self.canaries.add_bytes(name, data)

    def add_share(self, rehearsal, prompt, words):
        step, number, _ = prompt.rsplit(".", 2)
        self.plain[f"the share {rehearsal}.{step}.{number}"] = words.encode()
        self.canaries.add_share(f"the share {rehearsal}.{step}.{number}", words, word_list())
        shares = self.sets.setdefault((rehearsal, step), {})
        if number in shares:  # a new set
            shares.clear()
        shares[number] = words
        for threshold in THRESHOLDS:
            secret = secret_of(list(shares.values())[:threshold]) if len(shares) >= threshold else None
            if secret is not None:
                self.add_bytes(f"what {rehearsal}.{step} shares", secret)
                if secret.isalnum():
                    self.canaries.add_text(f"what {rehearsal}.{step} shares", secret.decode())
                return


def planted_pins(one):
    """Chance PINs for the tokens that the ceremony initialises."""
    case = r.SOURCE / "scripts/rehearsal" / one.name / "case"
    fresh = re.findall(r"^token (\S+) blank ", case.read_text(), re.M) if case.exists() else tap.TOKENS
    return {token: {which: f"planted-{random.token_urlsafe(18)}" for which in ("user-pin", "so-pin")} for token in fresh}


def with_known_seeds(one, known):
    """A list of seeds that are known here, for the same recipient."""
    text = runpy.run_path(str(r.SOURCE / "scripts/dev/make-seeds"))["listed"](DEVICES)
    certificate = one.folder / "before/seed-key/certificates/PRACTICE-seeds-by-issuer.pem"
    (one.folder / "seeds.p7m").write_bytes(s.envelope(text, certificate))
    for number, line in enumerate(text.splitlines()[1:-1]):
        serial, seed, _ = line.split(",")
        seed = bytes.fromhex(seed)
        known.canaries.add_bytes(f"seed {number}", seed)
        known.canaries.add_bytes(f"the key of seed {number}", s.scalar("ec-p256", serial, seed).to_bytes(32, "big"))
        if number == 0:
            known.plain["seed 0"] = seed


def learn_device_keys(one, known):
    """The private keys of the batch, once it is done."""
    if (one.evidence / d.FOLDER / "000001.jsonl").exists() and "the wrapping key" not in known.plain:
        wrapping, keys = d.opened(one.folder, one.evidence)
        known.add_bytes("the wrapping key", wrapping)
        for number, (_, key) in enumerate(keys):
            known.canaries.add_bytes(f"the key of device {number}", d.scalar(key))
        known.plain["the key of device 0"] = d.scalar(keys[0][1])


def under_quorum(one):
    """Another ceremony on a token whose PIN is held as shares, which knows nothing of a quorum."""
    written = q.papers(one.folder / "paper/activate-quorum")
    shares = q.last_shares(written, "renew-user")
    subprocess.run([r.SOURCE / "scripts/dev/make-site", "intermediate-ca", one.folder], check=True)
    one.script = r.SOURCE / "scripts/intermediate-ca.yaml"
    one.name = "intermediate-ca"
    more = {f'*.issuer.user-pin.{number}.{which}': value for number, words in (("1", shares[0]), ("2", shares[2]))
            for which, value in (("bag", f"R-030{number}"), ("share", f'"{words}"'))}
    one.answers = one.answers_with(more)


# --- looking ---


class Look:
    """One process and its children, at prompt after prompt."""

    def __init__(self, led, known, kind):
        self.led, self.known, self.kind = led, known, kind
        self.pid = led.program.pid
        self.kib = self.files = 0
        self.held = []    # what stands in the secret buffers
        self.seen = set()  # mappings of files that cannot be written: searched when they appear, and at the end

    def at(self, where, needed):
        """Everything; `needed`: a share is in use, so that there must be secret memory."""
        self.held, self.kib, self.files = [], 0, 0
        if where == "end":
            self.seen.clear()
        for pid in m.tree(self.pid):
            try:
                self.process(pid)
            except (FileNotFoundError, ProcessLookupError):
                if pid == self.pid:
                    raise
        for path in list(self.led.one.folder.rglob("*")):
            if path.is_file() and path.relative_to(self.led.one.folder).parts[0] not in HELD_OUTSIDE:
                self.files += 1
                self.clean(path.read_bytes(), str(path.relative_to(self.led.one.folder)))
        if needed:
            self.guarded(where)

    def process(self, pid):
        found = m.mappings(pid)
        if not found and pid != self.pid:  # a reader that ended meanwhile
            return
        self.kernel(pid, found)
        self.memory(pid, found)
        for name in ("cmdline", "environ"):
            self.clean(pathlib.Path(f"/proc/{pid}/{name}").read_bytes(), f"{name} of {pid}")

    def clean(self, data, what):
        found = self.known.canaries.find(data)
        if found:
            raise r.Broken(f"{what} holds {sorted(set(found))[:6]}")

    def is_news(self, pid, mapping):
        key = (pid, *mapping[:4])
        known = key in self.seen
        if "w" not in mapping.rights and mapping.name.startswith("/") and not m.is_secretmem(mapping):
            self.seen.add(key)
        return not known

    def memory(self, pid, mappings):
        for mapping, data in m.regions(pid, [mapping for mapping in mappings if self.is_news(pid, mapping)]):
            if m.is_secretmem(mapping):
                if data is not None:
                    raise r.Broken(f"the kernel lets {mapping} be read")
            elif data is None:
                raise r.Broken(f"{mapping} could not be read")
            elif m.is_declared(mapping):
                if pid != self.pid:
                    raise r.Broken(f"the child {pid} has the secret memory {mapping}")
                self.held += self.known.canaries.find(data)
            else:
                self.kib += len(data) >> 10
                self.clean(data, f"memory of {pid}, {mapping.name} {mapping.start:x} {mapping.rights}")

    def kernel(self, pid, mappings):
        """T13: no swap, no cores, each secret buffer locked and kept out of dumps."""
        if pid == self.pid and not any({"lo", "dd"} <= mapping.flags and not m.is_declared(mapping) for mapping in mappings):
            raise r.Broken("OpenSSL's secure heap is not locked and kept out of dumps")
        swapped = m.status(pid).get("VmSwap", "0 kB")
        if swapped != "0 kB":
            raise r.Broken(f"of {pid} is swapped out: {swapped}")
        if resource.prlimit(pid, resource.RLIMIT_CORE) != (0, 0):
            raise r.Broken(f"{pid} may leave a core")
        for mapping in filter(m.is_declared, mappings):
            if not {"lo", "dd"} <= mapping.flags or mapping.kib["Swap"] != 0:
                raise r.Broken(f"secret memory is not guarded: {mapping}")
            if not m.is_secretmem(mapping) and mapping.kib["Locked"] != mapping.kib["Size"]:
                raise r.Broken(f"secret memory is not locked: {mapping}")

    def guarded(self, where):
        """While a share is in use, it is where it should be, in the sort of memory that is asked for."""
        sorts = {m.is_secretmem(mapping) for mapping in m.mappings(self.pid) if m.is_declared(mapping)}
        if sorts != {self.kind == "secretmem"}:
            raise r.Broken(f"{where}: the secret memory is not {self.kind}: {sorts}")
        if self.kind == "locked" and not self.held:
            raise r.Broken(f"{where}: the share in use is not in secret memory")


def control(led, known, look):
    """Whatever is planted must be found, and is found no more once it is wiped."""
    for number, data in enumerate(known.plain.values()):
        led.plant(f"plant-{number}", data)
    found = [hit for mapping, data in m.regions(look.pid, m.mappings(look.pid)) if data is not None and not m.is_declared(mapping)
             for hit in known.canaries.find(data)]
    missing = [name for name in known.plain if not any(hit.startswith(name) for hit in found)]
    if missing:
        raise r.Broken(f"the control: the search does not find {missing}")
    led.wipe()
    look.at("after the control", False)


def force_core(led, known, excluded):
    """What a core made with gdb holds."""
    path = led.secrets / "forced"
    done = subprocess.run(["gdb", "-batch", "-nx", "-p", str(led.program.pid), "-ex",
                           f"set dump-excluded-mappings {'on' if excluded else 'off'}", "-ex", f"gcore {path}"],
                          text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    if not path.exists():
        raise r.Broken(f"gdb made no core: {done.stdout[-300:]} {done.stderr[-300:]}")
    data = path.read_bytes()
    path.unlink()
    return known.canaries.find(data)


# --- going through a ceremony ---


class Course:
    """One ceremony of one kind, from prompt to prompt."""

    def __init__(self, name, kind, arguments):
        self.name, self.kind, self.arguments = name, kind, arguments
        self.prompts = self.looked = 0
        self.broken = []
        self.told = ""
        self.look = None

    def run(self):
        try:
            with r.Rehearsal("custody-check" if self.name == "unlock-by-quorum" else self.name) as one:
                if self.name == "unlock-by-quorum":
                    under_quorum(one)
                self.hold(one)
        except r.Broken as why:
            self.broken.append(str(why))
        return self

    def hold(self, one):
        planted = planted_pins(one)
        known = Known(one, planted)
        if self.name == "device-seeds":
            with_known_seeds(one, known)
        people = tap.People(one.answers.read_text(), planted)
        has_shares = any(map(tap.SHARE_KEY.match, one.answers.read_text().splitlines()))
        with tap.Led(one, people, WRAPPERS.get(self.kind, []), cores=self.kind in ("abort", "undumped")) as led:
            pins = 0
            self.look = Look(led, known, self.kind)
            while (at := led.next()) is not None:
                self.prompts += 1
                if at[0] == "reveal":
                    known.add_share(one.name, at[1], led.take_shown(at[1]))
                if self.name == "device-keys" and self.kind in ("secretmem", "locked"):
                    learn_device_keys(one, known)
                in_use = at[0] in ("reveal", "words") or (not has_shares and pins > 0)
                pins += at[0] == "secret"
                if not self.pause(led, known, at, in_use):
                    return
                led.answer(*at)
            if led.program.wait(60) != 0:
                raise r.Broken(f"the ceremony ended with {led.program.returncode}: {led.errors()}")

    def pause(self, led, known, at, in_use):
        """At one prompt; False: the ceremony is over for us."""
        if self.kind in ("secretmem", "locked"):
            self.search(led, known, at)
            return True
        if not in_use:
            return True
        self.looked += 1
        if self.kind.startswith("gdb"):
            self.gdb(led, known, at[0] == "reveal")
        else:
            self.die(led)
        return False

    def search(self, led, known, at):
        look = self.look
        if at[0] == "end" or (self.prompts - 1) % self.arguments.every == self.arguments.offset:
            self.looked += 1
            try:
                look.at(at[1], at[0] == "reveal")
                if at[0] == "end" and look.held:
                    raise r.Broken(f"the end: secret buffers hold {sorted(set(look.held))[:6]}")
                self.told = f"{look.kib} KiB, {look.files} files at the last"
            except r.Broken as why:
                self.broken.append(f"{at[1]}: {why}")
            if os.environ.get("TELL_HELD") and look.held:
                print(f"   {at} holds {sorted({hit.split(',')[0].split(' at ')[0] for hit in look.held})}")
        if at[0] == "end":
            self.looked += 1
            control(led, known, look)

    def gdb(self, led, known, shows):
        found = force_core(led, known, self.kind == "gdb")
        if found:
            raise r.Broken(f"a core forced with gdb holds {sorted(set(found))[:6]}")
        if self.kind == "gdb-locked" and shows and not force_core(led, known, True):
            raise r.Broken("the control: the share that shows is not found in a core of everything")

    def die(self, led):
        number = signal.SIGABRT if self.kind == "abort" else signal.SIGSEGV
        if resource.prlimit(led.program.pid, resource.RLIMIT_CORE) != (UNLIMITED if self.kind == "undumped" else (0, 0)):
            raise r.Broken("its limit for cores is not the one that is wanted")
        check_core(led.where, led.program.pid, lambda: led.program.send_signal(number), False)


def check_core(where, pid, kill, wanted):
    """Whether the kernel says that a core was written, and whether one lies there."""
    kill()
    end = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    if end.si_code not in (os.CLD_KILLED, os.CLD_DUMPED):
        raise r.Broken(f"it was not killed: {end}")
    lying = [path.name for path in where.iterdir() if path.name.startswith("core")]
    if (end.si_code == os.CLD_DUMPED) != wanted or (not wanted and lying):
        raise r.Broken(f"a core was {'left' if not wanted else 'not left'}: {end.si_code} {lying}")


def cores_can_be():
    """The control of `abort` and `undumped`: another program does leave a core here."""
    with r.tempfile.TemporaryDirectory() as folder:
        program = subprocess.Popen(["sleep", "60"], cwd=folder, preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_CORE, UNLIMITED))
        check_core(pathlib.Path(folder), program.pid, lambda: program.send_signal(signal.SIGABRT), True)
        program.wait()


def can_look():
    """Whether the kernel lets us look into a process that closed itself."""
    if os.geteuid() != 0:
        raise Skipped("only root can look into the program's memory")
    missing = [str(path) for path in (tap.TAPPED, r.BUILD / "bin/slip39") if not path.exists()]
    if missing:
        raise Skipped(f"not there: {', '.join(missing)}")


def go_through(names, kinds, arguments):
    courses = [Course(name, kind, arguments) for name in names for kind in kinds]
    cases = broken = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for course in pool.map(Course.run, courses):
            print(f"{course.name}, {course.kind}: {course.prompts} prompts, {course.looked} cases, {len(course.broken)} broken"
                  f"{'; ' if course.told else ''}{course.told}", flush=True)
            for why in course.broken:
                print(f"  {why}", flush=True)
            cases += max(course.looked, 1)
            broken += len(course.broken)
    return cases, broken


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rehearsal", default="root-ca")
    parser.add_argument("--kinds", default=",".join(KINDS))
    campaign.sizes(parser)
    arguments = parser.parse_args()
    names = ALL if arguments.rehearsal == "all" else arguments.rehearsal.split(",")
    kinds = arguments.kinds.split(",")
    if shutil.which("gdb") is None:
        print("without gdb, which is not installed")
        kinds = [kind for kind in kinds if not kind.startswith("gdb")]
    try:
        can_look()
        if {"abort", "undumped"} & set(kinds):
            cores_can_be()
        cases, broken = go_through(names, kinds, arguments)
    except Skipped as why:
        print(f"SKIPPED: {why}")
        return 77
    return campaign.close(cases, broken, f"{', '.join(names)}: {cases} cases, {broken} broken")


if __name__ == "__main__":
    sys.exit(main())
