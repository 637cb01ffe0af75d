"""Services and owners of a recorded snapshot, a second time: by the words of the design, slowly.

In:    a database, read by format_reader.
Out:   everything that listens, who holds it, what was not looked at.
Never: shares code with schema/view, or is clever.
"""
import collections
import copy
import functools
import socket as net

from format_reader import Reader

TCP, UDP, UDPLITE, UNIX, VSOCK = 1, 2, 3, 6, 11
LISTEN, CLOSE, UNCONNECTED, UNBOUND = 10, 7, 12, 13
KERNEL, EXITED = 4, 7
PROTOCOLS = {1: "tcp", 2: "udp", 3: "udplite", 6: "unix", 11: "vsock"}
IPV4, IPV6, UNIX_FAMILY, VSOCK_FAMILY = 1, 2, 3, 6

# In the order in which the most certain of an endpoint's sockets speaks for all.
LISTENER, UNKNOWN, PASSING, CLIENT = range(4)

Place = collections.namedtuple("Place", "label protocol family v6 address port name")
Program = collections.namedtuple("Program", "path sha256 verdict package version")
Gap = collections.namedtuple("Gap", "source reason label pid object error count")

MANAGERS = {b"/usr/lib/systemd/systemd", b"/lib/systemd/systemd",
            b"/usr/bin/systemd-socket-activate", b"/usr/sbin/inetd", b"/usr/sbin/inetutils-inetd",
            b"/usr/sbin/openbsd-inetd", b"/usr/sbin/rlinetd", b"/usr/sbin/xinetd"}


class Owner:
    def __init__(self, **facts):
        self.__dict__.update(facts)

    @property
    def path(self):
        return self.program.path if self.program else b""

    @property
    def code(self):
        """What it runs and where, whoever it is."""
        return self.path, self.script, lasting(self.unit), self.container

    @property
    def key(self):
        return (*self.code, self.uid)

    def same_user(self, other):
        """Names come and go, numbers differ from host to host; nobody is root by his name."""
        return self.uid == other.uid or (
            self.user == other.user and (self.uid == 0) == (other.uid == 0))


class Service:
    def __init__(self, place, owners, no_holder, v6only, rpc, standing, made_by=None):
        self.place, self.owners, self.no_holder = place, owners, no_holder
        self.v6only, self.rpc, self.standing, self.made_by = v6only, rpc, standing, made_by

    @property
    def counted(self):
        """The owners that serve; those that hold it for others only where nobody else does."""
        return [owner for owner in self.owners if not owner.manager] or self.owners

    @property
    def principal(self):
        return self.counted[0] if self.owners else None

    @property
    def unseen(self):
        if not self.owners:
            return self.no_holder != KERNEL
        return any(owner.program is None and not owner.manager for owner in self.owners)


class Set:
    def __init__(self, services, labels, gaps, as_of, chosen, inodes=()):
        self.services = sorted(services, key=lambda service: service.place)
        self.inodes = dict(inodes)  # of namespaces, by label
        self.labels, self.gaps, self.as_of, self.chosen = labels, gaps, as_of, chosen
        self.at = {service.place: service for service in self.services}


def was_closing(service):
    return not service.owners and service.no_holder == EXITED


def strangers(members, told, other):
    """Further addresses of a port, of whose owners nobody was seen."""
    return [each for each in members if each is not told and each.unseen and not told.unseen and
            not was_closing(each) and each.place not in other.at]


def lasting(unit):
    """Without the number that the next login or run will not have."""
    for prefix, suffix in ((b"session-", b".scope"), (b"run-", b".scope"), (b"run-", b".service")):
        if unit.startswith(prefix) and unit.endswith(suffix):
            return prefix[:-1] + suffix
    return unit


def plain(address):
    """The IPv4 address inside a mapped one."""
    return address[12:] if address[:12] == b"\0" * 10 + b"\xff\xff" and len(address) == 16 else address


def is_any(address):
    return not any(address)


def is_loopback(address):
    address = plain(address)
    return address[0] == 127 if len(address) == 4 else address == b"\0" * 15 + b"\1"


