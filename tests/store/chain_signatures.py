#!/usr/bin/env python3
"""Signatures that are none, edits with everything recomputed, rewrites by who has the keys of a moment: none passes.

In:    a chained history of chance; an Ed25519 of its own.
Out:   verify fails at the first record that is not as it was signed.
Never: counts a change that changed nothing.
"""
import os

import chain_reader
import ed25519
from chains import Place, SEED, altered, other_value, rows_of, verdicts, verify, where
from programs import LONG, check, done, scratch

EACH = 100 if LONG else 20


def rehash(db, owners, first, sign=None):
    """An attacker's own links from `first` on: roots and heads as they are now; signed by `sign(record)` or not at all."""
    links = {row["record"]: row for row in rows_of(db, "link")}
    rows = chain_reader.Rows(db)
    marks, previous, key, environment = {}, bytes(32), None, bytes(32)
    (archive,) = db.execute("SELECT uuid FROM archive").fetchone()
    for record in owners.records:
        link = links[record]
        before, marks = marks, dict(marks)
        for numbering, rose in chain_reader.read_advance(link["advance"]):
            marks[numbering] = marks.get(numbering, 0) + rose
        leaves = rows.leaves_up_to(before, marks)
        kind, written = db.execute("SELECT kind, written_us FROM record WHERE id = ?", (record,)).fetchone()
        if row := db.execute("SELECT * FROM environment WHERE record = ?", (record,)).fetchone():
            environment = chain_reader.leaf(chain_reader.canonical("environment", row))
        if row := db.execute("SELECT public_key FROM key_segment WHERE record = ?", (record,)).fetchone():
            key = row[0]
        if record >= first:
            root = chain_reader.merkle(leaves)
            secret = sign(record) if sign else None
            head = chain_reader.sha256(chain_reader.head_bytes(
                archive, record, kind, written, previous, ed25519.public_key(secret) if secret else key,
                link["successor"], environment, len(leaves), root, marks))
            db.execute("UPDATE link SET leaves = ?, root = ?, head = ?, signature = ? WHERE record = ?",
                       (len(leaves), root, head, ed25519.sign(secret, head) if secret else link["signature"], record))
            previous = head
        else:
            previous = link["head"]
        key = link["successor"]


def try_forgery(place):
    """Rows 10 and 11: edits with everything recomputed; with the key that is on the disk now as well."""
    text = (place.source.parent / f"{place.source.name}.keys/next").read_text()
    secret = bytes.fromhex(text[text.index("secret ") + 7:][:64])
    for _ in range(EACH):
        table, row = place.any_row("text", "snapshot", "missed", "baseline_service")
        column = {"text": "hash", "snapshot": "took_us", "missed": "runs", "baseline_service": "snapshots"}[table]
        owner = place.owners.of(table, row)
        condition, keys = where(place.owners.db, table, row)

        def change(db, sign=None):
            db.execute(f"UPDATE {table} SET {column} = {column} + 1 WHERE {condition}", keys)
            rehash(db, place.owners, owner, sign)
        place.altered_by(change)
        altered(place.work, "10: recomputed, not signed", owner)
        place.altered_by(lambda db: change(db, lambda record: secret))
        altered(place.work, "11: signed with the present key", owner)


def try_signatures(place):
    """R6: every way of a signature that is none; row 12."""
    counts = {}
    zero = bytes(64)

    def put(value):
        return lambda db, record: db.execute("UPDATE link SET signature = ? WHERE record = ?", (value(record), record))

    def swap(db, record):
        other = record % place.last + 1
        for one, by in ((record, other), (other, record)):
            db.execute("UPDATE link SET signature = ? WHERE record = ?", (place.links[by]["signature"], one))
        return min(record, other)
    ways = {
        "zero": put(lambda record: zero), "empty": put(lambda record: b""),
        "truncated": put(lambda record: place.links[record]["signature"][:SEED.randrange(64)]),
        "longer": put(lambda record: place.links[record]["signature"] + b"\x00"),
        "one bit": put(lambda record: other_value(place.links[record]["signature"])),
        "another key": put(lambda record: ed25519.sign(os.urandom(32), place.links[record]["head"])),
        "of the next": put(lambda record: place.links[record % place.last + 1]["signature"]),
        "swapped": swap,
        "no link": lambda db, record: db.execute("DELETE FROM link WHERE record = ?", (record,)),
    }
    for name, way in ways.items():
        for _ in range(115 if LONG else 24):
            record = SEED.choice(place.owners.records)
            first = place.altered_by(lambda db: way(db, record))
            first = first if isinstance(first, int) else record
            if name == "no link" and record == place.last:
                first = place.last
            altered(place.work, f"12: signature {name}", first, second=SEED.random() < 0.05)
            counts[name] = counts.get(name, 0) + 1
    place.altered_by(lambda db: db.execute("DELETE FROM link"))
    code, answer = verify(place.work)
    check(code == 3 and answer["result"] == "unsigned", f"no link at all: {answer}")
    altered(place.work, "no link at all, with a key", 1, "--key", place.key_file(), second=False)
    print(f"signatures: {counts}")


def try_forward_security(place):
    """R7: who has the file and the keys of a moment rewrites nothing before it."""
    text = (place.source.parent / f"{place.source.name}.keys/next").read_text()
    secret = bytes.fromhex(text[text.index("secret ") + 7:][:64])
    check(ed25519.public_key(secret) == place.links[place.last]["successor"], "the key is not the next one")
    tried = 0
    for _ in range(500 if LONG else 60):
        first = SEED.choice(place.owners.records[:-1])
        own = {record: os.urandom(32) for record in place.owners.records}

        def change(db):
            db.execute("UPDATE record SET written_us = written_us - 1 WHERE id = ?", (first,))
            for record in range(first, place.last):
                db.execute("UPDATE link SET successor = ? WHERE record = ?",
                           (ed25519.public_key(own[record + 1]), record))
            db.execute("UPDATE link SET successor = ? WHERE record = ?", (ed25519.public_key(secret), place.last))
            rehash(db, place.owners, first, lambda record: own[record])
        place.altered_by(change)
        altered(place.work, "rewritten with keys of one's own", first, second=False)
        tried += 1
    print(f"forward security: {tried} rewrites")


def main():
    with scratch() as folder:
        place = Place(folder)
        try_forgery(place)
        try_signatures(place)
        try_forward_security(place)
    done(f"chain signatures: {verdicts}")


main()
