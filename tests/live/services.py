#!/usr/bin/env python3
"""Debian's daemons are started anew, reloaded, upgraded, moved and robbed: `diff` names what happened.

In:    a machine of its own; nginx, redis, sshd, rpcbind and rpc.statd, dnsmasq, apache, inetd and
       systemd-socket-activate.
Out:   for each act exactly the changes that DESIGN.md, section 6, has for it, their severity, why.
Never: touches a daemon or a configuration of the host.
"""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

import machine

machine.enter()

import compare  # noqa: E402
import daemons  # noqa: E402
import witness  # noqa: E402


# One that every user can run.
PYTHON = os.path.realpath("/usr/bin/python3")


def later():
    """The kernel counts starts in hundredths of a second."""
    time.sleep(0.05)


def check_restart_and_reload(report):
    web = daemons.nginx("127.0.0.1:8080", "[::1]:8080", port=8080)
    history = compare.History(report, "restart")
    later()
    web.restart()
    history.expect("nginx restarted", ["info restarted tcp 127.0.0.1:8080",
                                       "info restarted tcp [::1]:8080"])
    history.expect_exit("a restart does not count", 0)
    history.expect_exit("a restart counts when it is asked for", 1, "--fail-on", "restarted")
    text = history.diff().stdout.decode()
    report.check("no difference in what listens; not shown: 2 restarted" in text, "restart in text",
                 text)
    before = web.children()
    web.signal(signal.SIGHUP)
    witness.wait_until(lambda: web.children() and not set(web.children()) & set(before),
                       "nginx has other workers")
    history.expect("nginx reloaded", [])
    daemons.write_nginx(web.folder, "127.0.0.1:8080", "[::1]:8080", "127.0.0.1:8090")
    web.signal(signal.SIGHUP)
    daemons.wait_for("127.0.0.1", 8090)
    history.expect("nginx reloaded with a port more", ["info new_listener tcp 127.0.0.1:8090"])
    daemons.write_nginx(web.folder, "127.0.0.1:8080", "[::1]:8080", "8090")
    web.restart()
    history.expect("nginx with a wildcard", ["high exposure_widened tcp 0.0.0.0:8090",
                                             "info restarted tcp 0.0.0.0:8090",
                                             "info restarted tcp 127.0.0.1:8080",
                                             "info restarted tcp [::1]:8080"])
    web.stop()


def install(program, version):
    """The file is made anew and put in the place of the old one, as dpkg does."""
    fresh = program.with_suffix(".dpkg-new")
    shutil.copy("/usr/sbin/nginx", fresh)
    with open(fresh, "ab") as file:
        file.write(version)
    fresh.rename(program)


def pid_in(path):
    return int(path.read_text(encoding="ascii") or 0) if path.exists() else 0


def workers_of(pid):
    return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()


def check_binary_upgrade(report):
    """What nginx calls an upgrade on the fly: the old master starts the new file, then leaves."""
    program, place = daemons.folder("private") / "nginx", daemons.folder("nginx")
    install(program, b"one")
    # It heeds the signal only as a daemon that its first parent has left.
    daemons.write_nginx(place, "127.0.0.1:8080", daemon="on")
    witness.run(program, *daemons.nginx_words(place))
    daemons.wait_for("127.0.0.1", 8080)
    old = pid_in(place / "nginx.pid")
    history = compare.History(report, "upgrade")
    later()
    install(program, b"two")
    history.expect("a new file, not started yet", [])
    os.kill(old, signal.SIGUSR2)
    new = witness.wait_until(lambda: pid_in(place / "nginx.pid.oldbin") == old and
                             pid_in(place / "nginx.pid"), "nginx has another master")
    witness.wait_until(lambda: len(workers_of(new)) == 2, "the other master has workers")
    changed, restarted = (f"{word} tcp 127.0.0.1:8080" for word in ("high program_changed",
                                                                    "info restarted"))
    history.expect("both run", [changed], why="and it is of no package")
    os.kill(old, signal.SIGQUIT)
    witness.wait_until(lambda: not os.path.exists(f"/proc/{old}/exe"), "the old master left")
    # It answered in the snapshot before, too: that it is another one is not news any more.
    history.expect("the old one left", [])
    history.expect_now("the new one against the old one", [changed, restarted], "--from", "#1",
                       why="has other content")
    history.expect_exit("other content counts", 1, "--from", "#1")
    os.kill(new, signal.SIGTERM)
    daemons.wait_closed("127.0.0.1", 8080)


PACKAGE = """Package: witness-demo
Status: install ok installed
Priority: optional
Section: misc
Maintainer: Nobody <nobody@example.org>
Architecture: all
Version: {version}
Description: for a test

"""


