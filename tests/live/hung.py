#!/usr/bin/env python3
"""A host whose file systems stop answering does not stop the recorder.

In:    a machine of its own with file systems that stop answering while programs, scripts, libraries,
       root directories, command lines and named namespaces lie on them.
Out:   every run ends in time, whoever waits for its output is released, all processes are recorded, what
       did not answer is a gap; however many runs there are, one process is left behind, and none once
       the file systems answer again.
Never: leaves a file system stopped: nobody could end what waits for it.
"""
import ctypes
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import machine

machine.enter()

import slow_files  # noqa: E402
import witness  # noqa: E402

if not os.path.exists("/dev/fuse"):
    witness.skip("needs /dev/fuse")

IN_TIME = 90  # seconds more than usual: also of a busy host, and less than whoever waits for the file needs
TAIL = bytes(6 << 20)  # no process touches it, so that only whoever hashes the file waits for it
SLEEP = pathlib.Path("/bin/sleep").read_bytes() + TAIL
RECORDER_NAMES = "sockwit"  # how they all begin
RUNS = 3
TURNS = 50 if witness.LONG else 6


def mount(name, tree):
    return slow_files.SlowFiles(str(witness.DIRECTORY / name), tree)


def is_alive(task):
    try:
        text = pathlib.Path(task, "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return text[text.rindex(")") + 2] not in "ZX"


def left_behind():
    """Recorders of this machine with a thread that has not ended. Process 1, the test, reaps nobody."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                name = (entry / "comm").read_text(encoding="utf-8", errors="replace").strip()
                alive = [task for task in (entry / "task").iterdir() if is_alive(task)]
            except OSError:
                continue
            if name.startswith(RECORDER_NAMES) and alive:
                found.append((int(entry.name), len(alive)))
    return found


def record(path, *options):
    """Seconds until everybody who could have written to its output is gone, and its exit code."""
    began = time.monotonic()
    done = subprocess.run(["sh", "-c", 'timeout 150 "$@" 2>&1 | cat; exit 0', "sh", witness.RECORDER, "snapshot",
                           "--db", path, *options], stdout=subprocess.PIPE, timeout=witness.PATIENCE, check=False)
    return time.monotonic() - began, done.stdout.decode()


def timed_out(path):
    """What did not answer in the newest snapshot."""
    done = witness.run(witness.QUERY, "snapshots", "--db", path, "--format", "json")
    newest = json.loads(done.stdout)["snapshots"][-1]
    return {gap["object"] for gap in newest["gap_details"] if "time" in gap["reason"]}


class Case:
    """Three runs while it hangs, one before and two after."""

    def __init__(self, report, name, systems, objects, left=1):
        self.report, self.name, self.systems, self.objects, self.left = report, name, systems, objects, left
        self.path = witness.database(name)
        self.hung = pathlib.Path(f"{self.path}.hung")

    def run(self, stop, helpers, go_on=lambda: None):
        usual, text = record(self.path)
        self.report.check("snapshot 1 " in text, "a run before it hangs", f"{self.name}: {text}")
        stop()
        try:
            self.run_stopped(usual, helpers)
        finally:
            go_on()
            for system in self.systems:
                system.go_on()
        self.run_again()

    def run_stopped(self, usual, helpers):
        seen = []
        for number in range(RUNS):
            seconds, text = record(self.path)
            self.report.check(seconds < usual + IN_TIME, "a run ends in time",
                              f"{self.name}, run {number}: {seconds:.1f} s, usually {usual:.1f} s: {text}")
            self.report.check(f"snapshot {number + 2} " in text, "a run records", f"{self.name}: {text}")
            # Who can be killed is, a moment after the run.
            witness.wait_until(lambda: len(left_behind()) <= self.left, f"{self.name}: few are left behind")
            seen.append(left_behind())
            words = timed_out(self.path)
            for wanted in self.objects:
                self.report.check(wanted in words, "what hangs is a gap",
                                  f"{self.name}, run {number}: {wanted} is not in {words}")
        first = seen[0]
        self.report.equal(len(first), self.left, "what hangs is left behind in one process", f"{self.name}: {seen}")
        for later in seen[1:]:  # threads of it that can be killed may go later
            self.report.equal([pid for pid, _ in later], [pid for pid, _ in first],
                              "later runs leave nothing more behind", self.name)
        pids = {row["pid"] for row in witness.rows(self.path, "SELECT pid FROM process")}
        self.report.check(helpers <= pids, "every process is recorded", f"{self.name}: {helpers - pids}")
        self.report.check(self.hung.exists(), "what hangs is noted beside the database", self.name)
        self.report.check("does not answer since" in text, "what hangs is told", f"{self.name}: {text}")

    def run_again(self):
        witness.wait_until(lambda: not left_behind(), f"{self.name}: nobody is left behind")
        for _ in range(2):
            _, text = record(self.path)
        self.report.equal(timed_out(self.path), set(), "all is read once it answers", f"{self.name}: {text}")
        self.report.check(not self.hung.exists(), "and nothing is noted", self.name)


def check_programs(report):
    """Twenty processes on three file systems."""
    systems = [mount(f"programs{number}", {"prog": SLEEP}) for number in range(3)]
    helpers = {witness.start([systems[number % 3].path("prog"), "1000"]).pid for number in range(20)}
    case = Case(report, "programs", systems, ["program"])
    # The kernel forgets attributes after a second: who looks at the file then has to ask.
    case.run(lambda: ([system.stop("prog") for system in systems], time.sleep(1.2)), helpers)


def check_script(report):
    system = mount("script", {"app.py": b"import time\ntime.sleep(1000)\n" + b"#" * len(TAIL)})
    case = Case(report, "script", [system], ["script"])
    helpers = set()

    def stop():
        process = witness.start([witness.PYTHON, system.path("app.py")])
        helpers.add(process.pid)
        time.sleep(0.5)
        system.stop("app.py")
    case.run(stop, helpers)


PAGE = 4096
MAP_PRIVATE, MAP_FIXED = 0x02, 0x10


def map_file(path, protection, address=None):
    """A private mapping of the file's first page, if need be in the place of what is at that address."""
    descriptor = os.open(path, os.O_RDONLY)
    witness.libc.mmap.restype = ctypes.c_void_p
    mapped = witness.libc.mmap(ctypes.c_void_p(address), ctypes.c_size_t(PAGE), protection,
                               MAP_PRIVATE | (MAP_FIXED if address else 0), descriptor, ctypes.c_long(0))
    os.close(descriptor)
    if mapped == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), "mmap")