class Host:
    """One snapshot, rebuilt."""

    def __init__(self, reader, seq):
        self.seq = seq
        texts = reader.texts
        optional = lambda number: b"" if number is None else texts[number]
        began, boot_ns, context = reader.db.execute(
            "SELECT began_us, began_boot_ns, context FROM snapshot WHERE seq = ?", (seq,)).fetchone()
        self.boot, first, last = reader.db.execute(
            "SELECT boot_id, ephemeral_first, ephemeral_last FROM context WHERE id = ?",
            (context,)).fetchone()
        self.began, self.chosen = began, (first, last)
        self.labels, self.inodes = {}, {}
        for row, origin, label, inode in reader.rows("netns", "origin, label, inode", seq):
            self.labels[origin or row], self.inodes[origin or row] = texts[label], inode
        users = {}  # of several names the first is shown
        for _, uid, name in sorted(reader.rows("user_name", "uid, name", seq)):
            users.setdefault(uid, texts[name])
        self.processes = {}
        for (row, origin, pid, start, parent, name, program, script, file, line, uid, unit,
             container) in reader.rows("process", "origin, pid, start_ns, parent, name, program, "
                                       "script, script_file, command_line, effective_uid, unit, "
                                       "container", seq):
            found = reader.programs.get(program)
            self.processes[origin or row] = Owner(
                pid=pid, parent=parent, name=texts[name], program=found, script=optional(script),
                script_file=reader.programs.get(file), uid=uid,
                user=users.get(uid, str(uid).encode()), unit=optional(unit),
                container=optional(container), line=None if line is None else texts[line],
                started=began - (boot_ns - start) // 1000, started_ns=start, fds=set(),
                manager=(found.path in MANAGERS and found.verdict != 3) if found
                else pid == 1 and texts[name] == b"systemd")
        details = {row: (name, v6only) for row, name, v6only in
                   reader.db.execute("SELECT socket, name, v6only FROM socket_detail")}
        self.sockets = {}
        for (row, origin, netns, protocol, state, local, port, remote, remote_port, cookie, inode, uid,
             none) in reader.rows("socket", "origin, netns, protocol, state, local_address, local_port, "
                                  "remote_address, remote_port, cookie, inode, uid, no_holder", seq):
            name, v6only = details.get(row, (None, None))
            self.sockets[origin or row] = dict(
                netns=netns, protocol=protocol, state=state, port=port, remote_port=remote_port,
                local=None if local is None else texts[local], remote=remote, name=optional(name),
                v6only=None if v6only is None else bool(v6only), no_holder=none, cookie=cookie,
                inode=inode, uid=uid)
        self.holders = collections.defaultdict(list)
        for _, held, process, fd in reader.rows("holder", "socket, process, fd", seq):
            self.holders[held].append((process, fd))
        self.gaps = [Gap(source, reason, None if netns is None else self.labels[netns], pid,
                         texts[thing], error, count)
                     for _, source, reason, netns, pid, thing, error, count in reader.rows(
                         "gap", "source, reason, netns, pid, object, error_number, count", seq)]
        self.registrations = [(program, texts[transport], texts[address])
                              for _, program, transport, address in reader.rows(
                                  "registration", "program, transport, address", seq)]

    def inet(self, end):
        return end["local"] is not None

    def open_datagram(self, end):
        return (end["protocol"] in (UDP, UDPLITE) and end["state"] == UNCONNECTED and
                self.inet(end) and end["port"] != 0)

    def offers(self, end):
        if end["state"] == LISTEN:
            return end["protocol"] != UNIX or end["name"] != b""
        return self.open_datagram(end)

    def is_chosen(self, port):
        return self.chosen[0] <= port <= self.chosen[1]

    def waits_at(self, netns, protocol, port, address):
        """Whether a stranger who asks for this place finds somebody."""
        for end in self.sockets.values():
            if not self.inet(end) or (end["netns"], end["protocol"], end["port"]) != (
                    netns, protocol, port) or end["state"] not in (LISTEN, UNCONNECTED):
                continue
            six, any_address = len(end["local"]) == 16, is_any(end["local"])
            own = plain(end["local"])
            if len(address) == 16:
                fits = six
            else:
                fits = len(own) == 4 or (any_address and not end["v6only"])
            if fits and (any_address or own == address):
                return True
        return False

    def asks(self, end):
        """A connection that this side opened."""
        if not self.inet(end) or end["state"] in (LISTEN, CLOSE, UNCONNECTED, UNBOUND):
            return False
        local = plain(end["local"])
        remote = plain(end["remote"] or bytes(len(end["local"])))
        if self.waits_at(end["netns"], end["protocol"], end["port"], local):
            return False
        here = is_loopback(remote) or any(
            other["netns"] == end["netns"] and other["protocol"] == end["protocol"] and
            self.inet(other) and other["state"] not in (LISTEN, CLOSE, UNCONNECTED, UNBOUND) and
            other["port"] == end["remote_port"] and plain(other["local"]) == remote and
            other["remote_port"] == end["port"] and
            plain(other["remote"] or bytes(len(other["local"]))) == local
            for other in self.sockets.values())
        if here and self.waits_at(end["netns"], end["protocol"], end["remote_port"], remote):
            return True
        chosen = self.is_chosen(end["port"])
        return chosen and chosen != self.is_chosen(end["remote_port"])

    def rpc_of(self, end):
        """rpcbind's programs at this port of the host itself."""
        if not self.inet(end) or self.labels[end["netns"]] != b"host":
            return frozenset()
        transport = PROTOCOLS[end["protocol"]] + ("6" if len(end["local"]) == 16 else "")
        tail = f".{end['port'] >> 8}.{end['port'] & 255}".encode()
        return frozenset(program for program, name, address in self.registrations
                         if name == transport.encode() and address.endswith(tail))

    def place(self, end):
        protocol, local = end["protocol"], end["local"] and plain(end["local"])
        family = (IPV6 if len(local) == 16 else IPV4) if local is not None else {
            UNIX: UNIX_FAMILY, VSOCK: VSOCK_FAMILY}[protocol]
        address = (local or bytes(4)).ljust(16, b"\0")
        return Place(self.labels[end["netns"]], protocol, family, family == IPV6, address,
                     end["port"], end["name"])


