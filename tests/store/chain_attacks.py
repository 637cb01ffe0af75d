#!/usr/bin/env python3
"""Every way to alter a chained file that reliability asks for, many times each: found, and named where it begins.

In:    chained histories of chance, with everything in them that may be a record.
Out:   verify fails with the first bad record, as the second verifier does; what only a key or an anchor can show is
       said to be not excluded without it.
Never: counts a change that changed nothing.
"""
import os
import shutil
import sqlite3

import chains
import ed25519
from chains import Place, SEED, altered, columns_of, copy, intact, make_chain, other_value, remove, rows_of, verify, where
from programs import LONG, check, done, hot_copy, run, scratch, RECORDER

EACH = 100 if LONG else 20


def forms_of(value, kind):
    """What may be put in its place: another value, none, an empty one, another type."""
    forms = {"value": other_value(value) if value is not None else {"INTEGER": 0, "TEXT": "", "BLOB": b""}[kind]}
    if value is not None:
        forms["NULL"] = None
        if not isinstance(value, int):
            forms["empty"] = type(value)()
        forms["type"] = {int: str, str: lambda text: text.encode("utf-8", "surrogateescape"),
                         bytes: lambda data: int.from_bytes(data[:7], "big")}[type(value)](value)
    return {name: form for name, form in forms.items() if form != value or type(form) is not type(value)}


def put_any(db, table, column, form, condition, keys):
    """Puts a value that the table's definition forbids: without it for a moment."""
    (sql,) = db.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    loose = sql.replace("NOT NULL", "").replace(") STRICT, WITHOUT", ") WITHOUT").replace(") STRICT", ")")
    loose = loose.replace(f"{column} INTEGER", column).replace(f"{column} BLOB", column).replace(f"{column} TEXT", column)
    (version,) = db.execute("PRAGMA schema_version").fetchone()
    db.executescript("PRAGMA writable_schema = ON")
    db.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (loose, table))
    db.executescript(f"PRAGMA schema_version = {version + 1}; PRAGMA writable_schema = OFF")
    db.execute(f"UPDATE {table} SET {column} = ? WHERE {condition}", [form, *keys])
    db.executescript("PRAGMA writable_schema = ON")
    db.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (sql, table))
    db.executescript(f"PRAGMA schema_version = {version + 2}; PRAGMA writable_schema = OFF")


def try_fields(place):
    """Every column of every table: another value, NULL, empty, another type; every table: a row less, a row more."""
    counts = {}
    columns = 0
    for table, rows in place.rows.items():
        if not rows:
            continue
        for column, kind, is_key in columns_of(place.owners.db, table):
            columns += 1
            for row in SEED.sample(rows, min(len(rows), 12 if LONG else 2)):
                forms = forms_of(row[column], kind)
                for name in forms if LONG else SEED.sample(sorted(forms), min(2, len(forms))):
                    if is_key and name in ("NULL", "type", "empty"):
                        continue  # no b-tree has such a key
                    what = f"{table}.{column}: {name}"
                    if not alter_field(place, table, column, row, forms[name], what):
                        continue
                    counts[name] = counts.get(name, 0) + 1
        for row in SEED.sample(rows, min(len(rows), 12 if LONG else 2)):
            condition, keys = where(place.owners.db, table, row)
            place.altered_by(lambda db: db.execute(f"DELETE FROM {table} WHERE {condition}", keys))
            expect(place, table, row, f"{table}: a row less")
            counts["less"] = counts.get("less", 0) + 1
    print(f"fields: {columns} columns, {counts}")
    check(columns > 230 and min(counts.values()) > 3, "hardly a field was tried")


def alter_field(place, table, column, row, form, what):
    condition, keys = where(place.owners.db, table, row)

    def change(db):
        try:
            if type(form) is not type(row[column]):  # SQLite would turn it into the type that it was
                raise sqlite3.IntegrityError
            db.execute(f"UPDATE {table} SET {column} = ? WHERE {condition}", [form, *keys])
        except sqlite3.IntegrityError:
            try:
                put_any(db, table, column, form, condition, keys)
            except sqlite3.DatabaseError:
                return False  # another row has that key, or SQLite itself stumbles over it
        return True
    if not place.altered_by(change):
        return False
    expect(place, table, row, what, {**row, column: form})
    return True


