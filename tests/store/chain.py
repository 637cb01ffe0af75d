#!/usr/bin/env python3
"""What is right is never called altered, by neither verifier; keys and anchors prove what they can.

In:    chained histories of chance, files that the recorder makes here.
Out:   verdicts on originals, copies, backups, vacuumed and migrated files, after lost keys and older states; what
       keys, anchors and their absence change; the lines of anchors in the log, in the file and on standard output.
Never: passes when a file was not looked at by both verifiers.
"""
import json
import os
import pathlib
import shutil
import socket
import sqlite3
import stat

import chains
from chains import altered, intact, make_chain, record_once, remove, verify
from programs import LONG, QUERY, RECORDER, check, done, look, run, scratch

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "fixtures/databases"


def through_backup(source, target):
    with sqlite3.connect(source) as one, sqlite3.connect(target) as other:
        one.backup(other)


def vacuumed(source, target):
    shutil.copy(source, target)
    with sqlite3.connect(target) as db:
        db.execute("VACUUM")


def vacuumed_into(source, target):
    with sqlite3.connect(source) as db:
        db.execute("VACUUM INTO ?", (str(target),))


def with_other_pages(source, target):
    shutil.copy(source, target)
    with sqlite3.connect(target) as db:
        db.executescript("PRAGMA page_size = 1024; VACUUM; REINDEX")


def try_histories(folder):
    """No false alarm, whatever was done to the pages."""
    files = 0
    for seed in range(1_000 if LONG else 36):
        source = folder / "source.db"
        remove(source)
        make_chain(source, 100 + seed, 6 + seed % 17, seed % 4 if seed % 3 == 0 else 0)
        intact(source, f"history {seed}")
        way = (through_backup, vacuumed, vacuumed_into, with_other_pages)[seed % 4]
        target = folder / "target.db"
        remove(target)
        way(source, target)
        answer = intact(target, f"history {seed}, {way.__name__}")
        check(not answer["authenticated"] and answer["not_proven"], "it claims too much")
        files += 2
    print(f"histories: {files} files, both verifiers")


def enrolled(database, folder):
    result = run(RECORDER, "keys", "--db", database)
    check(result.returncode == 0 and b"sockwitness-key " in result.stdout, f"keys: {result}")
    file = folder / "enrolment.txt"
    file.write_bytes(result.stdout)
    return file


def try_recorder(folder):
    """What the recorder itself writes: modes, keys, anchors, and nothing is changed by verifying."""
    place = folder / "place"
    place.mkdir()
    database = place / "witness.db"
    printed = []
    for _ in range(3):
        result = record_once(database, "--print-anchor")
        check(result.returncode == 0, f"recording: {result.stderr}")
        printed += result.stdout.decode().splitlines()
    check([line.split()[3] for line in printed] == ["1", "2", "3", "4"], f"printed anchors: {printed}")
    check((place / "witness.db.anchors").read_text().splitlines() == printed, "the file of anchors is another")
    keys = place / "witness.db.keys"
    check(stat.S_IMODE(keys.stat().st_mode) == 0o700, "the folder of keys is not private")
    check(stat.S_IMODE((keys / "next").stat().st_mode) == 0o600, "the file of keys is not private")
    places = (keys / "next").read_bytes()
    check(places.count(b"secret ") == 1 and len(places) == 8192, "not exactly one secret is kept")
    before = look(place)
    answer = intact(database, "recorded here")
    check(look(place) == before, "verifying changed something")
    check(answer["key_state"] == "agrees" and answer["agrees_beside_to"] == 4, f"beside it: {answer}")
    check(not answer["authenticated"] and answer["anchored_to"] is None, "nothing came from outside")
    key = enrolled(database, folder)
    anchors = folder / "anchors.txt"
    anchors.write_text("\n".join(reversed(printed + printed[:2])) + "\nNov 30 12:00:00 other: a line of a log\n")
    code, answer = verify(database, "--key", key, "--anchors", anchors, "--strict")
    check(code == 0 and answer["authenticated"] and answer["anchored_to"] == 4, f"all of it: {code} {answer}")
    check(answer["not_proven"] == [], f"all of it: {answer['not_proven']}")
    code, _ = verify(database, "--key", key, "--strict")
    check(code == 4, "strict without an anchor")
    anchors.write_text(printed[1] + "\n")
    code, answer = verify(database, "--key", key, "--anchors", anchors, "--strict")
    check(code == 4 and answer["anchored_to"] == 2, f"anchored in part: {answer}")
    lines = folder / "lines.jsonl"
    words = printed[2].split()
    lines.write_text(json.dumps({"format": "x"}) + "\n" +
                     json.dumps({"archive": words[2], "seq": 2, "head": words[4]}) + "\n")
    _, answer = verify(database, "--anchors", lines)
    check(answer["anchored_to"] == 3 and answer["anchored_to_seq"] == 2, f"JSON Lines: {answer}")
    lines.write_text(json.dumps({"archive": words[2], "record": 3, "head": words[4][::-1]}) + "\n")
    altered(database, "one wrong anchor", 3, "--anchors", lines, second=False)
    lines.write_text(json.dumps({"archive": words[2], "seq": 9, "head": words[4]}) + "\n")
    altered(database, "an anchor of a later snapshot", 5, "--anchors", lines, second=False)
    for wrong in (("--key", folder / "nothing"), ("--anchors", folder / "nothing"), ("--key", anchors)):
        result = run(QUERY, "verify", "--db", database, *wrong)
        check(result.returncode == 2 and result.stdout == b"", f"{wrong}: {result}")
    return database, key


