"""Sockets of every kind, for helper processes to hold.

In:    nothing but the kernel: every port is one that it chose.
Out:   lists of sockets that stay as they are for as long as they are held.
Never: waits for a peer; reaches beyond the loopback interface.
"""
import array
import ctypes
import errno
import os
import socket
import struct

import witness

MANY = 1 << 20
UDPLITE = 136
SO_BINDTODEVICE = 25
SO_ATTACH_FILTER = 26

FORGED_INODE = 4242424242

# Names that have to come back byte by byte. One forges a row of /proc/net/unix.
HOSTILE_NAMES = [
    b"\0sw-newline\nffff: 00000002 00000000 00010000 0001 01 %d @sw-forged" % FORGED_INODE,
    b"\0sw-escape\x1b[31m\x07",
    b"\0sw-nul\0inside\0",
    b"\0sw-utf8 \xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x8b",
    b"\0sw-invalid \xff\xfe\xc3",
    b"\0sw-bidi \xe2\x80\xae",
    b"\0sw blank and\ttab",
    b"\0sw-backslash \\x41\\",
    b"\0sw-" + bytes(range(1, 100)),
    b"\0sw-long-" + b"n" * 98,
]


def unbound(held, end):
    """Notes that the kernel lists this socket nowhere."""
    held.unbound.append(os.fstat(end.fileno()).st_ino)
    return end


def listener(family, address, backlog=16, v6only=None, device=None):
    end = socket.socket(family, socket.SOCK_STREAM)
    if v6only is not None:
        end.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6only)
    if device:
        end.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, device)
    end.bind((address, 0))
    end.listen(backlog)
    return end


def pair(family, address):
    """A connected client and its server side; the listener is closed again."""
    server = listener(family, address)
    client = socket.socket(family, socket.SOCK_STREAM)
    client.connect(server.getsockname()[:2])
    other, _ = server.accept()
    server.close()
    return client, other


def send_all_that_fits(end):
    end.setblocking(False)
    try:
        while end.send(b"x" * 65536):
            pass
    except BlockingIOError:
        pass


def tcp_listeners():
    held = witness.Kept()
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET, "0.0.0.0"),
                            (socket.AF_INET, "127.9.8.7"), (socket.AF_INET6, "::1"),
                            (socket.AF_INET6, "::"), (socket.AF_INET6, "::ffff:127.0.0.1")):
        for backlog in (0, 1, 7, 128):
            mapped = address.startswith("::ffff")
            held.append(listener(family, address, backlog, 0 if mapped else None))
    held.append(listener(socket.AF_INET6, "::", 5, 0))
    held.append(listener(socket.AF_INET6, "::", 5, 1))
    held.append(listener(socket.AF_INET6, "::1", 5, 1))
    held.append(listener(socket.AF_INET, "0.0.0.0", 5, None, b"lo"))
    held.append(listener(socket.AF_INET6, "::", 5, None, b"lo"))
    # Clients that nobody accepted, over IPv4 to a dual listener as well, some with data.
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"),
                            (socket.AF_INET6, "::")):
        server = listener(family, address, 20)
        held.append(server)
        for number in range(6):
            to_v4 = address == "::" and number % 2
            client = socket.socket(socket.AF_INET if to_v4 else family, socket.SOCK_STREAM)
            client.connect(("127.0.0.1" if to_v4 else server.getsockname()[0],
                            server.getsockname()[1]))
            client.send(b"y" * number)
            held.append(client)
    return held


