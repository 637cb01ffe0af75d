#!/usr/bin/env python3
"""What other programs may do on a host while the tests run, all of it at once, in the host's own namespaces.

    tests/support/disturber.py [SECONDS]     until then, or until its standard input ends

In:    root for namespaces; otherwise it leaves them out. Rates are moderate: it disturbs, it does not stop.
Out:   "ready" once everything was done once; at the end how often each thing was done.
Never: talks to anything but loopback; leaves a process, a file or a namespace behind: all ends with it.
"""
import contextlib
import ctypes
import os
import pathlib
import random
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

PR_SET_PDEATHSIG, PR_SET_NAME, CLONE_NEWNET = 1, 15, 0x40000000
PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
HERE = "127.0.0.1"
# Ports and names that tests use, or daemons that they start.
PORTS = (25, 53, 80, 2222, 3306, 4444, 5300, 5432, 6010, 6379, 7001, 7777, 8080, 8081, 8125, 9000, 31337)
HOSTILE = (b"\0sw-\nffff: 00000002 00000000 00010000 0001 01 4242424242 @forged", b"\0sw-\x1b[31m", b"\0sw-\xff\xfe",
           b"\0sw-\xe2\x80\xae", b"\0sw blank\ttab")
TEMPORARY = sorted({tempfile.gettempdir(), "/tmp", "/dev/shm"})
NAMES = (b"kworker/0:1", b"a) S 1 (b", b"new\nline", b"\x1b[2J", b"\xff\xfe", b"sshd", b"sockwitness-rec")
LISTEN = "import socket, time\nend = socket.create_server(('127.0.0.1', 0))\ntime.sleep(60)\n"

libc = ctypes.CDLL(None, use_errno=True)


