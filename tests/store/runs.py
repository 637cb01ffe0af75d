#!/usr/bin/env python3
"""Every run that gives no snapshot is accounted for by the next one that does, or says that it is not.

In:    the folder of the programs; strace, which fails or kills a chosen call (root only).
Out:   after each failure: exit code 3 and a message that names the file, the reason and what to do, also
       under --quiet; then snapshots and missed runs add up to the runs that were started.
Never: takes a lock that fails for one that is held.
"""
import contextlib
import fcntl
import os
import pathlib
import shutil
import sqlite3
import struct
import subprocess
import time

from faults import chosen, require_faults, traced
from programs import LONG, RECORDER, check, done, open_rows, record, run, scratch

QUIET = (RECORDER, "snapshot", "--quiet")
NOBODY = 65534
NO_ACCOUNT = b"in no account"


def accounts(database):
    """How many snapshots, failed runs and skipped runs the file tells of."""
    with contextlib.closing(open_rows(database)) as rows:
        check(rows.execute("PRAGMA integrity_check").fetchone() == ("ok",), "integrity")
        seqs = [seq for (seq,) in rows.execute("SELECT seq FROM snapshot ORDER BY seq")]
        check(seqs == list(range(1, len(seqs) + 1)), f"numbers {seqs}")
        missed = dict(rows.execute("SELECT kind, sum(runs) FROM missed GROUP BY kind"))
    return len(seqs), missed.get(2, 0), missed.get(1, 0)


def told(result, what):
    """A failure with a reason and a hint."""
    check(result.returncode == 3, f"{what}: exit {result.returncode} {result.stderr}")
    lines = result.stderr.decode(errors="replace").splitlines()
    check(any(line.startswith("sockwitness-recorder: ") and "'" in line for line in lines) and
          any(line.startswith("  ") for line in lines), f"{what}: {lines}")


class Place:
    """A database of one snapshot in a folder of its own, as often as it is wanted."""

    def __init__(self, folder):
        self.folder = folder / "place"
        self.base = folder / "base.db"
        check(record(self.base).returncode == 0, "the run before")

    def fresh(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o755)
        for suffix in ("", ".lock"):
            shutil.copy(f"{self.base}{suffix}", self.folder / f"witness.db{suffix}")
        return self.folder / "witness.db"


def check_account(database, what, runs, told_none=0):
    """`runs` were started since the first snapshot; of `told_none` the message said that they are lost."""
    result = record(database)
    check(result.returncode == 0, f"{what}: the next run says {result.stderr}")
    snapshots, failed, _ = accounts(database)
    check(snapshots + failed == runs + 2 - told_none,
          f"{what}: {runs} runs, {told_none} told as lost, {snapshots} snapshots, {failed} failed")
    return snapshots, failed


