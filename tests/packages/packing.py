#!/usr/bin/env python3
"""cmake --install and cpack put everything in its place, and lintian has nothing against it.

In:    the build; cmake, cpack, dpkg-deb, rpm, lintian, readelf.
Out:   files that are missing, programs with symbols or a path to libraries, modes, dependencies; the packages in
       the folder packages of the build, for the test that installs them.
Never: installs anything on this host.
"""
import pathlib
import re
import shutil

import packaged
import witness
from packaged import BUILD, SECTIONS

PACKAGES = BUILD / "packages"
QUERY = {"bin/sockwitness", "share/man/man1/sockwitness.1", "share/man/man1/sockwitness-diff.1",
         "share/man/man5/sockwitness-policy.5", "share/man/man5/sockwitness-rules.5",
         "share/man/man5/sockwitness-database.5", "share/bash-completion/completions/sockwitness",
         "share/zsh/{site}/_sockwitness", "share/fish/vendor_completions.d/sockwitness.fish",
         "share/doc/sockwitness/examples/policy.toml", "share/doc/sockwitness/examples/site.toml",
         "lib/systemd/system/sockwitness-alert.service", "lib/systemd/system/sockwitness-alert.timer",
         "share/sockwitness/json/common.json", "share/sockwitness/json/show.1.json",
         "share/doc/sockwitness/FORMAT.md", "share/doc/sockwitness/README.md"}
RECORDER = {"bin/sockwitness-recorder", "share/man/man8/sockwitness-recorder.8",
            "share/man/man8/sockwitness-recorder-snapshot.8", "share/bash-completion/completions/sockwitness-recorder",
            "share/zsh/{site}/_sockwitness-recorder", "share/fish/vendor_completions.d/sockwitness-recorder.fish",
            "lib/systemd/system/sockwitness-recorder.service", "lib/systemd/system/sockwitness-recorder.timer",
            "lib/systemd/system/sockwitness-prune.service", "lib/systemd/system/sockwitness-prune.timer",
            "share/man/man8/sockwitness-recorder-prune.8", "share/man/man8/sockwitness-recorder-hold.8",
            "lib/sysusers.d/sockwitness.conf", "share/doc/sockwitness-recorder/examples/sockwitness.cron"}
DEFAULTS = "etc/default/sockwitness-recorder"


def places(names):
    return {name.format(site="site-functions") for name in names}


def run(*command):
    done = witness.run(*command)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: {done.stdout.decode()}{done.stderr.decode()}")
    return done.stdout.decode()


def check_program(report, path):
    dynamic = run("readelf", "-d", path)
    report.check("RPATH" not in dynamic and "RUNPATH" not in dynamic, "no path to libraries of the build", path)
    report.check(".symtab" not in run("readelf", "-S", "-W", path), "no symbols", path)
    done = witness.run(path, "--version")
    report.check(done.returncode == 0 and b"0." in done.stdout, "it runs", done)


def check_install(report):
    prefix = witness.DIRECTORY / "installed"
    run("cmake", "--install", BUILD, "--prefix", prefix, "--strip")
    found = {str(path.relative_to(prefix)) for path in prefix.rglob("*") if path.is_file()}
    for name in places(QUERY | RECORDER) | {DEFAULTS}:
        report.check(name in found, "installed", name)
    report.equal({name.split("/")[1] for name in found if name.startswith("bin/")}, set(SECTIONS), "only the programs")
    for program in SECTIONS:
        check_program(report, prefix / "bin" / program)
    unit = (prefix / "lib/systemd/system/sockwitness-recorder.service").read_text(encoding="utf-8")
    report.check(f"ExecStart={prefix}/bin/sockwitness-recorder snapshot" in unit, "the unit names the program", unit)
    staged = witness.DIRECTORY / "staged"
    run("env", f"DESTDIR={staged}", "cmake", "--install", BUILD, "--prefix", "/usr")
    report.check((staged / DEFAULTS).is_file() and (staged / "usr/bin/sockwitness").is_file(), "into a stage", staged)


def pack(form):
    run("sh", "-c", 'cd "$1" && exec cpack -G "$2" -B "$3"', "sh", BUILD, form, witness.DIRECTORY / form)
    made = sorted((witness.DIRECTORY / form).glob(f"*.{form.lower()}"))
    for package in made:
        shutil.copy(package, PACKAGES)
    return made


def listing(package):
    """{path: (mode, owner)} of a Debian package."""
    found = {}
    for line in run("dpkg-deb", "-c", package).splitlines():
        mode, owner, _, _, _, path = line.split(None, 5)
        found[path.removeprefix("./")] = (mode, owner)
    return found


def check_debian(report):
    made = pack("DEB")
    report.equal([path.name.split("_")[0] for path in made], ["sockwitness-recorder", "sockwitness"], "two packages")
    for package in made:
        recorder = package.name.startswith("sockwitness-recorder")
        files = listing(package)
        for name in places(RECORDER if recorder else QUERY):
            name = f"usr/{name}.gz" if "/man/" in name else f"usr/{name}"
            report.check(name in files, "in the package", f"{package.name}: {name}")
        report.check(all(owner == "root/root" and mode[5] != "w" and mode[8] != "w" for mode, owner in files.values()),
                     "of root, and written to by root alone", files)
        other = {f"usr/{name}" for name in places(QUERY if recorder else RECORDER)}
        report.check(not other & set(files), "nothing of the other package", other & set(files))
        report.check(not any(name.startswith(("var/", "run/")) for name in files), "no state", files)
        depends = run("dpkg-deb", "-f", package, "Depends")
        report.check("libsqlite3-0" in depends and "libssl" not in depends, "libraries", depends)
        done = witness.run("lintian", "--allow-root", "--fail-on", "error,warning", package)
        report.equal((done.returncode, done.stdout), (0, b""), "lintian", package.name)
    report.check(DEFAULTS in listing(made[0]), "what the unit runs with", made)
    report.equal(run("dpkg-deb", "-I", made[0], "conffiles").split(), ["/" + DEFAULTS], "kept by upgrades")


def check_rpm(report):
    made = pack("RPM")
    report.equal(len(made), 2, "two packages of RPM")
    for package in made:
        recorder = package.name.startswith("sockwitness-recorder")
        files = run("rpm", "-qlp", package).split()
        for name in places(RECORDER if recorder else QUERY):
            report.check(f"/usr/{name}" in files, "in the package of RPM", f"{package.name}: {name}")
        shared = [name for name in files if re.fullmatch(r"/(etc|usr|usr/share|usr/share/man(/man\d)?|usr/bin)", name)]
        report.equal(shared, [], "no folder of others")
        configured = run("rpm", "-qcp", package).split()
        report.equal(configured, ["/" + DEFAULTS] if recorder else [], "kept by upgrades of RPM")


witness.require("cmake", "cpack", "dpkg-deb", "rpm", "rpmbuild", "lintian", "readelf")
shutil.rmtree(PACKAGES, ignore_errors=True)
pathlib.Path(PACKAGES).mkdir()
witness.main(check_install, check_debian, check_rpm)
