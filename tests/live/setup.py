#!/usr/bin/env python3
"""setup makes a host record itself, once; --dry-run does nothing, --undo takes back what setup made.

In:    a machine of its own, whose /etc and /var may be written to: with cron, with systemd's folders, with a user of
       the service or without, with files of somebody else.
Out:   files, modes and owners before and after; what it says.
Never: changes the host's cron, systemd or accounts.
"""
import os
import pathlib
import re
import shutil
import stat

import machine

machine.enter()

import witness  # noqa: E402

STATE = pathlib.Path("/var/lib/sockwitness")
DATABASE = STATE / "witness.db"
CRON = pathlib.Path("/etc/cron.d/sockwitness")
TIMER = pathlib.Path("/etc/systemd/system/sockwitness-recorder.timer")
LINK = pathlib.Path("/etc/systemd/system/timers.target.wants/sockwitness-recorder.timer")
RIGHTS = pathlib.Path("/etc/systemd/system/sockwitness-recorder.service.d/nat.conf")
SYSTEMD = pathlib.Path("/run/systemd/system")
SERVICE = 700


def clean():
    shutil.rmtree(STATE, ignore_errors=True)
    shutil.rmtree(SYSTEMD.parent, ignore_errors=True)
    shutil.rmtree(RIGHTS.parent, ignore_errors=True)
    for path in (CRON, TIMER, LINK):
        path.unlink(missing_ok=True)
    for name in ("passwd", "group"):
        path = pathlib.Path("/etc", name)
        path.write_text("".join(line for line in path.read_text(encoding="utf-8").splitlines(True)
                                if not line.startswith("sockwitness:")), encoding="utf-8")
    CRON.parent.mkdir(exist_ok=True)


def add_service():
    with open("/etc/passwd", "a", encoding="utf-8") as file:
        file.write(f"sockwitness:x:{SERVICE}:{SERVICE}::{STATE}:/usr/sbin/nologin\n")
    with open("/etc/group", "a", encoding="utf-8") as file:
        file.write(f"sockwitness:x:{SERVICE}:\n")


def add_systemd():
    SYSTEMD.mkdir(parents=True)
    TIMER.parent.mkdir(parents=True, exist_ok=True)
    TIMER.write_text("[Timer]\n", encoding="utf-8")


def setup(*words, **options):
    return witness.run(witness.RECORDER, "setup", *words, **options)


def tree():
    """What could have changed, with its content."""
    found = {}
    for top in (STATE, CRON.parent, TIMER.parent, SYSTEMD):
        for path in [top, *sorted(top.rglob("*"))] if top.exists() else []:
            status = path.lstat()
            content = path.read_bytes() if path.is_file() and not path.name.endswith(".lock") else b""
            found[str(path)] = (status.st_mode, status.st_uid, content)
    return found


def ok(report, done, what):
    return report.check(done.returncode == 0, what, f"exit {done.returncode}: {done.stdout.decode()}{done.stderr.decode()}")


