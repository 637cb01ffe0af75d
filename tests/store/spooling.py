#!/usr/bin/env python3
"""What `spool` writes says the same as `show` and `when`, fits its schemas, and is never silently less.

In:    the folder of the programs; random histories; a host on which listeners come and go.
Out:   services put together from the lines alone, against `show` of every snapshot and `when` of every port; a lost
       cursor, a file that was removed, a second run at once, a folder of copies, a database that went back.
Never: asks the database where the lines can answer.
"""
import collections
import fcntl
import json
import os
import shutil
import socket

from programs import DIFF_PAIRS, LONG, QUERY, RECORDER, check, done, run, scratch

import json_schema
from spool_reader import KINDS, intervals, place, read_lines, rows_at

SEEDS, LENGTH = (60, 80) if LONG else (4, 40)
schemas = json_schema.Schemas()
counts = collections.Counter()


def spool(database, folder, *options, code=0, **more):
    result = run(QUERY, "spool", "--db", database, "--to", folder, *options, **more)
    check(result.returncode == code, f"spool: exit {result.returncode}, {result.stderr}")
    return result.stderr.decode()


def answer(database, *question):
    result = run(QUERY, *question, "--format", "json", "--db", database)
    check(result.returncode in (0, 1), f"{question}: {result.stderr}")
    return json.loads(result.stdout)


def check_schemas(lines):
    for kind in KINDS:
        for text in lines[kind]:
            value = json_schema.parse(text)
            problems = schemas.problems(value, json_schema.word_of(value))
            check(not problems, f"{kind}: {problems[:5]}")
            counts[kind] += 1


def check_show(database, lines, last):
    """At every snapshot the rows that are open are the listeners that it shows, and those that it could not see."""
    gaps = {line["seq"]: line["gaps"] for line in map(json.loads, lines["snapshots"]) if line["kind"] == "snapshot"}
    for seq in range(1, last + 1):
        shown = collections.defaultdict(set)
        for each in answer(database, "show", "-l", "-A", "tcp,sctp,mptcp", "--at", f"#{seq}")["sockets"]:
            address = each["local_address"].removeprefix("::ffff:")  # a mapped address is that of IPv4
            shown[each["protocol"], address, each["local_port"], each["netns"]] |= {
                holder["program"] for holder in each["holders"]}
        told = {}
        for row in rows_at(lines["services"], seq).values():
            if row["protocol"] in ("tcp", "sctp", "mptcp") and "forward" not in row:
                key = place(row)[:4]
                check(key not in told or row["device"], f"#{seq}: two rows at {key}")
                told[key] = row
        for key in shown:
            check(key in told, f"#{seq}: {key} is shown, and no row tells it")
        for key, row in told.items():
            check(key in shown or gaps[seq], f"#{seq}: {row} is told, and the snapshot saw all and does not show it")
            if not gaps[seq] and shown[key]:
                check(row["program"] in shown[key], f"#{seq}: {key} is told of {row['program']}, shown {shown[key]}")
                counts["owners"] += 1
        counts["shown"] += len(shown)


def check_diff(database, lines, last):
    """Where two neighbours saw everything, a row ends and another begins at a place just when `diff` says that the owner
    changed; a place without a row before or after is new or gone to `diff`, or went somewhere else."""
    gaps = {line["seq"]: line["gaps"] for line in map(json.loads, lines["snapshots"]) if line["kind"] == "snapshot"}
    rows = [row for row in intervals(lines["services"]).values() if row["protocol"] == "tcp"]
    for seq in range(2, last + 1):
        if gaps[seq - 1] or gaps[seq]:
            continue
        changes = [change for change in answer(database, "diff", "--all", "--from", f"#{seq - 1}", "--to", f"#{seq}")["changes"]
                   if change["protocol"] == "tcp"]
        kinds = collections.defaultdict(set)
        for change in changes:
            sides = [side["local_address"] for side in (change["before"], change["after"]) if side]
            if change["kind"] == "owner_changed" and len(set(sides)) == 2:
                continue  # of a port, at another address
            kinds[change["local_address"], change["local_port"], change["netns"]].add(change["kind"])
        began = {place(row)[1:4] for row in rows if row["first_seq"] == seq}
        ended = {place(row)[1:4] for row in rows if row["not_after_seq"] == seq}
        for where in began & ended:
            check(kinds[where] & {"owner_changed", "forwarding_changed"}, f"#{seq}: {where} has another row, diff: {kinds[where]}")
            counts["handed over"] += 1
        for where, words in kinds.items():
            if "owner_changed" in words:
                check(where in began & ended, f"#{seq}: diff says that {where} changed its owner, its row goes on")
            if "new_listener" in words:
                check(where in began, f"#{seq}: diff says that {where} is new, no row begins: {words}")
                counts["new"] += 1
            if "vanished_service" in words:
                check(where in ended, f"#{seq}: diff says that {where} vanished, no row ends: {words}")
                counts["vanished"] += 1
            if words <= {"restarted", "program_changed", "renamed"}:
                check(where not in began | ended, f"#{seq}: a row at {where} begins or ends, diff: {words}")
                counts["the same"] += 1


