#!/usr/bin/env python3
"""Ports that NAT rules lead elsewhere: the usual shapes of rules, by nft and by iptables-nft themselves.

In:    network namespaces of its own with rules as Docker, netavark, kube-proxy and firewalld make them;
       `nft -j list ruleset` as an oracle of what there is.
Out:   what `show`, `account`, `diff`, `when`, `timeline` and `check` say; that quiet rules cost nothing.
Never: touches a rule of the host.
"""
import json
import os
import re
import subprocess

import machine

machine.enter()

import witness  # noqa: E402
from witness import record, run, show  # noqa: E402

DOCKER = """
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A DOCKER -i docker0 -j RETURN
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination {web}:80
-A DOCKER -d 192.0.2.10/32 ! -i docker0 -p udp -m udp --dport 53 -j DNAT --to-destination 172.17.0.3:5353
COMMIT
"""
KUBE = """
*nat
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-SVC-AAAA - [0:0]
:KUBE-SEP-ONE - [0:0]
:KUBE-SEP-TWO - [0:0]
:KUBE-MARK-MASQ - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000
-A KUBE-SERVICES -d 10.96.0.10/32 -p tcp -m comment --comment "web" -m tcp --dport 443 -j KUBE-SVC-AAAA
-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
-A KUBE-NODEPORTS -p tcp -m tcp --dport 30080 -j KUBE-SVC-AAAA
-A KUBE-SVC-AAAA -m statistic --mode random --probability 0.5 -j KUBE-SEP-ONE
-A KUBE-SVC-AAAA -j KUBE-SEP-TWO
-A KUBE-SEP-ONE -s 10.244.0.3/32 -j KUBE-MARK-MASQ
-A KUBE-SEP-ONE -p tcp -m tcp -j DNAT --to-destination 10.244.0.3:8443
-A KUBE-SEP-TWO -p tcp -m tcp -j DNAT --to-destination 10.244.0.4:8443
COMMIT
"""
# By nft: each rule with the rows that it must give, "PROTOCOL LOCAL > TARGET".
SHAPES = {
    "a port": ("ip", "tcp dport 8080 dnat to 10.0.0.5:80", ["tcp 0.0.0.0:8080 > 10.0.0.5:80"]),
    "the same port": ("ip", "udp dport 53 dnat to 10.0.0.5", ["udp 0.0.0.0:53 > 10.0.0.5:53"]),
    "a redirect": ("ip", "tcp dport 80 redirect to :8080", ["tcp 0.0.0.0:80 > 0.0.0.0:8080"]),
    "IPv6": ("ip6", "tcp dport 8080 dnat to [2001:db8::5]:80", ["tcp :::8080 > 2001:db8::5:80"]),
    "inet": ("inet", "tcp dport 443 redirect to :8443", ["tcp 0.0.0.0:443 > 0.0.0.0:8443", "tcp :::443 > :::8443"]),
    "inet, IPv4": ("inet", "meta nfproto ipv4 tcp dport 8080 dnat ip to 10.0.0.5:80", ["tcp 0.0.0.0:8080 > 10.0.0.5:80"]),
    "inet, IPv6": ("inet", "tcp dport 8080 dnat ip6 to [2001:db8::5]:80", ["tcp :::8080 > 2001:db8::5:80"]),
    "a set": ("ip", "tcp dport { 80, 443 } dnat to 10.0.0.5",
              ["tcp 0.0.0.0:80 > 10.0.0.5:80", "tcp 0.0.0.0:443 > 10.0.0.5:443"]),
    "a small range": ("ip", "tcp dport 8000-8001 dnat to 10.0.0.5",
                      ["tcp 0.0.0.0:8000 > 10.0.0.5:8000", "tcp 0.0.0.0:8001 > 10.0.0.5:8001"]),
    "a range in a set": ("ip", "tcp dport { 7000-7001, 7003 } redirect to :9",
                         ["tcp 0.0.0.0:7000 > 0.0.0.0:9", "tcp 0.0.0.0:7001 > 0.0.0.0:9",
                          "tcp 0.0.0.0:7003 > 0.0.0.0:9"]),
    "a large range": ("ip", "udp dport 10000-20000 dnat to 10.0.0.5", ["udp 0.0.0.0:10000-20000 > 10.0.0.5:10000-20000"]),
    "a range of targets": ("ip", "tcp dport 8080 dnat to 10.0.0.5:80-81", ["tcp 0.0.0.0:8080 > 10.0.0.5:80-81"]),
    "a map": ("ip", "dnat to tcp dport map { 8080 : 10.0.0.5, 8443 : 10.0.0.6 }",
              ["tcp 0.0.0.0:8080 > 10.0.0.5:8080", "tcp 0.0.0.0:8443 > 10.0.0.6:8443"]),
    "a map of addresses and ports": ("ip", "dnat to tcp dport map { 8080 : 10.0.0.5 . 80, 8443 : 10.0.0.6 . 443 }",
                                     ["tcp 0.0.0.0:8080 > 10.0.0.5:80", "tcp 0.0.0.0:8443 > 10.0.0.6:443"]),
    "a map of ports": ("ip", "meta l4proto tcp redirect to :tcp dport map { 80 : 8080, 443 : 8443 }",
                       ["tcp 0.0.0.0:80 > 0.0.0.0:8080", "tcp 0.0.0.0:443 > 0.0.0.0:8443"]),
    "by chance": ("ip", "tcp dport 80 dnat to numgen random mod 2 map { 0 : 10.0.0.5, 1 : 10.0.0.6 }",
                  ["tcp 0.0.0.0:80 > 10.0.0.5:80", "tcp 0.0.0.0:80 > 10.0.0.6:80"]),
    "an address": ("ip", "ip daddr 192.0.2.1 tcp dport 80 dnat to 10.0.0.5", ["tcp 192.0.2.1:80 > 10.0.0.5:80"]),
    "a network": ("ip", "ip daddr 192.0.2.0/24 tcp dport 80 dnat to 10.0.0.5", ["tcp 0.0.0.0:80 > 10.0.0.5:80"]),
    "every port": ("ip", "ip daddr 192.0.2.1 dnat to 10.0.0.5",
                   ["tcp 192.0.2.1:0 > 10.0.0.5:0", "udp 192.0.2.1:0 > 10.0.0.5:0"]),
    "an interface": ("ip", 'iifname "eth0" tcp dport 80 dnat to 10.0.0.5', ["tcp 0.0.0.0%eth0:80 > 10.0.0.5:80"]),
    "an interface by number": ("ip", 'iif "lo" tcp dport 80 dnat to 10.0.0.5', ["tcp 0.0.0.0%lo:80 > 10.0.0.5:80"]),
    "local addresses": ("ip", "fib daddr type local tcp dport 80 dnat to 10.0.0.5", ["tcp 0.0.0.0:80 > 10.0.0.5:80"]),
    "other conditions": ("ip", "ip saddr 10.9.0.0/16 ct state new tcp dport 80 counter dnat to 10.0.0.5",
                         ["tcp 0.0.0.0:80 > 10.0.0.5:80"]),
    "two protocols": ("ip", "meta l4proto { tcp, udp } th dport 53 dnat to 10.0.0.5",
                      ["tcp 0.0.0.0:53 > 10.0.0.5:53", "udp 0.0.0.0:53 > 10.0.0.5:53"]),
    "source and destination port": ("ip", "tcp sport 1024 tcp dport 80 dnat to 10.0.0.5", ["tcp 0.0.0.0:80 > 10.0.0.5:80"]),
    "not a port": ("ip", "tcp dport != 2222 redirect to :15001",
                   ["tcp 0.0.0.0:1-2221 > 0.0.0.0:15001", "tcp 0.0.0.0:2223-65535 > 0.0.0.0:15001"]),
    "a verdict map": ("ip", "tcp dport vmap { 80 : jump web, 443 : goto web }",
                      ["tcp 0.0.0.0:80 > 10.0.0.7:8000", "tcp 0.0.0.0:443 > 10.0.0.7:8000"]),
    "fields together": ("ip", "ip daddr . meta l4proto . th dport vmap { 10.96.0.1 . tcp . 443 : goto web }",
                        ["tcp 10.96.0.1:443 > 10.0.0.7:8000"]),
    "masquerading": ("ip", "tcp dport 80 accept", []),
}


