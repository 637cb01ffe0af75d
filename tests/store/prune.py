#!/usr/bin/env python3
"""What is pruned is gone, is told as that, and changes no answer about what stays.

In:    random histories, signed ones and such that the recorder makes here; the same file before and after a prune.
Out:   answers about snapshots that stay, which must be equal; what is said of those that do not; verdicts of both
       verifiers, of pruned files and of files in which the same rows are missing without a record; holds, baselines,
       figures, a full disk.
Never: takes "first seen" with the first snapshot that is left for "appeared".
"""
import collections
import json
import os
import random
import shutil
import sqlite3
import subprocess
import time

import chain_reader
from chains import altered, copy, intact, make_chain, open_freely, record_once, remove, verify
from programs import BIN, LONG, PATIENCE, QUERY, RECORDER, check, done, make_database, run, scratch
from retention import answer, prune

MAKE_PRUNE = str(BIN / "make_prune")
tried = collections.Counter()


def prune_to(database, first_kept):
    result = run(MAKE_PRUNE, database, first_kept)
    check(result.returncode == 0, f"make_prune {first_kept}: {result.stderr}")
    return int(result.stdout)


def clipped(value, edge):
    """What was there with the first snapshot that is left is as old as that. `edge`: its time for each time before."""
    if isinstance(value, dict):
        return {key: edge.get(part, part) if key in ("since", "first_seen", "listening_since") and isinstance(part, str)
                else clipped(part, edge) for key, part in value.items() if key != "pruned"}
    if isinstance(value, list):
        return [clipped(part, edge) for part in value]
    return value


def edge_of(database, first):
    times = [snapshot["taken_at"] for snapshot in answer(database, "snapshots")["snapshots"]]
    return {time: times[first - 1] for time in times[:first]}


def span(database):
    with sqlite3.connect(database) as db:
        return db.execute("SELECT min(seq), max(seq) FROM snapshot").fetchone()


def compare(before, after, words, edge):
    tried[words[0]] += 1
    one, other = answer(before, *words), answer(after, *words)
    if words[0] == "timeline":
        drop = ("recorder_started", "pruned")
        for each in (one, other):
            each["events"] = [event for event in each["events"] if event["kind"] not in drop]
    check(clipped(one, edge) == clipped(other, edge), f"{words}: another answer after the prune")


def export(database, first):
    result = run(QUERY, "export", "--format", "jsonl", "--since", f"#{first}", "--db", database)
    check(result.returncode == 0 and result.stdout, f"export: {result.stderr}")
    return [clipped(json.loads(line), {}) for line in result.stdout.splitlines()]


def told_as_pruned(database, first):
    """Every question about what is gone is answered by that."""
    words = f"snapshots 1 to {first - 1}"
    for question in (["show", "--at", f"#{first - 1}"], ["show", "--at", "1990-01-01"], ["diff", "--from", "#1"],
                     ["timeline", "--since", "#1"], ["check", "--at", "#1"], ["account", "--at", "#1"]):
        result = run(QUERY, *question, "--db", database)
        check(result.returncode == 2 and words in result.stderr.decode() and b"pruned" in result.stderr,
              f"{question}: {result}")
    for question in (["snapshots"], ["timeline"], ["status"]):
        told = run(QUERY, *question, "--db", database).stdout.decode()
        check(words in told and "pruned" in told, f"{question}: {told[:300]}")
    for question in (["snapshots"], ["show", "--at", f"#{first}"], ["account"], ["status"], ["when", "tcp/1-65535"]):
        pruned = answer(database, *question)["pruned"]
        check((pruned["first_seq"], pruned["last_seq"]) == (1, first - 1), f"{question}: {pruned}")
    events = answer(database, "timeline")["events"]
    check([event["kind"] for event in events if event["kind"] in ("pruned", "recorder_started")] == ["pruned"],
          "the timeline begins as if recording had begun")


def sound(database):
    with sqlite3.connect(database) as db:
        check(db.execute("PRAGMA integrity_check").fetchone() == ("ok",), "integrity")
        check(db.execute("PRAGMA foreign_key_check").fetchall() == [], "a row refers to one that is gone")


