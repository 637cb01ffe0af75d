#!/usr/bin/env python3
"""Files that somebody made to break their reader: every reading command ends well, soon, and small.

In:    the folder of the programs; good files, and many made of them by chance; a seed.
Out:   how the commands ended. What is refused when it is opened is refused by the code that all of them share:
       then one command is enough, else each has its turn, with options by chance. With a sanitizer in the programs
       also that it found nothing.
Never: passes when a file is changed by being read, for a crash, for more than SECONDS or MEGABYTES, or for
       anything of a planted schema that runs: the planted words never end, or make values that are too large.
"""
import collections
import concurrent.futures
import hashlib
import os
import pathlib
import random
import re
import resource
import shutil
import subprocess
import sys
import threading

from hostile_files import grow_tree, make_hostile
from programs import LONG, QUERY, SANITIZED, check, done, make_database, scratch

FILES = int(os.environ.get("SOCKWITNESS_HOSTILE_FILES", 10_000 if LONG else 200))
TURNS = 2 if SANITIZED else 12 if LONG else 3
SECONDS = 60 if SANITIZED else 10
MEGABYTES = 500

COMMANDS = [
    [["snapshots"], ["snapshots", "--format", "csv"], ["snapshots", "--since", "#2", "--limit", "2"]],
    [["show", "-a", "-A", "all", "--at", "#2"], ["show", "--layout", "ss"], ["show", "--format", "json", "-a", "-A", "all"],
     ["show", "--at", "2026-11-23T04:00:00Z"]],
    [["status"], ["status", "--format", "json"], ["status", "--format", "nagios"]],
    [["verify"], ["verify", "--format", "json"]],
    [["alert", "--since", "#1"], ["alert", "--since", "#1", "--format", "metrics"],
     ["alert", "--since", "#1", "--format", "json"]],
    [["diff", "--from", "#1", "--to", "#3", "--all"], ["diff", "--all"], ["diff", "--format", "jsonl"]],
    [["check"], ["check", "--since", "#1"]],
    [["account"], ["account", "--format", "json"], ["account", "--write-policy"]],
    [["when", "tcp/80"], ["when", "--user", "root"]],
    [["timeline"], ["timeline", "--events", "all"], ["timeline", "--tree"], ["timeline", "--reverse", "--limit", "5"],
     ["timeline", "--user", "root", "--format", "jsonl"]],
    [["report", "--as-of", "2027-01-01", "--format", "html"], ["report", "--as-of", "2027-01-01", "--format", "csv"]],
    [["export", "--format", "jsonl"], ["export", "--format", "timesketch"], ["export", "--format", "ecs"],
     ["export", "--format", "osquery"], ["export", "--format", "sarif"]],
]
TOO_MUCH = re.compile("too long|does not come to an end|out of memory")


