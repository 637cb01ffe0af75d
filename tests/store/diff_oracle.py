#!/usr/bin/env python3
"""A second `diff`, written from the design alone, agrees on random pairs of random snapshots.

In:    the folder of the program diff_pairs, which makes histories and compares pairs of their snapshots.
Out:   every change with kind, severity and both places, and everything that was not compared, equal;
       how often each kind occurred.
Never: passes when a kind of change did not occur at all.
"""
import collections
import copy
import json
import os
import subprocess
import sys
import tempfile

import service_oracle as services
from service_oracle import LISTENER, UNKNOWN, covers, has_chosen_port, is_any, is_loopback, names_nowhere, plain, was_closing

LONG = bool(os.environ.get("SOCKWITNESS_LONG"))
HISTORIES, LENGTH, PAIRS = (150, 60, 120) if LONG else (27, 40, 80)

NONE, LOOPBACK, SPECIFIC, ANY = range(4)
GENERAL = ("bash busybox dash docker-proxy java ksh lua luajit nc ncat node perl php pypy python ruby "
           "sh socat ssh systemd-socket-proxyd tclsh zsh").split()

Change = collections.namedtuple("Change", "severity kind place before after")


def is_of_a_session(service):
    owner = service.principal
    return is_unix(service) and (
        service.place.name.startswith((b"/tmp/ssh-", b"/tmp/.X11-unix/", b"/run/user/")) or
        (owner is not None and services.lasting(owner.unit) == b"session.scope"))


class Reach:
    """From how far one of these services can be reached."""

    def __init__(self, members):
        self.width = {4: NONE, 16: NONE}
        self.specific, self.loopback = set(), set()
        for member in members:
            place = member.place
            if place.family not in (services.IPV4, services.IPV6):
                # It has no address, and its place holds the one that means all.
                self.width[4] = ANY
                continue
            address = plain(place.address if place.v6 else place.address[:4])
            size = len(address)
            if is_any(address):
                self.width[size] = ANY
                if size == 16 and not member.v6only:
                    self.width[4] = ANY
            elif is_loopback(address):
                self.width[size] = max(self.width[size], LOOPBACK)
                self.loopback.add(address)
            else:
                self.width[size] = max(self.width[size], SPECIFIC)
                self.specific.add(address)
        for addresses in (self.specific, self.loopback):
            addresses -= {address for address in addresses if self.width[len(address)] == ANY}

    def same(self, other):
        return (self.width, self.specific, self.loopback) == (
            other.width, other.specific, other.loopback)

    def more_than(self, other):
        return any(self.width[size] > other.width[size] for size in (4, 16)) or any(
            other.width[len(address)] != ANY and address not in other.specific
            for address in self.specific)

    def overlaps(self, other):
        for size in (4, 16):
            widths = (self.width[size], other.width[size])
            if ANY in widths and NONE not in widths:
                return True
        return bool(self.specific & other.specific or self.loopback & other.loopback)


def how_reach_changed(before, after):
    if before.same(after):
        return "equal"
    more, less = after.more_than(before), before.more_than(after)
    if before.width == after.width and more == less:
        return "elsewhere"
    return "widened" if more else "narrowed" if less else "elsewhere"


def is_internet(service):
    return service.place.family in (services.IPV4, services.IPV6)


def is_unix(service):
    return service.place.family == services.UNIX_FAMILY


def is_local(service):
    return is_unix(service) or (is_internet(service) and is_loopback(
        service.place.address if service.place.v6 else service.place.address[:4]))


def identity(service):
    """What is the same service at another place, or nothing where that cannot be told."""
    owner = service.principal
    if owner is None or owner.program is None or owner.manager:
        return None
    name = owner.path.rsplit(b"/", 1)[-1].decode()
    general = not owner.script and any(
        name == word or (name.startswith(word) and name[len(word)] in ".0123456789")
        for word in GENERAL)
    return owner.key, (owner.line or b"") if general else b""


def same_owner(left, right):
    if left.unseen or right.unseen:
        return True
    one, other = left.principal, right.principal
    if one is None or other is None:
        return one is other
    return one.code == other.code and one.same_user(other)


def covered(seen, place):
    return any(covers(seen, gap, place) for gap in seen.gaps)


