"""A host of one's own: the script goes on in namespaces that end with it, wherever the checkout lies.

In:    a script that calls enter() before anything else, with the folder of the programs as its first
       argument; root.
Out:   the same script as process 1 of fresh network, mount, pid, cgroup, ipc and host name namespaces:
       loopback is up, nothing listens, nobody else runs; the checkout is SOURCE, the programs are in
       PROGRAMS; /opt, /run, /tmp, /var/tmp and /dev/shm are empty, /dev may be written to;
       environment, umask, limits and signals are the same on every machine.
Never: touches a port, a mount or a process of the host; outlives the script: all of it ends with
       process 1, whatever ended that.
"""
import ctypes
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys

SKIPPED = 77
STEP = "SOCKWITNESS_OWN_HOST"
NAME = "witnessed"
HOME = pathlib.Path("/opt/sockwitness")
SOURCE, BUILD, PROGRAMS = HOME / "source", HOME / "build", HOME / "bin"
ROOT = pathlib.Path(__file__).resolve().parents[2]
EMPTY = {"/run": "755", "/tmp": "1777", "/var/tmp": "1777", "/dev/shm": "1777"}
# What a host may say to every program on it, and to the programs under test.
MASKED = ("/etc/ld.so.preload", "/etc/sockwitness", "/var/lib/sockwitness")
# Debian's own programs only: a second python or nginx elsewhere is no package's.
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "USER": "root", "LOGNAME": "root",
               "SHELL": "/bin/sh", "TERM": "xterm", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
KEPT = ("SOCKWITNESS_LONG", "SOCKWITNESS_HOSTILE_FILES", "CENSUS",
        "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS")
MS_BIND = 4096


def enter(required=True, processes=True):
    """Returns on a host of one's own only. Not `required`: returns here where none can be made.

    `processes=False`: those of the real host are seen, which is for what has to know all of them; the
    script says so, and judges its own alone. Whatever is imported before is imported again.
    """
    step = os.environ.get(STEP)
    if step == "begun":
        _furnish()
    elif step != "done":
        command = _command(processes)
        reason = _lacking(command)
        if not reason:
            _leave(command)
        elif required:
            print(f"skipped: {reason}")
            sys.exit(SKIPPED)
        else:
            print(f"on the host itself: {reason}")
            settle()
    elif pathlib.Path("/proc/sys/kernel/hostname").read_text(encoding="ascii").strip() != NAME:
        sys.exit("own_host: not inside, although the environment says so")


def entered():
    return os.environ.get(STEP) == "done"


def settle():
    """What a caller may have set, and no test is about."""
    os.umask(0o022)
    sys.stdout.reconfigure(errors="backslashreplace")
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name, soft in (("FSIZE", resource.RLIM_INFINITY), ("AS", resource.RLIM_INFINITY),
                       ("NPROC", resource.RLIM_INFINITY), ("NOFILE", 4096), ("CORE", 0)):
        number = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(number)[1]
        try:
            resource.setrlimit(number, (soft, soft if name != "NOFILE" and soft else hard))
        except (OSError, ValueError):
            pass  # without rights: as far as they go
    for name in [name for name in os.environ if name.startswith("GIT_") or name in ("SOCKWITNESS_DB", "LD_PRELOAD")]:
        del os.environ[name]


def _command(processes):
    return ["unshare", "--net", "--mount", "--uts", "--ipc", "--cgroup", "--fork", "--kill-child",
            *(["--pid", "--mount-proc"] if processes else [])]


def _lacking(command):
    """Why no host can be made here; nothing where it can."""
    if os.geteuid() != 0:
        return "needs root"
    for tool in ("unshare", "ip", "mount"):
        if shutil.which(tool, path=ENVIRONMENT["PATH"]) is None:
            return f"needs {tool}"
    trial = subprocess.run([*command, "mount", "-t", "tmpfs", "none", "/opt"], capture_output=True,
                           check=False, env=ENVIRONMENT)
    if trial.returncode != 0:
        return f"no namespaces can be made here: {trial.stderr.decode(errors='replace').strip()}"
    return None


def _leave(command):
    settle()
    environment = {**ENVIRONMENT, **{name: os.environ[name] for name in KEPT if name in os.environ}, STEP: "begun"}
    # Replaced, so that whoever ends the test ends unshare, and unshare its child.
    inner = 'echo "$1" >/proc/sys/kernel/hostname && shift && exec "$@"'
    os.execvpe(command[0], [*command, "sh", "-c", inner, "sh", NAME, sys.executable, os.path.abspath(sys.argv[0]),
                            *sys.argv[1:]], environment)


def _furnish():
    """Inside, still at the checkout's place on the host: makes ours, and begins again there."""
    script = pathlib.Path(os.path.realpath(sys.argv[0])).relative_to(ROOT)
    words = sys.argv[1:]
    folders = {SOURCE: os.open(ROOT, os.O_PATH)}
    if words and os.path.isdir(words[0]):
        folders[BUILD] = os.open(words[0], os.O_PATH)
    run("ip", "link", "set", "lo", "up")
    mount_empty("/opt")
    for place, opened in folders.items():
        place.mkdir(parents=True)
        bind(opened, place)
    _own_devices()
    for place, mode in EMPTY.items():
        if os.path.isdir(place):
            mount_empty(place, mode)
    for place in MASKED:
        if os.path.isdir(place):
            mount_empty(place)
        elif os.path.exists(place):
            run("mount", "--bind", "/dev/null", place)
    if BUILD in folders:
        _gather_programs()
        words[0] = str(PROGRAMS)
    os.chdir("/tmp")
    os.environ["PWD"] = "/tmp"  # what was inherited may be hidden here, and puma asks for it
    os.environ[STEP] = "done"
    python = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
    os.execv(python, [python, str(SOURCE / script), *words])


def _own_devices():
    """The host's devices, in a folder that may be written to: who logs makes /dev/log."""
    terminals = os.open("/dev/pts", os.O_PATH)
    layer = HOME / "devices"
    for part in ("upper", "work"):
        (layer / part).mkdir(parents=True)
    run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir=/dev,upperdir={layer}/upper,workdir={layer}/work", "/dev")
    bind(terminals, "/dev/pts")


def _gather_programs():
    """The two programs so that every user may run them, whatever the build's umask was; the rest by links."""
    PROGRAMS.mkdir()
    for program in BUILD.iterdir():
        place = PROGRAMS / program.name
        if program.name in ("sockwitness", "sockwitness-recorder"):
            shutil.copyfile(program, place)
            place.chmod(0o755)
        else:
            place.symlink_to(program)


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: {done.stderr.decode(errors='replace').strip()}")


def mount_empty(folder, mode="755", size="50%"):
    """An empty folder of ours in the place of one of the host's."""
    run("mount", "-t", "tmpfs", "-o", f"size={size},mode={mode}", "none", folder)


def bind(descriptor, place):
    """The folder behind a descriptor, even where something covers its path by now."""
    libc = ctypes.CDLL(None, use_errno=True)
    source = f"/proc/self/fd/{descriptor}".encode()
    if libc.mount(source, os.fsencode(place), None, MS_BIND, None) != 0:
        raise OSError(ctypes.get_errno(), f"mounting '{place}'")
