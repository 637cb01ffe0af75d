#!/usr/bin/env python3
"""Every export is what its reader takes, says what the database says, and is there whole or not at all.

In:    the folder of the programs; random histories with bytes that no format likes.
Out:   each format against its rules, its counts and its sums; every way in which a file cannot be
       written.
Never: a line that Timesketch would drop, a half file, a replaced one.
"""
import collections
import datetime
import json
import os
import pathlib
import re
import signal
import subprocess
import time

import time_oracle
from faults import why_no_faults
from programs import DIFF_PAIRS, QUERY, ask, check, done, make_database, run, scratch

LENGTH = 40


def unique(pairs):
    """Keys of one object, each once: a parser that keeps the last one would hide a loss."""
    keys = [key for key, _ in pairs]
    check(len(keys) == len(set(keys)), f"a key comes twice: {keys}")
    return dict(pairs)


def lines_of(database, form, *options):
    whole = [] if form == "jsonl" else ["--all"]  # as jsonl has the recorder's own runs
    answer = ask(database, ["export", "--format", form, *whole, *options])
    check(answer.returncode == 0, f"{form}: exit {answer.returncode}, {answer.stderr!r}")
    check(all(byte == 10 or 32 <= byte < 127 for byte in answer.stdout), f"{form}: not ASCII")
    return [json.loads(line, object_pairs_hook=unique) for line in answer.stdout.splitlines()]


def rows_of(lines, kind):
    return [line for line in lines if line["type"] == kind]


def try_jsonl(database):
    lines = lines_of(database, "jsonl")
    check(lines[0]["type"] == "export" and lines[0]["last_seq"] == LENGTH, "the first line")
    check(lines[-1] == {"type": "end", "lines": len(lines) - 1}, "the last line")
    check(len(rows_of(lines, "snapshot")) == LENGTH, "snapshots")
    return lines


def try_timesketch(database, source, sight):
    """timesketch/lib/utils.py: what it requires, what it drops without a word."""
    events = lines_of(database, "timesketch")
    for event in events:
        for field in ("message", "datetime", "timestamp_desc"):
            check(event.get(field), f"timesketch: no {field} in {event}")
        time_text = event["datetime"]
        check(time_text.endswith("+00:00") and len(time_text) == 32, f"datetime {time_text}")
        check(1700 <= datetime.datetime.fromisoformat(time_text).year <= 9999, time_text)
        for field in ("_id", "_type", "_index", "_source", "__ts_timeline_id", "timestamp"):
            check(field not in event, f"timesketch: reserved {field}")
    counts = collections.Counter(event["event"] for event in events)

    def count(act, *things):
        return sum(counts[f"{thing}_{act}"] for thing in things)
    sockets, hidden = ("listener", "connection", "socket"), {}
    for kind, things in (("socket", sockets), ("process", ("process",))):
        # The rows of the first snapshot may be later versions: they began before, as far as we know.
        first = [row for row in rows_of(source, kind) if row["seq"] == 1]
        later = [row for row in rows_of(source, kind) if row["seq"] > 1]
        check(count("present", *things) == len(first), f"timesketch: {kind} present")
        appeared, vanished, _ = sight[kind]
        check(count("appeared", *things) == appeared, f"timesketch: {kind} appeared")
        check(count("vanished", *things) == vanished, f"timesketch: {kind} vanished")
        by_rows = sum(row["origin"] is None for row in later)
        renewed = len(later) - by_rows
        hidden[kind] = by_rows - appeared
        check(count("changed", *things) >= renewed > 0, f"timesketch: {kind} changed")
    check(counts["gap_appeared"] == len(rows_of(source, "gap")) > 0, "timesketch: gaps")
    check(counts["recorder_started"] == 1, "timesketch: where recording began")
    return hidden


OSQUERY_COLUMNS = {
    "process_open_sockets": ["pid", "fd", "socket", "family", "protocol", "local_address",
                             "remote_address", "local_port", "remote_port", "path", "state",
                             "net_namespace"],
    "listening_ports": ["pid", "port", "protocol", "family", "address", "fd", "socket", "path",
                        "net_namespace"],
}


def row_key(columns):
    return tuple(sorted(columns.items()))


