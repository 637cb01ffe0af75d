#!/usr/bin/env python3
"""Containers by what people call them: made anew, replaced, renamed, and without a state file.

In:    a host of its own; control groups and state files as each engine lays them out; Podman itself
       where it is installed.
Out:   what `diff`, `show`, `account` and `check --baseline` say.
Never: asks an engine, or needs one but for the part that says so.
"""
import json
import os
import pathlib
import secrets
import subprocess
import sys
import time

import machine

machine.enter()
machine.own_files()

import slow_files  # noqa: E402
import witness  # noqa: E402

PYTHON = os.path.realpath("/usr/bin/python3")
CGROUPS = next(place for place in (pathlib.Path("/sys/fs/cgroup/systemd"), pathlib.Path("/sys/fs/cgroup"))
               if place.is_dir())
TOP = CGROUPS / "sockwitness-containers"
SERVE = """import ctypes, socket, subprocess, sys, time
if sys.argv[1] == "own":
    ctypes.CDLL(None).unshare(0x40000000)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
end = socket.socket()
end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
end.bind(("127.0.0.1", int(sys.argv[2])))
end.listen()
time.sleep(900)
"""
SAME = {"restarted": "info"}
OTHER = {"owner_changed": "high"}
POD = "6b5e5e1c-8e0f-4d2a-9c3b-7f6a5d4e3c2b"


def write(path, value):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def docker(number, name, image, **labels):
    write(f"/var/lib/docker/containers/{number}/config.v2.json",
          {"ID": number, "Name": f"/{name}", "Image": f"sha256:{number}", "State": {"Running": True},
           "Config": {"Hostname": number[:12], "Image": image, "Labels": labels}})
    return f"docker/{number}"


def compose(number, name, image):
    return docker(number, f"shop-{name}-{number[0]}", image,
                  **{"com.docker.compose.project": "shop", "com.docker.compose.service": name})


def podman(number, name, image):
    path = pathlib.Path("/var/lib/containers/storage/overlay-containers/containers.json")
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    write(path, known + [{"id": number, "names": [name], "image": number, "layer": number,
                          "metadata": json.dumps({"image-name": image, "name": name})}])
    return f"machine.slice/libpod-{number}.scope/container"


def containerd(number, name, image):
    write(f"/run/containerd/io.containerd.runtime.v2.task/k8s.io/{number}/config.json",
          {"ociVersion": "1.1.0", "annotations": {
              "io.kubernetes.cri.container-type": "container", "io.kubernetes.cri.container-name": name,
              "io.kubernetes.cri.image-name": image, "io.kubernetes.cri.sandbox-name": generated(number),
              "io.kubernetes.cri.sandbox-namespace": "shop"}})
    return f"kubepods.slice/kubepods-pod{POD.replace('-', '_')}.slice/cri-containerd-{number}.scope"


def crio(number, name, image):
    write(f"/run/containers/storage/overlay-containers/{number}/userdata/config.json",
          {"annotations": {"io.kubernetes.container.name": name, "io.kubernetes.pod.name": generated(number),
                           "io.kubernetes.pod.namespace": "shop", "io.kubernetes.cri-o.ImageName": image}})
    return f"kubepods.slice/kubepods-pod{POD.replace('-', '_')}.slice/crio-{number}.scope"


def logs(number, name, image):
    write(f"/var/log/containers/{generated(number)}_shop_{name}-{number}.log", "")
    return f"kubepods/pod{POD}/{number}"


def generated(number):
    """The pod of a Deployment: both ends are drawn."""
    drawn = number.translate(str.maketrans("01ae3", "bcdfg"))
    return f"web-{drawn[:9]}-{drawn[9:14]}"


class Stage:
    """One port: what stands there is replaced, and the commands are asked."""

    def __init__(self, name, port, place="host"):
        self.port, self.place, self.path = port, place, witness.database(name)
        self.process = None

    def serve(self, cgroup):
        if self.process is not None:
            self.end()
        self.process = witness.start([PYTHON, "/srv/serve.py", self.place, str(self.port)])
        tables = f"/proc/{self.process.pid}/net/tcp"
        witness.wait_until(lambda: f":{self.port:04X} 00000000:0000 0A" in pathlib.Path(tables).read_text("ascii"),
                           f"port {self.port} listens")
        folder = TOP / cgroup
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cgroup.procs").write_text(str(self.process.pid), encoding="ascii")
        witness.record(self.path)
        return self

    def ask(self, *command):
        done = witness.run(witness.QUERY, *command, "--db", self.path, "--format", "json")
        return json.loads(done.stdout)

    def changes(self):
        return {entry["kind"]: entry["severity"] for entry in self.ask("diff", "--all")["changes"]
                if entry["local_port"] == self.port}

    def end(self):
        self.process.kill()
        self.process.wait()


