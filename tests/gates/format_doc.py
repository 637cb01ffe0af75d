#!/usr/bin/env python3
"""schema/FORMAT.md and the tables agree: every table and column is described, and no other.

In:    schema/disk/latest.sql, or the migrations where there is none; schema/FORMAT.md.
Out:   what one of them has and the other has not.
Never: needs more of FORMAT.md than a heading per table with its name in back quotes, and below it a
       Markdown table whose first cells are the column names in back quotes.
"""
import re
import sqlite3

import common


def tables_of(script):
    """{table or view: [columns]} as SQLite understands the script."""
    database = sqlite3.connect(":memory:")
    database.executescript(script)
    names = [row[0] for row in database.execute(
        "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'")]
    return {name: [row[1] for row in database.execute(f'PRAGMA table_info("{name}")')]
            for name in names}


def documented(text):
    tables = {}
    current = None
    for line in text.splitlines():
        heading = re.match(r"#{2,6}\s.*?`([a-z_0-9]+)`", line)
        cell = re.match(r"\|\s*`([a-z_0-9]+)`\s*\|", line)
        if heading:
            current = heading.group(1)
            tables[current] = []
        elif line.startswith("#"):
            current = None
        elif cell and current:
            tables[current].append(cell.group(1))
    return tables


def compare(document, real, told):
    """What a document that tells of tables and the tables themselves do not have in common."""
    problems = [f"{document}: table `{name}` is missing" for name in sorted(real.keys() - told)]
    problems += [f"{document}: there is no table `{name}`" for name in sorted(told.keys() - real)]
    for name in sorted(real.keys() & told):
        problems += [f"{document}: `{name}`: column `{column}` is missing"
                     for column in real[name] if column not in told[name]]
        problems += [f"{document}: `{name}`: there is no column `{column}`"
                     for column in told[name] if column not in real[name]]
    return problems


def main():
    latest = common.ROOT / "schema/disk/latest.sql"
    document = common.ROOT / "schema/FORMAT.md"
    ladder = sorted((common.ROOT / "schema/disk/migrations").glob("*.sql"))
    if not document.is_file() and not latest.is_file():
        common.skip("neither schema/FORMAT.md nor schema/disk/latest.sql is there")
    scripts = [latest] if latest.is_file() else ladder
    real = tables_of("\n".join(path.read_text(encoding="utf-8") for path in scripts))
    told = documented(document.read_text(encoding="utf-8")) if document.is_file() else {}
    problems = compare("schema/FORMAT.md", real, told)
    common.report({"tables": len(real), "columns": sum(map(len, real.values()))}, problems)


if __name__ == "__main__":
    main()
