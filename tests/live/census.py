#!/usr/bin/env python3
"""`check` against many kinds of software, each a line of census/*.txt: nothing of weight, or one finding.

In:    a machine of its own; the lines; what is installed. With SOCKWITNESS_LONG=1 what the lines want is installed
       into the machine first. Words after the programs' folder: run only lines whose file or
       name has one of them. CENSUS=quiet or CENSUS=loud: that half alone.
Out:   quiet lines that a finding of weight is about, loud ones that none is; how many ran, and which did not.
Never: passes a line that is not up; installs anything on the host.
"""
import os

import census_install
import machine

if os.environ.get("SOCKWITNESS_LONG") == "1" and not machine.own_host.STEP in os.environ and os.geteuid() == 0:
    census_install.fetch()
machine.enter()

import collections  # noqa: E402
import dataclasses  # noqa: E402
import json  # noqa: E402
import pathlib  # noqa: E402
import re  # noqa: E402
import shutil  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402

import attacks  # noqa: E402
import witness  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent / "census"
WEIGHT = ("medium", "high", "critical")
MARK = "CENSUS_LINE"
PATIENCE = 45 if witness.LONG else 15
WORDS = sys.argv[2:]
FEWEST = 40  # lines that what the tests install suffices for, by far


@dataclasses.dataclass
class Line:
    """`needs`: programs or paths, separated by blanks, each may be followed by ':' and its package. `ready`: a TCP port
    that listens, the path of a file or socket, the name of a program below it, '*' for any socket, '+N' for N seconds.
    `rules`: of a loud line, those of which one has to tell it; empty for a quiet one."""
    file: str
    name: str
    needs: str
    ready: str
    command: str
    rules: tuple = ()
    process: object = None
    number: int = 0

    def missing(self):
        words = [word for word in self.needs.split() if word != "-"]
        return [word for word in words if not found(word.split(":")[0])]


def found(word):
    return os.path.exists(word) if word.startswith("/") else shutil.which(word)


def read_lines(name):
    """'name | needs | ready | command', with '| rules' behind the name of a loud one; what is indented goes on."""
    text = (HERE / f"{name}.txt").read_text(encoding="utf-8")
    text = re.sub(r"\n[ \t]+", " ", re.sub(r"(?m)^#.*\n", "", text))
    lines = []
    for each in filter(None, map(str.strip, text.split("\n"))):
        fields = [field.strip() for field in each.split(" | ", 4 if name.startswith("loud") else 3)]
        rules = tuple(fields.pop(1).split()) if name.startswith("loud") else ()
        lines.append(Line(name, *fields, rules))
    return [line for line in lines if not WORDS or any(word in f"{line.file} {line.name}" for word in WORDS)]


def marked():
    """{number of a line: its pids}, whoever their parents are."""
    pids = collections.defaultdict(set)
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/environ", "rb") as environment:
                for variable in environment.read().split(b"\0"):
                    if variable.startswith(MARK.encode() + b"="):
                        pids[int(variable.split(b"=")[1])].add(int(entry))
        except OSError:
            pass
    return pids


def tree(line, pids):
    every = set(pids.get(line.number, ()))
    if line.process.poll() is None:
        every |= {line.process.pid, *attacks.descendants(line.process.pid)}
    for pid in list(every):
        every |= set(attacks.descendants(pid))
    return every


