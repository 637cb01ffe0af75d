"""A second verifier of sealed exports, written from schema/FORMAT.md alone.

In:    the path of a folder; the first key, if known.
Out:   why it is not as it was signed; nothing: it is.
Never: uses code of the project, or libcrypto for signatures.
"""
import hashlib
import json
import re
import struct

import ed25519
from chain_reader import RECORD, SNAPSHOT, TABLES, canonical, head_bytes, leaf, merkle, read_advance, sha256

FILES = ("links.jsonl", "rows.jsonl", "anchors.txt", "VERIFY.txt")
# What others mean by a number of a numbering, and the columns that name one. From FORMAT.md.
MEANT = {numbering: name for name, key, numbering, *_ in TABLES if (key == "id" and name != "archive") or name == "snapshot"}
NUMBERS = {name: numbering for numbering, name in MEANT.items()}
TEXTS = {
    "author": "user login_user", "baseline": "name note", "baseline_acceptance": "thing reason", "baseline_drop": "note",
    "baseline_gap": "netns object", "baseline_netns": "netns",
    "baseline_owner": "name script command_line user unit container", "baseline_service": "netns name device leads_to",
    "container": "name image project service pod pod_namespace pod_container", "deferred": "reason", "descriptor": "target",
    "forward": "rule target", "gap": "object", "group_name": "name", "long_text": "text", "missed": "reason",
    "netns": "label", "process": "name script command_line working_directory cgroup unit container preload title",
    "program": "path package package_version", "registration": "transport address owner", "snapshot": "note",
    "socket": "local_address", "socket_detail": "name remote_name interface_name", "text_run": "text", "user_name": "name"}
OTHERS = {
    "process": {"origin": "process", "program": "program", "script_file": "program", "netns": "netns", "container_facts": "container"},
    "socket": {"origin": "socket", "netns": "netns"}, "netns": {"origin": "netns"}, "holder": {"socket": "socket", "process": "process"},
    "descriptor": {"process": "process"}, "mapping": {"process": "process", "program": "program"}, "gap": {"netns": "netns"},
    "socket_detail": {"socket": "socket"}, "forward": {"socket": "socket"}, "sample": {"socket": "socket"},
    "snapshot": {"record": "record", "context": "context"}, "deferred": {"seq": "snapshot"},
    "baseline_acceptance": {"baseline": "record"}, "baseline_drop": {"baseline": "record"}, "baseline_gap": {"record": "record"},
    "baseline_service": {"record": "record"}, "baseline_rpc": {"service": "baseline_service"},
    "baseline_owner": {"service": "baseline_service", "program": "program", "script_file": "program", "container_facts": "container"}}
ENTITIES = ("netns", "process", "socket", "holder", "descriptor", "mapping", "gap", "user_name", "group_name", "registration")


class Flaw(Exception):
    """What is not as it was signed."""


def require(good, what):
    if not good:
        raise Flaw(what)


def find_flaw(folder, key=None):
    try:
        Sealed(folder, key).check()
    except (Flaw, ValueError, KeyError, TypeError, IndexError, AttributeError, OSError, struct.error) as why:
        return f"{type(why).__name__}: {why}"
    return None


def value_of(word):
    if not isinstance(word, dict):
        require(word is None or isinstance(word, (int, str)) and not isinstance(word, bool), f"a value {word!r}")
        return word
    ((kind, content),) = word.items()
    if kind == "bytes":
        return content.encode()
    if kind == "hex":
        return bytes.fromhex(content)
    if kind == "text_hex":
        return bytes.fromhex(content).decode("utf-8", "surrogateescape")
    require(kind == "ieee754", kind)
    return struct.unpack(">d", struct.pack(">Q", content))[0]


def follow(hashed, place, leaves, path):
    """RFC 9162, 2.1.3.2."""
    last = leaves - 1
    require(0 <= place < leaves, "a place outside")
    for beside in path:
        require(last > 0, "a path that is too long")
        if place % 2 or place == last:
            hashed = sha256(b"\x01", beside, hashed)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            hashed = sha256(b"\x01", hashed, beside)
        place, last = place >> 1, last >> 1
    require(last == 0, "a path that is too short")
    return hashed


def ids_of(blob):
    ids, value, shift, before = [], 0, 0, 0
    for byte in blob:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            before += value
            ids.append(before)
            value = shift = 0
    require(shift == 0, "a list that is cut")
    return ids


