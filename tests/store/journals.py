#!/usr/bin/env python3
"""Journals and logs beside the file: left by a killed recorder, stale, empty, random, or planted.

In:    the folder of the programs; a small database.
Out:   readers answer from a copy or refuse; the recorder recovers what is its own.
Never: a reader changes anything; a journal leads to another file of the host.
"""
import contextlib
import os
import pathlib
import random
import shutil
import sqlite3
import struct
import subprocess

from programs import (QUESTIONS, all_rows, ask, check, done, hot_copy, look, make_database, record,
                      refused, scratch)


def answers(database):
    return [ask(database, question).stdout for question in QUESTIONS]


def try_hot(folder, good):
    hot = folder / "hot.db"
    hot_copy(good, hot)
    expected = answers(good)
    before = look(folder)
    for question, answer in zip(QUESTIONS, expected):
        result = ask(hot, question)
        check(result.returncode in (0, 1), f"hot journal, {question}: {result.stderr}")
        check(result.stdout == answer, f"hot journal, {question}: another answer")
        check(b"from a copy" in result.stderr, f"hot journal, {question}: {result.stderr}")
        check(look(folder) == before, f"hot journal, {question}: changed")
    rows = all_rows(good)
    journal = pathlib.Path(str(hot) + "-journal").read_bytes()
    result = record(hot)
    check(result.returncode == 0, f"hot journal, recorder: {result.stderr}")
    check(b"rolled back, and is kept as" in result.stderr, f"not told: {result.stderr}")
    kept = pathlib.Path(str(hot) + "-journal.kept-1")
    check(kept.read_bytes() == journal, "the copy of the journal is another")
    check(not os.path.exists(str(hot) + "-journal"), "the journal is still there")
    now = all_rows(hot)
    for table, content in rows.items():
        check(content <= now[table], f"hot journal, recorder: rows of {table} were lost")
    check(len(now["snapshot"]) == len(rows["snapshot"]) + 1, "the next snapshot is missing")
    with contextlib.closing(sqlite3.connect(hot)) as database:
        check(database.execute("PRAGMA integrity_check").fetchone() == ("ok",), "integrity")


def try_harmless(folder, good):
    """Journals that SQLite itself takes for finished or empty."""
    expected = answers(good)
    choice = random.Random(6)
    kinds = {"empty": b"", "zeroed head": bytes(512) + choice.randbytes(5000),
             "random": b"\x01" + choice.randbytes(9000), "text": b"nothing to see\n" * 100,
             "one byte": b"\xd9"}
    for what, content in kinds.items():
        for suffix in ("-journal", "-wal"):
            target = folder / "planted.db"
            shutil.copy(good, target)
            (folder / ("planted.db" + suffix)).write_bytes(content)
            before = look(folder)
            for question, answer in zip(QUESTIONS, expected):
                result = ask(target, question)
                check(look(folder) == before, f"{what} {suffix}, {question}: changed")
                check(result.returncode == 3 or result.stdout == answer,
                      f"{what} {suffix}, {question}: another answer {result.stderr}")
            rows = all_rows(good)
            result = record(target)
            check(result.returncode in (0, 3), f"{what} {suffix}, recorder {result.returncode}")
            if content and suffix == "-journal":
                kept = folder / "planted.db-journal.kept-1"
                check(kept.read_bytes() == content, f"{what} {suffix}: removed without a copy")
                check(b"nothing to roll back" in result.stderr, f"{what}: {result.stderr}")
            (folder / ("planted.db" + suffix)).unlink(missing_ok=True)
            now = all_rows(target)
            for table, content_before in rows.items():
                check(content_before <= now[table], f"{what} {suffix}: rows of {table} were lost")
            for path in folder.glob("planted.db*"):
                path.unlink()


