#!/usr/bin/env python3
"""A second reader of proof packs, written from docs/protocol/proof-pack.md and
identity.md alone. It checks the packs in protocol/proof/testdata:

    python3 protocol/cx/second/proof.py

See reader.py for what it needs.
"""

import base64
import hashlib
import pathlib
import sys
import zipfile

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519

import reader
from reader import Refused, digest, number, require, time

PACKS = pathlib.Path(__file__).parent.parent.parent / "proof" / "testdata"


class Keys:
    """What the recovery pair of a node said of its keys."""

    def __init__(self, name, recovery):
        self.name, self.recovery = name, base64.b64decode(recovery)
        self.schedules, self.revocations = [], []

    def signed_by_r(self, msg):
        text, _, lines = msg.decode().rpartition("\n\n")
        text += "\n"
        verify(text, lines, self.name, self.recovery)
        return text

    def schedule(self, msg):
        lines = self.signed_by_r(msg).splitlines()
        require(lines[0] == "causeway/schedule/1" and lines[1] == "node " + self.name)
        serial, issued = number(lines[2].removeprefix("serial ")), time(lines[3].removeprefix("issued "))
        require(not self.schedules or serial > self.schedules[-1]["serial"] and issued >= self.schedules[-1]["issued"])
        keys = []
        for line in lines:
            if line.startswith("key "):
                _, role, begin, end, key = line.split(" ", 4)
                raw = base64.b64decode(key) if role in ("sign", "transport") else key.encode()
                keys.append({"role": role, "from": time(begin), "until": time(end), "raw": raw, "id": reader.key_id(role, self.name, raw)})
        self.schedules.append({"serial": serial, "issued": issued, "keys": keys})

    def revocation(self, msg):
        lines = self.signed_by_r(msg).splitlines()
        require(lines[0] == "causeway/revoke/1" and lines[1] == "node " + self.name)
        since = lines[4].removeprefix("since ")
        self.revocations.append({
            "issued": time(lines[2].removeprefix("issued ")), "reason": lines[3].removeprefix("reason "),
            "since": None if since == "-" else time(since), "keys": [line.removeprefix("key ") for line in lines[5:]],
        })

    def pair(self, key):
        for s in self.schedules:
            for k in s["keys"]:
                if k["role"] == "sign" and k["id"] == key:
                    return k
        raise Refused("unknown_sender")

    def held(self, key, at):
        """Whether a key held at a time, and whether it is doubted for it."""
        force = [s for s in self.schedules if s["issued"] <= at][-1:]
        holds = any(k["id"] == key and k["from"] <= at < k["until"] for s in force for k in s["keys"])
        doubtful = False
        for v in self.revocations:
            if v["keys"] and key not in v["keys"]:
                continue
            if v["reason"] == "compromised":
                doubtful = doubtful or at >= v["since"]
            elif v["reason"] != "suspended" and at >= v["issued"]:
                holds = False
        return holds or doubtful, doubtful


def verify(text, lines, name, raw):
    """Both signatures of one signer."""
    fake = reader.Node.__new__(reader.Node)
    fake.name, fake.classic, fake.lattice = name, raw[:32], raw[32:]
    reader.verify(text, lines, fake)


def open_note(msg, kind, me, nodes):
    """A note by a pair that stands in the schedules of who it names."""
    text = msg.decode().rpartition("\n\n")[0] + "\n"
    form = reader.parse(text, kind)
    require(me is None or form["to"] == me)
    require(form["from"] in nodes)
    verify(text, msg.decode().rpartition("\n\n")[2], form["from"], nodes[form["from"]].pair(form["skey"])["raw"])
    return form


def signatures(lines):
    """Name and bytes of the signature lines of a checkpoint."""
    for line in lines.splitlines():
        dash, name, code = line.split(" ")
        require(dash == "\u2014")
        yield name, base64.b64decode(code)


def cosigned(text, lines, nodes, of):
    """What keys of the other nodes in the pack are said to have cosigned, they have."""
    for node in nodes.values():
        for key in {k["raw"].decode() for s in node.schedules for k in s["keys"] if k["role"] == "witness" and node is not of}:
            vname, _, code = key.split("+", 2)
            public = base64.b64decode(code)
            hash4 = hashlib.sha256(vname.encode() + b"\n" + public).digest()[:4]
            for name, raw in signatures(lines):
                if name == vname and raw[:4] == hash4 and public[0] == 4:
                    said = f"cosignature/v1\ntime {int.from_bytes(raw[4:12], 'big')}\n{text}".encode()
                    ed25519.Ed25519PublicKey.from_public_bytes(public[1:]).verify(raw[12:], said)


