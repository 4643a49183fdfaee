#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""GnuTLS's library on a CRL, without certtool, which prints every entry in time that grows with the square:
judges one (reads it, verifies its signature, counts its entries and looks at each by the iterator) and says what CPU time
each call took; or makes one of the serial numbers in openssl's index.

usage: gnutls_crl.py judge ISSUER.der CRL.der | make ISSUER.der KEY.pem INDEX OUTPUT"""
import ctypes
import pathlib
import sys
import time

GNUTLS = ctypes.CDLL("libgnutls.so.30")
DER, PEM = 0, 1
SHA256 = 6
NO_MORE = -56  # GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE


class Datum(ctypes.Structure):
    _fields_ = [("data", ctypes.c_char_p), ("size", ctypes.c_uint)]


def good(code):
    if code < 0:
        GNUTLS.gnutls_strerror.restype = ctypes.c_char_p
        raise SystemExit(GNUTLS.gnutls_strerror(code).decode())
    return code


def load(kind, path, form):
    data = pathlib.Path(path).read_bytes()
    handle = ctypes.c_void_p()
    good(getattr(GNUTLS, f"gnutls_x509_{kind}_init")(ctypes.byref(handle)))
    extra = (None, 0) if kind == "privkey" else ()
    name = f"gnutls_x509_{kind}_import" + ("2" if kind == "privkey" else "")
    good(getattr(GNUTLS, name)(handle, ctypes.byref(Datum(data, len(data))), form, *extra))
    return handle


def timed(what, call):
    """What the call gives, once its CPU time was said."""
    start = time.process_time()
    found = call()
    print(f"  {what:8} {time.process_time() - start:8.2f} s")
    return found


def iterate(crl):
    """How many entries the iterator has, which goes from each to the next."""
    state, serial, when = ctypes.c_void_p(), ctypes.create_string_buffer(64), ctypes.c_long()
    count = 0
    while True:
        size = ctypes.c_size_t(len(serial))
        code = GNUTLS.gnutls_x509_crl_iter_crt_serial(crl, ctypes.byref(state), serial, ctypes.byref(size),
                                                      ctypes.byref(when))
        if code == NO_MORE:
            break
        good(code)
        count += 1
    GNUTLS.gnutls_x509_crl_iter_deinit(state)
    return count


def judge(issuer, path):
    certificate = load("crt", issuer, DER)
    status = ctypes.c_uint()
    crl = timed("import", lambda: load("crl", path, DER))
    good(timed("verify", lambda: GNUTLS.gnutls_x509_crl_verify(crl, ctypes.byref(certificate), 1, 0,
                                                               ctypes.byref(status))))
    count = good(timed("count", lambda: GNUTLS.gnutls_x509_crl_get_crt_count(crl)))
    seen = timed("iterate", lambda: iterate(crl))
    if seen != count:
        raise SystemExit(f"the iterator sees {seen} entries of {count}")
    print(f"{'accepted' if status.value == 0 else f'refused: {status.value:#x}'}, {count} revoked")


def make(issuer, key, index, output):
    serials = [bytes.fromhex(line.split("\t")[3]) for line in open(index, encoding="ascii")]
    crl = ctypes.c_void_p()
    good(GNUTLS.gnutls_x509_crl_init(ctypes.byref(crl)))
    good(GNUTLS.gnutls_x509_crl_set_version(crl, 2))
    now = ctypes.c_long(int(time.time()))
    for serial in serials:
        good(GNUTLS.gnutls_x509_crl_set_crt_serial(crl, serial, ctypes.c_size_t(len(serial)), now))
    good(GNUTLS.gnutls_x509_crl_set_this_update(crl, now))
    good(GNUTLS.gnutls_x509_crl_set_next_update(crl, ctypes.c_long(now.value + 7 * 86400)))
    good(GNUTLS.gnutls_x509_crl_set_number(crl, b"\x01", ctypes.c_size_t(1)))
    good(GNUTLS.gnutls_x509_crl_sign2(crl, load("crt", issuer, DER), load("privkey", key, PEM), SHA256, 0))
    out = Datum()
    good(GNUTLS.gnutls_x509_crl_export2(crl, DER, ctypes.byref(out)))
    pathlib.Path(output).write_bytes(ctypes.string_at(ctypes.cast(ctypes.byref(out), ctypes.POINTER(
        ctypes.c_void_p)).contents, out.size))


if __name__ == "__main__":
    {"judge": judge, "make": make}[sys.argv[1]](*sys.argv[2:])
