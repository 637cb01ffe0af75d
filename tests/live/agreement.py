#!/usr/bin/env python3
"""Every socket, address, state, queue, user and holder is what ss, netstat and /proc say.

In:    a machine of its own that holds still: a few hundred sockets of helper processes.
Out:   how many sockets and fields were compared, and each that differs.
Never: blames a socket that came or went: only what an oracle saw before and after counts.
"""
import collections
import os
import re

import machine

machine.enter()

import oracles  # noqa: E402
import scene  # noqa: E402
import witness  # noqa: E402

LEAST = 250


class Eyes:
    """One reading by each oracle."""

    def __init__(self, names):
        self.ss = oracles.read_ss(names)
        self.tables = oracles.read_tables()
        self.holders, self.owners = oracles.read_holders()
        self.netstat = oracles.read_netstat()
        self.inodes = (set(self.tables) | set(self.holders)
                       | {key[1] for key in self.ss if key[0] == "inode"}
                       | {entry.get("inode") for entry in self.ss.values()})
        self.cookies = {key[1] for key in self.ss if key[0] == "cookie"}


def holders_of(row):
    return frozenset((who["pid"], who["fd"], witness.exact(who, "name").decode("latin-1"))
                     for who in row["holders"])


def ends(row):
    return ((row["local_address"], row["local_port"]), (row["remote_address"], row["remote_port"]))


def same_state(row, state):
    return state == {"UNCONN": "CLOSE"}.get(row["state"], row["state"]) or state == row["state"] \
        or (state == "UNCONN" and row["state"] == "CLOSE")


class Found:
    """A recorded snapshot, findable by cookie, inode and holder."""

    def __init__(self, answer, label):
        self.rows = [row for row in answer["sockets"] if row["netns"] == label]
        self.by_inode = {row["inode"]: row for row in self.rows if row["inode"]}
        self.by_cookie = {row["cookie"]: row for row in self.rows if row["cookie"]}
        self.by_holder = {(who["pid"], who["fd"]): row for row in self.rows
                          for who in row["holders"]}

    def find(self, key):
        kind, value = key
        return {"inode": self.by_inode, "cookie": self.by_cookie,
                "users": self.by_holder}[kind].get(value)


def standing(before, after, same=lambda entry: entry):
    """What both readings saw alike."""
    return {key: entry for key, entry in before.items()
            if key in after and same(after[key]) == same(entry)}


def without_queues(entry):
    return {key: value for key, value in entry.items() if key != "queues"}


def compare_ss(report, found, before, after):
    for key, entry in standing(before.ss, after.ss, without_queues).items():
        row = found.find(key)
        if not report.check(row is not None, "in ss and recorded", f"{key} {entry}"):
            continue
        where = f"ss {key} {row['protocol']} {row['local_address'] or row['path']}"
        report.equal(row["protocol"], entry["protocol"], "ss: protocol", where)
        report.check(same_state(row, entry["state"]), "ss: state",
                     f"{where}: {row['state']}, expected {entry['state']}")
        report.equal(holders_of(row), entry["holders"], "ss: holders", where)
        if "inode" in entry:
            report.equal(row["inode"] or 0, entry["inode"], "ss: inode", where)
        if "uid" in entry:
            report.equal(row["uid"] or 0, entry["uid"], "ss: user", where)
        if after.ss[key]["queues"] == entry["queues"]:
            report.equal((row["recv_q"], row["send_q"]), entry["queues"], "ss: queues", where)
        if entry["protocol"] == "unix":
            # ss cannot tell an abstract name from a path that begins with '@'.
            name = witness.exact(row, "path")
            if name is not None and entry["path"] is not None and row["path"].startswith("@"):
                name = name.replace(b"\0", b"@")
                entry["path"] = entry["path"].replace(b"\0", b"@")
            report.equal(name, entry["path"], "ss: name", where)
            report.equal(row["peer_inode"] or 0, entry["peer"], "ss: peer", where)
        if "local" in entry:
            any_of = "::" if row["family"] == "ipv6" else "0.0.0.0"
            for (address, port), shown in zip(ends(row), (entry["local"], entry["remote"])):
                wanted = (any_of if shown[0] == "*" else shown[0], shown[1])
                report.equal((address, port), wanted, "ss: address and port", where)
            report.equal(row["interface"], entry["local"][2], "ss: interface", where)


