#!/usr/bin/env python3
"""No recorded process is made of two, and each program is judged by what really runs.

In:    a machine of its own; a storm of forks in a narrow range of pids, exec in a loop, and programs that are deleted,
       replaced, anonymous, misleadingly named, or scripts.
Out:   how many processes were seen, and each whose facts do not belong together.
Never: measures how fast anything is; a snapshot only has to end.
"""
import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import time

import machine

machine.enter()

import witness  # noqa: E402

MARKER = re.compile(rb"sw[0-9]{8}")
LAST_PID = "/proc/sys/kernel/ns_last_pid"

# Each child gets one of few pids and takes its number as name, as argument and as directory.
STORM = r"""
use strict; use Fcntl;
my ($folder, $base) = @ARGV;
chdir $folder or die;
$SIG{CHLD} = 'IGNORE';
my $can = $base && sysopen(my $last, '/proc/sys/kernel/ns_last_pid', O_WRONLY);
for (my $number = $$ % 1000 * 100000; ; ++$number) {
  if ($can) { sysseek($last, 0, 0); syswrite($last, $base + $number % 200); }
  my $child = fork();
  if (!defined $child) { select(undef, undef, undef, 0.01); next; }
  if ($child == 0) {
    my $marker = sprintf('sw%08d', $number);
    mkdir $marker; chdir $marker; $0 = $marker;
    select(undef, undef, undef, 0.03);
    rmdir "../$marker";
    exit 0;
  }
  select(undef, undef, undef, 0.0003);
}
"""

# What a forked child writes over its arguments is a title: its line is its parent's.
PROCESSES = """
  SELECT p.pid, p.start_ns, n.bytes AS name, c.bytes AS command_line,
         w.bytes AS directory, f.bytes AS program
  FROM process p JOIN text n ON n.id = p.name LEFT JOIN text c ON c.id = coalesce(p.title, p.command_line)
    LEFT JOIN text w ON w.id = p.working_directory LEFT JOIN program g ON g.id = p.program
    LEFT JOIN text f ON f.id = g.path
"""


def forks_so_far():
    with open("/proc/stat", encoding="ascii") as numbers:
        return int(re.search(r"^processes (\d+)", numbers.read(), re.M)[1])


