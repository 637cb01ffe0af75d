#!/usr/bin/env python3
"""An export of a part is the whole export without what the question is not about.

In:    the folder of the programs; a simulated history.
Out:   documents of ECS by port, address, program, user and pid, against the whole export that a few
       lines here filter again; forms that take no part.
Never: an event of the recording itself (reboot, gap, missed run) left out.
"""
import json
import subprocess

from programs import BIN, QUERY, ask, check, done, run, scratch

SNAPSHOTS = 12


def documents(database, *words):
    answer = ask(database, ["export", "--format", "ecs", *words])
    check(answer.returncode == 0, f"{words}: exit {answer.returncode}, {answer.stderr!r}")
    found = []
    for line in answer.stdout.splitlines():
        document = json.loads(line)
        del document["event"]["sequence"]
        found.append(document)
    return found


def dataset(document):
    return document["event"]["dataset"]


def ends(document, key):
    return [document[end][key] for end in ("source", "destination", "server") if end in document]


def filtered(whole, fits_socket, fits_process):
    """`fits_process` is given the pids that hold a socket that fits, too."""
    kept = []
    for document in whole:
        if dataset(document) == "sockwitness.socket":
            keep = fits_socket(document)
        elif dataset(document) == "sockwitness.process":
            keep = fits_process(document)
        else:
            keep = True
        if keep:
            kept.append(document)
    return kept


def program_of(document):
    """Now, or before what changed."""
    process = document.get("process", {})
    return " ".join((process.get("executable", ""), process.get("name", ""), document["sockwitness"]["change"] or ""))


def is_inet(document):
    return document.get("network", {}).get("type") in ("ipv4", "ipv6")


def compare(whole, got, expected, words):
    sockets = [document for document in got if dataset(document) == "sockwitness.socket"]
    check(sockets, f"{words}: no socket at all")
    check(len(got) < len(whole), f"{words}: nothing is left out")
    missing = [document for document in expected if document not in got]
    added = [document for document in got if document not in expected]
    check(not missing, f"{words}: {len(missing)} are missing, the first {missing[:1]}")
    check(not added, f"{words}: {len(added)} too many, the first {added[:1]}")


def without_processes(found):
    return [document for document in found if dataset(document) != "sockwitness.process"]


def try_ends(database, whole):
    for words, fits in (
            (["--port", "5432"], lambda document: 5432 in ends(document, "port")),
            (["--port", "5000-6000", "-t", "--remote", "192.0.2.0/24"],
             lambda document: any(5000 <= port <= 6000 for port in ends(document, "port")) and
             document["network"]["transport"] == "tcp" and
             document.get("destination", {}).get("ip", "").startswith("192.0.2.")),
            (["192.0.2.35"], lambda document: "192.0.2.35" in ends(document, "ip"))):
        got = documents(database, *words)
        expected = filtered(whole, lambda document, fits=fits: is_inet(document) and fits(document), lambda _: False)
        compare(whole, without_processes(got), expected, words)
        # Processes are those that hold one of these sockets.
        holders = {holder["pid"] for document in got if dataset(document) == "sockwitness.socket"
                   for holder in document["sockwitness"]["holders"]}
        pids = {document["process"]["pid"] for document in got if dataset(document) == "sockwitness.process"}
        check(pids and pids <= holders, f"{words}: processes that hold none: {sorted(pids - holders)[:5]}")


def try_programs(database, whole):
    name = "service05"
    got = documents(database, "--program", name)
    mine = filtered(whole, lambda document: name in program_of(document), lambda document: name in program_of(document))
    compare(whole, got, mine, ["--program", name])
    check(got == documents(database, name), "a bare word is the program's")
    pid = next(document["process"]["pid"] for document in mine if dataset(document) == "sockwitness.process")
    of_one = documents(database, "--pid", str(pid))
    check({document["process"]["pid"] for document in of_one if dataset(document) == "sockwitness.process"} == {pid},
          f"processes of pid {pid}")


def try_refusals(database):
    for form in ("jsonl", "sarif"):
        refused = run(QUERY, "export", "--format", form, "8443", "--db", database)
        check(refused.returncode == 2, f"{form}: exit {refused.returncode}")
        check(b"timeline" in refused.stderr and not refused.stdout, f"{form}: {refused.stderr!r}")


def main():
    with scratch() as folder:
        database = folder / "history.db"
        subprocess.run([BIN / "bench_year", database, str(SNAPSHOTS)], check=True, stdout=subprocess.DEVNULL)
        whole = documents(database)
        try_ends(database, whole)
        try_programs(database, whole)
        try_refusals(database)
    done("export filters")


main()
