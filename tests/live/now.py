#!/usr/bin/env python3
"""`diff` against this moment, a baseline, another host: right answers, and no trace of having asked.

In:    a machine of its own; recorders that are missing, fail, hang, fill the disk or are interrupted.
Out:   exit codes as promised, every format readable, the database and its folder untouched, an empty
       TMPDIR afterwards.
Never: trusts that a signal was sent in time: the recorder says when it runs.
"""
import csv
import io
import itertools
import json
import os
import shutil
import signal
import socket
import time

import machine

machine.enter()

import compare  # noqa: E402
import daemons  # noqa: E402
import witness  # noqa: E402

AS_NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
FORMATS = ("text", "json", "jsonl", "csv")


def look(folder):
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode)
            for path in folder.rglob("*") if path.is_file()}


class Question:
    """The program in a folder of its own, with a TMPDIR of its own and a database to leave alone."""

    def __init__(self, report, recorder=witness.RECORDER):
        self.report = report
        self.bin, self.temporary = daemons.folder("bin"), daemons.folder("temporary")
        self.temporary.chmod(0o1777)
        shutil.copy(witness.QUERY, self.bin)
        if recorder:
            shutil.copy(recorder, self.bin / "sockwitness-recorder")
        self.data = daemons.folder("data")
        self.path = self.data / "witness.db"
        witness.record(self.path)
        self.path.chmod(0o644)

    def place_recorder(self, text):
        """A script in its place."""
        path = self.bin / "sockwitness-recorder"
        path.write_text(text, encoding="ascii")
        path.chmod(0o755)

    def environment(self):
        return dict(os.environ, TMPDIR=str(self.temporary), LC_ALL="C.UTF-8", TZ="UTC")

    def ask(self, what, code, *options, prefix=(), says=""):
        before = look(self.data)
        done = witness.run(*prefix, self.bin / "sockwitness", "diff", "--db", self.path, *options,
                           env=self.environment())
        told = done.stderr.decode() + done.stdout.decode()
        self.report.equal(done.returncode, code, "exit code", f"{what}: {told}")
        self.report.check(says in told, "message", f"{what}: {told}")
        self.untouched(what, before)
        return done

    def untouched(self, what, before):
        self.report.check(look(self.data) == before, "the database is untouched", what)
        self.report.equal([path.name for path in self.temporary.iterdir()], [], "nothing is left",
                          what)


def check_now(report):
    question = Question(report)
    question.ask("nothing happened", 0, "--now", says="no difference in what listens")
    question.ask("nothing happened, quietly", 0, "--now", "--quiet")
    end = socket.create_server(("0.0.0.0", 4444))
    done = question.ask("a new listener now", 1, "--now", "--format", "json")
    answer = json.loads(done.stdout)
    report.equal([compare.line(change) for change in answer["changes"]],
                 ["high new_listener tcp 0.0.0.0:4444"], "what is new now")
    report.equal(answer["from"]["seq"], 1, "compared with the latest one")
    # Snapshots that were not recorded have no number of this history.
    lines = question.ask("as lines", 1, "--now", "--format", "jsonl").stdout.splitlines()
    report.equal([json.loads(row).get("seq") for row in lines], [None], "without a number")
    end.close()
    baseline = witness.run(witness.RECORDER, "baseline", "add", "gold", "--db", question.path)
    report.equal(baseline.returncode, 0, "a baseline", baseline.stderr)
    question.ask("against a baseline", 0, "--baseline", "gold", "--now", "--quiet")
    end = socket.create_server(("127.0.0.1", 4445))
    done = question.ask("against a baseline, something new", 1, "--baseline", "gold", "--now",
                        says="baseline gold (snapshot 1, ")
    report.check(b"now (20" in done.stdout, "text says that it is now", done.stdout)
    question.ask("for another user", 1, "--now", prefix=AS_NOBODY, says="tcp 127.0.0.1:4445")
    end.close()
    question.ask("with an empty TMPDIR", 0, "--now", prefix=("env", "TMPDIR="))
    report.equal([name for name in os.listdir("/") if name.startswith("sockwitness")], [],
                 "nothing in the root")
    question.ask("nowhere to write", 3, "--now", prefix=("env", "TMPDIR=/nowhere"),
                 says="making a directory like '/nowhere/sockwitness-now-")


