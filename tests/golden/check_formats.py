#!/usr/bin/env python3
"""The accepted answers, read by parsers that are not ours.

In:    the folder of accepted answers.
Out:   what a strict reader of JSON, CSV or a terminal would trip over.
Never: compares contents; golden_test does.
"""
import base64
import csv
import email
import email.policy
import json
import pathlib
import re
import sys

SOCKET = """protocol family state local_address local_port remote_address remote_port path recv_q send_q
    uid user inode cookie netns direction direction_evidence service_name first_seen last_seen holders
    no_holder_reason""".split()
HOLDER = "pid fd name program script command_line user unit container started_at sha256 package".split()
SNAPSHOT = """seq taken_at finished_at boot_id host complete gaps listening connected processes""".split()
BASELINE = "baseline first_seq last_seq snapshots made_at made_by".split()
CHANGE = "kind severity protocol local_address local_port netns path before after why".split()
ACCOUNT = """protocol local_address local_port netns owners status reason approved_by expires
    explanation""".split()
FINDING = "rule severity title why attack socket process evidence accept".split()
NEWS = """kind news severity what title where who details not_before first_seen last_seen gone_by approval
    changes change finding""".split()
SPAN = "first_seen not_before last_seen not_after snapshots owners gaps".split()
EVENT = "time seq kind not_before".split()
REPORT_CHANGE = """id kind severity changed_after changed_by first_seen last_seen_absent last_seen
    closed_at protocol local_address local_port netns owner approved_then approved_now justification
    approver ticket expires insecure confidence evidence""".split()
TROUBLE = "kind message".split()
RULE = "id title severity attack source enabled explanation benign accept sql".split()
ROOT = {
    "sockwitness.show/1": ["asked_at", "distance_seconds", "note", "snapshot", "sockets"],
    "sockwitness.snapshots/1": ["snapshots"],
    "sockwitness.status/1": ["database", "latest", "bytes", "free_bytes", "full_in_days", "troubles"],
    "sockwitness.check/1": ["snapshot", "rules_version", "findings"],
    "sockwitness.rules/1": ["rules_version", "rules"],
    "sockwitness.when/1": ["query", "looked", "spans", "gaps"],
    "sockwitness.timeline/1": ["query", "looked", "events"],
    "sockwitness.diff/1": ["from", "to", "changes", "not_compared", "summary"],
    "sockwitness.account/1": ["snapshot", "services"],
    "sockwitness.alert/1": ["host", "subject", "first", "from_seq", "snapshot", "news", "less_weight", "summary"],
    "sockwitness.report/1": ["summary", "statements", "changes", "services", "unobserved", "partial",
                             "findings", "events", "controls", "definitions"],
}
MAIL = "To Subject MIME-Version Content-Type Content-Transfer-Encoding Auto-Submitted".split()
ROWS = "news sockets changes findings rules services snapshots spans events troubles".split()


def unique(pairs):
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), f"a key stands twice: {keys}"
    return dict(pairs)


def parse(text):
    assert text.isascii() and all(c >= " " or c == "\n" for c in text), "control or non-ASCII byte"
    return json.loads(text, object_pairs_hook=unique)


def require(value, keys):
    missing = [key for key in keys if key not in value]
    assert not missing, f"missing: {missing}"


