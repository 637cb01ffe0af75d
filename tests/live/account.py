#!/usr/bin/env python3
"""The account of a host: a drafted policy covers all of it, and no file can fool the reader.

In:    a machine of its own, and helpers with names that no text can hold; policy files that are
       pipes, folders, links, secrets, too long, or no policy at all.
Out:   everything unexplained, then everything approved by the filled-in draft, then expired; for each
       bad file exit code 2 with a place or a reason, at once.
Never: installs a policy on the host, or waits for a pipe.
"""
import json
import os
import re
import socket
import sys

import machine

machine.enter()

import scene  # noqa: E402
import witness  # noqa: E402

AS_NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def odd_listeners(folder):
    held = witness.Kept()
    witness.set_name(b"od\xffd\x1b[1m")
    for name in (b"/plain.sock", b"/star*[1].sock", b"/\xff\xfe.sock", b'/quo"te\\.sock',
                 b"/new\nline.sock", "/日本.sock".encode()):
        end = socket.socket(socket.AF_UNIX)
        end.bind(os.fsencode(folder) + name)
        end.listen()
        held.append(end)
    for name in (b"\0sw-abstract-%d" % os.getpid(), b"\0sw-\xff-%d" % os.getpid(),
                 b"\0sw-\0in-%d" % os.getpid()):
        end = socket.socket(socket.AF_UNIX)
        end.bind(name)
        end.listen()
        held.append(end)
    held.append(scene.listener(socket.AF_INET, "127.0.0.1"))
    held.append(scene.listener(socket.AF_INET6, "::"))
    return held


class Accounts:
    def __init__(self, report):
        self.report = report
        self.path = witness.database("account")
        witness.record(self.path)

    def ask(self, *options, prefix=()):
        return witness.run(*prefix, witness.QUERY, "account", "--db", self.path, *options)

    def statuses(self, *options):
        done = self.ask("--all", "--no-baseline", "--format", "json", *options)
        if done.returncode not in (0, 1):
            raise RuntimeError(done.stderr.decode())
        services = json.loads(done.stdout)["services"]
        return done.returncode, {entry["status"] for entry in services}, len(services)

    def refused(self, what, policy, *says, prefix=()):
        done = self.ask("--policy", policy, prefix=prefix)
        told = done.stderr.decode()
        self.report.check(done.returncode == 2 and not done.stdout, "refused", f"{what}: {told}")
        self.report.check(all(part in told for part in says), "says why", f"{what}: {told}")


def write(name, content):
    path = witness.DIRECTORY / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def check_draft(report):
    folder = witness.DIRECTORY / "odd \xfc names"
    folder.mkdir()
    helper = witness.Helper(odd_listeners, str(folder))
    accounts = Accounts(report)
    code, statuses, count = accounts.statuses("-x", "--policy", "/dev/null")
    report.equal((code, statuses), (1, {"unexplained"}), "nothing is approved yet")
    report.check(count > 10, "this host listens", count)
    draft = accounts.ask("-x", "--write-policy", "--no-baseline", "--policy", "/dev/null")
    report.equal(draft.returncode, 0, "a draft", draft.stderr)
    code, statuses, _ = accounts.statuses("-x", "--policy", write("draft.toml", draft.stdout))
    report.equal((code, statuses), (1, {"unexplained"}), "a draft approves nothing")
    filled = re.sub(rb'^reason = ""', b'reason = "a test"', draft.stdout, flags=re.M)
    policy = write("policy.toml", filled)
    code, statuses, again = accounts.statuses("-x", "--policy", policy)
    report.equal((code, statuses, again), (0, {"approved"}, count), "filled in, it covers all")
    done = accounts.ask("--quiet", "-x", "--no-baseline", "--policy", policy)
    report.equal((done.returncode, done.stdout), (0, b""), "cron hears nothing", done.stderr)
    expired = re.sub(rb"^# expires = \S+", b"expires = 2020-01-01", filled, flags=re.M)
    code, statuses, _ = accounts.statuses("-x", "--policy", write("old.toml", expired))
    report.equal((code, statuses), (1, {"expired"}), "an old one has ended")
    # Nothing left to draft; and in other line ends and with a mark it is the same policy.
    rest = accounts.ask("-x", "--write-policy", "--no-baseline", "--policy", policy).stdout
    report.check(b"[[service]]" not in rest, "nothing is left to draft", rest)
    for name, content in (("crlf.toml", filled.replace(b"\n", b"\r\n")),
                          ("bom.toml", b"\xef\xbb\xbf" + filled),
                          ("long.toml", filled + b"# " + b"x" * (1 << 20) + b"\n")):
        code, statuses, _ = accounts.statuses("-x", "--policy", write(name, content))
        report.equal((code, statuses), (0, {"approved"}), "the same in other bytes", name)
    helper.end()
    later = witness.database("later")
    witness.record(later)
    done = witness.run(witness.QUERY, "account", "--db", later, "--format", "json", "-x",
                       "--no-baseline", "--policy", policy)
    missing = json.loads(done.stdout)["not_running"]
    report.check(len(missing) >= 2, "approved and not running any more", missing)


