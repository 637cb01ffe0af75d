#!/usr/bin/env python3
"""What a recorder was not allowed to see is never called gone, new, or another's.

In:    a machine of its own; services of two users, alone and together, in three namespaces; the same
       database written by root and by nobody, with and without a hidden /proc.
Out:   between any two of these snapshots nothing changed, and what was not compared is counted; a
       change that both could see is told.
Never: takes an empty answer for a right one.
"""
import os
import shutil
import socket

import machine

machine.enter()

import compare  # noqa: E402
import daemons  # noqa: E402
import witness  # noqa: E402

AS_NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
NAMED = "blue"


def serve(port, address="127.0.0.1"):
    return witness.Kept([socket.create_server((address, port))])


def become_nobody():
    os.setgroups([])
    os.setgid(witness.NOBODY)
    os.setuid(witness.NOBODY)


def serve_as_nobody(port):
    held = serve(port)
    become_nobody()
    return held


def serve_together(port):
    """A master of root, and a worker of nobody, as web servers do."""
    held = serve(port)
    child = os.fork()
    if child == 0:
        witness.prctl(witness.PR_SET_PDEATHSIG, 9)
        become_nobody()
        while True:
            witness.signal.pause()
    held.children = [child]
    return held


def serve_elsewhere(port, name=None, nobody=False):
    """In a namespace with a name, or in a new one without."""
    if name:
        with open(f"/run/netns/{name}", "rb") as namespace:
            witness.call("setns", namespace.fileno(), witness.CLONE_NEWNET)
    else:
        witness.enter_new_namespace()
    held = serve(port, "0.0.0.0")
    if nobody:
        become_nobody()
    return held


def serve_datagrams(port):
    end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    end.bind(("127.0.0.1", port))
    unix = socket.socket(socket.AF_UNIX)
    unix.bind("/run/of-root.sock")
    unix.listen()
    return witness.Kept([end, unix])


class Mixed(compare.History):
    """One database, written by different people."""

    def __init__(self, report):
        self.folder = daemons.folder("shared")
        shutil.chown(self.folder, witness.NOBODY, 65534)
        self.bin = daemons.folder("bin")
        for program in (witness.RECORDER, witness.QUERY):
            shutil.copy(program, self.bin)
        self.kinds = []
        super().__init__(report, "unused")
        self.path = self.folder / "witness.db"

    def record(self):
        """By nobody first: a file of root's would not be theirs to write."""

    def record_as(self, kind, *prefix):
        """The file is handed over first: nobody's is not root's to write, nor the other way round."""
        for file in self.folder.rglob("witness.db*"):
            shutil.chown(file, *((witness.NOBODY, 65534) if prefix else ("root", "root")))
        for key in self.folder.glob("witness.db.keys/*"):
            shutil.chown(key, *((witness.NOBODY, 65534) if prefix else ("root", "root")))
        witness.patiently(self.path, lambda: witness.succeed(
            witness.run(*prefix, self.bin / "sockwitness-recorder", "snapshot", "--db", self.path)))
        self.kinds.append(kind)


def hide_processes(hide):
    machine.run("mount", "-o", f"remount,hidepid={2 if hide else 0}", "proc", "/proc")


def populate():
    machine.run("ip", "netns", "add", NAMED)
    machine.run("ip", "-n", NAMED, "link", "set", "lo", "up")
    return [witness.Helper(serve, 7001), witness.Helper(serve_as_nobody, 7002),
            witness.Helper(serve_together, 7003), witness.Helper(serve_datagrams, 7004),
            witness.Helper(serve_elsewhere, 7005, NAMED), witness.Helper(serve_elsewhere, 7006),
            witness.Helper(serve_elsewhere, 7007, None, True)]


