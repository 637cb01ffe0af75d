#!/usr/bin/env python3
"""A service that comes back is told as one, and one that comes and goes as that.

In:    a machine of its own; redis that opens and closes its port, a stranger on the same port.
Out:   reopened, flapping and new_listener where DESIGN.md, section 6, has them.
Never: takes the stranger for the one that was there before.
"""
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


witness.require("redis-check-rdb")
witness.main(check_recurrence)