def tcp_connections():
    held = witness.Kept()
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        for _ in range(8):
            held.extend(pair(family, address))
        for size in (1, 1000, 30000):
            client, server = pair(family, address)
            client.sendall(b"r" * size)
            held.extend((client, server))
        client, server = pair(family, address)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        send_all_that_fits(client)
        held.extend((client, server))
        # FIN_WAIT2 and CLOSE_WAIT, both still held.
        client, server = pair(family, address)
        client.shutdown(socket.SHUT_WR)
        held.extend((client, server))
        # The client's side is an orphan in FIN_WAIT2, and CLOSE_WAIT with unread data.
        client, server = pair(family, address)
        client.send(b"left behind")
        client.close()
        held.append(server)
        # TIME_WAIT on the client's side.
        for _ in range(3):
            client, server = pair(family, address)
            client.shutdown(socket.SHUT_WR)
            server.recv(1)
            server.close()
            client.recv(1)
            client.close()
        # Bound, connected to nobody, not listening; and not even bound.
        idle = socket.socket(family, socket.SOCK_STREAM)
        idle.bind((address, 0))
        held.extend((idle, unbound(held, socket.socket(family, socket.SOCK_STREAM))))
    # SYN_SENT: the queue of the listener is full, its answers are left out.
    full = listener(socket.AF_INET, "127.0.0.1", 0)
    held.append(full)
    for _ in range(4):
        client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        client.setblocking(False)
        if client.connect_ex(full.getsockname()) not in (0, errno.EINPROGRESS):
            raise RuntimeError("connect to the full listener")
        held.append(client)
    return held


def udp_sockets():
    held = witness.Kept()
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        every = "0.0.0.0" if family == socket.AF_INET else "::"
        kinds = [0]
        try:
            socket.socket(family, socket.SOCK_DGRAM, UDPLITE).close()
            kinds.append(UDPLITE)
        except OSError:
            pass
        for kind in kinds:
            for _ in range(4):
                end = socket.socket(family, socket.SOCK_DGRAM, kind)
                end.bind((address, 0))
                other = socket.socket(family, socket.SOCK_DGRAM, kind)
                other.connect(end.getsockname()[:2])
                held.extend((end, other))
            other.send(b"q" * 1200)
            other.send(b"")
            end = socket.socket(family, socket.SOCK_DGRAM, kind)
            end.bind((every, 0))
            held.extend((end, unbound(held, socket.socket(family, socket.SOCK_DGRAM, kind))))
        bound = socket.socket(family, socket.SOCK_DGRAM)
        bound.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, b"lo")
        bound.bind((every, 0))
        held.append(bound)
    only = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    only.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    only.bind(("::", 0))
    held.append(only)
    return held


def raw_sockets():
    held = witness.Kept()
    for family, address, icmp in ((socket.AF_INET, "127.0.0.1", 1), (socket.AF_INET6, "::1", 58)):
        for protocol in (icmp, 255, 253):
            end = socket.socket(family, socket.SOCK_RAW, protocol)
            bound = socket.socket(family, socket.SOCK_RAW, protocol)
            bound.bind((address, 0))
            held.extend((end, bound))
        connected = socket.socket(family, socket.SOCK_RAW, 253)
        connected.connect((address, 0))
        held.append(connected)
        try:
            ping = socket.socket(family, socket.SOCK_DGRAM, icmp)
            ping.bind((address, 0))
            held.append(ping)
        except PermissionError:
            pass  # net.ipv4.ping_group_range does not have us
    return held


def unix_sockets(folder):
    held = witness.Kept()
    stream, dgram, seqpacket = socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET
    for kind in (stream, dgram, seqpacket):
        for _ in range(6):
            held.extend(socket.socketpair(socket.AF_UNIX, kind))
        left, right = socket.socketpair(socket.AF_UNIX, kind)
        left.send(b"u" * 700)
        held.extend((left, right, socket.socket(socket.AF_UNIX, kind)))
        for name in (f"{folder}/sock-{int(kind)}", f"{folder}/with blank {int(kind)}",
                     f"\0sw-plain-{int(kind)}-{os.getpid()}"):
            end = socket.socket(socket.AF_UNIX, kind)
            end.bind(name)
            held.append(end)
            client = socket.socket(socket.AF_UNIX, kind)
            if kind != dgram:
                end.listen(9)
            client.connect(name)
            held.append(client)
            if kind != dgram and not name.startswith("\0"):
                held.append(end.accept()[0])
            else:
                client.send(b"v" * 30)
    for name in (b"/newline\nffff: forged", b"/escape\x1b[1m", b"/\xff\xfe invalid",
                 "/ümlaut".encode()):
        end = socket.socket(socket.AF_UNIX, stream)
        end.bind(os.fsencode(folder) + name)
        end.listen(3)
        held.append(end)
    for name in HOSTILE_NAMES:
        end = socket.socket(socket.AF_UNIX, dgram)
        end.bind(name)
        held.append(end)
    return held