def check_recorders(report):
    question = Question(report, recorder=None)
    question.ask("no recorder beside it", 3, "--now",
                 says=f"recording now: no program '{question.bin}/sockwitness-recorder'")
    question.place_recorder("#!/bin/sh\necho reason >&2; exit 3\n")
    question.ask("a recorder that fails", 3, "--now", says="sockwitness-recorder' failed")
    question.place_recorder("#!/bin/sh\nexit 0\n")
    question.ask("a recorder that does nothing", 3, "--now", says="no such file")
    question.place_recorder("#!/bin/sh\necho no database >\"$4\"\n")
    question.ask("a recorder that writes something else", 3, "--now", says="not a SQLite database")
    question.place_recorder("#!/bin/sh\nkill -9 $$\n")
    question.ask("a recorder that is killed", 3, "--now", says="failed")
    machine.run("mount", "-t", "tmpfs", "-o", "size=64k,mode=1777", "none", question.temporary)
    shutil.copy(witness.RECORDER, question.bin)
    question.ask("a full disk", 3, "--now", says="no space left")
    machine.run("umount", question.temporary)
    question.ask("and then with room", 0, "--now")


SLOW = """#!/bin/sh
echo $$ >"{told}.new"; mv "{told}.new" "{told}"
exec sleep {seconds}
"""


def check_interrupts(report):
    question = Question(report)
    told = witness.DIRECTORY / "recorder-runs"
    for number, whole_group in itertools.product(
            (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT), (True, False)):
        # From a keyboard a signal goes to both; sent to one process, it waits for the recorder.
        question.place_recorder(SLOW.format(told=told, seconds=30 if whole_group else 0.3))
        told.unlink(missing_ok=True)
        before = look(question.data)
        asking = witness.start([question.bin / "sockwitness", "diff", "--db", question.path, "--now"],
                               env=question.environment(), start_new_session=True)
        witness.wait_until(told.exists, "the recorder runs")
        (os.killpg if whole_group else os.kill)(asking.pid, number)
        what = f"{number.name} to {'both' if whole_group else 'one'}"
        # Only to dump core is a program's end not its own affair.
        end = -number if number == signal.SIGQUIT else 130
        report.equal(asking.wait(witness.PATIENCE), end, "ended by the signal", what)
        question.untouched(what, before)
        if whole_group:
            pid = int(told.read_text(encoding="ascii"))
            report.check(not os.path.exists(f"/proc/{pid}/exe"), "the recorder is gone", what)


def check_crowd(report):
    question = Question(report)
    before = look(question.data)
    crowd = [witness.start([question.bin / "sockwitness", "diff", "--db", question.path, "--now",
                            "--quiet"], env=question.environment()) for _ in range(6)]
    report.equal([member.wait(witness.PATIENCE) for member in crowd], [0] * 6, "six at once")
    question.untouched("six at once", before)


def check_other(report):
    question = Question(report)
    web = daemons.nginx("8080", port=8080)
    own = socket.create_server(("127.0.0.1", 4446))
    other = daemons.folder("other") / "other.db"
    done = witness.run("unshare", "--uts", "sh", "-c",
                       'echo elsewhere >/proc/sys/kernel/hostname && exec "$@"', "sh",
                       witness.RECORDER, "snapshot", "--db", other)
    report.equal(done.returncode, 0, "a snapshot of another host", done.stderr)
    done = question.ask("another host", 1, "--other", other,
                        says=f" of elsewhere in {other}")
    report.check(b"tcp 0.0.0.0:8080" in done.stdout and b"tcp 127.0.0.1:4446" in done.stdout,
                 "what the other one has", done.stdout)
    own.close()
    later = daemons.folder("other") / "later.db"
    witness.record(later)
    # The other way round, with this host as the other one: the same program is no news.
    done = witness.run(question.bin / "sockwitness", "diff", "--db", other, "--other", later,
                       "--format", "json", "--all")
    answer = json.loads(done.stdout)
    report.equal([compare.line(change) for change in answer["changes"]],
                 ["medium vanished_service tcp 127.0.0.1:4446"], "two hosts alike",
                 done.stderr.decode())
    report.equal((answer["from"]["host"], answer["to"]["host"]), ("elsewhere", machine.NAME),
                 "which host is which")
    copy = daemons.folder("copy") / "copy.db"
    shutil.copy(question.path, copy)
    question.ask("a copy", 0, "--other", copy)
    for name, says in (("nothing.db", "no such file"), (".", "it is a directory")):
        question.ask(f"--other {name}", 3, "--other", copy.parent / name, says=says)
    (copy.parent / "text.db").write_text("no database\n" * 99, encoding="ascii")
    question.ask("--other text", 3, "--other", copy.parent / "text.db",
                 says="it is not a SQLite database")
    web.stop()


