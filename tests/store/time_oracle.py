#!/usr/bin/env python3
"""A second `when` and a second `timeline`, written from the design alone, agree on random histories.

In:    the folder of sockwitness, diff_pairs and make_history.
Out:   every span with its brackets and counts, every event of listeners, connections and processes, equal;
       how often each kind occurred.
Never: passes when a kind of event, a hidden begin or a hidden end did not occur at all.
"""
import collections
import itertools
import copy
import json
import os
import subprocess
import sys
import tempfile
import types

import diff_oracle
import service_oracle as services
from service_oracle import CLOSE, LISTEN, TCP, UDP, UDPLITE, UNBOUND, UNCONNECTED

LONG = bool(os.environ.get("SOCKWITNESS_LONG"))
HISTORIES, LENGTH = (40, 120) if LONG else (7, 80)

NETWORK = {1: "tcp", 2: "udp", 3: "udplite", 4: "raw", 5: "icmp", 9: "sctp", 10: "mptcp", 12: "dccp"}


# Tables are named by protocol, also those in which no service lives.
services.PROTOCOLS.update(NETWORK)


def identity(host, end):
    """The same for one socket in all snapshots of a boot, also when some could not see it between."""
    names = (end["cookie"],) if end["cookie"] else (
        end["protocol"], end["local"], end["port"], end["remote"], end["remote_port"], end["name"],
        end["inode"])
    return (host.boot, host.inodes[end["netns"]], *names)


class Seen:
    """What coverage needs to know of a snapshot."""

    def __init__(self, host):
        self.gaps, self.labels = host.gaps, set(host.labels.values())


def covered_before(before, after, place):
    """A blind spot that still is there, and no smaller, does not explain why something can be seen now."""
    nowhere = diff_oracle.names_nowhere
    return any(diff_oracle.covers(before, gap, place) and not (nowhere(gap) and any(
        nowhere(other) and (other.source, other.reason, other.object) ==
        (gap.source, gap.reason, gap.object) and other.count >= gap.count
        for other in after.gaps)) for gap in before.gaps)


class Record:
    """All snapshots of a history, each rebuilt on its own."""

    def __init__(self, path):
        history = services.History(path)
        self.last, self.reader, self.history = history.last, history.reader, history
        self.hosts = {seq: history.host(seq) for seq in range(1, self.last + 1)}
        self.ends = {seq: {identity(host, end): end for end in host.sockets.values()}
                     for seq, host in self.hosts.items()}
        self.files = {row: facts for row, *facts in self.reader.db.execute(
            "SELECT id, path, device, inode FROM program")}
        self.seen = {seq: Seen(host) for seq, host in self.hosts.items()}
        self.runs = {}
        for seq, host in self.hosts.items():
            files = files_run(self, seq)
            self.runs[seq] = {(host.boot, process.pid, process.started_ns): files.get(number)
                              for number, process in host.processes.items()}

    def service(self, seq, place):
        return self.history.collect(seq, False).at[place]

    def find_other(self, sights, now):
        """The last snapshot that saw somebody else there, unless a later one tells that it is the same owner."""
        for seq, service in reversed(sights):
            verdict = diff_oracle.compare_people(self.history.collect(seq, False), service, now)
            if "unseen" not in verdict:
                return seq if verdict == "changed" else None
        return None

    def hidden_after(self, seq, place):
        """Something was there earlier: these eyes cannot say that it is gone."""
        return diff_oracle.covered(self.seen[seq], place)

    def hidden_before(self, seq, first, place):
        """Something is there first at `first`: these eyes cannot say that it was not there."""
        return covered_before(self.seen[seq], self.seen[first], place)

    def not_before(self, first, place, from_seq=1):
        return next((seq for seq in range(first - 1, from_seq - 1, -1)
                     if not self.hidden_before(seq, first, place)), None)

    def not_after(self, last, place):
        return next((seq for seq in range(last + 1, self.last + 1)
                     if not self.hidden_after(seq, place)), None)


def process_hidden(seen, other, pid):
    """A list that was as incomplete when the process was seen does not hide it."""
    return any((gap.source == 3 and gap not in other.gaps) or (gap.source == 4 and gap.pid in (None, pid))
               for gap in seen.gaps)


