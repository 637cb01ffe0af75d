"""Database files that somebody made to break their reader: by chance, by the header, by SQL, by the pages.

In:    a good file, and where the next one goes; a source of chance.
Out:   a file, and words for what was done to it.
Never: a file of the same kind that does not depend on chance: each call makes another one.
"""
import contextlib
import os
import sqlite3
import struct

PAGE = 4096


def opened(path, **options):
    database = sqlite3.connect(path, **options)
    database.execute("PRAGMA synchronous = OFF")
    return database


def pages_of(data):
    return len(data) // PAGE


# --- by chance -------------------------------------------------------------------------------------------------------

def flip(data, choice):
    for _ in range(choice.choice([1, 1, 2, 5, 30, 300, 3000])):
        data[choice.randrange(len(data))] ^= 1 << choice.randrange(8)
    return "flipped bits"


def overwrite(data, choice):
    for _ in range(choice.choice([1, 2, 10, 100])):
        at = choice.randrange(len(data))
        data[at:at + 4] = struct.pack(">I", choice.choice([0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0xffffffff,
                                                           choice.randrange(1 << 32)]))[-min(4, len(data) - at):]
    return "numbers written over"


def garble_pages(data, choice):
    for _ in range(choice.choice([1, 1, 3, 20])):
        page = choice.randrange(1, pages_of(data)) * PAGE
        how = choice.choice(["zero", "noise", "copy", "head"])
        if how == "zero":
            data[page:page + PAGE] = bytes(PAGE)
        elif how == "noise":
            data[page:page + PAGE] = choice.randbytes(PAGE)
        elif how == "copy":
            other = choice.randrange(1, pages_of(data)) * PAGE
            data[page:page + PAGE] = data[other:other + PAGE]
        else:
            data[page:page + 12] = choice.randbytes(12)
    return "pages garbled"


def garble_cells(data, choice):
    """Pointers and heads of cells: where every reader of a page looks first."""
    for _ in range(choice.choice([1, 3, 30])):
        page = choice.randrange(1, pages_of(data)) * PAGE
        interior = data[page] in (2, 5)
        count = struct.unpack(">H", data[page + 3:page + 5])[0]
        pointers = page + (12 if interior else 8)
        if count == 0 or pointers + 2 * count > page + PAGE:
            continue
        at = pointers + 2 * choice.randrange(count)
        target = page + struct.unpack(">H", data[at:at + 2])[0] % PAGE
        if choice.random() < 0.4:
            data[at:at + 2] = struct.pack(">H", choice.choice([0, 1, 8, PAGE - 1, PAGE, 65535, choice.randrange(PAGE)]))
        else:
            for byte in range(target, min(target + choice.choice([1, 3, 9]), page + PAGE)):
                data[byte] = choice.choice([0, 0x7f, 0x80, 0xff, choice.randrange(256)])
    return "cells garbled"


def resize(data, choice):
    if choice.random() < 0.5:
        del data[choice.randrange(1, pages_of(data)) * PAGE:]
    else:
        data += choice.randbytes(PAGE * choice.randrange(1, 30))
    data[28:32] = struct.pack(">I", pages_of(data))
    return "another length, and the head says so"


# --- by the header ---------------------------------------------------------------------------------------------------

HEADER = [("page size", 16, 2), ("write version", 18, 1), ("read version", 19, 1), ("reserved bytes", 20, 1),
          ("maximum payload", 21, 1), ("minimum payload", 22, 1), ("leaf payload", 23, 1), ("change counter", 24, 4),
          ("page count", 28, 4), ("first free page", 32, 4), ("free pages", 36, 4), ("schema cookie", 40, 4),
          ("schema format", 44, 4), ("cache size", 48, 4), ("largest root", 52, 4), ("encoding", 56, 4),
          ("user version", 60, 4), ("incremental vacuum", 64, 4), ("application id", 68, 4), ("valid for", 92, 4)]


def play_with_header(data, choice):
    names = []
    for name, at, width in choice.sample(HEADER, choice.choice([1, 1, 2, 4])):
        value = choice.choice([0, 1, 2, 3, 4, 5, 255, 512, 1024, 65535, 99, 0x7fffffff, 0x80000000, 0xffffffff,
                               pages_of(data), pages_of(data) - 1, choice.randrange(1 << 32)])
        data[at:at + width] = (value % (1 << 8 * width)).to_bytes(width, "big")
        names.append(f"{name} {value}")
    return "header: " + ", ".join(names)


# --- by the pages ----------------------------------------------------------------------------------------------------

def root_of(database, table):
    return database.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]


def fill_interior(data, page, kind, children):
    """An interior page of a table with these children."""
    begin = (page - 1) * PAGE
    cells = children[:-1]
    body = bytearray(PAGE)
    body[0] = kind
    end = PAGE
    for at, child in enumerate(cells):
        cell = struct.pack(">I", child) + bytes([at % 128])
        end -= len(cell)
        body[end:end + len(cell)] = cell
        body[12 + 2 * at:14 + 2 * at] = struct.pack(">H", end)
    body[3:5] = struct.pack(">H", len(cells))
    body[5:7] = struct.pack(">H", end)
    body[8:12] = struct.pack(">I", children[-1])
    data[begin:begin + PAGE] = body


