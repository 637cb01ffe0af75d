#!/usr/bin/env python3
"""Sockets where one looks last: with single threads, in rings, in tables that the kernel does not have.

In:    a machine of its own; listeners of threads that left their process's namespace or descriptors, in an io_uring alone, of
       MPTCP and vsock; a connection that both sides shut down.
Out:   each is recorded with its holder, once.
Never: expects what this kernel cannot do: what is not there is said to be skipped.
"""
import ctypes
import socket
import struct
import threading

import machine

machine.enter()

import witness  # noqa: E402

CLONE_FILES = 0x400
IPPROTO_MPTCP = 262
SYS_IO_URING_SETUP = 425
SYS_IO_URING_REGISTER = 427
IORING_REGISTER_FILES = 2


def serve(address="127.0.0.1", protocol=0):
    end = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
    end.bind((address, 0))
    end.listen()
    return end


def in_thread(flags):
    """A listener that a thread opens after it went apart; the port is in the `children`."""
    kept = witness.Kept()
    ready = threading.Event()

    def live():
        witness.call("unshare", flags)
        end = serve("0.0.0.0")
        kept.children = [end.getsockname()[1]]  # the descriptor is this thread's only
        ready.set()
        threading.Event().wait()
    threading.Thread(target=live, daemon=True).start()
    if not ready.wait(witness.PATIENCE / 4):
        raise RuntimeError("the thread did not go apart")
    return kept


def in_ring():
    """The listener's descriptor is closed; only the ring still refers to it."""
    end = serve()
    port = end.getsockname()[1]
    parameters = ctypes.create_string_buffer(120)
    ring = witness.libc.syscall(SYS_IO_URING_SETUP, 1, parameters)
    files = struct.pack("i", end.fileno())
    if ring < 0 or witness.libc.syscall(SYS_IO_URING_REGISTER, ring, IORING_REGISTER_FILES, files, 1) != 0:
        raise OSError("no io_uring")
    end.close()
    kept = witness.Kept()
    kept.children = [port]
    return kept


def with_mptcp():
    kept = witness.Kept([serve(protocol=IPPROTO_MPTCP)])
    kept.children = [kept[0].getsockname()[1]]
    return kept


def with_vsock():
    end = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
    end.bind((socket.VMADDR_CID_ANY, socket.VMADDR_PORT_ANY))
    end.listen()
    kept = witness.Kept([end])
    kept.children = [end.getsockname()[1]]
    return kept


def shut_down():
    server = serve()
    client = socket.create_connection(server.getsockname())
    accepted = server.accept()[0]
    port = client.getsockname()[1]
    client.shutdown(socket.SHUT_RDWR)
    accepted.shutdown(socket.SHUT_RDWR)
    kept = witness.Kept([server, client, accepted])
    kept.children = [port]
    return kept


CORNERS = {
    "a thread in a namespace of its own": (in_thread, (CLONE_FILES | witness.CLONE_NEWNET,), ["tcp LISTEN"]),
    "a thread with descriptors of its own": (in_thread, (CLONE_FILES,), ["tcp LISTEN"]),
    "a ring": (in_ring, (), ["tcp LISTEN"]),
    "MPTCP": (with_mptcp, (), ["mptcp LISTEN", "tcp LISTEN"]),
    "vsock": (with_vsock, (), ["vsock LISTEN"]),
    "shut down on both sides": (shut_down, (), ["tcp CLOSE"]),
}


def check_corners(report):
    helpers = {}
    for name, (build, arguments, shape) in CORNERS.items():
        try:
            helpers[name] = (witness.Helper(build, *arguments), shape)
        except RuntimeError as failure:
            print(f"skipped: {name}: {str(failure).strip().splitlines()[-1]}")
    path = witness.database("corners")
    witness.record(path)
    answer = witness.show(path)
    for name, (helper, shape) in helpers.items():
        port = helper.children[0]
        found = [row for row in answer["sockets"]
                 if row["local_port"] == port and row["state"] != "TIME_WAIT"
                 or (row.get("vsock_local") or "").endswith(f":{port}")]
        report.equal(sorted(f"{row['protocol']} {row['state']}" for row in found), shape, "recorded", name)
        for row in found:
            pids = [holder["pid"] for holder in row["holders"]]
            fds = [holder["fd"] for holder in row["holders"]]
            report.equal(set(pids), {helper.pid}, "held", name)
            report.equal(len(fds), len(set(fds)), "each descriptor once", name)
        places = {row["netns"] for row in found}
        report.equal("host" in places, "namespace" not in name, "the namespace is the right one", f"{name}: {places}")


witness.main(check_corners)
