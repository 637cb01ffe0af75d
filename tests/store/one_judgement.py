#!/usr/bin/env python3
"""No two answers about the same service contradict each other, on random histories of services.

In:    the folder of the programs; diff_pairs makes the histories; by hand also a seed, and then all
       that it contradicts is listed.
Out:   what was compared of `show`, `account`, `diff`, `when`, `timeline`, `report`, `--write-policy`,
       `check --baseline` and the exports, and how often.
Never: passes when one of the comparisons was never made. What two answers leave to each other is
       named where it is left out.
"""
import collections
import json
import re
import sys

import programs

SEEDS, LENGTH = (120, 30) if programs.LONG else (3, 10)
INET = ("ipv4", "ipv6")
# Kinds of `diff` that no event of a timeline stands for: a name is no event.
NO_EVENT = {"renamed"}
ONE_OF = ("tcp", "sctp", "mptcp", "dccp")


def place_of(service):
    return (service["protocol"], service["family"], service["local_address"], service["local_port"],
            service["netns"], service["path"])


def place_of_socket(socket):
    address, family = socket["local_address"], socket["family"]
    if family == "ipv6" and address.startswith("::ffff:") and "." in address:
        address, family = address[len("::ffff:"):], "ipv4"
    return (socket["protocol"], family, address, socket["local_port"], socket["netns"], socket["path"])


def corner(place):
    """The place without its address and namespace: what was opened wider or moved keeps it."""
    return place[0], place[3], place[5]


def is_chosen(place):
    """A datagram port that may be a client's own: it counts once it stays, of which a timeline and a report know more
    than two snapshots. What a difference says of it they have to tell, not the other way round."""
    return place[0] in ("udp", "udplite") and place[3] >= 1024


def first_told(seq, change):
    """Where else a timeline and a report may tell what a difference to this snapshot does: a chosen port that stayed
    came with the snapshot before, which only the next one shows."""
    stays = is_chosen(place_of(change)) and change["after"]
    return (seq - 1, seq) if stays else (seq,)


def is_unknown(answers, seq, place):
    """Whether such a port is a service here the snapshots just before could not say: a gap hid its place. A timeline
    and a report remember what was seen earlier, a difference has no more than the one before."""
    return is_chosen(place) and any(corner(place) in hidden_in(answers.changes(each - 1, each))
                                    for each in range(max(2, seq - 2), seq + 1))


def is_within_reach(answers, first, second, place):
    """It came or went while its owner answers at any address of that port, before and after: who asks there is answered
    as before, so a difference says nothing."""
    sides = [[each for each in answers.accounted(seq)["services"]
              if corner(place_of(each)) == corner(place) and each["netns"] == place[4]] for seq in (first, second)]
    here = [owner for side in sides for each in side if place_of(each) == place for owner in owners(each)]
    return all(any(each["local_address"] in ("0.0.0.0", "::") and place_of(each) != place and
                   owners(each) & set(here) for each in side) for side in sides)


def is_named(service):
    return service["family"] not in INET


def owners(service):
    return {(owner["program"], owner["script"], owner["uid"], owner["unit"], owner["container"])
            for owner in service["owners"]}


class Answers:
    """One history, asked everything."""

    def __init__(self, folder, seed):
        self.seed, self.folder = seed, folder
        self.path = folder / f"{seed}.db"
        programs.run(programs.DIFF_PAIRS, self.path, seed, LENGTH, 0, check=True)
        self.empty = folder / "empty.toml"
        self.empty.write_text("", encoding="ascii")
        self.account, self.show, self.change = {}, {}, {}
        self.problems, self.counts = [], collections.Counter()

    def ask(self, *words, path=None):
        done = programs.run(programs.QUERY, *words, "--db", path or self.path)
        if done.returncode not in (0, 1):
            sys.exit(f"seed {self.seed}: {' '.join(map(str, words))}: exit {done.returncode}, "
                     f"{done.stderr.decode(errors='replace')}")
        return done.stdout

    def json(self, *words, path=None):
        return json.loads(self.ask(*words, "--format", "json", path=path))

    def accounted(self, seq):
        if seq not in self.account:
            self.account[seq] = self.json("account", "--all", "-x", "--no-baseline", "--policy", self.empty,
                                          "--at", f"#{seq}")
        return self.account[seq]

    def shown(self, seq):
        if seq not in self.show:
            self.show[seq] = self.json("show", "-a", "-A", "all", "--at", f"#{seq}")["sockets"]
        return self.show[seq]

    def changes(self, first, second):
        if (first, second) not in self.change:
            self.change[first, second] = self.json("diff", "--from", f"#{first}", "--to", f"#{second}", "--all")
        return self.change[first, second]

    def same(self, what, condition, detail):
        self.counts[what] += 1
        if not condition:
            self.problems.append(f"{what}: {detail}")