def plant_tree(path, choice):
    """A table whose tree has the same page many times over, or goes round in a circle."""
    table = choice.choice(["text", "snapshot", "socket", "holder", "process", "missed", "record", "program"])
    return grow_tree(path, table, choice.choice([1, 2, 3, 5]), choice.choice([2, 50, 400]), choice.random() < 0.3)


def grow_tree(path, table, depth, width, circle):
    with contextlib.closing(opened(path)) as database:
        root = root_of(database, table)
    data = bytearray(path.read_bytes())
    if data[(root - 1) * PAGE] not in (5, 13):
        return None
    leaf = pages_of(data) + 1
    data += data[(root - 1) * PAGE:root * PAGE]  # what the root was
    first = pages_of(data) + 1
    data += bytes(PAGE * depth)
    for level in range(depth):
        below = leaf if level == depth - 1 else first + level + 1
        fill_interior(data, first + level, 5, [below] * width)
    if circle:
        fill_interior(data, first + depth - 1, 5, [first] * width)
    fill_interior(data, root, 5, [first] * width)
    data[28:32] = struct.pack(">I", pages_of(data))
    path.write_bytes(data)
    return f"the tree of {table}: {width} times the same page, {depth} deep, {'a circle' if circle else 'with an end'}"


def plant_overflow(path, choice):
    """A value that claims to be long, on pages that lead to each other."""
    with contextlib.closing(opened(path)) as database:
        database.execute("INSERT INTO text(hash, bytes) VALUES (1, ?)", (choice.randbytes(PAGE * 9),))
        database.commit()
    data = bytearray(path.read_bytes())
    for _ in range(200):  # the last page of the chain, by chance one of those without a kind
        page = choice.randrange(2, pages_of(data) + 1)
        begin = (page - 1) * PAGE
        if data[begin] == 0:
            data[begin:begin + 4] = struct.pack(">I", choice.choice([page, page - 1, 2, pages_of(data)]))
    path.write_bytes(data)
    return "overflow pages that lead to each other"


def exchange_roots(path, choice):
    with contextlib.closing(opened(path)) as database:
        database.execute("PRAGMA writable_schema = ON")
        names = [name for name, in database.execute("SELECT name FROM sqlite_schema WHERE rootpage > 0")]
        left, right = choice.sample(names, 2)
        roots = root_of(database, left), root_of(database, right)
        database.execute("UPDATE sqlite_schema SET rootpage = ? WHERE name = ?", (roots[1], left))
        database.execute("UPDATE sqlite_schema SET rootpage = ? WHERE name = ?",
                         (choice.choice([roots[0], roots[1], 1, 0, 10 ** 6]), right))
        database.commit()
    return f"{left} lies where {right} lay"


# --- by SQL ----------------------------------------------------------------------------------------------------------

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
LARGE = "length(hex(zeroblob(450000000)))"
PLANTED = [
    "CREATE TRIGGER planted AFTER INSERT ON text BEGIN SELECT ({endless}); END",
    "CREATE TRIGGER planted INSTEAD OF INSERT ON planted_view BEGIN SELECT 1; END",
    "CREATE VIEW planted AS {endless}",
    "CREATE VIEW planted AS SELECT {large}",
    "ALTER TABLE {table} ADD COLUMN planted TEXT AS ({large}) VIRTUAL",
    "ALTER TABLE {table} ADD COLUMN planted INTEGER DEFAULT (({large}))",
    "CREATE INDEX planted ON {table} ({large})",
    "CREATE INDEX planted ON text (abs(hash)) WHERE length({large}) > 0",
    "CREATE INDEX planted ON text (bytes COLLATE NOCASE)",
    "CREATE TABLE planted (a CHECK (({endless}) > 0))",
    "CREATE TABLE planted (a GENERATED ALWAYS AS ({large}) STORED)",
    "CREATE VIRTUAL TABLE planted USING fts5(a)",
    "CREATE VIRTUAL TABLE planted USING rtree(id, a, b)",
    "CREATE VIRTUAL TABLE planted USING dbstat",
    "CREATE TABLE sqlite_planted (a)",
    "ANALYZE",
    "DROP TABLE {table}; CREATE VIEW {table} AS {endless}",
    "DROP TABLE {table}; CREATE VIEW {table} AS SELECT {large} AS seq, {large} AS id",
    "DROP TABLE {table}; CREATE VIRTUAL TABLE {table} USING fts5(id, seq, bytes)",
    "DROP TABLE {table}; CREATE TABLE {table} (id INTEGER PRIMARY KEY, seq AS ({large}), bytes AS ({large}))",
    "DROP INDEX text_by_hash; CREATE INDEX text_by_hash ON text (({large}))",
]
TABLES = ["text", "snapshot", "socket", "process", "context", "holder", "missed", "change", "frame", "archive"]