def die_with(parent):
    """Ends with its parent, also one that ended already."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def fork(work, *arguments):
    """A child that does the work and ends."""
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            die_with(parent)
            work(*arguments)
        except OSError:
            pass  # somebody disturbs the disturber
        finally:
            os._exit(0)
    return pid


def start(command, **options):
    parent = os.getpid()
    return subprocess.Popen([os.fspath(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL, preexec_fn=lambda: die_with(parent), **options)


def end(*processes):
    for process in processes:
        process.kill()
        process.wait()


@contextlib.contextmanager
def copied(program, folder):
    place = pathlib.Path(folder) / f"program-{random.getrandbits(48):x}"
    shutil.copy(os.path.realpath(program), place)
    place.chmod(0o755)
    try:
        yield place
    finally:
        place.unlink(missing_ok=True)


def opened(family, kind, *address):
    found = socket.socket(family, kind)
    found.bind(*address)
    if kind != socket.SOCK_DGRAM:
        found.listen()
    return found


# One thing each; done again and again, with a pause.

def listeners(folder):
    held = []
    for family, address in ((socket.AF_INET, HERE), (socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            held.append(opened(family, kind, (address, 0)))
    time.sleep(0.3)


def known_ports(folder):
    held = []
    for port in PORTS:
        with contextlib.suppress(OSError):
            held.append(opened(socket.AF_INET, socket.SOCK_STREAM, (HERE, port)))
    time.sleep(2)


def unix_sockets(folder):
    held = []
    for name in (*HOSTILE, os.fsencode(f"{folder}/{random.getrandbits(48):x}\n.sock")):
        with contextlib.suppress(OSError):
            held.append(opened(socket.AF_UNIX, random.choice((socket.SOCK_STREAM, socket.SOCK_DGRAM)), name))
    time.sleep(0.3)


def connections(folder):
    with socket.create_server((HERE, 0)) as server:
        for _ in range(20):
            with socket.create_connection(server.getsockname()) as client, server.accept()[0] as accepted:
                client.send(b"x")
                accepted.recv(1)
            time.sleep(0.01)


def namespaces(folder):
    def live():
        if libc.unshare(CLONE_NEWNET) == 0:
            held = opened(socket.AF_INET, socket.SOCK_STREAM, ("0.0.0.0", 0))
            time.sleep(0.5)
            held.close()
    for pid in [fork(live) for _ in range(3)]:
        os.waitpid(pid, 0)


def named_namespaces(folder):
    name = f"sockwitness-disturber-{os.getppid()}"
    if os.geteuid() == 0:
        subprocess.run(["ip", "netns", "add", name], check=False, stderr=subprocess.DEVNULL)
        time.sleep(0.5)
        subprocess.run(["ip", "netns", "delete", name], check=False, stderr=subprocess.DEVNULL)


def deleted_programs(folder):
    with copied(PYTHON, folder) as place:
        process = start([place, "-c", LISTEN])
        time.sleep(0.3)
    time.sleep(0.7)
    end(process)


def memory_programs(folder):
    memory = os.memfd_create("kworker/0:1", 0)
    os.write(memory, pathlib.Path("/bin/sleep").read_bytes())
    os.set_inheritable(memory, True)
    process = start([f"/proc/self/fd/{memory}", "60"], pass_fds=[memory])
    time.sleep(0.7)
    end(process)


def programs_in_odd_places(folder):
    hidden = pathlib.Path(folder) / "..." / ".cache"
    hidden.mkdir(parents=True, exist_ok=True)
    script = hidden / "agent.py"
    script.write_text(LISTEN, encoding="ascii")
    with copied(PYTHON, hidden) as place:
        processes = [start([place, script]), start([PYTHON, script]), start(["bash", "-c", "exec -a '[kworker/1:1]' sleep 60"])]
        time.sleep(0.7)
        end(*processes)


def shells_on_sockets(folder):
    with socket.create_server((HERE, 0)) as server:
        port = server.getsockname()[1]
        process = start(["bash", "-c", f"exec bash -i >&/dev/tcp/{HERE}/{port} 0>&1"], start_new_session=True)
        with server.accept()[0]:
            time.sleep(0.7)
        end(process)


def hostile_names(folder):
    def live(name):
        libc.prctl(PR_SET_NAME, ctypes.c_char_p(name), 0, 0, 0)
        held = socket.socketpair(socket.AF_UNIX)
        time.sleep(0.4)
        held[0].close()
    for pid in [fork(live, name) for name in NAMES]:
        os.waitpid(pid, 0)


def forks(folder):
    """Some that inherit a listener, some that run a program: 200 a second at most."""
    with opened(socket.AF_INET, socket.SOCK_STREAM, (HERE, 0)):
        for number in range(20):
            pid = fork(os.execv, "/bin/true", ["true"]) if number % 4 == 0 else fork(time.sleep, 0.002)
            os.waitpid(pid, 0)
            time.sleep(0.002)


def files_of_tests(folder):
    """Names like those of another run of the tests."""
    for place in TEMPORARY:
        with contextlib.suppress(OSError):
            made = [tempfile.mkdtemp(prefix=prefix, suffix=f"-{os.getppid()}", dir=place)
                    for prefix in ("sockwitness-", "sockwitness-test-")]
            time.sleep(0.05)
            for path in made:
                os.rmdir(path)


def lasting(folder):
    """What stays for as long as it is asked for: a deleted program that listens, one in memory, a hidden script, a
    false thread, a shell on a socket, a namespace."""
    hidden = pathlib.Path(folder) / ".lasting"
    hidden.mkdir(exist_ok=True)
    script = hidden / "agent.py"
    script.write_text(LISTEN.replace("60", "1e6"), encoding="ascii")
    memory = os.memfd_create("kworker/0:1", 0)
    os.write(memory, pathlib.Path("/bin/sleep").read_bytes())
    os.set_inheritable(memory, True)
    server = socket.create_server((HERE, 0))
    with copied(PYTHON, folder) as place:
        kept = [start([place, script]), start([f"/proc/self/fd/{memory}", "1000000"], pass_fds=[memory]),
                start([PYTHON, script]), start(["bash", "-c", "exec -a '[kworker/1:1]' sleep 1000000"]),
                start(["bash", "-c", f"exec bash -i >&/dev/tcp/{HERE}/{server.getsockname()[1]} 0>&1"], start_new_session=True)]
        held = server.accept()
        time.sleep(1)
    libc.unshare(CLONE_NEWNET)
    return kept, held, opened(socket.AF_INET, socket.SOCK_STREAM, ("0.0.0.0", 0))


WORKS = (lasting, listeners, known_ports, unix_sockets, connections, namespaces, named_namespaces, deleted_programs, memory_programs,
         programs_in_odd_places, shells_on_sockets, hostile_names, forks, files_of_tests)


def work_on(work, folder, told):
    """Tells with one byte each time it was done."""
    if work is lasting:
        kept = work(folder)
        os.write(told, b"+")
        while kept:
            signal.pause()
    while True:
        try:
            work(folder)
        except OSError as failure:
            print(f"disturber: {work.__name__}: {failure}", file=sys.stderr)
            time.sleep(0.5)
        os.write(told, b"+")
        time.sleep(0.05)


def sweep():
    """Takes away what one left that was killed, and could not."""
    for name in pathlib.Path("/run/netns").glob("sockwitness-disturber-*"):
        if not os.path.exists(f"/proc/{name.name.rsplit('-', 1)[1]}"):
            subprocess.run(["ip", "netns", "delete", name.name], check=False, stderr=subprocess.DEVNULL)


def main():
    sweep()
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else float("inf")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    limit = time.monotonic() + seconds
    counts = dict.fromkeys(WORKS, 0)
    with tempfile.TemporaryDirectory(prefix="disturber-", dir="/tmp") as folder:
        pipes, workers = {}, []
        for work in WORKS:
            reader, writer = os.pipe()
            workers.append(fork(work_on, work, folder, writer))
            os.close(writer)
            pipes[reader] = work
        ready = False
        try:
            while time.monotonic() < limit:
                watched = [*pipes, 0] if seconds == float("inf") else list(pipes)
                for reader in select.select(watched, [], [], 0.5)[0]:
                    if reader == 0:
                        limit = 0 if not os.read(0, 4096) else limit
                    else:
                        counts[pipes[reader]] += len(os.read(reader, 4096))
                if not ready and all(counts.values()):
                    ready = True
                    print("ready", flush=True)
        finally:
            for pid in workers:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            subprocess.run(["ip", "netns", "delete", f"sockwitness-disturber-{os.getpid()}"], check=False,
                           stderr=subprocess.DEVNULL)
            for left in (path for place in TEMPORARY for path in pathlib.Path(place).glob(f"sockwitness-*-{os.getpid()}")):
                left.rmdir()
    print(", ".join(f"{count} {work.__name__.replace('_', ' ')}" for work, count in counts.items()))
    return 0 if all(counts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
