#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""call_answered.py CALL ANSWER COMMAND...: runs a command in which a call to the kernel is not done, but answered at once by a
seccomp filter, with ENOSYS or with "done": memfd_secret ENOSYS is an older kernel; prlimit64 done leaves limits alone."""
import ctypes
import errno
import os
import struct
import sys

CALLS = {"memfd_secret": 447, "prlimit64": 302}  # of x86-64
ANSWERS = {"ENOSYS": errno.ENOSYS, "done": 0}
NO_NEW_PRIVS, SECCOMP, FILTER = 38, 22, 2
LOAD_NUMBER, IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ANSWER, ALLOW = 0x00050000, 0x7FFF0000


class Program(ctypes.Structure):
    _fields_ = [("count", ctypes.c_ushort), ("steps", ctypes.c_char_p)]


def main():
    call, answer, *command = sys.argv[1:]
    steps = b"".join(struct.pack("<HBBI", *step) for step in (
        (LOAD_NUMBER, 0, 0, 0), (IF_EQUAL, 0, 1, CALLS[call]), (RETURN, 0, 0, ANSWER | ANSWERS[answer]), (RETURN, 0, 0, ALLOW)))
    program = Program(4, steps)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0) != 0 or libc.prctl(SECCOMP, FILTER, ctypes.byref(program), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the filter could not be set")
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
