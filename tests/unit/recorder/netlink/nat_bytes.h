// Bytes of nf_tables as the kernel sends them, made by hand.
//
// In:    numbers, texts and attributes inside each other.
// Out:   expressions of a rule, and whole messages.
// Never: what the decoders do: lengths and padding are written out here once more.
#pragma once

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <cstring>
#include <string>
#include <vector>

#include "recorder/netlink/nat_ruleset.h"

namespace sockwitness::test {

inline std::string be32(std::uint32_t number) {
  const std::uint32_t value = htonl(number);
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

inline std::string attribute(unsigned type, const std::string& content) {
  const auto length = static_cast<std::uint16_t>(4 + content.size());
  const auto kind = static_cast<std::uint16_t>(type);
  std::string bytes(reinterpret_cast<const char*>(&length), 2);
  bytes.append(reinterpret_cast<const char*>(&kind), 2);
  bytes += content;
  bytes.resize((bytes.size() + 3) / 4 * 4);
  return bytes;
}

inline std::string text(unsigned type, const std::string& content) {
  return attribute(type, content + std::string(1, '\0'));
}

inline std::string number(unsigned type, std::uint32_t value) {
  return attribute(type, be32(value));
}

inline std::string value(unsigned type, const std::string& bytes) {
  return attribute(type, attribute(NFTA_DATA_VALUE, bytes));
}

inline std::string verdict(unsigned type, int code, const std::string& chain = {}) {
  return attribute(type,
                   attribute(NFTA_DATA_VERDICT,
                             number(NFTA_VERDICT_CODE, static_cast<std::uint32_t>(code)) +
                                 (chain.empty() ? "" : text(NFTA_VERDICT_CHAIN, chain))));
}

inline std::string expression(const std::string& name, const std::string& content) {
  return attribute(NFTA_LIST_ELEM, text(NFTA_EXPR_NAME, name) + attribute(NFTA_EXPR_DATA, content));
}

// One nlmsghdr with a body of nfgenmsg.
inline std::string message(unsigned type,
                           std::uint8_t family,
                           const std::string& attributes,
                           std::uint32_t sequence = 7,
                           std::uint16_t flags = NLM_F_MULTI) {
  nlmsghdr head{};
  nfgenmsg body{};
  body.nfgen_family = family;
  head.nlmsg_type = static_cast<std::uint16_t>((NFNL_SUBSYS_NFTABLES << 8U) | type);
  head.nlmsg_flags = flags;
  head.nlmsg_seq = sequence;
  head.nlmsg_len = static_cast<std::uint32_t>(sizeof(head) + sizeof(body) + attributes.size());
  std::string bytes(reinterpret_cast<const char*>(&head), sizeof(head));
  bytes.append(reinterpret_cast<const char*>(&body), sizeof(body));
  return bytes + attributes;
}

inline std::vector<std::byte> bytes_of(const std::string& content) {
  const auto* first = reinterpret_cast<const std::byte*>(content.data());
  return {first, first + content.size()};
}

}  // namespace sockwitness::test