def covered_before(before, after, service):
    """A blind spot that still is there, and no smaller, does not explain why something can be seen
    now; of what is younger than the snapshot before it hides nothing."""
    younger = service.owners and all(
        owner.started is not None and owner.started > before.as_of for owner in service.owners)
    return any(covers(before, gap, service.place) and not (names_nowhere(gap) and any(
        names_nowhere(other) and (other.source, other.reason, other.object) ==
        (gap.source, gap.reason, gap.object) and (younger or other.count >= gap.count)
        for other in after.gaps)) for gap in before.gaps)


def holder_hidden(seen, pid):
    for gap in seen.gaps:
        hides = (gap.source == 3 and gap.reason != 7) or gap.source == 4 or (
            gap.source == 6 and gap.object != b"socket") or (
            gap.source == 5 and gap.object in (b"descriptors", b"threads", b"program"))
        if hides and gap.pid in (None, pid):
            return True
    return False


def compare_people(seen_before, before, after):
    """'same', 'inherited', 'joined unseen', 'unseen' or 'changed'."""
    if before.unseen or after.unseen:
        # Whose the socket is was read all the same.
        makers = {before.made_by, after.made_by}
        return "unseen" if None in makers or len(makers) == 1 else "changed"
    if not before.owners or not after.owners:
        return "same" if not before.owners and not after.owners else "changed"
    if handed(before, after) or handed(after, before):
        return "same"
    known = {owner.code for owner in before.counted}
    stayed = any(owner.code in known for owner in after.counted)
    verdict = "same"
    for owner in after.counted:
        if owner.code in known:
            continue
        if holder_hidden(seen_before, owner.pid):
            if verdict == "same":
                verdict = "joined unseen" if stayed else "unseen"
        elif stayed and inherited(owner, after, known):
            verdict = "inherited"
        else:
            return "changed"
    for owner in after.counted:
        old = [other for other in before.counted if other.code == owner.code]
        if not old or any(owner.same_user(other) for other in old):
            continue
        left = not any(each.code == owner.code and any(each.same_user(other) for other in old)
                       for each in after.counted)
        if left or owner.uid == 0:
            if not holder_hidden(seen_before, owner.pid):
                return "changed"
            if verdict == "same":
                verdict = "joined unseen" if stayed else "unseen"
    return verdict


def handed(idle, busy):
    """A manager's socket, and the same one in the hands of what it started."""
    managers = [owner for owner in idle.owners if owner.manager]
    if not managers or len(managers) != len(idle.owners):
        return False
    served = [owner for owner in busy.owners if not owner.manager]
    if not served:
        return False
    if len(served) != len(busy.owners):
        return {owner.code for owner in managers} == {owner.code for owner in busy.owners
                                                      if owner.manager}
    return any(owner.path.endswith(b"/systemd-socket-activate") or served[0].parent == owner.pid
               for owner in managers)


def inherited(owner, service, known):
    seen = set()
    while id(owner) not in seen:
        seen.add(id(owner))
        parent = next((each for each in service.owners
                       if each.pid == owner.parent and each.fds & owner.fds), None)
        if parent is None:
            return False
        if parent.code in known:
            return True
        owner = parent
    return False


def completed(seen, other):
    """Whether an IPv6 socket takes IPv4 is as the other side says where this one does not tell."""
    def complete(service):
        known = other.at.get(service.place)
        if service.place.family != services.IPV6 or service.v6only is not None or known is None:
            return service
        told = copy.copy(service)
        told.v6only = known.v6only
        return told
    return services.Set([complete(service) for service in seen.services], seen.labels, seen.gaps,
                        seen.as_of, seen.chosen)