def run_limited(question, path):
    """Exit code, what went to standard error, seconds of a processor (those of a clock are the host's), megabytes."""
    with subprocess.Popen([QUERY, *question, "--db", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL) as process:
        ended = threading.Timer(30 * SECONDS, process.kill)
        ended.start()
        errors = []
        reader = threading.Thread(target=lambda: errors.append(process.stderr.read()))
        reader.start()
        while process.stdout.read(1 << 20):
            pass
        reader.join()
        _, status, usage = os.wait4(process.pid, 0)
        ended.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, errors[0].decode(errors="replace"), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def says_fewer(code, told):
    """Whether a file from which snapshots are gone is answered as one that never had them: with a mistake in asking."""
    asked = re.search(r"'#(\d+)': no such snapshot\n +there are #(\d+) to #(\d+);", told)
    outside = asked and not int(asked[2]) <= int(asked[1]) <= int(asked[3])
    return code == 2 and bool(outside or "': there is none before it\n" in told)


def find_problem(what, question, code, told, seconds, megabytes):
    if seconds > SECONDS:
        return f"{seconds:.0f} s"
    if any(word in told for word in ("Sanitizer", "runtime error:")):
        return f"a finding: {told[-3000:]}"
    if code not in (0, 1, 3) and not says_fewer(code, told):
        return f"exit {code}: {told[-500:]}"
    answers = question[0] == "verify"  # its answer is that the file is altered
    if code == 3 and not answers and not told.startswith("sockwitness: "):
        return f"exit {code} without a reason: {told[-300:]}"
    if megabytes > MEGABYTES and not SANITIZED:
        return f"{megabytes:.0f} MB"
    if what.startswith(("planted", "schema")) and ", then" not in what and TOO_MUCH.search(told):
        return f"what was planted ran: {told}"
    return None


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def make(number, seed, good_paths, folder):
    choice = random.Random(seed * 1_000_003 + number)
    return make_hostile(choice.choice(good_paths).read_bytes(), folder / f"hostile-{number}.db", choice)


def try_file(number, seed, what, folder):
    """How each command ended, and what was amiss."""
    choice = random.Random(seed * 1_000_003 + number)
    path = folder / f"hostile-{number}.db"
    before = digest(path)
    codes, problems = [], []
    for command in choice.sample(COMMANDS, TURNS):
        question = choice.choice(command)
        code, told, seconds, megabytes = run_limited(question, path)
        problem = find_problem(what, question, code, told, seconds, megabytes)
        if problem:
            problems.append(f"file {number}, {what}: {' '.join(question)}: {problem}")
        codes.append((code, megabytes))
        if code == 3 and told.startswith("sockwitness: opening "):
            break
    if digest(path) != before:
        problems.append(f"file {number}, {what}: it was changed")
    if any(pathlib.Path(f"{path}{suffix}").exists() for suffix in ("-journal", "-wal", "-shm")):
        problems.append(f"file {number}, {what}: a file was made beside it")
    path.unlink()
    return codes, problems


def make_goods(folder):
    goods = []
    for at, length in enumerate((4, 12)):
        path = folder / f"good-{at}.db"
        make_database(path, length=length, seed=31 + at)
        goods.append(path)
    return goods


def try_trees(folder):
    """A table of more rows than could ever be read: 400 to the fifth times the same page."""
    good = folder / "good.db"
    make_database(good, length=40, seed=31)
    bad = folder / "tree.db"
    stopped = 0
    for table in ("socket", "holder", "process", "program"):
        shutil.copy(good, bad)
        what = grow_tree(bad, table, 5, 400, False)
        check(what is not None, f"{table} has one page")
        for question in (["timeline"], ["export", "--format", "jsonl"], ["show", "-a", "--at", "#2"]):
            code, told, seconds, megabytes = run_limited(question, bad)
            problem = find_problem(what, question, code, told, seconds, megabytes)
            check(problem is None, f"{what}: {question[0]}: {problem}")
            stopped += code == 3 and "does not come to an end" in told
    check(stopped >= 6, f"the trees were hardly read: {stopped}")


def main():
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    tally = collections.Counter()
    most = 0
    problems = []
    with scratch() as folder:
        try_trees(folder)
        goods = make_goods(folder)
        # Made in other processes: the kernel counts as memory of a program what the one had that started it.
        with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as makers, \
                concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            makers.submit(os.getpid).result()  # all of them start here, before there are threads

            def attempt(number):
                what = makers.submit(make, number, seed, goods, folder).result()
                return try_file(number, seed, what, folder)

            for codes, found in pool.map(attempt, range(FILES)):
                tally["refused at once" if codes[0][0] == 3 and len(codes) == 1 else "read"] += 1
                tally.update(f"exit {code}" for code, _ in codes)
                most = max(most, *(megabytes for _, megabytes in codes))
                problems += found
                for problem in found:
                    print(problem, flush=True)
    print(f"{FILES} files{', with sanitizers' if SANITIZED else ''}: {dict(sorted(tally.items()))}, at most {most:.0f} MB")
    check(not problems, f"{len(problems)} problems")
    check(tally["refused at once"] > FILES // 4, "hardly any file was refused")
    check(tally["exit 0"] + tally["exit 1"] > FILES // 10, "hardly any file was read")
    done("hostile files")


main()
