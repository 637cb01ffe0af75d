#!/usr/bin/env python3
"""`check` finds shells on the network by whatever tool, and tells each in one finding.

In:    a machine of its own, shells.py.
Out:   each way that no rule, the wrong rule, or more than one finding tells.
Never: counts what is said about anything else.
"""
import json

import machine

machine.enter()

import pathlib  # noqa: E402
import time  # noqa: E402

import attacks  # noqa: E402
import shells  # noqa: E402
import tricks  # noqa: E402
import witness  # noqa: E402

FOLDER = pathlib.Path("/srv/work")
WEIGHT = ("medium", "high", "critical")


def check(path, *options):
    done = witness.run(witness.QUERY, "check", "--db", path, "--format", "json", *options)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"check: exit {done.returncode}: {done.stderr.decode()}")
    return json.loads(done.stdout)


def of_weight(answer, pids):
    """The findings of weight that are about one of these processes."""
    return [finding for finding in answer["findings"]
            if finding["severity"] in WEIGHT and
            any(reason["pid"] in pids or reason["partner_pid"] in pids
                for reason in finding["reasons"] if reason["severity"] in WEIGHT)]


def judge(report, answer, name, tree, pids, rules):
    """One finding of weight about the tree, and each of the rules in it about one of the pids."""
    findings = of_weight(answer, tree)
    report.equal(len(findings), 1, "told in one finding", f"{name}: {[each['rule'] for each in findings]}")
    told = {}
    for finding in findings:
        for reason in finding["reasons"]:
            told.setdefault(reason["rule"], {})[reason["pid"]] = reason["severity"]
    for rule in rules:
        report.check(any(told.get(rule, {}).get(pid) in WEIGHT for pid in pids), "told by its rule",
                     f"{name}: not {rule} about {pids} but {told}")


def check_shells(report):
    started, problems = shells.do_all(FOLDER)
    report.equal(problems, [], "each way can be gone")
    time.sleep(2.2)  # programs on command lines are judged when they are two seconds old
    path = witness.database("shells")
    witness.record(path)
    answer = check(path)
    report.equal(answer["not_run"] + answer["problems"], [], "every rule runs")
    for one in started:
        one.look()
        judge(report, answer, one.way.name, one.tree(), one.pids, (one.way.rule,))
    print(f"{len(started)} ways, {len(answer['findings'])} findings")


def check_tricks(report):
    done = tricks.do_all()
    time.sleep(2.2)
    path = witness.database("tricks")
    witness.record(path)
    answer = check(path)
    for trick in done:
        judge(report, answer, trick.name, trick.pids(), trick.pids(), trick.rules)
    print(f"{len(done)} tricks, {len(answer['findings'])} findings")


def check_takeover(report):
    """A packaged program at another one's port: only the baseline of this host tells."""
    path = witness.database("takeover")
    first = attacks.start(["nginx", "-g", "daemon off;"])
    relay = attacks.start(["socat", "TCP-LISTEN:8200,fork", "TCP:127.0.0.1:80"])
    attacks.listens(80)
    attacks.listens(8200)
    witness.record(path)
    done = witness.run(witness.RECORDER, "baseline", "add", "gold", "--db", path)
    report.equal(done.returncode, 0, "a baseline", done.stderr)
    report.check(of_weight(check(path), {relay.pid}), "a relay that nobody expects")
    report.equal(of_weight(check(path, "--baseline", "gold"), {relay.pid, first.pid}), [],
                 "what the baseline has does not weigh")
    first.terminate()
    first.wait()
    second = attacks.start(["/usr/lib/git-core/git-daemon", "--port=80", "--base-path=/srv", "--export-all"])
    attacks.listens(80)
    witness.record(path)
    report.equal(of_weight(check(path), {second.pid}), [], "a program of a package, no baseline")
    judge(report, check(path, "--baseline", "gold"), "takeover", {second.pid}, {second.pid}, ("unexpected-owner",))
    judge(report, check(path, "--baseline", "gold", "--now"), "takeover, now", {second.pid}, {second.pid},
          ("unexpected-owner",))
    report.equal(of_weight(check(path, "--baseline", "gold", "--at", "#1"), {first.pid}), [], "the past was clean")
    unknown = witness.run(witness.QUERY, "check", "--db", path, "--baseline", "silver")
    report.check(unknown.returncode == 2 and b"gold" in unknown.stderr, "an unknown baseline", unknown.stderr)


witness.require("ksh", "zsh", "ruby", "php", "node", "lua5.4", "gawk", "mawk", "script", "tclsh", "expect", "nc.openbsd",
                "nc.traditional", "ncat", "socat", "telnet", "openssl", "busybox", "cc", "perl",
                "systemd-socket-activate", "git")
machine.own_files()
FOLDER.mkdir()
witness.main(check_takeover, check_shells, check_tricks)