def try_osquery(database, out_of_sight):
    lines = lines_of(database, "osquery")
    tables = {name: collections.Counter() for name in OSQUERY_COLUMNS}
    snapshots = {}
    for line in lines:
        keys = ["name", "hostIdentifier", "calendarTime", "unixTime", "epoch", "counter", "numerics"]
        check([key for key in line if not key.endswith("_b64")][:7] == keys, f"osquery: {line}")
        check(all(isinstance(line[key], int) for key in ("unixTime", "epoch", "counter")),
              "osquery: numbers")
        check(line["numerics"] is False and line["calendarTime"].endswith(" UTC"), "osquery: head")
        at = datetime.datetime.strptime(line["calendarTime"], "%a %b %d %H:%M:%S %Y UTC")
        check(at.replace(tzinfo=datetime.timezone.utc).timestamp() == line["unixTime"],
              f"osquery: {line['calendarTime']} is not {line['unixTime']}")
        if line["action"] == "snapshot":
            snapshots[line["name"]] = collections.Counter(map(row_key, line["snapshot"]))
            continue
        columns = line["columns"]
        check([key for key in columns if not key.endswith("_b64")] == OSQUERY_COLUMNS[line["name"]],
              f"osquery: columns {list(columns)}")
        check(all(isinstance(value, str) for value in columns.values()), "osquery: text only")
        table = tables[line["name"]]
        check(line["action"] in ("added", "removed"), f"osquery: {line['action']}")
        table[row_key(columns)] += 1 if line["action"] == "added" else -1
        check(table[row_key(columns)] >= 0, "osquery: removed what was not there")
    for name, table in tables.items():
        last = snapshots["snapshot_" + name]
        check(last and not last - table, f"osquery: the sum of {name}")
        check(bool(table - last) <= bool(out_of_sight), f"osquery: {name} has what has ended")


# Of the schema's event.yml: the words that may stand there.
ECS_TYPES = {"network": {"access", "allowed", "connection", "denied", "end", "info", "protocol",
                         "start"},
             "process": {"access", "change", "end", "info", "start"},
             "host": {"access", "change", "end", "info", "start"}}


def try_ecs(database, source):
    documents = lines_of(database, "ecs")
    for number, document in enumerate(documents, 1):
        check(datetime.datetime.fromisoformat(document["@timestamp"]), "ecs: @timestamp")
        check(document["ecs"]["version"].startswith("9."), "ecs: version")
        event = document["event"]
        check(event["kind"] in ("state", "event"), f"ecs: kind {event['kind']}")
        for category in event["category"]:
            check(set(event["type"]) <= ECS_TYPES[category], f"ecs: {event}")
        check(event["sequence"] == number, "ecs: sequence")
        for end in ("source", "destination", "server"):
            check(end not in document or set(document[end]) == {"ip", "address", "port"}, end)
    states = sum(document["event"]["kind"] == "state" for document in documents)
    check(states == sum(row["seq"] == 1 for kind in ("socket", "process")
                        for row in rows_of(source, kind)), "ecs: states")
    check(sum(document["event"]["dataset"] == "sockwitness.gap" for document in documents) >=
          len(rows_of(source, "gap")), "ecs: gaps")


    recording = collections.Counter(
        document["event"]["action"] for document in documents
        if document["event"]["dataset"] == "sockwitness.recording")
    check(recording == chronicle_of(database) and recording["recorder-started"] == 1,
          f"ecs: what happened to the recording: {recording}")


def chronicle_of(database, *words):
    kinds = "reboot,time_gap,clock_step,suspend,missed_run,recorder_started,recorder_changed,noted"
    events = json.loads(ask(database, ["timeline", "--events", kinds, "--format", "json", *words]).stdout)
    return collections.Counter(event["kind"].replace("_", "-") for event in events["events"])


# What SARIF 2.1.0 lets these objects have, and in brackets what it asks for.
SARIF = {
    "log": "[version] [runs] $schema inlineExternalProperties properties",
    "run": "[tool] results invocations originalUriBaseIds artifacts language properties",
    "driver": "[name] version rules informationUri semanticVersion properties",
    "rule": "[id] name shortDescription fullDescription help helpUri defaultConfiguration properties",
    "invocation": "[executionSuccessful] machine toolExecutionNotifications exitCode properties",
    "notification": "[message] level properties",
    "result": "[message] ruleId ruleIndex level kind baselineState locations partialFingerprints suppressions properties",
    "location": "physicalLocation logicalLocations message properties",
    "physicalLocation": "artifactLocation region contextRegion properties",
    "suppression": "[kind] justification status properties",
}