def waits(end):
    return end["state"] == LISTEN or end["state"] == UNCONNECTED


def is_connected(host, end):
    return host.inet(end) and end["state"] not in (LISTEN, CLOSE, UNCONNECTED, UNBOUND)


def things_in_sight(record):
    """Sockets and processes by what the kernel calls them: per snapshot who is there first, who has gone, who is
    neither seen nor known to be gone. A reboot ends everything."""
    words = {**services.PROTOCOLS, 7: "packet", 8: "netlink", 13: "other"}
    services.PROTOCOLS.update(words)

    def sockets(host):
        return {identity(host, end): types.SimpleNamespace(
            label=host.labels[end["netns"]], protocol=end["protocol"]) for end in host.sockets.values()}

    def processes(host):
        return {(host.boot, process.pid, process.started_ns): process.pid for process in host.processes.values()}

    def socket_hidden(seq, last, place):
        return record.hidden_after(seq, place)

    def is_process_hidden(seq, last, pid):
        return process_hidden(record.seen[seq], record.seen[last], pid)
    found = {}
    for word, things, hidden in (("socket", sockets, socket_hidden), ("process", processes, is_process_hidden)):
        known, appeared, vanished = {}, 0, 0
        for seq, host in record.hosts.items():
            now = things(host)
            rebooted = seq > 1 and record.hosts[seq - 1].boot != host.boot
            for key, (last, place) in list(known.items()):
                if key not in now and (rebooted or not hidden(seq, last, place)):
                    known.pop(key)
                    vanished += 1
            appeared += sum(key not in known for key in now) if seq > 1 else 0
            known.update((key, (seq, place)) for key, place in now.items())
        found[word] = (appeared, vanished, sum(last < record.last for last, _ in known.values()))
    return found


# ---- when ----------------------------------------------------------------------------------------

def spans_of(record, protocol, port):
    """Spans of what waits at a port, on any address of any namespace."""
    at = {}
    for seq, host in record.hosts.items():
        at[seq] = {key: host.place(end) for key, end in record.ends[seq].items()
                   if host.inet(end) and end["protocol"] == protocol and end["port"] == port and
                   waits(end) and (end["state"] == LISTEN or protocol in (UDP, UDPLITE))}
    spans, span = [], None
    for seq in range(1, record.last + 1):
        places = at[seq]
        if places:
            if span is None:
                begin = next((earlier for earlier in range(seq - 1, (spans[-1]["not_after"] if spans else 1) - 1, -1)
                              if not any(record.hidden_before(earlier, seq, place)
                                         for place in places.values())), None)
                if begin is None and spans:
                    begin = spans[-1]["not_after"]
                span = {"first": seq, "not_before": begin, "not_after": None, "hidden": [],
                        "restarts": [], "places": set()}
                spans.append(span)
            elif record.hosts[seq].boot == record.hosts[span["last"]].boot and not (
                    set(places) & set(at[span["last"]])):
                span["restarts"].append(seq)
            span["hidden"] += range(span.get("last", seq - 1) + 1, seq)
            span["last"] = seq
            span["places"] |= set(places.values())
        elif span is not None:
            if not any(record.hidden_after(seq, place) for place in at[span["last"]].values()):
                span["not_after"] = seq
                span = None
    return spans


def ask(folder, path, *words):
    run = subprocess.run([os.path.join(folder, "sockwitness"), "--db", path, *words, "--format", "json"],
                         capture_output=True, check=True)
    return json.loads(run.stdout)


