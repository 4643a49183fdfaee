# SPDX-License-Identifier: Apache-2.0
"""What the fuzz targets begin with: the vectors, the shipped YAML files, and the files of one small ceremony."""
import json
import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/support/py"))
import rehearsal as r  # noqa: E402
import seeds  # noqa: E402

VECTORS = SOURCE / "tests/vectors"
LARGEST = 60000
PLACES = {"@MODULE_PATH@": "/usr/lib/softhsm/libsofthsm2.so", "@MODULE_SHA256@": "0" * 64, "@SOFTHSM2_CONF@": "/srv/softhsm2.conf",
          "@TOKEN_STORE@": "/srv/tokens", "@MEDIA_1@": "/srv/media-1", "@MEDIA_2@": "/srv/media-2", "@MEDIA_3@": "/srv/media-3",
          "@ORGANISATION@": "Example Trust Services"}


def files(folder, pattern):
    return [path.read_bytes() for path in sorted((SOURCE / folder).glob(pattern)) if path.stat().st_size < LARGEST]


def shares():
    rows = json.loads((VECTORS / "slip39/vectors.json").read_text())
    return ["\n".join(row[1]).encode() for row in rows]


def site():
    found = []
    for number, name in enumerate(("environment.yaml", "roster.yaml", "custody.yaml")):
        text = (SOURCE / f"scripts/rehearsal/{name}.in").read_text()
        for place, value in PLACES.items():
            text = text.replace(place, value)
        found.append(bytes([number]) + text.encode())
    found.append(b"\x03schema: 1\napprover: A\nrole: approver\ndate: 2026-11-26\ndocument: D\nscript_sha256: " + b"0" * 64 + b"\n")
    return found


def manifests():
    request = (VECTORS / "csr/ok-ec256.der").read_bytes()
    text = r.base64.b64encode(request).decode()
    pem = "-----BEGIN CERTIFICATE REQUEST-----\n" + "\n".join(
        text[at:at + 64] for at in range(0, len(text), 64)) + "\n-----END CERTIFICATE REQUEST-----\n"
    rows = ["\0" + json.dumps({"request": text, "serial": "D-1", "name": "a"}) + "\n",
            f"\1request,serial\n{text},D-1\n\"{text}\",\"D\"\"2\"\n",
            "\2" + pem + "text between\n" + pem]
    with r.tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "a.der").write_bytes(request)
        (pathlib.Path(folder) / "b.pem").write_text(pem)
        tar = subprocess.run(["tar", "-C", folder, "-cf", "-", "a.der", "b.pem"], check=True, capture_output=True).stdout
    return [row.encode() for row in rows] + [b"\3" + tar]


def number(value):
    return value.to_bytes(8, "big")


def text(value):
    """Octets or a text, as the process that reads sends them (base/flat.h)."""
    value = value if isinstance(value, bytes) else value.encode()
    return number(len(value)) + value


def facts():
    """What the process that reads files sends of them: a request, a certificate, lines of revocations."""
    request = (VECTORS / "csr/ok-ec256.der").read_bytes()
    certificate = (VECTORS / "x509test/ok-v3.der").read_bytes()
    file = [text(der) + number(0) + bytes(32) for der in (request, certificate)]
    part = certificate[4:60]
    rows = [number(2)[4:] + number(0)[4:] + bytes([19, 1, 2, 4, 10, 11]) + bytes(18) + number(1795600000) + b"\x80" + bytes(7) + b"R 12",
            number(5)[4:] + number(7)[4:] + b"\3" + bytes(39)]
    frames = [number(1 + len(rows[0] + rows[1])) + b"R" + b"".join(rows), number(1) + b"E"]
    return [b"\0" + file[0] + text(request[9:100]) + text(request[9:49]) + text("CN=a") + text("EC P-256"),
            b"\1" + file[1] + text(part) + text("ec-p256") + text("CN=a") + text("Subject  CN=a\nSerial  1\n") + text("0a")
            + number(1) + number(1700000000) * 2 + text("") * 4 + number(0) + text(part) + text("CN=a") + number(1) + text(part),
            b"\2" + b"".join(frames), b"\2" + frames[1],
            b"\2" + number(1 + 4 * 8 + 6) + b"X" + number(2) + text("broken") + text("") * 2]


def wire():
    """Items as the process that reads requests sends them: accepted, refused, the end, an error."""
    request = (VECTORS / "csr/ok-ec256.der").read_bytes()
    digest = r.hashlib.sha256(request).hexdigest()
    asked = number(1) + text("CN") + text("device 1") + number(1) + text("dns") + text("a.example")
    fields = number(1) + text("line") + text("3")
    return [b"I" + number(0) + text("a.der") + text(digest) + text(request) + number(4) + number(91) + number(9) + number(40)
            + fields + number(1) + number(0) + text("") + asked,
            b"I" + number(7) + text("b.der") + text(digest) + text(b"") + number(0) * 4 + number(0) + number(2) + number(1)
            + number(3) + text("no request") + number(0) + number(0),
            b"E", b"X" + number(2) + text("the archive is damaged") + text("") + text("Bring another one.")]