def compare_tables(report, found, before, after):
    for inode, entry in standing(before.tables, after.tables, without_queues).items():
        row = found.by_inode.get(inode)
        if not report.check(row is not None, "in /proc/net and recorded", f"{inode} {entry}"):
            continue
        where = f"/proc/net {inode} {row['protocol']}"
        report.equal(row["protocol"], entry["protocol"], "/proc/net: protocol", where)
        if "local" in entry:
            report.equal(ends(row), (entry["local"], entry["remote"]), "/proc/net: addresses", where)
            report.check(same_state(row, entry["state"]), "/proc/net: state",
                         f"{where}: {row['state']}, expected {entry['state']}")
            if after.tables[inode]["queues"] == entry["queues"]:
                recv_q, send_q = entry["queues"]
                # The table has no backlog limit.
                send_q = row["send_q"] if row["state"] == "LISTEN" else send_q
                report.equal((row["recv_q"], row["send_q"]), (recv_q, send_q),
                             "/proc/net: queues", where)
        for key in ("uid", "ethertype", "netlink_protocol", "port_id"):
            if key in entry:
                report.equal(row[key], entry[key], f"/proc/net: {key}", where)


def compare_descriptors(report, found, before, after, ours):
    for inode, who in standing(before.holders, after.holders).items():
        row = found.by_inode.get(inode)
        if row is None:
            # Only what the kernel lists nowhere may be missing: a socket without any address.
            pid, fd, _ = min(who)
            kind = oracles.kernel_kind(f"/proc/{pid}/fd/{fd}")
            listed = inode in before.tables or ("inode", inode) in before.ss
            if pid in ours:
                report.check(not listed and kind is not None and inode in scene_unbound(pid),
                             "unbound, hence listed by nobody", f"{inode} {kind} of {who}")
            continue
        where = f"/proc/PID/fd {inode} {row['protocol']}"
        report.equal(holders_of(row), who, "/proc/PID/fd: holders", where)
        if row["uid"] is not None:
            report.equal(row["uid"], before.owners[inode], "/proc/PID/fd: user", where)


def scene_unbound(pid):
    """Inodes of a helper's sockets that never had an address, by their own account."""
    return UNBOUND.get(pid, ())


def compare_netstat(report, found, before, after):
    theirs = standing(before.netstat, after.netstat, without_queues)
    # A name with a newline in it is a row to netstat; ours must not have it.
    report.check(theirs.pop(scene.FORGED_INODE, None) and scene.FORGED_INODE not in found.by_inode,
                 "the forged row is netstat's alone")
    for inode, entry in theirs.items():
        row = found.by_inode.get(inode)
        if not report.check(row is not None, "in netstat and recorded", f"{inode} {entry}"):
            continue
        where = f"netstat {inode} {row['protocol']}"
        report.equal(row["protocol"], entry["protocol"], "netstat: protocol", where)
        pids = {who["pid"] for who in row["holders"]}
        report.check(entry["pid"] in pids or (entry["pid"] is None and not pids),
                     "netstat: owner", f"{where}: {pids}, expected {entry['pid']}")
        if entry["protocol"] == "unix":
            report.equal(row["state"] == "LISTEN", entry["listens"], "netstat: listens", where)
            continue
        shown = tuple((oracles.mapped(address), port) for address, port in ends(row))
        report.equal(shown, (entry["local"], entry["remote"]), "netstat: addresses", where)
        report.equal(row["uid"], entry["uid"], "netstat: user", where)
        if entry["protocol"] != "raw":
            state = "" if row["state"] == "UNCONN" else row["state"]
            report.equal(state, entry["state"], "netstat: state", where)


def compare_backwards(report, first, second, eyes):
    """What both snapshots have, an oracle between them has, too."""
    for row in first.rows:
        if row["inode"]:
            if row["inode"] in second.by_inode:
                report.check(row["inode"] in eyes.inodes, "recorded and seen by others", f"{row}")
        elif row["cookie"] in second.by_cookie:
            report.check(row["cookie"] in eyes.cookies, "recorded and seen by others", f"{row}")