def serve():
    """A listener; its port is in the `children`."""
    held = witness.Kept([socket.create_server(("127.0.0.1", 0))])
    held.children = [held[0].getsockname()[1]]
    return held


def check_things(report):
    """One endpoint at a time, as people name it."""
    accounts = Accounts(report)
    helper = witness.Helper(serve)
    pid, port = helper.pid, helper.children[0]
    witness.record(accounts.path)
    for thing, code in ((f"tcp/{port}", 1), (f"{port}", 1), (f"tcp/127.0.0.1:{port}", 1),
                        ("tcp/1", 0), ("/nowhere.sock", 0), ("unix:@nothing", 0), ("rpc/1", 0)):
        done = accounts.ask(thing, "--no-baseline", "--policy", "/dev/null")
        text = done.stdout.decode()
        report.equal(done.returncode, code, "exit code", f"{thing}: {text}{done.stderr.decode()}")
        expected = f"tcp 127.0.0.1:{port}" if code else f"nothing listens at {thing} in this snapshot"
        report.check(expected in text, "answer", f"{thing}: {text}")
    text = accounts.ask(f"tcp/{port}", "--policy", "/dev/null").stdout.decode()
    report.check(f"python3({pid})" in text and "started by " in text and
                 os.path.abspath(sys.argv[0]) in text and "reachable at 127.0.0.1" in text,
                 "who, what, whence, how far", text)
    for thing, says in (("tpc/1", "did you mean 'tcp'?"), ("tcp/99999", "ports are 0 to 65535"),
                        ("tcp/sshh", "neither a port"), ("tcp/", "a port or an address is missing")):
        done = accounts.ask(thing)
        report.check(done.returncode == 2 and says in done.stderr.decode(), "refused",
                     f"{thing}: {done.stderr.decode()}")
    helper.end()
    witness.record(accounts.path)
    gone = accounts.ask(f"tcp/{port}", "--policy", "/dev/null")
    text = gone.stdout.decode()
    report.check(gone.returncode == 0 and "any more (snapshot " in text and
                 "was the last to have it" in text and
                 f"python3({pid})" in text, "of the past", text)
    answer = json.loads(accounts.ask(f"tcp/{port}", "--format", "json").stdout)
    report.equal(answer["gone_by"]["seq"] - answer["snapshot"]["seq"], 1, "of the past, JSON")


def check_files(report):
    accounts = Accounts(report)
    accounts.refused("no such file", "/nowhere/p.toml", "reading policy '/nowhere/p.toml': ",
                     "account --write-policy")
    accounts.refused("a folder", witness.DIRECTORY, "Is a directory")
    pipe = witness.DIRECTORY / "pipe"
    os.mkfifo(pipe)
    accounts.refused("a pipe without a writer", pipe, "not a regular file")
    accounts.refused("a device", "/dev/zero", "not a regular file")
    loop = witness.DIRECTORY / "loop"
    loop.symlink_to(loop)
    accounts.refused("a link in a circle", loop, "Too many levels of symbolic links")
    secret = write("secret.toml", "")
    secret.chmod(0o600)
    accounts.path.chmod(0o644)
    if witness.run(*AS_NOBODY, witness.QUERY, "--version").returncode == 0:
        accounts.refused("a file of others", secret, "Permission denied", prefix=AS_NOBODY)
    else:
        print("left out: another user cannot run the program here")
    link = witness.DIRECTORY / "link.toml"
    link.symlink_to(write("real.toml", "[[service]]\nport = 1\nreason = \"r\"\n"))
    report.check(accounts.ask("--policy", link).returncode in (0, 1), "a link to a policy")
    accounts.refused("too long", write("huge.toml", b"#" * (5 << 20)), "longer than 4 MiB")
    accounts.refused("not UTF-8", write("latin.toml", b'[[service]]\nreason = "\xe4"\n'),
                     "not UTF-8")
    accounts.refused("a database", accounts.path, "reading '")
    deep = write("deep.toml", "a = " + "[" * 100_000 + "]" * 100_000 + "\n")
    accounts.refused("deep lists", deep, f"reading '{deep}:1:")
    dotted = write("dotted.toml", "a" + ".a" * 200_000 + " = 1\n")
    accounts.refused("deep keys", dotted, f"reading '{dotted}")
    tables = write("tables.toml", "[a" + ".a" * 200_000 + "]\n")
    accounts.refused("deep tables", tables, f"reading '{tables}")
    for what, text, *says in (
            ("a key twice", "[[service]]\nport = 1\nport = 2\nreason = \"r\"\n", ":3:"),
            ("a wrong type", "[[service]]\nport = 1\nreason = true\n", ":3:10'", "expected a text"),
            ("an unknown key", "[[service]]\nprot = 1\nreason = \"r\"\n", ":2:1'", "'protocol'?"),
            ("half a table", "[[service\n", ":1:"),
            ("the last entry of many", "[[service]]\nport = 1\nreason = \"r\"\n" * 2000 +
             "[[service]]\nport = 70000\nreason = \"r\"\n", ":6002:8'", "70000")):
        accounts.refused(what, write("bad.toml", text), *says)


witness.require("setpriv")
witness.main(check_draft, check_things, check_files)
