#!/usr/bin/env python3
"""What can lie beside the file, planted: one judgement of the recorder and of readers, nothing lost.

In:    the folder of the programs; strace, which kills a run for a real journal (root only).
Out:   for journals, logs and shared memory of the same file at another time, of other files, cut off,
       altered, random and empty, with and without a lock file: both programs refuse for the same
       reason, or both go on with all that was committed.
Never: a reader changes anything; the recorder writes where a journal fails the check, or removes one
       that nobody has a copy of.
"""
import collections
import concurrent.futures
import contextlib
import os
import pathlib
import random
import re
import shutil
import sqlite3
import struct
import threading

import writers
from faults import require_faults, traced
from programs import (clear, LONG, QUERY, RECORDER, ask, check, done, look, make_database, record, run,
                      scratch)

MAGIC = bytes.fromhex("d9d505f920a163d7")
ANSWER = ["export", "--format", "jsonl"]


class Plant:
    """A file with its lock file and something beside it."""

    def __init__(self, what, database, lock, beside, rows):
        self.what, self.database, self.lock, self.beside = what, database, lock, beside
        self.rows = rows  # what was committed; None: the content was altered in a way SQLite knows not

    def put(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for suffix, content in (("", self.database), (".lock", self.lock), *self.beside.items()):
            if content is not None:
                path = folder / ("witness.db" + suffix)
                path.write_bytes(content)
                path.chmod(0o640)
        return folder / "witness.db"


class Moment:
    """The file before a run, and as the run left it that was killed in the middle of writing."""

    def __init__(self, folder, database):
        self.settled, self.lock = database.read_bytes(), lock_of(database)
        self.rows = writers.contents(database)
        shutil.copy(database, folder / "killed.db")
        shutil.copy(str(database) + ".lock", folder / "killed.db.lock")
        killed = folder / "killed.db"
        _, total = traced((RECORDER, "snapshot"), killed, "pwrite64", "", only=("",))
        shutil.copy(database, killed)
        shutil.copy(str(database) + ".lock", str(killed) + ".lock")
        traced((RECORDER, "snapshot"), killed, "pwrite64", f"signal=KILL:when={total - 1}", only=("",))
        journal = folder / "killed.db-journal"
        self.torn, self.journal = killed.read_bytes(), journal.read_bytes()
        self.torn_lock = lock_of(killed)
        check(self.torn_lock.startswith(b"writing") and self.torn != self.settled and
              self.journal.startswith(MAGIC), "the run was not killed in the middle of writing")
        clear(folder, "killed.db*")


def lock_of(database):
    return pathlib.Path(str(database) + ".lock").read_bytes()


def make_moments(folder, count):
    database = folder / "witness.db"
    moments = []
    check(record(database).returncode == 0, "the first run")
    for _ in range(count):
        check(record(database).returncode == 0, "a run")
        moments.append(Moment(folder, database))
    return moments


def other_times(moments):
    for at, moment in enumerate(moments):
        for of, other in enumerate(moments):
            for lock, name in ((moment.lock, "settled"), (moment.torn_lock, "writing"),
                               (None, "without a lock file")):
                # The last journal of all, and nobody knows that its run had ended.
                undone = lock is None and of == at - 1
                yield Plant(f"file {at}, journal {of}, {name}", moment.settled, lock,
                            {"-journal": other.journal}, other.rows if undone else moment.rows)
                # A torn file, led back by the next journal: that is how the next run found it.
                yield Plant(f"torn file {at}, journal {of}, {name}", moment.torn, lock,
                            {"-journal": other.journal},
                            moment.rows if of <= at else None)


def cut_off(moment, choice):
    lengths = [0, 1, 7, 8, 12, 28, 511, 512, 513, 4616, *(
        choice.randrange(len(moment.journal)) for _ in range(200 if LONG else 25))]
    for length in lengths:
        # Cut off below the torn pages it is no journal that SQLite leaves: it syncs it before.
        yield Plant(f"journal of {length} bytes", moment.settled, moment.torn_lock,
                    {"-journal": moment.journal[:length]}, moment.rows)
        yield Plant(f"torn file, journal of {length} bytes", moment.torn, moment.torn_lock,
                    {"-journal": moment.journal[:length]}, None)


def altered(moment, choice):
    for at in range(600 if LONG else 60):
        journal = bytearray(moment.journal)
        place = choice.randrange(28) if at % 3 == 0 else choice.randrange(len(journal))
        journal[place] ^= choice.randrange(1, 256)
        for name, content in (("", moment.settled), ("torn file, ", moment.torn)):
            yield Plant(f"{name}byte {place} of the journal is another", content, moment.torn_lock,
                        {"-journal": bytes(journal)}, None)


def crafted(moment, foreign, choice):
    head = bytearray(moment.journal[:512])
    empty = head[:8] + struct.pack(">II", 0, 1) + struct.pack(">III", 0, 512, 4096) + bytes(484)
    kinds = {"empty": b"", "zeros": bytes(9000), "text": b"nothing to see\n" * 300,
             "random": choice.randbytes(9000), "magic": MAGIC, "magic and random": MAGIC + choice.randbytes(9000),
             "head of a journal of an empty file": bytes(empty),
             "zeroed head": bytes(28) + moment.journal[28:], "of another database": foreign}
    for what, content in kinds.items():
        for lock, name in ((moment.lock, "settled"), (moment.torn_lock, "writing"), (None, "no lock")):
            yield Plant(f"journal, {what}, {name}", moment.settled, lock, {"-journal": content},
                        moment.rows)
        yield Plant(f"log, {what}", moment.settled, moment.lock, {"-wal": content}, moment.rows)
        yield Plant(f"shared memory, {what}", moment.settled, moment.lock, {"-shm": content},
                    moment.rows)
        yield Plant(f"log and shared memory, {what}", moment.settled, moment.lock,
                    {"-wal": content, "-shm": content}, moment.rows)
        yield Plant(f"hot journal and log, {what}", moment.torn, moment.torn_lock,
                    {"-journal": moment.journal, "-wal": content}, moment.rows)
        yield Plant(f"hot journal and shared memory, {what}", moment.torn, moment.torn_lock,
                    {"-journal": moment.journal, "-shm": content}, moment.rows)


def logs(folder, moment, choice):
    """A log that SQLite would take, beside a file that never was in that mode."""
    work = folder / "work.db"
    work.write_bytes(moment.settled)
    with contextlib.closing(sqlite3.connect(work, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA wal_autocheckpoint = 0")
        database.execute("UPDATE text SET bytes = x'65766964656e6365'")
        log = pathlib.Path(str(work) + "-wal").read_bytes()
        memory = pathlib.Path(str(work) + "-shm").read_bytes()
    clear(folder, "work.db*")
    for length in (len(log), len(log) - 1, 4152, 32, 31, 1, *(
            choice.randrange(len(log)) for _ in range(50 if LONG else 8))):
        yield Plant(f"log of {length} bytes with other rows", moment.settled, moment.lock,
                    {"-wal": log[:length]}, moment.rows)
        yield Plant(f"log of {length} bytes with other rows, its memory, no lock", moment.settled, None,
                    {"-wal": log[:length], "-shm": memory}, moment.rows)


def foreign_journal(folder):
    """Of another database of ours."""
    other = folder / "other.db"
    make_database(other)
    other.chmod(0o640)
    journal = Moment(folder, _with_lock(other)).journal
    clear(folder, "other.db*")
    return journal


def _with_lock(database):
    writers.write_lock(database)
    return database


def reason(result):
    """What a program says after its name, without the folder and without the recorder's copy."""
    text = result.stderr.decode(errors="replace").partition(": ")[2]
    lines = [line for line in text.splitlines() if "is kept as" not in line]
    return re.sub(r"/\S*?/trial-\d+/", "", "\n".join(lines))


def answer_by_sqlite(plant, folder):
    """What the file stands for when SQLite itself has done what it does with a journal."""
    beside = {} if "-wal" in plant.beside else {"-journal": plant.beside.get("-journal")}
    database = Plant("", plant.database, None, beside, None).put(folder.parent / (folder.name + "-led"))
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("SELECT count(*) FROM sqlite_schema")
    pathlib.Path(str(database) + "-journal").unlink(missing_ok=True)
    return ask(database, ANSWER).stdout


def try_plant(plant, folder, readable):
    database = plant.put(folder)
    before = look(folder)
    answer = ask(database, ANSWER)
    if look(folder) != before:
        yield "a reader changed something"
    if answer.returncode not in (0, 3):
        yield f"a reader ends with {answer.returncode}, {answer.stderr}"
    if answer.returncode == 0 and answer.stdout != readable(plant, folder):
        yield "a reader gives another answer"
    result = record(database)
    if result.returncode not in (0, 3):
        yield f"the recorder ends with {result.returncode}, {result.stderr}"
    if (result.returncode == 3) != (answer.returncode == 3) or (
            result.returncode == 3 and reason(result) != reason(answer)):
        yield (f"two judgements: {result.returncode} {reason(result)!r}, "
               f"{answer.returncode} {reason(answer)!r}")
    if result.returncode == 3:
        for suffix, content in (("", plant.database), *plant.beside.items()):
            path = pathlib.Path(str(database) + suffix)
            if not path.exists() or path.read_bytes() != content:
                yield f"what was refused was changed: '{suffix}' {reason(result)}"
    elif plant.rows is not None:
        yield from writers.lost(plant.rows, writers.contents(database))
    for suffix, content in plant.beside.items():
        if content and suffix != "-shm" and (suffix == "-journal" or result.returncode == 3):
            kept = folder / f"witness.db{suffix}.kept-1"
            still = pathlib.Path(str(database) + suffix)
            if not (kept.exists() and kept.read_bytes() == content) and not (
                    result.returncode == 3 and still.exists()):
                yield f"'{suffix}' was not kept"


def main():
    require_faults()
    choice = random.Random(22)
    outcomes = collections.Counter()
    problems = []
    with scratch() as folder:
        moments = make_moments(folder, 5 if LONG else 3)
        last = moments[-1]
        plants = [*other_times(moments), *cut_off(last, choice), *altered(last, choice),
                  *crafted(last, foreign_journal(folder), choice), *logs(folder, last, choice)]
        plain = {rows: ask(Plant("", moment.settled, None, {}, None).put(folder / "plain"),
                           ANSWER).stdout for moment in moments for rows in [id(moment.rows)]}

        def readable(plant, place):
            return plain.get(id(plant.rows)) or answer_by_sqlite(plant, place)

        places = threading.local()

        def attempt(plant):
            if not hasattr(places, "name"):
                places.name = folder / f"trial-{threading.get_ident()}"
            found = [f"{plant.what}: {problem}" for problem in try_plant(plant, places.name, readable)]
            return bool(list(places.name.glob("*.kept-*"))), found

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for kept, found in pool.map(attempt, plants):
                outcomes["kept" if kept else "nothing to keep"] += 1
                problems += found
    for problem in problems[:20]:
        print(problem)
    print(f"planted: {len(plants)}, {dict(outcomes)}")
    check(not problems, f"{len(problems)} problems with {len(plants)} plants")
    check(len(plants) >= 200 and outcomes["kept"] > 50, f"hardly anything was planted: {outcomes}")
    done("sidecars")


main()
