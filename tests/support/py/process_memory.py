# SPDX-License-Identifier: Apache-2.0
"""What another process holds in memory, and how the kernel guards it, as root sees it."""
import collections
import pathlib
import re

Mapping = collections.namedtuple("Mapping", "start end rights name flags kib")
UNREAD = ("[vvar]", "[vsyscall]", "[vvar_vclock]")
HEAD = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)$")


def mappings(pid):
    """Every mapping, with its flags and the numbers of its smaps."""
    found, head, kib = [], None, {}
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text(encoding="utf-8", errors="replace").splitlines():
        match = HEAD.match(line)
        if match:
            head, kib = match, {}
        elif line.startswith("VmFlags:"):
            found.append(Mapping(int(head[1], 16), int(head[2], 16), head[3], head[4] or "anonymous",
                                 frozenset(line.split()[1:]), kib))
        else:
            name, value = line.split(":")
            if value.endswith(" kB"):
                kib[name] = int(value[:-3])
    return found


def is_secretmem(mapping):
    """Memory of memfd_secret(2), which not even the kernel maps."""
    return mapping.name.startswith("/secretmem")


def is_declared(mapping):
    """A secret of ceremony/base/secret.c: secretmem, or locked, kept out of dumps, wiped in a child."""
    return is_secretmem(mapping) or (mapping.name == "anonymous" and {"lo", "dd", "wf"} <= mapping.flags)


def read(memory, mapping):
    """The bytes of a mapping; None where nobody can read."""
    try:
        memory.seek(mapping.start)
        data = b""
        while len(data) < mapping.end - mapping.start:
            more = memory.read(mapping.end - mapping.start - len(data))
            if not more:
                break
            data += more
        return data
    except OSError:
        return None


def regions(pid, found):
    """(mapping, bytes or None) of those of these mappings that are readable to the process itself."""
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for mapping in found:
            if "r" in mapping.rights and mapping.name not in UNREAD:
                yield mapping, read(memory, mapping)


def status(pid):
    """/proc/PID/status as a mapping."""
    lines = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return {name: value.strip() for name, value in (line.split(":", 1) for line in lines)}


def tree(pid):
    """A process and all that descend from it and have memory: those that ended and were not waited for have none."""
    found = [pid]
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            try:
                if "VmSize" in status(child):
                    found += tree(child)
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found
