#!/usr/bin/env python3
"""Who answers at a port, over redeploys, titles and replacements: one judgement of all commands.

In:    a host of its own; small servers under names of runtimes, at other paths, in units, containers
       and at interfaces of their own.
Out:   what `diff`, `when`, `check --baseline` and `account` say after each step, against the table.
Never: needs one of the runtimes: their names and arguments are what is judged.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import uuid

import machine

machine.enter()
machine.own_files()

import witness  # noqa: E402

PYTHON = os.path.realpath("/usr/bin/python3")
CGROUPS = next(place for place in (pathlib.Path("/sys/fs/cgroup/systemd"), pathlib.Path("/sys/fs/cgroup"))
               if place.is_dir())
SERVE = """import socket, sys, time
port, device = int(sys.argv[-1]), None
end = socket.socket()
end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
end.bind(("127.0.0.1", port))
end.listen()
time.sleep(900)
"""


class Stage:
    """One port, one database: what stands there is replaced, and the commands are asked."""

    def __init__(self, name, port):
        self.port, self.path = port, witness.database(name)
        self.process = None

    def serve(self, *command, cgroup=None, **options):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.process = witness.start([*command, str(self.port)], **options)
        witness.wait_until(lambda: self.listens(), f"port {self.port} listens")
        if cgroup is not None:
            place(cgroup, self.process.pid)
        return self

    def listens(self):
        told = subprocess.run(["ss", "-Hltnp", f"sport = :{self.port}"], capture_output=True, check=True)
        return b"pid=%d," % self.process.pid in told.stdout

    def record(self):
        witness.record(self.path)

    def changes(self):
        """Of this port: {kind: severity}, and all the reasons."""
        done = witness.run(witness.QUERY, "diff", "--db", self.path, "--all", "--format", "json")
        entries = [entry for entry in json.loads(done.stdout)["changes"] if entry["local_port"] == self.port]
        return {entry["kind"]: entry["severity"] for entry in entries}, " | ".join(
            entry["why"] for entry in entries)

    def end(self):
        self.process.kill()
        self.process.wait()


def place(cgroup, pid):
    folder = CGROUPS / "sockwitness-test" / cgroup
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cgroup.procs").write_text(str(pid), encoding="ascii")


def sweep_cgroups():
    top = CGROUPS / "sockwitness-test"
    for folder in sorted(top.glob("**/"), reverse=True):
        folder.rmdir()


def runtime(name):
    """The interpreter of this script under another name: it runs what its arguments name."""
    path = pathlib.Path("/srv/bin") / name
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        shutil.copy(PYTHON, path)
    return path


def script(path, extra=""):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SERVE + extra, encoding="ascii")
    return path


def compiled(path, tag):
    """A program that listens at the port that it is given."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    source = pathlib.Path("/srv/server.c")
    source.write_text("""#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
const char tag[] = TAG;
int main(int count, char** words) {
  struct sockaddr_in at = {AF_INET, htons(atoi(words[count - 1])), {htonl(INADDR_LOOPBACK)}};
  int end = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  setsockopt(end, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(end, (void*)&at, sizeof at) || listen(end, 5)) return tag[0];
  sleep(900);
}
""", encoding="ascii")
    subprocess.run(["cc", f'-DTAG="{tag}"', "-o", path, source], check=True)
    return path


OTHER = {"owner_changed": "high"}
SAME = {"restarted": "info"}


