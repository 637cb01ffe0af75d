#!/usr/bin/env python3
"""A report of a made-up quarter says what happened in it, in every form, the same everywhere.

In:    the folder of the programs; make_quarter's database, whose story is known to the hour.
Out:   exact brackets, shares and causes; what auditors ask for; forms that agree; bad input.
Never: a control that is not served, a change where nobody looked, markup of the host.
"""
import contextlib
import csv
import datetime
import html.parser
import io
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import time

from programs import BIN, LONG, QUERY, ask, check, done, run, scratch

AS_OF = "2026-10-02T08:00:00Z"
POLICY = """
[[service]]
port = [80, 443]
program = "nginx"
reason = "the shop"
approved_on = 2020-01-01
approved_by = "ops"
ticket = "OPS-1412"
[[service]]
port = 22
unit = "ssh.service"
reason = "administration"
approved_on = 2020-01-01
approved_by = "ops"
[[service]]
port = 9100
reason = "monitoring"
approved_on = 2020-01-01
approved_by = "ops"
ticket = "OPS-1300"
expires = 2026-08-31
"""
# reliability of a listing: what a report says of itself, and of each change.
STATEMENTS = {"scope_host", "scope_addresses", "configuration", "scope_namespaces", "scope_protocols", "scope_excluded", "period_asked",
              "period_covered", "time_zone", "schedule", "runs", "coverage", "gaps", "sampling",
              "baseline", "policy", "findings_method", "integrity", "head_hash", "key_fingerprint", "anchored", "recheck",
              "tool",
              "program_hash", "sqlite", "database", "clock_sync", "clock_steps", "run_by", "run_at",
              "arguments", "totals", "report_hash"}
COLUMNS = {"id", "kind", "severity", "first_seen", "first_seen_seq", "last_seen_absent",
           "changed_after", "changed_by", "last_seen", "closed_at", "protocol", "local_address",
           "local_port", "scope", "netns", "v6only", "owner.name", "owner.pid", "owner.started_at",
           "owner.program", "owner.script", "owner.sha256", "owner.package", "owner.user",
           "owner.unit", "owner.container", "why", "approved_then", "approved_now",
           "justification", "approver", "ticket", "expires", "insecure", "confidence", "evidence"}
# The same in the titles of the page's tables.
PAGE_COLUMNS = ["first seen", "last seen absent", "closed at", "kind", "severity", "protocol",
                "local address", "port", "scope", "namespace", "v6only", "insecure", "program",
                "user", "unit or container", "started", "approved then", "now", "justification",
                "approver", "ticket", "expiry", "confidence", "evidence", "sha-256", "package"]
ROLES = {"evidence", "support"}


def hour(number):
    day, left = divmod(number, 24)
    month, first = (7, 0) if day < 31 else (8, 31) if day < 62 else (9, 62)
    return f"2026-{month:02}-{day - first + 1:02}T{left:02}:00:00.000000Z"


RECORDS = ("change", "not observed", "summary", "statement")
TABLES = {"changes": "changes", "register": "services", "findings": "findings", "coverage": "unobserved",
          "policy": "policy", "events": "events", "statements": "statements", "summary": "summary"}


def report(database, form, *options, **more):
    result = run(QUERY, "report", "--format", form, "--as-of", AS_OF, "--by", "tester", *options,
                 "--db", database, **more)
    check(result.returncode == 0, f"{form}: exit {result.returncode}, {result.stderr!r}")
    return result.stdout


def changes_of(answer, port, kind=None):
    return [change for change in answer["changes"]
            if change["local_port"] == port and kind in (None, change["kind"])]


