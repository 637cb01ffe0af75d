#!/usr/bin/env python3
"""A reader that keeps the database locked costs no snapshot: they wait beside it and are taken in.

In:    the folder of the programs; strace, which fails or kills a chosen call (root only).
Out:   every run ends in its time and leaves a snapshot, a missed run, or the word that it is lost; what
       waited is recorded once, in order, with its own times.
Never: closes the database in this process while it holds the lock (POSIX locks).
"""
import contextlib
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import time

from faults import require_faults, traced
from faults import chosen as chosen_of_many
from programs import LONG, QUERY, RECORDER, ask, check, done, open_rows, record, run, scratch

QUIET = (RECORDER, "snapshot", "--quiet")
NOBODY = 65534
ALL = ("", "-journal", ".lock", ".missed", ".spool-1", ".spool-2", ".spool-3", ".spool-new")


def chosen(total):
    """In a quick run the first and the last."""
    points = chosen_of_many(total)
    return points if LONG else points[::max(1, len(points) - 1)]


def rows_of(database, question):
    with contextlib.closing(open_rows(database)) as rows:
        return rows.execute(question).fetchall()


def account(database):
    """Snapshots and failed runs; what is recorded is whole, dense, in order, and there once."""
    check(rows_of(database, "PRAGMA integrity_check") == [("ok",)], "integrity")
    seqs = [seq for (seq,) in rows_of(database, "SELECT seq FROM snapshot ORDER BY seq")]
    check(seqs == list(range(1, len(seqs) + 1)), f"numbers {seqs}")
    began = [time for (time,) in rows_of(database, "SELECT began_boot_ns FROM snapshot ORDER BY seq")]
    check(began == sorted(set(began)), f"times {began}")
    failed = rows_of(database, "SELECT total(runs) FROM missed WHERE kind = 2")[0][0]
    return len(seqs), int(failed)


def deferred(database):
    return rows_of(database, "SELECT seq, cast(bytes AS TEXT) FROM deferred JOIN text ON text.id = reason "
                             "ORDER BY seq")


def waiting(database):
    return sorted(path.name for path in pathlib.Path(database).parent.glob("*.db.spool-*"))


@contextlib.contextmanager
def locked(database, how="BEGIN; SELECT count(*) FROM snapshot"):
    """This process keeps the database: every run finds the same one."""
    reader = sqlite3.connect(database, isolation_level=None)
    for statement in how.split(";"):
        reader.execute(statement).fetchall()
    try:
        yield reader
    finally:
        reader.close()


class Place:
    """A database of one snapshot, and one beside which a snapshot waits, as often as they are wanted."""

    def __init__(self, folder):
        self.base = folder / "base"
        self.folder = folder / "place"
        self.base.mkdir()
        database = self.base / "witness.db"
        check(record(database).returncode == 0, "the run before")

    def keep(self):
        shutil.rmtree(self.base)
        shutil.copytree(self.folder, self.base)

    def fresh(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.base, self.folder)
        return self.folder / "witness.db"


