#!/usr/bin/env python3
"""Every setting that durability and safety rest on is made, read back, and refused when it did not take.

In:    the folder of the programs; a library that makes SQLite deaf to one of them.
Out:   for each a refusal that names it, before a byte is written; the same for a file that exists.
Never: passes for a setting that would be as it must be without us: there the library begins with another value.
"""
import contextlib
import os
import shutil
import sqlite3

from programs import BIN, QUERY, RECORDER, ask, check, done, record, refused, run, scratch

# Of every connection, and what one begins with where a plain build of SQLite has it as it must be anyway.
SAFE = {"cell_size_check": None, "defensive": None, "trusted_schema": None, "triggers": None, "views": None,
        "writable_schema": "1", "load_extension": "1", "mmap_size": "65536", "limit_length": None,
        "limit_sql_length": None, "limit_column": None, "limit_expr_depth": None,
        "limit_compound_select": None, "limit_vdbe_op": None, "limit_function_arg": None,
        "limit_attached": None, "limit_like_pattern": None, "limit_variable": None,
        "limit_trigger_depth": None, "limit_worker_threads": "2"}
# Of one that writes.
DURABLE = {"synchronous": None, "foreign_keys": None, "ignore_check_constraints": "ON",
           "locking_mode": "EXCLUSIVE", "journal_mode": "MEMORY"}
# Of one that reads.
READING = {"query_only": None}
# Of a file that is made. Another value of auto_vacuum to begin with is only made by writing to the file.
MADE_WITH = {"encoding": "'UTF-16le'", "page_size": "8192", "application_id": None, "user_version": None}


def deaf(name, at):
    environment = {**os.environ, "LD_PRELOAD": str(BIN / "deaf_sqlite.so"), "DEAF_TO": name}
    return {**environment, "DEAF_AT": at} if at else environment


def record_deaf(database, name, at=None):
    return run(RECORDER, "snapshot", "--db", database, env=deaf(name, at))


def try_new(folder, name, at):
    fresh = folder / f"{name}.db"
    refused(record_deaf(fresh, name, at), f"{name}, new file", f"did not take a setting: {name} is")
    check(fresh.stat().st_size == 0, f"{name}: written all the same")


def try_existing(folder, base, name, at):
    existing = folder / "existing.db"
    shutil.copy(base, existing)
    before = existing.read_bytes()
    refused(record_deaf(existing, name, at), f"{name}, existing file", f"{name} is")
    check(existing.read_bytes() == before, f"{name}: written all the same")
    for suffix in ("-journal", "-wal"):
        check(not os.path.exists(str(existing) + suffix), f"{name}: left {suffix}")


def try_names(folder):
    base = folder / "base.db"
    check(record(base).returncode == 0, "the run before")
    for name, at in {**SAFE, **DURABLE}.items():
        try_new(folder, name, at)
        try_existing(folder, base, name, at)
    for name, at in MADE_WITH.items():
        try_new(folder, name, at)
        check(record_deaf(base, name, at).returncode == 0, f"{name} is no matter of a file that is there")
    for name, at in {**SAFE, **READING}.items():
        refused(run(QUERY, "snapshots", "--db", base, env=deaf(name, at)), f"{name}, reader", f"{name} is")
    check(ask(base, ["snapshots"]).returncode == 0, "an answer")
    for fresh in (folder / "journal_mode.db", folder / "user_version.db"):
        check(record(fresh).returncode == 0, "the run after a refusal")


def try_write_ahead(folder):
    """A file that somebody switched to a log is switched back, or not written to."""
    database = folder / "logged.db"
    check(record(database).returncode == 0, "the run before")
    with contextlib.closing(sqlite3.connect(database)) as connection:
        check(connection.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",), "a log")
    before = database.read_bytes()
    refused(record_deaf(database, "journal_mode"), "write-ahead", "journal_mode is 'wal', not 'delete'")
    check(database.read_bytes() == before, "write-ahead: written all the same")
    check(record(database).returncode == 0, "switched back")
    check(database.read_bytes()[18:20] == b"\x01\x01", "it is still in write-ahead mode")


def rows_of(database):
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return connection.execute("SELECT record, name, value FROM setting ORDER BY record, name").fetchall()


def try_record(folder):
    """What was effective is in the file: once, and again when it is another."""
    database = folder / "told.db"
    for _ in range(3):
        check(record(database).returncode == 0, "a run")
    rows = rows_of(database)
    told = {name: value for _, name, value in rows}
    check({row[0] for row in rows} == {1} and len(told) == len(rows), f"more than once: {rows}")
    for name, value in {"journal_mode": "delete", "synchronous": "3", "foreign_keys": "1",
                        "trusted_schema": "0", "defensive": "1", "auto_vacuum": "0", "mmap_size": "0", "page_size": "4096",
                        "limit_attached": "0", "application_id": str(0x536B5774),
                        "sqlite_version": sqlite3.sqlite_version}.items():
        check(told.get(name) == value, f"{name}: {told.get(name)}")
    check(set(SAFE) | set(DURABLE) | set(MADE_WITH) <= set(told), f"not recorded: {sorted(told)}")
    with contextlib.closing(sqlite3.connect(database)) as connection:
        version, = connection.execute("PRAGMA user_version").fetchone()
        check(told["user_version"] == str(version), "user_version")
        connection.execute("UPDATE setting SET value = '3.0' WHERE name = 'sqlite_version'")
        connection.commit()
    check(record(database).returncode == 0, "with another library")
    more = rows_of(database)[len(rows):]
    check(len(more) == 1 and more[0][0] > 1 and more[0][1:] == ("sqlite_version", sqlite3.sqlite_version),
          f"a value that is another: {more}")


def main():
    with scratch() as folder:
        try_record(folder)
        try_names(folder)
        try_write_ahead(folder)
    print(f"{len(SAFE) + len(DURABLE) + len(READING) + len(MADE_WITH)} settings refused when not taken")
    done("settings")


main()
