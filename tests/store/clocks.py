#!/usr/bin/env python3
"""Clocks that are set, slewed, put to sleep, started anew and wrong: what the answers make of them.

In:    the folder of sockwitness and make_clocks, which writes the readings of a made-up host; as root a time
       namespace, and faketime where it is installed, for the recorder itself.
Out:   the order of snapshots and events; every step of more than the threshold with its sign and size, every sleep
       and reboot; and no step that nobody made.
Never: sets a clock of the host.
"""
import datetime
import json
import os
import random
import shutil
import subprocess
import sys
import time

from programs import LONG, check, scratch

BIN = sys.argv[1]
HISTORIES = 2_000 if LONG else 200
LENGTH = 24
SECOND = 1_000_000
YEAR = 31_557_600 * SECOND
SIZES = [1, 2.5, 3, 59, 61, 3_600, 86_400, 30 * 86_400, 31_557_600, 10 * 31_557_600]
STARTS = [0, 30 * SECOND, 1_795_000_000 * SECOND,       # 1970, a board that counts from its start, 2026
          1_483_228_790 * SECOND,                       # ten seconds before the last leap second
          2_147_483_640 * SECOND, 4_294_967_290 * SECOND]  # 2038 and 2106: 31 and 32 bits of seconds


def tolerance(elapsed):
    """What the kernel may slew in this time: below it nothing can be told from slewing."""
    return 2 * SECOND + elapsed // 2_000