def check_when(database, lines):
    """The spans of a port: where no row tells of it before, one begins when the span does, and none ends later."""
    rows = [row for row in intervals(lines["services"]).values() if row["protocol"] == "tcp"]
    for port in sorted({row["local_port"] for row in rows}):
        mine = [row for row in rows if row["local_port"] == port]
        spans = [span for span in answer(database, "when", f"tcp/{port}", "-l")["spans"]]
        begins = {row["first_seen"]: row for row in mine}
        for span in spans:
            row = begins.get(span["first_seen"])
            check(row, f"tcp/{port}: no row begins at {span['first_seen']}: {sorted(begins)}")
            # Of a port as a whole the end of what was at another place is known to be before it.
            elsewhere = {other["not_after"] for other in mine}
            check(any(other["not_before"] == span["not_before"] or span["not_before"] in elsewhere
                      for other in mine if other["first_seen"] == span["first_seen"]),
                  f"tcp/{port}: {row['not_before']} is not {span['not_before']}")
            counts["spans"] += 1
        ends = {row["not_after"] for row in mine if row["not_after"]}
        for span in spans:
            if span["not_after"]:
                # Of a port as a whole all places have to be seen to be empty at once.
                check(any(span["last_seen"] < end <= span["not_after"] for end in ends),
                      f"tcp/{port}: no row ends by {span['not_after']}: {sorted(ends)}")
                counts["ends"] += 1


def try_histories(folder):
    for seed in range(1, SEEDS + 1):
        database, target = folder / f"{seed}.db", folder / f"{seed}.spool"
        check(run(DIFF_PAIRS, database, seed, LENGTH, 1).returncode == 0, "diff_pairs")
        spool(database, target)
        lines = read_lines(target)
        check_schemas(lines)
        check([json.loads(text)["seq"] for text in lines["snapshots"]] == list(range(1, LENGTH + 1)), "snapshots")
        check_show(database, lines, LENGTH)
        check_when(database, lines)
        check_diff(database, lines, LENGTH)
    for what in ("shown", "owners", "spans", "ends", "findings"):
        check(counts[what] > 10, f"hardly any {what}: {counts}")


def record(database, *options):
    check(run(RECORDER, "snapshot", "--db", database, *options).returncode == 0, "snapshot")