def try_story(answer):
    opened, closed = changes_of(answer, 4444)
    check(opened["kind"] == "new_listener" and opened["severity"] == "high", "4444 opens")
    check((opened["last_seen_absent"], opened["first_seen"]) == (hour(1409), hour(1410)), "4444")
    check((opened["last_seen"], opened["closed_at"]) == (hour(1421), hour(1422)), "4444 closes")
    check(closed["kind"] == "vanished_service" and closed["changed_by"] == hour(1422), "4444 gone")
    check((closed["first_seen"], closed["closed_at"]) == (hour(1410), hour(1422)), "4444 in all")
    check(opened["owner"]["script"] == "/tmp/.x/a.py" and opened["scope"] == "any IPv4 address",
          f"4444: {opened['scope']}")
    check(opened["approved_then"] == opened["approved_now"] == "unexplained", "4444 approved")
    taken, back = changes_of(answer, 8080, "owner_changed")
    check(taken["owner"]["program"] == "/usr/bin/nc.openbsd" and taken["owner"]["user"] == "root",
          "8080 taken")
    check(taken["owner_before"]["script"] == "/opt/shop/shop.jar", "8080 before")
    check((taken["changed_after"], taken["changed_by"]) == (hour(1699), hour(1700)), "8080")
    check((taken["last_seen_absent"], taken["first_seen"]) == (hour(1699), hour(1700)), "its own")
    check(back["changed_by"] == hour(1712), "8080 back")
    (telnet, _) = changes_of(answer, 23)
    check(telnet["insecure"] == "telnet", "telnet is insecure")
    kinds = [change["kind"] for change in changes_of(answer, 3000)]
    check(kinds == ["new_listener", "vanished_service", "reopened", "vanished_service", "reopened",
                    "vanished_service", "reopened", "vanished_service", "reopened",
                    "vanished_service"], f"3000: {kinds}")
    check(len(changes_of(answer, 80, "program_changed")) > 0, "nginx is upgraded")
    widened = changes_of(answer, 6379, "exposure_widened")
    check(len(widened) == 1 and widened[0]["changed_by"] == hour(1200), "redis is widened")
    # UDP could not be read in three snapshots: nothing of it has gone.
    (time_service,) = [service for service in answer["services"] if service["port"] == 323]
    check(len(time_service["spans"]) == 1 and time_service["spans"][0]["not_looked"], "udp 323")
    check(not changes_of(answer, 323), "a gap is no change")
    statuses = {(service["port"], service["approved_now"]) for service in answer["services"]}
    check({(80, "approved"), (22, "approved"), (9100, "baseline"), (4444, "unexplained"),
           (5432, "baseline")} <= statuses, f"statuses: {sorted(statuses)}")


def try_coverage(answer):
    off, failed = answer["unobserved"]
    check((off["from"], off["to"], off["cause"]) == (hour(699), hour(712), "powered_off"), str(off))
    check((failed["from"], failed["to"], failed["cause"]) == (hour(1299), hour(1306), "failed"),
          str(failed))
    check(all(gap["changes"] == "not observed" for gap in answer["unobserved"]), "not observed")
    all_hours = 92 * 24 - 1
    expected = (all_hours - 13 - 7) * 1000 // all_hours
    check(answer["summary"]["coverage_per_mille"] == expected, str(answer["summary"]))
    (partial,) = answer["partial"]
    check((partial["first_seq"], partial["last_seq"]) == (989, 991), f"partial {partial}")
    check(sum(event["kind"] == "reboot" for event in answer["events"]) == 2, "reboots")