def check_bytes(value):
    """Every …_b64 decodes and stands beside its text."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key.endswith("_b64"):
                assert key[:-4] in value, key
                base64.b64decode(inner, validate=True)
            check_bytes(inner)
    elif isinstance(value, list):
        for inner in value:
            check_bytes(inner)


def check_row(row):
    check_bytes(row)
    if "news" in row:
        require(row, NEWS)
        if row["change"]:
            require(row["change"], CHANGE)
        if row["finding"]:
            require(row["finding"], FINDING)
    elif "not_before_seq" in row:
        require(row, EVENT if "kind" in row else SPAN)
        if "socket" in row:
            require(row["socket"], SOCKET)
        if row.get("process"):
            require(row["process"], HOLDER)
    elif "changed_by" in row:
        require(row, REPORT_CHANGE)
    elif "message" in row:
        require(row, TROUBLE)
    elif "kind" in row:
        require(row, CHANGE)
    elif "status" in row:
        require(row, ACCOUNT)
    elif "sql" in row:
        require(row, RULE)
    elif "reasons" in row:
        require(row, FINDING)
        for reason in row["reasons"]:
            check_bytes(reason)
    elif "taken_at" in row:
        require(row, SNAPSHOT)
    else:
        require(row, SOCKET)
        for holder in row["holders"]:
            require(holder, HOLDER)
        assert bool(row["holders"]) != bool(row["no_holder_reason"]), row


def check_json(text):
    value = parse(text)
    require(value, ROOT[value["format"]])
    for key in ("snapshot", "from", "to"):
        if key in value:
            require(value[key], BASELINE if "baseline" in value[key] else SNAPSHOT)
    rows = next(value[key] for key in ROWS if isinstance(value.get(key), list))
    assert rows, "no rows"
    for row in rows:
        check_row(row)
    return len(rows)


def check_json_lines(text):
    rows = [parse(line) for line in text.splitlines()]
    for row in rows:
        require(row, ["format"])
        assert row["format"] in ("sockwitness.rule/1", "sockwitness.span/1") or "seq" in row, "no seq"
        check_row(row)
    return len(rows)


def check_csv(text):
    rows = list(csv.reader(text.splitlines(keepends=True), strict=True))
    assert text.endswith("\r\n")
    for row in rows:
        assert len(row) == len(rows[0]), row
        for cell in row:
            assert not cell or cell[0] not in "=+-@\t\r", cell
            assert all(c.isprintable() for c in cell), cell
    return len(rows) - 1


def check_text(text):
    for line in text.split("\n"):
        assert all(c.isprintable() for c in line), ascii(line)
    return text.count("\n")


def check_mail(text):
    """One message to one address, whose subject is one line of what was told."""
    message = email.message_from_string(text, policy=email.policy.default)
    assert not message.defects and sorted(message.keys()) == sorted(MAIL), message.keys()
    assert message["Subject"].startswith("web07: "), message["Subject"]
    assert all(len(line) <= 998 for line in text.splitlines())
    return check_text(message.get_content())


def check_line(text):
    assert text.count("\n") == 1 and text.endswith("\n")
    value = parse(text)
    require(value, [*ROOT[value["format"]], "text"])
    return len(value["news"])


def check_metrics(text):
    names = set()
    for line in text.splitlines():
        if not line.startswith("# "):
            assert re.fullmatch(r'[a-z_]+(\{[a-z]+="[a-z]+"\})? [0-9.]+', line), line
            assert line not in names, line
            names.add(line)
    return len(names)


def check_journal(text):
    """Entries of the native protocol, each with a newline behind it; the text has a character a byte."""
    entries = 0
    while text:
        fields = {}
        while text[0] != "\n":
            name, mark, _ = re.match(r"([A-Z][A-Z0-9_]*)([=\n])()", text).groups()
            begin = len(name) + 1
            size = text.index("\n", begin) - begin
            if mark == "\n":
                size = int.from_bytes(text[begin:begin + 8].encode("latin-1"), "little")
                begin += 8
            assert name not in fields and text[begin + size] == "\n", name
            fields[name], text = text[begin:begin + size], text[begin + size + 1:]
        require(fields, ["MESSAGE", "MESSAGE_ID", "PRIORITY", "SYSLOG_IDENTIFIER", "SOCKWITNESS_SEVERITY"])
        entries, text = entries + 1, text[1:]
    return entries


def check_spooled(text):
    """Lines of spool: of several kinds, each with its format, its database and its snapshot; ASCII."""
    assert text.isascii() and text.endswith("\n"), "not whole lines of ASCII"
    lines = [json.loads(line) for line in text.splitlines()]
    for line in lines:
        assert line["format"].startswith("sockwitness.spool-") and line["archive"] and line["seq"] >= 0, f"{line}"
    return len(lines)


def main(folder):
    checks = {".json": check_json, ".jsonl": check_json_lines, ".csv": check_csv,
              ".text": check_text, ".md": check_text, ".html": check_text,
              ".lines": check_spooled, ".mail": check_mail, ".webhook": check_line, ".metrics": check_metrics, ".journal": check_journal}
    rows = {}
    for path in sorted(pathlib.Path(folder).iterdir()):
        try:
            text = path.read_bytes().decode("latin-1" if path.suffix == ".journal" else "utf-8")
            rows[path.name] = checks[path.suffix](text)
        except (AssertionError, ValueError, KeyError, csv.Error) as error:
            sys.exit(f"{path.name}: {error}")
    assert rows, "no accepted answers"
    for name in {name.rsplit(".", 1)[0] for name in rows if name.endswith(".jsonl")}:
        counts = {rows[f"{name}.{kind}"] for kind in ("json", "jsonl", "csv")}
        assert len(counts) == 1, f"{name}: rows differ between the formats: {counts}"
    print(f"{len(rows)} answers read")


main(sys.argv[1])