def text_of(row):
    def end(address, port, last, device=None):
        return (f"{address}{'%' + device if device else ''}:{port}" + (f"-{last}" if last else ""))
    local = end(row["local_address"], row["local_port"], row["local_last_port"], row["interface"])
    return f"{row['protocol']} {local} > {end(row['remote_address'], row['remote_port'], row['remote_last_port'])}"


def succeed_in(*command, text=None):
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: {done.stderr}")
    return done.stdout


def inside(name, *command, text=None):
    return succeed_in("ip", "netns", "exec", name, *command, text=text)


def nft(name, text):
    return inside(name, "nft", "-f", "-", text=text)


def forwards(path, *options):
    return show(path, "--state", "FORWARD", *options)["sockets"]


def gaps_of(path):
    return [gap for gap in show(path)["snapshot"]["gap_details"] if gap["source"] == "nat-rules"]


def ask(command, path, *options, codes=(0, 1)):
    done = run(witness.QUERY, command, "--db", path, *options, "--format", "json")
    if done.returncode not in codes:
        raise RuntimeError(done.stderr.decode())
    return json.loads(done.stdout)


def changes(path, *options):
    return [(change["severity"], change["kind"], change["protocol"], change["local_port"], change["why"])
            for change in ask("diff", path, *options)["changes"] if change.get("forward")]


