#!/usr/bin/env python3
"""The examples do what they say, with the programs of this build.

In:    the folder of the built programs; examples/cron, examples/systemd, examples/policy.toml,
       examples/rules.d, examples/quickstart.sh; as root a host of its own.
Out:   jobs that fail or speak up without need, units that systemd-analyze objects to, a policy or a
       rule that is not understood.
Never: touches the host's own database, cron or systemd.
"""
import os
import pathlib
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import own_host  # noqa: E402

own_host.enter(required=False)

import common  # noqa: E402
import unit_settings  # noqa: E402

MOST_EXPOSED = 25  # tenths, as systemd-analyze security counts


def run(command, folder, programs):
    environment = {"PATH": f"{programs}:/usr/bin:/bin", "HOME": folder, "LC_ALL": "C.UTF-8",
                   "SOCKWITNESS_DB": f"{folder}/witness.db", "XDG_STATE_HOME": f"{folder}/state"}
    return subprocess.run(["/bin/sh", "-c", command], env=environment, cwd=folder, check=False,
                          capture_output=True, text=True, errors="replace", timeout=600)


def check_cron(folder, programs):
    """Problems of the jobs in examples/cron, each run twice."""
    lines = [line for line in common.text("examples/cron/sockwitness").splitlines()
             if re.match(r"[\d*]", line)]
    problems = []
    for turn, line in enumerate(lines * 2):
        command = line.split(None, 6)[6]
        # The first alert tells the state.
        first = turn < len(lines) and command.startswith("sockwitness alert")
        if "%" in command:
            problems.append(f"examples/cron: {command}: cron reads % as a newline")
        done = run(command, folder, programs)
        # On a host of others, there may be something to say.
        silent = own_host.entered() and not first
        expected = (1,) if first else (0,) if own_host.entered() else (0, 1)
        if done.returncode not in expected or (silent and done.stdout + done.stderr):
            problems.append(f"examples/cron: {command}: exit code {done.returncode}: "
                            f"{done.stdout}{done.stderr}".strip())
        if "did you mean" in done.stdout + done.stderr or "usage" in done.stdout.lower():
            problems.append(f"examples/cron: {command}: {done.stdout}{done.stderr}".strip())
    return len(lines), problems


def run_unit(command, folder, programs):
    """Why the command of a unit fails; a journal is there where it may be."""
    command = command.replace("/usr/local/bin/", "")
    if "--format journal" not in command:
        done = run(command, folder, programs)
        return done.stderr.strip() if done.returncode != 0 else ""
    if not own_host.entered():
        command = command.replace("--format journal", "--format text")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        if own_host.entered():
            os.makedirs("/run/systemd/journal", exist_ok=True)
            journal.bind("/run/systemd/journal/socket")
        done = run(f"{command} --state '{folder}/unit.state'", folder, programs)
        told = own_host.entered() and b"SYSLOG_IDENTIFIER=sockwitness\n" not in journal.recv(1 << 16)
    return "it told the journal nothing" if told else done.stderr.strip() if done.returncode != 1 else ""


def expand(words):
    """The calls of a SystemCallFilter=, as this systemd has the groups."""
    calls = set()
    for word in words:
        name = word.partition(":")[0]
        if name.startswith("@"):
            done = subprocess.run(["systemd-analyze", "syscall-filter", name], check=True, capture_output=True, text=True)
            calls |= expand(re.findall(r"^    ([@\w-]+)$", done.stdout, re.M))
        else:
            calls.add(name)
    return calls


def check_calls(content, folder, programs):
    """Calls of a run that the unit's filter would refuse."""
    if os.geteuid() != 0 or not (shutil.which("systemd-analyze") and shutil.which("strace")):
        print("left out: the calls of a run against the unit's filter, which needs root, strace and systemd-analyze")
        return []
    log = f"{folder}/calls.strace"
    done = run(f"strace -f -qq -o '{log}' sockwitness-recorder snapshot --db '{folder}/calls.db'", folder, programs)
    made = set(re.findall(r"^\d+ +(\w+)\(", pathlib.Path(log).read_text(encoding="utf-8", errors="replace"), re.M))
    allowed = set()
    for name, value in unit_settings.settings(content):
        if name == "SystemCallFilter":
            words = expand(value.lstrip("~").split())
            allowed = allowed - words if value.startswith("~") else allowed | words
    refused = made - allowed - {"execve"}  # systemd's own
    print(f"a run makes {len(made)} different calls, of which the unit refuses {sorted(refused)}")
    if done.returncode != 0 or "openat" not in made:
        return [f"a traced run: exit code {done.returncode}: {done.stderr.strip()}"]
    return [f"SystemCallFilter= refuses {call}, which the recorder needs" for call in sorted(refused)]