def plant_sql(path, choice):
    """What a schema can hold that would run when it is read."""
    statement = choice.choice(PLANTED)
    large = LARGE.replace("450000000", str(choice.choice([10, 450000000])))  # a small one is accepted more often
    statement = statement.format(endless=ENDLESS, large=large, table=choice.choice(TABLES))
    with contextlib.closing(opened(path)) as database:
        database.execute("PRAGMA writable_schema = ON")
        try:
            database.executescript(statement)
        except sqlite3.Error:
            # What SQLite refuses to make can still be written down.
            kind = choice.choice(["table", "index", "view", "trigger"])
            database.execute("INSERT INTO sqlite_schema VALUES (?, 'planted', ?, ?, ?)",
                             (kind, choice.choice(TABLES), choice.choice([0, 2, 3]), statement))
        database.commit()
    return f"planted: {statement[:70]}"


def edit_schema(path, choice):
    """The words of a table are others than those it was made with."""
    with contextlib.closing(opened(path)) as database:
        database.execute("PRAGMA writable_schema = ON")
        table = choice.choice(TABLES)
        old, new = choice.choice([(" STRICT", ""), ("INTEGER PRIMARY KEY", "INTEGER"), ("NOT NULL", ""),
                                  (" INTEGER", f" INTEGER DEFAULT ({LARGE})"), ("BLOB", "BLOB COLLATE BINARY"),
                                  (", WITHOUT ROWID", ""), (") STRICT", f", CHECK (({ENDLESS}) > 0)) STRICT"),
                                  ("CREATE TABLE", "CREATE TEMP TABLE"), ("CREATE", "\0CREATE"), ("(", "(" * 3000)])
        database.execute("UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = ?", (old, new, table))
        database.commit()
    return f"schema of {table}: {old!r} became {new[:30]!r}"


def plant_values(path, choice):
    """Values of any size and type in any column: the words of the table forbid them, its pages do not."""
    with contextlib.closing(opened(path, isolation_level=None)) as database:
        database.execute("PRAGMA writable_schema = ON")
        table = choice.choice([name for name, in database.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table'")])
        words, = database.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
        loose = words.replace(") STRICT, WITHOUT ROWID", ") WITHOUT ROWID").replace(") STRICT", ")")
        loose = loose.replace("NOT NULL", "")
        database.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (loose, table))
        database.execute("PRAGMA schema_version = 1234")
    with contextlib.closing(opened(path, isolation_level=None)) as database:
        columns = [name for _, name, *_ in database.execute(f"PRAGMA table_info({table})")]
        changed = []
        for column in choice.sample(columns, choice.choice([1, 1, 2, len(columns)])):
            value = choice.choice(["NULL", "-1", "0", "9223372036854775807", "-9223372036854775808", "1e300", "''",
                                   "'\x1b[2J'", "x'ff'", "x'00'", "zeroblob(70000)", "randomblob(3000)",
                                   "CAST(zeroblob(9) AS TEXT)", "'x'||zeroblob(5)"])
            last = f" WHERE {columns[0]} = (SELECT max({columns[0]}) FROM {table})"
            where = choice.choice(["", " WHERE rowid % 7 = 0", last])
            if choice.random() < 0.03:
                value, where = f"zeroblob({choice.choice([20_000_000, 20_000_000, 60_000_000, 120_000_000])})", last
            with contextlib.suppress(sqlite3.Error):
                database.execute(f"UPDATE OR IGNORE {table} SET {column} = {value}{where}")
                changed.append(f"{column} = {value}{where}")
        with contextlib.suppress(sqlite3.Error):
            database.execute("PRAGMA writable_schema = ON")
            database.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (words, table))
            database.execute("PRAGMA schema_version = 1235")
    return f"values of {table}: {'; '.join(changed)}"


BYTES = [flip, flip, overwrite, garble_pages, garble_cells, garble_cells, resize, play_with_header, play_with_header]
FILES = [plant_tree, plant_overflow, exchange_roots, plant_sql, plant_sql, edit_schema, plant_values, plant_values,
         plant_values]


def make_hostile(good, path, choice):
    """Half of them by bytes, half of them by SQL and pages, some by both."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    done = []
    path.write_bytes(good)
    if choice.random() < 0.55:
        try:
            done.append(choice.choice(FILES)(path, choice))
        except sqlite3.Error as failure:
            done.append(f"left as it is: {failure}")
    if choice.random() < 0.1:
        # A file that a log belongs to is read from a copy, which is put in order and looked at as a whole.
        data = bytearray(path.read_bytes())
        data[18:20] = b"\2\2"
        path.write_bytes(data)
        done[-1:] = [f"{''.join(done[-1:])} (in write-ahead mode)"]
    if not done or choice.random() < 0.15:
        data = bytearray(path.read_bytes())
        done.append(choice.choice(BYTES)(data, choice))
        path.write_bytes(data)
    return ", then ".join(word for word in done if word)
