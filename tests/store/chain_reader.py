"""A second verifier of the chain, written from schema/FORMAT.md alone.

In:    the path of a database.
Out:   the first record that is not as it was signed, and why; nothing: the chain is consistent.
Never: uses code of the project, or libcrypto for signatures.
"""
import hashlib
import sqlite3
import struct

import ed25519

# Table, column with the number, numbering (or, for parts, a function of the part), rest of the primary key, column and
# number of parts. In the order of FORMAT.md.
RECORD, SNAPSHOT, TEXT, PROGRAM, CONTAINER, CONTEXT = 1, 2, 3, 4, 5, 6
TABLES = [
    ("archive", "id", RECORD, ""), ("record", "id", RECORD, ""), ("environment", "record", RECORD, ""),
    ("key_segment", "record", RECORD, ""), ("setting", "record", RECORD, "name"), ("missed", "record", RECORD, ""),
    ("author", "record", RECORD, ""), ("baseline", "record", RECORD, ""), ("baseline_drop", "record", RECORD, ""),
    ("baseline_acceptance", "record", RECORD, ""), ("baseline_netns", "record", RECORD, "netns"),
    ("baseline_service", "id", 17, ""), ("baseline_owner", "id", 18, ""), ("baseline_rpc", "service", 17, "program"),
    ("baseline_gap", "id", 19, ""), ("text", "id", TEXT, ""), ("long_text", "text", TEXT, ""),
    ("text_run", "text", TEXT, "position"), ("context", "id", CONTEXT, ""), ("program", "id", PROGRAM, ""),
    ("container", "id", CONTAINER, ""), ("netns", "id", 7, ""), ("process", "id", 8, ""), ("socket", "id", 9, ""),
    ("socket_detail", "socket", 9, ""), ("forward", "socket", 9, ""),
    ("holder", "id", 10, ""), ("descriptor", "id", 11, ""),
    ("mapping", "id", 12, ""), ("gap", "id", 13, ""), ("user_name", "id", 14, ""), ("group_name", "id", 15, ""),
    ("registration", "id", 16, ""), ("snapshot", "seq", SNAPSHOT, ""), ("deferred", "seq", SNAPSHOT, ""),
    ("change", "seq", SNAPSHOT, "", "entity", 10), ("frame", "seq", SNAPSHOT, "", "entity", 10),
    ("sample", "seq", SNAPSHOT, "socket"), ("digest", "block", None, "", "facet", 17),
    ("prune", "record", RECORD, ""), ("hold", "record", RECORD, ""), ("hold_end", "record", RECORD, ""),
    ("thin", "record", RECORD, ""), ("thin_span", "record", RECORD, "first_seq")]
FIRST_FACET = 64


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def canonical(table, row):
    parts = [bytes([len(table)]), table.encode()]
    for number, value in enumerate(row):
        if value is None:
            continue
        if isinstance(value, int):
            parts.append(struct.pack(">BBq", number, 1, value))
        elif isinstance(value, str):
            text = value.encode("utf-8", "surrogateescape")
            parts.append(struct.pack(">BBI", number, 2, len(text)) + text)
        elif isinstance(value, bytes):
            parts.append(struct.pack(">BBI", number, 3, len(value)) + value)
        else:
            parts.append(struct.pack(">BBd", number, 4, value))
    return b"".join(parts)


def leaf(row):
    return sha256(b"\x00", row)


def merkle(leaves):
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return leaves[0]
    left = 1
    while left * 2 < len(leaves):
        left *= 2
    return sha256(b"\x01", merkle(leaves[:left]), merkle(leaves[left:]))


