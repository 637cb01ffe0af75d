"""Everything that writes to a database, each with the file that it finds and the command that it is.

In:    a folder; the databases of older formats beside the fixtures.
Out:   folders as a writer finds them, to be copied for each trial; what was committed in them.
Never: a row of an older format is taken for lost because its table has grown a column.
"""
import contextlib
import os
import pathlib
import shutil
import socket
import sqlite3
import struct
import subprocess
import time

from programs import PATIENCE, RECORDER, check, record, run

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "databases"


class Writer:
    """A command, and the folder that it begins with."""

    def __init__(self, name, words, base, prefix=()):
        self.name, self.base = name, base
        self.command = (*prefix, RECORDER, *words)
        self.before = contents(base / "witness.db") if (base / "witness.db").exists() else {}

    def start(self, folder):
        """A fresh copy of what it begins with; its database."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.base, folder)
        return self.database(folder)

    def database(self, folder):
        return folder / "witness.db"

    def named(self, folder):
        """The database as the command names it."""
        return self.database(folder)

    def run(self, folder, prefix=(), command=None):
        """The command, or another one in its stead, on what lies in the folder."""
        return subprocess.run([*prefix, *(command or self.command), "--db", self.database(folder)],
                              capture_output=True, timeout=PATIENCE, check=False)


# What a prune may remove once its record is there; what is left of it is for `verify`.
PRUNED = {"netns", "process", "socket", "socket_detail", "forward", "holder", "descriptor", "mapping", "gap", "user_name",
          "group_name", "registration", "text", "long_text", "text_run", "context", "program", "container", "snapshot",
          "deferred", "change", "frame", "sample", "digest"}


# And a thinning: snapshots stay, and all that is said of them.
THINNED = {"process", "socket", "socket_detail", "forward", "holder", "descriptor", "mapping", "text", "long_text", "text_run",
           "program", "container", "sample"}


class UsualPlace(Writer):
    """A first run without --db makes the directory, too. What root uses lies in the folder."""

    def database(self, folder):
        return folder / "sockwitness" / "witness.db"

    def named(self, folder):
        return pathlib.Path("/var/lib/sockwitness/witness.db")

    def run(self, folder, prefix=(), command=None):
        script = 'mount --bind "$0" /var/lib && exec "$@"'
        return subprocess.run(["unshare", "-m", "sh", "-c", script, folder, *prefix,
                               *(command or self.command)],
                              capture_output=True, timeout=PATIENCE, check=False)


def contents(database):
    """{table: (its columns, its rows)} that the file stands for, its journal rolled back on a copy."""
    copy = pathlib.Path(str(database) + ".settled")
    journal = pathlib.Path(str(database) + "-journal")
    shutil.copy(database, copy)
    if journal.exists():
        shutil.copy(journal, str(copy) + "-journal")
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        check(connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "integrity")
        tables = [name for (name,) in connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
        found = {}
        for name in tables:
            columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA table_info({name})"))
            found[name] = (columns, set(connection.execute(f"SELECT {columns} FROM {name}")))
    for path in (copy, pathlib.Path(str(copy) + "-journal")):
        path.unlink(missing_ok=True)
    return found


def records(found):
    return len(found["record"][1]) if "record" in found else 0


def lost(before, now):
    """What is to be said of each table that no longer has every row that it had."""
    pruned = now.get("prune", ("", set()))[1] - before.get("prune", ("", set()))[1]
    thinned = now.get("thin", ("", set()))[1] - before.get("thin", ("", set()))[1]
    for name, (columns, rows) in before.items():
        if (pruned and name in PRUNED) or (thinned and name in THINNED):
            continue
        words = columns.split(", ")
        new_columns, new_rows = now.get(name, ("", set()))
        places = [new_columns.split(", ").index(word) for word in words
                  if word in new_columns.split(", ")]
        gone = len(rows - {tuple(row[place] for place in places) for row in new_rows})
        if gone:
            yield f"{gone} rows of {name} are lost"


def write_lock(database):
    """The lock file as the run that wrote the last commit left it."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        record_id, archive = connection.execute(
            "SELECT (SELECT max(id) FROM record), (SELECT hex(uuid) FROM archive)").fetchone()
    changes, = struct.unpack(">I", database.read_bytes()[24:28])
    line = f"committed {record_id} {changes} {archive}\n"
    lock = pathlib.Path(str(database) + ".lock")
    lock.write_bytes(line.encode().ljust(4096, b"\n"))
    lock.chmod(0o640)


def fixture_versions():
    return sorted(int(path.stem[1:]) for path in FIXTURES.glob("v*.sql"))


def make_fixture(version, folder):
    """A database of an older format, with its history and its lock file."""
    folder.mkdir()
    database = folder / "witness.db"
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.executescript((FIXTURES / f"v{version}.sql").read_text(encoding="utf-8"))
    database.chmod(0o640)
    write_lock(database)
    return folder


def made(database, *words):
    result = run(RECORDER, "baseline", *words, "--db", database)
    check(result.returncode == 0, f"baseline {words}: {result.stderr}")


def make_writers(folder):
    """Every kind of writer."""
    empty = folder / "empty"
    empty.mkdir()
    full = folder / "full"
    full.mkdir()
    database = full / "witness.db"
    with socket.create_server(("127.0.0.1", 7777)):
        for _ in range(2):
            check(record(database).returncode == 0, "the runs before")
    aged = folder / "aged"
    aged.mkdir()
    for note in ((), (), (), (), ("--note", "whole"), ()):
        check(run(RECORDER, "snapshot", *note, "--db", aged / "witness.db").returncode == 0, "the runs that are thinned")
    time.sleep(1.1)
    thinning = ("prune", "--thin", "10000d", "after", "1s")
    trial = run(RECORDER, *thinning, "--dry-run", "--db", aged / "witness.db")
    check(b"would thin" in trial.stdout, f"nothing is thinned: {trial}")
    made(database, "add", "known")
    with contextlib.closing(sqlite3.connect(database)) as connection:
        newest, = connection.execute("PRAGMA user_version").fetchone()
    snapshot = ("snapshot",)
    yield Writer("first run", snapshot, empty)
    yield UsualPlace("first run at the usual place", snapshot, empty)
    for version in fixture_versions():
        if version < newest:
            yield Writer(f"migration from {version}", snapshot,
                         make_fixture(version, folder / f"v{version}"))
    yield Writer("snapshot", snapshot, full)
    yield Writer("baseline add", ("baseline", "add", "more"), full)
    yield Writer("baseline accept", ("baseline", "accept", "known", "tcp/7777", "--reason", "a trial"),
                 full)
    yield Writer("baseline drop", ("baseline", "drop", "known"), full)
    yield Writer("prune", ("prune", "--keep", "1s"), full)
    yield Writer("thin", thinning, aged)
    yield Writer("hold add", ("hold", "add", "case", "--from", "#1", "--reason", "a trial"), full)
    yield Writer("loop", ("loop", "--every", "400ms"), full,
                 ("timeout", "--preserve-status", "-s", "TERM", "1"))
