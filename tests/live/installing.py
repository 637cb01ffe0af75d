#!/usr/bin/env python3
"""install.sh waits for whoever works with packages, says for whom, and ends when its limit is over.

In:    a machine of its own with Debian's apt and dpkg, whose packages are made by the test; processes that
       hold apt's and dpkg's locks: before it, between its two steps, for too long; a second install.sh.
Out:   its exit code, what it says, what is installed, and that no policy of ours stays.
Never: installs anything on the host, or needs a network.
"""
import hashlib
import os
import pathlib
import subprocess
import time

import machine

machine.enter()

import witness  # noqa: E402

SCRIPT = pathlib.Path(__file__).resolve().parents[1] / "install.sh"
GROUPS = ("build", "demo")
REPOSITORY = pathlib.Path("/srv/repository")
POLICY = pathlib.Path("/usr/sbin/policy-rc.d")
DPKG = pathlib.Path("/var/lib/dpkg")
LISTS, FRONTEND, DATABASE, ARCHIVES = ("/var/lib/apt/lists/lock", "/var/lib/dpkg/lock-frontend",
                                       "/var/lib/dpkg/lock", "/var/cache/apt/archives/lock")
HOLD = ("import fcntl, sys, time\nheld = open(sys.argv[1], 'a')\nfcntl.lockf(held, fcntl.LOCK_EX)\n"
        "print('+', flush=True)\ntime.sleep(float(sys.argv[2]))\n")
CONTROL = "Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: nobody\nDescription: of a test\n"


def names():
    """What it would install: all of it is missing here."""
    forget()
    done = witness.run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", SCRIPT, *GROUPS)
    return done.stderr.decode().splitlines()[0].split(": ", 2)[2].split()


def make_packages():
    """A repository in which each of them is empty."""
    index = ""
    for name in names():
        tree = pathlib.Path("/srv/tree") / name / "DEBIAN"
        tree.mkdir(parents=True)
        (tree / "control").write_text(CONTROL.format(name=name), encoding="ascii")
        REPOSITORY.mkdir(exist_ok=True)
        package = REPOSITORY / f"{name}.deb"
        machine.run("dpkg-deb", "--build", "-Znone", tree.parent, package)
        content = package.read_bytes()
        index += (f"{CONTROL.format(name=name)}Filename: ./{name}.deb\nSize: {len(content)}\n"
                  f"SHA256: {hashlib.sha256(content).hexdigest()}\n\n")
    (REPOSITORY / "Packages").write_text(index, encoding="ascii")


def prepare():
    machine.own_files()
    for part in ("upper", "work"):
        pathlib.Path("/srv/.overlay/sbin", part).mkdir(parents=True)
    machine.run("mount", "-t", "overlay", "overlay", "-o",
                "lowerdir=/usr/sbin,upperdir=/srv/.overlay/sbin/upper,workdir=/srv/.overlay/sbin/work", "/usr/sbin")
    POLICY.unlink(missing_ok=True)
    machine.mount_empty("/etc/apt")
    for place in ("apt.conf.d", "preferences.d", "trusted.gpg.d"):
        pathlib.Path("/etc/apt", place).mkdir()
    pathlib.Path("/etc/apt/sources.list").write_text(f"deb [trusted=yes] file:{REPOSITORY} ./\n", encoding="ascii")
    for place in ("/var/lib/dpkg", "/var/lib/apt", "/var/cache/apt"):
        machine.mount_empty(place)
    for place in ("/var/lib/apt/lists/partial", "/var/cache/apt/archives/partial"):
        pathlib.Path(place).mkdir(parents=True)
    make_packages()


def forget():
    """Nothing is installed."""
    for place in ("info", "updates", "triggers"):
        (DPKG / place).mkdir(exist_ok=True)
    for path in (DPKG / "info").iterdir():
        path.unlink()
    (DPKG / "status").write_text("", encoding="ascii")


def hold(path, seconds):
    """A process that has the lock when this returns."""
    holder = witness.start([witness.PYTHON, "-c", HOLD, path, seconds], stdout=subprocess.PIPE)
    holder.stdout.readline()
    return holder


def install(limit=600):
    began = time.monotonic()
    done = witness.run("env", f"SOCKWITNESS_LOCK_SECONDS={limit}", SCRIPT, *GROUPS)
    return done.returncode, done.stdout.decode(), done.stderr.decode(), time.monotonic() - began


def is_installed():
    done = witness.run("dpkg-query", "--show", "--showformat", "${db:Status-Status} ${Package}\n")
    return sorted(done.stdout.decode().split("\n")[:-1])


def all_installed():
    return sorted(f"installed {path.stem}" for path in REPOSITORY.glob("*.deb"))


