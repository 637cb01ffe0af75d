#!/usr/bin/env python3
"""An #include crosses folders only to a strictly lower layer, third parties stay in their place.

In:    the #include lines of schema, recorder and query.
Out:   every edge that the tables below do not allow.
Never: trusts itself: before it looks at the tree, it must find planted forbidden edges.
"""
import re

import common

LAYERS = {
    "schema/base": 0, "schema/model": 1, "schema/chain": 2, "schema/program": 2, "schema/pages": 3, "schema/view": 3, "schema/disk": 6,
    "recorder/os": 1, "recorder/observe": 2, "recorder/netlink": 7, "recorder/proc": 7,
    "recorder/programs": 7, "recorder/containers": 7, "recorder/rpc": 7, "recorder/collect": 7, "recorder/write": 7,
    "recorder/app": 8, "recorder": 9,
    "query/terminal": 3,
    "query/analysis/findings": 4, "query/analysis": 5, "query/analysis/history": 6,
    "query/alert": 7, "query/spool": 7, "query/fleet": 7, "query/policy": 7, "query/read": 8, "query/verify": 8, "query/rules": 8,
    "query/seal": 9,
    "query/report/neutral": 7, "query/report/words": 8, "query/report/writers": 8, "query/report/records": 9,
    "query/report/answers": 10, "query/report/alert": 10, "query/report/export": 10, "query/report/compliance": 10, "query/report/html": 11,
    "query/app": 12, "query": 13,
}

# Header prefix: the folders that may include it. fmt may be included anywhere.
THIRD_PARTIES = {
    "SQLiteCpp/": {"schema/disk", "recorder/write", "query/read", "query/verify", "query/seal", "query/rules"},
    "sqlite3.h": {"schema/disk", "recorder/write", "query/read", "query/rules"},
    "CLI/": {"schema/program"},
    "nlohmann/": {"query/report/writers", "query/fleet", "recorder/containers"},
    "toml": {"query/policy"},
    "openssl/": {"schema/chain", "recorder/programs", "recorder/netlink"},
    "sodium.h": {"schema/chain"},
    "linux/sock_diag.h": {"recorder/netlink"},
    "linux/inet_diag.h": {"recorder/netlink"},
    "linux/unix_diag.h": {"recorder/netlink"},
    "linux/packet_diag.h": {"recorder/netlink"},
    "linux/netlink_diag.h": {"recorder/netlink"},
    "linux/vm_sockets_diag.h": {"recorder/netlink"},
}
KNOWN_OTHERS = ("fmt/",)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
# Of the C library and the kernel: "sys/stat.h", "fcntl.h"; of the standard library: "vector".
SYSTEM = re.compile(
    r"^((sys|net|netinet|arpa|rpc|asm|linux|bits|netpacket)/[\w/]+\.h|[\w]+\.h|[a-z_0-9]+)$")


def folder_of(path):
    return "/".join(path.split("/")[:-1])


def judge(path, bracket, header):
    """Why this include is wrong, or nothing."""
    here = folder_of(path)
    for prefix, allowed in THIRD_PARTIES.items():
        if header.startswith(prefix):
            return None if here in allowed else f"{prefix} belongs to {', '.join(sorted(allowed))}"
    if bracket == "<":
        if header.startswith(KNOWN_OTHERS) or SYSTEM.match(header):
            return None
        return "a third-party header without a place in this gate's table"
    there = folder_of(header)
    if there == here:
        return None
    if there not in LAYERS:
        return f"'{there}' is no layer"
    if here not in LAYERS:
        return f"'{here}' is no layer"
    if {here.split("/")[0], there.split("/")[0]} == {"recorder", "query"}:
        return "the recorder and the query program never include each other"
    if LAYERS[there] >= LAYERS[here]:
        return f"layer {LAYERS[here]} includes layer {LAYERS[there]}"
    return None


PLANTED = [
    ("recorder/netlink/x.cpp", '"', "recorder/proc/stat.h", True),
    ("schema/base/x.h", '"', "schema/model/ip.h", True),
    ("query/analysis/x.cpp", '"', "schema/disk/codec.h", True),
    ("query/app/x.cpp", '"', "recorder/os/dir.h", True),
    ("recorder/app/x.cpp", '"', "query/terminal/width.h", True),
    ("query/analysis/x.cpp", "<", "SQLiteCpp/Database.h", True),
    ("query/analysis/x.cpp", '"', "query/policy/toml_table.h", True),
    ("query/analysis/x.cpp", '"', "query/analysis/history/moments.h", True),
    ("query/analysis/history/x.cpp", '"', "query/analysis/diff.h", False),
    ("query/rules/x.cpp", "<", "toml++/toml.h", True),
    ("recorder/proc/x.cpp", "<", "openssl/evp.h", True),
    ("recorder/proc/x.cpp", "<", "boost/any.hpp", True),
    ("recorder/proc/x.cpp", '"', "tests/support/x.h", True),
    ("recorder/app/x.cpp", '"', "recorder/netlink/request.h", False),
    ("recorder/programs/x.cpp", "<", "openssl/evp.h", False),
    ("recorder/main.cpp", '"', "recorder/app/run.h", False),
    ("query/report/words/x.cpp", '"', "query/analysis/diff.h", False),
    ("query/report/words/x.cpp", '"', "query/report/records/records.h", True),
    ("query/report/x.cpp", '"', "query/analysis/diff.h", True),
    ("query/rules/x.cpp", '"', "query/policy/toml_table.h", False),
    ("schema/base/x.cpp", "<", "fmt/format.h", False),
    ("recorder/os/x.cpp", "<", "sys/stat.h", False),
]


def main():
    problems = [f"planted include of {header} in {path}: judged wrongly"
                for path, bracket, header, wrong in PLANTED
                if (judge(path, bracket, header) is not None) != wrong]
    sources = [path for path in common.files("*.h", "*.cpp")
               if path.parts[0] in ("schema", "recorder", "query")]
    includes = 0
    for path in sources:
        for bracket, header in INCLUDE.findall(common.text(path)):
            includes += 1
            why = judge(str(path), bracket, header)
            if why:
                problems.append(f"{path}: includes {header}: {why}")
    common.report({"files": len(sources), "includes": includes}, problems)


main()
