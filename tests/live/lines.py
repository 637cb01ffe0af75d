#!/usr/bin/env python3
"""Processes with very long arguments, and what else a process may make long, cost the file and the answers little.

In:    a machine of its own; processes with megabytes of arguments, all different or nearly the same, that stay and
       that restart; long names of libraries and scripts; many deleted mappings; many pipes.
Out:   what a snapshot adds to the file, what an answer takes in memory; every line whole, or its ends with the length
       and the digest of the whole, and a gap.
Never: takes a line for unchanged by its ends, or for changed because it is kept in another way.
"""
import base64
import hashlib
import json
import os
import pathlib
import random
import resource
import subprocess
import sys

import machine

machine.enter()

import witness  # noqa: E402

MOST_OF_ONE = 120_000  # an argument can have 128 KiB
SERVE = """
import socket, sys, time
end = socket.create_server(("127.0.0.1", 0))
print("ready", flush=True)
time.sleep(600)
"""


def call(lists, **options):
    """A server for each list of arguments, which stand behind its program."""
    processes = [witness.start([witness.PYTHON, "-c", SERVE, *words], stdout=subprocess.PIPE, **options)
                 for words in lists]
    for process in processes:
        process.stdout.readline()
        process.line = pathlib.Path(f"/proc/{process.pid}/cmdline").read_bytes()
    return processes


def stop(processes):
    for process in processes:
        process.kill()
        process.wait()


def growth(path, *options):
    before = path.stat().st_size if path.exists() else 0
    witness.record(path, *options)
    return path.stat().st_size - before


def idle_growth(path):
    """Of a snapshot in which nothing changed: the file grows by whole pages, so of several."""
    turns = 20
    return sum(growth(path) for _ in range(turns)) / turns