class History:
    """Services of snapshots, each derived once."""

    def __init__(self, path):
        self.reader = Reader(path)
        texts = self.reader.texts
        optional = lambda number: b"" if number is None else texts[number]
        self.reader.programs = {
            row: Program(texts[path], sha, verdict, optional(package), optional(version))
            for row, path, sha, verdict, package, version in self.reader.db.execute(
                "SELECT id, path, sha256, verdict, package, package_version FROM program")}
        self.last = self.reader.db.execute("SELECT max(seq) FROM snapshot").fetchone()[0]

    @functools.lru_cache(None)
    def host(self, seq):
        return Host(self.reader, seq) if 1 <= seq <= self.last else None

    def stays(self, seq, end, hindsight):
        """True: several snapshots have it; False: only this one; None: nobody looked before."""
        before = self.host(seq - 1)
        if before and end in before.sockets:
            return True
        after = self.host(seq + 1)
        if hindsight and after and end in after.sockets and (
                after.sockets[end]["state"] == self.host(seq).sockets[end]["state"]):
            return True
        return False if before and before.boot == self.host(seq).boot else None

    def standing(self, host, key, hindsight):
        end = host.sockets[key]
        stays = functools.partial(self.stays, host.seq, hindsight=hindsight)
        if end["protocol"] not in (UDP, UDPLITE) or stays(key) or host.rpc_of(end):
            return LISTENER
        mine = {process for process, _ in host.holders[key]}

        def held(wanted):
            return any(wanted(other, host.sockets[other]) and
                       mine & {process for process, _ in host.holders[other]}
                       for other in host.sockets)

        def serves(other, what):
            return host.open_datagram(what) and not host.is_chosen(what["port"]) and (
                what["port"] < 1024 or stays(other))
        aside = end["port"] >= 1024 and held(serves)
        if not host.is_chosen(end["port"]) and not aside:
            return LISTENER
        if stays(key) is None:
            return UNKNOWN
        return CLIENT if aside or held(lambda _, what: host.asks(what)) else PASSING

    def collect(self, seq, hindsight):
        host = self.host(seq)
        groups = collections.defaultdict(list)
        for key in sorted(host.sockets):
            if host.offers(host.sockets[key]):
                groups[host.place(host.sockets[key])].append(key)
        services = []
        for place, keys in groups.items():
            fds = collections.defaultdict(set)
            for key in keys:
                for process, fd in host.holders[key]:
                    fds[process].add(fd)
            owners = []
            for process, numbers in fds.items():
                owner = Owner(**host.processes[process].__dict__)
                owner.fds = numbers
                owners.append(owner)
            owners.sort(key=lambda owner: (owner.started, owner.pid))
            told = [host.sockets[key]["v6only"] for key in keys
                    if host.sockets[key]["v6only"] is not None]
            makers = {host.sockets[key]["uid"] for key in keys}
            services.append(Service(
                place, owners, host.sockets[keys[0]]["no_holder"], all(told) if told else None,
                host.rpc_of(host.sockets[keys[0]]),
                min(self.standing(host, key, hindsight) for key in keys),
                makers.pop() if len(makers) == 1 else None))
        return Set(services, set(host.labels.values()), host.gaps, host.began, host.chosen,
                   {label: host.inodes[origin] for origin, label in host.labels.items()})

    @functools.lru_cache(None)
    def services(self, seq, hindsight):
        found = self.collect(seq, hindsight)
        before = self.host(seq - 1) and self.collect(seq - 1, False)
        if before:
            inherit(found, before)
        return found


