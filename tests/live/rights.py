#!/usr/bin/env python3
"""What the recorder may do decides what it sees, and never whether it records; and it does no more.

In:    a machine of its own; services of root and of another user in three network namespaces; recorders of
       nobody's with none, one, two or three capabilities, with and without a hidden /proc; strace.
Out:   for each set of rights exactly what it can read is read, and the rest is a gap; a hidden /proc is told,
       with a number that is not more than is hidden; the recorder's filter of system calls holds, and
       refuses nothing that it asks for.
Never: an error for want of rights, but exit code 4 with --strict.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess

import machine

machine.enter()

machine.own_files()

import daemons  # noqa: E402
import witness  # noqa: E402

OTHER = 1234  # a user of a service
FILTERED = 2  # SECCOMP_MODE_FILTER
SYSTEM_PYTHON = "/usr/bin/python3"  # which everybody may read
SERVE = """
import os, socket, sys, time
server = socket.create_server(("0.0.0.0", int(sys.argv[1])))
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
datagrams.bind(("0.0.0.0", int(sys.argv[1])))
os.write(1, b"x")
time.sleep(10000)
"""
NONE = ()
PTRACE, READ, BOTH = ("sys_ptrace",), ("dac_read_search",), ("sys_ptrace", "dac_read_search")
ALL = (*BOTH, "sys_admin")

# What is refused, besides what lies in a network namespace: fields of processes. By the table of
# capabilities(7): links need CAP_SYS_PTRACE, lists of descriptors and environments the other one as well.
OF_PROCESSES = {
    NONE: {"descriptors", "environment", "mappings", "namespaces", "program", "working_directory"},
    READ: {"descriptors", "environment", "mappings", "namespaces", "program", "working_directory"},
    PTRACE: {"descriptors", "environment"},
    BOTH: set(),
    ALL: set(),
}
# And which of the services are seen at all: those of other networks by a process that may be looked at.
SEEN = {NONE: {7001, 7002}, READ: {7001, 7002}, PTRACE: {7001, 7002, 7003, 7004}, BOTH: {7001, 7002, 7003, 7004},
        ALL: {7001, 7002, 7003, 7004}}


def serve(port, *prefix):
    server = witness.start([*prefix, SYSTEM_PYTHON, "-c", SERVE, str(port)], stdout=subprocess.PIPE)
    server.stdout.read(1)
    return server


def as_nobody(capabilities):
    """Rights that stay when the program is started, and nothing else: as a unit gives them."""
    words = ",".join(["-all", *(f"+{name}" for name in capabilities)])
    return ("setpriv", f"--reuid={witness.NOBODY}", f"--regid={witness.NOBODY}", "--clear-groups",
            f"--inh-caps={words}", f"--ambient-caps={words}", f"--bounding-set={words}", "--no-new-privs")


class Place:
    """A database of nobody's, and programs that nobody may start."""

    def __init__(self):
        self.folder = daemons.folder("rights")
        shutil.chown(self.folder, witness.NOBODY, witness.NOBODY)
        programs = daemons.folder("programs")
        shutil.copy(witness.RECORDER, programs)
        self.recorder = programs / "sockwitness-recorder"
        self.runs = 0

    def record(self, capabilities, *options):
        self.runs += 1
        path = self.folder / f"{self.runs}.db"
        done = witness.run(*as_nobody(capabilities), self.recorder, "snapshot", "--db", path, *options)
        return path, done


def gaps_of(path):
    done = witness.run(witness.QUERY, "snapshots", "--db", path, "--format", "json")
    return json.loads(done.stdout)["snapshots"][-1]["gap_details"]


def refused(path, source):
    return [gap for gap in gaps_of(path) if gap["source"] == source and gap["reason"] == "permission"]