def holds_socket(pid):
    try:
        return any(os.readlink(f"/proc/{pid}/fd/{fd}").startswith("socket:") for fd in os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return False


def is_up(line):
    if line.ready.isdigit():
        return attacks.is_listening(int(line.ready))
    if line.ready.startswith("/"):
        return os.path.exists(line.ready)
    if line.ready.startswith("+"):
        return time.monotonic() - line.started >= float(line.ready[1:])
    pids = tree(line, marked())
    if line.ready == "*":
        return any(map(holds_socket, pids))
    return any(attacks.program_of(pid).startswith(line.ready) for pid in pids)


def start(line, number, log):
    line.number, line.started = number, time.monotonic()
    environment = dict(os.environ, **{MARK: str(number)}, HERE=str(HERE), D=f"/srv/census/{line.file}-{number}")
    os.makedirs(environment["D"])
    os.chmod(environment["D"], 0o755)
    line.process = attacks.start(["/bin/bash", "-c", f". {HERE}/prelude.sh\n{line.command}"], env=environment,
                                 stdout=log, stderr=log, cwd=environment["D"])


def run_all(lines):
    """Starts them, at most so many at a time; those that are up, and the names of the others."""
    log_path = pathlib.Path("/srv/census.log")
    log = open(log_path, "ab")  # pylint: disable=consider-using-with
    up, failed, waiting = [], [], []
    for number, line in enumerate(lines, 1):
        start(line, number, log)
        waiting.append(line)
        while len(waiting) >= 12 or (number == len(lines) and waiting):
            for each in list(waiting):
                if is_up(each):
                    up.append(each)
                elif time.monotonic() - each.started > PATIENCE:
                    failed.append(each.name)
                else:
                    continue
                waiting.remove(each)
            time.sleep(0.05)
    return up, failed


def end_all(lines):
    for pids in marked().values():
        for pid in pids:
            kill(pid)
    for line in lines:
        if line.process:
            for pid in attacks.descendants(line.process.pid):
                kill(pid)
            kill(line.process.pid)
            line.process.wait()
    attacks.end_orphans()


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def check(path):
    done = witness.run(witness.QUERY, "check", "--db", path, "--format", "json", "--all")
    answer = json.loads(done.stdout)
    if answer["not_run"] or answer["problems"]:
        raise RuntimeError(f"{answer['not_run']} {answer['problems']}")
    return answer


def reasons_about(answer, pids):
    for number, finding in enumerate(answer["findings"]):
        for reason in finding["reasons"]:
            if reason["pid"] in pids or reason["partner_pid"] in pids:
                yield number, reason


def judge(report, files):
    lines = [line for file in files for line in read_lines(file)]
    missing = {line.name: line.missing() for line in lines if line.missing()}
    lines = [line for line in lines if line.name not in missing]
    up, failed = run_all(lines)
    time.sleep(2.2)  # programs on command lines are judged when they are two seconds old
    path = witness.database("-".join(files))
    witness.record(path)
    answer = check(path)
    pids, notes, owned = marked(), collections.Counter(), set()
    for line in up:
        line_pids = tree(line, pids)
        owned |= line_pids
        told = list(reasons_about(answer, line_pids))
        grave = [(number, reason) for number, reason in told if reason["severity"] in WEIGHT]
        words = sorted({f"{reason['rule']} ({reason['severity']}): {reason['why']}" for _, reason in grave})
        if line.rules:
            report.check(grave, "told", f"{line.name}, {[attacks.program_of(pid) for pid in line_pids]}; of low weight: "
                         f"{sorted({reason['rule'] for _, reason in told})}")
            report.check(not grave or {reason["rule"] for _, reason in grave} & set(line.rules), "told by its rule",
                         f"{line.name}: not {line.rules} but {words}")
            report.check(len({number for number, _ in grave}) < 2, "told in one finding", f"{line.name}: {words}")
        else:
            report.check(not grave, "no finding of weight", f"{line.name}: {words}")
            notes.update({reason["rule"] for _, reason in told if reason["severity"] == "low"})
    others = [finding for finding in answer["findings"] if finding["severity"] in WEIGHT and not any(
        reason["pid"] in owned or reason["partner_pid"] in owned for reason in finding["reasons"])]
    report.equal([(finding["rule"], finding["why"]) for finding in others], [], "nothing else is told")
    end_all(lines)
    print(f"{' '.join(files)}: {len(up)} ran; not installed: {sorted(missing)}; notes: {dict(notes)}")
    report.check(len(up) >= FEWEST, "enough of them ran", f"{len(up)} of {len(missing) + len(up)}")
    # What is installed has to run; what the host lacks is named.
    report.equal(failed, [], "every line is up", pathlib.Path("/srv/census.log").read_text(errors="replace")[-3000:]
                 if failed else "")


def own_programs():
    """/usr may be written to: it goes with the machine."""
    for part in ("upper", "work"):
        pathlib.Path(f"/srv/.overlay/usr-{part}").mkdir()
    machine.run("mount", "-t", "overlay", "overlay", "-o",
                "lowerdir=/usr,upperdir=/srv/.overlay/usr-upper,workdir=/srv/.overlay/usr-work", "/usr")


def prepare():
    machine.own_files()
    own_programs()
    if witness.LONG:
        census_install.install()
    witness.run("bash", HERE / "setup.sh")


def files(prefix):
    names = sorted(file.stem for file in HERE.glob(f"{prefix}*.txt"))
    return [name for name in names if witness.LONG or "long" in WORDS or not name.endswith("_long")]


def check_quiet(report):
    judge(report, files("quiet"))


def check_loud(report):
    judge(report, files("loud"))


attacks.keep_orphans()
prepare()
witness.main(*[part for part in (check_quiet, check_loud) if part.__name__[6:] in os.environ.get("CENSUS", "quiet loud")])