def try_reader(place):
    """R20. The first run waits its ten seconds, the others know whom they would wait for."""
    database = place.fresh()
    runs = 10
    with locked(database):
        for number in range(1, runs + 1):
            began = time.monotonic()
            result = run(*QUIET, "--db", database)
            took = time.monotonic() - began
            check(result.returncode == 0 and took < (25 if number == 1 else 15), f"run {number}: {took} s {result}")
            check(f"({os.getpid()}) keeps it locked".encode() in result.stderr and
                  f".spool-{number}'".encode() in result.stderr, f"run {number}: {result.stderr}")
            if number == 1:
                check(took > 9, f"the first run did not wait: {took} s")
        check(len(waiting(database)) == runs, f"{waiting(database)}")
        modes = {os.stat(f"{database}.spool-{number}").st_mode & 0o7777 for number in range(1, runs + 1)}
        check(modes == {0o600}, f"modes {modes}")
        result = run(RECORDER, "snapshot", "--strict", "--db", database)
        check(result.returncode == 4, f"strict: {result}")
        for question in (["show"], ["snapshots"], ["diff"]):
            answer = ask(database, question)
            check(b"11 snapshots wait" in answer.stderr, f"{question}: {answer.stderr}")
        # At its end, so that nobody else has kept the lock in between.
        place.keep_waiting = place.folder.parent / "waiting"
        shutil.rmtree(place.keep_waiting, ignore_errors=True)
        place.keep_waiting.mkdir()
        shutil.copytree(place.base, place.keep_waiting, dirs_exist_ok=True)
        shutil.copy(database.parent / "witness.db.spool-1", place.keep_waiting)
    result = run(RECORDER, "baseline", "add", "gold", "--db", database)
    check(result.returncode == 0 and b"11 snapshots wait" in result.stderr, f"baseline: {result}")
    result = record(database)
    check(result.returncode == 0 and b"11 snapshots that had waited" in result.stderr, f"after: {result}")
    check(waiting(database) == [], f"left: {waiting(database)}")
    check(account(database) == (runs + 3, 0), f"after the reader: {account(database)}")
    told = deferred(database)
    check([seq for seq, _ in told] == list(range(2, runs + 3)), f"deferred: {told}")
    check(all(f"({os.getpid()}) keeps it locked" in reason for _, reason in told), f"reasons: {told}")
    late = rows_of(database, "SELECT snapshot.seq FROM snapshot JOIN record ON record.id = record "
                             "WHERE written_us <> began_us + took_us")
    check([seq for (seq,) in late] == [seq for seq, _ in told], f"written later: {late}")
    answer = ask(database, ["snapshots"])
    check(answer.stdout.count(b"deferred: ") == runs + 1 and b"wait" not in answer.stderr, f"{answer}")
    place.base = place.keep_waiting  # from here on one snapshot waits


def try_exclusive(place):
    """Not even readable: the snapshot waits all the same, and is complete."""
    database = place.fresh()
    with locked(database, "BEGIN EXCLUSIVE"):
        result = run(*QUIET, "--db", database)
        check(result.returncode == 0 and b"2 wait in all" in result.stderr, f"exclusive: {result}")
    check(record(database).returncode == 0 and account(database) == (4, 0), f"{account(database)}")
    check(len(rows_of(database, "SELECT 1 FROM snapshot WHERE deep_seq = seq AND seq = 3")) == 1, "not deep")


def try_no_locks(place):
    """A lock that fails is called the same by SQLite as one that is held: it is told apart."""
    database = place.fresh()
    result, calls = traced(QUIET, database, "fcntl", "error=ENOLCK:when=1+", only=("",))
    check(calls > 0 and result.returncode == 3 and b"cannot be locked (No locks available)" in result.stderr and
          b"waits in" in result.stderr, f"no locks: {result}")
    check(record(database).returncode == 0 and account(database) == (4, 0), f"{account(database)}")


def try_baseline(place):
    """What must write and cannot says who keeps it from that."""
    database = place.fresh()
    with locked(database):
        result = run(RECORDER, "baseline", "add", "gold", "--db", database)
    check(result.returncode == 3 and f"({os.getpid()}) keeps it locked".encode() in result.stderr, f"{result}")


def try_kills(place):
    """Killed while it puts a snapshot aside: it waits, or the run is missed."""
    kills = points = 0
    for call in ("write", "fsync", "renameat2", "unlink", "pwrite64", "openat") + (("fcntl", "close")
                                                                                   if LONG else ()):
        with locked(place.fresh()):
            _, total = traced(QUIET, place.folder / "witness.db", call, "", only=ALL, folder=True)
        for at in chosen(total):
            what = f"putting aside, killed at {call} {at} of {total}"
            database = place.fresh()
            with locked(database):
                result, _ = traced(QUIET, database, call, f"signal=KILL:when={at}", only=ALL, folder=True)
                mark = b"\nrunning " in pathlib.Path(f"{database}.lock").read_bytes()
            points += 1
            kills += result.returncode != 0
            result = record(database)
            check(result.returncode == 0, f"{what}: {result.stderr}")
            snapshots, failed = account(database)
            # One was there, one waited, one was killed, one is the run after it.
            check(failed <= 1 and (snapshots + failed == 4 or (not mark and snapshots == 3)),
                  f"{what}, marked {mark}: {snapshots} snapshots, {failed} failed")
            check(waiting(database) == [] or waiting(database) == ["witness.db.spool-new"],
                  f"{what}: {waiting(database)}")
    check(kills > 5, f"hardly a kill: {kills} of {points}")
    print(f"putting aside: killed at {kills} points")