def describe_package(program, version):
    """As dpkg does, in a package database of this machine."""
    database = pathlib.Path("/var/lib/dpkg")
    md5 = witness.run("md5sum", program).stdout.split()[0].decode()
    path = str(program)
    (database / "info/witness-demo.list").write_text(f"/.\n{path}\n", encoding="utf-8")
    (database / "info/witness-demo.md5sums").write_text(f"{md5}  {path[1:]}\n", encoding="utf-8")
    (database / "status").write_text(PACKAGE.format(version=version), encoding="utf-8")


def check_package_upgrade(report):
    machine.mount_empty("/var/lib/dpkg")
    try:
        pathlib.Path("/var/lib/dpkg/info").mkdir()
        program = daemons.folder("packaged") / "nginx"
        install(program, b"one")
        describe_package(program, "1.0-1")
        web = daemons.nginx("127.0.0.1:8080", port=8080, program=program)
        history = compare.History(report, "package")
        later()
        install(program, b"two")
        describe_package(program, "1.0-2")
        web.restart()
        restarted = "info restarted tcp 127.0.0.1:8080"
        history.expect("upgraded by its package", ["low program_changed tcp 127.0.0.1:8080",
                                                   restarted],
                       why="was upgraded with package witness-demo: 1.0-1 to 1.0-2")
        history.expect_exit("an upgrade counts", 1)
        history.expect_exit("an upgrade is not high", 0, "--fail-on", "medium")
        install(program, b"three")
        web.restart()
        history.expect("altered", ["high program_changed tcp 127.0.0.1:8080", restarted],
                       why="altered, unlike package witness-demo")
        web.stop()
    finally:
        machine.run("umount", "/var/lib/dpkg")


def check_exposure(report):
    store = daemons.redis(6379, "127.0.0.1")
    history = compare.History(report, "exposure")
    restarted = "info restarted tcp {}:6379"

    def rebind(what, expected, *addresses, why=None):
        later()
        store.rebind(*addresses)
        history.expect(what, expected, why=why)
    rebind("redis open to everybody", ["high exposure_widened tcp 0.0.0.0:6379",
                                       restarted.format("0.0.0.0")], "0.0.0.0",
           why="it was reachable at 127.0.0.1, now at any IPv4 address")
    history.expect_exit("wider reach counts", 1)
    history.expect("once", [])
    rebind("redis open by IPv6, too", ["high exposure_widened tcp [::]:6379",
                                       restarted.format("[::]"), restarted.format("0.0.0.0")],
           "0.0.0.0", "::")
    rebind("redis on loopback again", ["info exposure_narrowed tcp 127.0.0.1:6379",
                                       restarted.format("127.0.0.1")], "127.0.0.1")
    history.expect_exit("narrower reach does not count", 0)
    rebind("both loopbacks", ["high exposure_widened tcp [::1]:6379",
                              restarted.format("127.0.0.1"), restarted.format("[::1]")],
           "127.0.0.1", "::1")
    store.stop()
    history.expect("redis is gone", ["medium vanished_service tcp 127.0.0.1:6379",
                                     "medium vanished_service tcp [::1]:6379"])
    history.expect_exit("a service that is gone counts", 1)


def check_ipv6_only(report):
    """One socket for both families, then for one."""
    def listen(only):
        end = socket.socket(socket.AF_INET6)
        end.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        end.bind(("::", 7000))
        end.listen()
        return end
    end = listen(1)
    history = compare.History(report, "v6only")
    end.close()
    end = listen(0)
    history.expect(":: takes IPv4 as well", ["high exposure_widened tcp [::]:7000"],
                   why="it was reachable at any IPv6 address, now at any address")
    end.close()
    end = listen(1)
    with socket.create_server(("0.0.0.0", 7000)):
        history.expect("two sockets instead of one", [])
    history.expect("IPv6 only", ["info exposure_narrowed tcp [::]:7000"])
    end.close()


