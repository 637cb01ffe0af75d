#!/usr/bin/env python3
"""Memory runs out during a snapshot, at one request or from one on: a clear end, and an account of the run.

In:    the folder of the programs, with the library that lets requests for memory fail.
Out:   a snapshot, or exit code 3 with a message; the file whole; then snapshots and missed runs add up to
       the runs that were started, but for those that said themselves that they are in no account.
Never: relies on how many requests a snapshot makes.
"""
import contextlib
import os
import pathlib
import shutil
import sqlite3

from programs import BIN, LONG, RECORDER, SANITIZED, check, done, open_rows, run, scratch, skip

LIBRARY = BIN / "failing_malloc.so"
POINTS = 300 if LONG else 12


def attempt(database, log, at=0, forever=False):
    environment = dict(os.environ, LD_PRELOAD=str(LIBRARY), FAILING_MALLOC_LOG=str(log))
    if at:
        environment["FAILING_MALLOC_AT"] = str(at)
    if forever:
        environment["FAILING_MALLOC_FOREVER"] = "1"
    log.unlink(missing_ok=True)
    result = run(RECORDER, "snapshot", "--quiet", "--db", database, env=environment)
    return result, log.read_text() if log.exists() else ""


def account(database):
    with contextlib.closing(open_rows(database)) as rows:
        check(rows.execute("PRAGMA integrity_check").fetchone() == ("ok",), "integrity")
        seqs = [seq for (seq,) in rows.execute("SELECT seq FROM snapshot ORDER BY seq")]
        check(seqs == list(range(1, len(seqs) + 1)), f"numbers {seqs}")
        failed = rows.execute("SELECT total(runs) FROM missed WHERE kind = 2").fetchone()[0]
    return len(seqs), int(failed)


def fresh(folder, base):
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base, folder)
    return folder / "witness.db"


def choose(total):
    """Where the command line is read, where the lock is taken, and all over the rest."""
    dense = range(1, 60, 3 if LONG else 19)
    return sorted({*dense, *(1 + total * step // POINTS for step in range(POINTS)), total})


def try_all(folder, base, blocked):
    """`blocked`: a reader keeps the database, so that the snapshot is put aside."""
    work = folder / "work"
    log = folder / "log"

    @contextlib.contextmanager
    def kept(database):
        reader = sqlite3.connect(database, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM snapshot").fetchall()
        try:
            yield
        finally:
            reader.close()

    hold = kept if blocked else contextlib.nullcontext
    database = fresh(work, base)
    with hold(database):
        result, text = attempt(database, log)
    check(result.returncode == 0 and "requests " in text, f"not failing: {result} {text}")
    total = int(text.split("requests ")[1].split()[0])
    there = len(list(base.glob("*.db.spool-*"))) + 1
    tried = {"once": 0, "from then on": 0}
    failures = lost = 0
    points = choose(total)
    for at in points if not blocked or LONG else points[1::3]:
        for how, forever in (("once", False), ("from then on", True)):
            what = f"request {at} of {total} fails, {how}"
            database = fresh(work, base)
            with hold(database):
                result, text = attempt(database, log, at, forever)
            tried[how] += "failed " in text
            check(result.returncode in (0, 3), f"{what}: exit {result.returncode} {result.stderr}")
            check(result.returncode == 0 or result.stderr.startswith(b"sockwitness-recorder: "),
                  f"{what}: {result.stderr}")
            failures += result.returncode == 3
            none = b"in no account" in result.stderr
            lost += none
            after = run(RECORDER, "snapshot", "--quiet", "--db", database)
            check(after.returncode == 0, f"{what}: the next run says {after.stderr}")
            snapshots, failed = account(database)
            check(snapshots + failed == there + 2 - none,
                  f"{what}: {snapshots} snapshots, {failed} failed, told as lost {none}: {result.stderr}")
    check(min(tried.values()) > 3 and failures > 3, f"{tried}, {failures} failures")
    print(f"{'put aside' if blocked else 'written'}: {tried} of {total} requests failed, {failures} runs gave "
          f"nothing, {lost} of them said that they are in no account")


def main():
    if not LIBRARY.exists():
        skip("built without the library that lets requests for memory fail")
    if SANITIZED:
        skip("a sanitizer has a malloc of its own")
    with scratch() as folder:
        base = folder / "base"
        base.mkdir()
        database = base / "witness.db"
        check(run(RECORDER, "snapshot", "--db", database).returncode == 0, "the run before")
        try_all(folder, base, False)
        # One waits already: whoever keeps the database now is not waited for as long.
        reader = sqlite3.connect(fresh(folder / "place", base), isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM snapshot").fetchall()
        result = run(RECORDER, "snapshot", "--db", folder / "place" / "witness.db")
        check(result.returncode == 0 and b"waits in" in result.stderr, f"{result}")
        shutil.copy(folder / "place" / "witness.db.spool-1", base)
        reader.close()
        try_all(folder, base, True)
        check(pathlib.Path(f"{database}.spool-1").exists(), "nothing waited")
    done("run_memory")


main()
