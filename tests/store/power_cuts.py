#!/usr/bin/env python3
"""The power goes while a writer is at work: after the reboot everything that it had said is there.

In:    the folder of the programs; ext4 on a loop device, which is shut down without writing its
       journal just before a step of the writer that leads to the disk, and is mounted again.
Out:   after each cut what was committed is there and the next run succeeds without help. In a quick
       run before every sync and at the end, in a long run before every step, and with some of the
       written pages on the disk already.
Never: passes where nothing can be lost: a writer without the last sync must lose a commit here, and the recorder
       on a disk that only says that it syncs.
"""
import collections
import concurrent.futures
import contextlib
import ctypes
import fcntl
import os
import pathlib
import shutil
import sqlite3
import subprocess
import threading
import time

import writers
from aftermath import what_was_left
from programs import BIN, LONG, check, done, scratch, skip

EXT4_IOC_SHUTDOWN, WITHOUT_ITS_JOURNAL = 0x8004587D, ctypes.c_uint32(2)
SYNCS = ("fsync", "fdatasync")


class Disk:
    """ext4 in a file, with a folder `host`; copies of it are disks of their own."""

    def __init__(self, image, mount):
        self.image, self.mount = image, mount
        self.folder = mount / "host"

    @classmethod
    def made(cls, folder, name, base):
        disk = cls(folder / f"{name}.image", folder / name)
        with open(disk.image, "wb") as file:
            file.truncate(24 << 20)
        call("mkfs.ext4", "-q", "-b", "4096", "-J", "size=4", "-E", "lazy_itable_init=0", disk.image)
        disk.attach()
        shutil.copytree(base, disk.folder)
        disk.detach()
        return disk

    def copy(self, folder, name):
        disk = Disk(folder / f"{name}.image", folder / name)
        call("cp", "--sparse=always", self.image, disk.image)
        disk.attach()
        return disk

    def attach(self):
        self.mount.mkdir(exist_ok=True)
        # So long that nothing is written back by itself meanwhile.
        call("mount", "-o", "loop,commit=300", self.image, self.mount)

    def detach(self):
        call("umount", self.mount)
        # Another trial may have taken it along into a mount namespace: it is not off before that ends.
        while call("losetup", "-j", self.image).stdout:
            time.sleep(0.01)

    def cut(self):
        descriptor = os.open(self.mount, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.ioctl(descriptor, EXT4_IOC_SHUTDOWN, WITHOUT_ITS_JOURNAL)
        os.close(descriptor)


def call(*words):
    result = subprocess.run([str(word) for word in words], capture_output=True, check=False)
    check(result.returncode == 0, f"{words}: {result.stderr}")
    return result


def require_loop_mounts(folder):
    base = folder / "trial-base"
    base.mkdir()
    if os.geteuid() != 0 or not shutil.which("mkfs.ext4"):
        skip("a disk of one's own needs root and mkfs.ext4")
    trial = subprocess.run(["sh", "-ec", 'truncate -s 24M "$1" && mkfs.ext4 -q "$1" && mkdir "$2" && '
                            'mount -o loop "$1" "$2" && umount "$2"', "sh", folder / "trial.image",
                            folder / "trial"], capture_output=True, check=False)
    if trial.returncode != 0:
        skip(f"no disk of one's own can be made here ({trial.stderr.decode().strip()})")


def run_until(writer, disk, step, *, log="", seed=0, lying=()):
    where = "/var/lib" if isinstance(writer, writers.UsualPlace) else disk.folder
    return writer.run(disk.folder, ["env", f"LD_PRELOAD={BIN / 'power_cut.so'}",
                                    f"POWER_CUT_FOLDER={where}", f"POWER_CUT_AT={step}",
                                    f"POWER_CUT_SEED={seed}", f"POWER_CUT_LOG={log}", *lying])


def find_steps(writer, template, folder):
    """[(number, call)] of everything on the way to the disk."""
    log = folder / "steps"
    log.unlink(missing_ok=True)
    disk = template.copy(folder, "looking")
    result = run_until(writer, disk, 0, log=log)
    disk.detach()
    check(result.returncode == 0 and log.exists(), f"{writer.name}: {result.stderr}")
    return [(int(line.split()[0]), line.split()[1]) for line in log.read_text().splitlines()]


def choose(writer, steps):
    """(step, seed); the step after the last is the end of the program."""
    end = steps[-1][0] + 1
    if writer.name == "loop":
        steps = steps[len(steps) // 2:]
    if LONG:
        return [*((step, seed) for step, _ in steps for seed in (0, step)), (end, 0)]
    syncs = [step for step, name in steps if name in SYNCS]
    if writer.name.startswith(("baseline", "loop")):
        syncs = syncs[-4:]
    return [*((step, step % 3) for step in syncs), (end, 0)]


def try_cut(writer, template, folder, step, seed, lying=()):
    """Problems; nothing when this time it made fewer steps."""
    disk = template.copy(folder, f"trial-{threading.get_ident()}")
    result = run_until(writer, disk, step, seed=seed, lying=lying)
    cut_off = result.returncode in (-9, 137)
    if result.returncode == 0:
        disk.cut()
    disk.detach()
    disk.attach()
    what = f"{writer.name} without power at step {step}, pages written back: {seed}"
    if not cut_off and result.returncode != 0:
        problems = [f"exit {result.returncode}, {result.stderr}"]
    else:
        try:
            problems = list(what_was_left(writer, disk.folder, result))
        except (SystemExit, sqlite3.Error) as failure:
            problems = [str(failure)]
    disk.detach()
    return [f"{what}: {problem}" for problem in problems]


def lose_something(folder):
    """The control: the same journal without the sync of its directory. It must lose a commit."""
    base = folder / "control-base"
    base.mkdir()
    template = Disk.made(folder, "control", base)
    lost = 0
    for count in range(1, 6):
        disk = template.copy(folder, "control-trial")
        path = disk.folder / "control.db"
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
            check(database.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",), "control")
            database.execute("PRAGMA synchronous = FULL")
            database.execute("CREATE TABLE number (n)")
            for number in range(count):
                database.execute("INSERT INTO number VALUES (?)", (number,))
            disk.cut()
        disk.detach()
        disk.attach()
        with contextlib.closing(sqlite3.connect(path)) as database:
            tables = database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
            found = database.execute("SELECT count(*) FROM number").fetchone()[0] if tables else 0
        disk.detach()
        lost += found < count
    print(f"control: {lost} of 5 lost a commit")
    check(lost > 0, "the control lost nothing: this is no test of a loss of power")


def lose_by_lying_disk(writer, template, folder):
    """The same recorder and the same cuts; only the disk lies. What this finds is what would be found."""
    steps = find_steps(writer, template, folder)
    cuts = [(steps[-1][0] + 1, 0), *((step, step) for step, _ in steps[len(steps) // 2::len(steps) // 3])]
    found = [bool(try_cut(writer, template, folder, *cut, lying=("POWER_CUT_NO_SYNC=1",))) for cut in cuts]
    print(f"{writer.name} on a disk that lies: {sum(found)} of {len(found)} lost or damaged something")
    return sum(found)


def main():
    problems = []
    losses = 0
    tried = collections.Counter()
    with scratch() as folder:
        require_loop_mounts(folder)
        lose_something(folder)
        work = list(writers.make_writers(folder))
        points = []
        for at, writer in enumerate(work):
            template = Disk.made(folder, f"disk-{at}", writer.base)
            points += [(writer, template, folder, *point)
                       for point in choose(writer, find_steps(writer, template, folder))]
            if writer.name in ("first run", "snapshot"):
                losses += lose_by_lying_disk(writer, template, folder)
        check(losses > 0, "a disk that lies lost nothing: this is no test of a loss of power")
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for point, found in zip(points, pool.map(lambda point: try_cut(*point), points)):
                tried[point[0].name] += 1
                problems += found
    for name, count in tried.items():
        bad = len({problem.partition(": ")[0] for problem in problems
                   if problem.startswith(name + " without power")})
        print(f"{name}: {count} cuts, {bad} failed")
    for problem in problems[:20]:
        print(problem)
    check(not problems, f"{len(problems)} problems after {tried.total()} cuts")
    check(tried.total() >= (200 if LONG else 40), f"hardly a cut: {tried}")
    done("power cuts")


main()