def sweep():
    for folder in sorted(TOP.glob("**/"), reverse=True):
        folder.rmdir()


def check_engines(report):
    """Made anew under the same name is the same service; another name or image is another owner."""
    write("/srv/serve.py", SERVE)
    engines = {"docker": docker, "Compose": compose, "podman": podman, "containerd": containerd, "cri-o": crio,
               "logs": logs}
    for number, (name, lay_out) in enumerate(engines.items()):
        for place in ("host", "own"):
            stage = Stage(f"engine-{number}-{place}", 7000 + number, place)
            first = secrets.token_hex(32)
            stage.serve(lay_out(first, "web", "docker.io/library/nginx:1.24"))
            stage.serve(lay_out(secrets.token_hex(32), "web", "nginx:1.25"))
            report.equal(stage.changes(), SAME, "made anew", f"{name}, {place}")
            holder = stage.ask("show", "-l", "--port", str(stage.port))["sockets"][0]["holders"][0]
            report.check("web" in holder["container_name"], "the name is shown", holder)
            report.equal(len(holder["container"]), 64, "and the id is kept", name)
            if place == "host":
                stage.serve(lay_out(secrets.token_hex(32), "miner", "nginx:1.25"))
                report.equal(stage.changes(), OTHER, "another name", name)
            if place == "host" and lay_out is not logs:
                stage.serve(lay_out(secrets.token_hex(32), "miner", "evil/nginx:1.25"))
                report.equal(stage.changes(), OTHER, "another image under the same name", name)
            stage.end()


def check_without(report):
    """Without a state file the id is no identity; with one that cannot be trusted there is a gap and no name."""
    stage = Stage("without", 7100)
    for _ in range(2):
        stage.serve(f"docker/{secrets.token_hex(32)}")
    report.equal(stage.changes(), SAME, "no state file")
    holder = stage.ask("show", "-l", "--port", "7100")["sockets"][0]["holders"][0]
    report.check("container_name" not in holder and len(holder["container"]) == 64, "the id alone", holder)
    number = secrets.token_hex(32)
    for text in ('{"Name":"/web"', "[]", '{"Name":7}', "x" * (5 << 20)):
        write(f"/var/lib/docker/containers/{number}/config.v2.json", text)
        stage.serve(f"docker/{number}")
        report.equal(stage.changes(), SAME, "a state file that is none", text[:20])
        shown = stage.ask("show", "-l", "--port", "7100")
        report.check("container_name" not in shown["sockets"][0]["holders"][0], "no name", text[:20])
        gaps = [gap for gap in shown["snapshot"]["gap_details"]
                if gap["source"] == "containers"]
        report.equal([gap["object"] for gap in gaps], [number], "a gap", text[:20])
    stage.end()


def check_names(report):
    """Filters, things, baselines and policies take the name and the beginning of the id."""
    stage = Stage("names", 7200)
    number = secrets.token_hex(32)
    stage.serve(docker(number, "web", "nginx:1.25"))
    for word, count in (("web", 1), (number, 1), (number[:12], 1), ("we?", 1), ("shop", 0), ("we", 0)):
        for command in (("show", "-l"), ("timeline", "--events", "all")):
            told = stage.ask(*command, "--container", word)
            rows = [row for row in told["sockets" if command[0] == "show" else "events"]
                    if (row.get("socket") or row).get("local_port") == 7200]
            report.equal(bool(rows), bool(count), "--container", f"{command[0]} {word}")
    report.check("container web" in witness.succeed(witness.run(
        witness.QUERY, "show", "-l", "--db", stage.path)), "the table says the name")
    wide = witness.succeed(witness.run(witness.QUERY, "show", "-l", "-e", "--layout", "wide", "--db", stage.path))
    report.check(number[:12] in wide, "-e says the id", wide)
    witness.succeed(witness.run(witness.RECORDER, "baseline", "add", "gold", "--db", stage.path))
    policy = write("/srv/policy.toml", '[[service]]\nprotocol = "tcp"\nport = 7200\ncontainer = "web"\n'
                   'reason = "shop"\napproved_by = "a"\nowner = "b"\nticket = "c"\n')
    for name, approved in (("web", True), ("miner", False)):
        stage.serve(docker(secrets.token_hex(32), name, "nginx:1.25"))
        kinds = {entry["kind"] for entry in stage.ask("diff", "--baseline", "gold")["changes"]}
        report.equal("owner_changed" in kinds, not approved, "the baseline", f"{name}: {kinds}")
        told = stage.ask("account", "tcp/7200", "--no-baseline", "--policy", policy)["services"][0]
        report.equal(told["status"] == "approved", approved, "the policy", f"{name}: {told['status']}")
    stage.end()