def check_rights(report):
    machine.run("ip", "netns", "add", "blue")
    machine.run("ip", "-n", "blue", "link", "set", "lo", "up")
    serve(7001)
    serve(7002, "setpriv", f"--reuid={OTHER}", f"--regid={OTHER}", "--clear-groups")
    serve(7003, "ip", "netns", "exec", "blue")
    serve(7004, "unshare", "--net")
    place = Place()
    for capabilities, fields in OF_PROCESSES.items():
        name = "+".join(capabilities) or "none"
        path, done = place.record(capabilities)
        report.equal(done.returncode, 0, "want of rights is no error", f"{name}: {done.stderr}")
        found = {gap["object"] for gap in refused(path, "process-field")}
        report.equal(found, fields, "what is refused is a gap, and nothing else", name)
        sockets = [row for row in witness.show(path, "-l", "-t", "-u")["sockets"] if row["local_port"]]
        ports = [row["local_port"] for row in sockets]
        report.equal(set(ports), SEEN[capabilities], "services that are seen", name)
        report.equal(len(ports), 2 * len(SEEN[capabilities]), "streams and datagrams", name)
        unseen = refused(path, "namespace")
        whole = {gap["netns"] for gap in unseen if gap["netns"]}
        tables = {(gap["netns"], gap["object"]) for gap in refused(path, "socket-table")}
        named = [gap for gap in unseen if gap["object"] == "namespaces"]
        if capabilities in (NONE, READ):
            report.equal(whole, {"blue"}, "a network that is known by its name only is a gap", name)
            # That of 7003 is told by its tables; that of 7004 likewise.
            report.equal([gap["count"] for gap in named], [2], "as many networks as there are", f"{name}: {unseen}")
        else:
            report.equal((whole, named), (set(), []), "the tables of others are read from outside", name)
        # A name may forge lines in the text that anybody may read.
        report.equal({kind for _, kind in tables}, {"unix"} if capabilities in (PTRACE, BOTH) else set(),
                     "tables that cannot be trusted from outside", name)
        kept = [gap for gap in unseen if gap["object"] == "descriptors"]
        report.equal(bool(kept), "descriptors" in fields, "networks that only a descriptor keeps", name)
        owners = {row["local_port"] for row in sockets if row["holders"]}
        report.equal(owners, set() if "descriptors" in fields else SEEN[capabilities], "owners", name)
        for row in sockets:
            report.check(row["holders"] or row["no_holder_reason"] == "permission", "or why there is none",
                         f"{name}: {row}")
        path, done = place.record(capabilities, "--strict")
        report.equal(done.returncode, 4, "told with --strict", name)  # also: a pid namespace of its own


SANDBOX = """
mount --make-rprivate / && mount -t tmpfs none /tmp && mount -t tmpfs -o mode=0 none /root && mount -t tmpfs none /home &&
mount -t tmpfs none /var/tmp && exec "$@"
"""


def serve_script(folder, port):
    script = pathlib.Path(folder, f"app{port}.py")
    script.write_text(SERVE, encoding="utf-8")
    program = pathlib.Path(folder, f"python{port}")
    shutil.copy(os.path.realpath(SYSTEM_PYTHON), program)
    for words in ([SYSTEM_PYTHON, script, port], [program, script, port + 100]):
        witness.start([str(word) for word in words], stdout=subprocess.PIPE).stdout.read(1)


def check_sandbox(report):
    """What ProtectHome= and PrivateTmp= of the unit hide from the recorder it reads as its processes see it."""
    for port, folder in ((7201, "/tmp"), (7202, "/var/tmp"), (7203, "/root"), (7204, "/home")):
        serve_script(folder, port)
    answers = []
    for name, prefix in (("outside", ()), ("inside", ("unshare", "--mount", "sh", "-c", SANDBOX, "sh"))):
        path = pathlib.Path(f"/opt/{name}.db")
        witness.succeed(witness.run(*prefix, witness.RECORDER, "snapshot", "--db", path))
        holders = {row["local_port"]: [{key: value for key, value in holder.items() if key not in ("fd", "started_at")}
                                       for holder in row["holders"]]
                   for row in witness.show(path, "-l", "-t")["sockets"] if (row["local_port"] or 0) > 7200}
        answers.append((holders, sorted(gap["text"] for gap in gaps_of(path))))
    outside, inside = answers
    report.equal(len(outside[0]), 8, "all of them serve")
    for port, holders in outside[0].items():
        report.check(holders and all(holder["sha256"] for holder in holders), "programs are hashed", holders)
        report.equal(inside[0].get(port), holders, "the same from inside", port)
    report.equal(inside[1], outside[1], "and no gap more")


def count_processes():
    return sum(entry.name.isdigit() for entry in pathlib.Path("/proc").iterdir())


def check_hidden(report):
    """hidepid in a mount namespace of its own, as anybody with rights may make one."""
    place = Place()
    for option in ("2", "invisible", "ptraceable"):
        for capabilities in (NONE, READ, PTRACE, BOTH):
            name = f"hidepid={option}, {'+'.join(capabilities) or 'none'}"
            path = place.folder / f"{name.replace(' ', '')}.db"
            there = count_processes()
            done = witness.run("unshare", "--mount", "sh", "-c",
                               'mount -o "remount,hidepid=$1" proc /proc; shift; exec "$@"', "sh", option,
                               *as_nobody(capabilities), place.recorder, "snapshot", "--db", path)
            report.equal(done.returncode, 0, "a hidden /proc is no error", f"{name}: {done.stderr}")
            hidden = [gap for gap in gaps_of(path) if gap["object"] == "hidepid"]
            recorded = witness.rows(path, "SELECT count(*) AS number FROM process")[0]["number"]
            if "sys_ptrace" in capabilities:
                report.equal(hidden, [], "whoever may trace sees all", name)
                report.check(recorded >= there, "and records all", f"{name}: {recorded} of {there}")
                continue
            report.equal([(gap["source"], gap["reason"]) for gap in hidden], [("process-list", "permission")],
                         "what is hidden is a gap", name)
            count = hidden[0]["count"]
            report.check(there - recorded - 2 <= count <= there + 2 and count > 1, "with a number",
                         f"{name}: {count} hidden, {recorded} recorded, {there} there")
            report.check(f"at least {count} processes" in hidden[0]["text"] and "hidepid" in hidden[0]["text"],
                         "that every answer tells", hidden[0])
            report.check(b"hidepid" in done.stderr, "the recorder says it", done.stderr)
            page = witness.run(witness.QUERY, "report", "--format", "md", "--db", path).stdout.decode()
            report.check("hidepid" in page, "the report repeats it", page[-2000:])
    machine.run("mount", "-o", "remount,hidepid=0", "proc", "/proc")


