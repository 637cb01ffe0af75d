#!/usr/bin/env python3
"""What is thinned is gone, is told as that, and changes no answer about a snapshot that stays whole.

In:    random histories and simulated days, signed ones, and such that the recorder makes here; the same file before and
       after a thinning.
Out:   answers at and between whole snapshots, and about what listens at any time, which must be equal; what is told of the
       others; verdicts of both verifiers, of thinned files and of files that were changed afterwards; what stays for a
       hold, a baseline, a note; with --long the figures of a year.
Never: takes the number of a row again, or a thinning for a begin or an end of anything.
"""
import collections
import json
import random
import shutil
import sqlite3
import subprocess
import time

import chain_reader
from chains import MAKE_CHAIN, copy, intact, open_freely, record_once, remove, verify
from programs import BIN, LONG, QUERY, RECORDER, check, done, run, scratch
from retention import answer, prune

MAKE_THIN = str(BIN / "make_thin")
MAKE_PRUNE = str(BIN / "make_prune")
TOLD = ("thinned", "note", "notes")
tried = collections.Counter()


def make_thin(database, step, *spans):
    result = run(MAKE_THIN, database, step, *spans)
    check(result.returncode == 0, f"make_thin {step}: {result.stderr}")
    return [int(word) for word in result.stdout.split()]