def check_units(folder, programs):
    """Problems of the units, which must name programs that exist."""
    problems = []
    units = common.files("examples/systemd/*.service", "examples/systemd/*.timer")
    copies = []
    for path in units:
        content = common.text(path)
        options = "".join(f"{name}='{value}'; " for name, value in re.findall(
            r'^Environment=(\w+_OPTIONS)="([^"\n]*)"$', content, re.MULTILINE))
        for command in re.findall(r"^ExecStart=(.+)$", content, re.MULTILINE):
            if why := run_unit(options + command, folder, programs):
                problems.append(f"{path}: {command}: {why}")
        if path.suffix == ".service" and "/sockwitness-recorder snapshot " in content:
            problems += [f"{path}: {problem}" for problem in unit_settings.find_blinding(content)]
            rows, misjudged = unit_settings.misjudged(content)
            print(f"{path.name}: {rows} settings tried, {len(unit_settings.TABLE)} kinds of them would blind")
            problems += misjudged + check_calls(content, folder, programs)
        copy = pathlib.Path(folder) / path.name
        copy.write_text(re.sub(r"/usr/local/bin/([\w-]+)", rf'"{programs}/\1"', content), encoding="utf-8")
        copies.append(copy)
    if not shutil.which("systemd-analyze"):
        print("systemd-analyze is not installed: the units were only read")
        return len(units), problems
    # Of what else is installed here, the package's own units only.
    done = subprocess.run(["systemd-analyze", "verify", *copies], check=False, capture_output=True, text=True,
                          env={**os.environ, "SYSTEMD_UNIT_PATH": "/usr/lib/systemd/system:/lib/systemd/system"})
    if done.returncode != 0 or folder in done.stderr:
        problems.append(done.stderr.strip())
    for copy in copies:
        if copy.suffix == ".service":
            done = subprocess.run(["systemd-analyze", "security", "--offline=yes",
                                   f"--threshold={MOST_EXPOSED}", copy], check=False,
                                  capture_output=True, text=True)
            print(done.stdout.strip().splitlines()[-1] if done.stdout else done.stderr)
            if done.returncode != 0:
                problems.append(f"{copy.name}: more exposed than {MOST_EXPOSED / 10}")
    return len(units), problems


def check_site(folder, programs):
    """Problems of the policy and of the rule of one's own, read by the commands that use them."""
    examples = shlex.quote(str(common.ROOT / "examples"))
    problems = []
    commands = [f"sockwitness account --policy {examples}/policy.toml",
                f"sockwitness check --policy {examples}/policy.toml --rules {examples}/rules.d",
                f"sockwitness rules show database-open-to-all --rules {examples}/rules.d"]
    for command in commands:
        done = run(command, folder, programs)
        if done.returncode not in (0, 1) or done.stderr:
            problems.append(f"{command}: exit code {done.returncode}: {done.stderr}".strip())
    return len(commands), problems


CMAKE = """#!/bin/sh
mkdir -p build/quickstart/bin
exec cp "{programs}/sockwitness" "{programs}/sockwitness-recorder" build/quickstart/bin/
"""
CLONES = ("/opt/a clone's", "/tmp/clone", "/opt/.hidden/clone", "/opt/one:two (deleted)")


def check_quickstart(programs):
    """Problems of quickstart.sh in clones at odd places. The build is left out: the programs are there."""
    if not own_host.entered():
        print("left out: quickstart.sh, which looks at all of the host")
        return 1, []
    tools, temporary = pathlib.Path("/opt/tools"), pathlib.Path("/opt/temporary folder")
    tools.mkdir()
    (tools / "cmake").write_text(CMAKE.format(programs=programs), encoding="utf-8")
    (tools / "cmake").chmod(0o755)
    temporary.mkdir()
    environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "TMPDIR": str(temporary), "CDPATH": "/opt"}
    problems = []
    for place in CLONES:
        shutil.copytree(common.ROOT / "examples", f"{place}/examples")
        os.mkdir(f"{place}/tests")
        shutil.copy(common.ROOT / "tests/install.sh", f"{place}/tests")
        done = subprocess.run(["examples/quickstart.sh"], cwd=place, env=environment, capture_output=True, text=True,
                              check=False, timeout=600, stdin=subprocess.DEVNULL)
        if done.returncode != 0 or done.stdout.count("(exit code 1: ") != 3:
            problems.append(f"quickstart.sh in '{place}': exit code {done.returncode}: {done.stdout[-600:]}{done.stderr}")
        for line in re.findall(r"^  install .*$", done.stdout, re.MULTILINE):
            problems += [f"quickstart.sh in '{place}': {line}: no '{word}'" for word in shlex.split(line)[3:-1]
                         if not os.path.exists(word)]
        if left := os.listdir(temporary):
            problems.append(f"quickstart.sh in '{place}' left {left}")
    return len(CLONES), problems


def main():
    programs = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        jobs, problems = check_cron(folder, programs)
        units, of_units = check_units(folder, programs)
        commands, of_site = check_site(folder, programs)
    clones, of_clones = check_quickstart(programs)
    common.report({"cron jobs": jobs, "units": units, "commands with examples": commands, "clones": clones},
                  problems + of_units + of_site + of_clones)


main()
