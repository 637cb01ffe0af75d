#!/usr/bin/env python3
"""Baselines in the file: what they hold, who may make them, and what a failure leaves.

In:    the folder of the programs; made-up histories; strace for kills and failures (root only).
Out:   a baseline of one snapshot differs from it in nothing, one of a range holds the union; values
       at their limits; kills, full disks and crowds leave all of a baseline or nothing.
Never: changes a row that is there: a drop is a record, too.
"""
import collections
import contextlib
import json
import os
import pathlib
import shutil
import socket
import sqlite3
import subprocess

from faults import chosen, require_faults, settle, traced
from programs import (clear, PATIENCE, QUERY, RECORDER, all_rows, ask, check, done, make_database, record, run,
                      scratch)

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "fixtures/databases"
MIGRATIONS = os.path.join(os.path.dirname(__file__), "../../schema/disk/migrations")
NEVER_CHANGES = ("record", "baseline", "baseline_drop", "baseline_acceptance", "baseline_service",
                 "baseline_owner", "baseline_rpc", "baseline_netns", "snapshot", "socket")


def baseline(database, *words):
    return run(RECORDER, "baseline", *words, "--db", database)


def made(database, *words):
    result = baseline(database, *words)
    check(result.returncode == 0, f"baseline {words}: {result.stderr}")
    return result


def not_made(database, what, word, *words):
    before = all_rows(database)
    result = baseline(database, *words)
    check(result.returncode == 2, f"{what}: exit {result.returncode}, {result.stderr}")
    check(word in result.stderr.decode(), f"{what}: {result.stderr}")
    check(all_rows(database) == before, f"{what}: something was written")


def answer(database, *words, codes=(0, 1)):
    result = run(QUERY, *words, "--format", "json", "--db", database)
    check(result.returncode in codes, f"{words}: exit {result.returncode}, {result.stderr}")
    return json.loads(result.stdout)


def place(value):
    return (value["netns"], value["protocol"], value["family"], value["local_address"],
            value["local_port"], value["path"])


def services_of(database, seq):
    """The places that `account` sees in one snapshot."""
    listed = answer(database, "account", "--all", "--unix", "--at", f"#{seq}")["services"]
    return {place(service) for service in listed}


def try_snapshots(database, length):
    for seq in range(1, length + 1):
        made(database, "add", f"at-{seq}", "--at", f"#{seq}")
        difference = answer(database, "diff", "--baseline", f"at-{seq}", "--to", f"#{seq}", "--all")
        check(not difference["changes"], f"baseline of {seq} against it: {difference['changes']}")
    listed = made(database, "list").stdout.decode()
    check([line.split()[0] for line in listed.splitlines() if line.startswith("at-")] ==
          [f"at-{seq}" for seq in range(1, length + 1)],
          "all of them, in order")


