"""The questions to a fleet, answered a second time from the lines themselves.

In:    lines of all hosts, roles, the time to look from.
Out:   for each question the rows that the engine must give, in its order, without the times of the engine.
Never: SQL.
"""
import collections
import datetime
import json

DAY = 86400


def seconds(text):
    """The engine's time of a line's time: whole seconds."""
    return None if text is None else text[:19].replace("T", " ")


def epoch(text):
    return int(datetime.datetime.strptime(seconds(text) + "+0000", "%Y-%m-%d %H:%M:%S%z").timestamp())


class Fleet:
    def __init__(self, lines, roles, now, precise):
        """`precise`: the engine keeps parts of a second, and orders by them."""
        self.roles, self.now, self.precise = roles, now, precise
        self.lines = {kind: [json.loads(text) for text in dict.fromkeys(texts)] for kind, texts in lines.items()}
        self.snapshots = [line for line in self.lines["snapshots"] if line["kind"] == "snapshot"]
        self.services, self.programs = self.newest("services"), self.newest("programs")
        self.peers, self.findings = self.newest("peers"), self.newest("findings")

    def newest(self, kind):
        rows = {}
        for line in self.lines[kind]:
            key = line["host"], line["archive"], line["row"]
            if key not in rows or line["seq"] >= rows[key]["seq"]:
                rows[key] = line
        return list(rows.values())

    @staticmethod
    def row(line, *names):
        times = ("first_seen", "not_before", "last_seen", "not_after")
        return {name: seconds(line[name]) if name in times else line[name] for name in names}

    def began(self, line):
        return line["first_seen"] if self.precise else seconds(line["first_seen"])

    def has_role(self, host, role):
        return not role or self.roles.get(host) == role

    def port(self, port, role=""):
        rows = [line for line in self.services if line["local_port"] == port and self.has_role(line["host"], role)]
        rows.sort(key=lambda line: (line["state"] != "open", line["host"], self.began(line), line["row"]))
        return [self.row(line, "host", "protocol", "local_address", "local_port", "netns", "program", "script", "user", "unit",
                         "container_name", "package", "sha256", "status", "not_before", "first_seen", "last_seen", "not_after")
                for line in rows]

    def hash(self, digest):
        rows = []
        for line in self.programs:
            if (line["sha256"] or "").startswith(digest):
                rows.append(((line["host"], "ran", self.began(line), line["row"]), {
                    "host": line["host"], "what": "ran", "program": line["path"], "package": line["package"],
                    "package_state": line["package_state"], "sha256": line["sha256"], "protocol": "", "local_address": None,
                    "local_port": None, "not_before": None, "first_seen": seconds(line["first_seen"]), "last_seen": None,
                    "not_after": None}))
        for line in self.services:
            if (line["sha256"] or "").startswith(digest):
                what = "listens" if line["state"] == "open" else "listened"
                rows.append(((line["host"], what, self.began(line), line["row"]), {
                    "host": line["host"], "what": what, "program": line["program"] or "",
                    **self.row(line, "package", "package_state", "sha256", "protocol", "local_address", "local_port",
                               "not_before", "first_seen", "last_seen", "not_after")}))
        return [row for _, row in sorted(rows, key=lambda each: each[0])]

    def outliers(self, share, role=""):
        reached = [line for line in self.services if line["state"] == "open" and self.is_reached(line)
                   and line["host"] in self.roles]
        reporting = {line["host"] for line in self.lines["snapshots"]}
        of = collections.Counter(each for host, each in self.roles.items() if host in reporting)
        groups = collections.defaultdict(list)
        for line in reached:
            groups[self.roles[line["host"]], line["protocol"], line["local_port"], line["program"] or ""].append(line)
        rows = []
        for (group, protocol, port, program), lines in groups.items():
            hosts = sorted({line["host"] for line in lines})
            if len(hosts) * 100 <= of[group] * share and (not role or role == group):
                rows.append({"role": group, "protocol": protocol, "local_port": port, "program": program,
                             "hosts": len(hosts), "of_hosts": of[group], "which": hosts[:10],
                             "since": min(seconds(line["first_seen"]) for line in lines)})
        return sorted(rows, key=lambda row: (row["role"], row["hosts"], row["protocol"], row["local_port"] or 0, row["program"]))

    @staticmethod
    def is_reached(line):
        address = line["local_address"] or ""
        return not address.startswith("127.") and address != "::1"

    def peer(self, address):
        groups = collections.defaultdict(list)
        for line in self.peers:
            if line["remote_address"] == address:
                groups[tuple(line[name] for name in ("host", "direction", "protocol", "port", "program", "netns"))].append(line)
        rows = [{**dict(zip(("host", "direction", "protocol", "port", "program", "netns"), key)),
                 "total_connections": sum(line["connections"] for line in lines), "hours": len(lines),
                 "since": min(seconds(line["first_seen"]) for line in lines),
                 "until": max(seconds(line["last_seen"]) for line in lines)} for key, lines in groups.items()]
        last = "\U0010ffff"  # the engine puts NULL behind all texts
        return sorted(rows, key=lambda row: tuple(last if row[name] is None else row[name] for name in (
            "host", "direction", "protocol", "port", "program", "netns")))

    def silent(self, role=""):
        """As if all of them were."""
        newest = {}
        for line in self.snapshots:
            known = newest.setdefault(line["host"], {"host": line["host"], "newest_seq": 0, "taken": ""})
            known["newest_seq"] = max(known["newest_seq"], line["seq"])
            known["taken"] = max(known["taken"], seconds(line["taken_at"]))
        rows = [*newest.values(), *({"host": host, "newest_seq": 0, "taken": None} for host in self.roles if host not in newest)]
        return sorted((row for row in rows if self.has_role(row["host"], role)), key=lambda row: row["host"])

    def holes(self):
        rows = []
        for host in sorted({line["host"] for line in self.lines["snapshots"]}):
            mine = [line for line in self.lines["snapshots"] if line["host"] == host]
            shots = [line for line in mine if line["kind"] == "snapshot"]
            row = {"host": host, "snapshots": len(shots), "incomplete": sum(line["gaps"] > 0 for line in shots),
                   "could_not_see": sorted({source for line in shots for source in line["gap_sources"]}),
                   "missed_runs": sum(line["runs"] for line in mine if line["kind"] == "missed"),
                   "pruned_untold": sum(line["kind"] == "pruned" for line in mine),
                   "lines_removed": sum(line["lines"] for line in mine if line["kind"] == "removed")}
            if row["incomplete"] or row["missed_runs"] or row["pruned_untold"] or row["lines_removed"]:
                rows.append(row)
        return rows

    def compliance(self):
        policy = {}
        for line in sorted(self.snapshots, key=lambda line: line["seq"]):
            policy[line["host"]] = line["policy"] or "none"
        groups = collections.defaultdict(list)
        for line in self.services:
            if line["state"] == "open" and line["host"] in policy:
                groups[policy[line["host"]], line["status"] or "nobody was asked"].append(line)
        return [{"policy": key[0], "status": key[1], "services": len(lines), "hosts": len({line["host"] for line in lines}),
                 "oldest": min(seconds(line["first_seen"]) for line in lines),
                 "oldest_days": (self.now - min(epoch(line["first_seen"]) for line in lines)) // DAY}
                for key, lines in sorted(groups.items())]

    def findings_(self, days):
        groups = collections.defaultdict(list)
        for line in self.findings:
            if not line["accepted"] and (line["state"] == "open" or epoch(line["first_seen"]) > self.now - days * DAY):
                groups[line["severity"], line["rule"], line["title"]].append(line)
        order = ["critical", "high", "medium", "low", "info"]
        return [{"severity": key[0], "rule": key[1], "title": key[2], "findings": len(lines),
                 "open": sum(line["state"] == "open" for line in lines), "hosts": len({line["host"] for line in lines}),
                 "which": sorted({line["host"] for line in lines})[:10],
                 "since": min(seconds(line["first_seen"]) for line in lines)}
                for key, lines in sorted(groups.items(), key=lambda each: (order.index(each[0][0]), *each[0][1:]))]

    def forks(self):
        heads = collections.defaultdict(set)
        for line in self.snapshots:
            heads[line["host"], line["archive"], line["seq"]].add(line["head"])
        return [{"host": key[0], "archive": key[1], "seq": key[2], "heads": len(each), "which": sorted(each)}
                for key, each in sorted(heads.items()) if len(each) > 1]

    def heads(self):
        newest = {}
        for line in self.snapshots:
            key = line["host"], line["archive"]
            if line["head"] and (key not in newest or line["seq"] > newest[key]["seq"]):
                newest[key] = line
        return [{name: line[name] for name in ("host", "archive", "seq", "record", "head")}
                for _, line in sorted(newest.items())]

    def new(self, days, role=""):
        rows = [line for line in self.services if epoch(line["first_seen"]) > self.now - days * DAY
                and line["not_before"] is not None and self.is_reached(line) and self.has_role(line["host"], role)]
        rows.sort(key=lambda line: (self.began(line), line["host"], line["protocol"], line["local_port"] or 0,
                                    line["row"]))
        return [self.row(line, "host", "protocol", "local_address", "local_port", "netns", "program", "script", "user", "unit",
                         "package", "status", "not_before", "first_seen", "last_seen", "not_after") for line in rows]
