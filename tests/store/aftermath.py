"""What a run that was cut off anywhere may leave, and what the next one makes of it.

In:    a writer, its folder as it was left, how the run ended.
Out:   what is amiss: rows that are lost, a reader without an answer or a reason, a next run that
       needs help, files that stay behind.
Never: takes what the run had announced for anything but committed.
"""
import json
import os
import pathlib
import re

import writers
from programs import RECORDER, ask, look

# A reader may have no answer yet: then it says which of these it is.
NO_ANSWER = re.compile("nothing was recorded yet|no such file|brings it up to date|no snapshot")


def what_a_reader_says(writer, folder):
    database = writer.database(folder)
    before = look(folder)
    answer = ask(database, ["snapshots"])
    told = answer.stderr.decode(errors="replace")
    if look(folder) != before:
        yield "a reader changed something"
    if answer.returncode not in (0, 3) or (answer.returncode == 3 and not NO_ANSWER.search(told)):
        yield f"a reader says {answer.returncode} {told}"
    if answer.returncode == 3 and writer.before and "migration" not in writer.name:
        yield f"a reader has no answer: {told}"


def verified(database):
    """The verdict; nothing: there is no file."""
    answer = ask(database, ["verify", "--format", "json"])
    return json.loads(answer.stdout) if answer.stdout else None


def what_was_left(writer, folder, result):
    database = writer.database(folder)
    journal = pathlib.Path(str(database) + "-journal")
    yield from what_a_reader_says(writer, folder)
    if (verdict := verified(database)) and verdict["result"] == "altered":
        yield f"it is called altered: {verdict['problems']}"
    left = journal.read_bytes() if journal.exists() else b""
    found = writers.contents(database) if database.exists() else {}
    yield from writers.lost(writer.before, found)
    if result.stdout and writers.records(found) <= writers.records(writer.before):
        yield f"it said {result.stdout}, and nothing is there"
    following = writer.run(folder, command=(RECORDER, "snapshot"))
    if following.returncode != 0:
        yield f"the next run says {following.stderr.decode(errors='replace')}"
        return
    for earlier in (writer.before, found):
        yield from writers.lost(earlier, writers.contents(database))
    if left and left not in [path.read_bytes() for path in folder.rglob("*-journal.kept-*")]:
        yield "the journal was not kept"
    odd = [name for name in os.listdir(database.parent)
           if name not in ("witness.db", "witness.db.lock", "witness.db.keys", "witness.db.anchors",
                       "witness.db.ballast") and "-journal.kept-" not in name]
    if odd:
        yield f"left behind: {odd}"
    if ask(database, ["snapshots"]).returncode != 0:
        yield "no answer after the next run"
    verdict = verified(database)
    if verdict["result"] != "intact" or verdict["key_state"] != "agrees" or len(verdict["keys"]) != 1:
        yield f"the chain after the next run: {verdict}"
