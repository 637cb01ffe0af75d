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
import subprocess
import sys
import tempfile

from format_reader import ENTITIES, Reader


class Auditor(Reader):
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