def expect(place, table, row, what, now=None):
    """A row of that record is another one; where its number changed, that of the record it went to may come first."""
    _, answer = verify(place.work)
    check(answer["result"] == "altered", f"{what}: {answer['result']}")
    owner = place.owners.of(table, row)
    allowed = {owner}
    if table == "record" and (now is None or now["id"] != row["id"]):
        allowed |= {1} if row["id"] == 1 else set()
    if now is not None:
        try:
            allowed.add(place.owners.of(table, now))
        except (TypeError, IndexError):
            allowed.add(place.last + 1)  # beyond all marks
    if table == "link" and now is not None and now["record"] != row["record"]:
        allowed |= {row["record"], now["record"], place.last}
    if table == "archive":
        allowed |= {1}
    if table in ("archive", "environment", "key_segment") and now is not None:
        allowed |= {owner}
    said = [problem["record"] for problem in answer["problems"]]
    named = [record for record in said if record is not None]
    # What STRICT forbids is a flaw of the pages, too: that is told of the file as a whole.
    check(named and named[0] in allowed, f"{what}: {answer['problems'][:3]}, not one of {allowed}")
    if SEED.random() < (1 if LONG else 0.4):
        chains.agree(place.work, answer, what)


def delete_record(db, record, owners, more=True):
    """Everything that a record added."""
    for table in [*owners.tables, "link"]:
        for row in rows_of(db, table):
            if owners.of(table, row) == record if more else row.get("record") == record:
                condition, keys = where(db, table, row)
                db.execute(f"DELETE FROM {table} WHERE {condition}", keys)


def try_rows(place):
    """Rows of the study's table 1 to 6, 16, 19, 22."""
    snapshots = [row for row in place.rows["snapshot"]]
    for _ in range(EACH):
        table, row = place.any_row("text", "socket", "process", "sample", "change", "snapshot", "missed", "holder")
        condition, keys = where(place.owners.db, table, row)
        column, _, _ = SEED.choice([part for part in columns_of(place.owners.db, table) if not part[2]])
        if isinstance(row[column], (int, bytes)):
            alter_field(place, table, column, row, other_value(row[column]), f"1: {table}.{column}")
        place.altered_by(lambda db: db.execute(f"DELETE FROM {table} WHERE {condition}", keys))
        altered(place.work, f"2, 22: a row of {table} less", place.owners.of(table, row), second=False)
        numbered = [name for name in ("text", "socket", "holder", "gap", "program", "record") if place.rows[name]]
        table = SEED.choice(numbered)
        row = max(place.rows[table], key=lambda one: one["id"])
        place.altered_by(lambda db: db.execute(
            f"INSERT INTO {table} VALUES ({','.join('?' * len(row))})", [row["id"] + 1, *list(row.values())[1:]]))
        altered(place.work, f"16: a row of {table} more", place.last + 1, second=False)
        one, other = SEED.sample(snapshots, 2)

        def swap(db):
            db.execute("UPDATE snapshot SET seq = 1000000 WHERE seq = ?", (one["seq"],))
            db.execute("UPDATE snapshot SET seq = ? WHERE seq = ?", (one["seq"], other["seq"]))
            db.execute("UPDATE snapshot SET seq = ? WHERE seq = 1000000", (other["seq"],))
        place.altered_by(swap)
        altered(place.work, "3: two snapshots swapped", min(one["record"], other["record"]), second=False)
        one, other = SEED.sample(place.rows["text"], 2)
        if one["bytes"] != other["bytes"]:
            def swap_texts(db):
                for row, by in ((one, other), (other, one)):
                    db.execute("UPDATE text SET hash = ?, bytes = ? WHERE id = ?", (by["hash"], by["bytes"], row["id"]))
            place.altered_by(swap_texts)
            altered(place.work, "3: two rows swapped",
                    min(place.owners.of("text", one), place.owners.of("text", other)), second=False)
        middle = SEED.choice(place.owners.records[1:-1])
        place.altered_by(lambda db: delete_record(db, middle, place.owners))
        altered(place.work, "4: a record in the middle", middle)
        oldest = SEED.choice(place.owners.records[:-2])
        place.altered_by(lambda db: [delete_record(db, record, place.owners) for record in range(1, oldest + 1)])
        altered(place.work, "5: the oldest records", 1)
        record = SEED.choice(place.rows["record"])
        place.altered_by(lambda db: db.execute("UPDATE record SET written_us = written_us + ? WHERE id = ?",
                                               (SEED.choice((-1, 1, 10**9)), record["id"])))
        altered(place.work, "19: another time", record["id"])