class Comparison:
    def __init__(self, before, after):
        renamed = services.find_renamed(before, after)
        before = services.relabelled(before, renamed)
        self.before, self.after = completed(before, after), completed(after, before)
        before, after = self.before, self.after
        self.changes, self.hidden, self.taken, self.altered = [], collections.Counter(), set(), set()
        self.old = [service for service in before.services if service.standing <= UNKNOWN]
        self.new = [service for service in after.services if service.standing == LISTENER]
        for label in renamed.values():
            shown = next(service.place for service in after.services if service.place.label == label)
            self.changes.append(Change("info", "renamed", shown, shown, shown))
        self.match_places()
        self.match_ports()
        self.match_programs()
        self.match_namespaces()
        self.match_moves()
        self.tell_the_rest()

    def free(self, service):
        return id(service) not in self.taken

    def take(self, *members):
        self.taken.update(id(member) for member in members)

    def add(self, severity, kind, before, after):
        place = (after or before).place
        self.changes.append(Change(severity, kind, place, before and before.place,
                                   after and after.place))

    def hide(self, side, owners, place):
        self.hidden[(side, owners, place)] += 1

    # What the two of a pair are to each other.

    def tell_people(self, before, after):
        """True when nothing else can be said of the two."""
        verdict = compare_people(self.before, before, after)
        if verdict in ("unseen", "joined unseen"):
            side = "to" if after.unseen and not before.unseen else "from"
            self.hide(side, True, after.place)
        elif verdict == "inherited":
            self.add("info", "owner_changed", before, after)
        elif verdict == "changed":
            self.add("high", "owner_changed", before, after)
        return verdict in ("unseen", "changed")

    def tell_content(self, before, after):
        told = set()
        for owner in after.owners:
            for kind in ("program", "script_file"):
                now = getattr(owner, kind)
                if now is None or not now.sha256 or now in told:
                    continue
                old = {getattr(other, kind).sha256 for other in before.owners
                       if getattr(other, kind) and getattr(other, kind).path == now.path and
                       getattr(other, kind).sha256}
                if old and now.sha256 not in old and (now.path, now.sha256) not in told:
                    told.add((now.path, now.sha256))
                    self.add("low" if now.verdict == 2 else "high", "program_changed", before, after)
        stayed = {(owner.pid, owner.started_ns) for owner in before.owners if owner.started_ns}
        if before.owners and after.owners and all(
                owner.started > self.before.as_of and (owner.pid, owner.started_ns) not in stayed
                for owner in after.owners):
            self.add("info", "restarted", before, after)

    def tell_same(self, before, after):
        if not self.tell_people(before, after):
            self.tell_content(before, after)

    def tell_reach(self, before, after, befores, afters, taken_over):
        gap_before, gap_after = covered(self.before, before.place), covered(self.after, after.place)
        if gap_before or gap_after:
            self.hide("from" if gap_before else "to", False, after.place)
            return
        old, now = Reach(befores), Reach(afters)
        change = how_reach_changed(old, now)
        if change == "widened":
            self.add("high", "exposure_widened", before, after)
        elif change == "narrowed":
            self.add("info", "exposure_narrowed", before, after)
        elif change == "elsewhere":
            self.add("info" if old.specific == now.specific else "low", "moved", before, after)
        for side, members, told, other in (("from", befores, before, self.after), ("to", afters, after, self.before)):
            for stranger in services.strangers(members, told, other):
                self.hide(side, True, stranger.place)
        if taken_over:
            self.tell_content(before, after)
        elif after.place not in self.before.at:
            self.tell_same(before, after)

    def tell_move(self, before, after):
        other_port = before.place.port != after.place.port
        if other_port and how_reach_changed(Reach([before]), Reach([after])) == "widened":
            self.add("high", "exposure_widened", before, after)
            return
        chance = is_unix(after) or all(
            has_chosen_port(each, self.after.chosen) for each in (before, after))
        self.add("info" if chance else "low", "moved", before, after)

    # Which service was which.

    def match_places(self):
        now = {service.place: service for service in self.new}
        for before in self.old:
            after = now.get(before.place)
            if after:
                self.take(before, after)
                if None not in (before.v6only, after.v6only) and before.v6only != after.v6only:
                    self.altered.add(id(after))
                self.tell_same(before, after)
            elif before.place in self.after.at and same_owner(before, self.after.at[before.place]):
                self.take(before, self.after.at[before.place])

    def match_ports(self):
        ports = sorted({(each.place.label, each.place.protocol, each.place.port)
                        for each in (*self.old, *self.new) if is_internet(each)})
        for port in ports:
            here = lambda each: is_internet(each) and port == (
                each.place.label, each.place.protocol, each.place.port)
            old, new = list(filter(here, self.old)), list(filter(here, self.new))
            for one in new:
                self.match_reach(one, old, new)
            for one in old:
                if self.free(one):
                    self.match_reach(one, old, new)
            pairs = []
            for after in new:
                for before in old:
                    if self.free(after) and self.free(before) and Reach([before]).overlaps(
                            Reach([after])):
                        self.take(before, after)
                        pairs.append(after)
                        if not self.tell_people(before, after):
                            self.tell_reach(before, after, [before], [after], True)
            for before in old:
                if self.free(before) and any(Reach([before]).overlaps(Reach([after]))
                                             for after in pairs):
                    self.take(before)

    def match_reach(self, one, old, new):
        befores = [each for each in old if same_owner(one, each)]
        afters = [each for each in new if same_owner(one, each)]
        news = any(self.free(each) or id(each) in self.altered for each in (*befores, *afters))
        if not news or not befores or not afters:
            return

        def most_telling(members):
            best = None
            for member in members:
                widths = Reach([member]).width.values()
                weight = max(widths), min(widths), self.free(member)
                if best is None or weight > best[0]:
                    best = weight, member
            return best[1]
        before, after = most_telling(befores), most_telling(afters)
        self.altered -= {id(each) for each in afters}
        self.take(*befores, *afters)
        self.tell_reach(before, after, befores, afters, False)

    def match_programs(self):
        """By the number of an RPC program."""
        for before in self.old:
            for after in self.new:
                if (self.free(before) and self.free(after) and before.rpc & after.rpc and
                        before.place[:3] == after.place[:3]):
                    self.take(before, after)
                    if same_owner(before, after):
                        self.tell_move(before, after)
                        self.tell_same(before, after)
                    elif not self.tell_people(before, after):
                        self.tell_move(before, after)
                        self.tell_content(before, after)

    def nearest(self, after, candidates, prefer_gone):
        def distance(before):
            return (prefer_gone and not self.free(before), before.place.port != after.place.port,
                    before.place[2:5] != after.place[2:5],
                    how_reach_changed(Reach([before]), Reach([after])) != "equal")
        return min(candidates, key=distance, default=None)

    def match_namespaces(self):
        for after in self.new:
            who = identity(after)
            if not self.free(after) or who is None or not is_internet(after):
                continue
            before = self.nearest(after, [
                each for each in self.old if identity(each) == who and
                each.place.label != after.place.label and
                (each.place.protocol, each.place.port) == (after.place.protocol, after.place.port)],
                                  True)
            if before is None:
                continue
            self.take(before, after)
            self.tell_namespace(before, after)

    def tell_namespace(self, before, after):
        if covered_before(self.before, self.after, after):
            self.hide("from", False, after.place)
            return
        gone = before.place not in self.after.at and not covered(self.after, before.place)
        numbered = [each.place.label.startswith(b"netns ") or b" (netns " in each.place.label
                    for each in (before, after)]
        if not gone or after.place.label == b"host":
            self.add("high", "exposure_widened", before, after)
        elif before.place.label == b"host":
            self.add("info", "exposure_narrowed", before, after)
        else:
            self.add("info" if all(numbered) else "low", "moved", before, after)
        if gone:
            self.tell_same(before, after)

    def match_moves(self):
        for after in self.new:
            who = identity(after)
            if not self.free(after) or who is None:
                continue
            before = self.nearest(after, [
                each for each in self.old if self.free(each) and identity(each) == who and
                each.place[:2] == after.place[:2]], False)
            if before is not None:
                self.take(before, after)
                self.tell_move(before, after)
                self.tell_same(before, after)

    # What is left on either side.

    def is_light_when_new(self, service):
        return was_closing(service) or is_of_a_session(service) or self.has_other_ports(service, self.before, UNKNOWN) or (
            is_local(service) and any(
                is_unix(known) == is_unix(service) and known.place.label == service.place.label and
                {(each.path, each.script) for each in known.owners} &
                {(each.path, each.script) for each in service.owners if each.program}
                for known in self.before.services))

    def is_light_when_gone(self, service):
        return (was_closing(service) or is_of_a_session(service) or
                self.has_other_ports(service, self.after, services.CLIENT) or
                (is_local(service) and self.parent_serves(service)))

    def parent_serves(self, service):
        owner = service.principal

        def is_parent(other):
            if other.pid != owner.parent:
                return False
            if owner.program is None:
                return other.name == owner.name
            return (other.path, other.script) == (owner.path, owner.script)
        return owner is not None and owner.parent is not None and any(
            is_parent(each) for known in self.after.services for each in known.owners)

    def has_other_ports(self, service, side, least):
        """One of the ports that the kernel chose for this owner."""
        owner = service.principal
        if owner is None or owner.program is None or not has_chosen_port(
                service, self.after.chosen):
            return False
        return any(has_chosen_port(known, self.after.chosen) and known.standing <= least and
                   known.place.label == service.place.label and known.principal and
                   known.principal.key == owner.key and
                   how_reach_changed(Reach([known]), Reach([service])) != "widened"
                   for known in side.services)

    def tell_the_rest(self):
        for after in self.new:
            if not self.free(after):
                continue
            if covered_before(self.before, self.after, after):
                self.hide("from", False, after.place)
            else:
                light = self.is_light_when_new(after)
                self.add("info" if light else "low" if is_unix(after) else "high", "new_listener",
                         None, after)
        for before in self.old:
            if not self.free(before) or before.standing != LISTENER:
                continue
            if covered(self.after, before.place):
                self.hide("to", False, before.place)
            else:
                light = self.is_light_when_gone(before)
                self.add("info" if light else "low" if is_unix(before) else "medium",
                         "vanished_service", before, None)
        for after in self.after.services:
            if (after.standing in (UNKNOWN, services.PASSING) and
                    after.place not in self.before.at and
                    not covered_before(self.before, self.after, after)):
                self.add("info", "new_listener", None, after)


