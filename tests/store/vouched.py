#!/usr/bin/env python3
"""What other answers say of the evidence: reports bear what was verified, exports carry heads, limits are stated.

In:    a chained history of chance; the same altered, unsigned, with keys and anchors and without.
Out:   reports in all forms, an export that is taken for anchors, the sentences of help, manual and README.
Never: a report of an altered or unsigned file, or one that nobody verified, without its stamp.
"""
import json
import pathlib
import re
import shutil
import sqlite3

from chains import make_chain, open_freely
from programs import MAKE_HISTORY, QUERY, RECORDER, check, done, run, scratch

ROOT = pathlib.Path(__file__).resolve().parents[2]
FORMS = ("html", "md", "csv", "json")
# What may be promised of whom, and what root can still do; the words of the manual and of the help.
LIMITS = {
    "verify --help": ["replacement and rollback are not excluded", "stop the recorder", "tell it lies", "forge records from then",
                      "only an anchor elsewhere shows", "change the program that verifies"],
    "README": ["An accident, a local user and whoever holds a copy cannot change a byte", "Root can, from the moment of becoming root on",
               "not what was recorded before the last anchor", "Nothing can be promised of a host that was not the owner's before the first record",
               "keep them out of backups"],
}


def report(database, form, *words, code=0):
    result = run(QUERY, "report", "--format", form, "--by", "tester", "--as-of", "2030-01-01T00:00:00Z", "--db", database, *words)
    check(result.returncode == code, f"{form} {words}: {result.returncode} {result.stderr}")
    return result.stdout.decode()


def statement(text, form, name="integrity"):
    """The sentence of that statement, in any of the forms."""
    if form == "json":
        (found,) = [part["text"] for part in json.loads(text)["statements"] if part["id"] == name]
        return found
    return text


def try_reports(folder):
    database = folder / "a.db"
    make_chain(database, 61, 12)
    with sqlite3.connect(database) as db:
        archive, public = db.execute("SELECT lower(hex(uuid)), lower(hex(public_key)) FROM archive, key_segment").fetchone()
        last, head, signature = db.execute("SELECT record, lower(hex(head)), lower(hex(signature)) FROM link ORDER BY record DESC").fetchone()
    db.close()
    key, anchors, copy = folder / "key", folder / "anchors", folder / "copy.db"
    key.write_text(f"sockwitness-key {archive} 1 {public}\n")
    anchors.write_text(f"sockwitness-anchor 1 {archive} {last} {head} {signature}\n")
    fingerprint = re.search(r"key       records 1 to \d+: ([0-9a-f ]{39})", run(QUERY, "verify", "--db", database).stdout.decode())[1]
    tried = 0
    for form in FORMS:
        plain = report(database, form)
        check(head in plain and fingerprint in plain and "UNVERIFIED" not in plain, f"{form}: its head and key")
        check("consistent, not authenticated" in plain and "no anchor was given" in plain, f"{form}: what is not proven")
        proven = report(database, form, "--key", key, "--anchors", anchors)
        check("verified with the recorder" in proven and f"up to record {last} of {last}" in proven, f"{form}: verified")
        check("NOT AUTHENTIC" not in statement(proven, form) and proven == report(database, form, "--key", key, "--anchors", anchors),
              f"{form}: the same again")
        check("UNVERIFIED" in report(database, form, "--no-verify"), f"{form}: nobody verified")
        shutil.copy(database, copy)
        with open_freely(copy) as db:
            db.execute("UPDATE snapshot SET took_us = took_us + 1 WHERE seq = 3")
        altered = report(copy, form, code=3)
        check("UNVERIFIED" in altered and "altered or damaged" in altered and head not in altered, f"{form}: altered")
        with open_freely(copy) as db:
            db.execute("DELETE FROM link")
        check("UNVERIFIED" in report(copy, form) and "no record is signed" in report(copy, form), f"{form}: unsigned")
        tried += 6
    page = report(database, "html", "--key", key)
    foot = re.search(r'@page \{ @bottom-left \{ .*?content: "([^"]*)"', page)
    check(foot and head in foot[1] and fingerprint in foot[1] and "not anchored" in foot[1], f"printed pages: {foot}")
    foot = re.search(r'@bottom-left \{ .*?content: "([^"]*)"', report(database, "html", "--no-verify"))
    check(foot and foot[1] == "UNVERIFIED", "printed pages of what nobody verified")
    check(re.fullmatch(r"[\w ',.:]*", foot[1]), "a foot that a style could misread")
    arguments = statement(report(database, "json", "--key", key, "--anchors", anchors), "json", "arguments")
    check(str(key) in arguments and str(anchors) in arguments, f"what has to be typed: {arguments}")
    out = folder / "r.html"
    result = run(QUERY, "report", "--db", copy, "--key", anchors, "-o", out)
    check(result.returncode == 2 and not out.exists(), "a key that is none")
    return database, tried


