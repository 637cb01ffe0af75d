#!/usr/bin/env python3
"""A service that comes back is told as one, and one that comes and goes as that.

In:    a machine of its own; redis that opens and closes its port, a stranger on the same port; a socket that is
       bound long before it listens.
Out:   reopened, flapping and new_listener where DESIGN.md, section 6, has them; since when it listens.
Never: takes the stranger for the one that was there before, or a bound socket for a listener.
"""
import json
import re
import socket
import time

import machine

machine.enter()

import compare  # noqa: E402
import daemons  # noqa: E402
import witness  # noqa: E402

PLACE = "tcp 0.0.0.0:6390"


def check_recurrence(report):
    history = compare.History(report, "recurrence")
    server = daemons.redis(6390, "0.0.0.0")

    def expect(what, line, why):
        history.expect(what, [f"{line} {PLACE}"], why=why)
        history.expect_exit(f"{what}: it counts", 1)
    expect("first", "high new_listener", "nothing listened here before")
    server.stop()
    expect("gone", "medium vanished_service", "the place was looked at")
    server.start()
    expect("back", "medium reopened", "last in snapshot 2 at ")
    server.stop()
    history.record()
    stranger = socket.create_server(("0.0.0.0", 6390))
    expect("somebody else", "high new_listener", "in snapshot 4 at ")
    stranger.close()
    history.record()
    server.start()
    expect("once more", "medium flapping", "it came 4 times and went 3 times since ")
    server.stop()
    expect("and gone", "medium flapping", "it came 4 times and went 4 times since ")
    # Neither the first snapshot nor the last one has it.
    history.expect_now("between", [f"medium flapping {PLACE}"], "--from", "#1",
                       why="neither side shows it: ")
    history.expect_now("once between", [], "--from", "#3", "--to", "#5")
    baseline = witness.run(witness.RECORDER, "baseline", "add", "before", "--at", "#1", "--db",
                           history.path)
    report.equal(baseline.returncode, 0, "a baseline", baseline.stderr)
    server.start()
    time.sleep(0.1)
    history.expect_now("now", [f"medium flapping {PLACE}"], "--now",
                       why="it came 5 times and went 4 times since ")
    server.stop()


def check_since(report):
    """Since when a socket listens is not since when it was bound."""
    history = compare.History(report, "since")
    end = socket.socket()
    end.bind(("127.0.0.1", 7070))  # one that the kernel chose would be another after shutdown
    port = "7070"
    times = {}

    def ask(command, *options):
        done = witness.run(witness.QUERY, command, "--db", history.path, *options, "--format", "json")
        return json.loads(done.stdout)

    def record():
        time.sleep(0.05)
        history.record()
        snapshot = ask("snapshots")["snapshots"][-1]
        times[snapshot["seq"]] = snapshot["taken_at"]
        return snapshot["seq"]

    def expect(what, at, first, listening):
        shown = ask("show", "-l", "--port", port, "--at", f"#{at}")["sockets"]
        report.equal([(each["first_seen"], each["listening_since"]) for each in shown],
                     [(times[first], listening and times[listening])], f"{what}: show")
        services = ask("account", f"tcp/{port}", "--at", f"#{at}", "--no-baseline")["services"]
        report.equal([each["since"] for each in services], [times[listening or first]], f"{what}: account")

    first = record()
    end.listen()
    listens = record()
    expect("it begins to listen", listens, first, listens)
    shown = witness.run(witness.QUERY, "show", "-l", "--port", port, "--db", history.path).stdout.decode()
    report.check(re.search(r":7070 .* new$", shown, re.M), "the text says new", shown)
    end.listen(7)  # another backlog is no other listener
    later = record()
    expect("another backlog", later, first, listens)
    expect("as it was", listens, first, listens)
    end.shutdown(socket.SHUT_RDWR)  # bound, and no listener any more
    record()
    end.listen()
    again = record()
    expect("it listens again", again, first, again)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        from_begin = record()
        record()
        expect("it listened when it was first seen", from_begin + 1, from_begin, None)
    end.close()


witness.require("redis-check-rdb")
witness.main(check_recurrence, check_since)
