#!/usr/bin/env python3
"""A host that is recorded for long, with all that happens to it meanwhile: nothing that was committed is lost.

In:    the recorder, once and once more (105,120 times in a long run), on a small file system; kills at any moment, programs
       that keep the database locked, a full disk, other boots, prunes.
Out:   the chain verifies; every snapshot that was told is there, but for those that were pruned; every disturbance is in
       the record; a loop holds as many descriptors and as much memory after its turns as before.
Never: takes a disturbance for one that did not hit.
"""
import collections
import contextlib
import json
import os
import pathlib
import random
import re
import signal
import sqlite3
import subprocess
import time
import uuid

from programs import LONG, QUERY, RECORDER, check, done, run, scratch, skip

RUNS = 105_120 if LONG else 90
BOOT = pathlib.Path("/proc/sys/kernel/random/boot_id")
DICE = random.Random(60)
counts = collections.Counter()


class Place:
    """A file system of its own, and what was told of what lies there."""

    def __init__(self, folder):
        self.folder = folder / "place"
        self.folder.mkdir()
        size = "1500m" if LONG else "160m"
        check(run("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", self.folder).returncode == 0, "a file system")
        self.database = self.folder / "witness.db"
        self.boot = folder / "boot"
        self.boot.write_text(BOOT.read_text(encoding="ascii"), encoding="ascii")
        check(run("mount", "--bind", self.boot, BOOT).returncode == 0, "a boot of its own")
        self.told, self.reboots = set(), 0

    def record(self, *words):
        result = run(RECORDER, "snapshot", *words, "--db", self.database)
        if found := re.match(rb"snapshot (\d+) ", result.stdout):
            self.told.add(int(found.group(1)))
            counts["recorded"] += 1
        return result

    def seqs(self):
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as db:
            return {seq for (seq,) in db.execute("SELECT seq FROM snapshot")}


