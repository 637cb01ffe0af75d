#!/usr/bin/env python3
"""Real servers that run what their arguments name: the same application started anew, and another one in its place.

In:    a host of its own; gunicorn, uvicorn, puma, php, php-fpm, node, java, erlang and others, where they are
       installed.
Out:   what `diff` says after each step: restarted, and an owner that changed; which servers were there.
Never: passes without one of them.
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess

import machine

machine.enter()
machine.own_files()

import witness  # noqa: E402

PYTHON = os.path.realpath("/usr/bin/python3")
TOP = pathlib.Path("/srv/apps")
SAME, OTHER = {"restarted": "info"}, {"owner_changed": "high"}


def write(name, text):
    path = TOP / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="ascii")
    return path


def wsgi(name):
    write(f"py/{name}.py", """def app(environ, start):
    start("200 OK", [])
    return [b"here"]
""")


def asgi(name):
    write(f"asgi/{name}.py", """async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"here"})
""")


def gunicorn(name, port):
    wsgi(name)
    return ["gunicorn", "--chdir", TOP / "py", "--workers", "2", "-b", f"127.0.0.1:{port}", f"{name}:app"]


def uvicorn(name, port):
    asgi(name)
    return ["uvicorn", "--app-dir", TOP / "asgi", "--host", "127.0.0.1", "--port", port, f"{name}:app"]


def module(name, port):
    write(f"py/{name}.py", f"import http.server\nhttp.server.test(port={port}, bind='127.0.0.1')\n")
    return ["env", f"PYTHONPATH={TOP}/py", PYTHON, "-m", name]


def puma(name, port):
    # Its title names the folder.
    path = write(f"rb/{name}/config.ru", "run lambda { |env| [200, {}, ['here']] }\n")
    return ["env", "-C", path.parent, "puma", "-b", f"tcp://127.0.0.1:{port}"]


def ruby(name, port):
    return ["ruby", write(f"rb/{name}.rb", f"""require "socket"
server = TCPServer.new("127.0.0.1", {port})  # {name}
sleep
""")]


def perl(name, port):
    return ["perl", write(f"pl/{name}.pl", f"""use IO::Socket::INET;
my $end = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => {port}, Listen => 5, ReuseAddr => 1) or die;
sleep 900;  # {name}
""")]


def php(name, port):
    return ["php", "-S", f"127.0.0.1:{port}", write(f"php/{name}.php", f"<?php echo '{name}';\n")]


def php_fpm(name, port):
    path = write(f"fpm/{name}.conf", f"""[global]
error_log = /dev/null
daemonize = no
[{name}]
user = www-data
listen = 127.0.0.1:{port}
pm = static
pm.max_children = 2
""")
    return [next(iter(sorted(pathlib.Path("/usr/sbin").glob("php-fpm*")))), "-F", "-y", path]


def node(name, port):
    return ["node", write(f"js/{name}.js", f"""require("http").createServer((request, answer) => answer.end("{name}")).listen({port}, "127.0.0.1");
""")]


def java_class(name, port):
    source = write(f"java/{name.title()}.java", f"""public class {name.title()} {{
  public static void main(String[] words) throws Exception {{
    new java.net.ServerSocket(Integer.parseInt(words[0]), 5, java.net.InetAddress.getByName("127.0.0.1"));
    Thread.sleep(900000);
  }}
}}
""")
    subprocess.run(["javac", "-d", TOP / "java", source], check=True)
    return ["java", "-cp", TOP / "java", name.title(), port]


def java_source(name, port):
    java_class(name, port)
    return ["java", TOP / f"java/{name.title()}.java", port]


def erlang(name, port):
    write(f"erl/{name}.erl", f"""-module({name}).
-export([start/0]).
start() -> {{ok, _}} = gen_tcp:listen({port}, [{{ip, {{127, 0, 0, 1}}}}]), receive never -> ok end.
""")
    subprocess.run(["erlc", f"{name}.erl"], cwd=TOP / "erl", check=True)
    return ["erl", "-noinput", "-pa", TOP / "erl", "-s", name, "start"]


def titled(name, port):
    return ["ruby", write(f"rb/{name}-titled.rb", f"""require "socket"
server = TCPServer.new("127.0.0.1", {port})
Process.setproctitle("{name} serves 3 clients")
sleep
""")]


SERVERS = {
    "gunicorn": (gunicorn, "gunicorn"), "uvicorn": (uvicorn, "uvicorn"), "python -m": (module, PYTHON),
    "puma": (puma, "puma"), "ruby": (ruby, "ruby"), "perl": (perl, "perl"), "php": (php, "php"),
    "php-fpm": (php_fpm, "php-fpm8.2"), "node": (node, "node"), "java, a class": (java_class, "javac"),
    "java, a source": (java_source, "javac"), "erlang": (erlang, "erlc"),
}


class Place:
    """One port, one database: what stands there is replaced, and asked about."""

    def __init__(self, port):
        self.port, self.path, self.process = port, witness.database(f"runtime-{port}"), None

    def serve(self, command):
        self.end()
        self.process = witness.start([str(word) for word in command], start_new_session=True, cwd="/")
        witness.wait_until(self.listens, f"port {self.port}: {command[0]} listens")
        witness.record(self.path)

    def listens(self):
        told = subprocess.run(["ss", "-Hltn", f"sport = :{self.port}"], capture_output=True, check=True)
        return bool(told.stdout)

    def end(self):
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            witness.wait_until(lambda: not self.listens(), f"port {self.port} is free")

    def ask(self, *words):
        return json.loads(witness.run(witness.QUERY, *words, "--db", self.path, "--format", "json").stdout)

    def changes(self):
        entries = [entry for entry in self.ask("diff", "--all")["changes"] if entry["local_port"] == self.port]
        return {entry["kind"]: entry["severity"] for entry in entries}, [entry["why"] for entry in entries]


def check_servers(report):
    tried = []
    for number, (name, (build, needed)) in enumerate(SERVERS.items()):
        if shutil.which(str(needed)) is None:
            print(f"not installed: {name}")
            continue
        place = Place(7500 + number)
        place.serve(build("shop", place.port))
        place.serve(build("shop", place.port))
        found, why = place.changes()
        report.equal(found, SAME, "the same application started anew", f"{name}: {why}")
        place.serve(build("evil", place.port))
        found, why = place.changes()
        report.equal({**found, **SAME}, {**OTHER, **SAME}, "another application", f"{name}: {why}")
        place.end()
        tried.append(name)
    print(f"tried: {', '.join(tried)}")
    report.check(bool(tried), "some server is installed")


def check_titles(report):
    """What a title hid before anyone looked is told as hidden, and another title is no owner that changed."""
    if shutil.which("ruby") is None:
        return
    place = Place(7600)
    place.serve(titled("shop", place.port))
    account = place.ask("account", f"tcp/{place.port}", "--no-baseline", "--policy", "/dev/null")
    words = account["services"][0]["explanation"]
    report.check("its title hides what it runs" in words, "the account tells of it", words)
    place.serve(titled("shop", place.port))
    report.equal(place.changes()[0], SAME, "the same title")
    place.serve(titled("evil", place.port))
    report.equal(place.changes()[0], SAME, "another title is no accusation")
    hidden = [service["local_port"] for gap in place.ask("diff", "--all")["owners_not_compared"]
              for service in gap["services"]]
    report.check(place.port in hidden, "another title is not compared", hidden)
    place.end()


if __name__ == "__main__":
    witness.require("ss")
    witness.main(check_servers, check_titles)
