"""A second reader of the format, written from schema/FORMAT.md alone.

In:    the path of a database.
Out:   the rows of a table that lived at a snapshot, and texts as bytes.
Never: uses code of the project to read.
"""
import sqlite3

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


class Reader:
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
