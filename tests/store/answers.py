#!/usr/bin/env python3
"""Every command's answers in JSON and JSON Lines are what the published schemas say.

In:    the folder of the programs; random histories, a made-up quarter, a chain that is whole and one that is altered,
       and a host with sockets and programs of many kinds on which things happen.
Out:   answers that do not fit, members that no schema names, schemas that no answer was read with.
Never: knows what an answer should say; the other tests do.
"""
import collections
import contextlib
import fcntl
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys

from programs import BIN, QUERY, RECORDER, check, done, make_database, own_host, run, scratch

import json_schema

AS_OF = "2027-01-01T00:00:00Z"
DISTURBER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support/disturber.py")
POLICY = """
[[service]]
port = [22, 80, 443]
reason = "the shop"
approved_on = 2020-01-01
approved_by = "ops"
review = 2020-06-01
[[service]]
name = "ghost"
port = 9
unit = "ghost.service"
reason = "nothing answers there"
expires = 2026-08-31
[[accept]]
rule = "fake-kernel-thread"
reason = "a test"
until = 2099-01-01
"""
# Cannot run: there is no such table.
RULE = """
id = "site-broken"
title = "never"
severity = "low"
attack = ["T1059"]
explanation = "It cannot run."
benign = ["nothing"]
accept = ["program"]
sql = "SELECT nothing FROM nowhere"
"""
schemas = json_schema.Schemas()
answers = collections.Counter()


def read(text, what):
    value = json_schema.parse(text)
    word = json_schema.word_of(value)
    problems = schemas.problems(value, word)
    check(not problems, f"{what}: {word}: {'; '.join(problems[:5])}")
    answers[word] += 1
    return value


def ask(database, *question, codes=(0, 1)):
    """One question in both forms; the lines are the rows of the answer, or one of them says more."""
    what = " ".join(question)
    whole = run(QUERY, *question, "--format", "json", "--db", database)
    check(whole.returncode in codes, f"{what}: exit {whole.returncode}, {whole.stderr}")
    value = read(whole.stdout, what)
    lines = run(QUERY, *question, "--format", "jsonl", "--db", database)
    check(lines.returncode in codes, f"{what}: exit {lines.returncode}, {lines.stderr}")
    rows = [read(line, what) for line in lines.stdout.splitlines()]
    lists = [rows_of for rows_of in value.values() if isinstance(rows_of, list)]
    check(any(len(each) == len(rows) for each in lists), f"{what}: {len(rows)} lines are no list of the answer")
    return value


def export(database):
    done_ = run(QUERY, "export", "--format", "jsonl", "--db", database)
    check(done_.returncode == 0, f"export: {done_.stderr}")
    for line in done_.stdout.splitlines():
        read(line, "export")


def spool(database):
    folder = f"{database}.spool"
    done_ = run(QUERY, "spool", "--to", folder, "--judge", "3", "--db", database)
    check(done_.returncode == 0, f"spool: {done_.stderr}")
    for name in sorted(os.listdir(folder)):
        if name.endswith(".jsonl"):
            with open(os.path.join(folder, name), encoding="ascii") as lines:
                for line in lines:
                    read(line, name)


