"""What the live tests share: the programs under test, helper processes, and how a test reports.

In:    the folder of the two programs as the first argument.
Out:   helper processes that hold still until the test ends; exit 0, 1, or 77 for skipped.
Never: passes without a case; leaves a process, a mount or a namespace behind.
"""
import atexit
import base64
import ctypes
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback

SKIPPED = 77
LONG = os.environ.get("SOCKWITNESS_LONG") == "1"
PYTHON = os.path.realpath(sys.executable)
NOBODY = 65534
# Only what never ends takes that long: a busy host is no reason to fail.
PATIENCE = 600

libc = ctypes.CDLL(None, use_errno=True)
_clean_ups = []


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def require_root():
    if os.geteuid() != 0:
        skip("needs root")


def require(*tools):
    for tool in tools:
        if shutil.which(tool) is None:
            skip(f"needs {tool}")


def at_end(action, *arguments):
    """Runs at the end of the test, last one first, also when it failed."""
    _clean_ups.append((os.getpid(), action, arguments))


def _clean_up():
    while _clean_ups:
        owner, action, arguments = _clean_ups.pop()
        if owner == os.getpid():
            try:
                action(*arguments)
            except OSError as failure:
                print(f"cleaning up: {failure}", file=sys.stderr)


atexit.register(_clean_up)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


# Programs under test ---------------------------------------------------------------------------

BIN = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/tests/bin").resolve()
RECORDER = str(BIN / "sockwitness-recorder")
QUERY = str(BIN / "sockwitness")
# Then memory is the sanitizer's as well, and it has no filter of its calls.
SANITIZED = b"libasan" in subprocess.run(["ldd", QUERY], capture_output=True, check=False).stdout
DIRECTORY = pathlib.Path(tempfile.mkdtemp(prefix="sockwitness-live-"))
DIRECTORY.chmod(0o755)
at_end(shutil.rmtree, DIRECTORY, True)


def run(*command, timeout=PATIENCE, **options):
    """The finished process; standard output and error are bytes."""
    environment = dict(os.environ, LC_ALL="C.UTF-8", TZ="UTC")
    return subprocess.run([str(word) for word in command], capture_output=True, timeout=timeout,
                          check=False, env=options.pop("env", environment),
                          stdin=options.pop("stdin", subprocess.DEVNULL), **options)


def database(name):
    return DIRECTORY / f"{name}.db"


def snapshot(path, *options, prefix=(), **more):
    return run(*prefix, RECORDER, "snapshot", "--db", path, *options, **more)


TIMED_OUT = 4  # gap.reason, see FORMAT.md


def record(path, *options):
    """A snapshot that has to succeed."""
    return patiently(path, lambda: succeed(snapshot(path, *options)))


def succeed(done):
    if done.returncode != 0:
        raise RuntimeError(f"snapshot: exit {done.returncode}: {done.stderr.decode()}")
    return done.stdout.decode()


def patiently(path, take):
    """Takes a snapshot anew in which a busy host kept the recorder waiting: it leaves out, and says so, what it
    would have compared. Only for tests in which nothing is stuck on purpose."""
    path = pathlib.Path(path)
    for _ in range(8):
        before = path.read_bytes() if path.exists() else None
        answer = take()
        if not rows(path, "SELECT 1 FROM gap WHERE reason = ?", TIMED_OUT):
            break
        print("a snapshot anew: the host kept the recorder waiting")
        if before is None:
            path.unlink()
        else:
            path.write_bytes(before)
    return answer


def show(path, *options):
    """The answer of `show -a -A all` as values."""
    done = run(QUERY, "show", "--db", path, "-a", "-A", "all", "--format", "json", *options)
    if done.returncode != 0:
        raise RuntimeError(f"show: exit {done.returncode}: {done.stderr.decode()}")
    return json.loads(done.stdout)


def exact(value, key):
    """The bytes behind a text of the JSON: those of KEY_b64 where there is one."""
    if value.get(f"{key}_b64") is not None:
        return base64.b64decode(value[f"{key}_b64"])
    return None if value[key] is None else value[key].encode()