def try_growth(folder):
    """One run after each snapshot, and one over all of them: the same lines. Heads are those that verify takes."""
    database, each, whole = folder / "grow.db", folder / "each", folder / "whole"
    kept = []
    for at in range(8):
        record(database)
        spool(database, each)
        if at % 3 == 2:
            kept.pop().close()
        else:
            kept.append(socket.create_server(("127.0.0.1", 0)))
        if at == 5:
            with open(f"{database}.lock", "rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                record(database)
    record(database)
    spool(database, each)
    spool(database, each)
    spool(database, whole)
    many, one = read_lines(each), read_lines(whole)
    check_schemas(many)
    for kind in KINDS:
        check(sorted(many[kind]) == sorted(one[kind]), f"{kind}: {set(many[kind]) ^ set(one[kind])}")
    check(any(json.loads(text)["kind"] == "missed" for text in one["snapshots"]), "a skipped run is not told")
    anchors = folder / "anchors"
    anchors.write_text("\n".join(one["snapshots"]) + "\n")
    verdict = run(QUERY, "verify", "--db", database, "--anchors", anchors, "--format", "json")
    check(verdict.returncode == 0, f"verify with the lines as anchors: {verdict.stdout} {verdict.stderr}")
    value = json.loads(verdict.stdout)
    check(value["result"] == "intact" and value["anchored_to"], f"anchored: {value}")
    return database, whole


def try_loss(folder, database, whole):
    """Whatever is lost is sent again, or told."""
    target = folder / "lost"
    shutil.copytree(whole, target)
    before = read_lines(target)
    (target / "cursor").unlink()
    said = spool(database, target, "--since-cursor", code=3)
    check("without --since-cursor" in said, said)
    spool(database, target)
    after = read_lines(target)
    for kind in KINDS:
        check(set(after[kind]) == set(before[kind]) and len(after[kind]) == 2 * len(before[kind]), f"sent again: {kind}")
    content = (target / "cursor").read_bytes()
    (target / "cursor").write_bytes(content[:-40] + b"x" + content[-39:])
    check("damaged" in spool(database, target), "a damaged cursor is not told")
    # A shipper that removes what it has read, and one that cuts a file in the middle of a line.
    for path in target.glob("services.*.jsonl"):
        path.unlink()
    record(database)
    spool(database, target)
    cut = sorted(target.glob("snapshots.*.jsonl"))[-1]
    os.truncate(cut, cut.stat().st_size - 10)
    record(database)
    spool(database, target)
    last = sorted(target.glob("snapshots.*.jsonl"))[-1]
    check(last != cut and last.read_bytes().count(b"\n") == 1, "a line was added to one that was cut")


def try_limits(folder, database):
    """The oldest files make room for others: how many lines went is told in the lines and to whoever runs it."""
    target = folder / "small"
    said = spool(database, target, "--max-file", "1K", "--max-size", "8K")
    for _ in range(4):
        record(database)
        said += spool(database, target, "--max-file", "1K", "--max-size", "8K")
    check("was removed to make room" in said, said)
    lines = read_lines(target)
    told = [line for line in map(json.loads, lines["snapshots"]) if line["kind"] == "removed"]
    check(told and all(line["lines"] > 0 for line in told), f"removed: {told}")
    check_schemas(lines)
    record(database)
    said = spool(database, target, "--max-file", "1K", "--max-size", "1K", "--strict", code=4)
    check("removed" in said, said)


def try_two(folder, database):
    target = folder / "two"
    spool(database, target)
    with open(target / "lock", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = spool(database, target, code=3)
        check("another run is writing there" in said, said)
    spool(database, target)


def first_of(database, place_in_list):
    return answer(database, "snapshots")["snapshots"][place_in_list]["seq"]


def try_other_files(folder, database):
    """An earlier copy in its place; a pruned one; copies of many hosts as one case."""
    early, target = folder / "early.db", folder / "back"
    shutil.copy(database, early)
    record(database)
    spool(database, target)
    check("another one or not there" in spool(early, target), "a database that went back is not told")
    pruned = folder / "pruned.db"
    shutil.copy(database, pruned)
    for suffix in (".keys", ".lock"):
        source = f"{database}{suffix}"
        (shutil.copytree if os.path.isdir(source) else shutil.copy)(source, f"{pruned}{suffix}")
    target = folder / "gone"
    spool(pruned, target)
    told = first_of(pruned, -1)
    record(pruned)
    while first_of(pruned, 0) <= told + 1:  # until a snapshot that was not told is old enough to go
        record(pruned)
        pruning = run(RECORDER, "prune", "--keep", "1s", "--db", pruned)
        check(pruning.returncode == 0, f"prune: {pruning.stderr}")
    said = spool(pruned, target)
    lines = read_lines(target)
    kinds = collections.Counter(json.loads(text)["kind"] for text in lines["snapshots"])
    check("were pruned before" in said and kinds["pruned"] == 1 and kinds["prune"] > 0, f"pruned: {said} {kinds}")
    check_schemas(lines)
    cases = folder / "cases"
    cases.mkdir()
    for seed in (1, 2):
        shutil.copy(folder / f"{seed}.db", cases)
    (cases / "0.db").write_bytes(b"no database")
    damaged = bytearray((folder / "3.db").read_bytes())  # begins well
    damaged[len(damaged) // 2:] = os.urandom(len(damaged) - len(damaged) // 2)
    (cases / "1a.db").write_bytes(damaged)
    case = folder / "case"
    said = spool(f"{cases}/*.db", case, code=3)
    check("0.db" in said and "damaged" in said, said)
    lines = read_lines(case)
    for kind in KINDS:
        alone = [text for seed in (1, 2) for text in read_lines(folder / f"{seed}.spool")[kind]]
        check(sorted(lines[kind]) == sorted(alone), f"{kind}: copies beside a damaged one are told otherwise")


with scratch() as place_:
    try_histories(place_)
    grown, spooled = try_growth(place_)
    try_loss(place_, grown, spooled)
    try_limits(place_, grown)
    try_two(place_, grown)
    try_other_files(place_, grown)
    print(", ".join(f"{count} {what}" for what, count in sorted(counts.items())))
    done("spooling")
