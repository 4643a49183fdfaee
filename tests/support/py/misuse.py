# SPDX-License-Identifier: Apache-2.0
"""What tests of misuse share: a table whose script may be changed, and what a refusal must look like."""
import concurrent.futures
import hashlib
import pathlib
import shutil
import sys
import traceback

import rehearsal as r


class Table(r.Rehearsal):
    """A rehearsal with a script of its own that may be changed."""

    def __init__(self, **options):
        super().__init__(**options)
        self.scripts = self.folder / "scripts"
        self.scripts.mkdir()
        shutil.copy(self.script, self.scripts)
        shutil.copytree(r.SOURCE / "scripts/profiles", self.scripts / "profiles")
        self.script = self.scripts / self.script.name

    def edit(self, path, old, new):
        path = pathlib.Path(path)
        text = path.read_text()
        if old not in text:
            raise ValueError(f"{old!r} is not in {path.name}")
        path.write_text(text.replace(old, new, 1))

    def tokens(self):
        """One hash over everything that the tokens store."""
        whole = hashlib.sha256()
        for path in sorted((self.folder / "tokens").rglob("*")):
            if path.is_file() and path.name not in ("token.lock", "generation"):
                whole.update(str(path).encode() + path.read_bytes())
        return whole.hexdigest()

    def begun(self):
        return self.evidence.exists() and any(self.evidence.iterdir())


def expect(condition, text):
    if not condition:
        raise r.Broken(text)


def refused(result, status, *words):
    """The status, and every word, in what was said at the end."""
    said = " ".join((result.stderr + result.stdout).split())
    expect(result.returncode == status, f"status {result.returncode}, not {status}: {said[-600:]}")
    for word in words:
        expect(word.lower() in said.lower(), f"{word!r} was not said: {said[-600:]}")
    expect("[bug]" not in said and "mistake in the program" not in said, f"a bug: {said[-600:]}")


def refused_before(one, result, *words):
    """Before anything began: no evidence, no ledger entry, no token touched."""
    refused(result, 1, *words)
    expect(not any((one.folder / "tokens").iterdir()), "a token was touched")
    expect(not one.begun(), "something was left in the evidence folder")


def finishes(one, result):
    expect(result.returncode == 0, f"it did not end: {result.stderr[-600:]}")
    r.check_finished(one)


def stop_at(one, prompt, changes=None):
    """Runs up to this prompt and stops there, as at the table with F10."""
    answers = one.answers_with({**(changes or {}), prompt: "{aside: stop}"})
    result = one.run(answers=answers)
    refused(result, 3, "stopped at the table", "To go on", "resume")


def verdict(case):
    """None, or what went wrong."""
    try:
        case()
        return None
    except r.Broken as why:
        return str(why)
    except Exception:  # pylint: disable=broad-except
        return traceback.format_exc()


def run_cases(names, *needed):
    """All functions case_* of a test, or those of the command line, two at a time; gives the exit status."""
    cases = {name[5:]: run for name, run in names.items() if name.startswith("case_")}
    wanted = sys.argv[1:] or list(cases)
    missing = [str(path) for path in (r.CEREMONY, *needed) if not path.exists()]
    missing += [] if shutil.which("p11tool") else ["p11tool"]
    if missing:
        print(f"SKIPPED: not there: {', '.join(missing)}")
        return 77
    broken = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, why in zip(wanted, pool.map(lambda name: verdict(cases[name]), wanted)):
            broken += why is not None
            print(f"ok   {name}" if why is None else f"FAIL {name}: {why}", flush=True)
    print(f"{len(wanted)} kinds of misuse, {broken} not refused as they should be")
    return 1 if broken else 0