def told_by(diff):
    """Corners that a difference speaks of, whatever it says."""
    corners = set()
    for change in diff["changes"]:
        for side in ("before", "after"):
            if change[side]:
                corners.add(corner(place_of(change[side])))
        corners.add(corner(place_of(change)))
    return corners


def spoken_of(answers, first, second):
    """Corners that a difference tells or leaves open."""
    diff = answers.changes(first, second)
    return told_by(diff) | hidden_in(diff)


def hidden_in(diff):
    corners = set()
    for key in ("not_compared", "owners_not_compared"):
        for gap in diff[key]:
            corners.update(corner(place_of({**service, "path": service["path"]})) for service in gap["services"])
    return corners


def compare_account_with_show(answers, seq):
    """What listens is accounted for, and what is accounted for listens."""
    listening = collections.defaultdict(set)
    for socket in answers.shown(seq):
        if socket["state"] in ("LISTEN", "UNCONN") and (socket["family"] in INET or socket["path"]):
            listening[place_of_socket(socket)].update(holder["pid"] for holder in socket["holders"])
    services = {place_of(service): service for service in answers.accounted(seq)["services"]}
    for place, service in services.items():
        if place[1] in (*INET, "unix"):
            answers.same("account is in show", place in listening, f"#{seq} {place}")
            pids = {owner["pid"] for owner in service["owners"]}
            answers.same("owners are holders", pids == listening.get(place, pids), f"#{seq} {place}")
    for place in listening:
        # A UDP port may be a client's own; one beyond the privileged ones is left to the account.
        if place[0] in ONE_OF:
            answers.same("show is in account", place in services, f"#{seq} {place}")


def compare_account_with_last(answers, last):
    """`account tcp/80` says gone exactly where the last snapshot has it no more."""
    ports = {service["local_port"] for seq in range(1, last + 1) for service in answers.accounted(seq)["services"]
             if service["protocol"] == "tcp"}
    for port in sorted(ports):
        now = [service for service in answers.accounted(last)["services"]
               if service["protocol"] == "tcp" and service["local_port"] == port]
        single = answers.json("account", f"tcp/{port}", "--all", "--no-baseline", "--policy", answers.empty)
        answers.same("gone is gone", (single["gone_by"] is None) == bool(now), f"tcp/{port}: {single['gone_by']}")
        answers.same("what was is found", bool(single["services"]), f"tcp/{port}")
        if now:
            answers.same("one is as all", {place_of(each) for each in single["services"]} ==
                         {place_of(each) for each in now}, f"tcp/{port}")


def compare_diff_with_account(answers, seq):
    diff = answers.changes(seq, seq + 1)
    told, hidden = told_by(diff), hidden_in(diff)
    before = {place_of(each): each for each in answers.accounted(seq)["services"]}
    after = {place_of(each): each for each in answers.accounted(seq + 1)["services"]}
    for place in before.keys() ^ after.keys():
        # The number of a chosen port means nothing: its heir is the same service.
        if not is_chosen(place):
            fine = corner(place) in told | hidden or is_within_reach(answers, seq, seq + 1, place)
            answers.same("what came or went is told", fine, f"#{seq} {place}")
    changed = {corner(place_of(change)) for change in diff["changes"]
               if change["kind"] in ("owner_changed", "program_changed", "forwarding_changed")}
    for place in before.keys() & after.keys():
        if owners(before[place]) == owners(after[place]) and len(owners(before[place])) == 1:
            alone = sum(corner(each) == corner(place) for each in before.keys() | after.keys()) == 1
            contents = {owner["sha256"] for side in (before, after) for owner in side[place]["owners"]}
            # Of what a script holds no answer but the difference tells the hash.
            scripts = any(owner["script"] for owner in after[place]["owners"])
            if alone and len(contents) == 1 and not scripts:
                answers.same("the same is no change", corner(place) not in changed, f"#{seq} {place}")


