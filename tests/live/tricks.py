"""What intruders do besides shells: hide, pretend, listen in, take over, relay.

In:    a machine of its own whose /etc, /home and /srv are the test's.
Out:   for each trick the process that a finding has to be about, and by which rules.
Never: talks to anything but loopback; changes a file of the host.
"""
import dataclasses
import os
import pathlib
import shutil
import subprocess

import attacks
import machine
import witness

PYTHON = attacks.PYTHON
NC = "nc.traditional"
HOLD = "import time\nwhile True: time.sleep(1000)\n"
LISTEN = "import socket\nend = socket.create_server(('0.0.0.0', {port}))\n"
FOLDER = pathlib.Path("/srv/intruder")


@dataclasses.dataclass
class Trick:
    """`rules`: each of them has to be told, at medium or above, about the process or its children."""
    name: str
    rules: tuple
    process: object  # a subprocess.Popen, or pids

    def pids(self):
        pids = [self.process.pid] if hasattr(self.process, "pid") else self.process
        return {each for pid in pids for each in [pid, *attacks.descendants(pid)]}


def script(path, text):
    file = pathlib.Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    file.chmod(0o755)
    if not path.startswith("/srv"):
        witness.at_end(file.unlink, True)
    return file


def copy(program, path):
    target = pathlib.Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(os.path.realpath(shutil.which(program)), target)
    if not path.startswith("/srv"):
        witness.at_end(target.unlink, True)
    return target


def listening(port, *command, **options):
    process = attacks.start(command, cwd=FOLDER, **options)
    attacks.listens(port)
    return process


def netcat(program, port, *words, name=None):
    """A copy of netcat that listens and does nothing else."""
    command = ["bash", "-c", 'exec -a "$0" "$@"', name or str(program), str(program), "-l", "-p", str(port), *words]
    return listening(port, *command)


def false_names():
    # The name as ps shows it; comm is the file's.
    yield Trick("a listener called [kworker/0:1]", ("fake-kernel-thread",),
                netcat(copy(NC, "/srv/intruder/a/kworker"), 7001, name="[kworker/0:1]"))
    comm = script("/home/user/quiet.py", LISTEN.format(port=7002) +
                  "import ctypes\nctypes.CDLL(None).prctl(15, b'kworker/u8:3', 0, 0, 0)\n" + HOLD)
    yield Trick("comm kworker/u8:3", ("fake-kernel-thread",), listening(7002, PYTHON, comm))
    yield Trick("a file called sshd", ("borrowed-name",), netcat(copy(NC, "/srv/intruder/b/sshd"), 7003))
    yield Trick("a file called systemd-journald", ("borrowed-name",),
                netcat(copy(NC, "/srv/intruder/b/systemd-journald"), 7004))
    yield Trick("a file called dockerd", ("borrowed-name",), netcat(copy(NC, "/srv/intruder/b/dockerd"), 7009))
    yield Trick("curl that calls itself sshd", ("borrowed-name",), attacks.start(
        ["bash", "-c", "exec -a 'sshd: root' curl -sN telnet://127.0.0.1:7009"]))
    yield Trick("comm oom_reaper", ("fake-kernel-thread",),
                listening(7010, PYTHON, script("/home/user/reaper.py", LISTEN.format(port=7010) + "import ctypes\n"
                          "ctypes.CDLL(None).prctl(15, b'oom_reaper', 0, 0, 0)\n" + HOLD)))
    yield Trick("netcat that calls itself /usr/sbin/sshd", ("borrowed-name",),
                netcat(copy(NC, "/srv/intruder/b/nc"), 7005, name="/usr/sbin/sshd"))
    yield Trick("one letter from systemd", ("lookalike-name",), netcat(copy(NC, "/srv/intruder/b/systemb"), 7006))
    yield Trick("a name that ends in a blank", ("lookalike-name",), netcat(copy(NC, "/srv/intruder/b/cron "), 7007))
    title = script("/srv/intruder/title.pl", "$0 = '/usr/sbin/apache2 -k start';\nuse IO::Socket::INET;\n"
                   "my $l = IO::Socket::INET->new(LocalPort => 7008, Listen => 1);\nsleep 1000;\n")
    yield Trick("perl that calls itself apache2", ("unrelated-name",), listening(7008, "perl", title))


