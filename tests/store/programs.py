"""What the tests of the store share: the programs, a small database, and what must not change.

In:    the folder of the finished programs, as the first argument of every script; as root the script goes
       on, from here, on a host of its own: what is recorded is not what others do meanwhile.
Out:   runs with a time limit, fingerprints of folders, rows of a database.
Never: passes a script that checked nothing.
"""
import contextlib
import hashlib
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import own_host  # noqa: E402

own_host.enter(required=False)

SKIPPED = 77
# Only what never ends takes that long: a busy host is no reason to fail.
PATIENCE = 600
LONG = bool(os.environ.get("SOCKWITNESS_LONG"))
BIN = pathlib.Path(sys.argv[1]).resolve()
RECORDER = str(BIN / "sockwitness-recorder")
QUERY = str(BIN / "sockwitness")
# A program with the address sanitizer reserves address space and requests memory that no limit of a test foresees.
SANITIZED = b"libasan" in subprocess.run(["ldd", QUERY], capture_output=True, check=False).stdout
MAKE_HISTORY = str(BIN / "make_history")
DIFF_PAIRS = str(BIN / "diff_pairs")

# A reading command each; every one must leave the evidence alone.
QUESTIONS = [["snapshots"], ["show", "-a", "-A", "all", "--at", "#2"],
             ["diff", "--from", "#1", "--to", "#2"], ["show", "--format", "json"]]

checks = 0


def check(condition, what):
    global checks
    checks += 1
    if not condition:
        sys.exit(f"FAILED: {what}")


def done(what):
    check(checks > 0, "nothing was checked")
    print(f"{what}: {checks} checks")


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def run(*command, **options):
    return subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=PATIENCE, **options)


def ask(database, question, prefix=()):
    return run(*prefix, QUERY, *question, "--db", database)


def record(database, prefix=()):
    return run(*prefix, RECORDER, "snapshot", "--db", database)


def refused(result, what, word=""):
    """Exit code 3, nothing on standard output, a message that names the reason."""
    message = result.stderr.decode(errors="replace")
    check(result.returncode == 3, f"{what}: exit {result.returncode}, {message}")
    check(result.stdout == b"", f"{what}: an answer all the same")
    check(message.startswith("sockwitness") and word in message, f"{what}: {message}")


def look(folder):
    """Names, contents, sizes, modes and times of a folder and all in it."""
    folder = pathlib.Path(folder)
    seen = {}
    for path in [folder, *sorted(folder.rglob("*"))]:
        status = path.lstat()
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        seen[str(path)] = (status.st_size, status.st_mode, status.st_ino, status.st_mtime_ns,
                           status.st_ctime_ns, content)
    return seen


@contextlib.contextmanager
def scratch():
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = tempfile.mkdtemp(prefix="sockwitness-store-", dir=base)
    os.chmod(folder, 0o755)
    try:
        yield pathlib.Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear(folder, names):
    """What these names stand for, files and folders."""
    for path in pathlib.Path(folder).glob(names):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def make_database(path, length=4, seed=5):
    result = subprocess.run([MAKE_HISTORY, str(path), str(seed), str(length)], check=True,
                            stdout=subprocess.DEVNULL)
    os.chmod(path, 0o644)
    return result


def open_rows(path):
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)


def all_rows(path):
    """Every row of every table, read from a copy that has no journal beside it."""
    with contextlib.closing(open_rows(path)) as database:
        tables = [name for (name,) in database.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
        return {name: set(database.execute(f"SELECT * FROM {name}")) for name in tables}


def hot_copy(source, target):
    """A database as a killed writer leaves it: some pages overwritten, a journal beside it."""
    work = str(target) + ".work"
    shutil.copy(source, work)
    database = sqlite3.connect(work, isolation_level=None)
    database.executescript("PRAGMA cache_size = 3; PRAGMA synchronous = FULL; BEGIN IMMEDIATE;"
                           "UPDATE text SET bytes = zeroblob(length(bytes));"
                           "INSERT INTO text(hash, bytes) SELECT a.id, zeroblob(3000) "
                           "FROM text a, text b LIMIT 50")
    shutil.copy(work, target)
    shutil.copy(work + "-journal", str(target) + "-journal")
    database.execute("ROLLBACK")
    database.close()
    os.unlink(work)
    check(pathlib.Path(target).read_bytes() != pathlib.Path(source).read_bytes(),
          "the writer had written nothing yet")
