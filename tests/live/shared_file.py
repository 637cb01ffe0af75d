#!/usr/bin/env python3
"""Root and the user of the service share one file: whoever comes first, each goes on after the other.

In:    folders of a system user, of a person and of root, on a machine of its own; root, and the user with the
       service's capabilities.
Out:   exit codes, whom each file belongs to, with which rights root's run goes on, who is the author.
Never: lets root write where others may put a file, or read a person's file with rights over all processes.
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess

import machine

machine.enter()

import witness  # noqa: E402

SERVICE, PERSON, OTHER = 700, 1700, 701
CAPABILITIES = "+sys_ptrace,+dac_read_search,+sys_admin"
LOOKING = sum(1 << number for number in (2, 12, 19, 21))  # dac_read_search, net_admin, sys_ptrace, sys_admin
ROOT = pathlib.Path("/opt/shared")


def folder(name, owner, mode=0o750):
    """A new place, and the database in it."""
    place = ROOT / name
    place.mkdir(parents=True)
    os.chown(place, owner, owner)
    place.chmod(mode)
    return place / "witness.db"


def as_user(user, *words):
    return witness.run("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", f"--inh-caps=-all,{CAPABILITIES}",
                       f"--ambient-caps=-all,{CAPABILITIES}", f"--bounding-set=-all,{CAPABILITIES}", "--no-new-privs",
                       witness.RECORDER, *words)


def as_root(*words):
    return witness.run(witness.RECORDER, *words)


def ok(report, done, what):
    report.check(done.returncode == 0, what, f"exit {done.returncode}: {done.stderr.decode()}")


def owners(database):
    return {(path.stat().st_uid, path.stat().st_gid) for path in database.parent.iterdir()}


def gaps(database):
    answer = witness.run(witness.QUERY, "snapshots", "--db", database, "--format", "json")
    last = json.loads(answer.stdout)["snapshots"][-1]
    return last["complete"], last["gaps"]


def check_service_first(report):
    database = folder("service", SERVICE)
    ok(report, as_user(SERVICE, "snapshot", "-q", "--db", database), "the service begins")
    for words in (("baseline", "add", "gold"), ("snapshot", "-q"), ("baseline", "add", "other"), ("baseline", "drop", "other")):
        ok(report, as_root(*words, "--db", database), "root goes on")
        report.equal(owners(database), {(SERVICE, SERVICE)}, "all files are the service's", words)
        ok(report, as_user(SERVICE, "snapshot", "-q", "--db", database), "the service goes on")
    listed = as_root("baseline", "list", "--db", database).stdout
    report.check(b" by root" in listed, "root is the author", listed)


def check_root_first(report):
    database = folder("root-first", SERVICE)
    ok(report, as_root("snapshot", "-q", "--db", database), "root begins in the service's folder")
    report.equal(owners(database), {(SERVICE, SERVICE)}, "all files are the service's", "root first")
    report.equal(oct(database.stat().st_mode & 0o777), "0o640", "its mode")
    ok(report, as_user(SERVICE, "snapshot", "-q", "--db", database), "the service goes on")


def check_same_view(report):
    """As much as the service sees, and as root saw before."""
    database = folder("view", SERVICE)
    own = folder("own", 0)
    as_root("snapshot", "-q", "--db", database)
    as_root("snapshot", "-q", "--db", own)
    report.equal(gaps(database), gaps(own), "root sees as much as in a file of its own")


def check_rights(report):
    for place, owner, uid, kept in (("loop", SERVICE, SERVICE, LOOKING), ("loop-of-root", 0, 0, None)):
        database = folder(place, owner)
        loop = witness.start([witness.RECORDER, "loop", "--every", "1h", "-q", "--db", database])
        witness.wait_until(database.exists, "the loop records")
        status = dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{loop.pid}/status").read_text().splitlines()
                      if ":\t" in line)
        report.equal(set(status["Uid"].split()), {str(uid)}, "goes on as", place)
        if kept is not None:
            for name in ("CapPrm", "CapEff"):
                report.equal(int(status[name], 16) & ~kept, 0, "no right but to look", f"{place}: {name}")
            report.equal((status["Groups"].split(), int(status["CapInh"], 16)), ([], 0), "nothing besides", place)
            report.equal(os.stat(f"/proc/{loop.pid}").st_uid, uid, "seen as its owner's", place)
        loop.send_signal(signal.SIGTERM)
        report.equal(loop.wait(), 0, "ends", place)


def check_baseline_rights(report):
    """A baseline needs no rights: none are left when the file is opened."""
    database = folder("traced", PERSON)
    witness.run("setpriv", f"--reuid={PERSON}", f"--regid={PERSON}", "--clear-groups", witness.RECORDER, "snapshot", "-q",
                "--db", database)
    log = ROOT / "calls"
    witness.run("strace", "-f", "-o", log, witness.RECORDER, "baseline", "add", "gold", "--db", database)
    calls = log.read_text(errors="replace")
    changed = calls.index("setresuid(")
    report.check("CAP" not in calls[calls.index("capset(", changed):].splitlines()[0].partition("permitted=")[2].split(",")[0],
                 "no capability is left", calls[changed:changed + 400])
    report.check(f'"{database}.lock"' not in calls[:changed], "before the first file is opened", calls[:200])
    report.equal(owners(database), {(PERSON, PERSON)}, "a person's baseline stays the person's")


def check_strangers(report):
    def refused(database, word, *words):
        before = database.read_bytes() if database.is_file() else b""
        done = as_root(*words, "--db", database)
        report.check(done.returncode == 3 and word.encode() in done.stderr, "refused", f"{database}: {done}")
        report.equal(database.read_bytes() if database.is_file() else b"", before, "nothing is written", database)

    database = folder("person", PERSON)
    witness.run("setpriv", f"--reuid={PERSON}", f"--regid={PERSON}", "--clear-groups", witness.RECORDER, "snapshot", "-q",
                "--db", database)
    refused(database, f"setpriv --reuid={PERSON} --regid={PERSON}", "snapshot")

    base = folder("base", SERVICE)
    as_user(SERVICE, "snapshot", "-q", "--db", base)

    def planted(name, owner, mode, change):
        target = folder(name, owner, mode)
        shutil.copy(base, target)
        os.chown(target, SERVICE, SERVICE)
        target.chmod(0o640)
        change(target)
        for words in (("snapshot",), ("baseline", "add", "gold")):
            refused(target, "", *words)

    planted("group", SERVICE, 0o770, lambda file: None)
    planted("file-of-the-group", SERVICE, 0o750, lambda file: file.chmod(0o660))
    planted("another's-folder", OTHER, 0o755, lambda file: None)
    planted("root's-folder", 0, 0o755, lambda file: None)
    planted("two-names", SERVICE, 0o750, lambda file: os.link(file, str(file) + ".2"))
    planted("link", SERVICE, 0o750, lambda file: (file.unlink(), file.symlink_to(base)))


def check_lock_of_root(report):
    """As an older version left it, when root did what its hint said."""
    database = folder("lock", SERVICE)
    as_user(SERVICE, "snapshot", "-q", "--db", database)
    lock = pathlib.Path(f"{database}.lock")
    os.chown(lock, 0, 0)
    for done in (as_user(SERVICE, "snapshot", "-q", "--db", database), as_root("snapshot", "-q", "--db", database)):
        hint = f"chown {SERVICE} "
        report.check(done.returncode == 3 and hint.encode() in done.stderr, "says what to do", done)
    command = done.stderr.decode().partition("as root: ")[2].splitlines()[0]
    report.equal(subprocess.run(["sh", "-c", command], check=False).returncode, 0, "what it says can be typed", command)
    ok(report, as_user(SERVICE, "snapshot", "-q", "--db", database), "the service goes on")
    ok(report, as_root("baseline", "add", "gold", "--db", database), "root goes on")


witness.require("setpriv", "strace")
witness.main(check_service_first, check_root_first, check_same_view, check_rights, check_baseline_rights, check_strangers,
             check_lock_of_root)
