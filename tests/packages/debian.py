#!/usr/bin/env python3
"""The Debian packages as an administrator meets them: installed, used, upgraded, removed, purged.

In:    the folder with the packages; a machine of its own whose /usr, /etc and /var may be written to.
Out:   users, folders and modes after each step; what was recorded, which no step takes away.
Never: touches the host's packages, users or files.
"""
import grp
import hashlib
import os
import pathlib
import pwd
import shutil
import stat
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "live"))

import machine  # noqa: E402

machine.enter()

import witness  # noqa: E402

STATE = pathlib.Path("/var/lib/sockwitness")
DATABASE = STATE / "witness.db"
DEFAULTS = pathlib.Path("/etc/default/sockwitness-recorder")
CRON = pathlib.Path("/etc/cron.d/sockwitness")
CAPABILITIES = "sys_ptrace,dac_read_search,sys_admin"
PACKAGES = {path.name.split("_")[0]: path.resolve() for path in witness.BIN.glob("*.deb")}


def prepare():
    machine.own_files()
    for part in ("upper", "work"):
        pathlib.Path("/srv/.overlay/usr", part).mkdir(parents=True)
    machine.run("mount", "-t", "overlay", "overlay", "-o",
                "lowerdir=/usr,upperdir=/srv/.overlay/usr/upper,workdir=/srv/.overlay/usr/work", "/usr")


def dpkg(*words):
    return subprocess.run(["dpkg", "--force-confold", *map(str, words)], capture_output=True, check=False, text=True,
                          env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, stdin=subprocess.DEVNULL)


def as_service(*words):
    """As the unit starts it: the user, its group, three capabilities."""
    capabilities = ",".join(f"+{name}" for name in CAPABILITIES.split(","))
    return witness.run("setpriv", "--reuid=sockwitness", "--regid=sockwitness", "--clear-groups",
                       f"--inh-caps=-all,{capabilities}", f"--ambient-caps=-all,{capabilities}",
                       f"--bounding-set=-all,{capabilities}", "--no-new-privs",
                       "env", f"SOCKWITNESS_DB={DATABASE}", "sockwitness-recorder", *words)


def mode(path):
    status = path.stat()
    return (f"{stat.S_IMODE(status.st_mode):04o}", pwd.getpwuid(status.st_uid).pw_name,
            grp.getgrgid(status.st_gid).gr_name)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def check_install(report):
    done = dpkg("-i", PACKAGES["sockwitness-recorder"])
    report.check(done.returncode == 0, "the recorder alone", done.stdout + done.stderr)
    report.check(not os.path.exists("/usr/bin/sockwitness"), "without the questions")
    done = dpkg("-i", PACKAGES["sockwitness"])
    report.check(done.returncode == 0, "the questions", done.stdout + done.stderr)
    user = pwd.getpwnam("sockwitness")
    report.check(user.pw_uid < 1000 and user.pw_shell.endswith(("nologin", "false")), "a user of the system", user)
    report.equal(user.pw_dir, str(STATE), "its folder")
    report.equal(mode(STATE), ("0750", "sockwitness", "sockwitness"), "the state folder")
    links = list(pathlib.Path("/etc/systemd/system").rglob("sockwitness*"))
    report.equal(links + list(pathlib.Path("/etc/cron.d").glob("sockwitness*")), [], "nothing is enabled")
    for page in ("sockwitness", "sockwitness-diff", "sockwitness-recorder", "sockwitness-policy"):
        done = witness.run("man", "-w", page)
        report.check(done.returncode == 0 and b"/usr/share/man" in done.stdout, "man finds its page", f"{page}: {done}")


def check_use(report):
    done = as_service("snapshot", "--quiet")
    report.equal(done.returncode, 0, "a snapshot by the service", done.stderr)
    report.equal(mode(DATABASE), ("0640", "sockwitness", "sockwitness"), "the file")
    report.equal(mode(pathlib.Path(f"{DATABASE}.lock"))[0], "0600", "its lock")
    done = witness.run("sockwitness-recorder", "baseline", "add", "gold")
    report.equal(done.returncode, 0, "a baseline by root", done.stderr)
    report.equal({mode(path)[1] for path in STATE.iterdir()}, {"sockwitness"}, "all of it the service's")
    report.equal(as_service("snapshot", "--quiet").returncode, 0, "the service goes on")
    done = witness.run("sockwitness", "diff", "--baseline", "gold")
    report.equal(done.returncode, 0, "an answer", done)


def check_upgrade(report):
    before = digest(DATABASE)
    with DEFAULTS.open("a", encoding="ascii") as file:
        file.write('RECORDER_OPTIONS="--note upgraded"\n')
    kept = DEFAULTS.read_text(encoding="ascii")
    tree = pathlib.Path("/srv/tree")
    machine.run("dpkg-deb", "-R", PACKAGES["sockwitness-recorder"], tree)
    control = tree / "DEBIAN/control"
    control.write_text(control.read_text(encoding="utf-8").replace("Version: 0", "Version: 9"), encoding="utf-8")
    defaults = tree / "etc/default/sockwitness-recorder"
    defaults.write_text(defaults.read_text(encoding="ascii") + "# new\n", encoding="ascii")
    machine.run("dpkg-deb", "-b", "-Znone", tree, "/srv/newer.deb")
    done = dpkg("-i", "/srv/newer.deb")
    report.check(done.returncode == 0, "an upgrade", done.stdout + done.stderr)
    report.equal(DEFAULTS.read_text(encoding="ascii"), kept, "what was changed stays")
    report.equal(digest(DATABASE), before, "the file is as it was")
    report.equal(mode(STATE), ("0750", "sockwitness", "sockwitness"), "the folder is as it was")
    report.equal(as_service("snapshot", "--quiet").returncode, 0, "and goes on")


def check_purge(report):
    done = witness.run("sockwitness-recorder", "setup")
    report.check(done.returncode == 0 and CRON.exists(), "setup after the installation", done)
    before = digest(DATABASE)
    done = dpkg("-r", "sockwitness-recorder")
    report.check(done.returncode == 0 and not os.path.exists("/usr/bin/sockwitness-recorder"), "removed", done.stderr)
    report.check(DEFAULTS.exists(), "what was changed outlives it")
    report.check(not CRON.exists(), "what setup enabled does not")
    done = dpkg("-P", "sockwitness-recorder")
    report.check(done.returncode == 0 and not DEFAULTS.exists(), "purged", done.stderr)
    report.equal(digest(DATABASE), before, "what was recorded stays")
    report.check(str(STATE) in done.stderr, "and it says so", done.stdout + done.stderr)
    report.check(pwd.getpwnam("sockwitness").pw_name == "sockwitness", "its owner as well")
    done = witness.run("sockwitness", "snapshots", "--db", DATABASE)
    report.equal(done.returncode, 0, "still to be asked", done)
    shutil.rmtree(STATE)
    STATE.mkdir()
    dpkg("-i", PACKAGES["sockwitness-recorder"])
    dpkg("-P", "sockwitness-recorder")
    report.check(not STATE.exists(), "an empty folder goes")


witness.require("dpkg", "dpkg-deb", "setpriv", "man", "adduser")
if len(PACKAGES) != 2:
    raise SystemExit(f"no packages in {witness.BIN}: packing.py makes them")
prepare()
witness.main(check_install, check_use, check_upgrade, check_purge)