def rows(path, query, *values):
    """Rows of the database by column name; texts are bytes."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        return connection.execute(query, values).fetchall()
    finally:
        connection.close()


# Helper processes -------------------------------------------------------------------------------

PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15


def prctl(option, value):
    argument = ctypes.c_char_p(value) if isinstance(value, bytes) else ctypes.c_ulong(value)
    if libc.prctl(ctypes.c_int(option), argument, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def set_name(name):
    prctl(PR_SET_NAME, name)


CLONE_NEWNET = 0x40000000


def call(function, *arguments):
    """A function of the C library that returns 0 or sets errno."""
    if getattr(libc, function)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), function)


def enter_new_namespace():
    call("unshare", CLONE_NEWNET)


class Helper:
    """A forked process that runs `build`, keeps what it returns, and then holds still."""

    def __init__(self, build, *arguments):
        reader, writer = os.pipe()
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(reader)
            self._hold(build, arguments, writer)
        os.close(writer)
        at_end(self.end)
        with os.fdopen(reader, "rb") as pipe:
            # One line: the helper's own children may hold the other end open.
            answer = json.loads(pipe.readline() or b'{"failed": "it ended"}')
        if "failed" in answer:
            raise RuntimeError(f"a helper failed: {answer['failed']}")
        self.children, self.unbound = answer["children"], answer["unbound"]

    @staticmethod
    def _hold(build, arguments, writer):
        _clean_ups.clear()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        try:
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            kept = build(*arguments)
            answer = {key: getattr(kept, key, []) for key in ("children", "unbound")}
            os.write(writer, json.dumps(answer).encode() + b"\n")
            os.close(writer)
            while True:
                signal.pause()
        except BaseException:  # pylint: disable=broad-except
            os.write(writer, json.dumps({"failed": traceback.format_exc()}).encode() + b"\n")
        finally:
            os._exit(1)

    def end(self):
        if self.pid:
            try:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass
            self.pid = 0


class Kept(list):
    """What a helper holds, and what it tells the test about it."""

    def __init__(self, *items):
        super().__init__(*items)
        self.children = []  # pids of its own processes
        self.unbound = []   # inodes of sockets without an address


def start(command, **options):
    """A program in the background that ends with the test."""
    process = subprocess.Popen([str(word) for word in command],
                               preexec_fn=lambda: prctl(PR_SET_PDEATHSIG, signal.SIGKILL),
                               stdin=options.pop("stdin", subprocess.DEVNULL), **options)

    def end():
        if process.poll() is None:
            process.kill()
        process.wait()
    at_end(end)
    return process


def wait_until(condition, what, seconds=PATIENCE / 4):
    limit = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > limit:
            raise RuntimeError(f"waited in vain until {what}")
        time.sleep(0.01)


# Reporting --------------------------------------------------------------------------------------

class Report:
    """Cases that held and cases that did not."""

    def __init__(self):
        self.counts = {}
        self.problems = []

    def check(self, holds, what, detail=""):
        """One case of the kind `what`; `detail` says what was found instead."""
        self.counts[what] = self.counts.get(what, 0) + 1
        if not holds:
            self.problems.append(f"{what}: {detail}" if detail else what)
        return holds

    def equal(self, found, expected, what, where=""):
        return self.check(found == expected, what, f"{where}: {found!r}, expected {expected!r}")

    def finish(self):
        for line in self.problems[:60]:
            print(line.encode(errors="backslashreplace").decode())
        if len(self.problems) > 60:
            print(f"… and {len(self.problems) - 60} more")
        for what, number in self.counts.items():
            print(f"{number:6} {what}")
        print(f"{sum(self.counts.values())} cases: {len(self.problems)} problems")
        sys.exit(1 if self.problems or not self.counts else 0)


def main(*parts):
    """Runs the parts one after the other; one that breaks does not hide the next one's result."""
    report = Report()
    for part in parts:
        began = time.monotonic()
        try:
            part(report)
        except Exception:  # pylint: disable=broad-except
            report.check(False, part.__name__, traceback.format_exc())
        print(f"{part.__name__}: {time.monotonic() - began:.1f} s")
    report.finish()