def killed(place):
    process = subprocess.Popen([RECORDER, "snapshot", "--quiet", "--db", place.database], stderr=subprocess.DEVNULL)
    time.sleep(DICE.random() * 0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    counts["killed" if process.returncode == -signal.SIGKILL else "not killed"] += 1


def locked(place):
    with contextlib.closing(sqlite3.connect(place.database, isolation_level=None)) as db:
        try:
            db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return
        result = place.record()
        check(result.returncode == 0 and not result.stdout, f"a locked database: {result}")
    counts["locked"] += 1


def full(place):
    filler = place.folder / "filler"
    with open(filler, "wb") as file:
        with contextlib.suppress(OSError):
            while True:
                file.write(bytes(1 << 16))
                file.flush()
        with contextlib.suppress(OSError):
            file.close()
    result = place.record()
    filler.unlink()
    if result.returncode == 3:
        counts["full"] += 1
    else:  # what it needed lay free in the file
        check(result.returncode == 0, f"a full disk: {result}")
        counts["not full"] += 1


def rebooted(place):
    place.boot.write_text(f"{uuid.UUID(int=DICE.getrandbits(128), version=4)}\n", encoding="ascii")
    check(place.record().returncode == 0, "after a reboot")
    counts["reboot"] += 1


def pruned(place):
    before = place.seqs()
    result = run(RECORDER, "prune", "--keep", "1h" if LONG else "2s", "--db", place.database)
    check(result.returncode == 0, f"prune: {result}")
    after = place.seqs()
    check(after <= before and max(after) == max(before), "the latest one was pruned")
    place.told -= before - after
    counts["pruned"] += len(before - after)


DISTURBANCES = (killed, killed, killed, locked, full, rebooted, pruned)


def judge(place):
    check(place.told <= place.seqs(), f"lost: {sorted(place.told - place.seqs())[:5]}")
    verdict = json.loads(run(QUERY, "verify", "--format", "json", "--db", place.database).stdout)
    check(verdict["result"] == "intact" and verdict["key_state"] == "agrees", f"verify: {verdict['problems'][:3]}")


def tell(place):
    """What the record says of disturbances, by kind."""
    answer = json.loads(run(QUERY, "snapshots", "--format", "json", "--db", place.database).stdout)
    return collections.Counter(event["kind"] if event["kind"] != "missed_run" else event["missed_kind"]
                               for event in answer["events"] for _ in range(event["count"] or 1))


def go_on(place):
    since = collections.Counter()
    for turn in range(RUNS):
        if turn % 5 == 4:
            number = turn // 5
            chance = DICE.randrange(len(DISTURBANCES))
            disturbance = DISTURBANCES[number if number < len(DISTURBANCES) else chance]
            before = counts.copy()
            disturbance(place)
            check(place.record().returncode == 0, f"the run after {disturbance.__name__}")
            if disturbance is pruned:
                since.clear()
            else:
                since.update(counts - before)
        else:
            check(place.record().returncode == 0, "an undisturbed run")
        if turn % (RUNS // 4) == RUNS // 4 - 1:
            judge(place)
    told = tell(place)
    with contextlib.closing(sqlite3.connect(place.database)) as db:
        first, = db.execute("SELECT min(seq) FROM snapshot").fetchone()
        deferred, = db.execute("SELECT count(*) FROM deferred WHERE seq > ?", (first,)).fetchone()
    # A prune leaves some of what was before it.
    check(since["reboot"] <= told["reboot"] <= counts["reboot"], f"reboots: {told}, {since}")
    check(since["full"] <= told["failed"] <= counts["full"] + counts["killed"], f"failed runs: {told}, {since}")
    check(since["locked"] <= deferred <= counts["locked"], f"{deferred} waited, {since}")


def resources(process):
    """The least of some looks: what a turn needs while it lasts is not meant."""
    memory, files = [], []
    for _ in range(30):
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
        memory.append(int(re.search(r"VmRSS:\s+(\d+)", status).group(1)))
        files.append(len(os.listdir(f"/proc/{process.pid}/fd")))
        time.sleep(0.02)
    return min(memory), min(files)


def seq_of(place):
    with contextlib.suppress(sqlite3.OperationalError):
        return max(place.seqs())
    return 0


def try_loop(place):
    """Descriptors and memory after its first turns, and after many."""
    turns = 1_000 if LONG else 20
    process = subprocess.Popen([RECORDER, "loop", "--every", "100ms", "--quiet", "--db", place.database],
                               stderr=subprocess.DEVNULL)
    try:
        begin = seq_of(place)
        marks = []
        for goal in (begin + turns // 4, begin + turns):
            deadline = time.monotonic() + 60 + turns
            while seq_of(place) < goal and time.monotonic() < deadline:
                time.sleep(0.05)
            check(seq_of(place) >= goal, "the loop does not go on")
            marks.append(resources(process))
    finally:
        process.terminate()
        process.wait()
    (memory, files), (later_memory, later_files) = marks
    check(later_files <= files, f"descriptors: {files}, then {later_files}")
    check(later_memory <= memory * 1.1 + 1024, f"memory: {memory} KiB, then {later_memory}")
    print(f"loop: {memory} KiB and {files} descriptors, then {later_memory} KiB and {later_files}")


def main():
    if os.geteuid() != 0 or "SOCKWITNESS_OWN_HOST" not in os.environ:
        skip("a host of its own needs root")
    with scratch() as folder:
        place = Place(folder)
        try:
            check(place.record().returncode == 0, "the first run")
            go_on(place)
            try_loop(place)
            judge(place)
        finally:
            run("umount", "-l", BOOT)
            run("umount", "-l", place.folder)
    print(dict(counts))
    kinds = {"killed", "locked", "full", "reboot", "pruned"}
    check(kinds <= set(counts), f"not every disturbance was tried: {counts}")
    done("long run")


main()