def stored(database, name):
    """Places with how often each was seen, as the file has them."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return dict(connection.execute(
            "SELECT baseline_service.id, baseline_service.snapshots FROM baseline "
            "JOIN text ON text.id = baseline.name "
            "JOIN baseline_service ON baseline_service.record = baseline.record "
            "WHERE text.bytes = ?", (name.encode(),)))


def try_ranges(database, length):
    seen = collections.Counter()
    for seq in range(1, length + 1):
        seen.update(services_of(database, seq))
    made(database, "add", "all", "--from", "#1", "--to", f"#{length}")
    counts = sorted(stored(database, "all").values())
    lasting = sorted(count for count in seen.values() if count > 1)
    check(counts[-len(lasting) // 2:] == lasting[-len(lasting) // 2:], f"{counts}, {lasting}")
    for share in (1, 50, 100):
        name = f"share-{share}"
        made(database, "add", name, "--from", "#1", "--to", f"#{length}", "--min-share",
             str(share))
        kept = sorted(stored(database, name).values())
        check(kept == [count for count in counts if count * 100 >= share * length],
              f"a share of {share}: {kept} of {counts}")
    for seq in range(1, length + 1):
        kinds = {change["kind"] for change in answer(
            database, "diff", "--baseline", "all", "--to", f"#{seq}")["changes"]}
        check("new_listener" not in kinds, f"new in {seq}, which the range has: {kinds}")


def try_limits(database):
    made(database, "add", "a" * 64)
    made(database, "add", "x.Y_z-0", "--note", "\x1b[31mred\n")
    for name in ("", "a" * 65, "a b", "-x", "ä", "a/b", "a\nb"):
        not_made(database, f"the name {name!r}", "", "add", "--", name)
    not_made(database, "a name twice", "there is one of that name", "add", "x.Y_z-0")
    not_made(database, "an unknown one", "did you mean 'x.Y_z-0'", "drop", "x.Y_z-1")
    not_made(database, "a snapshot that is not there", "#999", "add", "b", "--at", "#999")
    not_made(database, "an empty range", "", "add", "b", "--from", "#3", "--to", "#2")
    for share in ("-1", "101", "5,5", "many", ""):
        not_made(database, f"a share of {share!r}", "min-share", "add", "b", "--from", "#1",
                 "--min-share", share)
    not_made(database, "no reason", "reason", "accept", "x.Y_z-0", "tcp/80")
    not_made(database, "an empty reason", "reason", "accept", "x.Y_z-0", "tcp/80", "--reason", "")
    not_made(database, "nothing there", "tcp/1", "accept", "x.Y_z-0", "tcp/1", "--reason", "r")
    not_made(database, "no endpoint", "", "accept", "x.Y_z-0", "tcp/99999", "--reason", "r")
    made(database, "drop", "x.Y_z-0")
    not_made(database, "dropped twice", "x.Y_z-0", "drop", "x.Y_z-0")
    refused = run(QUERY, "diff", "--baseline", "x.Y_z-0", "--db", database)
    check(refused.returncode == 2 and not refused.stdout, "a dropped one answers")
    made(database, "add", "x.Y_z-0", "--at", "#1")


def words_of(name):
    return {"add": ("add", name), "accept": ("accept", "base", "tcp/7777", "--reason", name),
            "drop": ("drop", "base")}


def check_whole(before, database, what):
    rows = settle(database)
    for table in NEVER_CHANGES:
        check(before[table] <= rows[table], f"{what}: rows of {table} were lost or changed")
    more = len(rows["record"]) - len(before["record"])
    of_baselines = sum(len(rows[table]) - len(before[table]) for table in
                       ("baseline", "baseline_drop", "baseline_acceptance"))
    check(more in (0, 1) and of_baselines == more, f"{what}: half of it: {more}, {of_baselines}")
    return more


def start(folder, base):
    clear(folder, "witness.db*")
    shutil.copy(base, folder / "witness.db")
    return folder / "witness.db"


def try_faults(folder, base):
    before = all_rows(base)
    outcomes = collections.Counter()
    for act, words in words_of("fault").items():
        command = (RECORDER, "baseline", *words)
        for call, fault in (("pwrite64", "signal=KILL"), ("unlink", "signal=KILL"),
                            ("fdatasync", "signal=KILL"), ("pwrite64", "error=ENOSPC"),
                            ("fdatasync", "error=EIO")):
            _, total = traced(command, start(folder, base), call, "", only=("", "-journal"))
            for at in chosen(total):
                what = f"{act}: {fault} at {call} {at} of {total}"
                until = "+" if fault.startswith("error") else ""
                database = start(folder, base)
                result, _ = traced(command, database, call, f"{fault}:when={at}{until}",
                                   only=("", "-journal"))
                made_it = check_whole(before, database, what)
                outcomes[f"{act} {'done' if made_it else 'not done'}"] += 1
                if fault.startswith("error"):
                    check(result.returncode in (0, 3), f"{what}: exit {result.returncode}")
                    check(result.returncode == 3 or made_it, f"{what}: said done, and is not")
                check(record(database).returncode == 0, f"{what}: the next run")
                if not made_it:
                    made(database, *words)
    check(all(outcomes[f"{act} not done"] > 2 for act in words_of("")), f"{outcomes}")
    print(f"faults: {dict(outcomes)}")


def try_crowd(database):
    names = [f"crowd-{number}" for number in range(6)] + ["same"] * 4
    running = [subprocess.Popen([RECORDER, "baseline", "add", name, "--db", database],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE) for name in names]
    codes = collections.Counter()
    for name, process in zip(names, running):
        process.communicate(timeout=PATIENCE)
        codes[name.split("-")[0], process.returncode] += 1
    check(codes == {("crowd", 0): 6, ("same", 0): 1, ("same", 2): 3}, f"a crowd: {codes}")


def try_old_format(folder):
    """A file from before there were baselines is brought up to date by a run."""
    database = folder / "old.db"
    with contextlib.closing(sqlite3.connect(database)) as connection:
        with open(os.path.join(MIGRATIONS, "0001_trunk.sql"), encoding="utf-8") as trunk:
            connection.executescript(trunk.read())
        newest = folder / "newest.db"
        check(record(newest).returncode == 0, "a new file")
        with contextlib.closing(sqlite3.connect(newest)) as other:
            identity, = other.execute("PRAGMA application_id").fetchone()
        connection.execute(f"PRAGMA application_id = {identity}")
        connection.execute("PRAGMA user_version = 1")
        connection.commit()
    check(record(database).returncode == 0, "a run on an old file")
    made(database, "add", "gold")
    check(ask(database, ["diff", "--baseline", "gold"]).returncode == 0, "an answer from it")
    with contextlib.closing(sqlite3.connect(database)) as connection:
        check(connection.execute("PRAGMA user_version").fetchone() == (11,), "its version")


def try_kept(folder):
    """What a baseline and a policy approved under an earlier version, they approve under this one."""
    files = sorted(FIXTURES.glob("v*.toml"))
    check(bool(files), "no policy of an earlier version")
    for policy in files:
        version = policy.stem
        database = folder / f"{version}.db"
        with contextlib.closing(sqlite3.connect(database)) as connection:
            connection.executescript(policy.with_suffix(".sql").read_text(encoding="utf-8"))
        os.chmod(database, 0o600)
        check(record(database).returncode == 0, f"{version}: a run brings it up to date")
        nothing = folder / "nothing.toml"
        nothing.write_text("", encoding="ascii")
        seq = answer(database, "diff", "--baseline", "gold", "--to", "#1")["from"]["last_seq"]
        told = ("--all", "--unix", "--at", f"#{seq}")
        by_policy = answer(database, "account", *told, "--no-baseline", "--policy", policy)["services"]
        by_baseline = answer(database, "account", *told, "--baseline", "gold", "--policy", nothing)["services"]
        check(len(by_policy) > 5, f"{version}: {len(by_policy)} services")
        for service in by_policy:
            check(service["status"] == "approved", f"{version}: {place(service)}: {service['obstacle']}")
        for service in by_baseline:
            check(service["status"] == "baseline", f"{version}: {place(service)}: {service['obstacle']}")
        changes = answer(database, "diff", "--baseline", "gold", "--to", f"#{seq}", "--all")["changes"]
        check(all(change["severity"] == "info" for change in changes), f"{version}: {changes[:1]}")


def try_hostile_names(folder):
    """A name in a file that somebody altered is shown as any other text of a stranger."""
    database = folder / "hostile.db"
    make_database(database)
    made(database, "add", "plain")
    result = run(RECORDER, "hold", "add", "kept", "--from", "#1", "--reason", "r", "--db", database)
    check(result.returncode == 0, f"a hold: {result.stderr}")
    with contextlib.closing(sqlite3.connect(database)) as rows, rows:
        changed = rows.execute("UPDATE text SET bytes = x'1b5b33316d610a62' WHERE id IN "
                               "(SELECT name FROM baseline UNION SELECT name FROM hold)").rowcount
        check(changed == 2, f"{changed} names")
    for command in ("baseline", "hold"):
        listed = run(RECORDER, command, "list", "--db", database)
        check(listed.returncode == 0 and b"\\x1b[31ma\\x0ab  " in listed.stdout and b"\x1b" not in listed.stdout,
              f"{command} list: {listed.stdout!r} {listed.stderr!r}")


def main():
    length = 12
    with scratch() as folder:
        history = folder / "history.db"
        make_database(history, length=length)
        try_snapshots(history, length)
        try_ranges(history, length)
        live = folder / "live.db"
        check(record(live).returncode == 0, "a live snapshot")
        for _ in range(2):
            check(record(live).returncode == 0, "another one")
        try_limits(live)
        try_crowd(live)
        try_old_format(folder)
        try_kept(folder)
        try_hostile_names(folder)
    done("baselines")
    require_faults()
    with scratch() as folder, socket.create_server(("127.0.0.1", 7777)):
        base = folder / "base.db"
        check(record(base).returncode == 0, "a snapshot")
        made(base, "add", "base")
        try_faults(folder, base)
    done("baselines, with faults")


main()
