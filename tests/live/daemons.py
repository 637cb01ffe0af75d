"""Debian's daemons with configurations of our own, each in a folder of the test.

In:    a folder, addresses and ports.
Out:   a running daemon that answers; it ends with the test.
Never: reads a configuration of the host, or stays after the test.
"""
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time

import witness


def folder(name):
    """A new folder below the test's own, which every user can look into."""
    path = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-", dir=witness.DIRECTORY))
    path.chmod(0o755)
    return path


def answers(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.settimeout(2)
        return probe.connect_ex((address, port)) == 0


def wait_for(address, port):
    witness.wait_until(lambda: answers(address, port), f"{address} port {port} answers")


def wait_closed(address, port):
    witness.wait_until(lambda: not answers(address, port), f"{address} port {port} is closed")


class Daemon:
    """A program in the foreground, which can be started anew with other words."""

    def __init__(self, *command, ready, **options):
        self.command, self.ready, self.options = command, ready, options
        self.process = None
        self.start()

    def start(self, *command):
        if command:
            self.command = command
        # Into a file: a full pipe would stop it.
        with open(witness.DIRECTORY / "daemons.log", "ab") as log:
            # In a session of its own: some signal their whole process group when they end.
            self.process = witness.start(self.command, stdout=log, stderr=log,
                                         start_new_session=True, **self.options)
        try:
            self.ready()
        except RuntimeError as failure:
            log = (witness.DIRECTORY / "daemons.log").read_text(errors="replace")
            raise RuntimeError(f"{failure}; {self.command[0]} said: {log[-2000:]}") from failure

    @property
    def pid(self):
        return self.process.pid

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        """As an init script does, and not before it is gone."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(witness.PATIENCE / 4)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def restart(self, *command):
        self.stop()
        self.start(*command)

    def children(self):
        path = f"/proc/{self.pid}/task/{self.pid}/children"
        return [int(pid) for pid in pathlib.Path(path).read_text(encoding="ascii").split()]


NGINX = """
daemon {daemon};
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 2;
user www-data;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
{listen}
    location / {{ return 200 "hello\\n"; }}
  }}
}}
"""


def write_nginx(place, *listen, daemon="off"):
    lines = "\n".join(f"    listen {words};" for words in listen)
    text = NGINX.format(folder=place, listen=lines, daemon=daemon)
    (place / "nginx.conf").write_text(text, encoding="utf-8")


def nginx(*listen, port, program="/usr/sbin/nginx"):
    place = folder("nginx")
    write_nginx(place, *listen)
    daemon = Daemon(program, *nginx_words(place), ready=lambda: wait_for("127.0.0.1", port))
    daemon.folder = place
    return daemon


def nginx_words(place):
    return "-e", place / "error.log", "-p", place, "-c", place / "nginx.conf"


def redis_words(port, *bind):
    return ["--port", port, "--bind", *bind, "--save", "", "--daemonize", "no",
            "--protected-mode", "no"]


def redis(port, *bind):
    """Debian's redis-server is a link to this program, which looks at its own name."""
    place = folder("redis")
    link = place / "redis-server"
    link.symlink_to("/usr/bin/redis-check-rdb")
    daemon = Daemon(link, *redis_words(port, *bind), cwd=place,
                    ready=lambda: wait_for("127.0.0.1", port))
    daemon.rebind = lambda *addresses: daemon.restart(link, *redis_words(port, *addresses))
    return daemon


SSHD = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/client.pub
PidFile {folder}/sshd.pid
StrictModes no
UsePAM no
PasswordAuthentication no
X11Forwarding yes
AllowTcpForwarding yes
AllowAgentForwarding yes
"""


def sshd(port):
    place = folder("sshd")
    for name in ("host", "client"):
        made = witness.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", place / name)
        if made.returncode != 0:
            raise RuntimeError(made.stderr.decode())
    (place / "sshd.conf").write_text(SSHD.format(folder=place, port=port), encoding="utf-8")
    (place / "client.pub").chmod(0o644)
    daemon = Daemon("/usr/sbin/sshd", "-D", "-e", "-f", place / "sshd.conf",
                    ready=lambda: wait_for("127.0.0.1", port))
    daemon.folder, daemon.port = place, port
    return daemon


def ssh_client(server, *words, **options):
    client = witness.start(
        ["ssh", "-F", "none", "-i", server.folder / "client", "-p", server.port,
         "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o",
         "LogLevel=ERROR", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options)

    client.environment = {}

    def leave():
        """Not before the server's end has left as well: a snapshot in between shows half of it."""
        client.stdin.close()
        client.wait(witness.PATIENCE / 4)
        session = client.environment.get("SESSION")
        witness.wait_until(lambda: not session or not os.path.exists(f"/proc/{session}/exe"), "the session ended")
    client.leave = leave
    return client


