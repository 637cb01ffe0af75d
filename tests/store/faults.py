"""System calls of a recorder that are killed or fail, one at a time.

In:    a command, its database, a call, what is to happen to it.
Out:   how the command ended, and how often it makes the call; what the file stands for afterwards.
Never: touches calls on other files than the database, its journal and its lock.
"""
import collections
import contextlib
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess

from programs import LONG, PATIENCE, all_rows, check, scratch, skip

MOST_OF_ONE_CALL = 10_000 if LONG else 3


def traced(command, database, call, fault, *, only=("", "-journal", ".lock"), folder=False):
    """`folder`: calls on the directory of the database count, too."""
    paths = [word for suffix in only for word in ("-P", str(database) + suffix)]
    paths += ["-P", os.path.dirname(database)] if folder else []
    log = str(database) + ".strace"
    result = subprocess.run(["strace", "-f", "-qq", "-o", log, *paths, "-e", f"trace={call}",
                             *(["-e", f"inject={call}:{fault}"] if fault else []),
                             *command, "--db", database],
                            capture_output=True, timeout=PATIENCE, check=False)
    with open(log, encoding="utf-8", errors="replace") as file:
        text = file.read()
    os.unlink(log)
    return result, len(re.findall(rf"^\d+ +{call}\(", text, re.M))


def settle(database):
    """The rows that the file stands for, its journal rolled back on a copy."""
    copy = str(database) + ".copy"
    shutil.copy(database, copy)
    journal = str(database) + "-journal"
    if os.path.exists(journal):
        shutil.copy(journal, copy + "-journal")
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        check(connection.execute("PRAGMA integrity_check").fetchone() == ("ok",), "integrity")
    rows = all_rows(copy)
    os.unlink(copy)
    return rows


def chosen(total):
    """Which of so many calls are tried."""
    step = max(1, -(-total // MOST_OF_ONE_CALL))
    return sorted({*range(1, total + 1, step), total}) if total else []


def why_no_faults():
    """Why no call can be killed or failed here; nothing where it can."""
    if os.geteuid() != 0:
        return "killing and failing system calls needs root"
    if not shutil.which("strace"):
        return "strace is not installed"
    with scratch() as folder:
        try:
            _, total = traced(("sh", "-c", f"echo x >'{folder}'/trial", "--"), folder / "trial",
                              "openat", "")
        except OSError as failure:
            return f"strace cannot trace here: {failure}"
        return None if total else "strace cannot trace here"


def require_faults():
    if reason := why_no_faults():
        skip(reason)


def on_files(writer, folder, *options, touching=None):
    """A writer, traced as far as it touches the database and what lies beside it, or one file of these: calls are
    counted for each thread, and one that makes its own beside the others would never be met."""
    database = str(writer.named(folder))
    paths = [pathlib.Path(database).parent, *(database + suffix for suffix in (
        "", "-journal", "-wal", ".lock", ".ballast", "-journal.kept-1", "-journal.kept-2", "-journal.kept.part", ".keys",
        ".keys/next", ".anchors"))]
    if touching is not None:
        paths = [paths[0] if touching == "/" else database + touching]
    words = [word for path in paths for word in ("-P", path)]
    return writer.run(folder, ["strace", "-f", "-qq", "-y", "-o", str(folder) + ".strace", *words,
                               *options])


def find_calls(writer, folder):
    """(name, number among those of its name on that file, suffix of what it touches) of every call on the files."""
    writer.start(folder)
    result = on_files(writer, folder, "-e", "trace=all")
    check(result.returncode == 0, f"{writer.name}, not disturbed: {result.stderr}")
    counts = collections.Counter()
    calls = []
    text = pathlib.Path(str(folder) + ".strace").read_text(encoding="utf-8", errors="replace")
    for name, arguments in re.findall(r"^\d+ +(\w+)\((.*)$", text, re.M):
        found = re.search(r"witness\.db([\w./-]*)", arguments)
        touched = found.group(1) if found else "/"
        counts[name, touched] += 1
        calls.append((name, counts[name, touched], touched))
    return calls
