"""Which settings of a unit would blind the recorder, keep its failures quiet, or keep it from running again.

In:    the text of a unit file.
Out:   each such setting, with the reason; examples of each, for the test of this table.
Never: judges how exposed a unit is: systemd-analyze does.
Source: systemd.exec(5), systemd.service(5), systemd.kill(5); proc(5), capabilities(7).
"""
import re

CAPABILITIES = ("CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH", "CAP_SYS_ADMIN")
FAMILIES = ("AF_UNIX", "AF_NETLINK")
NO = ("no", "false", "off", "0", "n", "f")
# What the recorder asks of the kernel and @system-service does not have, or another group would take away.
CALLS = ("setns", "pidfd_getfd", "adjtimex", "clock_adjtime", "seccomp")
ALSO = ("kcmp", "pidfd_open", "readlinkat", "getdents64", "openat2", "close_range", "flock",
        "fdatasync", "fchown", "clone", "socket", "memfd_create", "prctl", "@system-service")
TAKEN = ("@clock", "@file-system", "@io-event", "@network-io", "@process", "@debug", "@basic-io", "@sync",
         "@default", "@ipc", "@signal", "@chown", "@privileged")


def anything(_):
    return True


def is_on(value):
    return value.lower() not in NO


def is_any_of(*values):
    return lambda value: value.lower() in values


def is_other_than(*values):
    return lambda value: value.lower() not in values


def lacks(*words):
    """An allow list without one of these, or a deny list with one."""
    def judge(value):
        if value.startswith("~"):
            return any(word in value[1:].split() for word in words)
        return not all(word in value.split() for word in words)
    return judge


def lacks_network(value):
    names = value.lstrip("~").split()
    if value in NO:
        return False
    return ("net" in names) if value.startswith("~") else "net" not in names


def forbids_calls(value):
    if value.startswith("~"):
        return any(word.partition(":")[0] in CALLS + ALSO + TAKEN for word in value[1:].split())
    return False


def is_short(value):
    """A time that a run on a busy host, or with a file system that hangs, needs."""
    minutes = re.fullmatch(r"(\d+) ?(?:m|min|minutes?)", value)
    return not minutes or int(minutes[1]) < 2