def read_answer(answer):
    place = services.place_of_json
    changes = collections.Counter(
        Change(change["severity"], change["kind"], place(change),
               change["before"] and place(change["before"]),
               change["after"] and place(change["after"])) for change in answer["changes"])
    hidden = collections.Counter(
        (entry["side"], owners, place(service))
        for key, owners in (("not_compared", False), ("owners_not_compared", True))
        for entry in answer[key] for service in entry["services"])
    return changes, hidden


def words(counter):
    return "\n    ".join(str(entry) for entry in sorted(counter.elements(), key=str))


def check_history(folder, program, seed, kinds):
    path = f"{folder}/{seed}.db"
    output = subprocess.run([program, path, str(seed), str(LENGTH), str(PAIRS)], check=True,
                            stdout=subprocess.PIPE).stdout
    history = services.History(path)
    pairs = output.split(b"\0")[:-1]
    for pair in pairs:
        numbers, _, text = pair.partition(b"\n")
        first, second = map(int, numbers.split())
        changes, hidden = read_answer(json.loads(text))
        mine = Comparison(history.services(first, False), history.services(second, True))
        expected = collections.Counter(mine.changes)
        for name, found, wanted in (("changes", changes, expected), ("hidden", hidden, mine.hidden)):
            if found != wanted:
                sys.exit(f"history {seed}, snapshots {first} and {second}: {name} differ\n"
                         f"  only the program:\n    {words(found - wanted)}\n"
                         f"  only the oracle:\n    {words(wanted - found)}")
        kinds.update(f"{change.severity} {change.kind}" for change in changes.elements())
        kinds.update("owners not compared" if owners else "not compared"
                     for _, owners, _ in hidden.elements())
    os.unlink(path)
    return len(pairs)


EXPECTED = ["high new_listener", "low new_listener", "info new_listener", "medium vanished_service",
            "low vanished_service", "info vanished_service", "high owner_changed",
            "info owner_changed", "high program_changed", "low program_changed",
            "high exposure_widened", "info exposure_narrowed", "low moved", "info moved",
            "info restarted", "not compared", "owners not compared"]


def main():
    program = sys.argv[1] + "/diff_pairs"
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 1  # by hand: one history
    kinds, pairs = collections.Counter(), 0
    with tempfile.TemporaryDirectory(prefix="sockwitness-oracle-") as folder:
        for seed in range(first, first + (1 if len(sys.argv) > 2 else HISTORIES)):
            pairs += check_history(folder, program, seed, kinds)
    for kind in EXPECTED:
        print(f"{kinds[kind]:7} {kind}")
    print(f"{pairs} pairs equal")
    if len(sys.argv) == 2 and not all(kinds[kind] for kind in EXPECTED):
        sys.exit("some kinds did not occur")


if __name__ == "__main__":
    main()
