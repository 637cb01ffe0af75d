#!/usr/bin/env python3
"""Every writer, with a disk that fails it: full, over a quota, in error or out of reach, at every call on its way there.

In:    the folder of the programs; strace, which fails a chosen call, once or from then on (root only).
Out:   exit 0 and all is there, or exit 3 and a message; nothing that was committed is lost, the next
       run succeeds without help.
Never: success where the sync of what was written failed.
"""
import collections
import concurrent.futures
import os
import threading

import writers
from aftermath import what_was_left
from faults import find_calls, on_files, require_faults
from programs import LONG, check, done, scratch

# What a disk, a quota and a guard of the system answer to each call.
ERRORS = {"openat": ("EACCES", "EIO", "ENOSPC", "EDQUOT"), "mkdir": ("EDQUOT", "ENOSPC", "EACCES", "EIO"),
          "pwrite64": ("ENOSPC", "EIO", "EDQUOT"), "write": ("EDQUOT", "ENOSPC", "EIO"),
          "ftruncate": ("EIO", "ENOSPC", "EDQUOT"), "fsync": ("EIO", "ENOSPC", "EDQUOT"),
          "fdatasync": ("ENOSPC", "EIO", "EDQUOT"), "unlink": ("EACCES", "EIO"), "rename": ("EIO", "ENOSPC", "EACCES"),
          "read": ("EIO",), "pread64": ("EIO",)}
SYNCS = ("fsync", "fdatasync")


def choose(calls):
    """(call, error, how long); in a quick run the first and the last of a kind on a file."""
    kinds = collections.defaultdict(list)
    for call in calls:
        if call[0] in ERRORS:
            kinds[call[0], call[2]].append(call)
    if LONG:
        return [(call, error, length) for kind in kinds.values() for call in kind
                for error in ERRORS[call[0]] for length in ("", "+")]
    turns = collections.Counter()
    chosen = []
    for kind in kinds.values():
        for call in dict.fromkeys((kind[0], kind[-1])):
            errors = ERRORS[call[0]]
            chosen.append((call, errors[turns[call[0]] % len(errors)], ("", "+")[len(chosen) % 2]))
            turns[call[0]] += 1
    return chosen


def try_failure(writer, folder, call, error, length):
    """What is amiss, and how the writer ended."""
    name, number, touched = call
    what = f"{writer.name}, {error} of {name} {number}{length} on '{touched}'"
    writer.start(folder)
    result = on_files(writer, folder, "-e", f"trace={name}",
                      "-e", f"inject={name}:error={error}:when={number}{length}", touching=touched)
    problems = []
    told = result.stderr.decode(errors="replace")
    if result.returncode not in (0, 3):
        problems.append(f"exit {result.returncode}, {told}")
    if result.returncode == 3 and (result.stdout or not told.startswith("sockwitness-recorder: ")):
        problems.append(f"no message, or an answer: {result.stdout} {told}")
    if result.returncode == 0 and name in SYNCS and touched != ".lock":
        problems.append("a sync failed, and it reports success")
    if result.returncode == 0 and name == "openat" and touched == "/":
        problems.append("the directory could not be opened to be synced, and it reports success")
    problems += what_was_left(writer, folder, result)
    return [f"{what}: {problem}" for problem in problems], result.returncode


def main():
    require_faults()
    problems = []
    tried = collections.Counter()
    with scratch() as folder:
        work = [writer for writer in writers.make_writers(folder)
                if writer.name != "loop" and (LONG or writer.name not in ("baseline add", "baseline accept", "hold add"))]
        points = [(writer, *fault) for writer in work
                  for fault in choose(find_calls(writer, folder / "looking"))]
        places = threading.local()

        def attempt(point):
            if not hasattr(places, "name"):
                places.name = folder / f"trial-{threading.get_ident()}"
            return try_failure(point[0], places.name, *point[1:])

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for point, (found, code) in zip(points, pool.map(attempt, points)):
                tried[point[0].name, code] += 1
                problems += found
    for (name, code), count in tried.items():
        print(f"{name}: {count} ended with {code}")
    for problem in problems[:20]:
        print(problem)
    check(not problems, f"{len(problems)} problems after {tried.total()} failures")
    check(all(tried[writer.name, 3] > (5 if LONG else 2) for writer in work), f"hardly a failure: {tried}")
    done("failures")


main()