def attach_filter(end, instructions):
    program = ctypes.create_string_buffer(
        b"".join(struct.pack("HBBI", *instruction) for instruction in instructions))
    head = struct.pack("HL", len(instructions), ctypes.addressof(program))
    end.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, head)


def other_families():
    held = witness.Kept()
    for kind in (socket.SOCK_RAW, socket.SOCK_DGRAM):
        for protocol in (0x0003, 0x0806, 0x0800):
            end = socket.socket(socket.AF_PACKET, kind, socket.htons(protocol))
            bound = socket.socket(socket.AF_PACKET, kind)
            bound.bind(("lo", protocol))
            held.extend((end, bound))
    filtered = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    attach_filter(filtered, [(0x28, 0, 0, 12), (0x15, 0, 1, 0x0800), (0x06, 0, 0, 0xffff),
                             (0x06, 0, 0, 0)])
    filtered.bind(("lo", 0x0800))
    held.append(filtered)
    for protocol in (0, 4, 15, 16):
        bound = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
        bound.bind((0, 0))
        held.append(bound)
    return held


def shared_by_fork():
    """Five processes with the same sockets, each of them at several descriptors of the first."""
    held = witness.Kept([listener(socket.AF_INET, "127.0.0.1"),
                         socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
                         *socket.socketpair(socket.AF_UNIX)])
    held[1].bind(("127.0.0.1", 0))
    children = []
    for number in range(4):
        ready, told = os.pipe()
        child = os.fork()
        if child == 0:
            witness.prctl(witness.PR_SET_PDEATHSIG, 9)
            witness.set_name([b"worker", b"a( b", b"blank in it", b'quote"d'][number])
            if number == 3:
                held[0].close()
            os.write(told, b"+")
            while True:
                witness.signal.pause()
        os.read(ready, 1)
        children.append(child)
    for _ in range(5):
        held.append(held[0].dup())
    os.dup2(held[0].fileno(), 700)
    held.children = children
    return held


def passed_by_message(channel):
    """Holds sockets that another process made and sent to it."""
    fds = array.array("i")
    _, ancillary, _, _ = channel.recvmsg(1, socket.CMSG_SPACE(8 * fds.itemsize))
    for _, _, data in ancillary:
        fds.frombytes(data)
    return witness.Kept([fds, channel])


def of_user(uid, gid):
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    held = witness.Kept()
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        held.append(listener(family, address))
        held.extend(pair(family, address))
        end = socket.socket(family, socket.SOCK_DGRAM)
        end.bind((address, 0))
        held.append(end)
    held.extend(socket.socketpair(socket.AF_UNIX))
    return held


def build(folder):
    """All of it, in helper processes."""
    helpers = [witness.Helper(tcp_listeners), witness.Helper(tcp_connections),
               witness.Helper(udp_sockets), witness.Helper(raw_sockets),
               witness.Helper(unix_sockets, folder), witness.Helper(other_families),
               witness.Helper(shared_by_fork), witness.Helper(of_user, witness.NOBODY, 65534),
               witness.Helper(of_user, 12345, 23456)]
    sender, receiver = socket.socketpair(socket.AF_UNIX)
    sent = [listener(socket.AF_INET, "127.0.0.1"), *socket.socketpair(socket.AF_UNIX)]
    socket.send_fds(sender, [b"+"], [end.fileno() for end in sent])
    helpers.append(witness.Helper(passed_by_message, receiver))
    for end in (sender, receiver, *sent):
        end.close()
    return helpers