def check_eyes(report):
    populate()
    history = Mixed(report)
    history.record_as("nobody", *AS_NOBODY)
    history.record_as("root")
    hide_processes(True)
    history.record_as("nobody, hidden", *AS_NOBODY)
    history.record_as("root, hidden")
    hide_processes(False)
    history.record_as("nobody", *AS_NOBODY)
    counts = {"not_compared": 0, "owners_not_compared": 0}
    numbers = range(1, len(history.kinds) + 1)
    for first in numbers:
        for second in numbers:
            pair = ("--from", f"#{first}", "--to", f"#{second}")
            what = f"{history.kinds[first - 1]} → {history.kinds[second - 1]}"
            answer = history.answer(*pair)
            report.equal([compare.line(change) for change in answer["changes"]], [],
                         "nothing changed", what)
            history.expect_exit("exit code", 0, *pair)
            one_was_root = ("root" in history.kinds[first - 1]) != (
                "root" in history.kinds[second - 1])
            for key in counts:
                missed = sum(len(entry["services"]) for entry in answer[key])
                counts[key] += missed
                if one_was_root:
                    report.check(missed > 0, f"{key} is counted", f"{what}: {answer[key]}")
    print(f"{counts}")
    text = history.diff("--from", "#2", "--to", "#1").stdout.decode()
    report.check(f"\nNot compared: 1 service, network namespace {NAMED}: permission" in text and
                 "\nNot compared: 2 services, " in text and
                 "\nOwners not compared: 5 services, " in text, "told in text", text)
    root = {change["local_port"]: change for change in witness.show(history.path, "--at", "#2",
                                                                    "-l")["sockets"]}
    report.check({7001, 7002, 7003, 7004, 7005, 7006, 7007} <= set(root), "root saw all",
                 sorted(key for key in root if key))
    nobody = {row["local_port"]: row for row in witness.show(history.path, "--at", "#1",
                                                             "-l")["sockets"]}
    report.check({7001, 7002, 7003, 7004} <= set(nobody) and 7006 not in nobody, "nobody did not",
                 sorted(key for key in nobody if key))


def check_changes(report):
    """What both could see is told, whoever looked."""
    history = Mixed(report)
    first = witness.Helper(serve, 7101)
    history.record_as("root")
    shutil.chown(history.path, witness.NOBODY)
    shutil.chown(f"{history.path}.lock", witness.NOBODY)
    second = witness.Helper(serve, 7102, "0.0.0.0")
    first.end()
    history.record_as("nobody", *AS_NOBODY)
    history.expect_now("a new one of root's, seen by nobody", [
        "high new_listener tcp 0.0.0.0:7102", "medium vanished_service tcp 127.0.0.1:7101"])
    third = witness.Helper(serve_as_nobody, 7103)
    second.end()
    history.record_as("root")
    history.expect_now("and the other way round", [
        "high new_listener tcp 127.0.0.1:7103", "medium vanished_service tcp 0.0.0.0:7102"])
    third.end()


TRACER = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all,+sys_ptrace",
          "--ambient-caps=-all,+sys_ptrace", "--bounding-set=-all,+sys_ptrace")


def serve_in_kept(port):
    """A network that nobody lives in and nothing names: a descriptor keeps it, and a socket in it listens."""
    with open("/proc/self/ns/net", "rb") as home:
        witness.enter_new_namespace()
        held = serve(port, "0.0.0.0")
        kept = open("/proc/self/ns/net", "rb")  # pylint: disable=consider-using-with
        witness.call("setns", home.fileno(), witness.CLONE_NEWNET)
    held.append(kept)
    return held


def check_kept(report):
    """Who may see every process, and none of its descriptors, knows of no network that only a descriptor keeps."""
    helper = witness.Helper(serve_in_kept, 7201)
    history = Mixed(report)
    history.record_as("root")
    shutil.chown(history.path, witness.NOBODY)
    shutil.chown(f"{history.path}.lock", witness.NOBODY)
    history.record_as("tracer", *TRACER)
    seen = {row["local_port"] for row in witness.show(history.path, "--at", "#1", "-l")["sockets"]}
    unseen = {row["local_port"] for row in witness.show(history.path, "--at", "#2", "-l")["sockets"]}
    report.check(7201 in seen and 7201 not in unseen, "one sees it and the other does not", f"{seen}, {unseen}")
    answer = history.answer("--from", "#1", "--to", "#2")
    report.equal([compare.line(change) for change in answer["changes"]], [], "and it is not gone")
    report.check(answer["not_compared"], "it is not compared", answer)
    helper.end()


witness.require("setpriv", "ip")
witness.main(check_eyes, check_changes, check_kept)