def try_old_journal(folder):
    """The journal of a run that was killed, put back after two more: it would undo both."""
    target = folder / "old.db"
    for _ in range(2):
        check(record(target).returncode == 0, "the runs before")
    hot = folder / "hot.db"
    hot_copy(target, hot)
    journal = pathlib.Path(str(hot) + "-journal").read_bytes()
    for _ in range(2):
        check(record(target).returncode == 0, "the runs after")
    planted = pathlib.Path(str(target) + "-journal")
    planted.write_bytes(journal)
    before = target.read_bytes()
    result = record(target)
    refused(result, "an old journal, recorder", "its journal")
    check(b"would undo commits" in result.stderr or b"would damage" in result.stderr,
          f"an old journal: {result.stderr}")
    check(target.read_bytes() == before and planted.read_bytes() == journal,
          "an old journal: what is refused was changed")
    command = result.stderr.decode().partition("then run again: ")[2]
    subprocess.run(["sh", "-ec", command], check=True)
    check(record(target).returncode == 0, "after the command of the hint")
    with contextlib.closing(sqlite3.connect(target)) as database:
        check(database.execute("SELECT max(seq) FROM snapshot").fetchone() == (5,), "snapshots")
    check(pathlib.Path(str(target) + ".kept").read_bytes() == before, "the copy of the database")


def try_no_journal(folder, good):
    """What is no file in its place."""
    target = folder / "odd.db"
    shutil.copy(good, target)
    os.chmod(target, 0o640)
    beside = folder / "odd.db-journal"
    for make in (beside.mkdir, lambda: beside.symlink_to(folder / "good.db"),
                 lambda: os.mkfifo(beside)):
        make()
        refused(record(target), "no journal, recorder", "in the place of its journal")
        for question in QUESTIONS:
            refused(ask(target, question), "no journal, reader", "in the place of its journal")
        beside.rmdir() if beside.is_dir() and not beside.is_symlink() else beside.unlink()


def name_other_file(journal, victim):
    """Ends the journal with the name of a super-journal, as SQLite does for attached databases."""
    name = os.fsencode(victim)
    with open(journal, "ab") as file:
        file.write(struct.pack(">I", 0x40000000 // 4096 + 1) + name +
                   struct.pack(">II", len(name), sum(name)) + bytes.fromhex("d9d505f920a163d7"))


def try_super_journal(folder, good):
    """SQLite deletes the file that such a journal names when it rolls it back."""
    hot = folder / "super.db"
    victim = folder / "victim"
    victim.write_bytes(b"precious\n" * 10)
    hot_copy(good, hot)
    name_other_file(str(hot) + "-journal", victim)
    before = look(folder)
    for question in QUESTIONS:
        result = ask(hot, question)
        check(victim.exists(), "a reader deleted the file that a planted journal names")
        check(result.returncode == 3 and b"journal" in result.stderr, f"{question}: {result}")
        check(look(folder) == before, f"{question}: changed")
    result = record(hot)
    check(victim.exists(), "the recorder deleted the file that a planted journal names")
    check(result.returncode == 3 and b"journal" in result.stderr, f"recorder: {result}")


def try_foreign_log(folder, good):
    """A valid write-ahead log with other content: it must not become part of the evidence."""
    target = folder / "logged.db"
    work = folder / "work.db"
    shutil.copy(good, work)
    shutil.copy(good, target)
    with contextlib.closing(sqlite3.connect(work, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA wal_autocheckpoint = 0")
        database.execute("UPDATE text SET bytes = x'65766964656e6365'")
        shutil.copy(str(work) + "-wal", str(target) + "-wal")
    before = look(folder)
    for question in QUESTIONS:
        ask(target, question)
        check(look(folder) == before, f"log beside the file, {question}: changed")
    result = record(target)
    check(result.returncode == 3 and b"log" in result.stderr, f"planted log, recorder: {result}")
    check(target.read_bytes() == good.read_bytes(), "a planted log was folded into the evidence")


def main():
    with scratch() as folder:
        good = folder / "good.db"
        make_database(good)
        try_hot(folder, good)
        try_harmless(folder, good)
        try_old_journal(folder)
        try_no_journal(folder, good)
        try_super_journal(folder, good)
        try_foreign_log(folder, good)
    done("journals")


main()
