#!/usr/bin/env python3
"""schema/VERIFY.md as it stands: what an auditor types verifies a good file, and fails for one that was altered.

In:    chained histories of chance; sqlite3, openssl and basenc of this host.
Out:   every block of the page, for each record and after each kind of change.
Never: a word of the page that is not executed.
"""
import hashlib
import pathlib
import re
import shutil
import subprocess

from chains import SEED, copy, make_chain, open_freely
from programs import PATIENCE, QUERY, check, done, run, scratch, skip

PAGE = pathlib.Path(__file__).resolve().parents[2] / "schema/VERIFY.md"


def blocks(sealed=False):
    """Those of a database, or of a sealed export."""
    page = PAGE.read_text(encoding="utf-8").partition("## A sealed export")
    return re.findall(r"^```sh\n(.*?)^```$", page[2 if sealed else 0], re.M | re.S)


def carry_out(database, record, folder, sealed=False):
    """The exit code of the page's blocks, one after the other, until one fails."""
    script = "set -eu\n" + "\n".join(blocks(sealed))
    result = subprocess.run(["sh", "-c", script], cwd=folder, capture_output=True, timeout=PATIENCE, check=False,
                            env={"DIR" if sealed else "DB": str(database), "RECORD": str(record), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
    return result.returncode, result.stdout + result.stderr


def try_sealed(folder, work):
    """Single rows: each link, and what the first changed digit of each kind does."""
    database, sealed = folder / "sealed.db", folder / "sealed"
    make_chain(database, 320, 9)
    result = run(QUERY, "seal", "--db", database, "--row", "record=5", "--row", "snapshot=3", "-o", sealed)
    check(result.returncode == 0, f"sealing: {result.stderr}")
    links, rows = (sealed / "links.jsonl"), (sealed / "rows.jsonl")
    for record in range(1, len(links.read_text().splitlines()) + 1):
        code, told = carry_out(sealed, record, work, True)
        check(code == 0 and b"Verified Successfully" in told, f"sealed, record {record}: {code} {told}")
    for path, word in ((links, '"signature":"'), (links, '"head":"'), (links, '"successor":"'), (links, '"root":"'),
                       (rows, '"path":["'), (rows, '"written_us":1'), (sealed / "VERIFY.txt", "row"), (sealed / "manifest", "sha256 ")):
        text = path.read_text()
        at = text.index(word, text.index('"table":"record"') if path == rows else 0) + len(word)
        digit = "0" if text[at] != "0" else "1"
        path.write_text(text[:at] + digit + text[at + 1:])
        for digests in (False, True):
            if digests and path.name.endswith(".jsonl"):
                name_anew(sealed)
            elif digests:
                continue
            codes = [carry_out(sealed, record, work, True)[0] for record in (1, 2)]
            check(any(codes), f"sealed, {path.name} {word} {digests}: {codes}")
        path.write_text(text)
        name_anew(sealed)
    check(carry_out(sealed, 1, work, True)[0] == 0, "sealed, all put back")


def name_anew(sealed):
    """The digests of the manifest, by who changed a file."""
    lines = []
    for line in (sealed / "manifest").read_text().splitlines()[:-1]:
        if line.startswith("file "):
            name = line.split()[2]
            line = f"file {hashlib.sha256((sealed / name).read_bytes()).hexdigest()}  {name}"
        lines.append(line + "\n")
    text = "".join(lines)
    (sealed / "manifest").write_text(text + f"sha256 {hashlib.sha256(text.encode()).hexdigest()}\n")


def main():
    for tool in ("sqlite3", "openssl", "basenc"):
        if not shutil.which(tool):
            skip(f"{tool} is not installed")
    check((len(blocks()), len(blocks(True))) == (4, 3), f"the page has {len(blocks())} and {len(blocks(True))} blocks")
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
        try_sealed(folder, work)
    done("by hand")


main()
