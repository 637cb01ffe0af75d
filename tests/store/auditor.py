#!/usr/bin/env python3
"""A second reader of the format, written from its description alone, agrees with what was observed.

In:    the folder of the program make_history; the format as the comments of the schema state it.
Out:   for random snapshots the processes, sockets and holders, rebuilt with sqlite3 and compared;
       whole tables of living rows at every kind of snapshot: on, before and after a key frame.
Never: uses code of the project to read.
"""
import collections
import os
import random
import sqlite3
import subprocess
import sys
import tempfile

ENTITIES = {"netns": 1, "process": 2, "socket": 3, "holder": 4, "descriptor": 5, "mapping": 6,
            "gap": 7, "user_name": 8, "group_name": 9, "registration": 10}


def decode_ids(blob):
    """Ascending ids, as variable-length differences."""
    ids, last, value, shift = [], 0, 0, 0
    for byte in blob:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            last += value
            ids.append(last)
            value = shift = 0
    assert shift == 0
    return ids


class Auditor:
    def __init__(self, path):
        self.db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self.db.text_factory = bytes
        self.texts = dict(self.db.execute("SELECT id, bytes FROM text"))

    def last_id(self, table, seq):
        return self.db.execute("SELECT coalesce(max(last_id), 0) FROM change "
                               "WHERE entity = ? AND seq <= ?", (ENTITIES[table], seq)).fetchone()[0]

    def living_slowly(self, table, seq):
        """Every row that began and had not ended: no key frame is looked at."""
        ended = set()
        for (blob,) in self.db.execute("SELECT ended FROM change WHERE entity = ? AND seq <= ?",
                                       (ENTITIES[table], seq)):
            ended.update(decode_ids(blob))
        rows = self.db.execute(f"SELECT id FROM {table} WHERE id <= ?",
                               (self.last_id(table, seq),))
        return {row for (row,) in rows} - ended

    def living(self, table, seq):
        """The key frame at or before the snapshot, and the differences since."""
        frame = self.db.execute("SELECT seq, last_id, ids FROM frame WHERE entity = ? AND seq <= ? "
                                "ORDER BY seq DESC LIMIT 1", (ENTITIES[table], seq)).fetchone()
        at, last, ids = frame or (0, 0, b"")
        alive = set(decode_ids(ids))
        alive.update(row for (row,) in self.db.execute(
            f"SELECT id FROM {table} WHERE id > ? AND id <= ?", (last, self.last_id(table, seq))))
        for (blob,) in self.db.execute(
                "SELECT ended FROM change WHERE entity = ? AND seq > ? AND seq <= ?",
                (ENTITIES[table], at, seq)):
            alive.difference_update(decode_ids(blob))
        return alive

    def rows(self, table, columns, seq):
        alive = self.living(table, seq)
        assert alive == self.living_slowly(table, seq), f"{table} at {seq}: key frame disagrees"
        found = [row for row in self.db.execute(f"SELECT id, {columns} FROM {table}")
                 if row[0] in alive]
        assert len(found) == len(alive), f"{table} at {seq}: rows are missing"
        return found

    def text(self, number):
        return "x" + self.texts[number].hex()

    def facts(self, seq):
        facts = []
        paths = dict(self.db.execute("SELECT id, path FROM program"))
        labels = {origin or row: self.text(label)
                  for row, origin, label in self.rows("netns", "origin, label", seq)}
        pids = {}
        for row, origin, pid, start, name, line, program in self.rows(
                "process", "origin, pid, start_ns, name, command_line, program", seq):
            pids[origin or row] = pid
            facts.append(f"process {pid} {start} {self.text(name)} "
                         f"{'none' if line is None else self.text(line)} "
                         f"{'none' if program is None else self.text(paths[program])}")
        names = dict(self.db.execute("SELECT socket, name FROM socket_detail"))
        sockets = {}
        for row, origin, protocol, state, local, remote, cookie, inode, uid, netns in self.rows(
                "socket", "origin, protocol, state, local_port, remote_port, cookie, inode, uid, "
                "netns", seq):
            sockets[origin or row] = (cookie, inode)
            name = names.get(row)
            facts.append(f"socket {protocol} {state} {local} {remote} {cookie} {inode} "
                         f"{'none' if uid is None else uid} {labels[netns]} "
                         f"{'x' if name is None else self.text(name)}")
        for _, socket, process, fd in self.rows("holder", "socket, process, fd", seq):
            cookie, inode = sockets[socket]
            facts.append(f"holder {cookie} {inode} {pids[process]} {fd}")
        return collections.Counter(facts)


def main():
    make_history = sys.argv[1] + "/make_history"
    length = 3000 if os.environ.get("SOCKWITNESS_LONG") else 600
    with tempfile.TemporaryDirectory(prefix="sockwitness-auditor-") as folder:
        path = folder + "/witness.db"
        lines = subprocess.run([make_history, path, "11", str(length)], check=True, text=True,
                               stdout=subprocess.PIPE).stdout.splitlines()
        observed = collections.defaultdict(collections.Counter)
        for line in lines:
            seq, fact = line.split(" ", 1)
            observed[int(seq)][fact] += 1
        auditor = Auditor(path)
        choice = random.Random(11)
        frames = [seq for frame in range(256, length, 256) for seq in (frame - 1, frame, frame + 1)]
        seqs = sorted({1, 2, length, *frames, *(choice.randint(1, length) for _ in range(40))})
        facts = 0
        for seq in seqs:
            rebuilt = auditor.facts(seq)
            facts += sum(rebuilt.values())
            if rebuilt != observed[seq]:
                sys.exit(f"snapshot {seq}: only observed {observed[seq] - rebuilt}, "
                         f"only rebuilt {rebuilt - observed[seq]}")
            for table in ENTITIES:
                auditor.rows(table, "id", seq)
        records = [row for (row,) in auditor.db.execute("SELECT id FROM record ORDER BY id")]
        if records != list(range(1, len(records) + 1)):
            sys.exit("record: ids are not dense")
        print(f"{len(seqs)} snapshots of {length}, {facts} facts equal")
        assert facts > 1000


main()