def odd_places():
    yield Trick("a program in /dev/shm", ("program-in-temporary-place",), netcat(copy(NC, "/dev/shm/sw-x"), 7020))
    yield Trick("a program in /var/tmp", ("program-in-temporary-place",), netcat(copy(NC, "/var/tmp/sw-x"), 7021))
    yield Trick("a program in a hidden folder", ("hidden-program",),
                netcat(copy(NC, "/srv/intruder/.cache/x"), 7022))
    yield Trick("a program in '...'", ("hidden-program",), netcat(copy(NC, "/srv/intruder/.../x"), 7023))
    gone = copy(NC, "/srv/intruder/gone")
    deleted = netcat(gone, 7024)
    gone.unlink()
    yield Trick("a deleted program", ("deleted-program",), deleted)
    memory = os.memfd_create("x", 0)
    os.write(memory, pathlib.Path(shutil.which(NC)).resolve().read_bytes())
    yield Trick("a program in memory", ("memory-program",),
                listening(7025, f"/proc/self/fd/{memory}", "-l", "-p", "7025", pass_fds=[memory]))
    served = script("/dev/shm/sw-serve.py", LISTEN.format(port=7026) + HOLD)
    yield Trick("a script in /dev/shm", ("script-in-temporary-place",), listening(7026, PYTHON, served))
    torn = script("/srv/intruder/torn.py", LISTEN.format(port=7027) + HOLD)
    process = listening(7027, PYTHON, torn)
    torn.unlink()
    yield Trick("a script that is gone", ("script-gone",), process)
    yield Trick("code that was fed", ("code-from-input",),
                listening(7028, "bash", "-c", f"(cat <<'E'\n{LISTEN.format(port=7028)}{HOLD}E\n) | {PYTHON}"))
    yield Trick("code on the command line", ("inline-code-on-network",),
                listening(7029, PYTHON, "-c", LISTEN.format(port=7029) +
                          "import subprocess\nwhile 1: subprocess.call(end.accept()[0].recv(9), shell=1)"))
    yield Trick("python's server of /tmp", ("ad-hoc-server",),
                listening(7030, "sh", "-c", f"cd /tmp && exec {PYTHON} -m http.server 7030"))
    yield Trick("python's server of /tmp, from elsewhere", ("ad-hoc-server",),
                listening(7032, PYTHON, "-m", "http.server", "--directory", "/tmp", "7032"))
    loaded = script("/tmp/sw-load.rb", "require 'socket'\nTCPServer.new('0.0.0.0', 7033)\nsleep\n")
    yield Trick("ruby that loads code from /tmp", ("script-in-temporary-place",),
                listening(7033, "ruby", f"-r{loaded}", "-e", "0"))
    yield Trick("a service's user who serves files", ("ad-hoc-server",),
                listening(7031, "setpriv", "--reuid=33", "--regid=33", "--clear-groups", PYTHON, "-m", "http.server",
                          "7031"))


def ports():
    yield Trick("smtp by netcat", ("wrong-owner-of-port",), netcat(shutil.which(NC), 25))
    taken = script("/srv/intruder/db.py", LISTEN.format(port=3306) + HOLD)
    yield Trick("mysql by a script", ("wrong-owner-of-port",), listening(3306, PYTHON, taken))
    listening(8099, "redis-server", "--port", "8099", "--bind", "127.0.0.1", "--save", "")
    thief = script("/srv/intruder/thief.py",
                   "import socket\nend = socket.socket(socket.AF_INET6)\nend.setsockopt(41, 26, 1)\n"
                   "end.bind(('::', 8099))\nend.listen()\n" + HOLD)
    stealing = attacks.start([PYTHON, thief])
    attacks.ready(stealing)
    yield Trick("the other address family of a port", ("shared-port",), stealing)
    waiting = script("/srv/intruder/agent.py", LISTEN.format(port=31337) + HOLD)
    yield Trick("a default port of backdoors", ("backdoor-port",), listening(31337, PYTHON, waiting))
    yield Trick("netcat under another name", ("renamed-tool",), netcat(copy(NC, "/srv/intruder/c/agent"), 7070))