def has_chosen_port(service, chosen):
    return (service.place.protocol == UDP and not service.rpc and
            chosen[0] <= service.place.port <= chosen[1])


def names_nowhere(gap):
    return gap.source in (2, 3) and gap.label is None


def covers(seen, gap, place):
    """Whether what lies at this place may have been overlooked."""
    def somewhere():
        return place.label == gap.label if gap.label is not None else place.label not in seen.labels
    if gap.source == 2:
        return somewhere()
    if gap.source == 3:
        return gap.reason != 7 and somewhere()
    if gap.source == 1:
        return (gap.object == PROTOCOLS[place.protocol].encode() and
                gap.label in (None, place.label))
    return False


def inherit(found, before):
    """A port that took the place of one that its owner lost counts as that one did."""
    def estate(service):
        owner = service.principal
        if owner and owner.program and has_chosen_port(service, found.chosen):
            return service.place.label, service.place.v6, service.place.address, owner.key
        return None
    lost = collections.Counter(estate(service) for service in before.services
                               if service.standing == LISTENER and service.place not in found.at)
    def known(service):
        return service.principal and service.principal.program
    for service in found.services:
        old = before.at.get(service.place)
        if old and old.standing == LISTENER and known(service) and known(old):
            if service.principal.key == old.principal.key:
                service.standing = LISTENER  # started anew at its own place
            continue
        if not old and service.standing != LISTENER and any(
                covers(before, gap, service.place) and not (names_nowhere(gap) and any(
                    other[:3] == gap[:3] and other.object == gap.object and other.count >= gap.count
                    for other in found.gaps)) for gap in before.gaps):
            service.standing = UNKNOWN  # nobody could see whether it was there
            continue
        mine = estate(service)
        if (service.standing != LISTENER and mine and lost[mine] > 0 and
                service.place not in before.at):
            lost[mine] -= 1
            service.standing = LISTENER


def lives_in(seen, label):
    return {(owner.pid, owner.started_ns) for service in seen.services if service.place.label == label
            for owner in service.owners if owner.started_ns}


def find_renamed(before, after):
    """Namespaces of one inode under two labels, in which somebody served then and still does."""
    return {old: now for old, inode in before.inodes.items() for now, other in after.inodes.items()
            if inode and inode == other and old != now and lives_in(before, old) & lives_in(after, now)}


def relabelled(seen, labels):
    def moved(service):
        told = copy.copy(service)
        told.place = told.place._replace(label=labels.get(told.place.label, told.place.label))
        return told
    return Set([moved(service) for service in seen.services],
                        {labels.get(label, label) for label in seen.labels},
                        [gap._replace(label=labels.get(gap.label, gap.label)) for gap in seen.gaps],
                        seen.as_of, seen.chosen)


def place_of_json(value):
    """The same place as `diff --format json` writes it."""
    family = {"ipv4": IPV4, "ipv6": IPV6, "unix": UNIX_FAMILY, "vsock": VSOCK_FAMILY}[value["family"]]
    protocol = {name: number for number, name in PROTOCOLS.items()}[value["protocol"]]
    address = bytes(16)
    if family in (IPV4, IPV6):
        address = net.inet_pton(net.AF_INET6 if family == IPV6 else net.AF_INET,
                                value["local_address"]).ljust(16, b"\0")
    name = (value["path"] or "").encode()
    if name.startswith(b"@"):
        name = b"\0" + name[1:]
    return Place(value["netns"].encode(), protocol, family, family == IPV6, address,
                 value["local_port"] or 0, name)
