#!/usr/bin/env python3
"""Journals and logs beside the file: left by a killed recorder, stale, empty, random, or planted.

In:    the folder of the programs; a small database.
Out:   readers answer from a copy or refuse; the recorder recovers what is its own.
Never: a reader changes anything; a journal leads to another file of the host.
"""
import contextlib
import os
import random
import shutil
import sqlite3
import struct

from programs import (QUESTIONS, all_rows, ask, check, done, hot_copy, look, make_database, record,
                      scratch)


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
        check(look(folder) == before, f"hot journal, {question}: changed")
    rows = all_rows(good)
    result = record(hot)
    check(result.returncode == 0, f"hot journal, recorder: {result.stderr}")
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
            (folder / ("planted.db" + suffix)).unlink(missing_ok=True)
            now = all_rows(target)
            for table, content_before in rows.items():
                check(content_before <= now[table], f"{what} {suffix}: rows of {table} were lost")
            for path in folder.glob("planted.db*"):
                path.unlink()


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
        try_super_journal(folder, good)
        try_foreign_log(folder, good)
    done("journals")


main()
