#include "recorder/netlink/nat_decode.h"

#include <cerrno>

#include <catch2/catch.hpp>

#include "tests/unit/recorder/netlink/nat_bytes.h"

using namespace sockwitness;
using recorder::Bytes;
using recorder::NatAnswer;
using recorder::NatRuleset;
using test::attribute;
using test::message;
using test::number;
using test::text;

namespace {

constexpr std::uint32_t kSequence = 7;

NatAnswer decode(const std::string& datagram, NatRuleset& ruleset) {
  NatAnswer answer;
  const auto bytes = test::bytes_of(datagram);
  recorder::decode_nat_datagram(Bytes(bytes), kSequence, ruleset, answer);
  return answer;
}

std::string chain(const std::string& type, std::uint32_t hook) {
  return message(NFT_MSG_NEWCHAIN,
                 NFPROTO_IPV4,
                 text(NFTA_CHAIN_TABLE, "nat") + text(NFTA_CHAIN_NAME, "pre") +
                     attribute(NFTA_CHAIN_HOOK,
                               number(NFTA_HOOK_HOOKNUM, hook) +
                                   number(NFTA_HOOK_PRIORITY, static_cast<std::uint32_t>(-100))) +
                     text(NFTA_CHAIN_TYPE, type));
}

std::string end(int error_number, std::uint16_t type = NLMSG_DONE) {
  std::string bytes = message(0, 0, "");
  nlmsghdr head{};
  head.nlmsg_len = sizeof(head) + 4;
  head.nlmsg_type = type;
  head.nlmsg_seq = kSequence;
  const std::int32_t negative = -error_number;
  bytes.assign(reinterpret_cast<const char*>(&head), sizeof(head));
  return bytes.append(reinterpret_cast<const char*>(&negative), sizeof(negative));
}

}  // namespace

TEST_CASE("chains that packets come to before they are routed, of type nat") {
  struct Row {
    const char* type;
    std::uint32_t hook;
    bool taken;
  };
  const Row row = GENERATE(Row{"nat", NF_INET_PRE_ROUTING, true},
                           Row{"nat", NF_INET_LOCAL_OUT, true},
                           Row{"nat", NF_INET_POST_ROUTING, false},
                           Row{"nat", NF_INET_LOCAL_IN, false},
                           Row{"filter", NF_INET_PRE_ROUTING, false});
  NatRuleset ruleset;
  const NatAnswer answer = decode(chain(row.type, row.hook) + end(0), ruleset);
  CHECK(answer.done);
  CHECK(answer.error_number == 0);
  CHECK(answer.malformed == 0);
  REQUIRE(ruleset.hooks.size() == (row.taken ? 1 : 0));
  if (row.taken) {
    const auto& [name, hook] = *ruleset.hooks.begin();
    CHECK(name == recorder::NatName{{NFPROTO_IPV4, "nat"}, "pre"});
    CHECK(hook == recorder::NatHook{row.hook, -100});
  }
}

TEST_CASE("rules, sets and elements") {
  NatRuleset ruleset;
  const std::string rule =
      message(NFT_MSG_NEWRULE,
              NFPROTO_INET,
              text(NFTA_RULE_TABLE, "t") + text(NFTA_RULE_CHAIN, "c") +
                  attribute(NFTA_RULE_HANDLE, test::be32(1) + test::be32(2)) +
                  attribute(NFTA_RULE_EXPRESSIONS, test::expression("counter", "")));
  const std::string set = message(NFT_MSG_NEWSET,
                                  NFPROTO_INET,
                                  text(NFTA_SET_TABLE, "t") + text(NFTA_SET_NAME, "s") +
                                      number(NFTA_SET_FLAGS, NFT_SET_MAP | NFT_SET_INTERVAL));
  const std::string element = attribute(NFTA_LIST_ELEM,
                                        test::value(NFTA_SET_ELEM_KEY, std::string("\x1f\x90", 2)) +
                                            test::verdict(NFTA_SET_ELEM_DATA, NFT_JUMP, "web"));
  const std::string last = attribute(NFTA_LIST_ELEM,
                                     test::value(NFTA_SET_ELEM_KEY, std::string("\x1f\x91", 2)) +
                                         number(NFTA_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END));
  const std::string elements =
      message(NFT_MSG_NEWSETELEM,
              NFPROTO_INET,
              text(NFTA_SET_ELEM_LIST_TABLE, "t") + text(NFTA_SET_ELEM_LIST_SET, "s") +
                  attribute(NFTA_SET_ELEM_LIST_ELEMENTS, element + last));
  CHECK(decode(rule + set + elements + end(0), ruleset).malformed == 0);
  const auto& rules = ruleset.chains.at({{NFPROTO_INET, "t"}, "c"});
  REQUIRE(rules.size() == 1);
  CHECK(rules[0].handle == 0x1'0000'0002U);
  CHECK(rules[0].expressions == test::bytes_of(test::expression("counter", "")));
  const auto& found = ruleset.sets.at({{NFPROTO_INET, "t"}, "s"});
  CHECK(found.flags == (NFT_SET_MAP | NFT_SET_INTERVAL));
  REQUIRE(found.elements.size() == 2);
  CHECK(found.elements[0].key == test::bytes_of(std::string("\x1f\x90", 2)));
  REQUIRE(found.elements[0].verdict);
  CHECK(found.elements[0].verdict->code == NFT_JUMP);
  CHECK(found.elements[0].verdict->chain == "web");
  CHECK_FALSE(found.elements[0].interval_end);
  CHECK(found.elements[1].interval_end);
}

TEST_CASE("how an answer ends") {
  NatRuleset ruleset;
  CHECK(decode(end(EPERM, NLMSG_ERROR), ruleset).error_number == EPERM);
  CHECK(decode(end(0, NLMSG_ERROR), ruleset).error_number == 0);
  CHECK_FALSE(decode(chain("nat", NF_INET_PRE_ROUTING), ruleset).done);
  const auto interrupted = decode(
      message(NFT_MSG_NEWCHAIN, NFPROTO_IPV4, "", kSequence, NLM_F_DUMP_INTR) + end(0), ruleset);
  CHECK(interrupted.interrupted);
  const auto generation =
      decode(message(NFT_MSG_NEWGEN, NFPROTO_UNSPEC, number(NFTA_GEN_ID, 42)) + end(0), ruleset);
  CHECK(generation.generation == 42U);
}

TEST_CASE("messages that cannot be read are counted, whatever their length") {
  const std::string whole = chain("nat", NF_INET_PRE_ROUTING);
  NatRuleset ruleset;
  CHECK(decode(message(NFT_MSG_NEWCHAIN, NFPROTO_IPV4, ""), ruleset).malformed == 1);
  CHECK(decode(message(NFT_MSG_NEWRULE, NFPROTO_IPV4, "\x02"), ruleset).malformed == 1);
  CHECK(decode(message(NFT_MSG_NEWFLOWTABLE, NFPROTO_IPV4, ""), ruleset).malformed == 1);
  for (std::size_t length = 1; length < whole.size(); ++length) {
    CHECK(decode(whole.substr(0, length), ruleset).malformed == 1);
  }
  CHECK(ruleset.hooks.empty());
  // Of another question.
  CHECK(decode(message(NFT_MSG_NEWCHAIN, NFPROTO_IPV4, "", 6), ruleset).malformed == 0);
}
