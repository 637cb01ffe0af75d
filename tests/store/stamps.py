#!/usr/bin/env python3
"""Time stamps of an authority (RFC 3161): the query is openssl's, a right reply anchors, a changed one is refused.

In:    a chained history of chance; an authority of this script's own, by openssl ts.
Out:   verdicts with right, changed, foreign and refused replies, on the database and on a sealed export.
Never: asks anybody on a network.
"""
import json
import shutil
import sqlite3
import subprocess

from chains import SEED, make_chain
from programs import BIN, LONG, PATIENCE, QUERY, check, done, run, scratch, skip

SETTINGS = """
[req]
distinguished_name=name
prompt=no
[name]
CN=Root of a test
[root]
basicConstraints=critical,CA:true
keyUsage=keyCertSign
[stamps]
basicConstraints=CA:false
extendedKeyUsage=critical,timeStamping
keyUsage=digitalSignature
[authority]
serial=serial
signer_cert=authority.pem
signer_key=authority.key
certs=root.pem
signer_digest=sha256
default_policy=1.2.3.4.1
digests=sha256
accuracy=secs:1
ess_cert_id_alg=sha256
"""
KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


class Authority:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        (folder / "settings").write_text(SETTINGS)
        (folder / "serial").write_text("01\n")
        self.openssl("req", "-x509", *KEY, "-keyout", "root.key", "-out", "root.pem", "-days", "30", "-config", "settings",
                     "-extensions", "root")
        self.openssl("req", "-new", *KEY, "-keyout", "authority.key", "-out", "request", "-subj", "/CN=Authority \x1b[31mof a test")
        self.openssl("x509", "-req", "-in", "request", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-out",
                     "authority.pem", "-days", "30", "-extfile", "settings", "-extensions", "stamps")
        self.root = folder / "root.pem"

    def openssl(self, *words, wanted=True):
        result = subprocess.run(["openssl", *map(str, words)], cwd=self.folder, capture_output=True, timeout=PATIENCE, check=False)
        check(result.returncode == 0 or not wanted, f"openssl {words}: {result.stderr}")
        return result

    def stamp(self, query, reply):
        self.openssl("ts", "-reply", "-queryfile", query, "-out", reply, "-config", "settings", "-section", "authority")

    def accepts(self, reply, digest):
        return self.openssl("ts", "-verify", "-in", reply, "-digest", digest, "-CAfile", "root.pem", wanted=False).returncode == 0


def verify(*words):
    result = run(QUERY, "verify", "--format", "json", *words)
    check(result.returncode in (0, 2, 3), f"verify {words}: {result.returncode} {result.stderr}")
    return (json.loads(result.stdout) if result.stdout else None), result.stderr.decode()


def try_changes(authority, database, reply, digest, right):
    """A changed bit is refused, or stands in what nobody signs and says nothing."""
    data, other = reply.read_bytes(), reply.with_suffix(".other")
    imprint = data.index(bytes.fromhex(digest))
    time = data.index(b"Z", imprint + 32) - 14
    counts = {"refused": 0, "said nothing": 0}
    signed = [*range(imprint, imprint + 32), *range(time, time + 15), *range(len(data) - 20, len(data))]
    for turn in range(len(data) * 8 if LONG else 160):
        at = turn // 8 if LONG else SEED.choice(signed) if turn % 2 else SEED.randrange(len(data))
        changed = bytearray(data)
        changed[at] ^= 1 << (turn % 8 if LONG else SEED.randrange(8))
        other.write_bytes(changed)
        answer, _ = verify("--db", database, "--tsr", other, "--tsa-ca", authority.root)
        if answer is None or answer["result"] == "altered":
            counts["refused"] += 1
            continue
        counts["said nothing"] += 1
        check(at not in signed, f"byte {at} was changed, and it was taken")
        check(answer["stamps"] == right and authority.accepts(other, digest), f"byte {at}: {answer['stamps']}")
    for size in [0, 1, 10, len(data) - 1, *(SEED.randrange(len(data)) for _ in range(10))]:
        other.write_bytes(data[:size])
        answer, told = verify("--db", database, "--tsr", other, "--tsa-ca", authority.root)
        check(answer is None and "not the reply" in told, f"{size} bytes: {told}")
    other.write_bytes(data + b"\0")
    check(verify("--db", database, "--tsr", other, "--tsa-ca", authority.root)[0] is None, "a byte too many")
    check(counts["refused"] > 60, f"{counts}")
    print(f"changed bits: {counts}")


