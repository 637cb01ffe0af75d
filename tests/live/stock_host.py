"""Daemons as their packages configure them, ssh sessions and a cron job: a host with nothing to find.

In:    a folder for keys and data; the packages that tests/install.sh installs.
Out:   processes that serve on loopback, until the test ends.
Never: touches the configuration, the crontabs or the running services of this host.
"""
import os
import pathlib
import socket
import subprocess

import attacks
import witness

CRON = r"""
mount -t tmpfs none /run && mount -t tmpfs none /etc/cron.d && mount -t tmpfs none /var/spool/cron
mount --bind "$1" /etc/crontab
exec cron -f
"""


def can_connect(port):
    with socket.socket() as end:
        return end.connect_ex(("127.0.0.1", port)) == 0


def serve(command, port):
    process = attacks.start(command)
    witness.wait_until(lambda: can_connect(port), f"{command[0]} serves")
    return process


class Ssh:
    """The package's sshd with keys of its own, and sessions in their usual forms."""

    def __init__(self, folder):
        self.folder = folder
        self.port = attacks.free_port()
        for key in ("host", "user"):
            witness.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / key)
        (folder / "user.pub").rename(folder / "authorized")
        if not os.path.isdir("/run/sshd"):
            os.mkdir("/run/sshd", 0o755)
            witness.at_end(os.rmdir, "/run/sshd")
        self.process = serve(
            ["/usr/sbin/sshd", "-D", "-p", self.port, "-h", folder / "host",
             "-o", "ListenAddress=127.0.0.1", "-o", f"AuthorizedKeysFile={folder}/authorized",
             "-o", "StrictModes=no", "-o", "PidFile=none", "-o", "PermitRootLogin=yes",
             "-o", "UsePAM=no", "-o", "Subsystem=sftp internal-sftp", "-f", "/dev/null"], self.port)

    def session(self, *words, options=(), **more):
        command = ["ssh", "-F", "/dev/null", "-i", self.folder / "user", "-p", self.port,
                   "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                   "-o", "LogLevel=ERROR", *options, "root@127.0.0.1", *words]
        more.setdefault("stdin", subprocess.PIPE)
        return attacks.start(command, **more)

    def sessions(self):
        forwarded, back = attacks.free_port(), attacks.free_port()
        opened = [
            self.session(options=["-tt"]),                   # a login shell on a terminal
            self.session("bash", "-s"),                      # a shell that is fed by a pipe
            self.session("sleep", "1000"),                   # a command
            self.session("sftp", options=["-s"]),            # the subsystem
            self.session(options=["-N", "-L", f"127.0.0.1:{forwarded}:127.0.0.1:{self.port}",
                                  "-R", f"127.0.0.1:{back}:127.0.0.1:{self.port}"]),
        ]
        witness.wait_until(lambda: can_connect(forwarded) and can_connect(back), "ssh forwards")
        witness.wait_until(lambda: attacks.below(self.process.pid, "sleep"), "the command runs")
        shells = lambda: [pid for pid in attacks.descendants(self.process.pid)  # noqa: E731
                          if attacks.program_of(pid) == "bash"]
        witness.wait_until(lambda: len(shells()) >= 2, "both shells run")
        return opened


def start_nginx(folder):
    port = attacks.free_port()
    text = pathlib.Path("/etc/nginx/nginx.conf").read_text(encoding="utf-8")
    for own, ours in (("pid /run/nginx.pid;", f"pid {folder}/nginx.pid;"),
                      ("/var/log/nginx/", f"{folder}/"),
                      ("include /etc/nginx/sites-enabled/*;",
                       f"server {{ listen 127.0.0.1:{port}; root /var/www/html; }}")):
        text = text.replace(own, ours)
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    return serve(["/usr/sbin/nginx", "-g", "daemon off;", "-e", folder / "error.log",
                  "-c", folder / "nginx.conf"], port)


def start_redis(folder):
    port = attacks.free_port()
    return serve(["/usr/bin/redis-server", "--port", port, "--bind", "127.0.0.1",
                  "--dir", folder, "--save", ""], port)


def start_dnsmasq(_folder):
    port = attacks.free_port()
    return serve(["/usr/sbin/dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv",
                  "--no-hosts", f"--port={port}", "--listen-address=127.0.0.1", "--bind-interfaces",
                  "--pid-file="], port)


def start_cron(folder):
    """In a mount namespace with a crontab of its own, whose job starts at once."""
    crontab = folder / "crontab"
    crontab.write_text("SHELL=/bin/sh\n@reboot root sleep 1000 && echo done\n")
    crontab.chmod(0o644)
    process = attacks.start(["unshare", "-m", "sh", "-ec", CRON, "sh", crontab])
    witness.wait_until(lambda: attacks.below(process.pid, "sleep"), "the job of cron runs")
    return process


def start_rpcbind(_folder):
    """With a /run of its own; not at all where the host has one already."""
    if can_connect(111):
        return None
    process = attacks.start(["unshare", "-m", "sh", "-ec",
                             "mount -t tmpfs none /run && mkdir /run/rpcbind && exec rpcbind -f"])
    witness.wait_until(lambda: can_connect(111), "rpcbind serves")
    return process


def start_all(folder):
    """Processes by name; below them is what belongs to them."""
    started = {}
    for name, begin in (("nginx", start_nginx), ("redis", start_redis), ("dnsmasq", start_dnsmasq),
                        ("cron", start_cron), ("rpcbind", start_rpcbind)):
        place = folder / name
        place.mkdir()
        place.chmod(0o755)
        started[name] = begin(place)
    place = folder / "ssh"
    place.mkdir()
    ssh = Ssh(place)
    started["sshd"] = ssh.process
    for number, session in enumerate(ssh.sessions()):
        started[f"ssh {number}"] = session
    return {name: process for name, process in started.items() if process is not None}
