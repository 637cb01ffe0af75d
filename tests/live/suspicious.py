#!/usr/bin/env python3
"""What `check` makes of findings: one for each situation, ranges, acceptances, a site's own rules.

In:    a machine of its own; some techniques that are really done on loopback.
Out:   each technique by its rule and process, told with the chain; ranges and acceptances of them.
Never: counts findings about processes of others. What each rule finds: intruders.py; what none
       says: stock.py.
"""
import json
import os
import pathlib
import pty
import time

import machine

machine.enter()

import attacks  # noqa: E402
import witness  # noqa: E402


def check(path, *options):
    done = witness.run(witness.QUERY, "check", "--db", path, "--format", "json", *options)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"check: exit {done.returncode}: {done.stderr.decode()}")
    return done.returncode, json.loads(done.stdout)


def told(answer):
    """{(rule, pid): severity} of everything that an answer says."""
    found = {}
    for finding in answer["findings"]:
        for reason in finding["reasons"]:
            found[reason["rule"], reason["pid"]] = reason["severity"]
    return found


def check_attacks(report):
    folder = pathlib.Path("/srv/work")
    folder.mkdir()
    server = attacks.Server()
    expected = [(each, each.find()) for each in attacks.do_all(server, folder)]
    path = witness.database("attacks")
    time.sleep(2.5)  # programs on command lines are judged when they are two seconds old
    witness.record(path)
    code, answer = check(path)
    report.equal(code, 1, "check exits with 1")
    report.equal(answer["not_run"] + answer["problems"], [], "every rule runs")
    found = told(answer)
    for each, pid in expected:
        report.equal(found.get((each.rule, pid)), each.severity, "technique",
                     f"{each.technique} ({each.rule}, {pid}): {attacks.program_of(pid)}; told were "
                     f"{[(rule, word) for (rule, other), word in found.items() if other == pid]}")
    print(f"{len(expected)} techniques, {len(answer['findings'])} findings")
    check_one_finding(report, answer, expected)
    check_range(report, path, answer)
    check_acceptance(report, path)
    quiet = witness.run(witness.QUERY, "check", "--db", path, "--severity", "critical", "--quiet")
    report.check(quiet.returncode == 1 and quiet.stdout, "--quiet speaks when something counts")


def check_one_finding(report, answer, expected):
    """The chain of a technique is one finding: socat and its shell, nc and the shell behind it."""
    for first, second in (("socat with a pty", "socat EXEC"), ("a fifo loop", "a fifo loop's nc"),
                          ("python's pty", "python on the network"),
                          ("a preloaded library", "its code")):
        pids = {each.technique: pid for each, pid in expected}
        together = [finding for finding in answer["findings"]
                    if {pids[first], pids[second]} <= {reason["pid"] for reason in finding["reasons"]}]
        report.equal(len(together), 1, "one finding for one situation", f"{first} and {second}")
        for finding in together:
            report.check(finding["accept"].startswith("[[accept]]\nrule = "), "it can be accepted")
    shell = [finding for finding in answer["findings"] if finding["rule"] == "shell-on-network"]
    report.check(shell, "what a shell does leads")
    report.check(any(finding["peer"] for finding in shell), "the other end is told")
    report.check(all(finding["ancestry"] for finding in shell), "the ancestry is told")
    report.check(all(finding["socket"]["holders"] for finding in shell), "the socket is told")


def check_range(report, path, answer):
    """Two snapshots of the same attacks: each situation once, first and last seen."""
    witness.record(path)
    code, both = check(path, "--since", "#1")
    report.equal((code, both["from_seq"], both["snapshots"]), (1, 1, 2), "a range is judged")
    rules = {finding["rule"] for finding in answer["findings"]}
    report.check(rules <= {finding["rule"] for finding in both["findings"]},
                 "a range tells what its snapshots tell")
    report.check(len(both["findings"]) <= len(answer["findings"]) + 2, "each situation once",
                 f"{len(both['findings'])} of {len(answer['findings'])}")
    lasting = [finding for finding in both["findings"] if finding["snapshots"] == 2]
    report.check(len(lasting) >= len(rules) - 2, "what lasts was seen twice", str(len(lasting)))
    report.check(all(finding["first_seen"] < finding["last_seen"] for finding in lasting),
                 "first and last seen")
    _, first = check(path, "--at", "#1")
    report.equal(told(first), told(answer), "the past is judged as it was")
    _, later = check(path, "--since", lasting[0]["last_seen"])
    report.equal((later["from_seq"], later["snapshots"]), (2, 1), "a range begins where it was asked to")
    never = witness.run(witness.QUERY, "check", "--db", path, "--since", "2999-01-01")
    report.check(never.returncode == 2 and b"after the last snapshot" in never.stderr, "an empty range is no answer",
                 never.stderr)