# Its last argument fills three pages and more: one of them holds nothing else, and there the file is mapped.
HOLD_ARGUMENTS = """
import ctypes, os, sys, time
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
line = open("/proc/self/stat", errors="replace").read()
end = int(line[line.rindex(")") + 2:].split()[46])  # arg_end, the 49th field
address = ctypes.c_void_p((end - 2 * 4096) & ~4095)
page = libc.mmap(address, ctypes.c_size_t(4096), 1, 0x12, os.open(sys.argv[1], os.O_RDONLY), ctypes.c_long(0))
print(page == address.value, flush=True)
time.sleep(600)
"""


def start_with_arguments(path):
    process = witness.start([sys.executable, "-c", HOLD_ARGUMENTS, path, "x" * 4 * PAGE], stdout=subprocess.PIPE)
    if process.stdout.readline() != b"True\n":
        raise RuntimeError("a page of the arguments could not be mapped")
    return process


def check_command_line(report):
    """Arguments that lie in a file. Since Linux 4.17 the kernel does not read them; before, who did would wait."""
    system = mount("arguments", {"page": b"words\0of\0a file\0" + bytes(PAGE)})
    helpers = [start_with_arguments(system.path("page")) for _ in range(3)]
    path = witness.database("arguments")
    usual, _ = record(path)
    system.stop("page")
    try:
        for _ in range(RUNS):
            seconds, text = record(path)
            report.check(seconds < usual + IN_TIME, "a run ends in time", f"arguments: {seconds:.1f} s: {text}")
            witness.wait_until(lambda: len(left_behind()) <= 1, "few are left behind")
            report.check(True, "later runs leave nothing more behind")
        pids = {row["pid"] for row in witness.rows(path, "SELECT pid FROM process")}
        report.check({helper.pid for helper in helpers} <= pids, "every process is recorded", pids)
    finally:
        system.go_on()
    for helper in helpers:
        helper.kill()


def hold_library(path):
    map_file(path, 5)  # it can be executed
    return witness.Kept([])


def check_library(report):
    system = mount("library", {"lib.so": b"\x7fELF" + bytes(4096) + TAIL})
    case = Case(report, "library", [system], ["mappings"])
    helpers = set()

    def stop():
        helpers.add(witness.Helper(hold_library, system.path("lib.so")).pid)
        system.stop("lib.so")
        time.sleep(1.2)
    case.run(stop, helpers)