def try_states(folder, database, key):
    """Keys that are gone, keys of another state, an older file: a record says so, and no chain breaks."""
    place = database.parent
    old = folder / "old"
    shutil.copytree(place, old)
    shutil.rmtree(place / "witness.db.keys")
    check(record_once(database).returncode == 0, "without keys")
    answer = intact(database, "keys lost")
    check([part["reason"] for part in answer["keys"]] == ["the chain begins", "there were no keys beside the file"],
          f"keys lost: {answer['keys']}")
    code, answer = verify(database, "--key", key, "--strict")
    check(code == 4 and answer["authenticated_to"] == 4 and not answer["authenticated"], f"keys lost: {answer}")
    (place / "witness.db.keys/next").write_bytes(b"\xff" * 8192)
    check(record_once(database).returncode == 0, "with damaged keys")
    answer = intact(database, "keys damaged")
    check(answer["keys"][-1]["reason"] == "the keys beside the file could not be used", f"{answer['keys']}")
    # The file alone is put back: the keys know better, until a run says that this was so.
    shutil.copy(old / "witness.db", database)
    altered(database, "an older file under its keys", 5, second=False)
    result = record_once(database)
    check(result.returncode == 0, f"onto an older file: {result.stderr}")
    (place / "witness.db.anchors").unlink()
    answer = intact(database, "recorded onto an older file")
    check(answer["keys"][-1]["known"] == 8 and "older state" in answer["keys"][-1]["reason"], f"{answer['keys']}")
    # File and keys together: nothing here can tell, and that is said.
    shutil.rmtree(place)
    shutil.copytree(old, place)
    answer = intact(database, "file and keys put back")
    check(any("rollback" in text for text in answer["not_proven"]), "rollback is not excluded, and nobody says so")
    # A clone goes on: each is a chain, the anchors of one convict the other.
    clone = folder / "clone"
    shutil.copytree(place, clone)
    for one in (database, clone / "witness.db"):
        check(record_once(one).returncode == 0, "a clone")
        intact(one, "one of two clones")
    altered(database, "the anchors of the clone", 5, "--anchors", clone / "witness.db.anchors", second=False)


def try_fixtures(folder):
    """Older formats climb: what lay there is covered from then on."""
    fixtures = sorted(FIXTURES.glob("v*.sql"))
    check(fixtures, "no fixture")
    for fixture in fixtures:
        database = folder / "older.db"
        remove(database)
        with sqlite3.connect(database) as db:
            db.executescript(fixture.read_text(encoding="utf-8"))
        db.close()
        os.chmod(database, 0o640)
        check(record_once(database).returncode == 0, f"{fixture.name}: recording")
        answer = intact(database, fixture.name)
        check(answer["first_linked"] > 1 and any("before the chain" in text for text in answer["not_proven"]),
              f"{fixture.name}: {answer}")
        with chains.open_freely(database) as db:
            db.execute("UPDATE snapshot SET took_us = took_us + 1 WHERE seq = 1")
        altered(database, f"{fixture.name}: an old row", answer["first_linked"])


def try_log(folder):
    """The anchor of every record goes to the system's log at once."""
    if os.geteuid() != 0 or os.path.exists("/dev/log") or os.path.exists("/run/systemd/journal/socket"):
        print("left out: the log of this host is not ours")
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        log.bind("/dev/log")
        log.settimeout(60)
        try:
            database = folder / "logged.db"
            check(record_once(database).returncode == 0, "with a log")
            lines = [log.recv(4096).decode() for _ in range(2)]
        finally:
            os.unlink("/dev/log")
    told = (folder / "logged.db.anchors").read_text().splitlines()
    check(all(line.startswith("<85>") and line.endswith(anchor) for line, anchor in zip(lines, told)),
          f"the log was told {lines}")


def try_guards(folder):
    """Keys that others may use are not used, and nothing is written then."""
    database = folder / "guarded.db"
    check(record_once(database).returncode == 0, "guarded")
    keys = folder / "guarded.db.keys"
    cases = 0
    for path, mode in ((keys, 0o750), (keys, 0o701), (keys / "next", 0o640), (keys / "next", 0o602)):
        usual = path.stat().st_mode
        path.chmod(mode)
        before = database.read_bytes()
        result = record_once(database)
        check(result.returncode == 3 and b"others may use it" in result.stderr, f"{path} {mode:o}: {result}")
        check(database.read_bytes() == before, "it was written to")
        path.chmod(stat.S_IMODE(usual))
        cases += 1
    aside = folder / "aside"
    for path in (keys / "next", keys):
        path.rename(aside)
        path.symlink_to(aside)
        result = record_once(database)
        check(result.returncode == 3 and b"symbolic link" in result.stderr, f"a link: {result}")
        path.unlink()
        aside.rename(path)
        cases += 1
    os.link(keys / "next", aside)
    check(b"more than one name" in record_once(database).stderr, "a hard link")
    aside.unlink()
    check(record_once(database).returncode == 0, "after that")
    intact(database, "after refusals")
    print(f"guards: {cases + 1} cases")


def try_clock(folder):
    """A clock that is set is told by 'snapshots', and is no alteration."""
    database = folder / "clocks.db"
    make_chain(database, 4242, 12)
    intact(database, "a clock that was set back twice")
    events = json.loads(run(QUERY, "snapshots", "--format", "json", "--db", database).stdout)["events"]
    check(sum("clock" in event["kind"] for event in events) >= 2, f"nobody tells of the clock: {events}")


def main():
    with scratch() as folder:
        try_histories(folder)
        try_states(folder, *try_recorder(folder))
        try_fixtures(folder)
        try_log(folder)
        try_guards(folder)
        try_clock(folder)
    done(f"chain: {chains.verdicts}")


main()