def check_rpc(report):
    machine.mount_empty("/var/lib/nfs")
    for name in ("sm", "sm.bak"):
        pathlib.Path("/var/lib/nfs", name).mkdir()
        shutil.chown(pathlib.Path("/var/lib/nfs", name), "statd")
    shutil.chown("/var/lib/nfs", "statd")
    rpcbind = daemons.Daemon("/sbin/rpcbind", "-f", "-w",
                             ready=lambda: daemons.wait_for("127.0.0.1", 111))

    def registered():
        return witness.run("rpcinfo", "-t", "127.0.0.1", "100024").returncode == 0
    statd = daemons.Daemon("/sbin/rpc.statd", "--foreground", "--no-notify",
                           ready=lambda: witness.wait_until(registered, "statd is registered"))
    history = compare.History(report, "rpc")
    later()
    statd.restart()
    history.record()
    changes = history.changes()
    moved = [change for change in changes if change["kind"] == "moved" and
             change["local_address"] != "127.0.0.1"]
    report.equal({change["severity"] for change in moved}, {"low"}, "statd moved", changes)
    report.equal(sorted((change["protocol"], change["family"]) for change in moved),
                 [("tcp", "ipv4"), ("tcp", "ipv6"), ("udp", "ipv4"), ("udp", "ipv6")],
                 "statd moved everywhere")
    report.check(all("RPC 100024 status, which has no fixed port" in change["why"]
                     for change in moved), "statd moved: why", moved)
    # Its own socket on loopback, and that it is younger.
    report.equal({(change["severity"], change["kind"]) for change in changes} -
                 {("low", "moved")}, {("info", "restarted")}, "and nothing else")
    history.expect_exit("a move counts", 1)
    history.expect_exit("a move is not high", 0, "--fail-on", "high")
    account = witness.run(witness.QUERY, "account", "--db", history.path, "rpc/100024")
    report.check(account.stdout.decode().count("RPC 100024 status") == 4, "account rpc/100024",
                 account.stdout.decode() + account.stderr.decode())
    statd.stop()
    history.record()
    report.check({compare.line(change).split(" udp")[0].split(" tcp")[0]
                  for change in history.changes()} == {"medium vanished_service"}, "statd is gone",
                 [compare.line(change) for change in history.changes()])
    rpcbind.stop()


def check_forwarder(report):
    """It asks its own questions from ports of its choice while a snapshot is taken."""
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(("127.0.0.1", 5300))  # never answers
    names = daemons.dnsmasq(53, 5300)
    history = compare.History(report, "forwarder")
    asking = []
    for number in range(12):
        end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        end.sendto(bytes([number, 7]) + b"\1\0\0\1\0\0\0\0\0\0\1" + bytes([97 + number]) +
                   b"\0\0\1\0\1", ("127.0.0.1", 53))
        asking.append(end)

    def held():
        history.record()
        return {row["local_port"] for row in witness.show(history.path)["sockets"]
                if row["protocol"] == "udp" and row["state"] == "UNCONN"
                and names.pid in {who["pid"] for who in row["holders"]}}
    witness.wait_until(lambda: len(held()) > 6, "dnsmasq asks from many ports")
    loud = [compare.line(change) for change in history.changes() if change["severity"] != "info"]
    report.equal(loud, [], "questions on their way")
    history.expect_exit("questions do not count", 0)
    names.stop()
    for end in (*asking, silent):
        end.close()


def check_prefork(report):
    web = daemons.apache(8081)
    history = compare.History(report, "prefork")
    lost = web.children()[0]
    os.kill(lost, signal.SIGKILL)
    witness.wait_until(lambda: lost not in web.children(), "apache lost a worker")
    history.expect("a worker is lost", [])
    for pid in web.children():
        os.kill(pid, signal.SIGKILL)
    witness.wait_until(lambda: len(web.children()) >= 2, "apache has other workers")
    history.expect("all workers are others", [])
    web.stop()


SERVER = """#!{python}
import os, socket, sys
if os.environ.get("LISTEN_FDS"):
    end = socket.socket(fileno=3)
else:
    end = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    end.accept()[0].close()
"""