def check_runtimes(report):
    """Another application of the same runtime is another owner, the same one started anew is not."""
    first, second = script("/srv/a/Shop.dll"), script("/srv/b/Miner.dll", "# other\n")
    code = f"import sys; exec({SERVE!r})"
    cases = {
        "dotnet": ((runtime("dotnet"), first), (runtime("dotnet"), second)),
        "mono": ((runtime("mono"), script("/srv/a/x.exe")), (runtime("mono"), script("/srv/b/y.exe", "# other\n"))),
        "deno": ((runtime("deno"), script("/srv/a/main.ts")), (runtime("deno"), script("/srv/b/other.ts", "#\n"))),
        "python": ((PYTHON, script("/srv/a/app.py")), (PYTHON, script("/srv/b/evil.py", "# other\n"))),
        "inline code": ((PYTHON, "-c", code), (PYTHON, "-c", code + " # other")),
        "gunicorn": ((PYTHON, script("/srv/venv/gunicorn"), "-w", "4", "shop.wsgi:app", "-b"),
                     (PYTHON, "/srv/venv/gunicorn", "-w", "4", "evil.wsgi:app", "-b")),
        "uvicorn": ((PYTHON, script("/srv/venv/uvicorn"), "shop:app", "--port"),
                    (PYTHON, "/srv/venv/uvicorn", "evil:app", "--port")),
    }
    for number, (name, (one, other)) in enumerate(cases.items()):
        stage = Stage(f"runtime-{number}", 7000 + number)
        stage.serve(*one).record()
        stage.serve(*one).record()
        report.equal(stage.changes()[0], SAME, "the same application", name)
        stage.serve(*other).record()
        report.equal(stage.changes()[0], OTHER, "another application", name)
        stage.end()


def check_places(report):
    """The same content at another path is at most low, and both paths are told; other content is not."""
    cases = {
        "an AppImage": ("/srv/.mount_MyAppAb12Cd/usr/bin/app", "/srv/.mount_MyAppXy98Zw/usr/bin/app"),
        "a release": ("/srv/app/releases/20261101/app", "/srv/app/releases/20261130/app"),
        "another folder": ("/srv/one/app", "/srv/two/app"),
    }
    for number, (name, (before, after)) in enumerate(cases.items()):
        stage = Stage(f"place-{number}", 7100 + number)
        stage.serve(compiled(before, name)).record()
        pathlib.Path(after).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(before, after)
        stage.serve(after).record()
        kinds, why = stage.changes()
        report.equal(kinds, {"owner_changed": "low", **SAME}, "the same content elsewhere", name)
        report.check(before in why and after in why, "both paths are told", why)
        stage.serve(compiled(f"{after}-other", f"{name} altered")).record()
        kinds, why = stage.changes()
        report.check("high" in kinds.values(), "other content elsewhere", f"{name}: {kinds}")
        stage.end()


TITLED = """import ctypes, os, signal, sys, time
exec(open("/srv/a/app.py").read().replace("time.sleep(900)", ""))
def retitle(number, frame):
    # What setproctitle(3) does: the arguments' own place is written over.
    with open("/proc/self/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    begin, end = int(fields[45]), int(fields[46])
    title = b"app: serving 3 clients"
    ctypes.memset(begin, 0, end - begin)
    ctypes.memmove(begin, title, min(len(title), end - begin - 1))
signal.signal(signal.SIGUSR1, retitle)
while True:
    time.sleep(0.05)
"""


def check_words(report):
    """The same application in other words, and another one in the same words."""
    shop, other = "/srv/words/shop", "/srv/words/other"
    for folder in (shop, other):
        for name in ("__main__.py", "app.py", "pkg/__main__.py"):
            script(f"{folder}/{name}", f"# {folder}\n")
    link = pathlib.Path("/srv/words/link.py")
    link.symlink_to(f"{shop}/app.py")
    node, env = runtime("node"), ["env", "-C", shop]
    cases = {
        "a folder": ((*env, node, "."), (node, shop), SAME),
        "the folder of another": ((*env, node, "."), ("env", "-C", other, node, "."), OTHER),
        "a name that is looked for here": ((*env, PYTHON, "app.py"), ("env", "-C", other, PYTHON, "app.py"), OTHER),
        "a name and its path": ((*env, PYTHON, "./app.py"), (PYTHON, "-u", f"{shop}/app.py"), SAME),
        "a module and its file": ((*env, PYTHON, "-m", "pkg"), (PYTHON, f"{shop}/pkg/__main__.py"), SAME),
        "by way of others": ((*env, PYTHON, "app.py"), ("nice", "-n", "1", "setsid", "-w", PYTHON, f"{shop}/app.py"), SAME),
        "called otherwise": ((PYTHON, f"{shop}/app.py"), ("bash", "-c", f"exec -a shop {PYTHON} {shop}/app.py $0"), SAME),
        "a link": ((PYTHON, f"{shop}/app.py"), (PYTHON, link), {"owner_changed": "low", **SAME}),
    }
    for number, (name, (before, after, expected)) in enumerate(cases.items()):
        stage = Stage(f"words-{number}", 7050 + number)
        stage.serve(*before).record()
        stage.serve(*after).record()
        kinds, why = stage.changes()
        report.equal(kinds, expected, name, why)
        stage.end()