def in_log(proof, leaf, nodes, of):
    """C2SP tlog-proof: the leaf leads to the root of a checkpoint by a log key."""
    keys = nodes[of]
    head, _, checkpoint = proof.decode().partition("\n\n")
    lines = head.split("\n")
    require(lines[0] == "c2sp.org/tlog-proof@v1")
    index = number(lines[1].removeprefix("index "))
    text, _, lines_signed = checkpoint.rpartition("\n\n")
    text += "\n"
    cosigned(text, lines_signed, nodes, keys)
    name, size, root = text.rstrip("\n").split("\n")
    size = number(size)
    node, _, epoch = name.rpartition("/")
    require(number(epoch) > 0)
    for schedule in keys.schedules:
        for k in schedule["keys"]:
            if k["role"] != "log":
                continue
            vname, _, key = k["raw"].decode().split("+", 2)
            public = base64.b64decode(key)
            hash4 = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
            if vname.rpartition("/")[0] != node or public[0] != 1:
                continue
            for by, raw in signatures(lines_signed):
                if by != name or raw[:4] != hash4:
                    continue
                ed25519.Ed25519PublicKey.from_public_bytes(public[1:]).verify(raw[4:], text.encode())
                require(climb(index, size, bytes.fromhex(leaf), [base64.b64decode(h) for h in lines[2:]]) == base64.b64decode(root))
                return
    raise Refused("unknown_sender")


def climb(index, size, node, path):
    """RFC 9162, 2.1.3.2."""
    require(index < size)
    fn, sn = index, size - 1
    for sibling in path:
        require(sn > 0)
        if fn & 1 or fn == sn:
            node = hashlib.sha256(b"\x01" + sibling + node).digest()
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = hashlib.sha256(b"\x01" + node + sibling).digest()
        fn, sn = fn >> 1, sn >> 1
    require(sn == 0)
    return node


def message(of, nodes):
    """Checks one message; returns it, and whether anything is missing or doubtful."""
    content = open_note(of["content"], "content", None, nodes)
    held, open_end = nodes[content["from"]].held(content["skey"], content["created"])
    require(held)
    for part in ("labels", "payload"):
        require(part not in of or digest(of[part]) == content[part])
    if "header" in of:
        header = open_note(of["header"], "envelope", content["to"], nodes)
        require(header["content"] == digest(of["content"]) and header["id"] == content["id"] and header["seq"] == content["seq"])
    opened = False
    for i in range(1, 17):
        if f"receipt-{i:02}" not in of:
            break
        receipt = open_note(of[f"receipt-{i:02}"], "receipt", content["from"], nodes)
        require(receipt["from"] == content["to"] and receipt["id"] == content["id"] and receipt["content"] == digest(of["content"]))
        held, doubtful = nodes[receipt["from"]].held(receipt["skey"], receipt["at"])
        require(held)
        open_end = open_end or doubtful or f"log-{i:02}" not in of
        opened = opened or receipt["stage"] == "opened"
        if f"log-{i:02}" in of:
            in_log(of[f"log-{i:02}"], receipt["leaf"], nodes, receipt["from"])
    return content, open_end, opened


def check(path):
    nodes, messages = {}, {}
    with zipfile.ZipFile(path) as pack:
        for name in pack.namelist():
            data = pack.read(name)
            parts = name.split("/")
            if parts[0] == "keys" and parts[2] == "recovery":
                nodes[parts[1]] = Keys(parts[1], data.decode().rstrip("\n"))
            elif parts[0] == "keys":
                getattr(nodes[parts[1]], parts[2].partition("-")[0])(data)
            elif parts[0] == "messages":
                messages.setdefault(parts[1], {})[parts[2]] = data
    seen = [message(of, nodes) for of in messages.values()]
    whole = True
    for content, open_end, opened in seen:
        answered = any(
            c.get("answers") == content["id"] and c["thread"] == content["thread"] and c["from"] == content["to"] for c, _, _ in seen
        )
        whole = whole and not open_end and (opened or answered or content["stream"] != "cmd")
    return "proven" if whole else "incomplete"


def main():
    wrong = 0
    for name, want in {"whole.zip": "proven", "unanswered.zip": "incomplete", "doubtful.zip": "incomplete", "forged.zip": "false"}.items():
        try:
            got = check(PACKS / name)
        except (Refused, InvalidSignature):
            got = "false"
        wrong += got != want
        print(f"{name}: {got}" + ("" if got == want else f", want {want}"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