def check_when(folder, path, record, counts):
    for protocol, port in ((TCP, 80), (TCP, 8080), (UDP, 53), (UDP, 40000), (TCP, 443), (TCP, 7)):
        word = f"{services.PROTOCOLS[protocol]}/{port}"
        told = ask(folder, path, "when", word, "--peers", "0")["spans"]
        expected = spans_of(record, protocol, port)
        assert len(told) == len(expected), (word, len(told), len(expected))
        for span, other in zip(told, expected):
            within = other["last"] - other["first"] + 1
            assert (span["first_seq"], span["not_before_seq"], span["last_seq"],
                    span["not_after_seq"]) == (other["first"], other["not_before"], other["last"],
                                               other["not_after"]), (word, span, other)
            assert (span["snapshots"], span["of_snapshots"]) == (
                within - len(other["hidden"]), within), (word, other)
            assert [each["seq"] for each in span["restarts"]] == other["restarts"], (word, other)
            assert {services.place_of_json(place) for place in span["endpoints"]} == other["places"], word
            counts["span"] += 1
            counts["hidden begin"] += other["not_before"] not in (None, other["first"] - 1)
            counts["hidden end"] += other["not_after"] not in (None, other["last"] + 1)
            counts["hidden middle"] += len(other["hidden"]) > 0
            counts["restart within a span"] += len(other["restarts"])
        # Of a period only its own snapshots count, however long the span is.
        first, last = record.last // 3, record.last // 2
        told = ask(folder, path, "when", word, "--peers", "0", "--since", f"#{first}", "--until", f"#{last}")["spans"]
        for span in told:
            (other,) = [each for each in expected if each["first"] == span["first_seq"]]
            within = min(last, other["last"]) - max(first, other["first"]) + 1
            hidden = sum(first <= seq <= last for seq in other["hidden"])
            assert (span["snapshots"], span["of_snapshots"]) == (within - hidden, within), (word, span, other)
            counts["span over a period"] += 1


# ---- listeners -----------------------------------------------------------------------------------

class Reaches(diff_oracle.Comparison):
    """Of a comparison only what an owner has at a port, before and after."""

    def __init__(self, before, after):
        as_set = lambda members: services.Set(members, set(), [], 0, (1, 0))
        self.before, self.after, self.found = as_set(before), as_set(after), []
        self.old, self.new = self.before.services, self.after.services
        self.taken, self.altered = set(), set()
        self.match_places()
        self.match_ports()

    def tell_people(self, before, after):
        return True

    def tell_same(self, before, after):
        pass

    def tell_reach(self, before, after, befores, afters, taken_over):
        change = diff_oracle.how_reach_changed(diff_oracle.Reach(befores), diff_oracle.Reach(afters))
        if not taken_over and change in ("widened", "narrowed"):
            self.found.append((change, before.place, after.place,
                               {each.place for each in (*befores, *afters)}))


def join_reaches(events, seq, changed, old, known):
    """One event for all that an owner has at a port. `changed`: place → last snapshot that shows otherwise."""
    ports = {(place.label, place.protocol, place.port) for place in changed}
    at_port = lambda members: [each for each in members if (
        each.place.label, each.place.protocol, each.place.port) in ports]
    for change, before, after, places in Reaches(at_port(old), at_port(known)).found:
        begins = [begin for place, begin in changed.items() if place in places]
        if None in begins:
            continue
        events[:] = [event for event in events if event[3] not in places or event[0] not in (
            "listener_appeared", "listener_vanished")]
        events.append((f"exposure_{change}", seq, min(begins), after, before))