def ssh(server, *words, **options):
    """A client that is logged in before this returns, and stays until it leaves."""
    client = ssh_client(server, *words, "root@127.0.0.1", "env; echo SESSION=$PPID; echo READY; cat", **options)
    while (line := client.stdout.readline()) != b"READY\n":
        if not line:
            raise RuntimeError("no ssh login")
        name, _, value = line.decode(errors="replace").rstrip().partition("=")
        client.environment[name] = value
    return client


def ssh_through(server, port):
    """A client that talks to a web server through the ssh server, without a listener of its own."""
    client = ssh_client(server, "-W", f"127.0.0.1:{port}", "root@127.0.0.1")
    client.stdin.write(b"GET / HTTP/1.1\r\nHost: witnessed\r\n\r\n")
    client.stdin.flush()
    return client


def agent():
    """An ssh agent without a key; the path of its socket."""
    path = folder("agent") / "socket"
    Daemon("ssh-agent", "-D", "-a", path,
           ready=lambda: witness.wait_until(path.exists, "the agent listens"))
    return str(path)


def dnsmasq(port, upstream):
    # The name of a user who is there; its own default is not, without Debian's package of the service.
    return Daemon("/usr/sbin/dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null",
                  "--pid-file=", f"--port={port}", "--listen-address=127.0.0.1",
                  "--bind-interfaces", "--no-resolv", "--no-hosts", "--cache-size=0",
                  f"--server=127.0.0.1#{upstream}", "--user=nobody", "--group=nogroup",
                  ready=lambda: wait_for("127.0.0.1", port))


APACHE = """
ServerRoot {folder}
ServerName witnessed
PidFile {folder}/httpd.pid
ErrorLog {folder}/error.log
Mutex file:{folder} default
LoadModule mpm_prefork_module /usr/lib/apache2/modules/mod_mpm_prefork.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
StartServers 4
MinSpareServers 1
MaxSpareServers 8
User www-data
Group www-data
Listen 127.0.0.1:{port}
DocumentRoot {folder}
"""


def apache(port):
    place = folder("apache")
    (place / "httpd.conf").write_text(APACHE.format(folder=place, port=port), encoding="utf-8")
    return Daemon("/usr/sbin/apache2", "-D", "FOREGROUND", "-d", place, "-f", place / "httpd.conf",
                  ready=lambda: wait_for("127.0.0.1", port))


def name_server(port):
    """Answers every question for an address with 192.0.2.1, after a moment."""
    end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    end.bind(("127.0.0.1", port))

    def serve():
        while True:
            query, peer = end.recvfrom(2048)
            time.sleep(0.02)
            question = query[12:query.index(b"\0", 12) + 5]
            is_address = question[-4:-2] == b"\0\x01"
            answer = b"\xc0\x0c\0\x01\0\x01\0\0\0\0\0\x04\xc0\0\x02\x01" if is_address else b""
            end.sendto(query[:2] + b"\x81\x80\0\x01" + (b"\0\x01" if answer else b"\0\0") +
                       b"\0\0\0\0" + question + answer, peer)
    return witness.Helper(forever, serve)


def forever(work, *arguments):
    """For a Helper: goes on with the work in a child, until the helper ends."""
    child = os.fork()
    if child == 0:
        witness.prctl(witness.PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        try:
            while True:
                work(*arguments)
        finally:
            os._exit(1)
    kept = witness.Kept()
    kept.children = [child]
    return kept
