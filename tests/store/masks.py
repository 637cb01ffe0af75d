#!/usr/bin/env python3
"""Secrets among arguments are nowhere: not in the database, its journal, what waits, what is printed or logged.

In:    processes with planted secrets in the forms that people use; runs that are killed while they write, and such that
       find the database locked.
Out:   0 hits in all files that the recorder made; with `--mask off` hits, so that the search is known to find; equal
       secrets alike, other ones not; the mark of the process in JSON.
Never: passes when the planted processes were not recorded.
"""
import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import time

from programs import LONG, QUERY, RECORDER, check, done, run, scratch

SECRET = "hunter2-planted-{}"
FORMS = ("--password={}", "--db-password {}", "--token {}", "API_TOKEN={}", "https://bob:{}@example.com/x",
         "http://example.com/?id=1&access_key={}", "-Dspring.password={}", "Authorization: Bearer {}",
         "--clientSecret={}", "X-Api-Key: {}")


@contextlib.contextmanager
def planted():
    """A process for each form, as an argument of its own or as words of one; two with the same secret."""
    running, secrets = [], []
    try:
        for number, form in enumerate(FORMS):
            secret = SECRET.format(number)
            secrets.append(secret)
            text = form.format(secret)
            for words in (text.split(" ") if text.startswith("--") else [text], ["-c " + text]):
                running.append(subprocess.Popen(["bash", "-c", "sleep 300; :", "planted", *words], start_new_session=True))
        secrets.append(SECRET.format("mysql"))
        running.append(subprocess.Popen(["bash", "-c", "sleep 300; :", "mysql", "-p" + secrets[-1]], start_new_session=True))
        time.sleep(0.3)
        yield secrets
    finally:
        for process in running:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def hits(folder, secrets, told=b""):
    """Where one of them stands."""
    found = [path.name for path in folder.rglob("*") if path.is_file()
             and any(secret.encode() in path.read_bytes() for secret in secrets)]
    return found + (["printed"] if any(secret.encode() in told for secret in secrets) else [])


def snapshot(database, *words, **options):
    return run(RECORDER, "snapshot", *words, "--db", database, **options)


def masks(database):
    with sqlite3.connect(database) as db:
        lines = [bytes(line) for (line,) in db.execute(
            "SELECT bytes FROM process JOIN text ON text.id = command_line WHERE flags & 32")]
    return [mask for line in lines for mask in re.findall(rb"<masked:[0-9a-f]{12}>", line)]


def try_masked(folder, secrets):
    place = folder / "masked"
    place.mkdir()
    database = place / "witness.db"
    told = b""
    for _ in range(2):
        result = snapshot(database)
        check(result.returncode == 0, f"snapshot: {result.stderr}")
        told += result.stdout + result.stderr
    found = masks(database)
    check(len(found) >= 2 * len(FORMS), f"hardly anything was masked: {len(found)}")
    check(len(set(found)) == len(secrets), f"{len(set(found))} masks for {len(secrets)} secrets")
    answers = [run(QUERY, *words, "--db", database).stdout for words in (
        ["export", "--format", "jsonl"], ["timeline", "--events", "all"], ["show", "-e", "-a", "-A", "all"])]
    check(hits(place, secrets, told + b"".join(answers)) == [], f"secrets: {hits(place, secrets, told)}")
    check(b'"masked":true' in answers[0].replace(b" ", b""), "the mark is not told")
    with sqlite3.connect(database) as db:
        versions, = db.execute("SELECT max(n) FROM (SELECT count(*) AS n FROM process WHERE flags & 32 GROUP BY "
                               "coalesce(origin, id))").fetchone()
    check(versions == 1, "the same secret looks like another one in the next snapshot")
    key = (place / "witness.db.keys" / "mask").read_bytes()
    check(len(key) == 32 and key not in database.read_bytes(), "the key is in the file")
    (place / "witness.db.keys" / "mask").unlink()
    check(snapshot(database).returncode == 0, "without the key")
    with sqlite3.connect(database) as db:
        titles, = db.execute("SELECT count(*) FROM process WHERE title IS NOT NULL AND flags & 32").fetchone()
    check(titles == 0, "another key is taken for another title")


def try_locked(folder, secrets):
    """What waits is masked, too."""
    place = folder / "locked"
    place.mkdir()
    database = place / "witness.db"
    snapshot(database)
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        result = snapshot(database)
        waiting = list(place.glob("*.spool-*"))
        check(waiting, f"nothing waits: {result.stderr}")
        check(hits(place, secrets, result.stdout + result.stderr) == [], "secrets in what waits")
    check(snapshot(database).returncode == 0 and hits(place, secrets) == [], "secrets in what was taken in")


def try_killed(folder, secrets):
    """While it writes: the journal holds old pages, and the file new ones."""
    place = folder / "killed"
    place.mkdir()
    database = place / "witness.db"
    killed = 0
    for turn in range(60 if LONG else 12):
        process = subprocess.Popen([RECORDER, "snapshot", "--quiet", "--db", database], stderr=subprocess.PIPE)
        time.sleep(0.004 + 0.006 * turn)
        process.send_signal(signal.SIGKILL)
        told = process.communicate()[1]
        killed += process.returncode == -signal.SIGKILL
        check(hits(place, secrets, told) == [], f"after a kill: {hits(place, secrets)}")
    check(killed > 2, "nothing was killed")
    check(snapshot(database).returncode == 0 and hits(place, secrets) == [], "after the kills")


def try_rules(folder, secrets):
    place = folder / "plain"
    place.mkdir()
    database = place / "witness.db"
    check(snapshot(database, "--mask", "off").returncode == 0, "--mask off")
    check(hits(place, secrets) == ["witness.db"], "the search does not find what is there")
    # What was recorded as it was stays the same process.
    check(snapshot(database).returncode == 0, "masked from now on")
    with sqlite3.connect(database) as db:
        titles, = db.execute("SELECT count(*) FROM process WHERE title IS NOT NULL").fetchone()
    check(titles == 0, "to be masked from now on is taken for a title")
    rules = place / "rules"
    rules.write_text("only\nname nothing-of-this\n")
    shutil.rmtree(place / "witness.db.keys")
    database.unlink()
    (place / "witness.db.lock").unlink()
    check(snapshot(database, "--mask", rules).returncode == 0 and "witness.db" in hits(place, secrets), "rules of one's own")
    rules.write_text("name a\nnonsense\n")
    result = snapshot(database, "--mask", rules)
    check(result.returncode == 2 and b"line 2" in result.stderr, f"a wrong rule: {result}")
    check(snapshot(database, "--mask", place / "absent").returncode == 2, "a file that is not there")


def main():
    with scratch() as folder, planted() as secrets:
        check(json.dumps(secrets), "nothing is planted")
        try_masked(folder, secrets)
        try_locked(folder, secrets)
        try_killed(folder, secrets)
        try_rules(folder, secrets)
    done("masks")


main()
