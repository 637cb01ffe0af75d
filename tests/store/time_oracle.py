#!/usr/bin/env python3
"""A second `when` and a second `timeline`, written from the design alone, agree on random histories.

In:    the folder of sockwitness, diff_pairs and make_history.
Out:   every span with its brackets and counts, every event of listeners, connections and processes, equal;
       how often each kind occurred.
Never: passes when a kind of event, a hidden begin or a hidden end did not occur at all.
"""
import collections
import itertools
import json
import os
import subprocess
import sys
import tempfile

import diff_oracle
import service_oracle as services
from service_oracle import CLOSE, LISTEN, TCP, UDP, UDPLITE, UNBOUND, UNCONNECTED

LONG = bool(os.environ.get("SOCKWITNESS_LONG"))
HISTORIES, LENGTH = (40, 120) if LONG else (7, 80)

NETWORK = {1: "tcp", 2: "udp", 3: "udplite", 4: "raw", 5: "icmp", 9: "sctp", 10: "mptcp", 12: "dccp"}


# Tables are named by protocol, also those in which no service lives.
services.PROTOCOLS.update(NETWORK)


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
        self.files = {row: facts for row, *facts in self.reader.db.execute(
            "SELECT id, path, device, inode FROM program")}
        self.seen = {seq: Seen(host) for seq, host in self.hosts.items()}

    def service(self, seq, place):
        return self.history.collect(seq, False).at[place]

    def owner_changed(self, last, before, now):
        """Whether somebody else answers, as far as the snapshot that saw it last can tell."""
        return diff_oracle.compare_people(self.history.collect(last, False), before, now) == "changed"

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
    return any((gap.source == 3 and gap not in other.gaps) or (gap.source == 4 and gap.pid == pid)
               for gap in seen.gaps)


def waits(end):
    return end["state"] == LISTEN or end["state"] == UNCONNECTED


def is_connected(host, end):
    return host.inet(end) and end["state"] not in (LISTEN, CLOSE, UNCONNECTED, UNBOUND)


# ---- when ----------------------------------------------------------------------------------------