def listener_events(record):
    """(kind, seq, not_before, place, place before)"""
    lives = collections.Counter(key for host in record.hosts.values() for key in host.sockets)
    events, known, gone, open_before = [], {}, {}, set()
    for seq in range(1, record.last + 1):
        host = record.hosts[seq]
        now, certain, told, changed = collections.defaultdict(set), set(), [], {}
        old = [copy.copy(each["service"]) for each in known.values()]
        for key, end in host.sockets.items():
            if not host.inet(end) or not waits(end):
                continue
            passing = (end["protocol"] in (UDP, UDPLITE) and host.is_chosen(end["port"]) and
                       lives[key] == 1 and identity(host, end) not in open_before)
            now[host.place(end)].add(identity(host, end))
            if not passing:
                certain.add(host.place(end))
        # One that was out of sight has several lives in the file, and stays all the same.
        open_before |= {identity(host, end) for key, end in host.sockets.items()
                   if host.inet(end) and end["state"] == UNCONNECTED}
        now = {place: keys for place, keys in now.items() if place in certain}
        for place, keys in now.items():
            service = copy.copy(record.service(seq, place))
            if place not in known:
                begin = None
                if seq > 1:
                    begin = record.not_before(seq, place, gone.get(place, 1))
                    begin = gone.get(place) if begin is None else begin
                told.append(("listener_appeared" if seq > 1 else "listener_present", seq, begin, place, None))
                changed[place] = begin
                here = known[place] = {"service": service, "sights": []}
            else:
                here = known[place]
                other = record.find_other(here["sights"], service)
                if other is not None:
                    told.append(("owner_changed", seq, other, place, place))
                    here["sights"] = []
                elif here["boot"] == host.boot and not keys & here["keys"]:
                    told.append(("listener_restarted", seq, here["last"], place, place))
                if bool(service.v6only) != bool(here["service"].v6only):
                    changed[place] = here["last"]
                # Whose holder cannot be seen is taken for who was seen last.
                if not service.unseen or here["service"].unseen:
                    here["service"] = service
                here["service"].v6only = service.v6only
            if not service.unseen:
                here["sights"].append((seq, service))
            here.update(last=seq, keys=keys, boot=host.boot)
        for place in [place for place in known if place not in now]:
            if not record.hidden_after(seq, place):
                changed[place] = known.pop(place)["last"]
                told.append(("listener_vanished", seq, changed[place], place, None))
                gone[place] = seq
        if seq > 1 and changed:
            join_reaches(told, seq, changed, old, [each["service"] for each in known.values()])
        events += told
    return events


def check_listeners(folder, path, record, counts):
    told = ask(folder, path, "timeline", "--events", "listener")["events"]
    place = lambda value: value and services.place_of_json(value)
    answer = {(event["kind"], event["seq"], event["not_before_seq"], place(event["service"]),
               place(event["before"])) for event in told}
    expected = set(listener_events(record))
    assert answer == expected, sorted(map(str, answer ^ expected), key=lambda text: text.split(",")[1])[:6]
    assert len(answer) == len(told)
    assert [event["seq"] for event in told] == sorted(event["seq"] for event in told)
    for event in told:
        counts[event["kind"]] += 1
        counts["hidden begin of a listener"] += event["kind"] == "listener_appeared" and \
            event["not_before_seq"] != event["seq"] - 1
        counts["owner changed out of sight"] += event["kind"] == "owner_changed" and \
            event["not_before_seq"] != event["seq"] - 1
    counts["reach of one address more or less"] += sum(
        event[0].startswith("exposure") and event[3] == event[4] for event in expected)


# ---- connections and processes -------------------------------------------------------------------

class Stay:
    """Snapshots in a row that show the same of a thing."""

    def __init__(self, seq, names, facts, place):
        self.first = self.last = seq
        self.begins_as = self.ends_as = names
        self.facts, self.place_first, self.place_last = facts, place, place
        self.starts, self.ends = False, False  # nothing of the thing was seen before it, or is after it


def stays_of(record, things):
    """By the number that the file gives a thing; `things` of a host: number → (name in the boot, facts, place);
    without facts it is there, and not what is asked for."""
    stays, open_stays, known = [], {}, {}
    for seq, host in record.hosts.items():
        now = things(host)
        for number, (name, facts, place) in now.items():
            stay = open_stays.get(number)
            if facts is None or stay is None or stay.facts != facts:
                open_stays.pop(number, None)
                if facts is not None:
                    stay = open_stays[number] = Stay(seq, name, facts, place)
                    stay.starts = number not in known
                    stays.append(stay)
            if facts is not None:
                stay.last, stay.ends_as, stay.place_last = seq, name, place
        for number in [number for number in known if number not in now]:
            if number in open_stays:
                open_stays.pop(number).ends = True
        known = now
    return stays


def links_of(stays, out_of_sight):
    """Pairs of stays of one thing that nobody could see between them."""
    pairs, latest = [], {}
    for stay in sorted(stays, key=lambda stay: stay.first):
        before = latest.get(stay.begins_as) if stay.starts else None
        if before and before.ends and before.last < stay.first and before.facts == stay.facts:
            pairs.append((before, stay))
        latest[stay.begins_as] = latest[stay.ends_as] = stay
    backward = {id(later) for before, later in pairs if out_of_sight(later.place_first, before.last, later.first)}
    forward = {id(before) for before, later in pairs if out_of_sight(before.place_last, before.last, later.first)}
    return backward, forward


