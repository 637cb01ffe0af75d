"""What the tests of the chain share: chained files, their mutation, two verifiers that have to agree.

In:    programs.py; chain_reader.py, which was written from FORMAT.md alone.
Out:   copies to work on, the owner of each row, verdicts.
Never: takes a verdict for right that only one of the two gives.
"""
import bisect
import json
import random
import shutil
import sqlite3
import subprocess

import chain_reader
from programs import BIN, LONG, QUERY, RECORDER, check, run

MAKE_CHAIN = str(BIN / "make_chain")
SEED = random.Random(20261)
asked = []  # the one process that answers for all
verdicts = {"intact": 0, "altered": 0, "unsigned": 0, "unreadable": 0, "by both": 0}


def make_chain(path, seed, length=14, unlinked=0):
    result = run(MAKE_CHAIN, path, seed, length, unlinked)
    check(result.returncode == 0, f"make_chain: {result.stderr}")


def copy(source, target, keys=False):
    """The file alone, as somebody would take it along; with what the recorder keeps beside it."""
    remove(target)
    shutil.copy(source, target)
    if keys:
        shutil.copytree(f"{source}.keys", f"{target}.keys")
    return target


def remove(path):
    for suffix in ("", "-journal", "-wal", "-shm", ".anchors", ".anchors.1", ".lock"):
        (path.parent / (path.name + suffix)).unlink(missing_ok=True)
    shutil.rmtree(f"{path}.keys", ignore_errors=True)


def open_freely(path):
    """A connection that heeds neither constraints nor keys."""
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; "
                     "PRAGMA writable_schema = OFF; PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY")
    db.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
    return db


def verify(path, *arguments):
    """Exit code, the answer: by the program itself, or by what it is made of, which needs no new process."""
    if not arguments and SEED.random() > 0.1:
        return verify_at_once(path)
    result = run(QUERY, "verify", "--format", "json", "--db", path, *arguments)
    check(result.returncode in (0, 3, 4), f"verify ends with {result.returncode}: {result.stderr}")
    check(result.stdout, f"verify says nothing: {result.stderr}")
    answer = json.loads(result.stdout)
    verdicts[answer["result"]] += 1
    check((result.returncode == 3) == (answer["result"] != "intact"),
          f"exit {result.returncode}, but {answer['result']}")
    return result.returncode, answer


def verify_at_once(path):
    if not asked:
        asked.append(subprocess.Popen([MAKE_CHAIN.replace("make_chain", "verify_files")], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True))
    asked[0].stdin.write(f"{path}\n")
    asked[0].stdin.flush()
    line = asked[0].stdout.readline()
    check(line.startswith("{"), f"verifying {path}: {line}, {asked[0].poll()}")
    answer = json.loads(line)
    verdicts[answer["result"]] += 1
    verdicts["without a process"] = verdicts.get("without a process", 0) + 1
    return (0 if answer["result"] == "intact" else 3), answer


def first_bad(answer):
    return answer["problems"][0]["record"] if answer["problems"] else None


def agree(path, answer, what):
    """The second verifier finds a flaw where the first does, in the same record."""
    verdicts["by both"] += 1
    try:
        flaw = chain_reader.find_flaw(path)
    except sqlite3.DatabaseError as failure:
        flaw = (None, str(failure))
    if answer["result"] == "intact":
        check(flaw is None, f"{what}: intact, but the second verifier says {flaw}")
    elif flaw is not None and flaw[0] and answer["result"] == "altered":
        check(first_bad(answer) == flaw[0], f"{what}: {answer['problems'][:2]}, the second verifier says {flaw}")
    return flaw


def intact(path, what, *arguments):
    code, answer = verify(path, *arguments)
    check(answer["result"] == "intact" and code in (0, 4), f"{what}: {answer['problems'][:3]}")
    check(agree(path, answer, what) is None, what)
    return answer