# What no run may ask for. Those that are refused: recorder/os/call_filter.cpp; the filter's own test tries each.
NEVER = ("execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "kill", "tkill", "bpf", "mount", "umount2",
         "unshare", "chroot", "pivot_root", "clock_settime", "settimeofday", "setuid", "setgid", "setresuid", "setgroups",
         "init_module", "finit_module", "listen", "accept", "accept4", "fork", "vfork", "perf_event_open", "keyctl")


def audit(report, what, *words):
    """The calls of a run: nothing that it never does, and nothing that its own filter refused."""
    log = witness.DIRECTORY / "calls.strace"
    done = witness.run("strace", "-f", "-qq", "-o", log, *words)
    report.check(done.returncode in (0, 1, 3), f"{what} runs", f"{done.returncode}: {done.stderr}")
    text = log.read_text(encoding="utf-8", errors="replace")
    begun = re.search(r"^\d+ +seccomp\(SECCOMP_SET_MODE_FILTER.* = 0$", text, re.M)
    report.check(begun, "the filter is made", what)
    behind = text[begun.end():] if begun else text
    made = set(re.findall(r"^\d+ +(\w+)\(", behind, re.M))
    report.equal(made & set(NEVER), set(), "calls that are never made", what)
    families = set(re.findall(r"^\d+ +socket\((AF_\w+|\w+)", behind, re.M))
    report.check(families <= {"AF_UNIX", "AF_NETLINK"}, "families of sockets", f"{what}: {families}")
    # clone3 is refused so that the C library takes the call that can be filtered.
    not_permitted = [line for line in behind.splitlines() if " EPERM " in line or " ENOSYS " in line and "clone3" not in line]
    report.equal(not_permitted, [], "nothing that is needed is refused", what)
    return made


def hold_unlisted():
    """Sockets that are in no table, and a network that a descriptor keeps."""
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    witness.enter_new_namespace()
    kept = os.open("/proc/self/ns/net", os.O_RDONLY)
    witness.call("setns", home, witness.CLONE_NEWNET)
    os.close(home)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)  # neither bound nor connected
    tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    return witness.Kept([udp, tcp, os.fdopen(kept)])


def check_filter(report):
    if not shutil.which("strace"):
        print("left out: the calls of the recorder, which needs strace")
        return
    if witness.SANITIZED:
        print("left out: the calls of the recorder, which has no filter with a sanitizer")
        return
    witness.Helper(hold_unlisted)
    path = witness.database("filtered")
    made = audit(report, "a first run", witness.RECORDER, "snapshot", "--db", path)
    report.check({"setns", "pidfd_getfd", "clone", "socket"} <= made, "what the filter is about is tried", sorted(made))
    covered = witness.Helper(witness.Kept, [])
    machine.run("mount", "--bind", "/proc/self", f"/proc/{covered.pid}")
    made = audit(report, "a run past what hides a process", witness.RECORDER, "snapshot", "--db", path)
    machine.run("umount", "-l", f"/proc/{covered.pid}")
    report.check({"fsopen", "fsmount"} <= made, "past what hides a process", sorted(made))
    for words in (["baseline", "add", "one"], ["baseline", "list"], ["baseline", "drop", "one"]):
        audit(report, " ".join(words), witness.RECORDER, *words, "--db", path)
    loop = witness.start([witness.RECORDER, "loop", "--every", "1s", "--db", path], stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL)
    witness.wait_until(lambda: witness.rows(path, "SELECT max(seq) AS seq FROM snapshot")[0]["seq"] >= 4, "two turns")
    status = pathlib.Path(f"/proc/{loop.pid}/status").read_text(encoding="ascii", errors="replace")
    report.check(re.search(rf"^Seccomp:\s*{FILTERED}$", status, re.M), "a loop is filtered", status)
    report.check(re.search(r"^NoNewPrivs:\s*1$", status, re.M), "and gains no rights", status)
    loop.send_signal(signal.SIGTERM)
    loop.wait(timeout=witness.PATIENCE)
    report.equal(loop.returncode, 0, "and ends in good order")


witness.require("setpriv", "ip", "unshare")
witness.main(check_rights, check_sandbox, check_hidden, check_filter)
