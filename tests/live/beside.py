#!/usr/bin/env python3
"""The tests pass beside other programs: what looks at the host, while ../support/disturber.py does its worst to it.

In:    the folder of the programs. SOCKWITNESS_LONG=1: all of the labels live, gate and unit, twice at once.
Out:   each test that fails beside the disturber and what it said; that the disturber was seen at all.
Never: looks for what the tests themselves look for.
"""
import json
import os
import pathlib
import subprocess
import time

import machine

machine.own_host.settle()

import witness  # noqa: E402

TESTS = pathlib.Path(__file__).resolve().parents[1]
# What runs on the host itself, and one of what runs on its own.
ON_THE_HOST = ([witness.BIN / "unit_proc", "live:*"], [witness.BIN / "unit_netlink"], [witness.BIN / "live_programs"],
               [TESTS / "live/this_host.py", witness.BIN], [TESTS / "live/corners.py", witness.BIN])
# Of what it keeps for as long as it runs.
SEEN = {"fake-kernel-thread", "shell-on-network", "deleted-program", "memory-program", "nameless-namespace",
        "hidden-program", "script-in-temporary-place"}
LABELS = "^(live|gate|unit)$"


class Disturber:
    """It runs as long as the with block, and has to have done everything in it."""

    def __init__(self, report):
        self.report = report

    def __enter__(self):
        self.process = witness.start([TESTS / "support/disturber.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE)
        if self.process.stdout.readline() != b"ready\n":
            raise RuntimeError(f"the disturber did not begin: {self.process.stderr.read().decode()}")

    def __exit__(self, *_):
        counts, errors = self.process.communicate(timeout=witness.PATIENCE)
        self.report.equal(self.process.returncode, 0, "it disturbed until the end", errors.decode())
        print(counts.decode().strip())


def judge(report, what, done, out):
    report.check(done in (0, witness.SKIPPED), "passes beside the disturber", f"{what}: exit {done}: {out[-3000:]}")


def check_seen(report):
    """Or it would prove nothing."""
    path = witness.database("seen")
    witness.record(path)
    done = witness.run(witness.QUERY, "check", "--db", path, "--format", "json")
    rules = {reason["rule"] for finding in json.loads(done.stdout)["findings"] for reason in finding["reasons"]}
    print(f"found on the host meanwhile: {sorted(rules)}")
    report.check(len(rules & SEEN) >= 3, "the disturber is seen", rules)


def check_short(report):
    with Disturber(report):
        check_seen(report)
        for command in ON_THE_HOST:
            if not pathlib.Path(command[0]).exists():  # of some tests only what they need was built
                print(f"left out: {command[0]} is not built")
                continue
            began = time.monotonic()
            done = witness.run(*command)
            print(f"  {pathlib.Path(command[0]).name}: {time.monotonic() - began:.1f} s")
            judge(report, command, done.returncode, (done.stdout + done.stderr).decode(errors="replace"))


def check_long(report):
    """Two runs at once of everything but this test, each with a folder of its own for what ctest writes."""
    build = witness.BIN.parent
    with Disturber(report):
        check_seen(report)
        runs = []
        for number in range(2):
            folder = witness.DIRECTORY / f"run {number}"
            folder.mkdir()
            (folder / "CTestTestfile.cmake").write_text(f'subdirs("{build}")\n', encoding="utf-8")
            runs.append(witness.start(
                ["ctest", "--test-dir", folder, "--output-on-failure", "--no-tests=error", "-L", LABELS, "-E", "live: beside",
                 "--parallel", "2"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                env={name: value for name, value in os.environ.items() if name != "SOCKWITNESS_LONG"}))
        for number, run in enumerate(runs):
            out = run.communicate(timeout=20 * witness.PATIENCE)[0].decode(errors="replace")
            judge(report, f"run {number}", run.returncode, out)
            print("\n".join(line for line in out.splitlines() if "tests passed" in line or "Total Test time" in line))


witness.main(check_long if witness.LONG else check_short)
