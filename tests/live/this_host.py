#!/usr/bin/env python3
"""This very host, whatever else runs on it: it is recorded, and every question has an answer that can be read.

In:    the host as it is, on purpose in no namespace of the test's own; listeners and a connection of helpers.
Out:   what is said of the helpers; of all others only that it can be read: JSON that parses, text without
       control characters, exit codes of the contract.
Never: judges what others do here, or expects them to hold still.
"""
import csv
import io
import json
import re
import socket

import machine

machine.own_host.settle()

import compare  # noqa: E402
import scene  # noqa: E402
import witness  # noqa: E402

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
QUESTIONS = [("show",), ("show", "-a", "-A", "all"), ("show", "-l", "--layout", "netstat"), ("show", "--layout", "ss"),
             ("diff", "--all"), ("check",), ("check", "--all", "--since", "#1"), ("account", "--all", "-x"),
             ("timeline", "--events", "all"), ("timeline", "--tree"), ("snapshots",)]
EXPORTS = ("jsonl", "timesketch", "osquery", "ecs", "sarif")


def serve():
    """A listener, a connection to another one, and a name; the listener's port is in the `children`."""
    held = witness.Kept([scene.listener(socket.AF_INET, "127.0.0.1"), *scene.pair(socket.AF_INET, "127.0.0.1")])
    held.children = [held[0].getsockname()[1], held[1].getsockname()[1]]
    return held


def of_port(change, port):
    return change["local_port"] == port and change["local_address"] == "127.0.0.1" and change["protocol"] == "tcp"


def check_ours(report):
    """What the recorder says of the helper, and when."""
    path = witness.database("ours")
    witness.record(path)
    helper = witness.Helper(serve)
    pid, (port, client) = helper.pid, helper.children
    witness.record(path)
    rows = [row for row in witness.show(path)["sockets"] if pid in {holder["pid"] for holder in row["holders"]}]
    report.equal(sorted((row["state"], row["local_port"]) for row in rows if row["local_port"] in (port, client)),
                 sorted([("LISTEN", port), ("ESTABLISHED", client)]), "the helper's sockets", rows)
    helper.end()
    witness.record(path)
    for first, second, kind in ((1, 2, "new_listener"), (2, 3, "vanished_service")):
        done = witness.run(witness.QUERY, "diff", "--db", path, "--all", "--format", "json", "--from", f"#{first}",
                           "--to", f"#{second}")
        changes = [change for change in json.loads(done.stdout)["changes"] if of_port(change, port)]
        report.equal([change["kind"] for change in changes], [kind], "what the helper changed",
                     [compare.line(change) for change in changes])
    done = witness.run(witness.QUERY, "when", f"tcp/127.0.0.1:{port}", "--db", path, "--format", "json", "--since", "#2")
    spans = json.loads(done.stdout)["spans"]
    report.check(any(owner["pid"] == pid for span in spans for owner in span["owners"]), "since when", spans)


def check_readable(report):
    """Every answer, over whatever there is."""
    path = witness.database("readable")
    for _ in range(2):
        witness.record(path)
    for words in QUESTIONS:
        for form in ("text",) if "--layout" in words else ("text", "json"):
            done = witness.run(witness.QUERY, *words, "--db", path, "--format", form)
            where = f"{words} {form}: exit {done.returncode}, {done.stderr.decode()[:500]}"
            if report.check(done.returncode in (0, 1), "an answer", where):
                report.check(readable(done.stdout, form), "it can be read", where)
    for form in ("jsonl", "csv"):
        done = witness.run(witness.QUERY, "show", "-a", "-A", "all", "--db", path, "--format", form)
        report.check(done.returncode == 0 and readable(done.stdout, form), "it can be read", form)
    for form in EXPORTS:
        done = witness.run(witness.QUERY, "export", "--db", path, "--format", form)
        report.check(done.returncode == 0 and readable(done.stdout, "json" if form == "sarif" else "jsonl"), "an export",
                     f"{form}: exit {done.returncode}, {done.stderr.decode()[:500]}")


def readable(output, form):
    text = output.decode()
    if form == "json":
        return bool(json.loads(text))
    if form == "jsonl":
        return all(isinstance(json.loads(line), dict) for line in text.split("\n")[:-1])
    if form == "csv":
        return len({len(row) for row in csv.reader(io.StringIO(text), strict=True)}) == 1
    return not CONTROL.search(text)


witness.main(check_ours, check_readable)