def take(path):
    return record(path)


def check_shapes(report):
    path = witness.database("shapes")
    names = {}
    for number, (what, (family, rule, _)) in enumerate(SHAPES.items()):
        names[what] = name = f"shape{number}"
        succeed_in("ip", "netns", "add", name)
        nft(name, f"table {family} t {{\n chain web {{ meta l4proto tcp dnat {'ip ' if family == 'inet' else ''}to "
                  f"{'[2001:db8::7]' if family == 'ip6' else '10.0.0.7'}:8000; }}\n"
                  f" chain pre {{ type nat hook prerouting priority dstnat; {rule}; }}\n"
                  f" chain post {{ type nat hook postrouting priority srcnat; masquerade; }}\n}}\n"
            if family != "inet" and "web" in rule else
            f"table {family} t {{\n chain pre {{ type nat hook prerouting priority dstnat; {rule}; }}\n"
            f" chain post {{ type nat hook postrouting priority srcnat; masquerade; }}\n}}\n")
    take(path)
    found = {}
    for row in forwards(path):
        found.setdefault(row["netns"], []).append(text_of(row))
    for what, (_, rule, expected) in SHAPES.items():
        report.equal(sorted(found.get(names[what], [])), sorted(expected), what, rule)
        rules = json.loads(inside(names[what], "nft", "-j", "list", "ruleset"))["nftables"]
        nats = [each for each in rules if re.search(r'"(dnat|redirect)"', json.dumps(each.get("rule", {})))]
        report.equal(bool(nats), bool(expected), f"{what}: nft lists it as well")
    report.equal(gaps_of(path), [], "all of them are understood")
    size = os.path.getsize(path)
    counts = witness.rows(path, "SELECT count(*) FROM socket WHERE state = 14")
    take(path)
    take(path)
    report.equal(witness.rows(path, "SELECT count(*) FROM socket WHERE state = 14"), counts, "what stays is written once")
    report.check(os.path.getsize(path) - size < 64 * 1024, "quiet rules cost nothing", os.path.getsize(path) - size)
    for port, rows in ((15000, 1), (9999, 0)):
        report.equal(len(ask("when", path, f"udp/0.0.0.0:{port}")["spans"]), rows, "when: a port of a range", port)
        found = [row for row in forwards(path, "--port", str(port)) if row["protocol"] == "udp"]
        report.equal([text_of(row) for row in found if row["local_port"] != 0],
                     ["udp 0.0.0.0:10000-20000 > 10.0.0.5:10000-20000"][:rows], "show: a port of a range", port)
        report.check(any(row["local_address"] == "192.0.2.1" for row in found), "show: a rule without ports leads it", found)
        report.equal(len(ask("when", path, f"udp/192.0.2.1:{port}")["spans"]), 1, "when: a rule without ports", port)
    for name in names.values():
        succeed_in("ip", "netns", "delete", name)