def plain(value):
    """Without what is told of the thinning."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items() if key not in TOLD}
    if isinstance(value, list):
        return [plain(part) for part in value if not (isinstance(part, dict) and part.get("kind") == "thinned")]
    return value


def compare(before, after, *words):
    tried[words[0]] += 1
    check(plain(answer(before, *words)) == plain(answer(after, *words)), f"{words}: another answer after the thinning")


def thinned_of(database):
    with sqlite3.connect(database) as db:
        spans = db.execute("SELECT first_seq, last_seq FROM thin_span").fetchall()
        first, last = db.execute("SELECT min(seq), max(seq) FROM snapshot").fetchone()
    gone = {seq for one, other in spans for seq in range(one, other + 1) if one >= first}
    return sorted(gone), [seq for seq in range(first, last + 1) if seq not in gone]


def sound(database):
    with sqlite3.connect(database) as db:
        check(db.execute("PRAGMA integrity_check").fetchone() == ("ok",), "integrity")
        check(db.execute("PRAGMA foreign_key_check").fetchall() == [], "a row refers to one that is gone")


def counted(items):
    return collections.Counter(json.dumps(item, sort_keys=True) for item in plain(items))


def compare_events(before, after):
    """What happened to what is left; nothing else, and nothing that listens is missing."""
    compare(before, after, "timeline", "--events", "listener,program,boot,clock,gap,baseline")
    one, other = (answer(path, "timeline", "-a", "-A", "all", "--events", "all")["events"] for path in (before, after))
    more = counted(other) - counted(one)
    check(not more, f"events that only the thinning makes: {list(more)[:2]}")
    tried["events"] += len(other)
    tried["events gone"] += len(one) - len(other)


def compare_reports(before, after, whole):
    """What listened, and what changed in it, at any time."""
    tried["report"] += 1
    one, other = (plain(answer(path, "report", "--since", f"#{whole[0]}", "--until", f"#{whole[-1]}")) for path in (before, after))
    for part in ("changes", "services", "not_compared", "unobserved", "partial"):
        check(one[part] == other[part], f"report: other {part} after the thinning")


def compare_spans(before, after, thing, whole):
    """Every span that a whole snapshot saw is there as it was, bracket for bracket, and no other one is new."""
    tried["when"] += 1
    one, other = (answer(path, "when", "-a", *thing)["spans"] for path in (before, after))
    check(not counted(other) - counted(one), f"when {thing}: a span that was not there before")
    times = {snapshot["seq"]: snapshot["taken_at"] for snapshot in answer(before, "snapshots")["snapshots"]}
    for span in one:
        seen = range(span["first_seq"], span["last_seq"] + 1) if "first_seq" in span else \
            [seq for seq, taken in times.items() if span["first_seen"] <= taken <= span["last_seen"]]
        if set(seen) & whole and counted([span]) - counted(other):
            check(False, f"when {thing}: a span that a whole snapshot saw is another one: {span}")


def told_as_thinned(database, gone, whole):
    """A question about a thinned snapshot is answered by the whole one before it, and says so."""
    for seq in {gone[0], gone[-1]}:
        shown = answer(database, "show", "--at", f"#{seq}")
        expected = max(number for number in whole if number < seq)
        check(shown["snapshot"]["seq"] == expected, f"#{seq} is answered by #{shown['snapshot']['seq']}, not by #{expected}")
        told = run(QUERY, "show", "--at", f"#{seq}", "--db", database).stdout.decode()
        check(f"snapshot {seq} was thinned" in told and f"{expected} answers" in told, f"show: {told[:300]}")
    for question in (["timeline"], ["when", "tcp/1-65535"], ["status"], ["timeline", "--since", f"#{gone[0]}"],
                     ["report", "--since", f"#{whole[0]}", "--until", f"#{whole[-1]}", "--format", "md"],
                     ["report", "--since", f"#{gone[0]}", "--until", f"#{whole[-1]}", "--format", "md"]):
        told = run(QUERY, *question, "--db", database).stdout.decode()
        words = f"of snapshots {gone[0]} to {gone[-1]}"
        check(words in told and "thinned" in told, f"{question}: not {words}: {[line for line in told.splitlines() if chr(39) + str() or 'thin' in line][:9]}")
    for question in (["snapshots"], ["show"], ["account"], ["status"], ["when", "tcp/1-65535"]):
        thinned = answer(database, *question)["thinned"]
        check((thinned["first_seq"], thinned["last_seq"], thinned["snapshots"]) == (gone[0], gone[-1], len(gone)),
              f"{question}: {thinned}")


def compare_all(before, after, choice, looks):
    gone, whole = thinned_of(after)
    chosen = sorted({whole[0], whole[-1], *choice.sample(whole, min(looks, len(whole)))})
    for seq in chosen:
        compare(before, after, "show", "-a", "-A", "all", "-e", "--at", f"#{seq}")
        compare(before, after, "check", "--all", "--at", f"#{seq}")
        compare(before, after, "account", "--all", "--at", f"#{seq}")
    for one, other in zip(chosen, chosen[1:]):
        compare(before, after, "diff", "--all", "--from", f"#{one}", "--to", f"#{other}")
    compare_events(before, after)
    compare_reports(before, after, whole)
    things = set()
    for seq in chosen:
        for socket in answer(before, "show", "-a", "-A", "all", "--at", f"#{seq}")["sockets"]:
            if socket["local_port"]:
                things.add(("tcp/" if socket["protocol"] == "tcp" else "udp/") + str(socket["local_port"]))
    for thing in choice.sample(sorted(things), min(looks, len(things))):
        compare_spans(before, after, [thing], set(whole))
    return gone, whole


def try_history(folder, seed, choice):
    before, after = folder / "before.db", folder / "after.db"
    remove(before)
    made = run(MAKE_CHAIN, before, 900 + seed, 30 + seed * 7 % 31, 0, 30)
    if b"baseline_netns" in made.stderr:  # two namespaces drew the same name
        tried["no history"] += 1
        return
    check(made.returncode == 0, f"make_chain: {made.stderr}")
    copy(before, after, keys=True)
    step = choice.choice((300, 600, 86_400))
    _, thinned, removed = make_thin(after, step, *([choice.randint(1, 3)] if seed % 2 else []))
    tried["thinned"] += thinned
    tried["removed"] += removed
    sound(after)
    intact(after, f"history {seed}, thinned to {step} s")
    if not thinned:
        tried["nothing to thin"] += 1
        check(before.read_bytes()[:100][24:28] == after.read_bytes()[:100][24:28] or removed == 0, "rows went all the same")
        return
    gone, whole = compare_all(before, after, choice, 4)
    told_as_thinned(after, gone, whole)
    check(make_thin(after, step)[1:] == [0, 0], "thinned again, something went")
    if seed % 3 == 0:
        make_thin(after, 2 * step)
        sound(after)
        intact(after, f"history {seed}, thinned twice")
        compare_all(before, after, choice, 3)
    if seed % 4 == 0:
        try_prune(after, choice)
    forge(after, folder / "forged.db")


def try_prune(after, choice):
    """What is left begins with a whole snapshot; what is younger stays as it was."""
    gone, whole = thinned_of(after)
    result = run(MAKE_PRUNE, after, gone[len(gone) // 2])
    check(result.returncode == 3 and b"thinned" in result.stderr, f"a prune to a thinned snapshot: {result}")
    first = choice.choice(whole[1:])
    check(run(MAKE_PRUNE, after, first).returncode == 0, "prune")
    sound(after)
    intact(after, f"thinned and pruned to {first}")
    if [seq for seq in thinned_of(after)[0] if seq > first]:
        tried["pruned"] += 1
    make_thin(after, 60)
    intact(after, "thinned after a prune")


def forge(after, target):
    """Rows of thinned snapshots that go, change or come without a record."""
    (span,) = (row for row in [sqlite3.connect(after).execute(
        "SELECT first_seq, last_seq FROM thin_span ORDER BY last_seq - first_seq DESC").fetchone()])
    for statement in (f"DELETE FROM change WHERE seq BETWEEN {span[0]} AND {span[1]}",
                      f"UPDATE snapshot SET took_us = took_us + 1 WHERE seq = {span[0]}",
                      f"DELETE FROM process WHERE id = (SELECT max(id) FROM process WHERE id <= (SELECT max(last_id) FROM change "
                      f"WHERE entity = 2 AND seq <= {span[1]}))",
                      f"INSERT INTO sample VALUES ({span[0]}, 1, 1, 1)",
                      "UPDATE thin_span SET last_seq = last_seq - 1", "UPDATE thin_span SET kept = kept + 1",
                      "UPDATE thin_span SET kept_root = zeroblob(32)", "DELETE FROM thin_span",
                      "UPDATE thin SET removed = removed + 1", "DELETE FROM thin",
                      "INSERT INTO thin_span SELECT record, first_seq + 100000, last_seq + 100000, 1, 2, kept, kept_root FROM thin_span LIMIT 1"):
        copy(after, target)
        with open_freely(target) as db:
            if db.execute(statement).rowcount == 0:
                continue
        check(verify(target)[1]["result"] == "altered", f"{statement}: taken for right")
        check(chain_reader.find_flaw(target) is not None, f"{statement}: the second verifier finds nothing")
        tried["forged"] += 1


def try_day(folder, choice):
    """A busy host: digests, key frames, thousands of connections."""
    before, after = folder / "busy.db", folder / "thinned.db"
    check(run(BIN / "bench_year", before, "600").returncode == 0, "bench_year")
    copy(before, after, keys=True)
    _, thinned, removed = make_thin(after, 3600, 7)
    check(thinned > 400 and removed > 40_000, f"hardly anything went: {thinned} snapshots, {removed} rows")
    sound(after)
    intact(after, "a busy host")
    gone, whole = compare_all(before, after, choice, 3)
    told_as_thinned(after, gone, whole)
    check(257 in whole and 513 in whole or 256 in whole, "a snapshot with a key frame was thinned")
    compare(before, after, "when", "443", "--peers", "0")
    record_once(after)
    intact(after, "recorded after a thinning")
    for name in (before, after):
        remove(name)


def try_recorder(folder):
    """Holds, baselines and notes; a trial says what the run does; what went is nowhere in the file."""
    database = folder / "witness.db"
    secret = "planted-in-an-argument-88231"
    record_once(database)
    with subprocess.Popen(["sh", "-c", f"sleep 300; : {secret}"]) as shell:
        record_once(database)
        shell.kill()
    record_once(database)
    for _ in range(3):
        record_once(database)
    check(run(RECORDER, "snapshot", "--quiet", "--note", "keep me", "--db", database).returncode == 0, "a note")
    for _ in range(6):
        record_once(database)
    check(run(RECORDER, "baseline", "add", "known", "--at", "#9", "--db", database).returncode == 0, "baseline")
    check(run(RECORDER, "hold", "add", "case", "--from", "#3", "--to", "#4", "--reason", "legal", "--db",
              database).returncode == 0, "hold")
    check(secret.encode() in database.read_bytes(), "the planted argument was not recorded")
    time.sleep(1.2)
    for wrong in (("--thin", "1h"), ("--thin", "1h", "30d"), ("--thin", "x", "after", "30d"), ("--thin", "1h", "after", "0d"),
                  ("--thin", "1h", "after", "30d", "more")):
        prune(database, *wrong, code=2)
    policy = ("--thin", "10000d", "after", "1s")
    trial = prune(database, *policy, "--dry-run")[0]
    content = database.read_bytes()
    check("would thin" in trial and "rows" in trial and database.read_bytes() == content, f"a trial: {trial}")
    told = prune(database, *policy)[0]
    check(told == trial.replace("would thin", "thinned").replace("would become", "became"), f"the trial said {trial}, not {told}")
    gone, whole = thinned_of(database)
    check(gone and {1, 3, 4, 7, 9, 13} <= set(whole), f"whole are {whole}")
    check(secret.encode() not in database.read_bytes(), "what was thinned is still in the file")
    sound(database)
    intact(database, "thinned by the recorder")
    check("nothing to prune" in prune(database, *policy)[0], "thinned again, something went")
    told_as_thinned(database, gone, whole)
    record_once(database)
    verdict = intact(database, "recorded after a thinning")
    check(verdict["key_state"] == "agrees", f"keys: {verdict['key_state']}")
    check(run(RECORDER, "hold", "remove", "case", "--reason", "settled", "--db", database).returncode == 0, "remove")
    prune(database, *policy)
    check({3, 4} <= set(thinned_of(database)[0]), "what was held is not thinned after the hold ended")
    sound(database)
    intact(database, "thinned after a hold ended")
    sealed = run(QUERY, "seal", "--since", f"#{gone[0]}", "--until", f"#{gone[-1]}", "-o", folder / "sealed", "--db", database)
    check(sealed.returncode == 2 and b"thinned" in sealed.stderr, f"sealing what was thinned: {sealed}")
    for _ in range(3):
        record_once(database)
    check(run(RECORDER, "snapshot", "--quiet", "--note", "whole", "--db", database).returncode == 0, "a note")
    record_once(database)
    with open_freely(database) as db:
        db.execute("UPDATE snapshot SET took_us = took_us + 1 WHERE seq = (SELECT max(seq) - 3 FROM snapshot)")
    time.sleep(1.2)
    content = database.read_bytes()
    _, why = prune(database, "--thin", "20000d", "after", "1s", code=3)
    check("as it was signed" in why and database.read_bytes() == content, f"an altered row: {why}")


def run_long(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, timeout=14_400, check=False)


def used_of(database):
    with sqlite3.connect(database) as db:
        pages, free, size = (db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size"))
    return (pages - free) * size


def try_year(folder, snapshots):
    """The figures of a year: bytes and seconds, before and after."""
    database = folder / "year.db"
    check(run_long(BIN / "bench_year", database, snapshots).returncode == 0, "bench_year")
    figures = {"before": used_of(database)}
    with sqlite3.connect(database) as db:
        began_us, = db.execute("SELECT min(began_us) FROM snapshot").fetchone()
    days = int(time.time() - began_us / 1e6) // 86_400
    for name, words in (("pruned by a month", ("--keep", f"{days - 30}d")), ("thinned", ("--thin", "1h", "after", "30d")),
                        ("nothing to thin", ("--thin", "1h", "after", "30d")), ("shrunk", ("--keep", "9999d", "--shrink"))):
        begin = time.monotonic()
        result = run_long(RECORDER, "prune", *words, "--db", database)
        check(result.returncode == 0, f"{words}: {result.stderr}")
        figures[name] = (used_of(database), round(time.monotonic() - begin, 1))
        print(name, figures[name], result.stdout.decode().splitlines()[0], flush=True)
    sound(database)
    check(json.loads(run_long(QUERY, "verify", "--format", "json", "--db", database).stdout)["result"] == "intact",
          "a year that was thinned")
    check(figures["thinned"][0] < figures["pruned by a month"][0] / 2, f"thinning frees too little: {figures}")
    check(figures["nothing to thin"][1] < 10 + figures["thinned"][1] / 20, f"nothing to thin takes long: {figures}")
    print(figures)


def main():
    choice = random.Random(4712)
    with scratch() as folder:
        for seed in range(80 if LONG else 6):
            try_history(folder, seed, choice)
        try_day(folder, choice)
        try_recorder(folder)
        if LONG:
            try_year(folder, 105_120)
    print(dict(tried))
    check(tried["forged"] > 8 and tried["show"] > 15 and tried["thinned"] > 20, f"hardly anything was tried: {tried}")
    shutil.rmtree(folder, ignore_errors=True)
    done("thin")


main()
