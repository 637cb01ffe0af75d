#!/usr/bin/env python3
"""A reader that gets no memory says so and ends with the documented code, wherever that happens.

In:    the folder of the programs; a small database, alone and with a journal.
Out:   every reading command with a request for memory that fails, once and from then on, at moving places; and
       within address spaces and groups of processes that are too small.
Never: an answer that is cut and does not say so, a crash, a hang, or anything left behind.
"""
import contextlib
import os
import pathlib
import random
import resource
import shutil
import subprocess
import sys

from programs import BIN, LONG, PATIENCE, QUERY, SANITIZED, check, done, hot_copy, look, make_database, scratch, skip

LIBRARY = BIN / "failing_malloc.so"
POINTS = 500 if LONG else 5
MESSAGE = b"out of memory\n  nothing was changed"

QUESTIONS = [
    ["snapshots"], ["snapshots", "--format", "json"], ["show", "-a", "-A", "all", "--at", "#2"],
    ["show", "--layout", "ss"], ["show", "-l", "--layout", "netstat"], ["show", "--format", "csv"],
    ["diff", "--from", "#1", "--to", "#3", "--all"], ["diff", "--format", "jsonl"], ["check"], ["check", "--since", "#1"],
    ["account"], ["account", "--policy", "{policy}"], ["account", "--write-policy"], ["when", "tcp/80"],
    ["when", "--user", "root"], ["timeline"], ["timeline", "--events", "all"], ["timeline", "--tree"],
    ["report", "--as-of", "2027-01-01", "-o", "{output}/report.html"],
    ["report", "--as-of", "2027-01-01", "--format", "csv"], ["rules"], ["rules", "show", "shell-on-remote-terminal"],
    ["export", "--format", "jsonl"], ["export", "--format", "timesketch"], ["export", "--format", "sarif"],
    ["export", "--format", "ecs", "-o", "{output}/export.ecs"],
]


class Place:
    """Where a question is asked: what it may write is here, and nothing of it may stay when it fails."""

    def __init__(self, folder, database):
        self.folder = folder
        self.database = database
        self.output = folder / "output"
        self.copies = folder / "copies"
        self.log = folder / "requests"
        policy = folder / "policy.toml"
        policy.write_text('[[service]]\nname = "web"\nprotocol = "tcp"\nport = [80, 443]\nreason = "the shop"\n'
                          'approved_by = "ops"\n')
        self.words = {"policy": policy, "output": self.output}

    def ask(self, question, environment=None, **options):
        for place in (self.output, self.copies):
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
        with contextlib.suppress(FileNotFoundError):
            self.log.unlink()
        command = [QUERY, *[word.format(**self.words) for word in question]]
        if question[0] != "rules":
            command += ["--db", str(self.database)]
        result = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False, **options,
                                env={**os.environ, "TMPDIR": str(self.copies), **(environment or {})})
        return result, sorted(path.name for path in self.output.iterdir())

    def with_failure(self, question, at, forever):
        environment = {"LD_PRELOAD": str(LIBRARY), "FAILING_MALLOC_LOG": str(self.log)}
        if at:
            environment["FAILING_MALLOC_AT"] = str(at)
        if forever:
            environment["FAILING_MALLOC_FOREVER"] = "1"
        result, written = self.ask(question, environment)
        return result, written, self.log.read_text()


def judge(place, what, result, written, right):
    """The whole answer, or none and a reason."""
    if (result.returncode, result.stdout, written) == right:
        return True
    check(result.returncode == 3, f"{what}: exit {result.returncode}, {result.stderr[-300:]}")
    check(result.stderr.startswith(b"sockwitness: ") and MESSAGE in result.stderr, f"{what}: {result.stderr}")
    check(not written, f"{what}: left behind {written}")
    check(not os.listdir(place.copies), f"{what}: left a copy behind")
    return False