def try_kills_of_taking_in(place):
    """Killed while it takes in what waited: nothing is lost, and nothing is there twice."""
    kills = 0
    for call in ("pwrite64", "fdatasync", "unlink", "openat", "pread64") + (("fcntl", "close") if LONG else ()):
        _, total = traced(QUIET, place.fresh(), call, "", only=ALL, folder=True)
        for at in chosen(total):
            what = f"taking in, killed at {call} {at} of {total}"
            database = place.fresh()
            result, _ = traced(QUIET, database, call, f"signal=KILL:when={at}", only=ALL, folder=True)
            kills += result.returncode != 0
            mark = b"\nrunning " in pathlib.Path(f"{database}.lock").read_bytes()
            result = record(database)
            check(result.returncode == 0, f"{what}: {result.stderr}")
            snapshots, failed = account(database)
            check(failed <= 1 and (snapshots + failed == 4 or (not mark and snapshots == 3)),
                  f"{what}, marked {mark}: {snapshots} snapshots, {failed} failed")
            check([seq for seq, _ in deferred(database)] == [2], f"{what}: {deferred(database)}")
            check(waiting(database) == [], f"{what}: {waiting(database)}")
    check(kills > 5, f"hardly a kill: {kills}")
    print(f"taking in: killed at {kills} points")


def try_failures(place):
    """The disk fails while a snapshot is put aside: the message says that it is lost, and it is missed."""
    lost = points = 0
    for call, error in (("write", "ENOSPC"), ("write", "EIO"), ("fsync", "EIO"), ("renameat2", "EIO"),
                        ("renameat2", "EINVAL"), ("openat", "EMFILE"), ("unlink", "EIO")):
        only = (".spool-2", ".spool-new")
        with locked(place.fresh()):
            _, total = traced(QUIET, place.folder / "witness.db", call, "", only=only, folder=True)
        for at in chosen(total):
            what = f"putting aside, {error} from {call} {at} of {total}"
            database = place.fresh()
            with locked(database):
                result, _ = traced(QUIET, database, call, f"error={error}:when={at}+", only=only, folder=True)
            points += 1
            check(result.returncode in (0, 3), f"{what}: {result}")
            if result.returncode == 3 and b"is lost" in result.stderr:
                lost += 1
            result = record(database)
            check(result.returncode == 0, f"{what}: {result.stderr}")
            snapshots, failed = account(database)
            check(snapshots + failed == 4, f"{what}: {snapshots} snapshots, {failed} failed")
    check(lost > 2, f"{lost} of {points}")
    print(f"putting aside: {points} failures, {lost} snapshots lost and told")