def try_history(folder, seed, choice):
    before, after = folder / "before.db", folder / "after.db"
    for path in (before, after):
        remove(path)
    signed = seed % 2 == 0
    if signed:
        make_chain(before, 500 + seed, 8 + seed % 23)
    else:
        make_database(before, 8 + seed % 23, 500 + seed)
    copy(before, after, keys=signed)
    _, last = span(before)
    edges = sorted(choice.sample(range(3, last + 1), 2))
    for first in edges:
        check(prune_to(after, first) > 0, "no row was removed")
        sound(after)
        intact(after, f"history {seed}, pruned to {first}")
        edge = edge_of(before, first)
        told_as_pruned(after, first)
        for seq in {first, last, choice.randint(first, last), choice.randint(first, last)}:
            compare(before, after, ["show", "-a", "-A", "all", "--at", f"#{seq}"], edge)
            compare(before, after, ["diff", "--from", f"#{first}", "--to", f"#{seq}"], edge)
            compare(before, after, ["check", "--at", f"#{seq}"], edge)
        compare(before, after, ["timeline", "--since", f"#{first}"], edge)
        compare(before, after, ["account"], edge)
        check(export(before, first) == export(after, first), "another export")
    forge_without_a_record(before, after, folder / "forged.db", edges)


def forge_without_a_record(before, after, target, edges):
    """The same rows gone, and no record that says so."""
    if run(QUERY, "verify", "--db", before).returncode != 0 and verify(before)[1]["result"] == "unsigned":
        return
    copy(after, target)
    with open_freely(target) as db:
        db.execute("DELETE FROM prune")
        db.execute("DELETE FROM author WHERE record IN (SELECT id FROM record WHERE kind = 9)")
    check(verify(target)[1]["result"] == "altered", "a prune without its row is taken for right")
    check(chain_reader.find_flaw(target) is not None, "the second verifier finds nothing")
    copy(before, target)
    with open_freely(target) as db:
        db.execute("DELETE FROM snapshot WHERE seq < ?", (edges[0],))
    altered(target, "snapshots removed by hand", verify(target)[1]["problems"][0]["record"])
    for statement in ("UPDATE text SET bytes = x'00' WHERE id = (SELECT min(id) FROM text)",
                      "DELETE FROM process WHERE id = (SELECT min(id) FROM process)",
                      "UPDATE prune SET last_seq = last_seq + 1", "DELETE FROM frame WHERE entity = 2"):
        copy(after, target)
        with open_freely(target) as db:
            db.execute(statement)
        check(verify(target)[1]["result"] == "altered", f"{statement}: taken for right")
        check(chain_reader.find_flaw(target) is not None, f"{statement}: the second verifier finds nothing")
        tried["forged"] += 1


def listing(database):
    return answer(database, "diff", "--baseline", "known")["summary"]


def try_recorder(folder):
    """Baselines, holds, figures; recording goes on; what was pruned is nowhere in the file."""
    database = folder / "witness.db"
    secret = b"planted-in-an-argument-77121"
    with subprocess.Popen(["sleep", "300"], executable="/bin/sleep") as sleeper:
        record_once(database)
        sleeper.kill()
    with subprocess.Popen(["sh", "-c", "sleep 300 # " + secret.decode()]) as shell:
        record_once(database)
        shell.kill()
    for _ in range(4):
        record_once(database)
    result = run(RECORDER, "baseline", "add", "known", "--from", "#1", "--to", "#3", "--db", database)
    check(result.returncode == 0, f"baseline: {result.stderr}")
    expected = listing(database)
    hold = ("hold", "add", "case", "--from", "#3", "--reason", "legal")
    check(run(RECORDER, *hold, "--db", database).returncode == 0, "hold add")
    check(run(RECORDER, *hold, "--db", database).returncode == 2, "two holds of one name")
    check(b"legal" in run(RECORDER, "hold", "list", "--db", database).stdout, "hold list")
    check(secret in database.read_bytes(), "the planted argument was not recorded")
    time.sleep(1.2)
    told, why = prune(database, "--keep", "1s", "--dry-run")
    check("would prune snapshots 1 to 2 " in told and span(database) == (1, 6), f"a trial: {told}")
    check("case" in why and "legal" in why, f"the hold is not named: {why}")
    told, _ = prune(database, "--keep", "1s")
    check(span(database) == (3, 6) and "pruned snapshots 1 to 2 " in told, f"up to the hold: {told}")
    told, _ = prune(database, "--keep", "1s")
    check("nothing to prune" in told and span(database) == (3, 6), f"once more: {told}")
    check(listing(database) == expected, "the baseline changed")
    check(run(RECORDER, "hold", "remove", "cas", "--reason", "r", "--db", database).returncode == 2, "a wrong name")
    check(run(RECORDER, "hold", "remove", "case", "--reason", "settled", "--db", database).returncode == 0, "remove")
    forecast = prune(database, "--keep", "1s", "--dry-run")[0].replace("would prune", "pruned").replace("would become", "became")
    check(prune(database, "--keep", "1s")[0] == forecast, f"the trial said {forecast}")
    check(span(database) == (6, 6), "more or less than the latest is left")
    check(secret not in database.read_bytes(), "what was pruned is still in the file")
    sound(database)
    record_once(database)
    check(span(database) == (6, 7), "recording does not go on")
    told, why = prune(database, "--max-size", "1K")
    check(span(database) == (7, 7) and "only the latest" in why, f"by size: {told} {why}")
    record_once(database)
    verdict = intact(database, "pruned, held")
    check(verdict["key_state"] == "agrees", f"keys: {verdict['key_state']}")
    sound(database)
    for wrong in ((), ("--keep", "x"), ("--keep", "0d"), ("--max-size", "5"), ("--max-size", "1X")):
        prune(database, *wrong, code=2)
    # What is not as it was signed is not removed: that would remove the proof.
    time.sleep(1.2)
    with open_freely(database) as db:
        db.execute("UPDATE snapshot SET took_us = took_us + 1 WHERE seq = (SELECT min(seq) FROM snapshot)")
    content = database.read_bytes()
    _, why = prune(database, "--keep", "1s", code=3)
    check("as it was signed" in why and database.read_bytes() == content, f"an altered row: {why}")


