#!/usr/bin/env python3
"""What the recorder writes to, and what stops it: others' files, odd names, limits, signals.

In:    the folder of the programs; a small database.
Out:   a message, the exit code that the help promises, an account of the run that gave nothing.
Never: another file than the one that was named, or a failed run that nobody hears of.
"""
import contextlib
import os
import pathlib
import shutil
import signal
import sqlite3
import stat
import subprocess

from programs import QUERY, RECORDER, SANITIZED, ask, check, clear, done, record, refused, run, scratch

NOBODY = 65534


def reasons(database):
    with contextlib.closing(sqlite3.connect(database)) as rows:
        return [text.decode() for (text,) in rows.execute(
            "SELECT bytes FROM missed JOIN text ON text.id = missed.reason")]


def fresh(folder, base):
    clear(folder, "witness.db*")
    shutil.copy(base, folder / "witness.db")
    return folder / "witness.db"


def try_names(folder, base):
    """A name that SQLite would take for something else is the name of a file."""
    for name in ("file:witness.db?mode=rwc", ":memory:", "file::memory:"):
        work = folder / "names"
        work.mkdir()
        (work / "witness.db").symlink_to(base)
        before = base.read_bytes()
        result = run(RECORDER, "snapshot", "--db", name, cwd=work)
        check(result.returncode == 0 and (work / name).is_file(), f"{name}: {result.stderr}")
        check(base.read_bytes() == before, f"{name}: wrote through a link")
        result = run(QUERY, "snapshots", "--db", name, cwd=work)
        check(result.returncode == 0 and b"#1" in result.stdout, f"{name}: {result.stderr}")
        shutil.rmtree(work)
    for program in (RECORDER, QUERY):
        result = run(program, "snapshots" if program == QUERY else "snapshot", "--db", "")
        check(result.returncode == 2, f"--db '': {result}")


def try_owners(folder, base):
    def loosened(name, change, word):
        database = fresh(folder, base)
        check(record(database).returncode == 0, "before")
        before = database.read_bytes()
        change(database, pathlib.Path(str(database) + ".lock"))
        refused(record(database), name, word)
        check(database.read_bytes() == before, f"{name}: written all the same")

    loosened("group", lambda file, lock: file.chmod(0o660), "others may write it")
    loosened("world", lambda file, lock: file.chmod(0o602), "others may write it")
    loosened("lock of all", lambda file, lock: lock.chmod(0o646), "others may write it")
    loosened("two names", lambda file, lock: os.link(lock, str(lock) + ".2"), "more than one name")
    loosened("fifo", lambda file, lock: (lock.unlink(), os.mkfifo(lock, 0o640)), "not a regular")
    loosened("folder", lambda file, lock: folder.chmod(0o777), "everybody may replace it")
    folder.chmod(0o1777)  # as /tmp
    check(record(folder / "witness.db").returncode == 0, "a sticky directory")
    folder.chmod(0o755)
    if os.geteuid() == 0:
        loosened("owner", lambda file, lock: os.chown(file, NOBODY, NOBODY), "another user")
        loosened("owner of the lock", lambda file, lock: os.chown(lock, NOBODY, NOBODY),
                 "another user")
    old = os.umask(0)
    database = folder / "open.db"
    check(record(database).returncode == 0, "under umask 0")
    os.umask(old)
    lock = pathlib.Path(str(database) + ".lock")
    for path, mode in ((database, 0o640), (lock, 0o600)):
        check(stat.S_IMODE(path.stat().st_mode) == mode, f"{path}: made with another mode")
    lock.chmod(0o644)
    check(record(database).returncode == 0 and stat.S_IMODE(lock.stat().st_mode) == 0o600,
          "a lock file that others may read, and so keep locked")


def try_limits(folder, base):
    database = fresh(folder, base)
    record(database)
    result = run("sh", "-c", 'ulimit -f 8 && exec "$@"', "sh", RECORDER, "snapshot", "--db", database)
    refused(result, "ulimit -f", "file size limit (ulimit -f)")
    check(record(database).returncode == 0, "after ulimit -f")
    check(any("file size limit" in reason for reason in reasons(database)), reasons(database))
    if SANITIZED:
        print("left out with sanitizers: address spaces that are too small")
        return
    aborted = [size for size in range(16, 160, 8)
               if run("prlimit", f"--as={size}000000", RECORDER, "snapshot", "-q", "--db",
                      database).returncode not in (0, 3, 127)]
    check(not aborted, f"with so many MB it does not end in good order: {aborted}")


def try_signals(folder, base):
    database = fresh(folder, base)
    for number, name in ((signal.SIGINT, "SIGINT"), (signal.SIGTERM, "SIGTERM")):
        # Waiting since before the program began, so that it cannot come too late.
        result = run("sh", "-c", 'exec "$@"', "sh", RECORDER, "snapshot", "--db", database,
                     preexec_fn=lambda number=number: (
                         signal.pthread_sigmask(signal.SIG_BLOCK, [number]),
                         os.kill(os.getpid(), number)))
        check(result.returncode == 130 and f"interrupted by {name}".encode() in result.stderr,
              f"{name}: {result}")
    check(record(database).returncode == 0, "after the signals")
    told = reasons(database)
    check(sum("interrupted" in reason for reason in told) == 2, f"interrupted runs: {told}")


def try_streams(folder, base):
    database = fresh(folder, base)

    def shell(redirection):
        return run("sh", "-c", f'exec "$@" {redirection}', "sh", RECORDER, "snapshot", "--db",
                   database)

    for redirection in (">/dev/full", ">&-"):
        result = shell(redirection)
        check(result.returncode == 3 and b"writing the answer" in result.stderr and
              b"recorded all the same" in result.stderr, f"{redirection}: {result}")
    for redirection in ("2>&-", "2>/dev/full", "<&-", "2>&- <&-"):
        check(shell(redirection).returncode == 0, f"{redirection}: {shell(redirection)}")
    with contextlib.closing(sqlite3.connect(database)) as rows:
        check(rows.execute("PRAGMA integrity_check").fetchone() == ("ok",), "integrity")
    closed = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", QUERY, "show", "--db", database],
                            capture_output=True, check=False)
    check(closed.returncode == 3, f"a question without standard output: {closed}")
    check(ask(database, ["snapshots"]).returncode == 0, "afterwards")


def main():
    with scratch() as folder:
        base = folder / "base.db"
        check(record(base).returncode == 0, "the run before")
        work = folder / "work"
        work.mkdir()
        for attempt in (try_names, try_owners, try_limits, try_signals, try_streams):
            attempt(work, base)
    done("guards")


main()
