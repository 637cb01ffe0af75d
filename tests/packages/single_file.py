#!/usr/bin/env python3
"""sockwitness-static answers in a folder with nothing but itself and a copy of a database.

In:    the program, a database of several snapshots, an empty root; the program with libraries as the oracle.
Out:   the same answers; no library, no interpreter, at most eight million bytes; plain words where the empty root
       has no time zones, accounts or names of ports.
Never: needs a file that is not in that folder.
"""
import json
import os
import pathlib
import shutil
import subprocess

import packaged  # noqa: F401  pylint: disable=unused-import
import witness

PROGRAM = witness.BIN / "sockwitness-static"
MOST_BYTES = 8 << 20
ROOT = witness.DIRECTORY / "root"
COPY = witness.DIRECTORY / "witness.db"  # by the same path inside and outside: some answers name it
INSIDE = pathlib.Path(f"{ROOT}{COPY}")
FAR = ["--format", "json"]


def prepare():
    INSIDE.parent.mkdir(parents=True)
    shutil.copy(PROGRAM, ROOT / "sockwitness")
    witness.succeed(witness.run(witness.BIN / "make_history", COPY, "7", "6"))
    shutil.copy(COPY, INSIDE)


def files():
    return sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if not path.is_dir())


def run(*words, **environment):
    """Inside the empty root."""
    return subprocess.run(["/sockwitness", *words, "--db", str(COPY)], capture_output=True, check=False, timeout=witness.PATIENCE,
                          stdin=subprocess.DEVNULL, cwd="/", env={"LC_ALL": "C.UTF-8", **environment}, preexec_fn=lambda: os.chroot(ROOT))


def elsewhere(*words):
    """By the program with libraries, which reads neither accounts nor names of ports of this host either."""
    return witness.run("unshare", "--mount", "sh", "-c",
                       'mount --bind /dev/null /etc/services && exec "$@"', "sh", witness.QUERY, *words,
                       "--db", COPY)


def without_program(answer):
    """A report names the digest of the program that made it."""
    return [line for line in answer.splitlines() if b"SHA-256 of the program" not in line]


def check_file(report):
    headers = witness.run("readelf", "-l", "-d", "-W", PROGRAM).stdout.decode()
    report.check("INTERP" not in headers and "NEEDED" not in headers, "no interpreter, no library", headers)
    report.check(PROGRAM.stat().st_size <= MOST_BYTES, "small enough", PROGRAM.stat().st_size)
    report.equal(files(), ["sockwitness", str(COPY)[1:]], "nothing else is there")


def check_answers(report):
    questions = [["snapshots"], ["show"], ["show", "-a", "-A", "all"], ["show", "--at", "#2", "-l"],
                 ["diff", "--from", "#1", "--to", "#6", "--all"], ["account", "--all"], ["check", "--all"], ["timeline"],
                 ["when", "tcp/80"], ["rules"], ["export", "--format", "jsonl"],
                 ["report", "--format", "html", "--as-of", "2027-01-01T00:00:00Z", "--by", "a responder"]]
    before = INSIDE.read_bytes()
    for question in questions:
        for form in ([], FAR) if "--format" not in question else ([],):
            mine, theirs = run(*question, *form), elsewhere(*question, *form)
            report.equal(mine.returncode, theirs.returncode, "the same exit code", f"{question}: {mine.stderr}")
            report.equal(without_program(mine.stdout), without_program(theirs.stdout), "the same answer",
                         " ".join(question + form))
    report.check(INSIDE.read_bytes() == before, "the copy is as it was")
    report.equal(files(), ["sockwitness", str(COPY)[1:]], "nothing is left")


def check_bare(report):
    local = run("show", "--local")
    report.check(local.returncode == 0 and b"Z" in local.stdout.splitlines()[0], "without a zone: UTC", local)
    done = run("show", "--local", TZ="Europe/Berlin")
    report.check(done.returncode == 2 and b"no list of time zones" in done.stderr and b"--utc" in done.stderr,
                 "a zone that is not there", done)
    report.equal(run("show", TZ="Europe/Berlin").returncode, 0, "a zone that nobody asks for")
    report.equal(run("show", "--utc", "--at", "#2", TZ="Europe/Berlin").returncode, 0, "as the hint says")
    done = run("report", "--format", "json", "--as-of", "2027-01-01T00:00:00Z")
    report.check(done.returncode == 0 and '"0"' in json.dumps(json.loads(done.stdout)), "a user without a name", done.stderr)
    report.equal(run("show", "--user", "0").returncode, 0, "users by number")
    page = run("report", "--format", "html", "--as-of", "2027-01-01T00:00:00Z").stdout
    report.check(b"SHA-256 of the program<dd>could not be read" in page, "no /proc to read itself by", page[-3000:])


witness.require_root()
witness.require("readelf", "unshare")
if not pathlib.Path(PROGRAM).is_file():
    witness.skip("this build has no sockwitness-static")
prepare()
witness.main(check_file, check_answers, check_bare)
