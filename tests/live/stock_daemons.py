"""Debian's daemons as their packages configure them, and servers as developers start them.

In:    a machine of its own (machine.py) whose /etc, /var, /root and /run may be written to.
Out:   running servers, each with what it starts of its own; they end with the machine.
Never: touches a file of the host: everything is written to overlays that go with the machine.
"""
import dataclasses
import os
import pathlib
import socket

import attacks
import machine
import witness

HERE = "127.0.0.1"
CONNECTED = []  # by the test itself


@dataclasses.dataclass
class Daemon:
    """`run` is a line of shell; it is up when `ready` is: a TCP port that listens, the path of a
    socket, or the name of a program below it. `first` is done before, `then` after, by the shell.
    `clients` are ports that the test connects to, with what it says there."""
    name: str
    run: str
    ready: object
    first: str = ""
    then: str = ""
    clients: dict = dataclasses.field(default_factory=dict)


INETD = """
127.0.0.1:2001 stream tcp nowait root /bin/sh sh /srv/answer
127.0.0.1:2002 stream tcp nowait root /usr/bin/rsync rsync --daemon
127.0.0.1:2003 stream tcp nowait nobody /usr/bin/python3 python3 /srv/answer.py
127.0.0.1:2004 dgram udp wait nobody /usr/bin/cat cat
127.0.0.1:2005 stream tcp nowait nobody /usr/bin/cat cat
"""

APACHE = """
ServerRoot /srv/apache
ServerName witnessed
PidFile /run/apache.pid
LoadModule mpm_prefork_module /usr/lib/apache2/modules/mod_mpm_prefork.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule alias_module /usr/lib/apache2/modules/mod_alias.so
LoadModule cgi_module /usr/lib/apache2/modules/mod_cgi.so
ErrorLog "|/bin/cat >> /srv/apache/error.log"
LogFormat "%h %r" common
CustomLog "|$/usr/bin/tee -a /srv/apache/access.log" common
User www-data
Group www-data
Listen 8081
ScriptAlias /cgi/ /srv/apache/cgi/
<Directory /srv/apache/cgi>
  Options +ExecCGI
  Require all granted
</Directory>
"""

HAPROXY = """
global
  user haproxy
  chroot /var/lib/haproxy
  stats socket /run/haproxy.sock mode 660
defaults
  mode tcp
  timeout connect 5s
  timeout client 50s
  timeout server 50s
listen front
  bind *:8443
  server one 127.0.0.1:80
"""

FILES = {
    "/srv/answer": "#!/bin/sh\nread line\necho hello\nsleep 1000 | cat\n",
    "/srv/answer.py": "import sys, time\nsys.stdout.write('hello')\ntime.sleep(1000)\n",
    "/srv/listening.sh": "#!/bin/bash\nsleep 1000\n",
    "/etc/inetd.conf": INETD,
    "/etc/rsyncd.conf": "use chroot = no\n[files]\npath = /srv\n",
    "/srv/apache/apache.conf": APACHE,
    "/srv/apache/cgi/slow": "#!/bin/bash\necho 'Content-Type: text/plain'\necho\nsleep 1000\n",
    "/srv/haproxy.cfg": HAPROXY,
    "/etc/cron.d/job": "@reboot root sleep 1000 | cat && echo done\n",
    "/srv/user/site/index.html": "hello\n",
    "/srv/user/site/index.php": "<?php sleep(1000);\n",
    "/srv/user/site/server.js": "require('http').createServer((q, a) => a.end('x')).listen(3000);\n"
                                "require('child_process').spawn('sh', ['-c', 'sleep 1000; :']);\n",
    "/srv/user/app.py": "import http.server, socket, subprocess\n"
                        "subprocess.Popen(['sh', '-c', 'sleep 1000; :'])\n"
                        "http.server.HTTPServer(('0.0.0.0', 5000),\n"
                        "                       http.server.SimpleHTTPRequestHandler).serve_forever()\n",
    "/opt/app/server.rb": "require 'webrick'\n"
                          "WEBrick::HTTPServer.new(Port: 4567, DocumentRoot: '/srv').start\n",
    "/opt/app/server.pl": "use IO::Socket::INET;\n"
                          "my $l = IO::Socket::INET->new(LocalPort => 4568, Listen => 5) or die;\n"
                          "while (my $s = $l->accept) { print $s 'x' }\n",
}

