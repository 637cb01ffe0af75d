#!/usr/bin/env python3
"""An alert tells everything new once, on a machine on which something happens between two alerts.

In:    a machine of its own; an unpackaged listener that comes and goes, restarts, databases that are replaced.
Out:   news that is lost or told twice, and news where there is none.
Never: touches the evidence.
"""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import threading

import machine

machine.enter()

import witness  # noqa: E402

SERVER = "import socket,sys,time\ns=socket.create_server(('0.0.0.0',int(sys.argv[1])))\ntime.sleep(9999)\n"


class Host:
    """A database, what was told of it, and listeners of a program that no package owns."""

    def __init__(self, name):
        self.folder = witness.DIRECTORY / name
        self.folder.mkdir()
        self.path = str(self.folder / "witness.db")
        self.told = str(self.folder / "told.state")
        self.program = str(self.folder / "agent")
        shutil.copy(witness.PYTHON, self.program)

    def record(self):
        witness.record(self.path)

    def listen(self, port):
        process = witness.start([self.program, "-c", SERVER, str(port)])
        witness.wait_until(lambda: self.answers(port), f"port {port}")
        return process

    @staticmethod
    def answers(port):
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", port)) == 0

    def stop(self, process):
        process.send_signal(signal.SIGKILL)
        process.wait()

    def alert(self, *options, **more):
        state = [] if {"--since", "--state"} & {*options} else ["--state", self.told]
        done = witness.run(witness.QUERY, "alert", "--db", self.path, *state, *options, **more)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def expect(self, report, what, code, *words, options=()):
        got, out, err = self.alert(*options)
        report.equal(got, code, what, out + err)
        for word in words:
            report.check(word in out, f"{what}: tells {word}", out)
        if code == 0:
            report.equal(out, "", f"{what}: silent", out)


def check_courses(report):
    host = Host("courses")
    host.record()
    host.expect(report, "first", 1, "first alert")
    host.record()
    host.expect(report, "nothing new", 0)
    evidence = pathlib.Path(host.path).stat()
    agent = host.listen(7777)
    host.record()
    host.stop(agent)
    host.record()
    host.expect(report, "came and went", 1, "new listener tcp 7777 by " + host.program, "gone by ")
    host.expect(report, "told once", 0)
    host.expect(report, "told again", 1, "tcp 7777", options=["--since", "#2"])
    host.expect(report, "still told once", 0)
    agent = host.listen(7777)
    host.record()
    host.expect(report, "a dry run", 1, "tcp 7777", options=["--dry-run"])
    host.expect(report, "back", 1, "tcp 7777 by " + host.program)
    host.stop(agent)
    agent = host.listen(7777)
    host.record()
    host.expect(report, "a restart", 0)
    host.stop(agent)
    host.record()
    host.expect(report, "gone", 1, "vanished service tcp 7777", "no longer found: ")
    report.check(pathlib.Path(host.path).stat().st_ino == evidence.st_ino, "the same evidence")
    report.equal(oct(os.stat(host.told).st_mode & 0o777), "0o600", "who may read what was told")