def has_members(value, kind):
    words = SARIF[kind].split()
    required = {word.strip("[]") for word in words if word.startswith("[")}
    allowed = {word.strip("[]") for word in words}
    check(required <= set(value) <= allowed, f"sarif: a {kind} with {sorted(value)}")


def importable(log):
    """What the largest importer asks for, https://docs.github.com/code-security, "SARIF support for code scanning"."""
    has_members(log, "log")
    (run_,) = log["runs"]
    has_members(run_, "run")
    driver = run_["tool"]["driver"]
    has_members(driver, "driver")
    for rule in driver["rules"]:
        has_members(rule, "rule")
        for text in ("shortDescription", "fullDescription", "help"):
            check(rule[text]["text"], f"sarif: {rule['id']} without {text}")
        check(len(rule["shortDescription"]["text"]) <= 1024 and len(rule["fullDescription"]["text"]) <= 1024, rule["id"])
        check(0 <= float(rule["properties"]["security-severity"]) <= 10, f"sarif: {rule['properties']}")
        check(rule["defaultConfiguration"]["level"] in ("none", "note", "warning", "error"), "sarif: default level")
    for invocation in run_["invocations"]:
        has_members(invocation, "invocation")
        for note in invocation["toolExecutionNotifications"]:
            has_members(note, "notification")
    check(run_["originalUriBaseIds"] == {"HOST": {"uri": "file:///"}}, "sarif: base")
    files = collections.Counter()
    for result in run_["results"]:
        has_members(result, "result")
        for each in result.get("suppressions", []):
            has_members(each, "suppression")
        check(1 <= len(result["locations"]) <= 10 and len(result["partialFingerprints"]) <= 10, "sarif: locations")
        for location in result["locations"]:
            has_members(location, "location")
            has_members(location["physicalLocation"], "physicalLocation")
            artifact, region = location["physicalLocation"]["artifactLocation"], location["physicalLocation"]["region"]
            check(set(artifact) == {"uri", "uriBaseId"} and artifact["uriBaseId"] == "HOST", f"sarif: {artifact}")
            # A relative reference by RFC 3986: no scheme, no root, no query, whole escapes only.
            check(re.fullmatch(r"(?!/)(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+", artifact["uri"]), f"sarif: {artifact['uri']}")
            check(region == {"startLine": 1}, f"sarif: {region}")
            files[artifact["uri"].startswith("proc")] += 1
    check(files[False] and files[True], f"sarif: files of programs, and tables of the kernel: {files}")


def try_sarif(database):
    log = lines_of_sarif(database)
    check(log["version"] == "2.1.0" and len(log["runs"]) == 1, "sarif: head")
    importable(log)
    (log,) = log["runs"]
    rules = {rule["id"] for rule in log["tool"]["driver"]["rules"]}
    check(log["tool"]["driver"]["name"] == "sockwitness", "sarif: driver")
    check(all(invocation["executionSuccessful"] for invocation in log["invocations"]), "sarif")
    changes = findings = 0
    for result in log["results"]:
        check(result["message"]["text"] and set(result["message"]) == {"text"}, "sarif: message")
        check(result["ruleId"] in rules, f"sarif: {result['ruleId']} is no rule")
        check(result["level"] in ("none", "note", "warning", "error"), "sarif: level")
        # Source: the schema's text: a level of none goes with a kind other than fail.
        check((result["level"] == "none") == (result["kind"] != "fail"), "sarif: kind")
        check(result["baselineState"] in ("new", "unchanged", "updated", "absent"), "sarif: state")
        changes += result["ruleId"].startswith("diff/")
        findings += result["ruleId"].startswith("check/") and result["baselineState"] != "absent"
    told = json.loads(ask(database, ["diff", "--from", "#1", "--to", f"#{LENGTH}", "--all",
                                     "--format", "json"]).stdout)
    check(changes == len(told["changes"]) > 0, f"sarif: {changes} changes")
    found = json.loads(ask(database, ["check", "--all", "--severity", "info", "--format",
                                      "json"]).stdout)
    check(findings == len(found["findings"]), f"sarif: {findings} findings")
    notes = log["invocations"][0]["toolExecutionNotifications"]
    recording = collections.Counter(note["properties"]["kind"].replace("_", "-") for note in notes
                                    if "properties" in note)
    within = chronicle_of(database, "--since", "#1", "--until", f"#{LENGTH}")
    del within["recorder-started"]
    within["missed-run"] = recording["missed-run"]  # those after the last snapshot are not between the two
    check(+recording == +within and recording, f"sarif: what happened to the recording: {recording}, {within}")