def check_docker(report):
    path = witness.database("docker")
    succeed_in("ip", "netns", "add", "engine")
    succeed_in("ip", "netns", "add", "web")
    inside("engine", "ip", "link", "add", "docker0", "type", "bridge")
    inside("engine", "iptables-nft-restore", text=DOCKER.format(web="172.17.0.2"))
    inside("web", "ip", "address", "add", "172.17.0.2/16", "dev", "lo")
    # Only then is an address looked for: something in the recorder's own network leads elsewhere.
    succeed_in("nft", "-f", "-", text="table ip own { chain pre { type nat hook prerouting priority dstnat; "
                                      "tcp dport 9 redirect to :9009; }\n}")
    take(path)
    rows = {text_of(row): row for row in forwards(path) if row["netns"] == "engine"}
    report.equal(sorted(rows), ["tcp 0.0.0.0:8080 > 172.17.0.2:80", "udp 192.0.2.10:53 > 172.17.0.3:5353"], "Docker's rules")
    row = rows.get("tcp 0.0.0.0:8080 > 172.17.0.2:80", {})
    report.equal([row.get(key) for key in ("state", "target_netns", "forwards_to", "no_holder_reason", "holders")],
                 ["FORWARD", "web", "172.17.0.2:80 in web", "kernel", []], "what is told of one")
    report.check(str(row.get("rule")).startswith("ip nat DOCKER"), "the rule's place", row.get("rule"))
    report.equal([text_of(each) for each in show(path, "--port", "8080")["sockets"]], ["tcp 0.0.0.0:8080 > 172.17.0.2:80"],
                 "found by its port")
    report.equal([text_of(each) for each in show(path, "--remote", "172.17.0.3")["sockets"]],
                 ["udp 192.0.2.10:53 > 172.17.0.3:5353"], "found by where it leads to")
    for layout in ("wide", "netstat", "ss"):
        text = run(witness.QUERY, "show", "--db", path, "-l", "--layout", layout).stdout.decode()
        report.check("FORWARD" in text and "172.17.0.2" in text, f"layout {layout}", text)
    services = {(each["local_port"], each["explanation"]) for each in ask("account", path)["services"] if each.get("forward")}
    report.check(any(port == 8080 and "172.17.0.2:80" in words for port, words in services), "account lists it", services)

    inside("web", "ip", "address", "del", "172.17.0.2/16", "dev", "lo")
    inside("web", "ip", "address", "add", "172.17.0.5/16", "dev", "lo")
    inside("engine", "iptables-nft-restore", text=DOCKER.format(web="172.17.0.5"))
    take(path)
    report.equal([each[:4] for each in changes(path, "--from", "#1", "--to", "#2")],
                 [("low", "forwarding_changed", "tcp", 8080)], "the same namespace at another address")
    inside("engine", "iptables-nft-restore", text=DOCKER.format(web="198.51.100.66"))
    take(path)
    report.equal([each[:4] for each in changes(path, "--from", "#2", "--to", "#3")],
                 [("high", "forwarding_changed", "tcp", 8080)], "somewhere else")
    inside("engine", "iptables-nft", "-t", "nat", "-F", "DOCKER")
    take(path)
    report.equal([each[:4] for each in changes(path, "--from", "#3", "--to", "#4")],
                 [("medium", "vanished_service", "tcp", 8080), ("medium", "vanished_service", "udp", 53)], "rules that are gone")
    inside("engine", "iptables-nft-restore", text=DOCKER.format(web="172.17.0.5"))
    take(path)
    report.equal([each[:4] for each in changes(path, "--from", "#4", "--to", "#5")],
                 [("high", "new_listener", "tcp", 8080), ("high", "new_listener", "udp", 53)], "rules that are new")
    spans = ask("when", path, "tcp/8080")["spans"]
    report.equal(len(spans), 2, "when: there, gone, and there again", spans)
    report.equal([lead["forwards_to"] for lead in spans[0]["leads_to"]],
                 ["172.17.0.2:80 in web", "172.17.0.5:80 in web", "198.51.100.66:80"], "when: where it led to")
    kinds = [event["kind"] for event in ask("timeline", path, "--port", "8080")["events"]]
    report.equal([kind for kind in kinds if kind.startswith(("listener", "owner", "forwarding"))],
                 ["listener_present", "forwarding_changed", "forwarding_changed", "listener_vanished", "listener_appeared"], "timeline")
    findings = [each for each in ask("check", path)["findings"] if each["rule"] == "port-led-outside"]
    report.equal(findings, [], "nothing is said of private networks")
    succeed_in("nft", "delete", "table", "ip", "own")
    for name in ("engine", "web"):
        succeed_in("ip", "netns", "delete", name)