DEVELOPER = "exec setpriv --reuid=1000 --regid=1000 --clear-groups env HOME=/home/user "

DAEMONS = [
    Daemon("nginx", "exec nginx -g 'daemon off;'", 80),
    Daemon("apache", "exec apache2 -D FOREGROUND -d /srv/apache -f /srv/apache/apache.conf", 8081,
           clients={8081: "GET /cgi/slow HTTP/1.0\r\n\r\n"}),
    Daemon("php-fpm", "exec php-fpm8.2 -F", "/run/php/php8.2-fpm.sock", first="mkdir -p /run/php"),
    Daemon("redis", "exec setpriv --reuid=redis --regid=redis --clear-groups "
           "redis-server /etc/redis/redis.conf --daemonize no --logfile '' --dir /var/lib/redis", 6379,
           first="mkdir -p /run/redis /var/lib/redis /var/log/redis; chown redis /run/redis /var/lib/redis"),
    Daemon("memcached", "exec memcached -u memcache -m 64 -p 11211 -l 127.0.0.1", 11211),
    Daemon("mariadb", "exec mariadbd --user=nobody --skip-grant-tables --skip-name-resolve "
           "--bind-address=127.0.0.1 --datadir=/srv/mariadb --socket=/srv/mariadb/socket "
           "--pid-file=/srv/mariadb/pid --innodb-log-file-size=4M", 3306,
           first="mkdir -p /srv/mariadb && chown nobody /srv/mariadb && "
                 "(echo 'CREATE DATABASE mysql; USE mysql;'; cat /usr/share/mysql/mysql_system_tables.sql "
                 "/usr/share/mysql/mysql_system_tables_data.sql) | mariadbd --bootstrap --user=nobody "
                 "--datadir=/srv/mariadb --innodb-log-file-size=4M 2>/dev/null"),
    Daemon("postgresql", "exec setpriv --reuid=postgres --regid=postgres --clear-groups $B/postgres "
           "-D /srv/postgres -c unix_socket_directories=/run/postgres -c archive_mode=on "
           "-c archive_command='cat %p >/dev/null; sleep 1000'", 5432,
           first="mkdir -p /srv/postgres /run/postgres; chown postgres /srv/postgres /run/postgres; "
                 "setpriv --reuid=postgres --regid=postgres --clear-groups $B/initdb -N -D /srv/postgres "
                 ">/dev/null 2>&1",
           then="setpriv --reuid=postgres --regid=postgres --clear-groups $B/psql -qh /run/postgres "
                "-d postgres -c 'SELECT pg_switch_wal()' >/dev/null"),
    Daemon("dnsmasq", "exec dnsmasq -k -p 5353 --user=nobody --listen-address=127.0.0.2 --bind-interfaces "
           "--dhcp-range=127.0.0.10,127.0.0.20", 5353),
    Daemon("unbound", "exec unbound -d -p", 53,
           first="mkdir -p /var/lib/unbound; cp /usr/share/dns/root.key /var/lib/unbound/ 2>/dev/null || "
                 "rm -f /etc/unbound/unbound.conf.d/root-auto-trust-anchor-file.conf"),
    Daemon("rpcbind", "exec rpcbind -f -w", 111, first="mkdir -p /run/rpcbind",
           then="rpc.statd --no-notify 2>/dev/null || exec rpc.statd -F"),
    Daemon("cups", "exec cupsd -f", 631, first="mkdir -p /run/cups"),
    Daemon("dbus", "exec dbus-daemon --system --nofork --nopidfile", "/run/dbus/system_bus_socket",
           first="mkdir -p /run/dbus"),
    Daemon("avahi", "exec avahi-daemon -s", "/run/avahi-daemon/socket",
           first="until [ -S /run/dbus/system_bus_socket ]; do sleep 0.1; done"),
    Daemon("exim", "exec exim4 -bdf -q30m", 25),
    Daemon("dovecot", "exec dovecot -F", 143,
           first="mkdir -p /run/dovecot; openssl req -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN=x "
                 "-out /etc/dovecot/private/dovecot.pem -keyout /etc/dovecot/private/dovecot.key 2>/dev/null"),
    Daemon("rsyslog", "exec rsyslogd -n -i NONE", "/dev/log"),
    Daemon("cron", "exec cron -f", "sleep"),
    Daemon("inetd", "exec inetd -i", 2001, clients={2001: "x\n", 2002: "", 2003: "", 2005: "x"}),
    Daemon("socket-activate", "systemd-socket-activate -l 127.0.0.1:2100 /bin/bash /srv/listening.sh & wait", 2100,
           clients={2100: ""}),
    Daemon("socket-activate -a", "exec systemd-socket-activate -a --inetd -l 127.0.0.1:2101 /bin/sh /srv/answer",
           2101, clients={2101: "x\n"}),
    Daemon("proxyd", "exec systemd-socket-activate -l 2102 /lib/systemd/systemd-socket-proxyd 127.0.0.1:80", 2102,
           clients={2102: "x"}),
    Daemon("haproxy", "exec haproxy -W -db -f /srv/haproxy.cfg", 8443, first="mkdir -p /var/lib/haproxy",
           clients={8443: ""}),
    Daemon("varnish", "exec varnishd -F -a 127.0.0.1:6081 -b 127.0.0.1:80 -s malloc,16m", 6081),
    Daemon("squid", "exec squid -N --foreground", 3128, first="mkdir -p /run/squid; chown proxy /run/squid"),
    Daemon("vsftpd", "exec vsftpd /etc/vsftpd.conf", 21, first="mkdir -p /run/vsftpd/empty", clients={21: ""}),
    Daemon("snmpd", "exec snmpd -f -Lo -u Debian-snmp -g Debian-snmp", "/var/agentx/master",
           first="mkdir -p /var/agentx"),
    Daemon("mosquitto", "exec mosquitto -c /etc/mosquitto/mosquitto.conf", 1883,
           first="mkdir -p /run/mosquitto /var/log/mosquitto /var/lib/mosquitto; "
                 "chown mosquitto /run/mosquitto /var/log/mosquitto /var/lib/mosquitto"),
    Daemon("dhclient", "exec dhclient -d -lf /srv/leases -pf /run/dhclient.pid wire0", "dhclient",
           first="ip link add wire0 type veth peer name wire1 && ip link set wire0 up && ip link set wire1 up"),
    Daemon("tcpdump", "exec script -qc 'tcpdump -n -i lo -w /srv/capture port 9' /dev/null", "tcpdump"),
    Daemon("named namespace", "ip netns add blue && ip netns exec blue ip link set lo up && "
           "exec ip netns exec blue nginx -c /srv/blue.conf -g 'daemon off;'", "nginx"),
    Daemon("git", "exec git daemon --base-path=/srv --export-all", 9418),
    Daemon("rsync", "exec rsync --daemon --no-detach --port=8730", 8730),
    Daemon("tmux", "exec tmux -D -L sw", "tmux", then="tmux -L sw new-session -d 'bash -i'"),
    Daemon("screen", "exec screen -D -m bash -i", "bash", first="mkdir -pm 755 /run/screen"),
    Daemon("a file by nc", "exec 3</srv/answer; nc.openbsd -lN 9000 >/srv/copy <&3", 9000),
    Daemon("a file by tar and nc", "tar c /srv/user | nc.traditional -l -p 9001", 9001),
    Daemon("a file to nc", "(cat /srv/answer; sleep 1000) | nc.openbsd 127.0.0.1 80", "nc.openbsd",
           first="until (exec 3<>/dev/tcp/127.0.0.1/80) 2>/dev/null; do sleep 0.1; done"),
    Daemon("python's http.server", f"cd /srv/user/site && {DEVELOPER} /usr/bin/python3 -m http.server 8000", 8000),
    Daemon("python on loopback", f"cd /home/user && {DEVELOPER} python3 -m http.server 8001 -b 127.0.0.1", 8001),
    Daemon("python's application", f"{DEVELOPER} /usr/bin/python3 /srv/user/app.py", 5000),
    Daemon("a virtual environment", f"cd /srv && {DEVELOPER} /home/user/.venv/bin/python -m http.server 8002", 8002,
           first="/usr/bin/python3 -m venv --without-pip /home/user/.venv"),
    Daemon("node", f"{DEVELOPER} node /srv/user/site/server.js", 3000),
    Daemon("php -S", f"cd /srv/user/site && {DEVELOPER} php -S 127.0.0.1:8003", 8003,
           clients={8003: "GET / HTTP/1.0\r\n\r\n"}),
    Daemon("node's text", f"{DEVELOPER} node -e 'require(\"http\").createServer((q,a)=>a.end()).listen(3001)'", 3001),
    Daemon("python's text", f"{DEVELOPER} /usr/bin/python3 -c 'import http.server as h;"
           "h.HTTPServer((\"\",5002),h.SimpleHTTPRequestHandler).serve_forever()'", 5002),
    Daemon("ruby -run", f"cd /srv/user/site && {DEVELOPER} ruby -run -e httpd . -p 8004", 8004),
    Daemon("webrick", f"{DEVELOPER} ruby /opt/app/server.rb", 4567),
    Daemon("perl", f"{DEVELOPER} perl /opt/app/server.pl", 4568),
]


