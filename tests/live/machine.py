"""A little machine of one's own: the test goes on inside namespaces that end with it.

In:    a script that calls enter() before anything else; root.
Out:   the same script as process 1 of fresh network, mount, pid and host name namespaces, with a
       loopback interface that is up, an empty /run, and nothing else that listens.
Never: touches a port, a mount or a process of the host; outlives the test: all of it ends with
       process 1, whatever ended that.
"""
import os
import pathlib
import shutil
import subprocess
import sys

SKIPPED = 77
INSIDE = "SOCKWITNESS_MACHINE"
NAME = "witnessed"


def enter():
    """Returns inside only. Whatever is imported before is imported twice."""
    if os.environ.get(INSIDE) != "1":
        _leave()
    if pathlib.Path("/proc/sys/kernel/hostname").read_text(encoding="ascii").strip() != NAME:
        sys.exit("machine: not inside, although the environment says so")
    run("ip", "link", "set", "lo", "up")
    mount_empty("/run", mode=755)
    pathlib.Path("/run/sshd").mkdir(mode=0o755)


def _leave():
    if os.geteuid() != 0:
        _skip("needs root")
    for tool in ("unshare", "ip", "mount"):
        if shutil.which(tool) is None:
            _skip(f"needs {tool}")
    command = ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--uts", "--ipc",
               "--kill-child"]
    trial = subprocess.run([*command, "true"], capture_output=True, check=False)
    if trial.returncode != 0:
        _skip(f"no namespaces can be made here: {trial.stderr.decode().strip()}")
    os.environ[INSIDE] = "1"
    # Replaced, so that whoever ends the test ends unshare, and unshare its child.
    inner = 'echo "$1" >/proc/sys/kernel/hostname && shift && exec "$@"'
    os.execvp(command[0], [*command, "sh", "-c", inner, "sh", NAME, sys.executable,
                           os.path.abspath(sys.argv[0]), *sys.argv[1:]])


def _skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: {done.stderr.decode().strip()}")


def mount_empty(folder, mode=755, size="64m"):
    """An empty folder of ours in the place of one of the host's."""
    run("mount", "-t", "tmpfs", "-o", f"size={size},mode={mode}", "none", folder)


def own_files():
    """/srv, /opt and /home are empty, /etc, /var and /root may be written to: it goes with the machine."""
    for place in ("/srv", "/opt", "/home"):
        mount_empty(place, size="400m")
    scratch = pathlib.Path("/srv/.overlay")
    for place in ("/etc", "/var", "/root"):
        upper, work = scratch / f"upper{place}", scratch / f"work{place}"
        upper.mkdir(parents=True)
        work.mkdir(parents=True)
        run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir={place},upperdir={upper},workdir={work}", place)
    scratch.chmod(0o700)


def mount_text(path, content, scratch):
    """A file of ours in the place of one of the host's, which has to be there."""
    ours = pathlib.Path(scratch) / pathlib.Path(path).name
    ours.write_text(content, encoding="utf-8")
    run("mount", "--bind", ours, os.path.realpath(path))