def check_free(report):
    code, told, errors, _ = install()
    report.equal((code, errors), (0, ""), "nobody else", told)
    report.equal(is_installed(), all_installed(), "installed", told)
    report.check("waiting" not in told and told.startswith("install.sh: installing "), "says what it does", told)
    holders = [hold(path, 600) for path in (LISTS, FRONTEND, DATABASE, ARCHIVES)]
    report.equal(install()[:3], (0, "", ""), "all is there: silent, whoever holds what")
    for holder in holders:
        holder.kill()
        holder.wait()


def check_waits(report):
    for path in (LISTS, FRONTEND, DATABASE, ARCHIVES):
        forget()
        holder = hold(path, 2)
        code, told, errors, took = install()
        report.equal((code, errors), (0, ""), "waits, and goes on", f"{path}: {told}")
        report.equal(is_installed(), all_installed(), "installed afterwards", path)
        report.check(took > 1, "not before it was free", f"{path}: {took:.1f} s")
        report.check("install.sh: waiting, 600 seconds at most: " in told and path in told, "says for which lock", told)
        report.check(f"process {holder.pid} (python3" in told, "says for whom", told)
        report.equal(told.count("waiting"), 1, "says it once", told)


def check_between(report):
    """Somebody takes the lock when the lists are read, and nothing is installed yet."""
    forget()
    hook = pathlib.Path("/srv/hook")
    hook.write_text(f"#!/bin/sh\nsetsid {witness.PYTHON} -c \"{HOLD}\" {FRONTEND} 3 >/srv/held 2>&1 &\n"
                    "until [ -s /srv/held ]; do sleep 0.1; done\n", encoding="ascii")
    hook.chmod(0o755)
    setting = pathlib.Path("/etc/apt/apt.conf.d/hook")
    setting.write_text('APT::Update::Post-Invoke {"/srv/hook";};\n', encoding="ascii")
    code, told, errors, _ = install()
    setting.unlink()
    report.equal((code, errors), (0, ""), "taken between the two steps", told)
    report.check("waiting" in told and FRONTEND in told, "waited between the two steps", told)
    report.equal(is_installed(), all_installed(), "installed between", told)


def check_limit(report):
    for path in (LISTS, FRONTEND):
        forget()
        holder = hold(path, 600)
        code, told, errors, _ = install(limit=2)
        report.equal(code, 3, "the limit is over", told)
        report.check(path in errors and "for more than 2 seconds" in errors and
                     "SOCKWITNESS_LOCK_SECONDS=" in errors, "says why and what to do", errors)
        report.check("waiting, 2 seconds at most" in told, "said that it waits", told)
        report.equal(is_installed(), [], "nothing is installed", path)
        report.check(not POLICY.exists(), "no policy stays", path)
        holder.kill()
        holder.wait()
    index = REPOSITORY / "Packages"
    content = index.read_text(encoding="ascii")
    index.write_text("", encoding="ascii")
    code, told, errors, _ = install()
    index.write_text(content, encoding="ascii")
    report.check(code == 3 and "apt-get install failed" in errors and "Unable to locate package" in errors and
                 "waiting" not in told, "another failure is told at once", told + errors)


def check_two(report):
    """Two checkouts at once, as one who tests both."""
    forget()
    holder = hold(LISTS, 3)
    both = [witness.start([SCRIPT, *GROUPS], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(2)]
    told = [each.communicate(timeout=witness.PATIENCE)[0].decode() for each in both]
    holder.wait()
    report.equal([each.returncode for each in both], [0, 0], "two at once", told)
    report.equal(sorted("another install.sh is at work" in text for text in told), [False, True], "one waits", told)
    report.equal(is_installed(), all_installed(), "installed by one of two", told)
    report.check(not POLICY.exists(), "no policy stays behind two", told)


def check_policies(report):
    forget()
    POLICY.write_text("#!/bin/sh\nexit 0\n", encoding="ascii")
    install()
    report.equal(POLICY.read_text(encoding="ascii"), "#!/bin/sh\nexit 0\n", "the administrator's policy stays")
    # As one that was killed leaves it.
    forget()
    POLICY.unlink()
    holder = hold(LISTS, 600)
    killed = witness.start([SCRIPT, *GROUPS], stdout=subprocess.DEVNULL)
    witness.wait_until(POLICY.exists, "it keeps daemons from starting")
    killed.kill()
    killed.wait()
    report.check("exit 101" in POLICY.read_text(encoding="ascii"), "left behind by one that was killed")
    holder.kill()
    holder.wait()
    left = POLICY.read_text(encoding="ascii")
    report.equal(install()[0], 0, "after one that was killed")
    report.check(not POLICY.exists(), "what was left behind is taken away")
    report.equal(is_installed(), all_installed(), "installed after one that was killed")
    POLICY.write_text(left, encoding="ascii")
    report.equal(install()[:3], (0, "", ""), "nothing to install after one that was killed")
    report.check(not POLICY.exists(), "what was left behind is taken away without an installation")


witness.require("apt-get", "dpkg-deb", "setpriv", "flock")
prepare()
witness.main(check_free, check_waits, check_between, check_limit, check_two, check_policies)
