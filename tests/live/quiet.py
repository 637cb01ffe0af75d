#!/usr/bin/env python3
"""A host on which nothing happens that matters: `diff --quiet` says nothing, every time.

In:    a machine of its own with the usual servers, and clients that never rest: lookups of names by
       the C library and by a client that does not connect its sockets, connections, jobs that fork,
       logins by ssh with and without forwarding; between two snapshots a service is restarted.
Out:   exit code 0 and not a byte for each pair of snapshots, for the first against the last, and
       against a baseline.
Never: takes silence for granted: in the end something happens that matters, and has to be told.
"""
import json
import os
import signal
import socket
import subprocess
import time

import machine

machine.enter()

import daemons  # noqa: E402
import witness  # noqa: E402

SNAPSHOTS = 48 if witness.LONG else 16


# Workers that report figures by datagrams, each from a socket that it never connects nor closes.
POOL = """
import os, socket, sys, time
for number in range(int(sys.argv[1])):
    if os.fork() == 0:
        end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        while True:
            end.sendto(b"visits:1|c", ("127.0.0.1", 8125))
            open(f"ready-{number}", "w").close()
            time.sleep(0.2)
time.sleep(3600)
"""


def look_up():
    """A process each time, as programs are: the C library reads its settings once."""
    subprocess.run(["getent", "ahosts", f"n{time.monotonic_ns()}.example"], check=False,
                   stdout=subprocess.DEVNULL)


def ask_unconnected():
    """It waits less than the time from one snapshot to the next, as with cron."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        end.settimeout(0.1)
        name = b"\x03www\x07example\0\0\x01\0\x01"
        end.sendto(os.urandom(2) + b"\x01\0\0\x01\0\0\0\0\0\0" + name, ("127.0.0.1", 53))
        end.recvfrom(2048)


def visit(*ports):
    held = []
    for port in ports:
        end = socket.create_connection(("127.0.0.1", port), timeout=60)
        if port == 8080:
            end.sendall(b"GET / HTTP/1.1\r\nHost: witnessed\r\n\r\n")
        held.append(end)
    time.sleep(0.15)
    for end in held:
        end.close()


def patient(work, *arguments):
    """The server may be away for a moment: it is being restarted."""
    try:
        work(*arguments)
    except OSError:
        time.sleep(0.05)


def job():
    """What a table of cron may start."""
    subprocess.run(["sh", "-c", "for i in 1 2 3; do (sleep 0.1; echo $i) | cat; done; exec true"],
                   check=False, stdout=subprocess.DEVNULL)


def fork_away():
    for _ in range(20):
        if os.fork() == 0:
            time.sleep(0.01)
            os._exit(0)
    for _ in range(20):
        os.wait()


class Host:
    """All of its services, and everybody who uses them."""

    def __init__(self):
        self.upstream = daemons.name_server(5300)
        self.names = daemons.dnsmasq(53, 5300)
        machine.mount_text("/etc/resolv.conf", "nameserver 127.0.0.1\n", witness.DIRECTORY)
        self.web = daemons.nginx("8080", "[::]:8080", port=8080)
        self.store = daemons.redis(6379, "127.0.0.1")
        self.apache = daemons.apache(8081)
        self.shell = daemons.sshd(2222)
        self.agent = daemons.agent()
        self.pool_folder = daemons.folder("pool")
        (self.pool_folder / "pool.py").write_text(POOL, encoding="ascii")
        self.pool = None
        self.start_pool(3)
        for work in (look_up, ask_unconnected, job, fork_away):
            witness.Helper(daemons.forever, patient, work)
        for _ in range(2):
            witness.Helper(daemons.forever, patient, visit, 8080, 6379, 8081, 2222)
        self.logins = []
        self.turns = 0

    def start_pool(self, workers):
        """Anew, with so many of them."""
        if self.pool:
            for worker in self.pool.children():
                os.kill(worker, signal.SIGKILL)
            self.pool.stop()
        ready = [self.pool_folder / f"ready-{number}" for number in range(workers)]
        for path in ready:
            path.unlink(missing_ok=True)
        self.pool = daemons.Daemon(
            witness.PYTHON, self.pool_folder / "pool.py", workers, cwd=self.pool_folder,
            ready=lambda: witness.wait_until(lambda: all(path.exists() for path in ready),
                                             "the pool reports"))

    def reload_web(self):
        self.web.signal(signal.SIGHUP)
        time.sleep(0.3)

    def lose_worker(self):
        lost = self.apache.children()[0]
        os.kill(lost, signal.SIGKILL)
        witness.wait_until(lambda: lost not in self.apache.children(), "apache lost a worker")

    def log_in(self, *words, grants=None):
        """`grants`: what the server has to set in the login's environment."""
        desktop = dict(os.environ, DISPLAY="127.0.0.1:77", SSH_AUTH_SOCK=self.agent)
        login = daemons.ssh(self.shell, *words, env=desktop)
        if grants and grants not in login.environment:
            raise RuntimeError(f"no forwarding: {login.environment}")
        self.logins.append(login)

    def forward(self):
        """What the server sees of -L: a connection that it opens for the client."""
        client = daemons.ssh_through(self.shell, 8080)
        answer = client.stdout.readline()
        if b"200" not in answer:
            raise RuntimeError(f"nothing came through: {answer}")
        self.logins.append(client)

    def log_out(self):
        self.logins.pop(0).leave()

    def live_on(self):
        """What happens between one snapshot and the next."""
        happenings = [self.names.restart, self.log_in, self.store.restart,
                      lambda: self.log_in("-Y", grants="DISPLAY"), self.reload_web, self.apache.restart,
                      lambda: self.log_in("-A", grants="SSH_AUTH_SOCK"), self.forward, self.lose_worker, self.log_out,
                      lambda: self.start_pool(2), self.web.restart, self.log_out,
                      lambda: self.start_pool(4), self.shell.restart, self.log_out,
                      self.log_out]
        happenings[self.turns % len(happenings)]()
        self.turns += 1


