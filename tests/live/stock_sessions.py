"""What people do by ssh, each session in its usual form, on the package's sshd.

In:    a machine of its own whose /root may be written to; a folder for keys.
Out:   sessions that stay, by name.
Never: asks for a password; leaves loopback.
"""
import pathlib
import subprocess

import attacks
import witness

PORT = 22
# All of them log in at once.
SSHD = ["/usr/sbin/sshd", "-D", "-e", "-o", "MaxStartups=100"]
CLIENT = ["ssh", "-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o",
          "LogLevel=ERROR", "-i"]


class Ssh:
    """sshd as /etc/ssh has it, and a key of root's."""

    def __init__(self, folder):
        self.key = folder / "key"
        self.folder = folder
        for path in ("/root/.ssh", "/run/sshd"):
            pathlib.Path(path).mkdir(mode=0o700, exist_ok=True)
        witness.run("ssh-keygen", "-A")
        witness.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key)
        pathlib.Path("/root/.ssh/authorized_keys").write_bytes((folder / "key.pub").read_bytes())
        self.sshd = attacks.start(SSHD, stdout=open(folder / "log", "ab"), stderr=subprocess.STDOUT)
        attacks.listens(PORT)

    def client(self, *words):
        return [*CLIENT, str(self.key), *words]

    def start(self, *words, fed=True, **options):
        options.setdefault("stdin", subprocess.PIPE if fed else subprocess.DEVNULL)
        return attacks.start(self.client(*words), **options)

    def line(self):
        """The client as one word for -e, -S and ProxyCommand."""
        return " ".join(self.client())


def forwards():
    return [attacks.free_port() for _ in range(3)]


def start_all(folder):
    ssh = Ssh(folder)
    here = "root@127.0.0.1"
    local, back, socks = forwards()
    control = folder / "control"
    big = folder / "big"
    big.write_bytes(b"x" * 8_000_000)
    slow = ["-l", "80", "-o", "BatchMode=yes"]
    quiet = ["-S", folder / "program"]
    program = folder / "program"
    program.write_text(f"#!/bin/sh\nexec {ssh.line()} \"$@\"\n", encoding="utf-8")
    program.chmod(0o755)
    started = {
        "sshd": ssh.sshd,
        "a terminal": ssh.start("-tt", here),
        "a terminal with tmux": ssh.start("-tt", here, "tmux -L ssh new-session 'bash -i'"),
        "a terminal with a command": ssh.start("-tt", here, "sleep 1000"),
        "a shell that is fed": ssh.start(here, "bash -s"),
        "a shell without a terminal": ssh.start(here),
        "a command": ssh.start(here, "sleep 1000"),
        "a pipeline": ssh.start(here, "cat /etc/passwd - | sh -c 'sleep 1000; cat' | cat"),
        "the subsystem of sftp": ssh.start("-s", here, "sftp"),
        "sftp": attacks.start(["sftp", "-q", *quiet, here], stdin=subprocess.PIPE),
        "scp": attacks.start(["scp", "-q", *slow, *quiet, f"{here}:{big}", folder / "copied"]),
        "scp of old": attacks.start(["scp", "-O", "-q", *slow, *quiet, f"{here}:{big}", folder / "copied2"]),
        "rsync": attacks.start(["rsync", "--bwlimit=10", "-e", program, f"{here}:{big}", folder / "copied3"]),
        "forwarded ports": ssh.start("-N", "-L", f"127.0.0.1:{local}:127.0.0.1:80", "-R",
                                     f"127.0.0.1:{back}:127.0.0.1:80", "-D", f"127.0.0.1:{socks}", here, fed=False),
        "through nc": ssh.start("-o", "ProxyCommand=nc.openbsd %h %p", here, "sleep 1000"),
        "through ssh": ssh.start("-o", f"ProxyCommand={ssh.line()} -W %h:%p {here}", here, "sleep 1000"),
        "through a shell": ssh.start("-o", "ProxyCommand=sh -c 'nc.traditional %h %p'", here, "sleep 1000"),
        "a master": ssh.start("-M", "-S", control, "-N", here, fed=False),
        "an agent": ssh.start("-A", here, "ssh-agent sleep 1000"),
        "a file by tar": attacks.start(
            ["bash", "-c", f"(tar c {folder}; sleep 1000) | {program} {here} 'cat >/dev/null'"]),
        "an own ssh within": ssh.start("-A", "-tt", here, f"{program} -tt {here}"),
    }
    started |= {
        "a script by ssh": attacks.start(["bash", "-c", f"{program} {here} 'echo :; sleep 1000' | sh"]),
        "a capture by ssh": attacks.start(
            ["bash", "-c", f"mkfifo /tmp/capture; cat /tmp/capture & {program} {here} 'sleep 1000' >/tmp/capture"]),
    }
    witness.wait_until(control.exists, "the master listens")
    started["a client of the master"] = ssh.start("-S", control, here, "bash -s")
    for port in (local, back, socks):
        attacks.listens(port)
    shells = lambda: [pid for pid in attacks.descendants(ssh.sshd.pid)  # noqa: E731
                      if attacks.program_of(pid) in ("bash", "tmux", "sftp-server", "rsync", "scp", "sleep")]
    witness.wait_until(lambda: len(shells()) >= 15, "the sessions are there")
    return started