# A child counts the memory of whoever forked it as its own: this one has little.
MEASURE = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=sys.stdout.fileno())
print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
"""


def memory_of(*command):
    """Peak of an answer in MB, and the answer."""
    done = witness.run(witness.PYTHON, "-c", MEASURE, witness.QUERY, *command)
    code, peak = map(int, done.stderr.split()[-2:])
    if code not in (0, 1):
        raise RuntimeError(f"{command}: {done.stderr.decode()}")
    return peak / 1024, done.stdout


def judge_answers(report, path, what, most_mb):
    for command in (["timeline", "--events", "all"], ["timeline", "--events", "all", "--format", "json"],
                    ["show", "-a", "-A", "all", "--format", "json"], ["diff", "--from", "#1", "--format", "json"],
                    ["check", "--format", "json"], ["export", "--format", "jsonl"]):
        used, answer = memory_of(*command, "--db", path)
        print(f"{what}: {' '.join(command)}: {used:.0f} MB, {len(answer) / 1e6:.1f} MB of answer")
        report.check(used < most_mb or witness.SANITIZED, "an answer's memory", f"{what}: {command}: {used:.0f} MB")


def judge_line(report, owner, line, what):
    """How a line is told: whole, or by its ends."""
    if owner.get("command_line_truncated"):
        report.equal(owner["command_line_length"], len(line), f"{what}: length")
        report.equal(owner["command_line_sha256"], hashlib.sha256(line).hexdigest(), f"{what}: digest")
        head, tail = (base64.b64decode(owner[f"command_line_{end}_b64"]) for end in ("head", "tail"))
        report.check(line.startswith(head) and line.endswith(tail) and len(head) == len(tail) == 4096,
                     f"{what}: the ends are exact")
        report.check(f"bytes, sha256 {owner['command_line_sha256']}]" in owner["command_line"],
                     f"{what}: the text says so")
        report.check("command_line_b64" not in owner, f"{what}: no exact bytes of a part")
    else:
        report.equal(witness.exact(owner, "command_line"), line, f"{what}: whole")


def exported_lines(path):
    """pid → (what is kept, its measure): the last version of each."""
    done = witness.run(witness.QUERY, "export", "--format", "jsonl", "--db", path)
    rows = [json.loads(row) for row in done.stdout.splitlines()]
    return {row["pid"]: row for row in rows if row["type"] == "process"}


def judge_lines(report, path, processes, what):
    """Returns how many are whole in the file."""
    answer = witness.show(path, "-l")
    owners = {holder["pid"]: holder for end in answer["sockets"] for holder in end["holders"]}
    rows = exported_lines(path)
    whole = 0
    for process in processes:
        judge_line(report, owners[process.pid], process.line, what)
        row = rows[process.pid]
        kept = witness.exact(row, "command_line")
        head = row.get("command_line_head")
        if head is None:
            whole += 1
            report.equal(kept, process.line, f"{what}: exported whole")
        else:
            report.check(process.line.startswith(kept[:head]) and process.line.endswith(kept[head:]),
                         f"{what}: exported ends")
    gaps = sum(gap["count"] for gap in answer["snapshot"]["gap_details"]
               if gap["object"] == "command_line" and gap["reason"] == "truncated")
    report.equal(gaps, len(processes) - whole, f"{what}: a gap for each that is not whole")
    return whole


def random_words(count):
    return [os.urandom(MOST_OF_ONE // 2).hex() for _ in range(count)]


def check_different(report):
    """Twenty with 1.8 MB each, all different: 36 MB of which nothing can be shared."""
    path = witness.database("different")
    for _ in range(20):  # a fresh file grows by its first pages
        witness.record(path)
    idle = idle_growth(path)
    processes = call(random_words(15) for _ in range(20))
    added = growth(path)
    whole = judge_lines(report, path, processes, "different")
    again = idle_growth(path)
    print(f"different: {sum(len(p.line) for p in processes) / 1e6:.1f} MB of arguments added {added / 1e6:.2f} MB, "
          f"{whole} whole; an idle snapshot then {again:.0f} bytes, before {idle:.0f}")
    report.check(added < 4_000_000, "what all different ones add", f"{added} bytes")
    report.check(whole >= 1, "one of them is whole")
    # The file grows by pages: one more in ten snapshots may be chance.
    report.check(again <= idle + 500, "a second snapshot of the same", f"{again} bytes, idle {idle}")
    report.equal(len(witness.rows(path, "SELECT 1 FROM process WHERE pid = ?", processes[0].pid)), 1,
                 "one version of each")
    judge_answers(report, path, "different", 60)
    stop(processes)


def check_nearly_the_same(report):
    """They restart, twenty at a time, and differ in a word each."""
    path = witness.database("nearly")
    witness.record(path)
    words = random_words(10)
    dice = random.Random(1)
    for turn in range(4 if witness.LONG else 2):
        lists = [list(words) for _ in range(20)]
        for number, mine in enumerate(lists):
            mine.insert(dice.randrange(len(mine) + 1), f"word-{turn}-{number}")
        processes = call(lists)
        added = growth(path)
        whole = judge_lines(report, path, processes, "nearly the same")
        print(f"nearly the same: turn {turn + 1} added {added / 1e6:.3f} MB, {whole} of 20 whole")
        report.check(added < (2_500_000 if turn == 0 else 250_000), "what a restart adds", f"{added} bytes")
        report.equal(whole, 20, "all of them are whole")
        stop(processes)
    judge_answers(report, path, "nearly the same", 120)


# Overwrites a byte in the middle of its own arguments.
REWRITE = """
import ctypes, sys
begin, end = (int(word) for word in open("/proc/self/stat").read().rsplit(")", 1)[1].split()[45:47])
print("ready", flush=True)
sys.stdin.readline()
ctypes.memmove((begin + end) // 2, b"!", 1)
print("done", flush=True)
sys.stdin.read()
"""


def check_rewritten(report):
    """A line that is written over is a title, also between its ends; what the process was started with stays."""
    path = witness.database("rewritten")
    filler = call(random_words(15) for _ in range(2))
    changed = witness.start([witness.PYTHON, "-c", REWRITE, *random_words(15)], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE)
    changed.stdout.readline()
    witness.record(path)
    first = exported_lines(path)[changed.pid]
    witness.record(path)
    report.equal(len(witness.rows(path, "SELECT 1 FROM process WHERE pid = ?", changed.pid)), 1,
                 "a line that stays is no change")
    changed.stdin.write(b"\n")
    changed.stdin.flush()
    changed.stdout.readline()
    witness.record(path)
    second = exported_lines(path)[changed.pid]
    report.equal(second["command_line_sha256"], first["command_line_sha256"], "what it was started with stays")
    report.equal((bool(first["title"]), bool(second["title"])), (False, True), "what was written over it is a title")
    report.equal(len(witness.rows(path, "SELECT 1 FROM process WHERE pid = ?", changed.pid)), 2, "and a change")
    stop([*filler, changed])


def check_names(report):
    """Names of libraries and of scripts that are longer than any file's."""
    path = witness.database("names")
    witness.record(path)
    libraries = ":".join(f"/no/such/{number}/" + os.urandom(60).hex() for number in range(900))
    processes = [process for number in range(20) for process in call(
        [["x"]], env=dict(os.environ, LD_PRELOAD=libraries + str(number)), stderr=subprocess.DEVNULL)]
    scripts = [witness.start(["perl", "-e", "$0 = 'perl'; sleep 600", os.urandom(50_000).hex()])
               for _ in range(20)]
    for number, script in enumerate(scripts):
        witness.wait_until(lambda: b"-e" not in pathlib.Path(f"/proc/{script.pid}/cmdline").read_bytes(), "it is renamed")
    added = growth(path)
    kept = witness.rows(path, "SELECT max(length(bytes)) AS most FROM text")[0]["most"]
    print(f"names: 20 lists of {len(libraries)} bytes of libraries added {added / 1e6:.2f} MB")
    report.check(added < 2_000_000, "what long names add", f"{added} bytes")
    report.check(kept <= 8_192, "no text is longer than its limit", f"{kept} bytes")
    gaps = {(gap["object"], gap["reason"]): gap["count"] for gap in witness.show(path)["snapshot"]["gap_details"]}
    report.equal(gaps.get(("environment", "truncated")), 20, "a gap for each list that was cut", gaps)
    stop([*processes, *scripts])


MAPPINGS = """
import mmap, os, sys, tempfile
kept = []
for number in range(int(sys.argv[1])):
    with tempfile.NamedTemporaryFile(dir=sys.argv[2]) as file:
        file.write(os.urandom(4096)); file.flush()
        kept.append(mmap.mmap(file.fileno(), 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC))
print("ready", flush=True)
sys.stdin.read()
"""


def check_mappings(report):
    """Thousands of deleted files, each mapped to be executed."""
    path = witness.database("mappings")
    witness.record(path)
    count = 10_000 if witness.LONG else 3_000
    folder = witness.DIRECTORY / "mapped"
    folder.mkdir()
    process = witness.start([witness.PYTHON, "-c", MAPPINGS, count, folder], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE)
    process.stdout.readline()
    added = growth(path)
    idle = idle_growth(path)
    found = witness.rows(path, "SELECT count(*) AS n FROM mapping")[0]["n"]
    print(f"mappings: {found} of {count} added {added / 1e6:.2f} MB, an idle snapshot then {idle:.0f} bytes")
    report.check(found >= count, "every mapping is recorded", found)
    report.check(added / found < 250, "what a mapping adds", f"{added / found:.0f} bytes")
    report.check(idle < 1_000, "a second snapshot of the same mappings", f"{idle} bytes")
    stop([process])


PIPES = """
import os, resource, sys
count = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_NOFILE, (count + 100, count + 100))
for number in range(count // 2):
    os.pipe()
print("ready", flush=True)
sys.stdin.read()
"""


def check_descriptors(report):
    path = witness.database("descriptors")
    witness.record(path)
    count = min(100_000, resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 200)
    process = witness.start([witness.PYTHON, "-c", PIPES, count], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdout.readline()
    added = growth(path)
    idle = idle_growth(path)
    print(f"descriptors: {count} pipes added {added / 1e6:.2f} MB, an idle snapshot then {idle:.0f} bytes")
    report.check(added / count < 60, "what a descriptor adds", f"{added / count:.0f} bytes")
    report.check(idle < 1_000, "a second snapshot of the same descriptors", f"{idle} bytes")
    stop([process])


ALL = [check_different, check_nearly_the_same, check_rewritten, check_names, check_mappings, check_descriptors]
witness.main(*([part for part in ALL if part.__name__ in sys.argv[2:]] or ALL))
