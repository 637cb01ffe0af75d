#!/usr/bin/env python3
"""An index that does not say what its table says changes no answer.

In:    the folder of the programs; two histories: one of random things, one long enough for digests, with
       baselines.
Out:   every reading command over files of which one entry of one index was edited: the answer of the
       untouched file, or a refusal.
Never: an index that was not edited, or an edit that SQLite itself does not call a difference to the table.
"""
import contextlib
import random
import sqlite3
import sys

from index_pages import Index
from programs import LONG, RECORDER, ask, check, done, make_database, run, scratch, BIN

EDITS = 60 if LONG else 4
MOST = 10 if LONG else 3  # questions for each edit

QUESTIONS = [
    ["snapshots"], ["show", "-a", "-A", "all"], ["show", "-a", "--at", "{middle}"], ["show", "-l", "--at", "{time}"],
    ["show", "-a", "--format", "json", "--at", "#2"], ["diff"], ["diff", "--all", "--from", "#2"],
    ["diff", "--from", "{middle}", "--all"], ["diff", "--baseline", "second", "--all"],
    ["diff", "--baseline", "first", "--all", "--format", "json"], ["check"], ["check", "--at", "{middle}"],
    ["account"], ["account", "--baseline", "second"], ["account", "tcp/{port}"], ["when", "tcp/{port}"],
    ["timeline"], ["timeline", "tcp/{port}"], ["timeline", "--port", "{port}"], ["timeline", "--tree"],
    ["report", "--as-of", "2027-01-01", "--format", "md"],
    ["report", "--as-of", "2027-01-01", "--since", "{middle}", "--format", "json"],
]
# Of every thing and every snapshot: too many lines of a busy host.
LONG_ANSWERS = [
    ["when", "--user", "root"], ["timeline", "--user", "root"], ["timeline", "--events", "all"],
    ["export", "--format", "jsonl"], ["export", "--format", "timesketch"], ["export", "--format", "ecs"],
]


def listening_port(path):
    """One that many sockets listened at, TCP's if there is any."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return database.execute("SELECT local_port FROM socket WHERE state = 10 AND local_port > 0 "
                                "GROUP BY local_port ORDER BY protocol, count(*) DESC").fetchone()[0]


class Target:
    """A database, its questions, their right answers, and which of its indexes have entries."""

    def __init__(self, path, questions):
        self.path = path
        self.content = path.read_bytes()
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            last, = database.execute("SELECT max(seq) FROM snapshot").fetchone()
            time, = database.execute("SELECT strftime('%Y-%m-%dT%H:%M:%SZ', began_us / 1000000 + 1, 'unixepoch') "
                                     "FROM snapshot WHERE seq = ?", (last // 2,)).fetchone()
            names = [name for name, in database.execute("SELECT name FROM sqlite_schema WHERE type = 'index'")]
        words = {"middle": f"#{last // 2}", "time": time, "port": listening_port(path)}
        self.questions = []
        self.answers = {}
        for question in questions:
            question = [word.format(**words) for word in question]
            answer = ask(path, question)
            if answer.returncode not in (0, 1):
                check("--baseline" in question, f"{path.name}, {question}: {answer.stderr}")
                continue
            self.questions.append(question)
            self.answers[tuple(question)] = answer
        check(len(self.questions) >= 20, "hardly any question was answered")
        self.indexes = [name for name in names if Index(self.content, path, name).count() > 0]


def same(answer, right):
    return (answer.returncode, answer.stdout) == (right.returncode, right.stdout)


class Tally:
    def __init__(self):
        self.edits = self.asked = self.refused = 0
        self.changed = []


def try_edit(target, what, choice, tally):
    tally.edits += 1
    questions = target.questions
    if len(questions) > MOST:
        questions = choice.sample(questions, MOST)
    for question in questions:
        answer = ask(target.path, question)
        tally.asked += 1
        if answer.returncode == 3:
            tally.refused += 1
            check(answer.stderr.startswith(b"sockwitness: "), f"{what}, {question}: {answer.stderr}")
        elif not same(answer, target.answers[tuple(question)]):
            tally.changed.append(f"{what}: {' '.join(question)}: exit {answer.returncode} {answer.stderr[:200]}")


def try_index(target, name, choice, tally):
    done_here = 0
    for _ in range(EDITS * 20):
        index = Index(target.content, target.path, name)
        what = index.edit(choice)
        if what is None:
            continue
        target.path.write_bytes(index.content)  # in its place: answers name the file
        with contextlib.closing(sqlite3.connect(f"file:{target.path}?mode=ro", uri=True)) as database:
            verdict, = database.execute("PRAGMA integrity_check(1)").fetchone()
        check(verdict != "ok", f"{name}: {what}: no difference to the table")
        try_edit(target, f"{target.path.name}, {name}, {what}", choice, tally)
        done_here += 1
        if done_here == EDITS:
            break
    target.path.write_bytes(target.content)
    check(done_here == EDITS or index.count() < 3, f"{name}: only {done_here} edits")


def make_targets(folder):
    """Of random things; and of a busy host, long enough for digests."""
    small = folder / "random.db"
    make_database(small, length=40, seed=11)
    long = folder / "long.db"
    check(run(BIN / "bench_year", long, "250").returncode == 0, "bench_year")
    for path in (small, long):
        for words in (["add", "first", "--at", "#5"], ["add", "second", "--from", "#2", "--to", "#30"],
                      ["accept", "second", f"tcp/{listening_port(path)}", "--at", "#7", "--reason", "by hand"]):
            made = run(RECORDER, "baseline", *words, "--db", path)
            check(made.returncode == 0 or "accept" in words, f"baseline {words}: {made.stderr}")
    return [Target(small, QUESTIONS + LONG_ANSWERS), Target(long, QUESTIONS)]


def main():
    choice = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 17)
    with scratch() as folder:
        targets = make_targets(folder)
        tally = Tally()
        for target in targets:
            for name in target.indexes:
                try_index(target, name, choice, tally)
        names = {name for target in targets for name in target.indexes}
        print(f"{len(names)} indexes, {tally.edits} edits, {tally.asked} answers, {tally.refused} refused, "
              f"{len(tally.changed)} changed silently")
        for line in tally.changed[:40]:
            print(line)
        check(not tally.changed, "an index was believed")
        check(len(names) == 10, f"not every index was edited: {sorted(names)}")
    done("index edits")


main()
