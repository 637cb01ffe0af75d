#!/usr/bin/env python3
"""A listener changes hands without a word of its owner: passed on, joined, in other units, or nobody's.

In:    a machine of its own; processes that share, pass and leave listeners in a named network namespace; cgroups
       named like units.
Out:   exactly the changes that the other holder, unit or namespace makes.
Never: tells what has no process: kernel.py.
"""
import os
import pathlib
import socket
import subprocess
import time

import machine

machine.enter()

import compare  # noqa: E402
import witness  # noqa: E402

NAME = "sockwitness-named"
PYTHON = os.path.realpath("/usr/bin/python3")
CLONE_NEWCGROUP = 0x02000000

# Holds what it gets on its standard input until it is told to end.
KEEPER = """
import signal, socket
control = socket.socket(fileno=0)
data, fds, _, _ = socket.recv_fds(control, 1, 8)
control.send(b"+")
signal.pause()
"""

GROUP = """
import signal, socket, sys
end = socket.socket()
end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
end.bind(("0.0.0.0", int(sys.argv[1])))
end.listen()
print("+", flush=True)
signal.pause()
"""


def enter():
    with open(f"/run/netns/{NAME}", "rb") as namespace:
        witness.call("setns", namespace.fileno(), witness.CLONE_NEWNET)


def serve(address, port):
    enter()
    return witness.Kept([socket.create_server((address, port))])


def inside(change):
    return change["netns"] == NAME


def script(name, text):
    path = witness.DIRECTORY / name
    path.write_text(f"{text}\n# {name}\n", encoding="ascii")
    return path


def run_script(path, *words, **options):
    """In the test's namespace, ready when it says so."""
    started = witness.start(["ip", "netns", "exec", NAME, PYTHON, path, *words],
                            stdout=subprocess.PIPE, **options)
    if started.stdout.readline() != b"+\n":
        raise RuntimeError(f"{path} did not start")
    return started


def end(process):
    process.kill()
    process.wait()


class Server(witness.Helper):
    """Passes its listener on to whoever has the other end of `keeper`, and leaves it, when told."""

    def __init__(self, port, keeper):
        self.channel, theirs = socket.socketpair(socket.AF_UNIX)

        def build():
            enter()
            listener = socket.create_server(("0.0.0.0", port))
            if os.fork() == 0:
                # The one that holds still is its parent, without a listener of its own.
                witness.prctl(witness.PR_SET_PDEATHSIG, 9)
                theirs.recv(1)
                socket.send_fds(keeper, [b"x"], [listener.fileno()])
                keeper.recv(1)
                theirs.send(b"+")
                theirs.recv(1)
                listener.close()
                theirs.send(b"+")
                while True:
                    witness.signal.pause()
            listener.close()
            return witness.Kept([theirs])
        super().__init__(build)
        theirs.close()

    def tell(self):
        self.channel.send(b"!")
        self.channel.recv(1)


def listening(port):
    done = witness.run("ip", "netns", "exec", NAME, "ss", "-Htln", f"sport = :{port}")
    return bool(done.stdout.strip())


def check_passed(report):
    keeper = script("keeper.py", KEEPER)
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    stranger = witness.start([PYTHON, keeper], stdin=theirs)
    server = Server(8100, ours)
    witness.wait_until(lambda: listening(8100), "it listens")
    history = compare.History(report, "passed", inside)
    place = f"high owner_changed tcp 0.0.0.0:8100 in {NAME}"
    server.tell()
    history.expect("passed to another program", [place], why="is still held by python3")
    history.expect("once", [])
    server.tell()
    history.expect("its owner left it", [])
    history.expect_now("since the first time", [place], "--from", "#1", why=f"running {keeper} as")
    end(stranger)
    history.expect("nobody has it", [f"medium vanished_service tcp 0.0.0.0:8100 in {NAME}"])
    server.end()