def read_advance(blob):
    """Pairs of a numbering and how much it rose; None for what is not of that form."""
    numbers, at = [], 0
    while at < len(blob):
        value = shift = 0
        while True:
            if at >= len(blob) or shift > 56:
                return None
            byte = blob[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        if byte == 0 and shift > 7:
            return None
        numbers.append(value)
    if len(numbers) % 2 or 0 in numbers:
        return None
    pairs, numbering = [], 0
    for step, rose in zip(numbers[::2], numbers[1::2]):
        numbering += step
        pairs.append((numbering, rose))
    return pairs


def head_bytes(archive, record, kind, written, previous, key, successor, environment, leaves, root, marks):
    parts = [b"sockwitness link 1\n", archive, struct.pack(">qqq", record, kind, written), previous, key, successor,
             environment, struct.pack(">q", leaves), root, struct.pack(">I", len(marks))]
    parts += [struct.pack(">Iq", numbering, mark) for numbering, mark in sorted(marks.items())]
    return b"".join(parts)


class Rows:
    """All rows of a table in the order in which they are hashed, each read once."""

    def __init__(self, db):
        self.streams = []
        for name, key, numbering, rest, *parts in TABLES:
            order = ", ".join(filter(None, [key, rest]))
            for part in range(1, parts[1] + 1) if parts else [None]:
                where = f"WHERE {parts[0]} = {part}" if parts else ""
                rows = db.execute(f"SELECT {key}, * FROM {name} {where} ORDER BY {order}")
                stream = {"table": name, "rows": rows, "next": None,
                          "numbering": numbering if numbering else FIRST_FACET + part, "offset": 0 if numbering else 1}
                stream["next"] = rows.fetchone()
                self.streams.append(stream)
        self.odd = [(name, parts[0]) for name, _, _, _, *parts in TABLES if parts and db.execute(
            f"SELECT 1 FROM {name} WHERE {parts[0]} NOT IN ({','.join(map(str, range(1, parts[1] + 1)))})").fetchone()]

    def leaves_up_to(self, before, marks):
        leaves = []
        for stream in self.streams:
            mark = marks.get(stream["numbering"], 0)
            if mark <= before.get(stream["numbering"], 0):
                continue
            while stream["next"] is not None:
                key = stream["next"][0]
                if not isinstance(key, int) or key > mark - stream["offset"]:
                    break
                leaves.append(leaf(canonical(stream["table"], stream["next"][1:])))
                stream["next"] = stream["rows"].fetchone()
        return leaves

    def left(self):
        return [stream["table"] for stream in self.streams if stream["next"] is not None] + self.odd


def of_length(value, length):
    return isinstance(value, bytes) and len(value) == length


def find_flaw(path, key=None):
    """(record, why) of the first flaw; None: there is none. `key`: the public key of the first record, if known."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    db.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
    try:
        return Walk(db, key).find()
    finally:
        db.close()


def read_thinned(db, pruned):
    """Of each record of thinned snapshots the span that it is part of; the latest thinning counts."""
    spans = {}
    for first, last, kept, root in db.execute(
            "SELECT first_record, last_record, kept, kept_root FROM thin_span ORDER BY record").fetchall():
        if first > pruned:
            spans.update(dict.fromkeys(range(first, last + 1), (first, last, kept, root)))
    return spans


class Walk:
    def __init__(self, db, key):
        self.db, self.given = db, key
        self.marks, self.previous, self.last, self.key, self.environment = {}, bytes(32), 0, None, bytes(32)
        self.rows = Rows(db)
        self.pruned = db.execute("SELECT until_record, kept, kept_root FROM prune ORDER BY record DESC").fetchone()
        self.thinned = read_thinned(db, self.pruned[0] if self.pruned else 0)
        self.before_span = {}

    def find(self):
        archive = self.db.execute("SELECT uuid FROM archive").fetchone()
        if archive is None or not of_length(archive[0], 16):
            return 1, "archive"
        links = self.db.execute(
            "SELECT link.record, leaves, advance, root, successor, head, signature, kind, written_us FROM link "
            "LEFT JOIN record ON record.id = link.record ORDER BY link.record").fetchall()
        if not links:
            return 0, "no link"
        if self.db.execute("SELECT min(id) FROM record").fetchone()[0] != 1:
            return 1, "missing"
        for link in links:
            if flaw := self.check(archive[0], *link):
                return flaw
        (most,) = self.db.execute("SELECT max(id) FROM record").fetchone()
        if most != self.last or self.rows.left():
            return self.last + 1, f"outside: {self.rows.left()}"
        return None

    def check(self, archive, record, leaves, advance, root, successor, head, signature, kind, written):
        if self.last and record != self.last + 1:
            return self.last + 1, "missing"
        segment = self.db.execute("SELECT public_key FROM key_segment WHERE record = ?", (record,)).fetchone()
        if segment:
            self.key = segment[0]
        if not segment and not self.last:
            (first,) = self.db.execute("SELECT min(record) FROM key_segment").fetchone()
            return first if first and 0 < first < record else record, "the first link"
        if not of_length(self.key, 32) or (self.given and not self.last and self.key != self.given):
            return record, "key"
        if not (of_length(root, 32) and of_length(successor, 32) and of_length(head, 32) and of_length(signature, 64)
                and isinstance(advance, bytes) and isinstance(leaves, int) and isinstance(kind, int)
                and isinstance(written, int)):
            return record, "form"
        pairs = read_advance(advance)
        if pairs is None:
            return record, "advance"
        before, marks = self.marks, dict(self.marks)
        for numbering, rose in pairs:
            marks[numbering] = marks.get(numbering, 0) + rose
        if marks.get(RECORD) != record:
            return record, "count of records"
        expected = leaves, root
        if self.pruned and record == self.pruned[0]:
            expected, before = self.pruned[1:], {}  # of all records up to here together
        if span := self.thinned.get(record):  # of the records of the span together
            if record == span[0]:
                self.before_span = before
            expected, before = span[2:], self.before_span
        if (not self.pruned or record >= self.pruned[0]) and (not span or record == span[1]):
            found = self.rows.leaves_up_to(before, marks)
            if (len(found), merkle(found)) != expected:
                return record, "rows"
        row = self.db.execute("SELECT * FROM environment WHERE record = ?", (record,)).fetchone()
        if row:
            self.environment = leaf(canonical("environment", row))
        expected = sha256(head_bytes(archive, record, kind, written, self.previous, self.key, successor,
                                     self.environment, leaves, root, marks))
        if expected != head:
            return record, "head"
        if not ed25519.verify(self.key, head, signature):
            return record, "signature"
        self.marks, self.previous, self.last, self.key = marks, head, record, successor
        return None
