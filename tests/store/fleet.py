#!/usr/bin/env python3
"""A fleet on a real engine: lines of `spool` in ClickHouse, every question against an oracle, row by row.

In:    the folder of the programs; Debian's clickhouse-server and clickhouse-client.
Out:   50 hosts made of some by the real `spool`; the server killed within an insert, everything sent again with other
       borders: nothing is lost, nothing twice. Every answer of `fleet QUESTION` is the oracle's; a forged head is found,
       and stays when rows are merged; the heads of the engine are anchors of `verify`.
Never: a server that was there before.
"""
import collections
import datetime
import json
import pathlib
import re
import subprocess
import sys
import time

import chdb
import clickhouse
from fleet_oracle import Fleet
from programs import BIN, DIFF_PAIRS, LONG, MAKE_HISTORY, QUERY, check, done, run, scratch, skip
from spool_reader import KINDS, read_lines

HOSTS = 500 if LONG else 50
POLICY = '[[service]]\nport = [22, 80, 443]\nreason = "the shop"\napproved_by = "ops"\napproved_on = 2020-01-01\n'
asked = collections.Counter()
# Of today's tables, to the microsecond.
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?")
ROOT = pathlib.Path(__file__).resolve().parents[2]


def spool(database, target, *options):
    result = run(QUERY, "spool", "--db", database, "--to", target, *options)
    check(result.returncode == 0, f"spool {database}: {result.stderr}")
    return read_lines(target)


def samples(folder):
    """Lines of a few hosts: services that change, anything at all, and one with a signed chain."""
    (folder / "policy.toml").write_text(POLICY)
    policy = ("--policy", folder / "policy.toml")
    found = []
    for seed in (1, 2, 3):
        check(run(DIFF_PAIRS, folder / f"s{seed}.db", seed, 24, 1).returncode == 0, "diff_pairs")
        found.append(spool(folder / f"s{seed}.db", folder / f"s{seed}", *policy))
    check(run(MAKE_HISTORY, folder / "any.db", 11, 60).returncode == 0, "make_history")
    found.append(spool(folder / "any.db", folder / "any", "--no-findings"))
    check(run(BIN / "make_chain", folder / "chain.db", 7, 14, 2).returncode == 0, "make_chain")
    found.append(spool(folder / "chain.db", folder / "chain", "--no-findings"))
    return found


def clone(lines, number):
    """The same on another host: its name and its archive are others."""
    copy = {}
    for kind in KINDS:
        copy[kind] = []
        for text in lines[kind]:
            line = json.loads(text)
            line.update(host=f"host{number:03}", archive=f"{number:08x}{line['archive'][8:]}")
            copy[kind].append(json.dumps(line, ensure_ascii=True, separators=(",", ":")))
    return copy


def make_fleet(folder):
    bases = samples(folder)
    lines = {kind: [] for kind in KINDS}
    for number in range(HOSTS):
        for kind, texts in clone(bases[number % len(bases)], number).items():
            lines[kind] += texts
    for kind in KINDS:
        lines[kind] += bases[-1][kind]  # itself, so that its heads are those of a file
    roles = {f"host{number:03}": ("web", "db", "mail")[number % 3] for number in range(HOSTS)}
    roles["never-seen"] = "web"
    return lines, roles


def batches(texts, size):
    return [texts[at:at + size] for at in range(0, len(texts), size)]


