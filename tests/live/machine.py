"""What the live tests want of a host of their own (../support/own_host.py): daemons, files, folders.

In:    a script that calls enter() before anything else; root.
Out:   the host, and in the place of its files ours.
Never: touches a file of the host.
"""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import own_host  # noqa: E402
from own_host import NAME, mount_empty, run  # noqa: E402,F401

# What runs at certain times on the host, and would run here as well.
TIMETABLES = ("/etc/cron.d", "/etc/cron.hourly", "/etc/cron.daily", "/etc/cron.weekly", "/etc/cron.monthly",
              "/var/spool/cron/crontabs")


def enter(processes=True):
    """Returns inside only, see own_host.py. Whatever is imported before is imported again."""
    own_host.enter(processes=processes)
    pathlib.Path("/run/sshd").mkdir(mode=0o755)


def own_files():
    """/srv and /home are empty like /opt, /etc, /var and /root may be written to: it goes with the machine."""
    for place in ("/srv", "/home"):
        mount_empty(place)
    scratch = pathlib.Path("/srv/.overlay")
    for place in ("/etc", "/var", "/root"):
        upper, work = scratch / f"upper{place}", scratch / f"work{place}"
        upper.mkdir(parents=True)
        work.mkdir(parents=True)
        run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir={place},upperdir={upper},workdir={work}", place)
    mount_empty("/var/tmp", "1777")
    scratch.chmod(0o700)
    for place in TIMETABLES:
        if os.path.isdir(place):
            mount_empty(place)
    pathlib.Path("/etc/crontab").unlink(missing_ok=True)


def mount_text(path, content, scratch):
    """A file of ours in the place of one of the host's."""
    ours = pathlib.Path(scratch) / pathlib.Path(path).name
    ours.write_text(content, encoding="utf-8")
    place = pathlib.Path(os.path.realpath(path))
    if not place.exists():  # a link into what is empty here
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    run("mount", "--bind", ours, place)
