#!/usr/bin/env python3
"""`check` says nothing of weight on a host that merely works: Debian's daemons, ssh, developers.

In:    a machine of its own, stock_daemons.py and stock_sessions.py.
Out:   each finding at medium or above; what could not be started.
Never: passes with a daemon that does not run.
"""
import machine

machine.enter()

import json  # noqa: E402
import pathlib  # noqa: E402
import time  # noqa: E402

import attacks  # noqa: E402
import stock_daemons  # noqa: E402
import stock_sessions  # noqa: E402
import tricks  # noqa: E402
import witness  # noqa: E402

WEIGHT = ("medium", "high", "critical")


def owners(started):
    """{pid: name} of everything that runs; what outlived its parent is named by its program."""
    owned = {}
    for name, process in started.items():
        for pid in [process.pid, *attacks.descendants(process.pid)]:
            owned[pid] = name
    return owned


def judge(report, started, silent=()):
    """One snapshot: every process of `started` holds a socket, and no finding has weight."""
    for name, process in started.items():
        witness.wait_until(lambda name=name, process=process: name in silent or any(
            map(tricks.holds_socket, [process.pid, *attacks.descendants(process.pid)])), f"{name} holds a socket")
    path = witness.database("stock")
    witness.record(path)
    done = witness.run(witness.QUERY, "check", "--db", path, "--format", "json", "--all")
    answer = json.loads(done.stdout)
    report.equal(answer["not_run"] + answer["problems"], [], "every rule runs")
    owned = owners(started)
    seen = {holder["pid"] for row in witness.show(path)["sockets"] for holder in row["holders"]}
    for name in started:
        report.check(name in silent or seen & {pid for pid, owner in owned.items() if owner == name},
                     "it holds a socket", name)
    notes = set()
    for finding in answer["findings"]:
        for reason in finding["reasons"]:
            who = owned.get(reason["pid"]) or owned.get(reason["partner_pid"]) or attacks.program_of(reason["pid"])
            report.check(reason["severity"] not in WEIGHT, "no finding of weight",
                         f"{who}: {reason['rule']} ({reason['severity']}): {reason['why']}")
            if reason["severity"] == "low":
                notes.add(f"{who}: {reason['rule']}")
    print(f"{len(started)} of them, {len(owned)} processes; low: {sorted(notes)}")


def check_daemons(report):
    started, problems = stock_daemons.start_all()
    report.equal(problems, [], "every daemon runs", open("/srv/daemons.log", errors="replace").read())
    time.sleep(2)
    judge(report, started, silent=("cron", "a client of rpcbind", "a client of tmux", "a client of postgresql"))


def check_sessions(report):
    folder = pathlib.Path("/home/user/ssh")
    folder.mkdir()
    started = stock_sessions.start_all(folder)
    time.sleep(1)
    judge(report, started)


witness.main(check_daemons, check_sessions)
