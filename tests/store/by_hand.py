#!/usr/bin/env python3
"""schema/VERIFY.md as it stands: what an auditor types verifies a good file, and fails for one that was altered.

In:    chained histories of chance; sqlite3, openssl and basenc of this host.
Out:   every block of the page, for each record and after each kind of change.
Never: a word of the page that is not executed.
"""
import pathlib
import re
import shutil
import subprocess

from chains import SEED, copy, make_chain, open_freely
from programs import PATIENCE, check, done, scratch, skip

PAGE = pathlib.Path(__file__).resolve().parents[2] / "schema/VERIFY.md"


def blocks():
    return re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)


def carry_out(database, record, folder):
    """The exit code of the page's blocks, one after the other, until one fails."""
    script = "set -eu\n" + "\n".join(blocks())
    result = subprocess.run(["sh", "-c", script], cwd=folder, capture_output=True, timeout=PATIENCE, check=False,
                            env={"DB": str(database), "RECORD": str(record), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
    return result.returncode, result.stdout + result.stderr


def main():
    for tool in ("sqlite3", "openssl", "basenc"):
        if not shutil.which(tool):
            skip(f"{tool} is not installed")
    check(len(blocks()) == 4, f"the page has {len(blocks())} blocks")
    with scratch() as folder:
        work = folder / "work"
        work.mkdir()
        for seed in range(3):
            source, altered = folder / f"{seed}.db", folder / "altered.db"
            make_chain(source, 300 + seed, 6, seed)
            with open_freely(source) as db:
                first, last = db.execute("SELECT min(record), max(record) FROM link").fetchone()
            for record in range(first, last + 1):
                code, told = carry_out(source, record, work)
                check(code == 0 and b"Verified Successfully" in told, f"record {record}: {code} {told}")
            changes = ("UPDATE link SET signature = zeroblob(64) WHERE record = {0}",
                       "UPDATE link SET head = zeroblob(32) WHERE record = {0}",
                       "UPDATE record SET written_us = written_us + 1 WHERE id = {1}",
                       "UPDATE environment SET machine_id = 'x'", "UPDATE archive SET uuid = zeroblob(16)",
                       "DELETE FROM link WHERE record = {1}", "DELETE FROM text WHERE id = (SELECT max(id) FROM text)")
            for change in changes:
                copy(source, altered)
                record = SEED.randrange(first, last)
                with open_freely(altered) as db:
                    db.execute(change.format(record, last))
                code, told = carry_out(altered, record, work)
                check(code != 0, f"{change}: {told}")
    done("by hand")


main()
