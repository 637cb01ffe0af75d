#!/usr/bin/env python3
"""Every writer killed at every system call on its files: the next run goes on, nothing is lost.

In:    the folder of the programs; strace, which kills at a chosen call (root only).
Out:   after each kill: what was committed is there, a reader answers or says why not, the next run
       succeeds without help. In a quick run one call of each kind on each file, in a long run all.
Never: takes a kill for one that was not: the program must have died by it.
"""
import collections
import concurrent.futures
import os
import threading

import writers
from aftermath import what_was_left
from faults import find_calls, on_files, require_faults
from programs import LONG, check, done, scratch

# What changes something; a kill at any other call leaves what a kill at the next of these leaves.
CHANGING = {"openat", "pwrite64", "write", "fsync", "fdatasync", "unlink", "unlinkat", "rename",
            "renameat2", "ftruncate", "fchown", "fchmod", "mkdir", "mkdirat", "link", "linkat",
            "fallocate", "flock", "close"}
COMMITTING = {"pwrite64", "fsync", "fdatasync", "unlink", "rename"}

def choose(writer, calls):
    """All that change something, and where most is at stake all calls. In a quick run the first and
    the last of a kind on a file; of writers that are much like another one only what is on the way
    to the disk. Of a loop what comes after its first turn."""
    alike = writer.name.startswith(("baseline", "recovery", "loop", "hold"))
    wanted = CHANGING
    if not LONG:
        wanted = COMMITTING if alike else CHANGING - {"close", "fchown", "flock"}
    counts = collections.Counter((call[0], call[2]) for call in calls)
    kinds = collections.defaultdict(list)
    for call in calls:
        late = writer.name != "loop" or call[1] > counts[call[0], call[2]] / 2
        if late and (call[0] in wanted or (LONG and not alike)):
            kinds[call[0], call[2]].append(call)
    if LONG:
        return [call for kind in kinds.values() for call in kind]
    return [call for kind in kinds.values() for call in dict.fromkeys((kind[0], kind[-1]))]


def try_kill(writer, folder, call):
    """Problems; nothing when this time it made fewer of those calls."""
    name, number, touched = call
    writer.start(folder)
    result = on_files(writer, folder, "-e", f"trace={name}",
                    "-e", f"inject={name}:signal=KILL:when={number}", touching=touched)
    if result.returncode == 0:
        return None
    what = f"{writer.name} killed at {name} {number} on '{touched}'"
    if result.returncode not in (-9, 137):
        return [f"{what}: exit {result.returncode}, {result.stderr}"]
    return [f"{what}: {problem}" for problem in what_was_left(writer, folder, result)]


def interrupted(writer, base, call):
    """A writer that finds what another one left that was killed."""
    writer.start(base)
    result = on_files(writer, base, "-e", f"trace={call[0]}",
                    "-e", f"inject={call[0]}:signal=KILL:when={call[1]}", touching=call[2])
    check(result.returncode != 0, f"{writer.name}: not killed at {call}")
    name = f"recovery of {writer.name} at sync {call[1]}"
    words = ("baseline", "add", "another") if writer.name == "snapshot" else ("snapshot",)
    return writers.Writer(name, words, base)


def make_recoveries(plain, folder):
    """From a kill where a transaction is on the disk in part, the first and the last of each."""
    for writer in plain:
        if isinstance(writer, writers.UsualPlace) or writer.name == "loop":
            continue
        syncs = [call for call in find_calls(writer, folder / "looking")
                 if call[0] == "fdatasync" and call[2] == ""]
        for call in {syncs[0], syncs[-1]} if LONG else {syncs[0]}:
            base = folder / f"{writer.name} {call[1]}".replace(" ", "-")
            yield interrupted(writer, base, call)


def main():
    require_faults()
    problems = []
    tried = collections.Counter()
    with scratch() as folder:
        plain = list(writers.make_writers(folder))
        recoveries = list(make_recoveries(plain, folder))
        work = [*plain, *recoveries] if LONG else [*plain, *recoveries[:3]]
        points = [(writer, call) for writer in work
                  for call in choose(writer, find_calls(writer, folder / "looking"))]
        places = threading.local()

        def attempt(point):
            if not hasattr(places, "name"):
                places.name = folder / f"trial-{threading.get_ident()}"
            return point[0].name, try_kill(point[0], places.name, point[1])

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for name, found in pool.map(attempt, points):
                if found is not None:
                    tried[name] += 1
                    problems += found
    for name, count in tried.items():
        bad = len({problem.partition(": ")[0] for problem in problems
                   if problem.startswith(name + " killed")})
        print(f"{name}: {count} kills, {bad} failed")
    for problem in problems[:20]:
        print(problem)
    check(not problems, f"{len(problems)} problems after {tried.total()} kills")
    check(tried.total() > 100 and len(tried) == len(work), f"hardly a kill: {tried}")
    done("kill points")


main()