def check_databases(report):
    host = Host("databases")
    host.record()
    host.expect(report, "first", 1)
    copy = host.path + ".copy"
    shutil.copy(host.path, copy)
    host.record()
    host.expect(report, "nothing", 0)
    shutil.copy(copy, host.path)
    host.expect(report, "an earlier copy", 1, "the database went back")
    host.expect(report, "said once", 0)
    for path in pathlib.Path(host.path).parent.glob("witness.db*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    host.record()
    host.expect(report, "another database", 1, "another one than the last alert told of", "first alert")
    host.expect(report, "said once", 0)
    pathlib.Path(host.told).write_text("sockwitness-alert 1\nrubbish\n")
    host.expect(report, "damaged", 1, "what was told before is not known")
    host.expect(report, "said once", 0)
    os.chmod(host.told, 0o666)
    host.expect(report, "others may write to it", 1, "others may write to it")


def check_delivery(report):
    host = Host("delivery")
    host.record()
    host.expect(report, "first", 1)
    agent = host.listen(7778)
    host.record()
    question = [witness.QUERY, "alert", "--db", host.path, "--state", host.told]
    for reader in (["true"], ["sh", "-c", "sleep 1; exit 1"]):
        told = subprocess.Popen(question, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        subprocess.run(reader, stdin=told.stdout, check=False)
        told.stdout.close()
        report.check(told.wait() not in (0, 1), f"nobody read it: {reader}")
        told.stderr.close()
    with open("/dev/full", "wb") as full:
        report.equal(subprocess.run(question, stdout=full, stderr=subprocess.DEVNULL, check=False).returncode, 3,
                     "no room")
    code, out, _ = host.alert("--format", "journal")
    report.equal((code, out), (3, ""), "no journal")
    report.equal(host.alert("--state", "/nonexistent/x")[0], 3, "nowhere to keep it")
    host.expect(report, "not lost", 1, "tcp 7778")
    report.equal([path.name for path in host.folder.glob("told.state.*")], ["told.state.lock"], "what is left")
    host.expect(report, "told", 0)
    host.stop(agent)


def check_journal(report):
    host = Host("journal")
    place = pathlib.Path("/run/systemd/journal")
    place.mkdir(parents=True, exist_ok=True)
    journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    journal.bind(str(place / "socket"))
    entries = []
    threading.Thread(target=lambda: [entries.append(journal.recv(1 << 16)) for _ in range(64)], daemon=True).start()
    host.record()
    host.expect(report, "first", 1)
    agent = host.listen(7779)
    host.record()
    code, out, err = host.alert("--format", "journal")
    report.equal((code, out), (1, ""), "sent", err)
    witness.wait_until(lambda: any(b"SOCKWITNESS_RULE=" in entry for entry in entries), "an entry of a rule")
    new = [entry for entry in entries if b"\nSOCKWITNESS_WHAT=new_listener\n" in entry]
    report.equal(len(new), 1, "entries of the change")
    for field in (b"MESSAGE=", b"\nPRIORITY=3\n", b"\nSYSLOG_IDENTIFIER=sockwitness\n",
                  b"\nSOCKWITNESS_LOCAL_PORT=7779\n",
                  b"\nSOCKWITNESS_PROGRAM=" + host.program.encode() + b"\n"):
        report.check(field in new[0], f"the field {field}", new[0])
    host.expect(report, "told once", 0)
    host.stop(agent)


def check_forms(report):
    host = Host("forms")
    host.record()
    host.expect(report, "first", 1)
    agent = host.listen(7780)
    host.record()
    answer = json.loads(host.alert("--dry-run", "--format", "json")[1])
    report.equal(answer["format"], "sockwitness.alert/1", "its format")
    report.check(any(row["what"] == "new_listener" and row["change"]["local_port"] == 7780 for row in answer["news"]),
                 "the change", answer["news"])
    line = host.alert("--dry-run", "--format", "webhook")[1]
    report.check(line.count("\n") == 1 and "tcp 7780" in json.loads(line)["text"], "one line", line)
    mail = host.alert("--dry-run", "--format", "mail", "--to", "ops@example.org")[1]
    report.check(mail.startswith("To: ops@example.org\nSubject: ") and "tcp 7780" in mail.splitlines()[1], "a mail", mail)
    report.equal(host.alert("--format", "mail", "--to", "x\nBcc: y")[0], 2, "an address that is none")
    figures = str(host.folder / "sockwitness.prom")
    for _ in range(2):
        report.equal(host.alert("--format", "metrics", "-o", figures)[0], 0, "figures")
    text = pathlib.Path(figures).read_text(encoding="ascii")
    report.check("\nsockwitness_listeners 1\n" in text, "what listens", text)
    report.equal(oct(os.stat(figures).st_mode & 0o777), "0o644", "who may read them")
    host.expect(report, "figures tell nothing", 1, "tcp 7780")
    host.stop(agent)


def check_locale(report):
    """cron sets no locale: what it mails is ASCII, and in a mail of our own the letters are as they are."""
    host = Host("locale")
    host.record()
    host.expect(report, "first", 1)
    host.program = str(host.folder / "ägent")
    shutil.copy(witness.PYTHON, host.program)
    agent = host.listen(7781)
    host.record()
    question = [witness.QUERY, "alert", "--dry-run", "--db", host.path, "--state", host.told]
    plain = witness.run("env", "LC_ALL=C", *question).stdout
    report.check(plain.isascii() and b"/\\xc3\\xa4gent" in plain, "ASCII in the C locale", plain)
    report.check("/ägent".encode() in witness.run(*question).stdout, "UTF-8 where the locale is")
    mail = witness.run("env", "LC_ALL=C", *question, "--format", "mail").stdout
    head, _, body = mail.partition(b"\n\n")
    report.check(head.isascii() and b"Subject: =?UTF-8?B?" in head, "an ASCII head", head)
    report.check("/ägent".encode() in body, "a body in UTF-8", body)
    host.stop(agent)


def check_another_user(report):
    """On a copy, without rights: it has a memory of its own, and the evidence stays as it is."""
    host = Host("another")
    host.record()
    home = host.folder / "home"
    home.mkdir()
    os.chown(home, witness.NOBODY, witness.NOBODY)
    copy = str(home / "copy.db")
    shutil.copy(host.path, copy)
    os.chown(copy, witness.NOBODY, witness.NOBODY)
    os.chmod(home, 0o555)

    def ask():
        done = subprocess.run([witness.QUERY, "alert", "--db", copy], user=witness.NOBODY, group=witness.NOBODY,
                              extra_groups=[], env={"XDG_STATE_HOME": str(host.folder / "state")},
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        return done.returncode, done.stdout.decode() + done.stderr.decode()
    state = host.folder / "state"
    state.mkdir()
    os.chown(state, witness.NOBODY, witness.NOBODY)
    report.equal(ask()[0], 1, "first")
    code, out = ask()
    report.equal((code, out), (0, ""), "told once")
    report.equal(sorted(path.name for path in home.iterdir()), ["copy.db"], "beside the copy")
    shutil.copy(copy, host.folder / "other.db")
    os.chmod(host.folder / "other.db", 0o644)
    done = subprocess.run([witness.QUERY, "alert", "--db", str(host.folder / "other.db")],
                          env={"XDG_STATE_HOME": str(state)}, stdout=subprocess.PIPE, check=False)
    report.equal(done.returncode, 1, "another database has another memory")


witness.main(check_courses, check_databases, check_delivery, check_journal, check_forms, check_locale,
             check_another_user)