def diff(path, *options):
    return witness.run(witness.QUERY, "diff", "--db", path, *options)


def told(path, *options):
    """What a diff that should have been silent says, in short."""
    done = diff(path, *options, "--all", "--format", "json")
    answer = json.loads(done.stdout)
    return [f"{change['severity']} {change['kind']} {change['protocol']} "
            f"{change['local_address']}:{change['local_port']} {change['path']}: {change['why']}"
            for change in answer["changes"] if change["severity"] != "info"]


def check_quiet(report):
    host = Host()
    path = witness.database("quiet")
    witness.record(path)
    host.live_on()
    witness.record(path)
    done = witness.run(witness.RECORDER, "baseline", "add", "gold", "--db", path)
    report.equal(done.returncode, 0, "baseline", done.stderr)
    infos = {}
    for number in range(3, SNAPSHOTS + 1):
        host.live_on()
        witness.record(path)
        for options in ((), ("--baseline", "gold"), ("--from", "#2")):
            done = diff(path, "--quiet", *options)
            silent = done.returncode == 0 and not done.stdout and not done.stderr
            report.check(silent, "silent", f"snapshot {number}, {options}: exit "
                         f"{done.returncode}, {done.stderr.decode()} {told(path, *options)}")
        everything = json.loads(diff(path, "--all", "--format", "json").stdout)
        for kind, count in everything["summary"].items():
            infos[kind] = infos.get(kind, 0) + count
    print(f"of no weight: {infos}")
    # It was no host that stands still.
    report.check(infos["restarted"] > 3, "restarts are seen", f"{infos}")
    report.check(infos["new_listener"] > 0, "forwarding is seen", f"{infos}")
    last = json.loads(witness.run(witness.QUERY, "show", "--db", path, "-a", "--format",
                                  "json").stdout)
    print(f"{len(last['sockets'])} sockets at last")
    stranger = socket.create_server(("0.0.0.0", 4444))
    witness.record(path)
    for options in ((), ("--baseline", "gold")):
        done = diff(path, "--quiet", *options)
        report.check(done.returncode == 1 and b"tcp 0.0.0.0:4444" in done.stdout, "told at last",
                     f"{options}: {done.stdout}")
    stranger.close()


witness.require("nginx", "redis-check-rdb", "apache2", "sshd", "ssh", "dnsmasq", "xauth")
witness.main(check_quiet)