def try_exports(folder, database):
    """Any store that took the lines can tell what was there."""
    lines, copy, kept = folder / "all.jsonl", folder / "copy.db", folder / "kept.jsonl"
    check(run(QUERY, "export", "--format", "jsonl", "--db", database, "-o", lines).returncode == 0, "exporting")
    told = [json.loads(line) for line in lines.read_text().splitlines()]
    snapshots = [line for line in told if line["type"] == "snapshot"]
    with sqlite3.connect(database) as db:
        expected = db.execute("SELECT seq, snapshot.record, lower(hex(head)), (SELECT lower(hex(uuid)) FROM archive) "
                              "FROM snapshot JOIN link ON link.record = snapshot.record ORDER BY seq").fetchall()
        (last,) = db.execute("SELECT max(record) FROM link").fetchone()
    db.close()
    check([(line["seq"], line["record"], line["head"], line["archive"]) for line in snapshots] == expected, "heads of snapshots")
    answer = json.loads(run(QUERY, "verify", "--format", "json", "--db", database, "--anchors", lines).stdout)
    check(answer["result"] == "intact" and answer["anchors"] == len(expected) and answer["anchored_to"] == expected[-1][1] and
          answer["unreadable_anchor_lines"] == 0, f"an export as anchors: {answer}")
    # A store that kept the three members alone.
    kept.write_text("".join(json.dumps({name: line[name] for name in ("archive", "seq", "head")}) + "\n" for line in snapshots))
    answer = json.loads(run(QUERY, "verify", "--format", "json", "--db", database, "--anchors", kept).stdout)
    check(answer["anchored_to_seq"] == expected[-1][0], f"archive, seq and head: {answer}")
    # Cut off behind the middle: the lines know better.
    shutil.copy(database, copy)
    middle = expected[len(expected) // 2][1]
    with open_freely(copy) as db:
        db.execute("UPDATE link SET head = zeroblob(32) WHERE record = ?", (middle,))
    answer = json.loads(run(QUERY, "verify", "--format", "json", "--db", copy, "--anchors", lines).stdout)
    check(answer["result"] == "altered" and any("anchor" in problem["what"] for problem in answer["problems"]), "another head")
    unsigned = folder / "unsigned.db"
    run(MAKE_HISTORY, unsigned, 5, 4)
    check(run(QUERY, "export", "--format", "jsonl", "--force", "--db", unsigned, "-o", lines).returncode == 0, "exporting unsigned")
    told = [json.loads(line) for line in lines.read_text().splitlines()]
    check(all(line["head"] is None for line in told if line["type"] == "snapshot"), "a head of what is not signed")
    answer = json.loads(run(QUERY, "verify", "--format", "json", "--db", database, "--anchors", lines).stdout)
    check(answer["unreadable_anchor_lines"] == 0 and answer["anchors"] == 0, f"lines without heads: {answer}")
    return last


def try_limits():
    """R12: what may honestly be promised is in the manual, in the help and in what verify says."""
    flat = lambda text: re.sub(r"\s+", " ", text)  # noqa: E731
    texts = {"verify --help": flat(run(QUERY, "verify", "--help").stdout.decode()),
             "README": flat((ROOT / "README.md").read_text(encoding="utf-8"))}
    for place, sentences in LIMITS.items():
        for sentence in sentences:
            check(sentence in texts[place], f"{place} does not say: {sentence}")
    check("--print-anchor" in run(RECORDER, "snapshot", "--help").stdout.decode(), "--print-anchor is not in the help")


def main():
    with scratch() as folder:
        database, tried = try_reports(folder)
        try_exports(folder, database)
        try_limits()
    done(f"vouched: {tried} reports")


main()