def main():
    if not shutil.which("openssl"):
        skip("openssl is not installed")
    with scratch() as folder:
        authority, stranger = Authority(folder / "authority"), Authority(folder / "stranger")
        database, query, reply = folder / "a.db", folder / "head.tsq", folder / "head.tsr"
        make_chain(database, 41, 9)
        with sqlite3.connect(database) as db:
            record, digest = db.execute("SELECT record, lower(hex(head)) FROM link ORDER BY record DESC").fetchone()
        db.close()
        check(verify("--db", database, "--tsq", query)[0]["result"] == "intact", "writing a query")
        authority.openssl("ts", "-query", "-digest", digest, "-sha256", "-cert", "-no_nonce", "-out", folder / "openssl.tsq")
        check(query.read_bytes() == (folder / "openssl.tsq").read_bytes(), "openssl asks otherwise")
        check("already" in verify("--db", database, "--tsq", query)[1], "a query that is there")
        authority.stamp(query, reply)
        check(authority.accepts(reply, digest), "openssl does not take it")
        answer, _ = verify("--db", database, "--tsr", reply, "--tsa-ca", authority.root)
        (right,) = answer["stamps"]
        check(answer["anchored_to"] == record == right["record"] and "Authority" in right["authority"], f"{answer}")
        shown = run(QUERY, "verify", "--db", database, "--tsr", reply, "--tsa-ca", authority.root).stdout
        check(b"stamped" in shown and b"\x1b" not in shown, f"for people: {shown}")
        try_changes(authority, database, reply, digest, [right])
        answer, told = verify("--db", database, "--tsr", reply, "--tsa-ca", stranger.root)
        check(answer is None and "not signed by an authority" in told, f"another root: {told}")
        for words, word in ((("--tsr", reply), "--tsa-ca"), (("--tsr", reply, "--tsa-ca", folder / "none"), "certificates"),
                            (("--tsr", folder / "none", "--tsa-ca", authority.root), "No such file"),
                            (("--tsr", query, "--tsa-ca", authority.root), "not the reply")):
            answer, told = verify("--db", database, *words)
            check(answer is None and word in told, f"{words}: {told}")
        # Of a record before the end: up to there. On a file without that head: it is not the same file.
        older = folder / "older.db"
        make_chain(older, 41, 9)
        answer, _ = verify("--db", older, "--tsr", reply, "--tsa-ca", authority.root)
        check(answer["result"] == "altered" and "time stamp" in answer["problems"][-1]["what"], f"another chain: {answer}")
        with sqlite3.connect(database) as db:
            (early,) = db.execute("SELECT lower(hex(head)) FROM link WHERE record = 4").fetchone()
        db.close()
        authority.openssl("ts", "-query", "-digest", early, "-sha256", "-cert", "-out", query)
        authority.stamp(query, folder / "early.tsr")
        sealed = folder / "sealed"
        check(run(QUERY, "seal", "--db", database, "-o", sealed).returncode == 0, "sealing")
        for place in (("--db", database), (sealed,)):
            answer, _ = verify(*place, "--tsr", folder / "early.tsr", "--tsa-ca", authority.root)
            check(answer["anchored_to"] == 4 and len(answer["stamps"]) == 1, f"an early one: {answer}")
            answer, _ = verify(*place, "--tsr", folder / "early.tsr", "--tsr", reply, "--tsa-ca", authority.root)
            check(answer["anchored_to"] == record and len(answer["stamps"]) == 2, f"both: {answer}")
        with sqlite3.connect(database) as db:
            db.execute("UPDATE record SET written_us = written_us + 1 WHERE id = 2")
        db.close()
        result = run(QUERY, "verify", "--db", database, "--tsq", folder / "altered.tsq")
        check(result.returncode == 3 and not (folder / "altered.tsq").exists(), "a query for an altered file")
        small = BIN / "sockwitness-static"
        if small.exists():
            for words in (("--tsq", folder / "small.tsq"), ("--tsr", reply, "--tsa-ca", authority.root)):
                result = run(small, "verify", "--db", older, *words)
                check(result.returncode == 2 and b"the program with libraries" in result.stderr, f"{words}: {result}")
    done("stamps")


main()