def try_lock_errors(place):
    for error in ("ENOLCK", "EIO", "EINTR", "EOPNOTSUPP", "ENOSYS", "EINVAL", "EBADF", "ENOMEM"):
        database = place.fresh()
        result, calls = traced(QUIET, database, "flock", f"error={error}")
        check(calls > 0, "no flock to fail")
        told(result, f"flock {error}")
        check(f"{database}.lock".encode() in result.stderr, f"flock {error}: {result.stderr}")
        check_account(database, f"flock {error}", 1)
    database = place.fresh()
    with open(f"{database}.lock", "r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = run(*QUIET, "--db", database)
        check(result.returncode == 0 and result.stderr == b"", f"skipped, quiet: {result}")
        result = run(RECORDER, "snapshot", "--strict", "--db", database)
        check(result.returncode == 4 and b"skipped" in result.stderr, f"skipped, strict: {result}")
    check(record(database).returncode == 0, "after the overlap")
    check(accounts(database) == (2, 0, 2), f"skipped runs: {accounts(database)}")


def try_stuck(place):
    """Another run that has been under way for a long time is told of, also under --quiet."""
    database = place.fresh()
    lock = pathlib.Path(f"{database}.lock")
    began = (int(time.time()) - 3600) * 1_000_000
    text = lock.read_bytes().replace(b"\n\n", f"\nrunning {began} 5 looking\n".encode(), 1)
    lock.write_bytes(text[:4096])
    with open(lock, "r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        result = run(*QUIET, "--db", database)
        check(result.returncode == 0 and b"since " in result.stderr, f"stuck: {result}")
    result = record(database)
    check(b"ended before it was done" in result.stderr, f"a run that was killed: {result}")
    check(accounts(database) == (2, 1, 1), f"after the stuck run: {accounts(database)}")


def try_injections(place):
    """Each call on the lock file fails once, and from then on, with what it may fail with."""
    tried = failures = lost = 0
    calls = {"openat": ("EACCES", "EMFILE", "EROFS"), "fstat": ("EIO",), "newfstatat": ("EIO",),
             "fcntl": ("ENOLCK", "EIO", "EINTR"), "pread64": ("EIO", "EINTR"),
             "pwrite64": ("ENOSPC", "EIO", "EINTR"), "fdatasync": ("EIO", "ENOSPC"), "fchmod": ("EPERM",),
             "unlink": ("EIO",), "close": ("EIO",)}
    for call, errors in calls.items():
        _, total = traced(QUIET, place.fresh(), call, "", only=(".lock",))
        kinds = [(error, forever) for error in errors for forever in ("+", "")]
        points = [(at, *kind) for at in chosen(total) for kind in kinds]
        for at, error, forever in points if LONG else points[::len(kinds) + 1]:
            what = f"{error} from {call} {at}{forever} of {total}"
            database = place.fresh()
            result, _ = traced(QUIET, database, call, f"error={error}:when={at}{forever}",
                               only=(".lock",))
            tried += 1
            check(result.returncode in (0, 3), f"{what}: exit {result.returncode}")
            if result.returncode == 3:
                told(result, what)
                failures += 1
            none = NO_ACCOUNT in result.stderr
            lost += none
            check_account(database, what, 1, none)
    check(tried > 10 and failures > 3, f"{tried} injections, {failures} failures")
    print(f"lock file: {tried} injections, {failures} failed runs, {lost} told as lost")


def try_kills(place):
    """A run that is killed once it is marked is missed; before that nobody can know of it."""
    kills = marked = 0
    for call in ("pwrite64", "fdatasync", "pread64", "openat", "unlink") + (("fcntl", "close", "fstat")
                                                                            if LONG else ()):
        _, total = traced(QUIET, place.fresh(), call, "")
        for at in chosen(total):
            what = f"killed at {call} {at} of {total}"
            database = place.fresh()
            result, _ = traced(QUIET, database, call, f"signal=KILL:when={at}")
            kills += result.returncode != 0
            lines = pathlib.Path(f"{database}.lock").read_bytes().split(b"\n")
            mark = any(line.startswith(b"running ") for line in lines)
            marked += mark
            result = record(database)
            check(result.returncode == 0, f"{what}: {result.stderr}")
            snapshots, failed, _ = accounts(database)
            check(failed <= 1 and (not mark or snapshots + failed == 3),
                  f"{what}, marked {mark}: {snapshots} snapshots, {failed} failed")
            check(b"ended before it was done" in result.stderr or not failed, f"{what}: {result.stderr}")
    check(kills > 8 and marked > 6, f"{kills} kills, {marked} of them marked")
    print(f"killed runs: {kills}, {marked} of them after their mark")


def try_damage(place):
    """A lock file that says nothing, or half of it: the run goes on, and what is lost is accounted for."""
    good = pathlib.Path(f"{place.base}.lock").read_bytes()
    note = b"1796024223014797 failed 1 no space left\n"
    pad = lambda text: text + b"\n" * (4096 - len(text))
    contents = {"random": os.urandom(4096).replace(b"\n", b"x"), "zeros": bytes(4096),
                "torn commit": pad(good[:20]), "torn note": pad(good.rstrip(b"\n") + b"\n" + note[:19]),
                "text": b"hello\n", "long": good + b"garbage\n" * 2000, "empty": b"",
                "short": good[:60], "note": pad(good.rstrip(b"\n") + b"\n" + note)}
    harmless = {"empty": 0, "short": 0, "note": 1, "long": 0}
    for what, content in contents.items():
        database = place.fresh()
        pathlib.Path(f"{database}.lock").write_bytes(content)
        result = record(database)
        check(result.returncode == 0, f"{what}: {result.stderr}")
        _, failed, _ = accounts(database)
        if what in harmless:
            check(failed == harmless[what], f"{what}: {failed} failed")
        else:
            check(failed >= 1 and b"damaged line" in result.stderr, f"{what}: {failed} {result.stderr}")
        check(pathlib.Path(f"{database}.lock").read_bytes()[:10] == b"committed ", f"{what}: not mended")


def spoil_head(at, content):
    def change(database):
        with open(database, "r+b") as file:
            file.seek(at)
            file.write(content)
    return change


def replace(path, make):
    """Something else in the place of a file, which is kept."""
    os.rename(path, f"{path}.away")
    make(path)


def mend(path):
    if os.path.lexists(f"{path}.away"):
        if os.path.isdir(path) and not os.path.islink(path):
            os.rmdir(path)
        elif os.path.lexists(path):
            os.unlink(path)
        os.rename(f"{path}.away", path)


def try_refusals(place):
    """What is refused at sight, one after the other, and mended again."""
    other = place.folder.parent / "other"
    other.write_bytes(b"another file\n")
    lock = lambda database: f"{database}.lock"
    kinds = {
        "a link": (lambda d: replace(d, lambda p: os.symlink(other, p)), mend),
        "two names": (lambda d: os.link(d, f"{d}.two"), lambda d: os.unlink(f"{d}.two")),
        "another owner": (lambda d: os.chown(d, NOBODY, NOBODY), lambda d: os.chown(d, 0, 0)),
        "others may write": (lambda d: os.chmod(d, 0o666), lambda d: os.chmod(d, 0o640)),
        "a directory": (lambda d: replace(d, os.mkdir), mend),
        "a fifo": (lambda d: replace(d, os.mkfifo), mend),
        "no database": (lambda d: replace(d, lambda p: shutil.copy(other, p)), mend),
        "newer": (spoil_head(60, struct.pack(">I", 99)), spoil_head(60, pathlib.Path(place.base).read_bytes()[60:64])),
        "foreign": (spoil_head(68, b"abcd"), spoil_head(68, b"SkWt")),
        "cut off": (lambda d: (shutil.copy(d, f"{d}.away"), os.truncate(d, 8192)), mend),
        "damaged": (lambda d: (shutil.copy(d, f"{d}.away"), spoil_head(100, os.urandom(3000))(d)), mend),
        "a directory for its journal": (lambda d: os.mkdir(f"{d}-journal"),
                                        lambda d: os.rmdir(f"{d}-journal")),
        "a log": (lambda d: pathlib.Path(f"{d}-wal").write_bytes(b"x" * 100),
                  lambda d: os.unlink(f"{d}-wal")),
        "open to all": (lambda d: os.chmod(d.parent, 0o777), lambda d: os.chmod(d.parent, 0o755)),
        "the lock a link": (lambda d: replace(lock(d), lambda p: os.symlink(other, p)),
                            lambda d: mend(lock(d))),
        "the lock with two names": (lambda d: os.link(lock(d), f"{d}.two"),
                                    lambda d: os.unlink(f"{d}.two")),
        "the lock of another": (lambda d: os.chown(lock(d), NOBODY, NOBODY),
                                lambda d: os.chown(lock(d), 0, 0)),
        "the lock open to others": (lambda d: os.chmod(lock(d), 0o622), lambda d: os.chmod(lock(d), 0o600)),
        "the lock a directory": (lambda d: replace(lock(d), os.mkdir), lambda d: mend(lock(d))),
        "all gone": (lambda d: os.rename(d.parent, f"{d.parent}.away"),
                     lambda d: os.rename(f"{d.parent}.away", d.parent)),
    }
    unaccounted = []
    for what, (spoil, repair) in kinds.items():
        database = place.fresh()
        spoil(database)
        result = run(*QUIET, "--db", database)
        told(result, what)
        result_again = run(*QUIET, "--db", database)
        repair(database)
        none = (NO_ACCOUNT in result.stderr) + (NO_ACCOUNT in result_again.stderr)
        if none:
            unaccounted.append(what)
        check_account(database, what, 2, none)
        check(not os.path.exists(f"{database}.missed"), f"{what}: notes are left aside")
    check(unaccounted == ["all gone"], f"told as lost: {unaccounted}")
    print(f"refused at sight: {len(kinds)} kinds, twice each")


def try_read_only(place):
    """Nothing beside the database can be written: the message says so."""
    database = place.fresh()
    view = place.folder.parent / "view"
    view.mkdir(exist_ok=True)
    script = 'mount --bind "$1" "$2" && mount -o remount,bind,ro "$2" && shift 2 && exec "$@"'
    result = run("unshare", "--mount", "sh", "-c", script, "sh", place.folder, view, *QUIET, "--db",
                 view / "witness.db")
    told(result, "read-only")
    check(NO_ACCOUNT in result.stderr, f"read-only: {result.stderr}")
    check_account(database, "read-only", 1, 1)


def try_no_lock_file(place):
    """A lock file is made to note a run of a database of ours, and never beside another program's."""
    database = place.fresh()
    os.unlink(f"{database}.lock")
    os.chmod(database, 0o666)
    told(run(*QUIET, "--db", database), "others may write, without a lock file")
    os.chmod(database, 0o640)
    check_account(database, "without a lock file", 1)
    other = place.folder / "other.db"
    other.write_bytes(b"another file\n")
    result = run(*QUIET, "--db", other)
    told(result, "another program's")
    check(NO_ACCOUNT in result.stderr, f"another program's: {result.stderr}")
    check(sorted(path.name for path in place.folder.glob("other*")) == ["other.db"], "made a file beside it")


def try_loop(place):
    """Turns of a loop that fail, each in another way, are accounted for, and the loop goes on."""
    database = place.fresh()
    log = f"{database}.strace"
    loop = subprocess.Popen(["strace", "-f", "-qq", "-o", log, "-e", "trace=flock", "-e",
                             "inject=flock:error=EIO:when=2..3", RECORDER, "loop", "--every", "300ms",
                             "--quiet", "--db", database], stderr=subprocess.PIPE, start_new_session=True)
    for _ in range(200):
        time.sleep(0.05)
        if accounts(database)[0] >= 4:
            break
    children = subprocess.run(["pgrep", "-P", str(loop.pid)], capture_output=True, check=True).stdout
    os.kill(int(children.split()[0]), 15)
    _, err = loop.communicate(timeout=30)
    os.unlink(log)
    snapshots, failed, _ = accounts(database)
    check(snapshots >= 4 and failed == 2 and err.count(b"Input/output error") == 2,
          f"loop: {snapshots} snapshots, {failed} failed, {err}")


def try_late_and_failed(place):
    """Turns that are left out before one that fails are told as well."""
    database = place.fresh()
    log = f"{database}.strace"
    # The first turn takes two seconds, the second fails.
    loop = subprocess.Popen(["strace", "-f", "-qq", "-o", log, "-e", "trace=flock,fdatasync", "-e",
                             "inject=fdatasync:delay_exit=2000000:when=1", "-e", "inject=flock:error=EIO:when=2",
                             RECORDER, "loop", "--every", "300ms", "--quiet", "--db", database],
                            stderr=subprocess.PIPE, start_new_session=True)
    for _ in range(200):
        time.sleep(0.05)
        if accounts(database)[0] >= 3:
            break
    children = subprocess.run(["pgrep", "-P", str(loop.pid)], capture_output=True, check=True).stdout
    os.kill(int(children.split()[0]), 15)
    _, err = loop.communicate(timeout=30)
    os.unlink(log)
    with contextlib.closing(open_rows(database)) as rows:
        told = rows.execute("SELECT kind, runs FROM missed ORDER BY record").fetchall()
    check([kind for kind, _ in told[:2]] == [3, 2] and told[0][1] >= 4, f"late and failed: {told} {err}")


def main():
    require_faults()
    with scratch() as folder:
        place = Place(folder)
        for attempt in (try_lock_errors, try_stuck, try_damage, try_refusals, try_read_only,
                        try_no_lock_file, try_loop, try_late_and_failed, try_kills,
                        try_injections):
            began = time.monotonic()
            attempt(place)
            print(f"{attempt.__name__}: {time.monotonic() - began:.1f} s")
    done("runs")


main()
