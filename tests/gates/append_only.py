#!/usr/bin/env python3
"""Evidence is only appended: the SQL of the recorder neither updates nor deletes, that of the query
program does not even insert into the file.

In:    *.sql and the SQL in C++ string literals of recorder/write, schema/disk and query.
Out:   statements that would change a row. Migrations may; that is what they are for.
Never: judges words in comments.
"""
import re

import common

CHANGES = re.compile(r"\b(?:UPDATE\s+\w|DELETE\s+FROM|REPLACE\s+INTO|INSERT\s+OR\s+REPLACE|DROP\s+(?:TABLE|INDEX|VIEW|TRIGGER)\b"
                     r"|ON\s+CONFLICT[^;]*\bDO\s+UPDATE|ALTER\s+TABLE)", re.IGNORECASE)
WRITES = re.compile(CHANGES.pattern[:-1] + r"|INSERT\s+INTO|INSERT\s+OR\s+\w+\s+INTO)", re.IGNORECASE)
LITERAL = re.compile(r'R"\w*\((.*?)\)\w*"|"((?:[^"\\\n]|\\.)*)"', re.DOTALL)

# Statement prefixes that are allowed where they stand, each with its reason.
ALLOWED = {
    # The retention command: whole snapshots go, and a record of the chain says so.
    "recorder/write/sql/prune": CHANGES,
}


def statements(path):
    content = common.text(path)
    if path.suffix == ".sql":
        return re.sub(r"--[^\n]*|/\*.*?\*/", " ", content, flags=re.DOTALL)
    content = re.sub(r"//[^\n]*", " ", content)
    return "\n".join(raw or plain for raw, plain in LITERAL.findall(content))


def main():
    assert CHANGES.search("delete  from socket") and not CHANGES.search("SELECT updated")
    assert WRITES.search("insert into x") and not WRITES.search("SELECT 1 AS inserted")
    problems = []
    looked = 0
    for path in common.files("*.sql", "*.cpp", "*.h"):
        name = str(path)
        if not name.startswith(("recorder/", "schema/disk/", "query/")) or "migrations" in name:
            continue
        looked += 1
        if any(name.startswith(prefix) for prefix in ALLOWED):
            continue
        # The rules stage fills tables in memory.
        forbidden = CHANGES if not name.startswith(("query/read", "query/report")) else WRITES
        found = forbidden.search(statements(path))
        if found:
            problems.append(f"{name}: {' '.join(found.group().split())}: evidence is only appended")
    common.report({"files": looked}, problems)


main()
