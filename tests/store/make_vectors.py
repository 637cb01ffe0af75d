#!/usr/bin/env python3
"""Writes schema/chain_vectors.txt: what the bytes of the chain must be, by the second verifier's own code.

In:    nothing; python3 tests/store/make_vectors.py > schema/chain_vectors.txt
Out:   one case a line: its kind, what goes in, " = ", what must come out.
Never: asks our programs.
"""
import hashlib
import sys

import chain_reader
import ed25519


def value_words(row):
    words = []
    for value in row:
        if value is None:
            words.append("null")
        elif isinstance(value, bytes):
            words.append("blob:" + value.hex())
        elif isinstance(value, str):
            words.append("text:" + value.encode().hex())
        elif isinstance(value, int):
            words.append(f"integer:{value}")
        else:
            words.append(f"real:{value!r}")
    return " ".join(words)


ROWS = [
    ("record", (1, 1, 1763869800000000)),
    ("record", (0, -1, -9223372036854775808)),
    ("record", (9223372036854775807, 255, 256)),
    ("missed", (7, 1763869800000000, 2, 1, 12, None)),
    ("missed", (7, 1763869800000000, 2, 1, 12, 0)),
    ("text", (1, -3750763034362895579, b"")),
    ("text", (2, 42, b"\x00\xff\n")),
    ("text", (3, 42, bytes(range(256)))),
    ("setting", (1, "synchronous", "3")),
    ("setting", (1, "", "")),
    ("setting", (1, "na\u00efve", "\u20ac")),
    ("socket", (5, None, 1, 1, 10, 3, 22, None, 0, 4711, 12345, 0, 0)),
    ("socket", (6, 5, 1, 1, 10, 3, 22, b"\x7f\x00\x00\x01", 443, 4711, 12345, None, 0)),
    ("netns", (1, None, 4026531840, 2)),
    ("odd", (0.0, -1.5, 1e300)),
    ("nothing", (None, None)),
]
MARKS = [({}, {1: 1}), ({}, {1: 1, 2: 1, 3: 300, 81: 2}), ({1: 5, 2: 4}, {1: 6, 2: 5}), ({1: 6, 2: 5}, {1: 7, 2: 5}),
         ({1: 1}, {1: 1}), ({3: 7}, {1: 1, 3: 127 + 7}), ({3: 7}, {1: 1, 3: 128 + 7, 16: 2**40})]


def leb128(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def advance(before, after):
    out, last = b"", 0
    for numbering, mark in sorted(after.items()):
        if rose := mark - before.get(numbering, 0):
            out += leb128(numbering - last) + leb128(rose)
            last = numbering
    return out


def marks_words(marks):
    return ",".join(f"{numbering}:{mark}" for numbering, mark in sorted(marks.items())) or "-"


def filled(word, size):
    return hashlib.sha256(word.encode()).digest()[:size] if size <= 32 else hashlib.sha512(word.encode()).digest()[:size]


def heads():
    for at, marks in enumerate([{1: 1}, {1: 2, 2: 1, 3: 900, 9: 50, 65: 1}, {1: 2**40, 16: 3}]):
        previous = bytes(32) if at == 0 else filled(f"previous {at}", 32)
        yield {"archive": filled("archive", 16), "record": max(marks[1], 1), "kind": 8 - at, "written": 1763869800000000 + at,
               "previous": previous, "key": filled(f"key {at}", 32), "successor": filled(f"key {at + 1}", 32),
               "environment": filled("environment", 32), "leaves": 17 * at, "root": filled(f"root {at}", 32),
               "marks": marks}


def main():
    lines = ["# What the bytes of the chain must be; FORMAT.md says how they are made. Written by tests/store/make_vectors.py."]
    leaves = []
    for table, row in ROWS:
        canonical = chain_reader.canonical(table, row)
        leaves.append(chain_reader.leaf(canonical))
        lines.append(f"row {table} {value_words(row)} = {canonical.hex()} {leaves[-1].hex()}")
    for count in (0, 1, 2, 3, 4, 5, 7, 8, 13, 16):
        lines.append(f"root {count} = {chain_reader.merkle(leaves[:count]).hex()}")
    for before, after in MARKS:
        lines.append(f"advance {marks_words(before)} {marks_words(after)} = {advance(before, after).hex() or '-'}")
        back = dict(before)
        for numbering, rose in chain_reader.read_advance(advance(before, after)):
            back[numbering] = back.get(numbering, 0) + rose
        assert back == {**before, **after}
    for head in heads():
        text = chain_reader.head_bytes(*head.values())
        words = " ".join(marks_words(value) if isinstance(value, dict) else value.hex() if isinstance(value, bytes)
                         else str(value) for value in head.values())
        lines.append(f"head {words} = {text.hex()} {hashlib.sha256(text).hexdigest()}")
    for at in range(4):
        secret, head = filled(f"secret {at}", 32), filled(f"head {at}", 32)
        lines.append(f"sign {secret.hex()} {head.hex()} = {ed25519.public_key(secret).hex()} "
                     f"{ed25519.sign(secret, head).hex()}")
    sys.stdout.write("\n".join(lines) + "\n")


main()
