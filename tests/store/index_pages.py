"""Edits of one index of a SQLite file that keep every page well formed: what only its table can tell.

In:    the bytes of a database, the name of an index.
Out:   the same file with one entry changed, dropped, doubled or out of place.
Never: touches a page that is not of that index, or leaves a page that cannot be read.

Source: "SQLite Database File Format", 1.6 (pages of a b-tree) and 2.1 (records).
"""
import contextlib
import sqlite3
import struct

LEAF, INTERIOR = 10, 2
INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


def read_varint(data, at):
    value = 0
    for count in range(8):
        value = value << 7 | data[at + count] & 0x7f
        if data[at + count] < 0x80:
            return value, at + count + 1
    return value << 8 | data[at + 8], at + 9


class Cell:
    """A left child (none in a leaf), and a record whose integers can be changed in place."""

    def __init__(self, data, at, interior):
        begin = at
        self.child = data[at:at + 4] if interior else b""
        at += len(self.child)
        size, payload = read_varint(data, at)
        self.bytes = bytearray(data[begin:payload + size])
        header_end, at = read_varint(data, payload)
        header_end += payload
        body = header_end
        self.integers = []  # (offset in bytes, width)
        while at < header_end:
            kind, at = read_varint(data, at)
            width = INTEGER_BYTES.get(kind, max(0, kind - 12) // 2)
            if kind in INTEGER_BYTES:
                self.integers.append((body - begin, width))
            body += width

    def change(self, which, difference):
        at, width = self.integers[which]
        value = int.from_bytes(self.bytes[at:at + width], "big", signed=True) + difference
        limit = 1 << (8 * width - 1)
        value = (value + limit) % (2 * limit) - limit
        self.bytes[at:at + width] = value.to_bytes(width, "big", signed=True)


class Index:
    def __init__(self, content, path, name):
        self.content = bytearray(content)
        self.page_size = struct.unpack(">H", content[16:18])[0]
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            root, = database.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (name,)).fetchone()
        self.pages = []
        waiting = [root]
        while waiting:
            page = waiting.pop()
            self.pages.append(page)
            if self.kind(page) == INTERIOR:
                waiting += [int.from_bytes(cell.child, "big") for cell in self.cells(page)]
                waiting.append(int.from_bytes(self.page(page)[8:12], "big"))

    def page(self, number):
        return self.content[(number - 1) * self.page_size:number * self.page_size]

    def kind(self, number):
        return self.page(number)[0]

    def cells(self, number):
        page = self.page(number)
        interior = page[0] == INTERIOR
        count = int.from_bytes(page[3:5], "big")
        pointers = 12 if interior else 8
        return [Cell(page, int.from_bytes(page[pointers + 2 * at:pointers + 2 * at + 2], "big"), interior)
                for at in range(count)]

    def count(self):
        return sum(len(self.cells(page)) for page in self.pages)

    def write(self, number, cells):
        """The page with these cells and no free space between them. False when they do not fit."""
        old = self.page(number)
        page = bytearray(self.page_size)
        head = 12 if old[0] == INTERIOR else 8
        page[:head] = old[:head]
        end = self.page_size
        for at, cell in enumerate(cells):
            end -= max(4, len(cell.bytes))
            if end < head + 2 * len(cells):
                return False
            page[end:end + len(cell.bytes)] = cell.bytes
            page[head + 2 * at:head + 2 * at + 2] = struct.pack(">H", end)
        page[1:3] = b"\0\0"
        page[3:5] = struct.pack(">H", len(cells))
        page[5:7] = struct.pack(">H", end % 65536)
        page[7] = 0
        self.content[(number - 1) * self.page_size:number * self.page_size] = page
        return True

    def edit(self, choice):
        """One edit by chance, of one entry by chance; what was done, or nothing when it cannot be done."""
        sizes = [len(self.cells(page)) for page in self.pages]
        if not any(sizes):
            return None
        page = choice.choices(self.pages, sizes)[0]
        cells = self.cells(page)
        at = choice.randrange(len(cells))
        other = choice.randrange(len(cells))
        leaf = self.kind(page) == LEAF
        cell = cells[at]
        before = [bytes(each.bytes) for each in cells]
        doing = choice.choice(["key", "key", "rowid", "rowid", "near rowid", "drop", "double", "swap", "move"])
        if doing in ("key", "rowid", "near rowid"):
            keys = len(cell.integers) - 1
            if keys < 0 or (doing == "key" and keys < 1):
                return None
            which = keys if doing != "key" else choice.randrange(keys)
            cell.change(which, choice.choice([-1, 1]) if doing == "near rowid" else
                        choice.choice([-3, -2, -1, 1, 2, 7, 256, choice.randrange(1, 1 << 30)]))
        elif doing == "drop" and leaf:
            del cells[at]
        elif doing == "double" and leaf:
            cells.insert(at, cell)
        elif doing == "swap" and at != other and leaf:
            cells[at], cells[other] = cells[other], cells[at]
        elif doing == "move" and at != other and leaf:
            cells[at] = cells[other]
        else:
            return None
        if before == [bytes(each.bytes) for each in cells] or not self.write(page, cells):
            return None
        return f"{doing} of entry {at} on page {page}"