# Setting, when it is wrong, values that are and, after |, values that are not, why.
TABLE = (
    ("ProtectProc", is_other_than("default"), "invisible ptraceable noaccess | default",
     "hides the processes of others from whoever has no CAP_SYS_PTRACE"),
    ("ProcSubset", is_other_than("all"), "pid | all", "hides /proc/net, the boot id and /proc/sys"),
    ("PrivateNetwork", is_on, "yes true | no", "the recorder would see an empty network, and call it the host's"),
    ("NetworkNamespacePath", anything, "/run/netns/blue |", "the recorder would call this network the host's"),
    ("JoinsNamespaceOf", anything, "other.service |", "the recorder would call another unit's network the host's"),
    ("PrivateUsers", is_on, "yes self identity full | no", "capabilities would hold for its own processes only"),
    ("PrivatePIDs", is_on, "yes | no", "hides all processes"),
    ("PrivateBPF", is_on, "yes | no", "what is loaded into the kernel would not be seen"),
    ("ProtectClock", is_on, "yes | no", "forbids even to ask whether the clock is synchronised"),
    ("ProtectControlGroups", is_any_of("private", "strict"), "private strict | yes no",
     "units and containers are told by control groups, whose paths would be cut"),
    ("RestrictNamespaces", lacks_network, "yes true mnt ~net | net no ~user", "networks of containers could not be entered"),
    ("RestrictFileSystems", anything, "ext4 ~fuse |", "programs on other file systems could not be read"),
    ("RestrictAddressFamilies", lacks(*FAMILIES), "none AF_UNIX AF_NETLINK ~AF_NETLINK ~AF_UNIX | ~AF_INET",
     "sockets are listed by netlink, rpcbind is asked by a unix socket"),
    ("SystemCallFilter", forbids_calls, "~@debug ~@clock ~setns ~pidfd_getfd ~adjtimex:EPERM | ~ptrace @system-service",
     "the recorder makes such calls"),
    ("SystemCallArchitectures", is_other_than("native"), "x86 arm | native", "the recorder could not run"),
    ("CapabilityBoundingSet", lacks(*CAPABILITIES), "CAP_SYS_PTRACE ~CAP_SYS_PTRACE ~CAP_SYS_ADMIN |",
     "descriptors, programs and networks of others could not be read"),
    ("AmbientCapabilities", lacks(*CAPABILITIES), "CAP_SYS_PTRACE ~CAP_SYS_ADMIN |",
     "a user of its own would have no right over others"),
    ("SecureBits", anything, "noroot |", "takes capabilities away"),
    ("DynamicUser", is_on, "yes | no", "the database would lie where nobody else may read it"),
    ("RootDirectory", anything, "/srv/root |", "the recorder would read the programs and packages of another root"),
    ("RootImage", anything, "/srv/root.img |", "the recorder would read the programs and packages of another root"),
    ("TemporaryFileSystem", anything, "/var /usr:ro |", "hides packages or programs"),
    ("InaccessiblePaths", anything, "/proc -/run |", "hides what is there"),
    ("InaccessibleDirectories", anything, "/proc |", "hides what is there"),
    ("BindPaths", anything, "/srv:/etc |", "shows other files than the host's"),
    ("BindReadOnlyPaths", anything, "/srv:/etc |", "shows other files than the host's"),
    ("ExtensionImages", anything, "/srv/x.raw |", "shows other files than the host's"),
    ("ExtensionDirectories", anything, "/srv/x |", "shows other files than the host's"),
    ("MountAPIVFS", is_other_than("yes", "true"), "no | yes", "there would be no /proc to read"),
    ("KillMode", is_other_than("process"), "control-group mixed none | process",
     "a process that waits for a hung file system would keep the unit from ending"),
    ("ExitType", is_other_than("main"), "cgroup | main", "as KillMode=control-group"),
    ("Type", is_other_than("oneshot"), "simple exec forking | oneshot", "whoever waits for the run would not"),
    ("RemainAfterExit", is_on, "yes | no", "a timer does not start a unit that is active"),
    ("TimeoutStartSec", is_short, "infinity 10s 30 1min | 2min 5m", "a run that hangs, or a busy host"),
    ("RuntimeMaxSec", anything, "5 |", "would end runs"),
    ("StandardError", is_any_of("null"), "null | journal", "nobody would be told why a run failed"),
    ("SuccessExitStatus", anything, "3 |", "a failed run would not be one"),
    ("ExecStart", lambda value: value[:1] in "-+!@", "-/usr/bin/a +/usr/bin/a | /usr/bin/a",
     "hides that it failed, or runs outside of the sandbox"),
    ("LimitAS", anything, "64M |", "MemoryMax= counts what is used; this, what is mapped"),
    ("LimitNPROC", anything, "1 |", "counts all processes of the user; TasksMax= those of the unit"),
    ("LimitFSIZE", anything, "1M |", "the database could not grow"),
    ("LimitNOFILE", anything, "16 |", "one descriptor for each process that is read"),
    ("ReadOnlyPaths", anything, "/var |", "nothing could be recorded below it"),
)
# What must be there, for the default blinds.
NEEDED = {"KillMode": "process", "Type": "oneshot"}


def settings(text):
    """Of [Service], each line: a setting may come twice."""
    section = None
    for line in re.sub(r"\\\n", " ", text).splitlines():
        line = line.strip()
        if line.startswith("["):
            section = line
        elif section == "[Service]" and "=" in line and line[:1] not in "#;":
            name, _, value = line.partition("=")
            yield name.strip(), value.strip()


def allowed_calls(found):
    for name, value in found:
        if name == "SystemCallFilter" and not value.startswith("~"):
            yield from (word.partition(":")[0] for word in value.split())


def find_blinding(text):
    """'Setting=value: reason' of each that is wrong."""
    found = list(settings(text))
    problems = [f"{name}={value}: {why}" for name, value in found
                for setting, is_wrong, _, why in TABLE if setting == name and value and is_wrong(value)]
    have = dict(found)
    problems += [f"{name}= is not {value}" for name, value in NEEDED.items() if name not in have]
    if any(name == "SystemCallFilter" and not value.startswith("~") for name, value in found):
        calls = set(allowed_calls(found))
        problems += [f"SystemCallFilter= lacks {call}" for call in (*CALLS, "@system-service") if call not in calls]
    if have.get("User", "root") != "root" and "AmbientCapabilities" not in have:
        problems.append("User= without AmbientCapabilities=: no right over other users' processes")
    return problems


def misjudged(text):
    """Of each row of the table, what is judged otherwise than it says, in the place of what the unit has."""
    problems = []
    rows = 0
    for setting, _, examples, _ in TABLE:
        bare = re.sub(rf"^{setting}=.*\n", "", text, flags=re.M)
        wrong, _, right = examples.partition("|")
        for value, is_wrong in [(value, True) for value in wrong.split()] + [(value, False) for value in right.split()]:
            rows += 1
            changed = bare.replace("[Service]\n", f"[Service]\n{setting}={value}\n")
            told = [problem for problem in find_blinding(changed) if problem.startswith(f"{setting}={value}:")]
            if bool(told) != is_wrong:
                problems.append(f"unit_settings.py: {setting}={value} is {'not ' if is_wrong else ''}rejected")
    return rows, problems
