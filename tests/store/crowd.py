#!/usr/bin/env python3
"""Twenty recorders at once: one after the other or skipped, and every run accounted for.

In:    the folder of the programs.
Out:   dense numbers; snapshots and missed runs add up to the runs that were started.
Never: relies on how many of them get through.
"""
import contextlib
import subprocess

from programs import LONG, PATIENCE, RECORDER, check, done, open_rows, record, scratch

CROWD = 20


def main():
    rounds = 20 if LONG else 4
    with scratch() as folder:
        database = folder / "witness.db"
        recorded = skipped = 0
        for _ in range(rounds):
            crowd = [subprocess.Popen([RECORDER, "snapshot", "--db", database],
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                     for _ in range(CROWD)]
            for member in crowd:
                out, err = member.communicate(timeout=PATIENCE)
                check(member.returncode == 0, f"exit {member.returncode}: {err}")
                recorded += out.startswith(b"snapshot ")
                skipped += b"skipped" in err
        check(record(database).returncode == 0, "the run after the crowd")
        recorded += 1
        check(recorded + skipped == rounds * CROWD + 1, f"{recorded} and {skipped}")
        with contextlib.closing(open_rows(database)) as rows:
            seqs = [seq for (seq,) in rows.execute("SELECT seq FROM snapshot ORDER BY seq")]
            check(seqs == list(range(1, recorded + 1)), f"numbers {seqs}")
            missed, kinds = rows.execute("SELECT total(runs), group_concat(DISTINCT kind) "
                                         "FROM missed").fetchone()
            check(missed == skipped, f"{skipped} skipped, {missed} accounted for")
            check(kinds in (None, "1"), f"kinds {kinds}")
            check(rows.execute("PRAGMA integrity_check").fetchone() == ("ok",), "integrity")
        print(f"{recorded} recorded, {skipped} skipped")
    done("crowd")


main()
