#!/usr/bin/env python3
"""Files that are no database of ours, or no longer: refused with a reason, and left as they are.

In:    the folder of the programs; a small database.
Out:   every reading command and the recorder, over each kind of bad file.
Never: a crash, a hang, a changed byte, or an answer that differs from the undamaged one.
"""
import os
import random
import sqlite3
import struct
import time

from programs import (LONG, PATIENCE, QUESTIONS, SANITIZED, ask, check, clear, done, look, make_database, record, refused,
                      scratch)


# Not even an eighth of what a loop over a believed number would need; the programs alone map 100 MB.
LEAST = () if SANITIZED else ("prlimit", "--as=500000000")


def refuse_everywhere(database, what, word="", recorder=True):
    before = look(database.parent)
    for question in QUESTIONS:
        refused(ask(database, question), f"{what}, {question[0]}", word)
        check(look(database.parent) == before, f"{what}: changed by {question[0]}")
    if recorder:
        content = database.read_bytes() if database.is_file() else None
        refused(record(database), f"{what}, recorder", word)
        check(content is None or database.read_bytes() == content, f"{what}: the recorder changed it")
        for beside in ("-journal", "-wal", ".lock"):
            path = database.parent / (database.name + beside)
            if str(path) not in before and path.exists():
                path.unlink()


def planted_sql(good, target, *statements):
    target.write_bytes(good.read_bytes())
    database = sqlite3.connect(target)
    database.executescript(";".join(statements))
    database.commit()
    database.close()


def try_kinds(folder, good):
    bad = folder / "bad.db"
    kinds = {
        "text": b"hello\n" * 1000, "one byte": b"S", "99 bytes": good.read_bytes()[:99],
        "only the magic": b"SQLite format 3\0",
        "magic and zeros": b"SQLite format 3\0" + bytes(4080),
    }
    for what, content in kinds.items():
        bad.write_bytes(content)
        refuse_everywhere(bad, what, "not a SQLite database")
    head = bytearray(good.read_bytes())
    head[68:72] = struct.pack(">I", 0x0F055112)
    bad.write_bytes(head)
    refuse_everywhere(bad, "application id of another program", "0x0f055112")
    head = bytearray(good.read_bytes())
    head[60:64] = struct.pack(">I", 99)
    bad.write_bytes(head)
    refuse_everywhere(bad, "newer version", "version 99")
    bad.unlink()
    sqlite3.connect(bad).executescript("CREATE TABLE a (b); INSERT INTO a VALUES (1)")
    refuse_everywhere(bad, "somebody's SQLite file", "another program")
    for statement in ("CREATE TABLE extra (a)", "CREATE VIEW extra AS SELECT 1",
                      "CREATE TRIGGER extra AFTER INSERT ON text BEGIN SELECT 1; END",
                      "CREATE INDEX extra ON text (bytes)", "DROP INDEX text_by_hash",
                      "CREATE VIRTUAL TABLE extra USING fts5(a)",
                      "CREATE VIRTUAL TABLE extra USING rtree(id, a, b)",
                      "CREATE TABLE extra (a, b AS (abs(a)))",
                      "CREATE INDEX extra ON text (abs(hash))",
                      "CREATE INDEX extra ON text (bytes COLLATE NOCASE)", "ANALYZE",
                      "DROP TABLE missed; CREATE VIEW missed AS WITH RECURSIVE n(record) AS "
                      "(SELECT 1 UNION ALL SELECT record + 1 FROM n) SELECT * FROM n",
                      "ALTER TABLE text ADD COLUMN extra INTEGER",
                      "ALTER TABLE text ADD COLUMN extra INTEGER AS (abs(hash))"):
        planted_sql(good, bad, statement)
        refuse_everywhere(bad, statement, "tables are not those")
    bad.unlink()
    bad.write_bytes(b"")
    for question in QUESTIONS:
        refused(ask(bad, question), "empty file", "nothing was recorded yet")
    refused(ask(folder / "absent.db", ["show"]), "absent file", "no such file")
    check(not (folder / "absent.db").exists(), "a reader made a file")
    refused(record(folder / "absent" / "witness.db"), "absent folder, recorder", "No such file")
    check(not (folder / "absent").exists(), "the recorder made somebody's folder")
    (folder / "folder").mkdir()
    for question in QUESTIONS:
        refused(ask(folder / "folder", question), "a folder", "directory")
    refused(record(folder / "folder"), "a folder, recorder", "directory")
    os.mkfifo(folder / "fifo")
    for question in QUESTIONS:
        refused(ask(folder / "fifo", question), "a fifo", "not a regular file")
    refused(record(folder / "fifo"), "a fifo, recorder")
    refused(ask("/dev/null", ["show"]), "a device")


def try_links(folder, good):
    content = good.read_bytes()
    (folder / "symbolic.db").symlink_to(good)
    (folder / "dangling.db").symlink_to(folder / "nowhere")
    refused(record(folder / "symbolic.db"), "symbolic link, recorder", "symbolic link")
    refused(record(folder / "dangling.db"), "dangling link, recorder", "symbolic link")
    check(not (folder / "nowhere").exists(), "the recorder wrote through a dangling link")
    check(ask(folder / "symbolic.db", ["snapshots"]).returncode == 0, "a reader may follow a link")
    os.link(good, folder / "hard.db")
    refused(record(good), "hard link, recorder", "more than one name")
    (folder / "hard.db").unlink()
    lock = folder / "locked.db.lock"
    victim = folder / "victim"
    victim.write_text("precious")
    lock.symlink_to(victim)
    refused(record(folder / "locked.db"), "lock file is a link", "symbolic link")
    check(victim.read_text() == "precious", "the recorder wrote through the lock's link")
    check(good.read_bytes() == content, "a link led to a changed file")