def prepare():
    """Their files, and a developer's."""
    machine.own_files()
    pathlib.Path("/home/user").mkdir()
    os.chown("/home/user", 1000, 1000)
    for path, content in FILES.items():
        file = pathlib.Path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
        file.chmod(0o644 if path.startswith("/etc") else 0o755)
    pathlib.Path("/srv/blue.conf").write_text(
        "pid /run/blue.pid;\nerror_log /srv/blue.log;\nevents {}\nhttp { access_log off; server { listen 80; } }\n",
        encoding="utf-8")
    postgres = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
    os.environ["B"] = str(postgres[-1]) if postgres else ""


def is_up(daemon, pid):
    if isinstance(daemon.ready, int):
        return attacks.is_listening(daemon.ready)
    if daemon.ready.startswith("/"):
        return os.path.exists(daemon.ready)
    return attacks.below(pid, daemon.ready)


def paths_are_plain():
    """False in a chroot: a process with mounts of its own then has paths that begin outside."""
    probe = attacks.start(["unshare", "--mount", "sleep", "20"])
    witness.wait_until(lambda: "sleep" in os.readlink(f"/proc/{probe.pid}/exe"), "the probe runs")
    path = os.readlink(f"/proc/{probe.pid}/exe")
    probe.kill()
    probe.wait()
    return path == os.path.realpath("/usr/bin/sleep")


def start_all():
    """Processes by name, and what could not be started."""
    prepare()
    daemons = DAEMONS
    if not paths_are_plain():
        print("left out: a named namespace; this is a chroot")
        daemons = [daemon for daemon in DAEMONS if daemon.name != "named namespace"]
    log = open("/srv/daemons.log", "ab")  # pylint: disable=consider-using-with
    started, problems = {}, []
    for daemon in daemons:
        line = "; ".join(part for part in (daemon.first, daemon.run) if part)
        started[daemon.name] = attacks.start(["/bin/bash", "-c", line], stdout=log, stderr=log)
    for daemon in daemons:
        try:
            witness.wait_until(lambda daemon=daemon: is_up(daemon, started[daemon.name].pid),
                               f"{daemon.name} is up")
        except RuntimeError as failure:
            problems.append(str(failure))
            continue
        for port, words in daemon.clients.items():
            end = socket.create_connection((HERE, port))
            end.sendall(words.encode())
            CONNECTED.append(end)
        if daemon.then:
            started[f"a client of {daemon.name}"] = attacks.start(
                ["/bin/bash", "-c", daemon.then], stdout=log, stderr=log)
    return started, problems
