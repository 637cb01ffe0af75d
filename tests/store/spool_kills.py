#!/usr/bin/env python3
"""`spool` killed, or failed by its disk, at every system call on its folder: no line is lost, torn or there twice.

In:    the folder of the programs; strace, which kills or fails a chosen call (root only).
Out:   after each: what is there are whole lines or the begin of what the next run completes; after the next run the
       lines are exactly those of one run from nothing. A quick run takes some of each call, a long one all.
Never: takes a run that was not hit for one that was.
"""
import collections
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import threading

from faults import require_faults
from programs import DIFF_PAIRS, LONG, PATIENCE, QUERY, check, done, run, scratch
from spool_reader import KINDS, read_lines

CALLS = ("openat", "write", "fsync", "rename", "unlink", "mkdir", "flock", "pread64", "close", "newfstatat", "getdents64")
FAILURES = (("write", "ENOSPC"), ("fsync", "EIO"), ("rename", "EIO"), ("openat", "EMFILE"), ("unlink", "EACCES"))
LIMITS = ("--max-file", "6K", "--no-findings")


def spool(database, folder, prefix=()):
    return subprocess.run([*prefix, QUERY, "spool", "--db", database, "--to", folder, *LIMITS], capture_output=True,
                          timeout=PATIENCE, check=False)


def traced(database, folder, call, fault):
    """How the run ended, and how often it makes the call on a path of its folder."""
    log = f"{folder}.strace"
    inject = ["-e", f"inject={call}:{fault}"] if fault else []
    names = ["lock", "cursor", "cursor.new", "pending", "pending.new",
             *(f"{kind}.{number:06}.jsonl" for kind in KINDS for number in range(1, 9))]
    paths = [word for path in [folder, *(folder / name for name in names)] for word in ("-P", str(path))]
    result = spool(database, folder, ["strace", "-qq", "-o", log, *paths, "-e", f"trace={call}", *inject])
    text = pathlib.Path(log).read_text(encoding="utf-8", errors="replace")
    return result, len(re.findall(rf"^{call}\(", text, re.M))


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def points(database, place):
    for call in CALLS:
        _, total = traced(database, fresh(place), call, "")
        most = total if LONG else 9
        for at in sorted({1, total, *range(1, total + 1, max(1, -(-total // most)))} if total else ()):
            yield call, f"signal=KILL:when={at}"
        for name, error in FAILURES:
            if name == call:
                for at in sorted({1, total, (total + 1) // 2} if not LONG else range(1, total + 1)):
                    yield call, f"error={error}:when={at}"
                    yield call, f"error={error}:when={at}+"


def attempt(database, place, point, expected):
    call, fault = point
    what = f"{call} {fault}"
    result, _ = traced(database, fresh(place), call, fault)
    if "KILL" in fault:
        if result.returncode not in (-9, 137):
            return None, [f"{what}: exit {result.returncode}"] if result.returncode else []
    elif result.returncode not in (0, 3):
        return None, [f"{what}: exit {result.returncode}, {result.stderr}"]
    elif result.returncode == 3 and b"sockwitness: " not in result.stderr:
        return None, [f"{what}: fails without a word: {result.stderr}"]
    after = spool(database, place)
    if after.returncode != 0:
        return call, [f"{what}: the next run says {after.stderr}"]
    try:
        lines = read_lines(place)
    except ValueError as torn:
        return call, [f"{what}: {torn}"]
    problems = []
    for kind in KINDS:
        if collections.Counter(lines[kind]) != collections.Counter(expected[kind]):
            missing = collections.Counter(expected[kind]) - collections.Counter(lines[kind])
            more = collections.Counter(lines[kind]) - collections.Counter(expected[kind])
            problems.append(f"{what}: {kind}: {len(missing)} lines are missing, {len(more)} too many")
    if any(each.name.endswith((".new", "pending")) for each in place.iterdir()):
        problems.append(f"{what}: {sorted(each.name for each in place.iterdir())}")
    return call, problems


def main():
    require_faults()
    hits = collections.Counter()
    problems = []
    with scratch() as folder:
        # Two databases: what one has told stays told when the other one is not.
        database = folder / "*.db"
        for seed in (5, 6):
            check(run(DIFF_PAIRS, folder / f"{seed}.db", seed, 16, 1).returncode == 0, "diff_pairs")
        whole = folder / "whole"
        check(spool(database, whole).returncode == 0, "one run")
        expected = read_lines(whole)
        check(all(len(list(whole.glob(f"{kind}.*.jsonl"))) > 1 for kind in ("services", "snapshots")),
              f"one file is enough: {sorted(each.name for each in whole.iterdir())}")
        places = threading.local()
        work = list(points(database, folder / "looking"))

        def one(point):
            if not hasattr(places, "place"):
                places.place = folder / f"trial-{threading.get_ident()}"
            return attempt(database, places.place, point, expected)

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for call, found in pool.map(one, work):
                hits[call] += call is not None
                problems += found
    for problem in problems[:20]:
        print(problem)
    check(not problems, f"{len(problems)} problems of {len(work)}")
    check(hits["write"] > 5 and hits["rename"] >= 2 and hits["unlink"] >= 1, f"hardly a kill: {hits}")
    print(f"kills and failures: {dict(hits)}")
    done("spool kills")


main()
