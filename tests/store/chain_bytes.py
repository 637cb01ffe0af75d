#!/usr/bin/env python3
"""A changed byte of a database is found, or everything that can be asked of it is as it was.

In:    a chained history of chance; flips of bits, cuts, pages that are swapped or emptied.
Out:   verify fails, or a dump by rows and by every index is that of the original.
Never: passes when hardly a change was found.
"""
import sqlite3

from chains import Place, SEED, remove, verdicts, verify
from programs import LONG, check, done, scratch


def dump(path):
    """Everything that can be asked, by the rows and by each index; nothing: it cannot be read."""
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
            db.text_factory = bytes
            schema = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name").fetchall()
            content = [schema, db.execute("PRAGMA user_version").fetchone(), db.execute("PRAGMA application_id").fetchone()]
            for kind, name, table, sql in schema:
                table, name = table.decode(), name.decode()
                if kind == b"table":
                    content.append([tuple((type(value), value) for value in row)
                                    for row in db.execute(f"SELECT * FROM {table} NOT INDEXED")])
                elif sql is not None:
                    condition = sql.decode()[sql.index(b" WHERE "):] if b" WHERE " in sql else ""
                    content.append(sorted(map(repr, db.execute(f"SELECT * FROM {table} INDEXED BY {name}{condition}"))))
            return content
    except sqlite3.DatabaseError:
        return None


def try_bytes(place):
    """R5: a changed byte is found, or everything that can be asked is as it was."""
    original = dump(place.source)
    data = place.source.read_bytes()
    pages = len(data) // 4096
    counts = {"found": 0, "nothing changed": 0}
    for turn in range(10_000 if LONG else 2_400):
        changed = bytearray(data)
        way = turn % 8
        if way < 5:
            at = SEED.randrange(len(data))
            changed[at] ^= 1 << SEED.randrange(8)
        elif way == 5:
            del changed[SEED.randrange(100, len(data)):]
        else:
            one, other = (4096 * SEED.randrange(1, pages) for _ in range(2))
            first, second = changed[one:one + 4096], changed[other:other + 4096]
            changed[one:one + 4096] = second if way == 6 else bytes(4096)
            if way == 6:
                changed[other:other + 4096] = first
        if changed == data:
            continue
        remove(place.work)
        place.work.write_bytes(changed)
        _, answer = verify(place.work)
        if answer["result"] == "intact":
            check(dump(place.work) == original, f"turn {turn}: intact, but it answers otherwise")
            counts["nothing changed"] += 1
        else:
            counts["found"] += 1
    print(f"bytes: {counts}")
    check(counts["found"] > 30 and counts["nothing changed"] > 0, f"hardly a byte: {counts}")


def main():
    with scratch() as folder:
        try_bytes(Place(folder, length=3))
    done(f"chain bytes: {verdicts}")


main()
