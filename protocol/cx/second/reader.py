#!/usr/bin/env python3
"""A second reader of CX/1, in another language, written from docs/protocol/cx1.md alone.

It reads every published vector and must come to the code that stands in vectors.json:

    python3 protocol/cx/second/reader.py

It needs Python 3.11 and the package cryptography, 48 or newer (ML-DSA, ML-KEM, HPKE).
It is no part of a node, and it is not careful with memory: it exists to show that the
specification says enough.
"""

import base64
import datetime
import hashlib
import hmac
import json
import pathlib
import re
import struct
import sys

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa, mlkem, x25519
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VECTORS = pathlib.Path(__file__).parent.parent / "testdata" / "vectors"
KIB = 1024
NOTE_LIMIT, SYNC_NOTE_LIMIT, PAYLOAD_LIMIT = 32 * KIB, 8 * KIB * KIB, KIB * KIB
BLOB_LIMIT, BUNDLE_LIMIT, ENVELOPE_LIMIT = 2 << 30, 1 << 30, 10 << 30
PADDED = [4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, 512 * KIB, KIB * KIB, 2 * KIB * KIB]


class Refused(Exception):
    """Why something is not taken: the code."""


def require(ok, code="bad_format"):
    if not ok:
        raise Refused(code)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def sealed_size(n):
    return 1643 + n + 16 * max(1, -(-n // 65536))


# Section 1: values. Each is a function that returns the value or refuses the text.


def matches(pattern):
    compiled = re.compile(pattern)

    def read(text):
        require(compiled.fullmatch(text) is not None)
        return text

    return read


def node(text):
    parts = text.split(".")
    require(len(text) <= 64 and 2 <= len(parts) <= 3)
    require(all(re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", p) for p in parts))
    require(re.fullmatch(r"[a-z]{2}|int", parts[0]))
    return text


def number(text):
    require(re.fullmatch(r"0|[1-9][0-9]*", text) and int(text) < 1 << 63)
    return int(text)


def time(text):
    require(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", text))
    try:
        at = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        raise Refused("bad_format") from None
    return at.replace(tzinfo=datetime.timezone.utc)


def words(valid):
    def read(text):
        items = text.split(",")
        for item in items:
            valid(item)
        require(all(a.encode() < b.encode() for a, b in zip(items, items[1:])))
        return items

    return read


def one_of(*allowed):
    def read(text):
        require(text in allowed)
        return text

    return read


def text_value(text):
    raw = text.encode()
    require(1 <= len(raw) <= 1024 and text[0] != " " and text[-1] != " ")
    require(not any(c < " " or "\x7f" <= c <= "\x9f" or c in "\u2028\u2029" for c in text))
    return text


uuid = matches(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
hex128, sha256 = matches(r"[0-9a-f]{32}"), matches(r"[0-9a-f]{64}")
token = matches(r"[a-zA-Z0-9._/:-]{1,64}")


def thread(text):
    require(hex128(text) != "0" * 32)
    return text


def checkpoint(text):
    epoch, size, root = split(text, 3)
    return number(epoch), number(size), sha256(root)


def split(text, n):
    parts = text.split(" ")
    require(len(parts) == n)
    return parts


def attachment(text):
    cipher, cipher_size, plain, plain_size, media, kind, until = split(text, 7)
    return {
        "cipher": sha256(cipher), "cipher_size": number(cipher_size), "plain": sha256(plain),
        "plain_size": number(plain_size), "media": media, "class": token(kind), "until": until if until == "-" else time(until),
    }


def blob(text):
    name, size = split(text, 2)
    return sha256(name), number(size)


def stand(text):
    th, stream, side, length, head = split(text, 5)
    require(stream in ("cmd", "status") and side in ("ours", "theirs") and number(length) > 0)
    return (bytes.fromhex(thread(th)), stream, side), sha256(head)


def beyond(text):
    th, stream, seq, name, content, epoch = split(text, 6)
    require(stream in ("cmd", "status"))
    return {"thread": thread(th), "stream": stream, "seq": number(seq), "id": uuid(name), "content": sha256(content), "epoch": number(epoch)}


def item(text):
    kind = text.split(" ")[0]
    require(kind in ("envelope", "note", "blob"))
    parts = split(text, 6 if kind == "blob" else 3)
    out = {"what": kind, "size": number(parts[1]), "digest": sha256(parts[2])}
    require(out["size"] > 0)
    if kind == "blob":
        offset, whole = number(parts[4]), number(parts[5])
        sha256(parts[3])
        require(whole <= BLOB_LIMIT and offset + out["size"] <= whole)
    return out


def extension(text):
    name, sep, value = text.partition(" ")
    require(sep)
    return token(name), text_value(value)


# The forms: key, value, and how often: "1", "?" or the most there may be.
STREAM, CLASS = one_of("cmd", "status"), one_of("case", "dir", "match", "test")
EXTENSIONS = [("ext", extension, 16), ("crit", words(token), "?")]
SYNC = [
    ("from", node, "1"), ("to", node, "1"), ("at", time, "1"), ("epoch", number, "1"), ("known", number, "?"), ("log", checkpoint, "?"),
    ("seen", checkpoint, "?"), ("stand", stand, 65536), ("skey", hex128, "1"),
]
FORMS = {
    "envelope": [
        ("from", node, "1"), ("to", node, "1"), ("id", uuid, "1"), ("class", CLASS, "1"), ("thread", thread, "1"),
        ("stream", STREAM, "1"), ("seq", number, "1"), ("epoch", number, "1"), ("created", time, "1"), ("expires", time, "1"),
        ("content", sha256, "1"), ("body_len", number, "1"), ("body_sha256", sha256, "1"), ("skey", hex128, "1"), ("ekey", hex128, "1"),
        ("answers", uuid, "?"), ("resend", number, "?"), ("blob", blob, 64), *EXTENSIONS,
    ],
    "content": [
        ("from", node, "1"), ("to", node, "1"), ("id", uuid, "1"), ("thread", thread, "1"), ("stream", STREAM, "1"), ("seq", number, "1"),
        ("prev", sha256, "?"), ("type", token, "1"), ("answers", uuid, "?"), ("schema", token, "1"), ("created", time, "1"), ("expires", time, "1"),
        ("officer", token, "1"), ("labels", sha256, "1"), ("payload", sha256, "1"), ("skey", hex128, "1"), ("attachment", attachment, 64), *EXTENSIONS,
    ],
    "labels": [
        ("salt", hex128, "1"),
        ("purpose", one_of("protection", "best-interests", "family-tracing", "return-and-reintegration", "asylum", "health", "criminal-justice",
                           "prevention-analysis"), "1"),
        ("basis", one_of("law", "treaty", "vital-interest", "court-order", "consent"), "1"), ("basis_ref", text_value, "?"),
        ("consent", lambda t: consent(t), "?"), ("jurisdiction", token, "1"), ("handling", one_of("H0", "H1", "H2", "H3"), "1"),
        ("onward", one_of("none", "ask", "list"), "1"), ("onward_nodes", words(node), "?"), ("court", one_of("yes", "ask", "no"), "1"),
        ("roles", words(token), "?"), ("eval", matches("[ABCX][1-4]"), "?"),
        ("flags", words(one_of("child_may_not_see", "do_not_notify_state", "identity_protected", "location_secret", "no_contact_family",
                               "suspect_in_household")), "?"),
        ("retain_until", time, "?"), ("retain_rule", token, "?"), ("on_expiry", one_of("erase", "anonymise", "review"), "1"), *EXTENSIONS,
    ],
    "keys": [("count", number, "1"), ("key", matches("AGE-SECRET-KEY-PQ-1[A-Z0-9]+"), 64)],
    "receipt": [
        ("stage", one_of("stored", "rejected", "opened", "unreadable", "refused"), "1"), ("from", node, "1"), ("to", node, "1"), ("id", uuid, "1"),
        ("header", sha256, "1"), ("content", sha256, "1"), ("at", time, "1"), ("epoch", number, "1"), ("code", token, "?"), ("unmet", words(token), "?"),
        ("leaf", sha256, "?"), ("log", checkpoint, "?"), ("skey", hex128, "1"), *EXTENSIONS,
    ],
    "error": [
        ("from", node, "1"), ("to", node, "1"), ("id", uuid, "?"), ("code", token, "1"), ("at", time, "1"), ("want", number, "?"),
        ("ekey", hex128, "?"), ("skey", hex128, "1"),
    ],
    "resync": SYNC,
    "resync.answer": [("question", sha256, "1"), ("beyond", beyond, 8192), *SYNC],
    "ping": [
        ("from", node, "1"), ("to", node, "1"), ("at", time, "1"), ("epoch", number, "1"), ("log", checkpoint, "?"), ("schedule", number, "?"),
        ("skey", hex128, "1"),
    ],
    "bundle": [
        ("from", node, "1"), ("to", node, "1"), ("at", time, "1"), ("part", number, "1"), ("parts", number, "1"), ("count", number, "1"),
        ("size", number, "1"), ("item", item, 65536), ("skey", hex128, "1"),
    ],
}


def consent(text):
    by, at, scope, language, ref, assent, state = split(text, 7)
    for word in (by, scope, language, ref):
        token(word)
    require(assent in ("yes", "no", "unable", "unknown") and state in ("given", "withdrawn"))
    return time(at)


def parse(text, kind):
    """Reads a form in its one spelling."""
    first, sep, rest = text.partition("\n")
    version = re.fullmatch(re.escape(f"causeway/{kind}/") + r"([1-9][0-9]{0,4})", first)
    if version and version[1] != "1":
        raise Refused("unsupported")
    require(version and sep and rest.endswith("\n"))
    lines = rest[:-1].split("\n")
    out = {}
    for key, read, often in FORMS[kind]:
        got = []
        while lines and lines[0].startswith(key + " "):
            require(len(got) < (often if isinstance(often, int) else 1))
            got.append(read(lines.pop(0)[len(key) + 1:]))
        require(got or often != "1")
        if isinstance(often, int):
            out[key] = got
        elif got:
            require(often == "1" or got[0] != 0)
            out[key] = got[0]
    require(not lines)
    names = [name.encode() for name, _ in out.get("ext", [])]
    require(all(a < b for a, b in zip(names, names[1:])))
    require(all(name.encode() in names for name in out.get("crit", [])))
    check_form(kind, out)
    return out


def check_form(kind, f):
    """What a form says of several lines together."""
    if "to" in f:
        require(f["from"] != f["to"])
    if "epoch" in f and kind != "receipt":
        require(f["epoch"] > 0)
    if "created" in f:
        life = f["expires"] - f["created"]
        require(datetime.timedelta(0) < life <= datetime.timedelta(days=90))
        require(f["seq"] > 0)
    if kind == "content":
        require((f["seq"] == 1) == ("prev" not in f))
    if kind == "labels":
        require(f["basis"] != "consent" or "consent" in f)
        require((f["onward"] == "list") == ("onward_nodes" in f))
        require(("retain_until" in f) != ("retain_rule" in f))
    if kind == "keys":
        require(f["count"] == len(f["key"]))
    if kind == "receipt":
        require((f["stage"] in ("stored", "opened")) == ("code" not in f))
        require("unmet" not in f or f["stage"] == "refused")
    if kind == "error":
        require(("want" not in f or f["code"] == "gap") and ("ekey" not in f or f["code"] == "unknown_ekey"))
    if kind in ("resync", "resync.answer"):
        places = [place for place, _ in f["stand"]]
        require(all(a < b for a, b in zip(places, places[1:])))
    if kind == "bundle":
        require(1 <= f["part"] <= f["parts"] and f["count"] == len(f["item"]))
        require(f["size"] == sum(i["size"] for i in f["item"]) <= BUNDLE_LIMIT)


# Section 2: notes.


class Node:
    def __init__(self, name, secrets):
        self.name = name
        public = base64.b64decode(secrets["public"])
        require(len(public) == 1984)
        self.classic, self.lattice = public[:32], public[32:]
        self.skey = key_id("sign", name, public)
        require(self.skey == secrets["skey"])
        self.identity = secrets["receive"]


def key_id(role, name, public):
    return hashlib.sha256(f"{role}\n{name}\n".encode() + public).hexdigest()[:32]


def open_note(msg, kind, me, nodes, limit=NOTE_LIMIT):
    """Steps 3 to 6 of section 7. me is None where a note is meant for no one."""
    require(len(msg) <= limit, "too_large")
    cut = msg.rfind(b"\n\n")
    require(cut >= 0)
    try:
        text = msg[: cut + 1].decode()
        signatures = msg[cut + 2:].decode()
    except UnicodeDecodeError:
        raise Refused("bad_format") from None
    form = parse(text, kind)
    require(me is None or form["to"] == me, "wrong_recipient")
    by = nodes.get(form["from"])
    require(by and by.skey == form["skey"], "unknown_sender")
    verify(text, signatures, by)
    return form


def verify(text, signatures, by):
    """Both signatures of one signer, in their order and their one spelling."""
    require(signatures.endswith("\n"))
    lines = signatures[:-1].split("\n")
    hashes_ = [
        hashlib.sha256(by.name.encode() + b"\n\x01" + by.classic).digest()[:4],
        hashlib.sha256(by.name.encode() + b"\n\xffcauseway/ML-DSA-65\n" + by.lattice).digest()[:4],
    ]
    require(len(lines) == 2, "bad_signature")
    parts = []
    for line, expected in zip(lines, hashes_):
        require(line.startswith(f"\u2014 {by.name} "), "bad_signature")
        encoded = line.rpartition(" ")[2]
        raw = base64.b64decode(encoded, validate=True)
        require(base64.b64encode(raw).decode() == encoded)
        require(raw[:4] == expected, "bad_signature")
        parts.append(raw[4:])
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(by.classic).verify(parts[0], text.encode())
        mldsa.MLDSA65PublicKey.from_public_bytes(by.lattice).verify(parts[1], text.encode(), b"causeway/note/1")
    except InvalidSignature:
        raise Refused("bad_signature") from None


class Stream:
    """Bytes that are read in order."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        part = self.data[self.at: self.at + n]
        self.at += len(part)
        require(len(part) == n, "damaged")
        return part

    def framed(self, limit):
        size = struct.unpack(">I", self.take(4))[0]
        require(size <= limit, "too_large")
        return self.take(size)

    def end(self):
        require(self.at == len(self.data))


# age, as far as it is needed: one recipient of type mlkem768x25519.

CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def seed_of(identity):
    """The 32 bytes of a Bech32 identity; its checksum is age's own business."""
    values = [CHARSET.index(c) for c in identity.lower().rpartition("1")[2]][:-6]
    bits = "".join(f"{v:05b}" for v in values)
    return bytes(int(bits[i: i + 8], 2) for i in range(0, len(bits) // 8 * 8, 8))


def hkdf(key, salt, info):
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=info).derive(key)


def unseal(data, identity, no_key):
    """Opens an age file to its end. The error is InvalidTag, ValueError, or no_key."""
    head, sep, rest = data.partition(b"\n---")
    lines = head.decode("latin-1").split("\n")
    if not sep or lines[0] != "age-encryption.org/v1" or not lines[1].startswith("-> mlkem768x25519 "):
        raise ValueError("header")
    enc = b64(lines[1].split(" ")[2])
    wrapped = b64("".join(lines[2:]))
    expanded = hashlib.shake_256(seed_of(identity)).digest(96)
    key = hpke.MLKEM768X25519PrivateKey(
        mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:64]), x25519.X25519PrivateKey.from_private_bytes(expanded[64:])
    )
    suite = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
    try:
        file_key = suite.decrypt(enc + wrapped, key, b"age-encryption.org/mlkem768x25519")
    except Exception:  # the library does not say which
        raise Refused(no_key) from None
    mac, _, payload = rest.partition(b"\n")
    if not hmac.compare_digest(hmac.digest(hkdf(file_key, b"", b"header"), head + b"\n---", "sha256"), b64(mac.decode("latin-1")[1:])):
        raise ValueError("mac")
    nonce, body = payload[:16], payload[16:]
    aead = ChaCha20Poly1305(hkdf(file_key, nonce, b"payload"))
    out, count = [], 0
    while True:
        chunk, body = body[:65552], body[65552:]
        out.append(aead.decrypt(count.to_bytes(11, "big") + bytes([0 if body else 1]), chunk, None))
        count += 1
        if not body:
            return b"".join(out)


def b64(text):
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


# Sections 3 to 7: envelopes.

TYPES = {
    **{t: ("case", ("cmd",)) for t in "referral.offer transfer.offer info withdraw retract release confirm dispute request notice".split()},
    "status": ("case", ("status",)),
    **{t: ("case", ("cmd", "status")) for t in "note recall recall.outcome label.update retention.due void".split()},
    **{t: ("dir", ("cmd",)) for t in "schedule revoke pair".split()},
    **{t: ("match", ("cmd",)) for t in "match.agree match.table match.table.back match.accept match.count match.question".split()},
    "match.answer": ("match", ("status",)), "trial": ("test", ("cmd", "status")),
}


def read_envelope(data, me, nodes, now):
    stream = Stream(data)
    header = open_note(stream.framed(NOTE_LIMIT), "envelope", me, nodes)
    require("crit" not in header, "unsupported")
    require(header["body_len"] <= sealed_size(PADDED[-1]), "too_large")
    require(header["body_len"] in [sealed_size(p) for p in PADDED])
    require(all(size <= BLOB_LIMIT for _, size in header["blob"]) and sum(size for _, size in header["blob"]) <= ENVELOPE_LIMIT, "too_large")
    body = stream.take(header["body_len"])
    stream.end()
    require(digest(body) == header["body_sha256"], "damaged")
    require(header["created"] <= now + datetime.timedelta(hours=24), "held")
    require(now < header["expires"], "expired")
    return open_letter(header, body, me, nodes)


def open_letter(header, body, me, nodes):
    try:
        plain = unseal(body, nodes[me].identity, "unknown_ekey")
    except (InvalidTag, ValueError):
        raise Refused("bad_format") from None
    parts, rest = [], plain
    for limit in (NOTE_LIMIT, NOTE_LIMIT, PAYLOAD_LIMIT + 51, NOTE_LIMIT):
        require(len(rest) >= 4)
        size = struct.unpack(">I", rest[:4])[0]
        require(size <= limit, "too_large")
        require(len(rest) >= 4 + size)
        parts.append(rest[4: 4 + size])
        rest = rest[4 + size:]
    used = len(plain) - len(rest)
    require(len(plain) == min(p for p in PADDED if p >= used) and not rest.strip(b"\0") and header["body_len"] == sealed_size(len(plain)))
    note, labels, payload, keys = parts
    require(digest(note) == header["content"], "readdressed")
    content = open_note(note, "content", None, nodes)
    same = ("from", "to", "id", "thread", "stream", "seq", "answers", "created", "expires")
    require(all(content.get(k) == header.get(k) for k in same), "readdressed")
    require([(a["cipher"], a["cipher_size"]) for a in content["attachment"]] == header["blob"], "readdressed")
    require(digest(labels) == content["labels"] and digest(payload) == content["payload"], "bad_signature")
    require("crit" not in content and content["type"] in TYPES, "unsupported")
    kind, streams = TYPES[content["type"]]
    require(content["stream"] in streams)
    for a in content["attachment"]:
        require(a["class"] != "prohibited", "label_refused")
        require(a["cipher_size"] == sealed_size(a["plain_size"]))
    require(kind == header["class"], "readdressed")
    terms = parse(labels.decode(), "labels")
    require("crit" not in terms, "label_refused")
    framed = re.fullmatch(rb'\{"salt":"[0-9a-f]{32}","body":(.*)\}', payload, re.S)
    require(framed and isinstance(json.loads(framed[1]), dict))
    require(len(parse(keys.decode(), "keys")["key"]) == len(content["attachment"]))
    return {
        "from": content["from"], "id": content["id"], "thread": content["thread"], "stream": content["stream"], "seq": content["seq"],
        "type": content["type"], "purpose": terms["purpose"], "schema": content["schema"], "payload": framed[1].decode(),
        "attachments": len(content["attachment"]), "officer": content["officer"], "content": header["content"],
    }


# Sections 6, 10 and 11.


def read_answer(data, me, nodes, question):
    stream = Stream(data)
    answer = open_note(stream.framed(SYNC_NOTE_LIMIT), "resync.answer", me, nodes, SYNC_NOTE_LIMIT)
    require(answer["question"] == question, "conflict")
    for line in answer["beyond"]:
        header = open_note(stream.framed(NOTE_LIMIT), "envelope", answer["from"], nodes)
        require(header["from"] == me and all(header[k] == v for k, v in line.items()), "conflict")
    if "seen" in answer:
        stream.framed(NOTE_LIMIT)
    growth = 0
    while "log" in answer and (growth == 0 or stream.at < len(data)):
        stream.framed(65536)
        growth += 1
        require(growth <= 64, "too_large")
    stream.end()
    return {"beyond": len(answer["beyond"]), "growth": growth}


def read_bundle(data, me, nodes):
    stream = Stream(data)
    bundle = open_note(stream.framed(SYNC_NOTE_LIMIT), "bundle", me, nodes, SYNC_NOTE_LIMIT)
    for line in bundle["item"]:
        require(digest(stream.take(line["size"])) == line["digest"], "damaged")
    stream.end()
    return {"items": [line["what"] for line in bundle["item"]]}


def read_blob(data, line, key):
    a = attachment(line)
    try:
        plain = unseal(data, key, "blob_mismatch")
    except (InvalidTag, ValueError):
        raise Refused("blob_mismatch") from None
    same = (len(data), digest(data), len(plain), digest(plain)) == (a["cipher_size"], a["cipher"], a["plain_size"], a["plain"])
    require(same, "blob_mismatch")
    return {"plain": plain.decode()}


def read(vector, data, nodes):
    me, kind = vector["self"], vector["kind"]
    if kind == "envelope":
        return read_envelope(data, me, nodes, time(vector["now"]))
    if kind == "resync.answer":
        return read_answer(data, me, nodes, vector["question"])
    if kind == "bundle":
        return read_bundle(data, me, nodes)
    if kind == "blob":
        return read_blob(data, vector["attachment"], vector["key"])
    open_note(data, kind, me, nodes, SYNC_NOTE_LIMIT if kind == "resync" else NOTE_LIMIT)
    return {}


def main():
    published = json.loads((VECTORS / "vectors.json").read_text())
    nodes = {name: Node(name, secrets) for name, secrets in published["nodes"].items()}
    wrong = 0
    for vector in published["vectors"]:
        code, said = "", {}
        try:
            said = read(vector, (VECTORS / vector["file"]).read_bytes(), nodes)
        except Refused as refused:
            code = str(refused)
        expected = vector.get("message") or vector.get("fields") or {}
        if code != vector["code"] or any(expected.get(k) != v for k, v in said.items()):
            wrong += 1
            print(f"{vector['file']}: {code or said}, want {vector['code'] or expected}")
    print(f"{len(published['vectors'])} vectors, {wrong} read otherwise")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