def relays():
    port = attacks.free_port()
    yield Trick("socat that forwards", ("relay-listener",),
                listening(port, "socat", f"TCP-LISTEN:{port},bind=127.0.0.1,fork", "TCP:127.0.0.1:25"))
    port = attacks.free_port()
    yield Trick("socat that opens a unix socket", ("relay-listener",),
                listening(port, "socat", f"TCP-LISTEN:{port},fork", "UNIX-CONNECT:/run/docker.sock"))
    fifo = "/tmp/sw-relay"
    os.mkfifo(fifo)
    witness.at_end(os.unlink, fifo)
    port = attacks.free_port()
    yield Trick("two netcats and a fifo", ("relay-listener", "fifo-relay"),
                listening(port, "bash", "-c",
                          f"nc.openbsd -lk 127.0.0.1 {port} <{fifo} | nc.openbsd 127.0.0.1 3306 >{fifo}"))


def captures():
    words = ("-n", "-i", "lo", "-w", "/dev/null", "-Z", "root")
    copied = attacks.start([copy("tcpdump", "/srv/intruder/d/tcpdump"), *words])
    attacks.ready(copied)
    yield Trick("tcpdump, copied", ("packet-socket",), copied)
    renamed = attacks.start(["bash", "-c", 'exec -a "[kworker/1:0]" "$0" "$@"',
                             copy("tcpdump", "/srv/intruder/d/udevd"), *words])
    attacks.ready(renamed)
    yield Trick("tcpdump, renamed", ("packet-socket", "fake-kernel-thread"), renamed)
    sniffer = script("/root/sniff.py", "import socket\nend = socket.socket(17, 3, 0x300)\n" + HOLD)
    sniffs = attacks.start([PYTHON, sniffer])
    attacks.ready(sniffs)
    yield Trick("python that sniffs", ("packet-socket",), sniffs)
    lent = script("/srv/intruder/lent.py", "import os, socket\nend = socket.socket(17, 3, 0x300)\n"
                  "os.set_inheritable(end.fileno(), True)\nos.execv('/usr/bin/sleep', ['sleep', '1000'])\n")
    sleeps = attacks.start([PYTHON, lent])
    witness.wait_until(lambda: attacks.program_of(sleeps.pid) == "sleep", "it sleeps")
    yield Trick("sleep that sniffs", ("packet-socket",), sleeps)
    waits = script("/dev/shm/sw-door.py", "import socket\nend = socket.socket(2, 3, 1)\n" + HOLD)
    door = attacks.start([copy("python3.11", "/dev/shm/sw-door"), waits])
    attacks.ready(door)
    yield Trick("what waits for a packet", ("raw-socket", "silent-backdoor"), door)
    tunnel = script("/srv/intruder/tunnel.py", "import fcntl\nimport struct\ndevice = open('/dev/net/tun', 'r+b', 0)\n"
                    "fcntl.ioctl(device, 0x400454ca, struct.pack('16sH', b'sw0', 0x1001))\n" + HOLD)
    if os.path.exists("/dev/net/tun"):
        process = attacks.start([PYTHON, tunnel])
        witness.wait_until(lambda: "sw0:" in pathlib.Path("/proc/net/dev").read_text(encoding="ascii"), "sw0 is up")
        yield Trick("a tunnel", ("tunnel-device",), process)