def check_root(report):
    """A container whose files are on a server: programs, and the packages below its root."""
    tree = {"bin": {"sleep": SLEEP}, "dev": {}, "var": {"lib": {"dpkg": {"status": b"", "info": {}}}}}
    for library in re.findall(r"(/\S+) \(", witness.run("ldd", "/bin/sleep").stdout.decode()):
        folder = tree
        for name in library.split("/")[1:-1]:
            folder = folder.setdefault(name, {})
        folder[os.path.basename(library)] = pathlib.Path(library).read_bytes()
    system = mount("root", tree)
    helpers = {witness.start(["unshare", "--mount", "chroot", system.folder, "/bin/sleep", "1000"]).pid
               for _ in range(3)}
    time.sleep(0.5)
    case = Case(report, "root", [system], ["program"])
    case.run(lambda: (system.stop("bin/sleep"), time.sleep(1.2)), helpers)


def check_namespace(report):
    """The name of a network namespace is a path like any other."""
    system = mount("names", {"stuck": b""})
    machine.run("ip", "netns", "add", "blue")
    for name in ("aaa-stuck", "stuck"):
        pathlib.Path("/run/netns", name).touch()
        machine.run("mount", "--bind", system.path("stuck"), f"/run/netns/{name}")
    server = socket.create_server(("127.0.0.1", 7001))
    case = Case(report, "namespace", [system], ["/run/netns/aaa-stuck", "/run/netns/stuck"])
    try:
        case.run(system.stop, set())
        names = [row["label"] for row in witness.rows(case.path, "SELECT t.bytes AS label FROM netns n "
                                                      "JOIN text t ON t.id = n.label")]
        report.check(b"blue" in names, "the other namespaces are recorded", names)
    finally:
        server.close()
        for name in ("aaa-stuck", "stuck"):
            machine.run("umount", "-l", f"/run/netns/{name}")
            pathlib.Path("/run/netns", name).unlink()
        machine.run("ip", "netns", "delete", "blue")