def tlv(tag, *parts):
    body = b"".join(parts)
    size = bytes([len(body)]) if len(body) < 128 else b"\x82" + len(body).to_bytes(2, "big")
    return bytes([tag]) + size + body


def seed_lists():
    """Texts, and the envelope of one whose content key is 32 zeros, which no RSA key encrypted."""
    lines = [f"XY-{number},{number + 1:064x},0a0b" for number in range(3)]
    text = seeds.text(lines, "serial,seed,chip").encode()
    data = subprocess.run(["openssl", "enc", "-aes-256-cbc", "-K", "00" * 32, "-iv", "00" * 16], input=text, check=True,
                          capture_output=True).stdout
    oaep = bytes.fromhex("300d06092a864886f70d0101073000")
    contents = tlv(0x30, bytes.fromhex("06092a864886f70d010701"),
                   tlv(0x30, bytes.fromhex("060960864801650304012a"), tlv(4, bytes(16))), tlv(0x80, data))
    found = []
    for version, name in ((0, tlv(0x30, tlv(0x30), tlv(2, b"\1"))), (2, tlv(0x80, b"id"))):
        number = tlv(2, bytes([version]))
        recipients = tlv(0x31, tlv(0x30, number, name, oaep, tlv(4, bytes(256))))
        found.append(tlv(0x30, bytes.fromhex("06092a864886f70d010703"), tlv(0xa0, tlv(0x30, number, recipients, contents))))
    pem = b"-----BEGIN CMS-----\n" + r.base64.encodebytes(found[0]) + b"-----END CMS-----\n"
    return [b"\0" + one for one in (*found, pem)] + [b"\1" + text, b"\x40" + text, b"\xff" + text[:100]]


def revocations():
    certificate = r.base64.b64encode((VECTORS / "x509test/ok-v3.der").read_bytes()).decode()
    head = "serial,date,reason,reference,invalidity\n"
    return [text.encode() for text in (
        head + "0a,2026-11-23,superseded,R1,\n\"0b\",2026-11-23T00:00:05Z,keyCompromise,\"R, 2\",2026-11-01\n",
        f"certificate,date,reason,reference\n{certificate},2026-11-23,superseded,R1\n",
        json.dumps({"serial": "0a", "date": "2026-11-23", "reason": "superseded", "reference": "R1"}) + "\n",
        head + "0a,23.11.2026,lost,,\n")]


def blobs():
    key = subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-outform", "DER"],
                         check=True, capture_output=True).stdout
    rsa = subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024", "-outform", "DER"],
                         check=True, capture_output=True).stdout
    return [key, rsa, bytes(24), bytes(40), b"x"]


def ceremony():
    """Transcript, ledger, seal and trust lines of a root ceremony."""
    with r.Rehearsal() as one:
        result = one.run()
        if result.returncode != 0:
            raise SystemExit(f"the ceremony for the corpus does not run: {result.stderr}")
        lines = (one.evidence / "transcript.jsonl").read_bytes().splitlines(keepends=True)
        secret = (one.evidence / "confidential.jsonl").read_bytes().splitlines(keepends=True)
        ledger = (one.evidence / "ledger.jsonl").read_bytes()
        return {
            "transcript": [b"".join(lines[:12]), *lines, *secret[:5]],
            "ledger": [ledger, *ledger.splitlines(keepends=True)[:1]],
            "seal": [path.read_bytes() for path in sorted(one.evidence.glob("*.p7s"))],
            "trust": [(one.folder / "trust").read_bytes()],
            "wrapped": [path.read_bytes() for path in sorted((one.evidence / "wrapped").glob("*")) if path.is_file()],
        }


def make():
    """{target: [input]}"""
    made = ceremony()
    return {
        "request": files("tests/vectors/csr", "*.der"),
        "certificate": files("tests/vectors/x509test", "*.der"),
        "crl": files("tests/vectors/crl", "*.der"),
        "pem": files("tests/vectors/csr", "*.pem") + files("tests/vectors/crl", "ok-*.der"),
        "share": shares(),
        "script": [text for path, text in ((path, path.read_bytes()) for path in sorted((SOURCE / "scripts").glob("*.yaml")))
                   if not path.name.endswith(".answers.yaml")],
        "profile": files("scripts/profiles", "*.yaml"),
        "site": site(),
        "answers": files("scripts", "*.answers.yaml"),
        "transcript": made["transcript"],
        "ledger": made["ledger"],
        "blob": blobs() + made["wrapped"],
        "manifest": manifests(),
        "wire": wire(),
        "facts": facts(),
        "seeds": seed_lists(),
        "revocations": revocations(),
        "seal": made["seal"],
        "trust": made["trust"],
    }


def write(folder, wanted):
    """Each input a file in FOLDER/TARGET; {target: folder}."""
    places = {}
    for target, inputs in make().items():
        if wanted and target not in wanted:
            continue
        places[target] = folder / target
        places[target].mkdir(parents=True, exist_ok=True)
        for number, data in enumerate(inputs):
            (places[target] / f"{number:04d}").write_bytes(data)
    return places