def try_sizes(folder):
    """What was freed is filled before the file grows, or given back."""
    database = folder / "sizes.db"
    make_chain(database, 77, 90)
    size = database.stat().st_size
    most = used_and_free(database)[0] // 1024 - 16
    told, _ = prune(database, "--max-size", f"{most}K")
    first, last = span(database)
    check(1 < first < last and database.stat().st_size <= size + 16384, f"by size: {first} {last} {told}")
    used, free = used_and_free(database)
    check(free > 0 and used <= most << 10, f"{used} bytes are in use, {most} kB were asked for")
    told, _ = prune(database, "--keep", "1s", "--shrink")
    check(database.stat().st_size < size and "it was" in told, f"shrink: {told}")
    check(used_and_free(database)[1] == 0, "something is free all the same")
    intact(database, "shrunk")
    sound(database)


def try_digests(folder):
    """Blocks of digests reach over the edge, and were written by later records than the rows that go."""
    before, after = folder / "many.db", folder / "pruned.db"
    check(run(BIN / "bench_year", before, "900").returncode == 0, "bench_year")
    copy(before, after, keys=True)
    with sqlite3.connect(after) as db:
        blocks, = db.execute("SELECT count(*) FROM digest").fetchone()
        check(blocks > 20, f"hardly a digest: {blocks}")
    for first in (150, 160, 420, 430, 800):  # twice within a block: its digests go with the first of them
        prune_to(after, first)
        intact(after, f"digests, pruned to {first}")
        sound(after)
        edge = edge_of(before, first)
        compare(before, after, ["show", "-a", "-A", "all", "--at", "#850"], edge)
        compare(before, after, ["timeline", "--since", f"#{first}", "--events", "listener"], edge)
    record_once(after)
    intact(after, "recorded after digests went")


def used_and_free(database):
    with sqlite3.connect(database) as db:
        pages, free, size = (db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size"))
    return (pages - free) * size, free * size


def try_full_disk(folder):
    """With nothing left but what lies aside for it."""
    if os.geteuid() != 0:
        return
    place = folder / "full"
    place.mkdir()
    script = f"""set -e
mount -t tmpfs -o size=100m tmpfs {place}
R='{RECORDER}'; D='{place}/witness.db'
for n in 1 2 3 4 5 6; do $R snapshot --quiet --db $D; done
$R prune --keep 1h --db $D --quiet
test -f $D.ballast
dd if=/dev/zero of={place}/filler bs=4k 2>/dev/null || true
sleep 1.2
$R prune --keep 1s --db $D
test ! -f $D.ballast
rm {place}/filler
$R prune --keep 1h --db $D --quiet
test -f $D.ballast
'{QUERY}' verify --db $D | head -1
"""
    result = subprocess.run(["unshare", "-m", "bash", "-c", script], capture_output=True, timeout=PATIENCE, check=False)
    told = result.stdout.decode()
    check(result.returncode == 0 and "pruned snapshots 1 to 5" in told and "intact" in told, f"a full disk: {result}")
    tried["full disk"] += 1


def main():
    choice = random.Random(4711)
    with scratch() as folder:
        for seed in range(120 if LONG else 6):
            try_history(folder, seed, choice)
        try_recorder(folder)
        try_sizes(folder)
        try_digests(folder)
        try_full_disk(folder)
    print(dict(tried))
    check(tried["forged"] > 8 and tried["show"] > 20, f"hardly anything was tried: {tried}")
    shutil.rmtree(folder, ignore_errors=True)
    done("prune")


main()