def connection_events(record):
    def things(host):
        found = {}
        for number, end in host.sockets.items():
            nameless = not end["cookie"] and not end["inode"]
            name = ("row", number) if nameless else identity(host, end)
            facts = (end["protocol"], end["local"], end["port"], end["remote"] or bytes(len(end["local"])),
                     end["remote_port"]) if is_connected(host, end) else None
            found[number] = (name, facts, place_of(host, number) if facts else None)
        return found

    def out_of_sight(place, last, first):
        seen = record.not_after(last, place)
        return seen is None or seen >= first
    events = []
    stays = stays_of(record, things)
    backward, forward = links_of(stays, out_of_sight)
    for stay in stays:
        if id(stay) not in backward:
            events.append(("connection_opened" if stay.first > 1 else "connection_present", stay.first,
                           record.not_before(stay.first, stay.place_first) if stay.first > 1 else None,
                           *stay.facts))
        if id(stay) not in forward and stay.last < record.last:
            gone = record.not_after(stay.last, stay.place_last)
            if gone is not None:
                events.append(("connection_closed", gone, stay.last, *stay.facts))
    return events


def place_of(host, key):
    end = host.sockets[key]
    local = end["local"]
    return services.Place(host.labels[end["netns"]], end["protocol"],
                          services.IPV6 if len(local) == 16 else services.IPV4, len(local) == 16,
                          local.ljust(16, b"\0"), end["port"], end["name"])


def of_json(event):
    socket = event["socket"]
    numbers = {word: number for number, word in NETWORK.items()}
    packed = lambda text: services.net.inet_pton(
        services.net.AF_INET6 if ":" in text else services.net.AF_INET, text)
    return (event["kind"], event["seq"], event["not_before_seq"], numbers[socket["protocol"]],
            packed(socket["local_address"]), socket["local_port"],
            packed(socket["remote_address"]), socket["remote_port"])


def check_connections(folder, path, record, counts):
    told = ask(folder, path, "timeline", "--events", "connection", "-A",
               "tcp,udp,raw,sctp,dccp,mptcp,inet")["events"]
    order = lambda events: sorted(events, key=lambda event: (event[0], event[1], event[2] or 0, *event[3:]))
    answer = order(of_json(event) for event in told)
    listed = set(NETWORK)
    wanted = order(event for event in connection_events(record) if event[3] in listed)
    assert answer == wanted, [event for event in answer if event not in wanted][:3] + [
        event for event in wanted if event not in answer][:3]
    for event in told:
        counts[event["kind"]] += 1


def files_run(record, seq):
    """By process: the file that it runs and the script that an interpreter runs; not where nobody could read it."""
    return {origin or row: (record.files[program], script) for row, origin, program, script in
            record.reader.rows("process", "origin, program, script", seq) if program is not None}


def process_events(record):
    def things(host):
        return {number: ((host.boot, process.pid, process.started_ns), process.pid, process.pid)
                for number, process in host.processes.items()}

    def not_after(pid, last):
        return next((later for later in range(last + 1, record.last + 1) if not process_hidden(
            record.seen[later], record.seen[last], pid)), None)

    def out_of_sight(pid, last, first):
        seen = not_after(pid, last)
        return seen is None or seen >= first
    events, run = [], {}
    stays = stays_of(record, things)
    backward, forward = links_of(stays, out_of_sight)
    for stay in stays:
        pid, seq = stay.facts, stay.first
        if id(stay) not in backward:
            begin = next((earlier for earlier in range(seq - 1, 0, -1) if not process_hidden(
                record.seen[earlier], record.seen[seq], pid)), None)
            events.append(("process_started" if seq > 1 else "process_present", seq, begin, pid))
            run.pop(stay.begins_as, None)
        for seq in range(stay.first, stay.last + 1):
            files = record.runs[seq].get(stay.begins_as)
            if files is not None:
                known = run.get(stay.begins_as)
                if known is not None and known[1] != files:
                    events.append(("process_exec", seq, known[0], pid))
                run[stay.begins_as] = (seq, files)
        gone = not_after(pid, stay.last)
        if id(stay) not in forward and gone is not None:
            events.append(("process_ended", gone, stay.last, pid))
    return events