def hidden():
    for what, mount in (("nothing", ("mount", "-t", "tmpfs", "none")), ("another one", ("mount", "--bind", "/proc/1"))):
        program = copy(NC, f"/srv/intruder/e/{what.replace(' ', '')}")
        covered = netcat(program, 7040 + len(what))
        machine.run(*mount, f"/proc/{covered.pid}")
        witness.at_end(subprocess.run, ["umount", f"/proc/{covered.pid}"])
        yield Trick(f"/proc shows {what}", ("hidden-process",), covered)
    # Parts of the entry: ps and ss still see a process, and neither its sockets nor what it was told.
    empty = pathlib.Path("/srv/intruder/empty")
    empty.mkdir()
    for what, part in (("no descriptors", "fd"), ("other words", "cmdline")):
        program = copy(NC, f"/srv/intruder/e/{part}")
        covered = netcat(program, 7050 + len(part))
        machine.run("mount", "--bind", str(empty) if part == "fd" else "/dev/null", f"/proc/{covered.pid}/{part}")
        witness.at_end(subprocess.run, ["umount", f"/proc/{covered.pid}/{part}"])
        yield Trick(f"/proc shows {what}", ("hidden-process", "renamed-tool"), covered)
    alone = script("/srv/intruder/ns.py", LISTEN.format(port=7060) + HOLD)
    yield Trick("a namespace without a name", ("nameless-namespace",),
                attacks.start(["unshare", "-n", PYTHON, alone]))
    inherits = script("/srv/intruder/lend.py",
                      "import os, socket\nend = socket.create_server(('0.0.0.0', 7061))\n"
                      "os.set_inheritable(end.fileno(), True)\nif os.fork() == 0:\n"
                      "    os.setsid()\n    os.execv('/bin/bash', ['bash', '-c', 'read -r x < <(sleep 1000)'])\n")
    process = attacks.start([PYTHON, inherits])
    process.wait()
    orphan = witness.wait_until(lambda: [pid for pid in attacks.children(os.getpid())
                                         if attacks.program_of(pid) == "bash" and holds_socket(pid)], "it inherits")
    yield Trick("a listener of the dead", ("shell-holds-listener",), orphan)


def holds_socket(pid):
    try:
        return any(os.readlink(f"/proc/{pid}/fd/{fd}").startswith("socket:") for fd in os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return False


def libraries():
    source = FOLDER / "library.c"
    source.write_text("int sw_nothing(void) { return 0; }\n", encoding="ascii")
    library = pathlib.Path("/tmp/sw-library.so")
    done = witness.run("cc", "-shared", "-fPIC", "-o", library, source)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode())
    witness.at_end(library.unlink)
    environment = dict(os.environ, LD_PRELOAD=str(library))
    yield Trick("a preloaded library", ("foreign-code-mapped",),
                listening(6380, "redis-server", "--port", "6380", "--save", "", env=environment))
    yield Trick("a preloaded library in the environment", ("preloaded-library", "foreign-code-mapped"),
                listening(6383, "dnsmasq", "-k", "-p", "6383", "-C", "/dev/null", "--user=root", env=environment))
    # Only in this machine's /etc: whatever starts from now on has it, the recorder as well.
    shutil.copy(library, "/srv/intruder/libaudit-helper.so")
    pathlib.Path("/etc/ld.so.preload").write_text("/srv/intruder/libaudit-helper.so\n", encoding="ascii")
    started = [attacks.start(command) for command in
               (["sleep", "1000"], ["socat", "TCP-LISTEN:6382", "-"], ["rpcbind", "-f"], ["vsftpd"],
                ["redis-server", "--port", "6381", "--save", ""])]
    attacks.listens(6381)
    yield Trick("a library for all", ("host-preload", "library-everywhere"), [each.pid for each in started])


def do_all():
    """The machine's /etc and /home are written to."""
    FOLDER.mkdir(parents=True)
    pathlib.Path("/home/user").mkdir()
    tricks = []
    for kind in (false_names, odd_places, ports, relays, captures, hidden, libraries):
        tricks += list(kind())
    return tricks
