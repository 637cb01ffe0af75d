"""Reads what `spool` wrote, as an engine would: the newest version of a row wins.

In:    the folder of a spool.
Out:   lines by their kind; rows of a kind at any snapshot.
Never: more than the lines say.
"""
import collections
import json
import pathlib

KINDS = ("snapshots", "services", "programs", "peers", "findings")


def read_lines(folder):
    """{kind: [text of each line]}; a last line without its end is an error."""
    lines = collections.defaultdict(list)
    for path in sorted(pathlib.Path(folder).glob("*.jsonl")):
        content = path.read_bytes()
        if content and not content.endswith(b"\n"):
            raise ValueError(f"{path}: torn: {content[-80:]}")
        lines[path.name.split(".")[0]] += content.decode("ascii").splitlines()
    return lines


def rows_at(lines, seq):
    """Rows that have begun at a snapshot and have not ended before it, as that snapshot knows them."""
    newest = {}
    for text in lines:
        line = json.loads(text)
        if line["seq"] <= seq and line["seq"] >= newest.get(line["row"], line)["seq"]:
            newest[line["row"]] = line
    return {row: line for row, line in newest.items() if line["state"] == "open"}


def intervals(lines):
    """Each row once, with its end if it has one."""
    newest = {}
    for text in lines:
        line = json.loads(text)
        if line["seq"] >= newest.get(line["row"], line)["seq"]:
            newest[line["row"]] = line
    return newest


def place(row):
    return row["protocol"], row["local_address"], row["local_port"], row["netns"], row["device"], row["path"]
