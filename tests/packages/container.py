#!/usr/bin/env python3
"""The image of examples/container sees the processes and networks of the host that it runs on.

In:    the recorder without libraries; podman with runc, on a machine of its own; a listener of that machine and one in a
       network namespace of its own.
Out:   an image of one file; both listeners with their owners, by a loop that ends in good order; the same as the
       recorder outside sees.
Never: fetches an image, or touches the host's containers.
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "live"))

import machine  # noqa: E402

machine.enter()

import witness  # noqa: E402

PODMAN = ("podman", "--runtime=runc", "--cgroup-manager=cgroupfs", "--storage-driver=vfs")
FILE = pathlib.Path(__file__).resolve().parents[2] / "examples/container/Containerfile"
STATE = pathlib.Path("/srv/state")
LISTEN = "import socket, sys, time; s = socket.create_server(('0.0.0.0', int(sys.argv[1]))); print(1, flush=True); time.sleep(900)"


def podman(*words):
    done = witness.run(*PODMAN, *words)
    if done.returncode != 0:
        raise RuntimeError(f"{words}: {done.stdout.decode()}{done.stderr.decode()}")
    return done.stdout.decode()


def options():
    """Of the `podman run` that stands in the file, but for its name and the place of the state."""
    text = FILE.read_text(encoding="utf-8").replace("\\\n#", "")
    words = next(line for line in text.splitlines() if "podman run" in line).split()
    return [word for word in words if word.startswith(("--pid", "--network", "--read-only", "--cap-", "--security-opt"))]


def listeners(database):
    done = witness.run(witness.QUERY, "show", "-l", "-t", "--format", "json", "--db", database)
    found = {}
    for row in json.loads(done.stdout)["sockets"]:
        holder = (row["holders"] or [{}])[0]
        found[row["local_port"]] = (holder.get("pid"), holder.get("program"), holder.get("sha256"), row["netns"] == "host")
    return found


def prepare():
    machine.own_files()
    pathlib.Path("/var/lib/containers").mkdir(exist_ok=True)
    machine.mount_empty("/var/lib/containers")
    STATE.mkdir()
    for place, port in (((), 7001), (("unshare", "--net"), 7002)):
        server = witness.start([*place, "setpriv", "--reuid=1234", "--regid=1234", "--clear-groups", witness.PYTHON, "-c", LISTEN,
                                str(port)], stdout=-1)
        server.stdout.readline()


def check_image(report):
    context = pathlib.Path("/srv/context")
    context.mkdir()
    machine.run("cp", witness.BIN / "sockwitness-recorder-static", context)
    podman("build", "-t", "sockwitness-recorder", "-f", FILE, context)
    mounted = podman("image", "mount", "sockwitness-recorder").strip().split()[-1]
    files = [str(path.relative_to(mounted)) for path in pathlib.Path(mounted).rglob("*") if path.is_file()]
    report.equal(files, ["sockwitness-recorder"], "an image of one file")


def check_snapshot(report):
    words = options()
    report.check({"--pid=host", "--network=host", "--cap-drop=all"} <= set(words), "the command of the file", words)
    common = (*words, "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024", "-v", f"{STATE}:/var/lib/sockwitness")
    podman("run", "--rm", *common, "sockwitness-recorder", "snapshot")
    database = STATE / "witness.db"
    outside = STATE / "outside.db"
    witness.succeed(witness.run(witness.RECORDER, "snapshot", "--db", outside))
    inside = listeners(database)
    report.equal(inside, listeners(outside), "as the recorder outside sees them")
    report.check({7001, 7002} <= set(inside) and all(all(value is not None for value in inside[port][:3])
                                                     for port in (7001, 7002)), "with their owners", inside)
    report.equal([inside[port][3] for port in (7001, 7002)], [True, False], "in their networks")
    number = podman("run", "-d", *common, "sockwitness-recorder").strip()
    before = len(witness.rows(database, "SELECT 1 FROM snapshot"))
    witness.wait_until(lambda: len(witness.rows(database, "SELECT 1 FROM snapshot")) > before, "the loop records")
    podman("stop", number)
    report.equal(podman("inspect", "--format", "{{.State.ExitCode}}", number).strip(), "0", "the loop ends in good order")


witness.require("podman", "runc", "unshare", "setpriv")
if not (witness.BIN / "sockwitness-recorder-static").is_file():
    witness.skip("this build has no sockwitness-recorder-static")
prepare()
witness.main(check_image, check_snapshot)