def try_hostile(place):
    """What lies in the place of a spool file is kept, told and accounted for, and nothing stops."""
    database = place.fresh()
    spool = f"{database}.spool-1"
    good = pathlib.Path(spool).read_bytes()
    other = place.folder.parent / "other"
    other.write_bytes(b"another file\n")

    def content(data):
        return lambda: pathlib.Path(spool).write_bytes(data)

    def instead(make):
        def change():
            os.unlink(spool)
            make()
        return change

    flipped = bytearray(good)
    flipped[len(good) // 2] ^= 4
    kinds = {
        "empty": content(b""), "cut off": content(good[:-1]), "cut short": content(good[:4000]),
        "one bit": content(bytes(flipped)), "random": content(os.urandom(70_000)),
        "text": content(b"sockwitness spool 1\n" * 100), "longer": content(good + b"\n"),
        "huge": lambda: os.truncate(spool, 1 << 30),
        "a link": instead(lambda: os.symlink(other, spool)), "a directory": instead(lambda: os.mkdir(spool)),
        "a fifo": instead(lambda: os.mkfifo(spool)), "two names": lambda: os.link(spool, f"{database}.two"),
        "another owner": lambda: os.chown(spool, NOBODY, NOBODY), "for others": lambda: os.chmod(spool, 0o620),
    }
    for what, change in kinds.items():
        database = place.fresh()
        change()
        result = run(*QUIET, "--db", database)
        check(result.returncode == 0 and b"is not taken in: " in result.stderr and
              b"it is kept as" in result.stderr, f"{what}: {result}")
        check(os.path.lexists(f"{spool}.refused"), f"{what}: not kept")
        result = run(*QUIET, "--db", database)
        check(result.returncode == 0 and result.stderr == b"", f"{what}: told again {result.stderr}")
        check(account(database) == (3, 1), f"{what}: {account(database)}")
    # From another database, and one whose number runs away.
    database = place.fresh()
    for path in place.folder.glob("witness.db"):
        path.unlink()
    os.unlink(f"{database}.lock")
    check(record(database).returncode == 0, "a new database")
    check(os.path.lexists(f"{spool}.refused"), "from another database: taken in")
    shutil.copy(f"{spool}.refused", f"{database}.spool-4294967295")
    check(run(*QUIET, "--db", database).returncode == 0, "the last number")
    print(f"hostile: {len(kinds) + 2} kinds")


def try_bad_spool_while_locked(place):
    """A directory in the place of the unfinished file: the run is missed, and says so."""
    database = place.fresh()
    os.mkdir(f"{database}.spool-new")
    with locked(database):
        result = run(*QUIET, "--db", database)
        check(result.returncode == 3 and b"is lost" in result.stderr, f"{result}")
    os.rmdir(f"{database}.spool-new")
    check(record(database).returncode == 0 and account(database) == (3, 1), f"{account(database)}")


def try_read_only(place):
    """The file cannot be written, its directory can: the snapshot waits, and a person must do something."""
    database = place.fresh()
    script = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'
    result = run("unshare", "--mount", "sh", "-c", script, "sh", database, *QUIET, "--db", database)
    check(result.returncode == 3 and b"not writable" in result.stderr and b"waits in" in result.stderr, f"{result}")
    check(record(database).returncode == 0 and account(database) == (4, 0), f"{account(database)}")


def try_crowd(place):
    """Twenty at once before a locked database: put aside or skipped, all of them accounted for."""
    database = place.fresh()
    with locked(database):
        crowd = [subprocess.Popen([RECORDER, "snapshot", "--db", database], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE) for _ in range(20)]
        said = [member.communicate(timeout=120)[1] for member in crowd]
        check(all(member.returncode == 0 for member in crowd), f"crowd: {said}")
    aside = sum(b"waits in" in text for text in said)
    skipped = sum(b"skipped" in text for text in said)
    check(aside + skipped == 20 and aside >= 1, f"{aside} and {skipped}: {said}")
    check(record(database).returncode == 0, "after the crowd")
    snapshots, failed = account(database)
    missed = rows_of(database, "SELECT total(runs) FROM missed WHERE kind = 1")[0][0]
    check((snapshots, failed, missed) == (aside + 3, 0, skipped), f"{snapshots}, {failed}, {missed}")
    print(f"crowd: {aside} put aside, {skipped} skipped")


def try_loop(place):
    """A loop goes on before a locked database and catches up when it is free."""
    database = place.fresh()
    with locked(database):
        loop = subprocess.Popen([RECORDER, "loop", "--every", "1s", "--quiet", "--db", database],
                                stderr=subprocess.PIPE)
        for _ in range(200):
            time.sleep(0.05)
            if len(waiting(database)) >= 3:
                break
    for _ in range(200):
        time.sleep(0.05)
        if not waiting(database):
            break
    loop.send_signal(signal.SIGTERM)
    _, err = loop.communicate(timeout=60)
    check(loop.returncode == 0 and waiting(database) == [], f"{loop.returncode} {waiting(database)} {err}")
    snapshots, failed = account(database)
    check(snapshots >= 5 and failed == 0 and len(deferred(database)) >= 3, f"{snapshots}, {failed}, {err}")


def main():
    require_faults()
    with scratch() as folder:
        place = Place(folder)
        slow = (try_baseline,) if LONG else ()
        for attempt in (try_reader, try_exclusive, try_hostile, try_bad_spool_while_locked, try_read_only, try_no_locks,
                        try_crowd, try_loop, try_failures, try_kills, try_kills_of_taking_in, *slow):
            began = time.monotonic()
            attempt(place)
            print(f"{attempt.__name__}: {time.monotonic() - began:.1f} s")
    done("spool")


main()