def try_cut(folder, good):
    content = good.read_bytes()
    choice = random.Random(3)
    lengths = set(range(512, len(content), 512 if LONG else 1024))
    lengths |= {choice.randrange(1, len(content)) for _ in range(200 if LONG else 20)}
    cut = folder / "cut.db"
    for at, length in enumerate(sorted(lengths)):
        cut.write_bytes(content[:length])
        before = look(folder)
        for question in QUESTIONS if LONG else [QUESTIONS[at % len(QUESTIONS)]]:
            refused(ask(cut, question), f"cut to {length} of {len(content)}, {question[0]}")
        check(look(folder) == before, f"cut to {length}: changed")
    check(len(lengths) > 100, "hardly any length was tried")
    refused(record(cut), "cut off, recorder", "cut off")
    check(cut.read_bytes() == content[:length], "the recorder changed a file that is cut off")
    cut.unlink()


def try_flips(folder, good):
    content = good.read_bytes()
    choice = random.Random(4)
    flipped = folder / "flipped.db"
    outcomes = {}
    for at in range(2000 if LONG else 150):
        damaged = bytearray(content)
        for _ in range(choice.choice([1, 1, 2, 30])):
            damaged[choice.randrange(len(damaged))] ^= choice.randrange(1, 256)
        flipped.write_bytes(damaged)
        before = look(folder)
        question = QUESTIONS[at % len(QUESTIONS)]
        result = ask(flipped, question)
        outcomes[result.returncode] = outcomes.get(result.returncode, 0) + 1
        check(result.returncode in (0, 1, 3), f"flip {at}: {question} exit {result.returncode}")
        check(result.returncode != 3 or b"sockwitness: " in result.stderr, f"flip {at}: silent")
        check(look(folder) == before, f"flip {at}: changed by {question}")
        if at % 10 == 0:
            result = record(flipped)
            check(result.returncode in (0, 3), f"flip {at}: recorder exit {result.returncode}")
            clear(folder, "flipped.db*")
    flipped.unlink(missing_ok=True)
    print(f"flips by exit code: {outcomes}")


# What walks over a whole history as well.
WALKS = [*QUESTIONS, ["timeline", "--events", "all"], ["timeline", "--user", "root"], ["when", "tcp/80"],
         ["when", "--user", "root"], ["export", "--format", "jsonl"], ["export", "--format", "timesketch"],
         ["export", "--format", "osquery"], ["check"], ["account"]]


def try_numbers(folder, good):
    """A stored number is no size and no bound of a loop before it was looked at."""
    bad = folder / "numbers.db"
    refusals = 0
    for big in (2 ** 40, 2 ** 63 - 1, -2 ** 62):
        for statement in (
                f"UPDATE change SET last_id = {big} WHERE entity = 3 AND seq = (SELECT max(seq) FROM change WHERE entity = 3)",
                f"UPDATE change SET last_id = {big}",
                f"UPDATE frame SET last_id = {big}",
                f"UPDATE snapshot SET seq = {big} WHERE seq = (SELECT max(seq) FROM snapshot)",
                f"UPDATE snapshot SET deep_seq = {big}",
                f"UPDATE change SET seq = {big} WHERE seq = (SELECT max(seq) FROM change)",
                f"UPDATE gap SET count = {big}",
                f"UPDATE context SET every_us = {big}, ephemeral_last = {big}",
                f"UPDATE digest SET block = {big} WHERE block = (SELECT max(block) FROM digest)",
                f"UPDATE missed SET after_seq = {big}, runs = {big}"):
            planted_sql(good, bad, "PRAGMA ignore_check_constraints = ON", "PRAGMA foreign_keys = OFF",
                        statement.replace("UPDATE ", "UPDATE OR IGNORE "))
            for question in WALKS:
                began = time.monotonic()
                result = ask(bad, question, LEAST)
                check(time.monotonic() - began < PATIENCE / 4, f"{statement}, {question}: took too long")
                told = result.stderr.decode(errors="replace")
                check(result.returncode in (0, 1, 2, 3) and "out of memory" not in told,
                      f"{statement}, {question}: exit {result.returncode}, {told}")
                refusals += "damaged or was altered" in told
    check(refusals > 50, f"hardly anything was refused: {refusals}")
    bad.unlink()


def try_missing_row(folder, good):
    """Numbers follow each other: one between two others that has no row is the file's fault, not that of who asks."""
    bad = folder / "missing.db"
    planted_sql(good, bad, "PRAGMA foreign_keys = OFF", "DELETE FROM snapshot WHERE seq = 2")
    for question in (["show", "--at", "#2"], ["timeline", "--tree", "--at", "#2"], ["check", "--at", "#2"],
                     ["diff", "--from", "#2"], ["account", "--at", "#2"]):
        refused(ask(bad, question), f"a missing row, {question}", "#2")
    for number in ("#0", "#99"):
        check(ask(bad, ["show", "--at", number]).returncode == 2, f"{number} was never recorded")
    bad.unlink()


def main():
    with scratch() as folder:
        good = folder / "good.db"
        make_database(good)
        for question in QUESTIONS:
            check(ask(good, question).returncode in (0, 1), f"{question} on a good file")
        try_kinds(folder, good)
        try_links(folder, good)
        try_cut(folder, good)
        try_flips(folder, good)
        try_numbers(folder, good)
        try_missing_row(folder, good)
    done("damage")


main()