def check_kubernetes(report):
    path = witness.database("kube")
    succeed_in("ip", "netns", "add", "node")
    inside("node", "iptables-nft-restore", text=KUBE)
    inside("node", "ip6tables-nft", "-t", "nat", "-A", "PREROUTING", "-p", "tcp", "-m", "multiport", "--dports", "80,8000:8001",
           "-j", "REDIRECT", "--to-ports", "3128")
    inside("node", "iptables-nft", "-t", "nat", "-A", "OUTPUT", "-d", "127.0.0.11/32", "-p", "udp", "-m", "udp", "--dport", "53",
           "-j", "DNAT", "--to-destination", "127.0.0.11:40000")
    take(path)
    report.equal(sorted(text_of(row) for row in forwards(path)),
                 sorted(["tcp 10.96.0.10:443 > 10.244.0.3:8443", "tcp 10.96.0.10:443 > 10.244.0.4:8443",
                         "tcp 0.0.0.0:30080 > 10.244.0.3:8443", "tcp 0.0.0.0:30080 > 10.244.0.4:8443",
                         "tcp :::80 > :::3128", "tcp :::8000 > :::3128", "tcp :::8001 > :::3128",
                         "udp 127.0.0.11:53 > 127.0.0.11:40000"]), "rules of kube-proxy and others")
    report.equal(gaps_of(path), [], "all of them are understood")
    report.equal([row["forward"] for row in forwards(path, "--port", "53")], ["forward of this host"], "for this host alone")
    succeed_in("ip", "netns", "delete", "node")


def check_gaps(report):
    path = witness.database("gaps")
    succeed_in("ip", "netns", "add", "odd")
    nft("odd", "table ip t { chain pre { type nat hook prerouting priority dstnat; "
               "dnat to ip saddr & 255.255.255.0; }\n}")
    take(path)
    report.equal([(gap["reason"], gap["object"], gap["netns"]) for gap in gaps_of(path)],
                 [("not-supported", "ip t pre", "odd")], "a target that is computed is a gap")
    nft("odd", "flush ruleset")
    inside("odd", "iptables-legacy", "-t", "nat", "-A", "PREROUTING", "-p", "tcp", "--dport", "80", "-j", "REDIRECT",
           "--to-ports", "8080")
    take(path)
    report.equal([(gap["reason"], gap["object"], gap["netns"]) for gap in gaps_of(path)],
                 [("not-supported", "legacy iptables", "odd")], "rules of the iptables of old are a gap")

    path = witness.database("rights")
    nft("odd", "table ip t { chain pre { type nat hook prerouting priority dstnat; tcp dport 80 redirect to :8080; }\n}")
    take(path)
    report.equal([text_of(row) for row in forwards(path)], ["tcp 0.0.0.0:80 > 0.0.0.0:8080"], "with the right")
    witness.patiently(path, lambda: witness.succeed(
        witness.snapshot(path, prefix=("setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin"))))
    refused = [(gap["reason"], gap["object"]) for gap in gaps_of(path) if gap["netns"] == "odd" and gap["errno"] == 1]
    report.equal(refused, [("permission", "nf_tables")], "without the right to read them rules are a gap")
    report.equal(changes(path, "--from", "#1", "--to", "#2"), [], "and nothing is said to be gone")
    succeed_in("ip", "netns", "delete", "odd")


if __name__ == "__main__":
    witness.require("nft", "iptables-nft", "iptables-nft-restore", "ip")
    witness.main(check_shapes, check_docker, check_kubernetes, check_gaps)