def try_ends(place):
    """Rows 6 to 9 and 14: what is gone at the end, or replaced as a whole."""
    key = place.key_file()
    anchors = place.folder / "anchors.txt"
    anchors.write_text("".join(f"sockwitness-anchor 1 {place.archive} {record} {link['head'].hex()} "
                               f"{link['signature'].hex()}\n" for record, link in place.links.items()))
    answer = intact(place.source, "all of it", "--key", key, "--anchors", anchors, "--strict")
    check(answer["authenticated"] and answer["anchored_to"] == place.last, f"all of it: {answer}")
    other = Place(place.folder, "other", 77, 9)
    for turn in range(EACH):
        left = SEED.choice(place.owners.records[2:-1])
        cut = lambda db: [delete_record(db, record, place.owners) for record in range(left + 1, place.last + 1)]
        place.altered_by(cut, keys=True)
        altered(place.work, "6, 7: cut off under its keys", left + 1, second=False)
        shutil.rmtree(f"{place.work}.keys")
        answer = intact(place.work, "6: cut off, without its keys", "--key", key)
        check(any("rollback" in text for text in answer["not_proven"]), "a rollback is not excluded, and nobody says so")
        shuffled = anchors.read_text().splitlines()
        SEED.shuffle(shuffled)
        some = place.folder / "some.txt"
        some.write_text("\n".join(shuffled[:len(shuffled) - turn % 3]) + "\n")
        latest = max(int(line.split()[3]) for line in some.read_text().splitlines())
        if latest > left:
            altered(place.work, "8: put back, but anchored", left + 1, "--anchors", some, second=False)
        copy(other.source, place.work)
        answer = intact(place.work, "9: another chain")
        check(any("replacement" in text for text in answer["not_proven"]), "replacement is not excluded, and nobody says so")
        altered(place.work, "9: another chain, by the key", 1, "--key", key, second=False)
        wrong = place.folder / "wrong.txt"
        line = key.read_text().split()
        wrong.write_text(" ".join([*line[:3], ed25519.public_key(os.urandom(32)).hex()]))
        altered(place.source, "13: a wrong key", int(line[2]), "--key", wrong, second=False)
        copy(place.source, place.work)


SCHEMES = {
    "trigger": "CREATE TRIGGER spy AFTER INSERT ON text BEGIN SELECT 1; END",
    "view": "CREATE VIEW spy AS SELECT * FROM text",
    "index": "CREATE INDEX spy ON text (bytes)",
    "table": "CREATE TABLE spy (a)",
    "column": "ALTER TABLE text ADD COLUMN spy INTEGER",
    "generated column": "ALTER TABLE text ADD COLUMN spy INTEGER GENERATED ALWAYS AS (id + 1) VIRTUAL",
    "statistics": "ANALYZE",
    "version": "PRAGMA user_version = 99",
    "earlier version": "PRAGMA user_version = 3",
    "application": "PRAGMA application_id = 7",
}


