# SPDX-License-Identifier: Apache-2.0
"""The processes that read what strangers made, looked at from outside."""
import pathlib


def status(pid):
    try:
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return {}
    return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)


def below(pid):
    """All processes below this one."""
    parents = {int(path.name): int(status(path.name).get("PPid", 0)) for path in pathlib.Path("/proc").iterdir()
               if path.name.isdigit()}
    found, more = [], [pid]
    while more:
        more = [child for child, parent in parents.items() if parent in more]
        found += more
    return found


def confined(pid):
    return [child for child in below(pid) if status(child).get("Name") == "reader" and status(child).get("Seccomp") == "2"]