def free_pids():
    """The begin of a range of pids that nobody has; 0 where pids cannot be chosen."""
    if not os.access(LAST_PID, os.W_OK):
        return 0
    with open("/proc/sys/kernel/pid_max", encoding="ascii") as most:
        top = int(most.read())
    taken = {int(name) for name in os.listdir("/proc") if name.isdigit()}
    for base in range(max(1000, top // 2), top - 2000, 500):
        if not taken & set(range(base, base + 500)):
            return base
    return 0


def marked(row):
    """Seen after it took all three marks."""
    return all(MARKER.findall(row[field] or b"") for field in ("name", "command_line", "directory"))


def check_storm(report):
    folder = witness.DIRECTORY / "storm"
    folder.mkdir()
    base = free_pids()
    began, forks = time.monotonic(), forks_so_far()
    storms = [witness.start(["perl", "-e", STORM, folder, base + 200 * number if base else 0])
              for number in range(2)]
    path = witness.database("storm")
    turns = 20 if witness.LONG else 5
    for turn in range(20 * turns):
        done = witness.snapshot(path)
        report.equal(done.returncode, 0, "a snapshot in the storm ends", done.stderr.decode())
        # A busy host has few forks a second: as many snapshots as it takes.
        if turn + 1 >= turns and sum(map(marked, witness.rows(path, PROCESSES))) >= 5 * turns:
            break
    rate = (forks_so_far() - forks) / (time.monotonic() - began)
    for storm in storms:
        report.check(storm.poll() is None, "the storm goes on")
        storm.kill()
    seen = full = 0
    pids = set()
    for row in witness.rows(path, PROCESSES):
        found = [set(MARKER.findall(row[field] or b"")) for field in
                 ("name", "command_line", "directory")]
        markers = set().union(*found)
        if markers:
            seen += 1
            full += all(found)
            pids.add(row["pid"])
            report.check(len(markers) == 1, "one process, one marker", tuple(row))
    report.check(full >= 5 * turns, "the storm was seen", f"{full} whole processes")
    print(f"storm: {rate:.0f} forks/s, {turn + 1} snapshots, {seen} processes seen, {full} of them "
          f"after they took all three marks, {len(pids)} pids")


EXEC_LOOP = r"""
my ($folder, $turn) = @ARGV;
select(undef, undef, undef, 0.002);
my $next = $turn eq 'A' ? 'B' : 'A';
exec "$folder/exec$next", "$folder/loop.pl", $folder, $next;
"""


def check_exec(report):
    """Perl, under two paths in turn: its name, arguments and program say the same one."""
    folder = witness.DIRECTORY / "exec"
    folder.mkdir()
    (folder / "loop.pl").write_text(EXEC_LOOP)
    for name in ("execA", "execB"):
        shutil.copy("/usr/bin/perl", folder / name)
    loops = [witness.start([folder / "execA", folder / "loop.pl", folder, "A"]) for _ in range(20)]
    path = witness.database("exec")
    for _ in range(8):
        witness.record(path)
    for loop in loops:
        report.check(loop.poll() is None, "exec goes on")
        loop.kill()
    pids = {loop.pid for loop in loops}
    seen = {turn: 0 for turn in "AB"}
    for row in witness.rows(path, PROCESSES):
        if row["pid"] not in pids or not row["command_line"]:
            continue
        turn = row["command_line"].split(b"\0")[-2]
        if turn not in (b"A", b"B") or row["program"] is None:
            continue
        seen[turn.decode()] += 1
        report.check(row["program"].endswith(b"exec" + turn) and row["name"] == b"exec" + turn,
                     "program, name and arguments of one exec", tuple(row))
    report.check(all(seen.values()), "both programs of the loop were seen", f"{seen}")


def check_pid_reuse(report):
    if not os.access(LAST_PID, os.W_OK):
        return
    path = witness.database("reuse")

    def named(name):
        witness.set_name(name)
        return witness.Kept(socket.socketpair(socket.AF_UNIX))

    for _ in range(50):
        first = witness.Helper(named, b"first")
        pid = first.pid
        witness.record(path)
        first.end()
        with open(LAST_PID, "w", encoding="ascii") as last:
            last.write(str(pid - 1))
        second = witness.Helper(named, b"second")
        if second.pid == pid:
            break
        second.end()
    else:
        return report.check(False, "a pid used twice", "somebody else was always faster")
    witness.record(path)
    found = witness.rows(path, PROCESSES + " WHERE p.pid = ? AND p.origin IS NULL ORDER BY p.id",
                         pid)
    report.equal([row["name"] for row in found[-2:]], [b"first", b"second"],
                 "a pid used twice is two processes")
    report.check(found[-2]["start_ns"] < found[-1]["start_ns"], "the later one started later")
    names = {who["name"] for row in witness.show(path)["sockets"] for who in row["holders"]
             if who["pid"] == pid}
    return report.equal(names, {"second"}, "holders of a pid used twice")


def digest(path):
    with open(path, "rb") as content:
        return hashlib.sha256(content.read()).hexdigest()


def start_memfd(end, content):
    """A program that never had a path."""
    memory = os.memfd_create("sw memory", 0)
    with open(content, "rb") as source:
        os.write(memory, source.read())
    os.set_inheritable(memory, True)
    return witness.start([f"/proc/self/fd/{memory}", "1000"],
                         pass_fds=[end.fileno(), memory])


def start_script(command, end):
    """An interpreter that reads its standard input, which never ends."""
    return witness.start(command, stdin=subprocess.PIPE, pass_fds=[end.fileno()])


def check_programs(report):
    """All of them hold one socket, so that one answer tells about all."""
    folder = witness.DIRECTORY / "programs"
    folder.mkdir()
    end = socket.socket(socket.AF_UNIX)
    end.bind(b"\0sw-programs-%d" % os.getpid())
    end.listen()
    sleep = shutil.which("sleep")
    content, other = digest(sleep), shutil.which("cat")
    expected = {}

    def expect(process, **wanted):
        expected[process.pid] = wanted

    for name, state in (("present", "present"), ("gone", "deleted"), ("swapped", "replaced"),
                        ("honest (deleted)", "present"), ("twice (deleted)", "deleted"),
                        ("back again", "present")):
        place = folder / name
        shutil.copy(sleep, place)
        process = witness.start([place, "1000"], pass_fds=[end.fileno()])
        expect(process, program=str(place), file_state=state, sha256=content, script=None)
        witness.wait_until(lambda: b"1000" in read_cmdline(process.pid), "it runs")
        if state == "deleted":
            place.unlink()
        elif state == "replaced":
            shutil.copy(other, folder / "new")
            os.replace(folder / "new", place)
        elif name == "back again":
            os.rename(place, folder / "away")
            os.rename(folder / "away", place)
    expect(start_memfd(end, sleep), file_state="memfd", sha256=content, script=None)
    for command, text in (([witness.PYTHON], "import sys\nsys.stdin.read()\n"),
                          (["bash"], "read -r line\n"), (["perl", "-w"], "my $line = <STDIN>;\n"),
                          (["sh"], "read -r line\n")):
        script = folder / f"a script for {os.path.basename(command[0])}"
        script.write_text(text)
        real = os.path.realpath(shutil.which(command[0]))
        expect(start_script([*command, script, "argument"], end), program=real, script=str(script),
               sha256=digest(real), file_state="present")
    witness.wait_until(lambda: all(map(read_cmdline, expected)), "all run")
    path = witness.database("programs")
    witness.record(path)
    holders = {who["pid"]: who for row in witness.show(path, "-x")["sockets"]
               for who in row["holders"] if row["inode"] == os.fstat(end.fileno()).st_ino}
    for pid, wanted in expected.items():
        who = holders.get(pid)
        if report.check(who is not None, "program holds the socket", f"{wanted}"):
            for key, value in wanted.items():
                report.equal(who[key], value, f"programs: {key}", f"{wanted}")
    print("; ".join(f"{who['name']}: {who['file_state']}, {who['package_state']}"
                    for who in holders.values()))


def read_cmdline(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as line:
            return line.read()
    except OSError:
        return b""


def check_stuck(report):
    """One read that takes long: the snapshot ends before it, and says which field it misses.

    strace keeps the thread that the recorder left behind until the delay is over, so that the
    recorder's own word on how long it took is what counts.
    """
    victim = witness.Helper(lambda: witness.Kept(socket.socketpair(socket.AF_UNIX)))
    path = witness.database("stuck")
    done = witness.snapshot(
        path, prefix=["strace", "-f", "-qq", "-o", "/dev/null", "-P", f"/proc/{victim.pid}/cmdline",
                      "-e", "trace=read,pread64", "-e", "inject=read,pread64:delay_enter=15s"])
    check_timed_out(report, path, victim.pid, done)
    took = witness.show(path)["snapshot"]["duration_us"] / 1e6
    report.check(took < 14, "the snapshot did not wait for the read", f"{took:.1f} s")


def check_timed_out(report, path, pid, done):
    report.equal(done.returncode, 0, "a snapshot ends although one read hangs", done.stderr)
    gaps = [(gap["source"], gap["reason"], gap["object"])
            for gap in witness.show(path)["snapshot"]["gap_details"] if gap["pid"] == pid]
    report.check(any(reason == "timeout" or "time" in reason for _, reason, _ in gaps),
                 "the field that hangs is a gap", f"{gaps}")
    found = witness.rows(path, PROCESSES + " WHERE p.pid = ?", pid)
    report.equal([row["command_line"] for row in found], [None], "no invented command line")
    holders = {who["pid"] for row in witness.show(path)["sockets"] for who in row["holders"]}
    report.check(pid in holders, "holders of a process with a field that hangs")


def forbid_reading_arguments():
    """Puts the arguments into a page that a userfaultfd never delivers: readers of cmdline wait."""
    import ctypes
    import fcntl
    import mmap
    import struct
    descriptor = witness.libc.syscall(ctypes.c_long(323), ctypes.c_long(os.O_CLOEXEC))
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "userfaultfd")
    fcntl.ioctl(descriptor, 0xC018AA3F, bytearray(struct.pack("QQQ", 0xAA, 0, 0)))
    page = mmap.mmap(-1, mmap.PAGESIZE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    fcntl.ioctl(descriptor, 0xC020AA00,
                bytearray(struct.pack("QQQQ", address, mmap.PAGESIZE, 1, 0)))
    for what, value in ((8, address), (9, address + mmap.PAGESIZE)):
        if witness.libc.prctl(35, ctypes.c_ulong(what), ctypes.c_ulong(value), 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "PR_SET_MM")
    return witness.Kept([descriptor, page, *socket.socketpair(socket.AF_UNIX)])


def check_really_stuck(report):
    """The same with a real page fault; whoever else reads this command line hangs, too."""
    victim = witness.Helper(forbid_reading_arguments)
    path = witness.database("really stuck")
    check_timed_out(report, path, victim.pid, witness.snapshot(path))
    victim.end()


witness.require("perl", "strace", "bash")
signal.signal(signal.SIGCHLD, signal.SIG_DFL)
parts = [check_programs, check_pid_reuse, check_stuck, check_exec, check_storm]
if witness.LONG and os.uname().machine == "x86_64":
    parts.append(check_really_stuck)
witness.main(*parts)