def parse(output, kind):
    text = output.decode()
    if kind == "json":
        return len(json.loads(text)["changes"])
    if kind == "jsonl":
        return len([json.loads(row) for row in text.splitlines()])
    if kind == "csv":
        return len(list(csv.reader(io.StringIO(text), strict=True))) - 1
    return text.count("\n")


def check_matrix(report):
    question = Question(report)
    # Another program first: a listener on loopback counts when its program is new there.
    shell = daemons.sshd(2222)
    witness.record(question.path)
    witness.run(witness.RECORDER, "baseline", "add", "gold", "--db", question.path)
    time.sleep(0.05)
    shell.restart()
    end = socket.create_server(("127.0.0.1", 4447))
    witness.record(question.path)
    copy = daemons.folder("copy") / "copy.db"
    shutil.copy(question.path, copy)
    sides = ((), ("--baseline", "gold"), ("--from", "#2"), ("--from", "#2", "--to", "#3"),
             ("--from", "#2", "--now"), ("--baseline", "gold", "--now"),
             ("--from", "#2", "--other", copy), ("--baseline", "gold", "--other", copy))
    for side, kind, everything in itertools.product(sides, FORMATS, ((), ("--all",))):
        if everything and kind != "json":
            continue
        what = " ".join(map(str, (*side, kind, *everything)))
        done = question.ask(what, 1, *side, "--format", kind, *everything)
        found = parse(done.stdout, kind)
        report.check(found > 3 if kind == "text" else found == 1 + len(everything), "rows",
                     f"{what}: {found}")
    for options, code in ((("--fail-on", "high"), 1), (("--fail-on", "critical"), 0),
                          (("--fail-on", "moved,restarted"), 1), (("--fail-on", "moved"), 0),
                          (("--fail-on", "new_listener"), 1), (("--fail-on", "info"), 1)):
        done = question.ask(" ".join(options), code, "--quiet", *options)
        report.equal(bool(done.stdout), code == 1, "silent unless it counts", done.stdout)
    done = question.ask("a restart that counts is shown", 1, "--fail-on", "restarted")
    report.check(b"restarted" in done.stdout.split(b"\n\n")[1], "its row", done.stdout)
    end.close()
    shell.stop()


def check_usage(report):
    question = Question(report)
    for options, code, says in (
            ((), 2, "comparing snapshot '#1': there is none before it"),
            (("--baseline", "gold"), 2, "there is none yet"),
            (("--from", "#9"), 2, "comparing '#9': no such snapshot"),
            (("--from", "2001-01-01"), 2, "before the first snapshot"),
            (("--from", "whenever"), 2, "whenever"),
            (("--now", "--to", "#1"), 2, "--to excludes --now"),
            (("--now", "--other", "x.db"), 2, "excludes"),
            (("--baseline", "gold", "--from", "#1"), 2, "excludes"),
            (("--fail-on", "new_listner"), 2, "did you mean 'new_listener'?"),
            (("--fail-on", ""), 2, "known are"),
            (("--frm", "#1"), 2, "did you mean '--from'?"),
            (("--format", "xml"), 2, "--format"),
            (("more",), 2, "not a time"),
            (("#1", "#1", "more"), 2, "unexpected word")):
        done = question.ask(" ".join(options) or "one snapshot", code, *options, says=says)
        report.check(not done.stdout and done.stderr.startswith(b"sockwitness: "),
                     "an error is told as one", f"{options}: {done.stderr}")
    witness.run(witness.RECORDER, "baseline", "add", "gold", "--db", question.path)
    question.ask("the nearest baseline", 2, "--baseline", "gould", says="did you mean 'gold'?")
    empty = daemons.folder("empty") / "empty.db"
    empty.touch()
    done = witness.run(witness.QUERY, "diff", "--db", empty)
    report.check(done.returncode == 3 and b"nothing was recorded yet" in done.stderr, "no snapshot",
                 done.stderr)


witness.require("setpriv", "nginx", "sshd", "ssh-keygen", "unshare")
witness.main(check_now, check_recorders, check_interrupts, check_crowd, check_other, check_matrix,
             check_usage)
