#!/usr/bin/env python3
"""A sealed export proves itself without its database, to both verifiers; no byte of it can be changed.

In:    chained histories of chance; chain_reader.py and sealed_reader.py, written from FORMAT.md alone.
Out:   ranges, services and single rows of them, sealed; the same with changed bytes, and with changes whose digests were
       made anew.
Never: passes when no change was tried, or when one of the two verifiers takes what the other refuses.
"""
import hashlib
import json
import os
import shutil
import sqlite3

import ed25519
import sealed_reader
from chains import SEED, make_chain, open_freely, remove
from programs import LONG, QUERY, check, done, run, scratch

FILES = ("manifest", *sealed_reader.FILES)
counts = {"sealed": 0, "changed bytes": 0, "changed with digests": 0}


def seal(database, folder, *words, code=0):
    result = run(QUERY, "seal", "--format", "json", "--db", database, "-o", folder, *words)
    check(result.returncode == code, f"seal {words}: {result.returncode} {result.stderr}")
    check(folder.exists() == (code == 0), f"seal {words}: the folder")
    check(not list(folder.parent.glob(f"{folder.name}.*")), f"seal {words}: something is left beside it")
    if code != 0:
        return result.stderr.decode()
    counts["sealed"] += 1
    return json.loads(result.stdout)


def verify(folder, *words):
    result = run(QUERY, "verify", "--format", "json", folder, *words)
    check(result.returncode in (0, 3, 4) and result.stdout, f"verify {folder}: {result.returncode} {result.stderr}")
    answer = json.loads(result.stdout)
    check((result.returncode == 3) == (answer["result"] != "intact"), f"exit {result.returncode}: {answer['result']}")
    return result.returncode, answer


def good(folder, what, *words):
    _, answer = verify(folder, *words)
    check(answer["result"] == "intact", f"{what}: {answer['problems'][:3]}")
    flaw = sealed_reader.find_flaw(folder)
    check(flaw is None, f"{what}: the second verifier says {flaw}")
    return answer


def bad(folder, what, record=None, second=True):
    _, answer = verify(folder)
    check(answer["result"] == "altered", f"{what}: {answer['result']}")
    if record:
        check(record in [problem["record"] for problem in answer["problems"]], f"{what}: {answer['problems'][:3]}")
    if second:
        check(sealed_reader.find_flaw(folder) is not None, f"{what}: the second verifier finds nothing")


