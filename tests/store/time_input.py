#!/usr/bin/env python3
"""Periods, zones and words that `when` and `timeline` cannot take, and what they say then.

In:    the folder of sockwitness, diff_pairs and sockwitness-recorder.
Out:   exit codes, messages and hints; answers about times that nobody watched.
Never: an answer that says that nothing happened where nobody looked.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import time

# Where clocks are set: zone, an hour that comes twice, one that is left out.
ZONES = (("Europe/Berlin", "2026-10-25 02:30", "2026-03-29 02:30"),
         ("Europe/London", "2026-10-25 01:30", "2026-03-29 01:30"),
         ("America/New_York", "2026-11-01 01:30", "2026-03-08 02:30"),
         ("America/Los_Angeles", "2026-11-01 01:15", "2026-03-08 02:45"),
         ("America/Santiago", "2026-04-04 23:30", "2026-09-06 00:30"),
         ("America/Havana", "2026-11-01 00:30", "2026-03-08 00:30"),
         ("Australia/Sydney", "2026-04-05 02:30", "2026-10-04 02:30"),
         ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-10-04 02:15"),
         ("Pacific/Auckland", "2026-04-05 02:30", "2026-09-27 02:30"),
         ("Africa/Cairo", "2026-10-29 23:30", "2026-04-24 00:30"))

# The made-up history begins here and has a snapshot every minute.
FIRST, INSIDE, EMPTY = "2026-11-23T03:31:00Z", "2026-11-23T03:33:00Z", (
    "2026-11-23T03:33:10Z", "2026-11-23T03:33:20Z")


class Program:
    def __init__(self, folder, path):
        self.program, self.path = os.path.join(folder, "sockwitness"), path
        self.asked = 0

    def ask(self, *words, zone="UTC"):
        self.asked += 1
        environment = {**os.environ, "TZ": zone, "LC_ALL": "C.UTF-8"}
        return subprocess.run([self.program, "--db", self.path, *words], env=environment,
                              capture_output=True, text=True)

    def refuse(self, words, *said, code=2, zone="UTC"):
        run = self.ask(*words, zone=zone)
        assert run.returncode == code, (words, run.returncode, run.stdout[:300], run.stderr)
        assert run.stdout == "", words
        assert run.stderr.startswith("sockwitness: "), (words, run.stderr)
        for part in said:
            assert part in run.stderr, (words, part, run.stderr)

    def answer(self, *words):
        run = self.ask(*words)
        assert run.returncode == 0, (words, run.stderr)
        return run.stdout


def check_periods(program):
    for command in (["when", "tcp/80"], ["timeline"]):
        for words, said in (
                (["--until", "2026-01-01"], "before the first snapshot"),
                (["--since", "2027-01-01"], "after the last snapshot"),
                (["--since", INSIDE, "--until", FIRST], "before --since"),
                (["--since", "#9", "--until", "#3"], "before --since"),
                (["--since", "#9999"], "no such snapshot"),
                (["--until", "#0"], "reading"),
                (["--since", "#5", "--until", FIRST], "the end lies before the begin"),
                (["--since", "yesterdya"], "reading"),
                (["--since", "2026-13-01"], "reading"),
                (["--since", "2026-11-23 25:00"], "reading"),
                (["--sicne", "now"], "did you mean '--since'")):
            program.refuse([*command, *words], said)
        text = program.answer(*command, "--since", EMPTY[0], "--until", EMPTY[1])
        assert "nothing was recorded within this time" in text, text
        told = json.loads(program.answer(*command, "--since", EMPTY[0], "--until", EMPTY[1],
                                         "--format", "json"))
        assert "nothing was recorded within this time" in told["note"], told["note"]
        assert told["looked"]["snapshots"] == 1, told["looked"]


def check_zones(program):
    for zone, twice, never in ZONES:
        for command in (["when", "tcp/80"], ["timeline"], ["timeline", "--tree"]):
            for option in ("--since", "--until"):
                if "--tree" in command and option == "--since":
                    continue
                for typed in (twice, never):
                    words = [*command, option, typed]
                    run = program.ask(*words, zone=zone)
                    assert run.returncode == 2, (zone, words, run.stdout[:200], run.stderr)
                    instants = re.findall(r"\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)", run.stderr)
                    assert len(set(instants)) >= 2, (zone, words, run.stderr)


def check_words(program):
    program.refuse(["timeline", "--events", "lisener"], "--events 'lisener'", "listener")
    program.refuse(["timeline", "--events", "listener,reboots"], "'reboots'", "reboot")
    program.refuse(["timeline", "tpc/80"], "tpc")
    program.refuse(["timeline", "porgram:x"], "program")
    program.refuse(["timeline", "--expect-every", "0s"], "--expect-every")
    program.refuse(["timeline", "--expect-every", "often"], "--expect-every")
    program.refuse(["timeline", "--at", INSIDE], "--tree")
    program.refuse(["account", "tcp/80", "tcp/81"], "tcp/81")
    program.refuse(["when"], "nothing to look for")
    program.refuse(["when", "pid:0"], "not a process id")
    program.refuse(["timeline", "--port", "http s"], "--port")
    program.refuse(["timeline", "--tree", "--at", "2026-01-01"], "before the first snapshot")


def check_never(program):
    assert "never seen in" in program.answer("when", "tcp/7")
    assert json.loads(program.answer("when", "tcp/7", "--format", "json"))["spans"] == []
    assert "nothing of this kind happened in" in program.answer("timeline", "--events", "baseline")
    told = json.loads(program.answer("timeline", "--events", "baseline", "--format", "json"))
    assert told["events"] == [] and told["looked"]["first_seq"] == 1, told
    assert program.answer("timeline", "--events", "baseline", "--format", "jsonl") == ""
    assert program.answer("timeline", "--events", "baseline", "--format", "csv").count("\n") == 1


def check_silence(program):
    """Up to now nothing was recorded for a long time: the schedule says how many runs are missing."""
    if time.time() < 1795500000:
        return print("the clock of this host stands before the made-up history: no silence at its end")
    for command in (["timeline", "--events", "gap"], ["snapshots"]):
        told = json.loads(program.answer(*command, "--expect-every", "1m", "--format", "json"))
        last = told["events"][-1]
        assert last["kind"] == "time_gap" and last["missing_runs"] > 0, last
    assert "nothing was recorded for" in program.answer(
        "timeline", "--events", "gap", "--expect-every", "1m")
    return None


def check_tree(program):
    text = program.answer("timeline", "--tree", "--at", "#3")
    assert "snapshot 3" in text and "(" in text, text
    told = json.loads(program.answer("timeline", "--tree", "--at", "#3", "--format", "json"))
    pids = [row["pid"] for row in told["processes"]]
    assert len(pids) == len(set(pids)) == told["snapshot"]["processes"], told["snapshot"]
    depth = {row["pid"]: row["depth"] for row in told["processes"]}
    for row in told["processes"]:
        if row["depth"] > 0:
            assert depth[row["parent"]] == row["depth"] - 1, row


def main():
    folder = sys.argv[1]
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "made-up.db")
        subprocess.run([os.path.join(folder, "diff_pairs"), path, "3", "12", "0"], check=True,
                       stdout=subprocess.DEVNULL)
        program = Program(folder, path)
        for check in (check_periods, check_zones, check_words, check_never, check_silence,
                      check_tree):
            check(program)
        Program(folder, os.path.join(scratch, "none.db")).refuse(["timeline"], "none.db", code=3)
        print(f"{program.asked} questions")


if __name__ == "__main__":
    main()