def lines_of(text, keep):
    return collections.Counter(" ".join(line.split()) for line in text.decode("latin-1").split("\n")
                               if re.match(keep, line))


def sorted_users(line):
    """Holders in one order: that of ss follows its hash table."""
    found = oracles.SS_USERS.search(line)
    if found is None:
        return line
    users = sorted(re.findall(r'\(".*?",pid=\d+,fd=\d+\)', found.group(1)))
    return line.replace(found.group(1), ",".join(users))


def plain_line(name, line, ours):
    """netstat names a program by its first argument: comparable only for helpers of the test."""
    if name == "ss":
        return sorted_users(line)
    owner = re.search(r" (\d+)/\S.*$", line)
    return line if owner is None or int(owner[1]) in ours else line[:owner.end(1)]


def compare_layout(report, name, mine, theirs, ours):
    """Line by line: all of theirs that stayed, and all of ours that a helper holds."""
    keep = r"^(tcp|udp)"
    mine, before, after = (collections.Counter(plain_line(name, line, ours)
                                               for line in lines_of(text, keep).elements())
                           for text in (mine, *theirs))
    for line, number in before.items():
        if after.get(line) == number:
            report.equal(mine.get(line, 0), number, f"--layout {name}: their line", line)
    column = 3 if name == "netstat" else 4
    seen = {tuple(line.split()[column:column + 2]) for line in [*before, *after]}
    for line in mine:
        held = {int(pid) for pid in re.findall(r"pid=(\d+)| (\d+)/", line) for pid in pid if pid}
        # ss and /proc/net list no TCP socket that is bound and does not listen.
        bound_only = " CLOSE " in line or line.startswith("tcp UNCONN")
        if held & ours and not bound_only:
            report.check(tuple(line.split()[column:column + 2]) in seen,
                         f"--layout {name}: our line", line)


UNBOUND = {}


def allow_ping_sockets():
    """A new network namespace allows them to nobody."""
    with open("/proc/sys/net/ipv4/ping_group_range", "w", encoding="ascii") as groups:
        groups.write("0 2147483647")


def check_agreement(report):
    allow_ping_sockets()
    folder = witness.DIRECTORY / "scene"
    folder.mkdir()
    helpers = scene.build(str(folder))
    UNBOUND.update((helper.pid, helper.unbound) for helper in helpers)
    ours = {pid for helper in helpers for pid in [helper.pid, *helper.children]}
    names = [*scene.HOSTILE_NAMES, os.fsencode(folder) + b"/newline\nffff: forged"]

    path = witness.database("agreement")
    before = Eyes(names)
    netstat_before, ss_before = (witness.run(*command).stdout for command in LAYOUTS.values())
    witness.record(path)
    after = Eyes(names)
    netstat_after, ss_after = (witness.run(*command).stdout for command in LAYOUTS.values())
    witness.record(path)
    label = witness.show(path, "--pid", helpers[0].pid)["sockets"][0]["netns"]
    found, second = (Found(witness.show(path, "--at", f"#{seq}", "--netns", label), label)
                     for seq in (1, 2))

    mine = [row for row in found.rows if {who["pid"] for who in row["holders"]} & ours]
    report.check(len(mine) >= LEAST, "the scene is large enough", f"{len(mine)} sockets")
    kinds = collections.Counter(f"{row['protocol']} {row['family']} {row['state']}"
                                for row in found.rows)
    print("; ".join(f"{number} {kind}" for kind, number in sorted(kinds.items())))
    compare_ss(report, found, before, after)
    compare_tables(report, found, before, after)
    compare_descriptors(report, found, before, after, ours)
    compare_netstat(report, found, before, after)
    compare_backwards(report, found, second, after)

    for name, theirs in (("netstat", (netstat_before, netstat_after)),
                         ("ss", (ss_before, ss_after))):
        ours_shown = witness.run(witness.QUERY, "show", "--db", path, "--at", "#1", "--netns",
                                 label, "--layout", name, "-natup").stdout
        ours_shown = ours_shown.replace(f"netns:{label}".encode(), b"")
        compare_layout(report, name, ours_shown, theirs, ours)


LAYOUTS = {"netstat": ("netstat", "-natup", "--wide"), "ss": ("ss", "-tunap")}

witness.require("ss", "netstat")
witness.main(check_agreement)