def try_histories(folder):
    """Ranges, rows and services of many chains; after the database and its keys are gone."""
    for turn in range(60 if LONG else 6):
        database, sealed = folder / "history.db", folder / "sealed"
        remove(database)
        length = (5, 262, 14, 12, 40)[turn % 5] if turn % 10 != 9 or not LONG else 530
        make_chain(database, 500 + turn, length, length // 3 if turn % 4 == 3 else 0)
        key = folder / "key"
        with sqlite3.connect(database) as db:
            (archive,) = db.execute("SELECT hex(uuid) FROM archive").fetchone()
            record, public = db.execute("SELECT record, hex(public_key) FROM key_segment LIMIT 1").fetchone()
            key.write_text(f"sockwitness-key {archive.lower()} {record} {public.lower()}\n")
            links = dict(db.execute("SELECT record, hex(head) FROM link"))
            sockets = [row[0] for row in db.execute("SELECT id FROM socket")]
            (last,) = db.execute("SELECT max(seq) FROM snapshot").fetchone()
        db.close()
        for _ in range(2):
            one, other = sorted(SEED.randrange(max(1, last - 5), last + 1) for _ in range(2))
            words = SEED.choice((["--since", f"#{one}", "--until", f"#{other}"],
                                 ["--row", f"socket={SEED.choice(sockets)}", "--row", f"link={1}"][:2],
                                 ["--row", f"record={SEED.choice(sorted(links))}", "--row", "text=1"]))
            told = seal(database, sealed, *words)
            answer = good(sealed, f"history {turn}, {words}", "--key", key)
            check(answer["authenticated"] and answer["head_hash"] == told["head_hash"], f"history {turn}: {answer}")
            check(told["rows"] + told["rows_with_proof"] == len((sealed / "rows.jsonl").read_text().splitlines()), "rows")
            check((told["first_record"] is None) == ("--row" in words), f"history {turn}: {told}")
            if told["first_record"] and told["first_record"] > min(links):
                check(told["rows_with_proof"] > 0, "what lived at the begin is not there")
                counts["with rows from before"] = counts.get("with rows from before", 0) + 1
            shutil.rmtree(sealed)
        remove(database)
    check(counts.get("with rows from before"), "no range began after the chain")


def try_words(folder):
    """Keys, anchors, and what is refused."""
    database, sealed = folder / "words.db", folder / "told"
    make_chain(database, 71, 270)
    wrong = folder / "wrong"
    with sqlite3.connect(database) as db:
        (archive,) = db.execute("SELECT lower(hex(uuid)) FROM archive").fetchone()
        anchors = [f"sockwitness-anchor 1 {archive} {record} {head} {signature}" for record, head, signature in
                   db.execute("SELECT record, lower(hex(head)), lower(hex(signature)) FROM link")]
        port, protocol = db.execute("SELECT local_port, protocol FROM socket WHERE protocol IN (1, 2) AND local_port > 0").fetchone()
        (at,) = db.execute("SELECT min(seq) FROM change WHERE entity = 3 AND last_id >= (SELECT min(id) FROM socket "
                           "WHERE protocol = ? AND local_port = ?)", (protocol, port)).fetchone()
        (ended,) = db.execute("SELECT max(seq) FROM snapshot").fetchone()
    db.close()
    told = seal(database, sealed, f"{('tcp', 'udp')[protocol - 1]}/{port}", "--at", f"#{at}")
    good(sealed, "a service")
    tables = {json.loads(line)["table"] for line in (sealed / "rows.jsonl").read_text().splitlines()}
    check({"socket", "text", "netns", "record"} <= tables and told["first_record"] is None, f"a service: {tables}")
    check("already" in seal_into(database, sealed), "a folder that is there")
    shutil.rmtree(sealed)
    kept = folder / "kept"
    kept.write_text("\n".join(anchors[2:5]) + "\n")
    seal(database, sealed, "--since", "#260", "--until", "#262", "--anchors", kept)
    check(len((sealed / "anchors.txt").read_text().splitlines()) == 3, "its anchors")
    answer = good(sealed, "with anchors")
    check(answer["anchored_to"] is None and answer["agrees_beside_to"] == 5, f"anchors within prove nothing: {answer}")
    code, answer = verify(sealed, "--anchors", kept, "--strict")
    check(code == 4 and answer["anchored_to"] == 5, f"anchored in part: {answer}")
    kept.write_text(anchors[-1] + "\n" + anchors[-1].replace(f" {len(anchors)} ", f" {len(anchors) + 7} ") + "\n")
    code, answer = verify(sealed, "--anchors", kept)
    check(answer["result"] == "intact" and answer["anchored_to"] == len(anchors) and
          any("after the export" in note for note in answer["notes"]), f"a later anchor: {answer}")
    lines = folder / "lines"
    lines.write_text(json.dumps({"archive": archive, "seq": ended, "head": anchors[-1].split()[4]}) + "\n")
    code, answer = verify(sealed, "--anchors", lines)
    check(answer["anchored_to_seq"] == ended, f"JSON Lines: {answer['anchored_to_seq']}")
    wrong.write_text(anchors[7].replace(" 8 ", " 9 ") + "\n")
    code, answer = verify(sealed, "--anchors", wrong)
    check(answer["result"] == "altered" and answer["problems"][0]["record"] == 9, f"a wrong anchor: {answer}")
    wrong.write_text(f"sockwitness-key {archive} 1 {ed25519.public_key(bytes(32)).hex()}\n")
    code, answer = verify(sealed, "--key", wrong)
    check(answer["result"] == "altered", f"a wrong key: {answer}")
    other = folder / "none"
    for words, word in ((("--row", "link=1"), "no such table"), (("--row", "socket=99999999"), "no signed record"),
                        (("--row", "missed=1"), "no signed record"), (("--row", "socket"), "not a table"),
                        (("--at", "#3"), "nothing that"), (("tcp/1", "--since", "#1"), "at once"),
                        (("tcp/1", "--at", "#3"), "shows nothing"), (("pid:1",), "not an endpoint")):
        check(word in seal(database, other, *words, code=2), f"{words}: another reason")
    for change, word in (("UPDATE link SET signature = zeroblob(64) WHERE record = 250", "does not verify"),
                         ("UPDATE text SET bytes = x'00' WHERE id = 3", "not those that were signed")):
        with open_freely(database) as db:
            db.execute(change)
        check(word in seal(database, other, "--since", "#260", code=3), f"an altered database: {word}")
    return sealed


def seal_into(database, folder):
    return run(QUERY, "seal", "--db", database, "-o", folder).stderr.decode().replace("File exists", "already there")


def changed(data):
    """One byte, a few, or the end."""
    data, way = bytearray(data), SEED.randrange(8)
    at = SEED.randrange(len(data))
    if way < 4:
        data[at] ^= 1 << SEED.randrange(8)
    elif way == 4:
        del data[at:]
    elif way == 5:
        data[at:at] = bytes([SEED.choice((10, 32, 48, SEED.randrange(256)))])
    elif way == 6:
        del data[at]
    else:
        data[at] = SEED.randrange(256)
    return bytes(data)


def try_bytes(folder):
    """Whichever byte of whichever file: it fails."""
    database, sealed = folder / "bytes.db", folder / "flipped"
    make_chain(database, 88, 8)
    with sqlite3.connect(database) as db:
        anchor = db.execute("SELECT 'sockwitness-anchor 1 ' || lower(hex(uuid)) || ' 3 ' || lower(hex(head)) || ' ' || "
                            "lower(hex(signature)) FROM link, archive WHERE record = 3").fetchone()[0]
    db.close()
    (folder / "kept").write_text(anchor + "\n")
    seal(database, sealed, "--since", "#3", "--until", "#3", "--anchors", folder / "kept")
    second = sealed.parent / "single"
    for turn in range(20_000 if LONG else 420):
        name = FILES[turn % len(FILES)]
        path = sealed / name
        data = path.read_bytes()
        if not data:
            continue
        other = changed(data)
        if other == data:
            continue
        path.write_bytes(other)
        bad(sealed, f"turn {turn}: {name}", second=LONG and turn % 50 == 0 or turn % 100 == 0)
        path.write_bytes(data)
        counts["changed bytes"] += 1
    good(sealed, "all put back")
    for name in FILES:
        (sealed / name).rename(second)
        result = run(QUERY, "verify", sealed)
        check(result.returncode == 3, f"without {name}: {result}")
        second.rename(sealed / name)
    check(counts["changed bytes"] > 380, f"only {counts}")


def with_digests(sealed, change):
    """The folder after `change(lines of rows, of links, of the manifest)`, with every digest made anew."""
    work = sealed.parent / "forged"
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(sealed, work)
    rows, links, manifest = ([*(work / name).read_text().splitlines()] for name in ("rows.jsonl", "links.jsonl", "manifest"))
    record = change(rows, links, manifest)
    (work / "rows.jsonl").write_text("".join(line + "\n" for line in rows))
    (work / "links.jsonl").write_text("".join(line + "\n" for line in links))
    text = ""
    for line in manifest[:-1]:
        if line.startswith("file "):
            name = line.split(" ")[3]
            line = f"file {hashlib.sha256((work / name).read_bytes()).hexdigest()}  {name}"
        text += line + "\n"
    (work / "manifest").write_text(text + f"sha256 {hashlib.sha256(text.encode()).hexdigest()}\n")
    counts["changed with digests"] += 1
    return work, record


def dump(row):
    return json.dumps(row, separators=(",", ":"))


def drop_row(rows, condition):
    at = SEED.choice([at for at, line in enumerate(rows) if condition(json.loads(line))])
    return json.loads(rows.pop(at))["record"]


def change_row(rows, condition, change):
    at = SEED.choice([at for at, line in enumerate(rows) if condition(json.loads(line))])
    row = json.loads(rows[at])
    change(row)
    rows[at] = dump(row)
    return row["record"]


def raise_number(row):
    name = SEED.choice([name for name, value in row["row"].items() if isinstance(value, int)])
    row["row"][name] += 1


def rename_column(row):
    names = list(row["row"])
    names[0], names[-1] = names[-1], names[0]
    row["row"] = dict(zip(names, row["row"].values()))


def try_forgeries(sealed):
    """Who makes all digests anew still needs what was signed."""
    meant = set(sealed_reader.MEANT.values())
    has_path = lambda row: "path" in row  # noqa: E731
    whole = lambda row: "path" not in row  # noqa: E731

    def swap(rows, links, manifest):
        at = SEED.randrange(len(links) - 1)
        one, other = json.loads(links[at]), json.loads(links[at + 1])
        one["signature"], other["signature"] = other["signature"], one["signature"]
        links[at:at + 2] = [dump(one), dump(other)]
        return one["record"]

    def narrow(rows, links, manifest):
        """The first snapshot of the range, and what it tells of the begin, is left out."""
        at = next(at for at, line in enumerate(manifest) if line.startswith("records "))
        first, last = map(int, manifest[at].split()[1:])
        rows[:] = [line for line in rows if json.loads(line)["record"] != first]
        manifest[at] = f"records {first + 1} {last}"

    def widen(rows, links, manifest):
        at = next(at for at, line in enumerate(manifest) if line.startswith("snapshots "))
        manifest[at] = "snapshots 1 " + manifest[at].split()[2]

    def far(rows, links, manifest):
        at = next(at for at, line in enumerate(manifest) if line.startswith("records "))
        manifest[at] = manifest[at].split()[0] + " 2 9000000000000000000"

    def pretend(rows, links, manifest):
        """No range: rows alone, of which one is not there."""
        at = next(at for at, line in enumerate(manifest) if line.startswith("snapshots "))
        manifest[at:at + 2] = ["row socket 99999999"]

    ways = {
        "a row with proof": lambda rows, *_: change_row(rows, has_path, raise_number),
        "a row": lambda rows, *_: change_row(rows, whole, raise_number),
        "a row with proof is missing": lambda rows, *_: drop_row(
            rows, lambda row: has_path(row) and row["table"] in meant - {"record"}),
        "a row is missing": lambda rows, *_: drop_row(rows, whole),
        "a row of another record": lambda rows, *_: change_row(rows, has_path, lambda row: row.update(record=row["record"] + 1)) and None,
        "a row at another place": lambda rows, *_: change_row(rows, has_path, lambda row: row.update(place=row["place"] + 1)),
        "columns with other names": lambda rows, *_: change_row(
            rows, lambda row: len(row["row"]) > 1, rename_column) and None,
        "signatures": swap,
        "a link is missing": lambda rows, links, manifest: json.loads(links.pop(SEED.randrange(1, len(links) - 1)))["record"],
        "the last link is missing": lambda rows, links, manifest: links.pop() and None,
        "the first link is missing": lambda rows, links, manifest: links.pop(0) and None,
        "it begins later": narrow, "it says more": widen, "it says far more": far, "it says less": pretend,
    }
    for name, way in ways.items():
        for _ in range(60 if LONG else 3):
            work, record = with_digests(sealed, way)
            bad(work, name, record, second=name != "columns with other names")
    work, _ = with_digests(sealed, lambda rows, links, manifest: None)
    good(work, "nothing forged")


def main():
    with scratch() as folder:
        try_histories(folder)
        sealed = try_words(folder)
        try_bytes(folder)
        try_forgeries(sealed)
        check(os.path.isdir(sealed), "the export is gone")
    done(f"seals: {counts}")


main()
