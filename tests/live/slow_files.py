"""A file system that stops answering when it is told to, as one on a server that went away does.

In:    an empty folder to mount it on; a tree of folders (dict) and files (bytes).
Out:   the mounted tree, read-only; it answers, or it takes every question and keeps it.
Never: asks for a package: it speaks the protocol of /dev/fuse itself. Nobody can end a process that
       waits for it, so whoever stops it lets it answer again.
"""
import ctypes
import errno
import mmap
import os
import select
import signal
import stat
import struct

import witness

(LOOKUP, FORGET, GETATTR, OPEN, READ, STATFS, RELEASE, FLUSH, INIT, OPENDIR, READDIR, RELEASEDIR, INTERRUPT,
 DESTROY, BATCH_FORGET) = (1, 2, 3, 14, 15, 17, 18, 25, 26, 27, 28, 29, 36, 38, 42)
SILENT = (FORGET, INTERRUPT, DESTROY, BATCH_FORGET)
VALID = 1  # seconds that the kernel trusts a name or attributes
LARGEST = 1 << 20


class Node:
    def __init__(self, number, content):
        self.number = number
        self.content = content

    def attributes(self):
        folder = isinstance(self.content, dict)
        mode = (stat.S_IFDIR if folder else stat.S_IFREG) | 0o755
        size = 0 if folder else len(self.content)
        return struct.pack("<QQQQQQIIIIIIIIII", self.number, size, size // 512, 1, 1, 1, 0, 0, 0, mode,
                           2 if folder else 1, 0, 0, 0, 4096, 0)


class Server:
    """One connection to the kernel, in a process of its own."""

    def __init__(self, device, tree, stopped):
        self.device = device
        self.stopped = stopped
        self.nodes = [None, Node(1, tree)]
        self.numbers = {}
        self.kept = []

    def run(self):
        poll = select.poll()
        poll.register(self.device, select.POLLIN)
        while True:
            if poll.poll(20):
                try:
                    request = os.read(self.device, LARGEST + 4096)
                except BlockingIOError:
                    continue
                except OSError as failure:
                    if failure.errno == errno.ENODEV:  # it was unmounted
                        return
                    if failure.errno in (errno.EINTR, errno.ENOENT):
                        continue
                    raise
                self.kept.append(request)
            while self.kept and not self.stopped[0]:
                self.answer(self.kept.pop(0))

    def answer(self, request):
        _, code, unique, node = struct.unpack_from("<IIQQ", request)
        if code in SILENT:
            return
        try:
            error, body = 0, self.reply(code, self.nodes[node] if node else None, request[40:])
        except OSError as failure:
            error, body = -failure.errno, b""
        try:
            os.write(self.device, struct.pack("<IiQ", 16 + len(body), error, unique) + body)
        except OSError as failure:
            if failure.errno != errno.ENOENT:  # nobody waits for it any more
                raise

    def reply(self, code, node, body):
        if code == INIT:
            major, _, ahead = struct.unpack_from("<III", body)
            return struct.pack("<IIIIHHIIHHI28x", major, 31, ahead, 0, 64, 48, LARGEST, 1, 0, 0, 0)
        if code == LOOKUP:
            child = self.child(node, body.rstrip(b"\0").decode())
            return struct.pack("<QQQQII", child.number, 0, VALID, VALID, 0, 0) + child.attributes()
        if code == GETATTR:
            return struct.pack("<QII", VALID, 0, 0) + node.attributes()
        if code in (OPEN, OPENDIR):
            return struct.pack("<QII", 0, 0, 0)
        if code == READ:
            _, offset, size = struct.unpack_from("<QQI", body)
            return node.content[offset:offset + size]
        if code == READDIR:
            return b""
        if code == STATFS:
            return bytes(80)
        if code in (RELEASE, RELEASEDIR, FLUSH):
            return b""
        raise OSError(errno.ENOSYS, "no such question")

    def child(self, folder, name):
        if not isinstance(folder.content, dict) or name not in folder.content:
            raise OSError(errno.ENOENT, name)
        key = (folder.number, name)
        if key not in self.numbers:
            self.numbers[key] = len(self.nodes)
            self.nodes.append(Node(len(self.nodes), folder.content[name]))
        return self.nodes[self.numbers[key]]


class SlowFiles:
    """The mounted tree. `stop()` and `go_on()`; at the end it answers, and goes."""

    def __init__(self, folder, tree):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.stopped = mmap.mmap(-1, 4096)  # shared with the server
        device = os.open("/dev/fuse", os.O_RDWR | os.O_NONBLOCK)
        options = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other".encode()
        if witness.libc.mount(b"slow", os.fsencode(folder), b"fuse", 0, options) != 0:
            raise OSError(ctypes.get_errno(), "mount")
        self.server = os.fork()
        if self.server == 0:
            witness.prctl(witness.PR_SET_PDEATHSIG, signal.SIGKILL)
            try:
                Server(device, tree, self.stopped).run()
            finally:
                os._exit(0)
        os.close(device)
        witness.at_end(self.end)
        os.stat(self.folder)  # the first answer; who waited for that could still be killed

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def stop(self, *files):
        """From now on it answers nothing; what the kernel remembers of these files it forgets."""
        for name in files:
            descriptor = os.open(self.path(name), os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)
        self.stopped[0] = 1

    def go_on(self):
        self.stopped[0] = 0

    def end(self):
        self.go_on()
        witness.libc.umount2(os.fsencode(self.folder), 2)  # MNT_DETACH
        if self.server:
            os.kill(self.server, signal.SIGKILL)
            os.waitpid(self.server, 0)
            self.server = 0