def lines_of_sarif(database):
    answer = ask(database, ["export", "--format", "sarif"])
    check(answer.returncode == 0, f"sarif: {answer.stderr!r}")
    return json.loads(answer.stdout, object_pairs_hook=unique)


def refuse(result, what, code, word):
    message = result.stderr.decode(errors="replace")
    check(result.returncode == code, f"{what}: exit {result.returncode}, {message}")
    check(result.stdout == b"" and word in message, f"{what}: {message}")


def try_files(folder, database):
    def export(target, *options, form="jsonl"):
        return ask(database, ["export", "--format", form, "-o", target, *options])
    target = folder / "out.jsonl"
    check(export(target).returncode == 0 and target.stat().st_size > 1000, "a new file")
    check(target.stat().st_mode & 0o007 == 0, "others may read it")
    content = target.read_bytes()
    refuse(export(target), "an existing file", 2, "--force")
    check(target.read_bytes() == content, "the existing file was changed")
    target.write_text("old")
    check(export(target, "--force").returncode == 0 and target.read_bytes() == content, "--force")
    refuse(export(folder), "a directory", 2, "directory")
    refuse(export(database), "the database itself", 2, "database itself")
    refuse(export(database, "--force"), "the database, by force", 2, "database itself")
    link = folder / "link.jsonl"
    link.symlink_to(database)
    refuse(export(link, "--force"), "a link to the database", 2, "database itself")
    refuse(export("/dev/full"), "a device", 2, "regular")
    refuse(export(folder / "none" / "out.jsonl"), "a missing folder", 3, "none")
    refuse(export(folder / "out.json", form="timesketch"), "a name for Timesketch", 2, ".jsonl")
    refuse(export(folder / "x.jsonl", form="csv"), "an unknown format", 2, "csv")
    for since, until, word in (("2099-01-01T00:00:00Z", "", "after the last snapshot"),
                               ("", "1960-01-01T00:00:00Z", "before the first snapshot"),
                               ("#9", "#3", "before"), ("#999", "", "no such snapshot")):
        times = (["--since", since] if since else []) + (["--until", until] if until else [])
        refuse(export(folder / "x.jsonl", *times), f"{since} to {until}", 2, word)
    check(not (folder / "x.jsonl").exists(), "a refused export left a file")


def try_full_disk(folder, database):
    if os.geteuid() != 0:
        return
    disk = folder / "disk"
    disk.mkdir()
    mounted = run("mount", "-t", "tmpfs", "-o", "size=64k", "none", disk)
    if mounted.returncode != 0:
        return print("a full disk was not tried: no mount here")
    try:
        refuse(ask(database, ["export", "--format", "jsonl", "-o", disk / "out.jsonl"]),
               "a full disk", 3, "No space left")
        check(list(disk.iterdir()) == [], "a full disk keeps half a file")
        (disk / "out.jsonl").write_text("old")
        refuse(ask(database, ["export", "--format", "jsonl", "-o", disk / "out.jsonl", "--force"]),
               "a full disk, by force", 3, "No space left")
        check((disk / "out.jsonl").read_text() == "old", "the old file is gone")
    finally:
        run("umount", disk)
    return None


