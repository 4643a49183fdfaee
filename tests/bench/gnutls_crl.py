#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""GnuTLS's library on a CRL, without certtool, which prints every entry in time that grows with the square:
judges one, or makes one of the serial numbers in openssl's index.

usage: gnutls_crl.py judge ISSUER.der CRL.der | make ISSUER.der KEY.pem INDEX OUTPUT"""
import ctypes
import pathlib
import sys
import time

GNUTLS = ctypes.CDLL("libgnutls.so.30")
DER, PEM = 0, 1
SHA256 = 6


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


def judge(issuer, path):
    crl = load("crl", path, DER)
    certificate = load("crt", issuer, DER)
    status = ctypes.c_uint()
    good(GNUTLS.gnutls_x509_crl_verify(crl, ctypes.byref(certificate), 1, 0, ctypes.byref(status)))
    print(f"{'accepted' if status.value == 0 else f'refused: {status.value:#x}'},"
          f" {good(GNUTLS.gnutls_x509_crl_get_crt_count(crl))} revoked")


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
