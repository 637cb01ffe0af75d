#!/usr/bin/env python3
"""Measures the figures of the design on this host, as ratios within one run, and prints one table.

In:    the folder of the finished programs; a scratch folder; --smoke for a tiny run that judges
       nothing and only proves that every tool works; --only WORD for some of the rows.
Out:   a table: what, measured, goal. Exit code 0 also when a goal is missed: it is no test.
Never: compares with a time of another run. Commands that are compared take turns.
"""
import argparse
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DEVNULL = subprocess.DEVNULL


class Bench:
    def __init__(self, options, folder):
        self.bin = Path(options.bin)
        self.smoke = options.smoke
        self.repeat = 2 if options.smoke else options.repeat
        self.folder = folder
        self.year = Path(options.year) if options.year else folder / "year.db"
        self.only = options.only
        self.rows = 0

    def tool(self, name):
        return str(self.bin / name)

    def row(self, what, measured, goal):
        self.rows += 1
        print(f"{what:<58} {measured:>26}   {goal}", flush=True)

    def run(self, command):
        """Wall seconds, processor seconds, peak MiB, and the answer of one command."""
        with tempfile.TemporaryFile() as output:
            began = time.perf_counter()
            process = subprocess.Popen(command, stdout=output, stderr=DEVNULL, stdin=DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode not in (0, 1):
                raise SystemExit(f"bench: {' '.join(command)}: exit code {process.returncode}")
            return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024

    def race(self, **commands):
        """The commands in turns; per name lists of what run() gave."""
        results = {name: [] for name in commands}
        for _ in range(self.repeat):
            for name, make in commands.items():
                results[name].append(self.run(make()))
        return results

    def snapshot(self, database):
        return [self.tool("sockwitness-recorder"), "--db", str(database), "snapshot", "--quiet"]

    def show(self, database, *arguments):
        return [self.tool("sockwitness"), "--db", str(database), "show", *arguments]


def ratio(results, left, right):
    """Of the medians and of the minima of wall time, then the processor time of both."""
    def of(name, column, pick):
        return pick(sample[column] for sample in results[name])
    middle = of(left, 0, statistics.median) / of(right, 0, statistics.median)
    best = of(left, 0, min) / of(right, 0, min)
    return (f"{middle:.2f} (min {best:.2f})",
            f"{1e3 * of(left, 0, statistics.median):.0f} / {1e3 * of(right, 0, statistics.median):.0f} ms"
            f", cpu {1e3 * of(left, 1, statistics.median):.0f} / {1e3 * of(right, 1, statistics.median):.0f} ms")


def count_processes():
    return sum(name.isdigit() for name in os.listdir("/proc"))


class Farm:
    """Processes and sockets that live as long as the with block, and not a moment longer."""

    def __init__(self, bench, processes, tcp, udp, unix):
        counts = [str(number) for number in (processes, tcp, udp, unix)]
        self.process = subprocess.Popen([bench.tool("bench_farm"), *counts],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        if self.process.stdout.readline() != b"ready\n":
            raise SystemExit("bench: the farm did not come up")

    def __exit__(self, *_):
        self.process.stdin.close()
        if self.process.wait() != 0:
            raise SystemExit("bench: the farm did not end well")


def recorder_against_ss(bench, farmers, each, goal, memory_goal):
    """`each`: TCP, UDP and unix sockets of every process that the farm adds to those of the host."""
    ss = shutil.which("ss")
    if ss is None:
        return print("ss is not installed: nothing to compare with")
    with Farm(bench, farmers, *each):
        database = bench.folder / f"ss{farmers}-{sum(each)}.db"
        for _ in range(3):
            bench.run(bench.snapshot(database))
        results = bench.race(ours=lambda: bench.snapshot(database),
                             ss=lambda: [ss, "-tunaxp"])
        found, times = ratio(results, "ours", "ss")
        bench.row(f"snapshot / ss, {count_processes()} processes, {farmers * sum(each):,} sockets",
                  found, goal)
        bench.row("  median", times, "")
        peak = max(sample[2] for sample in results["ours"])
        bench.row("  peak memory of the recorder", f"{peak:.0f} MiB", memory_goal)
        return None


def system_calls(bench, farmers, each):
    """How many a settled snapshot makes, by kind, for each process of the host. strace itself is a
    new program to the first of them."""
    strace = shutil.which("strace")
    if strace is None:
        return print("strace is not installed: system calls are not counted")
    with Farm(bench, farmers, *each):
        database = bench.folder / f"calls{farmers}.db"
        answer = bench.folder / "calls"
        for _ in range(4):
            bench.run([strace, "-f", "-c", "-U", "name,calls", "-o", str(answer),
                       *bench.snapshot(database)])
        processes = count_processes()
    pairs = [line.split() for line in answer.read_text().splitlines()]
    counts = {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}
    total = counts.pop("total", sum(counts.values()))
    bench.row(f"system calls for each of {processes} processes", f"{total / processes:.1f}", "")
    kinds = sorted(counts, key=counts.get, reverse=True)[:8]
    bench.row("  most of them", ", ".join(f"{kind} {counts[kind] / processes:.1f}"
                                          for kind in kinds), "")
    return None


def growth(bench):
    """This host is hardly ever still: the smallest difference between two sizes counts."""
    database = bench.folder / "growth.db"
    sizes = []
    for _ in range(6 if bench.smoke else 60):
        bench.run(bench.snapshot(database))
        sizes.append(database.stat().st_size)
    grown = (sizes[-1] - sizes[2]) / (len(sizes) - 3)
    bench.row("growth per snapshot, this host as it is", f"{grown:.0f} bytes", "<= 600 if still")


def make_year(bench):
    if bench.year.exists():
        return
    count = ["300"] if bench.smoke else []
    answer = subprocess.run([bench.tool("bench_year"), str(bench.year), *count], check=True,
                            stdout=subprocess.PIPE, text=True).stdout
    print(answer, end="")


def questions_of_the_year(bench):
    make_year(bench)
    bench.row("the year on disk", f"{bench.year.stat().st_size / 1e6:.0f} MB", "<= 700 MB")
    single = bench.folder / "single.db"
    if not single.exists():
        subprocess.run([bench.tool("bench_year"), str(single), "1"], check=True, stdout=DEVNULL)
    last = 300 if bench.smoke else 105_120
    instants = random.Random(7)

    def some():
        return f"#{instants.randint(1, last)}"
    results = bench.race(
        there=lambda: bench.show(bench.year, "-a", "--at", some()),
        alone=lambda: bench.show(single, "-a"),
        diff=lambda: [bench.tool("sockwitness"), "--db", str(bench.year), "diff",
                      "--from", some(), "--to", some()])
    for left, right, what, goal in (("there", "alone", "show --at in the year / show of one", 3),
                                    ("diff", "there", "diff of two instants / show --at", 5)):
        found, times = ratio(results, left, right)
        bench.row(what, found, f"<= {goal}")
        bench.row("  median", times, "")


def time_questions_of_the_year(bench):
    """A filtered timeline is told in the time that its rows take: the rows are told, too."""
    make_year(bench)

    def timeline(*arguments):
        return lambda: [bench.tool("sockwitness"), "--db", str(bench.year), "timeline", *arguments]
    questions = {
        "show": lambda: bench.show(bench.year, "-a", "--at", "#150"),
        "": timeline(),
        "tcp/8009": timeline("tcp/8009"),
        "--port 51234": timeline("--port", "51234"),
        "--remote 198.51.100.7": timeline("--remote", "198.51.100.7"),
        "--pid 4711": timeline("--pid", "4711"),
        "--program service05 -l": timeline("--program", "service05", "-l"),
        "--user www-data --events process": timeline("--user", "www-data", "--events", "process"),
    }
    bench.repeat = min(bench.repeat, 5)
    results = bench.race(**questions)
    for words in list(questions)[1:]:
        found, times = ratio(results, words, "show")
        rows = subprocess.run(questions[words](), check=True, stdout=subprocess.PIPE,
                              stderr=DEVNULL).stdout.count(b"\n")
        peak = max(sample[2] for sample in results[words])
        bench.row(f"timeline {words} / show --at", found, "")
        bench.row(f"  {rows:,} lines, {peak:.0f} MiB", times, "")


def verify_of_the_year(bench):
    make_year(bench)
    bench.repeat = min(bench.repeat, 3)
    records = 300 if bench.smoke else 105_120
    results = bench.race(verify=lambda: [bench.tool("sockwitness"), "--db", str(bench.year), "verify"])
    walls = [sample[0] for sample in results["verify"]]
    cores = statistics.median(sample[1] / sample[0] for sample in results["verify"])
    bench.row("verify of the year's chain", f"{records / statistics.median(walls):,.0f} records/s", ">= 5,000")
    bench.row("  peak memory, processors in use",
              f"{max(sample[2] for sample in results['verify']):.0f} MiB, {cores:.1f}", "")


def report_of_the_year(bench):
    """No goal of the design: "within seconds"; that of verify comes on top."""
    make_year(bench)
    page = bench.folder / "year.html"
    results = bench.race(report=lambda: [bench.tool("sockwitness"), "--db", str(bench.year),
                                         "report", "--no-verify", "--force", "-o", str(page)])
    walls = [sample[0] for sample in results["report"]]
    bench.row("report of the year, HTML", f"{statistics.median(walls):.2f} s, "
              f"{page.stat().st_size / 1e6:.2f} MB", "seconds, < 3 MB")
    bench.row("  peak memory", f"{max(sample[2] for sample in results['report']):.0f} MiB", "")


def snapshot_onto_the_year(bench):
    make_year(bench)
    long = bench.folder / "onto.db"
    shutil.copyfile(bench.year, long)
    os.sync()
    empty = bench.folder / "empty.db"
    for database in (long, empty):
        for _ in range(3):
            bench.run(bench.snapshot(database))
    results = bench.race(long=lambda: bench.snapshot(long), empty=lambda: bench.snapshot(empty))
    found, times = ratio(results, "long", "empty")
    bench.row("snapshot onto the year / onto a short file", found, "<= 1.5")
    bench.row("  median", times, "")
    long.unlink()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--scratch")
    parser.add_argument("--year", help="a database that bench_year made before")
    parser.add_argument("--repeat", type=int, default=15)
    parser.add_argument("--realtime", action="store_true",
                        help="run what is measured before everything else on this machine (root)")
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--only", default="",
                        help="small, large, calls, growth, year, timeline, verify, report, onto")
    options = parser.parse_args()
    if options.realtime:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        bench = Bench(options, Path(folder))
        # The host's own processes are some of the 280. 501: a listener and 500 connected sockets.
        small = 3 if bench.smoke else max(1, 280 - count_processes())
        large, each = (3, 21) if bench.smoke else (200, 501)
        parts = {
            "small": lambda: recorder_against_ss(bench, small, (3, 1, 2), "<= 0.75", ""),
            "large": lambda: recorder_against_ss(bench, large, (each, 0, 0), "<= 0.12",
                                                 "<= 100 MB"),
            "calls": lambda: system_calls(bench, small, (3, 1, 2)),
            "growth": lambda: growth(bench),
            "year": lambda: questions_of_the_year(bench),
            "timeline": lambda: time_questions_of_the_year(bench),
            "verify": lambda: verify_of_the_year(bench),
            "report": lambda: report_of_the_year(bench),
            "onto": lambda: snapshot_onto_the_year(bench),
        }
        for name, part in parts.items():
            if options.only in ("", name):
                part()
        print(f"{bench.rows} rows")
        return 0 if bench.rows > 0 else 1


sys.exit(main())
