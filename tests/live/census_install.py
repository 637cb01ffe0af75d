"""What the lines of the census want and the host lacks: fetched on the host, installed into the machine alone.

In:    names of packages; apt with a network outside, none inside.
Out:   packages in a folder; inside they are installed, as far as they go together.
Never: installs anything on the host.
"""
import os
import pathlib
import re
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent / "census"
ARCHIVES = pathlib.Path("/var/cache/sockwitness-census")
OPTIONS = ["-y", "-q", "--no-remove", "--no-install-recommends", "-o", f"Dir::Cache::archives={ARCHIVES}",
           "-o", "Dpkg::Options::=--force-confold"]


def wanted():
    """Packages of programs that are not there: 'PROGRAM:PACKAGE', or the program's own name."""
    names = set()
    for file in HERE.glob("*.txt"):
        lines = re.sub(r"\n[ \t]+", " ", re.sub(r"(?m)^#.*\n", "", file.read_text(encoding="utf-8")))
        for line in filter(None, lines.split("\n")):
            fields = [field.strip() for field in line.split(" | ")]
            for word in fields[2 if file.stem.startswith("loud") else 1].split():
                program, _, package = word.partition(":")
                there = os.path.exists(program) if program.startswith("/") else shutil.which(program)
                if word != "-" and not there and (package or not program.startswith("/")):
                    names.add(package or program)
    return sorted(names)


def apt(*words):
    return subprocess.run(["apt-get", *OPTIONS, *words], check=False, capture_output=True, stdin=subprocess.DEVNULL,
                          env=dict(os.environ, DEBIAN_FRONTEND="noninteractive", LC_ALL="C")).returncode == 0


def fetch():
    """On the host: into a folder of our own."""
    (ARCHIVES / "partial").mkdir(parents=True, exist_ok=True)
    names = [name for name in wanted() if apt("install", "--download-only", name)]
    print(f"fetched {len(names)} packages")


def install():
    """In the machine, whose /usr, /etc and /var go with it."""
    policy = pathlib.Path("/usr/sbin/policy-rc.d")
    policy.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
    policy.chmod(0o755)
    failed = [name for name in wanted() if not apt("install", "--no-download", name)]
    print(f"not to be installed: {failed}")