def compare_diff_with_timeline(answers, last):
    events = answers.json("timeline", "-x", "-A", "all", "--events", "listener,program")["events"]
    at = collections.defaultdict(set)
    for event in events:
        if event["kind"].startswith("program"):
            at[event["seq"]].add("program")
        if not event.get("service"):
            continue
        places = {corner(place_of(event[side])) for side in ("service", "before") if event.get(side)}
        at[event["seq"]] |= places
        if (event["kind"] in ("listener_present", "listener_restarted") or not event["not_before_seq"] or
                is_chosen(place_of(event["service"]))):
            continue
        span = event["not_before_seq"], event["seq"]
        answers.same("timeline is told by diff", bool(places & spoken_of(answers, *span)) or
                     is_within_reach(answers, *span, place_of(event["service"])),
                     f"#{event['not_before_seq']} to #{event['seq']}: {event['kind']} {places}")
    for seq in range(1, last):
        for change in answers.changes(seq, seq + 1)["changes"]:
            chosen = is_chosen(place_of(change))
            if change["severity"] == "info" or change["kind"] in NO_EVENT or (chosen and seq + 1 == last):
                continue
            places = {corner(place_of(change[side])) for side in ("before", "after") if change[side]}
            seen = set().union(*(at[told] for told in first_told(seq + 1, change)))
            fine = bool(places & seen) or is_unknown(answers, seq + 1, place_of(change)) or (change["kind"] == "program_changed" and "program" in seen)
            answers.same("diff is told by timeline", fine, f"#{seq + 1}: {change['kind']} {places}: {change['why']}")


def compare_when_with_show(answers, last):
    present = collections.defaultdict(set)
    for seq in range(1, last + 1):
        for socket in answers.shown(seq):
            if socket["protocol"] == "tcp" and socket["state"] == "LISTEN":
                present[socket["local_port"]].add(seq)
    for port, seqs in sorted(present.items()):
        spans = answers.json("when", f"tcp/{port}", "-l", "--peers", "0")["spans"]
        covered = {seq: any(span["first_seq"] <= seq <= span["last_seq"] for span in spans)
                   for seq in range(1, last + 1)}
        whole = {seq for span in spans if span["snapshots"] == span["of_snapshots"]
                 for seq in range(span["first_seq"], span["last_seq"] + 1)}
        answers.same("when has what show has", all(covered[seq] for seq in seqs), f"tcp/{port}: {seqs} {covered}")
        answers.same("show has what when has", whole <= seqs, f"tcp/{port}: {sorted(whole - seqs)}")


def compare_report_with_diff(answers, last):
    report = answers.json("report", "--policy", answers.empty)
    rows = collections.defaultdict(set)
    for change in report["changes"]:
        rows[change["changed_by_seq"]].add(corner(place_of(change)))
        if change["kind"] == "moved":
            protocol, _, path = corner(place_of(change))
            rows[change["changed_by_seq"]].update((protocol, int(port), path) for port in
                                                  re.findall(r"port (\d+)", change["why"]))
        if not change["changed_after_seq"] or change["kind"] == "flapping":
            continue
        detail = (f"#{change['changed_after_seq']} to #{change['changed_by_seq']}: {change['kind']} "
                  f"{place_of(change)}: {change['why']}")
        if change["severity"] == "info" or is_chosen(place_of(change)):
            continue  # of light weight: a row of the report ends, and another one begins
        span = change["changed_after_seq"], change["changed_by_seq"]
        answers.same("report is told by diff", corner(place_of(change)) in spoken_of(answers, *span) or
                     is_within_reach(answers, *span, place_of(change)), detail)
    for seq in range(1, last):
        for change in answers.changes(seq, seq + 1)["changes"]:
            if change["severity"] == "info" or is_named(change) or change["kind"] in NO_EVENT:
                continue
            places = {corner(place_of(change[side])) for side in ("before", "after") if change[side]}
            seen = set().union(*(rows[told] for told in first_told(seq + 1, change)))
            unknown = is_unknown(answers, seq + 1, place_of(change))
            answers.same("diff is told by report", unknown or bool(places & seen),
                         f"#{seq + 1}: {change['kind']} {places}: {change['why']}")


def compare_policy_with_account(answers, seq):
    """A draft that was filled in approves what it was drafted from."""
    draft = answers.ask("account", "--write-policy", "-x", "--no-baseline", "--policy", answers.empty,
                        "--at", f"#{seq}").decode()
    policy = answers.folder / "filled.toml"
    policy.write_text(re.sub(r'reason = "" .*', 'reason = "known"', draft), encoding="utf-8")
    book = answers.json("account", "--all", "-x", "--no-baseline", "--policy", policy, "--at", f"#{seq}")
    for service in book["services"]:
        answers.same("a draft approves its own", service["status"] == "approved",
                     f"#{seq} {place_of(service)}: {service['obstacle']}")


