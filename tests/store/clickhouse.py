"""A ClickHouse server of a test's own: Debian's packages, a folder, ports of loopback.

In:    a folder; ports that nobody has.
Out:   a server that can be killed and started again, queries, inserts of lines.
Never: a server that was there, or one that stays.
"""
import pathlib
import shutil
import signal
import socket
import subprocess
import time

PATIENCE = 300
CONFIG = """<yandex>
  <logger><level>warning</level><log>{folder}/log</log><errorlog>{folder}/errors</errorlog></logger>
  <listen_host>127.0.0.1</listen_host><tcp_port>{tcp}</tcp_port><http_port>{http}</http_port>
  <path>{folder}/data/</path><tmp_path>{folder}/tmp/</tmp_path><mark_cache_size>67108864</mark_cache_size>
  <users_config>{folder}/users.xml</users_config><default_profile>default</default_profile>
  <default_database>default</default_database>
</yandex>
"""
USERS = """<yandex>
  <profiles><default></default></profiles><quotas><default></default></quotas>
  <users><default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile>
  <quota>default</quota></default></users>
</yandex>
"""
# As a shipper's HTTP request has them.
READING = ("--input_format_skip_unknown_fields=1", "--date_time_input_format=best_effort")


def why_not():
    """Why there is no server here; nothing where there is."""
    missing = [name for name in ("clickhouse-server", "clickhouse-client") if not shutil.which(name)]
    return f"not installed: {', '.join(missing)}" if missing else None


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Server:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.tcp, self.http = free_port(), free_port()
        for name in ("data", "tmp"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "config.xml").write_text(CONFIG.format(folder=self.folder, tcp=self.tcp, http=self.http))
        (self.folder / "users.xml").write_text(USERS)
        self.process = None
        self.start()

    def start(self):
        with open(self.folder / "output", "ab") as output:
            self.process = subprocess.Popen(["clickhouse-server", f"--config-file={self.folder}/config.xml"],
                                            stdout=output, stderr=output, cwd=self.folder)
        end = time.monotonic() + PATIENCE
        while self.client("SELECT 1", check=False).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the server does not answer: {(self.folder / 'output').read_text()[-2000:]}")
            time.sleep(0.1)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)

    def command(self, *options):
        return ["clickhouse-client", "--host", "127.0.0.1", "--port", str(self.tcp), *options]

    def client(self, query, *options, text=b"", check=True):
        """A query as an argument; with `text` as its input."""
        done = subprocess.run(self.command(*options, "--query", query), input=text, capture_output=True,
                              timeout=PATIENCE, check=False)
        if check and done.returncode != 0:
            raise RuntimeError(f"{query[:200]}: {done.stderr.decode(errors='replace')[:1000]}")
        return done

    def script(self, text, *options):
        """SQL on standard input, as a person pipes it."""
        done = subprocess.run(self.command(*options), input=text, capture_output=True, timeout=PATIENCE, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{text[:200]}: {done.stderr.decode(errors='replace')[:1000]}")
        return done.stdout

    def insert(self, table, lines, check=True):
        return self.client(f"INSERT INTO sockwitness.{table} FORMAT JSONEachRow", *READING,
                           text="".join(line + "\n" for line in lines).encode("ascii"), check=check)
