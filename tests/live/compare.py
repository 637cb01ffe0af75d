"""What the tests of `diff` and `account` share: a history, and what changed in it.

In:    a database of the test; things that happen.
Out:   the changes between two snapshots as short lines, exit codes as promised.
Never: passes over a change that was not expected.
"""
import json

import witness


def place(change):
    if change["path"] is not None:
        return change["path"]
    address = change["local_address"]
    shown = f"[{address}]" if ":" in address else address
    where = "" if change["netns"] == "host" else f" in {change['netns']}"
    return f"{change['protocol']} {shown}:{change['local_port']}{where}"


def line(change):
    return f"{change['severity']} {change['kind']} {place(change)}"


class History:
    """Snapshots in one database, the latest compared with the one before."""

    def __init__(self, report, name, concerns=None):
        self.report, self.path = report, witness.database(name)
        # Which changes the test is about; on a machine of its own: all.
        self.concerns = concerns or (lambda change: True)
        self.record()

    def record(self):
        witness.record(self.path)

    def diff(self, *options):
        return witness.run(witness.QUERY, "diff", "--db", self.path, *options)

    def answer(self, *options):
        done = self.diff("--all", "--format", "json", *options)
        if done.returncode not in (0, 1):
            raise RuntimeError(f"diff: exit {done.returncode}: {done.stderr.decode()}")
        return json.loads(done.stdout)

    def changes(self, *options):
        return [change for change in self.answer(*options)["changes"] if self.concerns(change)]

    def expect(self, what, expected, *options, why=None):
        """After another snapshot. `expected`: lines; `why`: a part of the reason of the first."""
        self.record()
        return self.expect_now(what, expected, *options, why=why)

    def expect_now(self, what, expected, *options, why=None):
        """Between what is recorded already."""
        answer = self.answer(*options)
        changes = [change for change in answer["changes"] if self.concerns(change)]
        found = sorted(line(change) for change in changes)
        hidden = [gap["text"] for gap in answer["not_compared"] + answer["owners_not_compared"]]
        if self.report.equal(found, sorted(expected), what,
                             [f"{line(change)}: {change['why']}" for change in changes] + hidden) and why:
            reasons = " | ".join(change["why"] for change in changes)
            self.report.check(why in reasons, f"{what}: why", reasons)
        return changes

    def expect_exit(self, what, code, *options):
        """Of the usual command of cron; silent when nothing counts."""
        done = self.diff("--quiet", *options)
        self.report.equal((done.returncode, bool(done.stdout)), (code, code == 1), what,
                          done.stdout.decode() + done.stderr.decode())
