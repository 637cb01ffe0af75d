#!/usr/bin/env python3
"""All packages that install.sh names can be installed beside each other, on a system that has none of them.

In:    install.sh --names, the package lists of this machine.
Out:   packages that apt does not know, or that exclude each other.
Never: installs anything, or takes what is installed here for what is there elsewhere.
"""
import os
import shutil
import subprocess
import sys
import tempfile

import common

GROUPS = ("build", "demo", "tests", "fuzz")


def main():
    if not shutil.which("apt-get"):
        print("no apt-get here")
        sys.exit(common.SKIPPED)
    names = subprocess.run([common.ROOT / "tests/install.sh", "--names", *GROUPS], capture_output=True, text=True,
                           check=True).stdout.split()
    known = subprocess.run(["apt-cache", "pkgnames"], capture_output=True, text=True, check=True).stdout.split()
    if "libc6-dev" not in known:
        print("no package lists here: apt-get update")
        sys.exit(common.SKIPPED)
    with tempfile.NamedTemporaryFile() as nothing_installed:
        done = subprocess.run(["apt-get", "--simulate", "-o", f"Dir::State::status={nothing_installed.name}", "install",
                               "--no-install-recommends", *names], capture_output=True, text=True, check=False,
                              env={**os.environ, "LC_ALL": "C"})
    problems = []
    if done.returncode != 0:
        problems = [line for line in (done.stdout + done.stderr).splitlines()
                    if line.startswith(("E:", " ", "The following packages have unmet"))]
    common.report({"packages": len(names)}, problems)


main()