def compare_baseline(answers, seq):
    path = answers.folder / "baseline.db"
    path.write_bytes(answers.path.read_bytes())
    programs.run(programs.RECORDER, "baseline", "add", "own", "--at", f"#{seq}", "--db", path, check=True)
    diff = answers.json("diff", "--baseline", "own", "--to", f"#{seq}", "--all", path=path)
    # Whether a chosen UDP port stays is known later than a baseline.
    changes = [change for change in diff["changes"] if change["severity"] != "info"]
    answers.same("a baseline differs not from itself", not changes, f"#{seq}: {changes[:1]}")
    book = answers.json("account", "--all", "-x", "--policy", answers.empty, "--baseline", "own", "--at", f"#{seq}",
                        path=path)
    for service in book["services"]:
        answers.same("a baseline accounts for itself", service["status"] == "baseline" or service["protocol"] == "udp",
                     f"#{seq} {place_of(service)}: {service['obstacle']}")
    found = answers.json("check", "--baseline", "own", "--at", f"#{seq}", path=path)["findings"]
    rules = {"new-listener", "unexpected-owner", "service-on-other-port"}
    mine = [finding["why"] for finding in found if finding["rule"] in rules]
    answers.same("check agrees with its baseline", not mine, f"#{seq}: {mine[:2]}")


def compare_exports(answers, last):
    """The events that leave are those of the timeline, and the sockets that leave those of the last snapshot."""
    lines = [json.loads(line) for line in answers.ask("export", "--format", "jsonl").splitlines()]
    answers.same("export has every snapshot",
                 [line["seq"] for line in lines if line["type"] == "snapshot"] == list(range(1, last + 1)), "")
    # They speak of sockets: one that a service lost while it kept others is no event of the service.
    left = map(json.loads, answers.ask("export", "--format", "timesketch").splitlines())
    sockets = {(event["event"], event["seq"], event["protocol"], event.get("local_port"))
               for event in left if event["event"].startswith("listener_")}
    for event in answers.json("timeline", "-x", "-A", "all", "--events", "listener")["events"]:
        # An export speaks of sockets, and leaves out short ones at ports that the kernel chose.
        if event["kind"] not in ("listener_appeared", "listener_vanished") or is_chosen(place_of(event["service"])):
            continue
        # The one tells when it was seen last, the other when it was missed first.
        seqs = (event["seq"],) if event["kind"] == "listener_appeared" else (event["not_before_seq"], event["seq"])
        answers.same("an export has the timeline's listeners",
                     any((event["kind"], seq, *corner(place_of(event["service"]))[:2]) in sockets for seq in seqs),
                     f"#{event['seq']} {event['kind']} {place_of(event['service'])}")
    open_now = set()
    for row in map(json.loads, answers.ask("export", "--format", "osquery").splitlines()):
        if row["name"] == "process_open_sockets" and row["columns"]["state"] == "LISTEN":
            key = (int(row["columns"]["pid"]), int(row["columns"]["fd"]), row["columns"]["socket"])
            (open_now.add if row["action"] == "added" else open_now.discard)(key)
    held = {(holder["pid"], holder["fd"], str(socket["inode"])) for socket in answers.shown(last)
            if socket["state"] == "LISTEN" and socket["family"] in INET for holder in socket["holders"]}
    answers.same("an export ends as show shows it", {key for key in open_now} >= held, f"{held - open_now}")


def check_history(folder, seed):
    answers = Answers(folder, seed)
    for seq in range(1, LENGTH + 1):
        compare_account_with_show(answers, seq)
        if seq < LENGTH:
            compare_diff_with_account(answers, seq)
    compare_account_with_last(answers, LENGTH)
    compare_diff_with_timeline(answers, LENGTH)
    compare_when_with_show(answers, LENGTH)
    compare_report_with_diff(answers, LENGTH)
    for seq in (2, LENGTH):
        compare_policy_with_account(answers, seq)
        compare_baseline(answers, seq)
    compare_exports(answers, LENGTH)
    answers.path.unlink()
    return answers


def main():
    seeds = [int(sys.argv[2])] if len(sys.argv) > 2 else range(1, SEEDS + 1)
    counts = collections.Counter()
    with programs.scratch() as folder:
        for seed in seeds:
            answers = check_history(folder, seed)
            counts.update(answers.counts)
            if answers.problems:
                shown = answers.problems if len(sys.argv) > 2 else answers.problems[:10]
                sys.exit(f"FAILED: history {seed}, {len(answers.problems)} contradictions\n  " + "\n  ".join(shown))
    for what, count in sorted(counts.items()):
        print(f"{count:7} {what}")
    programs.check(len(counts) >= 18 and all(counts.values()), "a comparison was never made")


if __name__ == "__main__":
    main()