def check_loop(report):
    """A recorder that keeps running: many turns leave as much behind as one, and hold as much."""
    system = mount("loop", {"prog": SLEEP})
    helpers = [witness.start([system.path("prog"), "1000"]) for _ in range(4)]
    path = witness.database("loop")
    record(path)
    system.stop("prog")
    loop = witness.start([witness.RECORDER, "loop", "--every", "1s", "--db", path],
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def count(what):
        return len(os.listdir(f"/proc/{loop.pid}/{what}"))

    def turns():
        return witness.rows(path, "SELECT max(seq) AS seq FROM snapshot")[0]["seq"] or 0
    try:
        witness.wait_until(lambda: turns() >= 4, "three turns")
        before = (count("fd"), count("task"), [pid for pid, _ in left_behind() if pid != loop.pid])
        witness.wait_until(lambda: turns() >= 4 + TURNS, f"{TURNS} turns", witness.PATIENCE + 3 * TURNS)
        after = (count("fd"), count("task"), [pid for pid, _ in left_behind() if pid != loop.pid])
        report.check(len(after[2]) <= 2, "a loop leaves one behind", after)  # and the one at work
        report.check(set(before[2]) & set(after[2]), "it is the same one", f"{before}, {after}")
        report.check(after[0] <= before[0] + 2 and after[1] <= before[1] + 3, "and holds no more",
                     f"descriptors and threads {before}, {after}")
        began = time.monotonic()
        loop.terminate()
        loop.wait(timeout=witness.PATIENCE)
        report.check(time.monotonic() - began < IN_TIME, "a loop ends when it is told to")
        report.equal(loop.returncode, 0, "in good order")
    finally:
        system.go_on()
    for helper in helpers:
        helper.kill()
    witness.wait_until(lambda: not left_behind(), "nobody is left behind")


def heeds(pid, number):
    """It would not simply die of the signal any more: it handles it, or keeps it for later."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    return any(int(mask, 16) >> (number - 1) & 1 for mask in re.findall(r"^Sig(?:Cgt|Blk):\s*([0-9a-f]+)", status, re.M))


def check_ended(report):
    """Who is told to end while it waits ends at once, and who is killed leaves no lock behind."""
    system = mount("ended", {"prog": SLEEP})
    helper = witness.start([system.path("prog"), "1000"])
    path = witness.database("ended")
    record(path)
    system.stop("prog")
    time.sleep(1.2)
    try:
        for number, code in ((signal.SIGTERM, 130), (signal.SIGINT, 130), (signal.SIGKILL, -9)):
            pathlib.Path(f"{path}.hung").unlink(missing_ok=True)  # or it would not be tried again
            recorder = witness.start([witness.RECORDER, "snapshot", "--db", path], stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL)
            witness.wait_until(lambda: heeds(recorder.pid, signal.SIGTERM), "it has begun")
            time.sleep(0.5)
            report.check(recorder.poll() is None, "it waits")
            recorder.send_signal(number)
            began = time.monotonic()
            recorder.wait(timeout=witness.PATIENCE)
            report.check(time.monotonic() - began < IN_TIME, "who is told to end does", f"signal {number}")
            report.equal(recorder.returncode, code, "and says so")
            _, text = record(path)
            # Of one that was killed it says so first.
            report.check(re.search(r"^snapshot \d+ ", text, re.M), "the next run records", f"signal {number}: {text}")
    finally:
        system.go_on()
    helper.kill()
    witness.wait_until(lambda: not left_behind(), "nobody is left behind")


def check_database(report):
    """The database itself lies there: nothing can be recorded, and that is said."""
    system = mount("database", {"folder": {}})
    path = system.path("folder", "witness.db")
    system.stop()
    try:
        first = None
        for number in range(RUNS):
            seconds, text = record(path)
            report.check(seconds < IN_TIME, "a run ends in time", f"database, run {number}: {seconds:.1f} s")
            report.check("its file system does not answer" in text, "it is said why", text)
            first = first or left_behind()
            report.equal(left_behind(), first, "later runs leave nothing more behind", "database")
        report.equal(len(first), 1, "what hangs is left behind in one process", "database")
    finally:
        system.go_on()
    witness.wait_until(lambda: not left_behind(), "nobody is left behind")
    _, text = record(path)
    report.check("does not answer" not in text, "all is read once it answers", text)


def waiting_in(folder, *words):
    """A recorder that begins in this folder, on a word: who goes there when it hangs would hang."""
    return witness.start(["sh", "-c", 'read -r word; exec "$@"', "sh", witness.RECORDER, *words], cwd=folder,
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def check_ways(report):
    """It lies there, and its path does not show it: by a link, by the folder above, by the recorder's own folder."""
    system = mount("ways", {"folder": {}, "other": {}})
    link = witness.DIRECTORY / "way"
    link.symlink_to(system.path("folder"))
    (witness.DIRECTORY / "beside").mkdir()
    local = witness.database("from-there")
    report.check("snapshot 1 " in record(local)[1], "a run before it hangs")
    ways = {"a link": f"{link}/witness.db", "above": f"{witness.DIRECTORY}/beside/../ways/folder/witness.db",
            "here": "witness.db"}
    commands = (["snapshot"], ["snapshot"], ["baseline", "add", "one"])
    recorders = {way: [waiting_in(system.path("other"), *words, "--db", path) for words in commands]
                 for way, path in ways.items()}
    elsewhere = waiting_in(system.path("other"), "snapshot", "--db", local)
    system.stop()
    left = 0
    try:
        for way, waiting in recorders.items():
            left += 1
            for words, recorder in zip(commands, waiting):
                began = time.monotonic()
                text = recorder.communicate(b"go\n", timeout=witness.PATIENCE)[0].decode()
                report.check(time.monotonic() - began < IN_TIME, "a run ends in time", f"{way}: {words}")
                report.check(recorder.returncode == 3 and "its file system does not answer" in text,
                             "it is said why", f"{way}: {words}: {recorder.returncode}, {text}")
                witness.wait_until(lambda: len(left_behind()) <= left, f"{way}: {words}: one is left behind")
        # Where the recorder is started is no matter, where the database is elsewhere.
        began = time.monotonic()
        text = elsewhere.communicate(b"go\n", timeout=witness.PATIENCE)[0].decode()
        report.check(time.monotonic() - began < IN_TIME and text.startswith("snapshot 2 "),
                     "a folder that hangs costs nothing", text)
    finally:
        system.go_on()
    witness.wait_until(lambda: not left_behind(), "nobody is left behind")


def check_late(report):
    """An answer that comes when nobody waits for it any more."""
    systems = [mount(f"late{number}", {"prog": SLEEP}) for number in range(2)]
    helpers = [witness.start([system.path("prog"), "1000"]) for system in systems]
    path = witness.database("late")
    usual, _ = record(path)
    for system in systems:
        system.stop("prog")
    time.sleep(1.2)
    later = threading.Timer(20, lambda: [system.go_on() for system in systems])
    later.start()
    try:
        seconds, text = record(path)
        report.check(seconds < usual + IN_TIME and "snapshot 2 " in text, "a run ends in time", f"{seconds} s: {text}")
        report.check(len(left_behind()) <= 1, "two of them leave one behind", left_behind())
    finally:
        later.join()
    witness.wait_until(lambda: not left_behind(), "nobody is left behind")
    _, text = record(path)
    report.check("snapshot 3 " in text, "the next run records", text)
    report.equal(timed_out(path), set(), "and reads all of it", text)
    for helper in helpers:
        helper.kill()


witness.require("unshare", "chroot", "ip", "timeout")
witness.main(check_programs, check_script, check_command_line, check_library, check_root, check_namespace, check_loop,
             check_ended, check_database, check_ways, check_late)
