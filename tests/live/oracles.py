"""What other eyes see of this host: ss, netstat, and /proc read by ourselves.

In:    the output of the programs, the files of /proc.
Out:   sockets as dictionaries with the words of sockwitness's JSON.
Never: guesses: a row that does not fit its grammar is an error.
"""
import collections
import glob
import os
import re
import socket
import struct

import witness

SS_STATES = {"ESTAB": "ESTABLISHED", "FIN-WAIT-1": "FIN_WAIT1", "FIN-WAIT-2": "FIN_WAIT2"}
SS_ROW = re.compile(r"^(tcp|udp|raw|icmp6|u_str|u_dgr|u_seq|p_raw|p_dgr)\s+([A-Z0-9-]+)\s+(\d+)\s+"
                    r"(\d+)\s+(.*)$")
SS_USER = r'\("(.*?)",pid=(\d+),fd=(\d+)\)'
SS_USERS = re.compile(rf"users:\(({SS_USER}(?:,{SS_USER})*)\)")
SS_UNIX = re.compile(r"^(.*) (\d+)\s+\* (\d+)(?:\s+(.*))?$")
TCP_STATES = ["", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT",
              "CLOSE", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING"]


def hide(text, names):
    """Names that break rows of text become words that do not: (text, word → name)."""
    words = {}
    for number, name in enumerate(sorted(names, key=len, reverse=True)):
        word = f"@HIDDEN{number}@"
        shown = name.replace(b"\0", b"@") if name.startswith(b"\0") else name
        text = text.replace(shown, word.encode())
        words[word] = name
    return text.decode("latin-1"), words


def parse_end(text):
    """'[::1]:22', '0.0.0.0%lo:22', '*:*' → address, port, interface."""
    address, port = text.rsplit(":", 1)
    address, _, interface = address.partition("%")
    return address.strip("[]"), 0 if port == "*" else int(port), interface or None


def parse_users(rest):
    found = SS_USERS.search(rest)
    if found is None:
        return frozenset()
    return frozenset((int(pid), int(fd), name)
                     for name, pid, fd in re.findall(SS_USER, found.group(1)))


def number_of(rest, key, base=10):
    found = re.search(rf"(?:^| ){key}:([0-9a-f]+)", SS_USERS.sub("", rest))
    return int(found.group(1), base) if found else None


def parse_ss(text, names):
    """Rows of `ss -tunxapwH0 -e`: cookie, inode or users → socket."""
    text, words = hide(text, names)
    found = {}
    for line in text.split("\n"):
        if not line or line.startswith("\t"):
            continue  # details of the row above
        row = SS_ROW.match(line)
        if row is None:
            raise RuntimeError(f"a row of ss: {line!r}")
        netid, state, recv_q, send_q, rest = row.groups()
        entry = {"state": SS_STATES.get(state, state.replace("-", "_")),
                 "queues": (int(recv_q), int(send_q))}
        if netid.startswith("u_"):
            name, inode, peer, tail = SS_UNIX.match(rest).groups()
            name = name.strip()
            entry |= {"protocol": "unix", "inode": int(inode), "peer": int(peer),
                      "path": words.get(name, name.encode("latin-1")) if name != "*" else None,
                      "holders": parse_users(tail or "")}
            found["inode", int(inode)] = entry
            continue
        local, remote, tail = (rest.split(None, 2) + [""])[:3]
        entry["holders"] = parse_users(tail)
        inode, cookie = number_of(tail, "ino"), number_of(tail, "sk", 16)
        if netid.startswith("p_"):
            entry |= {"protocol": "packet", "inode": inode, "uid": number_of(tail, "uid") or 0}
        else:
            entry |= {"protocol": netid, "local": parse_end(local), "remote": parse_end(remote)[:2]}
            if inode is not None:
                entry |= {"inode": inode, "uid": number_of(tail, "uid") or 0}
        key = ("cookie", cookie) if cookie is not None else ("users", min(entry["holders"])[:2])
        found[key] = entry
    return found


def read_ss(names):
    return parse_ss(witness.run("ss", "-tunxapwH0", "-e").stdout, names)


def hex_address(text):
    raw = bytes.fromhex(text)
    raw = b"".join(raw[at:at + 4][::-1] for at in range(0, len(raw), 4))
    return socket.inet_ntop(socket.AF_INET if len(raw) == 4 else socket.AF_INET6, raw)


def read_inet_table(name):
    """Rows of /proc/net/NAME with a descriptor: inode → socket."""
    found = {}
    try:
        with open(f"/proc/net/{name}", encoding="ascii") as table:
            lines = table.read().splitlines()[1:]
    except FileNotFoundError:
        return found
    for line in lines:
        cell = line.split()
        (local, local_port), (remote, remote_port) = (end.split(":") for end in cell[1:3])
        send_q, recv_q = (int(part, 16) for part in cell[4].split(":"))
        inode = int(cell[9])
        if inode:
            found[inode] = {
                "protocol": name.rstrip("6"), "state": TCP_STATES[int(cell[3], 16)],
                "local": (hex_address(local), int(local_port, 16)),
                "remote": (hex_address(remote), int(remote_port, 16)),
                "uid": int(cell[7]), "queues": (recv_q, send_q)}
    return found


def read_tables():
    """/proc/net: inode → socket, of every family that has a table there."""
    found = {}
    for name in ("tcp", "tcp6", "udp", "udp6", "udplite", "udplite6", "raw", "raw6", "icmp",
                 "icmp6"):
        found |= read_inet_table(name)
    with open("/proc/net/packet", encoding="ascii") as table:
        for line in table.read().splitlines()[1:]:
            cell = line.split()
            found[int(cell[8])] = {"protocol": "packet", "ethertype": int(cell[3], 16),
                                   "uid": int(cell[7])}
    with open("/proc/net/netlink", encoding="ascii") as table:
        for line in table.read().splitlines()[1:]:
            cell = line.split()
            found[int(cell[9])] = {"protocol": "netlink", "netlink_protocol": int(cell[1]),
                                   "port_id": int(cell[2])}
    return found


def read_holders():
    """Socket inode → {(pid, fd, name)}, and inode → owner of the descriptor's file."""
    holders, owners = collections.defaultdict(set), {}
    for link in glob.iglob("/proc/[0-9]*/fd/*"):
        try:
            target = os.readlink(link)
            if not target.startswith("socket:["):
                continue
            pid, fd = int(link.split("/")[2]), int(link.split("/")[4])
            with open(f"/proc/{pid}/comm", "rb") as comm:
                name = comm.read()[:-1].decode("latin-1")
            inode = int(target[8:-1])
            owners[inode] = os.stat(link).st_uid
            holders[inode].add((pid, fd, name))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return {inode: frozenset(who) for inode, who in holders.items()}, owners


def kernel_kind(fd_path):
    """'TCP', 'UDP', …: what the kernel calls the socket behind a descriptor."""
    try:
        return os.getxattr(fd_path, "system.sockprotoname").rstrip(b"\0").decode()
    except OSError:
        return None


NETSTAT_ROW = re.compile(r"^(tcp6?|udp6?|udplite6?|raw6?)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+"
                         r"([A-Z][A-Z_0-9]*|\d+)?\s+(\d+)\s+(\d+)\s+(-|\d+/.*)$")
NETSTAT_UNIX = re.compile(r"^unix\s+\d+\s+\[ ([A-Z ]*)\]\s+([A-Z]+)\s+([A-Z]*)\s+(\d+)\s+(-|\d+/\S*)")


def split_netstat_end(text):
    address, port = text.rsplit(":", 1)
    return address, 0 if port == "*" else int(port)


def read_netstat():
    """Rows of `netstat -natupxwe --wide` with a descriptor: inode → socket."""
    text = witness.run("netstat", "-natupxwe", "--wide").stdout.decode("latin-1")
    found = {}
    for line in text.split("\n"):
        row = NETSTAT_ROW.match(line.rstrip())
        if row and int(row[8]):
            found[int(row[8])] = {
                "protocol": row[1].rstrip("6"), "queues": (int(row[2]), int(row[3])),
                "local": split_netstat_end(row[4]), "remote": split_netstat_end(row[5]),
                "state": row[6] or "", "uid": int(row[7]),
                "pid": None if row[9] == "-" else int(row[9].split("/")[0])}
        row = NETSTAT_UNIX.match(line)
        if row and int(row[4]):
            found[int(row[4])] = {
                "protocol": "unix", "listens": "ACC" in row[1], "state": row[3],
                "pid": None if row[5] == "-" else int(row[5].split("/")[0])}
    return found


def mapped(address):
    """'127.0.0.1' for '::ffff:127.0.0.1', as netstat writes it."""
    return address.removeprefix("::ffff:") if address.startswith("::ffff:") else address


def filter_digest_input(instructions):
    return b"".join(struct.pack("HBBI", *instruction) for instruction in instructions)