def try_forms(database, policy, answer):
    """What JSON has, the others have, too."""
    check({statement["id"] for statement in answer["statements"]} == STATEMENTS, "statements")
    check(all(statement["text"] for statement in answer["statements"]), "an empty statement")
    rows = list(csv.reader(io.StringIO(report(database, "csv", "--policy", policy).decode(),
                                       newline="")))
    check(COLUMNS <= set(rows[0]), f"csv lacks {COLUMNS - set(rows[0])}")
    check(all(len(row) == len(rows[0]) for row in rows), "csv is not rectangular")
    for cell in (cell for row in rows for cell in row):
        check(not cell.startswith(tuple("=+-@\t\r")), f"csv runs {cell!r}")
    check({row[1] for row in rows if row[0] == "statement"} == STATEMENTS, "csv statements")
    check(sum(row[0] == "change" for row in rows) == len(answer["changes"]), "csv changes")
    check([row[0] for row in rows[1:]] == sorted((row[0] for row in rows[1:]), key=RECORDS.index), "changes come first")
    for table in TABLES if LONG else ("changes", "findings", "coverage"):
        key = TABLES[table]
        text = report(database, "csv", "--policy", policy, "--table", table, "--statements", "comments").decode()
        lines = text.split("\r\n")
        remarks = [line for line in lines if line.startswith("# ")]
        check(len(remarks) == len(STATEMENTS) and lines[: len(remarks)] == remarks, f"{table}: statements above it")
        rows = list(csv.reader(io.StringIO("\r\n".join(lines[len(remarks):]), newline="")))
        check(len(rows) - 1 == len(answer[key]), f"{table}: {len(rows) - 1} rows of {len(answer[key])}")
        check(len({len(row) for row in rows}) == 1, f"{table} is not rectangular")
    markdown = report(database, "md", "--policy", policy).decode()
    page = report(database, "html", "--policy", policy).decode()
    for statement in answer["statements"]:
        check(statement["title"] in markdown and f"<dt>{statement['title']}<dd>" in page,
              f"{statement['id']} is missing")
    for change in answer["changes"]:
        check(f"| {change['id']} |" in markdown and f"<td>{change['id']}<td>" in page, "a change")
    check(not re.search(r"(?<!\\)<", markdown), "markdown runs markup")
    return page