def try_question(place, question, choice, tally):
    result, written, log = place.with_failure(question, 0, False)
    check(result.returncode in (0, 1), f"{question}: {result.stderr}")
    total = int(log.split("requests")[-1])
    right = (result.returncode, result.stdout, written)
    before = look(place.database.parent)
    for forever in (False, True):
        points = {1, 2, total, *(choice.randint(1, total) for _ in range(POINTS))}
        for at in sorted(points):
            what = f"{place.folder.name}, {question}, {'from' if forever else 'at'} request {at} of {total}"
            result, written, log = place.with_failure(question, at, forever)
            tally["tried"] += 1
            tally["reached"] += "failed" in log
            tally["answered"] += judge(place, what, result, written, right)
    check(look(place.database.parent) == before, f"{question}: the evidence was changed")


def try_address_space(place, question, tally):
    """Sizes from one where the program hardly starts."""
    result, written = place.ask(question)
    right = (result.returncode, result.stdout, written)

    def within(size):
        return place.ask(question, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size)))

    low, high = 1 << 20, 1 << 30
    while high - low > 1 << 16:  # the least that is enough
        middle = (low + high) // 2
        result, written = within(middle)
        low, high = (low, middle) if (result.returncode, result.stdout, written) == right else (middle, high)
    starts = 0
    missing = range(1 << 15, 6 << 20, 1 << 15) if LONG else [step * step << 14 for step in range(1, 13)]
    for less in missing:
        size = high - less
        result, written = within(size)
        tally["tried"] += 1
        # Below, the dynamic linker itself gets none: nothing of the program has run yet.
        if result.returncode == 127 or (result.returncode < 0 and not result.stderr):
            continue
        starts += 1
        tally["answered"] += judge(place, f"{question} within {size} bytes", result, written, right)
    check(starts > 0, f"{question}: it never started")


def make_group():
    """A group of processes that may have little memory, by either interface of the kernel; nothing where there is none."""
    name = f"sockwitness-memory-{os.getpid()}"
    for root, limit in (("/sys/fs/cgroup", "memory.max"), ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")):
        group = pathlib.Path(root, name)
        try:
            group.mkdir()
            with open(group / limit, "r+", encoding="ascii") as file:  # the kernel makes it, we do not
                file.write("3000000")
            return group
        except OSError:
            with contextlib.suppress(OSError):
                group.rmdir()
    return None


def try_group(place, choice):
    """The kernel ends what takes more than its group may have: nothing is left behind all the same."""
    group = make_group()
    if group is None:
        print("left out: no group of processes with a limit can be made here")
        return
    killed = 0
    try:
        for question in choice.sample(QUESTIONS, len(QUESTIONS) if LONG else 4):
            result, _ = place.ask(question, preexec_fn=lambda: (group / "cgroup.procs").write_text(str(os.getpid())))
            check(result.returncode in (0, 1, 3, -9), f"{question} in a small group: exit {result.returncode}")
            check(not os.listdir(place.copies), f"{question} in a small group: left a copy behind")
            killed += result.returncode == -9
    finally:
        group.rmdir()
    print(f"groups: {killed} killed")


def make_places(folder):
    good = folder / "good.db"
    make_database(good, length=6)
    for name in ("alone", "journal"):
        case = folder / name
        (case / "evidence").mkdir(parents=True)
        database = case / "evidence" / "witness.db"
        if name == "journal":
            hot_copy(good, database)
        else:
            shutil.copy(good, database)
        yield Place(case, database)


def main():
    if not LIBRARY.exists():
        skip("the library that lets requests fail was not built")
    if SANITIZED:
        skip("a sanitizer has a malloc of its own")
    choice = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 23)
    tally = {"tried": 0, "reached": 0, "answered": 0}
    with scratch() as folder:
        alone, journal = make_places(folder)
        for question in QUESTIONS:
            try_question(alone, question, choice, tally)
        for question in (QUESTIONS if LONG else [["snapshots"], ["when", "tcp/80"]]):
            try_question(journal, question, choice, tally)
        check(tally["reached"] > 0.9 * tally["tried"], f"hardly any request failed: {tally}")
        for question in (QUESTIONS if LONG else [["check"], ["show", "-a"], ["report", "--as-of", "2027-01-01", "--format", "html"]]):
            try_address_space(alone, question, tally)
        if os.geteuid() == 0:
            try_group(alone, choice)
        else:
            print("left out: groups of processes with a limit need root")
    print(tally)
    done("memory")


main()
