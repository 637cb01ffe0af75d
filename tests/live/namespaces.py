#!/usr/bin/env python3
"""Sockets of every network namespace are recorded, whatever keeps the namespace alive.

In:    a machine of its own; namespaces kept by a name, a process, an open descriptor, a bind mount, or nothing but a socket.
Out:   label, state and holder of the listener inside each; that it is gone once the keeper is.
Never: leaves a name, a mount or a process behind.
"""
import os
import socket

import machine

machine.enter()

import scene  # noqa: E402
import witness  # noqa: E402

MS_BIND = 4096
MNT_DETACH = 2
NAME = "sockwitness-named"


def enter(path):
    with open(path, "rb") as namespace:
        witness.call("setns", namespace.fileno(), witness.CLONE_NEWNET)


def make_listener(held):
    """On the address of every interface: a new namespace's loopback is down."""
    held.append(scene.listener(socket.AF_INET, "0.0.0.0"))
    held.append(scene.listener(socket.AF_INET6, "::"))
    held.extend(socket.socketpair(socket.AF_UNIX))
    return held


def live_in_named():
    enter(f"/run/netns/{NAME}")
    return make_listener(witness.Kept())


def live_in_new():
    witness.enter_new_namespace()
    return make_listener(witness.Kept())


def keep_by_descriptor():
    """The namespace has no process; a descriptor and two listeners refer to it."""
    held = witness.Kept([open("/proc/self/ns/net", "rb")])
    witness.enter_new_namespace()
    held.append(open("/proc/self/ns/net", "rb"))
    make_listener(held)
    witness.call("setns", held[0].fileno(), witness.CLONE_NEWNET)
    return held


def keep_by_mount(target):
    """A bind mount names the namespace; the listeners inside are ours."""
    held = witness.Kept([open("/proc/self/ns/net", "rb")])
    witness.enter_new_namespace()
    witness.call("mount", b"/proc/self/ns/net", os.fsencode(target), None, MS_BIND, None)
    make_listener(held)
    witness.call("setns", held[0].fileno(), witness.CLONE_NEWNET)
    return held


def keep_by_socket():
    held = witness.Kept()
    with open("/proc/self/ns/net", "rb") as home:
        witness.enter_new_namespace()
        make_listener(held)
        witness.call("setns", home.fileno(), witness.CLONE_NEWNET)
    return held


def live_elsewhere():
    """As vsftpd does: the process is in an empty namespace, its socket is the host's."""
    held = make_listener(witness.Kept())
    witness.enter_new_namespace()
    return held


def two_views_of_one_port():
    """The same address and port in two namespaces, held by one process."""
    first = scene.listener(socket.AF_INET, "0.0.0.0")
    witness.enter_new_namespace()
    second = socket.socket()
    second.bind(("0.0.0.0", first.getsockname()[1]))
    second.listen()
    return witness.Kept([first, second])


def rows_of(answer, pid):
    return [row for row in answer["sockets"] if pid in {who["pid"] for who in row["holders"]}]


def check_namespaces(report):
    if witness.run("ip", "netns", "add", NAME).returncode != 0:
        witness.skip("ip netns add is not possible here")
    witness.at_end(witness.run, "ip", "netns", "delete", NAME)
    target = str(witness.DIRECTORY / "kept namespace")
    with open(target, "wb"):
        pass
    witness.at_end(witness.libc.umount2, os.fsencode(target), MNT_DETACH)

    helpers = {"name": witness.Helper(live_in_named), "process": witness.Helper(live_in_new),
               "descriptor": witness.Helper(keep_by_descriptor),
               "mount": witness.Helper(keep_by_mount, target),
               "socket": witness.Helper(keep_by_socket),
               "elsewhere": witness.Helper(live_elsewhere)}
    twice = witness.Helper(two_views_of_one_port)
    path = witness.database("namespaces")
    witness.record(path)
    answer = witness.show(path)
    labels = {}
    for kind, helper in helpers.items():
        found = rows_of(answer, helper.pid)
        shape = sorted((row["protocol"], row["family"], row["state"]) for row in found)
        report.equal(shape, [("tcp", "ipv4", "LISTEN"), ("tcp", "ipv6", "LISTEN"),
                             ("unix", "unix", "ESTABLISHED"), ("unix", "unix", "ESTABLISHED")],
                     "sockets of a namespace", f"kept by {kind}")
        names = {row["netns"] for row in found}
        if report.check(len(names) == 1, "one namespace, one label", f"kept by {kind}: {names}"):
            labels[kind] = names.pop()
    print("; ".join(f"{kind}: {label}" for kind, label in labels.items()))
    report.equal(labels.get("name"), NAME, "label of a named namespace")
    report.equal(labels.get("elsewhere"), "host", "label of a socket from before unshare")
    report.equal(labels.get("mount"), target, "label of a mounted namespace")
    report.equal(len(set(labels.values())), len(labels), "labels differ")
    for kind in ("process", "descriptor", "socket"):
        report.check(labels.get(kind, "").startswith(("netns ", "unit ", "container ")),
                     "label of a namespace without a name", f"{kind}: {labels.get(kind)}")
    both = rows_of(answer, twice.pid)
    report.equal(len({row["netns"] for row in both}), 2, "one port in two namespaces", f"{both}")
    report.equal(len({row["local_port"] for row in both}), 1, "one port in two namespaces")
    only = witness.run(witness.QUERY, "show", "--db", path, "-l", "--netns", NAME, "--layout",
                       "netstat", "-t").stdout.decode()
    report.check(f" in {NAME}" in only and only.count("LISTEN") == 2, "show --netns", only)

    pids = {kind: helper.pid for kind, helper in helpers.items()}
    for helper in [*helpers.values(), twice]:
        helper.end()
    witness.run("ip", "netns", "delete", NAME)
    witness.libc.umount2(os.fsencode(target), MNT_DETACH)

    def gone():
        """The kernel takes namespaces down in the background."""
        witness.record(path)
        left = {row["netns"] for row in witness.show(path)["sockets"]}
        return not (left & set(labels.values())) - {"host"}
    witness.wait_until(gone, "the namespaces are gone")
    report.check(True, "gone once nothing keeps them")
    report.equal(rows_of(witness.show(path), pids["elsewhere"]), [], "gone from the host")
    before = rows_of(witness.show(path, "--at", "#1"), pids["socket"])
    report.equal(len(before), 4, "still there at the first snapshot")


witness.require("ip")
witness.main(check_namespaces)