def check_titles(report):
    """A title that a process writes over its arguments changes nothing; an exec does."""
    script("/srv/a/app.py")
    path = pathlib.Path("/srv/a/titled-server-with-room-for-a-title.py")
    path.write_text(TITLED, encoding="ascii")
    stage = Stage("title", 7200)
    stage.serve(PYTHON, path).record()
    witness.succeed(witness.run(witness.RECORDER, "baseline", "add", "gold", "--db", stage.path))
    stage.process.send_signal(10)
    witness.wait_until(lambda: b"serving" in pathlib.Path(f"/proc/{stage.process.pid}/cmdline").read_bytes(),
                       "the title is there")
    for turn in ("at once", "later"):
        witness.record(stage.path)
        report.equal(stage.changes()[0], {}, "a title is no change", turn)
    shown = witness.run(witness.QUERY, "account", "tcp/7200", "--db", stage.path, "--no-baseline",
                        "--policy", "/dev/null", "--format", "json")
    owner = json.loads(shown.stdout)["services"][0]["owners"][0]
    report.equal((owner["script"], owner["title"]), (str(path), "app: serving 3 clients"), "both are kept")
    found = witness.run(witness.QUERY, "check", "--db", stage.path, "--baseline", "gold", "--format", "json")
    rules = [finding["rule"] for finding in json.loads(found.stdout)["findings"]]
    report.check("unexpected-owner" not in rules, "the baseline expects it", rules)
    stage.end()


FORKED = """import ctypes, os, sys, time
exec(open("/srv/a/app.py").read().replace("time.sleep(900)", ""))
parent = os.getpid()
if os.fork() == 0:
    with open("/proc/self/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    begin, size = int(fields[45]), int(fields[46]) - int(fields[45])
    ctypes.memset(begin, 0, size)
    ctypes.memmove(begin, b"shop: worker", min(12, size - 1))
while os.getppid() == parent or os.getpid() == parent:
    time.sleep(0.05)
"""


def check_workers(report):
    """A worker that was forked and wrote a title before the first snapshot has its parent's script."""
    script("/srv/a/app.py")
    stage = Stage("worker", 7210)
    for name, expected in (("shop", None), ("shop", SAME), ("evil", OTHER)):
        path = pathlib.Path(f"/srv/a/{name}-server-with-room-for-a-title.py")
        path.write_text(FORKED + f"# {name}\n", encoding="ascii")
        stage.serve(PYTHON, path)
        children = pathlib.Path(f"/proc/{stage.process.pid}/task/{stage.process.pid}/children")
        witness.wait_until(lambda: b"shop: worker" in b"".join(
            pathlib.Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children.read_text("ascii").split()),
                           "the worker has its title")
        stage.record()
        shown = witness.run(witness.QUERY, "show", "-l", "--port", "7210", "--db", stage.path, "--format", "json")
        holders = json.loads(shown.stdout)["sockets"][0]["holders"]
        report.equal({(holder["script"], holder["title"]) for holder in holders},
                     {(str(path), None), (str(path), "shop: worker")}, "its script and its title", name)
        if expected:
            report.equal(stage.changes()[0], expected, "a server with workers", name)
        stage.end()
        witness.wait_until(lambda: b":7210" not in subprocess.run(
            ["ss", "-Hltn", "sport = :7210"], capture_output=True, check=True).stdout, "the worker ends")


