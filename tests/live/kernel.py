#!/usr/bin/env python3
"""A socket that no process holds is the kernel's, and changes hands when a program takes its place.

In:    a tunnel of the kernel's in a network namespace of the test's own, on a host of its own but for the
       processes: only who knows all those of the real host can say that none of them holds a socket.
Out:   the changes in that namespace, who the owner is said to be.
Never: judges what else goes on on the host.
"""
import socket

import machine

machine.enter(processes=False)

import compare  # noqa: E402
import witness  # noqa: E402

NAME = "sockwitness-kernel"


def check_kernel(report):
    history = compare.History(report, "kernel", lambda change: change["netns"] == NAME)
    made = witness.run("ip", "-n", NAME, "link", "add", "vx0", "type", "vxlan", "id", "42",
                       "dstport", "4789")
    if made.returncode != 0:
        print(f"left out: this kernel has no vxlan ({made.stderr.decode().strip()})")
        return
    witness.run("ip", "-n", NAME, "link", "set", "vx0", "up")
    history.expect("a tunnel of the kernel's", [
        f"high new_listener udp 0.0.0.0:4789 in {NAME}"])
    history.expect("it stays", [])
    held = [row for row in witness.show(history.path)["sockets"] if row["local_port"] == 4789]
    if held[0]["no_holder_reason"] != "kernel":
        print(f"left out: not all processes can be read here: {held[0]['no_holder_reason']}")
        return
    told = witness.run(witness.QUERY, "account", "udp/4789", "--db", history.path).stdout.decode()
    report.check("the kernel, by the port VXLAN; reachable at any IPv4 address" in told,
                 "explained as the kernel's", told)
    witness.run("ip", "-n", NAME, "link", "delete", "vx0")

    def bind():
        with open(f"/run/netns/{NAME}", "rb") as namespace:
            witness.call("setns", namespace.fileno(), witness.CLONE_NEWNET)
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("0.0.0.0", 4789))
        return witness.Kept([udp])
    helper = witness.Helper(bind)
    history.expect("a program in the place of the kernel", [
        f"high owner_changed udp 0.0.0.0:4789 in {NAME}"], why="port 4789 was the kernel, now ")
    helper.end()


witness.require("ip")
if witness.run("ip", "netns", "add", NAME).returncode != 0:
    witness.skip("ip netns add is not possible here")
witness.at_end(witness.run, "ip", "netns", "delete", NAME)
witness.run("ip", "-n", NAME, "link", "set", "lo", "up")
witness.main(check_kernel)
