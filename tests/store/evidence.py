#!/usr/bin/env python3
"""Reading leaves no trace: not on the file, not beside it, whoever reads and wherever it lies.

In:    the folder of the programs; a small database, alone, with a journal, with a log.
Out:   contents, times and listings before and after; the same as another user and on a read-only
       mount (as root only; otherwise left out with a printed reason).
Never: takes an answer for granted: the questions must succeed.
"""
import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

from programs import BIN, ask, check, done, hot_copy, look, make_database, scratch
import programs

# Those that read everything, too.
QUESTIONS = [*programs.QUESTIONS, ["report", "--format", "html"], ["export", "--format", "jsonl"],
             ["export", "--format", "sarif"]]

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def make_cases(folder, good):
    for name in ("alone", "journal", "empty journal", "log", "read-only"):
        case = folder / name
        case.mkdir(mode=0o755)
        database = case / "witness.db"
        if name == "journal":
            hot_copy(good, database)
            os.chmod(str(database) + "-journal", 0o644)
        elif name == "log":
            work = folder / "work.db"
            shutil.copy(good, work)
            with contextlib.closing(sqlite3.connect(work, isolation_level=None)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA wal_autocheckpoint = 0")
                connection.execute("INSERT INTO text(hash, bytes) VALUES (1, x'00')")
                shutil.copy(work, database)
                shutil.copy(str(work) + "-wal", str(database) + "-wal")
        else:
            shutil.copy(good, database)
        if name == "empty journal":
            (case / "witness.db-journal").touch(0o644)
        os.chmod(database, 0o444 if name == "read-only" else 0o644)
        if name == "read-only":
            os.chmod(case, 0o555)
        for path in [case, *case.iterdir()]:
            os.utime(path, ns=(10**18, 10**18 + 123456789))
        yield case


def read_everything(case, who, prefix=()):
    before = look(case)
    for question in QUESTIONS:
        result = ask(case / "witness.db", question, prefix)
        check(result.returncode in (0, 1), f"{who}, {case.name}, {question}: {result.stderr}")
        check(len(result.stdout) > 50, f"{who}, {case.name}, {question}: no answer")
        check(look(case) == before, f"{who}, {case.name}: {question} left a trace")


def read_without_access_time(case):
    """Even the time of the last reading stays, for the owner and for root."""
    old = 10**18
    for path in case.iterdir():
        os.utime(path, ns=(old, path.stat().st_mtime_ns))
    for question in QUESTIONS:
        ask(case / "witness.db", question)
        for path in case.iterdir():
            check(path.stat().st_atime_ns == old, f"{case.name}, {question}: {path.name} was read")


def leave_no_copy(case):
    """A reader that is killed, or whose reader goes away, takes its private copy with it."""
    with tempfile.TemporaryDirectory() as place:
        environment = {**os.environ, "TMPDIR": place}
        command = [BIN / "sockwitness", "export", "--format", "jsonl", "--db", case / "witness.db"]
        for ending in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGPIPE):
            with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL) as reader:
                reader.stdout.read(10)  # it answers, and soon waits for us to read
                check(not os.listdir(place), f"{case.name}: a copy lies there while it answers")
                reader.send_signal(ending)
                reader.stdout.close()
            check(not os.listdir(place), f"{case.name}: a copy is left by signal {ending}")


def reachable_by_nobody(folder):
    """The programs where every user can run them, and whether another user can at all."""
    programs = folder / "bin"
    programs.mkdir(mode=0o755)
    shutil.copy(BIN / "sockwitness", programs)
    try:
        subprocess.run([*NOBODY, programs / "sockwitness", "--version"], check=True,
                       stdout=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError) as failure:
        print(f"left out: another user cannot run it here ({failure})")
        return None
    return programs / "sockwitness"


def read_as_nobody(folder, cases):
    program = reachable_by_nobody(folder)
    for case in cases if program else []:
        before = look(case)
        for question in QUESTIONS:
            result = subprocess.run([*NOBODY, program, *question, "--db", case / "witness.db"],
                                    capture_output=True, timeout=programs.PATIENCE, check=False)
            check(result.returncode in (0, 1), f"nobody, {case.name}: {result.stderr}")
            check(look(case) == before, f"nobody, {case.name}: {question} left a trace")


def read_on_read_only_mount(folder, cases):
    mount = folder / "mount"
    mount.mkdir()
    script = 'mount --bind "$1" "$2" && mount -o remount,bind,ro "$2" && shift 2 && exec "$@"'
    trial = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", folder, mount, "true"],
                           capture_output=True, check=False)
    if trial.returncode != 0:
        print(f"left out: no read-only mount can be made here ({trial.stderr.decode().strip()})")
        return
    for case in cases:
        prefix = ("unshare", "-m", "sh", "-c", script, "sh", case, mount)
        before = look(case)
        for question in QUESTIONS:
            result = ask(mount / "witness.db", question, prefix)
            check(result.returncode in (0, 1), f"read-only mount, {case.name}: {result.stderr}")
            check(look(case) == before, f"read-only mount, {case.name}: {question} left a trace")


def main():
    with scratch() as folder:
        good = folder / "good.db"
        make_database(good)
        cases = list(make_cases(folder, good))
        temporary = folder / "temporary"
        temporary.mkdir()
        temporary.chmod(0o1777)
        os.environ["TMPDIR"] = str(temporary)
        time.sleep(0.02)  # a change from here on shows in a time stamp
        for case in cases:
            read_everything(case, "owner")
        for case in cases:
            if case.name in ("journal", "log"):
                leave_no_copy(case)
        if os.geteuid() == 0:
            read_as_nobody(folder, cases)
            read_on_read_only_mount(folder, cases)
        else:
            print("left out: another user and read-only mounts need root")
        check(not os.listdir(temporary), f"a private copy was left behind: {os.listdir(temporary)}")
        os.chmod(folder / "read-only", 0o755)
        for case in cases:
            read_without_access_time(case)
    done("evidence")


main()
