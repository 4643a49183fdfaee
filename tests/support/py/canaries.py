# SPDX-License-Identifier: Apache-2.0
"""Secrets that must be found nowhere, in every form that programs are likely to leave, and the search for them."""
import base64
import ctypes
import itertools
import re
import subprocess
import threading

import rehearsal as r

WORDS_IN_A_ROW = 4
INDICES_IN_A_ROW = 6
MODULE = r.BUILD / "tests" / "search_module.so"
HITS = 4096  # told of one search


class _Hit(ctypes.Structure):
    _fields_ = [("at", ctypes.c_size_t), ("number", ctypes.c_uint)]


def _library():
    library = ctypes.CDLL(str(MODULE))
    library.search_new.restype = ctypes.c_void_p
    library.search_free.argtypes = [ctypes.c_void_p]
    library.search_add.argtypes = [ctypes.c_void_p, ctypes.c_bool, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint]
    library.search_add.restype = ctypes.c_bool
    library.search_run.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.POINTER(_Hit), ctypes.c_size_t]
    library.search_run.restype = ctypes.c_size_t
    return library


class Canaries:
    """What must not be found."""

    def __init__(self):
        self.library = _library()
        self.search = self.library.search_new()
        self.names = []
        self.known = set()

    def __del__(self):
        self.library.search_free(self.search)

    def _add(self, name, data, row=False):
        if not self.library.search_add(self.search, row, data, len(data), len(self.names)):
            raise ValueError(f"{name} is too short to be searched for")
        self.names.append(name)

    def add_text(self, name, text):
        if ("text", text) in self.known:
            return
        self.known.add(("text", text))
        data = text.encode()
        self._add(name, data)
        self._add(f"{name}, in hexadecimal", data.hex().encode())
        self._add(f"{name}, in UTF-16", text.encode("utf-16-le"))
        self._add(f"{name}, in UTF-32", text.encode("utf-32-le"))
        for shift in range(3):  # base64 of it within anything longer, at each alignment
            whole = base64.b64encode(b"\0" * shift + data)
            start = (0, 2, 3)[shift]
            self._add(f"{name}, in base64", whole[start:len(whole) - 4])

    def add_bytes(self, name, data):
        if ("bytes", data) in self.known:
            return
        self.known.add(("bytes", data))
        for how, form in (("", data), (", reversed", data[::-1]), (", in hexadecimal", data.hex().encode()),
                          (", in HEXADECIMAL", data.hex().upper().encode()), (", in base64", base64.b64encode(data)[:-4])):
            self._add(name + how, form)

    def add_share(self, name, share, word_list):
        if ("share", share) in self.known:
            return
        self.known.add(("share", share))
        words = share.split()
        for start in range(len(words) - WORDS_IN_A_ROW + 1):
            row = b"".join(word[:4].encode() for word in words[start:start + WORDS_IN_A_ROW])
            self._add(f"{name}, word {start + 1} and on", row, row=True)
        indices = [word_list.index(word) for word in words]
        for start in range(4, len(indices) - INDICES_IN_A_ROW + 1):  # the first four are the same in each share of a set
            for order, size in itertools.product(("little", "big"), (2, 4)):
                self._add(f"{name}, as numbers", b"".join(number.to_bytes(size, order)
                                                          for number in indices[start:start + INDICES_IN_A_ROW]))
        value = 0
        for number in indices[4:-3]:  # without head and checksum; what is left over of ten bits each is zero
            value = value << 10 | number
        self._add(f"{name}, as its value", value.to_bytes(len(indices[4:-3]) * 10 // 16 * 2, "big"))

    def find(self, data):
        """Names of what stands in these bytes."""
        hits = (_Hit * HITS)()
        count = self.library.search_run(self.search, data, len(data), hits, HITS)
        return [f"{self.names[hit.number]} at {hit.at:#x}" for hit in hits[:min(count, HITS)]]


_words = []
_reading = threading.Lock()


def word_list():
    with _reading:
        if not _words:
            words = re.findall(r'"([a-z]{4,8})"', (r.SOURCE / "shamir/wordlist.c").read_text())
            if len(words) != 1024:
                raise r.Broken(f"the word list has {len(words)} words")
            _words.extend(words)
        return _words


def secret_of(shares):
    """What enough shares of one set give, or None."""
    result = subprocess.run([str(r.BUILD / "bin/slip39"), "combine"], text=True, input="\n".join(shares) + "\n",
                            capture_output=True, check=False)
    return bytes.fromhex(result.stdout.strip()) if result.returncode == 0 else None