def check_group(report):
    """SO_REUSEPORT: several sockets, one service."""
    ours = script("group.py", GROUP)
    members = [run_script(ours, 8200) for _ in range(3)]
    history = compare.History(report, "group", inside)
    end(members.pop())
    history.expect("one of three left", [])
    members.append(run_script(ours, 8200))
    members.append(run_script(ours, 8200))
    history.expect("two more", [])
    stranger = run_script(script("other.py", GROUP), 8200)
    history.expect("a stranger took a share", [
        f"high owner_changed tcp 0.0.0.0:8200 in {NAME}"], why="as well")
    for member in (*members, stranger):
        end(member)


def check_namespaces(report):
    first = witness.Helper(serve, "127.0.0.1", 8300)
    history = compare.History(report, "namespaces", inside)
    second = witness.Helper(serve, "0.0.0.0", 8301)
    history.expect("a listener in a namespace", [f"high new_listener tcp 0.0.0.0:8301 in {NAME}"])
    third = witness.Helper(serve_in_other, 8301)
    history.concerns = lambda change: change["local_port"] == 8301
    changes = history.expect("the same in another namespace",
                             [f"high exposure_widened tcp 0.0.0.0:8301 in {NAME}-other"],
                             why=f"in network namespace {NAME}-other; it was in {NAME}")
    report.check(changes and changes[0]["before"]["netns"] == NAME, "where it was", changes)
    for helper in (first, second, third):
        helper.end()


def serve_in_other(port):
    with open(f"/run/netns/{NAME}-other", "rb") as namespace:
        witness.call("setns", namespace.fileno(), witness.CLONE_NEWNET)
    return witness.Kept([socket.create_server(("0.0.0.0", port))])


class Units:
    """Cgroups with the names of units, as systemd would make them, below one of the test's own that is the root to it."""

    def __init__(self):
        lines = [line.split(":", 2) for line in pathlib.Path("/proc/self/cgroup").read_text("utf-8").splitlines()]
        # Where the manager keeps its units: in a hierarchy of its own, or in the only one.
        wanted = next((line for line in lines if line[1] == "name=systemd"), lines[-1])
        self.home = next(path for path in (pathlib.Path("/sys/fs/cgroup") / part for part in
                                           ("systemd", "unified", ".")) if (path / "cgroup.procs").exists() and
                         (path.name == "systemd") == bool(wanted[1]))
        self.root = self.home / f"{NAME}-{os.getpid()}-{time.monotonic_ns()}"
        self.root.mkdir()
        witness.at_end(self.remove)
        self.move(os.getpid(), self.root)
        witness.call("unshare", CLONE_NEWCGROUP)

    @staticmethod
    def move(pid, place):
        (place / "cgroup.procs").write_text(str(pid), encoding="ascii")

    def add(self, name, pid):
        place = self.root / "system.slice" / name
        place.mkdir(parents=True, exist_ok=True)
        self.move(pid, place)

    def remove(self):
        for place, _, _ in os.walk(self.root, topdown=False):
            for pid in (pathlib.Path(place) / "cgroup.procs").read_text(encoding="ascii").split():
                self.move(pid, self.home)
            os.rmdir(place)


def check_units(report):
    try:
        units = Units()
    except (OSError, StopIteration) as failure:
        print(f"left out: cgroups with the names of units cannot be made here ({failure!r})")
        return
    server = run_script(script("unit.py", GROUP), 8400)
    history = compare.History(report, "units", inside)
    changed = f"high owner_changed tcp 0.0.0.0:8400 in {NAME}"
    units.add(f"{NAME}.service", server.pid)
    history.expect("from no unit into one", [changed], why=f"no unit, now by {NAME}.service")
    units.add(f"{NAME}-other.service", server.pid)
    history.expect("into another unit", [changed],
                   why=f"was served by {NAME}.service, now by {NAME}-other.service")
    units.add("session-901.scope", server.pid)
    history.expect("into a login session", [changed])
    units.add("session-902.scope", server.pid)
    history.expect("into the next one", [])
    end(server)


witness.require("ip", "ss")
for each in (NAME, f"{NAME}-other"):
    if witness.run("ip", "netns", "add", each).returncode != 0:
        witness.skip("ip netns add is not possible here")
    witness.at_end(witness.run, "ip", "netns", "delete", each)
    witness.run("ip", "-n", each, "link", "set", "lo", "up")
witness.main(check_passed, check_group, check_namespaces, check_units)