class Outline(html.parser.HTMLParser):
    """Which elements and attributes a browser would see."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.attributes = [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.elements.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attributes]


def try_page(page):
    outline = Outline(page)
    check(outline.elements.count("script") == 1 and "img" not in outline.elements, "elements")
    for tag, name, value in outline.attributes:
        check(name not in ("src", "srcset", "style", "onload", "onclick", "onerror"),
              f"<{tag} {name}={value}>")
        check("://" not in value, f"<{tag} {name}={value}> refers elsewhere")
        check(name != "href" or value.startswith("#"), f"<{tag} {name}={value}>")
    check("default-src 'none'" in page and "http://" not in page and "https://" not in page, "CSP")
    check(not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", page), "control bytes")
    check(r"\x1b[31mx\xff" in page and "&lt;script&gt;alert(1)&lt;/script&gt;" in page, "hostile")
    titles = " ".join(re.findall(r"<th scope=col>(.*?)(?=<th |<tbody>)", page)).lower()
    for column in PAGE_COLUMNS:
        check(column in titles, f"the page's tables lack '{column}'")


def try_controls(answer):
    controls = answer["controls"]
    check(len(controls) > 30, "controls")
    for control in controls:
        check(control["role"] in ROLES and re.search(r"\d", control["framework"]), str(control))
        check("11.5.2" not in control["control"], "file integrity is not served")
        check(not (control["framework"].startswith("CIS Controls v8") and
                   re.match(r"(9|12)\b", control["control"])), f"not served: {control}")
        # They would need signed records.
        check(control["control"] not in ("AU-9", "AU-10") and
              not control["control"].startswith("10.3"), f"not served: {control}")
    evidence = {control["control"] for control in controls if control["role"] == "evidence"}
    check({"2.2.4", "1.2.5", "4.8", "2.1.22", "CM-7", "A.8.9", "CC7.1"} <= evidence, str(evidence))
    support = {control["control"] for control in controls if control["role"] == "support"}
    check({"CM-3", "CC6.6", "CC8.1", "6.5.1", "6.5.2"} <= support, str(support))


def try_dated_approvals(folder, database, answer):
    """What was approved after a change was not approved at that time, and nothing hides it (R51)."""
    change = next(each for each in answer["changes"] if each["local_port"] == 4444)
    seen = change["changed_by"][:19] + "Z"
    day = seen[:10]
    entry = '[[service]]\nport = 4444\nreason = "wanted"\napproved_by = "ops"\n'
    tried = 0

    def ask(what, then, *words):
        nonlocal tried
        tried += 1
        found = json.loads(report(database, "json", *(x for word in words for x in ("--policy", word))))
        row = next(each for each in found["changes"] if each["id"] == change["id"])
        check(row["approved_then"] == then, f"{what}: {row['approved_then']} for {then}")
        again = report(database, "html", *(x for word in words for x in ("--policy", word))).decode()
        check(("approved later, on" in again) == (then == "later"), f"{what}: the page")
        return found

    def write(name, text, written="2020-01-01T00:00:00Z"):
        path = folder / name
        path.write_text(text)
        at = datetime.datetime.fromisoformat(written.replace("Z", "+00:00")).timestamp()
        os.utime(path, (at, at))
        return path

    plain = write("plain.toml", entry)
    ask("a file older than the change", "approved", plain)
    found = ask("a file younger than the change", "later", write("young.toml", entry, "2036-01-01T00:00:00Z"))
    check(found["policy"][0]["approved_since_source"] == "file", str(found["policy"]))
    # Its repetition does not depend on the date of a copy of the file.
    recheck = next(each["text"] for each in found["statements"] if each["id"] == "recheck")
    check("2036-01-01T00:00:00Z=" in recheck, recheck)
    ask("a day of its own", "approved", write("own.toml", entry + f"approved_on = {day}\n"))
    found = ask("a later day", "later", write("late.toml", entry + "approved_on = 2036-01-01\n"))
    check(found["policy"][0]["covered"] == [change["service"]], str(found["policy"]))
    empty = write("empty.toml", "")
    ask("two files, the first has it", "approved", f"2020-01-01={plain}", f"2036-01-01={empty}")
    ask("two files, the second has it", "later", f"2020-01-01={empty}", f"2036-01-01={plain}")
    ask("the second states an earlier day", "later", f"2020-01-01={empty}",
        f"2036-01-01={folder / 'own.toml'}")
    ask("in any order", "later", f"2036-01-01={plain}", f"2020-01-01={empty}")
    ask("a time as the border", "approved", f"{seen}={plain}", f"2020-01-01={empty}")
    ask("nothing fits", "unexplained", empty)
    ask("expired then", "expired", write("over.toml", entry + "approved_on = 2020-01-01\nexpires = 2020-02-01\n"))
    refused = run(BIN / "sockwitness", "--db", database, "report", "--format", "json", "--policy", plain,
                  "--policy", empty)
    check(refused.returncode == 2 and b"needs the day" in refused.stderr, refused.stderr)
    check(tried == 11, f"{tried} tried")


def try_repetition(folder, database, policy):
    """Three zones, two locales: the same bytes, and the hash beside them."""
    for form in ("html", "md", "csv", "json"):
        pages = set()
        for zone in ("UTC", "America/St_Johns", "Pacific/Kiritimati"):
            for locale in ("C", "de_DE.UTF-8"):
                environment = {**os.environ, "TZ": zone, "LC_ALL": locale}
                pages.add(report(database, form, "--policy", policy, env=environment))
        check(len(pages) == 1, f"{form}: {len(pages)} different ones")
        target = folder / f"again.{form}"
        report(database, form, "--policy", policy, "-o", target)
        checked = run("sha256sum", "-c", target.name + ".sha256", cwd=folder)
        check(checked.returncode == 0, f"{form}: {checked.stdout!r}")


def try_periods(database):
    def of(*times):
        return json.loads(report(database, "json", *times))
    quiet = of("--since", hour(1450), "--until", hour(1490))
    check(quiet["changes"] == [] and quiet["summary"]["coverage_per_mille"] == 1000, "quiet")
    check(b"No change was seen in the 100.0 % of the period" in
          report(database, "html", "--since", hour(1450), "--until", hour(1490)), "quiet page")
    for form in ("html", "md"):
        dark = report(database, form, "--since", hour(702), "--until", hour(709)).decode()
        check("Not observed" in dark and "o change was seen" not in dark, f"{form} of a gap")
    check(of("--since", hour(702), "--until", hour(709))["summary"]["coverage_per_mille"] == 0,
          "a period within a gap")
    single = of("--since", "#5", "--until", "#5")
    check(single["summary"]["coverage_per_mille"] is None and single["services"], "one snapshot")
    late = of("--since", "2026-09-30T00:00:00Z", "--until", "2026-10-02T00:00:00Z")
    check(late["unobserved"][-1]["cause"] == "no_snapshot_since", "after the last snapshot")
    early = of("--since", "2026-06-30T00:00:00Z", "--until", hour(24))
    check(early["unobserved"][0]["cause"] == "not_begun", "before the first snapshot")
    check(early["summary"]["coverage_per_mille"] == 500, str(early["summary"]))


def text_of(answer, statement):
    (text,) = [each["text"] for each in answer["statements"] if each["id"] == statement]
    return text


def try_edges(database):
    """What lies between two snapshots, or after the last one, nobody recorded."""
    def of(*times):
        return json.loads(report(database, "json", *times))
    inside = ("--since", "2026-07-09T07:10:00Z", "--until", "2026-07-09T07:50:00Z")
    for form in ("html", "md"):
        page = report(database, form, *inside).decode().replace("\\", "")
        check("Nothing was recorded within this period" in page and "No change was" not in page,
              f"{form} of a period without snapshots")
        check("#201 at 2026-07-09T08:00:00Z, shows other services" in page, f"{form}: the next one")
        check("schedule was kept" not in page, f"{form}: a schedule")
    answer = of(*inside)
    check(text_of(answer, "runs").startswith("0 expected, 0 completed (0 of"), "no runs")
    check(text_of(answer, "period_covered").startswith("no snapshot lies within it"), "covered")
    numbers = of("--since", "#25", "--until", "#49")
    check(text_of(numbers, "period_asked") == "from #25 to #49", text_of(numbers, "period_asked"))
    tail = report(database, "md", "--since", hour(1450), "--until", "2026-09-01T12:30:00Z").decode()
    check("shows the same services" in tail, "what comes after the last snapshot")
    cut = of("--since", "2026-07-30T10:00:01Z", "--until", "2026-07-30T20:00:00Z")
    check(cut["unobserved"][0]["missing_runs"] == 5, f"missing: {cut['unobserved'][0]}")
    summary = of()["summary"]
    check(summary["listening_at_begin"] + summary["services_begun"] - summary["services_ended"] ==
          summary["listening_at_end"], f"the figures: {summary}")


def try_clock(folder, database):
    """Set back within a gap, forward by a year, back by 100 days, at 1970 for a while."""
    hour_us = 3_600_000_000
    steps = {"gap": f"began_us - 8 * {hour_us} WHERE seq >= 1289",
             "forward": f"began_us + 24 * 365 * {hour_us} WHERE seq >= 2000",
             "back": f"began_us - 24 * 100 * {hour_us} WHERE seq >= 2180",
             "1970": "began_us - 1782864000000000 WHERE seq BETWEEN 1500 AND 1510"}
    for name, step in steps.items():
        target = folder / f"clock_{name}.db"
        shutil.copy(database, target)
        with contextlib.closing(sqlite3.connect(target)) as copy:
            copy.execute(f"UPDATE snapshot SET began_us = {step}")
            copy.commit()
        answer = json.loads(report(target, "json"))
        check([gap["seconds"] // 3600 for gap in answer["unobserved"]] == [13, 7], f"{name}: gaps")
        check(answer["summary"]["coverage_per_mille"] == 990, f"{name}: {answer['summary']}")
        runs = text_of(answer, "runs")
        check(runs.startswith("2208 expected, 2190 completed"), f"{name}: {runs}")
        check("2190 at" in text_of(answer, "period_covered") and
              "the clock was set in between: what passed is 91 d 23 h" in
              text_of(answer, "period_covered"), text_of(answer, "period_covered"))


def refuse(database, what, code, word, *options):
    result = run(QUERY, "report", *options, "--db", database)
    message = result.stderr.decode(errors="replace")
    check(result.returncode == code, f"{what}: exit {result.returncode}, {message}")
    check(result.stdout == b"" and word in message, f"{what}: {message}")


def try_bad_input(folder, database):
    place = folder / "bad"
    place.mkdir()
    bad_policy = folder / "bad.toml"
    bad_policy.write_text("[[service]]\nport = 'x'\n")
    target = place / "r.html"
    refuse(database, "a bad policy", 2, "bad.toml", "-o", target, "--policy", bad_policy)
    refuse(database, "no policy", 2, "no such file", "-o", target, "--policy", folder / "none")
    refuse(database, "no form", 2, "report.html")
    refuse(database, "a name without a form", 2, ".html, .md", "-o", place / "report")
    refuse(database, "a format", 2, "htm", "--format", "htm", "-o", target)
    refuse(database, "a directory", 2, "directory", "-o", place, "--format", "html")
    refuse(database, "no folder", 3, "No such file", "-o", place / "none" / "r.html")
    refuse(database, "later", 2, "after the last", "-o", target, "--since", "2099-01-01T00:00:00Z")
    refuse(database, "earlier", 2, "before the first", "-o", target, "--until",
           "1999-01-01T00:00:00Z")
    refuse(database, "backwards", 2, "before", "-o", target, "--since", "#9", "--until", "#2")
    refuse(database, "no such baseline", 2, "gold", "-o", target, "--baseline", "golf")
    refuse(database, "--as-of a snapshot", 2, "--as-of", "-o", target, "--as-of", "#3")
    refuse(database, "the database", 2, "database itself", "-o", database, "--format", "html",
           "--force")
    check(list(place.iterdir()) == [], "a refused report left a file")
    target.write_text("old")
    refuse(database, "an existing file", 2, "--force", "-o", target)
    check(target.read_text() == "old", "an existing file was replaced")
    check(ask(database, ["report", "-o", target, "--force"]).returncode == 0, "--force")
    check(sorted(path.name for path in place.iterdir()) == ["r.html", "r.html.sha256"], "beside")
    try_beside(folder, database)


def try_beside(folder, database):
    """The file and its hash: both, or neither."""
    place = folder / "beside"
    place.mkdir()
    target, side = place / "r.html", place / "r.html.sha256"
    side.write_text("mine")
    refuse(database, "an existing hash", 2, "--force", "-o", target)
    check(side.read_text() == "mine" and not target.exists(), "a hash was replaced")
    check(ask(database, ["report", "-o", target, "--force"]).returncode == 0, "--force for both")
    check(side.read_text().endswith("  r.html\n"), "the hash")
    side.unlink()
    target.unlink()
    side.mkdir()
    refuse(database, "a hash that cannot be written", 2, "directory", "-o", target)
    check(not target.exists(), "a report without its hash")
    side.rmdir()
    target.symlink_to(place / "nowhere")
    refuse(database, "a link to nothing", 2, "--force", "-o", target)
    check([path.name for path in place.iterdir()] == ["r.html"], "beside a link")
    target.unlink()
    refuse(database, "made before its period ended", 2, "--as-of", "-o", target, "--as-of",
           "2026-08-01T00:00:00Z")


def try_words(folder, database):
    """What the page says has to be typed gives the same page, whatever the names are."""
    odd = folder / "x\"'<b>&$(id)\\.db"
    shutil.copy(database, odd)
    plain = folder / "it's.db"
    shutil.copy(database, plain)
    for path in (odd, plain):
        first = run(QUERY, "report", "--db", path, "--format", "json", "--by", "o'neill", "--since",
                    "#1000", "--until", "#1100", "--as-of", AS_OF).stdout.decode()
        command = text_of(json.loads(first), "recheck").split(" gives the same bytes")[0]
        again = subprocess.run(["sh", "-c", command.replace("sockwitness", shlex.quote(QUERY), 1)],
                               capture_output=True, check=False)
        check(again.stdout.decode() == first, f"{command}: {again.stderr!r}")


def catches(pid, number):
    """It has begun, and would not simply die of the signal."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return True
    caught = re.search(r"^SigCgt:\s*([0-9a-f]+)", status, re.M)
    return caught is None or bool(int(caught[1], 16) >> (number - 1) & 1)