def script(name):
    path = witness.DIRECTORY / name
    path.write_text(f"{SERVER.format(python=PYTHON)}\n# {name}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def holds(pid, path):
    return pathlib.Path(f"/proc/{pid}/exe").exists() and os.readlink(f"/proc/{pid}/exe") == path


def check_activation(report):
    server = script("activated.py")
    waiting = daemons.Daemon("systemd-socket-activate", "-l", "127.0.0.1:9000", PYTHON,
                             server, ready=lambda: witness.wait_until(
                                 lambda: any(":2328 " in row for row in
                                             pathlib.Path("/proc/net/tcp").read_text(
                                                 encoding="ascii").splitlines()), "it listens"))
    history = compare.History(report, "activation")
    report.check(holds(waiting.pid, "/usr/bin/systemd-socket-activate"), "it waits")
    daemons.answers("127.0.0.1", 9000)
    witness.wait_until(lambda: holds(waiting.pid, PYTHON), "the service was started")
    history.expect("a service is started on demand", [])
    waiting.stop()
    other = script("other.py")
    takes = daemons.Daemon(PYTHON, other, 9000,
                           ready=lambda: daemons.wait_for("127.0.0.1", 9000))
    history.expect("another script took its port", ["high owner_changed tcp 127.0.0.1:9000"],
                   why=f"now {os.path.basename(PYTHON)} running {other} as root")
    takes.stop()


def check_inetd(report):
    place = daemons.folder("inetd")
    (place / "inetd.conf").write_text(
        "127.0.0.1:9001 stream tcp nowait root /bin/cat cat\n"
        f"127.0.0.1:9002 stream tcp wait root {PYTHON} python {script('waited.py')}\n",
        encoding="utf-8")
    inetd = daemons.Daemon("/usr/sbin/inetd", "-i", place / "inetd.conf",
                           ready=lambda: daemons.wait_for("127.0.0.1", 9001))
    history = compare.History(report, "inetd")
    with socket.create_connection(("127.0.0.1", 9001)) as client:
        client.sendall(b"x")
        client.recv(1)
        history.expect("inetd started a child for a client", [])
    history.expect("the child is gone", [])
    (place / "inetd.conf").write_text(
        "127.0.0.1:9001 stream tcp nowait root /bin/cat cat\n"
        "127.0.0.1:9003 stream tcp nowait root /bin/sh sh\n", encoding="utf-8")
    inetd.signal(signal.SIGHUP)
    daemons.wait_for("127.0.0.1", 9003)
    daemons.wait_closed("127.0.0.1", 9002)
    # Of a port that it holds for others nobody can say that it is the old one, moved.
    history.expect("inetd has another port", ["info new_listener tcp 127.0.0.1:9003",
                                              "medium vanished_service tcp 127.0.0.1:9002"])
    inetd.stop()


def check_takeover(report):
    first, second = script("first.py"), script("second.py")

    def serve(*command, **options):
        return daemons.Daemon(*command, ready=lambda: daemons.wait_for("127.0.0.1", 9100),
                              **options)
    server = serve(PYTHON, first, 9100)
    history = compare.History(report, "takeover")
    changed = "high owner_changed tcp 127.0.0.1:9100"

    def take(what, expected, why, *command, **options):
        nonlocal server
        server.stop()
        server = serve(*command, **options)
        history.expect(what, expected, why=why)
        history.expect_exit(f"{what}: it counts", 1)
    take("another script", [changed], f"running {first} as root, now", PYTHON, second, 9100)
    take("another user", [changed], "was served as root, now as nobody", PYTHON, second,
         9100, user=witness.NOBODY)
    server.stop()
    server = daemons.redis(9100, "127.0.0.1")
    history.expect("another program", [changed], why="now redis-server (package redis-tools")
    server.stop()
    server = daemons.redis(9100, "0.0.0.0")
    history.record()
    server.stop()
    server = serve(PYTHON, first, 9100)
    history.expect("another program, nearer", [changed], why="was redis-server")
    server.stop()


def check_ssh(report):
    shell = daemons.sshd(2222)
    agent = daemons.agent()
    history = compare.History(report, "ssh")
    login = daemons.ssh(shell)
    history.expect("a login", [])
    login.leave()
    desktop = dict(os.environ, DISPLAY="127.0.0.1:77", SSH_AUTH_SOCK=agent)
    login = daemons.ssh(shell, "-Y", "-A", env=desktop)
    changes = [compare.line(change) for change in (history.record(), history.changes())[1]]
    report.check(set(changes) > {"info new_listener tcp 127.0.0.1:6010"} and
                 all(each.startswith("info new_listener") for each in changes),
                 "a login with forwarding", changes)
    login.leave()
    history.record()
    report.check(all(each.startswith("info vanished_service") for each in
                     map(compare.line, history.changes())), "it is gone", history.changes())
    # A client that listens is another program than any that listened before.
    client = daemons.ssh(shell, "-L", "127.0.0.1:9300:127.0.0.1:2222")
    history.expect("a client that forwards a port", ["high new_listener tcp 127.0.0.1:9300"])
    client.leave()
    later()
    shell.restart()
    history.record()
    report.check("info restarted tcp 127.0.0.1:2222" in map(compare.line, history.changes()),
                 "sshd restarted", history.changes())
    shell.stop()


witness.require("nginx", "redis-check-rdb", "apache2", "sshd", "ssh", "dnsmasq", "xauth", "rpcbind",
                "rpc.statd", "rpcinfo", "inetd", "systemd-socket-activate")
ALL = (check_restart_and_reload, check_binary_upgrade, check_package_upgrade, check_exposure,
       check_ipv6_only, check_rpc, check_forwarder, check_prefork, check_activation, check_inetd,
       check_takeover, check_ssh)
# By hand: services.py FOLDER check_rpc
witness.main(*([part for part in ALL if part.__name__ in sys.argv[2:]] or ALL))