def check_users(report):
    """A user is meant by each name and by the number, also by a name that is gone."""
    passwd = pathlib.Path("/etc/passwd")
    lines = [line for line in passwd.read_text("utf-8").splitlines() if line.split(":")[2] != "4711"]

    def name(*names):
        passwd.write_text("\n".join([*lines, *(f"{each}:x:4711:4711::/:/bin/false" for each in names)]) + "\n",
                          encoding="utf-8")

    def found(user, at="now"):
        shown = witness.run(witness.QUERY, "show", "-l", "--user", user, "--at", at, "--db", stage.path,
                            "--format", "json")
        return len(json.loads(shown.stdout)["sockets"])

    def approved(user):
        policy.write_text(f'[[service]]\nport = 7220\nuser = "{user}"\nreason = "the shop"\n', encoding="ascii")
        book = witness.run(witness.QUERY, "account", "tcp/7220", "--all", "--policy", policy, "--db", stage.path,
                           "--format", "json")
        return json.loads(book.stdout)["services"][0]["status"]

    def rows():
        return witness.rows(stage.path, "SELECT count(*) FROM user_name")[0][0]

    policy = pathlib.Path("/srv/policy.toml")
    stage = Stage("user", 7220)
    name("shop", "seller")
    stage.serve(PYTHON, script("/srv/a/app.py"), user=4711).record()
    known = rows()
    stage.record()
    report.equal(rows(), known, "an idle snapshot adds no name")
    shown = witness.run(witness.QUERY, "show", "-l", "--port", "7220", "--db", stage.path, "--format", "json")
    report.equal(json.loads(shown.stdout)["sockets"][0]["user"], "shop", "the first name is shown")
    for user, expected in (("shop", 1), ("seller", 1), ("4711", 1), ("root", 0), ("nobody-has-it", 0)):
        report.equal(found(user), expected, "filtered by any name", user)
        report.equal(approved(user), "approved" if expected else "unexplained", "approved by any name", user)
    name("seller", "shop")
    stage.record()
    report.equal(stage.changes()[0], {"renamed": "low"}, "another name comes first")
    name("merchant")
    stage.record()
    report.equal(stage.changes()[0], {"renamed": "low"}, "a name went")
    for user in ("shop", "seller", "merchant", "4711"):
        report.equal(found(user), 1, "filtered by a name that went", user)
        report.equal(found(user, "#1"), 1, "filtered by a name to come", user)
        report.equal(approved(user), "approved", "approved by a name that went", user)
    stage.end()


def check_units(report):
    """Units of a user's manager, numbered scopes and instances are compared by what stays."""
    below = "user.slice/user-1000.slice/user@1000.service/app.slice"
    long = "0123456789abcdef" * 4
    cases = {
        "a session": ("user.slice/session-4.scope", "user.slice/session-17.scope", SAME),
        "a user's unit": (f"{below}/syncthing.service", f"{below}/other.service", OTHER),
        "a user's scope": (f"{below}/app-foot-123.scope", f"{below}/app-foot-99.scope", SAME),
        "an instance that somebody named": ("system.slice/db@15-main.service", "system.slice/db@16-main.service",
                                            OTHER),
        "an instance that was counted": ("system.slice/in@1-10.0.0.1:22-10.0.0.9:47.service",
                                         "system.slice/in@2-10.0.0.1:22-10.0.0.9:51.service", SAME),
        "a container made anew": (f"docker/{long}", f"docker/{long[::-1]}", SAME),
        "a machine that libvirt counts": (r"machine.slice/machine-qemu\x2d1\x2dweb.scope",
                                          r"machine.slice/machine-qemu\x2d7\x2dweb.scope", SAME),
        "another machine": (r"machine.slice/machine-qemu\x2d1\x2dweb.scope",
                            r"machine.slice/machine-qemu\x2d2\x2dshop.scope", OTHER),
        "a connection of the message bus": ("system.slice/dbus-:1.2-org.example.Shop@0.service",
                                            "system.slice/dbus-:1.7-org.example.Shop@3.service", SAME),
        "a task of a scheduler": (f"nomad.slice/{str(uuid.UUID(int=1 << 100))}.web.scope",
                                  f"nomad.slice/{str(uuid.UUID(int=1 << 101))}.web.scope", SAME),
        "a container's monitor": (f"machine.slice/libpod-conmon-{long}.scope",
                                  f"machine.slice/libpod-conmon-{long[::-1]}.scope", SAME),
    }
    app = script("/srv/a/app.py")
    for number, (name, (before, after, expected)) in enumerate(cases.items()):
        stage = Stage(f"unit-{number}", 7300 + number)
        stage.serve(PYTHON, app, cgroup=before).record()
        stage.serve(PYTHON, app, cgroup=after).record()
        report.equal(stage.changes()[0], expected, "units", name)
        if name == "a user's unit":
            for word, count in (("other.service", 1), ("user@1000.service", 1), ("other", 1), ("syncthing.service", 0)):
                shown = witness.run(witness.QUERY, "show", "-l", "--unit", word, "--db", stage.path,
                                    "--format", "json")
                report.equal(len(json.loads(shown.stdout)["sockets"]), count, "filtered by either part", word)
        stage.end()


