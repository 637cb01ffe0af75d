"""Today's ClickHouse in a process of its own, by npm's chdb, with the interface of clickhouse.Server.

In:    the folder that has node_modules/chdb, as the third argument; a folder for its data.
Out:   queries, scripts, inserts of lines.
Never: fetched from here.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import types

READING = "SETTINGS input_format_skip_unknown_fields = 1, date_time_input_format = 'best_effort'"


def why_not():
    """Why there is none here; nothing where there is."""
    if len(sys.argv) < 4:
        return "no folder was named in which npm installed chdb"
    if not shutil.which("node"):
        return "nodejs is not installed"
    folder = pathlib.Path(sys.argv[3])
    found = (folder / "node_modules/chdb").is_dir()
    return None if found else f"chdb is not installed: npm install --prefix {folder} chdb"


class Server:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        script = pathlib.Path(__file__).with_name("chdb_session.js")
        self.process = subprocess.Popen(["node", script, sys.argv[3], self.folder / "data"], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def query(self, sql, form="TSV"):
        self.process.stdin.write(json.dumps({"sql": sql, "format": form}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(f"{sql[:300]}: {answer['error'][:1000]}")
        return answer["text"].encode()

    def client(self, query, *options, text=b""):
        return types.SimpleNamespace(stdout=self.query(f"{query}\n{text.decode()}"))

    def script(self, text, *options):
        if "--multiquery" in options:
            statements = re.sub(r"--[^\n]*", "", text.decode()).split(";")
            return b"".join(self.query(each) for each in statements if each.strip())
        return self.query(text.decode().rstrip(), "JSONEachRow")

    def insert(self, table, lines):
        return self.client(f"INSERT INTO sockwitness.{table} {READING} FORMAT JSONEachRow",
                           text="".join(line + "\n" for line in lines).encode())

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.stdin.close()
        self.process.wait()