def try_frames(place):
    """Rows 15, 17, 18, 21: the schema, indexes, sidecars, the place of the file."""
    for turn in range(2 * EACH):
        name = sorted(SCHEMES)[turn % len(SCHEMES)]
        place.altered_by(lambda db: db.executescript(SCHEMES[name]))
        result, answer = verify(place.work)
        expected = ("unreadable",) if name in ("version", "application") else ("altered",)
        check(result == 3 and answer["result"] in expected, f"15: {name}: {answer['result']} {answer['problems']}")
    indexes = [(name, sql) for name, sql in place.owners.db.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql NOT NULL")]
    tried = 0
    for turn in range(3 * EACH):
        name, sql = indexes[turn % len(indexes)]
        if not place.altered_by(lambda db: thin_out(db, name, sql, turn)):
            continue
        tried += 1
        altered(place.work, f"17: index {name}", None, second=False)
    check(tried >= 20, f"17: only {tried} indexes could be thinned out")
    for turn in range(EACH):
        other = place.folder / "foreign.db"
        make_chain(other, 200 + turn, 3)
        hot_copy(other, place.folder / "hot.db")
        copy(place.source, place.work)
        suffix = "-journal" if turn % 2 else "-wal"
        shutil.copy(place.folder / "hot.db-journal", f"{place.work}{suffix}")
        before = place.work.read_bytes()
        code, answer = verify(place.work)
        check(code == 3 and answer["result"] == "altered" and any(suffix in note for note in answer["notes"]),
              f"18: a foreign {suffix}: {answer}")
        check(place.work.read_bytes() == before, "18: it was opened in place")
        remove(other)
    for turn in range(EACH):
        copy(place.source, place.work, keys=True)
        beside = place.folder / "beside.db"
        beside.unlink(missing_ok=True)
        path, way = place.work, turn % 4
        if way == 0:
            beside.symlink_to(place.work)
            path = beside
        elif way == 1:
            os.link(place.work, beside)
        elif way == 2:
            place.work.chmod(0o660 + turn % 5)
        elif os.geteuid() == 0:
            os.chown(place.work, 1000 + turn, -1)
        else:
            continue
        altered(path, f"21: place {way}", None, second=False)
        beside.unlink(missing_ok=True)
    remove(place.work)


def thin_out(db, name, sql, turn):
    """Entries are missing from the index; its definition is as it was. False: it had none to lose."""
    (table,) = db.execute("SELECT tbl_name FROM sqlite_schema WHERE name = ?", (name,)).fetchone()
    word = "AND" if " WHERE " in sql else "WHERE"
    (rows,) = db.execute(f"SELECT count(*) FROM {table}").fetchone()
    rowid = "rowid" if table != "change" else "seq"
    ids = [row[0] for row in db.execute(f"SELECT {rowid} FROM {table}")]
    if not rows:
        return False
    gone = ids[turn % len(ids)]
    found = db.execute(f"SELECT count(*) FROM {table} INDEXED BY {name} " + sql[sql.index(" WHERE "):]
                       if " WHERE " in sql else "SELECT 1").fetchone()
    if found == (0,):
        return False
    version = db.execute("PRAGMA schema_version").fetchone()[0]
    condition = sql[sql.index(" WHERE ") + 7:] if " WHERE " in sql else "1"
    if not db.execute(f"SELECT count(*) FROM {table} WHERE {rowid} = {gone} AND ({condition})").fetchone()[0]:
        return False
    key = "id" if table not in ("change", "snapshot") else "seq"
    thin = f"{sql} {word} {key} IS NOT {gone}" if word == "WHERE" else \
        sql.replace(condition, f"({condition}) AND {key} IS NOT {gone}")
    for text, step in ((thin, 1), (sql, 2)):
        db.executescript("PRAGMA writable_schema = ON")
        db.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (text, name))
        db.executescript(f"PRAGMA schema_version = {version + step}; PRAGMA writable_schema = OFF")
        if step == 1:
            db.execute(f"REINDEX {name}")
    return True


def main():
    with scratch() as folder:
        place = Place(folder)
        try_fields(place)
        try_rows(place)
        try_ends(place)
        try_frames(place)
    check(RECORDER and run, "the programs")
    done(f"chain attacks: {chains.verdicts}")


main()