def check_devices(report):
    """A service that is bound to an interface is another one than at any other."""
    subprocess.run("ip link add v0 type veth peer name v1 && ip link set v0 up && ip link set v1 up",
                   shell=True, check=True)
    bound = SERVE.replace("end.bind", 'end.setsockopt(1, 25, sys.argv[1].encode()) if sys.argv[1] != "-" else 0\nend.bind')
    path = pathlib.Path("/srv/bound.py")
    path.write_text(bound, encoding="ascii")
    stage = Stage("device", 7400)
    for device, expected in (("lo", {}), ("v0", {"exposure_widened": "high", **SAME}), ("v0", SAME)):
        stage.serve(PYTHON, path, device).record()
        if expected:
            report.equal(stage.changes()[0], expected, "devices", device)
    shown = witness.run(witness.QUERY, "show", "-l", "--device", "v0", "--db", stage.path)
    report.check(b"127.0.0.1%v0:7400" in shown.stdout, "filtered and shown as ss does", shown.stdout)
    stage.end()
    # Two servers of one program at two interfaces: one of them ends.
    one, two = Stage("twins", 7401), Stage("twins", 7401)
    one.serve(PYTHON, path, "v0")
    two.serve(PYTHON, path, "v1").record()
    two.end()
    one.record()
    report.equal(one.changes()[0], {"vanished_service": "medium"}, "the one that ended")
    two.serve(PYTHON, path, "v1")
    one.record()
    report.equal(one.changes()[0], {"reopened": "medium"}, "it came back")
    one.end()
    two.end()


def check_time(report):
    """What a time namespace adds to the clocks is no step of theirs, and makes no process younger."""
    into = ("unshare", "--time", "--boottime", "100000", "--monotonic", "5000", "--fork", "--kill-child")
    if subprocess.run([*into, "true"], capture_output=True, check=False).returncode != 0:
        print("no time namespaces here")
        return
    stage = Stage("time", 7500)
    stage.serve(PYTHON, script("/srv/a/app.py")).record()
    apart = Stage("apart", 7501)
    apart.process = witness.start([*into, PYTHON, "/srv/a/app.py", "7501"])
    witness.wait_until(lambda: b":7501" in subprocess.run(["ss", "-Hltn"], capture_output=True, check=True).stdout,
                       "port 7501 listens")
    stage.record()
    known = witness.rows(stage.path, "SELECT count(*) FROM process")[0][0]
    for prefix in (into, ()):
        witness.patiently(stage.path, lambda: witness.succeed(witness.snapshot(stage.path, prefix=prefix)))
        diff = json.loads(witness.run(witness.QUERY, "diff", "--db", stage.path, "--all", "--format", "json").stdout)
        report.equal([change["why"] for change in diff["changes"]], [], "nothing changed", prefix[:2])
    told = json.loads(witness.run(witness.QUERY, "timeline", "--db", stage.path, "--format", "json").stdout)
    kinds = {event["kind"] for event in told["events"]}
    report.check(not kinds & {"clock_step", "suspend", "time_gap", "process_ended"}, "no clock stepped", kinds)
    # The recorders, unshare and its child come and go.
    report.check(witness.rows(stage.path, "SELECT count(*) FROM process")[0][0] - known < 8, "and nobody is new")
    for each in (stage, apart):
        each.end()


if __name__ == "__main__":
    witness.require("ss", "ip", "cc")
    witness.at_end(sweep_cgroups)
    witness.main(check_runtimes, check_places, check_words, check_titles, check_workers, check_users, check_units, check_devices,
                 check_time)
