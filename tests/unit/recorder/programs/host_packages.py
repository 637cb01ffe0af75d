#!/usr/bin/env python3
"""Compares the inspector with dpkg and coreutils on random files of this host.

In:    the probe program; dpkg's database of this host.
Out:   exit 0 and a count; 1 with the differing files; 77 where there is no dpkg.
Never: changes anything on the host.
"""
import os
import random
import shutil
import subprocess
import sys

FILES = 200
ALIASES = ("/bin/", "/sbin/", "/lib/", "/lib64/", "/lib32/", "/libx32/")


def run(*command, text=None):
    done = subprocess.run(command, input=text, capture_output=True, check=False,
                          encoding="utf-8", errors="surrogateescape",
                          env={**os.environ, "LC_ALL": "C"})
    return done.stdout


def spellings(path):
    """The path as it runs, and as a list of before the merge of /usr names it."""
    yield path
    if path.startswith("/usr") and path[4:].startswith(ALIASES):
        yield path[4:]


def owners(paths):
    """{path: {package: path as listed}}, from one dpkg -S."""
    found = {path: {} for path in paths}
    meant = {name: path for path in paths for name in spellings(path)}
    patterns = ("".join("\\" + c if c in "*?[]\\" else c for c in name) for name in meant)
    for line in run("dpkg", "-S", *patterns).splitlines():
        packages, _, listed = line.rpartition(": ")
        if listed in meant and not packages.startswith("diversion by"):
            found[meant[listed]].update({package: listed for package in packages.split(", ")})
    return found


def checksums(package, known={}):
    """{path without slash: MD5} of a package."""
    if package not in known:
        lines = run("dpkg-query", "--control-show", package, "md5sums").splitlines()
        known[package] = dict(reversed(line.split("  ", 1)) for line in lines if "  " in line)
    return known[package]


def expected(path, owned):
    """(verdict, packages that may be named, SHA-256) as the other tools see it."""
    sha256 = run("sha256sum", "--zero", path)[:64]
    if not owned:
        return "unowned", {""}, sha256
    md5 = run("md5sum", "--zero", path)[:32]
    verdicts = {}
    for package, listed in owned.items():
        sums = checksums(package)
        if listed[1:] in sums:
            verdicts[package] = "intact" if sums[listed[1:]] == md5 else "altered"
    for verdict in ("intact", "altered"):
        packages = {name for name, each in verdicts.items() if each == verdict}
        if packages:
            return verdict, packages, sha256
    return "no-checksum", set(owned), sha256


def choose(generator):
    """Random regular files of packages, some that no package owns, by their real paths."""
    packages = run("dpkg-query", "-W", "-f", "${binary:Package}\n").split()
    chosen = {"/usr/bin/bash", "/usr/bin/dash", os.path.realpath("/usr/bin/python3")}
    while len(chosen) < FILES:
        paths = run("dpkg-query", "-L", generator.choice(packages)).splitlines()
        files = [os.path.realpath(path) for path in paths
                 if path.startswith("/") and os.path.isfile(path)]
        files = [path for path in files if "\\" not in path and "\n" not in path]
        chosen.update(generator.sample(files, min(3, len(files))))
    chosen.update(os.path.realpath(path) for path in (__file__, sys.argv[1]))
    return sorted(path for path in chosen if os.path.isfile(path))


def main():
    if not shutil.which("dpkg-query"):
        print("skipped: this host has no dpkg")
        return 77
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    paths = choose(random.Random(seed))
    lines = run(sys.argv[1], text="".join(path + "\n" for path in paths)).splitlines()
    if len(lines) != len(paths):
        print(f"{len(paths)} questions, {len(lines)} answers")
        return 1
    owned = owners(paths)
    versions = dict(line.split("\t") for line in run(
        "dpkg-query", "-W", "-f", "${binary:Package}\t${Version}\n").splitlines())
    wrong = 0
    counts = {}
    for line in lines:
        path, verdict, package, version, sha256, gaps = line.split("\t")
        want, packages, digest = expected(path, owned[path])
        known = versions[package] if package else ""
        counts[verdict] = counts.get(verdict, 0) + 1
        if (verdict, version, sha256, gaps) != (want, known, digest, "0") or \
                package not in packages:
            wrong += 1
            print(f"{path}: {verdict} {package} {version} {sha256} {gaps} gaps")
            print(f"  other tools: {want} {sorted(packages)} {known} {digest}")
    print(f"{len(paths)} files compared: {counts}; {wrong} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