def try_interruption(folder):
    """Ended while it reads: nothing is left, and the exit code says so."""
    database = folder / "large.db"
    place = folder / "ended"
    place.mkdir()
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        for delay in (0.3, 0.2, 0.1, 0.05, *[0.0] * 50):  # where the machine is faster than that, earlier
            with subprocess.Popen([QUERY, "report", "--db", database, "--force", "-o",
                                   place / "r.html"], stderr=subprocess.PIPE) as process:
                while process.poll() is None and not catches(process.pid, signal_number):
                    time.sleep(0.001)
                time.sleep(delay)
                process.send_signal(signal_number)
                message = process.communicate()[1]
            # It may come after the last step, and before the end.
            if process.returncode != 0 and not (place / "r.html").exists():
                break
            for path in place.iterdir():
                path.unlink()
        check(process.returncode == 130 and b"interrupted" in message,
              f"{signal_number!r}: exit {process.returncode}, {message!r}")
        check(list(place.iterdir()) == [], f"{signal_number!r} left a file")


def try_size(folder):
    """500 services and 5,000 changes stay below 3 MB; a fifth of them below 0.7 MB; each of them
    approved in as many words as people write, too."""
    database = folder / "large.db"
    parts = 1 if LONG else 5
    services, changes = 500 // parts, 5000 // parts
    subprocess.run([BIN / "make_quarter", database, str(services), str(changes)], check=True)
    policy = folder / "large.toml"
    policy.write_text(f"[[service]]\nprogram = '*'\nreason = '{'why ' * 30}'\n"
                      "approved_by = 'platform operations team'\nticket = 'OPS-141233'\n"
                      "approved_on = 2020-01-01\n")
    page = report(database, "html", "--policy", policy)
    check(page.count(b"why " * 29) == 2, "an approval stands elsewhere than in its list and the policy's")
    answer = json.loads(report(database, "json"))
    check(len(answer["services"]) >= services and len(answer["changes"]) >= changes,
          f"{len(answer['services'])} services, {len(answer['changes'])} changes")
    print(f"{len(answer['services'])} services, {len(answer['changes'])} changes: "
          f"{len(page) / 1e6:.2f} MB of HTML")
    check(len(page) < (3_000_000 if LONG else 700_000), f"{len(page)} bytes")


def main():
    with scratch() as folder:
        folder = pathlib.Path(folder)
        database = folder / "quarter.db"
        subprocess.run([BIN / "make_quarter", database], check=True)
        policy = folder / "policy.toml"
        policy.write_text(POLICY)
        answer = json.loads(report(database, "json", "--policy", policy))
        try_story(answer)
        try_coverage(answer)
        try_controls(answer)
        try_page(try_forms(database, policy, answer))
        try_dated_approvals(folder, database, answer)
        try_repetition(folder, database, policy)
        try_periods(database)
        try_edges(database)
        try_clock(folder, database)
        try_bad_input(folder, database)
        try_words(folder, database)
        try_size(folder)
        try_interruption(folder)
    done("reports")


main()