def ask_all(database, first, last, policy=()):
    """Every command that answers, over a history from the one snapshot to the other."""
    whole = ("--since", f"#{first}", "--until", f"#{last}")
    ask(database, "snapshots")
    ask(database, "status")
    for at in range(first, last + 1, max(1, (last - first) // 2)):
        ask(database, "show", "-a", "-A", "all", "--at", f"#{at}")
        ask(database, "account", "--all", "--unix", "--at", f"#{at}", *policy)
        ask(database, "check", "--all", "--at", f"#{at}", *policy)
        if at > first:
            ask(database, "diff", "--all", "--from", f"#{first}", "--to", f"#{at}")
    ask(database, "check", "--all", *whole, *policy)
    ask(database, "when", "-A", "all", "--pid", "1")
    ask(database, "when", "tcp/80")
    ask(database, "timeline", "--events", "all", *whole)
    ask(database, "timeline", "--tree", "--at", f"#{last}")
    ask(database, "report", "--as-of", AS_OF, *whole, *policy)
    news = ("alert", "--since", f"#{first}", "--severity", "info", *policy)
    ask(database, *news)
    read(run(QUERY, *news, "--format", "webhook", "--db", database).stdout, "webhook")
    ask(database, "verify", codes=(0, 3))
    export(database)
    spool(database)


def try_random(folder):
    """Every enumeration of the model, bytes that no text is made of."""
    for seed in (5, 6):
        database = folder / f"random-{seed}.db"
        make_database(database, 12, seed)
        ask_all(database, 1, 12)


def try_quarter(folder, policy):
    database = folder / "quarter.db"
    check(run(BIN / "make_quarter", database).returncode == 0, "make_quarter")
    for at in ("#900", "#1100"):
        ask(database, "account", "--all", "--at", at, *policy)
    ask(database, "when", "tcp/5432")
    ask(database, "when", "udp/111")
    ask(database, "diff", "--all", "--from", "#900", "--to", "#1001")
    ask(database, "timeline", "--events", "all")
    value = ask(database, "report", "--as-of", AS_OF, *policy)
    check(value["policy"] and value["changes"] and value["unobserved"], "the report of the quarter has little in it")
    ask(database, "alert", "--since", "#900", *policy)


def try_chain(folder):
    """Whole, altered, cut off, and no database at all."""
    database = folder / "chain.db"
    check(run(BIN / "make_chain", database, 7, 14, 2).returncode == 0, "make_chain")
    key = run(RECORDER, "keys", "--db", database)
    (folder / "key").write_bytes(key.stdout)
    ask(database, "verify")
    run(QUERY, "verify", "--key", folder / "key", "--format", "json", "--db", database)
    for form in ("json", "jsonl"):
        target = folder / f"sealed-{form}"
        sealed = run(QUERY, "seal", "--since", "#4", "--until", "#9", "-o", target, "--format", form, "--db", database)
        check(sealed.returncode == 0, f"seal: exit {sealed.returncode}, {sealed.stderr}")
        for text in [sealed.stdout] if form == "json" else sealed.stdout.splitlines():
            read(text, "seal")
    altered = folder / "altered.db"
    shutil.copy(database, altered)
    with contextlib.closing(sqlite3.connect(altered, isolation_level=None)) as rows:
        rows.execute("UPDATE socket SET local_port = local_port + 1 WHERE id IN (SELECT min(id) FROM socket)")
    value = ask(altered, "verify", codes=(3,))
    check(value["result"] == "altered" and value["problems"], f"an altered file: {value['result']}")


def record(database, *options):
    result = run(RECORDER, "snapshot", *options, "--db", database)
    check(result.returncode == 0, f"snapshot: {result.stderr}")


def try_host(folder, policy):
    """This one, with what intruders do on it; a baseline, an acceptance, a skipped run, an endless command line."""
    database = folder / "host.db"
    kept = [socket.create_server(("127.0.0.1", 0)), socket.create_server(("::1", 0), family=socket.AF_INET6),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)]
    with contextlib.suppress(OSError):
        kept.append(socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)))
    record(database, "--note", "before")
    check(run(RECORDER, "baseline", "add", "gold", "--note", "as it was", "--db", database).returncode == 0, "baseline")
    with subprocess.Popen([sys.executable, DISTURBER], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as disturber:
        check(disturber.stdout.readline() == b"ready\n", "the disturber did not begin")
        record(database)
        record(database)
        disturber.stdin.close()
        disturber.stdout.read()
    kept.append(socket.create_server(("127.0.0.1", 0)))
    with open(f"{database}.lock", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        record(database)
    with subprocess.Popen(["sleep", "1000000", *["0" * 1000] * 300], pass_fds=[kept[-1].fileno()]) as sleeper:
        record(database, "--note", "after")
        sleeper.kill()
    port = kept[-1].getsockname()[1]
    accepted = run(RECORDER, "baseline", "accept", "gold", f"tcp/{port}", "--reason", "a test", "--until", "2099-01-01",
                   "--db", database)
    check(accepted.returncode == 0, f"accept: {accepted.stderr}")
    last = int(re.search(rb"snapshot (\d+)", run(RECORDER, "snapshot", "--db", database).stdout).group(1))
    ask_all(database, 1, last, policy)
    ask(database, "diff", "--baseline", "gold", "--all")
    ask(database, "account", "--baseline", "gold", "--all", *policy)
    ask(database, "diff", "--from", f"#{last}", "--now", "--all")
    ask(database, "check", "--now", "--all")
    value = ask(database, "rules", "--rules", str(folder / "rules"))
    check(value["problems"] and value["not_run"], "rules that are wrong are not told")
    ask(database, "check", "--rules", str(folder / "rules"), "--all")
    found = ask(database, "check", "--all", "--since", "#1", *policy)
    check(not own_host.entered() or found["findings"], "nothing was found on a host full of it")


with scratch() as place:
    (place / "policy.toml").write_text(POLICY, encoding="ascii")
    (place / "rules").mkdir()
    (place / "rules/site.toml").write_text(RULE, encoding="ascii")
    (place / "rules/unknown.toml").write_text("nonsense = 1\n", encoding="ascii")
    with_policy = ("--policy", str(place / "policy.toml"))
    try_random(place)
    try_quarter(place, with_policy)
    try_chain(place)
    try_host(place, with_policy)
    unused = set(schemas.files) - schemas.used - {json_schema.COMMON}
    check(not unused, f"no answer was read with {sorted(unused)}")
    print(f"{len(schemas.unseen())} members of schemas were in no answer, {len(schemas.seen)} were")
    print(", ".join(f"{count} {word.removeprefix('sockwitness.')}" for word, count in sorted(answers.items())))
    done("answers")