def check_processes(folder, path, record, counts):
    told = ask(folder, path, "timeline", "--events", "process", "-a")["events"]
    order = lambda events: sorted(events, key=lambda event: (event[0], event[1], event[2] or 0, event[3]))
    answer = order((event["kind"], event["seq"], event["not_before_seq"], event["process"]["pid"])
                   for event in told)
    wanted = order(process_events(record))
    assert answer == wanted, [event for event in answer if event not in wanted][:3] + [
        event for event in wanted if event not in answer][:3]
    for event in told:
        counts[event["kind"]] += 1


# ---- parts of the whole --------------------------------------------------------------------------

def slim(event):
    """Without the owners of a listener: who held it last may be known from before the period."""
    return {key: value for key, value in event.items() if key not in ("service", "before")}


def check_parts(folder, path, record, counts):
    """A filter or a period takes events away, and changes none."""
    whole = ask(folder, path, "timeline", "--events", "all")["events"]
    ends = [event for event in whole if event["kind"].startswith("connection")]
    for words, fits in ((["--port", "80"], lambda socket: 80 in (socket["local_port"], socket["remote_port"])),
                        (["--remote", "192.0.2.1"], lambda socket: socket["remote_address"] == "192.0.2.1"),
                        (["-4", "-u"], lambda socket: (socket["family"], socket["protocol"]) == ("ipv4", "udp"))):
        part = ask(folder, path, "timeline", "--events", "connection", *words)["events"]
        assert part == [event for event in ends if fits(event["socket"])], words
        counts["connection by filter"] += len(part)
    first, last = record.last // 4, record.last // 2
    part = ask(folder, path, "timeline", "--events", "all", "--since", f"#{first}", "--until", f"#{last}")["events"]
    told = [event for event in part if not event["kind"].endswith("_present")]
    wanted = [event for event in whole if event["seq"] and first < event["seq"] <= last]
    # What the first snapshot of the period could not see is not known to have been there.
    told = [slim(event) for event in told if event["not_before_seq"] is not None]
    wanted = [slim(event) for event in wanted if (event["not_before_seq"] or 0) >= first]
    # Nor that a port that the kernel chose was there before it went out of sight, and is no client's.
    def may_be_clients(event):
        socket = event.get("socket") or event.get("service") or event.get("before") or {}
        return event["kind"].startswith("listener") and (socket.get("protocol") or "udp").startswith("udp")
    wanted = [event for event in wanted if event in told or not may_be_clients(event)]
    assert told == wanted, [
        (one["kind"], one["seq"], other["kind"], other["seq"])
        for one, other in zip(told, wanted) if one != other][:3]
    counts["event of a period"] += len(told)


def main():
    folder = sys.argv[1]
    counts = collections.Counter()
    # Services that live as services do, with gaps; and anything at all, with suspends and clock steps.
    makers = (("diff_pairs", ["0"], (check_when, check_listeners, check_connections, check_processes,
                                     check_parts)),
              ("make_history", [], (check_connections, check_processes)))
    with tempfile.TemporaryDirectory() as scratch:
        for seed, (maker, more, checks) in itertools.product(range(1, HISTORIES + 1), makers):
            path = os.path.join(scratch, f"{maker}{seed}.db")
            subprocess.run([os.path.join(folder, maker), path, str(seed), str(LENGTH), *more],
                           check=True, stdout=subprocess.DEVNULL)
            record = Record(path)
            for check in checks:
                try:
                    check(folder, path, record, counts)
                except AssertionError as failure:
                    sys.exit(f"{maker}, seed {seed}, {check.__name__}: {failure}")
    print(", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())))
    for kind in ("span", "hidden begin", "hidden end", "hidden middle", "restart within a span",
                 "listener_appeared", "listener_vanished", "listener_restarted", "owner_changed",
                 "exposure_widened", "exposure_narrowed", "hidden begin of a listener",
                 "owner changed out of sight", "connection_opened", "connection_closed", "process_started", "process_ended",
                 "process_exec"):
        assert counts[kind], f"nothing of this kind occurred: {kind}"


if __name__ == "__main__":
    main()