def try_interruption(folder, database):
    """Signals at many points: the file is there as a whole or not at all, and nothing else is."""
    target = folder / "cut" / "out.jsonl"
    target.parent.mkdir()
    interrupted = 0
    for number in range(600):
        if number >= 30 and interrupted > 5:
            break  # on a busy host the signal often comes too late
        process = subprocess.Popen([QUERY, "export", "--format", "jsonl", "-o", str(target), "--db",
                                    str(database)], stderr=subprocess.DEVNULL)
        while process.poll() is None and not list(target.parent.iterdir()):
            pass
        time.sleep(0.002 * (number % 30))
        process.send_signal(signal.SIGTERM if number % 2 else signal.SIGINT)
        code = process.wait()
        left = list(target.parent.iterdir())
        if code == 130 and left != [target]:
            interrupted += 1
            check(left == [], f"an interruption left {left}")
        else:  # or the signal came before the program was ready for it, or after the last step
            check(code == 0 if left else code in (130, -signal.SIGINT, -signal.SIGTERM), f"interrupted: exit {code}")
            for path in left:
                check(path == target, f"an interruption left {path}")
                last = path.read_bytes().splitlines()[-1]
                check(json.loads(last)["type"] == "end", "a half file under the name")
                path.unlink()
    check(interrupted > 5, f"only {interrupted} runs were interrupted")


LAST_CALLS = ("renameat2", "fsync", "unlink", "close", "munmap", "exit_group")


def last_steps(words, place, call, *injection):
    """The answer's exit code and files, and how often it made the call. The log is left out: it has the call."""
    for path in place.iterdir():
        path.unlink()
    log = place.parent / "last.strace"
    result = subprocess.run(["strace", "-f", "-qq", "-o", log, "-e", f"trace={call}", *injection, *words],
                            capture_output=True, check=False)
    text = log.read_text(encoding="utf-8", errors="replace")
    return result, sorted(path.name for path in place.iterdir()), len(re.findall(rf"^\d+ +{call}\(", text, re.M))


def try_last_steps(folder, database):
    """A signal during the last steps: the answer is not there and that is said, or it is and nothing is said."""
    if reason := why_no_faults():
        print(f"left out: a signal at each of the last steps: {reason}")
        return
    place = folder / "last"
    place.mkdir()
    answers = {"export": ["export", "--format", "jsonl", "-o", place / "out"],
               "report": ["report", "-o", place / "out.html", "--by", "us"]}
    ends = collections.Counter()
    for name, words in answers.items():
        command = [QUERY, *words, "--db", database]
        usual, whole, _ = last_steps(command, place, "renameat2")
        check(usual.returncode == 0 and len(whole) == (1 if name == "export" else 2), f"{name}: {usual.stderr}")
        for call in LAST_CALLS:
            _, _, count = last_steps(command, place, call)
            for number in range(max(1, count - 5), count + 1):
                result, left, _ = last_steps(command, place, call, "-e", f"inject={call}:signal=TERM:when={number}")
                what = f"{name}, {call} {number} of {count}: exit {result.returncode}, {left}, {result.stderr}"
                if result.returncode == -signal.SIGTERM:  # it was not ready for it yet
                    check(left == [], what)
                elif result.returncode == 130:
                    check(left == [] and b"interrupted" in result.stderr, what)
                else:
                    check(result.returncode == 0 and left == whole and not result.stderr, what)
                ends[result.returncode] += 1
    print(f"a signal at one of the last steps: {dict(ends)}")
    check(ends[0] > 5 and ends[130] > 5, "the steps were missed")


def try_blind_snapshots(folder):
    """What a snapshot could not look at has not ended, and does not begin when it is seen again."""
    hidden = collections.Counter()
    for seed in ("1", "2"):
        database = folder / f"blind{seed}.db"
        subprocess.run([DIFF_PAIRS, str(database), seed, str(LENGTH), "0"], check=True,
                       stdout=subprocess.DEVNULL)
        sight = time_oracle.things_in_sight(time_oracle.Record(database))
        hidden.update(try_timesketch(database, try_jsonl(database), sight))
        try_osquery(database, sight["socket"][2])
    check(all(hidden.values()) and len(hidden) == 2, f"nothing was out of sight: {hidden}")


def main():
    with scratch() as folder:
        database = folder / "history.db"
        make_database(database, LENGTH, seed=11)
        source = try_jsonl(database)
        sight = time_oracle.things_in_sight(time_oracle.Record(database))
        try_timesketch(database, source, sight)
        try_osquery(database, sight["socket"][2])
        try_ecs(database, source)
        try_sarif(database)
        try_blind_snapshots(folder)
        try_files(folder, database)
        try_full_disk(folder, database)
        try_interruption(pathlib.Path(folder), database)
        try_last_steps(folder, database)
    done("exports")


main()