def altered(path, what, record=None, *arguments, second=True):
    """`record`: that must be named first; None: of the file as a whole."""
    _, answer = verify(path, *arguments)
    check(answer["result"] == "altered", f"{what}: {answer['result']}")
    check(first_bad(answer) == record, f"{what}: names {answer['problems'][:3]}, not record {record}")
    if second and (LONG or SEED.random() < 0.6):
        check(agree(path, answer, what) is not None, f"{what}: the second verifier finds nothing")
    return answer


class Owners:
    """Which record a row belongs to, by the marks of the links."""

    def __init__(self, path):
        self.db = open_freely(path)
        self.records, self.marks, marks = [], {}, {}
        for record, advance in self.db.execute("SELECT record, advance FROM link ORDER BY record"):
            for numbering, rose in chain_reader.read_advance(advance):
                marks[numbering] = marks.get(numbering, 0) + rose
            self.records.append(record)
            for numbering, mark in marks.items():
                self.marks.setdefault(numbering, []).append((mark, record))
        self.tables = {name: (key, numbering, parts) for name, key, numbering, _, *parts in chain_reader.TABLES}

    def of(self, table, row):
        """`row`: as a dictionary."""
        if table == "link":
            return row["record"]
        key, numbering, parts = self.tables[table]
        number = row[key]
        if numbering is None:
            numbering, number = chain_reader.FIRST_FACET + row[parts[0]], number + 1
        marks = self.marks[numbering]
        return marks[bisect.bisect_left(marks, (number, 0))][1]


def columns_of(db, table):
    """Name, type, whether it belongs to the primary key."""
    return [(row[1], row[2], row[5] > 0) for row in db.execute(f"PRAGMA table_info({table})")]


def rows_of(db, table):
    names = [name for name, _, _ in columns_of(db, table)]
    return [dict(zip(names, row)) for row in db.execute(f"SELECT * FROM {table}")]


def where(db, table, row):
    keys = [name for name, _, key in columns_of(db, table) if key]
    return " AND ".join(f"{key} = ?" for key in keys), [row[key] for key in keys]


def record_once(database, *arguments):
    return run(RECORDER, "snapshot", "--quiet", "--db", database, *arguments)


class Place:
    """A chain, and a copy of it to be altered."""

    def __init__(self, folder, name="source", seed=31, length=12, unlinked=0):
        self.folder = folder
        self.source = folder / f"{name}.db"
        make_chain(self.source, seed, length, unlinked)
        self.owners = Owners(self.source)
        self.work = folder / "work.db"
        self.last = self.owners.records[-1]
        self.rows = {table: rows_of(self.owners.db, table) for table in [*self.owners.tables, "link"]}
        self.archive = self.rows["archive"][0]["uuid"].hex()
        self.links = {row["record"]: row for row in self.rows["link"]}

    def altered_by(self, change, keys=False):
        """A copy that `change` did its work on; what it returns."""
        copy(self.source, self.work, keys)
        db = open_freely(self.work)
        try:
            return change(db)
        finally:
            db.close()

    def any_row(self, *tables):
        table = SEED.choice([name for name in tables or self.rows if self.rows[name]])
        return table, SEED.choice(self.rows[table])

    def key_file(self, name="key.txt"):
        segment = self.rows["key_segment"][0]
        path = self.folder / name
        path.write_text(f"sockwitness-key {self.archive} {segment['record']} {segment['public_key'].hex()}\n")
        return path


def other_value(value):
    if isinstance(value, int):
        return value + SEED.choice((-1, 1, 256, -4096)) if abs(value) < 2**62 else 0
    if isinstance(value, str):
        return value + "x" if value else "x"
    if isinstance(value, bytes):
        if not value:
            return b"\x00"
        at = SEED.randrange(len(value))
        return value[:at] + bytes([value[at] ^ (1 << SEED.randrange(8))]) + value[at + 1:]
    return None
