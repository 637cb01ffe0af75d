#!/usr/bin/env python3
"""A recorder killed, or failed by its disk, at every system call that writes: nothing is lost.

In:    the folder of the programs; strace, which kills or fails a chosen call (root only).
Out:   after each: earlier rows as they were, at most one snapshot more, the next run succeeds
       without help, a failed run is accounted for. The same on a disk that fills up.
Never: waits for a call that is not made: N rises until the run is not hit any more.
"""
import os
import shutil
import subprocess

from faults import chosen, require_faults, settle, traced
from programs import clear, LONG, QUESTIONS, RECORDER, all_rows, ask, check, done, record, scratch

SNAPSHOT = (RECORDER, "snapshot")

KILLED_CALLS = ["pwrite64", "fdatasync", "fsync", "unlink", "openat", "ftruncate"]
if LONG:
    KILLED_CALLS += ["fcntl", "flock", "close", "fstat", "pread64"]
FAILED_CALLS = [("pwrite64", "ENOSPC"), ("pwrite64", "EIO"), ("fdatasync", "EIO"), ("fsync", "EIO"),
                ("unlink", "EIO")]


def numbers(rows):
    return sorted(row[0] for row in rows["snapshot"])


def check_kept(before, database, what, recorded=None):
    """`recorded`: how many snapshots more there must be; None: none or one."""
    answer = ask(database, QUESTIONS[0])
    check(answer.returncode == 0, f"{what}: a reader says {answer.stderr}")
    rows = settle(database)
    for table, content in before.items():
        check(content <= rows[table], f"{what}: rows of {table} were lost or changed")
    more = len(numbers(rows)) - len(numbers(before))
    check(more in ((0, 1) if recorded is None else (recorded,)), f"{what}: {more} snapshots more")
    return rows


def check_next_run(database, what, after, failed_runs=0):
    """A mark or a journal that was left behind tells of one failed run more; the journal is kept."""
    journal = str(database) + "-journal"
    with open(str(database) + ".lock", "rb") as lock:
        marked = any(line.startswith(b"running ") for line in lock)
    left = os.path.exists(journal) and os.path.getsize(journal) > 0
    result = record(database)
    check(result.returncode == 0, f"{what}: the next run says {result.stderr}")
    now = settle(database)
    check(numbers(now) == list(range(1, len(numbers(after)) + 2)), f"{what}: {numbers(now)}")
    check(not os.path.exists(journal), f"{what}: a journal is left")
    check(os.path.exists(journal + ".kept-1") == left and (b"is kept as" in result.stderr) == left,
          f"{what}: the journal was not kept, or nobody told: {result.stderr}")
    failed = [row for row in now["missed"] if row[2] == 2]
    gave_none = len(numbers(after)) == 2
    expected = max(failed_runs, marked or left) if gave_none else 0
    check(len(failed) == expected, f"{what}: {len(failed)} failed runs are told of")


def start(folder, base):
    clear(folder, "witness.db*")
    shutil.copy(base, folder / "witness.db")
    shutil.copy(str(base) + ".lock", folder / "witness.db.lock")
    return folder / "witness.db"


def try_kills(folder, base, before):
    kills = {}
    for call in KILLED_CALLS:
        _, total = traced(SNAPSHOT, start(folder, base), call, "")
        for at in chosen(total):
            what = f"killed at {call} {at} of {total}"
            database = start(folder, base)
            result, _ = traced(SNAPSHOT, database, call, f"signal=KILL:when={at}")
            kills[call] = kills.get(call, 0) + (result.returncode != 0)
            after = check_kept(before, database, what)
            check_next_run(database, what, after)
    check(kills.get("pwrite64", 0) > 2 and kills.get("unlink", 0) > 0, f"hardly a kill: {kills}")
    print(f"kills: {kills}")


def try_interrupt(folder, base, before):
    """A signal that can be caught, while the lock is taken: the run ends with a message and a note."""
    for name in ("INT", "TERM", "HUP"):
        database = start(folder, base)
        result, _ = traced(SNAPSHOT, database, "flock", f"signal={name}:when=1")
        what = f"SIG{name}: {result.returncode} {result.stderr}"
        check(result.returncode == 130 and f"interrupted by SIG{name}".encode() in result.stderr, what)
        after = check_kept(before, database, what, 0)
        check_next_run(database, what, after, 1)


def try_failures(folder, base, before):
    failures = {}
    for call, error in FAILED_CALLS:
        _, total = traced(SNAPSHOT, start(folder, base), call, "", only=("", "-journal"))
        for at in chosen(total):
            what = f"{error} from {call} {at} of {total} on"
            database = start(folder, base)
            result, _ = traced(SNAPSHOT, database, call, f"error={error}:when={at}+",
                               only=("", "-journal"))
            check(result.returncode in (0, 3), f"{what}: exit {result.returncode}")
            failed = result.returncode == 3
            failures[f"{call} {error}"] = failures.get(f"{call} {error}", 0) + failed
            check(failed == bool(result.stderr.startswith(b"sockwitness-recorder: writing") or
                                 result.stderr.startswith(b"sockwitness-recorder: opening")),
                  f"{what}: {result.stderr}")
            # Where the last step of a commit fails it may be recorded or not, but never half.
            after = check_kept(before, database, what, None if failed else 1)
            check_next_run(database, what, after, int(failed))
    check(failures.get("pwrite64 ENOSPC", 0) > 2, f"hardly a failure: {failures}")
    print(f"failures: {failures}")


def try_full_disk(folder, base, before):
    mount = folder / "disk"
    mount.mkdir()
    need = 4 * os.path.getsize(base)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={need}", "none", mount],
                          capture_output=True, check=False)
    if made.returncode != 0:
        print(f"left out: no disk can be filled here ({made.stderr.decode().strip()})")
        return
    outcomes = {0: 0, 3: 0}
    try:
        size = os.path.getsize(base)
        for free in range(0, size, 4096 if LONG else 4096 * 9):
            database = start(mount, base)
            filler = mount / "filler"
            status = os.statvfs(mount)
            with open(filler, "wb") as file:
                os.posix_fallocate(file.fileno(), 0,
                                   max(1, status.f_bavail * status.f_frsize - free))
            result = record(database)
            what = f"{free} bytes free"
            check(result.returncode in (0, 3), f"{what}: exit {result.returncode}")
            outcomes[result.returncode] += 1
            check(result.returncode == 0 or b"no space" in result.stderr.lower(),
                  f"{what}: {result.stderr}")
            filler.unlink()
            after = check_kept(before, database, what, 1 if result.returncode == 0 else 0)
            check_next_run(database, what, after, int(result.returncode == 3))
    finally:
        subprocess.run(["umount", mount], check=False)
    check(outcomes[0] > 0 and outcomes[3] > 0, f"the disk was never full, or never not: {outcomes}")
    print(f"full disk, exit codes: {outcomes}")


def main():
    require_faults()
    with scratch() as folder:
        base = folder / "base.db"
        for _ in range(2):
            check(record(base).returncode == 0, "the runs before")
        before = all_rows(base)
        try_kills(folder, base, before)
        try_interrupt(folder, base, before)
        try_failures(folder, base, before)
        try_full_disk(folder, base, before)
    done("kills")


main()