def check_cron(report):
    clean()
    before = tree()
    done = setup("--dry-run")
    ok(report, done, "a dry run")
    report.equal(tree(), before, "a dry run changes nothing")
    report.check(str(CRON).encode() in done.stdout and str(STATE).encode() in done.stdout, "but says what it would", done)
    done = setup()
    ok(report, done, "setup")
    report.equal(stat.S_IMODE(STATE.stat().st_mode), 0o750, "the folder")
    report.equal(stat.S_IMODE(CRON.stat().st_mode), 0o644, "cron's file")
    line = next(line for line in CRON.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    fields = re.split(r"\s+", line, maxsplit=6)
    report.equal(fields[:6], ["*/5", "*", "*", "*", "*", "root"], "every five minutes, as root")
    report.equal(witness.run("sh", "-c", fields[6], env={}).returncode, 0, "what cron starts")
    report.equal(witness.run(witness.QUERY, "show", "-l").returncode, 0, "an answer at once")
    report.equal(witness.run(witness.QUERY, "diff", "--baseline", "first").returncode, 0, "a baseline at once")
    after = tree()
    ok(report, setup(), "setup again")
    report.equal(tree(), after, "setup again changes nothing")
    ok(report, setup("--undo", "--dry-run"), "a dry run of undo")
    report.equal(tree(), after, "a dry run of undo changes nothing")
    for _ in range(2):
        ok(report, setup("--undo"), "undo")
        report.check(not CRON.exists() and DATABASE.exists(), "undo keeps what was recorded", tree().keys())


def check_timer(report):
    clean()
    add_service()
    add_systemd()
    done = setup()
    ok(report, done, "setup with systemd")
    report.equal(os.readlink(LINK) if LINK.is_symlink() else None, str(TIMER), "the timer is enabled")
    report.check(b"systemctl daemon-reload && systemctl start sockwitness-recorder.timer" in done.stdout,
                 "what is left to be told systemd", done)
    report.check(not CRON.exists(), "not by cron as well")
    report.equal({path.stat().st_uid for path in [STATE, *STATE.iterdir()]}, {SERVICE}, "all of it the service's")
    listed = witness.run(witness.RECORDER, "baseline", "list").stdout
    report.check(b"first" in listed and b"by root" in listed, "the baseline's author", listed)
    after = tree()
    ok(report, setup(), "setup with systemd again")
    report.equal(tree(), after, "setup again changes nothing")
    ok(report, setup("--undo"), "undo with systemd")
    report.check(not LINK.is_symlink() and TIMER.exists() and DATABASE.exists(), "undo takes the link alone")


def check_nat(report):
    """A kernel that translates addresses: rules are read with one right more."""
    clean()
    add_service()
    add_systemd()
    machine.mount_empty("/sys/module")
    ok(report, setup("--dry-run"), "a dry run without NAT")
    ok(report, setup(), "setup without NAT")
    report.check(not RIGHTS.exists(), "no right that nothing needs")
    pathlib.Path("/sys/module/nf_nat").mkdir()
    before = tree()
    report.check(str(RIGHTS).encode() in setup("--dry-run").stdout and tree() == before, "a dry run says it")
    ok(report, setup(), "setup with NAT")
    text = RIGHTS.read_text(encoding="utf-8") if RIGHTS.exists() else ""
    report.check("\nAmbientCapabilities=CAP_NET_ADMIN\n" in text and "\nCapabilityBoundingSet=CAP_NET_ADMIN\n" in text,
                 "the right", text)
    after = tree()
    ok(report, setup(), "again")
    report.equal(tree(), after, "changes nothing")
    ok(report, setup("--undo"), "undo")
    report.check(not RIGHTS.parent.exists(), "takes it back", list(RIGHTS.parent.parent.iterdir()))
    RIGHTS.parent.mkdir()
    RIGHTS.write_text("[Service]\n", encoding="utf-8")
    ok(report, setup(), "beside settings of somebody else")
    ok(report, setup("--undo"), "undo beside them")
    report.equal(RIGHTS.read_text(encoding="utf-8"), "[Service]\n", "which stay")
    machine.run("umount", "/sys/module")


def check_others(report):
    clean()
    CRON.write_text("# mine\n", encoding="utf-8")
    ok(report, setup(), "beside a file of somebody else")
    report.equal(CRON.read_text(encoding="utf-8"), "# mine\n", "which stays")
    ok(report, setup("--undo"), "undo beside it")
    report.equal(CRON.read_text(encoding="utf-8"), "# mine\n", "which stays")
    clean()
    add_systemd()
    done = setup()
    report.check(b"systemd-sysusers" in done.stdout and CRON.exists(), "without the user: cron, and a word", done)
    clean()
    STATE.mkdir()
    ok(report, setup("--undo"), "undo of nothing")
    report.check(not STATE.exists(), "an empty folder goes")
    clean()
    machine.mount_empty("/usr/sbin")
    done = setup()
    machine.run("/bin/umount", "/usr/sbin")
    report.check(done.returncode == 0 and b"no cron is installed" in done.stdout, "a file that nobody reads is told", done)
    clean()
    shutil.rmtree(CRON.parent) if not os.path.ismount(CRON.parent) else machine.run("umount", CRON.parent)
    shutil.rmtree(CRON.parent, ignore_errors=True)
    done = setup()
    report.check(done.returncode == 0 and b"loop --every" in done.stdout, "neither of both", done)
    CRON.parent.mkdir(exist_ok=True)


def check_refused(report):
    clean()
    before = tree()
    for done in (setup("--db", "/tmp/other.db"), setup(env={"SOCKWITNESS_DB": "/tmp/other.db"}),
                 witness.run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", witness.RECORDER, "setup",
                             env={"HOME": "/tmp"})):
        report.check(done.returncode == 2 and done.stderr, "refused", done)
    report.equal(tree(), before, "nothing is made")


witness.require("setpriv")
machine.own_files()
witness.main(check_cron, check_timer, check_nat, check_others, check_refused)
