#include "recorder/netlink/nat_walk.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_tcpudp.h>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "tests/unit/recorder/netlink/nat_bytes.h"

using namespace sockwitness;
using recorder::NatName;
using recorder::NatRuleset;
using recorder::NatTable;
using test::attribute;
using test::expression;
using test::number;
using test::text;
using test::value;

namespace {

template <class T>
std::string raw(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

std::string port(unsigned number) {
  return {static_cast<char>(number >> 8U), static_cast<char>(number & 0xFFU)};
}

std::string address(const char* text) {
  return std::string(schema::IpAddress::parse(text)->bytes());
}

std::string meta(unsigned key) {
  return expression("meta", number(NFTA_META_DREG, NFT_REG_1) + number(NFTA_META_KEY, key));
}

std::string load(unsigned base, unsigned offset, unsigned size, unsigned to = NFT_REG_1) {
  return expression("payload",
                    number(NFTA_PAYLOAD_DREG, to) + number(NFTA_PAYLOAD_BASE, base) +
                        number(NFTA_PAYLOAD_OFFSET, offset) + number(NFTA_PAYLOAD_LEN, size));
}

std::string compare(const std::string& bytes, unsigned operation = NFT_CMP_EQ) {
  return expression("cmp",
                    number(NFTA_CMP_SREG, NFT_REG_1) + number(NFTA_CMP_OP, operation) +
                        value(NFTA_CMP_DATA, bytes));
}

std::string constant(unsigned to, const std::string& bytes) {
  return expression("immediate",
                    number(NFTA_IMMEDIATE_DREG, to) + value(NFTA_IMMEDIATE_DATA, bytes));
}

std::string go(int code, const std::string& chain) {
  return expression("immediate",
                    number(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT) +
                        test::verdict(NFTA_IMMEDIATE_DATA, code, chain));
}

const std::string kTcp = meta(NFT_META_L4PROTO) + compare("\x06");
const std::string kPort = load(NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2);

std::string dnat(unsigned family = NFPROTO_IPV4, bool with_port = true) {
  return expression("nat",
                    number(NFTA_NAT_TYPE, NFT_NAT_DNAT) + number(NFTA_NAT_FAMILY, family) +
                        number(NFTA_NAT_REG_ADDR_MIN, NFT_REG_1) +
                        (with_port ? number(NFTA_NAT_REG_PROTO_MIN, NFT_REG_2) : ""));
}

const std::string kToWeb =
    constant(NFT_REG_1, address("10.0.0.5")) + constant(NFT_REG_2, port(80)) + dnat();

std::string xt(const char* kind, const char* name, unsigned revision, const std::string& info) {
  // The attributes of a match and of a target have the same numbers.
  static_assert(NFTA_MATCH_NAME == 1 && NFTA_TARGET_NAME == 1);
  static_assert(NFTA_MATCH_REV == 2 && NFTA_TARGET_REV == 2);
  static_assert(NFTA_MATCH_INFO == 3 && NFTA_TARGET_INFO == 3);
  return expression(kind,
                    text(NFTA_MATCH_NAME, name) + number(NFTA_MATCH_REV, revision) +
                        attribute(NFTA_MATCH_INFO, info));
}

struct Rules {
  explicit Rules(std::uint8_t family = NFPROTO_IPV4) : table{family, "nat"} {
    hook("PREROUTING", NF_INET_PRE_ROUTING);
  }

  void hook(const std::string& chain, std::uint32_t number) {
    ruleset.hooks[{table, chain}] = {number, -100};
  }
  Rules& add(const std::string& chain, const std::string& expressions) {
    ruleset.chains[{table, chain}].push_back({1, test::bytes_of(expressions)});
    return *this;
  }
  [[nodiscard]] std::vector<std::string> ports() const {
    std::vector<std::string> found;
    for (const schema::Socket& each : recorder::follow_nat_rules(ruleset).ports) {
      CHECK(each.state == schema::SocketState::Forward);
      CHECK(each.no_holder == schema::NoHolderReason::Kernel);
      std::string words = fmt::format("{} {}:{}",
                                      schema::protocol_name(each.protocol),
                                      each.local_address.text(),
                                      each.local_port.value());
      words +=
          each.local_last == schema::Port(0) ? "" : fmt::format("-{}", each.local_last.value());
      words += fmt::format(" > {}:{}", each.remote_address.text(), each.remote_port.value());
      words +=
          each.remote_last == schema::Port(0) ? "" : fmt::format("-{}", each.remote_last.value());
      words += each.name.substr(std::string("forward").size());
      words += each.interface_name.empty() ? "" : " %" + each.interface_name;
      const auto remarks = each.rule.find("; ");
      found.push_back(words + (remarks == std::string::npos ? "" : each.rule.substr(remarks)));
    }
    return found;
  }
  [[nodiscard]] std::set<std::string> unknown() const {
    return recorder::follow_nat_rules(ruleset).unknown;
  }

  NatTable table;
  NatRuleset ruleset;
};

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("what a rule asks for and where it leads") {
  struct Row {
    const char* what;
    std::string expressions;
    Words ports;
  };
  const auto ports_at = [](unsigned operation, unsigned number) {
    return kTcp + kPort + compare(port(number), operation);
  };
  const std::string redirect = constant(NFT_REG_1, port(8080)) +
                               expression("redir", number(NFTA_REDIR_REG_PROTO_MIN, NFT_REG_1));
  const std::string web = kTcp + kPort + compare(port(443));
  const std::vector<Row> rows{
      {"a port", web + kToWeb, {"tcp 0.0.0.0:443 > 10.0.0.5:80"}},
      {"its own port",
       web + constant(NFT_REG_1, address("10.0.0.5")) + dnat(NFPROTO_IPV4, false),
       {"tcp 0.0.0.0:443 > 10.0.0.5:443"}},
      {"a redirect", web + redirect, {"tcp 0.0.0.0:443 > 0.0.0.0:8080"}},
      {"a redirect to the same port",
       web + expression("redir", ""),
       {"tcp 0.0.0.0:443 > 0.0.0.0:443"}},
      {"every port of both protocols",
       redirect,
       {"tcp 0.0.0.0:0 > 0.0.0.0:8080", "udp 0.0.0.0:0 > 0.0.0.0:8080"}},
      {"from a port on",
       ports_at(NFT_CMP_GTE, 60000) + kToWeb,
       {"tcp 0.0.0.0:60000-65535 > 10.0.0.5:80 60000-65535"}},
      {"up to a port", ports_at(NFT_CMP_LT, 2) + kToWeb, {"tcp 0.0.0.0:1 > 10.0.0.5:80"}},
      {"below all ports", ports_at(NFT_CMP_LT, 0) + kToWeb, {}},
      {"a protocol without ports", meta(NFT_META_L4PROTO) + compare("\x01") + kToWeb, {}},
      {"two protocols at once", kTcp + meta(NFT_META_L4PROTO) + compare("\x11") + kToWeb, {}},
      {"an address",
       load(NFT_PAYLOAD_NETWORK_HEADER, 16, 4) + compare(address("192.0.2.1")) + web + kToWeb,
       {"tcp 192.0.2.1:443 > 10.0.0.5:80"}},
      {"a network by its first bytes",
       load(NFT_PAYLOAD_NETWORK_HEADER, 16, 3) + compare("\xC0" + std::string("\0\2", 2)) + web +
           kToWeb,
       {"tcp 0.0.0.0:443 > 10.0.0.5:80 at 192.0.2.0/24"}},
      {"a source",
       load(NFT_PAYLOAD_NETWORK_HEADER, 12, 4) + compare(address("192.0.2.1")) + web + kToWeb,
       {"tcp 0.0.0.0:443 > 10.0.0.5:80 from 192.0.2.1"}},
      {"an interface",
       meta(NFT_META_IIFNAME) + compare(std::string("eth0\0\0\0\0\0\0\0\0\0\0\0\0", 16)) + web +
           kToWeb,
       {"tcp 0.0.0.0:443 > 10.0.0.5:80 %eth0"}},
      {"interfaces by their begin",
       meta(NFT_META_IIFNAME) + compare("eth") + web + kToWeb,
       {"tcp 0.0.0.0:443 > 10.0.0.5:80 %eth*"}},
      {"not an interface",
       meta(NFT_META_IIFNAME) + compare(std::string("docker0\0\0\0\0\0\0\0\0\0", 16), NFT_CMP_NEQ) +
           web + kToWeb,
       {"tcp 0.0.0.0:443 > 10.0.0.5:80; not from docker0"}},
      {"a state",
       expression("ct", number(NFTA_CT_DREG, NFT_REG_1)) + compare("\1") + web + kToWeb,
       {"tcp 0.0.0.0:443 > 10.0.0.5:80; by state of the connection"}},
      {"source NAT", web + expression("nat", number(NFTA_NAT_TYPE, NFT_NAT_SNAT)), {}},
      {"nothing", web + expression("counter", ""), {}},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    const Rules rules = Rules().add("PREROUTING", row.expressions);
    CHECK(rules.ports() == row.ports);
    CHECK(rules.unknown().empty());
  }
}

TEST_CASE("rules that cannot be understood are named") {
  const std::string web = kTcp + kPort + compare(port(443));
  const std::vector<std::string> rules{
      // From a register that holds no constant.
      web + load(NFT_PAYLOAD_NETWORK_HEADER, 12, 4) + dnat(NFPROTO_IPV4, false),
      // Of no family.
      web + constant(NFT_REG_1, address("10.0.0.5")) + dnat(NFPROTO_UNSPEC, false),
      // A register that does not exist.
      web + expression("nat",
                       number(NFTA_NAT_TYPE, NFT_NAT_DNAT) + number(NFTA_NAT_FAMILY, NFPROTO_IPV4) +
                           number(NFTA_NAT_REG_ADDR_MIN, 99)),
      // Leads nowhere.
      web + expression("nat", number(NFTA_NAT_TYPE, NFT_NAT_DNAT)),
      web + expression("tomorrow", "") + kToWeb,
      // A set that is not there.
      kTcp + kPort +
          expression("lookup", text(NFTA_LOOKUP_SET, "s") + number(NFTA_LOOKUP_SREG, NFT_REG_1)) +
          kToWeb,
      web + xt("target", "DNAT", 2, "short"),
      web + xt("target", "NETMAP", 0, ""),
      "\x03",
  };
  for (const std::string& rule : rules) {
    CHECK(Rules().add("PREROUTING", rule).unknown() == std::set<std::string>{"ip nat PREROUTING"});
  }
  // What has no NAT may be as odd as it likes.
  CHECK(Rules().add("PREROUTING", expression("tomorrow", "")).unknown().empty());
}

TEST_CASE("matches and targets of iptables") {
  xt_tcp tcp{};
  tcp.spts[1] = 65535;
  tcp.dpts[0] = tcp.dpts[1] = 8080;
  xt_multiport_v1 multi{};
  multi.flags = XT_MULTIPORT_DESTINATION;
  multi.count = 3;
  multi.ports[0] = 80;
  multi.ports[1] = 8000;
  multi.ports[2] = 8001;
  multi.pflags[1] = 1;
  xt_addrtype_info_v1 local{};
  local.dest = XT_ADDRTYPE_LOCAL;
  nf_nat_range2 range{};
  range.flags = NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED;
  inet_pton(AF_INET, "172.17.0.2", &range.min_addr);
  range.max_addr = range.min_addr;
  range.min_proto.all = range.max_proto.all = htons(80);
  nf_nat_ipv4_multi_range_compat old{};
  old.rangesize = 1;
  old.range[0].flags = NF_NAT_RANGE_PROTO_SPECIFIED;
  old.range[0].min.all = old.range[0].max.all = htons(3128);
  const std::string dnat_target = xt("target", "DNAT", 2, raw(range));
  const std::string redirect = xt("target", "REDIRECT", 0, raw(old));

  CHECK(Rules().add("PREROUTING", kTcp + xt("match", "tcp", 0, raw(tcp)) + dnat_target).ports() ==
        Words{"tcp 0.0.0.0:8080 > 172.17.0.2:80"});
  CHECK(Rules()
            .add("PREROUTING", kTcp + xt("match", "multiport", 1, raw(multi)) + redirect)
            .ports() == Words{"tcp 0.0.0.0:80 > 0.0.0.0:3128",
                              "tcp 0.0.0.0:8000 > 0.0.0.0:3128",
                              "tcp 0.0.0.0:8001 > 0.0.0.0:3128"});
  tcp.invflags = XT_TCP_INV_DSTPT;
  CHECK(Rules().add("PREROUTING", kTcp + xt("match", "tcp", 0, raw(tcp)) + redirect).ports() ==
        Words{"tcp 0.0.0.0:1-8079 > 0.0.0.0:3128 1-8079",
              "tcp 0.0.0.0:8081-65535 > 0.0.0.0:3128 8081-65535"});
  CHECK(Rules()
            .add("PREROUTING",
                 kTcp + kPort + compare(port(80)) + xt("match", "addrtype", 1, raw(local)) +
                     xt("match", "comment", 0, "") + xt("match", "mark", 1, "") + redirect)
            .ports() == Words{"tcp 0.0.0.0:80 > 0.0.0.0:3128; by mark"});
  for (const char* name : {"tcp", "udp", "sctp", "multiport", "addrtype"}) {
    const std::string cut =
        xt("match",
           name,
           std::string(name) == "multiport" || std::string(name) == "addrtype" ? 1 : 0,
           "x");
    CHECK(Rules().add("PREROUTING", kTcp + cut + redirect).unknown().size() == 1);
  }
}

TEST_CASE("chains that others jump to") {
  Rules rules;
  rules.add("PREROUTING", go(NFT_JUMP, "DOCKER"));
  rules.add("DOCKER", kTcp + kPort + compare(port(8080)) + kToWeb);
  SECTION("are followed with what the jump asked for") {
    rules.ruleset.chains.at({rules.table, "PREROUTING"})[0].expressions =
        test::bytes_of(load(NFT_PAYLOAD_NETWORK_HEADER, 16, 4) + compare(address("192.0.2.1")) +
                       go(NFT_JUMP, "DOCKER"));
    CHECK(rules.ports() == Words{"tcp 192.0.2.1:8080 > 10.0.0.5:80"});
  }
  SECTION("from prerouting and output are told once") {
    rules.hook("OUTPUT", NF_INET_LOCAL_OUT);
    rules.add("OUTPUT", go(NFT_JUMP, "DOCKER"));
    CHECK(rules.ports() == Words{"tcp 0.0.0.0:8080 > 10.0.0.5:80"});
  }
  SECTION("from output alone are for this host") {
    rules.ruleset.hooks.clear();
    rules.hook("OUTPUT", NF_INET_LOCAL_OUT);
    rules.add("OUTPUT", go(NFT_GOTO, "DOCKER"));
    CHECK(rules.ports() == Words{"tcp 0.0.0.0:8080 > 10.0.0.5:80 of this host"});
  }
  SECTION("in a circle end") {
    rules.add("DOCKER", go(NFT_JUMP, "PREROUTING"));
    CHECK(rules.ports() == Words{"tcp 0.0.0.0:8080 > 10.0.0.5:80"});
    CHECK_FALSE(rules.unknown().empty());
  }
  SECTION("a rule ends with its verdict") {
    rules.add("PREROUTING", go(NFT_RETURN, "") + kToWeb);
    CHECK(rules.ports() == Words{"tcp 0.0.0.0:8080 > 10.0.0.5:80"});
  }
}

TEST_CASE("sets, maps and verdict maps") {
  Rules rules;
  const auto look_up = [](std::uint32_t flags, bool map) {
    return kTcp + kPort +
           expression("lookup",
                      text(NFTA_LOOKUP_SET, "s") + number(NFTA_LOOKUP_SREG, NFT_REG_1) +
                          (map ? number(NFTA_LOOKUP_DREG, NFT_REG_1) : "") +
                          number(NFTA_LOOKUP_FLAGS, flags));
  };
  auto& set = rules.ruleset.sets[{rules.table, "s"}];
  const auto element = [&](unsigned key, const std::string& data = {}) -> recorder::NatElement& {
    auto& added = set.elements.emplace_back();
    added.key = test::bytes_of(port(key));
    added.data = test::bytes_of(data);
    return added;
  };
  const NatName name{rules.table, "s"};
  SECTION("a set") {
    element(80);
    element(443);
    rules.add("PREROUTING", look_up(0, false) + kToWeb);
    CHECK(rules.ports() == Words{"tcp 0.0.0.0:80 > 10.0.0.5:80", "tcp 0.0.0.0:443 > 10.0.0.5:80"});
    CHECK(recorder::find_used_sets(rules.ruleset, {}) == std::set<NatName>{name});
  }
  SECTION("ranges, whatever their order; where one ends the next begins") {
    set.flags = NFT_SET_INTERVAL;
    element(82).interval_end = true;
    element(81);
    element(81).interval_end = true;
    element(80);
    element(0).interval_end = true;
    element(65535);  // without an end
    rules.add("PREROUTING", look_up(0, false) + kToWeb);
    CHECK(rules.ports() == Words{"tcp 0.0.0.0:80 > 10.0.0.5:80",
                                 "tcp 0.0.0.0:81 > 10.0.0.5:80",
                                 "tcp 0.0.0.0:65535 > 10.0.0.5:80"});
  }
  SECTION("anything but a set") {
    element(2200);
    rules.add("PREROUTING", look_up(NFT_LOOKUP_F_INV, false) + kToWeb);
    CHECK(rules.ports() == Words{"tcp 0.0.0.0:1-2199 > 10.0.0.5:80 1-2199",
                                 "tcp 0.0.0.0:2201-65535 > 10.0.0.5:80 2201-65535"});
  }
  SECTION("a map of addresses and ports") {
    element(80, address("10.0.0.7") + port(8000) + std::string(2, '\0'));
    rules.add("PREROUTING",
              look_up(0, true) + expression("nat",
                                            number(NFTA_NAT_TYPE, NFT_NAT_DNAT) +
                                                number(NFTA_NAT_FAMILY, NFPROTO_IPV4) +
                                                number(NFTA_NAT_REG_ADDR_MIN, NFT_REG_1) +
                                                number(NFTA_NAT_REG_PROTO_MIN, NFT_REG32_01)));
    CHECK(rules.ports() == Words{"tcp 0.0.0.0:80 > 10.0.0.7:8000"});
  }
  SECTION("a verdict map, whose chains have sets as well") {
    element(80).verdict = recorder::NatVerdict{NFT_JUMP, "web"};
    element(81).verdict = recorder::NatVerdict{NFT_RETURN, ""};
    rules.add("PREROUTING", look_up(0, true));
    rules.add("web", kToWeb);
    CHECK(rules.ports() == Words{"tcp 0.0.0.0:80 > 10.0.0.5:80"});
    rules.add(
        "web",
        expression("lookup", text(NFTA_LOOKUP_SET, "other") + number(NFTA_LOOKUP_SREG, NFT_REG_1)));
    CHECK(recorder::find_used_sets(rules.ruleset, {}).size() == 1);
    CHECK(recorder::find_used_sets(rules.ruleset, {name}).size() == 2);
  }
}

TEST_CASE("IPv6 and tables of both families") {
  const std::string web = kTcp + kPort + compare(port(443));
  const std::string six = constant(NFT_REG_1, address("2001:db8::5")) + dnat(NFPROTO_IPV6, false);
  CHECK(Rules(NFPROTO_IPV6).add("PREROUTING", web + six).ports() ==
        Words{"tcp :::443 > 2001:db8::5:443"});
  CHECK(Rules(NFPROTO_INET).add("PREROUTING", web + six).ports() ==
        Words{"tcp :::443 > 2001:db8::5:443"});
  CHECK(Rules(NFPROTO_INET).add("PREROUTING", web + expression("redir", "")).ports() ==
        Words{"tcp 0.0.0.0:443 > 0.0.0.0:443", "tcp :::443 > :::443"});
  const std::string only4 = meta(NFT_META_NFPROTO) + compare("\x02");
  CHECK(Rules(NFPROTO_INET).add("PREROUTING", only4 + web + expression("redir", "")).ports() ==
        Words{"tcp 0.0.0.0:443 > 0.0.0.0:443"});
  CHECK(Rules(NFPROTO_INET).add("PREROUTING", only4 + web + six).ports().empty());
}
