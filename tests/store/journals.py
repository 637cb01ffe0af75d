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

from programs import (clear, QUERY, QUESTIONS, RECORDER, all_rows, ask, check, done, hot_copy, look,
                      make_database, record, refused, run, scratch)


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
            clear(folder, "planted.db*")


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


def try_no_room(folder, good):
    """Where nothing can be copied to, a recorder uses the folder of the file, and goes on by itself."""
    small = folder / "small"
    small.mkdir()
    (small / "full").write_bytes(b"")
    for place in (small / "full", folder / "nowhere", *([small] if shrink(small) else [])):
        hot = folder / "room.db"
        hot_copy(good, hot)
        left = folder / "room.db.trial"
        left.mkdir()
        (left / "copy.db").write_bytes(b"of a run that was killed")
        told = run(QUERY, "snapshots", "--db", hot, env={**os.environ, "TMPDIR": str(place)})
        refused(told, f"no room in {place}, reader", "copying")
        check(b"set TMPDIR" in told.stderr, f"no room in {place}: {told.stderr}")
        result = run(RECORDER, "snapshot", "--db", hot, env={**os.environ, "TMPDIR": str(place)})
        check(result.returncode == 0, f"no room in {place}, recorder: {result.stderr}")
        check(not left.exists(), f"no room in {place}: the copy was left")
        clear(folder, "room.db*")


def shrink(place):
    """Puts a disk there that has room for nothing; false where that cannot be done."""
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "none", place],
                          capture_output=True, check=False)
    if made.returncode != 0:
        print(f"left out: no small disk can be made here ({made.stderr.decode().strip()})")
    return made.returncode == 0


def counted_size(journal):
    """Of the records that were synced; what stands behind them is of a write that never began."""
    end, at = 0, 0
    while journal[at:at + 8] == journal[:8]:
        records, _, _, sector, page = struct.unpack(">5I", journal[at + 8:at + 28])
        if records in (0, 0xFFFFFFFF):
            break
        end = at + sector + records * (page + 8)
        at = -(-end // sector) * sector  # each part begins with a header of its own
    check(end > 0, "the journal counts no record")
    return end


def try_short(folder, good):
    """Both programs judge a journal alike: it may lack what was not synced, and nothing else."""
    expected = answers(good)
    hot = folder / "short.db"
    journal = pathlib.Path(str(hot) + "-journal")
    hot_copy(good, hot)
    whole, torn = journal.read_bytes(), hot.read_bytes()
    size = counted_size(whole)
    for length in (size, min(size + 1, len(whole)), (size + len(whole)) // 2, len(whole), size - 1, size // 2, 600):
        clear(folder, "short.db*")
        hot.write_bytes(torn)
        journal.write_bytes(whole[:length])
        for question, answer in zip(QUESTIONS, expected):
            result = ask(hot, question)
            if length < size:
                refused(result, f"{length} bytes of a journal, {question}", "its journal")
            else:
                check(result.stdout == answer,
                      f"{length} bytes of a journal, {question}: {result.stderr}")
        result = record(hot)
        if length < size:
            refused(result, f"{length} bytes of a journal, recorder", "its journal")
        else:
            check(result.returncode == 0, f"{length} bytes of a journal, recorder: {result.stderr}")


def try_same_copy(folder, good):
    """A run that fails again and again over the same journal keeps one copy of it, a whole one."""
    hot = folder / "again.db"
    hot_copy(good, hot)
    journal = pathlib.Path(str(hot) + "-journal")
    content = journal.read_bytes()
    cut = content[:counted_size(content) - 1]
    journal.write_bytes(cut)
    for name in ("again.db-journal.kept-1", "again.db-journal.kept.part"):
        (folder / name).write_bytes(b"half of something")
    for _ in range(3):
        refused(record(hot), "cut off", "kept-2")
    kept = sorted(path.name for path in folder.glob("again.db-journal.kept*"))
    check(kept == ["again.db-journal.kept-1", "again.db-journal.kept-2"], f"copies: {kept}")
    check((folder / kept[1]).read_bytes() == cut, "the copy is another")
    journal.write_bytes(content)
    check(record(hot).returncode == 0, "the whole journal")
    check((folder / "again.db-journal.kept-3").read_bytes() == content, "the copy is another")
    check(not (folder / "again.db-journal.kept.part").exists(), "a half copy is left")


def tear(folder, database):
    """Some of the pages that a large write changes, so many that the file is no tree any more."""
    later = folder / "later.db"
    shutil.copy(database, later)
    with contextlib.closing(sqlite3.connect(later, isolation_level=None)) as writer:
        writer.execute("INSERT INTO text(hash, bytes) SELECT a.id, zeroblob(3000) FROM text a, text b LIMIT 500")
    page = 4096
    old, new = database.read_bytes(), later.read_bytes()
    changed = [at for at in range(page, len(old), page) if old[at:at + page] != new[at:at + page]]
    for count in range(1, len(changed) + 1):
        torn = bytearray(old)
        for at in changed[:count]:
            torn[at:at + page] = new[at:at + page]
        database.write_bytes(torn)
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as copy:
            if copy.execute("PRAGMA quick_check").fetchone() != ("ok",):
                return
    check(False, "no page of a large write tears the file")


def try_lost_journal(folder):
    """A run was cut off, and then somebody removed what could lead back."""
    torn = folder / "torn.db"
    for _ in range(2):
        check(record(torn).returncode == 0, "the runs before")
    lock = pathlib.Path(str(torn) + ".lock")
    tear(folder, torn)
    before = torn.read_bytes()
    lock.write_bytes(lock.read_bytes().replace(b"committed", b"writing", 1))
    refused(record(torn), "torn, and the journal is gone", "damaged")
    check(torn.read_bytes() == before, "a torn file was written to")


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
        try_no_room(folder, good)
        try_short(folder, good)
        try_same_copy(folder, good)
        try_lost_journal(folder)
    done("journals")


main()