def check_acceptance(report, path):
    """An acceptance for each rule that fires: nothing counts, everything is still told."""
    _, answer = check(path)
    policy = witness.DIRECTORY / "policy.toml"
    blocks = {reason["rule"] for finding in answer["findings"] for reason in finding["reasons"]}
    policy.write_text("".join(f'[[accept]]\nrule = "{rule}"\nreason = "a test"\n'
                              for rule in sorted(blocks)), encoding="utf-8")
    code, accepted = check(path, "--policy", policy)
    report.equal(code, 0, "accepted findings do not count")
    report.equal(len(accepted["findings"]), len(answer["findings"]), "accepted findings are told")
    report.check(all(finding["accepted"]["reason"] == "a test" for finding in accepted["findings"]),
                 "with their reason")
    terminal = on_terminal(witness.QUERY, "check", "--db", path, "--policy", policy)
    report.check(b"nothing suspicious to" in terminal, "a terminal is told that it is clean",
                 terminal.decode(errors="replace"))
    silent = witness.run(witness.QUERY, "check", "--db", path, "--policy", policy)
    report.equal((silent.returncode, silent.stdout), (0, b""), "clean is silent")
    report.check("accepts whatever" in accepted["problems"][0]["message"], "a sweeping acceptance is told")
    known = policy.read_text()
    policy.write_text(known + '[[accept]]\nrule = "nosuch"\nport = 1\nreason = "x"\n')
    mistaken = witness.run(witness.QUERY, "check", "--db", path, "--policy", policy, "--quiet")
    report.check(mistaken.returncode == 1 and b"there is no such rule" in mistaken.stdout, "an unknown rule is told",
                 mistaken.stdout)
    policy.write_text(known.replace('reason = "a test"',
                                    'reason = "a test"\nuntil = 2001-01-01'))
    code, expired = check(path, "--policy", policy)
    report.equal(code, 1, "an acceptance that ended counts again")
    report.check(all(finding["accepted"]["expired"] for finding in expired["findings"]),
                 "and says so")


def on_terminal(*command):
    """What a program writes when a person looks."""
    master, slave = pty.openpty()
    process = witness.start(command, stdout=slave, stderr=slave)
    os.close(slave)
    output = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:
            break
        if not piece:
            break
        output += piece
    process.wait()
    os.close(master)
    return output


def check_site_rules(report):
    """A site's folder adds, changes and disables; a broken file is named and stops nothing."""
    folder = witness.DIRECTORY / "rules.d"
    folder.mkdir()
    path = witness.database("site")
    witness.record(path)
    (folder / "10-own.toml").write_text(
        'id = "the-recorder"\ntitle = "the recorder ran"\nseverity = "high"\nexplanation = "x"\n'
        "sql = \"SELECT id AS process, 'yes' AS why FROM processes WHERE recorder = 1\"\n")
    (folder / "20-broken.toml").write_text(
        'id = "broken"\ntitle = "x"\nseverity = "low"\nexplanation = "x"\n'
        "sql = '''\nSELECT id AS process,\n  nosuch AS why FROM processes\n'''\n")
    (folder / "30-torn.toml").write_text('id = "torn\n')
    code, answer = check(path, "--rules", folder)
    report.equal(code, 1, "a broken rule is no clean answer")
    report.check(any(finding["rule"] == "the-recorder" or "the-recorder" in
                     [reason["rule"] for reason in finding["reasons"]]
                     for finding in answer["findings"]), "a site's rule runs")
    report.equal([(failure["rule"], failure["source"], failure["line"], failure["reason"])
                  for failure in answer["not_run"]],
                 [("broken", str(folder / "20-broken.toml"), 7, "no such column: nosuch")],
                 "a bad rule names file, line and error")
    report.check("30-torn.toml:1:" in answer["problems"][0]["message"], "a torn file is named")
    (folder / "20-broken.toml").unlink()
    (folder / "30-torn.toml").unlink()
    (folder / "40-off.toml").write_text('disable = ["the-recorder"]\n')
    _, quiet = check(path, "--rules", folder)
    report.check("the-recorder" not in {rule for rule, _ in told(quiet)}, "a disabled rule is silent")
    report.check(quiet["rules_version"] != answer["rules_version"], "the version of the rules tells")


witness.require("nc.traditional", "ncat", "socat", "busybox", "perl", "g++", "unshare")
attacks.keep_orphans()
machine.own_files()
witness.main(check_attacks, check_site_rules)
