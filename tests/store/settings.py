#!/usr/bin/env python3
"""Every setting that durability and safety rest on is made, read back, and refused when it did not take.

In:    the folder of the programs; a library that makes SQLite deaf to one of them.
Out:   for each a refusal that names it, before a byte is written; the same for a file that exists.
Never: passes for a setting that would be as it must be without us: those are counted and named.
"""
import contextlib
import os
import shutil
import sqlite3

from programs import BIN, RECORDER, check, done, record, refused, run, scratch

# As SQLite has it without us, on a connection of a plain build.
DIFFERENT = ["synchronous", "foreign_keys", "cell_size_check", "defensive", "trusted_schema", "triggers",
             "views", "limit_length", "limit_sql_length", "limit_column", "limit_expr_depth",
             "limit_compound_select", "limit_vdbe_op", "limit_function_arg", "limit_attached",
             "limit_like_pattern", "limit_variable", "limit_trigger_depth"]
ALIKE = ["mmap_size", "ignore_check_constraints", "locking_mode", "journal_mode", "encoding", "page_size",
         "auto_vacuum"]


def record_deaf(database, name):
    return run(RECORDER, "snapshot", "--db", database,
               env={**os.environ, "LD_PRELOAD": str(BIN / "deaf_sqlite.so"), "DEAF_TO": name})


def try_names(folder):
    base = folder / "base.db"
    check(record(base).returncode == 0, "the run before")
    for name in DIFFERENT:
        fresh = folder / f"{name}.db"
        refused(record_deaf(fresh, name), f"{name}, new file", f"did not take a setting: {name} is")
        check(fresh.stat().st_size == 0, f"{name}: written all the same")
        check(record(fresh).returncode == 0, f"{name}: the next run")
        existing = folder / "existing.db"
        shutil.copy(base, existing)
        before = existing.read_bytes()
        refused(record_deaf(existing, name), f"{name}, existing file", f"{name} is")
        check(existing.read_bytes() == before, f"{name}: written all the same")
        for suffix in ("-journal", "-wal"):
            check(not os.path.exists(str(existing) + suffix), f"{name}: left {suffix}")
    for name in ALIKE:
        check(record_deaf(folder / f"{name}.db", name).returncode == 0, f"{name} is alike here")


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


def main():
    with scratch() as folder:
        try_names(folder)
        try_write_ahead(folder)
    print(f"{len(DIFFERENT) + 1} settings refused when not taken, {len(ALIKE)} are alike without us")
    done("settings")


main()