class Host:
    """What is done to the clocks of one host, and what they show."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.wall = self.dice.choice(STARTS)
        self.since_boot = self.awake = self.dice.randrange(10, 10_000) * SECOND
        self.boot = 0
        self.slew = self.dice.randint(-500, 500)
        self.readings, self.done = [], []
        self.read()

    def read(self):
        self.readings.append((self.wall, self.since_boot, self.awake, self.boot))

    def pass_time(self, elapsed):
        self.since_boot += elapsed
        self.awake += elapsed
        self.wall += elapsed + elapsed * self.slew // 1_000_000

    def turn(self):
        """Time passes until the next snapshot, and at most one thing happens of each sort."""
        dice, at, elapsed = self.dice, len(self.readings) + 1, self.dice.randrange(SECOND, 900 * SECOND)
        if dice.random() < 0.06:
            before = self.wall
            self.boot += 1
            self.since_boot = self.awake = 0
            self.wall = max(0, self.wall + dice.choice([1, 600, -600, -YEAR // SECOND, 3_600]) * SECOND)
            self.pass_time(dice.randrange(5 * SECOND, 100 * SECOND))
            self.done.append(("reboot", at, None))
            if self.wall < before:
                self.done.append(("clock_step", at, None))
            return self.read()
        if dice.random() < 0.1:
            asleep = dice.choice([2, 60, 28_800, 40 * 86_400]) * SECOND
            self.wall += asleep
            self.since_boot += asleep
            elapsed_in_all = elapsed + asleep
            self.done.append(("suspend", at, asleep))
        else:
            elapsed_in_all = elapsed
        self.pass_time(elapsed)
        if dice.random() < 0.05:
            self.wall -= SECOND  # a leap second: the wall clock tells one second twice
        elif dice.random() < 0.25:
            step = int(dice.choice(SIZES) * SECOND) * dice.choice([1, -1])
            # Between what is never and what is always told, slewing decides: left out.
            slewed = abs(elapsed * self.slew // 1_000_000)
            told = abs(step) > tolerance(elapsed_in_all) + slewed
            if told or abs(step) + slewed < 2 * SECOND:
                self.wall += step
                if told:
                    self.done.append(("clock_step", at, step))
        return self.read()


def ask(path, *command):
    done = subprocess.run([f"{BIN}/sockwitness", *command, "--db", path, "--format", "json"], capture_output=True,
                          timeout=60, check=False)
    check(done.returncode == 0, f"{command}: {done.returncode} {done.stderr.decode()}")
    return json.loads(done.stdout)


def told_by(answer):
    return [(event["kind"], event["before_seq"], event["seconds"]) for event in answer["events"]
            if event["kind"] in ("reboot", "suspend", "clock_step")]


def text_of(wall):
    return (datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=wall)).isoformat("T", "microseconds") + "Z"


def check_history(folder, seed, counts):
    host = Host(seed)
    while len(host.readings) < LENGTH:
        host.turn()
    path = str(folder / "clocks.db")
    lines = "".join(f"{wall} {since_boot * 1000} {awake * 1000} boot-{boot}\n"
                    for wall, since_boot, awake, boot in host.readings)
    subprocess.run([f"{BIN}/make_clocks", path], input=lines.encode(), check=True)

    answer = ask(path, "snapshots")
    check([one["seq"] for one in answer["snapshots"]] == list(range(1, LENGTH + 1)), f"order, seed {seed}")
    check([one["taken_at"] for one in answer["snapshots"]] == [text_of(wall) for wall, *_ in host.readings],
          f"times, seed {seed}")
    told = told_by(answer)
    check([event[:2] for event in told] == sorted((event[:2] for event in host.done), key=lambda e: e[1]) or
          sorted(event[:2] for event in told) == sorted(event[:2] for event in host.done),
          f"events, seed {seed}: told {told}, done {host.done}")
    for (kind, at, seconds), (_, _, amount) in zip(sorted(told, key=str), sorted(host.done, key=str)):
        check((seconds is None) == (amount is None), f"{kind} before {at}, seed {seed}")
        if amount is not None:
            elapsed = host.readings[at - 1][1] - host.readings[at - 2][1]
            check(abs(seconds * SECOND - amount) < SECOND + elapsed // 2_000 and
                  (kind == "suspend" or (seconds < 0) == (amount < 0)),
                  f"{kind} before {at}, seed {seed}: {seconds} s told, {amount} us made")
        counts[kind] = counts.get(kind, 0) + 1

    events = ask(path, "timeline")["events"]
    seqs = [event["seq"] for event in events if event["seq"] is not None]
    check(seqs == sorted(seqs), f"timeline, seed {seed}")
    appeared = [(event["seq"], event["socket"]["local_port"]) for event in events
                if event["kind"] == "listener_appeared"]
    check(appeared == [(seq, 999 + seq) for seq in range(2, LENGTH + 1)], f"listeners, seed {seed}: {appeared}")
    counts["events in order"] = counts.get("events in order", 0) + len(seqs)
    for name in os.listdir(folder):
        os.unlink(folder / name)


def check_histories():
    counts = {}
    with scratch() as folder:
        for seed in range(HISTORIES):
            check_history(folder, seed, counts)
    print(f"{HISTORIES} histories of {LENGTH} snapshots: {counts}")
    for kind in ("reboot", "suspend", "clock_step"):
        check(counts.get(kind, 0) >= HISTORIES // 4, f"{kind} hardly occurred")


# The recorder under clocks that are not the host's: seconds that the wall clock is off, and the clock since boot of a
# time namespace, of which nothing may be told: it is not the host's.
NOW = int(time.time())
SCENES = [(0, 0), (5, 0), (-3_600, 0), (-3_600, 0), (1_000, 4_600), (315_576_000, 4_600), (0, 4_600), (0, 4_601),
          (30 - NOW, 4_601), (2_147_483_640 - NOW, 4_601), (2_147_483_650 - NOW, 90_000), (-315_576_000, 90_000)]


def can_fake():
    trial = subprocess.run(["unshare", "--time", "--fork", "--boottime", "10", "faketime", "-f", "+1h", "true"],
                           capture_output=True, check=False)
    return trial.returncode == 0


def check_recorder():
    if os.geteuid() != 0 or not shutil.which("faketime") or not can_fake():
        print("not tried: the recorder under other clocks needs root, a time namespace and faketime")
        return
    expected = []
    with scratch() as folder:
        path = str(folder / "faked.db")
        for number, (wall, boot) in enumerate(SCENES, 1):
            subprocess.run(["unshare", "--time", "--fork", "--boottime", str(boot), "faketime", "-m",
                            "-f", f"{wall:+d}s", f"{BIN}/sockwitness-recorder", "snapshot", "--quiet", "--db", path],
                           check=True, env=dict(os.environ, DONT_FAKE_MONOTONIC="1",
                                                FAKETIME_DONT_FAKE_MONOTONIC="1"))
            if number > 1:
                step = wall - SCENES[number - 2][0]
                expected += [("clock_step", number, step)] if abs(step) > 2 else []
        told = told_by(ask(path, "snapshots"))
        check([event[:2] for event in told] == [event[:2] for event in expected],
              f"under other clocks: told {told}, made {expected}")
        for (kind, at, seconds), (_, _, amount) in zip(told, expected):
            check(abs(seconds - amount) <= 1, f"{kind} before {at}: {seconds} s told, {amount} s made")
    print(f"the recorder under {len(SCENES)} other clocks: {len(expected)} events")


check_histories()
check_recorder()