def check_labels(report):
    """A namespace is called what its container is called; two of one name are told apart by their ids."""
    first, second = secrets.token_hex(32), secrets.token_hex(32)
    stage, other = Stage("labels", 7300, "own"), Stage("labels-2", 7301, "own")
    stage.serve(docker(first, "web", "nginx"))
    shown = stage.ask("show", "-l", "--port", "7300")["sockets"]
    report.equal([row["netns"] for row in shown], ["container web"], "one")
    other.path = stage.path
    other.serve(podman(second, "web", "nginx"))
    shown = stage.ask("show", "-l", "--port", "7300-7301")["sockets"]
    report.equal(sorted(row["netns"] for row in shown),
                 sorted(f"container web {number[:12]}" for number in (first, second)), "two")
    kinds = stage.changes()
    report.check("vanished_service" not in kinds and "high" not in kinds.values(), "renamed is not gone", kinds)
    other.end()
    stage.end()


def check_hung(report):
    """A file system that stops answering costs the names that lie on it, and no run."""
    if not os.path.exists("/dev/fuse"):
        print("no /dev/fuse: a state file that hangs was not tried")
        report.check(True, "without FUSE")
        return
    first, second = secrets.token_hex(32), secrets.token_hex(32)
    state = json.dumps({"Name": "/slow", "Config": {"Image": "nginx"}}).encode()
    system = slow_files.SlowFiles("/srv/docker", {"containers": {first: {"config.v2.json": state}}})
    daemon = write("/etc/docker/daemon.json", {"data-root": "/srv/docker"})
    stage, other = Stage("hung", 7500), Stage("hung", 7501)
    try:
        stage.serve(f"docker/{first}")
        other.serve(podman(second, "quick", "nginx"))
        holders = [stage.ask("show", "-l", "--port", str(port))["sockets"][0]["holders"][0] for port in (7500, 7501)]
        report.equal([holder.get("container_name") for holder in holders], ["slow", "quick"], "both have names")
        time.sleep(2)  # what the kernel knows of the file is no longer trusted
        system.stop()
        for turn in range(2):
            began = time.monotonic()
            witness.succeed(witness.snapshot(stage.path))
            took = time.monotonic() - began
            report.check(took < 12, "a run ends in time", f"turn {turn}: {took:.1f} s")
            shown = stage.ask("show", "-l", "--port", "7500")
            gaps = [gap["reason"] for gap in shown["snapshot"]["gap_details"] if gap["source"] == "containers"]
            report.equal(gaps, ["timeout"], "a gap with its reason", f"turn {turn}")
            report.equal(stage.changes(), {}, "nothing else", f"turn {turn}")
    finally:
        system.go_on()
        stage.end()
        other.end()
        daemon.unlink()


def check_podman(report):
    """What Podman itself writes, and where it puts its containers."""
    if subprocess.run(["which", "podman"], capture_output=True, check=False).returncode != 0:
        print("podman is not installed: its own state files were not looked at")
        report.check(True, "without podman")
        return
    def create(image):
        subprocess.run(["podman", "--cgroup-manager=cgroupfs", "rm", "-f", "web"], capture_output=True, check=False)
        done = witness.run("podman", "--cgroup-manager=cgroupfs", "create", "--name", "web", "--network", "host", *image,
                           "sleep", "900")
        if done.returncode != 0:
            print(f"podman cannot make a container here: {done.stderr.decode().strip()}")
            return None
        return done.stdout.decode().split()[-1]
    pathlib.Path("/var/lib/containers").mkdir(exist_ok=True)
    machine.mount_empty("/var/lib/containers")
    stage = Stage("podman", 7400)
    ids = []
    for _ in range(2):
        number = create(["--rootfs", "/"])
        if number is None:
            report.check(True, "without podman's containers")
            return
        ids.append(number)
        stage.serve(f"machine.slice/libpod-{number}.scope/container")
        holder = stage.ask("show", "-l", "--port", "7400")["sockets"][0]["holders"][0]
        report.equal((holder["container"], holder.get("container_name"), holder.get("container_engine")),
                     (number, "web", "podman"), "as Podman wrote it")
    report.check(ids[0] != ids[1], "Podman drew another id", ids)
    report.equal(stage.changes(), SAME, "made anew by Podman")
    stage.serve(f"machine.slice/libpod-conmon-{ids[1]}.scope")
    holder = stage.ask("show", "-l", "--port", "7400")["sockets"][0]["holders"][0]
    report.equal((holder["container"], holder["unit"]), (None, f"libpod-conmon-{ids[1]}.scope"), "its monitor")
    stage.end()


if __name__ == "__main__":
    witness.require("ss", "ip")
    witness.at_end(sweep)
    witness.main(check_engines, check_without, check_names, check_labels, check_hung, check_podman)
