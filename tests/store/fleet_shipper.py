#!/usr/bin/env python3
"""The shipper of examples/fleet carries what `spool` writes: every row arrives, whoever is killed on the way.

In:    the folder of the programs; Debian's clickhouse-server, clickhouse-client and syslog-ng with its module for HTTP.
Out:   after a killed shipper, a killed engine, and files that begin while nobody reads: the rows of the engine are those
       of the lines, each once.
Never: a configuration but the example's, with its addresses and folders replaced.
"""
import json
import pathlib
import shutil
import signal
import subprocess
import time

import clickhouse
from programs import DIFF_PAIRS, QUERY, check, done, run, scratch, skip
from spool_reader import KINDS, read_lines

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples/fleet/syslog-ng/sockwitness.conf"
MODULE = "/usr/lib/syslog-ng/*/libhttp.so"
PATIENCE = 300


class Shipper:
    def __init__(self, folder, lines, server):
        self.folder = folder
        (folder / "buffer").mkdir(parents=True)
        text = EXAMPLE.read_text(encoding="ascii")
        for ours, mine in (("/var/spool/sockwitness", str(lines)), ("/var/lib/syslog-ng", str(folder / "buffer")),
                           ("https://engine.example.org:8443", f"http://127.0.0.1:{server.http}"),
                           ('"X-ClickHouse-User: sockwitness", "X-ClickHouse-Key: CHANGE-ME"', '"X-ClickHouse-User: default"'),
                           ("batch-timeout(10000)", "batch-timeout(500)\n        time-reopen(1)"),
                           ("follow-freq(10)", "follow-freq(0.5)")):
            check(ours in text, f"the example has no {ours}")
            text = text.replace(ours, mine)
        (folder / "conf").write_text(f"@version: 3.38\n{text}")
        self.start()

    def start(self):
        with open(self.folder / "output", "ab") as output:
            self.process = subprocess.Popen(
                ["syslog-ng", "-F", "--no-caps", "-f", self.folder / "conf", "-R", self.folder / "persist",
                 "-c", self.folder / "control", "-p", self.folder / "pid"], stdout=output, stderr=output)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def expected(lines):
    """How many rows there are of each kind, versions of a row as one."""
    rows = {kind: len({json.loads(text)["archive"] + json.loads(text)["row"] for text in lines[kind]})
            for kind in KINDS if kind != "snapshots"}
    return {**rows, "snapshots": len(set(lines["snapshots"]))}


def wait_for(server, shipper, wanted):
    end = time.monotonic() + PATIENCE
    while True:
        got = {kind: int(server.client(f"SELECT count() FROM sockwitness.{kind} FINAL").stdout) for kind in KINDS}
        if got == wanted:
            return
        check(time.monotonic() < end and shipper.process.poll() is None and all(got[kind] <= wanted[kind] for kind in KINDS),
              f"{got} arrived of {wanted}: {(shipper.folder / 'output').read_text()[-1500:]}")
        time.sleep(0.3)


def spool(database, target):
    result = run(QUERY, "spool", "--db", database, "--to", target, "--max-file", "32K", "--no-findings")
    check(result.returncode == 0, f"spool: {result.stderr}")


def main():
    missing = clickhouse.why_not()
    if not missing and not (shutil.which("syslog-ng") and list(pathlib.Path("/").glob(MODULE.strip("/")))):
        missing = "not installed: syslog-ng-core, syslog-ng-mod-http"
    if missing:
        skip(missing)
    with scratch() as folder:
        for seed in range(1, 5):
            check(run(DIFF_PAIRS, folder / f"{seed}.db", seed, 30, 1).returncode == 0, "diff_pairs")
        lines = folder / "lines"
        spool(folder / "1.db", lines)
        server = clickhouse.Server(folder / "server")
        shipper = None
        try:
            server.script((ROOT / "examples/fleet/clickhouse/one-server.sql").read_bytes(), "--multiquery")
            shipper = Shipper(folder / "shipper", lines, server)
            wait_for(server, shipper, expected(read_lines(lines)))
            spool(folder / "2.db", lines)
            shipper.kill()
            spool(folder / "3.db", lines)
            shipper.start()
            wait_for(server, shipper, expected(read_lines(lines)))
            server.kill()
            spool(folder / "4.db", lines)
            server.start()
            wanted = expected(read_lines(lines))
            wait_for(server, shipper, wanted)
            check(len(list(lines.glob("services.*.jsonl"))) > 1, "one file of services is enough")
            newest = server.client("SELECT row, max(seq) FROM sockwitness.services FINAL GROUP BY row").stdout.decode()
            told = {}
            for line in map(json.loads, read_lines(lines)["services"]):
                told[line["row"]] = max(told.get(line["row"], 0), line["seq"])
            check(dict(line.split("\t") for line in newest.splitlines()) == {row: str(seq) for row, seq in told.items()},
                  "an older version of a row won")
            server.stop()
        finally:
            for each in (shipper, server):
                if each and each.process.poll() is None:
                    each.kill()
    print(f"rows carried: {wanted}")
    done("fleet shipper")


main()