def kill_within(server, kind, part):
    """The server dies when it has the begin of an insert; the client is told."""
    with subprocess.Popen(server.command(*clickhouse.READING, "--query", f"INSERT INTO sockwitness.{kind} FORMAT JSONEachRow"),
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as client:
        text = "".join(line + "\n" for line in part).encode("ascii")
        client.stdin.write(text[:len(text) // 2])
        client.stdin.flush()
        while b"INSERT" not in server.client("SELECT query FROM system.processes WHERE query LIKE 'INSERT%'").stdout:
            check(client.poll() is None, f"the insert ended: {client.stderr.read() if client.poll() else ''}")
            time.sleep(0.05)
        server.kill()
        client.communicate(text[len(text) // 2:])
    check(client.returncode != 0, "an insert into a server that was killed says that it succeeded")
    server.start()


def load(server, lines, killable):
    """Once in small batches with the server killed under way, then all of it again with other borders."""
    for kind in KINDS:
        parts = batches(lines[kind], 1000)
        for number, part in enumerate(parts):
            if killable and kind == "services" and number == len(parts) // 2:
                kill_within(server, kind, part)
            server.insert(kind, part)
    for kind in KINDS:
        for part in batches(lines[kind], 733):
            server.insert(kind, part)


def ask(server, *question):
    """The question through the program, and its answer through `fleet show`, which must take it."""
    sql = run(QUERY, "fleet", *question)
    check(sql.returncode == 0, f"{question}: {sql.stderr}")
    answer = server.script(sql.stdout, "--format", "JSONEachRow", "--output_format_json_quote_64bit_integers=0")
    shown = subprocess.run([QUERY, "fleet", "show"], input=answer, capture_output=True, check=False)
    check(shown.returncode == 0 and shown.stdout.endswith(b"rows\n") or shown.stdout.endswith(b"row\n"),
          f"{question}: {shown.stderr}")
    return [json.loads(line) for line in answer.splitlines()]


def compare(what, engine, oracle, ignored=()):
    engine = [{name: value if not TIME.fullmatch(str(value)) else value[:19] for name, value in row.items() if name not in ignored}
              for row in engine]
    check(len(engine) == len(oracle), f"{what}: {len(engine)} rows of the engine, {len(oracle)} of the oracle")
    for number, (left, right) in enumerate(zip(engine, oracle)):
        check(left == right, f"{what}, row {number}: {left} is not {right}")
    asked[what] += len(engine)


def try_questions(server, fleet):
    now = ("--now", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(fleet.now)))
    for port in sorted({line["local_port"] for line in fleet.services if line["local_port"]}):
        compare("port", ask(server, "port", str(port)), fleet.port(port))
        compare("port", ask(server, "port", str(port), "--role", "db"), fleet.port(port, "db"))
    for digest in sorted({line["sha256"] for line in fleet.programs if line["sha256"]})[:5]:
        compare("hash", ask(server, "hash", digest), fleet.hash(digest))
    compare("hash", ask(server, "hash", "312f7573"), fleet.hash("312f7573"))
    for share in ("1", "30", "100"):
        compare("outliers", ask(server, "outliers", "--share", share), fleet.outliers(float(share)))
    compare("outliers", ask(server, "outliers", "--share", "40", "--role", "web"), fleet.outliers(40, "web"))
    for address in sorted({line["remote_address"] for line in fleet.peers if line["remote_address"]})[:12]:
        compare("peer", ask(server, "peer", address), fleet.peer(address))
    later = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3 * 3600))
    compare("silent", ask(server, "silent", "--now", later), fleet.silent(), ("received", "silent_hours"))
    compare("silent", ask(server, "silent", "--now", later, "--role", "web"), fleet.silent("web"), ("received", "silent_hours"))
    compare("silent", ask(server, "silent"), [row for row in fleet.silent() if row["taken"] is None], ("received", "silent_hours"))
    compare("holes", ask(server, "holes"), fleet.holes())
    compare("compliance", ask(server, "compliance", *now), fleet.compliance())
    for days in ("1", "3000"):
        compare("findings", ask(server, "findings", "--days", days, *now), fleet.findings_(int(days)))
        compare("new", ask(server, "new", "--days", days, *now), fleet.new(int(days)))
    compare("new", ask(server, "new", "--days", "3000", "--role", "mail", *now), fleet.new(3000, "mail"))
    compare("forks", ask(server, "forks"), fleet.forks(), ("first_received", "last_received"))
    compare("heads", ask(server, "heads"), fleet.heads())


def try_forgery(server, lines, roles, now, precise):
    """Another head for a snapshot that was told: both stay, also when the engine merges its rows."""
    victim = next(line for line in map(json.loads, lines["snapshots"]) if line["kind"] == "snapshot" and line["head"])
    forged = json.dumps({**victim, "head": "f" * 64})
    server.insert("snapshots", [forged])
    server.client("OPTIMIZE TABLE sockwitness.snapshots FINAL")
    fleet = Fleet({**lines, "snapshots": [*lines["snapshots"], forged]}, roles, now, precise)
    expected = fleet.forks()
    check(len(expected) == 1 and expected[0]["heads"] == 2, f"forged: {expected}")
    compare("forks", ask(server, "forks"), expected, ("first_received", "last_received"))


def try_anchors(server, folder):
    answer = ask(server, "heads")
    (folder / "anchors").write_text("".join(json.dumps(row) + "\n" for row in answer))
    verdict = run(QUERY, "verify", "--db", folder / "chain.db", "--anchors", folder / "anchors", "--format", "json")
    value = json.loads(verdict.stdout)
    check(value["result"] == "intact" and value["anchored_to"], f"verify with the engine's heads: {value}")


def try_engine(folder, engine, tables, killable):
    all_lines, all_roles = make_fleet(folder)
    server = engine.Server(folder / "server")
    try:
        server.script((ROOT / "examples/fleet/clickhouse" / tables).read_bytes(), "--multiquery")
        load(server, all_lines, killable)
        csv = "".join(f"{host},{role}\n" for host, role in all_roles.items()).encode()
        server.client("INSERT INTO sockwitness.roles (host, role) FORMAT CSV", text=csv)
        at = int(datetime.datetime.now(datetime.timezone.utc).timestamp())
        fleet = Fleet(all_lines, all_roles, at, not killable)
        for kind in KINDS:
            wanted = len(fleet.lines[kind]) if kind == "snapshots" else len(fleet.newest(kind))
            got = int(server.client(f"SELECT count() FROM sockwitness.{kind} FINAL").stdout)
            check(got == wanted, f"{kind}: {got} rows, {wanted} were told")
        try_questions(server, fleet)
        try_anchors(server, folder)
        try_forgery(server, all_lines, all_roles, at, not killable)
        server.stop()
    finally:
        if server.process.poll() is None:
            server.kill()
    check(all(asked[name] > 0 for name in ("port", "hash", "outliers", "peer", "silent", "holes", "compliance", "findings",
                                           "new", "forks", "heads")), f"a question had no rows: {asked}")
    print(f"{HOSTS} hosts, {sum(map(len, all_lines.values()))} lines twice; rows: {dict(asked)}")
    done("fleet")


def main():
    """`today` and the folder of chdb behind the programs: today's release."""
    today = sys.argv[2:3] == ["today"]
    engine = chdb if today else clickhouse
    if reason := engine.why_not():
        skip(reason)
    with scratch() as folder:
        try_engine(folder, engine, "one-server-today.sql" if today else "one-server.sql", not today)


main()