class Sealed:
    def __init__(self, folder, key):
        self.folder, self.given = folder, key
        self.links, self.marks, self.needed, self.there, self.named = {}, {}, set(), set(), set()
        self.range, self.asked, self.rows, self.keys = None, None, [], []

    def check(self):
        self.read_manifest()
        self.read_links()
        self.read_rows()
        for line in (self.folder / "anchors.txt").read_text().splitlines():
            title, version, archive, record, head, signature = line.split(" ")
            link = self.links[int(record)]
            require((title, version, archive, head, signature) ==
                    ("sockwitness-anchor", "1", self.archive.hex(), link["head"], link["signature"]), "an anchor")

    def read_manifest(self):
        text = (self.folder / "manifest").read_bytes()
        lines = text.decode("ascii").splitlines()
        require(text.endswith(b"\n") and lines[-1] == "sha256 " + hashlib.sha256(
            text[:text.rindex(b"sha256 ")]).hexdigest(), "the manifest's own digest")
        require(lines[0] == "sockwitness-sealed 1" and re.fullmatch("format (9|10|11)", lines[1]), "its first lines")
        files = []
        for line in lines[2:-1]:
            word, *rest = line.split(" ")
            if word == "snapshots":
                self.asked = tuple(map(int, rest))
            elif word == "records":
                self.range = tuple(map(int, rest))
            elif word == "row":
                self.rows.append((rest[0], int(rest[1])))
            elif word == "sockwitness-anchor":
                self.archive, self.head = bytes.fromhex(rest[1]), rest[2:]
            elif word == "sockwitness-key":
                self.keys.append((int(rest[1]), rest[2]))
            else:
                require(word == "file", line)
                digest, _, name = rest
                files.append(name)
                require(hashlib.sha256((self.folder / name).read_bytes()).hexdigest() == digest, name)
        require(tuple(files) == FILES, files)

    def read_links(self):
        previous, key, environment, marks, last = bytes(32), None, None, {}, None
        keys = []
        for line in (self.folder / "links.jsonl").read_text().splitlines():
            link = json.loads(line)
            record = link["record"]
            require(last is None or record == last + 1, "a link is missing")
            if "key" in link:
                key = bytes.fromhex(link["key"])
                keys.append((record, link["key"]))
            require(last is not None or not self.given or key == self.given, "the first key")
            environment = bytes.fromhex(link["environment"]) if "environment" in link else environment
            marks = dict(marks)
            for numbering, rose in read_advance(bytes.fromhex(link["advance"])):
                marks[numbering] = marks.get(numbering, 0) + rose
            require(marks[RECORD] == record, "the count of records")
            head = sha256(head_bytes(self.archive, record, link["kind"], link["written_us"], previous, key,
                                     bytes.fromhex(link["successor"]), environment, link["leaves"],
                                     bytes.fromhex(link["root"]), marks))
            require(head.hex() == link["head"], f"head {record}")
            require(ed25519.verify(key, head, bytes.fromhex(link["signature"])), f"signature {record}")
            self.links[record], self.marks[record] = link, marks
            previous, key, last = head, bytes.fromhex(link["successor"]), record
        require(self.head == [str(last), self.links[last]["head"], self.links[last]["signature"]], "the head")
        require(keys == self.keys, "the keys")
        self.first, self.last = min(self.links), last

    def read_rows(self):
        complete, frames, single = {}, 0, False
        before = self.marks.get(self.range[0] - 1, {}) if self.range else self.marks[self.last]
        for line in (self.folder / "rows.jsonl").read_text().splitlines():
            row = json.loads(line)
            table, values = row["table"], [value_of(value) for value in row["row"].values()]
            hashed = leaf(canonical(table, values))
            if "path" in row:
                single = True
                link = self.links[row["record"]]
                root = follow(hashed, row["place"], link["leaves"], [bytes.fromhex(word) for word in row["path"]])
                require(root.hex() == link["root"], f"a row of record {row['record']}")
                self.there.add((table, values[0]))
            else:
                require(not single and self.range and self.range[0] <= row["record"] <= self.range[1], "out of order")
                complete.setdefault(row["record"], []).append(hashed)
                if table == "frame" and row["record"] == self.range[0]:
                    frames += 1
                    self.need(before, ENTITIES[values[1] - 1], *ids_of(values[3]))
            self.need_all(before, table, dict(zip(row["row"], values)))
        for record in range(self.range[0], self.range[1] + 1) if self.range else ():
            leaves = complete.pop(record, [])
            require(len(leaves) == self.links[record]["leaves"] and merkle(leaves).hex() == self.links[record]["root"],
                    f"the rows of record {record}")
        require(not complete, "rows of other records")
        if self.range:
            require(self.range[0] == self.first or frames == len(ENTITIES), "what lived at its begin")
            require(before.get(SNAPSHOT, 0) < self.asked[0] <= self.asked[1] <= self.marks[self.range[1]][SNAPSHOT], "asked")
        require(self.range or self.rows, "neither records nor rows")
        missing = (self.needed | set(self.rows)) - self.there
        require(not missing, f"missing: {sorted(missing)[:3]}")

    def need(self, before, table, *numbers):
        most = before.get(NUMBERS[table], 0)
        self.needed.update((table, number) for number in numbers if number is not None and 0 < number <= most)

    def need_all(self, before, table, row):
        for column in TEXTS.get(table, "").split():
            self.need(before, "text", row.get(column))
        for column, other in OTHERS.get(table, {}).items():
            self.need(before, other, row.get(column))
        if table == "text_run":
            self.need(before, "text", *range(row["first"], row["last"] + 1))