def spans_of(record, protocol, port):
    """Spans of what waits at a port, on any address of any namespace."""
    at = {}
    for seq, host in record.hosts.items():
        at[seq] = {key: host.place(end) for key, end in host.sockets.items()
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
                span = {"first": seq, "not_before": begin, "not_after": None, "hidden": 0,
                        "restarts": [], "places": set()}
                spans.append(span)
            elif record.hosts[seq].boot == record.hosts[span["last"]].boot and not (
                    set(places) & set(at[span["last"]])):
                span["restarts"].append(seq)
            span["hidden"] += seq - span.get("last", seq - 1) - 1
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
            assert (span["snapshots"], span["of_snapshots"]) == (within - other["hidden"], within), (word, other)
            assert [each["seq"] for each in span["restarts"]] == other["restarts"], (word, other)
            assert {services.place_of_json(place) for place in span["endpoints"]} == other["places"], word
            counts["span"] += 1
            counts["hidden begin"] += other["not_before"] not in (None, other["first"] - 1)
            counts["hidden end"] += other["not_after"] not in (None, other["last"] + 1)
            counts["hidden middle"] += other["hidden"] > 0
            counts["restart within a span"] += len(other["restarts"])


# ---- listeners -----------------------------------------------------------------------------------

def listener_events(record):
    """(kind, seq, not_before, place)"""
    lives = collections.defaultdict(list)
    for seq, host in record.hosts.items():
        for key, end in host.sockets.items():
            lives[key].append(seq)
    events, known, gone = [], {}, {}
    for seq in range(1, record.last + 1):
        host = record.hosts[seq]
        now, certain = collections.defaultdict(set), set()
        for key, end in host.sockets.items():
            if not host.inet(end) or not waits(end):
                continue
            passing = (end["protocol"] in (UDP, UDPLITE) and host.is_chosen(end["port"]) and
                       len(lives[key]) == 1)
            now[host.place(end)].add(key)
            if not passing:
                certain.add(host.place(end))
        now = {place: keys for place, keys in now.items() if place in certain}
        for place, keys in now.items():
            if place not in known:
                begin = None
                if seq > 1:
                    begin = record.not_before(seq, place, gone.get(place, 1))
                    begin = gone.get(place) if begin is None else begin
                events.append(("listener_appeared" if seq > 1 else "listener_present", seq, begin, place))
                service = record.service(seq, place)
            else:
                last, old, boot, service = known[place]
                now_here = record.service(seq, place)
                if record.owner_changed(last, service, now_here):
                    events.append(("owner_changed", seq, last, place))
                elif boot == host.boot and not keys & old:
                    events.append(("listener_restarted", seq, last, place))
                # Whose holder cannot be seen is taken for who was seen last.
                if not now_here.unseen or service.unseen:
                    service = now_here
            known[place] = (seq, keys, host.boot, service)
        for place in [place for place in known if place not in now]:
            if not record.hidden_after(seq, place):
                events.append(("listener_vanished", seq, known.pop(place)[0], place))
                gone[place] = seq
    return events


def moves_undone(told):
    """A change of reach is one that appeared and one that vanished."""
    for event in told:
        kind = event["kind"]
        bracket = event["seq"], event["not_before_seq"]
        if kind in ("exposure_widened", "exposure_narrowed"):
            yield ("listener_vanished", *bracket, services.place_of_json(event["before"]))
            yield ("moved here", event["seq"], None, services.place_of_json(event["service"]))
        else:
            yield (kind, *bracket, services.place_of_json(event["service"]))


def check_listeners(folder, path, record, counts):
    told = ask(folder, path, "timeline", "--events", "listener")["events"]
    answer = list(moves_undone(told))
    moved = {(event[1], event[3]) for event in answer if event[0] == "moved here"}
    plain = sorted(event for event in answer if event[0] != "moved here" and event[2] is not None)
    expected = listener_events(record)
    wanted = sorted(event for event in expected
                    if event[2] is not None and (event[1], event[3]) not in moved)
    assert plain == wanted, (sorted(set(plain) ^ set(wanted))[:6])
    nowhere = lambda events: sorted((event[0], event[1], event[3]) for event in events
                                    if event[2] is None and event[0] in (
                                        "listener_present", "listener_appeared") and
                                    (event[1], event[3]) not in moved)
    assert nowhere(answer) == nowhere(expected)
    assert [event["seq"] for event in told] == sorted(event["seq"] for event in told)
    for event in told:
        counts[event["kind"]] += 1
        counts["hidden begin of a listener"] += event["kind"] == "listener_appeared" and \
            event["not_before_seq"] != event["seq"] - 1


# ---- connections and processes -------------------------------------------------------------------

def connection_events(record):
    last, events = {}, []
    for seq in range(1, record.last + 1):
        host = record.hosts[seq]
        now = {}
        for key, end in host.sockets.items():
            if is_connected(host, end):
                now[key] = (end["protocol"], end["local"], end["port"],
                            end["remote"] or bytes(len(end["local"])), end["remote_port"])
        for key, facts in now.items():
            if last.get(key) != facts:
                place = place_of(host, key)
                events.append(("connection_opened" if seq > 1 else "connection_present", seq,
                               record.not_before(seq, place) if seq > 1 else None, *facts))
        for key, facts in last.items():
            if now.get(key) != facts:
                gone = record.not_after(seq - 1, place_of(record.hosts[seq - 1], key))
                if gone is not None:
                    events.append(("connection_closed", gone, seq - 1, *facts))
        last = now
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
    events, last, run = [], {}, {}
    for seq in range(1, record.last + 1):
        host = record.hosts[seq]
        for key, process in host.processes.items():
            if key not in last:
                begin = None
                if seq > 1:
                    begin = next((earlier for earlier in range(seq - 1, 0, -1) if not process_hidden(
                        record.seen[earlier], record.seen[seq], process.pid)), None)
                events.append(("process_started" if seq > 1 else "process_present", seq, begin, process.pid))
        for key in [key for key in last if key not in host.processes]:
            pid = last.pop(key)
            gone = next((later for later in range(seq, record.last + 1) if not process_hidden(
                record.seen[later], record.seen[seq - 1], pid)), None)
            if gone is not None:
                events.append(("process_ended", gone, seq - 1, pid))
        last.update({key: process.pid for key, process in host.processes.items()})
        for key, files in files_run(record, seq).items():
            if key in run and run[key][1] != files:
                events.append(("process_exec", seq, run[key][0], host.processes[key].pid))
            run[key] = (seq, files)
    return events


def check_processes(folder, path, record, counts):
    told = ask(folder, path, "timeline", "--events", "process")["events"]
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
                 "connection_opened", "connection_closed", "process_started", "process_ended",
                 "process_exec"):
        assert counts[kind], f"nothing of this kind occurred: {kind}"


if __name__ == "__main__":
    main()
